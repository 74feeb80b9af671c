### Wörter der Seiten. Die Variablen sind in locales/en/page.ftl beschrieben, die Regeln in common.ftl.

## Rahmen der Seiten.

layout-skip = Zum Inhalt springen
layout-language-label = Sprache
layout-language-button = Ändern
layout-title = { $title } · { $organization }
layout-title-error = Fehler: { $title }
layout-footer = { $organization } lädt über diesen Dienst ein.
layout-footer-plain = Dies ist ein Einladungsdienst.

## Annahmeseite: das Angebot.

accept-title = { $organization } beitreten
accept-fact-inviter = Eingeladen von
accept-fact-role = Ihre Rolle
accept-fact-recipient = Für
accept-fact-until = Gültig bis
accept-message-heading = { $inviter } schreibt Ihnen:

## Annahmeseite: neue Person.

accept-new-heading = Konto anlegen
accept-new-intro = Sie melden sich künftig mit { $address } und dem Passwort an, das Sie hier wählen.
accept-have-account = Ich habe schon ein Konto
accept-no-account = Ich habe noch kein Konto

## Annahmeseite: Konto vorhanden, Link kam per Mail oder Sitzung besteht.

accept-existing-heading = Sie haben bereits ein Konto
accept-existing-text = Sie haben bereits ein Konto mit dieser Adresse. Ihr Passwort bleibt, wie es ist, und alles, wozu Sie schon gehören, ebenso.
accept-signed-in = Sie sind als { $address } angemeldet.

## Annahmeseite: kopierter Link, Konto vorhanden.

sign-in-heading = Zum Beitreten anmelden
sign-in-text = Dieser Link wurde nicht per Mail gesendet. Damit niemand sonst Ihr Konto verwenden kann, geben Sie bitte das Passwort von { $address } ein.
sign-in-text-code = Damit niemand sonst Ihr Konto verwenden kann, geben Sie bitte das Passwort von { $address } ein.
sign-in-login = E-Mail-Adresse, Telefonnummer oder Benutzername
sign-in-policy-text = Sie haben schon ein Konto mit dieser Adresse, und { $organization } möchte, dass sich alle mit einem Konto zuerst anmelden.
sign-in-forgotten = Passwort vergessen?

## Annahmeseite: kopierter Link, die Organisation will einen Nachweis der Adresse.

proof-heading = Bestätigen Sie Ihre Adresse
proof-text = { $organization } bittet alle, zuerst die E-Mail-Adresse zu bestätigen. Wir haben eine Mail an { $address } gesendet; öffnen Sie den Link darin, um beizutreten.

## Annahmeseite: mit einem anderen Konto angemeldet.

switch-heading = Sie sind mit einem anderen Konto angemeldet
switch-text = Sie sind als { $current } angemeldet, die Einladung ist aber für { $address }. Melden Sie sich ab, um sie mit dem richtigen Konto zu verwenden.
switch-text-nameless = Sie sind als { $current } angemeldet, die Einladung ist aber für jemand anderen. Melden Sie sich ab, um sie mit dem richtigen Konto zu verwenden.

## Annahmeseite: bereits Mitglied.

already-member-title = Sie gehören bereits zu { $organization }
already-member-text = Es ist nichts mehr zu tun: Sie sind bereits Mitglied, und es wurde nichts geändert.

## Annahmeseite: ablehnen.

decline-heading = Nichts für Sie?
decline-text = Wenn Sie ablehnen, endet diese Einladung, und { $organization } kann sehen, dass Sie abgelehnt haben.
decline-block = Mir keine Einladungen zu { $organization } mehr senden

## Nach dem Beitritt.

