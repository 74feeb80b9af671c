//! The token's text and bytes, written here once more from the format, not taken from the product.

use invite_tests::{Failure, Result};

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BODY: usize = 65;
const CHECK: usize = 6;

/// The 48 bytes of an invitation's token, if its text is whole.
pub(crate) fn decode(text: &str) -> Result<[u8; 48]> {
    open("inv_", text)
}

/// The 48 bytes of an account's token, if its text is whole.
pub(crate) fn decode_account(text: &str) -> Result<[u8; 48]> {
    open("ina_", text)
}

/// The text of 48 bytes, with its checksum, genuine or not.
pub(crate) fn encode(bytes: &[u8; 48]) -> String {
    seal("inv_", bytes)
}

/// The text of a credential whose 30 random digits are these bytes, with its checksum.
pub(crate) fn credential(prefix: &str, content: &[u8]) -> String {
    let digits = content.iter().cycle().take(30).map(|byte| char::from(digit(u32::from(*byte) % 62)));
    let body: String = prefix.chars().chain(digits).collect();
    checked(body)
}

fn open(prefix: &str, text: &str) -> Result<[u8; 48]> {
    let wrong = || Failure::new("not a token's text");
    let digits = text.strip_prefix(prefix).filter(|digits| digits.len() == BODY + CHECK).ok_or_else(wrong)?;
    let mut bytes = [0_u8; 48];
    for digit in digits.bytes().take(BODY) {
        let mut carry = DIGITS.iter().position(|known| *known == digit).ok_or_else(wrong)?;
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 62;
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        if carry > 0 {
            return Err(wrong());
        }
    }
    if seal(prefix, &bytes) == text { Ok(bytes) } else { Err(wrong()) }
}

fn seal(prefix: &str, bytes: &[u8; 48]) -> String {
    let mut rest = bytes.to_vec();
    let mut body = vec![b'0'; BODY];
    for place in body.iter_mut().rev() {
        let mut remainder = 0;
        for byte in &mut rest {
            let value = remainder * 256 + u32::from(*byte);
            *byte = (value / 62).to_le_bytes()[0];
            remainder = value % 62;
        }
        *place = digit(remainder);
    }
    checked(prefix.chars().chain(body.into_iter().map(char::from)).collect())
}

/// The text with its checksum.
fn checked(mut text: String) -> String {
    let sum = crc32(text.as_bytes());
    let places =
        (0..CHECK).rev().map(|place| char::from(digit(sum / 62_u32.pow(u32::try_from(place).unwrap_or(0)) % 62)));
    text.extend(places);
    text
}

fn digit(value: u32) -> u8 {
    usize::try_from(value).ok().and_then(|value| DIGITS.get(value)).copied().unwrap_or(b'?')
}

/// CRC-32 as in zlib, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 })
    })
}
