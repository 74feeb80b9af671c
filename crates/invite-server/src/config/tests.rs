use super::{key, *};
use std::io::Write as _;

fn environment(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    pairs.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect()
}

fn load(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::load(None, Vec::new(), environment(pairs))
}

/// The refusal of one setting. Every refusal must be a single line.
fn refusal(pairs: &[(&str, &str)]) -> String {
    let message = load(pairs).unwrap_err().to_string();
    assert!(!message.contains('\n'), "{message}");
    message
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[test]
fn every_default_is_the_documented_one_and_can_be_read() {
    let documented = [
        ("INVITE_DATABASE_URL", Some("sqlite://invite.db")),
        ("INVITE_LISTEN", Some("127.0.0.1:8080")),
        ("INVITE_PUBLIC_URL", None),
        ("INVITE_KEYRING_FILE", None),
        ("INVITE_KEYRING", None),
        ("INVITE_SMTP_URL", None),
        ("INVITE_SMTP_ALLOW_PLAINTEXT", Some("false")),
        ("INVITE_MAIL_FROM", None),
        ("INVITE_SMS_URL", None),
        ("INVITE_SMS_HEADERS", None),
        ("INVITE_SMS_TEMPLATE", None),
        ("INVITE_TTL_MIN", Some("5m")),
        ("INVITE_TTL_DEFAULT", Some("7d")),
        ("INVITE_TTL_MAX", Some("30d")),
        ("INVITE_TTL_SUBJECT_MAX", Some("90d")),
        ("INVITE_LIMIT_MESSAGES_INVITATION", Some("5/10m,20/24h")),
        ("INVITE_LIMIT_LIVE", Some("10000")),
        ("INVITE_LIMIT_ISSUES_HOUR", Some("20000")),
        ("INVITE_LIMIT_MESSAGES_RECIPIENT_DAY", Some("20")),
        ("INVITE_LIMIT_MESSAGES_RECIPIENT_DAY_ALL", Some("50")),
        ("INVITE_LIMIT_REQUESTS_SECOND", Some("100")),
        ("INVITE_LIMIT_SIGN_IN_ACCOUNT", Some("10/15m")),
        ("INVITE_LIMIT_SIGN_IN_ADDRESS", Some("100/15m")),
        ("INVITE_LIMIT_CODE_ADDRESS", Some("20/10m")),
        ("INVITE_LIMIT_CODE_ORGANIZATION", Some("10000/1h")),
        ("INVITE_LIMIT_DASHDOC_REQUESTS_SECOND", Some("10")),
        ("INVITE_TEMPLATES", None),
        ("INVITE_LOCALE", Some("en")),
        ("INVITE_ORGANIZATION_HEADER", Some("organization_id")),
        ("INVITE_TRUSTED_PROXIES", None),
        ("INVITE_ALLOWED_ORIGINS", None),
        ("INVITE_ALLOWED_REDIRECTS", None),
        ("INVITE_OPERATIONS_LISTEN", None),
        ("INVITE_LOG", Some("info")),
        ("INVITE_LOG_FORMAT", None),
    ];
    let defaults: Vec<_> = KEYS.iter().map(|about| (about.env, about.default)).collect();
    assert_eq!(defaults, documented);
    for about in KEYS {
        if let Some(default) = about.default {
            key::check(about.env, default).unwrap();
        }
        assert_eq!(about.default.is_some(), about.without.is_empty(), "{} tells its default once", about.env);
    }
}

#[test]
fn without_any_setting_the_defaults_hold() {
    let config = load(&[]).unwrap();
    assert_eq!(config.database_url.expose(), "sqlite://invite.db");
    assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(
        config.ttl,
        Ttl {
            min: Duration::minutes(5),
            default: Duration::days(7),
            max: Duration::days(30),
            subject_max: Duration::days(90),
        }
    );
    let rate = |count, window| Rate { count: NonZeroU32::new(count).unwrap(), window };
    assert_eq!(config.limits.messages_invitation, [rate(5, Duration::minutes(10)), rate(20, Duration::hours(24))]);
    assert_eq!(config.limits.sign_in_account, Some(rate(10, Duration::minutes(15))));
    assert_eq!(config.organization_header.as_deref(), Some("organization_id"));
    assert!(config.smtp.is_none() && config.trusted_proxies.is_empty() && config.log.format.is_none());
    assert!(config.required_public_url().unwrap_err().to_string().contains("INVITE_PUBLIC_URL"));
    assert!(config.required_keyring().unwrap_err().to_string().contains("INVITE_KEYRING_FILE"));
}

#[test]
fn a_flag_wins_over_the_environment_and_the_environment_over_the_file() {
    let file = file("listen = \"127.0.0.1:1\"\nlog = \"warn\"\nttl_max = \"60d\"\n");
    let environment = environment(&[("INVITE_LISTEN", "127.0.0.1:2"), ("INVITE_LOG", "debug")]);
    let flags = vec![("INVITE_LISTEN", "127.0.0.1:3".to_owned())];
    let config = Config::load(Some(file.path()), flags, environment).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.log.filter, "debug");
    assert_eq!(config.ttl.max, Duration::days(60));
}

