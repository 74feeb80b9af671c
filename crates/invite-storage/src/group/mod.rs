//! Work that callers who come at the same time share: one statement or one commit for many of them.
//!
//! A caller who finds nobody at work lets those go first who are ready to run, and then the work begins: for him alone, where
//! nobody else came. Whoever comes while somebody is at work, waits; and after each work those are seen to who wait,
//! all of them together. Only where a work is held up, or as many wait as it is done for, another begins beside it. So what
//! is shared grows with the load, and without load nothing is slower. Where a work takes long to end rather than to do, as a
//! transaction on a disk does, whoever comes before its end may join it. (The leader of a *group commit*: D. J. `DeWitt` and others,
//! "Implementation techniques for main memory database systems", SIGMOD 1984, section 5.2.)
//!
//! Answers of one work set many callers going at once, and what they ask for next comes in one rush: that is what the first of
//! them waits for, not for time to pass.
//!
//! The work is done by a task of its own, so that a caller who goes away takes no work of others with him.

pub(crate) mod rows;

use crate::{limit, store::SqlStore};
use invite_domain::port::PortError;
use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    marker::PhantomData,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// How many may wait for one kind of work. More are told that the database is not available just now.
const MOST_WAITING: usize = 1024;

/// After how long a work counts as held up, by a row somebody else holds for instance: then another is begun beside it.
const PATIENCE: Duration = Duration::from_millis(50);

/// What share of the most that are worked for together is enough to begin beside others. Of an eighth, a quarter and three eighths this
/// did most at 64 callers (`just bench`).
const SHARE: usize = 4;

/// How many are too few to begin beside others.
const FEW: usize = 4;

/// How much time somebody must have left for work to be begun for him.
const LEAST: Duration = Duration::from_millis(400);

/// A kind of work that can be shared.
pub(crate) trait Work: Sized + Send + Sync + 'static {
    /// What work is shared by: jobs of different lines have nothing to do with each other.
    type Line: Copy + Eq + Hash + Send + Sync;
    /// What one caller wants done.
    type Job: Send + 'static;
    /// What that caller is told.
    type Answer: Send + 'static;

    /// How many may be at work in one line at once.
    fn lanes(store: &SqlStore) -> usize;

    /// How many jobs are done together at most.
    const MOST: usize;

    /// Where those who wait are.
    fn queue(store: &SqlStore) -> &Queue<Self>;

    /// Chooses which of the waiting jobs are done together: whether the next one goes with those that were chosen. The first is always
    /// chosen.
    fn goes_with(_chosen: &mut Chosen, _job: &Self::Job) -> bool {
        true
    }

    /// Does the jobs, and answers each in its place; then those that joined them.
    fn work(
        store: &SqlStore,
        jobs: Vec<Self::Job>,
        joining: Joining<'_, Self>,
    ) -> impl Future<Output = Vec<Self::Answer>> + Send;

    /// What there will not be any more once the job is done.
    fn replaces(_job: &Self::Job) -> Option<u64> {
        None
    }

    /// Whether after this answer there is no more what the job replaces.
    fn has_replaced(_answer: &Self::Answer) -> bool {
        false
    }

    /// What a waiting job can be told without being done, now that this is replaced: `None` where it has to be done.
    fn decided(_replaced: &Chosen, _job: &Self::Job) -> Option<Self::Answer> {
        None
    }
}

/// What was chosen already, as far as the choice depends on it: keys that no two jobs of a group may have in common.
pub(crate) type Chosen = std::collections::HashSet<u64>;

/// Those who come while a group is at work, and may still be part of it.
pub(crate) struct Joining<'g, W: Work>(Option<(&'g Queue<W>, &'g mut Group<W>)>);

impl<W: Work> Joining<'_, W> {
    /// Nobody can join work that is not shared.
    pub(crate) fn nobody() -> Self {
        Self(None)
    }

    /// The jobs of those who have come meanwhile. There are none where the work took long already: who was first is not to
    /// wait for whoever comes last.
    pub(crate) fn take(&mut self) -> Vec<W::Job> {
        self.0.as_mut().map(|(queue, group)| queue.join(group)).unwrap_or_default()
    }
}

