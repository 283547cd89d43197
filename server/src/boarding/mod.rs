//! Boarding houses, their rooms and tenancies.
//! It deliberately does not keep permanent residents: `residents` does.

pub mod load;
