//! What became of a batch: counted, told in the log, and what was refused given to the others that are kept aside.
//! It deliberately writes nothing to the database.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use shared::ingest::IngestSource;
use tracing::info;

use super::topics::Aside;
use crate::cameras::alerts::{Became, Recorded};
use crate::ingest::pictures::LeftOut;
use crate::ingest::reading;

/// Something readable, and what to keep if it cannot be taken in.
pub struct Item<'a, T: Clone> {
    pub topic: &'a str,
    pub report: Cow<'a, T>,
    pub came_as: CameAs<'a>,
}

pub enum CameAs<'a> {
    /// In our own words: the item as it came.
    Ours(&'a Value),
    /// In Frigate's words, which tell of the same thing many times: what names it.
    Frigates(String),
}

/// What became of a batch.
#[derive(Default)]
pub struct Tally {
    accepted: u64,
    duplicate: u64,
    pub rejected: u64,
    /// Pictures that came with an alert of our own words, and were not kept.
    pub left_out: Vec<LeftOut>,
    /// Of Frigate's pictures, by what became of them.
    pub snapshots: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Counts what was recorded; what was refused goes to the others that are kept aside.
    pub fn settle<'a, T: Clone + serde::Serialize>(
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

    /// Counts what became of a picture of Frigate's: by a word, or by the code of what is wrong with it.
    pub fn settle_snapshot(&mut self, became: &'static str) {
        *self.snapshots.entry(became).or_default() += 1;
    }

    pub fn count(&self, said: usize) {
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
        for (became, snapshots) in &self.snapshots {
            // It comes again and again; what is refused is told in short.
            if became.starts_with("ingest.") {
                info!(code = *became, snapshots, "snapshots of Frigate were refused; their alerts are in");
            }
            metrics::counter!("ioc_frigate_snapshots_total", "became" => *became).increment(*snapshots);
        }
        metrics::counter!("ioc_reports_total", "became" => "accepted").increment(self.accepted);
        metrics::counter!("ioc_reports_total", "became" => "duplicate").increment(self.duplicate);
        metrics::counter!("ioc_reports_total", "became" => "rejected").increment(self.rejected);
    }
}
