//! The built binary `invite` as a process of its own, in a folder of its own.
//!
//! A [`Sandbox`] is the folder, the environment and the address, and outlives a restart; a [`Service`] is one
//! running process in it. The process sees no `INVITE_…` variable but the sandbox's.

use crate::{Failure, Result, net};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Command;

mod binary;
mod process;

pub use binary::built_binary;
pub use process::Service;

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
}

impl Sandbox {
    /// An empty folder, with only `INVITE_LISTEN` set, to a loopback port that stays the same over restarts.
    ///
    /// Fails where the binary is missing or older than its sources: a journey against yesterday's code proves nothing.
    pub fn new() -> Result<Self> {
        Self::with_binary(built_binary()?)
    }

    /// The same, with what `serve` insists on: public URL, key ring file (not yet written) and a SQLite file.
    pub fn for_serve() -> Result<Self> {
        let mut sandbox = Self::new()?;
        sandbox.configure_serve();
        Ok(sandbox)
    }

    fn with_binary(binary: PathBuf) -> Result<Self> {
        let address = net::free_port()?;
        let environment = BTreeMap::from([("INVITE_LISTEN".to_owned(), address.to_string())]);
        Ok(Self { binary, folder: TempDir::with_prefix("invite-")?, environment, address })
    }

    fn configure_serve(&mut self) {
        let url = self.url();
        let ring = self.path().join("keyring").display().to_string();
        let database = format!("sqlite://{}", self.path().join("invite.db").display());
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
        Ok(Finished {
            command: args.join(" "),
            status: output.status,
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        })
    }

    /// Starts `serve` with these further arguments and waits until `/readyz` says 200.
    pub async fn serve(&self, args: &[&str]) -> Result<Service> {
        let port_file = self.path().join("port");
        if port_file.exists() {
            // A killed predecessor's: waiting must not find it.
            std::fs::remove_file(&port_file)?;
        }
        let announced = port_file.to_str().ok_or_else(|| Failure::new("the folder's name is not UTF-8"))?;
        let all = [&["serve", "--port-file", announced], args].concat();
        Service::start(self.command(&all), Announcement::PortFile(port_file.clone()), PATIENCE).await
    }

    /// Starts `dev` with these further arguments and waits until `/readyz` says 200.
    pub async fn dev(&self, args: &[&str]) -> Result<Service> {
        Service::start(self.command(&[&["dev"], args].concat()), Announcement::Output, PATIENCE).await
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

#[cfg(test)]
mod tests;
