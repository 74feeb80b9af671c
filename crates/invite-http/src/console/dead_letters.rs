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
    time::seconds,
};
use invite_text::Arg;

const PATH: &str = "/console/dead-letters";
/// How long queueing many may take, in seconds: the others stay, and it is said before the request is given up.
const BUDGET: i64 = 20;

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
    let (mut queued, mut refused, mut unfinished) = (0_usize, None, None);
    let clock = &desk.visit.api.world.clock;
    let end = clock.now() + seconds(BUDGET);
    for id in &ids {
        if clock.now() >= end {
            unfinished = Some(StatusCode::OK);
            break;
        }
        match desk.visit.api.dead_letters.replay(&desk.caller, *id).await {
            Ok(_) => queued += 1,
            // Somebody else was faster.
            Err(ServiceError::Rejected(Rejection::NotFound)) => {}
            Err(ServiceError::Port(failed)) if queued > 0 => {
                tracing::error!(error = %failed, "queueing several messages again stopped half way");
                unfinished = Some(StatusCode::SERVICE_UNAVAILABLE);
                break;
            }
            Err(error) => match Fault::of(&desk, error) {
                Ok(fault) => refused = Some(fault),
                // Nothing was queued yet: nothing has to be told but the failure.
                Err(problem) if queued == 0 => return Err(problem),
                Err(_) => refused = Some(Fault::whole(StatusCode::CONFLICT, desk.text().get("dead-letters-some"))),
            },
        }
    }
    let whole = |status, key: &str| Fault::whole(status, desk.text().get(key));
    let fault = match (unfinished, refused) {
        (Some(status), _) => whole(status, "dead-letters-rest"),
        (None, Some(fault)) if ids.len() > 1 && queued > 0 => whole(fault.status, "dead-letters-some"),
        (None, Some(fault)) => fault,
        (None, None) if queued > 0 => return Ok(desk.lead(&format!("{PATH}?done=replayed"))),
        (None, None) if ids.len() == 1 => whole(StatusCode::CONFLICT, "dead-letters-gone"),
        (None, None) => whole(StatusCode::CONFLICT, "dead-letters-none"),
    };
    page(&desk, &paging, Some(fault)).await
}
