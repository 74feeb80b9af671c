use super::tag;
use crate::{
    dto::{
        redemption::{AcceptedAnswer, PasswordSetAnswer},
        request::{ConfirmRequest, ResetRequest},
    },
    endpoint::{Access, Endpoint},
    extract::{
        call::{Answer, Call, json, ok},
        fields::Fields,
    },
    problem::{self, Problem, table},
};
use actix_web::http::{Method, StatusCode};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let path = "/v1/password-resets";
    vec![
        Endpoint::new(Method::POST, path, "requestPasswordReset", request)
            .about(
                tag::ACCOUNT,
                "Ask for a password reset",
                "Mails a link to set a new password, where there is an account. The answer is the same in every case.",
            )
            .by(Access::Public)
            .takes::<ResetRequest>()
            .answers::<AcceptedAnswer>(202, "Noted."),
        Endpoint::new(Method::POST, "/v1/password-resets/confirm", "confirmPasswordReset", confirm)
            .about(
                tag::ACCOUNT,
                "Set a password by a link",
                "Sets the password by the token of an account's link and ends all sessions. The link works once.",
            )
            .by(Access::Public)
            .takes::<ConfirmRequest>()
            .answers::<PasswordSetAnswer>(200, "The password is set.")
            .refuses(&[&table::INVITATION_NOT_FOUND, &table::LINK_ENDED, &table::OVERLOADED]),
    ]
}

async fn request(mut call: Call) -> Answer {
    let mut fields = call.body().await?.fields;
    let email = fields.required("email", Fields::string);
    fields.finish()?;
    let (directory, id) = (call.api.directory.clone(), call.request_id().to_owned());
    let client = call.client();
    // Only an account that exists costs a mail, so the work comes after the answer, whose time then tells nothing.
    call.api.background.begin(async move {
        if let Err(error) = directory.request_password_reset(&email, client.as_deref()).await {
            problem::log(&Problem::from(error), &id);
        }
    })?;
    Ok(json(StatusCode::ACCEPTED, &AcceptedAnswer { status: "accepted" }))
}

async fn confirm(mut call: Call) -> Answer {
    let mut fields = call.body().await?.fields;
    let token = fields.required("token", Fields::string);
    let password = fields.must("password", Fields::password);
    fields.finish()?;
    // Whatever kept it from being read was an error, so there is one here.
    let password = password.ok_or_else(|| Problem::new(&table::INVALID_INPUT))?;
    let account = call.api.directory.confirm_account_link(&token, password).await?;
    ok(&PasswordSetAnswer { account: (&account).into() })
}
