//! What the journeys share: an installation beside a mail server, callers of its API, a browser without scripts.
#![allow(dead_code, reason = "every journey uses its own part of this")]

pub(crate) mod browser;
pub(crate) mod crowd;
pub(crate) mod token;

use invite_tests::{
    Failure, Result, canary,
    mail::Mail,
    net,
    service::{Sandbox, Service},
    smtp::SmtpServer,
};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Far longer than anything here takes: two cores may be compiling besides.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// A password nobody uses.
pub(crate) const PASSWORD: &str = "violet harbour sings 41";
/// The owner's address.
pub(crate) const OWNER: &str = "olivia.owner@example.org";

/// A set-up service that sends its mails to a server of its own.
pub(crate) struct Site {
    pub(crate) smtp: SmtpServer,
    pub(crate) sandbox: Sandbox,
    /// What `setup --json` printed.
    pub(crate) setup: Value,
    pub(crate) service: Service,
}

impl Site {
    pub(crate) async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// The same with further settings.
    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Result<Self> {
        Self::start_in(Sandbox::for_serve()?, settings).await
    }

    /// The same with a sandbox of one's own choice.
    pub(crate) async fn start_in(mut sandbox: Sandbox, settings: &[(&str, &str)]) -> Result<Self> {
        let smtp = SmtpServer::start().await?;
        sandbox.set("INVITE_SMTP_URL", smtp.url()).set("INVITE_MAIL_FROM", "Acme <invite@example.org>");
        for (name, value) in settings {
            sandbox.set(name, *value);
        }
        let setup = sandbox.set_up("Acme", OWNER).await?;
        let service = sandbox.serve(&[]).await?;
        Ok(Self { smtp, sandbox, setup, service })
    }

    /// A caller without a credential.
    pub(crate) fn anyone(&self) -> Result<Api> {
        Api::new(self.service.base_url(), None)
    }

    /// A caller with this API key or session.
    pub(crate) fn bearer(&self, credential: &str) -> Result<Api> {
        Api::new(self.service.base_url(), Some(credential))
    }

    /// A caller with the owner's API key.
    pub(crate) fn owner(&self) -> Result<Api> {
        self.bearer(text(&self.setup, "/api_key")?)
    }

    /// The `count`-th mail to this address (from 1), once it is there.
    pub(crate) async fn mail(&self, address: &str, count: usize) -> Result<Mail> {
        let mut total = count;
        loop {
            let received = self.smtp.wait_for(total, PATIENCE).await?;
            total = received.len() + 1;
            if let Some(mail) = received.iter().filter(|mail| mail.to == [address]).nth(count - 1) {
                return Mail::parse(&mail.raw);
            }
        }
    }

    /// How many mails were sent to this address so far.
    pub(crate) fn mails_to(&self, address: &str) -> usize {
        self.smtp.messages().iter().filter(|mail| mail.to == [address]).count()
    }

    /// The token in the `count`-th mail to this address.
    pub(crate) async fn mailed_token(&self, address: &str, count: usize) -> Result<String> {
        token_of(&self.mail(address, count).await?.only_link()?)
    }

    /// Issues an invitation with the owner's key, no role, and the mailed token.
    pub(crate) async fn invite(&self, address: &str) -> Result<(Value, String)> {
        let body = json!({ "recipient": { "email": address } });
        let invitation = self.owner()?.post("/v1/invitations", &body).await?.expect(201)?;
        Ok((invitation, self.mailed_token(address, 1).await?))
    }

    /// Issues an invitation that nobody is told of, and answers its id and the token from the answer.
    pub(crate) async fn invite_silently(&self, address: &str) -> Result<(String, String)> {
        let body = json!({ "recipient": { "email": address }, "channels": [], "return": ["link"] });
        let invitation = self.owner()?.post("/v1/invitations", &body).await?.expect(201)?;
        Ok((text(&invitation, "/id")?.to_owned(), token_of(text(&invitation, "/link")?)?))
    }

    /// The invitation as its inviter sees it now.
    pub(crate) async fn invitation(&self, id: &str) -> Result<Value> {
        self.owner()?.get(&format!("/v1/invitations/{id}")).await?.expect(200)
    }

    /// The id of a role, by its name.
    pub(crate) async fn role(&self, name: &str) -> Result<String> {
        let roles = self.owner()?.get("/v1/roles").await?.expect(200)?;
        let role = items(&roles)?.iter().find(|role| role["name"] == name);
        let role = role.ok_or_else(|| Failure::new(format!("no role {name}: {roles}")))?;
        Ok(text(role, "/id")?.to_owned())
    }

    /// The member with this address, if there is one.
    pub(crate) async fn member(&self, address: &str) -> Result<Option<Value>> {
        let members = self.owner()?.get("/v1/members?limit=200").await?.expect(200)?;
        let mut found = items(&members)?.iter().filter(|member| member["account"]["email"] == address);
        let first = found.next().cloned();
        match found.next() {
            Some(_) => Err(Failure::new(format!("{address} is a member twice: {members}"))),
            None => Ok(first),
        }
    }

