//! Database servers that a test run starts for itself, from the binaries of this machine, and ends with it.
//!
//! A server listens on a free port of loopback, keeps its files in a folder of its own, and never waits for the disk: what
//! it holds is thrown away. PostgreSQL does not run as root; there, both run as `nobody`. However the test run ends, the
//! server ends with it: the kernel tells it (`setpriv --pdeathsig`).
//!
//! Where [`Requirement::url_variable`] names a server, that one is used and left running. A server that is to be killed is
//! [always our own](Server::start_to_kill).

use crate::{
    net,
    requires::{Requirement, program},
};
use nix::sys::signal::{Signal, kill};
use nix::sys::statvfs::statvfs;
use nix::unistd::{Pid, User, geteuid};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Who runs a server that must not run as root.
const NOBODY: &str = "nobody";

/// How much memory must be free for a server's files, in bytes.
const ROOM: u64 = 2 << 30;

/// How long a killed server's relics may keep it from starting again.
const RELICS: Duration = Duration::from_secs(20);

/// A running server.
#[derive(Debug)]
pub struct Server {
    /// Everything before the database's name, and everything behind it.
    address: (String, String),
    maintenance: String,
    process: Option<Process>,
}

#[derive(Debug)]
struct Process {
    pid: Pid,
    end: Signal,
    ended: Option<JoinHandle<()>>,
    /// How it is started again in place, if it can be.
    again: Option<Postgres>,
    _folder: TempDir,
}

/// How a PostgreSQL server is started.
#[derive(Debug, Clone)]
struct Postgres {
    data: PathBuf,
    port: u16,
    care: Care,
    /// The memory for pages of tables, in MiB.
    buffers: u32,
}

/// What a PostgreSQL server does for what it has acknowledged.
#[derive(Debug, Clone, Copy)]
enum Care {
    /// Nothing: a commit is acknowledged while its record is in the server's own memory.
    None,
    /// It outlives the server's processes, but not the machine.
    Kept,
    /// It outlives the machine too: as in production, and with statements that can be counted.
    Durable,
}

impl Care {
    fn settings(self) -> &'static [&'static str] {
        match self {
            Self::None => &["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
            Self::Kept => &["fsync=off", "synchronous_commit=on", "full_page_writes=on"],
            Self::Durable => &[
                "fsync=on",
                "synchronous_commit=on",
                "full_page_writes=on",
                // A checkpoint in the midst of a measurement would say more of the moment than of what is measured.
                "max_wal_size=8GB",
                "checkpoint_timeout=30min",
                "shared_preload_libraries=pg_stat_statements",
            ],
        }
    }
}

impl Server {
    /// Starts a server of this kind, or takes the one that is lent.
    ///
    /// # Errors
    /// Why there is none; the server's own last words among it.
    pub fn start(kind: Requirement) -> Result<Self, String> {
        let lent = kind.url_variable().and_then(std::env::var_os).filter(|url| !url.is_empty());
        if let Some(url) = lent {
            return Self::lent(&url.to_string_lossy());
        }
        match kind {
            Requirement::Postgres => postgres(Care::None, 64),
            Requirement::Mariadb => mariadb(),
            Requirement::Browser => Err("a browser is no database server".to_owned()),
        }
    }

    /// Starts a PostgreSQL server that can be [killed](Self::kill_dash_nine) and [started again](Self::start_again): what it
    /// has acknowledged is with the operating system, and so outlives its processes.
    ///
    /// # Errors
    /// Why there is none; the server's own last words among it.
    pub fn start_to_kill() -> Result<Self, String> {
        postgres(Care::Kept, 64)
    }

    /// Starts a PostgreSQL server as one is run in production, to measure it: a commit waits for the disk. It has this many
    /// MiB of `shared_buffers`, and the library `pg_stat_statements`, which counts statements.
    ///
    /// # Errors
    /// Why there is none; the server's own last words among it.
    pub fn start_to_measure(buffers: u32) -> Result<Self, String> {
        postgres(Care::Durable, buffers)
    }

    /// Kills the server's first process (SIGKILL), which leaves it no time for anything, and waits until the others have
    /// noticed and are gone too.
    ///
    /// # Errors
    /// Where it is not ours, or is gone already.
    pub fn kill_dash_nine(&mut self) -> Result<(), String> {
        let process = self.process.as_mut().ok_or("a server that is lent is not killed")?;
        kill(process.pid, Signal::SIGKILL).map_err(|error| error.to_string())?;
        let ended = process.ended.take().ok_or("the server was killed already")?;
        ended.join().map_err(|_| "the thread that waits for the server's end failed".to_owned())
    }

