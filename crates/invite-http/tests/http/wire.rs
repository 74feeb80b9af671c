//! The same application behind a real socket.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::support::Bench;
use actix_web::HttpServer;
use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Sends bytes and reads until the server closes or pauses for a second.
async fn exchange(address: SocketAddr, request: String) -> (String, bool) {
    let talk = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
        let closed = loop {
            match stream.read(&mut buffer) {
                Ok(0) => break true,
                Ok(count) => answer.extend(&buffer[..count]),
                Err(_paused) => break false,
            }
        };
        (String::from_utf8(answer).unwrap(), closed)
    };
    tokio::task::spawn_blocking(talk).await.unwrap()
}

#[actix_web::test]
async fn on_the_wire_head_has_no_body_and_a_body_too_large_closes_the_connection() {
    let bench = Bench::new().await;
    let api = bench.api.clone();
    let server = HttpServer::new(move || invite_http::app(api.clone())).workers(1).disable_signals();
    let server = server.bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);

    let (answer, closed) = exchange(address, "HEAD /livez HTTP/1.1\r\nHost: x\r\n\r\n".into()).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK") && head.to_lowercase().contains("content-length: 18"), "{head}");
    assert_eq!((body, closed), ("", false));

    let large =
        "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999999\r\n\r\n{";
    let (answer, closed) = exchange(address, large.into()).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("\"code\":\"body_too_large\""), "{answer}");
    assert!(closed, "{answer}");

    let absolute = "GET http://evil.example.org/v1/roles HTTP/1.1\r\nHost: evil.example.org\r\nHost: x\r\n\r\n";
    let (answer, _) = exchange(address, absolute.into()).await;
    assert!(!answer.contains("evil"), "{answer}");
    handle.stop(false).await;
}
