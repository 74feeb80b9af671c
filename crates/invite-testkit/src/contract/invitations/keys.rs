//! Unique keys.

use super::{
    commit::{state_of_delivery, trail},
    loads::{issue_query, load_redemption, redemption_query},
};
use crate::contract::Subject;
use chrono::Duration;
use invite_domain::{
    directory::{Account, Username},
    invitation::{
        AdministrationChange, Channel, DirectoryChange, EventKind, Guard, Invitation, InvitationChange, Outcome, Plan,
        UniqueKey,
    },
    port::{IdempotencyRef, IssueQuery, RedemptionQuery},
};

pub(in crate::contract) async fn a_live_key_is_held_by_one_invitation_and_the_second_leaves_no_trace(subject: Subject) {
    let scene = subject.scene("acme").await;
    let first = scene.issue("ana").await;
    let second = scene.invitation("ANA@EXAMPLE.ORG");
    let answer = scene.answer("k", second.id.as_uuid());
    let (trail_before, record_before) = (trail(&scene).await, scene.record(first.id).await);
    let due_before = subject.outbox.next_due(&[Channel::Email]).await.unwrap();
    let late = scene.pass(Duration::minutes(-1));
    // With the guard, and without it: then the constraint itself must refuse.
    for guards in [scene.plan_issue(&second).guards, vec![]] {
        let mut plan = Plan { guards, idempotency: Some(answer.clone()), ..scene.plan_issue(&second) };
        plan.messages[0].next_attempt_at = late;
        plan.directory.push(DirectoryChange::InsertAccount(Box::new(scene.account("trace"))));
        scene.refuse(plan).await;
    }
    assert_eq!(scene.record(second.id).await, None);
    assert_eq!(scene.record(first.id).await, record_before);
    assert_eq!(trail(&scene).await, trail_before, "no event");
    assert_eq!(subject.outbox.next_due(&[Channel::Email]).await.unwrap(), due_before, "no message");
    let wanted = Some(IdempotencyRef { scope: answer.scope, key: answer.key });
    let query = IssueQuery { idempotency: wanted, ..issue_query(&scene, "trace") };
    let facts = scene.store.load_issue(&query).await.unwrap().unwrap();
    assert_eq!(facts.replay, None, "no answer");
    scene.join("trace", &scene.roles.guest).await;
}

pub(in crate::contract) async fn two_organizations_can_invite_one_person(subject: Subject) {
    let (ours, theirs) = (subject.scene("ours").await, subject.scene("theirs").await);
    let (one, other) = (ours.issue("ana").await, theirs.issue("ana").await);
    assert_eq!(ours.record(one.id).await.map(|record| record.invitation), Some(one));
    assert_eq!(theirs.record(other.id).await.map(|record| record.invitation), Some(other));
}

pub(in crate::contract) async fn addresses_that_look_alike_are_different_people(subject: Subject) {
    let scene = subject.scene("acme").await;
    let alike = [
        "mike@example.org",
        "mıke@example.org",
        "kim@example.org",
        "\u{212A}im@example.org",
        "post@straße.example",
        "post@strasse.example",
        "straße@example.org",
        "strasse@example.org",
        "zoë@example.org",
        "zoe@example.org",
        "ZOË@example.org",
        "zoe\u{308}@example.org",
        "ana+tag@example.org",
        "a.na@example.org",
        "ana@example.org",
    ];
    let mut ids = Vec::new();
    for address in alike {
        let issued = scene.issue(address).await;
        let facts = scene.store.load_issue(&issue_query(&scene, address)).await.unwrap().unwrap();
        assert_eq!(facts.holder.map(|holder| holder.invitation.id), Some(issued.id), "{address}");
        ids.push((address, issued.id));
    }
    for address in alike {
        scene.join(address, &scene.roles.guest).await;
        let member = scene.store.load_issue(&issue_query(&scene, address)).await.unwrap().unwrap().member;
        assert!(member.is_some(), "{address}");
    }
    for (address, id) in ids {
        let found = scene.record(id).await.unwrap().invitation.recipient;
        assert_eq!(found.email().map(|email| email.as_str().to_owned()).as_deref(), Some(address));
    }
}

