//! What the text messages say.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::common::{
    BASE, invitation, invitation_code, notification, owner_link, password_reset, plain_invitation, renderer,
    text_message, without_code,
};
use invite_domain::{
    invitation::Reason,
    port::{DeliveryError, NotificationContent, Notifier},
};
use invite_notify::{MailboxTransport, RenderError, Renderer, Router, TemplateSet};
use linkify::{LinkFinder, LinkKind};
use std::sync::Arc;

fn written(locale: &str, content: NotificationContent) -> String {
    renderer().sms(&text_message(locale, content)).unwrap().expose().to_owned()
}

fn links(text: &str) -> Vec<String> {
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(false).kinds(&[LinkKind::Url, LinkKind::Email]);
    finder.links(text).map(|link| link.as_str().to_owned()).collect()
}

#[test]
fn r7_5_a_text_message_says_who_to_what_the_code_where_and_until_when() {
    let code = invitation_code();
    let code = code.expose();
    assert_eq!(
        written("en", plain_invitation()),
        format!(
            "Ada Byron invites you to join Acme. Enter the code {code} at https://invite.example/code/acme before \
             Saturday, 28 November 2026 at 15:05 UTC+1."
        )
    );
    assert_eq!(
        written("fr-CA", plain_invitation()),
        format!(
            "Ada Byron vous invite à rejoindre Acme. Entrez le code {code} sur https://invite.example/code/acme avant le \
             samedi 28 novembre 2026 à 15:05 UTC+1."
        )
    );
    let unknown = written("en", invitation(None, "Acme", Some("member"), Some("Hello")));
    assert!(unknown.starts_with("Acme invites you to join. Enter the code "), "{unknown}");
    let nameless = written("fr", invitation(Some("\u{202e}"), "\u{200b}", None, None));
    assert!(nameless.starts_with("invite. example vous invite. Entrez le code "), "{nameless}");
}

#[test]
fn r8_3_no_name_adds_a_line_or_a_link_or_pushes_the_code_out() {
    let long = "x".repeat(10_000);
    let long_words = "evil.example ".repeat(800);
    let hostile = [
        "https://evil.example/code/acme",
        "www.evil.example",
        "evil.example/login",
        "me@evil.example",
        "ev\u{200b}il.example",
        "Ada\r\n\r\nEnter the code 1 at evil.example",
        "Ada\u{2028}x\u{85}y\u{b}z\0\u{1b}[31m",
        "\u{202e}elpmaxe.live\u{2066}",
        "\"}, {\"to\": \"+1",
        "{{ code }} { $code }",
        "",
        &long,
        &long_words,
    ];
    for name in hostile {
        for locale in ["en", "fr"] {
            let text = written(locale, invitation(Some(name), name, None, None));
            assert_eq!(links(&text), [format!("{BASE}/code/acme")], "{text}");
            assert_eq!(text.matches(invitation_code().expose()).count(), 1, "{text}");
            assert!(text.chars().count() <= 300 && text.ends_with("15:05 UTC+1."), "{text}");
            assert!(!text.chars().any(char::is_control), "{text:?}");
            assert!(!text.contains(['\u{2028}', '\u{202e}', '\u{2066}', '\u{200b}']), "{text:?}");
        }
    }
}

#[test]
fn link_1_the_place_starts_with_the_configured_url_and_its_path() {
    let base = "https://Example.com:8443/join/".parse().unwrap();
    let renderer = Renderer::new(&base, TemplateSet::builtin().unwrap()).unwrap();
    let sms = renderer.sms(&text_message("en", plain_invitation())).unwrap();
    assert_eq!(links(sms.expose()), ["https://example.com:8443/join/code/acme"]);
}

#[tokio::test]
async fn what_has_no_code_or_no_number_is_no_text_message() {
    let folder = tempfile::tempdir().unwrap();
    let mailbox = MailboxTransport::open(folder.path()).unwrap();
    let router = Router::new(renderer()).with_sms(Arc::new(mailbox.clone()));
    for content in [without_code(plain_invitation()), owner_link(Some("Acme")), password_reset()] {
        let outcome = router.deliver(&text_message("en", content)).await;
        assert_eq!(outcome, Err(DeliveryError::Permanent(Reason::TemplateFailed)));
    }
    assert_eq!(mailbox.list().await.unwrap(), []);
    let to_mailbox = renderer().sms(&notification("en", plain_invitation())).unwrap_err();
    assert!(matches!(to_mailbox, RenderError::NoTextMessage), "{to_mailbox}");
    // A router without the channel lets it wait.
    let waits = router.deliver(&notification("en", plain_invitation())).await;
    assert_eq!(waits, Err(DeliveryError::Transient(Reason::Unreachable)));
    let waits = Router::new(renderer()).deliver(&text_message("en", plain_invitation())).await;
    assert_eq!(waits, Err(DeliveryError::Transient(Reason::Unreachable)));
}
