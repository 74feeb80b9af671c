### The words of the console's pages of invitations. The rules for writing stand at the top of common.ftl.

## The list of invitations.

invitations-title = Invitations
invitations-new-link = Invite people
invitations-none = Nobody has been invited yet.
invitations-none-text = Enter one address or paste a whole list: everybody gets a personal link by mail.
invitations-first-link = Issue the first invitation
invitations-by-status = Invitations by status
invitations-all = All
invitations-search = Search
invitations-any-role = Any role
invitations-any-delivery = Any delivery
invitations-sort = Sort by
invitations-sort-created-at-last = Newest first
invitations-sort-created-at-first = Oldest first
invitations-sort-expires-at-first = Ending soonest
invitations-sort-expires-at-last = Ending latest
invitations-sort-email-first = Address, A to Z
invitations-sort-email-last = Address, Z to A
invitations-filter-button = Filter
invitations-filter-none = Show all
invitations-column-recipient = Recipient
invitations-column-status = Status
invitations-column-role = Role
invitations-column-inviter = Invited by
invitations-column-issued = Issued
invitations-column-expires = Expires
invitations-column-delivery = Delivery
invitations-ended = It has ended.
# $count (Number): how many match.
invitations-total =
    { $count ->
        [one] { $count } invitation
       *[other] { $count } invitations
    }

## How an invitation stands.

invitation-status-pending = Open
invitation-status-redeemed = Accepted
invitation-status-declined = Declined
invitation-status-revoked = Withdrawn
invitation-status-expired = Expired
invitation-status-exhausted = Used up
invitation-status-suspended = On hold

## What became of a message.

delivery-state-queued = Waiting
delivery-state-sent = Sent
delivery-state-failed = Failed
delivery-state-cancelled = Not sent
delivery-channel-email = By e-mail
delivery-channel-sms = By text message
delivery-none = Nothing was sent
# $count (Number): how often delivery was tried.
delivery-attempts =
    { $count ->
        [one] { $count } attempt
       *[other] { $count } attempts
    }
# A relative time follows.
delivery-next = next attempt
delivery-reason-smtp-refused = The mail server refused this address.
delivery-reason-smtp-deferred = The mail server asked to try again later.
delivery-reason-sms-refused = The text message was refused.
delivery-reason-sms-deferred = The text message has to be tried again later.
delivery-reason-unreachable = The server could not be reached.
delivery-reason-tls-failed = The connection was not safe, so nothing was sent.
delivery-reason-address-unsupported = The mail server cannot write to such an address.
delivery-reason-template-failed = The message could not be written from its template.
delivery-reason-recipient-blocked = The recipient wants no mail from your organization.
delivery-reason-overtaken = A newer message took its place.
delivery-reason-invitation-ended = The invitation ended before the message left.
delivery-reason-invitation-expired = The invitation expired before the message left.
delivery-reason-invitation-suspended = The invitation is on hold.
delivery-reason-key-retired = The key for the link is not used any more. Send the invitation again.
delivery-reason-link-ended = The link ended before the message left.
delivery-reason-not-needed = There was nothing left to tell.
delivery-reason-address-taken = The address belongs to another account.
delivery-reason-unreadable = What is stored of the message cannot be read.
delivery-reason-attempts-exhausted = Too many attempts failed.

## How far an instant is from now.

relative-now = just now
# $count (Number).
relative-in-minutes =
    { $count ->
        [one] in { $count } minute
       *[other] in { $count } minutes
    }
# $count (Number).
relative-in-hours =
    { $count ->
        [one] in { $count } hour
       *[other] in { $count } hours
    }
# $count (Number).
relative-in-days =
    { $count ->
        [one] in { $count } day
       *[other] in { $count } days
    }
# $count (Number).
relative-ago-minutes =
    { $count ->
        [one] { $count } minute ago
       *[other] { $count } minutes ago
    }
# $count (Number).
relative-ago-hours =
    { $count ->
        [one] { $count } hour ago
       *[other] { $count } hours ago
    }
# $count (Number).
relative-ago-days =
    { $count ->
        [one] { $count } day ago
       *[other] { $count } days ago
    }

## Issuing.

