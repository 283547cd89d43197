//! Finds the real data that lies beside the project, not in it (its licences and size are its own).
//! It deliberately fetches nothing: where the data is absent a test says so loudly and skips, or fails if told to.

use std::path::{Path, PathBuf};

/// Where the real data lies: `IOC_SHARED_DATA`, else `shared/data` beside the project's folder.
fn folder() -> PathBuf {
    std::env::var_os("IOC_SHARED_DATA").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from)
}

/// The file `name` of the real data ("osm/hanoi_quoctugiam_2023.osm"), or `None` after saying that the test is skipped.
///
/// With `IOC_REQUIRE_SHARED_DATA=1` an absent file fails the test instead: so does `.ci/run` where the data exists.
///
/// ```no_run
/// let Some(path) = tests::shared_data::file("osm/hanoi_quoctugiam_2023.osm") else { return };
/// ```
#[allow(clippy::print_stderr, reason = "a skipped test has no other way to be noticed")]
pub fn file(name: &str) -> Option<PathBuf> {
    let path = folder().join(name);
    if path.is_file() {
        return Some(path);
    }
    let required = std::env::var_os("IOC_REQUIRE_SHARED_DATA").is_some_and(|value| value == "1");
    assert!(!required, "{} is absent, and IOC_REQUIRE_SHARED_DATA=1 asks for it", path.display());
    eprintln!("SKIPPED: {} is absent; set IOC_SHARED_DATA to the folder that holds it", path.display());
    None
}
