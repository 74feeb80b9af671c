//! Loads: what a use case is told of the rows, and the pure rules that decide on it.

use super::{
    row::Row,
    store::{Store, owns},
};
use invite_domain::{
    access::{
        ActorFacts, Administrator, Authority, ChangeMember, Grant, InviterKind, MemberFacts, Role,
        member_edit::change_member,
    },
    directory::{Account, Membership, Organization},
    email::EmailAddress,
    id::{AccountId, InvitationId, MembershipId, OrganizationId, RoleId},
    invitation::{
        Bounds, Context, DeadReason, IdempotencyRecord, Invitation, Origin, Plan, Proof, Recipient, Rejection, State,
        Status, decline, issue,
        redeem::{self, NewAccount},
        resend, revoke,
    },
    port::{AccountFacts, InvitationFacts, InvitationRecord, IssueFacts, RedemptionFacts},
    secret::{
        keyring::KeyRing,
        token::{self, ParsedToken, Provenance},
    },
    time::Timestamp,
};
use invite_testkit::SeededEntropy;
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;

/// A request's idempotency key.
pub(crate) type Key = Option<&'static str>;

/// What does not change while the model runs. Time stands still: nothing expires, and every order of steps is looked at.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) ring: Arc<KeyRing>,
    pub(crate) bounds: Bounds,
    pub(crate) roles: Vec<Role>,
}

/// What a client's round came to before its commit.
pub(crate) enum Decision {
    /// This has to be written.
    Plan(Box<Plan>),
    /// There is nothing to write: it is so already, or was answered before.
    Again,
    /// The domain says no.
    Refused(&'static str),
}

impl World {
    pub(crate) fn owners(&self) -> BTreeSet<RoleId> {
        self.roles.iter().filter(|role| owns(role)).map(|role| role.id).collect()
    }

    fn role(&self, id: Option<RoleId>) -> Option<Role> {
        self.roles.iter().find(|role| Some(role.id) == id).cloned()
    }

    fn member(&self, membership: &Membership) -> MemberFacts {
        MemberFacts { membership: membership.clone(), role: self.role(membership.role_id), name: None }
    }

    fn actor(&self, store: &Store, membership: MembershipId) -> ActorFacts {
        store.membership(membership).map_or(ActorFacts::Unknown, |row| ActorFacts::Member(self.member(row)))
    }

    fn person(&self, store: &Store, organization: OrganizationId, account: &Account) -> AccountFacts {
        let member = store.place(organization, account.id).map(|row| self.member(row));
        AccountFacts { account: account.clone(), member }
    }

    /// What is stored of an invitation, as every use case is told of it.
    pub(crate) fn record(&self, store: &Store, invitation: &Invitation) -> InvitationRecord {
        let inviter = match invitation.inviter.kind {
            InviterKind::Member => self.actor(store, MembershipId::from_uuid(invitation.inviter.id)),
            InviterKind::ApiKey | InviterKind::Operator => ActorFacts::Unknown,
        };
        InvitationRecord {
            role: self.role(invitation.grant.role_id),
            inviter,
            deliveries: Vec::new(),
            redemption: store
                .redemptions
                .iter()
                .rfind(|row| row.invitation_id == invitation.id)
                .map(|row| (**row).clone()),
            invitation: invitation.clone(),
        }
    }

    fn messages(store: &Store, invitation: InvitationId) -> Vec<Timestamp> {
        let of_it = store.outbox.iter().filter(|queued| queued.of().is_some_and(|(id, _)| id == invitation));
        of_it.map(|queued| queued.message.created_at).collect()
    }

    fn answer(store: &Store, scope: &str, key: Key) -> Option<IdempotencyRecord> {
        store.answers.iter().find(|row| row.scope == scope && Some(row.key.as_str()) == key).map(|row| (**row).clone())
    }

    fn invitation_facts(
        &self,
        store: &Store,
        actor: MembershipId,
        id: InvitationId,
        replay: Option<IdempotencyRecord>,
    ) -> Option<InvitationFacts> {
        let invitation = store.invitation(id)?;
        Some(InvitationFacts {
            organization: organization_of(store, invitation)?,
            actor: self.actor(store, actor),
            record: Some(self.record(store, invitation)),
            role: None,
            other_holder: None,
            messages: Self::messages(store, id),
            blocked: false,
            replay,
        })
    }

