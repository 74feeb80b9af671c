//! What the end of an account's credentials leaves to the sweep for suspended invitations, and what an address leaves behind.

mod support;

use chrono::Duration;
use invite_domain::{
    access::{Inviter, InviterKind, PermissionSet},
    invitation::{AdministrationChange, Channel, DirectoryChange, MessageKind, OutboxMessage, Plan, Reason},
    port::{InvitationStore as _, Lease, Outbox as _, Settlement},
};
use invite_testkit::Scene;
use sea_orm::{ConnectionTrait as _, Statement};
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn r6_4_what_an_ended_key_issued_is_swept_once_its_makers_credentials_end() {
    let (store, _directory) = support::fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let (key, _) = scene.new_api_key(&scene.admin.membership);
    scene.administer(AdministrationChange::InsertApiKey(Box::new(key.clone()))).await;
    let mut invitation = scene.invitation("ana");
    invitation.inviter = Inviter { kind: InviterKind::ApiKey, id: key.id.as_uuid() };
    // No more than an admin may give.
    invitation.grant.permissions = PermissionSet::parse(["timesheets.write"]).unwrap();
    invitation.grant_digest = invitation.compute_grant_digest();
    let invitation = scene.issue_this(invitation).await;
    let now = scene.pass(Duration::seconds(1));
    assert!(store.lapsed(5, now).await.unwrap().is_empty(), "and the mark of a new organisation is gone");

    let directory = vec![DirectoryChange::EndCredentials(scene.admin.account.id, now)];
    scene.apply(Plan { directory, ..Plan::default() }).await;
    let lapsed = store.lapsed(5, now).await.unwrap();
    assert_eq!(lapsed.iter().map(|record| record.invitation.id).collect::<Vec<_>>(), [invitation.id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn r7_9_the_address_an_account_had_is_stored_until_its_message_is_settled_however_it_is() {
    let (store, directory) = support::fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let host = support::host_connection(directory.path()).await;
    let left = async || {
        let sql = "SELECT count(*) FROM invite_messages WHERE address IS NOT NULL";
        let row = host.query_one_raw(Statement::from_string(host.get_database_backend(), sql)).await.unwrap();
        row.unwrap().try_get_by_index::<i64>(0).unwrap()
    };
    let lease = Lease { token: uuid::Uuid::from_u128(1), lasts: Duration::minutes(1) };
    let refused = Reason::SmtpRefused;
    for settlement in [Settlement::Sent, Settlement::Failed(refused), Settlement::Cancelled(refused)] {
        let message = scene.message_about(MessageKind::AddressChanged { account_id: scene.admin.account.id });
        let message = OutboxMessage { address: Some(scene.address("alt")), ..message };
        scene.apply(Plan { messages: vec![message.clone()], ..Plan::default() }).await;
        assert_eq!(store.claim(&Channel::ALL, &lease, 9, scene.now()).await.unwrap().len(), 1);
        assert_eq!(left().await, 1);
        assert!(store.settle(message.id, &lease, settlement, None, scene.now()).await.unwrap());
        assert_eq!(left().await, 0, "{settlement:?}");
    }
}
