//! What callers are told while the database is away, and that the same store works again when it is back.
//!
//! Every call answers "unavailable" within three seconds, whatever happens to the network or the server; nothing is done
//! twice; and no answer ever reaches somebody else than who asked.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod support;

use futures_util::future::join_all;
use invite_domain::{
    invitation::{Outcome, Status},
    page::PageRequest,
    port::{Directory, InvitationFilter, InvitationStore, PortError},
};
use invite_storage::{SqlOptions, SqlStore, discard_unclean};
use invite_testkit::Scene;
use invite_tests::requires::{Requirement, Suite};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, Statement};
use std::{
    future::Future,
    pin::Pin,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration as StdDuration, Instant},
};
use support::{
    calls::{PATIENCE, all_are_unavailable, all_work, issues},
    engines::{self, Engine},
    forwarder::{Fate, Forwarder, Trap},
};

/// What a call may take.
const CALL: StdDuration = StdDuration::from_millis(2_900);

/// A timer of a call's length, set beside it: what that one is late by is the machine's lateness, not the store's.
struct Timer(tokio::task::JoinHandle<StdDuration>);

impl Timer {
    fn start() -> Self {
        Self(tokio::spawn(async {
            let begun = Instant::now();
            tokio::time::sleep(CALL).await;
            begun.elapsed().saturating_sub(CALL)
        }))
    }

    async fn in_time(&mut self, took: StdDuration) {
        if took >= PATIENCE {
            let late = (&mut self.0).await.unwrap();
            assert!(took < PATIENCE + 2 * late, "{took:?}, and a timer was late by {late:?}");
        }
    }
}

type Test = fn(Engine) -> Pin<Box<dyn Future<Output = ()>>>;
type PlainTest = fn() -> Pin<Box<dyn Future<Output = ()>>>;

macro_rules! tests {
    ($($name:ident)+) => { &[$((stringify!($name), |engine| Box::pin($name(engine)))),+] };
}
macro_rules! plain_tests {
    ($($name:ident)+) => { &[$((stringify!($name), || Box::pin($name()))),+] };
}

const ON_SERVERS: &[(&str, Test)] = tests! {
    conc_5_a_silent_network_is_an_answer_within_three_seconds_and_forgotten_when_it_is_over
    conc_5_a_statement_nobody_answers_leaves_nothing_behind
    conc_5_a_commit_nobody_answers_is_never_done_twice
    conc_5_a_commit_whose_connection_ends_is_unavailable_and_never_done_twice
    conc_5_what_was_written_though_nobody_heard_of_it_is_not_called_stale
    conc_5_a_server_that_goes_and_comes_back_needs_no_restart_of_ours
    conc_5_single_reads_begin_again_where_the_server_has_ended_their_connections
    conc_5_plans_are_written_where_the_server_has_ended_the_connections
    conc_5_a_full_pool_is_an_answer_within_three_seconds
    conc_5_a_read_only_server_is_unavailable_for_writing_until_it_is_writable
    a_caller_that_goes_away_leaves_no_answer_for_the_next_one
};

const ON_SQLITE: &[(&str, PlainTest)] = plain_tests! {
    conc_5_a_full_disk_is_unavailable_until_there_is_room
    conc_5_a_read_only_file_is_unavailable_until_it_is_writable
    conc_5_a_writer_that_stays_is_an_answer_within_three_seconds
};

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    let engines = [("postgres", Requirement::Postgres), ("mariadb", Requirement::Mariadb)];
    let engines = engines.map(|(name, kind)| (name, kind, Engine::new(kind)));
    for (test, run) in ON_SERVERS {
        for (name, kind, engine) in &engines {
            let engine = engine.clone();
            suite.trial(&format!("{name}::{test}"), Some(*kind), move || {
                runtime()?.block_on(run(engine));
                Ok(())
            });
        }
    }
    for (test, run) in ON_SQLITE {
        suite.trial(&format!("sqlite::{test}"), None, move || {
            runtime()?.block_on(run());
            Ok(())
        });
    }
    let conclusion = suite.run();
    engines::end(engines.map(|(_, _, engine)| engine));
    conclusion
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build()
}

