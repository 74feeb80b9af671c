//! A plan as rows, where it is of a kind that can be written together with others.

use super::{
    guards::{Guards, writes_code, writes_live_key},
    instant_of,
};
use crate::{convert, entity, group::Chosen, limiter::Window};
use invite_domain::{
    id::{InvitationId, OrganizationId},
    invitation::{DirectoryChange, Guard, InvitationChange, Limit, Plan, Reason, UniqueKey},
    time::Timestamp,
};
use std::{
    hash::{BuildHasher as _, Hash, RandomState},
    sync::LazyLock,
};
use uuid::Uuid;

/// What a plan writes and what it is bound to. Of most plans of every day: issuing, sending again, amending, revoking, declining,
/// redeeming. What changes who may do what, takes seats or touches accounts that exist, is written by itself.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    /// Epochs that organisations must have.
    pub(super) epochs: Vec<(Uuid, i64)>,
    /// The next state of an invitation, with the version the present one must have.
    pub(super) update: Option<(entity::invitation::Model, i64)>,
    pub(super) inserts: Vec<entity::invitation::Model>,
    pub(super) cancels: Vec<Cancel>,
    pub(super) accounts: Vec<entity::account::Model>,
    pub(super) memberships: Vec<entity::membership::Model>,
    pub(super) sessions: Vec<entity::session::Model>,
    pub(super) redemption: Option<entity::redemption::Model>,
    pub(super) events: Vec<entity::event::Model>,
    pub(super) messages: Vec<entity::message::Model>,
    pub(super) answer: Option<(entity::idempotency::Model, Timestamp)>,
    pub(super) budgets: Vec<(Window, i64)>,
    pub(super) live: Option<(OrganizationId, i64, Timestamp)>,
    /// A recipient nothing may be in the way of: where, his live key, and that of his address. Whoever looks for that sees too whether
    /// the request was answered meanwhile.
    pub(super) unhindered: Option<(Uuid, String, Option<String>)>,
    /// Rows and unique keys it writes: no two plans of a group have one in common.
    touched: Vec<u64>,
    /// The version of an invitation there will not be any more once it was tried.
    replaced: Option<u64>,
}

/// Queued messages of an invitation that are cancelled.
#[derive(Debug)]
pub(super) struct Cancel {
    pub(super) organization: Uuid,
    pub(super) invitation: Uuid,
    pub(super) reason: Reason,
    pub(super) at: Timestamp,
}

/// Keys are compared by their hash: two that only look alike keep two plans out of one group, and nothing else.
fn hash(of: impl Hash) -> u64 {
    static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    STATE.hash_one(of)
}

impl Prepared {
    /// The rows of a plan; `None` where it has to be written by itself. `looks` tells whether a group's statement looks at what is in
    /// a plan's way.
    pub(crate) fn of(plan: &Plan, directory_is_bundled: bool, looks: bool) -> Option<Self> {
        let alone = !plan.administration.is_empty()
            || !plan.replay_messages.is_empty()
            || (!directory_is_bundled && !plan.directory.is_empty());
        if alone {
            return None;
        }
        let guards = Guards::of(plan);
        let mut prepared = Self::default();
        for change in &plan.invitations {
            prepared.invitation(&guards, change)?;
        }
        for change in &plan.directory {
            prepared.directory(change)?;
        }
        for guard in &plan.guards {
            prepared.guard(plan, guard, looks)?;
        }
        for limit in &plan.limits {
            prepared.limit(limit)?;
        }
        for (invitation, reason) in &plan.cancel_messages {
            prepared.cancels.push(Cancel {
                organization: organization_of(plan, *invitation)?.as_uuid(),
                invitation: invitation.as_uuid(),
                reason: *reason,
                at: instant_of(plan)?,
            });
        }
        prepared.redemption = plan.redemption.as_ref().map(convert::redemption_row);
        prepared.events = plan.events.iter().map(convert::event_row).collect();
        prepared.messages = plan.messages.iter().map(convert::message_row).collect();
        if let Some(record) = &plan.idempotency {
            prepared.touched.push(hash(("answer", &record.scope, &record.key)));
            prepared.answer = Some((convert::idempotency_row(record), record.created_at));
        }
        Some(prepared)
    }

