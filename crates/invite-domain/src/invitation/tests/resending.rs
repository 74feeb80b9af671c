//! Sent again, extended, amended, taken over, shown: the whole plan (rules 4.1 to 4.5, 6.4, 7.4).

use super::*;
use crate::invitation::{
    Channel, DeliveryState, EventKind, Fact, Guard, InvitationChange, Reason, Rejection, UniqueKey,
    amend::{Amend, amend},
    context::same_epoch,
    resend::{Resend, extend, resend},
    sponsor::{reveal, sponsor},
};

fn guards_of(scene: &Scene, invitation: &Invitation) -> Vec<Guard> {
    vec![same_epoch(&scene.organization), Guard::InvitationAt(invitation.id, invitation.version)]
}

#[test]
fn r4_1_a_resend_rests_on_the_epoch_the_version_and_a_code_nobody_has() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let decided = resend(&scene.facts(&record), &Resend::default(), &scene.ctx()).unwrap();
    let plan = decided.plan.unwrap();
    let code = UniqueKey::Code(scene.organization.id, decided.record.invitation.code_index.unwrap());
    let mut guards = guards_of(&scene, &record.invitation);
    guards.push(Guard::Free(code));
    assert_eq!(plan.guards, guards);
    assert_eq!(plan.invitations, [InvitationChange::Update(Box::new(decided.record.invitation))]);
    let [event] = &plan.events[..] else { panic!("{:?}", plan.events) };
    assert_eq!((event.sequence, event.data.get("generation")), (2, Some(&Fact::Number(2))));
    assert_eq!(event.data.get("link_shown"), Some(&Fact::Flag(false)));
}

#[test]
fn r4_3_the_one_that_comes_back_takes_its_key_from_an_expired_one_or_finds_it_free() {
    let mut scene = Scene::new();
    let mut record = scene.issued("ada");
    let other = Invitation { version: 7, ..scene.issued("ada").invitation };
    record.invitation.live_key = None;
    scene.wait(8 * DAY);
    let mut facts = scene.facts(&record);
    let plan = resend(&facts, &Resend::default(), &scene.ctx()).unwrap().plan.unwrap();
    let live = UniqueKey::Live(scene.organization.id, record.invitation.recipient.live_key());
    assert!(plan.guards.contains(&Guard::Free(live)));
    facts.other_holder = Some(other.clone());
    let plan = extend(&facts, DAY, None, &scene.ctx()).unwrap().plan.unwrap();
    let [InvitationChange::Update(released), InvitationChange::Update(revived)] = &plan.invitations[..] else {
        panic!("{:?}", plan.invitations);
    };
    assert_eq!(**released, Invitation { live_key: None, version: 8, ..other });
    assert_eq!(revived.live_key, Some(revived.recipient.live_key()));
}

#[test]
fn r4_4_what_is_not_sent_is_not_counted_however_many_were() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let mut facts = scene.facts(&record);
    facts.messages = vec![scene.now; 6];
    let unsent = Resend { channels: Some(vec![]), ..Resend::default() };
    assert!(resend(&facts, &unsent, &scene.ctx()).is_ok());
    facts.blocked = true;
    let plan = resend(&facts, &Resend::default(), &scene.ctx()).unwrap().plan.unwrap();
    assert_eq!(plan.messages[0].reason, Some(Reason::RecipientBlocked));
}

#[test]
fn r8_2_a_resend_by_one_way_leaves_the_other_ways_delivery_to_be_seen() {
    let mut scene = Scene::new();
    let mut record = scene.issued("ada");
    let mut text = record.deliveries[0].clone();
    (text.channel, text.state) = (Channel::Sms, DeliveryState::Sent);
    record.deliveries.push(text.clone());
    scene.wait(60);
    let shown = resend(&scene.facts(&record), &Resend::default(), &scene.ctx()).unwrap().record.deliveries;
    let [mail, sms] = &shown[..] else { panic!("{shown:?}") };
    assert_eq!((mail.channel, mail.state, mail.at), (Channel::Email, DeliveryState::Queued, scene.now));
    assert_eq!(sms, &text);
    let unsent = Resend { channels: Some(vec![]), ..Resend::default() };
    let shown = resend(&scene.facts(&record), &unsent, &scene.ctx()).unwrap().record.deliveries;
    assert_eq!((shown[0].state, shown[0].reason), (DeliveryState::Cancelled, Some(Reason::Overtaken)));
    assert_eq!((shown[0].at, shown[0].next_attempt_at), (scene.now, None));
}

