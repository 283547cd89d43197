//! Everything of the bundle that is not compiled: the page, styles, map library, fonts, icons and their licences.
//! The lists here say what the screens may ask our server for; nothing comes from anywhere else.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::{files, icons, version};

/// The worker must lie beside the library: its address is resolved from there.
const MAP_LIBRARY: [&str; 3] = ["maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css"];

/// Style sheets in the order of their cascade; the screens' own follow by name.
const FIRST_SHEETS: [&str; 7] = ["fonts.css", "tokens.css", "base.css", "screen.css", "card.css", "dialog.css", "operations.css"];

const LICENCES: [(&str, &str); 4] = [
    ("maplibre-gl", "LICENSE.txt"),
    ("@fontsource/be-vietnam-pro", "LICENSE"),
    ("@fontsource/inter", "LICENSE"),
    ("@phosphor-icons/core", "LICENSE"),
];

pub fn copy(workspace: &Path, dist: &Path) -> Result<()> {
    let packages = workspace.join("frontend/node_modules");
    let vendor = dist.join("vendor");
    copy_page(&workspace.join("frontend/public"), dist)?;
    copy_style(&workspace.join("style"), &dist.join("style"))?;
    copy_map_library(&packages.join("maplibre-gl/dist"), &vendor.join("maplibre"))?;
    copy_fonts(&packages, &vendor.join("fonts"))?;
    let names = files::read_text(&workspace.join("style/icons.txt"))?;
    let sprite = icons::sprite(&names, &packages.join("@phosphor-icons/core/assets"))?;
    files::write_if_different(&vendor.join("icons.svg"), sprite.as_bytes())?;
    for (package, file) in LICENCES {
        let name = package.trim_start_matches('@').replace('/', "-");
        files::copy_if_different(&packages.join(package).join(file), &vendor.join("licences").join(format!("{name}.txt")))?;
    }
    Ok(())
}

/// MapLibre takes the height of a glyph for unknown when it comes out as exactly 0, and lowers that glyph by a third of a
/// line. In our font that hits Ẫ and its like ("Ẩm thực"), whose marks reach exactly there.
const TALL_GLYPHS_SINK: (&str, &str) = ("glyphTop/2-27.5||-8", "glyphTop/2-27.5");

fn copy_map_library(from: &Path, to: &Path) -> Result<()> {
    for file in MAP_LIBRARY {
        let mut content = files::read_text(&from.join(file))?;
        if file == MAP_LIBRARY[0] {
            let (mistake, repair) = TALL_GLYPHS_SINK;
            ensure!(
                content.matches(mistake).count() == 1,
                "this MapLibre places tall glyphs another way: look whether Ẫ still sinks, and drop the repair if not"
            );
            content = content.replace(mistake, repair);
        }
        files::write_if_different(&to.join(file), content.as_bytes())?;
    }
    Ok(())
}

fn copy_page(public: &Path, dist: &Path) -> Result<()> {
    for file in files::files_in(public)? {
        let name = file.file_name().and_then(|name| name.to_str()).context("a file without a name")?;
        // These name the bundle's version, which is known when everything else is there.
        if !version::TEMPLATES.contains(&name) {
            files::copy_if_different(&file, &dist.join(name))?;
        }
    }
    Ok(())
}

/// One sheet for the page, and the map style as it is.
fn copy_style(style: &Path, to: &Path) -> Result<()> {
    let mut sheets: Vec<_> = FIRST_SHEETS.iter().map(|name| style.join(name)).collect();
    for file in files::files_in(style)? {
        let is_sheet = file.extension().is_some_and(|kind| kind == "css");
        if is_sheet && !sheets.contains(&file) {
            sheets.push(file);
        }
    }
    let mut page_sheet = String::new();
    for sheet in sheets {
        page_sheet.push_str(&files::read_text(&sheet)?);
        page_sheet.push('\n');
    }
    files::write_if_different(&to.join("app.css"), page_sheet.as_bytes())?;
    files::copy_if_different(&style.join("map.json"), &to.join("map.json"))
}

/// Be Vietnam Pro for words; Inter only for figures, because the former has no tabular ones.
fn copy_fonts(packages: &Path, to: &Path) -> Result<()> {
    let mut names = Vec::new();
    for subset in ["vietnamese", "latin-ext", "latin"] {
        for weight in [400, 500, 600] {
            names.push(format!("be-vietnam-pro-{subset}-{weight}-normal.woff2"));
        }
    }
    for weight in [500, 600] {
        names.push(format!("inter-latin-{weight}-normal.woff2"));
    }
    for name in names {
        let package = if name.starts_with("inter") { "inter" } else { "be-vietnam-pro" };
        let file = packages.join("@fontsource").join(package).join("files");
        files::copy_if_different(&file.join(&name), &to.join(&name))?;
    }
    Ok(())
}
