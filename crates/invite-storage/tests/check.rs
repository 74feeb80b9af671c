//! `SqlStore::check` on every engine: it finds nothing in what the rules write, and every row that breaks an invariant; and a
//! backup restored as the guide says passes it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

#[path = "check/copies.rs"]
mod copies;
#[path = "check/house.rs"]
mod house;
#[path = "check/planted.rs"]
mod planted;
mod support;

use house::{House, broken};
use invite_domain::port::PortError;
use invite_testkit::contract::{self, Subject};
use invite_tests::requires::{Requirement, Suite};
use planted::Site;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use std::{future::Future, process::ExitCode};
use support::engines::{self, Engine};

/// Cases of the contract that write what no rule would: redemptions by somebody else than the invitee, grants their link was not
/// made for, recipients whose messages are not made, fewer seats than are taken, instants and numbers at their edges.
const UNLAWFUL: &[&str] = &[
    "a_phone_or_a_record_as_recipient_comes_back_equal_in_every_field",
    "a_plan_that_ends_as_much_as_it_makes_is_written_at_the_limit",
    "a_record_shows_the_last_of_several_redemptions",
    "a_role_in_use_stays",
    "any_number_of_accounts_have_no_address",
    "instants_of_any_year_come_back_to_the_microsecond",
    "numbers_come_back_at_both_ends",
    // Its plans name other seats than the row does.
    "of_a_last_seat_taken_and_the_seats_lowered_exactly_one_wins",
    "of_many_concurrent_redeemers_exactly_one_wins",
    "only_a_guard_raises_the_epoch",
    "text_comes_back_as_it_was_written",
    "the_next_state_of_an_invitation_replaces_the_whole_row",
];

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    let engines = [
        ("postgres", Requirement::Postgres, Engine::new(Requirement::Postgres)),
        ("mariadb", Requirement::Mariadb, Engine::new(Requirement::Mariadb)),
    ];
    sqlite(&mut suite);
    for (name, kind, engine) in &engines {
        on_server(&mut suite, name, *kind, engine);
    }
    let conclusion = suite.run();
    engines::end(engines.map(|(_, _, engine)| engine));
    conclusion
}

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(test);
}

fn sqlite(suite: &mut Suite) {
    suite.trial("sqlite::a_lawful_history_is_sound_at_every_moment", None, || {
        block_on(async {
            let (store, _directory) = support::fresh().await;
            let house = House::open(store).await;
            Box::pin(house.live()).await;
            house.grow_old().await;
        });
        Ok(())
    });
    suite.trial("sqlite::every_planted_row_is_found", None, || {
        block_on(async {
            let (store, directory) = support::fresh().await;
            Site::open(store, careless(directory.path()).await).await.sees_each().await;
        });
        Ok(())
    });
    suite.trial("sqlite::a_reference_to_nothing_is_told_by_the_engine", None, || {
        block_on(async {
            let (store, directory) = support::fresh().await;
            let house = House::open(store).await;
            let plain = careless(directory.path()).await;
            plain.execute_unprepared("UPDATE invite_memberships SET account_id = zeroblob(16)").await.unwrap();
            let broken = broken(house.store.check(house.now()).await.unwrap());
            let found: Vec<_> = broken.iter().map(|finding| (finding.invariant, finding.examples.clone())).collect();
            let row = "row 1 of invite_memberships has no row of invite_accounts".to_owned();
            assert_eq!(found, [("file_is_sound", vec![row])]);
        });
        Ok(())
    });
    suite.trial("sqlite::ops_6_a_restored_backup_is_sound", None, || {
        block_on(async {
            let (store, directory) = support::fresh().await;
            let house = House::open(store).await;
            Box::pin(house.live()).await;
            let copy = directory.path().join("copy.db");
            house.store.backup_to(&copy).await.unwrap();
            let copy = copies::open(&format!("sqlite://{}", copy.display())).await;
            copies::is_the_same(&house, &copy).await;
        });
        Ok(())
    });
    suite.trial("sqlite::a_database_that_cannot_be_read_is_an_error", None, || {
        block_on(async {
            let (store, _directory) = support::fresh().await;
            let house = House::open(store).await;
            house.store.close().await.unwrap();
            let refused = house.store.check(house.now()).await.unwrap_err();
            assert!(matches!(refused, PortError::Unavailable(_)), "{refused:?}");
        });
        Ok(())
    });
    let lawful = contract::part("invitations").iter().filter(|case| !UNLAWFUL.contains(&case.name));
    for case in lawful {
        let name = case.name;
        suite.trial(&format!("sqlite::invitations::{name}"), None, move || {
            block_on(async move {
                let (store, directory) = support::fresh().await;
                let subject = Subject::new(store.clone()).purged_by(store.clone());
                let case = contract::part("invitations").iter().find(|case| case.name == name).unwrap();
                case.run(subject).await;
                let now = latest(&careless(directory.path()).await).await;
                assert_eq!(broken(store.check(now).await.unwrap()), []);
            });
            Ok(())
        });
    }
}

fn on_server(suite: &mut Suite, name: &str, kind: Requirement, engine: &Engine) {
    let own = engine.clone();
    suite.trial(&format!("{name}::a_lawful_history_is_sound_at_every_moment"), Some(kind), move || {
        block_on(async {
            let (store, _, _lease) = own.fresh().await;
            let house = House::open(store).await;
            Box::pin(house.live()).await;
            house.grow_old().await;
        });
        Ok(())
    });
    let own = engine.clone();
    suite.trial(&format!("{name}::every_planted_row_is_found"), Some(kind), move || {
        block_on(async {
            let (store, url, _lease) = own.fresh().await;
            Site::open(store, engines::connect(&url).await).await.sees_each().await;
        });
        Ok(())
    });
    let own = engine.clone();
    suite.trial(&format!("{name}::ops_6_a_restored_backup_is_sound"), Some(kind), move || {
        block_on(async {
            let (store, from, _lease) = own.fresh().await;
            let house = House::open(store).await;
            Box::pin(house.live()).await;
            let (to, _other) = own.database().await;
            let folder = tempfile::tempdir().unwrap();
            match kind {
                Requirement::Postgres => copies::postgres(&from, &to, folder.path()),
                _ => copies::mariadb(&from, &to, folder.path()),
            }
            copies::is_the_same(&house, &copies::open(&to).await).await;
        });
        Ok(())
    });
}

/// A connection that looks at no reference.
async fn careless(directory: &std::path::Path) -> DatabaseConnection {
    let mut options = ConnectOptions::new(support::url(directory));
    options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(|sqlite| sqlite.foreign_keys(false));
    Database::connect(options).await.unwrap()
}

/// The last moment the trail tells of.
async fn latest(plain: &DatabaseConnection) -> invite_domain::time::Timestamp {
    let mut select = sea_orm::sea_query::Query::select();
    select.expr_as(sea_orm::sea_query::Expr::cust("max(recorded_at)"), "latest").from("invite_events");
    let row = plain.query_one(&select).await.unwrap().unwrap();
    let latest: Option<invite_domain::time::Timestamp> = row.try_get("", "latest").unwrap();
    latest.unwrap_or_else(|| invite_domain::port::Clock::now(&invite_testkit::ManualClock::default()))
}
