//! The reference store: rows, and a commit that holds a plan's guards and writes it, in one step.
//!
//! What it is asked to forget it forgets: that is how a guard is shown to be needed.

use super::row::Row;
use invite_domain::{
    access::SystemRole,
    directory::{Account, Membership, Organization},
    id::{AccountId, InvitationId, MembershipId, OrganizationId, RoleId},
    invitation::{
        DeliveryState, DirectoryChange, EventKind, Guard, IdempotencyRecord, Invitation, InvitationChange,
        OutboxMessage, Plan, Redemption, State, UniqueKey,
    },
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A promise that can be taken away.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Promise {
    /// A plan holds only while the invitation is at the version it was decided on.
    InvitationAt,
    /// The same for an account.
    AccountAt,
    /// The same for a membership.
    MembershipAt,
    /// A plan holds only while nobody's authority has changed.
    Epoch,
    /// An owner remains.
    OwnerRemains,
    /// One live invitation a recipient.
    FreeLive,
    /// One account an address.
    FreeAccountAddress,
    /// One membership an account.
    FreeMembership,
    /// One answer an idempotency key.
    FreeIdempotency,
    /// One invitation a code.
    FreeCode,
    /// The answer is written with what it answers.
    AnswerInPlan,
    /// Messages are written with what they tell of.
    MessagesInPlan,
    /// Messages of what has ended or moved on are cancelled with it.
    CancelMessages,
    /// Only the holder of the lease settles.
    LeaseFences,
    /// A leased message is nobody else's.
    LeaseExcludes,
    /// A lease ends.
    LeaseEnds,
}

impl Promise {
    /// The promise behind a guard.
    pub(crate) fn of(guard: &Guard) -> Option<Self> {
        Some(match guard {
            Guard::InvitationAt(..) => Self::InvitationAt,
            Guard::AccountAt(..) => Self::AccountAt,
            Guard::MembershipAt(..) => Self::MembershipAt,
            Guard::Epoch { .. } => Self::Epoch,
            Guard::OwnerRemains(..) => Self::OwnerRemains,
            Guard::Free(UniqueKey::Live(..)) => Self::FreeLive,
            Guard::Free(UniqueKey::AccountAddress(..)) => Self::FreeAccountAddress,
            Guard::Free(UniqueKey::Membership(..)) => Self::FreeMembership,
            Guard::Free(UniqueKey::Code(..)) => Self::FreeCode,
            Guard::Free(UniqueKey::Idempotency { .. }) => Self::FreeIdempotency,
            _ => return None,
        })
    }
}

/// Something that was committed, in the order of the commits.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Deed {
    pub(crate) what: What,
    pub(crate) invitation: Option<InvitationId>,
    /// The generation a redemption's link was of; the new one of a resend.
    pub(crate) generation: u16,
    /// The key of the request, in its scope.
    pub(crate) key: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum What {
    Issued,
    Redeemed,
    Resent,
    Revoked,
    Declined,
    /// A member was given another role.
    Demoted,
}

/// A message in the outbox.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Queued {
    pub(crate) message: Row<OutboxMessage>,
    /// The number of the claim that holds it.
    pub(crate) lease: Option<u8>,
    /// How often it was claimed.
    pub(crate) claims: u8,
    /// How often it came to rest.
    pub(crate) rests: u8,
}

impl Queued {
    pub(crate) fn waits(&self) -> bool {
        self.message.state == DeliveryState::Queued
    }

    /// The invitation and generation it is of.
    pub(crate) fn of(&self) -> Option<(InvitationId, u16)> {
        self.message.kind.link()
    }

    pub(crate) fn rest(&mut self, state: DeliveryState) {
        self.message = Row::new(OutboxMessage { state, ..(*self.message).clone() });
        self.lease = None;
        self.rests += 1;
    }
}

/// All that is stored.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Store {
    pub(crate) organizations: Vec<Row<Organization>>,
    pub(crate) invitations: Vec<Row<Invitation>>,
    pub(crate) accounts: Vec<Row<Account>>,
    pub(crate) memberships: Vec<Row<Membership>>,
    pub(crate) redemptions: Vec<Row<Redemption>>,
    pub(crate) answers: Vec<Row<IdempotencyRecord>>,
    pub(crate) outbox: Vec<Queued>,
    pub(crate) trail: Vec<Deed>,
    /// How often a row was changed, whatever its version says.
    pub(crate) changes: BTreeMap<Uuid, i64>,
}

