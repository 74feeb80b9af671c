//! Cursors: a list's position, readable by nobody and good for one list of one organisation with one set of filters only
//! (HTTP-7). Text: base64url of key id, row id, sort key and sixteen bytes of HMAC-SHA-256 under the cursor key over
//! `"invite/cursor/v1\0"`, the digests (SHA-256) of list, organisation and filters, and the bytes before it.

use crate::problem::{Problem, table};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use invite_domain::{
    id::OrganizationId,
    page::Position,
    secret::{KeyId, KeyRing, Purpose},
};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

const LABEL: &[u8] = b"invite/cursor/v1\0";
const MAC: usize = 16;

/// The list a cursor belongs to.
#[derive(Clone, Debug)]
pub(crate) struct List {
    name: String,
    organization: Option<OrganizationId>,
    /// The query without what pages through it, sorted.
    filters: String,
}

impl List {
    pub(crate) fn new(name: &str, organization: Option<OrganizationId>, filters: &[(String, String)]) -> Self {
        let mut filters: Vec<_> = filters.iter().filter(|(name, _)| !PAGING.contains(&name.as_str())).collect();
        filters.sort();
        let filters = serde_json::json!(filters).to_string();
        Self { name: name.to_owned(), organization, filters }
    }

    fn mac(&self, ring: &KeyRing, key: KeyId, body: &[u8]) -> Option<[u8; MAC]> {
        let organization = self.organization.map(|id| id.to_string()).unwrap_or_default();
        let [name, organization, filters] = [&self.name, &organization, &self.filters].map(Sha256::digest);
        let mac = ring.mac(key, Purpose::Cursor, &[LABEL, &name, &organization, &filters, body])?;
        mac.first_chunk().copied()
    }

    /// The cursor that continues after this position.
    pub(crate) fn seal(&self, ring: &KeyRing, position: &Position) -> Option<String> {
        let key = ring.active()?;
        let mut bytes = vec![key.get()];
        bytes.extend(position.id.as_bytes());
        bytes.extend(position.key.as_bytes());
        let mac = self.mac(ring, key, &bytes)?;
        bytes.extend(mac);
        Some(BASE64.encode(bytes))
    }

    /// The position of a cursor of this list.
    pub(crate) fn open(&self, ring: &KeyRing, text: &str) -> Result<Position, Problem> {
        self.opened(ring, text).ok_or_else(|| Problem::new(&table::INVALID_CURSOR))
    }

    fn opened(&self, ring: &KeyRing, text: &str) -> Option<Position> {
        let bytes = BASE64.decode(text).ok()?;
        let (body, mac) = bytes.split_last_chunk::<MAC>()?;
        let key = KeyId::new(*body.first()?)?;
        if !bool::from(self.mac(ring, key, body)?.ct_eq(mac)) {
            return None;
        }
        let (id, sort_key) = body.get(1..)?.split_first_chunk::<16>()?;
        Some(Position { key: String::from_utf8(sort_key.to_vec()).ok()?, id: Uuid::from_bytes(*id) })
    }
}

/// Query parameters that page through a list instead of choosing what is in it.
const PAGING: [&str; 3] = ["cursor", "limit", "include_total"];

#[cfg(test)]
mod tests {
    use super::*;
    use invite_domain::secret::KeyState;

    fn ring() -> KeyRing {
        let key = std::array::from_fn(|i| u8::try_from(i).unwrap() ^ 0x5a);
        KeyRing::from_keys(vec![(KeyId::new(3).unwrap(), KeyState::Active, key)]).unwrap()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn organization(n: u128) -> OrganizationId {
        OrganizationId::from_uuid(Uuid::from_u128(n))
    }

    fn position() -> Position {
        Position { key: "2026-11-21T10:00:00Z é".to_owned(), id: Uuid::from_u128(7) }
    }

    #[test]
    fn http_7_a_cursor_leads_back_to_its_position_whatever_pages_through_the_list() {
        let (a, b) =
            (pairs(&[("status", "x"), ("limit", "2"), ("sort", "y")]), pairs(&[("sort", "y"), ("status", "x")]));
        let cursor = List::new("invitations", Some(organization(1)), &a).seal(&ring(), &position()).unwrap();
        assert_eq!(List::new("invitations", Some(organization(1)), &b).open(&ring(), &cursor).unwrap(), position());
    }

    #[test]
    fn http_7_it_is_no_cursor_of_another_list_organisation_or_filter() {
        let filters = pairs(&[("status", "x")]);
        let cursor = List::new("invitations", Some(organization(1)), &filters).seal(&ring(), &position()).unwrap();
        for other in [
            List::new("events", Some(organization(1)), &filters),
            List::new("invitations", Some(organization(2)), &filters),
            List::new("invitations", None, &filters),
            List::new("invitations", Some(organization(1)), &[]),
            List::new("invitations", Some(organization(1)), &pairs(&[("status", "x"), ("status", "y")])),
        ] {
            assert_eq!(other.open(&ring(), &cursor).unwrap_err().kind().code, "invalid_cursor", "{other:?}");
        }
    }

    #[test]
    fn http_7_every_tampered_byte_is_noticed() {
        let list = List::new("invitations", Some(organization(1)), &[]);
        let cursor = list.seal(&ring(), &position()).unwrap();
        let bytes = BASE64.decode(&cursor).unwrap();
        for index in 0..bytes.len() {
            let mut other = bytes.clone();
            other[index] ^= 1;
            assert!(list.open(&ring(), &BASE64.encode(other)).is_err(), "byte {index}");
        }
        for text in ["", "x", "====", "AAAA", &cursor[..cursor.len() - 4]] {
            assert!(list.open(&ring(), text).is_err(), "{text}");
        }
    }
}
