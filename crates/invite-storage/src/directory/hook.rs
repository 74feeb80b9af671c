use crate::{
    entity::membership,
    sql::{SqlConnection, is, table},
};
use async_trait::async_trait;
use invite_domain::{
    access::{ActorFacts, Inviter, MemberFacts},
    id::{AccountId, OrganizationId, SubjectId},
    invitation::{DirectoryChange, Guard},
    port::{AccountFacts, PortError, Principal},
};
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Query, SelectStatement};
use uuid::Uuid;

/// The part of a plan that is the directory's: what must still be true of accounts and memberships, and what changes.
pub struct DirectoryPart<'p> {
    /// [`Guard::AccountAt`], [`Guard::MembershipAt`] and [`Guard::Free`] of an account's address or username or of a
    /// membership; no other kinds.
    pub guards: Vec<&'p Guard>,
    /// The changes, in order.
    pub changes: &'p [DirectoryChange],
}

/// What became of a plan's directory part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Applied {
    /// It was applied. Holds the numbers given to inserted rows, by their ids.
    Done(Vec<(Uuid, i64)>),
    /// A guard does not hold, or a unique key is taken. The store rolls the whole plan back.
    Stale,
}

/// Which people are asked for: those whom any of the parts names.
#[derive(Clone, Copy, Debug, Default)]
pub struct PeopleQuery<'q> {
    /// Accounts with one of these address keys.
    pub address_keys: &'q [&'q str],
    /// Accounts of these ids.
    pub accounts: &'q [AccountId],
    /// The account with this username, by its key.
    pub username: Option<&'q str>,
    /// Accounts whose membership in the organisation names one of these records.
    pub subjects: &'q [SubjectId],
}

impl PeopleQuery<'_> {
    /// Whether nobody is asked for.
    pub fn is_empty(&self) -> bool {
        self.address_keys.is_empty() && self.accounts.is_empty() && self.subjects.is_empty() && self.username.is_none()
    }
}

/// Accounts and memberships, for the store.
///
/// The bundled directory ([`BundledDirectory`](crate::BundledDirectory)) keeps them in `invite_` tables. A host with
/// accounts of its own implements this over its own tables; every call comes with the connection or transaction of the
/// work it belongs to, so that host rows and invitations commit together and are read at one moment. Errors of sea-orm
/// become port errors by [`port_error`](crate::port_error).
///
/// Such a host has to raise the organisation's authority epoch (`Guard::Epoch` with `raise`) whenever somebody loses
/// rights, and it does its own administration: [`Directory`](invite_domain::port::Directory) speaks of the bundled
/// tables only. Roles, API keys and organisations stay the bundled ones.
///
/// A host that keeps the bundled tables and writes to them in transactions of its own is shown names of people, and rights that were
/// given without raising the epoch, as they were half a second ago at most.
#[async_trait]
pub trait SqlDirectory: Send + Sync {
    /// Whether the guards hold, asked before anything of the plan is written. A guard that the part's own changes check by
    /// themselves (an update that names the version it expects, an insertion under a unique key) may be left to
    /// [`apply`](Self::apply). Other guards MUST be read under a lock that lasts as long as the transaction.
    async fn holds(&self, sql: &SqlConnection<'_>, part: &DirectoryPart<'_>) -> Result<bool, PortError>;

    /// Applies the changes. MUST leave beginning, committing and rolling back to the store, and on `EndCredentials` MUST do
    /// all that [`DirectoryChange::EndCredentials`](invite_domain::invitation::DirectoryChange::EndCredentials) asks: links,
    /// keys and epochs too.
    async fn apply(&self, sql: &SqlConnection<'_>, part: &DirectoryPart<'_>) -> Result<Applied, PortError>;

    /// What is known of who calls. [`ActorFacts::Unknown`] where he has no place in the organisation.
    async fn principal(
        &self,
        sql: &SqlConnection<'_>,
        organization: OrganizationId,
        principal: Principal,
    ) -> Result<ActorFacts, PortError>;

    /// What is known of these inviters, in their order. MUST cost a number of statements that does not grow with theirs.
    async fn inviters(
        &self,
        sql: &SqlConnection<'_>,
        organization: OrganizationId,
        inviters: &[Inviter],
    ) -> Result<Vec<ActorFacts>, PortError>;

    /// Whether callers, inviters and people are found in the bundled tables, as [`principal`](Self::principal),
    /// [`inviters`](Self::inviters) and [`people`](Self::people) of the bundled directory find them. Lists, looks at one invitation
    /// and the first looks for issuing and redeeming then join them, and are fewer statements; otherwise they ask the three. Who writes them
    /// is another matter: a directory given to [`SqlStore::with_directory`](crate::SqlStore::with_directory) applies every change
    /// itself, also to these tables.
    fn people_are_bundled(&self) -> bool {
        false
    }

    /// The accounts the query names, each once, with their places in the organisation, in any order. MUST cost a number of
    /// statements that does not grow with theirs.
    async fn people(
        &self,
        sql: &SqlConnection<'_>,
        organization: OrganizationId,
        query: PeopleQuery<'_>,
    ) -> Result<Vec<AccountFacts>, PortError>;

    /// The accounts whose membership in the organisation names a contact of one of these companies, one that is not
    /// deleted: of each company those of its first `limit` such contacts by number, in any order. Contacts and companies
    /// are rows of `invite_subjects`, a contact names its company as `parent_id`.
    async fn people_of_companies(
        &self,
        sql: &SqlConnection<'_>,
        organization: OrganizationId,
        companies: &[SubjectId],
        limit: u32,
    ) -> Result<Vec<AccountFacts>, PortError>;

    /// Active members who hold the permission: those with the owner's role before the others, and of each who came first being
    /// first; at most `limit`, and it may be fewer than there are.
    /// They are told of suspended invitations. A directory that has nobody told leaves it as it is.
    async fn members_with(
        &self,
        sql: &SqlConnection<'_>,
        organization: OrganizationId,
        permission: &'static str,
        limit: u32,
    ) -> Result<Vec<MemberFacts>, PortError> {
        let _ = (sql, organization, permission, limit);
        Ok(Vec::new())
    }

    /// How many members the organisation has, active or not, as a query of one number. Where seats are limited (rule 9.1) it
    /// becomes part of the statement that counts live invitations too, so that both are counted at one moment. A directory
    /// with members of its own MUST count those; as it is, it counts the bundled ones.
    fn members(&self, organization: OrganizationId) -> SelectStatement {
        let mut count = Query::select();
        count
            .expr(Expr::col(Asterisk).count())
            .from(table::<membership::Entity>())
            .and_where(is(membership::Column::OrganizationId, organization.as_uuid()));
        count
    }
}