    /// Starts a killed server again: the same port, the same files.
    ///
    /// # Errors
    /// Where it cannot be; its own last words among it.
    pub fn start_again(&mut self) -> Result<(), String> {
        let process = self.process.as_mut().ok_or("a server that is lent is not started")?;
        let again = process.again.as_ref().ok_or("this server cannot be started again")?;
        let began = Instant::now();
        let (pid, ended) = loop {
            match launch(again.command()?, POSTGRES_READY) {
                // It looks for the memory and the processes of the one before, and does not wait for them.
                Err(words) if words.contains("still in use") && began.elapsed() < RELICS => {}
                started => break started?,
            }
        };
        process.pid = pid;
        process.ended = Some(ended);
        Ok(())
    }

    /// `scheme://user:password@host:port/database?options`: the database is the one to make others from.
    fn lent(url: &str) -> Result<Self, String> {
        let (rest, options) = url.split_once('?').map_or((url, String::new()), |(rest, o)| (rest, format!("?{o}")));
        let (before, database) = rest.rsplit_once('/').ok_or("the lent server's address has no database")?;
        Ok(Self { address: (format!("{before}/"), options), maintenance: database.to_owned(), process: None })
    }

    /// The address of a database on this server.
    pub fn url(&self, database: &str) -> String {
        format!("{}{database}{}", self.address.0, self.address.1)
    }

    /// The address of the database from which others are made and dropped.
    pub fn maintenance_url(&self) -> String {
        self.url(&self.maintenance)
    }

    /// The server's process, if it is ours to kill.
    pub fn pid(&self) -> Option<i32> {
        self.process.as_ref().map(|process| process.pid.as_raw())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that was killed needs no signal, and its number may be another's by now.
        if let Some(ended) = self.ended.take() {
            let _ = kill(self.pid, self.end);
            let _ = ended.join();
        }
    }
}

/// What PostgreSQL says when it can be used.
const POSTGRES_READY: &str = "ready to accept connections";

fn postgres(care: Care, buffers: u32) -> Result<Server, String> {
    let folder = folder(None)?;
    let data = folder.path().join("data");
    let mut make = unprivileged(&found("initdb")?, None)?;
    make.arg("--pgdata").arg(&data).args(["--username=invite", "--auth=trust", "--encoding=UTF8", "--no-sync"]);
    // A locale whose letters reach beyond ASCII: what must not depend on it is seen not to.
    run(make.arg("--locale=C.UTF-8"), "initdb")?;
    let postgres = Postgres { data, port: free_port()?, care, buffers };
    let before = format!("postgres://invite@127.0.0.1:{}/", postgres.port);
    let mut process = start(postgres.command()?, folder, POSTGRES_READY, Signal::SIGQUIT)?;
    process.again = Some(postgres);
    Ok(Server { address: (before, String::new()), maintenance: "postgres".to_owned(), process: Some(process) })
}

impl Postgres {
    fn command(&self) -> Result<Command, String> {
        let mut serve = unprivileged(&found("postgres")?, Some("QUIT"))?;
        serve.arg("-D").arg(&self.data).env("LC_ALL", "C");
        let (port, buffers) = (format!("port={}", self.port), format!("shared_buffers={}MB", self.buffers));
        let common = [
            port.as_str(),
            buffers.as_str(),
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=400",
        ];
        for setting in common.iter().chain(self.care.settings()) {
            serve.arg("-c").arg(setting);
        }
        Ok(serve)
    }
}

fn mariadb() -> Result<Server, String> {
    let folder = folder(in_memory())?;
    let data = folder.path().join("data");
    let mut make = unprivileged(&found("mariadb-install-db")?, None)?;
    make.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
    run(make.arg(format!("--datadir={}", data.display())), "mariadb-install-db")?;
    let port = free_port()?;
    let mut serve = unprivileged(&found("mariadbd")?, Some("KILL"))?;
    serve
        .arg("--no-defaults")
        .arg(format!("--datadir={}", data.display()))
        .arg(format!("--socket={}", folder.path().join("s").display()))
        .arg(format!("--port={port}"))
        .args(["--bind-address=127.0.0.1", "--skip-grant-tables", "--skip-log-bin", "--max-connections=400"])
        .args(["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-doublewrite=0"])
        .args(["--innodb-file-per-table=0", "--innodb-buffer-pool-size=128M", "--performance-schema=0"])
        // Another character set than ours: what must not depend on it is seen not to.
        .args(["--character-set-server=latin1"]);
    let process = start(serve, folder, "ready for connections", Signal::SIGKILL)?;
    let before = format!("mysql://invite@127.0.0.1:{port}/");
    Ok(Server { address: (before, String::new()), maintenance: "mysql".to_owned(), process: Some(process) })
}

