//! The demonstration's roster: three shifts a day of the accounts that everybody knows, from last week on.
//! It deliberately knows the clock, because somebody must be on now; and touches no shift that somebody entered or changed.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use shared::camera_alert::AlertKind;
use sqlx::{FromRow, PgConnection};

use crate::accounts::demo::{self, Known, simulated};

/// So far ahead that a demonstration left running for a month still has somebody on.
const WEEKS_AHEAD: u64 = 5;

const POLICE_KINDS: [AlertKind; 5] =
    [AlertKind::Theft, AlertKind::Harassment, AlertKind::Collision, AlertKind::WantedVehicle, AlertKind::Intrusion];

/// Who is on at a step of every shift.
struct Post {
    who: Known,
    step: i16,
    /// For the kinds that are the police's; else for all.
    of_police: bool,
    in_demo_ward: bool,
}

const fn post(in_demo_ward: bool, who: Known, step: i16, of_police: bool) -> Post {
    Post { who, step, of_police, in_demo_ward }
}

/// In a demo ward, where the simulator plays, its officers answer first and last. Whoever tries an account is asked in between: what
/// was not taken in time comes to them, and goes on to somebody who is there where nobody sits at that screen. On real ground nothing
/// is played, and the accounts that people try are alone.
const POSTS: [Post; 8] = [
    post(true, simulated::OPERATOR, 1, false),
    post(true, simulated::POLICE, 1, true),
    post(true, demo::OPERATOR, 2, false),
    post(true, demo::POLICE, 2, true),
    post(true, simulated::LEADER, 3, false),
    post(false, demo::OPERATOR, 1, false),
    post(false, demo::POLICE, 1, true),
    post(false, demo::LEADER, 3, false),
];