#[test]
fn the_file_is_named_by_the_flag_or_else_by_the_environment() {
    let (one, two) = (file("listen = \"127.0.0.1:1\""), file("listen = \"127.0.0.1:2\""));
    let named = || environment(&[("INVITE_CONFIG", one.path().to_str().unwrap())]);
    assert_eq!(Config::load(None, Vec::new(), named()).unwrap().listen.port(), 1);
    assert_eq!(Config::load(Some(two.path()), Vec::new(), named()).unwrap().listen.port(), 2);
}

#[test]
fn the_file_takes_texts_numbers_truths_and_lists() {
    let file = file(
        "ttl_max = \"60d\"\nsmtp_allow_plaintext = true\nsmtp_url = \"smtp://mail.example.com\"\nmail_from = \"a@b.example\"\n\
         trusted_proxies = [\"10.0.0.1\", \"fd00::/8\"]\nlimit_sign_in_account = \"off\"\n",
    );
    let config = Config::load(Some(file.path()), Vec::new(), Vec::new()).unwrap();
    assert_eq!(config.ttl.max, Duration::days(60));
    assert_eq!(config.limits.sign_in_account, None);
    assert_eq!(config.trusted_proxies, ["10.0.0.1/32".parse().unwrap(), "fd00::/8".parse().unwrap()]);
}

#[test]
fn an_unknown_name_is_refused_with_the_nearest_known_one() {
    let message = refusal(&[("INVITE_LISTN", "127.0.0.1:1")]);
    assert_eq!(message, "INVITE_LISTN in the environment is not a setting: did you mean INVITE_LISTEN?");
    assert!(refusal(&[("INVITE_CONFG", "x")]).ends_with("did you mean INVITE_CONFIG?"));
    let file = file("public_ulr = \"https://invite.example.com\"");
    let message = Config::load(Some(file.path()), Vec::new(), Vec::new()).unwrap_err().to_string();
    assert!(message.starts_with("public_ulr in ") && message.ends_with("did you mean public_url?"), "{message}");
}

#[test]
fn variables_of_others_are_left_alone() {
    let config = load(&[
        ("PATH", "/bin"),
        ("INVITE_TEST_POSTGRES_URL", "postgres://localhost"),
        ("INVITE_SERVICE_HOST", "10.0.0.7"),
        ("INVITE_SERVICE_PORT_HTTP", "80"),
        ("INVITE_PORT", "tcp://10.0.0.7:80"),
        ("INVITE_PORT_80_TCP_ADDR", "10.0.0.7"),
    ]);
    assert!(config.is_ok(), "{config:?}");
    assert!(refusal(&[("INVITE_PORT", "8080")]).contains("is not a setting"));
}

#[test]
fn an_empty_value_counts_as_none() {
    let file = file("public_url = \"\"\nlisten = \"127.0.0.1:1\"");
    let environment = environment(&[("INVITE_LISTEN", ""), ("INVITE_SMTP_URL", "")]);
    let config = Config::load(Some(file.path()), Vec::new(), environment).unwrap();
    assert_eq!((config.public_url, config.listen.port()), (None, 1));
}

