//! Dead letters: messages of invitations that were given up, and another try (rule 8.2).

use super::{
    entry::Desk,
    fault::Fault,
    frame::{Frame, Section, answer},
    list::Paging,
};
use crate::{Problem, extract::call::Answer, pages::Sent};
use actix_web::http::StatusCode;
use askama::Template;
use invite_domain::{
    access::permission,
    email::EmailAddress,
    id::{InvitationId, MessageId},
    invitation::{Channel, DeadLetter, Reason, Recipient, Rejection, SubjectRecipient},
    phone::PhoneNumber,
    service::ServiceError,
};
use invite_text::Arg;

const PATH: &str = "/console/dead-letters";

#[derive(Template)]
#[template(path = "console/dead_letters.html")]
struct DeadLettersPage {
    frame: Frame,
    rows: Vec<Row>,
    may_replay: bool,
    /// What the button says that sends all of them again.
    all: String,
    next: Option<String>,
    first: Option<String>,
}

struct Row {
    id: String,
    /// The invitation's page, for who may see it.
    href: Option<String>,
    /// Whom it was for, for who may see it.
    recipient: Option<String>,
    channel: String,
    reason: String,
    attempts: String,
    at: String,
    at_machine: String,
}

/// Why a message was not sent, in words.
pub(crate) fn reason(desk: &Desk, reason: Reason) -> String {
    desk.text().get(&format!("reason-{}", reason.name().replace('_', "-")))
}

/// Whom an invitation is for: the address or number it goes to.
fn called(recipient: &Recipient) -> String {
    match recipient {
        Recipient::Email(address) => address.as_str().to_owned(),
        Recipient::Phone(number) => number.as_str().to_owned(),
        Recipient::Subject(SubjectRecipient { id, email, phone }) => {
            let email = email.as_ref().map(EmailAddress::as_str);
            email.or(phone.as_ref().map(PhoneNumber::as_str)).map_or_else(|| id.to_string(), str::to_owned)
        }
    }
}

async fn recipient(desk: &Desk, id: InvitationId) -> Result<Option<String>, Problem> {
    match desk.visit.api.invitations.get(&desk.caller, id).await {
        Ok(record) => Ok(Some(called(&record.invitation.recipient))),
        // It was erased meanwhile.
        Err(ServiceError::Rejected(Rejection::NotFound)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn row(desk: &Desk, letter: &DeadLetter) -> Result<Row, Problem> {
    let visible = desk.may(permission::INVITATIONS_READ);
    let channel = match letter.channel {
        Channel::Email => "dead-letters-by-email",
        Channel::Sms => "dead-letters-by-sms",
    };
    Ok(Row {
        id: letter.id.to_string(),
        href: visible.then(|| desk.href(&format!("/console/invitations/{}", letter.invitation_id))),
        recipient: if visible { recipient(desk, letter.invitation_id).await? } else { None },
        channel: desk.text().get(channel),
        reason: reason(desk, letter.reason),
        attempts: letter.attempts.to_string(),
        at: desk.date_time(letter.at),
        at_machine: letter.at.to_rfc3339(),
    })
}

async fn page(desk: &Desk, paging: &Paging, fault: Option<Fault>) -> Answer {
    let page = desk.visit.api.dead_letters.list(&desk.caller, &paging.request).await?;
    let next = desk.next_page(PATH, paging, page.next.as_ref());
    let first = desk.first_page(PATH, paging);
    let mut rows = Vec::with_capacity(page.items.len());
    for letter in &page.items {
        rows.push(row(desk, letter).await?);
    }
    let frame = desk.frame(Section::DeadLetters, desk.text().get("dead-letters-title"))?.with_fault(fault);
    let count = Arg::Number(i64::try_from(rows.len()).unwrap_or(i64::MAX));
    let all = desk.say("dead-letters-all-button", &[("count", count)]);
    answer!(DeadLettersPage { frame, rows, may_replay: desk.may(permission::DEAD_LETTERS_REPLAY), all, next, first })
}

/// The list.
pub(super) async fn list(desk: Desk) -> Answer {
    let paging = desk.paging("dead-letters", &[])?;
    page(&desk, &paging, None).await
}

/// Sends one of them again, or all the page shows.
pub(super) async fn act(desk: Desk, sent: Sent) -> Answer {
    let paging = desk.paging("dead-letters", &[])?;
    let most = usize::try_from(paging.request.limit).unwrap_or(usize::MAX);
    let ids: Vec<MessageId> = sent.all("letter").iter().filter_map(|id| id.parse().ok()).take(most).collect();
    let (mut queued, mut refused) = (0_usize, None);
    for id in &ids {
        match desk.visit.api.dead_letters.replay(&desk.caller, *id).await {
            Ok(_) => queued += 1,
            // Somebody else was faster: it is what was wanted.
            Err(ServiceError::Rejected(Rejection::NotFound)) if ids.len() > 1 => {}
            Err(ServiceError::Rejected(Rejection::NotFound)) => {
                let gone = desk.text().get("dead-letters-gone");
                refused = Some(Fault::whole(StatusCode::CONFLICT, gone));
            }
            Err(error) => refused = Some(Fault::of(&desk, error)?),
        }
    }
    match refused {
        Some(fault) if ids.len() > 1 && queued > 0 => {
            let some = Fault::whole(fault.status, desk.text().get("dead-letters-some"));
            page(&desk, &paging, Some(some)).await
        }
        Some(fault) => page(&desk, &paging, Some(fault)).await,
        None => Ok(desk.lead(&format!("{PATH}?done=replayed"))),
    }
}
