//! Wards by their code or place, with their boundaries and TDPs, for whoever loads rows into one.
//! It deliberately answers imports and seeds as owner; requests learn about areas elsewhere.

use geo::{Contains, Coord, Intersects, MultiPolygon, Point, Rect};
use geo_types::Geometry;
use geozero::wkb;
use sqlx::PgConnection;

/// A current ward as an import needs it.
#[derive(Clone, Debug)]
pub struct Ward {
    pub id: i32,
    pub code: String,
    pub name: String,
    pub boundary: MultiPolygon<f64>,
    pub tdps: Vec<Tdp>,
}

#[derive(Clone, Debug)]
pub struct Tdp {
    pub id: i32,
    pub boundary: MultiPolygon<f64>,
}

impl Ward {
    /// The smallest area of this ward that holds a point: its TDP, else the ward itself.
    pub fn area_at(&self, point: Point<f64>) -> i32 {
        self.tdps.iter().find(|tdp| tdp.boundary.intersects(&point)).map_or(self.id, |tdp| tdp.id)
    }

    pub fn covers(&self, point: Point<f64>) -> bool {
        self.boundary.intersects(&point)
    }

    /// Whether all of these corners lie in the ward; one on the boundary does.
    pub fn covers_all(&self, corners: impl IntoIterator<Item = Coord<f64>>) -> bool {
        corners.into_iter().all(|corner| self.covers(Point(corner)))
    }

    pub fn touches(&self, shape: &Geometry<f64>) -> bool {
        self.boundary.intersects(shape) || self.boundary.contains(shape)
    }
}

/// What a code names.
#[derive(Clone, Debug)]
pub enum Named {
    Nothing,
    Ward(Ward),
    /// Not a ward, or one without a boundary: the reason, for the person who typed the code.
    NotUsable(String),
}

type AreaRow = (i32, String, String, String, Option<wkb::Decode<Geometry<f64>>>);

/// The current area with this code.
pub async fn by_code(db: &mut PgConnection, code: &str) -> sqlx::Result<Named> {
    let row: Option<AreaRow> = sqlx::query_as("select id, code, kind, name, boundary from area where code = $1 and valid_to is null")
        .bind(code)
        .fetch_optional(&mut *db)
        .await?;
    let Some((id, code, kind, name, boundary)) = row else { return Ok(Named::Nothing) };
    if kind != "ward" {
        return Ok(Named::NotUsable(format!("{code} ({name}) is a {kind}, not a ward")));
    }
    let Some(boundary) = boundary.and_then(|decoded| multi_polygon(decoded.geometry)) else {
        return Ok(Named::NotUsable(format!("ward {code} ({name}) has no boundary yet")));
    };
    let tdps = tdps(db, id).await?;
    Ok(Named::Ward(Ward { id, code, name, boundary, tdps }))
}

/// Name of a demo ward other than this one.
pub async fn demo_ward(db: &mut PgConnection, but: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("select name from area where kind = 'ward' and is_demo and valid_to is null and code <> $1 order by id limit 1")
        .bind(but)
        .fetch_optional(db)
        .await
}

async fn tdps(db: &mut PgConnection, ward_id: i32) -> sqlx::Result<Vec<Tdp>> {
    let rows: Vec<(i32, Option<wkb::Decode<Geometry<f64>>>)> =
        sqlx::query_as("select id, boundary from area where parent_id = $1 and kind = 'tdp' and valid_to is null order by id")
            .bind(ward_id)
            .fetch_all(db)
            .await?;
    let with_boundary =
        |(id, decoded): (i32, Option<wkb::Decode<Geometry<f64>>>)| Some(Tdp { id, boundary: multi_polygon(decoded?.geometry)? });
    Ok(rows.into_iter().filter_map(with_boundary).collect())
}

/// Current wards that a box meets, but for the one with this id; their TDPs are left out.
///
/// A neighbour that shares no more than the box's edge counts too: whoever must know the difference asks [`overlaps`].
pub async fn meeting(db: &mut PgConnection, region: Rect<f64>, but: Option<i32>) -> sqlx::Result<Vec<Ward>> {
    let rows: Vec<AreaRow> = sqlx::query_as(
        "select id, code, kind, name, boundary from area \
         where kind = 'ward' and valid_to is null and id is distinct from $5 \
           and st_intersects(boundary, st_makeenvelope($1, $2, $3, $4, 4326)) order by id",
    )
    .bind(region.min().x)
    .bind(region.min().y)
    .bind(region.max().x)
    .bind(region.max().y)
    .bind(but)
    .fetch_all(db)
    .await?;
    let ward = |(id, code, _, name, decoded): AreaRow| {
        Some(Ward { id, code, name, boundary: multi_polygon(decoded?.geometry)?, tdps: Vec::new() })
    };
    Ok(rows.into_iter().filter_map(ward).collect())
}

/// Whether a ward and a box share ground, and not only an edge.
pub fn overlaps(ward: &Ward, region: Rect<f64>) -> bool {
    use geo::Relate;
    let relation = ward.boundary.relate(&MultiPolygon(vec![region.to_polygon()]));
    relation.is_intersects() && !relation.is_touches()
}

fn multi_polygon(geometry: Option<Geometry<f64>>) -> Option<MultiPolygon<f64>> {
    match geometry? {
        Geometry::MultiPolygon(shape) => Some(shape),
        Geometry::Polygon(shape) => Some(MultiPolygon(vec![shape])),
        _ => None,
    }
}
