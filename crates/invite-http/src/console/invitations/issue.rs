//! Issuing: one form for one address or many, the mail to look at first, and what became of each.

use super::{
    PATH,
    addresses::{self, MOST, Wrong},
    fields::{self, Fields, Life, Typed, Wanted, only_with},
    preview::{self, Shown},
    shown::{self, Badge},
};
use crate::{
    console::{
        entry::Desk,
        fault::Fault,
        frame::{Frame, Section, answer},
        permissions::roles_to_give,
    },
    extract::{body::fingerprint, call::Answer},
    pages::{Sent, sealed},
};
use actix_web::http::StatusCode;
use askama::Template;
use invite_domain::{
    access::{Grant, Role, permission},
    email::EmailAddress,
    invitation::{Reason, Recipient, Rejection},
    service::{Idempotency, Issue, Issued, ServiceError},
    time::seconds,
};

/// How long issuing to many may take, in seconds: what is not done by then is left for another press, so that what became
/// of the others is told before the request is given up.
const BUDGET: i64 = 20;

#[derive(Template)]
#[template(path = "console/invitations_new.html")]
struct NewPage {
    frame: Frame,
    fields: Fields,
    addresses: String,
    /// What is no address, with the words for its line.
    wrong: Vec<(String, String)>,
    once: String,
    can_preview: bool,
    preview: Option<Shown>,
}

/// What became of one address.
struct Outcome {
    address: String,
    badge: Badge,
    said: String,
    href: Option<String>,
}

#[derive(Template)]
#[template(path = "console/invitations_outcome.html")]
struct OutcomePage {
    frame: Frame,
    outcomes: Vec<Outcome>,
    new_href: String,
    path: String,
    /// What was not tried, to be sent again with the same form.
    left: Vec<String>,
    left_said: String,
    once: String,
    typed: Typed,
}

/// What the form says.
struct Form {
    typed: Typed,
    addresses: String,
    once: String,
}

impl Form {
    fn of(sent: &Sent) -> Self {
        Self {
            typed: Typed::of(sent),
            addresses: sent.get("addresses").unwrap_or_default().to_owned(),
            once: sent.typed("once").to_owned(),
        }
    }
}

fn page(
    desk: &Desk,
    form: Form,
    roles: &[Role],
    fault: Option<Fault>,
    wrong: Vec<Wrong>,
    preview: Option<Shown>,
) -> Answer {
    let life = Life::of(desk, None);
    let days = (life.hint(desk, "invitation-days-hint"), life.days());
    let new = NewPage {
        fields: Fields::new(desk, &form.typed, roles, None, days),
        frame: desk.frame(Section::Invitations, desk.text().get("invitations-new-title"))?.with_fault(fault),
        addresses: form.addresses,
        wrong: wrong.into_iter().map(|it| (shown::count(desk, "invitations-line", it.line), it.text)).collect(),
        once: form.once,
        can_preview: preview::is_possible(desk),
        preview,
    };
    preview::framing(answer!(new)?)
}

/// The form.
pub(super) async fn show(desk: Desk) -> Answer {
    only_with(&desk, permission::INVITATIONS_ISSUE)?;
    let roles = roles_to_give(&desk).await?;
    let days = Life::of(&desk, None).usual_days();
    let typed = Typed { role: fields::usual_role(&roles), days, ..Typed::default() };
    let form = Form { typed, addresses: String::new(), once: fields::once(&desk) };
    page(&desk, form, &roles, None, Vec::new(), None)
}

/// Shows the mail, or issues.
pub(super) async fn act(desk: Desk, sent: Sent) -> Answer {
    only_with(&desk, permission::INVITATIONS_ISSUE)?;
    let form = Form::of(&sent);
    let roles = roles_to_give(&desk).await?;
    let looking = sent.typed("action") == "preview";
    let pasted = addresses::read(&form.addresses);
    let (wanted, mut wrong) = match form.typed.read(&desk, Life::of(&desk, None)) {
        Ok(wanted) => (Some(wanted), Vec::new()),
        Err(wrong) => (None, wrong),
    };
    // A mail can be looked at before anybody is named.
    if let Some(said) = fault_of(&desk, &pasted, looking) {
        wrong.push(("addresses", said));
    }
    let (Some(wanted), true) = (wanted, wrong.is_empty()) else {
        let fault = Fault::fields(desk.language, wrong);
        return page(&desk, form, &roles, fault, pasted.wrong, None);
    };
    if looking {
        let somebody = EmailAddress::parse("name@example.org").ok();
        let to = pasted.addresses.into_iter().next().or(somebody);
        let shown = match to {
            Some(to) => preview::of(&desk, &form.typed, &wanted, &to, &roles).await?,
            None => None,
        };
        return page(&desk, form, &roles, None, Vec::new(), shown);
    }
    issue_all(&desk, form, &wanted, &roles, pasted.addresses).await
}

/// What is wrong with what was pasted, as a whole.
fn fault_of(desk: &Desk, pasted: &addresses::Pasted, looking: bool) -> Option<String> {
    if !pasted.wrong.is_empty() {
        return Some(shown::count(desk, "invitations-addresses-wrong", pasted.wrong.len()));
    }
    if pasted.addresses.len() > MOST {
        return Some(shown::count(desk, "invitations-addresses-many", MOST));
    }
    (pasted.addresses.is_empty() && !looking).then(|| desk.text().get("fault-field-required"))
}

