//! Redeem: use an invitation (rules part 5).

mod join;

use super::{
    Context, DirectoryChange, EventKind, Fact, FieldCode, Guard, Invitation, InvitationChange, NoticeKind,
    OutboxMessage, Plan, Proof, Reason, Redemption, Rejection, State, UniqueKey, context::same_epoch, judge::judge,
    lapse::notice,
};
use join::join;

use crate::{
    access::{Actor, ActorFacts, MemberFacts, Role},
    directory::{Account, Password, PasswordHash, Session, Username, VerifiedIdentity, words},
    id::{AccountId, RedemptionId},
    phone::PhoneNumber,
    port::{AccountFacts, RedemptionFacts, SubjectFacts},
    secret::{credential::CredentialText, keyring::KeyRing},
    time::Timestamp,
};

/// What a person who redeems says of himself. Address, role, permissions and organisation are the invitation's, whatever
/// the request says (rule 5.5).
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct NewAccount {
    /// What to call the person.
    pub name: Option<String>,
    /// The password as typed; it is held to the rules where it is chosen.
    pub password: Option<Password>,
    /// The person's language (a BCP 47 tag).
    pub locale: Option<String>,
    /// Whether the account may do without a name of its own.
    pub may_be_nameless: bool,
    /// A phone number.
    pub phone: Option<PhoneNumber>,
    /// A name to sign in with.
    pub username: Option<Username>,
    /// A JSON object of fields that other systems print, as text.
    pub profile: Option<String>,
    /// Who a configured issuer says the person is, who has no account yet: proven by a token, never taken from the request's
    /// body. Of no effect beside a caller who is signed in.
    pub identity: Option<Box<VerifiedIdentity>>,
}

/// What the holder of a live link would do next (`api.md` 2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Accept.
    Accept,
    /// Give a name and, if wanted, a password.
    SignUp,
    /// Sign in first.
    SignIn,
    /// Sign in as somebody else.
    SwitchAccount,
    /// Nothing: the person is a member.
    AlreadyMember,
}

/// Who would join, and by what consent.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Joiner<'a> {
    /// A person without an account; the address counts as verified or not.
    New { verified: bool },
    /// A person with an account, who proved to read the invited mailbox or not.
    Existing { person: &'a AccountFacts, mailbox_proven: bool },
    /// Somebody who came from the same record already and is let in again (rule 3.3).
    Again {
        person: &'a AccountFacts,
        /// Whether the link was mailed to the account's own address.
        own_mailbox: bool,
    },
    /// Somebody sits on the address without having verified it, and the mailbox's true owner redeems (rule 5.6).
    Reclaimed { person: &'a AccountFacts },
}

/// What redeeming needs from the person before it can be planned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PasswordUse {
    /// A password in the request is chosen here: it has to be hashed.
    Chosen,
    /// No password is set; one in the request is not looked at.
    Ignored,
}

/// Everything a redemption decided.
#[derive(Debug)]
pub struct RedeemDecided {
    /// What has to be written.
    pub plan: Plan,
    /// The redemption.
    pub redemption: Redemption,
    /// The account as it will be.
    pub account: Account,
    /// The membership as it will be.
    pub member: MemberFacts,
    /// The session of a person whose account the redemption makes, or whom it lets in again.
    pub session: Option<(CredentialText, Session)>,
    /// The invitation as it will be.
    pub invitation: Invitation,
}