/// Those who are worked for together.
struct Group<W: Work> {
    line: W::Line,
    since: Instant,
    /// When the first of them stops waiting.
    deadline: Instant,
    chosen: Chosen,
    replies: Vec<oneshot::Sender<W::Answer>>,
    replaces: Vec<Option<u64>>,
}

impl<W: Work> Group<W> {
    fn add(&mut self, waiting: Vec<Waiting<W>>) -> Vec<W::Job> {
        let mut jobs = Vec::with_capacity(waiting.len());
        for Waiting { job, reply, .. } in waiting {
            self.replaces.push(W::replaces(&job));
            self.replies.push(reply);
            jobs.push(job);
        }
        jobs
    }
}

/// Those who wait for one kind of work.
pub(crate) struct Queue<W: Work> {
    lines: Mutex<HashMap<W::Line, Line<W>>>,
    waiting: AtomicUsize,
}

struct Line<W: Work> {
    /// Who is at work.
    busy: Vec<Busy>,
    waiting: VecDeque<Waiting<W>>,
}

/// Work that was begun.
struct Busy {
    since: Instant,
    /// For how many; none until they are chosen.
    group: Option<usize>,
}

impl<W: Work> Line<W> {
    /// Whether somebody should see to those who wait beside those who are at work: these are held up, or enough wait for a group
    /// of their own.
    fn is_behind(&self, now: Instant) -> bool {
        let many = W::MOST / SHARE;
        let as_many = self.busy.iter().map(|busy| busy.group.unwrap_or(many)).max().unwrap_or(many);
        self.waiting.len() >= as_many.clamp(FEW, many)
            || self.busy.iter().all(|busy| now.duration_since(busy.since) >= PATIENCE)
    }

    /// Takes out those of the waiting who go with those that were chosen, as many as there is room for.
    fn choose(&mut self, chosen: &mut Chosen, room: usize, may: impl Fn(&Waiting<W>) -> bool) -> Vec<Waiting<W>> {
        let mut group = Vec::new();
        let mut left = VecDeque::new();
        for waiting in self.waiting.drain(..) {
            // The first of all goes in any case.
            let is_first = chosen.is_empty() && group.is_empty();
            if group.len() < room && may(&waiting) && (W::goes_with(chosen, &waiting.job) || is_first) {
                group.push(waiting);
            } else {
                left.push_back(waiting);
            }
        }
        self.waiting = left;
        group
    }

    /// Takes the lane back that was taken then.
    fn end(&mut self, since: Instant) {
        if let Some(place) = self.busy.iter().position(|busy| busy.since == since) {
            self.busy.swap_remove(place);
        }
    }
}

struct Waiting<W: Work> {
    job: W::Job,
    reply: oneshot::Sender<W::Answer>,
    /// When he stops waiting. Nothing is begun for him after that: who was told that it was not done should not find it done.
    deadline: Instant,
}

enum Turn<W: Work> {
    /// The caller holds a lane since then, and has to see that somebody works in it.
    First(oneshot::Receiver<W::Answer>, Instant),
    Later(oneshot::Receiver<W::Answer>),
    Never,
}

impl<W: Work> Default for Queue<W> {
    fn default() -> Self {
        Self { lines: Mutex::default(), waiting: AtomicUsize::new(0) }
    }
}

