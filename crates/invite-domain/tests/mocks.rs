//! A use case tested as an embedder would: against mocks, without a store.
//!
//! Runs with `cargo test -p invite-domain --features mock`.
#![cfg(feature = "mock")]
#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

use chrono::{DateTime, TimeZone as _, Utc};
use invite_domain::{
    access::{ActorFacts, Grant, MemberFacts, PermissionSet, Role, RoleScope, SystemRole},
    directory::{Limits, LogoId, Membership, Organization, Policy, Slug},
    email::EmailAddress,
    id::{AccountId, InvitationId, MembershipId, MessageId, OrganizationId, RoleId},
    invitation::{
        Channel, DeliveryState, Event, Guard, InvitationChange, MessageKind, Origin, OutboxMessage, Outcome, Plan,
        Reason, Recipient, Rejection,
    },
    port::{
        Clock, DeliveryFacts, Entropy, FixedKeys, IssueFacts, IssueQuery, Keys, Lease, MockClock, MockDirectory,
        MockEntropy, MockErasure, MockInvitationStore, MockKeys, MockLimiter, MockNotifier, MockOutbox,
        MockPasswordHasher, MockRetention, MockStatistics, MockSubjects, PortError, Principal, Settlement,
    },
    secret::keyring::KeyRing,
    service::{Caller, Dispatcher, InvitationService, Issue, Secret, ServiceError, Settings, World},
};
use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};
use uuid::Uuid;

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2027, 3, 1, 12, 0, 0).unwrap()
}

/// Bytes that differ from call to call, so that ids do.
fn entropy() -> MockEntropy {
    let mut entropy = MockEntropy::new();
    let calls = AtomicU8::new(1);
    entropy.expect_fill().returning(move |bytes| {
        let call = calls.fetch_add(1, Ordering::Relaxed);
        for (byte, index) in bytes.iter_mut().zip(0_u8..) {
            *byte = call.wrapping_mul(31).wrapping_add(index);
        }
    });
    entropy
}

fn world() -> World {
    let mut clock = MockClock::new();
    clock.expect_now().returning(noon);
    let entropy = entropy();
    let ring = KeyRing::generate(&entropy);
    World { clock: Arc::new(clock), entropy: Arc::new(entropy), keys: Arc::new(FixedKeys(Arc::new(ring))) }
}

/// The use cases over a mock store. Issuing asks neither limiter nor hasher: these mocks would panic.
fn service(store: MockInvitationStore) -> InvitationService {
    let (limiter, hasher) = (MockLimiter::new(), MockPasswordHasher::new());
    InvitationService::new(Arc::new(store), Arc::new(limiter), Arc::new(hasher), world(), Settings::default())
}

fn organization() -> Organization {
    Organization {
        id: OrganizationId::from_uuid(Uuid::from_u128(1)),
        number: 1,
        name: "Acme".into(),
        slug: Slug::parse("acme").unwrap(),
        locale: None,
        time_zone: "UTC".into(),
        policy: Policy::default(),
        limits: Limits::default(),
        look: invite_domain::directory::Look::default(),
        group_id: None,
        profile: "{}".into(),
        authority_epoch: 1,
        version: 1,
        created_at: noon(),
        updated_at: noon(),
        deleted_at: None,
    }
}

fn facts(actor: SystemRole) -> IssueFacts {
    let organization = organization();
    let role = Role {
        id: RoleId::from_uuid(Uuid::from_u128(2)),
        organization_id: organization.id,
        number: 1,
        name: actor.name().into(),
        description: None,
        scope: RoleScope::Organization,
        system: Some(actor),
        permissions: PermissionSet::new(),
        created_at: noon(),
        updated_at: noon(),
        version: 1,
    };
    let membership = Membership {
        id: MembershipId::from_uuid(Uuid::from_u128(3)),
        number: 1,
        organization_id: organization.id,
        account_id: AccountId::from_uuid(Uuid::from_u128(4)),
        role_id: Some(role.id),
        permissions: PermissionSet::new(),
        active: true,
        default_rate: None,
        metadata: None,
        subject_id: None,
        group_id: None,
        created_at: noon(),
        version: 1,
    };
    let actor = ActorFacts::Member(MemberFacts { membership, role: Some(role), name: Some("Olga".into()) });
    IssueFacts::unhindered(organization, actor, None)
}

