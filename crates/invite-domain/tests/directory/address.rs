use super::{
    Desk,
    desk::{PASSWORD, mailed_link, pointers, queued, rejection},
};
use chrono::Duration;
use invite_domain::{
    directory::{Account, Password, Session, address_change::PendingAddress},
    invitation::{DeliveryState, MessageKind, Reason, Rejection},
    port::{Directory as _, Outbox as _},
    secret::account_token::AccountPurpose,
    service::{ChangeMe, Dispatcher, World},
};
use invite_testkit::{RecordingNotifier, fake::DeliveredContent, test_keys};
use std::sync::Arc;

const CHANGE: AccountPurpose = AccountPurpose::ChangeAddress;
const ENDED: Rejection = Rejection::AccountLinkEnded { expired: false };

fn ask(email: &str) -> ChangeMe {
    let current_password = Some(Password::typed(PASSWORD));
    ChangeMe { email: Some(email.into()), current_password, ..ChangeMe::default() }
}

/// Mia asks for another address, and gets the link the dispatcher would mail.
async fn asked(desk: &Desk, email: &str) -> String {
    let mia = desk.scene.member.account.id;
    desk.service.change_me(mia, None, ask(email)).await.unwrap();
    mailed_link(&desk.store, mia, CHANGE).await
}

async fn session(desk: &Desk) -> (invite_domain::secret::credential::CredentialText, Session) {
    let signed_in = desk.sign_in("mia@acme.example", PASSWORD).await.unwrap();
    (signed_in.text, signed_in.session)
}

async fn pending(desk: &Desk) -> Option<PendingAddress> {
    desk.service.pending_address(desk.scene.member.account.id).await.unwrap()
}

async fn mia(desk: &Desk) -> Account {
    desk.store.account(desk.scene.member.account.id).await.unwrap().unwrap()
}

fn dispatcher(desk: &Desk, notifier: &Arc<RecordingNotifier>) -> Dispatcher {
    let world = World {
        clock: Arc::new(desk.scene.clock.clone()),
        entropy: desk.scene.entropy.clone(),
        keys: Arc::new(test_keys()),
    };
    let store = Arc::new(desk.store.clone());
    Dispatcher::new(store.clone(), store, notifier.clone(), world)
}

#[tokio::test]
async fn r7_9_an_address_changes_once_the_link_mailed_to_it_is_confirmed_and_the_old_one_is_told() {
    let desk = Desk::new().await;
    let notifier = Arc::new(RecordingNotifier::default());
    let dispatcher = dispatcher(&desk, &notifier);
    let (own, elsewhere) = (session(&desk).await, session(&desk).await);
    desk.service.request_password_reset("mia@acme.example", None).await.unwrap();
    let before = mia(&desk).await;
    let link = asked(&desk, "Mia.Neu@example.net").await;
    assert_eq!(mia(&desk).await, before, "nothing changes yet");
    let waits = pending(&desk).await.unwrap();
    assert_eq!(
        (waits.address.as_str(), waits.expires_at),
        ("Mia.Neu@example.net", desk.scene.now() + Duration::days(1))
    );
    let shown = desk.service.account_link(&link).await.unwrap();
    assert_eq!((shown.purpose, shown.address.as_ref()), (CHANGE, Some(&waits.address)));
    assert_eq!(dispatcher.run_once(10).await.unwrap().sent, 2);
    let mail = notifier.last_to(&waits.address).unwrap();
    assert!(matches!(mail.content, DeliveredContent::AddressChange { .. }));
    assert_eq!(mail.token.expose(), link, "the link goes to the new address");

    let confirmed = desk.service.confirm_address(&link, Some(own.1)).await.unwrap();
    assert_eq!((confirmed.email.as_ref(), confirmed.email_verified), (Some(&waits.address), true));
    assert_eq!(mia(&desk).await.email, confirmed.email);
    assert!(desk.authenticated(&own.0).await.is_some(), "who confirmed stays");
    assert!(desk.authenticated(&elsewhere.0).await.is_none());
    let reset = desk.store.account_token(confirmed.id, AccountPurpose::PasswordReset).await.unwrap();
    assert_eq!(reset, None, "what was mailed to the old address is no longer good");
    assert_eq!(pending(&desk).await, None);
    assert_eq!(rejection(desk.service.confirm_address(&link, None).await), ENDED);
    assert!(desk.sign_in("mia.neu@EXAMPLE.net", PASSWORD).await.is_ok());
    assert_eq!(rejection(desk.sign_in("mia@acme.example", PASSWORD).await), Rejection::BadCredentials);

    assert_eq!(dispatcher.run_once(10).await.unwrap().sent, 1);
    let told = notifier.last_to(before.email.as_ref().unwrap()).unwrap();
    let new_masked = waits.address.masked();
    assert_eq!(told.content, DeliveredContent::AddressChanged { new_masked });
    assert!(told.token.expose().is_empty());
    // The change cannot be hidden by a second one.
    let again = desk.service.change_me(confirmed.id, None, ask("third@example.net")).await;
    assert_eq!(rejection(again), Rejection::TooManyAttempts { possible_at: desk.scene.now() + Duration::hours(1) });
    desk.scene.pass(Duration::hours(1));
    assert!(desk.service.change_me(confirmed.id, None, ask("third@example.net")).await.is_ok());
}

