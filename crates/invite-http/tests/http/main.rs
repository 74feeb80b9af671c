//! The application in process, over the store in memory.

mod api;
mod bad_input;
mod document;
mod other_pages;
mod pages;
mod problems;
mod support;
mod walk;
mod wire;
