//! The public's counts of people and households: one table a month per ward, with small counts withheld and covered.
//! It deliberately answers nobody's own question about a group of people: there is no filter, and no count on request.

mod carry;
mod csv;
mod db;
mod grid;
mod job;
pub mod routes;
pub mod table;
mod withhold;

use anyhow::Context;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sqlx::PgConnection;

pub use self::grid::{CELL_SIDE_M, Square};
pub use self::job::keep_published;
use self::table::{Table, WardCounts};

/// No count of fewer households or people than this leaves the house.
pub const LEAST: u32 = 5;

/// The table of `month`: counted anew where there is none to continue, every January, and when the TDPs are others.
pub fn next_table(previous: Option<&Table>, counts: &WardCounts, month: NaiveDate) -> Table {
    match previous {
        Some(previous) if month.month() != 1 && previous.is_of_the_areas_of(counts) => carry::carry_on(previous, counts, month),
        _ => withhold::decide(counts, month),
    }
}

/// Publishes the month of `at` for a ward; false where it is published already, or nobody lives there yet.
///
/// `db` may read households: the feed's role for a job, the owner for a seed..
pub async fn publish_ward(db: &mut PgConnection, ward_id: i32, at: DateTime<Utc>) -> anyhow::Result<bool> {
    let Some(table) = count_ward(db, ward_id, at).await? else { return Ok(false) };
    db::publish(db, ward_id, month_of(at), at, &table).await.context("the month could not be published")
}

/// The table that a ward's month would get now; none where it is published already, or nobody lives there yet.
async fn count_ward(db: &mut PgConnection, ward_id: i32, at: DateTime<Utc>) -> anyhow::Result<Option<Table>> {
    let month = month_of(at);
    let previous = db::newest_table(db, ward_id).await.context("the last published month could not be read")?;
    if previous.as_ref().is_some_and(|(published, _)| *published >= month) {
        return Ok(None);
    }
    let counts = db::count(db, ward_id).await.context("the households could not be counted")?;
    if counts.total().households == 0 {
        return Ok(None);
    }
    Ok(Some(next_table(previous.as_ref().map(|(_, table)| table), &counts, month)))
}

/// The month in the ward's zone, by its first day.
fn month_of(at: DateTime<Utc>) -> NaiveDate {
    let day = at.with_timezone(&chrono_tz::Asia::Ho_Chi_Minh).date_naive();
    day.with_day(1).expect("every month has a first day")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_at_midnight_of_the_ward() {
        let at = |text: &str| month_of(text.parse().unwrap()).to_string();
        assert_eq!(at("2026-11-30T16:59:59Z"), "2026-11-01");
        assert_eq!(at("2026-11-30T17:00:00Z"), "2026-12-01");
    }
}
