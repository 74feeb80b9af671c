//! Records of the host's directory, and what codes, sign-in by other names and numbered lists need.
//!
//! Columns are added only where they are missing, tables and indexes likewise: an engine that commits each statement may
//! find some of them after an interruption.

use super::ddl::{
    Kind::{self, Bytes, Flag, Id, Instant, Integer, Key, Text},
    TableBuilder, add_column, create_index, table,
};
use crate::{convert::rate_key, engine::Engine};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Expr, ExprTrait, ForeignKeyAction, Query},
};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use uuid::Uuid;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_subjects"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        subjects(Engine::of_schema(manager.get_database_backend())).create(connection).await?;
        for (table, name, kind) in COLUMNS {
            add_column(connection, table, name, *kind, None).await?;
        }
        // Of rows without a rate.
        add_column(connection, "invite_invitations", "rate_key", Key(16), Some(Expr::val(""))).await?;
        for (table, name, columns, unique) in INDEXES {
            create_index(connection, table, name, columns, *unique).await?;
        }
        fill_rate_keys(connection).await?;
        own_companies(connection).await
    }
}

const ADDRESS: u32 = 254;
const WORD: u32 = 40;

/// What the tables there are lack: table, column, kind. All may be empty.
const COLUMNS: &[(&str, &str, Kind)] = &[
    ("invite_accounts", "phone", Key(WORD)),
    ("invite_accounts", "username", Key(100)),
    ("invite_accounts", "username_key", Key(100)),
    ("invite_accounts", "profile", Text),
    ("invite_accounts", "last_sign_in_at", Instant),
    ("invite_accounts", "previous_sign_in_at", Instant),
    // A session is a person's; the one organisation it counts in, where there is one, owns nothing of it.
    ("invite_sessions", "organization_id", Id),
    ("invite_sessions", "refresh_digest", Bytes(32)),
    // Empty in rows from before: they fall back to when the row was made.
    ("invite_roles", "updated_at", Instant),
    ("invite_organizations", "updated_at", Instant),
];

/// Indexes of the tables there are: table, name, columns, whether unique.
///
/// Those of invitations are for numbered pages, which leave out rows by counting them. `by_…` has all that the statuses
/// and the kind of recipient are told by, so that rows left out, and counts, cost no look into the table.
const INDEXES: &[(&str, &str, &[&str], bool)] = &[
    ("invite_accounts", "ix_accounts_phone", &["phone"], false),
    ("invite_accounts", "uq_accounts_username_key", &["username_key"], true),
    ("invite_sessions", "uq_sessions_refresh_digest", &["refresh_digest"], true),
    ("invite_memberships", "ix_memberships_organization_id_subject_id", &["organization_id", "subject_id"], false),
    ("invite_invitations", "ix_invitations_organization_id_number", &["organization_id", "number"], false),
    ("invite_invitations", "ix_invitations_organization_id_rate_key_id", &["organization_id", "rate_key", "id"], false),
    (
        "invite_invitations",
        "ix_invitations_by_number",
        &["organization_id", "state", "number", "recipient_kind", "expires_at", "uses", "max_uses"],
        false,
    ),
    (
        "invite_invitations",
        "ix_invitations_by_expiry",
        &["organization_id", "state", "expires_at", "id", "recipient_kind", "uses", "max_uses"],
        false,
    ),
    (
        "invite_invitations",
        "ix_invitations_by_recipient",
        &["organization_id", "state", "recipient_key", "id", "recipient_kind", "expires_at", "uses", "max_uses"],
        false,
    ),
    (
        "invite_invitations",
        "ix_invitations_by_rate",
        &["organization_id", "state", "rate_key", "id", "recipient_kind", "expires_at", "uses", "max_uses"],
        false,
    ),
];

fn subjects(engine: Engine) -> TableBuilder {
    table(engine, "invite_subjects")
        .counted()
        // Hosts may choose it, each in its own organisation.
        .required("id", Id)
        .required("organization_id", Id)
        .required("kind", Key(WORD))
        .optional("parent_id", Id)
        // True for the organisation's own company, else empty: so that a plain unique key lets there be one.
        .optional("own", Flag)
        .optional("remote_id", Key(200))
        // The same until the record is deleted, which gives the remote id up.
        .optional("remote_key", Key(200))
        .optional("email", Key(ADDRESS))
        .optional("email_key", Key(ADDRESS))
        .optional("phone", Key(WORD))
        .required("name", Text)
        // The name in ASCII lower case.
        .required("name_key", Key(500))
        .required("profile", Text)
        .required("created_at", Instant)
        .required("updated_at", Instant)
        .optional("deleted_at", Instant)
        .required("version", Integer)
        .unique_within(&["organization_id", "id"])
        .unique(&["organization_id", "own"])
        .unique(&["organization_id", "kind", "remote_key"])
        .index(&["organization_id", "kind", "deleted_at", "number"])
        .index(&["organization_id", "kind", "deleted_at", "updated_at"])
        .index(&["organization_id", "kind", "name_key"])
        .index(&["organization_id", "parent_id", "kind", "number"])
        .organization()
        .refers("parent_id", "invite_subjects", ForeignKeyAction::Restrict)
}

/// An installation has few different rates, so a statement for each is none too many.
async fn fill_rate_keys(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut rates = Query::select();
    rates
        .distinct()
        .column("default_rate")
        .from("invite_invitations")
        .and_where(Expr::col("default_rate").is_not_null())
        .and_where(Expr::col("rate_key").eq(""));
    for row in connection.query_all(&rates).await? {
        let rate: i64 = row.try_get("", "default_rate")?;
        let mut update = Query::update();
        update
            .table("invite_invitations")
            .value("rate_key", rate_key(Some(rate)))
            .and_where(Expr::col("default_rate").eq(rate));
        connection.execute(&update).await?;
    }
    Ok(())
}

/// Gives every organisation the company of its own that a new one is founded with, of the organisation's id.
async fn own_companies(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let engine = Engine::of_schema(connection.get_database_backend());
    let mut has_one = Query::select();
    has_one
        .expr(Expr::val(1))
        .from_as("invite_subjects", "s")
        .and_where(Expr::col(("s", "organization_id")).eq(Expr::col(("o", "id"))))
        .and_where(Expr::col(("s", "own")).eq(true));
    let mut without = Query::select();
    without
        .expr_as(Expr::col(("o", "id")), "id")
        .expr_as(Expr::col(("o", "name")), "name")
        .expr_as(Expr::col(("o", "created_at")), "created_at")
        .from_as("invite_organizations", "o")
        .and_where(Expr::not_exists(has_one))
        .order_by(("o", "number"), sea_orm::Order::Asc);
    for organization in connection.query_all(&without).await? {
        let id: Uuid = organization.try_get("", "id")?;
        let name: String = organization.try_get("", "name")?;
        let created_at: DateTime<Utc> = organization.try_get("", "created_at")?;
        let mut insert = Query::insert();
        insert.into_table("invite_subjects").columns([
            "id",
            "organization_id",
            "kind",
            "own",
            "name",
            "name_key",
            "profile",
            "created_at",
            "updated_at",
            "version",
        ]);
        insert.values_panic([
            Expr::val(id),
            Expr::val(id),
            Expr::val("company"),
            Expr::val(true),
            Expr::val(name.as_str()),
            Expr::val(name.to_ascii_lowercase()),
            Expr::val("{}"),
            Expr::val(created_at),
            Expr::val(created_at),
            Expr::val(1_i64),
        ]);
        let statement = engine.adapt(connection.get_database_backend().build(&insert));
        connection.execute_raw(statement).await?;
    }
    Ok(())
}
