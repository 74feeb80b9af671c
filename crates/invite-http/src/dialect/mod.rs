//! Other systems' wire formats over the same use cases: a dialect translates, it decides nothing.
//!
//! # How a dialect is made
//!
//! A directory `dialect/<name>/` has a `mod.rs` with a static [`Dialect`], an `envelope.rs` that says every refusal in the
//! dialect's own body, and its operations, a file a resource. [`ALL`] lists the dialects; that is the only registration.
//!
//! ```ignore
//! pub(crate) static DIALECT: Dialect = Dialect {
//!     name: "Acme", about: "The Acme API.",          // the tag of its operations
//!     prefixes: &["/api/v9"],                        // whatever fails below them answers in its envelope
//!     carriers: &[Carrier { id: "acmeBearer", way: Way::Scheme("Bearer"), about: "A key or a session." }],
//!     forms: true,                                   // bodies may be forms
//!     throughput: None,                              // the general limit, or Some(|config| config.acme_requests_second)
//!     policy: "acme",                                // what the header RateLimit-Policy calls a limit of its own
//!     refuse: envelope::refuse, error: "AcmeError", error_schema: envelope::schema,
//!     endpoints,
//! };
//!
//! fn endpoints() -> Vec<Endpoint> {
//!     vec![
//!         Endpoint::new(Method::GET, "/api/v9/things/{pk}", "acmeGetThing", get)
//!             .about(DIALECT.name, "Get a thing", "One thing. Needs `things.read`.")
//!             .in_path(&[Parameter { name: "pk", description: "Its number.", kind: "integer", example: "7" }])
//!             .answers::<Thing>(200, "The thing.")
//!             .refuses(&[&table::NOT_FOUND]),
//!         Endpoint::new(Method::POST, "/api/v9/things", "acmeMakeThing", make)
//!             .about(DIALECT.name, "Make a thing", "Needs `things.write`.")
//!             .takes::<NewThing>()
//!             .answers::<Thing>(201, "The thing."),
//!     ]
//! }
//!
//! async fn make(mut call: Call) -> Answer {
//!     let caller = call.caller().await?;            // the carriers, the throughput, the effective organisation
//!     let mut body = call.spoken_body().await?;     // JSON or a form; call.ignore_body() where none is needed
//!     let name = body.required("name", |body, name| body.text(name, 200));
//!     let rate = body.integer("rate", 0..=i64::MAX);
//!     if name == "x" { body.wrong("name", Fault::Told { code: "unique", detail: "It is taken.".into() }) }
//!     body.finish()?;                               // every fault at once
//!     let thing = call.api.directory.make(&caller, name, rate).await
//!         .map_err(|error| Problem::from(error).renamed(&[("/thing/name", "name")]))?;
//!     Ok(json(StatusCode::CREATED, &document(&thing)))
//! }
//! ```
//!
//! A handler fails with a [`Problem`] like any other. What it does not say itself comes in the envelope too: an unknown
//! path below a prefix, a wrong method, a body that is no JSON, a deadline. The log line keeps the problem's code.
//!
//! - [`Call::caller`], [`Call::person`], [`Call::identity`]: as in the native API, but the credential is looked for where
//!   the dialect carries it, a cookie never counts, and the first of them in a request counts it against the throughput.
//! - [`Call::spoken_query`] reads the query like a form; unknown parameters are ignored. One that carries a secret of ours
//!   is refused unless the operation names it with `.secret_in_query(&["code"])`.
//! - [`Call::part`] and [`Call::number`] read variables of the path.
//! - [`numbered`] has pages by number and their URLs.
//! - A fault with a code of the dialect's own: [`Problem::told`]. A domain's place under the dialect's name:
//!   [`Problem::renamed`].
//! - The documented type of a body (`takes`, `answers`) is a `ToSchema` struct. In an answer every member is there.

mod credential;
mod dailys;
mod dashdoc;
#[cfg(test)]
mod example;
pub(crate) mod fault;
pub(crate) mod form;
mod gatego;
pub(crate) mod numbered;
pub(crate) mod reader;
mod refusal;
mod request;
#[cfg(test)]
mod tests;

pub(crate) use credential::{Carrier, Way, of as credential, speaks_bearer};
pub(crate) use refusal::{Envelope, Refused};

use crate::{HttpConfig, endpoint::Endpoint, routes::NATIVE};
use actix_web::HttpRequest;
use serde_json::Value;

#[cfg(doc)]
use crate::{Problem, extract::call::Call};

/// Another system's API.
pub(crate) struct Dialect {
    /// Its name, and its operations' tag.
    pub(crate) name: &'static str,
    /// What the document says of the tag.
    pub(crate) about: &'static str,
    /// Where it lives; without a slash at the end. A path is below a prefix by whole segments.
    pub(crate) prefixes: &'static [&'static str],
    /// Where its requests carry the credential.
    pub(crate) carriers: &'static [Carrier],
    /// Whether a body may be a form.
    pub(crate) forms: bool,
    /// How many requests a second one credential may make, where that is not the general limit; no limit where the function
    /// answers `None`.
    pub(crate) throughput: Option<fn(&HttpConfig) -> Option<u32>>,
    /// The name of that limit in the header `RateLimit-Policy`.
    pub(crate) policy: &'static str,
    /// Says a refusal in its own body.
    pub(crate) refuse: fn(&Refused<'_>) -> Envelope,
    /// The name of that body's schema.
    pub(crate) error: &'static str,
    /// That schema.
    pub(crate) error_schema: fn() -> Value,
    /// Its operations.
    pub(crate) endpoints: fn() -> Vec<Endpoint>,
}

/// Every dialect that is spoken.
pub(crate) const ALL: &[&Dialect] = &[
    &dailys::DIALECT,
    &dashdoc::DIALECT,
    &gatego::DIALECT,
    #[cfg(test)]
    &example::DIALECT,
];

impl Dialect {
    /// Whether this path is one of its own.
    pub(crate) fn has(&self, path: &str) -> bool {
        let below = |rest: &str| rest.is_empty() || rest.starts_with('/');
        self.prefixes.iter().any(|prefix| path.strip_prefix(prefix).is_some_and(below))
    }
}

/// The dialect a request speaks: by the pattern of its route, so that no spelling of a path escapes it, or by its path.
pub(crate) fn of(request: &HttpRequest, pattern: Option<&str>) -> Option<&'static Dialect> {
    if request.path().starts_with(NATIVE) {
        return None;
    }
    let of = |path: &str| ALL.iter().copied().find(|dialect| dialect.has(path));
    pattern.and_then(of).or_else(|| of(request.path()))
}

/// Every operation of every dialect.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    let of =
        |dialect: &'static Dialect| (dialect.endpoints)().into_iter().map(move |endpoint| endpoint.spoken(dialect));
    ALL.iter().copied().flat_map(of).collect()
}
