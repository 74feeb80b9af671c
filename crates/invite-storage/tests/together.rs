//! What callers who come at the same time share, on every engine: one commit and few statements, and nobody's fate.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod support;

use futures_util::{FutureExt as _, future::join_all};
use invite_domain::{
    directory::SubjectKind,
    id::{InvitationId, MessageId, OrganizationId},
    invitation::{AdministrationChange, Budget, Budgeted, Channel, Invitation, Limit, Outcome, Shortage},
    port::{
        InvitationQuery, InvitationRef, InvitationStore as _, IssueQuery, PortError, RedemptionQuery, Spending,
        ViewQuery,
    },
};
use invite_tests::requires::Suite;
use std::{collections::BTreeSet, process::ExitCode};
use support::{
    engines::{self, Engine},
    place::{EveryEngine, Place, is_written, runtime},
    recorded::{issue_query, issue_query_for, redemption_query},
};
use uuid::Uuid;

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    let engines = EveryEngine::of(&mut suite)
        .add("issues_of_many_callers_share_statements_and_each_gets_its_own_number", many_issues)
        .add("redemptions_of_many_callers_share_statements", many_redemptions)
        .add("each_plan_of_a_group_has_its_own_fate", fates)
        .add("plans_of_several_kinds_in_one_group_are_each_written_whole", kinds)
        .add("a_taken_key_undoes_a_group_and_only_its_own_plan_is_stale", late_failure)
        .add("a_group_that_a_budget_has_no_room_for_is_written_as_far_as_there_is", limits)
        .add("of_many_plans_for_one_invitation_one_is_written", one_invitation)
        .add("groups_of_two_replicas_write_one_invitation_once", two_replicas)
        .add("a_caller_who_goes_away_takes_nobody_with_him", gone_away)
        .add("who_finds_too_many_waiting_is_told_so", too_many)
        .add("what_is_loaded_for_many_issuers_is_what_each_would_load_alone", issue_loads)
        .add("what_is_loaded_for_many_commands_and_views_is_what_each_would_load_alone", invitation_loads)
        .add("what_is_loaded_for_many_holders_is_what_each_would_load_alone", redemption_loads)
        .add("a_batch_of_one_caller_is_written_in_a_few_statements", batch)
        .engines();
    suite.trial("sqlite::a_runtime_that_has_ended_leaves_nobody_waiting", None, || {
        // As where a host opens the store in a runtime of its own and uses it in another.
        let opening = runtime()?;
        let place = opening.block_on(Place::new(None));
        drop(opening);
        runtime()?.block_on(async {
            let (_, plans) = place.issues(20);
            assert!(place.at_once(&plans).await.iter().all(is_written));
        });
        Ok(())
    });
    let conclusion = suite.run();
    engines::end(engines);
    conclusion
}

async fn many_issues(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let (invitations, plans) = place.issues(64);
    let before = place.store.statements();
    let outcomes = place.at_once(&plans).await;
    let statements = place.store.statements() - before;
    assert!(statements < 150, "{statements} statements for 64 issues");
    let numbers: BTreeSet<i64> = invitations
        .iter()
        .zip(&outcomes)
        .map(|(invitation, outcome)| outcome.number_of(invitation.id.as_uuid()))
        .collect();
    assert_eq!(numbers.len(), 64, "each has a number, and no two have one: {outcomes:?}");
    for (invitation, outcome) in invitations.iter().zip(&outcomes) {
        let stored = place.scene.record(invitation.id).await.unwrap();
        assert_eq!(stored.invitation.number, outcome.number_of(invitation.id.as_uuid()));
        let expected = Invitation { number: stored.invitation.number, ..invitation.clone() };
        assert_eq!(stored.invitation, expected);
        assert_eq!(stored.deliveries.len(), 1);
    }
}

async fn many_redemptions(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let (mut plans, mut issued) = (Vec::new(), Vec::new());
    for i in 0..40 {
        let invitation = place.scene.issue(&format!("r{i}")).await;
        plans.push(place.scene.plan_redeem(&invitation, &place.scene.account(&format!("r{i}"))));
        issued.push(invitation);
    }
    let before = place.store.statements();
    let outcomes = place.at_once(&plans).await;
    let statements = place.store.statements() - before;
    // Without arrays an update and a cancellation are a statement each.
    assert!(statements < 220, "{statements} statements for 40 redemptions");
    assert!(outcomes.iter().all(is_written), "{outcomes:?}");
    for invitation in &issued {
        let record = place.scene.record(invitation.id).await.unwrap();
        assert_eq!(record.invitation.state.name(), "redeemed");
        assert_eq!(record.redemption.unwrap().invitation_id, invitation.id);
        assert!(record.deliveries.iter().all(|delivery| delivery.state.name() == "cancelled"));
    }
}

