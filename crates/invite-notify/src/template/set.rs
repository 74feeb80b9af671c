//! The templates: built in, and editable.

use super::check::{self, Fault};
use super::{RenderedMail, facts::Facts, trial};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, syntax::SyntaxConfig};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// Steps a template may take. The built-in ones take about a hundred, and four more for each line of the message.
const FUEL: u64 = 100_000;
/// Longest part of a mail, in octets. Some mail programs cut a mail at about 100 KiB.
const MAX_PART: usize = 256 * 1024;

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        /// Every file there is, with its built-in content.
        const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("builtin/", $name)))),+];
    };
}

files![
    "layout.html",
    "layout.txt",
    "invitation.html",
    "invitation.txt",
    "reminder.html",
    "reminder.txt",
    "fresh-link.html",
    "fresh-link.txt",
    "accepted.html",
    "accepted.txt",
    "suspended.html",
    "suspended.txt",
    "owner-link.html",
    "owner-link.txt",
    "password-reset.html",
    "password-reset.txt",
    "address-change.html",
    "address-change.txt",
    "address-changed.html",
    "address-changed.txt",
];

/// What is wrong with a template.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The folder or a file in it cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// What cannot be read.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file bears no name of a template, so it would never be used.
    #[error("{}: no template has this name; there are {}", path.display(), names())]
    UnknownName {
        /// The file.
        path: PathBuf,
    },
    /// A template does not parse or fails when it is used. The message never holds a value.
    #[error("{file}{}: {message}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Invalid {
        /// The file's name.
        file: String,
        /// The line, from 1; `None` where only the whole mail can tell.
        line: Option<usize>,
        /// What is wrong.
        message: String,
    },
    /// A part became too long.
    #[error("{file}: the mail is longer than {MAX_PART} octets")]
    TooLong {
        /// The file's name.
        file: String,
    },
}

fn names() -> String {
    FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// The templates of all mails.
pub struct TemplateSet {
    environment: Environment<'static>,
}

impl fmt::Debug for TemplateSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TemplateSet(…)")
    }
}

impl TemplateSet {
    /// The built-in templates. They load and pass every trial; a test sees to it.
    pub fn builtin() -> Result<Self, TemplateError> {
        Self::load(FILES.iter().map(|(name, source)| (*name, (*source).to_owned())))
    }

    /// The built-in templates as files, name and content, to start own ones from.
    pub fn builtin_files() -> impl Iterator<Item = (&'static str, &'static str)> {
        FILES.iter().copied()
    }

    /// The templates of a folder; for each that is missing, the built-in one.
    ///
    /// Every template is tried on mails of all kinds and languages, some with hostile names, so that a mistake in one shows
    /// now, with file and line, and not when the first mail is due. Files that end neither in `.html` nor in `.txt` are left
    /// alone.
    pub fn from_dir(path: impl AsRef<Path>) -> Result<Self, TemplateError> {
        let folder = path.as_ref();
        let read_error = |path: &Path| {
            let path = path.to_owned();
            move |source| TemplateError::Read { path, source }
        };
        for entry in fs::read_dir(folder).map_err(read_error(folder))? {
            let path = entry.map_err(read_error(folder))?.path();
            let is_template = path.extension().is_some_and(|it| it == "html" || it == "txt");
            let is_known = FILES.iter().any(|(name, _)| path.file_name().is_some_and(|it| it == *name));
            if is_template && !is_known {
                return Err(TemplateError::UnknownName { path });
            }
        }
        let mut files: Vec<_> = FILES.iter().map(|(name, source)| (*name, (*source).to_owned())).collect();
        for (name, source) in &mut files {
            let path = folder.join(*name);
            match fs::read_to_string(&path) {
                Ok(own) => *source = own,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(read_error(&path)(error)),
            }
        }
        Self::load(files)?.tried()
    }

