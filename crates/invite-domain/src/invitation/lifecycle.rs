//! The invitation and its lifecycle (rules part 2).

use super::recipient::{LiveKey, Recipient};
use crate::{
    access::{Actor, ActorFacts, Grant, Held, Inviter, Role},
    id::{AccountId, BatchId, InvitationId, MembershipId, OrganizationId, RedemptionId},
    secret::{
        code::CodeIndex,
        keyring::KeyId,
        token::{GrantDigest, Nonce, TokenBinding},
    },
    time::Timestamp,
};

/// A way a message travels.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Channel {
    /// E-mail.
    Email,
    /// A text message to a phone.
    Sms,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Email, Self::Sms];

    /// The channel's name, in storage and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The channel of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }
}

/// What is stored of an invitation's state; the rest is derived ([`Status::of`]).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// Open.
    Pending,
    /// Used.
    Redeemed {
        /// When.
        at: Timestamp,
    },
    /// The invitee said no.
    Declined {
        /// When.
        at: Timestamp,
        /// Whether the invitee also wants no further mail of the organisation.
        blocked: bool,
    },
    /// Withdrawn.
    Revoked {
        /// When.
        at: Timestamp,
        /// By whom.
        by: Actor,
        /// Why, in the words of who did it.
        reason: Option<String>,
    },
}

impl State {
    /// The state's name in storage.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Redeemed { .. } => "redeemed",
            Self::Declined { .. } => "declined",
            Self::Revoked { .. } => "revoked",
        }
    }

    /// When the invitation ended, if it has.
    pub const fn ended_at(&self) -> Option<Timestamp> {
        match self {
            Self::Pending => None,
            Self::Redeemed { at } | Self::Declined { at, .. } | Self::Revoked { at, .. } => Some(*at),
        }
    }
}

/// A redemption: the proof that an invitation was used, and by whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Redemption {
    /// Names the redemption.
    pub id: RedemptionId,
    /// The invitation that was used.
    pub invitation_id: InvitationId,
    /// Its organisation.
    pub organization_id: OrganizationId,
    /// The generation of the link that was used.
    pub generation: u16,
    /// Who used it.
    pub account_id: AccountId,
    /// The membership it made or widened.
    pub membership_id: MembershipId,
    /// When.
    pub redeemed_at: Timestamp,
}

/// An invitation: the offer of a grant in an organisation to a recipient, for a limited time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitation {
    /// Names the invitation over all its generations.
    pub id: InvitationId,
    /// The store's number for it; 0 until it is stored.
    pub number: i64,
    /// The organisation it is to.
    pub organization_id: OrganizationId,
    /// Whom it is for.
    pub recipient: Recipient,
    /// What is stored of its state.
    pub state: State,
    /// What a redemption gives.
    pub grant: Grant,
    /// Who answers for it.
    pub inviter: Inviter,
    /// Counts its links, from 1; every resend makes a new one.
    pub generation: u16,
    /// Counts its changes, from 1.
    pub version: i64,
    /// The key the present generation's secrets are made under.
    pub key_id: KeyId,
    /// What makes the present link unguessable; gone once the invitation has ended (rule 7.1).
    pub nonce: Option<Nonce>,
    /// What the present generation grants, so that no stored change of it goes unnoticed (rule 7.1).
    pub grant_digest: GrantDigest,
    /// The index the present generation's short code is looked up by; gone once the invitation has ended (rule 7.5). One
    /// that was issued before there were codes has none until it is sent again.
    pub code_index: Option<CodeIndex>,
    /// The key it holds alone among live invitations; `None` once it has ended or an expired one was taken over.
    pub live_key: Option<LiveKey>,
    /// How often it can be used.
    pub max_uses: u32,
    /// How often it was.
    pub uses: u32,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When the present generation was made.
    pub generated_at: Timestamp,
    /// When it stops being good: live on `[created_at, expires_at)`.
    pub expires_at: Timestamp,
    /// A message of the inviter to the invitee, as plain text.
    pub message: Option<String>,
    /// The language to write to the invitee in (a BCP 47 tag).
    pub locale: Option<String>,
    /// Where a success may lead.
    pub redirect_url: Option<String>,
    /// How it is sent; empty sends nothing.
    pub channels: Vec<Channel>,
    /// The group it was issued in.
    pub batch_id: Option<BatchId>,
    /// The last generation whose expiry was noted in the trail; 0 for none (rule 2.2).
    pub expiry_noted: u16,
    /// The last generation whose suspension was noted in the trail; 0 for none (rule 2.2).
    pub suspension_noted: u16,
    /// The last generation that was reminded of its present expiry, or whose reminder was let go by; 0 for none (rule 4.8).
    pub reminder_noted: u16,
}

