use super::tag;
use crate::problem::Problem;
use crate::{
    dto::{invitation::EventAnswer, text},
    endpoint::{Endpoint, Parameter},
    extract::{
        call::{Answer, Call, ok},
        query::expects,
    },
};
use actix_web::{HttpResponse, http::Method, web::Bytes};
use chrono::{DateTime, Utc};
use futures_util::stream;
use invite_domain::{
    invitation::{Event, EventKind},
    page::{Page, PageRequest},
    port::EventFilter,
    service::ServiceError,
    time::to_micros,
};

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
        Endpoint::new(Method::GET, "/v1/events/export", "exportEvents", export)
            .about(tag::EVENTS, "Export events", "The audit trail as lines of JSON, oldest first, up to five seconds before the request: all entries that match, without paging. Where the answer breaks off, the connection ends without the last chunk. Needs `events.read`.")
            .filtered(&FILTERS)
            .streams::<EventAnswer>("The events, a line each."),
    ]
}

/// What the query asks for.
fn filter(call: &Call) -> Result<EventFilter, Problem> {
    let query = &call.query;
    let since = query.text("since")?.map(DateTime::parse_from_rfc3339).transpose();
    let since = since.map_err(|_| expects("since", "an instant like 2026-11-21T00:00:00Z"))?;
    Ok(EventFilter {
        kind: query.word("type", "a type of event", EventKind::from_name)?,
        invitation_id: query.parsed("invitation_id", "an id")?,
        actor_id: query.parsed("actor_id", "an id")?,
        since: since.map(|at| to_micros(at.with_timezone(&Utc))),
        before: None,
    })
}

async fn list(call: Call) -> Answer {
    let caller = call.caller().await?;
    let filter = filter(&call)?;
    let paging = call.paging("events", Some(caller.organization_id))?;
    let page = call.api.invitations.events(&caller, &filter, &paging.request).await?;
    ok(&call.page(&paging, page, |event| EventAnswer::from(&event)))
}

/// One event as the API writes it: a line of JSON, ended by a line feed.
pub fn event_line(event: &Event) -> String {
    let mut line = text(&EventAnswer::from(event));
    line.push('\n');
    line
}

fn lines(page: &Page<Event>) -> Bytes {
    Bytes::from(page.items.iter().map(event_line).collect::<String>())
}

/// A page is read when the one before it was taken: however long the trail is, one page is held at a time.
async fn export(call: Call) -> Answer {
    let caller = call.caller().await?;
    // The trail goes on while it is read; an export ends where it stood.
    let filter = EventFilter { before: Some(call.api.invitations.feed_end()), ..filter(&call)? };
    let request = PageRequest::first(PageRequest::MAX_LIMIT);
    // Whoever may not read is told so by a problem: the first page comes before the answer begins.
    let first = call.api.invitations.events(&caller, &filter, &request).await?;
    let (next, body) = (first.next.clone(), lines(&first));
    let rest = stream::try_unfold((call.api.clone(), next), move |(api, next)| {
        let (caller, filter) = (caller.clone(), filter.clone());
        async move {
            let Some(after) = next else { return Ok(None) };
            let request = PageRequest { after: Some(after), ..PageRequest::first(PageRequest::MAX_LIMIT) };
            let page = api.invitations.events(&caller, &filter, &request).await?;
            Ok::<_, ServiceError>(Some((lines(&page), (api, page.next))))
        }
    });
    let body = stream::once(async move { Ok(body) });
    let whole = futures_util::StreamExt::chain(body, rest);
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").streaming(whole))
}
