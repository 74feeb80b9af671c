//! Conversations with SMS gateways, over loopback.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::common::{invitation, invitation_code, message_id, plain_invitation, renderer, text_message};
use crate::gateway::{Answer, Gateway};
use crate::server::Authority;
use invite_domain::{
    invitation::{Channel, Reason},
    port::{DeliveryError, Notifier},
};
use invite_notify::{Router, SmsGateway, SmsHeaders, SmsSettings};
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const DEFERRED: DeliveryError = DeliveryError::Transient(Reason::SmsDeferred);
const UNREACHABLE: DeliveryError = DeliveryError::Transient(Reason::Unreachable);
const TLS_FAILED: DeliveryError = DeliveryError::Transient(Reason::TlsFailed);
const REFUSED: DeliveryError = DeliveryError::Permanent(Reason::SmsRefused);

type Outcome = Result<(), DeliveryError>;

fn router(settings: &SmsSettings) -> Router {
    Router::new(renderer()).with_sms(Arc::new(SmsGateway::new(settings).unwrap()))
}

async fn deliver(settings: &SmsSettings) -> Outcome {
    router(settings).deliver(&text_message("en", plain_invitation())).await
}

async fn plain(answer: Answer) -> (Gateway, SmsSettings) {
    let gateway = Gateway::start(vec![answer], None).await;
    let settings = SmsSettings::new(gateway.url("http", "/v1/sms?account=7"));
    (gateway, settings)
}

fn body(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn a_text_message_is_posted_as_json_with_its_id() {
    let (gateway, settings) = plain(Answer::status(202)).await;
    let router = router(&settings);
    assert_eq!(router.channels(), [Channel::Sms]);
    assert_eq!(router.deliver(&text_message("en", plain_invitation())).await, Ok(()));
    let requests = gateway.requests();
    let [request] = requests.as_slice() else { unreachable!("{requests:?}") };
    assert_eq!(request.line, "POST /v1/sms?account=7 HTTP/1.1");
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("idempotency-key"), Some(message_id().to_string().as_str()));
    assert_eq!((request.header("authorization"), request.header("cookie")), (None, None));
    let text = renderer().sms(&text_message("en", plain_invitation())).unwrap().expose().to_owned();
    assert!(text.contains(invitation_code().expose()));
    let expected = json!({ "to": "+33199001234", "text": text, "id": message_id().to_string() });
    assert_eq!(body(&request.body), expected);
}

