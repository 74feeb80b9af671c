### The words of the pages. The rules for writing stand at the top of common.ftl.
###
### Variables with the same meaning everywhere, all Text unless told otherwise:
### $inviter       name of the person (or program) that invites
### $organization  name of the organisation
### $role          name of the role
### $until         date and time the invitation ends
### $ended         date and time it ended
### $address       the invited address, masked
### $duration      how long to wait, like "15 minutes"

## Layout.

layout-skip = Skip to the content
layout-language-label = Language
layout-language-button = Change
# $title (Text): the heading of the page.
layout-title = { $title } · { $organization }
# Where a form was filled in wrongly. $title (Text): as above, with the organisation.
layout-title-error = Error: { $title }
layout-footer = { $organization } invites people through this service.
layout-footer-plain = This is an invitation service.

## Accept page: the offer.

accept-title = Join { $organization }
# Labels of the list that says who invites, as what, whom and until when.
accept-fact-inviter = Invited by
accept-fact-role = Your role
accept-fact-recipient = For
accept-fact-until = Open until
# The inviter's own message follows.
accept-message-heading = { $inviter } wrote:

## Accept page: a new person.

accept-new-heading = Create your account
accept-new-intro = You will sign in with { $address } and the password you choose here.
# Below the form, where the page does not know which of the two it is.
accept-have-account = I already have an account
accept-no-account = I have no account yet

## Accept page: a person who has an account, with a mailed link or signed in.

accept-existing-heading = You already have an account
accept-existing-text = You already have an account with this address. Your password stays as it is, and so does everything else you belong to.
accept-signed-in = You are signed in as { $address }.

## Accept page: a link that was not mailed, and the address has an account.

sign-in-heading = Sign in to join
sign-in-text = This link was not sent by mail. So that nobody else can use your account, please enter the password of { $address }.
# The same for who came by a code.
sign-in-text-code = So that nobody else can use your account, please enter the password of { $address }.
# The label of the field, where people may have no address.
sign-in-login = E-mail address, phone number or username
# A mailed link, and the organisation's rule.
sign-in-policy-text = You already have an account with this address, and { $organization } asks everybody who has one to sign in first.
sign-in-forgotten = Forgotten your password?

## Accept page: a link that was not mailed, and the organisation wants to see that the mailbox is yours.

proof-heading = Confirm your address
proof-text = { $organization } asks everybody to confirm the e-mail address first. We have sent a mail to { $address }; open the link in it to join.

## Accept page: signed in as another person.

switch-heading = You are signed in as somebody else
# $current (Text): the address of the account in use, masked.
switch-text = You are signed in as { $current }, but the invitation is for { $address }. Sign out to use it with the right account.
# The invitation is for a person without an address or phone number.
switch-text-nameless = You are signed in as { $current }, but the invitation is for somebody else. Sign out to use it with the right account.

## Accept page: already a member.

already-member-title = You already belong to { $organization }
already-member-text = There is nothing left to do: you are a member already, and nothing was changed.

## Accept page: saying no.

decline-heading = Not for you?
decline-text = If you decline, this invitation ends, and { $organization } can see that you said no.
decline-block = Send me no more invitations to { $organization }

## After joining.

success-title = Welcome to { $organization }
success-text = You have joined { $organization }.
success-text-role = You have joined { $organization } with the role “{ $role }”.
success-next-heading = What comes next
success-next-new = From now on, sign in with { $address } and the password you have just chosen.
success-next-existing = Sign in with your account as before; { $organization } is now part of it.
success-next-no-password = You have not chosen a password yet. Ask for a password reset when you want to sign in.
success-choose-password = Choose a password
success-next-close = You can close this page.

## After an invitation was used by somebody who is known already: it signs in and changes nothing else.

signed-in-again = You are signed in at { $organization }.

## Page for entering a code.

code-title = Enter your code
code-intro = { $organization } sent you a code. With it you can accept the invitation.
code-label = Code
code-help = Eleven letters and digits, like ABCD-1234-EFG. Capital letters, spaces and hyphens do not matter.
code-button = Continue
code-missing = Please enter the code.
# The check character shows it: nothing was looked up and no attempt was counted.
code-mistyped = There is a typing error in this code. Please compare it with your message.
# Wrong, used, expired or withdrawn: the same words, so that they tell nobody anything.
code-unknown = This code is not valid, or not any more. Please use the one in your latest message, or ask the person who invited you.
code-ended-title = This code no longer works
code-too-many-title = Too many attempts
# $until (Text): date and time.
code-too-many = Too many codes were tried from here. Codes can be entered again after { $until }. A link you were sent goes on working.
# Above the form of a new person who came by a code: the code names no address to sign in with.
code-password = Say what you want to be called. A password is optional: leave both fields empty if you need none.

## After declining.

declined-title = You have declined
declined-text = { $organization } can see your answer. You will get no more mail about this invitation.
declined-text-blocked = { $organization } can see your answer. It will send no more invitations to this address.

## Dead links: what happened, and what to do now. Titles stand alone, text and advice follow each other.

dead-expired-title = This invitation has expired
dead-expired-text = The invitation to join { $organization } ended on { $ended }.
dead-expired-advice = If you still want to accept, ask for a new link. It is sent to the address that was invited.

# $sent (Text): date and time of the newer message.
dead-superseded-title = There is a newer link
dead-superseded-text = { $organization } sent you a newer message on { $sent }. Only the link in that one works.
dead-superseded-advice = Please look for it in your mailbox. If you cannot find it, ask for a new link. It is sent to the address that was invited.

