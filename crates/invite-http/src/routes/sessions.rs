use super::tag;
use crate::{
    dto::{
        redemption::{SessionAnswer, SignedInAnswer},
        request::SignInRequest,
    },
    endpoint::{Access, Endpoint},
    extract::{
        call::{Answer, Call, json, nothing},
        fields::Fields,
    },
    problem::{Problem, table},
};
use actix_web::http::{Method, StatusCode};
use invite_domain::{email::EmailAddress, service::SignIn};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let path = "/v1/sessions";
    vec![
        Endpoint::new(Method::POST, path, "signIn", sign_in)
            .about(
                tag::ACCOUNT,
                "Sign in",
                "Begins a session. Wrong passwords are counted, alike for accounts that do not exist.",
            )
            .by(Access::Public)
            .takes::<SignInRequest>()
            .answers::<SignedInAnswer>(201, "A session.")
            .refuses(&[&table::BAD_CREDENTIALS, &table::TOO_MANY_ATTEMPTS, &table::OVERLOADED]),
        Endpoint::new(Method::DELETE, "/v1/sessions/current", "signOut", sign_out)
            .about(tag::ACCOUNT, "Sign out", "Ends the session the request is made with. A JWT is no session: 403.")
            .by(Access::Person)
            .answers_nothing("The session has ended."),
        Endpoint::new(Method::DELETE, path, "signOutEverywhere", sign_out_everywhere)
            .about(tag::ACCOUNT, "Sign out everywhere", "Ends all sessions of the account.")
            .by(Access::Person)
            .answers_nothing("All sessions have ended."),
    ]
}

async fn sign_in(mut call: Call) -> Answer {
    let mut fields = call.body().await?.fields;
    let email = fields.required("email", Fields::string);
    let password = fields.must("password", Fields::password);
    fields.finish()?;
    // Whatever kept it from being read was an error, so there is one here.
    let password = password.ok_or_else(|| Problem::new(&table::INVALID_INPUT))?;
    let command = SignIn { login: address(email), password, renewable: false, client: call.client() };
    let signed_in = call.api.directory.sign_in(command).await?;
    let session = SessionAnswer { token: signed_in.text.expose().to_owned(), expires_at: signed_in.session.expires_at };
    Ok(json(StatusCode::CREATED, &SignedInAnswer { session, account: (&signed_in.account).into() }))
}

/// What is no address is nobody's here, though it may be somebody's phone number or username: the field is called `email`.
/// No login has a control character in it, so such a text costs the work of a wrong password and never is the right one.
fn address(text: String) -> String {
    if EmailAddress::parse(text.trim()).is_ok() { text } else { format!("\0{text}") }
}

async fn sign_out(call: Call) -> Answer {
    let person = call.person().await?;
    call.api.directory.sign_out(person.session()?.id).await?;
    nothing()
}

async fn sign_out_everywhere(call: Call) -> Answer {
    let person = call.person().await?;
    match &person.session {
        Some(session) => call.api.directory.sign_out_everywhere(session).await?,
        None => call.api.directory.end_sessions(person.account.id).await?,
    }
    nothing()
}