async fn fates(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let old = place.scene.issue("old").await;
    let (invitations, mut plans) = place.issues(20);
    // In the middle: one of an epoch that has passed, one for an invitation that has gone on.
    plans[9] = place.scene.plan_issue(&invitations[9]);
    for guard in &mut plans[9].guards {
        if let invite_domain::invitation::Guard::Epoch { epoch, .. } = guard {
            *epoch -= 1;
        }
    }
    let mut gone_on = old.clone();
    gone_on.version += 7;
    plans[12] = place.scene.plan_revoke(&gone_on);
    let outcomes = place.at_once(&plans).await;
    for (number, outcome) in outcomes.iter().enumerate() {
        if [9, 12].contains(&number) {
            assert_eq!(*outcome, Outcome::Stale, "{number}");
        } else {
            assert!(is_written(outcome), "{number}: {outcome:?}");
        }
    }
    assert!(!place.is_there(&invitations[9]).await);
    assert_eq!(place.version(&old).await, old.version);
}

async fn kinds(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let (issued, mut plans) = place.issues(19);
    let (mut redeemed, mut revoked) = (Vec::new(), Vec::new());
    for number in 0..7 {
        let invitation = place.scene.issue(&format!("r{number}")).await;
        let redemption = place.scene.plan_redeem(&invitation, &place.scene.account(&format!("r{number}")));
        // Between the others.
        plans.insert(number * 3, redemption);
        redeemed.push(invitation);
        revoked.push(place.scene.issue(&format!("v{number}")).await);
    }
    // One writes two messages where the others write one.
    let mut second = plans[1].messages[0].clone();
    (second.id, second.channel) = (MessageId::from_uuid(Uuid::from_u128(77)), Channel::Sms);
    plans[1].messages.push(second);
    plans.extend(revoked.iter().map(|invitation| place.scene.plan_revoke(invitation)));
    let outcomes = place.at_once(&plans).await;
    assert!(outcomes.iter().all(is_written), "{outcomes:?}");
    let mut messages = 0;
    for invitation in &issued {
        let record = place.scene.record(invitation.id).await.unwrap();
        let numbers: Vec<i64> = outcomes
            .iter()
            .map(|outcome| outcome.number_of(invitation.id.as_uuid()))
            .filter(|number| *number != 0)
            .collect();
        assert_eq!(numbers, [record.invitation.number], "one plan's outcome has its number");
        messages += record.deliveries.len();
    }
    assert_eq!(messages, 20);
    for (invitations, state) in [(&redeemed, "redeemed"), (&revoked, "revoked")] {
        for invitation in invitations {
            let record = place.scene.record(invitation.id).await.unwrap();
            assert_eq!(record.invitation.state.name(), state);
            assert_eq!(record.redemption.is_some(), state == "redeemed");
            assert!(record.deliveries.iter().all(|delivery| delivery.state.name() == "cancelled"));
        }
    }
}

async fn late_failure(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    place.scene.issue("a7").await;
    let (invitations, plans) = place.issues(20);
    let outcomes = place.at_once(&plans).await;
    for (number, (outcome, invitation)) in outcomes.iter().zip(&invitations).enumerate() {
        assert_eq!(is_written(outcome), number != 7, "{number}: {outcome:?}");
        assert_eq!(place.is_there(invitation).await, number != 7);
    }
    assert_eq!(outcomes[7], Outcome::Stale, "another holds its live key");
}

async fn limits(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let (_, mut plans) = place.issues(30);
    for plan in &mut plans {
        plan.limits.push(Limit::Budget {
            of: Budgeted::Issues,
            spending: Spending {
                key: "issue:few".to_owned(),
                budget: Budget { limit: 20, window: chrono::Duration::hours(1) },
            },
            count: 1,
            at: place.scene.now(),
        });
        plan.limits.push(Limit::Live {
            organization_id: place.scene.organization.id,
            most: 1000,
            at: place.scene.now(),
        });
    }
    let outcomes = place.at_once(&plans).await;
    let refused = |outcome: &&Outcome| matches!(outcome, Outcome::Refused(Shortage::Budget { .. }));
    assert_eq!(outcomes.iter().filter(|outcome| is_written(outcome)).count(), 20, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(refused).count(), 10);
}

