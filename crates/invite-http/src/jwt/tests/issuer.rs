//! An issuer with real keys, which publishes them on loopback.

use super::rsa;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair},
};
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

pub(super) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Private keys of every kind.
pub(super) struct Keys {
    p256: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
    rsa: RsaKeyPair,
}

impl Keys {
    pub(super) fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        let p256 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let p256 = EcdsaKeyPair::from_pkcs8(algorithm, p256.as_ref(), &random).unwrap();
        let ed25519 = Ed25519KeyPair::from_pkcs8(Ed25519KeyPair::generate_pkcs8(&random).unwrap().as_ref()).unwrap();
        let rsa = RsaKeyPair::from_pkcs8(&STANDARD.decode(rsa::PRIVATE).unwrap()).unwrap();
        Self { p256, ed25519, rsa }
    }

    /// The public half for an algorithm, as a JWK.
    pub(super) fn jwk(&self, algorithm: &str, kid: &str) -> Value {
        let mut jwk = match algorithm {
            "ES256" => {
                let point = self.p256.public_key().as_ref();
                let (x, y) = point[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": encoded(x), "y": encoded(y) })
            }
            "EdDSA" => json!({ "kty": "OKP", "crv": "Ed25519", "x": encoded(self.ed25519.public_key()) }),
            _ => {
                let parts = signature::RsaPublicKeyComponents::<Vec<u8>>::from(self.rsa.public_key());
                json!({ "kty": "RSA", "n": encoded(parts.n), "e": encoded(parts.e) })
            }
        };
        (jwk["kid"], jwk["alg"], jwk["use"]) = (kid.into(), algorithm.into(), "sig".into());
        jwk
    }

    pub(super) fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let rsa = |padding: &'static dyn signature::RsaEncoding| {
            let mut signed = vec![0; self.rsa.public().modulus_len()];
            self.rsa.sign(padding, &random, message, &mut signed).unwrap();
            signed
        };
        match algorithm {
            "ES256" => self.p256.sign(&random, message).unwrap().as_ref().to_vec(),
            "EdDSA" => self.ed25519.sign(message).as_ref().to_vec(),
            "RS256" => rsa(&signature::RSA_PKCS1_SHA256),
            "PS256" => rsa(&signature::RSA_PSS_SHA256),
            other => panic!("{other}"),
        }
    }

    /// A token with this header and these claims, whatever they say, signed by this algorithm.
    pub(super) fn token(&self, algorithm: &str, header: &Value, claims: &Value) -> String {
        self.raw(algorithm, &header.to_string(), &claims.to_string())
    }

    /// The same with texts that need not be JSON.
    pub(super) fn raw(&self, algorithm: &str, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", encoded(header), encoded(claims));
        let signature = self.sign(algorithm, signed.as_bytes());
        format!("{signed}.{}", encoded(signature))
    }
}

/// A token with a shared secret instead.
pub(super) fn by_secret(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let signed = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
    format!("{signed}.{}", encoded(tag))
}

#[derive(Default)]
struct Shown {
    answer: Mutex<Vec<u8>>,
    hits: AtomicUsize,
    hangs: AtomicBool,
}

/// Publishes a set.
pub(super) struct Server {
    pub(super) url: url::Url,
    shown: Arc<Shown>,
}

impl Server {
    pub(super) async fn of(keys: &[Value]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap()).parse().unwrap();
        let shown = Arc::new(Shown::default());
        let server = Self { url, shown: Arc::clone(&shown) };
        server.publish(keys);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let shown = Arc::clone(&shown);
                tokio::spawn(async move {
                    shown.hits.fetch_add(1, Ordering::SeqCst);
                    let mut request = [0; 4_096];
                    let _ = stream.read(&mut request).await;
                    if shown.hangs.load(Ordering::SeqCst) {
                        std::future::pending::<()>().await;
                    }
                    let answer = shown.answer.lock().unwrap().clone();
                    let _ = stream.write_all(&answer).await;
                });
            }
        });
        server
    }

    /// Answers with these keys from now on.
    pub(super) fn publish(&self, keys: &[Value]) {
        self.answer("200 OK", "", &json!({ "keys": keys }).to_string());
    }

    pub(super) fn answer(&self, status: &str, header: &str, body: &str) {
        let length = body.len();
        let answer =
            format!("HTTP/1.1 {status}\r\n{header}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        *self.shown.answer.lock().unwrap() = answer.into_bytes();
    }

    /// Answers nothing any more, or does again.
    pub(super) fn hang(&self, hangs: bool) {
        self.shown.hangs.store(hangs, Ordering::SeqCst);
    }

    /// How often it was asked.
    pub(super) fn hits(&self) -> usize {
        self.shown.hits.load(Ordering::SeqCst)
    }
}
