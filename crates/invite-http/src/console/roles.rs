//! Roles: named sets of permissions, those of every organisation and those of this one.

use super::{
    entry::Desk,
    fault::Fault,
    frame::{Frame, Section, answer},
    permissions::{self, Group, role_label},
    stale::is_stale,
};
use crate::{extract::call::Answer, pages::Sent};
use askama::Template;
use invite_domain::{
    access::{ChangeRole, NewRole, PermissionSet, Role, RoleScope, SystemRole, permission},
    id::RoleId,
    invitation::{FieldCode, Rejection},
    service::{RoleView, ServiceError},
};

const PATH: &str = "/console/roles";

#[derive(Template)]
#[template(path = "console/roles.html")]
struct RolesPage {
    frame: Frame,
    rows: Vec<Row>,
    may_add: bool,
    next: Option<String>,
    first: Option<String>,
}

struct Row {
    href: String,
    name: String,
    description: String,
    system: bool,
    permissions: String,
}

#[derive(Template)]
#[template(path = "console/role.html")]
struct RolePage {
    frame: Frame,
    /// Where the form leads.
    href: String,
    /// `None` for one that is to be made.
    role: Option<Row>,
    /// Which the form was made for.
    version: i64,
    /// Why it cannot be changed, where it cannot.
    shut: Option<String>,
    typed_name: String,
    description: String,
    groups: Vec<Group>,
    listed: Vec<Group>,
    may_name_any: bool,
    more: String,
}

/// What was typed into the form.
struct Typed {
    /// Of the role the form was made for; 0 for a new one.
    version: i64,
    name: String,
    description: String,
    permissions: PermissionSet,
    more: String,
}

impl Typed {
    fn of(role: &Role) -> Self {
        Self {
            version: role.version,
            name: role.name.clone(),
            description: role.description.clone().unwrap_or_default(),
            permissions: role.permissions.clone(),
            more: String::new(),
        }
    }

    fn sent(sent: &Sent, version: i64) -> Self {
        Self {
            version,
            name: sent.typed("name").to_owned(),
            description: description(sent),
            permissions: permissions::readable(sent),
            more: sent.typed("more").to_owned(),
        }
    }

    fn nothing() -> Self {
        let (name, description, more) = (String::new(), String::new(), String::new());
        Self { version: 0, name, description, permissions: PermissionSet::new(), more }
    }
}

/// Browsers send every line of a text with CR and LF; a description has LF alone.
fn description(sent: &Sent) -> String {
    sent.typed("description").replace("\r\n", "\n")
}

/// What a role is for: a system role's words are the reader's, any other's the organisation's own.
fn described(desk: &Desk, role: &Role) -> String {
    let key = match role.system {
        Some(SystemRole::Owner) => "role-about-owner",
        Some(SystemRole::Admin) => "role-about-admin",
        Some(SystemRole::Member) => "role-about-member",
        Some(SystemRole::Guest) => "role-about-guest",
        Some(SystemRole::Gatego(_)) | None => return role.description.clone().unwrap_or_default(),
    };
    desk.text().get(key)
}

fn row(desk: &Desk, view: &RoleView) -> Row {
    let count = i64::try_from(view.permissions.len()).unwrap_or(i64::MAX);
    let counted = desk.say("roles-permissions", &[("count", invite_text::Arg::Number(count))]);
    let everything = view.role.system == Some(SystemRole::Owner);
    Row {
        href: desk.href(&format!("{PATH}/{}", view.role.id)),
        name: role_label(desk, &view.role),
        description: described(desk, &view.role),
        system: view.role.system.is_some(),
        permissions: if everything { desk.text().get("roles-everything") } else { counted },
    }
}

/// The list.
pub(super) async fn list(desk: Desk) -> Answer {
    let paging = desk.paging("roles", &[])?;
    let page = desk.visit.api.directory.roles(&desk.caller, &paging.request).await?;
    let next = desk.next_page(PATH, &paging, page.next.as_ref());
    let first = desk.first_page(PATH, &paging);
    let rows = page.items.iter().map(|view| row(&desk, view)).collect();
    let frame = desk.frame(Section::Roles, desk.text().get("roles-title"))?;
    answer!(RolesPage { frame, rows, may_add: desk.may(permission::ROLES_WRITE), next, first })
}

