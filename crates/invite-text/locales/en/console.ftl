### The words of the console's frame: signing in, navigation, one's own account. The rules for writing stand at the top of common.ftl.

## Frame.

console-nav = Console
console-nav-dashboard = Overview
console-nav-invitations = Invitations
console-nav-members = Members
console-nav-roles = Roles
console-nav-keys = API keys
console-nav-dead-letters = Undelivered
console-nav-settings = Settings
console-nav-account = My account
console-organization = Organization
console-organization-switch = Switch
console-sign-out = Sign out
button-save = Save
button-cancel = Cancel
# Behind the label of a field that may be left empty.
console-optional = optional
console-next-page = Next page
console-first-page = First page
console-nothing-found = Nothing matches these filters.

## Signing in.

console-sign-in-title = Sign in
console-forgotten-link = Forgotten your password?
console-by-key-link = Sign in with an API key
console-by-password-link = Sign in with a password
console-key-label = API key
console-key-hint = It begins with ivk_ and belongs to one organization. You stay signed in for twelve hours.
console-forgotten-title = Choose a new password
console-forgotten-text = Enter the address you sign in with. We will send you a link to choose a new password.
console-forgotten-button = Send me the link
console-forgotten-asked-title = Check your mailbox
console-forgotten-asked-text = If there is an account with this address, a mail with a link is on its way. The link works once, for an hour.
console-forgotten-asked-advice = It can take a few minutes. Please look in the spam folder, too. Invitations you were sent are not touched by this.
console-back-to-sign-in = Back to signing in
console-nowhere-title = You belong to no organization
console-nowhere-text = You are signed in, but no organization counts you among its members. Ask yours for an invitation, or sign in with another account.

## One’s own account.

console-account-title = My account
console-account-name = Name
console-account-address = E-mail address
console-account-verified = confirmed
console-account-unverified = not confirmed
console-account-new-address = New address
console-account-new-address-hint = We send a link there. The address changes once you have opened it and confirmed.
console-account-address-button = Change the address
console-account-current-password = Current password
console-account-password = Password
# $count (Number): the fewest characters.
console-account-password-hint = At least { $count } characters. Every other session ends.
console-account-password-button = Change the password
console-account-sessions = Sessions
console-account-sessions-text = If you have lost a device or used somebody else’s, end all sessions. You sign in again afterwards. API keys go on counting: revoke them under API keys.
console-account-sessions-button = End all sessions
console-account-key = You are signed in with an API key, which is nobody’s account. Sign out and sign in with a password to change your account.

## What was just done: shown once, above the page.

done-signed-out = You are signed out.
done-signed-out-everywhere = All sessions have ended. Please sign in again.
done-saved = Saved.
done-password = Your password is changed, and every other session has ended.
done-address-asked = We have sent a link to the new address. Open it to confirm.

## What a form was refused for.

fault-fields = Please look at the fields below.
fault-field-required = Please fill in this field.
fault-field-range = This is too short, too long, too small or too large.
fault-field-invalid = This is not possible here.
fault-field-email = This is not an e-mail address. It looks like name@example.org.
fault-bad-credentials = This does not match any account. Please check both fields and try again.
fault-forbidden = You do not have the permission for this. An administrator of your organization can give it to you.
fault-system-role = This role is the same in every organization and cannot be changed.
fault-owner-only = Only an owner can give the role of an owner.
fault-grant-exceeds = You can only give what you hold yourself. Choose another role or fewer permissions.
fault-already-invited = There is an open invitation for this address already.
fault-already-member = This person is a member already.
fault-member-switched-off = This person is a member who is switched off. Switch the member on instead.
fault-ended = This invitation has ended. Nothing was changed.
fault-ended-redeemed = This invitation was accepted in the meantime. Nothing was changed.
fault-ended-declined = This invitation was declined. Nothing was changed.
fault-ended-revoked = This invitation was withdrawn. Nothing was changed.
fault-suspended = This invitation is on hold: its inviter may no longer give what it grants. Take it over first.
fault-not-suspended = This invitation is not on hold any more.
# $at (Text): date and time.
fault-too-many-messages = Too many messages were sent for this invitation or to its recipient. The next one is possible after { $at }.
# $at (Text): date and time.
fault-too-many-issued = The organization has issued as many invitations as it may in an hour. Please try again after { $at }.
fault-seats-full = No seat is free: members and open invitations take all of them. Withdraw an invitation, remove a member, or ask the operator of the service for more seats.
fault-invitations-full = The organization has as many open invitations as it may. Withdraw some, or wait until some are answered or expire.
# $at (Text): date and time.
fault-too-many-attempts = There were too many attempts. Please try again after { $at }.
fault-changed-meanwhile = Somebody else has changed this in the meantime. Please look at it again.
fault-key-retired = The key this link was made with is not used any more. Send the invitation again.
fault-own-session = You were signed in by an invitation. Sign in with your password to do this.
fault-last-owner = An organization needs an owner. Make somebody else an owner first.
fault-role-in-use = A member or an open invitation has this role, so it cannot be deleted.
fault-username-taken = This username is taken. Please choose another.

## Where a page is not to be had.

console-back = Go to the console
console-unknown = Please check the address. What stood here may have been deleted, or belongs to another organization.

## Signing in with a key.

fault-unknown-key = This key is not known, or not any more. Please check it and try again.

## A form that does not count, and pages that are not to be had.

console-switched-title = You have switched organizations
# $organization (Text): the organization the browser is in now.
console-switched-text = You have switched to { $organization } meanwhile, and this form was made for another organization. Nothing was changed.
# $organization (Text): the organization the form was made for.
console-switched-back = Switch back to { $organization }
console-form-stale = This page was open too long, or your browser keeps no cookies. Please send the form again.
console-busy-text = The service is busy or being worked on.
console-uncertain-text = We cannot tell whether what you sent was done: it may or may not have been. Look before you try again.
console-key-device = Whoever has this device while you are signed in can act as the key. Signing out does not end the key: if the device is lost, revoke the key.
