//! Signing in and out.

use super::{Authenticated, DirectoryService, ServiceError, Step, attempt, guesses};
use crate::{
    directory::{Account, Login, Password, Session},
    id::{AccountId, SessionId},
    invitation::{AdministrationChange, DirectoryChange, Guard, Plan, Rejection},
    port::CredentialFacts,
    secret::credential::{CredentialKind, CredentialText, ParsedCredential},
    time::Timestamp,
};
use std::borrow::Cow;

/// Asks to sign in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignIn {
    /// The address, the phone number or the username, as typed.
    pub login: String,
    /// The password as typed.
    pub password: Password,
    /// Whether the session can be renewed with a text of its own.
    pub renewable: bool,
    /// The client's address, normalised (an IPv6 one to its /64); its guesses are counted together.
    pub client: Option<String>,
}

/// A person is signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The session's text, shown once.
    pub text: CredentialText,
    /// The text that renews the session, where one was asked for; shown once.
    pub refresh: Option<CredentialText>,
    /// The session.
    pub session: Session,
    /// Who.
    pub account: Account,
}

impl DirectoryService {
    /// Signs a person in with a name and a password (rule 7.6).
    ///
    /// # Errors
    /// [`Rejection::BadCredentials`] alike for every cause, after the same work; [`Rejection::TooManyAttempts`] alike for
    /// accounts that don't exist.
    pub async fn sign_in(&self, command: SignIn) -> Result<SignedIn, ServiceError> {
        let SignIn { login, password, renewable, client } = command;
        let parsed = Login::parse(&login);
        let compared = match &parsed {
            Some(login) => self.directory.account_by_login(login).await?,
            None => None,
        };
        // An account's guesses are counted together, whichever of its names they are made with. What is nobody's is
        // counted by itself and fails like a wrong password.
        let key = match (&compared, &parsed) {
            (Some(account), _) => account.guess_key(),
            (None, Some(Login::Address(address))) => Cow::Borrowed(address.key()),
            (None, Some(Login::Phone(number))) => Cow::Borrowed(number.as_str()),
            (None, Some(Login::Username(name))) => Cow::Borrowed(name.key()),
            (None, None) => Cow::Borrowed(login.as_str()),
        };
        let guess = self.take_guess(&key, client.as_deref()).await?;
        let hash = compared.as_ref().and_then(|account| account.password.as_ref());
        self.guess(guess, &password, hash).await?;
        let compared = compared.ok_or(Rejection::BadCredentials)?;

        let (signed_in, _) = attempt!(&*self.store, async {
            let now = self.now();
            let account = self.directory.account(compared.id).await?.ok_or(Rejection::BadCredentials)?;
            if account.password != compared.password {
                return Err(Rejection::BadCredentials.into());
            }
            let signed_in = self.begin(account, renewable, now);
            let plan = Plan {
                // A password that is changed meanwhile ends all sessions: this one must not slip in behind.
                guards: vec![Guard::AccountAt(signed_in.account.id, signed_in.account.version)],
                directory: vec![
                    DirectoryChange::InsertSession(Box::new(signed_in.session.clone())),
                    DirectoryChange::NoteSignIn(signed_in.account.id, now),
                ],
                ..Plan::default()
            };
            Ok(Step::Commit(Box::new(plan), signed_in))
        })?;
        Ok(signed_in)
    }

    /// Whoever a credential stands for that somebody typed to sign in; `None` for one that opens nothing. It is a guess like a
    /// password, counted before anything is looked up and given back where it opens something (rule 7.6).
    ///
    /// # Errors
    /// [`Rejection::TooManyAttempts`] where the client's guesses are used up.
    pub async fn sign_in_by_credential(
        &self,
        credential: &str,
        client: Option<&str>,
    ) -> Result<Option<Authenticated>, ServiceError> {
        let taken_at = self.now();
        let spending = guesses::key_spending(&self.settings, &self.world.keys.ring(), client)?;
        let spendings: Vec<_> = spending.into_iter().collect();
        if let Some(possible_at) = self.limiter.take(&spendings, taken_at).await? {
            return Err(Rejection::TooManyAttempts { possible_at }.into());
        }
        let who = self.authenticate(credential).await?;
        if who.is_some() {
            self.limiter.give_back(&spendings, taken_at).await?;
        }
        Ok(who)
    }

    fn begin(&self, account: Account, renewable: bool, now: Timestamp) -> SignedIn {
        let (text, mut session) = Session::begin(account.id, now, &*self.world.entropy);
        let refresh = renewable.then(|| CredentialText::generate(CredentialKind::Refresh, &*self.world.entropy));
        session.refresh = refresh.as_ref().map(CredentialText::digest);
        SignedIn { text, refresh, session, account }
    }

    /// Begins a new session in the place of one that was given out with this text, which is used up: the new session has
    /// another one.
    ///
    /// # Errors
    /// [`Rejection::BadCredentials`] alike for a text that is unknown, used up, or whose session has ended.
    pub async fn renew_session(&self, refresh: &str) -> Result<SignedIn, ServiceError> {
        let parsed = ParsedCredential::parse(refresh).filter(|parsed| parsed.kind() == CredentialKind::Refresh);
        let digest = parsed.ok_or(Rejection::BadCredentials)?.digest();
        let (signed_in, _) = attempt!(&*self.store, async {
            let now = self.now();
            let Some(CredentialFacts::Refresh(old, account)) = self.directory.credential(&digest).await? else {
                return Err(Rejection::BadCredentials.into());
            };
            if !old.is_live(now) {
                return Err(Rejection::BadCredentials.into());
            }
            let mut signed_in = self.begin(*account, true, now);
            signed_in.session.organization_id = old.organization_id;
            // Renewing is not signing in: what began with a password ends with its time.
            signed_in.session.expires_at = old.expires_at;
            let plan = Plan {
                guards: vec![
                    Guard::SessionLasts(old.id),
                    Guard::AccountAt(signed_in.account.id, signed_in.account.version),
                ],
                administration: vec![AdministrationChange::EndSession(old.id)],
                directory: vec![DirectoryChange::InsertSession(Box::new(signed_in.session.clone()))],
                ..Plan::default()
            };
            Ok(Step::Commit(Box::new(plan), signed_in))
        })?;
        Ok(signed_in)
    }

    /// Ends a session; one that has ended already stays so.
    ///
    /// # Errors
    /// A port's failure.
    pub async fn sign_out(&self, session: SessionId) -> Result<(), ServiceError> {
        let administration = vec![AdministrationChange::EndSession(session)];
        self.write(Plan { administration, ..Plan::default() }).await
    }

    /// Ends all sessions of the account whose session this is.
    ///
    /// # Errors
    /// [`Rejection::OwnSessionRequired`] by a session of one organisation.
    pub async fn sign_out_everywhere(&self, session: &Session) -> Result<(), ServiceError> {
        if session.organization_id.is_some() {
            return Err(Rejection::OwnSessionRequired.into());
        }
        self.end_sessions(session.account_id).await
    }

    /// Ends all sessions of an account, for the person by a credential that is no session.
    ///
    /// # Errors
    /// A port's failure.
    pub async fn end_sessions(&self, account: AccountId) -> Result<(), ServiceError> {
        let administration = vec![AdministrationChange::EndSessions(account)];
        self.write(Plan { administration, ..Plan::default() }).await
    }
}
