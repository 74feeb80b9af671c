//! What an operation costs, and that an index answers every question.

mod support;

use chrono::Duration;
use invite_domain::{
    directory::{Login, SubjectKind, Username},
    id::MessageId,
    invitation::{
        AdministrationChange, Budget, Channel, Cutoffs, DeliveryState, DirectoryChange, EventKind, Plan, Status,
    },
    page::PageRequest,
    port::{
        AdministrationQuery, Directory, EventFilter, FiguresQuery, InvitationFilter, InvitationQuery, InvitationRef,
        InvitationStore, Lease, Limiter, OrganizationRef, Outbox, Principal, RedemptionQuery, Retention, SecretRef,
        Settlement, SortKey, Spending, Statistics, SubjectFilter, SubjectQuery, SubjectRef, Subjects, ViewQuery,
    },
    secret::account_token::AccountPurpose,
};
use invite_testkit::Scene;
use std::{fmt::Write as _, sync::Arc};
use support::recorded::{Recorded, issue_query, issue_query_for, redemption_query, unfinished};
use uuid::Uuid;

/// The figures may only go down. Each counts BEGIN and COMMIT too.
#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_statements_of_an_operation_is_reviewed() {
    let (store, _directory) = support::fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let mut report = String::new();
    let mut before = store.statements();
    let mut note = |what: &str| {
        let now = store.statements();
        writeln!(report, "{what}: {}", now - before).unwrap();
        before = now;
    };

    store.load_issue(&issue_query(&scene, scene.owner.principal(), "ana")).await.unwrap().unwrap();
    note("load_issue by a person");
    store.load_issue(&issue_query(&scene, Principal::ApiKey(scene.api_key.id), "ana")).await.unwrap().unwrap();
    note("load_issue by a key");
    let mut issue = scene.plan_issue(&scene.invitation("ana"));
    issue.idempotency = Some(scene.answer("k", Uuid::from_u128(7)));
    scene.apply(issue).await;
    note("commit of an issue with an answer");
    let ana = scene.issue("bob").await;
    note("commit of an issue");
    store.load_redemption(&redemption_query(&scene, ana.id)).await.unwrap().unwrap();
    note("load_redemption of a live invitation");
    let new = RedemptionQuery { caller: None, ..redemption_query(&scene, ana.id) };
    store.load_redemption(&new).await.unwrap().unwrap();
    note("load_redemption by a new person");
    scene.apply(scene.plan_redeem(&ana, &scene.account("bob"))).await;
    note("commit of a redemption by a new person");
    store.load_redemption(&redemption_query(&scene, ana.id)).await.unwrap().unwrap();
    note("load_redemption of a redeemed one");
    scene.facts(ana.id).await;
    note("load_invitation");
    let plans: Vec<Plan> = (0..10).map(|i| scene.plan_issue(&scene.invitation(&format!("many{i}")))).collect();
    store.commit(&plans).await;
    note("commit of ten issues at once");
    let list = |limit| PageRequest { include_total: true, ..PageRequest::first(limit) };
    let all = InvitationFilter::default();
    store.list(scene.organization.id, &all, &list(2), scene.now()).await.unwrap();
    note("list of 2 with total");
    store.list(scene.organization.id, &all, &list(50), scene.now()).await.unwrap();
    note("list of 50 with total");
    let pending = InvitationFilter { statuses: vec![Status::Pending], query: Some("a".into()), ..all };
    store.list(scene.organization.id, &pending, &list(50), scene.now()).await.unwrap();
    note("list of pending ones by a word");
    store.credential(&scene.api_key.digest).await.unwrap().unwrap();
    note("credential");
    let lease = Lease { token: Uuid::from_u128(1), lasts: Duration::minutes(1) };
    let claimed = store.claim(&[Channel::Email], &lease, 10, scene.now()).await.unwrap();
    note("claim");
    for message in &claimed {
        store.settle(message.id, &lease, Settlement::Sent, None, scene.now()).await.unwrap();
    }
    note("ten messages settled");
    store.lapsed(10, scene.now()).await.unwrap();
    note("lapsed, the first sweep");
    store.lapsed(10, scene.now()).await.unwrap();
    note("lapsed, nothing new");
    store.reminders_due(10, scene.now(), scene.now()).await.unwrap();
    note("reminders_due, none due");
    let soon = scene.now() + Duration::days(6);
    assert_eq!(store.reminders_due(10, scene.now(), soon).await.unwrap().len(), 10);
    note("reminders_due, ten of one organization");
    store.sponsors(scene.organization.id, 10).await.unwrap();
    note("sponsors");
    let mut told = scene.plan_redeem(&scene.issue("told").await, &scene.account("told"));
    note("commit of one more issue");
    told.messages.push(scene.notice(&ana));
    scene.apply(told).await;
    note("commit of a redemption that tells its inviter");
    let purge = async |now| store.purge(&Cutoffs::at(now), 1000).await.unwrap();
    assert_eq!(purge(scene.now()).await.total(), 0);
    note("purge, nothing ended");
    let purged = purge(scene.now() + Duration::days(800)).await;
    assert!(purged.invitations > 10 && purged.events > 10, "{purged:?}");
    note("purge of everything");

    insta::assert_snapshot!(report, @r"
    load_issue by a person: 1
    load_issue by a key: 1
    commit of an issue with an answer: 7
    commit of an issue: 6
    load_redemption of a live invitation: 6
    load_redemption by a new person: 1
    commit of a redemption by a new person: 9
    load_redemption of a redeemed one: 7
    load_invitation: 1
    commit of ten issues at once: 6
    list of 2 with total: 4
    list of 50 with total: 3
    list of pending ones by a word: 11
    credential: 1
    claim: 4
    ten messages settled: 30
    lapsed, the first sweep: 10
    lapsed, nothing new: 4
    reminders_due, none due: 1
    reminders_due, ten of one organization: 7
    sponsors: 4
    commit of one more issue: 6
    commit of a redemption that tells its inviter: 10
    purge, nothing ended: 25
    purge of everything: 27
    ");
}

