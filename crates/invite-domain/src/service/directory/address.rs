//! Another address for an account: asking for it, seeing what waits, confirming it (rule 7.9).

use super::{DirectoryService, ServiceError, Step, attempt};
use crate::{
    directory::{
        Account, Session,
        address_change::{self, PendingAddress},
    },
    email::EmailAddress,
    id::AccountId,
    invitation::{AdministrationChange, Plan, Rejection},
    port::Spending,
    secret::account_token::AccountPurpose,
};

impl DirectoryService {
    /// Counts a mail to an address that somebody names: as many as an invitation may have (rule 4.4), and of a client as many as
    /// it may guess passwords (rule 7.6). Counted whoever has the address.
    pub(super) async fn spend_address_change(
        &self,
        account: AccountId,
        client: Option<&str>,
    ) -> Result<(), ServiceError> {
        let spendings = self.settings.bounds.messages.iter().map(|budget| Spending {
            key: format!("address:{account}:{}", budget.window.num_seconds()),
            budget: *budget,
        });
        let of_client = client.zip(self.settings.sign_in_address);
        let of_client = of_client.map(|(client, budget)| Spending { key: format!("address:client:{client}"), budget });
        let spendings: Vec<_> = spendings.chain(of_client).collect();
        match self.limiter.take(&spendings, self.now()).await? {
            Some(possible_at) => Err(Rejection::TooManyAttempts { possible_at }.into()),
            None => Ok(()),
        }
    }

    /// Adds the link and its mail to a plan.
    pub(super) async fn ask_for_address(
        &self,
        account: &Account,
        address: &EmailAddress,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        let moment = self.moment()?;
        let previous = self.directory.account_token(account.id, AccountPurpose::ChangeAddress).await?;
        if let Some(possible_at) = address_change::possible_at(previous.as_ref(), moment.now) {
            return Err(Rejection::TooManyAttempts { possible_at }.into());
        }
        let taken = self.directory.account_by_address(address.key()).await?.is_some();
        let context = self.context(&moment, None);
        let (link, message) = address_change::request(&context, account, address, taken, previous.as_ref());
        plan.administration.push(AdministrationChange::PutAccountToken(Box::new(link)));
        plan.messages.push(message);
        Ok(())
    }

    /// The change of address an account waits for, whether or not anybody else has the address.
    ///
    /// # Errors
    /// A port's failure.
    pub async fn pending_address(&self, account: AccountId) -> Result<Option<PendingAddress>, ServiceError> {
        let row = self.directory.account_token(account, AccountPurpose::ChangeAddress).await?;
        Ok(row.and_then(|row| PendingAddress::of(&row, self.now())))
    }

    /// Changes the account's address by the link that was mailed to the new one. All sessions of the account end but this one,
    /// and the old address is told. The link works once.
    ///
    /// # Errors
    /// [`Rejection::NotGenuine`] or [`Rejection::AccountLinkEnded`], also where somebody else has the address by now.
    pub async fn confirm_address(&self, token: &str, session: Option<Session>) -> Result<Account, ServiceError> {
        let (account, _) = attempt!(&*self.store, async {
            let moment = self.moment()?;
            let (parsed, account, row) = self.genuine_link(token, &moment).await?;
            if parsed.purpose() != AccountPurpose::ChangeAddress {
                return Err(Rejection::NotGenuine.into());
            }
            let (mut plan, next) = address_change::confirm(&self.context(&moment, None), &account, &row)?;
            if let Some(key) = next.email_key()
                && self.directory.account_by_address(key).await?.is_some_and(|holder| holder.id != account.id)
            {
                return Err(Rejection::AccountLinkEnded { expired: false }.into());
            }
            self.keep_only(session.as_ref(), account.id, &mut plan).await?;
            Ok(Step::Commit(Box::new(plan), next))
        })?;
        Ok(account)
    }
}
