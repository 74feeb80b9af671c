//! The model: plain collections, changed by what the pure rules plan. It looks at no guard and knows no store.

use crate::{Scene, fake::SeededEntropy, soak::chosen};
use chrono::Duration;
use invite_domain::{
    access::{ActorFacts, Inviter, InviterKind, MemberFacts, Role},
    directory::{Account, ApiKey, Membership, Organization},
    id::{AccountId, InvitationId, MembershipId, RoleId},
    invitation::{
        AdministrationChange, Bounds, Context, Delivery, DeliveryState, DirectoryChange, Event, Guard, Invitation,
        InvitationChange, LiveKey, Origin, OutboxMessage, Plan, Redemption, Status,
    },
    port::{AccountFacts, InvitationFacts, InvitationRecord, IssueFacts, Principal, RedemptionFacts},
    secret::keyring::{KeyId, KeyRing},
    time::Timestamp,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};
use uuid::Uuid;

/// A message and the claim on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Queued {
    pub(super) message: OutboxMessage,
    /// The claim's token and when it ends.
    pub(super) lease: Option<(Uuid, Timestamp)>,
}

/// Everything there is in one organisation.
#[derive(Clone)]
pub(super) struct Model {
    /// What makes the ids of this run differ from those of every other one.
    pub(super) seed: u64,
    /// How many operations there were.
    pub(super) step: u64,
    pub(super) now: Timestamp,
    pub(super) ring: Arc<KeyRing>,
    pub(super) key_id: KeyId,
    pub(super) bounds: Arc<Bounds>,
    /// The domain its people have their addresses at.
    pub(super) domain: String,
    pub(super) organization: Organization,
    pub(super) roles: Vec<Role>,
    pub(super) accounts: Vec<Account>,
    pub(super) members: Vec<Membership>,
    pub(super) key: ApiKey,
    pub(super) invitations: Vec<Invitation>,
    /// Every generation as it was made: its links lead somewhere for ever.
    pub(super) generations: BTreeMap<(InvitationId, u16), Arc<Invitation>>,
    pub(super) redemptions: Vec<Redemption>,
    pub(super) messages: Vec<Queued>,
    /// Claims that were made, held still or not.
    pub(super) claims: Vec<(OutboxMessage, Uuid)>,
    pub(super) blocks: BTreeSet<LiveKey>,
    pub(super) events: Vec<Arc<Event>>,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = (self.invitations.len(), self.members.len(), self.messages.len());
        write!(f, "Model {{ seed: {:#x}, step: {}, has: {counts:?} }}", self.seed, self.step)
    }
}

impl Model {
    /// The model of a scene as it was made, with these roles beside the system's.
    pub(super) fn of(scene: &Scene, own: &[Role], bounds: &Bounds, seed: u64) -> Option<Self> {
        let people = [&scene.owner, &scene.admin, &scene.member];
        let system = [&scene.roles.owner, &scene.roles.admin, &scene.roles.member, &scene.roles.guest];
        Some(Self {
            seed,
            step: 0,
            now: scene.now(),
            ring: Arc::clone(&scene.ring),
            key_id: scene.ring.active()?,
            bounds: Arc::new(bounds.clone()),
            domain: format!("{}.example", scene.organization.slug),
            organization: scene.organization.clone(),
            roles: system.into_iter().chain(own).cloned().collect(),
            accounts: people.iter().map(|person| person.account.clone()).collect(),
            members: people.iter().map(|person| person.membership.clone()).collect(),
            key: scene.api_key.clone(),
            invitations: Vec::new(),
            generations: BTreeMap::new(),
            redemptions: Vec::new(),
            messages: Vec::new(),
            claims: Vec::new(),
            blocks: BTreeSet::new(),
            events: Vec::new(),
        })
    }

    /// The seed of the randomness of the operation that is next: the store's use cases get the same.
    pub(super) fn drawn(&self) -> u64 {
        chosen(self.seed, self.step, u64::MAX)
    }

    /// That randomness.
    pub(super) fn entropy(&self) -> SeededEntropy {
        SeededEntropy::new(self.drawn())
    }

