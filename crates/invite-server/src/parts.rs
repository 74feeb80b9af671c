//! The adapters joined to the use cases: what every command that touches the database needs.

use crate::{
    config::{Config, KeyringSource, Rate, Redacted},
    failure::Chain,
    keyring::{self, KeyringError},
    observe::ObservedStore,
    runtime::{Argon2Hasher, OsEntropy, ReloadingKeys, SystemClock},
};
use invite_domain::{
    invitation::{Bounds, Budget},
    port::{Clock, Directory, Entropy, InvitationStore, Keys, Limiter, Outbox, PasswordHasher, PortError},
    service::{
        DeadLetterService, DirectoryService, ErasureService, GroupService, InvitationService, RecentKeys, Settings,
        StatisticsService, SubjectService, World,
    },
};
use invite_http::{JwtError, JwtIssuer, JwtVerifier};
use invite_storage::{MigrateError, OpenError, SqlOptions, SqlStore};
use std::{path::PathBuf, sync::Arc};
use tokio::sync::Notify;

/// Why the parts cannot be joined. Each prints as one line that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum PartsError {
    /// The database cannot be opened.
    #[error("{}: check INVITE_DATABASE_URL and that its folder exists and can be written", Chain(.0))]
    Open(OpenError),
    /// The database server cannot be reached, or does not let us in.
    #[error("{}: check INVITE_DATABASE_URL, and that the server runs and lets its user in", Chain(.0))]
    Reach(OpenError),
    /// There is no database where the configuration says.
    #[error("there is no database at {}: run `invite setup`, or check INVITE_DATABASE_URL", path.display())]
    NoDatabase {
        /// Where it should be.
        path: PathBuf,
    },
    /// Migrations failed.
    #[error("{}", Chain(.0))]
    Migrate(MigrateError),
    /// The schema is older than the program.
    #[error("the database lacks {}: run `invite migrate`", list(.0))]
    Pending(Vec<String>),
    /// The key ring cannot be used.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The database fails at what a service begins with.
    #[error("{}", Chain(.0))]
    Begin(PortError),
    /// The issuers of tokens cannot be used.
    #[error("{}", Chain(.0))]
    Issuers(JwtError),
    /// The password hasher cannot be made.
    #[error("{}", Chain(.0))]
    Hasher(PortError),
}

impl PartsError {
    /// Why the database at this address cannot be opened.
    pub(crate) fn opening(url: &Redacted, error: OpenError) -> Self {
        if sqlite_path(url).is_some() { Self::Open(error) } else { Self::Reach(error) }
    }
}

fn list(names: &[String]) -> String {
    match names {
        [one] => format!("the migration {one}"),
        many => format!("{} migrations, from {} on", many.len(), many.first().map_or("", String::as_str)),
    }
}

/// What to do about a database that is missing or behind the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Make the file where there is none and apply what is pending.
    Apply,
    /// Refuse both.
    Require,
    /// Refuse a missing file; take the schema as it is.
    AsItIs,
}

/// Opens the database.
pub async fn open_store(url: &Redacted, schema: Schema) -> Result<SqlStore, PartsError> {
    if let (Schema::Require | Schema::AsItIs, Some(path)) = (schema, sqlite_path(url))
        && !path.exists()
    {
        return Err(PartsError::NoDatabase { path });
    }
    let options = SqlOptions::new(url.expose()).create(schema == Schema::Apply);
    let store = SqlStore::open(&options).await.map_err(|error| PartsError::opening(url, error))?;
    match schema {
        Schema::Apply => {
            for name in store.migrate().await.map_err(PartsError::Migrate)? {
                tracing::info!(migration = name, "migrated");
            }
        }
        Schema::Require => {
            let pending = store.pending_migrations().await.map_err(PartsError::Migrate)?;
            if !pending.is_empty() {
                return Err(PartsError::Pending(pending));
            }
        }
        Schema::AsItIs => {}
    }
    Ok(store)
}

/// The file of an SQLite database, as the driver reads its URL.
pub(crate) fn sqlite_path(url: &Redacted) -> Option<PathBuf> {
    let path = url.expose().strip_prefix("sqlite://")?.split('?').next()?;
    Some(PathBuf::from(percent_encoding::percent_decode_str(path).decode_utf8().ok()?.into_owned()))
}

/// The whole path of an SQLite database's file, for people: from wherever they read it, they find it.
pub(crate) fn database_file(url: &Redacted) -> Option<String> {
    let path = sqlite_path(url)?;
    Some(std::path::absolute(&path).unwrap_or(path).display().to_string())
}

