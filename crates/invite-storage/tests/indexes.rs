//! That servers find an index for every question.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod support;

use chrono::Duration;
use invite_domain::{
    directory::{Login, LogoId, Session},
    id::SessionId,
    invitation::{Channel, Cutoffs, DirectoryChange, Outcome, Status},
    page::PageRequest,
    port::{
        Directory, EventFilter, FiguresQuery, InvitationFilter, InvitationStore, Lease, Outbox, RedemptionQuery,
        Retention, SecretRef, Settlement, SortKey, Statistics,
    },
    secret::credential::CredentialDigest,
};
use invite_storage::{SqlOptions, SqlStore};
use invite_testkit::Scene;
use invite_tests::requires::{Requirement, Suite};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use std::{
    process::ExitCode,
    sync::{Arc, Mutex},
};
use support::engines::{self, Engine};

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    let engines = [Requirement::Postgres, Requirement::Mariadb].map(Engine::new);
    let [postgres, mariadb] = engines.clone();
    let name = "postgres::an_index_can_answer_every_question";
    suite.trial(name, Some(Requirement::Postgres), move || {
        runtime()?.block_on(an_index_can_answer_every_question_on_postgres(postgres));
        Ok(())
    });
    let name = "mariadb::an_index_answers_every_question";
    suite.trial(name, Some(Requirement::Mariadb), move || {
        runtime()?.block_on(an_index_answers_every_question_on_mariadb(mariadb));
        Ok(())
    });
    let conclusion = suite.run();
    engines::end(engines);
    conclusion
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

/// A store whose statements are all recorded.
async fn recorded(url: &str, statements: &Arc<Mutex<Vec<Statement>>>) -> SqlStore {
    let sink = Arc::clone(statements);
    let options = SqlOptions::new(url).connections(2);
    SqlStore::open(&options.observed(move |info| sink.lock().unwrap().push(info.statement.clone()))).await.unwrap()
}

/// PostgreSQL alone tells on nearly empty tables which indexes could serve: where reading a whole table is forbidden to it, it
/// does so only if there is no other way.
async fn an_index_can_answer_every_question_on_postgres(engine: Engine) {
    let (_, url, _lease) = engine.fresh().await;
    let plain = engines::connect(&url).await;
    plain.execute_unprepared("SET enable_seqscan = off").await.unwrap();
    let statements = Arc::new(Mutex::new(Vec::new()));
    let store = recorded(&url, &statements).await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    exercise(&store, &scene).await;
    let statements = std::mem::take(&mut *statements.lock().unwrap());
    let mut explained = 0;
    for statement in statements {
        // What is written together begins with what it rests on.
        let writes_together = statement.sql.starts_with("WITH") && statement.sql.contains("INSERT INTO");
        if !writes_together && !["SELECT", "UPDATE", "DELETE"].iter().any(|verb| statement.sql.starts_with(verb)) {
            continue;
        }
        let mut explain = statement.clone();
        explain.sql = format!("EXPLAIN {}", statement.sql);
        let rows = plain.query_all_raw(explain).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        for (index, step) in steps.iter().enumerate() {
            let scanned = step.split_once("Scan").and_then(|(_, rest)| rest.split_once(" on invite_"));
            let Some((_, table)) = scanned.filter(|_| !step.contains("Bitmap Heap")) else { continue };
            // An index read from one end to the other is no better than the table.
            let is_sought = steps.get(index + 1).is_some_and(|next| next.contains("Index Cond"));
            // The operator's own tables are few rows.
            let is_small = ["organizations", "operator_keys"].iter().any(|small| table.starts_with(small));
            assert!(is_sought || is_small, "{}\n{}", steps.join("\n"), statement.sql);
        }
        explained += 1;
    }
    assert!(explained > 75, "{explained}");
}

