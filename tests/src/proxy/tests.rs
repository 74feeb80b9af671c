use super::*;
use crate::smtp::SmtpServer;
use std::net::Ipv4Addr;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A server that answers every piece with the same piece.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let (mut reader, mut writer) = stream.split();
                let _ = tokio::io::copy(&mut reader, &mut writer).await;
            });
        }
    });
    address
}

async fn through(mode: Mode) -> (Proxy, TcpStream) {
    let proxy = Proxy::start(echo().await, Protocol::Smtp).await.unwrap();
    proxy.set(mode).await.unwrap();
    let stream = TcpStream::connect(proxy.address()).await.unwrap();
    (proxy, stream)
}

/// Says a line, and answers what came back within a moment and whether the connection is over.
async fn say(stream: &mut TcpStream, line: &str) -> (String, bool) {
    let mut heard = Vec::new();
    if stream.write_all(line.as_bytes()).await.is_err() {
        return (String::new(), true);
    }
    let over = tokio::time::timeout(Duration::from_millis(300), async {
        loop {
            match stream.read_buf(&mut heard).await {
                Ok(0) | Err(_) => return true,
                Ok(_) if heard.ends_with(b"\n") => return false,
                Ok(_) => {}
            }
        }
    });
    let over = over.await.unwrap_or(false);
    (String::from_utf8(heard).unwrap(), over)
}

#[tokio::test]
async fn everything_passes_and_is_counted() {
    let (proxy, mut stream) = through(Mode::Pass).await;
    assert_eq!(say(&mut stream, "one\n").await, ("one\n".to_owned(), false));
    assert_eq!(say(&mut stream, "two\n").await, ("two\n".to_owned(), false));
    assert_eq!((proxy.connections(), proxy.landmarks(), proxy.cuts()), (1, 0, 0));
}

#[tokio::test]
async fn a_delay_holds_both_ways_up() {
    let (_proxy, mut stream) = through(Mode::Delay(Duration::from_millis(40))).await;
    let began = Instant::now();
    assert_eq!(say(&mut stream, "one\n").await.0, "one\n");
    assert!(began.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn a_connection_is_cut_after_so_many_bytes_of_one_direction() {
    let (proxy, mut stream) = through(Mode::CutAfter(Direction::ToClient, 6)).await;
    assert_eq!(say(&mut stream, "one\n").await, ("one\n".to_owned(), false));
    assert_eq!(say(&mut stream, "two\n").await, ("tw".to_owned(), true));
    assert_eq!(proxy.cuts(), 1);
    proxy.set(Mode::CutAfter(Direction::ToServer, 4)).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(say(&mut stream, "one\n").await.1);
    assert_eq!((proxy.connections(), proxy.cuts()), (2, 2));
}

#[tokio::test]
async fn a_black_hole_keeps_connections_and_gives_back_what_it_swallowed() {
    let (proxy, mut stream) = through(Mode::BlackHole).await;
    assert_eq!(say(&mut stream, "one\n").await, (String::new(), false));
    proxy.set(Mode::Pass).await.unwrap();
    assert_eq!(say(&mut stream, "").await, ("one\n".to_owned(), false));
}

#[tokio::test]
async fn a_refusing_proxy_ends_connections_takes_no_new_ones_and_comes_back() {
    let (proxy, mut stream) = through(Mode::Pass).await;
    assert_eq!(say(&mut stream, "one\n").await.0, "one\n");
    proxy.set(Mode::Refuse).await.unwrap();
    assert!(say(&mut stream, "two\n").await.1);
    assert!(TcpStream::connect(proxy.address()).await.is_err());
    proxy.set(Mode::Pass).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(say(&mut stream, "two\n").await, ("two\n".to_owned(), false));
}

/// Hands a message over; the codes of the replies that came, an empty one where the connection was cut.
async fn deliver(proxy: &Proxy) -> Vec<String> {
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    let mut codes = vec![say(&mut stream, "").await.0];
    for line in ["HELO x", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA", "Subject: x\r\n\r\nx\r\n."] {
        codes.push(say(&mut stream, &format!("{line}\r\n")).await.0);
    }
    codes.iter().map(|reply| reply.chars().take(3).collect()).collect()
}

#[tokio::test]
async fn a_mail_is_cut_at_its_dot_the_nth_time_and_the_others_arrive() {
    let server = SmtpServer::start().await.unwrap();
    let proxy = Proxy::start(server.address(), Protocol::Smtp).await.unwrap();
    proxy.cut_nth(2, Moment::Before);
    proxy.cut_next(Moment::Unanswered);
    proxy.cut_next(Moment::Within(3));
    proxy.cut_next(Moment::AtOnce);
    assert_eq!(deliver(&proxy).await, ["220", "250", "250", "250", "354", "250"]);
    assert_eq!(deliver(&proxy).await, ["220", "250", "250", "250", "354", ""]);
    assert_eq!(server.messages().len(), 1, "the dot was never seen");
    assert_eq!(deliver(&proxy).await, ["220", "250", "250", "250", "354", ""]);
    assert_eq!(server.messages().len(), 2, "kept, and nobody knows");
    assert_eq!(deliver(&proxy).await, ["220", "250", "250", "250", "354", "250"], "three bytes of the answer");
    assert_eq!(server.messages().len(), 3);
    assert_eq!(deliver(&proxy).await[5], "");
    assert_eq!(server.wait_for(4, Duration::from_secs(10)).await.unwrap().len(), 4);
    assert_eq!((proxy.landmarks(), proxy.cuts(), proxy.forget_cuts()), (5, 4, 0));
    assert_eq!(deliver(&proxy).await[5], "250");
}
