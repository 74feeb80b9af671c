//! Every kind of call a store answers, at once.

use chrono::Duration;
use futures_util::future::{BoxFuture, FutureExt as _, join_all};
use invite_domain::{
    invitation::{Budget, Channel, Plan},
    page::PageRequest,
    port::{
        Directory as _, EventFilter, InvitationFilter, InvitationStore as _, Lease, Limiter as _, OrganizationRef,
        Outbox as _, PortError, Settlement, Spending, SubjectFilter, Subjects as _,
    },
};
use invite_storage::SqlStore;
use invite_testkit::Scene;
use std::time::{Duration as StdDuration, Instant};

/// What a caller waits at most, with what a machine needs to say so.
pub(crate) const PATIENCE: StdDuration = StdDuration::from_millis(3_200);

type Call<'a> = (&'static str, BoxFuture<'a, Result<(), PortError>>);

/// Every kind of call there is. Those that write could be done many times.
fn calls<'a>(store: &'a SqlStore, scene: &'a Scene, plans: &'a [Plan]) -> Vec<Call<'a>> {
    let (now, organization) = (scene.now(), scene.organization.id);
    let page = PageRequest::first(5);
    let query = scene.invitation_query(invite_domain::id::InvitationId::from_uuid(uuid::Uuid::from_u128(7)));
    let mut all: Vec<Call<'a>> = Vec::new();
    macro_rules! call {
        ($name:literal, $future:expr) => {
            all.push(($name, async move { $future.await.map(drop) }.boxed()))
        };
    }
    let issue = super::recorded::issue_query(scene, scene.owner.principal(), "dora");
    let redeem =
        super::recorded::redemption_query(scene, invite_domain::id::InvitationId::from_uuid(uuid::Uuid::from_u128(7)));
    let (first, second, third) = (page.clone(), page.clone(), page.clone());
    let lease = Lease { token: uuid::Uuid::from_u128(1), lasts: Duration::minutes(1) };
    let of_lease = lease.clone();
    let budget = Budget { limit: 100, window: Duration::minutes(1) };
    let spending = vec![Spending { key: "code:x".into(), budget }];
    let given = spending.clone();
    call!("commit", async { store.commit(&plans[..1]).await.remove(0) });
    call!("commit of several", async {
        let outcomes = store.commit(&plans[1..]).await;
        outcomes.into_iter().collect::<Result<Vec<_>, _>>()
    });
    call!("load_issue", store.load_issue(&issue));
    call!("load_invitation", store.load_invitation(&query));
    call!("load_redemption", store.load_redemption(&redeem));
    call!("list", store.list(organization, &InvitationFilter::default(), &first, now));
    call!("events", store.events(organization, &EventFilter::default(), &second));
    call!("lapsed", store.lapsed(5, now));
    call!("credential", store.credential(&scene.api_key.digest));
    call!("organization", store.organization(&OrganizationRef::Id(organization)));
    call!("account", store.account(scene.owner.account.id));
    call!("members", store.members(organization, None, &third));
    call!("is_empty", store.is_empty());
    call!("database_time", store.database_time());
    call!(
        "subjects",
        store.subjects(
            organization,
            invite_domain::directory::SubjectKind::Contact,
            &SubjectFilter::default(),
            &PageRequest::first(2)
        )
    );
    call!("claim", store.claim(&[Channel::Sms], &lease, 5, now));
    call!(
        "settle",
        store.settle(
            invite_domain::id::MessageId::from_uuid(uuid::Uuid::from_u128(9)),
            &of_lease,
            Settlement::Sent,
            None,
            now
        )
    );
    call!("next_due", store.next_due(&[Channel::Email]));
    call!("take", store.take(&spending, now));
    call!("give_back", store.give_back(&given, now));
    all
}

/// All calls at once: each answers, and in time, that the database is away.
pub(crate) async fn all_are_unavailable(store: &SqlStore, scene: &Scene, plans: &[Plan]) {
    let timed = calls(store, scene, plans).into_iter().map(|(name, call)| async move {
        let begun = Instant::now();
        let answer = call.await;
        (name, answer, begun.elapsed())
    });
    for (name, answer, took) in join_all(timed).await {
        assert!(matches!(answer, Err(PortError::Unavailable(_))), "{name}: {answer:?} after {took:?}");
        assert!(took < PATIENCE, "{name}: {took:?}");
    }
}

/// All calls at once: each works.
pub(crate) async fn all_work(store: &SqlStore, scene: &Scene, plans: &[Plan]) {
    for (name, answer) in
        join_all(calls(store, scene, plans).into_iter().map(|(n, call)| call.map(move |a| (n, a)))).await
    {
        assert!(answer.is_ok(), "{name}: {answer:?}");
    }
}

/// Plans that issue to three.
pub(crate) fn issues(scene: &Scene, word: &str) -> Vec<Plan> {
    (0..3).map(|i| scene.plan_issue(&scene.invitation(&format!("{word}{i}")))).collect()
}
