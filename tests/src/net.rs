//! Loopback addresses and the HTTP client of the journeys.

use crate::{Failure, Result};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::Duration;

/// First port [`free_port`] looks at; below the range that systems hand out for port 0.
const FIRST_PORT: u16 = 10_000;
/// How many ports it looks at, from there.
const PORTS: u16 = 20_000;

/// A loopback address nobody listens on now, for what must be known before it listens or must survive a restart.
///
/// Ports are counted up within a process, and processes begin at different places, so that tests running side by
/// side do not get the same one. It is not reserved: where port 0 will do, use port 0.
pub fn free_port() -> Result<SocketAddr> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id().wrapping_mul(97) % u32::from(PORTS))?;
    for _ in 0..PORTS {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % PORTS;
        let port = FIRST_PORT + (start + step) % PORTS;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    Err(Failure::new("no free port on loopback"))
}

/// A client that behaves like a careful caller: no proxy, no redirect followed, no cookie kept, 30 seconds at most.
pub fn http() -> Result<reqwest::Client> {
    Ok(client().build()?)
}

/// The same client as a builder, for a test that wants a cookie jar or redirects.
pub fn client() -> reqwest::ClientBuilder {
    // An error only says that another test of this process was first.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder();
    let client = if NOTHING_KEPT.load(Ordering::Relaxed) { client.pool_max_idle_per_host(0) } else { client };
    client.no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(30))
}

/// Whether clients open a connection for every request.
static NOTHING_KEPT: AtomicBool = AtomicBool::new(false);

/// From now on the clients of this process keep no connection alive: behind a front, every request then meets the next
/// replica.
pub fn keep_no_connections() {
    NOTHING_KEPT.store(true, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_differ_and_can_be_bound() {
        let (first, second) = (free_port().unwrap(), free_port().unwrap());
        assert_ne!(first, second);
        TcpListener::bind(first).unwrap();
        TcpListener::bind(second).unwrap();
    }

    #[test]
    fn the_client_can_be_built() {
        http().unwrap();
        http().unwrap();
    }
}
