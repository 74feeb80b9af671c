//! A database that an older version made and used, brought up to date; and what becomes of one whose migration is
//! interrupted, at every statement there is.
//!
//! `fixtures/m0001.sql` is the dump of a database that the version with the first migration alone has made: an organisation
//! with its owner, an open invitation with a rate, one that was redeemed by a new person with a password, one that was
//! revoked. Those beside it are the same on servers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

mod support;

use invite_domain::{
    access::MemberFacts,
    directory::{Look, Organization, Slug, SubjectKind},
    invitation::Status,
    page::PageRequest,
    port::{
        CredentialFacts, Directory, EventFilter, InvitationFilter, InvitationStore, OrganizationRef, Principal,
        SortKey, SubjectFilter, SubjectQuery, Subjects,
    },
    secret::credential::CredentialDigest,
    time::Timestamp,
};
use invite_storage::{SqlOptions, SqlStore};
use invite_tests::requires::{Requirement, Suite};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, Statement};
use std::{any::Any, future::Future, pin::Pin, process::ExitCode};
use support::{
    engines::{self, Engine},
    forwarder::{Fate, Forwarder, Trap},
};

/// What a database of the first version lacks.
const LATER: [&str; 6] =
    ["m0002_subjects", "m0003_dead_letters", "m0004_messages", "m0005_look", "m0006_authority", "m0007_search"];

/// What begins a statement that changes something.
const CHANGES: &[&str] = &["CREATE TABLE", "CREATE INDEX", "CREATE UNIQUE", "ALTER TABLE", "INSERT INTO", "UPDATE"];

type Test = fn(Option<Engine>) -> Pin<Box<dyn Future<Output = ()>>>;

macro_rules! tests {
    ($($name:ident)+) => { &[$((stringify!($name), |engine| Box::pin($name(engine)))),+] };
}

const EVERYWHERE: &[(&str, Test)] = tests! {
    a_database_of_the_first_version_is_migrated_and_everything_in_it_can_be_read
    an_interrupted_upgrade_is_completed_and_does_nothing_twice
};

const ON_SERVERS: &[(&str, Test)] = tests! {
    a_migration_interrupted_at_every_statement_ends_in_the_same_schema
    an_upgrade_interrupted_at_every_statement_ends_in_the_same_rows
};

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    let engines = [("postgres", Requirement::Postgres), ("mariadb", Requirement::Mariadb)];
    let engines = engines.map(|(name, kind)| (name, kind, Engine::new(kind)));
    for (test, run) in EVERYWHERE {
        suite.trial(&format!("sqlite::{test}"), None, || {
            runtime()?.block_on(run(None));
            Ok(())
        });
    }
    for (test, run) in EVERYWHERE.iter().chain(ON_SERVERS) {
        for (name, kind, engine) in &engines {
            let engine = engine.clone();
            suite.trial(&format!("{name}::{test}"), Some(*kind), move || {
                runtime()?.block_on(run(Some(engine)));
                Ok(())
            });
        }
    }
    let conclusion = suite.run();
    engines::end(engines.map(|(_, _, engine)| engine));
    conclusion
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

struct Old {
    store: SqlStore,
    host: DatabaseConnection,
    _kept: Box<dyn Any>,
}

impl Old {
    async fn new(engine: Option<Engine>) -> Self {
        if let Some(engine) = engine {
            let (url, lease) = engine.database().await;
            let host = engines::connect(&url).await;
            fill(&host).await;
            let store = SqlStore::open(&SqlOptions::new(url)).await.unwrap();
            return Self { store, host, _kept: Box::new(lease) };
        }
        let directory = tempfile::tempdir().unwrap();
        let host = support::host_connection(directory.path()).await;
        host.execute_unprepared(include_str!("fixtures/m0001.sql")).await.unwrap();
        let store = SqlStore::open(&SqlOptions::new(support::url(directory.path()))).await.unwrap();
        Self { store, host, _kept: Box::new(directory) }
    }

    async fn organization(&self) -> Organization {
        let slug = OrganizationRef::Slug(Slug::parse("acme").unwrap());
        self.store.organization(&slug).await.unwrap().unwrap()
    }

