//! When two spellings of an e-mail address are one person.
//!
//! The key is the ASCII-lowercased local part, `@`, and the domain's A-label after
//! [UTS #46](https://www.unicode.org/reports/tr46/) (non-transitional, so `straße.de` is not `strasse.de`). Nothing else
//! is folded: plus-tags and dots are kept, and a local part's Unicode is compared as it stands. Whoever folds more lets
//! the owner of one mailbox take what was meant for another.

use idna::{
    AsciiDenyList,
    uts46::{DnsLength, Hyphens, Uts46},
};
use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};
use unicode_normalization::UnicodeNormalization;

/// Longest local part in octets ([RFC 5321 §4.5.3.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1)).
pub const MAX_LOCAL_OCTETS: usize = 64;
/// Longest address in octets: a path of 256 with its angle brackets
/// ([RFC 5321 §4.5.3.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3)).
pub const MAX_ADDRESS_OCTETS: usize = 254;

/// Why a text is no address we invite.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmailError {
    /// Above 254 octets as written, or with the domain's A-label.
    #[error("the address is longer than 254 octets")]
    TooLong,
    /// A control character, line breaks and NUL among them.
    #[error("the address contains a control character")]
    ControlCharacter,
    /// White space anywhere, also before and after.
    #[error("the address contains a space")]
    Space,
    /// A character that cannot be seen, or that turns the direction of writing.
    #[error("the address contains an invisible character")]
    InvisibleCharacter,
    /// Not exactly one `@`, also after compatibility normalisation (`＠`).
    #[error("the address must contain exactly one @")]
    NotOneAt,
    /// Nothing before the `@`.
    #[error("the part before the @ is missing")]
    MissingLocal,
    /// Nothing after the `@`.
    #[error("the domain after the @ is missing")]
    MissingDomain,
    /// Above 64 octets before the `@`.
    #[error("the part before the @ is longer than 64 octets")]
    LocalTooLong,
    /// A local part in quotation marks.
    #[error("addresses with a quoted part before the @ are not supported")]
    QuotedLocal,
    /// What could stand before the `@` only in quotation marks, or a dot where none may stand.
    #[error("the part before the @ contains a character that is not allowed, or a dot at its beginning, end or twice")]
    LocalSyntax,
    /// A numeric address instead of a name.
    #[error("the domain must be a name, not a numeric address")]
    AddressLiteral,
    /// UTS #46 refuses the domain, or its A-label does not come back from its Unicode form.
    #[error("the domain is not a valid name")]
    InvalidDomain,
    /// A domain of one label.
    #[error("the domain must contain a dot")]
    DomainWithoutDot,
    /// The key given is not the address's own.
    #[error("the stored key is not the key of the address")]
    KeyMismatch,
}

/// An e-mail address: the spelling a person gave, and the key by which it is compared, ordered and hashed.
#[derive(Clone, Debug)]
pub struct EmailAddress {
    original: String,
    key: String,
    /// Where the `@` stands, in both: lowercasing ASCII changes no length.
    at: usize,
}

impl EmailAddress {
    /// Reads an address as a person writes it. Nothing is trimmed or repaired.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        Self::parse_plain(text).map_or_else(|| Self::parse_any(text), Ok)
    }

    /// Reads what most addresses are: letters, digits and few marks before the `@`, and labels of letters, digits and hyphens after
    /// it, none of which looks like an A-label. No other rule speaks of such a text, and nothing of it is mapped. `None` means that
    /// it has to be looked at closely.
    fn parse_plain(text: &str) -> Option<Self> {
        let (local, domain) = text.split_once('@')?;
        let (_, top) = domain.rsplit_once('.')?;
        let is_atom = |atom: &str| {
            !atom.is_empty()
                && atom.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'_'))
        };
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.as_bytes().get(2..4) != Some(b"--")
        };
        let is_plain = local.len() <= MAX_LOCAL_OCTETS
            && text.len() <= MAX_ADDRESS_OCTETS
            && local.split('.').all(is_atom)
            && domain.split('.').all(is_label)
            && !top.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| Self { original: text.to_owned(), key: text.to_ascii_lowercase(), at: local.len() })
    }

    fn parse_any(text: &str) -> Result<Self, EmailError> {
        // First, so that all that follows works on a short text.
        if text.len() > MAX_ADDRESS_OCTETS {
            return Err(EmailError::TooLong);
        }
        check_characters(text)?;
        if text.nfkc().filter(|c| *c == '@').count() != 1 {
            return Err(EmailError::NotOneAt);
        }
        let (local, domain) = text.split_once('@').ok_or(EmailError::NotOneAt)?;
        check_local(local)?;
        let domain = normalize_domain(domain)?;
        let key = format!("{}@{domain}", local.to_ascii_lowercase());
        if key.len() > MAX_ADDRESS_OCTETS {
            return Err(EmailError::TooLong);
        }
        Ok(Self { original: text.to_owned(), key, at: local.len() })
    }

    /// An address out of a store. It is parsed again, so a row in which spelling and key went apart is noticed and not
    /// believed.
    pub fn from_parts(original: &str, key: &str) -> Result<Self, EmailError> {
        let address = Self::parse(original)?;
        if address.key == key { Ok(address) } else { Err(EmailError::KeyMismatch) }
    }

    /// The original spelling: what is shown.
    pub fn as_str(&self) -> &str {
        &self.original
    }

    /// What is compared, on every store byte by byte.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The part before the `@` in its original spelling.
    pub fn local(&self) -> &str {
        &self.original[..self.at]
    }

    /// The domain's A-label, in lower case.
    pub fn domain(&self) -> &str {
        &self.key[self.at + 1..]
    }

    /// The address to send to where the local part is ASCII: original local part, A-label domain.
    pub fn ascii_address(&self) -> Option<String> {
        (!self.needs_smtputf8()).then(|| format!("{}@{}", self.local(), self.domain()))
    }

    /// Whether only a server with SMTPUTF8 ([RFC 6531](https://www.rfc-editor.org/rfc/rfc6531)) can take mail for it.
    pub fn needs_smtputf8(&self) -> bool {
        !self.local().is_ascii()
    }

    /// Enough for its owner to know it, and no more: `a•••@e•••.org`.
    pub fn masked(&self) -> String {
        let (domain, _) = Uts46::new().to_unicode(self.domain().as_bytes(), AsciiDenyList::STD3, HYPHENS);
        let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
        let top = domain.rsplit('.').next().unwrap_or_default();
        format!("{}•••@{}•••.{top}", first(self.local()), first(&domain))
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for EmailAddress {}

impl PartialOrd for EmailAddress {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EmailAddress {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.original)
    }
}

