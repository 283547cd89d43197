//! Opens an OpenStreetMap file of either kind, told apart by its first bytes and not by its name.
//! It deliberately knows nothing of the two formats beyond that.

use std::io::{self, BufRead};

use super::data::OsmData;
use super::{pbf, xml};

/// Why a file could not be read at all. Each says where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("line {line} (byte {byte}): {what}")]
    Malformed { line: u64, byte: u64, what: String },
    #[error("blob {blob} (byte {byte}): {what}")]
    MalformedPbf { blob: usize, byte: u64, what: String },
    #[error("the server that made this file stopped early, saying \"{remark}\": fetch it again")]
    Incomplete { remark: String },
    #[error("{0}")]
    NotOsm(&'static str),
    #[error("reading failed: {0}")]
    Io(#[from] io::Error),
}

/// Reads a whole .osm or .osm.pbf file.
pub fn read(mut input: impl BufRead + Send) -> Result<OsmData, ReadError> {
    let head = input.fill_buf()?;
    // a PBF file begins with the length of its first header (big endian, far below 64 KiB), so with two zero bytes
    match head {
        [] => Err(ReadError::NotOsm("the file is empty")),
        [0x1f, 0x8b, ..] => Err(ReadError::NotOsm("the file is compressed with gzip: unpack it first (gunzip FILE)")),
        [b'B', b'Z', b'h', ..] => Err(ReadError::NotOsm("the file is compressed with bzip2: unpack it first (bunzip2 FILE)")),
        [b'P', b'K', 3, 4, ..] => Err(ReadError::NotOsm("the file is a zip archive: unpack it first (unzip FILE)")),
        [0, 0, ..] => pbf::read_pbf(input),
        _ => xml::read_xml(input),
    }
}
