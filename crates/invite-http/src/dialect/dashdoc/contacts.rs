//! `contacts/`: list, create, one, change, delete, invite.

use super::{
    DIALECT,
    bodies::{DashdocContactBody, DashdocContactPage, DashdocContactPatch, DashdocContactReplacement},
    common::{LOOKUP, PAGE, company_named, email, full_name, phone, remote_id, said},
    contact::{DashdocContact, FIELDS},
    fields::{Extent, Profile},
};
use crate::{
    dialect::{fault::Fault, reader::Reader},
    endpoint::{Endpoint, Parameter},
    extract::call::{Answer, Call, json, nothing, ok},
    problem::{Problem, table},
};
use actix_web::http::{Method, StatusCode};
use invite_domain::{
    directory::{ChangeSubject, NewSubject, Subject, SubjectKind},
    email::EmailAddress,
    id::SubjectId,
    invitation::{Channel, Rejection},
    port::{SubjectFilter, SubjectRef},
    service::{Caller, ServiceError},
};

const KIND: SubjectKind = SubjectKind::Contact;
/// Rows of a page.
const ROWS: u32 = 100;
/// The most numbers of a filter.
const NUMBERS: usize = 1_000;

const UID: [Parameter; 1] = [Parameter {
    name: "uid",
    description: "The contact's id, or your own id for it with `lookup_field=remote_id`.",
    kind: "string",
    example: "687cddac-dbd2-11ea-9024-0242ac130006",
}];

const fn of_company(name: &'static str, description: &'static str, example: &'static str) -> Parameter {
    Parameter { name, description, kind: "string", example }
}

const FILTERS: [Parameter; 5] = [
    PAGE,
    of_company("company__id", "Only of the company of this number.", "928"),
    of_company("company__id__in", "Only of companies of these numbers, parted by commas.", "928,929"),
    of_company("company__id__exclude", "Of no company of these numbers, parted by commas.", "928,929"),
    of_company("company__id__not", "Not of the company of this number.", "928"),
];

pub(super) fn endpoints() -> Vec<Endpoint> {
    const LIST: &str = "/api/v4/contacts/";
    const ONE: &str = "/api/v4/contacts/{uid}/";
    vec![
        Endpoint::new(Method::GET, LIST, "dashdocListContacts", list)
            .about(DIALECT.name, "List contacts", "A page of contacts, by number. Needs `subjects.read`.")
            .filtered(&FILTERS)
            .answers::<DashdocContactPage>(200, "The page."),
        Endpoint::new(Method::POST, LIST, "dashdocCreateContact", create)
            .about(DIALECT.name, "Create a contact", "Adds a contact to a company. Nobody is invited yet. Needs `subjects.write`.")
            .takes::<DashdocContactBody>()
            .answers::<DashdocContact>(201, "The contact."),
        Endpoint::new(Method::GET, ONE, "dashdocGetContact", get)
            .about(DIALECT.name, "Get a contact", "One contact and the state of its invitation. Needs `subjects.read`.")
            .in_path(&UID)
            .filtered(const { &[LOOKUP] })
            .answers::<DashdocContact>(200, "The contact."),
        Endpoint::new(Method::PATCH, ONE, "dashdocChangeContact", patch)
            .about(DIALECT.name, "Change a contact", "Changes what is named. Another address withdraws the invitation that went to the old one. Needs `subjects.read` and `subjects.write`.")
            .in_path(&UID)
            .filtered(const { &[LOOKUP] })
            .takes::<DashdocContactPatch>()
            .answers::<DashdocContact>(200, "The contact.")
            .refuses(&[&table::VERSION_MISMATCH]),
        Endpoint::new(Method::PUT, ONE, "dashdocReplaceContact", put)
            .about(DIALECT.name, "Replace a contact", "Changes everything but the company, which stays where it is not named: what else is not named is null afterwards. Needs `subjects.write`.")
            .in_path(&UID)
            .filtered(const { &[LOOKUP] })
            .takes::<DashdocContactReplacement>()
            .answers::<DashdocContact>(200, "The contact."),
        Endpoint::new(Method::DELETE, ONE, "dashdocDeleteContact", delete)
            .about(DIALECT.name, "Delete a contact", "Deletes a contact and withdraws its invitation. Who accepted one stays a member. Needs `subjects.write`.")
            .in_path(&UID)
            .filtered(const { &[LOOKUP] })
            .answers_nothing("It is deleted."),
        Endpoint::new(Method::POST, "/api/v4/contacts/{uid}/invite/", "dashdocInviteContact", invite)
            .about(DIALECT.name, "Invite a contact", "Sends the contact a mail with a link; again where an invitation is out, and the link before is dead then. The mail is the only message, also where there is a phone number. Refused with 400 for a contact without an address and for a member. The role is `dashdoc.contact_role` of the organisation's profile, else `guest`. A body is not looked at. Needs `subjects.read` and `invitations.issue`, for sending again `invitations.resend`. The link is in the answer for a credential with `invitations.reveal` that has every permission it gives; else null.")
            .in_path(&UID)
            .filtered(const { &[LOOKUP] })
            .answers::<DashdocContact>(200, "The contact, invited.")
            .refuses(&[&table::ALREADY_MEMBER, &table::INVALID_INPUT, &table::GRANT_EXCEEDS_AUTHORITY, &table::SUSPENDED, &table::TOO_MANY_MESSAGES]),
    ]
}

/// Our places under the dialect's names.
fn renamed(error: ServiceError) -> Problem {
    Problem::from(error).renamed(&[("/name", "last_name"), ("/id", "uid")])
}

