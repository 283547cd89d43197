//! Takes in what arrived, a batch in one transaction, and comes back once it is committed: before, nothing is acknowledged.
//! It deliberately gives up nothing: a database that is away is waited for, and what cannot be taken in is kept aside.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use rumqttc::Publish;
use shared::camera::CameraStatus;
use shared::ingest::{Fault, IngestSource, ReportedAlert, ReportedStatus};
use sqlx::PgConnection;
use tracing::{error, info, warn};

use super::Pause;
use super::objects::{self, Objects};
use super::recorder_cameras::RecorderCameras;
use super::sights::Sights;
use super::tally::{CameAs, Item, Tally};
use super::topics::{Aside, Said, Topics, aside, source_of};
use super::trouble::{Trouble, cause_code};
use crate::cameras::alerts::snapshots::{Attached, NewSnapshot};
use crate::cameras::alerts::{self, Recorded, Refused};
use crate::ingest::clocks::Told;
use crate::ingest::pictures::Pictures;
use crate::ingest::{IngestState, db};

pub struct Message<'a> {
    topic: &'a str,
    payload: &'a [u8],
    /// The broker kept it: it was said some time before we asked.
    is_kept: bool,
}

impl<'a> Message<'a> {
    pub fn of(publish: &'a Publish) -> Self {
        Self { topic: &publish.topic, payload: &publish.payload, is_kept: publish.retain }
    }
}

pub struct TakingIn<'a> {
    state: &'a IngestState,
    device_id: i64,
    token_hash: [u8; 32],
    topics: Topics,
    prefix: String,
    cameras: RecorderCameras,
    sights: Sights,
}

impl<'a> TakingIn<'a> {
    pub fn new(state: &'a IngestState, device_id: i64, token_hash: [u8; 32], prefix: &str) -> Self {
        let (topics, prefix) = (Topics::new(prefix), prefix.to_owned());
        Self { state, device_id, token_hash, topics, prefix, cameras: RecorderCameras::default(), sights: Sights::default() }
    }

