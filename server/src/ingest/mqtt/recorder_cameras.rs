//! Which cameras a recorder has: when it goes, they show nobody anything. Known from what it says of them, and from what the
//! database has kept of that, because a recorder that breaks down while we start will not name them again.
//! It deliberately asks and writes nothing itself.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

/// A recorder has fewer; names come from outside and must not fill the memory.
const MOST: usize = 10_000;
/// As the database keeps it.
const LONGEST_NAME_BYTES: usize = 200;
/// A camera is written down again after so long, so that one which the recorder no longer has can be forgotten.
const WRITTEN_AGAIN_AFTER: TimeDelta = TimeDelta::days(1);

#[derive(Default)]
pub struct RecorderCameras {
    /// When each was written down; none: not by us.
    written_at: BTreeMap<String, Option<DateTime<Utc>>>,
    unwritten: BTreeSet<String>,
    is_recalled: bool,
}

impl RecorderCameras {
    /// The recorder spoke of this camera.
    pub fn hear(&mut self, name: &str, now: DateTime<Utc>) {
        match self.written_at.get(name) {
            Some(Some(at)) if now - *at < WRITTEN_AGAIN_AFTER => {}
            Some(_) => _ = self.unwritten.insert(name.to_owned()),
            None if self.has_room_for(name) => {
                self.written_at.insert(name.to_owned(), None);
                self.unwritten.insert(name.to_owned());
            }
            None => {}
        }
    }

    pub fn is_recalled(&self) -> bool {
        self.is_recalled
    }

    /// What was written down before we started.
    pub fn recall(&mut self, names: Vec<String>) {
        for name in names {
            if self.has_room_for(&name) {
                self.written_at.entry(name).or_insert(None);
            }
        }
        self.is_recalled = true;
    }

    /// All of them, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.written_at.keys().map(String::as_str)
    }

    pub fn unwritten(&self) -> Vec<String> {
        self.unwritten.iter().cloned().collect()
    }

    /// All that were to be written down are committed.
    pub fn are_written(&mut self, now: DateTime<Utc>) {
        for name in std::mem::take(&mut self.unwritten) {
            self.written_at.insert(name, Some(now));
        }
    }

    fn has_room_for(&self, name: &str) -> bool {
        // What PostgreSQL takes for no text is no camera's name either.
        self.written_at.len() < MOST && !name.is_empty() && name.len() <= LONGEST_NAME_BYTES && !name.contains('\0')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(cameras: &RecorderCameras) -> Vec<&str> {
        cameras.names().collect()
    }

    #[test]
    fn what_was_written_down_is_known_after_a_start_and_written_again_once_it_is_heard() {
        let now = "2026-11-22T01:00:00Z".parse().unwrap();
        let mut cameras = RecorderCameras::default();
        assert!(!cameras.is_recalled());
        cameras.hear("C2", now);
        cameras.recall(vec!["C1".into(), "C2".into()]);
        assert!(cameras.is_recalled());
        assert_eq!((names(&cameras), cameras.unwritten()), (vec!["C1", "C2"], vec!["C2".to_owned()]));
        cameras.hear("C1", now);
        assert_eq!(cameras.unwritten(), ["C1", "C2"]);
    }

    #[test]
    fn each_is_written_down_once_a_day() {
        let now: DateTime<Utc> = "2026-11-22T01:00:00Z".parse().unwrap();
        let mut cameras = RecorderCameras::default();
        cameras.hear("C1", now);
        assert_eq!(cameras.unwritten(), ["C1"], "until it is committed");
        cameras.are_written(now);
        cameras.hear("C1", now + TimeDelta::hours(23));
        assert!(cameras.unwritten().is_empty());
        cameras.hear("C1", now + TimeDelta::hours(25));
        assert_eq!(cameras.unwritten(), ["C1"]);
    }

    #[test]
    fn what_can_be_no_name_is_not_remembered() {
        let now = "2026-11-22T01:00:00Z".parse().unwrap();
        let mut cameras = RecorderCameras::default();
        for wrong in ["", "C\0", &"x".repeat(201)] {
            cameras.hear(wrong, now);
        }
        assert!(names(&cameras).is_empty() && cameras.unwritten().is_empty());
        for number in 0..MOST + 5 {
            cameras.hear(&format!("C{number}"), now);
        }
        assert_eq!(cameras.names().count(), MOST);
    }
}
