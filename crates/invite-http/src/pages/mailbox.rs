//! `/mailbox`, where `invite dev` keeps the mails it would send. For developers, so in English only.

use super::{
    view::{Block, Page, Piece},
    visit::Visit,
};
use crate::{Mail, Problem, dto::time, extract::call::Answer, problem::table};
use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::Path,
};
use invite_text::Language;

/// A mail's own markup runs no script, sends no form and loads nothing; its links can be followed.
const MAIL_POLICY: &str = "sandbox allow-top-navigation-by-user-activation allow-popups allow-popups-to-escape-sandbox; \
                           default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; \
                           frame-ancestors 'none'; base-uri 'none'";

fn page(title: &str) -> Page {
    let mut page = Page::new(StatusCode::OK, Language::En, "layout-footer-plain", &[]);
    title.clone_into(&mut page.title);
    page
}

pub(super) async fn list(visit: Visit) -> Answer {
    let mailbox = visit.api.mailbox.as_ref().ok_or_else(not_found)?;
    let mails = mailbox.list().await?;
    let page = page("Mailbox");
    if mails.is_empty() {
        let text = "No mail yet. Issue an invitation, and it appears here.";
        return page.with(Block::Text(text.to_owned())).send(&visit);
    }
    let base = visit.api.config.base_path();
    let row = |mail: &crate::MailSummary| {
        let to = format!("to {}", mail.to);
        let about = mail.at.map_or_else(|| to.clone(), |at| format!("{to}, {}", time(at)));
        (format!("{base}/mailbox/{}", mail.id), mail.subject.clone(), about)
    };
    page.with(Block::List(mails.iter().map(row).collect())).send(&visit)
}

fn not_found() -> Problem {
    Problem::new(&table::NOT_FOUND)
}

async fn read(visit: &Visit, id: &str) -> Result<Mail, Problem> {
    let mailbox = visit.api.mailbox.as_ref().ok_or_else(not_found)?;
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'@');
    if !(1..=200).contains(&id.len()) || id.starts_with('.') || !id.bytes().all(good) {
        return Err(not_found());
    }
    mailbox.read(id).await?.ok_or_else(not_found)
}

pub(super) async fn mail(visit: Visit, id: Path<String>) -> Answer {
    let mail = read(&visit, &id).await?;
    let base = visit.api.config.base_path();
    let mut page = page(&mail.summary.subject)
        .with(Block::Text(format!("To: {}", mail.summary.to)))
        .with(Block::Lines(pieces(&mail.text, &visit.api.config.absolute("/"))));
    if mail.html.is_some() {
        page.add(Block::Link { to: format!("{base}/mailbox/{id}/html"), label: "Show the HTML part".to_owned() });
    }
    page.with(Block::Link { to: format!("{base}/mailbox"), label: "All mails".to_owned() }).send(&visit)
}

/// The text, with the links of this service made to be followed.
fn pieces(text: &str, ours: &str) -> Vec<Piece> {
    text.split_inclusive(char::is_whitespace)
        .map(|word| {
            let link = word.trim_end();
            Piece { text: word.to_owned(), link: link.starts_with(ours).then(|| link.to_owned()) }
        })
        .collect()
}

pub(super) async fn html(visit: Visit, id: Path<String>) -> Answer {
    let html = read(&visit, &id).await?.html.ok_or_else(not_found)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, MAIL_POLICY))
        .body(html))
}
