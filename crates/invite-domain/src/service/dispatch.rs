use super::{ServiceError, World, notices};
use crate::{
    directory::LogoId,
    id::{OrganizationId, uuid_v7},
    invitation::{
        Bounds, Event, EventKind, Fact, Invitation, MessageKind, OutboxMessage, Outcome, Plan, Reason, State, Status,
        event, lapse, lifecycle::Channel, remind,
    },
    port::{
        DeliveryError, DeliveryFacts, Destination, InvitationStore, Lease, Notification, NotificationContent, Notifier,
        Occasion, OrganizationRef, Outbox, PortError, Settlement,
    },
    secret::{
        account_token::{self, AccountPurpose, AccountTokenBinding},
        code,
        keyring::KeyRing,
        token::{self, Provenance},
    },
    time::Timestamp,
};
use chrono::Duration;
use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

/// What one round of the dispatcher did.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct DispatchReport {
    /// Messages taken.
    pub claimed: u32,
    /// Handed to their channel.
    pub sent: u32,
    /// To be tried again.
    pub retried: u32,
    /// Given up.
    pub failed: u32,
    /// Not wanted any more.
    pub cancelled: u32,
    /// Whose lease had ended before they were settled: another dispatcher has them now.
    pub lost: u32,
}

/// Empties the outbox: leases messages, derives the secret, delivers, settles (house 4.3).
///
/// A round is a function without a timer; whoever runs it decides when. Several may run at once, in one process or many.
#[derive(Clone)]
pub struct Dispatcher {
    outbox: Arc<dyn Outbox>,
    store: Arc<dyn InvitationStore>,
    notifier: Arc<dyn Notifier>,
    world: World,
}

/// How long a claim lasts. It outlives the slowest delivery of a whole round; a dispatcher that died keeps its messages
/// back for that long.
const LEASE: Duration = Duration::minutes(2);

/// How often it is tried to record what became of a message. A database that does not answer takes seconds to show it, so this
/// is about half a minute.
const SETTLEMENTS: u32 = 12;

/// What is to become of a message, before delivery.
enum Verdict {
    Send(Box<Notification>),
    Settle(Settlement),
}

impl Dispatcher {
    /// Puts the dispatcher over its ports.
    pub fn new(
        outbox: Arc<dyn Outbox>,
        store: Arc<dyn InvitationStore>,
        notifier: Arc<dyn Notifier>,
        world: World,
    ) -> Self {
        Self { outbox, store, notifier, world }
    }

    /// Takes up to `limit` due messages and deals with each. One that cannot be delivered never keeps the next one back.
    ///
    /// # Errors
    /// Of machinery; messages not yet settled are tried again when their lease ends. A row that cannot be read is given up,
    /// and told by an error after the others were dealt with. A logo that cannot be read is told likewise; its mail leaves
    /// without it.
    pub async fn run_once(&self, limit: u32) -> Result<DispatchReport, ServiceError> {
        let now = self.world.clock.now();
        let lease = Lease { token: uuid_v7(now, &*self.world.entropy), lasts: LEASE };
        let messages = self.outbox.claim(&self.notifier.channels(), &lease, limit, now).await?;
        let mut report =
            DispatchReport { claimed: messages.len().try_into().unwrap_or(u32::MAX), ..Default::default() };
        let mut unreadable = None;
        for message in messages {
            if self.world.clock.now() >= now + LEASE {
                // The rest may be another dispatcher's by now; delivering it here would deliver it twice.
                report.lost += 1;
                continue;
            }
            if let Some(corrupt) = self.deal_with(&message, &lease, &mut report).await? {
                unreadable.get_or_insert(corrupt);
            }
        }
        unreadable.map_or(Ok(report), |corrupt| Err(corrupt.into()))
    }

