use super::*;
use crate::{
    access::{
        SystemRole,
        permission::PermissionSet,
        test_support::{member, now, organization, set, system},
    },
    secret::credential::CredentialDigest,
    time::seconds,
};

fn owner() -> MemberFacts {
    member(1, Some(system(SystemRole::Owner)), &[])
}

fn key(permissions: PermissionSet) -> ApiKey {
    ApiKey {
        id: ApiKeyId::from_uuid(Uuid::from_u128(7)),
        organization_id: organization().id,
        number: 1,
        name: "Payroll".into(),
        prefix: "ivk_abcd".into(),
        digest: CredentialDigest::from_bytes([1; 32]),
        previous: None,
        permissions: Held::Only(permissions),
        created_by: owner().membership.id,
        by_operator: false,
        created_at: now(),
        expires_at: Some(now() + seconds(60)),
        last_used_at: None,
        revoked_at: None,
        version: 1,
    }
}

fn with_key(creator: Option<MemberFacts>) -> ActorFacts {
    ActorFacts::ApiKey { key: key(set(&["events.read"])), creator }
}

fn operator() -> ActorFacts {
    ActorFacts::Operator { id: ApiKeyId::from_uuid(Uuid::from_u128(8)) }
}

fn established(facts: &ActorFacts) -> Option<Authority> {
    Authority::establish(facts, organization().id, 9, now())
}

#[test]
fn every_kind_of_actor_and_inviter_comes_back_from_its_name() {
    let actors = ["member", "api_key", "operator", "invitee", "system"];
    assert_eq!(actors.map(|name| ActorKind::from_name(name).map(ActorKind::name)), actors.map(Some));
    let inviters = ["member", "api_key", "operator"];
    assert_eq!(inviters.map(|name| InviterKind::from_name(name).map(InviterKind::name)), inviters.map(Some));
    assert_eq!((ActorKind::from_name("owner"), InviterKind::from_name("system")), (None, None));
}

#[test]
fn r8_4_whoever_answers_for_an_invitation_stands_in_the_trail_under_the_same_id() {
    let id = Uuid::from_u128(5);
    for (kind, actor) in [
        (InviterKind::Member, ActorKind::Member),
        (InviterKind::ApiKey, ActorKind::ApiKey),
        (InviterKind::Operator, ActorKind::Operator),
    ] {
        assert_eq!(Inviter { kind, id }.actor(), Actor { kind: actor, id: Some(id) });
    }
    let account = AccountId::from_uuid(id);
    assert_eq!(Actor::invitee(Some(account)), Actor { kind: ActorKind::Invitee, id: Some(id) });
    assert_eq!(Actor::invitee(None).id, None);
}

#[test]
fn r6_7_an_authority_is_of_one_actor_in_one_organisation_under_one_epoch() {
    let mia = member(3, Some(system(SystemRole::Member)), &["trips.read"]);
    let authority = established(&ActorFacts::Member(mia.clone())).unwrap();
    assert_eq!((authority.organization_id(), authority.epoch()), (organization().id, 9));
    let inviter = Inviter { kind: InviterKind::Member, id: mia.membership.id.as_uuid() };
    assert_eq!((authority.inviter(), authority.actor()), (inviter, inviter.actor()));
    assert_eq!(authority.membership_id(), Some(mia.membership.id));
    assert_eq!(authority.account_id(), Some(mia.membership.account_id));
    assert_eq!(authority.held(), &mia.held());
    assert!(authority.allows("trips.read") && authority.allows("members.read") && !authority.allows("trips.write"));
    assert!(!authority.is_operator());
}

#[test]
fn r6_4_a_key_acts_by_itself_for_its_makers_account_and_holds_what_both_hold() {
    let authority = established(&with_key(Some(owner()))).unwrap();
    let inviter = Inviter { kind: InviterKind::ApiKey, id: Uuid::from_u128(7) };
    assert_eq!((authority.inviter(), authority.membership_id()), (inviter, None));
    assert_eq!(authority.account_id(), Some(owner().membership.account_id));
    assert_eq!(authority.held(), &Held::Only(set(&["events.read"])));
    assert!(!authority.is_operator());
    let guest = member(1, Some(system(SystemRole::Guest)), &[]);
    assert_eq!(established(&with_key(Some(guest))).unwrap().held(), &Held::nothing());
}

#[test]
fn the_operator_holds_everything_and_is_nobodys_account() {
    let authority = established(&operator()).unwrap();
    assert_eq!(authority.inviter(), Inviter { kind: InviterKind::Operator, id: Uuid::from_u128(8) });
    assert_eq!((authority.membership_id(), authority.account_id()), (None, None));
    assert!(authority.is_operator() && authority.held() == &Held::Everything);
}

#[test]
fn r6_4_who_has_no_standing_has_no_authority() {
    let mut away = owner();
    away.membership.active = false;
    assert_eq!(away.held(), Held::nothing());
    for nobody in [
        ActorFacts::Unknown,
        ActorFacts::Member(away.clone()),
        with_key(None),
        with_key(Some(away)),
        ActorFacts::ApiKey { key: ApiKey { revoked_at: Some(now()), ..key(set(&[])) }, creator: Some(owner()) },
    ] {
        assert_eq!(nobody.standing(), None, "{nobody:?}");
        assert_eq!(established(&nobody), None, "{nobody:?}");
    }
    // An expired key opens nothing, while what it invited before stays good.
    let expired =
        ActorFacts::ApiKey { key: ApiKey { expires_at: Some(now()), ..key(set(&[])) }, creator: Some(owner()) };
    assert_eq!((established(&expired), expired.standing()), (None, Some(Held::nothing())));
    assert_eq!(operator().standing(), Some(Held::Everything));
}

#[test]
fn an_invitee_is_told_of_a_person_and_members_also_of_a_key() {
    let mia = ActorFacts::Member(owner());
    assert_eq!((mia.person_name(), mia.name()), (Some("Mia"), Some("Mia")));
    let payroll = with_key(Some(owner()));
    assert_eq!((payroll.person_name(), payroll.name()), (Some("Mia"), Some("Payroll")));
    assert_eq!(with_key(None).person_name(), None);
    for nameless in [ActorFacts::Unknown, operator()] {
        assert_eq!((nameless.person_name(), nameless.name()), (None, None));
    }
}
