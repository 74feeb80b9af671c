use super::{
    Caller, Idempotency, InvitationService, ServiceError,
    attempt::{Step, attempt},
};
use crate::{
    access::{Authority, permission},
    invitation::{
        IdempotencyRecord, Outcome, Rejection, Status,
        context::{CameFrom, establish, require},
        issue::{self, Decided, Issue, IssueResult, Reveal},
        resend::{self, Resend},
        sponsor::may_see_link,
    },
    port::{IdempotencyRef, InvitationQuery, InvitationRecord, InvitationRef, IssueQuery, Principal},
    secret::{
        code::CodeText,
        token::{Provenance, TokenText},
    },
    time::Timestamp,
};

/// What an issue or a resend came to, with the link where that was asked for and allowed.
#[derive(Debug)]
pub struct Issued {
    /// The invitation.
    pub record: InvitationRecord,
    /// What it came to.
    pub result: IssueResult,
    /// Link and code, where they were asked for and the caller may see them.
    pub secrets: Option<Secrets>,
}

/// What opens an invitation.
#[derive(Debug)]
pub struct Secrets {
    /// The link's token.
    pub link: TokenText,
    /// The short code, where the invitation has one.
    pub code: Option<CodeText>,
}

impl InvitationService {
    /// Makes an invitation (rules part 3).
    ///
    /// # Errors
    /// As [`issue::issue`]; `IdempotencyMismatch` where the key was used for another request.
    pub async fn issue(
        &self,
        caller: &Caller,
        command: Issue,
        idempotency: Option<Idempotency>,
    ) -> Result<Issued, ServiceError> {
        let scope = format!("{}:{}:issue", scope_of(caller.principal), caller.organization_id);
        let mut query = IssueQuery {
            organization_id: caller.organization_id,
            principal: caller.principal,
            live_key: command.recipient.live_key(),
            email: command.recipient.email().cloned(),
            subject_id: command.recipient.subject_id(),
            role_id: command.grant.role_id,
            idempotency: reference(idempotency.as_ref(), &scope),
            messages_since: self.messages_since(self.world.clock.now()),
            accepts_recent: true,
        };
        let done = attempt!(&*self.store, async {
            let moment = self.moment(&caller.origin)?;
            let facts = self.store.load_issue(&query).await?.ok_or(Rejection::NotFound)?;
            query.accepts_recent = false;
            if facts.is_recent {
                // A plan finds out by its guards; nothing else is said on facts of a moment ago.
                let decided = issue::issue(&facts, &command, &moment.context()).ok().filter(|one| one.plan.is_some());
                let planned = decided.map(|decided| step(decided, idempotency.as_ref(), &scope, moment.now));
                return Ok(planned.unwrap_or(Step::Again));
            }
            if let (Some(idempotency), Some((record, answer))) = (&idempotency, &facts.replay) {
                let authority = establish(&facts.actor, &facts.organization, moment.now)?;
                require(&authority, permission::INVITATIONS_ISSUE)?;
                if let Some(record) = record.answers(&idempotency.fingerprint, moment.now)? {
                    return Ok(Step::Done(replayed(record, answer.clone(), &authority, moment.now)?));
                }
            }
            let decided = issue::issue(&facts, &command, &moment.context())?;
            Ok(step(decided, idempotency.as_ref(), &scope, moment.now))
        });
        self.answer(done?, command.reveal != Reveal::No)
    }

    /// Sends an invitation again under a new link (rules 4.1 to 4.4).
    ///
    /// # Errors
    /// As [`resend::resend`]; `IdempotencyMismatch` where the key was used for another request.
    pub async fn resend(
        &self,
        caller: &Caller,
        id: impl Into<InvitationRef>,
        command: Resend,
        idempotency: Option<Idempotency>,
    ) -> Result<Issued, ServiceError> {
        let id = id.into();
        let scope = format!("{}:{}:resend:{}", scope_of(caller.principal), caller.organization_id, named(id));
        let query = InvitationQuery {
            idempotency: reference(idempotency.as_ref(), &scope),
            ..self.query(caller, id, self.world.clock.now())
        };
        let done = attempt!(&*self.store, async {
            let moment = self.moment(&caller.origin)?;
            let facts = self.load(&query).await?;
            if let (Some(idempotency), Some(record)) = (&idempotency, &facts.replay) {
                let authority = establish(&facts.actor, &facts.organization, moment.now)?;
                require(&authority, permission::INVITATIONS_RESEND)?;
                if let Some(record) = record.answers(&idempotency.fingerprint, moment.now)? {
                    return Ok(Step::Done(replayed(record, facts.record.clone(), &authority, moment.now)?));
                }
            }
            let decided = resend::resend(&facts, &command, &moment.context())?;
            Ok(step(decided, idempotency.as_ref(), &scope, moment.now))
        });
        self.answer(done?, command.reveal != Reveal::No)
    }

