use super::super::{
    CommandError,
    administrator::Administrator,
    again::{self, Found},
};
use crate::config::Config;
use invite_domain::{invitation::Status, secret::keyring::KeyId};
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
    let all = carriers.len();
    let mut first = None;
    let failed = again::send(&administrator, carriers, |invitation, result| {
        if let Err(reason) = result {
            first.get_or_insert(format!("{invitation}: {reason}"));
        }
        Ok(())
    })
    .await?;
    if let Some(first) = first {
        return Err(CommandError::Failed(format!(
            "key {id} stays: {failed} of {all} could not be sent again; the first is {first}"
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
async fn carriers(administrator: &Administrator, id: KeyId) -> Result<Vec<Found>, CommandError> {
    let parts = &administrator.parts;
    // One statement, where there is nothing to do.
    let in_use = parts.store.key_ids_in_use(parts.world.clock.now()).await?;
    if !in_use.iter().any(|(key, _)| *key == id) {
        return Ok(Vec::new());
    }
    let organizations = administrator.organizations().await?;
    let live = [Status::Pending, Status::Suspended];
    again::find(administrator, &organizations, &live, |invitation| invitation.key_id == id).await
}
