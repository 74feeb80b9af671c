//! The real service: processes of the built binary on one database, asked over HTTP.

use super::{
    record::{Said, Service},
    spec::{Op, Ret, Seen, Standing},
};
use chrono::DateTime;
use invite_tests::{
    Failure, Result, net,
    requires::Requirement,
    servers::Server,
    service::{Sandbox, Service as Process},
};
use reqwest::{Method, RequestBuilder};
use sea_orm::{ConnectionTrait as _, Database};
use serde_json::{Value, json};

/// How long an invitation lives where nobody says so, in days.
pub(crate) const DAYS: i64 = 7;

/// A set-up service.
pub(crate) struct Site {
    processes: Vec<Process>,
    client: reqwest::Client,
    key: String,
    _sandboxes: Vec<Sandbox>,
    _server: Option<Server>,
}

/// An invitation of it.
pub(crate) struct Invitation {
    id: String,
    created_at: String,
}

impl Site {
    /// One process on a file.
    pub(crate) async fn on_sqlite() -> Result<Self> {
        let sandbox = Sandbox::for_serve()?;
        Self::start(vec![sandbox], None).await
    }

    /// Two processes on one PostgreSQL.
    pub(crate) async fn on_postgres() -> Result<Self> {
        let server = Server::start(Requirement::Postgres).map_err(Failure::new)?;
        let name = format!("invite_histories_{}", std::process::id());
        let maintenance = Database::connect(server.maintenance_url()).await?;
        maintenance.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
        maintenance.close().await?;
        let mut sandboxes = Vec::new();
        for _ in 0..2 {
            sandboxes.push(Sandbox::new()?);
        }
        let ring = sandboxes[0].path().join("keyring").display().to_string();
        let public = sandboxes[0].url();
        for sandbox in &mut sandboxes {
            sandbox
                .set("INVITE_PUBLIC_URL", public.as_str())
                .set("INVITE_KEYRING_FILE", ring.as_str())
                .set("INVITE_DATABASE_URL", server.url(&name));
        }
        Self::start(sandboxes, Some(server)).await
    }

    async fn start(mut sandboxes: Vec<Sandbox>, server: Option<Server>) -> Result<Self> {
        for sandbox in &mut sandboxes {
            // A line for every request would be kept in the memory of this process. All clients have one key.
            sandbox.set("INVITE_LOG", "error").set("INVITE_LIMIT_REQUESTS_SECOND", "off");
        }
        let setup = sandboxes[0].set_up("Acme", "olivia.owner@example.org").await?;
        let mut processes = Vec::new();
        for sandbox in &sandboxes {
            processes.push(sandbox.serve(&[]).await?);
        }
        let key = text(&setup, "/api_key")?.to_owned();
        Ok(Self { processes, client: net::http()?, key, _sandboxes: sandboxes, _server: server })
    }

    /// How many processes there are.
    pub(crate) fn processes(&self) -> usize {
        self.processes.len()
    }

    fn request(&self, process: usize, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.processes[process].base_url()))
    }

    /// The request an operation is.
    fn asked(&self, invitation: &Invitation, process: usize, op: &Op, link: Option<&str>) -> RequestBuilder {
        let at = |action: &str| format!("/v1/invitations/{}{action}", invitation.id);
        let of_holder = |path: &str, body: Value| self.request(process, Method::POST, path).json(&body);
        let of_owner = |method, path: String| self.request(process, method, &path).bearer_auth(&self.key);
        match op {
            Op::Redeem { person, link: generation } => {
                let body = json!({ "token": link, "account": { "name": format!("Person {person}") } });
                let key = format!("person-{person}-link-{generation}");
                of_holder("/v1/redemptions", body).header("Idempotency-Key", key)
            }
            Op::Decline { .. } => of_holder("/v1/redemptions/decline", json!({ "token": link })),
            Op::Preview { .. } => of_holder("/v1/redemptions/preview", json!({ "token": link })),
            Op::Resend { key } => of_owner(Method::POST, at("/resend"))
                .header("Idempotency-Key", format!("resend-{key}"))
                .json(&json!({ "channels": [], "return": ["link"] })),
            Op::Revoke => of_owner(Method::POST, at("/revoke")),
            Op::Extend { days } => {
                of_owner(Method::POST, at("/extend")).json(&json!({ "expires_in": days * 24 * 3_600 }))
            }
            Op::Amend { words } => {
                of_owner(Method::PATCH, at("")).json(&json!({ "message": format!("words {words}") }))
            }
            Op::Show => of_owner(Method::GET, at("")),
        }
    }

    /// Status and document; `None` where the connection broke or the service says that it cannot tell.
    async fn told(request: RequestBuilder) -> Result<Option<(u16, Value)>> {
        let Ok(response) = request.send().await else { return Ok(None) };
        let status = response.status().as_u16();
        let Ok(text) = response.text().await else { return Ok(None) };
        match status {
            503 => Ok(None),
            500 | 429 => Err(Failure::new(format!("{status}: {text}"))),
            _ => Ok(Some((status, serde_json::from_str(&text)?))),
        }
    }
}

