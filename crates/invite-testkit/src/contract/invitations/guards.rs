//! Conditions a plan was decided under.

use super::commit::trail;
use crate::{Scene, contract::Subject};
use invite_domain::{
    directory::{AccountToken, Membership, Organization},
    id::{AccountId, InvitationId, MembershipId},
    invitation::{AdministrationChange, DirectoryChange, EventKind, Guard, Invitation, Outcome, Plan},
    secret::{account_token::AccountPurpose, token::Nonce},
};

pub(in crate::contract) async fn a_plan_decided_on_an_old_version_is_stale(subject: Subject) {
    let scene = subject.scene("acme").await;
    let before = scene.issue("ana").await;
    let resend = scene.plan_resend(&before);
    let now = resend.invitations[0].invitation().clone();
    scene.apply(resend.clone()).await;
    let trail_before = trail(&scene).await;
    scene.refuse(resend).await;
    scene.refuse(scene.plan_revoke(&before)).await;
    scene.refuse(scene.plan_redeem(&before, &scene.account("ana"))).await;
    let ahead = Invitation { version: 3, ..now.clone() };
    scene.refuse(scene.plan_revoke(&ahead)).await;
    assert_eq!(scene.record(before.id).await.unwrap().invitation, now);
    assert_eq!(trail(&scene).await, trail_before);
    scene.apply(scene.plan_revoke(&now)).await;
}

pub(in crate::contract) async fn a_plan_for_a_row_that_is_gone_is_stale(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (now, entropy) = (scene.now(), &*scene.entropy);
    let guards = [
        Guard::InvitationAt(InvitationId::new(now, entropy), 1),
        Guard::AccountAt(AccountId::new(now, entropy), 1),
        Guard::MembershipAt(MembershipId::new(now, entropy), 1),
    ];
    for guard in guards {
        let mut plan = scene.plan_issue(&scene.invitation("ana"));
        plan.guards.push(guard);
        scene.refuse(plan).await;
    }
    scene.apply(scene.plan_remove(&scene.member.membership)).await;
    let switched_off = invite_domain::directory::Membership { active: false, ..scene.member.membership.clone() };
    scene.refuse(scene.plan_member(&scene.member.membership, switched_off)).await;
}

pub(in crate::contract) async fn a_plan_decided_on_an_old_account_or_membership_is_stale(subject: Subject) {
    let scene = subject.scene("acme").await;
    let renamed = |name: &str| {
        let mut account = scene.member.account.clone();
        (account.name, account.version) = (Some(name.to_owned()), 2);
        let directory = vec![DirectoryChange::UpdateAccount(Box::new(account))];
        Plan { guards: vec![Guard::AccountAt(scene.member.account.id, 1)], directory, ..Plan::default() }
    };
    scene.apply(renamed("Maria")).await;
    scene.refuse(renamed("Mira")).await;

    let mut member = scene.member.membership.clone();
    member.default_rate = None;
    scene.apply(scene.plan_member(&scene.member.membership, member.clone())).await;
    scene.refuse(scene.plan_member(&scene.member.membership, member)).await;
}

pub(in crate::contract) async fn what_is_in_the_way_of_an_invitation_makes_a_plan_stale_that_was_decided_without_a_look(
    subject: Subject,
) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let unlooked = |name: &str| {
        let invitation = scene.invitation(name);
        let address = invitation.recipient.email().map(|email| email.key().to_owned());
        let guard = Guard::Unhindered(scene.organization.id, invitation.recipient.live_key(), address);
        let plan = scene.plan_issue(&invitation);
        Plan { guards: [plan.guards, vec![guard]].concat(), ..plan }
    };
    // What is so in another organisation is in nobody's way here.
    other.issue("ana").await;
    other.join("ana-of-other", &other.roles.guest).await;
    scene.apply(unlooked("ana")).await;
    scene.apply(unlooked("ana-of-other")).await;

    scene.refuse(unlooked("ANA")).await;
    let blocked = scene.invitation("blocked");
    let block = AdministrationChange::Block(scene.organization.id, blocked.recipient.live_key(), scene.now());
    scene.apply(Plan { administration: vec![block], ..Plan::default() }).await;
    scene.refuse(unlooked("blocked")).await;
    scene.join("member", &scene.roles.guest).await;
    scene.refuse(unlooked("member")).await;
    // Several at once: each has his own fate.
    let plans = ["bea", "blocked", "cleo", "member", "ana", "dora"].map(unlooked);
    let outcomes = scene.store.commit(&plans).await;
    let is_stale = outcomes.into_iter().map(|outcome| outcome.unwrap() == Outcome::Stale).collect::<Vec<_>>();
    assert_eq!(is_stale, [false, true, false, true, true, false]);
    // Whatever else such a plan would write is not written.
    let before = scene.issue("eva").await;
    let guard = Guard::Unhindered(scene.organization.id, blocked.recipient.live_key(), None);
    let mut changing = scene.plan_resend(&before);
    changing.guards.push(guard);
    scene.refuse(changing.clone()).await;
    let mut outcomes = scene.store.commit(&[unlooked("fay"), changing, unlooked("gus")]).await;
    assert_eq!(outcomes.remove(1).unwrap(), Outcome::Stale);
    assert!(outcomes.into_iter().all(|outcome| outcome.unwrap() != Outcome::Stale));
    assert_eq!(scene.record(before.id).await.unwrap().invitation, before);
}