async fn issue_all(desk: &Desk, form: Form, wanted: &Wanted, roles: &[Role], addresses: Vec<EmailAddress>) -> Answer {
    let mut outcomes = Vec::new();
    let alone = addresses.len() == 1;
    let mut addresses = addresses.into_iter();
    let mut left = Vec::new();
    let (mut status, mut left_key) = (StatusCode::OK, "outcome-left-time");
    let clock = &desk.visit.api.world.clock;
    let end = clock.now() + seconds(BUDGET);
    for address in addresses.by_ref() {
        let name = address.as_str().to_owned();
        if clock.now() >= end {
            left.push(name);
            break;
        }
        match issue(desk, &form, wanted, address).await {
            Ok(issued) if alone && !is_blocked(&issued) => {
                let id = issued.record.invitation.id;
                return Ok(desk.lead(&format!("{PATH}/{id}?done=invitation-issued")));
            }
            Ok(issued) => outcomes.push(succeeded(desk, name, &issued)),
            // What is wrong with the whole form is said at the form.
            Err(ServiceError::Rejected(rejection)) if outcomes.is_empty() && !is_about_one(&rejection) => {
                let fault = Fault::of(desk, rejection.into())?;
                return page(desk, form, roles, Some(fault), Vec::new(), None);
            }
            Err(ServiceError::Rejected(rejection)) => outcomes.push(refused(desk, name, rejection)),
            // Nothing was issued yet: nothing has to be told but the failure.
            Err(failed) if outcomes.is_empty() => return Err(failed.into()),
            Err(failed) => {
                tracing::error!(error = %failed, "issuing several invitations stopped half way");
                (status, left_key) = (StatusCode::SERVICE_UNAVAILABLE, "outcome-left");
                left.push(name);
                break;
            }
        }
    }
    left.extend(addresses.map(|address| address.as_str().to_owned()));
    let mut frame = desk.frame(Section::Invitations, desk.text().get("invitations-outcome-title"))?;
    frame.status = status;
    answer!(OutcomePage {
        frame,
        outcomes,
        new_href: desk.href("/console/invitations/new"),
        path: desk.href(PATH),
        left_said: shown::count(desk, left_key, left.len()),
        left,
        once: form.once,
        typed: form.typed,
    })
}

async fn issue(desk: &Desk, form: &Form, wanted: &Wanted, address: EmailAddress) -> Result<Issued, ServiceError> {
    let idempotency = once(desk, form, &address)?;
    let grant = Grant {
        role_id: wanted.role_id,
        permissions: form.typed.permissions.clone(),
        default_rate: None,
        metadata: None,
    };
    let command = Issue {
        expires_in: wanted.expires_in,
        locale: wanted.locale.clone(),
        message: wanted.message.clone(),
        ..Issue::new(Recipient::Email(address), grant)
    };
    desk.visit.api.invitations.issue(&desk.caller, command, idempotency).await
}

/// The idempotency key of issuing what this showing of the form says to one address: sent twice, the same invitation is
/// answered. Said otherwise, it is another request.
fn once(desk: &Desk, form: &Form, address: &EmailAddress) -> Result<Option<Idempotency>, ServiceError> {
    if form.once.is_empty() {
        return Ok(None);
    }
    let typed = &form.typed;
    let permissions: Vec<&str> = typed.permissions.names().collect();
    let said =
        serde_json::json!([form.once, address.key(), typed.role, permissions, typed.days, typed.locale, typed.message]);
    let said = said.to_string();
    let visit = &desk.visit;
    let key = sealed::digest_of(&said);
    let failed = |_| ServiceError::Port(invite_domain::port::PortError::other("the key ring has no usable key"));
    fingerprint(&visit.api.world, &visit.request, key, said.as_bytes()).map(Some).map_err(failed)
}

/// Whether a refusal is about the one address, so that the others are to be tried.
fn is_about_one(rejection: &Rejection) -> bool {
    matches!(
        rejection,
        Rejection::AlreadyInvited { .. } | Rejection::AlreadyMember { .. } | Rejection::TooManyMessages { .. }
    )
}

fn is_blocked(issued: &Issued) -> bool {
    issued.record.deliveries.iter().any(|delivery| delivery.reason == Some(Reason::RecipientBlocked))
}

fn outcome(desk: &Desk, address: String, key: &str, tint: &'static str, href: Option<String>) -> Outcome {
    let text = desk.text();
    let badge = Badge { word: text.get(key), tint };
    Outcome { address, badge, said: text.get(&format!("{key}-text")), href }
}

fn succeeded(desk: &Desk, address: String, issued: &Issued) -> Outcome {
    let href = Some(desk.href(&format!("{PATH}/{}", issued.record.invitation.id)));
    if is_blocked(issued) {
        return outcome(desk, address, "outcome-blocked", "warn", href);
    }
    outcome(desk, address, "outcome-issued", "good", href)
}

fn refused(desk: &Desk, address: String, rejection: Rejection) -> Outcome {
    match rejection {
        Rejection::AlreadyInvited { invitation_id } => {
            let href = Some(desk.href(&format!("{PATH}/{invitation_id}")));
            outcome(desk, address, "outcome-invited", "info", href)
        }
        Rejection::AlreadyMember { switched_off: false } => outcome(desk, address, "outcome-member", "info", None),
        other => {
            let plain = outcome(desk, address, "outcome-refused", "bad", None);
            // One without words of its own is told all the same: the others were issued.
            match Fault::of(desk, other.into()) {
                Ok(fault) => Outcome { said: fault.sentence, ..plain },
                Err(_) => plain,
            }
        }
    }
}
