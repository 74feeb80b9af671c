//! The invitation store on SQL databases, by sea-orm.
//!
//! **Purpose.** [`SqlStore`] implements the store ports of [`invite_domain`]: `InvitationStore`, `Outbox`, `Directory`,
//! `Subjects`, `Limiter` and `Retention`. Its tables begin with `invite_`, so they can live beside a host's own. It runs on SQLite,
//! PostgreSQL and MariaDB (10.6 or newer); all that differs between them stands in `engine.rs` and `migration/ddl.rs`.
//!
//! **Non-goals.** No rule of an invitation is decided here: a plan says what to write and under which guards. No clock, no
//! randomness, no background task, no HTTP, no mail. When something is old enough to be deleted is not the store's decision.
//!
//! ```
//! use invite_domain::port::Directory;
//! use invite_storage::{SqlOptions, SqlStore};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let file = folder.path().join("invite.db");
//! let url = format!("sqlite://{}", file.display());
//! let store = SqlStore::open(&SqlOptions::new(url)).await?;
//! store.migrate().await?;
//! assert!(store.pending_migrations().await?.is_empty());
//! assert!(store.is_empty().await?);
//! # Ok(())
//! # }
//! ```
//!
//! # A host with a connection of its own
//!
//! [`SqlStore::with_connection`] works over a sea-orm connection that is open already, and [`SqlStore::commit_in`] applies a
//! plan inside a transaction the host has begun, so that a host's row and a redemption commit together or not at all:
//!
//! ```
//! # use invite_domain::invitation::{Outcome, Plan};
//! # use invite_storage::{SqlOptions, SqlStore};
//! # use sea_orm::{ConnectionTrait, DatabaseConnection, SqliteTransactionMode, TransactionOptions, TransactionTrait};
//! async fn ship(host: &DatabaseConnection, store: &SqlStore, plan: &Plan) -> Result<(), Box<dyn std::error::Error>> {
//!     let immediate = TransactionOptions {
//!         sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
//!         ..TransactionOptions::default()
//!     };
//!     let transaction = host.begin_with_options(immediate).await?;
//!     transaction.execute_unprepared("INSERT INTO shipments (name) VALUES ('first')").await?;
//!     match store.commit_in(&transaction, plan).await? {
//!         Outcome::Committed(_) => transaction.commit().await?,
//!         // Nothing of the plan was written and the transaction can be used on: load, decide and try again, or give up.
//!         Outcome::Stale | Outcome::Refused(_) => transaction.rollback().await?,
//!     }
//!     Ok(())
//! }
//! ```
//!
//! A host with accounts of its own implements [`SqlDirectory`] over its tables and makes the store by
//! [`SqlStore::with_directory`].
//!
//! # How reads and writes go
//!
//! - One function opens transactions. A load is one statement where nothing unusual is in the way (`invitations/issuing.rs`,
//!   `redeeming.rs`, `one.rs`), else one reading transaction; a view is one statement, two where it is not known who
//!   asks (`view.rs`); a commit is one writing transaction (on SQLite `BEGIN IMMEDIATE` on the only writing connection).
//! - Callers who come at the same time share them (`group/`): what waits is read in one snapshot, in one statement or in one for
//!   each kind of row, and plans are written in one transaction, in one statement on PostgreSQL and in one a table elsewhere
//!   (`commit/together.rs`). Each plan is still whole or not at all and has its own answer. What cannot be put together is written
//!   by itself, several plans of one caller in savepoints. `SqlOptions::together(false)` turns it off, and on a host's own pool of
//!   connections to a server nothing is shared.
//! - Guards are part of the write: a row's version stands in the `WHERE` of its update, unique keys are constraints, and the
//!   organisation's epoch is read under a lock or raised by a guarded update. What fails one of these is
//!   [`Stale`](invite_domain::invitation::Outcome::Stale), never an error.
//! - Limits are held in the same transaction (`commit/limits.rs`): budgets and live invitations by counters that the plan itself
//!   raises, seats by one count under the organisation's lock. What exceeds one is
//!   [`Refused`](invite_domain::invitation::Outcome::Refused) and leaves nothing.
//! - Where writers wait for each other row by row, a plan first holds the rows that its guards do not hold by themselves
//!   (`commit/locks.rs`), in the order organisation, record, role, account.
//! - Whatever the engine calls retryable is tried again as a whole, a bounded number of times; then, and when no row or
//!   connection comes free within three seconds, it is [`Unavailable`](invite_domain::port::PortError::Unavailable).
//! - On connections of its own, a call's statements share one deadline (`limit.rs`): a server that never answers is
//!   `Unavailable` too, and the connection is not used again. A commit that got no answer is never repeated here.
//! - [`SqlStore::statements`] counts everything sent, so that a test can show what an operation costs, or that it cost nothing.
//!
//! # How to add a store
//!
//! For another database with an SQL driver in sea-orm, let the engine in by `Engine::of`, give each difference its place and
//! its observable reason in `engine.rs`, and its column types in `migration/ddl.rs`. For anything else, write a crate of your
//! own:
//!
//! 1. Implement [`InvitationStore`](invite_domain::port::InvitationStore) and [`Outbox`](invite_domain::port::Outbox);
//!    [`Directory`](invite_domain::port::Directory) and [`Limiter`](invite_domain::port::Limiter) too, unless the host has its
//!    own. Every MUST in their documentation is a promise.
//! 2. Apply a plan in one transaction, in the order its documentation names, and check every guard inside it. Answer `Stale`
//!    without a trace where one does not hold.
//! 3. Run the contract suite on it, one line in `tests/`:
//!    `invite_testkit::store_contract!(async || MyStore::fresh().await);`. Every MUST has a case, and the suite proves of
//!    itself that each case catches a store that breaks it.
//! 4. Where the store has several connections, test on several: most mistakes of this kind do not show on one.

mod check;
mod commit;
mod connect;
mod convert;
mod directory;
mod engine;
mod entity;
mod error;
mod group;
mod in_transaction;
mod invitations;
mod limit;
mod limiter;
mod maintenance;
mod migration;
mod outbox;
mod page;
mod queues;
mod retention;
mod sql;
mod statistics;
mod store;
mod subjects;

pub use check::Finding;
pub use connect::{SqlOptions, discard_unclean};
pub use directory::{Applied, BundledDirectory, DirectoryPart, PeopleQuery, SqlDirectory};
pub use error::{MigrateError, OpenError, port_error};
pub use in_transaction::InTransaction;
pub use migration::MigrationState;
pub use sql::SqlConnection;
pub use store::SqlStore;