success-title = Willkommen bei { $organization }
success-text = Sie sind { $organization } beigetreten.
success-text-role = Sie sind { $organization } mit der Rolle „{ $role }“ beigetreten.
success-next-heading = Wie es weitergeht
success-next-new = Melden Sie sich von jetzt an mit { $address } und dem eben gewählten Passwort an.
success-next-existing = Melden Sie sich wie bisher mit Ihrem Konto an; { $organization } gehört jetzt dazu.
success-next-no-password = Sie haben noch kein Passwort gewählt. Lassen Sie es zurücksetzen, wenn Sie sich anmelden möchten.
success-choose-password = Passwort wählen
success-next-close = Sie können diese Seite schließen.

## Nachdem eine schon bekannte Person eine Einladung verwendet hat.

signed-in-again = Sie sind bei { $organization } angemeldet.

## Seite zur Eingabe des Codes.

code-title = Geben Sie Ihren Code ein
code-intro = { $organization } hat Ihnen einen Code gesendet. Mit ihm können Sie die Einladung annehmen.
code-label = Code
code-help = Elf Buchstaben und Ziffern, wie ABCD-1234-EFG. Großschreibung, Leerzeichen und Bindestriche spielen keine Rolle.
code-button = Weiter
code-missing = Bitte geben Sie den Code ein.
code-mistyped = In diesem Code ist ein Tippfehler. Bitte vergleichen Sie ihn mit Ihrer Nachricht.
code-unknown = Dieser Code ist nicht oder nicht mehr gültig. Bitte verwenden Sie den aus Ihrer neuesten Nachricht oder fragen Sie die Person, die Sie eingeladen hat.
code-ended-title = Dieser Code gilt nicht mehr
code-too-many-title = Zu viele Versuche
code-too-many = Von hier aus wurden zu viele Codes versucht. Ab { $until } können wieder Codes eingegeben werden. Ein Link, den Sie erhalten haben, funktioniert weiterhin.
code-password = Geben Sie an, wie Sie heißen möchten. Ein Passwort ist freiwillig: Lassen Sie beide Felder leer, wenn Sie keines brauchen.

## Nach dem Ablehnen.

declined-title = Sie haben abgelehnt
declined-text = { $organization } kann Ihre Antwort sehen. Sie erhalten keine weiteren Mails zu dieser Einladung.
declined-text-blocked = { $organization } kann Ihre Antwort sehen. Von dort werden keine Einladungen mehr an diese Adresse gesendet.

## Links, die nicht mehr funktionieren.

dead-expired-title = Diese Einladung ist abgelaufen
dead-expired-text = Die Einladung zu { $organization } endete am { $ended }.
dead-expired-advice = Wenn Sie noch annehmen möchten, fordern Sie einen neuen Link an. Er wird an die eingeladene Adresse gesendet.

dead-superseded-title = Es gibt einen neueren Link
dead-superseded-text = { $organization } hat Ihnen am { $sent } eine neuere Nachricht gesendet. Nur der Link darin funktioniert.
dead-superseded-advice = Bitte suchen Sie sie in Ihrem Postfach. Wenn Sie sie nicht finden, fordern Sie einen neuen Link an. Er wird an die eingeladene Adresse gesendet.

dead-revoked-title = Diese Einladung wurde zurückgezogen
dead-revoked-text = { $organization } hat die Einladung am { $ended } zurückgezogen.
dead-revoked-advice = Wenn Sie das für einen Irrtum halten, fragen Sie bitte die Person, die Sie eingeladen hat.

dead-redeemed-title = Diese Einladung wurde bereits verwendet
dead-redeemed-text = Die Einladung zu { $organization } wurde am { $ended } angenommen. Sie funktioniert nur einmal.
dead-redeemed-advice = Wenn Sie das waren, melden Sie sich einfach an. Wenn nicht, sagen Sie es bitte der Person, die Sie eingeladen hat.

dead-exhausted-title = Diese Einladung ist aufgebraucht
dead-exhausted-text = Die Einladung zu { $organization } galt für eine bestimmte Zahl von Personen, und diese Zahl ist erreicht.
dead-exhausted-advice = Wenn Sie noch beitreten möchten, bitten Sie die Person, die Sie eingeladen hat, um eine neue.

