//! Subjects: records of the host's directory that an invitation is for (rules 1, 3.1).

use crate::{
    email::EmailAddress,
    id::{OrganizationId, SubjectId},
    invitation::Rejection,
    phone::PhoneNumber,
    time::Timestamp,
};

/// The kinds of record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SubjectKind {
    /// A company of the address book: never invited itself, contacts and truckers belong to one.
    Company,
    /// A person at a company, invited by mail, once.
    Contact,
    /// A driver, invited by code; a second invitation signs in on another device (rule 3.3).
    Trucker,
}

impl SubjectKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Company, Self::Contact, Self::Trucker];

    /// The kind's name, in storage and in events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Contact => "contact",
            Self::Trucker => "trucker",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether somebody who came from such a record may be let in again by a further invitation (rule 3.3).
    pub const fn signs_in_again(self) -> bool {
        match self {
            Self::Trucker => true,
            Self::Company | Self::Contact => false,
        }
    }
}

impl Subject {
    /// Whether an invitation can be issued for it now, where `registered` says that somebody came from it or has its
    /// address (rules 3.1, 3.3).
    ///
    /// # Errors
    /// `NotInvitable` for a company, `AlreadyMember` for a registered contact, `NoAddress` for one without an address.
    pub fn may_be_invited(&self, registered: bool) -> Result<(), Rejection> {
        match self.kind {
            SubjectKind::Company => Err(Rejection::NotInvitable),
            SubjectKind::Contact if registered => Err(Rejection::AlreadyMember { switched_off: false }),
            SubjectKind::Contact if self.email.is_none() => Err(Rejection::NoAddress),
            SubjectKind::Contact | SubjectKind::Trucker => Ok(()),
        }
    }
}

/// A record of the host's directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    /// Names the record in its organisation.
    pub id: SubjectId,
    /// The store's number for it; 0 until it is stored.
    pub number: i64,
    /// Whose record it is.
    pub organization_id: OrganizationId,
    /// What it is.
    pub kind: SubjectKind,
    /// The company it belongs to.
    pub parent_id: Option<SubjectId>,
    /// Whether it is the organisation's own company, of which there is one.
    pub own: bool,
    /// The host's own id for it, unique in its organisation and kind; 1 to 200 characters.
    pub remote_id: Option<String>,
    /// Its address.
    pub email: Option<EmailAddress>,
    /// Its phone number, where what the host gave is one that messages can be sent to.
    pub phone: Option<PhoneNumber>,
    /// What it is called, 1 to 500 characters.
    pub name: String,
    /// A JSON object of the fields that are not ours, as text; never interpreted here.
    pub profile: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted; its remote id is free again.
    pub deleted_at: Option<Timestamp>,
    /// Counts its changes, from 1.
    pub version: i64,
}
