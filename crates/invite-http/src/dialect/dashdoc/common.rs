//! What the three kinds of record share: how a path and a body name one, pages, the invitation that is asked for.

use super::fields::Extent;
use crate::{
    dialect::{
        fault::Fault,
        numbered::{Numbered, Wanted},
        reader::Reader,
    },
    dto::{opaque, time},
    endpoint::Parameter,
    extract::call::{Answer, Call, ok},
    problem::{Problem, table},
};
use invite_domain::{
    access::{Grant, SystemRole},
    directory::{Account, Organization, Subject, SubjectKind},
    email::EmailAddress,
    id::SubjectId,
    invitation::{Channel, Recipient},
    page::PageRequest,
    phone::PhoneNumber,
    port::{SubjectFilter, SubjectRef},
    service::{Caller, Issue, OnConflict, Reveal, ServiceError, SubjectView},
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// How often a partial change is merged anew because somebody else changed the record meanwhile.
const MERGES: u32 = 8;
/// The most characters of the host's own id.
const REMOTE_ID: usize = 200;

pub(super) const LOOKUP: Parameter = Parameter {
    name: "lookup_field",
    description: "`remote_id` where the path has your own id instead of ours.",
    kind: "string",
    example: "remote_id",
};

pub(super) const PAGE: Parameter =
    Parameter { name: "page", description: "The page's number, from 1, or `last`.", kind: "string", example: "1" };

/// A page of a list, its members as the documentation prints them.
#[derive(Serialize)]
struct Listed<T> {
    count: u64,
    next: Option<String>,
    previous: Option<String>,
    results: Vec<T>,
}

impl Call {
    /// The present, as the profile notes it.
    pub(super) fn noted_now(&self) -> String {
        time(self.api.world.clock.now())
    }

    /// The record the path names: by its own id or, with `lookup_field=remote_id`, by the host's.
    pub(super) fn subject(&self, kind: SubjectKind) -> Result<SubjectRef, Problem> {
        let (variable, words): (_, &[_]) = match kind {
            SubjectKind::Contact => ("uid", &[("uid", false), ("remote_id", true)]),
            SubjectKind::Company | SubjectKind::Trucker => ("pk", &[("pk", false), ("remote_id", true)]),
        };
        let mut query = self.spoken_query();
        let by_remote_id = query.choice("lookup_field", words);
        query.finish()?;
        match (by_remote_id, kind) {
            (Some(true), _) => self.part(variable).map(SubjectRef::RemoteId),
            (_, SubjectKind::Contact) => {
                let id = self.part(variable)?.parse().map_err(|_| Problem::new(&table::NOT_FOUND))?;
                Ok(SubjectRef::Id(id))
            }
            _ => self.number(variable).map(SubjectRef::Number),
        }
    }

    /// A page of records as Django REST Framework lists them.
    pub(super) async fn listed<T: Serialize>(
        &self,
        caller: &Caller,
        kind: SubjectKind,
        filter: &SubjectFilter,
        limit: u32,
        print: impl Fn(&SubjectView) -> Result<T, Problem>,
    ) -> Answer {
        let wanted = Wanted::read(&self.query)?;
        let of = |page| Numbered { page, limit: limit.into() };
        let at = match wanted {
            Wanted::Page(page) => of(page),
            Wanted::Last => {
                let request = PageRequest { include_total: true, ..PageRequest::first(1) };
                let counted = self.api.subjects.list(caller, kind, filter, &request).await?;
                wanted.of(counted.total.unwrap_or_default(), limit.into())?
            }
        };
        let request = PageRequest { limit, after: None, skip: at.offset(), include_total: true };
        let page = self.api.subjects.list(caller, kind, filter, &request).await?;
        let total = page.total.unwrap_or_default();
        if matches!(wanted, Wanted::Page(_)) {
            wanted.of(total, limit.into())?;
        }
        let results = page.items.iter().map(print).collect::<Result<Vec<T>, _>>()?;
        ok(&Listed {
            count: total,
            next: at.next(total).map(|page| self.page_url(page)),
            previous: at.previous().map(|page| self.page_url(page)),
            results,
        })
    }

    /// A partial change of the record the path names: `change` merges what was sent into the record as it is now. Where
    /// somebody else changed that meanwhile, it is read and merged anew, so that what they changed stays.
    pub(super) async fn merging(
        &self,
        caller: &Caller,
        kind: SubjectKind,
        change: impl AsyncFn(Subject) -> Answer,
    ) -> Answer {
        let mut tries = MERGES;
        loop {
            let now = self.api.subjects.get(caller, kind, self.subject(kind)?).await?.record.subject;
            tries -= 1;
            match change(now).await {
                Err(problem) if problem.kind == &table::VERSION_MISMATCH && tries > 0 => {}
                answer => return answer,
            }
        }
    }

    /// A record that was just made, with all that is shown with it; as it was made for who may make and not see.
    pub(super) async fn shown(&self, caller: &Caller, made: SubjectView) -> Result<SubjectView, Problem> {
        let subject = &made.record.subject;
        match self.api.subjects.get(caller, subject.kind, SubjectRef::Id(subject.id)).await {
            Ok(seen) => Ok(seen),
            Err(ServiceError::Rejected(_)) => Ok(made),
            Err(error) => Err(error.into()),
        }
    }

    /// The invitation a record is given: its role is the one the organisation's profile names for the kind, else `guest`.
    pub(super) async fn invitation(
        &self,
        caller: &Caller,
        organization: &Organization,
        role_key: &str,
        channels: Option<Vec<Channel>>,
    ) -> Result<Issue, Problem> {
        let profile = opaque(&organization.profile);
        let name = profile["dashdoc"][role_key].as_str().unwrap_or(SystemRole::Guest.name());
        let missing = || {
            let detail = format!("The organisation has no role `{name}`, which its profile names for `{role_key}`.");
            Problem::told("", "role_not_found", detail)
        };
        let role = self.api.directory.role_named(caller, name).await?.ok_or_else(missing)?;
        let grant = Grant { role_id: Some(role.id), ..Grant::default() };
        Ok(Issue {
            channels,
            on_conflict: OnConflict::Resend,
            reveal: Reveal::WherePermitted,
            // The use case knows the record and puts it in.
            ..Issue::new(Recipient::subject(SubjectId::from_uuid(Uuid::nil())), grant)
        })
    }
}

/// A company by its `pk` or its `remote_id`; the `pk` where both are there.
pub(super) fn company_named(body: &mut Reader, name: &str) -> Option<SubjectRef> {
    let mut object = body.object(name)?;
    let named = match (object.value("pk"), object.value("remote_id")) {
        (Some(pk), _) => {
            let number = pk.as_i64();
            if number.is_none() {
                object.wrong("pk", Fault::NotInteger);
            }
            number.map(SubjectRef::Number)
        }
        (None, Some(Value::String(remote_id))) => Some(SubjectRef::RemoteId(remote_id)),
        (None, Some(_)) => {
            object.wrong("remote_id", Fault::NotText);
            None
        }
        (None, None) => {
            let detail = "Name the company by its pk or its remote_id.".to_owned();
            body.wrong(name, Fault::Told { code: "company_requires_remote_id_or_pk", detail });
            None
        }
    };
    body.absorb(object);
    named
}

/// What a body says of a member of ours: `None` leaves it, `Some(None)` takes it away.
#[expect(clippy::option_option, reason = "the commands of the domain tell absent from null this way")]
pub(super) fn said<T>(
    body: &mut Reader,
    name: &str,
    extent: Extent,
    read: impl FnOnce(&mut Reader, &str) -> Option<T>,
) -> Option<Option<T>> {
    match body.nullable(name, read) {
        None if extent == Extent::Whole => Some(None),
        said => said,
    }
}

/// The host's own id; an empty one is none.
pub(super) fn remote_id(body: &mut Reader, name: &str) -> Option<String> {
    body.string(name, REMOTE_ID).filter(|text| !text.trim().is_empty())
}

/// An address; an empty one is none.
pub(super) fn email(body: &mut Reader, name: &str) -> Option<EmailAddress> {
    match body.value(name)? {
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => {
            let read = EmailAddress::parse(&text).ok();
            if read.is_none() {
                body.wrong(name, Fault::NotEmail);
            }
            read
        }
        _ => {
            body.wrong(name, Fault::NotText);
            None
        }
    }
}

/// The first of these texts that is a number messages can be sent to.
pub(super) fn phone<const N: usize>(texts: [Option<String>; N]) -> Option<PhoneNumber> {
    texts.into_iter().flatten().find_map(|text| PhoneNumber::parse(&text).ok())
}

/// First and last name together, and one alone without a blank.
pub(super) fn full_name(first: &str, last: &str) -> String {
    format!("{} {}", first.trim(), last.trim()).trim().to_owned()
}

/// First and last name of who came from a record: the record's own, unless the account is called otherwise; then the last
/// word is the last name.
pub(super) fn names(subject: &Subject, account: Option<&Account>) -> (Option<String>, Option<String>) {
    let profile = super::fields::Profile::of(subject);
    let own = || (profile.text("first_name"), profile.text("last_name"));
    match account.and_then(|account| account.name.as_deref()) {
        None => own(),
        Some(name) if name == subject.name => own(),
        Some(name) => match name.rsplit_once(' ') {
            Some((first, last)) => (Some(first.to_owned()), Some(last.to_owned())),
            None => (None, Some(name.to_owned())),
        },
    }
}
