//! What faults make of values before they are stored, and of pages before they are answered.

use super::{MemoryStore, state::State};
use crate::broken::Fault;
use chrono::DateTime;
use invite_domain::{
    directory::{Account, Session},
    id::OrganizationId,
    invitation::{
        Event, IdempotencyRecord, Invitation, LiveKey, MessageKind, OutboxMessage, Redemption, State as Lifecycle,
    },
    time::Timestamp,
};

/// As a collation sees it that passes over case, accents and trailing spaces.
fn folded(text: &str) -> String {
    text.trim_end().to_lowercase().replace(['ë', 'é'], "e").replace('ÿ', "y")
}

/// The last instant that 32 bits of seconds hold, where this one is later.
fn in_32_bits(at: Timestamp) -> Timestamp {
    DateTime::from_timestamp(i64::from(i32::MAX), 0).map_or(at, |last| at.min(last))
}

/// As many characters of a text as end within so many bytes.
fn cut(text: &str, most: usize) -> String {
    text.char_indices().take_while(|(at, c)| at + c.len_utf8() <= most).map(|(_, c)| c).collect()
}

impl MemoryStore {
    pub(super) fn mangled_invitation(&self, mut row: Invitation) -> Invitation {
        if self.has(Fault::TextComposed) {
            row.message = row.message.map(|text| text.replace("e\u{301}", "\u{e9}"));
        }
        if self.has(Fault::EmptyTextIsNone) {
            row.message = row.message.filter(|text| !text.is_empty());
        }
        if let (true, Lifecycle::Revoked { reason: Some(reason), .. }) =
            (self.has(Fault::TrailingSpaceTrimmed), &mut row.state)
        {
            *reason = reason.trim_end().to_owned();
        }
        if self.has(Fault::CountersIn31Bits) {
            row.max_uses = row.max_uses.min(i32::MAX.unsigned_abs());
        }
        if self.has(Fault::LongTextCut) {
            row.grant.metadata = row.grant.metadata.map(|text| cut(&text, 65_535));
        }
        row
    }

    pub(super) fn mangled_message(&self, message: &OutboxMessage) -> OutboxMessage {
        let mut message = message.clone();
        message.address = message.address.filter(|_| !self.has(Fault::MessageAddressForgotten));
        if let (true, MessageKind::Reminder { invitation_id, generation }) =
            (self.has(Fault::RemindersStoredAsInvitations), &message.kind)
        {
            message.kind = MessageKind::Invitation { invitation_id: *invitation_id, generation: *generation };
        }
        message
    }

    pub(super) fn mangled_event(&self, event: &Event) -> Event {
        let mut event = event.clone();
        if self.has(Fault::InstantsIn32Bits) {
            event.recorded_at = in_32_bits(event.recorded_at);
        }
        event
    }

    pub(super) fn mangled_redemption(&self, redemption: &Redemption) -> Redemption {
        let mut redemption = redemption.clone();
        if self.has(Fault::InstantsIn32Bits) {
            redemption.redeemed_at = in_32_bits(redemption.redeemed_at);
        }
        redemption
    }

    pub(super) fn mangled_account(&self, mut account: Account) -> Account {
        if self.has(Fault::NamesTrimmed) {
            account.name = account.name.map(|name| name.trim().to_owned());
        }
        account
    }

    pub(super) fn mangled_session(&self, session: &Session) -> Session {
        let mut session = session.clone();
        if self.has(Fault::SessionsIn32Bits) {
            session.expires_at = in_32_bits(session.expires_at);
        }
        session
    }

    /// Whether another live invitation is taken to be to the same recipient.
    pub(super) fn is_taken_for(&self, held: &LiveKey, wanted: &LiveKey) -> bool {
        if self.has(Fault::AddressesComparedInPart) {
            return cut(held.as_str(), 191) == cut(wanted.as_str(), 191);
        }
        let fold = |text: &str| text.to_lowercase().replace('ı', "i").replace('ß', "ss");
        self.has(Fault::AddressesFolded) && fold(held.as_str()) == fold(wanted.as_str())
    }

    /// Whether another request is taken for this one.
    pub(super) fn is_request_taken(&self, state: &State, record: &IdempotencyRecord) -> bool {
        self.has(Fault::RequestKeysFolded)
            && state.idempotency.values().any(|held| {
                let same = folded(&held.scope) == folded(&record.scope) && folded(&held.key) == folded(&record.key);
                same && held.is_live(record.created_at)
            })
    }

    /// The keys that a block of this one blocks.
    pub(super) fn blocked_keys(&self, state: &State, organization: OrganizationId, key: &LiveKey) -> Vec<LiveKey> {
        let alike = state.invitations.values().filter(|row| row.organization_id == organization);
        let alike = alike.map(|row| row.recipient.live_key());
        let alike = alike.filter(|held| self.has(Fault::BlocksFolded) && folded(held.as_str()) == folded(key.as_str()));
        alike.chain([key.clone()]).collect()
    }

    /// The key a counter is found by.
    pub(super) fn counter_key(&self, key: &str) -> String {
        if self.has(Fault::CounterKeysFolded) { folded(key) } else { key.to_owned() }
    }
}