pub(in crate::contract) async fn one_address_in_two_spellings_is_one_person(subject: Subject) {
    let scene = subject.scene("acme").await;
    for (one, other) in [("User@X.example", "user@x.EXAMPLE"), ("a@STRASSE.example", "A@strasse.example")] {
        scene.issue(one).await;
        scene.refuse(scene.plan_issue(&scene.invitation(other))).await;
    }
}

pub(in crate::contract) async fn an_expired_holders_key_is_taken_over_in_one_plan(subject: Subject) {
    let scene = subject.scene("acme").await;
    let expired = scene.issue("ana").await;
    scene.pass(Duration::days(8));
    let fresh = scene.invitation("ana");
    scene.refuse(scene.plan_issue(&fresh)).await;

    let given_up = Invitation { live_key: None, ..expired.clone() };
    let mut plan = scene.plan_update(&expired, given_up, EventKind::InvitationExpired);
    plan.invitations.push(InvitationChange::Insert(Box::new(fresh.clone())));
    plan.events.push(scene.event(EventKind::InvitationIssued, Some(&fresh)));
    plan.messages.push(scene.message(&fresh));
    scene.apply(plan).await;
    assert_eq!(scene.record(expired.id).await.unwrap().invitation.live_key, None);
    assert_eq!(scene.record(fresh.id).await.unwrap().invitation.live_key, fresh.live_key);
    assert!(state_of_delivery(&scene, fresh.id).await.is_some());
    assert_eq!(scene.facts(expired.id).await.other_holder.map(|holder| holder.id), Some(fresh.id));
}

pub(in crate::contract) async fn an_ended_invitation_frees_its_key(subject: Subject) {
    let scene = subject.scene("acme").await;
    let revoked = scene.issue("ana").await;
    scene.apply(scene.plan_revoke(&revoked)).await;
    let declined = scene.issue("ana").await;
    scene.apply(scene.plan_decline(&declined, false)).await;
    let redeemed = scene.issue("ana").await;
    scene.apply(scene.plan_redeem(&redeemed, &scene.account("ana"))).await;
    // Any number of ended ones share no key.
    scene.issue("ana").await;
}

pub(in crate::contract) async fn an_address_belongs_to_one_account(subject: Subject) {
    let scene = subject.scene("acme").await;
    let ana = scene.join("Ana@example.org", &scene.roles.guest).await;
    let twin = scene.account("ana@EXAMPLE.org");
    let key = twin.email_key().unwrap().to_owned();
    for guards in [vec![], vec![Guard::Free(UniqueKey::AccountAddress(key))]] {
        let directory = vec![DirectoryChange::InsertAccount(Box::new(twin.clone()))];
        scene.refuse(Plan { guards, directory, ..Plan::default() }).await;
    }
    let bob = scene.join("bob", &scene.roles.guest).await;
    let mut moved = bob.account.clone();
    (moved.email, moved.version) = (ana.account.email.clone(), 2);
    let directory = vec![DirectoryChange::UpdateAccount(Box::new(moved))];
    scene.refuse(Plan { directory, ..Plan::default() }).await;
    let free = Guard::Free(UniqueKey::AccountAddress("nobody@example.org".into()));
    scene.apply(Plan { guards: vec![free], ..Plan::default() }).await;
}

pub(in crate::contract) async fn a_username_belongs_to_one_account(subject: Subject) {
    let scene = subject.scene("acme").await;
    let named = |name: &str, address: &str| {
        let username = Some(Username::parse(name).unwrap());
        Account { username, ..scene.account(address) }
    };
    let insert = |account: Account| Plan {
        directory: vec![DirectoryChange::InsertAccount(Box::new(account))],
        ..Plan::default()
    };
    scene.apply(insert(named("Ada.L", "ada"))).await;
    let invitation = scene.issue("new").await;
    for (wanted, taken) in [(Some("ada.l"), true), (Some("ada"), false), (None, false)] {
        let username = wanted.map(str::to_owned);
        let query = RedemptionQuery { username, ..redemption_query(&scene, invitation.id) };
        assert_eq!(load_redemption(&scene, &query).await.username_taken, taken, "{wanted:?}");
    }
    let taken = Guard::Free(UniqueKey::Username("ada.l".into()));
    scene.refuse(Plan { guards: vec![taken.clone()], ..Plan::default() }).await;
    for guards in [vec![], vec![taken]] {
        scene.refuse(Plan { guards, ..insert(named("aDA.l", "twin")) }).await;
    }
    let bob = scene.join("bob", &scene.roles.guest).await.account;
    let update = |name: &str| Plan {
        directory: vec![DirectoryChange::UpdateAccount(Box::new(Account {
            username: Some(Username::parse(name).unwrap()),
            version: 2,
            ..bob.clone()
        }))],
        ..Plan::default()
    };
    scene.refuse(update("ADA.L")).await;
    // Its own is no stranger's, and nobody's is free.
    scene.apply(update("bob-1")).await;
    scene.apply(update("Bob-1")).await;
    scene.apply(Plan { guards: vec![Guard::Free(UniqueKey::Username("ada_l".into()))], ..Plan::default() }).await;
    scene.apply(insert(named("ada_l", "ada.too"))).await;
}

