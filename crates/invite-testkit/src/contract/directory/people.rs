//! Organisations, accounts and members.

use crate::contract::Subject;
use chrono::Duration;
use invite_domain::{
    access::{MemberFacts, PermissionSet},
    directory::{Account, AccountToken, Membership, Organization, Slug, Username},
    email::EmailAddress,
    id::{AccountId, OrganizationId, SubjectId},
    invitation::{AdministrationChange, DirectoryChange, EventKind, Guard, Plan, UniqueKey},
    port::{AdministrationQuery, OrganizationRef},
    secret::{account_token::AccountPurpose, token::Nonce},
};

async fn by_slug(subject: &Subject, slug: &Slug) -> Option<OrganizationId> {
    let found = subject.directory().organization(&OrganizationRef::Slug(slug.clone())).await.unwrap();
    found.map(|organization| organization.id)
}

/// The account's address in its original spelling.
fn spelling(account: &Account) -> Option<&str> {
    account.email.as_ref().map(EmailAddress::as_str)
}

/// The organisation under another slug.
fn renamed(organization: &Organization, slug: &str, version: i64) -> Organization {
    Organization { slug: Slug::parse(slug).unwrap(), version, ..organization.clone() }
}

pub(in crate::contract) async fn an_organization_is_found_by_id_slug_and_number(subject: Subject) {
    let scene = subject.scene("acme").await;
    subject.scene("other").await;
    let by_id = OrganizationRef::Id(scene.organization.id);
    let by_name = OrganizationRef::Slug(scene.organization.slug.clone());
    let by_number = OrganizationRef::Number(scene.organization.number);
    for reference in [&by_id, &by_name, &by_number] {
        let found = subject.directory().organization(reference).await.unwrap();
        assert_eq!(found.as_ref(), Some(&scene.organization));
    }
    let unknown = OrganizationId::new(scene.now(), &*scene.entropy);
    assert_eq!(subject.directory().organization(&OrganizationRef::Id(unknown)).await.unwrap(), None);
    assert_eq!(by_slug(&subject, &Slug::parse("nobody").unwrap()).await, None);
    assert_eq!(subject.directory().organization(&OrganizationRef::Number(0)).await.unwrap(), None);
    let holder = subject.directory().slug_holder(&scene.organization.slug).await.unwrap();
    assert_eq!(holder, Some(scene.organization.id));

    let deleted = crate::fixtures::plans::deleted(&scene.organization, scene.now());
    scene.apply(scene.plan_organization(1, deleted)).await;
    for reference in [by_id, by_name, by_number] {
        assert_eq!(subject.directory().organization(&reference).await.unwrap(), None, "deleted");
    }
    let holder = subject.directory().slug_holder(&scene.organization.slug).await.unwrap();
    assert_eq!(holder, Some(scene.organization.id), "a deleted one keeps its slug");
}

pub(in crate::contract) async fn an_organization_is_found_by_the_slug_it_had(subject: Subject) {
    let scene = subject.scene("acme").await;
    let slug = |text: &str| Slug::parse(text).unwrap();
    scene.apply(scene.plan_organization(1, renamed(&scene.organization, "acme-two", 2))).await;
    scene.apply(scene.plan_organization(2, renamed(&scene.organization, "acme-three", 3))).await;
    for text in ["acme", "acme-two", "acme-three"] {
        assert_eq!(by_slug(&subject, &slug(text)).await, Some(scene.organization.id), "{text}");
        let holder = subject.directory().slug_holder(&slug(text)).await.unwrap();
        assert_eq!(holder, Some(scene.organization.id), "{text}");
    }
    // It can have its own back.
    scene.apply(scene.plan_organization(3, renamed(&scene.organization, "acme", 4))).await;
    let found = subject.directory().organization(&OrganizationRef::Slug(slug("acme-three"))).await.unwrap();
    assert_eq!(found.map(|found| found.slug), Some(slug("acme")), "an old slug leads to the present one");
    assert_eq!(by_slug(&subject, &slug("acme-three")).await, Some(scene.organization.id));
}

