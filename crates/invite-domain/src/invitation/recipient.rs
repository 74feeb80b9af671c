//! Whom an invitation is for (rules 3.1, 3.2).

use super::lifecycle::Channel;
use crate::{email::EmailAddress, id::SubjectId, phone::PhoneNumber};
use std::{borrow::Cow, fmt};

/// The kinds of recipient.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RecipientKind {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A record of the host's directory.
    Subject,
}

impl RecipientKind {
    /// The kind's name, in storage, on the wire and in the grant digest.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Subject => "subject",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Email, Self::Phone, Self::Subject].into_iter().find(|kind| kind.name() == name)
    }
}

/// Whom an invitation is for.
///
/// Domains and anyone are kinds of recipient of their own; they join this enum with the code that serves them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Recipient {
    /// The person who reads mail at this address.
    Email(EmailAddress),
    /// The person who reads messages at this phone number.
    Phone(PhoneNumber),
    /// The person a record of the host's directory stands for.
    Subject(SubjectRecipient),
}

/// A record of the host's directory as a recipient, with the addresses it had when the invitation was issued: a link goes
/// where it was meant to, whatever becomes of the record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubjectRecipient {
    /// The record.
    pub id: SubjectId,
    /// Its address.
    pub email: Option<EmailAddress>,
    /// Its phone number.
    pub phone: Option<PhoneNumber>,
}

impl Recipient {
    /// A record of the host's directory. Its addresses are filled in by the rule that issues.
    pub const fn subject(id: SubjectId) -> Self {
        Self::Subject(SubjectRecipient { id, email: None, phone: None })
    }

    /// Its kind.
    pub const fn kind(&self) -> RecipientKind {
        match self {
            Self::Email(_) => RecipientKind::Email,
            Self::Phone(_) => RecipientKind::Phone,
            Self::Subject(_) => RecipientKind::Subject,
        }
    }

    /// What makes two recipients of this kind the same one.
    pub fn key(&self) -> Cow<'_, str> {
        match self {
            Self::Email(address) => Cow::Borrowed(address.key()),
            Self::Phone(number) => Cow::Borrowed(number.as_str()),
            Self::Subject(subject) => Cow::Owned(subject.id.to_string()),
        }
    }

    /// What the grant digest covers of it: its key and, for a record, the addresses it had, so that nobody swaps them in
    /// the database unnoticed (rule 7.1).
    pub fn digest_key(&self) -> Cow<'_, str> {
        let Self::Subject(subject) = self else { return self.key() };
        let email = subject.email.as_ref().map_or("", EmailAddress::key);
        let phone = subject.phone.as_ref().map_or("", PhoneNumber::as_str);
        Cow::Owned(format!("{}\n{email}\n{phone}", subject.id))
    }

    /// The key that at most one live invitation of an organisation holds.
    pub fn live_key(&self) -> LiveKey {
        LiveKey(format!("{}:{}", self.kind().name(), self.key()))
    }

    /// The address, where there is one.
    pub fn email(&self) -> Option<&EmailAddress> {
        match self {
            Self::Email(address) => Some(address),
            Self::Phone(_) => None,
            Self::Subject(subject) => subject.email.as_ref(),
        }
    }

    /// The phone number, where there is one.
    pub fn phone(&self) -> Option<&PhoneNumber> {
        match self {
            Self::Email(_) => None,
            Self::Phone(number) => Some(number),
            Self::Subject(subject) => subject.phone.as_ref(),
        }
    }

    /// The record of the host's directory, where it is one.
    pub const fn subject_id(&self) -> Option<SubjectId> {
        match self {
            Self::Subject(subject) => Some(subject.id),
            Self::Email(_) | Self::Phone(_) => None,
        }
    }

    /// The ways there are to it.
    pub fn channels(&self) -> Vec<Channel> {
        let email = self.email().map(|_| Channel::Email);
        let sms = self.phone().map(|_| Channel::Sms);
        email.into_iter().chain(sms).collect()
    }

    /// Whom it is for, as far as a stranger may know.
    pub fn masked(&self) -> String {
        match (self.email(), self.phone()) {
            (Some(address), _) => address.masked(),
            (None, Some(number)) => number.masked(),
            (None, None) => String::new(),
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
