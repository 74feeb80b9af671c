use super::{
    jwt,
    key::{About, KEYS},
};
use std::fmt::Write as _;

const INTRODUCTION: &str = "\
# Configuration

<!-- Generated from the table of keys in crates/invite-server/src/config/key.rs. To write it anew:
     UPDATE_DOCS=1 cargo test -p invite-server the_reference_page -->

Every setting has one name. In the environment it is written as below; in the configuration file it is the same name
without `INVITE_`, in lower case. Some have a flag too.

A flag wins over the environment, the environment over the file, the file over the default. The file is TOML; name it with
`--config FILE` or `INVITE_CONFIG`. An empty value counts as none.

A name that is not in this table stops the program with a hint at the nearest one: in the file, and in the environment if it
begins with `INVITE_`. Left alone are `INVITE_TEST_…` and what Kubernetes sets for a service named `invite`
(`INVITE_SERVICE_HOST`, `INVITE_PORT_…`).

## Forms

- **Times** are a whole number and `s`, `m`, `h` or `d`: `90s`, `15m`, `7d`.
- **Limits** are a count and a time: `10/15m` is ten in fifteen minutes. `off` lifts a limit.
- **Lists** are parted by commas; in the file a TOML list does as well.
- **Paths** are relative to the folder in which the program is started.

## Settings

| environment | file | flag | meaning | default |
|---|---|---|---|---|
";

const TABLES: &str = "
## Tables of the file

Issuers whose tokens open accounts here are tables, so they stand in the file and have no environment name. Each begins with
`[[jwt]]`; [tokens of your own issuer](../guides/jwt.md) tells what they do.

| key of `[[jwt]]` | meaning | default |
|---|---|---|
";

const EXAMPLE: &str = "
A value marked *secret* is never printed, neither in the log nor in an error. Better keep such values in the environment or in
a file that only the service can read.

## A file

```toml
database_url = \"sqlite:///var/lib/invite/invite.db\"
listen = \"127.0.0.1:8080\"
public_url = \"https://invite.example.com\"
keyring_file = \"/etc/invite/keyring\"
smtp_url = \"smtps://invite:percent%2Dencoded@mail.example.com\"
mail_from = \"Example <invitations@example.com>\"
ttl_default = \"14d\"
limit_messages_invitation = [\"3/10m\", \"10/24h\"]
trusted_proxies = [\"10.0.0.0/8\"]
log = \"info,invite_domain=debug\"

[[jwt]]
issuer = \"https://id.example.com/\"
jwks_url = \"https://id.example.com/.well-known/jwks.json\"
audience = \"https://invite.example.com\"
trust_email = true
```
";

/// The reference page of the settings, as Markdown: the content of `docs/reference/configuration.md`.
pub fn reference_page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for about in KEYS {
        let About { env, flag, meaning, default, without, secret } = about;
        let flag = flag.map(|flag| format!("`{flag}`")).unwrap_or_default();
        let default = default.map_or_else(|| (*without).to_owned(), |default| format!("`{default}`"));
        let secret = if *secret { " *Secret.*" } else { "" };
        // Writing to a string cannot fail.
        let _ = writeln!(page, "| `{env}` | `{}` | {flag} | {meaning}{secret} | {default} |", about.toml());
    }
    page.push_str(TABLES);
    for (name, meaning, default) in jwt::FIELDS {
        let _ = writeln!(page, "| `{name}` | {meaning} | {default} |");
    }
    page.push_str(EXAMPLE);
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn the_reference_page_is_the_committed_one() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/configuration.md");
        if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, reference_page()).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap();
        assert!(committed == reference_page(), "run: UPDATE_DOCS=1 cargo test -p invite-server the_reference_page");
    }

    #[test]
    fn the_reference_page_has_a_row_for_every_key_and_no_cell_breaks_the_table() {
        let page = reference_page();
        for about in KEYS {
            let rows: Vec<_> = page.lines().filter(|line| line.starts_with(&format!("| `{}` |", about.env))).collect();
            assert_eq!(rows.len(), 1, "{}", about.env);
            assert_eq!(rows[0].matches('|').count(), 6, "{}", about.env);
        }
    }

    #[test]
    fn the_example_file_of_the_reference_page_is_a_valid_configuration() {
        let page = reference_page();
        let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("invite.toml");
        std::fs::write(&path, example).unwrap();
        let config = Config::load(Some(&path), Vec::new(), Vec::new()).unwrap();
        assert_eq!(config.limits.messages_invitation.len(), 2);
        assert_eq!(config.jwt.len(), 1);
        assert_eq!(config.smtp.unwrap().credentials.unwrap().password.expose(), "percent-encoded");
    }
}
