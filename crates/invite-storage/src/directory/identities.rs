//! Identities of other issuers and the accounts they open.

use super::port::one_account;
use crate::{
    entity::{account, identity},
    error::Failure,
    sql::{SqlConnection, exists, insert, is, select_from, table},
};
use invite_domain::{
    directory::{Account, Identity, IdentityKey},
    id::AccountId,
};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Alias, Expr, ExprTrait, Query},
};

/// The account an identity opens.
pub(super) async fn account_of(sql: &SqlConnection<'_>, key: &IdentityKey) -> Result<Option<Account>, Failure> {
    let mut linked = Query::select();
    linked
        .column(Alias::new("account_id"))
        .from(table::<identity::Entity>())
        .and_where(is(identity::Column::Digest, key.to_string()));
    let mut select = select_from::<account::Entity>("a");
    select.and_where(Expr::col((Alias::new("a"), Alias::new("id"))).in_subquery(linked));
    one_account(sql, &select).await
}

/// Links one. Where it is linked already the constraint refuses it.
pub(super) async fn link(sql: &SqlConnection<'_>, identity: &Identity) -> Result<(), Failure> {
    let row = identity::Model {
        digest: identity.key().to_string(),
        issuer: identity.issuer.clone(),
        subject: identity.subject.clone(),
        account_id: identity.account_id.as_uuid(),
        created_at: identity.created_at,
    };
    insert::<identity::Entity>(sql, &[row]).await?;
    Ok(())
}

/// Whether the identity opens an account.
pub(super) async fn is_linked(sql: &SqlConnection<'_>, key: &IdentityKey) -> Result<bool, Failure> {
    let mut select = Query::select();
    select.from(table::<identity::Entity>()).and_where(is(identity::Column::Digest, key.to_string()));
    Ok(exists(sql, select).await?)
}

/// Forgets all of an account.
pub(super) async fn forget(sql: &SqlConnection<'_>, account: AccountId) -> Result<(), Failure> {
    let mut delete = Query::delete();
    delete.from_table(table::<identity::Entity>()).and_where(is(identity::Column::AccountId, account.as_uuid()));
    sql.execute(&delete).await?;
    Ok(())
}
