//! The pages as people meet them: the built binary, real mail, Debian's Chromium.
//!
//! One browser at a time. Every page that is looked at is held to the same: see [`world::World::page`].

#[path = "../common/mod.rs"]
mod common;

mod budget;
mod codes;
mod console;
mod console_entry;
mod console_invitations;
mod console_people;
mod console_settings;
mod console_ways;
mod controls;
mod dead;
mod elsewhere;
mod hostile;
mod keyboard;
mod offers;
mod policies;
mod scanner;
mod story;
mod world;

use invite_tests::{
    Failure, Result,
    requires::{Requirement, Suite},
    service::Sandbox,
};
use libtest_mimic::Failed;
use std::{
    pin::Pin,
    process::ExitCode,
    sync::{Mutex, PoisonError},
};
use world::World;

/// What people do on the pages, on an installation of their own or on one where others were before.
type Journey = for<'a> fn(&'a World) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

macro_rules! journeys {
    ($($module:ident::$name:ident,)*) => {
        [$((stringify!($name), |world: &World| Box::pin($module::$name(world)))),*]
    };
}

/// Every page and state an invitee can meet.
const JOURNEYS: [(&str, Journey); 21] = journeys![
    offers::a_new_person_reads_the_offer_mends_the_form_and_joins,
    offers::a_person_with_an_account_joins_by_one_button,
    offers::a_person_who_is_signed_in_joins_by_one_button,
    offers::link_7_somebody_else_who_is_signed_in_switches_and_the_right_person_joins,
    offers::a_member_is_told_that_nothing_is_left_to_do,
    offers::a_person_declines_and_wants_no_more_mail,
    offers::link_6_a_success_leads_to_the_allowed_destination_without_a_referer,
    dead::an_expired_link_brings_a_fresh_one_by_mail,
    dead::a_superseded_link_says_which_one_works,
    dead::a_withdrawn_invitation_says_so,
    dead::a_used_invitation_says_so,
    dead::a_suspended_invitation_is_on_hold,
    dead::a_mangled_link_a_lost_cookie_and_a_forged_form_are_explained,
    policies::a_copied_link_asks_for_the_mailbox_and_the_mailed_one_joins,
    policies::an_account_is_signed_in_to_where_the_organisation_wants_it,
    policies::a_copied_link_takes_the_password_of_an_account,
    keyboard::a_new_person_joins_and_another_declines_by_keyboard_alone,
    hostile::link_3_the_token_is_nowhere_after_the_page_has_loaded,
    hostile::what_people_call_themselves_is_shown_as_text,
    offers::a_new_person_joins_without_javascript,
    // The last: where others come after it, nobody may enter a code any more.
    codes::a_code_is_entered_mistyped_unknown_and_tried_too_often,
];

/// Every page and state of the console.
const AT_THE_CONSOLE: [(&str, Journey); 15] = journeys![
    console_entry::signing_in_a_wrong_password_a_forgotten_one_and_a_key,
    console_entry::a_person_changes_name_address_and_password_and_ends_all_sessions,
    console_entry::somebody_in_two_organisations_switches_leaves_both_and_belongs_nowhere,
    console_invitations::the_list_is_empty_then_filtered_searched_sorted_and_paged,
    console_invitations::one_and_several_are_issued_and_what_is_wrong_is_said,
    console_invitations::an_open_invitation_is_sent_again_extended_changed_shown_and_withdrawn,
    console_invitations::ended_held_and_undelivered_invitations_say_so_and_offer_what_helps,
    console_people::a_member_is_changed_switched_off_and_removed_and_the_last_owner_stays,
    console_people::a_role_is_made_changed_in_use_and_deleted,
    console_people::a_key_is_shown_once_renewed_and_revoked,
    console_settings::name_policy_colour_and_logo_are_set,
    console_settings::undelivered_messages_are_listed_and_sent_again,
    console_settings::the_overview_counts_and_draws_what_happened,
    console_ways::an_owner_signs_in_issues_and_withdraws_by_keyboard_alone,
    console_ways::an_owner_signs_in_issues_and_sends_again_without_javascript,
];

/// Runs a trial to its end, one at a time: two browsers at once are only slower.
fn run(trial: impl Future<Output = Result<()>>) -> std::result::Result<(), Failed> {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(trial).map_err(|failure| failure.to_string().into())
}

async fn alone(journey: Journey) -> Result<()> {
    let world = World::start(None).await?;
    journey(&world).await?;
    world.end().await
}

/// All of them, one after the other, in one installation.
async fn together() -> Result<()> {
    let world = World::start(Some(Sandbox::replicated(1)?)).await?;
    for (name, journey) in JOURNEYS {
        journey(&world).await.map_err(|failure| Failure::new(format!("{name}: {failure}")))?;
        world.browser.forget().await?;
    }
    world.end().await
}

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    let browser = Some(Requirement::Browser);
    suite
        .trial("the_harness_sees_what_a_strict_policy_forbids", browser, || run(controls::forbidden()))
        .trial("the_harness_sees_what_is_inaccessible_hidden_or_wide", browser, || run(controls::inaccessible()))
        .trial("the_harness_finds_what_people_call_by_name", browser, || run(controls::by_name()))
        .trial("link_2_scanners_change_nothing_and_then_a_person_joins", browser, || run(scanner::scanned()));
    for (name, journey) in JOURNEYS.into_iter().chain(AT_THE_CONSOLE) {
        suite.trial(name, browser, move || run(alone(journey)));
    }
    // It needs both; a trial names one.
    let both = if Requirement::Browser.missing().is_some() { Requirement::Browser } else { Requirement::Postgres };
    suite.trial("every_journey_on_one_postgresql", Some(both), || run(together()));
    suite.trial("an_owner_invites_three_people_and_sees_what_they_do", browser, || run(story::told(None))).trial(
        "an_owner_invites_three_people_and_sees_what_they_do_on_postgresql",
        Some(both),
        || run(async { story::told(Some(Sandbox::replicated(1)?)).await }),
    );
    let code = suite.run();
    budget::print();
    code
}
