### Wörter der Mails und SMS. Die Variablen sind in locales/en/mail.ftl beschrieben, die Regeln in common.ftl.

## Gemeinsame Teile.

mail-greeting = Guten Tag,
mail-link-fallback = Wenn die Schaltfläche nicht funktioniert, öffnen Sie diesen Link in Ihrem Browser:
mail-link-personal = Der Link ist nur für Sie bestimmt. Bitte leiten Sie ihn nicht weiter.
mail-footer = Gesendet von { $organization } über einen Einladungsdienst.
mail-footer-plain = Gesendet von einem Einladungsdienst.

## Einladung.

mail-invitation-subject = { $inviter } lädt Sie ein, { $organization } beizutreten
mail-invitation-preheader = Sie können bis { $until } annehmen oder ablehnen.
mail-invitation-heading = { $organization } beitreten
mail-invitation-body = { $inviter } lädt Sie ein, { $organization } beizutreten.
mail-invitation-body-role = { $inviter } lädt Sie ein, { $organization } mit der Rolle „{ $role }“ beizutreten.
mail-invitation-until = Sie können bis { $until } annehmen oder ablehnen.
mail-invitation-button = Einladung ansehen
mail-invitation-link = Öffnen Sie diesen Link, um anzunehmen oder abzulehnen:
mail-invitation-message-heading = { $inviter } schreibt Ihnen:
mail-invitation-why = Sie erhalten diese Mail, weil { $inviter } Ihre Adresse eingegeben hat, um Sie einzuladen.
mail-invitation-ignore = Wenn Sie die Einladung nicht erwartet haben, können Sie sie ignorieren: Ohne Ihre Zustimmung geschieht nichts.
mail-invitation-code = Wenn Sie den Link nicht öffnen können, verwenden Sie stattdessen diesen Code:
mail-invitation-code-place = Um ihn einzugeben, öffnen Sie die Adresse, mit der der Link beginnt, und setzen Sie „{ $path }“ an die Stelle von „/i/“ und allem, was danach kommt.
# Ohne Namen dessen, der einlädt.
mail-invitation-subject-unnamed = Einladung zu { $organization }
mail-invitation-body-unnamed = Sie sind eingeladen, { $organization } beizutreten.
mail-invitation-body-role-unnamed = Sie sind eingeladen, { $organization } mit der Rolle „{ $role }“ beizutreten.
mail-invitation-message-heading-unnamed = Eine Nachricht begleitet die Einladung:
mail-invitation-why-unnamed = Sie erhalten diese Mail, weil Ihre Adresse eingegeben wurde, um Sie zu { $organization } einzuladen.

## SMS. Ihre eigenen Wörter kommen mit dem GSM-Alphabet aus.

sms-invitation = { $inviter } lädt Sie zu { $organization } ein. Geben Sie den Code { $code } auf { $place } ein, gültig bis { $until }.
sms-invitation-organization = { $organization } lädt Sie ein. Geben Sie den Code { $code } auf { $place } ein, gültig bis { $until }.

## Passwort zurücksetzen.

mail-reset-subject = Wählen Sie ein neues Passwort
mail-reset-preheader = Der Link in dieser Mail funktioniert einmal, bis { $until }.
mail-reset-heading = Wählen Sie ein neues Passwort
mail-reset-body = Jemand, vermutlich Sie, hat ein neues Passwort für das Konto { $address } angefordert.
mail-reset-valid = Der Link funktioniert einmal, bis { $until }.
mail-reset-button = Neues Passwort wählen
mail-reset-link = Öffnen Sie diesen Link, um ein neues Passwort zu wählen:
mail-reset-ignore = Wenn Sie es nicht waren, ignorieren Sie diese Mail: Ihr Passwort bleibt, wie es ist.

## Der erste Link des Eigentümers.

mail-owner-subject = Richten Sie Ihr Konto für { $organization } ein
mail-owner-preheader = Wählen Sie ein Passwort und melden Sie sich zum ersten Mal an.
mail-owner-heading = Willkommen bei { $organization }
mail-owner-body = { $organization } ist eingerichtet, und Sie haben dort die Rolle „Eigentümer“. Wählen Sie ein Passwort für Ihr Konto { $address }; danach können Sie sich anmelden und andere einladen.
mail-owner-valid = Der Link funktioniert einmal, bis { $until }.
mail-owner-button = Passwort wählen
mail-owner-link = Öffnen Sie diesen Link, um Ihr Passwort zu wählen:
mail-owner-ignore = Wenn Sie diese Mail nicht erwartet haben, können Sie sie ignorieren: Ohne den Link kann niemand das Konto verwenden.

## Erinnerung: Die Einladung läuft bald ab und ist noch nicht beantwortet.

mail-reminder-subject = Erinnerung: { $inviter } lädt Sie ein, { $organization } beizutreten
mail-reminder-preheader = Sie können noch bis { $until } annehmen oder ablehnen.
mail-reminder-heading = Ihre Einladung zu { $organization } läuft bald ab
mail-reminder-body = { $inviter } hat Sie eingeladen, { $organization } beizutreten, und die Einladung ist noch offen.
mail-reminder-body-role = { $inviter } hat Sie eingeladen, { $organization } mit der Rolle „{ $role }“ beizutreten, und die Einladung ist noch offen.
mail-reminder-ignore = Dies ist die einzige Erinnerung. Wenn Sie nicht beitreten möchten, können Sie ablehnen oder die Einladung ignorieren: Ohne Ihre Zustimmung geschieht nichts.
mail-reminder-subject-unnamed = Erinnerung: Einladung zu { $organization }
mail-reminder-body-unnamed = Sie sind eingeladen, { $organization } beizutreten, und die Einladung ist noch offen.
mail-reminder-body-role-unnamed = Sie sind eingeladen, { $organization } mit der Rolle „{ $role }“ beizutreten, und die Einladung ist noch offen.

