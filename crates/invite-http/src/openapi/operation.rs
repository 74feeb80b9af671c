use super::{dialect, schema::Collected};
use crate::{
    endpoint::{Access, Parameter, Spec, Success},
    problem::table::{self, Kind},
};
use actix_web::http::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What the document says of one operation.
pub(super) fn describe(spec: &Spec, schemas: &mut Collected) -> Value {
    let mut operation = json!({
        "operationId": spec.id,
        "tags": [spec.tag],
        "summary": spec.summary,
        "description": spec.description,
        "parameters": parameters(spec),
        "responses": responses(spec, schemas),
        "security": security(spec),
    });
    if let Some(schema_of) = spec.request {
        let name = schema_of(if spec.dialect.is_some() { &mut schemas.lenient } else { &mut schemas.requests });
        let mut content = json!({ "application/json": { "schema": reference(&name) } });
        if spec.dialect.is_some_and(|dialect| dialect.forms) {
            content["application/x-www-form-urlencoded"] = json!({ "schema": reference(&name) });
        }
        operation["requestBody"] = json!({
            "required": !spec.body_optional,
            "description": "A JSON object of at most 64 KiB.",
            "content": content,
        });
    }
    if spec.takes_image {
        operation["requestBody"] = json!({
            "required": true,
            "description": "A PNG image of at most 48 KiB.",
            "content": { "image/png": { "schema": { "type": "string", "format": "binary" } } },
        });
    }
    operation
}

pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn security(spec: &Spec) -> Value {
    let mut ways = match spec.dialect {
        Some(dialect) => dialect::security(dialect),
        None => vec![json!({ "bearer": [] })],
    };
    match spec.access {
        Access::Public => ways.clear(),
        Access::Optional => ways.insert(0, json!({})),
        Access::Person | Access::Organization | Access::Operator => {}
    }
    Value::Array(ways)
}

fn parameters(spec: &Spec) -> Vec<Value> {
    let mut all = Vec::new();
    all.extend(spec.variables.iter().map(variable));
    if spec.path.contains("{id}") && spec.variables.is_empty() {
        all.push(json!({
            "name": "id", "in": "path", "required": true, "description": "Its id.",
            "schema": { "type": "string", "format": "uuid" }, "example": "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5",
        }));
    }
    all.extend(spec.query.iter().map(|parameter| {
        let mut described = query(parameter, spec.dialect.is_none());
        described["required"] = json!(spec.needed.contains(&parameter.name));
        described
    }));
    let mut header = |name: &str| all.push(json!({ "$ref": format!("#/components/parameters/{name}") }));
    if spec.access == Access::Organization {
        header("X-Organization-Id");
    }
    if spec.idempotent {
        header("Idempotency-Key");
    }
    if spec.conditional {
        header("If-Match");
    }
    header("X-Request-Id");
    all
}

/// The headers of requests, which the operations refer to.
pub(super) fn header_parameters() -> Map<String, Value> {
    let all = [
        (
            "X-Organization-Id",
            "Id or slug of the organisation, for callers who can act for several. A key belongs to one and ignores it.",
            "acme",
        ),
        (
            "Idempotency-Key",
            "1 to 255 visible ASCII characters. The same key and body within 24 hours give the same result, done once.",
            "5f0c5b1e-invite-ada",
        ),
        ("If-Match", "The ETag that was read; refused with 412 where it changed since.", "\"1\""),
        (
            "X-Request-Id",
            "1 to 64 letters, digits, dots, underscores and hyphens; made by the service where left out.",
            "req-1",
        ),
    ];
    let describe = |(name, description, example): (&str, &str, &str)| {
        let parameter = json!({
            "name": name, "in": "header", "required": false, "description": description,
            "schema": { "type": "string" }, "example": example,
        });
        (name.to_owned(), parameter)
    };
    all.into_iter().map(describe).collect()
}

fn variable(parameter: &Parameter) -> Value {
    let mut described = query(parameter, false);
    described["in"] = json!("path");
    described["required"] = json!(true);
    described
}

/// A native integer is the limit of a page.
fn query(parameter: &Parameter, native: bool) -> Value {
    let schema = match parameter.kind {
        "array" => json!({ "type": "array", "items": { "type": "string" } }),
        "integer" if native => json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }),
        kind => json!({ "type": kind }),
    };
    let mut described = json!({
        "name": parameter.name, "in": "query", "required": false, "description": parameter.description, "schema": schema,
    });
    match (parameter.kind, parameter.example) {
        (_, "") => {}
        ("array", text) => described["example"] = json!([text]),
        ("integer", text) => described["example"] = json!(text.parse::<i64>().unwrap_or_default()),
        ("boolean", text) => described["example"] = json!(text == "true"),
        (_, text) => described["example"] = json!(text),
    }
    described
}

fn responses(spec: &Spec, schemas: &mut Collected) -> Map<String, Value> {
    let mut all = Map::new();
    for success in &spec.successes {
        all.insert(success.status.to_string(), describe_success(spec, success, schemas));
    }
    if let Some(dialect) = spec.dialect {
        let refusals = dialect::refusals(dialect, &kinds(spec)).into_iter();
        all.extend(refusals.map(|(status, answer)| (status.to_string(), answer)));
        return all;
    }
    let mut by_status: BTreeMap<u16, Vec<&Kind>> = BTreeMap::new();
    for kind in kinds(spec) {
        by_status.entry(kind.status).or_default().push(kind);
    }
    for (status, kinds) in by_status {
        all.insert(status.to_string(), describe_problems(&kinds));
    }
    all
}

