//! Who waits for work that is shared: a queue for each kind of it.

use crate::{
    commit::Commits,
    group::Queue,
    invitations::{InvitationLooks, IssueLoads, IssueLooks, RedemptionLoads, RedemptionLooks},
};

/// The queues of a store.
#[derive(Default)]
pub(crate) struct Queues {
    pub(crate) commits: Queue<Commits>,
    pub(crate) issue_looks: Queue<IssueLooks>,
    pub(crate) issue_loads: Queue<IssueLoads>,
    pub(crate) redemption_looks: Queue<RedemptionLooks>,
    pub(crate) redemption_loads: Queue<RedemptionLoads>,
    pub(crate) invitation_looks: Queue<InvitationLooks>,
}

impl Queues {
    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        let looks = self.issue_looks.len() + self.redemption_looks.len() + self.invitation_looks.len();
        self.commits.len() + looks + self.issue_loads.len() + self.redemption_loads.len()
    }
}