#[tokio::test]
async fn r7_9_an_address_that_is_taken_is_answered_alike_and_nobody_gets_a_link() {
    let desk = Desk::new().await;
    let id = desk.scene.member.account.id;
    let answer = desk.service.change_me(id, None, ask("adam@acme.example")).await.unwrap();
    assert_eq!(answer, mia(&desk).await);
    let waits = pending(&desk).await.unwrap();
    assert_eq!((waits.address.as_str(), waits.expires_at), ("adam@acme.example", desk.scene.now() + Duration::days(1)));
    assert!(queued(&desk).await.is_empty(), "no mail leaves");
    let lease = invite_domain::port::Lease { token: uuid::Uuid::nil(), lasts: Duration::zero() };
    assert!(
        desk.store
            .claim(&invite_domain::invitation::Channel::ALL, &lease, 9, desk.scene.now())
            .await
            .unwrap()
            .is_empty()
    );
    // Whoever could make the link by himself would get nothing by it.
    let link = mailed_link(&desk.store, id, CHANGE).await;
    assert_eq!(rejection(desk.service.confirm_address(&link, None).await), ENDED);
    assert_eq!(mia(&desk).await.email, desk.scene.member.account.email);
}

#[tokio::test]
async fn r7_9_an_address_that_somebody_else_got_meanwhile_is_not_taken_from_them() {
    let desk = Desk::new().await;
    let link = asked(&desk, "neu@example.net").await;
    let other = desk.add(desk.scene.account("neu@example.net")).await;
    assert_eq!(rejection(desk.service.confirm_address(&link, None).await), ENDED);
    let holder = desk.store.account_by_address("neu@example.net").await.unwrap().unwrap();
    assert_eq!(holder.id, other.id);
}

#[tokio::test]
async fn r7_9_a_change_of_address_takes_the_present_password_and_a_real_address() {
    let desk = Desk::new().await;
    let id = desk.scene.member.account.id;
    let change = async |command| desk.service.change_me(id, None, command).await;
    assert_eq!(
        pointers(change(ChangeMe { current_password: None, ..ask("neu@example.net") }).await),
        ["/current_password"]
    );
    assert_eq!(pointers(change(ask("no address")).await), ["/email"]);
    let wrong = ChangeMe { current_password: Some(Password::typed("another one")), ..ask("neu@example.net") };
    assert_eq!(rejection(change(wrong).await), Rejection::BadCredentials);
    assert_eq!(pending(&desk).await, None);
    assert!(change(ask("MIA@acme.example")).await.is_ok());
    assert_eq!((pending(&desk).await, queued(&desk).await.len()), (None, 0), "it is the address there is");
    for _ in 0..4 {
        change(ask("neu@example.net")).await.unwrap();
    }
    assert!(
        matches!(rejection(change(ask("neu@example.net")).await), Rejection::TooManyAttempts { .. }),
        "five in ten minutes"
    );
}

