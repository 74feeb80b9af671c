//! The store: the one place that opens a transaction.

use crate::{
    commit,
    directory::{BundledDirectory, SqlDirectory},
    engine::{self, Engine, Room},
    error::{Failure, OpenError},
    invitations::{Known, RecentIssues},
    limit::{Limit, Watch},
    queues::Queues,
    sql::{BEGIN_ATTEMPTS, SqlConnection},
};
use invite_domain::{
    invitation::{Outcome, Plan},
    port::PortError,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, TransactionOptions, TransactionTrait};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::runtime::Handle;
use uuid::Uuid;

/// Does a unit of work again, as a whole and as often as the engine says that it may work then, while the call has time.
macro_rules! retrying {
    ($store:expr, $work:expr) => {
        $crate::limit::within_a_call(async {
            let mut attempt = 1;
            loop {
                match $work.await {
                    Err(failure) if attempt < failure.attempts($store.engine()) => attempt += 1,
                    done => break done.map_err($crate::error::Failure::into_port),
                }
            }
        })
        .await
    };
}
pub(crate) use retrying;

/// The store ports on an SQL database: [`InvitationStore`](invite_domain::port::InvitationStore),
/// [`Outbox`](invite_domain::port::Outbox), [`Directory`](invite_domain::port::Directory),
/// [`Subjects`](invite_domain::port::Subjects), [`Limiter`](invite_domain::port::Limiter) and
/// [`Retention`](invite_domain::port::Retention). Clones share connections and counter.
#[derive(Clone)]
pub struct SqlStore(Arc<Inner>);

/// What a store is made of.
pub(crate) struct Opened {
    pub(crate) writer: DatabaseConnection,
    pub(crate) reader: DatabaseConnection,
    pub(crate) engine: Engine,
    pub(crate) directory: Arc<dyn SqlDirectory>,
    /// Whether accounts and memberships are the bundled tables.
    pub(crate) is_bundled: bool,
    /// Whether callers who come at the same time share their work.
    pub(crate) together: bool,
    /// A few of a server's connections, a pool of their own. A pool hands out the connection that was idle for longest, so that
    /// each would be taken in turn; what a server keeps for a session (plans of statements, tables) is used best where few are.
    pub(crate) warm: Option<DatabaseConnection>,
    /// Who watches the connections, where the pool asks him.
    pub(crate) watch: Option<Arc<Watch>>,
}

impl Opened {
    /// The bundled directory on these connections.
    pub(crate) fn new(writer: DatabaseConnection, reader: DatabaseConnection) -> Result<Self, OpenError> {
        let engine = Engine::of(writer.get_database_backend())?;
        let directory = Arc::new(BundledDirectory);
        Ok(Self { writer, reader, engine, directory, is_bundled: true, together: true, warm: None, watch: None })
    }

    /// Where a caller who is in a hurry takes his connection: from the few that are warm, where [`Room::is_before`] says so.
    fn hot<'p>(&'p self, meant: &'p DatabaseConnection) -> &'p DatabaseConnection {
        let Some(warm) = &self.warm else { return meant };
        if self.engine.room(warm).is_before(self.engine.room(meant)) { warm } else { meant }
    }
}

struct Inner {
    opened: Opened,
    statements: AtomicU64,
    watch: Arc<Watch>,
    limited: bool,
    /// Where the tasks run that work for several callers: the runtime the store was opened in, if there was one.
    runtime: Option<Handle>,
    queues: Queues,
    recent: RecentIssues,
    known: Known,
}

/// What a transaction is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Reading at one moment.
    Read,
    /// The same, however long it takes.
    Survey,
    /// Writing.
    Write,
    /// Writing what nobody waits for, a bounded number of rows.
    Sweep,
    /// Changing the schema, however long it takes.
    Migrate,
}

impl SqlStore {
    /// A store of what was opened.
    pub(crate) fn of(mut opened: Opened) -> Self {
        // A statement is given up only where the connection it was given up on will be thrown away, or need not be.
        let limited = opened.watch.is_some() || opened.engine.outlives_giving_up();
        // Work that is not given up could hold up everybody, and be done after its callers were told that it was not.
        opened.together &= limited;
        Self(Arc::new(Inner {
            statements: AtomicU64::new(0),
            watch: opened.watch.clone().unwrap_or_default(),
            limited,
            runtime: Handle::try_current().ok(),
            queues: Queues::default(),
            recent: RecentIssues::default(),
            known: Known::default(),
            opened,
        }))
    }

