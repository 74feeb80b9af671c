//! Limits a plan bears (rules 4.4, 9.1, 9.2).

use super::{super::*, DAY, Scene, address, start};
use crate::{
    directory::Limits,
    id::SubjectId,
    invitation::{
        amend::{self, Amend},
        decline, issue,
        issue::OnConflict,
        limit::MARGIN,
        redeem::{self, NewAccount},
        remind,
        resend::{self, Resend},
    },
    port::{InvitationRecord, ReminderFacts, Spending},
    secret::token::Provenance,
};
use chrono::Duration;
use uuid::Uuid;

/// A scene whose organisation has five seats.
fn seated() -> Scene {
    let mut scene = Scene::new();
    scene.organization.limits.seats = Some(5);
    scene
}

fn seats(scene: &Scene) -> Limit {
    Limit::Seats { organization_id: scene.organization.id, most: 5, at: scene.now }
}

fn live(scene: &Scene, most: i64) -> Limit {
    Limit::Live { organization_id: scene.organization.id, most, at: scene.now }
}

fn issues(scene: &Scene, limit: u32) -> Limit {
    let key = format!("issue:{}", scene.organization.id);
    let spending = Spending { key, budget: Budget { limit, window: Duration::hours(1) } };
    Limit::Budget { of: Budgeted::Issues, spending, count: 1, at: scene.now }
}

/// The limits that are no budget of messages.
fn of_place(plan: &Plan) -> Vec<Limit> {
    let of_mail = |limit: &&Limit| matches!(limit, Limit::Budget { of: Budgeted::Messages, .. });
    plan.limits.iter().filter(|limit| !of_mail(limit)).cloned().collect()
}

/// Whose budgets of messages a plan spends, how much there is in them, and how much it spends.
fn of_mail(plan: &Plan) -> Vec<(String, u32, u32)> {
    let spent = |limit: &Limit| match limit {
        Limit::Budget { of: Budgeted::Messages, spending, count, .. } => {
            assert_eq!(spending.budget.window, Duration::hours(24));
            Some((spending.key.clone(), spending.budget.limit, *count))
        }
        _ => None,
    };
    plan.limits.iter().filter_map(spent).collect()
}

fn plan_of(decided: Result<issue::Decided, Rejection>) -> Plan {
    decided.unwrap().plan.unwrap()
}

fn resent(scene: &Scene, record: &InvitationRecord) -> Plan {
    plan_of(resend::resend(&scene.facts(record), &Resend::default(), &scene.ctx()))
}

#[test]
fn r9_1_r9_2_an_issue_takes_a_seat_is_one_more_live_and_one_of_the_hour() {
    let scene = seated();
    let plan = plan_of(issue::issue(&scene.issue_facts(), &scene.invite("ana"), &scene.ctx()));
    assert_eq!(of_place(&plan), [seats(&scene), live(&scene, 10_000), issues(&scene, 20_000)]);
}

#[test]
fn r9_1_without_a_number_of_seats_none_is_taken_and_lifted_limits_are_none() {
    let mut scene = Scene::new();
    scene.bounds = Bounds { live: None, issues_hour: None, ..Bounds::default() };
    (scene.bounds.messages_recipient_day, scene.bounds.messages_recipient_day_all) = (None, None);
    let plan = plan_of(issue::issue(&scene.issue_facts(), &scene.invite("ana"), &scene.ctx()));
    assert_eq!(plan.limits, []);
}

#[test]
fn r9_2_the_narrower_of_two_limits_holds() {
    let mut scene = Scene::new();
    scene.organization.limits =
        Limits { seats: None, live: Some(3), issues_hour: Some(30_000), messages_recipient_day: Some(2) };
    let plan = plan_of(issue::issue(&scene.issue_facts(), &scene.invite("ana"), &scene.ctx()));
    assert_eq!(of_place(&plan), [live(&scene, 3), issues(&scene, 20_000)]);
    let mail: Vec<_> = of_mail(&plan).into_iter().map(|(_, limit, count)| (limit, count)).collect();
    assert_eq!(mail, [(2, 1), (50, 1)], "of the organisation, and of all");
    scene.bounds = Bounds { live: None, issues_hour: None, messages_recipient_day: None, ..Bounds::default() };
    let plan = plan_of(issue::issue(&scene.issue_facts(), &scene.invite("ana"), &scene.ctx()));
    assert_eq!(of_place(&plan), [live(&scene, 3), issues(&scene, 30_000)], "its own, where the operator has none");
}

