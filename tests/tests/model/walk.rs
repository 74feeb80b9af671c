//! The model: clients and dispatchers that load, decide, commit and die, in every order.

use super::{
    facts::{Decision, Key, World},
    properties::{self, Possible},
    row::Row,
    store::{Promise, Store},
};
use invite_domain::{
    access::Grant,
    id::{AccountId, InvitationId, MembershipId},
    invitation::{DeliveryState, OutboxMessage, Plan, Recipient},
};
use invite_testkit::SeededEntropy;
use stateright::{Model, Property};
use std::collections::BTreeSet;

/// Which link somebody holds.
#[derive(Clone, Debug)]
pub(crate) enum Link {
    /// One that was sent before the model began.
    Held(String),
    /// The newest that was sent since for this invitation; there is nothing to do before.
    Mailed(InvitationId),
}

/// What an actor is there for.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Redeem { link: Link, caller: Option<AccountId>, key: Key },
    Decline { link: Link },
    Resend { by: MembershipId, invitation: InvitationId, key: Key },
    Revoke { by: MembershipId, target: Target },
    Issue { by: MembershipId, recipient: Recipient, grant: Grant, key: Key },
    Demote { by: MembershipId, member: MembershipId },
    Dispatch,
}

/// Which invitation is meant.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    This(InvitationId),
    /// The first that was issued since the model began.
    Issued,
}

/// How much may go wrong.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Budget {
    /// Actors that die, anywhere, and begin again.
    pub(crate) crashes: u8,
    /// Dispatchers that stand still until their lease is over.
    pub(crate) pauses: u8,
    /// Deliveries that fail and have to be tried again.
    pub(crate) failures: u8,
}

/// A scene, its actors, and what is broken in it.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    pub(crate) world: World,
    pub(crate) start: Store,
    pub(crate) parts: Vec<Part>,
    pub(crate) budget: Budget,
    pub(crate) broken: BTreeSet<Promise>,
    /// What has to happen in some order of steps.
    pub(crate) possible: Vec<Possible>,
}

/// How a client's request ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Answer {
    Did,
    Again,
    Refused(&'static str),
}

/// What a dispatcher is about to write down.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Settle {
    Sent,
    Retry,
    Cancelled,
}

/// Where an actor stands. Deciding touches nothing that is shared, so loading and deciding are one step.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Phase {
    Idle,
    Decided(Row<Plan>),
    /// Written but for its messages; only where those do not belong to the plan.
    Owes(Row<Plan>),
    /// Written, and not answered yet.
    Written,
    Done(Answer),
    Claimed {
        message: usize,
        lease: u8,
    },
    Sending {
        message: usize,
        lease: u8,
        link: Row<String>,
    },
    Settling {
        message: usize,
        lease: u8,
        settle: Settle,
    },
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Actor {
    pub(crate) phase: Phase,
    /// How often it began again.
    pub(crate) lives: u8,
}

