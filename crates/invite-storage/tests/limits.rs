//! Limits of a plan on every engine: exact under concurrency, over several stores on one database, and whatever becomes of
//! the rows that count.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

#[path = "limits/live.rs"]
mod live;
mod support;

use chrono::{DateTime, Duration};
use invite_domain::{
    directory::{Membership, Organization},
    invitation::{
        AdministrationChange, Budget, Budgeted, Cutoffs, EventKind, Invitation, InvitationChange, Limit, Outcome, Plan,
        Shortage,
    },
    port::{InvitationStore, Limiter, PortError, Retention, Spending},
    time::Timestamp,
};
use invite_storage::{SqlOptions, SqlStore};
use invite_testkit::Scene;
use invite_tests::requires::{Requirement, Suite};
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use std::{any::Any, future::Future, pin::Pin, process::ExitCode, sync::Arc};
use support::engines::{self, Engine};

type Test = fn(Option<Engine>) -> Pin<Box<dyn Future<Output = ()>>>;

macro_rules! tests {
    ($($test:path as $name:ident)+) => { &[$((stringify!($name), |engine| Box::pin($test(engine)))),+] };
}

const TESTS: &[(&str, Test)] = tests! {
    exact_budget as of_many_plans_at_once_exactly_as_many_are_written_as_a_budget_has
    several_budgets as a_plan_over_one_of_several_budgets_spends_none
    counts_of_many as a_plan_that_spends_more_than_is_left_spends_nothing
    shared_with_the_limiter as a_plan_and_the_limiter_spend_one_budget
    stale_first as a_plan_that_is_stale_is_not_refused
    neighbours as a_refused_plan_leaves_its_neighbours_in_a_batch
    a_hosts_transaction as a_refused_plan_leaves_a_hosts_transaction_usable
    seats as conc_2_of_many_invitations_at_once_as_many_are_issued_as_there_are_seats
    seats_while_redeemed as a_redemption_meanwhile_takes_no_second_seat
    seats_changed as seats_are_not_made_fewer_than_are_taken
    worst as a_plan_over_several_limits_is_told_of_the_one_no_time_mends
    live::exact as of_many_plans_at_once_as_many_invitations_live_as_may
    live::while_forgotten as counts_that_are_deleted_meanwhile_let_none_in_too_many
    live::after_endings as what_has_ended_or_expired_makes_room
    live::after_a_change as what_was_issued_under_no_limit_counts_once_there_is_one
    live::after_a_purge as a_count_that_retention_deleted_is_made_anew
    live::replaced as an_invitation_in_the_place_of_another_fits_where_all_is_full
};

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    let engines = [("postgres", Requirement::Postgres), ("mariadb", Requirement::Mariadb)];
    let engines = engines.map(|(name, kind)| (name, kind, Engine::new(kind)));
    for (test, run) in TESTS {
        suite.trial(&format!("sqlite::{test}"), None, || {
            runtime()?.block_on(run(None));
            Ok(())
        });
        for (name, kind, engine) in &engines {
            let engine = engine.clone();
            suite.trial(&format!("{name}::{test}"), Some(*kind), move || {
                runtime()?.block_on(run(Some(engine)));
                Ok(())
            });
        }
    }
    suite.trial("sqlite::each_limit_costs_one_statement_where_there_is_room", None, || {
        runtime()?.block_on(cost());
        Ok(())
    });
    let conclusion = suite.run();
    engines::end(engines.map(|(_, _, engine)| engine));
    conclusion
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build()
}

/// One database, two stores on it as of two replicas, and a host's connection.
struct Place {
    scene: Scene,
    stores: [SqlStore; 2],
    host: DatabaseConnection,
    _kept: Box<dyn Any>,
}

