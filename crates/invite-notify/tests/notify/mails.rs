//! What the mails say, in all languages and with whatever people call themselves.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::{
    common::{
        BASE, accepted, account_token, address_change, address_changed, dressed, invitation, invitation_code,
        invitation_id, invitation_token, logo, notification, on, owner_link, password_reset, plain_invitation,
        renderer, suspended, text_message, without_code,
    },
    reading::{assert_links, delivered, header_names, invitation_link, links_in_text, text_of_html, words_of_both},
};
use invite_domain::{
    email::EmailAddress,
    port::{DeliveryError, Destination, NotificationContent, Notifier, Occasion},
};
use invite_notify::{MailKind, RenderedMail, Renderer, Router, Sender, TemplateSet, sample};
use invite_text::Language;
use mailparse::MailHeaderMap as _;

fn snapshot(name: &str, content: NotificationContent) {
    let RenderedMail { subject, text, .. } = renderer().render(&notification("en", content)).unwrap();
    insta::assert_snapshot!(name, format!("Subject: {subject}\n\n{text}"));
}

#[test]
fn r8_3_each_mail_in_english() {
    let message = "Hi Zoë,\n\nwe look forward to you.\nAda";
    let full = || invitation(Some("Ada Byron"), "Acme & Söhne", Some("member"), Some(message));
    snapshot("invitation", full());
    snapshot("invitation_least", invitation(None, "Acme", None, None));
    snapshot("reminder", on(Occasion::Reminder, full()));
    snapshot("fresh_link", on(Occasion::Renewed, full()));
    snapshot("accepted", accepted("zoe@example.org", Some("Zoë Müller"), Some("member")));
    snapshot("accepted_least", accepted("zoe@example.org", None, None));
    snapshot("suspended", suspended("zoe@example.org", Some("Ada Byron")));
    snapshot("suspended_least", suspended("zoe@example.org", None));
    snapshot("owner_link", owner_link(Some("Acme")));
    snapshot("password_reset", password_reset());
    snapshot("address_change", address_change());
    snapshot("address_changed", address_changed("z•••@e•••.org"));
}

/// Every kind of mail, with its link if it has one.
pub(crate) fn every_mail() -> Vec<(NotificationContent, Option<String>)> {
    let account = || Some(format!("{BASE}/account/{}", account_token().expose()));
    let console = || Some(format!("{BASE}/console/invitations/{}", invitation_id()));
    let message = Some("Hi Zoë,\n\nwe look forward to you.\nAda");
    let full = || invitation(Some("Ada Byron"), "Acme & Söhne", Some("member"), message);
    vec![
        (plain_invitation(), Some(invitation_link())),
        (full(), Some(invitation_link())),
        (on(Occasion::Reminder, full()), Some(invitation_link())),
        (on(Occasion::Renewed, full()), Some(invitation_link())),
        (accepted("zoe@example.org", Some("Zoë Müller"), Some("member")), console()),
        (accepted("zoe@example.org", None, None), console()),
        (suspended("zoe@example.org", Some("Ada Byron")), console()),
        (suspended("+33199001234", None), console()),
        (owner_link(Some("Acme")), account()),
        (owner_link(None), account()),
        (password_reset(), account()),
        (address_change(), account()),
        (address_changed("z•••@e•••.org"), None),
    ]
}

#[tokio::test]
async fn every_mail_has_its_headers_and_at_most_one_link() {
    for language in Language::ALL {
        for (content, link) in every_mail() {
            let mail = delivered(&notification(language.tag(), content)).await;
            assert_links(&mail, link.as_deref());
            let header = |name| mail.header(name).unwrap();
            assert_eq!(header("Message-ID"), "<0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5@invite.example>");
            assert_eq!(header("Date"), "Sat, 21 Nov 2026 14:05:09 +0000");
            assert_eq!(header("From"), "Acme <invitations@acme.example>");
            assert_eq!(header("To"), "zoe.mueller@example.org");
            assert_eq!(header("Auto-Submitted"), "auto-generated");
            // Reports of what did not arrive are wanted.
            assert_eq!(header("X-Auto-Response-Suppress"), "OOF, AutoReply, RN, NRN");
            assert_eq!(header("Content-Language"), language.tag());
            assert!(header("Content-Type").starts_with("multipart/alternative;"), "{}", header("Content-Type"));
            assert_eq!(mail.header("List-Unsubscribe"), None);
            assert!(mail.raw.is_ascii() && mail.raw.split(|byte| *byte == b'\n').all(|line| line.len() < 999));
        }
    }
}

