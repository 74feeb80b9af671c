//! What a list holds.

use crate::{Scene, contract::Subject};
use chrono::Duration;
use invite_domain::{
    access::{Grant, Inviter, InviterKind},
    id::{InvitationId, SubjectId},
    invitation::{
        AdministrationChange, Channel, DeliveryState, Invitation, Plan, Reason, Recipient, RecipientKind,
        SubjectRecipient,
    },
    page::PageRequest,
    port::{InvitationFilter, InvitationRecord, Lease, Settlement},
};
use uuid::Uuid;

/// The whole list under a filter.
pub(super) async fn listed(scene: &Scene, filter: &InvitationFilter) -> Vec<InvitationRecord> {
    let page = PageRequest::first(200);
    scene.store.list(scene.organization.id, filter, &page, scene.now()).await.unwrap().items
}

/// The ids of the list under a filter, sorted.
pub(super) async fn ids(scene: &Scene, filter: &InvitationFilter) -> Vec<InvitationId> {
    sorted(listed(scene, filter).await.iter().map(|record| record.invitation.id))
}

pub(super) fn sorted(ids: impl IntoIterator<Item = InvitationId>) -> Vec<InvitationId> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_unstable();
    ids
}

pub(in crate::contract) async fn the_list_shows_a_record_as_a_load_does(subject: Subject) {
    let scene = subject.scene("acme").await;
    let open = scene.issue("ana").await;
    let redeemed = scene.issue("bob").await;
    scene.apply(scene.plan_redeem(&redeemed, &scene.account("bob"))).await;
    let records = listed(&scene, &InvitationFilter::default()).await;
    assert_eq!(records.len(), 2);
    for record in records {
        assert!([open.id, redeemed.id].contains(&record.invitation.id));
        assert_eq!(scene.record(record.invitation.id).await.as_ref(), Some(&record));
    }
}

pub(in crate::contract) async fn the_list_holds_no_row_of_another_organization(subject: Subject) {
    let (ours, theirs) = (subject.scene("ours").await, subject.scene("theirs").await);
    let mine = ours.issue("ana").await;
    theirs.issue("bob").await;
    let query = Some("example.org".to_owned());
    for filter in [InvitationFilter::default(), InvitationFilter { query, ..InvitationFilter::default() }] {
        assert_eq!(ids(&ours, &filter).await, [mine.id]);
    }
    let foreign = InvitationFilter { role_id: Some(theirs.roles.member.id), ..InvitationFilter::default() };
    assert!(ids(&ours, &foreign).await.is_empty());
    let foreign =
        InvitationFilter { inviter_id: Some(theirs.owner.membership.id.as_uuid()), ..InvitationFilter::default() };
    assert!(ids(&ours, &foreign).await.is_empty());
}

pub(in crate::contract) async fn the_list_filters_by_role_inviter_and_batch(subject: Subject) {
    let scene = subject.scene("acme").await;
    let by_owner = scene.issue("ana").await;
    let mut other = scene.invitation("bob");
    other.inviter = Inviter { kind: InviterKind::ApiKey, id: scene.api_key.id.as_uuid() };
    other.grant.role_id = Some(scene.roles.guest.id);
    other.batch_id = by_owner.batch_id;
    let by_key = scene.issue_this(other).await;
    let mut bare = scene.invitation("carl");
    (bare.grant, bare.batch_id) = (Grant::default(), None);
    let bare = scene.issue_this(bare).await;

    let all = InvitationFilter::default;
    assert_eq!(ids(&scene, &all()).await, sorted([by_owner.id, by_key.id, bare.id]));
    let role = InvitationFilter { role_id: by_owner.grant.role_id, ..all() };
    assert_eq!(ids(&scene, &role).await, [by_owner.id]);
    let inviter = InvitationFilter { inviter_id: Some(by_key.inviter.id), ..all() };
    assert_eq!(ids(&scene, &inviter).await, [by_key.id]);
    let batch = InvitationFilter { batch_id: by_owner.batch_id, ..all() };
    assert_eq!(ids(&scene, &batch).await, sorted([by_owner.id, by_key.id]));
    let both = InvitationFilter { inviter_id: Some(by_owner.inviter.id), batch_id: by_owner.batch_id, ..all() };
    assert_eq!(ids(&scene, &both).await, [by_owner.id], "filters narrow each other");
}

