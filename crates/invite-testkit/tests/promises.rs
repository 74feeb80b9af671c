//! Every MUST in the documentation of a store port, and of the plans it takes, has a case; and so has what it says without
//! one.

use invite_testkit::contract;
use std::{collections::BTreeSet, fs, path::Path};

/// What a MUST says, a part of its sentence, and the cases that hold a store to it.
const PROMISES: &[(&str, &[&str])] = &[
    (
        "An invitation of another organisation MUST be answered as an unknown one",
        &[
            "a_foreign_invitation_is_answered_as_an_unknown_one",
            "an_invitation_is_found_by_its_number_in_its_organization",
            "a_view_tells_what_a_command_is_told",
        ],
    ),
    (
        "A code MUST lead to an invitation of the named organisation alone",
        &["a_code_leads_to_an_invitation_of_its_organization_alone", "a_code_counts_while_its_generation_does"],
    ),
    (
        "A record of another organisation MUST be answered as an unknown one, and so MUST one that is deleted or of \
         another kind",
        &[
            "a_foreign_record_is_answered_as_an_unknown_one",
            "a_deleted_record_is_answered_as_an_unknown_one",
            "a_record_of_another_kind_is_answered_as_an_unknown_one",
        ],
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
            "a_plan_decided_on_an_old_record_is_stale",
            "a_session_is_renewed_once",
            "what_is_in_the_way_of_an_invitation_makes_a_plan_stale_that_was_decided_without_a_look",
            "of_concurrent_renewals_of_one_session_exactly_one_wins",
            "of_many_concurrent_changes_of_one_record_exactly_one_wins",
            "of_an_invitation_to_a_record_and_its_deletion_exactly_one_wins",
            "of_many_concurrent_redeemers_exactly_one_wins",
            "of_revoke_and_redeem_exactly_one_wins",
            "of_concurrent_raises_of_one_epoch_exactly_one_wins",
            "of_two_owners_removed_at_once_one_stays",
            "a_plan_decided_on_an_old_group_is_stale",
            "a_plan_for_a_deleted_organization_is_stale_once_it_is_restored",
            "of_many_concurrent_changes_of_one_group_exactly_one_wins",
        ],
    ),
    (
        "and MUST answer [`Outcome::Stale`] where one does not hold or a unique key is taken",
        &[
            "a_live_key_is_held_by_one_invitation_and_the_second_leaves_no_trace",
            "an_address_belongs_to_one_account",
            "a_username_belongs_to_one_account",
            "a_code_belongs_to_one_invitation_of_an_organization",
            "of_many_concurrent_issues_with_one_code_exactly_one_wins",
            "an_id_belongs_to_one_record_of_an_organization",
            "a_remote_id_belongs_to_one_record_of_a_kind",
            "of_many_concurrent_records_with_one_remote_id_exactly_one_wins",
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
        "A sign-in that was noted meanwhile and is later than the one it carries MUST stay",
        &["a_sign_in_noted_meanwhile_survives_an_update"],
    ),
    (
        "All its sessions MUST be deleted and the API keys of its memberships revoked",
        &["ended_credentials_are_gone_and_nobody_elses"],
    ),
    (
        "all its identities of other issuers forgotten, but for one the same plan links afterwards",
        &["ended_credentials_forget_identities_and_nobody_elses"],
    ),
    ("One that was linked and no more MUST lead nowhere.", &["ended_credentials_forget_identities_and_nobody_elses"]),
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
        "MUST hold the plan to every one of its limits in that same transaction",
        &[
            "members_and_live_invitations_take_the_seats_there_are",
            "a_place_is_free_from_the_very_microsecond_an_invitation_expires",
            "a_plan_that_ends_as_much_as_it_makes_is_written_at_the_limit",
            "fewer_seats_than_are_taken_are_refused",
            "live_invitations_are_counted_up_to_their_limit",
            "a_budget_is_spent_up_to_its_limit_and_is_there_again_in_the_next_window",
            "a_plan_spends_as_much_as_it_says_or_nothing",
            "plans_of_one_call_share_a_limit",
            "of_many_concurrent_issues_as_many_are_written_as_seats_are_free",
            "of_many_concurrent_issues_as_many_are_written_as_may_live",
            "of_many_concurrent_issues_as_many_are_written_as_the_budget_has",
            "a_redemption_at_the_same_time_frees_no_seat",
            "of_a_last_seat_taken_and_the_seats_lowered_exactly_one_wins",
        ],
    ),
    (
        "Where one would be exceeded it MUST answer [`Outcome::Refused`] and write nothing of the plan",
        &["a_refused_plan_leaves_no_trace", "one_refused_plan_does_not_touch_its_neighbours"],
    ),
    ("and MUST NOT count it against any limit", &["of_several_limits_all_are_kept_or_none_is_counted"]),
    (
        "A guard that does not hold MUST make the plan stale whatever its limits, and a stale plan MUST NOT count",
        &["a_stale_plan_is_stale_whatever_its_limits_and_counts_nothing"],
    ),
    (
        "Such a count MUST be forgotten where a plan writes the next state of the organisation",
        &["a_limit_that_is_set_counts_what_was_issued_without_it"],
    ),
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
        "Messages of other organisations and of accounts MUST NOT be among them",
        &["dead_letters_are_an_organizations_own_the_last_first"],
    ),
    (
        "A message of another organisation MUST be answered as an unknown one",
        &["dead_letters_are_an_organizations_own_the_last_first"],
    ),
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
    (
        "A place MUST tell of every membership that the group made, also where its account does not administer the group, \
         and also in an organisation that is deleted.",
        &["a_change_of_a_group_is_told_of_every_place_it_made"],
    ),
    (
        "An organisation that was deleted MUST take everything of its own with it, its events too, and give its slugs up; the",
        &["an_organization_deleted_long_ago_goes_with_everything_of_its_own"],
    ),
    ("accounts of its members MUST stay", &["an_organization_deleted_long_ago_goes_with_everything_of_its_own"]),
    ("A row of an organisation that is deleted MUST be among", &["a_person_is_found_in_every_organization_and_state"]),
    (
        "Queued messages to the account MUST be cancelled and no message MUST keep the address; the",
        &["who_is_erased_is_nowhere_and_the_trail_stays_whole"],
    ),
    (
        "and the named counters MUST be deleted; links of others that would prove the address MUST end. Events MUST stay, without the",
        &["who_is_erased_is_nowhere_and_the_trail_stays_whole", "what_others_have_stays_where_somebody_is_erased"],
    ),
    (
        "or one that is not named goes to the address, the plan MUST be stale",
        &["an_erasure_that_was_overtaken_is_stale"],
    ),
    ("What is of another organisation MUST NOT be counted.", &["statistics_count_nothing_of_another_organization"]),
    (
        "A status MUST be the one [`Status::of`] gives.",
        &["statuses_are_counted_as_the_list_shows_them", "statistics_of_any_history_are_what_a_plain_count_gives"],
    ),
    (
        "What happened at the instant a week begins MUST be counted in that week.",
        &["an_instant_is_counted_in_the_week_it_begins"],
    ),
];

