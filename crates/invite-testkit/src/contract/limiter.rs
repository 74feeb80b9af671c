//! Attempts counted over all replicas.

use super::{Subject, at_once};
use chrono::{DateTime, Duration};
use invite_domain::{invitation::Budget, port::Spending, time::Timestamp};

/// Every case of the part. A case that does not stand here is dead code, which the compiler reports.
#[doc(hidden)]
#[macro_export]
macro_rules! __limiter_cases {
    ($then:ident $part:ident $args:tt) => {
        $crate::$then! { $part $args
            exactly_the_limit_is_admitted_one_after_the_other
            exactly_the_limit_is_admitted_under_concurrency
            a_window_begins_at_the_epoch_and_ends_by_itself
            a_used_up_budget_counts_against_none
            an_attempt_given_back_can_be_taken_again
            no_count_falls_below_zero
            an_attempt_given_back_late_changes_nothing
            keys_of_counters_are_compared_byte_by_byte
        }
    };
}

/// 08:00:00 exactly: whole windows of every length in the cases begin here.
fn begin() -> Timestamp {
    DateTime::from_timestamp_micros(1_800_000_000_000_000).unwrap()
}

fn window() -> Duration {
    Duration::minutes(10)
}

fn spending(key: &str, limit: u32) -> Spending {
    Spending { key: format!("sign-in:{key}"), budget: Budget { limit, window: window() } }
}

pub(super) async fn exactly_the_limit_is_admitted_one_after_the_other(subject: Subject) {
    let (limiter, now) = (subject.limiter(), begin() + Duration::seconds(7));
    for _ in 0..3 {
        assert_eq!(limiter.take(&[spending("a", 3)], now).await.unwrap(), None);
    }
    let end = begin() + window();
    assert_eq!(limiter.take(&[spending("a", 3)], now).await.unwrap(), Some(end), "until the window ends");
    assert_eq!(limiter.take(&[spending("A", 3)], now).await.unwrap(), None, "another key");
    assert_eq!(limiter.take(&[], now).await.unwrap(), None);
}

pub(super) async fn exactly_the_limit_is_admitted_under_concurrency(subject: Subject) {
    for round in 0..subject.races {
        let takes = (0..64).map(|_| {
            let (limiter, spendings) =
                (subject.limiter(), [spending(&format!("r{round}"), 5), spending("all", 10_000)]);
            async move { limiter.take(&spendings, begin()).await.unwrap().is_none() }
        });
        let admitted = at_once(takes.collect()).await.into_iter().filter(|admitted| *admitted).count();
        assert_eq!(admitted, 5, "exactly the limit of 64 at once");
    }
    let admitted = u32::try_from(5 * subject.races).unwrap();
    let limiter = subject.limiter();
    assert!(limiter.take(&[spending("all", admitted)], begin()).await.unwrap().is_some(), "each admitted one counted");
    assert_eq!(limiter.take(&[spending("all", admitted + 1)], begin()).await.unwrap(), None, "and no other");
}

pub(super) async fn a_window_begins_at_the_epoch_and_ends_by_itself(subject: Subject) {
    let limiter = subject.limiter();
    let spendings = [spending("a", 1)];
    let end = begin() + window();
    assert_eq!(limiter.take(&spendings, end - Duration::microseconds(1)).await.unwrap(), None);
    let refused = limiter.take(&spendings, end - Duration::microseconds(1)).await.unwrap();
    assert_eq!(refused, Some(end));
    assert_eq!(limiter.take(&spendings, end).await.unwrap(), None, "the next window");
    assert_eq!(limiter.take(&spendings, end).await.unwrap(), Some(end + window()));
    assert_eq!(limiter.take(&spendings, end + window() * 5).await.unwrap(), None);
}

pub(super) async fn a_used_up_budget_counts_against_none(subject: Subject) {
    let limiter = subject.limiter();
    let used_up = spending("account", 1);
    assert_eq!(limiter.take(std::slice::from_ref(&used_up), begin()).await.unwrap(), None);
    for other in [[spending("address", 2), used_up.clone()], [used_up.clone(), spending("address", 2)]] {
        for _ in 0..3 {
            assert!(limiter.take(&other, begin()).await.unwrap().is_some());
        }
    }
    for _ in 0..2 {
        assert_eq!(limiter.take(&[spending("address", 2)], begin()).await.unwrap(), None, "nothing was counted");
    }
    assert!(limiter.take(&[spending("address", 2)], begin()).await.unwrap().is_some());
}

pub(super) async fn an_attempt_given_back_can_be_taken_again(subject: Subject) {
    let limiter = subject.limiter();
    let spendings = [spending("a", 1), spending("b", 1)];
    for _ in 0..3 {
        assert_eq!(limiter.take(&spendings, begin()).await.unwrap(), None);
        assert!(limiter.take(&spendings, begin()).await.unwrap().is_some());
        limiter.give_back(&spendings, begin()).await.unwrap();
    }
}

pub(super) async fn no_count_falls_below_zero(subject: Subject) {
    let limiter = subject.limiter();
    let spendings = [spending("a", 2)];
    limiter.give_back(&spendings, begin()).await.unwrap();
    assert_eq!(limiter.take(&spendings, begin()).await.unwrap(), None);
    for _ in 0..3 {
        limiter.give_back(&spendings, begin()).await.unwrap();
    }
    for _ in 0..2 {
        assert_eq!(limiter.take(&spendings, begin()).await.unwrap(), None);
    }
    assert!(limiter.take(&spendings, begin()).await.unwrap().is_some(), "two, not more");
}

pub(super) async fn an_attempt_given_back_late_changes_nothing(subject: Subject) {
    let limiter = subject.limiter();
    let spendings = [spending("a", 1)];
    assert_eq!(limiter.take(&spendings, begin()).await.unwrap(), None);
    let next = begin() + window();
    assert_eq!(limiter.take(&spendings, next).await.unwrap(), None);
    limiter.give_back(&spendings, begin()).await.unwrap();
    assert!(limiter.take(&spendings, next).await.unwrap().is_some(), "the window it was taken in is over");
}

pub(super) async fn keys_of_counters_are_compared_byte_by_byte(subject: Subject) {
    let limiter = subject.limiter();
    // As long as a fixed word and a digest get.
    let long = "0".repeat(128);
    let longest = [format!("{long}a"), format!("{long}b")];
    let keys = ["a", "a ", " a", "A", "\u{e4}", "a\u{308}", "", " ", &longest[0], &longest[1]];
    // At once, and one after the other: each is a counter of its own.
    let all: Vec<_> = keys.iter().map(|key| spending(key, 2)).collect();
    assert_eq!(limiter.take(&all, begin()).await.unwrap(), None);
    for key in &all {
        assert_eq!(limiter.take(std::slice::from_ref(key), begin()).await.unwrap(), None, "{key:?}");
    }
    limiter.give_back(&all[..1], begin()).await.unwrap();
    for (i, key) in all.iter().enumerate() {
        let refused = limiter.take(std::slice::from_ref(key), begin()).await.unwrap();
        assert_eq!(refused.is_some(), i > 0, "{key:?}");
    }
}
