//! Members: who belongs to the organisation, and what each of them may do.

use super::{
    entry::Desk,
    fault::Fault,
    frame::{Choice, Frame, Section, answer},
    permissions::{self, Group, role_label},
    stale::is_stale,
};
use crate::{Problem, extract::call::Answer, pages::Sent, problem::table};
use askama::Template;
use invite_domain::{
    access::{ChangeMember, PermissionSet, Role, permission},
    directory::Account,
    id::MembershipId,
    invitation::Rejection,
    service::{MemberView, ServiceError},
};
use invite_text::Arg;

/// Where the list is.
const PATH: &str = "/console/members";
/// The most characters of what is searched for.
const MAX_SEARCH: usize = 200;

#[derive(Template)]
#[template(path = "console/members.html")]
struct MembersPage {
    frame: Frame,
    query: String,
    rows: Vec<Row>,
    total: String,
    next: Option<String>,
    first: Option<String>,
}

struct Row {
    href: String,
    name: String,
    /// What the member signs in with.
    address: String,
    /// Of an e-mail address, whether its mailbox is proven.
    verified: Option<bool>,
    role: String,
    active: bool,
    own: bool,
    since: String,
    since_at: String,
}

#[derive(Template)]
#[template(path = "console/member.html")]
struct MemberPage {
    frame: Frame,
    row: Row,
    href: String,
    /// Of the membership, which the forms were made for.
    version: i64,
    editable: bool,
    /// Why it is not, where the reader may change others.
    above: bool,
    removable: bool,
    roles: Vec<Choice>,
    direct: Vec<Group>,
    /// Whether names can be typed that stand in no list.
    may_add: bool,
    more: String,
    effective: Vec<Group>,
}

/// What an account signs in with: its address, else its username or phone number.
fn address(account: &Account) -> String {
    let email = account.email.as_ref().map(|email| email.as_str().to_owned());
    let username = || account.username.as_ref().map(|name| name.as_str().to_owned());
    let phone = || account.phone.as_ref().map(|phone| phone.as_str().to_owned());
    email.or_else(username).or_else(phone).unwrap_or_default()
}

/// Whether this is the person at the desk.
fn is_own(desk: &Desk, view: &MemberView) -> bool {
    desk.person().is_some_and(|(account, _)| account.id == view.record.account.id)
}

fn row(desk: &Desk, view: &MemberView) -> Row {
    let (member, account) = (&view.record.member, &view.record.account);
    let address = address(account);
    let name = account.name.clone().filter(|name| !name.is_empty());
    let role = member.role.as_ref().map(|role| role_label(desk, role));
    Row {
        href: desk.href(&format!("{PATH}/{}", member.membership.id)),
        name: name.unwrap_or_else(|| address.clone()),
        address,
        verified: account.email.as_ref().map(|_| account.email_verified),
        role: role.unwrap_or_else(|| desk.text().get("members-no-role")),
        active: member.membership.active,
        own: is_own(desk, view),
        since: desk.date(member.membership.created_at),
        since_at: member.membership.created_at.to_rfc3339(),
    }
}

/// The list.
pub(super) async fn list(desk: Desk) -> Answer {
    let query = desk.visit.query("query").unwrap_or_default().trim().to_owned();
    let query: String = query.chars().filter(|c| !c.is_control()).take(MAX_SEARCH).collect();
    let paging = desk.paging("members", &["query"])?;
    let wanted = (!query.is_empty()).then_some(query.as_str());
    let page = desk.visit.api.directory.members(&desk.caller, wanted, &paging.request).await?;
    let total = i64::try_from(page.total.unwrap_or_default()).unwrap_or(i64::MAX);
    let total = desk.say("members-count", &[("count", Arg::Number(total))]);
    let next = desk.next_page(PATH, &paging, page.next.as_ref());
    let first = desk.first_page(PATH, &paging);
    let rows = page.items.iter().map(|view| row(&desk, view)).collect();
    let frame = desk.frame(Section::Members, desk.text().get("members-title"))?;
    answer!(MembersPage { frame, query, rows, total, next, first })
}

/// What a refused form had in it.
struct Typed {
    /// What the form was made for: shown again, it is of no later one.
    version: i64,
    role: String,
    permissions: PermissionSet,
    more: String,
}

/// The roles to choose among: those the reader may give and the one the member has.
async fn role_choices(desk: &Desk, own: Option<&Role>, chosen: &str) -> Result<Vec<Choice>, Problem> {
    let mut roles = permissions::roles_to_give(desk).await?;
    if let Some(own) = own.filter(|own| roles.iter().all(|role| role.id != own.id)) {
        roles.push(own.clone());
    }
    let choice = |role: &Role| {
        let value = role.id.to_string();
        Choice { label: role_label(desk, role), chosen: value == chosen, value }
    };
    let none = Choice { value: String::new(), label: desk.text().get("members-no-role"), chosen: chosen.is_empty() };
    Ok(std::iter::once(none).chain(roles.iter().map(choice)).collect())
}

