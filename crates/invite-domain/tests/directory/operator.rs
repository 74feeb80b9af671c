use super::{
    Desk,
    desk::{PASSWORD, mailed_link, pointers, queued, rejection, service},
};
use chrono::Duration;
use invite_domain::{
    access::{NewRole, PermissionSet, RoleScope, SystemRole},
    directory::{Account, NewOrganization, Password, Slug},
    email::EmailAddress,
    invitation::{AdministrationChange, DirectoryChange, MessageKind, Origin, Plan, Rejection},
    page::PageRequest,
    port::{DeliveryFacts, Directory as _, InvitationStore as _, OrganizationRef, Outbox as _, Principal},
    secret::account_token::AccountPurpose,
    service::{Caller, SetUp, SignIn},
};
use invite_testkit::{ManualClock, MemoryStore, PlainHasher, SeededEntropy};
use std::sync::Arc;

const ENDED: Rejection = Rejection::AccountLinkEnded { expired: false };

fn set_up(organization: &str) -> SetUp {
    let owner_email = EmailAddress::parse("olga@example.org").unwrap();
    SetUp { organization: organization.into(), owner_email, locale: Some("fr".into()) }
}

fn new_organization(name: &str, owner: &str) -> NewOrganization {
    let owner_email = EmailAddress::parse(owner).unwrap();
    NewOrganization { name: name.into(), slug: None, owner_email, locale: None }
}

fn as_olga() -> SignIn {
    let password = Password::typed(PASSWORD);
    SignIn { login: "olga@example.org".into(), password, renewable: false, client: None }
}

