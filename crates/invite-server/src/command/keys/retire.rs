use super::super::{CommandError, administrator::Administrator};
use crate::config::Config;
use invite_domain::{
    directory::Organization,
    id::InvitationId,
    invitation::Status,
    page::PageRequest,
    port::{InvitationFilter, InvitationStore as _},
    secret::keyring::KeyId,
    service::Resend,
};
use std::io::Write;

/// Makes sure that no live invitation carries the key (rule 7.8): refuses, or sends them again under the active one.
pub(super) async fn release(
    config: &Config,
    id: KeyId,
    resend: bool,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    let administrator = Administrator::open(config).await?;
    let carriers = carriers(&administrator, id).await?;
    if carriers.is_empty() {
        return Ok(());
    }
    if !resend {
        return Err(CommandError::Failed(format!(
            "key {id} is carried by {}: run `invite keys retire {id} --resend`, which sends them again under the active \
             key, or wait until they have ended",
            count(carriers.len())
        )));
    }
    let parts = &administrator.parts;
    let all = carriers.len();
    let mut failed = Vec::new();
    for (organization, invitation) in carriers {
        let caller = administrator.caller(&organization);
        if let Err(error) = parts.invitations.resend(&caller, invitation, Resend::default(), None).await {
            failed.push(format!("{invitation}: {}", CommandError::from(error)));
        }
    }
    if let Some(first) = failed.first() {
        return Err(CommandError::Failed(format!(
            "key {id} stays: {} of {all} could not be sent again; the first is {first}",
            failed.len()
        )));
    }
    // A process that has not read the new ring yet may have used the key meanwhile.
    let left = self::carriers(&administrator, id).await?.len();
    if left > 0 {
        return Err(CommandError::Failed(format!(
            "key {id} stays: {} came under it meanwhile; wait until every process has read the ring (30 s) and run this again",
            count(left)
        )));
    }
    writeln!(hint, "{} sent again", count(all))?;
    Ok(())
}

fn count(number: usize) -> String {
    if number == 1 { "1 live invitation".to_owned() } else { format!("{number} live invitations") }
}

/// The live invitations whose links were made under the key, suspended ones too: theirs come to life again with the
/// inviter's rights.
async fn carriers(administrator: &Administrator, id: KeyId) -> Result<Vec<(Organization, InvitationId)>, CommandError> {
    let parts = &administrator.parts;
    // One statement, where there is nothing to do.
    let in_use = parts.store.key_ids_in_use(parts.world.clock.now()).await?;
    if !in_use.iter().any(|(key, _)| *key == id) {
        return Ok(Vec::new());
    }
    let filter = InvitationFilter { statuses: vec![Status::Pending, Status::Suspended], ..InvitationFilter::default() };
    let mut found = Vec::new();
    for organization in administrator.organizations().await? {
        let mut request = PageRequest::first(PageRequest::MAX_LIMIT);
        loop {
            let page = parts.store.list(organization.id, &filter, &request, parts.world.clock.now()).await?;
            let carrying = page.items.iter().filter(|record| record.invitation.key_id == id);
            found.extend(carrying.map(|record| (organization.clone(), record.invitation.id)));
            match page.next {
                Some(next) => request.after = Some(next),
                None => break,
            }
        }
    }
    Ok(found)
}
