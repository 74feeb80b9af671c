//! Applying plans: guards, then every change on a copy of the state, then the copy in the state's place.

use super::{
    MemoryStore,
    state::{Queued, State, is_of},
};
use crate::broken::Fault;
use chrono::{DateTime, SubsecRound as _};
use invite_domain::{
    id::AccountId,
    invitation::{AdministrationChange, DeliveryState, DirectoryChange, InvitationChange, Outcome, Plan, Reason},
    port::PortError,
    time::Timestamp,
};
use std::sync::Arc;
use uuid::Uuid;

/// A row cannot be written: a key is taken, or the row to change is not there. The plan is stale.
struct Refused;

impl MemoryStore {
    pub(super) async fn commit_all(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        if self.has(Fault::GuardsOutsideTheTransaction) {
            return self.commit_carelessly(plans).await;
        }
        let mut state = self.state();
        let before = state.clone();
        let mut outcomes: Vec<_> = plans.iter().map(|plan| self.commit_one(&mut state, plan)).collect();
        if self.has(Fault::StalePlanDragsNeighbours) && outcomes.contains(&Outcome::Stale) {
            *state = before;
            outcomes.fill(Outcome::Stale);
        }
        if self.has(Fault::AnswersOutOfOrder) {
            outcomes.reverse();
        }
        outcomes.into_iter().map(Ok).collect()
    }

    fn commit_one(&self, state: &mut State, plan: &Plan) -> Outcome {
        let mut draft = state.clone();
        let mut numbers = Vec::new();
        let kept = self.guards_hold(&mut draft, plan)
            && self.apply(&mut draft, plan, &mut numbers).is_ok()
            && self.guards_hold_after(&draft, plan);
        if kept {
            *state = draft;
            return Outcome::Committed(numbers);
        }
        if self.has(Fault::StalePlanLeavesEvents) {
            add_events(state, plan);
        }
        if self.has(Fault::StalePlanLeavesMessages) {
            let _ = add_messages(state, plan);
        }
        Outcome::Stale
    }

    /// What check-then-write does: the guards are true when they are looked at.
    async fn commit_carelessly(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        let mut outcomes = Vec::new();
        for plan in plans {
            let mut seen = self.state().clone();
            let mut numbers = Vec::new();
            let kept = self.guards_hold(&mut seen, plan)
                && self.apply(&mut seen, plan, &mut numbers).is_ok()
                && self.guards_hold_after(&seen, plan);
            for _ in 0..128 {
                tokio::task::yield_now().await;
            }
            if kept {
                let mut state = self.state();
                let mut draft = state.clone();
                if self.guards_hold(&mut state.clone(), plan) {
                    *state = seen;
                } else if self.apply(&mut draft, plan, &mut numbers).is_ok() {
                    *state = draft;
                }
            }
            outcomes.push(Ok(if kept { Outcome::Committed(numbers) } else { Outcome::Stale }));
        }
        outcomes
    }

    fn apply(&self, draft: &mut State, plan: &Plan, numbers: &mut Vec<(Uuid, i64)>) -> Result<(), Refused> {
        for change in &plan.invitations {
            self.apply_invitation(draft, change, numbers)?;
        }
        if !self.has(Fault::CancelIgnored) {
            for (invitation, reason) in &plan.cancel_messages {
                let at = plan.events.first().map_or_else(|| self.clock.now(), |event| event.recorded_at);
                for queued in draft.messages.values_mut().filter(|queued| is_of(&queued.message, *invitation)) {
                    if queued.message.state == DeliveryState::Queued || self.has(Fault::CancelsSentMessages) {
                        cancel(queued, *reason, at);
                    }
                }
            }
        }
        // A link may be for an account the directory's part inserts, and stays where that part ends all others.
        let early = |change: &AdministrationChange| {
            !matches!(change, AdministrationChange::PutAccountToken(_)) || self.has(Fault::LinksPutTooEarly)
        };
        for change in plan.administration.iter().filter(|change| early(change)) {
            apply_administration(draft, change, numbers, self.clock.now())?;
        }
        for change in &plan.directory {
            self.apply_directory(draft, change, numbers)?;
        }
        for change in plan.administration.iter().filter(|change| !early(change)) {
            apply_administration(draft, change, numbers, self.clock.now())?;
        }
        if let Some(redemption) = &plan.redemption {
            draft.redemptions.push(Arc::new(redemption.clone()));
        }
        add_events(draft, plan);
        if self.has(Fault::EventsForgotten) {
            plan.events.iter().for_each(|event| drop(draft.events.remove(&event.id)));
        }
        add_messages(draft, plan)?;
        if let Some(record) = &plan.idempotency {
            let place = (record.scope.clone(), record.key.clone());
            let taken = draft.idempotency.get(&place).is_some_and(|held| held.is_live(record.created_at));
            if taken && !self.has(Fault::IdempotencyNotUnique) {
                return Err(Refused);
            }
            draft.idempotency.insert(place, Arc::new(record.clone()));
        }
        Ok(())
    }

