use super::{MAX_OBJECT, tag};
use crate::{
    dto::{organization::OrganizationAnswer, request::ChangeOrganizationRequest},
    endpoint::Endpoint,
    extract::{
        call::{Answer, Call, nothing, ok},
        fields::Fields,
    },
    problem::table,
};
use actix_web::http::Method;
use invite_domain::directory::{Accent, ChangeLimits, ChangeOrganization};

const LOGO: &str = "/v1/organization/logo";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let path = "/v1/organization";
    vec![
        Endpoint::new(Method::GET, path, "getOrganization", get)
            .about(tag::ORGANIZATION, "Get the organisation", "The effective organisation. Needs `organization.read`.")
            .answers::<OrganizationAnswer>(200, "The organisation."),
        Endpoint::new(Method::PATCH, path, "changeOrganization", change)
            .about(
                tag::ORGANIZATION,
                "Change the organisation",
                "Changes its settings. A changed slug leads on for 90 days. Limits narrow the operator's; seats are the operator's to set, and never fewer than are taken. Needs `organization.write`.",
            )
            .takes::<ChangeOrganizationRequest>()
            .answers::<OrganizationAnswer>(200, "The organisation as it is now.")
            .refuses(&[&table::SEATS_FULL]),
        Endpoint::new(Method::PUT, LOGO, "putLogo", put_logo)
            .about(
                tag::ORGANIZATION,
                "Set the logo",
                "The body is the image: a PNG of at most 48 KiB and 1 to 1024 pixels on each side. It takes the place of the one there was. Pages show it, and mails carry it. Needs `organization.write`.",
            )
            .takes_image()
            .answers::<OrganizationAnswer>(200, "The organisation as it is now."),
        Endpoint::new(Method::DELETE, LOGO, "removeLogo", remove_logo)
            .about(
                tag::ORGANIZATION,
                "Remove the logo",
                "Nothing changes where there is none. Needs `organization.write`.",
            )
            .answers_nothing("The organisation has no logo."),
    ]
}

async fn get(call: Call) -> Answer {
    let caller = call.caller().await?;
    let organization = call.api.directory.organization(&caller).await?;
    ok(&OrganizationAnswer::new(&organization, &call.api.config))
}

async fn change(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let mut fields = call.body().await?.fields;
    let mut command = ChangeOrganization {
        name: fields.present("name", |fields, name| fields.name(name, 200)),
        slug: fields.present("slug", Fields::slug),
        locale: fields.nullable("locale", Fields::locale),
        time_zone: fields.present("time_zone", |fields, name| fields.text(name, 1..=64)),
        profile: fields.present("profile", |fields, name| fields.opaque(name, MAX_OBJECT)),
        ..ChangeOrganization::default()
    };
    if let Some(mut policy) = fields.present("policy", Fields::child) {
        command.require_mailbox_proof = policy.present("require_mailbox_proof", Fields::boolean);
        command.require_verified_sign_in = policy.present("require_verified_sign_in", Fields::boolean);
        command.ttl_default = policy.nullable("ttl_default", Fields::time_to_live);
        command.ttl_max = policy.nullable("ttl_max", Fields::time_to_live);
        fields.absorb(policy);
    }
    if let Some(mut limits) = fields.present("limits", Fields::child) {
        // Bounds are the domain's to say; what is no number anywhere is refused here.
        let mut limit = |name: &str| limits.nullable(name, |limits, name| limits.integer(name, 1..=i64::MAX));
        command.limits = ChangeLimits {
            seats: limit("seats"),
            live: limit("live"),
            issues_hour: limit("issues_hour"),
            messages_recipient_day: limit("messages_recipient_day"),
        };
        fields.absorb(limits);
    }
    if let Some(mut look) = fields.present("look", Fields::child) {
        command.accent = look.nullable("accent", |look, name| look.checked(name, Accent::parse));
        fields.absorb(look);
    }
    fields.finish()?;
    let organization = call.api.directory.change_organization(&caller, command).await?;
    ok(&OrganizationAnswer::new(&organization, &call.api.config))
}

async fn put_logo(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let logo = call.image().await?;
    let organization = call.api.directory.set_logo(&caller, logo).await?;
    ok(&OrganizationAnswer::new(&organization, &call.api.config))
}

async fn remove_logo(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    call.no_body().await?;
    call.api.directory.remove_logo(&caller).await?;
    nothing()
}