dead-declined-title = Diese Einladung wurde abgelehnt
dead-declined-text = Die Einladung zu { $organization } wurde am { $ended } abgelehnt.
dead-declined-advice = Wenn Sie es sich anders überlegt haben, bitten Sie die Person, die Sie eingeladen hat, um eine neue.

dead-suspended-title = Diese Einladung ruht
dead-suspended-text = Die Person, die Sie eingeladen hat, kann diesen Zugang zu { $organization } nicht mehr vergeben.
dead-suspended-advice = Jemand anderes bei { $organization } kann die Einladung freigeben. Bitte fragen Sie dort nach und öffnen Sie den Link dann erneut.

inactive-title = Ihr Zugang ist deaktiviert
inactive-text = Sie gehören schon zu dieser Organisation, aber Ihr Zugang wurde dort deaktiviert. Deshalb kann die Einladung jetzt nicht angenommen werden.
inactive-advice = Bitten Sie die Verwaltung der Organisation, ihn wieder zu aktivieren, und öffnen Sie den Link dann noch einmal.

dead-unknown-title = Wir kennen diesen Link nicht
dead-unknown-text = Vielleicht ist er unvollständig: Mailprogramme trennen lange Links manchmal in zwei Teile.
dead-unknown-advice = Bitte öffnen Sie den Link in Ihrer Mail noch einmal oder kopieren Sie ihn vollständig in die Adresszeile.

dead-no-cookie-title = Bitte öffnen Sie den Link in Ihrer Mail noch einmal
dead-no-cookie-text = Diese Seite weiß nicht, welchen Link Sie geöffnet haben. Das geschieht, wenn sie eine Weile offen war oder der Browser keine Cookies annimmt.
dead-no-cookie-advice = Öffnen Sie den Link in Ihrer Mail erneut. Wenn Sie wieder diese Seite sehen, erlauben Sie Cookies für diese Website.

## Nach dem Anfordern eines neuen Links.

new-link-title = Ihre Anfrage ist angekommen
new-link-text = Wenn für diese Einladung ein neuer Link möglich ist, ist er unterwegs an die eingeladene Adresse.
new-link-advice = Das kann einige Minuten dauern. Bitte sehen Sie auch im Spam-Ordner nach.

## Fehler in einem Formular.

error-summary =
    { $count ->
        [one] Bitte berichtigen Sie das Feld unten.
       *[other] Bitte berichtigen Sie die { $count } Felder unten.
    }
error-name-missing = Bitte geben Sie Ihren Namen ein.
error-name-long = Dieser Name ist zu lang. Höchstens { $max } Zeichen sind möglich.
error-password-missing = Bitte geben Sie ein Passwort ein.
error-password-short = Dieses Passwort ist zu kurz. Es braucht mindestens { $min } Zeichen.
error-password-long = Dieses Passwort ist zu lang. Höchstens { $max } Zeichen sind möglich.
error-password-common = Dieses Passwort ist eines der häufigsten und leicht zu erraten. Bitte wählen Sie ein anderes.
error-password-differs = Die beiden Passwörter stimmen nicht überein. Bitte geben Sie sie noch einmal ein.
error-password-wrong = Dieses Passwort ist nicht richtig. Bitte versuchen Sie es noch einmal.
error-too-many-attempts = Das waren zu viele Versuche. Bitte versuchen Sie es später noch einmal. Wartezeit: { $duration }.

## Unter einem Passwort, während es eingegeben wird.

live-length-short = Es braucht mindestens { $min } Zeichen.
live-length-long = Das ist zu lang: höchstens { $max } Zeichen.
live-length-good = Lang genug
live-repeat-same = Beide sind gleich
live-repeat-differs = Noch nicht gleich

## Formular war zu lange offen oder kam von woanders.

