//! Attempts of codes are counted before they are made, and genuine ones are given back (rule 7.6).

use super::{
    codes::{BUDGET, code_of, typed_for},
    *,
};
use chrono::Duration;
use invite_domain::invitation::{Budget, DeadReason};

#[tokio::test]
async fn r7_6_a_genuine_code_gives_its_attempt_back_also_where_it_opens_nothing_any_more() {
    let house = House::new().await;
    let expired = house.issue(&house.owner(), "expired@example.org").await;
    house.scene.clock.set(expired.record.invitation.expires_at);
    let good = code_of(&house.issue(&house.owner(), "good@example.org").await);
    let suspended = code_of(&house.issue(&house.admin(), "suspended@example.org").await);
    let admin = house.scene.admin.membership.clone();
    house.scene.apply(house.scene.plan_remove(&admin)).await;
    let code = code_of(&expired);
    let commits = house.counted.commits();
    for _ in 0..=BUDGET {
        assert!(house.preview_code(&good).await.is_ok());
        let Rejection::Dead(dead) = rejection(house.redeem_code(&code).await) else { panic!("it has expired") };
        assert_eq!((dead.reason, dead.can_request_new), (DeadReason::Expired, true));
        assert!(matches!(rejection(house.redeem_code(&suspended).await), Rejection::Suspended { .. }));
        // Genuine, but only the mailed link is let in here; its mail is waiting to leave already.
        assert_eq!(rejection(house.redeem_code(&good).await), Rejection::MailboxProofRequired);
    }
    assert_eq!(house.counted.commits(), commits, "nothing was written");
    assert_eq!(house.attempts_left(CLIENT).await, BUDGET);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r7_6_of_64_codes_tried_at_once_with_5_attempts_left_exactly_5_are_looked_up() {
    let house = Arc::new(House::new().await);
    for number in 0..15 {
        assert_eq!(rejection(house.preview_code(&house.guess(number)).await), Rejection::NotGenuine);
    }
    let before = house.counted.looked_up();
    let barrier = Arc::new(tokio::sync::Barrier::new(64));
    let guesses = (0..64).map(|number| {
        let (house, barrier) = (Arc::clone(&house), Arc::clone(&barrier));
        tokio::spawn(async move {
            let guess = house.guess(100 + number);
            barrier.wait().await;
            rejection(house.redeem_code(&guess).await)
        })
    });
    let mut evaluated = 0;
    for guess in guesses.collect::<Vec<_>>() {
        match guess.await.unwrap() {
            Rejection::NotGenuine => evaluated += 1,
            Rejection::TooManyAttempts { possible_at } => {
                let now = house.scene.now();
                assert!(now < possible_at && possible_at <= now + Duration::minutes(10));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((evaluated, house.counted.looked_up() - before), (5, 5));
}

#[tokio::test]
async fn r7_6_an_organisation_has_a_budget_over_all_addresses_and_others_have_theirs() {
    let budget = Budget { limit: 3, window: Duration::hours(1) };
    let house = House::with(Settings { code_organization: Some(budget), ..Settings::default() }).await;
    let other = Scene::create(Arc::new(house.store.clone()), "other").await;
    let good = code_of(&house.issue(&house.owner(), "ada@example.org").await);
    for client in ["192.0.2.1", "192.0.2.2", "192.0.2.3"] {
        let guess = house.typed(&house.guess(1));
        assert_eq!(rejection(house.service.preview(&guess, None, Some(client)).await), Rejection::NotGenuine);
    }
    let locked = house.service.preview(&house.typed(&good), None, Some("192.0.2.4")).await;
    let Rejection::TooManyAttempts { possible_at } = rejection(locked) else { panic!("it was not locked") };
    assert!(possible_at <= house.scene.now() + Duration::hours(1));
    let elsewhere = typed_for(other.organization.slug.as_str(), &good);
    assert_eq!(rejection(house.service.preview(&elsewhere, None, Some("192.0.2.4")).await), Rejection::NotGenuine);
    house.scene.clock.set(possible_at);
    assert!(house.service.preview(&house.typed(&good), None, Some("192.0.2.4")).await.is_ok());
    assert_eq!(house.attempts_left("192.0.2.5").await, 3, "what was refused was counted nowhere");
}

#[tokio::test]
async fn r7_6_codes_for_unknown_organisations_count_against_the_address_alone() {
    let budget = Budget { limit: 2, window: Duration::hours(1) };
    let house = House::with(Settings { code_organization: Some(budget), ..Settings::default() }).await;
    for number in 0..8 {
        let nowhere = typed_for(&format!("nowhere-{number}"), &house.guess(number));
        assert_eq!(rejection(house.service.preview(&nowhere, None, Some(CLIENT)).await), Rejection::NotGenuine);
    }
    assert_eq!(house.attempts_left("192.0.2.9").await, 2, "the house's own budget is untouched");
    for number in 8..u16::try_from(BUDGET).unwrap() {
        let nowhere = typed_for("nowhere", &house.guess(number));
        assert_eq!(rejection(house.service.preview(&nowhere, None, Some(CLIENT)).await), Rejection::NotGenuine);
    }
    let nowhere = house.service.preview(&typed_for("nowhere", &house.guess(99)), None, Some(CLIENT)).await;
    assert!(matches!(rejection(nowhere), Rejection::TooManyAttempts { .. }));
}

#[tokio::test]
async fn r7_6_links_go_on_while_codes_are_locked_and_no_invitation_is_harmed() {
    let house = House::without_mailbox_proof().await;
    let ada = house.issue(&house.owner(), "ada@example.org").await;
    let bob = house.issue(&house.owner(), "bob@example.org").await;
    assert_eq!(house.attempts_left(CLIENT).await, BUDGET);
    let locked = rejection(house.redeem_code(&code_of(&ada)).await);
    let Rejection::TooManyAttempts { possible_at } = locked else { panic!("{locked:?}") };
    let link = house.mailed_token("ada@example.org").await;
    assert!(house.preview(&link).await.is_ok() && house.redeem(&link, None).await.is_ok());
    house.scene.clock.set(possible_at - Duration::microseconds(1));
    assert!(matches!(rejection(house.redeem_code(&code_of(&bob)).await), Rejection::TooManyAttempts { .. }));
    house.scene.clock.set(possible_at);
    assert!(house.redeem_code(&code_of(&bob)).await.is_ok());
}
