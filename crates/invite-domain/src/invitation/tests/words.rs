//! Fixed words, keys and small values: what is written in storage, on the wire and in the trail.

use super::*;
use crate::{
    access::Actor,
    id::{InvitationId, SubjectId},
    invitation::{
        Bounds, Channel, DeliveryState, EventKind, Fact, FieldCode, FieldError, IdempotencyRecord, Limit, LiveKey,
        NoticeKind, Outcome, Reason, RecipientKind, Rejection, Shortage, State, Status, SubjectRecipient,
        event::removed_account, issue::IssueResult, limit,
    },
    phone::PhoneNumber,
    port::Spending,
};
use chrono::Duration;

/// Every word names one thing, and no other word any.
fn one_by_one<T: Copy>(words: &[&str], name: impl Fn(T) -> &'static str, from_name: impl Fn(&str) -> Option<T>) {
    for word in words {
        assert_eq!(from_name(word).map(&name), Some(*word));
    }
    for stranger in ["", "xyzzy", "Pending"] {
        assert!(from_name(stranger).is_none(), "{stranger:?}");
    }
}

#[test]
fn every_word_in_storage_and_on_the_wire_comes_back() {
    let statuses = ["pending", "redeemed", "declined", "revoked", "expired", "exhausted", "suspended"];
    one_by_one(&statuses, Status::name, Status::from_name);
    one_by_one(&["email", "sms"], Channel::name, Channel::from_name);
    one_by_one(&["issued", "returned", "resent", "replaced"], IssueResult::name, IssueResult::from_name);
    one_by_one(&["accepted", "suspended"], NoticeKind::name, NoticeKind::from_name);
    one_by_one(&["queued", "sent", "failed", "cancelled"], DeliveryState::name, DeliveryState::from_name);
    one_by_one(&["overtaken", "recipient_blocked", "attempts_exhausted"], Reason::name, Reason::from_name);
    one_by_one(&["email", "phone", "subject"], RecipientKind::name, RecipientKind::from_name);
    one_by_one(&["invitation.issued", "api_key.revoked"], EventKind::name, EventKind::from_name);
}

#[test]
fn a_stored_state_has_a_name_and_but_for_pending_an_instant() {
    let at = start() + seconds(5);
    for (state, name, ended) in [
        (State::Pending, "pending", None),
        (State::Redeemed { at }, "redeemed", Some(at)),
        (State::Declined { at, blocked: true }, "declined", Some(at)),
        (State::Revoked { at, by: Actor::SYSTEM, reason: None }, "revoked", Some(at)),
    ] {
        assert_eq!((state.name(), state.ended_at()), (name, ended));
    }
}

#[test]
fn a_field_that_cannot_be_is_named_with_its_code() {
    let codes = [
        (FieldCode::Required, "required"),
        (FieldCode::Unknown, "unknown_field"),
        (FieldCode::WrongType, "wrong_type"),
        (FieldCode::OutOfRange, "out_of_range"),
        (FieldCode::Invalid, "invalid"),
    ];
    for (code, name) in codes {
        assert_eq!(code.name(), name);
        let error = FieldError { pointer: "/name".into(), code, detail: "why".into() };
        assert_eq!(Rejection::field("/name", code, "why"), Rejection::Invalid(vec![error]));
    }
}

#[test]
fn a_fact_is_what_was_said() {
    assert_eq!(Fact::from("word"), Fact::Text("word".into()));
    assert_eq!((Fact::from(7), Fact::from(true)), (Fact::Number(7), Fact::Flag(true)));
}

#[test]
fn r3_2_a_recipient_has_one_live_key_and_a_stranger_sees_little_of_it() {
    let phone = PhoneNumber::parse("+33600000000").unwrap();
    let id = SubjectId::from_uuid(Uuid::from_u128(9));
    let bare = Recipient::subject(id);
    let record = Recipient::Subject(SubjectRecipient { id, email: Some(address("Ada")), phone: Some(phone.clone()) });
    for (recipient, key, digest_key, masked) in [
        (
            Recipient::Email(address("Ada")),
            "email:ada@example.org".to_owned(),
            "ada@example.org".to_owned(),
            address("Ada").masked(),
        ),
        (Recipient::Phone(phone.clone()), "phone:+33600000000".into(), "+33600000000".into(), phone.masked()),
        (bare.clone(), format!("subject:{id}"), format!("{id}\n\n"), String::new()),
        (record, format!("subject:{id}"), format!("{id}\nada@example.org\n+33600000000"), address("Ada").masked()),
    ] {
        let live_key = recipient.live_key();
        assert_eq!((live_key.as_str(), live_key.to_string()), (key.as_str(), key.clone()));
        assert_eq!(LiveKey::from_stored(key), live_key);
        assert_eq!((recipient.digest_key().as_ref(), recipient.masked()), (digest_key.as_str(), masked));
    }
    assert_eq!(Recipient::Phone(phone.clone()).phone(), Some(&phone));
    assert_eq!(Recipient::Phone(phone).channels(), [Channel::Sms]);
    assert_eq!((bare.subject_id(), bare.channels()), (Some(id), vec![]));
    assert_eq!(Recipient::Email(address("ada")).subject_id(), None);
}

