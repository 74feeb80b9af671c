use super::look::Look;
use crate::{
    id::{GroupId, OrganizationId},
    time::Timestamp,
};
use std::fmt;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// The part of an address that names an organisation to people: 3 to 40 of `[a-z0-9-]`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Slug(String);

/// A text that is no slug.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a slug is 3 to 40 characters of a-z, 0-9 and hyphen")]
pub struct InvalidSlug;

impl Slug {
    /// Checks a slug somebody chose.
    ///
    /// # Errors
    /// Where it is too short, too long or has other characters.
    pub fn parse(text: &str) -> Result<Self, InvalidSlug> {
        let fits = (3..=40).contains(&text.len());
        let good = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits && good { Ok(Self(text.to_owned())) } else { Err(InvalidSlug) }
    }

    /// Makes a slug from a name: letters without their accents and digits, in lower case; everything else a hyphen.
    pub fn from_name(name: &str) -> Self {
        let mut slug = String::new();
        for c in name.nfkd().filter(|c| !is_combining_mark(*c)) {
            if c.is_ascii_alphanumeric() {
                slug.push(c.to_ascii_lowercase());
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        slug.truncate(36);
        let slug = slug.trim_matches('-');
        Self(if slug.len() < 3 { format!("org-{slug}").trim_end_matches('-').to_owned() } else { slug.to_owned() })
    }

    /// The same slug with a number, for when it is taken.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        let suffix = format!("-{number}");
        let mut base = self.0.clone();
        base.truncate(40 - suffix.len());
        Self(base + &suffix)
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How an organisation wants its invitations to work.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Policy {
    /// A link that was copied, not mailed, only sends the mailed one (rule 5.4).
    pub require_mailbox_proof: bool,
    /// An existing account must be signed in; the mailed link alone does not join it.
    pub require_verified_sign_in: bool,
    /// Seconds an invitation lives where its issuer names none; the operator's where `None`.
    pub ttl_default: Option<i64>,
    /// The most seconds an invitation may live; the operator's where `None`.
    pub ttl_max: Option<i64>,
}

/// Limits an organisation has set below the operator's (rule 9.2); `None` leaves the operator's.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Limits {
    /// The most members and live invitations together.
    pub seats: Option<i64>,
    /// The most live invitations.
    pub live: Option<i64>,
    /// The most invitations issued in an hour.
    pub issues_hour: Option<i64>,
    /// The most messages to one recipient a day.
    pub messages_recipient_day: Option<i64>,
}

/// An organisation: the tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Organization {
    /// Names the organisation.
    pub id: OrganizationId,
    /// The store's number for it; 0 until it is stored.
    pub number: i64,
    /// What people call it, 1 to 200 characters.
    pub name: String,
    /// Its name in addresses.
    pub slug: Slug,
    /// The language its mails are written in where nothing says otherwise (a BCP 47 tag).
    pub locale: Option<String>,
    /// The IANA time zone its dates are shown in.
    pub time_zone: String,
    /// How its invitations work.
    pub policy: Policy,
    /// Its own limits.
    pub limits: Limits,
    /// How it looks on pages and in mails.
    pub look: Look,
    /// The group it is in.
    pub group_id: Option<GroupId>,
    /// A JSON object of fields that other systems print, as text; never interpreted here.
    pub profile: String,
    /// Rises with every change of who may do what (rule 6.7).
    pub authority_epoch: i64,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its settings were last changed.
    pub updated_at: Timestamp,
    /// When it was deleted; restorable for 30 days, all its secrets dead at once.
    pub deleted_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_made_from_any_name() {
        for (name, slug) in [
            ("Acme", "acme"),
            ("  Zoë & Söhne GmbH ", "zoe-sohne-gmbh"),
            ("A", "org-a"),
            ("Café Zürich", "cafe-zurich"),
            ("日本", "org"),
            ("--x--y--", "x--y".replace("--", "-").as_str()),
        ] {
            let made = Slug::from_name(name);
            assert_eq!(made.as_str(), slug, "{name}");
            assert!(Slug::parse(made.as_str()).is_ok(), "{name}");
        }
        assert!(Slug::parse(Slug::from_name(&"long ".repeat(30)).numbered(1234).as_str()).is_ok());
        assert_eq!(Slug::parse("ab"), Err(InvalidSlug));
        assert_eq!(Slug::parse("Acme"), Err(InvalidSlug));
    }
}
