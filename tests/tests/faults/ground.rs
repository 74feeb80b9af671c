//! An installation whose parts can be killed.

use crate::common::{Api, OWNER, PATIENCE, items, text};
use invite_tests::{
    Failure, Result,
    proxy::{Mode, Protocol, Proxy},
    requires::Requirement,
    servers::Server,
    service::{Sandbox, Service},
    smtp::SmtpServer,
};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use serde_json::Value;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// Where the invitations are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    pub(crate) fn requirement(self) -> Option<Requirement> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(Requirement::Postgres),
        }
    }
}

/// The installation. The service and, on PostgreSQL, its database are processes of their own.
pub(crate) struct Ground {
    pub(crate) service: Service,
    pub(crate) smtp: SmtpServer,
    pub(crate) sandbox: Sandbox,
    pub(crate) setup: Value,
    database: Option<Server>,
    database_proxy: Option<Proxy>,
    mail_proxy: Option<Proxy>,
    /// The database's address, past any proxy.
    direct: String,
}

impl Ground {
    /// With a proxy before the database, which has to be a server, or before the mail server.
    pub(crate) async fn behind(engine: Engine, database: Option<Protocol>, mail: Option<Protocol>) -> Result<Self> {
        let smtp = SmtpServer::start().await?;
        let mut sandbox = Sandbox::alone("its parts are killed one by one")?;
        sandbox.set("INVITE_MAIL_FROM", "Acme <invite@example.org>").set("INVITE_LOG", "warn");
        let mail_proxy = proxy(smtp.address(), mail).await?;
        let mail_address = mail_proxy.as_ref().map_or(smtp.address(), Proxy::address);
        sandbox.set("INVITE_SMTP_URL", format!("smtp://{mail_address}"));
        let mut direct = format!("sqlite://{}", sandbox.path().join("invite.db").display());
        let (mut server, mut database_proxy) = (None, None);
        if engine == Engine::Postgres {
            // One of its own for every harness: it is killed, or its connections are.
            let started = tokio::task::spawn_blocking(Server::start_to_kill).await?.map_err(Failure::new)?;
            direct = started.maintenance_url();
            let address = address_in(&direct)?;
            database_proxy = proxy(address, database).await?;
            let through = database_proxy.as_ref().map_or(address, Proxy::address);
            sandbox.set("INVITE_DATABASE_URL", direct.replace(&address.to_string(), &through.to_string()));
            server = Some(started);
        }
        let setup = sandbox.set_up("Acme", OWNER).await?;
        let service = sandbox.serve(&[]).await?;
        Ok(Self { service, smtp, sandbox, setup, database: server, database_proxy, mail_proxy, direct })
    }

    pub(crate) fn database_proxy(&self) -> Result<&Proxy> {
        self.database_proxy.as_ref().ok_or_else(|| Failure::new("there is no proxy before the database"))
    }

    pub(crate) fn mail_proxy(&self) -> Result<&Proxy> {
        self.mail_proxy.as_ref().ok_or_else(|| Failure::new("there is no proxy before the mail server"))
    }

    /// Kills the database's first process and starts it again after this long. Before anybody else can come back to it, what it
    /// has brought back must agree with itself: the proxy that stands before it lets nobody through.
    pub(crate) async fn kill_database(&mut self, down: Duration) -> Result<()> {
        let mut server = self.database.take().ok_or_else(|| Failure::new("there is no database server"))?;
        let kill = move || server.kill_dash_nine().map(|()| server);
        let mut server = tokio::task::spawn_blocking(kill).await?.map_err(Failure::new)?;
        self.database_proxy()?.set(Mode::Refuse).await?;
        tokio::time::sleep(down).await;
        let start = move || server.start_again().map(|()| server);
        self.database = Some(tokio::task::spawn_blocking(start).await?.map_err(Failure::new)?);
        self.check().await?;
        self.database_proxy()?.set(Mode::Pass).await
    }

    pub(crate) fn owner(&self) -> Result<Api> {
        Api::new(&self.sandbox.url(), Some(text(&self.setup, "/api_key")?))
    }

    pub(crate) fn anyone(&self) -> Result<Api> {
        Api::new(&self.sandbox.url(), None)
    }

    /// Holds every invariant of the database against what it holds, past any proxy.
    pub(crate) async fn check(&self) -> Result<()> {
        let mut command = self.sandbox.command(&["check"]);
        let done = timeout(PATIENCE, command.env("INVITE_DATABASE_URL", &self.direct).output()).await??;
        if done.status.success() {
            return Ok(());
        }
        let [said, complained] = [done.stdout, done.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        Err(Failure::new(format!("`invite check` ended with {}: {said}{complained}", done.status)))
    }

    /// A connection to the database that is nobody else's.
    pub(crate) async fn connect(&self) -> Result<DatabaseConnection> {
        let mut options = ConnectOptions::new(self.direct.as_str());
        options.max_connections(1).sqlx_logging(false);
        Ok(Database::connect(options).await?)
    }

    /// Lets every wait in the outbox end now, leases and pauses before another attempt alike: the service stops in good
    /// order, so that nobody holds a message, and comes back.
    pub(crate) async fn skip_waits(&mut self) -> Result<()> {
        let status = self.service.terminate().await?;
        if !status.success() {
            return Err(Failure::new(format!("the service ended with {status}: {}", self.service.stderr())));
        }
        let database = self.connect().await?;
        let now = "UPDATE invite_messages SET available_at = created_at, next_attempt_at = created_at \
                   WHERE state = 'queued'";
        database.execute_unprepared(now).await?;
        database.close().await?;
        self.service = self.sandbox.serve(&[]).await?;
        Ok(())
    }

    /// Waits until no message is queued, at most this long.
    pub(crate) async fn drained(&self, patience: Duration) -> Result<()> {
        let began = Instant::now();
        loop {
            let left = self.total("/v1/invitations?delivery=queued&").await?;
            if left == 0 {
                return Ok(());
            }
            if began.elapsed() > patience {
                return Err(Failure::new(format!("{left} messages stay in the queue")));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// How many there are of what a list shows.
    pub(crate) async fn total(&self, path: &str) -> Result<u64> {
        let list = self.owner()?.get(&format!("{path}include_total=true&limit=1")).await?.expect(200)?;
        list["total"].as_u64().ok_or_else(|| Failure::new(format!("no total: {list}")))
    }

    /// Every member's address, once for each membership.
    pub(crate) async fn members(&self) -> Result<Vec<String>> {
        let owner = self.owner()?;
        let (mut addresses, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = owner.get(&format!("/v1/members?limit=200{cursor}")).await?.expect(200)?;
            for member in items(&page)? {
                addresses.push(text(member, "/account/email")?.to_owned());
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(addresses),
            }
        }
    }
}

async fn proxy(server: SocketAddr, protocol: Option<Protocol>) -> Result<Option<Proxy>> {
    match protocol {
        Some(protocol) => Ok(Some(Proxy::start(server, protocol).await?)),
        None => Ok(None),
    }
}

/// The host and port of a database's address.
fn address_in(url: &str) -> Result<SocketAddr> {
    let host = url.split_once('@').and_then(|(_, rest)| rest.split('/').next());
    Ok(host.ok_or_else(|| Failure::new(format!("no host in {url}")))?.parse()?)
}
