//! The crate as its users see it: the mails it writes, the mailbox on disk, conversations with mail servers
//! and SMS gateways.

mod common;
mod gateway;
mod mailbox;
mod mails;
mod reading;
mod server;
mod sms;
mod smtp;
mod text_messages;
mod wording;
