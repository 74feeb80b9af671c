//! The host's tables. The first five are the timesheet application's own and older than any invitation; the rest came with
//! them. Nothing here knows the rules: those are the domain's.

use invite_domain::{
    access::SystemRole,
    directory::{AccountToken, ApiKey, Limits, OperatorKey, Policy, Session},
    invitation::{Event, IdempotencyRecord, Invitation, LiveKey, OutboxMessage, Redemption},
    time::Timestamp,
};
use std::sync::Arc;
use uuid::Uuid;

/// Somebody who can sign in to the timesheets.
///
/// As in many databases, tables refer to each other by a number the database gives. Beside it each row has a UUID: the id
/// the domain knows it by. A host without UUIDs adds the column.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) uuid: Uuid,
    /// Somebody who came by a code may have none.
    pub(crate) mail: Option<String>,
    /// What mails are compared by, with a unique index: `EmailAddress::key`. Lowercasing in SQL is not the same.
    pub(crate) mail_key: Option<String>,
    pub(crate) mail_confirmed: bool,
    pub(crate) phone: Option<String>,
    /// With a unique index over what nicknames are compared by: `Username::key`.
    pub(crate) nickname: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) password_verifier: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) about: Option<String>,
    pub(crate) last_visit: Option<Timestamp>,
    pub(crate) visit_before: Option<Timestamp>,
    pub(crate) joined: Timestamp,
    pub(crate) revision: i64,
}

/// A team that keeps timesheets together: the domain's organisation.
#[derive(Clone)]
pub(crate) struct Team {
    pub(crate) id: i64,
    pub(crate) uuid: Uuid,
    pub(crate) title: String,
    pub(crate) handle: String,
    /// What it was called before: codes are entered there still. Nobody else gets such a name.
    pub(crate) former_handles: Vec<String>,
    pub(crate) language: Option<String>,
    pub(crate) time_zone: String,
    pub(crate) policy: Policy,
    pub(crate) limits: Limits,
    pub(crate) invoice_fields: String,
    /// Rises with every change of who may do what. All the host's own code that takes rights from somebody raises it.
    pub(crate) rights_epoch: i64,
    pub(crate) founded: Timestamp,
    pub(crate) settings_changed: Timestamp,
    pub(crate) closed: Option<Timestamp>,
    pub(crate) revision: i64,
}

/// What people in a team can be. The rights of a built-in one are code, not data.
#[derive(Clone)]
pub(crate) struct TeamRole {
    pub(crate) id: i64,
    pub(crate) uuid: Uuid,
    pub(crate) team: i64,
    pub(crate) title: String,
    pub(crate) purpose: Option<String>,
    pub(crate) built_in: Option<SystemRole>,
    /// Separated by spaces.
    pub(crate) rights: String,
    pub(crate) made: Timestamp,
    pub(crate) changed: Timestamp,
    pub(crate) revision: i64,
}

/// A user's place in a team: the domain's membership.
#[derive(Clone)]
pub(crate) struct Seat {
    pub(crate) id: i64,
    pub(crate) uuid: Uuid,
    pub(crate) team: i64,
    pub(crate) user: i64,
    pub(crate) role: Option<i64>,
    /// Rights beside the role's, separated by spaces.
    pub(crate) extra_rights: String,
    pub(crate) enabled: bool,
    pub(crate) cents_an_hour: Option<i64>,
    pub(crate) remarks: Option<String>,
    pub(crate) contact: Option<Uuid>,
    pub(crate) since: Timestamp,
    pub(crate) revision: i64,
}

/// A message in the outbox, with the token of a dispatcher's claim and when the claim ends.
#[derive(Clone)]
pub(crate) struct Queued {
    pub(crate) message: OutboxMessage,
    pub(crate) claim: Option<(Uuid, Timestamp)>,
}

/// What was spent of a budget in one window: its length and beginning in microseconds from the epoch.
#[derive(Clone)]
pub(crate) struct Spent {
    pub(crate) key: String,
    pub(crate) length: i64,
    pub(crate) begins: i64,
    pub(crate) count: u32,
}

/// The whole database.
#[derive(Clone, Default)]
pub(crate) struct Tables {
    pub(crate) users: Table<User>,
    pub(crate) teams: Table<Team>,
    pub(crate) team_roles: Table<TeamRole>,
    pub(crate) seats: Table<Seat>,
    pub(crate) logins: Table<Session>,

    // What invitations bring along. The domain's types stand for rows with a column a field. Beside its primary key, that of
    // invitations has two unique indexes: over team and live key, and over team and the index of the short code.
    pub(crate) invitations: Table<Invitation>,
    pub(crate) redemptions: Table<Redemption>,
    pub(crate) events: Table<Event>,
    pub(crate) messages: Table<Queued>,
    pub(crate) answers: Table<IdempotencyRecord>,
    pub(crate) blocks: Table<(Uuid, LiveKey)>,
    pub(crate) spent: Table<Spent>,

    // Who has no API keys, no operator and no links of his own for passwords needs these three for the contract suite
    // alone: its scenes write them.
    pub(crate) api_keys: Table<ApiKey>,
    pub(crate) operator_keys: Table<OperatorKey>,
    pub(crate) account_links: Table<AccountToken>,
}

/// A row that cannot be written: its key is taken, or it is not there. In a database the index or the count of changed
/// rows says so.
#[derive(Debug)]
pub(crate) struct Conflict;

/// Rows in the order they were written, and the last number given. Rows are shared, so that a copy of the database is
/// cheap.
#[derive(Clone)]
pub(crate) struct Table<R> {
    rows: Vec<Arc<R>>,
    last: i64,
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), last: 0 }
    }
}

impl<R: Clone> Table<R> {
    pub(crate) fn rows(&self) -> impl Iterator<Item = &R> {
        self.rows.iter().map(|row| &**row)
    }

    pub(crate) fn find(&self, is_it: impl Fn(&R) -> bool) -> Option<&R> {
        self.rows().find(|row| is_it(row))
    }

    pub(crate) fn has(&self, is_it: impl Fn(&R) -> bool) -> bool {
        self.find(is_it).is_some()
    }

    /// Adds a row, which is told its number, and answers the number.
    pub(crate) fn add(&mut self, row: impl FnOnce(i64) -> R) -> i64 {
        self.last += 1;
        self.rows.push(Arc::new(row(self.last)));
        self.last
    }

    pub(crate) fn extend(&mut self, rows: impl IntoIterator<Item = R>) {
        rows.into_iter().for_each(|row| {
            self.add(|_| row);
        });
    }

    /// Puts a row into the place of the one there is.
    pub(crate) fn replace(&mut self, is_it: impl Fn(&R) -> bool, row: R) -> Result<(), Conflict> {
        *self.rows.iter_mut().find(|row| is_it(row)).ok_or(Conflict)? = Arc::new(row);
        Ok(())
    }

    /// Changes every row of a kind.
    pub(crate) fn change(&mut self, is_one: impl Fn(&R) -> bool, mut change: impl FnMut(&mut R)) {
        self.rows.iter_mut().filter(|row| is_one(row)).for_each(|row| change(Arc::make_mut(row)));
    }

    pub(crate) fn remove(&mut self, is_one: impl Fn(&R) -> bool) {
        self.rows.retain(|row| !is_one(row));
    }
}
