use super::*;
use chrono::Duration;
use invite_domain::{
    id::InvitationId,
    invitation::{EventKind, Origin, Status},
    page::PageRequest,
    port::InvitationFilter,
    service::{Amend, IssueResult, OnConflict, Resend, Reveal},
};
use uuid::Uuid;

async fn count(house: &House) -> usize {
    let filter = InvitationFilter::default();
    house.service.list(&house.owner(), &filter, &PageRequest::first(200)).await.unwrap().items.len()
}

#[tokio::test]
async fn r3_7_the_same_key_and_body_give_the_same_invitation_and_one_message() {
    let house = House::new().await;
    let issue = || Issue { reveal: Reveal::Asked, ..house.invite("ada@example.org", &house.scene.roles.member) };
    let first = house.service.issue(&house.owner(), issue(), Some(keyed("k", 1))).await.unwrap();
    let again = house.service.issue(&house.owner(), issue(), Some(keyed("k", 1))).await.unwrap();
    assert_eq!(again.record.invitation, first.record.invitation);
    assert_eq!(again.result, IssueResult::Issued);
    assert_eq!(again.secrets.unwrap().link.expose(), first.secrets.unwrap().link.expose(), "the link is derived again");
    assert_eq!(house.dispatcher.run_once(100).await.unwrap().sent, 1);
    let other = house.service.issue(&house.owner(), issue(), Some(keyed("k", 2))).await;
    assert_eq!(rejection(other), Rejection::IdempotencyMismatch);
    let somebody_else = house.service.issue(&house.admin(), issue(), Some(keyed("k", 2))).await;
    assert!(matches!(rejection(somebody_else), Rejection::AlreadyInvited { .. }), "a key is its principal's own");
}

#[tokio::test]
async fn r3_7_the_same_key_of_one_caller_in_two_organisations_is_two_keys() {
    let house = House::new().await;
    let other = Scene::create(Arc::new(house.store.clone()), "other").await;
    let (key, _) = house.scene.new_operator_key();
    let operator = Principal::Operator(key.id);
    house.scene.administer(AdministrationChange::InsertOperatorKey(Box::new(key))).await;
    let issue = async |organization_id, role: &Role| {
        let caller = Caller { principal: operator, organization_id, origin: Origin::default() };
        let command = house.invite("ada@example.org", role);
        house.service.issue(&caller, command, Some(keyed("same", 1))).await.unwrap().record.invitation
    };
    let here = issue(house.scene.organization.id, &house.scene.roles.member).await;
    let there = issue(other.organization.id, &other.roles.member).await;
    assert_ne!(here.id, there.id);
    assert_eq!(there.organization_id, other.organization.id);
}

#[tokio::test]
async fn r3_7_a_link_of_a_generation_that_is_over_is_not_derived_again() {
    let house = House::new().await;
    let issue = || Issue { reveal: Reveal::Asked, ..house.invite("ada@example.org", &house.scene.roles.member) };
    let first = house.service.issue(&house.owner(), issue(), Some(keyed("k", 1))).await.unwrap();
    house.service.resend(&house.owner(), first.record.invitation.id, Resend::default(), None).await.unwrap();
    let again = house.service.issue(&house.owner(), issue(), Some(keyed("k", 1))).await.unwrap();
    assert_eq!(again.record.invitation.id, first.record.invitation.id);
    assert!(again.secrets.is_none());
}

#[tokio::test]
async fn r7_4_returning_the_first_with_its_link_is_revealing_it() {
    let house = House::new().await;
    house.issue(&house.owner(), "ada@example.org").await;
    let again = Issue {
        on_conflict: OnConflict::Return,
        reveal: Reveal::Asked,
        ..house.invite("ada@example.org", &house.scene.roles.member)
    };
    let returned = house.service.issue(&house.admin(), again, None).await.unwrap();
    assert!(returned.secrets.is_some());
    let trail = events(&house).await;
    assert_eq!(trail.iter().filter(|kind| **kind == EventKind::InvitationRevealed).count(), 1);
}

#[tokio::test]
async fn r7_4_who_may_no_longer_reveal_gets_no_link_from_a_repeated_request() {
    let house = House::new().await;
    let issue = || Issue { reveal: Reveal::Asked, ..house.invite("ada@example.org", &house.scene.roles.guest) };
    let first = house.service.issue(&house.admin(), issue(), Some(keyed("k", 1))).await.unwrap();
    assert!(first.secrets.is_some());
    let admin = house.scene.admin.membership.clone();
    let mut demoted = admin.clone();
    demoted.role_id = Some(house.scene.roles.guest.id);
    demoted.permissions = invite_domain::access::PermissionSet::parse(["invitations.issue"]).unwrap();
    demoted.version += 1;
    house.scene.apply(house.scene.plan_member(&admin, demoted)).await;
    let again = house.service.issue(&house.admin(), issue(), Some(keyed("k", 1))).await.unwrap();
    assert_eq!(again.record.invitation.id, first.record.invitation.id);
    assert!(again.secrets.is_none());
}

