//! What a command on a record is told.

use super::{load, query, shown};
use crate::{contract::Subject, fixtures::plans::deleted};
use chrono::Duration;
use invite_domain::{
    access::ActorFacts,
    directory::{self, SubjectKind},
    id::{OrganizationId, SubjectId},
    page::PageRequest,
    port::{Principal, SubjectFilter, SubjectQuery, SubjectRef},
};

pub(in crate::contract) async fn a_record_comes_back_equal_in_every_field(subject: Subject) {
    let scene = subject.scene("acme").await;
    let own = scene.own_company().await;
    assert_eq!(shown(&subject, &scene, &own).await.map(|record| record.subject).as_ref(), Some(&own));
    let later = scene.pass(Duration::microseconds(1));
    let bare = directory::Subject { profile: "{}".into(), ..scene.trucker(&own, "Bäuerle_% 'x'", "+41 79 555 01 01") };
    let bare = scene.add_subject(directory::Subject { phone: None, parent_id: None, ..bare }).await;
    let full = directory::Subject {
        remote_id: Some("SAP / 00017 ☕".into()),
        phone: Some(scene.phone("+33 6 39 98 12 34")),
        ..scene.contact(&own, &"Ж".repeat(500), "Zoë@München.example")
    };
    let full = scene.add_subject(full).await;
    for record in [&own, &bare, &full] {
        let found = shown(&subject, &scene, record).await.unwrap().subject;
        assert_eq!((found.number > 0, &found), (true, record));
        let spelling = |record: &directory::Subject| record.email.as_ref().map(|email| email.as_str().to_owned());
        assert_eq!(spelling(&found), spelling(record), "the original spelling");
    }
    assert!(own.number < bare.number && bare.number < full.number, "numbered in the order they came");

    // The next state, whole, there and back.
    let id_alone = |of: &directory::Subject, with: &directory::Subject, version: i64| directory::Subject {
        id: of.id,
        number: of.number,
        kind: of.kind,
        created_at: of.created_at,
        updated_at: later + Duration::microseconds(version),
        version,
        ..with.clone()
    };
    let emptied = id_alone(&full, &bare, 2);
    scene.apply(scene.plan_subject_update(&full, emptied.clone())).await;
    assert_eq!(shown(&subject, &scene, &full).await.map(|record| record.subject).as_ref(), Some(&emptied));
    let filled = id_alone(&full, &full, 3);
    scene.apply(scene.plan_subject_update(&emptied, filled.clone())).await;
    assert_eq!(shown(&subject, &scene, &full).await.map(|record| record.subject), Some(filled));
    assert_eq!(shown(&subject, &scene, &bare).await.map(|record| record.subject), Some(bare), "nobody else's");
}

pub(in crate::contract) async fn a_record_is_found_by_id_number_and_remote_id(subject: Subject) {
    let scene = subject.scene("acme").await;
    let own = scene.own_company().await;
    let trucker = scene.trucker(&own, "Toni", "+41 79 555 01 01");
    let trucker = scene.add_subject(directory::Subject { remote_id: Some("T-1".into()), ..trucker }).await;
    let other = scene.trucker(&own, "Toni", "+41 79 555 01 01");
    scene.add_subject(directory::Subject { remote_id: Some("t-1".into()), ..other }).await;
    let found = async |named: SubjectRef| {
        let facts = load(&subject, &query(&scene, SubjectKind::Trucker, named)).await;
        assert_eq!(facts.organization, scene.organization);
        facts.record.map(|record| record.subject.id)
    };
    for named in
        [SubjectRef::Id(trucker.id), SubjectRef::Number(trucker.number), SubjectRef::RemoteId("T-1".to_owned())]
    {
        assert_eq!(found(named.clone()).await, Some(trucker.id), "{named:?}");
    }
    for unknown in [
        SubjectRef::Id(SubjectId::new(scene.now(), &*scene.entropy)),
        SubjectRef::Number(0),
        SubjectRef::Number(i64::MAX),
        SubjectRef::RemoteId("T-2".to_owned()),
        SubjectRef::RemoteId("T-1 ".to_owned()),
        SubjectRef::RemoteId(String::new()),
    ] {
        assert_eq!(found(unknown.clone()).await, None, "{unknown:?}");
    }
    let nothing = SubjectQuery::of(scene.organization.id, scene.owner.principal(), SubjectKind::Trucker);
    let facts = load(&subject, &nothing).await;
    assert_eq!((facts.record, facts.id_taken, facts.remote_id_holder), (None, false, None));
}

