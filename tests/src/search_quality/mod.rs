//! How good the search is on a real number of rows: misspelt queries made from them, what should be found, what is.
//! It deliberately asks a running server through its door; which server, and on which rows, is the caller's business.

pub mod misspelling;
pub mod oracle;
mod rows;
pub mod run;
