use crate::{
    email::EmailAddress,
    id::AccountId,
    phone::PhoneNumber,
    secret::{account_token::AccountPurpose, keyring::KeyId, token::Nonce},
    time::Timestamp,
};
use std::{borrow::Cow, fmt};
use zeroize::Zeroizing;

/// A password as a person typed it.
///
/// It has no `Display` and a `Debug` that says nothing; [`expose`](Self::expose) is the only way out.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

/// Why a password was refused (rule 5.7).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than 8 characters.
    #[error("a password has at least {} characters", Password::MIN_CHARACTERS)]
    TooShort,
    /// More than 128 characters.
    #[error("a password has at most {} characters", Password::MAX_CHARACTERS)]
    TooLong,
    /// Among the most common ones.
    #[error("this password is among the most common ones")]
    TooCommon,
}

impl Password {
    /// The fewest characters.
    pub const MIN_CHARACTERS: usize = 8;
    /// The most characters.
    pub const MAX_CHARACTERS: usize = 128;

    /// Takes a password somebody typed to sign in: no rule applies, it is compared as it is.
    pub fn typed(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Takes a password somebody chose and holds it to the rules
    /// ([NIST SP 800-63B §3.1.1.2](https://pages.nist.gov/800-63-4/sp800-63b.html)).
    ///
    /// # Errors
    /// Where it is too short, too long or too common.
    pub fn choose(text: impl Into<String>) -> Result<Self, PasswordError> {
        let password = Self::typed(text);
        let characters = password.0.chars().count();
        if characters < Self::MIN_CHARACTERS {
            Err(PasswordError::TooShort)
        } else if characters > Self::MAX_CHARACTERS {
            Err(PasswordError::TooLong)
        } else if COMMON.contains(&password.0.to_lowercase().as_str()) {
            Err(PasswordError::TooCommon)
        } else {
            Ok(password)
        }
    }

    /// The text, for the hasher alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The most used passwords of eight characters and more, from public breach statistics. A host can check against a
/// longer list before it calls.
const COMMON: &[&str] = &[
    "00000000",
    "0123456789",
    "1111111111",
    "11111111",
    "112233445566",
    "11223344",
    "12121212",
    "123123123",
    "12341234",
    "1234554321",
    "12344321",
    "1234512345",
    "123454321",
    "12345678",
    "123456789",
    "1234567890",
    "12345678910",
    "123456789a",
    "12345678a",
    "123456abc",
    "123abc123",
    "1234qwer",
    "147258369",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "1qaz2wsx3edc",
    "22222222",
    "31415926",
    "55555555",
    "66666666",
    "77777777",
    "87654321",
    "88888888",
    "987654321",
    "9876543210",
    "99999999",
    "a1234567",
    "a12345678",
    "a123456789",
    "aa123456",
    "aa12345678",
    "aaaaaaaa",
    "abc12345",
    "abc123456",
    "abcd1234",
    "abcdefgh",
    "access14",
    "administrator",
    "adminadmin",
    "administrador",
    "asdasdasd",
    "asdf1234",
    "asdfasdf",
    "asdfghjk",
    "asdfghjkl",
    "azerty123",
    "azertyuiop",
    "babygirl",
    "barcelona",
    "baseball",
    "basketball",
    "batman123",
    "bismillah",
    "blink182",
    "butterfly",
    "changeme",
    "changeme123",
    "charlie1",
    "chocolate",
    "computer",
    "corvette",
    "creative",
    "danielle",
    "einstein",
    "elizabeth",
    "fernando",
    "football",
    "football1",
    "freedom1",
    "greenday",
    "hello123",
    "iloveyou",
    "iloveyou1",
    "iloveyou2",
    "internet",
    "jennifer",
    "jessica1",
    "jonathan",
    "jordan23",
    "letmein1",
    "letmein123",
    "liverpool",
    "liverpool1",
    "lovelove",
    "loveyou1",
    "manchester",
    "mercedes",
    "michelle",
    "michael1",
    "midnight",
    "minecraft",
    "motdepasse",
    "myspace1",
    "newyork1",
    "nicholas",
    "p@ssw0rd",
    "p@ssword",
    "pa55word",
    "passer2009",
    "passw0rd",
    "password",
    "password!",
    "password1",
    "password12",
    "password123",
    "password1234",
    "password2",
    "patricia",
    "pokemon1",
    "princess",
    "princess1",
    "q1w2e3r4",
    "q1w2e3r4t5",
    "qazwsxedc",
    "qqww1122",
    "qwer1234",
    "qwerasdf",
    "qwerasdfzxcv",
    "qwert123",
    "qwerty12",
    "qwerty123",
    "qwerty1234",
    "qwerty12345",
    "qwertyui",
    "qwertyuiop",
    "realmadrid",
    "rockyou1",
    "samantha",
    "samsung1",
    "scorpion",
    "security",
    "slipknot",
    "snowball",
    "spiderman",
    "starwars",
    "startrek",
    "stephanie",
    "sunshine",
    "sunshine1",
    "superman",
    "superman1",
    "superstar",
    "sweetheart",
    "swordfish",
    "test1234",
    "testtest",
    "thomas123",
    "trustno1",
    "unknown1",
    "victoria",
    "welcome1",
    "welcome123",
    "whatever",
    "william1",
    "wordpass",
    "xbox360x",
    "yuantuo2012",
    "zaq12wsx",
    "zaq1zaq1",
    "zxcvbnm1",
    "zxcvbnm123",
    "zzzzzzzz",
];

/// A password's verifier in PHC string format, as the hasher made it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps a verifier.
    pub fn new(phc: impl Into<String>) -> Self {
        Self(phc.into())
    }

    /// The verifier's text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A person who can sign in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Names the account.
    pub id: AccountId,
    /// The store's number for it; 0 until it is stored.
    pub number: i64,
    /// The address, unique over the installation by its key. A person who came by a code may have none.
    pub email: Option<EmailAddress>,
    /// Whether the person has shown to read mail at that address.
    pub email_verified: bool,
    /// A phone number, not proven to be the person's; several accounts may name the same one.
    pub phone: Option<PhoneNumber>,
    /// A name to sign in with, unique over the installation.
    pub username: Option<Username>,
    /// What to call the person, 1 to 200 characters.
    pub name: Option<String>,
    /// The verifier of the password, once one is set.
    pub password: Option<PasswordHash>,
    /// The person's language (a BCP 47 tag).
    pub locale: Option<String>,
    /// A JSON object of fields that other systems print, as text; never interpreted here.
    pub profile: Option<String>,
    /// When the person last signed in.
    pub last_sign_in_at: Option<Timestamp>,
    /// When the person signed in the time before.
    pub previous_sign_in_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl Account {
    /// An account of now with nothing but an address.
    pub fn new(id: AccountId, email: Option<EmailAddress>, now: Timestamp) -> Self {
        Self {
            id,
            number: 0,
            email,
            email_verified: false,
            phone: None,
            username: None,
            name: None,
            password: None,
            locale: None,
            profile: None,
            last_sign_in_at: None,
            previous_sign_in_at: None,
            created_at: now,
            version: 1,
        }
    }

    /// The key of its address, where it has one.
    pub fn email_key(&self) -> Option<&str> {
        self.email.as_ref().map(EmailAddress::key)
    }

    /// What guesses of its password are counted under, whichever of its names they are made with: its address's key, or
    /// its id where it has none.
    pub fn guess_key(&self) -> Cow<'_, str> {
        self.email_key().map_or_else(|| Cow::Owned(self.id.to_string()), Cow::Borrowed)
    }

    /// What to call the person in a list: the name, or else what there is of username and address.
    pub fn display_name(&self) -> Option<&str> {
        let username = self.username.as_ref().map(Username::as_str);
        self.name.as_deref().or(username).or(self.email.as_ref().map(EmailAddress::as_str))
    }
}

/// A name to sign in with: 3 to 100 of letters, digits, `.`, `_`, `-`, beginning with a letter. So it is neither an address nor
/// a phone number. Upper and lower case are one.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Username {
    original: String,
    key: String,
}

