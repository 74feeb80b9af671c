use super::{
    Idempotency, InvitationService, Secret, ServiceError,
    attempt::{Step, attempt},
    guesses,
    identities::account_of,
    invitations::Moment,
    shown::{Asked, Shown, parse, scope_of},
};
use crate::{
    access::{Grant, MemberFacts, Role},
    directory::{Account, Organization, Password, PasswordHash, Session, VerifiedIdentity, account_link},
    id::{AccountId, InvitationId},
    invitation::{
        Channel, IdempotencyRecord, Invitation, Origin, Proof, Recipient, Redemption, Rejection, State, decline,
        redeem::{self, NewAccount, Next, PasswordUse, RedeemDecided},
    },
    port::RedemptionFacts,
    secret::credential::CredentialText,
    time::Timestamp,
};
use std::fmt;

/// What a link's holder is told before deciding. What it says of accounts, only a mailed link or a signed-in person learns.
#[derive(Debug)]
pub struct Preview {
    /// The invitation.
    pub invitation_id: InvitationId,
    /// The organisation it is to.
    pub organization: Organization,
    /// What the inviter is called, if known.
    pub inviter_name: Option<String>,
    /// The role it gives.
    pub role: Option<Role>,
    /// The address it is for, masked.
    pub recipient_masked: String,
    /// Whom it is for, for a dialect that has to say so in plain.
    pub recipient: Recipient,
    /// What it gives, for a dialect that has to say so.
    pub grant: Grant,
    /// When it expires.
    pub expires_at: Timestamp,
    /// What the inviter adds, as plain text.
    pub message: Option<String>,
    /// The language it was written in.
    pub locale: Option<String>,
    /// What comes next.
    pub next: Next,
    /// Whether it is the mailed link.
    pub mailed: bool,
    /// Whether it lets somebody in again who has an account already, and asks nothing more of them (rule 3.3).
    pub lets_in_again: bool,
    /// What the record it is for is called, where it is for one.
    pub subject_name: Option<String>,
}

/// Use an invitation.
#[derive(Clone, PartialEq, Eq)]
pub struct Redeem {
    /// What the person shows.
    pub secret: Secret,
    /// The person who is signed in.
    pub caller: Option<AccountId>,
    /// What a new person says of himself.
    pub account: Option<NewAccount>,
    /// The request's idempotency key.
    pub idempotency: Option<Idempotency>,
    /// The client's address, for the budget of password guesses.
    pub client: Option<String>,
    /// Where it came from, for the trail.
    pub origin: Origin,
}

impl fmt::Debug for Redeem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The token is a secret.
        f.debug_struct("Redeem").field("caller", &self.caller).finish_non_exhaustive()
    }
}

/// What a redemption gave.
#[derive(Debug)]
pub struct Redeemed {
    /// The redemption.
    pub redemption: Redemption,
    /// The account.
    pub account: Account,
    /// The membership; `None` in the answer to a retry where it was removed since.
    pub member: Option<MemberFacts>,
    /// The session of a person whose account the redemption made.
    pub session: Option<(CredentialText, Session)>,
    /// Where the success may lead; the adapter holds it to the operator's allowed destinations once more.
    pub redirect_url: Option<String>,
    /// Whether it is the answer to the same person's retry (rule 5.3).
    pub replayed: bool,
    /// Whether the mailed link was shown, so that its holder may be told of the account's places elsewhere.
    pub mailed: bool,
    /// The organisation.
    pub organization: Organization,
    /// The invitation as it is now.
    pub invitation: Invitation,
}

/// What a decline came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Declined {
    /// Whether the organisation is blocked with it.
    pub blocked: bool,
    /// What the organisation is called.
    pub organization_name: String,
}

impl InvitationService {
    /// What the holder of a link or code is told. Changes nothing but the count of codes tried in vain, for which `client`
    /// is the address they are tried from. `caller` is the person who is signed in.
    ///
    /// # Errors
    /// As [`crate::invitation::judge::judge`]; for a code also `CodeMistyped` and `TooManyAttempts`.
    pub async fn preview(
        &self,
        secret: &Secret,
        caller: Option<AccountId>,
        client: Option<&str>,
    ) -> Result<Preview, ServiceError> {
        self.preview_by(secret, caller, None, client).await
    }

