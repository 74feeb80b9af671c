//! How much there may be of everything (rules 4.4, 9.1, 9.2), as a caller sees it.

use super::*;
use chrono::Duration;
use invite_domain::{
    directory::{ChangeLimits, ChangeOrganization},
    invitation::{Bounds, Channel, EventKind, Status},
    page::PageRequest,
    port::InvitationFilter,
    service::{ChangeMe, OnConflict, Resend, Revoke},
    time::Timestamp,
};
use std::collections::BTreeSet;

const DAY: i64 = 86_400;

/// As many as a scene begins with.
const PEOPLE: i64 = 3;

async fn bounded(bounds: Bounds) -> House {
    House::with(Settings { bounds, ..Settings::default() }).await
}

async fn count(house: &House) -> usize {
    let filter = InvitationFilter::default();
    house.service.list(&house.owner(), &filter, &PageRequest::first(200)).await.unwrap().items.len()
}

async fn invited(house: &House, address: &str) -> Result<Issued, ServiceError> {
    let command = Issue { reveal: Reveal::Asked, ..house.invite(address, &house.scene.roles.member) };
    house.service.issue(&house.owner(), command, None).await
}

async fn resend(house: &House, issued: &Issued) -> Result<Issued, ServiceError> {
    house.service.resend(&house.owner(), issued.record.invitation.id, Resend::default(), None).await
}

async fn operator(house: &House) -> Principal {
    let (key, _) = house.scene.new_operator_key();
    let id = key.id;
    house.scene.administer(AdministrationChange::InsertOperatorKey(Box::new(key))).await;
    Principal::Operator(id)
}

/// Gives the organisation so many seats.
async fn seated(house: &House, operator: Principal, seats: i64) -> Result<(), ServiceError> {
    let limits = ChangeLimits { seats: Some(Some(seats)), ..ChangeLimits::default() };
    let command = ChangeOrganization { limits, ..ChangeOrganization::default() };
    house.directory.change_organization(&house.caller(operator), command).await.map(drop)
}

/// When the window of this length ends that the present lies in.
fn window_end(house: &House, length: Duration) -> Timestamp {
    let (length, now) = (length.num_seconds(), house.scene.now().timestamp());
    chrono::DateTime::from_timestamp((now.div_euclid(length) + 1) * length, 0).unwrap()
}