/// Adapters and use cases, joined. Clones share them.
#[derive(Clone)]
pub struct Parts {
    /// The database itself.
    pub store: SqlStore,
    /// Invitations; commits are counted.
    pub invitation_store: Arc<dyn InvitationStore>,
    /// The bundled directory.
    pub directory_store: Arc<dyn Directory>,
    /// Messages to deliver.
    pub outbox: Arc<dyn Outbox>,
    /// The key ring.
    pub keys: Arc<ReloadingKeys>,
    /// Time, randomness and keys.
    pub world: World,
    /// The use cases of invitations.
    pub invitations: InvitationService,
    /// The use cases of the directory.
    pub directory: DirectoryService,
    /// The use cases of records that invitations are for.
    pub subjects: SubjectService,
    /// The use cases of messages that were given up.
    pub dead_letters: DeadLetterService,
    /// The use cases of groups of organisations.
    pub groups: GroupService,
    /// The use case that erases people.
    pub erasure: ErasureService,
    /// The use cases of statistics.
    pub statistics: StatisticsService,
    /// The operator's bounds of invitations.
    pub bounds: Bounds,
    /// Told whenever this process queued a message.
    pub queued: Arc<Notify>,
}

impl Parts {
    /// Opens the database and joins everything over it.
    pub async fn open(config: &Config, keyring: &KeyringSource, schema: Schema) -> Result<Self, PartsError> {
        // The ring first: it is read in no time, and without it nothing else has to be touched.
        let keys = Arc::new(ReloadingKeys::load(keyring.clone())?);
        let store = open_store(&config.database_url, schema).await?;
        Self::join(config, keys, store)
    }

    /// The same, for processes that make links: they need a key to make them with.
    pub async fn open_to_serve(config: &Config, keyring: &KeyringSource, schema: Schema) -> Result<Self, PartsError> {
        if keyring::load(keyring)?.active().is_none() {
            return Err(KeyringError::NoActive.into());
        }
        let parts = Self::open(config, keyring, schema).await?;
        // What was issued while no limit was set is counted nowhere.
        parts.store.forget_live_counts().await.map_err(PartsError::Begin)?;
        Ok(parts)
    }

    fn join(config: &Config, keys: Arc<ReloadingKeys>, store: SqlStore) -> Result<Self, PartsError> {
        let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
        let world = World {
            clock: Arc::new(SystemClock) as Arc<dyn Clock>,
            entropy: Arc::clone(&entropy),
            keys: Arc::clone(&keys) as Arc<dyn Keys>,
        };
        let hasher: Arc<dyn PasswordHasher> = Arc::new(Argon2Hasher::new(entropy).map_err(PartsError::Hasher)?);
        let queued = Arc::new(Notify::new());
        let recent = RecentKeys::default();
        let invitation_store: Arc<dyn InvitationStore> =
            Arc::new(ObservedStore::new(Arc::new(store.clone()), Arc::clone(&queued), recent.clone()));
        let directory_store: Arc<dyn Directory> = Arc::new(store.clone());
        let limiter: Arc<dyn Limiter> = Arc::new(store.clone());
        let settings = settings(config);
        let bounds = settings.bounds.clone();
        let invitations = InvitationService::new(
            Arc::clone(&invitation_store),
            Arc::clone(&limiter),
            Arc::clone(&hasher),
            world.clone(),
            settings.clone(),
        );
        let directory = DirectoryService::new(
            Arc::clone(&invitation_store),
            Arc::clone(&directory_store),
            limiter,
            hasher,
            world.clone(),
            settings.clone(),
        )
        .with_recent(recent);
        let invitations = invitations.with_identities(Arc::clone(&directory_store));
        let directory = match issuers(config)? {
            Some(issuers) => directory.with_issuers(Arc::new(issuers)),
            None => directory,
        };
        let outbox: Arc<dyn Outbox> = Arc::new(store.clone());
        let subjects = SubjectService::new(Arc::new(store.clone()), invitations.clone());
        let dead_letters = DeadLetterService::new(Arc::clone(&outbox), invitations.clone());
        let groups = GroupService::new(Arc::new(store.clone()), directory.clone());
        let erasure = ErasureService::new(
            Arc::clone(&invitation_store),
            Arc::clone(&directory_store),
            Arc::new(store.clone()),
            world.clone(),
            settings,
        );
        let statistics = StatisticsService::new(Arc::new(store.clone()), invitations.clone());
        Ok(Self {
            store,
            invitation_store,
            directory_store,
            outbox,
            keys,
            world,
            invitations,
            directory,
            subjects,
            dead_letters,
            groups,
            erasure,
            statistics,
            bounds,
            queued,
        })
    }
}

