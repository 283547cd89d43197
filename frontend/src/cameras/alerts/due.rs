//! Until when somebody should have taken an alert, and how that is said: "còn 1 phút", "quá hạn 2 giờ".
//! Who is told when nobody did is the server's business.

use chrono::{DateTime, TimeDelta, Utc};

use crate::t;

/// How long there is, or how long it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    Minutes(i64),
    Hours(i64),
    OverMinutes(i64),
    OverHours(i64),
    OverDays(i64),
}

impl Left {
    /// Minutes that have begun count while there is time, whole ones once it is over: nobody reads "0 minutes left".
    pub fn until(due: DateTime<Utc>, now: DateTime<Utc>) -> Left {
        let left = due - now;
        if left > TimeDelta::zero() {
            let minutes = (left.num_seconds() + 59) / 60;
            return if minutes < 60 { Left::Minutes(minutes.max(1)) } else { Left::Hours(minutes / 60) };
        }
        let over = -left;
        match over.num_minutes() {
            minutes if minutes < 60 => Left::OverMinutes(minutes),
            minutes if minutes < 24 * 60 => Left::OverHours(minutes / 60),
            minutes => Left::OverDays(minutes / (24 * 60)),
        }
    }

    pub fn is_over(self) -> bool {
        matches!(self, Left::OverMinutes(_) | Left::OverHours(_) | Left::OverDays(_))
    }

    pub fn said(self) -> String {
        match self {
            Left::Minutes(count) => t!("due-in-minutes", count = count),
            Left::Hours(count) => t!("due-in-hours", count = count),
            Left::OverMinutes(0) => t!("overdue-now"),
            Left::OverMinutes(count) => t!("overdue-minutes", count = count),
            Left::OverHours(count) => t!("overdue-hours", count = count),
            Left::OverDays(count) => t!("overdue-days", count = count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_counts_up_and_time_over_counts_down() {
        let due: DateTime<Utc> = "2026-11-22T08:00:00Z".parse().unwrap();
        let at = |seconds: i64| Left::until(due, due - TimeDelta::seconds(seconds));
        assert_eq!(at(61), Left::Minutes(2));
        assert_eq!(at(60), Left::Minutes(1));
        assert_eq!(at(1), Left::Minutes(1));
        assert_eq!(at(0), Left::OverMinutes(0));
        assert_eq!(at(-59), Left::OverMinutes(0));
        assert_eq!(at(-2 * 3600 - 5), Left::OverHours(2));
        assert_eq!(at(-50 * 3600), Left::OverDays(2));
        assert_eq!(at(3600), Left::Hours(1));
        assert!(at(0).is_over() && !at(1).is_over());
    }
}