    fn apply_invitation(
        &self,
        draft: &mut State,
        change: &InvitationChange,
        numbers: &mut Vec<(Uuid, i64)>,
    ) -> Result<(), Refused> {
        let mut row = change.invitation().clone();
        if self.has(Fault::MicrosecondsLost) {
            row.expires_at = to_millis(row.expires_at);
            row.created_at = to_millis(row.created_at);
        }
        let known = draft.invitations.get(&row.id);
        match change {
            InvitationChange::Insert(_) if known.is_some() => return Err(Refused),
            InvitationChange::Insert(_) => {
                row.number = draft.numbers.next("invitation");
                numbers.push((row.id.as_uuid(), row.number));
            }
            InvitationChange::Update(_) => row.number = known.ok_or(Refused)?.number,
        }
        let key = row.live_key.as_ref();
        let holder = key.and_then(|key| draft.holder(row.organization_id, key)).map(|holder| holder.id);
        let mut taken = holder.is_some_and(|holder| holder != row.id);
        if let (true, Some(key)) = (self.has(Fault::AddressesFolded), key) {
            let fold = |text: &str| text.to_lowercase().replace('ı', "i").replace('ß', "ss");
            taken = draft.invitations.values().any(|other| {
                let held = other.live_key.as_ref().filter(|_| other.organization_id == row.organization_id);
                other.id != row.id && held.is_some_and(|held| fold(held.as_str()) == fold(key.as_str()))
            });
        }
        if taken && !self.has(Fault::LiveKeyIgnored) {
            return Err(Refused);
        }
        draft.invitations.insert(row.id, Arc::new(row));
        Ok(())
    }

    fn apply_directory(
        &self,
        draft: &mut State,
        change: &DirectoryChange,
        numbers: &mut Vec<(Uuid, i64)>,
    ) -> Result<(), Refused> {
        match change {
            DirectoryChange::InsertAccount(account) | DirectoryChange::UpdateAccount(account) => {
                let mut row = (**account).clone();
                let inserts = matches!(change, DirectoryChange::InsertAccount(_));
                let known = draft.accounts.get(&row.id).map(|account| account.number);
                row.number = self.number(draft, "account", row.id.as_uuid(), inserts, known, numbers)?;
                let holder = draft.account_at(row.email.key());
                let taken = holder.is_some_and(|holder| holder.id != row.id);
                if taken && !self.has(Fault::AccountAddressNotUnique) {
                    return Err(Refused);
                }
                draft.accounts.insert(row.id, Arc::new(row));
            }
            DirectoryChange::EndCredentials(account, at) => self.end_credentials(draft, *account, *at),
            DirectoryChange::InsertMembership(member) | DirectoryChange::UpdateMembership(member) => {
                let mut row = (**member).clone();
                let inserts = matches!(change, DirectoryChange::InsertMembership(_));
                let known = draft.memberships.get(&row.id).map(|member| member.number);
                row.number = self.number(draft, "membership", row.id.as_uuid(), inserts, known, numbers)?;
                let holder = draft.membership_of(row.organization_id, row.account_id);
                if holder.is_some_and(|holder| holder.id != row.id) {
                    return Err(Refused);
                }
                draft.memberships.insert(row.id, Arc::new(row));
            }
            DirectoryChange::InsertSession(session) => {
                if draft.sessions.insert(session.id, Arc::new((**session).clone())).is_some() {
                    return Err(Refused);
                }
            }
        }
        Ok(())
    }

    fn end_credentials(&self, draft: &mut State, account: AccountId, at: Timestamp) {
        let State { memberships, api_keys, organizations, sessions, account_tokens, .. } = draft;
        sessions.retain(|_, session| session.account_id != account);
        if !self.has(Fault::EndedCredentialsKeepLinks) {
            account_tokens.retain(|(owner, _), _| *owner != account);
        }
        for key in api_keys.values_mut() {
            let theirs = memberships.get(&key.created_by).is_some_and(|member| member.account_id == account);
            if theirs && !key.by_operator && key.revoked_at.is_none() {
                let key = Arc::make_mut(key);
                key.revoked_at = Some(at);
                key.version += 1;
            }
        }
        if self.has(Fault::EndedCredentialsKeepEpoch) {
            return;
        }
        for member in memberships.values().filter(|member| member.account_id == account) {
            if let Some(organization) = organizations.get_mut(&member.organization_id) {
                Arc::make_mut(organization).authority_epoch += 1;
            }
        }
    }

    /// The number of a row: the next one for a new row, its own for a known one.
    fn number(
        &self,
        draft: &mut State,
        table: &'static str,
        id: Uuid,
        inserts: bool,
        known: Option<i64>,
        numbers: &mut Vec<(Uuid, i64)>,
    ) -> Result<i64, Refused> {
        let number = number(draft, table, id, inserts, known, numbers)?;
        Ok(if self.has(Fault::NumbersForgotten) { 0 } else { number })
    }
}

