//! Mails and text messages about people with arbitrary names (rule 8.3; MAIL-2).

use super::input::Input;
use invite_domain::{
    phone::PhoneNumber,
    port::{Destination, Notification, NotificationContent},
    time::{Timestamp, seconds},
};
use invite_notify::{Email, MailKind, RenderedMail, Renderer, Sender, TemplateSet, sample};
use invite_text::Language;
use linkify::{LinkFinder, LinkKind};
use mailparse::{MailHeaderMap as _, ParsedMail};
use std::sync::LazyLock;

const BASE: &str = "https://invite.example";
/// Every header of a mail, in order.
const HEADERS: [&str; 10] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
];

struct Mailer {
    renderer: Renderer,
    sender: Sender,
}

static MAILER: LazyLock<Mailer> = LazyLock::new(|| {
    let base = BASE.parse().unwrap_or_else(|error| panic!("{error}"));
    let templates = TemplateSet::builtin().unwrap_or_else(|error| panic!("{error}"));
    Mailer {
        renderer: Renderer::new(&base, templates).unwrap_or_else(|error| panic!("{error}")),
        sender: Sender::new(Some("Acme"), "invitations@acme.example").unwrap_or_else(|error| panic!("{error}")),
    }
});

/// A kind, a language, and what people call themselves: inviter, organisation, role, message.
pub fn template(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let (kind, language) = (input.pick(&MailKind::ALL), input.pick(Language::ALL));
    let names = Names { inviter: input.text(), organization: input.text(), role: input.text(), message: input.text() };
    let made = Timestamp::UNIX_EPOCH + seconds(1_795_258_800);
    let sampled = sample::mail(kind, language, made, (None, None));
    let mut notification = sampled.unwrap_or_else(|error| panic!("{error}"));
    let link = names.put(&mut notification.content);
    if kind == MailKind::Invitation {
        text_message(&notification, &names);
    }
    mail(&notification, link.as_deref());
}

struct Names {
    inviter: String,
    organization: String,
    role: String,
    message: String,
}

impl Names {
    /// Puts the names into a notification, and answers the link it has to have.
    fn put(&self, content: &mut NotificationContent) -> Option<String> {
        let named = |name: &String| (!name.is_empty()).then(|| name.clone());
        let console = |id: &dyn std::fmt::Display| Some(format!("{BASE}/console/invitations/{id}"));
        let account = |token: &str| Some(format!("{BASE}/account/{token}"));
        match content {
            NotificationContent::Invitation { inviter_name, organization_name, role_name, message, token, .. } => {
                (*inviter_name, *role_name, *message) = (named(&self.inviter), named(&self.role), named(&self.message));
                organization_name.clone_from(&self.organization);
                Some(format!("{BASE}/i/{}", token.expose()))
            }
            NotificationContent::Accepted {
                invitation_id,
                member_name,
                organization_name,
                role_name,
                recipient,
                ..
            } => {
                (*member_name, *role_name) = (named(&self.inviter), named(&self.role));
                organization_name.clone_from(&self.organization);
                recipient.clone_from(&self.message);
                console(invitation_id)
            }
            NotificationContent::Suspended { invitation_id, inviter_name, organization_name, recipient } => {
                *inviter_name = named(&self.inviter);
                organization_name.clone_from(&self.organization);
                recipient.clone_from(&self.message);
                console(invitation_id)
            }
            NotificationContent::OwnerLink { organization_name, token, .. } => {
                *organization_name = named(&self.organization);
                account(token.expose())
            }
            NotificationContent::PasswordReset { token, .. } | NotificationContent::AddressChange { token, .. } => {
                account(token.expose())
            }
            NotificationContent::AddressChanged { new_masked, .. } => {
                new_masked.clone_from(&self.inviter);
                None
            }
        }
    }
}