/// MariaDB has to be made to care: with some hundred rows in each big table, told that looking a row up is cheap.
async fn an_index_answers_every_question_on_mariadb(engine: Engine) {
    let (filling, url, _lease) = engine.fresh().await;
    let plain = engines::connect(&url).await;
    for word in ["one", "two", "three", "four"] {
        let scene = Scene::create(Arc::new(filling.clone()), word).await;
        let invitations: Vec<_> = (0..60).map(|i| scene.invitation(&format!("person{i}"))).collect();
        let plans: Vec<_> = invitations.iter().map(|invitation| scene.plan_issue(invitation)).collect();
        for outcome in filling.commit(&plans).await {
            assert_ne!(outcome.unwrap(), Outcome::Stale);
        }
        let redeemed = invitations.iter().take(30).enumerate();
        let plans: Vec<_> = redeemed
            .map(|(i, invitation)| {
                let account = scene.account(&format!("{word}{i}"));
                let mut redemption = scene.plan_redeem(invitation, &account);
                let mut digest = [word.as_bytes()[1]; 32];
                digest[0] = u8::try_from(i).unwrap();
                redemption.directory.push(DirectoryChange::InsertSession(Box::new(Session {
                    id: SessionId::from_uuid(account.id.as_uuid()),
                    account_id: account.id,
                    organization_id: None,
                    digest: CredentialDigest::from_bytes(digest),
                    refresh: None,
                    created_at: scene.now(),
                    last_seen_at: scene.now(),
                    expires_at: scene.now() + Duration::days(1),
                })));
                redemption.idempotency = Some(scene.answer(&format!("{i}"), invitation.id.as_uuid()));
                redemption
            })
            .collect();
        for outcome in filling.commit(&plans).await {
            assert_ne!(outcome.unwrap(), Outcome::Stale);
        }
    }
    for table in
        ["accounts", "events", "idempotency", "invitations", "memberships", "messages", "redemptions", "sessions"]
    {
        let analyze = format!("ANALYZE TABLE invite_{table}");
        plain.query_all_raw(Statement::from_string(plain.get_database_backend(), analyze)).await.unwrap();
    }
    plain.execute_unprepared("SET SESSION max_seeks_for_key = 1").await.unwrap();
    let statements = Arc::new(Mutex::new(Vec::new()));
    let store = recorded(&url, &statements).await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    exercise(&store, &scene).await;
    let mut statements = std::mem::take(&mut *statements.lock().unwrap());
    for statement in &mut statements {
        // What a statement sets for itself cannot be explained.
        if let Some((_, rest)) = statement.sql.strip_prefix("SET STATEMENT").and_then(|sql| sql.split_once(" FOR ")) {
            statement.sql = rest.to_owned();
        }
    }
    statements.retain(|sent| ["SELECT", "UPDATE", "DELETE"].iter().any(|verb| sent.sql.starts_with(verb)));
    assert!(statements.len() > 80, "{}", statements.len());
    let unindexed = "SELECT 1 FROM invite_messages m WHERE m.reason = 'no'";
    let unindexed = Statement::from_string(plain.get_database_backend(), unindexed);
    assert_eq!(scans(&plain, &unindexed).await, ["m ALL"], "what has no index is told");
    for statement in statements {
        let scans = scans(&plain, &statement).await;
        assert!(scans.is_empty(), "{scans:?}\n{}", statement.sql);
    }
}

/// The big tables that MariaDB would read from one end to the other, or one of their indexes.
async fn scans(plain: &DatabaseConnection, statement: &Statement) -> Vec<String> {
    let mut explain = statement.clone();
    explain.sql = format!("EXPLAIN {}", statement.sql);
    let mut scans = Vec::new();
    for step in plain.query_all_raw(explain).await.unwrap() {
        let [table, access] = ["table", "type"].map(|column| step.try_get::<Option<String>>("", column).unwrap());
        let (Some(table), Some(access)) = (table, access) else { continue };
        // The operator's own tables are few rows; what stands in angles was sought before.
        let small = ["o", "d", "p", "invite_organizations", "invite_operator_keys"];
        if ["ALL", "index"].contains(&access.as_str()) && !table.starts_with('<') && !small.contains(&table.as_str()) {
            scans.push(format!("{table} {access}"));
        }
    }
    scans
}