/// A database reached over a network that can fail, and beside it.
struct Case {
    /// Reaches the database directly.
    scene: Scene,
    beside: SqlStore,
    url: String,
    /// Reaches it over the network.
    store: SqlStore,
    network: Forwarder,
    _lease: engines::Lease,
}

impl Case {
    async fn new(engine: &Engine, connections: u32) -> Self {
        let (beside, url, lease) = engine.fresh().await;
        let (network, through) = Forwarder::before(&url).await;
        let store = SqlStore::open(&SqlOptions::new(through).connections(connections)).await.unwrap();
        let scene = Scene::create(Arc::new(beside.clone()), "acme").await;
        Self { scene, beside, url, store, network, _lease: lease }
    }

    async fn status(&self, invitation: &invite_domain::invitation::Invitation) -> Status {
        self.scene.record(invitation.id).await.unwrap().status(self.scene.now())
    }
}

async fn conc_5_a_silent_network_is_an_answer_within_three_seconds_and_forgotten_when_it_is_over(engine: Engine) {
    let case = Case::new(&engine, 6).await;
    let plans = issues(&case.scene, "ana");
    all_work(&case.store, &case.scene, &issues(&case.scene, "before")).await;
    case.network.strike(Fate::Silence);
    all_are_unavailable(&case.store, &case.scene, &plans).await;
    case.network.heal();
    // At the first try, although none of the old connections ever answers.
    all_work(&case.store, &case.scene, &plans).await;
    for plan in plans {
        case.scene.refuse(plan).await;
    }
}

async fn conc_5_a_statement_nobody_answers_leaves_nothing_behind(engine: Engine) {
    let lost = async |delivered| {
        let case = Case::new(&engine, 4).await;
        let invitation = case.scene.issue("ana").await;
        let mut revoke = case.scene.plan_revoke(&invitation);
        // A further statement, so that they stand in a transaction. The trap is one of the first one's values.
        revoke.idempotency = Some(case.scene.answer("k", invitation.id.as_uuid()));
        case.network.trap(Trap { words: &["invitation.revoked"], after: 0, delivered, fate: Fate::Silence });
        let (mut beside, begun) = (Timer::start(), Instant::now());
        let answer = case.store.commit(std::slice::from_ref(&revoke)).await.remove(0);
        assert!(matches!(answer, Err(PortError::Unavailable(_))), "{answer:?}");
        beside.in_time(begun.elapsed()).await;
        assert_eq!(case.network.seen(), 1);
        assert_eq!(case.status(&invitation).await, Status::Pending);
        case.network.heal();
        let again = case.store.commit(&[revoke]).await.remove(0);
        assert!(matches!(again, Ok(Outcome::Committed(_))), "{again:?}");
    };
    tokio::join!(lost(false), lost(true));
}

async fn lost_commit(engine: &Engine, delivered: bool, fate: Fate, several: bool) {
    let case = Case::new(engine, 4).await;
    let plans = if several { issues(&case.scene, "ana") } else { issues(&case.scene, "ana").split_off(2) };
    // Where one statement is the whole transaction, it is sent with its values when it is done.
    let words: &[&str] = if engine.kind() == Requirement::Postgres { &["ana2@example"] } else { &["COMMIT"] };
    case.network.trap(Trap { words, after: 0, delivered, fate });
    let (mut beside, begun) = (Timer::start(), Instant::now());
    for answer in case.store.commit(&plans).await {
        assert!(matches!(answer, Err(PortError::Unavailable(_))), "{delivered} {fate:?}: {answer:?}");
    }
    beside.in_time(begun.elapsed()).await;
    case.network.heal();
    // Whoever repeats it finds it done, or does it now; either way it is done once.
    for answer in case.store.commit(&plans).await {
        assert_eq!(matches!(answer, Ok(Outcome::Stale)), delivered, "{fate:?}: {answer:?}");
    }
    all_are_there_once(&case, plans.len()).await;
}

async fn all_are_there_once(case: &Case, number: usize) {
    let page = PageRequest { include_total: true, ..PageRequest::first(1) };
    let filter = InvitationFilter::default();
    let found = case.beside.list(case.scene.organization.id, &filter, &page, case.scene.now()).await.unwrap();
    assert_eq!(found.total, Some(number as u64));
}

