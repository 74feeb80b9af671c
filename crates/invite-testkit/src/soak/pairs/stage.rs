//! Where a pair meets: an organisation, an invitation by its admin, and what happened to it before.

use super::rising::Rising;
use crate::{
    Scene,
    contract::Subject,
    soak::{
        Violation,
        house::{House, Services, broken},
    },
};
use chrono::Duration;
use invite_domain::{
    access::{ChangeMember, Grant, Role},
    id::{InvitationId, MessageId},
    invitation::{AdministrationChange, Channel, DirectoryChange, MessageKind, Origin, Plan, Recipient},
    port::{InvitationStore, Lease, Outbox, Principal},
    secret::token::{self, Provenance},
    service::{Caller, Issue, Revoke, ServiceError, Settings, World},
    time::Timestamp,
};
use std::sync::Arc;
use uuid::Uuid;

/// What happened before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Situation {
    /// The invitation is live.
    Live,
    /// Its time is over.
    Expired,
    /// Its inviter became a guest.
    Suspended,
    /// It is live, and who is invited has an account already.
    Known,
    /// Its time is over, and another one took its place.
    Displaced,
    /// It was revoked: nobody holds its live key, and nothing that is open grants its role.
    Revoked,
}

impl Situation {
    pub(super) const ALL: [Self; 6] =
        [Self::Live, Self::Expired, Self::Suspended, Self::Known, Self::Displaced, Self::Revoked];
}

/// Everybody and everything a deed may name.
#[derive(Clone)]
pub(super) struct Actors {
    pub(super) scene: Scene,
    pub(super) outbox: Arc<dyn Outbox>,
    pub(super) recipient: Recipient,
    /// The invitation.
    pub(super) invitation: InvitationId,
    /// Who holds its live key now.
    pub(super) holder: InvitationId,
    /// Its mailed token.
    pub(super) token: Arc<str>,
    /// The role it grants.
    pub(super) crew: Role,
    pub(super) operator: Principal,
    /// The claim on its message.
    pub(super) lease: Lease,
    pub(super) message: MessageId,
    pub(super) now: Timestamp,
}

impl Actors {
    /// Calls as the owner.
    pub(super) fn owner(&self) -> Caller {
        self.caller(self.scene.owner.principal())
    }

    /// Calls as the admin who invited.
    pub(super) fn admin(&self) -> Caller {
        self.caller(self.scene.admin.principal())
    }

    fn caller(&self, principal: Principal) -> Caller {
        Caller { principal, organization_id: self.scene.organization.id, origin: Origin::default() }
    }
}

