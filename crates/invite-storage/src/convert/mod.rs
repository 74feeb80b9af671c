//! Rows ↔ domain. A row that cannot be what it should be is [`PortError::Corrupt`], which names table, column and id,
//! never a value.

mod cells;
mod directory;
mod group;
mod invitation;
mod joined;
mod message;
mod subject;
mod trail;

pub(crate) use cells::Cells;
pub(crate) use directory::{
    account, account_row, account_token, account_token_row, api_key, api_key_row, logo, logo_row, membership,
    membership_row, operator_key, operator_key_row, organization, organization_row, role, role_row, session,
    session_row,
};
pub(crate) use group::{group, group_administrator_row, group_row};
pub(crate) use invitation::{
    INVITATION_COLUMNS, invitation, invitation_cells, invitation_row, rate_key, redemption, redemption_row,
};
pub(crate) use joined::{
    REDEMPTION_COLUMNS, api_key_cells, membership_cells, organization_cells, redemption_cells, role_cells,
};
pub(crate) use message::{
    ADDRESS_CHANGED, DELIVERY_COLUMNS, REMINDER, carries_link, carries_link_text, delivery_cells, message, message_row,
};
pub(crate) use subject::{name_key, subject, subject_row};
pub(crate) use trail::{event, event_row, idempotency, idempotency_row};

use crate::error::corrupt;
use invite_domain::{
    access::PermissionSet,
    phone::PhoneNumber,
    port::PortError,
    secret::{account_token::AccountPurpose, keyring::KeyId, token::Nonce},
};
use std::fmt::Display;

/// Where a value stands, to name it when it is corrupt.
#[derive(Clone, Copy)]
struct Place<'r, I: Display> {
    table: &'static str,
    id: &'r I,
}

impl<I: Display> Place<'_, I> {
    fn corrupt(&self, column: &'static str) -> PortError {
        corrupt(self.table, column, self.id)
    }

    fn narrow<N: TryFrom<i64>>(&self, column: &'static str, value: i64) -> Result<N, PortError> {
        N::try_from(value).map_err(|_| self.corrupt(column))
    }

    fn known<T>(&self, column: &'static str, value: Option<T>) -> Result<T, PortError> {
        value.ok_or_else(|| self.corrupt(column))
    }

    fn bytes<const N: usize>(&self, column: &'static str, value: &[u8]) -> Result<[u8; N], PortError> {
        value.try_into().map_err(|_| self.corrupt(column))
    }

    fn phone(&self, column: &'static str, value: Option<&str>) -> Result<Option<PhoneNumber>, PortError> {
        value.map(|text| self.known(column, PhoneNumber::parse(text).ok())).transpose()
    }

    fn permissions(&self, text: &str) -> Result<PermissionSet, PortError> {
        PermissionSet::parse(text.lines()).map_err(|_| self.corrupt("permissions"))
    }

    fn key_id(&self, value: i64) -> Result<KeyId, PortError> {
        self.known("key_id", u8::try_from(value).ok().and_then(KeyId::new))
    }

    fn nonce(&self, value: Option<&[u8]>) -> Result<Option<Nonce>, PortError> {
        value.map(|bytes| self.bytes("nonce", bytes).map(Nonce::from_bytes)).transpose()
    }

    fn purpose(&self, value: i64) -> Result<AccountPurpose, PortError> {
        [AccountPurpose::OwnerLink, AccountPurpose::PasswordReset, AccountPurpose::ChangeAddress]
            .into_iter()
            .find(|purpose| purpose_number(*purpose) == value)
            .ok_or_else(|| self.corrupt("purpose"))
    }
}

/// Permissions as they are stored: sorted names, a line each.
pub(crate) fn permissions_text(set: &PermissionSet) -> String {
    set.names().collect::<Vec<_>>().join("\n")
}

/// The permissions of a stored text of `table`.
pub(crate) fn permissions_of(table: &'static str, id: impl Display, text: &str) -> Result<PermissionSet, PortError> {
    Place { table, id: &id }.permissions(text)
}

/// A purpose as it is stored: the number it has in a token.
pub(crate) fn purpose_number(purpose: AccountPurpose) -> i64 {
    i64::from(purpose as u8)
}
