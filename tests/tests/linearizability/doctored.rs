//! Histories that did not happen: a recorded one with one answer changed so that nothing explains it any more.

use super::{
    history::History,
    spec::{Ret, Seen, Standing},
};

/// What was changed, and the history with it.
pub(crate) type Doctored = (&'static str, History);

/// All that can be made of a history in which every request was answered, so that nothing unknown explains a change.
pub(crate) fn all(history: &History) -> Vec<Doctored> {
    if history.open() > 0 {
        return Vec::new();
    }
    let mut doctored = Vec::new();
    // The last look is after everything else.
    if let Some((place, Ret::Shown(seen))) = history.answers().last() {
        let other = |what, seen| (what, history.with(place, Ret::Shown(seen)));
        let next = Seen { version: seen.version + 1, ..seen.clone() };
        doctored.push(other("a change nobody made", next));
        let lost = Seen { version: seen.version - 1, ..seen.clone() };
        doctored.push(other("a change that is lost", lost));
        doctored.push(other("a generation nobody made", Seen { generation: seen.generation + 1, ..seen.clone() }));
        doctored.push(other("an end nobody asked for", Seen { days: seen.days + 1, ..seen.clone() }));
        for standing in Standing::ALL.into_iter().filter(|standing| *standing != seen.standing) {
            doctored.push(other("another standing", Seen { standing, ..seen.clone() }));
        }
        if seen.redemption.is_some() {
            let redemption = Some("another".to_owned());
            doctored.push(other("another redemption", Seen { redemption, ..seen.clone() }));
        }
    }
    let redeemed = |ret: &Ret| matches!(ret, Ret::Redeemed { again: false, .. });
    let success = history.answers().find(|(_, ret)| redeemed(ret));
    if let Some((place, ret)) = success {
        doctored.push(("a redemption that was refused", history.with(place, Ret::refused(410, "revoked"))));
        if let Ret::Redeemed { redemption, generation, .. } = ret {
            let again = Ret::Redeemed { redemption: redemption.clone(), generation: *generation, again: true };
            doctored.push(("a repetition of nothing", history.with(place, again)));
        }
        let refused = |ret: &Ret| *ret == Ret::refused(410, "redeemed");
        if let Some((place, _)) = history.answers().find(|(_, ret)| refused(ret)) {
            let second = Ret::Redeemed { redemption: "another".to_owned(), generation: 1, again: false };
            doctored.push(("a second redemption", history.with(place, second)));
        }
    }
    doctored
}
