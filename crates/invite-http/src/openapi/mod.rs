//! The OpenAPI 3.1 document, put together from what stands beside every handler ([`crate::endpoint::Spec`]) and the schemas
//! utoipa makes of the wire types.

mod dialect;
mod operation;
mod schema;

use crate::{frame::documented, routes::tag};
use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, schema::Schema};

pub(crate) type Schemas = Vec<(String, RefOr<Schema>)>;

const ABOUT: &str = "Invite people into organisations. Ids are UUIDs, times are RFC 3339 in UTC, names are snake_case, unknown \
fields are refused, absent values are null. Every refusal is a document of type `application/problem+json`; decide by its `code`.";

/// The OpenAPI document as indented JSON.
pub fn openapi() -> String {
    format!("{:#}\n", document())
}

/// The OpenAPI document.
pub(crate) fn document() -> Value {
    let mut schemas = schema::Collected::default();
    let mut spoken = Vec::new();
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in documented() {
        let spec = &endpoint.spec;
        let operation = operation::describe(spec, &mut schemas);
        if let Some(dialect) = spec.dialect {
            spoken.push((dialect, operation::kinds(spec)));
        }
        let path = paths.entry(spec.path).or_insert_with(|| json!({}));
        path[spec.method.as_str().to_ascii_lowercase()] = operation;
    }
    let mut examples = operation::examples();
    examples.extend(dialect::examples(&spoken));
    let mut security = Map::new();
    let bearer = "An API key (`ivk_…`), an operator key (`ivk_…`), a session (`ivs_…`) or a JWT of an issuer the operator configured.";
    security.insert("bearer".to_owned(), json!({ "type": "http", "scheme": "bearer", "description": bearer }));
    security.extend(dialect::security_schemes());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Invite",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "servers": [{ "url": "/", "description": "This service." }],
        "tags": tags(),
        "paths": paths,
        "components": {
            "schemas": schema::all(schemas),
            "examples": examples,
            "headers": operation::headers(),
            "parameters": operation::header_parameters(),
            "securitySchemes": security,
        },
    })
}

fn tags() -> Value {
    let tags = [
        (tag::INVITATIONS, "Issue, look at, resend, change and withdraw invitations."),
        (tag::REDEMPTIONS, "The invitee's side of a link."),
        (tag::MEMBERS, "Who belongs to the organisation, and what they may do."),
        (tag::ROLES, "Named sets of permissions."),
        (tag::API_KEYS, "Credentials of programs."),
        (tag::EVENTS, "The audit trail."),
        (tag::STATISTICS, "What happened, in numbers."),
        (tag::ORGANIZATION, "The organisation's settings."),
        (tag::ACCOUNT, "Sessions, passwords, one's own account."),
        (tag::OPERATOR, "All organisations of the installation."),
        (tag::OPERATION, "For machines that watch the service."),
    ];
    let dialects = crate::dialect::ALL.iter().map(|dialect| (dialect.name, dialect.about));
    tags.into_iter()
        .chain(dialects)
        .map(|(name, description)| json!({ "name": name, "description": description }))
        .collect()
}
