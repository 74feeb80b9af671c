//! What the operating system asks of the process by signals.

use std::io;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for the order to end: SIGTERM, or Ctrl-C.
pub(crate) struct Stop {
    #[cfg(unix)]
    terminate: Signal,
    #[cfg(unix)]
    interrupt: Signal,
}

impl Stop {
    /// Listens from now on; the process no longer dies of these signals by itself.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            terminate: signal(SignalKind::terminate())?,
            #[cfg(unix)]
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The next such order.
    pub(crate) async fn asked(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a way to be told to end there is only being ended.
            std::future::pending::<()>().await;
        }
    }
}

/// Waits for the order to read the key ring again: SIGHUP, where there is such a thing.
pub(crate) struct Reload {
    #[cfg(unix)]
    hang_up: Signal,
}

impl Reload {
    /// Listens from now on.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// The next such order.
    pub(crate) async fn asked(&mut self) {
        #[cfg(unix)]
        if self.hang_up.recv().await.is_some() {
            return;
        }
        std::future::pending::<()>().await;
    }
}
