//! What came of it: joined, declined, or why not.

use super::{
    called, code,
    sealed::{ACCEPT, Link},
    view::{Block, Form, Mark, Page},
    visit::Visit,
    words::Words,
};
use crate::{Problem, extract::call::Answer, problem::table};
use actix_web::http::StatusCode;
use invite_domain::{
    invitation::{DeadLink, DeadReason, Rejection},
    service::{Declined, Preview, Redeemed, Secret, ServiceError},
};
use invite_text::{Arg, date_time, role_name};

/// For every link that is not genuine, in the same words (rule 5.8).
pub(super) fn unknown(visit: &Visit) -> Answer {
    unknown_page(visit).refusing(table::INVITATION_NOT_FOUND.code).send(visit)
}

fn unknown_page(visit: &Visit) -> Page {
    Page::new(StatusCode::NOT_FOUND, visit.language(&[]), "dead-unknown-title", &[])
        .marked(Mark::Trouble)
        .text("dead-unknown-text", &[])
        .text("dead-unknown-advice", &[])
}

/// A refusal, told to the holder of a link.
pub(super) struct Refused<'a> {
    pub(super) visit: &'a Visit,
    /// What was shown, where a cookie holds it.
    pub(super) link: Option<&'a Link>,
    /// The slug a code was entered under, where it was a code.
    pub(super) code_of: Option<String>,
}

impl<'a> Refused<'a> {
    /// Of what a cookie holds.
    pub(super) fn of(visit: &'a Visit, link: &'a Link) -> Self {
        let code_of = match link.secret() {
            Secret::KnownCode { organization, .. } => Some(organization),
            _ => None,
        };
        Self { visit, link: Some(link), code_of }
    }
}

impl Refused<'_> {
    /// The page for what a holder of a genuine link may hear; everything else is a problem.
    pub(super) fn page(&self, error: ServiceError) -> Result<Page, Problem> {
        let ServiceError::Rejected(rejection) = error else { return Err(error.into()) };
        let page = match &rejection {
            Rejection::NotGenuine => match &self.code_of {
                Some(slug) => code::unknown(self.visit, slug),
                None => unknown_page(self.visit),
            },
            Rejection::TooManyAttempts { possible_at } => {
                code::too_many(self.visit, self.code_of.as_deref(), *possible_at)
            }
            Rejection::Dead(dead) => self.dead(dead),
            Rejection::Suspended { organization_name: Some(name) } => self.suspended(name),
            Rejection::MembershipInactive => self.inactive(),
            _ => return Err(rejection.into()),
        };
        Ok(page.refusing(Problem::from(rejection).kind().code))
    }

    /// A page with a form that does something with what was shown.
    fn with_form(&self, page: Page, action: &str, button: &str) -> Page {
        let Some(link) = self.link else { return page };
        let csrf = link.csrf(&self.visit.api.world).unwrap_or_default();
        let button = Words::new(page.language).get(button);
        page.with(Block::Form(Form {
            to: self.visit.form_target(ACCEPT, &link.digits),
            hidden: vec![("action", action.to_owned()), ("csrf", csrf)],
            fields: Vec::new(),
            checkbox: None,
            button,
            main: true,
        }))
    }

    fn dead(&self, dead: &DeadLink) -> Page {
        let language = self.visit.language(&[dead.locale.as_deref()]);
        let since = date_time(language, dead.since, &dead.time_zone);
        let (words, since_name, mark) = match dead.reason {
            DeadReason::Superseded => {
                (["dead-superseded-title", "dead-superseded-text", "dead-superseded-advice"], "sent", Mark::Mail)
            }
            DeadReason::Expired => {
                (["dead-expired-title", "dead-expired-text", "dead-expired-advice"], "ended", Mark::Waiting)
            }
            DeadReason::Revoked => {
                (["dead-revoked-title", "dead-revoked-text", "dead-revoked-advice"], "ended", Mark::Ended)
            }
            DeadReason::Redeemed => {
                (["dead-redeemed-title", "dead-redeemed-text", "dead-redeemed-advice"], "ended", Mark::Ended)
            }
            DeadReason::Exhausted => {
                (["dead-exhausted-title", "dead-exhausted-text", "dead-exhausted-advice"], "ended", Mark::Ended)
            }
            DeadReason::Declined => {
                (["dead-declined-title", "dead-declined-text", "dead-declined-advice"], "ended", Mark::Ended)
            }
        };
        let [title, text, advice] = words;
        let name = &dead.organization_name;
        let args = [("organization", Arg::Text(name)), (since_name, Arg::Text(&since))];
        let page = Page::new(StatusCode::GONE, language, title, &[]).of(name).marked(mark).text(text, &args);
        match dead.reason {
            // The advice to ask for a new link, where asking can bring one. A code is no link, and asks for none.
            DeadReason::Superseded | DeadReason::Expired if dead.can_request_new && self.code_of.is_none() => {
                self.with_form(page.text(advice, &[]), "new-link", "button-request-link")
            }
            DeadReason::Superseded | DeadReason::Expired => page.text("dead-exhausted-advice", &[]),
            DeadReason::Redeemed => page.text(advice, &[]).leading_to_console(self.visit, false),
            DeadReason::Revoked | DeadReason::Exhausted | DeadReason::Declined => page.text(advice, &[]),
        }
    }

    fn suspended(&self, name: &str) -> Page {
        let args = [("organization", Arg::Text(name))];
        Page::new(StatusCode::CONFLICT, self.visit.language(&[]), "dead-suspended-title", &[])
            .of(name)
            .marked(Mark::Waiting)
            .text("dead-suspended-text", &args)
            .text("dead-suspended-advice", &args)
    }

    /// An administrator switched the membership off.
    fn inactive(&self) -> Page {
        Page::new(StatusCode::FORBIDDEN, self.visit.language(&[]), "inactive-title", &[])
            .marked(Mark::Waiting)
            .text("inactive-text", &[])
            .text("inactive-advice", &[])
    }

    /// The link was copied, or it was a code, and the organisation wants the mailed link. Trying has sent that already.
    pub(super) fn proof(&self, preview: &Preview) -> Page {
        let name = &preview.organization.name;
        let args = [("organization", Arg::Text(name)), ("address", Arg::Text(&preview.recipient_masked))];
        let language = self.visit.language(&[preview.locale.as_deref()]);
        let page = Page::new(StatusCode::FORBIDDEN, language, "proof-heading", &[])
            .about(&preview.organization, self.visit)
            .marked(Mark::Mail)
            .refusing(table::MAILBOX_PROOF_REQUIRED.code)
            .text("proof-text", &args)
            .text("new-link-advice", &[]);
        // A code is no link, and asks for none.
        if self.code_of.is_some() { page } else { self.with_form(page, "new-link", "button-request-link") }
    }

    /// Somebody else is signed in.
    pub(super) fn switch(&self, current: &str, recipient: &str) -> Page {
        let page = Page::new(StatusCode::FORBIDDEN, self.visit.language(&[]), "switch-heading", &[])
            .marked(Mark::Trouble)
            .refusing(table::WRONG_RECIPIENT.code);
        let page = wrong_account(page, current, recipient);
        self.with_form(page, "switch", "button-sign-out-continue")
    }
}

