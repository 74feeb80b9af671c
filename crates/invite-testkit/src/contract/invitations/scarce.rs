//! Many at once for the last of something.

use super::{
    limits::{PEOPLE, budget, live, seats, within},
    races::{race, winners},
};
use crate::{Scene, contract::Subject};
use invite_domain::{
    directory::Organization,
    invitation::{Limit, Plan},
};

/// How many run at once.
const MANY: i64 = 16;

/// For how many of them there is room.
const FREE: i64 = 5;

/// Issues [`MANY`] invitations at once within this limit; [`FREE`] of them must be written.
async fn scramble(scene: &Scene, round: usize, limit: &Limit) {
    let plans = (0..MANY).map(|i| within(scene, &format!("r{round}x{i}"), vec![limit.clone()]));
    let won = winners(&race(scene, plans.collect()).await);
    assert_eq!(i64::try_from(won).unwrap(), FREE, "exactly as many as there is room for: {limit:?}");
}

pub(in crate::contract) async fn of_many_concurrent_issues_as_many_are_written_as_seats_are_free(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut taken = PEOPLE;
    for round in 0..subject.races {
        scramble(&scene, round, &seats(&scene, taken + FREE)).await;
        taken += FREE;
    }
}

pub(in crate::contract) async fn of_many_concurrent_issues_as_many_are_written_as_may_live(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut alive = 0;
    for round in 0..subject.races {
        scramble(&scene, round, &live(&scene, alive + FREE)).await;
        alive += FREE;
    }
}

pub(in crate::contract) async fn of_many_concurrent_issues_as_many_are_written_as_the_budget_has(subject: Subject) {
    let scene = subject.scene("acme").await;
    for round in 0..subject.races {
        let limit = u32::try_from(FREE).unwrap();
        scramble(&scene, round, &budget(&scene, &format!("round {round}"), limit, 1)).await;
    }
}

pub(in crate::contract) async fn a_redemption_at_the_same_time_frees_no_seat(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut taken = PEOPLE;
    for round in 0..subject.races {
        let name = format!("ana{round}");
        let invitation = scene.issue(&name).await;
        taken += 1;
        let mut plans = vec![scene.plan_redeem(&invitation, &scene.account(&name))];
        let full = seats(&scene, taken);
        plans.extend((0..MANY).map(|i| within(&scene, &format!("late{round}x{i}"), vec![full.clone()])));
        let committed = race(&scene, plans).await;
        assert!(committed[0], "whoever has a seat may take it");
        assert_eq!(winners(&committed), 1, "nobody comes in between the invitation's end and the member's beginning");
    }
}

pub(in crate::contract) async fn of_a_last_seat_taken_and_the_seats_lowered_exactly_one_wins(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (mut taken, mut epoch) = (PEOPLE, 1);
    for round in 0..subject.races {
        let mut issue = within(&scene, &format!("ana{round}"), vec![seats(&scene, taken + 1)]);
        issue.guards[0] = scene.epoch_at(epoch, false);
        let mut next = Organization { version: epoch + 1, ..scene.organization.clone() };
        next.limits.seats = Some(taken);
        let lower = Plan { limits: vec![seats(&scene, taken)], ..scene.plan_organization(epoch, next) };
        let committed = race(&scene, vec![issue, lower]).await;
        assert_eq!(winners(&committed), 1, "either the seat is taken or it is gone");
        if committed[0] {
            taken += 1;
        } else {
            epoch += 1;
        }
    }
}
