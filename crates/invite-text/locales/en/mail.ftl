### The words of the mails and text messages. The rules for writing stand at the top of common.ftl.
###
### Variables with the same meaning everywhere, all Text unless told otherwise:
### $inviter       name of the person (or program) that invites, sanitised by the caller
### $organization  name of the organisation, sanitised by the caller
### $role          name of the role
### $until         date and time the invitation ends
### $duration      how long a link is good, like "1 hour"
### $address       the recipient's own address
### $code          the short code, like "6KNS-4129-2BR"

## Parts that all mails share.

mail-greeting = Hello,
# $name (Text): the recipient's name, where it is known.
mail-greeting-name = Hello { $name },
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

## Text messages. They are short: one sentence says who and to what, one says what to do. Their own words need only
## characters of the GSM alphabet (3GPP TS 23.038), which has no typographic apostrophe: a single other one makes a message
## twice as long to transmit.

# $place (Text): the address of the page for codes, which begins with https://. A blank follows it: no mark becomes part of it.
sms-invitation = { $inviter } invites you to join { $organization }. Enter the code { $code } at { $place } before { $until }.
# Where nobody knows what the inviter is called.
sms-invitation-organization = { $organization } invites you to join. Enter the code { $code } at { $place } before { $until }.

## Password reset.

mail-reset-subject = Choose a new password
mail-reset-preheader = The link in this mail works once, for { $duration }.
mail-reset-heading = Choose a new password
mail-reset-body = Somebody, most likely you, asked for a new password for the account { $address }.
mail-reset-valid = The link works once and for { $duration }.
mail-reset-button = Choose a new password
mail-reset-link = Open this link to choose a new password:
mail-reset-ignore = If it was not you, ignore this mail: your password stays as it is.

## The owner's first link.

mail-owner-subject = Set up your account for { $organization }
mail-owner-preheader = Choose a password and sign in for the first time.
mail-owner-heading = Welcome to { $organization }
mail-owner-body = { $organization } has been set up, and you are its owner. Choose a password for your account { $address }, then you can sign in and invite others.
mail-owner-valid = The link works once and for { $duration }.
mail-owner-button = Choose your password
mail-owner-link = Open this link to choose your password:
mail-owner-ignore = If you did not expect this mail, you can ignore it: without the link nobody can use the account.
