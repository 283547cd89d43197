//! Signed heads of the audit chain in `IOC_DATA_DIR/audit/checkpoints.jsonl`: outside the database, so that not even its
//! superuser can rewrite the past unnoticed. It deliberately does not judge the chain; `chain` does.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use ed25519_dalek::{Signature, VerifyingKey};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use tokio::sync::Notify;
use tokio::task::spawn_blocking;
use tokio_util::task::AbortOnDropHandle;
use tracing::error;

use super::chain::{Finding, Hash, Verifier};
use super::db;
use crate::platform::clock::SharedClock;
use crate::platform::secrets::Secrets;

/// A head of the chain at the moment it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub id: i64,
    pub hash: Hash,
    /// When it was signed.
    pub at: DateTime<Utc>,
}

/// One line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    id: i64,
    hash: String,
    at: DateTime<Utc>,
    signature: String,
}

impl Checkpoint {
    fn message(&self) -> Vec<u8> {
        format!("ioc audit checkpoint\n{}\n{}\n{}", self.id, hex::encode(self.hash), self.at.timestamp_micros()).into_bytes()
    }

    fn to_line(&self, secrets: &Secrets) -> anyhow::Result<String> {
        let signature = BASE64_STANDARD.encode(secrets.sign_audit(&self.message()));
        let line = Line { id: self.id, hash: hex::encode(self.hash), at: self.at, signature };
        Ok(serde_json::to_string(&line)? + "\n")
    }

    /// The checkpoint of a line whose signature holds.
    fn from_line(line: &str, key: &VerifyingKey) -> Option<Self> {
        let line: Line = serde_json::from_str(line).ok()?;
        let checkpoint = Self { id: line.id, hash: hex::decode(line.hash).ok()?.try_into().ok()?, at: line.at };
        let signature = Signature::from_slice(&BASE64_STANDARD.decode(line.signature).ok()?).ok()?;
        key.verify_strict(&checkpoint.message(), &signature).ok()?;
        Some(checkpoint)
    }
}

pub fn file_in(data_dir: &Path) -> PathBuf {
    data_dir.join("audit").join("checkpoints.jsonl")
}

/// Checkpoints whose signatures hold, and the numbers of the lines whose do not.
fn read(path: &Path, key: &VerifyingKey) -> anyhow::Result<(Vec<Checkpoint>, Vec<usize>)> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == ErrorKind::NotFound => String::new(),
        Err(cause) => return Err(cause).with_context(|| format!("{} cannot be read", path.display())),
    };
    let (mut checkpoints, mut forged) = (Vec::new(), Vec::new());
    // What follows the last line end was being written when the machine stopped; it was never relied upon.
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    for (index, line) in whole.lines().enumerate() {
        match Checkpoint::from_line(line, key) {
            Some(checkpoint) => checkpoints.push(checkpoint),
            None => forged.push(index + 1),
        }
    }
    Ok((checkpoints, forged))
}

/// What `doctor` says of the trail.
#[derive(Debug)]
pub struct Report {
    pub entries: u64,
    pub checkpoints: usize,
    /// Empty: the trail is as it was written.
    pub findings: Vec<Finding>,
}

/// Recomputes the whole chain and holds it against what was signed. As owner: row-level security would hide entries.
pub async fn verify(owner: &PgPool, data_dir: &Path, key: &VerifyingKey) -> anyhow::Result<Report> {
    let (checkpoints, forged) = read(&file_in(data_dir), key)?;
    let mut verifier = Verifier::new(&checkpoints, &forged);
    let mut entries = 0;
    let mut rows = db::chain(owner);
    while let Some(entry) = rows.try_next().await.context("the audit trail cannot be read")? {
        verifier.take(&entry);
        entries += 1;
    }
    Ok(Report { entries, checkpoints: checkpoints.len(), findings: verifier.finish() })
}

/// Signs the head of the chain at the start and whenever the feed says that entries arrived.
pub struct Signer {
    arrived: Arc<Notify>,
    /// Signs one head at a time; what arrives meanwhile is covered by the next one.
    _task: AbortOnDropHandle<()>,
}

impl Signer {
    /// `jobs`: as `ioc_job`.
    pub fn start(jobs: PgPool, secrets: Arc<Secrets>, clock: SharedClock, data_dir: &Path) -> anyhow::Result<Self> {
        let mut book = Book::open(&file_in(data_dir), secrets, clock)?;
        let arrived = Arc::new(Notify::new());
        // Entries of before the start may be unsigned.
        arrived.notify_one();
        let waiting = arrived.clone();
        let task = tokio::spawn(async move {
            loop {
                waiting.notified().await;
                match sign_head(&jobs, book).await {
                    (kept, Ok(())) => book = kept,
                    (kept, Err(cause)) => {
                        error!(cause = format!("{cause:#}"), "a checkpoint of the audit trail could not be signed");
                        book = kept;
                    }
                }
            }
        });
        Ok(Self { arrived, _task: AbortOnDropHandle::new(task) })
    }

    /// Entries were committed.
    pub fn entries_arrived(&self) {
        self.arrived.notify_one();
    }
}

