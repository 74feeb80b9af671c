//! Colours and measures of a mail, from what an organisation chose.

use invite_domain::directory::look::{Accent, Logo};

/// The service's own colour, as on its pages.
const OWN_ACCENT: &str = "#1a56b0";
const OWN_INK: &str = "#ffffff";
/// What the text stands on, in light and dark: the same as in the built-in layout.
const PAPER: [&str; 2] = ["#ffffff", "#1c1f24"];
/// Edges for colours that would not show on the paper; each has a contrast of at least 3 to 1 with its own paper.
const EDGE: [&str; 2] = ["#6b7280", "#9aa1ad"];
/// Least contrast of what tells where a button is (WCAG 2.2, 1.4.11).
const VISIBLE: f64 = 3.0;
/// The room for a logo, in CSS pixels.
const LOGO_ROOM: (u32, u32) = (200, 48);

/// The colours of one mail, as CSS writes them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Colours {
    /// Of bar and button.
    pub(super) accent: String,
    /// Of the writing on the button.
    pub(super) ink: &'static str,
    /// Around the button and beside the message: the accent, where that shows on white.
    pub(super) edge: String,
    /// The same on the dark paper.
    pub(super) edge_dark: String,
}

impl Colours {
    pub(super) fn of(accent: Option<Accent>) -> Self {
        let (accent, ink) =
            accent.map_or_else(|| (OWN_ACCENT.to_owned(), OWN_INK), |accent| (accent.to_string(), accent.ink()));
        let edge = |at: usize| {
            let shows = contrast(&accent, PAPER[at]) >= VISIBLE;
            if shows { accent.clone() } else { EDGE[at].to_owned() }
        };
        let (edge, edge_dark) = (edge(0), edge(1));
        Self { accent, ink, edge, edge_dark }
    }
}

/// Contrast of two colours (WCAG 2.2), 1 to 21; 1 where one is none.
fn contrast(one: &str, other: &str) -> f64 {
    let (Some(one), Some(other)) = (luminance(one), luminance(other)) else { return 1.0 };
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: &str) -> Option<f64> {
    let part = |from: usize| u8::from_str_radix(colour.get(from..from + 2)?, 16).ok();
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    Some(0.2126 * linear(part(1)?) + 0.7152 * linear(part(3)?) + 0.0722 * linear(part(5)?))
}

/// Width and height a logo is shown in, in CSS pixels: its own, or less. Mail programs of the Word family obey only the
/// attributes, so they cannot be left to a style.
pub(super) fn logo_size(logo: &Logo) -> (u32, u32) {
    // PNG, third edition, 11.2.1: a logo has been read as far as that.
    let side = |from: usize| {
        let bytes = logo.bytes().get(from..from + 4).unwrap_or_default();
        bytes.iter().fold(0_u32, |side, byte| (side << 8) | u32::from(*byte)).clamp(1, Logo::MAX_SIDE)
    };
    let (width, height) = (side(16), side(20));
    let (most_wide, most_high) = LOGO_ROOM;
    if width <= most_wide && height <= most_high {
        (width, height)
    } else if width * most_high >= height * most_wide {
        (most_wide, (height * most_wide / width).max(1))
    } else {
        ((width * most_high / height).max(1), most_high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logo(width: u32, height: u32) -> Logo {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        Logo::parse(&bytes).unwrap()
    }

    #[test]
    fn writing_on_every_accent_can_be_read_and_every_button_is_seen_on_both_papers() {
        let parts: Vec<u8> = (0..=255).step_by(17).collect();
        let mut accents = vec![None];
        for red in &parts {
            for green in &parts {
                for blue in &parts {
                    accents.push(Some(Accent::parse(&format!("#{red:02x}{green:02x}{blue:02x}")).unwrap()));
                }
            }
        }
        for accent in accents {
            let colours = Colours::of(accent);
            assert!(contrast(&colours.accent, colours.ink) >= 4.5, "{colours:?}");
            assert!(contrast(&colours.edge, PAPER[0]) >= VISIBLE, "{colours:?}");
            assert!(contrast(&colours.edge_dark, PAPER[1]) >= VISIBLE, "{colours:?}");
        }
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#ffffff", "red") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_edge_is_the_accent_where_that_shows() {
        let colours = Colours::of(None);
        assert_eq!((colours.accent.as_str(), colours.edge.as_str()), (OWN_ACCENT, OWN_ACCENT));
        let white = Colours::of(Accent::parse("#ffffff").ok());
        assert_eq!((white.ink, white.edge.as_str(), white.edge_dark.as_str()), ("#000000", EDGE[0], "#ffffff"));
    }

    #[test]
    fn a_logo_keeps_its_shape_and_its_room() {
        for (own, shown) in [
            ((120, 40), (120, 40)),
            ((1024, 1024), (48, 48)),
            ((1024, 64), (200, 12)),
            ((1, 1024), (1, 48)),
            ((1024, 1), (200, 1)),
            ((400, 96), (200, 48)),
        ] {
            assert_eq!(logo_size(&logo(own.0, own.1)), shown, "{own:?}");
        }
    }
}
