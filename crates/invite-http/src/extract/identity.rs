//! Who calls, and for which organisation.

use super::{call::Call, header, origin, quota};
use crate::{
    dialect,
    problem::{Problem, table},
};
use actix_web::{HttpRequest, http::header::COOKIE};
use invite_domain::{
    directory::{Account, Organization, Session, VerifiedIdentity},
    id::{AccountId, OrganizationId},
    port::Principal,
    service::{Authenticated, Bearer, Caller, DirectoryService},
};

/// The credential a request carries.
enum Credential {
    None,
    /// In the Authorization header.
    Bearer(String),
    /// In the session's cookie, which a browser sends by itself.
    Cookie(String),
}

fn credential(request: &HttpRequest, cookie: &str) -> Result<Credential, Problem> {
    if let Some(value) = header::single(request, "Authorization")? {
        let (scheme, token) = value.trim().split_once(' ').unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("bearer") || token.trim().is_empty() {
            return Err(Problem::new(&table::UNAUTHENTICATED).saying(
                "The Authorization header has to be `Bearer` and an API key, a session or a token of your issuer.",
            ));
        }
        return Ok(Credential::Bearer(token.trim().to_owned()));
    }
    // Most programs send none, and looking for one by name takes a list of all.
    if !request.headers().contains_key(COOKIE) {
        return Ok(Credential::None);
    }
    Ok(request.cookie(cookie).map_or(Credential::None, |cookie| Credential::Cookie(cookie.value().to_owned())))
}

/// A person who is signed in.
pub(crate) struct Person {
    pub(crate) account: Account,
    /// `None` for one who comes with a token of another issuer.
    pub(crate) session: Option<Session>,
}

impl Person {
    /// The session, for what is about sessions.
    pub(crate) fn session(self) -> Result<Session, Problem> {
        let none = || {
            Problem::new(&table::FORBIDDEN)
                .saying("This ends the session the request is made with, and there is none: a token of your issuer ends with its time.")
        };
        self.session.ok_or_else(none)
    }

    /// The organisation alone in which the person counts, where the session is of one.
    pub(crate) fn only_organization(&self) -> Option<OrganizationId> {
        self.session.as_ref().and_then(|session| session.organization_id)
    }
}

/// Who redeems an invitation, as far as the credential says.
#[derive(Default)]
pub(crate) struct Invitee {
    /// The person who is signed in.
    pub(crate) account: Option<AccountId>,
    /// Somebody without an account, as a token of another issuer proves.
    pub(crate) stranger: Option<Box<VerifiedIdentity>>,
}

fn person(who: Authenticated) -> Result<Person, Problem> {
    match who {
        Authenticated::Person { account, session } => Ok(Person { account: *account, session: Some(*session) }),
        Authenticated::Identified(account) => Ok(Person { account: *account, session: None }),
        Authenticated::ApiKey(_) | Authenticated::Operator(_) => {
            Err(Problem::new(&table::FORBIDDEN)
                .saying("This is for a person who is signed in; a key is nobody's account."))
        }
    }
}

/// A person with the session a browser's cookie holds.
pub(crate) struct SignedIn {
    pub(crate) account: Account,
    pub(crate) session: Session,
}

/// The person whose session a browser's cookie holds, if it still counts. A page treats any other as signed out; no cookie
/// ever holds a token of another issuer.
pub(crate) async fn signed_in(
    request: &HttpRequest,
    directory: &DirectoryService,
    cookie: &str,
) -> Result<Option<SignedIn>, Problem> {
    let Some(cookie) = request.cookie(cookie) else { return Ok(None) };
    Ok(match directory.authenticate(cookie.value()).await? {
        Some(Authenticated::Person { account, session }) => Some(SignedIn { account: *account, session: *session }),
        _ => None,
    })
}

impl Call {
    /// Whoever calls. A credential that opens nothing is refused, not taken for none.
    pub(crate) async fn identity(&self) -> Result<Option<Authenticated>, Problem> {
        match self.bearer().await? {
            None => Ok(None),
            Some(Bearer::Known(who)) => Ok(Some(who)),
            // Proven to be somebody, but nobody here.
            Some(Bearer::Stranger(_)) => Err(Problem::new(&table::UNAUTHENTICATED)),
        }
    }

    /// Who redeems. A key is nobody's account: it redeems like an anonymous caller, and so does a session of one
    /// organisation.
    pub(crate) async fn invitee(&self) -> Result<Invitee, Problem> {
        Ok(match self.bearer().await? {
            None => Invitee::default(),
            Some(Bearer::Known(who)) => Invitee { account: who.redeemer(), stranger: None },
            Some(Bearer::Stranger(identity)) => Invitee { account: None, stranger: Some(identity) },
        })
    }

