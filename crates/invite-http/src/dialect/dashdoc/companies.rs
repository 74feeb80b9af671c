//! `companies/`: list, create, one, change, delete.

use super::{
    DIALECT,
    bodies::{DashdocCompanyBody, DashdocCompanyPage, DashdocCompanyPatch},
    common::{LOOKUP, PAGE, remote_id, said},
    company::{DashdocCompany, FIELDS},
    fields::{Extent, Profile},
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
    invitation::Rejection,
    page::PageRequest,
    port::{SubjectFilter, SubjectRef},
    service::{Caller, ServiceError, SubjectView},
};

const KIND: SubjectKind = SubjectKind::Company;
/// Rows of a page: the documentation has 20 and 100 and does not say which list has which.
const ROWS: u32 = 20;
/// The most characters of a name.
pub(super) const NAME: usize = 500;

const PK: [Parameter; 1] = [Parameter {
    name: "pk",
    description: "The company's number, or your own id for it with `lookup_field=remote_id`.",
    kind: "string",
    example: "928",
}];

const fn updated(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, description, kind: "string", example: "2025-05-13T06:48:15Z" }
}

const FILTERS: [Parameter; 6] = [
    PAGE,
    Parameter {
        name: "text",
        description: "Only where this is a part of the name, in whatever case.",
        kind: "string",
        example: "bouvet",
    },
    updated("updated__gt", "Only where the last change was later."),
    updated("updated__gte", "Only where the last change was then or later."),
    updated("updated__lt", "Only where the last change was earlier."),
    updated("updated__lte", "Only where the last change was then or earlier."),
];

pub(super) fn endpoints() -> Vec<Endpoint> {
    const LIST: &str = "/api/v4/companies/";
    const ONE: &str = "/api/v4/companies/{pk}/";
    vec![
        Endpoint::new(Method::GET, LIST, "dashdocListCompanies", list)
            .about(DIALECT.name, "List companies", "A page of your companies, your own among them, by number. Needs `subjects.read`.")
            .filtered(&FILTERS)
            .answers::<DashdocCompanyPage>(200, "The page."),
        Endpoint::new(Method::POST, LIST, "dashdocCreateCompany", create)
            .about(DIALECT.name, "Create a company", "Makes a company, unless there is one already: with the same `remote_id`, else with the same `trade_number`, else with the same name in whatever case. That one is answered then, unchanged; one found by trade number or name counts only if it has no other `remote_id`. Needs `subjects.read` and `subjects.write`.")
            .takes::<DashdocCompanyBody>()
            .answers::<DashdocCompany>(201, "The company, new or found."),
        Endpoint::new(Method::GET, ONE, "dashdocGetCompany", get)
            .about(DIALECT.name, "Get a company", "One company. Needs `subjects.read`.")
            .in_path(&PK)
            .filtered(const { &[LOOKUP] })
            .answers::<DashdocCompany>(200, "The company."),
        Endpoint::new(Method::PATCH, ONE, "dashdocChangeCompany", patch)
            .about(DIALECT.name, "Change a company", "Changes what is named; an object inside is replaced as a whole. Needs `subjects.read` and `subjects.write`.")
            .in_path(&PK)
            .filtered(const { &[LOOKUP] })
            .takes::<DashdocCompanyPatch>()
            .answers::<DashdocCompany>(200, "The company.")
            .refuses(&[&table::VERSION_MISMATCH]),
        Endpoint::new(Method::PUT, ONE, "dashdocReplaceCompany", put)
            .about(DIALECT.name, "Replace a company", "Changes everything: what is not named is null or its default afterwards. Needs `subjects.write`.")
            .in_path(&PK)
            .filtered(const { &[LOOKUP] })
            .takes::<DashdocCompanyBody>()
            .answers::<DashdocCompany>(200, "The company."),
        Endpoint::new(Method::DELETE, ONE, "dashdocDeleteCompany", delete)
            .about(DIALECT.name, "Delete a company", "Deletes a company but your own. Its contacts and truckers stay and name it as deleted. Needs `subjects.write`.")
            .in_path(&PK)
            .filtered(const { &[LOOKUP] })
            .answers_nothing("It is deleted."),
    ]
}

async fn list(call: Call) -> Answer {
    let caller = call.caller().await?;
    let mut query = call.spoken_query();
    let filter = SubjectFilter {
        text: query.string("text", usize::MAX),
        updated_after: query.date_time("updated__gt"),
        updated_from: query.date_time("updated__gte"),
        updated_before: query.date_time("updated__lt"),
        updated_until: query.date_time("updated__lte"),
        ..SubjectFilter::default()
    };
    query.finish()?;
    call.listed(&caller, KIND, &filter, ROWS, |view| Ok(DashdocCompany::alone(&view.record))).await
}

/// What a body says of a company.
#[expect(clippy::option_option, reason = "the commands of the domain tell absent from null this way")]
struct Said {
    name: Option<String>,
    remote_id: Option<Option<String>>,
    profile: Profile,
}

