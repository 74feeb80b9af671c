//! Whose a credential is, and for which organisation its holder calls.

use super::{
    DirectoryService, ServiceError,
    recent::{Ended, Entrance, SeenKey, tell},
};
use crate::{
    directory::{Account, ApiKey, Limits, OperatorKey, Organization, Session, VerifiedIdentity},
    id::{AccountId, OrganizationId},
    invitation::Rejection,
    port::{CredentialFacts, OrganizationRef, PortError, Principal},
    secret::credential::{CredentialDigest, CredentialKind, ParsedCredential},
    service::identities::account_of,
    time::Timestamp,
};
use chrono::Duration;
use std::sync::Arc;

/// How old the note of a session's last use may grow.
const SESSION_NOTE: Duration = Duration::hours(1);

/// Who calls, by a credential that counts now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Authenticated {
    /// A person who is signed in.
    Person {
        /// Who.
        account: Box<Account>,
        /// By which session.
        session: Box<Session>,
    },
    /// A person, by a token of an issuer the operator configured (rule 5.10). There is no session that could end.
    Identified(Box<Account>),
    /// A program, by an organisation's key.
    ApiKey(Arc<ApiKey>),
    /// The operator of the installation.
    Operator(Box<OperatorKey>),
}

impl Authenticated {
    /// The caller as the use cases name one.
    pub fn principal(&self) -> Principal {
        match self {
            Self::Person { account, .. } | Self::Identified(account) => Principal::Person(account.id),
            Self::ApiKey(key) => Principal::ApiKey(key.id),
            Self::Operator(key) => Principal::Operator(key.id),
        }
    }

    /// Who redeems an invitation: a person, but not by a session of one organisation.
    pub fn redeemer(&self) -> Option<AccountId> {
        match self {
            Self::Person { account, session } => session.organization_id.is_none().then_some(account.id),
            Self::Identified(account) => Some(account.id),
            Self::ApiKey(_) | Self::Operator(_) => None,
        }
    }

    /// The person, by a session or by a token of another issuer.
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::Person { account, .. } | Self::Identified(account) => Some(account),
            Self::ApiKey(_) | Self::Operator(_) => None,
        }
    }

    /// The organisation alone in which it counts, where it is a session of one.
    pub fn only_organization(&self) -> Option<OrganizationId> {
        self.person().and_then(|(_, session)| session.organization_id)
    }

    /// The person and the session, where it is a person by a session.
    pub fn person(&self) -> Option<(&Account, &Session)> {
        match self {
            Self::Person { account, session } => Some((account, session)),
            Self::Identified(_) | Self::ApiKey(_) | Self::Operator(_) => None,
        }
    }
}

/// What the credential of an Authorization header proves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Bearer {
    /// It is somebody's here.
    Known(Authenticated),
    /// Whoever holds it has no account yet: it counts where an invitation is redeemed, and nowhere else (rule 5.10).
    Stranger(Box<VerifiedIdentity>),
}

/// For which organisation a call is, and the limits of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    /// The organisation.
    pub organization_id: OrganizationId,
    /// Its limits.
    pub limits: Limits,
}

/// What a credential's digest was found to be.
enum Seen {
    Key(Arc<SeenKey>),
    Other(CredentialFacts),
}