impl Place {
    async fn new(engine: Option<Engine>) -> Self {
        let (first, second, host, kept): (_, _, _, Box<dyn Any>) = if let Some(engine) = engine {
            let (store, url, lease) = engine.fresh().await;
            let second = SqlStore::open(&SqlOptions::new(url.as_str()).connections(8)).await.unwrap();
            (store, second, engines::connect(&url).await, Box::new(lease))
        } else {
            let (store, directory) = support::fresh().await;
            let second = support::open(directory.path()).await;
            (store, second, support::host_connection(directory.path()).await, Box::new(directory))
        };
        let scene = Scene::create(Arc::new(first.clone()), "acme").await;
        Self { scene, stores: [first, second], host, _kept: kept }
    }

    /// An issue under these limits, to somebody new.
    fn issue(&self, name: &str, limits: Vec<Limit>) -> Plan {
        self.issue_of(&self.scene.invitation(name), limits)
    }

    fn issue_of(&self, invitation: &Invitation, limits: Vec<Limit>) -> Plan {
        Plan { limits, ..self.scene.plan_issue(invitation) }
    }

    fn budget(&self, key: &str, limit: u32, count: u32) -> Limit {
        self.budget_of(Budgeted::Issues, key, limit, Duration::hours(1), count)
    }

    fn budget_of(&self, of: Budgeted, key: &str, limit: u32, window: Duration, count: u32) -> Limit {
        Limit::Budget { of, spending: spending(key, limit, window), count, at: self.scene.now() }
    }

    fn seats(&self, most: i64) -> Limit {
        Limit::Seats { organization_id: self.scene.organization.id, most, at: self.scene.now() }
    }

    fn live(&self, most: i64) -> Limit {
        Limit::Live { organization_id: self.scene.organization.id, most, at: self.scene.now() }
    }

    /// Commits plans at once, over both stores, each by itself, and answers what became of them.
    async fn at_once(&self, plans: Vec<Plan>) -> Vec<Outcome> {
        let barrier = Arc::new(tokio::sync::Barrier::new(plans.len()));
        let spawn = |(number, plan): (usize, Plan)| {
            let (store, barrier) = (self.stores[number % 2].clone(), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                loop {
                    match store.commit(std::slice::from_ref(&plan)).await.remove(0) {
                        // So many wait for one row that its turn may not come within a call's time: nothing was written.
                        Err(PortError::Unavailable(_)) => {}
                        done => break done.unwrap(),
                    }
                }
            })
        };
        let tasks: Vec<_> = plans.into_iter().enumerate().map(spawn).collect();
        let mut outcomes = Vec::new();
        for task in tasks {
            outcomes.push(task.await.unwrap());
        }
        outcomes
    }

    async fn number(&self, sql: &str) -> i64 {
        let statement = Statement::from_string(self.host.get_database_backend(), sql);
        self.host.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    async fn invitations(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM invite_invitations").await
    }

    /// How much of a budget is taken; `None` where it was never spent.
    async fn taken(&self, key: &str) -> Option<i64> {
        let sql = format!("SELECT taken FROM invite_counters WHERE counter_key LIKE '{key}%'");
        let statement = Statement::from_string(self.host.get_database_backend(), sql);
        let row = self.host.query_one_raw(statement).await.unwrap()?;
        Some(row.try_get_by_index(0).unwrap())
    }

    async fn is_refused(&self, plan: Plan, shortage: Shortage) {
        let before = self.everything().await;
        assert_eq!(self.scene.commit(plan).await, Outcome::Refused(shortage));
        assert_eq!(self.everything().await, before, "a refused plan leaves nothing");
    }

    async fn everything(&self) -> Vec<i64> {
        let mut counts = Vec::new();
        for table in ["invitations", "events", "messages", "counters", "idempotency", "memberships"] {
            counts.push(self.number(&format!("SELECT COUNT(*) FROM invite_{table}")).await);
        }
        let sum = match self.host.get_database_backend() {
            DatabaseBackend::Sqlite => "COALESCE(SUM(taken), 0)",
            DatabaseBackend::Postgres => "COALESCE(SUM(taken), 0)::bigint",
            _ => "CAST(COALESCE(SUM(taken), 0) AS SIGNED)",
        };
        counts.push(self.number(&format!("SELECT {sum} FROM invite_counters")).await);
        counts
    }

    async fn begin(&self) -> sea_orm::DatabaseTransaction {
        let mut options = TransactionOptions::default();
        match self.host.get_database_backend() {
            DatabaseBackend::Sqlite => options.sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate),
            _ => options.isolation_level = Some(sea_orm::IsolationLevel::ReadCommitted),
        }
        self.host.begin_with_options(options).await.unwrap()
    }
}

