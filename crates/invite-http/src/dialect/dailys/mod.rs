//! Dailys API v1: the invites of an organisation, and its roles.

mod envelope;
mod invites;
mod list;
mod names;
mod organisation;
mod roles;
mod wire;

use super::{Carrier, Dialect, Way};
use crate::endpoint::Endpoint;

pub(crate) static DIALECT: Dialect = Dialect {
    name: "Dailys",
    about: "The invites of the Dailys API v1, and the roles they give. 401 is somebody known who may not, 403 nobody known.",
    prefixes: &["/api/v1"],
    carriers: &[Carrier { id: "dailysBearer", way: Way::Scheme("Bearer"), about: "An API key or a session." }],
    forms: true,
    throughput: None,
    policy: "dailys",
    refuse: envelope::refuse,
    error: "DailysError",
    error_schema: envelope::schema,
    endpoints,
};

fn endpoints() -> Vec<Endpoint> {
    invites::endpoints().into_iter().chain(roles::endpoints()).collect()
}
