//! The invites: list, make, show, send again, delete.

use super::{
    DIALECT,
    list::{ASCENDING, Asked, PAGE, PER_PAGE, Paging, asked},
    names,
    wire::{Changed, Invite, InvitePage, NewInvite, Stored},
};
use crate::{
    dialect::{fault::Fault, reader::Reader},
    endpoint::{Endpoint, Parameter},
    extract::{
        body::media_type,
        call::{Answer, Call, ok},
    },
    problem::{Problem, table},
};
use actix_web::http::Method;
use invite_domain::{
    access::{Grant, Held, PermissionSet, RoleScope},
    invitation::{Channel, Recipient, RecipientKind, Rejection, Status},
    page::PageRequest,
    port::{InvitationFilter, InvitationRecord, InvitationRef, SortKey},
    service::{Caller, Issue, OnConflict, Resend, Revoke, ServiceError},
};

const LIST: &str = "/api/v1/invites";
const ONE: &str = "/api/v1/invites/{id}";
/// The highest rate, as everywhere.
const MAX_RATE: i64 = 1_000_000_000;
/// What an invite can be here; in every other state it is gone.
const OPEN: [Status; 3] = [Status::Pending, Status::Expired, Status::Suspended];
const SORT_KEYS: [(&str, SortKey); 3] =
    [("email", SortKey::Email), ("expires_at", SortKey::ExpiresAt), ("default_rate", SortKey::DefaultRate)];

const NUMBER: [Parameter; 1] =
    [Parameter { name: "id", description: "The invite's number.", kind: "integer", example: "1" }];
const ASKED: [Parameter; 5] = [
    Parameter {
        name: "sortKey",
        description: "What to sort by: `email`, `expires_at` or `default_rate`; by the number where left out.",
        kind: "string",
        example: "email",
    },
    ASCENDING,
    Parameter {
        name: "query",
        description: "Only where this is a part of the address, the role's name or the inviter's name; at most 200 characters.",
        kind: "string",
        example: "ada",
    },
    PAGE,
    PER_PAGE,
];

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, LIST, "dailysListInvites", list)
            .about(
                DIALECT.name,
                "List invites",
                "A page of the organisation's invites: pending, expired and suspended ones. Needs `invitations.read` (`invites.index`).",
            )
            .filtered(&ASKED)
            .answers::<InvitePage>(200, "The page.")
            .refuses(&[&table::INVALID_INPUT]),
        Endpoint::new(Method::POST, LIST, "dailysStoreInvite", store)
            .about(
                DIALECT.name,
                "Make an invite",
                "Makes an invite and mails it to the address. In the place of one that has expired. Needs `invitations.issue` (`invites.store`), and whatever the invite gives.",
            )
            .takes::<NewInvite>()
            .answers::<Stored>(200, "The new invite, without its organisation.")
            .refuses(&[&table::GRANT_EXCEEDS_AUTHORITY, &table::ALREADY_INVITED, &table::ALREADY_MEMBER]),
        Endpoint::new(Method::GET, ONE, "dailysShowInvite", show)
            .about(DIALECT.name, "Show an invite", "One invite, bare. Needs `invitations.read` (`invites.show`).")
            .in_path(&NUMBER)
            .answers::<Invite>(200, "The invite, without its organisation."),
        Endpoint::new(Method::PUT, ONE, "dailysResendInvite", resend)
            .about(
                DIALECT.name,
                "Send an invite again",
                "Gives the invite a later end and a new link, and mails it; one that has expired is good again. Changes nothing else and reads no body. Needs `invitations.resend` (`invites.update`) and `invitations.read`.",
            )
            .in_path(&NUMBER)
            .answers::<Changed>(200, "The invite with its organisation.")
            .refuses(&[
                &table::GRANT_EXCEEDS_AUTHORITY,
                &table::ALREADY_INVITED,
                &table::SUSPENDED,
                &table::TOO_MANY_MESSAGES,
            ]),
        Endpoint::new(Method::DELETE, ONE, "dailysDeleteInvite", delete)
            .about(
                DIALECT.name,
                "Delete an invite",
                "Withdraws the invite: its link is dead at once. Needs `invitations.revoke` (`invites.destroy`) and `invitations.read`.",
            )
            .in_path(&NUMBER)
            .answers::<Changed>(200, "The invite as it was, with its organisation."),
    ]
}

async fn list(call: Call) -> Answer {
    let caller = call.caller().await?;
    let Asked { page, query, sort, descending } = asked(&call, &SORT_KEYS)?;
    let filter = InvitationFilter {
        statuses: OPEN.to_vec(),
        recipient_kind: Some(RecipientKind::Email),
        query,
        sort: sort.unwrap_or(SortKey::Number),
        descending,
        ..InvitationFilter::default()
    };
    let limit = u32::try_from(page.limit).unwrap_or(PageRequest::MAX_LIMIT);
    let wanted = PageRequest { limit, after: None, skip: page.offset(), include_total: true };
    let found = call.api.invitations.list(&caller, &filter, &wanted).await?;
    let known = known(&call, &caller, &found.items).await?;
    let data: Vec<Invite> = found.items.iter().filter_map(|record| Invite::new(record, &known)).collect();
    let rest = Paging::of(&call, page, data.len(), found.total.unwrap_or_default());
    ok(&InvitePage { current_page: page.page, data, rest })
}

