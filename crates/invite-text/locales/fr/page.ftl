### Mots des pages. Les variables sont décrites dans locales/en/page.ftl, les règles dans common.ftl.

## Mise en page.

layout-skip = Aller au contenu
layout-language-label = Langue
layout-language-button = Changer
layout-title = { $title } · { $organization }
layout-title-error = Erreur : { $title }
layout-footer = { $organization } envoie ses invitations au moyen de ce service.
layout-footer-plain = Ceci est un service d’invitation.

## Page d’acceptation : la proposition.

accept-title = Rejoindre { $organization }
accept-fact-inviter = De la part de
accept-fact-role = Votre rôle
accept-fact-recipient = Pour
accept-fact-until = Valable jusqu’au
accept-message-heading = { $inviter } vous écrit :

## Page d’acceptation : nouvelle personne.

accept-new-heading = Créez votre compte
accept-new-intro = Vous vous connecterez avec { $address } et le mot de passe choisi ici.
accept-have-account = J’ai déjà un compte
accept-no-account = Je n’ai pas encore de compte

## Page d’acceptation : compte existant, lien reçu par courriel ou session ouverte.

accept-existing-heading = Vous avez déjà un compte
accept-existing-text = Vous avez déjà un compte avec cette adresse. Votre mot de passe reste inchangé, comme tout ce à quoi vous appartenez déjà.
accept-signed-in = Vous utilisez le compte { $address }.

## Page d’acceptation : lien copié, compte existant.

sign-in-heading = Connectez-vous pour accepter
sign-in-text = Ce lien n’a pas été envoyé par courriel. Pour que personne d’autre ne puisse utiliser votre compte, saisissez le mot de passe de { $address }.
sign-in-text-code = Pour que personne d’autre ne puisse utiliser votre compte, saisissez le mot de passe de { $address }.
sign-in-login = Adresse électronique, numéro de téléphone ou nom d’utilisateur
sign-in-policy-text = Vous avez déjà un compte avec cette adresse, et { $organization } demande dans ce cas de se connecter d’abord.
sign-in-forgotten = Mot de passe oublié ?

## Page d’acceptation : lien copié, l’organisation demande une preuve de l’adresse.

proof-heading = Confirmez votre adresse
proof-text = { $organization } demande à chacun de confirmer d’abord son adresse électronique. Nous avons envoyé un courriel à { $address } ; ouvrez le lien qu’il contient pour accepter l’invitation.

## Page d’acceptation : session ouverte avec un autre compte.

switch-heading = Vous utilisez un autre compte
switch-text = Vous utilisez le compte { $current }, mais l’invitation s’adresse à { $address }. Déconnectez-vous pour continuer avec le bon compte.
switch-text-nameless = Vous utilisez le compte { $current }, mais l’invitation s’adresse à quelqu’un d’autre. Déconnectez-vous pour continuer avec le bon compte.

## Page d’acceptation : déjà membre.

already-member-title = Vous faites déjà partie de { $organization }
already-member-text = Il n’y a plus rien à faire : vous êtes déjà membre, et rien n’a été modifié.

## Page d’acceptation : refuser.

decline-heading = Ce n’est pas pour vous ?
decline-text = Si vous déclinez, l’invitation prend fin et { $organization } peut voir votre réponse.
decline-block = Ne plus m’envoyer d’invitations à rejoindre { $organization }

## Après l’acceptation.

success-title = Bienvenue chez { $organization }
success-text = Vous avez rejoint { $organization }.
success-text-role = Vous avez rejoint { $organization } avec le rôle « { $role } ».
success-next-heading = Et maintenant ?
success-next-new = Désormais, connectez-vous avec { $address } et le mot de passe que vous venez de choisir.
success-next-existing = Connectez-vous avec votre compte comme d’habitude ; { $organization } en fait désormais partie.
success-next-no-password = Vous n’avez pas encore choisi de mot de passe. Demandez sa réinitialisation quand vous voudrez vous connecter.
success-choose-password = Choisir un mot de passe
success-next-close = Vous pouvez fermer cette page.

## Après l’utilisation d’une invitation par une personne déjà connue.

signed-in-again = Votre session est ouverte chez { $organization }.

## Page de saisie du code.

