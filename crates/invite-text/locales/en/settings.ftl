### The words of the console's pages of settings and dead letters. The rules for writing stand at the top of common.ftl.

## Undelivered messages.

dead-letters-title = Undelivered messages
dead-letters-text = The service gave up on these messages: they were refused for good, or tried too often. Once the cause is fixed, send them again with the same link.
dead-letters-empty = Every message has found its way.
dead-letters-to = Sent to
dead-letters-invitation = An invitation
dead-letters-hidden = A recipient you may not see
dead-letters-by-email = by e-mail
dead-letters-by-sms = by text message
dead-letters-reason = Why
dead-letters-attempts = Attempts
dead-letters-at = Given up
dead-letters-replay = Send again
dead-letters-all = Send all on this page again
dead-letters-all-text = Every message shown here is tried once more. Those whose invitation has ended stay here.
# $count (Number): how many messages.
dead-letters-all-button =
    { $count ->
        [one] Send { $count } message again
       *[other] Send { $count } messages again
    }
dead-letters-gone = This message is no longer in this list. Somebody else may have sent it again.
dead-letters-some = Some messages are queued again. The others below stay, because their invitations have ended.
dead-letters-rest = Not all messages could be queued again this time. Those still below can be sent again.
dead-letters-none = Nothing was sent again: none of these messages is in this list any more.
done-replayed = It will be tried again in a moment.

## Why a message is not sent, or not yet. A key is the reason’s name with hyphens.

reason-smtp-refused = The mail server refused it for good
reason-smtp-deferred = The mail server put it off
reason-sms-refused = The text message service refused it
reason-sms-deferred = The text message service put it off
reason-unreachable = The server could not be reached
reason-tls-failed = The server could not prove who it is, so nothing was sent
reason-address-unsupported = The mail server cannot take this kind of address
reason-template-failed = The message could not be written from its template
reason-recipient-blocked = The recipient wants no messages from this organization
reason-overtaken = A newer message took its place
reason-invitation-ended = The invitation ended before
reason-invitation-expired = The invitation expired before
reason-invitation-suspended = The invitation is on hold
reason-key-retired = The key of its link is not used any more
reason-link-ended = Its link was used, replaced or expired before
reason-not-needed = There was nothing to tell any more
reason-address-taken = The address belongs to another account
reason-unreadable = What is stored of it cannot be read
reason-attempts-exhausted = Too many attempts failed

## Settings.

settings-title = Settings
settings-read-only = You can see the settings but not change them.
settings-general = The organization
settings-name = Name of the organization
settings-name-hint = As people read it in mails and on pages. At most 200 characters.
settings-slug = Short name in addresses
settings-slug-hint = 3 to 40 characters: a–z, 0–9 and hyphen. After a change the old one keeps working for 90 days.
settings-slug-wrong = A short name has 3 to 40 characters: a–z, 0–9 and hyphen.
settings-slug-taken = Another organization has this short name, or had it within the last 90 days.
# $url (Text): an address of ours.
settings-code-page = People enter a code at { $url }.
settings-language = Language of mails
settings-language-hint = Used where neither the invitation nor the person asks for another.
settings-language-none = As the operator set it
settings-zone = Time zone
settings-zone-hint = Dates in mails and in this console are shown in it.
settings-policy = How invitations work
settings-mailbox = Only the mailed link lets somebody in
settings-mailbox-hint = A link that was copied or a code then only sends the mail with the link once more.
settings-sign-in = People who have an account must sign in to join
settings-sign-in-hint = Without this, the mailed link alone is enough.
settings-ttl-default = Days an invitation stays valid
# $duration (Text): a length of time.
settings-ttl-default-hint = Where nothing else is chosen. Empty: the operator’s { $duration }.
settings-ttl-max = Longest validity, in days
# $duration (Text): a length of time.
settings-ttl-max-hint = Nobody can make one that is valid for longer. Empty: the operator’s { $duration }, which is also the most.
# $min, $max (Text): lengths of time.
settings-ttl-range = This has to be from { $min } to { $max }.
settings-ttl-number = Please enter a number of days, like 7 or 0.5.
settings-policy-text = A change applies to invitations from now on, and to open ones as long as they are not answered.
settings-limits = Limits
settings-limits-text = Where a limit is reached, new invitations or messages are refused until there is room again. What exists already stays as it is.
# $count (Number): how many seats the organization has.
settings-seats =
    { $count ->
        [one] The organization has { $count } seat. A member or an open invitation takes it. Only the operator of the service can change that.
       *[other] The organization has { $count } seats. Every member and every open invitation takes one. Only the operator of the service can change that.
    }
settings-seats-none = Seats are not limited. Only the operator of the service can limit them.
settings-limit-live = Open invitations at the same time
settings-limit-issues = New invitations in an hour
settings-limit-messages = Messages to one recipient in a day
# $count (Number): the operator’s limit.
settings-limit-hint = Empty: the operator’s limit, which is also the highest: { $count }.
settings-limit-hint-none = Empty: no limit.
# $count (Number): the operator’s limit.
settings-limit-range = This has to be from 1 to { $count }.
settings-limit-number = Please enter a whole number.
settings-look = Appearance
settings-look-text = Colour and logo appear on the pages and in the mails of this organization.
settings-accent = Colour of buttons
settings-accent-hint = # and six hex digits, like #1a56b0. The writing on it becomes black or white by itself, whichever reads better.
settings-accent-wrong = This is not a colour. It looks like #1a56b0.
settings-accent-save = Use this colour
settings-accent-remove = Back to the usual colour
settings-accent-sample = This is how a button looks
settings-logo = Logo
settings-logo-none = There is no logo. The first letter of the name stands in its place.
settings-logo-now = The logo as it is now
settings-logo-file = Image file
# $bytes, $pixels (Number): the largest file in KiB, the longest side.
settings-logo-hint = A PNG file of at most { $bytes } KiB, at most { $pixels } pixels wide and high.
settings-logo-save = Upload the logo
settings-logo-remove = Remove the logo
settings-logo-missing = Please choose a file.
settings-logo-format = This is not a PNG image. Please choose a PNG file.
# $bytes (Number): the largest file in KiB.
settings-logo-large = This file is too large. It can have at most { $bytes } KiB.
# $pixels (Number): the longest side.
settings-logo-size = This image has too many pixels. It can be at most { $pixels } wide and high.