pub(in crate::contract) async fn a_slug_somebody_else_had_is_not_free(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    scene.apply(scene.plan_organization(1, renamed(&scene.organization, "acme-two", 2))).await;
    let taken = Guard::Free(UniqueKey::Slug(scene.organization.slug.clone()));
    let mut plan = other.plan_organization(1, renamed(&other.organization, "acme", 2));
    // Like a present one, it is bound where it is written: whether or not the plan asks.
    other.refuse(plan.clone()).await;
    plan.guards.push(taken);
    other.refuse(plan).await;
    assert_eq!(by_slug(&subject, &scene.organization.slug).await, Some(scene.organization.id));
}

pub(in crate::contract) async fn memberships_of_an_account_are_the_active_ones_oldest_first(subject: Subject) {
    let (first, second) = (subject.scene("first").await, subject.scene("second").await);
    let (third, gone) = (subject.scene("third").await, subject.scene("gone").await);
    let mia = &first.member.account;
    let join = async |scene: &crate::Scene, hours: i64, active: bool| {
        let mut member = scene.membership(mia, Some(&scene.roles.admin));
        (member.created_at, member.active) = (scene.now() + Duration::hours(hours), active);
        let directory = vec![DirectoryChange::InsertMembership(Box::new(member))];
        scene.apply(Plan { directory, ..Plan::default() }).await;
    };
    join(&second, -1, true).await;
    join(&third, 1, false).await;
    join(&gone, 2, true).await;
    gone.apply(gone.plan_organization(1, crate::fixtures::plans::deleted(&gone.organization, gone.now()))).await;

    let found = subject.directory().memberships_of(mia.id).await.unwrap();
    let places: Vec<_> = found.iter().map(|(organization, _)| organization.id).collect();
    assert_eq!(places, [second.organization.id, first.organization.id], "neither switched off nor deleted");
    let expected = MemberFacts {
        membership: first.member.membership.clone(),
        role: Some(first.roles.member.clone()),
        name: mia.name.clone(),
    };
    assert_eq!(found[1], (first.organization.clone(), expected));
    let nobody = AccountId::new(first.now(), &*first.entropy);
    assert!(subject.directory().memberships_of(nobody).await.unwrap().is_empty());
}

pub(in crate::contract) async fn an_account_is_found_by_id_and_address(subject: Subject) {
    let scene = subject.scene("acme").await;
    let zoe = scene.join("Zoë@Straße.example", &scene.roles.guest).await.account;
    assert_eq!(subject.directory().account(zoe.id).await.unwrap().as_ref(), Some(&zoe));
    let found = subject.directory().account_by_address(zoe.email_key().unwrap()).await.unwrap().unwrap();
    assert_eq!((spelling(&found), &found), (Some("Zoë@Straße.example"), &zoe), "in its original spelling");
    for address in ["zoe@straße.example", "zoë@strasse.example", "ZOË@straße.example"] {
        let key = scene.address(address).key().to_owned();
        assert_eq!(subject.directory().account_by_address(&key).await.unwrap(), None, "{address}");
    }
    let nobody = AccountId::new(scene.now(), &*scene.entropy);
    assert_eq!(subject.directory().account(nobody).await.unwrap(), None);
}

