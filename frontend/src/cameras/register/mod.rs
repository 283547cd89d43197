//! The register of violations on the screens: figures, charts, the list, files for a spreadsheet, suggested legal bases.
//! What is counted, and for whom, is the server's decision.

mod arrivals;
mod bases;
mod choice;
mod download;
mod figures;
mod filters;
mod rows;

pub use bases::{LEGAL_BASES, LegalBases};
pub use choice::Choice;
pub use download::Downloads;
pub use figures::RegisterFigures;
pub use filters::Filters;
pub use rows::ViolationRows;
