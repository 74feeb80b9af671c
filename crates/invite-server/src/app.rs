//! The service: from its socket to its graceful end.

mod connection;
mod mail;
mod mailbox;
mod preview;
mod this_machine;

pub use mail::{MailError, MailRoute};
pub(crate) use mail::{renderer, sms, smtp};

use connection::Patience;

use crate::{
    config::Config,
    health::ServiceHealth,
    metrics::{Metrics, MetricsError},
    parts::{self, Parts},
    port_file,
    stop::Stop,
    worker::{self, Worker},
};
use actix_web::{
    App, HttpResponse,
    dev::{Server, ServerHandle},
    middleware::{Condition, from_fn},
    web,
};
use invite_domain::{invitation::Channel, port::Notifier};
use invite_http::{Admission, Api, Background, DevMailbox, HttpConfig, MailPreview, Throughput};
use invite_storage::SqlStore;
use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use url::Url;

/// How long clients may take (HTTP-3). An idle connection is kept longer than the proxies in front of services keep theirs,
/// so that they never reuse one that is being closed.
const PATIENCE: Patience =
    Patience { first_head: Duration::from_secs(10), slow: Duration::from_secs(15), idle: Duration::from_secs(75) };
/// How long requests and messages that were begun have, once the order to end has come.
const GRACE: u64 = 30;
/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;

/// Why the service does not run.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The address cannot be listened on.
    #[error(
        "{address} cannot be listened on ({cause}): stop what listens there, or choose another address with {setting}"
    )]
    Bind {
        /// Which.
        address: SocketAddr,
        /// What would change it.
        setting: &'static str,
        /// The operating system's word.
        cause: io::Error,
    },
    /// The file for the address cannot be written.
    #[error("the port file {path} cannot be written: {cause}", path = path.display())]
    PortFile {
        /// Which.
        path: PathBuf,
        /// The operating system's word.
        cause: io::Error,
    },
    /// Mails cannot be made or sent.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// Metrics cannot be recorded.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// A URL of the configuration is none.
    #[error("{0} is not a URL")]
    Url(String),
    /// The server failed.
    #[error("the server failed: {0}")]
    Server(#[from] io::Error),
}

/// How the service is to run.
#[derive(Debug, Clone)]
pub struct AppOptions {
    /// How mails leave.
    pub mail: MailRoute,
    /// Whether this process delivers messages.
    pub worker: bool,
    /// Where to write the address.
    pub port_file: Option<PathBuf>,
    /// Whether requests that name another host than this machine are refused.
    pub this_machine_only: bool,
    /// How long readiness fails before the door is closed.
    pub notice: Duration,
}

/// The service, ready to run.
pub struct Application {
    address: SocketAddr,
    servers: Vec<Server>,
    background: Background,
    store: SqlStore,
    worker: Worker,
    stop: Stop,
    draining: Arc<AtomicBool>,
    notice: Duration,
}

