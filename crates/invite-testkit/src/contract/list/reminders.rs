//! Reminders that are due, and who may sponsor what is suspended.

use crate::contract::Subject;
use chrono::Duration;
use invite_domain::{
    access::PermissionSet,
    directory::Membership,
    id::{AccountId, MembershipId},
    invitation::{
        AdministrationChange, Channel, DeliveryState, DirectoryChange, EventKind, Invitation, MessageKind, NoticeKind,
        OutboxMessage, Plan, Reason,
    },
    page::PageRequest,
    port::{InvitationFilter, Lease, ReminderFacts, Settlement},
};

fn a_moment() -> Duration {
    Duration::microseconds(1)
}

async fn due(scene: &crate::Scene, limit: u32) -> Vec<ReminderFacts> {
    scene.store.reminders_due(limit, scene.now() - Duration::days(1), scene.now()).await.unwrap()
}

/// Hands every queued message over.
async fn send_all(subject: &Subject, scene: &crate::Scene) {
    let lease = Lease { token: uuid::Uuid::from_u128(1), lasts: Duration::minutes(1) };
    for message in subject.outbox.claim(&Channel::ALL, &lease, 100, scene.now()).await.unwrap() {
        assert!(subject.outbox.settle(message.id, &lease, Settlement::Sent, None, scene.now()).await.unwrap());
    }
}

async fn due_ids(scene: &crate::Scene) -> Vec<invite_domain::id::InvitationId> {
    due(scene, 100).await.iter().map(|facts| facts.record.invitation.id).collect()
}

pub(in crate::contract) async fn a_reminder_is_due_from_its_instant_until_it_is_noted_or_the_invitation_expires(
    subject: Subject,
) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let ana = scene.issue("ana").await;
    let at = ana.reminder_due_at().unwrap();
    // Of these none is ever due: it lives too short, is sent nowhere, or has ended.
    let short = Invitation { expires_at: ana.created_at + Duration::days(4) - a_moment(), ..scene.invitation("short") };
    scene.issue_this(short).await;
    let silent = scene.issue_this(Invitation { channels: vec![], ..scene.invitation("silent") }).await;
    assert_eq!(silent.reminder_due_at(), None);
    let ended = scene.issue("ended").await;
    scene.apply(scene.plan_revoke(&ended)).await;
    let foreign =
        other.issue_this(Invitation { expires_at: ana.expires_at + a_moment(), ..other.invitation("ana") }).await;

    send_all(&subject, &scene).await;
    scene.clock.set(at - a_moment());
    assert!(due_ids(&scene).await.is_empty());
    scene.clock.set(at);
    assert_eq!(due_ids(&scene).await, [ana.id]);
    scene.pass(a_moment());
    assert_eq!(due_ids(&scene).await, [ana.id, foreign.id], "of every organisation, the first due first");
    let record = due(&scene, 100).await.remove(0).record;
    assert_eq!(Some(record), scene.record(ana.id).await, "a whole record");

    let noted = Invitation { reminder_noted: 1, ..ana.clone() };
    scene.apply(scene.plan_update(&ana, noted.clone(), EventKind::InvitationReminded)).await;
    assert_eq!(due_ids(&scene).await, [foreign.id]);
    // A new generation is reminded of anew.
    let resend = scene.plan_resend(&Invitation { version: 2, ..noted });
    let again = resend.invitations[0].invitation().clone();
    scene.apply(resend).await;
    send_all(&subject, &scene).await;
    scene.clock.set(again.expires_at - Duration::days(2));
    assert_eq!(due_ids(&scene).await, [again.id], "the other one has expired");
    scene.clock.set(again.expires_at - a_moment());
    assert_eq!(due_ids(&scene).await, [again.id]);
    scene.clock.set(again.expires_at);
    assert!(due_ids(&scene).await.is_empty());

    // Nothing can be written of a deleted organisation.
    scene.clock.set(at + a_moment());
    assert_eq!(due_ids(&scene).await, [foreign.id]);
    other.apply(other.plan_organization(1, crate::fixtures::plans::deleted(&other.organization, other.now()))).await;
    assert!(due_ids(&scene).await.is_empty());
}

