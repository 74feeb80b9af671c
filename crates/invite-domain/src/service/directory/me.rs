//! What a person sees and changes of their own account.

use super::{DirectoryService, MemberView, ServiceError, Step, attempt, members::view};
use crate::{
    access::{Held, PermissionSet},
    directory::{
        Account, Organization, Password, PasswordHash, Session, account_link,
        words::{self, refused},
    },
    email::EmailAddress,
    id::{AccountId, OrganizationId},
    invitation::{AdministrationChange, DirectoryChange, FieldCode, Guard, Plan, Rejection},
    port::{AdministrationQuery, MemberRecord, Principal},
    secret::{account_token::AccountPurpose, credential::CredentialText},
};

/// A person and their place in every organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Me {
    /// The account.
    pub account: Account,
    /// The organisations the person is an active member of, oldest first.
    pub memberships: Vec<(Organization, MemberView)>,
}

/// Asks for changes of one's own account; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ChangeMe {
    /// Another name, or none any more.
    pub name: Option<Option<String>>,
    /// Another password.
    pub password: Option<Password>,
    /// Another address, as typed. It changes once the link that is mailed there was confirmed (rule 7.9).
    pub email: Option<String>,
    /// The password as it is now; needed for another one and for another address.
    pub current_password: Option<Password>,
    /// The client's address, normalised (an IPv6 one to its /64); its guesses are counted together.
    pub client: Option<String>,
}

impl DirectoryService {
    /// The person and their memberships; by a session of one organisation, that one alone.
    ///
    /// # Errors
    /// [`Rejection::Unauthenticated`] where the account is gone.
    pub async fn me(&self, account: AccountId, only: Option<OrganizationId>) -> Result<Me, ServiceError> {
        let account = self.directory.account(account).await?.ok_or(Rejection::Unauthenticated)?;
        let mut memberships = Vec::new();
        for (organization, member) in self.directory.memberships_of(account.id).await? {
            if only.is_some_and(|only| only != organization.id) {
                continue;
            }
            let known = if member.held() == Held::Everything {
                let query = AdministrationQuery::of(organization.id, Principal::Person(account.id));
                self.directory.load_administration(&query).await?.map(|facts| facts.known_permissions)
            } else {
                // Only everything prints what others named.
                Some(PermissionSet::new())
            };
            // `None`: the organisation was deleted since.
            if let Some(known) = known {
                memberships.push((organization, view(MemberRecord { member, account: account.clone() }, &known)));
            }
        }
        Ok(Me { account, memberships })
    }

    /// Changes one's own name or password, and asks for another address. A new password ends every other session and a change
    /// of address that was asked for before; `session` is the one that stays.
    ///
    /// The answer is the same whether or not the new address is another account's: then no link is mailed. One's own address
    /// asks for nothing.
    ///
    /// # Errors
    /// [`Rejection::OwnSessionRequired`] by a session of one organisation; field errors at `/name`, `/email`, `/password`,
    /// `/current_password`; [`Rejection::BadCredentials`] where the present password is another one,
    /// [`Rejection::TooManyAttempts`] after too many such guesses, after too many mails, and within an hour of the last change of
    /// address.
    pub async fn change_me(
        &self,
        account: AccountId,
        session: Option<Session>,
        command: ChangeMe,
    ) -> Result<Account, ServiceError> {
        self.change(account, session, None, command).await
    }

    /// The same by one's own session at a browser. Where the password changes, another session with another text takes its
    /// place for the time it had left, and is answered: a copy of the text of before is worth nothing any more.
    ///
    /// # Errors
    /// As [`Self::change_me`].
    pub async fn change_me_anew(
        &self,
        session: &Session,
        command: ChangeMe,
    ) -> Result<Option<(CredentialText, Session)>, ServiceError> {
        let renewed = command.password.is_some().then(|| {
            let (text, mut next) = Session::begin(session.account_id, self.now(), &*self.world.entropy);
            next.expires_at = session.expires_at;
            (text, next)
        });
        let next = renewed.as_ref().map(|(_, next)| next);
        self.change(session.account_id, Some(session.clone()), next, command).await?;
        Ok(renewed)
    }