pub(in crate::contract) async fn an_account_keeps_its_next_state_whole(subject: Subject) {
    let scene = subject.scene("acme").await;
    let before = &scene.member.account;
    let bare = Account {
        email: Some(scene.address("Mia.Neu@example.org")),
        email_verified: false,
        name: None,
        password: None,
        locale: None,
        version: 2,
        ..before.clone()
    };
    let none = Account { email: None, version: 3, ..bare.clone() };
    let full = Account {
        phone: Some(scene.phone("+41 79 555 01 01")),
        username: Some(Username::parse("Mia.Neu").unwrap()),
        profile: Some(r#"{"first_name":"Mïa" }"#.into()),
        last_sign_in_at: Some(before.created_at + Duration::microseconds(1)),
        previous_sign_in_at: Some(before.created_at - Duration::microseconds(1)),
        version: 4,
        ..before.clone()
    };
    for next in [bare, none, full] {
        let directory = vec![DirectoryChange::UpdateAccount(Box::new(next.clone()))];
        scene.apply(Plan { directory, ..Plan::default() }).await;
        let found = subject.directory().account(before.id).await.unwrap().unwrap();
        assert_eq!((spelling(&found), &found), (spelling(&next), &next));
        let spelled = |account: &Account| account.username.as_ref().map(|name| name.as_str().to_owned());
        assert_eq!(spelled(&found), spelled(&next));
    }
    let old = scene.address("mia.neu").key().to_owned();
    assert_eq!(subject.directory().account_by_address(&old).await.unwrap(), None);
}

fn link(scene: &crate::Scene, account: AccountId, purpose: AccountPurpose, counter: u8) -> AccountToken {
    AccountToken {
        account_id: account,
        purpose,
        counter,
        key_id: scene.ring.active().unwrap(),
        nonce: Some(Nonce::generate(&*scene.entropy)),
        created_at: scene.now(),
        expires_at: scene.now() + Duration::hours(1) + Duration::microseconds(1),
        used_at: None,
        address: None,
    }
}

fn unused(account_id: AccountId, purpose: AccountPurpose, counter: u8) -> Guard {
    Guard::LinkUnused { account_id, purpose, counter }
}

pub(in crate::contract) async fn an_account_has_one_link_a_purpose(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mia = scene.member.account.id;
    let present = async |purpose| subject.directory().account_token(mia, purpose).await.unwrap();
    let purposes = [AccountPurpose::OwnerLink, AccountPurpose::PasswordReset, AccountPurpose::ChangeAddress];
    for purpose in purposes {
        assert_eq!(present(purpose).await, None);
        for counter in [255, 0] {
            let address = (purpose == AccountPurpose::ChangeAddress).then(|| scene.address("Mia.Neu+x@Exämple.org"));
            let token = AccountToken { address, ..link(&scene, mia, purpose, counter) };
            scene.administer(AdministrationChange::PutAccountToken(Box::new(token.clone()))).await;
            let found = present(purpose).await;
            let spelled = |token: &AccountToken| token.address.as_ref().map(|address| address.as_str().to_owned());
            assert_eq!(found.as_ref().and_then(spelled), spelled(&token));
            assert_eq!(found, Some(token), "the newest takes the place of the one before");
        }
    }
    let used = AccountToken { nonce: None, used_at: Some(scene.now()), ..link(&scene, mia, purposes[1], 1) };
    scene.administer(AdministrationChange::PutAccountToken(Box::new(used.clone()))).await;
    assert_eq!(present(purposes[1]).await, Some(used), "a used one is told of too");
    assert_eq!(present(purposes[0]).await.map(|token| token.counter), Some(0));
}

pub(in crate::contract) async fn a_link_that_ends_is_good_no_more_and_a_used_one_stays(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (mia, adam) = (scene.member.account.id, scene.admin.account.id);
    let (reset, change) = (AccountPurpose::PasswordReset, AccountPurpose::ChangeAddress);
    let put = |account, purpose, counter| {
        AdministrationChange::PutAccountToken(Box::new(link(&scene, account, purpose, counter)))
    };
    for (account, purpose) in [(mia, reset), (mia, change), (adam, reset)] {
        scene.administer(put(account, purpose, 1)).await;
    }
    let row = async |account, purpose| subject.directory().account_token(account, purpose).await.unwrap();
    let good = async |account, purpose| row(account, purpose).await.unwrap().nonce.is_some();
    let end = |purpose| AdministrationChange::EndLink(mia, purpose);
    let before = row(mia, reset).await.unwrap();
    scene.administer(end(reset)).await;
    let ended = AccountToken { nonce: None, ..before };
    assert_eq!(row(mia, reset).await.as_ref(), Some(&ended), "the next one counts on");
    assert!(good(mia, change).await && good(adam, reset).await, "of one and for one purpose");
    scene.administer(end(reset)).await;
    assert_eq!(row(mia, reset).await, Some(ended));
    scene.refuse(Plan { guards: vec![unused(mia, reset, 1)], ..Plan::default() }).await;
    let event = scene.event(EventKind::OrganizationChanged, None);
    scene.apply(Plan { guards: vec![unused(mia, change, 1)], events: vec![event], ..Plan::default() }).await;
    // The address it was to prove is nobody's concern any more.
    let asked = AccountToken { address: Some(scene.address("neu")), ..link(&scene, mia, change, 2) };
    scene.administer(AdministrationChange::PutAccountToken(Box::new(asked.clone()))).await;
    scene.administer(end(change)).await;
    assert_eq!(row(mia, change).await, Some(AccountToken { nonce: None, address: None, ..asked }));
    // Whatever their order: what is put is put last.
    let administration = vec![put(mia, change, 3), end(change)];
    scene.apply(Plan { administration, ..Plan::default() }).await;
    assert!(good(mia, change).await);
    // That it was used, and when, is told of however often links are ended.
    let used = AccountToken { nonce: None, used_at: Some(scene.now()), ..link(&scene, mia, change, 3) };
    scene.administer(AdministrationChange::PutAccountToken(Box::new(used.clone()))).await;
    scene.administer(end(change)).await;
    assert_eq!(row(mia, change).await, Some(used.clone()));
    let directory = vec![DirectoryChange::EndCredentials(mia, scene.now())];
    scene.apply(Plan { directory, ..Plan::default() }).await;
    assert_eq!(row(mia, change).await, Some(used));
}

pub(in crate::contract) async fn a_link_can_be_set_for_an_account_of_the_same_plan(subject: Subject) {
    let scene = subject.scene("acme").await;
    let account = scene.account("neu");
    let member = scene.membership(&account, Some(&scene.roles.owner));
    let token = link(&scene, account.id, AccountPurpose::OwnerLink, 1);
    let plan = Plan {
        administration: vec![AdministrationChange::PutAccountToken(Box::new(token.clone()))],
        directory: vec![
            DirectoryChange::InsertAccount(Box::new(account.clone())),
            DirectoryChange::InsertMembership(Box::new(member)),
        ],
        ..Plan::default()
    };
    scene.apply(plan).await;
    let found = subject.directory().account_token(account.id, AccountPurpose::OwnerLink).await.unwrap();
    assert_eq!(found, Some(token));
}

pub(in crate::contract) async fn a_member_keeps_its_next_state_whole(subject: Subject) {
    let scene = subject.scene("acme").await;
    let before = &scene.member.membership;
    let bare = Membership {
        role_id: None,
        permissions: PermissionSet::new(),
        active: false,
        default_rate: None,
        metadata: None,
        ..before.clone()
    };
    let full = Membership {
        role_id: Some(scene.roles.guest.id),
        permissions: PermissionSet::parse(["a.b", "z.y"]).unwrap(),
        active: true,
        default_rate: Some(i64::MAX),
        metadata: Some("{ \"b\":1,\"a\" : [] }".into()),
        subject_id: Some(SubjectId::new(scene.now(), &*scene.entropy)),
        version: 2,
        ..before.clone()
    };
    for (before, next, version) in [(before, &bare, 2), (&Membership { version: 2, ..bare.clone() }, &full, 3)] {
        scene.apply(scene.plan_member(before, next.clone())).await;
        let query = AdministrationQuery {
            membership_id: Some(before.id),
            ..AdministrationQuery::of(scene.organization.id, scene.owner.principal())
        };
        let found = subject.directory().load_administration(&query).await.unwrap().unwrap().member.unwrap();
        assert_eq!(found.member.membership, Membership { version, ..next.clone() });
    }
}
