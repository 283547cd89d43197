//! What the screens ask of a person about themselves: signing in, and why somebody's data is looked up.
//! Who is signed in is kept by `session`; what a role may see is decided by the server.

mod reason;
mod sign_in;

pub use reason::{ReasonDialog, ReasonForm, Reasons, is_reason_missing};
pub use sign_in::{SignInDialog, SignInForm, SignInState};