    fn load(files: impl IntoIterator<Item = (&'static str, String)>) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        environment.set_debug(false);
        environment.set_fuel(Some(FUEL));
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|name| {
            if has_extension(name, "html") { AutoEscape::Html } else { AutoEscape::None }
        });
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| invalid("", &error))?);
        for (name, source) in files {
            environment.add_template_owned(name, source).map_err(|error| invalid(name, &error))?;
        }
        // Whatever is not ours is escaped.
        environment.remove_filter("safe");
        Ok(Self { environment })
    }

    /// Tries every template on every mail there can be.
    fn tried(self) -> Result<Self, TemplateError> {
        for facts in trial::mails() {
            let mail = self.render(&facts)?;
            let file = |extension: &str| format!("{}.{extension}", facts.kind.name());
            check::text(&mail.text, &facts.link).map_err(|fault| self.blame(&file("txt"), &fault))?;
            check::html(&mail.html, &facts.link).map_err(|fault| self.blame(&file("html"), &fault))?;
        }
        Ok(self)
    }

    pub(super) fn render(&self, facts: &Facts) -> Result<RenderedMail, TemplateError> {
        let html = self.part(facts, "html")?;
        let text = tidy(&self.part(facts, "txt")?);
        let (language, subject, logo) = (facts.language(), facts.subject(), facts.logo.clone());
        Ok(RenderedMail { language, subject, text, html, logo })
    }

    fn part(&self, facts: &Facts, extension: &str) -> Result<String, TemplateError> {
        let file = format!("{}.{extension}", facts.kind.name());
        let rendered = self
            .environment
            .get_template(&file)
            .and_then(|template| template.render(facts.values(extension == "html")))
            .map_err(|error| invalid(&file, &error))?;
        if rendered.len() > MAX_PART { Err(TemplateError::TooLong { file }) } else { Ok(rendered) }
    }

    /// Finds the line that may have led to a fault: in the mail's own template, or in one that this stands on.
    fn blame(&self, file: &str, fault: &Fault) -> TemplateError {
        let (stem, extension) = file.split_once('.').unwrap_or((file, ""));
        let others = if stem == "invitation" { vec!["layout"] } else { vec!["invitation", "layout"] };
        let candidates = [file.to_owned()].into_iter().chain(others.iter().map(|stem| format!("{stem}.{extension}")));
        let place = candidates.flat_map(|name| fault.traces.iter().map(move |trace| (name.clone(), trace))).find_map(
            |(name, trace)| {
                let template = self.environment.get_template(&name).ok()?;
                let at =
                    template.source().lines().position(|line| !trace.is_empty() && line.contains(trace.as_str()))?;
                Some((name, at + 1))
            },
        );
        let message = fault.message.clone();
        match place {
            Some((file, line)) => TemplateError::Invalid { file, line: Some(line), message },
            None => TemplateError::Invalid { file: file.to_owned(), line: None, message },
        }
    }
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|it| it.eq_ignore_ascii_case(extension))
}

fn invalid(file: &str, error: &minijinja::Error) -> TemplateError {
    // The cause is in the file that an `extends` or `include` led to, if the engine knows it.
    let mut innermost = error;
    while let Some(cause) = std::error::Error::source(innermost).and_then(|it| it.downcast_ref::<minijinja::Error>()) {
        innermost = cause;
    }
    let file = innermost.name().unwrap_or(file).to_owned();
    let message = match innermost.detail() {
        Some(detail) => format!("{}: {detail}", innermost.kind()),
        None => innermost.kind().to_string(),
    };
    TemplateError::Invalid { file, line: innermost.line(), message }
}

