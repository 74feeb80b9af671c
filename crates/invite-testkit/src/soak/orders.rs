//! Issue, demote, remove, redeem and sponsor in every order, and at once (AUTHZ-6, rules 6.2 to 6.4).
//!
//! One after the other, a reckoning of a few lines says what each step answers: a redemption succeeds where who answers for
//! the invitation at that moment may still give what it grants, and nowhere else. At once, answers and state must be those
//! of one of the orders, and each of those was found lawful before.

use super::{
    Budget, Seen, Violation,
    at_once::at_once,
    chosen,
    house::{House, Services, broken, redeem},
    must,
    watched::{Gate, Watched},
};
use crate::{MemoryStore, contract::Subject};
use invite_domain::{
    access::{ChangeMember, Grant, Held, PermissionSet},
    id::{InvitationId, RoleId},
    invitation::{AdministrationChange, DeadReason, Plan, Recipient, Rejection, Status},
    secret::token::{self, Provenance},
    service::{Issue, ServiceError, Settings},
};
use std::{collections::BTreeSet, sync::Arc};
use tokio::sync::oneshot::channel;

/// What is done, once each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Step {
    /// An admin invites Ana to the crew.
    Issue,
    /// The owner makes the admin a guest.
    Demote,
    /// The owner removes the admin.
    Remove,
    /// Ana uses the first link she got.
    Redeem,
    /// The owner takes the invitation over.
    Sponsor,
}

const STEPS: [Step; 5] = [Step::Issue, Step::Demote, Step::Remove, Step::Redeem, Step::Sponsor];

/// Every order of these.
fn orders(steps: &[Step]) -> Vec<Vec<Step>> {
    if steps.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (place, first) in steps.iter().enumerate() {
        let mut rest = steps.to_vec();
        rest.remove(place);
        all.extend(orders(&rest).into_iter().map(|mut order| {
            order.insert(0, *first);
            order
        }));
    }
    all
}

/// What the permissions of the role that is granted are.
const CREW: [&str; 2] = ["invitations.read", "members.read"];

/// An organisation in which it happens.
#[derive(Clone)]
struct Stage {
    house: Arc<House>,
    recipient: Recipient,
    crew: RoleId,
}

/// The invitation with its first link, once there is one.
type Invited = Option<(InvitationId, Arc<str>)>;

impl Stage {
    async fn set(subject: Subject, word: &str) -> Result<Self, Violation> {
        let house = House::of(subject, word).await;
        must!(house.services.directory.is_some(), "the store has no directory");
        let crew = house.scene.role("crew", &CREW);
        let change = AdministrationChange::InsertRole(Box::new(crew.clone()));
        house.scene.apply(Plan { administration: vec![change], ..Plan::default() }).await;
        let recipient = Recipient::Email(house.scene.address(&format!("ana@{word}.example")));
        Ok(Self { house: Arc::new(house), recipient, crew: crew.id })
    }

    /// Does it, and answers in a word. An issue also gives the link.
    async fn run(&self, step: Step, services: &Services, invited: &mut Invited) -> Result<&'static str, Violation> {
        let scene = &self.house.scene;
        let Some(directory) = &services.directory else { return Err(Violation::new("there is no directory")) };
        let (owner, admin) = (self.house.caller(scene.owner.principal()), scene.admin.membership.id);
        let done = match (step, invited.as_ref()) {
            (Step::Issue, _) => {
                let grant = Grant { role_id: Some(self.crew), ..Grant::default() };
                let command = Issue { channels: Some(Vec::new()), ..Issue::new(self.recipient.clone(), grant) };
                let caller = self.house.caller(scene.admin.principal());
                match services.invitations.issue(&caller, command, None).await {
                    Ok(issued) => {
                        let invitation = &issued.record.invitation;
                        let binding = invitation.token_binding().ok_or_else(|| Violation::new("no nonce"))?;
                        let link = token::mint(&scene.ring, &binding, Provenance::Mailed);
                        let link = link.map_err(|error| Violation::new(error.to_string()))?;
                        *invited = Some((invitation.id, link.expose().into()));
                        Ok("issued")
                    }
                    Err(error) => Err(error),
                }
            }
            (Step::Demote, _) => {
                let role_id = Some(Some(scene.roles.guest.id));
                let command = ChangeMember { role_id, permissions: Some(PermissionSet::new()), ..Default::default() };
                directory.change_member(&owner, admin, command).await.map(|_| "demoted")
            }
            (Step::Remove, _) => directory.remove_member(&owner, admin).await.map(|()| "removed"),
            (Step::Redeem | Step::Sponsor, None) => Ok("nothing"),
            (Step::Redeem, Some((_, link))) => {
                services.invitations.redeem(redeem(link, "Ana")).await.map(|_| "redeemed")
            }
            (Step::Sponsor, Some((id, _))) => {
                services.invitations.sponsor(&owner, *id, None).await.map(|_| "sponsored")
            }
        };
        match done {
            Ok(word) => Ok(word),
            Err(ServiceError::Rejected(rejection)) => refused(step, &rejection),
            Err(ServiceError::Contended) => Err(Violation::new("a use case gave up: too many others were at it")),
            Err(ServiceError::Port(error)) => Err(broken(error)),
        }
    }

    /// What is stored in the end: the invitation's status, who answers for it, and what Ana may do.
    async fn state(&self, invited: &Invited) -> Result<String, Violation> {
        let scene = &self.house.scene;
        let mut state = String::from("no invitation");
        if let Some((id, _)) = invited {
            let record = scene.record(*id).await.ok_or_else(|| Violation::new("the invitation is gone"))?;
            let by_owner = record.invitation.inviter.id == scene.owner.membership.id.as_uuid();
            let status = record.status(scene.now());
            let uses = record.invitation.uses;
            must!((uses == 1) == (status == Status::Redeemed), "{} with {uses} uses", status.name());
            let generation = record.invitation.generation;
            state = format!("{} of generation {generation}, by the owner {by_owner}", status.name());
        }
        let members = self.house.members().await?;
        let Recipient::Email(address) = &self.recipient else { return Err(Violation::new("no address")) };
        let ana = members
            .iter()
            .find(|member| member.account.email.as_ref().is_some_and(|email| email.key() == address.key()));
        if let Some(ana) = ana {
            let crew = PermissionSet::parse(CREW).map(Held::Only);
            must!(crew.is_ok_and(|crew| ana.member.held() == crew), "Ana may do other than what was granted");
            state.push_str(", Ana is in");
        }
        Ok(state)
    }
}

