//! Limits a plan keeps within (rules 9.1, 9.2).

use super::commit::trail;
use crate::{Scene, contract::Subject};
use chrono::{DateTime, Duration};
use invite_domain::{
    directory::{Membership, Organization},
    id::OrganizationId,
    invitation::{
        Budget, Budgeted, DirectoryChange, EventKind, Guard, Invitation, InvitationChange, Limit, Outcome, Plan,
        Shortage,
    },
    port::Spending,
    time::Timestamp,
};

/// How many people a scene begins with.
pub(super) const PEOPLE: i64 = 3;

pub(super) fn seats(scene: &Scene, most: i64) -> Limit {
    Limit::Seats { organization_id: scene.organization.id, most, at: scene.now() }
}

pub(super) fn live(scene: &Scene, most: i64) -> Limit {
    live_in(scene.organization.id, most, scene.now())
}

fn live_in(organization_id: OrganizationId, most: i64, at: Timestamp) -> Limit {
    Limit::Live { organization_id, most, at }
}

fn window() -> Duration {
    Duration::hours(1)
}

/// So many of a budget of `limit` an hour.
pub(super) fn budget(scene: &Scene, key: &str, limit: u32, count: u32) -> Limit {
    let spending = Spending { key: format!("issue:{key}"), budget: Budget { limit, window: window() } };
    Limit::Budget { of: Budgeted::Issues, spending, count, at: scene.now() }
}

/// When the window of a budget that the present lies in ends.
fn window_end(at: Timestamp) -> Timestamp {
    let length = window().num_microseconds().unwrap();
    DateTime::from_timestamp_micros((at.timestamp_micros().div_euclid(length) + 1) * length).unwrap()
}

fn used_up(scene: &Scene) -> Outcome {
    Outcome::Refused(Shortage::Budget { of: Budgeted::Issues, until: window_end(scene.now()) })
}

const NO_SEAT: Outcome = Outcome::Refused(Shortage::Seats);
const NO_MORE_LIVE: Outcome = Outcome::Refused(Shortage::Live);

/// Issues an invitation within these limits.
pub(super) fn within(scene: &Scene, address: &str, limits: Vec<Limit>) -> Plan {
    Plan { limits, ..scene.plan_issue(&scene.invitation(address)) }
}

/// Whether a plan that does nothing keeps within this limit: how much there is of what it counts.
async fn keeps(scene: &Scene, limit: Limit) -> bool {
    let plan = Plan { guards: vec![scene.epoch()], limits: vec![limit], ..Plan::default() };
    matches!(scene.commit(plan).await, Outcome::Committed(_))
}

async fn taken(scene: &Scene, seats_taken: i64) {
    assert!(keeps(scene, seats(scene, seats_taken)).await, "no more than {seats_taken} seats are taken");
    assert!(!keeps(scene, seats(scene, seats_taken - 1)).await, "no less than {seats_taken} seats are taken");
}

pub(in crate::contract) async fn members_and_live_invitations_take_the_seats_there_are(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    other.issue("ana").await;
    let most = PEOPLE + 2;
    let ana = scene.invitation("ana");
    scene.apply(Plan { limits: vec![seats(&scene, most)], ..scene.plan_issue(&ana) }).await;
    let bob = scene.invitation("bob");
    scene.apply(Plan { limits: vec![seats(&scene, most)], ..scene.plan_issue(&bob) }).await;
    let cleo = || within(&scene, "cleo", vec![seats(&scene, most)]);
    assert_eq!(scene.commit(cleo()).await, NO_SEAT, "all are taken");

    // Whoever redeems has the seat already.
    scene.apply(scene.plan_redeem(&ana, &scene.account("ana"))).await;
    assert_eq!(scene.commit(cleo()).await, NO_SEAT);
    // Whoever is switched off keeps it.
    let off = Membership { active: false, ..scene.member.membership.clone() };
    scene.apply(scene.plan_member(&scene.member.membership, off.clone())).await;
    assert_eq!(scene.commit(cleo()).await, NO_SEAT);
    taken(&scene, most).await;

    scene.apply(scene.plan_revoke(&bob)).await;
    scene.apply(cleo()).await;
    assert_eq!(scene.commit(within(&scene, "dora", vec![seats(&scene, most)])).await, NO_SEAT);
    scene.apply(scene.plan_remove(&Membership { version: 2, ..off })).await;
    scene.apply(within(&scene, "dora", vec![seats(&scene, most)])).await;

    // A member who comes without an invitation takes one, too.
    let account = scene.account("emil");
    let directory = vec![
        DirectoryChange::InsertAccount(Box::new(account.clone())),
        DirectoryChange::InsertMembership(Box::new(scene.membership(&account, None))),
    ];
    let joins = |most| Plan {
        guards: vec![scene.epoch()],
        limits: vec![seats(&scene, most)],
        directory: directory.clone(),
        ..Plan::default()
    };
    assert_eq!(scene.commit(joins(most)).await, NO_SEAT);
    scene.apply(joins(most + 1)).await;
    taken(&scene, most + 1).await;
}

