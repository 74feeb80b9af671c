//! An installation in a folder of its own, and the built binary in it.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder, and the environment of what is started in it.
pub(crate) struct Site {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

impl Site {
    /// An empty folder and a whole configuration; the key ring is not made yet.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let environment = [
            ("INVITE_DATABASE_URL", "sqlite://invite.db"),
            ("INVITE_KEYRING_FILE", "ring"),
            ("INVITE_PUBLIC_URL", "http://127.0.0.1:8080"),
            ("INVITE_LISTEN", "127.0.0.1:0"),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { folder, environment }
    }

    /// With a key ring and the organisation Acme. Answers what `setup --json` printed too.
    pub(crate) fn set_up() -> (Self, Value) {
        let site = Self::new();
        site.done(&["keys", "new"]);
        let printed = site.done(&["setup", "--organization", "Acme", "--owner-email", "owner@example.org", "--json"]);
        let printed = serde_json::from_str(&printed).unwrap();
        (site, printed)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(other, _)| other != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_invite"));
        let environment = self.environment.iter().map(|(name, value)| (name, value));
        command.args(arguments).env_clear().envs(environment).current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a command printed that has to succeed.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The one line of a command that has to be refused with this exit code.
    pub(crate) fn refused(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        let line = String::from_utf8(output.stderr).unwrap();
        assert!(line.starts_with("invite: ") && line.matches('\n').count() == 1, "{arguments:?}: {line}");
        line
    }

    /// Starts `serve` and waits until it is ready.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Running {
        let port = self.path("port");
        let command = self.command(&[&["serve", "--port-file", "port"], arguments].concat());
        Running::start(command, &port)
    }

    /// Starts `dev` and waits until it is ready.
    pub(crate) fn dev(&self) -> Running {
        Running::start(self.command(&["dev", "--port-file", "port"]), &self.path("port"))
    }
}

/// A running service; killed when dropped.
pub(crate) struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
}

impl Running {
    fn start(mut command: Command, port: &Path) -> Self {
        let _ = std::fs::remove_file(port);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let began = Instant::now();
        let address: Result<SocketAddr, String> = loop {
            if let Ok(text) = std::fs::read_to_string(port) {
                break text.trim().parse().map_err(|_| text);
            }
            let ended = child.try_wait().unwrap();
            if ended.is_some() || began.elapsed() > PATIENCE {
                let _ = child.kill();
                let mut words = format!("it did not start ({ended:?}): ");
                child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
                break Err(words);
            }
            std::thread::yield_now();
        };
        let address = address.unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let running = Self { child, out, address };
        while running.get("/readyz").0 != 200 {
            assert!(began.elapsed() < PATIENCE, "never ready");
        }
        running
    }

    /// The lines it prints, up to and without one that has this text.
    pub(crate) fn lines_until(&mut self, text: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            assert!(self.out.read_line(&mut line).unwrap() > 0, "no line has {text}: {lines:?}");
            if line.contains(text) {
                return lines;
            }
            lines.push(line.trim_end().to_owned());
        }
    }

    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        self.request("GET", path, &[], "")
    }

    pub(crate) fn post(&self, path: &str, key: &str, body: &Value) -> (u16, Value) {
        let authorization = format!("Bearer {key}");
        let headers = [("content-type", "application/json"), ("authorization", authorization.as_str())];
        // An invitee has none.
        let headers = if key.is_empty() { &headers[..1] } else { &headers };
        let (status, text) = self.request("POST", path, headers, &body.to_string());
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    /// One request over a connection of its own: status and body.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let host = self.address.to_string();
        self.exchange(method, path, &[&[("host", host.as_str())], headers].concat(), body)
    }

    /// The same with these headers and no other, the host among them.
    pub(crate) fn exchange(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let headers = lines.concat();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    pub(crate) fn signal(&self, signal: nix::sys::signal::Signal) {
        let id = nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        nix::sys::signal::kill(id, signal).unwrap();
    }

    /// Asks it to end and waits: its exit code and its log.
    pub(crate) fn terminate(mut self) -> (Option<i32>, String) {
        self.signal(nix::sys::signal::Signal::SIGTERM);
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Looks until there is something to see.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what}");
        std::thread::yield_now();
    }
}
