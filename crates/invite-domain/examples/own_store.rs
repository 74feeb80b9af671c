//! The domain alone, over a host's own store.
//!
//! The host is an application for timesheets. It has users, teams and seats in tables of its own, and wants invitations:
//! so it implements [`InvitationStore`] and [`Outbox`] over its tables, and calls [`InvitationService`]. Accounts and
//! memberships stay where they are; a redemption writes a row of `users` and one of `seats`.
//!
//! ```sh
//! cargo run -p invite-domain --example own_store
//! cargo test -p invite-domain --example own_store    # the scenario, and the contract every store has to keep
//! ```
//!
//! To copy from it, read in this order:
//!
//! 1. here: how a plan is committed, and how it all is put together;
//! 2. `own_store/tables.rs`: the host's rows, and what invitations add to them;
//! 3. `own_store/convert.rs`: between those rows and the domain's shapes;
//! 4. `own_store/facts.rs`, `lists.rs`: the questions; `write.rs`: guards and changes; `limits.rs`: how much there may be;
//!    `outbox.rs`: the queue.
//!
//! The database is a `Mutex`, so that the example needs none. Where yours begins a transaction, this one locks; where yours
//! has a unique index, this one looks.

#[path = "own_store/before.rs"]
mod before;
#[path = "own_store/convert.rs"]
mod convert;
#[path = "own_store/facts.rs"]
mod facts;
#[path = "own_store/limits.rs"]
mod limits;
#[path = "own_store/lists.rs"]
mod lists;
#[path = "own_store/outbox.rs"]
mod outbox;
#[path = "own_store/tables.rs"]
mod tables;
#[path = "own_store/write.rs"]
mod write;