/// Continues the roster of every ward where the demo accounts are appointed, from where it ends; answers how many duties are new.
/// As owner.
pub async fn keep_demo_roster(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let (first, last) = days_around(now.with_timezone(&chrono_tz::Asia::Ho_Chi_Minh).date_naive());
    let done = sqlx::query(
        "insert into duty (area_id, account_id, from_at, until_at, kinds, step)
         select w.area_id, a.id, s.from_at, s.from_at + interval '8 hours', case when p.of_police then $3::text[] end, p.step
         from (select distinct ap.area_id, g.is_demo from appointment ap join account t on t.id = ap.account_id join area g on g.id = ap.area_id
               where t.login = $4 and t.is_demo and t.disabled_at is null and ap.role = 'operator') w
         cross join (select (d.day + h.hour) at time zone 'Asia/Ho_Chi_Minh' as from_at
                     from generate_series($1::date::timestamp, $2::date::timestamp, interval '1 day') d (day),
                          unnest(array[interval '6 hours', interval '14 hours', interval '22 hours']) h (hour)) s
         join unnest($5::boolean[], $6::text[], $7::smallint[], $8::boolean[]) p (in_demo_ward, login, step, of_police)
             on p.in_demo_ward = w.is_demo
         join account a on a.login = p.login and a.is_demo and a.disabled_at is null
         where s.from_at >= coalesce((select max(d.until_at) from duty d where d.area_id = w.area_id), '-infinity'::timestamptz)
         order by w.area_id, s.from_at, p.step, a.id",
    )
    .bind(first)
    .bind(last)
    .bind(POLICE_KINDS.map(AlertKind::name).to_vec())
    .bind(demo::OPERATOR.login)
    .bind(POSTS.iter().map(|post| post.in_demo_ward).collect::<Vec<_>>())
    .bind(POSTS.iter().map(|post| post.who.login).collect::<Vec<_>>())
    .bind(POSTS.iter().map(|post| post.step).collect::<Vec<_>>())
    .bind(POSTS.iter().map(|post| post.of_police).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Who had shifts of a ward to come, and who has them now.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct GivenShifts {
    pub from: i64,
    pub to: i64,
}

/// Gives the shift that runs and those to come to the simulator's officers, in a demo ward whose roster was written before there were
/// any; whoever had them is asked second from then on. Once only: a roster that names a colleague is as people want it. As owner.
///
/// Shifts that somebody entered for another account, changed or wrote a note to stay as they are.
pub async fn give_demo_shifts_to_colleagues(db: &mut PgConnection, ward_id: i32, now: DateTime<Utc>) -> sqlx::Result<Vec<GivenShifts>> {
    let given = [(demo::OPERATOR, simulated::OPERATOR, 1), (demo::POLICE, simulated::POLICE, 1), (demo::LEADER, simulated::LEADER, 3)];
    sqlx::query_as(
        "with meant as (
            select had.id as had, gets.id as gets, m.step from unnest($3::text[], $4::text[], $5::smallint[]) m (had, gets, step)
            join account had on had.login = m.had and had.is_demo
            join account gets on gets.login = m.gets and gets.is_demo and gets.disabled_at is null
         ), before as (
            select d.id, d.area_id, d.account_id, d.from_at, d.until_at, d.kinds, d.step, m.gets
            from duty d join meant m on m.had = d.account_id and m.step = d.step
            where d.area_id = $1 and d.until_at > $2 and d.version = 1 and d.note is null
              and not exists (select from duty k join meant on meant.gets = k.account_id where k.area_id = $1)
         ), given as (
            update duty d set account_id = b.gets from before b where d.id = b.id
         ), asked as (
            insert into duty (area_id, account_id, from_at, until_at, kinds, step)
            select b.area_id, b.account_id, b.from_at, b.until_at, b.kinds, 2 from before b
            where b.step = 1 and not exists (select from duty o where o.area_id = b.area_id and o.step = 2
                and o.from_at < b.until_at and o.until_at > b.from_at and (o.kinds is null and b.kinds is null or o.kinds && b.kinds))
            order by b.id
         )
         select distinct account_id as \"from\", gets as \"to\" from before order by 1",
    )
    .bind(ward_id)
    .bind(now)
    .bind(given.map(|(had, _, _)| had.login).to_vec())
    .bind(given.map(|(_, gets, _)| gets.login).to_vec())
    .bind(given.map(|(_, _, step)| step).to_vec())
    .fetch_all(db)
    .await
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
    use super::super::rules::{OnDuty, next_up, who_answers};
    use super::*;

    #[test]
    fn the_roster_begins_on_last_weeks_monday() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for today in ["2026-11-16", "2026-11-20", "2026-11-22"] {
            assert_eq!(days_around(day(today)), (day("2026-11-09"), day("2026-12-20")), "{today}");
        }
    }

    /// Whose an alert becomes, one after the other, when nobody takes it.
    fn ladder(in_demo_ward: bool, kind: AlertKind) -> Vec<&'static str> {
        let posts: Vec<&Post> = POSTS.iter().filter(|post| post.in_demo_ward == in_demo_ward).collect();
        let number = |post: &Post| posts.iter().position(|other| other.who == post.who).unwrap() as i64;
        let on = |post: &&Post| {
            let kinds = post.of_police.then(|| POLICE_KINDS.to_vec());
            OnDuty { area_id: 1, account_id: number(post), kinds, step: post.step }
        };
        let on_duty: Vec<OnDuty> = posts.iter().map(on).collect();
        let mut asked = vec![who_answers(&on_duty, &[1], kind).unwrap()];
        let mut reached = 0;
        while let Some((step, next)) = next_up(&on_duty, &[], &[1], kind, asked.last().copied(), reached) {
            asked.push(next);
            reached = step;
        }
        asked.into_iter().map(|account_id| posts[account_id as usize].who.login).collect()
    }

    #[test]
    fn whoever_tries_a_demo_ward_is_asked_second_and_somebody_who_is_there_last() {
        assert_eq!(ladder(true, AlertKind::StreetMarket), ["mophong-trucban", "trucban", "mophong-lanhdao"]);
        assert_eq!(ladder(true, AlertKind::Theft), ["mophong-congan", "congan", "mophong-lanhdao"]);
        assert_eq!(ladder(false, AlertKind::StreetMarket), ["trucban", "lanhdao"]);
        assert_eq!(ladder(false, AlertKind::Theft), ["congan", "lanhdao"]);
    }
}
