//! Noting that an invitation expired or was suspended (rule 2.2), and telling who may sponsor it (rule 6.4).

use super::{
    Channel, EventKind, Fact, Guard, Invitation, InvitationChange, MessageKind, NoticeKind, OutboxMessage, Plan,
    Status, event,
};
use crate::{
    access::{MemberFacts, Role, permission},
    id::{AccountId, MessageId},
    port::{Entropy, InvitationRecord},
    time::Timestamp,
};
use chrono::Duration;
use std::collections::BTreeSet;

/// How many members are told that an invitation is suspended.
pub const TOLD: usize = 10;

/// How many members an organisation is asked for who might be told: some of them may lack what the invitation grants.
pub const ASKED: u32 = 100;

/// How long nobody is told of another suspension in an organisation: whoever loses authority may leave any number of
/// invitations waiting, and the list shows them all.
pub const QUIET: Duration = Duration::hours(24);

/// Who may be told of suspensions in an organisation.
#[derive(Clone, Default, Debug)]
pub struct Readers {
    /// Members with the permission to sponsor, who came first being first.
    pub members: Vec<MemberFacts>,
    /// Who was told within [`QUIET`], or is about to be.
    pub told: BTreeSet<AccountId>,
}

/// Decides on noting that an invitation has lapsed: at most once a generation and kind. Of the first members who could sponsor
/// a suspended one those are told who were not told of another; they are told of no further one. `None` where there is nothing
/// to note.
pub fn note(record: &InvitationRecord, readers: &mut Readers, now: Timestamp, entropy: &dyn Entropy) -> Option<Plan> {
    let old = &record.invitation;
    let mut invitation = Invitation { version: old.version + 1, ..old.clone() };
    let kind = match record.status(now) {
        Status::Expired if old.expiry_noted < old.generation => {
            invitation.expiry_noted = old.generation;
            EventKind::InvitationExpired
        }
        Status::Suspended if old.suspension_noted < old.generation => {
            invitation.suspension_noted = old.generation;
            EventKind::InvitationSuspended
        }
        _ => return None,
    };
    let generation = [("generation", Fact::Number(old.generation.into()))];
    let event = event::of_system(&invitation, kind, now, entropy, generation);
    let mut messages = Vec::new();
    if kind == EventKind::InvitationSuspended {
        let Readers { members, told } = readers;
        for member in members.iter().filter(|member| may_sponsor(member, record)).take(TOLD) {
            let account = member.membership.account_id;
            if told.insert(account) {
                messages.push(notice(NoticeKind::Suspended, &invitation, account, now, entropy));
            }
        }
    }
    Some(Plan {
        guards: vec![Guard::InvitationAt(old.id, old.version)],
        messages,
        invitations: vec![InvitationChange::Update(Box::new(invitation.clone()))],
        events: vec![event],
        ..Plan::default()
    })
}

/// Whether a member could take a suspended invitation over (rule 6.4): the permission, and all that it grants. One whose role
/// is gone nobody can.
pub fn may_sponsor(member: &MemberFacts, record: &InvitationRecord) -> bool {
    let (grant, role) = (&record.invitation.grant, record.role.as_ref());
    let held = member.held();
    let is_there = grant.role_id == role.map(|role| role.id) && !role.is_some_and(Role::is_operators);
    is_there && held.allows(permission::INVITATIONS_SPONSOR) && held.covers(&grant.held(role))
}

/// What a member is told of an invitation, by e-mail.
pub(super) fn notice(
    about: NoticeKind,
    invitation: &Invitation,
    account_id: AccountId,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> OutboxMessage {
    let kind = MessageKind::Notice { about, invitation_id: invitation.id, account_id };
    OutboxMessage::queued(MessageId::new(now, entropy), Some(invitation.organization_id), kind, Channel::Email, now)
}