/// As above.
#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_statements_around_records_and_codes_is_reviewed() {
    let (store, _directory) = support::fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    for i in 0..10 {
        scene.issue(&format!("many{i}")).await;
    }
    let mut report = String::new();
    let mut before = store.statements();
    let mut note = |what: &str| {
        let now = store.statements();
        writeln!(report, "{what}: {}", now - before).unwrap();
        before = now;
    };

    let unfinished = InvitationFilter { sort: SortKey::Number, ..unfinished() };
    store.list(scene.organization.id, &unfinished, &PageRequest::numbered(2, 5), scene.now()).await.unwrap();
    note("a numbered page of unfinished ones");
    let company = scene.own_company().await;
    note("commit of a company");
    let contact = scene.add_subject(scene.contact(&company, "Cleo", "cleo")).await;
    note("commit of a contact");
    store.load_issue(&issue_query_for(&scene, &contact)).await.unwrap().unwrap();
    note("load_issue for a contact");
    let offer = scene.issue_for(&contact).await;
    note("commit of an issue for a contact");
    store.find_organization(&OrganizationRef::Slug(scene.organization.slug.clone())).await.unwrap().unwrap();
    note("find_organization by slug");
    let by_code = SecretRef::Code(scene.organization.id, vec![offer.code_index.unwrap()]);
    let query = RedemptionQuery { secret: by_code, idempotency: None, ..redemption_query(&scene, offer.id) };
    store.load_redemption(&query).await.unwrap().unwrap();
    note("load_redemption by a code");
    scene.join_from(&contact, "cleo", &scene.roles.guest).await;
    note("commit of a person");
    let query = SubjectQuery {
        subject: Some(SubjectRef::Id(contact.id)),
        company: Some(SubjectRef::Number(company.number)),
        wanted_id: Some(contact.id),
        wanted_remote_id: Some("7".into()),
        ..SubjectQuery::of(scene.organization.id, scene.owner.principal(), SubjectKind::Contact)
    };
    store.load_subject(&query).await.unwrap().unwrap().record.unwrap();
    note("load_subject");
    let numbered = PageRequest::numbered(1, 50);
    store.subjects(scene.organization.id, SubjectKind::Contact, &SubjectFilter::default(), &numbered).await.unwrap();
    note("subjects with total");
    let now = scene.now();
    let weeks = FiguresQuery {
        organization_id: scene.organization.id,
        boundaries: (-11..=1).map(|week| now + Duration::days(7) * week).collect(),
        now,
        expiring_before: now + Duration::days(7),
        waits: 5_000,
    };
    store.figures(&weeks).await.unwrap();
    note("figures of twelve weeks");

    insta::assert_snapshot!(report, @r"
    a numbered page of unfinished ones: 3
    commit of a company: 5
    commit of a contact: 5
    load_issue for a contact: 5
    commit of an issue for a contact: 6
    find_organization by slug: 1
    load_redemption by a code: 6
    commit of a person: 4
    load_subject: 10
    subjects with total: 10
    figures of twelve weeks: 7
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_scans_the_table_of_a_tenant() {
    let recorded = Recorded::open().await;
    let store = &recorded.store;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let (now, organization) = (scene.now(), scene.organization.id);
    let mut issued = Vec::new();
    for i in 0..30 {
        issued.push(scene.issue(&format!("person{i}")).await);
    }
    scene.apply(scene.plan_redeem(&issued[0], &scene.account("person0"))).await;
    scene.apply(scene.plan_decline(&issued[1], true)).await;
    scene.apply(scene.plan_revoke(&issued[2])).await;
    scene.apply(scene.plan_resend(&issued[3])).await;
    scene.apply(scene.plan_remove(&scene.member.membership)).await;
    let mut answered = scene.plan_issue(&scene.invitation("answered"));
    answered.idempotency = Some(scene.answer("k", Uuid::from_u128(7)));
    scene.apply(answered).await;
    let directory = vec![DirectoryChange::EndCredentials(scene.admin.account.id, now)];
    scene.apply(Plan { directory, ..Plan::default() }).await;
    assert!(recorded.scans_no_tenant_table().await > 150, "commits");

    for principal in
        [scene.owner.principal(), Principal::ApiKey(scene.api_key.id), Principal::Operator(scene.api_key.id)]
    {
        store.load_issue(&issue_query(&scene, principal, "person4")).await.unwrap();
    }
    store.load_redemption(&redemption_query(&scene, issued[0].id)).await.unwrap();
    store
        .load_invitation(&InvitationQuery {
            role_id: Some(scene.roles.guest.id),
            ..scene.invitation_query(issued[5].id)
        })
        .await
        .unwrap();
    let mut query = AdministrationQuery::of(organization, scene.owner.principal());
    (query.role_id, query.membership_id) = (Some(scene.roles.guest.id), Some(scene.admin.membership.id));
    query.api_key_id = Some(scene.api_key.id);
    store.load_administration(&query).await.unwrap();
    store.credential(&scene.api_key.digest).await.unwrap();
    store.note_key_used(scene.api_key.id, now).await;
    store.organization(&OrganizationRef::Slug(scene.organization.slug.clone())).await.unwrap();
    store.memberships_of(scene.admin.account.id).await.unwrap();
    store.account_by_address(scene.admin.account.email_key().unwrap()).await.unwrap();
    store.account_by_login(&Login::Phone(scene.phone("+41 79 555 01 01"))).await.unwrap();
    store.account_by_login(&Login::Username(Username::parse("ana").unwrap())).await.unwrap();
    store.role_by_number(organization, scene.roles.guest.number).await.unwrap();
    store.organization(&OrganizationRef::Number(scene.organization.number)).await.unwrap();
    store.account(scene.admin.account.id).await.unwrap();
    store.account_token(scene.admin.account.id, AccountPurpose::OwnerLink).await.unwrap();
    store.is_empty().await.unwrap();
    let page = PageRequest { include_total: true, ..PageRequest::first(2) };
    store.roles(organization, &page).await.unwrap();
    store.role_by_name(organization, "owner").await.unwrap();
    store.members(organization, Some("a"), &page).await.unwrap();
    store.api_keys(organization, &page).await.unwrap();
    store.organizations(&page).await.unwrap();
    store.key_ids_in_use(now).await.unwrap();
    assert!(recorded.scans_no_tenant_table().await > 40, "loads");

    let lease = Lease { token: Uuid::from_u128(1), lasts: Duration::minutes(1) };
    let claimed = store.claim(&[Channel::Email], &lease, 10, now).await.unwrap();
    store.load_delivery(&claimed[0]).await.unwrap();
    store.settle(claimed[0].id, &lease, Settlement::Sent, None, now).await.unwrap();
    store.next_due(&[Channel::Email]).await.unwrap();
    let spending = Spending { key: "code:x".into(), budget: Budget { limit: 1, window: Duration::minutes(1) } };
    store.take(std::slice::from_ref(&spending), now).await.unwrap();
    store.give_back(&[spending], now).await.unwrap();
    store.lapsed(5, now + Duration::days(8)).await.unwrap();
    assert!(!store.reminders_due(5, now, now + Duration::days(6)).await.unwrap().is_empty());
    assert!(!store.sponsors(organization, 5).await.unwrap().is_empty());
    store.told_of_suspensions(organization, &[scene.admin.account.id], now).await.unwrap();
    store.load_delivery(&scene.notice(&issued[0])).await.unwrap();
    assert!(recorded.scans_no_tenant_table().await > 10, "queues");

    for message in &claimed[1..] {
        store.settle(message.id, &lease, Settlement::Sent, None, now).await.unwrap();
    }
    recorded.take();
    let purged = store.purge(&Cutoffs::at(now + Duration::days(31)), 1000).await.unwrap();
    assert!(purged.messages > 0, "and others are put off: {purged:?}");
    assert_eq!(recorded.scans_no_tenant_table().await, 14, "a kind of row each; messages are sought, weighed, put off");

    for statuses in [vec![], vec![Status::Pending], vec![Status::Suspended, Status::Expired], Status::ALL.to_vec()] {
        let filter = InvitationFilter { statuses, ..InvitationFilter::default() };
        store.list(organization, &filter, &page, now).await.unwrap();
    }
    let filter = InvitationFilter {
        query: Some("person".into()),
        role_id: Some(scene.roles.member.id),
        inviter_id: Some(scene.owner.membership.id.as_uuid()),
        delivery: Some(DeliveryState::Queued),
        batch_id: issued[4].batch_id,
        ..InvitationFilter::default()
    };
    store.list(organization, &filter, &page, now).await.unwrap();
    let events = EventFilter {
        kind: Some(EventKind::InvitationIssued),
        since: Some(now - Duration::days(1)),
        before: Some(now + Duration::days(1)),
        ..EventFilter::default()
    };
    store.events(organization, &events, &page).await.unwrap();
    let of_one = EventFilter { invitation_id: Some(issued[0].id), ..EventFilter::default() };
    store.events(organization, &of_one, &page).await.unwrap();
    assert!(recorded.scans_no_tenant_table().await > 20, "lists");
}

/// What is read in order is read from an index in that order: nothing is sorted, whatever the depth of the page.
#[tokio::test(flavor = "multi_thread")]
async fn every_list_and_claim_begins_in_an_index_and_sorts_nothing() {
    let recorded = Recorded::open().await;
    let store = &recorded.store;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    for i in 0..20 {
        scene.issue(&format!("person{i}")).await;
    }
    let (now, organization) = (scene.now(), scene.organization.id);
    let mut seen = 0;
    for (sort, index) in [
        (SortKey::CreatedAt, "ix_invitations_organization_id_created_at_id"),
        (SortKey::ExpiresAt, "ix_invitations_organization_id_expires_at_id"),
        (SortKey::Email, "ix_invitations_organization_id_recipient_key_id"),
    ] {
        for descending in [false, true] {
            let filter = InvitationFilter { sort, descending, ..InvitationFilter::default() };
            let first = store.list(organization, &filter, &PageRequest::first(5), now).await.unwrap();
            recorded.take();
            let deeper = PageRequest { after: first.next, ..PageRequest::first(5) };
            let second = store.list(organization, &filter, &deeper, now).await.unwrap();
            assert_eq!(second.items.len(), 5);
            let statements = recorded.take();
            assert_eq!(statements.len(), 1, "a page is one statement");
            let steps = recorded.steps(&statements[0]).await;
            // `(organization_id=? AND (created_at,id)>(?,?))`: the page begins inside the index.
            assert!(steps.iter().any(|step| step.contains(index) && step.contains(",id)")), "{steps:?}");
            // Only the page's own rows are put in order, after all they are joined with.
            let sorts = steps.iter().position(|step| step.contains("TEMP B-TREE"));
            assert!(sorts.is_none_or(|at| at == steps.len() - 1), "{steps:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 6);

    store.events(organization, &EventFilter::default(), &PageRequest::first(5)).await.unwrap();
    let lease = Lease { token: Uuid::from_u128(1), lasts: Duration::minutes(1) };
    let claimed = store.claim(&[Channel::Email], &lease, 5, now).await.unwrap();
    assert_eq!(claimed.len(), 5);
    store.lapsed(5, now + Duration::days(8)).await.unwrap();
    store.reminders_due(5, now, now + Duration::days(6)).await.unwrap();
    let statements = recorded.take();
    let ordered: Vec<_> = statements.iter().filter(|statement| statement.sql.contains("LIMIT")).collect();
    let begin = |index: &str| {
        let of: Vec<_> = ordered.iter().map(|statement| recorded.steps(statement)).collect();
        (index.to_owned(), of)
    };
    for index in [
        "ix_events_organization_id_recorded_at_id",
        "ix_messages_channel_state_available_at_id",
        "ix_invitations_lapse_due_at_id",
        "ix_invitations_reminder_due_at_id",
    ] {
        let (_, plans) = begin(index);
        let mut found = false;
        for plan in plans {
            let steps = plan.await;
            if steps.iter().any(|step| step.contains(index)) {
                found = true;
                assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:?}");
            }
        }
        assert!(found, "{index}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settled_message_of_nobody_costs_one_look() {
    let (store, _directory) = support::fresh().await;
    let before = store.statements();
    let lease = Lease { token: Uuid::from_u128(1), lasts: Duration::minutes(1) };
    let unknown = MessageId::from_uuid(Uuid::from_u128(9));
    let now = invite_domain::time::Timestamp::UNIX_EPOCH;
    assert!(!store.settle(unknown, &lease, Settlement::Sent, None, now).await.unwrap());
    assert_eq!(store.statements() - before, 3, "begin, update, end");
    let plan = Plan {
        administration: vec![AdministrationChange::EndSessions(invite_domain::id::AccountId::from_uuid(Uuid::nil()))],
        ..Plan::default()
    };
    let before = store.statements();
    store.commit(&[plan]).await;
    assert_eq!(store.statements() - before, 3, "begin, delete, commit");
}

/// It is read who asks, then what he asks for; and where it is known who asks, only that.
#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_one_or_two_statements_and_scans_no_table_of_a_tenant() {
    let recorded = Recorded::open().await;
    let store = &recorded.store;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let issued = scene.issue("ana").await;
    let named = [Some(issued.id.into()), Some(InvitationRef::Number(issued.number)), None];
    let principals =
        [scene.owner.principal(), Principal::ApiKey(scene.api_key.id), Principal::Operator(scene.api_key.id)];
    let mut fewest = [u64::MAX; 3];
    // What is known is forgotten after a moment, which may be shorter than what is done here takes.
    for _ in 0..64 {
        for principal in principals {
            for (invitation, fewest) in named.into_iter().zip(&mut fewest) {
                recorded.take();
                let query = ViewQuery { principal, invitation, ..scene.view_query(issued.id) };
                let before = store.statements();
                store.load_view(&query).await.unwrap().unwrap();
                let statements = store.statements() - before;
                assert!((1..=2).contains(&statements), "{statements} statements for {query:?}");
                *fewest = statements.min(*fewest);
                recorded.scans_no_tenant_table().await;
            }
        }
        if fewest == [1; 3] {
            break;
        }
    }
    assert_eq!(fewest, [1; 3]);
}