    /// Waits until an invitation has this status; a status that depends on the time changes by itself.
    pub(crate) async fn wait_for_status(&self, id: &str, status: &str) -> Result<Value> {
        eventually(&format!("{id} never became {status}"), async || {
            let invitation = self.invitation(id).await?;
            Ok((invitation["status"] == status).then_some(invitation))
        })
        .await
    }

    /// Waits until the invitation's mail of this generation was handed over.
    pub(crate) async fn wait_until_sent(&self, id: &str) -> Result<Value> {
        eventually(&format!("the mail of {id} was never sent"), async || {
            let invitation = self.invitation(id).await?;
            Ok((invitation["deliveries"][0]["state"] == "sent").then_some(invitation))
        })
        .await
    }
}

/// Somebody who calls the API.
#[derive(Clone)]
pub(crate) struct Api {
    client: reqwest::Client,
    base: String,
    credential: Option<String>,
    organization: Option<String>,
}

impl Api {
    pub(crate) fn new(base: &str, credential: Option<&str>) -> Result<Self> {
        let credential = credential.map(str::to_owned);
        Ok(Self { client: net::http()?, base: base.to_owned(), credential, organization: None })
    }

    /// The same caller, who names the organisation.
    pub(crate) fn for_organization(mut self, organization: &str) -> Self {
        self.organization = Some(organization.to_owned());
        self
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(credential) = &self.credential {
            request = request.bearer_auth(credential);
        }
        if let Some(organization) = &self.organization {
            request = request.header("X-Organization-Id", organization);
        }
        request
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Answer> {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Answer> {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    /// A POST with an Idempotency-Key.
    pub(crate) async fn post_once(&self, path: &str, key: &str, body: &Value) -> Result<Answer> {
        Answer::of(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Result<Answer> {
        Answer::of(self.request(Method::PATCH, path).json(body)).await
    }

    /// Redeems as a new person.
    pub(crate) async fn redeem(&self, token: &str, password: &str) -> Result<Answer> {
        self.post("/v1/redemptions", &redemption(token, password)).await
    }
}

/// The body of a new person's redemption.
pub(crate) fn redemption(token: &str, password: &str) -> Value {
    json!({ "token": token, "account": { "name": "Ada Lovelace", "password": password } })
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Result<Self> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        canary::note(&text);
        for cookie in headers.get_all("set-cookie") {
            canary::note(cookie.to_str().unwrap_or_default());
        }
        Ok(Self { status, headers, text })
    }

    pub(crate) fn json(&self) -> Result<Value> {
        Ok(serde_json::from_str(&self.text)?)
    }

    /// The body as JSON, if the status is this one; an empty body is null.
    pub(crate) fn expect(&self, status: u16) -> Result<Value> {
        if self.status != status {
            return Err(Failure::new(format!("expected {status}, got {}: {}", self.status, self.text)));
        }
        if self.text.is_empty() { Ok(Value::Null) } else { self.json() }
    }

    /// The problem document, if status and code are these.
    pub(crate) fn refused(&self, status: u16, code: &str) -> Result<Value> {
        let problem = self.expect(status)?;
        let kind = self.header("content-type");
        if problem["code"] != code || kind != "application/problem+json" {
            return Err(Failure::new(format!("expected the problem {code}, got {kind}: {problem}")));
        }
        Ok(problem)
    }

    /// A header's value; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// All cookies it sets, as they were written.
    pub(crate) fn cookies(&self) -> Vec<String> {
        let values = self.headers.get_all("set-cookie").iter();
        values.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect()
    }
}

/// The text at a place of a document.
pub(crate) fn text<'a>(document: &'a Value, pointer: &str) -> Result<&'a str> {
    let found = document.pointer(pointer).and_then(Value::as_str);
    found.ok_or_else(|| Failure::new(format!("no text at {pointer}: {document}")))
}

/// The entries of a list.
pub(crate) fn items(list: &Value) -> Result<&Vec<Value>> {
    list["items"].as_array().ok_or_else(|| Failure::new(format!("no list: {list}")))
}

/// The token at the end of a link.
pub(crate) fn token_of(link: &str) -> Result<String> {
    match link.split_once("/i/") {
        Some((_, token)) if token.starts_with("inv_") => Ok(token.to_owned()),
        _ => Err(Failure::new(format!("no link to an invitation: {link}"))),
    }
}

/// Looks again and again until there is something to see: another process gives no signal to wait on.
pub(crate) async fn eventually<T>(never: &str, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let mut ticks = interval(Duration::from_millis(25));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let seen = async {
        loop {
            ticks.tick().await;
            if let Some(seen) = look().await? {
                return Ok(seen);
            }
        }
    };
    timeout(PATIENCE, seen).await.unwrap_or_else(|_| Err(Failure::new(never)))
}
