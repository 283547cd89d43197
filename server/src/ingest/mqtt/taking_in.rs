//! Takes in what arrived, a batch in one transaction, and comes back once it is committed: before, nothing is acknowledged.
//! It deliberately gives up nothing: a database that is away is waited for, and what cannot be taken in is kept aside.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::TimeDelta;
use serde_json::Value;
use shared::camera::CameraStatus;
use shared::ingest::{IngestSource, ReportedAlert, ReportedStatus};
use sqlx::PgConnection;
use tracing::{error, info, warn};

use super::Pause;
use super::objects::{self, Objects};
use super::topics::{Aside, Said, Topics, aside, source_of};
use crate::cameras::alerts::{self, Became, Recorded, Refused};
use crate::ingest::pictures::{LeftOut, Pictures};
use crate::ingest::{IngestState, db, reading};

/// A recorder has fewer cameras; names come from outside and must not fill the memory.
const MOST_CAMERAS: usize = 10_000;

pub struct Message<'a> {
    pub topic: &'a str,
    pub payload: &'a [u8],
}

pub struct TakingIn<'a> {
    state: &'a IngestState,
    device_id: i64,
    token_hash: [u8; 32],
    topics: Topics,
    /// Cameras that Frigate has spoken of since we listen: when it goes, they show nobody anything.
    cameras: BTreeSet<String>,
}

/// Why a batch is not in.
enum Trouble {
    /// The database is away, or slow.
    Database(sqlx::Error),
    /// The database refuses what is in it.
    Data(sqlx::Error),
    /// No device in force has the token.
    Revoked,
}

impl From<sqlx::Error> for Trouble {
    fn from(cause: sqlx::Error) -> Self {
        // Class 22: data that is none; class 23: a constraint; class 54: more than fits. None passes by waiting.
        let code = cause.as_database_error().and_then(|cause| cause.code()).unwrap_or_default();
        let is_data = ["22", "23", "54"].iter().any(|class| code.starts_with(class));
        if is_data { Trouble::Data(cause) } else { Trouble::Database(cause) }
    }
}

impl From<anyhow::Error> for Trouble {
    /// A picture that cannot be stored waits as a database that is away does: there may be room again.
    fn from(cause: anyhow::Error) -> Self {
        cause.downcast::<sqlx::Error>().map_or_else(|cause| Trouble::Database(sqlx::Error::Io(std::io::Error::other(cause))), Trouble::from)
    }
}

/// Something readable, and what to keep if it cannot be taken in.
struct Item<'a, T: Clone> {
    topic: &'a str,
    report: Cow<'a, T>,
    came_as: CameAs<'a>,
}

enum CameAs<'a> {
    /// In our own words: the item as it came.
    Ours(&'a Value),
    /// In Frigate's words, which tell of the same thing many times: what names it.
    Frigates(String),
}

/// What became of a batch.
#[derive(Default)]
struct Tally {
    accepted: u64,
    duplicate: u64,
    rejected: u64,
    left_out: Vec<LeftOut>,
}

