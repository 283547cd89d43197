//! The demonstration's roster: three shifts a day of the accounts that everybody knows, from last week on.
//! It deliberately knows the clock, because somebody must be on now; and never touches a shift that is there.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use sqlx::PgConnection;

/// So far ahead that a demonstration left running for a month still has somebody on.
const WEEKS_AHEAD: u64 = 5;

/// Continues the roster of every ward where the demo accounts are appointed, from where it ends; answers how many duties are new.
///
/// `trucban` answers first, `congan` for what is the police's, `lanhdao` is asked last. As owner.
pub async fn keep_demo_roster(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let (first, last) = days_around(now.with_timezone(&chrono_tz::Asia::Ho_Chi_Minh).date_naive());
    let done = sqlx::query(
        "insert into duty (area_id, account_id, from_at, until_at, kinds, step)
         select w.area_id, a.id, s.from_at, s.from_at + interval '8 hours', p.kinds, p.step::smallint
         from (select distinct ap.area_id from appointment ap join account t on t.id = ap.account_id
               where t.login = 'trucban' and t.is_demo and t.disabled_at is null and ap.role = 'operator') w
         cross join (select (d.day + h.hour) at time zone 'Asia/Ho_Chi_Minh' as from_at
                     from generate_series($1::date::timestamp, $2::date::timestamp, interval '1 day') d (day),
                          unnest(array[interval '6 hours', interval '14 hours', interval '22 hours']) h (hour)) s
         cross join (values ('trucban', 1, null::text[]),
                            ('congan', 1, array['theft', 'harassment', 'collision', 'wanted_vehicle', 'intrusion']),
                            ('lanhdao', 3, null)) p (login, step, kinds)
         join account a on a.login = p.login and a.is_demo and a.disabled_at is null
         where s.from_at >= coalesce((select max(d.until_at) from duty d where d.area_id = w.area_id), '-infinity'::timestamptz)
         order by w.area_id, s.from_at, p.step, a.id",
    )
    .bind(first)
    .bind(last)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Ends what demo accounts have still to do; what they did stays in the roster. Answers how many duties it was. As owner.
pub async fn end_demo_roster(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = sqlx::query("delete from duty d using account a where a.id = d.account_id and a.is_demo and d.until_at > $1")
        .bind(now)
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

/// From the Monday of last week to the Sunday some weeks ahead.
fn days_around(today: NaiveDate) -> (NaiveDate, NaiveDate) {
    let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
    (monday - Days::new(7), monday + Days::new(7 * WEEKS_AHEAD - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roster_begins_on_last_weeks_monday() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for today in ["2026-11-16", "2026-11-20", "2026-11-22"] {
            assert_eq!(days_around(day(today)), (day("2026-11-09"), day("2026-12-20")), "{today}");
        }
    }
}
