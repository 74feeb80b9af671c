//! The status a list shows is the one the rule gives.

use super::filters::{ids, listed, sorted};
use crate::{Scene, contract::Subject, fixtures::plans::deleted};
use chrono::Duration;
use invite_domain::{
    access::{Held, Inviter, InviterKind, PermissionSet},
    directory::Membership,
    id::InvitationId,
    invitation::{AdministrationChange, EventKind, Invitation, Plan, Status},
    port::InvitationFilter,
};

async fn with_status(scene: &Scene, status: Status) -> Vec<InvitationId> {
    ids(scene, &InvitationFilter { statuses: vec![status], ..InvitationFilter::default() }).await
}

/// Every invitation is listed under the status the rule gives it now, and under no other.
async fn agrees(scene: &Scene) {
    let all = listed(scene, &InvitationFilter::default()).await;
    for status in Status::ALL {
        let expected = all.iter().filter(|record| record.status(scene.now()) == status);
        let expected = sorted(expected.map(|record| record.invitation.id));
        assert_eq!(with_status(scene, status).await, expected, "{}", status.name());
    }
}

pub(in crate::contract) async fn the_list_turns_from_pending_to_expired_at_the_very_microsecond(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    for (offset, pending) in [(-1, true), (0, false), (1, false)] {
        scene.clock.set(invitation.expires_at + Duration::microseconds(offset));
        let expected = [invitation.id];
        let (with, without) =
            if pending { (Status::Pending, Status::Expired) } else { (Status::Expired, Status::Pending) };
        assert_eq!(with_status(&scene, with).await, expected, "{offset} µs");
        assert!(with_status(&scene, without).await.is_empty(), "{offset} µs");
        agrees(&scene).await;
        let lapsed = scene.store.lapsed(10, scene.now()).await.unwrap();
        assert_eq!(lapsed.is_empty(), pending, "{offset} µs");
    }
}

pub(in crate::contract) async fn the_list_shows_every_stored_end_under_its_status(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut issued = Vec::new();
    for name in ["pending", "redeemed", "declined", "revoked", "exhausted"] {
        let mut invitation = scene.invitation(name);
        if name == "exhausted" {
            (invitation.max_uses, invitation.uses) = (3, 3);
        }
        issued.push(scene.issue_this(invitation).await);
    }
    scene.apply(scene.plan_redeem(&issued[1], &scene.account("redeemed"))).await;
    scene.apply(scene.plan_decline(&issued[2], false)).await;
    scene.apply(scene.plan_revoke(&issued[3])).await;
    let expected = [Status::Pending, Status::Redeemed, Status::Declined, Status::Revoked, Status::Exhausted];
    for (status, invitation) in expected.into_iter().zip(&issued) {
        assert_eq!(with_status(&scene, status).await, [invitation.id], "{}", status.name());
    }
    let two = InvitationFilter { statuses: vec![Status::Revoked, Status::Pending], ..InvitationFilter::default() };
    assert_eq!(ids(&scene, &two).await, sorted([issued[0].id, issued[3].id]));

    // What has ended stays ended when its time is over.
    scene.pass(Duration::days(30));
    assert_eq!(with_status(&scene, Status::Expired).await, sorted([issued[0].id, issued[4].id]));
    for (status, invitation) in [Status::Redeemed, Status::Declined, Status::Revoked].into_iter().zip(&issued[1..4]) {
        assert_eq!(with_status(&scene, status).await, [invitation.id], "{}", status.name());
    }
    agrees(&scene).await;
}

