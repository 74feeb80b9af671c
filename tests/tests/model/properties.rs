//! What must be true in every state, and what must be possible in some.

use super::{
    store::{Deed, Promise, What},
    walk::{Answer, Phase, Scene, Situation},
};
use invite_domain::invitation::State;
use invite_tests::{Failure, Result};
use stateright::{Model as _, Property};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const USES: &str = "an invitation is used as often as it is redeemed and no more than it may be";
pub(crate) const MEMBERSHIP: &str = "a person is a member once";
pub(crate) const ADDRESS: &str = "an address has one account";
pub(crate) const LIVE: &str = "a recipient has one live invitation";
pub(crate) const END: &str = "what has ended is not used";
pub(crate) const OVERTAKEN: &str = "an overtaken link is not used";
pub(crate) const DEMOTED: &str = "nothing is given in the name of whom it was taken from";
pub(crate) const OWNER: &str = "an organisation has an owner";
pub(crate) const KEY: &str = "one key, one deed";
pub(crate) const CHANGES: &str = "no change of an account or member is lost";
pub(crate) const TOLD: &str = "every generation has its message";
pub(crate) const WAITS: &str = "no message of an ended or overtaken link waits";
pub(crate) const HANDED: &str = "a message is handed over once, and once more a fault";
pub(crate) const RESTS: &str = "what came to rest stays at rest";
pub(crate) const SETTLED: &str = "in the end every message has left or was cancelled";

/// What is always true.
pub(crate) fn laws() -> Vec<Property<Scene>> {
    vec![
        law(USES, |_, state| {
            state.store.invitations.iter().all(|row| {
                let redeemed = state.store.redemptions.iter().filter(|one| one.invitation_id == row.id).count();
                usize::try_from(row.uses).is_ok_and(|uses| uses == redeemed) && row.uses <= row.max_uses
            })
        }),
        law(MEMBERSHIP, |_, state| {
            once(state.store.memberships.iter().map(|row| (row.organization_id, row.account_id)))
        }),
        law(ADDRESS, |_, state| once(state.store.accounts.iter().filter_map(|row| row.email_key()))),
        law(LIVE, |_, state| {
            let live = state.store.invitations.iter().filter(|row| row.state == State::Pending);
            once(live.map(|row| (row.organization_id, row.recipient.live_key().as_str().to_owned())))
        }),
        law(END, |_, state| {
            let ends = |deed: &Deed| matches!(deed.what, What::Redeemed | What::Revoked | What::Declined);
            let used = |deed: &Deed| ends(deed) || deed.what == What::Resent;
            pairs(&state.store.trail)
                .all(|(before, after)| before.invitation != after.invitation || !(ends(before) && used(after)))
        }),
        law(OVERTAKEN, |_, state| {
            pairs(&state.store.trail).all(|(before, after)| {
                before.what != What::Resent
                    || after.what != What::Redeemed
                    || before.invitation != after.invitation
                    || after.generation >= before.generation
            })
        }),
        // Whoever is demoted in a scene with an invitation is its inviter.
        law(DEMOTED, |_, state| {
            pairs(&state.store.trail).all(|(before, after)| {
                before.what != What::Demoted || !matches!(after.what, What::Redeemed | What::Resent | What::Issued)
            })
        }),
        law(OWNER, |scene, state| {
            let owners = scene.world.owners();
            state.store.organizations.iter().all(|row| state.store.owners(row.id, &owners) > 0)
        }),
        law(KEY, |_, state| {
            once(state.store.trail.iter().filter_map(|deed| Some((deed.what as u8, deed.key.as_ref()?))))
        }),
        law(CHANGES, |scene, state| {
            let changed = |id, version: i64, before: Option<i64>| {
                version == before.unwrap_or(1) + state.store.changes.get(&id).copied().unwrap_or_default()
            };
            let (start, now) = (&scene.start, &state.store);
            let before = |row: &invite_domain::directory::Account| start.account(row.id).map(|row| row.version);
            now.accounts.iter().all(|row| changed(row.id.as_uuid(), row.version, before(row)))
                && now
                    .memberships
                    .iter()
                    .all(|row| changed(row.id.as_uuid(), row.version, start.membership(row.id).map(|row| row.version)))
        }),
        law(TOLD, |scene, state| {
            let owing = |actor: &super::walk::Actor| matches!(actor.phase, Phase::Owes(_));
            // Where messages do not belong to the plan they may come a little later.
            (!scene.broken.is_empty() && state.actors.iter().any(owing))
                || state.store.invitations.iter().all(|row| {
                    let told: BTreeSet<_> = state.store.outbox.iter().filter_map(super::store::Queued::of).collect();
                    (1..=row.generation).all(|generation| told.contains(&(row.id, generation)))
                })
        }),
        law(WAITS, |_, state| {
            state.store.outbox.iter().filter(|queued| queued.waits()).all(|queued| {
                queued.of().is_none_or(|(id, generation)| {
                    state
                        .store
                        .invitation(id)
                        .is_some_and(|row| row.state == State::Pending && row.generation == generation)
                })
            })
        }),
        law(HANDED, |_, state| {
            let faults = usize::from(state.crashes + state.pauses);
            let mut handed = BTreeMap::new();
            for mail in &state.mails {
                *handed.entry(mail.message).or_insert(0_usize) += 1;
            }
            handed.values().all(|count| *count <= 1 + faults)
        }),
        law(RESTS, |_, state| state.store.outbox.iter().all(|queued| queued.rests == u8::from(!queued.waits()))),
        law(SETTLED, |scene, state| {
            let dispatched = scene.parts.iter().any(|part| matches!(part, super::walk::Part::Dispatch));
            !dispatched || !state.store.outbox.iter().any(super::store::Queued::waits) || !is_over(scene, state)
        }),
    ]
}