async fn sign_head(jobs: &PgPool, mut book: Book) -> (Book, anyhow::Result<()>) {
    let head = match db::head(jobs).await {
        Ok(Some(head)) => head,
        Ok(None) => return (book, Ok(())),
        Err(cause) => return (book, Err(cause)),
    };
    let writing = spawn_blocking(move || {
        let outcome = book.write(head);
        (book, outcome)
    });
    writing.await.expect("writing a line does not panic")
}

/// The checkpoint file, open for appending.
struct Book {
    file: File,
    secrets: Arc<Secrets>,
    clock: SharedClock,
    last: Option<Checkpoint>,
}

impl Book {
    fn open(path: &Path, secrets: Arc<Secrets>, clock: SharedClock) -> anyhow::Result<Self> {
        let describe = || format!("{} cannot be written; check IOC_DATA_DIR", path.display());
        fs::create_dir_all(path.parent().expect("a file in the data folder has a parent")).with_context(describe)?;
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).with_context(describe)?;
        drop_torn_line(&mut file).with_context(describe)?;
        let last = read(path, &secrets.audit_verifying_key())?.0.into_iter().max_by_key(|checkpoint| checkpoint.id);
        Ok(Self { file, secrets, clock, last })
    }

    /// Appends a checkpoint of `head`, durably.
    fn write(&mut self, (id, hash): (i64, Hash)) -> anyhow::Result<()> {
        if let Some(last) = &self.last {
            if (id, hash) == (last.id, last.hash) {
                return Ok(());
            }
            // Signing it would make a shortened or rewritten chain look right; what was signed before still accuses it.
            anyhow::ensure!(id > last.id, "the audit trail ends at entry {id}, but entry {} was signed; run `ioc doctor`", last.id);
        }
        let checkpoint = Checkpoint { id, hash, at: self.clock.now() };
        self.file.write_all(checkpoint.to_line(&self.secrets)?.as_bytes())?;
        self.file.sync_data()?;
        self.last = Some(checkpoint);
        Ok(())
    }
}

/// Cuts off a line that a crash left half written, so that the next one does not continue it.
fn drop_torn_line(file: &mut File) -> io::Result<()> {
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut text)?;
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if whole < text.len() {
        file.set_len(whole as u64)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::clock::TestClock;
    use chrono::TimeZone;

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let path = std::env::temp_dir().join(format!("ioc-checkpoints-{}", hex::encode(rand::random::<[u8; 8]>())));
            Self(path)
        }

        fn open(&self) -> (Book, VerifyingKey) {
            let secrets = Arc::new(Secrets::open(&self.0).unwrap());
            let key = secrets.audit_verifying_key();
            let clock = TestClock::at(Utc.with_ymd_and_hms(2026, 11, 21, 8, 0, 0).unwrap());
            (Book::open(&file_in(&self.0), secrets, clock).unwrap(), key)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_was_signed_is_read_back_after_a_restart() {
        let folder = Folder::new();
        folder.open().0.write((3, [7; 32])).unwrap();
        let (mut book, key) = folder.open();
        book.write((3, [7; 32])).unwrap();
        book.write((5, [8; 32])).unwrap();
        let (checkpoints, forged) = read(&file_in(&folder.0), &key).unwrap();
        assert_eq!(checkpoints.iter().map(|c| (c.id, c.hash)).collect::<Vec<_>>(), [(3, [7; 32]), (5, [8; 32])]);
        assert!(forged.is_empty());
    }

    #[test]
    fn a_shortened_chain_is_not_signed() {
        let folder = Folder::new();
        let (mut book, _) = folder.open();
        book.write((12, [1; 32])).unwrap();
        let refusal = book.write((2, [2; 32])).unwrap_err().to_string();
        assert!(refusal.contains("entry 12 was signed"), "{refusal}");
        assert!(book.write((12, [3; 32])).is_err(), "another entry under the signed id");
    }

    #[test]
    fn a_changed_line_and_another_installations_line_are_forged() {
        let (folder, other) = (Folder::new(), Folder::new());
        let (mut book, key) = folder.open();
        book.write((1, [1; 32])).unwrap();
        book.write((2, [2; 32])).unwrap();
        other.open().0.write((3, [3; 32])).unwrap();
        let path = file_in(&folder.0);
        let mine = fs::read_to_string(&path).unwrap().replace("\"id\":2", "\"id\":4");
        fs::write(&path, mine + &fs::read_to_string(file_in(&other.0)).unwrap()).unwrap();
        let (checkpoints, forged) = read(&path, &key).unwrap();
        assert_eq!((checkpoints.len(), forged), (1, vec![2, 3]));
    }

    #[test]
    fn a_line_torn_by_a_crash_does_no_harm() {
        let folder = Folder::new();
        folder.open().0.write((1, [1; 32])).unwrap();
        let path = file_in(&folder.0);
        let mut torn = fs::read_to_string(&path).unwrap();
        torn.push_str("{\"id\":2,\"ha");
        fs::write(&path, torn).unwrap();
        let (mut book, key) = folder.open();
        book.write((2, [2; 32])).unwrap();
        let (checkpoints, forged) = read(&path, &key).unwrap();
        assert_eq!((checkpoints.len(), forged.len()), (2, 0));
    }
}
