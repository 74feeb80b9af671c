### Mots des courriels et des SMS. Les variables sont décrites dans locales/en/mail.ftl, les règles dans common.ftl.

## Parties communes.

mail-greeting = Bonjour,
mail-link-fallback = Si le bouton ne fonctionne pas, ouvrez ce lien dans votre navigateur :
mail-link-personal = Ce lien vous est réservé. Merci de ne pas transférer ce courriel.
mail-footer = Envoyé par { $organization } au moyen d’un service d’invitation.
mail-footer-plain = Envoyé par un service d’invitation.

## Invitation.

mail-invitation-subject = { $inviter } vous invite à rejoindre { $organization }
mail-invitation-preheader = Vous pouvez accepter ou décliner jusqu’au { $until }.
mail-invitation-heading = Rejoindre { $organization }
mail-invitation-body = { $inviter } vous invite à rejoindre { $organization }.
mail-invitation-body-role = { $inviter } vous invite à rejoindre { $organization } avec le rôle « { $role } ».
mail-invitation-until = Vous pouvez accepter ou décliner jusqu’au { $until }.
mail-invitation-button = Voir l’invitation
mail-invitation-link = Ouvrez ce lien pour accepter ou décliner :
mail-invitation-message-heading = { $inviter } vous écrit :
mail-invitation-why = Vous recevez ce courriel parce que { $inviter } a saisi votre adresse pour vous inviter.
mail-invitation-ignore = Si vous ne l’attendiez pas, vous pouvez l’ignorer : rien ne se passe sans votre accord.
mail-invitation-code = Si vous ne pouvez pas ouvrir le lien, utilisez ce code à la place :
mail-invitation-code-place = Pour le saisir, ouvrez l’adresse par laquelle le lien commence, avec « { $path } » à la place de « /i/ » et de tout ce qui suit.
# Sans nom de la personne qui invite.
mail-invitation-subject-unnamed = Invitation à rejoindre { $organization }
mail-invitation-body-unnamed = Vous recevez une invitation à rejoindre { $organization }.
mail-invitation-body-role-unnamed = Vous recevez une invitation à rejoindre { $organization } avec le rôle « { $role } ».
mail-invitation-message-heading-unnamed = Un message accompagne l’invitation :
mail-invitation-why-unnamed = Vous recevez ce courriel parce que votre adresse a été saisie pour vous inviter à rejoindre { $organization }.

## SMS. Ni apostrophe typographique ni espace insécable : l’alphabet GSM ne les connaît pas.

sms-invitation = { $inviter } vous invite à rejoindre { $organization }. Entrez le code { $code } sur { $place } avant le { $until }.
sms-invitation-organization = { $organization } vous invite. Entrez le code { $code } sur { $place } avant le { $until }.

## Réinitialisation du mot de passe.

mail-reset-subject = Choisissez un nouveau mot de passe
mail-reset-preheader = Le lien de ce courriel fonctionne une seule fois, jusqu’au { $until }.
mail-reset-heading = Choisissez un nouveau mot de passe
mail-reset-body = Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour le compte { $address }.
mail-reset-valid = Le lien fonctionne une seule fois, jusqu’au { $until }.
mail-reset-button = Choisir un nouveau mot de passe
mail-reset-link = Ouvrez ce lien pour choisir un nouveau mot de passe :
mail-reset-ignore = Si ce n’était pas vous, ignorez ce courriel : votre mot de passe reste inchangé.

## Premier lien du propriétaire.

mail-owner-subject = Activez votre compte pour { $organization }
mail-owner-preheader = Choisissez un mot de passe et connectez-vous pour la première fois.
mail-owner-heading = Bienvenue chez { $organization }
mail-owner-body = L’espace { $organization } est prêt et vous en avez la charge, avec le rôle de propriétaire. Choisissez un mot de passe pour votre compte { $address } ; vous pourrez ensuite vous connecter et inviter d’autres personnes.
mail-owner-valid = Le lien fonctionne une seule fois, jusqu’au { $until }.
mail-owner-button = Choisir votre mot de passe
mail-owner-link = Ouvrez ce lien pour choisir votre mot de passe :
mail-owner-ignore = Si vous n’attendiez pas ce courriel, vous pouvez l’ignorer : sans ce lien, personne ne peut utiliser le compte.

## Rappel : l’invitation expire bientôt et attend encore une réponse.

mail-reminder-subject = Rappel : { $inviter } vous invite à rejoindre { $organization }
mail-reminder-preheader = Vous pouvez encore accepter ou décliner jusqu’au { $until }.
mail-reminder-heading = Votre invitation à rejoindre { $organization } expire bientôt
mail-reminder-body = { $inviter } vous a adressé une invitation à rejoindre { $organization }, et elle attend toujours votre réponse.
mail-reminder-body-role = { $inviter } vous a adressé une invitation à rejoindre { $organization } avec le rôle « { $role } », et elle attend toujours votre réponse.
mail-reminder-ignore = Ce rappel est le seul. Si vous ne souhaitez pas donner suite, vous pouvez décliner l’invitation ou l’ignorer : rien ne se passe sans votre accord.
mail-reminder-subject-unnamed = Rappel : invitation à rejoindre { $organization }
mail-reminder-body-unnamed = Votre invitation à rejoindre { $organization } attend toujours votre réponse.
mail-reminder-body-role-unnamed = Votre invitation à rejoindre { $organization } avec le rôle « { $role } » attend toujours votre réponse.

