//! The roles of the yard-management dialect (rules 6.1, 6.2).

use super::{
    Desk,
    desk::{other_scene, rejection},
};
use invite_domain::{
    access::{ChangeMember, GategoRole, Grant, NewRole, PermissionSet, Role, RoleScope, SystemRole},
    id::{InvitationId, RoleId},
    invitation::{AdministrationChange, EventKind, Origin, Plan, Recipient, Rejection, Status},
    page::PageRequest,
    port::{EventFilter, InvitationStore as _, Principal},
    secret::token::{self, Provenance},
    service::{
        Amend, Caller, InvitationService, Issue, Issued, NewAccount, Redeem, Reveal, Secret, ServiceError, Settings,
        World,
    },
};
use invite_testkit::test_keys;
use std::sync::Arc;

const OPERATORS: [GategoRole; 2] = [GategoRole::Admin, GategoRole::SignupService];

fn invitations(desk: &Desk) -> InvitationService {
    let store = Arc::new(desk.store.clone());
    let world = World {
        clock: Arc::new(desk.scene.clock.clone()),
        entropy: desk.scene.entropy.clone(),
        keys: Arc::new(test_keys()),
    };
    InvitationService::new(store.clone(), store, desk.hasher.clone(), world, Settings::default())
}

fn giving(desk: &Desk, address: &str, role: &Role) -> Issue {
    let grant = Grant { role_id: Some(role.id), ..Grant::default() };
    let recipient = Recipient::Email(desk.scene.address(address));
    Issue { reveal: Reveal::Asked, ..Issue::new(recipient, grant) }
}

async fn give(desk: &Desk, by: &Caller, address: &str, role: &Role) -> Result<Issued, ServiceError> {
    invitations(desk).issue(by, giving(desk, address, role), None).await
}

/// Makes the member's role this one.
async fn promote(desk: &Desk, by: &Caller, role: RoleId) -> Result<(), ServiceError> {
    let command = ChangeMember { role_id: Some(Some(role)), ..ChangeMember::default() };
    desk.service.change_member(by, desk.scene.member.membership.id, command).await.map(drop)
}

async fn redeem(desk: &Desk, issued: &Issued) -> Result<SystemRole, ServiceError> {
    redeem_token(desk, issued.secrets.as_ref().unwrap().link.expose()).await
}

async fn redeem_token(desk: &Desk, token: &str) -> Result<SystemRole, ServiceError> {
    let secret = Secret::Token(token.to_owned());
    let account = Some(NewAccount { name: Some("Ada".into()), ..NewAccount::default() });
    let command = Redeem { secret, caller: None, account, idempotency: None, client: None, origin: Origin::default() };
    Ok(invitations(desk).redeem(command).await?.member.unwrap().role.unwrap().system.unwrap())
}

async fn operator(desk: &Desk) -> Caller {
    let (principal, _) = desk.operator().await;
    desk.caller(principal)
}

async fn without_mailbox_proof(desk: &Desk) {
    let mut open = desk.scene.organization.clone();
    open.policy.require_mailbox_proof = false;
    open.version += 1;
    desk.scene.administer(AdministrationChange::UpdateOrganization(Box::new(open))).await;
}

async fn role_names(desk: &Desk) -> Vec<String> {
    let roles = desk.service.roles(&desk.owner(), &PageRequest::first(50)).await.unwrap().items;
    roles.into_iter().map(|view| view.role.name).collect()
}

