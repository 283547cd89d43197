//! Numbers as the browser knows them: reading and writing decimals, sines and powers bring tables and code of 40 KB with Rust,
//! and JavaScript has them anyway. How numbers are written for people is `text::format`'s business.

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

/// With so many digits behind the point.
#[cfg(target_arch = "wasm32")]
pub fn fixed(number: f64, digits: u8) -> String {
    // It refuses more than a hundred digits only.
    js_sys::Number::from(number).to_fixed(digits).map(String::from).unwrap_or_default()
}

#[cfg(not(target_arch = "wasm32"))]
pub fn fixed(number: f64, digits: u8) -> String {
    format!("{number:.*}", usize::from(digits))
}

/// With as many digits as tell it from every other number.
#[cfg(target_arch = "wasm32")]
pub fn written(number: f64) -> String {
    js_sys::Number::from(number).to_string_with_radix(10).map(String::from).unwrap_or_default()
}

#[cfg(not(target_arch = "wasm32"))]
pub fn written(number: f64) -> String {
    number.to_string()
}

/// `clamp` would bring the writing of numbers, for what it says when its bounds make no sense.
pub fn within(number: f64, least: f64, most: f64) -> f64 {
    number.max(least).min(most)
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
