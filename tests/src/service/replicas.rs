//! A service that runs: one process, or several replicas behind a front.

use super::{PATIENCE, front::Front, process::Process};
use crate::{Failure, Result};
use nix::sys::signal::Signal;
use std::process::ExitStatus;
use std::time::Duration;
use tokio::{task::JoinSet, time::timeout};

/// A running service. Dropping it kills its processes.
pub struct Service {
    processes: Vec<Process>,
    front: Option<Front>,
    base: String,
}

impl Service {
    pub(super) fn alone(process: Process) -> Self {
        let base = process.base().to_owned();
        Self { processes: vec![process], front: None, base }
    }

    pub(super) fn behind(front: Front, base: String, processes: Vec<Process>) -> Self {
        Self { processes, front: Some(front), base }
    }

    /// The base of its URLs, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base
    }

    /// The URL of a path that begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The base of the URLs of one replica (from 0), past the front.
    pub fn replica_url(&self, replica: usize) -> Option<&str> {
        self.processes.get(replica).map(Process::base)
    }

    /// Its process id, while it runs; the first replica's, where there are several.
    pub fn process_id(&self) -> Option<u32> {
        self.processes.first().and_then(Process::id)
    }

    /// What it has written to standard output so far; one replica after the other.
    pub fn stdout(&self) -> String {
        self.processes.iter().map(Process::stdout).collect()
    }

    /// What it has written to standard error so far; one replica after the other.
    pub fn stderr(&self) -> String {
        self.processes.iter().map(Process::stderr).collect()
    }

    /// Waits until a text has appeared on standard output or standard error, whichever replica's.
    pub async fn wait_for_output(&self, text: &str, deadline: Duration) -> Result<()> {
        let mut streams = JoinSet::new();
        for mut stream in self.processes.iter().flat_map(Process::watch) {
            let text = text.to_owned();
            streams.spawn(async move { stream.wait_for(|all| all.contains(&text)).await.is_ok() });
        }
        let seen = async {
            // One stream may end without the text while another still brings it.
            while let Some(seen) = streams.join_next().await {
                if seen.unwrap_or(false) {
                    return true;
                }
            }
            false
        };
        if timeout(deadline, seen).await.unwrap_or(false) {
            return Ok(());
        }
        let (stdout, stderr) = (self.stdout(), self.stderr());
        Err(Failure::new(format!(
            "`{text}` was not printed within {deadline:?}\n--- stdout\n{stdout}--- stderr\n{stderr}"
        )))
    }

    /// Ends it as a power cut would (SIGKILL), and waits until it is gone.
    pub async fn kill_dash_nine(&mut self) -> Result<()> {
        for process in &mut self.processes {
            process.kill()?;
        }
        self.wait().await?;
        Ok(())
    }

    /// Ends one replica (from 0) as a power cut would, and waits until it is gone; the others go on.
    pub async fn kill_replica(&mut self, replica: usize) -> Result<()> {
        let process = self.processes.get_mut(replica).ok_or_else(|| Failure::new("there is no such replica"))?;
        process.kill()?;
        process.wait().await?;
        Ok(())
    }

    /// Puts a process into the place of one that has ended.
    pub(super) fn replace(&mut self, replica: usize, by: Process) -> Result<()> {
        let place = self.processes.get_mut(replica).ok_or_else(|| Failure::new("there is no such replica"))?;
        *place = by;
        Ok(())
    }

    /// Asks it to stop (SIGTERM), and answers how it ended; of several replicas the first that did not end with 0.
    pub async fn terminate(&mut self) -> Result<ExitStatus> {
        self.signal(Signal::SIGTERM)?;
        self.wait().await
    }

    /// Sends a signal to every process.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        self.processes.iter().try_for_each(|process| process.signal(signal))
    }

    /// Waits until it has ended and all its output is here.
    pub async fn wait(&mut self) -> Result<ExitStatus> {
        let mut worst: Option<ExitStatus> = None;
        for process in &mut self.processes {
            let status = process.wait().await?;
            if worst.is_none_or(|worst| worst.success()) {
                worst = Some(status);
            }
        }
        if let Some(front) = &mut self.front {
            timeout(PATIENCE, front.stop()).await??;
        }
        worst.ok_or_else(|| Failure::new("there is no process"))
    }
}