async fn page(desk: &Desk, view: &MemberView, typed: Option<Typed>, fault: Option<Fault>) -> Answer {
    let member = &view.record.member;
    let role = member.role.as_ref();
    let above = role.is_some_and(Role::is_operators) || !desk.place.held.covers(&member.membership.held(role));
    let may_change = desk.may(permission::MEMBERS_UPDATE);
    let own_role = role.map(|role| role.id.to_string()).unwrap_or_default();
    let typed = typed.unwrap_or_else(|| Typed {
        version: member.membership.version,
        role: own_role,
        permissions: member.membership.permissions.clone(),
        more: String::new(),
    });
    let editable = may_change && !above;
    let row = row(desk, view);
    let frame = desk.frame(Section::Members, row.name.clone())?.with_fault(fault);
    answer!(MemberPage {
        frame,
        href: row.href.clone(),
        version: typed.version,
        editable,
        above: may_change && above,
        removable: desk.may(permission::MEMBERS_REMOVE) && !above && !row.own,
        roles: if editable { role_choices(desk, role, &typed.role).await? } else { Vec::new() },
        direct: permissions::groups(desk, &desk.place.held, &typed.permissions),
        may_add: permissions::may_name_any(desk),
        more: typed.more,
        effective: permissions::listed(desk, &view.effective),
        row,
    })
}

/// One member.
pub(super) async fn show(desk: Desk) -> Answer {
    let view = desk.visit.api.directory.member(&desk.caller, desk.id()?).await?;
    page(&desk, &view, None, None).await
}

/// The role that was chosen. One that is no id is refused where it would be looked for.
fn role_id(sent: &Sent) -> Result<Option<invite_domain::id::RoleId>, ServiceError> {
    match sent.typed("role_id") {
        "" => Ok(None),
        text => {
            let unknown =
                || Rejection::field("/role_id", invite_domain::invitation::FieldCode::Invalid, "no such role");
            text.parse().map(Some).map_err(|_| unknown().into())
        }
    }
}

/// Changes a member, or ends the membership.
pub(super) async fn act(desk: Desk, sent: Sent) -> Answer {
    let id: MembershipId = desk.id()?;
    let directory = &desk.visit.api.directory;
    if sent.typed("action") == "remove" {
        return remove(&desk, id).await;
    }
    let Some(version) = sent.typed("version").parse::<i64>().ok() else { return desk.visit.form_expired() };
    let if_match = Some(version);
    let switch = |active| ChangeMember { active: Some(active), if_match, ..ChangeMember::default() };
    let (done, command) = match sent.typed("action") {
        "save" => match permissions::chosen(&sent) {
            Ok(chosen) => match role_id(&sent) {
                Ok(role) => {
                    let (role_id, permissions) = (Some(role), Some(chosen));
                    ("saved", Ok(ChangeMember { role_id, permissions, active: None, if_match }))
                }
                Err(error) => ("", Err(Fault::of(&desk, error)?)),
            },
            Err(name) => ("", Err(permissions::no_permission(&desk, &name))),
        },
        "switch-off" => ("member-off", Ok(switch(false))),
        "switch-on" => ("member-on", Ok(switch(true))),
        _ => return desk.visit.form_expired(),
    };
    let mut stale = false;
    let fault = match command {
        Ok(command) => match directory.change_member(&desk.caller, id, command).await {
            Ok(view) => {
                // Who has just taken the sight of members from themselves is led where they may go.
                let blind = is_own(&desk, &view) && !view.effective.contains(permission::MEMBERS_READ);
                let path = if blind { "/console/account".to_owned() } else { format!("{PATH}/{id}") };
                return Ok(desk.lead(&format!("{path}?done={done}")));
            }
            Err(error) => {
                stale = is_stale(&error);
                Fault::of(&desk, error)?
            }
        },
        Err(fault) => fault,
    };
    let view = directory.member(&desk.caller, id).await?;
    // What somebody else has changed meanwhile is shown as it is now: typed over it, it would be undone unseen.
    let keeping = sent.typed("action") == "save" && !stale;
    let typed = keeping.then(|| Typed {
        version,
        role: sent.typed("role_id").to_owned(),
        permissions: permissions::readable(&sent),
        more: sent.typed("more").to_owned(),
    });
    page(&desk, &view, typed, Some(fault)).await
}

async fn remove(desk: &Desk, id: MembershipId) -> Answer {
    let directory = &desk.visit.api.directory;
    match directory.remove_member(&desk.caller, id).await {
        Ok(()) => Ok(desk.lead(&format!("{PATH}?done=member-removed"))),
        Err(error) => {
            let fault = Fault::of(desk, error)?;
            let view = directory.member(&desk.caller, id).await?;
            page(desk, &view, None, Some(fault)).await
        }
    }
}

#[derive(Template)]
#[template(path = "console/leave.html")]
struct LeavePage {
    frame: Frame,
    name: String,
}

/// Leaving the organisation oneself, which needs no permission.
pub(super) async fn leaving(desk: Desk) -> Answer {
    own_membership(&desk).await?;
    leave_page(&desk, None)
}

fn leave_page(desk: &Desk, fault: Option<Fault>) -> Answer {
    let frame = desk.frame(Section::Account, desk.text().get("leave-title"))?.with_fault(fault);
    answer!(LeavePage { frame, name: desk.organization().name.clone() })
}

/// The membership of the person at the desk. A key is nobody's and leaves nothing.
async fn own_membership(desk: &Desk) -> Result<MembershipId, Problem> {
    let unknown = || Problem::new(&table::NOT_FOUND);
    let (account, _) = desk.person().ok_or_else(unknown)?;
    let me = desk.visit.api.directory.me(account.id, Some(desk.organization().id)).await?;
    let own = me.memberships.first().map(|(_, view)| view.record.member.membership.id);
    own.ok_or_else(unknown)
}

/// Leaves.
pub(super) async fn leave(desk: Desk, _sent: Sent) -> Answer {
    let id = own_membership(&desk).await?;
    match desk.visit.api.directory.remove_member(&desk.caller, id).await {
        Ok(()) => Ok(desk.lead("/console/account?done=left")),
        Err(error) => leave_page(&desk, Some(Fault::of(&desk, error)?)),
    }
}
