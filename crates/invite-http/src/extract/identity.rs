//! Who calls, and for which organisation.

use super::{call::Call, header, origin};
use crate::{
    dialect,
    problem::{Problem, table},
};
use actix_web::HttpRequest;
use invite_domain::{
    directory::{Account, Organization, Session},
    port::Principal,
    service::{Authenticated, Caller, DirectoryService},
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
            return Err(Problem::new(&table::UNAUTHENTICATED)
                .saying("The Authorization header has to be `Bearer` and an API key or a session."));
        }
        return Ok(Credential::Bearer(token.trim().to_owned()));
    }
    Ok(request.cookie(cookie).map_or(Credential::None, |cookie| Credential::Cookie(cookie.value().to_owned())))
}

/// A person who is signed in.
pub(crate) struct Person {
    pub(crate) account: Account,
    pub(crate) session: Session,
}

fn person(who: Authenticated) -> Result<Person, Problem> {
    match who {
        Authenticated::Person { account, session } => Ok(Person { account: *account, session: *session }),
        Authenticated::ApiKey(_) | Authenticated::Operator(_) => {
            Err(Problem::new(&table::FORBIDDEN)
                .saying("This is for a person who is signed in; a key is nobody's account."))
        }
    }
}

/// The person whose session a browser's cookie holds, if it still counts. A page treats any other as signed out.
pub(crate) async fn signed_in(
    request: &HttpRequest,
    directory: &DirectoryService,
    cookie: &str,
) -> Result<Option<Person>, Problem> {
    let Some(cookie) = request.cookie(cookie) else { return Ok(None) };
    let who = directory.authenticate(cookie.value()).await?;
    Ok(who.and_then(|who| person(who).ok()))
}

impl Call {
    /// Whoever calls. A credential that opens nothing is refused, not taken for none.
    pub(crate) async fn identity(&self) -> Result<Option<Authenticated>, Problem> {
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
            Credential::None => return Ok(None),
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
        let who = self.api.directory.authenticate(&text).await?;
        // A cookie is a session's place: a key in it is somewhere it does not belong (TOK-4).
        let misplaced = by_cookie && who.as_ref().is_some_and(|who| who.person().is_none());
        match who {
            Some(who) if !misplaced => {
                self.count(&who)?;
                Ok(Some(who))
            }
            _ => Err(Problem::new(&table::UNAUTHENTICATED)),
        }
    }

    /// Counts this request, once, against what its credential may make of the dialect in a second.
    fn count(&self, who: &Authenticated) -> Result<(), Problem> {
        let Some(dialect) = self.dialect.filter(|_| !self.counted.replace(true)) else { return Ok(()) };
        match dialect.throughput.and_then(|limit| limit(&self.api.config)) {
            Some(limit) => {
                let now = self.api.world.clock.now();
                self.api.throughput.count(dialect.name, who.principal(), limit, now)
            }
            None => Ok(()),
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
        Ok(self.caller_and_organization().await?.0)
    }

    /// Who calls for which organisation, and that organisation as it was read to find out.
    pub(crate) async fn caller_and_organization(&self) -> Result<(Caller, Organization), Problem> {
        let who = self.authenticated().await?;
        let named = self.organization_header()?;
        let organization = self.api.directory.effective_organization(&who, named).await?;
        let caller = Caller {
            principal: who.principal(),
            organization_id: organization.id,
            request_id: Some(self.request_id().to_owned()),
        };
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
