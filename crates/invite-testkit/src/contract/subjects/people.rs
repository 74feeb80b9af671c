//! What is shown with a record, and who came from it.

use super::{load, query, shown};
use crate::{
    Scene,
    contract::{
        Subject,
        invitations::{issue_query, load_redemption, redemption_query},
    },
    fixtures::Person,
};
use chrono::Duration;
use invite_domain::{
    directory::{self, Membership, SubjectKind},
    id::{AccountId, SubjectId},
    invitation::{AdministrationChange, Plan, Recipient},
    port::{AccountFacts, IssueFacts, IssueQuery, SubjectFacts, SubjectRecord, SubjectRef},
};

fn account_of(facts: Option<&AccountFacts>) -> Option<AccountId> {
    facts.map(|facts| facts.account.id)
}

/// The person with the membership, as the facts of an account show both.
fn facts_of(person: &Person, scene: &Scene, facts: &AccountFacts) {
    assert_eq!(facts.account, person.account);
    let member = facts.member.as_ref().unwrap();
    assert_eq!(member.membership, person.membership);
    assert_eq!(member.role.as_ref(), Some(&scene.roles.guest));
}

pub(in crate::contract) async fn a_record_shows_its_company_a_deleted_one_too(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let company = scene.add_subject(scene.company("Huber AG")).await;
    // Somebody else's company of the same id is another one.
    other.add_subject(directory::Subject { id: company.id, ..other.company("Foreign AG") }).await;
    let contact = scene.add_subject(scene.contact(&company, "Ana", "ana")).await;
    let trucker = scene.trucker(&company, "Toni", "+41 79 555 01 01");
    let trucker = scene.add_subject(directory::Subject { parent_id: None, ..trucker }).await;
    assert_eq!(shown(&subject, &scene, &contact).await.unwrap().company.as_ref(), Some(&company));
    assert_eq!(shown(&subject, &scene, &trucker).await.unwrap().company, None);
    assert_eq!(shown(&subject, &scene, &company).await.unwrap().company, None);

    let at = scene.pass(Duration::seconds(1));
    scene.apply(scene.plan_subject_delete(&company)).await;
    let record = shown(&subject, &scene, &contact).await.unwrap();
    let expected = directory::Subject { deleted_at: Some(at), updated_at: at, version: 2, ..company };
    assert_eq!(record.company, Some(expected), "whom it belonged to is still told");
    assert_eq!(record.subject, contact);
}

pub(in crate::contract) async fn a_record_shows_the_invitation_that_holds_its_key(subject: Subject) {
    let scene = subject.scene("acme").await;
    let own = scene.own_company().await;
    let trucker = scene.add_subject(scene.trucker(&own, "Toni", "+41 79 555 01 01")).await;
    let contact = scene.add_subject(scene.contact(&own, "Ana", "ana")).await;
    // An invitation to the same address is not one to the record.
    scene.issue("ana").await;
    let of = async |record: &directory::Subject| shown(&subject, &scene, record).await.unwrap().invitation;
    assert_eq!(of(&trucker).await, None);
    let invitation = scene.issue_for(&trucker).await;
    assert_eq!(of(&trucker).await, scene.record(invitation.id).await, "whole, with its deliveries");
    assert_eq!(of(&contact).await, None);
    scene.pass(Duration::days(8));
    assert_eq!(of(&trucker).await.map(|record| record.invitation), Some(invitation.clone()), "an expired one too");
    scene.apply(scene.plan_revoke(&invitation)).await;
    assert_eq!(of(&trucker).await, None);
    let next = scene.issue_for(&trucker).await;
    assert_eq!(of(&trucker).await.map(|record| record.invitation), Some(next));
}

