### The words of the console's pages of settings and dead letters. The rules for writing stand at the top of common.ftl.

## Undelivered messages.

dead-letters-title = Messages non remis
dead-letters-text = Ces messages ont été abandonnés : refusés définitivement, ou essayés trop souvent. Une fois la cause corrigée, renvoyez-les avec le même lien.
dead-letters-empty = Tous les messages sont arrivés à bon port.
dead-letters-to = Destinataire
dead-letters-invitation = Une invitation
dead-letters-hidden = Un destinataire que vous ne pouvez pas voir
dead-letters-by-email = par courriel
dead-letters-by-sms = par SMS
dead-letters-reason = Pourquoi
dead-letters-attempts = Tentatives
dead-letters-at = Abandonné
dead-letters-replay = Renvoyer
dead-letters-all = Renvoyer tous ceux de cette page
dead-letters-all-text = Chaque message affiché ici est essayé encore une fois. Ceux dont l’invitation a pris fin restent ici.
dead-letters-all-button =
    { $count ->
        [one] Renvoyer { $count } message
       *[other] Renvoyer { $count } messages
    }
dead-letters-gone = Ce message ne figure plus dans cette liste. Quelqu’un d’autre l’a peut-être renvoyé.
dead-letters-some = Certains messages sont de nouveau en attente d’envoi. Les autres, ci-dessous, restent, car leurs invitations ont pris fin.
dead-letters-rest = Tous les messages n’ont pas pu être remis en attente d’envoi cette fois-ci. Ceux qui restent ci-dessous peuvent être renvoyés.
dead-letters-none = Rien n’a été renvoyé : aucun de ces messages ne figure plus dans cette liste.
done-replayed = Une nouvelle tentative aura lieu dans un instant.

## Why a message is not sent, or not yet. A key is the reason’s name with hyphens.

reason-smtp-refused = Le serveur de messagerie l’a refusé définitivement
reason-smtp-deferred = Le serveur de messagerie l’a remis à plus tard
reason-sms-refused = Le service de SMS l’a refusé
reason-sms-deferred = Le service de SMS l’a remis à plus tard
reason-unreachable = Le serveur était injoignable
reason-tls-failed = Le serveur n’a pas pu prouver son identité, rien n’a été envoyé
reason-address-unsupported = Le serveur de messagerie n’accepte pas ce type d’adresse
reason-template-failed = Le message n’a pas pu être rédigé à partir de son modèle
reason-recipient-blocked = Le destinataire ne souhaite aucun message de cette organisation
reason-overtaken = Un message plus récent l’a remplacé
reason-invitation-ended = L’invitation a pris fin avant
reason-invitation-expired = L’invitation a expiré avant
reason-invitation-suspended = L’invitation est suspendue
reason-key-retired = La clé de son lien n’est plus utilisée
reason-link-ended = Son lien a été utilisé, remplacé ou a expiré avant
reason-not-needed = Il n’y avait plus rien à annoncer
reason-address-taken = L’adresse appartient à un autre compte
reason-unreadable = Ce qui en est enregistré est illisible
reason-attempts-exhausted = Trop de tentatives échouées

## Settings.

