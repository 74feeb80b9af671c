//! By which index numbered lists, records and codes are found.

mod support;

use chrono::Duration;
use invite_domain::{
    directory::{Subject, SubjectKind},
    invitation::Status,
    page::PageRequest,
    port::{
        InvitationFilter, InvitationStore, RedemptionQuery, SecretRef, SortKey, SubjectFilter, SubjectQuery,
        SubjectRef, Subjects,
    },
};
use invite_testkit::Scene;
use sea_orm::ConnectionTrait;
use std::sync::Arc;
use support::recorded::{Recorded, issue_query_for, redemption_query, unfinished};

/// Rows that a numbered page leaves out are counted in an index that holds all the filter asks for; only the page's own rows
/// are looked up in the table and put in order again.
#[tokio::test(flavor = "multi_thread")]
async fn a_numbered_page_is_found_and_counted_in_an_index_alone() {
    let recorded = Recorded::open().await;
    let store = &recorded.store;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    for i in 0..20 {
        scene.issue(&format!("person{i}")).await;
    }
    let (now, organization) = (scene.now(), scene.organization.id);
    for (sort, index) in [
        (SortKey::CreatedAt, "ix_invitations_by_creation"),
        (SortKey::Number, "ix_invitations_by_number"),
        (SortKey::ExpiresAt, "ix_invitations_by_expiry"),
        (SortKey::Email, "ix_invitations_by_recipient"),
        (SortKey::DefaultRate, "ix_invitations_by_rate"),
    ] {
        for descending in [false, true] {
            let filter = InvitationFilter { sort, descending, ..unfinished() };
            recorded.take();
            let page = store.list(organization, &filter, &PageRequest::numbered(3, 5), now).await.unwrap();
            assert_eq!((page.items.len(), page.total), (5, Some(20)));
            let statements = recorded.take();
            let counting = statements.iter().find(|statement| statement.sql.contains("COUNT(*)")).unwrap();
            let steps = recorded.steps(counting).await;
            let covered = "SEARCH i USING COVERING INDEX ix_invitations_by_";
            assert!(steps.len() == 1 && steps[0].starts_with(covered), "{steps:?}");
            assert!(steps[0].contains("(organization_id=? AND state=?"), "{steps:?}");
            let finding = statements.iter().find(|statement| statement.sql.contains("OFFSET")).unwrap();
            let steps = recorded.steps(finding).await;
            let begins = format!("SEARCH i USING COVERING INDEX {index} (organization_id=? AND state=?");
            assert!(steps.iter().any(|step| step.starts_with(&begins)), "{steps:?}");
            assert!(steps.iter().any(|step| step == "SEARCH i USING INTEGER PRIMARY KEY (rowid=?)"), "{steps:?}");
            let sorted = steps.iter().filter(|step| step.contains("TEMP B-TREE")).count();
            assert!(sorted <= 1, "the page's own rows, where the table has another order: {steps:?}");
        }
    }
    recorded.take();
    for sort in [SortKey::Number, SortKey::DefaultRate] {
        let filter = InvitationFilter { sort, ..InvitationFilter::default() };
        let first = store.list(organization, &filter, &PageRequest::first(5), now).await.unwrap();
        recorded.take();
        let deeper = PageRequest { after: first.next, ..PageRequest::first(5) };
        store.list(organization, &filter, &deeper, now).await.unwrap();
        let statements = recorded.take();
        let steps = recorded.steps(&statements[0]).await;
        assert!(
            steps.iter().any(|step| step.contains("SEARCH i") && step.contains("(organization_id=? AND ")),
            "{steps:?}"
        );
        let sorts = steps.iter().position(|step| step.contains("TEMP B-TREE"));
        assert!(sorts.is_none_or(|at| at == steps.len() - 1), "only the page's own rows are sorted: {steps:?}");
    }
}

