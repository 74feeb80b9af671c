//! A database that an older version made and used, brought up to date.
//!
//! `fixtures/m0001.sql` is the dump of a database that the version with the first migration alone has made: an organisation
//! with its owner, an open invitation with a rate, one that was redeemed by a new person with a password, one that was
//! revoked.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod support;

use invite_domain::{
    access::MemberFacts,
    directory::{Organization, Slug, SubjectKind},
    invitation::Status,
    page::PageRequest,
    port::{
        CredentialFacts, Directory, InvitationFilter, InvitationStore, OrganizationRef, Principal, SortKey,
        SubjectFilter, SubjectQuery, Subjects,
    },
    secret::credential::CredentialDigest,
    time::Timestamp,
};
use invite_storage::{SqlOptions, SqlStore};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use tempfile::TempDir;

struct Old {
    store: SqlStore,
    host: DatabaseConnection,
    _directory: TempDir,
}

impl Old {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let host = support::host_connection(directory.path()).await;
        host.execute_unprepared(include_str!("fixtures/m0001.sql")).await.unwrap();
        let store = SqlStore::open(&SqlOptions::new(support::url(directory.path()))).await.unwrap();
        Self { store, host, _directory: directory }
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

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_first_version_is_migrated_and_everything_in_it_can_be_read() {
    let old = Old::new().await;
    assert_eq!(old.store.migrate().await.unwrap(), ["m0002_subjects"]);
    let organization = old.organization().await;
    let now = organization.created_at + chrono::Duration::minutes(5);
    assert_eq!(organization.updated_at, organization.created_at);
    let by_number = old.store.organization(&OrganizationRef::Number(organization.number)).await.unwrap();
    assert_eq!(by_number.as_ref(), Some(&organization));
    assert_eq!(
        old.invitations(now).await,
        [(None, Status::Redeemed), (None, Status::Revoked), (Some(4500), Status::Pending)]
    );

    let [company] = old.companies().await.try_into().unwrap();
    assert!(company.own && company.id.as_uuid() == organization.id.as_uuid() && company.name == "Acme");
    assert_eq!((company.created_at, company.profile.as_str()), (organization.created_at, "{}"));

    let members = old.store.members(organization.id, None, &PageRequest::first(10)).await.unwrap().items;
    let addresses: Vec<_> = members.iter().map(|member| member.account.email_key().unwrap()).collect();
    assert_eq!(addresses, ["you@example.com", "ana@example.org"]);
    let MemberFacts { role, .. } = &members[0].member;
    let role = role.as_ref().unwrap();
    assert_eq!(role.updated_at, role.created_at);
    let ana = old.store.account_by_address("ana@example.org").await.unwrap().unwrap();
    assert!(ana.password.is_some() && ana.phone.is_none() && ana.username.is_none() && ana.last_sign_in_at.is_none());

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

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_upgrade_is_completed_and_does_nothing_twice() {
    let old = Old::new().await;
    old.store.migrate().await.unwrap();
    let before = old.companies().await;
    for damage in [
        "DELETE FROM invite_migrations WHERE version = 'm0002_subjects'",
        "DROP INDEX ix_invitations_by_rate",
        "DROP INDEX ix_invitations_organization_id_rate_key_id",
        "ALTER TABLE invite_invitations DROP COLUMN rate_key",
        "DROP INDEX uq_sessions_refresh_digest",
        "ALTER TABLE invite_sessions DROP COLUMN refresh_digest",
        "ALTER TABLE invite_accounts DROP COLUMN profile",
    ] {
        old.host.execute_unprepared(damage).await.unwrap();
    }
    assert_eq!(old.store.migrate().await.unwrap(), ["m0002_subjects"]);
    assert_eq!(old.companies().await, before);
    let now = before[0].created_at + chrono::Duration::minutes(5);
    assert_eq!(old.invitations(now).await.last(), Some(&(Some(4500), Status::Pending)));
    assert!(old.store.account_by_address("ana@example.org").await.unwrap().is_some());
}
