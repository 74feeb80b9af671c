//! Gathers the raw values of all layers; the highest layer that has a key wins.

use super::{
    error::ConfigError,
    jwt::{self, JwtIssuer, TABLE},
    key::{About, KEYS, Key},
};
use std::{
    collections::HashMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// Where a value came from. The order is the precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    Default,
    File,
    Environment,
    Flag,
}

#[derive(Default)]
pub(super) struct Layers {
    values: HashMap<&'static str, (Layer, String)>,
    file: Option<PathBuf>,
    issuers: Vec<JwtIssuer>,
}

/// The variable that names the configuration file; it has no meaning inside that file.
pub(super) const CONFIG: &str = "INVITE_CONFIG";

impl Layers {
    /// Reads file, environment and flags. `flags` are pairs of a key's environment name and a value.
    pub(super) fn gather(
        file: Option<&Path>,
        flags: Vec<(&'static str, String)>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut variables = HashMap::new();
        let mut from_environment = None;
        for (name, value) in environment {
            // A name that is not Unicode cannot be one of ours.
            let Some(name) = name.to_str().filter(|name| name.starts_with("INVITE_")) else { continue };
            if name.starts_with("INVITE_TEST_") || value.is_empty() || is_service_link(name, &value) {
                continue;
            }
            if name == CONFIG {
                from_environment = Some(PathBuf::from(value));
                continue;
            }
            let about = known(name).ok_or_else(|| unknown(name, "the environment", &environment_names()))?;
            let value = value.into_string().map_err(|_| ConfigError::Invalid {
                name: name.to_owned(),
                value: String::new(),
                reason: "write it in UTF-8".to_owned(),
            })?;
            variables.insert(about.env, (Layer::Environment, value));
        }
        let file = file.map(Path::to_owned).or(from_environment);
        let (mut values, mut issuers) = (HashMap::new(), Vec::new());
        if let Some(path) = &file {
            issuers = read_file(path, &mut values)?;
        }
        values.extend(variables);
        values.extend(flags.into_iter().map(|(env, value)| (env, (Layer::Flag, value))));
        Ok(Self { values, file, issuers })
    }

    /// The tables of the file.
    pub(super) fn issuers(&self) -> Vec<JwtIssuer> {
        self.issuers.clone()
    }

    /// The layer that sets a key.
    pub(super) fn layer<T>(&self, key: &Key<T>) -> Layer {
        self.values.get(key.about.env).map_or(Layer::Default, |(layer, _)| *layer)
    }

    /// The value of a key that may be absent.
    pub(super) fn optional<T>(&self, key: &Key<T>) -> Result<Option<T>, ConfigError> {
        let about = &key.about;
        let value = match self.values.get(about.env) {
            Some((_, value)) => value.as_str(),
            None => match about.default {
                Some(value) => value,
                None => return Ok(None),
            },
        };
        // A value with a user part is not shown: the person may have put a password where none belongs.
        let hidden = about.secret || (value.contains("://") && value.contains('@'));
        (key.parse)(value).map(Some).map_err(|reason| ConfigError::Invalid {
            name: self.name_of(about),
            value: if hidden { String::new() } else { format!(" is `{}`", shown(value)) },
            reason,
        })
    }

    /// The value of a key that has a default.
    pub(super) fn value<T>(&self, key: &Key<T>) -> Result<T, ConfigError> {
        self.optional(key)?.ok_or_else(|| ConfigError::Together(format!("{} must be set", key.about.env)))
    }

    /// The key as the person who set it wrote it.
    fn name_of(&self, about: &About) -> String {
        match (self.values.get(about.env), about.flag, &self.file) {
            (Some((Layer::Flag, _)), Some(flag), _) => flag.to_owned(),
            (Some((Layer::File, _)), _, Some(file)) => format!("{} in {}", about.toml(), file.display()),
            _ => about.env.to_owned(),
        }
    }
}

/// One line, not too long.
fn shown(value: &str) -> String {
    const LONGEST: usize = 80;
    let mut text: String = value.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if value.chars().nth(LONGEST).is_some() {
        text.push('…');
    }
    text
}

fn known(env: &str) -> Option<&'static About> {
    KEYS.iter().find(|about| about.env == env)
}

fn environment_names() -> Vec<String> {
    KEYS.iter().map(|about| about.env.to_owned()).chain([CONFIG.to_owned()]).collect()
}

/// Kubernetes gives every pod variables about every service of its namespace. Of a service named `invite` they look like
/// ours (`INVITE_SERVICE_HOST`, `INVITE_PORT=tcp://…`), and must not keep the pod from starting.
fn is_service_link(name: &str, value: &OsString) -> bool {
    name == "INVITE_SERVICE_HOST"
        || name.starts_with("INVITE_SERVICE_PORT")
        || name.starts_with("INVITE_PORT_")
        || (name == "INVITE_PORT" && value.to_string_lossy().contains("://"))
}

pub(super) fn unknown(name: &str, place: &str, candidates: &[String]) -> ConfigError {
    let nearest = candidates
        .iter()
        .min_by_key(|candidate| strsim::damerau_levenshtein(candidate, name))
        .cloned()
        .unwrap_or_default();
    ConfigError::Unknown { name: shown(name), place: place.to_owned(), nearest }
}

/// Reads the file's keys, and answers its tables.
fn read_file(path: &Path, values: &mut HashMap<&'static str, (Layer, String)>) -> Result<Vec<JwtIssuer>, ConfigError> {
    let text =
        std::fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| ConfigError::Malformed {
        path: path.to_owned(),
        line: error
            .span()
            .map_or(1, |span| text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1)),
        reason: error.message().lines().collect::<Vec<_>>().join(" "),
    })?;
    let names: Vec<_> = KEYS.iter().map(About::toml).chain([TABLE.to_owned()]).collect();
    let mut issuers = Vec::new();
    for (name, value) in table {
        if name == TABLE {
            issuers = jwt::read(value, &path.display().to_string())?;
            continue;
        }
        let Some(about) = KEYS.iter().find(|about| about.toml() == name) else {
            return Err(unknown(&name, &path.display().to_string(), &names));
        };
        let value = text_of(&value).map_err(|reason| ConfigError::Invalid {
            name: format!("{name} in {}", path.display()),
            value: String::new(),
            reason: reason.to_owned(),
        })?;
        if !value.is_empty() {
            values.insert(about.env, (Layer::File, value));
        }
    }
    Ok(issuers)
}

/// A TOML value in the form the environment would have.
fn text_of(value: &toml::Value) -> Result<String, &'static str> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Boolean(truth) => Ok(truth.to_string()),
        toml::Value::Array(items) => {
            let mut parts = Vec::with_capacity(items.len());
            for item in items {
                match item {
                    toml::Value::String(text) if text.contains(',') => {
                        return Err("write the items of the list apart, none may hold a comma");
                    }
                    toml::Value::String(text) => parts.push(text.as_str()),
                    _ => return Err("write each item of the list in quotes"),
                }
            }
            Ok(parts.join(","))
        }
        _ => Err("write a text in quotes, a whole number, true, false or a list of texts"),
    }
}
