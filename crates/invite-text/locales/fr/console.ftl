### The words of the console's frame: signing in, navigation, one's own account. The rules for writing stand at the top of common.ftl.

## Frame.

console-nav = Console
console-nav-dashboard = Vue d’ensemble
console-nav-invitations = Invitations
console-nav-members = Membres
console-nav-roles = Rôles
console-nav-keys = Clés d’API
console-nav-dead-letters = Non remis
console-nav-settings = Paramètres
console-nav-account = Mon compte
console-organization = Organisation
console-organization-switch = Changer
console-sign-out = Se déconnecter
button-save = Enregistrer
button-cancel = Annuler
console-optional = facultatif
console-next-page = Page suivante
console-first-page = Première page
console-nothing-found = Rien ne correspond à ces filtres.

## Signing in.

console-sign-in-title = Se connecter
console-forgotten-link = Mot de passe oublié ?
console-by-key-link = Se connecter avec une clé d’API
console-by-password-link = Se connecter avec un mot de passe
console-key-label = Clé d’API
console-key-hint = Elle commence par ivk_ et appartient à une seule organisation. Votre session reste ouverte pendant douze heures.
console-forgotten-title = Choisir un nouveau mot de passe
console-forgotten-text = Saisissez l’adresse avec laquelle vous vous connectez. Nous vous enverrons un lien pour choisir un nouveau mot de passe.
console-forgotten-button = M’envoyer le lien
console-forgotten-asked-title = Consultez votre boîte de réception
console-forgotten-asked-text = S’il existe un compte avec cette adresse, un courriel contenant un lien est en route. Le lien fonctionne une seule fois, pendant une heure.
console-forgotten-asked-advice = Cela peut prendre quelques minutes. Regardez aussi parmi les courriels indésirables. Les invitations que vous avez reçues ne sont pas concernées.
console-back-to-sign-in = Retour à la connexion
console-nowhere-title = Vous n’appartenez à aucune organisation
console-nowhere-text = Votre session est ouverte, mais aucune organisation ne vous compte parmi ses membres. Demandez une invitation à la vôtre ou connectez-vous avec un autre compte.

## One’s own account.

console-account-title = Mon compte
console-account-name = Nom
console-account-address = Adresse électronique
console-account-verified = confirmée
console-account-unverified = non confirmée
console-account-new-address = Nouvelle adresse
console-account-new-address-hint = Nous y envoyons un lien. L’adresse change une fois que vous avez ouvert le lien et confirmé.
console-account-address-button = Changer l’adresse
console-account-current-password = Mot de passe actuel
console-account-password = Mot de passe
console-account-password-hint = Au moins { $count } caractères. Toutes les autres sessions se terminent.
console-account-password-button = Changer le mot de passe
console-account-sessions = Sessions
console-account-sessions-text = Si vous avez perdu un appareil ou utilisé celui de quelqu’un d’autre, terminez toutes les sessions. Vous vous reconnecterez ensuite. Les clés d’API restent valables : révoquez-les sous « Clés d’API ».
console-account-sessions-button = Terminer toutes les sessions
console-account-key = Votre session est ouverte avec une clé d’API, qui n’est le compte de personne. Déconnectez-vous, puis connectez-vous avec un mot de passe pour modifier votre compte.

## What was just done: shown once, above the page.

done-signed-out = Votre session est fermée.
done-signed-out-everywhere = Toutes les sessions sont terminées. Veuillez vous reconnecter.
done-saved = Enregistré.
done-password = Votre mot de passe est changé et toutes les autres sessions sont terminées.
done-address-asked = Nous avons envoyé un lien à la nouvelle adresse. Ouvrez-le pour confirmer.

## What a form was refused for.