impl DirectoryService {
    /// Tells whose a credential is, or `None` where it opens nothing: not of the shape (which costs no read), unknown,
    /// revoked, expired, ended. Notes now and then that it was used.
    ///
    /// What its holder may do in an organisation is not decided here: every use case asks the directory anew, so that a
    /// key whose maker left ends with him. Whose a key is may have been read up to half a second ago
    /// ([`Self::with_recent`]).
    ///
    /// # Errors
    /// A port's failure.
    pub async fn authenticate(&self, credential: &str) -> Result<Option<Authenticated>, ServiceError> {
        let Some(parsed) = ParsedCredential::parse(credential) else { return Ok(None) };
        let digest = parsed.digest();
        let Some(seen) = self.seen(&parsed, &digest).await? else { return Ok(None) };
        let now = self.now();
        match seen {
            Seen::Key(seen) => {
                let key = &seen.key;
                if key.revoked_at.is_some() || key.is_expired(now) || !key.accepts(&digest, now) {
                    return Ok(None);
                }
                if seen.is_to_be_noted(now) {
                    self.directory.note_key_used(key.id, now).await;
                }
                Ok(Some(Authenticated::ApiKey(Arc::clone(key))))
            }
            Seen::Other(CredentialFacts::Operator(key)) => {
                Ok(key.revoked_at.is_none().then_some(Authenticated::Operator(key)))
            }
            Seen::Other(CredentialFacts::Session(session, account)) => self.session(session, account, now).await,
            // It renews a session and opens nothing itself.
            Seen::Other(CredentialFacts::Refresh(..) | CredentialFacts::ApiKey(_)) => Ok(None),
        }
    }

    /// What a digest leads to: an organisation's key as it was read a moment ago, anything else as it is now.
    async fn seen(&self, parsed: &ParsedCredential, digest: &CredentialDigest) -> Result<Option<Seen>, PortError> {
        // Only keys are kept: of a person that would be the account with its password's verifier, and the rights of an
        // operator's key are read nowhere else.
        let keys = self.recent.as_ref().filter(|_| parsed.kind() == CredentialKind::ApiKey).map(|recent| &recent.keys);
        let lead = match keys.map(|keys| keys.enter(*digest, self.now())) {
            Some(Entrance::Known(key)) => return Ok(Some(Seen::Key(key))),
            Some(Entrance::Wait(waiting)) => match waiting.await {
                Ended::Found(key) => return Ok(Some(Seen::Key(key))),
                Ended::Nothing => return Ok(None),
                Ended::Alone => None,
            },
            Some(Entrance::Lead(lead)) => Some(lead),
            Some(Entrance::Alone) | None => None,
        };
        let facts = self.directory.credential(digest).await?;
        let seen = match facts {
            None => {
                tell(lead, None);
                return Ok(None);
            }
            // A revoked key opens nothing, like one there is not.
            Some(CredentialFacts::ApiKey(key)) if key.revoked_at.is_some() => {
                tell(lead, None);
                return Ok(None);
            }
            Some(CredentialFacts::ApiKey(key)) => {
                let key = Arc::new(SeenKey::new(*key));
                tell(lead, Some(Arc::clone(&key)));
                Seen::Key(key)
            }
            // Whoever waits for the same reads it, too.
            Some(other) => Seen::Other(other),
        };
        Ok(Some(seen))
    }

    /// The same for the credential of an Authorization header, which may be a token of another issuer, too. A text of our own
    /// credentials' shape is never shown to an issuer's verifier; one of another shape never looked up among them.
    ///
    /// # Errors
    /// A port's failure, also where the issuer's keys could not be had.
    pub async fn authenticate_bearer(&self, credential: &str) -> Result<Option<Bearer>, ServiceError> {
        if ParsedCredential::parse(credential).is_some() {
            return Ok(self.authenticate(credential).await?.map(Bearer::Known));
        }
        let Some(issuers) = &self.issuers else { return Ok(None) };
        let Some(identity) = issuers.verify(credential, self.now()).await? else { return Ok(None) };
        Ok(Some(match account_of(&*self.directory, &identity).await? {
            Some(account) => Bearer::Known(Authenticated::Identified(Box::new(account))),
            None => Bearer::Stranger(Box::new(identity)),
        }))
    }

    async fn session(
        &self,
        session: Box<Session>,
        account: Box<Account>,
        now: Timestamp,
    ) -> Result<Option<Authenticated>, ServiceError> {
        if !session.is_live(now) {
            return Ok(None);
        }
        if session.last_seen_at + SESSION_NOTE <= now {
            self.directory.note_session_used(session.id, now).await;
        }
        Ok(Some(Authenticated::Person { account, session }))
    }

