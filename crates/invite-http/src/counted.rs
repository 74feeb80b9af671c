//! The metrics of requests: how many there were and how long they took, by method, route and status.

use metrics::{Counter, Histogram};
use std::{cell::RefCell, collections::HashMap, time::Duration};

/// The series of one path of one worker. Each is looked up in the recorder once: that takes labels of its own, a lock and a hash
/// of all of it, which is more than some answers cost.
///
/// There are as many as there are methods we know and statuses we answer: nothing a client makes up is among them.
#[derive(Default)]
pub(crate) struct Several(RefCell<Vec<Series>>);

/// Those of requests that were not routed, by the pattern they would have come to, of which there are as many as there are paths.
#[derive(Default)]
pub(crate) struct Unrouted(RefCell<HashMap<String, Several>>);

struct Series {
    method: &'static str,
    status: u16,
    requests: Counter,
    seconds: Histogram,
}

impl Series {
    fn new(method: &'static str, route: &str, status: u16) -> Self {
        let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
        Self {
            method,
            status,
            requests: metrics::counter!("invite_http_requests_total", &labels),
            seconds: metrics::histogram!("invite_http_request_seconds", &labels),
        }
    }

    fn count(&self, took: Duration) {
        self.requests.increment(1);
        self.seconds.record(took.as_secs_f64());
    }
}

impl Several {
    /// Counts an answer. A method nobody knows is `other`: a client can make such up, and a label for each would fill the
    /// memory.
    pub(crate) fn count(&self, method: &str, route: &str, status: u16, took: Duration) {
        const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"];
        let method = KNOWN.into_iter().find(|known| *known == method).unwrap_or("other");
        let mut several = self.0.borrow_mut();
        let known = several.iter().position(|series| series.status == status && series.method == method);
        let place = known.unwrap_or_else(|| {
            several.push(Series::new(method, route, status));
            several.len() - 1
        });
        if let Some(series) = several.get(place) {
            series.count(took);
        }
    }
}

impl Unrouted {
    /// As [`Several::count`].
    pub(crate) fn count(&self, method: &str, route: &str, status: u16, took: Duration) {
        let mut routes = self.0.borrow_mut();
        let several = match routes.get(route) {
            Some(several) => several,
            None => routes.entry(route.to_owned()).or_default(),
        };
        several.count(method, route, status, took);
    }
}
