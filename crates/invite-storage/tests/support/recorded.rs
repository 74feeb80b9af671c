//! A store whose statements are looked at, and what is asked of it.

use chrono::Duration;
use invite_domain::{
    directory::Subject,
    invitation::{RecipientKind, Status},
    port::{IdempotencyRef, InvitationFilter, IssueQuery, Principal, RedemptionQuery, SecretRef},
};
use invite_storage::SqlStore;
use invite_testkit::Scene;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// A store whose statements are all recorded.
pub(crate) struct Recorded {
    pub(crate) store: SqlStore,
    pub(crate) plain: DatabaseConnection,
    pub(crate) statements: Arc<Mutex<Vec<Statement>>>,
    _directory: TempDir,
}

impl Recorded {
    pub(crate) async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        drop(super::open(directory.path()).await);
        let plain = super::host_connection(directory.path()).await;
        let statements = Arc::new(Mutex::new(Vec::new()));
        let mut recording = plain.clone();
        let sink = Arc::clone(&statements);
        recording.set_metric_callback(move |info| sink.lock().unwrap().extend(each(info.statement)));
        let store = SqlStore::with_connection(recording).unwrap();
        Self { store, plain, statements, _directory: directory }
    }

    pub(crate) fn take(&self) -> Vec<Statement> {
        std::mem::take(&mut *self.statements.lock().unwrap())
    }

    /// The steps SQLite answers a statement by.
    pub(crate) async fn steps(&self, statement: &Statement) -> Vec<String> {
        let mut explain = statement.clone();
        explain.sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
        let rows = self.plain.query_all_raw(explain).await.unwrap();
        rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect()
    }

    /// Fails where a recorded statement reads a tenant's table from one end to the other.
    pub(crate) async fn scans_no_tenant_table(&self) -> usize {
        let statements = self.take();
        for statement in &statements {
            let steps = self.steps(statement).await;
            // What a subquery found is called as the subquery is.
            let is_found = |scanned: &str| {
                let name = scanned.split(' ').next().unwrap_or_default();
                ["CO-ROUTINE", "MATERIALIZE"].iter().any(|way| steps.contains(&format!("{way} {name}")))
            };
            for step in &steps {
                let tenants =
                    step.strip_prefix("SCAN ").is_some_and(|scanned| !is_small(scanned) && !is_found(scanned));
                assert!(!tenants, "{step}\n{}", statement.sql);
            }
        }
        statements.len()
    }
}

/// The statements of a text. Where there are several their values are left aside: they are the same for any.
fn each(sent: &Statement) -> Vec<Statement> {
    match sent.sql.split("; ").collect::<Vec<_>>()[..] {
        [_] => vec![sent.clone()],
        ref several => several.iter().map(|sql| Statement::from_string(sent.db_backend, *sql)).collect(),
    }
}

/// What may be read from one end to the other: the operator's own tables, which are few rows; `d`, a constant row; `p` and
/// subqueries, whose rows were sought before.
fn is_small(scanned: &str) -> bool {
    let first = scanned.split(' ').next().unwrap_or_default();
    scanned.ends_with("VALUES CLAUSE")
        || first.starts_with("(subquery-")
        || ["o", "d", "p", "CONSTANT", "invite_organizations", "invite_operator_keys"].contains(&first)
}

/// Asks for what issuing to an address needs, with an answer to repeat.
pub(crate) fn issue_query(scene: &Scene, principal: Principal, address: &str) -> IssueQuery {
    let email = scene.address(address);
    IssueQuery {
        organization_id: scene.organization.id,
        principal,
        live_key: invite_domain::invitation::Recipient::Email(email.clone()).live_key(),
        email: Some(email),
        subject_id: None,
        role_id: Some(scene.roles.member.id),
        idempotency: Some(IdempotencyRef { scope: "s".into(), key: "k".into() }),
        messages_since: scene.now() - Duration::days(1),
        accepts_recent: false,
    }
}

/// Asks for what issuing to a record needs.
pub(crate) fn issue_query_for(scene: &Scene, subject: &Subject) -> IssueQuery {
    IssueQuery {
        live_key: scene.recipient_of(subject).live_key(),
        email: None,
        subject_id: Some(subject.id),
        ..issue_query(scene, scene.owner.principal(), "nobody")
    }
}

/// What a list of open and lapsed invitations by mail holds.
pub(crate) fn unfinished() -> InvitationFilter {
    InvitationFilter {
        statuses: vec![Status::Pending, Status::Expired, Status::Suspended],
        recipient_kind: Some(RecipientKind::Email),
        ..InvitationFilter::default()
    }
}

/// Asks for what the holder of a token needs.
pub(crate) fn redemption_query(scene: &Scene, id: invite_domain::id::InvitationId) -> RedemptionQuery {
    RedemptionQuery {
        secret: SecretRef::Token(id),
        caller: Some(scene.admin.account.id),
        username: None,
        idempotency: Some(IdempotencyRef { scope: "s".into(), key: "k".into() }),
        messages_since: scene.now() - Duration::days(1),
    }
}
