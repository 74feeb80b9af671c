use super::{
    Desk,
    desk::{PASSWORD, mailed_link, pointers, queued, rejection},
};
use chrono::Duration;
use invite_domain::{
    directory::{Account, Password},
    id::AccountId,
    invitation::{AdministrationChange, DirectoryChange, MessageKind, Plan, Rejection},
    port::Directory as _,
    secret::{
        account_token::{AccountPurpose, AccountTokenBinding, mint},
        token::Provenance,
    },
};
use invite_testkit::PlainHasher;
use std::sync::Arc;

const NEW: &str = "a whole new sentence";

async fn mailed(desk: &Desk, account: AccountId) -> String {
    mailed_link(&desk.store, account, AccountPurpose::PasswordReset).await
}

/// An unverified account with a session and a reset on its way.
async fn resetting(desk: &Desk) -> (Account, String) {
    let account = desk.add(Account { email_verified: false, ..desk.scene.account("pia") }).await;
    desk.service.request_password_reset("PIA@example.org", None).await.unwrap();
    let link = mailed(desk, account.id).await;
    (account, link)
}

#[tokio::test]
async fn r7_9_a_mailed_reset_sets_the_password_once_ends_sessions_and_verifies_the_address() {
    let desk = Desk::new().await;
    let (account, link) = resetting(&desk).await;
    let session = desk.sign_in("pia@example.org", PASSWORD).await.unwrap();
    let kind = MessageKind::Account { account_id: account.id, purpose: AccountPurpose::PasswordReset, counter: 1 };
    assert_eq!(queued(&desk).await.iter().map(|message| &message.kind).collect::<Vec<_>>(), [&kind]);
    assert_eq!(desk.service.account_link(&link).await.unwrap().account.id, account.id);

    let confirmed = desk.service.confirm_account_link(&link, Password::typed(NEW)).await.unwrap();
    assert!(confirmed.email_verified);
    assert!(desk.authenticated(&session.text).await.is_none());
    assert!(desk.sign_in("pia@example.org", NEW).await.is_ok());
    let ended = Rejection::AccountLinkEnded { expired: false };
    assert_eq!(rejection(desk.service.confirm_account_link(&link, Password::typed(NEW)).await), ended);
    assert_eq!(rejection(desk.service.account_link(&link).await), ended);
}

#[tokio::test]
async fn r5_6_a_mailed_reset_of_an_unverified_account_ends_what_a_squatter_left() {
    let desk = Desk::new().await;
    let (account, link) = resetting(&desk).await;
    let membership = desk.scene.membership(&account, Some(&desk.scene.roles.admin));
    let directory = vec![DirectoryChange::InsertMembership(Box::new(membership.clone()))];
    desk.scene.apply(Plan { directory, ..Plan::default() }).await;
    let make_key = async |maker| {
        let (key, text) = desk.scene.new_api_key(maker);
        desk.scene.administer(AdministrationChange::InsertApiKey(Box::new(key))).await;
        text
    };
    let (theirs, admins) = (make_key(&membership).await, make_key(&desk.scene.admin.membership).await);
    let session = desk.sign_in("pia@example.org", PASSWORD).await.unwrap();
    let others = desk.sign_in("adam@acme.example", PASSWORD).await.unwrap();
    assert!(desk.authenticated(&theirs).await.is_some());
    let epoch = desk.epoch().await;

    desk.service.confirm_account_link(&link, Password::typed(NEW)).await.unwrap();
    assert!(desk.authenticated(&theirs).await.is_none(), "the key is refused");
    assert!(desk.authenticated(&session.text).await.is_none(), "the old session is refused");
    assert!(desk.authenticated(&admins).await.is_some());
    assert!(desk.authenticated(&others.text).await.is_some());
    assert_eq!(desk.epoch().await, epoch + 1, "what the key was about to write is stale");

    // What the person makes afterwards is theirs: a later reset touches no key.
    let own = make_key(&membership).await;
    desk.service.request_password_reset("pia@example.org", None).await.unwrap();
    let again = mailed(&desk, account.id).await;
    desk.service.confirm_account_link(&again, Password::typed(PASSWORD)).await.unwrap();
    assert!(desk.authenticated(&own).await.is_some());
}

#[tokio::test]
async fn r7_9_a_newer_reset_replaces_the_older_link() {
    let desk = Desk::new().await;
    let (account, old) = resetting(&desk).await;
    desk.service.request_password_reset("pia@example.org", None).await.unwrap();
    let new = mailed(&desk, account.id).await;
    let ended = Rejection::AccountLinkEnded { expired: false };
    assert_eq!(rejection(desk.service.confirm_account_link(&old, Password::typed(NEW)).await), ended);
    assert!(desk.service.confirm_account_link(&new, Password::typed(NEW)).await.is_ok());
}

#[tokio::test]
async fn r7_9_a_reset_ends_after_an_hour() {
    let desk = Desk::new().await;
    let (_, link) = resetting(&desk).await;
    desk.scene.pass(Duration::hours(1));
    let ended = Rejection::AccountLinkEnded { expired: true };
    assert_eq!(rejection(desk.service.account_link(&link).await), ended);
    assert_eq!(rejection(desk.service.confirm_account_link(&link, Password::typed(NEW)).await), ended);
    assert_eq!(desk.hasher.hashed(), 0);
}