impl std::fmt::Debug for Application {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Application").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Takes an address. With port 0 the system chooses one.
pub fn bind(address: SocketAddr, setting: &'static str) -> Result<(TcpListener, SocketAddr), AppError> {
    let take = || {
        let socket = if address.is_ipv4() { tokio::net::TcpSocket::new_v4() } else { tokio::net::TcpSocket::new_v6() }?;
        // On Windows this would let two processes share an address.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?.into_std()?;
        let chosen = listener.local_addr()?;
        Ok((listener, chosen))
    };
    take().map_err(|cause| AppError::Bind { address, setting, cause })
}

impl Application {
    /// Puts the service over its parts and the socket it was given. `public_url` is the base of every link. Needs a Tokio
    /// runtime around it.
    pub fn build(
        parts: &Parts,
        config: &Config,
        public_url: &str,
        listener: TcpListener,
        options: AppOptions,
    ) -> Result<Self, AppError> {
        let address = listener.local_addr()?;
        let base = Url::parse(public_url).map_err(|_| AppError::Url(public_url.to_owned()))?;
        let metrics = Metrics::install()?;
        let draining = Arc::new(AtomicBool::new(false));
        let mail = mail::route(&options.mail, config, &base)?;
        let mails = (mail.mailbox, mail.preview);
        let api = api(parts, config, base, &metrics, mails, &draining)?;
        // From here on an order to end is heard, also while still starting.
        let stop = Stop::listen()?;
        let background = api.background.clone();
        let mut servers = vec![serve(api, listener, options.this_machine_only)?];
        servers.extend(config.operations_listen.map(|address| operations(address, &metrics)).transpose()?);
        let mut worker = Worker::start(parts, metrics)?;
        if options.worker {
            start_dispatcher(&mut worker, parts, mail.notifier);
        }
        tracing::info!(%address, database = parts::database_file(&config.database_url), "listening");
        if let Some(path) = options.port_file {
            port_file::write(&path, address).map_err(|cause| AppError::PortFile { path, cause })?;
        }
        Ok(Self {
            address,
            servers,
            background,
            store: parts.store.clone(),
            worker,
            stop,
            draining,
            notice: options.notice,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Serves until SIGTERM or Ctrl-C. Then readiness fails first, requests that were begun are answered, messages being
    /// delivered are delivered, and the door is closed. A second order ends it at once.
    pub async fn run_until_stopped(mut self) -> Result<(), AppError> {
        let handles: Vec<ServerHandle> = self.servers.iter().map(Server::handle).collect();
        let mut running = tokio::task::JoinSet::new();
        for server in self.servers {
            running.spawn(server);
        }
        tokio::select! {
            ended = running.join_next() => {
                return Err(AppError::Server(match ended {
                    Some(Ok(Err(cause))) => cause,
                    Some(Err(cause)) => io::Error::other(cause),
                    Some(Ok(Ok(()))) | None => io::Error::other("it ended by itself"),
                }));
            }
            () = self.stop.asked() => {}
        }
        tracing::info!("stopping: requests and messages that were begun are finished first");
        self.draining.store(true, Ordering::SeqCst);
        let end = async {
            worker::notice(self.notice).await;
            let worker = self.worker.stop(Duration::from_secs(GRACE));
            let servers = futures_util::future::join_all(handles.iter().map(|handle| handle.stop(true)));
            futures_util::future::join(worker, servers).await;
            if !self.background.finish(Duration::from_secs(GRACE)).await {
                tracing::warn!("work behind answers did not end in time");
            }
            while running.join_next().await.is_some() {}
            if let Err(error) = self.store.close().await {
                tracing::warn!(%error, "the database could not be closed; its log is read at the next start");
            }
        };
        tokio::select! {
            () = end => tracing::info!("stopped"),
            () = self.stop.asked() => tracing::warn!("stopped at once, as asked twice"),
        }
        Ok(())
    }
}

/// Runs the dispatcher alone, until SIGTERM or Ctrl-C.
pub async fn dispatch_until_stopped(parts: &Parts, config: &Config, public_url: &str) -> Result<(), AppError> {
    let base = Url::parse(public_url).map_err(|_| AppError::Url(public_url.to_owned()))?;
    let metrics = Metrics::install()?;
    let mail = mail::route(&MailRoute::Configured, config, &base)?;
    let mut stop = Stop::listen()?;
    let operations = config.operations_listen.map(|address| operations(address, &metrics)).transpose()?;
    let handle = operations.as_ref().map(Server::handle);
    let serving = operations.map(tokio::spawn);
    let mut worker = Worker::start(parts, metrics)?;
    start_dispatcher(&mut worker, parts, mail.notifier);
    tracing::info!(database = parts::database_file(&config.database_url), "dispatching");
    stop.asked().await;
    tracing::info!("stopping: messages that were begun are finished first");
    tokio::select! {
        () = worker.stop(Duration::from_secs(GRACE)) => {}
        () = stop.asked() => {}
    }
    if let (Some(handle), Some(serving)) = (handle, serving) {
        handle.stop(true).await;
        serving.await.map_err(io::Error::other)??;
    }
    tracing::info!("stopped");
    Ok(())
}

fn start_dispatcher(worker: &mut Worker, parts: &Parts, notifier: Arc<dyn Notifier>) {
    let channels = notifier.channels();
    if !channels.contains(&Channel::Email) {
        tracing::warn!("no mail server is configured: mails are queued until INVITE_SMTP_URL is set");
    }
    if !channels.contains(&Channel::Sms) {
        tracing::info!("no SMS gateway is configured: text messages are queued until INVITE_SMS_URL is set");
    }
    worker.dispatch(parts, notifier);
}

fn api(
    parts: &Parts,
    config: &Config,
    public_url: Url,
    metrics: &Metrics,
    (mailbox, preview): (Option<Arc<dyn DevMailbox>>, Arc<dyn MailPreview>),
    draining: &Arc<AtomicBool>,
) -> Result<Api, AppError> {
    let origins = config.allowed_origins.iter();
    let http = HttpConfig {
        public_url,
        trusted_proxies: config.trusted_proxies.clone(),
        allowed_origins: origins
            .map(|origin| Url::parse(origin).map_err(|_| AppError::Url(origin.clone())))
            .collect::<Result<_, _>>()?,
        allowed_redirects: config.allowed_redirects.clone(),
        organization_header: config.organization_header.clone(),
        requests_second: config.limits.requests_second,
        dashdoc_requests_second: config.limits.dashdoc_requests_second,
        locale: Some(config.locale.clone()),
        operations_on_main: config.operations_listen.is_none(),
    };
    let page = metrics.clone();
    Ok(Api {
        invitations: parts.invitations.clone(),
        directory: parts.directory.clone(),
        subjects: parts.subjects.clone(),
        dead_letters: parts.dead_letters.clone(),
        groups: parts.groups.clone(),
        erasure: parts.erasure.clone(),
        statistics: parts.statistics.clone(),
        admission: {
            let store = parts.store.clone();
            Admission::by(move || store.statements_under_way())
        },
        throughput: Throughput::default(),
        world: parts.world.clone(),
        config: Arc::new(http),
        background: Background::on(tokio::runtime::Handle::current()),
        health: Arc::new(ServiceHealth {
            store: parts.store.clone(),
            world: parts.world.clone(),
            draining: Arc::clone(draining),
        }),
        metrics: Some(Arc::new(move || page.render())),
        mailbox,
        mail_preview: Some(preview),
    })
}

fn serve(api: Api, listener: TcpListener, this_machine_only: bool) -> io::Result<Server> {
    let guard = move || Condition::new(this_machine_only, from_fn(this_machine::only));
    connection::server(move || invite_http::app(api.clone()).wrap(guard()), listener, PATIENCE, GRACE)
}

/// Serves `/metrics` and nothing else.
fn operations(address: SocketAddr, metrics: &Metrics) -> Result<Server, AppError> {
    let (listener, address) = bind(address, "INVITE_OPERATIONS_LISTEN")?;
    tracing::info!(%address, "listening for /metrics");
    let metrics = metrics.clone();
    let application = move || {
        let metrics = metrics.clone();
        App::new().route(
            "/metrics",
            web::get().to(move || {
                let text = metrics.render();
                async { HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text) }
            }),
        )
    };
    Ok(connection::server(application, listener, PATIENCE, 1)?)
}
