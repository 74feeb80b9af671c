//! MAIL-1: which addresses are one person's, from the invitation to signing in.

use super::served::Served;
use crate::support::PASSWORD;
use serde_json::{Value, json};

async fn issued(served: &Served, email: &str) -> (u16, String) {
    let body = json!({ "recipient": { "email": email } });
    served.call(&served.bench.key, "POST", "/v1/invitations", &body).await.code()
}

async fn signed_in(served: &Served, email: &str) -> u16 {
    let body = json!({ "email": email, "password": PASSWORD });
    served.call("", "POST", "/v1/sessions", &body).await.status.as_u16()
}

#[actix_web::test]
async fn mail_1_case_is_no_difference_and_whatever_looks_alike_is_one() {
    let served = Served::new().await;
    let good = (201, String::new());
    for (first, again) in [
        ("User@X.org", "user@x.ORG"),
        ("straße@x.org", "STRAßE@X.ORG"),
        ("ada@BÜCHER.example", "Ada@xn--bcher-kva.example"),
    ] {
        assert_eq!(issued(&served, first).await, good, "{first}");
        assert_eq!(issued(&served, again).await, (409, "already_invited".to_owned()), "{again} is {first}");
    }
    // Each of these is somebody else, whatever a database's collation says.
    for other in [
        "mike@x.org",
        "m\u{131}ke@x.org",
        "m\u{456}ke@x.org",
        "\u{212a}ate@x.org",
        "kate@x.org",
        "strasse@x.org",
        "user+tag@x.org",
        "us.er@x.org",
        "\u{fc}ser@x.org",
        "u\u{308}ser@x.org",
    ] {
        assert_eq!(issued(&served, other).await, good, "{other}");
    }
}

#[actix_web::test]
async fn mail_1_what_is_no_address_is_refused_everywhere_one_is_taken() {
    let served = Served::new().await;
    // That a key was used is kept, once a minute.
    served.done(&served.bench.key, "GET", "/v1/roles", &Value::Null).await;
    served.done(&served.bench.operator, "GET", "/v1/organizations", &Value::Null).await;
    let before = served.stored().await;
    for bad in [
        "user@x.org ",
        " user@x.org",
        "us er@x.org",
        "user@x.org\n",
        "user@x.org\r\nBcc: eve@evil.example",
        "user@x.org,eve@evil.example",
        "user@x.org;eve@evil.example",
        "user\u{2028}@x.org",
        "user@x.org@evil.example",
        "user\u{ff20}evil.example",
        "user\u{fe6b}x.org",
        "\"user\"@x.org",
        "user@[127.0.0.1]",
        "user@localhost",
        "<user@x.org>",
        "User <user@x.org>",
        "user@x..org",
        "user@-x.org",
        "user@xn--a.org",
        "@x.org",
        "user@",
    ] {
        let reply = issued(&served, bad).await;
        assert_eq!(reply, (422, "invalid_input".to_owned()), "{bad:?}");
        let organization = json!({ "name": "New", "owner_email": bad });
        let operator = served.bench.operator.clone();
        let made = served.call(&operator, "POST", "/v1/organizations", &organization).await;
        assert_eq!(made.code(), (422, "invalid_input".to_owned()), "{bad:?}");
        let changed = served.changed(&before).await;
        assert!(changed.is_empty(), "{bad:?}: {changed:?}");
    }
}

#[actix_web::test]
async fn mail_1_an_account_is_found_by_its_own_address_and_by_no_lookalike() {
    let served = Served::new().await;
    let key = served.bench.key.clone();
    served.join(&key, "Mike@X.org", Some("guest"), &[]).await;
    for own in ["Mike@X.org", "mike@x.org", "MIKE@x.ORG"] {
        assert_eq!(signed_in(&served, own).await, 201, "{own}");
    }
    for other in
        ["m\u{131}ke@x.org", "M\u{130}KE@x.org", "mi\u{212a}e@x.org", "mike@x.org.", "mike+@x.org", "mike@x.\u{3bf}rg"]
    {
        assert_eq!(signed_in(&served, other).await, 401, "{other}");
    }
    // Nor does a lookalike who joins get that account.
    served.join(&key, "m\u{131}ke@x.org", Some("guest"), &[]).await;
    let members = served.done(&key, "GET", "/v1/members?query=x.org", &Value::Null).await;
    assert_eq!(members["items"].as_array().map(Vec::len), Some(2), "{members}");
}