pub(in crate::contract) async fn the_list_filters_by_the_kind_of_recipient(subject: Subject) {
    let scene = subject.scene("acme").await;
    let by_email = scene.issue("ana").await;
    let to_phone = scene.invitation_to(Recipient::Phone(scene.phone("+41 79 555 01 01")));
    let to_phone = scene.issue_this(to_phone).await;
    let record = SubjectRecipient {
        id: SubjectId::new(scene.now(), &*scene.entropy),
        email: Some(scene.address("Zoë@example.net")),
        phone: Some(scene.phone("+41 79 555 01 01")),
    };
    let to_record = scene.issue_this(scene.invitation_to(Recipient::Subject(record.clone()))).await;
    let all = InvitationFilter::default;
    for (kind, id) in [
        (RecipientKind::Email, by_email.id),
        (RecipientKind::Phone, to_phone.id),
        (RecipientKind::Subject, to_record.id),
    ] {
        let filter = InvitationFilter { recipient_kind: Some(kind), ..all() };
        assert_eq!(ids(&scene, &filter).await, [id], "{kind:?}");
        let none = InvitationFilter { query: Some("nobody".into()), ..filter };
        assert!(ids(&scene, &none).await.is_empty(), "filters narrow each other");
    }
    assert_eq!(ids(&scene, &all()).await, sorted([by_email.id, to_phone.id, to_record.id]));
    for invitation in [&to_phone, &to_record] {
        let records = listed(&scene, &all()).await;
        let record = records.iter().find(|record| record.invitation.id == invitation.id);
        assert_eq!(record.map(|record| &record.invitation), Some(invitation));
    }
    assert_eq!(found(&scene, "zoë@EXAMPLE.net").await, [to_record.id], "the address a record had");
    assert!(found(&scene, &record.id.to_string()).await.is_empty(), "an id is no address");
}

pub(in crate::contract) async fn a_record_shows_a_delivery_a_channel(subject: Subject) {
    let scene = subject.scene("acme").await;
    let recipient = Recipient::Subject(SubjectRecipient {
        id: SubjectId::new(scene.now(), &*scene.entropy),
        email: Some(scene.address("ana")),
        phone: Some(scene.phone("+41 79 555 01 01")),
    });
    let invitation = scene.issue_this(scene.invitation_to(recipient)).await;
    let other = scene.issue("bob").await;
    let lease = Lease { token: Uuid::from_u128(1), lasts: Duration::minutes(1) };
    let claimed = subject.outbox.claim(&[Channel::Sms], &lease, 100, scene.now()).await.unwrap();
    assert_eq!(claimed.len(), 1);
    let failed = Settlement::Failed(Reason::SmsRefused);
    assert!(subject.outbox.settle(claimed[0].id, &lease, failed, None, scene.now()).await.unwrap());
    let mut deliveries = scene.record(invitation.id).await.unwrap().deliveries;
    deliveries.sort_by_key(|delivery| delivery.channel);
    let shown: Vec<_> = deliveries.iter().map(|delivery| (delivery.channel, delivery.state, delivery.reason)).collect();
    let expected = [
        (Channel::Email, DeliveryState::Queued, None),
        (Channel::Sms, DeliveryState::Failed, Some(Reason::SmsRefused)),
    ];
    assert_eq!(shown, expected);
    for (state, expected) in
        [(DeliveryState::Failed, vec![invitation.id]), (DeliveryState::Queued, vec![invitation.id, other.id])]
    {
        let filter = InvitationFilter { delivery: Some(state), ..InvitationFilter::default() };
        assert_eq!(ids(&scene, &filter).await, sorted(expected), "of any channel: {}", state.name());
    }
}

/// Claims every message that is due and settles each.
async fn settle_all(subject: &Subject, scene: &Scene, settlement: Settlement) {
    let lease = Lease { token: Uuid::from_u128(1), lasts: Duration::minutes(1) };
    for message in subject.outbox.claim(&[Channel::Email], &lease, 100, scene.now()).await.unwrap() {
        assert!(subject.outbox.settle(message.id, &lease, settlement, None, scene.now()).await.unwrap());
    }
}

pub(in crate::contract) async fn the_list_filters_by_the_latest_delivery(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (sent, resent) = (scene.issue("sent").await, scene.issue("resent").await);
    settle_all(&subject, &scene, Settlement::Sent).await;
    scene.pass(Duration::minutes(1));
    let failed = scene.issue("failed").await;
    settle_all(&subject, &scene, Settlement::Failed(Reason::SmtpRefused)).await;
    scene.apply(scene.plan_resend(&resent)).await;
    let blocked = scene.invitation("blocked");
    let mut plan = scene.plan_issue(&blocked);
    plan.messages = plan.messages.into_iter().map(|message| message.cancelled(Reason::RecipientBlocked)).collect();
    scene.apply(plan).await;
    let unsent = scene.invitation("unsent");
    scene.apply(Plan { messages: vec![], ..scene.plan_issue(&unsent) }).await;

    let expected = [
        (DeliveryState::Sent, sent.id),
        (DeliveryState::Failed, failed.id),
        (DeliveryState::Queued, resent.id),
        (DeliveryState::Cancelled, blocked.id),
    ];
    for (state, id) in expected {
        let filter = InvitationFilter { delivery: Some(state), ..InvitationFilter::default() };
        assert_eq!(ids(&scene, &filter).await, [id], "{}", state.name());
    }
    assert!(scene.record(unsent.id).await.unwrap().deliveries.is_empty());
}

