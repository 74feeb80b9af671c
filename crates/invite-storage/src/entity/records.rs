//! Rows around invitations.

/// An invitation.
pub(crate) mod invitation {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "invite_invitations")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub number: i64,
        pub id: Uuid,
        pub organization_id: Uuid,
        pub recipient_kind: String,
        pub recipient_key: String,
        pub recipient_original: String,
        pub recipient: Option<String>,
        pub subject_id: Option<Uuid>,
        pub holder_key: Option<String>,
        pub live_key: Option<String>,
        pub state: String,
        pub ended_at: Option<DateTimeUtc>,
        pub declined_blocked: bool,
        pub revoked_by_kind: Option<String>,
        pub revoked_by_id: Option<Uuid>,
        pub revoke_reason: Option<String>,
        pub role_id: Option<Uuid>,
        pub permissions: String,
        pub default_rate: Option<i64>,
        pub rate_key: String,
        pub metadata: Option<String>,
        pub inviter_kind: String,
        pub inviter_id: Uuid,
        pub authority_key: Vec<u8>,
        pub generation: i64,
        pub version: i64,
        pub key_id: i64,
        pub nonce: Option<Vec<u8>>,
        pub grant_digest: Vec<u8>,
        pub code_index: Option<Vec<u8>>,
        pub max_uses: i64,
        pub uses: i64,
        pub created_at: DateTimeUtc,
        pub generated_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub lapse_due_at: Option<DateTimeUtc>,
        pub message: Option<String>,
        pub locale: Option<String>,
        pub redirect_url: Option<String>,
        pub channels: String,
        pub batch_id: Option<Uuid>,
        pub expiry_noted: i64,
        pub suspension_noted: i64,
        pub reminder_noted: i64,
        pub reminder_due_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A redemption.
pub(crate) mod redemption {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "invite_redemptions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub organization_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub invitation_id: Uuid,
        pub generation: i64,
        pub account_id: Uuid,
        pub membership_id: Uuid,
        pub redeemed_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An entry of the audit trail.
pub(crate) mod event {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "invite_events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub organization_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub invitation_id: Option<Uuid>,
        pub membership_id: Option<Uuid>,
        pub sequence: i64,
        pub actor_kind: String,
        pub actor_id: Option<Uuid>,
        pub recorded_at: DateTimeUtc,
        pub request_id: Option<String>,
        pub address: Option<String>,
        pub data: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What was answered to a request that bore a key.
pub(crate) mod idempotency {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "invite_idempotency")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub scope: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub request_key: String,
        pub fingerprint: Vec<u8>,
        pub answer: Uuid,
        pub result: String,
        pub generation: i64,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A recipient who wants no mail of an organisation.
pub(crate) mod block {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "invite_blocks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub organization_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub holder_key: String,
        pub blocked_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Attempts counted in one window.
pub(crate) mod counter {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "invite_counters")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub counter_key: String,
        pub window_start: i64,
        pub window_end: i64,
        pub taken: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
