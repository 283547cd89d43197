//! The pictures that a batch brings: prepared before its transaction, attached within it, and what of them was left out.
//! It deliberately decides nothing about a picture; `cameras::alerts::snapshots` does.

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use shared::ingest::{IngestNote, ReportedAlert};
use sqlx::PgConnection;

use super::device::Device;
use crate::cameras::alerts::{
    Became, Recorded, Refused,
    snapshots::{self, Attached, NewSnapshot, Prepared, Snapshots},
};

/// What came with an item.
struct Picture {
    /// Place in the batch.
    index: usize,
    /// Place among the items that could be read.
    nth: usize,
    prepared: Result<Prepared, Refused>,
}

pub struct Pictures(Vec<Picture>);

impl Pictures {
    /// Checks and stores what the readable items of a batch brought.
    pub async fn prepare(snapshots: &Snapshots, read: &[Result<ReportedAlert, Refused>]) -> Self {
        let readable = read.iter().enumerate().filter_map(|(index, item)| Some((index, item.as_ref().ok()?))).enumerate();
        let brought = readable.filter_map(|(nth, (index, report))| Some((index, nth, report.snapshot_base64.as_deref()?)));
        let prepared = brought.enumerate().map(|(count, (index, nth, text))| async move {
            let prepared = if count < snapshots::MOST_AT_ONCE { prepare(snapshots, text).await } else { Err(too_many()) };
            Picture { index, nth, prepared }
        });
        Self(join_all(prepared).await)
    }

    /// Attaches the pictures of what was taken in; gives what was left out. `recorded`: of the readable items; what was known
    /// word for word and has a picture now has changed.
    pub async fn attach(
        self,
        snapshots: &Snapshots,
        db: &mut PgConnection,
        device: &Device,
        read: &[Result<ReportedAlert, Refused>],
        recorded: &mut [Recorded],
        now: DateTime<Utc>,
    ) -> anyhow::Result<Vec<IngestNote>> {
        // An item that was rejected is named there; its picture comes with it when it is sent again.
        let of_taken: Vec<&Picture> = self.0.iter().filter(|picture| matches!(recorded.get(picture.nth), Some(Ok(_)))).collect();
        let mut left_out: Vec<IngestNote> =
            of_taken.iter().filter_map(|picture| Some(note(picture.index, picture.prepared.as_ref().err()?))).collect();
        let (places, new): (Vec<&Picture>, Vec<NewSnapshot>) = of_taken
            .into_iter()
            .filter_map(|picture| {
                let (prepared, report) = (picture.prepared.as_ref().ok()?, read.get(picture.index)?.as_ref().ok()?);
                Some((picture, NewSnapshot { camera: &report.camera, external_id: &report.external_id, prepared }))
            })
            .unzip();
        let attached = snapshots.attach(db, &device.token_hash, &new, now).await?;
        for (picture, attached) in places.into_iter().zip(attached) {
            let Some(attached) = attached else { continue };
            left_out.extend(attached.refused().map(|refused| note(picture.index, &refused)));
            let became = &mut recorded[picture.nth];
            if matches!(attached, Attached::New | Attached::Replaced) && matches!(became, Ok(Became::Duplicate)) {
                *became = Ok(Became::Updated);
            }
        }
        left_out.sort_by_key(|note| note.index);
        Ok(left_out)
    }
}

async fn prepare(snapshots: &Snapshots, text: &str) -> Result<Prepared, Refused> {
    snapshots.prepare(snapshots::read_base64(text)?).await
}

fn too_many() -> Refused {
    Refused::new(
        "ingest.too_many_snapshots",
        format!("the alert is in; of one batch at most {} pictures are taken, send the rest again with the next", snapshots::MOST_AT_ONCE),
    )
}

fn note(index: usize, refused: &Refused) -> IngestNote {
    IngestNote { index, code: refused.code.into(), detail: refused.detail.clone() }
}