fn number(
    draft: &mut State,
    table: &'static str,
    id: Uuid,
    inserts: bool,
    known: Option<i64>,
    numbers: &mut Vec<(Uuid, i64)>,
) -> Result<i64, Refused> {
    match (inserts, known) {
        (true, None) => {
            let number = draft.numbers.next(table);
            numbers.push((id, number));
            Ok(number)
        }
        (false, Some(number)) => Ok(number),
        _ => Err(Refused),
    }
}

fn apply_administration(
    draft: &mut State,
    change: &AdministrationChange,
    numbers: &mut Vec<(Uuid, i64)>,
    now: Timestamp,
) -> Result<(), Refused> {
    match change {
        AdministrationChange::InsertOrganization(organization)
        | AdministrationChange::UpdateOrganization(organization) => {
            let mut row = (**organization).clone();
            let inserts = matches!(change, AdministrationChange::InsertOrganization(_));
            let known = draft.organizations.get(&row.id).cloned();
            let numbered = known.as_ref().map(|known| known.number);
            row.number = number(draft, "organization", row.id.as_uuid(), inserts, numbered, numbers)?;
            if let Some(known) = known {
                row.authority_epoch = known.authority_epoch;
                if known.slug != row.slug {
                    draft.old_slugs.push((known.slug.clone(), row.id, now));
                }
            }
            if draft.slug_holder(&row.slug, now).is_some_and(|holder| holder != row.id) {
                return Err(Refused);
            }
            draft.organizations.insert(row.id, Arc::new(row));
        }
        AdministrationChange::InsertRole(role) | AdministrationChange::UpdateRole(role) => {
            let mut row = (**role).clone();
            let inserts = matches!(change, AdministrationChange::InsertRole(_));
            let known = draft.roles.get(&row.id).map(|role| role.number);
            row.number = number(draft, "role", row.id.as_uuid(), inserts, known, numbers)?;
            let taken = |other: &Arc<_>| named_alike(other, &row);
            if draft.roles.values().any(taken) {
                return Err(Refused);
            }
            draft.roles.insert(row.id, Arc::new(row));
        }
        AdministrationChange::DeleteRole(organization, role) => {
            draft.roles.retain(|id, held| id != role || held.organization_id != *organization);
        }
        AdministrationChange::RemoveMembership(organization, member) => {
            draft.memberships.retain(|id, held| id != member || held.organization_id != *organization);
        }
        AdministrationChange::InsertApiKey(key) | AdministrationChange::UpdateApiKey(key) => {
            let mut row = (**key).clone();
            let inserts = matches!(change, AdministrationChange::InsertApiKey(_));
            let known = draft.api_keys.get(&row.id).map(|key| key.number);
            row.number = number(draft, "api_key", row.id.as_uuid(), inserts, known, numbers)?;
            draft.api_keys.insert(row.id, Arc::new(row));
        }
        AdministrationChange::InsertOperatorKey(key) => {
            if draft.operator_keys.insert(key.id, Arc::new((**key).clone())).is_some() {
                return Err(Refused);
            }
        }
        AdministrationChange::RevokeOperatorKey(id, at) => {
            let key = draft.operator_keys.get_mut(id).ok_or(Refused)?;
            Arc::make_mut(key).revoked_at.get_or_insert(*at);
        }
        AdministrationChange::EndSession(id) => drop(draft.sessions.remove(id)),
        AdministrationChange::EndSessions(account) => draft.sessions.retain(|_, held| held.account_id != *account),
        AdministrationChange::PutAccountToken(token) => {
            draft.account_tokens.insert((token.account_id, token.purpose), Arc::new((**token).clone()));
        }
        AdministrationChange::Block(organization, key, _) => {
            draft.blocks.insert((*organization, key.clone()));
        }
    }
    Ok(())
}

fn named_alike(other: &invite_domain::access::Role, row: &invite_domain::access::Role) -> bool {
    other.id != row.id && other.organization_id == row.organization_id && other.name == row.name
}

fn cancel(queued: &mut Queued, reason: Reason, at: Timestamp) {
    queued.message.state = DeliveryState::Cancelled;
    queued.message.reason = Some(reason);
    queued.message.settled_at = Some(at);
    queued.lease = None;
}

fn add_events(draft: &mut State, plan: &Plan) {
    draft.events.extend(plan.events.iter().map(|event| (event.id, Arc::new(event.clone()))));
}

fn add_messages(draft: &mut State, plan: &Plan) -> Result<(), Refused> {
    for message in &plan.messages {
        if draft.messages.insert(message.id, Queued { message: message.clone(), lease: None }).is_some() {
            return Err(Refused);
        }
    }
    Ok(())
}

fn to_millis(at: Timestamp) -> Timestamp {
    let cut: DateTime<_> = at.trunc_subsecs(3);
    cut
}
