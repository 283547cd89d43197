//! From bytes that somebody sent to a picture that an alert has: checked and stored before the transaction, named by a row in it.
//! What is refused is neither stored nor logged; the alert that it came with is taken in all the same.

use std::sync::Arc;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use tokio::sync::Semaphore;
use tracing::error;

use super::db;
use crate::cameras::alerts::Refused;
use crate::platform::{
    media::{ContentHash, Media, sweep},
    picture::{self, Picture},
};

/// Pictures of one batch; each may take a second of a core.
pub const MOST_AT_ONCE: usize = 32;
/// Decoded at a time, over all devices: each may take 200 MB.
const DECODED_AT_A_TIME: usize = 2;

/// With or without the signs that fill up the end, as devices differ.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// A picture that is checked and stored, and belongs to no alert yet. If it never does, it is swept a day later.
#[derive(Clone)]
pub struct Prepared {
    picture: Arc<Picture>,
    sha256: ContentHash,
    thumbnail_sha256: ContentHash,
}

/// The picture of an alert, by the names that the device has for its camera and for the alert.
pub struct NewSnapshot<'a> {
    pub camera: &'a str,
    pub external_id: &'a str,
    pub prepared: &'a Prepared,
}

/// What became of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attached {
    New,
    /// In place of an earlier one of the same alert.
    Replaced,
    /// Known already.
    Same,
    /// Another one is held, and stays.
    Held,
    /// Somebody has acted on another one, which stays.
    Handled,
    /// The alert had one, and its time is over.
    Removed,
}

impl Attached {
    /// Why the picture was not taken, where it was not.
    pub fn refused(self) -> Option<Refused> {
        match self {
            Attached::New | Attached::Replaced | Attached::Same => None,
            Attached::Held => Some(Refused::new(
                "ingest.snapshot_held",
                "the alert is in; its earlier picture is held by the police and stays, this one was not kept",
            )),
            Attached::Handled => Some(Refused::new(
                "ingest.snapshot_settled",
                "the alert is in; somebody has taken it on, so its earlier picture stays and this one was not kept",
            )),
            Attached::Removed => Some(Refused::new(
                "ingest.snapshot_too_old",
                "the alert is in; its picture was deleted when its time was over and is not kept again",
            )),
        }
    }
}

/// Takes pictures in. Cheap to clone.
#[derive(Clone)]
pub struct Snapshots {
    media: Media,
    turns: Arc<Semaphore>,
}

impl Snapshots {
    pub fn new(media: Media) -> Self {
        Self::with_turns(media, DECODED_AT_A_TIME)
    }

    pub(super) fn with_turns(media: Media, turns: usize) -> Self {
        Self { media, turns: Arc::new(Semaphore::new(turns)) }
    }

    pub(super) fn media(&self) -> &Media {
        &self.media
    }

    /// Checks a picture, makes it our own and stores it: before the transaction, because it takes its time.
    pub async fn prepare(&self, bytes: Vec<u8>) -> Result<Prepared, Refused> {
        let _turn = self.turns.acquire().await.expect("the turns are never closed");
        let media = self.media.clone();
        let made = tokio::task::spawn_blocking(move || {
            let picture = picture::take_in(&bytes).map_err(refused)?;
            store(&media, picture)
        });
        // A decoder that gave up on what it was given is not ours to answer for; the picture is.
        made.await.unwrap_or_else(|_| Err(refused(picture::Refusal::Damaged)))
    }

    /// Writes which picture each alert has, in the transaction that took the alerts in; answers in their order. None: no such
    /// alert of the device's.
    pub async fn attach(
        &self,
        db: &mut PgConnection,
        token_hash: &[u8; 32],
        snapshots: &[NewSnapshot<'_>],
        now: DateTime<Utc>,
    ) -> anyhow::Result<Vec<Option<Attached>>> {
        if snapshots.is_empty() {
            return Ok(Vec::new());
        }
        self.keep_files(db, snapshots.iter().map(|new| new.prepared.clone()).collect()).await?;
        Ok(db::attach(db, token_hash, snapshots, now).await?)
    }

    /// Sees to it that the files are there until the transaction ends: the same picture may have been an old one's, and have gone with
    /// it since it was prepared.
    pub(super) async fn keep_files(&self, db: &mut PgConnection, prepared: Vec<Prepared>) -> anyhow::Result<()> {
        sweep::hold_files(db).await?;
        let media = self.media.clone();
        tokio::task::spawn_blocking(move || prepared.iter().try_for_each(|prepared| prepared.ensure_stored(&media))).await??;
        Ok(())
    }
}

impl Prepared {
    fn ensure_stored(&self, media: &Media) -> std::io::Result<()> {
        for (hash, bytes) in [(&self.sha256, &self.picture.jpeg), (&self.thumbnail_sha256, &self.picture.thumbnail)] {
            if !media.has(hash) {
                media.put(bytes)?;
            }
        }
        Ok(())
    }