async fn one_invitation(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let invitation = place.scene.issue("ana").await;
    let plans: Vec<_> = (0..64).map(|_| place.scene.plan_revoke(&invitation)).collect();
    let before = place.store.statements();
    let outcomes = place.at_once(&plans).await;
    let statements = place.store.statements() - before;
    assert_eq!(outcomes.iter().filter(|outcome| is_written(outcome)).count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Stale).count(), 63);
    assert!(statements < 60, "the others are known to be stale: {statements} statements");
    assert_eq!(place.version(&invitation).await, invitation.version + 1);
}

async fn two_replicas(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let mut issued = Vec::new();
    for i in 0..12 {
        issued.push(place.scene.issue(&format!("b{i}")).await);
    }
    let commits = (0..60).map(|i| {
        let plan = place.scene.plan_revoke(&issued[i % 12]);
        let store = if i % 2 == 0 { place.store.clone() } else { place.second.clone() };
        async move { store.commit(std::slice::from_ref(&plan)).await.remove(0).unwrap() }
    });
    let outcomes = join_all(commits).await;
    assert_eq!(outcomes.iter().filter(|outcome| is_written(outcome)).count(), 12, "{outcomes:?}");
    for invitation in &issued {
        assert_eq!(place.version(invitation).await, invitation.version + 1);
    }
}

async fn gone_away(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let (invitations, plans) = place.issues(24);
    let mut commits: Vec<_> =
        plans.iter().map(|plan| Box::pin(place.store.commit(std::slice::from_ref(plan)))).collect();
    // All have come: the first are at work, the others wait.
    for commit in &mut commits {
        assert!(commit.now_or_never().is_none());
    }
    let stay = commits.split_off(8);
    drop(commits);
    for outcomes in join_all(stay).await {
        assert!(is_written(outcomes[0].as_ref().unwrap()), "{outcomes:?}");
    }
    for invitation in &invitations[8..] {
        assert!(place.is_there(invitation).await);
    }
    // Of those who went away each is written whole or not at all.
    for invitation in &invitations[..8] {
        if place.is_there(invitation).await {
            assert_eq!(place.scene.record(invitation.id).await.unwrap().deliveries.len(), 1);
        }
    }
}

async fn too_many(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let invitation = place.scene.issue("ana").await;
    let plans: Vec<_> = (0..1200).map(|_| place.scene.plan_revoke(&invitation)).collect();
    let commits = plans.iter().map(|plan| place.store.commit(std::slice::from_ref(plan)));
    let answers: Vec<_> = join_all(commits).await.into_iter().map(|mut outcomes| outcomes.remove(0)).collect();
    let told = answers.iter().filter(|answer| matches!(answer, Err(PortError::Unavailable(_)))).count();
    assert!((100..200).contains(&told), "{told} were told that there are too many");
    let written = answers.iter().filter(|answer| matches!(answer, Ok(Outcome::Committed(_)))).count();
    assert_eq!(written, 1);
    assert_eq!(place.store.statements_under_way(), 0);
}

/// What each question is answered by itself, and how many statements it takes to answer so many of them at once, the same.
async fn alone_and_together<Q: std::fmt::Debug, F: PartialEq + std::fmt::Debug>(
    place: &Place,
    queries: &[Q],
    times: usize,
    load: impl AsyncFn(&Q) -> Result<F, PortError>,
) -> (Vec<F>, u64) {
    let mut alone = Vec::new();
    for query in queries {
        alone.push(load(query).await.unwrap());
    }
    let all: Vec<&Q> = queries.iter().cycle().take(times).collect();
    let before = place.store.statements();
    let loaded = join_all(all.iter().map(|query| load(query))).await;
    let statements = place.store.statements() - before;
    for (number, facts) in loaded.into_iter().enumerate() {
        assert_eq!(facts.unwrap(), alone[number % queries.len()], "{:?}", all[number]);
    }
    (alone, statements)
}

