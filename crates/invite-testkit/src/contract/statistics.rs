//! [`Statistics`](invite_domain::port::Statistics).

use super::Subject;
use crate::Scene;
use chrono::Duration;
use invite_domain::{
    access::{Inviter, InviterKind, PermissionSet},
    directory::Membership,
    id::MessageId,
    invitation::{Channel, DeliveryState, Invitation, MessageKind, OutboxMessage, Plan, Reason, State, Status},
    page::PageRequest,
    port::{Entropy as _, Figures, FiguresQuery, InvitationFilter, Lease, Settlement, WeekFigures},
    secret::account_token::AccountPurpose,
    time::Timestamp,
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Every case of the part.
#[doc(hidden)]
#[macro_export]
macro_rules! __statistics_cases {
    ($then:ident $part:ident $args:tt) => {
        $crate::$then! { $part $args
            an_instant_is_counted_in_the_week_it_begins
            statistics_count_nothing_of_another_organization
            statuses_are_counted_as_the_list_shows_them
            messages_of_invitations_are_counted_where_they_were_handed_over
            the_last_acceptances_tell_how_long_they_took
            what_expires_soon_is_counted_up_to_the_very_microsecond
            weeks_that_are_not_in_order_are_refused
            statistics_of_any_history_are_what_a_plain_count_gives
        }
    };
}

/// Weeks of seven days: one before the scene's present, and as many after it as asked for.
fn weeks(scene: &Scene, after: i32) -> FiguresQuery {
    FiguresQuery {
        organization_id: scene.organization.id,
        boundaries: (-1..=after).map(|week| scene.now() + Duration::days(7) * week).collect(),
        now: scene.now(),
        expiring_before: scene.now() + Duration::days(7),
        waits: 100,
    }
}

async fn figures(subject: &Subject, query: &FiguresQuery) -> Figures {
    let figures = subject.statistics().figures(query).await.unwrap();
    assert_eq!(figures.weeks.len(), query.boundaries.len() - 1, "a week each");
    figures
}

fn of(weeks: &[WeekFigures], count: impl Fn(&WeekFigures) -> u64) -> Vec<u64> {
    weeks.iter().map(count).collect()
}

/// Takes every message that is due and lets it come to this.
async fn settle_all(subject: &Subject, settlement: Settlement, now: Timestamp) {
    let lease = Lease { token: Uuid::from_u128(7), lasts: Duration::minutes(1) };
    for message in subject.outbox.claim(&Channel::ALL, &lease, 200, now).await.unwrap() {
        assert!(subject.outbox.settle(message.id, &lease, settlement, None, now).await.unwrap());
    }
}

pub(super) async fn an_instant_is_counted_in_the_week_it_begins(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut query = weeks(&scene, 2);
    let begin = query.boundaries[1];
    for (name, micros) in [("before", -1), ("at", 0), ("after", 1)] {
        scene.clock.set(begin + Duration::microseconds(micros));
        let expires_at = scene.now() + Duration::days(7);
        scene.issue_this(Invitation { expires_at, ..scene.invitation(name) }).await;
        let redeemed = scene.issue(&format!("redeemed-{name}")).await;
        let declined = scene.issue(&format!("declined-{name}")).await;
        settle_all(&subject, Settlement::Sent, scene.now()).await;
        scene.apply(scene.plan_redeem(&redeemed, &scene.account(&format!("new-{name}")))).await;
        scene.apply(scene.plan_decline(&declined, false)).await;
    }
    scene.clock.set(query.boundaries[3] - Duration::microseconds(1));
    query.now = scene.now();
    let found = figures(&subject, &query).await;
    assert_eq!(of(&found.weeks, |week| week.issued), [3, 6, 0]);
    assert_eq!(of(&found.weeks, |week| week.sent), [3, 6, 0]);
    assert_eq!(of(&found.weeks, |week| week.accepted), [1, 2, 0]);
    assert_eq!(of(&found.weeks, |week| week.declined), [1, 2, 0]);
    assert_eq!(of(&found.weeks, |week| week.expired), [0, 1, 2], "the invitations' own seven days later");

    // Outside the weeks nothing counts, and the end of the last is outside.
    query.boundaries = vec![begin - Duration::days(1), begin];
    let found = figures(&subject, &query).await;
    assert_eq!(of(&found.weeks, |week| week.issued), [3]);
    assert_eq!(of(&found.weeks, |week| week.accepted), [1]);
    query.boundaries = vec![begin + Duration::microseconds(1), begin + Duration::microseconds(2)];
    assert_eq!(of(&figures(&subject, &query).await.weeks, |week| week.issued), [3]);
}

pub(super) async fn statistics_count_nothing_of_another_organization(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("globex").await);
    for name in ["ana", "bea", "cleo", "dora"] {
        other.issue(name).await;
    }
    settle_all(&subject, Settlement::Sent, other.now()).await;
    let redeemed = other.issue("eve").await;
    settle_all(&subject, Settlement::Failed(Reason::SmtpRefused), other.now()).await;
    other.apply(other.plan_redeem(&redeemed, &other.account("eve"))).await;
    let declined = other.issue("fay").await;
    other.apply(other.plan_decline(&declined, false)).await;
    let query = weeks(&scene, 2);
    let found = figures(&subject, &query).await;
    let statuses: u64 = found.statuses.values().sum();
    assert_eq!(statuses, 0);
    let nothing =
        Figures { weeks: vec![WeekFigures::default(); 3], statuses: found.statuses.clone(), ..Figures::default() };
    assert_eq!(found, nothing);
    let theirs = figures(&subject, &FiguresQuery { organization_id: other.organization.id, ..query }).await;
    assert_eq!(theirs.weeks[1], WeekFigures { issued: 6, sent: 4, accepted: 1, declined: 1, expired: 0 });
    assert_eq!((theirs.failed_deliveries, theirs.expiring, theirs.waits.len()), (1, 0, 1));
}

