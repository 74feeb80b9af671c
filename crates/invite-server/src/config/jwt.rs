//! The issuers whose tokens count: `[[jwt]]` in the configuration file. A list of tables has no form that an environment
//! variable could take, so there is none.

use super::{error::ConfigError, layers::unknown, parse::is_loopback};
use url::Url;

/// What every such table begins with, in double brackets.
pub(super) const TABLE: &str = "jwt";

/// The keys of such a table with what they mean, as the reference page shows them.
pub(super) const FIELDS: [(&str, &str, &str); 4] = [
    ("issuer", "what the tokens say in `iss`, character by character", "required"),
    ("jwks_url", "where the issuer publishes its keys (a JWK set); `https:` except on loopback", "required"),
    ("audience", "what the tokens say in `aud`, or among others there", "required"),
    ("trust_email", "`true` where an address counts as proven of which the issuer says `email_verified`", "`false`"),
];

/// An issuer whose tokens count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtIssuer {
    /// What its tokens say in `iss`.
    pub issuer: String,
    /// Where it publishes its keys.
    pub jwks_url: Url,
    /// What its tokens say in `aud`.
    pub audience: String,
    /// Whether its word on an address counts.
    pub trust_email: bool,
}

/// Reads the tables. `file` is what the person calls the file.
pub(super) fn read(value: toml::Value, file: &str) -> Result<Vec<JwtIssuer>, ConfigError> {
    let refused = |name: String, reason: &str| ConfigError::Invalid {
        name: format!("{name} in {file}"),
        value: String::new(),
        reason: reason.to_owned(),
    };
    let toml::Value::Array(tables) = value else {
        return Err(refused(TABLE.to_owned(), "write it as a table, `[[jwt]]`, once for every issuer"));
    };
    let mut issuers = Vec::<JwtIssuer>::new();
    for (at, table) in tables.into_iter().enumerate() {
        let place = format!("[[jwt]] number {}", at + 1);
        let toml::Value::Table(mut table) = table else {
            return Err(refused(place, "write it as a table, `[[jwt]]`, with its keys below"));
        };
        let names = FIELDS.map(|(name, ..)| name.to_owned());
        if let Some(odd) = table.keys().find(|key| !names.contains(key)) {
            return Err(unknown(odd, &format!("{place} in {file}"), &names));
        }
        let mut text = |name: &str| match table.remove(name) {
            Some(toml::Value::String(text)) if !text.trim().is_empty() && text.trim() == text => Ok(text),
            Some(_) => Err(refused(format!("{name} of {place}"), "write a text in quotes, without blanks around it")),
            None => Err(refused(format!("{name} of {place}"), "it is missing")),
        };
        let (issuer, jwks_url, audience) = (text("issuer")?, text("jwks_url")?, text("audience")?);
        let trust_email = match table.remove("trust_email") {
            None => false,
            Some(toml::Value::Boolean(trusted)) => trusted,
            Some(_) => return Err(refused(format!("trust_email of {place}"), "write true or false, without quotes")),
        };
        let jwks_url = url(&jwks_url).map_err(|reason| refused(format!("jwks_url of {place}"), reason))?;
        if issuers.iter().any(|other| other.issuer == issuer) {
            return Err(refused(
                format!("issuer of {place}"),
                "another table has the same issuer: take one of them away",
            ));
        }
        issuers.push(JwtIssuer { issuer, jwks_url, audience, trust_email });
    }
    Ok(issuers)
}

fn url(text: &str) -> Result<Url, &'static str> {
    const FORM: &str = "write a whole URL, such as https://id.example.com/.well-known/jwks.json";
    let url = Url::parse(text).map_err(|_| FORM)?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(FORM)?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(host) => {}
        "http" => return Err("write https: (http: is for a loopback address only)"),
        _ => return Err(FORM),
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("take user name, password and what follows `#` out of the URL");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[[jwt]]\nissuer = \"https://id.example.com/\"\n\
        jwks_url = \"https://id.example.com/keys\"\naudience = \"invite\"\n";

    fn load(text: &str) -> Result<Vec<JwtIssuer>, String> {
        let mut table: toml::Table = text.parse().unwrap();
        read(table.remove("jwt").unwrap(), "invite.toml").map_err(|error| error.to_string())
    }

    #[test]
    fn issuers_are_read_and_their_word_on_addresses_counts_only_where_it_is_said() {
        let other = GOOD.replace("id.example.com", "login.example.com");
        let issuers = load(&format!("{GOOD}{other}trust_email = true\n")).unwrap();
        let [one, two] = &issuers[..] else { panic!("{issuers:?}") };
        assert_eq!((&*one.issuer, &*one.audience, one.trust_email), ("https://id.example.com/", "invite", false));
        assert_eq!((two.jwks_url.as_str(), two.trust_email), ("https://login.example.com/keys", true));
    }

    #[test]
    fn a_mistake_names_table_and_key() {
        let with = |from: &str, to: &str| load(&format!("{GOOD}{}", GOOD.replace("id.", "x.").replace(from, to)));
        for (from, to, said) in [
            ("audience = \"invite\"\n", "", "audience of [[jwt]] number 2 in invite.toml: it is missing"),
            ("\"invite\"", "[\"invite\"]", "audience of [[jwt]] number 2 in invite.toml: write a text in quotes"),
            ("\"invite\"", "\" \"", "audience of [[jwt]] number 2"),
            (
                "https://x.example.com/keys",
                "http://x.example.com/keys",
                "jwks_url of [[jwt]] number 2 in invite.toml: write https:",
            ),
            ("https://x.example.com/keys", "https://me:pw@x.example.com/keys", "jwks_url of [[jwt]] number 2"),
            ("https://x.example.com/keys", "keys", "jwks_url of [[jwt]] number 2"),
            ("https://x.example.com/keys", "file:///keys", "jwks_url of [[jwt]] number 2"),
            (
                "https://x.example.com/\"",
                "https://id.example.com/\"",
                "issuer of [[jwt]] number 2 in invite.toml: another table",
            ),
            (
                "audience",
                "audiance",
                "audiance in [[jwt]] number 2 in invite.toml is not a setting: did you mean audience?",
            ),
            (
                "\"invite\"\n",
                "\"invite\"\ntrust_email = \"yes\"\n",
                "trust_email of [[jwt]] number 2 in invite.toml: write true",
            ),
        ] {
            let error = with(from, to).unwrap_err();
            assert!(error.starts_with(said), "{error}");
            assert!(!error.contains("pw"), "{error}");
        }
        assert!(load("jwt = \"https://id.example.com/\"").unwrap_err().contains("[[jwt]]"));
        assert!(load("jwt = [1]").unwrap_err().contains("[[jwt]]"));
        assert!(with("https://x.example.com/keys", "http://127.0.0.1:9000/keys").is_ok());
        assert!(with("https://x.example.com/keys", "http://[::1]:9000/keys").is_ok());
    }
}
