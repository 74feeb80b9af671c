### The words of the console's pages of invitations. The rules for writing stand at the top of common.ftl.

## The list of invitations.

invitations-title = Les invitations
invitations-new-link = Inviter des personnes
invitations-none = Personne n’a encore été invité.
invitations-none-text = Saisissez une adresse ou collez toute une liste : chaque personne reçoit un lien personnel par courriel.
invitations-first-link = Émettre la première invitation
invitations-by-status = Invitations par état
invitations-all = Toutes
invitations-search = Rechercher
invitations-any-role = Tous les rôles
invitations-any-delivery = Tous les envois
invitations-sort = Trier par
invitations-sort-created-at-last = Plus récentes d’abord
invitations-sort-created-at-first = Plus anciennes d’abord
invitations-sort-expires-at-first = Fin la plus proche
invitations-sort-expires-at-last = Fin la plus lointaine
invitations-sort-email-first = Adresse, de A à Z
invitations-sort-email-last = Adresse, de Z à A
invitations-filter-button = Filtrer
invitations-filter-none = Tout afficher
invitations-column-recipient = Destinataire
invitations-column-status = État
invitations-column-role = Rôle
invitations-column-inviter = Émise par
invitations-column-issued = Émise
invitations-column-expires = Expire
invitations-column-delivery = Envoi
invitations-ended = Elle est terminée.
invitations-total =
    { $count ->
        [one] { $count } invitation au total
       *[other] { $count } invitations au total
    }

## How an invitation stands.

invitation-status-pending = Ouverte
invitation-status-redeemed = Acceptée
invitation-status-declined = Déclinée
invitation-status-revoked = Retirée
invitation-status-expired = Expirée
invitation-status-exhausted = Épuisée
invitation-status-suspended = Suspendue

## What became of a message.

delivery-state-queued = En attente
delivery-state-sent = Envoyé
delivery-state-failed = Échec
delivery-state-cancelled = Non envoyé
delivery-channel-email = Par courriel
delivery-channel-sms = Par SMS
delivery-none = Rien n’a été envoyé
delivery-attempts =
    { $count ->
        [one] { $count } tentative
       *[other] { $count } tentatives
    }
delivery-next = prochaine tentative
delivery-reason-smtp-refused = Le serveur de messagerie a refusé cette adresse.
delivery-reason-smtp-deferred = Le serveur de messagerie a demandé de réessayer plus tard.
delivery-reason-sms-refused = Le SMS a été refusé.
delivery-reason-sms-deferred = Le SMS doit être réessayé plus tard.
delivery-reason-unreachable = Le serveur n’a pas pu être joint.
delivery-reason-tls-failed = La connexion n’était pas sûre, rien n’a donc été envoyé.
delivery-reason-address-unsupported = Le serveur de messagerie ne sait pas écrire à une telle adresse.
delivery-reason-template-failed = Le message n’a pas pu être rédigé à partir de son modèle.
delivery-reason-recipient-blocked = Le destinataire ne souhaite aucun courriel de votre organisation.
delivery-reason-overtaken = Un message plus récent a pris sa place.
delivery-reason-invitation-ended = L’invitation a pris fin avant le départ du message.
delivery-reason-invitation-expired = L’invitation a expiré avant le départ du message.
delivery-reason-invitation-suspended = L’invitation est suspendue.
delivery-reason-key-retired = La clé du lien n’est plus utilisée. Renvoyez l’invitation.
delivery-reason-link-ended = Le lien a pris fin avant le départ du message.
delivery-reason-not-needed = Il n’y avait plus rien à annoncer.
delivery-reason-address-taken = L’adresse appartient à un autre compte.
delivery-reason-unreadable = Ce qui est enregistré du message est illisible.
delivery-reason-attempts-exhausted = Trop de tentatives ont échoué.

## How far an instant is from now.

relative-now = à l’instant
relative-in-minutes =
    { $count ->
        [one] dans { $count } minute
       *[other] dans { $count } minutes
    }
relative-in-hours =
    { $count ->
        [one] dans { $count } heure
       *[other] dans { $count } heures
    }
relative-in-days =
    { $count ->
        [one] dans { $count } jour
       *[other] dans { $count } jours
    }
relative-ago-minutes =
    { $count ->
        [one] il y a { $count } minute
       *[other] il y a { $count } minutes
    }
relative-ago-hours =
    { $count ->
        [one] il y a { $count } heure
       *[other] il y a { $count } heures
    }
relative-ago-days =
    { $count ->
        [one] il y a { $count } jour
       *[other] il y a { $count } jours
    }

## Issuing.

invitations-new-title = Inviter dans votre organisation
invitations-addresses = Adresses électroniques
invitations-addresses-hint = Une seule ou jusqu’à cent, telles que vous les avez : séparées par des virgules, points-virgules, espaces ou retours à la ligne, avec ou sans noms.
invitations-addresses-wrong =
    { $count ->
        [one] { $count } entrée n’est pas une adresse électronique. Rien n’a été envoyé.
       *[other] { $count } entrées ne sont pas des adresses électroniques. Rien n’a été envoyé.
    }
