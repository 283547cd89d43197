//! A believable ward to try the product on: terrain, people and their places.
//! It deliberately brings nothing the real doors do not know.

pub mod people;
pub mod terrain;
