//! Keys that were read a moment ago.

use super::{
    Desk,
    desk::{other_scene, rejection},
};
use chrono::Duration;
use invite_domain::{
    directory::{ApiKey, ChangeOrganization},
    invitation::{AdministrationChange, DirectoryChange, Plan, Rejection},
    port::Principal,
    secret::credential::CredentialText,
    service::{Authenticated, DirectoryService, RecentKeys},
};

/// What this process remembers, and the use cases that do. The desk's own do not: they are another process.
fn remembering(desk: &Desk) -> (RecentKeys, DirectoryService) {
    let recent = RecentKeys::default();
    (recent.clone(), desk.service.clone().with_recent(recent))
}

fn millis(count: i64) -> Duration {
    Duration::milliseconds(count)
}

async fn opens(service: &DirectoryService, text: &CredentialText) -> bool {
    service.authenticate(text.expose()).await.unwrap().is_some()
}

#[tokio::test]
async fn authz_7_a_key_revoked_by_another_process_is_refused_within_a_second() {
    for waited in [0, 1, 250, 499] {
        let desk = Desk::new().await;
        let (_, service) = remembering(&desk);
        let text = &desk.scene.api_key_text;
        assert!(opens(&service, text).await);
        desk.service.revoke_api_key(&desk.owner(), desk.scene.api_key.id).await.unwrap();
        desk.scene.pass(millis(waited));
        assert!(opens(&service, text).await, "after {waited} ms it was read a moment ago");
        // It may open nothing any more even so: the use case asks the directory anew.
        let caller = desk.caller(Principal::ApiKey(desk.scene.api_key.id));
        assert_eq!(rejection(service.organization(&caller).await), Rejection::Unauthenticated);
        desk.scene.pass(millis(500 - waited));
        assert!(!opens(&service, text).await, "after half a second it is read again");
    }
}

#[tokio::test]
async fn authz_7_use_does_not_keep_a_key_alive() {
    let desk = Desk::new().await;
    let (_, service) = remembering(&desk);
    let text = &desk.scene.api_key_text;
    assert!(opens(&service, text).await);
    desk.service.revoke_api_key(&desk.owner(), desk.scene.api_key.id).await.unwrap();
    for _ in 0..5 {
        desk.scene.pass(millis(90));
        assert!(opens(&service, text).await);
    }
    desk.scene.pass(millis(50));
    assert!(!opens(&service, text).await);
}

#[tokio::test]
async fn authz_7_in_the_process_that_revokes_a_key_it_opens_nothing_at_once() {
    let desk = Desk::new().await;
    let (recent, service) = remembering(&desk);
    let text = &desk.scene.api_key_text;
    assert!(opens(&service, text).await);
    let revoked = ApiKey { revoked_at: Some(desk.scene.now()), version: 2, ..desk.scene.api_key.clone() };
    let plan = Plan { administration: vec![AdministrationChange::UpdateApiKey(Box::new(revoked))], ..Plan::default() };
    let ending = recent.during(std::slice::from_ref(&plan));
    desk.scene.apply(plan.clone()).await;
    assert!(opens(&service, text).await, "nobody was told yet");
    drop(ending);
    assert_eq!(recent.remembered(), 0);
    assert!(!opens(&service, text).await);

    // A squatter's keys end with his other credentials.
    let owner = desk.scene.owner.account.id;
    let plan = Plan { directory: vec![DirectoryChange::EndCredentials(owner, desk.scene.now())], ..Plan::default() };
    let other = other_scene(&desk).await;
    assert!(opens(&service, &other.api_key_text).await);
    drop(recent.during(&[plan]));
    assert_eq!(recent.remembered(), 0);
    // What ends no key forgets none.
    assert!(opens(&service, &other.api_key_text).await);
    drop(recent.during(&[Plan::default()]));
    assert_eq!(recent.remembered(), 1);
}

#[tokio::test]
async fn only_keys_that_were_found_are_remembered() {
    let desk = Desk::new().await;
    let (recent, service) = remembering(&desk);
    for _ in 0..100 {
        let (_, unknown) = desk.scene.new_api_key(&desk.scene.owner.membership);
        assert!(!opens(&service, &unknown).await);
    }
    assert_eq!(service.authenticate("ivk_nothing").await.unwrap(), None);
    // An operator's rights are read nowhere else, and of a session the account would be kept.
    let (_, operator) = desk.operator().await;
    assert!(opens(&service, &operator).await);
    let session = desk.sign_in("olga@acme.example", super::desk::PASSWORD).await.unwrap();
    assert!(opens(&service, &session.text).await);
    assert_eq!(recent.remembered(), 0);
    assert!(opens(&service, &desk.scene.api_key_text).await);
    assert_eq!(recent.remembered(), 1);
    assert_eq!(format!("{recent:?}"), "RecentKeys");

    desk.service.revoke_api_key(&desk.owner(), desk.scene.api_key.id).await.unwrap();
    recent.forget();
    assert!(!opens(&service, &desk.scene.api_key_text).await);
    assert_eq!(recent.remembered(), 0, "a revoked one is none");
}

