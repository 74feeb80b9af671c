//! Single invitations with what shows and judges them, a row for each message: as parts of a statement that finds them as `i`, where the
//! directory's tables are the bundled ones.

use super::{
    shown::{INVITER, inviter_cells, inviter_joins},
    text::{Text, all, list},
};
use crate::{
    convert::{
        Cells, DELIVERY_COLUMNS, INVITATION_COLUMNS, carries_link_text, delivery_cells, invitation_cells, role_cells,
    },
    entity,
    error::Failure,
};
use invite_domain::{port::InvitationRecord, time::Timestamp};
use sea_orm::QueryResult;
use std::sync::LazyLock;

/// The columns of an invitation and what belongs to it; behind the last one there is no comma.
pub(super) static COLUMNS: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    list(&mut text, "dm", DELIVERY_COLUMNS);
    list(&mut text, "dm", ["about", "created_at"]);
    list(&mut text, "i", INVITATION_COLUMNS);
    text.push_str(&all::<entity::role::Entity>("ir"));
    text.push_str("b.holder_key, ");
    text.push_str(&INVITER);
    text
});

/// The order in which rows of one invitation stand together, its messages of each channel from the oldest on.
pub(super) fn order(invitations: usize) -> &'static str {
    if invitations == 1 { "dm.channel, dm.created_at, dm.id" } else { "i.id, dm.channel, dm.created_at, dm.id" }
}

/// The joins of all that belongs to `i`. Messages: the latest of each channel, and those made since then that carry a link.
pub(super) fn joins(text: &mut Text, since: Timestamp) -> String {
    let since = text.value(since);
    format!(
        " LEFT JOIN invite_roles ir ON ir.organization_id = i.organization_id AND ir.id = i.role_id \
         LEFT JOIN invite_messages dm ON dm.organization_id = i.organization_id AND dm.invitation_id = i.id AND {} \
         AND (dm.created_at >= {since} OR (dm.about IS NULL AND NOT EXISTS (SELECT 1 FROM invite_messages n \
         WHERE n.organization_id = dm.organization_id AND n.invitation_id = dm.invitation_id AND n.channel = dm.channel \
         AND n.about IS NULL AND (n.created_at > dm.created_at OR (n.created_at = dm.created_at AND n.id > dm.id)))))\
         {} LEFT JOIN invite_blocks b ON b.organization_id = i.organization_id AND b.holder_key = i.holder_key",
        carries_link_text("dm.about"),
        inviter_joins("i.inviter_id"),
    )
}

/// The join, as `h`, of another invitation that holds the key of `i`.
pub(super) const OTHER_HOLDER: &str = " LEFT JOIN invite_invitations h ON h.organization_id = i.organization_id \
                                       AND h.live_key = i.holder_key AND h.id <> i.id";

/// An invitation that was found.
pub(super) struct Joined<T> {
    pub(super) number: i64,
    /// Without its redemption.
    pub(super) record: InvitationRecord,
    pub(super) blocked: bool,
    /// When its messages were made.
    messages: Vec<Timestamp>,
    /// What stands behind it in its first row.
    pub(super) beside: T,
}

impl<T> Joined<T> {
    /// When those messages were made that were made since then.
    pub(super) fn messages_since(&self, since: Timestamp) -> Vec<Timestamp> {
        self.messages.iter().copied().filter(|made| *made >= since).collect()
    }

    /// Reads what stands in each row of an invitation, behind its message.
    fn read(
        cells: &mut Cells<'_>,
        number: i64,
        beside: impl FnOnce(&mut Cells<'_>, &mut InvitationRecord) -> Result<T, Failure>,
    ) -> Result<Self, Failure> {
        let invitation = invitation_cells(cells)?;
        let role = role_cells(cells)?;
        let blocked = cells.maybe::<&str>()?.is_some();
        let inviter = inviter_cells(cells, invitation.inviter.kind)?;
        let mut record = InvitationRecord { invitation, role, inviter, deliveries: Vec::new(), redemption: None };
        let beside = beside(cells, &mut record)?;
        Ok(Self { number, record, blocked, messages: Vec::new(), beside })
    }

    /// Adds the message of a row. They come oldest first within a channel: the last one stays.
    fn add(&mut self, mut cells: Cells<'_>, since: Timestamp) -> Result<(), Failure> {
        let Some(delivery) = delivery_cells(&mut cells)? else { return Ok(()) };
        let (about, made): (Option<&str>, Timestamp) = (cells.maybe()?, cells.next()?);
        if made >= since {
            self.messages.push(made);
        }
        if about.is_none() {
            let deliveries = &mut self.record.deliveries;
            deliveries.retain(|before| before.channel != delivery.channel);
            deliveries.push(delivery);
        }
        Ok(())
    }
}

/// Reads the invitations of rows whose [columns](COLUMNS) begin at a place, each with what `beside` reads behind them.
pub(super) fn read<T>(
    rows: &[QueryResult],
    place: usize,
    since: Timestamp,
    beside: impl Fn(&mut Cells<'_>, &mut InvitationRecord) -> Result<T, Failure>,
) -> Result<Vec<Joined<T>>, Failure> {
    let mut found: Vec<Joined<T>> = Vec::new();
    for row in rows {
        let mut cells = Cells::new(row);
        cells.skip(place);
        let message = cells.clone();
        cells.skip(DELIVERY_COLUMNS.len() + 2);
        // Its number; none where nothing was found.
        let Some(number) = cells.peek::<i64>()? else { continue };
        if found.last().is_none_or(|before| before.number != number) {
            found.push(Joined::read(&mut cells, number, &beside)?);
        }
        if let Some(one) = found.last_mut() {
            one.add(message, since)?;
        }
    }
    Ok(found)
}
