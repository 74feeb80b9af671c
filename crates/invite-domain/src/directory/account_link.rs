//! Links that act on an account (rule 7.9): making them, and telling what one of them still is.

use super::{Account, AccountToken, Password, PasswordError, PasswordHash};
use crate::{
    id::{AccountId, MessageId, OrganizationId},
    invitation::{
        AdministrationChange, Channel, Context, DirectoryChange, FieldCode, Guard, MessageKind, OutboxMessage, Plan,
        Rejection,
    },
    secret::{
        account_token::{AccountPurpose, AccountTokenBinding, ParsedAccountToken},
        keyring::KeyRing,
        token::{Nonce, Provenance},
    },
    time::Timestamp,
};
use chrono::Duration;

/// How long a password reset lives (rule 7.9).
const RESET_LIFETIME: Duration = Duration::hours(1);

/// The next link of an account for a purpose; it takes the place of the one before.
pub(crate) fn new_link(
    context: &Context<'_>,
    account_id: AccountId,
    purpose: AccountPurpose,
    previous: Option<&AccountToken>,
    lifetime: Duration,
) -> AccountToken {
    AccountToken {
        account_id,
        purpose,
        counter: previous.map_or(1, |previous| previous.counter.wrapping_add(1)),
        key_id: context.key_id,
        nonce: Some(Nonce::generate(context.entropy)),
        created_at: context.now,
        expires_at: context.now + lifetime,
        used_at: None,
        address: None,
    }
}

/// Mails the account a link to set a new password.
pub fn password_reset(context: &Context<'_>, account: &Account, previous: Option<&AccountToken>) -> Plan {
    let link = new_link(context, account.id, AccountPurpose::PasswordReset, previous, RESET_LIFETIME);
    let message = mail(context, &link, None);
    Plan {
        administration: vec![AdministrationChange::PutAccountToken(Box::new(link))],
        messages: vec![message],
        ..Plan::default()
    }
}

/// The mail that carries a link to the account's address. It names the organisation, where it is of one.
pub(crate) fn mail(
    context: &Context<'_>,
    link: &AccountToken,
    organization_id: Option<OrganizationId>,
) -> OutboxMessage {
    let kind = MessageKind::Account { account_id: link.account_id, purpose: link.purpose, counter: link.counter };
    let id = MessageId::new(context.now, context.entropy);
    OutboxMessage::queued(id, organization_id, kind, Channel::Email, context.now)
}

/// What the row says that makes a link's secret; `None` once it is used.
pub(crate) fn binding(row: &AccountToken) -> Option<AccountTokenBinding<'_>> {
    let nonce = row.nonce.as_ref()?;
    let AccountToken { key_id, account_id: account, purpose, counter, .. } = *row;
    Some(AccountTokenBinding { key_id, account, purpose, counter, nonce })
}

/// Holds a link whose gate was good to the account and its row, in constant time.
///
/// A link that was not mailed was read by somebody who need not be the account's owner. It gives a new account its first
/// password and nothing else: it ends once the account has a password or its address is verified.
///
/// # Errors
/// [`Rejection::NotGenuine`] where there is no such account or its row does not make this link;
/// [`Rejection::AccountLinkEnded`] where it was used, deleted, replaced, is not needed any more or has expired. Of a used,
/// deleted or replaced link the nonce is gone, so there the gate alone speaks for it, as for an invitation's (rule 7.2).
pub fn examine(
    ring: &KeyRing,
    token: &ParsedAccountToken,
    account: Option<&Account>,
    row: Option<&AccountToken>,
    now: Timestamp,
) -> Result<(), Rejection> {
    let Some(account) = account else {
        token.verify_dummy(ring);
        return Err(Rejection::NotGenuine);
    };
    let present = row.filter(|row| row.used_at.is_none() && row.counter == token.counter());
    let Some((row, binding)) = present.and_then(|row| Some((row, binding(row)?))) else {
        token.verify_dummy(ring);
        return Err(Rejection::AccountLinkEnded { expired: false });
    };
    if !token.verify(ring, &binding) {
        return Err(Rejection::NotGenuine);
    }
    let settled = account.email_verified || account.password.is_some();
    if settled && token.provenance() != Provenance::Mailed {
        return Err(Rejection::AccountLinkEnded { expired: false });
    }
    if now < row.expires_at { Ok(()) } else { Err(Rejection::AccountLinkEnded { expired: true }) }
}

/// Sets the password by a link that [`examine`] found good, and uses the link up. Every session ends, and so does a change of
/// address that was asked for; a link that was mailed shows that the person reads mail there. Where that was not known before, the account may have been a
/// squatter's: the API keys and other links they may have made end too (rule 5.6).
pub fn confirm(
    context: &Context<'_>,
    account: &Account,
    row: &AccountToken,
    provenance: Provenance,
    password: PasswordHash,
) -> (Plan, Account) {
    let proven = provenance == Provenance::Mailed;
    let next = Account {
        password: Some(password),
        email_verified: account.email_verified || proven,
        version: account.version + 1,
        ..account.clone()
    };
    let used = AccountToken { nonce: None, used_at: Some(context.now), ..row.clone() };
    let (account_id, purpose, counter) = (account.id, row.purpose, row.counter);
    let mut plan = Plan {
        guards: vec![Guard::LinkUnused { account_id, purpose, counter }, Guard::AccountAt(account.id, account.version)],
        ..Plan::default()
    };
    if proven && !account.email_verified {
        plan.directory.push(DirectoryChange::EndCredentials(account.id, context.now));
    } else {
        plan.administration.push(AdministrationChange::EndSessions(account.id));
        // Whoever asked for another address knew the old password, and need not be who sets the new one.
        plan.administration.push(AdministrationChange::EndLink(account.id, AccountPurpose::ChangeAddress));
    }
    plan.administration.push(AdministrationChange::PutAccountToken(Box::new(used)));
    plan.directory.push(DirectoryChange::UpdateAccount(Box::new(next.clone())));
    (plan, next)
}

/// Holds a chosen password to the rules (rule 5.7).
///
/// # Errors
/// Says at `pointer` what is wrong with it.
pub(crate) fn choose(pointer: &str, password: &Password) -> Result<Password, Rejection> {
    Password::choose(password.expose()).map_err(|error| {
        let code = match error {
            PasswordError::TooShort | PasswordError::TooLong => FieldCode::OutOfRange,
            PasswordError::TooCommon => FieldCode::Invalid,
        };
        Rejection::field(pointer, code, error.to_string())
    })
}

#[cfg(test)]
mod tests;
