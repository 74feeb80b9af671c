//! How an organisation looks, for anybody: its logo by its content, and a style sheet of its colour.
//!
//! Both are named by what they are, so that they never change under their address and tell nobody whose they are.

use crate::{
    Api, HttpConfig, Problem,
    endpoint::{Paths, readable},
    extract::quota,
    problem::table,
    timely::timely,
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    web::{Data, Path},
};
use invite_domain::directory::{Accent, LogoId};

/// It never changes: a browser keeps it for a year.
const KEPT: &str = "public, max-age=31536000, immutable";
/// What is opened by itself loads and runs nothing.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

pub(crate) fn register(paths: &mut Paths) {
    paths.add("/logos/{file}", vec![(Method::GET, readable().to(timely(logo)))]);
    paths.add("/assets/accent/{file}", vec![(Method::GET, readable().to(accent))]);
}

/// Where a logo is.
pub(crate) fn url(config: &HttpConfig, id: &LogoId) -> String {
    config.absolute(&format!("/logos/{}.png", id.as_str()))
}

async fn logo((request, api, file): (HttpRequest, Data<Api>, Path<String>)) -> Result<HttpResponse, Problem> {
    quota::of_network(&request, &api)?;
    let id = file.strip_suffix(".png").and_then(LogoId::parse).ok_or_else(|| Problem::new(&table::NOT_FOUND))?;
    let logo = api.directory.logo(&id).await?.ok_or_else(|| Problem::new(&table::NOT_FOUND))?;
    Ok(HttpResponse::Ok()
        .content_type("image/png")
        .insert_header((header::CACHE_CONTROL, KEPT))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(logo.bytes().to_vec()))
}

async fn accent(file: Path<String>) -> Result<HttpResponse, Problem> {
    // One spelling of each colour: six digits in lower case.
    let accent = file.strip_suffix(".css").filter(|digits| !digits.bytes().any(|b| b.is_ascii_uppercase()));
    let accent = accent.and_then(|digits| Accent::parse(&format!("#{digits}")).ok());
    let accent = accent.ok_or_else(|| Problem::new(&table::NOT_FOUND))?;
    Ok(HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, KEPT))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(format!(":root{{--accent:{accent};--accent-ink:{}}}\n", accent.ink())))
}
