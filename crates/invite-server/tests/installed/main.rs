//! The built binary in an installation of its own: at the terminal, and running.

mod audit;
mod check;
mod serving;
mod site;
mod terminal;
