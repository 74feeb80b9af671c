//! The invitation store's port: loads, each under one lock.

use super::{MemoryStore, state::State};
use crate::broken::Fault;
use async_trait::async_trait;
use invite_domain::{
    id::{InvitationId, OrganizationId},
    invitation::{Event, Invitation, Outcome, Plan, Status},
    page::{Page, PageRequest},
    port::{
        EventFilter, InvitationFacts, InvitationFilter, InvitationQuery, InvitationRecord, InvitationStore, IssueFacts,
        IssueQuery, PortError, RedemptionFacts, RedemptionQuery,
    },
    time::Timestamp,
};

#[async_trait]
impl InvitationStore for MemoryStore {
    async fn load_issue(&self, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError> {
        let state = self.state();
        Ok(state.organization(query.organization_id).map(|organization| {
            let id = organization.id;
            let holder = state.holder(id, &query.live_key);
            let account = query.email.as_ref().and_then(|email| state.account_at(email.key()));
            IssueFacts {
                actor: state.actor(id, query.principal),
                role: query.role_id.and_then(|role| state.role(id, role)),
                holder_messages: holder
                    .map(|holder| state.message_times(holder.id, query.messages_since))
                    .unwrap_or_default(),
                holder: holder.map(|holder| state.record(holder)),
                member: account.and_then(|account| state.membership_of(id, account.id).cloned()),
                blocked: state.is_blocked(id, query.live_key.clone()),
                replay: state.replay(query.idempotency.as_ref()).map(|answer| {
                    let about = find(&state, id, InvitationId::from_uuid(answer.answer));
                    (answer, about.map(|invitation| state.record(invitation)))
                }),
                organization,
            }
        }))
    }

    async fn load_invitation(&self, query: &InvitationQuery) -> Result<Option<InvitationFacts>, PortError> {
        let state = self.state();
        Ok(state.organization(query.organization_id).map(|organization| {
            let id = organization.id;
            let invitation = if self.has(Fault::ForeignInvitationVisible) {
                state.invitations.get(&query.invitation_id).map(|invitation| &**invitation)
            } else {
                find(&state, id, query.invitation_id)
            };
            let other = invitation
                .and_then(|invitation| state.holder(id, &invitation.recipient.live_key()))
                .filter(|holder| holder.id != query.invitation_id);
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

    async fn load_redemption(&self, query: &RedemptionQuery) -> Result<Option<RedemptionFacts>, PortError> {
        let state = self.state();
        let Some(invitation) = state.invitations.get(&query.invitation_id) else { return Ok(None) };
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
                redeemer: record.redemption.as_ref().and_then(|redemption| facts(redemption.account_id)),
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
}

fn find(state: &State, organization: OrganizationId, id: InvitationId) -> Option<&Invitation> {
    state.invitations.get(&id).filter(|found| found.organization_id == organization).map(|found| &**found)
}