pub(in crate::contract) async fn a_record_shows_who_came_from_it(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let own = scene.own_company().await;
    let trucker = scene.add_subject(scene.trucker(&own, "Toni", "+41 79 555 01 01")).await;
    let contact = scene.add_subject(scene.contact(&own, "Ana", "ana")).await;
    // Who came from another organisation's record of the same id came from another record.
    let theirs = directory::Subject { id: trucker.id, ..other.trucker(&own, "Other", "+41 79 555 01 02") };
    let theirs = other.add_subject(directory::Subject { parent_id: None, ..theirs }).await;
    other.join_from(&theirs, "other", &other.roles.guest).await;
    for record in [&trucker, &contact] {
        assert_eq!(shown(&subject, &scene, record).await.unwrap().person, None);
    }
    let toni = scene.join_from(&trucker, "toni", &scene.roles.guest).await;
    let ana = scene.join_from(&contact, "another.address", &scene.roles.guest).await;
    for (record, person) in [(&trucker, &toni), (&contact, &ana)] {
        facts_of(person, &scene, &shown(&subject, &scene, record).await.unwrap().person.unwrap());
    }
    let off = Membership { active: false, ..toni.membership.clone() };
    scene.apply(scene.plan_member(&toni.membership, off)).await;
    let person = shown(&subject, &scene, &trucker).await.unwrap().person.unwrap();
    assert_eq!(person.member.map(|member| member.membership.active), Some(false), "one who is switched off too");
    scene.administer(AdministrationChange::RemoveMembership(scene.organization.id, toni.membership.id)).await;
    assert_eq!(shown(&subject, &scene, &trucker).await.unwrap().person, None, "removed");
}

pub(in crate::contract) async fn a_contact_alone_is_known_by_its_address(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let own = scene.own_company().await;
    let ana = scene.join("Ana@example.org", &scene.roles.guest).await;
    let bob = other.join("bob@example.org", &other.roles.guest).await;
    let contact = scene.add_subject(scene.contact(&own, "Ana", "ANA@Example.org")).await;
    facts_of(&ana, &scene, &shown(&subject, &scene, &contact).await.unwrap().person.unwrap());
    let trucker = scene.trucker(&own, "Ana", "+41 79 555 01 01");
    let trucker = directory::Subject { email: contact.email.clone(), ..trucker };
    let trucker = scene.add_subject(trucker).await;
    assert_eq!(shown(&subject, &scene, &trucker).await.unwrap().person, None, "somebody else may have a trucker's");
    let stranger = scene.add_subject(scene.contact(&own, "Bob", bob.account.email.as_ref().unwrap().as_str())).await;
    assert_eq!(shown(&subject, &scene, &stranger).await.unwrap().person, None, "no member here");
    let nobody = directory::Subject { email: None, ..scene.contact(&own, "Carl", "carl") };
    let nobody = scene.add_subject(nobody).await;
    // Nor is who has no address known by having none.
    let bare = directory::Subject { email: None, ..scene.contact(&own, "Dora", "dora") };
    let dora = scene.add_subject(bare).await;
    let came = scene.join_from(&dora, "dora", &scene.roles.guest).await;
    let blank = directory::Account { email: None, email_verified: false, version: 2, ..came.account };
    let directory = vec![invite_domain::invitation::DirectoryChange::UpdateAccount(Box::new(blank))];
    scene.apply(Plan { directory, ..Plan::default() }).await;
    assert_eq!(shown(&subject, &scene, &nobody).await.unwrap().person, None);

    // Who came from it goes before who has its address.
    let came = scene.join_from(&contact, "ana.too", &scene.roles.guest).await;
    facts_of(&came, &scene, &shown(&subject, &scene, &contact).await.unwrap().person.unwrap());
}