/// What the holder of a genuine live link is asked for next. Only a mailed token or a signed-in person learns whether an
/// account exists.
///
/// # Errors
/// As [`judge`].
pub fn preview(
    facts: &RedemptionFacts,
    proof: &Proof,
    stranger: Option<&VerifiedIdentity>,
    ring: &KeyRing,
    now: Timestamp,
) -> Result<Next, Rejection> {
    judge(facts, proof, ring, now)?;
    let Ok(mailed) = reads_mail(facts, proof, stranger) else { return Ok(Next::SwitchAccount) };
    if let Some(person) = lets_in_again(facts) {
        return match again(facts, person, proof) {
            // Where the mailbox is to be proven, a code that is used still sends the link.
            Ok(_) | Err(Rejection::MailboxProofRequired) => Ok(Next::Accept),
            Err(Rejection::WrongRecipient { .. }) => Ok(Next::SwitchAccount),
            Err(rejection) => Err(rejection),
        };
    }
    let next = match (&facts.caller, &facts.at_address) {
        (Some(caller), _) if !is_recipient(caller, &facts.record.invitation) => Next::SwitchAccount,
        (None, _) if !mailed => Next::Accept,
        (None, None) => Next::SignUp,
        (Some(person), _) | (None, Some(person)) => match &person.member {
            Some(member) if member.membership.active => Next::AlreadyMember,
            _ if facts.caller.is_none() && person.account.email_verified && must_sign_in(facts) => Next::SignIn,
            // The true owner of the mailbox takes the address over and chooses anew.
            _ if facts.caller.is_none() && !person.account.email_verified => Next::SignUp,
            _ => Next::Accept,
        },
    };
    Ok(next)
}

/// Whether the person proved to read the invited mailbox: by the mailed link, or to an issuer that the operator trusts for
/// addresses (rule 5.4).
///
/// # Errors
/// `WrongRecipient` where the person proved another address to such an issuer: like anybody who is signed in, whatever link it
/// is.
fn reads_mail(facts: &RedemptionFacts, proof: &Proof, stranger: Option<&VerifiedIdentity>) -> Result<bool, Rejection> {
    let invitation = &facts.record.invitation;
    let stranger = stranger.filter(|_| facts.caller.is_none());
    match (stranger.and_then(VerifiedIdentity::trusted_address), invitation.recipient.email()) {
        (Some(own), Some(invited)) if own != invited => {
            Err(Rejection::WrongRecipient { recipient_masked: masked(invitation) })
        }
        (Some(_), Some(_)) => Ok(true),
        _ => Ok(proof.is_mailed()),
    }
}

/// Who redeems without an account here, as a token of another issuer proves.
fn stranger_of(details: Option<&NewAccount>) -> Option<&VerifiedIdentity> {
    details.and_then(|details| details.identity.as_deref())
}

fn must_sign_in(facts: &RedemptionFacts) -> bool {
    facts.organization.policy.require_verified_sign_in
}

/// Whether the invitation is this person's. One without an address is whose code it is: whoever is signed in may use it.
fn is_recipient(person: &AccountFacts, invitation: &Invitation) -> bool {
    invitation.recipient.email().is_none_or(|address| Some(address) == person.account.email.as_ref())
}

/// Whom a sign-in invitation lets in: who came from its record already, and may come again (rule 3.3).
pub fn lets_in_again(facts: &RedemptionFacts) -> Option<&AccountFacts> {
    let SubjectFacts { subject, person } = facts.subject.as_ref()?;
    person.as_ref().filter(|_| subject.kind.signs_in_again())
}

/// Holds a sign-in invitation to what it may do: nobody is let in as somebody with more rights than the inviter has, for
/// an inviter may see the code he gives out; and as one whose role only the operator gives, by the operator's alone.
fn again<'a>(facts: &'a RedemptionFacts, person: &'a AccountFacts, proof: &Proof) -> Result<Joiner<'a>, Rejection> {
    if facts.caller.as_ref().is_some_and(|caller| caller.account.id != person.account.id) {
        return Err(Rejection::WrongRecipient { recipient_masked: masked(&facts.record.invitation) });
    }
    let member = person.member.as_ref().filter(|member| member.membership.active);
    let member = member.ok_or(Rejection::MembershipInactive)?;
    let inviter = &facts.record.inviter;
    let reserved =
        member.role.as_ref().is_some_and(Role::is_operators) && !matches!(inviter, ActorFacts::Operator { .. });
    let covered = inviter.standing().is_some_and(|held| held.covers(&member.held()));
    if reserved || !covered {
        return Err(Rejection::Suspended { organization_name: Some(facts.organization.name.clone()) });
    }
    let address = facts.record.invitation.recipient.email();
    let own_mailbox = proof.is_mailed() && address.is_some() && address == person.account.email.as_ref();
    let proof_required = facts.organization.policy.require_mailbox_proof && address.is_some();
    if proof_required && facts.caller.is_none() && !proof.is_mailed() {
        return Err(Rejection::MailboxProofRequired);
    }
    Ok(Joiner::Again { person, own_mailbox })
}

