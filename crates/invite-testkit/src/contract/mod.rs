//! The contract suite: what every store must do, a case a promise.
//!
//! The cases come in parts by port; [`store_contract!`](crate::store_contract) turns them into tests. Every
//! case gets a store of its own, builds its [`Scene`] through `commit`, and fails by panicking.

#![expect(clippy::unwrap_used, reason = "a contract case fails by panicking")]

mod directory;
mod erasure;
mod groups;
mod invitations;
mod limiter;
mod list;
mod outbox;
mod retention;
mod statistics;
mod subjects;

use crate::fixtures::Scene;
use invite_domain::{
    page::{Page, PageRequest},
    port::{Directory, Erasure, Groups, InvitationStore, Limiter, Outbox, PortError, Retention, Statistics, Subjects},
    time::Timestamp,
};
use std::{any::Any, future::Future, pin::Pin, sync::Arc};
use uuid::Uuid;

/// How often a race is run where nobody says otherwise: each time anew, on fresh rows of one store.
const RACES: usize = 20;

/// A store under test, as the ports it has.
#[derive(Clone)]
pub struct Subject {
    pub(crate) invitations: Arc<dyn InvitationStore>,
    pub(crate) outbox: Arc<dyn Outbox>,
    pub(crate) directory: Option<Arc<dyn Directory>>,
    subjects: Option<Arc<dyn Subjects>>,
    pub(crate) limiter: Option<Arc<dyn Limiter>>,
    retention: Option<Arc<dyn Retention>>,
    statistics: Option<Arc<dyn Statistics>>,
    groups: Option<Arc<dyn Groups>>,
    erasure: Option<Arc<dyn Erasure>>,
    races: usize,
    keep: Option<Arc<dyn Any + Send + Sync>>,
}

impl Subject {
    /// A store with these five ports; [`Self::purged_by`], [`Self::counted_by`] and [`Self::grouped_by`] add three more.
    pub fn new<S: InvitationStore + Outbox + Directory + Subjects + Limiter + 'static>(store: S) -> Self {
        let store = Arc::new(store);
        let (directory, subjects) = (Some(Arc::clone(&store) as _), Some(Arc::clone(&store) as _));
        let limiter = Some(Arc::clone(&store) as _);
        Self { directory, subjects, limiter, ..Self::shared(store) }
    }

    /// A store of a host that has a directory of its own: for the parts `invitations` and `outbox`.
    pub fn of_host<S: InvitationStore + Outbox + 'static>(store: S) -> Self {
        Self::shared(Arc::new(store))
    }

    fn shared<S: InvitationStore + Outbox + 'static>(store: Arc<S>) -> Self {
        let invitations = Arc::clone(&store);
        Self {
            invitations,
            outbox: store,
            directory: None,
            subjects: None,
            limiter: None,
            retention: None,
            statistics: None,
            groups: None,
            erasure: None,
            races: RACES,
            keep: None,
        }
    }

    /// A host's records that invitations are for: for the part `subjects`.
    #[must_use]
    pub fn with_subjects(mut self, subjects: impl Subjects + 'static) -> Self {
        self.subjects = Some(Arc::new(subjects));
        self
    }

    /// What deletes the old rows of this store, a clone of it for instance: for the part `retention`.
    #[must_use]
    pub fn purged_by(mut self, retention: impl Retention + 'static) -> Self {
        self.retention = Some(Arc::new(retention));
        self
    }

    /// What counts the rows of this store, a clone of it for instance: for the part `statistics`.
    #[must_use]
    pub fn counted_by(mut self, statistics: impl Statistics + 'static) -> Self {
        self.statistics = Some(Arc::new(statistics));
        self
    }

    /// Where the groups of organisations of this store are, a clone of it for instance: for the part `groups`.
    #[must_use]
    pub fn grouped_by(mut self, groups: impl Groups + 'static) -> Self {
        self.groups = Some(Arc::new(groups));
        self
    }

    /// What finds a person in this store, a clone of it for instance: for the part `erasure`.
    #[must_use]
    pub fn erased_by(mut self, erasure: impl Erasure + 'static) -> Self {
        self.erasure = Some(Arc::new(erasure));
        self
    }

    /// Keeps something alive as long as the store: the directory its file is in, the server it talks to.
    #[must_use]
    pub fn keeping(mut self, thing: impl Any + Send + Sync) -> Self {
        self.keep = Some(Arc::new(thing));
        self
    }

    /// Runs every race this often.
    #[must_use]
    pub fn with_races(mut self, races: usize) -> Self {
        self.races = races;
        self
    }

    async fn scene(&self, word: &str) -> Scene {
        Scene::create(Arc::clone(&self.invitations), word).await
    }

    fn directory(&self) -> &dyn Directory {
        &**self.directory.as_ref().unwrap()
    }

    fn subjects(&self) -> &dyn Subjects {
        &**self.subjects.as_ref().unwrap()
    }

    fn limiter(&self) -> Arc<dyn Limiter> {
        Arc::clone(self.limiter.as_ref().unwrap())
    }

    fn retention(&self) -> Arc<dyn Retention> {
        Arc::clone(self.retention.as_ref().unwrap())
    }

    fn groups(&self) -> &dyn Groups {
        &**self.groups.as_ref().unwrap()
    }

    fn erasure(&self) -> &dyn Erasure {
        &**self.erasure.as_ref().unwrap()
    }

    fn statistics(&self) -> &dyn Statistics {
        &**self.statistics.as_ref().unwrap()
    }
}