impl<W: Work> Queue<W> {
    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<W::Line, Line<W>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, line: W::Line, most: usize, job: W::Job) -> Turn<W> {
        let mut lines = self.lines();
        let here = lines.entry(line).or_insert_with(|| Line { busy: Vec::new(), waiting: VecDeque::new() });
        let now = Instant::now();
        let is_first = here.busy.len() < most && here.is_behind(now);
        if !is_first && self.len() >= MOST_WAITING {
            return Turn::Never;
        }
        let (reply, answer) = oneshot::channel();
        here.waiting.push_back(Waiting { job, reply, deadline: limit::deadline() });
        self.waiting.fetch_add(1, Ordering::Relaxed);
        if is_first {
            here.busy.push(Busy { since: now, group: None });
            return Turn::First(answer, now);
        }
        Turn::Later(answer)
    }

    /// Takes a lane for those who wait behind work that is held up.
    fn pass(&self, line: W::Line, most: usize) -> Option<Instant> {
        let mut lines = self.lines();
        let (here, now) = (lines.get_mut(&line)?, Instant::now());
        let may_pass = !here.waiting.is_empty() && here.busy.len() < most && here.is_behind(now);
        may_pass.then(|| {
            here.busy.push(Busy { since: now, group: None });
            now
        })
    }

    /// The jobs to be done next by whoever holds a lane, and since when it is held now. Where there are none, or somebody else is seeing
    /// to those who wait, the lane is given back.
    fn next(&self, line: W::Line, since: Instant) -> Option<(Group<W>, Vec<W::Job>)> {
        let mut lines = self.lines();
        let here = lines.get_mut(&line)?;
        here.end(since);
        let before = here.waiting.len();
        // Whoever went away before the work began is not worked for, nor who has no time left: he would take time from the others.
        let now = Instant::now();
        if !here.busy.is_empty() && !here.is_behind(now) {
            return None;
        }
        here.waiting.retain(|waiting| !waiting.reply.is_closed() && waiting.deadline > now + LEAST);
        let mut chosen = Chosen::default();
        let waiting = here.choose(&mut chosen, W::MOST, |_| true);
        self.waiting.fetch_sub(before - here.waiting.len(), Ordering::Relaxed);
        let Some(deadline) = waiting.iter().map(|one| one.deadline).min() else {
            if here.busy.is_empty() {
                lines.remove(&line);
            }
            return None;
        };
        here.busy.push(Busy { since: now, group: Some(waiting.len()) });
        let mut group = Group { line, since: now, deadline, chosen, replies: Vec::new(), replaces: Vec::new() };
        let jobs = group.add(waiting);
        Some((group, jobs))
    }

    /// Adds those to a group that is at work who have come since and wait no shorter than it does.
    fn join(&self, group: &mut Group<W>) -> Vec<W::Job> {
        let room = W::MOST.saturating_sub(group.replies.len());
        if room == 0 || group.since.elapsed() >= PATIENCE {
            return Vec::new();
        }
        let mut lines = self.lines();
        let Some(here) = lines.get_mut(&group.line) else { return Vec::new() };
        let deadline = group.deadline;
        let joined = here.choose(&mut group.chosen, room, |one| !one.reply.is_closed() && one.deadline >= deadline);
        self.waiting.fetch_sub(joined.len(), Ordering::Relaxed);
        group.add(joined)
    }

    /// Gives a lane back, unless somebody waits: then whoever holds it has to go on.
    fn leave(&self, line: W::Line, since: Instant) -> bool {
        let mut lines = self.lines();
        let Some(here) = lines.get_mut(&line) else { return true };
        if !here.waiting.is_empty() {
            return false;
        }
        here.end(since);
        if here.busy.is_empty() {
            lines.remove(&line);
        }
        true
    }

    /// Gives a lane back and lets go whoever waits.
    fn clear(&self, line: W::Line, since: Instant) {
        let mut lines = self.lines();
        let Some(here) = lines.get_mut(&line) else { return };
        self.waiting.fetch_sub(here.waiting.len(), Ordering::Relaxed);
        here.waiting.clear();
        here.end(since);
        if here.busy.is_empty() {
            lines.remove(&line);
        }
    }

    /// Answers those who wait and whose fate is decided.
    fn settle(&self, line: W::Line, replaced: &Chosen) {
        let mut lines = self.lines();
        let Some(here) = lines.get_mut(&line) else { return };
        let before = here.waiting.len();
        let mut left = VecDeque::with_capacity(before);
        for waiting in here.waiting.drain(..) {
            match W::decided(replaced, &waiting.job) {
                // Where nobody listens any more nobody has to be told.
                Some(answer) => drop(waiting.reply.send(answer)),
                None => left.push_back(waiting),
            }
        }
        here.waiting = left;
        self.waiting.fetch_sub(before - here.waiting.len(), Ordering::Relaxed);
    }
}

