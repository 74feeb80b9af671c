use super::*;
use chrono::Duration;
use invite_domain::{
    invitation::{Bounds, Budget, DeliveryState, EventKind, MessageKind, NoticeKind, Reason, Status},
    port::{DeliveryError, Occasion, Outbox as _},
    service::{Resend, Revoke},
};
use invite_testkit::fake::{Delivered, DeliveredContent};

const DAY: i64 = 86_400;

/// An invitation good for a week.
async fn issue(house: &House, caller: &Caller, address: &str) -> Issued {
    let command = Issue { expires_in: Some(7 * DAY), ..house.invite(address, &house.scene.roles.member) };
    house.service.issue(caller, command, None).await.unwrap()
}

/// One that was sent, at the moment its reminder is due.
async fn due(house: &House, caller: &Caller, address: &str) -> Issued {
    let issued = issue(house, caller, address).await;
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().sent, 1);
    house.scene.clock.set(issued.record.invitation.expires_at - Duration::days(2));
    issued
}

async fn remind(house: &House) -> u32 {
    house.dispatcher.remind(&Bounds::default(), 10).await.unwrap()
}

/// What the next round delivers.
async fn delivered(house: &House) -> Vec<Delivered> {
    house.notifier.take();
    house.dispatcher.run_once(10).await.unwrap();
    house.notifier.take()
}

fn occasion(delivered: &Delivered) -> Option<Occasion> {
    match delivered.content {
        DeliveredContent::Invitation { occasion, .. } => Some(occasion),
        _ => None,
    }
}

async fn reminded(house: &House) -> usize {
    events(house).await.into_iter().filter(|kind| *kind == EventKind::InvitationReminded).count()
}

#[tokio::test]
async fn r4_8_a_reminder_is_sent_once_two_days_before_the_expiry_with_the_same_link() {
    let house = House::new().await;
    let issued = issue(&house, &house.owner(), "ada@example.org").await;
    let first = delivered(&house).await.remove(0);
    let expires_at = issued.record.invitation.expires_at;
    house.scene.clock.set(expires_at - Duration::days(2) - Duration::microseconds(1));
    assert_eq!(remind(&house).await, 0);
    house.scene.pass(Duration::microseconds(1));
    assert_eq!(remind(&house).await, 1);
    assert_eq!((remind(&house).await, reminded(&house).await), (0, 1));
    let record = house.service.get(&house.owner(), issued.record.invitation.id).await.unwrap();
    assert_eq!(record.deliveries[0].state, DeliveryState::Sent, "the invitation itself was sent long ago");
    assert_eq!((record.invitation.generation, record.invitation.version), (1, 2));
    let sent = delivered(&house).await;
    assert_eq!(sent.iter().map(occasion).collect::<Vec<_>>(), [Some(Occasion::Reminder)]);
    assert_eq!(sent[0].token.expose(), first.token.expose());
    assert_ne!(sent[0].message_id, first.message_id);
}

#[tokio::test]
async fn r4_8_several_dispatchers_write_one_reminder() {
    let house = House::new().await;
    due(&house, &house.owner(), "ada@example.org").await;
    let rounds: Vec<_> = (0..8)
        .map(|_| {
            let dispatcher = house.dispatcher.clone();
            tokio::spawn(async move { dispatcher.remind(&Bounds::default(), 10).await.unwrap() })
        })
        .collect();
    let mut written = 0;
    for round in rounds {
        written += round.await.unwrap();
    }
    assert_eq!((written, reminded(&house).await, delivered(&house).await.len()), (1, 1, 1));
}

#[tokio::test]
async fn r4_8_what_lives_less_than_four_days_has_no_reminder_until_it_is_extended() {
    let house = House::new().await;
    let short = Issue { expires_in: Some(4 * DAY - 1), ..house.invite("ada@example.org", &house.scene.roles.guest) };
    let issued = house.service.issue(&house.owner(), short, None).await.unwrap();
    let id = issued.record.invitation.id;
    house.scene.pass(Duration::days(3));
    assert_eq!(remind(&house).await, 0);
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().sent, 1);
    let extended = house.service.extend(&house.owner(), id, 3 * DAY, None).await.unwrap();
    assert_eq!(remind(&house).await, 0, "it lives six days now, and is due in one");
    house.scene.clock.set(extended.invitation.expires_at - Duration::days(2));
    assert_eq!(remind(&house).await, 1);
}

