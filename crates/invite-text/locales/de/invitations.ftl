### The words of the console's pages of invitations. The rules for writing stand at the top of common.ftl.

## The list of invitations.

invitations-title = Einladungen
invitations-new-link = Personen einladen
invitations-none = Noch niemand wurde eingeladen.
invitations-none-text = Geben Sie eine Adresse ein oder fügen Sie eine ganze Liste ein: Jede Person erhält einen persönlichen Link per Mail.
invitations-first-link = Erste Einladung ausstellen
invitations-by-status = Einladungen nach Stand
invitations-all = Alle
invitations-search = Suche
invitations-any-role = Alle Rollen
invitations-any-delivery = Jeder Versand
invitations-sort = Sortieren nach
invitations-sort-created-at-last = Neueste zuerst
invitations-sort-created-at-first = Älteste zuerst
invitations-sort-expires-at-first = Bald endende zuerst
invitations-sort-expires-at-last = Spät endende zuerst
invitations-sort-email-first = Adresse, A bis Z
invitations-sort-email-last = Adresse, Z bis A
invitations-filter-button = Filtern
invitations-filter-none = Alle zeigen
invitations-column-recipient = An wen
invitations-column-status = Stand
invitations-column-role = Rolle
invitations-column-inviter = Eingeladen durch
invitations-column-issued = Ausgestellt
invitations-column-expires = Läuft ab
invitations-column-delivery = Versand
invitations-ended = Die Einladung ist beendet.
invitations-total =
    { $count ->
        [one] { $count } Einladung
       *[other] { $count } Einladungen
    }

## How an invitation stands.

invitation-status-pending = Offen
invitation-status-redeemed = Angenommen
invitation-status-declined = Abgelehnt
invitation-status-revoked = Zurückgezogen
invitation-status-expired = Abgelaufen
invitation-status-exhausted = Aufgebraucht
invitation-status-suspended = Ruht

## What became of a message.

delivery-state-queued = Wartet
delivery-state-sent = Gesendet
delivery-state-failed = Fehlgeschlagen
delivery-state-cancelled = Nicht gesendet
delivery-channel-email = Per E-Mail
delivery-channel-sms = Per SMS
delivery-none = Nichts wurde gesendet
delivery-attempts =
    { $count ->
        [one] { $count } Versuch
       *[other] { $count } Versuche
    }
delivery-next = nächster Versuch
delivery-reason-smtp-refused = Der Mailserver hat diese Adresse abgelehnt.
delivery-reason-smtp-deferred = Der Mailserver bittet um einen späteren Versuch.
delivery-reason-sms-refused = Die SMS wurde abgelehnt.
delivery-reason-sms-deferred = Die SMS muss später noch einmal versucht werden.
delivery-reason-unreachable = Der Server war nicht erreichbar.
delivery-reason-tls-failed = Die Verbindung war nicht sicher, deshalb wurde nichts gesendet.
delivery-reason-address-unsupported = Der Mailserver kann an eine solche Adresse nicht schreiben.
delivery-reason-template-failed = Die Nachricht konnte nicht aus ihrer Vorlage geschrieben werden.
delivery-reason-recipient-blocked = Die eingeladene Person möchte keine Mails Ihrer Organisation.
delivery-reason-overtaken = Eine neuere Nachricht ist an ihre Stelle getreten.
delivery-reason-invitation-ended = Die Einladung endete, bevor die Nachricht abging.
delivery-reason-invitation-expired = Die Einladung lief ab, bevor die Nachricht abging.
delivery-reason-invitation-suspended = Die Einladung ruht.
delivery-reason-key-retired = Der Schlüssel für den Link wird nicht mehr verwendet. Senden Sie die Einladung erneut.
delivery-reason-link-ended = Der Link endete, bevor die Nachricht abging.
delivery-reason-not-needed = Es gab nichts mehr mitzuteilen.
delivery-reason-address-taken = Die Adresse gehört zu einem anderen Konto.
delivery-reason-unreadable = Was von der Nachricht gespeichert ist, lässt sich nicht lesen.
delivery-reason-attempts-exhausted = Zu viele Versuche sind fehlgeschlagen.