    /// What a rule is given.
    pub(super) fn context<'a>(&'a self, entropy: &'a SeededEntropy) -> Context<'a> {
        Context {
            now: self.now,
            entropy,
            bounds: &self.bounds,
            key_id: self.key_id,
            ring: &self.ring,
            origin: Origin::none(),
        }
    }

    pub(super) fn role(&self, id: RoleId) -> Option<Role> {
        self.roles.iter().find(|role| role.id == id).cloned()
    }

    pub(super) fn member(&self, id: MembershipId) -> Option<&Membership> {
        self.members.iter().find(|member| member.id == id)
    }

    pub(super) fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    pub(super) fn invitation(&self, id: InvitationId) -> Option<&Invitation> {
        self.invitations.iter().find(|invitation| invitation.id == id)
    }

    pub(super) fn member_facts(&self, membership: &Membership) -> MemberFacts {
        MemberFacts {
            membership: membership.clone(),
            role: membership.role_id.and_then(|id| self.role(id)),
            name: self.account(membership.account_id).and_then(|account| account.name.clone()),
        }
    }

    fn account_facts(&self, account: &Account) -> AccountFacts {
        let member = self.members.iter().find(|member| member.account_id == account.id);
        AccountFacts { account: account.clone(), member: member.map(|member| self.member_facts(member)) }
    }

    fn key_facts(&self) -> ActorFacts {
        let creator = self.member(self.key.created_by).map(|member| self.member_facts(member));
        ActorFacts::ApiKey { key: self.key.clone(), creator }
    }

    pub(super) fn actor(&self, principal: Principal) -> ActorFacts {
        match principal {
            Principal::Person(id) => {
                let member = self.members.iter().find(|member| member.account_id == id);
                member.map_or(ActorFacts::Unknown, |member| ActorFacts::Member(self.member_facts(member)))
            }
            Principal::ApiKey(id) if id == self.key.id => self.key_facts(),
            Principal::ApiKey(_) | Principal::Operator(_) => ActorFacts::Unknown,
        }
    }

    fn inviter(&self, inviter: Inviter) -> ActorFacts {
        match inviter.kind {
            InviterKind::Member => {
                let member = self.member(MembershipId::from_uuid(inviter.id));
                member.map_or(ActorFacts::Unknown, |member| ActorFacts::Member(self.member_facts(member)))
            }
            InviterKind::ApiKey => self.key_facts(),
            InviterKind::Operator => ActorFacts::Unknown,
        }
    }

    fn messages_of(&self, id: InvitationId) -> impl Iterator<Item = &OutboxMessage> {
        self.messages.iter().map(|queued| &queued.message).filter(move |message| message.kind.carries_link_of(id))
    }

    fn message_times(&self, id: InvitationId) -> Vec<Timestamp> {
        let since = self.now - self.bounds.message_window();
        self.messages_of(id).map(|message| message.created_at).filter(|at| *at >= since).collect()
    }

    pub(super) fn record(&self, invitation: &Invitation) -> InvitationRecord {
        let mut latest = BTreeMap::<_, &OutboxMessage>::new();
        for message in self.messages_of(invitation.id).filter(|message| message.kind.is_invitation(invitation.id)) {
            let newest = latest.entry(message.channel).or_insert(message);
            if (newest.created_at, newest.id) < (message.created_at, message.id) {
                *newest = message;
            }
        }
        InvitationRecord {
            role: invitation.grant.role_id.and_then(|id| self.role(id)),
            inviter: self.inviter(invitation.inviter),
            deliveries: latest.into_values().map(Delivery::from).collect(),
            redemption: self.redemptions.iter().find(|it| it.invitation_id == invitation.id).cloned(),
            invitation: invitation.clone(),
        }
    }

    pub(super) fn status(&self, invitation: &Invitation) -> Status {
        self.record(invitation).status(self.now)
    }

    fn holder(&self, key: &LiveKey) -> Option<&Invitation> {
        self.invitations.iter().find(|invitation| invitation.live_key.as_ref() == Some(key))
    }