    /// How many statements this store has sent since it was made, those that begin and end transactions among them.
    pub fn statements(&self) -> u64 {
        self.0.statements.load(Ordering::Relaxed)
    }

    /// How many statements, or plans, wait for a connection or are being done now: what tells that there is too much to do.
    pub fn statements_under_way(&self) -> usize {
        self.0.watch.under_way() + self.0.queues.len()
    }

    /// Where tasks may run that work for several callers: where the store was opened, so that none of them takes it with him when he
    /// goes away; else where this caller runs.
    pub(crate) fn runtimes(&self) -> Vec<Handle> {
        self.0.runtime.iter().cloned().chain(Handle::try_current()).collect()
    }

    /// What was read a moment ago.
    pub(crate) fn recent(&self) -> &RecentIssues {
        &self.0.recent
    }

    /// Who was who a moment ago.
    pub(crate) fn known(&self) -> &Known {
        &self.0.known
    }

    /// Whether plans of several callers are written by a statement that looks at what is in the way of each.
    pub(crate) fn looks_while_writing(&self) -> bool {
        self.is_shared() && self.engine().takes_arrays() && self.directory().people_are_bundled()
    }

    pub(crate) fn queues(&self) -> &Queues {
        &self.0.queues
    }

    /// Closes all connections, the writing one last: on SQLite that brings everything from the write-ahead log into the
    /// database file. Whatever uses the store afterwards fails.
    ///
    /// # Errors
    /// Where a connection cannot be closed; nothing acknowledged is lost by that.
    pub async fn close(&self) -> Result<(), PortError> {
        if let Some(warm) = &self.0.opened.warm {
            warm.close_by_ref().await.map_err(crate::port_error)?;
        }
        self.0.opened.reader.close_by_ref().await.map_err(crate::port_error)?;
        self.0.opened.writer.close_by_ref().await.map_err(crate::port_error)
    }

    pub(crate) fn directory(&self) -> &dyn SqlDirectory {
        &*self.0.opened.directory
    }

