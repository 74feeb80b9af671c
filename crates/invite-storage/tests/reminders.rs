//! Reminders over rows that are not as this version writes them: one keeps no other back.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod support;

use chrono::Duration;
use invite_domain::{
    id::InvitationId,
    invitation::{Channel, Invitation},
    port::{InvitationStore, Lease, Outbox, Settlement},
};
use invite_storage::SqlStore;
use invite_testkit::Scene;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use std::sync::Arc;
use uuid::Uuid;

struct Site {
    store: SqlStore,
    host: DatabaseConnection,
    acme: Scene,
    other: Scene,
    _directory: tempfile::TempDir,
}

impl Site {
    async fn new() -> Self {
        let (store, directory) = support::fresh().await;
        let host = support::host_connection(directory.path()).await;
        let acme = Scene::create(Arc::new(store.clone()), "acme").await;
        let other = Scene::create(Arc::new(store.clone()), "other").await;
        Self { store, host, acme, other, _directory: directory }
    }

    /// Invitations that were sent, each a second later due than the one before; the last of another organisation.
    async fn sent(&self, count: i64) -> Vec<Invitation> {
        let mut issued = Vec::new();
        for i in 0..count {
            let scene = if i + 1 == count { &self.other } else { &self.acme };
            let invitation = scene.invitation(&format!("a{i}"));
            let expires_at = invitation.expires_at + Duration::seconds(i);
            issued.push(scene.issue_this(Invitation { expires_at, ..invitation }).await);
        }
        let (lease, now) = (Lease { token: Uuid::from_u128(1), lasts: Duration::minutes(1) }, self.acme.now());
        for message in self.store.claim(&[Channel::Email], &lease, 100, now).await.unwrap() {
            assert!(self.store.settle(message.id, &lease, Settlement::Sent, None, now).await.unwrap());
        }
        issued
    }

    async fn due(&self, limit: u32, of: &[Invitation]) -> Vec<InvitationId> {
        let now = of.last().unwrap().expires_at - Duration::days(2);
        let due = self.store.reminders_due(limit, now - Duration::days(30), now).await.unwrap();
        due.iter().map(|facts| facts.record.invitation.id).collect()
    }

    async fn set(&self, invitation: &Invitation, what: &str) {
        let id = invitation.id.as_uuid().simple();
        let sql = format!("UPDATE invite_invitations SET {what} WHERE id = X'{id}'");
        assert_eq!(self.host.execute_unprepared(&sql).await.unwrap().rows_affected(), 1);
    }

    async fn copy_of(&self, invitation: &Invitation) -> Option<String> {
        let id = invitation.id.as_uuid().simple();
        let sql = format!("SELECT reminder_due_at FROM invite_invitations WHERE id = X'{id}'");
        let statement = Statement::from_string(self.host.get_database_backend(), sql);
        self.host.query_one_raw(statement).await.unwrap().unwrap().try_get("", "reminder_due_at").unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_that_cannot_be_read_keep_no_other_from_being_reminded_of() {
    let site = Site::new().await;
    let issued = site.sent(5).await;
    site.set(&issued[0], "recipient_kind = 'pigeon'").await;
    site.set(&issued[1], "expires_at = 'soon'").await;
    assert_eq!(site.due(1, &issued).await, [issued[2].id], "more of them than are asked for at once");
    // One whose message cannot be read is as bad, and keeps none of its own organisation back.
    let id = issued[2].id.as_uuid().simple();
    let sql = format!("UPDATE invite_messages SET attempts = -1 WHERE invitation_id = X'{id}'");
    assert_eq!(site.host.execute_unprepared(&sql).await.unwrap().rows_affected(), 1);
    assert_eq!(site.due(9, &issued).await, [issued[3].id, issued[4].id]);
    assert_eq!(site.due(1, &issued).await, [issued[3].id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_process_that_knew_no_reminders_starve_none_and_are_put_right() {
    let site = Site::new().await;
    let issued = site.sent(5).await;
    // It extended one, gave another no time for a reminder, noted a third and ended a fourth, and left the column as it was.
    site.set(&issued[0], "expires_at = '2029-01-01T00:00:00.000000Z', version = 2").await;
    site.set(&issued[1], "generated_at = expires_at, version = 2").await;
    site.set(&issued[2], "reminder_noted = 1, version = 2").await;
    site.set(&issued[3], "state = 'declined', ended_at = created_at, version = 2").await;
    assert_eq!(site.due(1, &issued).await, [issued[4].id]);
    assert_eq!(site.copy_of(&issued[0]).await.as_deref(), Some("2028-12-30T00:00:00.000000Z"));
    assert_eq!(site.copy_of(&issued[1]).await, None);
    assert_eq!(site.due(9, &issued).await, [issued[4].id]);
}
