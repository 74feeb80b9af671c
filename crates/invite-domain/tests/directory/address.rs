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
    service::{AddressProof, ChangeMe, Dispatcher, World},
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

fn by_password(password: &str) -> AddressProof {
    AddressProof { password: Some(Password::typed(password)), ..AddressProof::default() }
}

fn by_session(session: Session) -> AddressProof {
    AddressProof { session: Some(session), ..AddressProof::default() }
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

    let confirmed = desk.service.confirm_address(&link, by_session(own.1)).await.unwrap();
    assert_eq!((confirmed.email.as_ref(), confirmed.email_verified), (Some(&waits.address), true));
    assert_eq!(mia(&desk).await.email, confirmed.email);
    assert!(desk.authenticated(&own.0).await.is_some(), "who confirmed stays");
    assert!(desk.authenticated(&elsewhere.0).await.is_none());
    let reset = desk.store.account_token(confirmed.id, AccountPurpose::PasswordReset).await.unwrap();
    let reset = reset.map(|row| (row.counter, row.nonce, row.used_at));
    assert_eq!(reset, Some((1, None, None)), "what was mailed to the old address is no longer good");
    assert_eq!(pending(&desk).await, None);
    assert_eq!(rejection(desk.service.confirm_address(&link, by_password(PASSWORD)).await), ENDED);
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
    assert_eq!(rejection(desk.service.confirm_address(&link, by_password(PASSWORD)).await), ENDED);
    assert_eq!(mia(&desk).await.email, desk.scene.member.account.email);
}

#[tokio::test]
async fn r7_9_an_address_that_somebody_else_got_meanwhile_is_not_taken_from_them() {
    let desk = Desk::new().await;
    let link = asked(&desk, "neu@example.net").await;
    let other = desk.add(desk.scene.account("neu@example.net")).await;
    assert_eq!(rejection(desk.service.confirm_address(&link, by_password(PASSWORD)).await), ENDED);
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
    assert_eq!(rejection(desk.service.confirm_address(&old, by_password(PASSWORD)).await), ENDED);
    desk.scene.pass(Duration::days(1));
    let expired = Rejection::AccountLinkEnded { expired: true };
    assert_eq!(rejection(desk.service.confirm_address(&new, by_password(PASSWORD)).await), expired);

    let link = asked(&desk, "neu@example.net").await;
    let current_password = Some(Password::typed(PASSWORD));
    let password = Some(Password::typed("a whole new sentence"));
    desk.service.change_me(id, None, ChangeMe { password, current_password, ..ChangeMe::default() }).await.unwrap();
    assert_eq!(rejection(desk.service.confirm_address(&link, by_password(PASSWORD)).await), ENDED);

    let current_password = Some(Password::typed("a whole new sentence"));
    desk.service.change_me(id, None, ChangeMe { current_password, ..ask("neu@example.net") }).await.unwrap();
    let link = mailed_link(&desk.store, id, CHANGE).await;
    desk.service.request_password_reset("mia@acme.example", None).await.unwrap();
    let reset = mailed_link(&desk.store, id, AccountPurpose::PasswordReset).await;
    desk.service.confirm_account_link(&reset, Password::typed(PASSWORD)).await.unwrap();
    assert_eq!(rejection(desk.service.confirm_address(&link, by_password(PASSWORD)).await), ENDED);
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
    assert_eq!(rejection(desk.service.confirm_address(&reset, by_password(PASSWORD)).await), Rejection::NotGenuine);
    assert!(desk.service.confirm_address(&link, by_password(PASSWORD)).await.is_ok());
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
    let confirmed = desk.service.confirm_address(&link, by_password(PASSWORD)).await.unwrap();
    assert!(confirmed.email_verified);
    assert_eq!(kinds(queued(&desk).await), expected, "nothing new");
}

/// Mia's password becomes this one, by the one she has.
async fn new_password(desk: &Desk, old: &str, new: &str) {
    let command = ChangeMe {
        password: Some(Password::typed(new)),
        current_password: Some(Password::typed(old)),
        ..ChangeMe::default()
    };
    desk.service.change_me(desk.scene.member.account.id, None, command).await.unwrap();
}