impl<S: InvitationStore + Outbox + Directory + Subjects + Limiter + 'static> From<S> for Subject {
    fn from(store: S) -> Self {
        Self::new(store)
    }
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subject")
    }
}

/// One promise.
#[derive(Clone, Copy)]
pub struct Case {
    /// The promise as a sentence.
    pub name: &'static str,
    run: fn(Subject) -> Pin<Box<dyn Future<Output = ()>>>,
}

impl Case {
    /// Runs the case on a fresh store.
    ///
    /// # Panics
    /// Where the store breaks the promise.
    pub async fn run(&self, subject: Subject) {
        (self.run)(subject).await;
    }
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Runs the case of this name on the store the factory makes, on a runtime of several threads.
///
/// # Panics
/// Where the store breaks the promise, or there is no such case.
pub fn check<S: Into<Subject>>(part: &[Case], name: &str, factory: impl AsyncFnOnce() -> S) {
    let case = *part.iter().find(|case| case.name == name).unwrap();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(4).enable_all().build().unwrap().block_on(async {
        let subject = factory().await.into();
        case.run(subject).await;
    });
}

/// The table of a part, from the list of its cases.
#[doc(hidden)]
#[macro_export]
macro_rules! __case_table {
    ($part:ident [] $($name:ident)+) => {
        &[$($crate::contract::Case { name: stringify!($name), run: |subject| Box::pin($part::$name(subject)) }),+]
    };
}

/// The tests of a part, from the list of its cases.
#[doc(hidden)]
#[macro_export]
macro_rules! __case_tests {
    ($part:ident [$factory:expr] $($name:ident)+) => {
        mod $part {
            use super::*;
            $(
                #[test]
                fn $name() {
                    let part = $crate::contract::part(stringify!($part));
                    $crate::contract::check(part, stringify!($name), $factory);
                }
            )+
        }
    };
}

/// Turns the contract into tests, a `#[test]` a case, in a module a part.
///
/// The factory is an async closure that makes a fresh, empty store: anything that is an `InvitationStore`, `Outbox`,
/// `Directory`, `Subjects` and `Limiter`, or a [`Subject`](crate::contract::Subject). Parts can be named; without a name all run but
/// `retention`, which needs [`Subject::purged_by`](crate::contract::Subject::purged_by), `statistics`, which needs
/// [`Subject::counted_by`](crate::contract::Subject::counted_by), `groups`, which needs
/// [`Subject::grouped_by`](crate::contract::Subject::grouped_by), and `erasure`, which needs
/// [`Subject::erased_by`](crate::contract::Subject::erased_by).
///
/// ```
/// use invite_testkit::{MemoryStore, contract::Subject, store_contract};
///
/// mod whole {
///     use super::*;
///     store_contract!(async || MemoryStore::default());
/// }
///
/// mod host {
///     use super::*;
///     store_contract!(invitations, outbox; async || Subject::of_host(MemoryStore::default()));
/// }
///
/// mod old_rows {
///     use super::*;
///     store_contract!(retention; async || {
///         let store = MemoryStore::default();
///         Subject::new(store.clone()).purged_by(store)
///     });
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! store_contract {
    ($($part:ident),+; $factory:expr) => {
        $($crate::store_contract!(@$part $factory);)+
    };
    (@invitations $factory:expr) => { $crate::__invitation_cases!(__case_tests invitations [$factory]); };
    (@list $factory:expr) => { $crate::__list_cases!(__case_tests list [$factory]); };
    (@outbox $factory:expr) => { $crate::__outbox_cases!(__case_tests outbox [$factory]); };
    (@directory $factory:expr) => { $crate::__directory_cases!(__case_tests directory [$factory]); };
    (@subjects $factory:expr) => { $crate::__subject_cases!(__case_tests subjects [$factory]); };
    (@limiter $factory:expr) => { $crate::__limiter_cases!(__case_tests limiter [$factory]); };
    (@retention $factory:expr) => { $crate::__retention_cases!(__case_tests retention [$factory]); };
    (@statistics $factory:expr) => { $crate::__statistics_cases!(__case_tests statistics [$factory]); };
    (@groups $factory:expr) => { $crate::__group_cases!(__case_tests groups [$factory]); };
    (@erasure $factory:expr) => { $crate::__erasure_cases!(__case_tests erasure [$factory]); };
    ($factory:expr) => {
        $crate::store_contract!(invitations, list, outbox, directory, subjects, limiter; $factory);
    };
}

/// Loads and commits of [`InvitationStore`].
pub const INVITATIONS: &[Case] = crate::__invitation_cases!(__case_table invitations []);
/// Lists, events and lapses of [`InvitationStore`].
pub const LIST: &[Case] = crate::__list_cases!(__case_table list []);
/// [`Outbox`].
pub const OUTBOX: &[Case] = crate::__outbox_cases!(__case_table outbox []);
/// [`Directory`].
pub const DIRECTORY: &[Case] = crate::__directory_cases!(__case_table directory []);
/// [`Subjects`], and what other ports tell of them.
pub const SUBJECTS: &[Case] = crate::__subject_cases!(__case_table subjects []);
/// [`Limiter`].
pub const LIMITER: &[Case] = crate::__limiter_cases!(__case_table limiter []);
/// [`Retention`].
pub const RETENTION: &[Case] = crate::__retention_cases!(__case_table retention []);
/// [`Statistics`].
pub const STATISTICS: &[Case] = crate::__statistics_cases!(__case_table statistics []);
/// [`Groups`].
pub const GROUPS: &[Case] = crate::__group_cases!(__case_table groups []);

/// [`Erasure`], and what else only an operator needs of an organisation.
pub const ERASURE: &[Case] = crate::__erasure_cases!(__case_table erasure []);

/// The cases of all parts.
pub fn all() -> impl Iterator<Item = &'static Case> {
    [INVITATIONS, LIST, OUTBOX, DIRECTORY, SUBJECTS, LIMITER, RETENTION, STATISTICS, GROUPS, ERASURE]
        .into_iter()
        .flatten()
}