    fn invitation(&mut self, guards: &Guards<'_>, change: &InvitationChange) -> Option<()> {
        let invitation = change.invitation();
        let organization = invitation.organization_id.as_uuid();
        let row = convert::invitation_row(invitation);
        self.touched.push(hash(("invitation", row.id)));
        if let Some(key) = &row.live_key {
            self.touched.push(hash(("live", organization, key)));
        }
        if let Some(index) = &row.code_index {
            self.touched.push(hash(("code", organization, index)));
        }
        match change {
            InvitationChange::Insert(_) => self.inserts.push(row),
            // A live key that goes from one invitation to another in one plan is given up before it is taken.
            InvitationChange::Update(_) if self.update.is_some() => return None,
            InvitationChange::Update(_) => {
                let expected = guards.invitation_version(invitation.id).unwrap_or(invitation.version - 1);
                self.replaced = Some(hash(("version", row.id, expected)));
                self.update = Some((row, expected));
            }
        }
        Some(())
    }

    fn directory(&mut self, change: &DirectoryChange) -> Option<()> {
        match change {
            DirectoryChange::InsertAccount(account) => {
                let row = convert::account_row(account);
                self.touched.push(hash(("account", row.id)));
                self.touched.push(hash(("address", &row.address_key)));
                if let Some(username) = &row.username_key {
                    self.touched.push(hash(("username", username)));
                }
                self.accounts.push(row);
            }
            DirectoryChange::InsertMembership(membership) => {
                let row = convert::membership_row(membership);
                self.touched.push(hash(("membership", row.organization_id, row.account_id)));
                self.memberships.push(row);
            }
            DirectoryChange::InsertSession(session) => self.sessions.push(convert::session_row(session)),
            DirectoryChange::UpdateAccount(_)
            | DirectoryChange::EndCredentials(..)
            | DirectoryChange::UpdateMembership(_)
            | DirectoryChange::LinkIdentity(_)
            | DirectoryChange::NoteSignIn(..) => return None,
        }
        Some(())
    }

    /// Guards that are part of the writing itself. Of all others the plan has to be written by itself.
    fn guard(&mut self, plan: &Plan, guard: &Guard, looks: bool) -> Option<()> {
        let holds_itself = match guard {
            Guard::Epoch { organization_id, epoch, raise: false } => {
                self.epochs.push((organization_id.as_uuid(), *epoch));
                true
            }
            Guard::Unhindered(organization, key, address) if looks && self.unhindered.is_none() => {
                self.unhindered = Some((organization.as_uuid(), key.as_str().to_owned(), address.clone()));
                true
            }
            Guard::InvitationAt(id, _) => self.update.iter().any(|(row, _)| row.id == id.as_uuid()),
            Guard::Free(UniqueKey::Live(organization, key)) => writes_live_key(plan, *organization, key),
            Guard::Free(UniqueKey::Code(organization, index)) => writes_code(plan, *organization, index),
            Guard::Free(UniqueKey::Idempotency { scope, key }) => {
                plan.idempotency.as_ref().is_some_and(|own| own.scope == *scope && own.key == *key)
            }
            Guard::Free(UniqueKey::AccountAddress(key)) => self.accounts.iter().any(|row| row.address_key == *key),
            Guard::Free(UniqueKey::Username(key)) => {
                self.accounts.iter().any(|row| row.username_key.as_ref() == Some(key))
            }
            Guard::Free(UniqueKey::Membership(organization, account)) => {
                let (organization, account) = (organization.as_uuid(), account.as_uuid());
                self.memberships.iter().any(|row| row.organization_id == organization && row.account_id == account)
            }
            _ => false,
        };
        holds_itself.then_some(())
    }

    fn limit(&mut self, limit: &Limit) -> Option<()> {
        match limit {
            Limit::Budget { spending, count, at, .. } => {
                self.budgets.push((Window::of(spending, *at), i64::from(*count)));
            }
            Limit::Live { organization_id, most, at } if self.live.is_none() => {
                self.live = Some((*organization_id, *most, *at));
            }
            Limit::Live { .. } | Limit::Seats { .. } => return None,
        }
        Some(())
    }

    /// Whether it can be written with those chosen already; it is one of them then.
    pub(crate) fn goes_with(&self, chosen: &mut Chosen) -> bool {
        if self.touched.iter().any(|key| chosen.contains(key)) {
            return false;
        }
        chosen.extend(&self.touched);
        true
    }

    /// The version of an invitation that there is not any more once it is written.
    pub(crate) fn replaces(&self) -> Option<u64> {
        self.replaced
    }
}

/// The organisation of an invitation whose messages a plan cancels.
pub(super) fn organization_of(plan: &Plan, invitation: InvitationId) -> Option<OrganizationId> {
    let changed = plan.invitations.iter().map(InvitationChange::invitation).find(|changed| changed.id == invitation);
    let of_event = || plan.events.first().map(|event| event.organization_id);
    changed.map(|changed| changed.organization_id).or_else(of_event)
}
