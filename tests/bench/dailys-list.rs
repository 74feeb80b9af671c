//! The helper of `dailys-list.sh`: fills an organisation with invitations, and shows what their lists cost the database.
//!
//! ```text
//! dailys-list seed DATABASE KEYRING COUNT     the organisation's API key on standard input
//! dailys-list cost DATABASE KEYRING           the same; prints JSON
//! ```

use chrono::{Duration, Utc};
use invite_domain::{
    access::Grant,
    email::EmailAddress,
    id::OrganizationId,
    invitation::{
        Bounds, Context, DeliveryState, InvitationChange, Origin, Outcome, Plan, Recipient, RecipientKind, Status,
        issue::{self, Issue},
    },
    page::PageRequest,
    port::{Directory, FixedKeys, InvitationFilter, InvitationStore, IssueFacts, IssueQuery, Principal, SortKey},
    secret::keyring::KeyRing,
    service::{Authenticated, DirectoryService, Settings, World},
    time::{Timestamp, to_micros},
};
use invite_storage::SqlStore;
use invite_testkit::{ManualClock, PlainHasher, SeededEntropy};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::{Value, json};
use std::{
    error::Error,
    sync::{Arc, Mutex},
    time::Instant,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Plans of one commit.
const GROUP: usize = 500;
/// Between one issue and the next: 100,000 of them reach over nine days, so that the oldest have expired.
const PACE_SECONDS: i64 = 8;
/// One in so many has the role that is searched for.
const RARE: usize = 50;
/// How often a statement is timed; the first time does not count.
const TIMES: usize = 6;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *words.as_slice() {
        ["seed", database, keyring, count] => {
            let bench = Bench::open(database, keyring).await?;
            Box::pin(seed(&bench, count.parse()?)).await
        }
        ["cost", database, keyring] => {
            println!("{}", cost(&Bench::open(database, keyring).await?).await?);
            Ok(())
        }
        _ => Err("usage: dailys-list seed DATABASE KEYRING COUNT | cost DATABASE KEYRING".into()),
    }
}

/// The installation, as whoever has the key sees it.
struct Bench {
    plain: DatabaseConnection,
    store: Arc<SqlStore>,
    statements: Arc<Mutex<Vec<Statement>>>,
    ring: Arc<KeyRing>,
    entropy: Arc<SeededEntropy>,
    now: Timestamp,
    principal: Principal,
    organization: OrganizationId,
}

impl Bench {
    async fn open(database: &str, keyring: &str) -> Result<Self> {
        let mut key = String::new();
        std::io::stdin().read_line(&mut key)?;
        let plain = Database::connect(database).await?;
        plain.execute_unprepared("PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF").await?;
        let statements = Arc::new(Mutex::new(Vec::new()));
        let mut recording = plain.clone();
        let sink = Arc::clone(&statements);
        recording.set_metric_callback(move |info| {
            if let Ok(mut all) = sink.lock() {
                all.push(info.statement.clone());
            }
        });
        let store = Arc::new(SqlStore::with_connection(recording)?);
        let ring = Arc::new(KeyRing::parse(&std::fs::read_to_string(keyring)?)?);
        let entropy = Arc::new(SeededEntropy::of(key.trim()));
        #[expect(clippy::disallowed_methods, reason = "what is measured is the service, whose clock is the machine's")]
        let now = to_micros(Utc::now());
        let world = World {
            clock: Arc::new(ManualClock::at(now)),
            entropy: entropy.clone(),
            keys: Arc::new(FixedKeys(ring.clone())),
        };
        let hasher = Arc::new(PlainHasher::default());
        let all = store.clone();
        let service = DirectoryService::new(all.clone(), all.clone(), all, hasher, world, Settings::default());
        match service.authenticate(key.trim()).await? {
            Some(Authenticated::ApiKey(key)) => {
                let (principal, organization) = (Principal::ApiKey(key.id), key.organization_id);
                Ok(Self { plain, store, statements, ring, entropy, now, principal, organization })
            }
            _ => Err("standard input has no API key of an organisation".into()),
        }
    }

    fn taken(&self) -> Vec<Statement> {
        self.statements.lock().map(|mut all| std::mem::take(&mut *all)).unwrap_or_default()
    }
}

/// Issues that many invitations, by the rule and the store's own commit: each has its message, which was sent, and its
/// event. What a rule asks the store is asked once a role: nobody here was invited before.
async fn seed(bench: &Bench, count: usize) -> Result<()> {
    let bounds = Bounds::default();
    let key_id = bench.ring.active().ok_or("the key ring has no active key")?;
    let (common, rare) = (facts(bench, "member").await?, facts(bench, "guest").await?);
    let mut plans = Vec::with_capacity(GROUP);
    for index in 0..count {
        let facts = if index % RARE == 0 { &rare } else { &common };
        let age = i64::try_from(count - index)?;
        let context = Context {
            now: bench.now - Duration::seconds(PACE_SECONDS * age),
            entropy: &*bench.entropy,
            bounds: &bounds,
            key_id,
            ring: &bench.ring,
            origin: Origin::none(),
        };
        // Another order than that of issue, for addresses and for rates.
        let email = format!("person-{:06}@team{}.example.org", (index * 7919) % count.max(1), index % 40);
        let grant = Grant {
            role_id: facts.role.as_ref().map(|role| role.id),
            default_rate: Some(i64::try_from((index * 37) % 500)? * 100),
            ..Grant::default()
        };
        let command = Issue::new(Recipient::Email(EmailAddress::parse(&email)?), grant);
        let plan = issue::issue(facts, &command, &context)?.plan.ok_or("an issue without a plan")?;
        plans.push(settled(plan, bench.now));
        if plans.len() == GROUP || index + 1 == count {
            for outcome in bench.store.commit(&plans).await {
                if matches!(outcome?, Outcome::Stale) {
                    return Err("a plan was stale: fill each organisation once".into());
                }
            }
            plans.clear();
            // The statements are not looked at here.
            bench.taken();
        }
    }
    Ok(())
}

