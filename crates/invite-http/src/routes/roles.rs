use super::tag;
use crate::{
    dto::{
        administration::RoleAnswer,
        request::{ChangeRoleRequest, NewRoleRequest},
    },
    endpoint::Endpoint,
    extract::{
        call::{Answer, Call, json, nothing, ok},
        fields::Fields,
    },
    problem::table,
};
use actix_web::http::{Method, StatusCode};
use invite_domain::{
    access::{ChangeRole, NewRole, RoleScope},
    service::RoleView,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (all, one) = ("/v1/roles", "/v1/roles/{id}");
    vec![
        Endpoint::new(Method::GET, all, "listRoles", list)
            .about(tag::ROLES, "List roles", "The organisation's roles, oldest first. Needs `roles.read`.")
            .lists::<RoleAnswer>("A page of roles."),
        Endpoint::new(Method::POST, all, "createRole", create)
            .about(tag::ROLES, "Make a role", "A role can hold what you hold yourself. Needs `roles.write`.")
            .takes::<NewRoleRequest>()
            .answers::<RoleAnswer>(201, "The role.")
            .refuses(&[&table::GRANT_EXCEEDS_AUTHORITY]),
        Endpoint::new(Method::GET, one, "getRole", get)
            .about(tag::ROLES, "Get a role", "One role. Needs `roles.read`.")
            .answers::<RoleAnswer>(200, "The role.")
            .refuses(&[&table::NOT_FOUND]),
        Endpoint::new(Method::PATCH, one, "changeRole", change)
            .about(tag::ROLES, "Change a role", "Everybody who has the role has the change at once. System roles cannot be changed. Needs `roles.write`.")
            .takes::<ChangeRoleRequest>()
            .answers::<RoleAnswer>(200, "The role as it is now.")
            .refuses(&[&table::NOT_FOUND, &table::GRANT_EXCEEDS_AUTHORITY]),
        Endpoint::new(Method::DELETE, one, "deleteRole", delete)
            .about(tag::ROLES, "Delete a role", "Only where no member and no live invitation has it. System roles cannot be deleted. Needs `roles.write`.")
            .answers_nothing("It is gone.")
            .refuses(&[&table::NOT_FOUND, &table::ROLE_IN_USE]),
    ]
}

fn document(view: &RoleView) -> RoleAnswer {
    RoleAnswer::new(&view.role, &view.permissions)
}

async fn list(call: Call) -> Answer {
    let caller = call.caller().await?;
    let paging = call.paging("roles", Some(caller.organization_id))?;
    let page = call.api.directory.roles(&caller, &paging.request).await?;
    ok(&call.page(&paging, page, |view| document(&view)))
}

async fn create(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let mut fields = call.body().await?.fields;
    let scopes = [("organization", RoleScope::Organization), ("gatego", RoleScope::Gatego)];
    let command = NewRole {
        name: fields.required("name", |fields, name| fields.name(name, 100)),
        description: fields.text("description", 0..=500),
        permissions: fields.required("permissions", Fields::permissions),
        scope: fields.word("scope", &scopes).unwrap_or_default(),
    };
    fields.finish()?;
    let view = call.api.directory.create_role(&caller, command).await?;
    Ok(json(StatusCode::CREATED, &document(&view)))
}

async fn get(call: Call) -> Answer {
    let caller = call.caller().await?;
    let view = call.api.directory.role(&caller, call.id()?).await?;
    ok(&document(&view))
}

async fn change(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let id = call.id()?;
    let mut fields = call.body().await?.fields;
    let command = ChangeRole {
        name: fields.present("name", |fields, name| fields.name(name, 100)),
        description: fields.nullable("description", |fields, name| fields.text(name, 0..=500)),
        permissions: fields.present("permissions", Fields::permissions),
        if_match: None,
    };
    fields.finish()?;
    let view = call.api.directory.change_role(&caller, id, command).await?;
    ok(&document(&view))
}

async fn delete(call: Call) -> Answer {
    let caller = call.caller().await?;
    call.api.directory.delete_role(&caller, call.id()?).await?;
    nothing()
}
