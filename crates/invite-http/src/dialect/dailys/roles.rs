//! The roles: list and show, so that a client finds the numbers it gives.

use super::{
    DIALECT,
    list::{ASCENDING, Asked, PAGE, PER_PAGE, Paging, asked},
    wire::{Role, RolePage},
};
use crate::{
    endpoint::{Endpoint, Parameter},
    extract::call::{Answer, Call, ok},
    problem::{Problem, table},
};
use actix_web::http::Method;
use invite_domain::{
    page::PageRequest,
    service::{Caller, RoleView},
};

const LIST: &str = "/api/v1/roles";

/// What roles are sorted by.
#[derive(Clone, Copy)]
enum Key {
    Name,
    Scope,
}

const SORT_KEYS: [(&str, Key); 2] = [("name", Key::Name), ("scope", Key::Scope)];
const NUMBER: [Parameter; 1] =
    [Parameter { name: "id", description: "The role's number.", kind: "integer", example: "1" }];
const ASKED: [Parameter; 5] = [
    Parameter {
        name: "sortKey",
        description: "What to sort by: `name` or `scope`; by the number where left out.",
        kind: "string",
        example: "name",
    },
    ASCENDING,
    Parameter {
        name: "query",
        description: "Only where this is a part of name or description; at most 200 characters.",
        kind: "string",
        example: "admin",
    },
    PAGE,
    PER_PAGE,
];

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, LIST, "dailysListRoles", list)
            .about(DIALECT.name, "List roles", "A page of the organisation's roles. Needs `roles.read`.")
            .filtered(&ASKED)
            .answers::<RolePage>(200, "The page.")
            .refuses(&[&table::INVALID_INPUT]),
        Endpoint::new(Method::GET, "/api/v1/roles/{id}", "dailysShowRole", show)
            .about(DIALECT.name, "Show a role", "One role, bare. Needs `roles.read`.")
            .in_path(&NUMBER)
            .answers::<Role>(200, "The role."),
    ]
}

async fn list(call: Call) -> Answer {
    let caller = call.caller().await?;
    let Asked { page, query, sort, descending } = asked(&call, &SORT_KEYS)?;
    let mut roles = all(&call, &caller).await?;
    if let Some(query) = query {
        roles.retain(|role| has(&role.name, &query) || has(&role.description, &query));
    }
    roles.sort_by(|one, other| {
        let by_number = one.id.cmp(&other.id);
        let order = match sort {
            None => by_number,
            Some(Key::Name) => one.name.to_lowercase().cmp(&other.name.to_lowercase()).then(by_number),
            Some(Key::Scope) => one.scope.cmp(other.scope).then(by_number),
        };
        if descending { order.reverse() } else { order }
    });
    let total = u64::try_from(roles.len()).unwrap_or(u64::MAX);
    let index = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let data = roles.into_iter().skip(index(page.offset())).take(index(page.limit)).collect::<Vec<Role>>();
    let rest = Paging::of(&call, page, data.len(), total);
    ok(&RolePage { current_page: page.page, data, rest })
}

async fn show(call: Call) -> Answer {
    let caller = call.caller().await?;
    let view = call.api.directory.role_by_number(&caller, call.number("id")?).await?;
    ok(&printed(&view))
}

/// Every role of the organisation: they are few.
async fn all(call: &Call, caller: &Caller) -> Result<Vec<Role>, Problem> {
    let mut roles = Vec::new();
    let mut wanted = PageRequest::first(PageRequest::MAX_LIMIT);
    loop {
        let page = call.api.directory.roles(caller, &wanted).await?;
        roles.extend(page.items.iter().map(printed));
        match page.next {
            Some(next) => wanted.after = Some(next),
            None => return Ok(roles),
        }
    }
}

fn printed(view: &RoleView) -> Role {
    Role::new(&view.role, &view.permissions)
}

/// Whether a text has this part, without regard to ASCII case, as invites are searched.
fn has(text: &str, part: &str) -> bool {
    text.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
}
