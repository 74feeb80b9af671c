//! A bare actix-web service: 200 on `/readyz`, and where asked for answers it was given, the same for every request.
//!
//! `bare PORT_FILE [ANSWERS]` listens on a free loopback port and writes its address to `PORT_FILE`. `ANSWERS` is a JSON
//! file: a list of what is answered where, after the body of the request was parsed as the service parses it.

use actix_web::{
    App, HttpResponse, HttpServer,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    web,
};
use serde::Deserialize;
use std::{io, sync::Arc};

/// What is answered to one kind of request.
#[derive(Deserialize)]
struct Answer {
    /// What the request's body holds.
    parses: Body,
    path: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Body {
    Nothing,
    Invitation,
    Redemption,
    Token,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invitation {
    recipient: Recipient,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipient {
    email: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redemption {
    token: String,
    account: Account,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    token: String,
}

/// An answer, ready to be sent.
struct Ready {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: web::Bytes,
}

impl Ready {
    /// The answer, where what was parsed is not empty: so that nothing parses it away.
    fn to(&self, parsed: &str) -> HttpResponse {
        if parsed.is_empty() {
            return HttpResponse::UnprocessableEntity().finish();
        }
        let mut response = HttpResponse::build(self.status);
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response.body(self.body.clone())
    }
}

fn ready(answer: &Answer) -> io::Result<Ready> {
    let status = StatusCode::from_u16(answer.status).map_err(io::Error::other)?;
    let body = web::Bytes::copy_from_slice(answer.body.as_bytes());
    let headers = answer.headers.iter().map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(io::Error::other)?;
        Ok((name, HeaderValue::from_str(value).map_err(io::Error::other)?))
    });
    Ok(Ready { status, headers: headers.collect::<io::Result<_>>()?, body })
}

fn route(parses: Body, ready: &Arc<Ready>) -> actix_web::Route {
    let ready = Arc::clone(ready);
    match parses {
        Body::Nothing => web::get().to(move || {
            let ready = Arc::clone(&ready);
            async move { ready.to("nothing") }
        }),
        Body::Invitation => web::post().to(move |body: web::Json<Invitation>| {
            let ready = Arc::clone(&ready);
            async move { ready.to(&body.recipient.email) }
        }),
        Body::Redemption => web::post().to(move |body: web::Json<Redemption>| {
            let ready = Arc::clone(&ready);
            async move { ready.to(if body.account.name.is_empty() { "" } else { &body.token }) }
        }),
        Body::Token => web::post().to(move |body: web::Json<Token>| {
            let ready = Arc::clone(&ready);
            async move { ready.to(&body.token) }
        }),
    }
}

#[actix_web::main]
async fn main() -> io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let port_file = arguments.next().ok_or_else(|| io::Error::other("usage: bare PORT_FILE [ANSWERS]"))?;
    let answers: Vec<Answer> = match arguments.next() {
        Some(file) => serde_json::from_slice(&std::fs::read(file)?)?,
        None => Vec::new(),
    };
    let routes = answers.iter().map(|answer| Ok((answer.path.clone(), answer.parses, Arc::new(ready(answer)?))));
    let routes: Vec<(String, Body, Arc<Ready>)> = routes.collect::<io::Result<_>>()?;
    let server = HttpServer::new(move || {
        let mut app = App::new().route("/readyz", web::get().to(HttpResponse::Ok));
        for (path, parses, ready) in &routes {
            app = app.route(path, route(*parses, ready));
        }
        app
    })
    .bind(("127.0.0.1", 0))?;
    let address = server.addrs().into_iter().next().ok_or_else(|| io::Error::other("no address"))?;
    let server = server.run();
    std::fs::write(port_file, format!("{address}\n"))?;
    server.await
}