    /// When the next message will be due; `None` while there is none.
    ///
    /// # Errors
    /// Of machinery.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, ServiceError> {
        Ok(self.outbox.next_due(&self.notifier.channels()).await?)
    }

    /// Delivers or drops one message, and hands back the error of one that cannot be read.
    async fn deal_with(
        &self,
        message: &OutboxMessage,
        lease: &Lease,
        report: &mut DispatchReport,
    ) -> Result<Option<PortError>, ServiceError> {
        let (settlement, event, unreadable) = match self.outbox.load_delivery(message).await {
            Ok(facts) => {
                let (settlement, unreadable) = self.attempt_delivery(message, &facts).await?;
                (settlement, self.failure(message, &facts, settlement), unreadable)
            }
            Err(error @ PortError::Corrupt(_)) => (Settlement::Failed(Reason::Unreadable), None, Some(error)),
            Err(error) => return Err(error.into()),
        };
        let held = self.settle(message, lease, settlement, event).await?;
        *match (held, settlement) {
            (false, _) => &mut report.lost,
            (true, Settlement::Sent) => &mut report.sent,
            (true, Settlement::Retry { .. }) => &mut report.retried,
            (true, Settlement::Failed(_)) => &mut report.failed,
            (true, Settlement::Cancelled(_)) => &mut report.cancelled,
        } += 1;
        Ok(unreadable)
    }

    /// Records what became of an attempt. While the database is away for a moment that is tried again, since a message that was
    /// sent and not recorded is sent once more; doing it twice is harmless, for the lease is given up with it.
    async fn settle(
        &self,
        message: &OutboxMessage,
        lease: &Lease,
        settlement: Settlement,
        event: Option<Event>,
    ) -> Result<bool, PortError> {
        let mut left = SETTLEMENTS;
        loop {
            let now = self.world.clock.now();
            match self.outbox.settle(message.id, lease, settlement, event.clone(), now).await {
                Err(error) if error.is_retryable() && left > 1 => left -= 1,
                settled => return settled,
            }
        }
    }

    /// What an attempt came to, and the error of a logo that cannot be read.
    async fn attempt_delivery(
        &self,
        message: &OutboxMessage,
        facts: &DeliveryFacts,
    ) -> Result<(Settlement, Option<PortError>), PortError> {
        match judge(message, facts, &self.world.keys.ring(), self.world.clock.now()) {
            Verdict::Settle(settlement) => Ok((settlement, None)),
            Verdict::Send(mut notification) => {
                let mut unreadable = None;
                // Read for what is really sent, and only where there is one.
                if let (Some(id), Destination::Email(_)) = (logo_of(facts), &notification.to) {
                    match self.outbox.load_logo(id).await {
                        Ok(logo) => notification.logo = logo,
                        // A picture keeps no mail back.
                        Err(error @ PortError::Corrupt(_)) => unreadable = Some(error),
                        Err(error) => return Err(error),
                    }
                }
                let delivered = self.notifier.deliver(&notification).await;
                Ok((settlement_of(delivered, message, self.world.clock.now()), unreadable))
            }
        }
    }

    /// What the trail says of an invitation's message that was given up.
    fn failure(&self, message: &OutboxMessage, facts: &DeliveryFacts, settlement: Settlement) -> Option<Event> {
        match (settlement, facts) {
            (Settlement::Failed(reason), DeliveryFacts::Invitation { record, .. }) => {
                Some(self.failed_event(message, &record.invitation, reason, self.world.clock.now()))
            }
            _ => None,
        }
    }

    fn failed_event(&self, message: &OutboxMessage, invitation: &Invitation, reason: Reason, now: Timestamp) -> Event {
        let mut data = vec![("channel", Fact::from(message.channel.name())), ("reason", Fact::from(reason.name()))];
        if matches!(message.kind, MessageKind::Reminder { .. }) {
            data.push(("reminder", Fact::Flag(true)));
        }
        event::of_system(invitation, EventKind::InvitationDeliveryFailed, now, &*self.world.entropy, data)
    }

    /// Writes into the trail which invitations have expired or been suspended since (rule 2.2): at most once a generation
    /// and kind, and late is no harm, for nobody decides by it. Members who may sponsor a suspended one are told. Answers how
    /// many.
    ///
    /// # Errors
    /// Of machinery.
    pub async fn note_lapses(&self, limit: u32) -> Result<u32, ServiceError> {
        let now = self.world.clock.now();
        let (mut readers, mut nobody) = (BTreeMap::new(), lapse::Readers::default());
        let mut plans = Vec::new();
        for record in self.store.lapsed(limit, now).await? {
            let readers = if record.status(now) == Status::Suspended {
                // Asked once an organisation, and only where something is suspended.
                match readers.entry(record.invitation.organization_id) {
                    Entry::Occupied(asked) => asked.into_mut(),
                    Entry::Vacant(place) => place.insert(self.readers(record.invitation.organization_id, now).await?),
                }
            } else {
                &mut nobody
            };
            plans.extend(lapse::note(&record, readers, now, &*self.world.entropy));
        }
        // One notice stands for all that are suspended together, so it is written before the others are noted. Where it was not,
        // they wait with it for the next round.
        let (telling, silent): (Vec<_>, Vec<_>) = plans.into_iter().partition(|plan| !plan.messages.is_empty());
        let told = self.commit_all(&telling).await?;
        if usize::try_from(told).is_ok_and(|told| told < telling.len()) {
            return Ok(told);
        }
        Ok(told + self.commit_all(&silent).await?)
    }

    /// Who may be told of suspensions in an organisation.
    async fn readers(&self, organization: OrganizationId, now: Timestamp) -> Result<lapse::Readers, PortError> {
        let members = self.store.sponsors(organization, lapse::ASKED).await?;
        let accounts: Vec<_> = members.iter().map(|member| member.membership.account_id).collect();
        let told = match &accounts[..] {
            [] => Vec::new(),
            accounts => self.store.told_of_suspensions(organization, accounts, now - lapse::QUIET).await?,
        };
        Ok(lapse::Readers { members, told: told.into_iter().collect() })
    }

    /// Writes the reminders that are due (rule 4.8), each at most once, and lets those go by that are not to be written, also
    /// where the recipient got as many messages as there may be today (rule 9.2). Late is no harm. Answers how many
    /// invitations were dealt with.
    ///
    /// # Errors
    /// Of machinery.
    pub async fn remind(&self, bounds: &Bounds, limit: u32) -> Result<u32, ServiceError> {
        let now = self.world.clock.now();
        let due = self.store.reminders_due(limit, now - bounds.message_window(), now).await?;
        let (mut organizations, mut plans) = (BTreeMap::new(), Vec::new());
        for facts in &due {
            let id = facts.record.invitation.organization_id;
            if let Entry::Vacant(unknown) = organizations.entry(id) {
                unknown.insert(self.store.find_organization(&OrganizationRef::Id(id)).await?);
            }
            // `None`: it was deleted since.
            if let Some(organization) = &organizations[&id] {
                plans.extend(remind::remind(facts, organization, bounds, now, &*self.world.entropy));
            }
        }
        let (written, refused) = self.commit_each(&plans).await?;
        let (let_go, _) = self.commit_each(&refused.into_iter().map(remind::let_go_by).collect::<Vec<_>>()).await?;
        Ok(written + let_go)
    }

    /// Commits plans and answers how many were written. A stale plan is somebody else's change: the next round looks again.
    async fn commit_all(&self, plans: &[Plan]) -> Result<u32, ServiceError> {
        Ok(self.commit_each(plans).await?.0)
    }

    /// The same, and which were refused.
    async fn commit_each<'a>(&self, plans: &'a [Plan]) -> Result<(u32, Vec<&'a Plan>), ServiceError> {
        let (mut written, mut refused) = (0, Vec::new());
        if plans.is_empty() {
            return Ok((written, refused));
        }
        // A plan with limits is written alone: in company it would hold counters while its neighbours wait for invitations.
        let mut outcomes = Vec::with_capacity(plans.len());
        if plans.iter().all(|plan| plan.limits.is_empty()) {
            outcomes = self.store.commit(plans).await;
        } else {
            for plan in plans {
                outcomes.extend(self.store.commit(std::slice::from_ref(plan)).await);
            }
        }
        for (plan, outcome) in plans.iter().zip(outcomes) {
            match outcome? {
                Outcome::Committed(_) => written += 1,
                Outcome::Refused(_) => refused.push(plan),
                Outcome::Stale => {}
            }
        }
        Ok((written, refused))
    }
}