pub(in crate::contract) async fn plans_that_share_an_epoch_do_not_hinder_each_other(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (one, two) = (scene.invitation("ana"), scene.invitation("bob"));
    for outcome in scene.store.commit(&[scene.plan_issue(&one), scene.plan_issue(&two)]).await {
        assert_ne!(outcome.unwrap(), invite_domain::invitation::Outcome::Stale);
    }
    assert_eq!(scene.facts(one.id).await.organization.authority_epoch, 1);
}

pub(in crate::contract) async fn a_raised_epoch_makes_plans_decided_before_it_stale(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let (ana, bob) = (scene.issue("ana").await, scene.invitation("bob"));
    let decided_before =
        [scene.plan_issue(&bob), scene.plan_revoke(&ana), scene.plan_redeem(&ana, &scene.account("ana"))];
    let mut raise = scene.plan_remove(&scene.member.membership);
    raise.guards.push(scene.epoch_at(1, true));
    scene.apply(raise.clone()).await;
    for plan in decided_before {
        scene.refuse(plan).await;
    }
    scene.refuse(Plan { guards: vec![scene.epoch_at(1, true)], ..Plan::default() }).await;
    scene.refuse(Plan { guards: vec![scene.epoch_at(3, false)], ..Plan::default() }).await;
    assert_eq!(scene.facts(ana.id).await.organization.authority_epoch, 2);
    let plan = Plan { guards: vec![scene.epoch_at(2, false)], ..scene.plan_issue(&bob) };
    scene.apply(plan).await;
    other.issue("ana").await;
}

pub(in crate::contract) async fn only_a_guard_raises_the_epoch(subject: Subject) {
    let scene = subject.scene("acme").await;
    let next = Organization {
        name: "Ährenfeld".into(),
        locale: None,
        time_zone: "Asia/Kathmandu".into(),
        policy: invite_domain::directory::Policy { ttl_max: Some(1), ..Default::default() },
        limits: invite_domain::directory::Limits { seats: Some(0), issues_hour: Some(7), ..Default::default() },
        profile: "{}".into(),
        authority_epoch: 99,
        version: 2,
        updated_at: scene.now() + chrono::Duration::microseconds(1),
        ..scene.organization.clone()
    };
    let update = AdministrationChange::UpdateOrganization(Box::new(next.clone()));
    scene.administer(update).await;
    let id = scene.issue("ana").await.id;
    let found = scene.facts(id).await.organization;
    assert_eq!(found, Organization { authority_epoch: 1, ..next.clone() });
    scene.apply(scene.plan_organization(1, next.clone())).await;
    let found = scene.facts(id).await.organization;
    assert_eq!(found, Organization { authority_epoch: 2, ..next });
}

pub(in crate::contract) async fn the_last_owner_stays(subject: Subject) {
    let scene = subject.scene("acme").await;
    scene.refuse(scene.plan_remove(&scene.owner.membership)).await;
    let second = scene.join("otto", &scene.roles.owner).await;
    scene.apply(scene.plan_remove(&scene.owner.membership)).await;
    scene.refuse(scene.plan_remove(&second.membership)).await;
    scene.apply(scene.plan_remove(&scene.admin.membership)).await;
}

pub(in crate::contract) async fn an_owner_who_is_switched_off_or_demoted_does_not_count(subject: Subject) {
    let scene = subject.scene("acme").await;
    let owner = &scene.owner.membership;
    let mut demoted = owner.clone();
    demoted.role_id = Some(scene.roles.admin.id);
    let mut switched_off = owner.clone();
    switched_off.active = false;
    for next in [demoted, switched_off.clone()] {
        let mut plan = scene.plan_member(owner, next);
        plan.guards.push(Guard::OwnerRemains(scene.organization.id));
        scene.refuse(plan).await;
    }
    // An owner who is switched off is no owner to remain.
    let second = scene.join("otto", &scene.roles.owner).await;
    scene.apply(scene.plan_member(owner, switched_off)).await;
    scene.refuse(scene.plan_remove(&second.membership)).await;
}