fn page(desk: &Desk, view: Option<&RoleView>, typed: Typed, fault: Option<Fault>) -> Answer {
    let shut = view.and_then(|view| {
        let key = match () {
            () if view.role.system.is_some() => "fault-system-role",
            () if !desk.may(permission::ROLES_WRITE) => "fault-forbidden",
            () if !desk.place.held.covers(&view.role.held()) => "roles-above",
            () => return None,
        };
        Some(desk.text().get(key))
    });
    let title = view.map_or_else(|| desk.text().get("roles-new"), |view| role_label(desk, &view.role));
    let frame = desk.frame(Section::Roles, title)?.with_fault(fault);
    let role = view.map(|view| row(desk, view));
    answer!(RolePage {
        frame,
        href: role.as_ref().map_or_else(|| desk.href(&format!("{PATH}/new")), |role| role.href.clone()),
        groups: permissions::groups(desk, &desk.place.held, &typed.permissions),
        listed: view.map_or_else(Vec::new, |view| permissions::listed(desk, &view.permissions)),
        may_name_any: permissions::may_name_any(desk),
        role,
        version: typed.version,
        shut,
        typed_name: typed.name,
        description: typed.description,
        more: typed.more,
    })
}

/// The form of a new role.
pub(super) async fn new(desk: Desk) -> Answer {
    if !desk.may(permission::ROLES_WRITE) {
        return Err(Rejection::Forbidden { permission: permission::ROLES_WRITE }.into());
    }
    page(&desk, None, Typed::nothing(), None)
}

/// What was wrong, with a taken name said so.
fn refused(desk: &Desk, error: ServiceError) -> Result<Fault, crate::Problem> {
    let taken = matches!(&error, ServiceError::Rejected(Rejection::Invalid(errors))
        if errors.iter().any(|error| error.pointer == "/name" && error.code == FieldCode::Invalid));
    let mut fault = Fault::of(desk, error)?;
    if taken {
        fault.fields.insert("name".to_owned(), desk.text().get("roles-name-taken"));
    }
    Ok(fault)
}

/// Makes a role.
pub(super) async fn create(desk: Desk, sent: Sent) -> Answer {
    let fault = match permissions::chosen(&sent) {
        Err(name) => permissions::no_permission(&desk, &name),
        Ok(permissions) => {
            let command = NewRole {
                name: sent.typed("name").to_owned(),
                description: Some(description(&sent)),
                permissions,
                scope: RoleScope::Organization,
            };
            match desk.visit.api.directory.create_role(&desk.caller, command).await {
                Ok(view) => return Ok(desk.lead(&format!("{PATH}/{}?done=role-made", view.role.id))),
                Err(error) => refused(&desk, error)?,
            }
        }
    };
    page(&desk, None, Typed::sent(&sent, 0), Some(fault))
}

/// One role.
pub(super) async fn show(desk: Desk) -> Answer {
    let view = desk.visit.api.directory.role(&desk.caller, desk.id()?).await?;
    page(&desk, Some(&view), Typed::of(&view.role), None)
}

/// Changes or deletes a role.
pub(super) async fn act(desk: Desk, sent: Sent) -> Answer {
    let id: RoleId = desk.id()?;
    let directory = &desk.visit.api.directory;
    let (fault, typed) = match sent.typed("action") {
        "save" => {
            let Some(version) = sent.typed("version").parse::<i64>().ok() else { return desk.visit.form_expired() };
            save(&desk, id, &sent, version).await?
        }
        "delete" => match directory.delete_role(&desk.caller, id).await {
            Ok(()) => return Ok(desk.lead(&format!("{PATH}?done=role-deleted"))),
            Err(error) => (Some(Fault::of(&desk, error)?), None),
        },
        _ => return desk.visit.form_expired(),
    };
    if fault.is_none() {
        return Ok(desk.lead(&format!("{PATH}/{id}?done=saved")));
    }
    let view = directory.role(&desk.caller, id).await?;
    page(&desk, Some(&view), typed.unwrap_or_else(|| Typed::of(&view.role)), fault)
}

/// Changes a role that has this version still; else what is wrong, and what to show in the form where it is to keep what
/// was typed: what somebody else has changed meanwhile is shown as it is now.
async fn save(
    desk: &Desk,
    id: RoleId,
    sent: &Sent,
    version: i64,
) -> Result<(Option<Fault>, Option<Typed>), crate::Problem> {
    let typed = || Some(Typed::sent(sent, version));
    let chosen = match permissions::chosen(sent) {
        Ok(chosen) => chosen,
        Err(name) => return Ok((Some(permissions::no_permission(desk, &name)), typed())),
    };
    let command = ChangeRole {
        name: Some(sent.typed("name").to_owned()),
        description: Some(Some(description(sent))),
        permissions: Some(chosen),
        if_match: Some(version),
    };
    match desk.visit.api.directory.change_role(&desk.caller, id, command).await {
        Ok(_) => Ok((None, None)),
        Err(error) => {
            let typed = if is_stale(&error) { None } else { typed() };
            Ok((Some(refused(desk, error)?), typed))
        }
    }
}
