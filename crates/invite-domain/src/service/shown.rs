//! What somebody shows, read and looked up: a token costs nothing until its gate held, a code is counted before it is
//! looked for (rules 7.2, 7.6).

use super::{InvitationService, Redeem, ServiceError, guesses, invitations::Moment};
use crate::{
    directory::Username,
    id::{AccountId, InvitationId, OrganizationId},
    invitation::{Proof, Rejection, judge::judge},
    port::{IdempotencyRef, OrganizationRef, RedemptionFacts, RedemptionQuery, SecretRef},
    secret::{
        code::{CodeError, TypedCode},
        token::ParsedToken,
    },
};
use std::fmt;
use uuid::Uuid;

/// What somebody shows, whatever text came in.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// A link's token.
    Token(String),
    /// A short code, and the organisation it was typed for.
    Code {
        /// The organisation's id, number or slug.
        organization: String,
        /// The code as it was typed.
        code: String,
    },
    /// A short code that was found genuine before, out of our own sealed keeping: no guess, and not counted as one.
    KnownCode {
        /// The organisation's slug or id.
        organization: String,
        /// The code.
        code: String,
    },
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(_) => f.write_str("Token(…)"),
            Self::Code { organization, .. } | Self::KnownCode { organization, .. } => {
                f.debug_struct("Code").field("organization", organization).finish()
            }
        }
    }
}

/// What a load is asked for beside the secret.
#[derive(Clone, Copy, Default)]
pub(super) struct Asked<'a> {
    pub(super) caller: Option<AccountId>,
    pub(super) username: Option<&'a str>,
    pub(super) key: Option<&'a str>,
}

impl<'a> Asked<'a> {
    pub(super) fn of(command: &'a Redeem) -> Self {
        let username = command.account.as_ref().and_then(|account| account.username.as_ref());
        Self {
            caller: command.caller,
            username: username.map(Username::key),
            key: command.idempotency.as_ref().map(|idempotency| &*idempotency.key),
        }
    }
}

/// What somebody shows, and where it leads.
pub(super) struct Shown {
    pub(super) proof: Proof,
    secret: SecretRef,
}

impl Shown {
    pub(super) fn token(token: ParsedToken) -> Self {
        Self { secret: SecretRef::Token(token.invitation()), proof: Proof::Token(token) }
    }
}

/// Reads a token's shape, checksum and gate: a forgery ends here and has cost no look-up (rule 7.2).
pub(super) fn parse(token: &str, moment: &Moment<'_>) -> Result<ParsedToken, ServiceError> {
    ParsedToken::parse(token, &moment.ring).map_err(|_| Rejection::NotGenuine.into())
}

impl InvitationService {
    pub(super) async fn facts(
        &self,
        shown: &Shown,
        asked: Asked<'_>,
        moment: &Moment<'_>,
    ) -> Result<RedemptionFacts, ServiceError> {
        let Asked { caller, username, key } = asked;
        // A code never replays (rule 5.3), so its requests need no answer kept.
        let invitation = match (&shown.secret, key) {
            (SecretRef::Token(id), Some(key)) => Some((*id, key)),
            _ => None,
        };
        let query = RedemptionQuery {
            secret: shown.secret.clone(),
            caller,
            username: username.map(str::to_owned),
            idempotency: invitation.map(|(id, key)| IdempotencyRef { scope: scope_of(id), key: key.to_owned() }),
            messages_since: self.messages_since(moment.now),
        };
        let facts = self.store.load_redemption(&query).await?;
        facts.ok_or_else(|| {
            // An unknown invitation takes the same work as a wrong tag, so that time tells nothing (rule 7.2).
            shown.proof.verify_dummy(&moment.ring);
            Rejection::NotGenuine.into()
        })
    }

    /// Reads what somebody shows: a token's shape, checksum and gate, or a code. A code is counted before it is looked
    /// for, in a commit of its own; one that leads somewhere gives its attempt back (rule 7.6). What was read to find a code
    /// out is answered, too: the use case need not read it again to decide for the first time.
    pub(super) async fn read(
        &self,
        secret: &Secret,
        asked: Asked<'_>,
        client: Option<&str>,
        moment: &Moment<'_>,
    ) -> Result<(Shown, Option<Box<RedemptionFacts>>), ServiceError> {
        // Boxed: most secrets are tokens, and the futures of those who show one stay small.
        let (shown, facts) = match secret {
            Secret::Token(text) => return Ok((Shown::token(parse(text, moment)?), None)),
            Secret::Code { organization, code } => {
                Box::pin(self.read_code(organization, code, true, asked, client, moment)).await?
            }
            Secret::KnownCode { organization, code } => {
                Box::pin(self.read_code(organization, code, false, asked, client, moment)).await?
            }
        };
        Ok((shown, Some(facts)))
    }

    async fn read_code(
        &self,
        organization: &str,
        code: &str,
        counted: bool,
        asked: Asked<'_>,
        client: Option<&str>,
        moment: &Moment<'_>,
    ) -> Result<(Shown, Box<RedemptionFacts>), ServiceError> {
        let code = TypedCode::parse(code).map_err(|error| match error {
            CodeError::Mistyped => Rejection::CodeMistyped,
            CodeError::Malformed => Rejection::NotGenuine,
        })?;
        let mut id = None;
        // Codes are entered at an organisation's slug: that is what a text is first that could be several things.
        for reference in OrganizationRef::readings(organization).rev() {
            id = self.store.find_organization(&reference).await?.map(|organization| organization.id);
            if id.is_some() {
                break;
            }
        }
        let mut spendings = guesses::code_spendings(&self.settings, &moment.ring, id, client)?;
        spendings.retain(|_| counted);
        if let Some(possible_at) = self.limiter.take(&spendings, moment.now).await? {
            return Err(Rejection::TooManyAttempts { possible_at }.into());
        }
        // Where there is no such organisation the code is looked for all the same: nobody has the id of none.
        let id = id.unwrap_or(OrganizationId::from_uuid(Uuid::nil()));
        let indexes = code.indexes(&moment.ring, id).into_iter().map(|(_, index)| index).collect();
        let shown = Shown { proof: Proof::Code(code), secret: SecretRef::Code(id, indexes) };
        let facts = self.facts(&shown, asked, moment).await?;
        if judge(&facts, &shown.proof, &moment.ring, moment.now) == Err(Rejection::NotGenuine) {
            return Err(Rejection::NotGenuine.into());
        }
        // Genuine, whether or not it still opens anything: that was no guess.
        self.limiter.give_back(&spendings, moment.now).await?;
        Ok((shown, Box::new(facts)))
    }
}

pub(super) fn scope_of(invitation: InvitationId) -> String {
    format!("redemption:{invitation}")
}
