//! What a store on SQL keeps for a moment of what it read, on every engine: what it serves, and that every change of it is seen.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod support;

use invite_domain::{
    access::{ActorFacts, Inviter, InviterKind, MemberFacts, Role},
    directory::{Account, ApiKey, Membership, OperatorKey, Organization},
    id::InvitationId,
    invitation::{AdministrationChange, DirectoryChange, Guard, IdempotencyRecord, Invitation, Outcome, Plan},
    page::PageRequest,
    port::{
        InvitationFilter, InvitationRecord, InvitationStore as _, IssueFacts, IssueQuery, Principal, ViewFacts,
        ViewQuery,
    },
};
use invite_storage::SqlStore;
use invite_testkit::Scene;
use invite_tests::requires::{Requirement, Suite};
use std::{process::ExitCode, sync::Arc};
use support::{
    engines::{self, Engine},
    place::{EveryEngine, Place, is_written, runtime},
    recorded::{Recorded, issue_query},
};

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    let engines = EveryEngine::of(&mut suite)
        .add("what_was_read_a_moment_ago_serves_issuing_until_something_of_it_changes", issuing)
        .add("views_and_pages_show_every_change_of_who_is_who_at_once", changes)
        .add("a_name_that_was_changed_here_is_shown_at_once", own_changes)
        .add("whoever_is_nobody_may_become_somebody_at_any_time", strangers)
        .add("what_an_operator_issued_is_shown_as_he_is_now", operators)
        .engines();
    suite.trial("sqlite::views_and_pages_read_who_is_who_once_in_a_moment", None, || {
        runtime()?.block_on(narrow());
        Ok(())
    });
    let conclusion = suite.run();
    engines::end(engines);
    conclusion
}

/// Only PostgreSQL's statement looks at what is in the way while it writes; elsewhere everything is read each time.
async fn issuing(engine: Option<Engine>) {
    let looks_while_writing = engine.as_ref().is_some_and(|engine| engine.kind() == Requirement::Postgres);
    let place = Place::new(engine).await;
    let (store, scene) = (&place.store, &place.scene);
    let query = |name: &str| IssueQuery {
        accepts_recent: true,
        idempotency: None,
        role_id: Some(scene.roles.guest.id),
        ..issue_query(scene, scene.owner.principal(), name)
    };
    // As late as it may be: what is kept is half a second old before this has run, on a slow machine. Then it is read again.
    let mut was_recent = false;
    for attempt in 0..64 {
        let read = store.load_issue(&query("ana")).await.unwrap().unwrap();
        let before = store.statements();
        let found = store.load_issue(&query("bob")).await.unwrap().unwrap();
        assert_eq!(found.is_recent, store.statements() == before, "{attempt}");
        assert_eq!(IssueFacts { is_recent: false, ..found.clone() }, IssueFacts { is_recent: false, ..read });
        let asked = IssueQuery { accepts_recent: false, ..query("bob") };
        assert!(!store.load_issue(&asked).await.unwrap().unwrap().is_recent, "who does not accept it is not told it");
        let by_operator = IssueQuery { principal: Principal::Operator(scene.api_key.id), ..query("bob") };
        for _ in 0..2 {
            assert!(!store.load_issue(&by_operator).await.unwrap().unwrap().is_recent, "no epoch tells of an operator");
        }
        let other = IssueQuery { role_id: Some(scene.roles.member.id), ..query("bob") };
        assert!(attempt > 0 || !store.load_issue(&other).await.unwrap().unwrap().is_recent, "another role");
        if found.is_recent || !looks_while_writing {
            was_recent = found.is_recent;
            break;
        }
    }
    assert_eq!(was_recent, looks_while_writing);

    // What is in the way is seen when a plan is written, and neighbours are not kept by it.
    let unlooked = |name: &str| {
        let invitation = scene.invitation(name);
        let address = invitation.recipient.email().map(|email| email.key().to_owned());
        let mut plan = scene.plan_issue(&invitation);
        plan.guards.push(Guard::Unhindered(scene.organization.id, invitation.recipient.live_key(), address));
        plan
    };
    scene.issue("held").await;
    scene.join("member", &scene.roles.guest).await;
    let blocked = scene.issue("blocked").await;
    scene.apply(scene.plan_decline(&blocked, true)).await;
    let names: Vec<String> = ["held", "member", "blocked"]
        .map(str::to_owned)
        .into_iter()
        .chain((0..29).map(|n| format!("new{n}")))
        .collect();
    let before = store.statements();
    let outcomes = place.at_once(&names.iter().map(|name| unlooked(name)).collect::<Vec<_>>()).await;
    let statements = store.statements() - before;
    let stale: Vec<_> =
        names.iter().zip(&outcomes).filter(|(_, one)| **one == Outcome::Stale).map(|(name, _)| name).collect();
    assert_eq!(stale, ["held", "member", "blocked"]);
    if looks_while_writing {
        assert!(statements < 16, "{statements} statements for 32 plans");
    }
    let answered = |key: &str, name: &str| {
        let plan = unlooked(name);
        Plan { idempotency: Some(scene.answer(key, plan.invitations[0].invitation().id.as_uuid())), ..plan }
    };
    scene.apply(answered("taken", "first")).await;
    let plans: Vec<_> =
        (0..32).map(|n| answered(if n == 7 { "taken" } else { names[n].as_str() }, &format!("other{n}"))).collect();
    let before = store.statements();
    let outcomes = place.at_once(&plans).await;
    let statements = store.statements() - before;
    let stale: Vec<_> = outcomes.iter().enumerate().filter(|(_, one)| **one == Outcome::Stale).collect();
    assert_eq!(stale, [(7, &Outcome::Stale)]);
    if looks_while_writing {
        assert!(statements < 20, "{statements} statements for 32 plans with answers");
    }
    // An answer that has ended is in nobody's way.
    let later = answered("taken", "later");
    let a_day_after = |record: IdempotencyRecord| IdempotencyRecord {
        created_at: record.created_at + IdempotencyRecord::LIFETIME,
        ..record
    };
    let later = Plan { idempotency: later.idempotency.map(a_day_after), ..later };
    assert!(is_written(&place.at_once(&[later]).await[0]));
    // An epoch that rose makes it stale, as ever.
    let decided = unlooked("late");
    let mut raise = scene.plan_remove(&scene.member.membership);
    raise.guards.push(scene.epoch_at(1, true));
    scene.apply(raise).await;
    assert_eq!(place.at_once(&[decided]).await, [Outcome::Stale]);
}

