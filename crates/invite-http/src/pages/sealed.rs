//! The short-lived cookie that holds a link's token, sealed, so that the token leaves the address bar (LINK-3), and the
//! field that proves a form to be ours (LINK-5).

use crate::{Api, HttpConfig};
use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use invite_domain::{
    secret::{KeyId, Purpose},
    service::World,
};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// How long a person may take over a page.
const SECONDS: i64 = 15 * 60;
const NONCE: usize = 24;
const CSRF_LABEL: &[u8] = b"invite/csrf/v1\0";
const CSRF_MAC: usize = 16;

/// What a cookie is for: its name before the digits, and the page that gets it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) prefix: &'static str,
    /// The page, without the public URL's own path.
    pub(crate) path: &'static str,
    /// The query parameter that says which cookie.
    pub(crate) parameter: &'static str,
}

pub(crate) const ACCEPT: Place = Place { prefix: "invite_accept_", path: "/accept", parameter: "i" };
pub(crate) const ACCOUNT: Place = Place { prefix: "invite_account_", path: "/account", parameter: "a" };

/// A link somebody opened, out of its cookie.
pub(crate) struct Link {
    /// Which one: the first 8 hex digits of SHA-256 of the token.
    pub(crate) digits: String,
    pub(crate) token: Zeroizing<String>,
    cookie: String,
}

impl Place {
    fn cookie(&self, config: &HttpConfig, digits: &str, value: String, seconds: i64) -> Cookie<'static> {
        Cookie::build(format!("{}{digits}", self.prefix), value)
            .path(format!("{}{}", config.base_path(), self.path))
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(config.secure())
            .max_age(time::Duration::seconds(seconds))
            .finish()
    }

    /// The cookie that holds a token, and its digits. `None` where no key is active.
    pub(crate) fn hold(&self, api: &Api, token: &str) -> Option<(Cookie<'static>, String)> {
        let digest = Sha256::digest(token);
        let digits = digest.iter().take(4).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        let value = seal(&api.world, &format!("{}{digits}", self.prefix), token)?;
        Some((self.cookie(&api.config, &digits, value, SECONDS), digits))
    }

    /// Takes the cookie away.
    pub(crate) fn forget(&self, config: &HttpConfig, digits: &str) -> Cookie<'static> {
        self.cookie(config, digits, String::new(), 0)
    }

    /// The link the request is about: of the digits it names, else the only one there is.
    pub(crate) fn link(&self, request: &HttpRequest, world: &World, named: Option<&str>) -> Option<Link> {
        let cookies = request.cookies().ok()?;
        let mut held = cookies.iter().filter_map(|cookie| {
            let digits = cookie.name().strip_prefix(self.prefix)?;
            let shaped = digits.len() == 8 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            (shaped && named.is_none_or(|named| named == digits)).then_some((digits, cookie))
        });
        let (digits, cookie) = held.next()?;
        if named.is_none() && held.next().is_some() {
            return None;
        }
        let token = open(world, cookie.name(), cookie.value())?;
        Some(Link { digits: digits.to_owned(), token, cookie: cookie.value().to_owned() })
    }
}

fn seal(world: &World, name: &str, token: &str) -> Option<String> {
    let ring = world.keys.ring();
    let id = ring.active()?;
    let key = ring.derive(id, Purpose::Cookie)?;
    let mut nonce = [0; NONCE];
    world.entropy.fill(&mut nonce);
    let mut plain = Zeroizing::new((world.clock.now().timestamp() + SECONDS).to_be_bytes().to_vec());
    plain.extend(token.as_bytes());
    let cipher = XChaCha20Poly1305::new(key.expose().into());
    let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: &plain, aad: name.as_bytes() }).ok()?;
    let mut bytes = vec![id.get()];
    bytes.extend(nonce);
    bytes.extend(sealed);
    Some(BASE64.encode(bytes))
}

fn open(world: &World, name: &str, value: &str) -> Option<Zeroizing<String>> {
    let bytes = BASE64.decode(value).ok()?;
    let (id, rest) = bytes.split_first()?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
    let key = world.keys.ring().derive(KeyId::new(*id)?, Purpose::Cookie)?;
    let cipher = XChaCha20Poly1305::new(key.expose().into());
    let payload = Payload { msg: sealed, aad: name.as_bytes() };
    let plain = Zeroizing::new(cipher.decrypt(&XNonce::from(*nonce), payload).ok()?);
    let (until, token) = plain.split_first_chunk::<8>()?;
    let in_time = world.clock.now().timestamp() < i64::from_be_bytes(*until);
    let token = std::str::from_utf8(token).ok().filter(|_| in_time)?;
    Some(Zeroizing::new(token.to_owned()))
}

impl Link {
    /// What a form of this link's page carries to prove where it comes from.
    pub(crate) fn csrf(&self, world: &World) -> Option<String> {
        let id = world.keys.ring().active()?;
        let mut bytes = vec![id.get()];
        bytes.extend(self.csrf_mac(world, id)?);
        Some(BASE64.encode(bytes))
    }

    fn csrf_mac(&self, world: &World, id: KeyId) -> Option<[u8; CSRF_MAC]> {
        let mac = world.keys.ring().mac(id, Purpose::Csrf, &[CSRF_LABEL, self.cookie.as_bytes()])?;
        mac.first_chunk().copied()
    }

    /// Whether a form carries what this link's page gave it.
    pub(crate) fn is_own_form(&self, world: &World, field: &str) -> bool {
        let given = || {
            let bytes = BASE64.decode(field).ok()?;
            let (id, mac) = bytes.split_first()?;
            let own = self.csrf_mac(world, KeyId::new(*id)?)?;
            Some(bool::from(own.ct_eq(mac)))
        };
        given().unwrap_or(false)
    }

    /// An idempotency key for what is done on this page: pressing the button twice is doing it once.
    pub(crate) fn once(&self) -> String {
        let digest = Sha256::digest(&self.cookie);
        BASE64.encode(digest)
    }
}
