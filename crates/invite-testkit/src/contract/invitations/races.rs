//! Many at once. Each race is run [`Subject::with_races`] times, on rows of its own.

use super::loads::{load_redemption, redemption_query};
use crate::{
    Scene,
    contract::{Subject, at_once},
};
use invite_domain::{
    invitation::{EventKind, Guard, Outcome, Plan, Status},
    page::PageRequest,
    port::EventFilter,
};
use std::sync::Arc;

/// How many run at once.
const MANY: usize = 16;

/// Commits every plan in a call of its own, all at once, and answers which were written.
pub(in crate::contract) async fn race(scene: &Scene, plans: Vec<Plan>) -> Vec<bool> {
    let calls = plans.into_iter().map(|plan| {
        let store = Arc::clone(&scene.store);
        async move { matches!(store.commit(&[plan]).await.remove(0).unwrap(), Outcome::Committed(_)) }
    });
    at_once(calls.collect()).await
}

pub(in crate::contract) fn winners(committed: &[bool]) -> usize {
    committed.iter().filter(|committed| **committed).count()
}

async fn events_of(scene: &Scene, kind: EventKind) -> usize {
    let filter = EventFilter { kind: Some(kind), ..EventFilter::default() };
    let page = PageRequest { include_total: true, ..PageRequest::first(1) };
    let found = scene.store.events(scene.organization.id, &filter, &page).await.unwrap();
    found.total.unwrap().try_into().unwrap()
}

pub(in crate::contract) async fn of_many_concurrent_redeemers_exactly_one_wins(subject: Subject) {
    let scene = subject.scene("acme").await;
    for round in 0..subject.races {
        let invitation = scene.issue(&format!("ana{round}")).await;
        // Each redeemer brings an address of his own, so that nothing but the invitation's version stands between them.
        let accounts: Vec<_> = (0..MANY).map(|i| scene.account(&format!("r{round}x{i}"))).collect();
        let plans: Vec<_> = accounts.iter().map(|account| scene.plan_redeem(&invitation, account)).collect();
        let redemptions: Vec<_> = plans.iter().map(|plan| plan.redemption.clone()).collect();
        let committed = race(&scene, plans).await;
        assert_eq!(winners(&committed), 1, "exactly one of {MANY} redeems a single-use invitation");
        let winner = committed.iter().position(|committed| *committed).unwrap();
        let facts = load_redemption(&scene, &redemption_query(&scene, invitation.id)).await;
        assert_eq!((facts.record.invitation.uses, facts.record.invitation.version), (1, 2));
        assert_eq!(facts.record.redemption, redemptions[winner]);
        assert_eq!(facts.redeemer.map(|redeemer| redeemer.account.id), Some(accounts[winner].id));
        for (index, account) in accounts.iter().enumerate() {
            let query = invite_domain::port::RedemptionQuery {
                caller: Some(account.id),
                ..redemption_query(&scene, invitation.id)
            };
            let caller = load_redemption(&scene, &query).await.caller;
            assert_eq!(caller.is_some(), index == winner, "the losers leave no account");
        }
    }
    for kind in [EventKind::InvitationRedeemed, EventKind::MembershipCreated] {
        assert_eq!(events_of(&scene, kind).await, subject.races);
    }
}

pub(in crate::contract) async fn of_many_concurrent_issues_to_one_address_exactly_one_wins(subject: Subject) {
    let scene = subject.scene("acme").await;
    for round in 0..subject.races {
        let invitations: Vec<_> = (0..MANY).map(|_| scene.invitation(&format!("ana{round}"))).collect();
        let plans = invitations.iter().map(|invitation| scene.plan_issue(invitation)).collect();
        let committed = race(&scene, plans).await;
        assert_eq!(winners(&committed), 1, "one live invitation an address");
        for (invitation, committed) in invitations.iter().zip(committed) {
            assert_eq!(scene.record(invitation.id).await.is_some(), committed);
        }
    }
    assert_eq!(events_of(&scene, EventKind::InvitationIssued).await, subject.races);
}

pub(in crate::contract) async fn of_revoke_and_redeem_exactly_one_wins(subject: Subject) {
    let scene = subject.scene("acme").await;
    for round in 0..subject.races {
        let invitation = scene.issue(&format!("ana{round}")).await;
        let redeem = scene.plan_redeem(&invitation, &scene.account(&format!("ana{round}")));
        let committed = race(&scene, vec![redeem, scene.plan_revoke(&invitation)]).await;
        assert_eq!(winners(&committed), 1);
        let record = scene.record(invitation.id).await.unwrap();
        let expected = if committed[0] { Status::Redeemed } else { Status::Revoked };
        assert_eq!(record.status(scene.now()), expected);
        assert_eq!(record.redemption.is_some(), committed[0]);
    }
}

