//! Redeem: use an invitation (rules part 5).

use super::{
    Context, DirectoryChange, EventKind, Fact, FieldCode, Guard, Invitation, InvitationChange, Plan, Reason,
    Redemption, Rejection, State, UniqueKey, context::same_epoch, issue::grant_facts, judge::judge,
};
use crate::{
    access::{Actor, MemberFacts},
    directory::{Account, Membership, Password, PasswordHash, Session, words},
    email::EmailAddress,
    id::{AccountId, MembershipId, RedemptionId},
    port::{AccountFacts, RedemptionFacts},
    secret::{
        credential::CredentialText,
        keyring::KeyRing,
        token::{ParsedToken, Provenance},
    },
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
    /// The session of a person whose account the redemption makes.
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
    token: &ParsedToken,
    ring: &KeyRing,
    now: Timestamp,
) -> Result<Next, Rejection> {
    judge(facts, token, ring, now)?;
    let mailed = token.provenance() == Provenance::Mailed;
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

fn must_sign_in(facts: &RedemptionFacts) -> bool {
    facts.organization.policy.require_verified_sign_in
}

fn is_recipient(person: &AccountFacts, invitation: &Invitation) -> bool {
    invitation.recipient.email().is_some_and(|address| *address == person.account.email)
}

/// Who would join (rules 5.4 to 5.6).
fn joiner<'a>(facts: &'a RedemptionFacts, token: &ParsedToken) -> Result<Joiner<'a>, Rejection> {
    let invitation = &facts.record.invitation;
    let mailed = token.provenance() == Provenance::Mailed;
    let proof_required = facts.organization.policy.require_mailbox_proof;
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
        Joiner::Reclaimed { .. } => true,
    };
    if proof_required && !proven {
        return Err(Rejection::MailboxProofRequired);
    }
    let member = match joiner {
        Joiner::New { .. } => None,
        Joiner::Existing { person, .. } | Joiner::Reclaimed { person } => person.member.as_ref(),
    };
    if member.is_some_and(|member| !member.membership.active) {
        return Err(Rejection::MembershipInactive);
    }
    Ok(joiner)
}

/// The invitation's address, masked.
pub fn masked(invitation: &Invitation) -> String {
    invitation.recipient.email().map(EmailAddress::masked).unwrap_or_default()
}

/// What becomes of a password in the request, once the link was found good. The caller hashes only then (rule 5.7).
///
/// # Errors
/// Every refusal of [`redeem`] that needs no password.
pub fn password_use(
    facts: &RedemptionFacts,
    token: &ParsedToken,
    details: Option<&NewAccount>,
    ring: &KeyRing,
    now: Timestamp,
) -> Result<PasswordUse, Rejection> {
    judge(facts, token, ring, now)?;
    match joiner(facts, token)? {
        Joiner::New { .. } => name_of(details).map(|_| PasswordUse::Chosen),
        Joiner::Reclaimed { .. } => Ok(PasswordUse::Chosen),
        Joiner::Existing { .. } => Ok(PasswordUse::Ignored),
    }
}

fn name_of(details: Option<&NewAccount>) -> Result<String, Rejection> {
    let missing = || Rejection::field("/account/name", FieldCode::Required, "say what you want to be called");
    let name = details.and_then(|details| details.name.as_deref()).map(str::trim).ok_or_else(missing)?;
    if name.is_empty() {
        return Err(missing());
    }
    chosen_name(name)
}

fn chosen_name(name: &str) -> Result<String, Rejection> {
    words::name("/account/name", name, words::NAME).map_err(words::refused)
}

/// Decides on a redemption: exactly the grant, or a refusal (rule 6.3).
///
/// # Errors
/// As [`judge`]; `WrongRecipient`, `SignInRequired`, `MailboxProofRequired` and `MembershipInactive` by who joins; the missing name of a
/// new person.
pub fn redeem(
    facts: &RedemptionFacts,
    token: &ParsedToken,
    details: Option<&NewAccount>,
    password: Option<PasswordHash>,
    ring: &KeyRing,
    ctx: &Context<'_>,
) -> Result<RedeemDecided, Rejection> {
    judge(facts, token, ring, ctx.now)?;
    let joiner = joiner(facts, token)?;
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
        live_key: None,
        version: old.version + 1,
        ..old.clone()
    };
    let redemption = Redemption {
        id: RedemptionId::new(ctx.now, ctx.entropy),
        invitation_id: old.id,
        organization_id: old.organization_id,
        generation: token.generation(),
        account_id: account.id,
        membership_id: member.membership.id,
        redeemed_at: ctx.now,
    };
    let data = [("provenance", Fact::from(provenance_name(token.provenance())))];
    let event = ctx.invitation_event(&invitation, EventKind::InvitationRedeemed, actor, data);
    plan.events.insert(0, super::Event { membership_id: Some(member.membership.id), ..event });
    plan.guards.push(Guard::InvitationAt(old.id, old.version));
    plan.cancel_messages.push((old.id, Reason::InvitationEnded));
    plan.invitations.push(InvitationChange::Update(Box::new(invitation.clone())));
    plan.redemption = Some(redemption.clone());
    Ok(RedeemDecided { plan, redemption, account, member, session, invitation })
}

