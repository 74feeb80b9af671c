//! Versions, ids and remote ids.

use super::{load, query, shown};
use crate::{
    Scene,
    contract::{
        Subject,
        invitations::{race, winners},
    },
};
use invite_domain::{
    directory::{self, SubjectKind},
    id::SubjectId,
    invitation::{AdministrationChange, Guard, Plan, Recipient, UniqueKey},
    port::{SubjectQuery, SubjectRef},
};

fn guarded(guard: Guard) -> Plan {
    Plan { guards: vec![guard], ..Plan::default() }
}

pub(in crate::contract) async fn a_plan_decided_on_an_old_record_is_stale(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let before = scene.add_subject(scene.company("Old AG")).await;
    let renamed = |name: &str| directory::Subject { name: name.into(), ..before.clone() };
    let (first, second) =
        (scene.plan_subject_update(&before, renamed("New AG")), scene.plan_subject_update(&before, renamed("Neu AG")));
    scene.apply(first).await;
    scene.refuse(second).await;
    let found = shown(&subject, &scene, &before).await.unwrap().subject;
    assert_eq!((found.name.as_str(), found.version, found.number), ("New AG", 2, before.number));

    let at = |organization, id, version| guarded(Guard::SubjectAt(organization, id, version));
    let (here, there) = (scene.organization.id, other.organization.id);
    scene.apply(at(here, before.id, 2)).await;
    for plan in [
        at(here, before.id, 1),
        at(here, before.id, 3),
        at(there, before.id, 2),
        at(here, SubjectId::new(scene.now(), &*scene.entropy), 1),
    ] {
        scene.refuse(plan).await;
    }
    scene.apply(scene.plan_subject_delete(&found)).await;
    for version in [2, 3] {
        scene.refuse(at(here, before.id, version)).await;
    }
}

pub(in crate::contract) async fn an_id_belongs_to_one_record_of_an_organization(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let first = scene.add_subject(scene.company("First AG")).await;
    let twin = directory::Subject { id: first.id, ..scene.trucker(&first, "Toni", "+41 79 555 01 01") };
    let insert = AdministrationChange::InsertSubject(Box::new(twin.clone()));
    // With the guard, and without it: then the constraint itself must refuse.
    scene.refuse(scene.plan_subject(&twin)).await;
    scene.refuse(Plan { administration: vec![insert], ..Plan::default() }).await;
    scene.refuse(guarded(Guard::Free(UniqueKey::Subject(scene.organization.id, first.id)))).await;
    assert_eq!(shown(&subject, &scene, &first).await.map(|record| record.subject).as_ref(), Some(&first));
    let taken = async |scene: &Scene, wanted| {
        let nothing = SubjectQuery::of(scene.organization.id, scene.owner.principal(), SubjectKind::Trucker);
        load(&subject, &SubjectQuery { wanted_id: Some(wanted), ..nothing }).await.id_taken
    };
    assert!(taken(&scene, first.id).await, "of whatever kind");
    assert!(!taken(&scene, SubjectId::new(scene.now(), &*scene.entropy)).await);

    // A host may have chosen it in another organisation too: two records, each with a life of its own.
    assert!(!taken(&other, first.id).await);
    let same = directory::Subject { id: first.id, ..other.company("Second AG") };
    let same = other.add_subject(same).await;
    let renamed = directory::Subject { name: "Third AG".into(), ..same.clone() };
    other.apply(other.plan_subject_update(&same, renamed)).await;
    assert_eq!(shown(&subject, &other, &same).await.unwrap().subject.name, "Third AG");
    assert_eq!(shown(&subject, &scene, &first).await.map(|record| record.subject), Some(first));
}

pub(in crate::contract) async fn a_remote_id_belongs_to_one_record_of_a_kind(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let with =
        |record: directory::Subject, remote: &str| directory::Subject { remote_id: Some(remote.into()), ..record };
    let first = scene.add_subject(with(scene.company("First AG"), "R-1")).await;
    let twin = with(scene.company("Twin AG"), "R-1");
    let key = |remote: &str| {
        Guard::Free(UniqueKey::SubjectRemoteId(scene.organization.id, SubjectKind::Company, remote.into()))
    };
    let insert = AdministrationChange::InsertSubject(Box::new(twin.clone()));
    scene.refuse(scene.plan_subject(&twin)).await;
    scene.refuse(Plan { administration: vec![insert], ..Plan::default() }).await;
    scene.refuse(guarded(key("R-1"))).await;
    let second = scene.add_subject(scene.company("Second AG")).await;
    scene.refuse(scene.plan_subject_update(&second, with(second.clone(), "R-1"))).await;

    // Another kind, another organisation, another spelling: another record. Any number have none.
    scene.add_subject(with(scene.trucker(&first, "Toni", "+41 79 555 01 01"), "R-1")).await;
    other.add_subject(with(other.company("Other AG"), "R-1")).await;
    for free in ["r-1", "R-1 ", "R‐1"] {
        scene.apply(guarded(key(free))).await;
        scene.add_subject(with(scene.company("Free AG"), free)).await;
    }
    scene.add_subject(scene.company("None AG")).await;
    let holder = async |scene: &Scene, kind, remote: &str| {
        let nothing = SubjectQuery::of(scene.organization.id, scene.owner.principal(), kind);
        load(&subject, &SubjectQuery { wanted_remote_id: Some(remote.into()), ..nothing }).await.remote_id_holder
    };
    assert_eq!(holder(&scene, SubjectKind::Company, "R-1").await, Some(first.id));
    assert_eq!(holder(&scene, SubjectKind::Contact, "R-1").await, None);
    assert_eq!(holder(&scene, SubjectKind::Company, "R-2").await, None);

    // One that keeps its own is not in its own way, and one that was given up is free.
    let moved = directory::Subject { name: "Still first AG".into(), ..first.clone() };
    scene.apply(scene.plan_subject_update(&first, moved.clone())).await;
    let moved = directory::Subject { version: 2, ..moved };
    scene.apply(scene.plan_subject_update(&moved, with(moved.clone(), "R-9"))).await;
    assert_eq!(holder(&scene, SubjectKind::Company, "R-1").await, None);
    scene.apply(scene.plan_subject_update(&second, with(second.clone(), "R-1"))).await;
    assert_eq!(holder(&scene, SubjectKind::Company, "R-1").await, Some(second.id));
}

