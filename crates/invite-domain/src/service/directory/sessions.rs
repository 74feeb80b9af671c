//! Signing in and out.

use super::{DirectoryService, ServiceError, Step, attempt};
use crate::{
    directory::{Account, Password, Session},
    email::EmailAddress,
    id::{AccountId, SessionId},
    invitation::{AdministrationChange, DirectoryChange, Guard, Plan, Rejection},
    secret::credential::CredentialText,
};

/// Asks to sign in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignIn {
    /// The address as typed.
    pub email: String,
    /// The password as typed.
    pub password: Password,
    /// The client's address, normalised (an IPv6 one to its /64); its guesses are counted together.
    pub client: Option<String>,
}

/// A person is signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The session's text, shown once.
    pub text: CredentialText,
    /// The session.
    pub session: Session,
    /// Who.
    pub account: Account,
}

impl DirectoryService {
    /// Signs a person in with address and password (rule 7.6).
    ///
    /// # Errors
    /// [`Rejection::BadCredentials`] alike for every cause, after the same work; [`Rejection::TooManyAttempts`] alike for
    /// accounts that don't exist.
    pub async fn sign_in(&self, command: SignIn) -> Result<SignedIn, ServiceError> {
        let SignIn { email, password, client } = command;
        let address = EmailAddress::parse(&email).ok();
        // What is no address is nobody's: it is counted by itself and fails like an unknown one.
        let key = address.as_ref().map_or(email.as_str(), EmailAddress::key);
        let guess = self.take_guess(key, client.as_deref()).await?;
        let compared = match &address {
            Some(address) => self.directory.account_by_address(address.key()).await?,
            None => None,
        };
        let hash = compared.as_ref().and_then(|account| account.password.as_ref());
        self.guess(guess, &password, hash).await?;
        let compared = compared.ok_or(Rejection::BadCredentials)?;

        let ((text, session, account), _) = attempt!(&*self.store, async {
            let now = self.now();
            let account = self.directory.account(compared.id).await?.ok_or(Rejection::BadCredentials)?;
            if account.password != compared.password {
                return Err(Rejection::BadCredentials.into());
            }
            let (text, session) = Session::begin(account.id, now, &*self.world.entropy);
            let plan = Plan {
                // A password that is changed meanwhile ends all sessions: this one must not slip in behind.
                guards: vec![Guard::AccountAt(account.id, account.version)],
                directory: vec![DirectoryChange::InsertSession(Box::new(session.clone()))],
                ..Plan::default()
            };
            Ok(Step::Commit(Box::new(plan), (text, session, account)))
        })?;
        Ok(SignedIn { text, session, account })
    }

    /// Ends a session; one that has ended already stays so.
    ///
    /// # Errors
    /// A port's failure.
    pub async fn sign_out(&self, session: SessionId) -> Result<(), ServiceError> {
        let administration = vec![AdministrationChange::EndSession(session)];
        self.write(Plan { administration, ..Plan::default() }).await
    }

    /// Ends all sessions of an account.
    ///
    /// # Errors
    /// A port's failure.
    pub async fn sign_out_everywhere(&self, account: AccountId) -> Result<(), ServiceError> {
        let administration = vec![AdministrationChange::EndSessions(account)];
        self.write(Plan { administration, ..Plan::default() }).await
    }
}