/// Third and fourth place stay free for hyphens: such names exist, and an A-label is checked as one anyway.
const HYPHENS: Hyphens = Hyphens::CheckFirstLast;

/// The A-label form, in lower case, of a mail domain: what domains are compared by, whole and byte by byte.
pub fn normalize_domain(domain: &str) -> Result<String, EmailError> {
    if domain.is_empty() {
        return Err(EmailError::MissingDomain);
    }
    // No character takes more than four octets. Bounds the work below for callers other than `parse`.
    if domain.len() > 4 * MAX_ADDRESS_OCTETS {
        return Err(EmailError::TooLong);
    }
    if domain.starts_with('[') {
        return Err(EmailError::AddressLiteral);
    }
    check_characters_of_domain(domain)?;
    let uts46 = Uts46::new();
    let to_ascii = |name: &str| {
        let ascii = uts46.to_ascii(name.as_bytes(), AsciiDenyList::STD3, HYPHENS, DnsLength::Verify);
        ascii.map(std::borrow::Cow::into_owned).map_err(|_| EmailError::InvalidDomain)
    };
    let ascii = to_ascii(domain)?;
    let (unicode, valid) = uts46.to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, HYPHENS);
    if valid.is_err() || to_ascii(&unicode)? != ascii {
        return Err(EmailError::InvalidDomain);
    }
    let (_, top) = ascii.rsplit_once('.').ok_or(EmailError::DomainWithoutDot)?;
    // No top-level domain is a number (RFC 3696 §2): this is an address without its brackets.
    if top.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(EmailError::AddressLiteral);
    }
    Ok(ascii)
}

fn check_characters(text: &str) -> Result<(), EmailError> {
    let local_end = text.find('@').unwrap_or(text.len());
    let (local, rest) = text.split_at(local_end);
    check_characters_of_domain(rest)?;
    check_characters_of_domain(local)?;
    if local.chars().any(is_invisible) { Err(EmailError::InvisibleCharacter) } else { Ok(()) }
}

fn check_characters_of_domain(text: &str) -> Result<(), EmailError> {
    for c in text.chars() {
        if c.is_control() {
            return Err(EmailError::ControlCharacter);
        }
        if c.is_whitespace() {
            return Err(EmailError::Space);
        }
        // Joiners belong to some scripts (UTS #46 looks at their place), FE0F to how keyboards write emoji.
        if is_invisible(c) && !matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE0F}') {
            return Err(EmailError::InvisibleCharacter);
        }
    }
    Ok(())
}

/// General category Cf and the code points Unicode 16 calls default ignorable: what makes two addresses look alike, or
/// one look like another.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' | '\u{890}'..='\u{891}'
        | '\u{8E2}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{110BD}' | '\u{110CD}'
        | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// A dot-atom (RFC 5322 §3.2.3, RFC 6531 §3.3). What is none could be written in quotation marks only, and those are
/// refused: commas, brackets and colons never reach a mail header.
fn check_local(local: &str) -> Result<(), EmailError> {
    if local.is_empty() {
        return Err(EmailError::MissingLocal);
    }
    if local.len() > MAX_LOCAL_OCTETS {
        return Err(EmailError::LocalTooLong);
    }
    if local.contains('"') {
        return Err(EmailError::QuotedLocal);
    }
    let atext = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    // An encoded word (RFC 2047) has no place in an address: mail software that decodes it there sends elsewhere.
    let encoded_word = local.split_once("=?").is_some_and(|(_, rest)| rest.contains("?="));
    if encoded_word || !local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(atext)) {
        return Err(EmailError::LocalSyntax);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
