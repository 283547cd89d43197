//! The SQL of the publication: counting the register by cell, publishing a month whole, reading what was published.
//! Exact counts are read by roles that may (feed, owner); what is published, by everybody.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{FromRow, PgConnection};

use super::table::{Cell, Count, Figure, Table, TdpTable, WardCounts};
use super::{CELL_SIDE_M, LEAST, Square};

/// Wards in which anybody lives, that have not published `month`.
pub async fn wards_to_publish(db: &mut PgConnection, month: NaiveDate) -> sqlx::Result<Vec<i32>> {
    sqlx::query_scalar(
        "select a.id from area a where a.kind = 'ward' and a.valid_to is null \
           and exists (select from household h where h.ward_id = a.id) \
           and not exists (select from population_publication p where p.ward_id = a.id and p.month >= $1) \
         order by a.id",
    )
    .bind(month)
    .fetch_all(db)
    .await
}

#[derive(FromRow)]
struct CountRow {
    area_id: i32,
    east: Option<i32>,
    north: Option<i32>,
    households: i32,
    residents: i32,
}

/// Everybody of a ward by area and square. Current TDPs in which nobody lives are there, empty.
///
/// A household whose point lies outside the area it is counted in (set by hand) has no cell: cells nest in their TDP. One
/// statement, so that the counts are of one moment.
pub async fn count(db: &mut PgConnection, ward_id: i32) -> sqlx::Result<WardCounts> {
    let rows: Vec<CountRow> = sqlx::query_as(
        "select h.area_id, floor(st_x(p.metres) / $2)::integer as east, floor(st_y(p.metres) / $2)::integer as north, \
           count(*)::integer as households, coalesce(sum(h.member_count), 0)::integer as residents \
         from household h join area a on a.id = h.area_id \
           cross join lateral (select case when st_covers(a.boundary, h.geom) then st_transform(h.geom, 32648) end as metres) p \
         where h.ward_id = $1 group by 1, 2, 3 \
         union all \
         select t.id, null, null, 0, 0 from area t where t.parent_id = $1 and t.kind = 'tdp' and t.valid_to is null",
    )
    .bind(ward_id)
    .bind(f64::from(CELL_SIDE_M))
    .fetch_all(db)
    .await?;
    let mut counts = WardCounts::default();
    for row in rows {
        let count = Count { households: row.households.unsigned_abs(), residents: row.residents.unsigned_abs() };
        counts.add(row.area_id, square(row.east, row.north), count);
    }
    Ok(counts)
}

fn square(east: Option<i32>, north: Option<i32>) -> Cell {
    east.zip(north).map(|(east, north)| Square { east, north })
}

/// A row as it is published.
struct NewRow {
    level: &'static str,
    area_id: i32,
    cell: Cell,
    figure: Figure,
    cells_listed: Option<bool>,
}

/// Publishes a month, whole; false where it is published already.
pub async fn publish(db: &mut PgConnection, ward_id: i32, month: NaiveDate, at: DateTime<Utc>, table: &Table) -> sqlx::Result<bool> {
    let rows = rows(ward_id, table);
    let count =
        |pick: fn(Count) -> u32| -> Vec<Option<i32>> { rows.iter().map(|row| row.figure.count.map(|count| pick(count) as i32)).collect() };
    sqlx::query_scalar("select publish_population($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)")
        .bind(ward_id)
        .bind(month)
        .bind(at)
        .bind(LEAST as i32)
        .bind(CELL_SIDE_M as i32)
        .bind(rows.iter().map(|row| row.level).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.area_id).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.cell.map(|square| square.east)).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.cell.map(|square| square.north)).collect::<Vec<_>>())
        .bind(count(|count| count.households))
        .bind(count(|count| count.residents))
        .bind(rows.iter().map(|row| row.figure.counted).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.cells_listed).collect::<Vec<_>>())
        .fetch_one(db)
        .await
}

fn rows(ward_id: i32, table: &Table) -> Vec<NewRow> {
    let mut rows = vec![NewRow { level: "ward", area_id: ward_id, cell: None, figure: table.ward, cells_listed: None }];
    for (&area_id, tdp) in &table.tdps {
        rows.push(NewRow { level: "tdp", area_id, cell: None, figure: tdp.total, cells_listed: Some(tdp.cells.is_some()) });
        let cells = tdp.cells.iter().flatten();
        rows.extend(cells.map(|(cell, figure)| NewRow { level: "cell", area_id, cell: *cell, figure: *figure, cells_listed: None }));
    }
    rows
}