pub(in crate::contract) async fn a_reminder_waits_for_its_invitation_to_leave(subject: Subject) {
    let scene = subject.scene("acme").await;
    let ana = scene.issue("ana").await;
    let both = scene.invitation("both");
    let both = Invitation { channels: vec![Channel::Email, Channel::Sms], ..both };
    let both = scene.issue_this(Invitation { expires_at: both.expires_at + a_moment(), ..both }).await;
    let bob = scene.invitation("bob");
    let bob = Invitation { channels: vec![Channel::Sms], expires_at: both.expires_at + a_moment(), ..bob };
    let bob = scene.issue_this(bob).await;
    scene.clock.set(bob.reminder_due_at().unwrap());
    assert!(due_ids(&scene).await.is_empty());
    let lease = Lease { token: uuid::Uuid::from_u128(1), lasts: Duration::minutes(1) };
    let mut mails = subject.outbox.claim(&[Channel::Email], &lease, 9, scene.now()).await.unwrap();
    mails.sort_by_key(|mail| mail.kind.invitation_id() != Some(ana.id));
    assert_eq!(mails.len(), 2);
    assert!(due_ids(&scene).await.is_empty(), "on its way it is still queued");
    // A mail that was given up waits no longer either: that it is not to be repeated, the domain decides.
    let given_up = Settlement::Failed(Reason::SmtpRefused);
    assert!(subject.outbox.settle(mails[0].id, &lease, given_up, None, scene.now()).await.unwrap());
    assert_eq!(due_ids(&scene).await, [ana.id]);
    assert!(subject.outbox.settle(mails[1].id, &lease, Settlement::Sent, None, scene.now()).await.unwrap());
    assert_eq!(due_ids(&scene).await, [ana.id, both.id], "it is reminded of by mail, and no text message counts");
    send_all(&subject, &scene).await;
    assert_eq!(due_ids(&scene).await, [ana.id, both.id, bob.id]);
    // Neither a reminder nor a notice on its way is the invitation.
    let messages = vec![scene.reminder(&ana), scene.notice(&ana)];
    scene.apply(Plan { messages, ..Plan::default() }).await;
    assert_eq!(due_ids(&scene).await, [ana.id, both.id, bob.id]);
    assert_eq!(due(&scene, 1).await[0].record.invitation.id, ana.id);
}

pub(in crate::contract) async fn a_reminder_is_told_of_blocks_and_of_the_messages_before_it(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (ana, bob) = (scene.issue("ana").await, scene.issue("bob").await);
    send_all(&subject, &scene).await;
    scene.clock.set(ana.reminder_due_at().unwrap());
    scene.administer(AdministrationChange::Block(scene.organization.id, bob.recipient.live_key(), scene.now())).await;
    let sent = scene.now() - Duration::days(1);
    let mut messages = Vec::new();
    for (at, message) in [
        (sent - a_moment(), scene.message(&ana)),
        (sent, scene.message(&ana)),
        (sent + a_moment(), scene.reminder(&ana)),
        (sent, scene.notice(&ana)),
    ] {
        let message = message.cancelled(Reason::NotNeeded);
        messages.push(invite_domain::invitation::OutboxMessage { created_at: at, ..message });
    }
    scene.apply(Plan { messages, ..Plan::default() }).await;
    let mut facts = due(&scene, 100).await;
    facts.sort_by_key(|facts| facts.record.invitation.id != ana.id);
    let [ana, bob] = &mut facts[..] else { unreachable!("two are due: {facts:?}") };
    ana.messages.sort_unstable();
    assert_eq!((ana.blocked, &ana.messages[..]), (false, &[sent, sent + a_moment()][..]), "no notice, and none before");
    assert_eq!((bob.blocked, bob.messages.len()), (true, 0));
}

pub(in crate::contract) async fn reminders_come_at_most_as_many_as_asked_for_the_first_due_first(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut issued = Vec::new();
    for i in [3, 1, 4, 0, 2] {
        let invitation = scene.invitation(&format!("a{i}"));
        let expires_at = invitation.expires_at + Duration::seconds(i);
        issued.push(scene.issue_this(Invitation { expires_at, ..invitation }).await);
    }
    issued.sort_by_key(|invitation| invitation.expires_at);
    send_all(&subject, &scene).await;
    scene.pass(Duration::days(6));
    let mut left = issued.iter();
    while let Some(facts) = due(&scene, 2).await.first() {
        let found = &facts.record.invitation;
        assert_eq!(Some(found.id), left.next().map(|next| next.id));
        let noted = Invitation { reminder_noted: 1, ..found.clone() };
        scene.apply(scene.plan_update(found, noted, EventKind::InvitationReminded)).await;
    }
    assert_eq!(left.len(), 0, "every reminder has its turn");
    assert!(due(&scene, 0).await.is_empty());
}

pub(in crate::contract) async fn sponsors_are_active_members_with_the_permission_the_first_to_come_first(
    subject: Subject,
) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let sponsors = async |limit| {
        let found = scene.store.sponsors(scene.organization.id, limit).await.unwrap();
        found.into_iter().map(|member| member.membership.id).collect::<Vec<MembershipId>>()
    };
    let (owner, admin) = (&scene.owner.membership, &scene.admin.membership);
    let mut first = vec![owner.id, admin.id];
    assert_eq!(sponsors(10).await, first, "a member and a guest may not");
    scene.pass(Duration::seconds(1));
    let role = scene.role("Paten", &["invitations.sponsor"]);
    scene.administer(AdministrationChange::InsertRole(Box::new(role.clone()))).await;
    let by_role = scene.join("rita", &role).await.membership;
    scene.pass(Duration::seconds(1));
    let add = async |address: &str, active, permission: &str| {
        let account = scene.account(address);
        let permissions = PermissionSet::parse([permission]).unwrap();
        let member = Membership { active, permissions, ..scene.membership(&account, Some(&scene.roles.guest)) };
        let directory = vec![
            DirectoryChange::InsertAccount(Box::new(account)),
            DirectoryChange::InsertMembership(Box::new(member.clone())),
        ];
        scene.apply(Plan { directory, ..Plan::default() }).await;
        scene.pass(Duration::seconds(1));
        member.id
    };
    add("off", false, "invitations.sponsor").await;
    let direct = add("dora", true, "invitations.sponsor").await;
    add("nearly", true, "invitations.sponsors").await;
    first.extend([by_role.id, direct]);
    assert_eq!(sponsors(10).await, first);
    assert_eq!(sponsors(2).await, first[..2]);
    let found = scene.store.sponsors(scene.organization.id, 1).await.unwrap().remove(0);
    assert_eq!((&found.membership, found.name.as_deref()), (owner, Some("Olga")), "with name and role");
    assert!(found.role.is_some());
    other.apply(other.plan_organization(1, crate::fixtures::plans::deleted(&other.organization, other.now()))).await;
    assert!(
        other.store.sponsors(other.organization.id, 9).await.unwrap().is_empty(),
        "a deleted organisation has none"
    );
}

