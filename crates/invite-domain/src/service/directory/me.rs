//! What a person sees and changes of their own account.

use super::{DirectoryService, MemberView, ServiceError, Step, attempt, members::view};
use crate::{
    access::{Held, PermissionSet},
    directory::{
        Account, Organization, Password, PasswordHash, Session, account_link,
        words::{self, refused},
    },
    id::{AccountId, OrganizationId},
    invitation::{AdministrationChange, DirectoryChange, FieldCode, Guard, Plan, Rejection},
    port::{AdministrationQuery, MemberRecord, Principal},
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
    /// The password as it is now; needed for another one.
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

    /// Changes one's own name or password. A new password ends every other session; `session` is the one that stays.
    ///
    /// # Errors
    /// [`Rejection::OwnSessionRequired`] by a session of one organisation; field errors at `/name`, `/password`, `/current_password`; [`Rejection::BadCredentials`] where the present
    /// password is another one, [`Rejection::TooManyAttempts`] after too many such guesses.
    pub async fn change_me(
        &self,
        account: AccountId,
        session: Option<Session>,
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
        let password = self.new_password(account, &command).await?;
        let (account, _) = attempt!(&*self.store, async {
            let account = self.directory.account(account).await?.ok_or(Rejection::Unauthenticated)?;
            let mut next = account.clone();
            if let Some(name) = &name {
                next.name.clone_from(name);
            }
            let mut plan = Plan { guards: vec![Guard::AccountAt(account.id, account.version)], ..Plan::default() };
            if let Some((compared, hash)) = &password {
                if account.password.as_ref() != Some(compared) {
                    return Err(Rejection::BadCredentials.into());
                }
                next.password = Some(hash.clone());
                plan.administration.push(AdministrationChange::EndSessions(account.id));
                // All end, and the caller's own begins again as it was, unless it has ended meanwhile.
                let own = session.clone().filter(|own| own.account_id == account.id);
                if let Some(own) = &own {
                    self.directory.credential(&own.digest).await?.ok_or(Rejection::Unauthenticated)?;
                    plan.guards.push(Guard::SessionLasts(own.id));
                }
                plan.directory.extend(own.map(|own| DirectoryChange::InsertSession(Box::new(own))));
            }
            if next == account {
                return Ok(Step::Done(account));
            }
            next.version += 1;
            plan.directory.push(DirectoryChange::UpdateAccount(Box::new(next.clone())));
            Ok(Step::Commit(Box::new(plan), next))
        })?;
        Ok(account)
    }

    /// The verifier the present password was compared with, and the new one's; `None` where no new one is asked for.
    async fn new_password(
        &self,
        account: AccountId,
        command: &ChangeMe,
    ) -> Result<Option<(PasswordHash, PasswordHash)>, ServiceError> {
        let Some(password) = &command.password else { return Ok(None) };
        let Some(current) = &command.current_password else {
            let detail = "the present password is needed to set another one";
            return Err(Rejection::field("/current_password", FieldCode::Required, detail).into());
        };
        let password = account_link::choose("/password", password)?;
        let account = self.directory.account(account).await?.ok_or(Rejection::Unauthenticated)?;
        let guess = self.take_guess(&account.guess_key(), command.client.as_deref()).await?;
        self.guess(guess, current, account.password.as_ref()).await?;
        let compared = account.password.ok_or(Rejection::BadCredentials)?;
        let turn = self.passwords.turn().await?;
        Ok(Some((compared, self.passwords.hash(&password, turn).await?)))
    }
}
