//! Erasing a person, for the operator.

use super::{
    ServiceError, Settings, World,
    attempt::{Step, attempt},
    directory::operator,
    guesses,
};
use crate::{
    directory::erasure::{self, Erased, Pseudonym},
    email::EmailAddress,
    invitation::{Context, FieldCode, Origin, Recipient, Rejection, limit::keys_of},
    port::{Directory, Erasure, InvitationStore, PortError, Principal},
};
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;

/// The use case that takes a person out of every table. A clone shares everything.
#[derive(Clone)]
pub struct ErasureService {
    store: Arc<dyn InvitationStore>,
    directory: Arc<dyn Directory>,
    erasure: Arc<dyn Erasure>,
    world: World,
    settings: Settings,
}

impl ErasureService {
    /// Puts the use case over its ports.
    pub fn new(
        store: Arc<dyn InvitationStore>,
        directory: Arc<dyn Directory>,
        erasure: Arc<dyn Erasure>,
        world: World,
        settings: Settings,
    ) -> Self {
        Self { store, directory, erasure, world, settings }
    }

    /// Erases the person behind an address in all organisations, at once or not at all. Done again it finds nothing.
    ///
    /// # Errors
    /// [`Rejection::OperatorOnly`]; [`Rejection::OwnsAlone`] where an organisation would be left without an owner; a field
    /// error at `/email` for a pseudonym.
    pub async fn erase(
        &self,
        principal: Principal,
        address: &EmailAddress,
        origin: &Origin,
    ) -> Result<Erased, ServiceError> {
        let actor = operator(&*self.directory, principal).await?;
        if Pseudonym::is_one(address) {
            let detail = "this stands in the place of somebody who was erased";
            return Err(Rejection::field("/email", FieldCode::Invalid, detail).into());
        }
        let (erased, _) = attempt!(&*self.store, async {
            let facts = self.erasure.person(address).await?;
            let (ring, key_id) = self.world.active_key()?;
            let context = Context {
                now: self.world.clock.now(),
                entropy: &*self.world.entropy,
                bounds: &self.settings.bounds,
                key_id,
                ring: &ring,
                origin,
            };
            let mut random = [0; 16];
            self.world.entropy.fill(&mut random);
            let pseudonym = Pseudonym::of(Uuid::from_bytes(random)).map_err(PortError::other)?;
            let mut counters = Vec::new();
            let names = facts.account.as_ref().map(|account| account.guess_key().into_owned());
            for name in names.iter().map(String::as_str).chain([address.key()]) {
                let spendings = guesses::spendings(&self.settings, &ring, name, None)?;
                counters.extend(spendings.into_iter().map(|spending| spending.key));
            }
            let numbers = facts.invitations.iter().filter_map(|invitation| invitation.recipient.phone());
            let numbers: BTreeSet<_> = numbers.cloned().map(Recipient::Phone).map(|number| number.live_key()).collect();
            let here = || facts.organizations.iter().map(|organization| organization.id);
            for recipient in numbers.into_iter().chain([Recipient::Email(address.clone()).live_key()]) {
                counters.extend(keys_of(&recipient, here()));
            }
            let (plan, erased) = erasure::erase(&context, actor, address, &facts, &pseudonym, counters)?;
            Ok(Step::Commit(Box::new(plan), erased))
        })?;
        Ok(erased)
    }
}
