//! The bare actix-web binary of `tests/bench/bare`: what an answer costs before anybody thinks about it.

use crate::start::{Started, start};
use invite_tests::{Failure, Result};
use reqwest::RequestBuilder;
use serde::Serialize;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// What the library or the connection says by itself.
const OWN: [&str; 4] = ["content-length", "date", "connection", "transfer-encoding"];

/// An answer of the service, to be given again.
#[derive(Serialize)]
pub(crate) struct Recorded {
    parses: &'static str,
    path: &'static str,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Recorded {
    /// What the service answers to this. `parses` says what the request's body holds: `nothing`, `invitation`, `redemption`
    /// or `token`.
    pub(crate) async fn of(
        parses: &'static str,
        path: &'static str,
        status: u16,
        request: RequestBuilder,
    ) -> Result<Self> {
        let answer = request.send().await?;
        let headers = answer.headers().iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
        let headers = headers.map(|(name, value)| Ok((name.to_string(), value.to_str()?.to_owned())));
        let headers = headers.collect::<Result<_>>()?;
        let (answered, body) = (answer.status().as_u16(), answer.text().await?);
        if answered != status {
            return Err(Failure::new(format!("{path} answered {answered}: {body}")));
        }
        Ok(Self { parses, path, status, headers, body })
    }
}

/// The binary, running.
pub(crate) struct Bare {
    pub(crate) started: Started,
    _folder: TempDir,
}

impl Bare {
    /// Starts it with these answers.
    pub(crate) async fn start(answers: &[Recorded]) -> Result<Self> {
        let folder = TempDir::with_prefix("invite-bare-")?;
        let (port, file) = (folder.path().join("port"), folder.path().join("answers"));
        fs::write(&file, serde_json::to_vec(answers)?)?;
        let mut command = Command::new(binary()?);
        command.arg(&port).arg(&file);
        let started = start(command, &port).await?;
        Ok(Self { started, _folder: folder })
    }
}

fn binary() -> Result<PathBuf> {
    let binary = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/bare/target/release/bare");
    if binary.exists() {
        return Ok(binary);
    }
    Err(Failure::new("the bare binary is not built: cargo build --release --manifest-path tests/bench/bare/Cargo.toml"))
}
