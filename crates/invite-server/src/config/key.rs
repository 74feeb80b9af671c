use super::{KeyringSource, LogFormat, Redacted, parse, smtp::SmtpServer};
use super::{MailFrom, PublicUrl, Rate};
use chrono::Duration;
use ipnet::IpNet;
use std::{net::SocketAddr, path::PathBuf};
use url::Url;

/// What a person has to know about one setting: a row of the reference page.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// The environment's name of it, `INVITE_…`.
    pub env: &'static str,
    /// The flag that sets it, if there is one.
    pub flag: Option<&'static str>,
    /// What it is for, and the form of its value, as Markdown.
    pub meaning: &'static str,
    /// The value it has when nobody sets it, in the form in which one would write it.
    pub default: Option<&'static str>,
    /// What no value means, for a key without a default; empty for the others.
    pub without: &'static str,
    /// Whether the value is, or may hold, a secret: it is never printed then.
    pub secret: bool,
}

impl About {
    /// The name in the configuration file: the environment's without `INVITE_`, in lower case.
    pub fn toml(&self) -> String {
        self.env.trim_start_matches("INVITE_").to_ascii_lowercase()
    }
}

/// A setting with the function that reads its value.
pub(super) struct Key<T> {
    pub(super) about: About,
    pub(super) parse: fn(&str) -> Result<T, String>,
}

macro_rules! keys {
    ($($name:ident: $type:ty = $env:literal, $(flag $flag:literal,)? $(default $default:literal,)?
       $(without $without:literal,)? $(secret $secret:literal,)? => $parse:expr, $meaning:literal;)+) => {
        $(pub(super) const $name: Key<$type> = Key {
            about: About {
                env: $env,
                flag: keys!(@some $($flag)?),
                meaning: $meaning,
                default: keys!(@some $($default)?),
                without: keys!(@text $($without)?),
                secret: keys!(@truth $($secret)?),
            },
            parse: $parse,
        };)+

        /// Every setting, in the order of the reference page.
        pub const KEYS: &[About] = &[$($name.about),+];

        /// Reads a value with its key's own parser: what the defaults are tested with.
        #[cfg(test)]
        pub(super) fn check(env: &str, value: &str) -> Result<(), String> {
            match env {
                $($env => ($name.parse)(value).map(drop),)+
                other => Err(format!("{other} is no key")),
            }
        }
    };
    (@some $value:literal) => { Some($value) };
    (@some) => { None };
    (@text $value:literal) => { $value };
    (@text) => { "" };
    (@truth $value:literal) => { $value };
    (@truth) => { false };
}