/// What a store tells of an invitation.
struct Told<'p> {
    store: &'p SqlStore,
    scene: &'p Scene,
    invitation: InvitationId,
}

impl Told<'_> {
    async fn view(&self, query: &ViewQuery) -> ViewFacts {
        self.store.load_view(query).await.unwrap().unwrap()
    }

    async fn page(&self) -> InvitationRecord {
        let (page, filter) = (PageRequest::first(10), InvitationFilter::default());
        let page = self.store.list(self.scene.organization.id, &filter, &page, self.scene.now()).await.unwrap();
        page.items.into_iter().find(|record| record.invitation.id == self.invitation).unwrap()
    }

    /// In a view and on a page, which have to see by themselves that something changed: now one comes first, now the other.
    async fn both(&self, query: &ViewQuery, page_first: bool) -> (ViewFacts, InvitationRecord) {
        if page_first {
            let record = self.page().await;
            (self.view(query).await, record)
        } else {
            (self.view(query).await, self.page().await)
        }
    }

    /// Who answers for it.
    async fn inviters(&self) -> [ActorFacts; 2] {
        let (facts, record) = self.both(&self.scene.view_query(self.invitation), false).await;
        [facts.record.unwrap().inviter, record.inviter]
    }
}

fn member(facts: ActorFacts) -> Option<MemberFacts> {
    match facts {
        ActorFacts::Member(member) => Some(member),
        _ => None,
    }
}

/// Another replica makes the change, and the next answer of this one is of what is there now.
async fn changes(engine: Option<Engine>) {
    for page_first in [false, true] {
        Box::pin(changes_seen(Place::new(engine.clone()).await, page_first)).await;
    }
}