pub(in crate::contract) async fn deliveries_show_the_latest_message_of_a_channel(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    let made = scene.now();
    let delivery = async || {
        let deliveries = scene.record(invitation.id).await.unwrap().deliveries;
        assert_eq!(deliveries.len(), 1, "one channel, one delivery");
        deliveries.into_iter().next().unwrap()
    };
    let first = delivery().await;
    assert_eq!((first.channel, first.state, first.reason), (Channel::Email, DeliveryState::Queued, None));
    assert_eq!((first.at, first.attempts, first.next_attempt_at), (made, 0, Some(made)));

    let settled = scene.pass(Duration::minutes(1));
    let at = settled + Duration::minutes(2);
    settle_all(&subject, &scene, Settlement::Retry { at, reason: Reason::SmtpDeferred }).await;
    let retried = delivery().await;
    assert_eq!((retried.state, retried.reason), (DeliveryState::Queued, Some(Reason::SmtpDeferred)));
    assert_eq!((retried.attempts, retried.next_attempt_at), (1, Some(at)));

    let now = scene.pass(Duration::minutes(5));
    settle_all(&subject, &scene, Settlement::Sent).await;
    let sent = delivery().await;
    assert_eq!((sent.state, sent.reason, sent.at), (DeliveryState::Sent, None, now));
    assert_eq!((sent.attempts, sent.next_attempt_at), (2, None));

    let resent_at = scene.pass(Duration::microseconds(1));
    scene.apply(scene.plan_resend(&invitation)).await;
    let latest = delivery().await;
    assert_eq!((latest.state, latest.at, latest.attempts), (DeliveryState::Queued, resent_at, 0));
}

async fn found(scene: &Scene, query: &str) -> Vec<InvitationId> {
    let query = Some(query.to_owned());
    ids(scene, &InvitationFilter { query, ..InvitationFilter::default() }).await
}

pub(in crate::contract) async fn the_query_finds_a_part_of_address_role_or_inviter_without_regard_to_ascii_case(
    subject: Subject,
) {
    let scene = subject.scene("acme").await;
    let ana = scene.issue("Ana.Ähre@Example.org").await;
    let mut by_key = scene.invitation("bob@example.net");
    by_key.inviter = Inviter { kind: InviterKind::ApiKey, id: scene.api_key.id.as_uuid() };
    by_key.grant.role_id = Some(scene.roles.guest.id);
    let by_key = scene.issue_this(by_key).await;
    let mut bare = scene.invitation("carl@example.net");
    (bare.grant, bare.inviter.id) = (Grant::default(), scene.admin.membership.id.as_uuid());
    let bare = scene.issue_this(bare).await;

    for query in ["ana.", "ANA", "na.Äh", "Ähre@EXAMPLE", "@example.org", "mEmB", "member", "olga", "OLG"] {
        assert_eq!(found(&scene, query).await, [ana.id], "{query}");
    }
    for query in ["guest", "BOB@", "buchhaltung"] {
        assert_eq!(found(&scene, query).await, [by_key.id], "{query}");
    }
    for query in ["adam", "carl"] {
        assert_eq!(found(&scene, query).await, [bare.id], "{query}");
    }
    assert_eq!(found(&scene, "example.net").await, sorted([by_key.id, bare.id]));
    for query in ["äHRE", "ahre", "nobody", "ana ", "timesheets"] {
        assert!(found(&scene, query).await.is_empty(), "{query}: only ASCII case is the same");
    }
}

pub(in crate::contract) async fn the_query_takes_wildcards_literally(subject: Subject) {
    let scene = subject.scene("acme").await;
    let plain = scene.issue("plain").await;
    let percent = scene.issue("a%b").await;
    let underscore = scene.issue("a_b").await;
    let quote = scene.issue("o'b").await;
    let role = scene.role(r"back\slash", &["a.b"]);
    scene.administer(AdministrationChange::InsertRole(Box::new(role.clone()))).await;
    let mut slash = scene.invitation("slash");
    slash.grant = Grant { role_id: Some(role.id), ..Grant::default() };
    let slash = scene.issue_this(slash).await;
    for (query, id) in [
        ("%", percent.id),
        ("a%b", percent.id),
        ("_", underscore.id),
        ("a_b", underscore.id),
        ("'", quote.id),
        (r"\", slash.id),
        (r"k\s", slash.id),
        ("lain", plain.id),
    ] {
        assert_eq!(found(&scene, query).await, [id], "{query}");
    }
    for query in ["%%", "a%b%", r"\%", r"\_", r"\\", "p%n", "*", "?", "[a-z]", "''"] {
        assert!(found(&scene, query).await.is_empty(), "{query}");
    }
    let everyone: Vec<Invitation> = vec![plain, percent, underscore, quote, slash];
    let all = sorted(everyone.iter().map(|invitation| invitation.id));
    assert_eq!(found(&scene, "@example.org").await, all);
}