keys! {
    DATABASE_URL: Redacted = "INVITE_DATABASE_URL", flag "--database-url", default "sqlite://invite.db", secret true,
        => parse::database_url,
        "The database: `sqlite://` and the path of a file, made if there is none; or \
         `postgres://user:password@host:port/database` (also `postgresql:`), or the same with `mariadb:` (also `mysql:`). \
         Special characters of the password are percent-encoded.";
    LISTEN: SocketAddr = "INVITE_LISTEN", flag "--listen", default "127.0.0.1:8080", => parse::socket_address,
        "Address and port to listen on. With port 0 the system chooses one; it is logged and, with \
         `serve --port-file F`, written to F.";
    PUBLIC_URL: PublicUrl = "INVITE_PUBLIC_URL", flag "--public-url", without "required by `serve`", => parse::public_url,
        "The base of every link. It is never taken from a request. `https:`, or `http:` on a loopback address; no query, \
         no fragment, no user name.";
    KEYRING_FILE: PathBuf = "INVITE_KEYRING_FILE", flag "--keyring-file",
        without "this or `INVITE_KEYRING` is required by `serve`", => parse::path,
        "The file of the key ring, a line a key, as `invite keys new` writes it.";
    KEYRING: KeyringSource = "INVITE_KEYRING", without "see `INVITE_KEYRING_FILE`", secret true, => parse::keyring,
        "The key ring itself; `;` parts its lines. Not together with `INVITE_KEYRING_FILE`.";
    SMTP_URL: SmtpServer = "INVITE_SMTP_URL", without "mail is queued and the log says so", secret true, => parse::smtp_url,
        "The mail server: `smtps://user:password@host:port` (TLS), `smtp+starttls://…` (STARTTLS, required) or `smtp://…` \
         (plaintext, only to a loopback address). Special characters of the password are percent-encoded. Without a port: \
         465, 587 and 25.";
    SMTP_ALLOW_PLAINTEXT: bool = "INVITE_SMTP_ALLOW_PLAINTEXT", default "false", => parse::boolean,
        "`true` allows `smtp://` to a host that is not this machine. Such a URL must hold no user name and no password.";
    MAIL_FROM: MailFrom = "INVITE_MAIL_FROM", without "required with `INVITE_SMTP_URL`", => parse::mail_from,
        "The sender of every mail: `invitations@example.com` or `Example <invitations@example.com>`.";
    SMS_URL: Redacted = "INVITE_SMS_URL", without "text messages are queued and the log says so", secret true,
        => parse::sms_url,
        "The SMS gateway: an `https:` URL (`http:` on a loopback address) that messages are posted to.";
    SMS_HEADERS: Redacted = "INVITE_SMS_HEADERS", without "none", secret true, => parse::sms_headers,
        "Headers sent to the gateway, such as `Authorization: Bearer …`; `;` or a line end parts them. `Content-Type: \
         application/x-www-form-urlencoded` makes the body a form.";
    SMS_TEMPLATE: Redacted = "INVITE_SMS_TEMPLATE", without "`to`, `text` and `id` as JSON, or as a form", secret true,
        => parse::sms_template,
        "The body posted to the gateway, with `{{ to }}`, `{{ text }}` and `{{ id }}` where the values go.";
    TTL_MIN: Duration = "INVITE_TTL_MIN", default "5m", => parse::duration,
        "The shortest life an invitation can be given.";
    TTL_DEFAULT: Duration = "INVITE_TTL_DEFAULT", default "7d", => parse::duration,
        "The life of an invitation for which nothing else is asked.";
    TTL_MAX: Duration = "INVITE_TTL_MAX", default "30d", => parse::duration,
        "The longest life an invitation can be given.";
    TTL_SUBJECT_MAX: Duration = "INVITE_TTL_SUBJECT_MAX", default "90d", => parse::duration,
        "The longest life an invitation of a contact or driver can be given.";
    LIMIT_MESSAGES_INVITATION: Vec<Rate> = "INVITE_LIMIT_MESSAGES_INVITATION", default "5/10m,20/24h", => parse::rates,
        "Messages of one invitation: a count and a time, several parted by commas; all of them hold.";
    LIMIT_LIVE: Option<u32> = "INVITE_LIMIT_LIVE", default "10000", => parse::count_or_off,
        "Live invitations an organisation may have; it can set itself less.";
    LIMIT_ISSUES_HOUR: Option<u32> = "INVITE_LIMIT_ISSUES_HOUR", default "20000", => parse::count_or_off,
        "Invitations an organisation may issue in an hour; it can set itself less.";
    LIMIT_MESSAGES_RECIPIENT_DAY: Option<u32> = "INVITE_LIMIT_MESSAGES_RECIPIENT_DAY", default "20",
        => parse::count_or_off,
        "Messages one organisation may send one recipient in a day; it can set itself less.";
    LIMIT_MESSAGES_RECIPIENT_DAY_ALL: Option<u32> = "INVITE_LIMIT_MESSAGES_RECIPIENT_DAY_ALL", default "50",
        => parse::count_or_off,
        "Messages one recipient may get in a day from all organisations together.";
    LIMIT_REQUESTS_SECOND: Option<u32> = "INVITE_LIMIT_REQUESTS_SECOND", default "100", => parse::count_or_off,
        "Requests in one second by one credential, or without one from one network address, counted by each process for itself.";
    LIMIT_SIGN_IN_ACCOUNT: Option<Rate> = "INVITE_LIMIT_SIGN_IN_ACCOUNT", default "10/15m", => parse::rate_or_off,
        "Failed sign-ins to one account.";
    LIMIT_SIGN_IN_ADDRESS: Option<Rate> = "INVITE_LIMIT_SIGN_IN_ADDRESS", default "100/15m", => parse::rate_or_off,
        "Failed sign-ins from one network address.";
    LIMIT_CODE_ADDRESS: Option<Rate> = "INVITE_LIMIT_CODE_ADDRESS", default "20/10m", => parse::rate_or_off,
        "Short codes tried in vain from one network address.";
    LIMIT_CODE_ORGANIZATION: Option<Rate> = "INVITE_LIMIT_CODE_ORGANIZATION", default "10000/1h", => parse::rate_or_off,
        "Short codes tried in vain in one organisation.";
    LIMIT_DASHDOC_REQUESTS_SECOND: Option<u32> = "INVITE_LIMIT_DASHDOC_REQUESTS_SECOND", default "10",
        => parse::count_or_off,
        "Requests in one second by one credential of the Dashdoc API, counted by each process for itself.";
    TEMPLATES: PathBuf = "INVITE_TEMPLATES", without "the built-in ones", => parse::path,
        "A folder with mail templates of your own. A file it does not have is the built-in one.";
    LOCALE: String = "INVITE_LOCALE", default "en", => parse::language,
        "The language of mails and pages where nobody says another: `en` or `fr`.";
    ORGANIZATION_HEADER: Option<String> = "INVITE_ORGANIZATION_HEADER", default "organization_id", => parse::header_or_off,
        "A second name, beside `X-Organization-Id`, of the header that names the effective organisation; `off` for none.";
    TRUSTED_PROXIES: Vec<IpNet> = "INVITE_TRUSTED_PROXIES", without "none", => parse::networks,
        "Addresses or networks, such as `10.0.0.0/8`, whose forwarding headers are believed.";
    ALLOWED_ORIGINS: Vec<String> = "INVITE_ALLOWED_ORIGINS", without "none", => parse::origins,
        "Origins, such as `https://app.example.com`, whose pages may call the API from a browser (CORS).";
    ALLOWED_REDIRECTS: Vec<Url> = "INVITE_ALLOWED_REDIRECTS", without "none", => parse::redirects,
        "Where a redeemed invitation may lead: absolute `https:` URLs (`http:` on a loopback address). A redirect is allowed \
         where its origin is equal and its path begins with one of these.";
    OPERATIONS_LISTEN: SocketAddr = "INVITE_OPERATIONS_LISTEN", without "`/metrics` is served on `INVITE_LISTEN`",
        => parse::socket_address,
        "A second address and port that alone serves `/metrics`.";
    LOG: String = "INVITE_LOG", flag "--log", default "info", => parse::log_filter,
        "What is logged: a level, or a filter such as `info,invite_domain=debug`. The traffic of libraries that might hold \
         secrets is never logged below `info`.";
    LOG_FORMAT: LogFormat = "INVITE_LOG_FORMAT", without "`text` on a terminal, else `json`", => parse::log_format,
        "`text` or `json`. The log goes to standard error.";
}
