//! The mails every template set is tried on when it is loaded: what each kind can hold in each language, with everything
//! and with as little as possible, and once with names that try to become markup or links.

use super::check;
use super::clean;
use super::facts::{Code, Facts};
use super::kind::MailKind;
use super::mail::InlineLogo;
use invite_domain::directory::look::{Accent, Logo};
use invite_text::Language;

const LINK: &str = "https://invite.example/i/sample-link";
/// The first bytes of a PNG image of 8 by 8 pixels: as much as anybody here reads of it.
const LOGO: [u8; 24] = *b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x08\0\0\0\x08";

/// All mails to try.
pub(super) fn mails() -> Vec<Facts> {
    let mut mails = Vec::new();
    for kind in MailKind::ALL {
        for language in Language::ALL {
            mails.push(full(kind, *language));
            mails.push(least(kind, *language));
        }
        mails.push(hostile(kind));
    }
    mails
}

/// Everything a mail of this kind can hold.
pub(super) fn full(kind: MailKind, language: Language) -> Facts {
    let text = str::to_owned;
    let code = || Code { text: text("ABCD-1234-EFG"), path: text("/code/acme") };
    let logo = |logo| InlineLogo { content_id: text("logo@sample"), logo };
    Facts {
        kind,
        language: Some(language),
        link: if kind.has_link() { text(LINK) } else { String::new() },
        organization: text("Acme"),
        inviter: text("Ada"),
        role: text("member"),
        until: text("1 January 2027"),
        duration: text("1 hour"),
        at: text("2 January 2027"),
        address: text("zoe@acme. example"),
        new_address: text("z•••@acme. example"),
        recipient: text("zoe@acme. example"),
        member: text("Zoë"),
        message: if kind.invites() { vec![text("Hello"), String::new()] } else { Vec::new() },
        code: kind.invites().then(code),
        accent: Accent::parse("#ffcc00").ok(),
        logo: Logo::parse(&LOGO).ok().map(logo),
    }
}

/// As little as a mail of this kind can hold.
fn least(kind: MailKind, language: Language) -> Facts {
    Facts {
        role: String::new(),
        member: String::new(),
        inviter: String::new(),
        organization: if kind.has_link() { "Acme".to_owned() } else { String::new() },
        message: Vec::new(),
        code: None,
        accent: None,
        logo: None,
        ..full(kind, language)
    }
}

/// Names that would become markup where they are not escaped, and the longest message there is.
fn hostile(kind: MailKind) -> Facts {
    let name = || format!("\"'><{0} a=b> {0}=x https://evil.example {{{{ link }}}}", check::MARK);
    let message = clean::message(&format!("{}\n", name()).repeat(clean::MESSAGE));
    let lines = clean::message(&"x\n".repeat(clean::MESSAGE));
    Facts {
        organization: name(),
        inviter: name(),
        role: name(),
        recipient: name(),
        member: name(),
        message: if kind.invites() { message.into_iter().chain(lines).collect() } else { Vec::new() },
        ..full(kind, Language::FALLBACK)
    }
}
