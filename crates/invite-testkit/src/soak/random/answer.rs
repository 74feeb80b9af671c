//! What an operation answers, in a form in which store and rules can be compared.

use invite_domain::{
    access::{ActorFacts, MemberFacts, Role},
    directory::{Account, Organization},
    id::{InvitationId, MessageId},
    invitation::{Invitation, Redemption, Rejection, issue::IssueResult},
    port::InvitationRecord,
    secret::token::TokenText,
};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// An answer. Numbers are the store's alone and stand in none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Answer {
    Refused(Rejection),
    /// An invitation, what it came to, and its link where it was shown.
    Issued(Box<InvitationRecord>, IssueResult, Option<Link>),
    Changed(Box<InvitationRecord>),
    Shown(Link),
    Redeemed {
        redemption: Redemption,
        account: Box<Account>,
        member: Option<Box<MemberFacts>>,
        session: bool,
        replayed: bool,
        invitation: Box<Invitation>,
    },
    Declined(bool),
    Member(Box<MemberFacts>),
    Role(Box<Role>),
    Organization(Box<Organization>),
    Claimed(Vec<MessageId>),
    Settled(bool),
    Noted(u32),
    Listed(Vec<InvitationId>),
    Done,
}

/// A link, as something to compare that is no secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Link(u64);

impl From<&TokenText> for Link {
    fn from(text: &TokenText) -> Self {
        let mut hasher = DefaultHasher::new();
        text.expose().hash(&mut hasher);
        Self(hasher.finish())
    }
}

pub(super) fn record(mut record: InvitationRecord) -> InvitationRecord {
    record.invitation.number = 0;
    record.role = record.role.map(role);
    record.inviter = match record.inviter {
        ActorFacts::Member(facts) => ActorFacts::Member(member(facts)),
        ActorFacts::ApiKey { key, creator } => ActorFacts::ApiKey { key, creator: creator.map(member) },
        other => other,
    };
    record.deliveries.sort_by_key(|delivery| delivery.channel);
    record
}

pub(super) fn role(role: Role) -> Role {
    Role { number: 0, ..role }
}

pub(super) fn member(mut facts: MemberFacts) -> MemberFacts {
    facts.membership.number = 0;
    facts.role = facts.role.map(role);
    facts
}

pub(super) fn account(account: Account) -> Account {
    Account { number: 0, ..account }
}

pub(super) fn invitation(invitation: Invitation) -> Invitation {
    Invitation { number: 0, ..invitation }
}