async fn list(call: Call) -> Answer {
    let caller = call.caller().await?;
    let mut query = call.spoken_query();
    let one = query.integer("company__id", 0..=i64::MAX);
    let of = numbers(&mut query, "company__id__in");
    let excluded = numbers(&mut query, "company__id__exclude");
    let not = query.integer("company__id__not", 0..=i64::MAX);
    query.finish()?;
    let filter = SubjectFilter {
        company_numbers: match (one, of) {
            (Some(one), Some(of)) => Some(of.into_iter().filter(|number| *number == one).collect()),
            (Some(one), None) => Some(vec![one]),
            (None, of) => of,
        },
        other_company_numbers: excluded.into_iter().flatten().chain(not).collect(),
        ..SubjectFilter::default()
    };
    call.listed(&caller, KIND, &filter, ROWS, |view| DashdocContact::new(view, &call.api.config)).await
}

/// Numbers parted by commas.
fn numbers(query: &mut Reader, name: &str) -> Option<Vec<i64>> {
    let text = query.string(name, usize::MAX)?;
    let read: Option<Vec<i64>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
    match read {
        None => query.wrong(name, Fault::NotInteger),
        Some(ref numbers) if numbers.len() > NUMBERS => query.wrong(name, Fault::TooMany(NUMBERS)),
        Some(_) => {}
    }
    read
}

/// What a body says of a contact.
#[expect(clippy::option_option, reason = "the commands of the domain tell absent from null this way")]
struct Said {
    company: Option<SubjectRef>,
    remote_id: Option<Option<String>>,
    email: Option<Option<EmailAddress>>,
    profile: Profile,
}

impl Said {
    fn read(body: &mut Reader, mut profile: Profile, extent: Extent, now: &str) -> Self {
        let company = if body.has("company") { body.must("company", company_named) } else { None };
        let remote_id = said(body, "remote_id", extent, remote_id);
        let email = said(body, "email", extent, email);
        profile.read(body, FIELDS, extent, now);
        Self { company, remote_id, email, profile }
    }

    fn name(&self) -> String {
        full_name(&self.profile.words("first_name"), &self.profile.words("last_name"))
    }

    fn phone(&self) -> Option<invite_domain::phone::PhoneNumber> {
        phone([self.profile.text("phone_number")])
    }
}

async fn create(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let mut body = call.spoken_body().await?;
    let id = uid(&mut body);
    if !body.has("company") {
        body.wrong("company", Fault::Required);
    }
    let said = Said::read(&mut body, Profile::default(), Extent::Whole, &call.noted_now());
    body.finish()?;
    let command = NewSubject {
        kind: KIND,
        id,
        name: said.name(),
        phone: said.phone(),
        company: said.company,
        remote_id: said.remote_id.flatten(),
        email: said.email.flatten(),
        profile: said.profile.into_text(),
    };
    let made = call.api.subjects.create(&caller, command, None).await.map_err(renamed)?;
    let view = call.shown(&caller, made).await?;
    Ok(json(StatusCode::CREATED, &DashdocContact::new(&view, &call.api.config)?))
}

/// The id a new contact is to have.
fn uid(body: &mut Reader) -> Option<SubjectId> {
    let text = body.string("uid", usize::MAX)?;
    let id = text.parse().ok();
    if id.is_none() {
        body.wrong("uid", Fault::Told { code: "invalid", detail: "Must be a valid UUID.".into() });
    }
    id
}

async fn get(call: Call) -> Answer {
    let caller = call.caller().await?;
    let view = call.api.subjects.get(&caller, KIND, call.subject(KIND)?).await?;
    ok(&DashdocContact::new(&view, &call.api.config)?)
}

async fn patch(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let sent = call.spoken_body().await?;
    call.merging(&caller, KIND, async |now| {
        let mut body = sent.clone();
        let said = Said::read(&mut body, Profile::of(&now), Extent::Partial, &call.noted_now());
        change(&call, &caller, SubjectRef::Id(now.id), said, body, Some(&now)).await
    })
    .await
}

async fn put(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let mut body = call.spoken_body().await?;
    let said = Said::read(&mut body, Profile::default(), Extent::Whole, &call.noted_now());
    let contact = call.subject(KIND)?;
    change(&call, &caller, contact, said, body, None).await
}

async fn change(
    call: &Call,
    caller: &Caller,
    contact: SubjectRef,
    said: Said,
    body: Reader,
    now: Option<&Subject>,
) -> Answer {
    body.finish()?;
    let command = ChangeSubject {
        name: Some(said.name()),
        phone: Some(said.phone()),
        company: said.company,
        remote_id: said.remote_id,
        email: said.email,
        profile: Some(said.profile.into_text()),
        if_match: now.map(|now| now.version),
    };
    let view = call.api.subjects.change(caller, KIND, contact, command).await.map_err(renamed)?;
    ok(&DashdocContact::new(&view, &call.api.config)?)
}

async fn delete(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    call.ignore_body().await?;
    call.api.subjects.delete(&caller, KIND, call.subject(KIND)?).await?;
    nothing()
}

async fn invite(mut call: Call) -> Answer {
    let (caller, organization) = call.caller_and_organization().await?;
    call.ignore_body().await?;
    let contact = call.subject(KIND)?;
    // The documentation knows a mail alone.
    let command = call.invitation(&caller, &organization, "contact_role", Some(vec![Channel::Email])).await?;
    let view = call.api.subjects.invite(&caller, KIND, contact, command).await.map_err(|error| match error {
        ServiceError::Rejected(Rejection::NoAddress) => {
            Problem::told("email", "no_address", "The contact has no email address to send an invitation to.")
        }
        error => error.into(),
    })?;
    ok(&DashdocContact::new(&view, &call.api.config)?)
}