const fn provenance_name(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Mailed => "mailed",
        Provenance::Revealed => "revealed",
        Provenance::Answer => "answer",
        Provenance::Export => "export",
    }
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
        Joiner::New { verified } => {
            let account = new_account(facts, *verified, details, password, ctx)?;
            let (text, session) = Session::begin(account.id, ctx.now, ctx.entropy);
            plan.guards.push(Guard::Free(UniqueKey::AccountAddress(account.email.key().to_owned())));
            plan.directory.push(DirectoryChange::InsertAccount(Box::new(account.clone())));
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
        Joiner::Reclaimed { person } => {
            let mut account = person.account.clone();
            account.email_verified = true;
            account.password = password;
            if let Some(name) = details.and_then(|details| details.name.as_deref()).map(str::trim) {
                account.name = Some(chosen_name(name)?);
            }
            plan.directory.push(DirectoryChange::EndCredentials(account.id, ctx.now));
            update_account(&mut account, plan);
            Ok((account, None))
        }
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
    let email = invitation.recipient.email().ok_or(Rejection::NotGenuine)?;
    let locale = details.and_then(|details| details.locale.clone()).or_else(|| invitation.locale.clone());
    Ok(Account {
        id: AccountId::new(ctx.now, ctx.entropy),
        number: 0,
        email: email.clone(),
        email_verified: verified,
        name: Some(name_of(details)?),
        password,
        locale,
        created_at: ctx.now,
        version: 1,
    })
}

/// The membership part: a new one with exactly the grant, or the union with what the person has (rule 6.3).
fn join(
    joiner: &Joiner<'_>,
    facts: &RedemptionFacts,
    account_id: AccountId,
    actor: Actor,
    plan: &mut Plan,
    ctx: &Context<'_>,
) -> MemberFacts {
    let grant = &facts.record.invitation.grant;
    let granted = facts.record.role.as_ref();
    let existing = match joiner {
        Joiner::New { .. } => None,
        Joiner::Existing { person, .. } | Joiner::Reclaimed { person } => person.member.as_ref(),
    };
    let organization_id = facts.organization.id;
    let (member, kind) = if let Some(old) = existing {
        let mut membership = old.membership.with_grant(old.role.as_ref(), grant, granted);
        let role = if membership.role_id == old.membership.role_id { old.role.clone() } else { granted.cloned() };
        plan.guards.push(Guard::MembershipAt(membership.id, membership.version));
        membership.version += 1;
        plan.directory.push(DirectoryChange::UpdateMembership(Box::new(membership.clone())));
        (MemberFacts { membership, role, name: None }, EventKind::MembershipChanged)
    } else {
        let membership = Membership {
            id: MembershipId::new(ctx.now, ctx.entropy),
            number: 0,
            organization_id,
            account_id,
            role_id: grant.role_id,
            permissions: grant.permissions.clone(),
            active: true,
            default_rate: grant.default_rate,
            metadata: grant.metadata.clone(),
            subject_id: None,
            created_at: ctx.now,
            version: 1,
        };
        plan.guards.push(Guard::Free(UniqueKey::Membership(organization_id, account_id)));
        plan.directory.push(DirectoryChange::InsertMembership(Box::new(membership.clone())));
        (MemberFacts { membership, role: granted.cloned(), name: None }, EventKind::MembershipCreated)
    };
    let membership = &member.membership;
    let event =
        ctx.membership_event(organization_id, membership.id, kind, actor, membership.version, grant_facts(grant));
    plan.events.push(super::Event { invitation_id: Some(facts.record.invitation.id), ..event });
    member
}
