//! Applying plans: guards, then every change on a copy of the state, then limits, then the copy in the state's place.

use super::{
    MemoryStore,
    administration::end_links,
    state::{Queued, State, is_of},
};
use crate::broken::Fault;
use chrono::{DateTime, SubsecRound as _};
use invite_domain::{
    directory::{Account, Username},
    id::{AccountId, InvitationId},
    invitation::{
        AdministrationChange, DeliveryState, DirectoryChange, Invitation, InvitationChange, MessageKind, OutboxMessage,
        Outcome, Plan, Reason, Recipient,
    },
    port::PortError,
    time::Timestamp,
};
use std::sync::Arc;
use uuid::Uuid;

/// A row cannot be written: a key is taken, or the row to change is not there. The plan is stale.
pub(super) struct Refused;

impl MemoryStore {
    pub(super) async fn commit_all(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        if self.has(Fault::GuardsOutsideTheTransaction) {
            return self.commit_carelessly(plans).await;
        }
        let mut state = self.state();
        let before = state.clone();
        let mut outcomes: Vec<_> = plans.iter().map(|plan| self.commit_one(&mut state, plan)).collect();
        if self.has(Fault::StalePlanDragsNeighbours) && outcomes.contains(&Outcome::Stale) {
            *state = before.clone();
            outcomes.fill(Outcome::Stale);
        }
        let refused = outcomes.iter().find(|outcome| matches!(outcome, Outcome::Refused(_))).cloned();
        if let Some(refused) = refused.filter(|_| self.has(Fault::RefusedPlanDragsNeighbours)) {
            *state = before;
            outcomes.fill(refused);
        }
        if self.has(Fault::AnswersOutOfOrder) {
            outcomes.reverse();
        }
        outcomes.into_iter().map(Ok).collect()
    }

    fn commit_one(&self, state: &mut State, plan: &Plan) -> Outcome {
        let mut draft = state.clone();
        let mut numbers = Vec::new();
        match self.decide(state, &mut draft, plan, &mut numbers) {
            Outcome::Stale => {
                if self.has(Fault::StalePlanLeavesEvents) {
                    self.add_events(state, plan);
                }
                if self.has(Fault::StalePlanLeavesMessages) {
                    let _ = self.add_messages(state, plan);
                }
                if self.has(Fault::StalePlanSpends) {
                    let _ = self.within_limits(&state.clone(), state, plan);
                }
                Outcome::Stale
            }
            Outcome::Refused(shortage) => {
                if self.has(Fault::RefusedPlanLeavesEvents) {
                    self.add_events(state, plan);
                }
                if self.has(Fault::RefusedPlanSpends) {
                    state.counters = draft.counters;
                }
                Outcome::Refused(shortage)
            }
            Outcome::Committed(_) => {
                *state = draft;
                Outcome::Committed(numbers)
            }
        }
    }

    /// Writes a plan to the draft and answers what becomes of it; the numbers go to `numbers`.
    fn decide(&self, before: &State, draft: &mut State, plan: &Plan, numbers: &mut Vec<(Uuid, i64)>) -> Outcome {
        if self.has(Fault::LimitsBeforeGuards)
            && let Err(shortage) = self.within_limits(before, &mut before.clone(), plan)
        {
            return Outcome::Refused(shortage);
        }
        let kept = self.guards_hold(draft, plan)
            && self.apply(draft, plan, numbers).is_ok()
            && self.guards_hold_after(draft, plan);
        match kept.then(|| self.within_limits(before, draft, plan)) {
            None => Outcome::Stale,
            Some(Err(shortage)) => Outcome::Refused(shortage),
            Some(Ok(())) => Outcome::Committed(Vec::new()),
        }
    }

