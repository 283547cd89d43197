//! What the tests stand on.
//! It deliberately holds no test; those stand in `tests/tests`.

pub mod shared_data;
