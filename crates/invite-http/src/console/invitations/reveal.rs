//! Link and code of an invitation, for somebody who was just shown them, with the link as a QR code.

use crate::{Problem, console::entry::Desk, problem::table};
use invite_domain::service::Secrets;
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;

/// Modules of quiet ground around a QR code (ISO/IEC 18004, 9.1).
const QUIET: usize = 4;

/// Link and code, in the answer to the one form that asked for them and nowhere else.
pub(super) struct Revealed {
    pub(super) link: String,
    pub(super) code: Option<String>,
    /// Where a code is entered.
    pub(super) code_place: String,
    /// The side of the QR code, in modules.
    pub(super) qr_side: usize,
    /// The path of its dark modules.
    pub(super) qr_path: String,
    /// Whether the organisation wants the mailed link, so that this one only has it sent.
    pub(super) only_sends: bool,
}

impl Revealed {
    pub(super) fn new(desk: &Desk, secrets: &Secrets) -> Result<Self, Problem> {
        let config = &desk.visit.api.config;
        let organization = desk.organization();
        let link = config.invitation_link(secrets.link.expose());
        let (qr_side, qr_path) = drawn(&link)?;
        Ok(Self {
            qr_side,
            qr_path,
            link,
            code: secrets.code.as_ref().map(|code| code.expose().to_owned()),
            code_place: config.absolute(&format!("/code/{}", organization.slug)),
            only_sends: organization.policy.require_mailbox_proof,
        })
    }
}

/// A QR code as the side of its square and an SVG path, one rectangle a run of dark modules.
fn drawn(text: &str) -> Result<(usize, String), Problem> {
    let failed = |error: qrcode::types::QrError| Problem::new(&table::INTERNAL).because(error.to_string());
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(failed)?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, other| one == other) {
            if run.first() == Some(&Color::Dark) {
                let (left, top, length) = (x + QUIET, y + QUIET, run.len());
                let _ = write!(path, "M{left} {top}h{length}v1h-{length}z");
            }
            x += run.len();
        }
    }
    Ok((width + 2 * QUIET, path))
}

#[cfg(test)]
mod tests {
    use super::{QUIET, drawn};

    #[test]
    fn a_qr_code_has_its_three_finders_within_a_quiet_border() {
        let (side, path) = drawn("https://invite.example.org/i/inv_0").unwrap();
        assert_eq!((side - 2 * QUIET - 17) % 4, 0);
        let far = side - QUIET - 7;
        for (x, y) in [(QUIET, QUIET), (far, QUIET), (QUIET, far)] {
            assert!(path.contains(&format!("M{x} {y}h7v1h-7z")), "{x} {y}");
        }
        let starts = path.split('M').skip(1).map(|part| {
            let (x, rest) = part.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let length = rest.split_once('v').unwrap().0;
            [x, y, length].map(|text| text.parse::<usize>().unwrap())
        });
        for [x, y, length] in starts {
            assert!(x >= QUIET && x + length <= side - QUIET && (QUIET..side - QUIET).contains(&y));
        }
    }
}
