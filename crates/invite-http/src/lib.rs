//! The native HTTP API of the invitation service and its hosted pages, as an actix-web application over the use cases of
//! [`invite_domain::service`].
//!
//! Purpose: translate. A handler reads a request strictly, calls one use case and writes what it said; what may be done is
//! decided in the domain. Every refusal is a problem document ([`problem`]); everything the OpenAPI document says of an
//! operation stands beside its handler.
//!
//! Not here: a listening socket, TLS, configuration sources (the server's), storage and mail (other adapters).
//!
//! The same [`app`] runs in the server and, in process, in tests:
//!
//! ```no_run
//! # fn parts() -> invite_http::Api { unimplemented!() }
//! # async fn serve() -> std::io::Result<()> {
//! let api: invite_http::Api = parts();
//! actix_web::HttpServer::new(move || invite_http::app(api.clone())).bind(("127.0.0.1", 8080))?.run().await
//! # }
//! ```

mod admission;
mod api;
mod background;
mod config;
mod console;
mod counted;
mod dialect;
mod dto;
mod endpoint;
mod extract;
mod frame;
#[doc(hidden)]
pub mod fuzzing;
mod jwt;
mod logos;
mod openapi;
mod operations;
mod pages;

pub mod problem;
mod request_ids;
mod routed;
mod routes;
mod timely;

pub use admission::Admission;
pub use api::{Api, DevMailbox, Health, Mail, MailPreview, MailSummary, PreviewFacts, PreviewedMail, Readiness};
pub use background::Background;
pub use config::HttpConfig;
pub use extract::{client::IpNet, throughput::Throughput};
pub use frame::{app, configure, route_table};
pub use jwt::{JwtError, JwtIssuer, JwtVerifier};
pub use openapi::openapi;
pub use problem::Problem;
pub use routes::event_line;
