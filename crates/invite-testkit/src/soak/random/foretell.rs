//! What the pure rules say that a deed comes to, and the model after it.

use super::{
    answer::{self, Answer, Link},
    deeds::{Deed, Fate},
    model::Model,
    naming,
};
use chrono::Duration;
use invite_domain::{
    access::{Administrator, ChangeRole, SystemRole, member_edit, permission, role_edit},
    directory::organization_edit,
    id::InvitationId,
    invitation::{
        Channel, DeliveryState, Invitation, OutboxMessage, Plan, Proof, Reason, Rejection, State, Status, amend,
        context::{establish, require},
        decline, issue,
        issue::Decided,
        lapse, redeem, resend, revoke, sponsor,
    },
    port::{InvitationFacts, Principal, RedemptionFacts, Settlement},
    secret::{
        code::{CodeError, TypedCode},
        token::{self, ParsedToken, Provenance},
    },
    service::{Redeem, Revoke, Secret},
    time::seconds,
};
use uuid::Uuid;

/// How long a claim lasts.
pub(super) const LEASE: Duration = Duration::minutes(2);

/// An answer, and what has to be written for it.
type Foretold = Result<Written, Rejection>;
/// An answer that is no refusal.
type Written = (Answer, Option<Plan>);

impl Model {
    /// Brings the model to what comes after the deed, and tells the answer.
    pub(super) fn foretell(&mut self, deed: &Deed) -> Answer {
        let foretold = match deed {
            Deed::Pass(micros) => Ok(self.pass(*micros)),
            Deed::PassToExpiry { at, micros } => Ok(self.pass_to_expiry(*at, *micros)),
            Deed::Claim { limit } => Ok(self.claim_first(*limit)),
            Deed::Settle { claim, fate } => Ok(self.settle(*claim, *fate)),
            Deed::NoteLapses => Ok((Answer::Noted(self.note_lapses()), None)),
            Deed::List { status } => Ok((self.listed(*status), None)),
            Deed::Redeem { at, shown, caller } => self.redeemed(&self.redeem_command(*at, *shown, *caller)),
            Deed::Decline { .. } | Deed::RequestNewLink { .. } => self.answered(deed),
            _ if deed.needs_directory() => self.administered(deed),
            _ => self.decided(deed),
        };
        let answer = match foretold {
            Ok((answer, plan)) => {
                if let Some(plan) = plan {
                    self.write(&plan);
                }
                answer
            }
            Err(rejection) => Answer::Refused(rejection),
        };
        self.step += 1;
        answer
    }

    fn pass(&mut self, micros: i64) -> Written {
        self.now += Duration::microseconds(micros);
        (Answer::Done, None)
    }

    fn pass_to_expiry(&mut self, at: usize, micros: i64) -> Written {
        if let Some(invitation) = self.invitation(self.at(at)) {
            self.now = self.now.max(invitation.expires_at + Duration::microseconds(micros));
        }
        (Answer::Done, None)
    }

    /// An issue or a change of an invitation.
    fn decided(&self, deed: &Deed) -> Foretold {
        let entropy = self.entropy();
        let ctx = self.context(&entropy);
        if let Some((by, command)) = self.issue_command(deed) {
            let facts = self.issue_facts(self.principal(by), &command.recipient, command.grant.role_id);
            return self.issued(issue::issue(&facts, &command, &ctx)?);
        }
        match deed {
            Deed::Resend { by, at, expires_in, silent, reveal } => {
                let command = Self::resend_command(*expires_in, *silent, *reveal);
                self.issued(resend::resend(&self.facts(*by, *at), &command, &ctx)?)
            }
            Deed::Extend { by, at, expires_in } => {
                Ok(changed(resend::extend(&self.facts(*by, *at), *expires_in, None, &ctx)?))
            }
            Deed::Amend { by, at, rights, words, expires_in } => {
                let command = self.amend_command(*rights, *words, *expires_in);
                let facts = self.invitation_facts(self.principal(*by), self.at(*at), command.role_id.flatten());
                Ok(changed(amend::amend(&facts, &command, &ctx)?))
            }
            Deed::Revoke { by, at } => Ok(changed(revoke::revoke(&self.facts(*by, *at), &Revoke::default(), &ctx)?)),
            Deed::Sponsor { by, at } => Ok(changed(sponsor::sponsor(&self.facts(*by, *at), None, &ctx)?)),
            Deed::Reveal { by, at } => {
                let facts = self.facts(*by, *at);
                let plan = sponsor::reveal(&facts, &ctx)?;
                let invitation = facts.record.ok_or(Rejection::NotFound)?.invitation;
                Ok((Answer::Shown(self.link_of(&invitation, Provenance::Revealed)?), Some(plan)))
            }
            _ => Ok((Answer::Done, None)),
        }
    }

