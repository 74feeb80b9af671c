//! The first organisation of `invite dev`. Keys are stored hashed, so their texts are kept beside the database, in a file
//! that only its owner can read.

use super::super::{CommandError, administrator::Administrator};
use crate::parts::Parts;
use invite_domain::invitation::Origin;
use invite_domain::{
    access::{NewApiKey, SystemRole},
    directory::Organization,
    email::EmailAddress,
    page::PageRequest,
    port::{MemberRecord, Principal},
    service::{Authenticated, Caller, ChangeMe, SetUp},
};
use serde::{Deserialize, Serialize};
use std::{fs, io::ErrorKind, path::Path};

const ORGANIZATION: &str = "Acme";
const OWNER: &str = "you@example.com";
const OWNER_NAME: &str = "Alex Morgan";

/// What the first start makes and every start shows.
pub(super) struct Installation {
    pub(super) organization: Organization,
    pub(super) owner_email: String,
    pub(super) api_key: String,
    /// The token of the link with which the owner sets a password, while it is good.
    pub(super) owner_link: Option<String>,
}

/// The file: what is printed at every start anyway, and the operator key.
#[derive(Serialize, Deserialize)]
struct Kept {
    api_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operator_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner_link: Option<String>,
}

/// Sets up what is missing; answers what there is.
pub(super) async fn prepare(parts: &Parts, path: &Path) -> Result<Installation, CommandError> {
    if parts.directory_store.is_empty().await? {
        return set_up(parts, path).await;
    }
    if let Some(kept) = read(path)?
        && let Some(Authenticated::ApiKey(key)) = parts.directory.authenticate(&kept.api_key).await?
    {
        let who = Authenticated::ApiKey(key);
        let organization = parts.directory.effective_organization(&who, None).await?;
        let owner_link = match kept.owner_link {
            Some(token) if parts.directory.account_link(&token).await.is_ok() => Some(token),
            _ => None,
        };
        let owner_email = address(&owner(parts, &organization, who.principal()).await?);
        return Ok(Installation { organization, owner_email, api_key: kept.api_key, owner_link });
    }
    replace_key(parts, path).await
}

async fn set_up(parts: &Parts, path: &Path) -> Result<Installation, CommandError> {
    let owner_email = EmailAddress::parse(OWNER).map_err(|error| CommandError::Failed(error.to_string()))?;
    let command = SetUp { organization: ORGANIZATION.to_owned(), owner_email, locale: None };
    let installed = parts.directory.set_up(command).await?;
    let kept = Kept {
        api_key: installed.api_key.expose().to_owned(),
        operator_key: Some(installed.operator_key.expose().to_owned()),
        owner_link: Some(installed.owner_link.expose().to_owned()),
    };
    write(path, &kept)?;
    // The mails say who invites.
    let name = ChangeMe { name: Some(Some(OWNER_NAME.to_owned())), ..ChangeMe::default() };
    parts.directory.change_me(installed.owner.account_id, None, name).await?;
    Ok(Installation {
        organization: installed.organization,
        owner_email: OWNER.to_owned(),
        api_key: kept.api_key,
        owner_link: kept.owner_link,
    })
}

/// The file is lost, or its key is: the owner gets another one.
async fn replace_key(parts: &Parts, path: &Path) -> Result<Installation, CommandError> {
    let administrator = Administrator::over(parts.clone()).await?;
    let first = parts.directory.organizations(administrator.principal(), &PageRequest::first(1)).await?.items.pop();
    let organization =
        first.ok_or_else(|| CommandError::Failed("the organisation is gone: remove the folder".to_owned()))?;
    let owner = owner(parts, &organization, administrator.principal()).await?;
    let caller = Caller {
        principal: Principal::Person(owner.account.id),
        organization_id: organization.id,
        origin: Origin::default(),
    };
    let command = NewApiKey { name: "dev".to_owned(), permissions: None, expires_in: None, id: None };
    let (_, text) = parts.directory.create_api_key(&caller, command).await?;
    let kept = Kept { api_key: text.expose().to_owned(), operator_key: None, owner_link: None };
    write(path, &kept)?;
    let owner_email = address(&owner);
    Ok(Installation { organization, owner_email, api_key: kept.api_key, owner_link: None })
}

fn address(owner: &MemberRecord) -> String {
    owner.account.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default()
}

/// An owner of the organisation who can act.
async fn owner(parts: &Parts, organization: &Organization, principal: Principal) -> Result<MemberRecord, CommandError> {
    let caller = Caller { principal, organization_id: organization.id, origin: Origin::default() };
    let mut request = PageRequest::first(PageRequest::MAX_LIMIT);
    loop {
        let page = parts.directory.members(&caller, None, &request).await?;
        let owns = |record: &MemberRecord| {
            let role = record.member.role.as_ref().and_then(|role| role.system);
            record.member.membership.active && role == Some(SystemRole::Owner)
        };
        if let Some(view) = page.items.into_iter().find(|view| owns(&view.record)) {
            return Ok(view.record);
        }
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Err(CommandError::Failed("the organisation has no owner: remove the folder".to_owned())),
        }
    }
}

/// A file that is missing or none of ours counts as lost.
fn read(path: &Path) -> Result<Option<Kept>, CommandError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(serde_json::from_str(&text).ok()),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(CommandError::Failed(format!("{}: {cause}", path.display()))),
    }
}

fn write(path: &Path, kept: &Kept) -> Result<(), CommandError> {
    let failed = |cause: std::io::Error| CommandError::Failed(format!("{}: {cause}", path.display()));
    let text = serde_json::to_string_pretty(kept).map_err(|error| failed(error.into()))?;
    let beside = path.with_extension("new");
    // What a start that was interrupted left behind may have another mode.
    match fs::remove_file(&beside) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => return Err(failed(cause)),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside).map_err(failed)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&beside, path).map_err(failed)
}