## How far an instant is from now.

relative-now = gerade eben
relative-in-minutes =
    { $count ->
        [one] in { $count } Minute
       *[other] in { $count } Minuten
    }
relative-in-hours =
    { $count ->
        [one] in { $count } Stunde
       *[other] in { $count } Stunden
    }
relative-in-days =
    { $count ->
        [one] in { $count } Tag
       *[other] in { $count } Tagen
    }
relative-ago-minutes =
    { $count ->
        [one] vor { $count } Minute
       *[other] vor { $count } Minuten
    }
relative-ago-hours =
    { $count ->
        [one] vor { $count } Stunde
       *[other] vor { $count } Stunden
    }
relative-ago-days =
    { $count ->
        [one] vor { $count } Tag
       *[other] vor { $count } Tagen
    }

## Issuing.

invitations-new-title = In Ihre Organisation einladen
invitations-addresses = E-Mail-Adressen
invitations-addresses-hint = Eine oder bis zu hundert, wie Sie sie haben: durch Kommas, Semikolons, Leerzeichen oder Zeilen getrennt, mit oder ohne Namen.
invitations-addresses-wrong =
    { $count ->
        [one] { $count } Eintrag ist keine E-Mail-Adresse. Nichts wurde gesendet.
       *[other] { $count } Einträge sind keine E-Mail-Adressen. Nichts wurde gesendet.
    }
invitations-addresses-many = Das sind mehr als { $count } Adressen. Bitte laden Sie in mehreren Schritten ein.
invitations-line = Zeile { $count }:
invitations-new-button = Einladungen senden
invitations-preview-button = Mail-Vorschau
invitation-role = Rolle in der Organisation
invitation-role-hint = Sie können unter den Rollen wählen, die nicht mehr dürfen als Sie.
invitation-role-none = Keine Rolle
invitation-role-gone = Eine gelöschte Rolle
invitation-permissions-more = Weitere Berechtigungen
invitation-permissions-hint = Sie werden zusätzlich zur Rolle vergeben und bleiben, wenn sich die Rolle ändert.
invitation-days = Tage bis zum Ablauf
invitation-days-hint = Wenn leer: { $usual }. Höchstens: { $most }.
invitation-days-wrong = Geben Sie eine ganze Zahl von 1 bis { $count } ein.
invitation-again-hint = Von jetzt an. Wenn leer: { $usual }, oder wie bisher, falls das länger ist. Höchstens: { $most }.
invitation-keep-hint = Von jetzt an. Wenn leer, bleibt das Ende, wie es ist. Üblich: { $usual }, höchstens: { $most }.
invitation-locale = Sprache der Mail
invitation-locale-hint = Auf der Seite kann die eingeladene Person eine andere wählen.
invitation-locale-usual = Wie in der Organisation üblich
invitation-message = Persönliche Nachricht
invitation-message-hint = Sie steht in Ihrem Namen in der Mail, als einfacher Text. Links darin lassen sich nicht öffnen.
preview-title = So wird die Mail aussehen
preview-text = Es wurde nichts gesendet. Link und Code sind hier ausgelassen.
preview-to = An
preview-subject = Betreff
preview-html = Die Mail in ihrer Gestaltung
preview-too-long = Die Nachricht ist zu lang, um die Mail hier in ihrer Gestaltung zu zeigen. Unten steht ihr Text.
preview-plain = Dasselbe als einfacher Text

## What became of several invitations that were issued together.

invitations-outcome-title = Was daraus geworden ist
outcome-column = Ergebnis
outcome-issued = Eingeladen
outcome-issued-text = Die Mail ist unterwegs.
outcome-invited = Schon eingeladen
outcome-invited-text = Es gibt eine offene Einladung; nichts wurde gesendet. Auf der Seite der Einladung können Sie sie erneut senden.
outcome-member = Schon Mitglied
outcome-member-text = Diese Person gehört zur Organisation; nichts wurde gesendet.
outcome-blocked = Keine Mail gewünscht
outcome-blocked-text = Die Einladung ist gespeichert, doch diese Person möchte keine Mails Ihrer Organisation. Sie können den Link selbst weitergeben.
outcome-refused = Nicht eingeladen
outcome-refused-text = Nichts wurde gesendet.
outcome-left =
    { $count ->
        [one] Bei uns ist etwas schiefgegangen: { $count } Adresse wurde noch nicht versucht.
       *[other] Bei uns ist etwas schiefgegangen: { $count } Adressen wurden noch nicht versucht.
    }
