//! Erasing a person: whatever names the person behind an address goes, and the trail of what happened stays whole.

use super::{Account, ApiKey, Subject, SubjectKind};
use crate::{
    access::{Actor, MemberFacts, SystemRole, key_edit},
    email::{EmailAddress, EmailError},
    id::{AccountId, ApiKeyId, EventId, InvitationId, MembershipId, OrganizationId, SubjectId},
    invitation::{
        AdministrationChange, Context, DirectoryChange, Event, EventKind, Guard, Invitation, InvitationChange, Plan,
        Reason, Recipient, Rejection, State, SubjectRecipient, UniqueKey,
        context::{raise_epoch, same_epoch},
        event::removed_account,
        revoke,
    },
    phone::{PhoneError, PhoneNumber},
    port::{HeldMembership, PersonFacts},
    time::Timestamp,
};
use chrono::Duration;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Why a live invitation to an erased person was revoked.
pub const ERASED: &str = "erased";

/// What stands in the place of a person's addresses. Mail to `.invalid` goes nowhere
/// ([RFC 2606 §2](https://www.rfc-editor.org/rfc/rfc2606#section-2)), the country code 999 is nobody's (E.164), and both are
/// made from fresh randomness, so nobody's own address can equal them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pseudonym {
    /// In the place of an address.
    pub email: EmailAddress,
    /// In the place of a phone number.
    pub phone: PhoneNumber,
}

/// How long finding a person may take, and clocks of replicas may differ.
const MEANWHILE: Duration = Duration::minutes(10);

/// The domain of all pseudonyms.
pub const PSEUDONYMS: &str = "erased.invalid";

/// A pseudonym that cannot be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PseudonymError {
    /// Its address is none.
    #[error(transparent)]
    Email(#[from] EmailError),
    /// Its phone number is none.
    #[error(transparent)]
    Phone(#[from] PhoneError),
}

impl Pseudonym {
    /// The pseudonym of these random bits.
    ///
    /// # Errors
    /// Never, as long as addresses and numbers may look so.
    pub fn of(random: Uuid) -> Result<Self, PseudonymError> {
        // 12 digits after the code are the most a number has.
        let digits = random.as_u128() % 1_000_000_000_000;
        Ok(Self {
            email: EmailAddress::parse(&format!("erased-{}@{PSEUDONYMS}", random.as_simple()))?,
            phone: PhoneNumber::parse(&format!("+999{digits:012}"))?,
        })
    }

    /// Whether an address is a pseudonym.
    pub fn is_one(address: &EmailAddress) -> bool {
        address.domain() == PSEUDONYMS
    }
}

/// What a store erases beside what the plan changes otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Erasing {
    /// The person's address.
    pub address: EmailAddress,
    /// The numbers invitations went to that are the person's.
    pub phones: Vec<PhoneNumber>,
    /// The person's account.
    pub account_id: Option<AccountId>,
    /// All memberships the person is known to have, or to have had.
    pub memberships: Vec<MembershipId>,
    /// All API keys these made.
    pub api_keys: Vec<ApiKeyId>,
    /// Invitations that have ended, as they will be: the same version, without the person.
    pub invitations: Vec<Invitation>,
    /// All invitations of the person.
    pub all_invitations: Vec<(OrganizationId, InvitationId)>,
    /// The person's records: nobody blocks for them any more.
    pub subjects: Vec<(OrganizationId, SubjectId)>,
    /// The events whose client was the person.
    pub events: Vec<(OrganizationId, EventId)>,
    /// Where the person may have acted meanwhile, and since when: events since then are looked through once more.
    pub organizations: Vec<OrganizationId>,
    /// See `organizations`.
    pub since: Timestamp,
    /// The keys of counters that are about the person.
    pub counters: Vec<String>,
    /// When.
    pub at: Timestamp,
}

/// What was erased.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Erased {
    /// The account that is nobody's now.
    pub account_id: Option<AccountId>,
    /// Organisations in which something was erased.
    pub organizations: usize,
    /// Memberships that were removed.
    pub memberships: usize,
    /// API keys that were revoked.
    pub api_keys: usize,
    /// Invitations that name nobody any more.
    pub invitations: usize,
    /// Those of them that were open and were revoked.
    pub revoked: usize,
    /// Records of the host's directory that name nobody any more.
    pub records: usize,
}

