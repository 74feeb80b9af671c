//! An invitation: sent by somebody who may, looked at by who holds its code.

use super::{DEAD, DIALECT, ORGANIZATION, accept::CODE, request::InviteRequest, role, scope, target::Target};
use crate::{
    dialect::{fault::Fault, reader::Reader},
    endpoint::{Access, Endpoint, Parameter},
    extract::{
        call::{Answer, Call, json, ok},
        origin,
    },
    problem::{Problem, table},
};
use actix_web::http::{Method, StatusCode};
use invite_domain::{
    access::{Grant, Held, Role},
    directory::Organization,
    email::EmailAddress,
    invitation::{Recipient, Rejection},
    service::{Issue, Preview, Secret, ServiceError},
};
use serde::Serialize;
use utoipa::ToSchema;

/// The most carriers an account can be shown; metadata are bounded.
const CARRIERS: usize = 256;

const QUERY: [Parameter; 2] = [
    Parameter {
        name: "code",
        description: "The token of the mailed link, or a short code. A short code is not found where another site's page asks.",
        kind: "string",
        example: "",
    },
    ORGANIZATION,
];

/// An invitation as its holder sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = GategoInvitation)]
struct InviteAnswer {
    /// The number of the organisation that invites.
    #[schema(example = 42)]
    organization_id: i64,
    /// What the person who invites is called, or else the organisation.
    #[schema(example = "Olivia Owner")]
    sender_account_name: String,
    /// What the organisation is called.
    #[schema(example = "Acme")]
    sender_account_organization_name: String,
    /// The carriers the account will see.
    #[schema(example = json!([42]))]
    target_can_view_carrier_ids: Vec<i64>,
    /// Whether it will see other carriers too.
    #[schema(example = false)]
    target_can_view_other_carriers: bool,
    /// The carrier it will be of.
    #[schema(example = 42)]
    target_carrier_id: Option<i64>,
    /// The address it will have; null for an invitation without one.
    #[schema(example = "ada@example.org")]
    target_email: Option<String>,
    /// The role it will have: one of the eleven.
    #[schema(example = "YARD_ADMIN")]
    target_role: &'static str,
    /// The yard it will be for.
    #[schema(example = 42)]
    target_yard_id: Option<i64>,
    /// Not known here.
    #[schema(example = json!(null))]
    target_yard_name: Option<String>,
}

impl InviteAnswer {
    fn new(
        organization: &Organization,
        sender: Option<&str>,
        email: Option<&EmailAddress>,
        role: Option<&Role>,
        grant: &Grant,
    ) -> Self {
        let target = Target::of(grant.metadata.as_deref());
        let held: Held = grant.held(role);
        Self {
            organization_id: organization.number,
            sender_account_name: sender.unwrap_or(&organization.name).to_owned(),
            sender_account_organization_name: organization.name.clone(),
            target_can_view_carrier_ids: target.can_view_carrier_ids,
            target_can_view_other_carriers: target.can_view_other_carriers,
            target_carrier_id: target.carrier_id,
            target_email: email.map(|email| email.as_str().to_owned()),
            target_role: role::named(role, &held).name(),
            target_yard_id: target.yard_id,
            target_yard_name: None,
        }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, "/api/public/account/invite", "gategoGetInvite", get)
            .about(
                DIALECT.name,
                "Look at an invitation",
                "What the holder of a code is offered. Changes nothing.",
            )
            .by(Access::Public)
            .filtered(&QUERY)
            .needs(&["code"])
            .secret_in_query(&["code"])
            .answers::<InviteAnswer>(200, "The offer.")
            .refuses(&DEAD)
            .refuses(&[&table::INVALID_INPUT, &table::INVALID_QUERY, &table::INVALID_HEADER]),
        Endpoint::new(Method::POST, "/api/account/invite", "gategoInvite", invite)
            .about(
                DIALECT.name,
                "Invite somebody",
                "Makes an invitation and queues its mail. Needs `invitations.issue`, and everything the role holds. An organisation gets the eleven roles with its first invitation.",
            )
            .takes::<InviteRequest>()
            .answers::<InviteAnswer>(201, "The invitation, without its code: that is in the mail.")
            .refuses(&[&table::GRANT_EXCEEDS_AUTHORITY, &table::ALREADY_INVITED, &table::ALREADY_MEMBER]),
    ]
}

async fn get(call: Call) -> Answer {
    let code = call.query.text("code")?.map(str::trim).unwrap_or_default();
    if code.is_empty() || code.chars().count() > CODE {
        return Err(Problem::told("code", "invalid", "code: send the code of the invitation."));
    }
    let secret = scope::secret(&call, code)?;
    // An image on any page could spend its visitors' attempts, who never asked for it.
    if matches!(secret, Secret::Code { .. }) && origin::is_foreign(&call.request, &call.api.config) {
        return Err(Problem::new(&table::INVITATION_NOT_FOUND));
    }
    // The code is the credential; a header that comes along is not looked at.
    let preview = call.api.invitations.preview(&secret, None, call.client().as_deref()).await?;
    ok(&offered(&preview))
}

fn offered(preview: &Preview) -> InviteAnswer {
    let (role, grant) = (preview.role.as_ref(), &preview.grant);
    InviteAnswer::new(&preview.organization, preview.inviter_name.as_deref(), preview.recipient.email(), role, grant)
}

async fn invite(mut call: Call) -> Answer {
    let (caller, organization) = scope::caller(&call).await?;
    let mut body = call.spoken_body().await?;
    let email = body.must("email", Reader::email);
    let role = body.must("role", |body, name| body.choice(name, &role::choices()));
    let any = i64::MIN..=i64::MAX;
    let target = Target {
        carrier_id: body.integer("carrier_id", any.clone()),
        yard_id: body.integer("yard_id", any),
        can_view_carrier_ids: body.integers("can_view_carrier_ids", CARRIERS).unwrap_or_default(),
        can_view_other_carriers: body.boolean("can_view_other_carriers").unwrap_or_default(),
    };
    let needs = |needed: bool, given: Option<i64>| needed && given.is_none();
    if role.is_some_and(|role| needs(role.needs_yard(), target.yard_id)) {
        body.wrong("yard_id", Fault::Required);
    }
    if role.is_some_and(|role| needs(role.needs_carrier(), target.carrier_id)) {
        body.wrong("carrier_id", Fault::Required);
    }
    body.finish()?;
    // Whatever kept them from being read was a fault, so there is one here.
    let missing = || Problem::new(&table::INVALID_INPUT);
    let (email, role) = (email.ok_or_else(missing)?, role.ok_or_else(missing)?);
    let role = call.api.directory.gatego_role(&caller, role).await?;
    let grant = Grant { role_id: Some(role.id), metadata: Some(target.metadata()), ..Grant::default() };
    let command = Issue::new(Recipient::Email(email), grant);
    let record = call.api.invitations.issue(&caller, command, None).await.map_err(refused)?.record;
    let (sender, invitation) = (record.inviter.person_name(), &record.invitation);
    let email = invitation.recipient.email();
    let answer = InviteAnswer::new(&organization, sender, email, record.role.as_ref(), &invitation.grant);
    Ok(json(StatusCode::CREATED, &answer))
}

fn refused(error: ServiceError) -> Problem {
    let operators = matches!(error, ServiceError::Rejected(Rejection::OperatorOnly));
    let problem = Problem::from(error).renamed(&[("/recipient/email", "email")]);
    if operators {
        problem.saying("This role is the operator's of the installation to give. Choose another one.")
    } else {
        problem
    }
}