fn caller() -> Caller {
    Caller {
        principal: Principal::Person(AccountId::from_uuid(Uuid::from_u128(4))),
        organization_id: organization().id,
        origin: Origin { request_id: Some("request-1".into()), address: None },
    }
}

fn invite(permissions: &[&str]) -> Issue {
    let address = EmailAddress::parse("Ada@Example.org").unwrap();
    let permissions = PermissionSet::parse(permissions.iter().copied()).unwrap();
    Issue::new(Recipient::Email(address), Grant { permissions, ..Grant::default() })
}

#[tokio::test]
async fn issuing_loads_once_and_commits_one_plan_with_the_invitation_its_message_and_its_event() {
    let mut store = MockInvitationStore::new();
    store
        .expect_load_issue()
        .once()
        .withf(|query| query.live_key.as_str() == "email:ada@example.org" && query.organization_id == organization().id)
        .returning(|_| Ok(Some(facts(SystemRole::Owner))));
    store.expect_commit().once().returning(|plans| {
        let [plan] = plans else { panic!("one plan") };
        let [InvitationChange::Insert(invitation)] = &plan.invitations[..] else { panic!("one new invitation") };
        assert_eq!(plan.messages.len(), 1);
        assert_eq!(plan.events.len(), 1);
        vec![Ok(Outcome::Committed(vec![(invitation.id.as_uuid(), 77)]))]
    });
    let issued = service(store).issue(&caller(), invite(&["timesheets.write"]), None).await.unwrap();
    assert_eq!(issued.record.invitation.number, 77);
    assert_eq!(issued.record.deliveries[0].state, DeliveryState::Queued);
    assert!(issued.secrets.is_none(), "nobody asked for the link");
}

#[tokio::test]
async fn a_plan_that_was_overtaken_is_decided_anew_from_a_fresh_load() {
    let mut store = MockInvitationStore::new();
    store.expect_load_issue().times(2).returning(|_| Ok(Some(facts(SystemRole::Owner))));
    let mut answers = vec![Outcome::Committed(Vec::new()), Outcome::Stale];
    store.expect_commit().times(2).returning(move |_: &[Plan]| vec![Ok(answers.pop().unwrap())]);
    assert!(service(store).issue(&caller(), invite(&[]), None).await.is_ok());
}

/// Facts of a moment ago, where the query accepts them; else present ones, of somebody with this role.
fn recent(past: SystemRole, present: SystemRole) -> impl Fn(&IssueQuery) -> Result<Option<IssueFacts>, PortError> {
    move |query| {
        let is_recent = query.accepts_recent;
        Ok(Some(IssueFacts { is_recent, ..facts(if is_recent { past } else { present }) }))
    }
}

fn is_unhindered(plan: &Plan) -> bool {
    plan.guards.iter().any(|guard| {
        matches!(guard, Guard::Unhindered(organization, key, address) if *organization == self::organization().id
            && key.as_str() == "email:ada@example.org" && address.as_deref() == Some("ada@example.org"))
    })
}

#[tokio::test]
async fn a_plan_on_facts_of_a_moment_ago_is_guarded_and_if_overtaken_decided_on_present_ones() {
    let mut store = MockInvitationStore::new();
    store.expect_load_issue().times(2).returning(recent(SystemRole::Owner, SystemRole::Owner));
    let mut answers = vec![(Outcome::Committed(Vec::new()), false), (Outcome::Stale, true)];
    store.expect_commit().times(2).returning(move |plans: &[Plan]| {
        let (answer, is_recent) = answers.pop().unwrap();
        assert_eq!(is_unhindered(&plans[0]), is_recent);
        vec![Ok(answer)]
    });
    assert!(service(store).issue(&caller(), invite(&[]), None).await.is_ok());
}

#[tokio::test]
async fn nobody_is_refused_or_allowed_for_good_on_facts_of_a_moment_ago() {
    let mut store = MockInvitationStore::new();
    store.expect_load_issue().times(2).returning(recent(SystemRole::Admin, SystemRole::Owner));
    store.expect_commit().once().returning(|plans| {
        assert!(!is_unhindered(&plans[0]));
        vec![Ok(Outcome::Committed(Vec::new()))]
    });
    assert!(service(store).issue(&caller(), invite(&["payroll.run"]), None).await.is_ok());

    let mut store = MockInvitationStore::new();
    store.expect_load_issue().times(2).returning(recent(SystemRole::Owner, SystemRole::Admin));
    // The epoch is another one by now.
    store.expect_commit().once().returning(|_| vec![Ok(Outcome::Stale)]);
    let refused = service(store).issue(&caller(), invite(&["payroll.run"]), None).await;
    assert!(matches!(refused, Err(ServiceError::Rejected(Rejection::GrantExceedsAuthority { .. }))));
}