pub(in crate::contract) async fn of_concurrent_raises_of_one_epoch_exactly_one_wins(subject: Subject) {
    let scene = subject.scene("acme").await;
    let probe = scene.issue("probe").await;
    for epoch in (1..).take(subject.races) {
        let raise = || Plan {
            guards: vec![scene.epoch_at(epoch, true)],
            events: vec![scene.event(EventKind::RoleChanged, None)],
            ..Plan::default()
        };
        let committed = race(&scene, (0..MANY).map(|_| raise()).collect()).await;
        assert_eq!(winners(&committed), 1, "one of the plans decided under epoch {epoch}");
        assert_eq!(scene.facts(probe.id).await.organization.authority_epoch, epoch + 1);
    }
    assert_eq!(events_of(&scene, EventKind::RoleChanged).await, subject.races);
}

pub(in crate::contract) async fn a_redeemer_and_a_raise_of_the_epoch_follow_each_other(subject: Subject) {
    let scene = subject.scene("acme").await;
    for epoch in (1..).take(subject.races) {
        let invitation = scene.invitation(&format!("ana{epoch}"));
        let guards = vec![scene.epoch_at(epoch, false)];
        scene.apply(Plan { guards, ..scene.plan_issue(&invitation) }).await;
        let mut redeem = scene.plan_redeem(&invitation, &scene.account(&format!("ana{epoch}")));
        redeem.guards = vec![Guard::InvitationAt(invitation.id, 1), scene.epoch_at(epoch, false)];
        let raise = Plan { guards: vec![scene.epoch_at(epoch, true)], ..Plan::default() };
        let committed = race(&scene, vec![redeem.clone(), raise]).await;
        assert!(committed[1], "a plan that shares the epoch never stands in the way of one that raises it");
        let status = scene.record(invitation.id).await.unwrap().status(scene.now());
        assert_eq!(status, if committed[0] { Status::Redeemed } else { Status::Pending });
        scene.refuse(redeem).await;
    }
}

pub(in crate::contract) async fn of_two_owners_removed_at_once_one_stays(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut last = scene.owner.membership.clone();
    for round in 0..subject.races {
        let second = scene.join(&format!("otto{round}"), &scene.roles.owner).await.membership;
        let committed = race(&scene, vec![scene.plan_remove(&last), scene.plan_remove(&second)]).await;
        assert_eq!(winners(&committed), 1, "an owner stays");
        if committed[0] {
            last = second;
        }
    }
}

pub(in crate::contract) async fn of_many_twins_of_one_request_exactly_one_is_written(subject: Subject) {
    let scene = subject.scene("acme").await;
    for round in 0..subject.races {
        // To addresses of their own, so that nothing but the idempotency key stands between them.
        let plans = (0..MANY).map(|i| {
            let invitation = scene.invitation(&format!("t{round}x{i}"));
            let answer = scene.answer(&format!("key {round}"), invitation.id.as_uuid());
            Plan { idempotency: Some(answer), ..scene.plan_issue(&invitation) }
        });
        assert_eq!(winners(&race(&scene, plans.collect()).await), 1, "one answer to one request");
    }
    assert_eq!(events_of(&scene, EventKind::InvitationIssued).await, subject.races);
}

pub(in crate::contract) async fn concurrent_plans_that_share_an_epoch_are_all_committed(subject: Subject) {
    let scene = subject.scene("acme").await;
    for round in 0..subject.races {
        let plans = (0..MANY).map(|i| scene.plan_issue(&scene.invitation(&format!("s{round}x{i}"))));
        assert_eq!(winners(&race(&scene, plans.collect()).await), MANY);
    }
    let expected = MANY * subject.races;
    assert_eq!(events_of(&scene, EventKind::InvitationIssued).await, expected);
}

pub(in crate::contract) async fn of_many_concurrent_issues_with_one_code_exactly_one_wins(subject: Subject) {
    let scene = subject.scene("acme").await;
    for round in 0..subject.races {
        // To addresses of their own, so that nothing but the code stands between them.
        let mut invitations: Vec<_> = (0..MANY).map(|i| scene.invitation(&format!("c{round}x{i}"))).collect();
        let code_index = invitations[0].code_index;
        for invitation in &mut invitations {
            invitation.code_index = code_index;
        }
        let plans = invitations.iter().map(|invitation| scene.plan_issue(invitation)).collect();
        assert_eq!(winners(&race(&scene, plans).await), 1, "one invitation a code");
    }
    assert_eq!(events_of(&scene, EventKind::InvitationIssued).await, subject.races);
}