pub(in crate::contract) async fn a_place_is_free_from_the_very_microsecond_an_invitation_expires(subject: Subject) {
    let scene = subject.scene("acme").await;
    let ana = scene.issue("ana").await;
    let (most, end) = (PEOPLE + 1, ana.expires_at);
    for (moment, free) in [(-1, false), (0, true), (1, true)] {
        let now = end + Duration::microseconds(moment);
        scene.pass(now - scene.now());
        assert_eq!(keeps(&scene, seats(&scene, most - 1)).await, free, "a seat, {moment} microseconds after the end");
        assert_eq!(keeps(&scene, live(&scene, 0)).await, free, "live, {moment} microseconds after the end");
    }
    scene.apply(within(&scene, "bob", vec![seats(&scene, most), live(&scene, 1)])).await;
    // It came back later than somebody took the seat.
    let back = Invitation { expires_at: scene.now() + Duration::days(1), ..ana.clone() };
    let back = scene.plan_update(&ana, back, EventKind::InvitationExtended);
    let back = |limits| Plan { limits, ..back.clone() };
    assert_eq!(scene.commit(back(vec![seats(&scene, most)])).await, NO_SEAT);
    assert_eq!(scene.commit(back(vec![live(&scene, 1)])).await, NO_MORE_LIVE);
    scene.apply(back(vec![seats(&scene, most + 1), live(&scene, 2)])).await;
}

pub(in crate::contract) async fn a_plan_that_ends_as_much_as_it_makes_is_written_at_the_limit(subject: Subject) {
    let scene = subject.scene("acme").await;
    let ana = scene.issue("ana").await;
    let limits = || vec![seats(&scene, PEOPLE + 1), live(&scene, 1)];
    assert_eq!(scene.commit(within(&scene, "bob", limits())).await, NO_SEAT);
    let mut replaces = scene.plan_revoke(&ana);
    let next = scene.invitation("ana");
    replaces.invitations.push(InvitationChange::Insert(Box::new(next.clone())));
    replaces.limits = limits();
    scene.apply(replaces).await;
    assert!(scene.record(next.id).await.is_some());
    // It lives, and lives on.
    scene.apply(Plan { limits: limits(), ..scene.plan_resend(&next) }).await;
}

pub(in crate::contract) async fn fewer_seats_than_are_taken_are_refused(subject: Subject) {
    let scene = subject.scene("acme").await;
    scene.issue("ana").await;
    let lowered = |most| {
        let mut next = Organization { version: 2, ..scene.organization.clone() };
        next.limits.seats = Some(most);
        Plan { limits: vec![seats(&scene, most)], ..scene.plan_organization(1, next) }
    };
    assert_eq!(scene.commit(lowered(PEOPLE)).await, NO_SEAT);
    let (ana, stored) = (scene.invitation("probe"), scene.organization.clone());
    let facts = scene.facts(ana.id).await;
    assert_eq!((facts.organization.limits, facts.organization.authority_epoch), (stored.limits, 1), "nothing changed");
    scene.apply(lowered(PEOPLE + 1)).await;
    let facts = scene.facts(ana.id).await;
    assert_eq!((facts.organization.limits.seats, facts.organization.authority_epoch), (Some(PEOPLE + 1), 2));
}

pub(in crate::contract) async fn live_invitations_are_counted_up_to_their_limit(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    other.issue("ana").await;
    let issue = |address: &str| {
        let invitation = scene.invitation(address);
        (Plan { limits: vec![live(&scene, 3)], ..scene.plan_issue(&invitation) }, invitation)
    };
    let mut open = Vec::new();
    for name in ["ana", "bob", "cleo"] {
        let (plan, invitation) = issue(name);
        scene.apply(plan).await;
        open.push(invitation);
    }
    assert_eq!(scene.commit(issue("dora").0).await, NO_MORE_LIVE);
    // Each end makes room for one, whatever a store counted meanwhile.
    scene.apply(scene.plan_redeem(&open[0], &scene.account("ana"))).await;
    scene.apply(issue("dora").0).await;
    assert_eq!(scene.commit(issue("emil").0).await, NO_MORE_LIVE);
    scene.apply(scene.plan_revoke(&open[1])).await;
    scene.apply(scene.plan_decline(&open[2], false)).await;
    for name in ["emil", "fritz"] {
        scene.apply(issue(name).0).await;
    }
    assert_eq!(scene.commit(issue("gina").0).await, NO_MORE_LIVE);
    let mut in_other = other.plan_issue(&other.invitation("bob"));
    in_other.limits = vec![live(&other, 2)];
    other.apply(in_other).await;
}

