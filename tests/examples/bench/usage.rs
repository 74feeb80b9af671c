//! CPU time and memory of processes, as Linux tells them under `/proc`.

use invite_tests::{Failure, Result};
use std::{fs, path::Path, time::Duration};

/// How long a tick of `/proc/PID/stat` is: the same on every Linux there is a release of.
const TICK: Duration = Duration::from_millis(10);

/// The processes whose CPU time is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watched {
    /// The service.
    pub(crate) service: Option<u32>,
    /// The first process of the database's server.
    pub(crate) database: Option<i32>,
}

impl Watched {
    /// What both have used so far.
    pub(crate) fn spent(self) -> Result<(Duration, Duration)> {
        let service = self.service.map_or(Ok(Duration::ZERO), of_process)?;
        let database = self.database.map_or(Ok(Duration::ZERO), of_family)?;
        Ok((service, database))
    }
}

/// The CPU time of all threads of a process, to the nanosecond.
fn of_process(pid: u32) -> Result<Duration> {
    let mut nanos = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end meanwhile; those that count live as long as the process.
        if let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) {
            let spent = text.split_whitespace().next().and_then(|nanos| nanos.parse::<u64>().ok());
            nanos += spent.ok_or_else(|| Failure::new("this system does not tell what a thread has used"))?;
        }
    }
    Ok(Duration::from_nanos(nanos))
}

/// The CPU time of a process, of its children, and of those of its children that have ended.
fn of_family(parent: i32) -> Result<Duration> {
    let parent = u32::try_from(parent)?;
    let mut spent = of_process(parent)? + ended_children(parent)?;
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // One that ends meanwhile is counted with those that have ended, the next time.
        if fields(pid).is_ok_and(|fields| fields.get(1).is_some_and(|of| *of == u64::from(parent))) {
            spent += of_process(pid).unwrap_or_default();
        }
    }
    Ok(spent)
}

/// What children that have ended had used.
fn ended_children(pid: u32) -> Result<Duration> {
    let fields = fields(pid)?;
    let ticks = [13, 14].map(|place| fields.get(place).copied().unwrap_or(0)).iter().sum::<u64>();
    Ok(TICK * u32::try_from(ticks)?)
}

/// The fields of `/proc/PID/stat` behind the name, which may hold anything: from the state on, the parent second. What is no
/// number is 0.
fn fields(pid: u32) -> Result<Vec<u64>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, behind) = text.rsplit_once(')').ok_or_else(|| Failure::new("a process without a name"))?;
    Ok(behind.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect())
}

/// Resident memory now and at most, in MiB.
pub(crate) fn memory(pid: u32) -> Result<(f64, f64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    Ok((kib(&text, "VmRSS:")? / 1024.0, kib(&text, "VmHWM:")? / 1024.0))
}

/// A figure of a file that gives KiB.
pub(crate) fn kib(text: &str, name: &str) -> Result<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let found = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    found.ok_or_else(|| Failure::new(format!("this system does not tell {name}")))
}

/// Memory of the machine, in MiB: all of it, and what is free to use.
pub(crate) fn machine() -> Result<(f64, f64)> {
    let text = fs::read_to_string(Path::new("/proc/meminfo"))?;
    Ok((kib(&text, "MemTotal:")? / 1024.0, kib(&text, "MemAvailable:")? / 1024.0))
}