    fn facts(&self, by: usize, at: usize) -> InvitationFacts {
        self.invitation_facts(self.principal(by), self.at(at), None)
    }

    fn link_of(&self, invitation: &Invitation, provenance: Provenance) -> Result<Link, Rejection> {
        let binding = invitation.token_binding().ok_or(Rejection::KeyRetired)?;
        let text = token::mint(&self.ring, &binding, provenance).map_err(|_| Rejection::KeyRetired)?;
        Ok(Link::from(&text))
    }

    fn issued(&self, decided: Decided) -> Foretold {
        let Decided { plan, record, result, shown } = decided;
        let link = shown.then(|| self.link_of(&record.invitation, Provenance::Answer)).transpose()?;
        Ok((Answer::Issued(Box::new(answer::record(record)), result, link), plan))
    }

    /// Where a secret leads.
    fn led(
        &self,
        secret: &Secret,
        caller: Option<invite_domain::id::AccountId>,
    ) -> Result<(Proof, RedemptionFacts), Rejection> {
        let (proof, invitation) = match secret {
            Secret::Token(text) => {
                let token = ParsedToken::parse(text, &self.ring).map_err(|_| Rejection::NotGenuine)?;
                (Proof::Token(token.clone()), self.invitation(token.invitation()))
            }
            Secret::Code { code, .. } | Secret::KnownCode { code, .. } => {
                let code = TypedCode::parse(code).map_err(|error| match error {
                    CodeError::Mistyped => Rejection::CodeMistyped,
                    CodeError::Malformed => Rejection::NotGenuine,
                })?;
                let indexes: Vec<_> =
                    code.indexes(&self.ring, self.organization.id).into_iter().map(|(_, index)| index).collect();
                let coded = |it: &&Invitation| it.code_index.is_some_and(|index| indexes.contains(&index));
                (Proof::Code(code), self.invitations.iter().find(coded))
            }
        };
        let invitation = invitation.ok_or(Rejection::NotGenuine)?;
        Ok((proof, self.redemption_facts(invitation, caller)))
    }

    fn redeemed(&mut self, command: &Redeem) -> Foretold {
        let entropy = self.entropy();
        let ctx = self.context(&entropy);
        let (proof, facts) = self.led(&command.secret, command.caller)?;
        if let Some(again) = replayed(&facts, &proof, command) {
            return Ok((again, None));
        }
        let details = command.account.as_ref();
        match redeem::password_use(&facts, &proof, details, &self.ring, self.now) {
            Ok(_) => {}
            Err(Rejection::MailboxProofRequired) => {
                // The copied link sends the mailed one, and is refused (rule 5.4).
                let plan = decline::new_link(&facts, &proof, Some(&[Channel::Email]), &ctx);
                return Ok((Answer::Refused(Rejection::MailboxProofRequired), plan));
            }
            Err(rejection) => return Err(rejection),
        }
        let decided = redeem::redeem(&facts, &proof, details, None, &self.ring, &ctx)?;
        let answer = Answer::Redeemed {
            redemption: decided.redemption,
            account: Box::new(answer::account(decided.account)),
            member: Some(Box::new(answer::member(decided.member))),
            session: decided.session.is_some(),
            replayed: false,
            invitation: Box::new(answer::invitation(decided.invitation)),
        };
        Ok((answer, Some(decided.plan)))
    }

    /// What the holder of a link says without using it.
    fn answered(&self, deed: &Deed) -> Foretold {
        let entropy = self.entropy();
        let ctx = self.context(&entropy);
        match deed {
            Deed::Decline { at, shown, block } => {
                let (proof, facts) = self.led(&Secret::Token(self.link(*at, *shown)), None)?;
                let decided = decline::decline(&facts, &proof, *block, &self.ring, &ctx)?;
                Ok((Answer::Declined(decided.blocked), Some(decided.plan)))
            }
            Deed::RequestNewLink { at, shown } => {
                let led = self.led(&Secret::Token(self.link(*at, *shown)), None);
                let plan = led.ok().and_then(|(proof, facts)| decline::new_link(&facts, &proof, None, &ctx));
                Ok((Answer::Done, plan))
            }
            _ => Ok((Answer::Done, None)),
        }
    }

