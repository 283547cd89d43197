//! Finds where the rows of a list lie: in which area and ward, on which building, in WGS84 from any reference system.
//! It deliberately decides nothing: whether a point belongs to the ward that is being filled is the import's business.

use geo_types::{Geometry, LineString};
use geozero::{CoordDimensions, ToWkb, wkb};
use sqlx::postgres::PgArguments;
use sqlx::query::QueryAs;
use sqlx::{FromRow, PgConnection, Postgres};

use crate::platform::columns::column;

/// Seven parameters from VN-2000 to WGS84 of Decision 05/2007/QĐ-BTNMT, as PROJ wants them.
///
/// The decision gives its rotations as a coordinate frame (EPSG method 9607), PROJ's `+towgs84` takes a position vector
/// (9606): the three rotations change their sign. Copied unchanged they are half a metre off.
const VN_2000: &str =
    "+ellps=WGS84 +towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278 +no_defs +type=crs";

/// Central meridians, in degrees, of the zones of 3 degrees (TM-3) by their EPSG number.
const TM_3: [(i32, f64); 18] = [
    (5896, 102.0),
    (5897, 105.0),
    (5898, 108.0),
    (5899, 107.75),
    (9205, 103.0),
    (9206, 104.0),
    (9207, 104.5),
    (9208, 104.75),
    (9209, 105.5),
    (9210, 105.75),
    (9211, 106.0),
    (9212, 106.25),
    (9213, 106.5),
    (9214, 107.0),
    (9215, 107.25),
    (9216, 107.5),
    (9217, 108.25),
    (9218, 108.5),
];

/// How coordinates are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reference {
    /// Longitude and latitude as satellites and web maps give them.
    #[default]
    Wgs84,
    /// What PROJ understands: `EPSG:32648`, a PROJ text, or well-known text.
    Other {
        text: String,
        /// Whether Vietnam's northings are seven digits long there and its eastings six, so that the two cannot be mixed up.
        is_vietnamese_grid: bool,
    },
}

impl Reference {
    /// By EPSG number. The zones of VN-2000 are spelled out: PROJ's own choice takes other parameters in the Mekong delta
    /// (0.8 m away), and older PostGIS releases do not list the zones of 2018 at all.
    pub fn of_srid(srid: i32) -> Self {
        let grid = |text| Self::Other { text, is_vietnamese_grid: true };
        match srid {
            4326 => Self::Wgs84,
            4756 => Self::Other { text: format!("+proj=longlat {VN_2000}"), is_vietnamese_grid: false },
            3405 => grid(format!("+proj=utm +zone=48 +units=m {VN_2000}")),
            3406 => grid(format!("+proj=utm +zone=49 +units=m {VN_2000}")),
            32648 | 32649 => grid(format!("EPSG:{srid}")),
            _ => match TM_3.iter().find(|(zone, _)| *zone == srid) {
                Some((_, meridian)) => Self::of_vn_2000(*meridian, 0.9999),
                None => Self::Other { text: format!("EPSG:{srid}"), is_vietnamese_grid: false },
            },
        }
    }

    /// A zone of VN-2000 by its central meridian and the scale on it: 0.9999 for 3 degrees, 0.9996 for 6.
    pub fn of_vn_2000(meridian: f64, scale: f64) -> Self {
        let text = format!("+proj=tmerc +lat_0=0 +lon_0={meridian} +k={scale} +x_0=500000 +y_0=0 +units=m {VN_2000}");
        Self::Other { text, is_vietnamese_grid: true }
    }

    pub(super) fn proj(&self) -> Option<&str> {
        match self {
            Self::Wgs84 => None,
            Self::Other { text, .. } => Some(text),
        }
    }
}

/// Whether this server's PROJ can make degrees of such coordinates.
///
/// An unknown reference is an error of the statement, so this runs within a savepoint of its own.
pub async fn understands(db: &mut PgConnection, reference: &Reference) -> sqlx::Result<bool> {
    use sqlx::Connection;
    let Some(proj) = reference.proj() else { return Ok(true) };
    let mut attempt = db.begin().await?;
    let answer = sqlx::query("select st_transform(st_setsrid(st_point(105.8, 21), 4326), $1)").bind(proj).execute(&mut *attempt).await;
    match answer {
        Ok(_) => attempt.rollback().await.map(|()| true),
        Err(sqlx::Error::Database(_)) => attempt.rollback().await.map(|()| false),
        Err(other) => Err(other),
    }
}

