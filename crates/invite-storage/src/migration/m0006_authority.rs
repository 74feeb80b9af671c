//! Groups of organisations, the identities of other issuers, and where a change came from.

use super::ddl::{
    Kind::{Id, Instant, Integer, Key, Text},
    TableBuilder, add_column, create_index, table,
};
use crate::engine::Engine;
use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0006_authority"
    }
}

/// The longest text of an IPv6 address.
const ADDRESS: u32 = 45;
/// A SHA-256 in hexadecimal digits.
const DIGEST: u32 = 64;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let engine = Engine::of_schema(manager.get_database_backend());
        let connection = manager.get_connection();
        for table in [identities(engine), groups(engine), group_administrators(engine)] {
            table.create(connection).await?;
        }
        // Of a person, so it is taken away when the person is erased; the event stays.
        add_column(connection, "invite_events", "address", Key(ADDRESS), None).await?;
        // An organisation is in one group or in none. A membership that a group made ends with its reason.
        add_column(connection, "invite_organizations", "group_id", Id, None).await?;
        add_column(connection, "invite_memberships", "group_id", Id, None).await?;
        create_index(connection, "invite_organizations", "ix_organizations_group_id", &["group_id"], false).await?;
        create_index(connection, "invite_memberships", "ix_memberships_group_id", &["group_id", "account_id"], false)
            .await
    }
}

/// Who an issuer of tokens says somebody is. Issuer and subject may each be longer than a key can be, so the row is found
/// by the digest of both.
fn identities(engine: Engine) -> TableBuilder {
    table(engine, "invite_identities")
        .required("digest", Key(DIGEST))
        .required("issuer", Text)
        .required("subject", Text)
        .required("account_id", Id)
        .required("created_at", Instant)
        .key(&["digest"])
        .index(&["account_id"])
        .account()
}

fn groups(engine: Engine) -> TableBuilder {
    table(engine, "invite_organization_groups")
        .numbered()
        .required("name", Text)
        .required("created_at", Instant)
        .required("version", Integer)
        .index(&["created_at", "id"])
}

fn group_administrators(engine: Engine) -> TableBuilder {
    table(engine, "invite_group_administrators")
        .required("group_id", Id)
        .required("account_id", Id)
        .required("created_at", Instant)
        .key(&["group_id", "account_id"])
        .index(&["account_id"])
        .account()
}