invitations-addresses-many = Il y a plus de { $count } adresses. Invitez-les en plusieurs fois.
invitations-line = Ligne { $count } :
invitations-new-button = Envoyer les invitations
invitations-preview-button = Aperçu du courriel
invitation-role = Rôle dans l’organisation
invitation-role-hint = Vous pouvez choisir parmi les rôles qui ne permettent pas plus que ce que vous pouvez faire.
invitation-role-none = Aucun rôle
invitation-role-gone = Un rôle supprimé
invitation-permissions-more = Droits supplémentaires
invitation-permissions-hint = Ils sont donnés en plus du rôle et restent si le rôle change.
invitation-days = Jours avant l’expiration
invitation-days-hint = Si vous laissez vide : { $usual }. Au plus : { $most }.
invitation-days-wrong = Saisissez un nombre entier de 1 à { $count }.
invitation-again-hint = À partir de maintenant. Si vous laissez vide : { $usual }, ou comme avant si c’est plus long. Au plus : { $most }.
invitation-keep-hint = À partir de maintenant. Si vous laissez vide, la fin ne change pas. Durée habituelle : { $usual }, au plus : { $most }.
invitation-locale = Langue du courriel
invitation-locale-hint = La personne invitée peut en choisir une autre sur la page.
invitation-locale-usual = Celle de l’organisation
invitation-message = Message personnel
invitation-message-hint = Il figure dans le courriel en votre nom, en texte simple. Les liens ne peuvent pas y être ouverts.
preview-title = Le courriel tel qu’il sera
preview-text = Rien n’a été envoyé. Le lien et le code sont omis ici.
preview-to = À
preview-subject = Objet
preview-html = Le courriel mis en page
preview-too-long = Le message est trop long pour afficher ici le courriel mis en page. En voici le texte.
preview-plain = Le même en texte simple

## What became of several invitations that were issued together.

invitations-outcome-title = Ce qu’il en est
outcome-column = Résultat
outcome-issued = Invitation émise
outcome-issued-text = Le courriel est en route.
outcome-invited = Invitation existante
outcome-invited-text = Il y a une invitation ouverte ; rien n’a été envoyé. Vous pouvez la renvoyer depuis sa page.
outcome-member = Déjà membre
outcome-member-text = Cette personne fait partie de l’organisation ; rien n’a été envoyé.
outcome-blocked = Aucun courriel souhaité
outcome-blocked-text = L’invitation est enregistrée, mais ce destinataire ne souhaite aucun courriel de votre organisation. Vous pouvez transmettre son lien vous-même.
outcome-refused = Pas d’invitation
outcome-refused-text = Rien n’est parti.
outcome-left =
    { $count ->
        [one] Une erreur s’est produite de notre côté : { $count } adresse n’a pas encore été traitée.
       *[other] Une erreur s’est produite de notre côté : { $count } adresses n’ont pas encore été traitées.
    }
outcome-left-time =
    { $count ->
        [one] Le temps a manqué : { $count } adresse n’a pas encore été traitée.
       *[other] Le temps a manqué : { $count } adresses n’ont pas encore été traitées.
    }
outcome-left-button = Les traiter maintenant
invitations-all-link = Toutes les invitations
invitations-more-link = Inviter d’autres personnes

## One invitation.

invitation-record = Fiche { $id }
invitation-inviter-you = Vous
actor-member = Un membre
actor-member-gone = Un ancien membre
actor-api-key = Une clé d’API
actor-operator = L’exploitant du service
actor-invitee = La personne invitée
invitation-about = À propos de cette invitation
invitation-expires = Valable jusqu’au
invitation-uses = Utilisations
invitation-uses-value = { $uses } sur { $most }
invitation-reason = Motif
invitation-deliveries = Envois
invitation-unsent = Aucun message n’a été demandé : le lien est transmis à la main.
invitation-suspended-text = La personne qui l’a émise ne peut plus donner ce qu’elle accorde. Elle ne peut pas être acceptée tant que personne ne la reprend.
invitation-suspended-role-gone = Le rôle qu’elle accorde a été supprimé. Choisissez-en un autre pour la renvoyer, ou retirez-la.
invitation-expired-text = Renvoyez-la ou prolongez-la, et elle pourra être acceptée.
invitation-actions = Ce que vous pouvez faire
invitation-beyond = Cette invitation accorde plus que ce que vous détenez. Certaines actions ne vous sont donc pas ouvertes.
invitation-history = Historique
invitation-history-earlier =
    { $count ->
        [one] { $count } entrée plus ancienne n’est pas affichée.
       *[other] { $count } entrées plus anciennes ne sont pas affichées.
    }
invitation-elsewhere-title = L’invitation d’une autre organisation
invitation-elsewhere-text = Cette invitation appartient à { $organization }, dont vous êtes aussi membre.
invitation-elsewhere-button = L’ouvrir dans { $organization }