pub(in crate::contract) async fn a_role_in_use_stays(subject: Subject) {
    let scene = subject.scene("acme").await;
    let role = scene.role("Planer", &["plans.read"]);
    scene.administer(AdministrationChange::InsertRole(Box::new(role.clone()))).await;
    let delete = || Plan {
        guards: vec![Guard::RoleUnused(scene.organization.id, role.id)],
        administration: vec![AdministrationChange::DeleteRole(scene.organization.id, role.id)],
        ..Plan::default()
    };
    let mut invitation = scene.invitation("ana");
    invitation.grant.role_id = Some(role.id);
    let invitation = scene.issue_this(invitation).await;
    scene.refuse(delete()).await;
    // An invitation that has ended holds no role; a membership does, whether switched on or not.
    let member = scene.join("bob", &role).await.membership;
    scene.apply(scene.plan_revoke(&invitation)).await;
    scene.refuse(delete()).await;
    let switched_off = invite_domain::directory::Membership { active: false, ..member.clone() };
    scene.apply(scene.plan_member(&member, switched_off.clone())).await;
    scene.refuse(delete()).await;
    let moved = invite_domain::directory::Membership { role_id: None, version: 2, ..switched_off };
    scene.apply(scene.plan_member(&moved, moved.clone())).await;
    scene.apply(delete()).await;
    let record = scene.record(invitation.id).await.unwrap();
    assert_eq!(record.role, None, "the role is gone, the ended invitation stays");
}

fn link_of(scene: &Scene, account_id: AccountId, purpose: AccountPurpose, counter: u8) -> AccountToken {
    AccountToken {
        account_id,
        purpose,
        counter,
        key_id: scene.ring.active().unwrap(),
        nonce: Some(Nonce::from_bytes([counter; 32])),
        created_at: scene.now(),
        expires_at: scene.now() + chrono::Duration::hours(1),
        used_at: None,
        address: None,
    }
}

pub(in crate::contract) async fn a_link_works_once(subject: Subject) {
    let scene = subject.scene("acme").await;
    let purpose = AccountPurpose::PasswordReset;
    let link = |counter| link_of(&scene, scene.member.account.id, purpose, counter);
    let put = |link: AccountToken, guards: Vec<Guard>| Plan {
        guards,
        administration: vec![AdministrationChange::PutAccountToken(Box::new(link))],
        ..Plan::default()
    };
    let unused = |counter| Guard::LinkUnused { account_id: scene.member.account.id, purpose, counter };
    scene.refuse(Plan { guards: vec![unused(1)], ..Plan::default() }).await;
    scene.apply(put(link(1), vec![])).await;
    let used = AccountToken { nonce: None, used_at: Some(scene.now()), ..link(1) };
    scene.refuse(put(used.clone(), vec![unused(0)])).await;
    scene.refuse(put(used.clone(), vec![unused(2)])).await;
    scene.apply(put(used.clone(), vec![unused(1)])).await;
    scene.refuse(put(used, vec![unused(1)])).await;
    // A newer link ends the one before.
    scene.apply(put(link(2), vec![])).await;
    scene.refuse(Plan { guards: vec![unused(1)], ..Plan::default() }).await;
    let event = scene.event(EventKind::OrganizationChanged, None);
    scene.apply(Plan { guards: vec![unused(2)], events: vec![event], ..Plan::default() }).await;
}

pub(in crate::contract) async fn ended_credentials_make_plans_decided_before_stale_and_links_useless(subject: Subject) {
    let (scene, second) = (subject.scene("acme").await, subject.scene("second").await);
    let (other, account) = (subject.scene("other").await, &scene.admin.account);
    // A place that is switched off counts too.
    let guest = Membership { active: false, ..second.membership(account, None) };
    let directory = vec![DirectoryChange::InsertMembership(Box::new(guest))];
    scene.apply(Plan { directory, ..Plan::default() }).await;
    let (reset, owner) = (AccountPurpose::PasswordReset, AccountPurpose::OwnerLink);
    let put = |account, purpose, counter| {
        AdministrationChange::PutAccountToken(Box::new(link_of(&scene, account, purpose, counter)))
    };
    for (account, purpose) in [(account.id, reset), (account.id, owner), (scene.member.account.id, reset)] {
        scene.administer(put(account, purpose, 1)).await;
    }
    let (key, _) = scene.new_api_key(&scene.admin.membership);
    let (ana, bob) = (scene.issue("ana").await, second.issue("bob").await);
    let with_key = Plan {
        guards: vec![scene.epoch()],
        administration: vec![AdministrationChange::InsertApiKey(Box::new(key))],
        ..Plan::default()
    };
    let (elsewhere, apart) = (second.plan_revoke(&bob), other.plan_issue(&other.invitation("carl")));

    scene
        .apply(Plan {
            administration: vec![put(account.id, reset, 2)],
            directory: vec![DirectoryChange::EndCredentials(account.id, scene.now())],
            ..Plan::default()
        })
        .await;
    for plan in [with_key, scene.plan_redeem(&ana, &scene.account("ana")), elsewhere] {
        scene.refuse(plan).await;
    }
    scene.apply(apart).await;
    for (scene, invitation) in [(&scene, &ana), (&second, &bob)] {
        assert_eq!(scene.facts(invitation.id).await.organization.authority_epoch, 2, "raised by one");
    }
    let unused = |account_id, purpose, counter| Plan {
        guards: vec![Guard::LinkUnused { account_id, purpose, counter }],
        ..Plan::default()
    };
    scene.refuse(unused(account.id, owner, 1)).await;
    scene.refuse(unused(account.id, reset, 1)).await;
    scene.apply(unused(account.id, reset, 2)).await;
    scene.apply(unused(scene.member.account.id, reset, 1)).await;
}