/// The counts are what a list of each status holds.
async fn statuses_agree(subject: &Subject, scene: &Scene, query: &FiguresQuery) {
    let found = figures(subject, query).await;
    for status in Status::ALL {
        let filter = InvitationFilter { statuses: vec![status], ..InvitationFilter::default() };
        let page = PageRequest { include_total: true, ..PageRequest::first(1) };
        let listed = scene.store.list(query.organization_id, &filter, &page, query.now).await.unwrap();
        let counted = found.statuses.get(&status).copied().unwrap_or_default();
        assert_eq!(Some(counted), listed.total, "{}", status.name());
    }
}

pub(super) async fn statuses_are_counted_as_the_list_shows_them(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut issued = Vec::new();
    for name in ["pending", "redeemed", "declined", "revoked", "exhausted", "also-exhausted", "by-admin"] {
        let mut invitation = scene.invitation(name);
        if name.ends_with("exhausted") {
            (invitation.max_uses, invitation.uses) = (3, 3);
        }
        if name == "by-admin" {
            invitation.inviter = Inviter { kind: InviterKind::Member, id: scene.admin.membership.id.as_uuid() };
            invitation.grant.permissions = PermissionSet::new();
        }
        issued.push(scene.issue_this(invitation).await);
    }
    scene.apply(scene.plan_redeem(&issued[1], &scene.account("redeemed"))).await;
    scene.apply(scene.plan_decline(&issued[2], false)).await;
    scene.apply(scene.plan_revoke(&issued[3])).await;
    let admin = &scene.admin.membership;
    let demoted = Membership { role_id: Some(scene.roles.guest.id), version: 2, ..admin.clone() };
    scene.apply(scene.plan_member(admin, demoted)).await;
    let mut query = weeks(&scene, 2);
    let counted = figures(&subject, &query).await.statuses;
    let expected = [
        (Status::Pending, 1),
        (Status::Redeemed, 1),
        (Status::Declined, 1),
        (Status::Revoked, 1),
        (Status::Exhausted, 2),
        (Status::Suspended, 1),
    ];
    assert_eq!(counted.into_iter().filter(|(_, count)| *count > 0).collect::<BTreeMap<_, _>>(), expected.into());
    statuses_agree(&subject, &scene, &query).await;
    for micros in [-1, 0, 1] {
        query.now = issued[0].expires_at + Duration::microseconds(micros);
        statuses_agree(&subject, &scene, &query).await;
    }
}

pub(super) async fn messages_of_invitations_are_counted_where_they_were_handed_over(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut query = weeks(&scene, 1);
    for name in ["ana", "bea"] {
        scene.issue(name).await;
    }
    let kind = |purpose| MessageKind::Account { account_id: scene.member.account.id, purpose, counter: 1 };
    let of_account = OutboxMessage::queued(
        MessageId::new(scene.now(), &*scene.entropy),
        Some(scene.organization.id),
        kind(AccountPurpose::OwnerLink),
        Channel::Email,
        scene.now(),
    );
    let dora = scene.issue("dora").await;
    let reminder = OutboxMessage {
        id: MessageId::new(scene.now(), &*scene.entropy),
        kind: MessageKind::Reminder { invitation_id: dora.id, generation: dora.generation },
        ..of_account.clone()
    };
    scene.apply(Plan { messages: vec![of_account.clone(), reminder], ..Plan::default() }).await;
    // What is handed over counts when it is, not when it was made.
    scene.clock.set(query.boundaries[2] - Duration::microseconds(1));
    settle_all(&subject, Settlement::Sent, scene.now()).await;
    scene.pass(Duration::microseconds(1));
    let cleo = scene.issue("cleo").await;
    let failed = OutboxMessage {
        id: MessageId::new(scene.now(), &*scene.entropy),
        state: DeliveryState::Failed,
        reason: Some(Reason::SmtpRefused),
        settled_at: Some(scene.now()),
        ..of_account
    };
    scene.apply(Plan { messages: vec![failed], ..Plan::default() }).await;
    settle_all(&subject, Settlement::Failed(Reason::SmtpRefused), scene.now()).await;
    query.now = scene.now();
    let found = figures(&subject, &query).await;
    assert_eq!(of(&found.weeks, |week| week.sent), [0, 4], "three links, and one once more");
    assert_eq!(found.failed_deliveries, 1, "a link to an account is no delivery of an invitation");
    let cancelled = scene.plan_resend(&cleo);
    scene.apply(cancelled).await;
    assert_eq!(figures(&subject, &query).await.failed_deliveries, 1, "what is queued anew has not failed");
}

