//! Plans: everything that must change together, and under which conditions it is still true (house 4.2).

use super::{
    event::Event,
    lifecycle::{Invitation, Redemption},
    limit::{Limit, Shortage},
    message::{OutboxMessage, Reason},
    recipient::LiveKey,
    rejection::Rejection,
};
use crate::{
    access::Role,
    directory::{
        Account, AccountToken, ApiKey, Erasing, Identity, IdentityKey, Logo, Membership, OperatorKey, Organization,
        OrganizationGroup, Session, Slug, Subject, SubjectKind,
    },
    id::{
        AccountId, ApiKeyId, GroupId, InvitationId, MembershipId, MessageId, OrganizationId, RoleId, SessionId,
        SubjectId,
    },
    secret::{account_token::AccountPurpose, code::CodeIndex},
    time::Timestamp,
};
use uuid::Uuid;

/// A condition a plan was decided under. The store checks it in the same transaction that writes; where one no longer
/// holds it answers [`Outcome::Stale`] and writes nothing of the plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Guard {
    /// The invitation is still at this version.
    InvitationAt(InvitationId, i64),
    /// The account is still at this version.
    AccountAt(AccountId, i64),
    /// The membership is still at this version.
    MembershipAt(MembershipId, i64),
    /// The organisation exists, is not deleted, and its authority epoch is still this one (rule 6.7). A plan with
    /// `raise` raises it by one, alone; the others share it.
    Epoch {
        /// The organisation.
        organization_id: OrganizationId,
        /// The epoch the plan was decided under.
        epoch: i64,
        /// Whether the plan changes who may do what.
        raise: bool,
    },
    /// After the plan the organisation still has an active member whose role is `owner` (rule 6.5).
    OwnerRemains(OrganizationId),
    /// The group of organisations is still at this version.
    GroupAt(GroupId, i64),
    /// The organisation is deleted, and still at this version: for a plan that restores it, or takes something away from it.
    DeletedAt(OrganizationId, i64),
    /// No membership and no pending invitation of the organisation has this role.
    RoleUnused(OrganizationId, RoleId),
    /// The record of the host's directory is still at this version and not deleted.
    SubjectAt(OrganizationId, SubjectId, i64),
    /// Nothing is in the way of an invitation to a recipient: no invitation has this live key, its holder has not blocked the
    /// organisation, and whoever has the address of this key is no member. For a plan that was decided without having looked; it is
    /// as true as if that had been done just before the commit.
    Unhindered(OrganizationId, LiveKey, Option<String>),
    /// The session has not ended.
    SessionLasts(SessionId),
    /// The account's link of this purpose is still this one, unused and not ended: it has its nonce.
    LinkUnused {
        /// The account.
        account_id: AccountId,
        /// What the link may do.
        purpose: AccountPurpose,
        /// Which of them.
        counter: u8,
    },
    /// Nothing has this unique key yet. What the plan itself inserts is bound by the same constraint, so a store that
    /// has it as a database constraint may leave the check to that.
    Free(UniqueKey),
}

/// Something at most one row may have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UniqueKey {
    /// The live key of an invitation in an organisation.
    Live(OrganizationId, LiveKey),
    /// The address of an account, by its key.
    AccountAddress(String),
    /// The place of an account in an organisation.
    Membership(OrganizationId, AccountId),
    /// A name to sign in with, by its key.
    Username(String),
    /// An identity of another issuer: it is one account's.
    Identity(IdentityKey),
    /// The index of a short code in an organisation (rule 7.5).
    Code(OrganizationId, CodeIndex),
    /// A record of the host's directory.
    Subject(OrganizationId, SubjectId),
    /// The host's own id of such a record, among those of its kind that are not deleted.
    SubjectRemoteId(OrganizationId, SubjectKind, String),
    /// An organisation's slug.
    Slug(Slug),
    /// A role's name in an organisation.
    RoleName(OrganizationId, String),
    /// An idempotency key in its scope; a record that no longer counts at the `created_at` of the plan's own leaves it free.
    Idempotency {
        /// The scope.
        scope: String,
        /// The key.
        key: String,
    },
    /// Nothing was set up yet: there is no organisation and no operator key.
    Installation,
}

/// A change of an invitation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum InvitationChange {
    /// A new one.
    Insert(Box<Invitation>),
    /// The next state of one that exists, whole, its version one above the guarded one.
    Update(Box<Invitation>),
}