impl Service for Site {
    type Subject = Invitation;

    async fn issue(&self, number: u64) -> Result<(Invitation, String)> {
        let address = format!("person-{number}@example.org");
        let body = json!({ "recipient": { "email": address }, "channels": [], "return": ["link"] });
        let request = self.request(0, Method::POST, "/v1/invitations").bearer_auth(&self.key).json(&body);
        match Self::told(request).await? {
            Some((201, document)) => {
                let (id, created_at) = (text(&document, "/id")?.to_owned(), text(&document, "/created_at")?.to_owned());
                Ok((Invitation { id, created_at }, token_of(&document)?))
            }
            other => Err(Failure::new(format!("nothing was issued: {other:?}"))),
        }
    }

    async fn ask(&self, invitation: &Invitation, process: usize, op: &Op, link: Option<String>) -> Result<Said> {
        let Some((status, document)) = Self::told(self.asked(invitation, process, op, link.as_deref())).await? else {
            return Ok(Said { ret: None, link: None });
        };
        let mut link = None;
        let ret = match (status, op) {
            (400.., _) => Ret::refused(status, text(&document, "/code")?),
            (200, Op::Decline { .. }) => Ret::Declined,
            (200, Op::Preview { .. }) => Ret::Offered { days: days(invitation, &document)? },
            (200 | 201, Op::Redeem { .. }) => Ret::Redeemed {
                redemption: text(&document, "/redemption/id")?.to_owned(),
                generation: number(&document, "/redemption/generation")?.try_into()?,
                again: status == 200,
            },
            _ => {
                let seen = seen(invitation, &document)?;
                if document["link"].is_string() {
                    link = Some((seen.generation, token_of(&document)?));
                }
                Ret::Shown(seen)
            }
        };
        Ok(Said { ret: Some(ret), link })
    }
}

/// An invitation as an answer shows it.
fn seen(invitation: &Invitation, document: &Value) -> Result<Seen> {
    let status = text(document, "/status")?;
    let standing = Standing::ALL.into_iter().find(|standing| standing.word() == status);
    let words = document["message"].as_str().and_then(|words| words.strip_prefix("words "));
    Ok(Seen {
        standing: standing.ok_or_else(|| Failure::new(format!("it is {status}")))?,
        generation: number(document, "/generation")?.try_into()?,
        version: number(document, "/version")?,
        days: days(invitation, document)?,
        words: words.map(str::parse).transpose()?,
        redemption: document.pointer("/redemption/id").and_then(Value::as_str).map(str::to_owned),
    })
}

/// How long it lives from its issue, rounded to days.
fn days(invitation: &Invitation, document: &Value) -> Result<i64> {
    let instant = |text: &str| DateTime::parse_from_rfc3339(text);
    let lives = instant(text(document, "/expires_at")?)? - instant(&invitation.created_at)?;
    Ok((lives.num_hours() + 12) / 24)
}

fn text<'a>(document: &'a Value, pointer: &str) -> Result<&'a str> {
    let found = document.pointer(pointer).and_then(Value::as_str);
    found.ok_or_else(|| Failure::new(format!("no text at {pointer}: {document}")))
}

fn number(document: &Value, pointer: &str) -> Result<i64> {
    let found = document.pointer(pointer).and_then(Value::as_i64);
    found.ok_or_else(|| Failure::new(format!("no number at {pointer}: {document}")))
}

fn token_of(document: &Value) -> Result<String> {
    let link = text(document, "/link")?;
    let token = link.split_once("/i/").map(|(_, token)| token.to_owned());
    token.ok_or_else(|| Failure::new("the answer has no link to an invitation"))
}
