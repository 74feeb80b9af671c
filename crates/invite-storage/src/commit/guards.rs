//! Conditions a plan was decided under, checked in the transaction that writes.
//!
//! A guard on a row the plan updates is folded into that update: `UPDATE … WHERE version = ?` that finds no row is a
//! stale plan. The others are reads under a lock, in the order organisation, invitation, account and membership, the
//! rest (rule 6.7).

use super::groups;
use crate::{
    directory::{PeopleQuery, SqlDirectory},
    engine::Hold,
    entity,
    error::Failure,
    sql::{SqlConnection, exists, is, table},
};
use invite_domain::{
    access::SystemRole,
    directory::Subject,
    id::{AccountId, InvitationId, MembershipId, OrganizationId, RoleId, SubjectId},
    invitation::{AdministrationChange, Guard, InvitationChange, LiveKey, Plan, UniqueKey},
    secret::{CodeIndex, account_token::AccountPurpose},
};
use sea_orm::{
    ConnectionTrait, EntityTrait,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement},
};

pub(super) struct Guards<'p> {
    plan: &'p Plan,
}

/// `SELECT 1 FROM table`, to be narrowed.
pub(super) fn any<E: EntityTrait>() -> SelectStatement {
    let mut select = Query::select();
    select.from(table::<E>());
    select
}

pub(super) async fn require(sql: &SqlConnection<'_>, select: SelectStatement) -> Result<(), Failure> {
    if exists(sql, select).await? { Ok(()) } else { Err(Failure::Stale) }
}

async fn refuse(sql: &SqlConnection<'_>, select: SelectStatement) -> Result<(), Failure> {
    if exists(sql, select).await? { Err(Failure::Stale) } else { Ok(()) }
}

impl<'p> Guards<'p> {
    pub(super) fn of(plan: &'p Plan) -> Self {
        Self { plan }
    }

    /// The version an invitation that the plan updates must have.
    pub(super) fn invitation_version(&self, id: InvitationId) -> Option<i64> {
        self.plan.guards.iter().find_map(|guard| match guard {
            Guard::InvitationAt(guarded, version) if *guarded == id => Some(*version),
            _ => None,
        })
    }

    /// The version a record that the plan updates must have.
    pub(super) fn subject_version(&self, organization: OrganizationId, id: SubjectId) -> Option<i64> {
        self.plan.guards.iter().find_map(|guard| match guard {
            Guard::SubjectAt(of, guarded, version) if *of == organization && *guarded == id => Some(*version),
            _ => None,
        })
    }