#[tokio::test]
async fn r5_7_a_password_that_cannot_be_does_not_use_the_link_up() {
    let desk = Desk::new().await;
    let (_, link) = resetting(&desk).await;
    assert_eq!(pointers(desk.service.confirm_account_link(&link, Password::typed("short")).await), ["/password"]);
    assert_eq!(desk.hasher.hashed(), 0);
    assert!(desk.service.confirm_account_link(&link, Password::typed(NEW)).await.is_ok());
}

#[tokio::test]
async fn r5_7_a_link_that_ended_while_it_waited_for_its_turn_is_not_hashed_for() {
    let desk = Arc::new(Desk::hashing(PlainHasher::with_turns(0)).await);
    let (_, link) = resetting(&desk).await;
    let confirming = {
        let desk = Arc::clone(&desk);
        tokio::spawn(async move { desk.service.confirm_account_link(&link, Password::typed(NEW)).await })
    };
    tokio::task::yield_now().await;
    desk.scene.pass(Duration::hours(1));
    desk.hasher.add_turns(1);
    assert_eq!(rejection(confirming.await.unwrap()), Rejection::AccountLinkEnded { expired: true });
    assert_eq!(desk.hasher.hashed(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r7_9_of_16_who_use_one_link_at_once_exactly_one_sets_the_password() {
    let desk = Arc::new(Desk::new().await);
    let (_, link) = resetting(&desk).await;
    let tries: Vec<_> = (0..16)
        .map(|n| {
            let (desk, link) = (Arc::clone(&desk), link.clone());
            tokio::spawn(async move {
                desk.service.confirm_account_link(&link, Password::typed(format!("sentence number {n}"))).await
            })
        })
        .collect();
    let mut set = 0;
    for one in tries {
        match one.await.unwrap() {
            Ok(_) => set += 1,
            refused => assert_eq!(rejection(refused), Rejection::AccountLinkEnded { expired: false }),
        }
    }
    assert_eq!(set, 1);
}

#[tokio::test]
async fn r7_9_a_reset_for_nobody_or_once_too_often_says_and_does_nothing() {
    let desk = Desk::new().await;
    for email in ["unknown@acme.example", "no address", ""] {
        desk.service.request_password_reset(email, None).await.unwrap();
    }
    assert_eq!(queued(&desk).await.len(), 0);
    for _ in 0..8 {
        desk.service.request_password_reset("olga@acme.example", None).await.unwrap();
    }
    assert_eq!(queued(&desk).await.len(), 5, "rule 4.4: five in ten minutes");
    desk.scene.pass(Duration::minutes(10));
    desk.service.request_password_reset("olga@acme.example", None).await.unwrap();
    assert_eq!(queued(&desk).await.len(), 6);
}

#[tokio::test]
async fn r7_6_one_client_asks_for_no_more_resets_than_it_may_guess_passwords() {
    let desk = Desk::new().await;
    for person in 0..21 {
        let address = format!("person{person}@example.org");
        desk.add(Account { email: Some(desk.scene.address(&address)), ..desk.scene.account(&address) }).await;
        for _ in 0..5 {
            desk.service.request_password_reset(&address, Some("192.0.2.7")).await.unwrap();
        }
    }
    assert_eq!(queued(&desk).await.len(), 100, "a hundred in a quarter of an hour");
    desk.service.request_password_reset("person20@example.org", Some("192.0.2.8")).await.unwrap();
    assert_eq!(queued(&desk).await.len(), 101, "another client is not kept back");
}

#[tokio::test]
async fn r5_8_what_is_no_link_of_an_account_is_not_genuine() {
    let desk = Desk::new().await;
    let (account, link) = resetting(&desk).await;
    let row = desk.store.account_token(account.id, AccountPurpose::PasswordReset).await.unwrap().unwrap();
    let forged = AccountTokenBinding {
        key_id: row.key_id,
        account: AccountId::from_uuid(uuid::Uuid::nil()),
        purpose: row.purpose,
        counter: row.counter,
        nonce: row.nonce.as_ref().unwrap(),
    };
    let foreign = mint(&desk.scene.ring, &forged, Provenance::Mailed).unwrap();
    let other_purpose = AccountTokenBinding { account: account.id, purpose: AccountPurpose::ChangeAddress, ..forged };
    let other_purpose = mint(&desk.scene.ring, &other_purpose, Provenance::Mailed).unwrap();
    for text in ["", "ina_", &link[..70], foreign.expose()] {
        assert_eq!(rejection(desk.service.account_link(text).await), Rejection::NotGenuine, "{text}");
        let confirmed = desk.service.confirm_account_link(text, Password::typed(NEW)).await;
        assert_eq!(rejection(confirmed), Rejection::NotGenuine, "{text}");
    }
    // The gate of a link for another purpose is good, but no row makes it.
    let ended = Rejection::AccountLinkEnded { expired: false };
    assert_eq!(rejection(desk.service.account_link(other_purpose.expose()).await), ended);
    let confirmed = desk.service.confirm_account_link(other_purpose.expose(), Password::typed(NEW)).await;
    assert_eq!(rejection(confirmed), ended);
}
