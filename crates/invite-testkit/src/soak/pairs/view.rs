//! What there is after a pair, in words that two stores and two orders can be compared by.

use super::stage::Stage;
use crate::soak::{Violation, house::broken};
use invite_domain::{
    invitation::Event,
    port::{InvitationRecord, MemberRecord, OrganizationRef},
    time::Timestamp,
};
use uuid::Uuid;

/// How long a UUID's text is.
const UUID_LENGTH: usize = 36;

/// A text with ids replaced: known ones by their names, others by a sign.
pub(super) fn mask(text: &str, names: &[(Uuid, &str)]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let id = rest.get(..UUID_LENGTH).filter(|_| first.is_ascii_hexdigit()).and_then(|id| Uuid::try_parse(id).ok());
        if let Some(id) = id {
            let name = names.iter().find(|(known, _)| *known == id).map_or("another", |(_, name)| name);
            masked.push_str(name);
            rest = &rest[UUID_LENGTH..];
        } else {
            masked.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    masked
}

/// Everything there is, each row a line, in an order that does not depend on ids.
pub(super) async fn state(stage: &Stage) -> Result<Vec<String>, Violation> {
    let house = &stage.house;
    let now = house.scene.now();
    let mut lines = Vec::new();
    let id = house.id();
    let found = house.store().find_organization(&OrganizationRef::Id(id)).await.map_err(broken)?;
    if let Some(organization) = &found {
        lines.push(format!(
            "organisation: epoch {}, version {}, proof {}",
            organization.authority_epoch, organization.version, organization.policy.require_mailbox_proof
        ));
        // Nobody asks a deleted organisation for its rows: what they say then is not promised.
        lines.extend(house.invitations().await?.iter().map(|record| invitation(record, now)));
        lines.extend(house.members().await?.iter().map(member));
        lines.extend(house.events().await?.iter().map(event));
    } else {
        lines.push("organisation: deleted".to_owned());
    }
    let mut lines: Vec<_> = lines.iter().map(|line| mask(line, &stage.names)).collect();
    lines.sort_unstable();
    Ok(lines)
}

fn invitation(record: &InvitationRecord, now: Timestamp) -> String {
    let it = &record.invitation;
    let redeemed = record.redemption.as_ref().map(|redemption| redemption.generation);
    let mut deliveries = record.deliveries.clone();
    deliveries.sort_by_key(|delivery| delivery.channel);
    format!(
        "invitation {}: {} {:?}, generation {}, version {}, uses {}, grants {:?} {:?} by {:?}, until {}, live {}, code \
         {}, nonce {}, says {:?}, noted {} {}, redeemed {redeemed:?}, deliveries {deliveries:?}",
        it.id,
        record.status(now).name(),
        it.state,
        it.generation,
        it.version,
        it.uses,
        it.grant.role_id,
        it.grant.permissions,
        it.inviter,
        it.expires_at,
        it.live_key.is_some(),
        it.code_index.is_some(),
        it.nonce.is_some(),
        it.message,
        it.expiry_noted,
        it.suspension_noted,
    )
}

fn member(record: &MemberRecord) -> String {
    let it = &record.member.membership;
    format!(
        "member {:?}: {:?} {:?}, active {}, version {}, account {:?} verified {} version {}",
        record.account.email_key(),
        it.role_id,
        it.permissions,
        it.active,
        it.version,
        record.account.name,
        record.account.email_verified,
        record.account.version,
    )
}

fn event(event: &Event) -> String {
    format!(
        "event {}: of {:?} and {:?}, sequence {}, by {:?}: {:?}",
        event.kind.name(),
        event.invitation_id,
        event.membership_id,
        event.sequence,
        event.actor,
        event.data
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_masked_by_their_names_and_everything_else_stays() {
        let (known, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let masked = mask(&format!("ä{known}, {other} {}", &other.to_string()[..30]), &[(known, "ana")]);
        assert_eq!(masked, "äana, another 00000000-0000-0000-0000-000000");
    }
}
