//! Sessions that renew themselves, and the names a person signs in with.

use super::{
    Desk,
    desk::{PASSWORD, rejection},
};
use chrono::Duration;
use invite_domain::{
    directory::{Account, Password, Session, Username},
    invitation::Rejection,
    phone::PhoneNumber,
    service::{ChangeMe, ServiceError, SignIn, SignedIn},
};
use std::sync::Arc;

const OLGA: &str = "olga@acme.example";
const PHONE: &str = "+33600000000";

impl Desk {
    async fn sign_in_renewable(&self) -> SignedIn {
        let password = Password::typed(PASSWORD);
        let command = SignIn { login: OLGA.into(), password, renewable: true, client: None };
        self.service.sign_in(command).await.unwrap()
    }

    async fn renew(&self, signed_in: &SignedIn) -> Result<SignedIn, ServiceError> {
        self.service.renew_session(signed_in.refresh.as_ref().unwrap().expose()).await
    }

    async fn opens(&self, signed_in: &SignedIn) -> bool {
        self.authenticated(&signed_in.text).await.is_some()
    }

    /// Somebody with all three names.
    async fn ada(&self) -> Account {
        self.add(Account {
            phone: PhoneNumber::parse(PHONE).ok(),
            username: Username::parse("Ada.L").ok(),
            ..self.scene.account("ada")
        })
        .await
    }
}

fn new_password() -> ChangeMe {
    ChangeMe {
        password: Some(Password::typed("a whole new sentence")),
        current_password: Some(Password::typed(PASSWORD)),
        ..ChangeMe::default()
    }
}

#[tokio::test]
async fn a_refresh_text_begins_the_next_session_once_and_is_no_session_itself() {
    let desk = Desk::new().await;
    let first = desk.sign_in_renewable().await;
    let refresh = first.refresh.as_ref().unwrap();
    assert!(refresh.expose().starts_with("ivr_") && refresh.expose() != first.text.expose());
    assert!(desk.authenticated(refresh).await.is_none(), "it opens nothing itself");
    desk.scene.pass(Duration::days(6));
    let second = desk.renew(&first).await.unwrap();
    assert_eq!(second.account.id, first.account.id);
    assert_eq!(second.session.expires_at, first.session.expires_at, "renewing is not signing in");
    assert!(desk.opens(&second).await && !desk.opens(&first).await, "one takes the place of the other");
    assert_eq!(rejection(desk.renew(&first).await), Rejection::BadCredentials, "it was used up");
    assert!(desk.opens(&second).await, "which harms nobody");
    let third = desk.renew(&second).await.unwrap();
    assert!(desk.opens(&third).await);
    let noted = desk.service.me(first.account.id, None).await.unwrap().account;
    assert_eq!(noted.last_sign_in_at, Some(first.session.created_at), "a renewal is no sign-in");
}

