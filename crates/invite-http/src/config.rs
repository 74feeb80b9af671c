use crate::extract::client::IpNet;
use url::Url;

/// What the operator decided for HTTP.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// The base of every link, never taken from a request (LINK-1). `https`, or `http` on loopback.
    pub public_url: Url,
    /// Whose forwarding headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may call the API (CORS).
    pub allowed_origins: Vec<Url>,
    /// Where a success may lead: equal origin and path prefix.
    pub allowed_redirects: Vec<Url>,
    /// A further header that names the effective organisation beside `X-Organization-Id`.
    pub organization_header: Option<String>,
    /// The operator's language, where nobody says another (a BCP 47 tag).
    pub locale: Option<String>,
    /// Whether `/metrics` is served beside the API. Off where it has a port of its own.
    pub operations_on_main: bool,
    /// How many requests a second one credential may make, in this process; no limit where `None`.
    pub requests_second: Option<u32>,
    /// How many requests a second one credential may make of the Dashdoc dialect, in this process; no limit where `None`.
    pub dashdoc_requests_second: Option<u32>,
}

impl HttpConfig {
    /// The settings that follow from the public URL alone.
    pub fn new(public_url: Url) -> Self {
        Self {
            public_url,
            trusted_proxies: Vec::new(),
            allowed_origins: Vec::new(),
            allowed_redirects: Vec::new(),
            organization_header: None,
            locale: None,
            operations_on_main: true,
            requests_second: Some(100),
            dashdoc_requests_second: Some(10),
        }
    }

    /// The path the public URL itself has, without a slash at its end: what stands before every path a page names.
    pub fn base_path(&self) -> &str {
        self.public_url.path().trim_end_matches('/')
    }

    /// The public URL's origin, as browsers write it.
    pub fn origin(&self) -> String {
        self.public_url.origin().ascii_serialization()
    }

    /// An absolute URL below the public one; `path` begins with a slash.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin(), self.base_path())
    }

    /// The link of an invitation's token.
    pub fn invitation_link(&self, token: &str) -> String {
        self.absolute(&format!("/i/{token}"))
    }

    /// The link of an account's token.
    pub fn account_link(&self, token: &str) -> String {
        self.absolute(&format!("/account/{token}"))
    }

    /// Whether cookies are for https only.
    pub fn secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// The name of the session's cookie. `__Host-` makes the browser hold it to https, this host and path `/`.
    pub fn session_cookie(&self) -> &'static str {
        if self.secure() { "__Host-invite_session" } else { "invite_session" }
    }

    /// The name of the cookie that keeps a key signed in at the console.
    pub fn console_key_cookie(&self) -> &'static str {
        if self.secure() { "__Host-invite_console_key" } else { "invite_console_key" }
    }

    /// The URL a success may lead to, where the operator allowed it (LINK-6): http or https, no user, equal origin, and
    /// a path that is an allowed one or below it.
    pub fn allowed_redirect(&self, text: &str) -> Option<Url> {
        let after_scheme = text.split_once("://").map(|(_, rest)| rest)?;
        let odd = |c: char| c == '\\' || c.is_control() || c.is_whitespace();
        if text.contains(odd) || after_scheme.contains("//") || text.len() > 2048 {
            return None;
        }
        let url = Url::parse(text).ok()?;
        let plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
        let below = |allowed: &Url| {
            let prefix = allowed.path().trim_end_matches('/');
            let rest = url.path().strip_prefix(prefix);
            allowed.origin() == url.origin() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        (plain && !text.contains('@') && self.allowed_redirects.iter().any(below)).then_some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> HttpConfig {
        let mut config = HttpConfig::new(Url::parse("https://invite.example.org/join/").unwrap());
        config.allowed_redirects = vec![Url::parse("https://app.example.org/welcome").unwrap()];
        config
    }

    #[test]
    fn link_1_links_are_made_of_the_public_url_and_its_path() {
        assert_eq!(config().invitation_link("inv_x"), "https://invite.example.org/join/i/inv_x");
        assert_eq!(config().base_path(), "/join");
        assert_eq!(
            HttpConfig::new(Url::parse("http://127.0.0.1:8080").unwrap()).absolute("/x"),
            "http://127.0.0.1:8080/x"
        );
    }

    #[test]
    fn link_6_only_allowed_destinations_are_destinations() {
        for good in [
            "https://app.example.org/welcome",
            "https://app.example.org/welcome/",
            "https://app.example.org/welcome/a?b=c",
        ] {
            assert!(config().allowed_redirect(good).is_some(), "{good}");
        }
        for bad in [
            "http://app.example.org/welcome",
            "https://app.example.org/",
            "https://app.example.org/welcomed",
            "https://app.example.org/welcome/../x",
            "https://app.example.org/welcome/%2e%2e/x",
            "https://app.example.org:444/welcome",
            "https://app.example.org.evil.org/welcome",
            "https://user@app.example.org/welcome",
            "https://user:pass@app.example.org/welcome",
            "https://app.example.org/welcome//evil",
            "https://app.example.org\\welcome",
            "//app.example.org/welcome",
            "\\\\app.example.org/welcome",
            "/welcome",
            "javascript:alert(1)",
            "javascript://app.example.org/welcome",
            "data:text/html,x",
            " https://app.example.org/welcome",
            "https://app.example.org/welcome\r\nX: y",
            "",
        ] {
            assert!(config().allowed_redirect(bad).is_none(), "{bad:?}");
        }
    }
}