/// Who is signed in, and whom the invitation is for: a record of the organisation may have neither address nor number.
pub(super) fn wrong_account(page: Page, current: &str, recipient: &str) -> Page {
    let current = ("current", Arg::Text(current));
    match recipient {
        "" => page.text("switch-text-nameless", &[current]),
        _ => page.text("switch-text", &[current, ("address", Arg::Text(recipient))]),
    }
}

/// Joined.
pub(super) fn success(visit: &Visit, redeemed: &Redeemed, chosen_password: bool, signed_in: bool) -> Page {
    let organization = &redeemed.organization;
    let language = visit.language(&[redeemed.account.locale.as_deref(), organization.locale.as_deref()]);
    let name = ("organization", Arg::Text(&organization.name));
    // A session for somebody who was here before: let in again, and nothing else was changed (rule 3.3).
    if redeemed.session.is_some() && redeemed.account.created_at < redeemed.redemption.redeemed_at {
        return Page::new(StatusCode::OK, language, "signed-in-again", &[name])
            .about(organization, visit)
            .marked(Mark::Success)
            .text("success-next-close", &[])
            .leading_to_console(visit, true);
    }
    let page =
        Page::new(StatusCode::OK, language, "success-title", &[name]).about(organization, visit).marked(Mark::Success);
    let role = redeemed.member.as_ref().and_then(|member| member.role.as_ref());
    let role = role.map(|role| role_name(language, &role.name, role.system.is_some()));
    let page = match &role {
        None => page.text("success-text", &[name]),
        Some(role) => page.text("success-text-role", &[name, ("role", Arg::Text(role))]),
    };
    let page = page.heading("success-next-heading");
    let login = called(&redeemed.account);
    let address = [("address", Arg::Text(&login))];
    let has_password = redeemed.account.password.is_some();
    // A password is reset by mail.
    let can_choose = !has_password && redeemed.account.email.is_some();
    let page = match (has_password, chosen_password) {
        (false, _) if can_choose => page.text("success-next-no-password", &[]),
        (false, _) => page,
        (true, true) => page.text("success-next-new", &address),
        (true, false) => page.text("success-next-existing", &[name]),
    };
    let page = page.text("success-next-close", &[]);
    let page = if signed_in || has_password { page.leading_to_console(visit, signed_in) } else { page };
    if can_choose { page.leading_to_new_password(visit, "success-choose-password") } else { page }
}

/// Declined.
pub(super) fn declined(visit: &Visit, declined: &Declined) -> Page {
    let name = [("organization", Arg::Text(&declined.organization_name))];
    let text = if declined.blocked { "declined-text-blocked" } else { "declined-text" };
    Page::new(StatusCode::OK, visit.language(&[]), "declined-title", &[])
        .of(&declined.organization_name)
        .marked(Mark::Ended)
        .text(text, &name)
        .text("success-next-close", &[])
}