    /// The guards that speak of accounts and memberships: the directory checks them.
    pub(super) fn of_directory(&self) -> Vec<&'p Guard> {
        let guards = self.plan.guards.iter();
        guards
            .filter(|guard| {
                matches!(
                    guard,
                    Guard::AccountAt(..)
                        | Guard::MembershipAt(..)
                        | Guard::Free(
                            UniqueKey::AccountAddress(_)
                                | UniqueKey::Username(_)
                                | UniqueKey::Identity(_)
                                | UniqueKey::Membership(..)
                        )
                )
            })
            .collect()
    }

    pub(super) async fn check_before(&self, sql: &SqlConnection<'_>) -> Result<(), Failure> {
        let mut guards: Vec<_> = self.plan.guards.iter().collect();
        guards.sort_by_key(|guard| lock_rank(guard));
        for guard in guards {
            self.check(sql, guard).await?;
        }
        Ok(())
    }

    /// That nobody is a member who has an address nothing may be in the way of.
    pub(super) async fn check_members(
        &self,
        sql: &SqlConnection<'_>,
        directory: &dyn SqlDirectory,
    ) -> Result<(), Failure> {
        for guard in &self.plan.guards {
            if let Guard::Unhindered(organization, _, Some(address)) = guard {
                let query = PeopleQuery { address_keys: &[address], ..PeopleQuery::default() };
                let people = directory.people(sql, *organization, query).await?;
                if people.iter().any(|person| person.member.is_some()) {
                    return Err(Failure::Stale);
                }
            }
        }
        Ok(())
    }

    pub(super) async fn check_after(&self, sql: &SqlConnection<'_>) -> Result<(), Failure> {
        for guard in &self.plan.guards {
            if let Guard::OwnerRemains(organization) = guard {
                require(sql, active_owners(*organization, None)).await?;
            }
        }
        Ok(())
    }

    async fn check(&self, sql: &SqlConnection<'_>, guard: &Guard) -> Result<(), Failure> {
        match guard {
            Guard::Epoch { organization_id, epoch, raise } => self.epoch(sql, *organization_id, *epoch, *raise).await,
            Guard::InvitationAt(id, version) => self.invitation_at(sql, *id, *version).await,
            Guard::GroupAt(id, version) => groups::at_version(sql, self.plan, *id, *version).await,
            Guard::DeletedAt(id, version) => groups::deleted_at(sql, *id, *version).await,
            Guard::RoleUnused(organization, role) => {
                refuse(sql, members_with_role(*organization, *role)).await?;
                refuse(sql, pending_with_role(*organization, *role)).await
            }
            Guard::LinkUnused { account_id, purpose, counter } => {
                link_unused(sql, *account_id, *purpose, *counter).await
            }
            Guard::SubjectAt(organization, id, version) => self.subject_at(sql, *organization, *id, *version).await,
            Guard::SessionLasts(id) => {
                let mut select = any::<entity::session::Entity>();
                select.and_where(is(entity::session::Column::Id, id.as_uuid()));
                sql.engine().hold(&mut select, Hold::Alone);
                require(sql, select).await
            }
            Guard::Free(key) => self.free(sql, key).await,
            Guard::Unhindered(organization, key, _) => {
                use entity::block::{Column, Entity};
                self.free(sql, &UniqueKey::Live(*organization, key.clone())).await?;
                let mut blocked = any::<Entity>();
                blocked
                    .and_where(is(Column::OrganizationId, organization.as_uuid()))
                    .and_where(is(Column::HolderKey, key.as_str()));
                refuse(sql, blocked).await
            }
            // The directory's own, and what is looked at once the plan is applied.
            Guard::AccountAt(..) | Guard::MembershipAt(..) | Guard::OwnerRemains(_) => Ok(()),
        }
    }

    async fn epoch(
        &self,
        sql: &SqlConnection<'_>,
        organization: OrganizationId,
        epoch: i64,
        raise: bool,
    ) -> Result<(), Failure> {
        use entity::organization::Column;
        let conditions = [
            is(Column::Id, organization.as_uuid()),
            is(Column::AuthorityEpoch, epoch),
            Expr::col(Alias::new("deleted_at")).is_null(),
        ];
        if !raise {
            let mut select = any::<entity::organization::Entity>();
            for condition in conditions {
                select.and_where(condition);
            }
            sql.engine().hold(&mut select, Hold::Shared);
            return require(sql, select).await;
        }
        let mut update = Query::update();
        update
            .table(table::<entity::organization::Entity>())
            .value(Alias::new("authority_epoch"), Expr::col(Alias::new("authority_epoch")).add(1))
            .value(Alias::new("suspension_due"), true);
        for condition in conditions {
            update.and_where(condition);
        }
        let changed = sql.execute(&update).await?.rows_affected();
        if changed == 1 { Ok(()) } else { Err(Failure::Stale) }
    }

    async fn invitation_at(&self, sql: &SqlConnection<'_>, id: InvitationId, version: i64) -> Result<(), Failure> {
        use entity::invitation::Column;
        let updated = self.plan.invitations.iter().any(|change| match change {
            InvitationChange::Update(invitation) => invitation.id == id,
            InvitationChange::Insert(_) => false,
        });
        if updated {
            return Ok(());
        }
        let mut select = any::<entity::invitation::Entity>();
        select.and_where(is(Column::Id, id.as_uuid())).and_where(is(Column::Version, version));
        sql.engine().hold(&mut select, Hold::Shared);
        require(sql, select).await
    }

    async fn subject_at(
        &self,
        sql: &SqlConnection<'_>,
        organization: OrganizationId,
        id: SubjectId,
        version: i64,
    ) -> Result<(), Failure> {
        let updated = self.plan.administration.iter().any(|change| {
            matches!(change, AdministrationChange::UpdateSubject(subject)
                if subject.organization_id == organization && subject.id == id)
        });
        if updated {
            return Ok(());
        }
        let mut select = subject_of(organization, id);
        select
            .and_where(is(entity::subject::Column::Version, version))
            .and_where(Expr::col(Alias::new("deleted_at")).is_null());
        sql.engine().hold(&mut select, Hold::Shared);
        require(sql, select).await
    }

    /// The records the plan writes.
    fn subjects(&self) -> impl Iterator<Item = &'p Subject> {
        self.plan.administration.iter().filter_map(|change| match change {
            AdministrationChange::InsertSubject(subject) | AdministrationChange::UpdateSubject(subject) => {
                Some(&**subject)
            }
            _ => None,
        })
    }

    /// Where the plan itself inserts the key, the database's constraint decides; else it is looked up.
    async fn free(&self, sql: &SqlConnection<'_>, key: &UniqueKey) -> Result<(), Failure> {
        let select = match key {
            UniqueKey::AccountAddress(_)
            | UniqueKey::Username(_)
            | UniqueKey::Identity(_)
            | UniqueKey::Membership(..) => return Ok(()),
            UniqueKey::Code(organization, index) => {
                if writes_code(self.plan, *organization, index) {
                    return Ok(());
                }
                let mut select = any::<entity::invitation::Entity>();
                select
                    .and_where(is(entity::invitation::Column::OrganizationId, organization.as_uuid()))
                    .and_where(is(entity::invitation::Column::CodeIndex, index.as_bytes().to_vec()));
                select
            }
            UniqueKey::Subject(organization, id) => {
                let inserts = |change: &AdministrationChange| {
                    matches!(change, AdministrationChange::InsertSubject(subject)
                        if subject.organization_id == *organization && subject.id == *id)
                };
                if self.plan.administration.iter().any(inserts) {
                    return Ok(());
                }
                subject_of(*organization, *id)
            }
            UniqueKey::SubjectRemoteId(organization, kind, remote_id) => {
                let mut written = self.subjects().filter(|subject| subject.deleted_at.is_none());
                let takes = |subject: &'p Subject| {
                    subject.organization_id == *organization
                        && subject.kind == *kind
                        && subject.remote_id.as_ref() == Some(remote_id)
                };
                if written.any(takes) {
                    return Ok(());
                }
                let mut select = any::<entity::subject::Entity>();
                select
                    .and_where(is(entity::subject::Column::OrganizationId, organization.as_uuid()))
                    .and_where(is(entity::subject::Column::Kind, kind.name()))
                    .and_where(is(entity::subject::Column::RemoteKey, remote_id.as_str()));
                select
            }
            UniqueKey::Live(organization, key) => {
                if writes_live_key(self.plan, *organization, key) {
                    return Ok(());
                }
                let mut select = any::<entity::invitation::Entity>();
                select
                    .and_where(is(entity::invitation::Column::OrganizationId, organization.as_uuid()))
                    .and_where(is(entity::invitation::Column::LiveKey, key.as_str()));
                select
            }
            UniqueKey::RoleName(organization, name) => {
                let inserted = self.plan.administration.iter().any(|change| match change {
                    AdministrationChange::InsertRole(role) | AdministrationChange::UpdateRole(role) => {
                        role.organization_id == *organization && role.name == *name
                    }
                    _ => false,
                });
                if inserted {
                    return Ok(());
                }
                let mut select = any::<entity::role::Entity>();
                select
                    .and_where(is(entity::role::Column::OrganizationId, organization.as_uuid()))
                    .and_where(is(entity::role::Column::Name, name.as_str()));
                select
            }
            UniqueKey::Idempotency { scope, key } => {
                let inserted = self.plan.idempotency.as_ref().is_some_and(|own| own.scope == *scope && own.key == *key);
                if inserted {
                    return Ok(());
                }
                let mut select = any::<entity::idempotency::Entity>();
                select
                    .and_where(is(entity::idempotency::Column::Scope, scope.as_str()))
                    .and_where(is(entity::idempotency::Column::RequestKey, key.as_str()));
                select
            }
            UniqueKey::Slug(slug) => {
                refuse(sql, crate::directory::slug::present(slug)).await?;
                crate::directory::slug::past(sql.engine(), slug)
            }
            UniqueKey::Installation => {
                refuse(sql, any::<entity::organization::Entity>()).await?;
                any::<entity::operator_key::Entity>()
            }
        };
        refuse(sql, select).await
    }
}

