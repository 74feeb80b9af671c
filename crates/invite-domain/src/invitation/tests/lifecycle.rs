use super::*;
use crate::{
    access::{Actor, Held},
    directory::ApiKey,
    id::ApiKeyId,
    invitation::{State, Status, lifecycle::is_covered},
    secret::credential::CredentialDigest,
};
use chrono::Duration;

#[test]
fn r2_1_an_invitation_is_live_until_just_before_its_expiry_and_its_status_says_the_same() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let invitation = &record.invitation;
    let micro = Duration::microseconds(1);
    let (issued, end) = (invitation.created_at, invitation.expires_at);
    // A microsecond before its issue is another replica's clock, not another time.
    for (at, live) in [
        (issued - micro, true),
        (issued, true),
        (issued + micro, true),
        (end - micro, true),
        (end, false),
        (end + micro, false),
    ] {
        assert_eq!(invitation.is_live(at), live, "{at}");
        assert_eq!(record.status(at), if live { Status::Pending } else { Status::Expired }, "{at}");
    }
}

#[test]
fn r2_2_a_stored_end_absorbs_expiry_and_suspension() {
    let scene = Scene::new();
    let mut record = scene.issued("ada");
    record.inviter = ActorFacts::Unknown;
    let late = record.invitation.expires_at + seconds(DAY);
    for (state, status) in [
        (State::Redeemed { at: start() }, Status::Redeemed),
        (State::Declined { at: start(), blocked: false }, Status::Declined),
        (State::Revoked { at: start(), by: Actor::SYSTEM, reason: None }, Status::Revoked),
    ] {
        record.invitation.state = state;
        assert_eq!(record.status(start()), status);
        assert_eq!(record.status(late), status);
    }
}

#[test]
fn r6_4_an_invitation_is_suspended_while_its_inviter_holds_less_than_it_grants() {
    let scene = Scene::new();
    let mut record = scene.issued("ada");
    assert_eq!(record.status(scene.now), Status::Pending);
    for system in [SystemRole::Admin, SystemRole::Member] {
        record.inviter = member(&scene.organization, 1, system);
        assert_eq!(record.status(scene.now), Status::Pending, "{system:?} holds what a member holds");
    }
    record.inviter = member(&scene.organization, 1, SystemRole::Guest);
    assert_eq!(record.status(scene.now), Status::Suspended);
    let mut switched_off = member_facts(&scene.organization, 1, SystemRole::Owner);
    switched_off.membership.active = false;
    record.inviter = ActorFacts::Member(switched_off);
    assert_eq!(record.status(scene.now), Status::Suspended);
    record.inviter = ActorFacts::Unknown;
    assert_eq!(record.status(scene.now), Status::Suspended);
}

#[test]
fn r6_4_a_grant_whose_role_is_gone_gives_nobody_anything() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    assert!(is_covered(&record.invitation.grant, record.role.as_ref(), &scene.actor));
    assert!(!is_covered(&record.invitation.grant, None, &scene.actor));
}

#[test]
fn r6_4_a_keys_expiry_leaves_its_invitations_good_and_its_revocation_or_its_makers_leaving_ends_them() {
    let organization = organization();
    let creator = member_facts(&organization, 1, SystemRole::Admin);
    let key = ApiKey {
        id: ApiKeyId::from_uuid(Uuid::from_u128(1)),
        organization_id: organization.id,
        number: 1,
        name: "deploy".to_owned(),
        prefix: "ivk_abcd".to_owned(),
        digest: CredentialDigest::from_bytes([1; 32]),
        previous: None,
        permissions: Held::Everything,
        created_by: creator.membership.id,
        by_operator: false,
        created_at: start(),
        expires_at: Some(start()),
        last_used_at: None,
        revoked_at: None,
        version: 1,
    };
    let facts = |key: &ApiKey, creator: Option<&MemberFacts>| ActorFacts::ApiKey {
        key: key.clone(),
        creator: creator.cloned(),
    };
    // It expired the moment it was made, and holds what its maker holds: not everything.
    assert_eq!(facts(&key, Some(&creator)).standing(), Some(SystemRole::Admin.held()));
    assert_eq!(facts(&key, None).standing(), None);
    let revoked = ApiKey { revoked_at: Some(start()), ..key.clone() };
    assert_eq!(facts(&revoked, Some(&creator)).standing(), None);
    let mut gone = creator.clone();
    gone.membership.active = false;
    assert_eq!(facts(&key, Some(&gone)).standing(), None);
}
