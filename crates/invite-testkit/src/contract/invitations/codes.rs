//! Short codes, numbers and the ways to name an organisation.

use super::loads::{load_redemption, redemption_query};
use crate::{Scene, contract::Subject, fixtures::plans::deleted};
use chrono::Duration;
use invite_domain::{
    directory::{Organization, Slug},
    id::{InvitationId, OrganizationId},
    invitation::{EventKind, Guard, Invitation, Plan, UniqueKey},
    port::{InvitationQuery, InvitationRef, OrganizationRef, RedemptionQuery, SecretRef},
    secret::code::{CodeIndex, TypedCode, index},
};

/// Which invitation the codes lead to in an organisation.
async fn led_to(scene: &Scene, organization: OrganizationId, indexes: &[CodeIndex]) -> Option<InvitationId> {
    let secret = SecretRef::Code(organization, indexes.to_vec());
    let query = RedemptionQuery { secret, ..redemption_query(scene, InvitationId::new(scene.now(), &*scene.entropy)) };
    scene.store.load_redemption(&query).await.unwrap().map(|facts| facts.record.invitation.id)
}

fn index_of(invitation: &Invitation) -> CodeIndex {
    invitation.code_index.unwrap()
}

pub(in crate::contract) async fn a_code_leads_to_an_invitation_of_its_organization_alone(subject: Subject) {
    let (ours, theirs) = (subject.scene("ours").await, subject.scene("theirs").await);
    let (here, there) = (ours.organization.id, theirs.organization.id);
    let invitation = ours.issue("ana").await;
    let index = index_of(&invitation);
    assert_eq!(led_to(&ours, here, &[index]).await, Some(invitation.id));
    assert_eq!(led_to(&ours, there, &[index]).await, None, "another organisation");
    assert_eq!(led_to(&ours, OrganizationId::new(ours.now(), &*ours.entropy), &[index]).await, None, "an unknown one");
    for wrong in [vec![], vec![CodeIndex::from_bytes([0; 16])], vec![CodeIndex::from_bytes([0xFF; 16])]] {
        assert_eq!(led_to(&ours, here, &wrong).await, None, "another code, or none");
    }

    let mut same = theirs.invitation("bob");
    same.code_index = Some(index);
    let same = theirs.issue_this(same).await;
    assert_eq!(led_to(&ours, here, &[index]).await, Some(invitation.id));
    assert_eq!(led_to(&ours, there, &[index]).await, Some(same.id));

    let by_code = RedemptionQuery {
        secret: SecretRef::Code(here, vec![index]),
        caller: Some(ours.member.account.id),
        ..redemption_query(&ours, invitation.id)
    };
    let by_token = RedemptionQuery { secret: SecretRef::Token(invitation.id), ..by_code.clone() };
    assert_eq!(load_redemption(&ours, &by_code).await, load_redemption(&ours, &by_token).await, "the same facts");

    theirs.apply(theirs.plan_organization(1, deleted(&theirs.organization, theirs.now()))).await;
    assert_eq!(led_to(&ours, there, &[index]).await, None, "its organisation is deleted");
}

pub(in crate::contract) async fn a_code_is_found_under_every_key_that_may_have_made_it(subject: Subject) {
    let scene = subject.scene("acme").await;
    let newer = scene.issue("newer").await;
    let mut older = scene.invitation("older");
    let older_key = scene.ring.ids().map(|(id, _)| id).filter(|id| *id < newer.key_id).last().unwrap();
    older.key_id = older_key;
    older.code_index = index(&scene.ring, &older.token_binding().unwrap()).ok();
    let older = scene.issue_this(older).await;
    for invitation in [&newer, &older] {
        let typed = TypedCode::parse(scene.code(invitation).expose()).unwrap();
        let mut indexes: Vec<_> =
            typed.indexes(&scene.ring, scene.organization.id).into_iter().map(|(_, index)| index).collect();
        assert!(indexes.len() > 1 && indexes.contains(&index_of(invitation)));
        assert_eq!(led_to(&scene, scene.organization.id, &indexes).await, Some(invitation.id));
        indexes.reverse();
        assert_eq!(led_to(&scene, scene.organization.id, &indexes).await, Some(invitation.id), "in any order");
    }
}

pub(in crate::contract) async fn a_code_counts_while_its_generation_does(subject: Subject) {
    let scene = subject.scene("acme").await;
    let id = scene.organization.id;
    let first = scene.issue("ana").await;
    scene.pass(Duration::days(8));
    assert_eq!(led_to(&scene, id, &[index_of(&first)]).await, Some(first.id), "an expired one is told to its holder");

    let resend = scene.plan_resend(&first);
    let second = resend.invitations[0].invitation().clone();
    scene.apply(resend).await;
    assert_ne!(index_of(&first), index_of(&second));
    assert_eq!(led_to(&scene, id, &[index_of(&first)]).await, None, "the code of an older generation");
    assert_eq!(led_to(&scene, id, &[index_of(&second)]).await, Some(first.id));
    assert_eq!(scene.record(first.id).await.unwrap().invitation.code_index, second.code_index);

    let (declined, redeemed) = (scene.issue("bob").await, scene.issue("carl").await);
    scene.apply(scene.plan_revoke(&second)).await;
    scene.apply(scene.plan_decline(&declined, false)).await;
    scene.apply(scene.plan_redeem(&redeemed, &scene.account("carl"))).await;
    for ended in [second, declined, redeemed] {
        assert_eq!(led_to(&scene, id, &[index_of(&ended)]).await, None, "{}: ended", ended.recipient.key());
        assert_eq!(scene.record(ended.id).await.unwrap().invitation.code_index, None);
    }
}