pub(super) async fn the_last_acceptances_tell_how_long_they_took(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut query = weeks(&scene, 1);
    let mut took = Vec::new();
    for (name, minutes) in [("ana", 1), ("bea", 50), ("cleo", 7), ("dora", 1_440)] {
        let invitation = scene.issue(name).await;
        let wait = Duration::minutes(minutes) + Duration::microseconds(minutes);
        scene.pass(wait);
        scene.apply(scene.plan_redeem(&invitation, &scene.account(&format!("{name}@new.example")))).await;
        took.push(wait);
    }
    // A link for several people says nothing of how long one of them took.
    let many = scene.issue_this(Invitation { max_uses: 3, ..scene.invitation("many") }).await;
    scene.pass(Duration::hours(30));
    scene.apply(scene.plan_redeem(&many, &scene.account("eve"))).await;
    query.now = scene.now();
    let sorted = |mut waits: Vec<Duration>| {
        waits.sort_unstable();
        waits
    };
    let found = figures(&subject, &query).await;
    assert_eq!(of(&found.weeks, |week| week.accepted), [0, 5]);
    assert_eq!(sorted(found.waits), sorted(took.clone()));
    query.waits = 2;
    assert_eq!(sorted(figures(&subject, &query).await.waits), sorted(took[2..].to_vec()), "the last two");
    query.boundaries = vec![scene.now(), scene.now() + Duration::days(1)];
    assert_eq!(figures(&subject, &query).await.waits, [], "outside the weeks");
}

pub(super) async fn what_expires_soon_is_counted_up_to_the_very_microsecond(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    let used_up = Invitation { max_uses: 2, uses: 2, ..scene.invitation("used-up") };
    scene.issue_this(used_up).await;
    let revoked = scene.issue("revoked").await;
    scene.apply(scene.plan_revoke(&revoked)).await;
    let mut query = weeks(&scene, 1);
    for (micros, expected) in [(0, 0), (1, 1)] {
        query.expiring_before = invitation.expires_at + Duration::microseconds(micros);
        assert_eq!(figures(&subject, &query).await.expiring, expected, "{micros} µs");
    }
    query.expiring_before = invitation.expires_at + Duration::days(1);
    for (micros, expected) in [(-1, 1), (0, 0)] {
        query.now = invitation.expires_at + Duration::microseconds(micros);
        assert_eq!(figures(&subject, &query).await.expiring, expected, "{micros} µs");
    }
}

pub(super) async fn weeks_that_are_not_in_order_are_refused(subject: Subject) {
    let scene = subject.scene("acme").await;
    let query = weeks(&scene, 1);
    let now = query.now;
    for boundaries in [vec![], vec![now], vec![now, now], vec![now, now - Duration::days(7)]] {
        let query = FiguresQuery { boundaries, ..query.clone() };
        assert!(subject.statistics().figures(&query).await.is_err(), "{:?}", query.boundaries);
    }
}

/// What happened, as the test itself wrote it down.
#[derive(Default)]
struct Diary {
    invitations: Vec<Invitation>,
    redemptions: Vec<(Timestamp, Duration)>,
    sent: Vec<Timestamp>,
    failed: u64,
}

