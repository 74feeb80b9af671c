use super::CommandError;
use clap::error::ErrorKind;

/// Help and version are answers; everything else is a usage error, which clap explains in paragraphs and we in one line.
pub(super) fn answer(error: &clap::Error) -> Result<(), CommandError> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(error.print()?),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            error.print()?;
            Err(CommandError::Usage("which command? They are listed above".to_owned()))
        }
        _ => Err(CommandError::Usage(one_line(&error.to_string()))),
    }
}

fn one_line(text: &str) -> String {
    let told = text.split("\n\n").filter(|paragraph| {
        let paragraph = paragraph.trim_start();
        !paragraph.starts_with("Usage:") && !paragraph.starts_with("For more information")
    });
    let parts: Vec<_> = told.map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let line = parts.join("; ");
    format!("{} (see `invite --help`)", line.strip_prefix("error: ").unwrap_or(&line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Cli;
    use clap::Parser as _;

    fn refused(arguments: &[&str]) -> String {
        let error = Cli::try_parse_from(arguments).unwrap_err();
        let message = answer(&error).unwrap_err().to_string();
        assert!(!message.contains('\n'), "{message}");
        message
    }

    #[test]
    fn a_wrong_argument_is_told_in_one_line_with_its_correction() {
        let message = refused(&["invite", "migrate", "--stats"]);
        assert!(message.starts_with("unexpected argument '--stats' found; tip: "), "{message}");
        assert!(message.contains("'--status'"), "{message}");
        let message = refused(&["invite", "issue"]);
        assert!(message.contains("<ADDRESS>") && message.ends_with("(see `invite --help`)"), "{message}");
        assert!(refused(&["invite", "isue"]).contains("'issue'"));
        assert!(refused(&["invite", "issue", "a@b.example", "--expires-in", "1w"]).contains("such as 15m or 7d"));
    }
}
