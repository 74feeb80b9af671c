//! The aggregate: the invitation, its lifecycle and one rule a file. Every rule is a pure function of the facts, the
//! command and the present; none reads a clock, draws a random number or does I/O.

pub mod amend;
pub mod context;
pub mod decline;
pub mod event;
pub mod issue;
pub mod judge;
pub mod lapse;
pub mod lifecycle;
pub mod limit;
pub mod message;
pub mod plan;
pub mod policy;
pub mod recipient;
pub mod redeem;
pub mod rejection;
pub mod remind;
pub mod replay;
pub mod resend;
pub mod retention;
pub mod revoke;
pub mod sponsor;

pub use context::Context;
pub use event::{Event, EventData, EventKind, Fact, Origin};
pub use judge::Proof;
pub use lifecycle::{Channel, Invitation, Redemption, State, Status};
pub use limit::{Budgeted, Limit, Shortage};
pub use message::{DeadLetter, Delivery, DeliveryState, MessageKind, NoticeKind, OutboxMessage, Reason};
pub use plan::{
    AdministrationChange, DirectoryChange, Guard, IdempotencyRecord, InvitationChange, Outcome, Plan, UniqueKey,
};
pub use policy::{Bounds, Budget};
pub use recipient::{LiveKey, Recipient, RecipientKind, SubjectRecipient};
pub use rejection::{DeadLink, DeadReason, FieldCode, FieldError, Rejection};
pub use retention::Cutoffs;

#[cfg(test)]
mod tests;
