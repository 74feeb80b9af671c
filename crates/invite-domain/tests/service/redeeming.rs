use super::*;
use chrono::Duration;
use invite_domain::{
    invitation::{DeadReason, EventKind, Status},
    service::{Resend, Reveal, Revoke},
};

fn dead(rejection: &Rejection) -> Option<DeadReason> {
    match rejection {
        Rejection::Dead(dead) => Some(dead.reason),
        _ => None,
    }
}

#[tokio::test]
async fn r5_1_a_mailed_link_makes_a_verified_account_and_a_membership() {
    let house = House::new().await;
    house.issue(&house.owner(), "Ada@Example.org").await;
    let token = house.mailed_token("ada@example.org").await;
    let redeemed = house.redeem(&token, Some("a long enough one")).await.unwrap();
    assert!(redeemed.account.email_verified && redeemed.session.is_some() && !redeemed.replayed);
    assert_eq!(redeemed.account.password, Some(PlainHasher::verifier("a long enough one")));
    let member = redeemed.member.unwrap();
    assert_eq!(member.role.unwrap().name, "member");
    assert!(member.membership.number > 0 && redeemed.account.number > 0);
    assert_eq!(dead(&rejection(house.redeem(&token, None).await)), Some(DeadReason::Redeemed));
}

#[tokio::test]
async fn tok_2_and_r5_3_the_same_person_gets_the_same_redemption_in_each_of_three_ways_and_nobody_else_does() {
    let house = House::new().await;
    house.issue(&house.owner(), "ada@example.org").await;
    let token = house.mailed_token("ada@example.org").await;
    let first = Redeem { idempotency: Some(keyed("mine", 1)), ..redeem(&token, Some("a long enough one")) };
    let redeemed = house.service.redeem(first.clone()).await.unwrap();
    let before = events(&house).await.len();
    let by_key = house.service.redeem(first).await.unwrap();
    let by_password = house.redeem(&token, Some("a long enough one")).await.unwrap();
    let by_session = house.service.redeem(signed_in(&token, redeemed.account.id)).await.unwrap();
    for again in [by_key, by_password, by_session] {
        assert_eq!(again.redemption, redeemed.redemption);
        assert_eq!(again.account.id, redeemed.account.id);
        assert_eq!(again.member.unwrap().membership.id, redeemed.redemption.membership_id);
        assert!(again.session.is_none() && again.replayed);
    }
    let bob = house.scene.admin.account.id;
    for nobody in [
        redeem(&token, None),
        redeem(&token, Some("another password")),
        Redeem { idempotency: Some(keyed("mine", 2)), ..redeem(&token, None) },
        Redeem { idempotency: Some(keyed("other", 1)), ..redeem(&token, None) },
        signed_in(&token, bob),
    ] {
        assert_eq!(dead(&rejection(house.service.redeem(nobody).await)), Some(DeadReason::Redeemed));
    }
    assert_eq!(events(&house).await.len(), before, "no second membership, event or message");
}

#[tokio::test]
async fn r7_6_guesses_of_the_password_at_a_used_link_are_counted_before_they_are_made() {
    let house = House::new().await;
    house.issue(&house.owner(), "ada@example.org").await;
    let token = house.mailed_token("ada@example.org").await;
    house.redeem(&token, Some("a long enough one")).await.unwrap();
    for _ in 0..10 {
        assert!(dead(&rejection(house.redeem(&token, Some("a wrong guess")).await)).is_some());
    }
    let made = house.hasher.verified();
    let throttled = rejection(house.redeem(&token, Some("a long enough one")).await);
    assert_eq!(dead(&throttled), Some(DeadReason::Redeemed), "in the words everybody is told");
    assert_eq!(house.hasher.verified(), made, "the eleventh is not made at all");
}