/// The newest month that a ward published, as the table it was.
pub async fn newest_table(db: &mut PgConnection, ward_id: i32) -> sqlx::Result<Option<(NaiveDate, Table)>> {
    let newest: Option<(i64, NaiveDate)> =
        sqlx::query_as("select id, month from population_publication where ward_id = $1 order by month desc limit 1")
            .bind(ward_id)
            .fetch_optional(&mut *db)
            .await?;
    let Some((id, month)) = newest else { return Ok(None) };
    let mut table = Table { ward: Figure::withheld(month), tdps: BTreeMap::new() };
    for row in figures(db, &[id]).await? {
        let figure = Figure { count: row.count(), counted: row.counted_month };
        match row.level.as_str() {
            "ward" => table.ward = figure,
            "tdp" => {
                let cells = row.cells_listed.unwrap_or_default().then(BTreeMap::new);
                table.tdps.insert(row.area_id, TdpTable { total: figure, cells });
            }
            _ => {
                if let Some(TdpTable { cells: Some(cells), .. }) = table.tdps.get_mut(&row.area_id) {
                    cells.insert(row.cell(), figure);
                }
            }
        }
    }
    Ok(Some((month, table)))
}

/// A published row.
#[derive(FromRow)]
pub struct FigureRow {
    pub publication_id: i64,
    pub level: String,
    pub area_id: i32,
    pub area_code: String,
    pub area_name: String,
    pub east: Option<i32>,
    pub north: Option<i32>,
    pub households: Option<i32>,
    pub residents: Option<i32>,
    pub counted_month: NaiveDate,
    pub cells_listed: Option<bool>,
}

impl FigureRow {
    pub fn cell(&self) -> Cell {
        square(self.east, self.north)
    }

    pub fn count(&self) -> Option<Count> {
        let (households, residents) = self.households.zip(self.residents)?;
        Some(Count { households: households.unsigned_abs(), residents: residents.unsigned_abs() })
    }
}

/// The rows of publications: each ward, then its TDPs in Vietnamese order ("TDP 2" before "TDP 10"), then their cells.
pub async fn figures(db: &mut PgConnection, publications: &[i64]) -> sqlx::Result<Vec<FigureRow>> {
    sqlx::query_as(
        "select c.publication_id, c.level, c.area_id, a.code as area_code, a.name as area_name, c.east, c.north, c.households, c.residents, \
           c.counted_month, c.cells_listed \
         from population_count c join area a on a.id = c.area_id where c.publication_id = any ($1) \
         order by c.publication_id, array_position(array['ward', 'tdp', 'cell'], c.level), a.kind <> 'tdp', \
           nullif(substring(a.name from '[0-9]+'), '')::numeric nulls first, a.name collate \"vi-VN-x-icu\", a.id, c.north desc, c.east",
    )
    .bind(publications)
    .fetch_all(db)
    .await
}

#[derive(FromRow)]
pub struct PublicationRow {
    pub id: i64,
    pub ward_id: i32,
    pub code: String,
    pub name: String,
    pub is_demo: bool,
    pub month: NaiveDate,
    pub months: Vec<NaiveDate>,
    pub counted_at: DateTime<Utc>,
}

/// Each ward's newest publication, or that of `month`; `ward`: only of the ward with this code.
pub async fn publications(db: &mut PgConnection, ward: Option<&str>, month: Option<NaiveDate>) -> sqlx::Result<Vec<PublicationRow>> {
    sqlx::query_as(
        "select distinct on (a.name collate \"vi-VN-x-icu\", p.ward_id) p.id, p.ward_id, a.code, a.name, a.is_demo, p.month, p.counted_at, \
           array(select o.month from population_publication o where o.ward_id = p.ward_id order by o.month desc) as months \
         from population_publication p join area a on a.id = p.ward_id \
         where ($1::text is null or a.code = $1) and ($2::date is null or p.month = $2) and a.valid_to is null \
         order by a.name collate \"vi-VN-x-icu\", p.ward_id, p.month desc",
    )
    .bind(ward)
    .bind(month)
    .fetch_all(db)
    .await
}

#[derive(FromRow)]
pub struct OutlineRow {
    pub publication_id: i64,
    pub area_id: i32,
    pub area_name: String,
    pub east: i32,
    pub north: i32,
    pub households: Option<i32>,
    pub residents: Option<i32>,
    pub counted_month: NaiveDate,
    /// A GeoJSON geometry.
    pub geometry: sqlx::types::Json<serde_json::Value>,
}

/// The cells of publications that have ground, with it.
pub async fn outlines(db: &mut PgConnection, publications: &[i64]) -> sqlx::Result<Vec<OutlineRow>> {
    sqlx::query_as(
        "select c.publication_id, c.area_id, a.name as area_name, c.east, c.north, c.households, c.residents, c.counted_month, \
           st_asgeojson(c.geom, 7)::json as geometry \
         from population_count c join area a on a.id = c.area_id \
         where c.publication_id = any ($1) and c.level = 'cell' and c.geom is not null order by c.publication_id, c.area_id, c.north, c.east",
    )
    .bind(publications)
    .fetch_all(db)
    .await
}
