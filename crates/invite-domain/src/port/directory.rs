use super::{PortError, Principal};
use crate::{
    access::{ActorFacts, MemberFacts, PermissionSet, Role},
    directory::{
        Account, AccountToken, ApiKey, IdentityKey, Login, Logo, LogoId, OperatorKey, Organization, Session, Slug,
    },
    id::{AccountId, ApiKeyId, MembershipId, OrganizationId, RoleId, SessionId},
    page::{Page, PageRequest},
    secret::{account_token::AccountPurpose, credential::CredentialDigest},
    time::Timestamp,
};
use async_trait::async_trait;

/// What a credential's digest leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CredentialFacts {
    /// An API key, by its present or previous text.
    ApiKey(Box<ApiKey>),
    /// An operator key.
    Operator(Box<OperatorKey>),
    /// A session and who is signed in.
    Session(Box<Session>, Box<Account>),
    /// The session that this text, given out with it, may renew.
    Refresh(Box<Session>, Box<Account>),
}

/// Names an organisation: a caller may use either.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OrganizationRef {
    /// By id.
    Id(OrganizationId),
    /// By slug, also one it had within the last 90 days.
    Slug(Slug),
    /// By the store's number.
    Number(i64),
}

impl OrganizationRef {
    /// What somebody may mean who names an organisation, in the order to look it up: an id, a number, a slug. Some slugs
    /// read like either.
    pub fn readings(text: &str) -> impl DoubleEndedIterator<Item = Self> {
        let id = text.parse().ok().map(Self::Id);
        let number = text.parse().ok().map(Self::Number);
        [id, number, Slug::parse(text).ok().map(Self::Slug)].into_iter().flatten()
    }

    /// Reads what somebody names an organisation by, id or slug; `None` where no organisation could be called so. A text
    /// that could be either is an id.
    pub fn parse(text: &str) -> Option<Self> {
        let id = text.parse().ok().map(Self::Id);
        id.or_else(|| Slug::parse(text).ok().map(Self::Slug))
    }
}

/// A member with the account behind the membership.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberRecord {
    /// The membership, its role and name.
    pub member: MemberFacts,
    /// The account.
    pub account: Account,
}

/// Asks for what an administrator's command needs; each part is read only where it is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdministrationQuery {
    /// The organisation.
    pub organization_id: OrganizationId,
    /// Who commands.
    pub principal: Principal,
    /// A role the command is about or gives.
    pub role_id: Option<RoleId>,
    /// A member the command is about.
    pub membership_id: Option<MembershipId>,
    /// An API key the command is about.
    pub api_key_id: Option<ApiKeyId>,
}

impl AdministrationQuery {
    /// Asks for the organisation and the actor alone.
    pub fn of(organization_id: OrganizationId, principal: Principal) -> Self {
        Self { organization_id, principal, role_id: None, membership_id: None, api_key_id: None }
    }
}

/// What an administrator's command needs, read at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdministrationFacts {
    /// The organisation.
    pub organization: Organization,
    /// Who commands.
    pub actor: ActorFacts,
    /// The role, where it was named and exists.
    pub role: Option<Role>,
    /// The member, where it was named and exists.
    pub member: Option<MemberRecord>,
    /// The API key, where it was named and exists.
    pub api_key: Option<ApiKey>,
    /// Whether a membership, active or not, or a pending invitation has the role; `false` where none was named. What
    /// [`Guard::RoleUnused`](crate::invitation::Guard::RoleUnused) checks again.
    pub role_in_use: bool,
    /// Whether an active member other than the named one has the system role `owner`; `false` where none was named. What
    /// [`Guard::OwnerRemains`](crate::invitation::Guard::OwnerRemains) checks again.
    pub other_active_owners: bool,
    /// Every permission any role, membership or key of the organisation names.
    pub known_permissions: PermissionSet,
}

