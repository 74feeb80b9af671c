//! The bundled directory's use cases: credentials, sessions, accounts, and the administration of an organisation. A host
//! with accounts of its own has no use for them.
//!
//! Every method on an organisation goes the same way: load the facts, establish the caller's authority from them, hold it
//! to a permission, let the rule decide, commit under the epoch all that was decided under, and again while others were
//! faster.

mod account_links;
mod address;
mod api_keys;
mod credentials;
mod groups;
mod me;
mod members;
mod operator;
mod organization;
mod place;
mod recent;
mod roles;
mod sessions;

pub use account_links::AccountLink;
pub use address::AddressProof;
pub use api_keys::ApiKeyView;
pub use credentials::{Authenticated, Bearer, Scope};
pub use groups::GroupService;
pub use me::{ChangeMe, Me};
pub use members::MemberView;
pub(super) use operator::operator;
pub use operator::{CreatedOrganization, Installed, SetUp};
pub use place::Place;
pub use recent::{Ending, RecentKeys};
pub use roles::RoleView;
pub use sessions::{SignIn, SignedIn};

use super::{
    Caller, ServiceError, Settings, World,
    attempt::{Step, attempt},
    guesses,
};
use crate::{
    access::{Administrator, Authority},
    directory::{Password, PasswordHash, Slug},
    invitation::{
        Context, Origin, Outcome, Plan, Rejection,
        context::{establish, require},
    },
    port::{
        AdministrationFacts, AdministrationQuery, Directory, InvitationStore, Limiter, PasswordHasher, PortError,
        Principal, Spending, TokenVerifier,
    },
    secret::keyring::{KeyId, KeyRing},
    time::Timestamp,
};
use std::sync::Arc;
use uuid::Uuid;

/// The bundled directory's use cases. A clone shares everything.
#[derive(Clone)]
pub struct DirectoryService {
    store: Arc<dyn InvitationStore>,
    directory: Arc<dyn Directory>,
    limiter: Arc<dyn Limiter>,
    passwords: Arc<dyn PasswordHasher>,
    world: World,
    settings: Settings,
    issuers: Option<Arc<dyn TokenVerifier>>,
    recent: Option<RecentKeys>,
}

/// The present and the keys of one round: read once, so that everything in it agrees.
struct Moment {
    ring: Arc<KeyRing>,
    key_id: KeyId,
    now: Timestamp,
}

/// One guess of a password that was counted.
struct Guess {
    spendings: Vec<Spending>,
    taken_at: Timestamp,
}