pub(super) struct Stage {
    pub(super) house: House,
    pub(super) actors: Actors,
    /// What is called how, to compare two stores.
    pub(super) names: Vec<(Uuid, &'static str)>,
}

fn refused(error: &ServiceError) -> Violation {
    Violation::new(format!("the stage was not set: {error:?}"))
}

impl Stage {
    /// Sets the stage in a store. Two stores and one word: the same ids in both.
    pub(super) async fn set(subject: Subject, word: &str, situation: Situation) -> Result<Self, Violation> {
        let house = House::of(subject, word).await;
        let rising = World { entropy: Arc::new(Rising::of(word)), ..house.world.clone() };
        let house = house.in_world(rising, &Settings::default());
        let scene = &house.scene;
        let crew = scene.role("crew", &["invitations.read", "members.read"]);
        let (operator, _) = scene.new_operator_key();
        let mut plan = Plan {
            administration: vec![
                AdministrationChange::InsertRole(Box::new(crew.clone())),
                AdministrationChange::InsertOperatorKey(Box::new(operator.clone())),
            ],
            ..Plan::default()
        };
        let address = format!("ana@{word}.example");
        if situation == Situation::Known {
            plan.directory.push(DirectoryChange::InsertAccount(Box::new(scene.account(&address))));
        }
        scene.apply(plan).await;
        let recipient = Recipient::Email(scene.address(&address));
        let grant = Grant { role_id: Some(crew.id), ..Grant::default() };
        let issue = Issue::new(recipient.clone(), grant);
        let service = &house.services.invitations;
        let issued = service.issue(&house.caller(scene.admin.principal()), issue.clone(), None).await;
        let invitation = issued.map_err(|error| refused(&error))?.record.invitation;
        let binding = invitation.token_binding().ok_or_else(|| Violation::new("an invitation without a nonce"))?;
        let token = token::mint(&scene.ring, &binding, Provenance::Mailed);
        let token = token.map_err(|error| Violation::new(error.to_string()))?.expose().into();
        let lease = Lease { token: Uuid::from_u128(7), lasts: Duration::days(3650) };
        let outbox = Arc::clone(&house.subject.outbox);
        let message = claim(&*outbox, &lease, invitation.id, scene.now()).await?;
        let mut holder = invitation.id;
        scene.pass(Duration::seconds(1));
        match situation {
            Situation::Live | Situation::Known => {}
            Situation::Expired => {
                scene.pass(Duration::hours(25));
            }
            Situation::Suspended => suspend(&house).await?,
            Situation::Revoked => {
                let owner = house.caller(scene.owner.principal());
                let revoked = service.revoke(&owner, invitation.id, Revoke::default()).await;
                revoked.map_err(|error| refused(&error))?;
            }
            Situation::Displaced => {
                scene.pass(Duration::hours(25));
                let second = service.issue(&house.caller(scene.owner.principal()), issue, None).await;
                holder = second.map_err(|error| refused(&error))?.record.invitation.id;
            }
        }
        let names = vec![
            (scene.organization.id.as_uuid(), "organisation"),
            (scene.owner.membership.id.as_uuid(), "owner"),
            (scene.admin.membership.id.as_uuid(), "admin"),
            (scene.member.membership.id.as_uuid(), "member"),
            (scene.roles.guest.id.as_uuid(), "guests"),
            (crew.id.as_uuid(), "crew"),
            (operator.id.as_uuid(), "operator"),
            (invitation.id.as_uuid(), "invitation"),
            (holder.as_uuid(), "holder"),
        ];
        let actors = Actors {
            scene: scene.clone(),
            outbox,
            recipient,
            invitation: invitation.id,
            holder,
            token,
            crew,
            operator: Principal::Operator(operator.id),
            lease,
            message,
            now: scene.now(),
        };
        Ok(Self { house, actors, names })
    }

    /// The use cases over the store under test, watched.
    pub(super) fn services(&self, store: Arc<dyn InvitationStore>) -> Services {
        Services::over(&self.house.subject, store, &self.house.world, &Settings::default())
    }
}

/// Takes all that is due, and finds the invitation's message in it.
async fn claim(
    outbox: &dyn Outbox,
    lease: &Lease,
    invitation: InvitationId,
    now: Timestamp,
) -> Result<MessageId, Violation> {
    let claimed = outbox.claim(&Channel::ALL, lease, 10_000, now).await.map_err(broken)?;
    let ours = claimed.into_iter().find(
        |message| matches!(message.kind, MessageKind::Invitation { invitation_id, .. } if invitation_id == invitation),
    );
    ours.map(|message| message.id).ok_or_else(|| Violation::new("the invitation's message is not there to be claimed"))
}

/// The inviter becomes a guest.
async fn suspend(house: &House) -> Result<(), Violation> {
    let scene = &house.scene;
    let Some(directory) = &house.services.directory else {
        // A host's own directory changes a member by a plan of its own.
        let guest = invite_domain::directory::Membership {
            role_id: Some(scene.roles.guest.id),
            ..scene.admin.membership.clone()
        };
        let mut plan = scene.plan_member(&scene.admin.membership, guest);
        plan.guards.push(scene.epoch_at(scene.organization.authority_epoch, true));
        scene.apply(plan).await;
        return Ok(());
    };
    let change = ChangeMember { role_id: Some(Some(scene.roles.guest.id)), ..ChangeMember::default() };
    let owner = house.caller(scene.owner.principal());
    let changed = directory.change_member(&owner, scene.admin.membership.id, change).await;
    changed.map(drop).map_err(|error| refused(&error))
}
