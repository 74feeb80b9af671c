//! What the loads tell.

use crate::{contract::Subject, fixtures::plans::deleted};
use chrono::Duration;
use invite_domain::{
    access::ActorFacts,
    directory::Account,
    id::{InvitationId, OrganizationId},
    invitation::{AdministrationChange, IdempotencyRecord, Invitation, InvitationChange, Plan, Status},
    port::{InvitationQuery, IssueFacts, IssueQuery, Principal, RedemptionFacts, RedemptionQuery, SecretRef},
};

pub(in crate::contract) async fn an_unknown_organization_is_none(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    let unknown = OrganizationId::new(scene.now(), &*scene.entropy);
    let issue = IssueQuery { organization_id: unknown, ..issue_query(&scene, "ana") };
    assert_eq!(scene.store.load_issue(&issue).await.unwrap(), None);
    let command = InvitationQuery { organization_id: unknown, ..scene.invitation_query(invitation.id) };
    assert_eq!(scene.store.load_invitation(&command).await.unwrap(), None);
    let redemption = redemption_query(&scene, InvitationId::new(scene.now(), &*scene.entropy));
    assert_eq!(scene.store.load_redemption(&redemption).await.unwrap(), None);
}

pub(in crate::contract) async fn a_deleted_organization_answers_nothing_and_takes_no_plan(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    scene.apply(scene.plan_organization(1, deleted(&scene.organization, scene.now()))).await;
    assert_eq!(scene.store.load_issue(&issue_query(&scene, "bob")).await.unwrap(), None);
    assert_eq!(scene.store.load_invitation(&scene.invitation_query(invitation.id)).await.unwrap(), None);
    assert_eq!(scene.store.load_redemption(&redemption_query(&scene, invitation.id)).await.unwrap(), None);
    for epoch in [1, 2] {
        let mut plan = scene.plan_issue(&scene.invitation("bob"));
        plan.guards = vec![scene.epoch_at(epoch, false)];
        scene.refuse(plan).await;
    }
}

pub(in crate::contract) async fn a_foreign_invitation_is_answered_as_an_unknown_one(subject: Subject) {
    let (ours, theirs) = (subject.scene("ours").await, subject.scene("theirs").await);
    let foreign = theirs.issue("ana").await;
    let unknown = InvitationId::new(ours.now(), &*ours.entropy);
    let answer = ours.facts(foreign.id).await;
    assert_eq!(answer.record, None);
    assert_eq!(answer, ours.facts(unknown).await);
    assert!(theirs.record(foreign.id).await.is_some());
}

pub(in crate::contract) async fn a_foreign_role_is_answered_as_an_unknown_one(subject: Subject) {
    let (ours, theirs) = (subject.scene("ours").await, subject.scene("theirs").await);
    let with = |role| IssueQuery { role_id: Some(role), ..issue_query(&ours, "ana") };
    let own = ours.store.load_issue(&with(ours.roles.admin.id)).await.unwrap().unwrap();
    assert_eq!(own.role.as_ref(), Some(&ours.roles.admin));
    let foreign = ours.store.load_issue(&with(theirs.roles.admin.id)).await.unwrap().unwrap();
    assert_eq!(foreign.role, None);
    let invitation = ours.issue("ana").await;
    let command = |role| InvitationQuery { role_id: Some(role), ..ours.invitation_query(invitation.id) };
    let own = ours.store.load_invitation(&command(ours.roles.admin.id)).await.unwrap().unwrap();
    assert_eq!(own.role.as_ref(), Some(&ours.roles.admin));
    let foreign = ours.store.load_invitation(&command(theirs.roles.admin.id)).await.unwrap().unwrap();
    assert_eq!(foreign.role, None);
}