#[test]
fn r3_7_an_answer_counts_for_a_day_and_only_for_the_same_request() {
    let record = IdempotencyRecord {
        scope: "issue".into(),
        key: "k".into(),
        fingerprint: [1; 32],
        answer: Uuid::from_u128(1),
        result: "issued".into(),
        generation: 1,
        created_at: start(),
    };
    let end = start() + Duration::hours(24);
    let micro = Duration::microseconds(1);
    for (at, live) in [(start(), true), (end - micro, true), (end, false), (end + micro, false)] {
        assert_eq!(record.is_live(at), live, "{at}");
        assert_eq!(record.answers(&[1; 32], at), Ok(live.then_some(&record)), "{at}");
    }
    assert_eq!(record.answers(&[2; 32], start()), Err(Rejection::IdempotencyMismatch));
    assert_eq!(record.answers(&[2; 32], end), Ok(None), "the key is free again");
}

#[test]
fn a_committed_plan_tells_the_number_of_each_row_it_inserted() {
    let [one, two] = [Uuid::from_u128(1), Uuid::from_u128(2)];
    let committed = Outcome::Committed(vec![(one, 41), (two, 42)]);
    assert_eq!((committed.number_of(one), committed.number_of(two)), (41, 42));
    assert_eq!(committed.number_of(InvitationId::from_uuid(Uuid::from_u128(3)).as_uuid()), 0);
    assert_eq!(Outcome::Stale.number_of(one), 0);
}

#[test]
fn r9_2_every_shortage_is_a_refusal_of_its_own() {
    use crate::invitation::Budgeted;
    let until = start();
    let budget = |of| Rejection::from(Shortage::Budget { of, until });
    assert_eq!(Rejection::from(Shortage::Seats), Rejection::SeatsFull);
    assert_eq!(Rejection::from(Shortage::Live), Rejection::InvitationsFull);
    assert_eq!(budget(Budgeted::Issues), Rejection::TooManyIssued { possible_at: until });
    assert_eq!(budget(Budgeted::Messages), Rejection::TooManyMessages { possible_at: until });
}

#[test]
fn r4_4_earlier_messages_matter_as_far_back_as_the_longest_window() {
    assert_eq!(Bounds::default().message_window(), Duration::hours(24));
    assert_eq!(Bounds { messages: vec![], ..Bounds::default() }.message_window(), Duration::zero());
}

#[test]
fn r9_2_a_change_of_address_spends_a_budget_of_its_own_and_erasure_finds_every_counter() {
    let bounds = Bounds::default();
    let of_mailbox = Recipient::Email(address("Ada")).live_key();
    let keys = limit::keys_of(&of_mailbox, [organization().id]);
    let limit = limit::of_address_change(&address("ada"), &bounds, start()).unwrap();
    let Limit::Budget { spending: Spending { key, budget }, count, at, .. } = limit else { panic!("{limit:?}") };
    assert_eq!((budget.limit, budget.window, count, at), (50, Duration::hours(24), 1, start()));
    let digest = key.strip_prefix("mail:address:").unwrap();
    let own = format!("mail:{}:{digest}", organization().id);
    assert_eq!(keys, [own, format!("mail:all:{digest}"), key.clone()]);
    let lifted = Bounds { messages_recipient_day_all: None, ..bounds };
    assert_eq!(limit::of_address_change(&address("ada"), &lifted, start()), None);
}

#[test]
fn r8_4_only_the_removal_of_a_member_tells_whose_membership_it_was() {
    let scene = Scene::new();
    let account = AccountId::from_uuid(Uuid::from_u128(301));
    let told = |kind, data: [(&'static str, Fact); 1]| {
        scene.ctx().event(scene.organization.id, kind, Actor::SYSTEM, 1, data).removed_account()
    };
    let whose = || [removed_account(account)];
    assert_eq!(told(EventKind::MembershipRemoved, whose()), Some(account));
    assert_eq!(told(EventKind::MembershipChanged, whose()), None);
    assert_eq!(told(EventKind::MembershipRemoved, [("role", Fact::from("guest"))]), None);
}
