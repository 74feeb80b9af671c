use super::{OrganizationRef, PortError};
use crate::{
    access::{ActorFacts, MemberFacts, Role},
    directory::{Account, Membership, Organization, Subject},
    email::EmailAddress,
    id::{AccountId, ApiKeyId, BatchId, InvitationId, OrganizationId, RoleId, SubjectId},
    invitation::{
        Delivery, DeliveryState, Event, EventKind, IdempotencyRecord, Invitation, LiveKey, Outcome, Plan,
        RecipientKind, Redemption, Status,
    },
    page::{Page, PageRequest},
    secret::code::CodeIndex,
    time::Timestamp,
};
use async_trait::async_trait;
use uuid::Uuid;

/// Who calls, as far as a credential proves it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Principal {
    /// A person with an account.
    Person(AccountId),
    /// An API key of an organisation.
    ApiKey(ApiKeyId),
    /// The operator of the installation.
    Operator(ApiKeyId),
}

/// Names an idempotency record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdempotencyRef {
    /// Principal and route, or for an anonymous redemption the invitation.
    pub scope: String,
    /// The key as the client sent it.
    pub key: String,
}

/// An invitation with what is needed to judge and show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InvitationRecord {
    /// The invitation.
    pub invitation: Invitation,
    /// Its role as it stands now.
    pub role: Option<Role>,
    /// What is known now of its inviter.
    pub inviter: ActorFacts,
    /// The latest message of each channel.
    pub deliveries: Vec<Delivery>,
    /// Its last redemption.
    pub redemption: Option<Redemption>,
}

impl InvitationRecord {
    /// The status it has now (rule 2.5).
    pub fn status(&self, now: Timestamp) -> Status {
        Status::of(&self.invitation, self.role.as_ref(), &self.inviter, now)
    }
}

/// Asks for what issuing needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssueQuery {
    /// The organisation.
    pub organization_id: OrganizationId,
    /// Who issues.
    pub principal: Principal,
    /// Whom for.
    pub live_key: LiveKey,
    /// The address whose membership matters.
    pub email: Option<EmailAddress>,
    /// The record of the host's directory it is for; its own address and membership matter then.
    pub subject_id: Option<SubjectId>,
    /// The role to grant.
    pub role_id: Option<RoleId>,
    /// The request's idempotency key.
    pub idempotency: Option<IdempotencyRef>,
    /// Messages since then are counted.
    pub messages_since: Timestamp,
    /// Whether [recent](IssueFacts::is_recent) facts do. Those of an operator never do: [`Self::takes_recent`].
    pub accepts_recent: bool,
}

impl IssueQuery {
    /// Whether it may be answered with [recent](IssueFacts::is_recent) facts: they are accepted, and a change of what the caller may do
    /// raises the organisation's epoch, which a plan is bound to. Of an operator, who belongs to none, it does not.
    pub fn takes_recent(&self) -> bool {
        self.accepts_recent && !matches!(self.principal, Principal::Operator(_))
    }
}

/// What issuing needs, read at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssueFacts {
    /// The organisation.
    pub organization: Organization,
    /// Who issues.
    pub actor: ActorFacts,
    /// The role to grant, where it was asked for and exists.
    pub role: Option<Role>,
    /// Who holds the live key now, live or expired.
    pub holder: Option<InvitationRecord>,
    /// When messages of the holder were made.
    pub holder_messages: Vec<Timestamp>,
    /// The membership of the account with the recipient's address, active or not.
    pub member: Option<Membership>,
    /// The record it is for, with the member who came from it; `None` where there is none or it is deleted.
    pub subject: Option<SubjectFacts>,
    /// Whether the recipient wants no mail of this organisation.
    pub blocked: bool,
    /// The answer to the same request, and the invitation it was about.
    pub replay: Option<(IdempotencyRecord, Option<InvitationRecord>)>,
    /// Whether the organisation, who issues and the role are as they were up to half a second ago, and whether anything is in the way
    /// was not looked at. A store may answer so where the query accepts it. A plan is good on such facts, since its guards find out
    /// ([`Epoch`](crate::invitation::Guard::Epoch) and [`Unhindered`](crate::invitation::Guard::Unhindered)); a refusal is not.
    pub is_recent: bool,
}

