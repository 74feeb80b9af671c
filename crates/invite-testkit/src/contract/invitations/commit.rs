//! What a commit writes.

use super::loads::{load_redemption, redemption_query};
use crate::{Scene, contract::Subject};
use chrono::Duration;
use invite_domain::{
    access::ActorFacts,
    id::InvitationId,
    invitation::{Channel, DeliveryState, Event, EventKind, Invitation, Outcome, Plan, Reason, Recipient, Status},
    page::PageRequest,
    port::{EventFilter, Lease, Settlement},
};
use uuid::Uuid;

/// Every event of the scene's organisation.
pub(super) async fn trail(scene: &Scene) -> Vec<Event> {
    let page = PageRequest::first(200);
    scene.store.events(scene.organization.id, &EventFilter::default(), &page).await.unwrap().items
}

pub(super) async fn state_of_delivery(scene: &Scene, id: InvitationId) -> Option<(DeliveryState, Option<Reason>)> {
    let deliveries = scene.record(id).await.unwrap().deliveries;
    deliveries.first().map(|delivery| (delivery.state, delivery.reason))
}

pub(in crate::contract) async fn a_committed_plan_is_there_whole(subject: Subject) {
    let scene = subject.scene("acme").await;
    let issued = scene.issue("ana").await;
    let plan = scene.plan_redeem(&issued, &scene.account("ana"));
    let outcome = scene.apply(plan.clone()).await;
    let facts = load_redemption(&scene, &redemption_query(&scene, issued.id)).await;
    assert_eq!(&facts.record.invitation, plan.invitations[0].invitation());
    assert_eq!(facts.record.redemption, plan.redemption);
    let redeemer = facts.redeemer.unwrap();
    assert_eq!(
        redeemer.member.unwrap().membership.number,
        outcome.number_of(plan.redemption.unwrap().membership_id.as_uuid())
    );
    let (mut events, mut expected) = (trail(&scene).await, plan.events);
    events.retain(|event| event.kind != EventKind::InvitationIssued);
    expected.sort_by_key(|event| (event.recorded_at, event.id));
    assert_eq!(events, expected);
    let delivery = state_of_delivery(&scene, issued.id).await;
    assert_eq!(delivery, Some((DeliveryState::Cancelled, Some(Reason::InvitationEnded))));
}

pub(in crate::contract) async fn rows_are_numbered_in_the_order_they_came(subject: Subject) {
    let scene = subject.scene("acme").await;
    let numbers =
        [&scene.owner, &scene.admin, &scene.member].map(|person| (person.account.number, person.membership.number));
    assert!(numbers[0].0 > 0 && numbers[0].1 > 0 && scene.organization.number > 0 && scene.api_key.number > 0);
    assert!(numbers.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1), "{numbers:?}");
    assert!(scene.roles.owner.number > 0 && scene.roles.owner.number < scene.roles.guest.number);
    let (first, second) = (scene.issue("ana").await, scene.issue("bob").await);
    assert!(first.number > 0 && first.number < second.number);
    assert_eq!(scene.record(second.id).await.unwrap().invitation.number, second.number);

    let ActorFacts::Member(owner) = scene.facts(first.id).await.actor else { unreachable!("the owner is a member") };
    assert_eq!(owner.membership.number, scene.owner.membership.number, "the number answered is the number stored");
    let outcome = scene.apply(scene.plan_resend(&first)).await;
    assert_eq!(outcome.number_of(first.id.as_uuid()), 0, "a number is given once");
    assert_eq!(scene.record(first.id).await.unwrap().invitation.number, first.number);
}