/// As the dispatcher leaves it: messages sent, lapses noted, so that nothing of this is its work while we measure.
fn settled(mut plan: Plan, now: Timestamp) -> Plan {
    for message in &mut plan.messages {
        message.state = DeliveryState::Sent;
        message.attempts = 1;
        message.settled_at = Some(message.created_at);
    }
    for change in &mut plan.invitations {
        if let InvitationChange::Insert(invitation) = change
            && invitation.expires_at <= now
        {
            invitation.expiry_noted = invitation.generation;
        }
    }
    plan
}

async fn facts(bench: &Bench, role: &str) -> Result<IssueFacts> {
    let role = bench.store.role_by_name(bench.organization, role).await?.ok_or("a system role is missing")?;
    let email = EmailAddress::parse("nobody@example.org")?;
    let query = IssueQuery {
        organization_id: bench.organization,
        principal: bench.principal,
        live_key: Recipient::Email(email.clone()).live_key(),
        email: Some(email),
        subject_id: None,
        role_id: Some(role.id),
        idempotency: None,
        messages_since: bench.now - Duration::days(1),
        accepts_recent: false,
    };
    Ok(bench.store.load_issue(&query).await?.ok_or("the organisation is gone")?)
}

/// The lists that are measured: name, search, order. The statuses and the kind are those of the dialect's list.
fn lists() -> Vec<(String, InvitationFilter)> {
    let list = |query: Option<&str>, sort: SortKey, descending: bool| InvitationFilter {
        statuses: vec![Status::Pending, Status::Expired, Status::Suspended],
        recipient_kind: Some(RecipientKind::Email),
        query: query.map(str::to_owned),
        sort,
        descending,
        ..InvitationFilter::default()
    };
    let mut all = vec![
        ("number".to_owned(), list(None, SortKey::Number, false)),
        ("search".to_owned(), list(Some("guest"), SortKey::Number, false)),
    ];
    for (name, sort) in
        [("email", SortKey::Email), ("expires_at", SortKey::ExpiresAt), ("default_rate", SortKey::DefaultRate)]
    {
        for (way, descending) in [("up", false), ("down", true)] {
            all.push((format!("{name} {way}"), list(None, sort, descending)));
        }
    }
    all
}

/// For each list: the milliseconds its SELECT takes without its LIMIT, and how the database answers each statement of
/// page 1 and of page 500.
async fn cost(bench: &Bench) -> Result<Value> {
    let mut report = serde_json::Map::new();
    for (name, filter) in lists() {
        let mut unpaged = None;
        let mut plans = Vec::new();
        for page in [1, 500] {
            bench.taken();
            bench.store.list(bench.organization, &filter, &PageRequest::numbered(page, 100), bench.now).await?;
            for statement in bench.taken().iter().filter(|statement| statement.sql.starts_with("SELECT")) {
                if page == 1 && unpaged.is_none() {
                    unpaged = without_limit(statement);
                }
                plans.push(json!({ "page": page, "sql": statement.sql, "steps": steps(bench, statement).await? }));
            }
        }
        let unpaged = unpaged.ok_or("page 1 has no statement with a LIMIT")?;
        let mut times = Vec::with_capacity(TIMES);
        let mut rows = 0;
        for _ in 0..TIMES {
            let began = Instant::now();
            rows = bench.plain.query_all_raw(unpaged.clone()).await?.len();
            times.push(began.elapsed());
        }
        let mut times = times.split_off(1);
        times.sort_unstable();
        let median = times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1000.0;
        report.insert(name, json!({ "unpaged_ms": median, "rows": rows, "plans": plans }));
    }
    Ok(Value::Object(report))
}

/// The first page's SELECT, which ends in its LIMIT, without that.
fn without_limit(statement: &Statement) -> Option<Statement> {
    let (whole, limit) = statement.sql.rsplit_once(" LIMIT ")?;
    if limit.trim() != "?" || !statement.sql.contains("\"invite_invitations\"") {
        return None;
    }
    let mut unpaged = statement.clone();
    whole.clone_into(&mut unpaged.sql);
    unpaged.values.as_mut()?.0.pop();
    Some(unpaged)
}

async fn steps(bench: &Bench, statement: &Statement) -> Result<Vec<String>> {
    let mut explain = statement.clone();
    explain.sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
    let rows = bench.plain.query_all_raw(explain).await?;
    Ok(rows.iter().map(|row| row.try_get("", "detail")).collect::<std::result::Result<_, _>>()?)
}
