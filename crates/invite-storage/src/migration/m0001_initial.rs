//! The first schema.
//!
//! Every row of a tenant has `organization_id` in a key with its own id, and refers to other rows of a tenant by both,
//! so that no row can belong to one organisation and point into another. Where a reference is missing on purpose, the
//! reason stands beside it.

use super::ddl::{
    Kind::{Bytes, Flag, Id, Instant, Integer, Key, Text},
    TableBuilder, table,
};
use crate::engine::Engine;
use sea_orm::{DbErr, sea_query::ForeignKeyAction};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_initial"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let engine = Engine::of_schema(manager.get_database_backend());
        let connection = manager.get_connection();
        // What is referred to comes first.
        let directory = organizations(engine).into_iter().chain(people(engine)).chain(credentials(engine));
        for table in directory.chain(invitations(engine)).chain(queues(engine)) {
            table.create(connection).await?;
        }
        Ok(())
    }
}

/// The longest address is 254 octets; a live key is its kind and a colon longer.
const ADDRESS: u32 = 254;
const HOLDER: u32 = 300;
/// A word of ours.
const WORD: u32 = 40;

fn organizations(engine: Engine) -> [TableBuilder; 2] {
    let organizations = table(engine, "invite_organizations")
        .numbered()
        .required("name", Text)
        .required("slug", Key(40))
        .optional("locale", Key(100))
        .required("time_zone", Key(100))
        .required("require_mailbox_proof", Flag)
        .required("require_verified_sign_in", Flag)
        .optional("ttl_default", Integer)
        .optional("ttl_max", Integer)
        .optional("limit_seats", Integer)
        .optional("limit_live", Integer)
        .optional("limit_issues_hour", Integer)
        .optional("limit_messages_recipient_day", Integer)
        .required("profile", Text)
        .required("authority_epoch", Integer)
        // Set by whatever may leave an invitation without its inviter's authority, cleared by the sweep that found none.
        .required("suspension_due", Flag)
        .required("version", Integer)
        .required("created_at", Instant)
        .optional("deleted_at", Instant)
        .unique(&["slug"])
        .index(&["created_at", "id"])
        .index(&["suspension_due"]);
    let slugs = table(engine, "invite_organization_slugs")
        .required("slug", Key(40))
        .required("organization_id", Id)
        .required("until", Instant)
        .key(&["slug"])
        .unique(&["organization_id", "slug"])
        .organization();
    [organizations, slugs]
}

fn people(engine: Engine) -> [TableBuilder; 3] {
    let accounts = table(engine, "invite_accounts")
        .numbered()
        .required("address", Key(ADDRESS))
        .required("address_key", Key(ADDRESS))
        .required("email_verified", Flag)
        .optional("name", Text)
        .optional("password", Text)
        .optional("locale", Key(100))
        .required("created_at", Instant)
        .required("version", Integer)
        .unique(&["address_key"]);
    let roles = table(engine, "invite_roles")
        .numbered()
        .tenant()
        .required("name", Key(100))
        .optional("description", Text)
        .required("scope", Key(WORD))
        .optional("system_role", Key(WORD))
        .required("permissions", Text)
        .required("created_at", Instant)
        .required("version", Integer)
        .unique(&["organization_id", "name"])
        .index(&["organization_id", "created_at", "id"]);
    let memberships = table(engine, "invite_memberships")
        .numbered()
        .tenant()
        .required("account_id", Id)
        .optional("role_id", Id)
        .required("permissions", Text)
        .required("active", Flag)
        .optional("default_rate", Integer)
        .optional("metadata", Text)
        .optional("subject_id", Id)
        .required("created_at", Instant)
        .required("version", Integer)
        .unique(&["organization_id", "account_id"])
        .index(&["account_id", "created_at", "id"])
        .index(&["organization_id", "created_at", "id"])
        .index(&["organization_id", "role_id"])
        .account()
        .refers("role_id", "invite_roles", ForeignKeyAction::Restrict);
    [accounts, roles, memberships]
}