code-title = Entrez votre code
code-intro = { $organization } vous a envoyé un code. Il vous permet d’accepter l’invitation.
code-label = Code
code-help = Onze lettres et chiffres, comme ABCD-1234-EFG. Les majuscules, les espaces et les traits d’union n’ont pas d’importance.
code-button = Continuer
code-missing = Veuillez saisir le code.
code-mistyped = Il y a une faute de frappe dans ce code. Comparez-le avec votre message.
code-unknown = Ce code n’est pas valable, ou ne l’est plus. Utilisez celui de votre dernier message, ou adressez-vous à la personne à l’origine de l’invitation.
code-ended-title = Ce code ne fonctionne plus
code-too-many-title = Trop de tentatives
code-too-many = Trop de codes ont été essayés d’ici. Vous pourrez de nouveau saisir un code à partir du { $until }. Un lien reçu fonctionne toujours.
code-password = Indiquez votre nom. Le mot de passe est facultatif : laissez les deux champs vides si vous n’en avez pas besoin.

## Après un refus.

declined-title = Vous avez décliné l’invitation
declined-text = { $organization } peut voir votre réponse. Vous ne recevrez plus de courriel au sujet de cette invitation.
declined-text-blocked = { $organization } peut voir votre réponse. Plus aucune invitation de sa part ne sera envoyée à cette adresse.

## Liens qui ne fonctionnent plus.

dead-expired-title = Cette invitation a expiré
dead-expired-text = L’invitation à rejoindre { $organization } a pris fin le { $ended }.
dead-expired-advice = Si vous souhaitez toujours accepter, demandez un nouveau lien. Il sera envoyé à l’adresse de l’invitation.

dead-superseded-title = Il existe un lien plus récent
dead-superseded-text = { $organization } vous a envoyé un message plus récent le { $sent }. Seul le lien qu’il contient fonctionne.
dead-superseded-advice = Cherchez ce message dans votre boîte de réception. Si vous ne le trouvez pas, demandez un nouveau lien. Il sera envoyé à l’adresse de l’invitation.

dead-revoked-title = Cette invitation a été retirée
dead-revoked-text = { $organization } a retiré l’invitation le { $ended }.
dead-revoked-advice = Si vous pensez que c’est une erreur, adressez-vous à la personne à l’origine de l’invitation.

dead-redeemed-title = Cette invitation a été utilisée
dead-redeemed-text = L’invitation à rejoindre { $organization } a été acceptée le { $ended }. Elle ne fonctionne qu’une fois.
dead-redeemed-advice = Si c’était vous, connectez-vous simplement. Sinon, prévenez la personne à l’origine de l’invitation.

dead-exhausted-title = Cette invitation est épuisée
dead-exhausted-text = L’invitation à rejoindre { $organization } valait pour un certain nombre de personnes, et ce nombre est atteint.
dead-exhausted-advice = Si vous souhaitez toujours accepter, demandez une nouvelle invitation à la personne à l’origine de celle-ci.

dead-declined-title = Cette invitation a été déclinée
dead-declined-text = L’invitation à rejoindre { $organization } a été déclinée le { $ended }.
dead-declined-advice = Si vous avez changé d’avis, demandez une nouvelle invitation à la personne à l’origine de celle-ci.

dead-suspended-title = Cette invitation est suspendue
dead-suspended-text = La personne à l’origine de l’invitation ne peut plus donner cet accès à { $organization }.
dead-suspended-advice = Quelqu’un d’autre chez { $organization } peut le débloquer. Adressez-vous à cette organisation, puis ouvrez de nouveau le lien.

inactive-title = Votre accès est désactivé
inactive-text = Vous faites déjà partie de cette organisation, mais votre accès y a été désactivé. L’invitation ne peut donc pas être acceptée pour l’instant.
inactive-advice = Demandez à une personne qui administre l’organisation de le réactiver, puis ouvrez de nouveau le lien.

dead-unknown-title = Nous ne connaissons pas ce lien
dead-unknown-text = Il est peut-être incomplet : certains logiciels de courriel coupent les liens longs en deux.
dead-unknown-advice = Ouvrez de nouveau le lien depuis votre courriel, ou copiez-le en entier dans la barre d’adresse.

dead-no-cookie-title = Ouvrez de nouveau le lien de votre courriel
dead-no-cookie-text = Cette page ne sait pas quel lien vous avez ouvert. Cela arrive quand elle est restée ouverte un moment, ou quand le navigateur n’accepte pas les cookies.
dead-no-cookie-advice = Ouvrez encore une fois le lien de votre courriel. Si cette page réapparaît, autorisez les cookies pour ce site.

## Après la demande d’un nouveau lien.

new-link-title = Votre demande est arrivée
new-link-text = Si un nouveau lien est possible pour cette invitation, il est en route vers l’adresse de l’invitation.
new-link-advice = Cela peut prendre quelques minutes. Regardez aussi parmi les courriels indésirables.

## Erreurs de formulaire.

error-summary =
    { $count ->
        [one] Veuillez corriger le champ ci-dessous.
       *[other] Veuillez corriger les { $count } champs ci-dessous.
    }
