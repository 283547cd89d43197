//! Writes areas as versions: a new boundary closes the earlier one, and the rows on the ground find their new area.
//! It deliberately judges no file: whether a boundary is to be believed is the import's business.

use chrono::NaiveDate;
use geo_types::{Geometry, MultiPolygon};
use geozero::{CoordDimensions, ToWkb, wkb};
use sqlx::{FromRow, PgConnection};

use super::placing::Reference;

/// What PostGIS makes of an outline.
#[derive(Clone, Debug)]
pub struct Outline {
    /// In WGS84, valid, never empty.
    pub boundary: MultiPolygon<f64>,
    /// Why it had to be repaired, in PostGIS' words.
    pub repaired: Option<String>,
    pub hectares: f64,
}

#[derive(FromRow)]
struct OutlineRow {
    boundary: wkb::Decode<Geometry<f64>>,
    flaw: Option<String>,
    hectares: f64,
}

/// Brings an outline to WGS84 and repairs it: what crosses itself is taken apart, points and lines fall away. `None` where
/// no surface is left.
pub async fn outline(db: &mut PgConnection, reference: &Reference, shape: &Geometry<f64>) -> sqlx::Result<Option<Outline>> {
    let row: OutlineRow = sqlx::query_as(
        "with given as (select case when $2::text is null then st_setsrid(st_geomfromwkb($1), 4326) else st_transform(st_geomfromwkb($1), $2, 4326) end as shape), \
         whole as (select shape, st_multi(st_collectionextract(case when st_isvalid(shape) then shape else st_makevalid(shape) end, 3)) as boundary from given) \
         select boundary, case when not st_isvalid(shape) then st_isvalidreason(shape) end as flaw, st_area(boundary::geography) / 10000 as hectares from whole",
    )
    .bind(shape.to_wkb(CoordDimensions::xy()).map_err(|error| sqlx::Error::Encode(error.into()))?)
    .bind(reference.proj())
    .fetch_one(db)
    .await?;
    Ok(match row.boundary.geometry {
        Some(Geometry::MultiPolygon(boundary)) if !boundary.0.is_empty() && row.hectares > 0.0 => {
            Some(Outline { boundary, repaired: row.flaw, hectares: row.hectares })
        }
        _ => None,
    })
}

/// An area as it is to be from `valid_from` on.
#[derive(Clone, Debug)]
pub struct AreaVersion {
    pub code: String,
    /// `province`, `ward` or `tdp`.
    pub kind: &'static str,
    pub name: String,
    /// None: the parent it has, if any.
    pub parent_id: Option<i32>,
    pub boundary: MultiPolygon<f64>,
    pub valid_from: NaiveDate,
}

/// What became of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    New(i32),
    Unchanged,
    /// The current row had no boundary (or no parent) yet and got one: nothing to close.
    Completed(i32),
    /// The earlier version was closed.
    Replaced(i32),
    /// The code belongs to an area of another kind.
    OtherKind,
    /// The current version began only after this one.
    LaterVersionExists(NaiveDate),
}

impl Written {
    /// The area whose ground or name is another now.
    pub fn changed(self) -> Option<i32> {
        match self {
            Self::New(id) | Self::Completed(id) | Self::Replaced(id) => Some(id),
            Self::Unchanged | Self::OtherKind | Self::LaterVersionExists(_) => None,
        }
    }
}

#[derive(FromRow)]
struct Current {
    id: i32,
    kind: String,
    valid_from: NaiveDate,
    has_boundary: bool,
    has_parent: bool,
    is_same_ground: bool,
    is_same_name: bool,
    is_same_parent: bool,
}

/// Writes one version. The row of the present keeps its id; the earlier version becomes a closed row of its own.
///
/// Within a transaction in bulk mode, followed by [`rederive_rows`] for all that changed.
pub async fn write(db: &mut PgConnection, version: &AreaVersion) -> sqlx::Result<Written> {
    let boundary =
        Geometry::from(version.boundary.clone()).to_wkb(CoordDimensions::xy()).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let current: Option<Current> = sqlx::query_as(
        "select id, kind, valid_from, boundary is not null as has_boundary, parent_id is not null as has_parent, \
           coalesce(st_equals(boundary, st_geomfromwkb($2, 4326)), false) as is_same_ground, name = $3 as is_same_name, \
           $4::int is null or parent_id is not distinct from $4 as is_same_parent \
         from area where code = $1 and valid_to is null",
    )
    .bind(&version.code)
    .bind(&boundary)
    .bind(&version.name)
    .bind(version.parent_id)
    .fetch_optional(&mut *db)
    .await?;
    let Some(current) = current else {
        let id = sqlx::query_scalar(
            "insert into area (code, kind, parent_id, name, boundary, valid_from) values ($1, $2, $3, $4, st_multi(st_geomfromwkb($5, 4326)), $6) returning id",
        )
        .bind(&version.code)
        .bind(version.kind)
        .bind(version.parent_id)
        .bind(&version.name)
        .bind(&boundary)
        .bind(version.valid_from)
        .fetch_one(db)
        .await?;
        return Ok(Written::New(id));
    };
    if current.kind != version.kind {
        return Ok(Written::OtherKind);
    }
    if current.is_same_ground && current.is_same_name && current.is_same_parent {
        return Ok(Written::Unchanged);
    }
    let only_completes =
        current.is_same_name && (current.is_same_ground || !current.has_boundary) && (current.is_same_parent || !current.has_parent);
    if !only_completes {
        if version.valid_from < current.valid_from {
            return Ok(Written::LaterVersionExists(current.valid_from));
        }
        sqlx::query("select keep_area_version($1, $2)").bind(current.id).bind(version.valid_from).execute(&mut *db).await?;
    }
    sqlx::query(
        "update area set name = $2, parent_id = coalesce($3, parent_id), boundary = st_multi(st_geomfromwkb($4, 4326)), \
           valid_from = case when $5 then valid_from else $6 end where id = $1",
    )
    .bind(current.id)
    .bind(&version.name)
    .bind(version.parent_id)
    .bind(&boundary)
    .bind(only_completes)
    .bind(version.valid_from)
    .execute(db)
    .await?;
    Ok(if only_completes { Written::Completed(current.id) } else { Written::Replaced(current.id) })
}

