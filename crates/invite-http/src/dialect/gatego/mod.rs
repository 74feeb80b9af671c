//! Gatego: how an invited account is made, and signing in.
//!
//! Its `code` is the token of a mailed link, or the short code of an invitation. Carriers and yards are numbers nobody here
//! looks into: they travel from the invitation to the membership as metadata ([`target`]).

mod accept;
mod account;
mod details;
mod envelope;
mod invites;
mod request;
mod role;
mod scope;
mod sessions;
mod target;

use super::{Carrier, Dialect, Way};
use crate::{
    endpoint::{Endpoint, Parameter},
    problem::table::{self, Kind},
};

pub(crate) static DIALECT: Dialect = Dialect {
    name: "Gatego",
    about: "The invited accounts of the Gatego API.",
    prefixes: &["/api/public", "/api/account", "/auth"],
    carriers: &[Carrier { id: "gategoBearer", way: Way::Scheme("Bearer"), about: "A session or an API key." }],
    forms: false,
    throughput: None,
    policy: "gatego",
    refuse: envelope::refuse,
    error: "GategoError",
    error_schema: envelope::schema,
    endpoints,
};

/// Under this name our metadata and profiles keep what is Gatego's.
const OWN: &str = "gatego";

/// How a code may be no good.
const DEAD: [&Kind; 10] = [
    &table::INVITATION_NOT_FOUND,
    &table::CODE_MISTYPED,
    &table::SUSPENDED,
    &table::SUPERSEDED,
    &table::EXPIRED,
    &table::REVOKED,
    &table::REDEEMED,
    &table::DECLINED,
    &table::EXHAUSTED,
    &table::TOO_MANY_ATTEMPTS,
];

/// Where a short code was given out.
const ORGANIZATION: Parameter = Parameter {
    name: "organization_id",
    description: "The organisation of a short code, by id, number or slug; a header can name it too. A token names its own, whatever this says.",
    kind: "string",
    example: "acme",
};

fn endpoints() -> Vec<Endpoint> {
    let all = [accept::endpoints(), invites::endpoints(), sessions::endpoints()];
    all.into_iter().flatten().collect()
}