#[tokio::test]
async fn r7_9_nothing_that_is_done_with_the_account_keeps_the_news_from_its_old_addresses() {
    const NEW: &str = "a whole new sentence";
    let desk = Desk::new().await;
    let (id, notifier) = (desk.scene.member.account.id, Arc::new(RecordingNotifier::default()));
    let first = mia(&desk).await.email.unwrap();
    let link = asked(&desk, "second@example.net").await;
    let second = desk.service.confirm_address(&link, by_password(PASSWORD)).await.unwrap().email.unwrap();
    let row = desk.store.account_token(id, CHANGE).await.unwrap().unwrap();
    assert_eq!((row.address, row.counter), (None, 1), "the message alone holds the old address");
    new_password(&desk, PASSWORD, NEW).await;
    let again = ChangeMe { current_password: Some(Password::typed(NEW)), ..ask("third@example.net") };
    let early = desk.service.change_me(id, None, again.clone()).await;
    assert_eq!(rejection(early), Rejection::TooManyAttempts { possible_at: desk.scene.now() + Duration::hours(1) });
    desk.scene.pass(Duration::hours(1));
    desk.service.change_me(id, None, again).await.unwrap();
    let link = mailed_link(&desk.store, id, CHANGE).await;
    let third = desk.service.confirm_address(&link, by_password(NEW)).await.unwrap().email.unwrap();
    new_password(&desk, NEW, PASSWORD).await;
    desk.service.request_password_reset("third@example.net", None).await.unwrap();
    let reset = mailed_link(&desk.store, id, AccountPurpose::PasswordReset).await;
    desk.service.confirm_account_link(&reset, Password::typed(NEW)).await.unwrap();
    let counter = desk.store.account_token(id, CHANGE).await.unwrap().unwrap().counter;
    assert_eq!(counter, 2, "no counter begins anew");

    dispatcher(&desk, &notifier).run_once(10).await.unwrap();
    for old in [&first, &second] {
        let told = notifier.last_to(old).unwrap();
        assert_eq!(told.content, DeliveredContent::AddressChanged { new_masked: third.masked() });
    }
    assert!(queued(&desk).await.is_empty(), "and nothing is left of it");
}

#[tokio::test]
async fn r7_9_the_link_alone_changes_no_address() {
    let desk = Desk::new().await;
    let (own, link) = (session(&desk).await.1, asked(&desk, "mistyped@example.net").await);
    let confirm = async |proof| desk.service.confirm_address(&link, proof).await;
    assert_eq!(pointers(confirm(AddressProof::default()).await), ["/password"]);
    let adam = desk.scene.admin.account.id;
    let foreign = Session { account_id: adam, ..own.clone() };
    assert_eq!(pointers(confirm(by_session(foreign)).await), ["/password"], "it is another person's");
    let narrow = Session { organization_id: Some(desk.scene.organization.id), ..own.clone() };
    assert_eq!(pointers(confirm(by_session(narrow)).await), ["/password"], "it is of one organisation");
    assert_eq!(rejection(confirm(by_password("not this one")).await), Rejection::BadCredentials);
    assert_eq!(mia(&desk).await.email, desk.scene.member.account.email);
    assert!(pending(&desk).await.is_some(), "nothing of this uses the link up");
    assert!(confirm(by_session(own)).await.is_ok());
}

#[tokio::test]
async fn r7_6_guesses_at_a_change_of_address_count_as_those_of_a_sign_in() {
    let desk = Desk::new().await;
    let link = asked(&desk, "mistyped@example.net").await;
    let mut guesses = 0;
    loop {
        match rejection(desk.service.confirm_address(&link, by_password("not this one")).await) {
            Rejection::BadCredentials => guesses += 1,
            Rejection::TooManyAttempts { .. } => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(guesses > 0);
    let right = desk.service.confirm_address(&link, by_password(PASSWORD)).await;
    assert!(matches!(rejection(right), Rejection::TooManyAttempts { .. }), "not even the right one is looked at");
    let sign_in = desk.sign_in("mia@acme.example", PASSWORD).await;
    assert!(matches!(rejection(sign_in), Rejection::TooManyAttempts { .. }), "it is one budget");
    desk.scene.pass(Duration::days(1) - Duration::seconds(1));
    assert!(desk.service.confirm_address(&link, by_password(PASSWORD)).await.is_ok());
}