#[test]
fn a_refused_value_is_named_as_the_person_wrote_it() {
    assert_eq!(
        refusal(&[("INVITE_LISTEN", "8080")]),
        "INVITE_LISTEN is `8080`: write an address and a port, such as 127.0.0.1:8080 or [::]:8080"
    );
    let flag = Config::load(None, vec![("INVITE_LISTEN", "x\ny".into())], Vec::new()).unwrap_err().to_string();
    assert!(flag.starts_with(r"--listen is `x\ny`: "), "{flag}");
    let file = file("listen = 8080");
    let message = Config::load(Some(file.path()), Vec::new(), Vec::new()).unwrap_err().to_string();
    assert!(message.starts_with("listen in /") && message.contains(" is `8080`: "), "{message}");
}

#[test]
fn a_file_that_cannot_be_used_is_refused_in_one_line_that_shows_none_of_it() {
    let missing =
        Config::load(Some(Path::new("/nowhere/invite.toml")), Vec::new(), Vec::new()).unwrap_err().to_string();
    assert!(missing.starts_with("the configuration file /nowhere/invite.toml cannot be read: "), "{missing}");
    let broken = file("listen = \"127.0.0.1:1\"\nsmtp_url = \"smtps://u:hunter2@h\" x\n");
    let message = Config::load(Some(broken.path()), Vec::new(), Vec::new()).unwrap_err().to_string();
    assert!(message.contains("is not TOML: line 2: "), "{message}");
    assert!(!message.contains('\n') && !message.contains("hunter2"), "{message}");
    for text in
        ["listen = 1.5", "listen = { a = 1 }", "trusted_proxies = [1]", "trusted_proxies = [\"10.0.0.1,10.0.0.2\"]"]
    {
        let file = file(text);
        let message = Config::load(Some(file.path()), Vec::new(), Vec::new()).unwrap_err().to_string();
        assert!(message.contains(": write "), "{message}");
    }
}

#[test]
fn a_public_url_is_https_except_on_loopback_and_names_nobody() {
    for (given, kept) in [
        ("https://invite.example.com", "https://invite.example.com"),
        ("https://example.com/invite/", "https://example.com/invite"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://127.0.0.9", "http://127.0.0.9"),
        ("http://[::1]:80", "http://[::1]"),
    ] {
        let config = load(&[("INVITE_PUBLIC_URL", given)]).unwrap();
        assert_eq!(config.required_public_url().unwrap().as_str(), kept);
    }
    for (given, hint) in [
        ("http://invite.example.com", "write https:"),
        ("http://localhost.example.com", "write https:"),
        ("ftp://invite.example.com", "write a whole URL"),
        ("invite.example.com", "write a whole URL"),
        ("https://", "write a whole URL"),
        ("https://invite.example.com/?a=1", "what follows `?`"),
        ("https://invite.example.com/#a", "what follows `?`"),
        ("https://somebody@invite.example.com", "take the user name"),
    ] {
        let message = refusal(&[("INVITE_PUBLIC_URL", given)]);
        assert!(message.contains(hint), "{message}");
    }
    assert!(!refusal(&[("INVITE_PUBLIC_URL", "https://u:hunter2@invite.example.com")]).contains("hunter2"));
}

fn smtp(url: &str) -> Result<SmtpServer, ConfigError> {
    load(&[("INVITE_SMTP_URL", url), ("INVITE_MAIL_FROM", "a@b.example")]).map(|config| config.smtp.unwrap())
}

#[test]
fn a_mail_server_has_its_security_port_and_credentials_from_its_url() {
    let server = smtp("smtps://me%40example.com:p%2Fw%20%3F@mail.example.com").unwrap();
    assert_eq!((server.security, server.host.as_str(), server.port), (SmtpSecurity::Tls, "mail.example.com", 465));
    let credentials = server.credentials.unwrap();
    assert_eq!((credentials.user.as_str(), credentials.password.expose()), ("me@example.com", "p/w ?"));
    let server = smtp("smtp+starttls://mail.example.com:2525").unwrap();
    assert_eq!((server.security, server.port, server.credentials), (SmtpSecurity::StartTls, 2525, None));
    assert_eq!(smtp("smtp+starttls://mail.example.com").unwrap().port, 587);
    let server = smtp("smtp://[::1]").unwrap();
    assert_eq!((server.security, server.host.as_str(), server.port), (SmtpSecurity::Plaintext, "::1", 25));
}

#[test]
fn plaintext_mail_goes_to_loopback_or_by_leave_and_then_without_a_password() {
    assert!(smtp("smtp://u:p@127.0.0.1:1025").is_ok() && smtp("smtp://localhost").is_ok());
    let allow = |url| {
        load(&[("INVITE_SMTP_URL", url), ("INVITE_MAIL_FROM", "a@b.example"), ("INVITE_SMTP_ALLOW_PLAINTEXT", "true")])
    };
    assert!(smtp("smtp://mail.example.com").unwrap_err().to_string().contains("INVITE_SMTP_ALLOW_PLAINTEXT=true"));
    assert!(allow("smtp://mail.example.com").is_ok());
    for refused in
        [smtp("smtp://u:hunter2@mail.example.com").map(drop), allow("smtp://u:hunter2@mail.example.com").map(drop)]
    {
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("password in plaintext") && !message.contains("hunter2"), "{message}");
    }
}

