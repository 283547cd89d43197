//! All SQL of the register: violations with who closed them, counts by month and kind, addresses near cameras.
//! Times, numbers and whole texts are compared, which is leakproof: the indexes on the time serve under row-level security.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{FromRow, PgConnection};

/// What the register is cut to; none: not by that.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub begins: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    pub kinds: Option<Vec<&'static str>>,
    pub areas: Option<Vec<i32>>,
}

#[derive(FromRow)]
pub struct ViolationRow {
    pub id: i64,
    pub code: String,
    pub kind: String,
    pub severity: String,
    pub started_at: DateTime<Utc>,
    pub closed_at: DateTime<Utc>,
    pub camera_id: i64,
    pub camera_code: String,
    pub camera_name: String,
    pub area_id: i32,
    pub ward_id: i32,
    pub area_name: String,
    pub legal_basis: Option<String>,
    pub fine_vnd: Option<i64>,
    pub note: Option<String>,
    pub closed_by: Option<String>,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
}

impl ViolationRow {
    pub fn place(&self) -> Option<[f64; 2]> {
        Some([self.lon?, self.lat?])
    }
}

/// What was handled on a legal basis, or with a fine: whoever was reminded has broken no rule that anybody wrote down. The last closing is
/// the one that holds: an alert that was opened again has earlier ones. A camera that fell silent has violated nothing; its index leaves
/// that kind out too.
const VIOLATIONS: &str = "select a.id, a.code, a.kind, a.severity, a.started_at, a.closed_at, a.camera_id, a.camera_code,
        coalesce(c.name, a.camera_code) as camera_name, a.area_id, a.ward_id, ar.name as area_name, a.legal_basis, a.fine_vnd, closing.note,
        closing.actor_name as closed_by, st_x(a.geom) as lon, st_y(a.geom) as lat
    from camera_alert a
    join area ar on ar.id = a.area_id
    left join camera c on c.id = a.camera_id
    left join lateral (
        select e.note, e.actor_name from camera_alert_entry e
        where e.alert_id = a.id and e.area_id = a.area_id and e.step = 'closed' order by e.id desc limit 1) closing on true
    where a.outcome = 'handled' and (a.legal_basis is not null or a.fine_vnd > 0) and a.kind <> 'camera_silent'
        and a.started_at >= $1 and a.started_at < $2
        and ($3::text[] is null or a.kind = any($3)) and ($4::integer[] is null or a.area_id = any($4))
        and ($5::timestamptz is null or (a.started_at, a.id) < ($5, $6))
    order by a.started_at desc, a.id desc limit $7";

/// Newest first; `after`: those that come after this one in the list.
pub async fn violations(
    db: &mut PgConnection,
    wanted: &Wanted,
    after: Option<(DateTime<Utc>, i64)>,
    limit: i64,
) -> sqlx::Result<Vec<ViolationRow>> {
    sqlx::query_as(VIOLATIONS)
        .bind(wanted.begins)
        .bind(wanted.ends)
        .bind(&wanted.kinds)
        .bind(&wanted.areas)
        .bind(after.map(|(at, _)| at))
        .bind(after.map(|(_, id)| id))
        .bind(limit)
        .fetch_all(db)
        .await
}

/// Plates of these alerts, where the caller may see plates.
pub async fn plates(db: &mut PgConnection, ids: &[i64]) -> sqlx::Result<Vec<(i64, String)>> {
    sqlx::query_as("select alert_id, plate from camera_alert_plate where alert_id = any($1)").bind(ids).fetch_all(db).await
}

/// The area and all below it; an area that does not exist is itself alone.
pub async fn areas_below(db: &mut PgConnection, area_id: i32) -> sqlx::Result<Vec<i32>> {
    sqlx::query_scalar("select areas_below($1)").bind(area_id).fetch_one(db).await
}