dead-revoked-title = This invitation was withdrawn
dead-revoked-text = { $organization } withdrew the invitation on { $ended }.
dead-revoked-advice = If you think that is a mistake, please ask the person who invited you.

dead-redeemed-title = This invitation has been used
dead-redeemed-text = The invitation to join { $organization } was accepted on { $ended }. It works only once.
dead-redeemed-advice = If that was you, simply sign in. If it was not, please tell the person who invited you.

dead-exhausted-title = This invitation is used up
dead-exhausted-text = The invitation to join { $organization } was for a certain number of people, and that number is reached.
dead-exhausted-advice = If you still want to join, please ask the person who invited you for a new one.

dead-declined-title = This invitation was declined
dead-declined-text = The invitation to join { $organization } was declined on { $ended }.
dead-declined-advice = If you have changed your mind, please ask the person who invited you for a new one.

dead-suspended-title = This invitation is on hold
dead-suspended-text = The person who invited you can no longer give this access to { $organization }.
dead-suspended-advice = Somebody else at { $organization } can release it. Please ask there and then open the link again.

inactive-title = Your access is switched off
inactive-text = You belong to this organization already, but an administrator has switched your access off. So the invitation cannot be accepted now.
inactive-advice = Please ask an administrator there to switch it on again, and then open the link once more.

# For every link that is not genuine: it says nothing about what exists.
dead-unknown-title = We do not know this link
dead-unknown-text = It may be incomplete: mail programs sometimes break a long link in two.
dead-unknown-advice = Please open the link from your mail again, or copy all of it into the address bar.

# Nothing tells the page which invitation it is about, or the short-lived cookie has ended.
dead-no-cookie-title = Please open the link from your mail again
dead-no-cookie-text = This page does not know which link you opened. That happens when it was left open for a while, or when the browser does not accept cookies.
dead-no-cookie-advice = Open the link in your mail once more. If you see this page again, allow cookies for this site.

## After asking for a new link: the same words in every case, so that they tell nobody anything.

new-link-title = Your request has arrived
new-link-text = If a new link is possible for this invitation, it is on its way to the address that was invited.
new-link-advice = It can take a few minutes. Please look in the spam folder, too.

## Errors in a form.

# $count (Number): how many fields have to be corrected.
error-summary =
    { $count ->
        [one] Please correct the field below.
       *[other] Please correct the { $count } fields below.
    }
error-name-missing = Please enter your name.
# $max (Number): characters.
error-name-long = This name is too long. At most { $max } characters are possible.
error-password-missing = Please enter a password.
# $min (Number): characters.
error-password-short = This password is too short. It needs at least { $min } characters.
# $max (Number): characters.
error-password-long = This password is too long. At most { $max } characters are possible.
error-password-common = This password is one of the most common ones and easy to guess. Please choose another.
error-password-differs = The two passwords are not the same. Please enter them again.
error-password-wrong = This password is not right. Please try again.
error-too-many-attempts = There were too many attempts. Please try again in { $duration }.

## Below a password, while it is typed. Said only where a script runs.

# $min (Number): characters.
live-length-short = At least { $min } characters are needed.
# $max (Number): characters.
live-length-long = That is too long: at most { $max } characters.
live-length-good = Long enough
live-repeat-same = Both are the same
live-repeat-differs = Not the same yet

## A form that was open too long or came from elsewhere.

form-expired-title = This page was open too long
form-expired-text = For your safety a form can be sent only for a short time. Nothing was changed.
form-expired-advice = Please open the link from your mail again.
# In its place, where the page has an address that can be opened again.
form-expired-again = Open the page again

## When something goes wrong.

problem-title = Something went wrong
problem-text = This is our fault, not yours. Please try again in a moment.
# $id (Text): the number of the request, as it stands in the log.
problem-reference = If it happens again, please report this number: { $id }
problem-refused-title = That did not work
problem-refused-text = The request could not be used as it came, and nothing was changed. Please go back and try again.
problem-not-found-title = There is no such page
problem-not-found-text = Please check the address, or open the link from your mail again.
unavailable-title = Please try again in a moment
unavailable-text = The service is busy or being worked on. Nothing was changed, and your invitation stays as it is.

## Account page: the owner's first link and the password reset.

account-owner-title = Choose your password
account-owner-text = Choose the password with which you will sign in as { $address }.
account-reset-title = Choose a new password
account-reset-text = Choose a new password for { $address }. The old one stops working.
account-success-title = Your password is set
account-success-text = From now on, sign in with { $address } and your new password.
account-used-title = This link has been used
account-used-text = A password was already set with it, and it works only once.
account-used-advice = Sign in with that password. If it was not you who set it, ask for a password reset at once.
account-expired-title = This link has expired
account-expired-text = It works only for a short time, so that nobody finds it later.
account-expired-advice = Please ask for a new one where you asked for this one.
account-unknown-title = We do not know this link
account-unknown-text = It may be incomplete, or a newer one has taken its place.
account-unknown-advice = Please open the link from your latest mail, or copy all of it into the address bar.
account-address-title = Confirm your new address
account-address-text = You will sign in as { $address } from then on, no longer as { $old }.
account-address-first-text = You will be able to sign in as { $address } from then on.
account-address-warning = Confirm only if you asked for this yourself: whoever asked signs in with this address and their own password afterwards.
account-address-password = So that nobody else can change your address, please enter the password of your account. It stays the same.
account-address-success-title = Your new address is confirmed
account-address-success-text = From now on, sign in with { $address }. Your password stays the same.
account-address-used-title = This link is no longer good
account-address-used-text = It was used already, or another one has taken its place.
account-address-used-advice = If your address has not changed yet, please ask for the change again.
button-confirm-address = Confirm the address