    /// Completes a decision with the number the store gave and the link that was asked for. A link of a generation that is not
    /// current any more, in the answer to a repeated request, is left out (rule 3.7).
    pub(super) fn answer(&self, (answer, outcome): (Answer, Outcome), reveal: bool) -> Result<Issued, ServiceError> {
        let Answer { mut decided, link_is_current } = answer;
        let invitation = &mut decided.record.invitation;
        if invitation.number == 0 {
            invitation.number = outcome.number_of(invitation.id.as_uuid());
        }
        let secrets = (reveal && decided.shown && link_is_current)
            .then(|| self.secrets(&decided.record, Provenance::Answer, &self.world.keys.ring()))
            .transpose()?;
        Ok(Issued { record: decided.record, result: decided.result, secrets })
    }
}

/// A decision, and whether its link may be in the answer.
pub(super) struct Answer {
    decided: Decided,
    link_is_current: bool,
}

impl From<Decided> for Answer {
    fn from(decided: Decided) -> Self {
        Self { decided, link_is_current: true }
    }
}

fn named(id: InvitationRef) -> String {
    match id {
        InvitationRef::Id(id) => id.to_string(),
        InvitationRef::Number(number) => number.to_string(),
    }
}

fn step(mut decided: Decided, idempotency: Option<&Idempotency>, scope: &str, now: Timestamp) -> Step<Answer> {
    let plan = decided.plan.take();
    let invitation = &decided.record.invitation;
    let record = idempotency.map(|idempotency| IdempotencyRecord {
        scope: scope.to_owned(),
        key: idempotency.key.clone(),
        fingerprint: idempotency.fingerprint,
        answer: invitation.id.as_uuid(),
        result: decided.result.name().to_owned(),
        generation: invitation.generation,
        created_at: now,
    });
    let answer = Answer { decided, link_is_current: true };
    match (plan, record) {
        (None, None) => Step::Done(answer),
        (plan, record) => {
            // A plan that only records the answer is worth a commit too: the same request gets the same ids.
            let plan = crate::invitation::Plan { idempotency: record, ..plan.unwrap_or_default() };
            Step::Commit(Box::new(plan), answer)
        }
    }
}

/// The answer to a request that was answered before: the invitation as it is now, and its link only where that is the same
/// one still and the caller may still see it.
fn replayed(
    record: &IdempotencyRecord,
    invitation: Option<InvitationRecord>,
    authority: &Authority,
    now: Timestamp,
) -> Result<Answer, Rejection> {
    let invitation = invitation.ok_or(Rejection::NotFound)?;
    let result = IssueResult::from_name(&record.result).unwrap_or(IssueResult::Issued);
    let same =
        invitation.invitation.generation == record.generation && invitation.invitation.id.as_uuid() == record.answer;
    let link_is_current = same
        && invitation.status(now) == Status::Pending
        && may_see_link(authority, &invitation, CameFrom::Unknown).is_ok();
    Ok(Answer { decided: Decided { plan: None, record: invitation, result, shown: link_is_current }, link_is_current })
}

fn reference(idempotency: Option<&Idempotency>, scope: &str) -> Option<IdempotencyRef> {
    idempotency.map(|idempotency| IdempotencyRef { scope: scope.to_owned(), key: idempotency.key.clone() })
}

fn scope_of(principal: Principal) -> String {
    match principal {
        Principal::Person(id) => format!("person:{id}"),
        Principal::ApiKey(id) => format!("api_key:{id}"),
        Principal::Operator(id) => format!("operator:{id}"),
    }
}