#[tokio::test]
async fn a_key_that_is_remembered_ends_to_the_microsecond_all_the_same() {
    let desk = Desk::new().await;
    let (_, service) = remembering(&desk);
    let (key, text) = desk.scene.new_api_key(&desk.scene.owner.membership);
    let end = desk.scene.now() + millis(300);
    let key = ApiKey { expires_at: Some(end), ..key };
    desk.scene.administer(AdministrationChange::InsertApiKey(Box::new(key))).await;
    assert!(opens(&service, &text).await);
    desk.scene.clock.set(end - Duration::microseconds(1));
    assert!(opens(&service, &text).await);
    desk.scene.clock.set(end);
    assert!(!opens(&service, &text).await);
}

#[tokio::test]
async fn a_rotated_keys_old_text_is_remembered_no_longer_than_it_counts() {
    let desk = Desk::new().await;
    let old = &desk.scene.api_key_text;
    desk.service.rotate_api_key(&desk.owner(), desk.scene.api_key.id, Some(1), None).await.unwrap();
    let (_, service) = remembering(&desk);
    desk.scene.pass(millis(999));
    assert!(opens(&service, old).await);
    desk.scene.pass(millis(1));
    assert!(!opens(&service, old).await);
}

#[tokio::test]
async fn the_use_of_a_key_that_is_remembered_is_noted_as_before() {
    let desk = Desk::new().await;
    let (_, service) = remembering(&desk);
    let query = invite_domain::port::AdministrationQuery {
        api_key_id: Some(desk.scene.api_key.id),
        ..invite_domain::port::AdministrationQuery::of(desk.scene.organization.id, desk.scene.owner.principal())
    };
    let noted = async || desk.facts(query.clone()).await.api_key.unwrap().last_used_at;
    let first = desk.scene.now();
    // The note falls due while the key is remembered.
    for (passed, expected) in [
        (0, first),
        (59_800, first),
        (199, first),
        (1, first + Duration::seconds(60)),
        (10, first + Duration::seconds(60)),
    ] {
        desk.scene.pass(millis(passed));
        assert!(opens(&service, &desk.scene.api_key_text).await);
        assert_eq!(noted().await, Some(expected), "after {passed} ms more");
    }
}

#[tokio::test]
async fn the_scope_of_a_key_is_its_own_organisation_until_half_a_second_after_that_is_deleted() {
    let desk = Desk::new().await;
    let (recent, service) = remembering(&desk);
    let key = service.authenticate(desk.scene.api_key_text.expose()).await.unwrap().unwrap();
    let scope = async |service: &DirectoryService, who: &Authenticated, named| service.scope(who, named).await;
    for named in [None, Some("nowhere")] {
        let own = scope(&service, &key, named).await.unwrap();
        assert_eq!(
            (own.organization_id, own.limits),
            (desk.scene.organization.id, desk.scene.organization.limits.clone()),
            "{named:?}"
        );
    }
    let mut organization = desk
        .facts(invite_domain::port::AdministrationQuery::of(desk.scene.organization.id, desk.scene.owner.principal()))
        .await
        .organization;
    organization.limits.live = Some(7);
    organization.version += 1;
    desk.scene.administer(AdministrationChange::UpdateOrganization(Box::new(organization.clone()))).await;
    assert_eq!(scope(&service, &key, None).await.unwrap().limits.live, Some(1000));
    desk.scene.pass(millis(500));
    assert_eq!(scope(&service, &key, None).await.unwrap().limits.live, Some(7));
    organization.deleted_at = Some(desk.scene.now());
    organization.version += 1;
    desk.scene.administer(AdministrationChange::UpdateOrganization(Box::new(organization))).await;
    assert!(scope(&service, &key, None).await.is_ok());
    desk.scene.pass(millis(500));
    for _ in 0..2 {
        assert_eq!(rejection(scope(&service, &key, None).await), Rejection::Unauthenticated);
    }
    recent.forget();
    assert_eq!(rejection(scope(&service, &key, None).await), Rejection::Unauthenticated);

    // Anybody else's is what it was.
    let desk = Desk::new().await;
    let (_, service) = remembering(&desk);
    let olga = desk.sign_in("olga@acme.example", super::desk::PASSWORD).await.unwrap();
    let olga = desk.authenticated(&olga.text).await.unwrap();
    assert_eq!(scope(&service, &olga, Some("acme")).await.unwrap().organization_id, desk.scene.organization.id);
    assert_eq!(rejection(scope(&service, &olga, Some("nowhere")).await), Rejection::NotFound);
    let changed = ChangeOrganization { name: Some("Apex".to_owned()), ..ChangeOrganization::default() };
    desk.service.change_organization(&desk.owner(), changed).await.unwrap();
    assert_eq!(scope(&service, &olga, None).await.unwrap().organization_id, desk.scene.organization.id);
}