#[tokio::test]
async fn r8_3_both_parts_say_the_same_in_every_language() {
    for language in Language::ALL {
        for (content, link) in every_mail() {
            let mail = delivered(&dressed(notification(language.tag(), content))).await;
            let (text, html) = words_of_both(&mail, link.as_deref());
            assert_eq!(text, html);
            assert!(text.len() > 20, "{text:?}");
            for part in [&mail.text, &mail.html, &mail.header("Subject").unwrap().to_owned()] {
                assert!(!part.contains("{$") && !part.contains("mail-") && !part.contains("\n\n\n"), "{part}");
            }
        }
    }
}

#[tokio::test]
async fn a_logo_travels_beside_the_html_and_without_one_there_is_no_third_part() {
    let mail = delivered(&dressed(notification("en", plain_invitation()))).await;
    let parsed = mailparse::parse_mail(&mail.raw).unwrap();
    let types = |part: &mailparse::ParsedMail<'_>| {
        part.subparts.iter().map(|part| part.ctype.mimetype.clone()).collect::<Vec<_>>()
    };
    assert_eq!(parsed.ctype.mimetype, "multipart/alternative");
    assert_eq!(types(&parsed), ["text/plain", "multipart/related"]);
    let related = &parsed.subparts[1];
    assert_eq!(related.ctype.params["type"], "text/html");
    assert_eq!(types(related), ["text/html", "image/png"]);
    let image = &related.subparts[1];
    assert_eq!(image.get_body_raw().unwrap(), logo().bytes());
    let header = |name| image.headers.get_first_value(name).unwrap();
    assert_eq!(header("Content-ID"), "<logo@0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5>");
    assert!(header("Content-Disposition").starts_with("inline"), "{}", header("Content-Disposition"));
    let shown = "src=\"cid:logo@0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5\" width=\"160\" height=\"48\" alt=\"Acme\"";
    assert!(mail.html.contains(shown), "{}", mail.html);

    let plain = delivered(&notification("en", plain_invitation())).await;
    let parsed = mailparse::parse_mail(&plain.raw).unwrap();
    assert_eq!(types(&parsed), ["text/plain", "text/html"]);
    assert!(!plain.html.contains("<img") && plain.html.contains("<p class=\"brand"), "{}", plain.html);
}

#[test]
fn an_organisations_colour_is_that_of_bar_and_button_with_ink_that_can_be_read() {
    let html = |accent| {
        let mail = dressed(notification("en", plain_invitation()));
        renderer().render(&invite_domain::port::Notification { accent, ..mail }).unwrap().html
    };
    let yellow = html(invite_domain::directory::look::Accent::parse("#FFD23F").ok());
    assert_eq!(yellow.matches("background-color:#ffd23f").count(), 3, "{yellow}");
    assert!(yellow.contains("background-color:#ffd23f;color:#000000;"), "{yellow}");
    assert!(html(None).contains("background-color:#1a56b0;color:#ffffff;"));
}

#[test]
fn a_mail_for_a_browser_holds_its_logo_itself() {
    let rendered = renderer().render(&dressed(notification("en", plain_invitation()))).unwrap();
    let html = rendered.html_for_browser();
    assert!(html.contains("src=\"data:image/png;base64,iVBORw0KGgo") && !html.contains("cid:"), "{html}");
}

