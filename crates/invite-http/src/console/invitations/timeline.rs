//! What happened to an invitation, the latest first, in words.

use super::shown::{self, Instant};
use crate::console::entry::Desk;
use chrono::{DateTime, Utc};
use invite_domain::{
    access::{ActorFacts, ActorKind, permission},
    id::{InvitationId, MembershipId},
    invitation::{Event, EventKind, Fact, Reason, Rejection},
    page::PageRequest,
    port::{InvitationRecord, Principal},
    service::ServiceError,
};
use invite_text::Arg;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The most pages of the history that are read: it is kept from its beginning.
const PAGES: usize = 5;
/// The most entries that are shown.
const ENTRIES: usize = 100;
/// The most people whose names are looked up.
const PEOPLE: usize = 8;

/// One thing that happened.
pub(super) struct Entry {
    pub(super) what: String,
    /// Further sentences.
    pub(super) details: Vec<String>,
    /// Who did it; `None` where the service itself did.
    pub(super) who: Option<String>,
    pub(super) at: Instant,
}

/// The history, and what is said of earlier entries that are left out.
pub(super) struct Timeline {
    pub(super) entries: Vec<Entry>,
    pub(super) earlier: Option<String>,
}

/// Reads the history of an invitation.
pub(super) async fn read(desk: &Desk, record: &InvitationRecord) -> Result<Timeline, ServiceError> {
    let mut events = history(desk, record.invitation.id).await?;
    // What happened in one instant follows the invitation's versions.
    events.sort_by_key(|event| std::cmp::Reverse((event.recorded_at, event.sequence)));
    let earlier = events.len().saturating_sub(ENTRIES);
    let earlier = (earlier > 0).then(|| shown::count(desk, "invitation-history-earlier", earlier));
    events.truncate(ENTRIES);
    let names = names(desk, record, &events).await?;
    Ok(Timeline { entries: events.iter().map(|event| entry(desk, event, &names)).collect(), earlier })
}

async fn history(desk: &Desk, id: InvitationId) -> Result<Vec<Event>, ServiceError> {
    let mut events = Vec::new();
    let mut request = PageRequest::first(PageRequest::MAX_LIMIT);
    for _ in 0..PAGES {
        let page = desk.visit.api.invitations.history(&desk.caller, id, &request).await?;
        events.extend(page.items);
        match page.next {
            Some(next) => request.after = Some(next),
            None => break,
        }
    }
    Ok(events)
}

/// What those are called who did something, as far as the reader may know.
async fn names(
    desk: &Desk,
    record: &InvitationRecord,
    events: &[Event],
) -> Result<BTreeMap<Uuid, String>, ServiceError> {
    let inviter = &record.invitation.inviter;
    let mut names = BTreeMap::new();
    if shown::is_own(desk, &record.inviter) || record.inviter.name().is_some() {
        names.insert(inviter.id, shown::inviter(desk, record));
    }
    if let Principal::ApiKey(key) = desk.caller.principal {
        names.entry(key.as_uuid()).or_insert_with(|| desk.text().get("invitation-inviter-you"));
    }
    if !desk.may(permission::MEMBERS_READ) {
        return Ok(names);
    }
    let mut looked_up = 0;
    for event in events {
        let Some(id) = event.actor.id.filter(|_| event.actor.kind == ActorKind::Member) else { continue };
        if names.contains_key(&id) || looked_up == PEOPLE {
            continue;
        }
        looked_up += 1;
        let said = match desk.visit.api.directory.member(&desk.caller, MembershipId::from_uuid(id)).await {
            Ok(view) => {
                let (member, account) = (&view.record.member, &view.record.account);
                let address = || account.email.as_ref().map(|email| email.as_str().to_owned());
                if shown::is_own(desk, &ActorFacts::Member(member.clone())) {
                    Some(desk.text().get("invitation-inviter-you"))
                } else {
                    account.display_name().map(str::to_owned).or_else(address)
                }
            }
            Err(ServiceError::Rejected(Rejection::NotFound)) => Some(desk.text().get("actor-member-gone")),
            Err(ServiceError::Rejected(_)) => None,
            Err(failed) => return Err(failed),
        };
        names.extend(said.map(|name| (id, name)));
    }
    Ok(names)
}

