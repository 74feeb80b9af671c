//! The application in process, over the store in memory.

mod api;
mod bad_input;
mod code_page;
mod codes;
mod dailys_invites;
mod dailys_list;
mod dailys_refusals;
mod dailys_support;
mod dashdoc_companies;
mod dashdoc_contacts;
mod dashdoc_support;
mod dashdoc_truckers;
mod dashdoc_walls;
mod document;
mod gatego_accepting;
mod gatego_inviting;
mod gatego_refusals;
mod gatego_sessions;
mod gatego_support;
mod other_pages;
mod pages;
mod problems;
mod spy;
mod support;
mod walk;
mod wire;
