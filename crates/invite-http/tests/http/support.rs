//! An installation over the tests' store and a client in process.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test helper fails by panicking")]

use actix_web::{
    body::to_bytes,
    http::{Method, StatusCode, header::HeaderMap},
    test::{TestRequest, call_service, init_service},
};
use async_trait::async_trait;
use chrono::Duration;
use invite_domain::invitation::Origin;
use invite_domain::{
    directory::{NewSubject, SubjectKind},
    email::EmailAddress,
    phone::PhoneNumber,
    service::{
        Caller, DeadLetterService, DirectoryService, DispatchReport, Dispatcher, ErasureService, GroupService,
        InvitationService, SetUp, Settings, StatisticsService, SubjectService, World,
    },
};
use invite_http::{
    Admission, Api, Background, DevMailbox, Health, HttpConfig, Mail, MailPreview, MailSummary, PreviewFacts,
    PreviewedMail, Readiness, Throughput,
};
use invite_testkit::{FakeIssuer, ManualClock, PlainHasher, RecordingNotifier, SeededEntropy, test_keys};
use serde_json::{Value, json};
use std::{
    any::Any,
    sync::{Arc, Mutex, Once},
};
use url::Url;

use crate::{
    spy::Spy,
    store::{self, Opened},
};

pub(crate) const OWNER: &str = "owner@example.org";
pub(crate) const PASSWORD: &str = "a good long password";

/// What all tests log, together: only a subscriber for the whole process hears every thread.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static LISTEN: Once = Once::new();

struct Log;

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// To the most a log can say.
fn listen() {
    let all = tracing_subscriber::fmt().json().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    LISTEN.call_once(|| all.with_writer(|| Log).init());
}

/// Everything that was logged so far.
pub(crate) fn logged() -> String {
    String::from_utf8(LOG.lock().unwrap().clone()).unwrap()
}

/// A service that is ready, or not.
pub(crate) struct Told(pub(crate) Readiness);

#[async_trait]
impl Health for Told {
    async fn ready(&self) -> Readiness {
        self.0.clone()
    }
}

pub(crate) fn fine() -> Readiness {
    Readiness {
        database: true,
        migrations_current: true,
        clock_difference_ms: Some(3),
        key_ids: vec![1, 2, 3],
        active_key: Some(3),
        draining: false,
    }
}

/// A mailbox with one mail.
struct OneMail;

fn mail() -> Mail {
    Mail {
        summary: MailSummary { id: "m1".into(), to: "ada@example.org".into(), subject: "<Join> Acme".into(), at: None },
        text: "Hello <b>Ada</b>\nhttps://invite.example.org/i/inv_x\nhttps://evil.example.org/".into(),
        html: Some("<p>Hello</p>".into()),
    }
}

#[async_trait]
impl DevMailbox for OneMail {
    async fn list(&self) -> Result<Vec<MailSummary>, invite_domain::port::PortError> {
        Ok(vec![mail().summary])
    }

    async fn read(&self, id: &str) -> Result<Option<Mail>, invite_domain::port::PortError> {
        Ok((id == "m1").then(mail))
    }
}

/// Writes mails to look at that say all they are told.
struct PlainPreview;

impl MailPreview for PlainPreview {
    fn invitation(&self, facts: PreviewFacts) -> Option<PreviewedMail> {
        let text = format!("{facts:?}");
        Some(PreviewedMail {
            subject: format!("Join {}", facts.organization_name),
            html: format!("<p style=\"color:red\">{}</p>", facts.message.unwrap_or_default()),
            text,
        })
    }
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The answer's status and, of a problem, its code.
    pub(crate) fn code(&self) -> (u16, String) {
        let code = if self.header("content-type") == "application/problem+json" {
            self.json()["code"].as_str().unwrap().to_owned()
        } else {
            String::new()
        };
        (self.status.as_u16(), code)
    }

    /// `name=value` of a cookie that was set.
    pub(crate) fn cookie(&self, prefix: &str) -> Option<String> {
        let mut cookies = self.headers.get_all("set-cookie").map(|value| value.to_str().unwrap());
        let cookie = cookies.find(|cookie| cookie.starts_with(prefix))?;
        cookie.split(';').next().map(str::to_owned)
    }
}

