//! The audit trail.

use crate::{Scene, contract::Subject};
use chrono::Duration;
use invite_domain::{
    access::{Actor, ActorKind},
    id::{EventId, MembershipId},
    invitation::{Event, EventData, EventKind, Fact, Plan},
    page::PageRequest,
    port::EventFilter,
};

async fn events(scene: &Scene, filter: &EventFilter) -> Vec<Event> {
    scene.store.events(scene.organization.id, filter, &PageRequest::first(200)).await.unwrap().items
}

async fn record(scene: &Scene, events: Vec<Event>) {
    scene.apply(Plan { events, ..Plan::default() }).await;
}

pub(in crate::contract) async fn an_event_comes_back_equal_in_every_field(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    for kind in EventKind::ALL {
        let full = Event {
            membership_id: Some(MembershipId::from_uuid(scene.member.membership.id.as_uuid())),
            sequence: i64::from(u32::MAX),
            request_id: Some("Ünïcode-☕".into()),
            data: EventData::from([
                ("text".into(), Fact::from("naïve \"quoted\" \\ 👋🏽")),
                ("number".into(), Fact::from(-9_007_199_254_740_993_i64)),
                ("flag".into(), Fact::from(false)),
                ("words".into(), Fact::Words(vec!["b.c".into(), "a.b".into()])),
                ("none".into(), Fact::Words(vec![])),
            ]),
            ..scene.event(*kind, Some(&invitation))
        };
        let bare = Event { actor: Actor::SYSTEM, request_id: None, data: EventData::new(), ..scene.event(*kind, None) };
        record(&scene, vec![full.clone(), bare.clone()]).await;
        let found = events(&scene, &EventFilter { kind: Some(*kind), ..EventFilter::default() }).await;
        for event in [full, bare] {
            assert_eq!(found.iter().find(|it| it.id == event.id), Some(&event), "{}", kind.name());
        }
    }
}

/// Records events in another order than they happened, some at one instant, and answers them as they must come.
async fn some_events(scene: &Scene) -> Vec<Event> {
    let begin = scene.now();
    let mut expected: Vec<_> = [5, 1, 3, 3, 3, 2, 4]
        .into_iter()
        .map(|micros| Event {
            id: EventId::new(begin, &*scene.entropy),
            recorded_at: begin + Duration::microseconds(micros),
            ..scene.event(EventKind::RoleChanged, None)
        })
        .collect();
    record(scene, expected.clone()).await;
    expected.sort_by_key(|event| (event.recorded_at, event.id));
    expected
}

pub(in crate::contract) async fn events_come_in_the_order_of_time_and_id(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let expected = some_events(&scene).await;
    some_events(&other).await;
    assert_eq!(events(&scene, &EventFilter::default()).await, expected, "of this organisation alone");
}

pub(in crate::contract) async fn events_are_filtered(subject: Subject) {
    let scene = subject.scene("acme").await;
    let all = EventFilter::default;
    let (ana, bob) = (scene.issue("ana").await, scene.issue("bob").await);
    let from = scene.pass(Duration::seconds(1));
    scene.apply(scene.plan_revoke(&ana)).await;
    let person = Actor { kind: ActorKind::Invitee, id: Some(scene.member.account.id.as_uuid()) };
    let until = scene.pass(Duration::seconds(1));
    let joined = Event { actor: person, ..scene.event(EventKind::MembershipCreated, None) };
    record(&scene, vec![joined]).await;

    let count = async |filter: EventFilter| events(&scene, &filter).await.len();
    assert_eq!(count(all()).await, 4);
    assert_eq!(count(EventFilter { kind: Some(EventKind::InvitationIssued), ..all() }).await, 2);
    assert_eq!(count(EventFilter { invitation_id: Some(ana.id), ..all() }).await, 2);
    assert_eq!(count(EventFilter { invitation_id: Some(bob.id), ..all() }).await, 1);
    assert_eq!(count(EventFilter { actor_id: person.id, ..all() }).await, 1);
    assert_eq!(count(EventFilter { since: Some(from), ..all() }).await, 2, "then or later");
    assert_eq!(count(EventFilter { since: Some(from + Duration::microseconds(1)), ..all() }).await, 1);
    assert_eq!(count(EventFilter { before: Some(from), ..all() }).await, 2, "before, not then");
    assert_eq!(count(EventFilter { before: Some(from + Duration::microseconds(1)), ..all() }).await, 3);
    let between = EventFilter { since: Some(from), before: Some(until), ..all() };
    assert_eq!(count(between).await, 1);
}

pub(in crate::contract) async fn pages_of_events_neither_skip_nor_repeat(subject: Subject) {
    let scene = subject.scene("acme").await;
    let expected = some_events(&scene).await;
    for limit in [1, 2, 3, 7, 8] {
        let mut page = PageRequest { include_total: true, ..PageRequest::first(limit) };
        let mut walked = Vec::new();
        loop {
            let found = scene.store.events(scene.organization.id, &EventFilter::default(), &page).await.unwrap();
            assert_eq!(found.total, Some(7));
            assert!(found.items.len() <= usize::try_from(limit).unwrap());
            walked.extend(found.items);
            assert!(walked.len() <= expected.len(), "a row comes twice");
            let Some(next) = found.next else { break };
            page.after = Some(next);
        }
        assert_eq!(walked, expected, "by {limit}");
    }
    for number in 1..=4_u64 {
        let page = PageRequest::numbered(number, 3);
        let found = scene.store.events(scene.organization.id, &EventFilter::default(), &page).await.unwrap();
        let skipped = expected.iter().skip(usize::try_from(page.skip).unwrap());
        assert!(found.items.iter().eq(skipped.take(3)), "page {number}: {:?}", found.items);
        assert_eq!(found.total, Some(7), "page {number}");
    }
}
