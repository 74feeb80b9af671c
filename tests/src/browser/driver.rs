//! Debian's driver of Chromium as a process of this test.

use crate::{Failure, Result, net, requires::program};
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How long the driver may take to start.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often it is asked whether it has.
const TICK: Duration = Duration::from_millis(10);

/// A running driver. Dropping it kills it, and the browsers it has started end with it: they hang on its pipes.
pub(super) struct Driver {
    child: Child,
    address: SocketAddr,
}

impl Driver {
    /// Starts it on a free port of loopback. The kernel ends it where this process ends without a word.
    pub(super) async fn start() -> Result<Self> {
        let path = program("chromedriver").ok_or_else(|| Failure::new("chromedriver not found"))?;
        let address = net::free_port()?;
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(path).arg(format!("--port={}", address.port()));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let mut driver = Self { child: command.spawn()?, address };
        timeout(PATIENCE, driver.become_ready())
            .await
            .map_err(|_| Failure::new(format!("chromedriver was not ready within {PATIENCE:?}")))??;
        Ok(driver)
    }

    /// Another process's start gives no signal to wait on.
    async fn become_ready(&mut self) -> Result<()> {
        let (client, status) = (net::http()?, format!("{}/status", self.url()));
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Some(status) = self.child.try_wait()? {
                return Err(Failure::new(format!("chromedriver ended at once with {status}")));
            }
            // A refused connection is what "not yet" looks like.
            if let Ok(answer) = client.get(&status).send().await
                && answer.status() == reqwest::StatusCode::OK
            {
                return Ok(());
            }
        }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends it and waits until it is gone.
    pub(super) async fn stop(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }
}