/// Where a shape lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Whereabouts {
    /// Longitude and latitude of the point, of the middle of a line, or of a point inside a surface.
    pub point: (f64, f64),
    /// The smallest area that holds it, and that area's ward (or the area itself, above wards).
    pub area: Option<(i32, i32)>,
    /// Name of that ward.
    pub area_name: Option<String>,
    /// Whether no ward holds it, though a province may.
    pub is_between_wards: bool,
    /// Metres from the ward that was asked for, where no ward holds the point.
    pub off_m: Option<f64>,
    /// The building the point stands in.
    pub building_id: Option<i64>,
    /// Of a line: its course in WGS84.
    pub line: Option<LineString<f64>>,
}

#[derive(FromRow)]
struct Row {
    lon: f64,
    lat: f64,
    area_id: Option<i32>,
    ward_id: Option<i32>,
    ward_name: Option<String>,
    is_between_wards: bool,
    off_m: Option<f64>,
    building_id: Option<i64>,
    line: Option<wkb::Decode<Geometry<f64>>>,
}

/// Where each of these shapes lies, in their order; `ward_id` is the ward that distances are measured from.
///
/// Shapes are single points, lines or polygons: all of them are transformed as one collection, because PostGIS builds a
/// transformation from a text anew for every geometry (2.5 ms each), and `st_dump` gives them back by their place.
pub async fn locate(
    db: &mut PgConnection,
    reference: &Reference,
    ward_id: Option<i32>,
    shapes: &[Geometry<f64>],
) -> sqlx::Result<Vec<Whereabouts>> {
    let wkbs = shapes
        .iter()
        .map(|shape| shape.to_wkb(CoordDimensions::xy()).map_err(|error| sqlx::Error::Encode(error.into())))
        .collect::<sqlx::Result<Vec<Vec<u8>>>>()?;
    let rows: Vec<Row> = sqlx::query_as(
        "with given as (select st_collect(st_geomfromwkb(wkb) order by place) as shapes from unnest($1::bytea[]) with ordinality as g (wkb, place)), \
         moved as (select case when $2::text is null then st_setsrid(shapes, 4326) else st_transform(shapes, $2, 4326) end as shapes from given), \
         one as (select (d).path[1] as place, (d).geom as shape from (select st_dump(shapes) as d from moved) dumped), \
         at as (select place, shape, case st_dimension(shape) when 0 then shape when 1 then st_lineinterpolatepoint(shape, 0.5) \
           else st_pointonsurface(case when st_isvalid(shape) then shape else st_makevalid(shape) end) end as point from one) \
         select st_x(point) as lon, st_y(point) as lat, a.id as area_id, w.id as ward_id, concat_ws(' ', w.name, '(' || w.code || ')') as ward_name, b.id as building_id, \
           coalesce(a.kind, 'province') = 'province' as is_between_wards, \
           case when coalesce(a.kind, 'province') = 'province' \
             then (select st_distance(own.boundary::geography, shape::geography) from area own where own.id = $3) end as off_m, \
           case when st_dimension(shape) = 1 then shape end as line \
         from at \
         left join lateral (select id, kind from area where valid_to is null and st_covers(boundary, point) \
           order by case kind when 'tdp' then 0 when 'ward' then 1 else 2 end, id limit 1) a on true \
         left join area w on w.id = ward_of(a.id) \
         left join lateral (select id from building where st_covers(footprint, point) order by st_area(footprint), id limit 1) b on true \
         order by place",
    )
    .bind(wkbs)
    .bind(reference.proj())
    .bind(ward_id)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(whereabouts).collect())
}

fn whereabouts(row: Row) -> Whereabouts {
    let line = row.line.and_then(|decoded| match decoded.geometry {
        Some(Geometry::LineString(line)) => Some(line),
        _ => None,
    });
    Whereabouts {
        point: (row.lon, row.lat),
        area: row.area_id.zip(row.ward_id),
        area_name: row.ward_name,
        is_between_wards: row.is_between_wards,
        off_m: row.off_m,
        building_id: row.building_id,
        line,
    }
}

/// Where an imported row goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    pub area_id: i32,
    pub ward_id: i32,
    pub building_id: Option<i64>,
    /// Longitude and latitude; none: it waits to be placed.
    pub point: Option<(f64, f64)>,
    /// Whether the list itself gave the point. One found by address gives way to a place that the row has already.
    pub is_surveyed: bool,
}

/// An area by its names.
#[derive(Clone, Debug, FromRow)]
pub struct NamedArea {
    pub id: i32,
    pub code: String,
    pub name: String,
    pub has_boundary: bool,
}

/// All current wards.
pub async fn wards(db: &mut PgConnection) -> sqlx::Result<Vec<NamedArea>> {
    sqlx::query_as(
        "select id, code, name, boundary is not null as has_boundary from area where kind = 'ward' and valid_to is null order by id",
    )
    .fetch_all(db)
    .await
}

