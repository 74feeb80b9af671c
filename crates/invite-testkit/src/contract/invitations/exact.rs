//! Instants, text and numbers at their boundaries: what was written comes back, and what differs is not taken for the same.

use super::{
    commit::trail,
    loads::{issue_query, load_redemption, redemption_query},
};
use crate::contract::{Subject, boundary_instants};
use chrono::Duration;
use invite_domain::{
    access::Grant,
    invitation::{AdministrationChange, EventData, EventKind, Fact, Guard, Invitation, Plan, State, UniqueKey},
    port::{IdempotencyRef, IssueQuery},
};

/// Texts that are changed by stores that mean well.
const TEXTS: [&str; 16] = [
    "",
    " ",
    "trailing ",
    " leading",
    "\u{e9} composed",
    "e\u{301} decomposed",
    "\u{212B} \u{FB01} compatibility",
    "👩‍👩‍👧‍👦 joined, 𝔘 astral, \u{10FFFD} last plane",
    "\u{202E}turned\u{202C} \u{200B}\u{FEFF}",
    "two\r\nlines\ta\nb\r",
    "null",
    "NULL",
    "007",
    "'; -- \" ` \\' \\0 \\\\",
    "%s {} $1 ?1 :a @b #c",
    "[\"json\"]",
];

pub(in crate::contract) async fn instants_of_any_year_come_back_to_the_microsecond(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut expected = trail(&scene).await;
    for (i, at) in boundary_instants().into_iter().enumerate() {
        scene.clock.set(at);
        let mut issued = Vec::new();
        for end in ["redeemed", "revoked", "declined"] {
            let mut invitation = scene.invitation(&format!("{end}{i}"));
            invitation.expires_at = at;
            invitation.grant_digest = invitation.compute_grant_digest();
            let answer = scene.answer(&format!("{end}{i}"), invitation.id.as_uuid());
            let plan = Plan { idempotency: Some(answer.clone()), ..scene.plan_issue(&invitation) };
            expected.extend(plan.events.clone());
            invitation.number = scene.apply(plan).await.number_of(invitation.id.as_uuid());
            let record = scene.record(invitation.id).await.unwrap();
            assert_eq!(record.invitation, invitation, "{at}");
            assert_eq!((record.deliveries[0].at, record.deliveries[0].next_attempt_at), (at, Some(at)));
            let wanted = Some(IdempotencyRef { scope: answer.scope.clone(), key: answer.key.clone() });
            let query = IssueQuery { idempotency: wanted, ..issue_query(&scene, "nobody") };
            let replay = scene.store.load_issue(&query).await.unwrap().unwrap().replay;
            assert_eq!(replay.map(|(answer, _)| answer), Some(answer), "{at}");
            issued.push(invitation);
        }
        let account = scene.account(&format!("redeemed{i}"));
        let plans = [
            scene.plan_redeem(&issued[0], &account),
            scene.plan_revoke(&issued[1]),
            scene.plan_decline(&issued[2], true),
        ];
        for plan in plans {
            expected.extend(plan.events.clone());
            let next = plan.invitations[0].invitation().clone();
            let redemption = plan.redemption.clone();
            scene.apply(plan).await;
            let record = scene.record(next.id).await.unwrap();
            assert_eq!((&record.invitation, &record.redemption), (&next, &redemption), "{at}");
            assert_eq!(record.deliveries[0].at, at);
        }
        let facts = load_redemption(&scene, &redemption_query(&scene, issued[0].id)).await;
        let redeemer = facts.redeemer.unwrap();
        assert_eq!((redeemer.account.created_at, redeemer.member.unwrap().membership.created_at), (at, at));
    }
    expected.sort_by_key(|event| (event.recorded_at, event.id));
    assert_eq!(trail(&scene).await, expected, "in the order of time");
}