/// The right to be at work. Dropped, it is given back, or, where somebody waits, handed to a task that works in it.
struct Lane<W: Work> {
    store: SqlStore,
    line: W::Line,
    since: Instant,
    state: State,
    kind: PhantomData<W>,
}

/// How a lane is held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// By whoever took it, or is at work in it.
    Held,
    /// By a task that has not begun: this one, in order, of the runtimes that may run it.
    Handed(usize),
    /// Given back.
    Left,
}

impl<W: Work> Lane<W> {
    fn taken(store: &SqlStore, line: W::Line, since: Instant) -> Self {
        Self { store: store.clone(), line, since, state: State::Held, kind: PhantomData }
    }
}

impl<W: Work> Drop for Lane<W> {
    fn drop(&mut self) {
        if self.state == State::Left || W::queue(&self.store).leave(self.line, self.since) {
            return;
        }
        // A runtime that has ended drops its tasks before they begin: then it is another's turn.
        let next = match self.state {
            State::Handed(before) => before + 1,
            State::Held | State::Left => 0,
        };
        let state = State::Handed(next);
        let lane = Self { store: self.store.clone(), line: self.line, since: self.since, state, kind: PhantomData };
        match self.store.runtimes().into_iter().nth(next) {
            Some(runtime) => drop(runtime.spawn(lane.go_on())),
            None => lane.give_up(),
        }
    }
}

impl<W: Work> Lane<W> {
    /// Nobody is there to do the work: who waits is told so.
    fn give_up(mut self) {
        self.state = State::Left;
        W::queue(&self.store).clear(self.line, self.since);
    }

    /// Works for those who wait until nobody does.
    async fn go_on(mut self) {
        self.state = State::Held;
        loop {
            let queue = W::queue(&self.store);
            let Some((mut group, jobs)) = queue.next(self.line, self.since) else {
                self.state = State::Left;
                return;
            };
            self.since = group.since;
            let deadline = group.deadline;
            let joining = Joining(Some((queue, &mut group)));
            let answers = limit::until(deadline, W::work(&self.store, jobs, joining)).await;
            let mut gone = Chosen::default();
            for ((reply, answer), replaces) in group.replies.into_iter().zip(answers).zip(group.replaces) {
                gone.extend(replaces.filter(|_| W::has_replaced(&answer)));
                // Whoever went away meanwhile is not told.
                drop(reply.send(answer));
            }
            if !gone.is_empty() {
                queue.settle(self.line, &gone);
            }
        }
    }
}

/// Does a job, together with those of others who come at the same time.
///
/// # Errors
/// Where too many wait, or the answer takes longer than a call may.
pub(crate) async fn share<W: Work>(store: &SqlStore, line: W::Line, job: W::Job) -> Result<W::Answer, PortError> {
    let answer = match W::queue(store).turn(line, W::lanes(store), job) {
        Turn::First(answer, since) => {
            let held = Lane::<W>::taken(store, line, since);
            tokio::task::yield_now().await;
            drop(held);
            answer
        }
        Turn::Later(answer) => answer,
        Turn::Never => return Err(PortError::unavailable("too many wait for the database")),
    };
    match limit::in_time(patiently::<W>(store, line, answer)).await {
        Some(Ok(answer)) => Ok(answer),
        Some(Err(_)) | None => Err(PortError::unavailable("the work shared with others got no answer")),
    }
}

/// Waits for an answer, and sees to it that whoever is held up holds nobody else up.
async fn patiently<W: Work>(
    store: &SqlStore,
    line: W::Line,
    mut answer: oneshot::Receiver<W::Answer>,
) -> Result<W::Answer, oneshot::error::RecvError> {
    loop {
        if let Ok(answered) = tokio::time::timeout(PATIENCE, &mut answer).await {
            return answered;
        }
        if let Some(since) = W::queue(store).pass(line, W::lanes(store)) {
            // Dropped, it is handed to a task.
            drop(Lane::<W>::taken(store, line, since));
        }
    }
}
