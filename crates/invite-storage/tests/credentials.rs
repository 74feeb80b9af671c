//! What the end of an account's credentials leaves to the sweep for suspended invitations.

mod support;

use chrono::Duration;
use invite_domain::{
    access::{Inviter, InviterKind, PermissionSet},
    invitation::{AdministrationChange, DirectoryChange, Plan},
    port::InvitationStore as _,
};
use invite_testkit::Scene;
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
