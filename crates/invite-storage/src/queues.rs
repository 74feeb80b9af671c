//! Who waits for work that is shared: a queue for each kind of it.

use crate::{
    commit::Commits,
    group::Queue,
    invitations::{InFull, Invitations, Issues, Looks, Redemptions, Views},
};

/// The queues of a store.
#[derive(Default)]
pub(crate) struct Queues {
    pub(crate) commits: Queue<Commits>,
    pub(crate) issue_looks: Queue<Looks<Issues>>,
    pub(crate) issue_loads: Queue<InFull<Issues>>,
    pub(crate) redemption_looks: Queue<Looks<Redemptions>>,
    pub(crate) redemption_loads: Queue<InFull<Redemptions>>,
    pub(crate) invitation_looks: Queue<Looks<Invitations>>,
    pub(crate) views: Queue<Looks<Views>>,
}

impl Queues {
    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        let looks =
            self.issue_looks.len() + self.redemption_looks.len() + self.invitation_looks.len() + self.views.len();
        self.commits.len() + looks + self.issue_loads.len() + self.redemption_loads.len()
    }
}