## Ein neuer Link für eine schon gesendete Einladung.

mail-renewed-subject = Neuer Link: { $inviter } lädt Sie ein, { $organization } beizutreten
mail-renewed-preheader = Bitte verwenden Sie diesen Link: Die aus früheren Mails funktionieren möglicherweise nicht mehr.
mail-renewed-heading = Ihr neuer Link zu { $organization }
mail-renewed-body = Hier ist ein neuer Link für die Einladung von { $inviter }, { $organization } beizutreten. Bitte verwenden Sie diesen: Links aus früheren Mails funktionieren möglicherweise nicht mehr.
mail-renewed-body-role = Hier ist ein neuer Link für die Einladung von { $inviter }, { $organization } mit der Rolle „{ $role }“ beizutreten. Bitte verwenden Sie diesen: Links aus früheren Mails funktionieren möglicherweise nicht mehr.
mail-renewed-subject-unnamed = Neuer Link: Einladung zu { $organization }
mail-renewed-body-unnamed = Hier ist ein neuer Link für Ihre Einladung, { $organization } beizutreten. Bitte verwenden Sie diesen: Links aus früheren Mails funktionieren möglicherweise nicht mehr.
mail-renewed-body-role-unnamed = Hier ist ein neuer Link für Ihre Einladung, { $organization } mit der Rolle „{ $role }“ beizutreten. Bitte verwenden Sie diesen: Links aus früheren Mails funktionieren möglicherweise nicht mehr.

## Adresse ändern, an die neue Adresse.

mail-address-subject = Bestätigen Sie Ihre neue E-Mail-Adresse
mail-address-heading = Bestätigen Sie Ihre neue E-Mail-Adresse
mail-address-body = Jemand, vermutlich Sie, möchte die Adresse { $address } für das eigene Konto verwenden. Bitte bestätigen Sie, dass sie Ihnen gehört.
mail-address-button = Adresse bestätigen
mail-address-link = Öffnen Sie diesen Link, um die Adresse zu bestätigen:
mail-address-ignore = Wenn Sie es nicht waren, ignorieren Sie diese Mail: Das Konto behält seine bisherige Adresse.

## Adresse geändert, an die alte Adresse.

mail-changed-subject = Ihre E-Mail-Adresse wurde geändert
mail-changed-preheader = Ihr Konto hat jetzt die Adresse { $new }.
mail-changed-heading = Ihre E-Mail-Adresse wurde geändert
mail-changed-body = Die E-Mail-Adresse Ihres Kontos { $address } wurde am { $at } in { $new } geändert. Mails zum Konto gehen jetzt an die neue Adresse.
mail-changed-warning = Wenn Sie es nicht waren, verwendet möglicherweise jemand anderes Ihr Konto: Wenden Sie sich sofort an die Administration Ihrer Organisation.

## Mails an alle, die mit Einladungen arbeiten.

mail-notice-link = Öffnen Sie diesen Link, um die Einladung zu sehen:
mail-notice-sign-in = Möglicherweise müssen Sie sich dazu anmelden.

## Einladung angenommen.

mail-accepted-subject = { $member } ist { $organization } beigetreten
mail-accepted-preheader = Ihre Einladung wurde am { $at } angenommen.
mail-accepted-heading = { $member } ist { $organization } beigetreten
mail-accepted-body = Am { $at } hat { $member } Ihre Einladung angenommen, { $organization } beizutreten.
mail-accepted-body-role = Am { $at } hat { $member } Ihre Einladung angenommen, { $organization } mit der Rolle „{ $role }“ beizutreten.
mail-accepted-recipient = Die Einladung war für { $recipient } bestimmt.
mail-accepted-why = Sie erhalten diese Mail, weil die Einladung von Ihnen stammt.
mail-accepted-ignore = Sie müssen nichts weiter tun.

## Ruhende Einladung.

mail-suspended-subject = Die Einladung für { $recipient } zu { $organization } ruht
mail-suspended-preheader = Die Einladung kann erst angenommen werden, wenn jemand sie übernimmt.
mail-suspended-heading = Eine Einladung ruht
mail-suspended-body = { $inviter } hat { $recipient } zu { $organization } eingeladen, darf aber nicht mehr gewähren, was die Einladung verspricht. Die Einladung kann erst angenommen werden, wenn jemand mit den nötigen Berechtigungen sie übernimmt.
mail-suspended-body-unnamed = { $recipient } wurde zu { $organization } eingeladen, doch wer die Einladung ausgestellt hat, darf nicht mehr gewähren, was sie verspricht. Die Einladung kann erst angenommen werden, wenn jemand mit den nötigen Berechtigungen sie übernimmt.
mail-suspended-valid = Auf der Seite der Einladung können Sie sie übernehmen oder zurückziehen. Vielleicht ruhen noch weitere: Die Liste der Einladungen zeigt alle.
mail-suspended-why = Sie erhalten diese Mail, weil Sie { $organization } verwalten.
mail-suspended-ignore = Wenn niemand die Einladung übernimmt, ruht sie, bis sie abläuft.
