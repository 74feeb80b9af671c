//! Names to sign in with, sign-ins and sessions that are renewed.

use crate::{
    Scene,
    contract::{
        Subject,
        invitations::{race, winners},
    },
};
use chrono::Duration;
use invite_domain::{
    directory::{Account, Login, Session, Username},
    id::{AccountId, SessionId},
    invitation::{AdministrationChange, DirectoryChange, Guard, Outcome, Plan},
    port::CredentialFacts,
    secret::credential::{CredentialDigest, CredentialKind, CredentialText},
};

async fn named(subject: &Subject, login: Login) -> Option<AccountId> {
    subject.directory().account_by_login(&login).await.unwrap().map(|account| account.id)
}

fn update(account: &Account) -> Plan {
    Plan { directory: vec![DirectoryChange::UpdateAccount(Box::new(account.clone()))], ..Plan::default() }
}

pub(in crate::contract) async fn an_account_is_found_by_what_somebody_signs_in_with(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut ada = scene.join("Ada@Example.org", &scene.roles.guest).await.account;
    ada.username = Some(Username::parse("Ada.L").unwrap());
    ada.phone = Some(scene.phone("+41 79 555 01 01"));
    ada.version = 2;
    scene.apply(update(&ada)).await;
    for text in ["Ada@Example.org", "ada@EXAMPLE.org", "Ada.L", "aDA.l", "+41 (79) 555-01-01"] {
        let login = Login::parse(text).unwrap();
        assert_eq!(subject.directory().account_by_login(&login).await.unwrap().as_ref(), Some(&ada), "{text}");
    }
    for text in ["adaa@example.org", "Ada_L", "Ada.L2", "Ada", "+41 79 555 01 02", "+41 79 555 01 0"] {
        assert_eq!(named(&subject, Login::parse(text).unwrap()).await, None, "{text}");
    }
    // What it was called before leads nowhere.
    let next = Account { email: None, username: None, phone: None, version: 3, ..ada };
    scene.apply(update(&next)).await;
    for text in ["Ada@Example.org", "Ada.L", "+41 79 555 01 01"] {
        assert_eq!(named(&subject, Login::parse(text).unwrap()).await, None, "{text}");
    }
}

pub(in crate::contract) async fn a_phone_number_of_two_people_signs_nobody_in(subject: Subject) {
    let scene = subject.scene("acme").await;
    let number = scene.phone("+41 79 555 01 01");
    let login = || Login::Phone(number.clone());
    let with = |account: &Account, phone, version| Account { phone, version, ..account.clone() };
    let (one, two) = (&scene.member.account, &scene.admin.account);
    assert_eq!(named(&subject, login()).await, None);
    scene.apply(update(&with(one, Some(number.clone()), 2))).await;
    assert_eq!(named(&subject, login()).await, Some(one.id));
    scene.apply(update(&with(two, Some(number.clone()), 2))).await;
    assert_eq!(named(&subject, login()).await, None, "nobody knows whose it is");
    scene.apply(update(&with(one, None, 3))).await;
    assert_eq!(named(&subject, login()).await, Some(two.id));
}

pub(in crate::contract) async fn a_sign_in_is_noted_beside_the_one_before(subject: Subject) {
    let scene = subject.scene("acme").await;
    let account = async || subject.directory().account(scene.member.account.id).await.unwrap().unwrap();
    let note =
        |account: AccountId, at| Plan { directory: vec![DirectoryChange::NoteSignIn(account, at)], ..Plan::default() };
    let before = account().await;
    assert_eq!((before.last_sign_in_at, before.previous_sign_in_at), (None, None));
    let mut previous = None;
    for _ in 0..3 {
        let at = scene.pass(Duration::microseconds(1));
        // With the session it begins, and under the version it was decided on.
        let (_, session) = Session::begin(before.id, at, &*scene.entropy);
        let mut plan = note(before.id, at);
        plan.guards.push(Guard::AccountAt(before.id, before.version));
        plan.directory.insert(0, DirectoryChange::InsertSession(Box::new(session)));
        scene.apply(plan).await;
        let expected = Account { last_sign_in_at: Some(at), previous_sign_in_at: previous, ..before.clone() };
        assert_eq!(account().await, expected, "nothing else changes, the version included");
        previous = Some(at);
    }
    let other = subject.directory().account(scene.admin.account.id).await.unwrap();
    assert_eq!(other.as_ref(), Some(&scene.admin.account), "nobody else's is noted");
}

