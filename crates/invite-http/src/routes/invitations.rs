//! Issue, list, one, its history.

use super::{MAX_MESSAGE, MAX_OBJECT, invitation, tag, tagged};
use crate::{
    HttpConfig,
    dto::{
        invitation::{EventAnswer, InvitationAnswer, SecretMember},
        request::IssueRequest,
    },
    endpoint::{Endpoint, Parameter},
    extract::{
        call::{Answer, Call, ok},
        fields::Fields,
    },
    problem::{Problem, table},
};
use actix_web::http::{Method, StatusCode};
use invite_domain::{
    access::Grant,
    id::InvitationId,
    invitation::{Channel, DeliveryState, FieldCode, Recipient, Status},
    phone::PhoneNumber,
    port::{InvitationFilter, SortKey},
    service::{Issue, IssueResult, Issued, OnConflict, Reveal},
};

const FILTERS: [Parameter; 7] = [
    Parameter {
        name: "status",
        description: "Only of these: `pending`, `redeemed`, `declined`, `revoked`, `expired`, `exhausted`, `suspended`.",
        kind: "array",
        example: "pending",
    },
    Parameter {
        name: "query",
        description: "Only where this is a part of the address, the role's name or the inviter's name.",
        kind: "string",
        example: "ada",
    },
    Parameter {
        name: "role_id",
        description: "Only of this role.",
        kind: "string",
        example: "0190f3c2-0000-7000-8000-0000000000a1",
    },
    Parameter {
        name: "inviter_id",
        description: "Only of this inviter.",
        kind: "string",
        example: "0190f3c2-0000-7000-8000-0000000000b1",
    },
    Parameter {
        name: "batch_id",
        description: "Only of this batch.",
        kind: "string",
        example: "0190f3c2-0000-7000-8000-0000000000f1",
    },
    Parameter {
        name: "delivery",
        description: "Only where the latest message is `queued`, `sent`, `failed` or `cancelled`.",
        kind: "string",
        example: "failed",
    },
    Parameter {
        name: "sort",
        description: "`created_at`, `expires_at` or `email`; with a hyphen before it the last first. `-created_at` where left out.",
        kind: "string",
        example: "-created_at",
    },
];

pub(super) fn endpoints() -> Vec<Endpoint> {
    let path = "/v1/invitations";
    vec![
        Endpoint::new(Method::POST, path, "issueInvitation", issue)
            .about(tag::INVITATIONS, "Issue an invitation", "Makes an invitation and queues its messages: a mail, a text message or both, by what the recipient allows. The answer says what was queued; nothing is sent before the invitation is stored. Needs `invitations.issue`.")
            .takes::<IssueRequest>()
            .answers::<InvitationAnswer>(201, "A new invitation.")
            .answers::<InvitationAnswer>(200, "The live invitation there was, with `on_conflict` `return` or `resend`.")
            .refuses(&[&table::GRANT_EXCEEDS_AUTHORITY, &table::ALREADY_INVITED, &table::ALREADY_MEMBER, &table::NOT_AVAILABLE, &table::TOO_MANY_MESSAGES, &table::SEATS_FULL, &table::INVITATIONS_FULL])
            .idempotent()
            .tagged(),
        Endpoint::new(Method::GET, path, "listInvitations", list)
            .about(tag::INVITATIONS, "List invitations", "A page of the organisation's invitations. Needs `invitations.read`.")
            .filtered(&FILTERS)
            .lists::<InvitationAnswer>("A page of invitations."),
        Endpoint::new(Method::GET, "/v1/invitations/{id}", "getInvitation", get)
            .about(tag::INVITATIONS, "Get an invitation", "One invitation with its deliveries. Needs `invitations.read`.")
            .answers::<InvitationAnswer>(200, "The invitation.")
            .refuses(&[&table::NOT_FOUND])
            .tagged(),
        Endpoint::new(Method::GET, "/v1/invitations/{id}/events", "listInvitationEvents", history)
            .about(tag::INVITATIONS, "List an invitation's events", "Its history, oldest first. Needs `invitations.read`.")
            .lists::<EventAnswer>("A page of events.")
            .refuses(&[&table::NOT_FOUND]),
    ]
}

/// What the answer is to carry.
#[derive(Clone, Copy, Default)]
pub(super) struct Asked {
    link: bool,
    code: bool,
}

impl Asked {
    pub(super) fn reveal(self) -> Reveal {
        if self.link || self.code { Reveal::Asked } else { Reveal::No }
    }
}

/// Reads what the answer is to carry: link, code, both or neither.
pub(super) fn returned(fields: &mut Fields) -> Asked {
    let Some(words) = fields.strings("return", 2) else { return Asked::default() };
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    if words.iter().any(|word| word != "link" && word != "code") {
        fields.wrong("return", FieldCode::Invalid, "This can hold `link` and `code`.");
    }
    Asked { link: has("link"), code: has("code") }
}

pub(super) fn channels(fields: &mut Fields) -> Option<Vec<Channel>> {
    let words = fields.strings("channels", 2)?;
    let channels: Option<Vec<Channel>> = words.iter().map(|word| Channel::from_name(word)).collect();
    if channels.is_none() {
        fields.wrong("channels", FieldCode::Invalid, "This can hold `email` and `sms`.");
    }
    channels.map(|mut channels| {
        channels.sort_unstable();
        channels.dedup();
        channels
    })
}