#[tokio::test]
async fn every_answer_has_its_class() {
    let cases: [(&[u16], Outcome); 6] = [
        (&[200, 201, 202, 204, 299], Ok(())),
        (&[408, 409, 425, 429, 500, 502, 503, 504, 599], Err(DEFERRED)),
        // About this message.
        (&[400, 402, 405, 406, 410, 411, 413, 415, 418, 421, 422, 423, 424, 426, 428, 431, 451, 499], Err(REFUSED)),
        // About us: our credential, our proxy, our URL.
        (&[401, 403, 404, 407], Err(DeliveryError::Transient(Reason::SmsRefused))),
        (&[300, 301, 302, 303, 304, 307, 308], Err(DeliveryError::Transient(Reason::SmsRefused))),
        (&[600, 999], Err(DEFERRED)),
    ];
    for (statuses, expected) in cases {
        for status in statuses {
            let (_gateway, settings) = plain(Answer::status(*status)).await;
            assert_eq!(deliver(&settings).await, expected, "{status}");
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Gateway::start(vec![Answer::status(200)], None).await;
    for status in [301, 302, 303, 307, 308] {
        let location = target.url("http", "/elsewhere");
        let answer = format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        let (gateway, settings) = plain(Answer::Bytes(answer.into_bytes())).await;
        assert_eq!(deliver(&settings).await, Err(DeliveryError::Transient(Reason::SmsRefused)), "{status}");
        assert_eq!((gateway.requests().len(), target.connections()), (1, 0));
    }
}

#[tokio::test]
async fn a_code_outlives_a_rotated_credential() {
    let gateway = Gateway::start(vec![Answer::status(401), Answer::status(403), Answer::status(202)], None).await;
    let with = |key: &str| {
        let headers = SmsHeaders::parse(&format!("Authorization: Bearer {key}")).unwrap();
        SmsSettings { headers, ..SmsSettings::new(gateway.url("http", "/")) }
    };
    let refused_us = Err(DeliveryError::Transient(Reason::SmsRefused));
    assert_eq!(deliver(&with("old")).await, refused_us);
    assert_eq!(deliver(&with("old")).await, refused_us);
    assert_eq!(deliver(&with("new")).await, Ok(()));
    let requests = gateway.requests();
    assert_eq!(requests[0].body, requests[2].body);
    assert_eq!(requests[2].header("authorization"), Some("Bearer new"));
}

#[tokio::test]
async fn the_id_is_the_same_over_retries_and_so_is_the_body() {
    let answers = vec![Answer::status(503), Answer::Close, Answer::status(429), Answer::status(201)];
    let gateway = Gateway::start(answers, None).await;
    let router = router(&SmsSettings::new(gateway.url("http", "/")));
    let notification = text_message("en", plain_invitation());
    let mut outcomes = Vec::new();
    for _ in 0..4 {
        outcomes.push(router.deliver(&notification).await);
    }
    assert_eq!(outcomes, [Err(DEFERRED), Err(UNREACHABLE), Err(DEFERRED), Ok(())]);
    let requests = gateway.requests();
    assert_eq!(requests.len(), 4);
    for request in &requests {
        assert_eq!(request.header("idempotency-key"), Some(message_id().to_string().as_str()));
        assert_eq!(request.body, requests[0].body);
    }
}

#[tokio::test]
async fn the_connection_is_used_again() {
    let (gateway, settings) = plain(Answer::status(200)).await;
    let router = router(&settings);
    for _ in 0..3 {
        assert_eq!(router.deliver(&text_message("en", plain_invitation())).await, Ok(()));
    }
    assert_eq!((gateway.connections(), gateway.requests().len()), (1, 3));
}

#[tokio::test]
async fn a_gateway_that_is_not_there_is_silent_hangs_up_or_talks_nonsense_is_tried_again() {
    let (gateway, settings) = plain(Answer::status(200)).await;
    gateway.stop().await;
    assert_eq!(deliver(&settings).await, Err(UNREACHABLE));

    let nonsense = |text: &str| Answer::Bytes(text.as_bytes().to_vec());
    for answer in [
        Answer::Silence,
        Answer::Close,
        Answer::BytesThenSilence("HTTP/1.1 200 OK\r\nContent-Le"),
        nonsense("250 OK\r\n\r\n"),
        nonsense("HTTP/1.1 2x0 OK\r\n\r\n"),
        nonsense("HTTP/1.1 200 OK\r\nno header\r\n\r\n"),
        Answer::Endless("HTTP/1.1 200 OK\r\n", "X-Again: and again\r\n".to_owned()),
        Answer::Endless("HTTP/1.1 200 OK\r\nX-Long: ", "again".repeat(1_000)),
        Answer::Endless("", "again".repeat(1_000)),
    ] {
        let (_gateway, settings) = plain(answer.clone()).await;
        let settings = SmsSettings { timeout: Duration::from_millis(500), ..settings };
        let start = Instant::now();
        assert_eq!(deliver(&settings).await, Err(UNREACHABLE), "{answer:?}");
        assert!(start.elapsed() < Duration::from_secs(5), "{answer:?}");
    }
}

#[tokio::test]
async fn the_number_of_an_answer_stands_and_what_follows_is_read_in_bounds() {
    let (block, chunk) = ("0123456789abcdef".repeat(4_096), format!("10000\r\n{}\r\n", "x".repeat(65_536)));
    let endless = |head, again: &str| Answer::Endless(head, again.to_owned());
    for (answer, expected) in [
        (endless("HTTP/1.1 200 OK\r\n\r\n", &block), Ok(())),
        (endless("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", &block), Ok(())),
        (endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", &chunk), Ok(())),
        (Answer::BytesThenSilence("HTTP/1.1 201 Created\r\nContent-Length: 10\r\n\r\nx"), Ok(())),
        (Answer::Bytes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n".to_vec()), Ok(())),
        (endless("HTTP/1.1 422 No\r\n\r\n", &block), Err(REFUSED)),
        (Answer::BytesThenSilence("HTTP/1.1 500 No\r\nContent-Length: 10\r\n\r\nx"), Err(DEFERRED)),
    ] {
        let (gateway, settings) = plain(answer.clone()).await;
        let start = Instant::now();
        assert_eq!(deliver(&settings).await, expected);
        // Far below the time limit of a delivery.
        assert!(start.elapsed() < Duration::from_secs(10));
        assert_eq!(gateway.requests().len(), 1);
        // What the buffers of the two sockets hold, but not what two seconds can bring.
        assert!(gateway.endless() < 24 << 20, "{}", gateway.endless());
    }
}

#[tokio::test]
async fn no_name_breaks_out_of_the_body_or_into_the_headers() {
    let hostile = [
        "\"}, {\"to\": \"+331\", \"x\": \"",
        "\\\", \"to\": \"+331",
        "\\",
        "Ada\r\nX-Evil: 1\r\n\r\nPOST /evil HTTP/1.1",
        "tab\tand\u{2028}line",
        "👩‍🚀 Zoë 株式会社",
        "{{ id }}{% raw %}",
        "&to=1&text=%0A+",
    ];
    let template = r#"{"recipients": ["{{ to }}"], "body": "{{ text }}", "reference": "{{ id }}"}"#;
    let form = SmsHeaders::parse("Content-Type: application/x-www-form-urlencoded").unwrap();
    for name in hostile {
        let notification = text_message("en", invitation(Some(name), name, None, None));
        let text = renderer().sms(&notification).unwrap().expose().to_owned();
        let id = message_id().to_string();

        let (gateway, settings) = plain(Answer::status(200)).await;
        let own = SmsSettings { template: Some(template.to_owned()), ..settings.clone() };
        let as_form = SmsSettings { headers: form.clone(), ..settings.clone() };
        for settings in [&settings, &own, &as_form] {
            assert_eq!(router(settings).deliver(&notification).await, Ok(()), "{name}");
        }
        let requests = gateway.requests();
        assert_eq!(requests.len(), 3, "{name}");
        assert_eq!(body(&requests[0].body), json!({ "to": "+33199001234", "text": text, "id": id }));
        assert_eq!(body(&requests[1].body), json!({ "recipients": ["+33199001234"], "body": text, "reference": id }));
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(requests[2].body.as_bytes()).into_owned().collect();
        let expected = [("to", "+33199001234"), ("text", text.as_str()), ("id", id.as_str())];
        assert_eq!(pairs, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        for request in &requests {
            assert!(request.line.starts_with("POST /v1/sms"), "{}", request.line);
            assert_eq!(request.header("x-evil"), None);
        }
    }
}

#[tokio::test]
async fn configured_headers_go_along() {
    let (gateway, settings) = plain(Answer::status(200)).await;
    let headers = SmsHeaders::parse("Authorization: Bearer hunter2; X-Sender: Acme").unwrap();
    let settings = SmsSettings { headers, ..settings };
    assert_eq!(deliver(&settings).await, Ok(()));
    let request = &gateway.requests()[0];
    assert_eq!(request.header("authorization"), Some("Bearer hunter2"));
    assert_eq!(request.header("x-sender"), Some("Acme"));
    assert_eq!(request.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn over_tls_only_a_trusted_gateway_gets_anything() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let cases = [
        (ours.server("localhost"), Some(ours.pem()), Ok(()), "trusted"),
        (theirs.server("localhost"), Some(ours.pem()), Err(TLS_FAILED), "another authority"),
        (theirs.server("localhost"), None, Err(TLS_FAILED), "unknown to the system"),
        (ours.server("sms.example.com"), Some(ours.pem()), Err(TLS_FAILED), "another host"),
    ];
    for (certificate, extra_root_pem, expected, why) in cases {
        let gateway = Gateway::start(vec![Answer::status(200)], Some(certificate)).await;
        let settings = SmsSettings { extra_root_pem, ..SmsSettings::new(gateway.url("https", "/")) };
        assert_eq!(deliver(&settings).await, expected, "{why}");
        assert_eq!(gateway.requests().len(), usize::from(expected.is_ok()), "{why}");
    }
    // One that answers in plaintext gets neither code nor credential.
    let gateway = Gateway::start(vec![Answer::status(200)], None).await;
    let settings = SmsSettings { timeout: Duration::from_millis(500), ..SmsSettings::new(gateway.url("https", "/")) };
    assert_eq!(deliver(&settings).await, Err(UNREACHABLE));
    assert_eq!((gateway.connections(), gateway.requests().len()), (1, 0));
}

#[tokio::test]
async fn nothing_prints_the_code_or_a_credential() {
    let (_gateway, settings) = plain(Answer::status(422)).await;
    let headers = SmsHeaders::parse("Authorization: Bearer hunter2").unwrap();
    let settings = SmsSettings { headers, ..settings };
    let notification = text_message("en", plain_invitation());
    let sms = renderer().sms(&notification).unwrap();
    let gateway = SmsGateway::new(&settings).unwrap();
    let error = router(&settings).deliver(&notification).await.unwrap_err();
    for printed in [
        format!("{settings:?}"),
        format!("{gateway:?}"),
        format!("{sms:?}"),
        format!("{notification:?}"),
        format!("{error:?} {error}"),
    ] {
        for secret in ["hunter2", invitation_code().expose(), "account=7"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