async fn conc_5_a_commit_nobody_answers_is_never_done_twice(engine: Engine) {
    let fates = [(false, false), (true, false), (true, true)];
    join_all(fates.map(|(delivered, several)| lost_commit(&engine, delivered, Fate::Silence, several))).await;
}

async fn conc_5_a_commit_whose_connection_ends_is_unavailable_and_never_done_twice(engine: Engine) {
    for (delivered, several) in [(false, false), (true, false), (true, true), (false, true)] {
        lost_commit(&engine, delivered, Fate::End, several).await;
    }
}

/// The connection ends when the server has done it, and others can be had at once: it can be seen that it is done, but not by whom.
async fn conc_5_what_was_written_though_nobody_heard_of_it_is_not_called_stale(engine: Engine) {
    for (delivered, several) in [(true, false), (true, true), (false, false), (false, true)] {
        let case = Case::new(&engine, 4).await;
        let plans = issues(&case.scene, "ana");
        let plans = if several { &plans[..] } else { &plans[2..] };
        let is_one_statement = engine.kind() == Requirement::Postgres;
        let words: &[&str] = if is_one_statement { &["ana2@example"] } else { &["COMMIT"] };
        case.network.trap(Trap { words, after: 0, delivered, fate: Fate::Reset });
        for answer in case.store.commit(plans).await {
            if is_one_statement && !delivered {
                assert!(matches!(answer, Ok(Outcome::Committed(_))), "{answer:?}");
            } else {
                assert!(matches!(answer, Err(PortError::Unavailable(_))), "{answer:?}");
            }
        }
        assert_eq!(case.network.seen() > 1, is_one_statement, "whether it was tried again");
        for answer in case.store.commit(plans).await {
            let is_there = delivered || is_one_statement;
            assert_eq!(matches!(answer, Ok(Outcome::Stale)), is_there, "{answer:?}");
        }
        all_are_there_once(&case, plans.len()).await;
    }
}

async fn conc_5_a_server_that_goes_and_comes_back_needs_no_restart_of_ours(engine: Engine) {
    let case = Case::new(&engine, 6).await;
    let plans = issues(&case.scene, "ana");
    all_work(&case.store, &case.scene, &issues(&case.scene, "before")).await;
    case.network.strike(Fate::End);
    all_are_unavailable(&case.store, &case.scene, &plans).await;
    case.network.heal();
    all_work(&case.store, &case.scene, &plans).await;
}

async fn conc_5_single_reads_begin_again_where_the_server_has_ended_their_connections(engine: Engine) {
    let case = Case::new(&engine, 8).await;
    let owner = &case.scene.owner.account;
    for _ in 0..3 {
        let reads = (0..24).map(|_| case.store.account(owner.id));
        for found in join_all(reads).await {
            assert_eq!(found.unwrap().as_ref(), Some(owner));
        }
        case.network.strike(Fate::End);
        case.network.heal();
    }
}

async fn conc_5_plans_are_written_where_the_server_has_ended_the_connections(engine: Engine) {
    let case = Case::new(&engine, 8).await;
    for round in 0..3 {
        let plans: Vec<_> = (0..8).flat_map(|caller| issues(&case.scene, &format!("ana{round}x{caller}x"))).collect();
        for outcomes in join_all(plans.iter().map(|plan| case.store.commit(std::slice::from_ref(plan)))).await {
            assert!(matches!(outcomes[..], [Ok(Outcome::Committed(_))]), "{outcomes:?}");
        }
        let together = issues(&case.scene, &format!("bob{round}x"));
        case.network.strike(Fate::End);
        case.network.heal();
        for outcome in case.store.commit(&together).await {
            assert!(matches!(outcome, Ok(Outcome::Committed(_))), "{outcome:?}");
        }
        case.network.strike(Fate::End);
        case.network.heal();
    }
}