impl IssueFacts {
    /// Of a recipient who holds no invitation, is no member, wants mail and was not answered before.
    pub fn unhindered(organization: Organization, actor: ActorFacts, role: Option<Role>) -> Self {
        Self {
            organization,
            actor,
            role,
            holder: None,
            holder_messages: Vec::new(),
            member: None,
            subject: None,
            blocked: false,
            replay: None,
            is_recent: false,
        }
    }
}

/// Names an invitation of an organisation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InvitationRef {
    /// By its id.
    Id(InvitationId),
    /// By the store's number.
    Number(i64),
}

impl From<InvitationId> for InvitationRef {
    fn from(id: InvitationId) -> Self {
        Self::Id(id)
    }
}

/// Asks to see an invitation, or what may be seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ViewQuery {
    /// The organisation; an invitation of another one is not found (rule 6.6).
    pub organization_id: OrganizationId,
    /// Who asks.
    pub principal: Principal,
    /// The invitation, where one is meant.
    pub invitation: Option<InvitationRef>,
}

/// What a view shows, read at one moment. Only names of people, and what a redemption added to a member's rights, may be as they were
/// a moment before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ViewFacts {
    /// The organisation.
    pub organization: Organization,
    /// Who asks.
    pub actor: ActorFacts,
    /// The invitation, where one is meant and the organisation has it.
    pub record: Option<InvitationRecord>,
}

/// Asks for what a command on one invitation needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InvitationQuery {
    /// The organisation; an invitation of another one is not found (rule 6.6).
    pub organization_id: OrganizationId,
    /// Who commands.
    pub principal: Principal,
    /// The invitation.
    pub invitation: InvitationRef,
    /// A role the command names.
    pub role_id: Option<RoleId>,
    /// The request's idempotency key.
    pub idempotency: Option<IdempotencyRef>,
    /// Messages since then are counted.
    pub messages_since: Timestamp,
}

/// What a command on one invitation needs, read at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InvitationFacts {
    /// The organisation.
    pub organization: Organization,
    /// Who commands.
    pub actor: ActorFacts,
    /// The invitation, where the organisation has it.
    pub record: Option<InvitationRecord>,
    /// The role the command names, where it exists.
    pub role: Option<Role>,
    /// The other invitation that holds this one's live key, live or expired.
    pub other_holder: Option<Invitation>,
    /// When messages of the invitation were made.
    pub messages: Vec<Timestamp>,
    /// Whether the recipient wants no mail of this organisation.
    pub blocked: bool,
    /// The answer to the same request.
    pub replay: Option<IdempotencyRecord>,
}

/// How the holder of a secret leads to an invitation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SecretRef {
    /// By the id in a token. The organisation is the invitation's own.
    Token(InvitationId),
    /// By the index of a code in an organisation, under each key that may have made it (rule 7.5).
    Code(OrganizationId, Vec<CodeIndex>),
}

/// Asks for what the holder of a secret needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RedemptionQuery {
    /// The secret's invitation.
    pub secret: SecretRef,
    /// The person who is signed in.
    pub caller: Option<AccountId>,
    /// A name to sign in with that a new person wants, by its key.
    pub username: Option<String>,
    /// The request's idempotency key.
    pub idempotency: Option<IdempotencyRef>,
    /// Messages since then are counted.
    pub messages_since: Timestamp,
}

/// An account and its place in the invitation's organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountFacts {
    /// The account.
    pub account: Account,
    /// Its membership in the organisation.
    pub member: Option<MemberFacts>,
}

/// A record of the host's directory and the member who came from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubjectFacts {
    /// The record.
    pub subject: Subject,
    /// The member whose membership names it, active or not.
    pub person: Option<AccountFacts>,
}

