//! What the browser can do for a map beyond drawing it: say where it is, fill the screen, put a text on the clipboard or into a
//! file, print. Each may be refused by the person or by the browser; whoever asks says so.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["navigator", "geolocation"], js_name = getCurrentPosition)]
    fn get_current_position(found: &JsValue, failed: &JsValue, options: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "clipboard"], js_name = writeText)]
    fn write_text(text: &str) -> Result<js_sys::Promise, JsValue>;

    type Blob;
    #[wasm_bindgen(constructor)]
    fn new(parts: &js_sys::Array, options: &JsValue) -> Blob;
    #[wasm_bindgen(js_namespace = URL, js_name = createObjectURL)]
    fn create_object_url(file: &Blob) -> String;
    #[wasm_bindgen(js_namespace = URL, js_name = revokeObjectURL)]
    fn revoke_object_url(address: &str);

    type Fix;
    #[wasm_bindgen(method, getter)]
    fn coords(this: &Fix) -> Coordinates;
    type Coordinates;
    #[wasm_bindgen(method, getter)]
    fn longitude(this: &Coordinates) -> f64;
    #[wasm_bindgen(method, getter)]
    fn latitude(this: &Coordinates) -> f64;
    #[wasm_bindgen(method, getter)]
    fn accuracy(this: &Coordinates) -> f64;
}

/// Where this device is, as far as it knows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Here {
    pub lon: f64,
    pub lat: f64,
    pub accuracy_m: f64,
}

/// Asks the device where it is; none where the person says no, or nobody knows.
pub async fn locate() -> Option<Here> {
    let asked = js_sys::Promise::new(&mut |found, failed| {
        let options = super::library::to_js(&serde_json::json!({"enableHighAccuracy": true, "timeout": 10_000, "maximumAge": 30_000}));
        if get_current_position(&found, &failed, &options).is_err() {
            _ = failed.call0(&JsValue::NULL);
        }
    });
    let fix: Fix = JsFuture::from(asked).await.ok()?.unchecked_into();
    let at = fix.coords();
    Some(Here { lon: at.longitude(), lat: at.latitude(), accuracy_m: at.accuracy() })
}

/// Whether it is there now.
pub async fn copy(text: &str) -> bool {
    match write_text(text) {
        Ok(written) => JsFuture::from(written).await.is_ok(),
        Err(_) => false,
    }
}

/// Hands a text to the person as a file; the browser keeps it where files are kept.
pub fn save_file(name: &str, media_type: &str, text: &str) {
    save(name, media_type, &text.into());
}

/// The same for what is no text.
pub fn save_bytes(name: &str, media_type: &str, bytes: &[u8]) {
    save(name, media_type, &js_sys::Uint8Array::from(bytes));
}

fn save(name: &str, media_type: &str, contents: &JsValue) {
    let file = Blob::new(&js_sys::Array::of1(contents), &super::library::to_js(&serde_json::json!({"type": media_type})));
    let address = create_object_url(&file);
    if let Ok(link) = leptos::prelude::document().create_element("a") {
        let link: web_sys::HtmlElement = link.unchecked_into();
        _ = link.set_attribute("href", &address);
        _ = link.set_attribute("download", name);
        link.click();
    }
    revoke_object_url(&address);
}

/// Fills the screen with the page, or gives it back.
pub fn toggle_full_screen() {
    let document = leptos::prelude::document();
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    } else if let Some(root) = document.document_element() {
        // Refused where a browser allows it for videos only.
        _ = root.request_fullscreen();
    }
}

pub fn is_full_screen() -> bool {
    leptos::prelude::document().fullscreen_element().is_some()
}
