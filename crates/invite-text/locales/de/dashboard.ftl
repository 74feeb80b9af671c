### The words of the console's dashboard. The rules for writing stand at the top of common.ftl.

## At a glance.

dashboard-figures = Auf einen Blick
dashboard-open = Zurzeit offen
dashboard-suspended =
    { $count ->
        [one] { $count } weitere ruht
       *[other] { $count } weitere ruhen
    }
dashboard-accepted = Angenommen in den letzten { $count } Wochen
dashboard-rate = { $percent } % der beantworteten und abgelaufenen
dashboard-rate-none = Noch keine beantwortet, keine abgelaufen
dashboard-median = Zeit bis zur Annahme
dashboard-median-text = Median: die Hälfte war schneller
dashboard-median-none = Noch hat niemand angenommen
dashboard-expiring = Laufen binnen { $count } Tagen ab
dashboard-expiring-see = Welche das sind
dashboard-undelivered = Nicht zugestellte Nachrichten
dashboard-undelivered-see = Woran es liegt
dashboard-undelivered-none = Nichts ist hängen geblieben

## Plots.

dashboard-flow = Von der Ausstellung zur Annahme
dashboard-outcomes = Wie sie ausgingen
dashboard-series-issued = Ausgestellt
dashboard-series-sent = Gesendet
dashboard-series-accepted = Angenommen
dashboard-series-declined = Abgelehnt
dashboard-series-expired = Abgelaufen
dashboard-pair = { $label }: { $count }
dashboard-plot-text = Balken je Woche, von der Woche ab { $from } bis zur Woche ab { $until }. Insgesamt: { $pairs }. Dieselben Zahlen stehen in der Tabelle darunter.
dashboard-week-of = Woche ab { $date }
dashboard-weeks-text = Eine Woche beginnt am Montag, in der Zeitzone { $zone }. Die schattierte läuft noch. Eine Einladung, die erneut gesendet wird, zählt noch einmal als gesendet.
dashboard-numbers = Zahlen anzeigen
dashboard-numbers-caption = Was geschah, Woche für Woche
dashboard-week = Woche ab
dashboard-week-running = bisher
dashboard-total = Insgesamt

## What expires soon.

dashboard-soon-none = Keine offene Einladung läuft binnen { $count } Tagen ab.
dashboard-soon-more =
    { $count ->
        [one] { $count } weitere steht nicht in dieser Tabelle.
       *[other] { $count } weitere stehen nicht in dieser Tabelle.
    }
dashboard-soon-all = Alle offenen Einladungen, bald endende zuerst

## Where nothing happened yet.

dashboard-empty = Noch ist niemand eingeladen
dashboard-empty-text = Laden Sie die ersten Personen ein. Von da an sehen Sie hier, wer eingeladen wurde, wer angenommen hat und welche Einladungen bald ablaufen.
dashboard-empty-wait = Sobald die erste Einladung ausgestellt ist, sehen Sie hier, was daraus wird.