/// Whatever statuses a list holds and whatever it is sorted by: rows of another state are not read, and one statement says all.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_any_statuses_is_one_statement_that_reads_no_other_states() {
    let recorded = Recorded::open().await;
    let store = &recorded.store;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let mut issued = Vec::new();
    for i in 0..12 {
        scene.pass(Duration::seconds(1));
        issued.push(scene.issue(&format!("person{i:02}")).await);
    }
    for (i, invitation) in issued.iter().enumerate() {
        match i % 4 {
            0 => scene.apply(scene.plan_revoke(invitation)).await,
            1 => scene.apply(scene.plan_decline(invitation, false)).await,
            _ => continue,
        };
    }
    let (now, organization) = (scene.now(), scene.organization.id);
    for sort in [SortKey::CreatedAt, SortKey::ExpiresAt, SortKey::Email, SortKey::Number, SortKey::DefaultRate] {
        for descending in [false, true] {
            for (statuses, expected) in [
                (vec![Status::Revoked], 3),
                (vec![Status::Revoked, Status::Declined], 6),
                (vec![Status::Pending, Status::Suspended, Status::Declined], 9),
            ] {
                let filter = InvitationFilter { statuses, sort, descending, ..InvitationFilter::default() };
                let whole = store.list(organization, &filter, &PageRequest::first(50), now).await.unwrap();
                assert_eq!(whole.items.len(), expected);
                let (mut walked, mut page) = (Vec::new(), PageRequest::first(2));
                loop {
                    recorded.take();
                    let found = store.list(organization, &filter, &page, now).await.unwrap();
                    let statements = recorded.take();
                    assert_eq!(statements.len(), 1);
                    let steps = recorded.steps(&statements[0]).await;
                    let seeks = steps.iter().filter(|step| step.contains("ix_invitations_by_"));
                    let states = seeks.map(|step| assert!(step.contains("(organization_id=? AND state=?"), "{step}"));
                    assert!(states.count() > 0, "{steps:?}");
                    walked.extend(found.items);
                    let Some(next) = found.next else { break };
                    page.after = Some(next);
                }
                assert_eq!(walked, whole.items, "{filter:?}");
            }
        }
    }
}

