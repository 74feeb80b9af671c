//! The service in this process, on SQLite, with the tests' time.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use actix_web::HttpServer;
use async_trait::async_trait;
use chrono::Duration;
use invite_domain::{
    directory::{Password, PasswordHash},
    email::EmailAddress,
    port::{PasswordHasher, PortError, Turn},
    service::{
        DeadLetterService, DirectoryService, ErasureService, GroupService, InvitationService, SetUp, Settings,
        StatisticsService, SubjectService, World,
    },
};
use invite_http::{Admission, Api, Background, Health, HttpConfig, Readiness, Throughput};
use invite_storage::{SqlOptions, SqlStore};
use invite_testkit::{ManualClock, PlainHasher, SeededEntropy, test_keys};
use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, mpsc},
    time::Instant,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) const OWNER: &str = "owner@example.org";
pub(crate) const PASSWORD: &str = "a good long password";

/// A hasher that takes this long for an account that exists, and none for one that does not.
struct Telling(PlainHasher, std::time::Duration);

#[async_trait]
impl PasswordHasher for Telling {
    async fn turn(&self) -> Result<Turn, PortError> {
        self.0.turn().await
    }

    async fn hash(&self, password: &Password, turn: Turn) -> Result<PasswordHash, PortError> {
        self.0.hash(password, turn).await
    }

    async fn verify<'a>(&self, password: &Password, hash: Option<&'a PasswordHash>) -> Result<bool, PortError> {
        let began = Instant::now();
        while hash.is_some() && began.elapsed() < self.1 {
            std::hint::spin_loop();
        }
        self.0.verify(password, hash).await
    }
}

struct Fine;

#[async_trait]
impl Health for Fine {
    async fn ready(&self) -> Readiness {
        Readiness {
            database: true,
            migrations_current: true,
            clock_difference_ms: Some(0),
            key_ids: vec![1],
            active_key: Some(1),
            draining: false,
        }
    }
}

/// A running service.
pub(crate) struct Installation {
    pub(crate) address: SocketAddr,
    pub(crate) api: Api,
    clock: ManualClock,
    /// Where its database runs and what it does behind its answers.
    pub(crate) runtime: Runtime,
    pub(crate) key: String,
    pub(crate) operator: String,
    pub(crate) owner_token: String,
    _folder: TempDir,
}

impl Installation {
    /// Starts it; `planted` is how much longer an account that exists takes.
    pub(crate) fn start(planted: Option<std::time::Duration>) -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("invite.db").display());
        let clock = ManualClock::default();
        let world = World {
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SeededEntropy::of("timing")),
            keys: Arc::new(test_keys()),
        };
        let store = runtime.block_on(async {
            // A disk's own pauses would cover whatever there is to see.
            let store = SqlStore::open(&SqlOptions::new(url).readers(2).synchronous_full(false)).await.unwrap();
            store.migrate().await.unwrap();
            Arc::new(store)
        });
        let hasher: Arc<dyn PasswordHasher> = match planted {
            Some(longer) => Arc::new(Telling(PlainHasher::default(), longer)),
            None => Arc::new(PlainHasher::default()),
        };
        let invitations =
            InvitationService::new(store.clone(), store.clone(), hasher.clone(), world.clone(), Settings::default());
        let directory = DirectoryService::new(
            store.clone(),
            store.clone(),
            store.clone(),
            hasher,
            world.clone(),
            Settings::default(),
        );
        let set_up =
            SetUp { organization: "Acme".into(), owner_email: EmailAddress::parse(OWNER).unwrap(), locale: None };
        let installed = runtime.block_on(directory.set_up(set_up)).unwrap();
        let mut config = HttpConfig::new("https://invite.example.org".parse().unwrap());
        config.requests_second = None;
        let erasure =
            ErasureService::new(store.clone(), store.clone(), store.clone(), world.clone(), Settings::default());
        let api = Api {
            groups: GroupService::new(store.clone(), directory.clone()),
            erasure,
            subjects: SubjectService::new(store.clone(), invitations.clone()),
            statistics: StatisticsService::new(store.clone(), invitations.clone()),
            dead_letters: DeadLetterService::new(store.clone(), invitations.clone()),
            invitations,
            directory,
            world,
            config: Arc::new(config),
            background: Background::on(runtime.handle().clone()),
            admission: Admission::default(),
            throughput: Throughput::default(),
            health: Arc::new(Fine),
            metrics: None,
            mailbox: None,
            mail_preview: None,
        };
        let address = serve(api.clone());
        Self {
            address,
            api,
            clock,
            runtime,
            key: installed.api_key.expose().to_owned(),
            operator: installed.operator_key.expose().to_owned(),
            owner_token: installed.owner_link.expose().to_owned(),
            _folder: folder,
        }
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// Waits for what the service does behind its answers.
    pub(crate) fn settle(&self) {
        self.runtime.block_on(self.api.background.idle());
    }
}

/// One worker, like a small machine. It goes on to the end of the process.
fn serve(api: Api) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (started, ready) = mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || invite_http::app(api.clone())).workers(1).disable_signals();
            let server = server.keep_alive(std::time::Duration::from_hours(1)).listen(listener).unwrap().run();
            started.send(()).unwrap();
            server.await.unwrap();
        });
    });
    ready.recv().unwrap();
    address
}
