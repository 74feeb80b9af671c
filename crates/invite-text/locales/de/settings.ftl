### The words of the console's pages of settings and dead letters. The rules for writing stand at the top of common.ftl.

## Undelivered messages.

dead-letters-title = Nicht zugestellte Nachrichten
dead-letters-text = Diese Nachrichten wurden aufgegeben: endgültig abgelehnt oder zu oft versucht. Ist die Ursache behoben, senden Sie sie mit demselben Link erneut.
dead-letters-empty = Alle Nachrichten haben ihren Weg gefunden.
dead-letters-to = Gesendet an
dead-letters-invitation = Eine Einladung
dead-letters-hidden = Eine Adresse, die Sie nicht sehen dürfen
dead-letters-by-email = per E-Mail
dead-letters-by-sms = per SMS
dead-letters-reason = Warum
dead-letters-attempts = Versuche
dead-letters-at = Aufgegeben
dead-letters-replay = Erneut senden
dead-letters-all = Alle auf dieser Seite erneut senden
dead-letters-all-text = Jede hier gezeigte Nachricht wird noch einmal versucht. Solche, deren Einladung beendet ist, bleiben hier.
dead-letters-all-button =
    { $count ->
        [one] { $count } Nachricht erneut senden
       *[other] { $count } Nachrichten erneut senden
    }
dead-letters-gone = Diese Nachricht steht nicht mehr in dieser Liste. Vielleicht hat sie schon jemand erneut gesendet.
dead-letters-some = Einige Nachrichten warten wieder auf den Versand. Die übrigen unten bleiben, weil ihre Einladungen beendet sind.
dead-letters-rest = Diesmal konnten nicht alle Nachrichten wieder eingereiht werden. Was unten noch steht, können Sie erneut senden.
dead-letters-none = Es wurde nichts erneut gesendet: Keine dieser Nachrichten steht noch in dieser Liste.
done-replayed = Es wird gleich noch einmal versucht.

## Why a message is not sent, or not yet. A key is the reason’s name with hyphens.

reason-smtp-refused = Der Mailserver hat sie endgültig abgelehnt
reason-smtp-deferred = Der Mailserver hat sie aufgeschoben
reason-sms-refused = Der SMS-Dienst hat sie abgelehnt
reason-sms-deferred = Der SMS-Dienst hat sie aufgeschoben
reason-unreachable = Der Server war nicht erreichbar
reason-tls-failed = Der Server konnte sich nicht ausweisen, darum wurde nichts gesendet
reason-address-unsupported = Der Mailserver nimmt Adressen dieser Art nicht an
reason-template-failed = Die Nachricht ließ sich aus ihrer Vorlage nicht schreiben
reason-recipient-blocked = Die angeschriebene Person möchte keine Nachrichten dieser Organisation
reason-overtaken = Eine neuere Nachricht hat sie ersetzt
reason-invitation-ended = Die Einladung war vorher beendet
reason-invitation-expired = Die Einladung war vorher abgelaufen
reason-invitation-suspended = Die Einladung ruht
reason-key-retired = Der Schlüssel ihres Links wird nicht mehr verwendet
reason-link-ended = Ihr Link wurde vorher benutzt, ersetzt oder ist abgelaufen
reason-not-needed = Es gab nichts mehr mitzuteilen
reason-address-taken = Die Adresse gehört zu einem anderen Konto
reason-unreadable = Was davon gespeichert ist, lässt sich nicht lesen
reason-attempts-exhausted = Zu viele Versuche schlugen fehl

## Settings.