async fn changes_seen(place: Place, page_first: bool) {
    let scene = &place.scene;
    let mut invitation = scene.invitation("ana");
    invitation.inviter = Inviter { kind: InviterKind::Member, id: scene.admin.membership.id.as_uuid() };
    invitation.grant_digest = invitation.compute_grant_digest();
    let id = scene.issue_this(invitation).await.id;
    let told = Told { store: &place.store, scene, invitation: id };
    let by_admin = ViewQuery { principal: scene.admin.principal(), ..scene.view_query(id) };
    let by_key = ViewQuery { principal: Principal::ApiKey(scene.api_key.id), ..scene.view_query(id) };
    let warm = async || {
        for query in [&by_admin, &by_key, &by_admin, &by_key] {
            told.both(query, page_first).await;
        }
    };
    let mut epoch = 1;
    let mut elsewhere = async |plan: Plan| {
        warm().await;
        let mut plan = plan;
        plan.guards.push(scene.epoch_at(epoch, true));
        epoch += 1;
        let outcome = place.second.commit(&[plan]).await.remove(0).unwrap();
        assert!(is_written(&outcome), "{outcome:?}");
    };
    let administered = |change| Plan { administration: vec![change], ..Plan::default() };

    let role = Role { name: "Visitors".into(), version: 2, ..scene.roles.member.clone() };
    elsewhere(administered(AdministrationChange::UpdateRole(Box::new(role)))).await;
    let (facts, record) = told.both(&by_admin, page_first).await;
    let name = |record: InvitationRecord| record.role.unwrap().name;
    assert_eq!([name(facts.record.unwrap()), name(record)], ["Visitors", "Visitors"]);

    let named = Organization { name: "Renamed".into(), version: 2, ..scene.organization.clone() };
    elsewhere(administered(AdministrationChange::UpdateOrganization(Box::new(named)))).await;
    let (facts, _) = told.both(&by_admin, page_first).await;
    assert_eq!((facts.organization.name.as_str(), facts.organization.authority_epoch), ("Renamed", 3));

    let key = ApiKey { revoked_at: Some(scene.now()), ..scene.api_key.clone() };
    elsewhere(administered(AdministrationChange::UpdateApiKey(Box::new(key)))).await;
    // Somebody else's view learns the new epoch; what is kept of the key is of the one before.
    told.both(&by_admin, page_first).await;
    let (facts, _) = told.both(&by_key, page_first).await;
    assert!(matches!(facts.actor, ActorFacts::ApiKey { key, .. } if key.revoked_at.is_some()));

    let off = Membership { active: false, ..scene.admin.membership.clone() };
    elsewhere(scene.plan_member(&scene.admin.membership, off)).await;
    let (facts, record) = told.both(&by_admin, page_first).await;
    for who in [facts.actor, facts.record.unwrap().inviter, record.inviter] {
        assert!(!member(who).unwrap().membership.active);
    }

    let off = told.view(&by_admin).await;
    elsewhere(scene.plan_remove(&member(off.actor).unwrap().membership)).await;
    let (facts, record) = told.both(&by_admin, page_first).await;
    for who in [facts.actor, facts.record.unwrap().inviter, record.inviter] {
        assert_eq!(who, ActorFacts::Unknown);
    }
}

/// No epoch tells of a name. Where it was changed here it is shown at once, on another replica soon.
async fn own_changes(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let scene = &place.scene;
    let invitation = scene.issue("ana").await.id;
    let [here, there] = [&place.store, &place.second].map(|store| Told { store, scene, invitation });
    let name = |facts: &ActorFacts| member(facts.clone()).and_then(|member| member.name);
    for version in 1..4 {
        for told in [&here, &there, &here, &there] {
            told.inviters().await;
        }
        let owner = &scene.owner.account;
        let called = format!("Olga the {version}.");
        let renamed = Account { name: Some(called.clone()), version: owner.version + version, ..owner.clone() };
        let directory = vec![DirectoryChange::UpdateAccount(Box::new(renamed))];
        scene.apply(Plan { directory, ..Plan::default() }).await;
        for facts in here.inviters().await {
            assert_eq!(name(&facts), Some(called.clone()));
        }
        // Half a second on, which need not be waited for.
        loop {
            if there.inviters().await.iter().all(|facts| name(facts) == Some(called.clone())) {
                break;
            }
        }
    }
}