/// The current ward of this code, or the wards of the province of this code; `None` when there is neither.
pub async fn wards_of(db: &mut PgConnection, code: &str) -> sqlx::Result<Option<Vec<NamedArea>>> {
    let wards: Vec<NamedArea> = sqlx::query_as(
        "select w.id, w.code, w.name, w.boundary is not null as has_boundary from area a \
         join area w on w.kind = 'ward' and w.valid_to is null and (w.id = a.id or w.parent_id = a.id) \
         where a.code = $1 and a.valid_to is null and a.kind <> 'tdp' order by w.id",
    )
    .bind(code)
    .fetch_all(db)
    .await?;
    Ok((!wards.is_empty()).then_some(wards))
}

pub async fn tdps_of(db: &mut PgConnection, ward_id: i32) -> sqlx::Result<Vec<NamedArea>> {
    sqlx::query_as(
        "select id, code, name, boundary is not null as has_boundary from area where kind = 'tdp' and parent_id = $1 and valid_to is null order by id",
    )
    .bind(ward_id)
    .fetch_all(db)
    .await
}

/// What an upsert did with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    New,
    Changed,
    Same,
}

/// A row after its upsert: what became of it, and which row it is.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Upserted {
    pub id: i64,
    pub area_id: i32,
    is_new: bool,
    is_changed: bool,
}

impl Upserted {
    pub fn written(self) -> Written {
        match self {
            Self { is_new: true, .. } => Written::New,
            Self { is_changed: true, .. } => Written::Changed,
            _ => Written::Same,
        }
    }
}

/// Point and house of a row that a list gives as `g` and the table may have as `e`: what was surveyed goes before what is known, and
/// what is known before what an address was found to mean.
pub const POINT_AND_HOUSE: &str = "case when g.is_surveyed or e.geom is null then coalesce(g.at, e.geom) else e.geom end as geom, \
     case when g.is_surveyed and e.geom is distinct from g.at then g.building_id else coalesce(e.building_id, g.building_id) end as building_id";

/// The end of an upsert: what became of each row that was `wanted`, by those `inserted` and `updated`, in the list's order.
pub const WHAT_BECAME: &str = "select coalesce(w.known, i.id) as id, coalesce(i.area_id, u.area_id, w.known_area) as area_id, \
       w.known is null as is_new, u.id is not null as is_changed \
     from wanted w left join inserted i on i.ward_id = w.ward_id and i.code = w.code left join updated u on u.id = w.known order by w.place";

/// The statement of an upsert with the arguments that every listed row has, `$1` to `$6`: code, area, ward, longitude,
/// latitude, whether surveyed.
pub fn upsert_at<'q>(statement: &'q str, codes: Vec<String>, spots: &[&Spot]) -> QueryAs<'q, Postgres, Upserted, PgArguments> {
    sqlx::query_as(statement)
        .bind(codes)
        .bind(column(spots, |spot| spot.area_id))
        .bind(column(spots, |spot| spot.ward_id))
        .bind(column(spots, |spot| spot.point.map(|(lon, _)| lon)))
        .bind(column(spots, |spot| spot.point.map(|(_, lat)| lat)))
        .bind(column(spots, |spot| spot.is_surveyed))
}

/// A building with an address.
#[derive(Clone, Debug, FromRow)]
pub struct AddressedBuilding {
    pub id: i64,
    pub address: String,
    pub lon: f64,
    pub lat: f64,
    pub area_id: i32,
}

/// The buildings of a ward that have an address, each with a point inside it.
pub async fn addressed_buildings(db: &mut PgConnection, ward_id: i32) -> sqlx::Result<Vec<AddressedBuilding>> {
    sqlx::query_as(
        "select id, address, st_x(inside) as lon, st_y(inside) as lat, area_id \
         from (select *, st_pointonsurface(footprint) as inside from building where ward_id = $1 and address is not null) b order by id",
    )
    .bind(ward_id)
    .fetch_all(db)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_of_vn_2000_is_spelled_out_with_the_parameters_of_2007() {
        for srid in [3405, 3406].into_iter().chain(TM_3.map(|(zone, _)| zone)) {
            let Reference::Other { text, is_vietnamese_grid } = Reference::of_srid(srid) else { panic!("{srid} is a grid") };
            assert!(is_vietnamese_grid && text.contains("0.00928836,-0.01975479,0.00427372"), "{srid}: {text}");
        }
        assert_eq!(Reference::of_srid(4326), Reference::Wgs84);
        let Reference::Other { text, .. } = Reference::of_srid(3857) else { panic!("web Mercator is no longitude") };
        assert_eq!(text, "EPSG:3857");
    }
}