#[tokio::test]
async fn r4_4_a_channel_named_twice_is_one_message() {
    let house = House::new().await;
    let channels = vec![invite_domain::invitation::Channel::Email; 100];
    let command = Issue { channels: Some(channels), ..house.invite("ada@example.org", &house.scene.roles.member) };
    house.service.issue(&house.owner(), command, None).await.unwrap();
    assert_eq!(house.dispatcher.run_once(200).await.unwrap().claimed, 1);
}

#[tokio::test]
async fn r3_7_after_a_day_the_key_is_free_again() {
    let house = House::new().await;
    let issue = |address| house.invite(address, &house.scene.roles.member);
    let first = house.service.issue(&house.owner(), issue("ada@example.org"), Some(keyed("k", 1))).await.unwrap();
    house.scene.pass(Duration::hours(24));
    let next = house.service.issue(&house.owner(), issue("bob@example.org"), Some(keyed("k", 2))).await.unwrap();
    assert_ne!(next.record.invitation.id, first.record.invitation.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn conc_4_fifty_concurrent_issues_to_one_address_make_one_live_invitation() {
    let house = Arc::new(House::new().await);
    let issues = (0..50).map(|_| {
        let house = Arc::clone(&house);
        tokio::spawn(async move {
            let command = house.invite("ada@example.org", &house.scene.roles.member);
            house.service.issue(&house.owner(), command, None).await
        })
    });
    let mut made = 0;
    for issue in issues.collect::<Vec<_>>() {
        match issue.await.unwrap() {
            Ok(_) => made += 1,
            Err(error) => assert!(matches!(rejection::<()>(Err(error)), Rejection::AlreadyInvited { .. })),
        }
    }
    assert_eq!((made, count(&house).await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn r3_7_concurrent_twins_with_one_key_both_answer_the_one_invitation() {
    let house = Arc::new(House::new().await);
    let twins = (0..16).map(|_| {
        let house = Arc::clone(&house);
        tokio::spawn(async move {
            let command = house.invite("ada@example.org", &house.scene.roles.member);
            house.service.issue(&house.owner(), command, Some(keyed("twin", 1))).await.unwrap().record.invitation.id
        })
    });
    let mut ids = Vec::new();
    for twin in twins.collect::<Vec<_>>() {
        ids.push(twin.await.unwrap());
    }
    ids.dedup();
    assert_eq!((ids.len(), count(&house).await), (1, 1));
}

#[tokio::test]
async fn r3_2_replacing_revokes_the_first_and_makes_a_second() {
    let house = House::new().await;
    let first = house.issue(&house.owner(), "ada@example.org").await;
    let command =
        Issue { on_conflict: OnConflict::Replace, ..house.invite("ADA@example.org", &house.scene.roles.guest) };
    let second = house.service.issue(&house.owner(), command, None).await.unwrap();
    assert_eq!(second.result, IssueResult::Replaced);
    let old = house.service.get(&house.owner(), first.record.invitation.id).await.unwrap();
    assert_eq!(house.service.status(&old), Status::Revoked);
    assert_eq!(house.service.status(&second.record), Status::Pending);
}

#[tokio::test]
async fn r6_6_an_invitation_of_nobody_and_one_unknown_are_not_found_alike() {
    let house = House::new().await;
    let unknown = InvitationId::from_uuid(Uuid::from_u128(1));
    assert_eq!(rejection(house.service.get(&house.owner(), unknown).await), Rejection::NotFound);
    assert_eq!(rejection(house.service.reveal(&house.owner(), unknown).await.map(drop)), Rejection::NotFound);
    let other = Scene::create(Arc::new(house.store.clone()), "other").await;
    let foreign = other.issue("bob@example.org").await.id;
    assert_eq!(rejection(house.service.get(&house.owner(), foreign).await), Rejection::NotFound);
    let amended = house.service.amend(&house.owner(), foreign, Amend::default()).await;
    assert_eq!(rejection(amended), Rejection::NotFound);
}

#[tokio::test]
async fn a_revealed_link_is_in_the_trail_before_anybody_sees_it() {
    let house = House::new().await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    house.service.reveal(&house.owner(), issued.record.invitation.id).await.unwrap();
    assert!(events(&house).await.contains(&EventKind::InvitationRevealed));
    let member = house.caller(house.scene.member.principal());
    let refused = house.service.reveal(&member, issued.record.invitation.id);
    assert_eq!(rejection(refused.await.map(drop)), Rejection::Forbidden { permission: "invitations.reveal" });
}
