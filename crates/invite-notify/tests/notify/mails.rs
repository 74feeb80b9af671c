//! What the mails say, in both languages and with whatever people call themselves.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::common::{
    BASE, account_token, invitation, invitation_code, invitation_token, notification, owner_link, password_reset,
    plain_invitation, renderer, text_message, without_code,
};
use invite_domain::{
    email::EmailAddress,
    port::{DeliveryError, Destination, Notification, NotificationContent, Notifier},
};
use invite_notify::{MailboxTransport, RenderedMail, Renderer, Router, Sender, StoredMail, TemplateSet};
use linkify::{LinkFinder, LinkKind};
use std::sync::Arc;

/// Delivers through the whole crate and reads what came out.
async fn delivered(notification: &Notification) -> StoredMail {
    delivered_by(renderer(), notification).await
}

async fn delivered_by(renderer: Renderer, notification: &Notification) -> StoredMail {
    let folder = tempfile::tempdir().unwrap();
    let mailbox = MailboxTransport::open(folder.path()).unwrap();
    let sender = Sender::new(Some("Acme"), "invitations@acme.example").unwrap();
    let router = Router::new(renderer).with_email(sender, Arc::new(mailbox.clone()));
    router.deliver(notification).await.unwrap();
    let list = mailbox.list().await.unwrap();
    assert_eq!(list.len(), 1);
    mailbox.read(&list[0].id).await.unwrap().unwrap()
}

fn snapshot(name: &str, content: NotificationContent, locale: &str) {
    let RenderedMail { subject, text, html } = renderer().render(&notification(locale, content)).unwrap();
    insta::assert_snapshot!(name, format!("Subject: {subject}\n\n{text}\n=== html ===\n{html}"));
}

#[test]
fn r8_3_each_mail_in_each_language() {
    let message = "Hi Zoë,\n\nwe look forward to you.\nAda";
    for locale in ["en", "fr"] {
        let full = invitation(Some("Ada Byron"), "Acme & Söhne", Some("member"), Some(message));
        snapshot(&format!("invitation_{locale}"), full, locale);
        snapshot(&format!("invitation_least_{locale}"), invitation(None, "Acme", None, None), locale);
        snapshot(&format!("owner_link_{locale}"), owner_link(Some("Acme")), locale);
        snapshot(&format!("password_reset_{locale}"), password_reset(), locale);
    }
}

/// What a mail program may make a link of. The reader's own address is not counted.
fn links_in_text(text: &str) -> Vec<String> {
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(false).kinds(&[LinkKind::Url, LinkKind::Email]);
    let text = text.replace("zoe.mueller@example.org", "");
    finder.links(&text).map(|link| link.as_str().to_owned()).collect()
}

/// What is between the tags, without the title.
fn text_of_html(html: &str) -> String {
    let (_, body) = html.split_once("<body").unwrap();
    let mut text = String::new();
    for piece in body.split('<') {
        text.push(' ');
        text.push_str(piece.split_once('>').map_or("", |(_, text)| text));
    }
    let references = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")];
    references.iter().fold(text, |text, (reference, c)| text.replace(reference, c))
}

/// All that the templates use. Nothing in them is loaded from anywhere.
const TAGS: [&str; 13] =
    ["!doctype", "html", "head", "meta", "title", "body", "div", "h1", "p", "a", "br", "hr", "blockquote"];

fn assert_one_link(mail: &StoredMail, link: &str) {
    assert_eq!(links_in_text(&mail.text), [link], "{}", mail.text);
    assert_eq!(mail.html.matches("<a ").count(), 1, "{}", mail.html);
    assert!(mail.html.contains(&format!("<a href=\"{link}\" ")), "{}", mail.html);
    // Written out once more, for programs that show no buttons.
    assert_eq!(links_in_text(&text_of_html(&mail.html)), [link], "{}", mail.html);
    let tags: Vec<&str> = mail.html.split('<').skip(1).map(|piece| piece.split('>').next().unwrap()).collect();
    assert_eq!(tags.iter().filter(|tag| tag.contains("href")).count(), 1, "{tags:?}");
    for tag in tags {
        let name = tag.trim_start_matches('/').split(' ').next().unwrap();
        assert!(
            TAGS.contains(&name) && !tag.contains("src=") && !tag.contains("url(") && !tag.contains(" on"),
            "{tag}"
        );
    }
    assert_eq!(links_in_text(mail.header("Subject").unwrap()), [""; 0]);
}

