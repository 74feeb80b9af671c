### Mots communs aux courriels et aux pages. Les règles de rédaction, les variables et le sens de chaque message
### sont décrits dans les fichiers anglais (locales/en), qui font référence.
###
### Propre au français : espace insécable (U+00A0) devant : ; ! ? et à l’intérieur des guillemets ; un test le vérifie.
### Les tournures ne s’accordent pas avec la personne, dont on ignore le genre.

## Noms des quatre rôles présents partout. Ils suivent « avec le rôle ».

role-owner = propriétaire
role-admin = administrateur
role-member = membre
role-guest = invité

## Champs de formulaire et leurs indications.

field-name = Votre nom
field-name-hint = Tel que les autres membres de l’organisation le verront.
field-email = Adresse électronique
field-password = Mot de passe
field-password-new = Nouveau mot de passe
field-password-hint = De { $min } à { $max } caractères. Quelques mots sans rapport entre eux font un bon mot de passe.
field-password-repeat = Répétez le mot de passe

## Boutons.

button-join = Rejoindre { $organization }
button-create-account = Créer le compte et accepter
button-decline = Décliner l’invitation
button-sign-in = Se connecter
button-sign-in-join = Se connecter et accepter
button-sign-out-continue = Se déconnecter et continuer
button-continue = Continuer
button-save-password = Enregistrer le mot de passe
button-show-password = Afficher le mot de passe
button-hide-password = Masquer le mot de passe
button-request-link = Demander un nouveau lien

## Dates.

date-month =
    { $month ->
        [1] janvier
        [2] février
        [3] mars
        [4] avril
        [5] mai
        [6] juin
        [7] juillet
        [8] août
        [9] septembre
        [10] octobre
        [11] novembre
       *[12] décembre
    }

date-weekday =
    { $weekday ->
        [1] lundi
        [2] mardi
        [3] mercredi
        [4] jeudi
        [5] vendredi
        [6] samedi
       *[7] dimanche
    }

# Le premier du mois s’écrit 1er. La date suit « le », « au » ou « jusqu’au ».
date-day =
    { $weekday } { $day ->
        [1] 1er
       *[other] { $day }
    } { $month } { $year }

date-month-short =
    { $month ->
        [1] janv.
        [2] févr.
        [3] mars
        [4] avr.
        [5] mai
        [6] juin
        [7] juil.
        [8] août
        [9] sept.
        [10] oct.
        [11] nov.
       *[12] déc.
    }

date-short =
    { $day ->
        [1] 1er
       *[other] { $day }
    } { $month }

date-time = { $date } à { $time } { $zone }

## Durées. En français, zéro est au singulier.

duration-days =
    { $count ->
        [one] { $count } jour
       *[other] { $count } jours
    }
duration-hours =
    { $count ->
        [one] { $count } heure
       *[other] { $count } heures
    }
duration-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
duration-seconds =
    { $count ->
        [one] { $count } seconde
       *[other] { $count } secondes
    }

duration-two-units = { $first } et { $second }
