use super::*;
use actix_web::{HttpResponse, web};
use std::{net::SocketAddr, time::Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const SLOW: Duration = Duration::from_millis(300);
const PATIENCE: Patience =
    Patience { first_head: Duration::from_millis(200), slow: SLOW, idle: Duration::from_secs(2) };
/// What a machine that is busy elsewhere may take beside that.
const AND: Duration = Duration::from_secs(10);
const GOOD: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// More than the buffers of both sides hold.
const LARGE: usize = 64 << 20;

/// A server whose `/` answers, whose `/large` answers a lot, and whose `/busy` takes three times as long as a client may.
fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let application = || {
        App::new()
            .route("/", web::get().to(|| async { "hello" }))
            .route("/large", web::get().to(|| async { HttpResponse::Ok().body(vec![b'x'; LARGE]) }))
            .route(
                "/busy",
                web::get().to(|| async {
                    sleep(3 * SLOW).await;
                    "done"
                }),
            )
    };
    actix_web::rt::spawn(server(application, listener, PATIENCE, 1).unwrap());
    address
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

/// Sends a good request and reads its answer, which ends with this.
async fn ask(stream: &mut TcpStream, request: &[u8], end: &str) {
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(end.as_bytes()) {
        assert!(stream.read_buf(&mut answer).await.unwrap() > 0, "{}", String::from_utf8_lossy(&answer));
    }
}

/// Sends a byte now and then for as long as anybody listens; answers how long that was and what was said.
async fn trickle(stream: TcpStream, byte: &[u8]) -> (Duration, String) {
    let began = Instant::now();
    let (mut read, mut write) = stream.into_split();
    let trickling = async {
        while write.write_all(byte).await.is_ok() {
            sleep(SLOW / 10).await;
        }
        std::future::pending::<()>().await;
    };
    let mut said = Vec::new();
    let listening = async {
        // A connection that is cut off ends with an error or without one.
        while read.read_buf(&mut said).await.is_ok_and(|count| count > 0) {}
    };
    let both = async {
        tokio::select! {
            () = trickling => {}
            () = listening => {}
        }
    };
    tokio::time::timeout(SLOW + AND, both).await.expect("the connection is still open");
    (began.elapsed(), String::from_utf8_lossy(&said).into_owned())
}

#[actix_web::test]
async fn http_3_a_first_head_that_comes_too_slowly_is_told_so() {
    let mut stream = connect(start()).await;
    stream.write_all(b"GET / HTTP/1.1\r\nX: ").await.unwrap();
    let (_, said) = trickle(stream, b"x").await;
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
}

#[actix_web::test]
async fn http_3_a_later_head_that_comes_too_slowly_ends_the_connection() {
    let mut stream = connect(start()).await;
    ask(&mut stream, GOOD, "hello").await;
    sleep(SLOW * 2).await;
    ask(&mut stream, GOOD, "hello").await;
    stream.write_all(b"GET / HTTP/1.1\r\nX: ").await.unwrap();
    let (took, said) = trickle(stream, b"x").await;
    assert!(took >= SLOW / 2, "{took:?}");
    assert_eq!(said, "");
}

#[actix_web::test]
async fn http_3_a_body_nobody_reads_is_not_awaited_for_ever() {
    let mut stream = connect(start()).await;
    let head = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let (_, said) = trickle(stream, b"1\r\nx\r\n").await;
    assert!(said.starts_with("HTTP/1.1 404 "), "{said}");
}

#[actix_web::test]
async fn http_3_an_answer_nobody_takes_ends_the_connection() {
    let mut stream = connect(start()).await;
    stream.write_all(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    sleep(SLOW * 4).await;
    let mut taken = 0_usize;
    let mut buffer = vec![0; 1 << 20];
    let taking = async {
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            taken += count;
        }
    };
    tokio::time::timeout(AND, taking).await.expect("the connection is still open");
    assert!(taken > 0 && taken < LARGE, "{taken} of {LARGE} bytes");
}

#[actix_web::test]
async fn who_keeps_going_is_not_cut_off() {
    let address = start();
    let mut stream = connect(address).await;
    // Silence between requests, a handler that takes its time, and a large answer that is taken.
    ask(&mut stream, GOOD, "hello").await;
    sleep(SLOW * 2).await;
    ask(&mut stream, b"GET /busy HTTP/1.1\r\nHost: x\r\n\r\n", "done").await;
    sleep(SLOW * 2).await;
    ask(&mut stream, GOOD, "hello").await;
    let mut stream = connect(address).await;
    stream.write_all(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.len() > LARGE, "{}", answer.len());
}

#[actix_web::test]
async fn slow_ones_do_not_keep_others_waiting() {
    let address = start();
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut stream = connect(address).await;
        stream.write_all(b"GET / HTTP/1.1\r\nX: ").await.unwrap();
        slow.push(stream);
    }
    let mut stream = connect(address).await;
    ask(&mut stream, GOOD, "hello").await;
}