fn credentials(engine: Engine) -> [TableBuilder; 4] {
    // A key's maker may have left: what he made stays to be seen, so `created_by` refers to nothing.
    let api_keys = table(engine, "invite_api_keys")
        .numbered()
        .tenant()
        .required("name", Text)
        .required("prefix", Key(WORD))
        .required("digest", Bytes(32))
        .optional("previous_digest", Bytes(32))
        .optional("previous_until", Instant)
        .required("everything", Flag)
        .required("permissions", Text)
        .required("created_by", Id)
        .required("by_operator", Flag)
        .required("created_at", Instant)
        .optional("expires_at", Instant)
        .optional("last_used_at", Instant)
        .optional("revoked_at", Instant)
        .required("version", Integer)
        .unique(&["digest"])
        .index(&["previous_digest"])
        .index(&["created_by"])
        .index(&["organization_id", "created_at", "id"]);
    let operator_keys = table(engine, "invite_operator_keys")
        .required("id", Id)
        .required("prefix", Key(WORD))
        .required("digest", Bytes(32))
        .required("created_at", Instant)
        .optional("revoked_at", Instant)
        .key(&["id"])
        .unique(&["digest"]);
    let sessions = table(engine, "invite_sessions")
        .required("id", Id)
        .required("account_id", Id)
        .required("digest", Bytes(32))
        .required("created_at", Instant)
        .required("last_seen_at", Instant)
        .required("expires_at", Instant)
        .key(&["id"])
        .unique(&["digest"])
        .index(&["account_id"])
        .index(&["expires_at"])
        .index(&["last_seen_at"])
        .account();
    let account_tokens = table(engine, "invite_account_tokens")
        .required("account_id", Id)
        .required("purpose", Integer)
        .required("counter", Integer)
        .required("key_id", Integer)
        .optional("nonce", Bytes(32))
        .required("created_at", Instant)
        .required("expires_at", Instant)
        .optional("used_at", Instant)
        .key(&["account_id", "purpose"])
        .index(&["expires_at"])
        .index(&["used_at"])
        .account();
    [api_keys, operator_keys, sessions, account_tokens]
}

fn invitations(engine: Engine) -> [TableBuilder; 4] {
    // `role_id` refers to nothing: an ended invitation keeps the id of a role that was deleted since. `inviter_id` is of
    // one of three tables, and may have left.
    let invitations = table(engine, "invite_invitations")
        .numbered()
        .tenant()
        .required("recipient_kind", Key(WORD))
        .required("recipient_key", Key(ADDRESS))
        .required("recipient_original", Key(ADDRESS))
        // What a recipient is beside its key: domains, for instance. Read by no code yet.
        .optional("recipient", Text)
        .optional("subject_id", Id)
        // Kind and key, also once the invitation has ended: what blocks and takeovers are compared with.
        .optional("holder_key", Key(HOLDER))
        // The same while it is the one live invitation of its recipient. NULL is not equal to NULL on any engine, so a
        // plain unique key does what a partial one would, which MariaDB lacks.
        .optional("live_key", Key(HOLDER))
        .required("state", Key(WORD))
        .optional("ended_at", Instant)
        .required("declined_blocked", Flag)
        .optional("revoked_by_kind", Key(WORD))
        .optional("revoked_by_id", Id)
        .optional("revoke_reason", Text)
        .optional("role_id", Id)
        .required("permissions", Text)
        .optional("default_rate", Integer)
        .optional("metadata", Text)
        .required("inviter_kind", Key(WORD))
        .required("inviter_id", Id)
        .required("authority_key", Bytes(16))
        .required("generation", Integer)
        .required("version", Integer)
        .required("key_id", Integer)
        .optional("nonce", Bytes(32))
        .required("grant_digest", Bytes(32))
        .optional("code_index", Bytes(16))
        .defaulted("code_counter", Integer, 0)
        .required("max_uses", Integer)
        .required("uses", Integer)
        .required("created_at", Instant)
        .required("generated_at", Instant)
        .required("expires_at", Instant)
        // When its expiry is to be noted in the trail; NULL once it is, or when the invitation has ended.
        .optional("lapse_due_at", Instant)
        .optional("message", Text)
        .optional("locale", Key(100))
        .optional("redirect_url", Text)
        .required("channels", Text)
        .optional("batch_id", Id)
        .required("expiry_noted", Integer)
        .required("suspension_noted", Integer)
        .defaulted("reminder_noted", Integer, 0)
        .unique(&["organization_id", "live_key"])
        .unique(&["organization_id", "code_index"])
        .index(&["organization_id", "created_at", "id"])
        .index(&["organization_id", "expires_at", "id"])
        .index(&["organization_id", "recipient_key", "id"])
        .index(&["organization_id", "state", "authority_key"])
        .index(&["organization_id", "inviter_kind", "inviter_id"])
        .index(&["organization_id", "role_id", "state"])
        .index(&["organization_id", "batch_id"])
        .index(&["lapse_due_at", "id"])
        .index(&["state", "key_id"])
        .index(&["state", "expires_at"])
        .index(&["ended_at"]);
    // Who redeemed may be an account of a host's own directory, and may have left.
    let redemptions = table(engine, "invite_redemptions")
        .required("organization_id", Id)
        .required("id", Id)
        .required("invitation_id", Id)
        .required("generation", Integer)
        .required("account_id", Id)
        .required("membership_id", Id)
        .required("redeemed_at", Instant)
        .key(&["organization_id", "id"])
        .index(&["organization_id", "invitation_id", "redeemed_at", "id"])
        .organization()
        .refers("invitation_id", "invite_invitations", ForeignKeyAction::Cascade);
    // The trail outlives what it tells of: events stay two years, ended invitations one. So they refer to nothing.
    let events = table(engine, "invite_events")
        .required("organization_id", Id)
        .required("id", Id)
        .required("kind", Key(WORD))
        .optional("invitation_id", Id)
        .optional("membership_id", Id)
        .required("sequence", Integer)
        .required("actor_kind", Key(WORD))
        .optional("actor_id", Id)
        .required("recorded_at", Instant)
        .optional("request_id", Text)
        .required("data", Text)
        .key(&["organization_id", "id"])
        .index(&["organization_id", "recorded_at", "id"])
        .index(&["organization_id", "invitation_id", "recorded_at", "id"])
        .index(&["recorded_at"])
        .organization();
    let blocks = table(engine, "invite_blocks")
        .required("organization_id", Id)
        .required("holder_key", Key(HOLDER))
        .required("blocked_at", Instant)
        .key(&["organization_id", "holder_key"])
        .organization();
    [invitations, redemptions, events, blocks]
}

