//! What members are told of invitations, and what an address is told that an account no longer has.

use crate::{
    email::EmailAddress,
    invitation::{NoticeKind, OutboxMessage, Reason, State, Status, lapse::may_sponsor},
    phone::PhoneNumber,
    port::{DeliveryFacts, Destination, Notification, NotificationContent, Settlement},
    time::Timestamp,
};

/// A notice, while what it tells is so and its reader is still one to be told.
pub(super) fn of_notice(
    message: &OutboxMessage,
    about: NoticeKind,
    facts: &DeliveryFacts,
    now: Timestamp,
) -> Result<Notification, Settlement> {
    let not_needed = Settlement::Cancelled(Reason::NotNeeded);
    let DeliveryFacts::Notice { organization, record, reader, redeemer } = facts else { return Err(not_needed) };
    let invitation = &record.invitation;
    let member = reader.member.as_ref().filter(|member| member.membership.active).ok_or(not_needed)?;
    // Whoever came by a code has no address and is told in the console alone.
    let to = reader.account.email.clone().ok_or(not_needed)?;
    let recipient = &invitation.recipient;
    let shown = recipient.email().map(EmailAddress::as_str).or(recipient.phone().map(PhoneNumber::as_str));
    let recipient = shown.unwrap_or_default().to_owned();
    let organization_name = organization.name.clone();
    let content = match about {
        NoticeKind::Accepted => {
            let redemption = record.redemption.as_ref().ok_or(not_needed)?;
            NotificationContent::Accepted {
                invitation_id: invitation.id,
                recipient,
                member_name: redeemer.as_ref().and_then(|redeemer| redeemer.account.name.clone()),
                organization_name,
                role_name: record.role.as_ref().map(|role| role.name.clone()),
                at: redemption.redeemed_at,
            }
        }
        NoticeKind::Suspended => {
            match record.status(now) {
                Status::Suspended if may_sponsor(member, record) => {}
                _ if invitation.state != State::Pending => {
                    return Err(Settlement::Cancelled(Reason::InvitationEnded));
                }
                Status::Expired => return Err(Settlement::Cancelled(Reason::InvitationExpired)),
                _ => return Err(not_needed),
            }
            NotificationContent::Suspended {
                invitation_id: invitation.id,
                recipient,
                inviter_name: record.inviter.person_name().map(str::to_owned),
                organization_name,
            }
        }
    };
    Ok(Notification {
        message_id: message.id,
        created_at: message.created_at,
        to: Destination::Email(to),
        locales: vec![reader.account.locale.clone(), organization.locale.clone()],
        time_zone: organization.time_zone.clone(),
        accent: organization.look.accent,
        logo: None,
        content,
    })
}

/// That an account has another address, to the one it had. The message itself holds that one, so that nothing which whoever
/// has the account now can do keeps it back.
pub(super) fn of_changed_address(message: &OutboxMessage, facts: &DeliveryFacts) -> Result<Notification, Settlement> {
    let unreadable = Settlement::Failed(Reason::Unreadable);
    let DeliveryFacts::Account { account, organization, .. } = facts else { return Err(unreadable) };
    let to = message.address.clone().ok_or(unreadable)?;
    let at = message.created_at;
    let new_masked = account.email.as_ref().map(EmailAddress::masked).unwrap_or_default();
    let organization = organization.as_deref();
    Ok(Notification {
        message_id: message.id,
        created_at: message.created_at,
        to: Destination::Email(to),
        locales: vec![account.locale.clone(), organization.and_then(|found| found.locale.clone())],
        time_zone: organization.map_or_else(|| "UTC".to_owned(), |found| found.time_zone.clone()),
        accent: organization.and_then(|found| found.look.accent),
        logo: None,
        content: NotificationContent::AddressChanged { new_masked, at },
    })
}
