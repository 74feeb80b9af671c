//! Tables as each engine wants them. The column types are written out here and not left to a library's defaults, which
//! round MariaDB's instants to seconds and let its collations take one address for another.

use crate::engine::Engine;
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{
        Alias, ColumnDef, Expr, ExprTrait, ForeignKey, ForeignKeyAction, Func, Index, Query, SimpleExpr, Table,
        TableCreateStatement,
    },
};

/// What a column holds.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A UUID: sixteen bytes.
    Id,
    /// Exactly so many bytes.
    Bytes(u32),
    /// An instant, to the microsecond. SQLite: text of one width (`Engine::adapt` says why).
    Instant,
    /// A 64-bit integer.
    Integer,
    /// Yes or no.
    Flag,
    /// Text that is looked up or unique, compared byte by byte, with a bound an index can hold.
    Key(u32),
    /// Any other text.
    Text,
    /// Any other bytes: up to 16 MiB everywhere.
    Blob,
}

impl Kind {
    fn sql(self, engine: Engine) -> String {
        match (self, engine) {
            (Self::Id | Self::Bytes(_) | Self::Blob, Engine::Sqlite) => "BLOB".to_owned(),
            (Self::Id, Engine::Postgres) => "uuid".to_owned(),
            (Self::Id, Engine::MariaDb) => "binary(16)".to_owned(),
            (Self::Bytes(_) | Self::Blob, Engine::Postgres) => "bytea".to_owned(),
            (Self::Bytes(length), Engine::MariaDb) => format!("binary({length})"),
            (Self::Blob, Engine::MariaDb) => "mediumblob".to_owned(),
            (Self::Instant, Engine::Postgres) => "timestamp(6) with time zone".to_owned(),
            (Self::Instant, Engine::MariaDb) => "datetime(6)".to_owned(),
            (Self::Integer | Self::Flag, Engine::Sqlite) => "INTEGER".to_owned(),
            (Self::Integer, Engine::Postgres | Engine::MariaDb) => "bigint".to_owned(),
            (Self::Flag, Engine::Postgres | Engine::MariaDb) => "boolean".to_owned(),
            (Self::Instant | Self::Key(_) | Self::Text, Engine::Sqlite) => "TEXT".to_owned(),
            (Self::Key(length), Engine::Postgres) => format!("varchar({length}) COLLATE \"C\""),
            // The default collations ignore case, accents and trailing spaces.
            (Self::Key(length), Engine::MariaDb) => {
                format!("varchar({length}) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin")
            }
            // `lower` of ASCII alone and comparison byte by byte, whatever the database's own collation.
            (Self::Text, Engine::Postgres) => "text COLLATE \"C\"".to_owned(),
            (Self::Text, Engine::MariaDb) => "mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin".to_owned(),
        }
    }
}

/// A table in the making.
pub(super) struct TableBuilder {
    engine: Engine,
    name: &'static str,
    create: TableCreateStatement,
    indexes: Vec<(Vec<&'static str>, bool)>,
}

/// Begins a table.
pub(super) fn table(engine: Engine, name: &'static str) -> TableBuilder {
    let mut create = Table::create();
    create.table(Alias::new(name)).if_not_exists();
    // SQLite keeps any value in any column unless the table is strict; MariaDB's schema default may be another
    // character set.
    match engine {
        Engine::Sqlite => {
            create.extra("STRICT");
        }
        Engine::Postgres => {}
        Engine::MariaDb => {
            create.engine("InnoDB").character_set("utf8mb4").collate("utf8mb4_nopad_bin");
        }
    }
    TableBuilder { engine, name, create, indexes: Vec::new() }
}

impl TableBuilder {
    /// A number the store assigns, unique in the table and never used twice, with the id beside it: the number is the
    /// primary key, so that rows stand in the order they came.
    pub(super) fn numbered(self) -> Self {
        self.counted().required("id", Kind::Id).unique(&["id"])
    }