pub(in crate::contract) async fn a_deleted_record_gives_up_its_remote_id_and_keeps_its_id(subject: Subject) {
    let scene = subject.scene("acme").await;
    let with = |name: &str| directory::Subject { remote_id: Some("R-1".into()), ..scene.company(name) };
    for name in ["First AG", "Second AG", "Third AG"] {
        let record = scene.add_subject(with(name)).await;
        let named = query(&scene, SubjectKind::Company, SubjectRef::RemoteId("R-1".to_owned()));
        let wants = SubjectQuery { wanted_id: Some(record.id), wanted_remote_id: Some("R-1".into()), ..named };
        let facts = load(&subject, &wants).await;
        assert_eq!(facts.record.map(|found| found.subject.id), Some(record.id));
        assert_eq!((facts.id_taken, facts.remote_id_holder), (true, Some(record.id)));
        scene.apply(scene.plan_subject_delete(&record)).await;
        let facts = load(&subject, &wants).await;
        assert_eq!((facts.record, facts.remote_id_holder), (None, None));
        assert!(facts.id_taken, "the row is still there");
        let again = directory::Subject { id: record.id, ..scene.company("Again AG") };
        scene.refuse(scene.plan_subject(&again)).await;
    }
}

pub(in crate::contract) async fn of_many_concurrent_records_with_one_remote_id_exactly_one_wins(subject: Subject) {
    let scene = subject.scene("acme").await;
    for round in 0..subject.races {
        let remote_id = Some(format!("R-{round}"));
        let records: Vec<_> = (0..8)
            .map(|i| directory::Subject { remote_id: remote_id.clone(), ..scene.company(&format!("Co {round} {i}")) })
            .collect();
        let committed = race(&scene, records.iter().map(|record| scene.plan_subject(record)).collect()).await;
        assert_eq!(winners(&committed), 1, "one record a remote id");
        for (record, committed) in records.iter().zip(committed) {
            assert_eq!(shown(&subject, &scene, record).await.is_some(), committed, "the losers leave nothing");
        }
    }
}

pub(in crate::contract) async fn of_many_concurrent_changes_of_one_record_exactly_one_wins(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut record = scene.add_subject(scene.company("Company 0")).await;
    for _ in 0..subject.races {
        let next = (0..8).map(|i| directory::Subject { name: format!("Company {i}"), ..record.clone() });
        let plans = next.map(|next| scene.plan_subject_update(&record, next)).collect();
        let committed = race(&scene, plans).await;
        assert_eq!(winners(&committed), 1, "one state follows another");
        let winner = committed.iter().position(|committed| *committed).unwrap();
        let found = shown(&subject, &scene, &record).await.unwrap().subject;
        assert_eq!((found.version, found.name.clone()), (record.version + 1, format!("Company {winner}")));
        record = found;
    }
}

pub(in crate::contract) async fn of_an_invitation_to_a_record_and_its_deletion_exactly_one_wins(subject: Subject) {
    let scene = subject.scene("acme").await;
    let own = scene.own_company().await;
    for round in 0..subject.races {
        let record = scene.add_subject(scene.trucker(&own, &format!("T {round}"), "+41 79 555 01 01")).await;
        let invitation = scene.invitation_to(scene.recipient_of(&record));
        // Each reads what the other writes: neither may slip by.
        let mut invite = scene.plan_issue(&invitation);
        invite.guards.push(Guard::SubjectAt(record.organization_id, record.id, record.version));
        let mut delete = scene.plan_subject_delete(&record);
        let live_key = Recipient::subject(record.id).live_key();
        delete.guards.push(Guard::Free(UniqueKey::Live(record.organization_id, live_key)));
        let committed = race(&scene, vec![invite, delete]).await;
        assert_eq!(winners(&committed), 1, "no open invitation to a record that is deleted");
        assert_eq!(scene.record(invitation.id).await.is_some(), committed[0]);
        assert_eq!(shown(&subject, &scene, &record).await.is_none(), committed[1]);
    }
}

pub(in crate::contract) async fn a_record_and_its_invitation_are_made_in_one_plan(subject: Subject) {
    let scene = subject.scene("acme").await;
    let own = scene.own_company().await;
    let trucker = scene.trucker(&own, "Toni", "+41 79 555 01 01");
    let invitation = scene.invitation_to(scene.recipient_of(&trucker));
    let mut plan = scene.plan_subject(&trucker);
    let invite = scene.plan_issue(&invitation);
    plan.guards.push(Guard::SubjectAt(own.organization_id, own.id, own.version));
    plan.guards.extend(invite.guards);
    (plan.invitations, plan.messages) = (invite.invitations, invite.messages);
    plan.events.extend(invite.events);
    let outcome = scene.apply(plan.clone()).await;
    let record = shown(&subject, &scene, &trucker).await.unwrap();
    assert_eq!(record.subject.number, outcome.number_of(trucker.id.as_uuid()));
    let stored = record.invitation.unwrap().invitation;
    assert_eq!((stored.id, stored.number), (invitation.id, outcome.number_of(invitation.id.as_uuid())));
    scene.refuse(plan).await;
}