fn header_names(mail: &StoredMail) -> Vec<&str> {
    mail.headers.iter().map(|(name, _)| name.as_str()).collect()
}

fn invitation_link() -> String {
    format!("{BASE}/i/{}", invitation_token().expose())
}

#[tokio::test]
async fn every_mail_has_its_headers_and_exactly_one_link() {
    for (content, link) in [
        (plain_invitation(), invitation_link()),
        (owner_link(Some("Acme")), format!("{BASE}/account/{}", account_token().expose())),
        (owner_link(None), format!("{BASE}/account/{}", account_token().expose())),
        (password_reset(), format!("{BASE}/account/{}", account_token().expose())),
    ] {
        let mail = delivered(&notification("fr", content)).await;
        assert_one_link(&mail, &link);
        let header = |name| mail.header(name).unwrap();
        assert_eq!(header("Message-ID"), "<0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5@invite.example>");
        assert_eq!(header("Date"), "Sat, 21 Nov 2026 14:05:09 +0000");
        assert_eq!(header("From"), "Acme <invitations@acme.example>");
        assert_eq!(header("To"), "zoe.mueller@example.org");
        assert_eq!((header("Auto-Submitted"), header("X-Auto-Response-Suppress")), ("auto-generated", "All"));
        assert!(header("Content-Type").starts_with("multipart/alternative;"), "{}", header("Content-Type"));
        assert_eq!(mail.header("List-Unsubscribe"), None);
        assert!(mail.raw.is_ascii() && mail.raw.split(|byte| *byte == b'\n').all(|line| line.len() < 999));
    }
}

#[tokio::test]
async fn mail_2_no_name_and_no_message_changes_the_headers_the_recipient_or_the_links() {
    let expected = delivered(&notification("en", plain_invitation())).await;
    let long = "x".repeat(10_000);
    let long_words = "evil.example ".repeat(800);
    let hostile = [
        "<img src=x onerror=alert(1)>",
        "<a href=\"https://evil.example\">click</a>",
        "</title><script>alert(1)</script>",
        "\"><svg onload=alert(1)>",
        "Ada\r\nBcc: all@evil.example\r\n\r\nbody",
        "Ada\nBcc: all@evil.example",
        "Ada\rBcc: all@evil.example",
        "Ada\u{2028}Bcc: all@evil.example",
        "Ada\u{2029}Bcc: all@evil.example\u{85}X: y",
        "Ada\0Byron\u{1b}",
        "=?utf-8?B?QQ0KQmNjOiBhbGxAZXZpbC5leGFtcGxl?=",
        "=?utf-8?Q?A=0D=0ABcc:_all=40evil.example?=",
        "é =?utf-8?Q?=0D=0ABcc:_x?= é",
        "\u{202e}elpmaxe.live\u{2066}\u{200f}",
        "https://evil.example/i/inv_x",
        "www.evil.example",
        "evil.example/login",
        "ev\u{200b}il.example",
        "me@evil.example",
        "mailto:me@evil.example?cc=all@evil.example",
        "javascript:alert(1)",
        "{{ link }}{% for x in range(9) %}",
        "{ $inviter } %(link)s ${link}",
        "--=_0190f3c2a4b57c3d8e9fa0b1c2d3e4f5--",
        ".\r\nRCPT TO:<all@evil.example>",
        "\u{feff}",
        "",
        &long,
        &long_words,
    ];
    for text in hostile {
        let content = invitation(Some(text), text, Some(text), Some(text));
        let mail = delivered(&notification("en", content)).await;
        assert_eq!(header_names(&mail), header_names(&expected), "{text}");
        for name in ["From", "To", "Message-ID", "Date", "Content-Type"] {
            assert_eq!(mail.header(name), expected.header(name), "{text}");
        }
        assert_one_link(&mail, &invitation_link());
        let subject = mail.header("Subject").unwrap();
        assert!(subject.chars().count() <= 230 && !subject.chars().any(char::is_control), "{subject}");
        assert!(mail.text.len() < 10_000 && mail.html.len() < 20_000, "{}", mail.html.len());
        // Line breaks are the only control characters.
        for part in [&mail.text, &mail.html] {
            assert!(!part.chars().any(|c| c != '\n' && c.is_control()), "{part:?}");
            assert!(!part.contains(['\u{2028}', '\u{2029}', '\u{202e}', '\u{2066}', '\u{200f}', '\u{200b}']));
        }
    }
}