    async fn bytes(&self, sql: &str) -> Vec<u8> {
        let statement = Statement::from_string(self.host.get_database_backend(), sql);
        self.host.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    async fn companies(&self) -> Vec<invite_domain::directory::Subject> {
        let (organization, page) = (self.organization().await.id, PageRequest::first(10));
        let found = self.store.subjects(organization, SubjectKind::Company, &SubjectFilter::default(), &page).await;
        found.unwrap().items.into_iter().map(|record| record.subject).collect()
    }

    /// The rates and statuses of all invitations, by rate.
    async fn invitations(&self, now: Timestamp) -> Vec<(Option<i64>, Status)> {
        let filter = InvitationFilter { sort: SortKey::DefaultRate, ..InvitationFilter::default() };
        let page = PageRequest::first(10);
        let found = self.store.list(self.organization().await.id, &filter, &page, now).await.unwrap();
        let mut all: Vec<_> = found
            .items
            .iter()
            .map(|record| {
                assert_eq!(record.invitation.code_index, None, "it was issued before there were codes");
                (record.invitation.grant.default_rate, record.status(now))
            })
            .collect();
        all[..2].sort();
        all
    }
}

/// Makes the older version's tables on a server, with its rows.
async fn fill(host: &DatabaseConnection) {
    let fixture = match host.get_database_backend() {
        DatabaseBackend::Postgres => include_str!("fixtures/m0001.postgres.sql"),
        _ => include_str!("fixtures/m0001.mariadb.sql"),
    };
    host.execute_unprepared(fixture).await.unwrap();
}

async fn a_database_of_the_first_version_is_migrated_and_everything_in_it_can_be_read(engine: Option<Engine>) {
    let old = Old::new(engine).await;
    assert_eq!(old.store.migrate().await.unwrap(), LATER);
    let organization = old.organization().await;
    let now = organization.created_at + chrono::Duration::minutes(5);
    assert_eq!(organization.updated_at, organization.created_at);
    assert_eq!((&organization.look, organization.group_id), (&Look::default(), None));
    let by_number = old.store.organization(&OrganizationRef::Number(organization.number)).await.unwrap();
    assert_eq!(by_number.as_ref(), Some(&organization));
    assert_eq!(
        old.invitations(now).await,
        [(None, Status::Redeemed), (None, Status::Revoked), (Some(4500), Status::Pending)]
    );

    // When the open one is to be reminded of stands in its row, as the domain says: it is found by that.
    let filter = InvitationFilter { statuses: vec![Status::Pending], ..InvitationFilter::default() };
    let open = old.store.list(organization.id, &filter, &PageRequest::first(2), now).await.unwrap().items.remove(0);
    let due = open.invitation.reminder_due_at().unwrap();
    let reminders = async |now| old.store.reminders_due(9, now, now).await.unwrap().len();
    assert_eq!(reminders(due - chrono::Duration::microseconds(1)).await, 0);
    assert_eq!(reminders(due).await, 1);

    let [company] = old.companies().await.try_into().unwrap();
    assert!(company.own && company.id.as_uuid() == organization.id.as_uuid() && company.name == "Acme");
    assert_eq!((company.created_at, company.profile.as_str()), (organization.created_at, "{}"));

    let members = old.store.members(organization.id, None, &PageRequest::first(10)).await.unwrap().items;
    let addresses: Vec<_> = members.iter().map(|member| member.account.email_key().unwrap()).collect();
    assert_eq!(addresses, ["you@example.com", "ana@example.org"]);
    assert!(members.iter().all(|member| member.member.membership.group_id.is_none()));
    let MemberFacts { role, .. } = &members[0].member;
    let role = role.as_ref().unwrap();
    assert_eq!(role.updated_at, role.created_at);
    let ana = old.store.account_by_address("ana@example.org").await.unwrap().unwrap();
    assert!(ana.password.is_some() && ana.phone.is_none() && ana.username.is_none() && ana.last_sign_in_at.is_none());

    let all = EventFilter::default();
    let events = old.store.events(organization.id, &all, &PageRequest::first(10)).await.unwrap().items;
    assert!(!events.is_empty() && events.iter().all(|event| event.address.is_none()), "from where, nobody noted");

    let digest = old.bytes("SELECT digest FROM invite_sessions").await;
    let digest = CredentialDigest::from_bytes(digest.try_into().unwrap());
    let found = old.store.credential(&digest).await.unwrap();
    let Some(CredentialFacts::Session(session, account)) = found else { panic!("{found:?}") };
    assert_eq!((*account, session.organization_id, session.refresh), (ana, None, None));

    let owner = Principal::Person(members[0].account.id);
    let query = SubjectQuery::of(organization.id, owner, SubjectKind::Trucker);
    let facts = old.store.load_subject(&query).await.unwrap().unwrap();
    assert_eq!(facts.company, Some(company), "truckers belong to it");
}

async fn an_interrupted_upgrade_is_completed_and_does_nothing_twice(engine: Option<Engine>) {
    let old = Old::new(engine).await;
    old.store.migrate().await.unwrap();
    let before = old.companies().await;
    let on = |table: &str| match old.host.get_database_backend() {
        DatabaseBackend::MySql => format!(" ON {table}"),
        _ => String::new(),
    };
    for damage in [
        "DELETE FROM invite_migrations WHERE version <> 'm0001_initial'",
        &format!("DROP INDEX ix_invitations_by_rate{}", on("invite_invitations")),
        &format!("DROP INDEX ix_invitations_organization_id_rate_key_id{}", on("invite_invitations")),
        "ALTER TABLE invite_invitations DROP COLUMN rate_key",
        &format!("DROP INDEX uq_sessions_refresh_digest{}", on("invite_sessions")),
        "ALTER TABLE invite_sessions DROP COLUMN refresh_digest",
        "ALTER TABLE invite_accounts DROP COLUMN profile",
        "ALTER TABLE invite_messages DROP COLUMN address",
        "ALTER TABLE invite_organizations DROP COLUMN accent",
        "DROP TABLE invite_logos",
        "DROP TABLE invite_identities",
        "DROP TABLE invite_group_administrators",
        "ALTER TABLE invite_events DROP COLUMN address",
        &format!("DROP INDEX ix_organizations_group_id{}", on("invite_organizations")),
        "ALTER TABLE invite_organizations DROP COLUMN group_id",
        &format!("DROP INDEX ix_redemptions_by_time{}", on("invite_redemptions")),
    ] {
        old.host.execute_unprepared(damage).await.unwrap();
    }
    assert_eq!(old.store.migrate().await.unwrap(), LATER);
    assert_eq!(old.companies().await, before);
    let now = before[0].created_at + chrono::Duration::minutes(5);
    assert_eq!(old.invitations(now).await.last(), Some(&(Some(4500), Status::Pending)));
    assert!(old.store.account_by_address("ana@example.org").await.unwrap().is_some());
}

async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

async fn tables(host: &DatabaseConnection) -> Vec<String> {
    let of_ours = "FROM information_schema.tables WHERE table_name LIKE 'invite%' AND table_schema =";
    let sql = match host.get_database_backend() {
        DatabaseBackend::Postgres => format!("SELECT table_name::text {of_ours} 'public' ORDER BY 1"),
        _ => format!("SELECT CAST(table_name AS char) {of_ours} DATABASE() ORDER BY 1"),
    };
    texts(host, &sql).await
}

/// Everything there is of our schema: columns, indexes, constraints.
async fn schema(host: &DatabaseConnection) -> Vec<String> {
    let mut all = Vec::new();
    if host.get_database_backend() == DatabaseBackend::Postgres {
        for sql in [
            "SELECT attrelid::regclass::text || '.' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || \
             attnotnull::text || ' ' || attidentity::text || ' ' || attcollation::text || ' ' || \
             coalesce(pg_get_expr(adbin, adrelid), '') FROM pg_attribute \
             LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum \
             WHERE attrelid::regclass::text LIKE 'invite%' AND attnum > 0 ORDER BY 1",
            "SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'invite%' ORDER BY 1",
            "SELECT conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint \
             WHERE conrelid::regclass::text LIKE 'invite%' ORDER BY 1",
        ] {
            all.extend(texts(host, sql).await);
        }
        return all;
    }
    for table in tables(host).await {
        let sql = format!("SHOW CREATE TABLE {table}");
        let shown = host.query_one_raw(Statement::from_string(host.get_database_backend(), sql)).await.unwrap();
        let shown: String = shown.unwrap().try_get_by_index(1).unwrap();
        // The next number says how many rows there were, not what the table is.
        let rest = shown.split(" AUTO_INCREMENT=").enumerate().map(|(part, text)| match part {
            0 => text,
            _ => text.trim_start_matches(|c: char| c.is_ascii_digit()),
        });
        all.push(rest.collect());
    }
    all
}

/// Every row, but for when migrations were applied.
async fn rows(host: &DatabaseConnection) -> Vec<String> {
    let mut all = Vec::new();
    for table in tables(host).await.into_iter().filter(|table| table != "invite_migrations") {
        let row = if host.get_database_backend() == DatabaseBackend::Postgres {
            format!("{table}::text")
        } else {
            let columns = format!(
                "SELECT CAST(column_name AS char) FROM information_schema.columns \
                 WHERE table_schema = DATABASE() AND table_name = '{table}' ORDER BY ordinal_position"
            );
            let columns = texts(host, &columns).await;
            let columns: Vec<_> = columns.iter().map(|column| format!("IFNULL(HEX({column}), '~')")).collect();
            format!("CONCAT_WS(',', {})", columns.join(", "))
        };
        let found = texts(host, &format!("SELECT {row} FROM {table} ORDER BY 1")).await;
        all.extend(found.into_iter().map(|row| format!("{table} {row}")));
    }
    all.extend(texts(host, "SELECT version FROM invite_migrations ORDER BY 1").await);
    all
}

/// Migrates through a network that ends at the first changing statement, then at the second, and so on, until one attempt
/// gets through. Answers how many did not.
///
/// MariaDB keeps what came before the interruption, so that each attempt begins where another kind of interruption left it.
/// PostgreSQL keeps nothing, and begins anew each time: there every fifth statement will do.
async fn migrate_with_interruptions(url: &str, host: &DatabaseConnection) -> u64 {
    let step = if host.get_database_backend() == DatabaseBackend::Postgres { 5 } else { 1 };
    let (network, through) = Forwarder::before(url).await;
    for at in 0..1_000_u64 {
        let store = SqlStore::open(&SqlOptions::new(through.as_str()).connections(2)).await.unwrap();
        // Alternately before the server has read it and after.
        network.trap(Trap { words: CHANGES, after: at * step, delivered: at % 2 == 0, fate: Fate::End });
        let migrated = store.migrate().await;
        network.heal();
        if migrated.is_ok() {
            return at;
        }
    }
    panic!("it never gets through");
}

async fn a_migration_interrupted_at_every_statement_ends_in_the_same_schema(engine: Option<Engine>) {
    let engine = engine.unwrap();
    let (_, fresh, _lease) = engine.fresh().await;
    let (url, _other) = engine.database().await;
    let host = engines::connect(&url).await;
    let interrupted = migrate_with_interruptions(&url, &host).await;
    assert!(interrupted > 15, "{interrupted}");
    assert_eq!(schema(&host).await, schema(&engines::connect(&fresh).await).await);
}

async fn an_upgrade_interrupted_at_every_statement_ends_in_the_same_rows(engine: Option<Engine>) {
    let engine = engine.unwrap();
    let smooth = Old::new(Some(engine.clone())).await;
    smooth.store.migrate().await.unwrap();
    let (url, _other) = engine.database().await;
    let host = engines::connect(&url).await;
    fill(&host).await;
    let interrupted = migrate_with_interruptions(&url, &host).await;
    assert!(interrupted > 4, "{interrupted}");
    assert_eq!(schema(&host).await, schema(&smooth.host).await);
    assert_eq!(rows(&host).await, rows(&smooth.host).await);
}
