//! Everything a store holds at one moment, to compare and to come back to.

use super::{MemoryStore, state::State};

/// Everything a [`MemoryStore`] held. A copy shares the rows.
#[derive(Clone)]
pub struct Snapshot(State);

impl MemoryStore {
    /// Everything it holds now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.state().clone())
    }

    /// Holds exactly what it held then.
    pub fn restore(&self, snapshot: &Snapshot) {
        *self.state() = snapshot.0.clone();
    }
}

impl Snapshot {
    /// What is not the same in both: the names of the tables, sorted. `counters` are the attempts limits count, `numbers`
    /// the sequences of identity columns.
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let (one, two) = (&self.0, &other.0);
        let tables = [
            ("account_tokens", one.account_tokens == two.account_tokens),
            ("accounts", one.accounts == two.accounts),
            ("api_keys", one.api_keys == two.api_keys),
            ("blocks", one.blocks == two.blocks),
            ("counters", one.counters == two.counters),
            ("events", one.events == two.events),
            ("group_administrators", one.group_administrators == two.group_administrators),
            ("groups", one.groups == two.groups),
            ("idempotency", one.idempotency == two.idempotency),
            ("invitations", one.invitations == two.invitations),
            ("logos", one.logos == two.logos),
            ("memberships", one.memberships == two.memberships),
            ("messages", one.messages == two.messages),
            ("numbers", one.numbers == two.numbers),
            ("operator_keys", one.operator_keys == two.operator_keys),
            ("organizations", one.organizations == two.organizations),
            ("redemptions", one.redemptions == two.redemptions),
            ("roles", one.roles == two.roles),
            ("sessions", one.sessions == two.sessions),
            ("slugs", one.old_slugs == two.old_slugs),
            ("subjects", one.subjects == two.subjects),
        ];
        let named: Vec<_> = tables.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect();
        // A table that came later and is not named above is none the less compared.
        if named.is_empty() && one != two { vec!["others"] } else { named }
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}
