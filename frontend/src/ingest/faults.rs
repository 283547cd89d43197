//! What is wrong with something that a device sent, in words for whoever keeps the ward's record.
//! Which fault it is the server has found; what it says to whoever mends the device stands beside, in English.

use shared::ingest::Fault;

use crate::t;

/// Fields are called as devices call them: that is what is told to whoever mends one.
pub fn words(fault: Fault, field: Option<&str>) -> String {
    let is_somewhere = field.is_none();
    let field = field.unwrap_or("—");
    match fault {
        Fault::Missing => t!("fault-missing", field = field),
        Fault::Empty => t!("fault-empty", field = field),
        Fault::TooLong => t!("fault-too-long", field = field),
        Fault::ControlCharacters => t!("fault-control-characters", field = field),
        Fault::NoTime => t!("fault-no-time", field = field),
        Fault::InFuture => t!("fault-in-future", field = field),
        Fault::LongAgo => t!("fault-long-ago", field = field),
        Fault::EndsBeforeBegin => t!("fault-ends-before-begin"),
        Fault::OutOfRange => t!("fault-out-of-range", field = field),
        Fault::Unexpected if is_somewhere => t!("fault-unexpected-somewhere"),
        Fault::Unexpected => t!("fault-unexpected", field = field),
        Fault::NotJson => t!("fault-not-json"),
        Fault::NotFrigate => t!("fault-not-frigate"),
        Fault::NotAState => t!("fault-not-a-state"),
        Fault::Unstorable => t!("fault-unstorable"),
    }
}
