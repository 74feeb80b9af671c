use super::*;
use chrono::{Duration, TimeZone as _};
use invite_domain::{
    invitation::{Invitation, Reason, Status},
    port::{DeliveryError, WeekFigures},
    service::{Revoke, StatisticsService},
    time::Timestamp,
};

fn statistics(house: &House) -> StatisticsService {
    StatisticsService::new(Arc::new(house.store.clone()), house.service.clone())
}

#[tokio::test]
async fn the_dashboard_follows_what_happens() {
    let house = House::new().await;
    let begin = house.scene.now();
    let weeks = |zone: &str, now: Timestamp| {
        assert_eq!((zone, now >= begin), ("Europe/Zurich", true), "the organisation's own zone");
        vec![begin - Duration::days(7), begin, begin + Duration::days(7)]
    };
    let empty = statistics(&house).dashboard(&house.owner(), weeks).await.unwrap();
    assert_eq!(empty.statuses.values().sum::<u64>(), 0);
    assert_eq!(empty.statuses.len(), Status::ALL.len(), "none is left out");
    assert_eq!((empty.median_wait, empty.expiring, empty.failed_deliveries), (None, 0, 0));

    let ada = house.issue(&house.owner(), "ada@example.org").await;
    let bob = house.issue(&house.owner(), "bob@example.org").await;
    house.issue(&house.owner(), "eve@example.org").await;
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().sent, 3);
    house.scene.pass(Duration::hours(2));
    let link = house.notifier.last_to(&house.scene.address("ada@example.org")).unwrap();
    house.redeem(link.token.expose(), Some("a good long password")).await.unwrap();
    house.service.revoke(&house.owner(), bob.record.invitation.id, Revoke::default()).await.unwrap();
    // The inviter hears of the acceptance: no link, and not counted.
    house.dispatcher.run_once(10).await.unwrap();
    house.issue(&house.owner(), "fay@example.org").await;
    house.notifier.fail_next(1, DeliveryError::Permanent(Reason::SmtpRefused));
    house.dispatcher.run_once(10).await.unwrap();

    let found = statistics(&house).dashboard(&house.owner(), weeks).await.unwrap();
    assert_eq!(found.time_zone, "Europe/Zurich");
    assert_eq!(
        found.weeks.iter().map(|week| (week.starts_at, week.ends_at)).collect::<Vec<_>>(),
        [(begin - Duration::days(7), begin), (begin, begin + Duration::days(7)),]
    );
    assert_eq!(found.weeks[0].figures, WeekFigures::default());
    let running = found.weeks[1].figures;
    assert_eq!(running, WeekFigures { issued: 4, sent: 3, accepted: 1, declined: 0, expired: 0 });
    assert_eq!((found.statuses[&Status::Pending], found.statuses[&Status::Redeemed]), (2, 1));
    assert_eq!((found.median_wait, found.failed_deliveries), (Some(Duration::hours(2)), 1));
    assert_eq!(ada.record.invitation.created_at, begin);
}

#[tokio::test]
async fn what_expires_first_is_named_first_and_only_ten_of_it() {
    let house = House::new().await;
    let now = house.scene.now();
    let weeks = |_: &str, _: Timestamp| vec![now - Duration::days(1), now + Duration::days(1)];
    for days in (1..=8).rev() {
        let expires_at = now + Duration::days(days);
        let address = format!("person{days}");
        house.scene.issue_this(Invitation { expires_at, ..house.scene.invitation(&address) }).await;
    }
    let found = statistics(&house).dashboard(&house.owner(), weeks).await.unwrap();
    let ends = found.expiring_first.iter().map(|record| record.invitation.expires_at);
    let expected: Vec<_> = (1..=6).map(|days| now + Duration::days(days)).collect();
    assert_eq!(ends.collect::<Vec<_>>(), expected, "the seven days end before the seventh does");
    assert_eq!(found.expiring, 6);
    for i in 0..6 {
        let expires_at = now + Duration::hours(i + 1);
        let address = format!("soon{i}");
        house.scene.issue_this(Invitation { expires_at, ..house.scene.invitation(&address) }).await;
    }
    let found = statistics(&house).dashboard(&house.owner(), weeks).await.unwrap();
    assert_eq!((found.expiring, found.expiring_first.len()), (12, 10));
    assert_eq!(found.expiring_first[0].invitation.expires_at, now + Duration::hours(1));
}

#[tokio::test]
async fn statistics_are_for_those_who_may_see_invitations() {
    let house = House::new().await;
    let weeks = |_: &str, now: Timestamp| vec![now, now + Duration::days(7)];
    let guest = house.scene.join("gus", &house.scene.roles.guest).await;
    let refused = statistics(&house).dashboard(&house.caller(guest.principal()), weeks).await;
    let Err(ServiceError::Rejected(Rejection::Forbidden { permission })) = refused else { panic!("{refused:?}") };
    assert_eq!(permission, "invitations.read");
    assert!(statistics(&house).dashboard(&house.caller(house.scene.member.principal()), weeks).await.is_ok());
    let at = chrono::Utc.timestamp_opt(0, 0).unwrap();
    let disordered = statistics(&house).dashboard(&house.owner(), |_, _| vec![at, at]).await;
    assert!(matches!(disordered, Err(ServiceError::Port(_))), "{disordered:?}");
}
