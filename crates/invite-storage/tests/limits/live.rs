//! How many invitations may live, by a counter that is never too low.

use super::{
    AdministrationChange, Cutoffs, Duration, Engine, EventKind, Invitation, InvitationChange, Limit, Organization,
    Outcome, Place, Plan, Retention as _, Shortage, Timestamp, refused, written,
};

fn day_after(at: Timestamp) -> i64 {
    (at + Duration::minutes(10)).timestamp_micros()
}

impl Place {
    /// What the organisation's counter says.
    async fn counted(&self) -> Option<i64> {
        self.taken(&format!("live:{}", self.scene.organization.id.as_uuid())).await
    }

    async fn live_until(&self) -> i64 {
        self.number("SELECT window_end FROM invite_counters WHERE counter_key LIKE 'live:%'").await
    }

    async fn is_full(&self, name: &str, most: i64) {
        self.is_refused(self.issue(name, vec![self.live(most)]), Shortage::Live).await;
    }

    async fn issue_live(&self, name: &str, most: i64) {
        self.scene.apply(self.issue(name, vec![self.live(most)])).await;
    }
}

pub(crate) async fn exact(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    // From no counter at all, and from one.
    for (round, most) in [(0, 5), (1, 13)] {
        let before = place.invitations().await;
        let plans = (0..32).map(|i| place.issue(&format!("l{round}-{i}"), vec![place.live(most)])).collect();
        let outcomes = place.at_once(plans).await;
        let room = usize::try_from(most - before).unwrap();
        assert_eq!((written(&outcomes), refused(&outcomes, Shortage::Live)), (room, 32 - room));
        assert_eq!((place.invitations().await, place.counted().await), (most, Some(most)));
    }
}

pub(crate) async fn while_forgotten(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    for round in 0..6 {
        let most = place.invitations().await + 5;
        let forgetting = {
            let store = place.stores[1].clone();
            tokio::spawn(async move {
                for _ in 0..20 {
                    store.forget_live_counts().await.unwrap();
                    tokio::task::yield_now().await;
                }
            })
        };
        let plans = (0..24).map(|i| place.issue(&format!("f{round}-{i}"), vec![place.live(most)])).collect();
        let outcomes = place.at_once(plans).await;
        forgetting.await.unwrap();
        assert_eq!((written(&outcomes), refused(&outcomes, Shortage::Live)), (5, 19), "round {round}");
        assert_eq!(place.invitations().await, most);
    }
}

pub(crate) async fn after_endings(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let (ana, bob) = (place.scene.invitation("ana"), place.scene.invitation("bob"));
    for invitation in [&ana, &bob] {
        place.scene.apply(place.issue_of(invitation, vec![place.live(2)])).await;
    }
    place.is_full("cleo", 2).await;
    // A revocation lowers no counter; the next one counts.
    place.scene.apply(place.scene.plan_revoke(&ana)).await;
    assert_eq!(place.counted().await, Some(2));
    place.issue_live("cleo", 2).await;
    assert_eq!((place.counted().await, place.live_until().await), (Some(2), day_after(place.scene.now())));
    place.is_full("dan", 2).await;
    // Nor does an expiry: until the very last microsecond it is full, and then it is not.
    let left = bob.expires_at - place.scene.now();
    place.scene.pass(left - Duration::microseconds(1));
    place.is_full("dan", 2).await;
    place.scene.pass(Duration::microseconds(1));
    place.issue_live("dan", 2).await;
    // What expired lives again only where there is room.
    place.issue_live("eva", 2).await;
    let back = Invitation { expires_at: place.scene.now() + Duration::days(1), ..bob.clone() };
    let back = place.scene.plan_update(&bob, back, EventKind::InvitationExtended);
    place.is_refused(Plan { limits: vec![place.live(2)], ..back.clone() }, Shortage::Live).await;
    place.scene.apply(Plan { limits: vec![place.live(3)], ..back }).await;
    place.is_full("fay", 3).await;
}

/// The organisation as it is, written once more.
fn rewritten(place: &Place, version: i64) -> Plan {
    let next = Organization { version, ..place.scene.organization.clone() };
    Plan { administration: vec![AdministrationChange::UpdateOrganization(Box::new(next))], ..Plan::default() }
}

pub(crate) async fn after_a_change(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    place.issue_live("ana", 3).await;
    assert_eq!(place.counted().await, Some(1));
    for name in ["bob", "cleo"] {
        place.scene.issue(name).await;
    }
    // A change of the limit is a change of the organisation's row.
    place.scene.apply(rewritten(&place, 2)).await;
    assert_eq!(place.counted().await, None);
    place.is_full("dan", 3).await;
    place.issue_live("dan", 4).await;
    assert_eq!(place.counted().await, Some(4));
    // Where the limit is the operator's, it changes with the process.
    place.scene.issue("eva").await;
    place.stores[0].forget_live_counts().await.unwrap();
    assert_eq!(place.counted().await, None);
    place.is_full("fay", 5).await;
    // Only those counts are forgotten.
    place.scene.apply(place.issue("fay", vec![place.budget("livery", 9, 1), place.budget("issue:x", 9, 2)])).await;
    place.stores[1].forget_live_counts().await.unwrap();
    assert_eq!((place.taken("livery").await, place.taken("issue:x").await), (Some(1), Some(2)));
}

pub(crate) async fn after_a_purge(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    place.issue_live("ana", 2).await;
    let purge = async || place.stores[0].purge(&Cutoffs::at(place.scene.now()), 100).await.unwrap().counters;
    assert_eq!((purge().await, place.counted().await), (0, Some(1)));
    place.issue_live("bob", 2).await;
    place.scene.pass(Duration::days(3));
    assert_eq!((purge().await, place.counted().await), (1, None));
    place.is_full("cleo", 2).await;
    place.issue_live("cleo", 3).await;
    assert_eq!((place.counted().await, place.live_until().await), (Some(3), day_after(place.scene.now())));
}

pub(crate) async fn replaced(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let ana = place.scene.invitation("ana");
    place.scene.apply(place.issue_of(&ana, vec![place.live(1)])).await;
    // One ends and one begins in one plan: after it there are as many as may be.
    let mut replace = place.scene.plan_revoke(&ana);
    let bob = place.scene.invitation("bob");
    replace.invitations.push(InvitationChange::Insert(Box::new(bob.clone())));
    replace.limits = vec![place.live(1)];
    place.scene.apply(replace).await;
    assert_eq!(place.counted().await, Some(1));
    // Two that begin are two.
    let (one, two) = (place.scene.invitation("one"), place.scene.invitation("two"));
    let mut both = place.issue_of(&one, vec![place.live(2), place.live(2)]);
    both.invitations.push(InvitationChange::Insert(Box::new(two)));
    assert_eq!(place.scene.commit(both.clone()).await, Outcome::Refused(Shortage::Live));
    let limit = |most| Limit::Live { organization_id: place.scene.organization.id, most, at: place.scene.now() };
    both.limits = vec![limit(3), limit(3)];
    place.scene.apply(both).await;
    assert_eq!(place.counted().await, Some(3));
}
