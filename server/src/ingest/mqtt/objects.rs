//! How Frigate's objects and its reviews relate, so that the same thing is one alert: whichever of the two came first is the alert,
//! and the other adds at most a plate. Values in, values out; what is known from before is read elsewhere (`ingest::db`).
//!
//! An object that is an alert already stands for the reviews that contain it; a review that is an alert already stands for its
//! objects. Two objects are two things, unless a review joined them first.

use std::collections::{BTreeSet, HashMap};

use shared::ingest::ReportedAlert;

use super::super::db::{KnownAlert, KnownObject};
use super::super::frigate::PlateRead;
use super::topics::Said;

/// A camera as Frigate names it, and the id of an object or a review.
type Key = (String, String);

pub struct Objects {
    known: HashMap<Key, KnownObject>,
    new_parts: Vec<(String, String)>,
}

/// Everything that must be known of what is said, each once.
pub fn named_in<'a>(said: impl Iterator<Item = &'a Said>) -> Vec<Key> {
    let mut keys = BTreeSet::new();
    for said in said {
        match said {
            Said::Object(report) => {
                keys.insert(key(&report.camera, &report.external_id));
            }
            Said::Review(report, parts) => {
                keys.extend(parts.iter().chain([&report.external_id]).map(|id| key(&report.camera, id)));
            }
            Said::Plate(read) => {
                keys.insert(key(&read.camera, &read.id));
            }
            Said::Snapshot(shot) => {
                keys.insert(key(&shot.camera, &shot.object_id));
            }
            Said::Alert(..) | Said::Status(..) | Said::Sight(..) | Said::Camera(..) | Said::Recorder(_) | Said::Aside(_) => {}
        }
    }
    keys.into_iter().collect()
}

impl Objects {
    pub fn new(known: HashMap<Key, KnownObject>) -> Self {
        Self { known, new_parts: Vec::new() }
    }

    /// The report to record for an object.
    pub fn object(&mut self, report: &ReportedAlert) -> Option<ReportedAlert> {
        let known = self.known.entry(key(&report.camera, &report.external_id)).or_default();
        if known.is_known || known.review_id.is_none() {
            *known = KnownObject { is_known: true, alert: Some(alert_of(report)), review_id: None };
            return Some(report.clone());
        }
        Some(with_plate(&report.camera, known.alert.as_ref()?, report.plate.clone()?))
    }

    /// The report to record for a review of these objects.
    pub fn review(&mut self, report: &ReportedAlert, parts: &[String]) -> Option<ReportedAlert> {
        let is_known = |id: &String| self.known.get(&key(&report.camera, id)).is_some_and(|known| known.is_known);
        if !is_known(&report.external_id) && parts.iter().any(is_known) {
            return None;
        }
        let alert = alert_of(report);
        let whole = KnownObject { is_known: true, alert: Some(alert.clone()), review_id: None };
        self.known.insert(key(&report.camera, &report.external_id), whole);
        for part in parts {
            let known = self.known.entry(key(&report.camera, part)).or_default();
            if known.is_known {
                continue;
            }
            if known.review_id.is_none() {
                known.review_id = Some(report.external_id.clone());
                self.new_parts.push((part.clone(), report.external_id.clone()));
            }
            known.alert.get_or_insert_with(|| alert.clone());
        }
        Some(report.clone())
    }

    /// The report that adds a plate to the alert that stands for its vehicle.
    pub fn plate(&self, read: &PlateRead) -> Option<ReportedAlert> {
        let alert = self.known.get(&key(&read.camera, &read.id))?.alert.as_ref()?;
        Some(with_plate(&read.camera, alert, read.plate.clone()))
    }

    /// The alert that stands for an object, by its external id.
    pub fn alert_of(&self, camera: &str, object_id: &str) -> Option<&str> {
        Some(self.known.get(&key(camera, object_id))?.alert.as_ref()?.external_id.as_str())
    }

    /// Objects that now belong to a review which is an alert (object, review), to be kept.
    pub fn into_new_parts(self) -> Vec<(String, String)> {
        self.new_parts
    }
}

fn key(camera: &str, id: &str) -> Key {
    (camera.to_owned(), id.to_owned())
}

fn alert_of(report: &ReportedAlert) -> KnownAlert {
    KnownAlert { external_id: report.external_id.clone(), kind: report.kind, started_at: report.started_at }
}

