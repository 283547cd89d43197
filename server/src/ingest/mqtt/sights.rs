//! Which objects Frigate has in view now, so that a picture can be told whose it is: it comes with a camera and a label alone.
//! It deliberately guesses nothing: where several of a label move at a camera, the picture may show any of them, and a police officer
//! would look at a stranger. Only where there is one, it is that one's.
//!
//! Of what stands still Frigate sends no picture, so a parked car is in nobody's way. Some versions send their best picture again once
//! the last of a label is gone, which may be of an earlier one: that too is nobody's.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::frigate::Sight;

/// Frigate tells of each at least once a minute; what it does not was left behind when it broke down.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::minutes(5);
/// What is over is known for so long: a message that comes again does not bring it back.
const OVER_FOR: TimeDelta = TimeDelta::minutes(30);
/// Names come from outside and must not fill the memory; a recorder tracks far fewer in half an hour.
const MOST: usize = 10_000;

#[derive(Default)]
pub struct Sights {
    /// By camera and label, then by the object's id.
    objects: HashMap<(String, String), HashMap<String, Object>>,
    count: usize,
    /// There was no room for all: what is in view is not known before they are forgotten.
    blind_until: Option<DateTime<Utc>>,
}

struct Object {
    told_at: DateTime<Utc>,
    is_alert: bool,
    is_still: bool,
    is_over: bool,
}

impl Sights {
    /// `is_alert`: somebody must answer for it, or may have to for a review of it; what was one stays one.
    pub fn note(&mut self, sight: Sight, is_alert: bool, now: DateTime<Utc>) {
        if self.count >= MOST {
            self.forget_old(now);
        }
        if self.count >= MOST {
            *self = Self { blind_until: Some(now + FORGOTTEN_AFTER), ..Self::default() };
        }
        let at_camera = self.objects.entry((sight.camera, sight.label)).or_default();
        let before = at_camera.len();
        let object = at_camera.entry(sight.id).or_insert(Object { told_at: now, is_alert, is_still: false, is_over: false });
        object.told_at = now;
        object.is_still = sight.is_still;
        object.is_alert |= is_alert;
        object.is_over |= sight.is_over;
        self.count += at_camera.len() - before;
    }

    /// What a picture of this label at this camera shows, by the id of the object; which alert stands for that is known elsewhere.
    pub fn whose(&self, camera: &str, label: &str, now: DateTime<Utc>) -> Option<&str> {
        if self.blind_until.is_some_and(|until| now < until) {
            return None;
        }
        let at_camera = self.objects.get(&(camera.to_owned(), label.to_owned()))?;
        let mut moving = at_camera.iter().filter(|(_, object)| !object.is_over && !object.is_still && !object.is_old(now));
        match (moving.next(), moving.next()) {
            (Some((id, object)), None) if object.is_alert => Some(id),
            _ => None,
        }
    }

    /// A recorder that begins anew has nothing in view.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn forget_old(&mut self, now: DateTime<Utc>) {
        self.objects.retain(|_, at_camera| {
            at_camera.retain(|_, object| !object.is_old(now));
            !at_camera.is_empty()
        });
        self.count = self.objects.values().map(HashMap::len).sum();
    }
}

impl Object {
    fn is_old(&self, now: DateTime<Utc>) -> bool {
        now - self.told_at > if self.is_over { OVER_FOR } else { FORGOTTEN_AFTER }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(id: &str, label: &str, is_over: bool) -> Sight {
        Sight { camera: "C1".into(), label: label.into(), id: id.into(), is_still: false, is_over }
    }

    fn morning() -> DateTime<Utc> {
        "2026-11-22T01:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_picture_is_of_the_one_thing_in_view() {
        let (mut sights, now) = (Sights::default(), morning());
        assert_eq!(sights.whose("C1", "car", now), None, "nothing was told of");
        sights.note(sight("o1", "car", false), true, now);
        sights.note(sight("o2", "person", false), true, now);
        assert_eq!(sights.whose("C1", "car", now), Some("o1"));
        assert_eq!(sights.whose("C1", "person", now), Some("o2"));
        assert_eq!((sights.whose("C2", "car", now), sights.whose("C1", "dog", now)), (None, None));
        sights.clear();
        assert_eq!(sights.whose("C1", "car", now), None, "the recorder began anew");
    }

    #[test]
    fn with_two_in_view_it_is_nobodys_even_where_one_is_no_alert() {
        let (mut sights, now) = (Sights::default(), morning());
        sights.note(sight("o1", "person", false), true, now);
        sights.note(sight("o2", "person", false), false, now);
        assert_eq!(sights.whose("C1", "person", now), None);
        sights.note(sight("o2", "person", true), false, now);
        assert_eq!(sights.whose("C1", "person", now), Some("o1"));
        sights.note(sight("o1", "person", true), true, now);
        assert_eq!(sights.whose("C1", "person", now), None, "the best of all that were there, whoever it was");
    }

    #[test]
    fn what_stands_still_is_not_on_the_picture() {
        let (mut sights, now) = (Sights::default(), morning());
        sights.note(Sight { is_still: true, ..sight("parked", "car", false) }, true, now);
        assert_eq!(sights.whose("C1", "car", now), None);
        sights.note(sight("o1", "car", false), true, now);
        assert_eq!(sights.whose("C1", "car", now), Some("o1"));
        sights.note(sight("parked", "car", false), true, now);
        assert_eq!(sights.whose("C1", "car", now), None, "it drives off");
    }

    #[test]
    fn what_is_no_alert_has_no_picture_until_it_is_one() {
        let (mut sights, now) = (Sights::default(), morning());
        sights.note(sight("o1", "dog", false), false, now);
        assert_eq!(sights.whose("C1", "dog", now), None);
        sights.note(sight("o1", "dog", false), true, now);
        sights.note(sight("o1", "dog", false), false, now);
        assert_eq!(sights.whose("C1", "dog", now), Some("o1"), "it entered a zone, and left it");
    }

    #[test]
    fn a_message_that_comes_again_brings_nothing_back() {
        let (mut sights, now) = (Sights::default(), morning());
        sights.note(sight("o1", "car", false), true, now);
        sights.note(sight("o1", "car", true), true, now);
        sights.note(sight("o1", "car", false), true, now);
        sights.note(sight("o2", "car", false), true, now);
        assert_eq!(sights.whose("C1", "car", now), Some("o2"));
    }

    #[test]
    fn what_was_left_behind_is_forgotten_and_memory_has_an_end() {
        let (mut sights, now) = (Sights::default(), morning());
        sights.note(sight("o1", "car", false), true, now);
        let later = now + TimeDelta::minutes(6);
        sights.note(sight("o2", "car", false), true, later);
        assert_eq!(sights.whose("C1", "car", later), Some("o2"));
        for number in 2..MOST {
            sights.note(sight(&format!("n{number}"), "car", true), true, later);
        }
        assert_eq!(sights.count, MOST);
        sights.note(sight("o3", "person", false), true, later);
        assert_eq!(sights.whose("C1", "car", later), Some("o2"), "there was room again without o1");
        sights.note(sight("o4", "person", false), true, later);
        assert_eq!(sights.count, 1, "there was none");
        assert_eq!(sights.whose("C1", "person", later), None, "o3 is in view too");
        let known_again = later + FORGOTTEN_AFTER;
        sights.note(sight("o4", "person", false), true, known_again);
        assert_eq!(sights.whose("C1", "person", known_again), Some("o4"));
    }
}