/// The installation.
pub(crate) struct Bench {
    pub(crate) api: Api,
    pub(crate) clock: ManualClock,
    pub(crate) notifier: Arc<RecordingNotifier>,
    pub(crate) spy: Arc<Spy>,
    /// Who vouches for people with tokens that [`FakeIssuer`] writes.
    pub(crate) issuer: Arc<FakeIssuer>,
    dispatcher: Dispatcher,
    pub(crate) key: String,
    pub(crate) operator: String,
    pub(crate) owner_token: String,
    /// What the store stands on, until the last request is answered.
    _kept: Box<dyn Any>,
}

/// What the operator of most tests decided.
pub(crate) fn config() -> HttpConfig {
    let mut config = HttpConfig::new(Url::parse("https://invite.example.org").unwrap());
    config.allowed_redirects = vec![Url::parse("https://app.example.org/welcome").unwrap()];
    config.allowed_origins = vec![Url::parse("https://console.example.org").unwrap()];
    // Time stands still in most tests: all they do is within one second.
    config.requests_second = None;
    config
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(config()).await
    }

    pub(crate) async fn with(config: HttpConfig) -> Self {
        Self::with_settings(config, Settings::default()).await
    }

    /// Where the operator set other limits, too.
    pub(crate) async fn with_settings(config: HttpConfig, settings: Settings) -> Self {
        listen();
        let clock = ManualClock::default();
        let Opened { store: all, kept } = store::open(&clock).await;
        let world = World {
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SeededEntropy::of("http")),
            keys: Arc::new(test_keys()),
        };
        let hasher = Arc::new(PlainHasher::default());
        let spy = Arc::new(Spy::on(all.clone()));
        let invitations =
            InvitationService::new(spy.clone(), spy.clone(), hasher.clone(), world.clone(), settings.clone());
        let invitations = invitations.with_identities(all.clone());
        let issuer = Arc::new(FakeIssuer::default());
        let directory =
            DirectoryService::new(spy.clone(), all.clone(), spy.clone(), hasher, world.clone(), settings.clone());
        let directory = directory.with_issuers(issuer.clone()).with_recent(spy.recent.clone());
        let set_up =
            SetUp { organization: "Acme".into(), owner_email: EmailAddress::parse(OWNER).unwrap(), locale: None };
        let installed = directory.set_up(set_up).await.unwrap();
        let notifier = Arc::new(RecordingNotifier::default());
        let dispatcher = Dispatcher::new(all.clone(), all.clone(), notifier.clone(), world.clone());
        let subjects = SubjectService::new(all.clone(), invitations.clone());
        let groups = GroupService::new(all.clone(), directory.clone());
        let erasure = ErasureService::new(spy.clone(), all.clone(), all.clone(), world.clone(), settings);
        let statistics = StatisticsService::new(all.clone(), invitations.clone());
        let dead_letters = DeadLetterService::new(all, invitations.clone());
        let api = Api {
            subjects,
            dead_letters,
            erasure,
            statistics,
            background: Background::on(tokio::runtime::Handle::current()),
            invitations,
            directory,
            groups,
            world,
            config: Arc::new(config),
            admission: Admission::default(),
            throughput: Throughput::default(),
            health: Arc::new(Told(fine())),
            metrics: Some(Arc::new(|| "# metrics\n".to_owned())),
            mailbox: Some(Arc::new(OneMail)),
            mail_preview: Some(Arc::new(PlainPreview)),
        };
        Self {
            api,
            clock,
            notifier,
            spy,
            issuer,
            dispatcher,
            key: installed.api_key.expose().to_owned(),
            operator: installed.operator_key.expose().to_owned(),
            owner_token: installed.owner_link.expose().to_owned(),
            _kept: kept,
        }
    }

    pub(crate) async fn send(&self, request: TestRequest) -> Reply {
        self.send_from("192.0.2.1:40000", request).await
    }

    /// From this address and port.
    pub(crate) async fn send_from(&self, peer: &str, request: TestRequest) -> Reply {
        let service = init_service(invite_http::app(self.api.clone())).await;
        let response = call_service(&service, request.peer_addr(peer.parse().unwrap()).to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let Ok(body) = to_bytes(response.into_body()).await else { panic!("a body") };
        Reply { status, headers, body: body.to_vec() }
    }

    #[expect(clippy::unused_self, reason = "a request is this installation's")]
    pub(crate) fn request(&self, method: &str, path: &str) -> TestRequest {
        TestRequest::with_uri(path).method(method.parse::<Method>().unwrap())
    }

    /// With this credential and body.
    pub(crate) async fn call(&self, credential: &str, method: &str, path: &str, body: Value) -> Reply {
        let mut request = self.request(method, path);
        if !credential.is_empty() {
            request = request.insert_header(("Authorization", format!("Bearer {credential}")));
        }
        if !body.is_null() {
            request = request.set_json(body);
        }
        self.send(request).await
    }

    /// With the owner's key.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Value) -> Reply {
        self.call(&self.key, method, path, body).await
    }

    /// Issues an invitation and answers it.
    pub(crate) async fn issue(&self, email: &str) -> Value {
        let reply = self.ask("POST", "/v1/invitations", json!({ "recipient": { "email": email } })).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()
    }

    /// Delivers what waits.
    pub(crate) async fn dispatch(&self) -> DispatchReport {
        // What was begun behind an answer may queue something.
        self.api.background.idle().await;
        self.dispatcher.run_once(100).await.unwrap()
    }

    /// Delivers what waits and answers the last token that was mailed to this address.
    pub(crate) async fn mailed(&self, email: &str) -> String {
        self.dispatch().await;
        let mail = self.notifier.last_to(&EmailAddress::parse(email).unwrap()).expect("a mail");
        mail.token.expose().to_owned()
    }

    /// Issues to and redeems for a new person, and answers the session.
    pub(crate) async fn join(&self, email: &str, role: Option<&str>) -> (String, Value) {
        let mut body = json!({ "recipient": { "email": email } });
        if let Some(role) = role {
            body["role_id"] = self.role(role).await["id"].clone();
        }
        let issued = self.ask("POST", "/v1/invitations", body).await;
        assert_eq!(issued.status, 201, "{}", issued.text());
        let token = self.mailed(email).await;
        let account = json!({ "name": "Ada", "password": PASSWORD });
        let reply = self.call("", "POST", "/v1/redemptions", json!({ "token": token, "account": account })).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        let redeemed = reply.json();
        (redeemed["session"]["token"].as_str().unwrap().to_owned(), redeemed)
    }

    /// Issues to and redeems for a new person who comes with a token of another issuer, and answers that token.
    pub(crate) async fn join_by_jwt(&self, email: &str, role: Option<&str>) -> (String, Value) {
        let mut body = json!({ "recipient": { "email": email } });
        if let Some(role) = role {
            body["role_id"] = self.role(role).await["id"].clone();
        }
        let issued = self.ask("POST", "/v1/invitations", body).await;
        assert_eq!(issued.status, 201, "{}", issued.text());
        let token = self.mailed(email).await;
        let jwt = FakeIssuer::token_with(email, email, false, "Jo");
        let reply = self.call(&jwt, "POST", "/v1/redemptions", json!({ "token": token })).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        (jwt, reply.json())
    }

    pub(crate) async fn role(&self, name: &str) -> Value {
        let roles = self.ask("GET", "/v1/roles", Value::Null).await.json();
        roles["items"].as_array().unwrap().iter().find(|role| role["name"] == name).unwrap().clone()
    }

    /// A session of the owner, who sets a password first.
    pub(crate) async fn owner(&self) -> String {
        let body = json!({ "token": self.owner_token, "password": PASSWORD });
        let set = self.call("", "POST", "/v1/password-resets/confirm", body).await;
        assert_eq!(set.status, 200, "{}", set.text());
        self.sign_in(OWNER).await
    }

    pub(crate) async fn sign_in(&self, email: &str) -> String {
        let reply = self.call("", "POST", "/v1/sessions", json!({ "email": email, "password": PASSWORD })).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()["session"]["token"].as_str().unwrap().to_owned()
    }

    /// Makes a trucker of the organisation's own company and answers its id.
    pub(crate) async fn trucker(&self, name: &str, email: Option<&str>, phone: Option<&str>) -> String {
        let who = self.api.directory.authenticate(&self.key).await.unwrap().expect("the setup's key");
        let organization = self.api.directory.effective_organization(&who, None).await.unwrap();
        let caller = Caller { principal: who.principal(), organization_id: organization.id, origin: Origin::default() };
        let command = NewSubject {
            kind: SubjectKind::Trucker,
            id: None,
            company: None,
            remote_id: None,
            email: email.map(|text| EmailAddress::parse(text).unwrap()),
            phone: phone.map(|text| PhoneNumber::parse(text).unwrap()),
            name: name.into(),
            profile: "{}".into(),
        };
        let made = self.api.subjects.create(&caller, command, None).await.unwrap();
        made.record.subject.id.to_string()
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }
}

/// The path of an invitation, and what is to be done with it.
pub(crate) fn one(invitation: &Value, what: &str) -> String {
    format!("/v1/invitations/{}{what}", invitation["id"].as_str().unwrap())
}
