//! The text form of tokens, written a second time: digit by digit, with a checksum bit by bit.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `prefix`, the number in 65 digits, six digits of CRC-32 over both.
pub fn sealed(prefix: &str, bytes: &[u8; 48]) -> String {
    let mut number = bytes.to_vec();
    let mut digits = Vec::new();
    for _ in 0..65 {
        let mut rest = 0_u32;
        for byte in &mut number {
            let wide = (rest << 8) | u32::from(*byte);
            *byte = (wide / 62) as u8;
            rest = wide % 62;
        }
        digits.push(char::from(ALPHABET[rest as usize]));
    }
    let front = format!("{prefix}{}", digits.iter().rev().collect::<String>());
    with_checksum(&front)
}

/// The bytes of such a text; `None` for every text that [`sealed`] does not make.
pub fn opened(prefix: &str, text: &str) -> Option<[u8; 48]> {
    let digits = text.strip_prefix(prefix)?.get(..65)?;
    let mut number = [0_u8; 48];
    for digit in digits.bytes() {
        let mut carry = ALPHABET.iter().position(|known| *known == digit)? as u32;
        for byte in number.iter_mut().rev() {
            let wide = u32::from(*byte) * 62 + carry;
            *byte = wide as u8;
            carry = wide >> 8;
        }
        if carry != 0 {
            return None;
        }
    }
    (sealed(prefix, &number) == text).then_some(number)
}

/// The text and its six digits of CRC-32.
pub fn with_checksum(front: &str) -> String {
    let mut rest = crc32(front.as_bytes());
    let mut digits = [' '; 6];
    for digit in digits.iter_mut().rev() {
        *digit = char::from(ALPHABET[(rest % 62) as usize]);
        rest /= 62;
    }
    format!("{front}{}", digits.iter().collect::<String>())
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}
