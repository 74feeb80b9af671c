//! `manager-truckers/`: list, create, one, change, delete, generate a code.

use super::{
    DIALECT,
    bodies::{DashdocTruckerBody, DashdocTruckerPage},
    common::{LOOKUP, PAGE, company_named, email, full_name, phone, remote_id, said},
    fields::{Extent, Profile},
    trucker::{DashdocTrucker, FIELDS, NAMES},
};
use crate::{
    dialect::reader::Reader,
    endpoint::{Endpoint, Parameter},
    extract::call::{Answer, Call, json, nothing, ok},
    problem::{Problem, table},
};
use actix_web::http::{Method, StatusCode};
use invite_domain::{
    directory::{ChangeSubject, NewSubject, Subject, SubjectKind},
    email::EmailAddress,
    phone::PhoneNumber,
    port::{SubjectFilter, SubjectRef},
    service::{Caller, ServiceError},
};

const KIND: SubjectKind = SubjectKind::Trucker;
/// Rows of a page.
const ROWS: u32 = 100;

const PK: [Parameter; 1] = [Parameter {
    name: "pk",
    description: "The trucker's number, or your own id for it with `lookup_field=remote_id`.",
    kind: "string",
    example: "23498",
}];

pub(super) fn endpoints() -> Vec<Endpoint> {
    const LIST: &str = "/api/v4/manager-truckers/";
    const ONE: &str = "/api/v4/manager-truckers/{pk}/";
    const GENERATE: &str = "/api/v4/manager-truckers/{pk}/generate-invite-code/";
    vec![
        Endpoint::new(Method::GET, LIST, "dashdocListTruckers", list)
            .about(DIALECT.name, "List truckers", "A page of truckers, by number. Needs `subjects.read`.")
            .filtered(const { &[PAGE] })
            .answers::<DashdocTruckerPage>(200, "The page."),
        Endpoint::new(Method::POST, LIST, "dashdocCreateTrucker", create)
            .about(DIALECT.name, "Create a trucker", "Makes a trucker and a code, and sends it by SMS where there is a phone number in E.164 and by mail where there is an address. The role is `dashdoc.trucker_role` of the organisation's profile, else `guest`. Needs `subjects.write` and `invitations.issue`. The code is in the answer for a credential with `invitations.reveal` that has every permission it gives; else null.")
            .takes::<DashdocTruckerBody>()
            .answers::<DashdocTrucker>(201, "The trucker.")
            .refuses(&[&table::GRANT_EXCEEDS_AUTHORITY]),
        Endpoint::new(Method::GET, ONE, "dashdocGetTrucker", get)
            .about(DIALECT.name, "Get a trucker", "One trucker. Needs `subjects.read`.")
            .in_path(&PK)
            .filtered(const { &[LOOKUP] })
            .answers::<DashdocTrucker>(200, "The trucker."),
        Endpoint::new(Method::PATCH, ONE, "dashdocChangeTrucker", patch)
            .about(DIALECT.name, "Change a trucker", "Changes what is named; an object or a list inside is replaced as a whole. Another address or number withdraws the code that went to the old one. Needs `subjects.read` and `subjects.write`.")
            .in_path(&PK)
            .filtered(const { &[LOOKUP] })
            .takes::<DashdocTruckerBody>()
            .answers::<DashdocTrucker>(200, "The trucker.")
            .refuses(&[&table::VERSION_MISMATCH]),
        Endpoint::new(Method::PUT, ONE, "dashdocReplaceTrucker", put)
            .about(DIALECT.name, "Replace a trucker", "Changes everything but the carrier, which stays where it is not named: what else is not named is null or its default afterwards. Needs `subjects.write`.")
            .in_path(&PK)
            .filtered(const { &[LOOKUP] })
            .takes::<DashdocTruckerBody>()
            .answers::<DashdocTrucker>(200, "The trucker."),
        Endpoint::new(Method::DELETE, ONE, "dashdocDeleteTrucker", delete)
            .about(DIALECT.name, "Delete a trucker", "Deletes a trucker and withdraws the code. Who used one stays a member. Needs `subjects.write`.")
            .in_path(&PK)
            .filtered(const { &[LOOKUP] })
            .answers_nothing("It is deleted."),
        Endpoint::new(Method::POST, GENERATE, "dashdocGenerateInviteCode", generate)
            .about(DIALECT.name, "Generate a trucker's code", "Makes a new code, with which the one before is dead; sends nothing. A trucker who has connected already signs in with it on another device. A body is not looked at. Needs `subjects.read` and `invitations.issue`, where a code is out `invitations.resend`. The code is in the answer for a credential with `invitations.reveal` that has every permission it gives; else null.")
            .in_path(&PK)
            .filtered(const { &[LOOKUP] })
            .answers::<DashdocTrucker>(200, "The trucker with the code.")
            .refuses(&[&table::GRANT_EXCEEDS_AUTHORITY, &table::SUSPENDED]),
    ]
}

