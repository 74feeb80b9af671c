//! One's own account: name, password, address, sessions.

use super::{
    entry::Desk,
    fault::Fault,
    frame::{Frame, Section, answer},
    sign_in::with_cookie,
};
use crate::{Problem, extract::call::Answer, pages::Sent, problem::table};
use actix_web::http::StatusCode;
use askama::Template;
use invite_domain::{
    directory::{Account, Password},
    invitation::Rejection,
    service::{ChangeMe, ServiceError},
};

#[derive(Template)]
#[template(path = "console/account.html")]
struct AccountPage {
    frame: Frame,
    /// `None` for a key, which is nobody's account.
    account: Option<Shown>,
    /// What was typed, where it was refused.
    new_address: String,
}

struct Shown {
    name: String,
    email: String,
    verified: bool,
    /// The fewest characters of a password.
    minimum: i64,
}

fn shown(account: &Account, typed_name: Option<&str>) -> Shown {
    Shown {
        name: typed_name.map_or_else(|| account.name.clone().unwrap_or_default(), str::to_owned),
        email: account.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
        verified: account.email_verified,
        minimum: i64::try_from(Password::MIN_CHARACTERS).unwrap_or(i64::MAX),
    }
}

fn page(desk: &Desk, typed: Option<&Sent>, fault: Option<Fault>) -> Answer {
    let title = desk.text().get("console-account-title");
    let frame = desk.frame(Section::Account, title)?.with_fault(fault);
    let account = desk.person().map(|(account, _)| shown(account, typed.and_then(|sent| sent.get("name"))));
    let new_address = typed.map(|sent| sent.typed("email").to_owned()).unwrap_or_default();
    answer!(AccountPage { frame, account, new_address })
}

/// The page.
pub(super) async fn show(desk: Desk) -> Answer {
    page(&desk, None, None)
}

/// Changes what its form says.
pub(super) async fn act(desk: Desk, sent: Sent) -> Answer {
    let Some((_, session)) = desk.person() else { return Err(Problem::new(&table::FORBIDDEN)) };
    let current = |field: &str| Some(Password::typed(sent.get(field).unwrap_or_default()));
    let directory = &desk.visit.api.directory;
    let (proof, done, command) = match sent.typed("action") {
        "name" => {
            let name = sent.typed("name");
            let name = (!name.is_empty()).then(|| name.to_owned());
            ("", "saved", ChangeMe { name: Some(name), ..ChangeMe::default() })
        }
        "password" => {
            let password = sent.get("password").unwrap_or_default();
            if sent.get("password_repeat") != Some(password) {
                let wrong = [("password_repeat", desk.text().get("error-password-differs"))];
                return page(&desk, Some(&sent), Fault::fields(desk.language, wrong));
            }
            let command = ChangeMe {
                password: Some(Password::typed(password)),
                current_password: current("current_password"),
                client: desk.client(),
                ..ChangeMe::default()
            };
            ("current_password", "password", command)
        }
        "email" => {
            let command = ChangeMe {
                email: Some(sent.typed("email").to_owned()),
                current_password: current("address_password"),
                client: desk.client(),
                ..ChangeMe::default()
            };
            ("address_password", "address-asked", command)
        }
        "sessions" => {
            if let Err(error) = directory.sign_out_everywhere(session).await {
                let fault = Fault::of(&desk, error)?;
                return page(&desk, Some(&sent), Some(fault));
            }
            let answer = desk.lead("/console/sign-in?done=signed-out-everywhere");
            return with_cookie(answer, Some(&desk.visit.no_session_cookie()));
        }
        _ => return desk.visit.form_expired(),
    };
    match directory.change_me_anew(session, command).await {
        Ok(renewed) => {
            // The cookie of before is worth nothing any more, wherever somebody has copied it to.
            let cookie = renewed.map(|(text, session)| desk.visit.session_cookie(&text, &session));
            with_cookie(desk.lead(&format!("/console/account?done={done}")), cookie.as_ref())
        }
        // Who is signed in has mistyped one field: which account it is, is known.
        Err(ServiceError::Rejected(Rejection::BadCredentials)) if !proof.is_empty() => {
            let wrong = [(proof, desk.text().get("error-password-wrong"))];
            let fault = Fault::fields(desk.language, wrong);
            page(&desk, Some(&sent), fault.map(|fault| Fault { status: StatusCode::UNAUTHORIZED, ..fault }))
        }
        Err(error) => {
            let fault = Fault::of(&desk, error)?;
            page(&desk, Some(&sent), Some(fault))
        }
    }
}