fn refused(step: Step, rejection: &Rejection) -> Result<&'static str, Violation> {
    Ok(match (step, rejection) {
        (Step::Issue, Rejection::Forbidden { .. }) => "not allowed",
        (Step::Issue | Step::Demote | Step::Remove, Rejection::NotFound) => "not found",
        (Step::Redeem, Rejection::Suspended { .. }) => "suspended",
        (Step::Redeem, Rejection::Dead(dead)) if dead.reason == DeadReason::Superseded => "superseded",
        (Step::Sponsor, Rejection::NotSuspended) => "not suspended",
        (Step::Sponsor, Rejection::Ended(Status::Redeemed)) => "too late",
        _ => return Err(Violation::new(format!("{step:?} was told {rejection:?}"))),
    })
}

/// What the rules say of these steps one after the other, reckoned without any of the code that is tested.
fn foretold(order: &[Step]) -> Vec<&'static str> {
    let (mut demoted, mut removed, mut issued, mut redeemed, mut sponsored) = (false, false, false, false, false);
    let mut answers = Vec::new();
    for step in order {
        let inviter_stands = !demoted && !removed;
        answers.push(match step {
            Step::Issue | Step::Demote | Step::Remove if removed => "not found",
            Step::Issue if demoted => "not allowed",
            Step::Issue => {
                issued = true;
                "issued"
            }
            Step::Demote => {
                demoted = true;
                "demoted"
            }
            Step::Remove => {
                removed = true;
                "removed"
            }
            Step::Redeem | Step::Sponsor if !issued => "nothing",
            Step::Redeem if sponsored => "superseded",
            Step::Redeem if inviter_stands => {
                redeemed = true;
                "redeemed"
            }
            Step::Redeem => "suspended",
            Step::Sponsor if redeemed => "too late",
            Step::Sponsor if inviter_stands => "not suspended",
            Step::Sponsor => {
                sponsored = true;
                "sponsored"
            }
        });
    }
    answers
}

