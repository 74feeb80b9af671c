//! Many issues to one address at once.

use super::{Budget, Seen, Violation, at_once::at_once, house::House, must, watched::counted};
use crate::contract::Subject;
use invite_domain::{
    access::Grant,
    id::InvitationId,
    invitation::{EventKind, Recipient, Rejection, State},
    service::{Issue, OnConflict, ServiceError},
};
use std::collections::BTreeSet;

/// How many issue at once.
const ISSUERS: usize = 50;
/// What is to become of the live one there is, in turn.
const CONFLICTS: [OnConflict; 3] = [OnConflict::Error, OnConflict::Return, OnConflict::Replace];

pub(super) async fn to_one_address(budget: Budget, factory: impl AsyncFn() -> Subject) -> Result<Seen, Violation> {
    let mut most = 0;
    for (round, on_conflict) in (0..budget.rounds).zip(CONFLICTS.into_iter().cycle()) {
        let house = House::of(factory().await, &format!("issues-{:x}-{round}", budget.seed)).await;
        let commits = race(&house, on_conflict)
            .await
            .map_err(|violation| Violation::new(format!("round {round}, {on_conflict:?}: {violation}")))?;
        most = most.max(commits);
    }
    let words = format!("0 violations, {ISSUERS} issuers, most commits until done {most}");
    Ok(Seen { rounds: budget.rounds, words })
}

async fn race(house: &House, on_conflict: OnConflict) -> Result<u32, Violation> {
    let scene = &house.scene;
    let recipient = Recipient::Email(scene.address(&format!("ana@{}.example", scene.organization.slug)));
    let grant = Grant { role_id: Some(scene.roles.member.id), ..Grant::default() };
    let issuers = (0..ISSUERS).map(|number| {
        let person = if number % 2 == 0 { &scene.owner } else { &scene.admin };
        let (service, caller) = (house.services.invitations.clone(), house.caller(person.principal()));
        let command = Issue { on_conflict, channels: Some(Vec::new()), ..Issue::new(recipient.clone(), grant.clone()) };
        counted(async move { service.issue(&caller, command, None).await })
    });
    let (mut issued, mut named, mut most) = (Vec::<InvitationId>::new(), BTreeSet::new(), 0);
    for (answer, commits) in at_once(issuers.collect()).await? {
        most = most.max(commits);
        match answer {
            Ok(answer) => issued.push(answer.record.invitation.id),
            Err(ServiceError::Rejected(Rejection::AlreadyInvited { invitation_id })) => {
                named.insert(invitation_id);
            }
            Err(error) => return Err(Violation::new(format!("one was told {error:?}"))),
        }
    }
    let stored = house.invitations().await?;
    let live: Vec<_> = stored.iter().filter(|record| record.invitation.is_live(scene.now())).collect();
    must!(live.len() == 1, "{} live invitations of {}", live.len(), stored.len());
    let only = live[0].invitation.id;
    let distinct: BTreeSet<_> = issued.iter().copied().collect();
    match on_conflict {
        OnConflict::Replace => {
            must!(distinct.len() == ISSUERS, "{} of {ISSUERS} made one of their own", distinct.len());
            let replaced = |record: &&invite_domain::port::InvitationRecord| matches!(&record.invitation.state, State::Revoked { reason, .. } if reason.as_deref() == Some("replaced"));
            let replaced = stored.iter().filter(replaced).count();
            must!(replaced == ISSUERS - 1, "{replaced} of {ISSUERS} were replaced");
        }
        OnConflict::Return => must!(
            issued.len() == ISSUERS && distinct == BTreeSet::from([only]),
            "{} invitations were answered to {} issuers",
            distinct.len(),
            issued.len()
        ),
        _ => {
            must!(issued == [only], "{} succeeded", issued.len());
            must!(named == BTreeSet::from([only]), "the others were told of {named:?}, not of {only}");
        }
    }
    let events = house.events_of(EventKind::InvitationIssued).await?;
    let made = u64::try_from(stored.len()).unwrap_or_default();
    must!(events == made, "{events} events say that one was issued, and there are {made}");
    Ok(most)
}