#[tokio::test(flavor = "multi_thread")]
async fn conc_1_of_sixty_four_redeemers_one_succeeds_and_one_password_is_hashed() {
    let house = Arc::new(House::new().await);
    house.issue(&house.owner(), "ada@example.org").await;
    let token = Arc::new(house.mailed_token("ada@example.org").await);
    let barrier = Arc::new(tokio::sync::Barrier::new(64));
    let redeemers = (0..64).map(|i| {
        let (house, token, barrier) = (Arc::clone(&house), Arc::clone(&token), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            house.redeem(&token, Some(&format!("password number {i}"))).await
        })
    });
    let mut won = 0;
    for redeemer in redeemers.collect::<Vec<_>>() {
        match redeemer.await.unwrap() {
            Ok(redeemed) => {
                assert!(!redeemed.replayed);
                won += 1;
            }
            Err(error) => assert_eq!(dead(&rejection::<()>(Err(error))), Some(DeadReason::Redeemed)),
        }
    }
    assert_eq!(won, 1);
    let created = events(&house).await.iter().filter(|kind| **kind == EventKind::InvitationRedeemed).count();
    assert_eq!(created, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_3_a_double_click_is_one_redemption_and_both_clicks_are_told_of_it() {
    let house = Arc::new(House::new().await);
    house.issue(&house.owner(), "ada@example.org").await;
    let token = house.mailed_token("ada@example.org").await;
    let barrier = Arc::new(tokio::sync::Barrier::new(8));
    let clicks = (0..8).map(|_| {
        let (house, barrier) = (Arc::clone(&house), Arc::clone(&barrier));
        let click = Redeem { idempotency: Some(keyed("mine", 1)), ..redeem(&token, Some("a long enough one")) };
        tokio::spawn(async move {
            barrier.wait().await;
            house.service.redeem(click).await.unwrap()
        })
    });
    let mut made = 0;
    let mut ids = Vec::new();
    for click in clicks.collect::<Vec<_>>() {
        let redeemed = click.await.unwrap();
        made += usize::from(!redeemed.replayed);
        ids.push(redeemed.redemption.id);
    }
    ids.dedup();
    assert_eq!((made, ids.len()), (1, 1));
}

#[tokio::test]
async fn r5_7_a_bad_password_creates_nothing_and_does_not_use_the_invitation_up() {
    let house = House::new().await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    let token = house.mailed_token("ada@example.org").await;
    assert!(matches!(rejection(house.redeem(&token, Some("short")).await), Rejection::Invalid(_)));
    assert!(matches!(rejection(house.redeem(&token, Some("password1")).await), Rejection::Invalid(_)));
    assert_eq!(house.hasher.hashed(), 0);
    let record = house.service.get(&house.owner(), issued.record.invitation.id).await.unwrap();
    assert_eq!(house.service.status(&record), Status::Pending);
}

#[tokio::test]
async fn r5_7_an_overloaded_hasher_refuses_and_the_link_stays_good() {
    let house = House::new().await;
    house.issue(&house.owner(), "ada@example.org").await;
    let token = house.mailed_token("ada@example.org").await;
    house.hasher.set_overloaded(true);
    let failed = house.redeem(&token, Some("a long enough one")).await;
    assert!(matches!(failed, Err(ServiceError::Port(error)) if error.is_retryable()));
    house.hasher.set_overloaded(false);
    assert!(house.redeem(&token, Some("a long enough one")).await.is_ok());
}

#[tokio::test]
async fn r4_1_after_a_resend_the_old_link_is_superseded_and_the_new_one_works() {
    let house = House::new().await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    let old = house.mailed_token("ada@example.org").await;
    house.service.resend(&house.owner(), issued.record.invitation.id, Resend::default(), None).await.unwrap();
    let new = house.mailed_token("ada@example.org").await;
    assert_eq!(dead(&rejection(house.redeem(&old, None).await)), Some(DeadReason::Superseded));
    assert!(house.redeem(&new, None).await.is_ok());
    assert_eq!(dead(&rejection(house.redeem(&old, None).await)), Some(DeadReason::Redeemed));
}

#[tokio::test]
async fn r4_3_an_expired_link_is_refused_with_the_dispatcher_stopped_and_works_again_after_a_resend() {
    let house = House::new().await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    let token = house.mailed_token("ada@example.org").await;
    house.scene.clock.set(issued.record.invitation.expires_at - Duration::microseconds(1));
    assert!(house.preview(&token).await.is_ok());
    house.scene.pass(Duration::microseconds(1));
    assert_eq!(dead(&rejection(house.redeem(&token, None).await)), Some(DeadReason::Expired));
    house.service.resend(&house.owner(), issued.record.invitation.id, Resend::default(), None).await.unwrap();
    let fresh = house.mailed_token("ada@example.org").await;
    assert!(house.redeem(&fresh, None).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn r4_6_of_revoke_and_redeem_exactly_one_wins() {
    for _ in 0..50 {
        let house = Arc::new(House::new().await);
        let issued = house.issue(&house.owner(), "ada@example.org").await;
        let token = house.mailed_token("ada@example.org").await;
        let revoking = {
            let (house, id) = (Arc::clone(&house), issued.record.invitation.id);
            tokio::spawn(async move { house.service.revoke(&house.owner(), id, Revoke::default()).await.is_ok() })
        };
        let redeeming = {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.redeem(&token, None).await.is_ok() })
        };
        let (revoked, redeemed) = (revoking.await.unwrap(), redeeming.await.unwrap());
        assert!(revoked != redeemed, "revoked: {revoked}, redeemed: {redeemed}");
    }
}

#[tokio::test]
async fn authz_6_a_demotion_committed_before_the_redemption_suspends_it() {
    let house = House::new().await;
    let issued = house.issue(&house.admin(), "ada@example.org").await;
    let token = house.mailed_token("ada@example.org").await;
    let admin = house.scene.admin.membership.clone();
    let mut demoted = admin.clone();
    demoted.role_id = Some(house.scene.roles.guest.id);
    demoted.version += 1;
    house.scene.apply(house.scene.plan_member(&admin, demoted)).await;
    assert!(matches!(rejection(house.redeem(&token, None).await), Rejection::Suspended { .. }));
    let record = house.service.get(&house.owner(), issued.record.invitation.id).await.unwrap();
    assert_eq!(house.service.status(&record), Status::Suspended);
    house.service.sponsor(&house.owner(), issued.record.invitation.id, None).await.unwrap();
    let fresh = house.mailed_token("ada@example.org").await;
    assert!(house.redeem(&fresh, None).await.is_ok());
}

#[tokio::test]
async fn r5_4_a_copied_link_verifies_nothing_and_where_proof_is_required_it_only_sends_the_mailed_one() {
    let open = House::without_mailbox_proof().await;
    let copied = open.issue(&open.owner(), "ada@example.org").await.secrets.unwrap().link;
    let redeemed = open.redeem(copied.expose(), None).await.unwrap();
    assert!(!redeemed.account.email_verified);
    let strict = House::new().await;
    let command = Issue {
        reveal: Reveal::Asked,
        channels: Some(Vec::new()),
        ..strict.invite("ada@example.org", &strict.scene.roles.member)
    };
    let copied = strict.service.issue(&strict.owner(), command, None).await.unwrap().secrets.unwrap().link;
    assert_eq!(rejection(strict.redeem(copied.expose(), None).await), Rejection::MailboxProofRequired);
    let mailed = strict.mailed_token("ada@example.org").await;
    assert!(strict.redeem(&mailed, None).await.unwrap().account.email_verified);
}

#[tokio::test]
async fn r5_4_where_proof_is_required_a_copied_link_tells_nobody_whether_there_is_an_account() {
    let house = House::new().await;
    let token_for = async |address: &str| {
        let command = Issue {
            reveal: Reveal::Asked,
            channels: Some(Vec::new()),
            ..house.invite(address, &house.scene.roles.member)
        };
        house.service.issue(&house.owner(), command, None).await.unwrap().secrets.unwrap().link
    };
    let other = Scene::create(Arc::new(house.store.clone()), "other").await;
    let known = token_for(other.member.account.email_key().unwrap()).await;
    let unknown = token_for("nobody@example.org").await;
    assert_eq!(rejection(house.redeem(known.expose(), None).await), Rejection::MailboxProofRequired);
    assert_eq!(rejection(house.redeem(unknown.expose(), None).await), Rejection::MailboxProofRequired);
}

#[tokio::test]
async fn a_failed_comparison_costs_no_guess() {
    let house = House::new().await;
    house.issue(&house.owner(), "ada@example.org").await;
    let token = house.mailed_token("ada@example.org").await;
    house.redeem(&token, Some("a long enough one")).await.unwrap();
    house.hasher.set_overloaded(true);
    for _ in 0..20 {
        assert!(house.redeem(&token, Some("a long enough one")).await.is_err());
    }
    house.hasher.set_overloaded(false);
    assert!(house.redeem(&token, Some("a long enough one")).await.unwrap().replayed);
}

#[test]
fn log_1_a_command_does_not_print_its_token() {
    let printed = format!("{:?}", redeem("inv_secret", Some("a long enough one")));
    assert!(!printed.contains("secret") && !printed.contains("long enough"), "{printed}");
}

#[tokio::test]
async fn r4_7_declining_with_a_block_stops_all_further_mail_of_the_organisation() {
    let house = House::new().await;
    house.issue(&house.owner(), "ada@example.org").await;
    let token = house.mailed_token("ada@example.org").await;
    assert!(house.service.decline(&token, true, Origin::none()).await.unwrap().blocked);
    assert_eq!(dead(&rejection(house.redeem(&token, None).await)), Some(DeadReason::Declined));
    house.issue(&house.owner(), "ada@example.org").await;
    house.notifier.take();
    house.dispatcher.run_once(100).await.unwrap();
    assert!(house.notifier.delivered().is_empty());
}

#[tokio::test]
async fn r4_9_asking_for_a_new_link_is_answered_alike_for_every_text() {
    let house = House::new().await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    let token = house.mailed_token("ada@example.org").await;
    house.scene.clock.set(issued.record.invitation.expires_at);
    house.notifier.take();
    for text in ["", "nonsense", "inv_0VSTem8nho5xipGKoiTGrMdGNayehGAxCa36Dld8leyCY3W9OQk40ffxGAMrgKmU61JxeOV", &token]
    {
        house.service.request_new_link(text, Origin::none()).await.unwrap();
    }
    let fresh = house.mailed_token("ada@example.org").await;
    assert_eq!(house.notifier.delivered().len(), 1);
    assert!(house.redeem(&fresh, None).await.is_ok());
}

#[tokio::test]
async fn every_provenance_but_mailed_looks_the_same_to_a_stranger() {
    let house = House::new().await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    let revealed = house.service.reveal(&house.owner(), issued.record.invitation.id).await.unwrap();
    let preview = house.preview(revealed.link.expose()).await.unwrap();
    assert!(!preview.mailed);
    assert!(!preview.recipient_masked.contains("ada"));
    let mailed = house.mailed_token("ada@example.org").await;
    assert!(house.preview(&mailed).await.unwrap().mailed);
}
