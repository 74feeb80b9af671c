//! By which index numbered lists, records and codes are found.

mod support;

use invite_domain::{
    directory::{Subject, SubjectKind},
    page::PageRequest,
    port::{
        InvitationFilter, InvitationStore, RedemptionQuery, SecretRef, SortKey, SubjectFilter, SubjectQuery,
        SubjectRef, Subjects,
    },
};
use invite_testkit::Scene;
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
        let rows = statements.iter().find(|statement| statement.sql.contains("ORDER BY")).unwrap();
        let steps = recorded.steps(rows).await;
        assert!(steps[0].contains(" (organization_id=? AND "), "{steps:?}");
        assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:?}");
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
    assert_eq!(steps[0], begins, "{steps:?}");

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