#[tokio::test]
async fn r4_8_an_extension_is_reminded_of_anew_once_its_end_is_near_and_never_twice() {
    let house = House::new().await;
    let issued = due(&house, &house.owner(), "ada@example.org").await;
    let id = issued.record.invitation.id;
    assert_eq!((remind(&house).await, delivered(&house).await.len()), (1, 1));
    // An hour more: what was said is near enough.
    house.service.extend(&house.owner(), id, 2 * DAY + 3600, None).await.unwrap();
    assert_eq!(remind(&house).await, 0, "the new end is two days and an hour away");
    house.scene.pass(Duration::hours(2));
    assert_eq!((remind(&house).await, delivered(&house).await.len()), (1, 1), "a new end has a reminder");
    // The new end is nearer than a reminder comes: the one that was sent stays the last.
    house.service.extend(&house.owner(), id, 2 * DAY - 600, None).await.unwrap();
    house.scene.pass(Duration::hours(1));
    assert_eq!((remind(&house).await, reminded(&house).await), (0, 2));
    let extended = house.service.extend(&house.owner(), id, 9 * DAY, None).await.unwrap();
    assert_eq!(remind(&house).await, 0);
    house.scene.clock.set(extended.invitation.expires_at - Duration::days(2));
    assert_eq!((remind(&house).await, remind(&house).await, reminded(&house).await), (1, 0, 3));
    let sent = delivered(&house).await;
    assert_eq!(sent.iter().map(occasion).collect::<Vec<_>>(), [Some(Occasion::Reminder)]);
}

#[tokio::test]
async fn r4_8_a_reminder_of_an_end_that_was_put_off_does_not_leave() {
    let house = House::new().await;
    let issued = due(&house, &house.owner(), "ada@example.org").await;
    let id = issued.record.invitation.id;
    assert_eq!(remind(&house).await, 1);
    house.notifier.fail_next(1, DeliveryError::Transient(Reason::Unreachable));
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().retried, 1);
    let extended = house.service.extend(&house.owner(), id, 3 * DAY, None).await.unwrap();
    // Nobody looked until the new end is near: two would leave.
    house.scene.clock.set(extended.invitation.expires_at - Duration::days(2));
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().cancelled, 1);
    assert_eq!((remind(&house).await, delivered(&house).await.len()), (1, 1));

    let bob = due(&house, &house.owner(), "bob@example.org").await.record.invitation.id;
    assert_eq!(remind(&house).await, 1);
    house.service.extend(&house.owner(), bob, 9 * DAY, None).await.unwrap();
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().cancelled, 1);
}

#[tokio::test]
async fn r4_8_what_never_left_is_not_reminded_of() {
    let house = House::new().await;
    let issued = issue(&house, &house.owner(), "ada@example.org").await;
    house.scene.clock.set(issued.record.invitation.expires_at - Duration::days(2));
    assert_eq!(remind(&house).await, 0, "it is still queued");
    house.notifier.fail_next(1, DeliveryError::Transient(Reason::Unreachable));
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().retried, 1);
    assert_eq!(remind(&house).await, 0, "and again");
    house.scene.pass(Duration::hours(1));
    assert_eq!((house.dispatcher.run_once(10).await.unwrap().sent, remind(&house).await), (1, 1), "not lost");
    assert_eq!(reminded(&house).await, 1);

    let issued = issue(&house, &house.owner(), "bob@example.org").await;
    house.dispatcher.run_once(1).await.unwrap();
    house.notifier.fail_next(1, DeliveryError::Permanent(Reason::SmtpRefused));
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().failed, 1);
    house.scene.clock.set(issued.record.invitation.expires_at - Duration::days(2));
    assert_eq!((remind(&house).await, remind(&house).await), (1, 0), "looked at once");
    assert_eq!(reminded(&house).await, 1);
}

#[tokio::test]
async fn r4_8_an_ending_cancels_a_reminder_and_a_new_generation_is_reminded_of_anew() {
    let house = House::new().await;
    let issued = due(&house, &house.owner(), "ada@example.org").await;
    let id = issued.record.invitation.id;
    assert_eq!(remind(&house).await, 1);
    let week = Resend { expires_in: Some(7 * DAY), ..Resend::default() };
    house.service.resend(&house.owner(), id, week, None).await.unwrap();
    let sent = delivered(&house).await;
    assert_eq!(sent.iter().map(occasion).collect::<Vec<_>>(), [Some(Occasion::Renewed)], "no reminder of the old link");
    house.scene.pass(Duration::days(5));
    assert_eq!(remind(&house).await, 1);
    house.service.revoke(&house.owner(), id, Revoke::default()).await.unwrap();
    assert!(delivered(&house).await.is_empty());
    assert_eq!(reminded(&house).await, 2);
}

