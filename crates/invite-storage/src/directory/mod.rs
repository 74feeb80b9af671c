//! Who and where: the hook through which a host's own accounts take part, and the bundled directory behind it.

mod apply;
mod bundled;
mod erasure;
mod facts;
mod groups;
mod hook;
mod identities;
mod lists;
mod port;
pub(crate) mod slug;
mod stand_in;

pub use bundled::BundledDirectory;
pub use hook::{Applied, DirectoryPart, PeopleQuery, SqlDirectory};
pub(crate) use lists::logo;
pub(crate) use port::{account, account_token, organization};