#[test]
fn a_preview_shows_no_usable_link_and_no_usable_code() {
    for kind in MailKind::ALL {
        for language in Language::ALL {
            let at = "2026-11-21T14:05:09Z".parse().unwrap();
            let notification = sample::mail(kind, *language, at, (None, None)).unwrap();
            let shown = renderer().preview(&notification).unwrap();
            let sent = renderer().render(&notification).unwrap();
            assert_eq!(shown.subject, sent.subject);
            for part in [&shown.text, &shown.html] {
                assert!(!part.contains("{$"), "{part}");
                for secret in ["inv_", "ina_"] {
                    assert!(part.split(secret).skip(1).all(|rest| rest.starts_with('…')), "{part}");
                }
            }
            if let NotificationContent::Invitation { code: Some(code), .. } = &notification.content {
                assert!(sent.text.contains(code.expose()) && !shown.text.contains(code.expose()), "{}", shown.text);
                assert!(shown.text.contains("••••-••••-•••") && shown.html.contains("••••-••••-•••"));
            }
        }
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
        for (content, link) in [
            (accepted(text, Some(text), Some(text)), true),
            (accepted(text, None, None), true),
            (suspended(text, Some(text)), true),
            (address_changed(text), false),
            (owner_link(Some(text)), true),
        ] {
            let mail = delivered(&dressed(notification("en", content))).await;
            assert_eq!(header_names(&mail), header_names(&expected), "{text}");
            let own = links_in_text(&mail.text).pop();
            assert_eq!(own.is_some(), link, "{text}");
            assert!(own.as_ref().is_none_or(|own| own.starts_with(BASE)), "{text}");
            assert_links(&mail, own.as_deref());
        }
        let content = invitation(Some(text), text, Some(text), Some(text));
        let mail = delivered(&notification("en", content)).await;
        assert_eq!(header_names(&mail), header_names(&expected), "{text}");
        for name in ["From", "To", "Message-ID", "Date", "Content-Type"] {
            assert_eq!(mail.header(name), expected.header(name), "{text}");
        }
        assert_links(&mail, Some(&invitation_link()));
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
async fn the_domain_of_an_address_is_sent_as_its_a_label_and_the_whole_is_ascii() {
    let mut notification = notification("en", invitation(Some("Zoë Müller"), "Acme", None, None));
    notification.to = Destination::Email(EmailAddress::parse("zoe@müller.example").unwrap());
    let sender = Sender::new(Some("Zoë Müller"), "zoe@müller.example").unwrap();
    let rendered = renderer().render(&notification).unwrap();
    let email = invite_notify::Email::build(&sender, "invite.example", &notification, &rendered).unwrap();
    assert_eq!((email.from(), email.to()), ("zoe@xn--mller-kva.example", "zoe@xn--mller-kva.example"));
    assert!(email.expose().is_ascii() && !email.needs_smtputf8());
    let parsed = mailparse::parse_mail(email.expose()).unwrap();
    let header = |name| parsed.headers.get_first_value(name).unwrap();
    assert_eq!(header("From"), "Zoë Müller <zoe@xn--mller-kva.example>");
    assert_eq!(header("To"), "zoe@xn--mller-kva.example");
    assert_eq!(header("Subject"), "Zoë Müller invites you to join Acme");
    assert!(parsed.subparts[0].get_body().unwrap().contains("Zoë Müller invites you to join Acme."));
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
    assert!(mail.text.contains("once, until Saturday, 21 November 2026 at 16:05 UTC+1."), "{}", mail.text);
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
    assert_eq!(subject(invitation(None, "Acme", None, None)), "Acme invites you to join");
    for blank in ["\u{202e}", "\u{3164}", "\u{2800} \u{200d}", "\u{fe0f}"] {
        assert_eq!(subject(invitation(Some(blank), "Acme", None, None)), "Acme invites you to join");
    }
    assert_eq!(subject(owner_link(Some("\u{3164}"))), "Set up your account for invite. example");
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
    for locale in ["en", "fr", "de", "es"] {
        let mail = delivered(&notification(locale, plain_invitation())).await;
        for part in [mail.text.clone(), text_of_html(&mail.html)] {
            assert_eq!(part.matches(invitation_code().expose()).count(), 1, "{part}");
            assert!(part.contains("/code/acme") && !part.contains("/code/acme/"), "{part}");
        }
        assert_links(&mail, Some(&invitation_link()));

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
