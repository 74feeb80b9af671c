//! Erasing people.

use super::tag;
use crate::{
    dto::{erasure::ErasedAnswer, request::ErasureRequest},
    endpoint::{Access, Endpoint},
    extract::{
        call::{Answer, Call, ok},
        fields::Fields,
    },
    problem::{Problem, table},
};
use actix_web::http::Method;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, "/v1/erasures", "erasePerson", erase)
            .about(tag::OPERATOR, "Erase a person", "Takes the person behind an address out of every organisation and table, at once or not at all: account, memberships, keys, invitations, records. The audit trail keeps its entries, without names and addresses. Asked again, it finds nothing.")
            .by(Access::Operator)
            .takes::<ErasureRequest>()
            .answers::<ErasedAnswer>(200, "What was erased.")
            .refuses(&[&table::LAST_OWNER]),
    ]
}

async fn erase(mut call: Call) -> Answer {
    let principal = call.principal().await?;
    let mut fields = call.body().await?.fields;
    let email = fields.must("email", Fields::address);
    fields.finish()?;
    // Whatever kept it from being read was an error, so there is one here.
    let email = email.ok_or_else(|| Problem::new(&table::INVALID_INPUT))?;
    let erased = call.api.erasure.erase(principal, &email, &call.origin()).await?;
    ok(&ErasedAnswer::from(&erased))
}