fault-fields = Veuillez vérifier les champs ci-dessous.
fault-field-required = Veuillez remplir ce champ.
fault-field-range = La valeur est trop courte, trop longue, trop petite ou trop grande.
fault-field-invalid = Ce n’est pas possible ici.
fault-field-email = Ce n’est pas une adresse électronique. Une adresse ressemble à nom@example.org.
fault-bad-credentials = Cela ne correspond à aucun compte. Vérifiez les deux champs et réessayez.
fault-forbidden = Vous n’avez pas le droit nécessaire. Une personne qui administre votre organisation peut vous le donner.
fault-system-role = Ce rôle est le même dans toutes les organisations et ne peut pas être modifié.
fault-owner-only = Seul un propriétaire peut donner le rôle de propriétaire.
fault-grant-exceeds = Vous ne pouvez donner que ce que vous détenez. Choisissez un autre rôle ou moins de droits.
fault-already-invited = Il existe déjà une invitation ouverte pour cette adresse.
fault-already-member = Cette personne est déjà membre.
fault-member-switched-off = Cette personne est un membre désactivé. Réactivez-la plutôt.
fault-ended = Cette invitation est terminée. Rien n’a été modifié.
fault-ended-redeemed = Cette invitation a été acceptée entre-temps. Rien n’a été modifié.
fault-ended-declined = Cette invitation a été déclinée. Rien n’a été modifié.
fault-ended-revoked = Cette invitation a été retirée. Rien n’a été modifié.
fault-suspended = Cette invitation est suspendue : la personne qui l’a émise ne peut plus donner ce qu’elle accorde. Reprenez-la d’abord.
fault-not-suspended = Cette invitation n’est plus suspendue.
fault-too-many-messages = Trop de messages ont été envoyés pour cette invitation ou à son destinataire. Le suivant est possible à partir du { $at }.
fault-too-many-issued = L’organisation a émis autant d’invitations qu’elle le peut en une heure. Réessayez à partir du { $at }.
fault-seats-full = Aucune place n’est libre : les membres et les invitations ouvertes les occupent toutes. Retirez une invitation, retirez un membre ou demandez plus de places à l’exploitant du service.
fault-invitations-full = L’organisation a autant d’invitations ouvertes qu’elle le peut. Retirez-en quelques-unes, ou attendez que certaines reçoivent une réponse ou expirent.
fault-too-many-attempts = Il y a eu trop de tentatives. Réessayez à partir du { $at }.
fault-changed-meanwhile = Quelqu’un d’autre a modifié cela entre-temps. Veuillez vérifier de nouveau.
fault-key-retired = La clé avec laquelle ce lien a été créé n’est plus utilisée. Renvoyez l’invitation.
fault-own-session = Votre session a été ouverte par une invitation. Connectez-vous avec votre mot de passe pour faire cela.
fault-last-owner = Une organisation a besoin d’un propriétaire. Donnez d’abord ce rôle à quelqu’un d’autre.
fault-role-in-use = Un membre ou une invitation ouverte a ce rôle, il ne peut donc pas être supprimé.
fault-username-taken = Ce nom d’utilisateur est pris. Veuillez en choisir un autre.

## Where a page is not to be had.

console-back = Aller à la console
console-unknown = Vérifiez l’adresse. Ce qui se trouvait ici a peut-être été supprimé, ou appartient à une autre organisation.

## Signing in with a key.

fault-unknown-key = Cette clé est inconnue ou n’est plus valable. Vérifiez-la et réessayez.

## A form that does not count, and pages that are not to be had.

console-switched-title = Vous avez changé d’organisation
console-switched-text = Entre-temps, vous êtes passé à { $organization }, et ce formulaire a été ouvert pour une autre organisation. Rien n’a été modifié.
console-switched-back = Revenir à { $organization }
console-form-stale = Cette page est restée ouverte trop longtemps, ou votre navigateur refuse les cookies. Envoyez le formulaire à nouveau.
console-busy-text = Le service est très sollicité ou en maintenance.
console-uncertain-text = Nous ne savons pas si votre demande a été exécutée : elle l’a peut-être été. Vérifiez avant de réessayer.
console-key-device = Qui dispose de cet appareil pendant que vous êtes connecté peut agir avec la clé. Se déconnecter ne met pas fin à la clé : si l’appareil est perdu, révoquez-la.
