//! Parts that every screen is made of: icons, dialogs, waiting and failing, figures, the sheet of a phone.
//! None of them knows what it shows; the words come in from the screens.

mod bars;
mod conflict;
mod dialog;
mod figure;
mod icon;
mod loading;
mod sheet;
mod time;

pub use bars::Bars;
pub use conflict::{ConflictChoice, Difference};
pub use dialog::Dialog;
pub use figure::{Fact, Figure};
pub use icon::Icon;
pub use loading::{Kept, Loading, Refused, Skeleton, known};
pub use sheet::{Sheet, Stop};
pub use time::{Now, Updated, now};