/// Whether the plan itself writes an invitation with this live key.
pub(super) fn writes_live_key(plan: &Plan, organization: OrganizationId, key: &LiveKey) -> bool {
    let mut written = plan.invitations.iter().map(InvitationChange::invitation);
    written.any(|invitation| invitation.organization_id == organization && invitation.live_key.as_ref() == Some(key))
}

/// Whether the plan itself writes an invitation with this code.
pub(super) fn writes_code(plan: &Plan, organization: OrganizationId, index: &CodeIndex) -> bool {
    let mut written = plan.invitations.iter().map(InvitationChange::invitation);
    written
        .any(|invitation| invitation.organization_id == organization && invitation.code_index.as_ref() == Some(index))
}

fn subject_of(organization: OrganizationId, id: SubjectId) -> SelectStatement {
    let mut select = any::<entity::subject::Entity>();
    select
        .and_where(is(entity::subject::Column::OrganizationId, organization.as_uuid()))
        .and_where(is(entity::subject::Column::Id, id.as_uuid()));
    select
}

fn lock_rank(guard: &Guard) -> (u8, Option<uuid::Uuid>) {
    match guard {
        Guard::Epoch { organization_id, .. } => (0, Some(organization_id.as_uuid())),
        Guard::DeletedAt(id, _) => (0, Some(id.as_uuid())),
        Guard::GroupAt(id, _) => (1, Some(id.as_uuid())),
        Guard::InvitationAt(id, _) => (1, Some(id.as_uuid())),
        Guard::SubjectAt(_, id, _) => (2, Some(id.as_uuid())),
        Guard::SessionLasts(_) | Guard::LinkUnused { .. } => (3, None),
        // What is only read comes when everything is held that could change it.
        _ => (4, None),
    }
}

