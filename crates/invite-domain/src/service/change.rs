use super::{
    Caller, InvitationService, Secrets, ServiceError,
    attempt::{Step, attempt},
};
use crate::{
    invitation::{
        Context, Rejection,
        amend::{self, Amend},
        issue::Decided,
        resend,
        revoke::{self, Revoke},
        sponsor,
    },
    port::{InvitationFacts, InvitationQuery, InvitationRecord, InvitationRef},
    secret::token::Provenance,
};

impl InvitationService {
    /// Moves the expiry alone to `expires_in` seconds from now (rule 4.5). With `if_match` only where it has this
    /// version still.
    ///
    /// # Errors
    /// As [`resend::extend`].
    pub async fn extend(
        &self,
        caller: &Caller,
        id: impl Into<InvitationRef>,
        expires_in: i64,
        if_match: Option<i64>,
    ) -> Result<InvitationRecord, ServiceError> {
        let query = self.query(caller, id.into(), self.world.clock.now());
        self.change(caller, &query, |facts, ctx| resend::extend(facts, expires_in, if_match, ctx)).await
    }

    /// Changes what an invitation grants or says (rule 4.5).
    ///
    /// # Errors
    /// As [`amend::amend`].
    pub async fn amend(
        &self,
        caller: &Caller,
        id: impl Into<InvitationRef>,
        command: Amend,
    ) -> Result<InvitationRecord, ServiceError> {
        let query = InvitationQuery {
            role_id: command.role_id.flatten(),
            ..self.query(caller, id.into(), self.world.clock.now())
        };
        self.change(caller, &query, |facts, ctx| amend::amend(facts, &command, ctx)).await
    }

    /// Takes over a suspended invitation (rule 6.4). With `if_match` only where it has this version still.
    ///
    /// # Errors
    /// As [`sponsor::sponsor`].
    pub async fn sponsor(
        &self,
        caller: &Caller,
        id: impl Into<InvitationRef>,
        if_match: Option<i64>,
    ) -> Result<InvitationRecord, ServiceError> {
        let query = self.query(caller, id.into(), self.world.clock.now());
        self.change(caller, &query, |facts, ctx| sponsor::sponsor(facts, if_match, ctx)).await
    }

    /// Withdraws an invitation (rule 4.6).
    ///
    /// # Errors
    /// As [`revoke::revoke`].
    pub async fn revoke(
        &self,
        caller: &Caller,
        id: impl Into<InvitationRef>,
        command: Revoke,
    ) -> Result<InvitationRecord, ServiceError> {
        let query = self.query(caller, id.into(), self.world.clock.now());
        self.change(caller, &query, |facts, ctx| revoke::revoke(facts, &command, ctx)).await
    }

    /// Shows an invitation's link and code (rule 7.4). The trail says who saw it before anybody does.
    ///
    /// # Errors
    /// As [`sponsor::reveal`]; `KeyRetired` where the link's key is gone: resending makes a new link.
    pub async fn reveal(&self, caller: &Caller, id: impl Into<InvitationRef>) -> Result<Secrets, ServiceError> {
        let query = self.query(caller, id.into(), self.world.clock.now());
        let done = attempt!(&*self.store, async {
            let moment = self.moment(&caller.origin)?;
            let facts = self.load(&query).await?;
            let plan = sponsor::reveal(&facts, &moment.context())?;
            let record = facts.record.ok_or(Rejection::NotFound)?;
            let secrets = self.secrets(&record, Provenance::Revealed, &moment.ring)?;
            Ok(Step::Commit(Box::new(plan), secrets))
        });
        Ok(done?.0)
    }

    /// Load, decide by a rule, commit.
    async fn change(
        &self,
        caller: &Caller,
        query: &InvitationQuery,
        rule: impl Fn(&InvitationFacts, &Context<'_>) -> Result<Decided, Rejection>,
    ) -> Result<InvitationRecord, ServiceError> {
        let done = attempt!(&*self.store, async {
            let moment = self.moment(&caller.origin)?;
            let facts = self.load(query).await?;
            let decided = rule(&facts, &moment.context())?;
            Ok(match decided.plan {
                Some(plan) => Step::Commit(Box::new(plan), decided.record),
                None => Step::Done(decided.record),
            })
        });
        Ok(done?.0)
    }
}
