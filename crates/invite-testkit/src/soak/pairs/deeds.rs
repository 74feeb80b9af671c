//! What can be done to an invitation, its inviter, its role and its organisation.

use super::{stage::Actors, view::mask};
use crate::soak::{
    Violation,
    house::{Services, broken, redeem},
};
use invite_domain::invitation::Origin;
use invite_domain::{
    access::{ChangeMember, ChangeRole, Grant, PermissionSet},
    directory::ChangeOrganization,
    invitation::Channel,
    port::{InvitationRecord, Lease, Settlement},
    secret::token::ParsedToken,
    service::{Amend, Issue, OnConflict, Resend, Revoke, ServiceError},
};
use uuid::Uuid;

macro_rules! deeds {
    ($($name:ident,)+) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Deed { $($name,)+ }

        /// How many there are.
        const COUNT: usize = [$(Deed::$name),+].len();

        impl Deed {
            pub(super) const ALL: [Self; COUNT] = [$(Self::$name),+];
        }
    };
}

deeds! {
    Issue, IssueOrReturn, IssueOrResend, IssueInstead, IssueByInviter, Resend, ResendByInviter, Extend, AmendWords,
    AmendGrant, Revoke, RevokeHolder, Sponsor, Reveal, Redeem, Decline, DeclineAndBlock, RequestNewLink, DemoteInviter,
    PromoteInviter, SwitchOffInviter, RemoveInviter, EditRole, DeleteRole, ChangePolicy, DeleteOrganization,
    SettleMessage, ClaimMessages, NoteLapses,
}

/// Days and hours in seconds, later than any expiry there is on the stage.
const LATER: i64 = 20 * 86_400;

/// An answer in words, as far as two stores and two orders can be compared by it.
fn told<T>(answer: Result<T, ServiceError>, words: impl Fn(T) -> String) -> Result<String, Violation> {
    match answer {
        Ok(value) => Ok(words(value)),
        Err(ServiceError::Rejected(rejection)) => Ok(format!("refused: {rejection:?}")),
        Err(ServiceError::Contended) => Err(Violation::new("a use case gave up: too many others were at it")),
        Err(ServiceError::Port(error)) => Err(broken(error)),
    }
}

/// What an answer says of an invitation. Deliveries are told as they were when the use case looked: they stand in the
/// state instead.
fn record(record: &InvitationRecord) -> String {
    let invitation = &record.invitation;
    format!(
        "{} {:?} generation {} version {} until {}",
        invitation.id, invitation.state, invitation.generation, invitation.version, invitation.expires_at
    )
}

impl Deed {
    /// Whether the store has to have a directory for it.
    pub(super) fn needs_directory(self) -> bool {
        matches!(
            self,
            Self::DemoteInviter
                | Self::PromoteInviter
                | Self::SwitchOffInviter
                | Self::RemoveInviter
                | Self::EditRole
                | Self::DeleteRole
                | Self::ChangePolicy
                | Self::DeleteOrganization
        )
    }

    /// Does it.
    pub(super) async fn run(self, actors: &Actors, services: &Services) -> Result<String, Violation> {
        let answer = match self {
            Self::Issue | Self::IssueOrReturn | Self::IssueOrResend | Self::IssueInstead | Self::IssueByInviter => {
                self.issue(actors, services).await
            }
            Self::SettleMessage | Self::ClaimMessages | Self::NoteLapses => self.dispatch(actors, services).await,
            _ if self.needs_directory() => self.administer(actors, services).await,
            _ => self.change(actors, services).await,
        }?;
        Ok(mask(&answer, &[(actors.invitation.as_uuid(), "invitation"), (actors.holder.as_uuid(), "holder")]))
    }

    async fn issue(self, actors: &Actors, services: &Services) -> Result<String, Violation> {
        let on_conflict = match self {
            Self::IssueOrReturn => OnConflict::Return,
            Self::IssueOrResend => OnConflict::Resend,
            Self::IssueInstead => OnConflict::Replace,
            _ => OnConflict::Error,
        };
        let caller = if self == Self::IssueByInviter { actors.admin() } else { actors.owner() };
        let grant = Grant { role_id: Some(actors.crew.id), ..Grant::default() };
        let command = Issue { on_conflict, ..Issue::new(actors.recipient.clone(), grant) };
        told(services.invitations.issue(&caller, command, None).await, |issued| {
            format!("{} {}", issued.result.name(), record(&issued.record))
        })
    }