#[tokio::test]
async fn r6_2_an_inviter_without_the_permission_is_refused_and_nothing_is_committed() {
    let mut store = MockInvitationStore::new();
    store.expect_load_issue().once().returning(|_| Ok(Some(facts(SystemRole::Admin))));
    store.expect_commit().never();
    let refused = service(store).issue(&caller(), invite(&["payroll.run"]), None).await;
    let Err(ServiceError::Rejected(Rejection::GrantExceedsAuthority { missing })) = refused else {
        panic!("it was not refused")
    };
    assert_eq!(missing, ["payroll.run"]);
}

#[tokio::test]
async fn a_store_that_is_away_is_an_error_of_machinery_and_no_rejection() {
    let mut store = MockInvitationStore::new();
    store.expect_load_issue().returning(|_| Err(PortError::unavailable("no connection")));
    let failed = service(store).issue(&caller(), invite(&[]), None).await;
    assert!(matches!(failed, Err(ServiceError::Port(error)) if error.is_retryable()));
}

/// A dispatcher over mocks that delivers nothing by itself.
fn dispatcher(outbox: MockOutbox, store: MockInvitationStore) -> Dispatcher {
    let mut notifier = MockNotifier::new();
    notifier.expect_channels().returning(|| vec![Channel::Email]);
    Dispatcher::new(Arc::new(outbox), Arc::new(store), Arc::new(notifier), world())
}

#[tokio::test]
async fn out_5_a_message_that_cannot_be_read_is_given_up_told_and_keeps_nobody_back() {
    let message = |number| {
        let about = MessageKind::Invitation { invitation_id: InvitationId::from_uuid(Uuid::nil()), generation: 1 };
        OutboxMessage::queued(MessageId::from_uuid(Uuid::from_u128(number)), None, about, Channel::Email, noon())
    };
    let mut outbox = MockOutbox::new();
    outbox.expect_claim().once().returning(move |_, _, _, _| Ok((1..=3).map(message).collect()));
    outbox.expect_load_delivery().times(3).returning(|message| match message.id.as_uuid().as_u128() {
        2 => Err(PortError::corrupt("a row that says what no row should")),
        _ => Ok(DeliveryFacts::Gone),
    });
    outbox
        .expect_settle()
        .times(3)
        .withf(|id, _, settlement, event, _| match id.as_uuid().as_u128() {
            2 => *settlement == Settlement::Failed(Reason::Unreadable) && event.is_none(),
            _ => *settlement == Settlement::Cancelled(Reason::InvitationEnded),
        })
        .returning(|_, _, _, _, _| Ok(true));
    let told = dispatcher(outbox, MockInvitationStore::new()).run_once(10).await;
    assert!(matches!(told, Err(ServiceError::Port(PortError::Corrupt(_)))), "{told:?}");
}

