//! One invitation as its callers may see it, one request after the other.

use stateright::semantics::SequentialSpec;
use std::collections::BTreeSet;

/// What is asked of one invitation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Op {
    /// A person uses the link of this generation; the same person with the same link sends the same request.
    Redeem { person: u8, link: u16 },
    /// The holder of this link says no.
    Decline { link: u16 },
    /// What the holder of this link is offered.
    Preview { link: u16 },
    /// A new link. The same key is the same request.
    Resend { key: u8 },
    /// Withdraws it.
    Revoke,
    /// It shall live this many days from now. No history asks for the same days twice.
    Extend { days: i64 },
    /// Other words to the invitee. No history has the same words twice.
    Amend { words: u8 },
    /// The invitation as its inviter sees it.
    Show,
}

/// Where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    Pending,
    Redeemed,
    Declined,
    Revoked,
}

impl Standing {
    pub(crate) const ALL: [Self; 4] = [Self::Pending, Self::Redeemed, Self::Declined, Self::Revoked];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Redeemed => "redeemed",
            Self::Declined => "declined",
            Self::Revoked => "revoked",
        }
    }
}

/// The invitation as an answer shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Seen {
    pub(crate) standing: Standing,
    pub(crate) generation: u16,
    pub(crate) version: i64,
    /// How long it lives from its issue, in whole days: nothing here takes long enough to blur them.
    pub(crate) days: i64,
    pub(crate) words: Option<u8>,
    pub(crate) redemption: Option<String>,
}

/// What is answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Ret {
    Shown(Seen),
    Offered { days: i64 },
    Redeemed { redemption: String, generation: u16, again: bool },
    Declined,
    Refused(u16, String),
}

impl Ret {
    pub(crate) fn refused(status: u16, code: &str) -> Self {
        Self::Refused(status, code.to_owned())
    }

    fn redemption(&self) -> Option<&str> {
        match self {
            Self::Shown(seen) => seen.redemption.as_deref(),
            Self::Redeemed { redemption, .. } => Some(redemption),
            Self::Offered { .. } | Self::Declined | Self::Refused(..) => None,
        }
    }
}

/// Who used it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Redeemer {
    person: u8,
    link: u16,
    /// The id the service gave it; unknown as long as no answer has told.
    redemption: Option<String>,
}

/// The invitation.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    standing: Standing,
    generation: u16,
    version: i64,
    days: i64,
    words: Option<u8>,
    redeemer: Option<Redeemer>,
    /// The resends that were done, by key.
    resent: BTreeSet<u8>,
}

impl Offer {
    /// As it was issued, to live for this many days.
    pub(crate) fn issued(days: i64) -> Self {
        Self {
            standing: Standing::Pending,
            generation: 1,
            version: 1,
            days,
            words: None,
            redeemer: None,
            resent: BTreeSet::new(),
        }
    }

    /// The generation of the present link.
    pub(crate) fn generation(&self) -> u16 {
        self.generation
    }

    /// For a planted bug: whoever asks this is not known to have used it.
    pub(crate) fn forget_redeemer(&mut self, op: &Op) {
        if matches!(op, Op::Redeem { .. }) && self.redeemer.take().is_some() {
            self.standing = Standing::Pending;
        }
    }

    /// For a planted bug: no resend is known.
    pub(crate) fn forget_keys(&mut self) {
        self.resent.clear();
    }

    fn seen(&self) -> Ret {
        Ret::Shown(Seen {
            standing: self.standing,
            generation: self.generation,
            version: self.version,
            days: self.days,
            words: self.words,
            redemption: self.redeemer.as_ref().map(|redeemer| redeemer.redemption.clone().unwrap_or_default()),
        })
    }

    /// Why a link is no longer good.
    fn dead(&self, link: u16) -> Option<Ret> {
        match self.standing {
            Standing::Pending if link < self.generation => Some(Ret::refused(410, "superseded")),
            Standing::Pending => None,
            ended => Some(Ret::refused(410, ended.word())),
        }
    }

    /// Changes it where it is open, and shows it.
    fn change(&mut self, change: impl FnOnce(&mut Self)) -> Ret {
        match self.standing {
            Standing::Pending => {
                change(self);
                self.version += 1;
                self.seen()
            }
            ended => Ret::refused(409, &format!("already_{}", ended.word())),
        }
    }

    /// The answer to a request; a new redemption gets this id.
    pub(crate) fn answer(&mut self, op: &Op, redemption: Option<&str>) -> Ret {
        match *op {
            Op::Redeem { person, link } => self.redeem(person, link, redemption),
            Op::Decline { link } => self.dead(link).unwrap_or_else(|| {
                self.standing = Standing::Declined;
                self.version += 1;
                Ret::Declined
            }),
            Op::Preview { link } => self.dead(link).unwrap_or(Ret::Offered { days: self.days }),
            Op::Resend { key } if self.resent.contains(&key) => self.seen(),
            Op::Resend { key } => self.change(|offer| {
                offer.generation += 1;
                offer.resent.insert(key);
            }),
            Op::Revoke if self.standing == Standing::Revoked => self.seen(),
            Op::Revoke => self.change(|offer| offer.standing = Standing::Revoked),
            Op::Extend { days } if self.standing == Standing::Pending && days <= self.days => {
                Ret::refused(422, "invalid_input")
            }
            Op::Extend { days } => self.change(|offer| offer.days = days),
            Op::Amend { words } => self.change(|offer| offer.words = Some(words)),
            Op::Show => self.seen(),
        }
    }

    fn redeem(&mut self, person: u8, link: u16, redemption: Option<&str>) -> Ret {
        let again = self.redeemer.as_ref().filter(|redeemer| (redeemer.person, redeemer.link) == (person, link));
        if let Some(redeemer) = again {
            let redemption = redeemer.redemption.clone().unwrap_or_default();
            return Ret::Redeemed { redemption, generation: link, again: true };
        }
        self.dead(link).unwrap_or_else(|| {
            self.standing = Standing::Redeemed;
            self.version += 1;
            self.redeemer = Some(Redeemer { person, link, redemption: redemption.map(str::to_owned) });
            Ret::Redeemed { redemption: redemption.unwrap_or_default().to_owned(), generation: link, again: false }
        })
    }
}

impl SequentialSpec for Offer {
    type Op = Op;
    type Ret = Ret;

    fn invoke(&mut self, op: &Op) -> Ret {
        self.answer(op, None)
    }

    fn is_valid_step(&mut self, op: &Op, ret: &Ret) -> bool {
        // The first answer that names a redemption nobody was told of tells its id.
        if let Some(redeemer) = self.redeemer.as_mut().filter(|redeemer| redeemer.redemption.is_none()) {
            redeemer.redemption = ret.redemption().map(str::to_owned);
        }
        self.answer(op, ret.redemption()) == *ret
    }
}