#[tokio::test]
async fn r7_9_a_newer_link_a_day_and_a_new_password_end_a_change_of_address() {
    let desk = Desk::new().await;
    let id = desk.scene.member.account.id;
    let old = asked(&desk, "neu@example.net").await;
    let new = asked(&desk, "neuer@example.net").await;
    assert_eq!(rejection(desk.service.confirm_address(&old, None).await), ENDED);
    desk.scene.pass(Duration::days(1));
    let expired = Rejection::AccountLinkEnded { expired: true };
    assert_eq!(rejection(desk.service.confirm_address(&new, None).await), expired);

    let link = asked(&desk, "neu@example.net").await;
    let current_password = Some(Password::typed(PASSWORD));
    let password = Some(Password::typed("a whole new sentence"));
    desk.service.change_me(id, None, ChangeMe { password, current_password, ..ChangeMe::default() }).await.unwrap();
    assert_eq!(rejection(desk.service.confirm_address(&link, None).await), ENDED);

    let current_password = Some(Password::typed("a whole new sentence"));
    desk.service.change_me(id, None, ChangeMe { current_password, ..ask("neu@example.net") }).await.unwrap();
    let link = mailed_link(&desk.store, id, CHANGE).await;
    desk.service.request_password_reset("mia@acme.example", None).await.unwrap();
    let reset = mailed_link(&desk.store, id, AccountPurpose::PasswordReset).await;
    desk.service.confirm_account_link(&reset, Password::typed(PASSWORD)).await.unwrap();
    assert_eq!(rejection(desk.service.confirm_address(&link, None).await), ENDED);
}

#[tokio::test]
async fn r7_9_a_link_for_an_address_sets_no_password_and_a_reset_changes_no_address() {
    let desk = Desk::new().await;
    let id = desk.scene.member.account.id;
    let link = asked(&desk, "neu@example.net").await;
    let set = desk.service.confirm_account_link(&link, Password::typed("a whole new sentence")).await;
    assert_eq!(rejection(set), Rejection::NotGenuine);
    desk.service.request_password_reset("mia@acme.example", None).await.unwrap();
    let reset = mailed_link(&desk.store, id, AccountPurpose::PasswordReset).await;
    assert_eq!(rejection(desk.service.confirm_address(&reset, None).await), Rejection::NotGenuine);
    assert!(desk.service.confirm_address(&link, None).await.is_ok());
}

#[tokio::test]
async fn r7_9_news_of_a_change_goes_to_nobody_who_had_no_address() {
    let desk = Desk::new().await;
    let bare = Account { email: None, email_verified: false, ..desk.scene.account("unused") };
    let bare = desk.add(bare).await;
    desk.service.change_me(bare.id, None, ask("first@example.net")).await.unwrap();
    let link = mailed_link(&desk.store, bare.id, CHANGE).await;
    let kinds = |messages: Vec<invite_domain::invitation::OutboxMessage>| {
        messages.into_iter().map(|message| (message.kind, message.state, message.reason)).collect::<Vec<_>>()
    };
    let asked = MessageKind::Account { account_id: bare.id, purpose: CHANGE, counter: 1 };
    let expected: Vec<(_, _, Option<Reason>)> = vec![(asked, DeliveryState::Queued, None)];
    assert_eq!(kinds(queued(&desk).await), expected);
    let confirmed = desk.service.confirm_address(&link, None).await.unwrap();
    assert!(confirmed.email_verified);
    assert_eq!(kinds(queued(&desk).await), expected, "nothing new");
}
