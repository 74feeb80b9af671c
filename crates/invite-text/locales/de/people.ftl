### The words of the console's pages of members, roles and API keys. The rules for writing stand at the top of common.ftl.

## Permissions, as what somebody may do. A key is the permission’s name with hyphens.

permission-invitations-read = Einladungen sehen
permission-invitations-issue = Personen einladen
permission-invitations-amend = Offene Einladungen ändern und verlängern
permission-invitations-resend = Einladungen erneut senden
permission-invitations-revoke = Einladungen zurückziehen
permission-invitations-reveal = Link und Code einer Einladung sehen
permission-invitations-sponsor = Ruhende Einladungen übernehmen
permission-members-read = Mitglieder sehen
permission-members-update = Mitglieder ändern, deaktivieren und aktivieren
permission-members-remove = Mitglieder entfernen
permission-roles-read = Rollen sehen
permission-roles-write = Rollen anlegen, ändern und löschen
permission-api-keys-read = API-Schlüssel sehen
permission-api-keys-write = API-Schlüssel anlegen, erneuern und widerrufen
permission-organization-read = Einstellungen sehen
permission-organization-write = Einstellungen ändern
permission-dead-letters-read = Nicht zugestellte Nachrichten sehen
permission-dead-letters-replay = Nicht zugestellte Nachrichten erneut senden
permission-events-read = Protokoll lesen
permission-subjects-read = Verknüpfte Datensätze sehen
permission-subjects-write = Verknüpfte Datensätze ändern
permission-webhooks-read = Webhooks sehen
permission-webhooks-write = Webhooks ändern

## What permissions are about: headings over the words above.

resource-invitations = Einladungen
resource-members = Mitglieder
resource-roles = Rollen
resource-api-keys = API-Schlüssel
resource-organization = Organisation
resource-dead-letters = Nicht zugestellte Nachrichten
resource-events = Protokoll
resource-subjects = Verknüpfte Datensätze
resource-webhooks = Webhooks
permissions-none = Keine Berechtigungen.

## Lists and permissions, on every page of these.

people-search-button = Suchen
people-search-all = Alle anzeigen
people-pages = Seiten der Liste
permissions-more = Berechtigungen eigener Programme
permissions-more-hint = Für Programme, die diesen Dienst fragen, was jemand darf. Ein Name je Zeile, etwa timesheets.write.
permissions-no-name = „{ $name }“ ist kein Name einer Berechtigung. Namen sehen aus wie timesheets.write: klein geschrieben, mit einem Punkt.

## Members.

members-title = Mitglieder
members-back = Alle Mitglieder
members-search = Name oder Adresse
members-count =
    { $count ->
        [one] { $count } Mitglied
       *[other] { $count } Mitglieder
    }
members-name = Name
members-address = Meldet sich an mit
members-role = Rolle
members-no-role = Keine Rolle
members-state = Zustand
members-active = aktiv
members-off = deaktiviert
members-since = Mitglied seit
members-you = Sie
members-about = Über dieses Mitglied
members-above = Dieses Mitglied darf mehr als Sie. Sie können es deshalb weder ändern noch entfernen.
members-change = Rolle und Berechtigungen
members-role-hint = Sie sehen die Rollen, die Sie vergeben dürfen.
members-direct = Berechtigungen zusätzlich zur Rolle
members-direct-hint = Sie bleiben, wenn sich die Rolle ändert. Sie können geben, was Sie selbst haben; der Rest ist ausgegraut.
members-effective = Was dieses Mitglied darf
members-effective-text = Durch die Rolle und die zusätzlichen Berechtigungen zusammen.
members-effective-off = Nichts, solange es deaktiviert ist. Rolle und Berechtigungen gelten wieder, sobald es aktiviert wird.
members-steps = Deaktivieren oder entfernen
members-switch-off = Deaktivieren
members-switch-off-text = Das Mitglied bleibt in der Liste und darf nichts, bis es wieder aktiviert wird. Seine offenen Einladungen ruhen dann.
members-switch-on = Aktivieren
members-switch-on-text = Das Mitglied ist deaktiviert. Ist es aktiviert, darf es, was Rolle und Berechtigungen erlauben.
members-remove = Aus der Organisation entfernen
members-remove-text = Die Mitgliedschaft endet sofort. Offene Einladungen dieses Mitglieds ruhen, bis jemand sie übernimmt, und die API-Schlüssel, die es angelegt hat, gelten nicht mehr. Das Konto der Person bleibt. Um zurückzukommen, braucht sie eine neue Einladung.
members-remove-button = Dieses Mitglied entfernen
leave-link = Diese Organisation verlassen …
leave-title = Die Organisation verlassen
leave-text = Sie sind dabei, die Organisation „{ $organization }“ zu verlassen.
leave-what = Ihre offenen Einladungen ruhen dann, und die API-Schlüssel, die Sie angelegt haben, gelten nicht mehr. Ihr Konto bleibt. Um zurückzukommen, brauchen Sie eine neue Einladung.
leave-button = Verlassen
done-member-off = Das Mitglied ist deaktiviert.
done-member-on = Das Mitglied ist aktiviert.
done-member-removed = Das Mitglied ist entfernt.
done-left = Sie haben die Organisation verlassen.

## Roles.