#[tokio::test]
async fn what_is_no_refresh_text_renews_nothing() {
    let desk = Desk::new().await;
    let plain = desk.sign_in(OLGA, PASSWORD).await.unwrap();
    assert!(plain.refresh.is_none(), "nobody asked for one");
    let renewable = desk.sign_in_renewable().await;
    let refresh = renewable.refresh.as_ref().unwrap().expose();
    let unknown = refresh.replacen("ivr_", "ivs_", 1);
    let texts = ["", "ivr_", plain.text.expose(), renewable.text.expose(), desk.scene.api_key_text.expose(), &unknown];
    for text in texts {
        assert_eq!(rejection(desk.service.renew_session(text).await), Rejection::BadCredentials, "{text:?}");
    }
    assert!(desk.opens(&plain).await && desk.opens(&renewable).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_8_renewals_with_one_text_at_once_one_wins() {
    for round in 0..20 {
        let desk = Arc::new(Desk::new().await);
        let first = Arc::new(desk.sign_in_renewable().await);
        let renewals: Vec<_> = (0..8)
            .map(|_| {
                let (desk, first) = (Arc::clone(&desk), Arc::clone(&first));
                tokio::spawn(async move { desk.renew(&first).await })
            })
            .collect();
        let mut won = Vec::new();
        for renewal in renewals {
            match renewal.await.unwrap() {
                Ok(next) => won.push(next),
                refused => assert_eq!(rejection(refused), Rejection::BadCredentials),
            }
        }
        let [next] = &won[..] else { unreachable!("round {round}: {} sessions of one", won.len()) };
        assert!(desk.opens(next).await && !desk.opens(&first).await);
    }
}

#[tokio::test]
async fn r2_4_a_session_that_has_run_out_is_not_renewed() {
    for (uses, wait) in [(0, Session::IDLE), (5, Session::LIFETIME)] {
        let desk = Desk::new().await;
        let first = desk.sign_in_renewable().await;
        for _ in 0..uses {
            desk.scene.pass(Duration::days(5));
            assert!(desk.opens(&first).await, "it is in use");
        }
        desk.scene.clock.set(first.session.created_at + wait - Duration::microseconds(1));
        assert!(desk.opens(&first).await);
        desk.scene.clock.set(first.session.created_at + Session::LIFETIME.max(wait));
        assert_eq!(rejection(desk.renew(&first).await), Rejection::BadCredentials);
    }
}

#[tokio::test]
async fn a_refresh_text_ends_with_its_session_however_that_ends() {
    let desk = Desk::new().await;
    let (one, two, three) =
        (desk.sign_in_renewable().await, desk.sign_in_renewable().await, desk.sign_in_renewable().await);
    desk.service.sign_out(one.session.id).await.unwrap();
    assert_eq!(rejection(desk.renew(&one).await), Rejection::BadCredentials);
    // A new password ends the others and keeps one's own, with what renews it.
    desk.service.change_me(two.account.id, Some(two.session.clone()), new_password()).await.unwrap();
    assert_eq!(rejection(desk.renew(&three).await), Rejection::BadCredentials);
    let next = desk.renew(&two).await.unwrap();
    desk.service.sign_out_everywhere(&next.session).await.unwrap();
    assert_eq!(rejection(desk.renew(&next).await), Rejection::BadCredentials);
    assert!(!desk.opens(&next).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_renewal_does_not_slip_past_signing_out_everywhere() {
    for _ in 0..50 {
        let desk = Arc::new(Desk::new().await);
        let first = Arc::new(desk.sign_in_renewable().await);
        let renewing = {
            let (desk, first) = (Arc::clone(&desk), Arc::clone(&first));
            tokio::spawn(async move { desk.renew(&first).await })
        };
        let ending = {
            let (desk, first) = (Arc::clone(&desk), Arc::clone(&first));
            tokio::spawn(async move { desk.service.sign_out_everywhere(&first.session).await })
        };
        let renewed = renewing.await.unwrap();
        ending.await.unwrap().unwrap();
        if let Ok(next) = renewed {
            assert!(!desk.opens(&next).await, "it began before and ended with the others");
        }
        assert!(!desk.opens(&first).await);
    }
}

#[tokio::test]
async fn a_new_password_brings_no_session_back_that_was_renewed_meanwhile() {
    let desk = Desk::new().await;
    let first = desk.sign_in_renewable().await;
    // The request was let in by the first session; before it is served, that is renewed elsewhere.
    desk.renew(&first).await.unwrap();
    let changed = desk.service.change_me(first.account.id, Some(first.session.clone()), new_password()).await;
    assert!(
        changed.is_ok() || matches!(changed, Err(ServiceError::Rejected(Rejection::Unauthenticated))),
        "{changed:?}"
    );
    assert!(!desk.opens(&first).await, "it had ended");
    assert_eq!(rejection(desk.renew(&first).await), Rejection::BadCredentials);
}

#[tokio::test]
async fn a_person_signs_in_by_each_of_their_names() {
    let desk = Desk::new().await;
    let ada = desk.ada().await;
    for login in ["ada@example.org", " ADA@Example.org ", "Ada.L", "ada.l", " ADA.L", PHONE, "+33 6 00 00 00 00"] {
        let signed_in = desk.sign_in(login, PASSWORD).await;
        assert_eq!(signed_in.unwrap().account.id, ada.id, "{login:?}");
    }
}

#[tokio::test]
async fn a_phone_number_of_two_accounts_signs_neither_in() {
    let desk = Desk::new().await;
    let ada = desk.ada().await;
    let twin = Account { phone: ada.phone.clone(), ..desk.scene.account("twin") };
    desk.add(twin).await;
    let (verified, dummies) = (desk.hasher.verified(), desk.hasher.dummies());
    assert_eq!(rejection(desk.sign_in(PHONE, PASSWORD).await), Rejection::BadCredentials);
    let work = (desk.hasher.verified() - verified, desk.hasher.dummies() - dummies);
    assert_eq!(work, (1, 1), "after the same work as for nobody");
    assert_eq!(desk.sign_in("ada.l", PASSWORD).await.unwrap().account.id, ada.id);
}

#[tokio::test]
async fn an_account_without_an_address_signs_in_by_its_username() {
    let desk = Desk::new().await;
    let bob = Account {
        username: Username::parse("bob").ok(),
        email: None,
        email_verified: false,
        ..desk.scene.account("x")
    };
    let bob = desk.add(bob).await;
    for _ in 0..9 {
        assert_eq!(rejection(desk.sign_in("bob", "wrong").await), Rejection::BadCredentials);
    }
    assert_eq!(desk.sign_in("BOB", PASSWORD).await.unwrap().account.id, bob.id);
}

#[tokio::test]
async fn r7_6_guesses_of_one_account_are_counted_together_over_its_names() {
    let desk = Desk::new().await;
    desk.ada().await;
    for login in ["ada@example.org", "ada.l", PHONE, "Ada.L", "+33 600 000 000", "ADA@example.org", " ada.l "] {
        assert_eq!(rejection(desk.sign_in(login, "wrong").await), Rejection::BadCredentials);
    }
    for login in [PHONE, "ada.l", "ada@example.org"] {
        assert_eq!(rejection(desk.sign_in(login, "wrong").await), Rejection::BadCredentials);
    }
    for login in ["ada@example.org", "ada.l", PHONE] {
        assert!(matches!(rejection(desk.sign_in(login, PASSWORD).await), Rejection::TooManyAttempts { .. }), "{login}");
    }
    assert!(desk.sign_in(OLGA, PASSWORD).await.is_ok(), "others go on");
}

#[tokio::test]
async fn r7_6_names_of_nobody_are_locked_in_every_spelling_like_those_of_somebody() {
    let desk = Desk::new().await;
    desk.ada().await;
    let somebody = [("ada.l", "ADA.L"), ("ada.l", " ada.l ")];
    let nobody = [("eve.x", "EVE.X"), ("eve.y", " eve.y "), ("+41790000000", "+41 79 000 00 00")];
    for (name, spelled) in somebody.into_iter().chain(nobody) {
        for _ in 0..10 {
            // The first name's budget is spent once; from then on it is refused.
            rejection(desk.sign_in(name, "wrong").await);
        }
        let eleventh = rejection(desk.sign_in(spelled, "wrong").await);
        assert!(matches!(eleventh, Rejection::TooManyAttempts { .. }), "{name:?}, then {spelled:?}: {eleventh:?}");
    }
}
