//! One sequence on one organisation of a store, and what is compared on the way.

use super::{
    Stage,
    answer::{self, Answer},
    deeds::Deed,
    foretell::LEASE,
    model::Model,
};
use crate::{
    contract::Subject,
    fake::{ManualClock, SeededEntropy},
    soak::{Violation, house::broken, must},
};
use chrono::Duration;
use invite_domain::{
    id::EventId,
    invitation::{Channel, Event, State},
    port::{Clock as _, Entropy as _, Lease, OrganizationRef},
};
use std::{collections::BTreeSet, fmt::Debug};
use uuid::Uuid;

/// After how many operations everything is compared, not the answer alone.
const LOOK: usize = 25;
/// Longer than anything in a sequence waits for: lives, claims, further attempts.
const AFTERWARDS: Duration = Duration::hours(12);
/// Keeps the messages of a sequence out of the way of the next ones.
const FOR_GOOD: Duration = Duration::days(365_000);

/// Runs a sequence, and answers how many of its operations were refused.
pub(super) async fn run(
    subject: Subject,
    word: &str,
    clock: &ManualClock,
    deeds: &[Deed],
    count: impl Fn(),
) -> Result<u64, Violation> {
    let stage = Stage::set(subject, word, clock).await;
    let mut seed = [0; 8];
    SeededEntropy::of(word).fill(&mut seed);
    let mut model = stage.model(u64::from_le_bytes(seed))?;
    let compared = compare(&stage, &mut model, deeds, count).await;
    let left = leave(&stage, &mut model).await;
    let refused = compared?;
    left.map(|()| refused)
}

async fn compare(stage: &Stage, model: &mut Model, deeds: &[Deed], count: impl Fn()) -> Result<u64, Violation> {
    let mut refused = 0;
    for (place, deed) in deeds.iter().enumerate() {
        count();
        if deed.needs_directory() && stage.house.services.directory.is_none() {
            continue;
        }
        let at = |violation: Violation| Violation::new(format!("operation {}, {deed:?}: {violation}", place + 1));
        stage.entropy.begin(model.drawn());
        let answer = stage.act(model, deed).await.map_err(at)?;
        if let (Deed::Claim { limit }, Answer::Claimed(ids)) = (deed, &answer) {
            claimed(model, ids, *limit).map_err(at)?;
            model.step += 1;
        } else {
            same("the answer", &model.foretell(deed), &answer).map_err(at)?;
        }
        stage.clock.set(model.now);
        refused += u64::from(matches!(answer, Answer::Refused(_)));
        if (place + 1) % LOOK == 0 || place + 1 == deeds.len() {
            look(stage, model).await.map_err(at)?;
        }
    }
    trail(stage, model).await?;
    Ok(refused)
}

/// As many as there are, up to the limit, and none that may not be taken.
fn claimed(model: &mut Model, ids: &[invite_domain::id::MessageId], limit: u32) -> Result<(), Violation> {
    let free: BTreeSet<_> = model.claimable().map(|queued| queued.message.id).collect();
    let distinct: BTreeSet<_> = ids.iter().copied().collect();
    let expected = free.len().min(usize::try_from(limit).unwrap_or(usize::MAX));
    must!(distinct.len() == ids.len(), "a message was claimed twice at once");
    must!(ids.len() == expected, "{} messages were claimed, not {expected}", ids.len());
    must!(distinct.is_subset(&free), "a message was claimed that somebody else has, or that is not due");
    let token = model.lease_token();
    model.claim(ids, token, LEASE);
    Ok(())
}

fn same<T: PartialEq + Debug>(what: &str, foretold: &T, found: &T) -> Result<(), Violation> {
    must!(foretold == found, "{what} is\n  {found:?}\nand by the rules\n  {foretold:?}");
    Ok(())
}

