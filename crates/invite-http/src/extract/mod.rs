//! Reads requests: strictly, in a fixed order, every refusal a problem.

pub(crate) mod body;
pub(crate) mod call;
pub(crate) mod client;
pub(crate) mod cursor;
pub(crate) mod fields;
pub(crate) mod header;
pub(crate) mod identity;
pub(crate) mod json;
pub(crate) mod origin;
pub(crate) mod query;
pub(crate) mod quota;
pub(crate) mod throughput;
