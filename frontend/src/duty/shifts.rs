//! Days and shifts as the table has them, and moments as the form's fields write them, all in the ward's hours.
//! It deliberately draws nothing.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};
use shared::camera_alert::AlertHandler;
use shared::duty::{Duty, DutyEdit, DutyRoster, DutyStep};

use crate::text::format::local;

/// From which hour of the day to which, in minutes; past midnight where `until` is not later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shift {
    pub from: u32,
    pub until: u32,
}

/// As most wards keep them, while the roster is empty.
const USUAL: [Shift; 3] = [Shift { from: 360, until: 840 }, Shift { from: 840, until: 1320 }, Shift { from: 1320, until: 360 }];

impl Shift {
    pub fn of(duty: &Duty) -> Shift {
        let minutes = |at: DateTime<Utc>| local(at).hour() * 60 + local(at).minute();
        Shift { from: minutes(duty.from), until: minutes(duty.until) }
    }

    /// "06:00–14:00".
    pub fn name(self) -> String {
        let clock = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        format!("{}–{}", clock(self.from), clock(self.until))
    }

    /// The shift of a day.
    pub fn on(self, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        let length = (self.until + 24 * 60 - self.from - 1) % (24 * 60) + 1;
        let from = begins(day) + TimeDelta::minutes(i64::from(self.from));
        (from, from + TimeDelta::minutes(i64::from(length)))
    }
}

/// The shifts that a week's roster has, in the order of the day; the usual ones where it has none.
pub fn shifts_of(duties: &[Duty]) -> Vec<Shift> {
    let known: BTreeSet<Shift> = duties.iter().map(Shift::of).collect();
    if known.is_empty() { USUAL.to_vec() } else { known.into_iter().collect() }
}

/// The day on which a duty begins.
pub fn day_of(duty: &Duty) -> NaiveDate {
    local(duty.from).date_naive()
}

fn zone() -> FixedOffset {
    *local(DateTime::UNIX_EPOCH).offset()
}

/// When a day begins in the ward.
pub fn begins(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN).and_local_timezone(zone());
    midnight.single().map_or(DateTime::UNIX_EPOCH, |at| at.with_timezone(&Utc))
}

/// A moment in an address: a `+` would be read as a blank.
pub fn wire(at: DateTime<Utc>) -> String {
    at.to_rfc3339().replace("+00:00", "Z")
}

/// A moment as a field of the kind `datetime-local` has it: `2026-11-23T06:00`.
pub fn to_field(at: DateTime<Utc>) -> String {
    let at = local(at);
    format!("{}T{:02}:{:02}", at.date_naive(), at.hour(), at.minute())
}

pub fn from_field(text: &str) -> Option<DateTime<Utc>> {
    let (day, clock) = text.split_once('T')?;
    let mut clock = clock.split(':');
    let (hour, minute): (u32, u32) = (clock.next()?.parse().ok()?, clock.next()?.parse().ok()?);
    let at = day.parse::<NaiveDate>().ok()?.and_hms_opt(hour, minute, 0)?;
    Some(at.and_local_timezone(zone()).single()?.with_timezone(&Utc))
}

/// Whether somebody has come on or gone off since the roster was asked for.
pub fn is_past(roster: &DutyRoster, now: DateTime<Utc>) -> bool {
    let has_gone = roster.on_now.iter().any(|duty| duty.until <= now);
    let is_known = |duty: &Duty| roster.on_now.iter().any(|known| known.id == duty.id);
    has_gone || roster.duties.iter().any(|duty| duty.from <= now && now < duty.until && !is_known(duty))
}

/// What the form is about: a duty that stands, or a new one.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Id and version of the one that stands.
    pub standing: Option<(i64, i32)>,
    /// Who stands on the roster there, by the name of then.
    pub rostered: Option<(i64, String)>,
    pub duty: DutyEdit,
}

impl Draft {
    pub fn of(duty: &Duty) -> Draft {
        let Duty { account_id, ref account_name, from, until, ref kinds, step, ref note, .. } = *duty;
        Draft {
            standing: Some((duty.id, duty.version)),
            rostered: Some((account_id, account_name.clone())),
            duty: DutyEdit { account_id, from, until, kinds: kinds.clone(), step, note: note.clone() },
        }
    }

    pub fn new(account_id: i64, (from, until): (DateTime<Utc>, DateTime<Utc>)) -> Draft {
        let duty = DutyEdit { account_id, from, until, kinds: None, step: DutyStep::First, note: None };
        Draft { standing: None, rostered: None, duty }
    }
}

/// Whom the form offers: those who answer, and before them who stands on the roster but answers no more. Without that one a
/// form would show somebody else in the same place.
pub fn offered(people: &[AlertHandler], rostered: Option<&(i64, String)>) -> Vec<Offered> {
    let gone = rostered.filter(|(account_id, _)| people.iter().all(|person| person.account_id != *account_id));
    let gone = gone.map(|(account_id, name)| Offered { account_id: *account_id, name: name.clone(), answers: false });
    let answering = people.iter().map(|person| Offered { account_id: person.account_id, name: person.display_name.clone(), answers: true });
    gone.into_iter().chain(answering).collect()
}

/// Somebody whom the form offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    pub account_id: i64,
    pub name: String,
    /// Still answers for alerts.
    pub answers: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
    }

    #[test]
    fn a_night_shift_ends_on_the_next_day() {
        let (from, until) = USUAL[2].on(day());
        assert_eq!(from, Utc.with_ymd_and_hms(2026, 11, 23, 15, 0, 0).unwrap());
        assert_eq!(until - from, TimeDelta::hours(8));
        let whole = Shift { from: 360, until: 360 };
        assert_eq!(whole.on(day()).1 - whole.on(day()).0, TimeDelta::hours(24));
        assert_eq!(USUAL[2].name(), "22:00–06:00");
    }

    #[test]
    fn what_a_field_is_given_it_gives_back() {
        let at = Utc.with_ymd_and_hms(2026, 11, 22, 23, 30, 0).unwrap();
        assert_eq!(to_field(at), "2026-11-23T06:30");
        assert_eq!(from_field("2026-11-23T06:30"), Some(at));
        assert_eq!(from_field("2026-11-23T06:30:00"), Some(at));
        for wrong in ["", "2026-11-23", "2026-11-23T25:00", "T06:00"] {
            assert_eq!(from_field(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn who_is_rostered_is_offered_though_no_longer_answering() {
        let people = [AlertHandler { account_id: 7, display_name: "Lê Văn Bảy".to_owned(), roles: Vec::new() }];
        let of = |rostered: Option<(i64, String)>| {
            let offered = offered(&people, rostered.as_ref());
            offered.into_iter().map(|offered| (offered.account_id, offered.answers)).collect::<Vec<_>>()
        };
        assert_eq!(of(None), [(7, true)]);
        assert_eq!(of(Some((7, "Lê Văn Bảy".to_owned()))), [(7, true)]);
        assert_eq!(of(Some((5, "Trần Thị Năm".to_owned()))), [(5, false), (7, true)]);
    }

    #[test]
    fn a_week_begins_on_its_monday() {
        for later in 0..7 {
            assert_eq!(super::super::monday_of(day() + TimeDelta::days(later)), day());
        }
    }
}
