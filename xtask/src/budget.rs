//! How much a first visit may have to load before the screens run: a release bundle beyond it is not made.
//! What fills it is everybody's business; `ARCHITECTURE.md` says what keeps it small.

use std::path::Path;

use anyhow::{Result, bail};

use crate::files;

/// Our WebAssembly as it travels, compressed with brotli.
const WASM_BYTES: usize = 350_000;

pub fn check(dist: &Path) -> Result<()> {
    let bytes = files::read(&dist.join("app/frontend_bg.wasm.br"))?.len();
    let share = format!("{} KB of at most {} KB, compressed", bytes.div_ceil(1000), WASM_BYTES / 1000);
    if bytes > WASM_BYTES {
        bail!("the WebAssembly has grown too large for a first visit: {share}; ARCHITECTURE.md says what keeps it small");
    }
    println!("WebAssembly: {share}");
    Ok(())
}
