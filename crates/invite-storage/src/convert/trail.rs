//! Events and the answers to requests that bear a key.

use super::Place;
use crate::entity;
use invite_domain::{
    access::{Actor, ActorKind},
    id::{EventId, InvitationId, MembershipId, OrganizationId},
    invitation::{Event, EventData, EventKind, Fact, IdempotencyRecord},
    port::PortError,
};
use serde_json::Value;

pub(crate) fn event(row: entity::event::Model) -> Result<Event, PortError> {
    let place = Place { table: "invite_events", id: &row.id };
    Ok(Event {
        id: EventId::from_uuid(row.id),
        organization_id: OrganizationId::from_uuid(row.organization_id),
        kind: place.known("kind", EventKind::from_name(&row.kind))?,
        invitation_id: row.invitation_id.map(InvitationId::from_uuid),
        membership_id: row.membership_id.map(MembershipId::from_uuid),
        sequence: row.sequence,
        actor: Actor { kind: place.known("actor_kind", ActorKind::from_name(&row.actor_kind))?, id: row.actor_id },
        recorded_at: row.recorded_at,
        data: place.known("data", event_data(&row.data))?,
        request_id: row.request_id,
        address: row.address.and_then(|address| address.parse().ok()),
    })
}

pub(crate) fn event_row(event: &Event) -> entity::event::Model {
    entity::event::Model {
        organization_id: event.organization_id.as_uuid(),
        id: event.id.as_uuid(),
        kind: event.kind.name().to_owned(),
        invitation_id: event.invitation_id.map(|id| id.as_uuid()),
        membership_id: event.membership_id.map(|id| id.as_uuid()),
        sequence: event.sequence,
        actor_kind: event.actor.kind.name().to_owned(),
        actor_id: event.actor.id,
        recorded_at: event.recorded_at,
        request_id: event.request_id.clone(),
        address: event.address.map(|address| address.to_string()),
        data: event_data_text(&event.data),
    }
}

fn event_data_text(data: &EventData) -> String {
    let fact = |fact: &Fact| match fact {
        Fact::Text(text) => Value::from(text.as_str()),
        Fact::Number(number) => Value::from(*number),
        Fact::Flag(flag) => Value::from(*flag),
        Fact::Words(words) => Value::from(words.as_slice()),
    };
    Value::Object(data.iter().map(|(name, value)| (name.clone(), fact(value))).collect()).to_string()
}

fn event_data(text: &str) -> Option<EventData> {
    let Ok(Value::Object(members)) = serde_json::from_str(text) else { return None };
    let fact = |value: Value| match value {
        Value::String(text) => Some(Fact::Text(text)),
        Value::Number(number) => number.as_i64().map(Fact::Number),
        Value::Bool(flag) => Some(Fact::Flag(flag)),
        Value::Array(words) => {
            let words = words.into_iter().map(|word| word.as_str().map(str::to_owned));
            words.collect::<Option<_>>().map(Fact::Words)
        }
        Value::Null | Value::Object(_) => None,
    };
    members.into_iter().map(|(name, value)| Some((name, fact(value)?))).collect()
}

pub(crate) fn idempotency(row: entity::idempotency::Model) -> Result<IdempotencyRecord, PortError> {
    let place = Place { table: "invite_idempotency", id: &row.answer };
    Ok(IdempotencyRecord {
        fingerprint: place.bytes("fingerprint", &row.fingerprint)?,
        answer: row.answer,
        generation: place.narrow("generation", row.generation)?,
        created_at: row.created_at,
        scope: row.scope,
        key: row.request_key,
        result: row.result,
    })
}

pub(crate) fn idempotency_row(record: &IdempotencyRecord) -> entity::idempotency::Model {
    entity::idempotency::Model {
        scope: record.scope.clone(),
        request_key: record.key.clone(),
        fingerprint: record.fingerprint.to_vec(),
        answer: record.answer,
        result: record.result.clone(),
        generation: i64::from(record.generation),
        created_at: record.created_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_of_an_event_comes_back_from_its_text() {
        let data: EventData = [
            ("words".to_owned(), Fact::Words(vec!["a.b".to_owned(), "ü".to_owned()])),
            ("none".to_owned(), Fact::Words(Vec::new())),
            ("text".to_owned(), Fact::Text("\"quoted\" \u{1F600}".to_owned())),
            ("number".to_owned(), Fact::Number(i64::MIN)),
            ("flag".to_owned(), Fact::Flag(true)),
        ]
        .into();
        assert_eq!(event_data(&event_data_text(&data)), Some(data));
        assert_eq!(event_data("[]"), None);
        assert_eq!(event_data(r#"{"a":null}"#), None);
    }
}
