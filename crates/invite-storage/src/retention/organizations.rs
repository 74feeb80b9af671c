//! Organisations that were deleted long ago, with everything of their own: what refers to something goes before it, so many
//! rows at a time as were asked for.

use super::{Ended, delete};
use crate::{
    commit,
    engine::Hold,
    entity,
    error::Failure,
    sql::{SqlConnection, exists, is, table},
    store::{Access, SqlStore, retrying},
};
use invite_domain::{id::OrganizationId, port::PortError, time::Timestamp};
use sea_orm::{
    ConnectionTrait, Order,
    sea_query::{Alias, Expr, ExprTrait, Query, SimpleExpr},
};
use uuid::Uuid;

/// What became of them.
pub(super) struct Gone {
    pub(super) organizations: u64,
    pub(super) more: bool,
}

pub(super) async fn purge(store: &SqlStore, before: Timestamp, limit: u64) -> Result<Gone, PortError> {
    let mut gone = Gone { organizations: 0, more: false };
    let found = retrying!(store, find(store, before, limit))?;
    gone.more = u64::try_from(found.len()).unwrap_or(u64::MAX) >= limit;
    let mut room = limit;
    for id in found {
        let (rows, whole) = retrying!(store, try_delete(store, id, before, room))?;
        gone.organizations += u64::from(whole);
        room = room.saturating_sub(rows);
        if room == 0 {
            gone.more = true;
            break;
        }
    }
    Ok(gone)
}

async fn find(store: &SqlStore, before: Timestamp, limit: u64) -> Result<Vec<Uuid>, Failure> {
    let mut select = Query::select();
    select
        .column(Alias::new("id"))
        .from(table::<entity::organization::Entity>())
        .and_where(Expr::col(Alias::new("deleted_at")).lte(before))
        .order_by(Alias::new("deleted_at"), Order::Asc)
        .limit(limit);
    super::ids(&store.reading(), &select).await
}

async fn try_delete(store: &SqlStore, id: Uuid, before: Timestamp, room: u64) -> Result<(u64, bool), Failure> {
    let transaction = store.begin(Access::Sweep).await?;
    let done = delete_one(&transaction.sql(), id, before, room).await;
    transaction.settle(done).await
}

/// Deletes up to `room` rows of one organisation, and itself where nothing of it is left. Answers how many, and whether it
/// is gone.
async fn delete_one(sql: &SqlConnection<'_>, id: Uuid, before: Timestamp, room: u64) -> Result<(u64, bool), Failure> {
    use entity::organization::{Column, Entity};
    let mut held = Query::select();
    held.from(table::<Entity>())
        .and_where(is(Column::Id, id))
        .and_where(Expr::col(Alias::new("deleted_at")).lte(before));
    sql.engine().hold(&mut held, Hold::Alone);
    if !exists(sql, held).await? {
        // Somebody else was faster.
        return Ok((0, false));
    }
    let own = || Expr::col(Alias::new("organization_id")).eq(id);
    let belongs = || Expr::col(Alias::new("parent_id")).is_not_null().and(own());
    let by_id: &'static [&'static str] = &["organization_id", "id"];
    let mut deleted = 0;
    macro_rules! all {
        ($($entity:ident $key:expr, $which:expr;)+) => {
            $(deleted += rows::<entity::$entity::Entity>(sql, $key, $which, room - deleted).await?;)+
        };
    }
    all! {
        message &["id"], own();
        redemption by_id, own();
        event by_id, own();
        invitation by_id, own();
        block &["organization_id", "holder_key"], own();
        api_key by_id, own();
        membership by_id, own();
        role by_id, own();
        // A record may belong to another one.
        subject by_id, belongs();
        subject by_id, own();
        logo by_id, own();
        session &["id"], own();
        organization_slug &["slug"], own();
    }
    if deleted >= room {
        return Ok((deleted, false));
    }
    commit::forget_live(sql, Some(OrganizationId::from_uuid(id))).await?;
    let mut delete = Query::delete();
    delete.from_table(table::<Entity>()).and_where(is(Column::Id, id));
    sql.execute(&delete).await?;
    Ok((deleted, true))
}

async fn rows<E: sea_orm::EntityTrait>(
    sql: &SqlConnection<'_>,
    key: &'static [&'static str],
    condition: SimpleExpr,
    room: u64,
) -> Result<u64, Failure> {
    if room == 0 { Ok(0) } else { delete::<E>(sql, &Ended { key, condition }, room).await }
}