fn links(text: &str) -> Vec<&str> {
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(false).kinds(&[LinkKind::Url, LinkKind::Email]);
    let mut found: Vec<&str> = finder.links(text).map(|link| link.as_str()).collect();
    // A quotation mark before a name such as `.NET` is no host; this finder takes every letterless sign for one.
    found.retain(|link| !link.starts_with(['«', '»', '„', '“', '”', '‹', '›', '‘', '’', '"']));
    found
}

/// One line, nothing that cannot be seen.
fn one_line(text: &str) {
    assert!(!text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202e}')), "{text:?}");
    assert!(!text.is_empty());
}

fn mail(notification: &Notification, link: Option<&str>) {
    let rendered = MAILER.renderer.render(notification).unwrap_or_else(|error| panic!("{error}"));
    let RenderedMail { subject, text, html, .. } = &rendered;
    one_line(subject);
    assert_eq!(links(subject), [""; 0], "{subject}");
    let expected: Vec<&str> = link.into_iter().collect();
    let address = notification.to.email().map_or("", |address| address.as_str());
    assert_eq!(links(&text.replace(address, "")), expected, "{text}");
    assert_eq!(html.matches("<a ").count(), expected.len(), "{html}");
    assert_eq!(html.matches(" href=\"").count(), expected.len(), "{html}");
    for loaded in ["<img", "<script", "<form", "<iframe", "<object", "url(", "<!--#"] {
        assert!(!html.contains(loaded), "{loaded}: {html}");
    }

    let host = MAILER.renderer.host();
    let email = Email::build(&MAILER.sender, host, notification, &rendered).unwrap_or_else(|error| panic!("{error}"));
    let raw = email.expose();
    assert!(raw.is_ascii() && raw.split(|byte| *byte == b'\n').all(|line| line.len() < 999));
    let parsed = mailparse::parse_mail(raw).unwrap_or_else(|error| panic!("{error}"));
    let mut headers: Vec<String> = parsed.headers.iter().map(mailparse::MailHeader::get_key).collect();
    headers.sort();
    let mut expected = HEADERS;
    expected.sort_unstable();
    assert_eq!(headers, expected);
    assert_eq!(parsed.headers.get_first_value("To").as_deref(), Some(address));
    assert_eq!(parsed.headers.get_first_value("From").as_deref(), Some("Acme <invitations@acme.example>"));
    let shown = parsed.headers.get_first_value("Subject").unwrap_or_default();
    assert_eq!(shown.split_whitespace().collect::<Vec<_>>(), subject.split_whitespace().collect::<Vec<_>>());
    let types: Vec<&str> = parsed.subparts.iter().map(|part| part.ctype.mimetype.as_str()).collect();
    assert_eq!(types, ["text/plain", "text/html"]);
    let body = |part: &ParsedMail<'_>| part.get_body().unwrap_or_else(|error| panic!("{error}")).replace("\r\n", "\n");
    assert_eq!(body(&parsed.subparts[0]).trim_end(), text.trim_end());
}

fn text_message(notification: &Notification, names: &Names) {
    let number = PhoneNumber::parse("+33199001234").unwrap_or_else(|error| panic!("{error}"));
    let mut content = sampled(notification);
    names.put(&mut content.content);
    content.to = Destination::Phone(number);
    let NotificationContent::Invitation { code: Some(code), .. } = &content.content else { panic!("it has a code") };
    let code = code.expose().to_owned();
    let sms = MAILER.renderer.sms(&content).unwrap_or_else(|error| panic!("{error}"));
    let text = sms.expose();
    one_line(text);
    assert_eq!(text.matches(&code).count(), 1, "{text}");
    assert_eq!(links(text), [format!("{BASE}/code/acme")], "{text}");
}

/// The same notification once more: it cannot be copied, since it holds secrets.
fn sampled(like: &Notification) -> Notification {
    let language = like.locales.iter().flatten().find_map(|tag| Language::ALL.iter().find(|known| known.tag() == tag));
    let language = *language.unwrap_or(&Language::FALLBACK);
    sample::mail(MailKind::Invitation, language, like.created_at, (None, None))
        .unwrap_or_else(|error| panic!("{error}"))
}
