//! Handlers answer within a time.

use crate::extract::call::Answer;
use actix_web::{HttpRequest, dev::Payload};
use invite_domain::port::PortError;
use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// How long a handler may take. Nobody waits longer, and what was not committed by then is not.
const DEADLINE: Duration = Duration::from_secs(30);
/// How long one that waits is left alone at most. What it holds a client to is looked at when it is polled, and needs no timer of
/// its own: most bodies come right after their heads, and setting a timer costs more than reading them.
pub(crate) const LOOK: Duration = Duration::from_secs(1);

/// What a handler takes.
pub(crate) trait Input: 'static {
    /// Whether a body comes with it.
    fn has_body(&self) -> bool;
}

impl Input for Payload {
    fn has_body(&self) -> bool {
        !matches!(self, Self::None)
    }
}

/// Without its payload: the body is not asked for.
impl Input for HttpRequest {
    fn has_body(&self) -> bool {
        false
    }
}

impl<A: Input, B: 'static> Input for (A, B) {
    fn has_body(&self) -> bool {
        self.0.has_body()
    }
}

impl<A: Input, B: 'static, C: 'static> Input for (A, B, C) {
    fn has_body(&self) -> bool {
        self.0.has_body()
    }
}

/// The same handler, held to the deadline, and polled every [`LOOK`] at least.
pub(crate) fn timely<T, F, R>(handler: F) -> impl Fn(T) -> Pin<Box<dyn Future<Output = Answer>>> + Clone + 'static
where
    T: Input,
    F: Fn(T) -> R + Clone + 'static,
    R: Future<Output = Answer> + 'static,
{
    move |input| {
        // The handler is called before its body is looked at, which mostly has come with the head.
        let mut again = input.has_body();
        // Boxed at once: what a handler needs may be large, and is moved this once.
        let mut answer = Box::pin(handler(input));
        let mut timer = None;
        Box::pin(poll_fn(move |cx| {
            if let Poll::Ready(answer) = answer.as_mut().poll(cx) {
                return Poll::Ready(answer);
            }
            if std::mem::take(&mut again) {
                // A second look costs less than a timer.
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let now = Instant::now();
            let (late, look) = timer.get_or_insert_with(|| (now + DEADLINE, Box::pin(sleep(LOOK))));
            if now >= *late {
                return Poll::Ready(Err(PortError::unavailable("a handler did not answer in time").into()));
            }
            while look.as_mut().poll(cx).is_ready() {
                look.as_mut().reset(now + LOOK);
            }
            Poll::Pending
        }))
    }
}
