//! Every MUST in the documentation of a store port, and of the plans it takes, has a case.

use invite_testkit::contract;
use std::{collections::BTreeSet, fs, path::Path};

/// What a MUST says, a part of its sentence, and the cases that hold a store to it.
const PROMISES: &[(&str, &[&str])] = &[
    (
        "of another organisation MUST be answered as an unknown one",
        &["a_foreign_invitation_is_answered_as_an_unknown_one"],
    ),
    (
        "MUST check every guard of a plan in the transaction that writes it",
        &[
            "a_plan_decided_on_an_old_version_is_stale",
            "a_plan_decided_on_an_old_account_or_membership_is_stale",
            "a_raised_epoch_makes_plans_decided_before_it_stale",
            "the_last_owner_stays",
            "a_role_in_use_stays",
            "a_link_works_once",
            "of_many_concurrent_redeemers_exactly_one_wins",
            "of_revoke_and_redeem_exactly_one_wins",
            "of_concurrent_raises_of_one_epoch_exactly_one_wins",
            "of_two_owners_removed_at_once_one_stays",
        ],
    ),
    (
        "and MUST answer [`Outcome::Stale`] where one does not hold or a unique key is taken",
        &[
            "a_live_key_is_held_by_one_invitation_and_the_second_leaves_no_trace",
            "an_address_belongs_to_one_account",
            "an_account_has_one_place_in_an_organization",
            "a_slug_belongs_to_one_organization",
            "a_role_name_is_unique_in_its_organization",
            "the_twin_of_an_answered_request_is_stale",
            "an_installation_is_set_up_once",
        ],
    ),
    (
        "a key or a member of another organisation and a revoked operator key MUST be [`ActorFacts::Unknown`]",
        &["administration_finds_nothing_of_another_organization"],
    ),
    (
        "a key or a membership of another one, and an operator key that was revoked, MUST be [`ActorFacts::Unknown`]",
        &["a_load_tells_who_acts"],
    ),
    (
        "All its sessions MUST be deleted and the API keys of its memberships revoked",
        &["ended_credentials_are_gone_and_nobody_elses"],
    ),
    (
        "all its stored links MUST be deleted, but for one the same plan puts",
        &["ended_credentials_make_plans_decided_before_stale_and_links_useless"],
    ),
    (
        "the authority epoch of every organisation the account has a membership in, active or not, MUST rise by one",
        &["ended_credentials_make_plans_decided_before_stale_and_links_useless"],
    ),
    (
        "their rows MUST be deleted, since the same plan may insert a session of the same id afterwards",
        &["a_session_leads_to_its_account_until_it_ends"],
    ),
    // Durability takes a crash to see: the store's own tests kill it. What is left here is that nothing is missing.
    ("`Committed` MUST be durable", &["a_committed_plan_is_there_whole"]),
    ("fate MUST NOT touch its neighbours", &["one_stale_plan_does_not_touch_its_neighbours"]),
    (
        "The status it filters by MUST be the one [`Status::of`] gives at `now`",
        &[
            "the_list_turns_from_pending_to_expired_at_the_very_microsecond",
            "the_list_shows_every_stored_end_under_its_status",
            "the_list_shows_suspended_exactly_where_the_rule_says_so",
        ],
    ),
    (
        "MUST give one message to one claimant at a time",
        &["one_message_has_one_claimant_at_a_time", "of_many_concurrent_claimants_each_gets_messages_of_its_own"],
    ),
    ("a lease that ended MUST NOT keep a message back", &["a_lease_that_ended_keeps_no_message_back"]),
    (
        "Answers whether the lease still held: where it did not, nothing MUST be written",
        &["a_claimant_who_lost_the_lease_settles_nothing", "a_message_cancelled_while_claimed_stays_cancelled"],
    ),
    (
        "MUST admit exactly `limit` attempts a window under any concurrency",
        &["exactly_the_limit_is_admitted_one_after_the_other", "exactly_the_limit_is_admitted_under_concurrency"],
    ),
    (
        "Where one budget is used up it MUST count against none and answer when the window ends",
        &["a_used_up_budget_counts_against_none", "a_window_begins_at_the_epoch_and_ends_by_itself"],
    ),
    ("MUST NOT let a count fall below zero", &["no_count_falls_below_zero"]),
    (
        "it MUST come to an end with nothing left that can be deleted",
        &[
            "a_purge_deletes_up_to_its_limit_and_says_that_there_is_more",
            "purges_at_the_same_time_delete_every_row_once",
            "a_message_overtaken_later_goes_within_a_day",
            "an_answer_goes_when_it_no_longer_counts",
            "a_session_goes_when_it_ended_or_was_long_idle",
            "an_account_link_goes_when_it_expired_or_was_used",
            "an_event_goes_by_its_own_age",
        ],
    ),
    (
        "What ended after its cutoff MUST stay",
        &[
            "an_ended_invitation_goes_at_its_cutoff_and_not_before",
            "an_invitation_that_was_sent_again_stays",
            "a_counter_goes_when_its_window_is_over",
        ],
    ),
    (
        "An invitation MUST take its redemptions and messages with it, and MUST NOT take a membership, an account or an",
        &["an_invitation_takes_its_redemptions_and_messages_and_nothing_else"],
    ),
    (
        "The latest message of an invitation and channel MUST stay as long as the invitation",
        &["a_settled_message_goes_unless_it_is_the_latest"],
    ),
];

/// The documentation of the store ports and of plans, as one text without line breaks.
fn documentation() -> String {
    let ports = Path::new(env!("CARGO_MANIFEST_DIR")).join("../invite-domain/src/port");
    let mut text = String::new();
    for file in
        ["invitation_store.rs", "outbox.rs", "directory.rs", "limiter.rs", "retention.rs", "../invitation/plan.rs"]
    {
        for line in fs::read_to_string(ports.join(file)).unwrap_or_default().lines() {
            if let Some(doc) = line.trim_start().strip_prefix("///") {
                text.push_str(doc);
            }
        }
    }
    text
}

#[test]
fn every_must_of_a_store_port_has_a_case() {
    let mut rest = documentation();
    assert!(rest.contains("MUST"), "the ports' documentation is where it is looked for");
    for (promise, _) in PROMISES {
        assert!(rest.contains(promise), "no port promises any more: {promise}");
        rest = rest.replace(promise, "");
    }
    let forgotten = rest.find("MUST").map(|at| rest[at..].chars().take(120).collect::<String>());
    assert_eq!(forgotten, None, "a promise without a case");
}

#[test]
fn every_case_a_promise_names_exists() {
    let cases: BTreeSet<_> = contract::all().map(|case| case.name).collect();
    for (promise, named) in PROMISES {
        for name in *named {
            assert!(cases.contains(name), "{promise}: no case {name}");
        }
    }
}
