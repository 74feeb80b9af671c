//! The built binary `invite` as a process of its own, in a folder of its own.
//!
//! A [`Sandbox`] is the folder, the environment and the address, and outlives a restart; a [`Service`] is one
//! running process in it. The process sees no `INVITE_…` variable but the sandbox's.
//!
//! Where the test run's environment says `INVITE_TEST_REPLICAS=3`, an installation that serves is three processes on one
//! PostgreSQL behind a front that gives each connection to the next of them, and clients open a connection for each
//! request. A test that by its nature concerns one process says so ([`Sandbox::alone`]).

use crate::{Failure, Result, canary, net, requires::Requirement};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::task::JoinSet;

mod binary;
mod database;
mod front;
mod process;
mod replicas;

pub use binary::built_binary;
pub use replicas::Service;

use database::Lease;
use front::Front;
use process::Process;

/// How many replicas the whole run has.
const REPLICAS: &str = "INVITE_TEST_REPLICAS";

/// How long a start, a command or an orderly end may take: generous, because two cores may be compiling besides.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a starting service says where it listens.
#[derive(Debug, Clone)]
enum Announcement {
    /// It writes its address to this file.
    PortFile(PathBuf),
    /// It prints an `http://` address with a loopback host and a port to standard output.
    Output,
}

/// A folder, an environment and an address for one installation.
pub struct Sandbox {
    binary: PathBuf,
    folder: TempDir,
    environment: BTreeMap<String, String>,
    address: SocketAddr,
    /// Where each replica listens; empty for a single process.
    replicas: Vec<SocketAddr>,
    database: Option<Lease>,
}

impl Sandbox {
    /// An empty folder, with only `INVITE_LISTEN` set, to a loopback port that stays the same over restarts.
    ///
    /// Fails where the binary is missing or older than its sources: a journey against yesterday's code proves nothing.
    pub fn new() -> Result<Self> {
        Self::with_binary(built_binary()?)
    }

    /// The same, with what `serve` insists on: public URL, key ring file (not yet written) and a SQLite file, or as many
    /// replicas as the run has.
    pub fn for_serve() -> Result<Self> {
        match replicas_of_the_run(std::env::var_os(REPLICAS))? {
            0 => Self::single(),
            many => Self::replicated(many),
        }
    }

    /// One process on a SQLite file, also where the run has replicas: there the reason is told.
    pub fn alone(reason: &str) -> Result<Self> {
        if replicas_of_the_run(std::env::var_os(REPLICAS))? > 0 {
            let test = std::thread::current().name().unwrap_or("a test").to_owned();
            // Past the capture of a test that passes: who reads the run's output learns what did not run as asked.
            writeln!(std::io::stderr(), "not with replicas: {test}: {reason}")?;
        }
        Self::single()
    }

    /// This many replicas on one PostgreSQL behind a front at [`address`](Self::address), with one key ring and one
    /// environment. From then on all clients of this process open a connection for each request.
    pub fn replicated(replicas: usize) -> Result<Self> {
        let mut sandbox = Self::single()?;
        net::keep_no_connections();
        let database = Lease::on(Requirement::Postgres)?;
        sandbox.set("INVITE_DATABASE_URL", database.url());
        sandbox.database = Some(database);
        sandbox.replicas = (0..replicas).map(|_| net::free_port()).collect::<Result<_>>()?;
        Ok(sandbox)
    }

    /// One process of this binary, whatever age it has, on a SQLite file: for a benchmark, which may compare two builds.
    pub fn of_binary(binary: PathBuf) -> Result<Self> {
        let mut sandbox = Self::with_binary(binary)?;
        sandbox.configure_serve();
        Ok(sandbox)
    }

    /// One process on a database of its own on such a server.
    pub fn on(kind: Requirement) -> Result<Self> {
        let mut sandbox = Self::single()?;
        let database = Lease::on(kind)?;
        sandbox.set("INVITE_DATABASE_URL", database.url());
        sandbox.database = Some(database);
        Ok(sandbox)
    }