    /// For which organisation a call is, as [`Self::effective_organization`] finds it. A key's own may have been read up to
    /// half a second ago ([`Self::with_recent`]).
    ///
    /// # Errors
    /// As [`Self::effective_organization`].
    pub async fn scope(&self, who: &Authenticated, named: Option<&str>) -> Result<Scope, ServiceError> {
        if let (Authenticated::ApiKey(key), Some(recent)) = (who, &self.recent) {
            let id = key.organization_id;
            let lead = match recent.organizations.enter(id, self.now()) {
                Entrance::Known(limits) => return Ok(Scope { organization_id: id, limits }),
                Entrance::Wait(waiting) => match waiting.await {
                    Ended::Found(limits) => return Ok(Scope { organization_id: id, limits }),
                    Ended::Nothing => return Err(Rejection::Unauthenticated.into()),
                    Ended::Alone => None,
                },
                Entrance::Lead(lead) => Some(lead),
                Entrance::Alone => None,
            };
            let own = self.directory.organization(&OrganizationRef::Id(id)).await?;
            let limits = own.map(|own| own.limits);
            tell(lead, limits.clone());
            return Ok(Scope { organization_id: id, limits: limits.ok_or(Rejection::Unauthenticated)? });
        }
        let organization = self.effective_organization(who, named).await?;
        Ok(Scope { organization_id: organization.id, limits: organization.limits })
    }

    /// The organisation a call is about. `named` is what the caller names it by: id, number or slug.
    ///
    /// A key has an organisation of its own and whatever it names is ignored; the operator names one; a person may leave
    /// it out who is a member of exactly one.
    ///
    /// # Errors
    /// [`Rejection::OrganizationRequired`] where none is named and none is plain; [`Rejection::NotFound`] alike for an
    /// unknown organisation and one the person does not belong to; [`Rejection::Unauthenticated`] for a key of a deleted
    /// one.
    pub async fn effective_organization(
        &self,
        who: &Authenticated,
        named: Option<&str>,
    ) -> Result<Organization, ServiceError> {
        match who {
            Authenticated::ApiKey(key) => {
                let own = self.directory.organization(&OrganizationRef::Id(key.organization_id)).await?;
                Ok(own.ok_or(Rejection::Unauthenticated)?)
            }
            Authenticated::Operator(_) => {
                let named = named.ok_or(Rejection::OrganizationRequired)?;
                Ok(self.organization_named(named).await?.ok_or(Rejection::NotFound)?)
            }
            Authenticated::Person { account, .. } | Authenticated::Identified(account) => {
                let own = self.directory.memberships_of(account.id).await?.into_iter().map(|(own, _)| own);
                let counts = |own: &Organization| who.only_organization().is_none_or(|only| only == own.id);
                let own: Vec<_> = own.filter(counts).collect();
                match named {
                    None => <[Organization; 1]>::try_from(own)
                        .map(|[only]| only)
                        .map_err(|_| Rejection::OrganizationRequired.into()),
                    Some(named) => {
                        let found = own.iter().find(|own| is_named(own, named)).map(|own| own.id);
                        let id = match found {
                            Some(id) => Some(id),
                            // It may be a slug it had before.
                            None => self.organization_named(named).await?.map(|found| found.id),
                        };
                        let belongs = own.into_iter().find(|own| Some(own.id) == id);
                        Ok(belongs.ok_or(Rejection::NotFound)?)
                    }
                }
            }
        }
    }

    async fn organization_named(&self, named: &str) -> Result<Option<Organization>, ServiceError> {
        for reference in OrganizationRef::readings(named) {
            let found = self.directory.organization(&reference).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

fn is_named(organization: &Organization, named: &str) -> bool {
    named.parse() == Ok(organization.id)
        || named.parse() == Ok(organization.number)
        || organization.slug.as_str() == named
}
