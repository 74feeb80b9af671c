use super::{CommandError, show};
use crate::{
    config::Config,
    parts::{Parts, Schema},
};
use clap::Args;
use invite_domain::{
    email::EmailAddress,
    invitation::Rejection,
    service::{ServiceError, SetUp},
};
use std::io::Write;

/// `invite setup`: the first organisation, owner and API key. Refuses a second time.
#[derive(Debug, Clone, Args)]
pub struct SetupArgs {
    /// Name of the organisation
    #[arg(long, value_name = "NAME")]
    pub organization: String,
    /// The owner's e-mail address
    #[arg(long, value_name = "ADDRESS")]
    pub owner_email: String,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Sets an installation up. What it prints is shown once.
pub(super) async fn run(arguments: &SetupArgs, config: &Config, out: &mut dyn Write) -> Result<(), CommandError> {
    let owner_email = EmailAddress::parse(&arguments.owner_email).map_err(|error| {
        CommandError::Usage(format!("--owner-email `{}`: {error}", show::plain(&arguments.owner_email)))
    })?;
    let (base, keyring) = config.required_to_serve()?;
    let parts = Parts::open_to_serve(config, keyring, Schema::Apply).await?;
    let command = SetUp { organization: arguments.organization.clone(), owner_email, locale: None };
    let installed = parts.directory.set_up(command).await.map_err(refused)?;
    let owner_link = format!("{base}/account/{}", installed.owner_link.expose());
    let (api_key, operator_key) = (installed.api_key.expose(), installed.operator_key.expose());
    let organization = &installed.organization;
    if arguments.json {
        let document = serde_json::json!({
            "organization_id": organization.id.to_string(),
            "slug": organization.slug.as_str(),
            "owner_id": installed.owner.id.to_string(),
            "api_key": api_key,
            "operator_key": operator_key,
            "owner_link": owner_link,
        });
        writeln!(out, "{document:#}")?;
        return Ok(());
    }
    writeln!(out, "organisation  {} ({})", show::plain(&organization.name), organization.slug)?;
    writeln!(out, "API key       {api_key}")?;
    writeln!(out, "operator key  {operator_key}")?;
    writeln!(out, "owner link    {owner_link}")?;
    writeln!(out)?;
    writeln!(out, "Keep both keys now: they are not stored and not shown again.")?;
    writeln!(out, "With the link the owner sets a password; it works once, for 24 hours.")?;
    Ok(())
}

/// The use case knows the organisation's name by another one than the flag's.
fn refused(error: ServiceError) -> CommandError {
    if let ServiceError::Rejected(Rejection::Invalid(fields)) = &error
        && let Some(field) = fields.iter().find(|field| field.pointer == "/name")
    {
        return CommandError::Usage(format!("--organization: {}", field.detail.trim_end_matches('.')));
    }
    error.into()
}