    /// What check-then-write does: the guards are true when they are looked at.
    async fn commit_carelessly(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        let mut outcomes = Vec::new();
        for plan in plans {
            let mut seen = self.state().clone();
            let mut numbers = Vec::new();
            let decided = self.decide(&seen.clone(), &mut seen, plan, &mut numbers);
            let kept = matches!(decided, Outcome::Committed(_));
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
            outcomes.push(Ok(if kept { Outcome::Committed(numbers) } else { decided }));
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
                for queued in draft.messages.values_mut().filter(|queued| self.ends_with(&queued.message, *invitation))
                {
                    if queued.message.state == DeliveryState::Queued || self.has(Fault::CancelsSentMessages) {
                        cancel(queued, *reason, at);
                    }
                }
            }
        }
        for (id, at) in &plan.replay_messages {
            let failed = |queued: &&mut Queued| {
                queued.message.state == DeliveryState::Failed || self.has(Fault::ReplaysWhatIsNotDead)
            };
            let queued = draft.messages.get_mut(id).filter(failed).ok_or(Refused)?;
            queued.lease = None;
            queued.message = queued.message.clone().replayed(*at);
        }
        // A link may be for an account the directory's part inserts, and stays where that part ends all others.
        // Who is erased goes last.
        let early = |change: &AdministrationChange| match change {
            AdministrationChange::PutAccountToken(_) => self.has(Fault::LinksPutTooEarly),
            AdministrationChange::ErasePerson(_) => false,
            _ => true,
        };
        for change in plan.administration.iter().filter(|change| early(change)) {
            self.apply_administration(draft, change, numbers)?;
        }
        for change in &plan.directory {
            self.apply_directory(draft, change, numbers)?;
        }
        for change in plan.administration.iter().filter(|change| !early(change)) {
            self.apply_administration(draft, change, numbers)?;
        }
        if let Some(redemption) = &plan.redemption {
            draft.redemptions.push(Arc::new(self.mangled_redemption(redemption)));
        }
        self.add_events(draft, plan);
        if self.has(Fault::EventsForgotten) {
            plan.events.iter().for_each(|event| drop(draft.events.remove(&event.id)));
        }
        self.add_messages(draft, plan)?;
        if let Some(record) = &plan.idempotency {
            let place = (record.scope.clone(), record.key.clone());
            let taken = draft.idempotency.get(&place).is_some_and(|held| held.is_live(record.created_at));
            if self.is_request_taken(draft, record) {
                return Err(Refused);
            }
            if taken && !self.has(Fault::IdempotencyNotUnique) {
                return Err(Refused);
            }
            draft.idempotency.insert(place, Arc::new(record.clone()));
        }
        Ok(())
    }

    fn add_messages(&self, draft: &mut State, plan: &Plan) -> Result<(), Refused> {
        for message in &plan.messages {
            let row = Queued { message: self.mangled_message(message), lease: None };
            if draft.messages.insert(message.id, row).is_some() {
                return Err(Refused);
            }
        }
        Ok(())
    }

    /// Whether a message is to end with its invitation.
    fn ends_with(&self, message: &OutboxMessage, invitation: InvitationId) -> bool {
        match message.kind {
            MessageKind::Notice { invitation_id, .. } => {
                invitation_id == invitation && self.has(Fault::NoticesCancelled)
            }
            MessageKind::Reminder { .. } if self.has(Fault::RemindersOutliveEnds) => false,
            _ => is_of(message, invitation),
        }
    }

    fn add_events(&self, draft: &mut State, plan: &Plan) {
        draft.events.extend(plan.events.iter().map(|event| (event.id, Arc::new(self.mangled_event(event)))));
    }

    fn apply_invitation(
        &self,
        draft: &mut State,
        change: &InvitationChange,
        numbers: &mut Vec<(Uuid, i64)>,
    ) -> Result<(), Refused> {
        let mut row = self.mangled_invitation(change.invitation().clone());
        if self.has(Fault::MicrosecondsLost) {
            row.expires_at = to_millis(row.expires_at);
            row.created_at = to_millis(row.created_at);
        }
        if let (true, Recipient::Subject(to)) = (self.has(Fault::SubjectAddressesForgotten), &row.recipient) {
            row.recipient = Recipient::subject(to.id);
        }
        let known = draft.invitations.get(&row.id);
        match change {
            InvitationChange::Insert(_) if known.is_some() => return Err(Refused),
            InvitationChange::Insert(_) => {
                row.number = draft.numbers.next("invitation");
                numbers.push((row.id.as_uuid(), row.number));
            }
            InvitationChange::Update(_) => {
                let known = known.ok_or(Refused)?;
                row.number = known.number;
                if self.has(Fault::OldCodesKept) {
                    row.code_index = known.code_index;
                }
            }
        }
        let coded = row.code_index.as_ref().is_some_and(|index| {
            let here = |other: &Invitation| {
                other.organization_id == row.organization_id || self.has(Fault::CodesUniqueEverywhere)
            };
            let same = |other: &Invitation| other.id != row.id && other.code_index.as_ref() == Some(index);
            draft.invitations.values().any(|other| same(other) && here(other))
        });
        if coded && !self.has(Fault::CodesNotUnique) {
            return Err(Refused);
        }
        let key = row.live_key.as_ref();
        let holder = key.and_then(|key| draft.holder(row.organization_id, key)).map(|holder| holder.id);
        let mut taken = holder.is_some_and(|holder| holder != row.id);
        if let Some(key) = key {
            taken |= draft.invitations.values().any(|other| {
                let held = other.live_key.as_ref().filter(|_| other.organization_id == row.organization_id);
                other.id != row.id && held.is_some_and(|held| self.is_taken_for(held, key))
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
                let mut row = self.mangled_account((**account).clone());
                let inserts = matches!(change, DirectoryChange::InsertAccount(_));
                let known = draft.accounts.get(&row.id).map(|account| account.number);
                row.number = self.number(draft, "account", row.id.as_uuid(), inserts, known, numbers)?;
                self.account_is_free(draft, &row)?;
                let noted = draft.accounts.get(&row.id).filter(|noted| noted.last_sign_in_at > row.last_sign_in_at);
                if let Some(noted) = noted.filter(|_| !self.has(Fault::SignInUndoneByUpdate)) {
                    row.last_sign_in_at = noted.last_sign_in_at;
                    row.previous_sign_in_at = noted.previous_sign_in_at;
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
                if draft.sessions.insert(session.id, Arc::new(self.mangled_session(session))).is_some() {
                    return Err(Refused);
                }
            }
            DirectoryChange::LinkIdentity(identity) => {
                let before = draft.identities.insert(identity.key(), identity.account_id);
                if before.is_some() && !self.has(Fault::IdentityTakenOver) {
                    return Err(Refused);
                }
            }
            DirectoryChange::NoteSignIn(account, at) => {
                let account = Arc::make_mut(draft.accounts.get_mut(account).ok_or(Refused)?);
                if !self.has(Fault::SignInBeforeForgotten) {
                    account.previous_sign_in_at = account.last_sign_in_at;
                }
                account.last_sign_in_at = Some(*at);
                account.version += i64::from(self.has(Fault::SignInRaisesVersion));
            }
        }
        Ok(())
    }

    /// Nobody else has the account's address or username. Any number may have none.
    fn account_is_free(&self, draft: &State, row: &Account) -> Result<(), Refused> {
        let others = || draft.accounts.values().filter(|other| other.id != row.id);
        let compared = |key: Option<&str>| key.is_some() || self.has(Fault::NoAddressIsAnAddress);
        let address = row.email_key();
        let by_address = compared(address) && others().any(|other| other.email_key() == address);
        let name = row.username.as_ref().map(Username::key);
        let by_name = name.is_some() && others().any(|other| other.username.as_ref().map(Username::key) == name);
        let taken = (by_address && !self.has(Fault::AccountAddressNotUnique))
            || (by_name && !self.has(Fault::UsernameNotUnique));
        if taken { Err(Refused) } else { Ok(()) }
    }

    fn end_credentials(&self, draft: &mut State, account: AccountId, at: Timestamp) {
        let State { memberships, api_keys, organizations, sessions, account_tokens, identities, .. } = draft;
        sessions.retain(|_, session| session.account_id != account);
        if !self.has(Fault::EndedCredentialsKeepIdentities) {
            identities.retain(|_, owner| *owner != account);
        }
        if !self.has(Fault::EndedCredentialsKeepLinks) {
            let links = account_tokens.iter_mut().filter(|((owner, _), _)| *owner == account);
            end_links(links.map(|(_, link)| link));
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

pub(super) fn number(
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

fn cancel(queued: &mut Queued, reason: Reason, at: Timestamp) {
    queued.message.state = DeliveryState::Cancelled;
    queued.message.reason = Some(reason);
    queued.message.settled_at = Some(at);
    queued.lease = None;
}

fn to_millis(at: Timestamp) -> Timestamp {
    let cut: DateTime<_> = at.trunc_subsecs(3);
    cut
}
