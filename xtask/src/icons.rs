//! One SVG file with a symbol for every icon in `style/icons.txt`: `name` drawn in lines, `name-fill` filled.
//! Buttons refer to a symbol with `<use>`; the map draws the filled ones into images of its own.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};

use crate::files;

pub fn sprite(names: &str, assets: &Path) -> Result<String> {
    let mut svg = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\">\n");
    for name in listed(names) {
        let lines = files::read_text(&assets.join(format!("regular/{name}.svg")))
            .with_context(|| format!("style/icons.txt names an icon that does not exist: {name}"))?;
        let filled = files::read_text(&assets.join(format!("fill/{name}-fill.svg")))?;
        writeln!(svg, "{}", symbol(name, &lines)?)?;
        writeln!(svg, "{}", symbol(&format!("{name}-fill"), &filled)?)?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

/// One name a line; `#` begins a remark.
fn listed(names: &str) -> impl Iterator<Item = &str> {
    names.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).filter(|name| !name.is_empty())
}

/// Keeps what is drawn and the box it is drawn in; colour is the user's (`currentColor`).
fn symbol(id: &str, svg: &str) -> Result<String> {
    let (_, after_start) = svg.split_once('>').context("not an SVG file")?;
    let (drawing, _) = after_start.rsplit_once("</svg>").context("an SVG file without an end")?;
    Ok(format!("<symbol id=\"{id}\" viewBox=\"0 0 256 256\">{drawing}</symbol>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_keeps_the_drawing_and_drops_the_frame() {
        let svg = r#"<svg xmlns="x" viewBox="0 0 256 256" fill="currentColor"><path d="M1,2"/></svg>"#;
        assert_eq!(symbol("bed", svg).unwrap(), r#"<symbol id="bed" viewBox="0 0 256 256"><path d="M1,2"/></symbol>"#);
    }

    #[test]
    fn remarks_and_blank_lines_are_no_icons() {
        let names: Vec<_> = listed("# map\nbed   # boarding house\n\nfire\n").collect();
        assert_eq!(names, ["bed", "fire"]);
    }
}
