//! The bundled directory.

mod administration;
mod credentials;
mod exact;
mod identities;
mod logos;
mod people;
mod signing_in;

pub(super) use administration::*;
pub(super) use credentials::*;
pub(super) use exact::*;
pub(super) use identities::*;
pub(super) use logos::*;
pub(super) use people::*;
pub(super) use signing_in::*;

/// Every case of the part. A case that does not stand here is dead code, which the compiler reports.
#[doc(hidden)]
#[macro_export]
macro_rules! __directory_cases {
    ($then:ident $part:ident $args:tt) => {
        $crate::$then! { $part $args
            a_credential_is_found_by_its_digest
            a_session_leads_to_its_account_until_it_ends
            what_renews_a_session_does_not_open_it
            a_session_is_renewed_once
            of_concurrent_renewals_of_one_session_exactly_one_wins
            a_sign_in_is_noted_beside_the_one_before
            a_sign_in_noted_meanwhile_survives_an_update
            ended_credentials_are_gone_and_nobody_elses
            an_identity_opens_one_account
            ended_credentials_forget_identities_and_nobody_elses
            of_concurrent_links_of_one_identity_exactly_one_wins
            a_used_key_is_noted_once_a_minute
            a_used_session_is_noted_once_an_hour
            operator_keys_that_still_count_are_told
            nothing_is_there_before_the_installation
            an_organization_is_found_by_id_slug_and_number
            an_organization_is_found_by_the_slug_it_had
            a_slug_somebody_else_had_is_not_free
            a_logo_is_found_by_its_content_until_another_takes_its_place
            two_organizations_may_have_one_logo
            an_organization_keeps_its_colour_and_the_name_of_its_logo
            memberships_of_an_account_are_the_active_ones_oldest_first
            an_account_is_found_by_id_and_address
            an_account_is_found_by_what_somebody_signs_in_with
            a_phone_number_of_two_people_signs_nobody_in
            an_account_keeps_its_next_state_whole
            an_account_has_one_link_a_purpose
            a_link_can_be_set_for_an_account_of_the_same_plan
            a_link_that_ends_is_good_no_more_and_a_used_one_stays
            a_member_keeps_its_next_state_whole
            administration_learns_of_role_member_and_key
            administration_finds_nothing_of_another_organization
            administration_learns_whether_a_role_is_used_and_another_owner_stays
            administration_knows_every_permission_that_is_named
            roles_are_listed_and_found_by_name
            a_role_of_a_dialect_comes_back_equal_in_every_field
            roles_are_found_by_number_in_their_organization
            members_are_listed_and_searched
            members_without_an_address_are_listed_and_searched
            keys_that_are_not_revoked_are_listed
            organizations_that_are_not_deleted_are_listed
            pages_of_roles_members_and_keys_stand_while_rows_come_and_go
            people_keep_instants_and_text_as_they_were_written
            the_database_tells_its_time
        }
    };
}