#[test]
fn a_mail_server_that_cannot_be_understood_is_refused_without_showing_it() {
    for url in [
        "mail.example.com",
        "http://mail.example.com",
        "smtps://",
        "smtps://hunter2@mail.example.com",
        "smtps://:hunter2@mail.example.com",
        "smtps://u:hunter2@mail.example.com/path",
        "smtps://u:hunter2@mail.example.com?tls=no",
        "smtps://u:hunter2#@mail.example.com",
        "smtps://u:hunter2%ff@mail.example.com",
        "smtps://u:hunter2@mail.example.com:99999",
    ] {
        let message = smtp(url).unwrap_err().to_string();
        assert!(message.starts_with("INVITE_SMTP_URL: ") && !message.contains("hunter2"), "{message}");
    }
    assert_eq!(
        refusal(&[("INVITE_SMTP_URL", "smtps://mail.example.com")]),
        "INVITE_SMTP_URL needs a sender: set INVITE_MAIL_FROM"
    );
}

#[test]
fn a_sender_is_an_address_with_or_without_a_name() {
    let from = |text| load(&[("INVITE_MAIL_FROM", text)]).map(|config| config.mail_from.unwrap());
    let (name, address) = (Some("Example Ltd".to_owned()), "a@b.example".to_owned());
    assert_eq!(from("a@b.example").unwrap(), MailFrom { name: None, address: address.clone() });
    assert_eq!(from("Example Ltd <a@b.example>").unwrap(), MailFrom { name: name.clone(), address: address.clone() });
    assert_eq!(from("\"Example Ltd\" <a@b.example>").unwrap(), MailFrom { name, address });
    for text in
        ["a", "@b.example", "a@", "a@b@c", "a b@c.example", "x <a@b", "x <a@b.example> y", "a@b.example\r\nBcc: c@d.e"]
    {
        assert!(from(text).unwrap_err().to_string().contains("write invitations@example.com"), "{text}");
    }
}

#[test]
fn the_default_life_lies_between_the_shortest_and_the_longest() {
    assert!(refusal(&[("INVITE_TTL_MIN", "8d")]).starts_with("INVITE_TTL_DEFAULT is shorter than INVITE_TTL_MIN"));
    assert!(refusal(&[("INVITE_TTL_MAX", "6d")]).starts_with("INVITE_TTL_DEFAULT is longer than INVITE_TTL_MAX"));
    assert!(load(&[("INVITE_TTL_MIN", "7d"), ("INVITE_TTL_MAX", "7d")]).is_ok());
}