/// Beyond the rows a search looks through first, and among them: the same, in the same order, with the same total.
#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_the_same_among_the_rows_it_looks_through_first_and_beyond() {
    let recorded = Recorded::open().await;
    let store = &recorded.store;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let mut plans = Vec::new();
    for i in 0..1_300 {
        let mut invitation =
            scene.invitation(&format!("{}{i:04}@example.org", if i % 400 == 7 { "Rare" } else { "person" }));
        invitation.created_at += Duration::microseconds(i);
        if i == 1_250 {
            invitation.grant.role_id = Some(scene.roles.guest.id);
        }
        plans.push(scene.plan_issue(&invitation));
    }
    for outcome in store.commit(&plans).await {
        outcome.unwrap();
    }
    let (now, organization) = (scene.now(), scene.organization.id);
    let search = |part: &str| InvitationFilter { query: Some(part.into()), ..InvitationFilter::default() };
    let listed = async |part: &str, limit| {
        let page = PageRequest { include_total: true, ..PageRequest::first(limit) };
        store.list(organization, &search(part), &page, now).await.unwrap()
    };
    for (part, total) in
        [("rare", 4), ("RARE0", 3), ("rare0807", 1), ("person1299", 1), ("guest", 1), ("on12", 99), ("e0", 3)]
    {
        let found = listed(part, 200).await;
        assert_eq!((found.items.len(), found.total), (total, Some(total as u64)), "{part}");
        assert!(found.items.is_sorted_by_key(|record| record.invitation.created_at), "{part}");
    }
    let found = listed("example.org", 3).await;
    assert_eq!((found.items.len(), found.total), (3, Some(1_300)));
    for (part, total) in [("rare", 4), ("on125", 10), ("memb", 1_299)] {
        let (mut walked, mut page) = (0, PageRequest::first(if total > 1_000 { 200 } else { 3 }));
        loop {
            let found = store.list(organization, &search(part), &page, now).await.unwrap();
            walked += found.items.len();
            let Some(next) = found.next else { break };
            page.after = Some(next);
        }
        assert_eq!(walked, total, "{part}");
    }
    // It follows what becomes of a row.
    let change = "UPDATE invite_invitations SET recipient_original = 'Gone@example.org', recipient_key = 'gone@example.org' \
                  WHERE recipient_original = 'Rare0407@example.org'";
    recorded.plain.execute_unprepared(change).await.unwrap();
    let delete = "DELETE FROM invite_invitations WHERE recipient_original = 'Rare0807@example.org'";
    recorded.plain.execute_unprepared(delete).await.unwrap();
    for (part, total) in [("rare0407", 0), ("gone@", 1), ("rare0807", 0), ("rare", 2)] {
        assert_eq!(listed(part, 5).await.items.len(), total, "{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_and_codes_are_sought_within_their_organization() {
    let recorded = Recorded::open().await;
    let store = &recorded.store;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let organization = scene.organization.id;
    let company = scene.own_company().await;
    let mut contacts = Vec::new();
    for i in 0..20 {
        let contact = scene.contact(&company, &format!("Contact {i}"), &format!("contact{i}"));
        contacts.push(scene.add_subject(Subject { remote_id: Some(i.to_string()), ..contact }).await);
    }
    let offer = scene.issue_for(&contacts[0]).await;
    scene.join_from(&contacts[1], "contact1", &scene.roles.guest).await;
    scene.apply(scene.plan_subject_update(&contacts[2], Subject { name: "Cleo".into(), ..contacts[2].clone() })).await;
    scene.apply(scene.plan_subject_delete(&contacts[3])).await;
    assert!(recorded.scans_no_tenant_table().await > 80, "commits");

    let by_code = SecretRef::Code(organization, vec![offer.code_index.unwrap()]);
    let query = RedemptionQuery { secret: by_code, ..redemption_query(&scene, offer.id) };
    assert!(store.load_redemption(&query).await.unwrap().unwrap().subject.is_some());
    let statements = recorded.take();
    let sought = statements.iter().find(|statement| statement.sql.contains("\"code_index\" IN")).unwrap();
    let steps = recorded.steps(sought).await;
    let begins = "SEARCH i USING INDEX uq_invitations_organization_id_code_index (organization_id=? AND code_index=?)";
    assert!(steps.iter().any(|step| step == begins), "{steps:?}");

    store.load_issue(&issue_query_for(&scene, &contacts[0])).await.unwrap();
    for subject in
        [SubjectRef::Id(contacts[0].id), SubjectRef::Number(contacts[0].number), SubjectRef::RemoteId("0".into())]
    {
        let query = SubjectQuery {
            subject: Some(subject.clone()),
            company: Some(subject),
            wanted_id: Some(contacts[0].id),
            wanted_remote_id: Some("0".into()),
            ..SubjectQuery::of(organization, scene.owner.principal(), SubjectKind::Contact)
        };
        assert!(store.load_subject(&query).await.unwrap().unwrap().record.is_some());
    }
    assert!(recorded.scans_no_tenant_table().await > 20, "loads");

    let now = scene.now();
    for (filter, found) in [
        (SubjectFilter::default(), 19),
        (SubjectFilter { text: Some("ontact 1".into()), ..SubjectFilter::default() }, 11),
        (SubjectFilter { name: Some("CLEO".into()), ..SubjectFilter::default() }, 1),
        (SubjectFilter { remote_id: Some("7".into()), ..SubjectFilter::default() }, 1),
        (SubjectFilter { company_numbers: Some(vec![company.number]), ..SubjectFilter::default() }, 19),
        (SubjectFilter { other_company_numbers: vec![company.number], ..SubjectFilter::default() }, 0),
        (SubjectFilter { updated_from: Some(now), updated_until: Some(now), ..SubjectFilter::default() }, 19),
        (SubjectFilter { updated_after: Some(now), updated_before: Some(now), ..SubjectFilter::default() }, 0),
    ] {
        for page in [PageRequest::numbered(1, 5), PageRequest::numbered(2, 5)] {
            recorded.take();
            let listed = store.subjects(organization, SubjectKind::Contact, &filter, &page).await.unwrap();
            assert_eq!(listed.total, Some(found), "{filter:?}");
            let statements = recorded.take();
            let of_rows = statements.iter().filter(|statement| {
                statement.sql.contains("COUNT(*)") || statement.sql.contains("ORDER BY \"s\".\"number\"")
            });
            for statement in of_rows {
                let steps = recorded.steps(statement).await;
                let begin = steps.iter().find(|step| step.starts_with("SEARCH s ") && !step.contains("PRIMARY KEY"));
                assert!(begin.unwrap().contains(" (organization_id=? AND "), "{steps:?}");
                assert!(!steps.iter().any(|step| step.starts_with("SCAN s")), "{steps:?}");
            }
            *recorded.statements.lock().unwrap() = statements;
            assert!(recorded.scans_no_tenant_table().await >= 2, "lists");
        }
    }
}
