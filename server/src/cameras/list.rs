//! Brings cameras up to date from a list, by their code.
//! It deliberately makes no transaction: the caller begins one as owner, with `geography::load::begin_bulk`.

use shared::camera::CameraStatus;
use sqlx::PgConnection;

use super::load::stored_status;
use crate::geography::placing::{Spot, Upserted, WHAT_BECAME, upsert_at};
use crate::platform::columns::column;

/// A camera as a list has it; what the list leaves empty keeps what is known.
#[derive(Clone)]
pub struct ListedCamera {
    /// Unique in its ward.
    pub code: String,
    pub name: String,
    /// From north, clockwise.
    pub heading_deg: Option<f32>,
    pub field_of_view_deg: Option<f32>,
    pub range_m: Option<f32>,
    pub status: Option<CameraStatus>,
    /// May hold a password: never shown, never logged.
    pub stream: Option<String>,
    /// Filled in before it is written.
    pub spot: Option<Spot>,
}

/// Inserts what is new and updates what differs; answers in the slice's order. Every row has its spot. Whether a camera answers that
/// its recorder has told of is the recorder's to say, not an old list's.
pub async fn upsert_cameras(db: &mut PgConnection, rows: &[ListedCamera]) -> sqlx::Result<Vec<Upserted>> {
    let spots: Vec<&Spot> = rows.iter().filter_map(|row| row.spot.as_ref()).collect();
    upsert_at(
        &format!(
            "with given as (select *, st_setsrid(st_makepoint(lon, lat), 4326) as at from unnest($1::text[], $2::int[], $3::int[], $4::float8[], \
               $5::float8[], $6::boolean[], $7::text[], $8::real[], $9::real[], $10::real[], $11::text[], $12::text[]) with ordinality \
               as row (code, area_id, ward_id, lon, lat, is_surveyed, name, heading_deg, field_of_view_deg, range_m, status, stream, place)), \
             wanted as (select g.place, e.id as known, e.area_id as known_area, g.code, g.area_id, g.ward_id, g.name, \
                 coalesce(g.heading_deg, e.heading_deg) as heading_deg, coalesce(g.field_of_view_deg, e.field_of_view_deg) as field_of_view_deg, \
                 coalesce(g.range_m, e.range_m) as range_m, \
                 case when h.camera_id is null then coalesce(g.status, e.status, 'unknown') else e.status end as status, \
                 coalesce(g.stream, e.stream) as stream, \
                 case when g.is_surveyed then g.at else coalesce(e.geom, g.at) end as geom \
               from given g left join camera e on e.ward_id = g.ward_id and e.code = g.code left join camera_heartbeat h on h.camera_id = e.id), \
             inserted as (insert into camera (code, area_id, ward_id, name, heading_deg, field_of_view_deg, range_m, status, stream, geom) \
               select code, area_id, ward_id, name, heading_deg, field_of_view_deg, range_m, status, stream, geom from wanted where known is null \
               order by place returning id, area_id, ward_id, code), \
             updated as (update camera c set name = w.name, heading_deg = w.heading_deg, field_of_view_deg = w.field_of_view_deg, range_m = w.range_m, \
                 status = w.status, stream = w.stream, geom = w.geom \
               from wanted w where c.id = w.known and (c.name, c.heading_deg, c.field_of_view_deg, c.range_m, c.status, c.stream, c.geom) \
                 is distinct from (w.name, w.heading_deg, w.field_of_view_deg, w.range_m, w.status, w.stream, w.geom) returning c.id, c.area_id) \
             {WHAT_BECAME}"
        ),
        column(rows, |row| row.code.clone()),
        &spots,
    )
    .bind(column(rows, |row| row.name.clone()))
    .bind(column(rows, |row| row.heading_deg))
    .bind(column(rows, |row| row.field_of_view_deg))
    .bind(column(rows, |row| row.range_m))
    .bind(column(rows, |row| row.status.map(stored_status)))
    .bind(column(rows, |row| row.stream.clone()))
    .fetch_all(db)
    .await
}
