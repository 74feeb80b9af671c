//! The invitation store's port: loads, each under one lock.

use super::{MemoryStore, state::State};
use crate::broken::Fault;
use async_trait::async_trait;
use invite_domain::{
    access::{MemberFacts, SystemRole, permission},
    directory::{Membership, Organization},
    id::{AccountId, InvitationId, OrganizationId, SubjectId},
    invitation::{DeliveryState, Event, Invitation, OutboxMessage, Outcome, Plan, Status},
    page::{Page, PageRequest},
    port::{
        EventFilter, InvitationFacts, InvitationFilter, InvitationQuery, InvitationRecord, InvitationRef,
        InvitationStore, IssueFacts, IssueQuery, OrganizationRef, PortError, RedemptionFacts, RedemptionQuery,
        ReminderFacts, SecretRef, SubjectFacts, ViewFacts, ViewQuery,
    },
    secret::code::CodeIndex,
    time::Timestamp,
};
use std::{collections::BTreeSet, sync::Arc};

#[async_trait]
impl InvitationStore for MemoryStore {
    async fn load_issue(&self, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError> {
        let state = self.state();
        Ok(state.organization(query.organization_id).map(|organization| {
            let id = organization.id;
            let holder = state.holder(id, &query.live_key);
            let subject = query.subject_id.and_then(|subject| self.subject_facts(&state, id, subject));
            let email = query.email.as_ref().or_else(|| subject.as_ref()?.subject.email.as_ref());
            let account = email.and_then(|email| state.account_at(email.key()));
            IssueFacts {
                actor: state.actor(id, query.principal),
                role: query.role_id.and_then(|role| state.role(id, role)),
                holder_messages: holder
                    .map(|holder| state.message_times(holder.id, query.messages_since))
                    .unwrap_or_default(),
                holder: holder.map(|holder| state.record(holder)),
                member: account.and_then(|account| state.membership_of(id, account.id).cloned()),
                blocked: state.is_blocked(id, query.live_key.clone()),
                subject,
                replay: state.replay(query.idempotency.as_ref()).map(|answer| {
                    let about = find(&state, id, InvitationId::from_uuid(answer.answer));
                    (answer, about.map(|invitation| state.record(invitation)))
                }),
                is_recent: false,
                organization,
            }
        }))
    }

    async fn load_view(&self, query: &ViewQuery) -> Result<Option<ViewFacts>, PortError> {
        let state = self.state();
        let id = query.organization_id;
        let deleted = || {
            self.has(Fault::DeletedOrganizationsSeen).then(|| state.organizations.get(&id).map(|row| (**row).clone()))
        };
        Ok(state.organization(id).or_else(|| deleted().flatten()).map(|organization| {
            let invitation = query.invitation.and_then(|named| self.named(&state, id, named));
            let mut record = invitation.map(|invitation| state.record(invitation));
            if self.has(Fault::ViewsWithoutDeliveries) {
                record = record.map(|record| InvitationRecord { deliveries: Vec::new(), ..record });
            }
            ViewFacts { actor: state.actor(id, query.principal), record, organization }
        }))
    }

    async fn load_invitation(&self, query: &InvitationQuery) -> Result<Option<InvitationFacts>, PortError> {
        let state = self.state();
        Ok(state.organization(query.organization_id).map(|organization| {
            let id = organization.id;
            let invitation = self.named(&state, id, query.invitation);
            let other = invitation.and_then(|invitation| {
                state.holder(id, &invitation.recipient.live_key()).filter(|holder| holder.id != invitation.id)
            });
            InvitationFacts {
                actor: state.actor(id, query.principal),
                record: invitation.map(|invitation| state.record(invitation)),
                role: query.role_id.and_then(|role| state.role(id, role)),
                other_holder: other.cloned(),
                messages: invitation
                    .map(|invitation| state.message_times(invitation.id, query.messages_since))
                    .unwrap_or_default(),
                blocked: invitation.is_some_and(|invitation| state.is_blocked(id, invitation.recipient.live_key())),
                replay: state.replay(query.idempotency.as_ref()),
                organization,
            }
        }))
    }

    async fn find_organization(&self, reference: &OrganizationRef) -> Result<Option<Organization>, PortError> {
        Ok(self.state().find_organization(reference, self.clock.now()))
    }

    async fn load_redemption(&self, query: &RedemptionQuery) -> Result<Option<RedemptionFacts>, PortError> {
        let state = self.state();
        let invitation = match &query.secret {
            SecretRef::Token(id) => state.invitations.get(id).map(|invitation| &**invitation),
            SecretRef::Code(organization, indexes) => self.coded(&state, *organization, indexes),
        };
        let Some(invitation) = invitation else { return Ok(None) };
        Ok(state.organization(invitation.organization_id).map(|organization| {
            let id = organization.id;
            let record = state.record(invitation);
            let other = state.holder(id, &invitation.recipient.live_key()).filter(|holder| holder.id != invitation.id);
            let facts = |account| state.accounts.get(&account).map(|account| state.account_facts(id, account));
            let address = invitation.recipient.email().and_then(|email| state.account_at(email.key()));
            RedemptionFacts {
                messages: state.message_times(invitation.id, query.messages_since),
                at_address: address.map(|account| state.account_facts(id, &account)),
                caller: query.caller.and_then(facts),
                subject: invitation.recipient.subject_id().and_then(|subject| self.subject_facts(&state, id, subject)),
                redeemer: record.redemption.as_ref().and_then(|redemption| facts(redemption.account_id)),
                username_taken: query.username.as_deref().is_some_and(|key| state.has_username(key)),
                blocked: state.is_blocked(id, invitation.recipient.live_key()),
                other_holder: other.cloned(),
                replay: state.replay(query.idempotency.as_ref()),
                organization,
                record,
            }
        }))
    }

    async fn commit(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        self.commit_all(plans).await
    }

    async fn list(
        &self,
        organization_id: OrganizationId,
        filter: &InvitationFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<InvitationRecord>, PortError> {
        Ok(self.list_invitations(organization_id, filter, page, now))
    }

    async fn events(
        &self,
        organization_id: OrganizationId,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<Page<Event>, PortError> {
        Ok(self.list_events(organization_id, filter, page))
    }

    async fn lapsed(&self, limit: u32, now: Timestamp) -> Result<Vec<InvitationRecord>, PortError> {
        let state = self.state();
        let is_lapsed = |record: &InvitationRecord| {
            let invitation = &record.invitation;
            let noted = |generation| generation >= invitation.generation && !self.has(Fault::LapsesReportedForEver);
            match record.status(now) {
                Status::Expired => !noted(invitation.expiry_noted),
                Status::Suspended => !noted(invitation.suspension_noted),
                _ => false,
            }
        };
        let mut lapsed: Vec<_> = state
            .invitations
            .values()
            // No plan holds against a deleted organisation, so its lapses could never be noted.
            .filter(|invitation| state.organization(invitation.organization_id).is_some())
            .map(|invitation| state.record(invitation))
            .filter(is_lapsed)
            .collect();
        lapsed.sort_by_key(|record| (record.invitation.expires_at, record.invitation.id));
        lapsed.truncate(limit.try_into().unwrap_or(usize::MAX));
        Ok(lapsed)
    }

    async fn reminders_due(
        &self,
        limit: u32,
        messages_since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<ReminderFacts>, PortError> {
        let state = self.state();
        let in_time = |row: &Invitation| now < row.expires_at || self.has(Fault::ExpiredReminded);
        let is_due = |row: &&Arc<Invitation>| in_time(row) && self.reminder_due_at(row).is_some_and(|due| due <= now);
        let mut due: Vec<_> = state.invitations.values().filter(is_due).collect();
        due.retain(|row| state.organization(row.organization_id).is_some());
        due.retain(|row| self.has(Fault::UnsentReminded) || !state.record(row).reminder_waits());
        due.sort_by_key(|row| (row.reminder_due_at(), row.id));
        due.truncate(limit.try_into().unwrap_or(usize::MAX));
        let facts = |row: &Arc<Invitation>| ReminderFacts {
            record: state.record(row),
            blocked: state.is_blocked(row.organization_id, row.recipient.live_key())
                && !self.has(Fault::BlockedReminded),
            messages: state.message_times(row.id, messages_since),
        };
        Ok(due.into_iter().map(facts).collect())
    }

    async fn sponsors(&self, organization_id: OrganizationId, limit: u32) -> Result<Vec<MemberFacts>, PortError> {
        let state = self.state();
        if state.organization(organization_id).is_none() {
            return Ok(Vec::new());
        }
        let ours = |member: &&Arc<Membership>| member.organization_id == organization_id;
        let mut sponsors: Vec<_> =
            state.memberships.values().filter(ours).map(|member| state.member_facts(member)).collect();
        sponsors.retain(|member| {
            let held = member.membership.held(member.role.as_ref());
            let active = member.membership.active || self.has(Fault::InactiveSponsors);
            active && held.allows(permission::INVITATIONS_SPONSOR)
        });
        let behind = |member: &MemberFacts| {
            member.role.as_ref().is_none_or(|role| role.system != Some(SystemRole::Owner))
                && !self.has(Fault::OwnersInLine)
        };
        sponsors.sort_by_key(|member| (behind(member), member.membership.created_at, member.membership.id));
        sponsors.truncate(limit.try_into().unwrap_or(usize::MAX));
        Ok(sponsors)
    }

    async fn told_of_suspensions(
        &self,
        organization_id: OrganizationId,
        accounts: &[AccountId],
        since: Timestamp,
    ) -> Result<Vec<AccountId>, PortError> {
        let state = self.state();
        let ours = |message: &&OutboxMessage| {
            message.organization_id == Some(organization_id) || self.has(Fault::ForeignNoticesCounted)
        };
        let told = state.messages.values().map(|queued| &queued.message).filter(ours);
        let told = told.filter(|message| message.created_at > since || self.has(Fault::OldNoticesCounted));
        let told = told
            .filter(|message| message.state != DeliveryState::Cancelled || self.has(Fault::CancelledNoticesCounted));
        let told: BTreeSet<_> = told.filter_map(|message| message.kind.told_of_suspension()).collect();
        Ok(told.into_iter().filter(|account| accounts.contains(account)).collect())
    }
}

impl MemoryStore {
    /// When an invitation is to be reminded of.
    fn reminder_due_at(&self, invitation: &Invitation) -> Option<Timestamp> {
        let unnoted =
            self.has(Fault::RemindersDueForEver).then(|| Invitation { reminder_noted: 0, ..invitation.clone() });
        unnoted.as_ref().unwrap_or(invitation).reminder_due_at()
    }

    /// An invitation of this organisation.
    fn named<'a>(
        &self,
        state: &'a State,
        organization: OrganizationId,
        named: InvitationRef,
    ) -> Option<&'a Invitation> {
        let is_named = |invitation: &Invitation| match named {
            InvitationRef::Id(id) => invitation.id == id,
            InvitationRef::Number(number) => invitation.number == number,
        };
        let is_ours = |invitation: &Invitation| {
            invitation.organization_id == organization || self.has(Fault::ForeignInvitationVisible)
        };
        state.invitations.values().find(|row| is_named(row) && is_ours(row)).map(|row| &**row)
    }

    /// The invitation one of these codes leads to.
    fn coded<'a>(
        &self,
        state: &'a State,
        organization: OrganizationId,
        indexes: &[CodeIndex],
    ) -> Option<&'a Invitation> {
        if self.has(Fault::CodesOfAnyOrganization) {
            let coded = |row: &&Arc<Invitation>| row.code_index.is_some_and(|index| indexes.contains(&index));
            return state.invitations.values().find(coded).map(|row| &**row);
        }
        let considered = if self.has(Fault::OneCodeLookedUp) { indexes.get(..1).unwrap_or_default() } else { indexes };
        considered.iter().find_map(|index| state.coded(organization, index))
    }

    fn subject_facts(&self, state: &State, organization: OrganizationId, id: SubjectId) -> Option<SubjectFacts> {
        if self.has(Fault::DeletedSubjectVisible) {
            let subject = state.subjects.get(&(organization, id))?;
            return Some(SubjectFacts { subject: (**subject).clone(), person: None });
        }
        state.subject_facts(organization, id)
    }
}

fn find(state: &State, organization: OrganizationId, id: InvitationId) -> Option<&Invitation> {
    state.invitations.get(&id).filter(|found| found.organization_id == organization).map(|found| &**found)
}