#[tokio::test]
async fn r4_8_nobody_is_reminded_who_blocked_or_whose_inviter_left_or_beyond_the_messages_there_may_be() {
    let house = House::new().await;
    due(&house, &house.owner(), "ada@example.org").await;
    let ada = Recipient::Email(house.scene.address("ada@example.org")).live_key();
    let block = AdministrationChange::Block(house.scene.organization.id, ada, house.scene.now());
    house.scene.administer(block).await;
    assert_eq!((remind(&house).await, remind(&house).await), (1, 0), "looked at once");
    assert_eq!((reminded(&house).await, delivered(&house).await.len()), (0, 0));

    due(&house, &house.admin(), "bob@example.org").await;
    let admin = house.scene.admin.membership.clone();
    house.scene.apply(house.scene.plan_remove(&admin)).await;
    assert_eq!((remind(&house).await, remind(&house).await), (1, 0));
    assert_eq!((reminded(&house).await, delivered(&house).await.len()), (0, 0));

    due(&house, &house.owner(), "eve@example.org").await;
    let one = Bounds { messages: vec![Budget { limit: 1, window: Duration::days(30) }], ..Bounds::default() };
    assert_eq!(house.dispatcher.remind(&one, 10).await.unwrap(), 1);
    assert_eq!((reminded(&house).await, delivered(&house).await.len()), (0, 0));
}

#[tokio::test]
async fn r4_8_an_invitation_that_expired_is_not_reminded_of_and_a_late_reminder_is_no_harm() {
    let house = House::new().await;
    let (ada, bob) = (issue(&house, &house.owner(), "ada@example.org").await, "bob@example.org");
    house.scene.clock.set(ada.record.invitation.expires_at);
    assert_eq!(remind(&house).await, 0);
    let late = due(&house, &house.owner(), bob).await;
    house.scene.clock.set(late.record.invitation.expires_at - Duration::microseconds(1));
    assert_eq!(remind(&house).await, 1);
    house.scene.pass(Duration::microseconds(1));
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().cancelled, 1, "written in time, and not sent too late");
}

#[tokio::test]
async fn r4_4_a_reminder_counts_among_the_messages_of_its_invitation() {
    let house = House::new().await;
    let issued = due(&house, &house.owner(), "ada@example.org").await;
    assert_eq!(remind(&house).await, 1);
    for _ in 0..4 {
        house.service.resend(&house.owner(), issued.record.invitation.id, Resend::default(), None).await.unwrap();
    }
    let sixth = house.service.resend(&house.owner(), issued.record.invitation.id, Resend::default(), None).await;
    assert!(matches!(rejection(sixth), Rejection::TooManyMessages { .. }));
}

#[tokio::test]
async fn a_reminder_that_cannot_be_delivered_is_told_as_one() {
    let house = House::new().await;
    let issued = due(&house, &house.owner(), "ada@example.org").await;
    assert_eq!(remind(&house).await, 1);
    house.notifier.fail_next(1, DeliveryError::Permanent(Reason::SmtpRefused));
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().failed, 1);
    assert!(events(&house).await.contains(&EventKind::InvitationDeliveryFailed));
    let page = invite_domain::page::PageRequest::first(9);
    let letters = house.store.dead_letters(house.scene.organization.id, &page).await.unwrap().items;
    assert_eq!(letters.iter().map(|letter| letter.invitation_id).collect::<Vec<_>>(), [issued.record.invitation.id]);
}

#[tokio::test]
async fn the_inviter_is_told_of_an_acceptance_and_nobody_else() {
    let house = House::new().await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    house.dispatcher.run_once(10).await.unwrap();
    let token = house.mailed_token("ada@example.org").await;
    house.redeem(&token, Some("a good sentence")).await.unwrap();
    let sent = delivered(&house).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].to.email(), house.scene.owner.account.email.as_ref());
    assert_eq!(sent[0].locales, [Some("fr".to_owned()), house.scene.organization.locale.clone()]);
    assert!(sent[0].token.expose().is_empty());
    match &sent[0].content {
        DeliveredContent::Accepted { invitation_id, recipient, member_name } => {
            assert_eq!((*invitation_id, recipient.as_str()), (issued.record.invitation.id, "ada@example.org"));
            assert!(member_name.is_some());
        }
        other => panic!("it tells something else: {other:?}"),
    }
}

