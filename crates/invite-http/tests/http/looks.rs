//! The colour and the logo of an organisation.

use crate::support::Bench;
use serde_json::{Value, json};

fn png(width: u8, bytes: usize) -> Vec<u8> {
    let mut image = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    image.extend([0, 0, 0, width, 0, 0, 0, 8]);
    image.resize(bytes.max(image.len()), 7);
    image
}

async fn put(bench: &Bench, key: &str, kind: &str, image: Vec<u8>) -> crate::support::Reply {
    let request = bench.request("PUT", "/v1/organization/logo").insert_header(("Content-Type", kind.to_owned()));
    bench.send(request.insert_header(("Authorization", format!("Bearer {key}"))).set_payload(image)).await
}

async fn look(bench: &Bench) -> Value {
    bench.ask("GET", "/v1/organization", Value::Null).await.json()["look"].clone()
}

#[actix_web::test]
async fn a_colour_is_chosen_and_taken_away() {
    let bench = Bench::new().await;
    assert_eq!(look(&bench).await, json!({ "accent": null, "logo_url": null }));
    let changed = bench.ask("PATCH", "/v1/organization", json!({ "look": { "accent": "#1A56B0" } })).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["look"]["accent"]), (200, &json!("#1a56b0")));
    bench.ask("PATCH", "/v1/organization", json!({ "look": {} })).await;
    assert_eq!(look(&bench).await["accent"], "#1a56b0", "what is left out stays");
    for bad in [json!("1a56b0"), json!("red"), json!("#1a56b0;}body{}"), json!(7)] {
        let refused = bench.ask("PATCH", "/v1/organization", json!({ "look": { "accent": bad } })).await;
        assert_eq!(refused.code(), (422, "invalid_input".into()));
        assert_eq!(refused.json()["errors"][0]["pointer"], "/look/accent");
    }
    let refused = bench.ask("PATCH", "/v1/organization", json!({ "look": { "logo_url": "https://x.example" } })).await;
    assert!(refused.text().contains("unknown_field"), "{}", refused.text());
    bench.ask("PATCH", "/v1/organization", json!({ "look": { "accent": null } })).await;
    assert_eq!(look(&bench).await["accent"], Value::Null);
}

#[actix_web::test]
async fn a_logo_is_put_seen_by_anybody_and_removed() {
    let bench = Bench::new().await;
    let image = png(8, 48 * 1024);
    let done = put(&bench, &bench.key, "image/png", image.clone()).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let url = done.json()["look"]["logo_url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix("https://invite.example.org").unwrap();
    let seen = bench.send(bench.request("GET", path)).await;
    assert_eq!((seen.status.as_u16(), seen.header("content-type")), (200, "image/png"));
    assert_eq!(seen.body, image);
    assert_eq!(seen.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(seen.header("x-content-type-options"), "nosniff");
    assert!(seen.header("content-security-policy").starts_with("default-src 'none';"));
    assert_eq!(bench.send(bench.request("HEAD", path)).await.status, 200);

    let offer =
        bench.ask("POST", "/v1/invitations", json!({ "recipient": { "email": "a@example.org" }, "return": ["link"] }));
    let offer = offer.await.json();
    let token = offer["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let preview = bench.call("", "POST", "/v1/redemptions/preview", json!({ "token": token })).await.json();
    assert_eq!(preview["organization"]["logo_url"], url);

    assert_eq!(bench.ask("DELETE", "/v1/organization/logo", Value::Null).await.status, 204);
    assert_eq!(bench.ask("DELETE", "/v1/organization/logo", Value::Null).await.status, 204);
    assert_eq!(look(&bench).await["logo_url"], Value::Null);
    assert_eq!(bench.send(bench.request("GET", path)).await.status, 404);
}

#[actix_web::test]
async fn what_is_no_logo_is_refused() {
    let bench = Bench::new().await;
    let refusals = [
        ("image/png", png(8, 48 * 1024 + 1), (413, "body_too_large")),
        ("image/png", png(8, 65 * 1024), (413, "body_too_large")),
        ("image/svg+xml", b"<svg/>".to_vec(), (415, "unsupported_media_type")),
        ("application/json", b"{}".to_vec(), (415, "unsupported_media_type")),
        ("image/png", b"<svg onload=alert(1)>".to_vec(), (422, "invalid_input")),
        ("image/png", png(0, 0), (422, "invalid_input")),
        ("image/png", Vec::new(), (422, "invalid_input")),
    ];
    for (kind, image, (status, code)) in refusals {
        let refused = put(&bench, &bench.key, kind, image).await;
        assert_eq!(refused.code(), (status, code.into()), "{kind}");
    }
    assert_eq!(put(&bench, "nobody", "image/png", png(8, 0)).await.status, 401);
    assert_eq!(look(&bench).await["logo_url"], Value::Null);
    for path in ["/logos/", "/logos/x.png", "/logos/9f86d081884c7d659a2feaa0c55ad015.png", "/logos/../v1/me"] {
        assert_eq!(bench.send(bench.request("GET", path)).await.status, 404, "{path}");
    }
}

#[actix_web::test]
async fn the_style_sheet_of_a_colour_says_the_colour_and_nothing_else() {
    let bench = Bench::new().await;
    let sheet = bench.send(bench.request("GET", "/assets/accent/1a56b0.css")).await;
    assert_eq!((sheet.status.as_u16(), sheet.header("content-type")), (200, "text/css; charset=utf-8"));
    assert_eq!(sheet.text(), ":root{--accent:#1a56b0;--accent-ink:#ffffff}\n");
    assert_eq!(sheet.header("cache-control"), "public, max-age=31536000, immutable");
    for other in ["1A56B0.css", "1a56b.css", "1a56b0", "1a56b0.png", "1a56b0;}.css", "%231a56b.css", "red.css", ".css"]
    {
        assert_eq!(bench.send(bench.request("GET", &format!("/assets/accent/{other}"))).await.status, 404, "{other}");
    }
}
