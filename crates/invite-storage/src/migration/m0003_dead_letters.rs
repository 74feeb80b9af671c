//! An index that lists an organisation's messages by how they ended.

use super::ddl::create_index;
use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_dead_letters"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = ["organization_id", "state", "settled_at", "id"];
        create_index(manager.get_connection(), "invite_messages", "invite_messages_settled", &columns, false).await
    }
}