#[tokio::test]
async fn all_eleven_roles_are_made_at_the_first_use_of_one_and_only_then() {
    let desk = Desk::new().await;
    assert_eq!(role_names(&desk).await.len(), 4);
    let driver = desk.service.gatego_role(&desk.owner(), GategoRole::Driver).await.unwrap();
    assert_eq!((driver.scope, driver.system), (RoleScope::Gatego, Some(SystemRole::Gatego(GategoRole::Driver))));
    assert!(driver.number > 0);
    let names = role_names(&desk).await;
    assert_eq!(names.len(), 4 + GategoRole::ALL.len());
    for role in GategoRole::ALL {
        let found = desk.service.gatego_role(&desk.owner(), role).await.unwrap();
        let by_number = desk.service.role_to_grant(&desk.owner(), found.number).await.unwrap();
        assert_eq!((found.name.as_str(), by_number), (role.name(), Some(found.clone())));
    }
    assert_eq!(role_names(&desk).await, names, "they are there now");
    let filter = EventFilter { kind: Some(EventKind::RoleCreated), ..EventFilter::default() };
    let page = PageRequest::first(50);
    let told = desk.store.events(desk.scene.organization.id, &filter, &page).await.unwrap().items;
    assert_eq!(told.len(), GategoRole::ALL.len());
    let other = other_scene(&desk).await;
    let theirs = Caller { organization_id: other.organization.id, ..desk.caller(other.owner.principal()) };
    assert_eq!(desk.service.roles(&theirs, &page).await.unwrap().items.len(), 4, "in the one organisation alone");
    assert_eq!(desk.service.role_to_grant(&theirs, driver.number).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_uses_the_roles_first_at_once_makes_them_once() {
    for _ in 0..20 {
        let desk = Arc::new(Desk::new().await);
        let uses: Vec<_> = GategoRole::ALL
            .into_iter()
            .map(|role| {
                let desk = Arc::clone(&desk);
                tokio::spawn(async move { desk.service.gatego_role(&desk.owner(), role).await })
            })
            .collect();
        for (one, role) in uses.into_iter().zip(GategoRole::ALL) {
            let made = one.await.unwrap().unwrap();
            assert_eq!((made.name.as_str(), made.number > 0), (role.name(), true));
            let found = desk.service.role_named(&desk.owner(), role.name()).await.unwrap().unwrap();
            assert_eq!(
                (found.id, found.number),
                (made.id, made.number),
                "everybody was told of the one that is stored"
            );
        }
        assert_eq!(role_names(&desk).await.len(), 4 + GategoRole::ALL.len());
    }
}

#[tokio::test]
async fn who_may_not_invite_makes_no_roles_and_a_role_of_the_same_name_is_not_taken_for_one() {
    let desk = Desk::new().await;
    let refused = desk.service.gatego_role(&desk.member(), GategoRole::Driver).await;
    assert_eq!(rejection(refused), Rejection::Forbidden { permission: "invitations.issue" });
    assert_eq!(role_names(&desk).await.len(), 4);
    // Written before the name was taken, as an older release would have let somebody do.
    let own = desk.scene.role("DRIVER", &["payroll.run"]);
    desk.scene.administer(AdministrationChange::InsertRole(Box::new(own))).await;
    let refused = desk.service.gatego_role(&desk.owner(), GategoRole::Driver).await;
    assert!(matches!(rejection(refused), Rejection::Invalid(_)));
    assert_eq!(role_names(&desk).await.len(), 5);
    let new = NewRole {
        name: "YARD_ADMIN".into(),
        description: None,
        permissions: PermissionSet::new(),
        scope: RoleScope::Organization,
    };
    assert!(matches!(rejection(desk.service.create_role(&desk.owner(), new).await), Rejection::Invalid(_)));
}

#[tokio::test]
async fn r6_2_an_owner_gives_every_role_but_the_operators_by_invitation_and_by_hand() {
    let desk = Desk::new().await;
    let (owner, operator) = (desk.owner(), operator(&desk).await);
    for wanted in GategoRole::ALL {
        let role = desk.service.gatego_role(&owner, wanted).await.unwrap();
        let address = format!("{}@example.org", wanted.name().to_lowercase());
        let issued = give(&desk, &owner, &address, &role).await;
        let promoted = promote(&desk, &owner, role.id).await;
        if OPERATORS.contains(&wanted) {
            assert_eq!(rejection(issued), Rejection::OperatorOnly, "{wanted:?}");
            assert_eq!(rejection(promoted), Rejection::OperatorOnly, "{wanted:?}");
            give(&desk, &operator, &address, &role).await.unwrap();
        } else {
            assert!(issued.is_ok() && promoted.is_ok(), "{wanted:?}");
        }
    }
    let key = desk.caller(Principal::ApiKey(desk.scene.api_key.id));
    let role = desk.service.gatego_role(&key, GategoRole::Admin).await.unwrap();
    let by_key = give(&desk, &key, "key@example.org", &role).await;
    assert!(matches!(rejection(by_key), Rejection::OperatorOnly), "the owner's key is no operator");
}

#[tokio::test]
async fn r6_2_what_the_operator_gave_an_owner_neither_takes_over_nor_takes_away() {
    let desk = Desk::new().await;
    without_mailbox_proof(&desk).await;
    let (owner, operator) = (desk.owner(), operator(&desk).await);
    let admin = desk.service.gatego_role(&owner, GategoRole::Admin).await.unwrap();
    let given = give(&desk, &operator, "ada@example.org", &admin).await.unwrap();
    assert_eq!(redeem(&desk, &given).await.unwrap(), SystemRole::Gatego(GategoRole::Admin));
    promote(&desk, &operator, admin.id).await.unwrap();
    for command in [
        ChangeMember { active: Some(false), ..ChangeMember::default() },
        ChangeMember { role_id: Some(Some(desk.scene.roles.guest.id)), ..ChangeMember::default() },
    ] {
        let refused = desk.service.change_member(&owner, desk.scene.member.membership.id, command).await;
        assert_eq!(rejection(refused), Rejection::OperatorOnly);
    }
    let removed = desk.service.remove_member(&owner, desk.scene.member.membership.id).await;
    assert_eq!(rejection(removed), Rejection::OperatorOnly);
    // An invitation of the owner's is not widened to it, and one of an operator who is gone is nobody's to take over.
    let plain = give(&desk, &owner, "bob@example.org", &desk.scene.roles.guest).await.unwrap();
    let widen = Amend { role_id: Some(Some(admin.id)), ..Amend::default() };
    let widened = invitations(&desk).amend(&owner, plain.record.invitation.id, widen).await;
    assert_eq!(rejection(widened), Rejection::OperatorOnly);
    let orphan = give(&desk, &operator, "eve@example.org", &admin).await.unwrap();
    let Principal::Operator(key) = operator.principal else { unreachable!("{operator:?}") };
    desk.scene.administer(AdministrationChange::RevokeOperatorKey(key, desk.scene.now())).await;
    let id: InvitationId = orphan.record.invitation.id;
    assert_eq!(desk.scene.record(id).await.unwrap().status(desk.scene.now()), Status::Suspended);
    assert!(matches!(rejection(redeem(&desk, &orphan).await), Rejection::Suspended { .. }));
    let sponsored = invitations(&desk).sponsor(&owner, id, None).await;
    assert_eq!(rejection(sponsored), Rejection::OperatorOnly);
    let revealed = invitations(&desk).reveal(&owner, id).await.map(drop);
    assert_eq!(rejection(revealed), Rejection::OperatorOnly);
}

#[tokio::test]
async fn r6_2_an_owner_who_comes_by_the_operators_role_in_the_rows_still_gives_it_to_nobody() {
    let desk = Desk::new().await;
    without_mailbox_proof(&desk).await;
    let (owner, operator) = (desk.owner(), operator(&desk).await);
    let admin = desk.service.gatego_role(&owner, GategoRole::Admin).await.unwrap();
    promote(&desk, &operator, admin.id).await.unwrap();
    // Who has the role holds everything in the organisation, and is no operator for that.
    let refused = give(&desk, &desk.member(), "ada@example.org", &admin).await;
    assert_eq!(rejection(refused), Rejection::OperatorOnly);
    // Stored behind the rules' back, the invitation is suspended and opens nothing.
    let mut smuggled = desk.scene.invitation("eve@example.org");
    smuggled.grant = Grant { role_id: Some(admin.id), ..Grant::default() };
    smuggled.grant_digest = smuggled.compute_grant_digest();
    desk.scene.apply(Plan { guards: Vec::new(), ..desk.scene.plan_issue(&smuggled) }).await;
    let record = desk.scene.record(smuggled.id).await.unwrap();
    assert_eq!(record.status(desk.scene.now()), Status::Suspended);
    let link = token::mint(&desk.scene.ring, &smuggled.token_binding().unwrap(), Provenance::Mailed).unwrap();
    let refused = redeem_token(&desk, link.expose()).await;
    assert!(matches!(rejection(refused), Rejection::Suspended { .. }));
}

#[tokio::test]
async fn r6_2_others_give_what_lies_within_what_they_hold() {
    let desk = Desk::new().await;
    let owner = desk.owner();
    let role = async |wanted| desk.service.gatego_role(&owner, wanted).await.unwrap();
    promote(&desk, &owner, role(GategoRole::YardAdmin).await.id).await.unwrap();
    let yard_admin = desk.member();
    for (number, wanted) in
        (0..).zip([GategoRole::Driver, GategoRole::Guard, GategoRole::CarrierAdmin, GategoRole::YardAdmin])
    {
        let address = format!("person{number}@example.org");
        let mut command = giving(&desk, &address, &role(wanted).await);
        command.reveal = Reveal::No;
        assert!(invitations(&desk).issue(&yard_admin, command, None).await.is_ok(), "{wanted:?}");
    }
    for wanted in [GategoRole::OrgAdmin, GategoRole::OrgGroupAdmin, GategoRole::Admin, GategoRole::SignupService] {
        let mut command = giving(&desk, "eve@example.org", &role(wanted).await);
        command.reveal = Reveal::No;
        let refused = invitations(&desk).issue(&yard_admin, command, None).await;
        let refused = rejection(refused);
        let above = matches!(refused, Rejection::GrantExceedsAuthority { .. });
        assert!(if OPERATORS.contains(&wanted) { refused == Rejection::OperatorOnly } else { above }, "{wanted:?}");
    }
}