    fn other_holder(&self, invitation: &Invitation) -> Option<Invitation> {
        self.holder(&invitation.recipient.live_key()).filter(|holder| holder.id != invitation.id).cloned()
    }

    fn account_at(&self, key: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.email_key() == Some(key))
    }

    pub(super) fn issue_facts(
        &self,
        principal: Principal,
        recipient: &invite_domain::invitation::Recipient,
        role: Option<RoleId>,
    ) -> IssueFacts {
        let holder = self.holder(&recipient.live_key());
        let account = recipient.email().and_then(|email| self.account_at(email.key()));
        let member = account.and_then(|account| self.members.iter().find(|member| member.account_id == account.id));
        IssueFacts {
            organization: self.organization.clone(),
            actor: self.actor(principal),
            role: role.and_then(|id| self.role(id)),
            holder_messages: holder.map(|holder| self.message_times(holder.id)).unwrap_or_default(),
            holder: holder.map(|holder| self.record(holder)),
            member: member.cloned(),
            subject: None,
            blocked: self.blocks.contains(&recipient.live_key()),
            replay: None,
            is_recent: false,
        }
    }

    pub(super) fn invitation_facts(
        &self,
        principal: Principal,
        id: InvitationId,
        role: Option<RoleId>,
    ) -> InvitationFacts {
        let invitation = self.invitation(id);
        InvitationFacts {
            organization: self.organization.clone(),
            actor: self.actor(principal),
            record: invitation.map(|invitation| self.record(invitation)),
            role: role.and_then(|id| self.role(id)),
            other_holder: invitation.and_then(|invitation| self.other_holder(invitation)),
            messages: self.message_times(id),
            blocked: invitation.is_some_and(|it| self.blocks.contains(&it.recipient.live_key())),
            replay: None,
        }
    }

    pub(super) fn redemption_facts(&self, invitation: &Invitation, caller: Option<AccountId>) -> RedemptionFacts {
        let facts = |id| self.account(id).map(|account| self.account_facts(account));
        let record = self.record(invitation);
        let address = invitation.recipient.email().and_then(|email| self.account_at(email.key()));
        RedemptionFacts {
            organization: self.organization.clone(),
            messages: self.message_times(invitation.id),
            at_address: address.map(|account| self.account_facts(account)),
            caller: caller.and_then(facts),
            other_holder: self.other_holder(invitation),
            subject: None,
            redeemer: record.redemption.as_ref().and_then(|redemption| facts(redemption.account_id)),
            username_taken: false,
            blocked: self.blocks.contains(&invitation.recipient.live_key()),
            replay: None,
            record,
        }
    }

    /// Whether a membership or a pending invitation has the role.
    pub(super) fn is_role_used(&self, id: RoleId) -> bool {
        let pending = |invitation: &Invitation| {
            invitation.grant.role_id == Some(id) && invitation.state == invite_domain::invitation::State::Pending
        };
        self.members.iter().any(|member| member.role_id == Some(id)) || self.invitations.iter().any(pending)
    }

    /// Writes a plan. Its guards hold: nobody else is here.
    pub(super) fn write(&mut self, plan: &Plan) {
        let raised = plan.guards.iter().filter(|guard| matches!(guard, Guard::Epoch { raise: true, .. })).count();
        self.organization.authority_epoch += i64::try_from(raised).unwrap_or_default();
        for change in &plan.invitations {
            self.write_invitation(change);
        }
        for (id, reason) in &plan.cancel_messages {
            let at = self.now;
            for queued in self.messages.iter_mut().filter(|queued| queued.message.kind.carries_link_of(*id)) {
                if queued.message.state == DeliveryState::Queued {
                    queued.message.state = DeliveryState::Cancelled;
                    queued.message.reason = Some(*reason);
                    queued.message.settled_at = Some(at);
                    queued.lease = None;
                }
            }
        }
        for (id, at) in &plan.replay_messages {
            for queued in self.messages.iter_mut().filter(|queued| queued.message.id == *id) {
                queued.message = queued.message.clone().replayed(*at);
                queued.lease = None;
            }
        }
        for change in &plan.administration {
            self.write_administration(change);
        }
        for change in &plan.directory {
            self.write_directory(change);
        }
        self.redemptions.extend(plan.redemption.clone());
        self.events.extend(plan.events.iter().cloned().map(Arc::new));
        self.messages.extend(plan.messages.iter().map(|it| Queued { message: it.clone(), lease: None }));
    }

    fn write_invitation(&mut self, change: &InvitationChange) {
        let invitation = change.invitation().clone();
        if invitation.nonce.is_some() {
            let place = (invitation.id, invitation.generation);
            // Words may change within a generation; its link stays as it was made.
            self.generations.entry(place).or_insert_with(|| Arc::new(invitation.clone()));
        }
        match (change, self.invitations.iter_mut().find(|known| known.id == invitation.id)) {
            (InvitationChange::Update(_), Some(known)) => *known = invitation,
            _ => self.invitations.push(invitation),
        }
    }

    fn write_administration(&mut self, change: &AdministrationChange) {
        match change {
            AdministrationChange::InsertRole(role) => self.roles.push((**role).clone()),
            AdministrationChange::UpdateRole(role) => put(&mut self.roles, role, |role| role.id),
            AdministrationChange::DeleteRole(_, id) => self.roles.retain(|role| role.id != *id),
            AdministrationChange::RemoveMembership(_, id) => self.members.retain(|member| member.id != *id),
            AdministrationChange::Block(_, key, _) => drop(self.blocks.insert(key.clone())),
            AdministrationChange::UpdateOrganization(organization) => {
                let authority_epoch = self.organization.authority_epoch;
                self.organization = Organization { authority_epoch, ..(**organization).clone() };
            }
            // No operation of the sequences plans another one.
            _ => {}
        }
    }

    fn write_directory(&mut self, change: &DirectoryChange) {
        match change {
            DirectoryChange::InsertAccount(account) => self.accounts.push((**account).clone()),
            DirectoryChange::UpdateAccount(account) => put(&mut self.accounts, account, |account| account.id),
            DirectoryChange::InsertMembership(member) => self.members.push((**member).clone()),
            DirectoryChange::UpdateMembership(member) => put(&mut self.members, member, |member| member.id),
            DirectoryChange::EndCredentials(account, at) => {
                let member = self.members.iter().find(|member| member.account_id == *account);
                let Some(member) = member else { return };
                if member.id == self.key.created_by && self.key.revoked_at.is_none() {
                    self.key.revoked_at = Some(*at);
                    self.key.version += 1;
                }
                self.organization.authority_epoch += 1;
            }
            // Sessions are not compared: no answer of these use cases depends on one.
            DirectoryChange::InsertSession(_) | DirectoryChange::LinkIdentity(_) => {}
            DirectoryChange::NoteSignIn(account, at) => {
                for account in self.accounts.iter_mut().filter(|known| known.id == *account) {
                    account.previous_sign_in_at = account.last_sign_in_at;
                    account.last_sign_in_at = Some(*at);
                }
            }
        }
    }

    /// The messages that could be claimed now.
    pub(super) fn claimable(&self) -> impl Iterator<Item = &Queued> {
        self.messages.iter().filter(|queued| {
            queued.message.state == DeliveryState::Queued
                && queued.message.next_attempt_at <= self.now
                && queued.lease.is_none_or(|(_, until)| until <= self.now)
        })
    }

    /// Notes a claim.
    pub(super) fn claim(&mut self, ids: &[invite_domain::id::MessageId], token: Uuid, lasts: Duration) {
        let until = self.now + lasts;
        for queued in self.messages.iter_mut().filter(|queued| ids.contains(&queued.message.id)) {
            queued.lease = Some((token, until));
            self.claims.push((queued.message.clone(), token));
        }
    }
}

fn put<T: Clone, I: PartialEq>(rows: &mut [T], row: &T, id: impl Fn(&T) -> I) {
    for known in rows.iter_mut().filter(|known| id(known) == id(row)) {
        known.clone_from(row);
    }
}
