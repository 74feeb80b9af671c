use super::{AccountFacts, InvitationRecord, PortError, Principal};
use crate::{
    access::ActorFacts,
    directory::{Organization, Subject, SubjectKind},
    id::{OrganizationId, SubjectId},
    page::{Page, PageRequest},
    time::Timestamp,
};
use async_trait::async_trait;

/// Names a record of the host's directory in its organisation and kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SubjectRef {
    /// By its id.
    Id(SubjectId),
    /// By the store's number.
    Number(i64),
    /// By the host's own id.
    RemoteId(String),
}

/// A record with everything that is shown with it, read at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubjectRecord {
    /// The record.
    pub subject: Subject,
    /// The company it belongs to, also where that was deleted.
    pub company: Option<Subject>,
    /// Who came from it: the member whose membership names it, the oldest where there are several. For a contact from whom nobody came, the member with its
    /// address.
    pub person: Option<AccountFacts>,
    /// The invitation that holds its live key, live or expired.
    pub invitation: Option<InvitationRecord>,
    /// Who came from contacts of the company, or of itself where it is one, that are not deleted; by number, at most
    /// [`SubjectRecord::MANAGERS`].
    pub managers: Vec<(Subject, AccountFacts)>,
}

impl SubjectRecord {
    /// The most people shown with a company.
    pub const MANAGERS: usize = 100;
}

/// Asks for what a command on a record needs; each part is read only where it is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubjectQuery {
    /// The organisation.
    pub organization_id: OrganizationId,
    /// Who commands.
    pub principal: Principal,
    /// The kind of the record.
    pub kind: SubjectKind,
    /// The record; one that is deleted, of another kind or of another organisation is not found.
    pub subject: Option<SubjectRef>,
    /// A company the command names; the organisation's own where `None`.
    pub company: Option<SubjectRef>,
    /// An id the command wants for a new record.
    pub wanted_id: Option<SubjectId>,
    /// A remote id the command wants.
    pub wanted_remote_id: Option<String>,
}

impl SubjectQuery {
    /// Asks for the organisation and the actor alone.
    pub fn of(organization_id: OrganizationId, principal: Principal, kind: SubjectKind) -> Self {
        Self { organization_id, principal, kind, subject: None, company: None, wanted_id: None, wanted_remote_id: None }
    }
}

/// What a command on a record needs, read at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubjectAdministration {
    /// The organisation.
    pub organization: Organization,
    /// Who commands.
    pub actor: ActorFacts,
    /// The record, where it was named and exists.
    pub record: Option<SubjectRecord>,
    /// The named company, or the organisation's own; `None` where the named one does not exist or is deleted.
    pub company: Option<Subject>,
    /// Whether a record of the organisation has the wanted id, deleted or not.
    pub id_taken: bool,
    /// Which record of the kind, not deleted, has the wanted remote id.
    pub remote_id_holder: Option<SubjectId>,
}

/// Which records a list holds. Deleted ones are in none.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct SubjectFilter {
    /// A part of the name, without regard to ASCII case.
    pub text: Option<String>,
    /// Exactly this name, without regard to ASCII case.
    pub name: Option<String>,
    /// Exactly this remote id.
    pub remote_id: Option<String>,
    /// Of a company with one of these numbers; of any where `None`.
    pub company_numbers: Option<Vec<i64>>,
    /// Of no company with one of these numbers.
    pub other_company_numbers: Vec<i64>,
    /// Changed then or later.
    pub updated_from: Option<Timestamp>,
    /// Changed later than then.
    pub updated_after: Option<Timestamp>,
    /// Changed then or earlier.
    pub updated_until: Option<Timestamp>,
    /// Changed earlier than then.
    pub updated_before: Option<Timestamp>,
}

/// Records of the host's directory that invitations are for. Written by plans, as everything else.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Subjects: Send + Sync {
    /// What a command on a record needs; `None` where the organisation does not exist or is deleted. A record of another
    /// organisation MUST be answered as an unknown one, and so MUST one that is deleted or of another kind.
    async fn load_subject(&self, query: &SubjectQuery) -> Result<Option<SubjectAdministration>, PortError>;

    /// A page of an organisation's records of this kind, by number.
    async fn subjects(
        &self,
        organization_id: OrganizationId,
        kind: SubjectKind,
        filter: &SubjectFilter,
        page: &PageRequest,
    ) -> Result<Page<SubjectRecord>, PortError>;
}