roles-title = Rollen
roles-back = Alle Rollen
roles-text = Eine Rolle fasst Berechtigungen unter einem Namen zusammen. Jedes Mitglied und jede Einladung hat höchstens eine.
roles-new = Neue Rolle
roles-make = Rolle anlegen
roles-name = Name der Rolle
roles-name-hint = So steht er in der Einladung. Höchstens 100 Zeichen.
roles-name-taken = Eine andere Rolle heißt so, oder der Name ist nicht möglich. Bitte wählen Sie einen anderen.
roles-description = Wozu sie dient
roles-description-hint = Freiwillig. Höchstens 500 Zeichen.
roles-may = Was sie erlaubt
roles-ceiling = Sie können in eine Rolle legen, was Sie selbst haben; der Rest ist ausgegraut.
roles-above = Diese Rolle erlaubt mehr, als Sie selbst dürfen. Sie können sie deshalb weder ändern noch löschen.
roles-system = vorgegeben
roles-everything = Alles
roles-permissions =
    { $count ->
        [one] { $count } Berechtigung
       *[other] { $count } Berechtigungen
    }
roles-save-text = Eine Änderung gilt sofort für alle, die diese Rolle haben. Offene Einladungen, die dann mehr gäben, als die einladende Person hat, ruhen.
roles-delete = Rolle löschen
roles-delete-text = Die Rolle ist endgültig weg. Sie kann nur gelöscht werden, solange kein Mitglied und keine offene Einladung sie hat.
roles-delete-button = Diese Rolle löschen
role-about-owner = Darf alles, auch was spätere Versionen hinzufügen.
role-about-admin = Darf alles, außer Einstellungen ändern und API-Schlüssel anlegen.
role-about-member = Sieht Einladungen, Mitglieder und Rollen.
role-about-guest = Gehört zur Organisation und darf hier nichts.
done-role-made = Die Rolle ist angelegt.
done-role-deleted = Die Rolle ist gelöscht.

## API keys.

keys-title = API-Schlüssel
keys-back = Alle API-Schlüssel
keys-text = Ein Programm meldet sich mit einem API-Schlüssel an. Es handelt für das Mitglied, das ihn angelegt hat, und darf nie mehr als dieses.
keys-empty = Es gibt noch keinen API-Schlüssel.
keys-new = Neuer API-Schlüssel
keys-make = Schlüssel anlegen
keys-name = Name des Schlüssels
keys-name-hint = Wozu der Schlüssel dient, um ihn wiederzuerkennen. Höchstens 100 Zeichen.
keys-prefix = Beginnt mit
keys-creator = Angelegt von
keys-created = Angelegt am
keys-used = Zuletzt verwendet
keys-never = nie
keys-expires = Läuft ab
keys-expired = abgelaufen
keys-expired-text = Dieser Schlüssel ist abgelaufen. Legen Sie stattdessen einen neuen an.
keys-life = Gilt
keys-life-ever = unbefristet
keys-may = Was er darf
keys-everything = Alles, was das Mitglied darf, das ihn angelegt hat
keys-cut = Bei jeder Verwendung gilt höchstens, was dieses Mitglied in diesem Moment darf.
keys-ceiling = Sie können dem Schlüssel geben, was Sie selbst haben; der Rest ist ausgegraut.
keys-scope-chosen = Nur was unten angekreuzt ist
keys-scope-everything = Alles, was ich darf
keys-none-chosen = Kreuzen Sie mindestens eine Berechtigung an. Ein Schlüssel ohne Berechtigungen öffnet nichts.
keys-about = Über diesen Schlüssel
keys-steps = Erneuern oder widerrufen
keys-rotate = Schlüssel erneuern
keys-rotate-text = Der Schlüssel bekommt einen neuen Wert, der einmal gezeigt wird. Name, Berechtigungen und Einladungen bleiben.
keys-overlap = Der alte Wert gilt noch
keys-overlap-hint = Zeit, den neuen Wert in Ihre Programme einzutragen.
keys-overlap-none = Gar nicht mehr
keys-overlap-until = Alter Wert gilt bis
keys-above = Dieser Schlüssel darf mehr als Sie. Sie können ihn deshalb nicht erneuern, aber widerrufen.
keys-revoke = Schlüssel widerrufen
keys-revoke-text = Der Schlüssel gilt sofort und endgültig nicht mehr. Offene Einladungen, die mit ihm ausgestellt wurden, ruhen, bis jemand sie übernimmt.
keys-revoke-button = Diesen Schlüssel widerrufen
keys-made-title = Der Schlüssel ist angelegt
keys-rotated-title = Der Schlüssel hat einen neuen Wert
keys-secret = Ihr API-Schlüssel
keys-secret-text = Kopieren Sie ihn jetzt und bewahren Sie ihn auf wie ein Passwort: Er wird nur dieses eine Mal gezeigt.
keys-secret-overlap = Der alte Wert gilt bis { $at }.
keys-secret-no-overlap = Der alte Wert gilt nicht mehr.
keys-copy = Schlüssel kopieren
keys-copied = Der Schlüssel ist in der Zwischenablage.
done-key-revoked = Der Schlüssel ist widerrufen.
done-key-made-before = Dieser Schlüssel besteht schon, und sein Wert wurde damals gezeigt. Wenn Sie den Wert nicht aufbewahrt haben, erneuern Sie den Schlüssel.