invitations-new-title = Invite people to your organization
invitations-addresses = E-mail addresses
invitations-addresses-hint = One or up to a hundred, as you have them: separated by commas, semicolons, spaces or line breaks, with or without names.
# $count (Number): how many.
invitations-addresses-wrong =
    { $count ->
        [one] { $count } entry is not an e-mail address. Nothing was sent.
       *[other] { $count } entries are not e-mail addresses. Nothing was sent.
    }
# $count (Number): the most.
invitations-addresses-many = There are more than { $count } addresses. Please invite them in several steps.
# $count (Number): the number of a line. What stands there follows.
invitations-line = Line { $count }:
invitations-new-button = Send the invitations
invitations-preview-button = Preview the mail
invitation-role = Role in the organization
invitation-role-hint = You can choose among the roles that allow no more than you may do yourself.
invitation-role-none = No role
invitation-role-gone = A role that was deleted
invitation-permissions-more = Further permissions
invitation-permissions-hint = They are given in addition to the role and stay when the role changes.
invitation-days = Days until it expires
# $usual, $most (Text): durations.
invitation-days-hint = Left empty: { $usual }. The longest possible: { $most }.
# $count (Number): the most days.
invitation-days-wrong = Enter a whole number from 1 to { $count }.
# $usual, $most (Text): durations.
invitation-again-hint = Counted from now. Left empty: { $usual }, or as long as before if that is longer. The longest possible: { $most }.
# $usual, $most (Text): durations.
invitation-keep-hint = Counted from now. Left empty, the end stays as it is. Usual: { $usual }. The longest possible: { $most }.
invitation-locale = Language of the mail
invitation-locale-hint = Whoever is invited can choose another one on the page.
invitation-locale-usual = As usual in the organization
invitation-message = Personal message
invitation-message-hint = It stands in the mail in your name, as plain text. Links in it cannot be opened.
preview-title = The mail as it will look
preview-text = Nothing has been sent. The link and the code are left out here.
preview-to = To
preview-subject = Subject
preview-html = The mail with its layout
preview-too-long = The message is too long to show the mail with its layout here. Below is its text.
preview-plain = The same as plain text

## What became of several invitations that were issued together.

invitations-outcome-title = What became of them
outcome-column = Result
outcome-issued = Invited
outcome-issued-text = The mail is on its way.
outcome-invited = Invited already
outcome-invited-text = There is an open invitation; nothing was sent. You can send it again on its page.
outcome-member = Member already
outcome-member-text = This person belongs to the organization; nothing was sent.
outcome-blocked = No mail wanted
outcome-blocked-text = The invitation is stored, but this recipient wants no mail from your organization. You can pass on its link yourself.
outcome-refused = Not invited
outcome-refused-text = Nothing was sent.
# $count (Number).
outcome-left =
    { $count ->
        [one] Something failed on our side: { $count } address was not tried yet.
       *[other] Something failed on our side: { $count } addresses were not tried yet.
    }
outcome-left-time =
    { $count ->
        [one] Time ran out: { $count } address was not tried yet.
       *[other] Time ran out: { $count } addresses were not tried yet.
    }
outcome-left-button = Try these now
invitations-all-link = All invitations
invitations-more-link = Invite more people

## One invitation.

# $id (Text): the id of a record that has neither an address nor a number.
invitation-record = Record { $id }
invitation-inviter-you = You
actor-member = A member
actor-member-gone = A former member
actor-api-key = An API key
actor-operator = The operator of the service
actor-invitee = The invited person
invitation-about = About this invitation
invitation-expires = Valid until
invitation-uses = Times used
# $uses, $most (Number).
invitation-uses-value = { $uses } of { $most }
invitation-reason = Reason
invitation-deliveries = Messages
invitation-unsent = No message was asked for: the link is passed on by hand.
invitation-suspended-text = Its inviter may no longer give what it grants. It cannot be accepted until somebody takes it over.
invitation-suspended-role-gone = The role it grants was deleted. Choose another one to send it again, or withdraw it.
invitation-expired-text = Send it again or extend it, and it can be accepted.
invitation-actions = What you can do
invitation-beyond = This invitation grants more than you hold yourself. Some actions are therefore not yours to take.
invitation-history = History
# $count (Number).
invitation-history-earlier =
    { $count ->
        [one] { $count } earlier entry is not shown.
       *[other] { $count } earlier entries are not shown.
    }
