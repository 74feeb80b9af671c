//! Finding a person, and taking one out.

use super::{MemoryStore, commit::Refused, state::State};
use crate::broken::Fault;
use async_trait::async_trait;
use invite_domain::{
    access::ActorKind,
    directory::{Erasing, SubjectKind},
    email::EmailAddress,
    id::{AccountId, EventId, InvitationId, MembershipId, OrganizationId},
    invitation::{DeliveryState, Event, Invitation, Reason, Recipient},
    port::{Erasure, HeldMembership, PersonFacts, PortError},
};
use std::{collections::BTreeSet, sync::Arc};

#[async_trait]
impl Erasure for MemoryStore {
    async fn person(&self, address: &EmailAddress) -> Result<PersonFacts, PortError> {
        let state = self.state();
        let mut facts = PersonFacts { account: state.account_at(address.key()), ..PersonFacts::default() };
        let account = facts.account.as_ref().map(|account| account.id);
        let held = state.memberships.values().filter(|member| Some(member.account_id) == account);
        facts.memberships = held
            .map(|member| HeldMembership {
                member: state.member_facts(member),
                other_active_owners: state.has_active_owner(member.organization_id, Some(member.id)),
            })
            .collect();
        let redemptions: Vec<_> = state.redemptions.iter().filter(|it| Some(it.account_id) == account).collect();
        let present: BTreeSet<_> = facts.memberships.iter().map(|held| held.member.membership.id).collect();
        let mut former: BTreeSet<_> = redemptions.iter().map(|it| (it.organization_id, it.membership_id)).collect();
        if !self.has(Fault::ErasureForgetsWhoLeft) {
            former.extend(account.iter().flat_map(|account| removed(&state, *account)));
        }
        facts.former_memberships = former.into_iter().filter(|(_, id)| !present.contains(id)).collect();
        let memberships = all_memberships(&facts);
        let made = state.api_keys.values().filter(|key| memberships.contains(&key.created_by));
        facts.api_keys = made.map(|key| (**key).clone()).collect();
        let came_from: BTreeSet<_> = facts
            .memberships
            .iter()
            .filter_map(|held| held.member.membership.subject_id.map(|id| (held.member.membership.organization_id, id)))
            .collect();
        let theirs = state
            .subjects
            .iter()
            .filter(|(place, subject)| came_from.contains(place) || subject.email.as_ref() == Some(address));
        facts.subjects = theirs.map(|(_, subject)| (**subject).clone()).collect();
        let phone = facts.account.as_ref().and_then(|account| account.phone.clone());
        let others = state.accounts.values().filter(|other| Some(other.id) != account);
        let phone = phone.filter(|phone| !others.clone().any(|other| other.phone.as_ref() == Some(phone)));
        let used: BTreeSet<_> = redemptions.iter().map(|it| it.invitation_id).collect();
        // A number anybody can give himself; it is theirs who used an invitation sent to it.
        let mut sent_to = used.iter().filter_map(|id| state.invitations.get(id)?.recipient.phone());
        let phone = phone.filter(|phone| sent_to.any(|number| number == phone));
        let is_theirs = |invitation: &Invitation| {
            let to_record = facts.subjects.iter().any(|subject| {
                subject.organization_id == invitation.organization_id
                    && Some(subject.id) == invitation.recipient.subject_id()
                    && subject.kind != SubjectKind::Company
            });
            let to_number = matches!(&invitation.recipient, Recipient::Phone(number) if Some(number) == phone.as_ref());
            used.contains(&invitation.id) || to_record || to_number || invitation.recipient.email() == Some(address)
        };
        let invitations = state.invitations.values().filter(|invitation| is_theirs(invitation));
        let invitations: Vec<_> = invitations.map(|invitation| (**invitation).clone()).collect();
        facts.invitations = invitations;
        facts.events = events_of(&state, &facts);
        let mut places: BTreeSet<OrganizationId> = BTreeSet::new();
        places.extend(facts.memberships.iter().map(|held| held.member.membership.organization_id));
        places.extend(facts.former_memberships.iter().map(|(organization, _)| *organization));
        places.extend(facts.api_keys.iter().map(|key| key.organization_id));
        places.extend(facts.subjects.iter().map(|subject| subject.organization_id));
        places.extend(facts.invitations.iter().map(|invitation| invitation.organization_id));
        let organizations = places.iter().filter_map(|id| state.organizations.get(id));
        facts.organizations = organizations.map(|organization| (**organization).clone()).collect();
        if self.has(Fault::ErasureSkipsDeletedOrganizations) {
            let live = |id: &OrganizationId| state.organization(*id).is_some();
            facts.memberships.retain(|held| live(&held.member.membership.organization_id));
            facts.invitations.retain(|invitation| live(&invitation.organization_id));
            facts.organizations.retain(|organization| live(&organization.id));
        }
        Ok(facts)
    }
}

