//! What the benchmark is asked to do.

use invite_tests::{Failure, Result, service::built_binary};
use std::{path::PathBuf, str::FromStr, time::Duration};

/// How it is called.
pub(crate) const USAGE: &str = "\
usage: bench [OPTION]...
  --only PART,...   of ceiling, issue, redeem, get, list, search, forged, growth, sqlite, memory, start, proofs
  --quick           short rounds and a smaller database: figures to work by, not to publish
  --rounds N        rounds of everything; the median counts (3 or more)
  --seconds S       the length of a round
  --large N         invitations of the large organisation
  --minutes M       of mixed load before memory is looked at
  --binary FILE     another release build of the service
  --write           write docs/reference/performance.md; only with a full run";

/// One thing that can be measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    Ceiling,
    Issue,
    Redeem,
    Get,
    List,
    Search,
    Forged,
    Growth,
    Sqlite,
    Memory,
    Start,
    Proofs,
}

impl Part {
    const ALL: [(Self, &str); 12] = [
        (Self::Ceiling, "ceiling"),
        (Self::Issue, "issue"),
        (Self::Redeem, "redeem"),
        (Self::Get, "get"),
        (Self::List, "list"),
        (Self::Search, "search"),
        (Self::Forged, "forged"),
        (Self::Growth, "growth"),
        (Self::Sqlite, "sqlite"),
        (Self::Memory, "memory"),
        (Self::Start, "start"),
        (Self::Proofs, "proofs"),
    ];

    fn of(word: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(_, name)| *name == word);
        found.map(|(part, _)| *part).ok_or_else(|| Failure::new(format!("no part is called {word}\n{USAGE}")))
    }
}

/// How much of what is measured.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Everything where empty.
    only: Vec<Part>,
    /// How often everything is measured.
    pub(crate) rounds: usize,
    /// For how long each time.
    pub(crate) length: Duration,
    /// How many invitations the large organisation has.
    pub(crate) large: usize,
    /// How many the small one has.
    pub(crate) small: usize,
    /// How long the mixed load lasts.
    pub(crate) mixed: Duration,
    /// The service.
    pub(crate) binary: PathBuf,
    /// Whether it is short for the sake of being short.
    pub(crate) quick: bool,
    /// Whether the page is written.
    pub(crate) write: bool,
}

impl Options {
    /// Reads the arguments.
    pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut arguments = arguments.peekable();
        let (mut only, mut quick, mut write) = (Vec::new(), false, false);
        let (mut rounds, mut seconds, mut large, mut minutes, mut binary) = (None, None, None, None, None);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| Failure::new(format!("{argument} of what?\n{USAGE}")));
            match argument.as_str() {
                "--only" => only = value()?.split(',').map(Part::of).collect::<Result<_>>()?,
                "--quick" => quick = true,
                "--write" => write = true,
                "--rounds" => rounds = Some(number(&value()?)?),
                "--seconds" => seconds = Some(number(&value()?)?),
                "--large" => large = Some(number(&value()?)?),
                "--minutes" => minutes = Some(number(&value()?)?),
                "--binary" => binary = Some(PathBuf::from(value()?)),
                _ => return Err(Failure::new(USAGE)),
            }
        }
        let rounds = rounds.unwrap_or(3);
        if rounds == 0 {
            return Err(Failure::new("no rounds, no figures"));
        }
        if write && (quick || !only.is_empty() || rounds < 3) {
            return Err(Failure::new("the page is written by a full run of three rounds or more"));
        }
        Ok(Self {
            only,
            rounds,
            length: Duration::from_secs_f64(seconds.unwrap_or(if quick { 2.0 } else { 5.0 })),
            large: large.unwrap_or(if quick { 110_000 } else { 1_000_000 }),
            small: 1_000,
            mixed: Duration::from_secs_f64(60.0 * minutes.unwrap_or(if quick { 0.25 } else { 10.0 })),
            binary: binary.map_or_else(built_binary, |binary| Ok(binary.canonicalize()?))?,
            quick,
            write,
        })
    }

    /// Whether this is measured.
    pub(crate) fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    /// Whether any of these is measured.
    pub(crate) fn wants_any(&self, parts: &[Part]) -> bool {
        parts.iter().any(|part| self.wants(*part))
    }
}

fn number<T: FromStr>(text: &str) -> Result<T> {
    text.replace('_', "").parse().map_err(|_| Failure::new(format!("{text} is no number to go by")))
}
