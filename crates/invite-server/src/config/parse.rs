//! A function for each form a value can have. A refusal says what to write instead; it never repeats the value.

use super::{KeyringSource, LogFormat, MailFrom, PublicUrl, Rate, Redacted, smtp::SmtpServer};
use chrono::Duration;
use ipnet::IpNet;
use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    path::PathBuf,
};
use tracing_subscriber::EnvFilter;
use url::Url;

const OFF: &str = "off";

/// Whether a host is this machine itself: `localhost`, a name under it, 127.0.0.0/8 or `::1`.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.parse::<IpAddr>().map_or_else(
        |_| {
            let host = host.to_ascii_lowercase();
            host == "localhost" || host.ends_with(".localhost")
        },
        |address| address.is_loopback(),
    )
}

/// A length of time: a whole number and `s`, `m`, `h` or `d`.
pub fn duration(text: &str) -> Result<Duration, String> {
    const FORM: &str = "write a whole number and s, m, h or d, such as 15m or 7d";
    // Ten years: long before any sum with an instant could overflow.
    const LONGEST: i64 = 3650 * 86_400;
    let unit = match text.chars().next_back() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        Some('d') => 86_400,
        _ => return Err(FORM.to_owned()),
    };
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(FORM.to_owned());
    }
    match digits.parse::<i64>().ok().and_then(|count| count.checked_mul(unit)) {
        Some(0) => Err("a time of 0 is too short: the shortest is 1s".to_owned()),
        Some(seconds) if seconds <= LONGEST => Ok(Duration::seconds(seconds)),
        _ => Err("that is too long: the longest is 3650d".to_owned()),
    }
}

pub(super) fn boolean(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "write true or false".to_owned())
}

fn rate(text: &str) -> Result<Rate, String> {
    const FORM: &str = "write a count and a time such as 10/15m, or off for no limit";
    let (count, window) = text.split_once('/').ok_or(FORM)?;
    let count: NonZeroU32 = count.parse().map_err(|_| FORM)?;
    Ok(Rate { count, window: duration(window)? })
}

pub(super) fn rate_or_off(text: &str) -> Result<Option<Rate>, String> {
    if text == OFF { Ok(None) } else { rate(text).map(Some) }
}

pub(super) fn rates(text: &str) -> Result<Vec<Rate>, String> {
    if text == OFF { Ok(Vec::new()) } else { items(text).map(rate).collect() }
}

pub(super) fn count_or_off(text: &str) -> Result<Option<u32>, String> {
    const FORM: &str = "write a number from 1 on, or off for no limit";
    if text == OFF {
        return Ok(None);
    }
    let count: NonZeroU32 = text.parse().map_err(|_| FORM)?;
    Ok(Some(count.get()))
}

pub(super) fn sms_url(text: &str) -> Result<Redacted, String> {
    const FORM: &str = "write a whole URL such as https://sms.example.com/messages";
    let url = Url::parse(text).map_err(|error| format!("{FORM} ({error})"))?;
    invite_notify::SmsGateway::new(&invite_notify::SmsSettings::new(url)).map_err(|error| error.to_string())?;
    Ok(Redacted::new(text))
}

pub(super) fn sms_headers(text: &str) -> Result<Redacted, String> {
    invite_notify::SmsHeaders::parse(text).map_err(|error| error.to_string())?;
    Ok(Redacted::new(text))
}

pub(super) fn sms_template(text: &str) -> Result<Redacted, String> {
    if text.trim().is_empty() { Err("it is blank: write the body to post".to_owned()) } else { Ok(Redacted::new(text)) }
}

/// The items of a list. Spaces around them and empty ones don't count.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

pub(super) fn database_url(text: &str) -> Result<Redacted, String> {
    const FORM: &str = "write sqlite:// and the path of a file, such as sqlite:///var/lib/invite/invite.db";
    const SERVERS: [&str; 4] = ["postgres", "postgresql", "mysql", "mariadb"];
    if let Some((scheme, rest)) = text.split_once("://")
        && SERVERS.contains(&scheme)
    {
        return server_url(text, scheme, rest);
    }
    let path = text.strip_prefix("sqlite://").ok_or_else(|| {
        format!("{FORM}, or the address of a server, such as postgres://invite:password@db.example.com/invite")
    })?;
    let path = path.split('?').next().unwrap_or_default();
    if path.is_empty() || path.contains(":memory:") || text.contains("mode=memory") {
        return Err(format!("a database in memory is lost at the next start: {FORM}"));
    }
    Ok(Redacted::new(text))
}

/// The address of a database on a server. What is wrong with it is said without repeating any of it: it has a password.
fn server_url(text: &str, scheme: &str, rest: &str) -> Result<Redacted, String> {
    let form = format!("write {scheme}://user:password@host:port/database, special characters percent-encoded");
    let url = Url::parse(text).map_err(|_| form.clone())?;
    if rest.contains('#') {
        return Err(format!("a `#` begins what no database reads: {form}"));
    }
    let database = url.path().trim_start_matches('/');
    if database.is_empty() || database.contains('/') {
        return Err(format!("it names no database: {form}"));
    }
    Ok(Redacted::new(text))
}

