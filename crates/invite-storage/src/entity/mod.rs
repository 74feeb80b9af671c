//! Rows, one struct a table: what the columns hold, without a word of meaning. `convert` gives them meaning.
//!
//! Columns that no code reads yet exist in the schema and are left out here, so that no write touches them.

#![expect(
    unreachable_pub,
    reason = "the derive makes public items beside each row; the rooms themselves are the crate's own"
)]

pub(crate) mod directory;
pub(crate) mod group;
pub(crate) mod identity;
pub(crate) mod messaging;
pub(crate) mod records;

pub(crate) use directory::{
    account, account_token, api_key, logo, membership, operator_key, organization, organization_slug, role, session,
    subject,
};
pub(crate) use group::{group_administrator, organization_group};
pub(crate) use messaging::message;
pub(crate) use records::{block, counter, event, idempotency, invitation, redemption};
