//! The place in the organisation that a redemption gives.

use super::Joiner;
use crate::{
    access::{Actor, MemberFacts},
    directory::Membership,
    id::{AccountId, MembershipId},
    invitation::{Context, DirectoryChange, Event, EventKind, Guard, Plan, UniqueKey, issue::grant_facts},
    port::RedemptionFacts,
};

/// The membership part: a new one with exactly the grant, or the union with what the person has (rule 6.3).
pub(super) fn join(
    joiner: &Joiner<'_>,
    facts: &RedemptionFacts,
    account_id: AccountId,
    actor: Actor,
    plan: &mut Plan,
    ctx: &Context<'_>,
) -> MemberFacts {
    let grant = &facts.record.invitation.grant;
    let granted = facts.record.role.as_ref();
    let existing = match joiner {
        Joiner::New { .. } => None,
        Joiner::Existing { person, .. } | Joiner::Reclaimed { person } | Joiner::Again { person, .. } => {
            person.member.as_ref()
        }
    };
    if let (Joiner::Again { .. }, Some(member)) = (joiner, existing) {
        // Let in again, nothing more: no right, no rate, no event of a change (rule 3.3).
        plan.guards.push(Guard::MembershipAt(member.membership.id, member.membership.version));
        return member.clone();
    }
    let subject_id = facts.record.invitation.recipient.subject_id();
    let organization_id = facts.organization.id;
    let (member, kind) = if let Some(old) = existing {
        let mut membership = old.membership.with_grant(old.role.as_ref(), grant, granted);
        // Who came from a record stays who came from it.
        membership.subject_id = membership.subject_id.or(subject_id);
        let role = if membership.role_id == old.membership.role_id { old.role.clone() } else { granted.cloned() };
        plan.guards.push(Guard::MembershipAt(membership.id, membership.version));
        membership.version += 1;
        plan.directory.push(DirectoryChange::UpdateMembership(Box::new(membership.clone())));
        (MemberFacts { membership, role, name: None }, EventKind::MembershipChanged)
    } else {
        let membership = Membership {
            id: MembershipId::new(ctx.now, ctx.entropy),
            number: 0,
            organization_id,
            account_id,
            role_id: grant.role_id,
            permissions: grant.permissions.clone(),
            active: true,
            default_rate: grant.default_rate,
            metadata: grant.metadata.clone(),
            subject_id,
            group_id: None,
            created_at: ctx.now,
            version: 1,
        };
        plan.guards.push(Guard::Free(UniqueKey::Membership(organization_id, account_id)));
        plan.limits.extend(ctx.limits_of_redemption(&facts.organization, &facts.record.invitation));
        plan.directory.push(DirectoryChange::InsertMembership(Box::new(membership.clone())));
        (MemberFacts { membership, role: granted.cloned(), name: None }, EventKind::MembershipCreated)
    };
    let membership = &member.membership;
    let event =
        ctx.membership_event(organization_id, membership.id, kind, actor, membership.version, grant_facts(grant));
    plan.events.push(Event { invitation_id: Some(facts.record.invitation.id), ..event });
    member
}