pub(in crate::contract) async fn managers_are_who_came_from_contacts_of_the_company(subject: Subject) {
    let scene = subject.scene("acme").await;
    let own = scene.own_company().await;
    let company = scene.add_subject(scene.company("Huber AG")).await;
    let mut contacts = Vec::new();
    for name in ["zoe", "ana", "gone", "open"] {
        contacts.push(scene.add_subject(scene.contact(&company, name, name)).await);
    }
    let elsewhere = scene.add_subject(scene.contact(&own, "else", "else")).await;
    let trucker = scene.add_subject(scene.trucker(&company, "Toni", "+41 79 555 01 01")).await;
    let ana = scene.join_from(&contacts[1], "ana", &scene.roles.guest).await;
    let zoe = scene.join_from(&contacts[0], "zoe", &scene.roles.guest).await;
    for (record, address) in [(&contacts[2], "gone"), (&elsewhere, "else"), (&trucker, "toni")] {
        scene.join_from(record, address, &scene.roles.guest).await;
    }
    scene.apply(scene.plan_subject_delete(&contacts[2])).await;
    for record in [&company, &contacts[0], &contacts[3], &trucker] {
        let managers = shown(&subject, &scene, record).await.unwrap().managers;
        let numbers: Vec<_> = managers.iter().map(|(contact, _)| contact.number).collect();
        assert_eq!(numbers, [contacts[0].number, contacts[1].number], "with {}: by number", record.name);
        assert_eq!((&managers[0].0, &managers[1].0), (&contacts[0], &contacts[1]));
        facts_of(&zoe, &scene, &managers[0].1);
        facts_of(&ana, &scene, &managers[1].1);
    }
    let managers = shown(&subject, &scene, &own).await.unwrap().managers;
    assert_eq!(managers.into_iter().map(|(contact, _)| contact).collect::<Vec<_>>(), [elsewhere]);
    let alone = directory::Subject { parent_id: None, ..scene.trucker(&own, "Alone", "+41 79 555 01 02") };
    let alone = scene.add_subject(alone).await;
    assert_eq!(shown(&subject, &scene, &alone).await.unwrap().managers, vec![], "of no company");
}

pub(in crate::contract) async fn at_most_a_hundred_managers_are_shown(subject: Subject) {
    let scene = subject.scene("acme").await;
    let company = scene.own_company().await;
    let contacts: Vec<_> =
        (0..=SubjectRecord::MANAGERS).map(|i| scene.contact(&company, &format!("C {i}"), &format!("c{i}"))).collect();
    let mut plan = Plan::default();
    for contact in &contacts {
        plan.administration.push(AdministrationChange::InsertSubject(Box::new(contact.clone())));
        let account = scene.account(contact.email.as_ref().unwrap().as_str());
        let member = Membership { subject_id: Some(contact.id), ..scene.membership(&account, None) };
        plan.directory.push(invite_domain::invitation::DirectoryChange::InsertAccount(Box::new(account)));
        plan.directory.push(invite_domain::invitation::DirectoryChange::InsertMembership(Box::new(member)));
    }
    let outcome = scene.apply(plan).await;
    let mut expected: Vec<_> = contacts.iter().map(|contact| outcome.number_of(contact.id.as_uuid())).collect();
    expected.sort_unstable();
    expected.truncate(SubjectRecord::MANAGERS);
    let managers = shown(&subject, &scene, &company).await.unwrap().managers;
    assert_eq!(managers.iter().map(|(contact, _)| contact.number).collect::<Vec<_>>(), expected);
}

