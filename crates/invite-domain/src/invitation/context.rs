//! What every rule is given beside facts and command.

use super::{
    event::{Event, EventData, EventKind, Fact, Origin},
    lifecycle::{Channel, Invitation},
    message::{MessageKind, OutboxMessage, Reason},
    plan::Guard,
    policy::Bounds,
    recipient::Recipient,
    rejection::{FieldCode, Rejection},
};
use chrono::Duration;
use std::collections::BTreeSet;

use crate::{
    access::{Actor, ActorFacts, Authority, Grant, Held, MemberFacts, Role},
    directory::{
        Organization,
        words::{self, Faults},
    },
    id::{EventId, MembershipId, MessageId, OrganizationId},
    port::{AccountFacts, Entropy, InvitationRecord},
    secret::{
        code::{self, CodeIndex},
        keyring::{KeyId, KeyRing},
        token::Nonce,
    },
    time::{Timestamp, seconds},
};

/// The present, randomness and the operator's bounds, as values: a rule asks no port for them.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The present.
    pub now: Timestamp,
    /// Randomness for ids and nonces.
    pub entropy: &'a dyn Entropy,
    /// The operator's bounds.
    pub bounds: &'a Bounds,
    /// The key new secrets are made under.
    pub key_id: KeyId,
    /// The ring it is of.
    pub ring: &'a KeyRing,
    /// Where the command came from, for the trail.
    pub origin: &'a Origin,
}