pub(in crate::contract) async fn the_next_state_of_an_invitation_replaces_the_whole_row(subject: Subject) {
    let scene = subject.scene("acme").await;
    let before = scene.issue("Ana@example.org").await;
    let later = scene.pass(Duration::microseconds(3));
    let template = scene.invitation("ana@Example.org");
    let next = Invitation {
        recipient: Recipient::Email(scene.address("ANA@example.ORG")),
        grant: invite_domain::access::Grant { role_id: Some(scene.roles.guest.id), ..Default::default() },
        inviter: invite_domain::access::Inviter {
            kind: invite_domain::access::InviterKind::ApiKey,
            id: scene.api_key.id.as_uuid(),
        },
        generation: 65_535,
        version: 2,
        nonce: template.nonce,
        code_index: template.code_index,
        grant_digest: invite_domain::secret::token::GrantDigest::from_bytes([0xEE; 32]),
        generated_at: later,
        expires_at: later + Duration::microseconds(1),
        message: None,
        locale: Some("gsw".into()),
        redirect_url: None,
        batch_id: None,
        channels: vec![],
        expiry_noted: 65_534,
        suspension_noted: 7,
        reminder_noted: 65_533,
        ..before.clone()
    };
    scene.apply(scene.plan_update(&before, next.clone(), EventKind::InvitationAmended)).await;
    let record = scene.record(before.id).await.unwrap();
    assert_eq!(record.invitation, next);
    assert_eq!(record.role.as_ref(), Some(&scene.roles.guest));

    scene.apply(scene.plan_revoke(&next)).await;
    let record = scene.record(before.id).await.unwrap();
    assert_eq!(record.status(later), Status::Revoked);
    assert_eq!((record.invitation.nonce, record.invitation.live_key), (None, None));
    let State { at, by, reason } = revoked(&record.invitation.state);
    assert_eq!((at, by, reason), (scene.now(), next.inviter.actor(), Some("Irrtum".to_owned())));
}

struct State {
    at: invite_domain::time::Timestamp,
    by: invite_domain::access::Actor,
    reason: Option<String>,
}

fn revoked(state: &invite_domain::invitation::State) -> State {
    let invite_domain::invitation::State::Revoked { at, by, reason } = state else {
        unreachable!("revoked, not {}", state.name())
    };
    State { at: *at, by: *by, reason: reason.clone() }
}

pub(in crate::contract) async fn a_plan_without_changes_is_committed(subject: Subject) {
    let scene = subject.scene("acme").await;
    assert_eq!(scene.commit(Plan::default()).await, Outcome::Committed(vec![]));
    assert_eq!(scene.commit(Plan { guards: vec![scene.epoch()], ..Plan::default() }).await, Outcome::Committed(vec![]));
}

pub(in crate::contract) async fn no_plans_give_no_answers(subject: Subject) {
    let scene = subject.scene("acme").await;
    assert!(scene.store.commit(&[]).await.is_empty());
}

pub(in crate::contract) async fn one_stale_plan_does_not_touch_its_neighbours(subject: Subject) {
    let scene = subject.scene("acme").await;
    let held = scene.issue("held").await;
    let (first, last) = (scene.invitation("first"), scene.invitation("last"));
    let plans = [scene.plan_issue(&first), scene.plan_issue(&scene.invitation("held")), scene.plan_issue(&last)];
    let outcomes: Vec<_> = scene.store.commit(&plans).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.len(), 3);
    assert!(outcomes[0].number_of(first.id.as_uuid()) > 0, "{outcomes:?}");
    assert_eq!(outcomes[1], Outcome::Stale);
    assert!(outcomes[2].number_of(last.id.as_uuid()) > 0, "{outcomes:?}");
    for id in [first.id, last.id, held.id] {
        assert!(scene.record(id).await.is_some());
    }
    assert_eq!(trail(&scene).await.len(), 3);

    // The stale one at the beginning and at the end.
    let middle = scene.invitation("middle");
    let stale = scene.plan_issue(&scene.invitation("held"));
    let outcomes = scene.store.commit(&[stale.clone(), scene.plan_issue(&middle), stale]).await;
    let committed: Vec<_> = outcomes.into_iter().map(|outcome| outcome.unwrap() != Outcome::Stale).collect();
    assert_eq!(committed, [false, true, false]);
    assert!(scene.record(middle.id).await.is_some());
}