    fn single() -> Result<Self> {
        let mut sandbox = Self::new()?;
        sandbox.configure_serve();
        Ok(sandbox)
    }

    fn with_binary(binary: PathBuf) -> Result<Self> {
        let address = net::free_port()?;
        let environment = BTreeMap::from([("INVITE_LISTEN".to_owned(), address.to_string())]);
        let folder = TempDir::with_prefix("invite-")?;
        Ok(Self { binary, folder, environment, address, replicas: Vec::new(), database: None })
    }

    fn configure_serve(&mut self) {
        let url = self.url();
        let ring = self.path().join("keyring").display().to_string();
        let database = format!("sqlite://{}", self.path().join("invite.db").display());
        // All clients of a journey have one address, and some are as many as a crowd.
        self.set("INVITE_LIMIT_REQUESTS_SECOND", "off");
        self.set("INVITE_PUBLIC_URL", url).set("INVITE_KEYRING_FILE", ring).set("INVITE_DATABASE_URL", database);
    }

    /// The folder: working directory of everything started here, removed with the sandbox.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where the service listens unless told otherwise.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base of its URLs, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many replicas it is; 0 where it is a single process.
    pub fn replicas(&self) -> usize {
        self.replicas.len()
    }

    /// The address of its database.
    pub fn database_url(&self) -> &str {
        self.environment.get("INVITE_DATABASE_URL").map_or("sqlite://invite.db", String::as_str)
    }

    /// What its database is: `sqlite`, `postgres`, `mysql`.
    pub fn engine(&self) -> &str {
        self.database_url().split(':').next().unwrap_or_default()
    }

    /// The process of its database server, where it has one of its own.
    pub fn database_process(&self) -> Option<i32> {
        self.database.as_ref()?.server().pid()
    }

    /// Every row of every table of its database as one line of text, in order, a table a list. Bytes are hexadecimal.
    pub async fn rows(&self) -> Result<BTreeMap<String, Vec<String>>> {
        database::rows(self.database_url()).await
    }

