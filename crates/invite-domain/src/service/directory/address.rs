//! Another address for an account: asking for it, seeing what waits, confirming it (rule 7.9).

use super::{DirectoryService, Moment, ServiceError, Step, attempt, guesses};
use crate::{
    directory::{
        Account, AccountToken, Password, Session,
        address_change::{self, PendingAddress},
    },
    email::EmailAddress,
    id::AccountId,
    invitation::{AdministrationChange, FieldCode, Origin, Plan, Rejection, limit::of_address_change},
    port::Spending,
    secret::account_token::AccountPurpose,
};

/// What shows that whoever confirms an address has the account (rule 7.9).
#[derive(Clone, Default, Debug)]
pub struct AddressProof {
    /// The session of whoever is signed in; it stays where it is one of that account.
    pub session: Option<Session>,
    /// The account's password, where no session of its own proves it.
    pub password: Option<Password>,
    /// The client's address, normalised (an IPv6 one to its /64); its guesses are counted together.
    pub client: Option<String>,
}

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
        let of_client = guesses::of_client(&self.world.keys.ring(), "address", client, self.settings.sign_in_address)?;
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
        let context = self.context(&moment, Origin::none());
        // Spent whether or not a mail leaves: when the budget is used up tells nobody who has an account.
        plan.limits.extend(of_address_change(address, context.bounds, context.now));
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
    /// The link alone is not enough: whoever mistyped their address had it mailed to somebody else. So it takes a session of that
    /// very account, of no one organisation, or its password, whose guesses are counted as those of a sign-in (rule 7.6).
    ///
    /// # Errors
    /// [`Rejection::NotGenuine`] or [`Rejection::AccountLinkEnded`], also where somebody else has the address by now. A field
    /// error at `/password` where neither a session nor a password proves the account, [`Rejection::BadCredentials`] for another
    /// password, [`Rejection::TooManyAttempts`] after too many. None of them uses the link up.
    pub async fn confirm_address(&self, token: &str, proof: AddressProof) -> Result<Account, ServiceError> {
        let AddressProof { session, password, client } = proof;
        let mut compared = None;
        let account = self.address_link(token, &self.moment()?).await?.0;
        if !session.as_ref().is_some_and(|session| proves(session, account.id)) {
            let missing = || Rejection::field("/password", FieldCode::Required, "the account's password is needed");
            let password = password.ok_or_else(missing)?;
            let guess = self.take_guess(&account.guess_key(), client.as_deref()).await?;
            self.guess(guess, &password, account.password.as_ref()).await?;
            compared = account.password;
        }
        let (account, _) = attempt!(&*self.store, async {
            let moment = self.moment()?;
            let (account, row) = self.address_link(token, &moment).await?;
            if compared.is_some() && account.password != compared {
                return Err(Rejection::BadCredentials.into());
            }
            let (mut plan, next) = address_change::confirm(&self.context(&moment, Origin::none()), &account, &row)?;
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

    /// A link that changes an address.
    async fn address_link(&self, token: &str, moment: &Moment) -> Result<(Account, AccountToken), ServiceError> {
        let (parsed, account, row) = self.genuine_link(token, moment).await?;
        if parsed.purpose() == AccountPurpose::ChangeAddress {
            Ok((account, row))
        } else {
            Err(Rejection::NotGenuine.into())
        }
    }
}

/// Whether a session is that person's own.
fn proves(session: &Session, account: AccountId) -> bool {
    session.account_id == account && session.organization_id.is_none()
}