async fn issue_loads(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let scene = &place.scene;
    let held = scene.issue("held").await;
    let mut answered = scene.plan_issue(&scene.invitation("answered"));
    answered.idempotency = Some(scene.answer("k", held.id.as_uuid()));
    scene.apply(answered).await;
    let blocked = scene.issue("blocked").await;
    scene.apply(scene.plan_decline(&blocked, true)).await;
    let contact = scene.subject(SubjectKind::Contact, "Contact");
    scene.apply(scene.plan_subject(&contact)).await;
    let owner = scene.owner.principal();
    let mut queries: Vec<IssueQuery> =
        ["held", "answered", "blocked", "new", "owner"].iter().map(|name| issue_query(scene, owner, name)).collect();
    queries.push(IssueQuery { email: scene.owner.account.email.clone(), ..issue_query(scene, owner, "someone") });
    queries.push(IssueQuery { role_id: None, idempotency: None, ..issue_query(scene, owner, "roleless") });
    queries.push(issue_query_for(scene, &contact));
    queries.push(issue_query(scene, scene.admin.principal(), "another"));
    let (_, statements) =
        alone_and_together(&place, &queries, 54, async |query| place.store.load_issue(query).await).await;
    assert!(statements < 250, "{statements} statements for 54 loads");
    // Where nobody is in the way, one statement is enough, or two where somebody came a moment earlier.
    let new = |number| IssueQuery { idempotency: None, ..issue_query(scene, owner, &format!("new{number}")) };
    let new: Vec<_> = (0..32).map(new).collect();
    let before = place.store.statements();
    let loaded = join_all(new.iter().map(|query| place.store.load_issue(query))).await;
    let statements = place.store.statements() - before;
    assert!(loaded.into_iter().all(|facts| facts.unwrap().unwrap().holder.is_none()));
    assert!(statements < 6, "{statements} statements for 32 loads");
    let nowhere = IssueQuery { organization_id: OrganizationId::from_uuid(Uuid::from_u128(9)), ..queries[0].clone() };
    let loaded = join_all((0..8).map(|_| place.store.load_issue(&nowhere))).await;
    assert!(loaded.into_iter().all(|facts| facts.unwrap().is_none()));
}

async fn invitation_loads(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let scene = &place.scene;
    let mut named = Vec::new();
    for name in ["one", "two", "three", "used", "ended", "blocked"] {
        named.push(scene.issue(name).await);
    }
    scene.apply(scene.plan_redeem(&named[3], &scene.account("used"))).await;
    scene.apply(scene.plan_revoke(&named[4])).await;
    // Another holds the key of the one that has ended.
    scene.issue("ended").await;
    scene.apply(scene.plan_decline(&named[5], true)).await;
    let now = scene.pass(chrono::Duration::hours(1));
    let query = |invitation: InvitationRef, principal, messages_since| InvitationQuery {
        organization_id: scene.organization.id,
        principal,
        invitation,
        role_id: None,
        idempotency: None,
        messages_since,
    };
    let (owner, admin) = (scene.owner.principal(), scene.admin.principal());
    let long_ago = now - chrono::Duration::hours(2);
    let mut queries = Vec::new();
    for invitation in &named {
        queries.push(query(invitation.id.into(), owner, long_ago));
        queries.push(query(invitation.id.into(), owner, now));
        queries.push(query(InvitationRef::Number(invitation.number), owner, long_ago));
        queries.push(query(invitation.id.into(), admin, long_ago));
    }
    queries.push(query(scene.invitation("unknown").id.into(), owner, long_ago));
    queries.push(query(InvitationRef::Number(987_654), owner, long_ago));
    queries.push(query(InvitationId::from_uuid(Uuid::nil()).into(), owner, long_ago));
    let load = async |query: &InvitationQuery| place.store.load_invitation(query).await;
    let (alone, _) = alone_and_together(&place, &queries, 108, load).await;
    let found = alone.iter().flatten().filter(|facts| facts.record.is_some()).count();
    assert_eq!(found, 24, "all but three");
    assert!(alone.iter().flatten().any(|facts| facts.other_holder.is_some()));
    assert!(alone.iter().flatten().any(|facts| facts.blocked));
    // One whose key another holds is read in full.
    queries.retain(|query| {
        query.invitation != named[4].id.into() && query.invitation != InvitationRef::Number(named[4].number)
    });
    let (_, statements) = alone_and_together(&place, &queries, 108, load).await;
    assert!(statements < 30, "{statements} statements for 108 commands");
    let nowhere =
        InvitationQuery { organization_id: OrganizationId::from_uuid(Uuid::from_u128(9)), ..queries[0].clone() };
    let loaded = join_all((0..8).map(|_| place.store.load_invitation(&nowhere))).await;
    assert!(loaded.into_iter().all(|facts| facts.unwrap().is_none()));

    // Views, in which everybody's question is there, and that of who asks for none.
    let view = |query: &InvitationQuery| ViewQuery {
        organization_id: query.organization_id,
        principal: query.principal,
        invitation: Some(query.invitation),
    };
    let mut views: Vec<_> = queries.iter().map(view).collect();
    views.extend([owner, admin].map(|principal| ViewQuery { principal, invitation: None, ..views[0].clone() }));
    let load = async |query: &ViewQuery| place.store.load_view(query).await;
    let (_, statements) = alone_and_together(&place, &views, 108, load).await;
    assert!(statements < 45, "{statements} statements for 108 views");
    let nowhere = view(&nowhere);
    let loaded = join_all((0..8).map(|_| place.store.load_view(&nowhere))).await;
    assert!(loaded.into_iter().all(|facts| facts.unwrap().is_none()));
}