pub(in crate::contract) async fn an_issued_invitation_comes_back_equal_in_every_field(subject: Subject) {
    let scene = subject.scene("acme").await;
    let full = scene.issue("Zoë@München.example").await;
    let mut bare = scene.invitation("bare");
    bare.grant = invite_domain::access::Grant::default();
    (bare.message, bare.locale, bare.redirect_url, bare.batch_id) = (None, None, None, None);
    bare.channels.clear();
    // Beyond what 32 bits of seconds hold, in both directions of rounding.
    bare.expires_at = bare.created_at + Duration::days(36_525) + Duration::microseconds(999_999);
    bare.grant_digest = bare.compute_grant_digest();
    let bare = scene.issue_this(bare).await;
    for issued in [full, bare] {
        let record = scene.record(issued.id).await.unwrap();
        assert_eq!(record.invitation, issued);
        assert_eq!(
            record.invitation.recipient.email().map(|email| email.as_str().to_owned()),
            issued.recipient.email().map(|email| email.as_str().to_owned()),
            "the original spelling"
        );
        assert_eq!(record.role.as_ref(), issued.grant.role_id.map(|_| &scene.roles.member));
        assert_eq!(record.status(scene.now()), Status::Pending);
        let redemption = load_redemption(&scene, &redemption_query(&scene, issued.id)).await;
        assert_eq!(redemption.record, record, "one record, whoever asks");
    }
}

pub(in crate::contract) async fn an_organization_and_its_people_come_back_equal_in_every_field(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    let facts = scene.facts(invitation.id).await;
    assert_eq!(facts.organization, scene.organization);
    let ActorFacts::Member(owner) = &facts.actor else { unreachable!("the owner is a member: {:?}", facts.actor) };
    assert_eq!(owner.membership, scene.owner.membership);
    assert_eq!(owner.role.as_ref(), Some(&scene.roles.owner));
    assert_eq!(owner.name, scene.owner.account.name);
    assert_eq!(facts.record.unwrap().inviter, facts.actor, "the owner is the inviter too");
    let query = RedemptionQuery { caller: Some(scene.member.account.id), ..redemption_query(&scene, invitation.id) };
    let caller = load_redemption(&scene, &query).await.caller.unwrap();
    assert_eq!(caller.account, scene.member.account);
    let spelling = |account: &Account| account.email.as_ref().map(|email| email.as_str().to_owned());
    assert_eq!(spelling(&caller.account), spelling(&scene.member.account));
    assert_eq!(caller.member.unwrap().membership, scene.member.membership);
}

pub(in crate::contract) async fn a_load_tells_who_acts(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let (operator, _) = scene.new_operator_key();
    scene.administer(AdministrationChange::InsertOperatorKey(Box::new(operator.clone()))).await;
    let actor = async |principal| {
        let query = IssueQuery { principal, ..issue_query(&scene, "ana") };
        scene.store.load_issue(&query).await.unwrap().unwrap().actor
    };
    let ActorFacts::ApiKey { key, creator } = actor(Principal::ApiKey(scene.api_key.id)).await else {
        unreachable!("the key is one of the organisation's")
    };
    assert_eq!(key, scene.api_key);
    assert_eq!(creator.unwrap().membership, scene.owner.membership);
    assert_eq!(actor(Principal::Operator(operator.id)).await, ActorFacts::Operator { id: operator.id });
    assert_eq!(actor(other.owner.principal()).await, ActorFacts::Unknown, "not a member here");
    assert_eq!(actor(Principal::ApiKey(other.api_key.id)).await, ActorFacts::Unknown, "a foreign key");
    assert_eq!(actor(Principal::Operator(scene.api_key.id)).await, ActorFacts::Unknown, "no operator key");

    scene.administer(AdministrationChange::RevokeOperatorKey(operator.id, scene.now())).await;
    assert_eq!(actor(Principal::Operator(operator.id)).await, ActorFacts::Unknown, "revoked");
    scene.apply(scene.plan_remove(&scene.member.membership)).await;
    assert_eq!(actor(scene.member.principal()).await, ActorFacts::Unknown, "removed");
}