## What is done with an invitation.

sponsor-title = La reprendre
sponsor-text = L’invitation viendra désormais de vous. Un nouveau lien est envoyé et l’ancien cesse de fonctionner.
sponsor-button = Reprendre et envoyer
resend-title = Renvoyer
resend-text = Un nouveau lien est envoyé et l’ancien cesse de fonctionner.
resend-button = Envoyer un nouveau lien
extend-title = Prolonger
extend-text = Le lien reste le même et aucun message n’est envoyé.
extend-hint = À partir de maintenant. La nouvelle fin doit être plus tardive que l’actuelle.
extend-button = Prolonger l’invitation
reveal-summary = Afficher le lien et le code
reveal-warning = Quiconque possède le lien peut utiliser l’invitation. L’historique note que vous l’avez vu.
reveal-button = Afficher le lien
reveal-title = Lien et code
reveal-text = Ne les transmettez qu’à la personne invitée. Ils ne sont affichés que cette fois ; vous pouvez les redemander.
reveal-only-sends = Votre organisation exige le lien reçu par courriel : celui-ci ne fait que l’envoyer à l’adresse.
reveal-link = Le lien
reveal-code = Le code
reveal-code-place = Il se saisit ici :
reveal-qr = Le lien sous forme de code QR
reveal-copy-link = Copier le lien
reveal-copy-code = Copier le code
reveal-copied = Copié.
reveal-hide = Les masquer
invitation-edit-link = Modifier son contenu
invitation-edit-title = Modifier une invitation
invitation-edit-note = Si vous modifiez le rôle ou les droits, un nouveau lien est envoyé et l’ancien cesse de fonctionner. Les autres modifications n’envoient rien.
invitation-edit-note-unsent = Si vous modifiez le rôle ou les droits, il y a un nouveau lien à transmettre et l’ancien cesse de fonctionner.
revoke-title = Retirer
revoke-text = Le lien cesse aussitôt de fonctionner. C’est irréversible, mais vous pouvez inviter à nouveau la personne.
revoke-reason = Motif, si vous le souhaitez
revoke-reason-hint = Pour les personnes de votre organisation qui consulteront ceci plus tard. La personne invitée ne le voit pas.
revoke-button = Retirer l’invitation
revoke-reason-replaced = Une nouvelle invitation a pris sa place.
revoke-reason-subject-deleted = La fiche à laquelle elle était destinée a été supprimée.
revoke-reason-erased = La personne à laquelle elle était destinée a été effacée.
revoke-reason-invalidated = L’exploitant a invalidé son lien.
revoke-reason-address-changed = La fiche à laquelle elle était destinée a maintenant une autre adresse.

## What happened.

event-invitation-issued = Invitation émise
event-invitation-resent = Renvoyée
event-invitation-extended = Prolongée
event-invitation-amended = Modifiée
event-invitation-revealed = Lien affiché
event-invitation-sponsored = Reprise
event-invitation-redeemed = Acceptée
event-invitation-declined = Déclinée
event-invitation-revoked = Retirée
event-invitation-expired = Expirée
event-invitation-suspended = Suspendue
event-invitation-reminded = Rappel envoyé
event-invitation-delivery-failed = Échec de l’envoi
event-invitation-delivery-replayed = Nouvel envoi prévu
event-membership-created = Nouveau membre
event-membership-changed = Droits du membre modifiés
event-membership-removed = Membre retiré
event-role-created = Rôle créé
event-role-changed = Rôle modifié
event-role-deleted = Rôle supprimé
event-api-key-created = Clé d’API créée
event-api-key-rotated = Clé d’API renouvelée
event-api-key-revoked = Clé d’API révoquée
event-subject-created = Fiche créée
event-subject-changed = Fiche modifiée
event-subject-deleted = Fiche supprimée
event-account-erased = Personne effacée
event-organization-changed = Paramètres modifiés
event-organization-deleted = Organisation supprimée
event-organization-restored = Organisation restaurée
event-detail-link-shown = Le lien a été affiché aussitôt.
event-detail-by-invitee = La personne invitée a demandé un nouveau lien.
event-detail-blocked = La personne invitée ne souhaite plus de courriel de votre organisation.
event-detail-reminder = Il s’agissait du rappel.
event-detail-regranted = Le rôle ou les droits ont changé ; un nouveau lien a été créé.
event-detail-same-link = Le lien est resté le même.
event-detail-until = Valable jusqu’au { $until }.

## What was just done.

done-invitation-issued = L’invitation est émise et le courriel est en route.
done-invitation-resent = Un nouveau lien est en route. L’ancien ne fonctionne plus.
done-invitation-extended = L’invitation est prolongée.
done-invitation-amended = L’invitation est modifiée. Rien n’a été envoyé.
done-invitation-amended-sent = L’invitation est modifiée et a un nouveau lien. L’ancien ne fonctionne plus.
done-invitation-revoked = L’invitation est retirée.
done-invitation-sponsored = Vous avez repris l’invitation et un nouveau lien est en route.