/// Answers by step, and the state after them.
type Course = (Vec<(Step, &'static str)>, String);

/// Runs an order one after the other and holds it to what the rules foretell.
async fn in_turn(subject: Subject, word: &str, order: &[Step]) -> Result<Course, Violation> {
    let stage = Stage::set(subject, word).await?;
    let (mut invited, mut answers) = (None, Vec::new());
    for step in order {
        answers.push(stage.run(*step, &stage.house.services, &mut invited).await?);
    }
    let foretold = foretold(order);
    must!(answers == foretold, "{order:?} answered {answers:?}, and the rules say {foretold:?}");
    let mut answers: Vec<_> = order.iter().copied().zip(answers).collect();
    answers.sort_unstable();
    Ok((answers, stage.state(&invited).await?))
}

/// Runs steps at once, then others at once.
async fn together(subject: Subject, word: &str, groups: [&[Step]; 2]) -> Result<Course, Violation> {
    let stage = Stage::set(subject, word).await?;
    let (mut invited, mut answers): (Invited, Vec<_>) = (None, Vec::new());
    for group in groups {
        let known = invited.clone();
        let tasks = group.iter().map(|step| {
            let (stage, step, mut invited) = (stage.clone(), *step, known.clone());
            async move { (step, stage.run(step, &stage.house.services, &mut invited).await, invited) }
        });
        for (step, answer, found) in at_once(tasks.collect()).await? {
            answers.push((step, answer?));
            invited = found.or(invited);
        }
    }
    answers.sort_unstable();
    Ok((answers, stage.state(&invited).await?))
}

/// The same with the first of the second group held back at its commit until the others are done. Also tells whether it came
/// to that commit before they began: then it comes after them all.
async fn one_held(subject: Subject, word: &str, groups: [&[Step]; 2]) -> Result<(Course, bool), Violation> {
    let stage = Stage::set(subject, word).await?;
    let (mut invited, mut answers): (Invited, Vec<_>) = (None, Vec::new());
    for step in groups[0] {
        answers.push((*step, stage.run(*step, &stage.house.services, &mut invited).await?));
    }
    let [first, others @ ..] = groups[1] else { return Err(Violation::new("nothing to hold")) };
    let ((arrived, arrival), (opener, open)) = (channel(), channel());
    let store = Watched::held(Arc::clone(&stage.house.subject.invitations), Gate { arrived, open });
    let services = Services::over(&stage.house.subject, Arc::new(store), &stage.house.world, &Settings::default());
    let held = {
        let (stage, step, mut invited) = (stage.clone(), *first, invited.clone());
        tokio::spawn(async move { stage.run(step, &services, &mut invited).await })
    };
    // An error says that it ended without a commit.
    let came_to_it = arrival.await.is_ok();
    for step in others {
        answers.push((*step, stage.run(*step, &stage.house.services, &mut invited).await?));
    }
    // Nobody waits where it has ended.
    let _ = opener.send(());
    answers.push((*first, held.await.map_err(|error| Violation::new(error.to_string()))??));
    answers.sort_unstable();
    Ok(((answers, stage.state(&invited).await?), came_to_it))
}

/// How the five are parted: what is done at once, and what is done at once thereafter.
const PARTED: [[&[Step]; 2]; 3] = [
    [&[Step::Issue], &[Step::Demote, Step::Remove, Step::Redeem, Step::Sponsor]],
    [&[Step::Issue, Step::Demote, Step::Remove], &[Step::Redeem, Step::Sponsor]],
    [&[Step::Issue, Step::Demote], &[Step::Remove, Step::Redeem, Step::Sponsor]],
];

pub(super) async fn soak(budget: Budget, factory: impl AsyncFn() -> Subject) -> Result<Seen, Violation> {
    let all = orders(&STEPS);
    let mut lawful = BTreeSet::new();
    let mut lawful_last: BTreeSet<(Step, Course)> = BTreeSet::new();
    for (place, order) in all.iter().enumerate() {
        let course = in_turn(MemoryStore::default().into(), &format!("lawful-{place}"), order).await?;
        lawful_last.extend(order.last().map(|last| (*last, course.clone())));
        lawful.insert(course);
    }
    for (place, order) in all.iter().enumerate() {
        let word = format!("turns-{:x}-{place}", budget.seed);
        let course = in_turn(factory().await, &word, order).await?;
        must!(lawful.contains(&course), "{order:?} left {course:?}");
    }
    let (mut redeemed, mut held) = (0, 0);
    for round in 0..budget.rounds {
        let which = chosen(budget.seed, round, PARTED.len() as u64);
        let groups = PARTED[usize::try_from(which).unwrap_or_default()];
        let word = format!("orders-{:x}-{round}", budget.seed);
        if round % 2 == 1 {
            // Each of the four in turn, the others after it in an order that changes too.
            let mut rest =
                orders(&STEPS[1..])[usize::try_from(chosen(budget.seed, round, 24)).unwrap_or_default()].clone();
            rest.insert(0, Step::Issue);
            let (course, came_to_it) = one_held(factory().await, &word, [&rest[..1], &rest[1..]]).await?;
            let fits =
                if came_to_it { lawful_last.contains(&(rest[1], course.clone())) } else { lawful.contains(&course) };
            must!(fits, "round {round}: {rest:?}, the second held back, came to {course:?}, which no order does");
            held += u64::from(came_to_it);
            continue;
        }
        let course = together(factory().await, &word, groups).await?;
        must!(lawful.contains(&course), "round {round}: {groups:?} at once came to {course:?}, which no order does");
        redeemed += u64::from(course.0.contains(&(Step::Redeem, "redeemed")));
    }
    let words = format!(
        "0 violations, {} orders one by one, {redeemed} redemptions at once, {held} commits held back",
        all.len()
    );
    Ok(Seen { rounds: budget.rounds, words })
}