/// The logo of the organisation a message is of.
fn logo_of(facts: &DeliveryFacts) -> Option<&LogoId> {
    let organization = match facts {
        DeliveryFacts::Gone => None,
        DeliveryFacts::Invitation { organization, .. } | DeliveryFacts::Notice { organization, .. } => {
            Some(organization)
        }
        DeliveryFacts::Account { organization, .. } => organization.as_ref(),
    };
    organization.and_then(|organization| organization.look.logo.as_ref())
}

/// What an attempt came to.
fn settlement_of(delivered: Result<(), DeliveryError>, message: &OutboxMessage, now: Timestamp) -> Settlement {
    match delivered {
        Ok(()) => Settlement::Sent,
        Err(DeliveryError::Permanent(reason)) => Settlement::Failed(reason),
        Err(DeliveryError::Transient(reason)) => match super::retry::next_attempt(message.attempts + 1, now) {
            Some(at) => Settlement::Retry { at, reason },
            None => Settlement::Failed(Reason::AttemptsExhausted),
        },
    }
}

/// Whether a message is still wanted, and what it says (rule 8.1).
fn judge(message: &OutboxMessage, facts: &DeliveryFacts, ring: &KeyRing, now: Timestamp) -> Verdict {
    let verdict = match (&message.kind, facts) {
        (MessageKind::Invitation { generation: 1, .. }, DeliveryFacts::Invitation { .. }) => {
            of_invitation(message, (Occasion::Issued, 1), facts, ring, now)
        }
        (MessageKind::Invitation { generation, .. }, DeliveryFacts::Invitation { .. }) => {
            of_invitation(message, (Occasion::Renewed, *generation), facts, ring, now)
        }
        (MessageKind::Reminder { generation, .. }, DeliveryFacts::Invitation { .. }) => {
            of_invitation(message, (Occasion::Reminder, *generation), facts, ring, now)
        }
        (MessageKind::Notice { about, .. }, DeliveryFacts::Notice { .. }) => {
            notices::of_notice(message, *about, facts, now)
        }
        (MessageKind::AddressChanged { .. }, DeliveryFacts::Account { .. }) => {
            notices::of_changed_address(message, facts)
        }
        (MessageKind::Account { purpose, counter, .. }, DeliveryFacts::Account { .. }) => {
            of_account(message, *purpose, *counter, facts, ring, now)
        }
        (_, DeliveryFacts::Gone) => Err(Settlement::Cancelled(Reason::InvitationEnded)),
        _ => Err(Settlement::Failed(Reason::Unreadable)),
    };
    verdict.map_or_else(Verdict::Settle, |notification| Verdict::Send(Box::new(notification)))
}

