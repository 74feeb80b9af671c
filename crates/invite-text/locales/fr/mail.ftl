### Mots des courriels et des SMS. Les variables sont décrites dans locales/en/mail.ftl, les règles dans common.ftl.

## Parties communes.

mail-greeting = Bonjour,
mail-greeting-name = Bonjour { $name },
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

## SMS. Ni apostrophe typographique ni espace insécable : l’alphabet GSM ne les connaît pas.

sms-invitation = { $inviter } vous invite à rejoindre { $organization }. Entrez le code { $code } sur { $place } avant le { $until }.
sms-invitation-organization = { $organization } vous invite. Entrez le code { $code } sur { $place } avant le { $until }.

## Réinitialisation du mot de passe.

mail-reset-subject = Choisissez un nouveau mot de passe
mail-reset-preheader = Le lien de ce courriel fonctionne une seule fois, pendant { $duration }.
mail-reset-heading = Choisissez un nouveau mot de passe
mail-reset-body = Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour le compte { $address }.
mail-reset-valid = Le lien fonctionne une seule fois, pendant { $duration }.
mail-reset-button = Choisir un nouveau mot de passe
mail-reset-link = Ouvrez ce lien pour choisir un nouveau mot de passe :
mail-reset-ignore = Si ce n’était pas vous, ignorez ce courriel : votre mot de passe reste inchangé.

## Premier lien du propriétaire.

mail-owner-subject = Activez votre compte pour { $organization }
mail-owner-preheader = Choisissez un mot de passe et connectez-vous pour la première fois.
mail-owner-heading = Bienvenue chez { $organization }
mail-owner-body = L’espace { $organization } est prêt et vous en avez la charge, avec le rôle de propriétaire. Choisissez un mot de passe pour votre compte { $address } ; vous pourrez ensuite vous connecter et inviter d’autres personnes.
mail-owner-valid = Le lien fonctionne une seule fois, pendant { $duration }.
mail-owner-button = Choisir votre mot de passe
mail-owner-link = Ouvrez ce lien pour choisir votre mot de passe :
mail-owner-ignore = Si vous n’attendiez pas ce courriel, vous pouvez l’ignorer : sans ce lien, personne ne peut utiliser le compte.
