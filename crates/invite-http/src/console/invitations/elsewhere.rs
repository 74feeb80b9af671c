//! The link of a notice leads to an invitation, whichever organisation its reader is at: where it belongs to another of the
//! reader's own, that one is offered.

use crate::{
    Problem,
    console::{
        entry::Desk,
        frame::{Frame, Section, answer},
    },
    extract::call::Answer,
    problem::table,
};
use actix_web::http::StatusCode;
use askama::Template;
use invite_domain::{id::InvitationId, service::Caller};

/// The most organisations that are looked into.
const MOST: usize = 20;

#[derive(Template)]
#[template(path = "console/invitations_elsewhere.html")]
struct ElsewherePage {
    frame: Frame,
    organization: String,
    name: String,
    next: String,
}

/// The page that offers the organisation an invitation belongs to, where the reader sees it there; else it is unknown.
pub(super) async fn or_unknown(desk: &Desk, id: InvitationId) -> Answer {
    let others = desk.organizations.iter().filter(|own| own.id != desk.organization().id).take(MOST);
    for other in others {
        let caller = Caller { organization_id: other.id, ..desk.caller.clone() };
        // Whatever keeps the reader from seeing it there, here it is unknown.
        if desk.visit.api.invitations.get(&caller, id).await.is_ok() {
            let mut frame = desk.frame(Section::Invitations, desk.text().get("invitation-elsewhere-title"))?;
            frame.status = StatusCode::NOT_FOUND;
            return answer!(ElsewherePage {
                frame,
                organization: other.id.to_string(),
                name: other.name.clone(),
                next: format!("{}/{id}", super::PATH),
            });
        }
    }
    Err(Problem::new(&table::NOT_FOUND))
}
