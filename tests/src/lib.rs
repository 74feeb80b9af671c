//! What the journeys under `tests/tests/` stand on: the built binary as a process, a real SMTP server on
//! loopback, parsed mails, and trials that say why they were ignored.
//!
//! Not a place for product code, and no product crate may depend on it. Nothing here panics, the assertions of
//! [`contract`] apart: every helper answers a [`Result`], so that a journey ends with `?` and its failure carries the
//! service's own output.
//!
//! ```no_run
//! use invite_tests::{Result, mail::Mail, service::Sandbox, smtp::SmtpServer};
//! use std::time::Duration;
//!
//! # async fn journey() -> Result<()> {
//! let smtp = SmtpServer::start().await?;
//! let mut sandbox = Sandbox::for_serve()?;
//! sandbox.set("INVITE_SMTP_URL", smtp.url()).set("INVITE_MAIL_FROM", "invite@example.org");
//! let setup = sandbox.set_up("Acme", "owner@example.org").await?;
//! let mut service = sandbox.serve(&[]).await?;
//! // … issue an invitation with setup["api_key"] …
//! let received = smtp.wait_for(1, Duration::from_secs(10)).await?;
//! let link = Mail::parse(&received[0].raw)?.only_link()?;
//! service.kill_dash_nine().await?;
//! # Ok(())
//! # }
//! ```

pub mod browser;
pub mod canary;
pub mod contract;
pub mod failure;
pub mod mail;
pub mod net;
pub mod proxy;
pub mod requires;
pub mod servers;
pub mod service;
pub mod sms;
pub mod smtp;
pub mod soak;

pub use failure::{Failure, Result};
