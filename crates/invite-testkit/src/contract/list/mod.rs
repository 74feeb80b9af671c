//! Lists, events, lapses and reminders.

mod events;
mod filters;
mod pages;
mod reminders;
mod stable;
mod status;

pub(super) use events::*;
pub(super) use filters::*;
pub(super) use pages::*;
pub(super) use reminders::*;
pub(super) use stable::*;
pub(super) use status::*;

/// Every case of the part. A case that does not stand here is dead code, which the compiler reports.
#[doc(hidden)]
#[macro_export]
macro_rules! __list_cases {
    ($then:ident $part:ident $args:tt) => {
        $crate::$then! { $part $args
            the_list_shows_a_record_as_a_load_does
            the_list_holds_no_row_of_another_organization
            the_list_filters_by_role_inviter_and_batch
            the_list_filters_by_the_kind_of_recipient
            the_list_filters_by_the_latest_delivery
            a_record_shows_a_delivery_a_channel
            deliveries_show_the_latest_message_of_a_channel
            the_query_finds_a_part_of_address_role_or_inviter_without_regard_to_ascii_case
            the_query_takes_wildcards_literally
            the_list_turns_from_pending_to_expired_at_the_very_microsecond
            the_list_shows_every_stored_end_under_its_status
            the_list_shows_suspended_exactly_where_the_rule_says_so
            a_lapse_is_reported_until_it_is_noted
            lapses_come_at_most_as_many_as_asked_for
            a_reminder_is_due_from_its_instant_until_it_is_noted_or_the_invitation_expires
            a_reminder_waits_for_its_invitation_to_leave
            a_reminder_is_told_of_blocks_and_of_the_messages_before_it
            reminders_come_at_most_as_many_as_asked_for_the_first_due_first
            sponsors_are_active_members_with_the_permission_the_first_to_come_first
            who_was_told_of_a_suspension_is_known_for_a_while
            of_sponsors_the_owners_come_first
            reminders_and_notices_are_no_deliveries_and_reminders_count
            the_list_sorts_by_every_key_in_both_directions
            pages_of_rows_with_one_key_neither_skip_nor_repeat
            pages_neither_skip_nor_repeat_while_rows_are_added
            no_rate_sorts_below_any_rate
            numbers_are_sorted_as_numbers
            numbered_pages_are_cut_exactly_and_count_every_row
            a_total_counts_every_row_that_matches
            addresses_are_sorted_byte_by_byte
            instants_are_sorted_as_instants
            pages_stand_while_invitations_end_and_change
            an_event_comes_back_equal_in_every_field
            events_come_in_the_order_of_time_and_id
            events_are_filtered
            pages_of_events_neither_skip_nor_repeat
            pages_of_events_stand_while_events_come
        }
    };
}
