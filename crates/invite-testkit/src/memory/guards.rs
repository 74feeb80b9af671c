//! Whether a plan is still true.

use super::{MemoryStore, state::State};
use crate::broken::Fault;
use invite_domain::{
    directory::AccountToken,
    invitation::{Guard, IdempotencyRecord, Plan, UniqueKey},
    time::Timestamp,
};

impl MemoryStore {
    /// Whether every guard that speaks of the time before the plan holds, and raises the epochs the plan raises.
    pub(super) fn guards_hold(&self, draft: &mut State, plan: &Plan) -> bool {
        plan.guards.iter().all(|guard| self.holds(draft, guard, plan.idempotency.as_ref()))
    }

    /// Whether every guard that speaks of the time after the plan holds.
    pub(super) fn guards_hold_after(&self, draft: &State, plan: &Plan) -> bool {
        plan.guards.iter().all(|guard| match guard {
            Guard::OwnerRemains(id) => draft.has_active_owner(*id, None) || self.has(Fault::OwnerGuardIgnored),
            _ => true,
        })
    }

    fn holds(&self, draft: &mut State, guard: &Guard, answer: Option<&IdempotencyRecord>) -> bool {
        match guard {
            Guard::InvitationAt(id, version) => {
                let at = draft.invitations.get(id).map(|invitation| invitation.version);
                at == Some(*version) || (at.is_some() && self.has(Fault::InvitationVersionIgnored))
            }
            Guard::AccountAt(id, version) => {
                let at = draft.accounts.get(id).map(|account| account.version);
                at == Some(*version) || self.has(Fault::AccountVersionIgnored)
            }
            Guard::MembershipAt(id, version) => {
                draft.memberships.get(id).is_some_and(|member| member.version == *version)
            }
            Guard::Epoch { organization_id, epoch, raise } => {
                let Some(mut organization) = draft.organization(*organization_id) else {
                    return self.has(Fault::DeletedOrganizationIgnored);
                };
                let holds = organization.authority_epoch == *epoch || self.has(Fault::EpochIgnored);
                if holds && *raise {
                    organization.authority_epoch += 1;
                    draft.organizations.insert(*organization_id, organization.into());
                }
                holds
            }
            Guard::GroupAt(id, version) => draft
                .groups
                .get(id)
                .is_some_and(|group| group.version == *version || self.has(Fault::GroupVersionIgnored)),
            Guard::DeletedAt(id, version) => draft.organizations.get(id).is_some_and(|organization| {
                let is_it = organization.version == *version && organization.deleted_at.is_some();
                is_it || self.has(Fault::RestorationIgnored)
            }),
            // Looked at once the plan is applied.
            Guard::OwnerRemains(_) => true,
            Guard::RoleUnused(organization, role) => {
                !draft.is_role_used(*organization, *role) || self.has(Fault::RoleUseIgnored)
            }
            Guard::SubjectAt(organization, id, version) => {
                let anywhere = || draft.subjects.values().find(|subject| subject.id == *id);
                let anywhere = anywhere().filter(|_| self.has(Fault::SubjectOrganizationIgnored));
                draft.subjects.get(&(*organization, *id)).or(anywhere).is_some_and(|subject| {
                    (subject.version == *version || self.has(Fault::SubjectVersionIgnored))
                        && (subject.deleted_at.is_none() || self.has(Fault::DeletedSubjectGuarded))
                })
            }
            Guard::Unhindered(organization, key, address) => {
                let at_address = address.as_ref().and_then(|address| draft.account_at(address));
                let member = at_address.and_then(|account| draft.membership_of(*organization, account.id));
                let is_blocked = draft.blocks.contains(&(*organization, key.clone()));
                (draft.holder(*organization, key).is_none() && !is_blocked && member.is_none())
                    || self.has(Fault::HindranceIgnored)
            }
            Guard::SessionLasts(id) => draft.sessions.contains_key(id) || self.has(Fault::SessionEndIgnored),
            Guard::LinkUnused { account_id, purpose, counter } => {
                let link = draft.account_tokens.get(&(*account_id, *purpose));
                let is_it =
                    |link: &AccountToken| link.counter == *counter && link.used_at.is_none() && link.nonce.is_some();
                link.is_some_and(|link| is_it(link)) || self.has(Fault::LinkUseIgnored)
            }
            Guard::Free(key) => is_free(draft, key, answer, self.clock.now()) || self.ignores(key),
        }
    }

    fn ignores(&self, key: &UniqueKey) -> bool {
        match key {
            UniqueKey::Live(..) => self.has(Fault::LiveKeyIgnored),
            UniqueKey::Idempotency { .. } => self.has(Fault::IdempotencyNotUnique),
            UniqueKey::Code(..) => self.has(Fault::CodesNotUnique),
            UniqueKey::Username(..) => self.has(Fault::UsernameNotUnique),
            UniqueKey::Identity(..) => self.has(Fault::IdentityTakenOver),
            UniqueKey::SubjectRemoteId(..) => self.has(Fault::RemoteIdNotUnique),
            _ => false,
        }
    }
}

fn is_free(draft: &State, key: &UniqueKey, answer: Option<&IdempotencyRecord>, now: Timestamp) -> bool {
    match key {
        UniqueKey::Live(organization, key) => draft.holder(*organization, key).is_none(),
        UniqueKey::AccountAddress(key) => draft.account_at(key).is_none(),
        UniqueKey::Membership(organization, account) => draft.membership_of(*organization, *account).is_none(),
        UniqueKey::Username(key) => {
            !draft.accounts.values().any(|account| account.username.as_ref().is_some_and(|name| name.key() == key))
        }
        UniqueKey::Identity(key) => !draft.identities.contains_key(key),
        UniqueKey::Code(organization, index) => draft.coded(*organization, index).is_none(),
        UniqueKey::Subject(organization, id) => !draft.subjects.contains_key(&(*organization, *id)),
        UniqueKey::SubjectRemoteId(organization, kind, remote_id) => {
            draft.remote_holder(*organization, *kind, remote_id).is_none()
        }
        UniqueKey::Slug(slug) => draft.slug_holder(slug, now).is_none(),
        UniqueKey::RoleName(organization, name) => {
            !draft.roles.values().any(|role| role.organization_id == *organization && role.name == *name)
        }
        UniqueKey::Idempotency { scope, key } => {
            // A record that no longer counts when the plan's own is made does not stand in its way.
            draft
                .idempotency
                .get(&(scope.clone(), key.clone()))
                .is_none_or(|record| answer.is_some_and(|answer| !record.is_live(answer.created_at)))
        }
        UniqueKey::Installation => draft.organizations.is_empty() && draft.operator_keys.is_empty(),
    }
}