pub(in crate::contract) async fn text_comes_back_as_it_was_written(subject: Subject) {
    let scene = subject.scene("acme").await;
    for (i, text) in TEXTS.into_iter().enumerate() {
        let mut role = scene.role(&format!("Rolle {i}"), &["a.b"]);
        role.description = Some(text.into());
        scene.administer(AdministrationChange::InsertRole(Box::new(role.clone()))).await;
        let mut invitation = scene.invitation(&format!("a{i}"));
        invitation.message = Some(text.into());
        invitation.redirect_url = Some(text.into());
        invitation.grant = Grant { role_id: Some(role.id), metadata: Some(text.into()), ..Grant::default() };
        let mut plan = scene.plan_issue(&invitation);
        plan.events[0].request_id = Some(text.into());
        plan.events[0].data = EventData::from([
            ("text".into(), Fact::from(text)),
            (text.into(), Fact::Words(vec![text.into(), String::new()])),
        ]);
        let event = plan.events[0].clone();
        invitation.number = scene.apply(plan).await.number_of(invitation.id.as_uuid());
        let record = scene.record(invitation.id).await.unwrap();
        assert_eq!(record.invitation, invitation, "{text:?}");
        assert_eq!(record.role.and_then(|role| role.description).as_deref(), Some(text));
        assert_eq!(trail(&scene).await.into_iter().find(|found| found.id == event.id), Some(event), "{text:?}");

        let by = invitation.inviter.actor();
        let state = State::Revoked { at: scene.now(), by, reason: Some(text.into()) };
        let ended = Invitation { nonce: None, live_key: None, code_index: None, state, ..invitation.clone() };
        scene.apply(scene.plan_update(&invitation, ended.clone(), EventKind::InvitationRevoked)).await;
        let found = scene.record(invitation.id).await.unwrap().invitation;
        assert_eq!(found.state, ended.state, "{text:?}");
    }
}

pub(in crate::contract) async fn numbers_come_back_at_both_ends(subject: Subject) {
    let scene = subject.scene("acme").await;
    let both = [(u32::MAX, i64::MAX), (i32::MAX.unsigned_abs() + 1, i64::MIN), (1, -9_007_199_254_740_993)];
    for (i, (uses, number)) in both.into_iter().enumerate() {
        let mut invitation = scene.invitation(&format!("a{i}"));
        (invitation.max_uses, invitation.uses) = (uses, uses - 1);
        invitation.grant.default_rate = Some(number);
        invitation.grant_digest = invitation.compute_grant_digest();
        let mut plan = scene.plan_issue(&invitation);
        plan.events[0].sequence = number;
        plan.events[0].data = EventData::from([("number".into(), Fact::from(number))]);
        let event = plan.events[0].clone();
        invitation.number = scene.apply(plan).await.number_of(invitation.id.as_uuid());
        assert_eq!(scene.record(invitation.id).await.unwrap().invitation, invitation);
        assert_eq!(trail(&scene).await.into_iter().find(|found| found.id == event.id), Some(event));
    }
    let mut member = scene.member.membership.clone();
    for (rate, version) in [(i64::MIN, 2), (i64::MAX, i64::MAX)] {
        let before = member.clone();
        (member.default_rate, member.version) = (Some(rate), version);
        let directory = vec![invite_domain::invitation::DirectoryChange::UpdateMembership(Box::new(member.clone()))];
        let guards = vec![Guard::MembershipAt(before.id, before.version)];
        scene.apply(Plan { guards, directory, ..Plan::default() }).await;
        let found = scene.store.load_issue(&issue_query(&scene, "mia@acme.example")).await.unwrap().unwrap().member;
        assert_eq!(found.as_ref(), Some(&member));
    }
}