pub(in crate::contract) async fn issuing_learns_of_the_holder_the_member_and_the_block(subject: Subject) {
    let scene = subject.scene("acme").await;
    let load = async |address: &str| -> IssueFacts {
        scene.store.load_issue(&issue_query(&scene, address)).await.unwrap().unwrap()
    };
    let nobody = load("ana").await;
    assert_eq!((nobody.holder, nobody.member, nobody.blocked), (None, None, false));
    assert_eq!((nobody.holder_messages, nobody.replay), (vec![], None));

    let issued = scene.issue("ana").await;
    let facts = load("ANA@Example.ORG").await;
    assert_eq!(facts.holder.map(|holder| holder.invitation), Some(issued.clone()));
    assert_eq!(facts.holder_messages, [scene.now()]);
    scene.pass(Duration::days(8));
    assert_eq!(load("ana").await.holder.map(|holder| holder.invitation.id), Some(issued.id), "an expired one too");

    let mut member = scene.member.membership.clone();
    assert_eq!(load("mia@acme.example").await.member, Some(member.clone()));
    member.active = false;
    scene.apply(scene.plan_member(&scene.member.membership, member)).await;
    assert_eq!(load("mia@acme.example").await.member.map(|member| member.active), Some(false));

    assert!(!facts.blocked);
    scene.apply(scene.plan_decline(&issued, true)).await;
    let facts = load("ana").await;
    assert!(facts.blocked && facts.holder.is_none());
    // Saying no twice is no mistake.
    let key = issued.recipient.live_key();
    scene.administer(AdministrationChange::Block(scene.organization.id, key, scene.now())).await;
    let other = subject.scene("other").await;
    assert!(!other.store.load_issue(&issue_query(&other, "ana")).await.unwrap().unwrap().blocked);
}

pub(in crate::contract) async fn a_command_learns_who_else_holds_the_live_key(subject: Subject) {
    let scene = subject.scene("acme").await;
    let first = scene.issue("ana").await;
    assert_eq!(scene.facts(first.id).await.other_holder, None, "it holds the key itself");
    scene.apply(scene.plan_revoke(&first)).await;
    assert_eq!(scene.facts(first.id).await.other_holder, None);
    let second = scene.issue("ana").await;
    assert_eq!(scene.facts(first.id).await.other_holder.as_ref(), Some(&second));
    let redemption = load_redemption(&scene, &redemption_query(&scene, first.id)).await;
    assert_eq!(redemption.other_holder.as_ref(), Some(&second));
    assert_eq!(scene.facts(second.id).await.other_holder, None);
}

pub(in crate::contract) async fn a_redemption_learns_of_the_caller_the_account_at_the_address_and_the_redeemer(
    subject: Subject,
) {
    let scene = subject.scene("acme").await;
    let issued = scene.issue("Ana@Example.org").await;
    let query = redemption_query(&scene, issued.id);
    let facts = load_redemption(&scene, &query).await;
    assert_eq!((facts.at_address, facts.caller, facts.redeemer), (None, None, None));
    assert_eq!((facts.organization, facts.replay), (scene.organization.clone(), None));

    let account = scene.account("ana@EXAMPLE.org");
    let plan = scene.plan_redeem(&issued, &account);
    let redemption = plan.redemption.clone();
    let outcome = scene.apply(plan).await;
    let query = RedemptionQuery { caller: Some(scene.admin.account.id), ..query };
    let facts = load_redemption(&scene, &query).await;
    let at_address = facts.at_address.unwrap();
    assert_eq!(
        (at_address.account.id, at_address.account.number),
        (account.id, outcome.number_of(account.id.as_uuid()))
    );
    assert_eq!(at_address.member.as_ref().map(|member| member.membership.account_id), Some(account.id));
    assert_eq!(facts.redeemer, Some(at_address));
    assert_eq!(facts.caller.map(|caller| caller.account), Some(scene.admin.account.clone()));
    assert_eq!(facts.record.redemption, redemption);
    assert_eq!(facts.record.status(scene.now()), Status::Redeemed);
}

pub(in crate::contract) async fn a_record_shows_the_last_of_several_redemptions(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut invitation = scene.invitation("ana");
    invitation.max_uses = 3;
    let mut invitation = scene.issue_this(invitation).await;
    for uses in 1..=3 {
        scene.pass(Duration::microseconds(1));
        let mut plan = scene.plan_redeem(&invitation, &scene.account(&format!("r{uses}")));
        if uses < 3 {
            // Still open: only the count rises.
            let next = Invitation { version: invitation.version + 1, uses, ..invitation.clone() };
            plan.invitations = vec![InvitationChange::Update(Box::new(next))];
        }
        invitation = plan.invitations[0].invitation().clone();
        let redemption = plan.redemption.clone();
        scene.apply(plan).await;
        let record = scene.record(invitation.id).await.unwrap();
        assert_eq!((&record.invitation, &record.redemption), (&invitation, &redemption), "use {uses}");
    }
}

