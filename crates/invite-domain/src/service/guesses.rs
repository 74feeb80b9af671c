//! The budget of password guesses (rule 7.6): counted before the guess is made, alike for accounts that don't exist.

use super::Settings;
use crate::id::OrganizationId;
use crate::port::Spending;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// What one code spends: of the client's budget, and of the organisation's where there is such a one (rule 7.6).
pub(crate) fn code_spendings(
    settings: &Settings,
    organization: Option<OrganizationId>,
    client: Option<&str>,
) -> Vec<Spending> {
    let of_client = client
        .zip(settings.code_address)
        .map(|(client, budget)| Spending { key: format!("code:client:{client}"), budget });
    let of_organization = organization
        .zip(settings.code_organization)
        .map(|(id, budget)| Spending { key: format!("code:organization:{id}"), budget });
    of_client.into_iter().chain(of_organization).collect()
}

/// What one guess spends: of the account's budget and of the client's.
///
/// The account stands in its key by a digest of the address, so that a counter row names nobody.
pub(crate) fn spendings(settings: &Settings, address_key: &str, client: Option<&str>) -> Vec<Spending> {
    let mut account = String::from("sign-in:account:");
    for byte in Sha256::digest(address_key.as_bytes()) {
        // Writing to a string cannot fail.
        let _infallible = write!(account, "{byte:02x}");
    }
    let of_account = settings.sign_in_account.map(|budget| Spending { key: account, budget });
    let of_client = client
        .zip(settings.sign_in_address)
        .map(|(client, budget)| Spending { key: format!("sign-in:client:{client}"), budget });
    of_account.into_iter().chain(of_client).collect()
}
