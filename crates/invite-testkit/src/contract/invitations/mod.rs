//! Loads and commits.

mod codes;
mod commit;
mod exact;
mod guards;
mod keys;
mod limits;
mod loads;
mod races;
mod recipients;
mod scarce;
mod views;

pub(super) use codes::*;
pub(super) use commit::*;
pub(super) use exact::*;
pub(super) use guards::*;
pub(super) use keys::*;
pub(super) use limits::*;
pub(super) use loads::*;
pub(super) use races::*;
pub(super) use recipients::*;
pub(super) use scarce::*;
pub(super) use views::*;

/// Every case of the part. A case that does not stand here is dead code, which the compiler reports.
#[doc(hidden)]
#[macro_export]
macro_rules! __invitation_cases {
    ($then:ident $part:ident $args:tt) => {
        $crate::$then! { $part $args
            an_unknown_organization_is_none
            a_deleted_organization_answers_nothing_and_takes_no_plan
            a_foreign_invitation_is_answered_as_an_unknown_one
            a_foreign_role_is_answered_as_an_unknown_one
            a_view_tells_what_a_command_is_told
            of_an_unknown_or_deleted_organization_nothing_is_seen
            an_issued_invitation_comes_back_equal_in_every_field
            a_phone_or_a_record_as_recipient_comes_back_equal_in_every_field
            an_organization_and_its_people_come_back_equal_in_every_field
            a_load_tells_who_acts
            issuing_learns_of_the_holder_the_member_and_the_block
            a_command_learns_who_else_holds_the_live_key
            a_redemption_learns_of_the_caller_the_account_at_the_address_and_the_redeemer
            a_redemption_learns_of_the_account_at_the_address_the_invitation_went_to
            an_invitation_is_found_by_its_number_in_its_organization
            an_organization_is_found_where_codes_are_entered
            a_code_leads_to_an_invitation_of_its_organization_alone
            a_code_is_found_under_every_key_that_may_have_made_it
            a_code_counts_while_its_generation_does
            a_code_belongs_to_one_invitation_of_an_organization
            a_record_shows_the_last_of_several_redemptions
            messages_are_counted_since_the_time_asked_for
            a_committed_plan_is_there_whole
            rows_are_numbered_in_the_order_they_came
            the_next_state_of_an_invitation_replaces_the_whole_row
            a_plan_without_changes_is_committed
            no_plans_give_no_answers
            one_stale_plan_does_not_touch_its_neighbours
            plans_of_one_call_follow_each_other
            a_call_of_many_plans_answers_each_in_its_place
            cancelling_takes_queued_messages_only
            a_live_key_is_held_by_one_invitation_and_the_second_leaves_no_trace
            two_organizations_can_invite_one_person
            addresses_that_look_alike_are_different_people
            one_address_in_two_spellings_is_one_person
            an_expired_holders_key_is_taken_over_in_one_plan
            an_ended_invitation_frees_its_key
            an_address_belongs_to_one_account
            a_username_belongs_to_one_account
            any_number_of_accounts_have_no_address
            an_account_has_one_place_in_an_organization
            a_slug_belongs_to_one_organization
            a_role_name_is_unique_in_its_organization
            the_answer_to_a_request_is_found_again
            the_twin_of_an_answered_request_is_stale
            an_answer_older_than_a_day_gives_way
            an_installation_is_set_up_once
            instants_of_any_year_come_back_to_the_microsecond
            text_comes_back_as_it_was_written
            numbers_come_back_at_both_ends
            the_longest_values_come_back_whole
            keys_of_requests_are_compared_byte_by_byte
            a_block_is_of_one_address_and_of_none_that_looks_alike
            a_plan_decided_on_an_old_version_is_stale
            a_plan_for_a_row_that_is_gone_is_stale
            a_plan_decided_on_an_old_account_or_membership_is_stale
            what_is_in_the_way_of_an_invitation_makes_a_plan_stale_that_was_decided_without_a_look
            plans_that_share_an_epoch_do_not_hinder_each_other
            a_raised_epoch_makes_plans_decided_before_it_stale
            only_a_guard_raises_the_epoch
            the_last_owner_stays
            an_owner_who_is_switched_off_or_demoted_does_not_count
            a_role_in_use_stays
            a_link_works_once
            ended_credentials_make_plans_decided_before_stale_and_links_useless
            of_many_concurrent_redeemers_exactly_one_wins
            of_many_concurrent_issues_to_one_address_exactly_one_wins
            of_many_concurrent_issues_with_one_code_exactly_one_wins
            of_revoke_and_redeem_exactly_one_wins
            of_concurrent_raises_of_one_epoch_exactly_one_wins
            a_redeemer_and_a_raise_of_the_epoch_follow_each_other
            of_two_owners_removed_at_once_one_stays
            of_many_twins_of_one_request_exactly_one_is_written
            concurrent_plans_that_share_an_epoch_are_all_committed
            members_and_live_invitations_take_the_seats_there_are
            a_place_is_free_from_the_very_microsecond_an_invitation_expires
            a_plan_that_ends_as_much_as_it_makes_is_written_at_the_limit
            fewer_seats_than_are_taken_are_refused
            live_invitations_are_counted_up_to_their_limit
            a_limit_that_is_set_counts_what_was_issued_without_it
            a_budget_is_spent_up_to_its_limit_and_is_there_again_in_the_next_window
            a_plan_spends_as_much_as_it_says_or_nothing
            of_several_limits_all_are_kept_or_none_is_counted
            a_refused_plan_leaves_no_trace
            a_stale_plan_is_stale_whatever_its_limits_and_counts_nothing
            one_refused_plan_does_not_touch_its_neighbours
            plans_of_one_call_share_a_limit
            of_many_concurrent_issues_as_many_are_written_as_seats_are_free
            of_many_concurrent_issues_as_many_are_written_as_may_live
            of_many_concurrent_issues_as_many_are_written_as_the_budget_has
            a_redemption_at_the_same_time_frees_no_seat
            of_a_last_seat_taken_and_the_seats_lowered_exactly_one_wins
        }
    };
}
