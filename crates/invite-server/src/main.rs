//! The binary `invite`.

use std::{io::Write as _, process::ExitCode};

/// Requests are many small allocations, made on one thread and often freed on another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Before anything can open a TLS connection: two libraries with different defaults must not meet.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        let _ = writeln!(std::io::stderr(), "invite: TLS cannot be set up: another provider is installed");
        return ExitCode::FAILURE;
    }
    // The one place that reads the process's arguments and environment.
    invite_server::command::main(std::env::args_os(), std::env::vars_os())
}
