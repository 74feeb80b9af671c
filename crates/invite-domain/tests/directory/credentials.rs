use super::{
    Desk,
    desk::{other_scene, rejection},
};
use chrono::Duration;
use invite_domain::{
    directory::{ApiKey, ChangeOrganization, Session, Slug},
    invitation::{AdministrationChange, DirectoryChange, Plan, Rejection},
    port::{AdministrationQuery, Principal},
    service::Authenticated,
};

#[tokio::test]
async fn a_key_opens_until_it_expires_or_is_revoked_to_the_microsecond() {
    let desk = Desk::new().await;
    let (key, text) = desk.scene.new_api_key(&desk.scene.owner.membership);
    let end = desk.scene.now() + Duration::hours(1);
    let key = ApiKey { expires_at: Some(end), ..key };
    desk.scene.administer(AdministrationChange::InsertApiKey(Box::new(key.clone()))).await;
    assert_eq!(desk.authenticated(&text).await.unwrap().principal(), Principal::ApiKey(key.id));
    desk.scene.clock.set(end - Duration::microseconds(1));
    assert!(desk.authenticated(&text).await.is_some());
    desk.scene.clock.set(end);
    assert!(desk.authenticated(&text).await.is_none());
}

#[tokio::test]
async fn authz_7_a_revoked_key_opens_nothing_at_once() {
    let desk = Desk::new().await;
    let text = &desk.scene.api_key_text;
    assert!(desk.authenticated(text).await.is_some());
    desk.service.revoke_api_key(&desk.owner(), desk.scene.api_key.id).await.unwrap();
    assert!(desk.authenticated(text).await.is_none());
    let caller = desk.caller(Principal::ApiKey(desk.scene.api_key.id));
    assert_eq!(rejection(desk.service.organization(&caller).await), Rejection::Unauthenticated);
}

#[tokio::test]
async fn a_rotated_keys_old_text_opens_through_its_overlap() {
    let desk = Desk::new().await;
    let old = &desk.scene.api_key_text;
    let (view, new) = desk.service.rotate_api_key(&desk.owner(), desk.scene.api_key.id, Some(60), None).await.unwrap();
    assert_eq!((view.key.id, view.key.number), (desk.scene.api_key.id, desk.scene.api_key.number));
    assert!(desk.authenticated(old).await.is_some() && desk.authenticated(&new).await.is_some());
    desk.scene.pass(Duration::seconds(60));
    assert!(desk.authenticated(old).await.is_none() && desk.authenticated(&new).await.is_some());
}

#[tokio::test]
async fn a_keys_use_is_noted_at_most_once_a_minute() {
    let desk = Desk::new().await;
    let query = AdministrationQuery {
        api_key_id: Some(desk.scene.api_key.id),
        ..AdministrationQuery::of(desk.scene.organization.id, desk.scene.owner.principal())
    };
    let noted = async || desk.facts(query.clone()).await.api_key.unwrap().last_used_at;
    let first = desk.scene.now();
    for (passed, expected) in [(0, first), (59, first), (1, first + Duration::seconds(60))] {
        desk.scene.pass(Duration::seconds(passed));
        desk.authenticated(&desk.scene.api_key_text).await.unwrap();
        assert_eq!(noted().await, Some(expected), "after {passed} s more");
    }
}

#[tokio::test]
async fn r2_4_a_session_ends_after_7_idle_days_and_after_30_in_all() {
    let desk = Desk::new().await;
    let idle = desk.sign_in("olga@acme.example", super::desk::PASSWORD).await.unwrap();
    let begun = desk.scene.now();
    desk.scene.clock.set(begun + Session::IDLE - Duration::microseconds(1));
    assert!(desk.authenticated(&idle.text).await.is_some(), "and is seen again by that");
    desk.scene.pass(Session::IDLE);
    assert!(desk.authenticated(&idle.text).await.is_none());

    let busy = desk.sign_in("olga@acme.example", super::desk::PASSWORD).await.unwrap();
    let begun = desk.scene.now();
    for _ in 0..29 {
        desk.scene.pass(Duration::days(1));
        assert!(desk.authenticated(&busy.text).await.is_some());
    }
    desk.scene.clock.set(begun + Session::LIFETIME - Duration::microseconds(1));
    assert!(desk.authenticated(&busy.text).await.is_some());
    desk.scene.clock.set(begun + Session::LIFETIME);
    assert!(desk.authenticated(&busy.text).await.is_none());
}

#[tokio::test]
async fn what_nobody_made_opens_nothing() {
    let desk = Desk::new().await;
    let (_, unknown) = desk.scene.new_api_key(&desk.scene.owner.membership);
    assert!(desk.authenticated(&unknown).await.is_none());
    for text in ["", "ivk_", "Bearer x", "ivk_000000000000000000000000000000000000"] {
        assert_eq!(desk.service.authenticate(text).await.unwrap(), None, "{text:?}");
    }
}