/// The bundled directory: organisations, people, roles and credentials. A host that has these of its own does without it.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Directory: Send + Sync {
    /// What the digest of a credential's text leads to, whether or not it still counts.
    async fn credential(&self, digest: &CredentialDigest) -> Result<Option<CredentialFacts>, PortError>;

    /// Notes that a key was used; at most once a minute a key. Losing a note is no harm and keeps nobody out: a failure is the
    /// store's to log, which is why there is no error to answer.
    async fn note_key_used(&self, key: ApiKeyId, now: Timestamp);

    /// Notes that a session was used; at most once an hour a session. A failure is the store's to log, as for a key.
    async fn note_session_used(&self, session: SessionId, now: Timestamp);

    /// An organisation that is not deleted.
    async fn organization(&self, reference: &OrganizationRef) -> Result<Option<Organization>, PortError>;

    /// The organisation that holds this slug: whose it is or was within the last 90 days, a deleted one too. What
    /// [`UniqueKey::Slug`](crate::invitation::UniqueKey::Slug) would collide with.
    async fn slug_holder(&self, slug: &Slug) -> Result<Option<OrganizationId>, PortError>;

    /// The logo of this content, where an organisation that is not deleted has it. Anybody may see it.
    async fn logo(&self, id: &LogoId) -> Result<Option<Logo>, PortError>;

    /// The organisations an account is an active member of, with its membership in each, oldest first.
    async fn memberships_of(&self, account: AccountId) -> Result<Vec<(Organization, MemberFacts)>, PortError>;

    /// The account with this address key.
    async fn account_by_address(&self, key: &str) -> Result<Option<Account>, PortError>;

    /// The account that an identity of another issuer is linked to. One that was linked and no more MUST lead nowhere.
    async fn account_of_identity(&self, key: &IdentityKey) -> Result<Option<Account>, PortError>;

    /// The account somebody names to sign in. A phone number leads to an account only where no other one has it.
    async fn account_by_login(&self, login: &Login) -> Result<Option<Account>, PortError>;

    /// The account of this id.
    async fn account(&self, id: AccountId) -> Result<Option<Account>, PortError>;

    /// The account's present link of this purpose, used or not.
    async fn account_token(
        &self,
        account: AccountId,
        purpose: AccountPurpose,
    ) -> Result<Option<AccountToken>, PortError>;

    /// What an administrator's command needs; `None` where the organisation does not exist or is deleted. As the actor, a
    /// key or a member of another organisation and a revoked operator key MUST be [`ActorFacts::Unknown`].
    async fn load_administration(&self, query: &AdministrationQuery) -> Result<Option<AdministrationFacts>, PortError>;

    /// Whether nothing was set up yet.
    async fn is_empty(&self) -> Result<bool, PortError>;

    /// The operator keys that still count.
    async fn operator_keys(&self) -> Result<Vec<OperatorKey>, PortError>;

    /// A page of the organisation's roles, by (created at, id).
    async fn roles(&self, organization: OrganizationId, page: &PageRequest) -> Result<Page<Role>, PortError>;

    /// The role of this name.
    async fn role_by_name(&self, organization: OrganizationId, name: &str) -> Result<Option<Role>, PortError>;

    /// The role of this number.
    async fn role_by_number(&self, organization: OrganizationId, number: i64) -> Result<Option<Role>, PortError>;

    /// A page of the organisation's members, by (created at, id), where `query` is a part of name or address.
    async fn members<'a>(
        &self,
        organization: OrganizationId,
        query: Option<&'a str>,
        page: &PageRequest,
    ) -> Result<Page<MemberRecord>, PortError>;

    /// A page of the organisation's API keys that are not revoked, by (created at, id).
    async fn api_keys(&self, organization: OrganizationId, page: &PageRequest) -> Result<Page<ApiKey>, PortError>;

    /// A page of all organisations that are not deleted, by (created at, id).
    async fn organizations(&self, page: &PageRequest) -> Result<Page<Organization>, PortError>;

    /// A page of all organisations that are deleted and whose rows are still there, by (created at, id).
    async fn deleted_organizations(&self, page: &PageRequest) -> Result<Page<Organization>, PortError>;

    /// An organisation that is deleted and whose row is still there.
    async fn deleted_organization(&self, id: OrganizationId) -> Result<Option<Organization>, PortError>;

    /// Whether the store answers, and the time its database has.
    async fn database_time(&self) -> Result<Timestamp, PortError>;
}