fn law(name: &'static str, condition: fn(&Scene, &Situation) -> bool) -> Property<Scene> {
    Property::always(name, condition)
}

/// What has to be possible in a scene, so that what is always true is not true of nothing.
pub(crate) type Possible = (&'static str, fn(&Scene, &Situation) -> bool);

pub(crate) const GETS_IN: Possible = ("somebody gets in", |_, state| done(state, What::Redeemed));
pub(crate) const GETS_IN_BY_THE_NEW_LINK: Possible = ("somebody gets in by a link that was sent again", |_, state| {
    state.store.trail.iter().any(|deed| deed.what == What::Redeemed && deed.generation > 1)
});
pub(crate) const GETS_IN_AFTER_A_CRASH: Possible = ("somebody who died gets the same answer", |_, state| {
    state.actors.iter().any(|actor| actor.lives > 0 && actor.phase == Phase::Done(Answer::Again))
});
pub(crate) const SUSPENDED: Possible =
    ("somebody is told that it is suspended", |_, state| refused(state, "suspended"));
pub(crate) const SUPERSEDED: Possible = ("somebody is told of a newer link", |_, state| refused(state, "superseded"));
pub(crate) const WITHDRAWN: Possible = ("somebody is told that it was withdrawn", |_, state| refused(state, "revoked"));
pub(crate) const SENT_TWICE: Possible =
    ("a fault makes a duplicate", |_, state| !once(state.mails.iter().map(|mail| mail.message)));
pub(crate) const BOTH_IN: Possible = ("both invitations are used", |_, state| state.store.redemptions.len() == 2);
pub(crate) const ISSUED_AGAIN: Possible = ("after a withdrawal somebody is invited anew", |_, state| {
    state.store.trail.iter().filter(|deed| deed.what == What::Issued).count() > 1 && done(state, What::Revoked)
});
pub(crate) const LAST_OWNER: Possible = ("the last owner stays", |_, state| {
    refused(state, "last_owner") || refused(state, "not_allowed") || refused(state, "above_authority")
});

fn done(state: &Situation, what: What) -> bool {
    state.store.trail.iter().any(|deed| deed.what == what)
}

fn refused(state: &Situation, word: &'static str) -> bool {
    state.actors.iter().any(|actor| actor.phase == Phase::Done(Answer::Refused(word)))
}

/// Nobody can do anything any more.
fn is_over(scene: &Scene, state: &Situation) -> bool {
    let mut actions = Vec::new();
    scene.actions(state, &mut actions);
    actions.is_empty()
}

fn once<T: Ord>(things: impl Iterator<Item = T>) -> bool {
    let mut seen = BTreeSet::new();
    things.into_iter().all(|thing| seen.insert(thing))
}

/// Every two deeds, the earlier one first.
fn pairs(trail: &[Deed]) -> impl Iterator<Item = (&Deed, &Deed)> {
    trail.iter().enumerate().flat_map(|(index, before)| trail[index + 1..].iter().map(move |after| (before, after)))
}

/// The promises that the plans of a state rest on.
///
/// # Errors
/// A guard that no promise stands for.
pub(crate) fn promises_in(state: &Situation, plans: &mut usize) -> Result<BTreeSet<Promise>> {
    let mut promises = BTreeSet::new();
    for actor in &state.actors {
        let Phase::Decided(plan) = &actor.phase else { continue };
        *plans += 1;
        promises.extend(plan.idempotency.iter().map(|_| Promise::FreeIdempotency));
        for guard in &plan.guards {
            let none = || Failure::new(format!("no promise stands for {guard:?}"));
            promises.insert(Promise::of(guard).ok_or_else(none)?);
        }
    }
    Ok(promises)
}
