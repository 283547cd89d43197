//! Draws the icons of the map from the same SVG file that buttons use, in the colours of the theme.
//! Which icons there are and their colours is the map style's business.

use js_sys::encode_uri_component;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlImageElement;

use super::style::TemplateImage;

/// Drawn three times as large as shown, so that a fine screen sees a fine edge.
const SIZE_PX: u32 = 48;
pub const PIXEL_RATIO: f64 = 3.0;

/// Pictures by the names that layers use.
pub async fn draw(sprite: &str, images: &[TemplateImage]) -> Result<Vec<(String, HtmlImageElement)>, JsValue> {
    let mut drawn = Vec::with_capacity(images.len());
    for image in images {
        let Some(drawing) = symbol(sprite, &image.icon) else {
            leptos::logging::warn!("the map style names an icon that the sprite lacks: {}", image.icon);
            continue;
        };
        let element = HtmlImageElement::new_with_width_and_height(SIZE_PX, SIZE_PX)?;
        element.set_src(&address(drawing, &image.color, image.edge.as_deref()));
        JsFuture::from(element.decode()).await?;
        drawn.push((image.name.clone(), element));
    }
    Ok(drawn)
}

/// What stands inside `<symbol id="…">`, as xtask writes it.
fn symbol<'a>(sprite: &'a str, id: &str) -> Option<&'a str> {
    let (_, after_id) = sprite.split_once(&format!("<symbol id=\"{id}\""))?;
    let (_, drawing) = after_id.split_once('>')?;
    drawing.split_once("</symbol>").map(|(drawing, _)| drawing)
}

fn address(drawing: &str, color: &str, edge: Option<&str>) -> String {
    // An edge lies outside the shape and fills what is cut out of it.
    let (view, edge) = match edge {
        None => ("0 0 256 256", String::new()),
        Some(edge) => ("-8 -8 272 272", format!(" stroke=\"{edge}\" stroke-width=\"26\" stroke-linejoin=\"round\" paint-order=\"stroke\"")),
    };
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{SIZE_PX}\" height=\"{SIZE_PX}\" viewBox=\"{view}\" fill=\"{color}\"{edge}>{drawing}</svg>"
    );
    format!("data:image/svg+xml,{}", encode_uri_component(&svg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_found_by_its_whole_name() {
        let sprite = "<svg><symbol id=\"bed-fill\" viewBox=\"0 0 256 256\"><path d=\"M1\"/></symbol>\
                      <symbol id=\"bed\" viewBox=\"0 0 256 256\"><path d=\"M2\"/></symbol></svg>";
        assert_eq!(symbol(sprite, "bed"), Some("<path d=\"M2\"/>"));
        assert_eq!(symbol(sprite, "be"), None);
    }
}
