//! The operator's groups of organisations.

use super::tag;
use crate::{
    dto::organization_group::{ChangeGroupRequest, GroupAnswer, NewGroupRequest},
    endpoint::{Access, Endpoint},
    extract::{
        call::{Answer, Call, json, nothing, ok},
        fields::Fields,
    },
    problem::table,
};
use actix_web::http::{Method, StatusCode};
use invite_domain::{
    directory::{ChangeGroup, NewGroup, OrganizationGroup},
    email::EmailAddress,
    id::OrganizationId,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (all, one) = ("/v1/organization-groups", "/v1/organization-groups/{id}");
    vec![
        Endpoint::new(Method::GET, all, "listOrganizationGroups", list)
            .about(tag::OPERATOR, "List groups", "All groups of organisations, oldest first.")
            .by(Access::Operator)
            .lists::<GroupAnswer>("A page of groups."),
        Endpoint::new(Method::POST, all, "createOrganizationGroup", create)
            .about(tag::OPERATOR, "Make a group", "Makes a group of organisations. Each administrator becomes a member with the role `admin` in each organisation where they have no place yet.")
            .by(Access::Operator)
            .takes::<NewGroupRequest>()
            .answers::<GroupAnswer>(201, "The group.")
            .refuses(&[&table::SEATS_FULL]),
        Endpoint::new(Method::GET, one, "getOrganizationGroup", get)
            .about(tag::OPERATOR, "Get a group", "One group of organisations.")
            .by(Access::Operator)
            .answers::<GroupAnswer>(200, "The group.")
            .refuses(&[&table::NOT_FOUND]),
        Endpoint::new(Method::PATCH, one, "changeOrganizationGroup", change)
            .about(tag::OPERATOR, "Change a group", "Replaces the lists that are given. Who is new becomes a member as in a new group; what the group made for an organisation or an administrator that leaves it ends, and invitations behind it are suspended.")
            .by(Access::Operator)
            .takes::<ChangeGroupRequest>()
            .answers::<GroupAnswer>(200, "The group as it is now.")
            .refuses(&[&table::NOT_FOUND, &table::SEATS_FULL, &table::LAST_OWNER]),
        Endpoint::new(Method::DELETE, one, "deleteOrganizationGroup", delete)
            .about(tag::OPERATOR, "Delete a group", "The memberships it made end. The organisations stay.")
            .by(Access::Operator)
            .answers_nothing("It is gone.")
            .refuses(&[&table::NOT_FOUND, &table::LAST_OWNER]),
    ]
}

async fn list(call: Call) -> Answer {
    let principal = call.principal().await?;
    let paging = call.paging("organization-groups", None)?;
    let page = call.api.groups.list(principal, &paging.request).await?;
    ok(&call.page(&paging, page, |record| GroupAnswer::from(&record)))
}

async fn get(call: Call) -> Answer {
    let principal = call.principal().await?;
    ok(&GroupAnswer::from(&call.api.groups.get(principal, call.id()?).await?))
}

async fn create(mut call: Call) -> Answer {
    let principal = call.principal().await?;
    let mut fields = call.body().await?.fields;
    let command = NewGroup {
        name: fields.required("name", |fields, name| fields.name(name, 200)),
        organizations: fields.present("organization_ids", organizations).unwrap_or_default(),
        administrators: fields.present("administrators", administrators).unwrap_or_default(),
    };
    fields.finish()?;
    let made = call.api.groups.create(principal, command, &call.origin()).await?;
    Ok(json(StatusCode::CREATED, &GroupAnswer::from(&made)))
}

async fn change(mut call: Call) -> Answer {
    let principal = call.principal().await?;
    let id = call.id()?;
    let mut fields = call.body().await?.fields;
    let command = ChangeGroup {
        name: fields.present("name", |fields, name| fields.name(name, 200)),
        organizations: fields.present("organization_ids", organizations),
        administrators: fields.present("administrators", administrators),
    };
    fields.finish()?;
    ok(&GroupAnswer::from(&call.api.groups.change(principal, id, command, &call.origin()).await?))
}

async fn delete(call: Call) -> Answer {
    let principal = call.principal().await?;
    call.api.groups.delete(principal, call.id()?, &call.origin()).await?;
    nothing()
}

fn organizations(fields: &mut Fields, name: &str) -> Option<Vec<OrganizationId>> {
    fields.list(name, OrganizationGroup::ORGANIZATIONS, |text| {
        let id = (text.len() == 36).then(|| text.parse().ok()).flatten();
        id.ok_or("This has to be an id: a hyphenated UUID.")
    })
}

fn administrators(fields: &mut Fields, name: &str) -> Option<Vec<EmailAddress>> {
    fields.list(name, OrganizationGroup::ADMINISTRATORS, EmailAddress::parse)
}
