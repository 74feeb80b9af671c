//! Mails taken apart: by a parser that is not the writer, and as their readers see them.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::common::{BASE, invitation_token, renderer};
use invite_domain::port::{Notification, Notifier as _};
use invite_notify::{MailboxTransport, Router, Sender, StoredMail};
use linkify::{LinkFinder, LinkKind};
use std::sync::Arc;

/// Delivers through the whole crate and reads what came out.
pub(crate) async fn delivered(notification: &Notification) -> StoredMail {
    let folder = tempfile::tempdir().unwrap();
    let mailbox = MailboxTransport::open(folder.path()).unwrap();
    let sender = Sender::new(Some("Acme"), "invitations@acme.example").unwrap();
    let router = Router::new(renderer()).with_email(sender, Arc::new(mailbox.clone()));
    router.deliver(notification).await.unwrap();
    let list = mailbox.list().await.unwrap();
    assert_eq!(list.len(), 1);
    mailbox.read(&list[0].id).await.unwrap().unwrap()
}

/// What a mail program may make a link of. The reader's own address is not counted.
pub(crate) fn links_in_text(text: &str) -> Vec<String> {
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(false).kinds(&[LinkKind::Url, LinkKind::Email]);
    let text = text.replace("zoe.mueller@example.org", "");
    finder.links(&text).map(|link| link.as_str().to_owned()).collect()
}

/// What is between the tags, without the title.
pub(crate) fn text_of_html(html: &str) -> String {
    let (_, body) = html.split_once("<body").unwrap();
    let mut text = String::new();
    for piece in body.split('<') {
        text.push(' ');
        text.push_str(piece.split_once('>').map_or("", |(_, text)| text));
    }
    let references = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")];
    references.iter().fold(text, |text, (reference, c)| text.replace(reference, c))
}

/// All that the templates use. Nothing in them is loaded from anywhere. The last two stand around what only programs of
/// the Word family read.
const TAGS: [&str; 18] = [
    "!doctype",
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "div",
    "table",
    "tr",
    "td",
    "h1",
    "p",
    "a",
    "br",
    "img",
    "!--[if",
    "![endif]--",
];

/// Holds a mail to one link, if any, and to nothing that is loaded or run.
pub(crate) fn assert_links(mail: &StoredMail, link: Option<&str>) {
    let expected: Vec<&str> = link.into_iter().collect();
    assert_eq!(links_in_text(&mail.text), expected, "{}", mail.text);
    assert_eq!(mail.html.matches("<a ").count(), expected.len(), "{}", mail.html);
    if let Some(link) = link {
        assert!(mail.html.contains(&format!(" href=\"{link}\" ")), "{}", mail.html);
    }
    // Written out once more, for programs that show no buttons.
    assert_eq!(links_in_text(&text_of_html(&mail.html)), expected, "{}", mail.html);
    let tags: Vec<&str> = mail.html.split('<').skip(1).map(|piece| piece.split('>').next().unwrap()).collect();
    // Names may stand in attributes, in quotation marks.
    let unquoted = |tag: &str| tag.split('"').step_by(2).collect::<String>();
    assert_eq!(tags.iter().filter(|tag| unquoted(tag).contains("href")).count(), expected.len(), "{tags:?}");
    for tag in tags {
        let name = tag.trim_start_matches('/').split(' ').next().unwrap();
        let loads = unquoted(tag).contains("src=") && !tag.starts_with("img class=\"logo\" src=\"cid:logo@0190f3c2-");
        assert!(TAGS.contains(&name) && !loads && !tag.contains("url(") && !unquoted(tag).contains(" on"), "{tag}");
    }
    let (_, style) = mail.html.split_once("<style>").unwrap();
    let (style, _) = style.split_once("</style>").unwrap();
    assert!(!style.contains("url(") && !style.contains("@import"), "{style}");
    assert_eq!(links_in_text(mail.header("Subject").unwrap()), [""; 0]);
}

/// The words of the text part and of the HTML part, without what only one of them needs: the link, and what stands around
/// it instead of a button or beside one.
pub(crate) fn words_of_both(mail: &StoredMail, link: Option<&str>) -> (Vec<String>, Vec<String>) {
    let words = |text: &str| -> Vec<String> {
        let quoted = text.lines().map(|line| line.strip_prefix('>').unwrap_or(line).trim());
        quoted
            .flat_map(str::split_whitespace)
            .filter(|word| !["--", "&nbsp;"].contains(word))
            .map(str::to_owned)
            .collect()
    };
    let blocks: Vec<&str> = mail.text.split("\n\n").collect();
    let at = link.and_then(|link| blocks.iter().position(|block| *block == link));
    let text: Vec<&str> = blocks
        .iter()
        .enumerate()
        .filter(|(i, _)| at.is_none_or(|at| *i != at && i + 1 != at))
        .map(|(_, b)| *b)
        .collect();

    let mut html = mail.html.clone();
    let mut cut = |from: &str, to: &str| {
        let start = html.find(from).unwrap();
        let end = start + html[start..].find(to).unwrap() + to.len();
        html.replace_range(start..end, "");
    };
    cut("<div class=\"preheader\"", "</div>");
    if mail.html.contains("<p class=\"brand") {
        cut("<p class=\"brand", "</p>");
    }
    if link.is_some() {
        cut("<table class=\"wide\"", "</table>");
        // What is said of a button, and the link.
        cut("<p class=\"faint\"", "</p>");
        cut("<p class=\"faint\"", "</p>");
    }
    (words(&text.join("\n\n")), words(&text_of_html(&html)))
}

pub(crate) fn header_names(mail: &StoredMail) -> Vec<&str> {
    mail.headers.iter().map(|(name, _)| name.as_str()).collect()
}

pub(crate) fn invitation_link() -> String {
    format!("{BASE}/i/{}", invitation_token().expose())
}