pub(in crate::contract) async fn the_longest_values_come_back_whole(subject: Subject) {
    let scene = subject.scene("acme").await;
    let labels = |last: &str| format!("{}.{}.{}.{last}", "b".repeat(63), "c".repeat(63), "d".repeat(58));
    let local = "𝔘".repeat(16);
    // 254 octets each; the last alone parts the first two.
    let addresses = [
        format!("{}@{}", "a".repeat(64), labels("de")),
        format!("{}@{}", "a".repeat(64), labels("dk")),
        format!("{local}@{}", labels("de")),
    ];
    let (scope, key) = ("s".repeat(254), "k".repeat(254));
    for (i, address) in addresses.iter().enumerate() {
        assert_eq!(address.len(), 254);
        let mut invitation = scene.invitation(address);
        invitation.message = Some("👋".repeat(2_000));
        invitation.redirect_url = Some(format!("https://app.example.org/?{}", "x".repeat(2_000)));
        // Past 64 KiB, where some kinds of text end.
        invitation.grant.metadata = Some(format!(r#"{{"note":"{}"}}"#, "ж".repeat(40_000)));
        invitation.grant_digest = invitation.compute_grant_digest();
        let mut answer = scene.answer(&format!("{key}{i}"), invitation.id.as_uuid());
        answer.scope = format!("{scope}{i}");
        let plan = Plan { idempotency: Some(answer.clone()), ..scene.plan_issue(&invitation) };
        invitation.number = scene.apply(plan).await.number_of(invitation.id.as_uuid());
        assert_eq!(scene.record(invitation.id).await.unwrap().invitation, invitation);
        let wanted = Some(IdempotencyRef { scope: answer.scope.clone(), key: answer.key.clone() });
        let query = IssueQuery { idempotency: wanted, ..issue_query(&scene, address) };
        let facts = scene.store.load_issue(&query).await.unwrap().unwrap();
        assert_eq!(facts.holder.map(|holder| holder.invitation.id), Some(invitation.id), "{address}");
        assert_eq!(facts.replay.map(|(answer, _)| answer), Some(answer));
    }
    for address in &addresses {
        scene.join(address, &scene.roles.guest).await;
        scene.refuse(scene.plan_issue(&scene.invitation(address))).await;
    }
    let name = |last: &str| format!("{}{last}", "𝔘".repeat(99));
    for last in ["a", "b"] {
        let free = Guard::Free(UniqueKey::RoleName(scene.organization.id, name(last)));
        let insert = AdministrationChange::InsertRole(Box::new(scene.role(&name(last), &["a.b"])));
        let plan = Plan { guards: vec![free], administration: vec![insert], ..Plan::default() };
        scene.apply(plan.clone()).await;
        scene.refuse(plan).await;
    }
}

pub(in crate::contract) async fn keys_of_requests_are_compared_byte_by_byte(subject: Subject) {
    let scene = subject.scene("acme").await;
    let alike = ["key", "key ", " key", "KEY", "k\u{e9}y", "ke\u{301}y", "k\u{e9}y "];
    let mut written = Vec::new();
    for (i, key) in alike.iter().enumerate() {
        for (j, scope) in ["", " ", "ÿ"].into_iter().enumerate() {
            let invitation = scene.invitation(&format!("a{i}x{j}"));
            let mut answer = scene.answer(key, invitation.id.as_uuid());
            answer.scope.push_str(scope);
            let free = Guard::Free(UniqueKey::Idempotency { scope: answer.scope.clone(), key: answer.key.clone() });
            let mut plan = Plan { idempotency: Some(answer.clone()), ..scene.plan_issue(&invitation) };
            plan.guards.push(free);
            scene.apply(plan).await;
            written.push(answer);
        }
    }
    for answer in written {
        let wanted = Some(IdempotencyRef { scope: answer.scope.clone(), key: answer.key.clone() });
        let query = IssueQuery { idempotency: wanted, ..issue_query(&scene, "nobody") };
        let found = scene.store.load_issue(&query).await.unwrap().unwrap().replay;
        assert_eq!(found.map(|(answer, _)| answer), Some(answer));
    }
    for (scope, key) in [("", "Key"), ("", "ke"), ("", "key  "), ("  ", "key"), ("Ÿ", "key"), ("y", "key"), ("", "")] {
        let mut answer = scene.answer(key, scene.organization.id.as_uuid());
        answer.scope.push_str(scope);
        let wanted = Some(IdempotencyRef { scope: answer.scope, key: answer.key });
        let query = IssueQuery { idempotency: wanted, ..issue_query(&scene, "nobody") };
        let found = scene.store.load_issue(&query).await.unwrap().unwrap().replay;
        assert_eq!(found, None, "{scope:?} {key:?}");
    }
}

pub(in crate::contract) async fn a_block_is_of_one_address_and_of_none_that_looks_alike(subject: Subject) {
    let scene = subject.scene("acme").await;
    let alike = ["zoe", "zoë", "zoe\u{308}", "ZOË", "zöe", "zoе"];
    for address in alike {
        scene.issue(address).await;
    }
    let blocked =
        async |address: &str| scene.store.load_issue(&issue_query(&scene, address)).await.unwrap().unwrap().blocked;
    for (i, address) in alike.into_iter().enumerate() {
        let key = scene.invitation(address).recipient.live_key();
        scene.administer(AdministrationChange::Block(scene.organization.id, key, scene.now())).await;
        for (j, other) in alike.into_iter().enumerate() {
            assert_eq!(blocked(other).await, j <= i, "{other} after {address}");
        }
    }
    assert!(blocked("ZOE").await, "but for ASCII case");
    scene.pass(Duration::days(400));
    assert!(blocked("zoe").await, "for ever");
}
