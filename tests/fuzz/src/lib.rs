//! What holds for every input: one function a target, which panics where something does not.
//!
//! The fuzzer calls them with inputs it makes up ([`targets/`](../targets)), an ordinary test with those in `corpus/`
//! (`tests/tests/fuzzing.rs` in the workspace, which takes these files as they are).

mod account;
mod address;
mod base62;
mod code;
mod cursor;
mod input;
mod json_body;
mod jwt;
mod keys;
mod template;
mod token;

pub use account::credential;
pub use address::{address, phone};
pub use code::code;
pub use cursor::cursor;
pub use json_body::json_body;
pub use jwt::jwt;
pub use template::template;
pub use token::token;

/// A target: takes any bytes, panics where a property does not hold.
pub type Target = fn(&[u8]);

/// Every target and its name.
pub const TARGETS: [(&str, Target); 9] = [
    ("token", token),
    ("credential", credential),
    ("code", code),
    ("address", address),
    ("phone", phone),
    ("cursor", cursor),
    ("json_body", json_body),
    ("jwt", jwt),
    ("template", template),
];
