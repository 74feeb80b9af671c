//! Noting that an invitation expired or was suspended, and who is told (rules 2.2, 6.4).

use super::*;
use crate::{
    access::{Actor, GategoRole},
    id::ApiKeyId,
    invitation::{
        Channel, EventKind, Fact, Guard, MessageKind, NoticeKind, Plan,
        lapse::{Readers, TOLD, may_sponsor, note},
    },
};

fn noted(scene: &Scene, record: &InvitationRecord, readers: &mut Readers) -> Option<Plan> {
    note(record, readers, scene.now, &scene.entropy)
}

fn suspended(scene: &Scene) -> InvitationRecord {
    InvitationRecord { inviter: ActorFacts::Unknown, ..scene.issued("ada") }
}

#[test]
fn r2_2_an_expiry_is_noted_once_a_generation_and_nobody_is_told() {
    let mut scene = Scene::new();
    let mut record = scene.issued("ada");
    record.invitation.generation = 3;
    let sponsor = member_facts(&scene.organization, 4, SystemRole::Admin);
    let mut readers = Readers { members: vec![sponsor], ..Readers::default() };
    assert_eq!(noted(&scene, &record, &mut readers), None, "it lives");
    scene.wait(7 * DAY);
    for (already, notes) in [(0, true), (2, true), (3, false), (4, false)] {
        record.invitation.expiry_noted = already;
        assert_eq!(noted(&scene, &record, &mut readers).is_some(), notes, "{already}");
    }
    record.invitation.expiry_noted = 2;
    let plan = noted(&scene, &record, &mut readers).unwrap();
    assert_eq!(plan.guards, [Guard::InvitationAt(record.invitation.id, 1)]);
    let new = plan.invitations[0].invitation();
    assert_eq!((new.version, new.expiry_noted, new.suspension_noted), (2, 3, 0));
    let [event] = &plan.events[..] else { panic!("{:?}", plan.events) };
    assert_eq!((event.kind, event.sequence, event.actor), (EventKind::InvitationExpired, 2, Actor::SYSTEM));
    assert_eq!(event.data.get("generation"), Some(&Fact::Number(3)));
    assert!(plan.messages.is_empty() && readers.told.is_empty());
}

#[test]
fn r6_4_a_suspension_is_noted_once_a_generation_and_told_to_who_may_sponsor() {
    let scene = Scene::new();
    let mut record = suspended(&scene);
    record.invitation.generation = 3;
    let admin = member_facts(&scene.organization, 4, SystemRole::Admin);
    let guest = member_facts(&scene.organization, 5, SystemRole::Guest);
    let readers = || Readers { members: vec![guest.clone(), admin.clone()], ..Readers::default() };
    for (already, notes) in [(0, true), (2, true), (3, false), (4, false)] {
        record.invitation.suspension_noted = already;
        assert_eq!(noted(&scene, &record, &mut readers()).is_some(), notes, "{already}");
    }
    record.invitation.suspension_noted = 0;
    let mut readers = readers();
    let plan = noted(&scene, &record, &mut readers).unwrap();
    assert_eq!(plan.events[0].kind, EventKind::InvitationSuspended);
    assert_eq!(plan.invitations[0].invitation().suspension_noted, 3);
    let [message] = &plan.messages[..] else { panic!("{:?}", plan.messages) };
    let (invitation_id, account_id) = (record.invitation.id, admin.membership.account_id);
    assert_eq!(message.kind, MessageKind::Notice { about: NoticeKind::Suspended, invitation_id, account_id });
    assert_eq!((message.channel, message.organization_id), (Channel::Email, Some(scene.organization.id)));
    let plan = noted(&scene, &record, &mut readers).unwrap();
    assert!(plan.messages.is_empty(), "who was told is told of no further one");
}

#[test]
fn r6_4_ten_members_are_told_of_a_suspension_at_the_most() {
    let scene = Scene::new();
    let members = (10..30).map(|number| member_facts(&scene.organization, number, SystemRole::Admin)).collect();
    let mut readers = Readers { members, ..Readers::default() };
    let plan = noted(&scene, &suspended(&scene), &mut readers).unwrap();
    assert_eq!((plan.messages.len(), readers.told.len()), (TOLD, TOLD));
}

#[test]
fn r6_4_who_may_sponsor_holds_the_permission_and_all_that_is_granted() {
    let scene = Scene::new();
    let record = suspended(&scene);
    let may = |member: &MemberFacts, record: &InvitationRecord| may_sponsor(member, record);
    let admin = member_facts(&scene.organization, 4, SystemRole::Admin);
    let owner = member_facts(&scene.organization, 4, SystemRole::Owner);
    assert!(may(&admin, &record) && may(&owner, &record));
    assert!(!may(&member_facts(&scene.organization, 4, SystemRole::Member), &record), "without the permission");
    let mut only = member_facts(&scene.organization, 4, SystemRole::Guest);
    only.membership.permissions = permissions(&["invitations.sponsor"]);
    assert!(!may(&only, &record), "without what it grants");
    let mut off = admin.clone();
    off.membership.active = false;
    assert!(!may(&off, &record), "while switched off");
    let gone = InvitationRecord { role: None, ..record.clone() };
    assert!(!may(&owner, &gone), "nobody can give a role that is gone");
    let operators = role(&scene.organization, SystemRole::Gatego(GategoRole::SignupService));
    let mut reserved = InvitationRecord { role: Some(operators.clone()), ..record };
    reserved.invitation.grant.role_id = Some(operators.id);
    assert!(!may(&owner, &reserved), "that role is the operator's to give");
    reserved.inviter = ActorFacts::Operator { id: ApiKeyId::from_uuid(Uuid::from_u128(5)) };
    assert!(!may(&owner, &reserved));
}