    /// The same for somebody a token of another issuer proves, who has no account yet (rule 5.10).
    ///
    /// # Errors
    /// As [`Self::preview`].
    pub async fn preview_by(
        &self,
        secret: &Secret,
        caller: Option<AccountId>,
        stranger: Option<&VerifiedIdentity>,
        client: Option<&str>,
    ) -> Result<Preview, ServiceError> {
        let moment = self.moment(Origin::none())?;
        let asked = Asked { caller, ..Asked::default() };
        // A forgery ends here. What follows takes more memory, which is had for what passed the gate alone.
        let (shown, read) = self.read(secret, asked, client, &moment).await?;
        Box::pin(self.offer(&shown, read, asked, stranger, &moment)).await
    }

    async fn offer(
        &self,
        shown: &Shown,
        read: Option<Box<RedemptionFacts>>,
        asked: Asked<'_>,
        stranger: Option<&VerifiedIdentity>,
        moment: &Moment<'_>,
    ) -> Result<Preview, ServiceError> {
        let facts = match read {
            Some(facts) => *facts,
            None => self.facts(shown, asked, moment).await?,
        };
        let next = redeem::preview(&facts, &shown.proof, stranger, &moment.ring, moment.now)?;
        let lets_in_again = redeem::lets_in_again(&facts).is_some();
        let invitation = facts.record.invitation;
        Ok(Preview {
            invitation_id: invitation.id,
            organization: facts.organization,
            inviter_name: facts.record.inviter.person_name().map(str::to_owned),
            role: facts.record.role,
            recipient_masked: redeem::masked(&invitation),
            recipient: invitation.recipient,
            grant: invitation.grant,
            expires_at: invitation.expires_at,
            message: invitation.message,
            locale: invitation.locale,
            next,
            mailed: shown.proof.is_mailed(),
            lets_in_again,
            subject_name: facts.subject.map(|facts| facts.subject.name),
        })
    }

    /// Uses an invitation (rules part 5).
    ///
    /// # Errors
    /// As [`redeem::redeem`].
    pub async fn redeem(&self, command: Redeem) -> Result<Redeemed, ServiceError> {
        // As for a preview.
        let (shown, read) = self.read_for(&command).await?;
        Box::pin(self.redeem_shown(&command, &shown, read)).await
    }

    async fn redeem_shown(
        &self,
        command: &Redeem,
        shown: &Shown,
        mut read: Option<Box<RedemptionFacts>>,
    ) -> Result<Redeemed, ServiceError> {
        let mut hash: Option<PasswordHash> = None;
        let proof = &shown.proof;
        let mut mails_instead = false;
        let done = attempt!(&*self.store, async {
            mails_instead = false;
            let moment = self.moment(&command.origin)?;
            let facts = if let Some(facts) = read.take() {
                *facts
            } else {
                let caller = self.caller_of(command).await?;
                self.facts(shown, Asked { caller, ..Asked::of(command) }, &moment).await?
            };
            if let Some(redeemed) = self.replay(&facts, proof, command, &moment).await? {
                return Ok(Step::Done(Ok(redeemed)));
            }
            let details = command.account.as_ref();
            let used = match redeem::password_use(&facts, proof, details, &moment.ring, moment.now) {
                Ok(used) => used,
                Err(Rejection::MailboxProofRequired) => {
                    mails_instead = true;
                    return Ok(mail_instead(&facts, proof, &moment));
                }
                Err(rejection) => return Err(rejection.into()),
            };
            let typed = details.and_then(|details| details.password.as_ref()).filter(|_| used == PasswordUse::Chosen);
            if let (Some(typed), None) = (typed, &hash) {
                // Boxed: most redemptions need no password, and their future stays small.
                hash = Box::pin(self.hash_in_turn(typed, shown, command)).await?;
                return Ok(Step::Again);
            }
            let password = typed.and(hash.clone());
            let decided = redeem::redeem(&facts, proof, details, password, &moment.ring, &moment.context())?;
            Ok(commit(decided, &facts, proof.is_mailed(), command.idempotency.as_ref(), moment.now))
        });
        let (redeemed, outcome) = match done {
            // The recipient gets no further mail today; what is asked of the holder of the copied link stays the same.
            Err(ServiceError::Rejected(_)) if mails_instead => return Err(Rejection::MailboxProofRequired.into()),
            done => done?,
        };
        let mut redeemed = redeemed?;
        let number = |id: uuid::Uuid, number: i64| if number == 0 { outcome.number_of(id) } else { number };
        redeemed.account.number = number(redeemed.account.id.as_uuid(), redeemed.account.number);
        if let Some(member) = &mut redeemed.member {
            let membership = &mut member.membership;
            membership.number = number(membership.id.as_uuid(), membership.number);
        }
        Ok(redeemed)
    }

