use super::PortError;
use crate::{
    access::MemberFacts,
    directory::{Account, ApiKey, Organization, Subject},
    email::EmailAddress,
    id::{EventId, MembershipId, OrganizationId},
    invitation::Invitation,
};
use async_trait::async_trait;

/// A membership of a person who is to be erased.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldMembership {
    /// The membership and its role.
    pub member: MemberFacts,
    /// Whether the organisation has another active member whose role is `owner`.
    pub other_active_owners: bool,
}

/// Everything a store knows of the person behind an address, in every organisation, deleted ones too.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct PersonFacts {
    /// The account at the address.
    pub account: Option<Account>,
    /// The account's memberships, active or not.
    pub memberships: Vec<HeldMembership>,
    /// Memberships of the account that are gone: those its redemptions name, and those whose removal
    /// [names it](crate::invitation::Event::removed_account).
    pub former_memberships: Vec<(OrganizationId, MembershipId)>,
    /// The API keys any of these memberships made, revoked ones too.
    pub api_keys: Vec<ApiKey>,
    /// The records of the host's directory that have the address or that a membership of the account came from, deleted ones
    /// too.
    pub subjects: Vec<Subject>,
    /// The invitations, in any state, that went to the address, to the account's phone number where nobody else has it, or to
    /// one of the records; and those that the account redeemed.
    pub invitations: Vec<Invitation>,
    /// The events that have a client's address and in which the account, one of the memberships, one of the keys or the invitee
    /// of one of the invitations acted.
    pub events: Vec<(OrganizationId, EventId)>,
    /// The organisations of all of these, each once.
    pub organizations: Vec<Organization>,
}

/// Finds what there is to erase of a person. What it finds is erased by a plan
/// ([`AdministrationChange::ErasePerson`](crate::invitation::AdministrationChange::ErasePerson)).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Erasure: Send + Sync {
    /// Everything that is known of the person behind the address. A row of an organisation that is deleted MUST be among
    /// it: it can be restored.
    async fn person(&self, address: &EmailAddress) -> Result<PersonFacts, PortError>;
}