    /// Sets a variable for what is started from now on.
    pub fn set(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// Takes a variable back.
    pub fn unset(&mut self, name: &str) -> &mut Self {
        self.environment.remove(name);
        self
    }

    /// Makes the installation ready to serve: `keys new`, `migrate`, `setup`. Answers what `setup --json` printed.
    pub async fn set_up(&self, organization: &str, owner_email: &str) -> Result<Value> {
        self.run(&["keys", "new"]).await?.success()?;
        self.run(&["migrate"]).await?.success()?;
        let setup = ["setup", "--organization", organization, "--owner-email", owner_email, "--json"];
        self.run(&setup).await?.json()
    }

    /// Runs one command to its end, with nothing on standard input.
    pub async fn run(&self, args: &[&str]) -> Result<Finished> {
        let output = tokio::time::timeout(PATIENCE, self.command(args).output())
            .await
            .map_err(|_| Failure::new(format!("`invite {}` did not end within {PATIENCE:?}", args.join(" "))))??;
        let finished = Finished {
            command: args.join(" "),
            status: output.status,
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        };
        // What a command prints is meant for who ran it; what it logs is not.
        canary::note(&finished.stdout);
        Ok(finished)
    }

    /// Starts `serve` with these further arguments and waits until `/readyz` says 200.
    pub async fn serve(&self, args: &[&str]) -> Result<Service> {
        if self.replicas.is_empty() {
            let (command, announced) = self.serve_command("port", args)?;
            return Ok(Service::alone(Process::start(command, announced, PATIENCE).await?));
        }
        // All at once, as an orchestrator would.
        let mut starting = JoinSet::new();
        for replica in 0..self.replicas.len() {
            let (command, announced) = self.replica_command(replica, args)?;
            starting.spawn(async move { (replica, Process::start(command, announced, PATIENCE).await) });
        }
        let mut processes = BTreeMap::new();
        while let Some(started) = starting.join_next().await {
            let (replica, process) = started?;
            processes.insert(replica, process?);
        }
        let front = Front::start(self.address, self.replicas.clone()).await?;
        Ok(Service::behind(front, self.url(), processes.into_values().collect()))
    }

    /// Starts one replica (from 0) again that has ended, and waits until its `/readyz` says 200.
    pub async fn restart_replica(&self, service: &mut Service, replica: usize) -> Result<()> {
        let (command, announced) = self.replica_command(replica, &[])?;
        service.replace(replica, Process::start(command, announced, PATIENCE).await?)
    }

    fn replica_command(&self, replica: usize, args: &[&str]) -> Result<(Command, Announcement)> {
        let address = self.replicas.get(replica).ok_or_else(|| Failure::new("there is no such replica"))?;
        let (mut command, announced) = self.serve_command(&format!("port-{replica}"), args)?;
        command.env("INVITE_LISTEN", address.to_string());
        Ok((command, announced))
    }

    fn serve_command(&self, port_file: &str, args: &[&str]) -> Result<(Command, Announcement)> {
        let port_file = self.path().join(port_file);
        if port_file.exists() {
            // A killed predecessor's: waiting must not find it.
            std::fs::remove_file(&port_file)?;
        }
        let announced = port_file.to_str().ok_or_else(|| Failure::new("the folder's name is not UTF-8"))?;
        let command = self.command(&[&["serve", "--port-file", announced], args].concat());
        Ok((command, Announcement::PortFile(port_file)))
    }

    /// Starts `dev` with these further arguments and waits until `/readyz` says 200.
    pub async fn dev(&self, args: &[&str]) -> Result<Service> {
        let process = Process::start(self.command(&[&["dev"], args].concat()), Announcement::Output, PATIENCE).await?;
        Ok(Service::alone(process))
    }

    /// The binary with these arguments, this folder and this environment, killed when its handle is dropped.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("INVITE_") {
                command.env_remove(name);
            }
        }
        command.args(args).envs(&self.environment).current_dir(self.path()).stdin(Stdio::null()).kill_on_drop(true);
        command
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if canary::folder(canary::FOLDER).is_none() {
            return;
        }
        for file in ["invite.db", "invite.db-wal"] {
            canary::keep_file(&format!("database-{file}"), &self.path().join(file));
        }
        if self.database.is_some() {
            match database::rows_here(self.database_url()) {
                Ok(rows) => canary::keep("database-rows", rows.as_bytes()),
                Err(failure) => eprintln!("a database was not kept to be searched: {failure}"),
            }
        }
    }
}

/// A command that has ended.
#[derive(Debug, Clone)]
pub struct Finished {
    command: String,
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it said on standard error.
    pub stderr: String,
}

impl Finished {
    /// Its standard output, if it ended with 0.
    pub fn success(self) -> Result<String> {
        if self.status.success() { Ok(self.stdout) } else { Err(self.unexpected()) }
    }

    /// Its standard error, if it ended with anything else.
    pub fn refusal(self) -> Result<String> {
        if self.status.success() { Err(self.unexpected()) } else { Ok(self.stderr) }
    }

    /// Its standard output as one JSON value, if it ended with 0.
    pub fn json(self) -> Result<Value> {
        Ok(serde_json::from_str(&self.success()?)?)
    }

    fn unexpected(&self) -> Failure {
        let Self { command, status, stdout, stderr } = self;
        Failure::new(format!("`invite {command}` ended with {status}\n--- stdout\n{stdout}--- stderr\n{stderr}"))
    }
}

/// How many replicas a run's environment asks for; 0 for a single process on SQLite.
fn replicas_of_the_run(value: Option<std::ffi::OsString>) -> Result<usize> {
    let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(0) };
    let number = value.to_str().and_then(|value| value.parse().ok()).filter(|number| (1..=16).contains(number));
    number.ok_or_else(|| Failure::new(format!("{REPLICAS} is no number from 1 to 16")))
}

#[cfg(test)]
mod tests;