form-expired-title = Diese Seite war zu lange offen
form-expired-text = Zu Ihrer Sicherheit kann ein Formular nur für kurze Zeit abgesendet werden. Es wurde nichts geändert.
form-expired-advice = Bitte öffnen Sie den Link in Ihrer Mail noch einmal.
form-expired-again = Seite erneut öffnen

## Wenn etwas schiefgeht.

problem-title = Etwas ist schiefgegangen
problem-text = Das liegt an uns, nicht an Ihnen. Bitte versuchen Sie es gleich noch einmal.
problem-reference = Wenn es wieder geschieht, nennen Sie uns bitte diese Nummer: { $id }
problem-refused-title = Das hat nicht geklappt
problem-refused-text = Die Anfrage konnte so nicht verarbeitet werden, und nichts wurde geändert. Bitte gehen Sie zurück und versuchen Sie es noch einmal.
problem-not-found-title = Diese Seite gibt es nicht
problem-not-found-text = Bitte prüfen Sie die Adresse oder öffnen Sie den Link in Ihrer Mail noch einmal.
unavailable-title = Bitte versuchen Sie es gleich noch einmal
unavailable-text = Der Dienst ist ausgelastet oder wird gewartet. Es wurde nichts geändert, und Ihre Einladung bleibt, wie sie ist.

## Kontoseite: der erste Link des Eigentümers und das Zurücksetzen des Passworts.

account-owner-title = Wählen Sie Ihr Passwort
account-owner-text = Wählen Sie das Passwort, mit dem Sie sich als { $address } anmelden werden.
account-reset-title = Wählen Sie ein neues Passwort
account-reset-text = Wählen Sie ein neues Passwort für { $address }. Das alte gilt dann nicht mehr.
account-success-title = Ihr Passwort ist gespeichert
account-success-text = Melden Sie sich von jetzt an mit { $address } und Ihrem neuen Passwort an.
account-used-title = Dieser Link wurde bereits verwendet
account-used-text = Mit ihm wurde schon ein Passwort gewählt, und er funktioniert nur einmal.
account-used-advice = Melden Sie sich mit diesem Passwort an. Wenn nicht Sie es gewählt haben, lassen Sie es sofort zurücksetzen.
account-expired-title = Dieser Link ist abgelaufen
account-expired-text = Er funktioniert nur kurze Zeit, damit ihn später niemand findet.
account-expired-advice = Bitte fordern Sie dort einen neuen an, wo Sie diesen angefordert haben.
account-unknown-title = Wir kennen diesen Link nicht
account-unknown-text = Vielleicht ist er unvollständig, oder ein neuerer hat ihn ersetzt.
account-unknown-advice = Bitte öffnen Sie den Link in Ihrer neuesten Mail oder kopieren Sie ihn vollständig in die Adresszeile.
account-address-title = Bestätigen Sie Ihre neue Adresse
account-address-text = Danach melden Sie sich als { $address } an, nicht mehr als { $old }.
account-address-first-text = Danach können Sie sich als { $address } anmelden.
account-address-warning = Bestätigen Sie nur, wenn Sie das selbst verlangt haben: Wer es verlangt hat, meldet sich danach mit dieser Adresse und dem eigenen Passwort an.
account-address-password = Damit niemand sonst Ihre Adresse ändern kann, geben Sie bitte das Passwort Ihres Kontos ein. Es bleibt dasselbe.
account-address-success-title = Ihre neue Adresse ist bestätigt
account-address-success-text = Melden Sie sich von jetzt an mit { $address } an. Ihr Passwort bleibt dasselbe.
account-address-used-title = Dieser Link gilt nicht mehr
account-address-used-text = Er wurde bereits verwendet, oder ein anderer hat ihn ersetzt.
account-address-used-advice = Wenn sich Ihre Adresse noch nicht geändert hat, fordern Sie die Änderung bitte noch einmal an.
button-confirm-address = Adresse bestätigen
