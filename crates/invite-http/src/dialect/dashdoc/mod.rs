//! Dashdoc API v4: companies, contacts and truckers, and how they are invited.

mod bodies;
mod common;
mod companies;
mod company;
mod contact;
mod contacts;
mod envelope;
mod fields;
mod schema;
mod trucker;
mod truckers;

use super::{Carrier, Dialect, Way};
use crate::endpoint::Endpoint;

pub(crate) static DIALECT: Dialect = Dialect {
    name: "Dashdoc",
    about: "The companies, contacts and truckers of the Dashdoc API v4.",
    prefixes: &["/api/v4"],
    carriers: &[
        Carrier { id: "dashdocToken", way: Way::Scheme("Token"), about: "`Token` and an API key, or a session." },
        Carrier {
            id: "dashdocAuthentication",
            way: Way::Header { name: "Authentication", scheme: "Token" },
            about: "The same key as the request samples print it, with or without `Token`.",
        },
    ],
    forms: false,
    throughput: Some(|config| config.dashdoc_requests_second),
    policy: "dashdoc",
    refuse: envelope::refuse,
    error: "DashdocError",
    error_schema: envelope::schema,
    endpoints,
};

fn endpoints() -> Vec<Endpoint> {
    [companies::endpoints(), contacts::endpoints(), truckers::endpoints()].into_iter().flatten().collect()
}