    async fn bearer(&self) -> Result<Option<Bearer>, Problem> {
        let config = &self.api.config;
        let credential = match self.dialect {
            Some(dialect) => {
                // A cookie is our pages': the documented APIs know none.
                let found = dialect::credential(&self.request, dialect.carriers)?;
                found.map_or(Credential::None, Credential::Bearer)
            }
            None => credential(&self.request, config.session_cookie())?,
        };
        let (text, by_cookie) = match credential {
            Credential::None => {
                quota::of_network(&self.request, &self.api)?;
                return Ok(None);
            }
            Credential::Bearer(text) => (text, false),
            Credential::Cookie(text) => (text, true),
        };
        // Another site can make a browser send the cookie, but not say that it is ours.
        if by_cookie
            && !self.request.method().is_safe()
            && !origin::is_own(&self.request, config, origin::Proof::Cookie)
        {
            return Err(Problem::new(&table::FORBIDDEN).saying(
                "A session's cookie counts for changes from our own pages only. Use the Authorization header.",
            ));
        }
        let issuers_too = !by_cookie && self.dialect.is_none_or(|dialect| dialect::speaks_bearer(dialect.carriers));
        let who = if issuers_too {
            self.api.directory.authenticate_bearer(&text).await
        } else {
            self.api.directory.authenticate(&text).await.map(|who| who.map(Bearer::Known))
        };
        let who = match who {
            Ok(who) => who,
            // Whoever makes us ask an issuer in vain is counted as well.
            Err(error) => {
                quota::of_network(&self.request, &self.api)?;
                return Err(error.into());
            }
        };
        match who {
            // A cookie is a session's place: a key in it is somewhere it does not belong (TOK-4).
            Some(Bearer::Known(who)) if !by_cookie || who.person().is_some() => {
                quota::of_principal(&self.request, &self.api, self.dialect, who.principal())?;
                Ok(Some(Bearer::Known(who)))
            }
            Some(stranger @ Bearer::Stranger(_)) => {
                // Whoever it is has no account to count by.
                quota::of_network(&self.request, &self.api)?;
                Ok(Some(stranger))
            }
            _ => {
                // A guess, of nobody known.
                quota::of_network(&self.request, &self.api)?;
                Err(Problem::new(&table::UNAUTHENTICATED))
            }
        }
    }

    /// Whoever calls; nobody is refused.
    pub(crate) async fn authenticated(&self) -> Result<Authenticated, Problem> {
        self.identity().await?.ok_or_else(|| Problem::new(&table::UNAUTHENTICATED))
    }

    /// A person who is signed in.
    pub(crate) async fn person(&self) -> Result<Person, Problem> {
        person(self.authenticated().await?)
    }

    /// The operator of the installation; what anybody else may is the use case's to refuse.
    pub(crate) async fn principal(&self) -> Result<Principal, Problem> {
        Ok(self.authenticated().await?.principal())
    }

    /// Who calls for which organisation.
    pub(crate) async fn caller(&self) -> Result<Caller, Problem> {
        let who = self.authenticated().await?;
        let scope = self.api.directory.scope(&who, self.organization_header()?).await?;
        quota::of_organization(&self.request, &scope.limits);
        Ok(Caller { principal: who.principal(), organization_id: scope.organization_id, origin: self.origin() })
    }

    /// Who calls for which organisation, and that organisation as it was read to find out.
    pub(crate) async fn caller_and_organization(&self) -> Result<(Caller, Organization), Problem> {
        let who = self.authenticated().await?;
        let named = self.organization_header()?;
        let organization = self.api.directory.effective_organization(&who, named).await?;
        quota::of_organization(&self.request, &organization.limits);
        let caller = Caller { principal: who.principal(), organization_id: organization.id, origin: self.origin() };
        Ok((caller, organization))
    }

    /// What names the effective organisation: `X-Organization-Id`, or the header the operator configured beside it. Text
    /// as it came (id, slug or, for the dialects, a number); reading it is [`DirectoryService::effective_organization`]'s.
    fn organization_header(&self) -> Result<Option<&str>, Problem> {
        let ours = header::single(&self.request, "X-Organization-Id")?;
        match (&self.api.config.organization_header, ours) {
            (Some(other), None) => header::single(&self.request, other),
            (_, ours) => Ok(ours),
        }
    }
}
