//! The budgets of guesses (rule 7.6): counted before the guess is made, alike for accounts that don't exist.
//!
//! A counter's key has nothing a client can choose, and names nobody: an address, of a person or of a machine, stands in it
//! by an HMAC under a key of the ring (PRIV-1). A plain hash of an IPv4 address is undone by trying all of them.

use super::Settings;
use crate::{
    id::OrganizationId,
    invitation::Budget,
    port::{PortError, Spending},
    secret::keyring::{KeyRing, KeyState, Purpose},
};
use std::fmt::Write as _;

/// What stands for a text in a counter's key: 128 bits.
///
/// It is made under the oldest key that is not retired, not the active one: making another key active then refreshes no
/// budget. Retiring that key does, once, and is the operator's to do.
fn pseudonym(ring: &KeyRing, text: &str) -> Result<String, PortError> {
    let oldest = ring.ids().find(|(_, state)| *state != KeyState::Retired).map(|(id, _)| id);
    let parts: [&[u8]; 2] = [b"invite/counter/v1\0", text.as_bytes()];
    let mac = oldest.and_then(|id| ring.mac(id, Purpose::Counter, &parts));
    let mac = mac.ok_or_else(|| PortError::other("the key ring has no usable key"))?;
    let mut name = String::with_capacity(32);
    for byte in mac.iter().take(16) {
        // Writing to a string cannot fail.
        let _infallible = write!(name, "{byte:02x}");
    }
    Ok(name)
}

/// What one thing a client does spends of its budget for things of this kind, where it has one and is known.
pub(crate) fn of_client(
    ring: &KeyRing,
    kind: &str,
    client: Option<&str>,
    budget: Option<Budget>,
) -> Result<Option<Spending>, PortError> {
    let Some((client, budget)) = client.zip(budget) else { return Ok(None) };
    Ok(Some(Spending { key: format!("{kind}:client:{}", pseudonym(ring, client)?), budget }))
}

/// What one code spends: of the client's budget, and of the organisation's where there is such a one (rule 7.6). Where there is
/// none, something is counted in its place that is never used up: time must not tell which there are (rule 5.8).
pub(crate) fn code_spendings(
    settings: &Settings,
    ring: &KeyRing,
    organization: Option<OrganizationId>,
    client: Option<&str>,
) -> Result<Vec<Spending>, PortError> {
    let of_client = of_client(ring, "code", client, settings.code_address)?;
    let of_organization = settings.code_organization.map(|budget| match organization {
        Some(id) => Spending { key: format!("code:organization:{id}"), budget },
        None => Spending { key: "code:organization:none".to_owned(), budget: Budget { limit: u32::MAX, ..budget } },
    });
    Ok(of_client.into_iter().chain(of_organization).collect())
}

/// What one guess spends: of the account's budget and of the client's.
pub(crate) fn spendings(
    settings: &Settings,
    ring: &KeyRing,
    address_key: &str,
    client: Option<&str>,
) -> Result<Vec<Spending>, PortError> {
    let name = pseudonym(ring, address_key)?;
    let of_account = settings.sign_in_account.map(|budget| Spending { key: format!("sign-in:account:{name}"), budget });
    let of_client = key_spending(settings, ring, client)?;
    Ok(of_account.into_iter().chain(of_client).collect())
}

/// What one key spends that somebody types to sign in: of the client's budget for passwords.
pub(crate) fn key_spending(
    settings: &Settings,
    ring: &KeyRing,
    client: Option<&str>,
) -> Result<Option<Spending>, PortError> {
    of_client(ring, "sign-in", client, settings.sign_in_address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(second: &str) -> KeyRing {
        let text = format!("1 verify {}\n2 {second} {}\n", "a1".repeat(31) + "00", "b2".repeat(31) + "00");
        KeyRing::parse(&text).unwrap()
    }

    fn keys(ring: &KeyRing, address: &str, client: &str) -> Vec<String> {
        let settings = Settings::default();
        let mut all = spendings(&settings, ring, address, Some(client)).unwrap();
        all.extend(code_spendings(&settings, ring, None, Some(client)).unwrap());
        all.into_iter().map(|spending| spending.key).collect()
    }

    #[test]
    fn priv_1_no_key_of_a_counter_has_an_address_and_another_address_has_another() {
        let one = keys(&ring("verify"), "ada@example.org", "192.0.2.1");
        assert!(one.iter().all(|key| !key.contains("ada") && !key.contains("192.0.2.1")), "{one:?}");
        let other = keys(&ring("verify"), "bob@example.org", "192.0.2.2");
        let alike: Vec<_> = one.iter().zip(&other).filter(|(one, other)| one == other).map(|(one, _)| one).collect();
        assert_eq!(alike, ["code:organization:none"]);
        assert_eq!(
            one,
            keys(&ring("active"), "ada@example.org", "192.0.2.1"),
            "making a key active refreshes no budget"
        );
    }

    #[test]
    fn r7_6_a_code_for_no_organisation_is_counted_like_one_and_never_too_often() {
        let all = code_spendings(&Settings::default(), &ring("active"), None, Some("192.0.2.1")).unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].budget.limit, u32::MAX);
    }
}
