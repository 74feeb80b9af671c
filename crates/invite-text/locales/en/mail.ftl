### The words of the mails and text messages. The rules for writing stand at the top of common.ftl.
###
### Variables with the same meaning everywhere, all Text unless told otherwise:
### $inviter       name of the person (or program) that invites, sanitised by the caller
### $organization  name of the organisation, sanitised by the caller
### $role          name of the role
### $until         date and time the invitation or the link ends
### $address       the recipient's own address
### $code          the short code, like "6KNS-4129-2BR"

## Parts that all mails share.

mail-greeting = Hello,
# Stands below the button, above the link in full.
mail-link-fallback = If the button does not work, open this link in your browser:
mail-link-personal = The link is meant for you alone. Please do not forward it.
mail-footer = Sent by { $organization } through an invitation service.
# Where a mail is not about one organisation.
mail-footer-plain = Sent by an invitation service.

## Invitation.

# The pattern of the subject is fixed: who, and to what.
mail-invitation-subject = { $inviter } invites you to join { $organization }
# The line that mail programs show beside the subject.
mail-invitation-preheader = You can accept or decline until { $until }.
mail-invitation-heading = Join { $organization }
mail-invitation-body = { $inviter } invites you to join { $organization }.
mail-invitation-body-role = { $inviter } invites you to join { $organization } with the role “{ $role }”.
mail-invitation-until = You can accept or decline until { $until }.
mail-invitation-button = View the invitation
# In the plain text, where there is no button. The link follows.
mail-invitation-link = Open this link to accept or decline:
# The inviter's own message follows.
mail-invitation-message-heading = { $inviter } wrote:
mail-invitation-why = You receive this mail because { $inviter } entered your address to invite you.
mail-invitation-ignore = If you did not expect it, you can ignore it: nothing happens unless you accept.
# The code follows. It is for who reads the mail on another device than the one he wants to use.
mail-invitation-code = If you cannot open the link, use this code instead:
# $path (Text): like "/code/acme". The page is not named in full: a mail has one link only, and programs make links of names.
mail-invitation-code-place = To enter it, open the address the link begins with, with “{ $path }” in place of “/i/” and all that follows.
# Where nobody knows what the inviter is called, here and below: keys that end in -unnamed.
mail-invitation-subject-unnamed = { $organization } invites you to join
mail-invitation-body-unnamed = { $organization } invites you to join.
mail-invitation-body-role-unnamed = { $organization } invites you to join with the role “{ $role }”.
mail-invitation-message-heading-unnamed = A message comes with the invitation:
mail-invitation-why-unnamed = You receive this mail because your address was entered to invite you to { $organization }.

## Text messages. They are short: one sentence says who and to what, one says what to do. Their own words need only
## characters of the GSM alphabet (3GPP TS 23.038), which has no typographic apostrophe: a single other one makes a message
## twice as long to transmit.

# $place (Text): the address of the page for codes, which begins with https://. A blank follows it: no mark becomes part of it.
sms-invitation = { $inviter } invites you to join { $organization }. Enter the code { $code } at { $place } before { $until }.
# Where nobody knows what the inviter is called.
sms-invitation-organization = { $organization } invites you to join. Enter the code { $code } at { $place } before { $until }.

## Password reset.

mail-reset-subject = Choose a new password
mail-reset-preheader = The link in this mail works once, until { $until }.
mail-reset-heading = Choose a new password
mail-reset-body = Somebody, most likely you, asked for a new password for the account { $address }.
mail-reset-valid = The link works once, until { $until }.
mail-reset-button = Choose a new password
mail-reset-link = Open this link to choose a new password:
mail-reset-ignore = If it was not you, ignore this mail: your password stays as it is.

## The owner's first link.

mail-owner-subject = Set up your account for { $organization }
mail-owner-preheader = Choose a password and sign in for the first time.
mail-owner-heading = Welcome to { $organization }
mail-owner-body = { $organization } has been set up, and you are its owner. Choose a password for your account { $address }, then you can sign in and invite others.
mail-owner-valid = The link works once, until { $until }.
mail-owner-button = Choose your password
mail-owner-link = Open this link to choose your password:
mail-owner-ignore = If you did not expect this mail, you can ignore it: without the link nobody can use the account.

## Reminder: the invitation expires soon, and nobody has answered yet. What is not here is as in the invitation.