#[test]
fn durations_are_a_whole_number_and_a_unit() {
    for (text, seconds) in
        [("1s", 1), ("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800), ("3650d", 315_360_000)]
    {
        assert_eq!(duration(text).unwrap(), Duration::seconds(seconds), "{text}");
    }
    for text in
        ["", "15", "m", "1.5h", "-1m", "+1m", " 1m", "1 m", "1w", "1m30s", "0s", "3651d", "99999999999999999999d", "7é"]
    {
        assert!(duration(text).is_err(), "{text}");
    }
}

#[test]
fn limits_are_rates_or_off() {
    let off = load(&[
        ("INVITE_LIMIT_SIGN_IN_ACCOUNT", "off"),
        ("INVITE_LIMIT_MESSAGES_INVITATION", "off"),
        ("INVITE_LIMIT_SIGN_IN_ADDRESS", "off"),
    ])
    .unwrap()
    .limits;
    assert_eq!((off.sign_in_account, off.messages_invitation, off.sign_in_address), (None, Vec::new(), None));
    for (name, value) in [
        ("INVITE_LIMIT_SIGN_IN_ACCOUNT", "-1"),
        ("INVITE_LIMIT_SIGN_IN_ACCOUNT", "10"),
        ("INVITE_LIMIT_SIGN_IN_ACCOUNT", "0/15m"),
        ("INVITE_LIMIT_SIGN_IN_ACCOUNT", "10/15"),
        ("INVITE_LIMIT_MESSAGES_INVITATION", "5/10m,20"),
    ] {
        let message = refusal(&[(name, value)]);
        assert!(message.starts_with(&format!("{name} is `{value}`: write ")), "{message}");
    }
}

#[test]
fn redirects_and_origins_are_absolute_and_safe() {
    let config = load(&[
        ("INVITE_ALLOWED_REDIRECTS", "https://app.example.com/welcome, http://localhost:3000/"),
        ("INVITE_ALLOWED_ORIGINS", "https://App.example.com:443/,http://localhost:3000"),
    ])
    .unwrap();
    assert_eq!(config.allowed_redirects.len(), 2);
    assert_eq!(config.allowed_origins, ["https://app.example.com", "http://localhost:3000"]);
    for value in
        ["/welcome", "//app.example.com", "http://app.example.com", "javascript:alert(1)", "https://a@b.example"]
    {
        assert!(refusal(&[("INVITE_ALLOWED_REDIRECTS", value)]).starts_with("INVITE_ALLOWED_REDIRECTS"), "{value}");
        assert!(refusal(&[("INVITE_ALLOWED_ORIGINS", value)]).starts_with("INVITE_ALLOWED_ORIGINS"), "{value}");
    }
    assert!(refusal(&[("INVITE_ALLOWED_ORIGINS", "*")]).contains("name each origin"));
    assert!(refusal(&[("INVITE_ALLOWED_ORIGINS", "https://app.example.com/x")]).contains("an origin has no path"));
}

#[test]
fn the_other_values_are_refused_with_what_to_write() {
    for (name, value, hint) in [
        ("INVITE_DATABASE_URL", "invite.db", "write sqlite://"),
        ("INVITE_DATABASE_URL", "mssql://u:p@localhost/invite", "write sqlite://"),
        ("INVITE_DATABASE_URL", "postgres:/localhost/invite", "write sqlite://"),
        ("INVITE_DATABASE_URL", "postgres://u:p@localhost", "names no database"),
        ("INVITE_DATABASE_URL", "mariadb://u:p@localhost/a/b", "names no database"),
        ("INVITE_DATABASE_URL", "postgres://u:a#b@localhost/invite", "percent-encoded"),
        ("INVITE_DATABASE_URL", "mysql://u:p@:3306/invite", "percent-encoded"),
        ("INVITE_DATABASE_URL", "sqlite://:memory:", "lost at the next start"),
        ("INVITE_KEYRING", "  ", "write the lines"),
        ("INVITE_SMTP_ALLOW_PLAINTEXT", "yes", "write true or false"),
        ("INVITE_TRUSTED_PROXIES", "10.0.0.0/33", "write addresses or networks"),
        ("INVITE_TRUSTED_PROXIES", "proxy.example.com", "write addresses or networks"),
        ("INVITE_LOCALE", "tlh", "write one of en, fr"),
        ("INVITE_ORGANIZATION_HEADER", "organization id", "write the name of a header"),
        ("INVITE_ORGANIZATION_HEADER", "Authorization", "write another name"),
        ("INVITE_OPERATIONS_LISTEN", "127.0.0.1:8080", "give it another port"),
        ("INVITE_LOG", "info,[", "write a level"),
        ("INVITE_LOG_FORMAT", "xml", "write text or json"),
    ] {
        let message = refusal(&[(name, value)]);
        assert!(message.starts_with(name) && message.contains(hint), "{message}");
    }
}

#[test]
fn of_two_key_rings_the_higher_layer_wins_and_equals_are_refused() {
    let both = environment(&[("INVITE_KEYRING", "1 active 00"), ("INVITE_KEYRING_FILE", "ring")]);
    let message = Config::load(None, Vec::new(), both).unwrap_err().to_string();
    assert_eq!(message, "INVITE_KEYRING_FILE and INVITE_KEYRING are both set: take one of them away");
    let inline = || environment(&[("INVITE_KEYRING", "1 active 00")]);
    let flag = vec![("INVITE_KEYRING_FILE", "ring".to_owned())];
    let config = Config::load(None, flag, inline()).unwrap();
    assert_eq!(config.keyring, Some(KeyringSource::File("ring".into())));
    let file = file("keyring_file = \"ring\"");
    let config = Config::load(Some(file.path()), Vec::new(), inline()).unwrap();
    assert_eq!(config.keyring, Some(KeyringSource::Inline(Redacted::new("1 active 00"))));
}

#[test]
fn a_database_can_be_a_file_or_on_a_server() {
    for url in [
        "sqlite:///var/lib/invite/invite.db",
        "postgres://invite:hunter2@db.example.com:5432/invite?sslmode=verify-full",
        "postgresql://invite@localhost/invite",
        "mysql://invite:p%40ss@127.0.0.1:3306/invite",
        "mariadb://invite@[::1]/invite?ssl-mode=VERIFY_IDENTITY",
    ] {
        assert_eq!(load(&[("INVITE_DATABASE_URL", url)]).unwrap().database_url.expose(), url);
    }
}

#[test]
fn a_refused_database_address_is_not_repeated() {
    for url in [
        "postgres://invite:hunter2@localhost",
        "mariadb://invite:hunter2@localhost:port/invite",
        "postgres://invite:hunter2#@localhost/invite",
        "oracle://invite:hunter2@localhost/invite",
    ] {
        let message = refusal(&[("INVITE_DATABASE_URL", url)]);
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[test]
fn no_secret_shows_in_debug_output() {
    let config = load(&[
        ("INVITE_SMTP_URL", "smtps://me:hunter2@mail.example.com"),
        ("INVITE_MAIL_FROM", "a@b.example"),
        ("INVITE_KEYRING", "1 active c0ffee"),
        ("INVITE_DATABASE_URL", "sqlite://hidden.db"),
    ])
    .unwrap();
    let shown = format!("{config:?} {config:#?}");
    for secret in ["hunter2", "c0ffee", "hidden.db"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

#[test]
fn an_sms_gateway_is_a_url_with_what_is_sent_along_and_nothing_of_it_is_printed() {
    let whole = [
        ("INVITE_SMS_URL", "https://sms.example.com/hunter2"),
        ("INVITE_SMS_HEADERS", "Authorization: Bearer hunter2"),
        ("INVITE_SMS_TEMPLATE", "{\"to\": \"{{ to }}\", \"text\": \"{{ text }}\", \"key\": \"hunter2\"}"),
    ];
    let config = load(&whole).unwrap();
    assert!(config.sms.as_ref().unwrap().headers.is_some() && config.sms.as_ref().unwrap().template.is_some());
    assert!(!format!("{config:?}").contains("hunter2"));
    assert_eq!(refusal(&whole[1..]), "INVITE_SMS_HEADERS and INVITE_SMS_TEMPLATE need a gateway: set INVITE_SMS_URL");
    for url in ["http://sms.example.com/hunter2", "https://me:hunter2@sms.example.com", "hunter2"] {
        assert!(!refusal(&[("INVITE_SMS_URL", url)]).contains("hunter2"), "{url}");
    }
    assert!(!refusal(&[whole[0], ("INVITE_SMS_HEADERS", "hunter2")]).contains("hunter2"));
}

#[test]
fn the_limits_of_codes_and_of_the_dashdoc_dialect_can_be_lifted() {
    let off = load(&[
        ("INVITE_LIMIT_CODE_ADDRESS", "off"),
        ("INVITE_LIMIT_CODE_ORGANIZATION", "off"),
        ("INVITE_LIMIT_DASHDOC_REQUESTS_SECOND", "off"),
    ]);
    let limits = off.unwrap().limits;
    assert_eq!((limits.code_address, limits.code_organization, limits.dashdoc_requests_second), (None, None, None));
    for wrong in ["0", "-1", "ten", ""] {
        let refused = load(&[("INVITE_LIMIT_DASHDOC_REQUESTS_SECOND", wrong)]);
        assert!(refused.is_err() || wrong.is_empty(), "{wrong}");
    }
    let message = refusal(&[("INVITE_TTL_SUBJECT_MAX", "1d")]);
    assert!(message.contains("INVITE_TTL_SUBJECT_MAX"), "{message}");
}