    /// Says no for the invitee (rule 4.7).
    ///
    /// # Errors
    /// As [`decline::decline`].
    pub async fn decline(&self, token: &str, block: bool, origin: &Origin) -> Result<Declined, ServiceError> {
        let shown = Shown::token(parse(token, &self.moment(origin)?)?);
        Box::pin(self.decline_shown(&shown, block, origin)).await
    }

    async fn decline_shown(&self, shown: &Shown, block: bool, origin: &Origin) -> Result<Declined, ServiceError> {
        let done = attempt!(&*self.store, async {
            let moment = self.moment(origin)?;
            let facts = self.facts(shown, Asked::default(), &moment).await?;
            let decided = decline::decline(&facts, &shown.proof, block, &moment.ring, &moment.context())?;
            let answer = Declined { blocked: decided.blocked, organization_name: facts.organization.name };
            Ok(Step::Commit(Box::new(decided.plan), answer))
        });
        Ok(done?.0)
    }

    /// Sends the holder of a link that is superseded or expired a fresh one, to the stored address alone. Every token is
    /// answered alike (rule 4.9).
    ///
    /// # Errors
    /// Only of machinery.
    pub async fn request_new_link(&self, token: &str, origin: &Origin) -> Result<(), ServiceError> {
        let done = attempt!(&*self.store, async {
            let moment = self.moment(origin)?;
            let facts = match parse(token, &moment).map(Shown::token) {
                Ok(shown) => (self.facts(&shown, Asked::default(), &moment).await, shown),
                Err(_) => return Ok(Step::Done(())),
            };
            match facts {
                (Ok(facts), shown) => Ok(match decline::new_link(&facts, &shown.proof, None, &moment.context()) {
                    Some(plan) => Step::Commit(Box::new(plan), ()),
                    None => Step::Done(()),
                }),
                (Err(ServiceError::Rejected(_)), _) => Ok(Step::Done(())),
                (Err(error), _) => Err(error),
            }
        });
        match done {
            // What it would take more than there is of is not sent: seats, live invitations, messages to this recipient.
            Ok(((), _)) | Err(ServiceError::Rejected(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Reads the secret of a redemption. For a code that is everything it needs (see [`Self::read`]).
    async fn read_for(&self, command: &Redeem) -> Result<(Shown, Option<Box<RedemptionFacts>>), ServiceError> {
        let moment = self.moment(Origin::none())?;
        // A token's facts are read by the round that decides, and so is who is signed in.
        let caller = if matches!(command.secret, Secret::Token(_)) { None } else { self.caller_of(command).await? };
        let asked = Asked { caller, ..Asked::of(command) };
        self.read(&command.secret, asked, command.client.as_deref(), &moment).await
    }

    /// Who is signed in: by the credential, or as whom a token of another issuer proves, once an account is that person's.
    /// Somebody else may have made it one a moment ago.
    async fn caller_of(&self, command: &Redeem) -> Result<Option<AccountId>, ServiceError> {
        let stranger = command.account.as_ref().and_then(|account| account.identity.as_deref());
        match (command.caller, stranger, &self.identities) {
            (None, Some(identity), Some(directory)) => {
                Ok(account_of(&**directory, identity).await?.map(|account| account.id))
            }
            // Without a directory nothing is linked, so that nothing could be found.
            (caller, _, _) => Ok(caller),
        }
    }

    /// The verifier of a password that a good link lets somebody choose. Many may wait for a turn with the same link, and
    /// only one of them still finds it good when the turn comes; for the others nothing is hashed (rule 5.7).
    async fn hash_in_turn(
        &self,
        typed: &Password,
        shown: &Shown,
        command: &Redeem,
    ) -> Result<Option<PasswordHash>, ServiceError> {
        let password = account_link::choose("/account/password", typed)?;
        let turn = self.passwords.turn().await?;
        let moment = self.moment(Origin::none())?;
        let caller = self.caller_of(command).await?;
        let facts = self.facts(shown, Asked { caller, key: None, ..Asked::of(command) }, &moment).await?;
        let used = redeem::password_use(&facts, &shown.proof, command.account.as_ref(), &moment.ring, moment.now);
        Ok(match used {
            Ok(PasswordUse::Chosen) => Some(self.passwords.hash(&password, turn).await?),
            Ok(PasswordUse::Ignored) | Err(_) => None,
        })
    }

    /// The same redemption for the same person (rule 5.3): signed in as that account; the same key and body; or a token of the
    /// redeemed generation with the account's password.
    async fn replay(
        &self,
        facts: &RedemptionFacts,
        proof: &Proof,
        command: &Redeem,
        moment: &Moment<'_>,
    ) -> Result<Option<Redeemed>, ServiceError> {
        let invitation = &facts.record.invitation;
        let (State::Redeemed { .. }, Some(redemption), Some(redeemer)) =
            (&invitation.state, &facts.record.redemption, &facts.redeemer)
        else {
            return Ok(None);
        };
        // A code never replays (rule 5.3). A generation there never was proves nothing; the judge refuses it in the usual
        // words.
        let Proof::Token(token) = proof else { return Ok(None) };
        if token.generation() > invitation.generation {
            return Ok(None);
        }
        let signed_in = facts.caller.as_ref().is_some_and(|caller| caller.account.id == redemption.account_id);
        let same_request = match (&command.idempotency, &facts.replay) {
            (Some(idempotency), Some(record)) => {
                record.answer == redemption.id.as_uuid()
                    && matches!(record.answers(&idempotency.fingerprint, moment.now), Ok(Some(_)))
            }
            _ => false,
        };
        let password = command.account.as_ref().and_then(|account| account.password.as_ref());
        let same_person = signed_in
            || same_request
            || match password {
                Some(password) if token.generation() == redemption.generation => {
                    self.knows_password(&redeemer.account, password, command.client.as_deref(), moment.now).await?
                }
                _ => false,
            };
        Ok(same_person.then(|| Redeemed {
            redemption: redemption.clone(),
            account: redeemer.account.clone(),
            member: redeemer.member.clone(),
            session: None,
            redirect_url: invitation.redirect_url.clone(),
            replayed: true,
            mailed: proof.is_mailed(),
            organization: facts.organization.clone(),
            invitation: invitation.clone(),
        }))
    }

    /// Whether this is the account's password. The guess is counted before it is made (rule 7.6).
    async fn knows_password(
        &self,
        account: &Account,
        password: &Password,
        client: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, ServiceError> {
        let ring = self.world.keys.ring();
        let spendings = guesses::spendings(&self.settings, &ring, &account.guess_key(), client)?;
        // Who guesses too often is told what everybody else is told of a used link; the guess itself is not made.
        if self.limiter.take(&spendings, now).await?.is_some() {
            return Ok(false);
        }
        let verified = self.passwords.verify(password, account.password.as_ref()).await;
        // A hasher that is overloaded compared nothing: only a wrong password counts.
        if !matches!(verified, Ok(false)) {
            self.limiter.give_back(&spendings, now).await?;
        }
        Ok(verified?)
    }
}

/// Where the organisation wants the mailed link, a copied one sends it to the stored address and is refused (rule 5.4).
fn mail_instead(facts: &RedemptionFacts, proof: &Proof, moment: &Moment<'_>) -> Step<Result<Redeemed, Rejection>> {
    let refused = Err(Rejection::MailboxProofRequired);
    match decline::new_link(facts, proof, Some(&[Channel::Email]), &moment.context()) {
        Some(plan) => Step::Commit(Box::new(plan), refused),
        None => Step::Done(refused),
    }
}

fn commit(
    decided: RedeemDecided,
    facts: &RedemptionFacts,
    mailed: bool,
    idempotency: Option<&Idempotency>,
    now: Timestamp,
) -> Step<Result<Redeemed, Rejection>> {
    let RedeemDecided { mut plan, redemption, account, member, session, invitation } = decided;
    plan.idempotency = idempotency.map(|idempotency| IdempotencyRecord {
        scope: scope_of(invitation.id),
        key: idempotency.key.clone(),
        fingerprint: idempotency.fingerprint,
        answer: redemption.id.as_uuid(),
        result: "redeemed".to_owned(),
        generation: redemption.generation,
        created_at: now,
    });
    let redeemed = Redeemed {
        redemption,
        account,
        member: Some(member),
        session,
        redirect_url: invitation.redirect_url.clone(),
        replayed: false,
        mailed,
        organization: facts.organization.clone(),
        invitation,
    };
    Step::Commit(Box::new(plan), Ok(redeemed))
}