## Nouveau lien pour une invitation déjà envoyée.

mail-renewed-subject = Nouveau lien : { $inviter } vous invite à rejoindre { $organization }
mail-renewed-preheader = Utilisez ce lien : ceux des courriels précédents peuvent ne plus fonctionner.
mail-renewed-heading = Votre nouveau lien pour rejoindre { $organization }
mail-renewed-body = Voici un nouveau lien pour l’invitation de { $inviter } à rejoindre { $organization }. Utilisez celui-ci : les liens des courriels précédents peuvent ne plus fonctionner.
mail-renewed-body-role = Voici un nouveau lien pour l’invitation de { $inviter } à rejoindre { $organization } avec le rôle « { $role } ». Utilisez celui-ci : les liens des courriels précédents peuvent ne plus fonctionner.
mail-renewed-subject-unnamed = Nouveau lien : invitation à rejoindre { $organization }
mail-renewed-body-unnamed = Voici un nouveau lien pour votre invitation à rejoindre { $organization }. Utilisez celui-ci : les liens des courriels précédents peuvent ne plus fonctionner.
mail-renewed-body-role-unnamed = Voici un nouveau lien pour votre invitation à rejoindre { $organization } avec le rôle « { $role } ». Utilisez celui-ci : les liens des courriels précédents peuvent ne plus fonctionner.

## Changement d’adresse, à la nouvelle adresse.

mail-address-subject = Confirmez votre nouvelle adresse électronique
mail-address-heading = Confirmez votre nouvelle adresse électronique
mail-address-body = Quelqu’un, sans doute vous, souhaite utiliser l’adresse { $address } pour son compte. Merci de confirmer qu’elle est la vôtre.
mail-address-button = Confirmer l’adresse
mail-address-link = Ouvrez ce lien pour confirmer l’adresse :
mail-address-ignore = Si ce n’était pas vous, ignorez ce courriel : le compte garde son adresse actuelle.

## Adresse changée, à l’ancienne adresse.

mail-changed-subject = Votre adresse électronique a été modifiée
mail-changed-preheader = Votre compte a désormais l’adresse { $new }.
mail-changed-heading = Votre adresse électronique a été modifiée
mail-changed-body = L’adresse électronique de votre compte { $address } a été remplacée par { $new } le { $at }. Les courriels concernant ce compte sont désormais envoyés à la nouvelle adresse.
mail-changed-warning = Si ce n’était pas vous, quelqu’un d’autre utilise peut-être votre compte : prévenez sans attendre une personne qui administre votre organisation.

## Courriels à ceux qui gèrent les invitations.

mail-notice-link = Ouvrez ce lien pour voir l’invitation :
mail-notice-sign-in = Vous devrez peut-être vous connecter pour la voir.

## Invitation acceptée.

mail-accepted-subject = { $member } a rejoint { $organization }
mail-accepted-preheader = Votre invitation a été acceptée le { $at }.
mail-accepted-heading = { $member } a rejoint { $organization }
mail-accepted-body = Le { $at }, { $member } a accepté votre invitation à rejoindre { $organization }.
mail-accepted-body-role = Le { $at }, { $member } a accepté votre invitation à rejoindre { $organization } avec le rôle « { $role } ».
mail-accepted-recipient = L’invitation était destinée à { $recipient }.
mail-accepted-why = Vous recevez ce courriel parce que l’invitation vient de vous.
mail-accepted-ignore = Vous n’avez plus rien à faire.

## Invitation en attente d’un parrain.

mail-suspended-subject = L’invitation de { $recipient } à rejoindre { $organization } est suspendue
mail-suspended-preheader = Elle ne peut pas être acceptée tant que personne ne la reprend.
mail-suspended-heading = Une invitation est suspendue
mail-suspended-body = { $inviter } a adressé à { $recipient } une invitation à rejoindre { $organization }, mais ne peut plus accorder ce qu’elle prévoit. Elle ne peut pas être acceptée tant que personne ne la reprend avec les droits nécessaires.
mail-suspended-body-unnamed = Une invitation à rejoindre { $organization } a été adressée à { $recipient }, mais la personne qui l’a émise ne peut plus accorder ce qu’elle prévoit. Elle ne peut pas être acceptée tant que personne ne la reprend avec les droits nécessaires.
mail-suspended-valid = Sur sa page, vous pouvez la reprendre ou la retirer. D’autres peuvent être suspendues aussi : la liste des invitations les montre toutes.
mail-suspended-why = Vous recevez ce courriel parce que vous administrez { $organization }.
mail-suspended-ignore = Si personne ne la reprend, elle reste suspendue jusqu’à son expiration.
