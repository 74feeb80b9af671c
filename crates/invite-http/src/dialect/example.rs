//! The smallest dialect, for tests: what the guide of [`crate::dialect`] says, done.

use super::{Carrier, Dialect, Envelope, Refused, Way, numbered::Numbered};
use crate::{
    endpoint::{Access, Endpoint, Parameter},
    extract::call::{Answer, Call, json, ok},
    problem::table,
};
use actix_web::http::{Method, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

pub(crate) static DIALECT: Dialect = Dialect {
    name: "Example",
    about: "For tests.",
    prefixes: &["/api/example"],
    carriers: &[
        Carrier { id: "exampleToken", way: Way::Scheme("Token"), about: "A key." },
        Carrier { id: "exampleHeader", way: Way::Header { name: "Authentication", scheme: "Token" }, about: "A key." },
    ],
    forms: true,
    throughput: Some(|config| config.dashdoc_requests_second),
    policy: "example",
    refuse,
    error: "ExampleError",
    error_schema: || json!({ "type": "object", "description": "A refusal." }),
    endpoints,
};

/// A thing.
#[derive(Serialize, ToSchema)]
struct Thing {
    /// Its name.
    #[schema(example = "x")]
    name: String,
    /// Its rate.
    #[schema(example = 1)]
    rate: Option<i64>,
}

fn endpoints() -> Vec<Endpoint> {
    const PK: [Parameter; 1] = [Parameter { name: "pk", description: "Its number.", kind: "integer", example: "7" }];
    vec![
        Endpoint::new(Method::GET, "/api/example/things", "exampleListThings", list)
            .about(DIALECT.name, "List things", "A page.")
            .answers::<Thing>(200, "The page."),
        Endpoint::new(Method::POST, "/api/example/things", "exampleMakeThing", make)
            .about(DIALECT.name, "Make a thing", "A thing.")
            .takes::<Thing>()
            .answers::<Thing>(201, "The thing."),
        Endpoint::new(Method::GET, "/api/example/things/{pk}", "exampleGetThing", get)
            .about(DIALECT.name, "Get a thing", "A thing.")
            .in_path(const { &PK })
            .answers::<Thing>(200, "The thing.")
            .refuses(&[&table::NOT_FOUND]),
        Endpoint::new(Method::GET, "/api/example/public", "exampleSeeCode", see)
            .about(DIALECT.name, "See a code", "For anybody.")
            .by(Access::Public)
            .secret_in_query(&["code"])
            .answers::<Thing>(200, "The thing."),
    ]
}

async fn list(call: Call) -> Answer {
    call.caller().await?;
    let page = Numbered::or_first(&call.query, 20);
    let mut query = call.spoken_query();
    let sort = query.choice("sort", &[("name", 1), ("rate", 2)]);
    query.finish()?;
    let total = 50;
    ok(&json!({
        "page": page.page,
        "offset": page.offset(),
        "sort": sort,
        "next": page.next(total).map(|next| call.page_url(next)),
        "previous": page.previous().map(|previous| call.page_url(previous)),
    }))
}

async fn make(mut call: Call) -> Answer {
    call.caller().await?;
    let mut body = call.spoken_body().await?;
    let thing = Thing {
        name: body.required("name", |body, name| body.text(name, 5)),
        rate: body.integer("rate", 0..=i64::MAX),
    };
    body.finish()?;
    Ok(json(StatusCode::CREATED, &thing))
}

async fn get(call: Call) -> Answer {
    let caller = call.caller().await?;
    ok(&json!({ "pk": call.number("pk")?, "organization": caller.organization_id.to_string() }))
}

async fn see(call: Call) -> Answer {
    ok(&json!({ "long": call.query.text("code")?.is_some_and(|code| code.len() > 9) }))
}

fn refuse(refused: &Refused<'_>) -> Envelope {
    let faults: Vec<Value> =
        refused.problem.all_faults().iter().map(|faulty| json!([faulty.field, faulty.fault.code()])).collect();
    let body = json!({ "wrong": refused.kind().code, "presented": refused.presented, "faults": faults });
    Envelope { status: refused.kind().status, body, order: &[], challenge: None }
}
