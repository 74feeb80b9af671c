//! Taking a person out of the rows that no other change of the plan writes. The trail stays; of its events only the client's
//! address goes, which no other statement of this crate changes.

use crate::{
    convert,
    entity::{
        account_token, block, counter, event, group_administrator, identity, invitation, membership, message,
        organization, subject,
    },
    error::Failure,
    sql::{SqlConnection, col, exists, is, table, update_statement},
};
use invite_domain::{
    access::ActorKind,
    directory::Erasing,
    email::EmailAddress,
    id::{AccountId, ApiKeyId, MembershipId, OrganizationId},
    invitation::{DeliveryState, Reason, Recipient, RecipientKind},
};
use sea_orm::{
    ConnectionTrait, EntityTrait, JoinType,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, SimpleExpr, UpdateStatement},
};
use uuid::Uuid;

/// How many ids stand in one statement.
const AT_ONCE: usize = 500;

pub(super) async fn apply(sql: &SqlConnection<'_>, erasing: &Erasing) -> Result<(), Failure> {
    invitations(sql, erasing).await?;
    messages(sql, erasing).await?;
    links(sql, erasing).await?;
    if let Some(account) = erasing.account_id {
        let of_account = || Expr::col(Alias::new("account_id")).eq(account.as_uuid());
        delete::<identity::Entity>(sql, of_account()).await?;
        delete::<group_administrator::Entity>(sql, of_account()).await?;
    }
    blocks(sql, erasing).await?;
    for key in &erasing.counters {
        // A row's key ends with a slash and the length of its window; the character after a slash is a nought.
        let own = || Expr::col(Alias::new("counter_key"));
        delete::<counter::Entity>(sql, own().gt(format!("{key}/")).and(own().lt(format!("{key}0")))).await?;
    }
    events(sql, erasing).await?;
    nothing_is_left(sql, erasing).await
}

/// Invitations that have ended, at the version they were found at.
async fn invitations(sql: &SqlConnection<'_>, erasing: &Erasing) -> Result<(), Failure> {
    use invitation::Column;
    for invitation in &erasing.invitations {
        let row = convert::invitation_row(invitation);
        let keep = ["number", "id", "organization_id", "created_at"];
        let mut update = update_statement::<invitation::Entity>(&row, &keep);
        update
            .and_where(is(Column::OrganizationId, row.organization_id))
            .and_where(is(Column::Id, row.id))
            .and_where(is(Column::Version, row.version));
        super::one(sql, &update).await?;
    }
    Ok(())
}

/// Whether a stored address is the person's. One that cannot be read names nobody we could tell.
fn is_same(erasing: &Erasing, stored: &str) -> bool {
    EmailAddress::parse(stored).is_ok_and(|address| address == erasing.address)
}

async fn messages(sql: &SqlConnection<'_>, erasing: &Erasing) -> Result<(), Failure> {
    use message::{Column, Entity};
    let mut addressed = Query::select();
    addressed
        .columns([Alias::new("id"), Alias::new("address")])
        .from(table::<Entity>())
        .and_where(Expr::col(Alias::new("address")).is_not_null());
    let mut theirs: Vec<Uuid> = Vec::new();
    for row in sql.query_all(&addressed).await? {
        let address: String = row.try_get("", "address")?;
        if is_same(erasing, &address) {
            theirs.push(row.try_get("", "id")?);
        }
    }
    let to_account = erasing.account_id.map(|account| is(Column::AccountId, account.as_uuid()));
    let by_address = theirs.chunks(AT_ONCE).map(|ids| Expr::col(Alias::new("id")).is_in(ids.iter().copied()));
    for which in to_account.into_iter().chain(by_address) {
        let mut cancel = Query::update();
        cancel
            .table(table::<Entity>())
            .value(Alias::new("state"), DeliveryState::Cancelled.name())
            .value(Alias::new("reason"), Reason::NotNeeded.name())
            .value(Alias::new("settled_at"), erasing.at)
            .value(Alias::new("kept_since"), erasing.at)
            // A dispatcher that has it in hand finds its lease gone and writes nothing.
            .value(Alias::new("lease_token"), Option::<Uuid>::None)
            .and_where(is(Column::State, DeliveryState::Queued.name()))
            .and_where(which.clone());
        sql.execute(&cancel).await?;
        let mut forget = Query::update();
        forget.table(table::<Entity>()).value(Alias::new("address"), Option::<String>::None).and_where(which);
        sql.execute(&forget).await?;
    }
    Ok(())
}

