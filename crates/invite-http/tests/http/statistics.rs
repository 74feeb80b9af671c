//! Statistics.

use crate::support::Bench;
use serde_json::{Value, json};

#[actix_web::test]
async fn the_statistics_follow_what_happens() {
    let bench = Bench::new().await;
    let empty = bench.ask("GET", "/v1/statistics", Value::Null).await;
    assert_eq!(empty.status, 200, "{}", empty.text());
    let empty = empty.json();
    assert_eq!((empty["weeks"].as_array().unwrap().len(), &empty["median_seconds_to_accept"]), (12, &Value::Null));
    for address in ["a@example.org", "b@example.org"] {
        let issued = bench.ask("POST", "/v1/invitations", json!({ "recipient": { "email": address } })).await;
        assert_eq!(issued.status, 201, "{}", issued.text());
    }
    let told = bench.ask("GET", "/v1/statistics", Value::Null).await.json();
    let running = &told["weeks"][11];
    assert_eq!((&running["issued"], &running["sent"], &running["accepted"]), (&json!(2), &json!(0), &json!(0)));
    assert_eq!((&told["statuses"]["pending"], &told["statuses"]["expired"]), (&json!(2), &json!(0)));
    assert_eq!(told["failed_deliveries"], 0);
    let starts: Vec<_> = told["weeks"].as_array().unwrap().iter().map(|week| week["starts_at"].clone()).collect();
    assert!(starts.windows(2).all(|pair| pair[0].as_str() < pair[1].as_str()), "{starts:?}");
}

#[actix_web::test]
async fn statistics_are_for_those_who_may_see_invitations() {
    let bench = Bench::new().await;
    let body = json!({ "name": "Blind", "permissions": ["organization.read"] });
    let key = bench.call(&bench.owner().await, "POST", "/v1/api-keys", body).await.json()["api_key"].clone();
    let refused = bench.call(key.as_str().unwrap(), "GET", "/v1/statistics", Value::Null).await;
    assert_eq!(refused.code(), (403, "forbidden".into()));
    assert_eq!(bench.send(bench.request("GET", "/v1/statistics")).await.status, 401);
}