    /// Changes what is asked for. Where that ends sessions, `next_session` begins in the place of the caller's own, else that one stays.
    async fn change(
        &self,
        account: AccountId,
        session: Option<Session>,
        next_session: Option<&Session>,
        command: ChangeMe,
    ) -> Result<Account, ServiceError> {
        if session.as_ref().is_some_and(|session| session.organization_id.is_some()) {
            return Err(Rejection::OwnSessionRequired.into());
        }
        let name = match &command.name {
            None => None,
            Some(None) => Some(None),
            Some(Some(name)) => Some(Some(words::name("/name", name, words::NAME).map_err(refused)?)),
        };
        let wanted = command.email.as_deref().map(parse_address).transpose()?;
        let proven = self.prove(account, &command).await?;
        if wanted.is_some() {
            self.spend_address_change(account, command.client.as_deref()).await?;
        }
        let (account, _) = attempt!(&*self.store, async {
            let account = self.directory.account(account).await?.ok_or(Rejection::Unauthenticated)?;
            let mut next = account.clone();
            if let Some(name) = &name {
                next.name.clone_from(name);
            }
            let mut plan = Plan { guards: vec![Guard::AccountAt(account.id, account.version)], ..Plan::default() };
            if proven.as_ref().is_some_and(|proven| account.password.as_ref() != Some(&proven.compared)) {
                return Err(Rejection::BadCredentials.into());
            }
            if let Some(hash) = proven.as_ref().and_then(|proven| proven.chosen.as_ref()) {
                next.password = Some(hash.clone());
                self.end_others(session.as_ref(), next_session, account.id, &mut plan).await?;
                plan.administration.push(AdministrationChange::EndLink(account.id, AccountPurpose::ChangeAddress));
            }
            if let Some(address) = wanted.as_ref().filter(|address| account.email.as_ref() != Some(*address)) {
                self.ask_for_address(&account, address, &mut plan).await?;
            }
            if next != account {
                next.version += 1;
                plan.directory.push(DirectoryChange::UpdateAccount(Box::new(next.clone())));
            } else if plan.messages.is_empty() {
                return Ok(Step::Done(account));
            }
            Ok(Step::Commit(Box::new(plan), next))
        })
        .map_err(|error| match error {
            ServiceError::Rejected(Rejection::TooManyMessages { possible_at }) => {
                ServiceError::from(Rejection::TooManyAttempts { possible_at })
            }
            other => other,
        })?;
        Ok(account)
    }

    /// Ends all sessions of the account but this one, which begins again as it was, unless it has ended meanwhile.
    pub(super) async fn keep_only(
        &self,
        session: Option<&Session>,
        account: AccountId,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        self.end_others(session, None, account, plan).await
    }

    /// The same, with another session in the place of the one that would stay, if there is another.
    async fn end_others(
        &self,
        session: Option<&Session>,
        next: Option<&Session>,
        account: AccountId,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        plan.administration.push(AdministrationChange::EndSessions(account));
        let own = session.filter(|own| own.account_id == account);
        if let Some(own) = own {
            self.directory.credential(&own.digest).await?.ok_or(Rejection::Unauthenticated)?;
            plan.guards.push(Guard::SessionLasts(own.id));
        }
        let stays = own.map(|own| next.unwrap_or(own).clone());
        plan.directory.extend(stays.map(|session| DirectoryChange::InsertSession(Box::new(session))));
        Ok(())
    }

    /// Compares the present password and hashes a new one; `None` where neither is needed.
    async fn prove(&self, account: AccountId, command: &ChangeMe) -> Result<Option<Proven>, ServiceError> {
        if command.password.is_none() && command.email.is_none() {
            return Ok(None);
        }
        let Some(current) = &command.current_password else {
            let detail = "the present password is needed for another password or address";
            return Err(Rejection::field("/current_password", FieldCode::Required, detail).into());
        };
        let password = command.password.as_ref().map(|password| account_link::choose("/password", password));
        let password = password.transpose()?;
        let account = self.directory.account(account).await?.ok_or(Rejection::Unauthenticated)?;
        let guess = self.take_guess(&account.guess_key(), command.client.as_deref()).await?;
        self.guess(guess, current, account.password.as_ref()).await?;
        let compared = account.password.ok_or(Rejection::BadCredentials)?;
        let chosen = match password {
            Some(password) => {
                let turn = self.passwords.turn().await?;
                Some(self.passwords.hash(&password, turn).await?)
            }
            None => None,
        };
        Ok(Some(Proven { compared, chosen }))
    }
}

/// The verifier the present password was compared with, and a new one's.
struct Proven {
    compared: PasswordHash,
    chosen: Option<PasswordHash>,
}

fn parse_address(text: &str) -> Result<EmailAddress, Rejection> {
    EmailAddress::parse(text).map_err(|error| Rejection::field("/email", FieldCode::Invalid, error.to_string()))
}
