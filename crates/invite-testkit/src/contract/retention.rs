//! What has ended goes, and nothing else.

use super::{Subject, at_once};
use crate::Scene;
use chrono::Duration;
use invite_domain::{
    directory::{AccountToken, Session},
    id::{InvitationId, MessageId},
    invitation::{
        AdministrationChange, Budget, Channel, Cutoffs, DirectoryChange, Invitation, MessageKind, OutboxMessage, Plan,
    },
    page::PageRequest,
    port::{
        EventFilter, IdempotencyRef, InvitationFilter, InvitationQuery, IssueQuery, Lease, OrganizationRef, Purged,
        Settlement, Spending,
    },
    secret::{account_token::AccountPurpose, token::Nonce},
    time::Timestamp,
};
use uuid::Uuid;

/// Every case of the part. A case that does not stand here is dead code, which the compiler reports.
#[doc(hidden)]
#[macro_export]
macro_rules! __retention_cases {
    ($then:ident $part:ident $args:tt) => {
        $crate::$then! { $part $args
            an_ended_invitation_goes_at_its_cutoff_and_not_before
            an_invitation_that_was_sent_again_stays
            an_invitation_takes_its_redemptions_and_messages_and_nothing_else
            a_settled_message_goes_unless_it_is_the_latest
            a_message_overtaken_later_goes_within_a_day
            reminders_and_notices_go_when_settled_and_the_invitation_stays
            an_answer_goes_when_it_no_longer_counts
            a_session_goes_when_it_ended_or_was_long_idle
            an_account_link_goes_when_it_expired_or_was_used
            a_counter_goes_when_its_window_is_over
            an_event_goes_by_its_own_age
            a_purge_deletes_up_to_its_limit_and_says_that_there_is_more
            purges_at_the_same_time_delete_every_row_once
            an_organization_deleted_long_ago_goes_with_everything_of_its_own
        }
    };
}

/// Cutoffs that nothing of a scene reaches.
fn nothing() -> Cutoffs {
    Cutoffs::at(Timestamp::UNIX_EPOCH)
}

fn a_moment() -> Duration {
    Duration::microseconds(1)
}

async fn purge(subject: &Subject, cutoffs: Cutoffs) -> Purged {
    subject.retention().purge(&cutoffs, 100).await.unwrap()
}

fn invitations_ended(before: Timestamp) -> Cutoffs {
    Cutoffs { invitations_ended_before: before, ..nothing() }
}

fn messages_settled(before: Timestamp) -> Cutoffs {
    Cutoffs { messages_settled_before: before, ..nothing() }
}

/// When the messages there are of an invitation were made.
async fn messages_of(subject: &Subject, scene: &Scene, invitation: InvitationId) -> Vec<Timestamp> {
    let query = InvitationQuery { messages_since: Timestamp::UNIX_EPOCH, ..scene.invitation_query(invitation) };
    let mut times = subject.invitations.load_invitation(&query).await.unwrap().unwrap().messages;
    times.sort_unstable();
    times
}

/// Sends what is due.
async fn send_all(subject: &Subject, now: Timestamp) -> Vec<OutboxMessage> {
    let lease = Lease { token: Uuid::from_u128(1), lasts: Duration::minutes(1) };
    let claimed = subject.outbox.claim(&[Channel::Email], &lease, 100, now).await.unwrap();
    for message in &claimed {
        assert!(subject.outbox.settle(message.id, &lease, Settlement::Sent, None, now).await.unwrap());
    }
    claimed
}