    async fn change(self, actors: &Actors, services: &Services) -> Result<String, Violation> {
        let (service, id, owner) = (&services.invitations, actors.invitation, actors.owner());
        let issued = |issued: invite_domain::service::Issued| record(&issued.record);
        let changed = |changed: InvitationRecord| record(&changed);
        match self {
            Self::Resend => told(service.resend(&owner, id, Resend::default(), None).await, issued),
            Self::ResendByInviter => told(service.resend(&actors.admin(), id, Resend::default(), None).await, issued),
            Self::Extend => told(service.extend(&owner, id, LATER, None).await, changed),
            Self::AmendWords => {
                let words = Amend { message: Some(Some("Come on in.".to_owned())), ..Amend::default() };
                told(service.amend(&owner, id, words).await, changed)
            }
            Self::AmendGrant => {
                let grant = Amend { role_id: Some(Some(actors.scene.roles.guest.id)), ..Amend::default() };
                told(service.amend(&owner, id, grant).await, changed)
            }
            Self::Revoke => told(service.revoke(&owner, id, Revoke::default()).await, changed),
            Self::RevokeHolder => told(service.revoke(&owner, actors.holder, Revoke::default()).await, changed),
            Self::Sponsor => told(service.sponsor(&owner, id, None).await, changed),
            Self::Reveal => {
                let ring = &actors.scene.ring;
                told(service.reveal(&owner, id).await, |secrets| {
                    let link = ParsedToken::parse(secrets.link.expose(), ring);
                    format!("a link of generation {:?}", link.map(|link| link.generation()))
                })
            }
            Self::Redeem => told(service.redeem(redeem(&actors.token, "Ana")).await, |redeemed| {
                let member = redeemed.member.map(|member| (member.membership.role_id, member.membership.permissions));
                format!(
                    "redeemed generation {}, again {}, as {member:?}, session {}",
                    redeemed.redemption.generation,
                    redeemed.replayed,
                    redeemed.session.is_some()
                )
            }),
            Self::RequestNewLink => {
                told(service.request_new_link(&actors.token, Origin::none()).await, |()| "asked".to_owned())
            }
            _ => {
                let block = self == Self::DeclineAndBlock;
                told(service.decline(&actors.token, block, Origin::none()).await, |declined| {
                    format!("declined, blocked {}", declined.blocked)
                })
            }
        }
    }

    async fn administer(self, actors: &Actors, services: &Services) -> Result<String, Violation> {
        let Some(directory) = &services.directory else { return Err(Violation::new("there is no directory")) };
        let (owner, scene) = (actors.owner(), &actors.scene);
        let inviter = scene.admin.membership.id;
        let member = |view: invite_domain::service::MemberView| {
            let membership = view.record.member.membership;
            format!("{:?} active {} version {}", membership.role_id, membership.active, membership.version)
        };
        let role = |role: &invite_domain::access::Role| ChangeMember {
            role_id: Some(Some(role.id)),
            ..ChangeMember::default()
        };
        match self {
            Self::DemoteInviter => {
                told(directory.change_member(&owner, inviter, role(&scene.roles.guest)).await, member)
            }
            Self::PromoteInviter => {
                told(directory.change_member(&owner, inviter, role(&scene.roles.admin)).await, member)
            }
            Self::SwitchOffInviter => {
                let off = ChangeMember { active: Some(false), ..ChangeMember::default() };
                told(directory.change_member(&owner, inviter, off).await, member)
            }
            Self::RemoveInviter => told(directory.remove_member(&owner, inviter).await, |()| "removed".to_owned()),
            Self::EditRole => {
                // More than an admin may: what he granted is suspended.
                let permissions = PermissionSet::parse(["invitations.read", "organization.write"]).ok();
                let command = ChangeRole { permissions, ..ChangeRole::default() };
                told(directory.change_role(&owner, actors.crew.id, command).await, |view| {
                    format!("role of version {}", view.role.version)
                })
            }
            Self::DeleteRole => told(directory.delete_role(&owner, actors.crew.id).await, |()| "deleted".to_owned()),
            Self::ChangePolicy => {
                let command = ChangeOrganization { require_mailbox_proof: Some(false), ..Default::default() };
                told(directory.change_organization(&owner, command).await, |organization| {
                    format!("organisation of version {}", organization.version)
                })
            }
            _ => {
                let id = scene.organization.id;
                told(directory.delete_organization(actors.operator, id, Origin::none()).await, |()| {
                    "deleted".to_owned()
                })
            }
        }
    }

    async fn dispatch(self, actors: &Actors, services: &Services) -> Result<String, Violation> {
        match self {
            Self::SettleMessage => {
                let outbox = &actors.outbox;
                let settled = outbox.settle(actors.message, &actors.lease, Settlement::Sent, None, actors.now).await;
                Ok(format!("settled {}", settled.map_err(broken)?))
            }
            Self::ClaimMessages => {
                let token = Uuid::from_u128(8);
                let lease = Lease { token, ..actors.lease.clone() };
                let claimed = actors.outbox.claim(&Channel::ALL, &lease, 10_000, actors.now).await;
                // The store may have messages of other organisations.
                let ours = claimed
                    .map_err(broken)?
                    .into_iter()
                    .filter(|message| message.organization_id == Some(actors.scene.organization.id));
                let generations = ours.filter_map(|message| message.kind.link().map(|(_, generation)| generation));
                Ok(format!("claimed of generations {:?}", generations.collect::<Vec<_>>()))
            }
            // One that was changed meanwhile is left to the next round, so there is one. How many were noted, also of other
            // organisations, is nobody's business here.
            _ => {
                told(services.dispatcher.note_lapses(10_000).await, |_| String::new())?;
                told(services.dispatcher.note_lapses(10_000).await, |_| "noted".to_owned())
            }
        }
    }
}
