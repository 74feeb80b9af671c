### The words of the console's frame: signing in, navigation, one's own account. The rules for writing stand at the top of common.ftl.

## Frame.

console-nav = Konsole
console-nav-dashboard = Übersicht
console-nav-invitations = Einladungen
console-nav-members = Mitglieder
console-nav-roles = Rollen
console-nav-keys = API-Schlüssel
console-nav-dead-letters = Nicht zugestellt
console-nav-settings = Einstellungen
console-nav-account = Mein Konto
console-organization = Organisation
console-organization-switch = Wechseln
console-sign-out = Abmelden
button-save = Speichern
button-cancel = Abbrechen
console-optional = freiwillig
console-next-page = Nächste Seite
console-first-page = Erste Seite
console-nothing-found = Nichts entspricht diesen Filtern.

## Signing in.

console-sign-in-title = Anmelden
console-forgotten-link = Passwort vergessen?
console-by-key-link = Mit einem API-Schlüssel anmelden
console-by-password-link = Mit einem Passwort anmelden
console-key-label = API-Schlüssel
console-key-hint = Er beginnt mit ivk_ und gehört zu einer Organisation. Sie bleiben zwölf Stunden angemeldet.
console-forgotten-title = Ein neues Passwort wählen
console-forgotten-text = Geben Sie die Adresse ein, mit der Sie sich anmelden. Wir senden Ihnen einen Link, mit dem Sie ein neues Passwort wählen.
console-forgotten-button = Link senden
console-forgotten-asked-title = Sehen Sie in Ihrem Postfach nach
console-forgotten-asked-text = Wenn es ein Konto mit dieser Adresse gibt, ist eine Mail mit einem Link unterwegs. Der Link funktioniert einmal; gültig ist er eine Stunde.
console-forgotten-asked-advice = Das kann einige Minuten dauern. Bitte sehen Sie auch im Spam-Ordner nach. Einladungen an Sie bleiben davon unberührt.
console-back-to-sign-in = Zurück zur Anmeldung
console-nowhere-title = Sie gehören zu keiner Organisation
console-nowhere-text = Sie sind angemeldet, aber keine Organisation führt Sie als Mitglied. Bitten Sie Ihre Organisation um eine Einladung oder melden Sie sich mit einem anderen Konto an.

## One’s own account.

console-account-title = Mein Konto
console-account-name = Name
console-account-address = E-Mail-Adresse
console-account-verified = bestätigt
console-account-unverified = nicht bestätigt
console-account-new-address = Neue Adresse
console-account-new-address-hint = Wir senden einen Link dorthin. Die Adresse ändert sich, sobald Sie ihn geöffnet und die Änderung bestätigt haben.
console-account-address-button = Adresse ändern
console-account-current-password = Aktuelles Passwort
console-account-password = Passwort
console-account-password-hint = Mindestens { $count } Zeichen. Alle anderen Sitzungen enden.
console-account-password-button = Passwort ändern
console-account-sessions = Sitzungen
console-account-sessions-text = Wenn Sie ein Gerät verloren oder ein fremdes benutzt haben, beenden Sie alle Sitzungen. Danach melden Sie sich neu an. API-Schlüssel gelten weiter: Widerrufen Sie sie unter „API-Schlüssel“.
console-account-sessions-button = Alle Sitzungen beenden
console-account-key = Sie sind mit einem API-Schlüssel angemeldet; er gehört zu keinem Konto. Melden Sie sich ab und mit einem Passwort wieder an, um Ihr Konto zu ändern.

## What was just done: shown once, above the page.

done-signed-out = Sie sind abgemeldet.
done-signed-out-everywhere = Alle Sitzungen sind beendet. Bitte melden Sie sich neu an.
done-saved = Gespeichert.
done-password = Ihr Passwort ist geändert, und alle anderen Sitzungen sind beendet.
done-address-asked = Wir haben einen Link an die neue Adresse gesendet. Öffnen Sie ihn zur Bestätigung.

## What a form was refused for.