/// Decides on an erasure: one plan, so that it is done whole or not at all.
///
/// The account stays as an empty shell, so that ids in the trail mean the same thing as before; memberships go, keys made by
/// the person are revoked, open invitations are revoked and all of them bear a pseudonym. Organisations that are deleted are
/// erased in too, without raising what nobody can use.
///
/// # Errors
/// [`Rejection::OwnsAlone`] where an organisation that is not deleted would be left without an owner.
pub fn erase(
    context: &Context<'_>,
    actor: Actor,
    address: &EmailAddress,
    facts: &PersonFacts,
    pseudonym: &Pseudonym,
    counters: Vec<String>,
) -> Result<(Plan, Erased), Rejection> {
    let live = |id: OrganizationId| facts.organizations.iter().find(|it| it.id == id && it.deleted_at.is_none());
    owns_nothing_alone(facts)?;

    let mut plan = Plan::default();
    let mut touched: BTreeMap<OrganizationId, Option<MembershipId>> = BTreeMap::new();
    let mut raised = BTreeSet::new();
    for HeldMembership { member, .. } in &facts.memberships {
        let membership = &member.membership;
        let organization = membership.organization_id;
        touched.insert(organization, Some(membership.id));
        raised.insert(organization);
        plan.guards.push(Guard::MembershipAt(membership.id, membership.version));
        if is_active_owner(member) && live(organization).is_some() {
            plan.guards.push(Guard::OwnerRemains(organization));
        }
        plan.administration.push(AdministrationChange::RemoveMembership(organization, membership.id));
        let (kind, sequence) = (EventKind::MembershipRemoved, membership.version + 1);
        let whose = [removed_account(membership.account_id)];
        plan.events.push(context.membership_event(organization, membership.id, kind, actor, sequence, whose));
    }
    for (organization, membership) in &facts.former_memberships {
        touched.entry(*organization).or_insert(Some(*membership));
    }
    let mut erased = Erased { memberships: facts.memberships.len(), ..Erased::default() };
    for key in facts.api_keys.iter().filter(|key| key.revoked_at.is_none()) {
        touched.entry(key.organization_id).or_default();
        raised.insert(key.organization_id);
        revoke_key(context, actor, key, &mut plan);
        erased.api_keys += 1;
    }
    for subject in &facts.subjects {
        touched.entry(subject.organization_id).or_default();
        erase_record(context, actor, address, subject, &mut plan);
        erased.records += 1;
    }
    let mut ended = Vec::new();
    for invitation in &facts.invitations {
        touched.entry(invitation.organization_id).or_default();
        erased.invitations += 1;
        if invitation.state == State::Pending {
            erased.revoked += 1;
            revoke_invitation(context, actor, invitation, pseudonym, &mut plan);
        } else {
            ended.push(without_person(invitation, pseudonym));
        }
    }
    for organization in &facts.organizations {
        if organization.deleted_at.is_some() {
            plan.guards.push(Guard::DeletedAt(organization.id, organization.version));
        } else if raised.contains(&organization.id) {
            plan.guards.push(raise_epoch(organization));
        } else if touched.contains_key(&organization.id) {
            plan.guards.push(same_epoch(organization));
        }
    }
    let sequence = facts.account.as_ref().map_or(1, |account| account.version + 1);
    for (organization, membership_id) in &touched {
        let event = context.event(*organization, EventKind::AccountErased, actor, sequence, []);
        plan.events.push(Event { membership_id: *membership_id, ..event });
    }
    erased.organizations = touched.len();
    erased.account_id = facts.account.as_ref().map(|account| account.id);
    erase_account(address, facts.account.as_ref(), &mut plan);
    let present = facts.memberships.iter().map(|held| held.member.membership.id);
    plan.administration.push(AdministrationChange::ErasePerson(Box::new(Erasing {
        address: address.clone(),
        phones: phones(facts),
        account_id: erased.account_id,
        memberships: present.chain(facts.former_memberships.iter().map(|(_, id)| *id)).collect(),
        api_keys: facts.api_keys.iter().map(|key| key.id).collect(),
        invitations: ended,
        all_invitations: facts.invitations.iter().map(|it| (it.organization_id, it.id)).collect(),
        subjects: facts.subjects.iter().map(|subject| (subject.organization_id, subject.id)).collect(),
        events: facts.events.clone(),
        organizations: touched.keys().copied().collect(),
        since: context.now - MEANWHILE,
        counters,
        at: context.now,
    })));
    Ok((plan, erased))
}

/// The numbers invitations went to that are this person's.
fn phones(facts: &PersonFacts) -> Vec<PhoneNumber> {
    let to_number = |invitation: &Invitation| match &invitation.recipient {
        Recipient::Phone(number) => Some(number.clone()),
        Recipient::Email(_) | Recipient::Subject(_) => None,
    };
    let mut phones: Vec<_> = facts.invitations.iter().filter_map(to_number).collect();
    phones.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    phones.dedup();
    phones
}

fn is_active_owner(member: &MemberFacts) -> bool {
    member.membership.active && member.role.as_ref().is_some_and(|role| role.system == Some(SystemRole::Owner))
}

/// An erasure takes no organisation's last owner away (rule 6.5): somebody else owns it first, or it is deleted.
fn owns_nothing_alone(facts: &PersonFacts) -> Result<(), Rejection> {
    let alone = |held: &&HeldMembership| is_active_owner(&held.member) && !held.other_active_owners;
    let places = facts.memberships.iter().filter(alone).map(|held| held.member.membership.organization_id);
    let organizations: Vec<_> = places
        .filter_map(|id| facts.organizations.iter().find(|it| it.id == id && it.deleted_at.is_none()))
        .map(|organization| organization.slug.as_str().to_owned())
        .collect();
    if organizations.is_empty() { Ok(()) } else { Err(Rejection::OwnsAlone { organizations }) }
}

