//! Who may do what, at every door there is, and what is tried to get around it.

mod bodies;
mod callers;
mod ceiling;
mod confusable;
mod ended;
mod foreign;
mod hosts;
mod matrix;
mod samples;
mod samples_console;
mod samples_dialects;
mod secrets;
mod served;
mod things;