impl Diary {
    /// Counts one by one.
    fn count(&self, query: &FiguresQuery) -> Figures {
        let within = |from: &Timestamp, to: &Timestamp, at: Timestamp| *from <= at && at < *to;
        let sides = query.boundaries.iter().zip(&query.boundaries[1..]);
        let count = |found: usize| u64::try_from(found).unwrap();
        let expired = |one: &&Invitation| one.state == State::Pending && one.expires_at <= query.now;
        let weeks = sides.map(|(from, to)| {
            let all = || self.invitations.iter();
            let declined = all().filter_map(|one| match one.state {
                State::Declined { at, .. } => Some(at),
                _ => None,
            });
            WeekFigures {
                issued: count(all().filter(|one| within(from, to, one.created_at)).count()),
                sent: count(self.sent.iter().filter(|at| within(from, to, **at)).count()),
                accepted: count(self.redemptions.iter().filter(|(at, _)| within(from, to, *at)).count()),
                declined: count(declined.filter(|at| within(from, to, *at)).count()),
                expired: count(all().filter(expired).filter(|one| within(from, to, one.expires_at)).count()),
            }
        });
        let soon = |one: &&Invitation| one.is_live(query.now) && one.expires_at < query.expiring_before;
        let (first, last) = (query.boundaries[0], query.boundaries[query.boundaries.len() - 1]);
        let mut waits: Vec<_> =
            self.redemptions.iter().filter(|(at, _)| within(&first, &last, *at)).map(|(_, wait)| *wait).collect();
        waits.sort_unstable();
        Figures {
            weeks: weeks.collect(),
            statuses: BTreeMap::new(),
            waits,
            expiring: count(self.invitations.iter().filter(soon).count()),
            failed_deliveries: self.failed,
        }
    }
}

pub(super) async fn statistics_of_any_history_are_what_a_plain_count_gives(subject: Subject) {
    for seed in 0..3_u32 {
        let scene = subject.scene(&format!("history-{seed}")).await;
        let random = |below: u32| {
            let mut bytes = [0; 4];
            scene.entropy.fill(&mut bytes);
            u32::from_le_bytes(bytes) % below
        };
        let mut boundaries = vec![scene.now() + Duration::hours(6)];
        for _ in 0..5 {
            let last = boundaries[boundaries.len() - 1];
            boundaries.push(last + Duration::hours(i64::from(10 + random(50))));
        }
        let mut diary = Diary::default();
        for step in 0..60_u32 {
            scene.pass(Duration::minutes(i64::from(random(360))));
            live(&subject, &scene, &mut diary, step, &random).await;
        }
        let query = FiguresQuery {
            organization_id: scene.organization.id,
            boundaries,
            now: scene.now(),
            expiring_before: scene.now() + Duration::hours(12),
            waits: 1_000,
        };
        let mut found = figures(&subject, &query).await;
        found.waits.sort_unstable();
        statuses_agree(&subject, &scene, &query).await;
        found.statuses.clear();
        assert_eq!(found, diary.count(&query), "history {seed}");
    }
}

/// One thing happens, and is written down.
async fn live(subject: &Subject, scene: &Scene, diary: &mut Diary, step: u32, random: &impl Fn(u32) -> u32) {
    let now = scene.now();
    let open: Vec<_> = (0..diary.invitations.len()).filter(|one| diary.invitations[*one].is_live(now)).collect();
    let pending = open.get(random(100) as usize % open.len().max(1)).copied();
    match (random(8), pending) {
        (0, Some(one)) => {
            let before = diary.invitations[one].clone();
            let account = scene.account(&format!("new{step}@{}.example", scene.organization.slug));
            scene.apply(scene.plan_redeem(&before, &account)).await;
            diary.redemptions.push((now, now - before.created_at));
            diary.invitations[one].state = State::Redeemed { at: now };
        }
        (1, Some(one)) => {
            scene.apply(scene.plan_decline(&diary.invitations[one], false)).await;
            diary.invitations[one].state = State::Declined { at: now, blocked: false };
        }
        (2, Some(one)) => {
            scene.apply(scene.plan_revoke(&diary.invitations[one])).await;
            let by = diary.invitations[one].inviter.actor();
            diary.invitations[one].state = State::Revoked { at: now, by, reason: None };
        }
        (3, Some(one)) => {
            let plan = scene.plan_resend(&diary.invitations[one]);
            let next = plan.invitations[0].invitation().clone();
            scene.apply(plan).await;
            diary.invitations[one] = next;
        }
        (4, _) => {
            let lease = Lease { token: Uuid::from_u128(u128::from(step)), lasts: Duration::seconds(1) };
            for message in subject.outbox.claim(&Channel::ALL, &lease, 3, now).await.unwrap() {
                let fails = random(4) == 0;
                let settlement = if fails { Settlement::Failed(Reason::SmtpRefused) } else { Settlement::Sent };
                assert!(subject.outbox.settle(message.id, &lease, settlement, None, now).await.unwrap());
                if message.organization_id == Some(scene.organization.id) {
                    if fails { diary.failed += 1 } else { diary.sent.push(now) }
                }
            }
        }
        _ => {
            let expires_at = now + Duration::hours(i64::from(1 + random(72)));
            let invitation = Invitation { expires_at, ..scene.invitation(&format!("person{step}")) };
            diary.invitations.push(scene.issue_this(invitation).await);
        }
    }
}