impl Context<'_> {
    /// An event of now.
    pub fn event(
        &self,
        organization_id: OrganizationId,
        kind: EventKind,
        actor: Actor,
        sequence: i64,
        data: impl IntoIterator<Item = (&'static str, Fact)>,
    ) -> Event {
        let data: EventData = data.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect();
        Event {
            id: EventId::new(self.now, self.entropy),
            organization_id,
            kind,
            invitation_id: None,
            membership_id: None,
            sequence,
            actor,
            recorded_at: self.now,
            request_id: self.origin.request_id.clone(),
            address: self.origin.address,
            data,
        }
    }

    /// An event of now that happened to an invitation, as the invitation is after it.
    pub fn invitation_event(
        &self,
        invitation: &Invitation,
        kind: EventKind,
        actor: Actor,
        data: impl IntoIterator<Item = (&'static str, Fact)>,
    ) -> Event {
        let event = self.event(invitation.organization_id, kind, actor, invitation.version, data);
        Event { invitation_id: Some(invitation.id), ..event }
    }

    /// An event of now that happened to a membership.
    pub fn membership_event(
        &self,
        organization_id: OrganizationId,
        membership_id: MembershipId,
        kind: EventKind,
        actor: Actor,
        sequence: i64,
        data: impl IntoIterator<Item = (&'static str, Fact)>,
    ) -> Event {
        Event { membership_id: Some(membership_id), ..self.event(organization_id, kind, actor, sequence, data) }
    }

    /// The messages that carry the invitation's present link, one a channel; to a recipient who blocked the organisation
    /// they are cancelled from the start (rule 3.5).
    pub(super) fn messages(&self, invitation: &Invitation, channels: &[Channel], blocked: bool) -> Vec<OutboxMessage> {
        let message = |&channel| {
            let kind = MessageKind::Invitation { invitation_id: invitation.id, generation: invitation.generation };
            let id = MessageId::new(self.now, self.entropy);
            let queued = OutboxMessage::queued(id, Some(invitation.organization_id), kind, channel, self.now);
            if blocked { queued.cancelled(Reason::RecipientBlocked) } else { queued }
        };
        let distinct: BTreeSet<_> = channels.iter().collect();
        distinct.into_iter().map(message).collect()
    }

    /// The longest an invitation of this organisation to this recipient may live (rule 2.3).
    pub(super) fn longest(&self, organization: &Organization, recipient: &Recipient) -> Duration {
        let bound = match recipient {
            Recipient::Email(_) | Recipient::Phone(_) => self.bounds.ttl_max,
            Recipient::Subject(_) => self.bounds.ttl_subject_max,
        };
        organization.policy.ttl_max.map_or(bound, |own| seconds(own).min(bound))
    }

    /// When an invitation of this organisation that lives `expires_in` seconds from now expires (rule 2.3).
    ///
    /// # Errors
    /// Where that is outside the bounds: it is refused, not clamped.
    pub(super) fn expiry(
        &self,
        organization: &Organization,
        recipient: &Recipient,
        expires_in: Option<i64>,
    ) -> Result<Timestamp, Rejection> {
        let policy = &organization.policy;
        let max = self.longest(organization, recipient);
        let default = policy.ttl_default.map_or(self.bounds.ttl_default, seconds);
        let default = default.clamp(self.bounds.ttl_min, max.max(self.bounds.ttl_min));
        let Some(wanted) = expires_in else { return Ok(self.now + default) };
        let (least, most) = (self.bounds.ttl_min.num_seconds(), max.num_seconds());
        if (least..=most).contains(&wanted) {
            Ok(self.now + seconds(wanted))
        } else {
            let detail = format!("an invitation lives between {least} and {most} seconds here");
            Err(Rejection::field("/expires_in", FieldCode::OutOfRange, detail))
        }
    }

    /// Makes the next generation of an invitation: a new link, under the active key, that expires then.
    ///
    /// # Errors
    /// After 65,535 generations there is no next one.
    pub(super) fn regenerate(&self, invitation: &mut Invitation, expires_at: Timestamp) -> Result<(), Rejection> {
        let next = invitation.generation.checked_add(1);
        invitation.generation =
            next.ok_or_else(|| Rejection::field("", FieldCode::OutOfRange, "this invitation was sent too often"))?;
        invitation.nonce = Some(Nonce::generate(self.entropy));
        invitation.key_id = self.key_id;
        invitation.generated_at = self.now;
        invitation.expires_at = expires_at;
        invitation.grant_digest = invitation.compute_grant_digest();
        invitation.code_index = self.code_index(invitation);
        invitation.live_key = Some(invitation.recipient.live_key());
        Ok(())
    }

    /// Where the code of an invitation's present generation is found again.
    pub(super) fn code_index(&self, invitation: &Invitation) -> Option<CodeIndex> {
        // The key is the active one of this very ring; a ring without it makes no secrets at all.
        code::index(self.ring, &invitation.token_binding()?).ok()
    }
}

/// The authority behind a command.
///
/// # Errors
/// A person who is no active member finds nothing here; a key that no longer counts opens nothing.
pub fn establish(facts: &ActorFacts, organization: &Organization, now: Timestamp) -> Result<Authority, Rejection> {
    Authority::establish(facts, organization.id, organization.authority_epoch, now).ok_or(match facts {
        ActorFacts::ApiKey { .. } => Rejection::Unauthenticated,
        _ => Rejection::NotFound,
    })
}

/// Holds an authority to a permission.
///
/// # Errors
/// Where it lacks it.
pub fn require(authority: &Authority, permission: &'static str) -> Result<(), Rejection> {
    if authority.allows(permission) { Ok(()) } else { Err(Rejection::Forbidden { permission }) }
}

/// Holds the words of an invitation to what they may be, whoever sends them.
///
/// # Errors
/// At the field.
pub(super) fn check_words(message: Option<&str>, locale: Option<&str>) -> Result<(), Rejection> {
    let mut faults = Faults::default();
    if let Some(message) = message {
        faults.keep(words::message("/message", message));
    }
    if let Some(locale) = locale {
        faults.keep(words::locale("/locale", locale));
    }
    faults.end()
}

/// The ceiling (rule 6.2): what somebody gives is a part of what he holds.
///
/// # Errors
/// Names what he lacks; `OperatorOnly` for a role that is the operator's to give.
pub fn ceiling(authority: &Authority, grant: &Grant, role: Option<&Role>) -> Result<(), Rejection> {
    if role.is_some_and(Role::is_operators) && !authority.is_operator() {
        return Err(Rejection::OperatorOnly);
    }
    within_authority(authority, &grant.held(role))
}

/// Who came from the record an invitation is for, as far as the facts tell.
#[derive(Clone, Copy, Debug)]
pub enum CameFrom<'a> {
    /// The facts do not tell.
    Unknown,
    /// Nobody.
    Nobody,
    /// This member.
    Member(&'a MemberFacts),
}

impl<'a> CameFrom<'a> {
    /// The member among what is known of a record.
    pub fn of(person: Option<&'a AccountFacts>) -> Self {
        person.and_then(|person| person.member.as_ref()).map_or(Self::Nobody, Self::Member)
    }
}

/// The ceiling for whoever sees the link or code of an invitation: nobody holds in hand what opens more than he may do
/// himself. An invitation of a record lets in again who came from it, with all that person holds (rule 3.3). That is
/// never more than the inviter holds; so where the facts do not tell who came, it takes what the inviter holds.
///
/// # Errors
/// Names what he lacks.
pub fn ceiling_of_link(authority: &Authority, record: &InvitationRecord, came: CameFrom<'_>) -> Result<(), Rejection> {
    let invitation = &record.invitation;
    ceiling(authority, &invitation.grant, record.role.as_ref())?;
    if invitation.recipient.subject_id().is_none() || invitation.inviter == authority.inviter() {
        return Ok(());
    }
    match came {
        CameFrom::Nobody => Ok(()),
        CameFrom::Member(member) => within_authority(authority, &member.membership.held(member.role.as_ref())),
        CameFrom::Unknown => within_authority(authority, &record.inviter.standing().unwrap_or_else(Held::nothing)),
    }
}

/// The ceiling for any set of permissions.
///
/// # Errors
/// Names what the actor lacks.
pub fn within_authority(authority: &Authority, wanted: &Held) -> Result<(), Rejection> {
    if authority.held().covers(wanted) {
        return Ok(());
    }
    let missing = match wanted {
        Held::Everything => Vec::new(),
        Held::Only(set) => set.names().filter(|name| !authority.allows(name)).map(str::to_owned).collect(),
    };
    Err(Rejection::GrantExceedsAuthority { missing })
}

/// Refuses a command that was made for another version of what it changes.
pub(crate) fn same_version(current: i64, if_match: Option<i64>) -> Result<(), Rejection> {
    match if_match {
        Some(version) if version != current => Err(Rejection::VersionMismatch { current }),
        _ => Ok(()),
    }
}

/// The guard every plan of an organisation bears: nobody's authority has changed since the facts were read.
pub fn same_epoch(organization: &Organization) -> Guard {
    Guard::Epoch { organization_id: organization.id, epoch: organization.authority_epoch, raise: false }
}

/// The same for a plan that itself changes who may do what.
pub fn raise_epoch(organization: &Organization) -> Guard {
    Guard::Epoch { organization_id: organization.id, epoch: organization.authority_epoch, raise: true }
}
