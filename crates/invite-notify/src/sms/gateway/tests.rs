use super::*;
use crate::sms::SmsHeaders;

fn settings(url: &str) -> SmsSettings {
    SmsSettings::new(url.parse().unwrap())
}

fn refused(url: &str) -> Option<SmsError> {
    SmsGateway::new(&settings(url)).err()
}

#[test]
fn plaintext_goes_to_this_machine_only() {
    for url in
        ["http://localhost:9/", "http://127.0.0.1/sms", "http://127.9.9.9/", "http://[::1]:8/", "https://x.example"]
    {
        assert_eq!(refused(url), None, "{url}");
    }
    for url in
        ["http://sms.example/", "http://10.0.0.1/", "http://localhost.example/", "http://[::2]/", "http://0.0.0.0/"]
    {
        assert_eq!(refused(url), Some(SmsError::Plaintext), "{url}");
    }
    for url in ["ftp://127.0.0.1/", "mailto:a@b.example", "file:///tmp/x", "https://sms.example/#x"] {
        assert_eq!(refused(url), Some(SmsError::Url), "{url}");
    }
}

#[test]
fn credentials_in_the_url_are_refused_and_not_repeated() {
    for url in ["https://user:hunter2@sms.example/", "https://hunter2@sms.example/", "http://:hunter2@localhost/"] {
        let error = refused(url).unwrap();
        assert_eq!(error, SmsError::CredentialsInUrl, "{url}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[test]
fn headers_are_read_line_by_line_and_their_values_never_shown() {
    let headers = SmsHeaders::parse("Authorization: Bearer hunter2\r\n\r\nX-From: Acme; X-Time:12:30\n").unwrap();
    assert_eq!(format!("{headers:?}"), r#"["authorization", "x-from", "x-time"]"#);
    assert_eq!(headers.0["authorization"], "Bearer hunter2");
    assert!(headers.0["authorization"].is_sensitive());
    assert_eq!(headers.0["x-time"], "12:30");
    assert!(SmsHeaders::parse(" \n; ").unwrap().0.is_empty());

    let cases = [
        ("hunter2", SmsError::Header { number: 1 }),
        ("X-A: 1\nhunter 2: x", SmsError::Header { number: 2 }),
        (": hunter2", SmsError::Header { number: 1 }),
        ("X-A: hunter2\u{e9}\u{1}", SmsError::Header { number: 1 }),
        ("X-A: a\rX-B: b", SmsError::Header { number: 1 }),
        ("Host: hunter2", SmsError::ReservedHeader { number: 1 }),
        ("X-A: 1; idempotency-KEY: hunter2", SmsError::ReservedHeader { number: 2 }),
        ("Transfer-Encoding: chunked", SmsError::ReservedHeader { number: 1 }),
        ("X-A: hunter2\nx-a: 2", SmsError::HeaderTwice { number: 2 }),
        ("X-A: 1; hunter2", SmsError::Semicolon { number: 2 }),
        ("X-A: 1; ; a=http://hunter2", SmsError::Semicolon { number: 2 }),
        ("X-A: 1;\nhunter2", SmsError::Header { number: 2 }),
    ];
    for (text, expected) in cases {
        let error = SmsHeaders::parse(text).unwrap_err();
        assert_eq!(error, expected, "{text:?}");
        assert!(!format!("{error} {error:?}").contains("hunter"), "{error}");
    }
}

#[test]
fn a_value_with_a_semicolon_is_refused_in_words_that_say_so() {
    let error = SmsHeaders::parse("Authorization: Bearer hunter2\nContent-Type: application/json; charset=utf-8");
    assert_eq!(
        error.unwrap_err().to_string(),
        "header 3 follows a `;` and is not `Name: value` in ASCII: `;` parts headers, so no value can hold one; leave \
         out what follows it, such as `; charset=utf-8`"
    );
}

#[test]
fn a_body_is_json_or_a_form() {
    let gateway = |content_type: &str| {
        let headers = SmsHeaders::parse(&format!("Content-Type: {content_type}")).unwrap();
        SmsGateway::new(&SmsSettings { headers, ..settings("https://sms.example/") })
    };
    for content_type in ["application/json", "application/vnd.api+json", "application/x-www-form-urlencoded"] {
        assert_eq!(gateway(content_type).unwrap().headers["content-type"], content_type);
    }
    for content_type in ["text/plain", "application/xml", "multipart/form-data", "json", ""] {
        assert_eq!(gateway(content_type).err(), Some(SmsError::ContentType), "{content_type}");
    }
    let plain = SmsGateway::new(&settings("https://sms.example/")).unwrap();
    assert_eq!(plain.headers["content-type"], "application/json");
}

#[test]
fn what_is_no_certificate_is_refused() {
    for pem in [&b""[..], b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let settings = SmsSettings { extra_root_pem: Some(pem.to_vec()), ..settings("https://sms.example/") };
        assert_eq!(SmsGateway::new(&settings).err(), Some(SmsError::Certificate), "{pem:?}");
    }
}

#[test]
fn nothing_prints_what_may_be_secret() {
    let headers = SmsHeaders::parse("Authorization: Bearer hunter2").unwrap();
    let template = Some(r#"{"key": "hunter2", "to": "{{ to }}", "text": "{{ text }}"}"#.to_owned());
    let settings = SmsSettings { headers, template, ..settings("https://sms.example/hunter2?key=hunter2") };
    let gateway = SmsGateway::new(&settings).unwrap();
    for printed in [format!("{settings:?}"), format!("{gateway:?}"), format!("{:#?}", settings.clone())] {
        assert!(printed.contains("sms.example") && !printed.contains("hunter2"), "{printed}");
    }
    assert_eq!(gateway.host(), "sms.example");
}