/// What deciding on a reminder needs, read at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReminderFacts {
    /// The invitation.
    pub record: InvitationRecord,
    /// Whether the recipient wants no mail of this organisation.
    pub blocked: bool,
    /// When messages of the invitation were made.
    pub messages: Vec<Timestamp>,
}

/// What the holder of a secret needs, read at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RedemptionFacts {
    /// The organisation.
    pub organization: Organization,
    /// The invitation.
    pub record: InvitationRecord,
    /// When messages of the invitation were made.
    pub messages: Vec<Timestamp>,
    /// The account with the invitation's address.
    pub at_address: Option<AccountFacts>,
    /// The person who is signed in.
    pub caller: Option<AccountFacts>,
    /// The other invitation that holds this one's live key, live or expired.
    pub other_holder: Option<Invitation>,
    /// The record it is for, with the member who came from it; `None` where there is none or it is deleted.
    pub subject: Option<SubjectFacts>,
    /// Who redeemed it last.
    pub redeemer: Option<AccountFacts>,
    /// Whether an account has the wanted username.
    pub username_taken: bool,
    /// Whether the recipient wants no mail of this organisation.
    pub blocked: bool,
    /// The answer to the same request.
    pub replay: Option<IdempotencyRecord>,
}

impl RedemptionFacts {
    /// Of somebody without an account who comes for the first time, with an invitation that is for no record and that no other replaced.
    pub fn of_stranger(organization: Organization, record: InvitationRecord, messages: Vec<Timestamp>) -> Self {
        Self {
            organization,
            record,
            messages,
            at_address: None,
            caller: None,
            other_holder: None,
            subject: None,
            redeemer: None,
            username_taken: false,
            blocked: false,
            replay: None,
        }
    }
}

/// By what a list of invitations is sorted. Rows of one key follow their ids.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SortKey {
    /// When they were issued.
    #[default]
    CreatedAt,
    /// When they expire.
    ExpiresAt,
    /// The recipient's key.
    Email,
    /// The store's number, the order of storing.
    Number,
    /// The rate the grant carries; none is less than any.
    DefaultRate,
}

/// Which invitations a list holds.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct InvitationFilter {
    /// Any of these; all where empty.
    pub statuses: Vec<Status>,
    /// A part of the address, of the phone number where there is no address, of the role's name or of the inviter's name,
    /// without regard to ASCII case. An id is none of these.
    pub query: Option<String>,
    /// Of this role.
    pub role_id: Option<RoleId>,
    /// Of this inviter.
    pub inviter_id: Option<Uuid>,
    /// Of this batch.
    pub batch_id: Option<BatchId>,
    /// For this kind of recipient.
    pub recipient_kind: Option<RecipientKind>,
    /// Whose latest message stands so.
    pub delivery: Option<DeliveryState>,
    /// Sorted by.
    pub sort: SortKey,
    /// The last first.
    pub descending: bool,
}

/// Which events a list holds, oldest first.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct EventFilter {
    /// Of this kind.
    pub kind: Option<EventKind>,
    /// Of this invitation.
    pub invitation_id: Option<InvitationId>,
    /// Of this actor.
    pub actor_id: Option<Uuid>,
    /// Recorded then or later.
    pub since: Option<Timestamp>,
    /// Recorded before then; a feed ends some seconds ago, so that a late commit is not skipped (rule 8.4).
    pub before: Option<Timestamp>,
}