#[tokio::test]
async fn an_inviter_who_left_or_who_accepts_himself_or_is_a_program_is_not_told() {
    let house = House::new().await.opened().await;
    let key = house.caller(Principal::ApiKey(house.scene.api_key.id));
    house.issue(&key, "ada@example.org").await;
    house.dispatcher.run_once(10).await.unwrap();
    let token = house.mailed_token("ada@example.org").await;
    house.redeem(&token, Some("a good sentence")).await.unwrap();
    assert!(delivered(&house).await.is_empty(), "a program reads the trail");

    house.issue(&house.owner(), "bob@example.org").await;
    house.dispatcher.run_once(10).await.unwrap();
    let token = house.mailed_token("bob@example.org").await;
    house.redeem(&token, Some("a good sentence")).await.unwrap();
    let owner = &house.scene.owner.membership;
    let off = invite_domain::directory::Membership { active: false, ..owner.clone() };
    house.scene.apply(house.scene.plan_member(owner, off)).await;
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().cancelled, 1, "switched off before it left");
}

#[tokio::test]
async fn r6_4_members_who_may_sponsor_are_told_of_a_suspension_once_and_while_it_lasts() {
    let house = House::new().await;
    let issued = house.issue(&house.admin(), "ada@example.org").await;
    let other = house.issue(&house.admin(), "bob@example.org").await;
    house.dispatcher.run_once(10).await.unwrap();
    let admin = house.scene.admin.membership.clone();
    house.scene.apply(house.scene.plan_remove(&admin)).await;
    assert_eq!(house.dispatcher.note_lapses(10).await.unwrap(), 2);
    assert_eq!(house.dispatcher.note_lapses(10).await.unwrap(), 0);
    // One of them is taken over before anybody is told.
    house.service.sponsor(&house.owner(), other.record.invitation.id, None).await.unwrap();
    let sent = delivered(&house).await;
    let told: Vec<_> = sent.iter().filter(|sent| matches!(sent.content, DeliveredContent::Suspended { .. })).collect();
    assert_eq!(told.len(), 1, "{sent:?}");
    assert_eq!(told[0].to.email(), house.scene.owner.account.email.as_ref(), "a member may not, the owner may");
    match &told[0].content {
        DeliveredContent::Suspended { invitation_id, .. } => assert_eq!(*invitation_id, issued.record.invitation.id),
        other => panic!("it tells something else: {other:?}"),
    }
    let record = house.service.get(&house.owner(), issued.record.invitation.id).await.unwrap();
    assert_eq!(record.status(house.scene.now()), Status::Suspended);
}

#[tokio::test]
async fn r6_4_an_owner_who_came_after_a_hundred_others_is_told_of_a_suspension() {
    let house = House::new().await;
    // The inviter alone among the old ones covers what it grants.
    let chief = house.scene.owner.membership.clone();
    house.issue(&house.owner(), "ada@example.org").await;
    house.dispatcher.run_once(10).await.unwrap();
    let role = house.scene.role("Paten", &["invitations.sponsor"]);
    house.scene.administer(AdministrationChange::InsertRole(Box::new(role.clone()))).await;
    for i in 0..110 {
        house.scene.join(&format!("paten{i}"), &role).await;
    }
    house.scene.pass(Duration::seconds(1));
    let late = house.scene.join("late", &house.scene.roles.owner).await;
    let admin = house.scene.admin.membership.clone();
    house.scene.apply(house.scene.plan_remove(&admin)).await;
    house.scene.apply(house.scene.plan_remove(&chief)).await;
    assert_eq!(house.dispatcher.note_lapses(10).await.unwrap(), 1);
    let sent = delivered(&house).await;
    assert_eq!(sent.iter().map(|sent| sent.to.email()).collect::<Vec<_>>(), [late.account.email.as_ref()]);
}