pub(in crate::contract) async fn a_code_belongs_to_one_invitation_of_an_organization(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let first = scene.issue("ana").await;
    let taken = Guard::Free(UniqueKey::Code(scene.organization.id, index_of(&first)));
    let mut twin = scene.invitation("bob");
    twin.code_index = first.code_index;
    let plan = scene.plan_issue(&twin);
    assert!(plan.guards.contains(&taken));
    scene.refuse(plan.clone()).await;
    // Without its guard: then the constraint itself must refuse.
    let guards = plan.guards.iter().filter(|guard| **guard != taken).cloned().collect();
    scene.refuse(Plan { guards, ..plan }).await;
    assert_eq!(scene.record(twin.id).await, None);
    scene.refuse(Plan { guards: vec![taken.clone()], ..Plan::default() }).await;

    let second = scene.issue("carl").await;
    let same = Invitation { code_index: first.code_index, ..second.clone() };
    scene.refuse(scene.plan_update(&second, same, EventKind::InvitationResent)).await;
    assert_eq!(scene.record(second.id).await.unwrap().invitation, second);

    let mut elsewhere = other.invitation("ana");
    elsewhere.code_index = first.code_index;
    let elsewhere = other.issue_this(elsewhere).await;
    assert_eq!(other.record(elsewhere.id).await.unwrap().invitation.code_index, first.code_index);

    // Any number of invitations have none, and the code of one that ended is free.
    for address in ["none1", "none2"] {
        let bare = Invitation { code_index: None, ..scene.invitation(address) };
        let bare = scene.issue_this(bare).await;
        assert_eq!(scene.record(bare.id).await.unwrap().invitation, bare);
    }
    scene.apply(scene.plan_revoke(&first)).await;
    scene.apply(Plan { guards: vec![taken], ..Plan::default() }).await;
    scene.issue_this(twin).await;
}

pub(in crate::contract) async fn an_invitation_is_found_by_its_number_in_its_organization(subject: Subject) {
    let (ours, theirs) = (subject.scene("ours").await, subject.scene("theirs").await);
    let (ana, bob) = (theirs.issue("ana").await, theirs.issue("bob").await);
    let load = async |scene: &Scene, number: i64| {
        let query = InvitationQuery {
            invitation: InvitationRef::Number(number),
            ..scene.invitation_query(InvitationId::new(scene.now(), &*scene.entropy))
        };
        scene.store.load_invitation(&query).await.unwrap().unwrap()
    };
    for invitation in [&ana, &bob] {
        assert_eq!(load(&theirs, invitation.number).await, theirs.facts(invitation.id).await, "as by its id");
        assert_eq!(load(&ours, invitation.number).await.record, None, "a foreign one is answered as an unknown one");
    }
    for unknown in [0, -1, bob.number + 1, i64::MAX, i64::MIN] {
        assert_eq!(load(&theirs, unknown).await.record, None, "{unknown}");
    }
    // Its key went to another one since.
    theirs.apply(theirs.plan_revoke(&ana)).await;
    let next = theirs.issue("ana").await;
    assert_eq!(load(&theirs, ana.number).await.other_holder.map(|other| other.id), Some(next.id));
    assert_eq!(load(&theirs, next.number).await.other_holder, None);
}

pub(in crate::contract) async fn an_organization_is_found_where_codes_are_entered(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let organization = &scene.organization;
    let renamed = Organization { slug: Slug::parse("acme-two").unwrap(), version: 2, ..organization.clone() };
    scene.apply(scene.plan_organization(1, renamed.clone())).await;
    let renamed = Organization { authority_epoch: 2, ..renamed };
    let ways = [
        OrganizationRef::Id(organization.id),
        OrganizationRef::Slug(renamed.slug.clone()),
        OrganizationRef::Slug(organization.slug.clone()),
        OrganizationRef::Number(organization.number),
    ];
    let find = async |reference: &OrganizationRef| scene.store.find_organization(reference).await.unwrap();
    for way in &ways {
        assert_eq!(find(way).await.as_ref(), Some(&renamed), "{way:?}");
    }
    let number = OrganizationRef::Number(other.organization.number);
    assert_eq!(find(&number).await, Some(other.organization.clone()));
    for unknown in [
        OrganizationRef::Id(OrganizationId::new(scene.now(), &*scene.entropy)),
        OrganizationRef::Slug(Slug::parse("nobody").unwrap()),
        OrganizationRef::Number(0),
        OrganizationRef::Number(i64::MAX),
    ] {
        assert_eq!(find(&unknown).await, None, "{unknown:?}");
    }
    scene.apply(scene.plan_organization(2, Organization { version: 3, ..deleted(&renamed, scene.now()) })).await;
    for way in &ways {
        assert_eq!(find(way).await, None, "{way:?}: deleted");
    }
}