pub(in crate::contract) async fn plans_of_one_call_follow_each_other(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    let (one, two) = (scene.invitation("bob"), scene.invitation("bob"));
    let plans = [
        scene.plan_revoke(&invitation),
        scene.plan_resend(&invitation),
        scene.plan_issue(&one),
        scene.plan_issue(&two),
    ];
    let outcomes = scene.store.commit(&plans).await;
    let committed: Vec<_> = outcomes.into_iter().map(|outcome| outcome.unwrap() != Outcome::Stale).collect();
    assert_eq!(committed, [true, false, true, false]);
    assert_eq!(scene.record(invitation.id).await.unwrap().status(scene.now()), Status::Revoked);
    assert!(scene.record(two.id).await.is_none());
}

pub(in crate::contract) async fn a_call_of_many_plans_answers_each_in_its_place(subject: Subject) {
    let scene = subject.scene("acme").await;
    scene.issue("held").await;
    let mut plans = Vec::new();
    let mut expected = Vec::new();
    for i in 0..150 {
        let fresh = scene.invitation(&format!("a{i}"));
        // Every seventh is for somebody who has an invitation already.
        let taken = i % 7 == 3;
        let invitation = if taken { scene.invitation("held") } else { fresh };
        plans.push(scene.plan_issue(&invitation));
        expected.push((invitation.id, !taken));
    }
    let outcomes = scene.store.commit(&plans).await;
    assert_eq!(outcomes.len(), plans.len());
    let mut last = 0;
    for (outcome, (id, committed)) in outcomes.into_iter().zip(&expected) {
        let number = outcome.unwrap().number_of(id.as_uuid());
        assert_eq!(number > 0, *committed);
        if *committed {
            assert!(number > last, "numbers rise in the order of the plans");
            last = number;
        }
    }
    let committed = expected.iter().filter(|(_, committed)| *committed).count();
    let page = PageRequest { include_total: true, ..PageRequest::first(1) };
    let events = scene.store.events(scene.organization.id, &EventFilter::default(), &page).await.unwrap();
    assert_eq!(events.total, u64::try_from(committed + 1).ok());
}

pub(in crate::contract) async fn cancelling_takes_queued_messages_only(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    let bystander = scene.issue("bob").await;
    let lease = Lease { token: Uuid::from_u128(7), lasts: Duration::minutes(1) };
    let claimed = subject.outbox.claim(&[Channel::Email], &lease, 10, scene.now()).await.unwrap();
    let sent = claimed.iter().find(|message| message.kind == scene.message(&invitation).kind).unwrap();
    let settled = subject.outbox.settle(sent.id, &lease, Settlement::Sent, None, scene.now()).await.unwrap();
    assert!(settled);

    scene.pass(Duration::minutes(5));
    let resend = scene.plan_resend(&invitation);
    let next = resend.invitations[0].invitation().clone();
    scene.apply(resend).await;
    assert_eq!(
        state_of_delivery(&scene, invitation.id).await,
        Some((DeliveryState::Queued, None)),
        "the plan's own message is added after the cancellation"
    );
    scene.apply(scene.plan_revoke(&next)).await;
    assert_eq!(
        state_of_delivery(&scene, invitation.id).await,
        Some((DeliveryState::Cancelled, Some(Reason::InvitationEnded)))
    );
    assert_eq!(state_of_delivery(&scene, bystander.id).await, Some((DeliveryState::Queued, None)));

    let sent_one = scene.issue("carl").await;
    let claimed = subject.outbox.claim(&[Channel::Email], &lease, 10, scene.now()).await.unwrap();
    for message in claimed {
        assert!(subject.outbox.settle(message.id, &lease, Settlement::Sent, None, scene.now()).await.unwrap());
    }
    scene.apply(scene.plan_revoke(&sent_one)).await;
    assert_eq!(state_of_delivery(&scene, sent_one.id).await, Some((DeliveryState::Sent, None)), "sent stays sent");
    let queued = subject.outbox.next_due(&[Channel::Email]).await.unwrap();
    assert_eq!(queued, None, "nothing is left to send");
}