fn revoke_key(context: &Context<'_>, actor: Actor, key: &ApiKey, plan: &mut Plan) {
    let next = ApiKey { revoked_at: Some(context.now), version: key.version + 1, ..key.clone() };
    let facts = key_edit::facts(&next);
    plan.events.push(context.event(key.organization_id, EventKind::ApiKeyRevoked, actor, next.version, facts));
    plan.administration.push(AdministrationChange::UpdateApiKey(Box::new(next)));
}

/// A contact or a driver is the person, so the record goes; a company only loses the address.
fn erase_record(context: &Context<'_>, actor: Actor, address: &EmailAddress, old: &Subject, plan: &mut Plan) {
    let mut next = Subject { updated_at: context.now, version: old.version + 1, ..old.clone() };
    let kind = if old.kind == SubjectKind::Company {
        if next.email.as_ref() == Some(address) {
            next.email = None;
        }
        EventKind::SubjectChanged
    } else {
        (next.email, next.phone, next.remote_id) = (None, None, None);
        (next.name, next.profile) = (String::new(), "{}".to_owned());
        next.deleted_at = Some(old.deleted_at.unwrap_or(context.now));
        EventKind::SubjectDeleted
    };
    if old.deleted_at.is_none() {
        plan.guards.push(Guard::SubjectAt(old.organization_id, old.id, old.version));
        let facts = [("subject_id", next.id.to_string().as_str().into()), ("kind", next.kind.name().into())];
        plan.events.push(context.event(old.organization_id, kind, actor, next.version, facts));
    }
    plan.administration.push(AdministrationChange::UpdateSubject(Box::new(next)));
}

fn revoke_invitation(context: &Context<'_>, actor: Actor, old: &Invitation, pseudonym: &Pseudonym, plan: &mut Plan) {
    let (revoked, event) = revoke::revoked(old, actor, Some(ERASED), context);
    plan.guards.push(Guard::InvitationAt(old.id, old.version));
    plan.cancel_messages.push((old.id, Reason::InvitationEnded));
    plan.invitations.push(InvitationChange::Update(Box::new(without_person(&revoked, pseudonym))));
    plan.events.push(event);
}

/// The same invitation, of nobody. What people wrote goes with the address: it was written to the person.
fn without_person(invitation: &Invitation, pseudonym: &Pseudonym) -> Invitation {
    let mut next = invitation.clone();
    next.recipient = match &invitation.recipient {
        Recipient::Email(_) => Recipient::Email(pseudonym.email.clone()),
        Recipient::Phone(_) => Recipient::Phone(pseudonym.phone.clone()),
        Recipient::Subject(subject) => {
            Recipient::Subject(SubjectRecipient { id: subject.id, email: None, phone: None })
        }
    };
    if let State::Revoked { reason, .. } = &mut next.state {
        *reason = reason.take().filter(|reason| revoke::OWN_REASONS.contains(&reason.as_str()));
    }
    (next.message, next.locale, next.redirect_url, next.grant.metadata) = (None, None, None, None);
    // A digest of an address is a test for it.
    next.grant_digest = next.compute_grant_digest();
    next
}

/// The account becomes a shell that nobody can sign in to and no message can go to.
fn erase_account(address: &EmailAddress, account: Option<&Account>, plan: &mut Plan) {
    let Some(account) = account else {
        plan.guards.push(Guard::Free(UniqueKey::AccountAddress(address.key().to_owned())));
        return;
    };
    let shell = Account {
        number: account.number,
        last_sign_in_at: account.last_sign_in_at,
        previous_sign_in_at: account.previous_sign_in_at,
        version: account.version + 1,
        ..Account::new(account.id, None, account.created_at)
    };
    plan.guards.push(Guard::AccountAt(account.id, account.version));
    plan.administration.push(AdministrationChange::EndSessions(account.id));
    plan.directory.push(DirectoryChange::UpdateAccount(Box::new(shell)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_an_address_and_a_number_that_nobody_has() {
        for random in [0, 1, u128::MAX] {
            let pseudonym = Pseudonym::of(Uuid::from_u128(random)).unwrap();
            assert!(Pseudonym::is_one(&pseudonym.email));
            assert_eq!(pseudonym.email.domain(), "erased.invalid");
            assert!(pseudonym.phone.as_str().starts_with("+999"), "{}", pseudonym.phone);
        }
        let (one, other) = (Pseudonym::of(Uuid::from_u128(1)).unwrap(), Pseudonym::of(Uuid::from_u128(2)).unwrap());
        assert_ne!(one, other);
        assert!(!Pseudonym::is_one(&EmailAddress::parse("erased-1@example.org").unwrap()));
    }
}
