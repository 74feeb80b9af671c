//! Connections of clients that are too slow, and their end (HTTP-3).
//!
//! actix-http has a timer for the head of a connection's first request and one for silence between requests, and
//! `invite-http` one for a body it reads. What is left: the head of a later request, for which there is no timer once its
//! first byte has come; a body nobody reads, which is thrown away as slowly as it comes; and a client that does not take its
//! answer. So the stream itself looks at the time.

use actix_http::{HttpService, KeepAlive, Request, error::DispatchError};
use actix_service::{Service as _, ServiceFactoryExt as _, apply_fn_factory, fn_service, map_config};
use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{AppConfig, Server, ServiceFactory, ServiceRequest, ServiceResponse},
    rt::net::TcpStream,
};
use std::{
    cell::Cell,
    future::{Future as _, ready},
    io,
    net::TcpListener,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker, ready as finished},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep, sleep_until},
};

/// How long a client may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For the head of the first request; then the client is told (408).
    pub(super) first_head: Duration,
    /// For the head of any request, for a body nobody reads, and for taking what was written. Then the connection ends.
    pub(super) slow: Duration,
    /// For the next request to begin.
    pub(super) idle: Duration,
}

/// The requests of one connection that are being handled. Connections stay on the thread they came to.
#[derive(Clone, Default)]
struct Requests(Rc<Counts>);

#[derive(Default)]
struct Counts {
    /// How many were begun so far.
    begun: Cell<u64>,
    /// How many of them are not answered yet.
    open: Cell<u32>,
}

/// A request that is being handled, until this is dropped.
struct Open(Requests);

impl Requests {
    fn begin(&self) -> Open {
        self.0.begun.set(self.0.begun.get() + 1);
        self.0.open.set(self.0.open.get() + 1);
        Open(self.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let counts = &self.0.0;
        counts.open.set(counts.open.get().saturating_sub(1));
    }
}

/// A server of this application that ends slow connections.
pub(super) fn server<T, B>(
    application: impl Fn() -> App<T> + Send + Clone + 'static,
    listener: TcpListener,
    patience: Patience,
    grace: u64,
) -> io::Result<Server>
where
    T: ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<B>, Error = Error, InitError = ()>
        + 'static,
    B: MessageBody + 'static,
{
    let builder = Server::build().disable_signals().shutdown_timeout(grace);
    let ending = builder.graceful_shutdown_signal();
    let builder = builder.listen("http", listener, move || {
        let ending = ending.clone();
        let application = map_config(application(), |()| AppConfig::default());
        // Tells the stream of a request that it is being handled.
        let noted = apply_fn_factory(application, |request: Request, application| {
            let open = request.conn_data::<Requests>().map(Requests::begin);
            let answer = application.call(request);
            async move {
                let answer = answer.await;
                drop(open);
                answer
            }
        });
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let ending = ending.clone();
                async move { ending.notified().await }
            })
            .client_request_timeout(patience.first_head)
            .keep_alive(KeepAlive::Timeout(patience.idle))
            .on_connect_ext(|stream: &Patient, data| {
                data.insert(stream.requests.clone());
            })
            .h1(noted);
        fn_service(move |stream: TcpStream| {
            let peer = stream.peer_addr().ok();
            ready(Ok::<_, DispatchError>((Patient::new(stream, patience), peer)))
        })
        .and_then(http)
    })?;
    Ok(builder.run())
}

/// A stream whose other side has to keep going.
struct Patient {
    stream: TcpStream,
    patience: Patience,
    requests: Requests,
    /// Until when the next request has to be whole, with the number of requests there were when that was set.
    reading: Option<(Instant, u64)>,
    /// Wakes this when the time is up, or before: setting a timer for every request costs more than looking again now and then.
    alarm: Option<Alarm>,
    /// Whether that is for one whose first byte has come.
    started: bool,
    /// Until when what was written has to be taken.
    writing: Option<Pin<Box<Sleep>>>,
}

/// A timer that knows whom it wakes: it need not be asked before its time.
struct Alarm {
    sleep: Pin<Box<Sleep>>,
    wakes: Option<Waker>,
}

impl Alarm {
    fn new(until: Instant) -> Self {
        Self { sleep: Box::pin(sleep_until(until)), wakes: None }
    }

    fn set(&mut self, until: Instant) {
        self.sleep.as_mut().reset(until);
        self.wakes = None;
    }

    /// Whether its time has come; until then it wakes whoever asked last.
    fn rang(&mut self, cx: &mut Context<'_>) -> bool {
        let waits = self.wakes.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()));
        if waits && !self.sleep.is_elapsed() {
            return false;
        }
        let rang = self.sleep.as_mut().poll(cx).is_ready();
        self.wakes = (!rang).then(|| cx.waker().clone());
        rang
    }
}

impl Patient {
    fn new(stream: TcpStream, patience: Patience) -> Self {
        let requests = Requests::default();
        Self { stream, patience, requests, reading: None, alarm: None, started: false, writing: None }
    }

    /// Whether the next request took too long.
    fn late(&mut self, cx: &mut Context<'_>) -> bool {
        let counts = &self.requests.0;
        if counts.open.get() > 0 {
            // Its handler looks after the time.
            self.reading = None;
            return false;
        }
        let begun = counts.begun.get();
        let until = match self.reading {
            Some((until, before)) if before == begun => until,
            _ => {
                // Longer than the silence actix allows, which does not look where a later head came with an earlier request.
                let until = Instant::now() + self.patience.idle + self.patience.slow;
                self.reading = Some((until, begun));
                self.started = false;
                until
            }
        };
        let alarm = self.alarm.get_or_insert_with(|| Alarm::new(until));
        if alarm.sleep.deadline() > until {
            alarm.set(until);
        }
        while alarm.rang(cx) {
            if alarm.sleep.deadline() >= until {
                return true;
            }
            // It was set for an earlier request.
            alarm.set(until);
        }
        false
    }

    /// Bytes have come: if no request is being handled, they are of the next one, or of a body nobody reads.
    fn came(&mut self) {
        let counts = &self.requests.0;
        let begun = counts.begun.get();
        let same = self.reading.is_some_and(|(_, before)| before == begun);
        if counts.open.get() == 0 && !(same && self.started) {
            self.reading = Some((Instant::now() + self.patience.slow, begun));
            self.started = true;
        }
    }
}

fn too_slow() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the client was too slow")
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Ready(read) => {
                if buffer.filled().len() > before {
                    self.came();
                    // Bytes that never stop coming are no reason not to look.
                    if self.late(cx) {
                        return Poll::Ready(Err(too_slow()));
                    }
                }
                Poll::Ready(read)
            }
            Poll::Pending if self.late(cx) => Poll::Ready(Err(too_slow())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if written.is_ready() && self.writing.is_none() {
            return written;
        }
        // From the first byte that had to wait until all are gone.
        let slow = self.patience.slow;
        let writing = self.writing.get_or_insert_with(|| Box::pin(sleep(slow)));
        if writing.as_mut().poll(cx).is_ready() { Poll::Ready(Err(too_slow())) } else { written }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Asked for once everything was written.
        finished!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.writing = None;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
