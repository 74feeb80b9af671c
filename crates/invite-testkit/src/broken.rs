//! Faults a store can have, and the case of the contract suite that must catch each.

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident => $case:literal,)+) => {
        /// A mistake somebody makes when writing a store. [`MemoryStore::broken`](crate::MemoryStore::broken) makes it on
        /// purpose.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Fault { $($(#[$doc])* $name,)+ }

        impl Fault {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The case that must fail for a store with this fault.
            pub const fn caught_by(self) -> &'static str {
                match self { $(Self::$name => $case,)+ }
            }
        }
    };
}

faults! {
    /// The version of an invitation is not compared.
    InvitationVersionIgnored => "a_plan_decided_on_an_old_version_is_stale",
    /// The version of an account is not compared.
    AccountVersionIgnored => "a_plan_decided_on_an_old_account_or_membership_is_stale",
    /// Two live invitations to one recipient are let in.
    LiveKeyIgnored => "a_live_key_is_held_by_one_invitation_and_the_second_leaves_no_trace",
    /// The authority epoch is not compared.
    EpochIgnored => "a_raised_epoch_makes_plans_decided_before_it_stale",
    /// A deleted organisation is written to.
    DeletedOrganizationIgnored => "a_deleted_organization_answers_nothing_and_takes_no_plan",
    /// The last owner can be removed.
    OwnerGuardIgnored => "the_last_owner_stays",
    /// A role in use can be deleted.
    RoleUseIgnored => "a_role_in_use_stays",
    /// A link works twice.
    LinkUseIgnored => "a_link_works_once",
    /// A plan that was decided before credentials ended is written after it.
    EndedCredentialsKeepEpoch => "ended_credentials_make_plans_decided_before_stale_and_links_useless",
    /// A link outlives the credentials of its account.
    EndedCredentialsKeepLinks => "ended_credentials_make_plans_decided_before_stale_and_links_useless",
    /// An identity of another issuer outlives the credentials of its account.
    EndedCredentialsKeepIdentities => "ended_credentials_forget_identities_and_nobody_elses",
    /// An identity of another issuer that is one account's becomes another's.
    IdentityTakenOver => "an_identity_opens_one_account",
    /// A plan's link is written before the plan ends those there were, and is gone with them.
    LinksPutTooEarly => "ended_credentials_make_plans_decided_before_stale_and_links_useless",
    /// A link that is to end stays.
    LinksNotEnded => "a_link_that_ends_is_good_no_more_and_a_used_one_stays",
    /// The row of a link that is to end is deleted, used or not, and its counter with it.
    EndedLinksForgotten => "a_link_that_ends_is_good_no_more_and_a_used_one_stays",
    /// The address that a message itself goes to is not stored.
    MessageAddressForgotten => "a_message_of_every_kind_comes_back_equal",
    /// Notices of another organisation's suspensions count.
    ForeignNoticesCounted => "who_was_told_of_a_suspension_is_known_for_a_while",
    /// Notices of long ago count.
    OldNoticesCounted => "who_was_told_of_a_suspension_is_known_for_a_while",
    /// Notices that were never sent count.
    CancelledNoticesCounted => "who_was_told_of_a_suspension_is_known_for_a_while",
    /// A reminder that was noted is due again.
    RemindersDueForEver => "a_reminder_is_due_from_its_instant_until_it_is_noted_or_the_invitation_expires",
    /// An invitation that has expired is reminded of.
    ExpiredReminded => "a_reminder_is_due_from_its_instant_until_it_is_noted_or_the_invitation_expires",
    /// An invitation that has not left yet is reminded of.
    UnsentReminded => "a_reminder_waits_for_its_invitation_to_leave",
    /// A reminder is not told that its recipient blocked the organisation.
    BlockedReminded => "a_reminder_is_told_of_blocks_and_of_the_messages_before_it",
    /// A reminder is stored as the invitation itself.
    RemindersStoredAsInvitations => "a_message_of_every_kind_comes_back_equal",
    /// A reminder is taken for a delivery of the invitation.
    RemindersShown => "reminders_and_notices_are_no_deliveries_and_reminders_count",
    /// An ending cancels what members are told, too.
    NoticesCancelled => "an_ending_cancels_reminders_and_leaves_notices",
    /// An ending leaves reminders.
    RemindersOutliveEnds => "an_ending_cancels_reminders_and_leaves_notices",
    /// A reminder is no dead letter.
    RemindersNeverDead => "a_reminder_that_was_given_up_is_a_dead_letter_and_a_notice_is_none",
    /// A reminder stays because it is the latest message, and the invitation goes.
    RemindersStay => "reminders_and_notices_go_when_settled_and_the_invitation_stays",
    /// The address of a link is not stored.
    LinkAddressForgotten => "an_account_has_one_link_a_purpose",
    /// Members who are switched off are told of as sponsors.
    InactiveSponsors => "sponsors_are_active_members_with_the_permission_the_first_to_come_first",
    /// An owner who came late is told of as a sponsor after those who came before.
    OwnersInLine => "of_sponsors_the_owners_come_first",
    /// Guards are looked at before the transaction that writes.
    GuardsOutsideTheTransaction => "of_many_concurrent_redeemers_exactly_one_wins",
    /// The events of a stale plan stay.
    StalePlanLeavesEvents => "a_live_key_is_held_by_one_invitation_and_the_second_leaves_no_trace",
    /// The messages of a stale plan stay.
    StalePlanLeavesMessages => "a_live_key_is_held_by_one_invitation_and_the_second_leaves_no_trace",
    /// One stale plan undoes the others of the call.
    StalePlanDragsNeighbours => "one_stale_plan_does_not_touch_its_neighbours",
    /// The answers of a call are in another order than its plans.
    AnswersOutOfOrder => "one_stale_plan_does_not_touch_its_neighbours",
    /// A plan's events are not written.
    EventsForgotten => "a_committed_plan_is_there_whole",
    /// A number of seats is not looked at.
    SeatsIgnored => "members_and_live_invitations_take_the_seats_there_are",
    /// Who is switched off is not counted as a member.
    InactiveMembersTakeNoSeat => "members_and_live_invitations_take_the_seats_there_are",
    /// An invitation that expires at the present is counted as live.
    ExpiredTakeSeats => "a_place_is_free_from_the_very_microsecond_an_invitation_expires",
    /// A limit is looked at before the plan, as if whatever the plan does took one more.
    LimitsCountedBeforeThePlan => "a_plan_that_ends_as_much_as_it_makes_is_written_at_the_limit",
    /// A number of live invitations is not looked at.
    LiveIgnored => "live_invitations_are_counted_up_to_their_limit",
    /// Invitations of other organisations are counted.
    ForeignInvitationsCounted => "live_invitations_are_counted_up_to_their_limit",
    /// A count that was kept is believed after there was no limit for a while.
    LiveCountOutlivesOtherLimits => "a_limit_that_is_set_counts_what_was_issued_without_it",
    /// A budget is not looked at.
    BudgetsIgnored => "a_budget_is_spent_up_to_its_limit_and_is_there_again_in_the_next_window",
    /// A budget that is used up stays so.
    BudgetsNeverEnd => "a_budget_is_spent_up_to_its_limit_and_is_there_again_in_the_next_window",
    /// A plan that spends several is counted as one.
    OneSpentForMany => "a_plan_spends_as_much_as_it_says_or_nothing",
    /// A plan that is refused is counted against the limits it kept.
    RefusedPlanSpends => "of_several_limits_all_are_kept_or_none_is_counted",
    /// A stale plan is counted.
    StalePlanSpends => "a_stale_plan_is_stale_whatever_its_limits_and_counts_nothing",
    /// A plan that is stale is refused for its limits.
    LimitsBeforeGuards => "a_stale_plan_is_stale_whatever_its_limits_and_counts_nothing",
    /// The events of a refused plan stay.
    RefusedPlanLeavesEvents => "a_refused_plan_leaves_no_trace",
    /// One refused plan undoes the others of the call.
    RefusedPlanDragsNeighbours => "one_refused_plan_does_not_touch_its_neighbours",
    /// Instants are cut to milliseconds.
    MicrosecondsLost => "an_issued_invitation_comes_back_equal_in_every_field",
    /// The collation folds letters that are different.
    AddressesFolded => "addresses_that_look_alike_are_different_people",
    /// Two accounts can have one address.
    AccountAddressNotUnique => "an_address_belongs_to_one_account",
    /// Rows get no number.
    NumbersForgotten => "rows_are_numbered_in_the_order_they_came",
    /// An idempotency key is taken twice.
    IdempotencyNotUnique => "the_twin_of_an_answered_request_is_stale",
    /// A cancellation is forgotten.
    CancelIgnored => "cancelling_takes_queued_messages_only",
    /// A cancellation takes messages that were sent already.
    CancelsSentMessages => "cancelling_takes_queued_messages_only",
    /// A code leads to an invitation of another organisation.
    CodesOfAnyOrganization => "a_code_leads_to_an_invitation_of_its_organization_alone",
    /// Only the index under one key is looked up.
    OneCodeLookedUp => "a_code_is_found_under_every_key_that_may_have_made_it",
    /// Two invitations of one organisation have one code.
    CodesNotUnique => "a_code_belongs_to_one_invitation_of_an_organization",
    /// A code in one organisation keeps it from another.
    CodesUniqueEverywhere => "a_code_belongs_to_one_invitation_of_an_organization",
    /// The code of an older generation, or of an invitation that ended, stays.
    OldCodesKept => "a_code_counts_while_its_generation_does",
    /// The addresses of a record as a recipient are not stored.
    SubjectAddressesForgotten => "a_phone_or_a_record_as_recipient_comes_back_equal_in_every_field",
    /// Two accounts have one username.
    UsernameNotUnique => "a_username_belongs_to_one_account",
    /// Having no address is taken for an address, which only one account can have.
    NoAddressIsAnAddress => "any_number_of_accounts_have_no_address",
    /// What is in the way of an invitation is not looked at when it is written.
    HindranceIgnored => "what_is_in_the_way_of_an_invitation_makes_a_plan_stale_that_was_decided_without_a_look",
    /// The end of a session is not looked at.
    SessionEndIgnored => "a_session_is_renewed_once",
    /// The version of a record is not compared.
    SubjectVersionIgnored => "a_plan_decided_on_an_old_record_is_stale",
    /// A record that was deleted is taken for one that is there.
    DeletedSubjectGuarded => "a_plan_decided_on_an_old_record_is_stale",
    /// Two records have one remote id.
    RemoteIdNotUnique => "a_remote_id_belongs_to_one_record_of_a_kind",
    /// A remote id is unique over all kinds.
    RemoteIdUniqueOverKinds => "a_remote_id_belongs_to_one_record_of_a_kind",
    /// A deleted record keeps its remote id.
    DeletedRecordsKeepRemoteIds => "a_deleted_record_gives_up_its_remote_id_and_keeps_its_id",
    /// The id of a deleted record is told to be free.
    DeletedRecordsFreeIds => "a_deleted_record_gives_up_its_remote_id_and_keeps_its_id",
    /// A record of another organisation is found.
    ForeignSubjectVisible => "a_foreign_record_is_answered_as_an_unknown_one",
    /// A record that was deleted is found.
    DeletedSubjectVisible => "a_deleted_record_is_answered_as_an_unknown_one",
    /// A record of another kind is found.
    SubjectKindIgnored => "a_record_of_another_kind_is_answered_as_an_unknown_one",
    /// A guard on a record does not look at its organisation.
    SubjectOrganizationIgnored => "a_plan_decided_on_an_old_record_is_stale",
    /// A company that was deleted is not shown with its records.
    DeletedCompaniesHidden => "a_record_shows_its_company_a_deleted_one_too",
    /// Records are in the order of their names.
    SubjectsByName => "records_are_listed_by_number",
    /// What changed at an instant is taken for later than it.
    AfterTakenForFrom => "records_are_filtered_by_the_time_of_their_last_change",
    /// Somebody with a trucker's address is taken for the trucker.
    TruckersFoundByAddress => "a_contact_alone_is_known_by_its_address",
    /// Who came from a deleted contact still manages its company.
    DeletedContactsManage => "managers_are_who_came_from_contacts_of_the_company",
    /// An invitation of another organisation is found.
    ForeignInvitationVisible => "a_foreign_invitation_is_answered_as_an_unknown_one",
    /// A view leaves the messages out.
    ViewsWithoutDeliveries => "a_view_tells_what_a_command_is_told",
    /// A deleted organisation is still seen.
    DeletedOrganizationsSeen => "of_an_unknown_or_deleted_organization_nothing_is_seen",
    /// The list does not look at the inviter's authority.
    SuspendedShownAsPending => "the_list_shows_suspended_exactly_where_the_rule_says_so",
    /// The list takes the end of an invitation's time for a part of it.
    ExpiryAMomentLate => "the_list_turns_from_pending_to_expired_at_the_very_microsecond",
    /// The kind of recipient is not looked at.
    RecipientKindIgnored => "the_list_filters_by_the_kind_of_recipient",
    /// No rate is taken for a rate of zero.
    NoRateTakenForZero => "no_rate_sorts_below_any_rate",
    /// Ten sorts before two.
    NumbersSortedAsText => "numbers_are_sorted_as_numbers",
    /// Every numbered page is the first.
    SkipIgnored => "numbered_pages_are_cut_exactly_and_count_every_row",
    /// The total counts only what comes after the rows left out.
    SkippedNotCounted => "numbered_pages_are_cut_exactly_and_count_every_row",
    /// The delivery filter looks at every message, not the latest.
    AnyDeliveryCounts => "the_list_filters_by_the_latest_delivery",
    /// `%` and `_` match anything.
    WildcardsNotLiteral => "the_query_takes_wildcards_literally",
    /// The next page begins after the last row's key, not after the row.
    TiesSkippedBetweenPages => "pages_of_rows_with_one_key_neither_skip_nor_repeat",
    /// A lapse that was noted is reported again.
    LapsesReportedForEver => "a_lapse_is_reported_until_it_is_noted",
    /// A message is claimed before it is due.
    ClaimsBeforeDue => "a_message_is_claimed_when_it_is_due",
    /// A dispatcher gets messages of channels it has no way for.
    ChannelIgnoredByClaim => "only_channels_asked_for_are_claimed",
    /// A claimed message is given to others too.
    LeaseIgnoredByClaim => "one_message_has_one_claimant_at_a_time",
    /// A claim whose holder died keeps its message for ever.
    LeaseNeverEnds => "a_lease_that_ended_keeps_no_message_back",
    /// Whoever lost the claim can settle.
    LeaseNotFenced => "a_claimant_who_lost_the_lease_settles_nothing",
    /// Another organisation's dead letters are shown.
    ForeignDeadLetterVisible => "dead_letters_are_an_organizations_own_the_last_first",
    /// The first dead letter comes first.
    DeadLettersOldestFirst => "dead_letters_are_an_organizations_own_the_last_first",
    /// A message that was sent is sent again on request.
    ReplaysWhatIsNotDead => "a_dead_letter_is_replayed_once_from_its_first_attempt_on",
    /// The event of a settlement that did not count is written.
    LostLeaseLeavesEvent => "a_claimant_who_lost_the_lease_settles_nothing",
    /// A cancellation is counted as an attempt.
    CancellationCountsAsAttempt => "a_settlement_is_recorded_with_its_event",
    /// The next due time does not wait for leases.
    NextDueForgetsLeases => "the_next_due_time_waits_for_leases",
    /// A rotated key's former text is not found.
    PreviousKeyTextForgotten => "a_credential_is_found_by_its_digest",
    /// What renews a session opens it.
    RefreshOpensSession => "what_renews_a_session_does_not_open_it",
    /// A phone number that two people have signs one of them in.
    SharedPhoneSignsIn => "a_phone_number_of_two_people_signs_nobody_in",
    /// A sign-in takes the place of the one before, which is forgotten.
    SignInBeforeForgotten => "a_sign_in_is_noted_beside_the_one_before",
    /// An update that was decided before a sign-in undoes its note.
    SignInUndoneByUpdate => "a_sign_in_noted_meanwhile_survives_an_update",
    /// A sign-in makes plans about the account stale.
    SignInRaisesVersion => "a_sign_in_is_noted_beside_the_one_before",
    /// Whoever has no address is not listed.
    MembersWithoutAddressMissed => "members_without_an_address_are_listed_and_searched",
    /// When a role or an organisation was changed is not stored.
    ChangeTimesForgotten => "roles_are_listed_and_found_by_name",
    /// A role of another organisation is found by its number.
    ForeignRoleByNumber => "roles_are_found_by_number_in_their_organization",
    /// Members who are switched off are told of as active ones.
    InactiveMembershipsListed => "memberships_of_an_account_are_the_active_ones_oldest_first",
    /// Attempts are read, then written.
    LimiterReadsThenWrites => "exactly_the_limit_is_admitted_under_concurrency",
    /// An attempt that was refused is counted against the other budgets.
    RefusedAttemptCounts => "a_used_up_budget_counts_against_none",
    /// An attempt of a window that is over is given back to the present one.
    GivesBackAcrossWindows => "an_attempt_given_back_late_changes_nothing",
    /// The limit of a purge is not looked at.
    PurgesWithoutLimit => "a_purge_deletes_up_to_its_limit_and_says_that_there_is_more",
    /// A counter is deleted while its window runs.
    PurgesRunningCounters => "a_counter_goes_when_its_window_is_over",
    /// The latest message of an invitation is deleted as any other.
    PurgesLatestMessages => "a_settled_message_goes_unless_it_is_the_latest",
    /// Only what ended by a deed is deleted, and not what expired.
    ExpiredKeptForEver => "an_ended_invitation_goes_at_its_cutoff_and_not_before",
    /// Instants of the trail and of redemptions end where 32 bits of seconds do.
    InstantsIn32Bits => "instants_of_any_year_come_back_to_the_microsecond",
    /// Letters and the accents after them are put together.
    TextComposed => "text_comes_back_as_it_was_written",
    /// Spaces at the end of a reason are lost.
    TrailingSpaceTrimmed => "text_comes_back_as_it_was_written",
    /// An empty text is taken for none.
    EmptyTextIsNone => "text_comes_back_as_it_was_written",
    /// How often an invitation can be used has 31 bits.
    CountersIn31Bits => "numbers_come_back_at_both_ends",
    /// Text ends after 65 535 bytes.
    LongTextCut => "the_longest_values_come_back_whole",
    /// Of addresses the first 191 bytes are compared.
    AddressesComparedInPart => "the_longest_values_come_back_whole",
    /// Idempotency keys are compared without regard to case, accents and trailing spaces.
    RequestKeysFolded => "keys_of_requests_are_compared_byte_by_byte",
    /// So are the addresses that are blocked.
    BlocksFolded => "a_block_is_of_one_address_and_of_none_that_looks_alike",
    /// So are the keys of counters.
    CounterKeysFolded => "keys_of_counters_are_compared_byte_by_byte",
    /// Spaces around the name of an account are lost.
    NamesTrimmed => "people_keep_instants_and_text_as_they_were_written",
    /// Sessions end where 32 bits of seconds do.
    SessionsIn32Bits => "people_keep_instants_and_text_as_they_were_written",
    /// What is beyond the first plane sorts before the end of it.
    AddressesSortedAsUtf16 => "addresses_are_sorted_byte_by_byte",
    /// Instants are sorted as text that has a fraction only where there is one.
    WholeSecondsSortedLast => "instants_are_sorted_as_instants",
    /// The next page begins after as many rows as were read.
    PagesByCount => "pages_neither_skip_nor_repeat_while_rows_are_added",
    /// The next page begins after the row that was the last, which must still be on the list.
    PagesNeedTheirLastRow => "pages_stand_while_invitations_end_and_change",
    /// The next page of events begins after as many as were read.
    EventPagesByCount => "pages_of_events_stand_while_events_come",
    /// The next page of dead letters begins after as many as were read.
    DeadLetterPagesByCount => "pages_of_dead_letters_stand_while_letters_come_and_go",
    /// The next page of records begins after the one that was the last, which must still be there.
    RecordPagesNeedTheirLastRow => "pages_of_records_stand_while_records_come_and_go",
    /// The same for roles, members and keys.
    DirectoryPagesNeedTheirLastRow => "pages_of_roles_members_and_keys_stand_while_rows_come_and_go",
    /// The events of a deleted invitation are deleted with it.
    EventsGoWithInvitations => "an_invitation_takes_its_redemptions_and_messages_and_nothing_else",
    /// Statistics count what is of other organisations.
    ForeignStatisticsCounted => "statistics_count_nothing_of_another_organization",
    /// The first instant of a week is counted in the one before.
    WeeksBeginAMomentLate => "an_instant_is_counted_in_the_week_it_begins",
    /// What is suspended is counted as pending.
    SuspendedCountedAsPending => "statuses_are_counted_as_the_list_shows_them",
    /// Links to accounts are counted as invitations that were sent.
    EveryMessageCounted => "messages_of_invitations_are_counted_where_they_were_handed_over",
    /// How long somebody took is told of invitations that were issued to nobody.
    LinksForManyAreTimed => "the_last_acceptances_tell_how_long_they_took",
    /// Of too many acceptances the first are told of.
    FirstWaitsKept => "the_last_acceptances_tell_how_long_they_took",
    /// A logo that was replaced is still found.
    ReplacedLogosKept => "a_logo_is_found_by_its_content_until_another_takes_its_place",
    /// An organisation that gives up its logo takes it from others.
    LogosSharedByContent => "two_organizations_may_have_one_logo",
    /// The logo of a deleted organisation is still shown.
    LogosOfDeletedShown => "a_logo_is_found_by_its_content_until_another_takes_its_place",
    /// The version of a group is not compared.
    GroupVersionIgnored => "a_plan_decided_on_an_old_group_is_stale",
    /// What was decided on a deleted organisation is written to one that was restored.
    RestorationIgnored => "a_plan_for_a_deleted_organization_is_stale_once_it_is_restored",
    /// A change of a group is not told of memberships the group made for whoever does not administer it any more.
    PlacesOfAGroupMissed => "a_change_of_a_group_is_told_of_every_place_it_made",
    /// A deleted group leaves who administered it.
    AdministratorsOutliveTheirGroup => "a_deleted_group_is_gone_with_its_administrators",
    /// What a deleted organisation has of a person is not found.
    ErasureSkipsDeletedOrganizations => "a_person_is_found_in_every_organization_and_state",
    /// Who was removed and never redeemed anything is not found in the trail.
    ErasureForgetsWhoLeft => "who_was_removed_is_found_in_the_trail",
    /// The addresses of an erased person's clients stay in the trail.
    ErasureKeepsClients => "who_is_erased_is_nowhere_and_the_trail_stays_whole",
    /// A message that waits is sent to who was erased.
    ErasedStillWrittenTo => "who_is_erased_is_nowhere_and_the_trail_stays_whole",
    /// What came since the person was looked for stays.
    ErasureLeavesRows => "an_erasure_that_was_overtaken_is_stale",
    /// A deleted organisation is kept for ever.
    DeletedOrganizationsKept => "an_organization_deleted_long_ago_goes_with_everything_of_its_own",
}
