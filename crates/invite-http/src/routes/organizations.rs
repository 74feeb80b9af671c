//! The operator's organisations.

use super::tag;
use crate::{
    dto::{
        organization::{CreatedOrganizationAnswer, OrganizationAnswer},
        request::NewOrganizationRequest,
    },
    endpoint::{Access, Endpoint, Parameter},
    extract::{
        call::{Answer, Call, json, nothing, ok},
        fields::Fields,
    },
    problem::{Problem, table},
};
use actix_web::http::{Method, StatusCode};
use invite_domain::directory::NewOrganization;

const DELETED: [Parameter; 1] = [Parameter {
    name: "deleted",
    description: "Whether to list the deleted ones instead.",
    kind: "boolean",
    example: "false",
}];

pub(super) fn endpoints() -> Vec<Endpoint> {
    let all = "/v1/organizations";
    vec![
        Endpoint::new(Method::GET, all, "listOrganizations", list)
            .about(tag::OPERATOR, "List organisations", "All organisations of the installation that are not deleted, oldest first; with `deleted=true` those that are and can still be restored or are not gone yet.")
            .by(Access::Operator)
            .filtered(&DELETED)
            .lists::<OrganizationAnswer>("A page of organisations."),
        Endpoint::new(Method::POST, all, "createOrganization", create)
            .about(tag::OPERATOR, "Make an organisation", "Makes it with its system roles, an owner, a first API key and the owner's link, which are in this answer only.")
            .by(Access::Operator)
            .takes::<NewOrganizationRequest>()
            .answers::<CreatedOrganizationAnswer>(201, "The organisation, with its secrets."),
        Endpoint::new(Method::DELETE, "/v1/organizations/{id}", "deleteOrganization", delete)
            .about(tag::OPERATOR, "Delete an organisation", "All its secrets are dead at once. It can be restored for 30 days.")
            .by(Access::Operator)
            .answers_nothing("It is deleted.")
            .refuses(&[&table::NOT_FOUND]),
        Endpoint::new(Method::POST, "/v1/organizations/{id}/restore", "restoreOrganization", restore)
            .about(tag::OPERATOR, "Restore an organisation", "Within 30 days of its deletion: members, keys and invitations count again as they did; what has expired meanwhile stays expired.")
            .by(Access::Operator)
            .answers::<OrganizationAnswer>(200, "The organisation, which is not deleted any more.")
            .refuses(&[&table::NOT_FOUND]),
    ]
}

async fn list(call: Call) -> Answer {
    let principal = call.principal().await?;
    let deleted = call.query.parsed("deleted", "true or false")?.unwrap_or(false);
    let paging = call.paging(if deleted { "deleted-organizations" } else { "organizations" }, None)?;
    let page = if deleted {
        call.api.directory.deleted_organizations(principal, &paging.request).await?
    } else {
        call.api.directory.organizations(principal, &paging.request).await?
    };
    ok(&call.page(&paging, page, |organization| OrganizationAnswer::new(&organization, &call.api.config)))
}

async fn create(mut call: Call) -> Answer {
    let principal = call.principal().await?;
    let mut fields = call.body().await?.fields;
    let name = fields.required("name", |fields, name| fields.name(name, 200));
    let slug = fields.slug("slug");
    let owner_email = fields.must("owner_email", Fields::address);
    let locale = fields.locale("locale");
    fields.finish()?;
    // Whatever kept it from being read was an error, so there is one here.
    let owner_email = owner_email.ok_or_else(|| Problem::new(&table::INVALID_INPUT))?;
    let command = NewOrganization { name, slug, owner_email, locale };
    let created = call.api.directory.create_organization(principal, command, &call.origin()).await?;
    let link = created.owner_link.as_ref().map(|token| call.api.config.account_link(token.expose()));
    let answer = CreatedOrganizationAnswer {
        organization: OrganizationAnswer::new(&created.organization, &call.api.config),
        api_key: created.api_key.expose().to_owned(),
        owner_link: link,
    };
    Ok(json(StatusCode::CREATED, &answer))
}

async fn delete(call: Call) -> Answer {
    let principal = call.principal().await?;
    call.api.directory.delete_organization(principal, call.id()?, &call.origin()).await?;
    nothing()
}

async fn restore(call: Call) -> Answer {
    let principal = call.principal().await?;
    let restored = call.api.directory.restore_organization(principal, call.id()?, &call.origin()).await?;
    ok(&OrganizationAnswer::new(&restored, &call.api.config))
}