/// What the documentation says without a MUST, and the cases that hold a store to it.
const STATEMENTS: &[(&str, &[&str])] = &[
    // Plans.
    (
        "Nothing is in the way of an invitation to a recipient",
        &["what_is_in_the_way_of_an_invitation_makes_a_plan_stale_that_was_decided_without_a_look"],
    ),
    ("The session has not ended.", &["a_session_is_renewed_once"]),
    (
        "The record of the host's directory is still at this version and not deleted.",
        &["a_plan_decided_on_an_old_record_is_stale"],
    ),
    (
        "An identity of another issuer: it is one account's.",
        &["an_identity_opens_one_account", "of_concurrent_links_of_one_identity_exactly_one_wins"],
    ),
    (
        "After the plan the organisation has at most so many members and live invitations together",
        &["members_and_live_invitations_take_the_seats_there_are"],
    ),
    (
        "After the plan the organisation has at most so many live invitations: pending ones that expire after `at`.",
        &[
            "live_invitations_are_counted_up_to_their_limit",
            "a_place_is_free_from_the_very_microsecond_an_invitation_expires",
        ],
    ),
    (
        "The plan spends `count` of a budget in fixed windows, all of them or none.",
        &["a_plan_spends_as_much_as_it_says_or_nothing"],
    ),
    ("A name to sign in with, by its key.", &["a_username_belongs_to_one_account"]),
    ("The address of an account, by its key.", &["any_number_of_accounts_have_no_address"]),
    (
        "The index of a short code in an organisation (rule 7.5).",
        &["a_code_belongs_to_one_invitation_of_an_organization"],
    ),
    (
        "The host's own id of such a record, among those of its kind that are not deleted.",
        &["a_remote_id_belongs_to_one_record_of_a_kind"],
    ),
    ("A deleted one gives up its remote id.", &["a_deleted_record_gives_up_its_remote_id_and_keeps_its_id"]),
    (
        "The account's last sign-in becomes the one before, and this the last. Raises no version.",
        &["a_sign_in_is_noted_beside_the_one_before"],
    ),
    ("The next state of an account, whole.", &["an_account_keeps_its_next_state_whole"]),
    ("The next state of such a record, whole.", &["a_record_comes_back_equal_in_every_field"]),
    // Invitations.
    (
        "An organisation that is not deleted: where a code is entered (rule 7.5).",
        &["an_organization_is_found_where_codes_are_entered"],
    ),
    (
        "By the index of a code in an organisation, under each key that may have made it (rule 7.5).",
        &["a_code_is_found_under_every_key_that_may_have_made_it"],
    ),
    (
        "The record of the host's directory it is for; its own address and membership matter then.",
        &["issuing_learns_of_the_record_and_who_came_from_it"],
    ),
    (
        "The record it is for, with the member who came from it; `None` where there is none or it is deleted.",
        &["issuing_learns_of_the_record_and_who_came_from_it", "redeeming_learns_of_the_record_and_who_came_from_it"],
    ),
    (
        "The account with the invitation's address.",
        &[
            "a_redemption_learns_of_the_account_at_the_address_the_invitation_went_to",
            "an_invitation_keeps_the_addresses_its_record_had",
        ],
    ),
    (
        "By what a list of invitations is sorted. Rows of one key follow their ids.",
        &["the_list_sorts_by_every_key_in_both_directions", "pages_of_rows_with_one_key_neither_skip_nor_repeat"],
    ),
    (
        "Begin after this row; at the start where `None`.",
        &[
            "pages_stand_while_invitations_end_and_change",
            "pages_of_events_stand_while_events_come",
            "pages_of_dead_letters_stand_while_letters_come_and_go",
            "pages_of_records_stand_while_records_come_and_go",
            "pages_of_roles_members_and_keys_stand_while_rows_come_and_go",
        ],
    ),
    ("The store's number, the order of storing.", &["numbers_are_sorted_as_numbers"]),
    ("The rate the grant carries; none is less than any.", &["no_rate_sorts_below_any_rate"]),
    ("For this kind of recipient.", &["the_list_filters_by_the_kind_of_recipient"]),
    ("The latest message of each channel.", &["a_record_shows_a_delivery_a_channel"]),
    (
        "How many rows to leave out before the page begins",
        &[
            "numbered_pages_are_cut_exactly_and_count_every_row",
            "numbered_pages_of_records_are_cut_exactly_and_count_every_row",
        ],
    ),
    // Messages.
    ("Takes up to `limit` queued messages of these channels", &["only_channels_asked_for_are_claimed"]),
    (
        "The language of the account at the address, if there is one.",
        &["a_delivery_to_a_phone_is_of_its_invitation_and_nobodys_account"],
    ),
    // The bundled directory.
    ("The session that this text, given out with it, may renew.", &["what_renews_a_session_does_not_open_it"]),
    ("The account somebody names to sign in.", &["an_account_is_found_by_what_somebody_signs_in_with"]),
    (
        "A phone number leads to an account only where no other one has it.",
        &["a_phone_number_of_two_people_signs_nobody_in"],
    ),
    ("The role of this number.", &["roles_are_found_by_number_in_their_organization"]),
    (
        "where `query` is a part of name or address.",
        &["members_are_listed_and_searched", "members_without_an_address_are_listed_and_searched"],
    ),
    // Records.
    (
        "Names a record of the host's directory in its organisation and kind.",
        &["a_record_is_found_by_id_number_and_remote_id"],
    ),
    (
        "`None` where the organisation does not exist or is deleted. A record",
        &["records_of_an_unknown_or_deleted_organization_are_none"],
    ),
    ("The company it belongs to, also where that was deleted.", &["a_record_shows_its_company_a_deleted_one_too"]),
    ("Who came from it: the member whose membership names it", &["a_record_shows_who_came_from_it"]),
    ("For a contact from whom nobody came, the member with its address.", &["a_contact_alone_is_known_by_its_address"]),
    (
        "The invitation that holds its live key, live or expired.",
        &["a_record_shows_the_invitation_that_holds_its_key", "a_record_and_its_invitation_are_made_in_one_plan"],
    ),
    (
        "Who came from contacts of the company, or of itself where it is one, that are not deleted; by number, at most",
        &["managers_are_who_came_from_contacts_of_the_company", "at_most_a_hundred_managers_are_shown"],
    ),
    (
        "The named company, or the organisation's own; `None` where the named one does not exist or is deleted.",
        &["a_command_learns_of_the_company_it_names_or_the_own_one"],
    ),
    (
        "Whether a record of the organisation has the wanted id, deleted or not.",
        &["an_id_belongs_to_one_record_of_an_organization", "a_deleted_record_gives_up_its_remote_id_and_keeps_its_id"],
    ),
    (
        "Which record of the kind, not deleted, has the wanted remote id.",
        &["a_remote_id_belongs_to_one_record_of_a_kind"],
    ),
    ("Which records a list holds. Deleted ones are in none.", &["a_deleted_record_is_answered_as_an_unknown_one"]),
    (
        "A part of the name, without regard to ASCII case. Exactly this name, without regard to ASCII case. Exactly \
         this remote id.",
        &["records_are_filtered_by_name_and_remote_id"],
    ),
    (
        "Of a company with one of these numbers; of any where `None`. Of no company with one of these numbers.",
        &["records_are_filtered_by_company"],
    ),
    (
        "Changed then or later. Changed later than then. Changed then or earlier. Changed earlier than then.",
        &["records_are_filtered_by_the_time_of_their_last_change"],
    ),
    ("A page of an organisation's records of this kind, by number.", &["records_are_listed_by_number"]),
    // Looks.
    (
        "The logo of this content, where an organisation that is not deleted has it.",
        &["a_logo_is_found_by_its_content_until_another_takes_its_place", "two_organizations_may_have_one_logo"],
    ),
    (
        "The organisation's logo becomes this one, in the place of any it had.",
        &["a_logo_is_found_by_its_content_until_another_takes_its_place"],
    ),
    ("The organisation has no logo any more.", &["two_organizations_may_have_one_logo"]),
    // Groups.
    ("The next state of such a group, whole.", &["a_group_is_found_with_its_organizations_and_administrators"]),
    ("A group is gone, and who administers it with it.", &["a_deleted_group_is_gone_with_its_administrators"]),
    ("A page of all groups, by (created at, id).", &["groups_are_listed_the_first_made_first"]),
    ("Whether somebody else is an active owner.", &["a_change_of_a_group_learns_of_organizations_people_and_owners"]),
    // Statistics.
    (
        "Messages with an invitation's link, reminders too, that were handed to their channel.",
        &["messages_of_invitations_are_counted_where_they_were_handed_over"],
    ),
    (
        "How long the last redemptions within the weeks took, from the issue of their invitation, in no order",
        &["the_last_acceptances_tell_how_long_they_took"],
    ),
    (
        "How many invitations that are pending or suspended expire soon.",
        &["what_expires_soon_is_counted_up_to_the_very_microsecond"],
    ),
    ("at least two instants, each later than the one before.", &["weeks_that_are_not_in_order_are_refused"]),
];

/// The documentation of the store ports, of pages and of plans, as one text without line breaks.
fn documentation() -> String {
    let ports = Path::new(env!("CARGO_MANIFEST_DIR")).join("../invite-domain/src/port");
    let mut text = String::new();
    let files = [
        "invitation_store.rs",
        "outbox.rs",
        "directory.rs",
        "subjects.rs",
        "limiter.rs",
        "retention.rs",
        "statistics.rs",
        "groups.rs",
        "erasure.rs",
        "../invitation/plan.rs",
        "../invitation/limit.rs",
        "../page.rs",
    ];
    for file in files {
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
fn what_is_said_without_a_must_is_still_said() {
    let documentation = documentation();
    for (statement, _) in STATEMENTS {
        assert!(documentation.contains(statement), "no port says any more: {statement}");
    }
}

#[test]
fn every_case_a_promise_names_exists() {
    let cases: BTreeSet<_> = contract::all().map(|case| case.name).collect();
    for (promise, named) in PROMISES.iter().chain(STATEMENTS) {
        for name in *named {
            assert!(cases.contains(name), "{promise}: no case {name}");
        }
    }
}