pub(in crate::contract) async fn of_sponsors_the_owners_come_first(subject: Subject) {
    let scene = subject.scene("acme").await;
    for i in 0..3 {
        scene.pass(Duration::seconds(1));
        scene.join(&format!("admin{i}"), &scene.roles.admin).await;
    }
    scene.pass(Duration::seconds(1));
    let late = scene.join("late", &scene.roles.owner).await.membership;
    let found = scene.store.sponsors(scene.organization.id, 3).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|member| member.membership.id).collect();
    assert_eq!(found, [scene.owner.membership.id, late.id, scene.admin.membership.id]);
}

pub(in crate::contract) async fn reminders_and_notices_are_no_deliveries_and_reminders_count(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    let shown = scene.record(invitation.id).await.unwrap().deliveries;
    assert_eq!((shown.len(), shown[0].channel, shown[0].state), (1, Channel::Email, DeliveryState::Queued));
    scene.pass(Duration::seconds(1));
    let reason = Reason::NotNeeded;
    let messages = vec![scene.reminder(&invitation).cancelled(reason), scene.notice(&invitation).cancelled(reason)];
    scene.apply(Plan { messages, ..Plan::default() }).await;
    let facts = scene.facts(invitation.id).await;
    let mut times = facts.messages.clone();
    times.sort_unstable();
    assert_eq!(
        times,
        [invitation.created_at, scene.now()],
        "the reminder is a message of the invitation, the notice is none"
    );
    assert_eq!(facts.record.map(|record| record.deliveries).as_ref(), Some(&shown));
    let listed = async |delivery| {
        let filter = InvitationFilter { delivery: Some(delivery), ..InvitationFilter::default() };
        let page = scene.store.list(scene.organization.id, &filter, &PageRequest::first(9), scene.now()).await.unwrap();
        page.items.into_iter().map(|record| record.deliveries).collect::<Vec<_>>()
    };
    assert_eq!(listed(DeliveryState::Queued).await, [shown]);
    assert!(listed(DeliveryState::Cancelled).await.is_empty());
}

pub(in crate::contract) async fn who_was_told_of_a_suspension_is_known_for_a_while(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let (ana, eve) = (scene.issue("ana").await, other.issue("eve").await);
    let people = [&scene.owner, &scene.admin, &scene.member].map(|person| person.account.id);
    let [olga, adam, mia] = people;
    let since = scene.now();
    let notice = |about, invitation: &Invitation, account_id, at| {
        let kind = MessageKind::Notice { about, invitation_id: invitation.id, account_id };
        let organization_id = Some(invitation.organization_id);
        OutboxMessage { organization_id, created_at: at, ..scene.message_about(kind) }
    };
    let suspended = |invitation, account, at| notice(NoticeKind::Suspended, invitation, account, at);
    let told = async |accounts: &[AccountId]| {
        let mut told = scene.store.told_of_suspensions(scene.organization.id, accounts, since).await.unwrap();
        told.sort_unstable();
        told
    };
    let later = since + a_moment();
    let of_nothing = vec![
        suspended(&ana, olga, since),
        suspended(&ana, olga, later).cancelled(Reason::NotNeeded),
        notice(NoticeKind::Accepted, &ana, olga, later),
        suspended(&eve, olga, later),
    ];
    scene.apply(Plan { messages: of_nothing, ..Plan::default() }).await;
    assert!(told(&people).await.is_empty(), "none of these is news of here and now");
    let sent = OutboxMessage { state: DeliveryState::Sent, settled_at: Some(later), ..suspended(&ana, adam, later) };
    let messages = vec![suspended(&ana, olga, later), suspended(&ana, olga, later), sent, suspended(&ana, mia, later)];
    scene.apply(Plan { messages, ..Plan::default() }).await;
    let mut expected = vec![olga, adam];
    expected.sort_unstable();
    assert_eq!(told(&[adam, olga]).await, expected, "each once, and whom nobody asked for is left out");
    assert_eq!(told(&[mia]).await, [mia]);
}