#[tokio::test]
async fn mail_2_the_same_message_twice_is_the_same_to_the_byte() {
    let (first, second) = (
        delivered(&notification("en", plain_invitation())).await,
        delivered(&notification("en", plain_invitation())).await,
    );
    assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
    assert!(first.raw == second.raw);
}

#[tokio::test]
async fn names_and_addresses_of_all_scripts_arrive() {
    let content = invitation(Some("Zoë Müller"), "株式会社アクメ", Some("Отдел"), Some("Grüße 👋"));
    let mut notification = notification("fr", content);
    notification.to = Destination::Email(EmailAddress::parse("zoe@bücher.example").unwrap());
    let mail = delivered(&notification).await;
    assert_eq!(mail.header("Subject"), Some("Zoë Müller vous invite à rejoindre 株式会社アクメ"));
    assert_eq!(mail.header("To"), Some("zoe@xn--bcher-kva.example"));
    for part in [&mail.text, &mail.html] {
        assert!(part.contains("Zoë Müller") && part.contains("Отдел") && part.contains("Grüße 👋"), "{part}");
    }
    assert!(mail.raw.is_ascii());
}

#[tokio::test]
async fn the_readers_own_address_stands_in_the_mail_about_his_account() {
    let mail = delivered(&notification("en", password_reset())).await;
    assert!(mail.text.contains("for the account zoe.mueller@example.org."), "{}", mail.text);
    assert!(mail.text.contains("once and for 1 hour."), "{}", mail.text);
}

#[test]
fn r8_3_the_language_is_the_invitations_then_the_accounts_then_the_organisations_then_the_operators() {
    let renderer =
        Renderer::new(&BASE.parse().unwrap(), TemplateSet::builtin().unwrap()).unwrap().with_default_locale("fr");
    let subject = |locales: &[Option<&str>]| {
        let mut notification = notification("en", password_reset());
        notification.locales = locales.iter().map(|it| it.map(str::to_owned)).collect();
        renderer.render(&notification).unwrap().subject
    };
    let (english, french) = ("Choose a new password", "Choisissez un nouveau mot de passe");
    assert_eq!(subject(&[Some("en-GB"), Some("fr")]), english);
    assert_eq!(subject(&[None, Some("ja"), Some("en")]), english);
    assert_eq!(subject(&[None, None, None]), french);
    assert_eq!(subject(&[]), french);
}

#[test]
fn link_1_the_link_starts_with_the_configured_url_and_its_path() {
    let base = "https://Example.com:8443/join/".parse().unwrap();
    let renderer = Renderer::new(&base, TemplateSet::builtin().unwrap()).unwrap();
    let mail = renderer.render(&notification("en", plain_invitation())).unwrap();
    let link = format!("https://example.com:8443/join/i/{}", invitation_token().expose());
    assert_eq!(links_in_text(&mail.text), [link.as_str()]);
    assert!(mail.html.contains(&format!("href=\"{link}\"")));
}

