use super::CommandError;
use clap::Args;
use std::io::Write;

/// `invite openapi`: the OpenAPI document, to standard output.
#[derive(Debug, Clone, Args)]
pub struct OpenapiArgs {}

/// Prints the document the service serves at `/openapi.json`.
pub(super) fn run(out: &mut dyn Write) -> Result<(), CommandError> {
    writeln!(out, "{}", invite_http::openapi().trim_end())?;
    Ok(())
}