pub(in crate::contract) async fn messages_are_counted_since_the_time_asked_for(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut invitation = scene.issue("ana").await;
    let mut times = vec![scene.now()];
    for _ in 0..2 {
        times.push(scene.pass(Duration::minutes(10)));
        let plan = scene.plan_resend(&invitation);
        invitation = plan.invitations[0].invitation().clone();
        scene.apply(plan).await;
    }
    scene.issue("bob").await;
    for (since, expected) in
        [(times[0] - Duration::hours(1), &times[..]), (times[1] - Duration::minutes(1), &times[1..])]
    {
        let query = InvitationQuery { messages_since: since, ..scene.invitation_query(invitation.id) };
        let mut found = scene.store.load_invitation(&query).await.unwrap().unwrap().messages;
        found.sort_unstable();
        assert_eq!(found, expected);
        let query = RedemptionQuery { messages_since: since, ..redemption_query(&scene, invitation.id) };
        let mut found = load_redemption(&scene, &query).await.messages;
        found.sort_unstable();
        assert_eq!(found, expected);
        let query = IssueQuery { messages_since: since, ..issue_query(&scene, "ana") };
        let mut found = scene.store.load_issue(&query).await.unwrap().unwrap().holder_messages;
        found.sort_unstable();
        assert_eq!(found, expected);
    }
}

pub(in crate::contract) async fn the_answer_to_a_request_is_found_again(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.invitation("ana");
    let answer = scene.answer("key-1 ☕", invitation.id.as_uuid());
    let wanted = Some(invite_domain::port::IdempotencyRef { scope: answer.scope.clone(), key: answer.key.clone() });
    let query = IssueQuery { idempotency: wanted.clone(), ..issue_query(&scene, "bob") };
    assert_eq!(scene.store.load_issue(&query).await.unwrap().unwrap().replay, None);
    scene.apply(Plan { idempotency: Some(answer.clone()), ..scene.plan_issue(&invitation) }).await;

    let (record, about) = scene.store.load_issue(&query).await.unwrap().unwrap().replay.unwrap();
    assert_eq!(record, answer);
    assert_eq!(about.map(|about| about.invitation.id), Some(invitation.id));
    let command = InvitationQuery { idempotency: wanted.clone(), ..scene.invitation_query(invitation.id) };
    let replay = scene.store.load_invitation(&command).await.unwrap().unwrap().replay;
    assert_eq!(replay.as_ref(), Some(&answer));
    let redemption = RedemptionQuery { idempotency: wanted, ..redemption_query(&scene, invitation.id) };
    assert_eq!(load_redemption(&scene, &redemption).await.replay.as_ref(), Some(&answer));

    for other in [
        IdempotencyRecord { scope: answer.scope.to_lowercase() + "x", ..answer.clone() },
        IdempotencyRecord { key: answer.key.to_uppercase(), ..answer.clone() },
        IdempotencyRecord { key: format!("{} ", answer.key), ..answer.clone() },
    ] {
        let wanted = Some(invite_domain::port::IdempotencyRef { scope: other.scope, key: other.key });
        let query = IssueQuery { idempotency: wanted, ..issue_query(&scene, "bob") };
        assert_eq!(scene.store.load_issue(&query).await.unwrap().unwrap().replay, None, "another scope or key");
    }
}

pub(in crate::contract) fn issue_query(scene: &crate::Scene, address: &str) -> IssueQuery {
    let email = scene.address(address);
    IssueQuery {
        organization_id: scene.organization.id,
        principal: scene.owner.principal(),
        live_key: invite_domain::invitation::Recipient::Email(email.clone()).live_key(),
        email: Some(email),
        subject_id: None,
        role_id: None,
        idempotency: None,
        messages_since: scene.now() - Duration::days(1),
        accepts_recent: false,
    }
}

pub(in crate::contract) fn redemption_query(scene: &crate::Scene, invitation_id: InvitationId) -> RedemptionQuery {
    let secret = SecretRef::Token(invitation_id);
    let messages_since = scene.now() - Duration::days(1);
    RedemptionQuery { secret, caller: None, username: None, idempotency: None, messages_since }
}

pub(in crate::contract) async fn load_redemption(scene: &crate::Scene, query: &RedemptionQuery) -> RedemptionFacts {
    scene.store.load_redemption(query).await.unwrap().unwrap()
}