    fn redemption_facts(
        &self,
        store: &Store,
        id: InvitationId,
        caller: Option<AccountId>,
        replay: Option<IdempotencyRecord>,
    ) -> Option<RedemptionFacts> {
        let invitation = store.invitation(id)?;
        let person = |account: &Row<Account>| self.person(store, invitation.organization_id, account);
        let record = self.record(store, invitation);
        let redeemer = record.redemption.as_ref().and_then(|redemption| store.account(redemption.account_id));
        let address = invitation.recipient.email().map(EmailAddress::key);
        let at_address = store.accounts.iter().find(|row| address.is_some() && row.email_key() == address);
        Some(RedemptionFacts {
            organization: organization_of(store, invitation)?,
            messages: Self::messages(store, id),
            at_address: at_address.map(person),
            caller: caller.and_then(|id| store.account(id)).map(person),
            other_holder: None,
            subject: None,
            redeemer: redeemer.map(person),
            username_taken: false,
            blocked: false,
            replay,
            record,
        })
    }

    fn context<'a>(&'a self, entropy: &'a SeededEntropy) -> Option<Context<'a>> {
        let key_id = self.ring.active()?;
        Some(Context { now: self.now, entropy, bounds: &self.bounds, key_id, ring: &self.ring, origin: Origin::none() })
    }

    /// Uses a link: the replay of rule 5.3 where the person or the key is the same, else what the rule says.
    pub(crate) fn redeem(
        &self,
        store: &Store,
        (link, caller, key): (&str, Option<AccountId>, Key),
        entropy: &SeededEntropy,
    ) -> Option<Decision> {
        let token = ParsedToken::parse(link, &self.ring).ok()?;
        let id = token.invitation();
        let scope = format!("redemption:{id}");
        let facts = self.redemption_facts(store, id, caller, Self::answer(store, &scope, key))?;
        if let (State::Redeemed { .. }, Some(redemption)) = (&facts.record.invitation.state, &facts.record.redemption) {
            let answers = |record: &IdempotencyRecord| matches!(record.answers(&[7; 32], self.now), Ok(Some(_)));
            if caller == Some(redemption.account_id) || facts.replay.as_ref().is_some_and(answers) {
                return Some(Decision::Again);
            }
        }
        let details = NewAccount { name: Some("Ada".to_owned()), ..NewAccount::default() };
        let context = self.context(entropy)?;
        let decided = redeem::redeem(&facts, &Proof::Token(token), Some(&details), None, &self.ring, &context);
        Some(match decided {
            Ok(decided) => {
                let answer = decided.redemption.id.as_uuid();
                let idempotency = self.kept(scope, key, answer, "redeemed", decided.redemption.generation);
                Decision::Plan(Box::new(Plan { idempotency, ..decided.plan }))
            }
            Err(rejection) => Decision::Refused(word(&rejection)),
        })
    }

    /// Says no to an invitation.
    pub(crate) fn decline(&self, store: &Store, link: &str, entropy: &SeededEntropy) -> Option<Decision> {
        let token = ParsedToken::parse(link, &self.ring).ok()?;
        let facts = self.redemption_facts(store, token.invitation(), None, None)?;
        let decided = decline::decline(&facts, &Proof::Token(token), false, &self.ring, &self.context(entropy)?);
        Some(match decided {
            Ok(decided) => Decision::Plan(Box::new(decided.plan)),
            Err(rejection) => Decision::Refused(word(&rejection)),
        })
    }

    /// Sends an invitation again.
    pub(crate) fn resend(
        &self,
        store: &Store,
        (actor, id, key): (MembershipId, InvitationId, Key),
        entropy: &SeededEntropy,
    ) -> Option<Decision> {
        let scope = format!("resend:{id}");
        let facts = self.invitation_facts(store, actor, id, Self::answer(store, &scope, key))?;
        if let Some(Ok(Some(_))) = facts.replay.as_ref().map(|record| record.answers(&[7; 32], self.now)) {
            return Some(Decision::Again);
        }
        let decided = resend::resend(&facts, &resend::Resend::default(), &self.context(entropy)?);
        Some(self.decided(decided, scope, key))
    }

    /// Withdraws an invitation.
    pub(crate) fn revoke(
        &self,
        store: &Store,
        (actor, id): (MembershipId, InvitationId),
        entropy: &SeededEntropy,
    ) -> Option<Decision> {
        let facts = self.invitation_facts(store, actor, id, None)?;
        let decided = revoke::revoke(&facts, &revoke::Revoke::default(), &self.context(entropy)?);
        Some(self.decided(decided, String::new(), None))
    }

