//! What is asked for: of each pair one request is about what exists and one about what does not.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use super::{
    client::{Client, post},
    installation::{Installation, OWNER, PASSWORD},
    token,
};
use chrono::Duration;
use invite_domain::secret::code::TypedCode;
use serde_json::{Value, json};

/// Two requests that must not be told apart.
pub(crate) struct Pair {
    pub(crate) name: &'static str,
    pub(crate) requests: [Vec<u8>; 2],
    /// What both are answered.
    pub(crate) status: u16,
    /// How much time passes between two requests, so that no budget is ever used up.
    pub(crate) apart: Duration,
}

/// As the owner's key, or another.
fn ask(installation: &Installation, key: &str, path: &str, body: &Value) -> Value {
    let request = String::from_utf8(post(path, body)).unwrap();
    let request = request.replacen("\r\n", &format!("\r\nAuthorization: Bearer {key}\r\n"), 1);
    let answer = Client::connect(installation.address).ask(request.as_bytes());
    assert_eq!(answer.status / 100, 2, "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// A code nobody has, with a check character that fits.
fn unknown_code() -> String {
    let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    alphabet.chars().map(|check| format!("XYZ0123456{check}")).find(|code| TypedCode::parse(code).is_ok()).unwrap()
}

/// The same token with another gate: well-formed, and not ours.
fn forged(token: &str) -> String {
    let mut bytes = token::decode(token).unwrap();
    bytes[47] ^= 1;
    token::encode(&bytes)
}

/// Everything anybody may ask of which part exists and part does not.
pub(crate) fn pairs(installation: &Installation) -> Vec<Pair> {
    let confirm = json!({ "token": installation.owner_token, "password": PASSWORD });
    assert_eq!(Client::connect(installation.address).ask(&post("/v1/password-resets/confirm", &confirm)).status, 200);
    let month = 30 * 86_400;
    let globex = json!({ "name": "Globex", "slug": "globex", "owner_email": "boss@globex.example" });
    let globex = ask(installation, &installation.operator, "/v1/organizations", &globex);
    let body = json!({ "recipient": { "email": "bob@example.org" }, "return": ["code"], "expires_in": month });
    let foreign = ask(installation, globex["api_key"].as_str().unwrap(), "/v1/invitations", &body);
    let body = json!({ "recipient": { "email": "ada@example.org" }, "return": ["link"], "expires_in": month });
    let genuine = ask(installation, &installation.key, "/v1/invitations", &body);
    let token = genuine["link"].as_str().unwrap().rsplit('/').next().unwrap();
    let unknown = unknown_code();
    let code = |organization: &str, code: &str| {
        post("/v1/redemptions/preview", &json!({ "organization": organization, "code": code.replace('-', "") }))
    };
    let sign_in =
        |email: &str| post("/v1/sessions", &json!({ "email": email, "password": "this is not the right one" }));
    let reset = |email: &str| post("/v1/password-resets", &json!({ "email": email }));
    let new_link = |token: &str| post("/v1/redemptions/new-link", &json!({ "token": token }));
    let minute = Duration::minutes(1);
    // Of the same length, so that nothing but their being there tells them apart.
    let nobody = "nobod@example.org";
    assert_eq!(nobody.len(), OWNER.len());
    vec![
        Pair { name: "sign-in", requests: [sign_in(OWNER), sign_in(nobody)], status: 401, apart: minute * 2 },
        Pair { name: "password reset", requests: [reset(OWNER), reset(nobody)], status: 202, apart: minute * 75 },
        Pair {
            name: "code of another organisation",
            requests: [code("acme", foreign["code"].as_str().unwrap()), code("acme", &unknown)],
            status: 404,
            apart: minute,
        },
        Pair {
            name: "code, organisation",
            requests: [code("acme", &unknown), code("nope", &unknown)],
            status: 404,
            apart: minute,
        },
        Pair {
            name: "new link",
            requests: [new_link(token), new_link(&forged(token))],
            status: 202,
            apart: minute * 75,
        },
    ]
}
