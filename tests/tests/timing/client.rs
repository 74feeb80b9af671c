//! The least client: one connection, one request after the other.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test helper fails by panicking")]

use std::{
    collections::BTreeSet,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
};

pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Its status line and headers, as they came.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: vec![0; 64 * 1024] }
    }

    /// Sends a request, a whole one, and reads its answer.
    pub(crate) fn ask(&mut self, request: &[u8]) -> Answer {
        self.stream.write_all(request).unwrap();
        let mut have = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[have..]).unwrap();
            assert!(read > 0, "the service hung up");
            have += read;
            let came = &self.buffer[..have];
            let Some(end) = came.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8(came[..end].to_vec()).unwrap();
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let length: usize = length.expect("an answer says how long it is");
            if have == end + 4 + length {
                let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).expect("a status");
                let body = String::from_utf8(came[end + 4..].to_vec()).unwrap();
                return Answer { status, head, body };
            }
        }
    }
}

/// A request with a JSON body.
pub(crate) fn post(path: &str, body: &serde_json::Value) -> Vec<u8> {
    let body = body.to_string();
    let head = format!("POST {path} HTTP/1.1\r\nHost: invite.test\r\nContent-Type: application/json\r\n");
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

impl Answer {
    pub(crate) fn header_names(&self) -> BTreeSet<String> {
        self.head.lines().skip(1).filter_map(|line| Some(line.split_once(':')?.0.to_ascii_lowercase())).collect()
    }

    /// How many bytes there are, to the next sixteen.
    pub(crate) fn length_class(&self) -> usize {
        self.body.len().div_ceil(16)
    }

    /// The body but for the request's id, which differs every time.
    pub(crate) fn body_without_id(&self) -> serde_json::Value {
        let mut body: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        if let Some(members) = body.as_object_mut() {
            members.remove("request_id");
        }
        body
    }
}