fn found(name: &str) -> Result<std::path::PathBuf, String> {
    program(name).ok_or_else(|| format!("{name} not found"))
}

/// A file system in memory with room to spare, where there is one. MariaDB waits for the disk at every change of a schema,
/// whatever it is told, and every test makes one.
fn in_memory() -> Option<&'static Path> {
    let folder = Path::new("/dev/shm");
    let found = statvfs(folder).ok()?;
    (found.blocks_available().saturating_mul(found.fragment_size()) > ROOM).then_some(folder)
}

/// A folder that belongs to whoever the server runs as.
fn folder(within: Option<&Path>) -> Result<TempDir, String> {
    let folder = within.map_or_else(tempfile::tempdir, tempfile::tempdir_in).map_err(|error| error.to_string())?;
    if geteuid().is_root() {
        let nobody = nobody()?;
        let (user, group) = (nobody.uid.as_raw(), nobody.gid.as_raw());
        std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).map_err(|error| error.to_string())?;
    }
    Ok(folder)
}

fn nobody() -> Result<User, String> {
    User::from_name(NOBODY)
        .map_err(|error| error.to_string())?
        .ok_or_else(|| format!("there is no user {NOBODY} to run a server as"))
}

/// A program that does not run as root and is sent `at_end` when the thread that starts it is no more.
fn unprivileged(program: &Path, at_end: Option<&str>) -> Result<Command, String> {
    let mut command = Command::new(found("setpriv")?);
    if geteuid().is_root() {
        let nobody = nobody()?;
        command.arg(format!("--reuid={}", nobody.uid)).arg(format!("--regid={}", nobody.gid)).arg("--clear-groups");
    }
    if let Some(signal) = at_end {
        command.arg(format!("--pdeathsig={signal}"));
    }
    // Its working directory must be one it may look into.
    command.arg(program).current_dir("/").stdin(Stdio::null());
    Ok(command)
}

fn run(command: &mut Command, name: &str) -> Result<(), String> {
    let done = command.output().map_err(|error| format!("{name}: {error}"))?;
    if done.status.success() {
        return Ok(());
    }
    Err(format!("{name}: {}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr)))
}

/// A port nobody listens on, below those that clients get: while a killed server is away and its clients call on, none of them
/// is given its port. Whoever else takes it makes the start fail, loudly.
fn free_port() -> Result<u16, String> {
    net::free_port().map(|address| address.port()).map_err(|failure| failure.to_string())
}

/// Starts a server in a folder of its own.
fn start(command: Command, folder: TempDir, ready: &'static str, end: Signal) -> Result<Process, String> {
    let (pid, ended) = launch(command, ready)?;
    Ok(Process { pid, end, ended: Some(ended), again: None, _folder: folder })
}

/// Starts a server and waits until it says that it is ready. Its log is read to the end by a thread of its own: that
/// thread is the one whose end the kernel tells it, and it ends when the last process of the server does.
fn launch(mut command: Command, ready: &'static str) -> Result<(Pid, JoinHandle<()>), String> {
    let (tell, told) = mpsc::channel();
    let ended = thread::spawn(move || {
        let mut child = match command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(error) => {
                let _ = tell.send(Err(error.to_string()));
                return;
            }
        };
        let pid = i32::try_from(child.id()).map(Pid::from_raw);
        let mut tell = Some(tell);
        let mut said = String::new();
        if let Some(log) = child.stderr.take() {
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                if tell.is_some() {
                    said.push_str(&line);
                    said.push('\n');
                }
                if line.contains(ready)
                    && let Some(tell) = tell.take()
                {
                    let _ = tell.send(pid.map_err(|error| error.to_string()));
                }
            }
        }
        let _ = child.wait();
        if let Some(tell) = tell {
            let _ = tell.send(Err(format!("the server ended: {said}")));
        }
    });
    let pid = told.recv().map_err(|error| error.to_string())??;
    Ok((pid, ended))
}