pub(in crate::contract) async fn any_number_of_accounts_have_no_address(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (mut redeemers, mut invitations) = (Vec::new(), Vec::new());
    for i in 0..3 {
        let account = Account { email: None, email_verified: false, ..scene.account("unused") };
        let invitation = scene.issue(&format!("ana{i}")).await;
        scene.apply(scene.plan_redeem(&invitation, &account)).await;
        redeemers.push(account);
        invitations.push(invitation);
    }
    for (account, invitation) in redeemers.iter().zip(&invitations) {
        let facts = load_redemption(&scene, &redemption_query(&scene, invitation.id)).await;
        let redeemer = facts.redeemer.unwrap().account;
        assert_eq!(Account { number: redeemer.number, ..account.clone() }, redeemer);
        assert_eq!(facts.at_address, None, "nobody has the address");
    }
    let blank = scene.store.load_issue(&IssueQuery { email: None, ..issue_query(&scene, "x") }).await.unwrap().unwrap();
    assert_eq!(blank.member, None, "no address is nobody's");
    // The address they gave up, or get, is bound as ever.
    let moved = Account { email: scene.member.account.email.clone(), version: 2, ..redeemers[0].clone() };
    let update =
        |account| Plan { directory: vec![DirectoryChange::UpdateAccount(Box::new(account))], ..Plan::default() };
    scene.refuse(update(moved.clone())).await;
    let gone = Account { email: None, version: 2, ..scene.member.account.clone() };
    scene.apply(update(gone)).await;
    scene.apply(update(moved)).await;
}

pub(in crate::contract) async fn an_account_has_one_place_in_an_organization(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let insert =
        |member| Plan { directory: vec![DirectoryChange::InsertMembership(Box::new(member))], ..Plan::default() };
    scene.refuse(insert(scene.membership(&scene.owner.account, None))).await;
    let place = UniqueKey::Membership(scene.organization.id, scene.owner.account.id);
    scene.refuse(Plan { guards: vec![Guard::Free(place)], ..Plan::default() }).await;
    let elsewhere = UniqueKey::Membership(other.organization.id, scene.owner.account.id);
    scene.apply(Plan { guards: vec![Guard::Free(elsewhere)], ..Plan::default() }).await;
    other.apply(insert(other.membership(&scene.owner.account, None))).await;
}

pub(in crate::contract) async fn a_slug_belongs_to_one_organization(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let mut twin = other.organization.clone();
    twin.id = invite_domain::id::OrganizationId::new(scene.now(), &*scene.entropy);
    let insert = AdministrationChange::InsertOrganization(Box::new(twin.clone()));
    scene.refuse(Plan { administration: vec![insert], ..Plan::default() }).await;
    twin = scene.organization.clone();
    twin.slug = other.organization.slug.clone();
    scene.refuse(scene.plan_organization(1, twin.clone())).await;
    let taken = Guard::Free(UniqueKey::Slug(twin.slug.clone()));
    scene.refuse(Plan { guards: vec![taken], ..Plan::default() }).await;
    twin.slug = twin.slug.numbered(2);
    let free = Guard::Free(UniqueKey::Slug(twin.slug.clone()));
    scene.apply(Plan { guards: vec![scene.epoch_at(1, true), free], ..scene.plan_organization(1, twin) }).await;
}