pub(in crate::contract) async fn a_sign_in_noted_meanwhile_survives_an_update(subject: Subject) {
    let scene = subject.scene("acme").await;
    let decided_before = Account { version: 2, name: Some("Mia M.".into()), ..scene.member.account.clone() };
    let at = scene.pass(Duration::microseconds(1));
    let note = DirectoryChange::NoteSignIn(decided_before.id, at);
    scene.apply(Plan { directory: vec![note], ..Plan::default() }).await;
    scene.apply(update(&decided_before)).await;
    let found = subject.directory().account(decided_before.id).await.unwrap();
    assert_eq!(found, Some(Account { last_sign_in_at: Some(at), ..decided_before }));
}

/// Signs somebody in with a session that can be renewed.
async fn sign_in(scene: &Scene, account: &Account) -> Session {
    let session = renewable(scene, account);
    let directory = vec![DirectoryChange::InsertSession(Box::new(session.clone()))];
    scene.apply(Plan { directory, ..Plan::default() }).await;
    session
}

fn renewable(scene: &Scene, account: &Account) -> Session {
    let (_, session) = Session::begin(account.id, scene.now(), &*scene.entropy);
    let refresh = CredentialText::generate(CredentialKind::Refresh, &*scene.entropy).digest();
    Session { refresh: Some(refresh), organization_id: Some(scene.organization.id), ..session }
}

async fn found(subject: &Subject, digest: &CredentialDigest) -> Option<CredentialFacts> {
    subject.directory().credential(digest).await.unwrap()
}

pub(in crate::contract) async fn what_renews_a_session_does_not_open_it(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (mia, adam) = (&scene.member.account, &scene.admin.account);
    let (one, other) = (sign_in(&scene, mia).await, sign_in(&scene, adam).await);
    // Any number of sessions have nothing that renews them.
    for _ in 0..2 {
        let bare = Session { refresh: None, organization_id: None, ..renewable(&scene, mia) };
        let directory = vec![DirectoryChange::InsertSession(Box::new(bare.clone()))];
        scene.apply(Plan { directory, ..Plan::default() }).await;
        let facts = CredentialFacts::Session(Box::new(bare.clone()), Box::new(mia.clone()));
        assert_eq!(found(&subject, &bare.digest).await, Some(facts));
    }
    for (session, account) in [(&one, mia), (&other, adam)] {
        let (session_row, account) = (Box::new(session.clone()), Box::new(account.clone()));
        let opened = CredentialFacts::Session(session_row.clone(), account.clone());
        assert_eq!(found(&subject, &session.digest).await, Some(opened));
        let renews = CredentialFacts::Refresh(session_row, account);
        assert_eq!(found(&subject, &session.refresh.unwrap()).await, Some(renews));
    }
    scene.administer(AdministrationChange::EndSession(one.id)).await;
    assert_eq!(found(&subject, &one.refresh.unwrap()).await, None, "it ends with its session");
    scene.administer(AdministrationChange::EndSessions(adam.id)).await;
    assert_eq!(found(&subject, &other.refresh.unwrap()).await, None);
    let next = sign_in(&scene, mia).await;
    let directory = vec![DirectoryChange::EndCredentials(mia.id, scene.now())];
    scene.apply(Plan { directory, ..Plan::default() }).await;
    assert_eq!(found(&subject, &next.refresh.unwrap()).await, None);
}

/// Begins a session in the place of another.
fn renew(scene: &Scene, old: &Session, account: &Account) -> (Plan, Session) {
    let next = renewable(scene, account);
    let plan = Plan {
        guards: vec![Guard::SessionLasts(old.id)],
        administration: vec![AdministrationChange::EndSession(old.id)],
        directory: vec![DirectoryChange::InsertSession(Box::new(next.clone()))],
        ..Plan::default()
    };
    (plan, next)
}

