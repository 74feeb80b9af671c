//! Indexes for lists by state and time of issue, and for parts of addresses.

use super::ddl::create_index;
use crate::engine::{Engine, searched_text};
use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0007_search"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        // As those beside it: all that statuses and the kind of recipient are told by.
        let columns =
            ["organization_id", "state", "created_at", "id", "recipient_kind", "expires_at", "uses", "max_uses"];
        create_index(connection, "invite_invitations", "ix_invitations_by_creation", &columns, false).await?;
        // The others have no index of parts of words in the rows' own table.
        if Engine::of_schema(manager.get_database_backend()) == Engine::Postgres {
            connection.execute_unprepared(&search_on_postgres()).await?;
        }
        Ok(())
    }
}

/// An index of runs of three characters. The extension belongs to the server's own distribution, and whoever may make tables
/// may make it; where it cannot be made all the same, searches read the rows they are about. It may be in any schema.
fn search_on_postgres() -> String {
    let text = searched_text("");
    format!(
        "DO $body$ DECLARE found_in name; BEGIN \
         BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm; EXCEPTION WHEN OTHERS THEN \
         RAISE NOTICE 'pg_trgm cannot be made (%): searches go without an index', SQLERRM; END; \
         SELECT n.nspname INTO found_in FROM pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace \
         WHERE c.opcname = 'gin_trgm_ops' LIMIT 1; \
         IF found_in IS NOT NULL THEN EXECUTE format('CREATE INDEX IF NOT EXISTS ix_invitations_search ON invite_invitations \
         USING gin ((%s) %I.gin_trgm_ops)', $text${text}$text$, found_in); END IF; END $body$"
    )
}
