use super::{
    Desk,
    desk::{PASSWORD, pointers, rejection, service},
};
use chrono::Duration;
use invite_domain::{
    directory::{Account, Password, Session},
    invitation::Rejection,
    port::PortError,
    service::{ChangeMe, ServiceError},
};
use invite_testkit::PlainHasher;
use std::sync::Arc;

const OLGA: &str = "olga@acme.example";

fn new_password(current: &str, new: &str) -> ChangeMe {
    ChangeMe {
        password: Some(Password::typed(new)),
        current_password: Some(Password::typed(current)),
        ..ChangeMe::default()
    }
}

#[tokio::test]
async fn a_person_signs_in_and_out_and_everywhere() {
    let desk = Desk::new().await;
    let first = desk.sign_in("OLGA@Acme.example", PASSWORD).await.unwrap();
    let second = desk.sign_in(OLGA, PASSWORD).await.unwrap();
    let third = desk.sign_in(OLGA, PASSWORD).await.unwrap();
    let who = desk.authenticated(&first.text).await.unwrap();
    let (account, session) = who.person().unwrap();
    assert_eq!((account.id, session), (desk.scene.owner.account.id, &first.session));
    desk.service.sign_out(first.session.id).await.unwrap();
    desk.service.sign_out(first.session.id).await.unwrap();
    assert!(desk.authenticated(&first.text).await.is_none() && desk.authenticated(&second.text).await.is_some());
    let of_one = Session { organization_id: Some(desk.scene.organization.id), ..third.session.clone() };
    assert_eq!(rejection(desk.service.sign_out_everywhere(&of_one).await), Rejection::OwnSessionRequired);
    desk.service.sign_out_everywhere(&third.session).await.unwrap();
    assert!(desk.authenticated(&second.text).await.is_none() && desk.authenticated(&third.text).await.is_none());
}

#[tokio::test]
async fn r7_6_every_failed_sign_in_gets_the_same_answer_after_the_same_work() {
    let desk = Desk::new().await;
    let without = desk.add(Account { password: None, ..desk.scene.account("without") }).await;
    let cases = [(OLGA, 0), ("unknown@acme.example", 1), (without.email_key().unwrap(), 1), ("no address", 1), ("", 1)];
    for (email, dummies) in cases {
        let (verified, before) = (desk.hasher.verified(), desk.hasher.dummies());
        assert_eq!(rejection(desk.sign_in(email, "wrong").await), Rejection::BadCredentials, "{email:?}");
        assert_eq!(desk.hasher.verified() - verified, 1, "{email:?}");
        assert_eq!(desk.hasher.dummies() - before, dummies, "{email:?}");
    }
}