use async_trait::async_trait;
use invite_domain::{
    access::{Grant, MemberFacts, PermissionSet},
    directory::{Organization, Password},
    email::EmailAddress,
    id::{AccountId, OrganizationId},
    invitation::{
        AdministrationChange, Channel, DeadReason, Event, Origin, Outcome, Plan, Reason, Recipient, Rejection,
    },
    page::{Page, PageRequest},
    port::{
        DeliveryError, Destination, EventFilter, InvitationFacts, InvitationFilter, InvitationQuery, InvitationRecord,
        InvitationStore, IssueFacts, IssueQuery, Notification, NotificationContent, Notifier, OrganizationRef,
        PortError, Principal, RedemptionFacts, RedemptionQuery, ReminderFacts, ViewFacts, ViewQuery,
    },
    service::{
        Caller, Dispatcher, InvitationService, Issue, NewAccount, Redeem, Secret, ServiceError, Settings, World,
    },
    time::Timestamp,
};
use invite_testkit::{ManualClock, MemoryStore, PlainHasher, SeededEntropy, test_keys};
use std::{
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tables::{Conflict, Tables, Team};
use write::Numbers;

/// The host's database. Clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct HostStore(Arc<Mutex<Tables>>);

impl HostStore {
    pub(crate) fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// docs: begin own-store-commit
impl HostStore {
    /// Each plan whole or not at all: it is written to a copy, which takes the tables' place only where every guard held,
    /// every key was free and no limit is exceeded. Over a database this is a transaction a plan, rolled back where this answers
    /// `Stale` or `Refused`.
    fn commit_each(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        let mut tables = self.tables();
        let mut commit = |plan: &Plan| {
            let mut draft = tables.clone();
            let Ok(numbers) = draft.apply(plan) else { return Outcome::Stale };
            // Last, so that what the plan makes and ends is counted.
            if let Err(shortage) = draft.keep_within(&plan.limits) {
                return Outcome::Refused(shortage);
            }
            *tables = draft;
            Outcome::Committed(numbers)
        };
        plans.iter().map(|plan| Ok(commit(plan))).collect()
    }
}

impl Tables {
    /// Writes what the plan says, in the order `Plan` documents, and answers the numbers of new rows.
    fn apply(&mut self, plan: &Plan) -> Result<Numbers, Conflict> {
        let mut numbers = Numbers::new();
        if !plan.guards.iter().all(|guard| self.holds(guard, plan.idempotency.as_ref())) {
            return Err(Conflict);
        }
        for change in &plan.invitations {
            self.write_invitation(change, &mut numbers)?;
        }
        for (invitation, reason) in &plan.cancel_messages {
            self.cancel_messages(*invitation, *reason, plan.events.first().map(|event| event.recorded_at));
        }
        for (message, at) in &plan.replay_messages {
            self.replay_message(*message, *at)?;
        }
        let is_link = |change: &&AdministrationChange| matches!(change, AdministrationChange::PutAccountToken(_));
        for change in plan.administration.iter().filter(|change| !is_link(change)) {
            self.write_administration(change, &mut numbers)?;
        }
        // The host's own rows: users and seats.
        for change in &plan.directory {
            self.write_directory(change, &mut numbers)?;
        }
        // A link stays where the directory's part ends the others there were.
        for change in plan.administration.iter().filter(is_link) {
            self.write_administration(change, &mut numbers)?;
        }
        self.redemptions.extend(plan.redemption.clone());
        self.events.extend(plan.events.clone());
        plan.messages.iter().try_for_each(|message| self.write_message(message))?;
        plan.idempotency.iter().try_for_each(|answer| self.write_answer(answer))?;
        // One guard speaks of the time after the plan: a team keeps an owner.
        if plan.guards.iter().all(|guard| self.still_holds(guard)) { Ok(numbers) } else { Err(Conflict) }
    }
}
// docs: end own-store-commit

#[async_trait]
impl InvitationStore for HostStore {
    async fn load_issue(&self, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError> {
        self.tables().load_issue(query)
    }

    async fn load_view(&self, query: &ViewQuery) -> Result<Option<ViewFacts>, PortError> {
        self.tables().load_view(query)
    }

    async fn load_invitation(&self, query: &InvitationQuery) -> Result<Option<InvitationFacts>, PortError> {
        self.tables().load_invitation(query)
    }

    async fn find_organization(&self, reference: &OrganizationRef) -> Result<Option<Organization>, PortError> {
        self.tables().find_team(reference).map(Team::organization).transpose()
    }

    async fn load_redemption(&self, query: &RedemptionQuery) -> Result<Option<RedemptionFacts>, PortError> {
        self.tables().load_redemption(query)
    }

    async fn commit(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        self.commit_each(plans)
    }

    async fn list(
        &self,
        organization_id: OrganizationId,
        filter: &InvitationFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<InvitationRecord>, PortError> {
        self.tables().list(organization_id, filter, page, now)
    }

    async fn events(
        &self,
        organization_id: OrganizationId,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<Page<Event>, PortError> {
        Ok(self.tables().trail(organization_id, filter, page))
    }

    async fn lapsed(&self, limit: u32, now: Timestamp) -> Result<Vec<InvitationRecord>, PortError> {
        self.tables().lapsed(limit, now)
    }

    async fn reminders_due(
        &self,
        limit: u32,
        messages_since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<ReminderFacts>, PortError> {
        self.tables().reminders_due(limit, messages_since, now)
    }

    async fn sponsors(&self, organization_id: OrganizationId, limit: u32) -> Result<Vec<MemberFacts>, PortError> {
        self.tables().sponsors(organization_id, limit)
    }

    async fn told_of_suspensions(
        &self,
        organization_id: OrganizationId,
        accounts: &[AccountId],
        since: Timestamp,
    ) -> Result<Vec<AccountId>, PortError> {
        Ok(self.tables().told_of_suspensions(organization_id, accounts, since))
    }
}

/// Hands messages to people: here, one mailbox with room for one link. It prints who is told what, never the token.
#[derive(Default)]
struct Mailbox(Mutex<Option<String>>);

impl Mailbox {
    fn take_token(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[async_trait]
impl Notifier for Mailbox {
    fn channels(&self) -> Vec<Channel> {
        vec![Channel::Email]
    }

    async fn deliver(&self, notification: &Notification) -> Result<(), DeliveryError> {
        // The other messages are the bundled directory's; this host sends its own links for passwords.
        let (
            Destination::Email(address),
            NotificationContent::Invitation { inviter_name, organization_name, role_name, token, .. },
        ) = (&notification.to, &notification.content)
        else {
            return Err(DeliveryError::Permanent(Reason::TemplateFailed));
        };
        let (inviter, role) =
            (inviter_name.as_deref().unwrap_or("Somebody"), role_name.as_deref().unwrap_or("a member"));
        println!("mail to {}: {inviter} invites you to {organization_name} as {role}", address.as_str());
        // A mail would have `https://timesheets.example/join/` before it.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.expose().to_owned());
        Ok(())
    }
}

/// Invites Ada, delivers, redeems, and tries the link a second time.
async fn invite_and_redeem() -> Result<(), Box<dyn Error>> {
    // Stand-ins, good for an example alone. A service has the system's clock cut to microseconds, the operating system's
    // randomness, a key ring kept apart from the database and read with `KeyRing::parse`, Argon2 for passwords, and
    // counters of attempts that all its replicas share.
    let world = World {
        clock: Arc::new(ManualClock::default()),
        entropy: Arc::new(SeededEntropy::default()),
        keys: Arc::new(test_keys()),
    };
    let (limiter, passwords) = (Arc::new(MemoryStore::default()), Arc::new(PlainHasher::default()));
    let store = Arc::new(HostStore::default());
    let founded = store.found_team(&world);

    // docs: begin own-store
    let service = InvitationService::new(store.clone(), limiter, passwords, world.clone(), Settings::default());
    let mailbox = Arc::new(Mailbox::default());
    let dispatcher = Dispatcher::new(store.clone(), store.clone(), mailbox.clone(), world);

    // Olga is signed in: the host has checked that, its own way. She gives what she holds, and a rate in cents an hour.
    let olga = Caller {
        principal: Principal::Person(founded.owner),
        organization_id: founded.team,
        origin: Origin::default(),
    };
    let ada = EmailAddress::parse("ada@example.org")?;
    let grant = Grant { role_id: Some(founded.planner), default_rate: Some(9_500), ..Grant::default() };
    let issued = service.issue(&olga, Issue::new(Recipient::Email(ada.clone()), grant), None).await?;
    println!("invited {}, until {}", ada.as_str(), issued.record.invitation.expires_at);

    // A scheduler calls this every few seconds. The token is made here, at delivery: no table has it.
    let report = dispatcher.run_once(100).await?;
    assert_eq!((report.claimed, report.sent), (1, 1));
    let token = mailbox.take_token().ok_or("no mail came")?;

    // Ada follows the link and says who she is. Address, role and rate are the invitation's, whatever she sends.
    let details =
        NewAccount { name: Some("Ada".into()), password: Some(Password::typed("a long one")), ..NewAccount::default() };
    let redeem = Redeem {
        secret: Secret::Token(token),
        caller: None,
        account: Some(details),
        idempotency: None,
        client: Some("192.0.2.1".into()),
        origin: Origin::default(),
    };
    let redeemed = service.redeem(redeem.clone()).await?;
    let member = redeemed.member.ok_or("nobody joined")?;
    println!("{} may {}", ada.as_str(), words(&member.held().printed(&PermissionSet::new())));

    // The link is used up. (With Ada's password it would be her own retry, and answered as the first time.)
    let again = service.redeem(Redeem { account: None, ..redeem }).await;
    let Err(ServiceError::Rejected(Rejection::Dead(dead))) = again else { return Err("it was not refused".into()) };
    assert_eq!(dead.reason, DeadReason::Redeemed);
    println!("a second use is refused: redeemed on {}", dead.since);
    // docs: end own-store

    // All of it is in the host's own tables.
    let (user, seat) = store.user_with_seat(founded.team, &ada).ok_or("no row was written")?;
    let rate = seat.cents_an_hour.ok_or("the rate was lost")?;
    println!("user {} has seat {} at {}.{:02} an hour", user.id, seat.id, rate / 100, rate % 100);
    assert_eq!((user.id, user.display_name.as_deref(), user.mail_confirmed), (2, Some("Ada"), true));
    assert_eq!((user.id, seat.id), (redeemed.account.number, member.membership.number));
    assert_eq!((rate, member.membership.default_rate), (9_500, Some(9_500)));
    assert!(member.held().allows("timesheets.write") && !member.held().allows("invitations.issue"));
    Ok(())
}

fn words(permissions: &PermissionSet) -> String {
    permissions.names().collect::<Vec<_>>().join(", ")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    invite_and_redeem().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn ada_is_invited_joins_and_cannot_use_the_link_twice() {
        invite_and_redeem().await.unwrap();
    }
}

/// The parts of the contract a host with a directory of its own has to keep: all cases of them run.
#[cfg(test)]
mod contract {
    use super::HostStore;
    use invite_testkit::{contract::Subject, store_contract};

    store_contract!(invitations, list, outbox; async || Subject::of_host(HostStore::default()));
}