fn of_invitation(
    message: &OutboxMessage,
    (occasion, generation): (Occasion, u16),
    facts: &DeliveryFacts,
    ring: &KeyRing,
    now: Timestamp,
) -> Result<Notification, Settlement> {
    let DeliveryFacts::Invitation { organization, record, account_locale, blocked } = facts else {
        return Err(Settlement::Cancelled(Reason::InvitationEnded));
    };
    let invitation = &record.invitation;
    let cancelled = match record.status(now) {
        _ if invitation.state != State::Pending => Some(Reason::InvitationEnded),
        _ if invitation.generation != generation => Some(Reason::Overtaken),
        // It was extended since, and is reminded of again when the new end is near.
        _ if occasion == Occasion::Reminder && !invitation.is_reminded_at(now) => Some(Reason::Overtaken),
        _ if *blocked => Some(Reason::RecipientBlocked),
        Status::Expired => Some(Reason::InvitationExpired),
        Status::Suspended => Some(Reason::InvitationSuspended),
        Status::Pending => None,
        Status::Exhausted | Status::Redeemed | Status::Declined | Status::Revoked => Some(Reason::InvitationEnded),
    };
    if let Some(reason) = cancelled {
        return Err(Settlement::Cancelled(reason));
    }
    let binding = invitation.token_binding().ok_or(Settlement::Cancelled(Reason::InvitationEnded))?;
    let (to, provenance) = match message.channel {
        Channel::Email => (invitation.recipient.email().cloned().map(Destination::Email), Provenance::Mailed),
        Channel::Sms => (invitation.recipient.phone().cloned().map(Destination::Phone), Provenance::Texted),
    };
    let token = token::mint(ring, &binding, provenance).map_err(|_| Settlement::Failed(Reason::KeyRetired))?;
    let to = to.ok_or(Settlement::Failed(Reason::AddressUnsupported))?;
    let code = invitation.code_index.map(|_| code::make(ring, &binding)).transpose();
    let code = code.map_err(|_| Settlement::Failed(Reason::KeyRetired))?;
    if code.is_none() && message.channel == Channel::Sms {
        // It was issued before there were codes; sent again it has one.
        return Err(Settlement::Failed(Reason::Unreadable));
    }
    let content = NotificationContent::Invitation {
        occasion,
        inviter_name: record.inviter.person_name().map(str::to_owned),
        organization_name: organization.name.clone(),
        role_name: record.role.as_ref().map(|role| role.name.clone()),
        expires_at: invitation.expires_at,
        message: invitation.message.clone(),
        token,
        code,
        organization_slug: organization.slug.clone(),
    };
    Ok(Notification {
        message_id: message.id,
        created_at: message.created_at,
        to,
        locales: vec![invitation.locale.clone(), account_locale.clone(), organization.locale.clone()],
        time_zone: organization.time_zone.clone(),
        accent: organization.look.accent,
        logo: None,
        content,
    })
}

