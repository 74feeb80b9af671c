//! Three replicas on one PostgreSQL behind a front: they are one service.

mod common;

#[path = "replicas/authority.rs"]
mod authority;
#[path = "replicas/journey.rs"]
mod journey;
#[path = "replicas/mails.rs"]
mod mails;

use common::{Site, crowd};
use invite_tests::{
    Result,
    requires::{Requirement, Suite},
    service::Sandbox,
    soak,
};
use libtest_mimic::Failed;
use std::process::ExitCode;

const REPLICAS: usize = 3;

/// A set-up service of three replicas, with further settings.
async fn replicated(settings: &[(&str, &str)]) -> Result<Site> {
    Site::start_in(Sandbox::replicated(REPLICAS)?, settings).await
}

/// Runs a trial to its end.
fn run(trial: impl Future<Output = Result<()>>) -> std::result::Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(trial).map_err(|failure| failure.to_string().into())
}

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    let postgres = Some(Requirement::Postgres);
    suite
        .trial("three_replicas_are_one_service_to_whoever_calls", postgres, || run(journey::one_service()))
        .trial("r7_6_attempts_are_counted_over_all_replicas", postgres, || run(journey::attempts()))
        .trial("r9_2_a_budget_of_100_lets_exactly_100_through_in_all", postgres, || run(authority::budget()))
        .trial("r9_2_room_for_12_live_invitations_is_room_for_12_in_all", postgres, || run(authority::room()))
        .trial(
            "authz_7_a_revoked_key_is_refused_everywhere_within_a_second",
            postgres,
            || run(authority::revoked_key()),
        )
        .trial("tok_5_the_key_ring_turns_under_load_without_an_error_or_a_dead_fresh_link", postgres, || {
            run(authority::turning_ring())
        })
        .trial("a_thousand_mails_are_sent_once_each", postgres, || run(mails::once_each()))
        .trial("r5_2_of_every_crowd_at_three_replicas_one_gets_in_and_nobody_sees_an_error", postgres, || {
            run(async {
                crowd::one_of_each_crowd_gets_in(&replicated(&[]).await?, soak::rounds(5)?, soak::seed(4)?).await
            })
        })
        .trial("sixty_four_people_at_three_replicas_at_once_all_get_in", postgres, || {
            run(async { crowd::everybody_gets_in(&replicated(&[]).await?, 64).await })
        });
    suite.run()
}