/// Who would join (rules 5.4 to 5.6).
fn joiner<'a>(
    facts: &'a RedemptionFacts,
    proof: &Proof,
    stranger: Option<&VerifiedIdentity>,
) -> Result<Joiner<'a>, Rejection> {
    let mailed = reads_mail(facts, proof, stranger)?;
    if let Some(person) = lets_in_again(facts) {
        return again(facts, person, proof);
    }
    let invitation = &facts.record.invitation;
    // Where there is no mailbox, none can be proven.
    let proof_required = facts.organization.policy.require_mailbox_proof && invitation.recipient.email().is_some();
    if facts.caller.is_none() && !mailed && proof_required {
        // Said before anything about accounts: a copied link tells nobody whether there is one.
        return Err(Rejection::MailboxProofRequired);
    }
    let joiner = match (&facts.caller, &facts.at_address) {
        (Some(person), _) if is_recipient(person, invitation) => {
            Joiner::Existing { person, mailbox_proven: mailed || person.account.email_verified }
        }
        (Some(_), _) => {
            let recipient_masked = masked(invitation);
            return Err(Rejection::WrongRecipient { recipient_masked });
        }
        (None, None) => Joiner::New { verified: mailed },
        (None, Some(_)) if !mailed => return Err(Rejection::SignInRequired),
        (None, Some(person)) if !person.account.email_verified => Joiner::Reclaimed { person },
        (None, Some(_)) if must_sign_in(facts) => return Err(Rejection::SignInRequired),
        (None, Some(person)) => Joiner::Existing { person, mailbox_proven: true },
    };
    let proven = match joiner {
        Joiner::New { verified } => verified,
        Joiner::Existing { mailbox_proven, .. } => mailbox_proven,
        Joiner::Reclaimed { .. } | Joiner::Again { .. } => true,
    };
    if proof_required && !proven {
        return Err(Rejection::MailboxProofRequired);
    }
    let member = match joiner {
        Joiner::New { .. } => None,
        Joiner::Existing { person, .. } | Joiner::Reclaimed { person } | Joiner::Again { person, .. } => {
            person.member.as_ref()
        }
    };
    if member.is_some_and(|member| !member.membership.active) {
        return Err(Rejection::MembershipInactive);
    }
    let of_nobodys_address = invitation.recipient.subject_id().is_some() && invitation.recipient.email().is_none();
    if of_nobodys_address && member.is_some() {
        // A member who uses the code of a record that is somebody else's would stand for that record from then on, and
        // whoever invites it again would sign in as the member.
        return Err(Rejection::AlreadyMember { switched_off: false });
    }
    Ok(joiner)
}

/// The invitation's address or number, masked.
pub fn masked(invitation: &Invitation) -> String {
    invitation.recipient.masked()
}

/// What becomes of a password in the request, once the link was found good. The caller hashes only then (rule 5.7).
///
/// # Errors
/// Every refusal of [`redeem`] that needs no password.
pub fn password_use(
    facts: &RedemptionFacts,
    proof: &Proof,
    details: Option<&NewAccount>,
    ring: &KeyRing,
    now: Timestamp,
) -> Result<PasswordUse, Rejection> {
    judge(facts, proof, ring, now)?;
    match joiner(facts, proof, stranger_of(details))? {
        Joiner::New { .. } if facts.username_taken => Err(Rejection::UsernameTaken),
        Joiner::New { .. } => name_of(facts, details).map(|_| PasswordUse::Chosen),
        Joiner::Reclaimed { .. } => Ok(PasswordUse::Chosen),
        Joiner::Existing { .. } | Joiner::Again { .. } => Ok(PasswordUse::Ignored),
    }
}

/// What the person is called: as they say, or as the record they come from, or as another issuer calls them.
fn name_of(facts: &RedemptionFacts, details: Option<&NewAccount>) -> Result<Option<String>, Rejection> {
    let said = details.and_then(|details| details.name.as_deref()).map(str::trim).filter(|name| !name.is_empty());
    let cut = |name: &str| name.chars().take(words::NAME).collect::<String>();
    let of_record = || Some(cut(&facts.subject.as_ref()?.subject.name));
    let of_issuer =
        || stranger_of(details)?.name.as_deref().map(|name| cut(name.trim())).filter(|name| !name.is_empty());
    match said.map(str::to_owned).or_else(of_record).or_else(of_issuer) {
        Some(name) => chosen_name(&name).map(Some),
        None if details.is_some_and(|details| details.may_be_nameless) => Ok(None),
        None => Err(Rejection::field("/account/name", FieldCode::Required, "say what you want to be called")),
    }
}