/// Our places under the dialect's names.
fn renamed(error: ServiceError) -> Problem {
    Problem::from(error).renamed(&[("/name", "user"), ("/company", "carrier")])
}

async fn list(call: Call) -> Answer {
    let caller = call.caller().await?;
    call.listed(&caller, KIND, &SubjectFilter::default(), ROWS, DashdocTrucker::new).await
}

/// What a body says of a trucker.
#[expect(clippy::option_option, reason = "the commands of the domain tell absent from null this way")]
struct Said {
    carrier: Option<SubjectRef>,
    remote_id: Option<Option<String>>,
    email: Option<Option<EmailAddress>>,
    profile: Profile,
}

impl Said {
    fn read(body: &mut Reader, mut profile: Profile, extent: Extent, now: &str) -> Self {
        // Null is as good as none, which is the organisation's own company.
        let carrier = company_named(body, "carrier");
        let remote_id = said(body, "remote_id", extent, remote_id);
        let mut user = body.object("user").unwrap_or_default();
        let email = said(&mut user, "email", extent, email);
        profile.read(&mut user, NAMES, extent, now);
        body.absorb(user);
        profile.read(body, FIELDS, extent, now);
        Self { carrier, remote_id, email, profile }
    }

    fn phone(&self) -> Option<PhoneNumber> {
        phone([self.profile.text("phone_number"), self.profile.text("phone_number_personal")])
    }

    /// What the trucker is called: no name is required, and ours must have one.
    fn name(&self, remote_id: Option<&str>, email: Option<&EmailAddress>) -> String {
        let name = full_name(&self.profile.words("first_name"), &self.profile.words("last_name"));
        let others = [remote_id.map(str::to_owned), email.map(|email| email.as_str().to_owned())];
        let phone = self.phone().map(|phone| phone.to_string());
        let mut names = [name].into_iter().chain(others.into_iter().flatten()).chain(phone);
        names.find(|name| !name.is_empty()).unwrap_or_else(|| "Trucker".to_owned())
    }
}

async fn create(mut call: Call) -> Answer {
    let (caller, organization) = call.caller_and_organization().await?;
    let mut body = call.spoken_body().await?;
    let said = Said::read(&mut body, Profile::default(), Extent::Whole, &call.noted_now());
    body.finish()?;
    let (remote_id, email) = (said.remote_id.clone().flatten(), said.email.clone().flatten());
    let command = NewSubject {
        kind: KIND,
        id: None,
        name: said.name(remote_id.as_deref(), email.as_ref()),
        phone: said.phone(),
        company: said.carrier,
        remote_id,
        email,
        profile: said.profile.into_text(),
    };
    let code = call.invitation(&caller, &organization, "trucker_role", None).await?;
    let made = call.api.subjects.create(&caller, command, Some(code)).await.map_err(renamed)?;
    let view = call.shown(&caller, made).await?;
    Ok(json(StatusCode::CREATED, &DashdocTrucker::new(&view)?))
}

async fn get(call: Call) -> Answer {
    let caller = call.caller().await?;
    let view = call.api.subjects.get(&caller, KIND, call.subject(KIND)?).await?;
    ok(&DashdocTrucker::new(&view)?)
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
    let trucker = call.subject(KIND)?;
    change(&call, &caller, trucker, said, body, None).await
}

async fn change(
    call: &Call,
    caller: &Caller,
    trucker: SubjectRef,
    said: Said,
    body: Reader,
    now: Option<&Subject>,
) -> Answer {
    body.finish()?;
    let remote_id = said.remote_id.clone().unwrap_or_else(|| now.and_then(|now| now.remote_id.clone()));
    let email = said.email.clone().unwrap_or_else(|| now.and_then(|now| now.email.clone()));
    let command = ChangeSubject {
        name: Some(said.name(remote_id.as_deref(), email.as_ref())),
        phone: Some(said.phone()),
        company: said.carrier,
        remote_id: said.remote_id,
        email: said.email,
        profile: Some(said.profile.into_text()),
        if_match: now.map(|now| now.version),
    };
    let view = call.api.subjects.change(caller, KIND, trucker, command).await.map_err(renamed)?;
    ok(&DashdocTrucker::new(&view)?)
}

async fn delete(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    call.ignore_body().await?;
    call.api.subjects.delete(&caller, KIND, call.subject(KIND)?).await?;
    nothing()
}

async fn generate(mut call: Call) -> Answer {
    let (caller, organization) = call.caller_and_organization().await?;
    call.ignore_body().await?;
    let trucker = call.subject(KIND)?;
    // A new code is shown, not sent: only a creation is documented to send one.
    let command = call.invitation(&caller, &organization, "trucker_role", Some(Vec::new())).await?;
    let view = call.api.subjects.invite(&caller, KIND, trucker, command).await?;
    ok(&DashdocTrucker::new(&view)?)
}