/// A text that is no username.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a username is 3 to 100 letters, digits, dots, underscores or hyphens and begins with a letter")]
pub struct InvalidUsername;

impl Username {
    /// Checks a username somebody chose.
    ///
    /// # Errors
    /// Where it is too short, too long or has other characters.
    pub fn parse(text: &str) -> Result<Self, InvalidUsername> {
        let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let begins = text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
        if (3..=100).contains(&text.len()) && begins && text.bytes().all(good) {
            Ok(Self { original: text.to_owned(), key: text.to_ascii_lowercase() })
        } else {
            Err(InvalidUsername)
        }
    }

    /// The name as it was chosen.
    pub fn as_str(&self) -> &str {
        &self.original
    }

    /// What makes two of them the same.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// What somebody names to sign in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Login {
    /// An e-mail address.
    Address(EmailAddress),
    /// A phone number. It signs in only where one account alone has it.
    Phone(PhoneNumber),
    /// A username.
    Username(Username),
}

impl Login {
    /// Reads what somebody typed; `None` where nobody could be called so.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let address = EmailAddress::parse(text).ok().map(Self::Address);
        let phone = || PhoneNumber::parse(text).ok().map(Self::Phone);
        let username = || Username::parse(text).ok().map(Self::Username);
        address.or_else(phone).or_else(username)
    }
}

/// The stored half of a link that acts on an account: the owner's first link, a password reset (rule 7.9).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountToken {
    /// The account.
    pub account_id: AccountId,
    /// What the link may do.
    pub purpose: AccountPurpose,
    /// Counts the links of this account and purpose, wrapping; a new one overwrites the old.
    pub counter: u8,
    /// The key it was made under.
    pub key_id: KeyId,
    /// What makes the link unguessable; gone once it was used or ended.
    pub nonce: Option<Nonce>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// Of a change of address: the address that is asked for; gone once the link was used or ended.
    pub address: Option<EmailAddress>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r5_7_a_password_has_8_to_128_characters_and_is_not_common() {
        assert_eq!(Password::choose("é".repeat(7)), Err(PasswordError::TooShort));
        assert!(Password::choose("é".repeat(8)).is_ok());
        assert!(Password::choose("x".repeat(128)).is_ok());
        assert_eq!(Password::choose("x".repeat(129)), Err(PasswordError::TooLong));
        assert_eq!(Password::choose("PassWord1"), Err(PasswordError::TooCommon));
    }

    #[test]
    fn a_login_is_an_address_a_phone_number_or_a_username() {
        assert!(matches!(Login::parse(" Ada@Example.org "), Some(Login::Address(_))));
        assert!(matches!(Login::parse("+33 6 00 00 00 00"), Some(Login::Phone(_))));
        assert!(matches!(Login::parse("ada.l"), Some(Login::Username(_))));
        for nothing in ["", "ad", "33600000000", "ada l", "ada@", "1ada", &"a".repeat(101)] {
            assert_eq!(Login::parse(nothing), None, "{nothing}");
        }
        assert_eq!(Username::parse("Ada").map(|name| name.key().to_owned()), Ok("ada".to_owned()));
    }

    #[test]
    fn a_password_is_not_in_its_debug_text() {
        let password = Password::typed("correct horse");
        assert!(!format!("{password:?}").contains("horse"));
    }
}