/// For each place the address of the nearest house within 100 m. Houses are open, so their spatial index serves; its box
/// (a thousandth of a degree is more than 100 m at every latitude of the country) is what keeps it from looking far.
pub async fn addresses_near(db: &mut PgConnection, places: &[[f64; 2]]) -> sqlx::Result<Vec<([f64; 2], String)>> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let (lons, lats): (Vec<f64>, Vec<f64>) = places.iter().map(|[lon, lat]| (*lon, *lat)).unzip();
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "select p.place, near.address
         from unnest($1::float8[], $2::float8[]) with ordinality as p (lon, lat, place)
         cross join lateral (select st_setsrid(st_makepoint(p.lon, p.lat), 4326) as point) here
         cross join lateral (
            select b.address from building b
            where b.address is not null and b.footprint && st_expand(here.point, 0.001)
                and st_dwithin(b.footprint::geography, here.point::geography, 100)
            order by b.footprint <-> here.point, b.id limit 1) near",
    )
    .bind(lons)
    .bind(lats)
    .fetch_all(db)
    .await?;
    let found = |(place, address): (i64, String)| Some((*places.get(usize::try_from(place).ok()?.checked_sub(1)?)?, address));
    Ok(rows.into_iter().filter_map(found).collect())
}

/// Counts of a month and kind; without a month, of all months, without a kind, of all kinds.
#[derive(Debug, Clone, FromRow)]
pub struct CountRow {
    pub month: Option<NaiveDate>,
    pub kind: Option<String>,
    pub found: i64,
    pub handled: i64,
    pub violations: i64,
    pub false_alarms: i64,
    pub duplicates: i64,
    pub open: i64,
    pub fines: i64,
    pub fines_vnd: i64,
    pub median_to_take_min: Option<f64>,
    pub median_to_close_min: Option<f64>,
}

/// Alerts by the month in which they began, in the ward's zone. Medians of months do not add up to that of a year, so every
/// level is counted by itself. A clock that was set back in between makes no waiting less than none.
const COUNTS: &str = "with own as (
        select date_trunc('month', a.started_at at time zone 'Asia/Ho_Chi_Minh')::date as month, a.kind, a.status, a.outcome, a.fine_vnd,
            greatest(extract(epoch from a.taken_at - a.received_at)::float8, 0) / 60 as to_take_min,
            greatest(extract(epoch from a.closed_at - a.received_at)::float8, 0) / 60 as to_close_min,
            a.taken_at is not null as was_taken,
            a.legal_basis is not null or coalesce(a.fine_vnd, 0) > 0 as is_on_basis
        from camera_alert a
        where a.kind <> 'camera_silent' and a.started_at >= $1 and a.started_at < $2
            and ($3::text[] is null or a.kind = any($3)) and ($4::integer[] is null or a.area_id = any($4))
    )
    select o.month, o.kind, count(*) as found,
        count(*) filter (where o.outcome = 'handled') as handled,
        count(*) filter (where o.outcome = 'handled' and o.is_on_basis) as violations,
        count(*) filter (where o.outcome = 'false_alarm') as false_alarms,
        count(*) filter (where o.outcome = 'duplicate') as duplicates,
        count(*) filter (where o.status <> 'closed') as open,
        count(*) filter (where o.fine_vnd > 0) as fines,
        coalesce(sum(o.fine_vnd), 0)::bigint as fines_vnd,
        percentile_cont(0.5) within group (order by o.to_take_min) filter (where o.was_taken) as median_to_take_min,
        percentile_cont(0.5) within group (order by o.to_close_min) filter (where o.status = 'closed') as median_to_close_min
    from own o
    group by grouping sets ((o.month, o.kind), (o.month), (o.kind), ())";

pub async fn counts(db: &mut PgConnection, wanted: &Wanted) -> sqlx::Result<Vec<CountRow>> {
    sqlx::query_as(COUNTS).bind(wanted.begins).bind(wanted.ends).bind(&wanted.kinds).bind(&wanted.areas).fetch_all(db).await
}
