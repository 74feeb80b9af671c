//! How the mails put it, and how the built-in layout lays it out.

use crate::{
    common::{address_change, invitation, notification, on, owner_link, password_reset, plain_invitation, renderer},
    mails::every_mail,
    reading::text_of_html,
};
use invite_domain::port::Occasion;
use invite_text::Language;

#[test]
fn without_an_inviters_name_no_mail_says_that_the_organisation_invites_to_itself() {
    for language in Language::ALL {
        for occasion in [Occasion::Issued, Occasion::Renewed, Occasion::Reminder] {
            for role in [None, Some("Crew")] {
                let rendered = |inviter, message| {
                    let content = on(occasion, invitation(inviter, "Acme", role, message));
                    renderer().render(&notification(language.tag(), content)).unwrap()
                };
                let unnamed = rendered(None, Some("Hi"));
                let body = unnamed.text.split("\n\n").nth(2).unwrap();
                assert_eq!((body.matches("Acme").count(), body.contains("Crew")), (1, role.is_some()), "{body}");
                assert_eq!(unnamed.subject.matches("Acme").count(), 1, "{}", unnamed.subject);
                let why = unnamed.text.split("\n--\n").nth(1).unwrap();
                assert_eq!(why.split("\n\n").next().unwrap().matches("Acme").count(), 1, "{why}");
                assert!(unnamed.text.contains("> Hi") && !unnamed.text.contains("\n\n\n"), "{}", unnamed.text);
                // The same as for a name that cannot be seen, and not the same as for one that can.
                assert!(unnamed == rendered(Some("\u{3164}"), Some("Hi")));
                assert_ne!(body, rendered(Some("Acme"), Some("Hi")).text.split("\n\n").nth(2).unwrap());
            }
        }
    }
}

#[test]
fn mails_about_accounts_tell_when_a_link_ends_and_not_for_how_long_it_is_good() {
    for (content, until) in [
        (password_reset(), "Saturday, 21 November 2026 at 16:05 UTC+1"),
        (owner_link(Some("Acme")), "Sunday, 22 November 2026 at 15:05 UTC+1"),
        (address_change(), "Sunday, 22 November 2026 at 15:05 UTC+1"),
    ] {
        let mail = renderer().render(&notification("en", content)).unwrap();
        for part in [&mail.text, &text_of_html(&mail.html)] {
            assert!(part.contains(&format!("The link works once, until {until}.")), "{part}");
            assert!(!part.contains(" hour") && !part.contains(" day"), "{part}");
        }
    }
}

#[test]
fn the_html_has_a_fixed_width_for_the_word_family_and_says_its_language_where_it_is_kept() {
    for language in Language::ALL {
        for (content, _) in every_mail() {
            let html = renderer().render(&notification(language.tag(), content)).unwrap().html;
            let (before, behind) = html.split_once("<!--[if mso]><table ").unwrap();
            let (table, inner) = behind.split_once("<![endif]-->").unwrap();
            assert!(table.starts_with("role=\"presentation\"") && table.contains("style=\"width:600px\""), "{table}");
            let (inner, after) = inner.split_once("<!--[if mso]></td></tr></table><![endif]-->").unwrap();
            // What is opened inside is closed inside: card and foot stand in it.
            for tag in ["table", "tr", "td"] {
                assert_eq!(inner.matches(&format!("<{tag}")).count(), inner.matches(&format!("</{tag}>")).count());
            }
            assert!(inner.contains("<table class=\"card\"") && inner.contains("class=\"foot"), "{inner}");
            assert!(before.contains("class=\"outer\"") && !after.contains("<p") && !after.contains("<!--"), "{after}");
            for start in ["<html", "<div class=\"preheader\"", "<table class=\"page\""] {
                let (_, tag) = before.split_once(start).unwrap();
                let tag = tag.split('>').next().unwrap();
                assert!(tag.starts_with(&format!(" lang=\"{}\" dir=\"ltr\"", language.tag())), "{start}{tag}");
            }
            assert!(!html.contains("{#"), "{html}");
        }
    }
}

#[test]
fn behind_the_preheader_there_are_blanks_and_not_the_beginning_of_the_mail() {
    let html = renderer().render(&notification("en", plain_invitation())).unwrap().html;
    let (_, preheader) = html.split_once("<div class=\"preheader\"").unwrap();
    let (_, preheader) = preheader.split_once("</div>").unwrap().0.split_once('>').unwrap();
    let (words, blanks) = preheader.split_once("&nbsp;").unwrap();
    assert_eq!(words, "You can accept or decline until Saturday, 28 November 2026 at 15:05 UTC+1.");
    assert!(blanks.matches("&nbsp;").count() + blanks.matches("&#8199;").count() >= 100, "{blanks}");
    let rest =
        ["&#847;", "&zwnj;", "&nbsp;", "&#8199;"].iter().fold(blanks.to_owned(), |rest, it| rest.replace(it, ""));
    assert_eq!(rest.trim(), "");
}

#[test]
fn every_sentence_of_the_catalogue_for_mails_and_text_messages_is_used() {
    let sources = [
        include_str!("../../src/template/facts.rs"),
        include_str!("../../src/template/kind.rs"),
        include_str!("../../src/template/text_message.rs"),
    ];
    let catalogue = include_str!("../../../invite-text/locales/en/mail.ftl");
    let keys: Vec<&str> = catalogue
        .lines()
        .filter(|line| line.starts_with("mail-") || line.starts_with("sms-"))
        .filter_map(|line| line.split_once(" =").map(|(key, _)| key))
        .collect();
    assert!(keys.len() > 70, "{}", keys.len());
    let unused: Vec<_> =
        keys.iter().filter(|key| !sources.iter().any(|source| source.contains(&format!("\"{key}\"")))).collect();
    assert_eq!(unused, Vec::<&&str>::new());
}