/// A current area that others are to lie in.
#[derive(Clone, Debug, FromRow)]
pub struct Parent {
    pub id: i32,
    pub kind: String,
    pub name: String,
}

pub async fn parent(db: &mut PgConnection, code: &str) -> sqlx::Result<Option<Parent>> {
    sqlx::query_as("select id, kind, name from area where code = $1 and valid_to is null").bind(code).fetch_optional(db).await
}

pub async fn has_boundary(db: &mut PgConnection, area_id: i32) -> sqlx::Result<bool> {
    sqlx::query_scalar("select boundary is not null from area where id = $1").bind(area_id).fetch_one(db).await
}

/// How much of a shape lies within an area, from 0 to 1.
pub async fn share_within(db: &mut PgConnection, area_id: i32, shape: &MultiPolygon<f64>) -> sqlx::Result<f64> {
    let shape = Geometry::from(shape.clone()).to_wkb(CoordDimensions::xy()).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query_scalar(
        "select coalesce(st_area(st_intersection(boundary, st_geomfromwkb($2, 4326))) / nullif(st_area(st_geomfromwkb($2, 4326)), 0), 0) from area where id = $1",
    )
    .bind(area_id)
    .bind(shape)
    .fetch_one(db)
    .await
}

/// A current area that shares ground with another of its kind.
#[derive(Clone, Debug, FromRow)]
pub struct Overlap {
    pub code: String,
    pub other_code: String,
    pub other_name: String,
    pub hectares: f64,
}

/// Where these areas lie over others of their kind by more than a hundredth of the smaller one.
pub async fn overlaps(db: &mut PgConnection, areas: &[i32]) -> sqlx::Result<Vec<Overlap>> {
    sqlx::query_as(
        "select a.code, b.code as other_code, b.name as other_name, common / 10000 as hectares from area a \
         join area b on b.kind = a.kind and b.id <> a.id and b.valid_to is null and b.boundary && a.boundary \
           and (b.id <> all($1) or b.id > a.id) \
         cross join lateral (select st_area(st_intersection(a.boundary, b.boundary)::geography) as common) shared \
         where a.id = any($1) and common > 0.01 * least(st_area(a.boundary::geography), st_area(b.boundary::geography)) order by a.code, b.code",
    )
    .bind(areas)
    .fetch_all(db)
    .await
}

/// Current areas of a kind below a parent whose codes are none of these.
pub async fn missing(db: &mut PgConnection, kind: &str, parent_id: i32, codes: &[String]) -> sqlx::Result<Vec<(i32, String, String)>> {
    sqlx::query_as(
        "select id, code, name from area where kind = $1 and parent_id = $2 and valid_to is null and code <> all($3) order by code",
    )
    .bind(kind)
    .bind(parent_id)
    .bind(codes)
    .fetch_all(db)
    .await
}

/// Closes areas. TDPs go to the ward that their ground belongs to now; returns how many did.
pub async fn close(db: &mut PgConnection, areas: &[i32], ended: NaiveDate) -> sqlx::Result<u64> {
    sqlx::query("update area set valid_to = greatest($2, valid_from) where id = any($1)").bind(areas).bind(ended).execute(&mut *db).await?;
    sqlx::query(
        "update area c set parent_id = n.id from area old, area n \
         where c.parent_id = any($1) and c.valid_to is null and old.id = c.parent_id and n.kind = old.kind and n.valid_to is null \
           and st_covers(n.boundary, st_pointonsurface(c.boundary))",
    )
    .bind(areas)
    .execute(db)
    .await
    .map(|done| done.rows_affected())
}

/// What moved within one layer.
#[derive(Clone, Debug, FromRow)]
pub struct Moved {
    pub layer: String,
    pub moved: i64,
    /// `C01 -> 00619-C01`: codes that their new ward had already.
    pub recoded: Vec<String>,
}

/// Gives rows around changed areas the area they lie in now, row by row for the feed and for history.
pub async fn rederive_rows(db: &mut PgConnection, changed: &[i32]) -> sqlx::Result<Vec<Moved>> {
    sqlx::query("set local ioc.bulk = 'off'").execute(&mut *db).await?;
    sqlx::query_as("select layer, moved, recoded from rederive_rows($1)").bind(changed).fetch_all(db).await
}

/// How many appointments of the present hang on areas that were closed.
pub async fn appointments_on(db: &mut PgConnection, areas: &[i32]) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from appointment where area_id = any($1) and (until_at is null or until_at > now())")
        .bind(areas)
        .fetch_one(db)
        .await
}
