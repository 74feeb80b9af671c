//! Rows of the outbox.

/// A message from its commit until it is settled.
pub(crate) mod message {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "invite_messages")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organization_id: Option<Uuid>,
        pub invitation_id: Option<Uuid>,
        pub generation: Option<i64>,
        pub account_id: Option<Uuid>,
        pub purpose: Option<i64>,
        pub counter: Option<i64>,
        /// Empty where it is a link of the invitation or the account.
        pub about: Option<String>,
        /// Where it goes, where no other row says so; empty once it is settled.
        pub address: Option<String>,
        pub channel: String,
        pub state: String,
        pub reason: Option<String>,
        pub attempts: i64,
        pub created_at: DateTimeUtc,
        pub next_attempt_at: DateTimeUtc,
        pub available_at: DateTimeUtc,
        pub settled_at: Option<DateTimeUtc>,
        pub kept_since: Option<DateTimeUtc>,
        pub lease_token: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