    /// The number alone: for a table whose ids hosts choose, so that they are unique in an organisation only.
    pub(super) fn counted(mut self) -> Self {
        let mut number = ColumnDef::new(Alias::new("number"));
        match self.engine {
            // SQLite takes AUTOINCREMENT only on a column of just this type.
            Engine::Sqlite => number.integer().not_null().primary_key().auto_increment(),
            Engine::Postgres => number.custom("bigint GENERATED ALWAYS AS IDENTITY").not_null().primary_key(),
            Engine::MariaDb => number.big_integer().not_null().primary_key().auto_increment(),
        };
        self.create.col(&mut number);
        self
    }

    /// A column that always has a value.
    pub(super) fn required(mut self, name: &'static str, kind: Kind) -> Self {
        let sql = kind.sql(self.engine);
        self.create.col(ColumnDef::new(Alias::new(name)).custom(Alias::new(sql)).not_null());
        self
    }

    /// A column that may be empty.
    pub(super) fn optional(mut self, name: &'static str, kind: Kind) -> Self {
        let sql = kind.sql(self.engine);
        self.create.col(ColumnDef::new(Alias::new(name)).custom(Alias::new(sql)).null());
        self
    }

    /// A column with a value where none is given.
    pub(super) fn defaulted(mut self, name: &'static str, kind: Kind, value: impl Into<SimpleExpr>) -> Self {
        let sql = kind.sql(self.engine);
        self.create.col(ColumnDef::new(Alias::new(name)).custom(Alias::new(sql)).not_null().default(value));
        self
    }

