use super::CommandError;
use crate::{app, config::Config, runtime::SystemClock};
use clap::{Args, Subcommand};
use invite_domain::{
    directory::look::{Accent, Logo},
    port::Clock as _,
};
use invite_notify::{MailKind, Renderer, TemplateSet, sample};
use invite_text::Language;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};
use url::Url;

/// The base of links where none is configured: a preview needs none that works.
const BASE: &str = "https://invite.example";

/// `invite templates`: the mails' templates.
#[derive(Debug, Clone, Args)]
pub struct TemplatesArgs {
    /// What to do with them
    #[command(subcommand)]
    pub command: TemplatesCommand,
}

/// What to do with the templates.
#[derive(Debug, Clone, Subcommand)]
pub enum TemplatesCommand {
    /// Write mails about made-up people, to look at in a browser
    Preview {
        /// Templates of this folder instead of the configured ones [environment: `INVITE_TEMPLATES`]
        #[arg(long, value_name = "FOLDER")]
        from: Option<PathBuf>,
        /// One kind of mail only
        #[arg(long, value_name = "KIND", value_parser = kind)]
        kind: Option<MailKind>,
        /// One language only
        #[arg(long, value_name = "LANGUAGE", value_parser = language)]
        language: Option<Language>,
        /// Folder to write to
        #[arg(long, value_name = "FOLDER", default_value = "mail-preview")]
        out: PathBuf,
        /// An organisation's colour, as #1a56b0
        #[arg(long, value_name = "COLOUR", value_parser = colour)]
        accent: Option<Accent>,
        /// An organisation's logo, a PNG image
        #[arg(long, value_name = "FILE")]
        logo: Option<PathBuf>,
    },
    /// Write the built-in templates into a folder, to start from
    Export {
        /// Folder; no file in it is overwritten
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
    /// Try every template on mails with hostile names; the first broken one is named, with its line
    Check {
        /// Templates of this folder instead of the configured ones [environment: `INVITE_TEMPLATES`]
        #[arg(long, value_name = "FOLDER")]
        from: Option<PathBuf>,
    },
}

/// Which mails a preview shows, and how.
struct Shown {
    kind: Option<MailKind>,
    language: Option<Language>,
    accent: Option<Accent>,
    logo: Option<Logo>,
}

fn kind(text: &str) -> Result<MailKind, String> {
    let names = || MailKind::ALL.map(MailKind::name).join(", ");
    MailKind::from_name(text).ok_or_else(|| format!("the kinds of mail are {}", names()))
}

fn language(text: &str) -> Result<Language, String> {
    let tags = || Language::ALL.iter().map(|language| language.tag()).collect::<Vec<_>>().join(", ");
    Language::parse(text).ok_or_else(|| format!("the languages are {}", tags()))
}

fn colour(text: &str) -> Result<Accent, String> {
    Accent::parse(text).map_err(|error| error.to_string())
}

/// Runs one of them. `out` is standard output: it names what was written; `hint` is standard error.
pub(super) fn run(
    command: &TemplatesCommand,
    config: &Config,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    match command {
        TemplatesCommand::Preview { from, kind, language, out: folder, accent, logo } => {
            let renderer = renderer(from.as_deref(), config)?;
            let logo = logo.as_deref().map(self::logo).transpose()?;
            let shown = Shown { kind: *kind, language: *language, accent: *accent, logo };
            preview(&renderer, &shown, folder, out)
        }
        TemplatesCommand::Export { folder } => export(folder, out, hint),
        TemplatesCommand::Check { from } => {
            renderer(from.as_deref(), config)?;
            match from.as_ref().or(config.templates.as_ref()) {
                Some(folder) => writeln!(out, "the templates in {} can be used", folder.display())?,
                None => writeln!(out, "the built-in templates can be used")?,
            }
            Ok(())
        }
    }
}

fn failed(error: &dyn std::fmt::Display) -> CommandError {
    CommandError::Failed(error.to_string())
}

fn renderer(from: Option<&Path>, config: &Config) -> Result<Renderer, CommandError> {
    let base = config.public_url.as_ref().map_or(BASE, |url| url.as_str());
    let base = Url::parse(base).map_err(|error| failed(&error))?;
    match from {
        Some(folder) => {
            let templates = TemplateSet::from_dir(folder).map_err(|error| failed(&error))?;
            Renderer::new(&base, templates).map_err(|error| failed(&error))
        }
        None => app::renderer(config, &base).map_err(|error| failed(&error)),
    }
}

fn preview(renderer: &Renderer, shown: &Shown, folder: &Path, out: &mut dyn Write) -> Result<(), CommandError> {
    fs::create_dir_all(folder).map_err(|cause| unwritten(folder, &cause))?;
    let now = SystemClock.now();
    for kind in MailKind::ALL.into_iter().filter(|kind| shown.kind.is_none_or(|only| only == *kind)) {
        let languages = Language::ALL.iter().copied();
        for language in languages.filter(|language| shown.language.is_none_or(|only| only == *language)) {
            let notification = sample::mail(kind, language, now, (shown.accent, shown.logo.clone()));
            let notification = notification.map_err(|error| failed(&error))?;
            let mail = renderer.preview(&notification).map_err(|error| failed(&error))?;
            let text = format!("Subject: {}\n\n{}", mail.subject, mail.text);
            for (extension, content) in [("html", mail.html_for_browser()), ("txt", text)] {
                let path = folder.join(format!("{}.{}.{extension}", kind.name(), language.tag()));
                fs::write(&path, content).map_err(|cause| unwritten(&path, &cause))?;
                writeln!(out, "{}", path.display())?;
            }
        }
    }
    Ok(())
}

fn logo(path: &Path) -> Result<Logo, CommandError> {
    let bytes =
        fs::read(path).map_err(|cause| CommandError::Failed(format!("{} cannot be read: {cause}", path.display())))?;
    Logo::parse(&bytes).map_err(|error| CommandError::Usage(format!("{}: {error}", path.display())))
}

fn export(folder: &Path, out: &mut dyn Write, hint: &mut dyn Write) -> Result<(), CommandError> {
    fs::create_dir_all(folder).map_err(|cause| unwritten(folder, &cause))?;
    // All or none: somebody's work may be in it.
    if let Some((name, _)) = TemplateSet::builtin_files().find(|(name, _)| folder.join(name).symlink_metadata().is_ok())
    {
        let path = folder.join(name);
        return Err(CommandError::Failed(format!("{} exists already: choose an empty folder", path.display())));
    }
    for (name, content) in TemplateSet::builtin_files() {
        let path = folder.join(name);
        let file = fs::OpenOptions::new().write(true).create_new(true).open(&path);
        file.and_then(|mut file| file.write_all(content.as_bytes())).map_err(|cause| unwritten(&path, &cause))?;
        writeln!(out, "{}", path.display())?;
    }
    writeln!(hint, "delete those you do not change, and point INVITE_TEMPLATES at the folder")?;
    Ok(())
}

fn unwritten(path: &Path, cause: &std::io::Error) -> CommandError {
    CommandError::Failed(format!("{} cannot be written: {cause}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn templates(command: &TemplatesCommand, folder: Option<&Path>) -> Result<String, String> {
        let setting = folder.map(|folder| ("INVITE_TEMPLATES".into(), folder.as_os_str().to_owned()));
        let config = Config::load(None, Vec::new(), setting).unwrap();
        let (mut out, mut hint) = (Vec::new(), Vec::new());
        run(command, &config, &mut out, &mut hint).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(out).unwrap())
    }

    fn check(folder: Option<&Path>) -> Result<String, String> {
        templates(&TemplatesCommand::Check { from: None }, folder)
    }

    #[test]
    fn what_is_exported_can_be_used_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own");
        let export = TemplatesCommand::Export { folder: own.clone() };
        let written = templates(&export, None).unwrap();
        assert_eq!(written.lines().count(), TemplateSet::builtin_files().count());
        assert_eq!(check(Some(&own)).unwrap(), format!("the templates in {} can be used\n", own.display()));
        fs::remove_file(own.join("layout.html")).unwrap();
        fs::write(own.join("layout.txt"), "mine").unwrap();
        assert!(templates(&export, None).unwrap_err().contains("layout.txt exists already"));
        assert_eq!(fs::read_to_string(own.join("layout.txt")).unwrap(), "mine");
        assert!(!own.join("layout.html").exists());
    }

