use super::{
    Desk,
    desk::{PASSWORD, pointers, rejection, service},
};
use chrono::Duration;
use invite_domain::{
    access::{NewRole, PermissionSet, RoleScope, SystemRole},
    directory::{NewOrganization, Password, Slug},
    email::EmailAddress,
    invitation::Rejection,
    page::PageRequest,
    port::{Directory as _, InvitationStore as _, OrganizationRef, Principal},
    secret::account_token::AccountPurpose,
    service::{Caller, SetUp, SignIn},
};
use invite_testkit::{ManualClock, MemoryStore, PlainHasher, SeededEntropy};
use std::sync::Arc;

fn set_up(organization: &str) -> SetUp {
    let owner_email = EmailAddress::parse("olga@example.org").unwrap();
    SetUp { organization: organization.into(), owner_email, locale: Some("fr".into()) }
}

fn new_organization(name: &str, owner: &str) -> NewOrganization {
    let owner_email = EmailAddress::parse(owner).unwrap();
    NewOrganization { name: name.into(), slug: None, owner_email, locale: None }
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
    let caller = Caller { principal: key.principal(), organization_id, request_id: None };
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
    let command = SignIn { email: "olga@example.org".into(), password: Password::typed(PASSWORD), client: None };
    let signed_in = service.sign_in(command).await.unwrap();
    let me = service.me(signed_in.account.id).await.unwrap();
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
    let made = desk.service.create_organization(operator, command, None).await.unwrap();
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
    let create = async |command| desk.service.create_organization(operator, command, None).await;
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
    desk.service.delete_organization(operator, made.organization.id, None).await.unwrap();
    assert_eq!(pointers(create(chosen("apex")).await), ["/slug"], "a deleted organisation can come back");
    assert_eq!(create(new_organization("Apex", "zoe@example.org")).await.unwrap().organization.slug.as_str(), "apex-2");
}

#[tokio::test]
async fn r7_9_a_person_with_an_account_of_their_own_becomes_owner_without_a_link() {
    let desk = Desk::new().await;
    let (operator, _) = desk.operator().await;
    let session = desk.sign_in("mia@acme.example", PASSWORD).await.unwrap();
    let command = new_organization("Zenith", "mia@acme.example");
    let made = desk.service.create_organization(operator, command, None).await.unwrap();
    assert!(made.owner_link.is_none());
    assert!(desk.authenticated(&session.text).await.is_some(), "nothing of theirs is touched");
    let me = desk.service.me(session.account.id).await.unwrap();
    let organizations: Vec<_> = me.memberships.iter().map(|(organization, _)| organization.name.as_str()).collect();
    assert_eq!(organizations.len(), 2);
    assert!(organizations.contains(&"Zenith"));
}

#[tokio::test]
async fn r7_9_an_owner_by_link_becomes_owner_of_another_organisation_and_keeps_everything() {
    let desk = Desk::new().await;
    let (operator, _) = desk.operator().await;
    let create = async |name| {
        let command = new_organization(name, "zoe@example.org");
        desk.service.create_organization(operator, command, None).await.unwrap()
    };
    let (first, second) = (create("First").await, create("Second").await);
    let ended = Rejection::AccountLinkEnded { expired: false };
    let (old, new) = (first.owner_link.unwrap(), second.owner_link.unwrap());
    assert_eq!(rejection(desk.service.account_link(old.expose()).await), ended, "the newer link took its place");
    desk.service.confirm_account_link(new.expose(), Password::typed(PASSWORD)).await.unwrap();
    let third = create("Third").await;
    assert!(third.owner_link.is_none());
    for key in [&first.api_key, &second.api_key, &third.api_key] {
        assert!(desk.authenticated(key).await.is_some());
    }
    assert!(desk.sign_in("zoe@example.org", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn r5_6_a_squatter_on_an_owners_address_is_locked_out_first() {
    let desk = Desk::new().await;
    let (operator, _) = desk.operator().await;
    let squatter = invite_domain::directory::Account { email_verified: false, ..desk.scene.account("zoe") };
    desk.add(squatter).await;
    let session = desk.sign_in("zoe@example.org", PASSWORD).await.unwrap();
    let command = new_organization("Zenith", "zoe@example.org");
    let made = desk.service.create_organization(operator, command, None).await.unwrap();
    assert!(desk.authenticated(&session.text).await.is_none());
    assert_eq!(rejection(desk.sign_in("zoe@example.org", PASSWORD).await), Rejection::BadCredentials);
    assert!(desk.authenticated(&made.api_key).await.is_some(), "the new key is not the squatter's");
    assert!(made.owner_link.is_some());
}

#[tokio::test]
async fn a_deleted_organisation_is_gone_with_all_its_secrets() {
    let desk = Desk::new().await;
    let (operator, _) = desk.operator().await;
    let id = desk.scene.organization.id;
    let key = desk.authenticated(&desk.scene.api_key_text).await.unwrap();
    desk.service.delete_organization(operator, id, Some("request")).await.unwrap();
    assert_eq!(rejection(desk.service.effective_organization(&key, None).await), Rejection::Unauthenticated);
    let by_key = desk.service.organization(&desk.caller(key.principal())).await;
    assert_eq!(rejection(by_key), Rejection::Unauthenticated);
    assert_eq!(rejection(desk.service.organization(&desk.owner()).await), Rejection::NotFound);
    assert_eq!(desk.store.organization(&OrganizationRef::Id(id)).await.unwrap(), None);
    assert_eq!(rejection(desk.service.delete_organization(operator, id, None).await), Rejection::NotFound);
    let left = desk.service.organizations(operator, &PageRequest::first(10)).await.unwrap();
    assert_eq!(left.items, []);
}

#[tokio::test]
async fn only_the_operator_makes_sees_and_deletes_organisations() {
    let desk = Desk::new().await;
    let id = desk.scene.organization.id;
    for other in [desk.scene.owner.principal(), Principal::ApiKey(desk.scene.api_key.id)] {
        let command = new_organization("Zenith", "zoe@example.org");
        let made = desk.service.create_organization(other, command, None).await;
        assert_eq!(rejection(made), Rejection::OperatorOnly);
        assert_eq!(rejection(desk.service.organizations(other, &PageRequest::first(1)).await), Rejection::OperatorOnly);
        assert_eq!(rejection(desk.service.delete_organization(other, id, None).await), Rejection::OperatorOnly);
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
    let made = desk.service.create_organization(operator, command, Some("request")).await.unwrap();
    let filter = invite_domain::port::EventFilter::default();
    let events = desk.store.events(made.organization.id, &filter, &PageRequest::first(10)).await.unwrap().items;
    let mut kinds: Vec<_> = events.iter().map(|event| event.kind.name()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["api_key.created", "membership.created"]);
    assert!(events.iter().all(|event| event.request_id.as_deref() == Some("request")));
    let printed = format!("{events:?}");
    assert!(!printed.contains("zoe@") && !printed.contains(&made.api_key.expose()[..8]), "{printed}");
}
