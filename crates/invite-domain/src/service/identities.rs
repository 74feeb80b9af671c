//! Whose account an identity of another issuer opens (rule 5.10).

use crate::{
    directory::{Account, VerifiedIdentity},
    port::{Directory, PortError},
};

/// The account that is linked to it; else, where its address counts as proven, the account that proved the same address.
/// An account that merely says it has that address is nobody's: somebody may sit on it (rule 5.6).
pub(super) async fn account_of(
    directory: &dyn Directory,
    identity: &VerifiedIdentity,
) -> Result<Option<Account>, PortError> {
    let linked = directory.account_of_identity(&identity.key()).await?;
    match (linked, identity.trusted_address()) {
        (Some(account), _) => Ok(Some(account)),
        (None, Some(address)) => {
            let found = directory.account_by_address(address.key()).await?;
            Ok(found.filter(|account| account.email_verified))
        }
        (None, None) => Ok(None),
    }
}