fn queues(engine: Engine) -> [TableBuilder; 3] {
    // A message about an account may be of no organisation.
    let messages = table(engine, "invite_messages")
        .required("id", Id)
        .optional("organization_id", Id)
        .optional("invitation_id", Id)
        .optional("generation", Integer)
        .optional("account_id", Id)
        .optional("purpose", Integer)
        .optional("counter", Integer)
        .required("channel", Key(WORD))
        .required("state", Key(WORD))
        .optional("reason", Key(WORD))
        .required("attempts", Integer)
        .required("created_at", Instant)
        .required("next_attempt_at", Instant)
        // When the next claim is possible: when it is due, or when the lease on it ends.
        .required("available_at", Instant)
        .optional("settled_at", Instant)
        // When it was settled, or when retention is to look at it again: the latest of its invitation and channel stays.
        .optional("kept_since", Instant)
        .optional("lease_token", Id)
        .key(&["id"])
        .unique(&["organization_id", "id"])
        .index(&["channel", "state", "available_at", "id"])
        .index(&["organization_id", "invitation_id", "channel", "created_at", "id"])
        .index(&["account_id"])
        .index(&["kept_since", "id"])
        .organization()
        .refers("invitation_id", "invite_invitations", ForeignKeyAction::Cascade);
    let idempotency = table(engine, "invite_idempotency")
        .required("scope", Key(255))
        .required("request_key", Key(255))
        .required("fingerprint", Bytes(32))
        .required("answer", Id)
        .required("result", Key(WORD))
        .required("generation", Integer)
        .required("created_at", Instant)
        .key(&["scope", "request_key"])
        .index(&["created_at"]);
    let counters = table(engine, "invite_counters")
        .required("counter_key", Key(255))
        .required("window_start", Integer)
        .required("window_end", Integer)
        .required("taken", Integer)
        .key(&["counter_key"])
        .index(&["window_end"]);
    [messages, idempotency, counters]
}
