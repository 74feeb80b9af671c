//! A change of an account's address (rule 7.9): asking for it, and confirming it by the link that was mailed to the new one.

use super::{
    Account, AccountToken,
    account_link::{mail, new_link},
};
use crate::{
    email::EmailAddress,
    id::MessageId,
    invitation::{
        AdministrationChange, Channel, Context, DirectoryChange, Guard, MessageKind, OutboxMessage, Plan, Reason,
        Rejection, UniqueKey,
    },
    secret::account_token::AccountPurpose,
    time::Timestamp,
};
use chrono::Duration;

/// How long the link lives.
pub const LIFETIME: Duration = Duration::days(1);

/// How long after a change no other one can be asked for, whatever became of the account's password meanwhile: so much time has
/// whoever reads at the old address before the account moves on.
pub const REST: Duration = Duration::hours(1);

/// A change of address that waits to be confirmed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PendingAddress {
    /// The address that was asked for.
    pub address: EmailAddress,
    /// When the link ends.
    pub expires_at: Timestamp,
}

impl PendingAddress {
    /// What a link's row says of a change that can still be confirmed.
    pub fn of(row: &AccountToken, now: Timestamp) -> Option<Self> {
        let waits = row.purpose == AccountPurpose::ChangeAddress && row.used_at.is_none() && now < row.expires_at;
        let address = row.address.clone().filter(|_| waits)?;
        Some(Self { address, expires_at: row.expires_at })
    }
}

/// When another change can be asked for, where that is later than now.
pub fn possible_at(previous: Option<&AccountToken>, now: Timestamp) -> Option<Timestamp> {
    previous.and_then(|row| row.used_at).map(|at| at + REST).filter(|at| now < *at)
}

/// The link for a change of address and the mail with it, to the new address. Nothing changes before the link is used.
///
/// Where the address is another account's, all is the same but that the mail is cancelled from the start: neither the answer
/// nor the work done for it tells who has an account, and nobody gets a link that could do nothing.
pub fn request(
    context: &Context<'_>,
    account: &Account,
    address: &EmailAddress,
    taken: bool,
    previous: Option<&AccountToken>,
) -> (AccountToken, OutboxMessage) {
    let link = new_link(context, account.id, AccountPurpose::ChangeAddress, previous, LIFETIME);
    let link = AccountToken { address: Some(address.clone()), ..link };
    let message = mail(context, &link, None);
    (link, if taken { message.cancelled(Reason::AddressTaken) } else { message })
}

/// Gives the account the address its link was mailed to, which proves it. The links that were mailed to the old address end, and
/// the old address is told. Whose sessions end is the use case's to add.
///
/// # Errors
/// [`Rejection::NotGenuine`] for a row that names no address.
pub fn confirm(context: &Context<'_>, account: &Account, row: &AccountToken) -> Result<(Plan, Account), Rejection> {
    let address = row.address.clone().ok_or(Rejection::NotGenuine)?;
    let free = Guard::Free(UniqueKey::AccountAddress(address.key().to_owned()));
    let next = Account { email: Some(address), email_verified: true, version: account.version + 1, ..account.clone() };
    let used = AccountToken { nonce: None, used_at: Some(context.now), address: None, ..row.clone() };
    let (account_id, purpose, counter) = (account.id, row.purpose, row.counter);
    let mut plan = Plan {
        guards: vec![
            Guard::LinkUnused { account_id, purpose, counter },
            Guard::AccountAt(account.id, account.version),
            free,
        ],
        administration: vec![
            AdministrationChange::EndLink(account.id, AccountPurpose::PasswordReset),
            AdministrationChange::EndLink(account.id, AccountPurpose::OwnerLink),
            AdministrationChange::PutAccountToken(Box::new(used)),
        ],
        directory: vec![DirectoryChange::UpdateAccount(Box::new(next.clone()))],
        ..Plan::default()
    };
    if let Some(old) = account.email.clone() {
        let kind = MessageKind::AddressChanged { account_id };
        let id = MessageId::new(context.now, context.entropy);
        let message = OutboxMessage::queued(id, None, kind, Channel::Email, context.now);
        // It stands in the message alone, which nothing but its delivery ends.
        plan.messages.push(OutboxMessage { address: Some(old), ..message });
    }
    Ok((plan, next))
}
