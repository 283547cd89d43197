//! Households and the people who live in them.
//! It deliberately does not know tenants of boarding houses: `boarding` does.

pub mod load;