/// A unique name a command wants, to be looked up in the round that decides.
enum Wanted<'a> {
    Nothing,
    RoleName(&'a str),
    Slug(&'a Slug),
}

impl DirectoryService {
    /// Puts the use cases together.
    pub fn new(
        store: Arc<dyn InvitationStore>,
        directory: Arc<dyn Directory>,
        limiter: Arc<dyn Limiter>,
        passwords: Arc<dyn PasswordHasher>,
        world: World,
        settings: Settings,
    ) -> Self {
        Self { store, directory, limiter, passwords, world, settings, issuers: None, recent: None }
    }

    /// Lets tokens of other issuers open accounts too, as this verifier finds them (rule 5.10).
    #[must_use]
    pub fn with_issuers(self, issuers: Arc<dyn TokenVerifier>) -> Self {
        Self { issuers: Some(issuers), ..self }
    }

    /// Remembers for half a second whose a key is that was found. Whatever commits plans in this process has to tell what is
    /// remembered of it ([`RecentKeys::during`]). Without it every call looks its key up.
    #[must_use]
    pub fn with_recent(self, recent: RecentKeys) -> Self {
        Self { recent: Some(recent), ..self }
    }

    fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    fn moment(&self) -> Result<Moment, PortError> {
        let (ring, key_id) = self.world.active_key()?;
        Ok(Moment { ring, key_id, now: self.now() })
    }

    fn context<'a>(&'a self, moment: &'a Moment, origin: &'a Origin) -> Context<'a> {
        Context {
            now: moment.now,
            entropy: &*self.world.entropy,
            bounds: &self.settings.bounds,
            key_id: moment.key_id,
            ring: &moment.ring,
            origin,
        }
    }

    /// Reads what a command needs and finds the caller's authority in it.
    async fn standing(
        &self,
        query: &AdministrationQuery,
        now: Timestamp,
    ) -> Result<(AdministrationFacts, Authority), ServiceError> {
        let facts = self.directory.load_administration(query).await?.ok_or(match query.principal {
            // The organisation was deleted, and all its secrets with it.
            Principal::ApiKey(_) => Rejection::Unauthenticated,
            Principal::Person(_) | Principal::Operator(_) => Rejection::NotFound,
        })?;
        let authority = establish(&facts.actor, &facts.organization, now)?;
        Ok((facts, authority))
    }

    /// The same for one who only looks.
    async fn seeing(
        &self,
        query: &AdministrationQuery,
        permission: &'static str,
    ) -> Result<AdministrationFacts, ServiceError> {
        let (facts, authority) = self.standing(query, self.now()).await?;
        require(&authority, permission)?;
        Ok(facts)
    }

    /// Load, decide, commit, and again while the plan is stale. `permission` is `None` where the rule itself asks for
    /// one; `decide` gets who holds the wanted name now.
    async fn administer<T>(
        &self,
        caller: &Caller,
        query: &AdministrationQuery,
        permission: Option<&'static str>,
        wanted: Wanted<'_>,
        decide: impl Fn(&Administrator<'_>, &AdministrationFacts, Option<Uuid>) -> Result<Step<T>, Rejection>,
    ) -> Result<(T, Outcome), ServiceError> {
        attempt!(&*self.store, async {
            let moment = self.moment()?;
            let (facts, authority) = self.standing(query, moment.now).await?;
            if let Some(permission) = permission {
                require(&authority, permission)?;
            }
            let holder = match wanted {
                Wanted::Nothing => None,
                Wanted::RoleName(name) => {
                    self.directory.role_by_name(facts.organization.id, name).await?.map(|role| role.id.as_uuid())
                }
                Wanted::Slug(slug) => self.directory.slug_holder(slug).await?.map(|id| id.as_uuid()),
            };
            let context = self.context(&moment, &caller.origin);
            let organization = &facts.organization;
            let administrator = Administrator { context: &context, organization, authority: &authority };
            Ok(decide(&administrator, &facts, holder)?)
        })
    }

    /// Counts a guess of an account's password before it is made (rule 7.6).
    ///
    /// # Errors
    /// [`Rejection::TooManyAttempts`] where the guesses are used up.
    async fn take_guess(&self, address_key: &str, client: Option<&str>) -> Result<Guess, ServiceError> {
        let taken_at = self.now();
        let spendings = guesses::spendings(&self.settings, &self.world.keys.ring(), address_key, client)?;
        match self.limiter.take(&spendings, taken_at).await? {
            Some(possible_at) => Err(Rejection::TooManyAttempts { possible_at }.into()),
            None => Ok(Guess { spendings, taken_at }),
        }
    }

    /// Compares a password with an account's. The guess is given back unless the password was wrong: a hasher that is
    /// overloaded compared nothing.
    ///
    /// # Errors
    /// [`Rejection::BadCredentials`] alike for a wrong password and for none to compare with.
    async fn guess(&self, guess: Guess, password: &Password, hash: Option<&PasswordHash>) -> Result<(), ServiceError> {
        let verified = self.passwords.verify(password, hash).await;
        if !matches!(verified, Ok(false)) {
            self.limiter.give_back(&guess.spendings, guess.taken_at).await?;
        }
        if verified? { Ok(()) } else { Err(Rejection::BadCredentials.into()) }
    }

    /// Writes a plan that no guard can make stale.
    async fn write(&self, plan: Plan) -> Result<(), ServiceError> {
        attempt!(&*self.store, async { Ok(Step::Commit(Box::new(plan.clone()), ())) })?;
        Ok(())
    }
}

/// A plan with what holds once it is written, or that without anything to write.
fn step<T>(changed: Option<(Plan, T)>, unchanged: impl FnOnce() -> T) -> Step<T> {
    match changed {
        Some((plan, value)) => Step::Commit(Box::new(plan), value),
        None => Step::Done(unchanged()),
    }
}
