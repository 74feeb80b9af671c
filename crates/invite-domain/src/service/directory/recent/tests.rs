use super::*;
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    task::Wake,
};

type Numbers = Recent<usize, &'static str>;

fn at(millis: i64) -> Timestamp {
    chrono::DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
}

/// Reads a thing at this moment.
fn read(recent: &Numbers, key: usize, moment: i64, found: Option<&'static str>) {
    let Entrance::Lead(lead) = recent.enter(key, at(moment)) else { panic!("it was to be read") };
    lead.tell(found);
}

fn known(recent: &Numbers, key: usize, moment: i64) -> bool {
    matches!(recent.enter(key, at(moment)), Entrance::Known(_))
}

#[test]
fn what_was_read_counts_for_half_a_second_from_before_it_was_read() {
    let recent = Numbers::default();
    let Entrance::Lead(lead) = recent.enter(1, at(0)) else { panic!("it was to be read") };
    // However long the read takes.
    lead.tell(Some("one"));
    assert!(known(&recent, 1, 0) && known(&recent, 1, 499));
    assert!(!known(&recent, 1, 500));
    assert!(!known(&recent, 2, 0), "another thing");
}

#[test]
fn a_clock_that_is_set_back_makes_nothing_count_longer_than_a_second() {
    let recent = Numbers::default();
    read(&recent, 1, 499, Some("one"));
    assert!(known(&recent, 1, 0), "set back by 499 ms");
    read(&recent, 2, 500, Some("two"));
    assert!(!known(&recent, 2, 0), "set back by 500 ms");
}

#[test]
fn what_is_not_there_is_not_kept() {
    let recent = Numbers::default();
    for key in 0..100 {
        read(&recent, key, 0, None);
    }
    let state = locked(&recent.0);
    assert_eq!((state.found.len(), state.reading.len()), (0, 0));
}

#[test]
fn what_was_being_read_when_all_was_forgotten_is_neither_kept_nor_shared_with_who_comes_after() {
    let recent = Numbers::default();
    let Entrance::Lead(before) = recent.enter(1, at(0)) else { panic!("it was to be read") };
    let Entrance::Wait(with_it) = recent.enter(1, at(0)) else { panic!("somebody reads it") };
    recent.forget();
    let Entrance::Lead(after) = recent.enter(1, at(0)) else { panic!("it was to be read again") };
    before.tell(Some("old"));
    assert!(matches!(polled(with_it).0, Poll::Ready(Ended::Found("old"))), "who came before may hear of before");
    assert!(matches!(recent.enter(1, at(0)), Entrance::Wait(_)), "nothing was kept, and the second read goes on");
    after.tell(Some("new"));
    assert!(matches!(recent.enter(1, at(0)), Entrance::Known("new")));
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn polled(mut waiting: Waiting<&'static str>) -> (Poll<Ended<&'static str>>, Waiting<&'static str>, Arc<Woken>) {
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut cx = Context::from_waker(&waker);
    let poll = Pin::new(&mut waiting).poll(&mut cx);
    // Polled twice by the same task, it is told once.
    let again = Pin::new(&mut waiting).poll(&mut cx);
    assert_eq!(poll.is_ready(), again.is_ready());
    (poll, waiting, woken)
}

#[test]
fn who_asks_for_what_is_being_read_waits_for_it_and_is_told() {
    let recent = Numbers::default();
    for (found, expected) in [(Some("one"), "Found(\"one\")"), (None, "Nothing")] {
        recent.forget();
        let Entrance::Lead(lead) = recent.enter(1, at(0)) else { panic!("it was to be read") };
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let Entrance::Wait(waiting) = recent.enter(1, at(0)) else { panic!("somebody reads it") };
                let (poll, waiting, woken) = polled(waiting);
                assert!(poll.is_pending());
                (waiting, woken)
            })
            .collect();
        lead.tell(found);
        for (waiting, woken) in waiting {
            assert_eq!(woken.0.load(Ordering::SeqCst), 1);
            let Poll::Ready(ended) = polled(waiting).0 else { panic!("it has ended") };
            assert_eq!(format!("{ended:?}"), expected);
        }
    }
}

#[test]
fn who_waited_for_a_read_that_nobody_finished_reads_for_himself() {
    let recent = Numbers::default();
    let Entrance::Lead(lead) = recent.enter(1, at(0)) else { panic!("it was to be read") };
    let Entrance::Wait(waiting) = recent.enter(1, at(0)) else { panic!("somebody reads it") };
    drop(lead);
    assert!(matches!(polled(waiting).0, Poll::Ready(Ended::Alone)));
    read(&recent, 1, 0, Some("one"));
}

#[test]
fn nobody_waits_for_a_read_that_has_taken_long() {
    let recent = Numbers::default();
    let Entrance::Lead(slow) = recent.enter(1, at(0)) else { panic!("it was to be read") };
    let Entrance::Lead(second) = recent.enter(1, at(500)) else { panic!("it was to be read again") };
    slow.tell(Some("old"));
    assert!(matches!(recent.enter(1, at(500)), Entrance::Wait(_)), "the slow one ended, the second goes on");
    second.tell(Some("new"));
    assert!(matches!(recent.enter(1, at(500)), Entrance::Known("new")));
}

#[test]
fn memory_is_bounded_and_what_no_longer_counts_makes_room() {
    let recent = Numbers::default();
    for key in 0..MOST + 10 {
        read(&recent, key, 0, Some("x"));
    }
    assert_eq!(locked(&recent.0).found.len(), MOST);
    assert!(!known(&recent, MOST, 0), "it is read every time");
    read(&recent, MOST, 500, Some("x"));
    assert_eq!(locked(&recent.0).found.len(), 1);
    let leads: Vec<_> = (0..MOST + 10).map(|key| recent.enter(10_000 + key, at(500))).collect();
    assert!(matches!(leads.last(), Some(Entrance::Alone)));
    assert_eq!(locked(&recent.0).reading.len(), MOST);
    drop(leads);
    assert_eq!(locked(&recent.0).reading.len(), 0);
}