/// No blanks at line ends, no more than one empty line, one line end at the end.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.trim().lines().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::kind::MailKind;
    use super::*;
    use invite_text::Language;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    fn error(files: &[(&str, &str)]) -> String {
        TemplateSet::from_dir(folder(files).path()).unwrap_err().to_string()
    }

    fn sample() -> Facts {
        trial::full(MailKind::Invitation, Language::En)
    }

    #[test]
    fn the_built_in_templates_load_and_an_empty_folder_is_the_same() {
        let builtin = TemplateSet::builtin().unwrap().tried().unwrap().render(&sample()).unwrap();
        let folder = TemplateSet::from_dir(folder(&[]).path()).unwrap().render(&sample()).unwrap();
        assert!(builtin == folder);
    }

    #[test]
    fn one_template_can_be_replaced_and_the_others_stay() {
        let folder = folder(&[("invitation.txt", "Own words: {{ inviter }} {{ link }}\n"), ("README.md", "{{")]);
        let mail = TemplateSet::from_dir(folder.path()).unwrap().render(&sample()).unwrap();
        assert_eq!(mail.text, "Own words: Ada https://invite.example/i/sample-link\n");
        assert_eq!(mail.html, TemplateSet::builtin().unwrap().render(&sample()).unwrap().html);
    }

    #[test]
    fn a_replaced_html_template_escapes_by_itself() {
        let own = "<a href=\"{{ link }}\">{{ organization }}</a>{{ link }}";
        let folder = folder(&[("invitation.html", own)]);
        let facts = Facts { organization: "<b>\"&".to_owned(), ..sample() };
        let mail = TemplateSet::from_dir(folder.path()).unwrap().render(&facts).unwrap();
        let link = "https://invite.example/i/sample-link";
        assert_eq!(mail.html, format!("<a href=\"{link}\">&lt;b&gt;&quot;&amp;</a>{link}"));
    }

    #[test]
    fn out_5_a_bad_template_is_an_error_at_load_with_file_and_line() {
        assert_eq!(
            error(&[("invitation.txt", "{{ link }}\n\n{% if %}")]).split_once(": ").unwrap().0,
            "invitation.txt, line 3"
        );
        let unknown = error(&[("password-reset.html", "{{ link }}\n{{ pasword }}")]);
        assert!(unknown.starts_with("password-reset.html, line 2: undefined value"), "{unknown}");
        let layout = error(&[("layout.html", "\n{{ nothing }}")]);
        assert!(layout.starts_with("layout.html, line 2: "), "{layout}");
        // Only a mail with a message gets there.
        let branch = error(&[("invitation.txt", "{{ link }}{% if message_lines %}\n{{ oops }}{% endif %}")]);
        assert!(branch.starts_with("invitation.txt, line 2: "), "{branch}");
    }

    #[test]
    fn a_template_without_the_link_or_with_a_wrong_name_is_refused() {
        assert_eq!(error(&[("owner-link.html", "Hello")]), "owner-link.html: the mail does not contain `{{ link }}`");
        let wrong = error(&[("invitaton.txt", "{{ link }}")]);
        assert!(wrong.contains("invitaton.txt: no template has this name; there are layout.html, "), "{wrong}");
        assert!(
            error(&[("owner-link.txt", "{% include \"/etc/passwd\" %}{{ link }}")])
                .starts_with("owner-link.txt, line 1")
        );
        let missing = TemplateSet::from_dir(folder(&[]).path().join("missing")).unwrap_err();
        assert!(matches!(missing, TemplateError::Read { .. }), "{missing}");
    }

    #[test]
    fn mail_2_a_template_that_lets_names_become_markup_is_refused_with_its_line() {
        let start = "{% extends \"layout.html\" %}\n{% block message %}\n";
        for (own, expected) in [
            ("{{ organization|safe }}", "accepted.html, line 3: unknown filter"),
            (
                "{% autoescape false %}{{ member }}{% endautoescape %}",
                "accepted.html, line 3: what people write becomes",
            ),
            ("<p class={{ member }}>x</p>", "accepted.html, line 3: what people write becomes"),
            ("<img src=\"https://evil.example/x.png\">", "accepted.html, line 3: a mail loads nothing"),
            ("<a href=\"https://acme.example\">Acme</a>", "accepted.html, line 3: a mail has one link"),
            ("<p onclick=\"x\">x</p>", "accepted.html, line 3: a mail has no scripts"),
            ("<script>x</script>", "accepted.html, line 3: <script> has no place in a mail"),
        ] {
            let found = error(&[("accepted.html", &format!("{start}{own}\n{{% endblock %}}\n"))]);
            assert!(found.starts_with(expected), "{own}: {found}");
        }
        let shared = error(&[("layout.html", "<p>{{ link }}</p>\n<a href=\"https://acme.example\">Acme</a>")]);
        assert!(shared.starts_with("layout.html, line 2: a mail has one link"), "{shared}");
        let text = error(&[("layout.txt", "{{ link }}\nhttps://acme.example")]);
        assert!(text.starts_with("layout.txt, line 2: a mail has one link"), "{text}");
    }

    #[test]
    fn reminders_and_fresh_links_follow_the_invitations_template() {
        let folder = folder(&[("invitation.txt", "Own: {{ heading }} {{ link }}\n")]);
        let facts = trial::full(MailKind::Reminder, Language::En);
        let mail = TemplateSet::from_dir(folder.path()).unwrap().render(&facts).unwrap();
        assert!(mail.text.starts_with("Own: Your invitation to Acme ends soon "), "{}", mail.text);
    }

    #[test]
    fn out_5_an_endless_or_huge_template_ends() {
        let endless = "{{ link }}{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        assert!(error(&[("invitation.txt", endless)]).contains("fuel"), "{}", error(&[("invitation.txt", endless)]));
        let huge = error(&[("invitation.txt", "{{ link }}{{ \"x\" * 300000 }}")]);
        assert!(huge.starts_with("invitation.txt"), "{huge}");
    }
}
