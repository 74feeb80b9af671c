//! One running process.

use super::{Announcement, PATIENCE};
use crate::{Failure, Result, canary, net};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How often a starting process is asked whether it is ready.
const TICK: Duration = Duration::from_millis(10);

/// A running process, ready to answer. Dropping it kills it.
pub(super) struct Process {
    child: Child,
    base: String,
    stdout: Captured,
    stderr: Captured,
    shows_secrets: bool,
}

impl Process {
    pub(super) async fn start(mut command: Command, announced: Announcement, deadline: Duration) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let stdout = Captured::start(child.stdout.take())?;
        let stderr = Captured::start(child.stderr.take())?;
        let mut service = Self {
            child,
            base: String::new(),
            stdout,
            stderr,
            shows_secrets: matches!(announced, Announcement::Output),
        };
        match timeout(deadline, service.become_ready(&announced)).await {
            Ok(Ok(())) => Ok(service),
            Ok(Err(failure)) => Err(service.with_output(&failure.to_string())),
            Err(_) => Err(service.with_output(&format!("the service was not ready within {deadline:?}"))),
        }
    }

    /// Another process's start gives no signal to wait on, so this asks again and again, until the caller's deadline.
    async fn become_ready(&mut self, announced: &Announcement) -> Result<()> {
        let client = net::http()?;
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Some(status) = self.child.try_wait()? {
                self.drain().await?;
                return Err(Failure::new(format!("the service ended at once with {status}")));
            }
            let Some(port) = self.announced_port(announced) else { continue };
            let base = format!("http://127.0.0.1:{port}");
            // A refused connection or a 503 is what "not yet" looks like; a half-written port file, too.
            if let Ok(answer) = client.get(format!("{base}/readyz")).send().await
                && answer.status() == reqwest::StatusCode::OK
            {
                self.base = base;
                return Ok(());
            }
        }
    }

    fn announced_port(&self, announced: &Announcement) -> Option<u16> {
        match announced {
            Announcement::PortFile(path) => port_in_file(&std::fs::read_to_string(path).ok()?),
            Announcement::Output => port_in_output(&self.stdout.text()),
        }
    }

    /// The base of its URLs, without a slash at the end.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Its process id, while it runs.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    pub(super) fn stdout(&self) -> String {
        self.stdout.text()
    }

    pub(super) fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// What it prints, on each of its two streams.
    pub(super) fn watch(&self) -> [watch::Receiver<String>; 2] {
        [self.stdout.text.subscribe(), self.stderr.text.subscribe()]
    }

    /// Sends SIGKILL.
    pub(super) fn kill(&mut self) -> Result<()> {
        Ok(self.child.start_kill()?)
    }

    pub(super) fn signal(&self, signal: Signal) -> Result<()> {
        let id = self.child.id().ok_or_else(|| Failure::new("the service has ended already"))?;
        kill(Pid::from_raw(i32::try_from(id)?), signal)?;
        Ok(())
    }

    /// Waits until it has ended and all its output is here.
    pub(super) async fn wait(&mut self) -> Result<ExitStatus> {
        let status = match timeout(PATIENCE, self.child.wait()).await {
            Ok(status) => status?,
            Err(_) => return Err(self.with_output(&format!("the service did not end within {PATIENCE:?}"))),
        };
        self.drain().await?;
        Ok(status)
    }

    async fn drain(&mut self) -> Result<()> {
        for captured in [&mut self.stdout, &mut self.stderr] {
            if let Some(reader) = captured.reader.take() {
                reader.await??;
            }
        }
        Ok(())
    }

    fn with_output(&self, what: &str) -> Failure {
        Failure::new(format!("{what}\n--- stdout\n{}--- stderr\n{}", self.stdout(), self.stderr()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        canary::keep("stderr", self.stderr().as_bytes());
        // `dev` prints what its user is to have.
        if !self.shows_secrets {
            canary::keep("stdout", self.stdout().as_bytes());
        }
    }
}

/// A stream's text so far, and the task that goes on reading it.
struct Captured {
    text: watch::Sender<String>,
    reader: Option<JoinHandle<std::io::Result<()>>>,
}

impl Captured {
    fn start(stream: Option<impl AsyncRead + Unpin + Send + 'static>) -> Result<Self> {
        let stream = stream.ok_or_else(|| Failure::new("the process has no such stream"))?;
        let text = watch::Sender::new(String::new());
        let sender = text.clone();
        let reader = tokio::spawn(async move {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while stream.read_until(b'\n', &mut line).await? > 0 {
                sender.send_modify(|text| text.push_str(&String::from_utf8_lossy(&line)));
                line.clear();
            }
            Ok(())
        });
        Ok(Self { text, reader: Some(reader) })
    }

    fn text(&self) -> String {
        self.text.borrow().clone()
    }
}

/// `ADDRESS:PORT` or `PORT` in a port file.
pub(super) fn port_in_file(text: &str) -> Option<u16> {
    text.trim().rsplit(':').next()?.parse().ok()
}

/// The port of the first loopback address in whole lines of output.
pub(super) fn port_in_output(text: &str) -> Option<u16> {
    let (whole, _) = text.rsplit_once('\n')?;
    ["http://127.0.0.1:", "http://localhost:"].into_iter().find_map(|prefix| {
        let (_, after) = whole.split_once(prefix)?;
        after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    })
}