settings-title = Paramètres
settings-read-only = Vous pouvez voir les paramètres, mais pas les modifier.
settings-general = L’organisation
settings-name = Nom de l’organisation
settings-name-hint = Tel qu’on le lit dans les courriels et sur les pages. 200 caractères au plus.
settings-slug = Nom court dans les adresses
settings-slug-hint = 3 à 40 caractères parmi a–z, 0–9 et le trait d’union. Après un changement, l’ancien reste valable 90 jours.
settings-slug-wrong = Un nom court compte 3 à 40 caractères parmi a–z, 0–9 et le trait d’union.
settings-slug-taken = Une autre organisation porte ce nom court ou l’a porté au cours des 90 derniers jours.
settings-code-page = Les codes se saisissent à l’adresse { $url }.
settings-language = Langue des courriels
settings-language-hint = Utilisée quand ni l’invitation ni la personne n’en indiquent une autre.
settings-language-none = Celle de l’exploitant
settings-zone = Fuseau horaire
settings-zone-hint = Les dates des courriels et de cette console y sont exprimées.
settings-policy = Fonctionnement des invitations
settings-mailbox = Seul le lien reçu par courriel permet d’entrer
settings-mailbox-hint = Un lien copié ou un code ne fait alors que renvoyer le courriel contenant le lien.
settings-sign-in = Les personnes qui ont un compte doivent se connecter pour accepter
settings-sign-in-hint = Sans cela, le lien reçu par courriel suffit.
settings-ttl-default = Durée de validité d’une invitation, en jours
settings-ttl-default-hint = Quand rien d’autre n’est choisi. Vide : celle de l’exploitant, { $duration }.
settings-ttl-max = Durée maximale, en jours
settings-ttl-max-hint = Personne ne peut en créer de plus longue. Vide : celle de l’exploitant, { $duration }, qui est aussi le maximum.
settings-ttl-range = La durée doit être comprise entre { $min } et { $max }.
settings-ttl-number = Veuillez saisir un nombre de jours, comme 7 ou 0,5.
settings-policy-text = Une modification vaut pour les invitations à venir, et pour celles en cours tant que personne n’y a répondu.
settings-limits = Limites
settings-limits-text = Quand une limite est atteinte, les nouvelles invitations ou les nouveaux messages sont refusés jusqu’à ce qu’il y ait de nouveau de la place. Ce qui existe déjà reste inchangé.
settings-seats =
    { $count ->
        [one] L’organisation a { $count } place. Un membre ou une invitation ouverte l’occupe. Seul l’exploitant du service peut la modifier.
       *[other] L’organisation a { $count } places. Chaque membre et chaque invitation ouverte en occupe une. Seul l’exploitant du service peut modifier ce nombre.
    }
settings-seats-none = Le nombre de places n’est pas limité. Seul l’exploitant du service peut le limiter.
settings-limit-live = Invitations ouvertes en même temps
settings-limit-issues = Nouvelles invitations par heure
settings-limit-messages = Messages par jour à un même destinataire
settings-limit-hint = Vide : la limite de l’exploitant, qui est aussi la plus haute : { $count }.
settings-limit-hint-none = Vide : aucune limite.
settings-limit-range = Le nombre doit être compris entre 1 et { $count }.
settings-limit-number = Veuillez saisir un nombre entier.
settings-look = Apparence
settings-look-text = La couleur et le logo apparaissent sur les pages et dans les courriels de cette organisation.
settings-accent = Couleur des boutons
settings-accent-hint = # et six chiffres hexadécimaux, comme #1a56b0. Le texte y devient automatiquement noir ou blanc, selon ce qui se lit le mieux.
settings-accent-wrong = Ce n’est pas une couleur. Elle s’écrit comme #1a56b0.
settings-accent-save = Utiliser cette couleur
settings-accent-remove = Revenir à la couleur habituelle
settings-accent-sample = Voici à quoi ressemble un bouton
settings-logo = Logo de l’organisation
settings-logo-none = Il n’y a pas de logo. La première lettre du nom en tient lieu.
settings-logo-now = Le logo actuel
settings-logo-file = Fichier d’image
settings-logo-hint = Un fichier PNG de { $bytes } Kio au plus, large et haut de { $pixels } pixels au plus.
settings-logo-save = Envoyer le logo
settings-logo-remove = Retirer le logo
settings-logo-missing = Veuillez choisir un fichier.
settings-logo-format = Ce n’est pas une image PNG. Veuillez choisir un fichier PNG.
settings-logo-large = Ce fichier est trop volumineux. { $bytes } Kio sont possibles au plus.
settings-logo-size = Cette image compte trop de pixels. Elle peut en avoir { $pixels } au plus en largeur et en hauteur.
