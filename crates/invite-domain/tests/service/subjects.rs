//! Records of the host's directory (rules 1, 6.6).

use super::*;
use invite_domain::invitation::Origin;
use invite_domain::{
    directory::{ChangeSubject, NewSubject, Subject, SubjectKind},
    email::EmailAddress,
    id::SubjectId,
    invitation::EventKind,
    page::PageRequest,
    phone::PhoneNumber,
    port::{SubjectFilter, SubjectRef},
    service::SubjectView,
};

pub(crate) const PHONE: &str = "+33600000000";

pub(crate) fn phone(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

pub(crate) fn new_subject(kind: SubjectKind, company: Option<&Subject>, name: &str) -> NewSubject {
    NewSubject {
        kind,
        id: None,
        company: company.map(|company| SubjectRef::Id(company.id)),
        remote_id: None,
        email: None,
        phone: None,
        name: name.to_owned(),
        profile: "{}".to_owned(),
    }
}

impl House {
    pub(crate) async fn company(&self) -> Subject {
        let command = new_subject(SubjectKind::Company, None, "Roof & Wall");
        self.subjects.create(&self.owner(), command, None).await.unwrap().record.subject
    }

    /// A driver of a new company, with this address and this phone.
    pub(crate) async fn trucker(&self, address: Option<&str>, phone_number: Option<&str>) -> Subject {
        let company = self.company().await;
        let command = NewSubject {
            email: address.map(|address| self.scene.address(address)),
            phone: phone_number.map(phone),
            ..new_subject(SubjectKind::Trucker, Some(&company), "Adèle Bouvet")
        };
        self.subjects.create(&self.owner(), command, None).await.unwrap().record.subject
    }

    pub(crate) async fn contact(&self, address: Option<&str>) -> Subject {
        let company = self.company().await;
        let command = self.new_contact(&company, address);
        self.subjects.create(&self.owner(), command, None).await.unwrap().record.subject
    }

    pub(crate) fn new_contact(&self, company: &Subject, address: Option<&str>) -> NewSubject {
        NewSubject {
            email: address.map(|address| self.scene.address(address)),
            ..new_subject(SubjectKind::Contact, Some(company), "Zoé Martin")
        }
    }

    /// Asks for what an invitation of a record is: a guest's, its link and code in the answer.
    pub(crate) fn guest(&self) -> Issue {
        let grant = Grant { role_id: Some(self.scene.roles.guest.id), ..Grant::default() };
        Issue {
            reveal: Reveal::Asked,
            ..Issue::new(Recipient::subject(SubjectId::from_uuid(uuid::Uuid::nil())), grant)
        }
    }

    pub(crate) async fn invite_subject(&self, caller: &Caller, subject: &Subject) -> Result<SubjectView, ServiceError> {
        self.subjects.invite(caller, subject.kind, SubjectRef::Id(subject.id), self.guest()).await
    }

    pub(crate) async fn stored(&self, subject: &Subject) -> Result<SubjectView, ServiceError> {
        self.subjects.get(&self.owner(), subject.kind, SubjectRef::Id(subject.id)).await
    }

    pub(crate) async fn change(&self, subject: &Subject, command: ChangeSubject) -> SubjectView {
        let named = SubjectRef::Id(subject.id);
        self.subjects.change(&self.owner(), subject.kind, named, command).await.unwrap()
    }

    pub(crate) async fn delete(&self, subject: &Subject) -> Result<(), ServiceError> {
        self.subjects.delete(&self.owner(), subject.kind, SubjectRef::Id(subject.id)).await
    }

    /// A new member with a role of exactly these permissions.
    pub(crate) async fn colleague(&self, name: &str, permissions: &[&str]) -> Caller {
        let role = self.scene.role(&format!("role of {name}"), permissions);
        self.scene.administer(AdministrationChange::InsertRole(Box::new(role.clone()))).await;
        let person = self.scene.join(&format!("{name}@house.example"), &role).await;
        self.caller(person.principal())
    }

    pub(crate) async fn named(&self, kind: SubjectKind) -> Vec<String> {
        let page = PageRequest::first(50);
        let page = self.subjects.list(&self.owner(), kind, &SubjectFilter::default(), &page).await.unwrap();
        page.items.into_iter().map(|view| view.record.subject.name).collect()
    }
}

pub(crate) fn code_of(view: &SubjectView) -> String {
    view.secrets.as_ref().unwrap().code.as_ref().unwrap().expose().to_owned()
}

pub(crate) fn open(view: &SubjectView) -> &invite_domain::invitation::Invitation {
    &view.record.invitation.as_ref().unwrap().invitation
}

pub(crate) fn pointers<T>(result: Result<T, ServiceError>) -> Vec<String> {
    match rejection(result) {
        Rejection::Invalid(errors) => errors.into_iter().map(|error| error.pointer).collect(),
        other => panic!("a field was to be refused: {other:?}"),
    }
}

pub(crate) fn to_address(address: Option<EmailAddress>) -> ChangeSubject {
    ChangeSubject { email: Some(address), ..ChangeSubject::default() }
}

#[tokio::test]
async fn a_record_is_made_found_changed_and_deleted() {
    let house = House::new().await;
    let company = house.company().await;
    let command =
        NewSubject { remote_id: Some("T-1".into()), ..new_subject(SubjectKind::Trucker, Some(&company), " Adèle ") };
    let made = house.subjects.create(&house.owner(), command, None).await.unwrap();
    let subject = &made.record.subject;
    assert!(subject.number > company.number && !made.is_pending() && made.secrets.is_none());
    assert_eq!((subject.name.as_str(), subject.parent_id, subject.version), ("Adèle", Some(company.id), 1));
    for name in [SubjectRef::Id(subject.id), SubjectRef::Number(subject.number), SubjectRef::RemoteId("T-1".into())] {
        let found = house.subjects.get(&house.owner(), SubjectKind::Trucker, name).await.unwrap();
        assert_eq!((&found.record.subject, found.record.company.as_ref()), (subject, Some(&company)));
    }
    let as_contact = house.subjects.get(&house.owner(), SubjectKind::Contact, SubjectRef::Id(subject.id)).await;
    assert_eq!(rejection(as_contact), Rejection::NotFound, "a record is of one kind");
    let commits = house.counted.commits();
    let same = house.change(subject, ChangeSubject { name: Some("Adèle".into()), ..ChangeSubject::default() }).await;
    assert_eq!((same.record.subject.version, house.counted.commits()), (1, commits), "nothing changed");
    let renamed = house.change(subject, ChangeSubject { name: Some("Ada".into()), ..ChangeSubject::default() }).await;
    assert_eq!((renamed.record.subject.name.as_str(), renamed.record.subject.version), ("Ada", 2));
    assert_eq!(house.named(SubjectKind::Trucker).await, ["Ada"]);
    house.delete(subject).await.unwrap();
    assert_eq!(rejection(house.stored(subject).await), Rejection::NotFound);
    assert_eq!(rejection(house.delete(subject).await), Rejection::NotFound);
    assert_eq!(house.named(SubjectKind::Trucker).await, [""; 0]);
    let told = events(&house).await;
    let count = |kind| told.iter().filter(|told| **told == kind).count();
    let kinds = [EventKind::SubjectCreated, EventKind::SubjectChanged, EventKind::SubjectDeleted];
    assert_eq!(kinds.map(count), [2, 1, 1]);
}

#[tokio::test]
async fn authz_1_who_lacks_the_permission_neither_sees_nor_changes_nor_invites() {
    let house = House::new().await;
    let (trucker, company) = (house.trucker(Some("adele"), None).await, house.company().await);
    let blind = house.colleague("bo", &["invitations.issue", "invitations.reveal"]).await;
    let reader = house.colleague("rita", &["subjects.read"]).await;
    let (service, kind, named) = (&house.subjects, SubjectKind::Trucker, || SubjectRef::Id(trucker.id));
    let page = PageRequest::first(1);
    let before = (house.counted.commits(), events(&house).await);
    let forbidden = |permission| Rejection::Forbidden { permission };
    let new = || new_subject(SubjectKind::Trucker, Some(&company), "X");
    for refused in [
        rejection(service.get(&blind, kind, named()).await),
        rejection(service.list(&blind, kind, &SubjectFilter::default(), &page).await),
        rejection(service.invite(&blind, kind, named(), house.guest()).await),
    ] {
        assert_eq!(refused, forbidden("subjects.read"));
    }
    for caller in [&blind, &reader] {
        for refused in [
            rejection(service.create(caller, new(), None).await),
            rejection(service.create(caller, new(), Some(house.guest())).await),
            rejection(service.change(caller, kind, named(), to_address(None)).await),
            rejection(service.delete(caller, kind, named()).await),
        ] {
            assert_eq!(refused, forbidden("subjects.write"));
        }
    }
    let invited = service.invite(&reader, kind, named(), house.guest()).await;
    assert_eq!(rejection(invited), forbidden("invitations.issue"));
    assert!(service.get(&reader, kind, named()).await.is_ok());
    assert_eq!((house.counted.commits(), events(&house).await), before);
}

#[tokio::test]
async fn r6_6_records_of_another_organisation_are_not_found_by_any_name() {
    let house = House::new().await;
    let other = Scene::create(Arc::new(house.store.clone()), "other").await;
    let theirs = Caller {
        principal: other.owner.principal(),
        organization_id: other.organization.id,
        origin: Origin::default(),
    };
    let service = &house.subjects;
    let company = new_subject(SubjectKind::Company, None, "Theirs");
    let company = service.create(&theirs, company, None).await.unwrap().record.subject;
    let trucker =
        NewSubject { remote_id: Some("T-1".into()), ..new_subject(SubjectKind::Trucker, Some(&company), "Tom") };
    let trucker = service.create(&theirs, trucker, None).await.unwrap().record.subject;
    let (owner, kind) = (house.owner(), SubjectKind::Trucker);
    let before = house.counted.commits();
    let names = [SubjectRef::Id(trucker.id), SubjectRef::Number(trucker.number), SubjectRef::RemoteId("T-1".into())];
    for name in names {
        for refused in [
            rejection(service.get(&owner, kind, name.clone()).await),
            rejection(service.change(&owner, kind, name.clone(), to_address(None)).await),
            rejection(service.invite(&owner, kind, name.clone(), house.guest()).await),
            rejection(service.delete(&owner, kind, name.clone()).await),
        ] {
            assert_eq!(refused, Rejection::NotFound, "{name:?}");
        }
    }
    let issue = Issue { recipient: Recipient::subject(trucker.id), ..house.guest() };
    assert_eq!(pointers(house.service.issue(&owner, issue, None).await), ["/recipient/subject_id"]);
    let moved = new_subject(SubjectKind::Contact, Some(&company), "X");
    assert_eq!(pointers(service.create(&owner, moved, None).await), ["/company"]);
    assert_eq!(house.counted.commits(), before);
    assert_eq!(house.named(kind).await, [""; 0]);
    // The foreign organisation itself is not found either.
    let intruder = Caller { principal: house.scene.owner.principal(), ..theirs };
    assert_eq!(rejection(service.get(&intruder, kind, SubjectRef::Id(trucker.id)).await), Rejection::NotFound);
}

#[tokio::test]
async fn a_remote_id_is_one_records_of_its_kind_until_it_gives_it_up() {
    let house = House::new().await;
    let (company, owner, service) = (house.company().await, house.owner(), &house.subjects);
    let new =
        |kind, remote: &str| NewSubject { remote_id: Some(remote.into()), ..new_subject(kind, Some(&company), "X") };
    let first = service.create(&owner, new(SubjectKind::Trucker, "R"), None).await.unwrap().record.subject;
    assert_eq!(pointers(service.create(&owner, new(SubjectKind::Trucker, "R"), None).await), ["/remote_id"]);
    service.create(&owner, new(SubjectKind::Contact, "R"), None).await.unwrap();
    let second = service.create(&owner, new(SubjectKind::Trucker, "S"), None).await.unwrap().record.subject;
    let taking = ChangeSubject { remote_id: Some(Some("R".into())), ..ChangeSubject::default() };
    let taken = service.change(&owner, SubjectKind::Trucker, SubjectRef::Id(second.id), taking.clone()).await;
    assert_eq!(pointers(taken), ["/remote_id"]);
    house.delete(&first).await.unwrap();
    assert_eq!(house.change(&second, taking).await.record.subject.remote_id.as_deref(), Some("R"));
    house.change(&second, ChangeSubject { remote_id: Some(None), ..ChangeSubject::default() }).await;
    service.create(&owner, new(SubjectKind::Trucker, "R"), None).await.unwrap();
    let same = NewSubject { id: Some(second.id), ..new(SubjectKind::Trucker, "Q") };
    assert_eq!(pointers(service.create(&owner, same, None).await), ["/id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_16_records_with_one_remote_id_made_at_once_one_is_made() {
    let house = Arc::new(House::new().await);
    let company = house.company().await;
    let tries: Vec<_> = (0..16)
        .map(|_| {
            let house = Arc::clone(&house);
            let new = new_subject(SubjectKind::Trucker, Some(&company), "X");
            let new = NewSubject { remote_id: Some("R".into()), ..new };
            tokio::spawn(async move { house.subjects.create(&house.owner(), new, None).await })
        })
        .collect();
    let mut made = 0;
    for one in tries {
        match one.await.unwrap() {
            Ok(_) => made += 1,
            refused => assert_eq!(pointers(refused), ["/remote_id"]),
        }
    }
    assert_eq!((made, house.named(SubjectKind::Trucker).await.len()), (1, 1));
}
