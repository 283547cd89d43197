//! How much a first visit may have to load before the screens run: said of every release bundle, and refused where asked to.
//! What fills it is everybody's business; `ARCHITECTURE.md` says what keeps it small.

use std::path::Path;

use anyhow::{Result, bail};

use crate::files;

/// Our WebAssembly as it travels, compressed with brotli.
const WASM_BYTES: usize = 350_000;

pub fn check(dist: &Path, insist: bool) -> Result<()> {
    let bytes = files::read(&dist.join("app/frontend_bg.wasm.br"))?.len();
    let share = format!("{} KB of at most {} KB, compressed", bytes.div_ceil(1000), WASM_BYTES / 1000);
    if bytes <= WASM_BYTES {
        println!("WebAssembly of a first visit: {share}");
        return Ok(());
    }
    let too_large = format!("the WebAssembly of a first visit has grown too large: {share}; ARCHITECTURE.md says what keeps it small");
    if insist {
        bail!(too_large);
    }
    // Whoever runs the program is served all the same.
    println!("{too_large}");
    Ok(())
}