/// Where invitations live.
///
/// A load reads at one moment; a commit writes whole plans. Between the two nothing is held: the guards of a plan say what
/// must not have changed.
///
/// Whoever acts or answers for an invitation is told of in its organisation: a key or a membership of another one, and an
/// operator key that was revoked, MUST be [`ActorFacts::Unknown`].
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait InvitationStore: Send + Sync {
    /// What issuing needs; `None` where the organisation does not exist or is deleted.
    async fn load_issue(&self, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError>;

    /// What seeing one invitation, or anything else of an organisation, needs: much less than a command on it. `None` where the
    /// organisation does not exist or is deleted. An invitation of another organisation MUST be answered as an unknown one: a
    /// `record` of `None`.
    async fn load_view(&self, query: &ViewQuery) -> Result<Option<ViewFacts>, PortError>;

    /// What a command on one invitation needs; `None` where the organisation does not exist or is deleted. An invitation
    /// of another organisation MUST be answered as an unknown one: a `record` of `None`.
    async fn load_invitation(&self, query: &InvitationQuery) -> Result<Option<InvitationFacts>, PortError>;

    /// An organisation that is not deleted: where a code is entered (rule 7.5).
    async fn find_organization(&self, reference: &OrganizationRef) -> Result<Option<Organization>, PortError>;

    /// What the holder of a secret needs; `None` where there is no such invitation or its organisation is deleted. A code
    /// MUST lead to an invitation of the named organisation alone.
    async fn load_redemption(&self, query: &RedemptionQuery) -> Result<Option<RedemptionFacts>, PortError>;

    /// Applies plans, each whole or not at all, and answers each in order.
    ///
    /// MUST check every guard of a plan in the transaction that writes it, and MUST answer [`Outcome::Stale`] where one
    /// does not hold or a unique key is taken, without a trace of the plan. `Committed` MUST be durable. One plan's
    /// fate MUST NOT touch its neighbours'.
    ///
    /// Where its guards hold, MUST hold the plan to every one of its limits in that same transaction, under any
    /// concurrency: so much is admitted as there is, and no more. Where one would be exceeded it MUST answer
    /// [`Outcome::Refused`] and write nothing of the plan, and MUST NOT count it against any limit. A guard that does not
    /// hold MUST make the plan stale whatever its limits, and a stale plan MUST NOT count. Where a key is taken as well,
    /// either answer is good: a store may hold keys by constraints, which speak last.
    ///
    /// Seats are counted anew each time, under the organisation's exclusive lock: nothing has to be released. Of live
    /// invitations a store may keep a count instead, which never is below the truth: every plan with such a limit raises
    /// it, nothing has to lower it, and before it refuses the store counts anew. Such a count MUST be forgotten where a plan
    /// writes the next state of the organisation: plans decided while it had no limit were counted nowhere.
    async fn commit(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>>;

    /// A page of an organisation's invitations. The status it filters by MUST be the one [`Status::of`] gives at `now`.
    async fn list(
        &self,
        organization_id: OrganizationId,
        filter: &InvitationFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<InvitationRecord>, PortError>;

    /// A page of an organisation's events, by (recorded at, id).
    async fn events(
        &self,
        organization_id: OrganizationId,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<Page<Event>, PortError>;

    /// Invitations, of any organisation, that are expired or suspended now and whose present generation's lapse is not
    /// noted yet (rule 2.2). At most `limit`.
    async fn lapsed(&self, limit: u32, now: Timestamp) -> Result<Vec<InvitationRecord>, PortError>;

    /// Invitations, of any organisation that is not deleted, that have not expired and whose reminder is due:
    /// [`Invitation::reminder_due_at`] is not later than `now`. Those of which [`InvitationRecord::reminder_waits`] are left
    /// out: they are due once their message was sent or given up. At most `limit`, the first due first. One that cannot be
    /// read keeps none of the others back. Messages since
    /// `messages_since` that carry one of their links are counted.
    async fn reminders_due(
        &self,
        limit: u32,
        messages_since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<ReminderFacts>, PortError>;

    /// Active members of the organisation who hold `invitations.sponsor`: those with the owner's role before the others, and
    /// of each who came first being first. At most `limit`; it may be fewer than there are, where others hold a permission
    /// that reads much like it.
    async fn sponsors(&self, organization_id: OrganizationId, limit: u32) -> Result<Vec<MemberFacts>, PortError>;

    /// Which of these accounts have a notice of a suspension in the organisation that was made after `since` and is not
    /// cancelled, each once, in any order.
    async fn told_of_suspensions(
        &self,
        organization_id: OrganizationId,
        accounts: &[AccountId],
        since: Timestamp,
    ) -> Result<Vec<AccountId>, PortError>;
}
