//! How an organisation looks on pages and in mails: a colour and a logo.

use sha2::{Digest as _, Sha256};
use std::{fmt, fmt::Write as _, sync::Arc};

/// The colour of an organisation's buttons and bars.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Accent {
    red: u8,
    green: u8,
    blue: u8,
}

/// A text that is no colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a colour is # and six hex digits, as #1a56b0")]
pub struct InvalidAccent;

impl Accent {
    /// Reads `#rrggbb`, in any case.
    ///
    /// # Errors
    /// For every other text.
    pub fn parse(text: &str) -> Result<Self, InvalidAccent> {
        let digits =
            text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii()).ok_or(InvalidAccent)?;
        // `from_str_radix` would take a sign.
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(InvalidAccent);
        }
        let part = |from: usize| u8::from_str_radix(&digits[from..from + 2], 16).map_err(|_| InvalidAccent);
        Ok(Self { red: part(0)?, green: part(2)?, blue: part(4)? })
    }

    /// The colour of writing on it: black or white, whichever is easier to read. One of them always has a contrast of at
    /// least 4.5 to 1 (WCAG 2.2, 1.4.3).
    pub fn ink(self) -> &'static str {
        let luminance = self.luminance();
        let (on_white, on_black) = (1.05 / (luminance + 0.05), (luminance + 0.05) / 0.05);
        if on_white >= on_black { "#ffffff" } else { "#000000" }
    }

    /// Relative luminance (WCAG 2.2), 0 to 1.
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

/// A logo: a PNG image.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo(Arc<[u8]>);

/// Bytes that are no logo.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidLogo {
    /// It is no PNG image.
    #[error("a logo is a PNG image")]
    Format,
    /// Its file is too large.
    #[error("a logo has at most {} bytes", Logo::MAX_BYTES)]
    TooLarge,
    /// It has too many pixels, or none.
    #[error("a logo is 1 to {} pixels wide and high", Logo::MAX_SIDE)]
    Size,
}

impl Logo {
    /// The most bytes of its file. Every mail carries it.
    pub const MAX_BYTES: usize = 48 * 1024;
    /// The most pixels of a side.
    pub const MAX_SIDE: u32 = 1024;

    /// Takes a file somebody chose: by its own first bytes (PNG, third edition, 5.2 and 11.2.1), whatever its name says.
    ///
    /// # Errors
    /// Where it is no PNG image or too large.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidLogo> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(InvalidLogo::TooLarge);
        }
        let header = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR").and_then(|rest| rest.get(..8));
        let header = header.ok_or(InvalidLogo::Format)?;
        let side = |part: &[u8]| part.iter().fold(0_u32, |side, byte| (side << 8) | u32::from(*byte));
        let fits = |side: u32| (1..=Self::MAX_SIDE).contains(&side);
        if fits(side(&header[..4])) && fits(side(&header[4..])) {
            Ok(Self(bytes.into()))
        } else {
            Err(InvalidLogo::Size)
        }
    }

    /// The file.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Names the image by its content.
    pub fn id(&self) -> LogoId {
        let digest = Sha256::digest(&self.0);
        let text = digest.iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        LogoId(text)
    }
}

impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Logo({} bytes)", self.0.len())
    }
}

/// Names a logo by its content: the first 16 bytes of its SHA-256, in hex.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct LogoId(String);

impl LogoId {
    /// Reads 32 hex digits in lower case; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (text.len() == 32 && text.bytes().all(digit)).then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How an organisation looks. What it does not say is the service's own look.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Look {
    /// Its colour.
    pub accent: Option<Accent>,
    /// Its logo.
    pub logo: Option<LogoId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes
    }

    #[test]
    fn a_colour_is_six_hex_digits_and_prints_as_it_was_read() {
        assert_eq!(Accent::parse("#1A56b0").map(|accent| accent.to_string()), Ok("#1a56b0".to_owned()));
        for bad in ["", "#", "1a56b0", "#1a56b", "#1a56b00", "#+a56b0", "#ggggggg", "#é56b0", "red", "#1a56b0;"] {
            assert_eq!(Accent::parse(bad), Err(InvalidAccent), "{bad}");
        }
    }

    #[test]
    fn writing_on_any_colour_has_a_contrast_of_at_least_4_5() {
        for red in (0..=255).step_by(15) {
            for green in (0..=255).step_by(15) {
                for blue in (0..=255).step_by(15) {
                    let accent = Accent { red, green, blue };
                    let ink = Accent::parse(accent.ink()).unwrap();
                    let (light, dark) =
                        (accent.luminance().max(ink.luminance()), accent.luminance().min(ink.luminance()));
                    assert!((light + 0.05) / (dark + 0.05) >= 4.5, "{accent} {}", accent.ink());
                }
            }
        }
    }

    #[test]
    fn a_logo_is_a_png_of_some_size() {
        assert!(Logo::parse(&png(1, 1024)).is_ok());
        assert_eq!(Logo::parse(&png(0, 1)), Err(InvalidLogo::Size));
        assert_eq!(Logo::parse(&png(1, 1025)), Err(InvalidLogo::Size));
        for bad in [&b""[..], b"\x89PNG", b"GIF89a", b"<svg onload=alert(1)>"] {
            assert_eq!(Logo::parse(bad), Err(InvalidLogo::Format));
        }
        let mut large = png(8, 8);
        large.resize(Logo::MAX_BYTES + 1, 0);
        assert_eq!(Logo::parse(&large), Err(InvalidLogo::TooLarge));
    }

    #[test]
    fn a_logo_is_named_by_its_content() {
        let id = Logo::parse(&png(8, 8)).unwrap().id();
        assert_eq!(LogoId::parse(id.as_str()), Some(id.clone()));
        assert_ne!(Logo::parse(&png(8, 9)).unwrap().id(), id);
        for bad in ["", "abc", &"A".repeat(32), &"g".repeat(32), &"a".repeat(33)] {
            assert_eq!(LogoId::parse(bad), None, "{bad}");
        }
    }
}