fn chosen_name(name: &str) -> Result<String, Rejection> {
    words::name("/account/name", name, words::NAME).map_err(words::refused)
}

/// Decides on a redemption: exactly the grant, or a refusal (rule 6.3).
///
/// # Errors
/// As [`judge`]; `WrongRecipient`, `SignInRequired`, `MailboxProofRequired` and `MembershipInactive` by who joins; the missing name and the taken
/// username of a new person.
pub fn redeem(
    facts: &RedemptionFacts,
    proof: &Proof,
    details: Option<&NewAccount>,
    password: Option<PasswordHash>,
    ring: &KeyRing,
    ctx: &Context<'_>,
) -> Result<RedeemDecided, Rejection> {
    judge(facts, proof, ring, ctx.now)?;
    let joiner = joiner(facts, proof, stranger_of(details))?;
    let mut plan = Plan { guards: vec![same_epoch(&facts.organization)], ..Plan::default() };
    let (account, session) = admit(&joiner, facts, details, password, &mut plan, ctx)?;
    let actor = Actor::invitee(Some(account.id));
    let member = join(&joiner, facts, account.id, actor, &mut plan, ctx);
    let member = MemberFacts { name: account.name.clone(), ..member };
    let old = &facts.record.invitation;
    let invitation = Invitation {
        state: State::Redeemed { at: ctx.now },
        uses: old.uses + 1,
        nonce: None,
        code_index: None,
        live_key: None,
        version: old.version + 1,
        ..old.clone()
    };
    let redemption = Redemption {
        id: RedemptionId::new(ctx.now, ctx.entropy),
        invitation_id: old.id,
        organization_id: old.organization_id,
        generation: proof.generation(old),
        account_id: account.id,
        membership_id: member.membership.id,
        redeemed_at: ctx.now,
    };
    let data = [("provenance", Fact::from(proof.name()))];
    let event = ctx.invitation_event(&invitation, EventKind::InvitationRedeemed, actor, data);
    plan.events.insert(0, super::Event { membership_id: Some(member.membership.id), ..event });
    plan.guards.push(Guard::InvitationAt(old.id, old.version));
    plan.cancel_messages.push((old.id, Reason::InvitationEnded));
    plan.invitations.push(InvitationChange::Update(Box::new(invitation.clone())));
    plan.redemption = Some(redemption.clone());
    plan.messages.extend(told(facts, &joiner, &invitation, account.id, ctx));
    Ok(RedeemDecided { plan, redemption, account, member, session, invitation })
}

/// Tells the inviter, where that is a member and somebody else. Whoever only signs in again joins nothing.
fn told(
    facts: &RedemptionFacts,
    joiner: &Joiner<'_>,
    invitation: &Invitation,
    account: AccountId,
    ctx: &Context<'_>,
) -> Option<OutboxMessage> {
    let ActorFacts::Member(inviter) = &facts.record.inviter else { return None };
    let reader = inviter.membership.account_id;
    let tells = inviter.membership.active && reader != account && !matches!(joiner, Joiner::Again { .. });
    tells.then(|| notice(NoticeKind::Accepted, invitation, reader, ctx.now, ctx.entropy))
}