/// A mail that was handed over.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Mail {
    pub(crate) message: usize,
    pub(crate) link: Row<String>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Situation {
    pub(crate) store: Store,
    pub(crate) actors: Vec<Actor>,
    pub(crate) mails: Vec<Mail>,
    pub(crate) crashes: u8,
    pub(crate) pauses: u8,
    pub(crate) failures: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Action {
    /// An actor takes its next step.
    Step(usize),
    /// A delivery fails and will be tried again.
    Fail(usize),
    /// An actor dies and begins again.
    Crash(usize),
    /// The lease on a message is over.
    LeaseEnds(usize),
}

impl Scene {
    fn keeps(&self, promise: Promise) -> bool {
        !self.broken.contains(&promise)
    }

    /// The link an actor would use now.
    fn link(state: &Situation, link: &Link) -> Option<String> {
        match link {
            Link::Held(text) => Some(text.clone()),
            Link::Mailed(invitation) => {
                let of_it =
                    |mail: &&Mail| state.store.outbox[mail.message].of().is_some_and(|(id, _)| id == *invitation);
                let generation = |mail: &&Mail| state.store.outbox[mail.message].of().map(|(_, generation)| generation);
                state.mails.iter().filter(of_it).max_by_key(generation).map(|mail| (*mail.link).clone())
            }
        }
    }

    fn target(&self, state: &Situation, target: &Target) -> Option<InvitationId> {
        match target {
            Target::This(id) => Some(*id),
            Target::Issued => state.store.invitations.get(self.start.invitations.len()).map(|row| row.id),
        }
    }

    /// Loads and decides; `None` where there is nothing to do yet.
    fn decide(&self, state: &Situation, index: usize) -> Option<Decision> {
        // Nobody draws what somebody else draws, and every life draws anew.
        let seed = (u64::try_from(index).ok()? << 8) | u64::from(state.actors[index].lives);
        let entropy = SeededEntropy::new(seed << 32);
        let (world, store) = (&self.world, &state.store);
        match &self.parts[index] {
            Part::Redeem { link, caller, key } => {
                world.redeem(store, (&Self::link(state, link)?, *caller, *key), &entropy)
            }
            Part::Decline { link } => world.decline(store, &Self::link(state, link)?, &entropy),
            Part::Resend { by, invitation, key } => world.resend(store, (*by, *invitation, *key), &entropy),
            Part::Revoke { by, target } => world.revoke(store, (*by, self.target(state, target)?), &entropy),
            Part::Issue { by, recipient, grant, key } => world.issue(store, (*by, recipient, grant, *key), &entropy),
            Part::Demote { by, member } => world.demote(store, (*by, *member), &entropy),
            Part::Dispatch => None,
        }
    }

    fn claimable(&self, store: &Store) -> Option<usize> {
        store
            .outbox
            .iter()
            .position(|queued| queued.waits() && (queued.lease.is_none() || !self.keeps(Promise::LeaseExcludes)))
    }

    /// Whether an actor can go on.
    fn can_step(&self, state: &Situation, index: usize) -> bool {
        match (&state.actors[index].phase, &self.parts[index]) {
            (Phase::Done(_), _) => false,
            (Phase::Idle, Part::Dispatch) => self.claimable(&state.store).is_some(),
            (Phase::Idle, Part::Redeem { link, .. } | Part::Decline { link }) => Self::link(state, link).is_some(),
            (Phase::Idle, Part::Revoke { target, .. }) => self.target(state, target).is_some(),
            _ => true,
        }
    }

    fn step(&self, state: &mut Situation, index: usize) -> Option<()> {
        let phase = match state.actors[index].phase.clone() {
            Phase::Idle if matches!(self.parts[index], Part::Dispatch) => {
                let message = self.claimable(&state.store)?;
                let queued = &mut state.store.outbox[message];
                queued.claims += 1;
                queued.lease = Some(queued.claims);
                Phase::Claimed { message, lease: queued.claims }
            }
            Phase::Idle => match self.decide(state, index)? {
                Decision::Plan(plan) => Phase::Decided(Row::new(*plan)),
                Decision::Again => Phase::Done(Answer::Again),
                Decision::Refused(word) => Phase::Done(Answer::Refused(word)),
            },
            Phase::Decided(plan) => {
                let owes = !self.keeps(Promise::MessagesInPlan) && !plan.messages.is_empty();
                match state.store.commit(&plan, &self.world.owners(), &self.broken) {
                    true if owes => Phase::Owes(plan),
                    true => self.written(state),
                    // Load and decide again.
                    false => Phase::Idle,
                }
            }
            Phase::Owes(plan) => {
                state.store.add_messages(&plan);
                self.written(state)
            }
            Phase::Written => Phase::Done(Answer::Did),
            Phase::Done(_) => return None,
            Phase::Claimed { message, lease } => {
                let (invitation, generation) = state.store.outbox[message].of()?;
                match self.world.link_to_send(&state.store, invitation, generation) {
                    Some(link) => Phase::Sending { message, lease, link: Row::new(link) },
                    None => Phase::Settling { message, lease, settle: Settle::Cancelled },
                }
            }
            Phase::Sending { message, lease, link } => {
                state.mails.push(Mail { message, link });
                Phase::Settling { message, lease, settle: Settle::Sent }
            }
            Phase::Settling { message, lease, settle } => {
                self.settle(&mut state.store, message, lease, settle);
                Phase::Idle
            }
        };
        state.actors[index].phase = phase;
        Some(())
    }

    /// A client that cannot die any more need not wait for its answer.
    fn written(&self, state: &Situation) -> Phase {
        if state.crashes < self.budget.crashes { Phase::Written } else { Phase::Done(Answer::Did) }
    }

    fn settle(&self, store: &mut Store, message: usize, lease: u8, settle: Settle) {
        let queued = &mut store.outbox[message];
        if queued.lease != Some(lease) && self.keeps(Promise::LeaseFences) {
            return;
        }
        match settle {
            Settle::Sent => queued.rest(DeliveryState::Sent),
            Settle::Cancelled => queued.rest(DeliveryState::Cancelled),
            Settle::Retry => {
                let state = DeliveryState::Queued;
                queued.message = Row::new(OutboxMessage { state, ..(*queued.message).clone() });
                queued.lease = None;
            }
        }
    }

    /// Whether a dispatcher is still at work under this lease.
    fn is_at_work(state: &Situation, index: usize, held: u8) -> bool {
        state.actors.iter().any(|actor| match actor.phase {
            Phase::Claimed { message, lease }
            | Phase::Sending { message, lease, .. }
            | Phase::Settling { message, lease, .. } => (message, lease) == (index, held),
            _ => false,
        })
    }
}

impl Model for Scene {
    type State = Situation;
    type Action = Action;

    fn init_states(&self) -> Vec<Situation> {
        let actors = vec![Actor { phase: Phase::Idle, lives: 0 }; self.parts.len()];
        let store = self.start.clone();
        vec![Situation { store, actors, mails: Vec::new(), crashes: 0, pauses: 0, failures: 0 }]
    }

    fn actions(&self, state: &Situation, actions: &mut Vec<Action>) {
        for (index, actor) in state.actors.iter().enumerate() {
            if self.can_step(state, index) {
                actions.push(Action::Step(index));
            }
            if matches!(actor.phase, Phase::Sending { .. }) && state.failures < self.budget.failures {
                actions.push(Action::Fail(index));
            }
            if !matches!(actor.phase, Phase::Idle | Phase::Done(_)) && state.crashes < self.budget.crashes {
                actions.push(Action::Crash(index));
            }
        }
        for (index, queued) in state.store.outbox.iter().enumerate() {
            let Some(lease) = queued.lease.filter(|_| self.keeps(Promise::LeaseEnds)) else { continue };
            if !Self::is_at_work(state, index, lease) || state.pauses < self.budget.pauses {
                actions.push(Action::LeaseEnds(index));
            }
        }
    }

    fn next_state(&self, last: &Situation, action: Action) -> Option<Situation> {
        let mut state = last.clone();
        match action {
            Action::Step(index) => self.step(&mut state, index)?,
            Action::Fail(index) => {
                let Phase::Sending { message, lease, .. } = state.actors[index].phase else { return None };
                state.failures += 1;
                state.actors[index].phase = Phase::Settling { message, lease, settle: Settle::Retry };
            }
            Action::Crash(index) => {
                state.crashes += 1;
                state.actors[index].lives += 1;
                state.actors[index].phase = Phase::Idle;
            }
            Action::LeaseEnds(index) => {
                let queued = &mut state.store.outbox[index];
                let lease = queued.lease.take()?;
                state.pauses += u8::from(Self::is_at_work(last, index, lease));
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let possible = self.possible.iter().map(|(name, condition)| Property::sometimes(name, *condition));
        properties::laws().into_iter().chain(possible).collect()
    }
}