fn all_memberships(facts: &PersonFacts) -> BTreeSet<MembershipId> {
    let present = facts.memberships.iter().map(|held| held.member.membership.id);
    present.chain(facts.former_memberships.iter().map(|(_, id)| *id)).collect()
}

/// The memberships whose removal names the account.
fn removed(state: &State, account: AccountId) -> impl Iterator<Item = (OrganizationId, MembershipId)> {
    let removals = state.events.values().filter(move |event| event.removed_account() == Some(account));
    removals.filter_map(|event| Some((event.organization_id, event.membership_id?)))
}

fn events_of(state: &State, facts: &PersonFacts) -> Vec<(OrganizationId, EventId)> {
    let account = facts.account.as_ref().map(|account| account.id.as_uuid());
    let memberships: BTreeSet<_> = all_memberships(facts).into_iter().map(|id| id.as_uuid()).collect();
    let keys: BTreeSet<_> = facts.api_keys.iter().map(|key| key.id.as_uuid()).collect();
    let invitations: BTreeSet<InvitationId> = facts.invitations.iter().map(|invitation| invitation.id).collect();
    let acted = |event: &Event| match (event.actor.kind, event.actor.id) {
        (ActorKind::Member, Some(id)) => memberships.contains(&id),
        (ActorKind::ApiKey, Some(id)) => keys.contains(&id),
        (ActorKind::Invitee, id) => {
            (id.is_some() && id == account) || event.invitation_id.is_some_and(|id| invitations.contains(&id))
        }
        _ => false,
    };
    let theirs = state.events.values().filter(|event| event.address.is_some() && acted(event));
    theirs.map(|event| (event.organization_id, event.id)).collect()
}

impl MemoryStore {
    pub(super) fn apply_erasure(&self, draft: &mut State, erasing: &Erasing) -> Result<(), Refused> {
        for next in &erasing.invitations {
            let known = draft.invitations.get(&next.id).filter(|known| known.version == next.version);
            let number = known.ok_or(Refused)?.number;
            draft.invitations.insert(next.id, Arc::new(Invitation { number, ..next.clone() }));
        }
        let account = erasing.account_id;
        let is_account = |id| account == Some(id);
        for queued in draft.messages.values_mut() {
            let message = &mut queued.message;
            let to_account = account.is_some() && account_of(message) == account;
            if to_account || message.address.as_ref() == Some(&erasing.address) {
                if message.state == DeliveryState::Queued && !self.has(Fault::ErasedStillWrittenTo) {
                    message.state = DeliveryState::Cancelled;
                    message.reason = Some(Reason::NotNeeded);
                    message.settled_at = Some(erasing.at);
                    queued.lease = None;
                }
                message.address = None;
            }
        }
        draft.account_tokens.retain(|(owner, _), _| !is_account(*owner));
        for link in draft.account_tokens.values_mut() {
            if link.address.as_ref() == Some(&erasing.address) {
                let link = Arc::make_mut(link);
                (link.nonce, link.address) = (None, None);
            }
        }
        draft.identities.retain(|_, owner| !is_account(*owner));
        draft.group_administrators.retain(|(_, owner), _| !is_account(*owner));
        let numbers = erasing.phones.iter().cloned().map(Recipient::Phone);
        let keys: Vec<_> = numbers.chain([Recipient::Email(erasing.address.clone())]).map(|it| it.live_key()).collect();
        let of_record = |organization: OrganizationId, key: &_| {
            let mut records = erasing.subjects.iter().filter(|(of, _)| *of == organization);
            records.any(|(_, id)| Recipient::subject(*id).live_key() == *key)
        };
        draft.blocks.retain(|(of, key)| !keys.contains(key) && !of_record(*of, key));
        draft.counters.retain(|(key, _), _| !erasing.counters.contains(key));
        if !self.has(Fault::ErasureKeepsClients) {
            for (_, id) in &erasing.events {
                if let Some(event) = draft.events.get_mut(id) {
                    Arc::make_mut(event).address = None;
                }
            }
        }
        let invited = draft.invitations.values().any(
            |invitation| matches!(&invitation.recipient, Recipient::Email(address) if *address == erasing.address),
        );
        let member = draft.memberships.values().any(|member| is_account(member.account_id));
        let record = draft.subjects.values().any(|subject| subject.email.as_ref() == Some(&erasing.address));
        if (invited || member || record) && !self.has(Fault::ErasureLeavesRows) { Err(Refused) } else { Ok(()) }
    }
}

fn account_of(message: &invite_domain::invitation::OutboxMessage) -> Option<invite_domain::id::AccountId> {
    use invite_domain::invitation::MessageKind;
    match message.kind {
        MessageKind::Account { account_id, .. }
        | MessageKind::Notice { account_id, .. }
        | MessageKind::AddressChanged { account_id } => Some(account_id),
        MessageKind::Invitation { .. } | MessageKind::Reminder { .. } => None,
    }
}
