//! Numbers as base62 text of fixed width, and the CRC-32 that ends every secret we print.
//!
//! The checksum is no protection: it lets the parser and secret scanners throw out typing errors and noise before any
//! key or database is touched.

use zeroize::Zeroizing;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Digits handled at once where a number is written: 62⁹ times a byte still fits 64 bits, and it saves eight of nine passes over
/// the number.
const CHUNK: usize = 9;
const CHUNK_BASE: u64 = 62_u64.pow(9);

/// The same where it is read, a word of 64 bits at a time: 62¹⁰ fits one, with room for what is carried.
const READ: usize = 10;

/// Width of [`checksum`].
pub(crate) const CHECKSUM_WIDTH: usize = 6;

/// The digit of `value`, which is below 62.
pub(crate) fn digit(value: u8) -> u8 {
    ALPHABET[usize::from(value)]
}

/// What stands for the value of a byte that is no digit.
const NONE: u8 = u8::MAX;

/// The value of every byte that is a digit.
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < 62 {
        values[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    values
};

/// Whether all of `text` are base62 digits.
pub(crate) fn is_digits(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_alphanumeric)
}

/// The big-endian number `bytes` in exactly `width` digits, most significant first, padded with `0`.
///
/// `width` must be wide enough for the number: what does not fit is cut off (and caught in debug builds).
pub(crate) fn encode(bytes: &[u8], width: usize) -> String {
    let mut number = Zeroizing::new(bytes.to_vec());
    let mut digits = Zeroizing::new(vec![b'0'; width]);
    for chunk in digits.rchunks_mut(CHUNK) {
        let mut rest = 0_u64;
        for byte in number.iter_mut() {
            let wide = (rest << 8) | u64::from(*byte);
            *byte = (wide / CHUNK_BASE).to_le_bytes()[0];
            rest = wide % CHUNK_BASE;
        }
        for place in chunk.iter_mut().rev() {
            *place = digit((rest % 62).to_le_bytes()[0]);
            rest /= 62;
        }
        debug_assert_eq!(rest, 0, "the width is too small");
    }
    debug_assert!(number.iter().all(|byte| *byte == 0), "the width is too small");
    digits.iter().map(|place| char::from(*place)).collect()
}

/// The number written in `digits`, as `N` big-endian bytes, which are whole words of 64 bits. `None` where something is not a digit
/// or the number needs more than `N` bytes. Allocates nothing: a forged token goes through here.
pub(crate) fn decode<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    const { assert!(N.is_multiple_of(8)) };
    let mut number = [0_u8; N];
    let (words, _) = number.as_chunks_mut::<8>();
    // No digit's value has this bit.
    let mut seen = 0;
    for (before, chunk) in digits.chunks(READ).enumerate() {
        let mut carry = 0_u64;
        let mut base = 1_u64;
        for place in chunk {
            let value = VALUES[usize::from(*place)];
            seen |= value;
            carry = carry.wrapping_mul(62).wrapping_add(u64::from(value));
            base *= 62;
        }
        // Each chunk before this one filled less than a word.
        for word in words.iter_mut().rev().take(before + 1) {
            let wide = u128::from(u64::from_be_bytes(*word)) * u128::from(base) + u128::from(carry);
            *word = low(wide).to_be_bytes();
            carry = low(wide >> 64);
        }
        if carry != 0 {
            return None;
        }
    }
    (seen & !63 == 0).then_some(number)
}

#[expect(clippy::cast_possible_truncation, reason = "it is what is asked for")]
fn low(wide: u128) -> u64 {
    wide as u64
}

/// CRC-32 (ISO-HDLC, the one of gzip and PNG) over `before`, as six digits.
pub(crate) fn checksum(before: &[u8]) -> [u8; CHECKSUM_WIDTH] {
    let mut rest = crc32fast::hash(before);
    let mut digits = [b'0'; CHECKSUM_WIDTH];
    for place in digits.iter_mut().rev() {
        *place = digit((rest % 62).to_le_bytes()[0]);
        rest /= 62;
    }
    digits
}

/// Whether `text` ends in the checksum over all before it.
pub(crate) fn ends_in_checksum(text: &[u8]) -> bool {
    text.split_last_chunk::<CHECKSUM_WIDTH>().is_some_and(|(before, digits)| *digits == checksum(before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_comes_back_from_its_text(bytes in any::<[u8; 48]>()) {
            let text = encode(&bytes, 65);
            prop_assert_eq!(text.len(), 65);
            prop_assert!(is_digits(text.as_bytes()));
            prop_assert_eq!(decode::<48>(text.as_bytes()), Some(bytes));
        }

        #[test]
        fn the_order_of_texts_is_the_order_of_numbers(a in any::<[u8; 8]>(), b in any::<[u8; 8]>()) {
            prop_assert_eq!(encode(&a, 11).cmp(&encode(&b, 11)), a.cmp(&b));
        }
    }

    #[test]
    fn small_numbers_are_padded_to_the_width() {
        assert_eq!(encode(&[0; 48], 65), "0".repeat(65));
        assert_eq!(encode(&[61], 2), "0z");
        assert_eq!(encode(&[62], 2), "10");
        assert_eq!(encode(&[0, 0, 0, 0, 255], 10), "0000000047");
    }

    #[test]
    fn a_number_of_exactly_all_bytes_fits_and_one_more_does_not() {
        let most = encode(&[255; 48], 65);
        assert_eq!(decode::<48>(most.as_bytes()), Some([255; 48]));
        let mut above = [0_u8; 49];
        above[0] = 1;
        assert_eq!(decode::<48>(&encode(&above, 66).as_bytes()[1..]), None);
        assert_eq!(decode::<48>("z".repeat(65).as_bytes()), None);
    }

    #[test]
    fn what_is_not_a_digit_is_refused() {
        for text in ["-0", "0_", "0 ", " 0", "é", "+1", "0\0"] {
            assert_eq!(decode::<8>(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn the_checksum_is_the_published_crc_32() {
        // The check value of CRC-32/ISO-HDLC: cbf43926 for "123456789".
        let expected = encode(&0xcbf4_3926_u32.to_be_bytes(), 6);
        assert_eq!(checksum(b"123456789"), expected.as_bytes());
        assert!(ends_in_checksum(format!("123456789{expected}").as_bytes()));
        assert!(!ends_in_checksum(format!("123456788{expected}").as_bytes()));
        assert!(!ends_in_checksum(b"short"));
    }
}
