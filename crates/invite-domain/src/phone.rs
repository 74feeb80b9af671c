//! Phone numbers as [ITU-T E.164](https://www.itu.int/rec/T-REC-E.164) writes them: `+`, the country code, the number.
//!
//! Only separators are forgiven. What a number without `+` means depends on where one dials it, so nothing is guessed: no
//! country is assumed, `00` is not taken for `+`, and the national zero in brackets is refused instead of dialled.

use std::fmt;

/// Fewest digits, country code included. E.164 names no least length: what is shorter is nearly always a short code or
/// a number cut off.
pub const MIN_DIGITS: usize = 8;
/// Most digits, country code included (E.164 §6.1).
pub const MAX_DIGITS: usize = 15;
/// Longest text that is looked at, in octets: a number with generous separators.
pub const MAX_PHONE_OCTETS: usize = 64;

/// Why a text is no phone number we invite.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PhoneError {
    /// Above 64 octets as written, separators included.
    #[error("the phone number is written with too many characters")]
    TextTooLong,
    /// No `+` before the first digit.
    #[error("the phone number must begin with + and the country code, as in +33 1 23 45 67 89")]
    NotInternational,
    /// Something other than digits, separators and one `+`.
    #[error("after the + a phone number may contain only digits, spaces, hyphens, dots, slashes and brackets")]
    Character,
    /// The first digit is zero.
    #[error("no country code begins with 0")]
    LeadingZero,
    /// A zero alone in brackets: it is dialled within the country only and is no part of the number.
    #[error("leave out the zero in brackets: it is not dialled from abroad")]
    TrunkZero,
    /// Under 8 digits.
    #[error("the phone number has fewer than 8 digits")]
    TooShort,
    /// Above 15 digits.
    #[error("the phone number has more than 15 digits")]
    TooLong,
}