#[cfg(feature = "mock")]
#[tokio::test]
async fn a_text_without_the_shape_or_checksum_costs_no_read() {
    use invite_domain::{
        port::{MockDirectory, MockInvitationStore, MockLimiter, MockPasswordHasher},
        service::{DirectoryService, Settings, World},
    };
    use std::sync::Arc;
    let desk = Desk::new().await;
    let world = World {
        clock: Arc::new(desk.scene.clock.clone()),
        entropy: desk.scene.entropy.clone(),
        keys: Arc::new(invite_testkit::test_keys()),
    };
    // A mock that was told nothing panics when it is asked anything.
    let service = DirectoryService::new(
        Arc::new(MockInvitationStore::new()),
        Arc::new(MockDirectory::new()),
        Arc::new(MockLimiter::new()),
        Arc::new(MockPasswordHasher::new()),
        world,
        Settings::default(),
    );
    let good = desk.scene.api_key_text.expose();
    let last = if good.ends_with('0') { "1" } else { "0" };
    let mistyped = format!("{}{last}", &good[..good.len() - 1]);
    for text in [mistyped.as_str(), &good[1..], "ivx_0", "é"] {
        assert_eq!(service.authenticate(text).await.unwrap(), None, "{text:?}");
    }
}

#[tokio::test]
async fn a_person_of_one_organisation_may_leave_it_out_and_one_of_two_may_not() {
    let desk = Desk::new().await;
    let other = other_scene(&desk).await;
    let mia = desk.sign_in("mia@acme.example", super::desk::PASSWORD).await.unwrap();
    let mia = desk.authenticated(&mia.text).await.unwrap();
    let organization = async |who: &Authenticated, named: Option<&str>| {
        desk.service.effective_organization(who, named).await.map(|organization| organization.id)
    };
    let (acme, zenith) = (desk.scene.organization.id, other.organization.id);
    assert_eq!(organization(&mia, None).await.unwrap(), acme);
    for named in ["acme", &acme.to_string()] {
        assert_eq!(organization(&mia, Some(named)).await.unwrap(), acme);
    }
    for foreign in ["zenith", &zenith.to_string(), "nowhere", "", "Not A Slug", &uuid::Uuid::nil().to_string()] {
        assert_eq!(rejection(organization(&mia, Some(foreign)).await), Rejection::NotFound, "{foreign:?}");
    }
    let second = other.membership(&desk.scene.member.account, Some(&other.roles.guest));
    let directory = vec![DirectoryChange::InsertMembership(Box::new(second))];
    desk.scene.apply(Plan { directory, ..Plan::default() }).await;
    assert_eq!(rejection(organization(&mia, None).await), Rejection::OrganizationRequired);
    assert_eq!(organization(&mia, Some("zenith")).await.unwrap(), zenith);

    let nobody = desk.add(desk.scene.account("nobody")).await;
    let nobody = desk.sign_in(nobody.email_key().unwrap(), super::desk::PASSWORD).await.unwrap();
    let nobody = desk.authenticated(&nobody.text).await.unwrap();
    assert_eq!(rejection(organization(&nobody, None).await), Rejection::OrganizationRequired);
}

#[tokio::test]
async fn a_slug_leads_on_after_it_was_changed() {
    let desk = Desk::new().await;
    let command = ChangeOrganization { slug: Some(Slug::parse("apex").unwrap()), ..ChangeOrganization::default() };
    let changed = desk.service.change_organization(&desk.owner(), command).await.unwrap();
    assert_eq!(changed.slug.as_str(), "apex");
    let olga = desk.sign_in("olga@acme.example", super::desk::PASSWORD).await.unwrap();
    let olga = desk.authenticated(&olga.text).await.unwrap();
    for named in ["acme", "apex"] {
        assert_eq!(desk.service.effective_organization(&olga, Some(named)).await.unwrap().id, changed.id, "{named}");
    }
}

#[tokio::test]
async fn a_key_has_its_own_organisation_and_the_operator_names_one() {
    let desk = Desk::new().await;
    let other = other_scene(&desk).await;
    let key = desk.authenticated(&desk.scene.api_key_text).await.unwrap();
    for named in [None, Some("zenith"), Some("nowhere")] {
        let own = desk.service.effective_organization(&key, named).await.unwrap();
        assert_eq!(own.id, desk.scene.organization.id, "{named:?}");
    }
    let (_, text) = desk.operator().await;
    let operator = desk.authenticated(&text).await.unwrap();
    let named = desk.service.effective_organization(&operator, Some("zenith")).await.unwrap();
    assert_eq!(named.id, other.organization.id);
    let none = desk.service.effective_organization(&operator, None).await;
    assert_eq!(rejection(none), Rejection::OrganizationRequired);
    let unknown = desk.service.effective_organization(&operator, Some("nowhere")).await;
    assert_eq!(rejection(unknown), Rejection::NotFound);
}
