//! The same deed at the use cases over the store.

use super::{
    Stage,
    answer::{self, Answer, Link},
    deeds::{Deed, Fate},
    foretell::{LEASE, invitation_of},
    model::Model,
    naming,
};
use crate::soak::{Violation, house::broken};
use invite_domain::{
    access::ChangeRole,
    invitation::{Channel, Origin, Status},
    page::PageRequest,
    port::{InvitationFilter, Lease},
    service::{Caller, Issued, Redeemed, Revoke, ServiceError},
};

impl From<Issued> for Answer {
    fn from(issued: Issued) -> Self {
        let link = issued.secrets.map(|secrets| Link::from(&secrets.link));
        Self::Issued(Box::new(answer::record(issued.record)), issued.result, link)
    }
}

impl From<Redeemed> for Answer {
    fn from(redeemed: Redeemed) -> Self {
        Self::Redeemed {
            redemption: redeemed.redemption,
            account: Box::new(answer::account(redeemed.account)),
            member: redeemed.member.map(answer::member).map(Box::new),
            session: redeemed.session.is_some(),
            replayed: redeemed.replayed,
            invitation: Box::new(answer::invitation(redeemed.invitation)),
        }
    }
}

/// An answer, a refusal among them. That others were at it cannot be: there is nobody else.
fn told<T>(result: Result<T, ServiceError>, tell: impl FnOnce(T) -> Answer) -> Result<Answer, Violation> {
    match result {
        Ok(value) => Ok(tell(value)),
        Err(ServiceError::Rejected(rejection)) => Ok(Answer::Refused(rejection)),
        Err(ServiceError::Contended) => Err(Violation::new("a use case found its plan stale again and again")),
        Err(ServiceError::Port(error)) => Err(broken(error)),
    }
}

fn changed(record: invite_domain::port::InvitationRecord) -> Answer {
    Answer::Changed(Box::new(answer::record(record)))
}

impl Stage {
    fn caller(&self, model: &Model, who: usize) -> Caller {
        self.house.caller(model.principal(who))
    }

    /// Does it, in the state the model is in.
    pub(super) async fn act(&self, model: &Model, deed: &Deed) -> Result<Answer, Violation> {
        match deed {
            Deed::Pass(_) | Deed::PassToExpiry { .. } => Ok(Answer::Done),
            Deed::Claim { .. } | Deed::Settle { .. } | Deed::NoteLapses | Deed::List { .. } => {
                self.dispatch(model, deed).await
            }
            Deed::Redeem { .. } | Deed::Decline { .. } | Deed::RequestNewLink { .. } => self.answer(model, deed).await,
            _ if deed.needs_directory() => self.administer(model, deed).await,
            _ => self.decide(model, deed).await,
        }
    }

    async fn decide(&self, model: &Model, deed: &Deed) -> Result<Answer, Violation> {
        let service = &self.house.services.invitations;
        if let Some((by, command)) = model.issue_command(deed) {
            return told(service.issue(&self.caller(model, by), command, None).await, Answer::from);
        }
        match deed {
            Deed::Resend { by, at, expires_in, silent, reveal } => {
                let command = Model::resend_command(*expires_in, *silent, *reveal);
                told(service.resend(&self.caller(model, *by), model.at(*at), command, None).await, Answer::from)
            }
            Deed::Extend { by, at, expires_in } => {
                told(service.extend(&self.caller(model, *by), model.at(*at), *expires_in, None).await, changed)
            }
            Deed::Amend { by, at, rights, words, expires_in } => {
                let command = model.amend_command(*rights, *words, *expires_in);
                told(service.amend(&self.caller(model, *by), model.at(*at), command).await, changed)
            }
            Deed::Revoke { by, at } => {
                told(service.revoke(&self.caller(model, *by), model.at(*at), Revoke::default()).await, changed)
            }
            Deed::Sponsor { by, at } => {
                told(service.sponsor(&self.caller(model, *by), model.at(*at), None).await, changed)
            }
            Deed::Reveal { by, at } => told(service.reveal(&self.caller(model, *by), model.at(*at)).await, |secrets| {
                Answer::Shown(Link::from(&secrets.link))
            }),
            _ => Ok(Answer::Done),
        }
    }

