### The words of the console's pages of members, roles and API keys. The rules for writing stand at the top of common.ftl.

## Permissions, as what somebody may do. A key is the permission’s name with hyphens.

permission-invitations-read = Voir les invitations
permission-invitations-issue = Inviter des personnes
permission-invitations-amend = Modifier et prolonger les invitations ouvertes
permission-invitations-resend = Renvoyer des invitations
permission-invitations-revoke = Retirer des invitations
permission-invitations-reveal = Voir le lien et le code d’une invitation
permission-invitations-sponsor = Reprendre des invitations suspendues
permission-members-read = Voir les membres
permission-members-update = Modifier les membres, les désactiver et les réactiver
permission-members-remove = Retirer des membres
permission-roles-read = Voir les rôles
permission-roles-write = Créer, modifier et supprimer des rôles
permission-api-keys-read = Voir les clés d’API
permission-api-keys-write = Créer, renouveler et révoquer des clés d’API
permission-organization-read = Voir les paramètres
permission-organization-write = Modifier les paramètres
permission-dead-letters-read = Voir les messages non remis
permission-dead-letters-replay = Renvoyer les messages non remis
permission-events-read = Lire le journal d’audit
permission-subjects-read = Voir les fiches liées
permission-subjects-write = Modifier les fiches liées
permission-webhooks-read = Voir les webhooks
permission-webhooks-write = Modifier les webhooks

## What permissions are about: headings over the words above.

resource-invitations = Invitations
resource-members = Membres
resource-roles = Rôles
resource-api-keys = Clés d’API
resource-organization = Organisation
resource-dead-letters = Messages non remis
resource-events = Journal d’audit
resource-subjects = Fiches liées
resource-webhooks = Webhooks
permissions-none = Aucun droit.

## Lists and permissions, on every page of these.

people-search-button = Rechercher
people-search-all = Tout afficher
people-pages = Pages de la liste
permissions-more = Droits de vos propres programmes
permissions-more-hint = Pour les programmes qui demandent à ce service ce qu’une personne peut faire. Un nom par ligne, comme timesheets.write.
permissions-no-name = « { $name } » n’est pas un nom de droit. Un nom s’écrit comme timesheets.write : en minuscules, avec un point.

## Members.

members-title = Membres
members-back = Tous les membres
members-search = Nom ou adresse
members-count =
    { $count ->
        [one] { $count } membre
       *[other] { $count } membres
    }
members-name = Nom
members-address = Se connecte avec
members-role = Rôle
members-no-role = Aucun rôle
members-state = État
members-active = actif
members-off = désactivé
members-since = Membre depuis
members-you = vous
members-about = À propos de ce membre
members-above = Ce membre possède des droits que vous n’avez pas. Vous ne pouvez donc ni le modifier ni le retirer.
members-change = Rôle et droits
members-role-hint = Seuls apparaissent les rôles que vous pouvez attribuer.
members-direct = Droits en plus du rôle
members-direct-hint = Ils restent quand le rôle change. Vous pouvez donner ce que vous possédez vous-même, le reste est grisé.
members-effective = Ce que ce membre peut faire
members-effective-text = Par le rôle et les droits en plus, réunis.
members-effective-off = Rien tant que le membre est désactivé. Son rôle et ses droits comptent à nouveau dès sa réactivation.
members-steps = Désactiver ou retirer
members-switch-off = Désactiver
members-switch-off-text = Le membre reste dans la liste et ne peut plus rien faire jusqu’à sa réactivation. Ses invitations ouvertes sont suspendues.
members-switch-on = Réactiver
members-switch-on-text = Ce membre est désactivé. Une fois réactivé, il peut faire ce que prévoient son rôle et ses droits.
members-remove = Retirer de l’organisation
members-remove-text = L’appartenance prend fin immédiatement. Les invitations ouvertes de ce membre sont suspendues jusqu’à ce que quelqu’un les reprenne, et les clés d’API qu’il a créées ne fonctionnent plus. Le compte de la personne est conservé. Pour revenir, il lui faut une nouvelle invitation.
members-remove-button = Retirer ce membre
leave-link = Quitter cette organisation…
leave-title = Quitter l’organisation
leave-text = Vous allez quitter l’organisation « { $organization } ».
leave-what = Vos invitations ouvertes sont suspendues et les clés d’API que vous avez créées ne fonctionnent plus. Votre compte est conservé. Pour revenir, il vous faudra une nouvelle invitation.
leave-button = Quitter
done-member-off = Le membre est désactivé.
done-member-on = Le membre est réactivé.
done-member-removed = Le membre est retiré.
done-left = Vous avez quitté l’organisation.

## Roles.

