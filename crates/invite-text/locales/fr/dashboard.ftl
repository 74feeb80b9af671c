### The words of the console's dashboard. The rules for writing stand at the top of common.ftl.

## At a glance.

dashboard-figures = En un coup d’œil
dashboard-open = Ouvertes actuellement
dashboard-suspended =
    { $count ->
        [one] { $count } autre suspendue
       *[other] { $count } autres suspendues
    }
dashboard-accepted = Acceptées ces { $count } dernières semaines
dashboard-rate = { $percent } % des réponses et expirations
dashboard-rate-none = Aucune réponse et aucune expiration pour l’instant
dashboard-median = Délai d’acceptation
dashboard-median-text = Médiane : la moitié plus vite
dashboard-median-none = Personne n’a encore accepté
dashboard-expiring = Expirent sous { $count } jours
dashboard-expiring-see = Voir lesquelles
dashboard-undelivered = Messages non remis
dashboard-undelivered-see = Voir pourquoi
dashboard-undelivered-none = Rien n’est bloqué

## Plots.

dashboard-flow = De l’émission à l’acceptation
dashboard-outcomes = Ce qu’elles sont devenues
dashboard-series-issued = Émises
dashboard-series-sent = Envoyées
dashboard-series-accepted = Acceptées
dashboard-series-declined = Déclinées
dashboard-series-expired = Expirées
dashboard-pair = { $label } : { $count }
dashboard-plot-text = Barres par semaine, de la semaine du { $from } à celle du { $until }. Au total : { $pairs }. Les mêmes nombres figurent dans le tableau ci-dessous.
dashboard-week-of = Semaine du { $date }
dashboard-weeks-text = Une semaine commence le lundi, dans le fuseau horaire { $zone }. Celle sur fond gris est en cours. Une invitation envoyée de nouveau compte comme un envoi de plus.
dashboard-numbers = Afficher les nombres
dashboard-numbers-caption = Semaine par semaine
dashboard-week = Semaine du
dashboard-week-running = en cours
dashboard-total = Au total

## What expires soon.

dashboard-soon-none = Aucune invitation ouverte n’expire sous { $count } jours.
dashboard-soon-more =
    { $count ->
        [one] { $count } autre ne figure pas dans ce tableau.
       *[other] { $count } autres ne figurent pas dans ce tableau.
    }
dashboard-soon-all = Toutes les invitations ouvertes, par fin la plus proche

## Where nothing happened yet.

dashboard-empty = Personne n’est encore invité
dashboard-empty-text = Invitez les premières personnes. Vous verrez ensuite ici qui a été invité, qui a accepté et quelles invitations expirent bientôt.
dashboard-empty-wait = Dès que la première invitation sera émise, vous verrez ici ce qu’elle devient.