pub(super) async fn an_ended_invitation_goes_at_its_cutoff_and_not_before(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (redeemed, declined) = (scene.issue("redeemed").await, scene.issue("declined").await);
    let (revoked, expired) = (scene.issue("revoked").await, scene.issue("expired").await);
    // It expires when the others end.
    let ended = scene.pass(expired.expires_at - scene.now());
    let open = scene.issue("open").await;
    scene.apply(scene.plan_redeem(&redeemed, &scene.account("redeemed"))).await;
    scene.apply(scene.plan_decline(&declined, false)).await;
    scene.apply(scene.plan_revoke(&revoked)).await;

    assert_eq!(purge(&subject, invitations_ended(ended - a_moment())).await, Purged::default());
    for invitation in [&redeemed, &declined, &revoked, &expired] {
        assert!(scene.record(invitation.id).await.is_some(), "a moment before");
    }
    assert_eq!(purge(&subject, invitations_ended(ended)).await.invitations, 4);
    for invitation in [&redeemed, &declined, &revoked, &expired] {
        assert!(scene.record(invitation.id).await.is_none(), "at its cutoff");
    }
    assert!(scene.record(open.id).await.is_some(), "one that can be redeemed");
    assert_eq!(purge(&subject, invitations_ended(open.expires_at)).await.invitations, 1, "it ends too");
}

pub(super) async fn an_invitation_that_was_sent_again_stays(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    scene.pass(Duration::days(400));
    scene.apply(scene.plan_resend(&invitation)).await;
    assert_eq!(purge(&subject, invitations_ended(invitation.expires_at)).await, Purged::default());
    assert_eq!(scene.record(invitation.id).await.unwrap().invitation.generation, 2);
}

