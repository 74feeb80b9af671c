//! Whom an invitation is for (rules 3.1, 3.2).

use crate::email::EmailAddress;
use std::fmt;

/// Whom an invitation is for.
///
/// Phone numbers, subjects, domains and anyone are kinds of recipient of their own; they join this enum with the code
/// that serves them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Recipient {
    /// The person who reads mail at this address.
    Email(EmailAddress),
}

impl Recipient {
    /// The kind's name, in storage, on the wire and in the grant digest.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
        }
    }

    /// What makes two recipients of this kind the same one.
    pub fn key(&self) -> &str {
        match self {
            Self::Email(address) => address.key(),
        }
    }

    /// The key that at most one live invitation of an organisation holds.
    pub fn live_key(&self) -> LiveKey {
        LiveKey(format!("{}:{}", self.kind(), self.key()))
    }

    /// The address, where the recipient is one.
    pub fn email(&self) -> Option<&EmailAddress> {
        match self {
            Self::Email(address) => Some(address),
        }
    }
}

/// Kind and key of a recipient: unique among the live invitations of an organisation (rule 3.2).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LiveKey(String);

impl LiveKey {
    /// Wraps a stored key.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LiveKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
