//! Members: list, change, remove.

use super::{Caller, DirectoryService, ServiceError, Step, Wanted, step};
use crate::{
    access::{ChangeMember, PermissionSet, member_edit, permission},
    id::MembershipId,
    invitation::Rejection,
    page::{Page, PageRequest},
    port::{AdministrationFacts, AdministrationQuery, MemberRecord},
};

/// A member with the permissions to print.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberView {
    /// The membership, its role, the account.
    pub record: MemberRecord,
    /// What the member may do now: role and direct permissions together, nothing while switched off.
    pub effective: PermissionSet,
}

pub(super) fn view(record: MemberRecord, known: &PermissionSet) -> MemberView {
    let effective = record.member.held().printed(known);
    MemberView { record, effective }
}

fn named(facts: &AdministrationFacts) -> Result<&MemberRecord, Rejection> {
    facts.member.as_ref().ok_or(Rejection::NotFound)
}

fn about(caller: &Caller, id: MembershipId) -> AdministrationQuery {
    AdministrationQuery { membership_id: Some(id), ..AdministrationQuery::of(caller.organization_id, caller.principal) }
}

impl DirectoryService {
    /// A page of the organisation's members, where `query` is a part of name or address.
    ///
    /// # Errors
    /// Without `members.read`.
    pub async fn members(
        &self,
        caller: &Caller,
        query: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<MemberView>, ServiceError> {
        let administration = AdministrationQuery::of(caller.organization_id, caller.principal);
        let facts = self.seeing(&administration, permission::MEMBERS_READ).await?;
        let page = self.directory.members(facts.organization.id, query, page).await?;
        Ok(page.map(|record| view(record, &facts.known_permissions)))
    }

    /// One member.
    ///
    /// # Errors
    /// Without `members.read`; [`Rejection::NotFound`].
    pub async fn member(&self, caller: &Caller, id: MembershipId) -> Result<MemberView, ServiceError> {
        let facts = self.seeing(&about(caller, id), permission::MEMBERS_READ).await?;
        Ok(view(named(&facts)?.clone(), &facts.known_permissions))
    }

    /// Changes what a member may do. Sessions stay: a person who is switched off here may be a member elsewhere.
    ///
    /// # Errors
    /// Without `members.update`; [`Rejection::NotFound`]; and as [`member_edit::change_member`].
    pub async fn change_member(
        &self,
        caller: &Caller,
        id: MembershipId,
        command: ChangeMember,
    ) -> Result<MemberView, ServiceError> {
        let query = AdministrationQuery { role_id: command.role_id.flatten(), ..about(caller, id) };
        let permission = Some(permission::MEMBERS_UPDATE);
        let ((record, known), _) = self
            .administer(caller, &query, permission, Wanted::Nothing, |administrator, facts, _| {
                let (record, known) = (named(facts)?, &facts.known_permissions);
                let others = facts.other_active_owners;
                let changed =
                    member_edit::change_member(administrator, &record.member, facts.role.as_ref(), others, &command)?;
                let whole = |member| MemberRecord { member, account: record.account.clone() };
                let changed = changed.map(|(plan, member)| (plan, (whole(member), known.clone())));
                Ok(step(changed, || (record.clone(), known.clone())))
            })
            .await?;
        Ok(view(record, &known))
    }

    /// Removes a member; anybody may remove themselves.
    ///
    /// # Errors
    /// [`Rejection::NotFound`], and as [`member_edit::remove_member`].
    pub async fn remove_member(&self, caller: &Caller, id: MembershipId) -> Result<(), ServiceError> {
        self.administer(caller, &about(caller, id), None, Wanted::Nothing, |administrator, facts, _| {
            let member = facts.member.as_ref().map(|record| &record.member);
            let plan = member_edit::remove_member(administrator, member, facts.other_active_owners)?;
            Ok(Step::Commit(Box::new(plan), ()))
        })
        .await?;
        Ok(())
    }
}