/// The cases of the part of this name; none where there is no such part.
pub fn part(name: &str) -> &'static [Case] {
    match name {
        "invitations" => INVITATIONS,
        "list" => LIST,
        "outbox" => OUTBOX,
        "directory" => DIRECTORY,
        "subjects" => SUBJECTS,
        "limiter" => LIMITER,
        "retention" => RETENTION,
        "statistics" => STATISTICS,
        "groups" => GROUPS,
        "erasure" => ERASURE,
        _ => &[],
    }
}

/// Runs everything at once, each on a task of its own and all behind one barrier, and gives the answers in order.
async fn at_once<T: Send + 'static>(tasks: Vec<impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let barrier = Arc::new(tokio::sync::Barrier::new(tasks.len()));
    let spawn = |task| {
        let barrier = Arc::clone(&barrier);
        tokio::spawn(async move {
            barrier.wait().await;
            task.await
        })
    };
    let handles: Vec<_> = tasks.into_iter().map(spawn).collect();
    let mut answers = Vec::new();
    for handle in handles {
        answers.push(handle.await.unwrap());
    }
    answers
}

/// Instants at which stores go wrong, in order: the epoch, hours a zone's clocks skip or show twice, leap days, the ends of
/// 32 bits of seconds with and without a sign, of 64 bits of nanoseconds, and of four digits for the year. Whole seconds are
/// among them, and the last microsecond of one.
fn boundary_instants() -> Vec<Timestamp> {
    [
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00.000001Z",
        "2027-03-28T01:30:00Z",
        "2027-10-31T00:30:00.500000Z",
        "2027-10-31T01:30:00.500000Z",
        "2028-02-29T23:59:59.999999Z",
        "2038-01-19T03:14:08Z",
        "2106-02-07T06:28:16.000001Z",
        "2262-04-11T23:47:16.854776Z",
        "9999-12-31T23:59:59.999999Z",
    ]
    .into_iter()
    .map(|text| text.parse().unwrap())
    .collect()
}

/// Walks all pages of two rows and answers the rows' ids. `between` gets the id of the row a page ended on.
async fn walk_by_two<T>(
    mut read: impl AsyncFnMut(&PageRequest) -> Result<Page<T>, PortError>,
    id: impl Fn(&T) -> Uuid,
    mut between: impl AsyncFnMut(Uuid),
) -> Vec<Uuid> {
    let (mut page, mut walked) = (PageRequest::first(2), Vec::new());
    for _ in 0..50 {
        let found = read(&page).await.unwrap();
        walked.extend(found.items.iter().map(&id));
        let Some(next) = found.next else { return walked };
        let last = found.items.last().map(&id).unwrap();
        page.after = Some(next);
        between(last).await;
    }
    unreachable!("the pages do not end");
}

/// Nothing came twice, and of what was there all the time everything came, in order.
fn stood<I: IntoIterator<Item = Uuid>>(walked: &[Uuid], stayed: I, why: &str) {
    let stayed: Vec<_> = stayed.into_iter().collect();
    let mut unique = walked.to_vec();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), walked.len(), "a row comes twice: {why}");
    let found: Vec<_> = walked.iter().filter(|id| stayed.contains(id)).copied().collect();
    assert_eq!(found, stayed, "a row is skipped or in another place: {why}");
}
