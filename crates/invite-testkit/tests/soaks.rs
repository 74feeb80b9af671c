//! A soak that lets a broken store pass is worth nothing: each catches the faults it is for, and passes a healthy store.

use invite_testkit::{
    MemoryStore,
    broken::Fault,
    soak::{self, Budget, Seen, Violation},
};

/// The faults among these that a soak lets pass.
fn missed(rounds: u64, faults: &[Fault], soak: impl Fn(Budget, Fault) -> Result<Seen, Violation>) -> Vec<Fault> {
    let caught = |fault: &Fault| soak(Budget { seed: 4, rounds }, *fault).is_err();
    faults.iter().copied().filter(|fault| !caught(fault)).collect()
}

#[test]
fn conc_1_redeemer_races_pass_a_healthy_store_and_catch_guards_that_do_not_hold() {
    let seen = soak::redeemer_races(Budget { seed: 1, rounds: 64 }, async || MemoryStore::default()).unwrap();
    assert!(seen.words.contains("580 redeemers"), "{}", seen.words);
    let faults = [Fault::GuardsOutsideTheTransaction, Fault::EventsForgotten];
    let soak = |budget, fault| soak::redeemer_races(budget, async || MemoryStore::broken(fault));
    assert_eq!(missed(220, &faults, soak), []);
}

#[test]
fn different_invitations_pass_a_healthy_store_and_catch_one_that_writes_a_part() {
    soak::different_invitations(Budget { seed: 1, rounds: 1 }, async || MemoryStore::default()).unwrap();
    let soak = |budget, fault| soak::different_invitations(budget, async || MemoryStore::broken(fault));
    assert_eq!(missed(2, &[Fault::EventsForgotten, Fault::GuardsOutsideTheTransaction], soak), []);
}

#[test]
fn conc_4_issues_to_one_address_pass_a_healthy_store_and_catch_a_live_key_held_twice() {
    soak::issues_to_one_address(Budget { seed: 1, rounds: 3 }, async || MemoryStore::default()).unwrap();
    let faults = [Fault::GuardsOutsideTheTransaction, Fault::StalePlanLeavesEvents];
    let soak = |budget, fault| soak::issues_to_one_address(budget, async || MemoryStore::broken(fault));
    assert_eq!(missed(30, &faults, soak), []);
}

#[test]
fn conc_3_pairs_pass_a_healthy_store_and_catch_guards_and_halves() {
    let faults = [
        Fault::InvitationVersionIgnored,
        Fault::LiveKeyIgnored,
        Fault::EpochIgnored,
        Fault::DeletedOrganizationIgnored,
        Fault::RoleUseIgnored,
        Fault::StalePlanLeavesEvents,
        Fault::StalePlanLeavesMessages,
        Fault::GuardsOutsideTheTransaction,
        Fault::CancelIgnored,
        Fault::CancelsSentMessages,
        Fault::LeaseIgnoredByClaim,
    ];
    let soak = |budget, fault| soak::pairs(budget, async || MemoryStore::broken(fault));
    assert_eq!(missed(soak::pair_rounds(), &faults, soak), []);
    soak::pairs(Budget { seed: 1, rounds: 300 }, async || MemoryStore::default()).unwrap();
}

#[test]
fn authz_6_orders_pass_a_healthy_store_and_catch_what_lets_a_demotion_be_overtaken() {
    let seen = soak::authority_orders(Budget { seed: 1, rounds: 300 }, async || MemoryStore::default()).unwrap();
    assert!(seen.words.contains("120 orders"), "{}", seen.words);
    let faults = [Fault::EpochIgnored, Fault::GuardsOutsideTheTransaction];
    let soak = |budget, fault| soak::authority_orders(budget, async || MemoryStore::broken(fault));
    assert_eq!(missed(400, &faults, soak), []);
}

#[test]
fn random_operations_pass_a_healthy_store_and_catch_what_is_not_by_the_rules() {
    let faults = [
        Fault::EventsForgotten,
        Fault::MicrosecondsLost,
        Fault::CancelIgnored,
        Fault::CancelsSentMessages,
        Fault::OldCodesKept,
        Fault::SuspendedShownAsPending,
        Fault::ExpiryAMomentLate,
        Fault::ClaimsBeforeDue,
        Fault::LeaseIgnoredByClaim,
        Fault::LeaseNeverEnds,
        Fault::LeaseNotFenced,
        Fault::LostLeaseLeavesEvent,
        Fault::CancellationCountsAsAttempt,
    ];
    let soak = |budget, fault| soak::random_operations(budget, async || MemoryStore::broken(fault));
    assert_eq!(missed(20_000, &faults, soak), []);
    soak::random_operations(Budget { seed: 1, rounds: 1_000 }, async || MemoryStore::default()).unwrap();
}

#[test]
fn a_violation_of_random_operations_is_shortened_and_the_same_for_the_same_seed() {
    let run = || {
        soak::random_operations(Budget { seed: 9, rounds: 2_000 }, async || {
            MemoryStore::broken(Fault::SuspendedShownAsPending)
        })
    };
    let violation = run().unwrap_err().to_string();
    let deeds = violation.lines().filter(|line| line.starts_with("    ")).count();
    assert!((1..=60).contains(&deeds), "{deeds} operations are left of 200:\n{violation}");
    assert!(violation.starts_with("seed 9, sequence "), "{violation}");
    let first = |text: &str| text.lines().next().map(str::to_owned);
    assert_eq!(first(&run().unwrap_err().to_string()), first(&violation));
}