#[tokio::test]
async fn r6_4_at_most_ten_are_told_of_a_suspension_who_came_first() {
    let house = House::new().await;
    house.issue(&house.admin(), "ada@example.org").await;
    house.dispatcher.run_once(10).await.unwrap();
    let mut first = vec![house.scene.owner.account.id];
    for i in 0..12 {
        house.scene.pass(Duration::seconds(1));
        let joined = house.scene.join(&format!("admin{i}"), &house.scene.roles.admin).await;
        first.push(joined.account.id);
    }
    let admin = house.scene.admin.membership.clone();
    house.scene.apply(house.scene.plan_remove(&admin)).await;
    assert_eq!(house.dispatcher.note_lapses(10).await.unwrap(), 1);
    let lease = invite_domain::port::Lease { token: uuid::Uuid::nil(), lasts: Duration::zero() };
    let queued =
        house.store.claim(&[invite_domain::invitation::Channel::Email], &lease, 99, house.scene.now()).await.unwrap();
    let mut told: Vec<_> = queued
        .into_iter()
        .filter_map(|message| match message.kind {
            MessageKind::Notice { about: NoticeKind::Suspended, account_id, .. } => Some(account_id),
            _ => None,
        })
        .collect();
    told.sort_unstable();
    let mut expected = first[..10].to_vec();
    expected.sort_unstable();
    assert_eq!(told, expected);
}

/// Who is told of a suspension by what waits in the outbox.
async fn told_of_suspensions(house: &House) -> Vec<invite_domain::id::AccountId> {
    let lease = invite_domain::port::Lease { token: uuid::Uuid::nil(), lasts: Duration::zero() };
    let channels = [invite_domain::invitation::Channel::Email];
    let queued = house.store.claim(&channels, &lease, 999, house.scene.now()).await.unwrap();
    let mut told: Vec<_> = queued.iter().filter_map(|message| message.kind.told_of_suspension()).collect();
    told.sort_unstable();
    told
}

#[tokio::test]
async fn r6_4_members_are_told_of_a_suspension_also_where_another_invitation_has_expired() {
    let house = House::new().await;
    let short = Issue { expires_in: Some(3_600), ..house.invite("ada@example.org", &house.scene.roles.member) };
    house.service.issue(&house.owner(), short, None).await.unwrap();
    house.issue(&house.admin(), "bob@example.org").await;
    let admin = house.scene.admin.membership.clone();
    house.scene.apply(house.scene.plan_remove(&admin)).await;
    house.scene.pass(Duration::hours(1));
    // The one that expires first comes first, and of that nobody is told.
    assert_eq!(house.dispatcher.note_lapses(10).await.unwrap(), 2);
    assert_eq!(told_of_suspensions(&house).await, [house.scene.owner.account.id]);
}

#[tokio::test]
async fn r6_4_each_is_told_once_a_day_however_many_are_suspended() {
    let house = House::new().await;
    for i in 0..50 {
        house.issue(&house.admin(), &format!("a{i}@example.org")).await;
    }
    let eva = house.scene.join("eva", &house.scene.roles.admin).await;
    let finn = house.scene.join("finn", &house.scene.roles.admin).await;
    let (eva_place, finn_place) = (eva.membership.clone(), finn.membership.clone());
    let mut everyone = vec![house.scene.owner.account.id, eva.account.id, finn.account.id];
    everyone.sort_unstable();
    let admin = house.scene.admin.membership.clone();
    house.scene.apply(house.scene.plan_remove(&admin)).await;
    let all = async || {
        let mut noted = 0;
        loop {
            match house.dispatcher.note_lapses(20).await.unwrap() {
                0 => break noted,
                some => noted += some,
            }
        }
    };
    assert_eq!((all().await, told_of_suspensions(&house).await), (50, everyone));
    assert_eq!(house.dispatcher.run_once(100).await.unwrap().sent, 3, "the invitations are not sent");
    // Another inviter is told of at once only to who was told of nothing for a day.
    let eva = house.caller(Principal::Person(eva.account.id));
    house.issue(&eva, "bob@example.org").await;
    house.dispatcher.run_once(10).await.unwrap();
    house.scene.apply(house.scene.plan_remove(&eva_place)).await;
    assert_eq!(all().await, 1);
    assert!(told_of_suspensions(&house).await.is_empty(), "the list shows it");
    house.scene.pass(invite_domain::invitation::lapse::QUIET);
    all().await;
    let finn = house.caller(Principal::Person(finn.account.id));
    house.issue(&finn, "dora@example.org").await;
    house.dispatcher.run_once(10).await.unwrap();
    house.scene.apply(house.scene.plan_remove(&finn_place)).await;
    assert_eq!(all().await, 1);
    assert_eq!(told_of_suspensions(&house).await, [house.scene.owner.account.id]);
}