pub(in crate::contract) async fn the_list_shows_suspended_exactly_where_the_rule_says_so(subject: Subject) {
    let scene = subject.scene("acme").await;
    let by = |kind, id, address: &str| {
        let mut invitation = scene.invitation(address);
        invitation.inviter = Inviter { kind, id };
        // No direct permission, so that whoever holds the role can give it.
        invitation.grant.permissions = PermissionSet::new();
        scene.issue_this(invitation)
    };
    let admin = &scene.admin.membership;
    let by_admin = by(InviterKind::Member, admin.id.as_uuid(), "ana").await;
    let (key, _) = scene.new_api_key(admin);
    scene.administer(AdministrationChange::InsertApiKey(Box::new(key.clone()))).await;
    let by_key = by(InviterKind::ApiKey, key.id.as_uuid(), "bob").await;
    let (operator, _) = scene.new_operator_key();
    scene.administer(AdministrationChange::InsertOperatorKey(Box::new(operator.clone()))).await;
    let by_operator = by(InviterKind::Operator, operator.id.as_uuid(), "carl").await;
    let by_owner = by(InviterKind::Member, scene.owner.membership.id.as_uuid(), "dora").await;
    let is_suspended = async |expected: &[&Invitation], why: &str| {
        let expected = sorted(expected.iter().map(|invitation| invitation.id));
        assert_eq!(with_status(&scene, Status::Suspended).await, expected, "{why}");
        agrees(&scene).await;
    };
    is_suspended(&[], "everybody stands").await;

    // The admin is demoted to guest: his and his key's invitations are more than he holds.
    let demoted = Membership { role_id: Some(scene.roles.guest.id), version: 2, ..admin.clone() };
    scene.apply(scene.plan_member(admin, demoted.clone())).await;
    is_suspended(&[&by_admin, &by_key], "demoted").await;
    let restored = Membership { role_id: admin.role_id, version: 3, ..admin.clone() };
    scene.apply(scene.plan_member(&demoted, restored.clone())).await;
    is_suspended(&[], "restored").await;

    // Switched off: he holds nothing, and nobody answers for his key's.
    let switched_off = Membership { active: false, version: 4, ..restored.clone() };
    scene.apply(scene.plan_member(&restored, switched_off.clone())).await;
    is_suspended(&[&by_admin, &by_key], "switched off").await;
    let switched_on = Membership { active: true, version: 5, ..switched_off.clone() };
    scene.apply(scene.plan_member(&switched_off, switched_on.clone())).await;

    // A key that expired or has a new text still answers for what it issued; a narrowed or revoked one does not.
    let mut changed = key.clone();
    (changed.expires_at, changed.version) = (Some(scene.now()), 2);
    scene.administer(AdministrationChange::UpdateApiKey(Box::new(changed.clone()))).await;
    is_suspended(&[], "the key expired").await;
    changed.permissions = Held::Only(PermissionSet::parse(["invitations.issue"]).unwrap());
    scene.administer(AdministrationChange::UpdateApiKey(Box::new(changed.clone()))).await;
    is_suspended(&[&by_key], "the key was narrowed").await;
    (changed.permissions, changed.revoked_at) = (Held::Everything, Some(scene.now()));
    scene.administer(AdministrationChange::UpdateApiKey(Box::new(changed))).await;
    is_suspended(&[&by_key], "the key was revoked").await;
    scene.administer(AdministrationChange::RevokeOperatorKey(operator.id, scene.now())).await;
    is_suspended(&[&by_key, &by_operator], "the operator key was revoked").await;
    scene.apply(scene.plan_remove(&switched_on)).await;
    is_suspended(&[&by_admin, &by_key, &by_operator], "the admin was removed").await;

    // Time comes before authority, and an end before both.
    scene.apply(scene.plan_revoke(&by_operator)).await;
    is_suspended(&[&by_admin, &by_key], "one was revoked").await;
    scene.clock.set(by_admin.expires_at);
    is_suspended(&[], "all expired").await;
    let expired = sorted([by_admin.id, by_key.id, by_owner.id]);
    assert_eq!(with_status(&scene, Status::Expired).await, expired);
    assert_eq!(with_status(&scene, Status::Revoked).await, [by_operator.id]);
    role_that_grew(&subject).await;
}

