### Wörter, die Mails und Seiten gemeinsam haben. Die Regeln, die Variablen und der Sinn jeder Meldung sind in den
### englischen Dateien (locales/en) beschrieben, nach denen sich diese richten.
###
### Eigen im Deutschen: Anrede mit „Sie“; Anführungszeichen „…“, ein Test prüft es. Eine Variable steht so, dass kein Artikel,
### kein Fall und kein Geschlecht von ihr abhängt. Dauern stehen im Nominativ oder Akkusativ („1 Tag“, „7 Tage“), also nie
### hinter „in“, „seit“ oder „nach“; ein Datum steht hinter „am“, „bis“ oder „ab“.

## Namen der vier Rollen, die es überall gibt. Sie folgen auf „mit der Rolle“.

role-owner = Eigentümer
role-admin = Administrator
role-member = Mitglied
role-guest = Gast

## Formularfelder und Hinweise dazu.

field-name = Ihr Name
field-name-hint = So, wie ihn die anderen in der Organisation sehen werden.
field-email = E-Mail-Adresse
field-password = Passwort
field-password-new = Neues Passwort
field-password-hint = { $min } bis { $max } Zeichen. Ein paar Wörter ohne Zusammenhang ergeben ein gutes Passwort.
field-password-repeat = Passwort wiederholen

## Schaltflächen.

button-join = { $organization } beitreten
button-create-account = Konto anlegen und beitreten
button-decline = Einladung ablehnen
button-sign-in = Anmelden
button-sign-in-join = Anmelden und beitreten
button-sign-out-continue = Abmelden und fortfahren
button-continue = Weiter
button-save-password = Passwort speichern
button-show-password = Passwort anzeigen
button-hide-password = Passwort verbergen
button-request-link = Neuen Link anfordern

## Datum und Uhrzeit.

date-month =
    { $month ->
        [1] Januar
        [2] Februar
        [3] März
        [4] April
        [5] Mai
        [6] Juni
        [7] Juli
        [8] August
        [9] September
        [10] Oktober
        [11] November
       *[12] Dezember
    }

date-weekday =
    { $weekday ->
        [1] Montag
        [2] Dienstag
        [3] Mittwoch
        [4] Donnerstag
        [5] Freitag
        [6] Samstag
       *[7] Sonntag
    }

date-day = { $weekday }, { $day }. { $month } { $year }

date-month-short =
    { $month ->
        [1] Jan.
        [2] Feb.
        [3] März
        [4] Apr.
        [5] Mai
        [6] Juni
        [7] Juli
        [8] Aug.
        [9] Sept.
        [10] Okt.
        [11] Nov.
       *[12] Dez.
    }

date-short = { $day }. { $month }

date-time = { $date } um { $time } Uhr { $zone }

## Dauern.

duration-days =
    { $count ->
        [one] { $count } Tag
       *[other] { $count } Tage
    }
duration-hours =
    { $count ->
        [one] { $count } Stunde
       *[other] { $count } Stunden
    }
duration-minutes =
    { $count ->
        [one] { $count } Minute
       *[other] { $count } Minuten
    }
duration-seconds =
    { $count ->
        [one] { $count } Sekunde
       *[other] { $count } Sekunden
    }

duration-two-units = { $first } und { $second }