fn of_account(
    message: &OutboxMessage,
    purpose: AccountPurpose,
    counter: u8,
    facts: &DeliveryFacts,
    ring: &KeyRing,
    now: Timestamp,
) -> Result<Notification, Settlement> {
    let ended = Settlement::Cancelled(Reason::LinkEnded);
    let DeliveryFacts::Account { account, token: Some(stored), organization } = facts else { return Err(ended) };
    let nonce = stored.nonce.as_ref().ok_or(ended)?;
    if stored.counter != counter || stored.used_at.is_some() || stored.expires_at <= now {
        return Err(ended);
    }
    let binding = AccountTokenBinding { key_id: stored.key_id, account: account.id, purpose, counter, nonce };
    let token =
        account_token::mint(ring, &binding, Provenance::Mailed).map_err(|_| Settlement::Failed(Reason::KeyRetired))?;
    // The link that proves an address goes there, every other one to the address the account has.
    let address = if purpose == AccountPurpose::ChangeAddress { &stored.address } else { &account.email };
    let address = address.clone().ok_or(Settlement::Failed(Reason::AddressUnsupported))?;
    let expires_at = stored.expires_at;
    let content = match purpose {
        AccountPurpose::PasswordReset => NotificationContent::PasswordReset { expires_at, token },
        AccountPurpose::OwnerLink => NotificationContent::OwnerLink {
            organization_name: organization.as_ref().map(|organization| organization.name.clone()),
            expires_at,
            token,
        },
        AccountPurpose::ChangeAddress => NotificationContent::AddressChange { expires_at, token },
    };
    let organization_locale = organization.as_ref().and_then(|organization| organization.locale.clone());
    let time_zone = organization.as_ref().map_or_else(|| "UTC".to_owned(), |found| found.time_zone.clone());
    Ok(Notification {
        message_id: message.id,
        created_at: message.created_at,
        to: Destination::Email(address),
        locales: vec![account.locale.clone(), organization_locale],
        time_zone,
        accent: organization.as_ref().and_then(|found| found.look.accent),
        logo: None,
        content,
    })
}