outcome-left-time =
    { $count ->
        [one] Die Zeit hat nicht gereicht: { $count } Adresse wurde noch nicht versucht.
       *[other] Die Zeit hat nicht gereicht: { $count } Adressen wurden noch nicht versucht.
    }
outcome-left-button = Diese jetzt versuchen
invitations-all-link = Alle Einladungen
invitations-more-link = Weitere Personen einladen

## One invitation.

invitation-record = Datensatz { $id }
invitation-inviter-you = Sie selbst
actor-member = Ein Mitglied
actor-member-gone = Ein früheres Mitglied
actor-api-key = Ein API-Schlüssel
actor-operator = Der Betreiber des Dienstes
actor-invitee = Die eingeladene Person
invitation-about = Über diese Einladung
invitation-expires = Gültig bis
invitation-uses = Verwendet
invitation-uses-value = { $uses } von { $most }
invitation-reason = Grund
invitation-deliveries = Nachrichten
invitation-unsent = Es war keine Nachricht gewünscht: Der Link wird von Hand weitergegeben.
invitation-suspended-text = Wer eingeladen hat, darf das Zugesagte nicht mehr vergeben. Die Einladung kann erst angenommen werden, wenn jemand sie übernimmt.
invitation-suspended-role-gone = Die zugesagte Rolle wurde gelöscht. Wählen Sie eine andere, um die Einladung erneut zu senden, oder ziehen Sie die Einladung zurück.
invitation-expired-text = Senden Sie die Einladung erneut oder verlängern Sie sie, dann kann sie angenommen werden.
invitation-actions = Was Sie tun können
invitation-beyond = Diese Einladung gewährt mehr, als Sie selbst dürfen. Einige Aktionen stehen Ihnen deshalb nicht offen.
invitation-history = Verlauf
invitation-history-earlier =
    { $count ->
        [one] { $count } früherer Eintrag wird nicht gezeigt.
       *[other] { $count } frühere Einträge werden nicht gezeigt.
    }
invitation-elsewhere-title = Einladung einer anderen Organisation
invitation-elsewhere-text = Diese Einladung gehört zu { $organization }, wo Sie ebenfalls Mitglied sind.
invitation-elsewhere-button = In { $organization } öffnen

## What is done with an invitation.

