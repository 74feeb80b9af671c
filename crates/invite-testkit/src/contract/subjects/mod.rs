//! Records of the host's directory that invitations are for.

mod keys;
mod list;
mod loads;
mod people;

pub(super) use keys::*;
pub(super) use list::*;
pub(super) use loads::*;
pub(super) use people::*;

use super::Subject;
use crate::Scene;
use invite_domain::{
    directory::{self, SubjectKind},
    port::{SubjectAdministration, SubjectQuery, SubjectRecord, SubjectRef},
};

/// Every case of the part. A case that does not stand here is dead code, which the compiler reports.
#[doc(hidden)]
#[macro_export]
macro_rules! __subject_cases {
    ($then:ident $part:ident $args:tt) => {
        $crate::$then! { $part $args
            a_record_comes_back_equal_in_every_field
            a_record_is_found_by_id_number_and_remote_id
            a_foreign_record_is_answered_as_an_unknown_one
            a_deleted_record_is_answered_as_an_unknown_one
            a_record_of_another_kind_is_answered_as_an_unknown_one
            records_of_an_unknown_or_deleted_organization_are_none
            a_command_on_a_record_learns_who_acts
            a_command_learns_of_the_company_it_names_or_the_own_one
            a_plan_decided_on_an_old_record_is_stale
            an_id_belongs_to_one_record_of_an_organization
            a_remote_id_belongs_to_one_record_of_a_kind
            a_deleted_record_gives_up_its_remote_id_and_keeps_its_id
            of_many_concurrent_records_with_one_remote_id_exactly_one_wins
            of_many_concurrent_changes_of_one_record_exactly_one_wins
            of_an_invitation_to_a_record_and_its_deletion_exactly_one_wins
            a_record_and_its_invitation_are_made_in_one_plan
            records_are_listed_by_number
            pages_of_records_stand_while_records_come_and_go
            numbered_pages_of_records_are_cut_exactly_and_count_every_row
            records_are_filtered_by_name_and_remote_id
            records_are_filtered_by_company
            records_are_filtered_by_the_time_of_their_last_change
            a_record_shows_its_company_a_deleted_one_too
            a_record_shows_the_invitation_that_holds_its_key
            a_record_shows_who_came_from_it
            a_contact_alone_is_known_by_its_address
            managers_are_who_came_from_contacts_of_the_company
            at_most_a_hundred_managers_are_shown
            issuing_learns_of_the_record_and_who_came_from_it
            redeeming_learns_of_the_record_and_who_came_from_it
            an_invitation_keeps_the_addresses_its_record_had
        }
    };
}

/// The owner's question for a record.
fn query(scene: &Scene, kind: SubjectKind, named: SubjectRef) -> SubjectQuery {
    let subject = Some(named);
    SubjectQuery { subject, ..SubjectQuery::of(scene.organization.id, scene.owner.principal(), kind) }
}

/// What the organisation's store answers.
async fn load(subject: &Subject, query: &SubjectQuery) -> SubjectAdministration {
    subject.subjects().load_subject(query).await.unwrap().unwrap()
}

/// The record as it is shown now.
async fn shown(subject: &Subject, scene: &Scene, record: &directory::Subject) -> Option<SubjectRecord> {
    load(subject, &query(scene, record.kind, SubjectRef::Id(record.id))).await.record
}