pub(in crate::contract) async fn a_session_is_renewed_once(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mia = &scene.member.account;
    let old = sign_in(&scene, mia).await;
    let ((first, next), (second, never)) = (renew(&scene, &old, mia), renew(&scene, &old, mia));
    scene.apply(first.clone()).await;
    scene.refuse(second).await;
    scene.refuse(first).await;
    assert!(found(&subject, &next.digest).await.is_some());
    for text in [old.digest, old.refresh.unwrap(), never.digest, never.refresh.unwrap()] {
        assert_eq!(found(&subject, &text).await, None);
    }
    let lasts = |id| Plan { guards: vec![Guard::SessionLasts(id)], ..Plan::default() };
    scene.apply(lasts(next.id)).await;
    scene.refuse(lasts(SessionId::new(scene.now(), &*scene.entropy))).await;
    scene.administer(AdministrationChange::EndSessions(mia.id)).await;
    scene.refuse(lasts(next.id)).await;
}

pub(in crate::contract) async fn of_concurrent_renewals_of_one_session_exactly_one_wins(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mia = &scene.member.account;
    let mut session = sign_in(&scene, mia).await;
    for _ in 0..subject.races {
        let (plans, next): (Vec<_>, Vec<_>) = (0..8).map(|_| renew(&scene, &session, mia)).unzip();
        let committed = race(&scene, plans).await;
        assert_eq!(winners(&committed), 1, "one session follows another");
        for (next, committed) in next.iter().zip(&committed) {
            assert_eq!(found(&subject, &next.digest).await.is_some(), *committed, "the losers leave no session");
        }
        session = next.into_iter().zip(committed).find(|(_, committed)| *committed).unwrap().0;
    }
    let again = scene.commit(renew(&scene, &session, mia).0).await;
    assert_ne!(again, Outcome::Stale, "the last one can be renewed");
}

pub(in crate::contract) async fn members_without_an_address_are_listed_and_searched(subject: Subject) {
    let scene = subject.scene("acme").await;
    let account = Account { email: None, email_verified: false, name: Some("Nina".into()), ..scene.account("unused") };
    let member = scene.membership(&account, Some(&scene.roles.guest));
    let directory = vec![
        DirectoryChange::InsertAccount(Box::new(account.clone())),
        DirectoryChange::InsertMembership(Box::new(member)),
    ];
    let written = scene.apply(Plan { directory, ..Plan::default() }).await;
    let nina = Account { number: written.number_of(account.id.as_uuid()), ..account };
    let page = invite_domain::page::PageRequest { include_total: true, ..invite_domain::page::PageRequest::first(10) };
    for (query, total, has_her) in [(None, 4, true), (Some("nIN"), 1, true), (Some("@"), 3, false)] {
        let found = subject.directory().members(scene.organization.id, query, &page).await.unwrap();
        let hers = found.items.iter().find(|record| record.account.id == nina.id);
        assert_eq!((found.total, hers.is_some()), (Some(total), has_her), "{query:?}");
        assert!(hers.is_none_or(|record| record.account == nina));
    }
}

pub(in crate::contract) async fn roles_are_found_by_number_in_their_organization(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let by_number = async |number| subject.directory().role_by_number(scene.organization.id, number).await.unwrap();
    let own = [&scene.roles.owner, &scene.roles.admin, &scene.roles.member, &scene.roles.guest];
    for role in own {
        assert_eq!(by_number(role.number).await.as_ref(), Some(role));
    }
    // A store may count in each organisation apart: then the number is that of an own role.
    let foreign = by_number(other.roles.guest.number).await;
    assert!(foreign.is_none_or(|role| role.organization_id == scene.organization.id), "a foreign role");
    for unknown in [0, -1, i64::MAX] {
        assert_eq!(by_number(unknown).await, None, "{unknown}");
    }
}
