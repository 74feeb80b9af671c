//! Links that act on an account: asking for one, looking at it, using it (rule 7.9).

use super::{DirectoryService, Moment, ServiceError, Step, attempt, guesses};
use crate::invitation::Origin;
use crate::{
    directory::{Account, AccountToken, Password, account_link},
    email::EmailAddress,
    invitation::Rejection,
    port::Spending,
    secret::account_token::{AccountPurpose, ParsedAccountToken},
    time::Timestamp,
};

/// A link that is good now, for the page behind it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountLink {
    /// Whose.
    pub account: Account,
    /// What it may do.
    pub purpose: AccountPurpose,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Of a change of address: the new one.
    pub address: Option<EmailAddress>,
}

impl DirectoryService {
    /// Mails a link to set a new password, if there is an account at this address. The caller learns nothing of that: the
    /// answer is the same, also where it is no address at all or where too many mails were asked for (rules 4.4, 9.2).
    ///
    /// `client` is the address that asks; it may ask as often as it may guess passwords (rule 7.6).
    ///
    /// Only an existing account costs a write, so one who must not learn of it by the time taken either is answered
    /// before this is done.
    ///
    /// # Errors
    /// A port's failure.
    pub async fn request_password_reset(&self, email: &str, client: Option<&str>) -> Result<(), ServiceError> {
        let Ok(address) = EmailAddress::parse(email) else { return Ok(()) };
        let Some(account) = self.directory.account_by_address(address.key()).await? else { return Ok(()) };
        let spendings = self.settings.bounds.messages.iter().map(|budget| Spending {
            key: format!("reset:{}:{}", account.id, budget.window.num_seconds()),
            budget: *budget,
        });
        let of_client = guesses::of_client(&self.world.keys.ring(), "reset", client, self.settings.sign_in_address)?;
        let spendings: Vec<_> = spendings.chain(of_client).collect();
        if self.limiter.take(&spendings, self.now()).await?.is_some() {
            return Ok(());
        }
        let moment = self.moment()?;
        let previous = self.directory.account_token(account.id, AccountPurpose::PasswordReset).await?;
        let plan = account_link::password_reset(&self.context(&moment, Origin::none()), &account, previous.as_ref());
        match self.write(plan).await {
            // Whoever reads there got enough mail for today.
            Err(ServiceError::Rejected(Rejection::TooManyMessages { .. })) => Ok(()),
            written => written,
        }
    }

    /// What a link may do, without using it.
    ///
    /// # Errors
    /// [`Rejection::NotGenuine`] or [`Rejection::AccountLinkEnded`].
    pub async fn account_link(&self, token: &str) -> Result<AccountLink, ServiceError> {
        let moment = self.moment()?;
        let (_, account, row) = self.genuine_link(token, &moment).await?;
        Ok(AccountLink { account, purpose: row.purpose, expires_at: row.expires_at, address: row.address })
    }

    /// Sets the account's password by a link, ends all its sessions, and takes the address as verified where the link was
    /// mailed; where it was not verified before, the API keys and links of the account end too. The link works once.
    ///
    /// # Errors
    /// [`Rejection::NotGenuine`], [`Rejection::AccountLinkEnded`], or a field error at `/password`. None of them uses the
    /// link up. [`PortError::Overloaded`](crate::port::PortError::Overloaded) where too many passwords wait to be hashed.
    pub async fn confirm_account_link(&self, token: &str, password: Password) -> Result<Account, ServiceError> {
        self.password_link(token, &self.moment()?).await?;
        let password = account_link::choose("/password", &password)?;
        let turn = self.passwords.turn().await?;
        // It was a while until the turn came (rule 5.7).
        self.password_link(token, &self.moment()?).await?;
        let hash = self.passwords.hash(&password, turn).await?;
        let (account, _) = attempt!(&*self.store, async {
            let moment = self.moment()?;
            let (parsed, account, row) = self.password_link(token, &moment).await?;
            let context = self.context(&moment, Origin::none());
            let (plan, account) = account_link::confirm(&context, &account, &row, parsed.provenance(), hash.clone());
            Ok(Step::Commit(Box::new(plan), account))
        })?;
        Ok(account)
    }

    /// A link that sets a password. A change of address is not confirmed with one.
    async fn password_link(
        &self,
        token: &str,
        moment: &Moment,
    ) -> Result<(ParsedAccountToken, Account, AccountToken), ServiceError> {
        let link = self.genuine_link(token, moment).await?;
        if link.0.purpose() == AccountPurpose::ChangeAddress { Err(Rejection::NotGenuine.into()) } else { Ok(link) }
    }

    pub(super) async fn genuine_link(
        &self,
        token: &str,
        moment: &Moment,
    ) -> Result<(ParsedAccountToken, Account, AccountToken), ServiceError> {
        let ring = &*moment.ring;
        let parsed = ParsedAccountToken::parse(token, ring).map_err(|_no_token| Rejection::NotGenuine)?;
        let row = self.directory.account_token(parsed.account(), parsed.purpose()).await?;
        let account = self.directory.account(parsed.account()).await?;
        account_link::examine(ring, &parsed, account.as_ref(), row.as_ref(), moment.now)?;
        let (account, row) = account.zip(row).ok_or(Rejection::NotGenuine)?;
        Ok((parsed, account, row))
    }
}
