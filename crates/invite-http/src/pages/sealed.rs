//! The short-lived cookie that holds a link's token or a code, sealed, so that a token leaves the address bar (LINK-3) and
//! a code never gets there, and the field that proves a form to be ours (LINK-5).

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
    id::InvitationId,
    secret::{KeyId, Purpose},
    service::{Secret, World},
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
/// Holds no secret: it names the page a code is entered on, so that its form has something to be proven by.
pub(crate) const CODE: Place = Place { prefix: "invite_code_", path: "/code", parameter: "c" };
pub(crate) const ACCOUNT: Place = Place { prefix: "invite_account_", path: "/account", parameter: "a" };

/// Stands between an organisation and a code. Neither a slug nor a code nor a token has one.
const BETWEEN: char = '\0';

/// What somebody opened or entered, out of its cookie.
pub(crate) struct Link {
    /// Which one: 8 hex digits.
    pub(crate) digits: String,
    text: Zeroizing<String>,
    cookie: String,
}

/// A text's SHA-256: 43 characters, however long the text is.
pub(crate) fn digest_of(text: &str) -> String {
    BASE64.encode(Sha256::digest(text))
}

/// The first 8 hex digits of a text's SHA-256.
pub(crate) fn digits_of(text: &str) -> String {
    Sha256::digest(text).iter().take(4).fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
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
        self.hold_as(api, digits_of(token), token)
    }

    /// The cookie that holds an organisation and a code, and its digits. They are made of the invitation's id: digits of
    /// so short a secret as a code would give most of it away.
    pub(crate) fn hold_code(
        &self,
        api: &Api,
        invitation: InvitationId,
        organization: &str,
        code: &str,
    ) -> Option<(Cookie<'static>, String)> {
        let text = Zeroizing::new(format!("{organization}{BETWEEN}{code}"));
        self.hold_as(api, digits_of(&invitation.to_string()), &text)
    }

    fn hold_as(&self, api: &Api, digits: String, text: &str) -> Option<(Cookie<'static>, String)> {
        let value = seal(&api.world, &format!("{}{digits}", self.prefix), text, SECONDS)?;
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
        let text = open(world, cookie.name(), cookie.value())?;
        Some(Link { digits: digits.to_owned(), text, cookie: cookie.value().to_owned() })
    }
}

/// Seals a text for the cookie of this name, for so many seconds. `None` where no key is active.
pub(crate) fn seal(world: &World, name: &str, token: &str, seconds: i64) -> Option<String> {
    let ring = world.keys.ring();
    let id = ring.active()?;
    let key = ring.derive(id, Purpose::Cookie)?;
    let mut nonce = [0; NONCE];
    world.entropy.fill(&mut nonce);
    let mut plain = Zeroizing::new((world.clock.now().timestamp() + seconds).to_be_bytes().to_vec());
    plain.extend(token.as_bytes());
    let cipher = XChaCha20Poly1305::new(key.expose().into());
    let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: &plain, aad: name.as_bytes() }).ok()?;
    let mut bytes = vec![id.get()];
    bytes.extend(nonce);
    bytes.extend(sealed);
    Some(BASE64.encode(bytes))
}

/// What the cookie of this name holds, if we sealed it and its time has not ended.
pub(crate) fn open(world: &World, name: &str, value: &str) -> Option<Zeroizing<String>> {
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

/// What a form carries to prove that it stands on a page of ours (LINK-5): a MAC of the cookie the page's reader has.
pub(crate) fn csrf_field(world: &World, cookie: &str) -> Option<String> {
    let id = world.keys.ring().active()?;
    let mut bytes = vec![id.get()];
    bytes.extend(csrf_mac(world, id, cookie)?);
    Some(BASE64.encode(bytes))
}

fn csrf_mac(world: &World, id: KeyId, cookie: &str) -> Option<[u8; CSRF_MAC]> {
    let mac = world.keys.ring().mac(id, Purpose::Csrf, &[CSRF_LABEL, cookie.as_bytes()])?;
    mac.first_chunk().copied()
}

/// Whether a form carries what a page of this cookie's reader gave it.
pub(crate) fn is_csrf_field(world: &World, cookie: &str, field: &str) -> bool {
    let given = || {
        let bytes = BASE64.decode(field).ok()?;
        let (id, mac) = bytes.split_first()?;
        let own = csrf_mac(world, KeyId::new(*id)?, cookie)?;
        Some(bool::from(own.ct_eq(mac)))
    };
    given().unwrap_or(false)
}

impl Link {
    /// What a cookie that is only being set holds.
    pub(crate) fn of(cookie: &Cookie<'_>, digits: String, text: &str) -> Self {
        Self { digits, text: Zeroizing::new(text.to_owned()), cookie: cookie.value().to_owned() }
    }

    /// The text the cookie holds, where it is one: a token, or a page's digest.
    pub(crate) fn token(&self) -> Option<&str> {
        (!self.text.contains(BETWEEN)).then_some(self.text.as_str())
    }

    /// What it lets a person show. A code was found genuine before it was sealed: it is no guess any more.
    pub(crate) fn secret(&self) -> Secret {
        match self.text.split_once(BETWEEN) {
            None => Secret::Token(self.text.to_string()),
            Some((organization, code)) => {
                Secret::KnownCode { organization: organization.to_owned(), code: code.to_owned() }
            }
        }
    }

    /// What a form of this link's page carries to prove where it comes from.
    pub(crate) fn csrf(&self, world: &World) -> Option<String> {
        csrf_field(world, &self.cookie)
    }

    /// Whether a form carries what this link's page gave it.
    pub(crate) fn is_own_form(&self, world: &World, field: &str) -> bool {
        is_csrf_field(world, &self.cookie, field)
    }

    /// An idempotency key for what is done on this page: pressing the button twice is doing it once.
    pub(crate) fn once(&self) -> String {
        digest_of(&self.cookie)
    }
}