impl Invitation {
    /// Whether it is open and in time. Says nothing of the inviter's authority: [`Status::of`] does.
    ///
    /// An invitation begins to live by being stored. Its issue is not compared with `now`: to a replica whose clock is a
    /// little behind, an invitation somebody else has just issued is live, not yet to come (rule 2.6).
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state == State::Pending && self.uses < self.max_uses && now < self.expires_at
    }

    /// What its present token is bound to, while it has one.
    pub fn token_binding(&self) -> Option<TokenBinding<'_>> {
        Some(TokenBinding {
            key_id: self.key_id,
            invitation: self.id,
            generation: self.generation,
            organization: self.organization_id,
            nonce: self.nonce.as_ref()?,
            grant_digest: &self.grant_digest,
        })
    }

    /// The digest of recipient and grant as they stand (rule 7.1).
    pub fn compute_grant_digest(&self) -> GrantDigest {
        GrantDigest::compute(
            self.recipient.kind().name(),
            &self.recipient.digest_key(),
            self.grant.role_id,
            self.grant.permissions.names(),
        )
    }
}

/// What a list shows and a redemption decides on: one function for both (rule 2.5).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// Open, can be redeemed.
    Pending,
    /// Used.
    Redeemed,
    /// The invitee said no.
    Declined,
    /// Withdrawn.
    Revoked,
    /// Its time is over.
    Expired,
    /// Its uses are over.
    Exhausted,
    /// The inviter may no longer give what it grants.
    Suspended,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Pending, Self::Redeemed, Self::Declined, Self::Revoked, Self::Expired, Self::Exhausted, Self::Suspended];

    /// The status's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Redeemed => "redeemed",
            Self::Declined => "declined",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Exhausted => "exhausted",
            Self::Suspended => "suspended",
        }
    }

    /// The status of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// The status of an invitation, given its role and what is known of its inviter now.
    ///
    /// The order is the rule: an end that is stored absorbs, then time, then uses, then authority.
    pub fn of(invitation: &Invitation, role: Option<&Role>, inviter: &ActorFacts, now: Timestamp) -> Self {
        match invitation.state {
            State::Redeemed { .. } => Self::Redeemed,
            State::Declined { .. } => Self::Declined,
            State::Revoked { .. } => Self::Revoked,
            State::Pending if now >= invitation.expires_at => Self::Expired,
            State::Pending if invitation.uses >= invitation.max_uses => Self::Exhausted,
            State::Pending if !is_covered(&invitation.grant, role, inviter) => Self::Suspended,
            State::Pending => Self::Pending,
        }
    }
}

/// Whether the inviter holds all that the grant gives, as role and inviter stand now (rules 6.2, 6.4).
///
/// A grant whose role is gone gives nobody anything: it is not covered.
pub fn is_covered(grant: &Grant, role: Option<&Role>, inviter: &ActorFacts) -> bool {
    if grant.role_id != role.map(|role| role.id) {
        return false;
    }
    if role.is_some_and(Role::is_operators) && !matches!(inviter, ActorFacts::Operator { .. }) {
        return false;
    }
    match inviter.standing() {
        None => false,
        Some(Held::Everything) => true,
        Some(held) => held.covers(&grant.held(role)),
    }
}