fn spending(key: &str, limit: u32, window: Duration) -> Spending {
    Spending { key: key.to_owned(), budget: Budget { limit, window } }
}

fn written(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Committed(_))).count()
}

fn refused(outcomes: &[Outcome], shortage: Shortage) -> usize {
    outcomes.iter().filter(|outcome| **outcome == Outcome::Refused(shortage)).count()
}

/// When the window ends that an instant lies in.
fn end(at: Timestamp, window: Duration) -> Timestamp {
    let length = window.num_microseconds().unwrap();
    DateTime::from_timestamp_micros((at.timestamp_micros() / length + 1) * length).unwrap()
}

fn used_up(at: Timestamp) -> Shortage {
    Shortage::Budget { of: Budgeted::Issues, until: end(at, Duration::hours(1)) }
}

async fn exact_budget(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    for round in 0..2 {
        let key = format!("issue:{round}");
        let plans = (0..64).map(|i| place.issue(&format!("a{round}-{i}"), vec![place.budget(&key, 100, 1)])).collect();
        assert_eq!(written(&place.at_once(plans).await), 64);
        let plans =
            (64..128).map(|i| place.issue(&format!("a{round}-{i}"), vec![place.budget(&key, 100, 1)])).collect();
        let outcomes = place.at_once(plans).await;
        assert_eq!((written(&outcomes), refused(&outcomes, used_up(place.scene.now()))), (36, 28));
        assert_eq!(place.taken(&key).await, Some(100));
    }
    assert_eq!(place.invitations().await, 200);
}

async fn several_budgets(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let (hour, day) = (Duration::hours(1), Duration::days(1));
    place.scene.apply(place.issue("first", vec![place.budget("b", 1, 1)])).await;
    place.scene.apply(place.issue("second", vec![place.budget_of(Budgeted::Messages, "c", 1, day, 1)])).await;
    // In any order of the keys, `a` and `d` have room and count nothing.
    let now = place.scene.now();
    let room = |key| place.budget_of(Budgeted::Messages, key, 9, hour, 1);
    let limits = vec![room("d"), place.budget("b", 1, 1), room("a")];
    place.is_refused(place.issue("third", limits), used_up(now)).await;
    // Of two that are used up, it is told of the one that is so for longer.
    let limits = vec![place.budget_of(Budgeted::Messages, "c", 1, day, 1), room("a"), place.budget("b", 1, 1)];
    let until = end(now, day);
    assert!(until > end(now, hour), "the fixture's hour is not the last of its day");
    place.is_refused(place.issue("third", limits), Shortage::Budget { of: Budgeted::Messages, until }).await;
    assert_eq!((place.taken("a").await, place.taken("d").await), (None, None));
    // Their windows over, there is room again.
    place.scene.pass(day);
    let limits = vec![place.budget_of(Budgeted::Messages, "c", 1, day, 1), place.budget("b", 1, 1)];
    place.scene.apply(place.issue("third", limits)).await;
    assert_eq!((place.taken("b").await, place.taken("c").await), (Some(1), Some(1)));
}

async fn counts_of_many(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let until = used_up(place.scene.now());
    place.is_refused(place.issue("ana", vec![place.budget("k", 3, 4)]), until).await;
    place.scene.apply(place.issue("ana", vec![place.budget("k", 10, 7)])).await;
    place.is_refused(place.issue("bob", vec![place.budget("k", 10, 4)]), until).await;
    place.is_refused(place.issue("bob", vec![place.budget("k", 10, 2), place.budget("k", 10, 2)]), until).await;
    place.scene.apply(place.issue("bob", vec![place.budget("k", 10, 1), place.budget("k", 10, 2)])).await;
    assert_eq!(place.taken("k").await, Some(10));
    place.is_refused(place.issue("cleo", vec![place.budget("k", 10, 1)]), until).await;
    place.is_refused(place.issue("cleo", vec![place.budget("other", 0, 1)]), until).await;
}

