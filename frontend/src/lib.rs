//! The screens of Phường IOC, compiled to WebAssembly and mounted on the one page that the server gives.
//! What the screens say to the server is in `http` and `live`; what the map library is told is in `map` alone.

pub mod accounts;
pub mod address;
pub mod app;
pub mod boarding;
mod bundle;
pub mod businesses;
pub mod cameras;
pub mod commands;
pub mod drawn_area;
mod duty;
mod editing;
pub mod geography;
pub mod http;
mod ingest;
mod lasting;
mod later;
pub mod live;
pub mod map;
mod number;
pub mod residents;
pub mod screens;
pub mod session;
pub mod shell;
mod stored;
pub mod text;
pub mod theme;
pub mod ui;

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by `boot.js` once the module has loaded.
#[wasm_bindgen]
pub fn mount() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::App);
}