#[test]
fn r9_2_a_replacement_is_an_issue() {
    let mut scene = seated();
    let mut facts = scene.issue_facts();
    facts.holder = Some(scene.issued("ana"));
    scene.wait(60);
    let command = issue::Issue { on_conflict: OnConflict::Replace, ..scene.invite("ana") };
    let plan = plan_of(issue::issue(&facts, &command, &scene.ctx()));
    assert_eq!(of_place(&plan), [seats(&scene), live(&scene, 10_000), issues(&scene, 20_000)]);
    assert_eq!(of_mail(&plan).len(), 2);
}

#[test]
fn r9_1_what_lives_keeps_its_seat_and_what_expired_takes_one_again() {
    let mut scene = seated();
    let record = scene.issued("ana");
    let end = record.invitation.expires_at;
    let margin = MARGIN.num_seconds();
    for (at, takes) in
        [(start(), false), (end - MARGIN - Duration::microseconds(1), false), (end - MARGIN, true), (end, true)]
    {
        scene.now = at;
        let expected = if takes { vec![seats(&scene), live(&scene, 10_000)] } else { vec![] };
        assert_eq!(of_place(&resent(&scene, &record)), expected, "resend at {at}");
        let extended = plan_of(resend::extend(&scene.facts(&record), 8 * DAY, None, &scene.ctx()));
        assert_eq!(extended.limits, expected, "extend at {at}; it sends nothing");
        let command = Amend { expires_in: Some(8 * DAY + margin), ..Amend::default() };
        let amended = plan_of(amend::amend(&scene.facts(&record), &command, &scene.ctx()));
        assert_eq!(amended.limits, expected, "amend at {at}");
        let words = Amend { message: Some(Some("Hello".into())), ..Amend::default() };
        let amended = plan_of(amend::amend(&scene.facts(&record), &words, &scene.ctx()));
        assert_eq!(amended.limits, [], "words bring nothing back");
        let token = scene.token(&record.invitation, Provenance::Mailed);
        let asked = decline::new_link(&scene.redemption_facts(&record), &token, None, &scene.ctx());
        let asked = asked.map(|plan| of_place(&plan));
        // While it lives its message is still on its way in these facts, and no second one is sent.
        assert_eq!(asked, (at == end).then_some(expected), "a fresh link at {at}");
    }
}

#[test]
fn r9_1_a_redemption_takes_over_the_seat_of_its_invitation() {
    let mut scene = seated();
    let record = scene.issued("ana");
    let details = NewAccount { name: Some("Ana".into()), ..NewAccount::default() };
    let mut redeemed_at = |at| {
        scene.now = at;
        let proof = scene.token(&record.invitation, Provenance::Mailed);
        let facts = scene.redemption_facts(&record);
        let plan = redeem::redeem(&facts, &proof, Some(&details), None, &scene.ring, &scene.ctx()).unwrap().plan;
        assert!(plan.limits.is_empty() || plan.limits == [seats(&scene)], "{:?}", plan.limits);
        !plan.limits.is_empty()
    };
    let end = record.invitation.expires_at;
    assert!(!redeemed_at(start()));
    assert!(!redeemed_at(end - MARGIN - Duration::microseconds(1)));
    // Until it is written the invitation may have expired, and its seat be taken by another.
    assert!(redeemed_at(end - MARGIN));
    assert!(redeemed_at(end - Duration::microseconds(1)));
}