    /// The primary key of a table without numbers.
    pub(super) fn key(mut self, columns: &[&'static str]) -> Self {
        let mut index = Index::create();
        for column in columns {
            index.col(Alias::new(*column));
        }
        self.create.primary_key(&mut index);
        self
    }

    /// A unique key.
    pub(super) fn unique(mut self, columns: &[&'static str]) -> Self {
        self.indexes.push((columns.to_vec(), true));
        self
    }

    /// A unique key that is made with the table: for one the table's own rows refer to.
    pub(super) fn unique_within(mut self, columns: &[&'static str]) -> Self {
        let mut index = Index::create();
        for column in columns {
            index.col(Alias::new(*column));
        }
        self.create.index(index.unique());
        self
    }

    /// An index.
    pub(super) fn index(mut self, columns: &[&'static str]) -> Self {
        self.indexes.push((columns.to_vec(), false));
        self
    }

    /// A row of a tenant: `organization_id`, and (`organization_id`, `id`) unique, so that other tables can refer to
    /// both together and never to another tenant's row.
    pub(super) fn tenant(self) -> Self {
        self.required("organization_id", Kind::Id).unique(&["organization_id", "id"]).organization()
    }

    /// `organization_id` names an organisation.
    pub(super) fn organization(mut self) -> Self {
        let mut foreign = ForeignKey::create();
        foreign
            .name(format!("fk_{}_organization", self.name))
            .from(Alias::new(self.name), Alias::new("organization_id"))
            .to(Alias::new("invite_organizations"), Alias::new("id"));
        self.create.foreign_key(&mut foreign);
        self
    }

    /// (`organization_id`, `column`) names a row of the same tenant in `target`.
    pub(super) fn refers(mut self, column: &'static str, target: &'static str, on_delete: ForeignKeyAction) -> Self {
        let mut foreign = ForeignKey::create();
        foreign
            .name(format!("fk_{}_{column}", self.name))
            .from(Alias::new(self.name), (Alias::new("organization_id"), Alias::new(column)))
            .to(Alias::new(target), (Alias::new("organization_id"), Alias::new("id")))
            .on_delete(on_delete);
        self.create.foreign_key(&mut foreign);
        self
    }

    /// `account_id` names an account.
    pub(super) fn account(mut self) -> Self {
        let mut foreign = ForeignKey::create();
        foreign
            .name(format!("fk_{}_account", self.name))
            .from(Alias::new(self.name), Alias::new("account_id"))
            .to(Alias::new("invite_accounts"), Alias::new("id"))
            .on_delete(ForeignKeyAction::Cascade);
        self.create.foreign_key(&mut foreign);
        self
    }

    /// Makes table and indexes, where they do not exist yet: MariaDB commits after each, so an interrupted migration
    /// finds some of them.
    pub(super) async fn create(self, connection: &impl ConnectionTrait) -> Result<(), DbErr> {
        // Unique keys that others refer to have to exist before the first reference; SQLite checks at the first write,
        // the others at once. All indexes of a table are made right after it.
        connection.execute(&self.create).await?;
        for (columns, unique) in &self.indexes {
            let kind = if *unique { "uq" } else { "ix" };
            let name = format!("{kind}_{}_{}", self.name.trim_start_matches("invite_"), columns.join("_"));
            create_index(connection, self.name, &name, columns, *unique).await?;
        }
        Ok(())
    }
}

/// Makes an index, where it does not exist yet. The longest name PostgreSQL and MariaDB take has 63 characters.
pub(super) async fn create_index(
    connection: &impl ConnectionTrait,
    table: &'static str,
    name: &str,
    columns: &[&'static str],
    unique: bool,
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(name).table(Alias::new(table)).if_not_exists();
    for column in columns {
        index.col(Alias::new(*column));
    }
    if unique {
        index.unique();
    }
    if Engine::of_schema(connection.get_database_backend()) == Engine::MariaDb {
        // MySQL has no such clause, so the library leaves it out for both.
        let sql = connection.get_database_backend().build(&index).sql;
        let sql = sql.replacen(" INDEX ", " INDEX IF NOT EXISTS ", 1);
        return connection.execute_unprepared(&sql).await.map(|_| ());
    }
    connection.execute(&index).await.map(|_| ())
}

/// Adds a column to a table that exists, where it has none of that name yet. It may be empty, or has a value of its own in
/// the rows there are: `default`.
pub(super) async fn add_column(
    connection: &impl ConnectionTrait,
    table: &'static str,
    name: &'static str,
    kind: Kind,
    default: Option<SimpleExpr>,
) -> Result<(), DbErr> {
    if has_column(connection, table, name).await? {
        return Ok(());
    }
    let sql = kind.sql(Engine::of_schema(connection.get_database_backend()));
    let mut column = ColumnDef::new(Alias::new(name));
    column.custom(Alias::new(sql));
    match default {
        Some(value) => column.not_null().default(value),
        None => column.null(),
    };
    let mut alter = Table::alter();
    alter.table(Alias::new(table)).add_column(&mut column);
    connection.execute(&alter).await.map(|_| ())
}

/// Whether a table has a column, by the engine's catalogue.
async fn has_column(connection: &impl ConnectionTrait, table: &str, name: &str) -> Result<bool, DbErr> {
    let engine = Engine::of_schema(connection.get_database_backend());
    let mut select = Query::select();
    select.expr(Expr::val(1));
    match engine {
        Engine::Sqlite => {
            let columns = Func::cust("pragma_table_info").arg(Expr::val(table));
            select.from_function(columns, "columns").and_where(Expr::col("name").eq(name));
        }
        Engine::Postgres | Engine::MariaDb => {
            let schema = if engine == Engine::Postgres { "current_schema()" } else { "database()" };
            select
                .from(("information_schema", "columns"))
                .and_where(Expr::col("table_schema").eq(Expr::cust(schema)))
                .and_where(Expr::col("table_name").eq(table))
                .and_where(Expr::col("column_name").eq(name));
        }
    }
    Ok(connection.query_one(&select).await?.is_some())
}

/// Whether a table exists, by the engine's catalogue: an attempt to read it would fail and spoil a transaction.
pub(super) async fn has_table(connection: &impl ConnectionTrait, name: &str) -> Result<bool, DbErr> {
    let mut select = Query::select();
    select.expr(Expr::val(1));
    match Engine::of_schema(connection.get_database_backend()) {
        Engine::Sqlite => {
            select.from("sqlite_master").and_where(Expr::col("type").eq("table")).and_where(Expr::col("name").eq(name));
        }
        Engine::Postgres => {
            select
                // What the standard's view joins besides takes several milliseconds of a new connection.
                .from(("pg_catalog", "pg_tables"))
                .and_where(Expr::col("schemaname").eq(Expr::cust("current_schema()")))
                .and_where(Expr::col("tablename").eq(name));
        }
        Engine::MariaDb => {
            select
                .from(("information_schema", "tables"))
                .and_where(Expr::col("table_schema").eq(Expr::cust("database()")))
                .and_where(Expr::col("table_name").eq(name));
        }
    }
    Ok(connection.query_one(&select).await?.is_some())
}
