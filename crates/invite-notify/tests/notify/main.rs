//! The crate as its users see it: the mails it writes, the mailbox on disk, conversations with mail servers.

mod common;
mod mailbox;
mod mails;
mod server;
mod smtp;
