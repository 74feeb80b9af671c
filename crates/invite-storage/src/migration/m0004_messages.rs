//! Reminders, notices and changes of address.

use super::ddl::{
    Kind::{Instant, Key},
    add_column, create_index,
};
use crate::engine::Engine;
use invite_domain::invitation::remind;
use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004_messages"
    }
}

const ADDRESS: u32 = 254;
const WORD: u32 = 40;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        add_column(connection, "invite_messages", "about", Key(WORD), None).await?;
        add_column(connection, "invite_messages", "address", Key(ADDRESS), None).await?;
        add_column(connection, "invite_account_tokens", "address", Key(ADDRESS), None).await?;
        add_column(connection, "invite_invitations", "reminder_due_at", Instant, None).await?;
        let columns = ["reminder_due_at", "id"];
        create_index(connection, "invite_invitations", "ix_invitations_reminder_due_at_id", &columns, false).await?;
        fill(connection).await
    }
}

/// Says of the invitations there are when they are to be reminded of, as `Invitation::reminder_due_at` does.
async fn fill(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let (before, life) = (remind::BEFORE.num_days(), remind::LEAST_LIFE.num_days());
    let (due, lives_long) = match Engine::of_schema(connection.get_database_backend()) {
        // Instants are text of one width; what is below the second is not touched.
        Engine::Sqlite => {
            let moved = |column: &str, days: i64| {
                format!("strftime('%Y-%m-%dT%H:%M:%S', {column}, '{days:+} days') || substr({column}, 20)")
            };
            (moved("expires_at", -before), format!("expires_at >= {}", moved("generated_at", life)))
        }
        Engine::Postgres => (
            format!("expires_at - interval '{before} days'"),
            format!("expires_at - generated_at >= interval '{life} days'"),
        ),
        Engine::MariaDb => {
            (format!("expires_at - INTERVAL {before} DAY"), format!("expires_at >= generated_at + INTERVAL {life} DAY"))
        }
    };
    let sql = format!(
        "UPDATE invite_invitations SET reminder_due_at = {due} WHERE state = 'pending' AND channels <> '' \
         AND reminder_noted < generation AND {lives_long}"
    );
    connection.execute_unprepared(&sql).await.map(|_| ())
}