async fn store(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let form = media_type(&call.request).as_deref() == Some("application/x-www-form-urlencoded");
    let mut body = call.spoken_body().await?;
    let email = body.must("email", Reader::email);
    let default_rate = body.must("default_rate", |body, name| body.integer(name, 0..=MAX_RATE));
    let role = match body.integer("role_id", 0..=i64::MAX) {
        None => None,
        Some(number) => {
            let role = call.api.directory.role_to_grant(&caller, number).await?;
            let role = role.filter(|role| role.scope == RoleScope::Organization);
            if role.is_none() {
                body.wrong("role_id", Fault::NotChoice(String::new()));
            }
            role
        }
    };
    let permissions = names::read(&mut body, form);
    body.finish()?;
    // Whatever kept the address from being read was a fault, so it ended there.
    let email = email.ok_or_else(|| Problem::new(&table::INVALID_INPUT))?;
    let grant = Grant { role_id: role.map(|role| role.id), permissions, default_rate, metadata: None };
    let command = Issue { on_conflict: OnConflict::ReplaceExpired, ..Issue::new(Recipient::Email(email), grant) };
    let renamed = |error| {
        Problem::from(error).renamed(&[
            ("/recipient/email", "email"),
            ("/recipient", "email"),
            ("/role_id", "role_id"),
            ("/permissions", "permissions"),
        ])
    };
    let issued = call.api.invitations.issue(&caller, command, None).await.map_err(renamed)?;
    ok(&Stored::new(printed(&call, &caller, &issued.record).await?))
}

async fn show(call: Call) -> Answer {
    let caller = call.caller().await?;
    let record = open(&call, &caller, call.number("id")?).await?;
    ok(&printed(&call, &caller, &record).await?)
}

async fn resend(mut call: Call) -> Answer {
    let (caller, organization) = call.caller_and_organization().await?;
    call.ignore_body().await?;
    let number = call.number("id")?;
    open(&call, &caller, number).await?;
    // Also one that was made without being sent: that it is mailed is what this is for.
    let command = Resend { channels: Some(vec![Channel::Email]), ..Resend::default() };
    let issued = call.api.invitations.resend(&caller, InvitationRef::Number(number), command, None).await;
    let record = issued.map_err(gone)?.record;
    let invite = printed(&call, &caller, &record).await?;
    ok(&Changed::new(invite, (&organization).into()))
}

async fn delete(call: Call) -> Answer {
    let (caller, organization) = call.caller_and_organization().await?;
    let number = call.number("id")?;
    open(&call, &caller, number).await?;
    let revoked = call.api.invitations.revoke(&caller, InvitationRef::Number(number), Revoke::default()).await;
    let invite = printed(&call, &caller, &revoked.map_err(gone)?).await?;
    ok(&Changed::new(invite, (&organization).into()))
}

fn not_found() -> Problem {
    Problem::new(&table::NOT_FOUND)
}

/// The invite of this number. What the list does not show is not there: an invitation that has ended, and one for a
/// phone or a record of another API.
async fn open(call: &Call, caller: &Caller, number: i64) -> Result<InvitationRecord, Problem> {
    let record = call.api.invitations.get(caller, InvitationRef::Number(number)).await?;
    let is_invite = record.invitation.recipient.kind() == RecipientKind::Email;
    let is_open = OPEN.contains(&call.api.invitations.status(&record));
    if is_invite && is_open { Ok(record) } else { Err(not_found()) }
}

/// One that ended after it was looked at is gone like any other that has.
fn gone(error: ServiceError) -> Problem {
    match error {
        ServiceError::Rejected(Rejection::Ended(_)) => not_found(),
        error => error.into(),
    }
}

async fn printed(call: &Call, caller: &Caller, record: &InvitationRecord) -> Result<Invite, Problem> {
    let known = known(call, caller, std::slice::from_ref(record)).await?;
    Invite::new(record, &known).ok_or_else(not_found)
}

/// The names that a role which holds everything prints beside ours (rule 6.1), where one of these has such a role. Whoever
/// may not see the roles sees ours alone.
async fn known(call: &Call, caller: &Caller, records: &[InvitationRecord]) -> Result<PermissionSet, Problem> {
    let mut roles = records.iter().filter_map(|record| record.role.as_ref());
    let Some(role) = roles.find(|role| role.held() == Held::Everything) else { return Ok(PermissionSet::new()) };
    match call.api.directory.role(caller, role.id).await {
        Ok(view) => Ok(view.permissions),
        Err(ServiceError::Rejected(_)) => Ok(PermissionSet::new()),
        Err(error) => Err(error.into()),
    }
}
