//! Signing in, renewing a session, and who one is.

use super::{
    DIALECT,
    account::AccountAnswer,
    request::{LoginRequest, RefreshRequest},
    scope,
};
use crate::{
    dialect::{
        self,
        fault::{Fault, Faulty},
    },
    endpoint::{Access, Endpoint},
    extract::call::{Answer, Call, ok},
    problem::{Problem, table},
};
use actix_web::http::Method;
use invite_domain::{
    access::MemberFacts,
    directory::{Account, ApiKey, Organization, Password},
    invitation::Rejection,
    secret::CredentialText,
    service::{Authenticated, Caller, ServiceError, SignIn, SignedIn},
};
use serde::Serialize;
use utoipa::ToSchema;

/// The most characters of a name to sign in with that are looked at: those of an address.
const LOGIN: usize = 320;

/// A session.
#[derive(Serialize, ToSchema)]
#[schema(as = GategoTokens)]
#[expect(clippy::struct_field_names, reason = "they are called so on the wire")]
struct Tokens {
    /// The session, to be sent as `Authorization: Bearer`. Nobody can read anything in it.
    #[schema(example = "ivs_…")]
    access_token: String,
    /// The same. It is no JWT.
    #[schema(example = "ivs_…")]
    jwt_token: String,
    /// Begins the next session, once.
    #[schema(example = "ivr_…")]
    refresh_token: String,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, "/auth/login", "gategoLogin", login)
            .about(
                DIALECT.name,
                "Sign in",
                "Begins a session. Wrong passwords are counted, alike for accounts that do not exist.",
            )
            .by(Access::Public)
            .takes::<LoginRequest>()
            .answers::<Tokens>(200, "A session.")
            .refuses(&[&table::BAD_CREDENTIALS, &table::TOO_MANY_ATTEMPTS, &table::OVERLOADED]),
        Endpoint::new(Method::POST, "/auth/refresh-token", "gategoRefreshToken", refresh)
            .about(
                DIALECT.name,
                "Renew a session",
                "Begins a new session in the place of the one the refresh token came with; both texts of that are used up.",
            )
            .by(Access::Public)
            .may_take::<RefreshRequest>()
            .answers::<Tokens>(200, "The new session.")
            .refuses(&[&table::BAD_CREDENTIALS, &table::UNAUTHENTICATED, &table::INVALID_HEADER]),
        Endpoint::new(Method::GET, "/api/account/me", "gategoMe", me)
            .about(
                DIALECT.name,
                "Get one's own account",
                "The account of who is signed in, or of who made the API key, which needs `members.read` for that. A person in several organisations who names none sees the place in the oldest.",
            )
            .answers::<AccountAnswer>(200, "The account."),
    ]
}

fn tokens(signed_in: &SignedIn) -> Tokens {
    let text = signed_in.text.expose();
    let refresh = signed_in.refresh.as_ref().map_or("", CredentialText::expose);
    Tokens { access_token: text.to_owned(), jwt_token: text.to_owned(), refresh_token: refresh.to_owned() }
}

async fn login(mut call: Call) -> Answer {
    let mut body = call.spoken_body().await?;
    let login = body.required("username", |body, name| body.text(name, LOGIN));
    let password = Password::typed(body.required("password", |body, name| body.string(name, usize::MAX)));
    body.finish()?;
    let command = SignIn { login, password, renewable: true, client: call.client() };
    ok(&tokens(&call.api.directory.sign_in(command).await?))
}

/// The documentation prints no body: the token is taken from the body, or else from where a credential stands.
async fn refresh(mut call: Call) -> Answer {
    let mut body = call.spoken_body().await?;
    let said = body.text("refresh_token", usize::MAX);
    body.finish()?;
    let token = match said {
        Some(token) => token,
        None => match dialect::credential(&call.request, DIALECT.carriers)? {
            Some(token) => token,
            None => return Err(Problem::faulty(vec![Faulty::new("refresh_token", Fault::Required)])),
        },
    };
    let signed_in = call.api.directory.renew_session(token.trim()).await.map_err(|error| {
        let used = matches!(error, ServiceError::Rejected(Rejection::BadCredentials));
        let problem = Problem::from(error);
        if used { problem.saying("The refresh token is unknown, used or expired. Sign in again.") } else { problem }
    })?;
    ok(&tokens(&signed_in))
}

async fn me(call: Call) -> Answer {
    let who = call.authenticated().await?;
    match &who {
        Authenticated::Person { account, .. } | Authenticated::Identified(account) => {
            let named = scope::named(&call)?;
            let me = call.api.directory.me(account.id, who.only_organization()).await?;
            let place = match named {
                Some(_) => {
                    let organization = call.api.directory.effective_organization(&who, named).await?;
                    me.memberships.iter().find(|(own, _)| own.id == organization.id)
                }
                None => me.memberships.first(),
            };
            let (organization, view) = place.ok_or_else(|| Problem::new(&table::MEMBERSHIP_INACTIVE))?;
            let ring = call.api.world.keys.ring();
            let member = &view.record.member;
            ok(&AccountAnswer::new(&me.account, organization, Some(member), &me.memberships, &ring))
        }
        Authenticated::ApiKey(key) => {
            let organization = call.api.directory.effective_organization(&who, None).await?;
            let (account, member) = maker(&call, &who, key, &organization).await?;
            // A key is of one organisation, and so is all it sees.
            let places = call.api.directory.me(account.id, Some(organization.id)).await?.memberships;
            let ring = call.api.world.keys.ring();
            ok(&AccountAnswer::new(&account, &organization, Some(&member), &places, &ring))
        }
        Authenticated::Operator(_) => {
            Err(Problem::new(&table::FORBIDDEN).saying("An operator key is nobody's account."))
        }
    }
}

/// Who made a key.
async fn maker(
    call: &Call,
    who: &Authenticated,
    key: &ApiKey,
    organization: &Organization,
) -> Result<(Account, MemberFacts), Problem> {
    let caller = Caller { principal: who.principal(), organization_id: organization.id, origin: call.origin() };
    let record = call.api.directory.member(&caller, key.created_by).await?.record;
    Ok((record.account, record.member))
}