#[test]
fn r4_5_an_extension_moves_the_end_alone_and_is_reminded_of_anew() {
    let mut scene = Scene::new();
    let mut record = scene.issued("ada");
    (record.invitation.reminder_noted, record.invitation.live_key) = (1, None);
    scene.wait(DAY);
    let decided = extend(&scene.facts(&record), 10 * DAY, None, &scene.ctx()).unwrap();
    let old = &record.invitation;
    let new = Invitation {
        expires_at: scene.now + seconds(10 * DAY),
        version: 2,
        live_key: Some(old.recipient.live_key()),
        reminder_noted: 0,
        ..old.clone()
    };
    assert_eq!(decided.record.invitation, new);
    let plan = decided.plan.unwrap();
    assert_eq!(plan.guards[..2], guards_of(&scene, old)[..]);
    assert_eq!(plan.invitations, [InvitationChange::Update(Box::new(new))]);
    let [event] = &plan.events[..] else { panic!("{:?}", plan.events) };
    assert_eq!((event.kind, event.sequence), (EventKind::InvitationExtended, 2));
    assert_eq!(event.data.get("expires_at"), Some(&Fact::from("2027-03-12T12:00:00.000000Z")));
}

#[test]
fn r4_5_amending_words_is_one_plan_that_names_what_changed_and_says_none_of_it() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let words = |command: Amend| {
        let decided = amend(&scene.facts(&record), &command, &scene.ctx()).unwrap();
        let plan = decided.plan.unwrap();
        assert_eq!(plan.guards, guards_of(&scene, &record.invitation));
        assert_eq!(decided.record.invitation.version, 2);
        assert_eq!(decided.record.role, record.role);
        assert_eq!(plan.invitations, [InvitationChange::Update(Box::new(decided.record.invitation))]);
        match plan.events[0].data.get("fields") {
            Some(Fact::Words(fields)) => fields.join(" "),
            other => panic!("{other:?}"),
        }
    };
    let none = Amend::default;
    assert_eq!(words(Amend { default_rate: Some(Some(5)), ..none() }), "default_rate");
    assert_eq!(words(Amend { locale: Some(Some("fr".into())), ..none() }), "locale");
    assert_eq!(words(Amend { message: Some(Some("Welcome".into())), ..none() }), "message");
    assert_eq!(words(Amend { metadata: Some(Some("{}".into())), ..none() }), "metadata");
    assert_eq!(words(Amend { redirect_url: Some(Some("/home".into())), ..none() }), "redirect_url");
    assert_eq!(words(Amend { expires_in: Some(8 * DAY), ..none() }), "expires_at");
    let both = Amend { message: Some(Some("Welcome".into())), expires_in: Some(8 * DAY), ..none() };
    assert_eq!(words(both), "expires_at message");
}

#[test]
fn r4_5_amending_the_grant_of_an_expired_invitation_brings_it_back_with_the_role_it_names() {
    let mut scene = Scene::new();
    let record = scene.issued("ada");
    scene.wait(8 * DAY);
    let guest = role(&scene.organization, SystemRole::Guest);
    let facts = InvitationFacts { role: Some(guest.clone()), ..scene.facts(&record) };
    let command = Amend { role_id: Some(Some(guest.id)), ..Amend::default() };
    let decided = amend(&facts, &command, &scene.ctx()).unwrap();
    assert_eq!(decided.record.invitation.expires_at, scene.now + seconds(7 * DAY));
    assert_eq!((decided.record.invitation.grant.role_id, decided.record.role), (Some(guest.id), Some(guest.clone())));
    let event = &decided.plan.unwrap().events[0];
    assert_eq!(event.data.get("role_id"), Some(&Fact::Text(guest.id.to_string())));
    let kept = Amend { permissions: Some(permissions(&["timesheets.write"])), ..Amend::default() };
    assert_eq!(amend(&scene.facts(&record), &kept, &scene.ctx()).unwrap().record.role, record.role);
    let none = Amend { role_id: Some(None), ..Amend::default() };
    assert_eq!(amend(&scene.facts(&record), &none, &scene.ctx()).unwrap().record.role, None);
    let unknown = amend(&scene.facts(&record), &command, &scene.ctx());
    assert!(matches!(unknown, Err(Rejection::Invalid(_))), "{unknown:?}");
}

#[test]
fn r7_4_to_see_a_link_rests_on_the_epoch_and_the_version() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let plan = reveal(&scene.facts(&record), &scene.ctx()).unwrap();
    assert_eq!(plan.guards, guards_of(&scene, &record.invitation));
    let [event] = &plan.events[..] else { panic!("{:?}", plan.events) };
    assert_eq!((event.invitation_id, event.sequence), (Some(record.invitation.id), 1));
    let blind = Scene::acted_by(SystemRole::Member);
    let refused = reveal(&blind.facts(&record), &blind.ctx());
    assert_eq!(refused, Err(Rejection::Forbidden { permission: "invitations.reveal" }));
}

#[test]
fn r6_4_an_invitation_whose_role_is_gone_cannot_be_taken_over_and_one_without_a_role_can() {
    let mut scene = Scene::new();
    let mut record = InvitationRecord { inviter: ActorFacts::Unknown, ..scene.issued("ada") };
    scene.actor = member(&scene.organization, 2, SystemRole::Admin);
    record.role = None;
    let refused = sponsor(&scene.facts(&record), None, &scene.ctx());
    assert_eq!(refused, Err(Rejection::Suspended { organization_name: None }));
    record.invitation.grant.role_id = None;
    assert!(sponsor(&scene.facts(&record), None, &scene.ctx()).is_ok());
}
