//! The organisation a request is about, and what opens an invitation.

use crate::{
    extract::{call::Call, header, quota},
    problem::Problem,
};
use invite_domain::{
    directory::Organization,
    service::{Caller, Secret},
};

/// How the token of a mailed link begins.
const TOKEN: &str = "inv_";

/// What names the effective organisation: `X-Organization-Id`, or the header the operator configured beside it.
pub(super) fn named(call: &Call) -> Result<Option<&str>, Problem> {
    let ours = header::single(&call.request, "X-Organization-Id")?;
    match (&call.api.config.organization_header, ours) {
        (Some(other), None) => header::single(&call.request, other),
        (_, ours) => Ok(ours),
    }
}

/// Who calls, and for which organisation.
pub(super) async fn caller(call: &Call) -> Result<(Caller, Organization), Problem> {
    let who = call.authenticated().await?;
    let organization = call.api.directory.effective_organization(&who, named(call)?).await?;
    quota::of_organization(&call.request, &organization.limits);
    Ok((Caller { principal: who.principal(), organization_id: organization.id, origin: call.origin() }, organization))
}

/// What a `code` is. A token knows its organisation, so nothing else is looked at then; a short code is of the organisation
/// the query or else the header names, and of none where nobody says.
pub(super) fn secret(call: &Call, code: &str) -> Result<Secret, Problem> {
    let code = code.trim();
    if code.starts_with(TOKEN) {
        return Ok(Secret::Token(code.to_owned()));
    }
    let organization = match call.query.text("organization_id")? {
        Some(organization) => Some(organization),
        None => named(call)?,
    };
    Ok(Secret::Code { organization: organization.unwrap_or_default().trim().to_owned(), code: code.to_owned() })
}
