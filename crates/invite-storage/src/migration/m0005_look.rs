//! The colour and the logo of an organisation, and what the dashboard's statistics read.

use super::ddl::{
    Kind::{Blob, Id, Instant, Key},
    add_column, create_index, table,
};
use crate::engine::Engine;
use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_look"
    }
}

/// `#rrggbb`.
const ACCENT: u32 = 7;
/// The hex digits that name a logo by its content.
const LOGO: u32 = 32;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        add_column(connection, "invite_organizations", "accent", Key(ACCENT), None).await?;
        add_column(connection, "invite_organizations", "logo_id", Key(LOGO), None).await?;
        // Beside the organisation and not in its row, which every use case reads. Two organisations may have one image, so
        // that its id alone names no row; anybody may ask for it by the id alone.
        table(Engine::of_schema(manager.get_database_backend()), "invite_logos")
            .required("organization_id", Id)
            .required("id", Key(LOGO))
            .required("image", Blob)
            .required("created_at", Instant)
            .key(&["organization_id", "id"])
            .index(&["id"])
            .organization()
            .create(connection)
            .await?;
        // An open invitation has no end but its expiry; of one that has ended, only the end counts.
        let columns = ["organization_id", "state", "ended_at", "expires_at", "id"];
        create_index(connection, "invite_invitations", "ix_invitations_by_end", &columns, false).await?;
        let columns = ["organization_id", "redeemed_at", "id"];
        create_index(connection, "invite_redemptions", "ix_redemptions_by_time", &columns, false).await
    }
}