/// A custom role that gets a permission its inviter lacks suspends what grants it.
async fn role_that_grew(subject: &Subject) {
    let scene = subject.scene("grown").await;
    let role = scene.role("Leser", &["invitations.read"]);
    scene.administer(AdministrationChange::InsertRole(Box::new(role.clone()))).await;
    let mut invitation = scene.invitation("ana");
    invitation.inviter.id = scene.admin.membership.id.as_uuid();
    invitation.grant = invite_domain::access::Grant { role_id: Some(role.id), ..Default::default() };
    let invitation = scene.issue_this(invitation).await;
    assert_eq!(with_status(&scene, Status::Pending).await, [invitation.id]);
    let mut grown = role;
    (grown.permissions, grown.version) = (PermissionSet::parse(["organization.write"]).unwrap(), 2);
    scene.administer(AdministrationChange::UpdateRole(Box::new(grown))).await;
    assert_eq!(with_status(&scene, Status::Suspended).await, [invitation.id]);
    agrees(&scene).await;
}

pub(in crate::contract) async fn a_lapse_is_reported_until_it_is_noted(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let lapsed = async || sorted(scene.store.lapsed(100, scene.now()).await.unwrap().iter().map(|it| it.invitation.id));
    let expires = scene.issue("ana").await;
    let foreign = other.issue("ana").await;
    let mut suspended = scene.invitation("bob");
    suspended.inviter.id = scene.admin.membership.id.as_uuid();
    suspended.expires_at += Duration::days(1);
    let suspended = scene.issue_this(suspended).await;
    let ended = scene.issue("carl").await;
    scene.apply(scene.plan_revoke(&ended)).await;
    // The grant has a permission the admin lacks.
    assert_eq!(lapsed().await, [suspended.id]);
    let record = scene.store.lapsed(100, scene.now()).await.unwrap().remove(0);
    assert_eq!(Some(record), scene.record(suspended.id).await, "a whole record");

    let noted = Invitation { suspension_noted: 1, ..suspended.clone() };
    scene.apply(scene.plan_update(&suspended, noted.clone(), EventKind::InvitationSuspended)).await;
    assert!(lapsed().await.is_empty());
    scene.clock.set(expires.expires_at);
    assert_eq!(lapsed().await, sorted([expires.id, foreign.id]), "of every organisation");
    let expiry_noted = Invitation { expiry_noted: 1, ..expires.clone() };
    let note = scene.plan_update(&expires, expiry_noted.clone(), EventKind::InvitationExpired);
    scene.apply(note).await;
    assert_eq!(lapsed().await, [foreign.id]);

    // A new generation lapses anew.
    let before = Invitation { version: 2, ..expiry_noted };
    scene.apply(scene.plan_resend(&before)).await;
    scene.pass(Duration::days(8));
    let suspended_expired_too = sorted([expires.id, foreign.id, suspended.id]);
    assert_eq!(lapsed().await, suspended_expired_too);

    // Nothing can be noted of a deleted organisation: it must not stand in the others' way.
    other.apply(other.plan_organization(1, deleted(&other.organization, other.now()))).await;
    assert_eq!(lapsed().await, sorted([expires.id, suspended.id]));
}

pub(in crate::contract) async fn lapses_come_at_most_as_many_as_asked_for(subject: Subject) {
    let scene = subject.scene("acme").await;
    for i in 0..5 {
        scene.issue(&format!("a{i}")).await;
    }
    scene.pass(Duration::days(8));
    assert_eq!(scene.store.lapsed(3, scene.now()).await.unwrap().len(), 3);
    let mut left = 5;
    while let Some(record) = scene.store.lapsed(1, scene.now()).await.unwrap().pop() {
        let noted = Invitation { expiry_noted: 1, ..record.invitation.clone() };
        let plan = scene.plan_update(&record.invitation, noted, EventKind::InvitationExpired);
        scene.apply(Plan { messages: vec![], ..plan }).await;
        left -= 1;
        assert!(left >= 0, "one that was noted comes back");
    }
    assert_eq!(left, 0, "every lapse has its turn");
}
