//! Public keys as an issuer publishes them ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)), and what they verify.

use crate::extract::json;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Map, Value};
use std::fmt;

/// How a token may be signed: with public keys alone. Neither `none` nor a shared secret can be written here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Algorithm {
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
}

impl Algorithm {
    /// The algorithm of this name ([RFC 7518, 3.1](https://www.rfc-editor.org/rfc/rfc7518#section-3.1),
    /// [RFC 8037](https://www.rfc-editor.org/rfc/rfc8037), [RFC 9864](https://www.rfc-editor.org/rfc/rfc9864)).
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ES256" => Self::Es256,
            "EdDSA" | "Ed25519" => Self::EdDsa,
            "RS256" => Self::Rs256,
            "PS256" => Self::Ps256,
            _ => return None,
        })
    }
}

/// How long an RSA key has to be, and may be, in bits: a longer one would take its time for every token.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;
/// How many keys of an issuer are kept; more than that nobody rotates through.
const MAX_KEYS: usize = 100;

enum Material {
    /// An uncompressed point of P-256.
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

/// A key that verifies.
pub(super) struct Key {
    kid: Option<String>,
    /// The one algorithm it is for, where its issuer says so.
    only: Option<Algorithm>,
    material: Material,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("kid", &self.kid).field("only", &self.only).finish_non_exhaustive()
    }
}

impl Key {
    /// Reads a set ([RFC 7517, 5](https://www.rfc-editor.org/rfc/rfc7517#section-5)); `None` where it is none. A key we cannot
    /// use is passed over: an issuer may have some for others.
    pub(super) fn read_set(bytes: &[u8]) -> Option<Vec<Self>> {
        let Ok(Value::Object(set)) = json::parse(bytes) else { return None };
        let keys = set.get("keys")?.as_array()?;
        Some(keys.iter().filter_map(|key| Self::read(key.as_object()?)).take(MAX_KEYS).collect())
    }

    fn read(jwk: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        // Absent is fine, of another type is not.
        let only = match jwk.get("alg") {
            None => None,
            Some(name) => Some(Algorithm::named(name.as_str()?)?),
        };
        let kid = match jwk.get("kid") {
            None => None,
            Some(kid) => Some(kid.as_str()?.to_owned()),
        };
        let signs = jwk.get("use").is_none_or(|used| used == "sig");
        let verifies = jwk.get("key_ops").is_none_or(|operations| {
            operations.as_array().is_some_and(|operations| operations.iter().any(|one| one == "verify"))
        });
        // Whoever publishes the private half has given it away.
        if !signs || !verifies || jwk.contains_key("d") {
            return None;
        }
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        let exactly = |name: &str| bytes(name).filter(|bytes| bytes.len() == 32);
        let material = match (text("kty")?, text("crv")) {
            ("EC", Some("P-256")) => Material::P256([vec![4], exactly("x")?, exactly("y")?].concat()),
            ("OKP", Some("Ed25519")) => Material::Ed25519(exactly("x")?),
            ("RSA", _) => {
                let (n, e) = (unsigned(bytes("n")?), unsigned(bytes("e")?));
                if !RSA_BITS.contains(&bits(&n)) {
                    return None;
                }
                Material::Rsa { n, e }
            }
            _ => return None,
        };
        let key = Self { kid, only, material };
        // The key's own word has to fit what it is.
        only.is_none_or(|only| key.can(only)).then_some(key)
    }

    pub(super) fn is_named(&self, kid: &str) -> bool {
        self.kid.as_deref() == Some(kid)
    }

    /// Whether it may verify this algorithm: one key is for one algorithm where its issuer says so (RFC 8725, 3.1).
    pub(super) fn is_for(&self, algorithm: Algorithm) -> bool {
        self.can(algorithm) && self.only.is_none_or(|only| only == algorithm)
    }

    fn can(&self, algorithm: Algorithm) -> bool {
        matches!(
            (&self.material, algorithm),
            (Material::P256(_), Algorithm::Es256)
                | (Material::Ed25519(_), Algorithm::EdDsa)
                | (Material::Rsa { .. }, Algorithm::Rs256 | Algorithm::Ps256)
        )
    }

    /// Whether the signature is this key's, by this algorithm and no other.
    pub(super) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let verified = match (&self.material, algorithm) {
            (Material::P256(point), Algorithm::Es256) => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Material::Ed25519(point), Algorithm::EdDsa) => {
                UnparsedPublicKey::new(&signature::ED25519, point).verify(message, signature)
            }
            (Material::Rsa { n, e }, Algorithm::Rs256) => {
                RsaPublicKeyComponents { n, e }.verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (Material::Rsa { n, e }, Algorithm::Ps256) => {
                RsaPublicKeyComponents { n, e }.verify(&signature::RSA_PSS_2048_8192_SHA256, message, signature)
            }
            _ => return false,
        };
        verified.is_ok()
    }
}

/// Without the zeros some write before a number.
fn unsigned(mut bytes: Vec<u8>) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.drain(..zeros);
    bytes
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}
