//! The pictures that a batch brings: prepared before its transaction, attached within it, and what of them was left out.
//! It deliberately decides nothing about a picture; `cameras::alerts::snapshots` does.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use shared::ingest::ReportedAlert;
use sqlx::PgConnection;

use crate::cameras::alerts::{
    Became, Recorded, Refused,
    snapshots::{self, Attached, NewSnapshot, Prepared, Snapshots},
};

/// Unpacked at a time; how many are decoded at a time is decided over all devices.
const UNPACKED_AT_A_TIME: usize = 4;

/// What came with the reports of a batch, by the places that its sender knows them by.
pub struct Pictures(HashMap<usize, Result<Prepared, Refused>>);

/// A picture that was not kept: the place of its report, and why.
pub type LeftOut = (usize, Refused);

impl Pictures {
    /// Checks and stores what readable reports brought, the first `at_most` of them.
    pub async fn prepare<'a>(snapshots: &Snapshots, reports: impl Iterator<Item = (usize, &'a ReportedAlert)>, at_most: usize) -> Self {
        let brought: Vec<(usize, &str)> = reports.filter_map(|(place, report)| Some((place, report.snapshot_base64.as_deref()?))).collect();
        let prepare = |(count, (place, text))| async move {
            (place, if count < at_most { prepare(snapshots, text).await } else { Err(too_many(at_most)) })
        };
        let prepared: Vec<_> = brought.into_iter().enumerate().map(prepare).collect();
        Self(stream::iter(prepared).buffer_unordered(UNPACKED_AT_A_TIME).collect().await)
    }

    /// And those that came by themselves, as bytes.
    pub async fn and_bytes<'a>(mut self, snapshots: &Snapshots, pictures: impl Iterator<Item = (usize, &'a [u8])>) -> Self {
        let prepared: Vec<_> = pictures.map(|(place, bytes)| async move { (place, snapshots.prepare(bytes.to_vec()).await) }).collect();
        let prepared: Vec<_> = stream::iter(prepared).buffer_unordered(UNPACKED_AT_A_TIME).collect().await;
        self.0.extend(prepared);
        self
    }

    /// What became of the one at this place.
    pub fn at(&self, place: usize) -> Option<Result<&Prepared, &Refused>> {
        self.0.get(&place).map(Result::as_ref)
    }

    /// Attaches the pictures of what was taken in; gives what was left out, in order. `recorded`: what became of `reports`; what
    /// was known word for word and has a picture now has changed.
    pub async fn attach(
        &self,
        snapshots: &Snapshots,
        db: &mut PgConnection,
        token_hash: &[u8; 32],
        reports: &[(usize, &ReportedAlert)],
        recorded: &mut [Recorded],
        now: DateTime<Utc>,
    ) -> anyhow::Result<Vec<LeftOut>> {
        let mut left_out: Vec<LeftOut> = Vec::new();
        let (mut nths, mut new) = (Vec::new(), Vec::new());
        for (nth, (place, report)) in reports.iter().enumerate() {
            // A report that was rejected is kept aside without its picture, which comes with it when it is sent again.
            let is_taken = matches!(recorded.get(nth), Some(Ok(_)));
            match self.0.get(place).filter(|_| is_taken) {
                Some(Ok(prepared)) => {
                    nths.push(nth);
                    new.push(NewSnapshot { camera: &report.camera, external_id: &report.external_id, prepared });
                }
                Some(Err(refused)) => left_out.push((*place, refused.clone())),
                None => {}
            }
        }
        let attached = snapshots.attach(db, token_hash, &new, now).await?;
        for (nth, attached) in nths.into_iter().zip(attached) {
            let Some(attached) = attached else { continue };
            left_out.extend(attached.refused().map(|refused| (reports[nth].0, refused)));
            let became = &mut recorded[nth];
            if matches!(attached, Attached::New | Attached::Replaced) && matches!(became, Ok(Became::Duplicate)) {
                *became = Ok(Became::Updated);
            }
        }
        left_out.sort_by_key(|(place, _)| *place);
        Ok(left_out)
    }
}

async fn prepare(snapshots: &Snapshots, text: &str) -> Result<Prepared, Refused> {
    snapshots.prepare(snapshots::read_base64(text)?).await
}

fn too_many(at_most: usize) -> Refused {
    Refused::new(
        "ingest.too_many_snapshots",
        format!("the alert is in; of one batch at most {at_most} pictures are taken, send the rest again with the next"),
    )
}
