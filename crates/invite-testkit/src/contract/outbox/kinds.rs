//! Messages that remind of an invitation or tell of it, and news of an address.

use super::{claim, lease};
use crate::{Scene, contract::Subject};
use chrono::Duration;
use invite_domain::{
    id::MessageId,
    invitation::{
        AdministrationChange, DeadLetter, DeliveryState, DirectoryChange, Invitation, MessageKind, NoticeKind,
        OutboxMessage, Plan, Reason,
    },
    page::PageRequest,
    port::{DeliveryFacts, Settlement},
    secret::account_token::AccountPurpose,
};

/// The news of a change, to the address that Mia had.
fn of_old_address(scene: &Scene) -> OutboxMessage {
    let message = scene.message_about(MessageKind::AddressChanged { account_id: scene.member.account.id });
    OutboxMessage { address: Some(scene.address("Mia.Alt+x@Exämple.org")), ..message }
}

/// A queued message of every kind, none of which is the invitation's first.
fn of_every_kind(scene: &Scene, invitation: &Invitation) -> Vec<OutboxMessage> {
    let account_id = scene.member.account.id;
    let notice = |about| MessageKind::Notice { about, invitation_id: invitation.id, account_id };
    let kinds = [
        MessageKind::Invitation { invitation_id: invitation.id, generation: u16::MAX },
        MessageKind::Reminder { invitation_id: invitation.id, generation: u16::MAX },
        notice(NoticeKind::Accepted),
        notice(NoticeKind::Suspended),
        MessageKind::Account { account_id, purpose: AccountPurpose::ChangeAddress, counter: 255 },
    ];
    let mut messages: Vec<_> = kinds.into_iter().map(|kind| scene.message_about(kind)).collect();
    messages.push(of_old_address(scene));
    messages
}

pub(in crate::contract) async fn a_message_of_every_kind_comes_back_equal(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    let first = claim(&subject, 1, 10, scene.now()).await;
    assert_eq!(first.len(), 1);
    let mut messages = of_every_kind(&scene, &invitation);
    scene.apply(Plan { messages: messages.clone(), ..Plan::default() }).await;
    messages.sort_by_key(|message| message.id);
    assert_eq!(claim(&subject, 2, 10, scene.now()).await, messages);
}

pub(in crate::contract) async fn an_ending_cancels_reminders_and_leaves_notices(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (invitation, bystander) = (scene.issue("ana").await, scene.issue("bob").await);
    assert_eq!(claim(&subject, 1, 10, scene.now()).await.len(), 2);
    let (reminder, notice, other) =
        (scene.reminder(&invitation), scene.notice(&invitation), scene.reminder(&bystander));
    let messages = vec![reminder, notice.clone(), other.clone()];
    scene.apply(Plan { messages, ..Plan::default() }).await;
    scene.apply(scene.plan_revoke(&invitation)).await;
    let mut left: Vec<_> = claim(&subject, 2, 10, scene.now()).await.into_iter().map(|message| message.id).collect();
    left.sort_unstable();
    let mut expected = vec![notice.id, other.id];
    expected.sort_unstable();
    assert_eq!(left, expected);
}

pub(in crate::contract) async fn a_reminder_that_was_given_up_is_a_dead_letter_and_a_notice_is_none(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    let given_up = |message| OutboxMessage {
        state: DeliveryState::Failed,
        reason: Some(Reason::SmtpRefused),
        attempts: 3,
        settled_at: Some(scene.now()),
        ..message
    };
    let (reminder, notice) = (given_up(scene.reminder(&invitation)), given_up(scene.notice(&invitation)));
    scene.apply(Plan { messages: vec![reminder.clone(), notice.clone()], ..Plan::default() }).await;
    let letter = DeadLetter::of(&reminder).unwrap();
    let page = PageRequest { include_total: true, ..PageRequest::first(9) };
    let listed = subject.outbox.dead_letters(scene.organization.id, &page).await.unwrap();
    assert_eq!((&listed.items[..], listed.total), (&[letter.clone()][..], Some(1)));
    let one = async |id| subject.outbox.dead_letter(scene.organization.id, id).await.unwrap();
    assert_eq!(one(reminder.id).await, Some(letter));
    assert_eq!(one(notice.id).await, None);
}