roles-title = Rôles
roles-back = Tous les rôles
roles-text = Un rôle est un ensemble de droits qui porte un nom. Chaque membre et chaque invitation en a un au plus.
roles-new = Nouveau rôle
roles-make = Créer le rôle
roles-name = Nom du rôle
roles-name-hint = Tel que les personnes le lisent dans leur invitation. 100 caractères au plus.
roles-name-taken = Un autre rôle porte ce nom, ou ce nom n’est pas possible. Veuillez en choisir un autre.
roles-description = À quoi il sert
roles-description-hint = Facultatif. 500 caractères au plus.
roles-may = Ce qu’il permet
roles-ceiling = Vous pouvez mettre dans un rôle ce que vous possédez vous-même, le reste est grisé.
roles-above = Ce rôle permet des choses que vous ne pouvez pas faire vous-même. Vous ne pouvez donc ni le modifier ni le supprimer.
roles-system = prédéfini
roles-everything = Tout
roles-permissions =
    { $count ->
        [one] { $count } droit
       *[other] { $count } droits
    }
roles-save-text = Une modification vaut immédiatement pour toutes les personnes qui ont ce rôle. Les invitations ouvertes qui donneraient alors plus que ce que détient la personne qui les a émises sont suspendues.
roles-delete = Supprimer le rôle
roles-delete-text = Le rôle disparaît définitivement. Il ne peut être supprimé que si aucun membre ni aucune invitation ouverte ne l’a.
roles-delete-button = Supprimer ce rôle
role-about-owner = Peut tout faire, y compris ce qu’ajoutera une version future.
role-about-admin = Peut tout faire, sauf modifier les paramètres et créer des clés d’API.
role-about-member = Voit les invitations, les membres et les rôles.
role-about-guest = Fait partie de l’organisation sans pouvoir y faire quoi que ce soit ici.
done-role-made = Le rôle est créé.
done-role-deleted = Le rôle est supprimé.

## API keys.

keys-title = Clés d’API
keys-back = Toutes les clés d’API
keys-text = Un programme s’identifie avec une clé d’API. Il agit pour le membre qui l’a créée et ne peut jamais faire plus que lui.
keys-empty = Il n’y a pas encore de clé d’API.
keys-new = Nouvelle clé d’API
keys-make = Créer la clé
keys-name = Nom de la clé
keys-name-hint = À quoi sert la clé, pour la reconnaître. 100 caractères au plus.
keys-prefix = Commence par
keys-creator = Créée par
keys-created = Créée le
keys-used = Dernière utilisation
keys-never = jamais
keys-expires = Expire
keys-expired = expirée
keys-expired-text = Cette clé a expiré. Créez-en une nouvelle.
keys-life = Durée de validité
keys-life-ever = sans limite
keys-may = Ce qu’elle peut faire
keys-everything = Tout ce que peut faire la personne qui l’a créée
keys-cut = À chaque utilisation, elle est limitée à ce que peut faire à ce moment la personne qui l’a créée.
keys-ceiling = Vous pouvez donner à la clé ce que vous possédez vous-même, le reste est grisé.
keys-scope-chosen = Seulement ce qui est coché ci-dessous
keys-scope-everything = Tout ce que je peux faire
keys-none-chosen = Cochez au moins un droit. Une clé sans aucun droit n’ouvrirait rien.
keys-about = À propos de cette clé
keys-steps = Renouveler ou révoquer
keys-rotate = Renouveler la clé
keys-rotate-text = La clé reçoit une nouvelle valeur, affichée une seule fois. Son nom, ses droits et ses invitations sont conservés.
keys-overlap = L’ancienne valeur fonctionne encore
keys-overlap-hint = Le temps d’installer la nouvelle valeur dans vos programmes.
keys-overlap-none = Pas du tout
keys-overlap-until = Ancienne valeur valable jusqu’au
keys-above = Cette clé permet des choses que vous ne pouvez pas faire. Vous ne pouvez donc pas la renouveler, mais vous pouvez la révoquer.
keys-revoke = Révoquer la clé
keys-revoke-text = La clé cesse immédiatement et définitivement de fonctionner. Les invitations ouvertes qu’elle a émises sont suspendues jusqu’à ce que quelqu’un les reprenne.
keys-revoke-button = Révoquer cette clé
keys-made-title = La clé est créée
keys-rotated-title = La clé a une nouvelle valeur
keys-secret = Votre clé d’API
keys-secret-text = Copiez-la maintenant et gardez-la comme un mot de passe : elle n’est affichée que cette fois.
keys-secret-overlap = L’ancienne valeur fonctionne jusqu’au { $at }.
keys-secret-no-overlap = L’ancienne valeur ne fonctionne plus.
keys-copy = Copier la clé
keys-copied = La clé est dans le presse-papiers.
done-key-revoked = La clé est révoquée.
done-key-made-before = Cette clé existe déjà et sa valeur a été affichée à sa création. Si vous ne l’avez pas conservée, renouvelez la clé.