async fn conc_5_a_full_pool_is_an_answer_within_three_seconds(engine: Engine) {
    let case = Case::new(&engine, 2).await;
    let invitation = case.scene.issue("ana").await;
    let host = engines::connect(&case.url).await;
    let kept = sea_orm::TransactionTrait::begin(&host).await.unwrap();
    kept.execute_unprepared("UPDATE invite_invitations SET uses = uses").await.unwrap();
    let revoke = [case.scene.plan_revoke(&invitation)];
    let mut beside = Timer::start();
    let waiting = (0..12).map(|_| async {
        let begun = Instant::now();
        (case.store.commit(&revoke).await.remove(0), begun.elapsed())
    });
    for (answer, took) in join_all(waiting).await {
        assert!(matches!(answer, Err(PortError::Unavailable(_))), "{answer:?}");
        beside.in_time(took).await;
    }
    kept.rollback().await.unwrap();
    let answer = case.store.commit(&revoke).await.remove(0);
    assert!(matches!(answer, Ok(Outcome::Committed(_))), "{answer:?}");
}

async fn conc_5_a_read_only_server_is_unavailable_for_writing_until_it_is_writable(engine: Engine) {
    let (_, url, _lease) = engine.fresh().await;
    // One connection, so that what is said of its session holds for what the store does.
    let session = engines::connect(&url).await;
    let store = SqlStore::with_connection(session.clone()).unwrap();
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let setting = match session.get_database_backend() {
        DatabaseBackend::Postgres => "SET default_transaction_read_only",
        _ => "SET SESSION tx_read_only",
    };
    let plan = scene.plan_issue(&scene.invitation("ana"));
    session.execute_unprepared(&format!("{setting} = 1")).await.unwrap();
    for _ in 0..3 {
        let answer = store.commit(std::slice::from_ref(&plan)).await.remove(0);
        assert!(matches!(answer, Err(PortError::Unavailable(_))), "{answer:?}");
        assert!(store.account(scene.owner.account.id).await.unwrap().is_some(), "reading goes on");
    }
    session.execute_unprepared(&format!("{setting} = 0")).await.unwrap();
    scene.apply(plan).await;
}

/// Callers go away at every moment there is, by many small clocks, while others ask and compare what they are told.
async fn a_caller_that_goes_away_leaves_no_answer_for_the_next_one(engine: Engine) {
    let (store, url, _lease) = engine.fresh().await;
    let scene = Arc::new(Scene::create(Arc::new(store.clone()), "acme").await);
    let people = [scene.owner.account.clone(), scene.admin.account.clone(), scene.member.account.clone()];
    let gone = Arc::new(AtomicU32::new(0));
    let rounds = 120 * u32::try_from(invite_tests::soak::rounds(1).unwrap()).unwrap();
    let askers = (0..8_u32).map(|asker| {
        let (store, scene, people, gone) = (store.clone(), Arc::clone(&scene), people.clone(), Arc::clone(&gone));
        tokio::spawn(async move {
            for round in 0..rounds {
                let person = &people[(asker + round) as usize % people.len()];
                let patience = StdDuration::from_micros(u64::from((round * 37 + asker * 211) % 4_000));
                let asked = async {
                    let account = store.account(person.id).await.unwrap();
                    assert_eq!(account.as_ref(), Some(person), "somebody else's answer");
                    let invitation = scene.invitation(&format!("ana{asker}x{round}"));
                    let plan = scene.plan_issue(&invitation);
                    let outcome = store.commit(&[plan]).await.remove(0).unwrap();
                    assert!(matches!(outcome, Outcome::Committed(_)));
                    let query = scene.invitation_query(invitation.id);
                    let facts = store.load_invitation(&query).await.unwrap().unwrap();
                    assert_eq!(facts.record.unwrap().invitation.id, invitation.id, "somebody else's answer");
                };
                if round % 4 == 0 {
                    asked.await;
                } else if tokio::time::timeout(patience, asked).await.is_err() {
                    gone.fetch_add(1, Ordering::Relaxed);
                }
            }
        })
    });
    for asker in askers.collect::<Vec<_>>() {
        asker.await.unwrap();
    }
    assert!(gone.load(Ordering::Relaxed) > rounds, "too few went away: {gone:?}");
    // Whole or not at all, and everything that was answered is there.
    let host = engines::connect(&url).await;
    let halves = "SELECT CAST(COUNT(*) AS char(20)) FROM invite_invitations i WHERE \
                  (SELECT COUNT(*) FROM invite_messages m WHERE m.invitation_id = i.id) <> 1 OR \
                  (SELECT COUNT(*) FROM invite_events e WHERE e.invitation_id = i.id) <> 1";
    let row = host.query_one_raw(Statement::from_string(host.get_database_backend(), halves)).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<String>(0).unwrap().trim(), "0", "half written");
}

