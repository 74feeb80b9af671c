//! A bare actix-web service: 200 on `/readyz`, nothing else.
//! `bare PORT_FILE` listens on a free loopback port and writes its address to `PORT_FILE`.

use actix_web::{App, HttpResponse, HttpServer, web};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let port_file = std::env::args_os().nth(1).ok_or_else(|| std::io::Error::other("usage: bare PORT_FILE"))?;
    let server = HttpServer::new(|| App::new().route("/readyz", web::get().to(HttpResponse::Ok)))
        .bind(("127.0.0.1", 0))?;
    let address = server.addrs().into_iter().next().ok_or_else(|| std::io::Error::other("no address"))?;
    let server = server.run();
    std::fs::write(port_file, format!("{address}\n"))?;
    server.await
}