    pub(crate) fn engine(&self) -> Engine {
        self.0.opened.engine
    }

    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.0.opened.reader
    }

    /// The readers, for one statement that is a moment by itself.
    pub(crate) fn reading(&self) -> SqlConnection<'_> {
        let limit = self.limit(Access::Read);
        let pool = self.0.opened.hot(&self.0.opened.reader);
        SqlConnection::of_pool(pool, self.0.opened.engine, &self.0.statements, limit).repeating()
    }

    /// The writer, for one statement that is a transaction by itself.
    pub(crate) fn writing(&self) -> SqlConnection<'_> {
        SqlConnection::of_pool(
            self.0.opened.hot(&self.0.opened.writer),
            self.0.opened.engine,
            &self.0.statements,
            self.limit(Access::Write),
        )
    }

    /// The same, where a connection is there at once.
    pub(crate) fn writing_at_once(&self) -> Option<SqlConnection<'_>> {
        let opened = &self.0.opened;
        let is_idle = opened.engine.room(opened.hot(&opened.writer)) == Room::Idle;
        is_idle.then(|| self.writing())
    }

    /// The writer, for one statement that may take as long as it does.
    pub(crate) fn unhurried(&self) -> SqlConnection<'_> {
        SqlConnection::of_pool(
            &self.0.opened.writer,
            self.0.opened.engine,
            &self.0.statements,
            Limit::none(&self.0.watch),
        )
    }

    /// Reads over connections the store does not watch by itself.
    pub(crate) async fn limited<T>(&self, work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        self.limit(Access::Read).run(work).await
    }

    fn limit(&self, access: Access) -> Limit<'_> {
        match access {
            Access::Read | Access::Write if self.0.limited => Limit::of_call(&self.0.watch),
            Access::Sweep if self.0.limited => Limit::of_sweep(&self.0.watch),
            _ => Limit::none(&self.0.watch),
        }
    }

    /// Opens a transaction. Nothing else in this crate does.
    pub(crate) async fn begin(&self, access: Access) -> Result<Transaction<'_>, Failure> {
        let (pool, options) = match access {
            Access::Read | Access::Survey => (&self.0.opened.reader, self.0.opened.engine.read_options()),
            Access::Write | Access::Sweep | Access::Migrate => {
                (&self.0.opened.writer, self.0.opened.engine.write_options())
            }
        };
        let is_hot = matches!(access, Access::Read | Access::Write);
        let pool = if is_hot { self.0.opened.hot(pool) } else { pool };
        // What sessions of our own are begun with needs no round trip, and what they are not needs one.
        let said_in_one = self.0.opened.watch.as_ref().and_then(|_| self.0.opened.engine.says_isolation(access));
        let options = if said_in_one.is_some() { TransactionOptions::default() } else { options };
        let limit = self.limit(access);
        let mut attempt = 1;
        loop {
            self.count();
            match limit.run(pool.begin_with_options(options)).await {
                // Nothing was asked of it yet, so another connection can be taken, and after a restart many are gone.
                Err(error) if attempt < BEGIN_ATTEMPTS && engine::is_gone(&error) => attempt += 1,
                begun => {
                    let transaction = Transaction { inner: begun?, store: self, limit };
                    if let Some(isolation) = said_in_one.filter(|isolation| !isolation.is_empty()) {
                        transaction.sql().execute_unprepared(isolation).await?;
                    }
                    self.allow(access, &transaction).await?;
                    return Ok(transaction);
                }
            }
        }
    }

    /// Lets what nobody waits for take longer at the server too.
    async fn allow(&self, access: Access, transaction: &Transaction<'_>) -> Result<(), Failure> {
        let seconds = match access {
            Access::Read | Access::Write => return Ok(()),
            Access::Sweep => 60,
            Access::Survey | Access::Migrate => 0,
        };
        if let Some(sql) = self.0.opened.engine.allow(seconds) {
            transaction.sql().execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    fn count(&self) {
        self.0.statements.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether accounts and memberships are written into the bundled tables.
    pub(crate) fn is_bundled(&self) -> bool {
        self.0.opened.is_bundled
    }

    /// Whether callers who come at the same time share their work.
    pub(crate) fn is_shared(&self) -> bool {
        self.0.opened.together
    }

    pub(crate) async fn try_commit_alone(&self, plan: &Plan) -> Result<Outcome, Failure> {
        let transaction = self.begin(Access::Write).await?;
        let applied = commit::apply(&transaction.sql(), self.directory(), plan).await;
        outcome_of(transaction.settle(applied).await)
    }

    pub(crate) async fn try_commit_together(&self, plans: &[Plan]) -> Result<Vec<Result<Outcome, PortError>>, Failure> {
        if plans.is_empty() {
            return Ok(Vec::new());
        }
        let transaction = self.begin(Access::Write).await?;
        let mut outcomes: Vec<_> = plans.iter().map(|_| Ok(Outcome::Stale)).collect();
        for (index, plan) in commit::in_order(plans, self.0.opened.engine) {
            match self.apply_in_savepoint(&transaction.inner, transaction.limit, plan).await {
                Ok(Ok(outcome)) => outcomes[index] = Ok(outcome),
                Ok(Err(failure)) if !failure.is_retryable(self.0.opened.engine) => {
                    outcomes[index] = Err(failure.into_port());
                }
                Ok(Err(failure)) | Err(failure) => {
                    transaction.rollback().await;
                    return Err(failure);
                }
            }
        }
        transaction.commit().await?;
        Ok(outcomes)
    }

    /// Applies a plan in a savepoint of an open transaction: on anything but success nothing of the plan remains, and the
    /// transaction can go on. The outer error says that it cannot: the savepoint was not made or not undone.
    async fn apply_in_savepoint(
        &self,
        outer: &DatabaseTransaction,
        limit: Limit<'_>,
        plan: &Plan,
    ) -> Result<Result<Outcome, Failure>, Failure> {
        self.count();
        let savepoint = limit.run(outer.begin()).await?;
        let sql = SqlConnection::of_transaction(&savepoint, self.0.opened.engine, &self.0.statements, limit);
        let applied = commit::apply(&sql, self.directory(), plan).await;
        self.count();
        match applied {
            Ok(numbers) => {
                limit.run(savepoint.commit()).await?;
                Ok(Ok(Outcome::Committed(numbers)))
            }
            Err(failure) => match limit.run(savepoint.rollback()).await {
                Ok(()) => Ok(outcome_of(Err(failure))),
                // The engine has ended the whole transaction: what it failed of says more than that.
                Err(_) => Err(failure),
            },
        }
    }

    /// Applies a plan inside a transaction the host has open, in a savepoint of it: after [`Outcome::Stale`],
    /// [`Outcome::Refused`] and an error nothing of the plan remains and the transaction can be used on. `Committed` is durable
    /// once the host commits, and gone where it rolls back.
    ///
    /// The host retries its own transaction. On SQLite it should have begun it with `BEGIN IMMEDIATE`: a deferred one that
    /// turns to writing fails at once where somebody else writes. On PostgreSQL and MariaDB it should be `READ COMMITTED`: some guards
    /// are plain reads, which under a stricter level see the transaction's first moment. Where MariaDB ends a transaction of itself (a
    /// deadlock), the host's is over too.
    ///
    /// # Errors
    /// Where the transaction is of another engine than the store, or the database fails.
    pub async fn commit_in(&self, transaction: &DatabaseTransaction, plan: &Plan) -> Result<Outcome, PortError> {
        if transaction.get_database_backend() != self.0.opened.writer.get_database_backend() {
            return Err(PortError::other("the transaction is of another database engine than the store"));
        }
        // How long the host's transaction may take is the host's to say.
        let applied = self.apply_in_savepoint(transaction, Limit::none(&self.0.watch), plan).await;
        applied.and_then(|applied| applied).map_err(Failure::into_port)
    }
}

/// A stale plan is an answer, not a failure, and so is a refused one.
fn outcome_of(applied: Result<Vec<(Uuid, i64)>, Failure>) -> Result<Outcome, Failure> {
    match applied {
        Ok(numbers) => Ok(Outcome::Committed(numbers)),
        Err(Failure::Stale) => Ok(Outcome::Stale),
        Err(Failure::Refused(shortage)) => Ok(Outcome::Refused(shortage)),
        Err(failure) => Err(failure),
    }
}

impl std::fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlStore").field("engine", &self.0.opened.engine).finish_non_exhaustive()
    }
}