impl InvitationChange {
    /// The invitation as it will be.
    pub fn invitation(&self) -> &Invitation {
        match self {
            Self::Insert(invitation) | Self::Update(invitation) => invitation,
        }
    }
}

/// A change a redemption makes in the directory. A host with accounts of its own applies these to its own tables, in the
/// same transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DirectoryChange {
    /// A new account.
    InsertAccount(Box<Account>),
    /// The next state of an account, whole. A sign-in that was noted meanwhile and is later than the one it carries MUST
    /// stay: noting one raises no version.
    UpdateAccount(Box<Account>),
    /// What a squatter may have left at the account ends (rule 5.6). All its sessions MUST be deleted and the API keys
    /// of its memberships revoked, but for those the operator made; all its identities of other issuers forgotten, but for
    /// one the same plan links afterwards; all its stored links MUST be deleted, but for one the same plan puts, which is
    /// written afterwards; and the authority epoch of every organisation the account has a membership in, active or not,
    /// MUST rise by one, so that a plan decided before is stale there: one that creates a key, or redeems what an ended
    /// key issued (rules 6.4, 6.7).
    EndCredentials(AccountId, Timestamp),
    /// A new membership.
    InsertMembership(Box<Membership>),
    /// The next state of a membership, whole.
    UpdateMembership(Box<Membership>),
    /// An identity of another issuer opens an account from now on (rule 5.10). The account may be one the plan inserts before.
    LinkIdentity(Box<Identity>),
    /// A person is signed in.
    InsertSession(Box<Session>),
    /// The account's last sign-in becomes the one before, and this the last. Raises no version.
    NoteSignIn(AccountId, Timestamp),
}

/// A change the bundled directory's own administration makes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AdministrationChange {
    /// A new organisation.
    InsertOrganization(Box<Organization>),
    /// The next state of an organisation, whole but for its epoch, which only a guard raises. It may have other limits: a count
    /// of its live invitations that a store keeps is void from here on.
    UpdateOrganization(Box<Organization>),
    /// The organisation's logo becomes this one, in the place of any it had. The same plan names it in the organisation.
    PutLogo(OrganizationId, Logo, Timestamp),
    /// The organisation has no logo any more.
    RemoveLogo(OrganizationId),
    /// A new record of the host's directory.
    InsertSubject(Box<Subject>),
    /// The next state of such a record, whole. A deleted one gives up its remote id.
    UpdateSubject(Box<Subject>),
    /// A new role.
    InsertRole(Box<Role>),
    /// The next state of a role, whole.
    UpdateRole(Box<Role>),
    /// A role is gone.
    DeleteRole(OrganizationId, RoleId),
    /// A member is gone.
    RemoveMembership(OrganizationId, MembershipId),
    /// A new group of organisations. Which organisations are in it, the organisations say.
    InsertGroup(Box<OrganizationGroup>),
    /// The next state of such a group, whole.
    UpdateGroup(Box<OrganizationGroup>),
    /// A group is gone, and who administers it with it. The same plan takes its organisations out of it and its memberships
    /// away.
    DeleteGroup(GroupId),
    /// An account administers a group from this moment on. The same plan makes its memberships.
    PutGroupAdministrator(GroupId, AccountId, Timestamp),
    /// An account administers a group no more.
    RemoveGroupAdministrator(GroupId, AccountId),
    /// A new API key.
    InsertApiKey(Box<ApiKey>),
    /// The next state of an API key, whole.
    UpdateApiKey(Box<ApiKey>),
    /// A new operator key.
    InsertOperatorKey(Box<OperatorKey>),
    /// An operator key stops working.
    RevokeOperatorKey(ApiKeyId, Timestamp),
    /// A session ends.
    EndSession(SessionId),
    /// All sessions of an account end: their rows MUST be deleted, since the same plan may insert a session of the same
    /// id afterwards.
    EndSessions(AccountId),
    /// The account's link of this purpose is good for nothing any more, unless it was used. Its row stays, without nonce and
    /// address, so that its counter goes on; a used row stays as it is. One that the same plan puts is written afterwards.
    EndLink(AccountId, AccountPurpose),
    /// The account's link of this purpose becomes this one. Written after the directory's changes, since the account may
    /// be one they insert.
    PutAccountToken(Box<AccountToken>),
    /// The recipient of this live key wants no mail of the organisation.
    Block(OrganizationId, LiveKey, Timestamp),
    /// What names a person beside the rows the plan changes otherwise is gone, and no event: applied after all other changes
    /// of administration. Queued messages to the account MUST be cancelled and no message MUST keep the address; the
    /// account's links and identities at other issuers, its place in groups, blocks of the address, of its numbers and records,
    /// and the named counters MUST be deleted; links of others that would prove the address MUST end. Events MUST stay, without the
    /// client's address where the account, a membership, a key or the invitee of one of the invitations acted. Where the account still
    /// has a membership, an invitation is not at its version, or one that is not named goes to the address, the plan MUST be stale.
    ErasePerson(Box<Erasing>),
}

