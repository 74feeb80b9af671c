//! Many redeemers at once.

use super::{
    Budget, Seen, Violation,
    at_once::at_once,
    house::{House, redeem},
    must,
    watched::counted,
};
use crate::contract::Subject;
use invite_domain::{
    id::RedemptionId,
    invitation::{DeadReason, EventKind, Invitation, Recipient, Rejection, Status},
    phone::PhoneNumber,
    secret::token::{self, Provenance},
    service::ServiceError,
};
use std::sync::Arc;

/// How many redeemers there are, in turn: nine on the average. Few meet more closely than many, so small numbers come often.
const REDEEMERS: [usize; 32] =
    [2, 64, 3, 8, 2, 4, 16, 2, 32, 3, 2, 6, 2, 12, 3, 4, 24, 2, 5, 3, 48, 2, 4, 7, 2, 3, 8, 2, 3, 6, 4, 2];
/// How many of them there are.
const SIZES: u64 = REDEEMERS.len() as u64;
/// How many rounds share an organisation: each number of redeemers twice, of an address and of a phone.
const BATCH: u64 = 2 * SIZES;
/// How many people join one organisation at once.
const PEOPLE: u64 = 64;
/// Who is there from the start.
const FOUNDERS: u64 = 3;

/// New invitations of one organisation, made by one commit and silently, each with the token it is good for.
async fn invited(house: &House, recipients: Vec<Recipient>) -> Result<Vec<(Invitation, String)>, Violation> {
    let scene = &house.scene;
    let invitations: Vec<_> = recipients.into_iter().map(|recipient| scene.invitation_to(recipient)).collect();
    let plans: Vec<_> = invitations
        .iter()
        .map(|invitation| {
            let mut plan = scene.plan_issue(invitation);
            plan.messages.clear();
            plan
        })
        .collect();
    for outcome in house.store().commit(&plans).await {
        let outcome = outcome.map_err(super::house::broken)?;
        must!(outcome != invite_domain::invitation::Outcome::Stale, "an issue to a new address was stale");
    }
    invitations
        .into_iter()
        .map(|invitation| {
            let provenance = match invitation.recipient {
                Recipient::Phone(_) => Provenance::Texted,
                _ => Provenance::Mailed,
            };
            let binding = invitation.token_binding().ok_or_else(|| Violation::new("an invitation without a nonce"))?;
            let token = token::mint(&scene.ring, &binding, provenance);
            let token = token.map_err(|error| Violation::new(error.to_string()))?.expose().to_owned();
            Ok((invitation, token))
        })
        .collect()
}

/// The recipient of a round: an address, or a phone, where nothing but the invitation's version stands between redeemers.
fn recipient(house: &House, round: u64) -> Result<Recipient, Violation> {
    if (round / SIZES).is_multiple_of(2) {
        let domain = &house.scene.organization.slug;
        return Ok(Recipient::Email(house.scene.address(&format!("ana{round}@{domain}.example"))));
    }
    let number = PhoneNumber::parse(&format!("+4179{:07}", round % 10_000_000));
    number.map(Recipient::Phone).map_err(|error| Violation::new(error.to_string()))
}

pub(super) async fn redeemers(budget: Budget, factory: impl AsyncFn() -> Subject) -> Result<Seen, Violation> {
    let (mut redeemers, mut most) = (0, 0);
    let mut first = 0;
    while first < budget.rounds {
        let count = BATCH.min(budget.rounds - first);
        let house = House::of(factory().await, &format!("races-{:x}-{first}", budget.seed)).await;
        let recipients = (first..first + count).map(|round| recipient(&house, round)).collect::<Result<_, _>>()?;
        let invited = invited(&house, recipients).await?;
        for (round, (invitation, token)) in (first..).zip(&invited) {
            // The seed turns the order of sizes: another seed begins elsewhere.
            let size = REDEEMERS[usize::try_from((round + budget.seed) % SIZES).unwrap_or_default()];
            let commits = race(&house, invitation, token, size)
                .await
                .map_err(|violation| Violation::new(format!("round {round}, {size} redeemers: {violation}")))?;
            (redeemers, most) = (redeemers + size, most.max(commits));
        }
        for kind in [EventKind::InvitationRedeemed, EventKind::MembershipCreated] {
            let written = house.events_of(kind).await?;
            must!(written == count, "after round {}: {written} events {}, not {count}", first + count, kind.name());
        }
        house.must_have_members(usize::try_from(FOUNDERS + count).unwrap_or_default()).await?;
        first += count;
    }
    let words = format!("0 violations, n 2–64, {redeemers} redeemers, most commits until done {most}");
    Ok(Seen { rounds: budget.rounds, words })
}

/// One round; the most commits one of them needed.
async fn race(house: &House, invitation: &Invitation, token: &str, size: usize) -> Result<u32, Violation> {
    let token: Arc<str> = token.into();
    let redeemers = (0..size).map(|number| {
        let (service, token) = (house.services.invitations.clone(), Arc::clone(&token));
        counted(async move { service.redeem(redeem(&token, &format!("Ana {number}"))).await })
    });
    let mut winners = Vec::<RedemptionId>::new();
    let mut most = 0;
    for (answer, commits) in at_once(redeemers.collect()).await? {
        most = most.max(commits);
        match answer {
            Ok(redeemed) if !redeemed.replayed => winners.push(redeemed.redemption.id),
            Err(ServiceError::Rejected(Rejection::Dead(dead))) if dead.reason == DeadReason::Redeemed => {}
            other => return Err(Violation::new(format!("one was told {other:?}"))),
        }
    }
    must!(winners.len() == 1, "{} of them succeeded", winners.len());
    let record = house.scene.record(invitation.id).await;
    let record = record.ok_or_else(|| Violation::new("the invitation is gone"))?;
    let stored = record.redemption.as_ref().map(|redemption| redemption.id);
    must!(stored == winners.first().copied(), "another redemption is stored than was answered");
    let (uses, status) = (record.invitation.uses, record.status(house.scene.now()));
    must!((uses, status) == (1, Status::Redeemed), "it was used {uses} times and is {}", status.name());
    Ok(most)
}

pub(super) async fn different(budget: Budget, factory: impl AsyncFn() -> Subject) -> Result<Seen, Violation> {
    let mut most = 0;
    for round in 0..budget.rounds {
        let house = House::of(factory().await, &format!("crowd-{:x}-{round}", budget.seed)).await;
        let domain = house.scene.organization.slug.clone();
        let to = |number| Recipient::Email(house.scene.address(&format!("ana{number}@{domain}.example")));
        let invited = invited(&house, (0..PEOPLE).map(to).collect()).await?;
        let people = invited.into_iter().map(|(_, token)| {
            let service = house.services.invitations.clone();
            counted(async move { service.redeem(redeem(&token, "Ana")).await })
        });
        for (answer, commits) in at_once(people.collect()).await? {
            most = most.max(commits);
            answer.map_err(|error| Violation::new(format!("round {round}: one of 64 people was told {error:?}")))?;
        }
        house.must_have_members(usize::try_from(FOUNDERS + PEOPLE).unwrap_or_default()).await?;
        let joined = house.events_of(EventKind::MembershipCreated).await?;
        must!(joined == PEOPLE, "round {round}: {joined} of {PEOPLE} joined");
    }
    let words = format!("0 violations, {} people, most commits until done {most}", budget.rounds * PEOPLE);
    Ok(Seen { rounds: budget.rounds, words })
}
