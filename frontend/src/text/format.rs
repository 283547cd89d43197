//! Numbers, dates and times as people here write them: 1.234,5; 92,78%; 14:05 21/11/2026; 5 phút trước.
//! Sentences are in the bundles; which clock is meant ("now") is the caller's.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeDelta, Timelike, Utc};

use super::{Language, language};
use crate::t;

/// Between a number and its unit; they must not be torn apart at the end of a line.
pub const NO_BREAK_SPACE: char = '\u{a0}';

/// All of Vietnam keeps one zone without summer time.
const WARD_OFFSET_S: i32 = 7 * 3600;

pub fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    let zone = FixedOffset::east_opt(WARD_OFFSET_S).unwrap_or(FixedOffset::east_opt(0).expect("zero is an offset"));
    at.with_timezone(&zone)
}

/// 7528 as "7.528" or "7,528".
pub fn count(number: i64) -> String {
    count_in(language(), number)
}

pub(super) fn count_in(language: Language, number: i64) -> String {
    let separator = match language {
        Language::Vietnamese => '.',
        Language::English => ',',
    };
    grouped(&number.unsigned_abs().to_string(), separator, number < 0)
}

fn grouped(digits: &str, separator: char, negative: bool) -> String {
    let mut text = String::from(if negative { "−" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// 0.4613 as "46,1%" with one digit behind the comma; a whole share has none.
pub fn percent(share: f64) -> String {
    percent_in(language(), share)
}

fn percent_in(language: Language, share: f64) -> String {
    let tenths = (share * 1000.0).round() as i64;
    let whole = count_in(language, tenths / 10);
    let comma = decimal_comma(language);
    match tenths % 10 {
        0 => format!("{whole}%"),
        rest => format!("{whole}{comma}{}%", rest.abs()),
    }
}

/// 2500000 as "2.500.000 ₫".
pub fn dong(amount: i64) -> String {
    format!("{}{NO_BREAK_SPACE}₫", count(amount))
}

/// Metres as a walker reads them: 40 m, 120 m, 1,2 km.
pub fn distance(metres: f64) -> String {
    if metres < 1000.0 {
        let step = if metres < 200.0 { 5.0 } else { 10.0 };
        return format!("{}{NO_BREAK_SPACE}m", count(((metres / step).round() * step) as i64));
    }
    let tenths = (metres / 100.0).round() as i64;
    let comma = decimal_comma(language());
    format!("{}{comma}{}{NO_BREAK_SPACE}km", count(tenths / 10), tenths % 10)
}

/// A direction from north, clockwise, as one of eight.
pub fn compass(heading_deg: f32) -> String {
    let eighth = (heading_deg.rem_euclid(360.0) / 45.0).round() as usize % 8;
    let names = t!("compass");
    names.split(" | ").nth(eighth).unwrap_or_default().to_owned()
}

/// 3.5 as "3,5 m".
pub fn metres(metres: f32) -> String {
    let tenths = (metres * 10.0).round() as i64;
    let comma = decimal_comma(language());
    format!("{}{comma}{}{NO_BREAK_SPACE}m", tenths / 10, tenths % 10)
}

/// 350 as "350 m²", 26000 as "2,6 ha", 2607600 as "2,61 km²".
pub fn surface(square_metres: f64) -> String {
    surface_in(language(), square_metres)
}

fn surface_in(language: Language, square_metres: f64) -> String {
    let (value, digits, unit) = match square_metres {
        small if small < 10_000.0 => (small, 0, "m²"),
        middle if middle < 1_000_000.0 => (middle / 10_000.0, 1, "ha"),
        large => (large / 1_000_000.0, 2, "km²"),
    };
    let scale = 10_i64.pow(digits);
    let rounded = (value * scale as f64).round() as i64;
    let whole = count_in(language, rounded / scale);
    let comma = decimal_comma(language);
    match digits {
        0 => format!("{whole}{NO_BREAK_SPACE}{unit}"),
        digits => format!("{whole}{comma}{:0width$}{NO_BREAK_SPACE}{unit}", rounded % scale, width = digits as usize),
    }
}

fn decimal_comma(language: Language) -> char {
    match language {
        Language::Vietnamese => ',',
        Language::English => '.',
    }
}

/// "14:05".
pub fn clock(at: DateTime<Utc>) -> String {
    let at = local(at);
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// "14:05:32".
pub fn clock_with_seconds(at: DateTime<Utc>) -> String {
    format!("{}:{:02}", clock(at), at.second())
}

/// "14:05 21/11/2026".
pub fn moment(at: DateTime<Utc>) -> String {
    format!("{} {}", clock(at), day(local(at).date_naive()))
}

/// "21/11/2026".
pub fn day(date: NaiveDate) -> String {
    format!("{:02}/{:02}/{}", date.day(), date.month(), date.year())
}

/// "11/2026".
pub fn month(date: NaiveDate) -> String {
    format!("{:02}/{}", date.month(), date.year())
}

/// "Thứ Bảy, 21/11/2026".
pub fn weekday(at: DateTime<Utc>) -> String {
    let date = local(at).date_naive();
    let names = t!("weekdays");
    let name = names.split(" | ").nth(date.weekday().num_days_from_monday() as usize).unwrap_or_default();
    format!("{name}, {}", day(date))
}

/// How long ago, in the words of [`Ago`].
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match Ago::of(at, now) {
        Ago::JustNow => t!("ago-just-now"),
        Ago::Minutes(count) => t!("ago-minutes", count = count),
        Ago::Hours(count) => t!("ago-hours", count = count),
        Ago::Yesterday => t!("ago-yesterday", time = clock(at)),
        Ago::Longer => moment(at),
    }
}

/// When something happened since which moment: today's as a clock time, earlier ones with their date.
pub fn since(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if local(at).date_naive() == local(now).date_naive() { clock(at) } else { moment(at) }
}

#[derive(Debug, PartialEq, Eq)]
enum Ago {
    JustNow,
    Minutes(i64),
    Hours(i64),
    Yesterday,
    Longer,
}

impl Ago {
    fn of(at: DateTime<Utc>, now: DateTime<Utc>) -> Ago {
        let passed = now - at;
        let days = (local(now).date_naive() - local(at).date_naive()).num_days();
        if passed < TimeDelta::minutes(1) {
            Ago::JustNow
        } else if passed < TimeDelta::hours(1) {
            Ago::Minutes(passed.num_minutes())
        } else if days == 0 {
            Ago::Hours(passed.num_hours())
        } else if days == 1 {
            Ago::Yesterday
        } else {
            Ago::Longer
        }
    }
}

/// Whole years lived on `today`.
pub fn age(birth: NaiveDate, today: NaiveDate) -> i64 {
    today.years_since(birth).unwrap_or(0).into()
}

/// How far into the current second a moment is, so that a clock ticks when the second does.
pub fn milliseconds_to_next_second(now: DateTime<Utc>) -> u32 {
    1000 - now.nanosecond() / 1_000_000 % 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn thousands_are_grouped_as_the_language_does() {
        assert_eq!(count_in(Language::Vietnamese, 2_500_000), "2.500.000");
        assert_eq!(count_in(Language::English, 7_528), "7,528");
        assert_eq!(count_in(Language::Vietnamese, 109), "109");
        assert_eq!(count_in(Language::Vietnamese, -1_000), "−1.000");
    }

    #[test]
    fn surfaces_are_said_in_the_unit_that_fits() {
        assert_eq!(surface_in(Language::Vietnamese, 350.4), "350\u{a0}m²");
        assert_eq!(surface_in(Language::Vietnamese, 26_000.0), "2,6\u{a0}ha");
        assert_eq!(surface_in(Language::English, 2_607_600.0), "2.61\u{a0}km²");
        assert_eq!(surface_in(Language::English, 1_006_000.0), "1.01\u{a0}km²");
    }

    #[test]
    fn shares_keep_one_digit_unless_they_are_whole() {
        assert_eq!(percent_in(Language::Vietnamese, 0.4613), "46,1%");
        assert_eq!(percent_in(Language::English, 0.4613), "46.1%");
        assert_eq!(percent_in(Language::Vietnamese, 1.0), "100%");
    }

    #[test]
    fn times_are_the_wards_not_the_servers() {
        assert_eq!(moment(at("2026-11-21T17:05:00Z")), "00:05 22/11/2026");
    }

    #[test]
    fn ago_counts_days_by_the_calendar() {
        let now = at("2026-11-21T03:00:00Z"); // 10:00 in the ward
        assert_eq!(Ago::of(at("2026-11-21T02:59:30Z"), now), Ago::JustNow);
        assert_eq!(Ago::of(at("2026-11-21T02:55:00Z"), now), Ago::Minutes(5));
        assert_eq!(Ago::of(at("2026-11-20T18:00:00Z"), now), Ago::Hours(9));
        assert_eq!(Ago::of(at("2026-11-20T16:20:00Z"), now), Ago::Yesterday);
        assert_eq!(Ago::of(at("2026-11-19T16:20:00Z"), now), Ago::Longer);
    }

    #[test]
    fn somebody_born_on_leap_day_ages_once_a_year() {
        let birth = NaiveDate::from_ymd_opt(2008, 2, 29).unwrap();
        assert_eq!(age(birth, NaiveDate::from_ymd_opt(2026, 2, 28).unwrap()), 17);
        assert_eq!(age(birth, NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()), 18);
    }
}