/// Who verifies tokens of other issuers, where any is configured.
pub(crate) fn issuers(config: &Config) -> Result<Option<JwtVerifier>, PartsError> {
    if config.jwt.is_empty() {
        return Ok(None);
    }
    let issuers = config.jwt.iter().cloned().map(|configured| JwtIssuer {
        issuer: configured.issuer,
        jwks_url: configured.jwks_url,
        audience: configured.audience,
        trust_email: configured.trust_email,
    });
    JwtVerifier::new(issuers.collect()).map(Some).map_err(PartsError::Issuers)
}

/// The configuration as the use cases want it.
pub fn settings(config: &Config) -> Settings {
    let budget = |rate: &Rate| Budget { limit: rate.count.get(), window: rate.window };
    Settings {
        bounds: Bounds {
            ttl_min: config.ttl.min,
            ttl_default: config.ttl.default,
            ttl_max: config.ttl.max,
            ttl_subject_max: config.ttl.subject_max,
            messages: config.limits.messages_invitation.iter().map(budget).collect(),
            live: config.limits.live,
            issues_hour: config.limits.issues_hour,
            messages_recipient_day: config.limits.messages_recipient_day,
            messages_recipient_day_all: config.limits.messages_recipient_day_all,
        },
        sign_in_account: config.limits.sign_in_account.as_ref().map(budget),
        sign_in_address: config.limits.sign_in_address.as_ref().map(budget),
        code_address: config.limits.code_address.as_ref().map(budget),
        code_organization: config.limits.code_organization.as_ref().map(budget),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Config {
        Config::load(None, Vec::new(), pairs.iter().map(|(name, value)| (name.into(), value.into()))).unwrap()
    }

    #[test]
    fn the_default_configuration_gives_the_default_settings() {
        assert_eq!(settings(&load(&[])), Settings::default());
    }

    #[test]
    fn every_setting_reaches_the_use_cases() {
        let settings = settings(&load(&[
            ("INVITE_TTL_MIN", "1s"),
            ("INVITE_TTL_DEFAULT", "2s"),
            ("INVITE_TTL_MAX", "3s"),
            ("INVITE_TTL_SUBJECT_MAX", "4s"),
            ("INVITE_LIMIT_MESSAGES_INVITATION", "1/2m"),
            ("INVITE_LIMIT_SIGN_IN_ACCOUNT", "3/4m"),
            ("INVITE_LIMIT_SIGN_IN_ADDRESS", "off"),
            ("INVITE_LIMIT_CODE_ADDRESS", "5/6m"),
            ("INVITE_LIMIT_CODE_ORGANIZATION", "7/8m"),
        ]));
        let seconds = chrono::Duration::seconds;
        assert_eq!(settings.bounds.ttl_min, seconds(1));
        assert_eq!(settings.bounds.ttl_default, seconds(2));
        assert_eq!(settings.bounds.ttl_max, seconds(3));
        assert_eq!(settings.bounds.ttl_subject_max, seconds(4));
        assert_eq!(settings.code_address, Some(Budget { limit: 5, window: seconds(360) }));
        assert_eq!(settings.code_organization, Some(Budget { limit: 7, window: seconds(480) }));
        assert_eq!(settings.bounds.messages, [Budget { limit: 1, window: seconds(120) }]);
        assert_eq!(settings.sign_in_account, Some(Budget { limit: 3, window: seconds(240) }));
        assert_eq!(settings.sign_in_address, None);
    }

    #[tokio::test]
    async fn a_missing_database_is_not_made_by_commands_that_need_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a b%20.db");
        let encoded = path.to_str().unwrap().replace('%', "%25").replace(' ', "%20");
        let url = Redacted::new(format!("sqlite://{encoded}"));
        assert_eq!(sqlite_path(&url).unwrap(), path);
        let refusal = open_store(&url, Schema::Require).await.unwrap_err();
        assert!(matches!(refusal, PartsError::NoDatabase { .. }), "{refusal}");
        assert!(!path.exists());
        open_store(&url, Schema::Apply).await.unwrap();
        assert!(path.exists());
        open_store(&url, Schema::Require).await.unwrap();
    }
}