    #[test]
    fn check_names_file_and_line_of_a_broken_template() {
        assert_eq!(check(None).unwrap(), "the built-in templates can be used\n");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("accepted.html"), "{% extends \"layout.html\" %}\n{{ nobody }\n").unwrap();
        let refusal = check(Some(folder.path())).unwrap_err();
        assert!(refusal.starts_with("INVITE_TEMPLATES: accepted.html, line 2: "), "{refusal}");
        let from = Some(folder.path().to_owned());
        let refusal = templates(&TemplatesCommand::Check { from }, None).unwrap_err();
        assert!(refusal.starts_with("accepted.html, line 2: "), "{refusal}");
    }

    #[test]
    fn preview_writes_every_kind_and_language_and_no_usable_link() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("preview");
        let preview = |kind, language| {
            let out = out.clone();
            let command = TemplatesCommand::Preview { from: None, kind, language, out, accent: None, logo: None };
            templates(&command, None).unwrap()
        };
        let written = preview(None, None);
        assert_eq!(written.lines().count(), MailKind::ALL.len() * Language::ALL.len() * 2);
        for path in written.lines() {
            let content = fs::read_to_string(path).unwrap();
            assert!(!content.contains("{$") && !content.contains("{{"), "{path}");
        }
        let invitation = fs::read_to_string(out.join("invitation.en.txt")).unwrap();
        assert!(invitation.starts_with("Subject: Ada Byron invites you to join Acme & Söhne\n"), "{invitation}");
        assert!(invitation.contains("https://invite.example/i/inv_…\n"), "{invitation}");

        let written = preview(kind("reminder").ok(), language("de-AT").ok());
        assert_eq!(written.lines().count(), 2);
        assert!(written.contains("reminder.de.html"), "{written}");
    }

    #[test]
    fn an_unknown_kind_language_or_colour_is_answered_with_those_there_are() {
        assert!(kind("invoice").unwrap_err().contains("invitation, reminder, fresh-link"));
        assert_eq!(language("tlh").unwrap_err(), "the languages are en, fr, de, es");
        assert!(colour("blue").is_err());
    }
}