settings-title = Einstellungen
settings-read-only = Sie können die Einstellungen sehen, aber nicht ändern.
settings-general = Die Organisation
settings-name = Name der Organisation
settings-name-hint = So steht er in Mails und auf Seiten. Höchstens 200 Zeichen.
settings-slug = Kurzname in Adressen
settings-slug-hint = 3 bis 40 Zeichen: a–z, 0–9 und Bindestrich. Nach einer Änderung funktioniert der alte noch 90 Tage.
settings-slug-wrong = Ein Kurzname hat 3 bis 40 Zeichen: a–z, 0–9 und Bindestrich.
settings-slug-taken = Eine andere Organisation hat diesen Kurznamen oder hatte ihn in den letzten 90 Tagen.
settings-code-page = Codes werden unter { $url } eingegeben.
settings-language = Sprache der Mails
settings-language-hint = Gilt, wo weder die Einladung noch die Person eine andere nennt.
settings-language-none = Wie vom Betreiber eingestellt
settings-zone = Zeitzone
settings-zone-hint = In ihr stehen Datum und Uhrzeit in Mails und in dieser Konsole.
settings-policy = Wie Einladungen funktionieren
settings-mailbox = Beitreten nur über den per Mail gesendeten Link
settings-mailbox-hint = Ein kopierter Link oder ein Code sendet dann nur noch einmal die Mail mit dem Link.
settings-sign-in = Wer ein Konto hat, muss sich zum Beitreten anmelden
settings-sign-in-hint = Sonst genügt der per Mail gesendete Link allein.
settings-ttl-default = Eine Einladung gilt so viele Tage
settings-ttl-default-hint = Wo nichts anderes gewählt wird. Leer: wie vom Betreiber eingestellt, { $duration }.
settings-ttl-max = Höchstens so viele Tage
settings-ttl-max-hint = Niemand kann eine längere anlegen. Leer: wie vom Betreiber eingestellt, { $duration }; mehr geht nicht.
settings-ttl-range = Möglich ist eine Dauer von { $min } bis { $max }.
settings-ttl-number = Bitte geben Sie eine Zahl von Tagen ein, etwa 7 oder 0,5.
settings-policy-text = Eine Änderung gilt ab jetzt, auch für offene Einladungen, solange sie nicht beantwortet sind.
settings-limits = Grenzen
settings-limits-text = Ist eine Grenze erreicht, werden neue Einladungen oder Nachrichten abgelehnt, bis wieder Platz ist. Was es schon gibt, bleibt, wie es ist.
settings-seats =
    { $count ->
        [one] Die Organisation hat { $count } Platz. Ein Mitglied oder eine offene Einladung belegt ihn. Das kann nur der Betreiber des Dienstes ändern.
       *[other] Die Organisation hat { $count } Plätze. Jedes Mitglied und jede offene Einladung belegt einen. Das kann nur der Betreiber des Dienstes ändern.
    }
settings-seats-none = Die Zahl der Plätze ist nicht begrenzt. Das kann nur der Betreiber des Dienstes ändern.
settings-limit-live = Offene Einladungen zur gleichen Zeit
settings-limit-issues = Neue Einladungen in einer Stunde
settings-limit-messages = Nachrichten an dieselbe Person an einem Tag
settings-limit-hint = Leer: die Grenze des Betreibers, zugleich die höchste: { $count }.
settings-limit-hint-none = Leer: keine Grenze.
settings-limit-range = Möglich ist eine Zahl von 1 bis { $count }.
settings-limit-number = Bitte geben Sie eine ganze Zahl ein.
settings-look = Aussehen
settings-look-text = Farbe und Logo erscheinen auf den Seiten und in den Mails dieser Organisation.
settings-accent = Farbe der Schaltflächen
settings-accent-hint = # und sechs Hexadezimalziffern, etwa #1a56b0. Die Schrift darauf wird von selbst schwarz oder weiß, je nachdem, was besser lesbar ist.
settings-accent-wrong = Das ist keine Farbe. Sie sieht aus wie #1a56b0.
settings-accent-save = Diese Farbe verwenden
settings-accent-remove = Zurück zur üblichen Farbe
settings-accent-sample = So sieht eine Schaltfläche aus
settings-logo = Logo der Organisation
settings-logo-none = Es gibt kein Logo. An seiner Stelle steht der erste Buchstabe des Namens.
settings-logo-now = Das Logo, wie es jetzt ist
settings-logo-file = Bilddatei
settings-logo-hint = Eine PNG-Datei mit höchstens { $bytes } KiB, höchstens { $pixels } Pixel breit und hoch.
settings-logo-save = Logo hochladen
settings-logo-remove = Logo entfernen
settings-logo-missing = Bitte wählen Sie eine Datei.
settings-logo-format = Das ist kein PNG-Bild. Bitte wählen Sie eine PNG-Datei.
settings-logo-large = Diese Datei ist zu groß. Sie darf höchstens { $bytes } KiB haben.
settings-logo-size = Dieses Bild hat zu viele Pixel. Es darf höchstens { $pixels } breit und hoch sein.
