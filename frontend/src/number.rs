//! Numbers as the browser reads them: Rust's own reading of decimals brings tables of 13 KB that JavaScript has anyway.
//! How numbers are written for people is `text::format`'s business.

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