pub(in crate::contract) async fn issuing_learns_of_the_record_and_who_came_from_it(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let own = scene.own_company().await;
    let ask = async |scene: &Scene, id: SubjectId| -> IssueFacts {
        let query = IssueQuery {
            live_key: Recipient::subject(id).live_key(),
            email: None,
            subject_id: Some(id),
            ..issue_query(scene, "unasked")
        };
        scene.store.load_issue(&query).await.unwrap().unwrap()
    };
    let trucker = scene.add_subject(scene.trucker(&own, "Toni", "+41 79 555 01 01")).await;
    let contact = scene.add_subject(scene.contact(&own, "Mia", "MIA@acme.example")).await;
    let facts = ask(&scene, trucker.id).await;
    assert_eq!(facts.subject, Some(SubjectFacts { subject: trucker.clone(), person: None }));
    assert_eq!((facts.member, facts.holder), (None, None));
    let facts = ask(&scene, contact.id).await;
    assert_eq!(
        facts.subject,
        Some(SubjectFacts { subject: contact.clone(), person: None }),
        "who has its address did not come from it"
    );
    assert_eq!(facts.member.as_ref(), Some(&scene.member.membership), "the member with the record's own address");

    let invitation = scene.issue_for(&trucker).await;
    let toni = scene.join_from(&trucker, "toni", &scene.roles.guest).await;
    let facts = ask(&scene, trucker.id).await;
    assert_eq!(facts.holder.map(|holder| holder.invitation), Some(invitation));
    facts_of(&toni, &scene, &facts.subject.unwrap().person.unwrap());
    let off = Membership { active: false, ..toni.membership.clone() };
    scene.apply(scene.plan_member(&toni.membership, off)).await;
    let person = ask(&scene, trucker.id).await.subject.unwrap().person;
    assert_eq!(account_of(person.as_ref()), Some(toni.account.id), "one who is switched off too");

    assert_eq!(ask(&other, trucker.id).await.subject, None, "a foreign one");
    assert_eq!(ask(&scene, SubjectId::new(scene.now(), &*scene.entropy)).await.subject, None, "an unknown one");
    scene.apply(scene.plan_subject_delete(&contact)).await;
    let facts = ask(&scene, contact.id).await;
    assert_eq!((facts.subject, facts.member), (None, None), "a deleted one");
}

pub(in crate::contract) async fn redeeming_learns_of_the_record_and_who_came_from_it(subject: Subject) {
    let scene = subject.scene("acme").await;
    let own = scene.own_company().await;
    let trucker = scene.add_subject(scene.trucker(&own, "Toni", "+41 79 555 01 01")).await;
    let first = scene.issue_for(&trucker).await;
    let mail = scene.issue("ana").await;
    let told = async |id| load_redemption(&scene, &redemption_query(&scene, id)).await.subject;
    assert_eq!(told(mail.id).await, None);
    assert_eq!(told(first.id).await, Some(SubjectFacts { subject: trucker.clone(), person: None }));

    let account = scene.account("toni");
    let plan = scene.plan_redeem(&first, &account);
    scene.apply(plan).await;
    let second = scene.issue_for(&trucker).await;
    for id in [first.id, second.id] {
        let facts = told(id).await.unwrap();
        assert_eq!(facts.subject, trucker);
        let person = facts.person.unwrap();
        assert_eq!(person.account.id, account.id);
        assert_eq!(person.member.unwrap().membership.subject_id, Some(trucker.id));
    }
    scene.apply(scene.plan_subject_delete(&trucker)).await;
    assert_eq!(told(second.id).await, None, "deleted");
}

pub(in crate::contract) async fn an_invitation_keeps_the_addresses_its_record_had(subject: Subject) {
    let scene = subject.scene("acme").await;
    let own = scene.own_company().await;
    let contact = scene.add_subject(scene.contact(&own, "Mia", "mia@acme.example")).await;
    let invitation = scene.issue_for(&contact).await;
    let moved = directory::Subject {
        email: Some(scene.address("elsewhere")),
        phone: Some(scene.phone("+41 79 555 01 01")),
        ..contact.clone()
    };
    scene.apply(scene.plan_subject_update(&contact, moved.clone())).await;
    assert_eq!(scene.record(invitation.id).await.unwrap().invitation, invitation, "a link goes where it was meant to");
    let facts = load_redemption(&scene, &redemption_query(&scene, invitation.id)).await;
    assert_eq!(account_of(facts.at_address.as_ref()), Some(scene.member.account.id));
    assert_eq!(facts.subject.map(|facts| facts.subject.email), Some(moved.email.clone()));
    let named = query(&scene, SubjectKind::Contact, SubjectRef::Id(contact.id));
    let record = load(&subject, &named).await.record.unwrap();
    assert_eq!(record.subject.email, moved.email);
    assert_eq!(record.invitation.map(|record| record.invitation), Some(invitation));
}