/// What is known of the alert, again, and the plate.
fn with_plate(camera: &str, alert: &KnownAlert, plate: String) -> ReportedAlert {
    ReportedAlert {
        camera: camera.to_owned(),
        external_id: alert.external_id.clone(),
        kind: alert.kind,
        severity: None,
        started_at: alert.started_at,
        ended_at: None,
        confidence: None,
        plate: Some(plate),
        in_picture: None,
        path: None,
        snapshot_base64: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::camera_alert::AlertKind;

    fn report(id: &str, plate: Option<&str>) -> ReportedAlert {
        let started_at = "2026-11-22T01:00:00Z".parse().unwrap();
        let alert = KnownAlert { external_id: id.to_owned(), kind: AlertKind::IllegalStopping, started_at };
        ReportedAlert { plate: plate.map(str::to_owned), ..with_plate("C1", &alert, String::new()) }
    }

    fn ids(parts: &[&str]) -> Vec<String> {
        parts.iter().map(|part| (*part).to_owned()).collect()
    }

    #[test]
    fn an_object_that_came_first_stands_for_its_review() {
        let mut objects = Objects::new(HashMap::new());
        assert_eq!(objects.object(&report("o1", None)), Some(report("o1", None)));
        assert_eq!(objects.review(&report("r", None), &ids(&["o2", "o1"])), None);
        assert_eq!(objects.object(&report("o1", Some("29A"))), Some(report("o1", Some("29A"))), "and goes on by itself");
        assert_eq!(objects.object(&report("o2", None)), Some(report("o2", None)), "another thing is another alert");
        assert!(objects.into_new_parts().is_empty());
    }

    #[test]
    fn a_review_that_came_first_stands_for_its_objects() {
        let mut objects = Objects::new(HashMap::new());
        assert_eq!(objects.review(&report("r", None), &ids(&["o1", "o2"])), Some(report("r", None)));
        assert_eq!(objects.object(&report("o1", None)), None);
        assert_eq!((objects.alert_of("C1", "o1"), objects.alert_of("C1", "o9")), (Some("r"), None), "whose picture is of o1");
        let with_plate = objects.object(&report("o1", Some("29A"))).unwrap();
        assert_eq!((with_plate.external_id.as_str(), with_plate.plate.as_deref()), ("r", Some("29A")));
        assert!(objects.review(&report("r", None), &ids(&["o1", "o2", "o3"])).is_some(), "its update and its end are its own");
        let parts = objects.into_new_parts();
        assert_eq!(parts, [("o1", "r"), ("o2", "r"), ("o3", "r")].map(|(part, review)| (part.to_owned(), review.to_owned())));
    }

    #[test]
    fn what_was_known_before_the_batch_counts_too() {
        let of_review = KnownObject { is_known: false, alert: Some(alert_of(&report("r", None))), review_id: Some("r".into()) };
        let waiting = KnownObject { is_known: true, ..KnownObject::default() };
        let known = HashMap::from([(key("C1", "o1"), of_review), (key("C1", "o2"), waiting)]);
        let mut objects = Objects::new(known);
        assert_eq!(objects.object(&report("o1", None)), None);
        let read = |id: &str| PlateRead { camera: "C1".into(), id: id.into(), plate: "29A".into() };
        assert_eq!(objects.plate(&read("o1")).map(|report| report.external_id), Some("r".into()));
        assert_eq!(objects.plate(&read("o2")), None, "nothing is there yet that could have a plate");
        assert_eq!(objects.plate(&read("o9")), None);
        assert_eq!(objects.review(&report("r2", None), &ids(&["o2"])), None, "what waits for its camera is taken in from there");
        let other_camera = ReportedAlert { camera: "C2".into(), ..report("o1", None) };
        assert!(objects.object(&other_camera).is_some());
    }

    #[test]
    fn what_is_named_is_asked_for_once() {
        let said = [
            Said::Object(Box::new(report("o1", None))),
            Said::Review(Box::new(report("r", None)), ids(&["o1", "o2"])),
            Said::Object(Box::new(report("o1", None))),
        ];
        assert_eq!(named_in(said.iter()), [key("C1", "o1"), key("C1", "o2"), key("C1", "r")]);
    }
}
