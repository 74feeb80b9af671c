### The words of the console's pages of members, roles and API keys. The rules for writing stand at the top of common.ftl.

## Permissions, as what somebody may do. A key is the permission’s name with hyphens.

permission-invitations-read = See invitations
permission-invitations-issue = Invite people
permission-invitations-amend = Change and extend open invitations
permission-invitations-resend = Send invitations again
permission-invitations-revoke = Withdraw invitations
permission-invitations-reveal = See the link and code of an invitation
permission-invitations-sponsor = Take over invitations on hold
permission-members-read = See members
permission-members-update = Change members, switch them off and on
permission-members-remove = Remove members
permission-roles-read = See roles
permission-roles-write = Create, change and delete roles
permission-api-keys-read = See API keys
permission-api-keys-write = Create, renew and revoke API keys
permission-organization-read = See the settings
permission-organization-write = Change the settings
permission-dead-letters-read = See undelivered messages
permission-dead-letters-replay = Send undelivered messages again
permission-events-read = Read the audit trail
permission-subjects-read = See linked records
permission-subjects-write = Change linked records
permission-webhooks-read = See webhooks
permission-webhooks-write = Change webhooks

## What permissions are about: headings over the words above.

resource-invitations = Invitations
resource-members = Members
resource-roles = Roles
resource-api-keys = API keys
resource-organization = Organization
resource-dead-letters = Undelivered messages
resource-events = Audit trail
resource-subjects = Linked records
resource-webhooks = Webhooks
permissions-none = No permissions.

## Lists and permissions, on every page of these.

people-search-button = Search
people-search-all = Show all
people-pages = Pages of the list
permissions-more = Permissions of your own programs
permissions-more-hint = For programs that ask this service what somebody may do. One name a line, like timesheets.write.
# $name (Text): what was typed.
permissions-no-name = “{ $name }” is not the name of a permission. Names are like timesheets.write: lower case, with a dot.

## Members.

members-title = Members
members-back = All members
members-search = Name or address
# $count (Number): how many members match.
members-count =
    { $count ->
        [one] { $count } member
       *[other] { $count } members
    }
members-name = Name
members-address = Signs in with
members-role = Role
members-no-role = No role
members-state = State
members-active = active
members-off = switched off
members-since = Member since
# Beside the reader’s own name.
members-you = you
members-about = About this member
members-above = This member may do things that you may not, so you cannot change or remove this member.
members-change = Role and permissions
members-role-hint = You see the roles that you may give.
members-direct = Permissions in addition to the role
members-direct-hint = They stay when the role changes. You can give what you hold yourself; the rest is greyed out.
members-effective = What this member may do
members-effective-text = By the role and the additional permissions together.
members-effective-off = Nothing while switched off. Role and permissions apply again once the member is switched on.
members-steps = Switch off or remove
members-switch-off = Switch off
members-switch-off-text = The member stays in the list and may do nothing until switched on again. Open invitations this member sent are put on hold.
members-switch-on = Switch on
members-switch-on-text = The member is switched off. Switched on, the member may do what role and permissions say.
members-remove = Remove from the organization
members-remove-text = The membership ends at once. Open invitations this member sent are put on hold until somebody else takes them over, and API keys this member made stop working. The person’s account stays. To come back, the person needs a new invitation.
members-remove-button = Remove this member
leave-link = Leave this organization…
leave-title = Leave the organization
# $organization (Text): name of the organization.
leave-text = You are about to leave { $organization }.
leave-what = Your open invitations are put on hold, and API keys you made stop working. Your account stays. To come back, you need a new invitation.
leave-button = Leave
done-member-off = The member is switched off.
done-member-on = The member is switched on.
done-member-removed = The member is removed.
done-left = You have left the organization.

## Roles.

roles-title = Roles
roles-back = All roles
roles-text = A role is a set of permissions with a name. Every member and every invitation has at most one.
roles-new = New role
roles-make = Create the role
roles-name = Name of the role
roles-name-hint = As people read it in their invitation. At most 100 characters.
roles-name-taken = Another role has this name, or it is not possible. Please choose another.
roles-description = What it is for
roles-description-hint = Optional. At most 500 characters.
roles-may = What it allows
roles-ceiling = You can put into a role what you hold yourself; the rest is greyed out.
roles-above = This role allows things that you may not do yourself, so you cannot change or delete it.
# Beside the name of a role that every organization has.
roles-system = built in
roles-everything = Everything
# $count (Number): how many permissions.
roles-permissions =
    { $count ->
        [one] { $count } permission
       *[other] { $count } permissions
    }
roles-save-text = A change applies at once to everybody who has this role. Open invitations that would then give more than their inviter holds are put on hold.
roles-delete = Delete the role
roles-delete-text = The role is gone for good. It can be deleted only while no member and no open invitation has it.
roles-delete-button = Delete this role
role-about-owner = May do everything, including what later versions add.
role-about-admin = May do everything except change the settings and make API keys.
role-about-member = Sees invitations, members and roles.
role-about-guest = Belongs to the organization and may do nothing here.
done-role-made = The role is created.
done-role-deleted = The role is deleted.

## API keys.

keys-title = API keys
keys-back = All API keys
keys-text = A program signs in with an API key. It acts for the member who created it and may never do more than that member.
keys-empty = There is no API key yet.
keys-new = New API key
keys-make = Create the key
keys-name = Name of the key
keys-name-hint = What the key is for, to tell it from others. At most 100 characters.
keys-prefix = Begins with
keys-creator = Created by
keys-created = Created on
keys-used = Last used
keys-never = never
keys-expires = Expires
keys-expired = expired
keys-expired-text = This key has expired. Create a new one instead.
keys-life = Works for
keys-life-ever = no end
keys-may = What it may do
keys-everything = Everything its creator may do
keys-cut = At every use it is cut to what its creator may do at that moment.
keys-ceiling = You can give the key what you hold yourself; the rest is greyed out.
keys-scope-chosen = Only what is ticked below
keys-scope-everything = Everything I may do
keys-none-chosen = Tick at least one permission. A key without any would open nothing.
keys-about = About this key
keys-steps = Renew or revoke
keys-rotate = Renew the key
keys-rotate-text = The key gets a new value, shown once. Its name, permissions and invitations stay.
keys-overlap = The old value works on for
keys-overlap-hint = Time to put the new value into your programs.
keys-overlap-none = Not at all
keys-overlap-until = Old value works until
keys-above = This key may do things that you may not, so you cannot renew it. You can revoke it.
keys-revoke = Revoke the key
keys-revoke-text = The key stops working at once, for good. Open invitations it issued are put on hold until somebody takes them over.
keys-revoke-button = Revoke this key
keys-made-title = The key is created
keys-rotated-title = The key has a new value
keys-secret = Your API key
keys-secret-text = Copy it now and keep it like a password: it is shown this once and never again.
# $at (Text): date and time.
keys-secret-overlap = The old value works until { $at }.
keys-secret-no-overlap = The old value does not work any more.
keys-copy = Copy the key
keys-copied = The key is in the clipboard.
done-key-revoked = The key is revoked.
done-key-made-before = This key was created already, and its value was shown then. If you did not keep it, renew the key.
