//! AUTHZ-7: what a browser keeps of a key that opens nothing any more.

use super::{
    callers,
    served::{Served, text},
    things::{id, session_cookie},
};
use serde_json::{Value, json};

#[actix_web::test]
async fn authz_7_a_browser_with_the_key_of_somebody_who_left_is_led_to_sign_in_and_forgets_it() {
    let served = Served::new().await;
    let owner = served.bench.owner().await;
    let key = served.bench.key.clone();
    let (maker, membership) = served.join(&key, "maker@acme.example", Some("owner"), &[]).await;
    let made = served.done(&maker, "POST", "/v1/api-keys", &json!({ "name": "mine" })).await;
    let cookie = callers::key_cookie(&served, &text(&made, "/api_key")).await;
    let cookies = [cookie.clone()];
    assert_eq!(served.page(&cookies, "/console/account").await.status, 200);

    served.done(&owner, "DELETE", &format!("/v1/members/{membership}"), &Value::Null).await;
    for path in ["/console", "/console/invitations", "/console/account", "/console/leave"] {
        let answer = served.page(&cookies, path).await;
        let leads = answer.header("location").to_owned();
        assert!(answer.status == 303 && leads.starts_with("/console/sign-in"), "{path}: {} {leads}", answer.status);
        assert_eq!(
            answer.cookie("__Host-invite_console_key="),
            Some("__Host-invite_console_key=".to_owned()),
            "{path}"
        );
    }
    // Without it the page to sign in is there, and does not lead back.
    assert_eq!(served.page(&[], "/console/sign-in").await.status, 200);
    // A session beside it is not touched, and a revoked key was nobody's already.
    assert_eq!(served.page(&[session_cookie(&owner), cookie], "/console/account").await.status, 200);
    let other = served.done(&owner, "POST", "/v1/api-keys", &json!({ "name": "other" })).await;
    let cookie = callers::key_cookie(&served, &text(&other, "/api_key")).await;
    served.done(&owner, "DELETE", &format!("/v1/api-keys/{}", id(&other)), &Value::Null).await;
    assert_eq!(served.page(&[cookie], "/console/sign-in").await.status, 200);
}