async fn shared_with_the_limiter(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let (now, of) = (place.scene.now(), spending("mail:all:x", 3, Duration::hours(1)));
    assert_eq!(place.stores[1].take(std::slice::from_ref(&of), now).await.unwrap(), None);
    place.scene.apply(place.issue("ana", vec![place.budget("mail:all:x", 3, 2)])).await;
    let used_up = place.stores[1].take(&[of], now).await.unwrap();
    assert_eq!(used_up, Some(end(now, Duration::hours(1))));
}

async fn stale_first(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let ana = place.scene.issue("ana").await;
    let none = || vec![place.budget("k", 0, 1), place.live(0), place.seats(0)];
    // By a unique key, by the version in an update, by what is looked at afterwards: none of these is read beforehand.
    place.scene.refuse(place.issue("ana", none())).await;
    let resend = place.scene.plan_resend(&ana);
    place.scene.apply(resend.clone()).await;
    place.scene.refuse(Plan { limits: none(), ..resend }).await;
    let ownerless = Plan { limits: none(), ..place.scene.plan_remove(&place.scene.owner.membership) };
    place.scene.refuse(ownerless).await;
    // The twin of a request finds its answer, however little is left.
    let answered = |name: &str| {
        let invitation = place.scene.invitation(name);
        let answer = Some(place.scene.answer("k", invitation.id.as_uuid()));
        Plan { idempotency: answer, ..place.issue_of(&invitation, vec![place.budget("twins", 1, 1)]) }
    };
    place.scene.apply(answered("twin")).await;
    place.scene.refuse(answered("twin-again")).await;
}

async fn neighbours(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let names = ["n0", "n1", "n2", "n3", "n4", "n5"];
    let mut plans: Vec<_> = names.iter().map(|name| place.issue(name, vec![place.budget("k", 3, 1)])).collect();
    plans.insert(2, place.issue("full", vec![place.budget("other", 5, 1), place.live(0)]));
    plans.insert(4, place.issue("unlimited", Vec::new()));
    let outcomes: Vec<_> = place.stores[0].commit(&plans).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes[2], Outcome::Refused(Shortage::Live));
    assert!(matches!(outcomes[4], Outcome::Committed(_)));
    assert_eq!((written(&outcomes), refused(&outcomes, used_up(place.scene.now()))), (4, 3));
    assert_eq!((place.taken("k").await, place.taken("other").await), (Some(3), None));
    assert_eq!((place.invitations().await, place.number("SELECT COUNT(*) FROM invite_messages").await), (4, 4));
}

async fn a_hosts_transaction(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let transaction = place.begin().await;
    let limits = || vec![place.budget("k", 2, 1), place.seats(5), place.live(2)];
    for (name, becomes) in [("a", true), ("b", true), ("c", false)] {
        let outcome = place.stores[0].commit_in(&transaction, &place.issue(name, limits())).await.unwrap();
        assert_eq!(matches!(outcome, Outcome::Committed(_)), becomes, "{outcome:?}");
    }
    let freely = place.issue("d", Vec::new());
    assert!(matches!(place.stores[0].commit_in(&transaction, &freely).await.unwrap(), Outcome::Committed(_)));
    transaction.commit().await.unwrap();
    assert_eq!((place.invitations().await, place.taken("k").await, place.taken("live:").await), (3, Some(2), Some(2)));
}

