//! What a newcomer does after cloning, exactly as the README prints it.

mod common;

use common::{Answer, Api, browser::Browser, eventually, items};
use invite_tests::{Failure, Result, net};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// `cargo run` may have to build first, for features that differ from those the tests were built with.
const BUILD: Duration = Duration::from_mins(20);
const PASSWORD: &str = "violet harbour sings 41";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The first command of the README.
fn first_command() -> Result<String> {
    let readme = std::fs::read_to_string(root().join("README.md"))?;
    let block = readme.split_once("```sh\n").and_then(|(_, after)| after.split_once("\n```"));
    let (commands, _) = block.ok_or_else(|| Failure::new("the README has no command"))?;
    Ok(commands.lines().next().unwrap_or_default().to_owned())
}

/// The service as the newcomer started it; killed when dropped.
struct Started {
    child: Child,
    out: BufReader<ChildStdout>,
    printed: String,
    folder: TempDir,
}

impl Started {
    /// Runs the README's first command in the root of the workspace.
    ///
    /// Two things differ from a newcomer's terminal, so that a test neither meets nor leaves anything: another port, by
    /// the environment, and `--folder` after the printed words, so that `./invite-dev/` is not touched.
    async fn by_the_readme() -> Result<Self> {
        let command = first_command()?;
        assert_eq!(command, "cargo run -- dev");
        let folder = TempDir::with_prefix("invite-newcomer-")?;
        let mut words = command.split(' ');
        let mut start = Command::new(words.next().unwrap_or_default());
        start.args(words).arg("--folder").arg(folder.path().join("invite-dev"));
        for (name, _) in std::env::vars_os() {
            // What Cargo sets for a test is not there in a terminal, and would make it build everything anew.
            let name = name.to_string_lossy().into_owned();
            let cargos = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_", "INVITE_"];
            if cargos.iter().any(|prefix| name.starts_with(prefix)) {
                start.env_remove(name);
            }
        }
        let log = std::fs::File::create(folder.path().join("log"))?;
        start.env("INVITE_LISTEN", net::free_port()?.to_string()).current_dir(root());
        start.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
        let mut child = start.spawn()?;
        let out = child.stdout.take().ok_or_else(|| Failure::new("no standard output"))?;
        let mut started = Self { child, out: BufReader::new(out), printed: String::new(), folder };
        match timeout(BUILD, started.read_welcome()).await {
            Ok(Ok(())) => Ok(started),
            Ok(Err(failure)) => Err(started.failed(&failure.to_string())),
            Err(_) => Err(started.failed("it took too long")),
        }
    }

    async fn read_welcome(&mut self) -> Result<()> {
        while !self.printed.contains("Ctrl-C") {
            if self.out.read_line(&mut self.printed).await? == 0 {
                return Err(Failure::new("it ended"));
            }
        }
        Ok(())
    }

    fn failed(&self, what: &str) -> Failure {
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        Failure::new(format!("{what}\n--- stdout\n{}--- stderr\n{log}", self.printed))
    }

    /// The only printed line that begins so, without that.
    fn line(&self, start: &str) -> Result<&str> {
        let mut lines = self.printed.lines().filter_map(|line| line.strip_prefix(start));
        match (lines.next(), lines.next()) {
            (Some(line), None) => Ok(line),
            _ => Err(self.failed(&format!("not one line begins with {start}"))),
        }
    }

    /// Ctrl-C.
    async fn interrupt(mut self) -> Result<Option<i32>> {
        let id = self.child.id().ok_or_else(|| self.failed("it had ended"))?;
        kill(Pid::from_raw(i32::try_from(id)?), Signal::SIGINT)?;
        match timeout(common::PATIENCE, self.child.wait()).await {
            Ok(status) => Ok(status?.code()),
            Err(_) => Err(self.failed("it did not end")),
        }
    }
}

/// Pastes a line into a shell, and answers what was printed.
async fn paste(line: &str, folder: &Path) -> Result<Value> {
    let mut shell = Command::new("sh");
    // A proxy of this machine is not meant for loopback.
    shell.args(["-c", line]).current_dir(folder).env("NO_PROXY", "*").env("no_proxy", "*");
    let output = shell.stdin(Stdio::null()).output().await?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        // 127: the shell does not know `curl`. A newcomer needs it, so that is a failure.
        return Err(Failure::new(format!("`{line}` ended with {}: {said}", output.status)));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

#[tokio::test]
async fn the_readmes_first_command_leads_to_a_member_with_what_was_granted() -> Result<()> {
    let started = Started::by_the_readme().await?;
    let base = started.line("http://")?;
    let base = format!("http://{base}");
    let key = started.line("API key: ")?;
    let curl = format!("curl {}", started.line("curl ")?);
    assert!(started.printed.contains(&format!("{base}/mailbox")), "{}", started.printed);
    assert!(curl.contains(&base) && curl.contains(key), "{curl}");
    let owner = Api::new(&base, Some(key))?;
    eventually("it was never ready", async || {
        let ready = Answer::of(owner.request(reqwest::Method::GET, "/readyz")).await;
        Ok(ready.ok().filter(|answer| answer.status == 200))
    })
    .await?;

    let issued = paste(&curl, started.folder.path()).await?;
    assert_eq!(issued["status"], "pending", "{issued}");
    let address = common::text(&issued, "/recipient/email")?;
    let role = common::text(&issued, "/role/name")?;
    assert!(issued["default_rate"].is_number() && !issued["permissions"].as_array().unwrap().is_empty(), "{issued}");

    let browser = Browser::new(&base)?;
    let mail = eventually("the mail never came", async || {
        let mailbox = browser.get("/mailbox").await?;
        Ok(mailbox.links().into_iter().find(|link| link.starts_with("/mailbox/")))
    })
    .await?;
    let mail = browser.get(&mail).await?;
    assert!(mail.answer.text.contains(address), "{}", mail.answer.text);
    let links: Vec<String> = mail.links().into_iter().filter(|link| link.contains("/i/")).collect();
    let [link] = links.as_slice() else { return Err(started.failed(&format!("not one link: {links:?}"))) };

    let accept = browser.open(link).await?;
    assert!(accept.path.starts_with("/accept"), "{}", accept.path);
    assert_eq!(accept.answer.status, 200, "{}", accept.answer.text);
    let form = accept.form("action", "accept")?;
    let typed = [("name", "Zoe Newcomer"), ("password", PASSWORD), ("password_repeat", PASSWORD)];
    let success = browser.submit(&form, &typed).await?;
    assert_eq!(success.answer.status, 200, "{}", success.answer.text);
    assert!(success.answer.text.contains("Welcome"), "{}", success.answer.text);

    let members = owner.get("/v1/members").await?.expect(200)?;
    let member = items(&members)?.iter().find(|member| member["account"]["email"] == address);
    let member = member.ok_or_else(|| started.failed(&format!("no member: {members}")))?;
    assert_eq!((&member["account"]["name"], &member["role"]["name"]), (&json!("Zoe Newcomer"), &json!(role)));
    assert_eq!(member["account"]["email_verified"], true);
    assert_eq!(
        (&member["permissions"], &member["default_rate"]),
        (&issued["permissions"], &issued["default_rate"]),
        "{member}"
    );
    let effective = member["effective_permissions"].as_array().unwrap();
    let granted = issued["permissions"].as_array().unwrap();
    assert!(granted.iter().all(|permission| effective.contains(permission)), "{member}");
    assert_eq!(started.interrupt().await?, Some(0));
    Ok(())
}