async fn redemption_loads(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let scene = &place.scene;
    let mut named = Vec::new();
    for name in ["one", "two", "three"] {
        named.push(scene.issue(name).await);
    }
    let used = scene.issue("used").await;
    scene.apply(scene.plan_redeem(&used, &scene.account("used"))).await;
    let contact = scene.subject(SubjectKind::Contact, "Contact");
    scene.apply(scene.plan_subject(&contact)).await;
    let of_record = scene.issue_for(&contact).await;
    let blocked = scene.issue("blocked").await;
    scene.apply(scene.plan_decline(&blocked, true)).await;
    named.extend([used, of_record, blocked]);
    let mut queries: Vec<RedemptionQuery> =
        named.iter().map(|invitation| redemption_query(scene, invitation.id)).collect();
    queries.push(redemption_query(scene, scene.invitation("unknown").id));
    // Somebody else has the address of this one.
    named.push(scene.issue("admin").await);
    let new = |invitation: &Invitation| RedemptionQuery {
        caller: None,
        idempotency: None,
        ..redemption_query(scene, invitation.id)
    };
    queries.extend(named.iter().map(new));
    let load = async |query: &RedemptionQuery| place.store.load_redemption(query).await;
    let (alone, statements) = alone_and_together(&place, &queries, 56, load).await;
    assert_eq!(alone.iter().filter(|facts| facts.is_none()).count(), 1);
    assert!(alone.iter().flatten().any(|facts| facts.at_address.is_some() && facts.caller.is_none()));
    assert!(statements < 150, "{statements} statements for 56 loads");
}

async fn batch(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let (invitations, plans) = place.issues(100);
    let before = place.store.statements();
    let outcomes = place.store.commit(&plans).await;
    let statements = place.store.statements() - before;
    assert!(outcomes.iter().all(|outcome| is_written(outcome.as_ref().unwrap())));
    assert!(statements < 30, "{statements} statements for a batch of 100");
    for invitation in &invitations {
        assert!(place.is_there(invitation).await);
    }
    // One that cannot be written leaves the others as they are, also where one cannot be put together with others.
    for (word, alone) in [("b", false), ("c", true)] {
        let invitations =
            [format!("{word}0"), "a7".to_owned(), format!("{word}2")].map(|name| place.scene.invitation(&name));
        let mut plans = invitations.each_ref().map(|invitation| place.scene.plan_issue(invitation));
        if alone {
            plans[0].administration.push(AdministrationChange::RemoveLogo(place.scene.organization.id));
        }
        let outcomes: Vec<_> = place.store.commit(&plans).await.into_iter().map(Result::unwrap).collect();
        assert!(is_written(&outcomes[0]) && is_written(&outcomes[2]), "{outcomes:?}");
        assert_eq!(outcomes[1], Outcome::Stale, "its key is taken");
        for (number, invitation) in invitations.iter().enumerate() {
            assert_eq!(place.is_there(invitation).await, number != 1, "{word}{number}");
        }
    }
}