async fn seats(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    // Three members, and as many free seats as said.
    for (round, free) in [(0, 5), (1, 1), (2, 0)] {
        let most = 3 + place.invitations().await + free;
        let plans = (0..24).map(|i| place.issue(&format!("s{round}-{i}"), vec![place.seats(most)])).collect();
        let outcomes = place.at_once(plans).await;
        let (issued, full) = (written(&outcomes), refused(&outcomes, Shortage::Seats));
        assert_eq!((i64::try_from(issued).unwrap(), issued + full), (free, 24), "{outcomes:?}");
    }
    // An expired invitation holds none; a member who is switched off does.
    place.scene.pass(Duration::days(8));
    place.scene.apply(place.issue("late", vec![place.seats(4)])).await;
    place.is_refused(place.issue("later", vec![place.seats(4)]), Shortage::Seats).await;
    let member = &place.scene.member.membership;
    let switched_off = Membership { active: false, ..member.clone() };
    place.scene.apply(place.scene.plan_member(member, switched_off)).await;
    place.is_refused(place.issue("later", vec![place.seats(4)]), Shortage::Seats).await;
}

async fn seats_while_redeemed(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let most = 3 + 2;
    for round in 0..12 {
        let most = most + round;
        let open = place.scene.issue(&format!("open{round}")).await;
        // The invitation becomes a member while others look for a seat: the one that is free, never two.
        let redeem = place.scene.plan_redeem(&open, &place.scene.account(&format!("open{round}")));
        let mut plans = vec![redeem];
        plans.extend((0..6).map(|i| place.issue(&format!("w{round}-{i}"), vec![place.seats(most)])));
        let outcomes = place.at_once(plans).await;
        assert!(matches!(outcomes[0], Outcome::Committed(_)), "{outcomes:?}");
        assert_eq!((written(&outcomes[1..]), refused(&outcomes, Shortage::Seats)), (1, 5), "round {round}");
        // The one seat it took is given up again; the member stays.
        for name in (0..6).map(|i| format!("w{round}-{i}@example.org")) {
            let revoke = format!(
                "UPDATE invite_invitations SET state = 'revoked', live_key = NULL WHERE recipient_key = '{name}'"
            );
            place.host.execute_unprepared(&revoke).await.unwrap();
        }
    }
}

async fn seats_changed(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let limited = |seats: i64, version: i64| {
        let mut next = Organization { version, ..place.scene.organization.clone() };
        next.limits.seats = Some(seats);
        let limits = vec![place.seats(seats)];
        Plan { limits, ..place.scene.plan_organization(version - 1, next) }
    };
    place.scene.issue("ana").await;
    assert_eq!(place.scene.commit(limited(3, 2)).await, Outcome::Refused(Shortage::Seats));
    // At the same time somebody issues, decided when there was no limit: one of the two is not written, or both fit.
    let outcomes = place.at_once(vec![limited(4, 2), place.issue("bob", Vec::new())]).await;
    let taken = 3 + place.invitations().await;
    assert!(
        written(&outcomes) == 1 && (taken == 4 || outcomes[0] == Outcome::Refused(Shortage::Seats)),
        "{outcomes:?}"
    );
}

async fn worst(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let (seats, live, budget) = (place.seats(3), place.live(0), place.budget("k", 0, 1));
    let all = [budget.clone(), live.clone(), seats];
    place.is_refused(place.issue("ana", all.to_vec()), Shortage::Seats).await;
    place.is_refused(place.issue("ana", vec![live, budget]), Shortage::Live).await;
}

/// What a plan with limits costs more than one without.
async fn cost() {
    let place = Place::new(None).await;
    let store = &place.stores[0];
    let mut numbers = Vec::new();
    let limits = [
        vec![place.live(9), place.budget("k", 9, 1)],
        Vec::new(),
        vec![place.live(9)],
        vec![place.budget("k", 9, 1)],
        vec![place.seats(99)],
        vec![place.live(9), place.budget("k", 9, 1), place.budget("j", 9, 1), place.seats(99)],
    ];
    for (number, limits) in limits.into_iter().enumerate() {
        let plan = place.issue(&format!("n{number}"), limits);
        let before = store.statements();
        place.scene.apply(plan).await;
        numbers.push(store.statements() - before);
    }
    let free = numbers[1];
    assert_eq!(numbers[2..], [free + 1, free + 1, free + 1, free + 4]);
    // The first of all counts: it finds no counter, so that what was begun as for many is undone; by itself it makes the counter,
    // counts, and writes the number.
    assert_eq!(numbers[0], free + 10);
}