fn day_ends(house: &House) -> Rejection {
    Rejection::TooManyMessages { possible_at: window_end(house, Duration::days(1)) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r9_2_a_budget_of_a_hundred_lets_exactly_a_hundred_through() {
    let house = Arc::new(bounded(Bounds { issues_hour: Some(100), ..Bounds::default() }).await);
    let end = window_end(&house, Duration::hours(1));
    let issues = (0..130).map(|i| {
        let house = Arc::clone(&house);
        tokio::spawn(async move { invited(&house, &format!("p{i}@example.org")).await })
    });
    let mut made = BTreeSet::new();
    for issue in issues.collect::<Vec<_>>() {
        match issue.await.unwrap() {
            Ok(one) => drop(made.insert(one.record.invitation.id)),
            refused => assert_eq!(rejection(refused), Rejection::TooManyIssued { possible_at: end }),
        }
    }
    assert_eq!((made.len(), count(&house).await, events(&house).await.len()), (100, 100, 100));
    assert_eq!(house.dispatcher.run_once(200).await.unwrap().sent, 100);
    house.scene.clock.set(end - Duration::microseconds(1));
    assert_eq!(rejection(invited(&house, "late@example.org").await), Rejection::TooManyIssued { possible_at: end });
    house.scene.clock.set(end);
    invited(&house, "late@example.org").await.unwrap();
}

#[tokio::test]
async fn r9_2_a_repeated_request_counts_nothing_and_is_answered_when_nothing_is_left() {
    let house = bounded(Bounds { issues_hour: Some(2), live: Some(2), ..Bounds::default() }).await;
    let issue = || house.invite("ada@example.org", &house.scene.roles.member);
    let first = house.service.issue(&house.owner(), issue(), Some(keyed("k", 1))).await.unwrap();
    for _ in 0..10 {
        let again = house.service.issue(&house.owner(), issue(), Some(keyed("k", 1))).await.unwrap();
        assert_eq!(again.record.invitation.id, first.record.invitation.id);
        let returned = Issue { on_conflict: OnConflict::Return, ..issue() };
        house.service.issue(&house.owner(), returned, None).await.unwrap();
        assert!(matches!(
            rejection(house.service.issue(&house.owner(), issue(), None).await),
            Rejection::AlreadyInvited { .. }
        ));
    }
    invited(&house, "bob@example.org").await.unwrap();
    assert_eq!(rejection(invited(&house, "eve@example.org").await), Rejection::InvitationsFull);
    let again = house.service.issue(&house.owner(), issue(), Some(keyed("k", 1))).await.unwrap();
    assert_eq!(again.record.invitation.id, first.record.invitation.id);
}

#[tokio::test]
async fn r9_2_a_refused_issue_stores_and_sends_nothing_and_its_key_stays_free() {
    let house = bounded(Bounds { issues_hour: Some(1), ..Bounds::default() }).await;
    invited(&house, "ada@example.org").await.unwrap();
    let before = (count(&house).await, events(&house).await);
    let issue = || house.invite("bob@example.org", &house.scene.roles.member);
    let refused = house.service.issue(&house.owner(), issue(), Some(keyed("k", 1))).await;
    let end = window_end(&house, Duration::hours(1));
    assert_eq!(rejection(refused), Rejection::TooManyIssued { possible_at: end });
    assert_eq!((count(&house).await, events(&house).await), before);
    assert_eq!(house.dispatcher.run_once(100).await.unwrap().sent, 1);
    house.scene.clock.set(end);
    house.service.issue(&house.owner(), issue(), Some(keyed("k", 1))).await.unwrap();
}

#[tokio::test]
async fn r9_2_throttling_destroys_nothing() {
    let house = bounded(Bounds { issues_hour: Some(3), live: Some(3), ..Bounds::default() }).await.opened().await;
    let mut issued = Vec::new();
    for name in ["ada", "bob", "eve"] {
        issued.push(invited(&house, &format!("{name}@example.org")).await.unwrap());
    }
    let fourth = || invited(&house, "zoe@example.org");
    assert_eq!(rejection(fourth().await), Rejection::InvitationsFull);
    let (ada, bob, eve) = (&issued[0], &issued[1], &issued[2]);
    resend(&house, ada).await.unwrap();
    house.service.extend(&house.owner(), eve.record.invitation.id, 9 * DAY, None).await.unwrap();
    let link = bob.secrets.as_ref().unwrap().link.expose();
    assert!(house.redeem(link, None).await.is_ok(), "who was invited comes in");
    let revoke = Revoke::default();
    house.service.revoke(&house.owner(), ada.record.invitation.id, revoke).await.unwrap();
    assert!(matches!(rejection(fourth().await), Rejection::TooManyIssued { .. }), "there is room, and no budget");
    let replaced =
        Issue { on_conflict: OnConflict::Replace, ..house.invite("eve@example.org", &house.scene.roles.guest) };
    let refused = house.service.issue(&house.owner(), replaced, None).await;
    assert!(matches!(rejection(refused), Rejection::TooManyIssued { .. }));
    let eve = house.service.get(&house.owner(), eve.record.invitation.id).await.unwrap();
    assert_eq!(eve.status(house.scene.now()), Status::Pending, "what was to be replaced stays");
}

#[tokio::test]
async fn r9_1_members_and_live_invitations_share_the_seats() {
    let house = House::without_mailbox_proof().await;
    let operator = operator(&house).await;
    seated(&house, operator, PEOPLE + 2).await.unwrap();
    let ada = invited(&house, "ada@example.org").await.unwrap();
    let bob = invited(&house, "bob@example.org").await.unwrap();
    assert_eq!(rejection(invited(&house, "eve@example.org").await), Rejection::SeatsFull);
    assert_eq!(rejection(seated(&house, operator, PEOPLE + 1).await), Rejection::SeatsFull, "two are taken");
    let owners = ChangeOrganization {
        limits: ChangeLimits { seats: Some(None), ..ChangeLimits::default() },
        ..ChangeOrganization::default()
    };
    let refused = house.directory.change_organization(&house.owner(), owners).await;
    assert_eq!(rejection(refused), Rejection::OperatorOnly);

    let link = ada.secrets.as_ref().unwrap().link.expose();
    house.redeem(link, None).await.unwrap();
    assert_eq!(rejection(invited(&house, "eve@example.org").await), Rejection::SeatsFull, "the member has the seat");
    house.scene.clock.set(bob.record.invitation.expires_at);
    let eve = invited(&house, "eve@example.org").await.unwrap();
    assert_eq!(rejection(resend(&house, &bob).await), Rejection::SeatsFull, "it expired, and the seat is another's");
    let extended = house.service.extend(&house.owner(), bob.record.invitation.id, 9 * DAY, None).await;
    assert_eq!(rejection(extended), Rejection::SeatsFull);
    let bobs = bob.secrets.as_ref().unwrap().link.expose();
    house.notifier.take();
    house.service.request_new_link(bobs, Origin::none()).await.unwrap();
    house.dispatcher.run_once(100).await.unwrap();
    let to_bob = house.notifier.last_to(&house.scene.address("bob@example.org"));
    assert!(to_bob.is_none(), "no fresh link without a seat");
    house.service.revoke(&house.owner(), eve.record.invitation.id, Revoke::default()).await.unwrap();
    resend(&house, &bob).await.unwrap();
}

#[tokio::test]
async fn r9_2_an_organisations_own_limits_hold_from_their_commit_on() {
    let house = House::new().await;
    for name in ["ada", "bob"] {
        invited(&house, &format!("{name}@example.org")).await.unwrap();
    }
    let narrowed = async |limits| {
        let command = ChangeOrganization { limits, ..ChangeOrganization::default() };
        house.directory.change_organization(&house.owner(), command).await.unwrap()
    };
    let live = |live| ChangeLimits { live: Some(live), ..ChangeLimits::default() };
    narrowed(live(Some(2))).await;
    assert_eq!(rejection(invited(&house, "eve@example.org").await), Rejection::InvitationsFull);
    narrowed(live(None)).await;
    narrowed(ChangeLimits { issues_hour: Some(Some(3)), ..ChangeLimits::default() }).await;
    invited(&house, "eve@example.org").await.unwrap();
    assert!(matches!(rejection(invited(&house, "zoe@example.org").await), Rejection::TooManyIssued { .. }));
}

#[tokio::test]
async fn r4_4_r9_2_a_recipient_gets_so_many_messages_a_day_whatever_way() {
    let house = bounded(Bounds { messages_recipient_day: Some(3), ..Bounds::default() }).await;
    let first = invited(&house, "ada@example.org").await.unwrap();
    resend(&house, &first).await.unwrap();
    let again = Issue { on_conflict: OnConflict::Replace, ..house.invite("ada@example.org", &house.scene.roles.guest) };
    let third = house.service.issue(&house.owner(), again.clone(), None).await.unwrap();
    assert_eq!(rejection(resend(&house, &third).await), day_ends(&house));
    assert_eq!(rejection(house.service.issue(&house.owner(), again.clone(), None).await), day_ends(&house));
    let kept = house.service.get(&house.owner(), third.record.invitation.id).await.unwrap();
    assert_eq!(
        (kept.invitation.generation, kept.status(house.scene.now())),
        (1, Status::Pending),
        "it stays as it was"
    );
    let unsent = Resend { channels: Some(vec![]), reveal: Reveal::Asked, ..Resend::default() };
    let id = third.record.invitation.id;
    house.service.resend(&house.owner(), id, unsent, None).await.unwrap();
    invited(&house, "bob@example.org").await.unwrap();
    house.scene.clock.set(window_end(&house, Duration::days(1)));
    let by_mail = Resend { channels: Some(vec![Channel::Email]), ..Resend::default() };
    house.service.resend(&house.owner(), id, by_mail, None).await.unwrap();
}

#[tokio::test]
async fn r9_2_what_all_organisations_send_one_recipient_counts_together() {
    let bounds = Bounds { messages_recipient_day: Some(2), messages_recipient_day_all: Some(3), ..Bounds::default() };
    let house = bounded(bounds).await;
    let other = Scene::create(Arc::new(house.store.clone()), "other").await;
    let there = Caller {
        principal: other.owner.principal(),
        organization_id: other.organization.id,
        origin: Origin::default(),
    };
    let first = invited(&house, "ada@example.org").await.unwrap();
    resend(&house, &first).await.unwrap();
    assert_eq!(rejection(resend(&house, &first).await), day_ends(&house), "two of this organisation");
    let issued = house.service.issue(&there, house.invite("Ada@example.org", &other.roles.member), None).await.unwrap();
    let id = issued.record.invitation.id;
    let fourth = house.service.resend(&there, id, Resend::default(), None).await;
    assert_eq!(rejection(fourth), day_ends(&house), "one of that one, and three of all");
}

#[tokio::test]
async fn r9_2_what_strangers_ask_for_an_account_keeps_no_invitation_from_it() {
    let house = bounded(Bounds { messages_recipient_day_all: Some(1), ..Bounds::default() }).await;
    let mia = house.scene.member.account.email_key().unwrap().to_owned();
    let sent = async || {
        house.notifier.take();
        house.dispatcher.run_once(100).await.unwrap();
        house.notifier.take().len()
    };
    // They have a limit of their own, five in ten minutes, and the answer stays the same.
    for expected in [1, 1, 1, 1, 1, 0] {
        house.directory.request_password_reset(&mia, None).await.unwrap();
        assert_eq!(sent().await, expected);
    }
    house.directory.request_password_reset("nobody@example.org", None).await.unwrap();
    let other = Scene::create(Arc::new(house.store.clone()), "other").await;
    let there = Caller {
        principal: other.owner.principal(),
        organization_id: other.organization.id,
        origin: Origin::default(),
    };
    let invites = Issue::new(
        Recipient::Email(house.scene.member.account.email.clone().unwrap()),
        Grant { role_id: Some(other.roles.guest.id), ..Grant::default() },
    );
    house.service.issue(&there, invites, None).await.unwrap();
    assert_eq!(sent().await, 1);
}

#[tokio::test]
async fn r9_2_a_change_of_address_spends_the_new_addresss_budget_whoever_has_it() {
    let house = bounded(Bounds { messages_recipient_day_all: Some(1), ..Bounds::default() }).await;
    let taken = house.scene.admin.account.email_key().unwrap().to_owned();
    let asks = async |address: &str| {
        let command = ChangeMe {
            email: Some(address.to_owned()),
            current_password: Some(Password::typed("correct horse battery")),
            ..ChangeMe::default()
        };
        house.directory.change_me(house.scene.member.account.id, None, command).await
    };
    let end = window_end(&house, Duration::days(1));
    for address in ["free@example.org", &taken] {
        asks(address).await.unwrap();
        assert_eq!(rejection(asks(address).await), Rejection::TooManyAttempts { possible_at: end }, "{address}");
    }
}

#[tokio::test]
async fn r4_9_a_fresh_link_beyond_the_budget_is_not_sent_and_answered_alike() {
    let house = bounded(Bounds { messages_recipient_day: Some(1), ..Bounds::default() }).await;
    let issued = invited(&house, "ada@example.org").await.unwrap();
    let link = issued.secrets.as_ref().unwrap().link.expose();
    assert_eq!(house.dispatcher.run_once(100).await.unwrap().sent, 1);
    let before = events(&house).await;
    house.service.request_new_link(link, Origin::none()).await.unwrap();
    assert_eq!(house.dispatcher.run_once(100).await.unwrap().claimed, 0);
    assert_eq!(events(&house).await, before);
    // A copied link that would send the mailed one asks for that one all the same.
    assert_eq!(rejection(house.redeem(link, None).await), Rejection::MailboxProofRequired);
    assert_eq!(house.dispatcher.run_once(100).await.unwrap().claimed, 0);
    house.scene.clock.set(window_end(&house, Duration::days(1)));
    house.service.request_new_link(link, Origin::none()).await.unwrap();
    assert_eq!(house.dispatcher.run_once(100).await.unwrap().sent, 1);
}

#[tokio::test]
async fn r4_8_r9_2_a_reminder_beyond_the_budget_is_let_go_by_and_keeps_no_other_back() {
    let bounds = Bounds { messages_recipient_day: Some(2), ..Bounds::default() };
    let house = bounded(bounds.clone()).await;
    let mut ada = None;
    for name in ["ada", "bob"] {
        let command = Issue {
            expires_in: Some(7 * DAY),
            ..house.invite(&format!("{name}@example.org"), &house.scene.roles.guest)
        };
        let issued = house.service.issue(&house.owner(), command, None).await.unwrap();
        ada.get_or_insert(issued);
    }
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().sent, 2);
    let ada = ada.unwrap();
    house.scene.clock.set(ada.record.invitation.expires_at - Duration::days(2));
    // Two others of this organisation reached Ada today.
    let limits = spent_on_ada(&house, 2);
    house.scene.apply(invite_domain::invitation::Plan { limits, ..Default::default() }).await;
    assert_eq!(house.dispatcher.remind(&bounds, 10).await.unwrap(), 2, "both are dealt with");
    assert_eq!(house.dispatcher.remind(&bounds, 10).await.unwrap(), 0, "and not looked at again");
    let reminded = events(&house).await.into_iter().filter(|kind| *kind == EventKind::InvitationReminded).count();
    assert_eq!((reminded, house.dispatcher.run_once(10).await.unwrap().sent), (1, 1));
    let record = house.service.get(&house.owner(), ada.record.invitation.id).await.unwrap();
    assert_eq!(record.invitation.reminder_noted, record.invitation.generation);
}

/// What messages of the organisation to Ada spend.
fn spent_on_ada(house: &House, count: u32) -> Vec<invite_domain::invitation::Limit> {
    use invite_domain::{
        invitation::{Budget, Budgeted, Limit},
        port::Spending,
    };
    // printf 'email:ada@example.org' | sha256sum
    let digest = "6cb3f567e1c3cf302a56cae2a8efd2090eae8caf3f510c06cbdd06a99f7ba325";
    let spending = Spending {
        key: format!("mail:{}:{digest}", house.scene.organization.id),
        budget: Budget { limit: 100, window: Duration::days(1) },
    };
    vec![Limit::Budget { of: Budgeted::Messages, spending, count, at: house.scene.now() }]
}