    fn administered(&self, deed: &Deed) -> Foretold {
        let entropy = self.entropy();
        let context = self.context(&entropy);
        let by = match deed {
            Deed::ChangeMember { by, .. }
            | Deed::RemoveMember { by, .. }
            | Deed::CreateRole { by, .. }
            | Deed::ChangeRole { by, .. }
            | Deed::DeleteRole { by, .. }
            | Deed::ChangePolicy { by, .. } => *by,
            _ => 0,
        };
        let principal: Principal = self.principal(by);
        let authority = establish(&self.actor(principal), &self.organization, self.now)?;
        let administrator =
            Administrator { context: &context, organization: &self.organization, authority: &authority };
        match deed {
            Deed::ChangeMember { whom, rights, active, .. } => {
                require(&authority, permission::MEMBERS_UPDATE)?;
                let member = self.member(self.whom(*whom)).ok_or(Rejection::NotFound)?;
                let (facts, command) = (self.member_facts(member), self.member_command(*rights, *active));
                let role = command.role_id.flatten().and_then(|id| self.role(id));
                let others = self.has_other_owner(member.id);
                let next = member_edit::change_member(&administrator, &facts, role.as_ref(), others, &command)?;
                let (plan, next) = next.map_or((None, facts), |(plan, next)| (Some(plan), next));
                Ok((Answer::Member(Box::new(answer::member(next))), plan))
            }
            Deed::RemoveMember { whom, .. } => {
                let member = self.member(self.whom(*whom)).map(|member| self.member_facts(member));
                let others = member.as_ref().is_some_and(|member| self.has_other_owner(member.membership.id));
                let plan = member_edit::remove_member(&administrator, member.as_ref(), others)?;
                Ok((Answer::Done, Some(plan)))
            }
            Deed::CreateRole { permissions, .. } => {
                require(&authority, permission::ROLES_WRITE)?;
                let (plan, role) = role_edit::create_role(&administrator, &self.role_command(*permissions), None)?;
                Ok((Answer::Role(Box::new(answer::role(role))), Some(plan)))
            }
            Deed::ChangeRole { role, permissions, .. } => {
                require(&authority, permission::ROLES_WRITE)?;
                let role = self.role(self.role_at(*role)).ok_or(Rejection::NotFound)?;
                let permissions = Some(naming::permissions(*permissions));
                let command = ChangeRole { permissions, ..ChangeRole::default() };
                let next = role_edit::change_role(&administrator, &role, &command, None)?;
                let (plan, next) = next.map_or((None, role), |(plan, next)| (Some(plan), next));
                Ok((Answer::Role(Box::new(answer::role(next))), plan))
            }
            Deed::DeleteRole { role, .. } => {
                require(&authority, permission::ROLES_WRITE)?;
                let role = self.role(self.role_at(*role)).ok_or(Rejection::NotFound)?;
                let plan = role_edit::delete_role(&administrator, &role, self.is_role_used(role.id))?;
                Ok((Answer::Done, Some(plan)))
            }
            Deed::ChangePolicy { proof, ttl_default, .. } => {
                require(&authority, permission::ORGANIZATION_WRITE)?;
                let command = Self::policy_command(*proof, *ttl_default);
                let next = organization_edit::change_organization(&administrator, &command, None)?;
                let (plan, next) = next.map_or((None, self.organization.clone()), |(plan, next)| (Some(plan), next));
                Ok((Answer::Organization(Box::new(next)), plan))
            }
            _ => Ok((Answer::Done, None)),
        }
    }

    fn has_other_owner(&self, except: invite_domain::id::MembershipId) -> bool {
        self.members.iter().filter(|member| member.active && member.id != except).any(|member| {
            member.role_id.and_then(|id| self.role(id)).is_some_and(|role| role.system == Some(SystemRole::Owner))
        })
    }

    /// Takes what a store may take. Which of many it takes, the store says: the sequence notes that instead.
    fn claim_first(&mut self, limit: u32) -> Written {
        let mut due: Vec<_> =
            self.claimable().map(|queued| (queued.message.next_attempt_at, queued.message.id)).collect();
        due.sort_unstable();
        due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let ids: Vec<_> = due.into_iter().map(|(_, id)| id).collect();
        let token = self.lease_token();
        self.claim(&ids, token, LEASE);
        (Answer::Claimed(ids), None)
    }

    /// A claim that was made, by its place from the end.
    pub(super) fn claim_at(&self, place: usize) -> Option<&(OutboxMessage, Uuid)> {
        let count = self.claims.len();
        self.claims.get(count.checked_sub(1)? - place % count)
    }