/// Compares everything but the trail.
async fn look(stage: &Stage, model: &Model) -> Result<(), Violation> {
    let house = &stage.house;
    let organization = house.store().find_organization(&OrganizationRef::Id(house.id())).await.map_err(broken)?;
    same("the organisation", &Some(model.organization.clone()), &organization)?;
    let mut found: Vec<_> = house.invitations().await?.into_iter().map(answer::record).collect();
    let mut foretold: Vec<_> = model.invitations.iter().map(|it| answer::record(model.record(it))).collect();
    found.sort_by_key(|record| record.invitation.id);
    foretold.sort_by_key(|record| record.invitation.id);
    must!(found.len() == foretold.len(), "{} invitations, not {}", found.len(), foretold.len());
    for (foretold, found) in foretold.iter().zip(&found) {
        same("an invitation", foretold, found)?;
        let invitation = &found.invitation;
        let used = matches!(invitation.state, State::Redeemed { .. });
        let redemptions = u32::from(found.redemption.is_some());
        must!(
            invitation.uses == redemptions && used == (redemptions == 1),
            "uses and redemptions of {} differ",
            invitation.id
        );
    }
    let live: Vec<_> = found.iter().filter_map(|record| record.invitation.live_key.as_ref()).collect();
    must!(live.iter().collect::<BTreeSet<_>>().len() == live.len(), "two invitations hold one live key");
    if house.subject.directory.is_none() {
        return Ok(());
    }
    let mut found: Vec<_> = house.members().await?;
    found.sort_by_key(|record| record.member.membership.id);
    let mut members: Vec<_> = model.members.iter().collect();
    members.sort_by_key(|member| member.id);
    must!(found.len() == members.len(), "{} members, not {}", found.len(), members.len());
    for (member, record) in members.into_iter().zip(found) {
        same("a member", &answer::member(model.member_facts(member)), &answer::member(record.member))?;
        let account = model.account(member.account_id).cloned().map(answer::account);
        same("an account", &account, &Some(answer::account(record.account)))?;
    }
    Ok(())
}

/// Compares the trail, but for the ids and the order of events of one instant.
async fn trail(stage: &Stage, model: &Model) -> Result<(), Violation> {
    let told = |event: &Event| {
        let event = Event { id: EventId::from_uuid(Uuid::nil()), ..event.clone() };
        format!("{} {event:?}", event.recorded_at.timestamp_micros())
    };
    let mut foretold: Vec<_> = model.events.iter().map(|event| told(event)).collect();
    let mut found: Vec<_> = stage.house.events().await?.iter().map(told).collect();
    foretold.sort_unstable();
    found.sort_unstable();
    for (foretold, found) in foretold.iter().zip(&found) {
        must!(foretold == found, "an event is\n  {found}\nand by the rules\n  {foretold}");
    }
    must!(foretold.len() == found.len(), "{} events, not {}", found.len(), foretold.len());
    Ok(())
}

/// Leaves nothing that is due to the sequences that follow on the store: what has lapsed is noted, and the last messages are
/// claimed, both as the model says.
async fn leave(stage: &Stage, model: &mut Model) -> Result<(), Violation> {
    stage.clock.advance(AFTERWARDS);
    model.now = stage.clock.now();
    stage.entropy.begin(model.drawn());
    let noted = stage.house.services.dispatcher.note_lapses(10_000).await;
    let noted = noted.map_err(|error| Violation::new(format!("lapses were not noted: {error:?}")))?;
    same("the number of lapses", &model.note_lapses(), &noted)?;
    // Noting a suspension tells people of it: those messages too.
    let free: BTreeSet<_> = model.claimable().map(|queued| queued.message.id).collect();
    let lease = Lease { token: model.lease_token(), lasts: FOR_GOOD };
    let claimed = stage.house.subject.outbox.claim(&Channel::ALL, &lease, 10_000, model.now).await.map_err(broken)?;
    same("what is left to be sent", &free, &claimed.into_iter().map(|message| message.id).collect())
}
