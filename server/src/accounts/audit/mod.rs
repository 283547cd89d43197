//! The audit trail: who asked for whose data, why, and whether it was given.
//! It deliberately does not decide who may look; it remembers that they did.

pub mod chain;
pub mod checkpoints;
mod db;
mod look;
pub mod reason;
mod search;

use shared::audit::{AuditOutcome, AuditTrail};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

pub use self::look::reason_for_look;