error-name-missing = Veuillez saisir votre nom.
error-name-long = Ce nom est trop long. { $max } caractères au plus sont possibles.
error-password-missing = Veuillez saisir un mot de passe.
error-password-short = Ce mot de passe est trop court. Il faut au moins { $min } caractères.
error-password-long = Ce mot de passe est trop long. { $max } caractères au plus sont possibles.
error-password-common = Ce mot de passe est l’un des plus courants et facile à deviner. Choisissez-en un autre.
error-password-differs = Les deux mots de passe ne sont pas identiques. Saisissez-les de nouveau.
error-password-wrong = Ce mot de passe n’est pas le bon. Veuillez réessayer.
error-too-many-attempts = Il y a eu trop de tentatives. Veuillez réessayer dans { $duration }.

## Sous un mot de passe, pendant la saisie.

live-length-short = Il faut au moins { $min } caractères.
live-length-long = C’est trop long : { $max } caractères au plus.
live-length-good = Assez long
live-repeat-same = Les deux sont identiques
live-repeat-differs = Pas encore identiques

## Formulaire périmé ou venu d’ailleurs.

form-expired-title = Cette page est restée ouverte trop longtemps
form-expired-text = Pour votre sécurité, un formulaire ne peut être envoyé que pendant peu de temps. Rien n’a été modifié.
form-expired-advice = Ouvrez de nouveau le lien de votre courriel.
form-expired-again = Rouvrir la page

## Quand quelque chose ne va pas.

problem-title = Une erreur est survenue
problem-text = C’est notre faute, pas la vôtre. Veuillez réessayer dans un instant.
problem-reference = Si cela se reproduit, indiquez-nous ce numéro : { $id }
problem-refused-title = Cela n’a pas fonctionné
problem-refused-text = La demande n’a pas pu être traitée telle quelle, et rien n’a été modifié. Revenez en arrière et réessayez.
problem-not-found-title = Cette page n’existe pas
problem-not-found-text = Vérifiez l’adresse, ou ouvrez de nouveau le lien de votre courriel.
unavailable-title = Veuillez réessayer dans un instant
unavailable-text = Le service est très sollicité ou en maintenance. Rien n’a été modifié, et votre invitation reste telle quelle.

## Page du compte : premier lien du propriétaire et réinitialisation.

account-owner-title = Choisissez votre mot de passe
account-owner-text = Choisissez le mot de passe avec lequel vous vous connecterez en tant que { $address }.
account-reset-title = Choisissez un nouveau mot de passe
account-reset-text = Choisissez un nouveau mot de passe pour { $address }. L’ancien ne fonctionnera plus.
account-success-title = Votre mot de passe est enregistré
account-success-text = Désormais, connectez-vous avec { $address } et votre nouveau mot de passe.
account-used-title = Ce lien a déjà servi
account-used-text = Un mot de passe a déjà été choisi avec ce lien, qui ne fonctionne qu’une fois.
account-used-advice = Connectez-vous avec ce mot de passe. Si ce n’est pas vous qui l’avez choisi, demandez tout de suite sa réinitialisation.
account-expired-title = Ce lien a expiré
account-expired-text = Il ne fonctionne que pendant peu de temps, pour que personne ne le trouve plus tard.
account-expired-advice = Demandez-en un nouveau là où vous aviez demandé celui-ci.
account-unknown-title = Nous ne connaissons pas ce lien
account-unknown-text = Il est peut-être incomplet, ou un lien plus récent l’a remplacé.
account-unknown-advice = Ouvrez le lien de votre dernier courriel, ou copiez-le en entier dans la barre d’adresse.
account-address-title = Confirmez votre nouvelle adresse
account-address-text = Vous vous connecterez ensuite en tant que { $address }, et non plus en tant que { $old }.
account-address-first-text = Vous pourrez ensuite vous connecter en tant que { $address }.
account-address-warning = Ne confirmez que si vous l’avez demandé vous-même : la personne qui l’a demandé se connectera ensuite avec cette adresse et son propre mot de passe.
account-address-password = Pour que personne d’autre ne puisse changer votre adresse, saisissez le mot de passe de votre compte. Il reste le même.
account-address-success-title = Votre nouvelle adresse est confirmée
account-address-success-text = Désormais, connectez-vous avec { $address }. Votre mot de passe reste le même.
account-address-used-title = Ce lien n’est plus valable
account-address-used-text = Il a déjà servi, ou un autre l’a remplacé.
account-address-used-advice = Si votre adresse n’a pas encore changé, demandez à nouveau le changement.
button-confirm-address = Confirmer l’adresse