impl<'a> TakingIn<'a> {
    pub fn new(state: &'a IngestState, device_id: i64, token_hash: [u8; 32], prefix: &str) -> Self {
        Self { state, device_id, token_hash, topics: Topics::new(prefix), cameras: BTreeSet::new() }
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
                let refused = Refused::new("ingest.unreadable_item", "the database cannot keep what the message says");
                let kept = [(message.topic, aside(source_of(message.topic), refused, message.payload))];
                if let Err(cause) = self.until_it_is_in(&kept).await {
                    error!(code = cause_code(&cause), "a message could not even be kept aside");
                }
            }
        }
    }

    fn read<'m>(&mut self, messages: &[Message<'m>]) -> Vec<(&'m str, Said)> {
        let mut said = Vec::with_capacity(messages.len());
        for message in messages {
            said.extend(self.topics.read(message.topic, message.payload).into_iter().map(|said| (message.topic, said)));
        }
        for (_, said) in &said {
            if let Said::Camera(camera, _) = said {
                self.remember(camera);
            } else if let Said::Object(report) | Said::Review(report, _) = said {
                self.remember(&report.camera);
            }
        }
        said
    }

    fn remember(&mut self, camera: &str) {
        if self.cameras.len() < MOST_CAMERAS && !self.cameras.contains(camera) {
            self.cameras.insert(camera.to_owned());
        }
    }

    /// Tries until it is committed; an error is one that does not pass by itself.
    async fn until_it_is_in(&self, said: &[(&str, Said)]) -> Result<(), sqlx::Error> {
        // Decoded and stored before anything is locked, and once, however often it is tried. A recorder hears nothing back and would
        // not send the rest again, so all are taken that messages have room for.
        let pictures = Pictures::prepare(&self.state.snapshots, brought(said), usize::MAX).await;
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

    async fn attempt(&self, said: &[(&str, Said)], pictures: &Pictures) -> Result<Tally, Trouble> {
        let app = self.state.accounts.app_pool();
        if db::find_device(app, &self.token_hash).await?.is_none() {
            return Err(Trouble::Revoked);
        }
        let now = self.state.clock.now();
        let mut transaction = app.begin().await?;
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
                    warn!(cameras = self.cameras.len(), "the recorder says that it stops; its cameras count as offline");
                    let before = states.len();
                    states.extend(self.cameras.iter().map(|camera| state(camera, CameraStatus::Offline, before)));
                }
                Said::Recorder(_) => {}
                Said::Aside(aside) => asides.push((*topic, aside.clone())),
            }
            places.resize(reports.len(), place);
        }

        let mut tally = Tally::default();
        if !reports.is_empty() {
            let readable: Vec<&ReportedAlert> = reports.iter().map(|item| &*item.report).collect();
            let mut recorded = alerts::record_alerts(&mut transaction, &self.token_hash, &readable, now).await?;
            let readable: Vec<(usize, &ReportedAlert)> = places.into_iter().zip(readable).collect();
            tally.left_out =
                pictures.attach(&self.state.snapshots, &mut transaction, &self.token_hash, &readable, &mut recorded, now).await?;
            tally.settle(IngestSource::CameraAlerts, &reports, recorded, &mut asides);
        }
        if !states.is_empty() {
            let readable: Vec<&ReportedStatus> = states.iter().map(|item| &*item.report).collect();
            let recorded = alerts::record_status(&mut transaction, &self.token_hash, &readable, now).await?;
            tally.settle(IngestSource::CameraStatus, &states, recorded, &mut asides);
        }
        let parts = objects.into_new_parts();
        if !parts.is_empty() {
            db::note_frigate_review_parts(&mut transaction, &self.token_hash, &parts).await?;
        }
        self.keep_aside(&mut transaction, &asides).await?;
        tally.rejected = asides.len() as u64;
        transaction.commit().await?;
        Ok(tally)
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

impl Tally {
    /// Counts what was recorded; what was refused goes to the others that are kept aside.
    fn settle<'a, T: Clone + serde::Serialize>(
        &mut self,
        source: IngestSource,
        items: &[Item<'a, T>],
        recorded: Vec<Recorded>,
        asides: &mut Vec<(&'a str, Aside)>,
    ) {
        for (item, recorded) in items.iter().zip(recorded) {
            match recorded {
                Ok(Became::New | Became::Updated) => self.accepted += 1,
                Ok(Became::Duplicate) => self.duplicate += 1,
                Err(refused) => {
                    // A mapped report is kept as the mapping made it: so it can be taken in later as any other.
                    let (came_as, key) = match &item.came_as {
                        CameAs::Ours(item) => (Cow::Borrowed(*item), None),
                        CameAs::Frigates(key) => {
                            (Cow::Owned(serde_json::to_value(&*item.report).unwrap_or_default()), Some(format!("frigate {key}")))
                        }
                    };
                    let (payload, raw) = (reading::shown(&came_as).to_string(), reading::raw(&came_as));
                    asides.push((item.topic, Aside { source, refused, payload, raw, key }));
                }
            }
        }
    }

    fn count(&self, said: usize) {
        if self.rejected > 0 {
            info!(rejected = self.rejected, said, "some of what came over MQTT waits in the quarantine");
        }
        let mut left_out: BTreeMap<&str, u64> = BTreeMap::new();
        for (_, refused) in &self.left_out {
            *left_out.entry(refused.code).or_default() += 1;
        }
        for (code, pictures) in left_out {
            info!(code, pictures, "pictures that came over MQTT were left out; their alerts are in");
        }
        metrics::counter!("ioc_reports_total", "became" => "accepted").increment(self.accepted);
        metrics::counter!("ioc_reports_total", "became" => "duplicate").increment(self.duplicate);
        metrics::counter!("ioc_reports_total", "became" => "rejected").increment(self.rejected);
    }
}

/// The alerts that may have brought a picture: those in our own words. What we read of Frigate brings none.
fn brought<'a>(said: &'a [(&'a str, Said)]) -> impl Iterator<Item = (usize, &'a ReportedAlert)> {
    said.iter().enumerate().filter_map(|(place, (_, said))| match said {
        Said::Alert(report, _) => Some((place, &**report)),
        _ => None,
    })
}

/// What the database says may repeat a value; its code does not.
fn cause_code(cause: &sqlx::Error) -> String {
    cause.as_database_error().and_then(|cause| cause.code()).unwrap_or_default().into_owned()
}