    async fn answer(&self, model: &Model, deed: &Deed) -> Result<Answer, Violation> {
        let service = &self.house.services.invitations;
        match deed {
            Deed::Redeem { at, shown, caller } => {
                told(service.redeem(model.redeem_command(*at, *shown, *caller)).await, Answer::from)
            }
            Deed::Decline { at, shown, block } => {
                let answer = service.decline(&model.link(*at, *shown), *block, Origin::none()).await;
                told(answer, |declined| Answer::Declined(declined.blocked))
            }
            Deed::RequestNewLink { at, shown } => {
                told(service.request_new_link(&model.link(*at, *shown), Origin::none()).await, |()| Answer::Done)
            }
            _ => Ok(Answer::Done),
        }
    }

    async fn administer(&self, model: &Model, deed: &Deed) -> Result<Answer, Violation> {
        let Some(directory) = &self.house.services.directory else { return Ok(Answer::Done) };
        match deed {
            Deed::ChangeMember { by, whom, rights, active } => {
                let command = model.member_command(*rights, *active);
                let changed = directory.change_member(&self.caller(model, *by), model.whom(*whom), command).await;
                told(changed, |view| Answer::Member(Box::new(answer::member(view.record.member))))
            }
            Deed::RemoveMember { by, whom } => {
                told(directory.remove_member(&self.caller(model, *by), model.whom(*whom)).await, |()| Answer::Done)
            }
            Deed::CreateRole { by, permissions } => {
                let command = model.role_command(*permissions);
                let made = directory.create_role(&self.caller(model, *by), command).await;
                told(made, |view| Answer::Role(Box::new(answer::role(view.role))))
            }
            Deed::ChangeRole { by, role, permissions } => {
                let permissions = Some(naming::permissions(*permissions));
                let command = ChangeRole { permissions, ..ChangeRole::default() };
                let changed = directory.change_role(&self.caller(model, *by), model.role_at(*role), command).await;
                told(changed, |view| Answer::Role(Box::new(answer::role(view.role))))
            }
            Deed::DeleteRole { by, role } => {
                let deleted = directory.delete_role(&self.caller(model, *by), model.role_at(*role)).await;
                told(deleted, |()| Answer::Done)
            }
            Deed::ChangePolicy { by, proof, ttl_default } => {
                let command = Model::policy_command(*proof, *ttl_default);
                let changed = directory.change_organization(&self.caller(model, *by), command).await;
                told(changed, |organization| Answer::Organization(Box::new(organization)))
            }
            _ => Ok(Answer::Done),
        }
    }

    async fn dispatch(&self, model: &Model, deed: &Deed) -> Result<Answer, Violation> {
        let outbox = &self.house.subject.outbox;
        match deed {
            Deed::Claim { limit } => {
                let lease = Lease { token: model.lease_token(), lasts: LEASE };
                let claimed = outbox.claim(&Channel::ALL, &lease, *limit, model.now).await.map_err(broken)?;
                Ok(Answer::Claimed(claimed.into_iter().map(|message| message.id).collect()))
            }
            Deed::Settle { claim, fate } => {
                let Some((message, token)) = model.claim_at(*claim) else { return Ok(Answer::Done) };
                let lease = Lease { token: *token, lasts: LEASE };
                let entropy = model.entropy();
                let event = invitation_of(message).map(|id| model.failed_event(id, &entropy));
                let event = event.filter(|_| *fate == Fate::Failed);
                let settled = outbox.settle(message.id, &lease, model.settlement(*fate), event, model.now).await;
                Ok(Answer::Settled(settled.map_err(broken)?))
            }
            Deed::List { status } => {
                let statuses = vec![Status::ALL[status % Status::ALL.len()]];
                let filter = InvitationFilter { statuses, ..InvitationFilter::default() };
                let page = PageRequest::first(PageRequest::MAX_LIMIT);
                let listed = self.house.store().list(self.house.id(), &filter, &page, model.now).await;
                let listed = listed.map_err(broken)?.items;
                let mut ids: Vec<_> = listed.into_iter().map(|record| record.invitation.id).collect();
                ids.sort_unstable();
                Ok(Answer::Listed(ids))
            }
            _ => told(self.house.services.dispatcher.note_lapses(10_000).await, Answer::Noted),
        }
    }
}