fault-fields = Bitte sehen Sie sich die Felder unten an.
fault-field-required = Bitte füllen Sie dieses Feld aus.
fault-field-range = Das ist zu kurz, zu lang, zu klein oder zu groß.
fault-field-invalid = Das ist hier nicht möglich.
fault-field-email = Das ist keine E-Mail-Adresse. Eine Adresse sieht aus wie name@example.org.
fault-bad-credentials = Das passt zu keinem Konto. Bitte prüfen Sie beide Felder und versuchen Sie es noch einmal.
fault-forbidden = Dazu fehlt Ihnen die Berechtigung. Wer Ihre Organisation verwaltet, kann sie Ihnen geben.
fault-system-role = Diese Rolle ist in jeder Organisation dieselbe und kann nicht geändert werden.
fault-owner-only = Nur ein Eigentümer kann die Rolle „Eigentümer“ vergeben.
fault-grant-exceeds = Sie können nur geben, was Sie selbst haben. Wählen Sie eine andere Rolle oder weniger Berechtigungen.
fault-already-invited = Für diese Adresse gibt es schon eine offene Einladung.
fault-already-member = Diese Person ist schon Mitglied.
fault-member-switched-off = Diese Person ist ein deaktiviertes Mitglied. Aktivieren Sie es stattdessen wieder.
fault-ended = Diese Einladung ist beendet. Es wurde nichts geändert.
fault-ended-redeemed = Diese Einladung wurde inzwischen angenommen. Es wurde nichts geändert.
fault-ended-declined = Diese Einladung wurde abgelehnt. Es wurde nichts geändert.
fault-ended-revoked = Diese Einladung wurde zurückgezogen. Es wurde nichts geändert.
fault-suspended = Diese Einladung ruht: Die einladende Person darf nicht mehr gewähren, was sie zusagt. Übernehmen Sie sie zuerst.
fault-not-suspended = Diese Einladung ruht nicht mehr.
fault-too-many-messages = Für diese Einladung oder an diese Person wurden zu viele Nachrichten gesendet. Die nächste ist ab { $at } möglich.
fault-too-many-issued = Die Organisation hat so viele Einladungen ausgestellt, wie sie in einer Stunde darf. Bitte versuchen Sie es ab { $at } noch einmal.
fault-seats-full = Es ist kein Platz frei: Mitglieder und offene Einladungen belegen alle. Ziehen Sie eine Einladung zurück, entfernen Sie ein Mitglied oder bitten Sie den Betreiber des Dienstes um mehr Plätze.
fault-invitations-full = Die Organisation hat so viele offene Einladungen, wie sie darf. Ziehen Sie einige zurück oder warten Sie, bis einige beantwortet sind oder ablaufen.
fault-too-many-attempts = Es gab zu viele Versuche. Bitte versuchen Sie es ab { $at } noch einmal.
fault-changed-meanwhile = Jemand anderes hat das inzwischen geändert. Bitte sehen Sie es sich noch einmal an.
fault-key-retired = Der Schlüssel, mit dem dieser Link erzeugt wurde, wird nicht mehr verwendet. Senden Sie die Einladung erneut.
fault-own-session = Sie wurden durch eine Einladung angemeldet. Melden Sie sich dazu mit Ihrem Passwort an.
fault-last-owner = Eine Organisation braucht einen Eigentümer. Geben Sie diese Rolle zuerst einer anderen Person.
fault-role-in-use = Ein Mitglied oder eine offene Einladung hat diese Rolle, deshalb kann sie nicht gelöscht werden.
fault-username-taken = Dieser Benutzername ist vergeben. Bitte wählen Sie einen anderen.

## Where a page is not to be had.

console-back = Zur Konsole
console-unknown = Bitte prüfen Sie die Adresse. Was hier stand, wurde vielleicht gelöscht oder gehört zu einer anderen Organisation.

## Signing in with a key.

fault-unknown-key = Dieser Schlüssel ist nicht bekannt, oder nicht mehr. Bitte prüfen Sie ihn und versuchen Sie es erneut.

## A form that does not count, and pages that are not to be had.

console-switched-title = Sie haben die Organisation gewechselt
console-switched-text = Sie haben inzwischen zu { $organization } gewechselt, und dieses Formular wurde für eine andere Organisation geöffnet. Es wurde nichts geändert.
console-switched-back = Zurück zu { $organization } wechseln
console-form-stale = Diese Seite war zu lange offen, oder Ihr Browser behält keine Cookies. Bitte senden Sie das Formular noch einmal ab.
console-busy-text = Der Dienst ist ausgelastet oder wird gerade gewartet.
console-uncertain-text = Wir können nicht sagen, ob ausgeführt wurde, was Sie gesendet haben. Vielleicht ja, vielleicht nein. Sehen Sie nach, bevor Sie es erneut versuchen.
console-key-device = Wer dieses Gerät hat, solange Sie angemeldet sind, kann mit dem Schlüssel handeln. Abmelden beendet den Schlüssel nicht: Geht das Gerät verloren, widerrufen Sie ihn.