#[tokio::test]
async fn an_empty_installation_is_set_up_once_and_works() {
    let store = MemoryStore::default();
    let (clock, entropy) = (ManualClock::default(), Arc::new(SeededEntropy::of("setup")));
    let service = service(&store, &clock, &entropy, &Arc::new(PlainHasher::default()));
    assert_eq!(pointers(service.set_up(set_up(" ")).await), ["/name"]);
    let installed = service.set_up(set_up("Acme")).await.unwrap();
    assert_eq!((installed.organization.slug.as_str(), installed.organization.number > 0), ("acme", true));
    assert!(installed.owner.number > 0);
    assert_eq!(rejection(service.set_up(set_up("Zenith")).await), Rejection::AlreadySetUp);

    let key = service.authenticate(installed.api_key.expose()).await.unwrap().unwrap();
    let organization_id = service.effective_organization(&key, None).await.unwrap().id;
    let caller = Caller { principal: key.principal(), organization_id, origin: Origin::default() };
    let roles = service.roles(&caller, &PageRequest::first(10)).await.unwrap().items;
    let mut systems: Vec<_> = roles.iter().filter_map(|view| view.role.system).collect();
    systems.sort_unstable();
    assert_eq!(systems, SystemRole::ALL);
    let driver = NewRole {
        name: "Driver".into(),
        description: None,
        permissions: PermissionSet::parse(["trips.read"]).unwrap(),
        scope: RoleScope::Organization,
    };
    service.create_role(&caller, driver).await.unwrap();

    let link = installed.owner_link.expose();
    assert_eq!(service.account_link(link).await.unwrap().purpose, AccountPurpose::OwnerLink);
    let olga = service.confirm_account_link(link, Password::typed(PASSWORD)).await.unwrap();
    assert!(!olga.email_verified, "the operator saw the link, so it shows nothing of a mailbox");
    let command = as_olga();
    let signed_in = service.sign_in(command).await.unwrap();
    let me = service.me(signed_in.account.id, None).await.unwrap();
    assert_eq!(me.memberships[0].1.record.member.membership.id, installed.owner.id);
    let operator = service.authenticate(installed.operator_key.expose()).await.unwrap().unwrap();
    assert!(matches!(operator.principal(), Principal::Operator(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_8_who_set_up_at_once_one_does() {
    let store = MemoryStore::default();
    let (clock, hasher) = (ManualClock::default(), Arc::new(PlainHasher::default()));
    let tries: Vec<_> = (0..8)
        .map(|n| {
            let service = service(&store, &clock, &Arc::new(SeededEntropy::of(&format!("setup-{n}"))), &hasher);
            tokio::spawn(async move { service.set_up(set_up(&format!("Acme {n}"))).await })
        })
        .collect();
    let mut done = 0;
    for one in tries {
        match one.await.unwrap() {
            Ok(_) => done += 1,
            refused => assert_eq!(rejection(refused), Rejection::AlreadySetUp),
        }
    }
    assert_eq!(done, 1);
    assert_eq!(store.organizations(&PageRequest::first(10)).await.unwrap().items.len(), 1);
    assert_eq!(store.operator_keys().await.unwrap().len(), 1);
}

#[tokio::test]
async fn r7_9_an_owners_link_ends_after_a_day() {
    let desk = Desk::new().await;
    let (operator, _) = desk.operator().await;
    let command = new_organization("Zenith", "zoe@example.org");
    let made = desk.service.create_organization(operator, command, Origin::none()).await.unwrap();
    let link = made.owner_link.unwrap();
    desk.scene.pass(Duration::hours(24) - Duration::microseconds(1));
    assert!(desk.service.account_link(link.expose()).await.is_ok());
    desk.scene.pass(Duration::microseconds(1));
    assert_eq!(
        rejection(desk.service.account_link(link.expose()).await),
        Rejection::AccountLinkEnded { expired: true }
    );
}

#[tokio::test]
async fn a_new_organisation_has_a_slug_of_its_own() {
    let desk = Desk::new().await;
    let (operator, _) = desk.operator().await;
    let create = async |command| desk.service.create_organization(operator, command, Origin::none()).await;
    for expected in ["acme-2", "acme-3"] {
        let made = create(new_organization("Acme", "zoe@example.org")).await.unwrap();
        assert_eq!(made.organization.slug.as_str(), expected);
    }
    let chosen = |slug: &str| NewOrganization {
        slug: Some(Slug::parse(slug).unwrap()),
        ..new_organization("Apex", "zoe@example.org")
    };
    assert_eq!(pointers(create(chosen("acme-3")).await), ["/slug"]);
    let made = create(chosen("apex")).await.unwrap();
    desk.service.delete_organization(operator, made.organization.id, Origin::none()).await.unwrap();
    assert_eq!(pointers(create(chosen("apex")).await), ["/slug"], "a deleted organisation can come back");
    assert_eq!(create(new_organization("Apex", "zoe@example.org")).await.unwrap().organization.slug.as_str(), "apex-2");
}

#[tokio::test]
async fn r7_9_a_person_with_an_account_of_their_own_becomes_owner_without_a_link() {
    let desk = Desk::new().await;
    let (operator, _) = desk.operator().await;
    let session = desk.sign_in("mia@acme.example", PASSWORD).await.unwrap();
    let command = new_organization("Zenith", "mia@acme.example");
    let made = desk.service.create_organization(operator, command, Origin::none()).await.unwrap();
    assert!(made.owner_link.is_none());
    assert!(desk.authenticated(&session.text).await.is_some(), "nothing of theirs is touched");
    let me = desk.service.me(session.account.id, None).await.unwrap();
    let organizations: Vec<_> = me.memberships.iter().map(|(organization, _)| organization.name.as_str()).collect();
    assert_eq!(organizations.len(), 2);
    assert!(organizations.contains(&"Zenith"));
}

#[tokio::test]
async fn r7_9_an_unproven_owner_of_another_organisation_proves_the_mailbox_and_every_organisation_keeps_its_key() {
    let desk = Desk::new().await;
    let (operator, _) = desk.operator().await;
    let create = async |name| {
        let command = new_organization(name, "zoe@example.org");
        desk.service.create_organization(operator, command, Origin::none()).await.unwrap()
    };
    let first = create("First").await;
    let link = first.owner_link.unwrap();
    let zoe = desk.service.confirm_account_link(link.expose(), Password::typed(PASSWORD)).await.unwrap();
    let second = create("Second").await;
    assert!(second.owner_link.is_none());
    for key in [&first.api_key, &second.api_key] {
        assert!(desk.authenticated(key).await.is_some());
    }
    // Who set that password has not shown to be the one the second organisation is for.
    assert_eq!(rejection(desk.sign_in("zoe@example.org", PASSWORD).await), Rejection::BadCredentials);

    let mailed = mailed_link(&desk.store, zoe.id, AccountPurpose::OwnerLink).await;
    let zoe = desk.service.confirm_account_link(&mailed, Password::typed("a whole new sentence")).await.unwrap();
    assert!(zoe.email_verified);
    for key in [&first.api_key, &second.api_key] {
        assert!(desk.authenticated(key).await.is_some());
    }
    let before = queued(&desk).await.len();
    let third = create("Third").await;
    assert!(third.owner_link.is_none());
    assert_eq!(queued(&desk).await.len(), before, "a person who is known to read mail there signs in");
    assert_eq!(desk.service.me(zoe.id, None).await.unwrap().memberships.len(), 3);
}

#[tokio::test]
async fn r7_9_a_link_to_an_account_that_is_admin_elsewhere_goes_to_its_address_alone() {
    let desk = Desk::new().await;
    let (operator, _) = desk.operator().await;
    let victim = desk.add(Account { email_verified: false, ..desk.scene.account("zoe") }).await;
    let membership = desk.scene.membership(&victim, Some(&desk.scene.roles.admin));
    let directory = vec![DirectoryChange::InsertMembership(Box::new(membership.clone()))];
    desk.scene.apply(Plan { directory, ..Plan::default() }).await;
    let (key, key_text) = desk.scene.new_api_key(&membership);
    desk.scene.administer(AdministrationChange::InsertApiKey(Box::new(key))).await;
    let session = desk.sign_in("zoe@example.org", PASSWORD).await.unwrap();

    let command = new_organization("Zenith", "zoe@example.org");
    let made = desk.service.create_organization(operator, command, Origin::none()).await.unwrap();
    assert!(made.owner_link.is_none(), "whoever reads the answer gets no hold of the account");
    let [message] = &queued(&desk).await[..] else { unreachable!("one mail") };
    let kind = MessageKind::Account { account_id: victim.id, purpose: AccountPurpose::OwnerLink, counter: 1 };
    assert_eq!(message.kind, kind);
    let facts = desk.store.load_delivery(message).await.unwrap();
    let DeliveryFacts::Account { account, organization, .. } = facts else { unreachable!("{facts:?}") };
    assert_eq!(account.email, victim.email);
    assert_eq!(organization.unwrap().name, "Zenith");
    // Whoever holds the address unverified may squat on it: nothing of theirs opens the new organisation.
    assert!(desk.authenticated(&session.text).await.is_none());
    assert!(desk.authenticated(&key_text).await.is_none());
    assert_eq!(rejection(desk.sign_in("zoe@example.org", PASSWORD).await), Rejection::BadCredentials);
    assert!(desk.authenticated(&made.api_key).await.is_some(), "the organisation's own key works");

    // Only the reader of the mail takes the account over.
    let mailed = mailed_link(&desk.store, victim.id, AccountPurpose::OwnerLink).await;
    let new = "a whole new sentence";
    assert!(desk.service.confirm_account_link(&mailed, Password::typed(new)).await.unwrap().email_verified);
    assert!(desk.authenticated(&made.api_key).await.is_some(), "the operator's key outlives the proof");
    assert!(desk.sign_in("zoe@example.org", new).await.is_ok());
}

#[tokio::test]
async fn r7_9_the_link_of_an_owner_who_never_used_it_is_replaced_by_a_mailed_one() {
    let desk = Desk::new().await;
    let (operator, _) = desk.operator().await;
    let create = async |name| {
        let command = new_organization(name, "zoe@example.org");
        desk.service.create_organization(operator, command, Origin::none()).await.unwrap()
    };
    let old = create("First").await.owner_link.unwrap();
    assert!(create("Second").await.owner_link.is_none());
    assert_eq!(rejection(desk.service.account_link(old.expose()).await), ENDED);
    let zoe = desk.store.account_by_address("zoe@example.org").await.unwrap().unwrap();
    let mailed = mailed_link(&desk.store, zoe.id, AccountPurpose::OwnerLink).await;
    assert_eq!(desk.service.account_link(&mailed).await.unwrap().purpose, AccountPurpose::OwnerLink);
}

#[tokio::test]
async fn r7_9_the_owners_link_from_the_set_up_ends_with_a_mailed_reset_and_with_its_first_use() {
    let (clock, hasher) = (ManualClock::default(), Arc::new(PlainHasher::default()));
    for by_reset in [true, false] {
        let store = MemoryStore::default();
        let service = service(&store, &clock, &Arc::new(SeededEntropy::of("setup")), &hasher);
        let installed = service.set_up(set_up("Acme")).await.unwrap();
        let link = installed.owner_link.expose();
        // A reset that was only asked for takes nothing away.
        service.request_password_reset("olga@example.org", None).await.unwrap();
        assert!(service.account_link(link).await.is_ok());
        if by_reset {
            let mailed = mailed_link(&store, installed.owner.account_id, AccountPurpose::PasswordReset).await;
            service.confirm_account_link(&mailed, Password::typed(PASSWORD)).await.unwrap();
        } else {
            service.confirm_account_link(link, Password::typed(PASSWORD)).await.unwrap();
        }
        let count = hasher.hashed();
        assert_eq!(rejection(service.account_link(link).await), ENDED);
        let again = service.confirm_account_link(link, Password::typed("somebody else's idea")).await;
        assert_eq!(rejection(again), ENDED);
        assert_eq!(hasher.hashed(), count);
        let command = as_olga();
        assert!(service.sign_in(command).await.is_ok());
    }
}

#[tokio::test]
async fn r7_9_an_answered_link_that_was_not_used_ends_once_the_account_has_a_password_or_proof() {
    let desk = Desk::new().await;
    let (operator, _) = desk.operator().await;
    for (word, email_verified, password) in [("yan", true, false), ("zoe", false, true)] {
        let command = new_organization("Zenith", &format!("{word}@example.org"));
        let made = desk.service.create_organization(operator, command, Origin::none()).await.unwrap();
        let link = made.owner_link.unwrap();
        assert!(desk.service.account_link(link.expose()).await.is_ok());
        // As a redemption that proves the mailbox does, or a person's own choice by another way: the row is still there.
        let account = desk.store.account_by_address(&format!("{word}@example.org")).await.unwrap().unwrap();
        let password = password.then(|| PlainHasher::verifier(PASSWORD));
        let next = Account { email_verified, password, version: account.version + 1, ..account };
        let directory = vec![DirectoryChange::UpdateAccount(Box::new(next))];
        desk.scene.apply(Plan { directory, ..Plan::default() }).await;
        assert_eq!(rejection(desk.service.account_link(link.expose()).await), ENDED);
        let taken = desk.service.confirm_account_link(link.expose(), Password::typed(PASSWORD)).await;
        assert_eq!(rejection(taken), ENDED);
    }
}

#[tokio::test]
async fn a_deleted_organisation_is_gone_with_all_its_secrets() {
    let desk = Desk::new().await;
    let (operator, _) = desk.operator().await;
    let id = desk.scene.organization.id;
    let key = desk.authenticated(&desk.scene.api_key_text).await.unwrap();
    desk.service.delete_organization(operator, id, &requested()).await.unwrap();
    assert_eq!(rejection(desk.service.effective_organization(&key, None).await), Rejection::Unauthenticated);
    let by_key = desk.service.organization(&desk.caller(key.principal())).await;
    assert_eq!(rejection(by_key), Rejection::Unauthenticated);
    assert_eq!(rejection(desk.service.organization(&desk.owner()).await), Rejection::NotFound);
    assert_eq!(desk.store.organization(&OrganizationRef::Id(id)).await.unwrap(), None);
    assert_eq!(rejection(desk.service.delete_organization(operator, id, Origin::none()).await), Rejection::NotFound);
    let left = desk.service.organizations(operator, &PageRequest::first(10)).await.unwrap();
    assert_eq!(left.items, []);
}

#[tokio::test]
async fn only_the_operator_makes_sees_and_deletes_organisations() {
    let desk = Desk::new().await;
    let id = desk.scene.organization.id;
    for other in [desk.scene.owner.principal(), Principal::ApiKey(desk.scene.api_key.id)] {
        let command = new_organization("Zenith", "zoe@example.org");
        let made = desk.service.create_organization(other, command, Origin::none()).await;
        assert_eq!(rejection(made), Rejection::OperatorOnly);
        assert_eq!(rejection(desk.service.organizations(other, &PageRequest::first(1)).await), Rejection::OperatorOnly);
        assert_eq!(
            rejection(desk.service.delete_organization(other, id, Origin::none()).await),
            Rejection::OperatorOnly
        );
    }
    assert_eq!(desk.store.account_by_address("zoe@example.org").await.unwrap(), None);
}

#[tokio::test]
async fn authz_7_a_new_operator_key_replaces_the_lost_one() {
    let desk = Desk::new().await;
    let (lost, lost_text) = desk.operator().await;
    let found = desk.service.new_operator_key().await.unwrap();
    assert!(desk.authenticated(&lost_text).await.is_none());
    let page = PageRequest::first(1);
    assert_eq!(rejection(desk.service.organizations(lost, &page).await), Rejection::Unauthenticated);
    let operator = desk.authenticated(&found).await.unwrap();
    assert!(desk.service.organizations(operator.principal(), &page).await.is_ok());
}

#[tokio::test]
async fn a_founding_is_two_events_and_no_mail() {
    let desk = Desk::new().await;
    let (operator, _) = desk.operator().await;
    let command = new_organization("Zenith", "zoe@example.org");
    let made = desk.service.create_organization(operator, command, &requested()).await.unwrap();
    let filter = invite_domain::port::EventFilter::default();
    let events = desk.store.events(made.organization.id, &filter, &PageRequest::first(10)).await.unwrap().items;
    let mut kinds: Vec<_> = events.iter().map(|event| event.kind.name()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["api_key.created", "membership.created"]);
    assert!(events.iter().all(|event| event.request_id.as_deref() == Some("request")));
    let printed = format!("{events:?}");
    assert!(!printed.contains("zoe@") && !printed.contains(&made.api_key.expose()[..8]), "{printed}");
}

fn requested() -> Origin {
    Origin { request_id: Some("request".to_owned()), address: None }
}