impl Store {
    pub(crate) fn organization(&self, id: OrganizationId) -> Option<&Row<Organization>> {
        self.organizations.iter().find(|row| row.id == id)
    }

    pub(crate) fn invitation(&self, id: InvitationId) -> Option<&Row<Invitation>> {
        self.invitations.iter().find(|row| row.id == id)
    }

    pub(crate) fn account(&self, id: AccountId) -> Option<&Row<Account>> {
        self.accounts.iter().find(|row| row.id == id)
    }

    pub(crate) fn membership(&self, id: MembershipId) -> Option<&Row<Membership>> {
        self.memberships.iter().find(|row| row.id == id)
    }

    pub(crate) fn place(&self, organization: OrganizationId, account: AccountId) -> Option<&Row<Membership>> {
        self.memberships.iter().find(|row| row.organization_id == organization && row.account_id == account)
    }

    /// Writes a plan whole, or answers `false` and writes nothing.
    pub(crate) fn commit(&mut self, plan: &Plan, owner: &BTreeSet<RoleId>, broken: &BTreeSet<Promise>) -> bool {
        let kept = |promise: &Promise| !broken.contains(promise);
        let mut next = self.clone();
        for guard in plan.guards.iter().filter(|guard| Promise::of(guard).is_none_or(|promise| kept(&promise))) {
            if !self.holds(guard) {
                return false;
            }
            if let Guard::Epoch { organization_id, raise: true, .. } = guard {
                next.raise(*organization_id);
            }
        }
        if let Some(answer) = plan.idempotency.as_ref().filter(|_| kept(&Promise::AnswerInPlan)) {
            let taken = self.answers.iter().any(|row| row.scope == answer.scope && row.key == answer.key);
            if taken && kept(&Promise::FreeIdempotency) {
                return false;
            }
            next.answers.push(Row::new(answer.clone()));
        }
        next.write(plan);
        if kept(&Promise::CancelMessages) {
            next.cancel(plan);
        }
        if kept(&Promise::MessagesInPlan) {
            next.add_messages(plan);
        }
        // After the plan, as the guard says.
        let remains = plan.guards.iter().all(|guard| match guard {
            Guard::OwnerRemains(organization) => next.owners(*organization, owner) > 0,
            _ => true,
        });
        if !remains && kept(&Promise::OwnerRemains) {
            return false;
        }
        *self = next;
        true
    }

    fn holds(&self, guard: &Guard) -> bool {
        match guard {
            Guard::InvitationAt(id, version) => self.invitation(*id).is_some_and(|row| row.version == *version),
            Guard::AccountAt(id, version) => self.account(*id).is_some_and(|row| row.version == *version),
            Guard::MembershipAt(id, version) => self.membership(*id).is_some_and(|row| row.version == *version),
            Guard::Epoch { organization_id, epoch, .. } => {
                self.organization(*organization_id).is_some_and(|row| row.authority_epoch == *epoch)
            }
            Guard::Free(key) => self.is_free(key),
            // It is held to the state after the plan.
            _ => true,
        }
    }

    fn is_free(&self, key: &UniqueKey) -> bool {
        match key {
            UniqueKey::Live(organization, key) => {
                let holds = |row: &&Row<Invitation>| row.live_key.as_ref() == Some(key);
                !self.invitations.iter().filter(holds).any(|row| row.organization_id == *organization)
            }
            UniqueKey::AccountAddress(key) => !self.accounts.iter().any(|row| row.email_key() == Some(key)),
            UniqueKey::Membership(organization, account) => self.place(*organization, *account).is_none(),
            UniqueKey::Code(organization, index) => {
                let has = |row: &&Row<Invitation>| row.code_index.as_ref() == Some(index);
                !self.invitations.iter().filter(has).any(|row| row.organization_id == *organization)
            }
            _ => true,
        }
    }

    pub(crate) fn owners(&self, organization: OrganizationId, owner: &BTreeSet<RoleId>) -> usize {
        let owns = |row: &&Row<Membership>| row.active && row.role_id.is_some_and(|role| owner.contains(&role));
        self.memberships.iter().filter(owns).filter(|row| row.organization_id == organization).count()
    }

