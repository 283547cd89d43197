//! The screens of Phường IOC, compiled to WebAssembly and mounted on the one page that the server gives.
//! What the screens say to the server is in `http` and `live`; what the map library is told is in `map` alone.

pub mod app;
pub mod http;
pub mod live;
pub mod map;
pub mod theme;

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by `boot.js` once the module has loaded.
#[wasm_bindgen]
pub fn mount() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::App);
}
