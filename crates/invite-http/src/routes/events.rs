use super::tag;
use crate::{
    dto::{invitation::EventAnswer, value},
    endpoint::{Endpoint, Parameter},
    extract::{
        call::{Answer, Call, ok},
        query::expects,
    },
};
use actix_web::http::Method;
use chrono::{DateTime, Utc};
use invite_domain::{invitation::EventKind, port::EventFilter, time::to_micros};

const FILTERS: [Parameter; 4] = [
    Parameter {
        name: "type",
        description: "Only of this type, like `invitation.issued`.",
        kind: "string",
        example: "invitation.issued",
    },
    Parameter {
        name: "invitation_id",
        description: "Only of this invitation.",
        kind: "string",
        example: "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5",
    },
    Parameter {
        name: "actor_id",
        description: "Only by this actor.",
        kind: "string",
        example: "0190f3c2-0000-7000-8000-0000000000e1",
    },
    Parameter {
        name: "since",
        description: "Only recorded then or later (RFC 3339).",
        kind: "string",
        example: "2026-11-21T00:00:00Z",
    },
];

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, "/v1/events", "listEvents", list)
            .about(tag::EVENTS, "List events", "The audit trail, oldest first, up to five seconds ago, so that a cursor never skips an entry. Needs `events.read`.")
            .filtered(&FILTERS)
            .lists::<EventAnswer>("A page of events."),
    ]
}

async fn list(call: Call) -> Answer {
    let caller = call.caller().await?;
    let query = &call.query;
    let since = query.text("since")?.map(DateTime::parse_from_rfc3339).transpose();
    let since = since.map_err(|_| expects("since", "an instant like 2026-11-21T00:00:00Z"))?;
    let filter = EventFilter {
        kind: query.word("type", "a type of event", EventKind::from_name)?,
        invitation_id: query.parsed("invitation_id", "an id")?,
        actor_id: query.parsed("actor_id", "an id")?,
        since: since.map(|at| to_micros(at.with_timezone(&Utc))),
        before: None,
    };
    let paging = call.paging("events", Some(caller.organization_id))?;
    let page = call.api.invitations.events(&caller, &filter, &paging.request).await?;
    ok(&call.page(&paging, page, |event| value(&EventAnswer::from(&event))))
}