    pub(super) fn sha256(&self) -> &[u8] {
        self.sha256.as_bytes()
    }

    pub(super) fn thumbnail_sha256(&self) -> &[u8] {
        self.thumbnail_sha256.as_bytes()
    }

    pub(super) fn picture(&self) -> &Picture {
        &self.picture
    }
}

fn store(media: &Media, picture: Picture) -> Result<Prepared, Refused> {
    let stored = media.put(&picture.jpeg).and_then(|sha256| Ok((sha256, media.put(&picture.thumbnail)?)));
    match stored {
        Ok((sha256, thumbnail_sha256)) => Ok(Prepared { picture: Arc::new(picture), sha256, thumbnail_sha256 }),
        Err(cause) => {
            error!(%cause, "a picture of an alert could not be stored; is the disk full?");
            Err(Refused::new(
                "ingest.snapshot_not_stored",
                "the alert is in; its picture could not be stored on our side, send it again later",
            ))
        }
    }
}

/// Codes: `ingest.snapshot_too_large`, `ingest.snapshot_refused`.
fn refused(refusal: picture::Refusal) -> Refused {
    let code = if refusal.is_too_large() { "ingest.snapshot_too_large" } else { "ingest.snapshot_refused" };
    Refused::new(code, format!("the alert is in, its picture is not: {refusal}"))
}

/// The bytes of a picture that came as text; a `data:` address and broken lines are forgiven.
pub fn read_base64(text: &str) -> Result<Vec<u8>, Refused> {
    let text = match text.split_once(";base64,") {
        Some((kind, rest)) if kind.starts_with("data:") => rest,
        _ => text,
    };
    // Before it is unpacked: four letters hold three bytes; some more for broken lines.
    if text.len() > picture::LARGEST_BYTES / 3 * 4 + picture::LARGEST_BYTES / 32 {
        return Err(refused(picture::Refusal::TooManyBytes { bytes: text.len() / 4 * 3 }));
    }
    let decoded = match text.bytes().any(|letter| letter.is_ascii_whitespace()) {
        true => BASE64.decode(text.bytes().filter(|letter| !letter.is_ascii_whitespace()).collect::<Vec<_>>()),
        false => BASE64.decode(text),
    };
    decoded.map_err(|_| Refused::new("ingest.snapshot_refused", "the alert is in, its picture is not: snapshot_base64 is no base64"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_devices_write_it() {
        for text in ["aGVsbG8=", "aGVsbG8", "aGVs\r\nbG8=\n", "data:image/jpeg;base64,aGVsbG8="] {
            assert_eq!(read_base64(text).unwrap(), b"hello", "{text}");
        }
        assert_eq!(read_base64("").unwrap(), b"");
    }

    #[test]
    fn what_is_no_base64_is_refused_without_a_word_of_it() {
        for text in ["secret!", "aGVsbG8*", "aGVsb", "ảnh"] {
            let refused = read_base64(text).unwrap_err();
            assert_eq!(refused.code, "ingest.snapshot_refused");
            assert!(!refused.detail.contains(text), "{}", refused.detail);
        }
        assert_eq!(read_base64(&"A".repeat(8 * 1024 * 1024)).unwrap_err().code, "ingest.snapshot_too_large");
    }

    #[test]
    fn only_what_was_not_kept_is_said_to_be_left_out() {
        let codes = [Attached::New, Attached::Replaced, Attached::Same, Attached::Held, Attached::Handled, Attached::Removed]
            .map(|attached| attached.refused());
        let codes = codes.map(|refused| refused.map(|refused| refused.code));
        assert_eq!(
            codes,
            [None, None, None, Some("ingest.snapshot_held"), Some("ingest.snapshot_settled"), Some("ingest.snapshot_too_old")]
        );
    }
}