/// An open transaction of the store. Dropped, it is rolled back.
pub(crate) struct Transaction<'s> {
    inner: DatabaseTransaction,
    store: &'s SqlStore,
    limit: Limit<'s>,
}

impl Transaction<'_> {
    pub(crate) fn sql(&self) -> SqlConnection<'_> {
        SqlConnection::of_transaction(&self.inner, self.store.0.opened.engine, &self.store.0.statements, self.limit)
    }

    pub(crate) fn inner(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// Commits. Where no answer came it may have been done or not: that is never tried again here.
    pub(crate) async fn commit(self) -> Result<(), Failure> {
        self.store.count();
        // Boxed, as below: whoever waits for it stays small.
        self.limit.run(Box::pin(self.inner.commit())).await.map_err(Failure::of_commit)
    }

    /// Rolls back. A failure is not the caller's: whatever it was told already stands, and an engine that cannot roll
    /// back has ended the transaction or the connection.
    pub(crate) async fn rollback(self) {
        self.store.count();
        if let Err(error) = self.limit.run(Box::pin(self.inner.rollback())).await {
            tracing::warn!(error = %error, "a transaction could not be rolled back");
        }
    }

    /// Ends a reading transaction and answers what was read. Nobody waits for its end: the pool sends it with the sign of life
    /// it asks of a connection that comes back.
    pub(crate) async fn finish<T>(self, read: Result<T, Failure>) -> Result<T, PortError> {
        self.end(read).await.map_err(Failure::into_port)
    }

    /// The same, with what a failure is of.
    pub(crate) async fn end<T>(self, read: Result<T, Failure>) -> Result<T, Failure> {
        match read {
            Ok(value) => {
                self.store.count();
                drop(self.inner);
                Ok(value)
            }
            Err(failure) => {
                self.rollback().await;
                Err(failure)
            }
        }
    }

    /// Ends a writing transaction: commits what was done, or rolls it back where it failed.
    pub(crate) async fn settle<T>(self, done: Result<T, Failure>) -> Result<T, Failure> {
        match done {
            Ok(value) => self.commit().await.map(|()| value),
            Err(failure) => {
                self.rollback().await;
                Err(failure)
            }
        }
    }
}