#[tokio::test]
async fn r7_6_ten_failures_lock_an_account_and_unknown_ones_alike_until_the_window_ends() {
    let desk = Desk::new().await;
    for email in [OLGA, "unknown@acme.example"] {
        for _ in 0..10 {
            assert_eq!(rejection(desk.sign_in(email, "wrong").await), Rejection::BadCredentials);
        }
        let Rejection::TooManyAttempts { possible_at } = rejection(desk.sign_in(email, PASSWORD).await) else {
            unreachable!("{email}")
        };
        assert!(desk.scene.now() < possible_at && possible_at <= desk.scene.now() + Duration::minutes(15));
    }
    assert!(desk.sign_in("adam@acme.example", PASSWORD).await.is_ok(), "others go on");
    desk.scene.pass(Duration::minutes(15));
    assert!(desk.sign_in(OLGA, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn r7_6_a_success_gives_its_attempt_back() {
    let desk = Desk::new().await;
    for _ in 0..9 {
        assert_eq!(rejection(desk.sign_in(OLGA, "wrong").await), Rejection::BadCredentials);
    }
    for _ in 0..20 {
        desk.sign_in(OLGA, PASSWORD).await.unwrap();
    }
    assert_eq!(rejection(desk.sign_in(OLGA, "wrong").await), Rejection::BadCredentials);
    assert!(matches!(rejection(desk.sign_in(OLGA, PASSWORD).await), Rejection::TooManyAttempts { .. }));
}

#[tokio::test]
async fn r7_6_a_hundred_failures_lock_a_client_whatever_the_account() {
    let desk = Desk::new().await;
    for guess in 0..100 {
        let email = format!("guess{guess}@acme.example");
        assert_eq!(rejection(desk.sign_in(&email, "wrong").await), Rejection::BadCredentials);
    }
    assert!(matches!(rejection(desk.sign_in(OLGA, PASSWORD).await), Rejection::TooManyAttempts { .. }));
}

#[tokio::test]
async fn an_overloaded_hasher_is_no_failed_guess() {
    let desk = Desk::new().await;
    desk.hasher.set_overloaded(true);
    for _ in 0..20 {
        let overloaded = desk.sign_in(OLGA, PASSWORD).await;
        assert!(matches!(overloaded, Err(ServiceError::Port(PortError::Overloaded))), "{overloaded:?}");
    }
    desk.hasher.set_overloaded(false);
    assert!(desk.sign_in(OLGA, PASSWORD).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sign_1_of_64_guesses_at_once_with_5_left_exactly_5_are_evaluated() {
    for email in [OLGA, "unknown@acme.example"] {
        let desk = Arc::new(Desk::new().await);
        for _ in 0..5 {
            rejection(desk.sign_in(email, "wrong").await);
        }
        let before = desk.hasher.verified();
        let guesses: Vec<_> = (0..64)
            .map(|_| {
                let desk = Arc::clone(&desk);
                tokio::spawn(async move { rejection(desk.sign_in(email, "wrong").await) })
            })
            .collect();
        let mut evaluated = 0;
        for guess in guesses {
            match guess.await.unwrap() {
                Rejection::BadCredentials => evaluated += 1,
                Rejection::TooManyAttempts { .. } => {}
                other => unreachable!("{other:?}"),
            }
        }
        assert_eq!((evaluated, desk.hasher.verified() - before), (5, 5), "{email}");
    }
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_keeps_ones_own() {
    let desk = Desk::new().await;
    let own = desk.sign_in(OLGA, PASSWORD).await.unwrap();
    let other = desk.sign_in(OLGA, PASSWORD).await.unwrap();
    let id = own.account.id;
    let command = new_password(PASSWORD, "a whole new sentence");
    let changed = desk.service.change_me(id, Some(own.session.clone()), command).await.unwrap();
    assert_eq!(changed.version, own.account.version + 1);
    assert!(desk.authenticated(&own.text).await.is_some() && desk.authenticated(&other.text).await.is_none());
    assert_eq!(rejection(desk.sign_in(OLGA, PASSWORD).await), Rejection::BadCredentials);
    assert!(desk.sign_in(OLGA, "a whole new sentence").await.is_ok());
}

#[tokio::test]
async fn a_new_password_needs_the_present_one_and_keeps_to_the_rules() {
    let desk = Desk::new().await;
    let id = desk.scene.owner.account.id;
    let change = async |command| desk.service.change_me(id, None, command).await;
    let without = ChangeMe { current_password: None, ..new_password("", "a whole new sentence") };
    assert_eq!(pointers(change(without).await), ["/current_password"]);
    assert_eq!(pointers(change(new_password(PASSWORD, "short")).await), ["/password"]);
    for _ in 0..10 {
        let wrong = change(new_password("wrong", "a whole new sentence")).await;
        assert_eq!(rejection(wrong), Rejection::BadCredentials);
    }
    let eleventh = change(new_password(PASSWORD, "a whole new sentence")).await;
    assert!(matches!(rejection(eleventh), Rejection::TooManyAttempts { .. }), "guessed as in signing in");
    assert_eq!(desk.hasher.hashed(), 0);
}

#[tokio::test]
async fn a_person_changes_their_name_and_sees_their_memberships() {
    let desk = Desk::new().await;
    let id = desk.scene.owner.account.id;
    let named = |name: Option<&str>| ChangeMe { name: Some(name.map(str::to_owned)), ..ChangeMe::default() };
    let changed = desk.service.change_me(id, None, named(Some(" Olga K. "))).await.unwrap();
    assert_eq!((changed.name.as_deref(), changed.version), (Some("Olga K."), 2));
    let same = desk.service.change_me(id, None, named(Some("Olga K."))).await.unwrap();
    assert_eq!(same.version, 2, "nothing changed, nothing was written");
    assert_eq!(desk.service.change_me(id, None, named(None)).await.unwrap().name, None);
    assert_eq!(pointers(desk.service.change_me(id, None, named(Some(" "))).await), ["/name"]);

    let me = desk.service.me(id, None).await.unwrap();
    let [(organization, view)] = &me.memberships[..] else { unreachable!("{:?}", me.memberships) };
    assert_eq!(organization.id, desk.scene.organization.id);
    assert!(view.effective.contains("api_keys.write") && view.effective.contains("timesheets.write"));
}

#[tokio::test]
async fn a_sign_in_with_the_old_password_does_not_slip_in_behind_a_new_one() {
    let desk = Arc::new(Desk::hashing(PlainHasher::with_turns(0)).await);
    let signing_in = {
        let desk = Arc::clone(&desk);
        tokio::spawn(async move { desk.sign_in(OLGA, PASSWORD).await })
    };
    // It has read the old verifier and waits for its turn.
    tokio::task::yield_now().await;
    let elsewhere = service(&desk.store, &desk.scene.clock, &desk.scene.entropy, &Arc::default());
    let command = new_password(PASSWORD, "a whole new sentence");
    elsewhere.change_me(desk.scene.owner.account.id, None, command).await.unwrap();
    desk.hasher.add_turns(1);
    assert_eq!(rejection(signing_in.await.unwrap()), Rejection::BadCredentials);
    assert_eq!((desk.hasher.verified(), desk.hasher.dummies()), (1, 0), "the old one was compared, and held");
}
