//! Files that rows refer to, named by the SHA-256 of their bytes under `IOC_DATA_DIR/media`: stored once, never changed.
//! It deliberately knows neither what a file is nor who may see it; the rows that name it do.

pub mod sweep;

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::SystemTime,
};

use anyhow::Context;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The beginning of what is not yet a file of ours: a write that did not end.
const UNFINISHED: &str = ".part-";

/// SHA-256 of a file's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// None for anything but 32 bytes.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for ContentHash {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).map_err(drop)?;
        // One name a file: `AB…` is not `ab…`.
        if text.bytes().any(|letter| letter.is_ascii_uppercase()) { Err(()) } else { Ok(Self(hash)) }
    }
}

/// The store. Cheap to clone; every method touches the disk and so belongs on a thread that may wait.
#[derive(Debug, Clone)]
pub struct Media {
    root: Arc<Path>,
}

impl Media {
    /// The store under a data folder, made if it is not there.
    pub fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let media = Self::of(data_dir);
        make_folder(&media.root).with_context(|| format!("{} cannot be created; check IOC_DATA_DIR", media.root.display()))?;
        Ok(media)
    }

    /// The same, for whoever only looks.
    pub fn of(data_dir: &Path) -> Self {
        Self { root: data_dir.join("media").into() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, hash: &ContentHash) -> PathBuf {
        let name = hash.to_string();
        self.root.join(&name[..2]).join(&name[2..4]).join(name)
    }

    /// Stores bytes once. When it returns, they outlast a power cut: name what was stored in a row only then.
    pub fn put(&self, bytes: &[u8]) -> io::Result<ContentHash> {
        let hash = ContentHash::of(bytes);
        let path = self.path(&hash);
        let folder = path.parent().expect("a file lies in its folder");
        make_folder(folder)?;
        if !path.exists() {
            let unfinished = folder.join(format!("{UNFINISHED}{}", Uuid::new_v4().simple()));
            let written = write_through(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, &path));
            if written.is_err() {
                // What is left of it would be swept a day later.
                let _ = fs::remove_file(&unfinished);
            }
            written?;
        }
        // Also where it was there: whoever wrote it may be between its name and this line. Folders above, because they may be new.
        for above in folder.ancestors().take_while(|above| above.starts_with(&self.root)) {
            File::open(above)?.sync_all()?;
        }
        Ok(hash)
    }

    pub fn has(&self, hash: &ContentHash) -> bool {
        self.path(hash).is_file()
    }

    /// The bytes, as they were stored: a file that was changed since is an error, not a picture.
    pub fn read(&self, hash: &ContentHash) -> io::Result<Vec<u8>> {
        let bytes = fs::read(self.path(hash))?;
        match ContentHash::of(&bytes) == *hash {
            true => Ok(bytes),
            false => Err(io::Error::new(io::ErrorKind::InvalidData, format!("the media file {hash} is not what was stored"))),
        }
    }

    /// Takes a file away; false where it was not there.
    fn remove(&self, hash: &ContentHash) -> io::Result<bool> {
        removed(fs::remove_file(self.path(hash)))
    }

    /// Files last written before `moment`; and takes away what was begun before it and never became one.
    fn older_than(&self, moment: SystemTime) -> io::Result<Vec<ContentHash>> {
        let mut found = Vec::new();
        for shard in folders(&self.root)? {
            for folder in folders(&shard)? {
                for entry in fs::read_dir(folder)? {
                    let entry = entry?;
                    if entry.metadata()?.modified()? >= moment {
                        continue;
                    }
                    let name = entry.file_name();
                    let name = name.to_string_lossy();
                    if let Ok(hash) = name.parse() {
                        found.push(hash);
                    } else if name.starts_with(UNFINISHED) {
                        removed(fs::remove_file(entry.path()))?;
                    }
                }
            }
        }
        Ok(found)
    }

    /// Whether the store can be written to, tried.
    pub fn check_writable(&self) -> io::Result<()> {
        let tried = self.root.join(format!("{UNFINISHED}{}", Uuid::new_v4().simple()));
        write_through(&tried, b"doctor")?;
        fs::remove_file(tried)
    }
}

fn removed(done: io::Result<()>) -> io::Result<bool> {
    match done {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(cause) => Err(cause),
    }
}

fn folders(of: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(of)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// What lies in it is for the server's user alone.
fn make_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn write_through(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt, time::Duration};

    use super::*;

    fn files(media: &Media) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for shard in folders(media.root()).unwrap() {
            for folder in folders(&shard).unwrap() {
                found.extend(fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
            }
        }
        found
    }

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            Self(std::env::temp_dir().join(format!("ioc-media-{}", Uuid::new_v4().simple())))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_same_bytes_are_stored_once_and_are_nobody_elses() {
        let folder = Folder::new();
        let media = Media::open(&folder.0).unwrap();
        let (first, again, other) = (media.put(b"one").unwrap(), media.put(b"one").unwrap(), media.put(b"other").unwrap());
        assert!(first == again && first != other);
        assert_eq!(files(&media).len(), 2);
        assert_eq!(media.read(&first).unwrap(), b"one");
        for file in files(&media) {
            assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_file_that_was_changed_is_an_error() {
        let folder = Folder::new();
        let media = Media::open(&folder.0).unwrap();
        let hash = media.put(b"one").unwrap();
        fs::write(media.path(&hash), b"two").unwrap();
        assert_eq!(media.read(&hash).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn what_is_old_is_listed_and_what_never_ended_goes() {
        let folder = Folder::new();
        let media = Media::open(&folder.0).unwrap();
        let hash = media.put(b"one").unwrap();
        let unfinished = media.path(&hash).with_file_name(format!("{UNFINISHED}x"));
        fs::write(&unfinished, b"half").unwrap();
        assert_eq!(media.older_than(SystemTime::now() - Duration::from_secs(3600)).unwrap(), []);
        assert!(unfinished.exists());
        assert_eq!(media.older_than(SystemTime::now() + Duration::from_secs(3600)).unwrap(), [hash]);
        assert!(!unfinished.exists() && media.has(&hash));
        assert!(media.remove(&hash).unwrap() && !media.remove(&hash).unwrap());
    }

    #[test]
    fn a_name_is_read_as_it_is_written() {
        let hash = ContentHash::of(b"one");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert!(hash.to_string().to_uppercase().parse::<ContentHash>().is_err());
        assert!("..".parse::<ContentHash>().is_err());
        assert_eq!(ContentHash::read(hash.as_bytes()), Some(hash));
    }
}