/// A phone number in its canonical spelling, `+` and 8 to 15 digits. That is what is stored, shown and compared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number as a person writes it: spaces, hyphens, dots, slashes and brackets do not matter.
    ///
    /// ```
    /// use invite_domain::phone::{PhoneError, PhoneNumber};
    ///
    /// assert_eq!(PhoneNumber::parse("+33 (1) 99-00.12 34").unwrap().as_str(), "+33199001234");
    /// assert_eq!(PhoneNumber::parse("0033 1 99 00 12 34"), Err(PhoneError::NotInternational));
    /// ```
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        // First, so that all that follows works on a short text.
        if text.len() > MAX_PHONE_OCTETS {
            return Err(PhoneError::TextTooLong);
        }
        let mut number = String::with_capacity(1 + MAX_DIGITS);
        let mut bracket = None;
        for c in text.chars() {
            match c {
                '+' if number.is_empty() => number.push('+'),
                '0'..='9' if number.is_empty() => return Err(PhoneError::NotInternational),
                '0' if number.len() == 1 => return Err(PhoneError::LeadingZero),
                '0'..='9' if number.len() > MAX_DIGITS => return Err(PhoneError::TooLong),
                '0'..='9' => number.push(c),
                '(' => bracket = Some(number.len()),
                ')' => {
                    if bracket.take().is_some_and(|start| &number[start..] == "0") {
                        return Err(PhoneError::TrunkZero);
                    }
                }
                _ if is_separator(c) => {}
                _ => return Err(PhoneError::Character),
            }
        }
        match number.len() {
            0 => Err(PhoneError::NotInternational),
            length if length <= MIN_DIGITS => Err(PhoneError::TooShort),
            _ => Ok(Self(number)),
        }
    }

    /// The canonical spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Enough for its owner to know it, and no more: the country code and the last two digits, `+33•••••••00`. Every
    /// hidden digit is one dot; at least three are hidden and at most five are shown.
    pub fn masked(&self) -> String {
        let (front, back) = (1 + country_code_length(&self.0[1..]), self.0.len() - 2);
        format!("{}{}{}", &self.0[..front], "•".repeat(back - front), &self.0[back..])
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// White space that is no control character, and what else people part digits with.
fn is_separator(c: char) -> bool {
    let space = c.is_whitespace() && !c.is_control();
    space || matches!(c, '-' | '.' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// How many digits the country code has (list of E.164 country codes, annex to the ITU Operational Bulletin 1114): one
/// in zones 1 and 7, two or three elsewhere. Codes not assigned count as three. It decides what is shown, never what is
/// allowed.
fn country_code_length(digits: &str) -> usize {
    match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeSet, HashSet};

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
    }

    #[test]
    fn r3_1_separators_do_not_matter() {
        let table = [
            "+33199001234",
            "+33 1 99 00 12 34",
            "+33\u{a0}1\u{a0}99\u{a0}00\u{a0}12\u{a0}34",
            "+33\u{202f}1\u{2009}99-00.12/34",
            "+33 (1) 99.00.12.34",
            "(+33) 199-001-234",
            "  + 33 199\u{2011}001\u{2013}234 ",
            "+33(199)(001)234",
            "+33 ) 199001234 (",
        ];
        for text in table {
            assert_eq!(number(text).as_str(), "+33199001234", "{text}");
            assert_eq!(number(text).to_string(), "+33199001234", "{text}");
        }
    }

    #[test]
    fn r3_1_what_is_not_e_164_is_refused_with_the_reason() {
        let long = format!("+33199001234{}", " ".repeat(MAX_PHONE_OCTETS));
        let table = [
            ("", PhoneError::NotInternational),
            (" - ", PhoneError::NotInternational),
            ("33199001234", PhoneError::NotInternational),
            ("0033199001234", PhoneError::NotInternational),
            ("00 33 199001234", PhoneError::NotInternational),
            ("0199001234", PhoneError::NotInternational),
            ("(0)199001234", PhoneError::NotInternational),
            ("33+199001234", PhoneError::NotInternational),
            ("+", PhoneError::TooShort),
            ("+1", PhoneError::TooShort),
            ("+3319900", PhoneError::TooShort),
            ("+1234567890123456", PhoneError::TooLong),
            ("+0199001234", PhoneError::LeadingZero),
            ("+0033199001234", PhoneError::LeadingZero),
            ("+ (0) 199001234", PhoneError::LeadingZero),
            ("+44 (0) 20 7946 0000", PhoneError::TrunkZero),
            ("+44 ( 0 ) 20 7946 0000", PhoneError::TrunkZero),
            ("+44(20)(0)79460000", PhoneError::TrunkZero),
            ("++33199001234", PhoneError::Character),
            ("+33 199 001 234 ext 5", PhoneError::Character),
            ("+33199001234;5", PhoneError::Character),
            ("tel:+33199001234", PhoneError::Character),
            ("+33199001234\n", PhoneError::Character),
            ("+33\t199001234", PhoneError::Character),
            ("+33199001234\0", PhoneError::Character),
            ("\u{202a}+33199001234\u{202c}", PhoneError::Character),
            ("＋33199001234", PhoneError::Character),
            ("+３３199001234", PhoneError::Character),
            ("+\u{663}\u{663}199001234", PhoneError::Character),
            (&long, PhoneError::TextTooLong),
        ];
        for (text, reason) in table {
            assert_eq!(PhoneNumber::parse(text), Err(reason), "{text:?}");
        }
    }

    #[test]
    fn r3_1_eight_to_fifteen_digits_are_a_number() {
        for length in 0..=20 {
            let text = format!("+{}", "4".repeat(length));
            let expected = match length {
                0..8 => Err(PhoneError::TooShort),
                8..=15 => Ok(PhoneNumber(text.clone())),
                _ => Err(PhoneError::TooLong),
            };
            assert_eq!(PhoneNumber::parse(&text), expected, "{length}");
        }
    }

    #[test]
    fn r3_1_an_area_code_in_brackets_may_begin_with_zero() {
        // Italian numbers keep their zero: only a zero alone is the one of long-distance calls within the country.
        assert_eq!(number("+39 (06) 99 00 12 34").as_str(), "+390699001234");
    }

    #[test]
    fn r3_1_two_spellings_of_one_number_are_one_recipient() {
        let spellings = ["+33 1 99 00 12 34", "+33-199-001-234"].map(number);
        assert_eq!(HashSet::from(spellings.clone()).len(), 1);
        assert_eq!(BTreeSet::from(spellings).len(), 1);
        assert_ne!(number("+33 1 99 00 12 34"), number("+33 1 99 00 12 35"));
    }

    #[test]
    fn a_masked_number_shows_the_country_and_two_digits() {
        let table = [
            ("+33 1 99 00 12 00", "+33•••••••00"),
            ("+1 202 555 0143", "+1••••••••43"),
            ("+7 900 000 00 17", "+7••••••••17"),
            ("+49 30 23125 012", "+49••••••••12"),
            ("+352 20 00 17", "+352••••17"),
            ("+420 601 000 017", "+420•••••••17"),
            ("+999 00017", "+999•••17"),
        ];
        for (text, masked) in table {
            assert_eq!(number(text).masked(), masked, "{text}");
        }
    }

    proptest! {
        #[test]
        fn r3_1_every_number_reads_back_as_itself_and_masks_most_of_itself(text in "\\+[1-9][0-9]{7,14}") {
            let number = number(&text);
            prop_assert_eq!(number.as_str(), &text);
            let masked = number.masked();
            let shown = masked.chars().filter(char::is_ascii_digit).count();
            prop_assert!((3..=5).contains(&shown));
            prop_assert_eq!(masked.chars().count(), text.len());
            prop_assert!(masked.ends_with(&text[text.len() - 2..]));
        }

        #[test]
        fn r3_1_what_is_read_is_always_e_164(text in "[+0-9() ./\u{a0}x-]{0,40}") {
            if let Ok(number) = PhoneNumber::parse(&text) {
                let digits = number.as_str().strip_prefix('+').unwrap();
                prop_assert!((MIN_DIGITS..=MAX_DIGITS).contains(&digits.len()));
                prop_assert!(!digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()));
                prop_assert_eq!(PhoneNumber::parse(number.as_str()), Ok(number));
            }
        }
    }
}