    /// What becomes of a claimed message.
    pub(super) fn settlement(&self, fate: Fate) -> Settlement {
        match fate {
            Fate::Sent => Settlement::Sent,
            Fate::Retried(after) => Settlement::Retry { at: self.now + seconds(after), reason: Reason::SmtpDeferred },
            Fate::Failed => Settlement::Failed(Reason::SmtpRefused),
            Fate::Cancelled => Settlement::Cancelled(Reason::InvitationEnded),
        }
    }

    fn settle(&mut self, place: usize, fate: Fate) -> Written {
        let Some((message, token)) = self.claim_at(place).cloned() else { return (Answer::Done, None) };
        let (now, settlement, entropy) = (self.now, self.settlement(fate), self.entropy());
        let event = invitation_of(&message).map(|id| self.failed_event(id, &entropy));
        let held = |queued: &&mut super::model::Queued| {
            queued.message.id == message.id && queued.lease.is_some_and(|(held, _)| held == token)
        };
        let Some(queued) = self.messages.iter_mut().find(held) else { return (Answer::Settled(false), None) };
        queued.lease = None;
        let row = &mut queued.message;
        row.attempts += u32::from(fate != Fate::Cancelled);
        (row.state, row.reason) = match settlement {
            Settlement::Sent => (DeliveryState::Sent, None),
            Settlement::Retry { at, reason } => {
                row.next_attempt_at = at;
                (DeliveryState::Queued, Some(reason))
            }
            Settlement::Failed(reason) => (DeliveryState::Failed, Some(reason)),
            Settlement::Cancelled(reason) => (DeliveryState::Cancelled, Some(reason)),
        };
        row.settled_at = (row.state != DeliveryState::Queued).then_some(now);
        let events = event.filter(|_| fate == Fate::Failed).into_iter().collect();
        (Answer::Settled(true), Some(Plan { events, ..Plan::default() }))
    }

    /// Notes what has lapsed, once a generation (rule 2.2), in the order a store tells of it: the ids of what is written come
    /// one after the other.
    pub(super) fn note_lapses(&mut self) -> u32 {
        let entropy = self.entropy();
        let mut records: Vec<_> = self.invitations.iter().map(|invitation| self.record(invitation)).collect();
        records.sort_by_key(|record| (record.invitation.expires_at, record.invitation.id));
        let mut sponsors: Vec<_> = self.members.iter().map(|member| self.member_facts(member)).collect();
        sponsors.retain(|member| member.held().allows(permission::INVITATIONS_SPONSOR));
        sponsors.sort_by_key(|member| (member.membership.created_at, member.membership.id));
        let since = self.now - lapse::QUIET;
        let told = self.messages.iter().map(|sent| &sent.message).filter(|message| message.created_at > since);
        let told = told.filter(|message| message.state != DeliveryState::Cancelled);
        let told = told.filter_map(|message| message.kind.told_of_suspension()).collect();
        let mut readers = lapse::Readers { members: sponsors, told };
        let plans: Vec<_> =
            records.iter().filter_map(|record| lapse::note(record, &mut readers, self.now, &entropy)).collect();
        for plan in &plans {
            self.write(plan);
        }
        u32::try_from(plans.len()).unwrap_or(u32::MAX)
    }

    fn listed(&self, place: usize) -> Answer {
        let wanted = Status::ALL[place % Status::ALL.len()];
        let listed = self.invitations.iter().filter(|invitation| self.status(invitation) == wanted);
        let mut ids: Vec<_> = listed.map(|invitation| invitation.id).collect();
        ids.sort_unstable();
        Answer::Listed(ids)
    }
}

fn changed(decided: Decided) -> Written {
    (Answer::Changed(Box::new(answer::record(decided.record))), decided.plan)
}

/// The invitation a message is of.
pub(super) fn invitation_of(message: &OutboxMessage) -> Option<InvitationId> {
    message.kind.link().map(|(invitation, _)| invitation)
}

/// The same redemption for the person who is signed in as who redeemed (rule 5.3).
fn replayed(facts: &RedemptionFacts, proof: &Proof, command: &Redeem) -> Option<Answer> {
    let invitation = &facts.record.invitation;
    let (State::Redeemed { .. }, Proof::Token(token)) = (&invitation.state, proof) else { return None };
    let (redemption, redeemer) = (facts.record.redemption.as_ref()?, facts.redeemer.as_ref()?);
    if token.generation() > invitation.generation || command.caller != Some(redemption.account_id) {
        return None;
    }
    Some(Answer::Redeemed {
        redemption: redemption.clone(),
        account: Box::new(answer::account(redeemer.account.clone())),
        member: redeemer.member.clone().map(answer::member).map(Box::new),
        session: false,
        replayed: true,
        invitation: Box::new(answer::invitation(invitation.clone())),
    })
}