pub(in crate::contract) async fn a_role_name_is_unique_in_its_organization(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let insert =
        |role| Plan { administration: vec![AdministrationChange::InsertRole(Box::new(role))], ..Plan::default() };
    let planner = scene.role("Planer", &["plans.read"]);
    scene.apply(insert(planner.clone())).await;
    other.apply(insert(other.role("Planer", &["plans.read"]))).await;
    scene.refuse(insert(scene.role("Planer", &["plans.write"]))).await;
    let name = |name: &str| Guard::Free(UniqueKey::RoleName(scene.organization.id, name.into()));
    scene.refuse(Plan { guards: vec![name("Planer")], ..Plan::default() }).await;
    for free in ["Pläner", "planer", "PLANER", "Planer "] {
        scene.apply(Plan { guards: vec![name(free)], ..Plan::default() }).await;
        scene.apply(insert(scene.role(free, &["plans.read"]))).await;
    }
    let mut renamed = planner;
    (renamed.name, renamed.version) = ("owner".into(), 2);
    let rename = AdministrationChange::UpdateRole(Box::new(renamed));
    scene.refuse(Plan { administration: vec![rename], ..Plan::default() }).await;
}

pub(in crate::contract) async fn the_twin_of_an_answered_request_is_stale(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (one, two) = (scene.invitation("ana"), scene.invitation("bob"));
    let answer = scene.answer("k", one.id.as_uuid());
    let free = Guard::Free(UniqueKey::Idempotency { scope: answer.scope.clone(), key: answer.key.clone() });
    let mut first = Plan { idempotency: Some(answer.clone()), ..scene.plan_issue(&one) };
    first.guards.push(free.clone());
    scene.apply(first).await;
    let twin = Plan { idempotency: Some(scene.answer("k", two.id.as_uuid())), ..scene.plan_issue(&two) };
    scene.refuse(twin.clone()).await;
    let mut guarded = twin.clone();
    guarded.guards.push(free);
    scene.refuse(guarded).await;
    assert_eq!(scene.record(two.id).await, None);
    // Another scope is another request.
    let mut elsewhere = twin;
    elsewhere.idempotency = elsewhere.idempotency.map(|mut answer| {
        answer.scope.push_str("/x");
        answer
    });
    scene.apply(elsewhere).await;
}

pub(in crate::contract) async fn an_answer_older_than_a_day_gives_way(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (one, two) = (scene.invitation("ana"), scene.invitation("bob"));
    scene.apply(Plan { idempotency: Some(scene.answer("k", one.id.as_uuid())), ..scene.plan_issue(&one) }).await;
    scene.pass(invite_domain::invitation::IdempotencyRecord::LIFETIME - Duration::microseconds(1));
    let again = |at_same_time: &Invitation| Plan {
        idempotency: Some(scene.answer("k", at_same_time.id.as_uuid())),
        ..scene.plan_issue(at_same_time)
    };
    scene.refuse(again(&two)).await;
    scene.pass(Duration::microseconds(1));
    let answer = scene.answer("k", two.id.as_uuid());
    scene.apply(again(&two)).await;
    let wanted = Some(IdempotencyRef { scope: answer.scope.clone(), key: answer.key.clone() });
    let query = IssueQuery { idempotency: wanted, ..issue_query(&scene, "carl") };
    let (found, _) = scene.store.load_issue(&query).await.unwrap().unwrap().replay.unwrap();
    assert_eq!(found, answer);
}

pub(in crate::contract) async fn an_installation_is_set_up_once(subject: Subject) {
    let guards = vec![Guard::Free(UniqueKey::Installation)];
    let probe = Plan { guards: guards.clone(), ..Plan::default() };
    let outcome = subject.invitations.commit(std::slice::from_ref(&probe)).await.remove(0).unwrap();
    assert_eq!(outcome, Outcome::Committed(vec![]), "nothing is there yet");
    let scene = subject.scene("acme").await;
    scene.refuse(probe).await;
    let (key, _) = scene.new_operator_key();
    let insert = AdministrationChange::InsertOperatorKey(Box::new(key));
    scene.refuse(Plan { guards, administration: vec![insert], ..Plan::default() }).await;
}
