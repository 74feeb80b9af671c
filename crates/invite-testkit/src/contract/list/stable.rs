//! Order at its boundaries, and pages that stand while rows come, change and go.

use super::filters::listed;
use crate::{
    Scene,
    contract::{Subject, boundary_instants, stood, walk_by_two},
};
use chrono::Duration;
use invite_domain::{
    id::EventId,
    invitation::{Event, EventKind, Invitation, Plan, Status},
    port::{EventFilter, InvitationFilter, SortKey},
};

/// The whole list and its pages come in this order, and in the reverse of it.
async fn comes_in_order(scene: &Scene, sort: SortKey, mut expected: Vec<Invitation>) {
    for descending in [false, true] {
        let filter = InvitationFilter { sort, descending, ..InvitationFilter::default() };
        let found = listed(scene, &filter).await;
        let found: Vec<_> = found.iter().map(|record| &record.invitation.recipient).collect();
        assert_eq!(found, expected.iter().map(|it| &it.recipient).collect::<Vec<_>>(), "descending: {descending}");
        let walked = walk_by_two(
            async |page| scene.store.list(scene.organization.id, &filter, page, scene.now()).await,
            |record| record.invitation.id.as_uuid(),
            async |_| (),
        )
        .await;
        let ids: Vec<_> = expected.iter().map(|invitation| invitation.id.as_uuid()).collect();
        assert_eq!(walked, ids, "by pages, descending: {descending}");
        expected.reverse();
    }
}

pub(in crate::contract) async fn addresses_are_sorted_byte_by_byte(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut issued = Vec::new();
    // Locales pass over punctuation, put accents beside their letters and digits in the order of their value; UTF-16
    // puts what is beyond the first plane before the end of it.
    for address in [
        "ab",
        "a-b",
        "a.b",
        "a+b",
        "a_b",
        "a'b",
        "ac",
        "a10",
        "a9",
        "Aa",
        "az",
        "äb",
        "zb",
        "éa",
        "e\u{301}a",
        "eb",
        "\u{ff21}",
        "\u{10400}",
        "ßa",
        "ssa",
        "ıa",
        "ia",
        "{a",
        "~a",
    ] {
        issued.push(scene.issue(address).await);
    }
    issued.sort_by(|one, other| one.recipient.key().as_bytes().cmp(other.recipient.key().as_bytes()));
    comes_in_order(&scene, SortKey::Email, issued).await;
}

pub(in crate::contract) async fn instants_are_sorted_as_instants(subject: Subject) {
    let scene = subject.scene("acme").await;
    let whole = scene.now() + Duration::microseconds(1_000_000 - 123_457);
    assert_eq!(whole.timestamp_subsec_micros(), 0, "a whole second");
    let mut instants = boundary_instants();
    instants
        .extend([-1, 0, 1, 1_000, 100_000, 999_999, 1_000_000].map(|micros| whole + Duration::microseconds(micros)));
    let mut issued = Vec::new();
    for (i, at) in instants.into_iter().enumerate() {
        let mut invitation = scene.invitation(&format!("a{i}"));
        invitation.expires_at = at;
        invitation.grant_digest = invitation.compute_grant_digest();
        issued.push(scene.issue_this(invitation).await);
    }
    issued.sort_by_key(|invitation| invitation.expires_at);
    comes_in_order(&scene, SortKey::ExpiresAt, issued).await;
}

/// Issues seven invitations in the order of every sort key.
async fn issue_in_order(scene: &Scene) -> Vec<Invitation> {
    let mut issued = Vec::new();
    for i in 0..7_i64 {
        scene.pass(Duration::microseconds(1));
        let mut invitation = scene.invitation(&format!("m{i}"));
        invitation.grant.default_rate = (i > 0).then_some(i);
        invitation.grant_digest = invitation.compute_grant_digest();
        issued.push(scene.issue_this(invitation).await);
    }
    issued
}

pub(in crate::contract) async fn pages_stand_while_invitations_end_and_change(subject: Subject) {
    let sorts = [SortKey::CreatedAt, SortKey::ExpiresAt, SortKey::Email, SortKey::Number, SortKey::DefaultRate];
    for (round, sort) in sorts.into_iter().enumerate() {
        for descending in [false, true] {
            let scene = subject.scene(&format!("s{round}-{descending}")).await;
            let mut there = issue_in_order(&scene).await;
            if descending {
                there.reverse();
            }
            let filter =
                InvitationFilter { statuses: vec![Status::Pending], sort, descending, ..InvitationFilter::default() };
            let mut ended = Vec::new();
            let walked = walk_by_two(
                async |page| scene.store.list(scene.organization.id, &filter, page, scene.now()).await,
                |record| record.invitation.id.as_uuid(),
                async |last| {
                    // The row the next page is to begin after leaves the list,
                    let row = there.iter().find(|row| row.id.as_uuid() == last).unwrap();
                    scene.apply(scene.plan_revoke(row)).await;
                    ended.push(last);
                    // and one that was not read yet is written anew where it is.
                    if let [_] = ended[..] {
                        let next = Invitation { message: Some("Neu".into()), ..there[4].clone() };
                        scene.apply(scene.plan_update(&there[4], next, EventKind::InvitationAmended)).await;
                    }
                },
            )
            .await;
            let why = format!("{sort:?}, descending: {descending}");
            // All of them were there until they were read.
            stood(&walked, there.iter().map(|row| row.id.as_uuid()), &why);
            assert_eq!(ended.len(), 3, "{why}");
        }
    }
}

pub(in crate::contract) async fn pages_of_events_stand_while_events_come(subject: Subject) {
    let scene = subject.scene("acme").await;
    let begin = scene.now();
    let event = |micros: i64| Event {
        id: EventId::new(begin, &*scene.entropy),
        recorded_at: begin + Duration::microseconds(micros),
        ..scene.event(EventKind::RoleChanged, None)
    };
    let record = async |events: Vec<Event>| scene.apply(Plan { events, ..Plan::default() }).await;
    let mut there: Vec<_> = [10, 20, 20, 20, 20, 30, 40].into_iter().map(event).collect();
    record(there.clone()).await;
    there.sort_by_key(|event| (event.recorded_at, event.id));
    let mut count = 0;
    let walked = walk_by_two(
        async |page| scene.store.events(scene.organization.id, &EventFilter::default(), page).await,
        |event| event.id.as_uuid(),
        async |_| {
            count += 1;
            if count <= 4 {
                // Of a replica whose clock is behind, of the moment that is read, and of later.
                drop(record(vec![event(0), event(20), event(50)]).await);
            }
        },
    )
    .await;
    stood(&walked, there.iter().map(|event| event.id.as_uuid()), "events");
}