async fn link_unused(
    sql: &SqlConnection<'_>,
    account: AccountId,
    purpose: AccountPurpose,
    counter: u8,
) -> Result<(), Failure> {
    use entity::account_token::Column;
    let mut select = any::<entity::account_token::Entity>();
    select
        .and_where(is(Column::AccountId, account.as_uuid()))
        .and_where(is(Column::Purpose, crate::convert::purpose_number(purpose)))
        .and_where(is(Column::Counter, i64::from(counter)))
        .and_where(Expr::col(Alias::new("used_at")).is_null())
        .and_where(Expr::col(Alias::new("nonce")).is_not_null());
    sql.engine().hold(&mut select, Hold::Alone);
    require(sql, select).await
}

/// The active owners of an organisation, but for one.
pub(crate) fn active_owners(organization: OrganizationId, except: Option<MembershipId>) -> SelectStatement {
    use entity::{membership, role};
    let mut owners = Query::select();
    owners
        .column(Alias::new("id"))
        .from(table::<role::Entity>())
        .and_where(is(role::Column::OrganizationId, organization.as_uuid()))
        .and_where(is(role::Column::SystemRole, SystemRole::Owner.name()));
    let mut select = any::<membership::Entity>();
    select
        .and_where(is(membership::Column::OrganizationId, organization.as_uuid()))
        .and_where(is(membership::Column::Active, true))
        .and_where(Expr::col(Alias::new("role_id")).in_subquery(owners));
    if let Some(except) = except {
        select.and_where(Expr::col(Alias::new("id")).ne(except.as_uuid()));
    }
    select
}

/// The memberships with a role.
pub(crate) fn members_with_role(organization: OrganizationId, role: RoleId) -> SelectStatement {
    let mut select = any::<entity::membership::Entity>();
    select
        .and_where(is(entity::membership::Column::OrganizationId, organization.as_uuid()))
        .and_where(is(entity::membership::Column::RoleId, role.as_uuid()));
    select
}

/// The pending invitations with a role.
pub(crate) fn pending_with_role(organization: OrganizationId, role: RoleId) -> SelectStatement {
    let mut select = any::<entity::invitation::Entity>();
    select
        .and_where(is(entity::invitation::Column::OrganizationId, organization.as_uuid()))
        .and_where(is(entity::invitation::Column::RoleId, role.as_uuid()))
        .and_where(is(entity::invitation::Column::State, "pending"));
    select
}