pub(in crate::contract) async fn a_limit_that_is_set_counts_what_was_issued_without_it(subject: Subject) {
    let scene = subject.scene("acme").await;
    let limited = |address: &str, epoch, most| {
        let mut plan = within(&scene, address, vec![live(&scene, most)]);
        plan.guards[0] = scene.epoch_at(epoch, false);
        plan
    };
    let set = |epoch, limit| {
        let mut next = Organization { version: epoch + 1, ..scene.organization.clone() };
        next.limits.live = limit;
        scene.plan_organization(epoch, next)
    };
    scene.apply(limited("ana", 1, 5)).await;
    scene.apply(set(1, None)).await;
    for name in ["bob", "cleo", "dora"] {
        let invitation = scene.invitation(name);
        let mut plan = scene.plan_issue(&invitation);
        plan.guards[0] = scene.epoch_at(2, false);
        scene.apply(plan).await;
    }
    scene.apply(set(2, Some(4))).await;
    assert_eq!(scene.commit(limited("emil", 3, 4)).await, NO_MORE_LIVE, "four live without a limit count");
    scene.apply(set(3, Some(5))).await;
    scene.apply(limited("emil", 4, 5)).await;
    assert_eq!(scene.commit(limited("fritz", 4, 5)).await, NO_MORE_LIVE);
}

pub(in crate::contract) async fn a_budget_is_spent_up_to_its_limit_and_is_there_again_in_the_next_window(
    subject: Subject,
) {
    let scene = subject.scene("acme").await;
    let issue = |address: &str, key: &str| within(&scene, address, vec![budget(&scene, key, 2, 1)]);
    let end = window_end(scene.now());
    scene.apply(issue("ana", "a")).await;
    scene.pass(end - scene.now() - Duration::microseconds(1));
    scene.apply(issue("bob", "a")).await;
    assert_eq!(scene.commit(issue("cleo", "a")).await, used_up(&scene), "until the window ends");
    scene.apply(issue("cleo", "b")).await;
    scene.pass(Duration::microseconds(1));
    assert_eq!(scene.now(), end);
    for name in ["dora", "emil"] {
        scene.apply(issue(name, "a")).await;
    }
    assert_eq!(scene.commit(issue("fritz", "a")).await, used_up(&scene));
    scene.pass(window() * 5);
    scene.apply(issue("fritz", "a")).await;
}

pub(in crate::contract) async fn a_plan_spends_as_much_as_it_says_or_nothing(subject: Subject) {
    let scene = subject.scene("acme").await;
    let spend = |count| Plan { limits: vec![budget(&scene, "a", 5, count)], ..Plan::default() };
    assert_eq!(scene.commit(spend(6)).await, used_up(&scene), "more than there ever is");
    scene.apply(spend(3)).await;
    assert_eq!(scene.commit(spend(3)).await, used_up(&scene));
    scene.apply(spend(2)).await;
    assert_eq!(scene.commit(spend(1)).await, used_up(&scene));
}

pub(in crate::contract) async fn of_several_limits_all_are_kept_or_none_is_counted(subject: Subject) {
    let scene = subject.scene("acme").await;
    let plan = |address: &str, limits| within(&scene, address, limits);
    let one = |key| budget(&scene, key, 1, 1);
    scene.apply(plan("ana", vec![one("used"), live(&scene, 10), seats(&scene, 10)])).await;
    for limits in [
        vec![one("free"), one("used")],
        vec![one("used"), one("free")],
        vec![seats(&scene, PEOPLE + 2), live(&scene, 2), one("free"), one("used")],
        vec![one("free"), live(&scene, 1)],
        vec![live(&scene, 1), one("free")],
        vec![one("free"), seats(&scene, PEOPLE + 1)],
        vec![seats(&scene, PEOPLE + 1), one("free")],
    ] {
        let outcome = scene.commit(plan("bob", limits.clone())).await;
        assert!(matches!(outcome, Outcome::Refused(_)), "{limits:?}: {outcome:?}");
    }
    scene.apply(plan("bob", vec![one("free"), live(&scene, 2), seats(&scene, PEOPLE + 2)])).await;
    assert_eq!(scene.commit(plan("cleo", vec![one("free")])).await, used_up(&scene), "now it is counted");
}

