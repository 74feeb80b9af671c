//! An installation of the service to be measured.

use crate::{
    client::{self, Load, Next},
    database::{Postgres, connect, one},
    figures::{Round, Run},
    options::Options,
    seed::Seed,
    usage::Watched,
};
use invite_tests::{
    Failure, Result,
    service::{Sandbox, Service},
};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// What would end a run that asks as fast as it can.
const LIMITS: [&str; 9] = [
    "INVITE_LIMIT_LIVE",
    "INVITE_LIMIT_ISSUES_HOUR",
    "INVITE_LIMIT_MESSAGES_INVITATION",
    "INVITE_LIMIT_MESSAGES_RECIPIENT_DAY",
    "INVITE_LIMIT_MESSAGES_RECIPIENT_DAY_ALL",
    "INVITE_LIMIT_REQUESTS_SECOND",
    "INVITE_LIMIT_SIGN_IN_ADDRESS",
    "INVITE_LIMIT_CODE_ADDRESS",
    "INVITE_LIMIT_CODE_ORGANIZATION",
];

/// A running service with one organisation, no limits and no dispatcher.
pub(crate) struct Site {
    pub(crate) sandbox: Sandbox,
    pub(crate) service: Option<Service>,
    /// The organisation's API key.
    pub(crate) key: Arc<str>,
    /// What makes invitations past the service.
    pub(crate) seed: Seed,
    /// The address of its database.
    pub(crate) url: String,
    postgres: Option<i32>,
}

impl Site {
    /// On a database of this name on the server.
    pub(crate) async fn on(postgres: &Postgres, options: &Options, name: &str) -> Result<Self> {
        let url = postgres.make(name).await?;
        Self::start(options, Some(url), postgres.pid()).await
    }

    /// On a SQLite file.
    pub(crate) async fn on_sqlite(options: &Options) -> Result<Self> {
        Self::start(options, None, None).await
    }

    async fn start(options: &Options, url: Option<String>, postgres: Option<i32>) -> Result<Self> {
        let mut sandbox = Sandbox::of_binary(options.binary.clone())?;
        for limit in LIMITS {
            sandbox.set(limit, "off");
        }
        sandbox.set("INVITE_LOG", "warn");
        if let Some(url) = url {
            sandbox.set("INVITE_DATABASE_URL", url);
        }
        let setup = sandbox.set_up("Bench", "olivia.owner@example.org").await?;
        let key: Arc<str> = setup["api_key"].as_str().ok_or_else(|| Failure::new("setup made no key"))?.into();
        let url = sandbox.database_url().to_owned();
        let seed = Seed::open(&url, &sandbox.path().join("keyring"), &key).await?;
        let mut site = Self { sandbox, service: None, key, seed, url, postgres };
        site.serve().await?;
        Ok(site)
    }

    /// Starts the service, again where it was stopped.
    pub(crate) async fn serve(&mut self) -> Result<()> {
        self.service = Some(self.sandbox.serve(&["--no-worker"]).await?);
        Ok(())
    }

    /// Ends the service in order.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        if let Some(mut service) = self.service.take() {
            service.terminate().await?;
        }
        Ok(())
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.sandbox.address()
    }

    /// Its process.
    pub(crate) fn pid(&self) -> Result<u32> {
        let pid = self.service.as_ref().and_then(Service::process_id);
        pid.ok_or_else(|| Failure::new("the service does not run"))
    }

    /// Asks it, and looks at nothing.
    pub(crate) async fn ask(&self, load: Load, callers: Vec<Next>) -> Result<Run> {
        client::run(&load, callers).await
    }

    /// Asks it, and measures.
    pub(crate) async fn round(&self, load: Load, callers: Vec<Next>) -> Result<Round> {
        let watched = Watched { service: Some(self.pid()?), database: self.postgres };
        let before = watched.spent()?;
        let run = self.ask(load, callers).await?;
        let after = watched.spent()?;
        Ok(Round::of(run, after.0.saturating_sub(before.0), after.1.saturating_sub(before.1)))
    }

    /// A connection to its PostgreSQL.
    pub(crate) async fn plain(&self) -> Result<DatabaseConnection> {
        connect(&self.url).await
    }

    /// Gives the planner its figures, and takes what autovacuum would do out of the next rounds.
    pub(crate) async fn analyze(&self) -> Result<()> {
        let plain = self.plain().await?;
        plain.execute_unprepared("VACUUM (ANALYZE)").await?;
        plain.execute_unprepared("CHECKPOINT").await?;
        Ok(plain.close().await?)
    }

    /// The rows the scripts refer to.
    pub(crate) async fn variables(&self) -> Result<Vec<(&'static str, String)>> {
        let plain = self.plain().await?;
        let role = "SELECT id::text FROM invite_roles WHERE name = 'member'";
        let variables = vec![
            ("org", one(&plain, "SELECT id::text FROM invite_organizations").await?),
            ("inviter", one(&plain, "SELECT id::text FROM invite_api_keys").await?),
            ("role", one(&plain, role).await?),
        ];
        plain.close().await?;
        Ok(variables)
    }

    /// Issues, one connection each, to people who were never invited.
    pub(crate) fn issuers(&self, connections: usize, most: Option<u64>) -> Vec<Next> {
        let left = Arc::new(AtomicU64::new(most.unwrap_or(u64::MAX)));
        let one = || -> Next {
            let (key, left) = (Arc::clone(&self.key), Arc::clone(&left));
            Box::new(move |out, _| {
                if left.fetch_sub(1, Ordering::Relaxed) == 0 {
                    left.fetch_add(1, Ordering::Relaxed);
                    return false;
                }
                client::post(out, "/v1/invitations", Some(&key), &issue_body());
                true
            })
        };
        (0..connections).map(|_| one()).collect()
    }

    /// A load on it.
    pub(crate) fn load(&self, options: &Options, expected: &'static [u16]) -> Load {
        Load { address: self.address(), length: options.length, expected }
    }
}

/// Asks for an invitation of somebody new.
pub(crate) fn issue_body() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    format!(r#"{{"recipient":{{"email":"guest-{}@example.org"}}}}"#, NUMBER.fetch_add(1, Ordering::Relaxed))
}