    /// Invites somebody.
    pub(crate) fn issue(
        &self,
        store: &Store,
        (actor, recipient, grant, key): (MembershipId, &Recipient, &Grant, Key),
        entropy: &SeededEntropy,
    ) -> Option<Decision> {
        let organization = store.membership(actor).map(|row| row.organization_id)?;
        let live = recipient.live_key();
        let here = |row: &&Row<Invitation>| row.organization_id == organization;
        let holder = store.invitations.iter().filter(here).find(|row| row.live_key.as_ref() == Some(&live));
        let at_address =
            store.accounts.iter().find(|row| row.email.is_some() && row.email.as_ref() == recipient.email());
        let replay = Self::answer(store, "issue", key);
        if let Some(Ok(Some(_))) = replay.as_ref().map(|record| record.answers(&[7; 32], self.now)) {
            return Some(Decision::Again);
        }
        let facts = IssueFacts {
            organization: (**store.organization(organization)?).clone(),
            actor: self.actor(store, actor),
            role: self.role(grant.role_id),
            holder: holder.map(|row| self.record(store, row)),
            holder_messages: holder.map(|row| Self::messages(store, row.id)).unwrap_or_default(),
            member: at_address.and_then(|account| store.place(organization, account.id)).map(|row| (**row).clone()),
            subject: None,
            blocked: false,
            replay: None,
            is_recent: false,
        };
        let command = issue::Issue::new(recipient.clone(), grant.clone());
        let decided = issue::issue(&facts, &command, &self.context(entropy)?);
        Some(self.decided(decided, "issue".to_owned(), key))
    }

    /// Takes a member's role away.
    pub(crate) fn demote(
        &self,
        store: &Store,
        (actor, member): (MembershipId, MembershipId),
        entropy: &SeededEntropy,
    ) -> Option<Decision> {
        let member = self.member(store.membership(member)?);
        let organization = store.organization(member.membership.organization_id)?;
        let facts = self.actor(store, actor);
        let Some(authority) = Authority::establish(&facts, organization.id, organization.authority_epoch, self.now)
        else {
            return Some(Decision::Refused("not_found"));
        };
        let context = self.context(entropy)?;
        let administrator = Administrator { context: &context, organization, authority: &authority };
        let own = usize::from(member.role.as_ref().is_some_and(owns));
        let others = store.owners(organization.id, &self.owners()) > own;
        let command = ChangeMember { role_id: Some(None), ..ChangeMember::default() };
        Some(match change_member(&administrator, &member, None, others, &command) {
            Ok(Some((plan, _))) => Decision::Plan(Box::new(plan)),
            Ok(None) => Decision::Again,
            Err(rejection) => Decision::Refused(word(&rejection)),
        })
    }

    fn decided(&self, decided: Result<issue::Decided, Rejection>, scope: String, key: Key) -> Decision {
        match decided {
            Ok(decided) => match decided.plan {
                Some(plan) => {
                    let invitation = &decided.record.invitation;
                    let (answer, word) = (invitation.id.as_uuid(), decided.result.name());
                    let idempotency = self.kept(scope, key, answer, word, invitation.generation);
                    Decision::Plan(Box::new(Plan { idempotency, ..plan }))
                }
                None => Decision::Again,
            },
            Err(rejection) => Decision::Refused(word(&rejection)),
        }
    }

    fn kept(&self, scope: String, key: Key, answer: Uuid, word: &str, generation: u16) -> Option<IdempotencyRecord> {
        key.map(|key| IdempotencyRecord {
            scope,
            key: key.to_owned(),
            fingerprint: [7; 32],
            answer,
            result: word.to_owned(),
            generation,
            created_at: self.now,
        })
    }

    /// The link a dispatcher sends for a message of this generation, or `None` where it is not wanted any more (rule 8.1).
    pub(crate) fn link_to_send(&self, store: &Store, id: InvitationId, generation: u16) -> Option<String> {
        let invitation = store.invitation(id)?;
        let wanted = self.record(store, invitation).status(self.now) == Status::Pending;
        (wanted && invitation.generation == generation).then(|| self.link(invitation)).flatten()
    }

    /// The mailed link of an invitation's present generation.
    pub(crate) fn link(&self, invitation: &Invitation) -> Option<String> {
        let text = token::mint(&self.ring, &invitation.token_binding()?, Provenance::Mailed).ok()?;
        Some(text.expose().to_owned())
    }
}

fn organization_of(store: &Store, invitation: &Invitation) -> Option<Organization> {
    store.organization(invitation.organization_id).map(|row| (**row).clone())
}

/// Why the domain said no, in a word.
fn word(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::Dead(dead) => match dead.reason {
            DeadReason::Superseded => "superseded",
            DeadReason::Expired => "expired",
            DeadReason::Revoked => "revoked",
            DeadReason::Redeemed => "redeemed",
            DeadReason::Declined => "declined",
            DeadReason::Exhausted => "exhausted",
        },
        Rejection::Ended(status) => status.name(),
        Rejection::Suspended { .. } => "suspended",
        Rejection::AlreadyInvited { .. } => "already_invited",
        Rejection::AlreadyMember { .. } => "already_member",
        Rejection::LastOwner => "last_owner",
        Rejection::Forbidden { .. } | Rejection::NotFound => "not_allowed",
        Rejection::GrantExceedsAuthority { .. } => "above_authority",
        Rejection::NotGenuine => "not_genuine",
        Rejection::SignInRequired => "sign_in_required",
        _ => "other",
    }
}