fn describe_success(spec: &Spec, success: &Success, schemas: &mut Collected) -> Value {
    let mut headers = json!({ "X-Request-Id": header("X-Request-Id") });
    if spec.is_counted() {
        headers["RateLimit-Policy"] = header("RateLimit-Policy");
        headers["RateLimit"] = header("RateLimit");
    }
    if spec.etag {
        headers["ETag"] = header("ETag");
    }
    let mut response = json!({ "description": success.description, "headers": headers });
    let Some(schema_of) = success.schema else { return response };
    let item = reference(&schema_of(&mut schemas.answers));
    let schema = if success.list { page(&item) } else { item };
    let media = if success.lines { "application/x-ndjson" } else { "application/json" };
    response["content"] = json!({ media: { "schema": schema } });
    response
}

fn page(item: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["items", "next_cursor"],
        "properties": {
            "items": { "type": "array", "description": "The rows.", "items": item },
            "next_cursor": { "type": ["string", "null"], "description": "Where the next page begins; null on the last one." },
            "total": { "type": "integer", "description": "How many rows match, where `include_total` asks for it." },
        },
    })
}

/// What an operation can refuse: what it names, and what follows from its shape.
pub(super) fn kinds(spec: &Spec) -> Vec<&'static Kind> {
    let mut kinds: Vec<&'static Kind> = spec.problems.clone();
    kinds.extend([&table::CREDENTIAL_IN_URL, &table::INTERNAL, &table::UNAVAILABLE]);
    if spec.dialect.is_none() {
        kinds.extend([&table::INVALID_QUERY, &table::NOT_ACCEPTABLE]);
    }
    if spec.is_counted() {
        kinds.push(&table::TOO_MANY_REQUESTS);
    }
    match spec.access {
        Access::Public => {}
        Access::Optional => kinds.extend([&table::UNAUTHENTICATED, &table::INVALID_HEADER]),
        Access::Person | Access::Operator => {
            kinds.extend([&table::UNAUTHENTICATED, &table::INVALID_HEADER, &table::FORBIDDEN]);
        }
        Access::Organization => kinds.extend([
            &table::UNAUTHENTICATED,
            &table::INVALID_HEADER,
            &table::FORBIDDEN,
            &table::ORGANIZATION_REQUIRED,
            &table::NOT_FOUND,
        ]),
    }
    if spec.listing {
        kinds.push(&table::INVALID_CURSOR);
    }
    let native = spec.dialect.is_none() && [Method::POST, Method::PATCH].contains(&spec.method);
    if native || spec.request.is_some() {
        kinds.extend([&table::MALFORMED_JSON, &table::UNSUPPORTED_MEDIA_TYPE, &table::INVALID_INPUT]);
    }
    if [Method::POST, Method::PUT, Method::PATCH].contains(&spec.method) {
        kinds.extend([&table::REQUEST_TIMEOUT, &table::BODY_TOO_LARGE]);
    }
    if spec.idempotent || spec.conditional {
        kinds.push(&table::INVALID_HEADER);
    }
    kinds.sort_by_key(|kind| (kind.status, kind.code));
    kinds.dedup();
    kinds
}

fn describe_problems(kinds: &[&Kind]) -> Value {
    let lines: Vec<String> = kinds.iter().map(|kind| format!("`{}`: {}.", kind.code, kind.title)).collect();
    let shown =
        |kind: &&Kind| (kind.code.to_owned(), json!({ "$ref": format!("#/components/examples/{}", kind.code) }));
    let examples: Map<String, Value> = kinds.iter().map(shown).collect();
    let mut headers = json!({ "X-Request-Id": header("X-Request-Id") });
    if kinds.iter().any(|kind| matches!(kind.status, 429 | 503)) {
        headers["Retry-After"] = header("Retry-After");
    }
    if kinds.iter().any(|kind| kind.status == 429) {
        headers["RateLimit-Policy"] = header("RateLimit-Policy");
        headers["RateLimit"] = header("RateLimit");
    }
    if kinds.iter().any(|kind| kind.status == 401) {
        headers["WWW-Authenticate"] = header("WWW-Authenticate");
    }
    json!({
        "description": lines.join("\n\n"),
        "headers": headers,
        "content": { "application/problem+json": { "schema": reference("Problem"), "examples": examples } },
    })
}

pub(super) fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// The headers of answers, which the operations refer to.
pub(super) fn headers() -> Value {
    let header = |description: &str, kind: &str, example: Value| json!({ "description": description, "schema": { "type": kind }, "example": example });
    json!({
        "X-Request-Id": header("The request's id, as in the log.", "string", json!("0190f3c2-0000-7000-8000-00000000aaaa")),
        "ETag": header("The invitation's version, for If-Match.", "string", json!("\"1\"")),
        "RateLimit-Policy": header("The limits the request was counted under: name, how many, in how many seconds.", "string", json!("\"default\";q=100;w=1")),
        "RateLimit": header("How they stand: name, how many are left, in how many seconds all are there again.", "string", json!("\"default\";r=99;t=1")),
        "Retry-After": header("Seconds until a retry may work.", "integer", json!(2)),
        "WWW-Authenticate": header("How to say who you are.", "string", json!("Bearer")),
    })
}

/// One document of every kind, which the operations refer to.
pub(super) fn examples() -> Map<String, Value> {
    let example = |kind: &&Kind| {
        let document = json!({
            "type": format!("urn:invite:problem:{}", kind.code),
            "title": kind.title,
            "status": kind.status,
            "detail": kind.detail,
            "instance": "/v1/…",
            "code": kind.code,
            "request_id": "0190f3c2-0000-7000-8000-00000000aaaa",
        });
        (kind.code.to_owned(), json!({ "summary": kind.title, "value": document }))
    };
    let of_operations = |kind: &&&Kind| ![&table::METHOD_NOT_ALLOWED, &table::ALREADY_SET_UP].contains(*kind);
    table::ALL.iter().filter(of_operations).map(example).collect()
}
