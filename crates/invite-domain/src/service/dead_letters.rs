use super::{
    Caller, InvitationService, ServiceError,
    attempt::{Step, attempt},
};
use crate::{
    access::permission,
    id::MessageId,
    invitation::{DeadLetter, Rejection, replay},
    page::{Page, PageRequest},
    port::Outbox,
};
use std::sync::Arc;

/// The use cases of dead letters: messages that were given up (rule 8.2).
#[derive(Clone)]
pub struct DeadLetterService {
    outbox: Arc<dyn Outbox>,
    invitations: InvitationService,
}

impl DeadLetterService {
    /// Puts the use cases over the outbox and the use cases of invitations.
    pub fn new(outbox: Arc<dyn Outbox>, invitations: InvitationService) -> Self {
        Self { outbox, invitations }
    }

    /// A page of the organisation's dead letters, the last first.
    ///
    /// # Errors
    /// Where the permission is missing.
    pub async fn list(&self, caller: &Caller, page: &PageRequest) -> Result<Page<DeadLetter>, ServiceError> {
        self.invitations.may_read(caller, permission::DEAD_LETTERS_READ).await?;
        Ok(self.outbox.dead_letters(caller.organization_id, page).await?)
    }

    /// Queues one of them again, and answers it as it was.
    ///
    /// # Errors
    /// As [`replay::replay`]; `NotFound` for an unknown one, one of another organisation and one that is not given up any more
    /// alike.
    pub async fn replay(&self, caller: &Caller, id: MessageId) -> Result<DeadLetter, ServiceError> {
        let invitations = &self.invitations;
        let done = attempt!(&*invitations.store, async {
            let moment = invitations.moment(&caller.origin)?;
            let letter = self.outbox.dead_letter(caller.organization_id, id).await?;
            let Some(letter) = letter else {
                // Whoever may not ask learns nothing of what there is.
                invitations.may_read(caller, permission::DEAD_LETTERS_REPLAY).await?;
                return Err(Rejection::NotFound.into());
            };
            let query = invitations.query(caller, letter.invitation_id.into(), moment.now);
            let facts = invitations.load(&query).await?;
            let plan = replay::replay(&facts, &letter, &moment.context())?;
            Ok(Step::Commit(Box::new(plan), letter))
        });
        done.map(|(letter, _)| letter)
    }
}