#[test]
fn r4_4_r9_2_messages_count_for_whoever_gets_them_whatever_way_they_are_invited() {
    let scene = Scene::new();
    let issued = plan_of(issue::issue(&scene.issue_facts(), &scene.invite("ana"), &scene.ctx()));
    let mail = of_mail(&issued);
    // printf 'email:ana@example.org' | sha256sum
    let digest = "0f9abe4f8b95f18729a48685bfb51c4071f67b9121f6a0bfa508ceaa82c66bbd";
    let own = format!("mail:{}:{digest}", scene.organization.id);
    assert_eq!(mail, [(own, 20, 1), (format!("mail:all:{digest}"), 50, 1)]);
    let id = SubjectId::from_uuid(Uuid::from_u128(9));
    let to = |email, phone| Recipient::Subject(SubjectRecipient { id, email, phone });
    let both = to(Some(address("ANA")), Some(crate::phone::PhoneNumber::parse("+41791234567").unwrap()));
    let message = |channel| {
        let kind = issued.messages[0].kind.clone();
        OutboxMessage::queued(crate::id::MessageId::new(scene.now, &scene.entropy), None, kind, channel, scene.now)
    };
    let of = |recipient: &Recipient, messages: &[OutboxMessage]| {
        let limits = limit::of_messages(&scene.organization, recipient, messages, &scene.bounds, scene.now);
        of_mail(&Plan { limits, ..Plan::default() })
    };
    assert_eq!(of(&both, &[message(Channel::Email)]), mail, "a record with the address is the same mailbox");
    let two = of(&both, &[message(Channel::Sms), message(Channel::Email)]);
    assert_eq!((two.len(), &two[..2]), (4, &mail[..]), "each counts for its own recipient");
    assert_eq!(of(&both, &[message(Channel::Sms)]), two[2..]);
    let cancelled = message(Channel::Email).cancelled(Reason::RecipientBlocked);
    assert_eq!(of(&both, &[cancelled]), [], "one that is not sent");
    assert_eq!(of(&to(None, None), &[message(Channel::Email)]), [], "one that leads nowhere");
    let twice = of(&both, &[message(Channel::Email), message(Channel::Email)]);
    assert_eq!(twice.iter().map(|spent| spent.2).collect::<Vec<_>>(), [2, 2]);
}

#[test]
fn r9_2_every_way_to_send_an_invitation_spends_messages() {
    let mut scene = Scene::new();
    let record = scene.issued("ana");
    let expected = of_mail(&plan_of(issue::issue(&scene.issue_facts(), &scene.invite("ana"), &scene.ctx())));
    scene.wait(60);
    assert_eq!(of_mail(&resent(&scene, &record)), expected);
    let regranted = Amend { role_id: Some(None), ..Amend::default() };
    let amended = plan_of(amend::amend(&scene.facts(&record), &regranted, &scene.ctx()));
    assert_eq!(of_mail(&amended), expected);
    let unsent = Resend { channels: Some(vec![]), ..Resend::default() };
    let made = plan_of(resend::resend(&scene.facts(&record), &unsent, &scene.ctx()));
    assert_eq!(made.limits, [], "a new link that is not sent");

    scene.now = record.invitation.expires_at;
    let token = scene.token(&record.invitation, Provenance::Mailed);
    let asked = decline::new_link(&scene.redemption_facts(&record), &token, None, &scene.ctx()).unwrap();
    assert_eq!(of_mail(&asked), expected);

    scene.now = record.invitation.expires_at - remind::BEFORE;
    let mut sent = record.clone();
    sent.deliveries.iter_mut().for_each(|delivery| delivery.state = DeliveryState::Sent);
    let facts = ReminderFacts { record: sent, blocked: false, messages: vec![start()] };
    let plan = remind::remind(&facts, &scene.organization, &scene.bounds, scene.now, &scene.entropy).unwrap();
    assert_eq!((of_mail(&plan), of_place(&plan)), (expected, vec![]));
    let let_go = remind::let_go_by(&plan);
    assert_eq!((&let_go.guards, &let_go.invitations), (&plan.guards, &plan.invitations));
    assert!(let_go.messages.is_empty() && let_go.events.is_empty() && let_go.limits.is_empty());
}