/// What was answered to a request that bore an Idempotency-Key (rule 3.7): ids, never a secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdempotencyRecord {
    /// Principal and route, or for an anonymous redemption the invitation.
    pub scope: String,
    /// The key as the client sent it.
    pub key: String,
    /// The keyed fingerprint of the request.
    pub fingerprint: [u8; 32],
    /// The id of what the request made.
    pub answer: Uuid,
    /// What became of it, in one fixed word (`issued`, `returned`, `resent`, `replaced`, `redeemed`).
    pub result: String,
    /// The generation it had.
    pub generation: u16,
    /// When.
    pub created_at: Timestamp,
}

impl IdempotencyRecord {
    /// How long a record counts.
    pub const LIFETIME: chrono::Duration = chrono::Duration::hours(24);

    /// Whether it still counts.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.created_at + Self::LIFETIME
    }

    /// Whether it answers a request with this fingerprint: `None` where it no longer counts.
    ///
    /// # Errors
    /// Where the key was used for another request.
    pub fn answers(&self, fingerprint: &[u8; 32], now: Timestamp) -> Result<Option<&Self>, Rejection> {
        if !self.is_live(now) {
            Ok(None)
        } else if self.fingerprint == *fingerprint {
            Ok(Some(self))
        } else {
            Err(Rejection::IdempotencyMismatch)
        }
    }
}

/// Everything that changes together, and the guards under which it is still true.
///
/// A store applies a plan whole in one transaction or not at all. The order within is: guards, limits, then invitations,
/// cancellations, replays, administration, directory, redemption, events, messages, idempotency. Two changes of administration may
/// name what the directory's part of the same plan inserts: an account's link, which is written after that part, and an
/// API key, whose maker may be a membership that is still to come.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Plan {
    /// Conditions.
    pub guards: Vec<Guard>,
    /// Limits it keeps within.
    pub limits: Vec<Limit>,
    /// Invitations, updates before inserts, so that a live key moves from an old one to a new one.
    pub invitations: Vec<InvitationChange>,
    /// Queued messages of these invitations are cancelled for this reason, before the plan's own messages are added.
    pub cancel_messages: Vec<(InvitationId, Reason)>,
    /// Messages that were given up are queued again, due at this moment, as [`OutboxMessage::replayed`] says. One that is not
    /// given up any more makes the plan stale.
    pub replay_messages: Vec<(MessageId, Timestamp)>,
    /// What the bundled directory's administration changes.
    pub administration: Vec<AdministrationChange>,
    /// What a redemption changes in the directory.
    pub directory: Vec<DirectoryChange>,
    /// The redemption.
    pub redemption: Option<Redemption>,
    /// What the audit trail says of it.
    pub events: Vec<Event>,
    /// What has to be told.
    pub messages: Vec<OutboxMessage>,
    /// The answer to repeat to the same request. A record of the same scope and key that no longer counts at this one's
    /// `created_at` is replaced; one that does makes the plan stale.
    pub idempotency: Option<IdempotencyRecord>,
}

/// What became of one plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It was written, durably. Holds the numbers the store gave to rows it inserted, by their ids.
    Committed(Vec<(Uuid, i64)>),
    /// A guard no longer held: nothing of the plan was written. Load and decide again.
    Stale,
    /// Every guard held, but the plan would have exceeded this limit: nothing of it was written, and nothing counted.
    Refused(Shortage),
}

impl Outcome {
    /// The number the store gave to the row of this id; 0 where it gave none.
    pub fn number_of(&self, id: Uuid) -> i64 {
        match self {
            Self::Committed(numbers) => numbers.iter().find(|(row, _)| *row == id).map_or(0, |(_, number)| *number),
            Self::Stale | Self::Refused(_) => 0,
        }
    }
}
