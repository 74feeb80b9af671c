use crate::{email::EmailAddress, id::AccountId, time::Timestamp};
use sha2::{Digest, Sha256};
use std::fmt;

/// Names an identity of another issuer: SHA-256 over issuer and subject, each behind its length (u32, big-endian), so that
/// no two pairs read alike. Either may be longer than a database's key can be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityKey([u8; 32]);

impl IdentityKey {
    /// The key of this issuer's subject. Both count byte by byte: no case is folded and nothing is trimmed
    /// ([RFC 7519, 4.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1)).
    pub fn of(issuer: &str, subject: &str) -> Self {
        let mut hash = Sha256::new();
        for field in [issuer, subject] {
            hash.update(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            hash.update(field.as_bytes());
        }
        Self(hash.finalize().into())
    }
}

/// 64 hexadecimal digits, as a store keeps it.
impl fmt::Display for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityKey({self})")
    }
}

/// Who a configured issuer says somebody is, as a token of its that was verified proves (rule 5.10).
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedIdentity {
    /// The issuer, as the operator configured it.
    pub issuer: String,
    /// Whom the issuer means; never given to anybody else.
    pub subject: String,
    /// The address the issuer knows.
    pub email: Option<EmailAddress>,
    /// Whether the person proved that address to the issuer, and the operator trusts the issuer for that.
    pub email_trusted: bool,
    /// What the issuer calls the person.
    pub name: Option<String>,
}

impl VerifiedIdentity {
    /// What a store finds it by.
    pub fn key(&self) -> IdentityKey {
        IdentityKey::of(&self.issuer, &self.subject)
    }

    /// The address that counts as proven; any other one is nothing but a text.
    pub fn trusted_address(&self) -> Option<&EmailAddress> {
        self.email.as_ref().filter(|_| self.email_trusted)
    }

    /// Its link to an account.
    pub fn linked_to(&self, account_id: AccountId, now: Timestamp) -> Identity {
        Identity { issuer: self.issuer.clone(), subject: self.subject.clone(), account_id, created_at: now }
    }
}

impl fmt::Debug for VerifiedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The rest is of a person.
        f.debug_struct("VerifiedIdentity").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// An identity of another issuer that signs somebody in here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// The issuer.
    pub issuer: String,
    /// Whom the issuer means.
    pub subject: String,
    /// Whose account it opens.
    pub account_id: AccountId,
    /// When it was linked.
    pub created_at: Timestamp,
}

impl Identity {
    /// What a store finds it by.
    pub fn key(&self) -> IdentityKey {
        IdentityKey::of(&self.issuer, &self.subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_where_the_issuer_ends() {
        assert_ne!(IdentityKey::of("https://a.example", "1x"), IdentityKey::of("https://a.example1", "x"));
        assert_ne!(IdentityKey::of("", "ab"), IdentityKey::of("ab", ""));
        assert_ne!(IdentityKey::of("https://a.example", "X"), IdentityKey::of("https://a.example", "x"));
    }

    #[test]
    fn a_key_is_the_digest_of_both_behind_their_lengths() {
        // printf '\0\0\0\5issue\0\0\0\2me' | sha256sum
        let expected = "939aa626749fe0f05b567c1df15d77f0c0d3f5359990e5b02b627ab97fabd80d";
        assert_eq!(IdentityKey::of("issue", "me").to_string(), expected);
    }

    #[test]
    fn only_an_address_the_operator_trusts_counts_as_proven() {
        let email = EmailAddress::parse("ada@example.org").ok();
        let mut identity = VerifiedIdentity {
            issuer: "https://issuer.example".into(),
            subject: "1".into(),
            email: email.clone(),
            email_trusted: false,
            name: None,
        };
        assert_eq!(identity.trusted_address(), None);
        identity.email_trusted = true;
        assert_eq!(identity.trusted_address(), email.as_ref());
        assert!(!format!("{identity:?}").contains("ada"), "{identity:?}");
    }
}
