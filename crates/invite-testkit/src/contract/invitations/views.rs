//! What is seen of invitations.

use crate::{contract::Subject, fixtures::plans::deleted};
use invite_domain::{
    id::{InvitationId, OrganizationId},
    invitation::AdministrationChange,
    port::{InvitationQuery, InvitationRef, Principal, ViewFacts, ViewQuery},
};

pub(in crate::contract) async fn a_view_tells_what_a_command_is_told(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let (operator, _) = scene.new_operator_key();
    scene.administer(AdministrationChange::InsertOperatorKey(Box::new(operator.clone()))).await;
    let resent = scene.issue("resent").await;
    scene.apply(scene.plan_resend(&resent)).await;
    let used = scene.issue("used").await;
    scene.apply(scene.plan_redeem(&used, &scene.account("used"))).await;
    let revoked = scene.issue("revoked").await;
    scene.apply(scene.plan_revoke(&revoked)).await;
    let foreign = other.issue("ana").await;

    let unknown = InvitationId::new(scene.now(), &*scene.entropy);
    let mut named = vec![InvitationRef::Number(987_654), unknown.into()];
    for invitation in [&resent, &used, &revoked, &foreign] {
        named.extend([invitation.id.into(), InvitationRef::Number(invitation.number)]);
    }
    let principals = [
        scene.owner.principal(),
        scene.admin.principal(),
        Principal::ApiKey(scene.api_key.id),
        Principal::Operator(operator.id),
        other.owner.principal(),
        Principal::ApiKey(other.api_key.id),
    ];
    // Twice: what was seen before may be remembered.
    for principal in principals.into_iter().chain(principals) {
        let organization_id = scene.organization.id;
        let view = async |invitation| {
            let query = ViewQuery { organization_id, principal, invitation };
            scene.store.load_view(&query).await.unwrap().unwrap()
        };
        let command = async |invitation| {
            let query = InvitationQuery { principal, invitation, ..scene.invitation_query(unknown) };
            let facts = scene.store.load_invitation(&query).await.unwrap().unwrap();
            ViewFacts { organization: facts.organization, actor: facts.actor, record: facts.record }
        };
        for invitation in &named {
            assert_eq!(
                view(Some(*invitation)).await,
                command(*invitation).await,
                "{invitation:?} seen by {principal:?}"
            );
        }
        assert_eq!(view(None).await, command(unknown.into()).await, "{principal:?}");
    }
    assert_eq!(scene.record(foreign.id).await, None);
    assert_eq!(scene.record(resent.id).await.unwrap().invitation.generation, 2);
}

pub(in crate::contract) async fn of_an_unknown_or_deleted_organization_nothing_is_seen(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    let seen = async |query: &ViewQuery| {
        let of_none = ViewQuery { invitation: None, ..query.clone() };
        [scene.store.load_view(query).await.unwrap(), scene.store.load_view(&of_none).await.unwrap()]
    };
    let ours = scene.view_query(invitation.id);
    assert!(seen(&ours).await.iter().all(Option::is_some));
    let unknown = OrganizationId::new(scene.now(), &*scene.entropy);
    assert_eq!(seen(&ViewQuery { organization_id: unknown, ..ours.clone() }).await, [None, None]);
    scene.apply(scene.plan_organization(1, deleted(&scene.organization, scene.now()))).await;
    assert_eq!(seen(&ours).await, [None, None]);
}