    fn raise(&mut self, organization: OrganizationId) {
        for row in self.organizations.iter_mut().filter(|row| row.id == organization) {
            *row = Row::new(Organization { authority_epoch: row.authority_epoch + 1, ..(**row).clone() });
        }
    }

    fn write(&mut self, plan: &Plan) {
        for change in &plan.invitations {
            let invitation = change.invitation();
            let nonce = invitation.nonce.as_ref().map(|nonce| nonce.expose().to_vec()).unwrap_or_default();
            let row = Row::with_hidden(invitation.clone(), &nonce);
            match change {
                InvitationChange::Insert(_) => self.invitations.push(row),
                InvitationChange::Update(_) => replace(&mut self.invitations, row, |one, other| one.id == other.id),
            }
        }
        for change in &plan.directory {
            self.apply(change);
        }
        self.redemptions.extend(plan.redemption.clone().map(Row::new));
        self.trail.extend(deed(plan));
    }

    fn apply(&mut self, change: &DirectoryChange) {
        match change {
            DirectoryChange::InsertAccount(account) => self.accounts.push(Row::new((**account).clone())),
            DirectoryChange::UpdateAccount(account) => {
                replace(&mut self.accounts, Row::new((**account).clone()), |one, other| one.id == other.id);
                *self.changes.entry(account.id.as_uuid()).or_default() += 1;
            }
            DirectoryChange::EndCredentials(account, _) => {
                let places = self.memberships.iter().filter(|row| row.account_id == *account);
                for organization in places.map(|row| row.organization_id).collect::<Vec<_>>() {
                    self.raise(organization);
                }
            }
            DirectoryChange::InsertMembership(member) => self.memberships.push(Row::new((**member).clone())),
            DirectoryChange::UpdateMembership(member) => {
                replace(&mut self.memberships, Row::new((**member).clone()), |one, other| one.id == other.id);
                *self.changes.entry(member.id.as_uuid()).or_default() += 1;
            }
            // Sessions are not looked at here.
            DirectoryChange::InsertSession(_) | DirectoryChange::NoteSignIn(..) | DirectoryChange::LinkIdentity(_) => {}
        }
    }

    fn cancel(&mut self, plan: &Plan) {
        for (ended, _) in &plan.cancel_messages {
            let of_it = |queued: &&mut Queued| queued.of().is_some_and(|(id, _)| id == *ended);
            for queued in self.outbox.iter_mut().filter(of_it).filter(|queued| queued.waits()) {
                queued.rest(DeliveryState::Cancelled);
            }
        }
    }

    pub(crate) fn add_messages(&mut self, plan: &Plan) {
        let queued = |message: &OutboxMessage| Queued {
            message: Row::new(message.clone()),
            lease: None,
            claims: 0,
            rests: u8::from(message.state != DeliveryState::Queued),
        };
        self.outbox.extend(plan.messages.iter().map(queued));
    }
}

fn replace<T>(rows: &mut [Row<T>], next: Row<T>, same: impl Fn(&T, &T) -> bool) {
    if let Some(row) = rows.iter_mut().find(|row| same(row, &next)) {
        *row = next;
    }
}

/// What a plan does, as far as the order of deeds is looked at.
fn deed(plan: &Plan) -> Option<Deed> {
    let key = plan.idempotency.as_ref().map(|answer| format!("{} {}", answer.scope, answer.key));
    let invitation = plan.invitations.last().map(InvitationChange::invitation);
    let id = invitation.map(|invitation| invitation.id);
    let generation = invitation.map_or(0, |invitation| invitation.generation);
    if let Some(redemption) = &plan.redemption {
        let Redemption { invitation_id, generation, .. } = *redemption;
        return Some(Deed { what: What::Redeemed, invitation: Some(invitation_id), generation, key });
    }
    let what = match (invitation.map(|invitation| &invitation.state), plan.events.first()?.kind) {
        (Some(State::Pending), EventKind::InvitationIssued) => What::Issued,
        (Some(State::Pending), EventKind::InvitationResent) => What::Resent,
        (Some(State::Revoked { .. }), _) => What::Revoked,
        (Some(State::Declined { .. }), _) => What::Declined,
        (None, EventKind::MembershipChanged) => What::Demoted,
        _ => return None,
    };
    Some(Deed { what, invitation: id, generation, key })
}

/// The system roles that own.
pub(crate) fn owns(role: &invite_domain::access::Role) -> bool {
    role.system == Some(SystemRole::Owner)
}