pub(in crate::contract) async fn a_foreign_record_is_answered_as_an_unknown_one(subject: Subject) {
    let (ours, theirs) = (subject.scene("ours").await, subject.scene("theirs").await);
    ours.own_company().await;
    let company = theirs.own_company().await;
    let foreign = directory::Subject { remote_id: Some("R".into()), ..theirs.contact(&company, "Ana", "ana") };
    let foreign = theirs.add_subject(foreign).await;
    let unknown = query(&ours, SubjectKind::Contact, SubjectRef::Id(SubjectId::new(ours.now(), &*ours.entropy)));
    let answer = load(&subject, &unknown).await;
    assert_eq!(answer.record, None);
    for named in [SubjectRef::Id(foreign.id), SubjectRef::RemoteId("R".to_owned())] {
        assert_eq!(load(&subject, &query(&ours, SubjectKind::Contact, named.clone())).await, answer, "{named:?}");
    }
    // A store may count in each organisation apart.
    let by_number = load(&subject, &query(&ours, SubjectKind::Contact, SubjectRef::Number(foreign.number))).await;
    assert_eq!(by_number.record, None);
    let wants = SubjectQuery {
        company: Some(SubjectRef::Id(company.id)),
        wanted_id: Some(foreign.id),
        wanted_remote_id: Some("R".into()),
        ..SubjectQuery::of(ours.organization.id, ours.owner.principal(), SubjectKind::Contact)
    };
    let facts = load(&subject, &wants).await;
    assert_eq!((facts.company, facts.id_taken, facts.remote_id_holder), (None, false, None));
    let (filter, page) = (SubjectFilter::default(), PageRequest::numbered(1, 10));
    let listed = subject.subjects().subjects(ours.organization.id, SubjectKind::Contact, &filter, &page);
    let listed = listed.await.unwrap();
    assert_eq!((listed.items, listed.total), (vec![], Some(0)));
    assert!(shown(&subject, &theirs, &foreign).await.is_some());
}

pub(in crate::contract) async fn a_deleted_record_is_answered_as_an_unknown_one(subject: Subject) {
    let scene = subject.scene("acme").await;
    let own = scene.own_company().await;
    let gone = directory::Subject { remote_id: Some("R".into()), ..scene.company("Gone AG") };
    let gone = scene.add_subject(gone).await;
    let stays = scene.add_subject(scene.company("Stays AG")).await;
    scene.apply(scene.plan_subject_delete(&gone)).await;
    for named in [SubjectRef::Id(gone.id), SubjectRef::Number(gone.number), SubjectRef::RemoteId("R".to_owned())] {
        let of_company =
            SubjectQuery { company: Some(named.clone()), ..query(&scene, SubjectKind::Company, named.clone()) };
        let facts = load(&subject, &of_company).await;
        assert_eq!((facts.record, facts.company), (None, None), "{named:?}");
    }
    let (filter, page) = (SubjectFilter::default(), PageRequest::numbered(1, 10));
    let listed = subject.subjects().subjects(own.organization_id, own.kind, &filter, &page);
    let listed = listed.await.unwrap();
    let ids: Vec<_> = listed.items.iter().map(|record| record.subject.id).collect();
    assert_eq!((ids, listed.total), (vec![own.id, stays.id], Some(2)));
}

