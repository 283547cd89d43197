//! Days and months of the register: from which day to which, in the ward's zone.
//! Values in, values out; what lies between the days is not known here.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc};
use shared::violation::MOST_MONTHS;

use crate::platform::error::{ApiError, ApiResult};

const ZONE: chrono_tz::Tz = chrono_tz::Asia::Ho_Chi_Minh;
/// How many months before this one are shown where nobody says from when: wards report by the quarter.
const USUAL_MONTHS_BEFORE: u32 = 2;
/// Outside of these, a year is a slip of the hand; in them, every calculation with days has an answer.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// Whole days of the ward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
}

impl Period {
    /// Without a beginning: two months and the month of the last day. Without an end: to the end of this month.
    pub fn of(from: Option<NaiveDate>, until: Option<NaiveDate>, now: DateTime<Utc>) -> ApiResult<Self> {
        for day in [from, until].into_iter().flatten() {
            if !YEARS.contains(&day.year()) {
                return Err(ApiError::bad_request(format!("{day} is outside the years 2000 to 2100")));
            }
        }
        let until = until.unwrap_or_else(|| first_of(day_of(now)) + Months::new(1));
        let from = from.unwrap_or_else(|| first_of(until - Days::new(1)) - Months::new(USUAL_MONTHS_BEFORE));
        if from >= until {
            return Err(ApiError::bad_request("`until` is the day after the last, so it lies after `from`"));
        }
        let period = Self { from, until };
        if period.months().len() > MOST_MONTHS {
            return Err(ApiError::bad_request(format!("a period has at most {MOST_MONTHS} months; ask for less")));
        }
        Ok(period)
    }

    pub fn begins(self) -> DateTime<Utc> {
        midnight(self.from)
    }

    pub fn ends(self) -> DateTime<Utc> {
        midnight(self.until)
    }

    /// The months it touches, by their first days.
    pub fn months(self) -> Vec<NaiveDate> {
        std::iter::successors(Some(first_of(self.from)), |month| Some(*month + Months::new(1)))
            .take_while(|month| *month < self.until)
            .collect()
    }

    /// For the name of a file: `2026-10` for a whole month, else both ends.
    pub fn name(self) -> String {
        let last = self.until - Days::new(1);
        if self.from.day() == 1 && self.until == self.from + Months::new(1) {
            format!("{}-{:02}", self.from.year(), self.from.month())
        } else {
            format!("{}-{last}", self.from)
        }
    }
}

/// The ward's own day and hour.
pub fn local(at: DateTime<Utc>) -> DateTime<chrono_tz::Tz> {
    at.with_timezone(&ZONE)
}

fn day_of(at: DateTime<Utc>) -> NaiveDate {
    local(at).date_naive()
}

fn first_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).expect("every month has a first day")
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_local_timezone(ZONE).single().expect("the ward's clocks do not change").to_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<NaiveDate> {
        Some(text.parse().unwrap())
    }

    fn now() -> DateTime<Utc> {
        "2026-11-22T03:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_month_ends_at_the_wards_midnight() {
        let october = Period::of(day("2026-10-01"), day("2026-11-01"), now()).unwrap();
        let last_evening: DateTime<Utc> = "2026-10-31T16:30:00Z".parse().unwrap();
        let next_morning: DateTime<Utc> = "2026-10-31T17:00:00Z".parse().unwrap();
        assert!(october.begins() <= last_evening && last_evening < october.ends(), "23:30 on the last day belongs to it");
        assert_eq!(october.ends(), next_morning, "midnight does not");
        assert_eq!(october.months().len(), 1);
        assert_eq!(october.name(), "2026-10");
    }

    #[test]
    fn without_days_it_is_three_months_with_this_one() {
        let usual = Period::of(None, None, now()).unwrap();
        assert_eq!((usual.from, usual.until), ("2026-09-01".parse().unwrap(), "2026-12-01".parse().unwrap()));
        assert_eq!(usual.months().len(), 3);
        // The ward is in December already.
        let late = Period::of(None, None, "2026-11-30T17:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(late.until, "2027-01-01".parse().unwrap());
        let until_october = Period::of(None, day("2026-10-15"), now()).unwrap();
        assert_eq!(until_october.from, "2026-08-01".parse().unwrap());
        assert_eq!(until_october.name(), "2026-08-01-2026-10-14");
    }

    #[test]
    fn a_period_that_is_none_is_refused() {
        for (from, until) in [
            (day("2026-10-02"), day("2026-10-02")),
            (day("2026-10-02"), day("2026-10-01")),
            (day("1999-12-31"), None),
            (None, day("2101-01-01")),
            (day("2010-01-01"), None),
        ] {
            assert_eq!(Period::of(from, until, now()).unwrap_err().code(), "bad_request", "{from:?} {until:?}");
        }
        assert!(Period::of(day("2100-12-31"), None, now()).is_err(), "it lies after the end");
    }
}