fn recipient(fields: &mut Fields) -> Option<Recipient> {
    let mut recipient = fields.must("recipient", Fields::child)?;
    let there = |name: &&str| recipient.has(name);
    let kinds = ["email", "phone", "subject_id", "domains", "anyone"].iter().filter(|name| there(name)).count();
    recipient.not_yet(&["domains", "anyone"]);
    // Where nothing says whom, an address is what is missing.
    let email = if kinds == 0 { recipient.must("email", Fields::address) } else { recipient.address("email") };
    let phone = recipient.checked("phone", PhoneNumber::parse);
    let subject = recipient.id("subject_id");
    if kinds > 1 {
        fields.wrong("recipient", FieldCode::Invalid, "Name one: `email`, `phone` or `subject_id`.");
    }
    fields.absorb(recipient);
    let email = email.map(Recipient::Email);
    email.or_else(|| phone.map(Recipient::Phone)).or_else(|| subject.map(Recipient::subject))
}

fn read(mut fields: Fields, config: &HttpConfig) -> Result<(Issue, Asked), Problem> {
    let recipient = recipient(&mut fields);
    let grant = Grant {
        role_id: fields.id("role_id"),
        permissions: fields.permissions("permissions").unwrap_or_default(),
        default_rate: fields.integer("default_rate", 0..=1_000_000_000),
        metadata: fields.opaque("metadata", MAX_OBJECT),
    };
    if fields.integer("max_uses", 1..=1_000_000).is_some_and(|uses| uses != 1) {
        fields.unavailable("max_uses");
    }
    let expires_in = fields.time_to_live("expires_in");
    let channels = channels(&mut fields);
    let asked = returned(&mut fields);
    let locale = fields.locale("locale");
    let message = fields.text("message", 1..=MAX_MESSAGE);
    let redirect_url = fields.redirect("redirect_url", config);
    let words = [
        ("error", OnConflict::Error),
        ("return", OnConflict::Return),
        ("resend", OnConflict::Resend),
        ("replace", OnConflict::Replace),
    ];
    let on_conflict = fields.word("on_conflict", &words).unwrap_or_default();
    fields.finish()?;
    // Whatever kept the recipient from being read was an error, so there is one here.
    let recipient = recipient.ok_or_else(|| Problem::new(&table::INVALID_INPUT))?;
    let reveal = asked.reveal();
    Ok((Issue { recipient, grant, expires_in, channels, locale, message, redirect_url, on_conflict, reveal }, asked))
}

async fn issue(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let body = call.body().await?;
    let idempotency = call.idempotency(&body.bytes)?;
    let (command, asked) = read(body.fields, &call.api.config)?;
    let issued = call.api.invitations.issue(&caller, command, idempotency).await?;
    let status = match issued.result {
        IssueResult::Issued | IssueResult::Replaced => StatusCode::CREATED,
        IssueResult::Returned | IssueResult::Resent => StatusCode::OK,
    };
    Ok(answer(&call, status, &issued, asked))
}

/// An invitation, with its link and code where they were asked for.
pub(super) fn answer(call: &Call, status: StatusCode, issued: &Issued, asked: Asked) -> actix_web::HttpResponse {
    let mut document = InvitationAnswer::new(&issued.record, call.api.world.clock.now());
    let secrets = issued.secrets.as_ref();
    let link = || secrets.map(|secrets| call.api.config.invitation_link(secrets.link.expose()));
    let code = || secrets.and_then(|secrets| secrets.code.as_ref()).map(|code| code.expose().to_owned());
    document.link = asked.link.then(|| SecretMember(link()));
    document.code = asked.code.then(|| SecretMember(code()));
    tagged(status, &issued.record, &document)
}

async fn list(call: Call) -> Answer {
    let caller = call.caller().await?;
    let filter = filter(&call)?;
    let paging = call.paging("invitations", Some(caller.organization_id))?;
    let page = call.api.invitations.list(&caller, &filter, &paging.request).await?;
    let now = call.api.world.clock.now();
    ok(&call.page(&paging, page, |record| InvitationAnswer::new(&record, now)))
}

fn filter(call: &Call) -> Result<InvitationFilter, Problem> {
    let query = &call.query;
    let mut statuses = Vec::new();
    for word in query.all("status") {
        let status = Status::from_name(word);
        statuses.push(status.ok_or_else(|| crate::extract::query::expects("status", "one of the statuses there are"))?);
    }
    let sort = query.word("sort", "created_at, expires_at or email, with a hyphen before it or not", |text| {
        let (descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        let key = match name {
            "created_at" => SortKey::CreatedAt,
            "expires_at" => SortKey::ExpiresAt,
            "email" => SortKey::Email,
            _ => return None,
        };
        Some((key, descending))
    })?;
    let (sort, descending) = sort.unwrap_or((SortKey::CreatedAt, true));
    Ok(InvitationFilter {
        statuses,
        query: query.search("query")?,
        role_id: query.parsed("role_id", "an id")?,
        inviter_id: query.parsed("inviter_id", "an id")?,
        batch_id: query.parsed("batch_id", "an id")?,
        recipient_kind: None,
        delivery: query.word("delivery", "queued, sent, failed or cancelled", DeliveryState::from_name)?,
        sort,
        descending,
    })
}

async fn get(call: Call) -> Answer {
    let caller = call.caller().await?;
    let record = call.api.invitations.get(&caller, call.id::<InvitationId>()?).await?;
    invitation(&call, &record)
}

async fn history(call: Call) -> Answer {
    let caller = call.caller().await?;
    let id: InvitationId = call.id()?;
    let paging = call.paging(&format!("invitations/{id}/events"), Some(caller.organization_id))?;
    let page = call.api.invitations.history(&caller, id, &paging.request).await?;
    ok(&call.page(&paging, page, |event| EventAnswer::from(&event)))
}
