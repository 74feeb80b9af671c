//! Permissions in words, grouped by what they are about: as checkboxes, or as what somebody may do.

use super::{entry::Desk, fault::Fault};
use crate::pages::Sent;
use actix_web::http::StatusCode;
use invite_domain::{
    access::{Held, Permission, PermissionSet, Role, permission},
    page::PageRequest,
    service::ServiceError,
};
use invite_text::{Arg, role_name};
use std::collections::BTreeMap;

/// Resources of ours, in the order people think of them; those of others follow by name.
const RESOURCES: [&str; 9] =
    ["invitations", "members", "roles", "api_keys", "organization", "dead_letters", "events", "subjects", "webhooks"];

/// What is done with a resource, the lightest first.
const ACTIONS: [&str; 11] =
    ["read", "issue", "amend", "resend", "revoke", "reveal", "sponsor", "update", "write", "remove", "replay"];

/// One permission of a group.
pub(crate) struct Tick {
    /// Its name, the checkbox's value.
    pub(crate) name: String,
    /// What it lets somebody do; its name where it is no permission of ours.
    pub(crate) label: String,
    /// Whether the label is its name alone.
    pub(crate) is_name: bool,
    pub(crate) chosen: bool,
    /// Whether the reader may give and take it.
    pub(crate) open: bool,
}

/// Permissions on one resource.
pub(crate) struct Group {
    /// The resource in words; its name where it is none of ours.
    pub(crate) heading: String,
    pub(crate) ticks: Vec<Tick>,
}

impl Group {
    /// Whether any of its permissions is chosen.
    pub(crate) fn is_chosen(&self) -> bool {
        self.ticks.iter().any(|tick| tick.chosen)
    }
}

/// The key of the words for a name: `permission-api-keys-read`.
fn key(prefix: &str, name: &str) -> String {
    format!("{prefix}-{}", name.replace(['.', '_'], "-"))
}

/// Every permission there is to choose, in groups: ours, those the organisation uses, and those that are chosen already.
/// What `held` does not hold cannot be given.
pub(crate) fn groups(desk: &Desk, held: &Held, chosen: &PermissionSet) -> Vec<Group> {
    let text = desk.text();
    let all = PermissionSet::ours_without(&[]).union(&desk.place.known_permissions).union(chosen);
    let place = |list: &[&str], word: &str| list.iter().position(|each| *each == word).unwrap_or(list.len());
    let mut groups: BTreeMap<(usize, String), Vec<(usize, Tick)>> = BTreeMap::new();
    for name in all.names() {
        let (resource, action) = name.split_once('.').unwrap_or((name, ""));
        let ours = permission::OURS.contains(&name);
        let tick = Tick {
            name: name.to_owned(),
            label: if ours { text.get(&key("permission", name)) } else { name.to_owned() },
            is_name: !ours,
            chosen: chosen.contains(name),
            open: held.allows(name),
        };
        let group = groups.entry((place(&RESOURCES, resource), resource.to_owned())).or_default();
        group.push((place(&ACTIONS, action), tick));
    }
    let group = |((rank, resource), mut ticks): ((usize, String), Vec<(usize, Tick)>)| {
        ticks.sort_by(|(one, a), (other, b)| (a.is_name, one, &a.name).cmp(&(b.is_name, other, &b.name)));
        let heading = if rank < RESOURCES.len() { text.get(&key("resource", &resource)) } else { resource };
        Group { heading, ticks: ticks.into_iter().map(|(_, tick)| tick).collect() }
    };
    groups.into_iter().map(group).collect()
}

/// Only what is in the set, in groups: what somebody may do.
pub(crate) fn listed(desk: &Desk, set: &PermissionSet) -> Vec<Group> {
    let mut groups = groups(desk, &Held::nothing(), set);
    groups.retain(Group::is_chosen);
    for group in &mut groups {
        group.ticks.retain(|tick| tick.chosen);
    }
    groups
}

/// What was ticked, and what was typed line by line into the field `more`. Or what of it names no permission.
pub(crate) fn chosen(sent: &Sent) -> Result<PermissionSet, String> {
    let ticked = sent.all("permissions");
    let typed = sent.typed("more").split([' ', ',', ';', '\r', '\n', '\t']).filter(|name| !name.is_empty());
    let names: Vec<&str> = ticked.iter().map(String::as_str).chain(typed).collect();
    PermissionSet::parse(&names).map_err(|(index, _)| names.get(index).copied().unwrap_or_default().to_owned())
}

/// What was ticked or typed and names a permission: for a form that is shown again.
pub(crate) fn readable(sent: &Sent) -> PermissionSet {
    let typed = sent.typed("more").split_whitespace().map(str::to_owned);
    sent.all("permissions").into_iter().chain(typed).filter_map(|name| name.parse::<Permission>().ok()).collect()
}

/// A role's name for a list or a heading: a system role's in the reader's language, with a capital letter.
pub(crate) fn role_label(desk: &Desk, role: &Role) -> String {
    let name = role_name(desk.language, &role.name, role.system.is_some());
    if role.system.is_none() {
        return name;
    }
    let mut rest = name.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

/// Every role the caller may give: those whose permissions are a part of the caller's own (rule 6.2). None for who does not
/// see the roles.
pub(crate) async fn roles_to_give(desk: &Desk) -> Result<Vec<Role>, ServiceError> {
    let mut roles = Vec::new();
    if !desk.may(permission::ROLES_READ) {
        return Ok(roles);
    }
    let mut request = PageRequest::first(PageRequest::MAX_LIMIT);
    loop {
        let page = desk.visit.api.directory.roles(&desk.caller, &request).await?;
        roles.extend(page.items.into_iter().map(|view| view.role));
        match page.next {
            Some(next) => request.after = Some(next),
            None => break,
        }
    }
    roles.retain(|role| !role.is_operators() && desk.place.held.covers(&role.held()));
    Ok(roles)
}

/// Whether the caller may give permissions that stand in no list yet: who holds everything.
pub(crate) fn may_name_any(desk: &Desk) -> bool {
    desk.place.held == Held::Everything
}

/// What is said of a text that names no permission.
pub(crate) fn no_permission(desk: &Desk, name: &str) -> Fault {
    let said = desk.say("permissions-no-name", &[("name", Arg::Text(name))]);
    let unprocessable = || Fault::whole(StatusCode::UNPROCESSABLE_ENTITY, said.clone());
    Fault::fields(desk.language, [("more", said.clone())]).unwrap_or_else(unprocessable)
}