/// Loads, commits, lists, claims and purges.
async fn exercise(store: &SqlStore, scene: &Scene) {
    let (now, organization) = (scene.now(), scene.organization.id);
    let ana = scene.issue("ana").await;
    let bob = scene.issue("bob").await;
    scene.apply(scene.plan_redeem(&bob, &scene.account("bob"))).await;
    scene.apply(scene.plan_revoke(&ana)).await;
    let cleo = scene.issue("cleo").await;
    scene.facts(cleo.id).await;
    let by_code = SecretRef::Code(organization, vec![cleo.code_index.unwrap()]);
    for secret in [SecretRef::Token(cleo.id), by_code] {
        let query = RedemptionQuery { secret, ..support::recorded::redemption_query(scene, cleo.id) };
        store.load_redemption(&query).await.unwrap().unwrap();
    }
    let issue = support::recorded::issue_query(scene, scene.owner.principal(), "dora");
    store.load_issue(&issue).await.unwrap().unwrap();
    for sort in [SortKey::CreatedAt, SortKey::ExpiresAt, SortKey::Email, SortKey::Number, SortKey::DefaultRate] {
        let filter = InvitationFilter { sort, ..support::recorded::unfinished() };
        for page in [PageRequest::first(1), PageRequest::numbered(1, 1)] {
            store.list(organization, &filter, &page, now).await.unwrap();
        }
    }
    for statuses in [vec![Status::Pending], vec![Status::Revoked, Status::Redeemed]] {
        for sort in [SortKey::CreatedAt, SortKey::ExpiresAt, SortKey::Email] {
            let filter = InvitationFilter { sort, statuses: statuses.clone(), ..InvitationFilter::default() };
            store.list(organization, &filter, &PageRequest::first(1), now).await.unwrap();
        }
    }
    let search = InvitationFilter { query: Some("cleo".into()), ..InvitationFilter::default() };
    store
        .list(organization, &search, &PageRequest { include_total: true, ..PageRequest::first(5) }, now)
        .await
        .unwrap();
    store.load_invitation(&scene.invitation_query(cleo.id)).await.unwrap().unwrap();
    store.events(organization, &EventFilter::default(), &PageRequest::first(1)).await.unwrap();
    store.lapsed(10, now).await.unwrap();
    store.members(organization, None, &PageRequest::first(1)).await.unwrap();
    store.memberships_of(scene.owner.account.id).await.unwrap();
    store.credential(&scene.api_key.digest).await.unwrap().unwrap();
    for (login, known) in [(scene.owner.account.email_key().unwrap(), true), ("nobody@example.org", false)] {
        let found = store.account_by_login(&Login::parse(login).unwrap()).await.unwrap();
        assert_eq!(found.is_some(), known, "{login}");
    }
    let lease = Lease { token: uuid::Uuid::from_u128(1), lasts: Duration::minutes(1) };
    let channels = [Channel::Email, Channel::Sms];
    for message in store.claim(&channels, &lease, 10, now).await.unwrap() {
        store.settle(message.id, &lease, Settlement::Sent, None, now).await.unwrap();
    }
    store.next_due(&channels).await.unwrap();
    store.logo(&LogoId::parse(&"a0".repeat(16)).unwrap()).await.unwrap();
    let weeks = FiguresQuery {
        organization_id: organization,
        boundaries: (-11..=1).map(|week| now + Duration::days(7) * week).collect(),
        now,
        expiring_before: now + Duration::days(7),
        waits: 5_000,
    };
    store.figures(&weeks).await.unwrap();
    store.purge(&Cutoffs::at(now), 10).await.unwrap();
    store.key_ids_in_use(now).await.unwrap();
}
