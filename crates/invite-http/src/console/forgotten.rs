//! A password somebody forgot: a mail with a link to choose another one. The answer is the same for every address.

use super::{
    fault::Fault,
    frame::{Frame, answer, language},
    proof::is_strangers,
    sign_in::{outside, stale, with_cookie},
};
use crate::{Problem, extract::call::Answer, pages::Visit, problem};
use askama::Template;
use invite_domain::email::EmailAddress;
use invite_text::Text;

#[derive(Template)]
#[template(path = "console/forgotten.html")]
struct ForgottenPage {
    frame: Frame,
    email: String,
    /// Whether it was asked for.
    asked: bool,
}

fn form(visit: &Visit, email: &str, asked: bool, fault: Option<Fault>) -> Answer {
    let title = if asked { "console-forgotten-asked-title" } else { "console-forgotten-title" };
    let (frame, cookie) = outside(visit, title, fault)?;
    with_cookie(answer!(ForgottenPage { frame, email: email.to_owned(), asked })?, Some(&cookie))
}

/// The form.
pub(super) async fn show(visit: Visit) -> Answer {
    form(&visit, "", false, None)
}

/// Asks for the mail.
pub(super) async fn act(mut visit: Visit) -> Answer {
    let Some(sent) = visit.form().await? else { return visit.form_expired() };
    let email = sent.typed("email").to_owned();
    if !is_strangers(&visit, &sent) {
        return form(&visit, &email, false, Some(stale(&visit)));
    }
    if EmailAddress::parse(&email).is_err() {
        let language = language(&visit, &[]);
        let wrong = [("email", Text::new(language).get("fault-field-email"))];
        return form(&visit, &email, false, Fault::fields(language, wrong));
    }
    let (directory, id, client) = (visit.api.directory.clone(), visit.request_id(), visit.client());
    // Only an account that exists costs a mail, so the work comes after the answer, whose time then tells nothing.
    visit.api.background.begin(async move {
        if let Err(error) = directory.request_password_reset(&email, client.as_deref()).await {
            problem::log(&Problem::from(error), &id);
        }
    })?;
    form(&visit, "", true, None)
}