invitation-elsewhere-title = Another organization’s invitation
# $organization (Text).
invitation-elsewhere-text = This invitation belongs to { $organization }, of which you are a member, too.
# $organization (Text).
invitation-elsewhere-button = Open it in { $organization }

## What is done with an invitation.

sponsor-title = Take it over
sponsor-text = You will be the inviter. A new link is sent, and the old one stops working.
sponsor-button = Take over and send
resend-title = Send again
resend-text = A new link is sent, and the old one stops working.
resend-button = Send a new link
extend-title = Extend
extend-text = The link stays the same, and no message is sent.
extend-hint = Counted from now. The new end must be later than the present one.
extend-button = Extend the invitation
reveal-summary = Show link and code
reveal-warning = Whoever has the link can use the invitation. That you have seen it is noted in the history.
reveal-button = Show the link
reveal-title = Link and code
reveal-text = Pass them on to nobody but the invited person. They are shown this once; you can ask for them again.
reveal-only-sends = Your organization wants the mailed link: this one only has it sent to the address.
reveal-link = Link
reveal-code = Code
# An address follows.
reveal-code-place = It is entered here:
reveal-qr = The link as a QR code
reveal-copy-link = Copy the link
reveal-copy-code = Copy the code
reveal-copied = Copied.
reveal-hide = Hide them
invitation-edit-link = Change what it says or grants
invitation-edit-title = Change an invitation
invitation-edit-note = If you change role or permissions, a new link is sent and the old one stops working. Other changes send nothing.
invitation-edit-note-unsent = If you change role or permissions, there is a new link to pass on and the old one stops working.
revoke-title = Withdraw
revoke-text = The link stops working at once. This cannot be undone, but you can invite the person anew.
revoke-reason = Reason, if you like
revoke-reason-hint = For those in your organization who look at this later. The invited person does not see it.
revoke-button = Withdraw the invitation
revoke-reason-replaced = A new invitation took its place.
revoke-reason-subject-deleted = The record it was for was deleted.
revoke-reason-erased = The person it was for was erased.
revoke-reason-invalidated = The operator made its link invalid.
revoke-reason-address-changed = The record it was for has another address now.

## What happened.

event-invitation-issued = Issued
event-invitation-resent = Sent again
event-invitation-extended = Extended
event-invitation-amended = Changed
event-invitation-revealed = Link shown
event-invitation-sponsored = Taken over
event-invitation-redeemed = Accepted
event-invitation-declined = Declined
event-invitation-revoked = Withdrawn
event-invitation-expired = Expired
event-invitation-suspended = Put on hold
event-invitation-reminded = Reminder sent
event-invitation-delivery-failed = Delivery failed
event-invitation-delivery-replayed = Queued again
event-membership-created = Joined as a member
event-membership-changed = Member’s permissions changed
event-membership-removed = Member removed
event-role-created = Role created
event-role-changed = Role changed
event-role-deleted = Role deleted
event-api-key-created = API key created
event-api-key-rotated = API key renewed
event-api-key-revoked = API key revoked
event-subject-created = Record created
event-subject-changed = Record changed
event-subject-deleted = Record deleted
event-account-erased = Person erased
event-organization-changed = Settings changed
event-organization-deleted = Organization deleted
event-organization-restored = Organization restored
event-detail-link-shown = The link was shown at once.
event-detail-by-invitee = The invited person asked for a new link.
event-detail-blocked = The invited person wants no further mail from your organization.
event-detail-reminder = It was the reminder.
event-detail-regranted = Role or permissions were changed; a new link was made.
event-detail-same-link = The link stayed the same.
# $until (Text): date and time.
event-detail-until = Valid until { $until }.

## What was just done.

done-invitation-issued = The invitation is issued, and the mail is on its way.
done-invitation-resent = A new link is on its way. The old one no longer works.
done-invitation-extended = The invitation is extended.
done-invitation-amended = The invitation is changed. Nothing was sent.
done-invitation-amended-sent = The invitation is changed and has a new link. The old one no longer works.
done-invitation-revoked = The invitation is withdrawn.
done-invitation-sponsored = You have taken the invitation over, and a new link is on its way.
