//! Numbers as the browser knows them: reading decimals, sines and powers bring tables of 20 KB with Rust, and JavaScript has
//! them anyway. How numbers are written for people is `text::format`'s business.

/// A decimal number with a point, and nothing else.
#[cfg(target_arch = "wasm32")]
pub fn read(text: &str) -> Option<f64> {
    // JavaScript would take the number that a text begins with.
    let is_number = text.bytes().all(|letter| letter.is_ascii_digit() || b"+-.eE".contains(&letter));
    let number = js_sys::Number::parse_float(text);
    (is_number && number.is_finite()).then_some(number)
}

/// The same where tests run.
#[cfg(not(target_arch = "wasm32"))]
pub fn read(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

macro_rules! functions {
    ($($name:ident),*) => {$(
        #[cfg(target_arch = "wasm32")]
        pub fn $name(number: f64) -> f64 {
            js_sys::Math::$name(number)
        }

        #[cfg(not(target_arch = "wasm32"))]
        pub fn $name(number: f64) -> f64 {
            number.$name()
        }
    )*};
}

functions!(sin, cos, tan, asin, asinh, log2);

#[cfg(target_arch = "wasm32")]
pub fn exp2(number: f64) -> f64 {
    js_sys::Math::pow(2.0, number)
}

#[cfg(not(target_arch = "wasm32"))]
pub fn exp2(number: f64) -> f64 {
    number.exp2()
}

#[cfg(target_arch = "wasm32")]
pub fn atan2(up: f64, across: f64) -> f64 {
    js_sys::Math::atan2(up, across)
}

#[cfg(not(target_arch = "wasm32"))]
pub fn atan2(up: f64, across: f64) -> f64 {
    up.atan2(across)
}