fn entry(desk: &Desk, event: &Event, names: &BTreeMap<Uuid, String>) -> Entry {
    let name = event.actor.id.and_then(|id| names.get(&id)).cloned();
    let text = desk.text();
    let who = match event.actor.kind {
        ActorKind::System => None,
        ActorKind::Member => Some(name.unwrap_or_else(|| text.get("actor-member"))),
        ActorKind::ApiKey => Some(name.unwrap_or_else(|| text.get("actor-api-key"))),
        ActorKind::Operator => Some(text.get("actor-operator")),
        ActorKind::Invitee => Some(text.get("actor-invitee")),
    };
    Entry {
        what: text.get(&shown::key("event", event.kind.name())),
        details: details(desk, event),
        who,
        at: shown::instant(desk, event.recorded_at),
    }
}

/// What an event says beyond its kind, in sentences.
fn details(desk: &Desk, event: &Event) -> Vec<String> {
    let text = desk.text();
    let mut said = Vec::new();
    let flag = |name: &str| event.data.get(name) == Some(&Fact::Flag(true));
    let word = |name: &str| match event.data.get(name) {
        Some(Fact::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    if flag("link_shown") {
        said.push(text.get("event-detail-link-shown"));
    }
    if flag("by_invitee") {
        said.push(text.get("event-detail-by-invitee"));
    }
    if flag("blocked") {
        said.push(text.get("event-detail-blocked"));
    }
    if flag("reminder") {
        said.push(text.get("event-detail-reminder"));
    }
    if event.kind == EventKind::InvitationAmended {
        let regranted = event.data.contains_key("generation");
        said.push(text.get(if regranted { "event-detail-regranted" } else { "event-detail-same-link" }));
    }
    if event.kind == EventKind::InvitationExtended
        && let Some(at) = word("expires_at").and_then(|text| DateTime::parse_from_rfc3339(text).ok())
    {
        let until = desk.date_time(at.with_timezone(&Utc));
        said.push(desk.say("event-detail-until", &[("until", Arg::Text(&until))]));
    }
    if let Some(reason) = word("reason") {
        match Reason::from_name(reason) {
            Some(reason) => said.push(shown::reason(desk, reason)),
            None => said.extend(own_reason(desk, reason)),
        }
    }
    said
}

/// The reasons for which the service itself withdraws an invitation.
const OWN_REASONS: [&str; 5] = ["replaced", "subject_deleted", "address_changed", "erased", "invalidated"];

/// What is said of them.
pub(super) fn own_reason(desk: &Desk, reason: &str) -> Option<String> {
    let known = OWN_REASONS.contains(&reason);
    known.then(|| desk.text().get(&shown::key("revoke-reason", reason)))
}

#[cfg(test)]
mod tests {
    use super::shown::key;
    use invite_domain::invitation::{Channel, DeliveryState, EventKind, Reason, Status};
    use invite_text::{Language, Text};

    #[test]
    fn everything_that_can_be_said_of_an_invitation_has_words() {
        let events = EventKind::ALL.iter().map(|kind| key("event", kind.name()));
        let reasons = Reason::ALL.iter().map(|reason| key("delivery-reason", reason.name()));
        let own = super::OWN_REASONS.map(|reason| key("revoke-reason", reason));
        let states = Status::ALL.map(|status| key("invitation-status", status.name()));
        let deliveries = DeliveryState::ALL.map(|state| key("delivery-state", state.name()));
        let channels = Channel::ALL.map(|channel| key("delivery-channel", channel.name()));
        let text = Text::new(Language::En);
        for key in events.chain(reasons).chain(own).chain(states).chain(deliveries).chain(channels) {
            assert_ne!(text.get(&key), key);
        }
    }
}
