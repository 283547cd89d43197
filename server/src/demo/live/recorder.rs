//! The recorders of a ward: report what the cameras see, once more when it is over, and now and then word for word twice.
//! It deliberately keeps what the server did not take until it does, as a recorder's buffer would, and forgets the rest.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use shared::ingest::ReportedAlert;

use super::doors::{Doors, Trouble};
use super::heartbeats::Silent;
use super::mqtt::Broker;
use super::play::{Player, Tally};
use super::played;
use crate::demo::day::{Arrivals, Sighting};
use crate::demo::synthetic_snapshot::synthetic_snapshot;

/// A buffer holds so many reports; then the oldest goes.
const BUFFER: usize = 2000;
/// Of one request.
const AT_ONCE: usize = 50;

/// A report whose time comes.
struct Due {
    at: DateTime<Utc>,
    /// Keeps apart what is due at the same moment, in the order in which it was planned.
    number: u64,
    what: What,
}

enum What {
    Begins(Box<Sighting>),
    /// Over, or the same again: sent as it stands.
    Again(Box<ReportedAlert>),
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.number) == (other.at, other.number)
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

pub(super) struct Recorder {
    doors: Doors,
    /// Where there is one, every second camera reports through it.
    broker: Option<Broker>,
    arrivals: Arrivals,
    silent: Silent,
    seed: u64,
    /// How far the day that is played is from this one.
    ahead: TimeDelta,
    planned: BinaryHeap<Reverse<Due>>,
    numbers: u64,
    buffer: Vec<ReportedAlert>,
    /// Speeds apart, nothing has been counted since.
    counted_until: DateTime<Utc>,
}

impl Recorder {
    pub fn new(
        doors: Doors,
        broker: Option<Broker>,
        arrivals: Arrivals,
        silent: Silent,
        seed: u64,
        ahead: TimeDelta,
        now: DateTime<Utc>,
    ) -> Self {
        let (planned, buffer) = (BinaryHeap::new(), Vec::new());
        Self { doors, broker, arrivals, silent, seed, ahead, planned, numbers: 0, buffer, counted_until: now }
    }

    fn plan(&mut self, at: DateTime<Utc>, what: What) {
        self.numbers += 1;
        self.planned.push(Reverse(Due { at, number: self.numbers, what }));
    }

    /// What is due goes into the buffer; what follows from it is planned.
    fn collect(&mut self, now: DateTime<Utc>, tally: &mut Tally) {
        while self.planned.peek().is_some_and(|Reverse(due)| due.at <= now) {
            let Some(Reverse(due)) = self.planned.pop() else { break };
            let report = match due.what {
                What::Again(report) => *report,
                What::Begins(seen) if self.is_silent(&seen.camera) => continue,
                What::Begins(seen) => {
                    tally.alerts += 1;
                    self.begins(due.at, &seen)
                }
            };
            if self.buffer.len() >= BUFFER {
                self.buffer.remove(0);
            }
            self.buffer.push(report);
        }
    }

    fn is_silent(&self, camera: &str) -> bool {
        self.silent.lock().expect("nobody panics with it in hand").contains(camera)
    }

    fn begins(&mut self, at: DateTime<Utc>, seen: &Sighting) -> ReportedAlert {
        let report = ReportedAlert {
            camera: seen.camera.clone(),
            // As Frigate numbers what it tracks: when it began, and six letters.
            external_id: format!("{}.{:06}-{}", at.timestamp(), at.timestamp_subsec_micros(), seen.letters),
            kind: seen.kind,
            severity: seen.severity,
            started_at: at,
            ended_at: None,
            confidence: Some(seen.confidence),
            plate: seen.plate.clone(),
            in_picture: Some(seen.in_picture),
            path: Some(seen.path.clone()),
            snapshot_base64: snapshot(seen, at, self.seed),
        };
        if seen.sent_twice {
            self.plan(at + TimeDelta::seconds(20), What::Again(Box::new(report.clone())));
        }
        let ended_at = at + seen.lasts;
        // The picture is there already.
        let ended = ReportedAlert { ended_at: Some(ended_at), snapshot_base64: None, ..report.clone() };
        self.plan(ended_at, What::Again(Box::new(ended)));
        report
    }

    async fn send(&mut self, tally: &mut Tally) -> Result<(), Trouble> {
        while !self.buffer.is_empty() {
            let many = self.buffer.len().min(AT_ONCE);
            let (by_broker, by_http): (Vec<_>, Vec<_>) =
                self.buffer[..many].iter().cloned().partition(|report| self.broker.is_some() && Broker::carries(&report.camera));
            if let Some(broker) = &self.broker {
                for report in &by_broker {
                    broker.publish(report).await?;
                }
                // Those are with the broker now; the others may yet fail, and stay.
                drop(self.buffer.splice(..many, by_http.iter().cloned()));
            }
            if by_http.is_empty() {
                continue;
            }
            let answer = self.doors.report(&by_http).await?;
            self.buffer.drain(..by_http.len());
            tally.accepted += answer.accepted;
            tally.known_already += answer.duplicate;
            tally.rejected += answer.rejected.len();
        }
        Ok(())
    }
}

/// A picture that says of itself that it was drawn.
fn snapshot(seen: &Sighting, at: DateTime<Utc>, seed: u64) -> Option<String> {
    Some(BASE64_STANDARD.encode(synthetic_snapshot(seen.kind, &seen.camera, at, seed)))
}

impl Player for Recorder {
    fn name(&self) -> String {
        "recorders".to_owned()
    }

    fn next(&self, now: DateTime<Utc>, speed: f64) -> Option<DateTime<Utc>> {
        if !self.buffer.is_empty() {
            return Some(now);
        }
        let arrival = self.arrivals.wait(played(now, self.ahead), speed).map(|wait| now + wait);
        let planned = self.planned.peek().map(|Reverse(due)| due.at).filter(|_| speed > 0.0);
        arrival.into_iter().chain(planned).min()
    }

    fn pass(&mut self, from: DateTime<Utc>, until: DateTime<Utc>, speed: f64) {
        // What an action took counts too, at the speed that was in force.
        let from = from.min(self.counted_until.max(from - TimeDelta::minutes(1)));
        self.arrivals.pass(played(from, self.ahead), played(until, self.ahead), speed);
        self.counted_until = until;
        if speed <= 0.0 {
            let planned = std::mem::take(&mut self.planned);
            self.planned = planned.into_iter().map(|Reverse(due)| Reverse(Due { at: due.at + (until - from), ..due })).collect();
        }
    }

    fn act<'a>(&'a mut self, now: DateTime<Utc>, _speed: f64, tally: &'a mut Tally) -> BoxFuture<'a, Result<(), Trouble>> {
        async move {
            if self.arrivals.is_due() {
                for seen in self.arrivals.arrive(played(now, self.ahead)) {
                    self.plan(now + seen.after, What::Begins(Box::new(seen)));
                }
            }
            self.collect(now, tally);
            self.send(tally).await
        }
        .boxed()
    }
}