/// The account's links, and those of others that would prove the address to be theirs.
async fn links(sql: &SqlConnection<'_>, erasing: &Erasing) -> Result<(), Failure> {
    use account_token::{Column, Entity};
    if let Some(account) = erasing.account_id {
        delete::<Entity>(sql, is(Column::AccountId, account.as_uuid())).await?;
    }
    let mut addressed = Query::select();
    addressed
        .columns(["account_id", "purpose", "address"].map(Alias::new))
        .from(table::<Entity>())
        .and_where(Expr::col(Alias::new("address")).is_not_null());
    for row in sql.query_all(&addressed).await? {
        let (account, purpose): (Uuid, i64) = (row.try_get("", "account_id")?, row.try_get("", "purpose")?);
        let address: String = row.try_get("", "address")?;
        if is_same(erasing, &address) {
            let mut end = Query::update();
            end.table(table::<Entity>())
                .value(Alias::new("nonce"), Option::<Vec<u8>>::None)
                .value(Alias::new("address"), Option::<String>::None)
                .and_where(is(Column::AccountId, account))
                .and_where(is(Column::Purpose, purpose));
            sql.execute(&end).await?;
        }
    }
    Ok(())
}

async fn blocks(sql: &SqlConnection<'_>, erasing: &Erasing) -> Result<(), Failure> {
    use block::{Column, Entity};
    let numbers = erasing.phones.iter().cloned().map(Recipient::Phone);
    for recipient in numbers.chain([Recipient::Email(erasing.address.clone())]) {
        delete::<Entity>(sql, is(Column::HolderKey, recipient.live_key().as_str())).await?;
    }
    for (organization, subject) in &erasing.subjects {
        let key = Recipient::subject(*subject).live_key();
        let of_record = is(Column::HolderKey, key.as_str()).and(is(Column::OrganizationId, organization.as_uuid()));
        delete::<Entity>(sql, of_record).await?;
    }
    Ok(())
}

/// What the person did stays in the trail; from where goes.
async fn events(sql: &SqlConnection<'_>, erasing: &Erasing) -> Result<(), Failure> {
    use event::Column;
    let id = || Expr::col(Alias::new("id"));
    for found in erasing.events.chunks(AT_ONCE) {
        let mut organizations: Vec<_> = found.iter().map(|(organization, _)| organization.as_uuid()).collect();
        organizations.sort_unstable();
        organizations.dedup();
        let mut forget = forget_client();
        forget
            .and_where(Expr::col(Alias::new("organization_id")).is_in(organizations))
            .and_where(id().is_in(found.iter().map(|(_, event)| event.as_uuid())));
        sql.execute(&forget).await?;
    }
    let by = |kind: ActorKind, ids: Vec<Uuid>| {
        is(Column::ActorKind, kind.name()).and(Expr::col(Alias::new("actor_id")).is_in(ids))
    };
    let memberships = erasing.memberships.iter().map(MembershipId::as_uuid).collect();
    let keys = erasing.api_keys.iter().map(ApiKeyId::as_uuid).collect();
    let account = erasing.account_id.iter().map(AccountId::as_uuid).collect();
    let acted = by(ActorKind::Member, memberships).or(by(ActorKind::ApiKey, keys)).or(by(ActorKind::Invitee, account));
    for organizations in erasing.organizations.chunks(AT_ONCE) {
        let mut forget = forget_client();
        forget
            .and_where(
                Expr::col(Alias::new("organization_id")).is_in(organizations.iter().map(OrganizationId::as_uuid)),
            )
            .and_where(Expr::col(Alias::new("recorded_at")).gte(erasing.since))
            .and_where(acted.clone());
        sql.execute(&forget).await?;
    }
    Ok(())
}

fn forget_client() -> UpdateStatement {
    let mut forget = Query::update();
    forget
        .table(table::<event::Entity>())
        .value(Alias::new("address"), Option::<String>::None)
        .and_where(Expr::col(Alias::new("address")).is_not_null());
    forget
}

/// What came since the person was looked for makes the plan stale: it is looked for again.
async fn nothing_is_left(sql: &SqlConnection<'_>, erasing: &Erasing) -> Result<(), Failure> {
    let mut record = Query::select();
    record.from(table::<subject::Entity>()).and_where(is(subject::Column::EmailKey, erasing.address.key()));
    let mut left = vec![invited(erasing), record];
    if let Some(account) = erasing.account_id {
        let mut member = Query::select();
        member.from(table::<membership::Entity>()).and_where(is(membership::Column::AccountId, account.as_uuid()));
        left.push(member);
    }
    for rows in left {
        if exists(sql, rows).await? {
            return Err(Failure::Stale);
        }
    }
    Ok(())
}

/// The invitations to the address, an organisation after the other: that is how the index leads to them.
fn invited(erasing: &Erasing) -> SelectStatement {
    use invitation::Column;
    let of = col("i", Column::OrganizationId).eq(col("o", organization::Column::Id));
    let mut rows = Query::select();
    rows.from_as(table::<organization::Entity>(), Alias::new("o"))
        .join_as(JoinType::InnerJoin, table::<invitation::Entity>(), Alias::new("i"), of)
        .and_where(col("i", Column::RecipientKey).eq(erasing.address.key()))
        .and_where(col("i", Column::RecipientKind).eq(RecipientKind::Email.name()));
    rows
}

async fn delete<E: EntityTrait>(sql: &SqlConnection<'_>, which: SimpleExpr) -> Result<(), Failure> {
    super::administration::delete::<E>(sql, [which]).await
}