pub(in crate::contract) async fn a_notice_learns_all_of_its_invitation_and_its_reader(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    let message = scene.notice(&invitation);
    let load = async || match subject.outbox.load_delivery(&message).await.unwrap() {
        DeliveryFacts::Notice { organization, record, reader, redeemer } => {
            assert_eq!(*organization, scene.organization);
            assert_eq!(Some(*record), scene.record(invitation.id).await);
            assert_eq!(reader.account, scene.owner.account);
            let member = reader.member.unwrap();
            assert_eq!((&member.membership, member.role.as_ref()), (&scene.owner.membership, Some(&scene.roles.owner)));
            redeemer
        }
        other => unreachable!("no notice: {other:?}"),
    };
    assert_eq!(load().await, None, "nobody has redeemed it");
    let ana = scene.account("ana");
    scene.apply(scene.plan_redeem(&invitation, &ana)).await;
    let redeemer = load().await.unwrap();
    assert_eq!((redeemer.account.id, redeemer.member.is_some()), (ana.id, true));

    let unknown = MessageKind::Notice {
        about: NoticeKind::Accepted,
        invitation_id: invitation.id,
        account_id: invite_domain::id::AccountId::new(scene.now(), &*scene.entropy),
    };
    let gone = subject.outbox.load_delivery(&scene.message_about(unknown)).await.unwrap();
    assert_eq!(gone, DeliveryFacts::Gone, "nobody is told");
    // A member who was removed is told of as somebody without a place.
    scene.apply(scene.plan_remove(&scene.admin.membership)).await;
    let removed = MessageKind::Notice {
        about: NoticeKind::Suspended,
        invitation_id: invitation.id,
        account_id: scene.admin.account.id,
    };
    match subject.outbox.load_delivery(&scene.message_about(removed)).await.unwrap() {
        DeliveryFacts::Notice { reader, .. } => assert_eq!(reader.member, None),
        other => assert_eq!(other, DeliveryFacts::Gone),
    }
}

pub(in crate::contract) async fn a_reminder_is_settled_as_any_message(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    assert_eq!(claim(&subject, 1, 10, scene.now()).await.len(), 1);
    let reminder = scene.reminder(&invitation);
    scene.apply(Plan { messages: vec![reminder.clone()], ..Plan::default() }).await;
    let facts = subject.outbox.load_delivery(&reminder).await.unwrap();
    assert!(matches!(facts, DeliveryFacts::Invitation { .. }), "{facts:?}");
    let claimed: Vec<MessageId> = claim(&subject, 2, 10, scene.now()).await.iter().map(|message| message.id).collect();
    assert_eq!(claimed, [reminder.id]);
    let at = scene.now() + Duration::minutes(1);
    let retry = Settlement::Retry { at, reason: Reason::SmtpDeferred };
    assert!(subject.outbox.settle(reminder.id, &lease(2), retry, None, scene.now()).await.unwrap());
    assert!(claim(&subject, 3, 10, at - Duration::microseconds(1)).await.is_empty());
    assert_eq!(claim(&subject, 3, 10, at).await[0].attempts, 1);
}

pub(in crate::contract) async fn the_news_of_an_address_goes_on_whatever_the_account_does(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (message, mia) = (of_old_address(&scene), scene.member.account.id);
    scene.apply(Plan { messages: vec![message.clone()], ..Plan::default() }).await;
    let ended = AdministrationChange::EndLink(mia, AccountPurpose::ChangeAddress);
    scene.administer(ended).await;
    let directory = vec![DirectoryChange::EndCredentials(mia, scene.now())];
    scene.apply(Plan { directory, ..Plan::default() }).await;
    let claimed = async |number, now| {
        let mut claimed = claim(&subject, number, 9, now).await;
        assert_eq!(claimed.len(), 1);
        claimed.remove(0).address
    };
    let address = message.address.clone();
    assert_eq!(claimed(1, scene.now()).await, address);
    match subject.outbox.load_delivery(&message).await.unwrap() {
        DeliveryFacts::Account { account, token, .. } => assert_eq!((account.id, token), (mia, None)),
        other => unreachable!("no account: {other:?}"),
    }
    let at = scene.now() + Duration::minutes(1);
    let retry = Settlement::Retry { at, reason: Reason::SmtpDeferred };
    assert!(subject.outbox.settle(message.id, &lease(1), retry, None, scene.now()).await.unwrap());
    assert_eq!(claimed(2, at).await, address, "it is needed again");
    assert!(subject.outbox.settle(message.id, &lease(2), Settlement::Sent, None, at).await.unwrap());
}