pub(super) async fn an_invitation_takes_its_redemptions_and_messages_and_nothing_else(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (invitation, account) = (scene.issue("ana").await, scene.account("ana"));
    let waiting = scene.issue("waiting").await;
    scene.apply(scene.plan_redeem(&invitation, &account)).await;
    let trail = |invitation: &Invitation| EventFilter { invitation_id: Some(invitation.id), ..EventFilter::default() };
    let (organization, page) = (scene.organization.id, PageRequest::first(50));
    let before = subject.invitations.events(organization, &trail(&invitation), &page).await.unwrap().items;
    assert_eq!(before.len(), 3, "issued, redeemed, joined");

    let purged = purge(&subject, invitations_ended(waiting.expires_at)).await;
    assert_eq!(purged, Purged { invitations: 2, ..Purged::default() });
    assert!(
        subject
            .invitations
            .list(organization, &InvitationFilter::default(), &page, scene.now())
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert_eq!(subject.outbox.next_due(&[Channel::Email]).await.unwrap(), None, "no message waits");
    let after = subject.invitations.events(organization, &trail(&invitation), &page).await.unwrap().items;
    assert_eq!(after, before, "the trail stays whole");
    let joined = subject.directory().memberships_of(account.id).await.unwrap();
    assert_eq!(joined.len(), 1, "who came by it stays");
    assert_eq!(subject.directory().account(account.id).await.unwrap().unwrap().id, account.id);
    // Nothing is left of them: the same rows can come again.
    scene.issue_this(invitation).await;
    scene.issue_this(waiting).await;
}

pub(super) async fn a_settled_message_goes_unless_it_is_the_latest(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (invitation, queued) = (scene.issue("ana").await, scene.issue("queued").await);
    let first = scene.now();
    // About an account: no invitation shows it.
    let purpose = AccountPurpose::PasswordReset;
    let kind = MessageKind::Account { account_id: scene.owner.account.id, purpose, counter: 1 };
    let id = MessageId::new(first, &*scene.entropy);
    let message = OutboxMessage::queued(id, None, kind, Channel::Email, first);
    scene.apply(Plan { messages: vec![message], ..Plan::default() }).await;
    assert_eq!(send_all(&subject, first).await.len(), 3);
    let second = scene.pass(Duration::hours(1));
    scene.apply(scene.plan_resend(&invitation)).await;
    scene.apply(scene.plan_resend(&queued)).await;

    assert_eq!(purge(&subject, messages_settled(first - a_moment())).await, Purged::default());
    assert_eq!(messages_of(&subject, &scene, invitation.id).await, [first, second]);
    assert_eq!(purge(&subject, messages_settled(first)).await, Purged { messages: 3, ..Purged::default() });
    assert_eq!(messages_of(&subject, &scene, invitation.id).await, [second]);
    assert_eq!(messages_of(&subject, &scene, queued.id).await, [second]);
    let deliveries = scene.record(queued.id).await.unwrap().deliveries;
    assert_eq!(deliveries.len(), 1, "what is queued has no end");

    assert_eq!(send_all(&subject, second).await.len(), 2);
    for days in 0..5 {
        let purged = purge(&subject, messages_settled(second + Duration::days(days))).await;
        assert_eq!(purged, Purged::default(), "the latest stays");
    }
    assert_eq!(scene.record(invitation.id).await.unwrap().deliveries.len(), 1);
}

pub(super) async fn a_message_overtaken_later_goes_within_a_day(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    let first = scene.now();
    assert_eq!(send_all(&subject, first).await.len(), 1);
    assert_eq!(purge(&subject, messages_settled(first)).await, Purged::default(), "it is the latest");
    let second = scene.pass(Duration::days(31));
    scene.apply(scene.plan_resend(&invitation)).await;
    assert_eq!(purge(&subject, messages_settled(first + Duration::days(1))).await.messages, 1);
    assert_eq!(messages_of(&subject, &scene, invitation.id).await, [second]);
}

pub(super) async fn reminders_and_notices_go_when_settled_and_the_invitation_stays(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    let sent = scene.now();
    scene.pass(Duration::hours(1));
    let messages = vec![scene.reminder(&invitation), scene.notice(&invitation)];
    scene.apply(Plan { messages, ..Plan::default() }).await;
    assert_eq!(send_all(&subject, scene.now()).await.len(), 3);
    assert_eq!(purge(&subject, messages_settled(scene.now())).await, Purged { messages: 2, ..Purged::default() });
    assert_eq!(messages_of(&subject, &scene, invitation.id).await, [sent]);
    assert_eq!(scene.record(invitation.id).await.unwrap().deliveries.len(), 1);
    for days in 1..4 {
        let purged = purge(&subject, messages_settled(scene.now() + Duration::days(days))).await;
        assert_eq!(purged, Purged::default(), "the invitation's own is the latest");
    }
}

pub(super) async fn an_answer_goes_when_it_no_longer_counts(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.invitation("ana");
    let answer = scene.answer("k", invitation.id.as_uuid());
    let plan = Plan { idempotency: Some(answer.clone()), ..scene.plan_issue(&invitation) };
    scene.apply(plan).await;
    let query = IssueQuery {
        organization_id: scene.organization.id,
        principal: scene.owner.principal(),
        live_key: invitation.recipient.live_key(),
        email: None,
        subject_id: None,
        role_id: None,
        idempotency: Some(IdempotencyRef { scope: answer.scope.clone(), key: answer.key.clone() }),
        messages_since: scene.now(),
        accepts_recent: false,
    };
    let replay = async || subject.invitations.load_issue(&query).await.unwrap().unwrap().replay.map(|(found, _)| found);
    let cutoffs = |before| Cutoffs { idempotency_before: before, ..nothing() };
    assert_eq!(purge(&subject, cutoffs(answer.created_at - a_moment())).await, Purged::default());
    assert_eq!(replay().await.as_ref(), Some(&answer));
    let purged = purge(&subject, cutoffs(answer.created_at)).await;
    assert_eq!(purged, Purged { idempotency: 1, ..Purged::default() });
    assert_eq!(replay().await, None);
}

pub(super) async fn a_session_goes_when_it_ended_or_was_long_idle(subject: Subject) {
    let scene = subject.scene("acme").await;
    let now = scene.now();
    let mut sessions = Vec::new();
    for (seen, ends) in [(5, 10), (3, 20), (6, 11), (4, 21)] {
        let (_, session) = Session::begin(scene.owner.account.id, now, &*scene.entropy);
        let (last_seen_at, expires_at) = (now + Duration::days(seen), now + Duration::days(ends));
        sessions.push(Session { last_seen_at, expires_at, ..session });
    }
    let insert = |session: &Session| DirectoryChange::InsertSession(Box::new(session.clone()));
    scene.apply(Plan { directory: sessions.iter().map(insert).collect(), ..Plan::default() }).await;
    let cutoffs = |idle: Duration, ended: Duration| Cutoffs {
        sessions_idle_before: now + idle,
        sessions_before: now + ended,
        ..nothing()
    };
    let early = cutoffs(Duration::days(3) - a_moment(), Duration::days(10) - a_moment());
    assert_eq!(purge(&subject, early).await, Purged::default());
    let purged = purge(&subject, cutoffs(Duration::days(3), Duration::days(10))).await;
    assert_eq!(purged, Purged { sessions: 2, ..Purged::default() });
    for (session, stays) in sessions.iter().zip([false, false, true, true]) {
        assert_eq!(subject.directory().credential(&session.digest).await.unwrap().is_some(), stays);
    }
}

pub(super) async fn an_account_link_goes_when_it_expired_or_was_used(subject: Subject) {
    let scene = subject.scene("acme").await;
    let now = scene.now();
    let ended = now + Duration::hours(1);
    let mut links = Vec::new();
    for (person, expires_at, used_at) in [
        (&scene.owner, ended, None),
        (&scene.admin, ended + Duration::hours(9), Some(ended)),
        (&scene.member, ended + a_moment(), None),
    ] {
        let link = AccountToken {
            account_id: person.account.id,
            purpose: AccountPurpose::PasswordReset,
            counter: 1,
            key_id: scene.ring.active().unwrap(),
            nonce: used_at.is_none().then(|| Nonce::generate(&*scene.entropy)),
            created_at: now,
            expires_at,
            used_at,
            address: None,
        };
        scene.administer(AdministrationChange::PutAccountToken(Box::new(link.clone()))).await;
        links.push(link);
    }
    let cutoffs = |before| Cutoffs { account_links_before: before, ..nothing() };
    assert_eq!(purge(&subject, cutoffs(ended - a_moment())).await, Purged::default());
    assert_eq!(purge(&subject, cutoffs(ended)).await, Purged { account_links: 2, ..Purged::default() });
    for (link, stays) in links.iter().zip([false, false, true]) {
        let found = subject.directory().account_token(link.account_id, link.purpose).await.unwrap();
        assert_eq!(found.is_some(), stays);
    }
}

pub(super) async fn a_counter_goes_when_its_window_is_over(subject: Subject) {
    let (limiter, begin) = (subject.limiter(), Timestamp::from_timestamp(1_800_000_000, 0).unwrap());
    let spending = |key: &str, window| [Spending { key: key.into(), budget: Budget { limit: 1, window } }];
    let (short, long) = (spending("a", Duration::minutes(10)), spending("a", Duration::minutes(20)));
    let renewed = spending("b", Duration::minutes(10));
    let end = begin + Duration::minutes(10);
    for (taken, at) in [(&short, begin), (&long, begin), (&renewed, begin), (&renewed, end)] {
        assert_eq!(limiter.take(taken, at).await.unwrap(), None);
    }
    let cutoffs = |before| Cutoffs { counters_before: before, ..nothing() };
    assert_eq!(purge(&subject, cutoffs(end - a_moment())).await, Purged::default());
    assert!(limiter.take(&short, begin).await.unwrap().is_some(), "while it runs it counts");
    assert_eq!(purge(&subject, cutoffs(end)).await, Purged { counters: 1, ..Purged::default() });
    assert_eq!(limiter.take(&short, begin).await.unwrap(), None, "nothing is counted any more");
    assert!(limiter.take(&long, end).await.unwrap().is_some(), "a longer window of the same key runs on");
    assert!(limiter.take(&renewed, end).await.unwrap().is_some(), "and one that began anew");
}

pub(super) async fn an_event_goes_by_its_own_age(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (organization, page) = (scene.organization.id, PageRequest::first(50));
    let first = scene.now();
    let invitation = scene.issue("ana").await;
    scene.pass(Duration::days(1));
    scene.apply(scene.plan_revoke(&invitation)).await;
    let cutoffs = |before| Cutoffs { events_before: before, ..nothing() };
    assert_eq!(purge(&subject, cutoffs(first - a_moment())).await, Purged::default());
    let before = subject.invitations.events(organization, &EventFilter::default(), &page).await.unwrap().items;
    let purged = purge(&subject, cutoffs(first)).await;
    let after = subject.invitations.events(organization, &EventFilter::default(), &page).await.unwrap().items;
    assert_eq!(purged, Purged { events: 1, ..Purged::default() });
    assert_eq!((before.len(), after.len()), (2, 1));
    assert!(after[0].recorded_at > first && scene.record(invitation.id).await.is_some());
}

pub(super) async fn a_purge_deletes_up_to_its_limit_and_says_that_there_is_more(subject: Subject) {
    let scene = subject.scene("acme").await;
    for index in 0..5 {
        scene.issue(&format!("person{index}")).await;
    }
    let ended = scene.pass(Duration::days(8));
    let mut deleted = Vec::new();
    for _ in 0..3 {
        let purged = subject.retention().purge(&invitations_ended(ended), 2).await.unwrap();
        deleted.push((purged.total(), purged.more));
    }
    assert_eq!(deleted, [(2, true), (2, true), (1, false)]);
}

pub(super) async fn purges_at_the_same_time_delete_every_row_once(subject: Subject) {
    let scene = subject.scene("acme").await;
    for index in 0..20 {
        scene.issue(&format!("person{index}")).await;
    }
    let ended = scene.pass(Duration::days(8));
    let cutoffs = Cutoffs { events_before: ended, ..invitations_ended(ended) };
    let purges = (0..4).map(|_| {
        let retention = subject.retention();
        async move { retention.purge(&cutoffs, 100).await.unwrap().total() }
    });
    assert_eq!(at_once(purges.collect()).await.into_iter().sum::<u64>(), 40, "twenty of each");
}

pub(super) async fn an_organization_deleted_long_ago_goes_with_everything_of_its_own(subject: Subject) {
    let (gone, stays) = (subject.scene("gone").await, subject.scene("stays").await);
    let invitation = gone.issue("ana").await;
    gone.apply(gone.plan_redeem(&invitation, &gone.account("ana"))).await;
    gone.issue("bea").await;
    let kept = stays.issue("ana").await;
    let deleted_at = gone.now();
    let next = crate::fixtures::plans::deleted(&gone.organization, deleted_at);
    gone.apply(gone.plan_organization(gone.organization.authority_epoch, next)).await;

    let cutoffs = |before| Cutoffs { organizations_deleted_before: before, ..nothing() };
    assert_eq!(purge(&subject, cutoffs(deleted_at - a_moment())).await, Purged::default());
    let retention = subject.retention();
    let mut organizations = 0;
    for _ in 0..50 {
        let purged = retention.purge(&cutoffs(deleted_at), 4).await.unwrap();
        organizations += purged.organizations;
        if !purged.more {
            break;
        }
    }
    assert_eq!(organizations, 1, "in as many calls as it takes");
    let directory = subject.directory();
    assert!(directory.deleted_organization(gone.organization.id).await.unwrap().is_none());
    assert!(directory.slug_holder(&gone.organization.slug).await.unwrap().is_none(), "its slug is free");
    let page = PageRequest::first(10);
    let events = subject.invitations.events(gone.organization.id, &EventFilter::default(), &page).await.unwrap();
    assert!(events.items.is_empty());
    for person in [&gone.owner, &gone.member] {
        assert!(directory.account(person.account.id).await.unwrap().is_some(), "people stay");
    }
    assert!(stays.record(kept.id).await.is_some());
    assert!(directory.organization(&OrganizationRef::Id(stays.organization.id)).await.unwrap().is_some());
    assert_eq!(purge(&subject, cutoffs(deleted_at)).await, Purged::default());
}