sponsor-title = Übernehmen
sponsor-text = Die Einladung kommt dann von Ihnen. Ein neuer Link wird gesendet, und der alte gilt nicht mehr.
sponsor-button = Übernehmen und senden
resend-title = Erneut senden
resend-text = Ein neuer Link wird gesendet, und der alte gilt nicht mehr.
resend-button = Neuen Link senden
extend-title = Verlängern
extend-text = Der Link bleibt derselbe, und es wird keine Nachricht gesendet.
extend-hint = Von jetzt an. Das neue Ende muss später sein als das bisherige.
extend-button = Einladung verlängern
reveal-summary = Link und Code zeigen
reveal-warning = Wer den Link hat, kann die Einladung verwenden. Im Verlauf wird vermerkt, dass Sie ihn gesehen haben.
reveal-button = Link zeigen
reveal-title = Link und Code
reveal-text = Geben Sie beides nur der eingeladenen Person. Es wird nur dieses eine Mal gezeigt; Sie können es erneut anfordern.
reveal-only-sends = Ihre Organisation verlangt den Link aus der Mail: Dieser hier lässt ihn nur an die Adresse senden.
reveal-link = Der Link
reveal-code = Der Code
reveal-code-place = Hier wird er eingegeben:
reveal-qr = Der Link als QR-Code
reveal-copy-link = Link kopieren
reveal-copy-code = Code kopieren
reveal-copied = Kopiert.
reveal-hide = Wieder verbergen
invitation-edit-link = Inhalt ändern
invitation-edit-title = Einladung ändern
invitation-edit-note = Wenn Sie Rolle oder Berechtigungen ändern, wird ein neuer Link gesendet, und der alte gilt nicht mehr. Andere Änderungen senden nichts.
invitation-edit-note-unsent = Wenn Sie Rolle oder Berechtigungen ändern, gibt es einen neuen Link weiterzugeben, und der alte gilt nicht mehr.
revoke-title = Zurückziehen
revoke-text = Der Link gilt sofort nicht mehr. Das lässt sich nicht rückgängig machen, aber Sie können die Person neu einladen.
revoke-reason = Grund, wenn Sie möchten
revoke-reason-hint = Für alle in Ihrer Organisation, die später nachsehen. Die eingeladene Person sieht ihn nicht.
revoke-button = Einladung zurückziehen
revoke-reason-replaced = Eine neue Einladung ist an ihre Stelle getreten.
revoke-reason-subject-deleted = Der Datensatz, für den sie war, wurde gelöscht.
revoke-reason-erased = Die Person, für die sie war, wurde gelöscht.
revoke-reason-invalidated = Der Betreiber hat ihren Link ungültig gemacht.
revoke-reason-address-changed = Der Datensatz, für den sie war, hat jetzt eine andere Adresse.

## What happened.

event-invitation-issued = Ausgestellt
event-invitation-resent = Erneut gesendet
event-invitation-extended = Verlängert
event-invitation-amended = Geändert
event-invitation-revealed = Link gezeigt
event-invitation-sponsored = Übernommen
event-invitation-redeemed = Angenommen
event-invitation-declined = Abgelehnt
event-invitation-revoked = Zurückgezogen
event-invitation-expired = Abgelaufen
event-invitation-suspended = Ruhend gestellt
event-invitation-reminded = Erinnerung gesendet
event-invitation-delivery-failed = Versand fehlgeschlagen
event-invitation-delivery-replayed = Erneut eingereiht
event-membership-created = Mitglied geworden
event-membership-changed = Berechtigungen des Mitglieds geändert
event-membership-removed = Mitglied entfernt
event-role-created = Rolle angelegt
event-role-changed = Rolle geändert
event-role-deleted = Rolle gelöscht
event-api-key-created = API-Schlüssel angelegt
event-api-key-rotated = API-Schlüssel erneuert
event-api-key-revoked = API-Schlüssel widerrufen
event-subject-created = Datensatz angelegt
event-subject-changed = Datensatz geändert
event-subject-deleted = Datensatz gelöscht
event-account-erased = Person gelöscht
event-organization-changed = Einstellungen geändert
event-organization-deleted = Organisation gelöscht
event-organization-restored = Organisation wiederhergestellt
event-detail-link-shown = Der Link wurde gleich gezeigt.
event-detail-by-invitee = Die eingeladene Person hat um einen neuen Link gebeten.
event-detail-blocked = Die eingeladene Person möchte keine weiteren Mails Ihrer Organisation.
event-detail-reminder = Es war die Erinnerung.
event-detail-regranted = Rolle oder Berechtigungen wurden geändert; es gibt einen neuen Link.
event-detail-same-link = Der Link blieb derselbe.
event-detail-until = Gültig bis { $until }.

## What was just done.

done-invitation-issued = Die Einladung ist ausgestellt, und die Mail ist unterwegs.
done-invitation-resent = Ein neuer Link ist unterwegs. Der alte gilt nicht mehr.
done-invitation-extended = Die Einladung ist verlängert.
done-invitation-amended = Die Einladung ist geändert. Nichts wurde gesendet.
done-invitation-amended-sent = Die Einladung ist geändert und hat einen neuen Link. Der alte gilt nicht mehr.
done-invitation-revoked = Die Einladung ist zurückgezogen.
done-invitation-sponsored = Sie haben die Einladung übernommen, und ein neuer Link ist unterwegs.
