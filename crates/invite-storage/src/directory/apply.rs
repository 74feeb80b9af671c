//! The write side of the bundled directory.

use super::{DirectoryPart, identities};
use crate::{
    commit, convert,
    engine::Hold,
    entity,
    error::Failure,
    sql::{SqlConnection, exists, insert, insert_all_numbered, insert_numbered, is, table, update_statement},
};
use invite_domain::{
    directory::Account,
    id::AccountId,
    invitation::{DirectoryChange, Guard, UniqueKey},
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait, EntityTrait, Order,
    sea_query::{Alias, CaseStatement, Expr, ExprTrait, Query, SelectStatement, UpdateStatement},
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Stale where a guard does not hold.
pub(super) async fn check(sql: &SqlConnection<'_>, part: &DirectoryPart<'_>) -> Result<(), Failure> {
    let is_one_of_many = |guard: &&&Guard| matches!(guard, Guard::MembershipAt(..));
    let many = part.guards.iter().filter(is_one_of_many).count() > 1;
    if many {
        check_memberships(sql, part).await?;
    }
    for guard in part.guards.iter().filter(|guard| !many || !is_one_of_many(guard)) {
        check_one(sql, part, guard).await?;
    }
    Ok(())
}

/// Members of whom there may be thousands, where a group of organisations ends: all in one statement.
async fn check_memberships(sql: &SqlConnection<'_>, part: &DirectoryPart<'_>) -> Result<(), Failure> {
    use entity::membership;
    let guarded: BTreeSet<(Uuid, i64)> = part
        .guards
        .iter()
        .filter_map(|guard| match guard {
            Guard::MembershipAt(id, version) => Some((id.as_uuid(), *version)),
            _ => None,
        })
        .collect();
    let mut select = Query::select();
    select
        .columns(["id", "version"].map(Alias::new))
        .from(table::<membership::Entity>())
        .and_where(Expr::col(Alias::new("id")).is_in(guarded.iter().map(|(id, _)| *id)))
        // Rows that two plans hold are held in one order.
        .order_by(Alias::new("id"), Order::Asc);
    sql.engine().hold(&mut select, Hold::Shared);
    let mut found = BTreeSet::new();
    for row in sql.query_all(&select).await? {
        found.insert((row.try_get("", "id")?, row.try_get("", "version")?));
    }
    if found == guarded { Ok(()) } else { Err(Failure::Stale) }
}

pub(super) async fn apply(sql: &SqlConnection<'_>, part: &DirectoryPart<'_>) -> Result<Vec<(Uuid, i64)>, Failure> {
    use entity::{account, membership, session};
    let mut numbers = Vec::new();
    let both_join = |one: &DirectoryChange, next: &DirectoryChange| {
        let joins = |change| matches!(change, &DirectoryChange::InsertMembership(_));
        joins(one) && joins(next)
    };
    for run in part.changes.chunk_by(both_join) {
        let [change] = run else {
            let joining = run.iter().filter_map(|change| match change {
                DirectoryChange::InsertMembership(membership) => Some(convert::membership_row(membership)),
                _ => None,
            });
            let rows: Vec<_> = joining.collect();
            let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
            numbers.extend(insert_all_numbered::<membership::Entity>(sql, &rows, &ids).await?);
            continue;
        };
        match change {
            DirectoryChange::InsertAccount(account) => {
                let number = insert_numbered::<account::Entity>(sql, convert::account_row(account)).await?;
                numbers.push((account.id.as_uuid(), number));
            }
            DirectoryChange::UpdateAccount(account) => {
                let row = convert::account_row(account);
                let keep = ["number", "id", "created_at", "last_sign_in_at", "previous_sign_in_at"];
                let mut update = update_statement::<account::Entity>(&row, &keep);
                keep_later_sign_in(&mut update, account);
                update.and_where(is(account::Column::Id, row.id));
                if let Some(version) = account_version(part, account.id) {
                    update.and_where(is(account::Column::Version, version));
                }
                commit::one(sql, &update).await?;
            }
            DirectoryChange::InsertMembership(membership) => {
                let number = insert_numbered::<membership::Entity>(sql, convert::membership_row(membership)).await?;
                numbers.push((membership.id.as_uuid(), number));
            }
            DirectoryChange::UpdateMembership(membership) => {
                let row = convert::membership_row(membership);
                let keep = ["number", "id", "organization_id", "account_id", "created_at"];
                let mut update = update_statement::<membership::Entity>(&row, &keep);
                update
                    .and_where(is(membership::Column::OrganizationId, row.organization_id))
                    .and_where(is(membership::Column::Id, row.id));
                if let Some(version) = membership_version(part, row.id) {
                    update.and_where(is(membership::Column::Version, version));
                }
                commit::one(sql, &update).await?;
            }
            DirectoryChange::InsertSession(session) => {
                insert::<session::Entity>(sql, &[convert::session_row(session)]).await?;
            }
            DirectoryChange::LinkIdentity(identity) => identities::link(sql, identity).await?,
            DirectoryChange::NoteSignIn(account, at) => note_sign_in(sql, *account, *at).await?,
            DirectoryChange::EndCredentials(account, at) => end_credentials(sql, *account, *at).await?,
        }
    }
    Ok(numbers)
}

fn account_version(part: &DirectoryPart<'_>, id: AccountId) -> Option<i64> {
    part.guards.iter().find_map(|guard| match guard {
        Guard::AccountAt(guarded, version) if *guarded == id => Some(*version),
        _ => None,
    })
}

fn membership_version(part: &DirectoryPart<'_>, id: Uuid) -> Option<i64> {
    part.guards.iter().find_map(|guard| match guard {
        Guard::MembershipAt(guarded, version) if guarded.as_uuid() == id => Some(*version),
        _ => None,
    })
}

fn any<E: EntityTrait>() -> SelectStatement {
    let mut select = Query::select();
    select.from(table::<E>());
    select
}

/// Checks a guard, where no change of the part checks it by itself: an update names the version it expects, an insertion
/// is bound by the unique key.
async fn check_one(sql: &SqlConnection<'_>, part: &DirectoryPart<'_>, guard: &Guard) -> Result<(), Failure> {
    use entity::{account, membership};
    let changes = part.changes;
    let (select, wanted) = match guard {
        Guard::AccountAt(id, version) => {
            let folded = changes
                .iter()
                .any(|change| matches!(change, DirectoryChange::UpdateAccount(account) if account.id == *id));
            if folded {
                return Ok(());
            }
            let mut select = any::<account::Entity>();
            select.and_where(is(account::Column::Id, id.as_uuid())).and_where(is(account::Column::Version, *version));
            // Two that share a row and then change it wait for each other for ever.
            let is_written = changes.iter().any(|change| match change {
                DirectoryChange::NoteSignIn(account, _) => account == id,
                _ => false,
            });
            sql.engine().hold(&mut select, if is_written { Hold::Alone } else { Hold::Shared });
            (select, true)
        }
        Guard::MembershipAt(id, version) => {
            let folded = changes
                .iter()
                .any(|change| matches!(change, DirectoryChange::UpdateMembership(member) if member.id == *id));
            if folded {
                return Ok(());
            }
            let mut select = any::<membership::Entity>();
            select
                .and_where(is(membership::Column::Id, id.as_uuid()))
                .and_where(is(membership::Column::Version, *version));
            sql.engine().hold(&mut select, Hold::Shared);
            (select, true)
        }
        Guard::Free(UniqueKey::AccountAddress(key)) => {
            let inserted = changes.iter().any(|change| match change {
                DirectoryChange::InsertAccount(account) | DirectoryChange::UpdateAccount(account) => {
                    account.email_key() == Some(key)
                }
                _ => false,
            });
            if inserted {
                return Ok(());
            }
            let mut select = any::<account::Entity>();
            select.and_where(is(account::Column::AddressKey, key.as_str()));
            (select, false)
        }
        Guard::Free(UniqueKey::Username(key)) => {
            let inserted = changes.iter().any(|change| match change {
                DirectoryChange::InsertAccount(account) | DirectoryChange::UpdateAccount(account) => {
                    account.username.as_ref().is_some_and(|username| username.key() == key)
                }
                _ => false,
            });
            if inserted {
                return Ok(());
            }
            let mut select = any::<account::Entity>();
            select.and_where(is(account::Column::UsernameKey, key.as_str()));
            (select, false)
        }
        Guard::Free(UniqueKey::Identity(key)) => {
            let inserted = |change: &DirectoryChange| matches!(change, DirectoryChange::LinkIdentity(linked) if linked.key() == *key);
            return if changes.iter().any(inserted) || !identities::is_linked(sql, key).await? {
                Ok(())
            } else {
                Err(Failure::Stale)
            };
        }
        Guard::Free(UniqueKey::Membership(organization, account)) => {
            let inserted = changes.iter().any(|change| match change {
                DirectoryChange::InsertMembership(member) => {
                    member.organization_id == *organization && member.account_id == *account
                }
                _ => false,
            });
            if inserted {
                return Ok(());
            }
            let mut select = any::<membership::Entity>();
            select
                .and_where(is(membership::Column::OrganizationId, organization.as_uuid()))
                .and_where(is(membership::Column::AccountId, account.as_uuid()));
            (select, false)
        }
        _ => return Ok(()),
    };
    if exists(sql, select).await? == wanted { Ok(()) } else { Err(Failure::Stale) }
}

/// A sign-in raises no version, so whoever decided on an update may not have seen the last one: a later note stays. As
/// below, the one before comes first.
fn keep_later_sign_in(update: &mut UpdateStatement, account: &Account) {
    let Some(last) = account.last_sign_in_at else { return };
    let is_later = || Expr::col(Alias::new("last_sign_in_at")).gt(Expr::val(last));
    for (name, value) in [("previous_sign_in_at", account.previous_sign_in_at), ("last_sign_in_at", Some(last))] {
        let later = CaseStatement::new().case(is_later(), Expr::col(Alias::new(name))).finally(Expr::val(value));
        update.value(Alias::new(name), later);
    }
}

/// The last sign-in becomes the one before, then this the last: in this order, since MariaDB assigns one after the other.
async fn note_sign_in(sql: &SqlConnection<'_>, account: AccountId, at: Timestamp) -> Result<(), Failure> {
    let mut update = Query::update();
    update
        .table(table::<entity::account::Entity>())
        .value(Alias::new("previous_sign_in_at"), Expr::col(Alias::new("last_sign_in_at")))
        .value(Alias::new("last_sign_in_at"), at)
        .and_where(is(entity::account::Column::Id, account.as_uuid()));
    commit::one(sql, &update).await
}

/// Ends sessions, links, identities and the API keys of the account's memberships, and raises the epoch of their organisations (rules
/// 5.6, 6.7). The epoch first: an organisation's row is locked before what belongs to it.
async fn end_credentials(sql: &SqlConnection<'_>, account: AccountId, at: Timestamp) -> Result<(), Failure> {
    use entity::{api_key, membership, organization};
    let of_memberships = |column: &'static str| {
        let mut select = Query::select();
        select
            .column(Alias::new(column))
            .from(table::<membership::Entity>())
            .and_where(is(membership::Column::AccountId, account.as_uuid()));
        select
    };
    let mut raise = Query::update();
    raise
        .table(table::<organization::Entity>())
        .value(Alias::new("authority_epoch"), Expr::col(Alias::new("authority_epoch")).add(1))
        .value(Alias::new("suspension_due"), true)
        .and_where(Expr::col(Alias::new("id")).in_subquery(of_memberships("organization_id")));
    sql.execute(&raise).await?;
    commit::end_sessions(sql, account).await?;
    commit::end_links(sql, account, None).await?;
    identities::forget(sql, account).await?;
    let mut update = Query::update();
    update
        .table(table::<api_key::Entity>())
        .value(Alias::new("revoked_at"), at)
        .value(Alias::new("version"), Expr::col(Alias::new("version")).add(1))
        .and_where(Expr::col(Alias::new("revoked_at")).is_null())
        .and_where(is(api_key::Column::ByOperator, false))
        .and_where(Expr::col(Alias::new("created_by")).in_subquery(of_memberships("id")));
    sql.execute(&update).await?;
    Ok(())
}