impl Said {
    fn read(body: &mut Reader, mut profile: Profile, extent: Extent, now: &str) -> Self {
        let name = match extent {
            Extent::Partial if !body.has("name") => None,
            _ => body.must("name", |body, name| body.text(name, NAME)),
        };
        let remote_id = said(body, "remote_id", extent, remote_id);
        profile.read(body, FIELDS, extent, now);
        Self { name, remote_id, profile }
    }
}

async fn create(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let mut body = call.spoken_body().await?;
    let Said { name, remote_id, profile } = Said::read(&mut body, Profile::default(), Extent::Whole, &call.noted_now());
    body.finish()?;
    let (name, remote_id) = (name.unwrap_or_default(), remote_id.flatten());
    if let Some(there) = known(&call, &caller, &name, remote_id.as_deref(), profile.text("trade_number")).await? {
        return Ok(json(StatusCode::CREATED, &DashdocCompany::alone(&there.record)));
    }
    let profile = profile.into_text();
    let (id, wanted) = (None, remote_id.clone());
    let command = NewSubject { kind: KIND, id, company: None, remote_id, email: None, phone: None, name, profile };
    let view = match (call.api.subjects.create(&caller, command, None).await, wanted) {
        // Somebody made it since it was looked for: then it is there already, as it would have been a moment later.
        (Err(error), Some(remote_id)) if is_taken(&error) => {
            identified(&call, &caller, &remote_id).await?.ok_or(error)?
        }
        (made, _) => made?,
    };
    Ok(json(StatusCode::CREATED, &DashdocCompany::alone(&view.record)))
}

/// Whether the remote id was refused: another company has it.
fn is_taken(error: &ServiceError) -> bool {
    let ServiceError::Rejected(Rejection::Invalid(faults)) = error else { return false };
    faults.iter().any(|fault| fault.pointer == "/remote_id")
}

/// The company with this id of the host's own.
async fn identified(call: &Call, caller: &Caller, remote_id: &str) -> Result<Option<SubjectView>, ServiceError> {
    match call.api.subjects.get(caller, KIND, SubjectRef::RemoteId(remote_id.trim().to_owned())).await {
        Err(ServiceError::Rejected(Rejection::NotFound)) => Ok(None),
        found => found.map(Some),
    }
}

/// The company that is the same as the one to make, in the order of the documentation.
async fn known(
    call: &Call,
    caller: &Caller,
    name: &str,
    remote_id: Option<&str>,
    trade_number: Option<String>,
) -> Result<Option<SubjectView>, Problem> {
    if let Some(remote_id) = remote_id {
        let found = identified(call, caller, remote_id).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    // A company with another id of the host's own is another company, whatever it is called.
    let same = |view: &SubjectView| remote_id.is_none() || view.record.subject.remote_id.is_none();
    if let Some(trade_number) = trade_number.filter(|number| !number.trim().is_empty()) {
        let traded =
            |view: &SubjectView| Profile::of(&view.record.subject).text("trade_number").as_ref() == Some(&trade_number);
        let found = first(call, caller, &SubjectFilter::default(), |view| same(view) && traded(view)).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let filter = SubjectFilter { name: Some(name.trim().to_owned()), ..SubjectFilter::default() };
    first(call, caller, &filter, same).await
}

/// The first company of a list of which something holds. A trade number is in the profile, which no store looks into.
async fn first(
    call: &Call,
    caller: &Caller,
    filter: &SubjectFilter,
    holds: impl Fn(&SubjectView) -> bool,
) -> Result<Option<SubjectView>, Problem> {
    let mut request = PageRequest::first(PageRequest::MAX_LIMIT);
    loop {
        let page = call.api.subjects.list(caller, KIND, filter, &request).await?;
        if let Some(found) = page.items.into_iter().find(&holds) {
            return Ok(Some(found));
        }
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Ok(None),
        }
    }
}

async fn get(call: Call) -> Answer {
    let caller = call.caller().await?;
    let view = call.api.subjects.get(&caller, KIND, call.subject(KIND)?).await?;
    ok(&DashdocCompany::alone(&view.record))
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
    let company = call.subject(KIND)?;
    change(&call, &caller, company, said, body, None).await
}

async fn change(
    call: &Call,
    caller: &Caller,
    company: SubjectRef,
    said: Said,
    body: Reader,
    now: Option<&Subject>,
) -> Answer {
    body.finish()?;
    let Said { name, remote_id, profile } = said;
    let (profile, if_match) = (Some(profile.into_text()), now.map(|now| now.version));
    let command = ChangeSubject { name, remote_id, profile, if_match, ..ChangeSubject::default() };
    let view = call.api.subjects.change(caller, KIND, company, command).await?;
    ok(&DashdocCompany::alone(&view.record))
}

async fn delete(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    call.ignore_body().await?;
    call.api.subjects.delete(&caller, KIND, call.subject(KIND)?).await?;
    nothing()
}