mail-reminder-subject = Reminder: { $inviter } invites you to join { $organization }
mail-reminder-preheader = You can still accept or decline until { $until }.
mail-reminder-heading = Your invitation to { $organization } ends soon
mail-reminder-body = { $inviter } invited you to join { $organization }, and the invitation is still open.
mail-reminder-body-role = { $inviter } invited you to join { $organization } with the role “{ $role }”, and the invitation is still open.
mail-reminder-ignore = This is the only reminder. If you do not want to join, you can decline or ignore it: nothing happens unless you accept.
mail-reminder-subject-unnamed = Reminder: { $organization } invites you to join
mail-reminder-body-unnamed = { $organization } invited you to join, and the invitation is still open.
mail-reminder-body-role-unnamed = { $organization } invited you to join with the role “{ $role }”, and the invitation is still open.

## A fresh link for an invitation that was sent before. What is not here is as in the invitation.

mail-renewed-subject = New link: { $inviter } invites you to join { $organization }
mail-renewed-preheader = Please use this link: those in earlier mails may no longer work.
mail-renewed-heading = Your new link to join { $organization }
mail-renewed-body = Here is a new link for the invitation by { $inviter } to join { $organization }. Please use this one: links in earlier mails may no longer work.
mail-renewed-body-role = Here is a new link for the invitation by { $inviter } to join { $organization } with the role “{ $role }”. Please use this one: links in earlier mails may no longer work.
mail-renewed-subject-unnamed = New link: { $organization } invites you to join
mail-renewed-body-unnamed = Here is a new link for your invitation to join { $organization }. Please use this one: links in earlier mails may no longer work.
mail-renewed-body-role-unnamed = Here is a new link for your invitation to join { $organization } with the role “{ $role }”. Please use this one: links in earlier mails may no longer work.

## An account gets another address. Sent to the new one, to prove that it is its owner's.

mail-address-subject = Confirm your new e-mail address
mail-address-heading = Confirm your new e-mail address
mail-address-body = Somebody, most likely you, wants to use the address { $address } for their account. Please confirm that it is yours.
mail-address-button = Confirm the address
# In the plain text, where there is no button. The link follows.
mail-address-link = Open this link to confirm the address:
mail-address-ignore = If it was not you, ignore this mail: the account keeps the address it has.

## An account has another address. Sent to the one it had. There is no link in this mail.

mail-changed-subject = Your e-mail address was changed
# $new (Text): the new address, masked.
mail-changed-preheader = Your account now has the address { $new }.
mail-changed-heading = Your e-mail address was changed
# $new (Text): the new address, masked. $at (Text): date and time.
mail-changed-body = The e-mail address of your account { $address } was changed to { $new } on { $at }. Mails about the account now go to the new address.
mail-changed-warning = If it was not you, somebody else may be using your account: tell an administrator of your organization at once.

## Mails to people who work with invitations. The link leads to a page of the console.

# In the plain text, where there is no button. The link follows.
mail-notice-link = Open this link to see the invitation:
mail-notice-sign-in = You may have to sign in to see it.

## An invitation was accepted. Sent to the inviter.

# $member (Text): name of the new member, or the address the invitation was sent to.
mail-accepted-subject = { $member } has joined { $organization }
# $at (Text): date and time.
mail-accepted-preheader = Your invitation was accepted on { $at }.
mail-accepted-heading = { $member } has joined { $organization }
mail-accepted-body = On { $at }, { $member } accepted your invitation to join { $organization }.
mail-accepted-body-role = On { $at }, { $member } accepted your invitation to join { $organization } with the role “{ $role }”.
# Where the name of the new member is known. $recipient (Text): the address the invitation was sent to.
mail-accepted-recipient = The invitation was for { $recipient }.
mail-accepted-why = You receive this mail because you issued the invitation.
mail-accepted-ignore = There is nothing left for you to do.

## An invitation waits for a sponsor. Sent to an administrator.

# $recipient (Text): the address the invitation was sent to.
mail-suspended-subject = The invitation for { $recipient } to join { $organization } is on hold
mail-suspended-preheader = It cannot be accepted until somebody takes it over.
mail-suspended-heading = An invitation is on hold
mail-suspended-body = { $inviter } invited { $recipient } to join { $organization }, but may no longer grant what the invitation promises. It cannot be accepted until somebody with the permissions takes it over.
# Where the name of the inviter is not known.
mail-suspended-body-unnamed = { $recipient } was invited to join { $organization }, but whoever issued the invitation may no longer grant what it promises. It cannot be accepted until somebody with the permissions takes it over.
mail-suspended-valid = On its page you can take it over or withdraw it. Others may be on hold too: the list of invitations shows all of them.
mail-suspended-why = You receive this mail because you administer { $organization }.
mail-suspended-ignore = If nobody takes it over, it stays on hold until it expires.