/// The account part: a new one, an old one untouched, or one reclaimed from a squatter.
fn admit(
    joiner: &Joiner<'_>,
    facts: &RedemptionFacts,
    details: Option<&NewAccount>,
    password: Option<PasswordHash>,
    plan: &mut Plan,
    ctx: &Context<'_>,
) -> Result<(Account, Option<(CredentialText, Session)>), Rejection> {
    match joiner {
        Joiner::New { .. } if facts.username_taken => Err(Rejection::UsernameTaken),
        Joiner::New { verified } => {
            let account = new_account(facts, *verified, details, password, ctx)?;
            let (text, session) = Session::begin(account.id, ctx.now, ctx.entropy);
            let address = account.email_key().map(|key| UniqueKey::AccountAddress(key.to_owned()));
            let username = account.username.as_ref().map(|name| UniqueKey::Username(name.key().to_owned()));
            plan.guards.extend(address.into_iter().chain(username).map(Guard::Free));
            plan.directory.push(DirectoryChange::InsertAccount(Box::new(account.clone())));
            link(stranger_of(details), account.id, plan, ctx.now);
            plan.directory.push(DirectoryChange::InsertSession(Box::new(session.clone())));
            Ok((account, Some((text, session))))
        }
        Joiner::Existing { person, mailbox_proven } => {
            let mut account = person.account.clone();
            if *mailbox_proven && !account.email_verified {
                account.email_verified = true;
                update_account(&mut account, plan);
            }
            Ok((account, None))
        }
        Joiner::Again { person, own_mailbox } => {
            let mut account = person.account.clone();
            if facts.caller.is_some() {
                return Ok((account, None));
            }
            if *own_mailbox && !account.email_verified {
                // Whoever used the first code may have chosen a password in the place of who reads mail here (rule 5.6).
                account.email_verified = true;
                account.password = None;
                plan.directory.push(DirectoryChange::EndCredentials(account.id, ctx.now));
                update_account(&mut account, plan);
            } else {
                plan.guards.push(Guard::AccountAt(account.id, account.version));
            }
            let (text, mut session) = Session::begin(account.id, ctx.now, ctx.entropy);
            // Whoever reads the account's own mail may be anywhere who the account is; a code speaks for this
            // organisation alone, whose people may have seen it.
            session.organization_id = (!*own_mailbox).then_some(facts.organization.id);
            plan.directory.push(DirectoryChange::InsertSession(Box::new(session.clone())));
            plan.directory.push(DirectoryChange::NoteSignIn(account.id, ctx.now));
            Ok((account, Some((text, session))))
        }
        Joiner::Reclaimed { person } => {
            let mut account = person.account.clone();
            account.email_verified = true;
            account.password = password;
            if let Some(name) = details.and_then(|details| details.name.as_deref()).map(str::trim) {
                account.name = Some(chosen_name(name)?);
            }
            plan.directory.push(DirectoryChange::EndCredentials(account.id, ctx.now));
            update_account(&mut account, plan);
            // Nothing of before opens it any more: what the mailbox's owner comes with now is as good as a password.
            link(stranger_of(details), account.id, plan, ctx.now);
            Ok((account, None))
        }
    }
}

/// Lets an identity open the account from now on (rule 5.10). Of two redemptions of one identity the slower is decided anew,
/// by the account the faster one made.
fn link(stranger: Option<&VerifiedIdentity>, account: AccountId, plan: &mut Plan, now: Timestamp) {
    if let Some(identity) = stranger {
        plan.guards.push(Guard::Free(UniqueKey::Identity(identity.key())));
        plan.directory.push(DirectoryChange::LinkIdentity(Box::new(identity.linked_to(account, now))));
    }
}

fn update_account(account: &mut Account, plan: &mut Plan) {
    plan.guards.push(Guard::AccountAt(account.id, account.version));
    account.version += 1;
    plan.directory.push(DirectoryChange::UpdateAccount(Box::new(account.clone())));
}

fn new_account(
    facts: &RedemptionFacts,
    verified: bool,
    details: Option<&NewAccount>,
    password: Option<PasswordHash>,
    ctx: &Context<'_>,
) -> Result<Account, Rejection> {
    let invitation = &facts.record.invitation;
    let locale = details.and_then(|details| details.locale.clone()).or_else(|| invitation.locale.clone());
    let phone = details.and_then(|details| details.phone.clone());
    let email = invitation.recipient.email().cloned();
    Ok(Account {
        email_verified: verified && email.is_some(),
        phone: invitation.recipient.phone().cloned().or(phone),
        username: details.and_then(|details| details.username.clone()),
        name: name_of(facts, details)?,
        password,
        locale,
        profile: details.and_then(|details| details.profile.clone()),
        ..Account::new(AccountId::new(ctx.now, ctx.entropy), email, ctx.now)
    })
}