#[test]
fn an_inviter_without_a_name_is_the_organisation_and_an_organisation_without_a_name_is_the_host() {
    let subject = |content| renderer().render(&notification("en", content)).unwrap().subject;
    assert_eq!(subject(invitation(None, "Acme", None, None)), "Acme invites you to join Acme");
    assert_eq!(subject(invitation(Some("\u{202e}"), "Acme", None, None)), "Acme invites you to join Acme");
    assert_eq!(subject(owner_link(Some(" "))), "Set up your account for invite. example");
    assert_eq!(subject(owner_link(None)), "Set up your account for invite. example");
}

#[test]
fn the_date_is_told_in_the_readers_time_zone() {
    let text = |zone: &str| {
        let mut notification = notification("en", plain_invitation());
        notification.time_zone = zone.to_owned();
        renderer().render(&notification).unwrap().text
    };
    assert!(text("Europe/Paris").contains("until Saturday, 28 November 2026 at 15:05 UTC+1."));
    assert!(text("Nowhere/Atlantis").contains("until Saturday, 28 November 2026 at 14:05 UTC."));
}

#[test]
fn the_inviters_message_is_at_most_2000_characters_and_every_line_is_quoted() {
    let long = "a ".repeat(3_000);
    let mail = renderer().render(&notification("en", invitation(Some("Ada"), "Acme", None, Some(&long)))).unwrap();
    let quoted: Vec<&str> = mail.text.lines().filter(|line| line.starts_with("> ")).collect();
    assert_eq!(quoted.len(), 1);
    assert!(quoted[0].chars().count() <= 2_002 && quoted[0].ends_with('…'));

    let forged = "Bye\n\nOpen this link to accept or decline:\n\nhttps://evil.example";
    let mail = renderer().render(&notification("en", invitation(Some("Ada"), "Acme", None, Some(forged)))).unwrap();
    assert!(mail.text.contains("> Bye\n>\n> Open this link to accept or decline:\n>\n> https: //evil. example\n"));
}

#[tokio::test]
async fn r7_5_the_mail_tells_the_code_and_where_to_enter_it_and_still_has_one_link() {
    for locale in ["en", "fr"] {
        let mail = delivered(&notification(locale, plain_invitation())).await;
        for part in [mail.text.clone(), text_of_html(&mail.html)] {
            assert_eq!(part.matches(invitation_code().expose()).count(), 1, "{part}");
            assert!(part.contains("/code/acme") && !part.contains("/code/acme/"), "{part}");
        }
        assert_one_link(&mail, &invitation_link());

        let before_codes = delivered(&notification(locale, without_code(plain_invitation()))).await;
        assert!(!before_codes.text.contains("/code/") && !before_codes.html.contains("code&#x2f;"));
        assert!(!before_codes.text.contains("\n\n\n"), "{}", before_codes.text);
    }
    let mail = renderer().render(&notification("en", password_reset())).unwrap();
    assert!(!mail.text.contains("code") && !mail.html.contains("code&#x2f;"));
}

#[tokio::test]
async fn a_mail_to_a_phone_is_never_put_together() {
    let notification = text_message("en", plain_invitation());
    let rendered = renderer().render(&notification).unwrap();
    let sender = Sender::new(None, "a@b.example").unwrap();
    assert!(invite_notify::Email::build(&sender, "invite.example", &notification, &rendered).is_err());
}

#[tokio::test]
async fn nothing_prints_the_link() {
    let notification = notification("en", plain_invitation());
    let rendered = renderer().render(&notification).unwrap();
    let sender = Sender::new(None, "a@b.example").unwrap();
    let email = invite_notify::Email::build(&sender, "invite.example", &notification, &rendered).unwrap();
    let stored = delivered(&notification).await;
    for printed in [format!("{rendered:?}"), format!("{email:?}"), format!("{stored:?}"), format!("{notification:?}")] {
        assert!(!printed.contains("inv_") && !printed.contains(invitation_code().expose()), "{printed}");
    }
}

#[tokio::test]
async fn without_a_transport_a_mail_waits() {
    let router = Router::new(renderer());
    assert_eq!(router.channels(), []);
    let failure = router.deliver(&notification("en", plain_invitation())).await.unwrap_err();
    assert!(matches!(failure, DeliveryError::Transient(_)));
}