pub(in crate::contract) async fn a_record_of_another_kind_is_answered_as_an_unknown_one(subject: Subject) {
    let scene = subject.scene("acme").await;
    let own = scene.own_company().await;
    let trucker = scene.trucker(&own, "Toni", "+41 79 555 01 01");
    let trucker = scene.add_subject(directory::Subject { remote_id: Some("R".into()), ..trucker }).await;
    let names = [SubjectRef::Id(trucker.id), SubjectRef::Number(trucker.number), SubjectRef::RemoteId("R".to_owned())];
    for named in names {
        for kind in SubjectKind::ALL {
            let found = load(&subject, &query(&scene, kind, named.clone())).await.record;
            assert_eq!(found.is_some(), kind == SubjectKind::Trucker, "{named:?} of {kind:?}");
        }
        let as_company = SubjectQuery {
            company: Some(named.clone()),
            ..SubjectQuery::of(scene.organization.id, scene.owner.principal(), SubjectKind::Contact)
        };
        assert_eq!(load(&subject, &as_company).await.company, None, "{named:?}: no company");
    }
}

pub(in crate::contract) async fn records_of_an_unknown_or_deleted_organization_are_none(subject: Subject) {
    let scene = subject.scene("acme").await;
    let own = scene.own_company().await;
    let known = query(&scene, own.kind, SubjectRef::Id(own.id));
    let unknown = SubjectQuery { organization_id: OrganizationId::new(scene.now(), &*scene.entropy), ..known.clone() };
    assert_eq!(subject.subjects().load_subject(&unknown).await.unwrap(), None);
    assert!(subject.subjects().load_subject(&known).await.unwrap().is_some());
    scene.apply(scene.plan_organization(1, deleted(&scene.organization, scene.now()))).await;
    assert_eq!(subject.subjects().load_subject(&known).await.unwrap(), None);
}

pub(in crate::contract) async fn a_command_on_a_record_learns_who_acts(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let actor = async |principal| {
        let query = SubjectQuery::of(scene.organization.id, principal, SubjectKind::Trucker);
        load(&subject, &query).await.actor
    };
    let ActorFacts::Member(owner) = actor(scene.owner.principal()).await else { unreachable!("the owner is a member") };
    assert_eq!(owner.membership, scene.owner.membership);
    assert_eq!(owner.role.as_ref(), Some(&scene.roles.owner));
    let ActorFacts::ApiKey { key, .. } = actor(Principal::ApiKey(scene.api_key.id)).await else {
        unreachable!("the key is one of the organisation's")
    };
    assert_eq!(key, scene.api_key);
    assert_eq!(actor(other.owner.principal()).await, ActorFacts::Unknown, "not a member here");
    assert_eq!(actor(Principal::ApiKey(other.api_key.id)).await, ActorFacts::Unknown, "a foreign key");
}

pub(in crate::contract) async fn a_command_learns_of_the_company_it_names_or_the_own_one(subject: Subject) {
    let scene = subject.scene("acme").await;
    let company = async |named: Option<SubjectRef>| {
        let nothing = SubjectQuery::of(scene.organization.id, scene.owner.principal(), SubjectKind::Trucker);
        load(&subject, &SubjectQuery { company: named, ..nothing }).await.company
    };
    assert_eq!(company(None).await, None, "there is none yet");
    let first = directory::Subject { remote_id: Some("C-1".into()), ..scene.company("First AG") };
    let first = scene.add_subject(first).await;
    assert_eq!(company(None).await, None, "another one is not the own one");
    let own = scene.own_company().await;
    subject.scene("other").await.own_company().await;
    assert_eq!(company(None).await, Some(own.clone()));
    for named in [SubjectRef::Id(first.id), SubjectRef::Number(first.number), SubjectRef::RemoteId("C-1".to_owned())] {
        assert_eq!(company(Some(named.clone())).await, Some(first.clone()), "{named:?}");
    }
    assert_eq!(company(Some(SubjectRef::Number(own.number))).await, Some(own));
    assert_eq!(company(Some(SubjectRef::RemoteId("C-2".to_owned()))).await, None, "not the own one instead");
}
