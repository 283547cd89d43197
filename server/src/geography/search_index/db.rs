//! The SQL of the search index: what rows are found by, as `ioc_feed` may read it.
//! It deliberately reads no birth date, number or phone: nobody finds a person by those.
//!
//! Rows come as text of COPY, the fastest way out of PostgreSQL: a city has ten million of them.

use futures_util::TryStreamExt;
use shared::search::SearchKind;
use sqlx::PgPool;
use tokio::sync::mpsc;

use super::context::NamedArea;

/// Which rows of a kind to read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which<'a> {
    All,
    /// Those of one area itself.
    InArea(i32),
    Ids(&'a [i64]),
}

impl Which<'_> {
    /// COPY takes no parameters; these are numbers of ours.
    fn condition(self, id: &str) -> String {
        match self {
            Which::All => "true".to_owned(),
            Which::InArea(area_id) => format!("area_id = {area_id}"),
            Which::Ids(ids) => format!("{id} = any ('{{{}}}')", ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",")),
        }
    }
}

/// Rows of a kind by area: id, area, longitude, latitude, and the texts that everybody who may see the row may find it by,
/// with a unit separator between two.
pub(super) fn rows_sql(kind: SearchKind, which: Which<'_>) -> String {
    format!("copy (select * from ({}) d where {} and texts <> '' order by area_id, id) to stdout", texts_sql(kind), which.condition("id"))
}

/// Residents of households: household, id, name.
pub(super) fn names_sql(which: Which<'_>) -> String {
    format!("copy (select household_id, id, name from resident where {}) to stdout", which.condition("household_id"))
}

/// Sends what a COPY gives in pieces that end with a row.
pub(super) async fn copy(feed: &PgPool, sql: &str, pieces: mpsc::Sender<Vec<u8>>) -> sqlx::Result<()> {
    const PIECE: usize = 1 << 18;
    let mut connection = feed.acquire().await?;
    let mut rows = connection.copy_out_raw(sql).await?;
    let mut piece = Vec::with_capacity(PIECE);
    while let Some(row) = rows.try_next().await? {
        piece.extend_from_slice(&row);
        if piece.len() >= PIECE {
            let full = std::mem::replace(&mut piece, Vec::with_capacity(PIECE));
            if pieces.send(full).await.is_err() {
                return Ok(());
            }
        }
    }
    // Nobody may be listening any more; then nobody misses it.
    _ = pieces.send(piece).await;
    Ok(())
}

/// The household that residents belong to now.
pub(super) async fn household_of(feed: &PgPool, residents: &[i64]) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar("select distinct household_id from resident where id = any ($1)").bind(residents).fetch_all(feed).await
}

pub(super) async fn areas(feed: &PgPool) -> sqlx::Result<Vec<NamedArea>> {
    let areas: Vec<(i32, Option<i32>, bool, String)> =
        sqlx::query_as("select id, parent_id, kind = 'province', name from area where valid_to is null").fetch_all(feed).await?;
    Ok(areas.into_iter().map(|(id, parent_id, is_province, name)| NamedArea { id, parent_id, is_province, name }).collect())
}

/// About how many rows there are to read of each kind, and residents last: as the planner knows it, counted where it does not.
pub(super) async fn row_counts(feed: &PgPool) -> sqlx::Result<Vec<(String, u64)>> {
    let mut counts = Vec::new();
    for table in SearchKind::ALL.map(SearchKind::name).into_iter().chain(["resident"]) {
        let known: f32 = sqlx::query_scalar("select reltuples from pg_class where oid = $1::regclass").bind(table).fetch_one(feed).await?;
        let count = if known > 0.0 {
            known as u64
        } else {
            // A table name of ours.
            let counted: i64 = sqlx::query_scalar(&format!("select count(id) from {table}")).fetch_one(feed).await?;
            counted as u64
        };
        counts.push((table.to_owned(), count));
    }
    Ok(counts)
}

/// An area is also found by its short form ("tdp 3").
fn texts_sql(kind: SearchKind) -> &'static str {
    match kind {
        SearchKind::Area => {
            "select id::bigint id, id area_id, st_x(st_centroid(boundary)) lon, st_y(st_centroid(boundary)) lat, \
                concat_ws(e'\\x1f', name, code, case when kind = 'tdp' then 'tdp ' || substring(name from '[0-9]+') end) texts \
             from area where valid_to is null"
        }
        SearchKind::Road => {
            "select id, area_id, st_x(st_lineinterpolatepoint(geom, 0.5)) lon, st_y(st_lineinterpolatepoint(geom, 0.5)) lat, \
                coalesce(name, case class when 'alley' then 'ngõ ' when 'side_alley' then 'ngách ' when 'branch_alley' then 'hẻm ' \
                    else '' end || number, '') texts from road"
        }
        SearchKind::Place => "select id, area_id, st_x(geom) lon, st_y(geom) lat, concat_ws(e'\\x1f', name, address) texts from place",
        SearchKind::Business => {
            "select id, area_id, st_x(geom) lon, st_y(geom) lat, concat_ws(e'\\x1f', name, address) texts from business"
        }
        SearchKind::Building => {
            "select id, area_id, st_x(st_centroid(footprint)) lon, st_y(st_centroid(footprint)) lat, \
                concat_ws(e'\\x1f', name, address) texts from building"
        }
        SearchKind::Household => {
            "select id, area_id, st_x(geom) lon, st_y(geom) lat, concat_ws(e'\\x1f', address, unit) texts from household"
        }
        SearchKind::BoardingHouse => {
            "select id, area_id, st_x(geom) lon, st_y(geom) lat, concat_ws(e'\\x1f', name, address) texts from boarding_house"
        }
        SearchKind::Camera => "select id, area_id, st_x(geom) lon, st_y(geom) lat, concat_ws(e'\\x1f', name, code) texts from camera",
    }
}