pub(super) fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write an address and a port, such as 127.0.0.1:8080 or [::]:8080".to_owned())
}

pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.contains('\0') { Err("write the path of a file".to_owned()) } else { Ok(PathBuf::from(text)) }
}

pub(super) fn keyring(text: &str) -> Result<KeyringSource, String> {
    if text.trim().is_empty() {
        return Err("it is blank: write the lines of a key ring, parted by `;`".to_owned());
    }
    Ok(KeyringSource::Inline(Redacted::new(text)))
}

/// An absolute URL that is `https:`, or `http:` on this machine, and names nobody.
fn web_url(text: &str) -> Result<Url, String> {
    const FORM: &str = "write a whole URL such as https://invite.example.com";
    let url = Url::parse(text).map_err(|error| format!("{FORM} ({error})"))?;
    let host = url.host_str().ok_or(FORM)?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(host) => {}
        "http" => return Err("write https: (http: is for a loopback address only)".to_owned()),
        _ => return Err(FORM.to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("take the user name and password out of the URL".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("take away what follows `?` or `#`".to_owned());
    }
    Ok(url)
}

pub(super) fn public_url(text: &str) -> Result<PublicUrl, String> {
    web_url(text).map(PublicUrl::new)
}

pub(super) fn redirects(text: &str) -> Result<Vec<Url>, String> {
    items(text).map(web_url).collect()
}

pub(super) fn origins(text: &str) -> Result<Vec<String>, String> {
    items(text)
        .map(|item| {
            if item == "*" {
                return Err("`*` would let every site call the API: name each origin".to_owned());
            }
            let url = web_url(item)?;
            if url.path() == "/" {
                Ok(url.origin().ascii_serialization())
            } else {
                Err("an origin has no path: write https://app.example.com".to_owned())
            }
        })
        .collect()
}

pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    items(text)
        .map(|item| {
            item.parse::<IpNet>()
                .or_else(|_| item.parse::<IpAddr>().map(IpNet::from))
                .map(|net| net.trunc())
                .map_err(|_| "write addresses or networks such as 10.0.0.0/8, parted by commas".to_owned())
        })
        .collect()
}

pub(super) fn smtp_url(text: &str) -> Result<SmtpServer, String> {
    SmtpServer::parse(text)
}

/// `address` or `Name <address>`. Only what would break the header is refused here: the mailer reads it for good.
pub(super) fn mail_from(text: &str) -> Result<MailFrom, String> {
    const FORM: &str = "write invitations@example.com or Example <invitations@example.com>";
    let text = text.trim();
    let (name, address) = match text.strip_suffix('>') {
        Some(front) => {
            let (name, address) = front.split_once('<').ok_or(FORM)?;
            let name = name.trim().trim_matches('"').trim();
            (Some(name.to_owned()).filter(|name| !name.is_empty()), address)
        }
        None => (None, text),
    };
    let (local, domain) = address.split_once('@').ok_or(FORM)?;
    let odd = |character: char| character.is_whitespace() || character.is_control() || "<>,;:\"@".contains(character);
    let name_is_odd = name.as_deref().unwrap_or_default().contains(|c: char| c.is_control() || "<>\"@".contains(c));
    if local.is_empty() || domain.is_empty() || local.contains(odd) || domain.contains(odd) || name_is_odd {
        return Err(FORM.to_owned());
    }
    Ok(MailFrom { name, address: address.to_owned() })
}

/// A language the catalogue of texts has.
pub(super) fn language(text: &str) -> Result<String, String> {
    let known: Vec<_> = invite_text::Language::ALL.iter().map(|language| language.tag()).collect();
    let known = known.join(", ");
    invite_text::Language::parse(text).map(|_| text.to_owned()).ok_or_else(|| format!("write one of {known}"))
}

/// A header's name is a token ([RFC 9110 §5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2)).
pub(super) fn header_or_off(text: &str) -> Result<Option<String>, String> {
    if text == OFF {
        return Ok(None);
    }
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !text.bytes().all(token) {
        return Err("write the name of a header, such as organization_id, or off".to_owned());
    }
    let name = text.to_ascii_lowercase();
    if ["authorization", "cookie", "host", "content-type", "content-length", "idempotency-key"].contains(&name.as_str())
    {
        return Err("that header has a meaning of its own: write another name, such as organization_id".to_owned());
    }
    Ok(Some(name))
}

pub(super) fn log_filter(text: &str) -> Result<String, String> {
    EnvFilter::builder().parse(text).map(|_| text.to_owned()).map_err(|_| {
        "write a level (error, warn, info, debug, trace) or a filter such as info,invite_domain=debug".to_owned()
    })
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("write text or json".to_owned()),
    }
}