pub(in crate::contract) async fn a_refused_plan_leaves_no_trace(subject: Subject) {
    let scene = subject.scene("acme").await;
    let ana = scene.issue("ana").await;
    let before = (trail(&scene).await, scene.record(ana.id).await);
    let bob = scene.invitation("bob");
    for limit in [seats(&scene, PEOPLE + 1), live(&scene, 1), budget(&scene, "a", 0, 1)] {
        let mut plan = scene.plan_issue(&bob);
        plan.limits.push(limit);
        plan.idempotency = Some(scene.answer("a request", bob.id.as_uuid()));
        plan.cancel_messages.push((ana.id, invite_domain::invitation::Reason::Overtaken));
        plan.directory.push(DirectoryChange::InsertAccount(Box::new(scene.account("bob"))));
        assert!(matches!(scene.commit(plan).await, Outcome::Refused(_)));
        assert_eq!(scene.record(bob.id).await, None);
        assert_eq!((trail(&scene).await, scene.record(ana.id).await), before);
    }
    // Address, key, request and number are free.
    let mut plan = scene.plan_issue(&bob);
    plan.idempotency = Some(scene.answer("a request", bob.id.as_uuid()));
    plan.directory.push(DirectoryChange::InsertAccount(Box::new(scene.account("bob"))));
    scene.apply(plan).await;
}

pub(in crate::contract) async fn a_stale_plan_is_stale_whatever_its_limits_and_counts_nothing(subject: Subject) {
    let scene = subject.scene("acme").await;
    let ana = scene.issue("ana").await;
    scene.apply(scene.plan_resend(&ana)).await;
    let stale_guards = [Guard::InvitationAt(ana.id, ana.version), scene.epoch_at(7, false), scene.epoch_at(7, true)];
    for guard in stale_guards {
        let limits = vec![seats(&scene, 0), live(&scene, 0), budget(&scene, "a", 0, 1)];
        let all = Plan { guards: vec![guard.clone()], limits: limits.clone(), ..Plan::default() };
        assert_eq!(scene.commit(all).await, Outcome::Stale);
        for limit in limits {
            let one = Plan { guards: vec![guard.clone()], limits: vec![limit], ..Plan::default() };
            assert_eq!(scene.commit(one).await, Outcome::Stale);
        }
        let roomy = vec![budget(&scene, "b", 2, 1), live(&scene, 2)];
        assert_eq!(scene.commit(Plan { guards: vec![guard], limits: roomy, ..Plan::default() }).await, Outcome::Stale);
    }
    // A key that is taken is found out in the end at the latest.
    scene.refuse(within(&scene, "ana", vec![budget(&scene, "b", 2, 1), seats(&scene, PEOPLE + 2)])).await;
    scene.apply(within(&scene, "bob", vec![budget(&scene, "b", 2, 2), live(&scene, 2)])).await;
}

pub(in crate::contract) async fn one_refused_plan_does_not_touch_its_neighbours(subject: Subject) {
    let scene = subject.scene("acme").await;
    let one = || vec![budget(&scene, "a", 1, 1)];
    scene.apply(within(&scene, "ana", one())).await;
    let held = scene.plan_issue(&scene.invitation("ana"));
    let (first, last) = (scene.invitation("first"), scene.invitation("last"));
    let plans = [
        Plan { limits: vec![budget(&scene, "b", 9, 1), live(&scene, 9)], ..scene.plan_issue(&first) },
        within(&scene, "bob", one()),
        held,
        within(&scene, "cleo", vec![seats(&scene, PEOPLE)]),
        Plan { limits: vec![budget(&scene, "b", 9, 1), live(&scene, 9)], ..scene.plan_issue(&last) },
    ];
    let outcomes: Vec<_> = scene.store.commit(&plans).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.len(), 5);
    assert!(outcomes[0].number_of(first.id.as_uuid()) > 0, "{outcomes:?}");
    assert_eq!(outcomes[1..4], [used_up(&scene), Outcome::Stale, NO_SEAT]);
    assert!(outcomes[4].number_of(last.id.as_uuid()) > 0, "{outcomes:?}");
    assert!(scene.record(first.id).await.is_some() && scene.record(last.id).await.is_some());
    assert_eq!(trail(&scene).await.len(), 3);
}

pub(in crate::contract) async fn plans_of_one_call_share_a_limit(subject: Subject) {
    let scene = subject.scene("acme").await;
    let committed = async |limit: Limit, name: &str| {
        let plans: Vec<_> = (0..7).map(|i| within(&scene, &format!("{name}{i}"), vec![limit.clone()])).collect();
        let outcomes = scene.store.commit(&plans).await.into_iter().map(Result::unwrap);
        outcomes.filter(|outcome| matches!(outcome, Outcome::Committed(_))).count()
    };
    assert_eq!(committed(seats(&scene, PEOPLE + 3), "seated").await, 3);
    assert_eq!(committed(live(&scene, 3 + 4), "live").await, 4);
    assert_eq!(committed(budget(&scene, "a", 5, 1), "spent").await, 5);
    assert_eq!(committed(budget(&scene, "b", 5, 2), "twice").await, 2);
}