/// Nobody's answer is kept, nor an operator's.
async fn strangers(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let scene = &place.scene;
    let id = scene.issue("ana").await.id;
    let told = Told { store: &place.store, scene, invitation: id };
    let account = scene.account("late");
    let by_late = ViewQuery { principal: Principal::Person(account.id), ..scene.view_query(id) };
    for _ in 0..2 {
        assert_eq!(told.view(&by_late).await.actor, ActorFacts::Unknown);
    }
    let membership = scene.membership(&account, Some(&scene.roles.admin));
    let directory = vec![
        DirectoryChange::InsertAccount(Box::new(account)),
        DirectoryChange::InsertMembership(Box::new(membership.clone())),
    ];
    let outcome = place.second.commit(&[Plan { directory, ..Plan::default() }]).await.remove(0).unwrap();
    assert!(is_written(&outcome));
    let actor = told.view(&by_late).await.actor;
    assert_eq!(member(actor).unwrap().membership.id, membership.id);

    let (operator, _) = scene.new_operator_key();
    let by_operator = ViewQuery { principal: Principal::Operator(operator.id), ..scene.view_query(id) };
    scene.administer(AdministrationChange::InsertOperatorKey(Box::new(operator.clone()))).await;
    for _ in 0..2 {
        assert_eq!(told.view(&by_operator).await.actor, ActorFacts::Operator { id: operator.id });
    }
    let revoke = AdministrationChange::RevokeOperatorKey(operator.id, scene.now());
    let outcome =
        place.second.commit(&[Plan { administration: vec![revoke], ..Plan::default() }]).await.remove(0).unwrap();
    assert!(is_written(&outcome));
    assert_eq!(told.view(&by_operator).await.actor, ActorFacts::Unknown);
}

async fn issue_by_operator(scene: &Scene, name: &str) -> (OperatorKey, Invitation) {
    let (operator, _) = scene.new_operator_key();
    scene.administer(AdministrationChange::InsertOperatorKey(Box::new(operator.clone()))).await;
    let mut invitation = scene.invitation(name);
    invitation.inviter = Inviter { kind: InviterKind::Operator, id: operator.id.as_uuid() };
    scene.apply(scene.plan_issue(&invitation)).await;
    (operator, invitation)
}

/// An operator belongs to no organisation, and no epoch tells of him.
async fn operators(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let (store, scene) = (&place.store, &place.scene);
    let (operator, by_operator) = issue_by_operator(scene, "ana").await;
    scene.issue("bob").await;
    let shown = async || {
        let view = store.load_view(&scene.view_query(by_operator.id)).await.unwrap().unwrap().record.unwrap();
        let page = PageRequest::first(10);
        let listed =
            store.list(scene.organization.id, &InvitationFilter::default(), &page, scene.now()).await.unwrap().items;
        assert_eq!(listed.len(), 2);
        assert!(listed.contains(&view), "{listed:?}");
        view.inviter
    };
    // The first time it is read with others' people, and then apart.
    for _ in 0..2 {
        assert_eq!(shown().await, ActorFacts::Operator { id: operator.id });
    }
    // By another process, so that this one forgets nothing.
    let revoke = AdministrationChange::RevokeOperatorKey(operator.id, scene.now());
    let outcome =
        place.second.commit(&[Plan { administration: vec![revoke], ..Plan::default() }]).await.remove(0).unwrap();
    assert!(is_written(&outcome));
    for _ in 0..2 {
        assert_eq!(shown().await, ActorFacts::Unknown);
    }
}

/// The statement that reads an invitation reads nobody besides, once it is known who is who.
async fn narrow() {
    let recorded = Recorded::open().await;
    let store = &recorded.store;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let id = scene.issue("ana").await.id;
    // Who is not kept makes nobody else be read again.
    issue_by_operator(&scene, "bob").await;
    let query = scene.view_query(id);
    let all = InvitationFilter::default();
    let page = PageRequest::first(10);
    let reads_people = || {
        let statements = recorded.take();
        assert!(!statements.is_empty());
        statements.iter().any(|statement| statement.sql.contains("invite_memberships"))
    };
    // What was read for one serves the other. What is kept may be past before this has run, on a slow machine.
    let mut was_narrow = [false; 2];
    for attempt in 0..64 {
        recorded.take();
        let first = store.load_view(&query).await.unwrap();
        assert!(attempt > 0 || reads_people());
        recorded.take();
        assert_eq!(store.load_view(&query).await.unwrap(), first);
        was_narrow[0] |= !reads_people();
        let listed = store.list(scene.organization.id, &all, &page, scene.now()).await.unwrap();
        assert!(listed.items.contains(&first.unwrap().record.unwrap()));
        was_narrow[1] |= !reads_people();
        if was_narrow == [true; 2] {
            break;
        }
    }
    assert_eq!(was_narrow, [true; 2], "a view, a page");
}