#[tokio::test]
async fn a_mail_whose_logo_cannot_be_read_leaves_without_it_and_the_others_as_ever() {
    let clock_and_keys = world();
    let issue = || async {
        let mut store = MockInvitationStore::new();
        store.expect_load_issue().returning(|_| Ok(Some(facts(SystemRole::Owner))));
        store.expect_commit().returning(|_| vec![Ok(Outcome::Committed(Vec::new()))]);
        let (limiter, hasher) = (Arc::new(MockLimiter::new()), Arc::new(MockPasswordHasher::new()));
        let service =
            InvitationService::new(Arc::new(store), limiter, hasher, clock_and_keys.clone(), Settings::default());
        service.issue(&caller(), invite(&[]), None).await.unwrap().record
    };
    let records = [issue().await, issue().await];
    let logo = LogoId::parse(&"ab".repeat(16)).unwrap();
    let messages = records.clone().map(|record| {
        let kind = MessageKind::Invitation { invitation_id: record.invitation.id, generation: 1 };
        let id = MessageId::from_uuid(record.invitation.id.as_uuid());
        OutboxMessage::queued(id, Some(record.invitation.organization_id), kind, Channel::Email, noon())
    });
    let mut outbox = MockOutbox::new();
    outbox.expect_claim().once().returning(move |_, _, _, _| Ok(messages.to_vec()));
    let first = records[0].invitation.id;
    outbox.expect_load_delivery().times(2).returning(move |message| {
        let record = records.iter().find(|record| message.kind.invitation_id() == Some(record.invitation.id));
        let mut organization = facts(SystemRole::Owner).organization;
        organization.look.logo = (message.kind.invitation_id() == Some(first)).then(|| logo.clone());
        Ok(DeliveryFacts::Invitation {
            organization: Box::new(organization),
            record: Box::new(record.unwrap().clone()),
            account_locale: None,
            blocked: false,
        })
    });
    outbox.expect_load_logo().once().returning(|_| Err(PortError::corrupt("a picture that is none")));
    let sent = |_: &MessageId, _: &Lease, settlement: &Settlement, event: &Option<Event>, _: &DateTime<Utc>| {
        *settlement == Settlement::Sent && event.is_none()
    };
    outbox.expect_settle().times(2).withf(sent).returning(|_, _, _, _, _| Ok(true));
    let mut notifier = MockNotifier::new();
    notifier.expect_channels().returning(|| vec![Channel::Email]);
    notifier.expect_deliver().times(2).withf(|mail| mail.logo.is_none()).returning(|_| Ok(()));
    let store = Arc::new(MockInvitationStore::new());
    let told = Dispatcher::new(Arc::new(outbox), store, Arc::new(notifier), clock_and_keys).run_once(10).await;
    assert!(matches!(told, Err(ServiceError::Port(PortError::Corrupt(_)))), "{told:?}");
}

#[tokio::test]
async fn r2_2_a_lapse_that_was_noted_is_not_noted_again_whatever_the_store_answers() {
    let mut store = MockInvitationStore::new();
    store.expect_load_issue().returning(|_| Ok(Some(facts(SystemRole::Owner))));
    store.expect_commit().returning(|_| vec![Ok(Outcome::Committed(Vec::new()))]);
    let mut record = service(store).issue(&caller(), invite(&[]), None).await.unwrap().record;
    record.invitation.expires_at = noon();
    record.invitation.expiry_noted = record.invitation.generation;
    let mut store = MockInvitationStore::new();
    store.expect_lapsed().once().returning(move |_, _| Ok(vec![record.clone()]));
    store.expect_commit().never();
    assert_eq!(dispatcher(MockOutbox::new(), store).note_lapses(10).await.unwrap(), 0);
}

#[tokio::test]
async fn tok_1_a_forged_token_is_refused_without_asking_the_store() {
    let mut store = MockInvitationStore::new();
    store.expect_load_redemption().never();
    let service = service(store);
    for forged in ["", "inv_", &format!("inv_{}", "0".repeat(71)), "not a token"] {
        let refused = service.preview(&Secret::Token(forged.to_owned()), None, None).await;
        assert!(matches!(refused, Err(ServiceError::Rejected(Rejection::NotGenuine))), "{forged}");
    }
}

#[test]
fn every_port_has_a_mock() {
    fn port<T: Send + Sync>(_: T) {}
    port(MockClock::new());
    port(MockDirectory::new());
    port(MockEntropy::new());
    port(MockInvitationStore::new());
    port(MockKeys::new());
    port(MockLimiter::new());
    port(MockNotifier::new());
    port(MockOutbox::new());
    port(MockPasswordHasher::new());
    port(MockErasure::new());
    port(MockRetention::new());
    port(MockStatistics::new());
    port(MockSubjects::new());
    let mut clock = MockClock::new();
    clock.expect_now().once().return_const(noon());
    assert_eq!(Clock::now(&clock), noon());
    let mut keys = MockKeys::new();
    let ring = Arc::new(KeyRing::generate(&entropy()));
    let expected = ring.active();
    keys.expect_ring().once().return_const(ring);
    assert_eq!(keys.ring().active(), expected);
    let mut filled = [0_u8; 4];
    Entropy::fill(&entropy(), &mut filled);
    assert_ne!(filled, [0; 4]);
}