/// A store on a file whose writing connection the test holds too.
async fn held_file() -> (SqlStore, DatabaseConnection, Scene, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    drop(support::open(directory.path()).await);
    let mut options = ConnectOptions::new(support::url(directory.path()));
    options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(|sqlite| sqlite.foreign_keys(true));
    discard_unclean(&mut options);
    let writer = Database::connect(options).await.unwrap();
    let store = SqlStore::from_connections(writer.clone(), support::host_connection(directory.path()).await).unwrap();
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    (store, writer, scene, directory)
}

async fn conc_5_a_full_disk_is_unavailable_until_there_is_room() {
    let (store, writer, scene, _directory) = held_file().await;
    let limit = "PRAGMA max_page_count = 1";
    let mut issued = 0;
    let full = loop {
        // Never less than there are; and a connection that was made anew knows of no limit yet.
        writer.execute_unprepared(limit).await.unwrap();
        let plan = scene.plan_issue(&scene.invitation(&format!("ana{issued}")));
        match store.commit(std::slice::from_ref(&plan)).await.remove(0) {
            Ok(_) => issued += 1,
            Err(error) => break (plan, error),
        }
        assert!(issued < 1000, "it never gets full");
    };
    assert!(matches!(full.1, PortError::Unavailable(_)), "{:?}", full.1);
    for _ in 0..3 {
        writer.execute_unprepared(limit).await.unwrap();
        let answer = store.commit(std::slice::from_ref(&full.0)).await.remove(0);
        assert!(matches!(answer, Err(PortError::Unavailable(_))), "{answer:?}");
        assert!(store.account(scene.owner.account.id).await.unwrap().is_some(), "reading goes on");
    }
    writer.execute_unprepared("PRAGMA max_page_count = 1000000").await.unwrap();
    scene.apply(full.0).await;
    let found = store
        .list(
            scene.organization.id,
            &InvitationFilter::default(),
            &PageRequest { include_total: true, ..PageRequest::first(1) },
            scene.now(),
        )
        .await;
    assert_eq!(found.unwrap().total, Some(issued + 1));
}

async fn conc_5_a_read_only_file_is_unavailable_until_it_is_writable() {
    let (store, writer, scene, _directory) = held_file().await;
    let plan = scene.plan_issue(&scene.invitation("ana"));
    writer.execute_unprepared("PRAGMA query_only = ON").await.unwrap();
    let answer = store.commit(std::slice::from_ref(&plan)).await.remove(0);
    assert!(matches!(answer, Err(PortError::Unavailable(_))), "{answer:?}");
    assert!(store.account(scene.owner.account.id).await.unwrap().is_some(), "reading goes on");
    writer.execute_unprepared("PRAGMA query_only = OFF").await.unwrap();
    scene.apply(plan).await;
}

async fn conc_5_a_writer_that_stays_is_an_answer_within_three_seconds() {
    let (store, directory) = support::fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let host = support::host_connection(directory.path()).await;
    let immediate = sea_orm::TransactionOptions {
        sqlite_transaction_mode: Some(sea_orm::SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let kept = sea_orm::TransactionTrait::begin_with_options(&host, immediate).await.unwrap();
    kept.execute_unprepared("UPDATE invite_organizations SET name = name").await.unwrap();
    // More than one: the later ones wait for the store's own writer too.
    let plans = issues(&scene, "ana");
    let mut beside = Timer::start();
    let waiting = plans.iter().map(|plan| async {
        let begun = Instant::now();
        (store.commit(std::slice::from_ref(plan)).await.remove(0), begun.elapsed())
    });
    for (answer, took) in join_all(waiting).await {
        assert!(matches!(answer, Err(PortError::Unavailable(_))), "{answer:?}");
        beside.in_time(took).await;
    }
    kept.rollback().await.unwrap();
    for plan in plans {
        scene.apply(plan).await;
    }
}
