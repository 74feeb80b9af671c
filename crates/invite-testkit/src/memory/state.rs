//! The rows, and what is looked up among them by more than one port.

use chrono::Duration;
use invite_domain::{
    access::{ActorFacts, Inviter, InviterKind, MemberFacts, Role, SystemRole},
    directory::{
        Account, AccountToken, ApiKey, IdentityKey, Logo, LogoId, Membership, OperatorKey, Organization,
        OrganizationGroup, Session, Slug, Subject,
    },
    id::{
        AccountId, ApiKeyId, EventId, GroupId, InvitationId, MembershipId, MessageId, OrganizationId, RoleId,
        SessionId, SubjectId,
    },
    invitation::{
        Channel, Delivery, Event, IdempotencyRecord, Invitation, LiveKey, OutboxMessage, Redemption, State as Lifecycle,
    },
    port::{AccountFacts, IdempotencyRef, InvitationRecord, OrganizationRef, Principal},
    secret::{account_token::AccountPurpose, code::CodeIndex},
    time::Timestamp,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// How long an organisation is found by a slug it gave up.
const OLD_SLUG_LIFETIME: Duration = Duration::days(90);

/// A message and the claim on it.
#[derive(Clone, PartialEq)]
pub(super) struct Queued {
    pub(super) message: OutboxMessage,
    /// The token of the claim and when it ends.
    pub(super) lease: Option<(Uuid, Timestamp)>,
}

/// One number sequence a table, as a database's identity columns.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Numbers(BTreeMap<&'static str, i64>);

impl Numbers {
    pub(super) fn next(&mut self, table: &'static str) -> i64 {
        let number = self.0.entry(table).or_insert(0);
        *number += 1;
        *number
    }
}

/// Everything stored. Rows are shared, so that copying the state for a plan copies pointers.
#[derive(Clone, Default, PartialEq)]
pub(super) struct State {
    pub(super) numbers: Numbers,
    pub(super) organizations: BTreeMap<OrganizationId, Arc<Organization>>,
    pub(super) logos: BTreeMap<(OrganizationId, LogoId), Logo>,
    /// Slugs organisations had, with when they gave them up, the newest last.
    pub(super) old_slugs: Vec<(Slug, OrganizationId, Timestamp)>,
    pub(super) groups: BTreeMap<GroupId, Arc<OrganizationGroup>>,
    /// Since when somebody administers a group.
    pub(super) group_administrators: BTreeMap<(GroupId, AccountId), Timestamp>,
    /// A host may have given one id in two organisations.
    pub(super) subjects: BTreeMap<(OrganizationId, SubjectId), Arc<Subject>>,
    pub(super) roles: BTreeMap<RoleId, Arc<Role>>,
    pub(super) accounts: BTreeMap<AccountId, Arc<Account>>,
    pub(super) account_tokens: BTreeMap<(AccountId, AccountPurpose), Arc<AccountToken>>,
    pub(super) memberships: BTreeMap<MembershipId, Arc<Membership>>,
    pub(super) sessions: BTreeMap<SessionId, Arc<Session>>,
    pub(super) identities: BTreeMap<IdentityKey, AccountId>,
    pub(super) api_keys: BTreeMap<ApiKeyId, Arc<ApiKey>>,
    pub(super) operator_keys: BTreeMap<ApiKeyId, Arc<OperatorKey>>,
    pub(super) blocks: BTreeSet<(OrganizationId, LiveKey)>,
    pub(super) invitations: BTreeMap<InvitationId, Arc<Invitation>>,
    pub(super) redemptions: Vec<Arc<Redemption>>,
    pub(super) events: BTreeMap<EventId, Arc<Event>>,
    pub(super) messages: BTreeMap<MessageId, Queued>,
    pub(super) idempotency: BTreeMap<(String, String), Arc<IdempotencyRecord>>,
    /// By key and window length: the window counted, from the epoch, and the attempts in it.
    pub(super) counters: BTreeMap<(String, i64), (i64, u32)>,
    /// A mistake: a count of live invitations that nothing forgets.
    pub(super) kept_live: BTreeMap<OrganizationId, i64>,
    /// A mistake: a reminder is taken for a delivery.
    pub(super) shows_reminders: bool,
}

impl State {
    /// An organisation that is not deleted.
    pub(super) fn organization(&self, id: OrganizationId) -> Option<Organization> {
        self.organizations.get(&id).filter(|organization| organization.deleted_at.is_none()).map(|it| (**it).clone())
    }

    /// An organisation that is not deleted, however it is named.
    pub(super) fn find_organization(&self, reference: &OrganizationRef, now: Timestamp) -> Option<Organization> {
        let id = match reference {
            OrganizationRef::Id(id) => Some(*id),
            OrganizationRef::Slug(slug) => self.slug_holder(slug, now),
            OrganizationRef::Number(number) => {
                self.organizations.values().find(|row| row.number == *number).map(|row| row.id)
            }
        };
        id.and_then(|id| self.organization(id))
    }

    /// The logo of this content.
    pub(super) fn logo(&self, id: &LogoId, of_deleted_too: bool) -> Option<Logo> {
        let counts = |of: OrganizationId| of_deleted_too || self.organization(of).is_some();
        self.logos.iter().find(|((of, logo), _)| logo == id && counts(*of)).map(|(_, logo)| logo.clone())
    }

    pub(super) fn role(&self, organization: OrganizationId, id: RoleId) -> Option<Role> {
        self.roles.get(&id).filter(|role| role.organization_id == organization).map(|role| (**role).clone())
    }

    pub(super) fn has_username(&self, key: &str) -> bool {
        self.accounts.values().any(|account| account.username.as_ref().is_some_and(|name| name.key() == key))
    }

    pub(super) fn account_at(&self, key: &str) -> Option<Account> {
        self.accounts.values().find(|account| account.email_key() == Some(key)).map(|account| (**account).clone())
    }

    pub(super) fn membership_of(&self, organization: OrganizationId, account: AccountId) -> Option<&Membership> {
        self.memberships
            .values()
            .find(|member| member.organization_id == organization && member.account_id == account)
            .map(|member| &**member)
    }

    pub(super) fn member_facts(&self, membership: &Membership) -> MemberFacts {
        MemberFacts {
            membership: membership.clone(),
            role: membership.role_id.and_then(|id| self.role(membership.organization_id, id)),
            name: self.accounts.get(&membership.account_id).and_then(|account| account.name.clone()),
        }
    }

    pub(super) fn account_facts(&self, organization: OrganizationId, account: &Account) -> AccountFacts {
        let member = self.membership_of(organization, account.id).map(|member| self.member_facts(member));
        AccountFacts { account: account.clone(), member }
    }

    pub(super) fn actor(&self, organization: OrganizationId, principal: Principal) -> ActorFacts {
        match principal {
            Principal::Person(account) => self
                .membership_of(organization, account)
                .map_or(ActorFacts::Unknown, |member| ActorFacts::Member(self.member_facts(member))),
            Principal::ApiKey(id) => self.api_key_facts(organization, id),
            Principal::Operator(id) => self.operator_facts(id),
        }
    }

    pub(super) fn inviter(&self, organization: OrganizationId, inviter: Inviter) -> ActorFacts {
        match inviter.kind {
            InviterKind::Member => self
                .memberships
                .get(&MembershipId::from_uuid(inviter.id))
                .filter(|member| member.organization_id == organization)
                .map_or(ActorFacts::Unknown, |member| ActorFacts::Member(self.member_facts(member))),
            InviterKind::ApiKey => self.api_key_facts(organization, ApiKeyId::from_uuid(inviter.id)),
            InviterKind::Operator => self.operator_facts(ApiKeyId::from_uuid(inviter.id)),
        }
    }

    fn api_key_facts(&self, organization: OrganizationId, id: ApiKeyId) -> ActorFacts {
        let Some(key) = self.api_keys.get(&id).filter(|key| key.organization_id == organization) else {
            return ActorFacts::Unknown;
        };
        let creator = self.memberships.get(&key.created_by).map(|member| self.member_facts(member));
        ActorFacts::ApiKey { key: (**key).clone(), creator }
    }

    /// The facts of an operator have no place for a revocation, so a revoked key is nobody's.
    fn operator_facts(&self, id: ApiKeyId) -> ActorFacts {
        let counts = self.operator_keys.get(&id).is_some_and(|key| key.revoked_at.is_none());
        if counts { ActorFacts::Operator { id } } else { ActorFacts::Unknown }
    }

    pub(super) fn messages_of(&self, invitation: InvitationId) -> impl Iterator<Item = &OutboxMessage> {
        self.messages.values().map(|queued| &queued.message).filter(move |message| is_of(message, invitation))
    }

    /// When the invitation's messages since then were made.
    pub(super) fn message_times(&self, invitation: InvitationId, since: Timestamp) -> Vec<Timestamp> {
        self.messages_of(invitation).map(|message| message.created_at).filter(|at| *at >= since).collect()
    }

    pub(super) fn record(&self, invitation: &Invitation) -> InvitationRecord {
        let organization = invitation.organization_id;
        let mut latest = BTreeMap::<Channel, &OutboxMessage>::new();
        let shown = |message: &&OutboxMessage| self.shows_reminders || message.kind.is_invitation(invitation.id);
        for message in self.messages_of(invitation.id).filter(shown) {
            let newest = latest.entry(message.channel).or_insert(message);
            if (newest.created_at, newest.id) < (message.created_at, message.id) {
                *newest = message;
            }
        }
        InvitationRecord {
            invitation: invitation.clone(),
            role: invitation.grant.role_id.and_then(|id| self.role(organization, id)),
            inviter: self.inviter(organization, invitation.inviter),
            deliveries: latest.into_values().map(Delivery::from).collect(),
            redemption: self.last_redemption(invitation.id),
        }
    }

    fn last_redemption(&self, invitation: InvitationId) -> Option<Redemption> {
        self.redemptions
            .iter()
            .filter(|redemption| redemption.invitation_id == invitation)
            .max_by_key(|redemption| (redemption.redeemed_at, redemption.id))
            .map(|redemption| (**redemption).clone())
    }

    /// Who holds a live key, live or expired.
    pub(super) fn holder(&self, organization: OrganizationId, key: &LiveKey) -> Option<&Invitation> {
        self.invitations
            .values()
            .find(|held| held.organization_id == organization && held.live_key.as_ref() == Some(key))
            .map(|held| &**held)
    }

    /// Whose code it is.
    pub(super) fn coded(&self, organization: OrganizationId, index: &CodeIndex) -> Option<&Invitation> {
        self.invitations
            .values()
            .find(|held| held.organization_id == organization && held.code_index.as_ref() == Some(index))
            .map(|held| &**held)
    }

    pub(super) fn is_blocked(&self, organization: OrganizationId, key: LiveKey) -> bool {
        self.blocks.contains(&(organization, key))
    }

    pub(super) fn replay(&self, wanted: Option<&IdempotencyRef>) -> Option<IdempotencyRecord> {
        let wanted = wanted?;
        self.idempotency.get(&(wanted.scope.clone(), wanted.key.clone())).map(|record| (**record).clone())
    }

    /// Whether the organisation has an active owner, `except` this one.
    pub(super) fn has_active_owner(&self, organization: OrganizationId, except: Option<MembershipId>) -> bool {
        let active = |member: &&Arc<Membership>| member.organization_id == organization && member.active;
        self.memberships.values().filter(active).filter(|member| Some(member.id) != except).any(|member| {
            let role = member.role_id.and_then(|id| self.roles.get(&id));
            role.is_some_and(|role| role.system == Some(SystemRole::Owner))
        })
    }

    /// Whether a membership, active or not, or a pending invitation has the role.
    pub(super) fn is_role_used(&self, organization: OrganizationId, role: RoleId) -> bool {
        let by_member = self
            .memberships
            .values()
            .any(|member| member.organization_id == organization && member.role_id == Some(role));
        let by_invitation = self.invitations.values().any(|invitation| {
            invitation.organization_id == organization
                && invitation.state == Lifecycle::Pending
                && invitation.grant.role_id == Some(role)
        });
        by_member || by_invitation
    }

    /// Whose slug it is, or was and has not been given up for 90 days yet. A deleted organisation keeps its own.
    pub(super) fn slug_holder(&self, slug: &Slug, now: Timestamp) -> Option<OrganizationId> {
        let present = self.organizations.values().find(|organization| organization.slug == *slug);
        let counts = |old: &&(Slug, _, Timestamp)| old.0 == *slug && now < old.2 + OLD_SLUG_LIFETIME;
        let past = || self.old_slugs.iter().rev().find(counts).map(|(_, id, _)| *id);
        present.map(|organization| organization.id).or_else(past)
    }
}

/// Whether a message carries a link of this invitation.
pub(super) fn is_of(message: &OutboxMessage, invitation: InvitationId) -> bool {
    message.kind.carries_link_of(invitation)
}
