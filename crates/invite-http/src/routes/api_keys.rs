use super::{MAX_SECONDS, tag};
use crate::{
    dto::{
        administration::{ApiKeyAnswer, NewApiKeyAnswer},
        request::{NewApiKeyRequest, RotateRequest},
    },
    endpoint::Endpoint,
    extract::call::{Answer, Call, json, nothing, ok},
    problem::table,
};
use actix_web::http::{Method, StatusCode};
use invite_domain::{access::NewApiKey, secret::CredentialText, service::ApiKeyView};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let all = "/v1/api-keys";
    vec![
        Endpoint::new(Method::GET, all, "listApiKeys", list)
            .about(tag::API_KEYS, "List API keys", "The organisation's keys that are not revoked, oldest first, without their secrets. Needs `api_keys.read`.")
            .lists::<ApiKeyAnswer>("A page of keys."),
        Endpoint::new(Method::POST, all, "createApiKey", create)
            .about(tag::API_KEYS, "Make an API key", "The key is in this answer only. It can do at most what you hold, now and at every use. Needs `api_keys.write`.")
            .takes::<NewApiKeyRequest>()
            .answers::<NewApiKeyAnswer>(201, "The key, with its secret.")
            .refuses(&[&table::GRANT_EXCEEDS_AUTHORITY]),
        Endpoint::new(Method::DELETE, "/v1/api-keys/{id}", "revokeApiKey", revoke)
            .about(tag::API_KEYS, "Revoke an API key", "It stops working at once, and its pending invitations are suspended. Needs `api_keys.write`.")
            .answers_nothing("It is revoked.")
            .refuses(&[&table::NOT_FOUND]),
        Endpoint::new(Method::POST, "/v1/api-keys/{id}/rotate", "rotateApiKey", rotate)
            .about(tag::API_KEYS, "Rotate an API key", "Gives the key a new secret; the old one works on for a while. Its invitations stay good. Needs `api_keys.write`.")
            .may_take::<RotateRequest>()
            .answers::<NewApiKeyAnswer>(200, "The key, with its new secret.")
            .refuses(&[&table::NOT_FOUND, &table::GRANT_EXCEEDS_AUTHORITY]),
    ]
}

fn document(view: &ApiKeyView) -> ApiKeyAnswer {
    ApiKeyAnswer::new(&view.key, &view.permissions)
}

fn with_secret(view: &ApiKeyView, text: &CredentialText) -> NewApiKeyAnswer {
    NewApiKeyAnswer { key: document(view), api_key: text.expose().to_owned() }
}

async fn list(call: Call) -> Answer {
    let caller = call.caller().await?;
    let paging = call.paging("api-keys", Some(caller.organization_id))?;
    let page = call.api.directory.api_keys(&caller, &paging.request).await?;
    ok(&call.page(&paging, page, |view| document(&view)))
}

async fn create(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let mut fields = call.body().await?.fields;
    let command = NewApiKey {
        name: fields.required("name", |fields, name| fields.name(name, 100)),
        permissions: fields.permissions("permissions"),
        expires_in: fields.time_to_live("expires_in"),
        id: None,
    };
    fields.finish()?;
    let (view, text) = call.api.directory.create_api_key(&caller, command).await?;
    Ok(json(StatusCode::CREATED, &with_secret(&view, &text)))
}

async fn revoke(call: Call) -> Answer {
    let caller = call.caller().await?;
    call.api.directory.revoke_api_key(&caller, call.id()?).await?;
    nothing()
}

async fn rotate(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let id = call.id()?;
    let mut fields = call.optional_body().await?.fields;
    let overlap = fields.integer("overlap", 0..=MAX_SECONDS);
    fields.finish()?;
    let (view, text) = call.api.directory.rotate_api_key(&caller, id, overlap, None).await?;
    ok(&with_secret(&view, &text))
}
