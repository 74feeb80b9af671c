//! The list of invitations: by status, searched, filtered, sorted, page by page.

use super::{
    PATH,
    shown::{self, Badge, Instant},
};
use crate::{
    console::{
        entry::Desk,
        frame::{Choice, Frame, Section, answer},
        permissions::role_label,
    },
    extract::call::Answer,
};
use askama::Template;
use invite_domain::{
    access::{Role, permission},
    id::RoleId,
    invitation::{DeliveryState, Status},
    page::PageRequest,
    port::{InvitationFilter, InvitationRecord, SortKey},
    service::ServiceError,
};
use url::form_urlencoded;

/// What chooses the rows, by the names in the query.
const FILTERS: [&str; 5] = ["status", "query", "role", "delivery", "sort"];
/// The most characters of a search.
const QUERY: usize = 200;
/// Those a person meets; `exhausted` has no tab while every invitation is for one person.
const TABS: [Status; 6] =
    [Status::Pending, Status::Redeemed, Status::Declined, Status::Revoked, Status::Expired, Status::Suspended];
/// How the list can be sorted: the word in the query.
const SORTS: [&str; 6] = ["-created_at", "created_at", "expires_at", "-expires_at", "email", "-email"];

struct Tab {
    href: String,
    label: String,
    current: bool,
}

/// The heading of a column the list can be sorted by.
struct Column {
    href: String,
    label: String,
    /// The value of `aria-sort`.
    sorted: &'static str,
}

struct Row {
    href: String,
    recipient: String,
    role: String,
    status: Badge,
    inviter: String,
    issued: Instant,
    expires: Instant,
    /// Whether the end is still to come or was, not one that no longer matters.
    expires_matters: bool,
    delivery: Option<(Badge, Option<String>)>,
}

#[derive(Template)]
#[template(path = "console/invitations.html")]
struct ListPage {
    frame: Frame,
    new_href: Option<String>,
    tabs: Vec<Tab>,
    status: String,
    query: String,
    roles: Vec<Choice>,
    deliveries: Vec<Choice>,
    sorts: Vec<Choice>,
    /// Whether anything but the order is chosen.
    filtered: bool,
    path: String,
    by_email: Column,
    by_created: Column,
    by_expires: Column,
    rows: Vec<Row>,
    total: Option<String>,
    next: Option<String>,
    first: Option<String>,
}

/// What the query chooses. What it cannot mean chooses nothing: the address may have been typed.
struct Chosen {
    status: Option<Status>,
    query: String,
    role: Option<RoleId>,
    delivery: Option<DeliveryState>,
    sort: &'static str,
}

impl Chosen {
    fn of(desk: &Desk) -> Self {
        let word = |name: &str| desk.visit.query(name).unwrap_or_default();
        let query: String = word("query").chars().filter(|c| !c.is_control()).take(QUERY).collect();
        Self {
            status: Status::from_name(word("status")),
            query: query.trim().to_owned(),
            role: word("role").parse().ok(),
            delivery: DeliveryState::from_name(word("delivery")),
            sort: SORTS.into_iter().find(|sort| *sort == word("sort")).unwrap_or(SORTS[0]),
        }
    }

    fn filter(&self) -> InvitationFilter {
        let (descending, name) = self.sort.strip_prefix('-').map_or((false, self.sort), |name| (true, name));
        InvitationFilter {
            statuses: self.status.into_iter().collect(),
            query: (!self.query.is_empty()).then(|| self.query.clone()),
            role_id: self.role,
            delivery: self.delivery,
            sort: match name {
                "expires_at" => SortKey::ExpiresAt,
                "email" => SortKey::Email,
                _ => SortKey::CreatedAt,
            },
            descending,
            ..InvitationFilter::default()
        }
    }

    fn is_filtered(&self) -> bool {
        self.status.is_some() || !self.query.is_empty() || self.role.is_some() || self.delivery.is_some()
    }

