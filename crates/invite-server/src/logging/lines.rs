//! Lines of the log that are written a few together: a system call for every line is a good part of what answering a forged
//! token costs.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long a line waits for others.
const WAIT: Duration = Duration::from_millis(5);
/// How many bytes wait at most. Who logs more than is taken writes himself, and waits as long as that takes.
const MOST: usize = 256 * 1024;

/// Takes lines and writes them from a thread of its own: a warning or an error at once, anything else with what comes within
/// five milliseconds. A clone writes to the same place, in the order in which lines came.
///
/// A process that is killed loses what came in its last five milliseconds; one that ends writes everything
/// ([`Lines::end`]).
#[derive(Clone)]
pub(super) struct Lines(Arc<Shared>);

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lines")
    }
}

struct Shared {
    state: Mutex<State>,
    /// Told when the first line comes, and at the end.
    told: Condvar,
    /// Held from taking what waits to having written it, so that the order stays.
    out: Mutex<Box<dyn Write + Send>>,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    ended: bool,
}

fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whole lines are added and taken: what a panicking thread left behind is sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lines {
    /// Writes to this place.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub(super) fn to(out: impl Write + Send + 'static) -> io::Result<Self> {
        let lines =
            Self(Arc::new(Shared { state: Mutex::default(), told: Condvar::new(), out: Mutex::new(Box::new(out)) }));
        let shared = Arc::clone(&lines.0);
        thread::Builder::new().name("log".to_owned()).spawn(move || shared.run())?;
        Ok(lines)
    }

    /// Writes all that waits.
    pub(super) fn flush(&self) {
        self.0.write();
    }

    /// Writes all that waits and ends the thread. Lines that come later are written at once.
    pub(super) fn end(&self) {
        locked(&self.0.state).ended = true;
        self.0.told.notify_all();
        self.flush();
    }
}

impl Shared {
    fn run(&self) {
        loop {
            let nothing = |state: &mut State| state.waiting.is_empty() && !state.ended;
            let state = self.told.wait_while(locked(&self.state), nothing).unwrap_or_else(PoisonError::into_inner);
            let goes_on = |state: &mut State| !state.ended;
            let waited = self.told.wait_timeout_while(state, WAIT, goes_on).unwrap_or_else(PoisonError::into_inner);
            let ended = waited.0.ended;
            drop(waited);
            self.write();
            if ended {
                return;
            }
        }
    }

    fn write(&self) {
        let mut out = locked(&self.out);
        let lines = std::mem::take(&mut locked(&self.state).waiting);
        if !lines.is_empty() {
            // Where nobody takes the log there is nowhere to say so.
            let _unheard = out.write_all(&lines).and_then(|()| out.flush());
        }
    }
}

/// Takes one line.
pub(super) struct Line<'a> {
    lines: &'a Lines,
    urgent: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let shared = &*self.lines.0;
        let mut state = locked(&shared.state);
        let first = state.waiting.is_empty();
        state.waiting.extend_from_slice(bytes);
        let now = self.urgent || state.ended || state.waiting.len() >= MOST;
        drop(state);
        if now {
            shared.write();
        } else if first {
            shared.told.notify_one();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lines.flush();
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { lines: self, urgent: true }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Line<'a> {
        Line { lines: self, urgent: *metadata.level() <= Level::WARN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, time::Instant};

    /// What was written, a message a write.
    struct Told(mpsc::Sender<String>);

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(String::from_utf8(bytes.to_vec()).unwrap()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines() -> (Lines, mpsc::Receiver<String>) {
        let (tell, told) = mpsc::channel();
        (Lines::to(Told(tell)).unwrap(), told)
    }

    fn say(lines: &Lines, text: &str, urgent: bool) {
        Line { lines, urgent }.write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn lines_are_written_soon_though_nothing_follows_them() {
        let (lines, told) = lines();
        for text in ["one\n", "two\n"] {
            let began = Instant::now();
            say(&lines, text, false);
            assert_eq!(told.recv_timeout(Duration::from_secs(10)).unwrap(), text);
            assert!(began.elapsed() >= WAIT, "it waited for others");
        }
    }

    #[test]
    fn an_urgent_line_takes_along_what_came_before_it() {
        let (lines, told) = lines();
        let mut expected = String::new();
        for number in 0..100 {
            let text = format!("{number}\n");
            say(&lines, &text, number % 10 == 9);
            expected.push_str(&text);
            if number % 10 == 9 {
                let written: String = told.try_iter().collect();
                assert!(expected.starts_with(&written) && written.ends_with("9\n"), "{written}");
                expected = expected.split_off(written.len());
                assert_eq!(expected, "");
            }
        }
    }

    #[test]
    fn what_is_not_taken_fills_no_memory() {
        let (lines, told) = lines();
        let line = format!("{}\n", "x".repeat(1023));
        for _ in 0..MOST / 1024 * 8 {
            say(&lines, &line, false);
            assert!(locked(&lines.0.state).waiting.len() < MOST + line.len());
        }
        lines.flush();
        assert_eq!(told.try_iter().map(|text| text.len()).sum::<usize>(), MOST * 8);
    }

    #[test]
    fn the_end_writes_everything_and_what_comes_later_at_once() {
        let (lines, told) = lines();
        say(&lines, "one\n", false);
        lines.end();
        assert_eq!(told.try_iter().collect::<String>(), "one\n");
        say(&lines, "two\n", false);
        assert_eq!(told.try_iter().collect::<String>(), "two\n");
    }
}