    /// Comes back when everything is committed, as an alert, a state or in the quarantine.
    pub async fn take_in(&mut self, messages: &[Message<'_>]) {
        let said = self.read(messages);
        self.state.limits.wait_for(self.device_id, said.len()).await;
        if self.until_it_is_in(&said).await.is_ok() {
            return;
        }
        // One of them is to blame, and shall cost itself only.
        for message in messages {
            let said = self.read(std::slice::from_ref(message));
            if let Err(cause) = self.until_it_is_in(&said).await {
                error!(code = cause_code(&cause), "the database refuses what a message says; it is kept aside");
                let refused =
                    Refused::new("ingest.unreadable_item", "the database cannot keep what the message says").because(Fault::Unstorable);
                let kept = [(message.topic, aside(source_of(message.topic), refused, message.payload))];
                if let Err(cause) = self.until_it_is_in(&kept).await {
                    error!(code = cause_code(&cause), "a message could not even be kept aside");
                }
            }
        }
    }

    fn read<'m>(&mut self, messages: &[Message<'m>]) -> Vec<(&'m str, Said)> {
        let now = self.state.clock.now();
        let mut all = Vec::with_capacity(messages.len());
        let mut unmatched = 0;
        for message in messages {
            for mut said in self.topics.read(message.topic, message.payload) {
                match &mut said {
                    Said::Camera(camera, _) => self.cameras.hear(camera, now),
                    Said::Object(report) | Said::Review(report, _) => self.cameras.hear(&report.camera, now),
                    Said::Recorder(_) if !message.is_kept => self.sights.clear(),
                    Said::Sight(sight, is_alert) => {
                        if *is_alert {
                            self.cameras.hear(&sight.camera, now);
                        }
                        self.sights.note(sight.clone(), *is_alert, now);
                        continue;
                    }
                    // A kept one was taken of somebody who may be gone since.
                    Said::Snapshot(shot) => match self.sights.whose(&shot.camera, &shot.label, now).filter(|_| !message.is_kept) {
                        Some(object) => shot.object_id = object.to_owned(),
                        None => {
                            unmatched += 1;
                            continue;
                        }
                    },
                    _ => {}
                }
                all.push((message.topic, said));
            }
        }
        metrics::counter!("ioc_frigate_snapshots_total", "became" => "unmatched").increment(unmatched);
        only_best_snapshots(&mut all);
        all
    }

    /// Tries until it is committed; an error is one that does not pass by itself.
    async fn until_it_is_in(&mut self, said: &[(&str, Said)]) -> Result<(), sqlx::Error> {
        // Decoded and stored before anything is locked, and once, however often it is tried. A recorder hears nothing back and would
        // not send the rest again, so all are taken that messages have room for.
        let pictures = Pictures::prepare(&self.state.snapshots, brought(said), usize::MAX).await;
        let pictures = pictures.and_bytes(&self.state.snapshots, snapshots(said)).await;
        let mut pause = Pause::new();
        loop {
            match self.attempt(said, &pictures).await {
                Ok(tally) => {
                    tally.count(said.len());
                    if !pause.is_first() {
                        info!("messages are taken in again");
                    }
                    return Ok(());
                }
                Err(Trouble::Data(cause)) => return Err(cause),
                Err(Trouble::Database(cause)) => {
                    warn!(%cause, waiting = said.len(), "messages cannot be written; they are not acknowledged, and tried again");
                }
                Err(Trouble::Revoked) if pause.is_first() => {
                    warn!("the device that speaks over MQTT is revoked; what it says is not acknowledged and waits for a token in force");
                }
                Err(Trouble::Revoked) => {}
            }
            pause.rest().await;
        }
    }

    async fn attempt(&mut self, said: &[(&str, Said)], pictures: &Pictures) -> Result<Tally, Trouble> {
        let app = self.state.accounts.app_pool();
        if db::find_device(app, &self.token_hash).await?.is_none() {
            return Err(Trouble::Revoked);
        }
        let now = self.state.clock.now();
        let mut transaction = app.begin().await?;
        if !self.cameras.is_recalled() {
            self.cameras.recall(db::find_frigate_cameras(&mut transaction, &self.token_hash, &self.prefix).await?);
        }
        let named = objects::named_in(said.iter().map(|(_, said)| said));
        let known =
            if named.is_empty() { HashMap::new() } else { db::find_frigate_objects(&mut transaction, &self.token_hash, &named).await? };
        let mut objects = Objects::new(known);
        let (mut reports, mut states, mut asides) = (Vec::new(), Vec::new(), Vec::new());
        // Which of what is said each report comes from.
        let mut places = Vec::new();
        for (place, (topic, said)) in said.iter().enumerate() {
            let state = |camera: &str, status, before: usize| Item {
                topic,
                // Frigate does not say when. What came later in a batch is later, however fast it came.
                report: Cow::Owned(ReportedStatus { camera: camera.to_owned(), status, at: now + TimeDelta::microseconds(before as i64) }),
                came_as: CameAs::Frigates(camera.to_owned()),
            };
            let of_frigate = |report: Option<ReportedAlert>| {
                report.map(|report| {
                    let came_as = CameAs::Frigates(format!("{} {}", report.camera, report.external_id));
                    Item { topic, report: Cow::Owned(report), came_as }
                })
            };
            match said {
                Said::Alert(report, item) => reports.push(Item { topic, report: Cow::Borrowed(&**report), came_as: CameAs::Ours(item) }),
                Said::Object(report) => reports.extend(of_frigate(objects.object(report))),
                Said::Review(report, parts) => reports.extend(of_frigate(objects.review(report, parts))),
                Said::Plate(read) => reports.extend(of_frigate(objects.plate(read))),
                Said::Status(report, item) => states.push(Item { topic, report: Cow::Borrowed(report), came_as: CameAs::Ours(item) }),
                Said::Camera(camera, status) => states.push(state(camera, *status, states.len())),
                // Once it is back each camera speaks for itself.
                Said::Recorder(CameraStatus::Offline) => {
                    let before = states.len();
                    states.extend(self.cameras.names().map(|camera| state(camera, CameraStatus::Offline, before)));
                    warn!(cameras = states.len() - before, "the recorder says that it stops; its cameras count as offline");
                }
                // Read already, or looked at once all alerts are in.
                Said::Recorder(_) | Said::Sight(..) | Said::Snapshot(_) => {}
                Said::Aside(aside) => asides.push((*topic, aside.clone())),
            }
            places.resize(reports.len(), place);
        }

        let mut tally = Tally::default();
        let (mut told_by_alerts, mut told_by_states) = (Told::default(), Told::default());
        if !reports.is_empty() {
            let readable: Vec<&ReportedAlert> = reports.iter().map(|item| &*item.report).collect();
            let mut recorded = alerts::record_alerts(&mut transaction, &self.token_hash, &readable, now).await?;
            told_by_alerts = Told::by_alerts(readable.iter().copied(), &recorded, now);
            let readable: Vec<(usize, &ReportedAlert)> = places.into_iter().zip(readable).collect();
            tally.left_out =
                pictures.attach(&self.state.snapshots, &mut transaction, &self.token_hash, &readable, &mut recorded, now).await?;
            tally.settle(IngestSource::CameraAlerts, &reports, recorded, &mut asides);
        }
        if !states.is_empty() {
            let readable: Vec<&ReportedStatus> = states.iter().map(|item| &*item.report).collect();
            let recorded = alerts::record_status(&mut transaction, &self.token_hash, &readable, now).await?;
            // Frigate's own states bear our time.
            let (ours, recorded_of_ours): (Vec<&ReportedStatus>, Vec<Recorded>) = states
                .iter()
                .zip(&recorded)
                .filter(|(item, _)| matches!(item.came_as, CameAs::Ours(_)))
                .map(|(item, recorded)| (&*item.report, recorded.clone()))
                .unzip();
            told_by_states = Told::by_states(ours.into_iter(), &recorded_of_ours, now);
            tally.settle(IngestSource::CameraStatus, &states, recorded, &mut asides);
        }
        self.attach_snapshots(&mut transaction, said, &objects, pictures, &mut tally).await?;
        let unwritten = self.cameras.unwritten();
        if !unwritten.is_empty() {
            db::note_frigate_cameras(&mut transaction, &self.token_hash, &self.prefix, unwritten).await?;
        }
        let parts = objects.into_new_parts();
        if !parts.is_empty() {
            db::note_frigate_review_parts(&mut transaction, &self.token_hash, &parts).await?;
        }
        self.keep_aside(&mut transaction, &asides).await?;
        tally.rejected = asides.len() as u64;
        transaction.commit().await?;
        self.cameras.are_written(now);
        for (source, told) in [(IngestSource::CameraAlerts, told_by_alerts), (IngestSource::CameraStatus, told_by_states)] {
            self.state.note_clock(self.device_id, &self.token_hash, source, &told, now).await;
        }
        Ok(tally)
    }

    /// Frigate's pictures, each to the alert that stands for what it shows.
    async fn attach_snapshots(
        &self,
        db: &mut PgConnection,
        said: &[(&str, Said)],
        objects: &Objects,
        pictures: &Pictures,
        tally: &mut Tally,
    ) -> Result<(), Trouble> {
        let mut new = Vec::new();
        for (place, (_, said)) in said.iter().enumerate() {
            let Said::Snapshot(shot) = said else { continue };
            match (pictures.at(place), objects.alert_of(&shot.camera, &shot.object_id)) {
                (Some(Ok(prepared)), Some(external_id)) => new.push(NewSnapshot { camera: &shot.camera, external_id, prepared }),
                (Some(Err(refused)), _) => tally.settle_snapshot(refused.code),
                _ => tally.settle_snapshot("unmatched"),
            }
        }
        for attached in self.state.snapshots.attach(db, &self.token_hash, &new, self.state.clock.now()).await? {
            tally.settle_snapshot(match attached {
                Some(Attached::New | Attached::Replaced) => "kept",
                Some(Attached::Same) => "same",
                // Somebody has seen another one and acted on it, or its time is over.
                Some(Attached::Held | Attached::Handled | Attached::Removed) => "not_replaced",
                None => "unmatched",
            });
        }
        Ok(())
    }

    async fn keep_aside(&self, db: &mut PgConnection, asides: &[(&str, Aside)]) -> Result<(), Trouble> {
        for source in [IngestSource::CameraAlerts, IngestSource::CameraStatus] {
            let of_source = asides.iter().filter(|(_, aside)| aside.source == source);
            let messages: Vec<_> = of_source
                .map(|(topic, aside)| db::KeptMessage {
                    topic,
                    kept: db::Kept { refused: &aside.refused, payload: aside.payload.clone(), raw: aside.raw.clone() },
                    key: aside.key.clone(),
                })
                .collect();
            if !messages.is_empty() && !db::put_messages_in_quarantine(db, &self.token_hash, source, &messages).await? {
                return Err(Trouble::Revoked);
            }
        }
        Ok(())
    }
}

/// The alerts that may have brought a picture: those in our own words. What we read of Frigate brings none.
fn brought<'a>(said: &'a [(&'a str, Said)]) -> impl Iterator<Item = (usize, &'a ReportedAlert)> {
    said.iter().enumerate().filter_map(|(place, (_, said))| match said {
        Said::Alert(report, _) => Some((place, &**report)),
        _ => None,
    })
}

/// Frigate's pictures, each with its place.
fn snapshots<'a>(said: &'a [(&'a str, Said)]) -> impl Iterator<Item = (usize, &'a [u8])> {
    said.iter().enumerate().filter_map(|(place, (_, said))| match said {
        Said::Snapshot(shot) => Some((place, &*shot.bytes)),
        _ => None,
    })
}

/// Of several pictures of one object the last: Frigate sends another when it has a better one.
fn only_best_snapshots(said: &mut Vec<(&str, Said)>) {
    let mut seen = HashSet::new();
    let mut are_best: Vec<bool> = said
        .iter()
        .rev()
        .map(|(_, said)| match said {
            Said::Snapshot(shot) => seen.insert((shot.camera.clone(), shot.object_id.clone())),
            _ => true,
        })
        .collect();
    said.retain(|_| are_best.pop().unwrap_or(true));
}