    /// The list with the same choices but for one.
    fn with(&self, desk: &Desk, changed: &str, value: &str) -> String {
        let role = self.role.map(|id| id.to_string()).unwrap_or_default();
        let values = [
            ("status", self.status.map_or("", Status::name)),
            ("query", &self.query),
            ("role", &role),
            ("delivery", self.delivery.map_or("", DeliveryState::name)),
            ("sort", if self.sort == SORTS[0] { "" } else { self.sort }),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, own) in values {
            let value = if name == changed { value } else { own };
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { desk.href(PATH) } else { format!("{}?{query}", desk.href(PATH)) }
    }

    fn tabs(&self, desk: &Desk) -> Vec<Tab> {
        let tab = |status: Option<Status>| Tab {
            href: self.with(desk, "status", status.map_or("", Status::name)),
            label: status.map_or_else(|| desk.text().get("invitations-all"), |status| shown::status(desk, status).word),
            current: self.status == status,
        };
        std::iter::once(None).chain(TABS.into_iter().map(Some)).map(tab).collect()
    }

    fn column(&self, desk: &Desk, name: &str, label: &str) -> Column {
        let descending = format!("-{name}");
        let (sorted, next) = if self.sort == name {
            ("ascending", descending.as_str())
        } else if self.sort == descending {
            ("descending", name)
        } else {
            // What is newest or ends latest is of less interest than who comes first and what ends first.
            ("none", if name == "created_at" { descending.as_str() } else { name })
        };
        Column { href: self.with(desk, "sort", next), label: desk.text().get(label), sorted }
    }
}

fn row(desk: &Desk, record: &InvitationRecord) -> Row {
    let invitation = &record.invitation;
    let status = desk.visit.api.invitations.status(record);
    // What needs somebody's eye comes before what went well.
    let rank = |state| match state {
        DeliveryState::Failed => 0,
        DeliveryState::Queued => 1,
        DeliveryState::Cancelled => 2,
        DeliveryState::Sent => 3,
    };
    let delivery = record.deliveries.iter().min_by_key(|delivery| rank(delivery.state));
    Row {
        href: desk.href(&format!("{PATH}/{}", invitation.id)),
        recipient: shown::recipient(desk, &invitation.recipient),
        role: shown::role(desk, record),
        status: shown::status(desk, status),
        inviter: shown::inviter(desk, record),
        issued: shown::instant(desk, invitation.created_at),
        expires: shown::instant(desk, invitation.expires_at),
        expires_matters: matches!(status, Status::Pending | Status::Expired | Status::Suspended),
        delivery: delivery.map(|delivery| {
            let reason = delivery.reason.map(|reason| shown::reason(desk, reason));
            (shown::delivery_state(desk, delivery.state), reason)
        }),
    }
}

fn choices(all: String, values: impl IntoIterator<Item = (String, String)>, chosen: &str) -> Vec<Choice> {
    let choice = |(value, label): (String, String)| Choice { chosen: value == chosen, value, label };
    std::iter::once((String::new(), all)).chain(values).map(choice).collect()
}

/// The roles to filter by, for who may see them.
async fn roles(desk: &Desk) -> Result<Vec<Role>, ServiceError> {
    if !desk.may(permission::ROLES_READ) {
        return Ok(Vec::new());
    }
    let page = desk.visit.api.directory.roles(&desk.caller, &PageRequest::first(PageRequest::MAX_LIMIT)).await?;
    Ok(page.items.into_iter().map(|view| view.role).collect())
}

/// The page.
pub(super) async fn show(desk: Desk) -> Answer {
    let chosen = Chosen::of(&desk);
    let paging = desk.paging("invitations", &FILTERS)?;
    let page = desk.visit.api.invitations.list(&desk.caller, &chosen.filter(), &paging.request).await?;
    let text = desk.text();
    let roles = roles(&desk).await?;
    let roles = roles.iter().map(|role| (role.id.to_string(), role_label(&desk, role)));
    let states = DeliveryState::ALL.map(|state| (state.name().to_owned(), shown::delivery_state(&desk, state).word));
    let sort = |sort: &str| {
        let (end, name) = sort.strip_prefix('-').map_or(("first", sort), |name| ("last", name));
        let label = text.get(&shown::key("invitations-sort", &format!("{name}-{end}")));
        Choice { value: sort.to_owned(), label, chosen: sort == chosen.sort }
    };
    let role = chosen.role.map(|id| id.to_string()).unwrap_or_default();
    let list = ListPage {
        new_href: desk.may(permission::INVITATIONS_ISSUE).then(|| desk.href("/console/invitations/new")),
        tabs: chosen.tabs(&desk),
        status: chosen.status.map_or("", Status::name).to_owned(),
        roles: choices(text.get("invitations-any-role"), roles, &role),
        deliveries: choices(
            text.get("invitations-any-delivery"),
            states,
            chosen.delivery.map_or("", DeliveryState::name),
        ),
        sorts: SORTS.map(sort).into(),
        filtered: chosen.is_filtered(),
        path: desk.href(PATH),
        by_email: chosen.column(&desk, "email", "invitations-column-recipient"),
        by_created: chosen.column(&desk, "created_at", "invitations-column-issued"),
        by_expires: chosen.column(&desk, "expires_at", "invitations-column-expires"),
        rows: page.items.iter().map(|record| row(&desk, record)).collect(),
        total: page.total.map(|total| shown::count(&desk, "invitations-total", total)),
        next: desk.next_page(PATH, &paging, page.next.as_ref()),
        first: desk.first_page(PATH, &paging),
        frame: desk.frame(Section::Invitations, text.get("invitations-title"))?,
        query: chosen.query,
    };
    answer!(list)
}
