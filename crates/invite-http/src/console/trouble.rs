//! What somebody signed in sees instead of the page that was asked for.

use super::{
    entry::Desk,
    frame::{Frame, Section, answer},
    proof,
};
use crate::{
    Api, Problem,
    extract::call::Answer,
    pages::Visit,
    problem::{self, table},
};
use actix_web::{HttpRequest, dev::Payload, http::StatusCode, web::Data};
use askama::Template;
use invite_domain::directory::Organization;
use invite_text::Arg;

#[derive(Template)]
#[template(path = "console/trouble.html")]
struct TroublePage {
    frame: Frame,
    text: String,
    /// The organisation the form was made for: its id and the words of the button that leads there.
    back: Option<(String, String)>,
}

/// Waits for a page. A refusal of the whole page is said among the console's own surroundings.
pub(super) async fn attended<R>(request: HttpRequest, api: Data<Api>, page: R) -> Answer
where
    R: Future<Output = Answer>,
{
    match page.await {
        Err(problem) if matches!(problem.kind.status, 403 | 404) && !problem.close => {
            refused(&request, api, problem).await
        }
        other => other,
    }
}

async fn refused(request: &HttpRequest, api: Data<Api>, problem: Problem) -> Answer {
    let visit = Visit::new(request, api, Payload::None);
    // Who has lost the way in meanwhile sees the same outside.
    let Ok(Ok(desk)) = Desk::enter(visit).await else { return Err(problem) };
    problem::log(&problem, &desk.visit.request_id());
    let (title, text) = match problem.kind.status {
        404 => ("problem-not-found-title", "console-unknown"),
        _ => ("problem-refused-title", "fault-forbidden"),
    };
    let mut frame = desk.frame(Section::of(request.path()), desk.text().get(title))?;
    frame.refuse(problem.kind);
    answer!(TroublePage { frame, text: desk.text().get(text), back: None })
}

/// A form that was made in another organisation than the one the browser is in now.
pub(super) fn switched(desk: &Desk, field: &str) -> Answer {
    let made = |own: &&Organization| proof::is_of(&desk.visit.api.world, desk.proof(), own.id, field);
    let made = desk.organizations.iter().find(made);
    let back = made.map(|own| {
        let label = desk.say("console-switched-back", &[("organization", Arg::Text(&own.name))]);
        (own.id.to_string(), label)
    });
    let section = Section::of(desk.visit.request.path());
    let mut frame = desk.frame(section, desk.text().get("console-switched-title"))?;
    frame.refuse(&table::FORBIDDEN);
    frame.status = StatusCode::CONFLICT;
    section.path().clone_into(&mut frame.here);
    let name = desk.organization().name.as_str();
    let text = desk.say("console-switched-text", &[("organization", Arg::Text(name))]);
    answer!(TroublePage { frame, text, back })
}
