//! The open doors to the published counts: JSON, CSV, and the cells as GeoJSON for any map.
//! A ward and a month name a table; nothing narrows what is in it.

use std::collections::HashMap;

use axum::{
    Json,
    extract::Query,
    http::{HeaderName, HeaderValue, header},
};
use chrono::NaiveDate;
use serde::Deserialize;
use shared::{
    population::{
        CellFeature, CellProperties, InBothLanguages, PublishedCell, PublishedCells, PublishedPopulation, PublishedTdp, PublishedWard,
        Withheld,
    },
    problem::Problem,
};
use sqlx::PgConnection;
use utoipa::IntoParams;

use super::{
    CELL_SIDE_M, LEAST, csv,
    db::{self, FigureRow, PublicationRow},
};
use crate::{
    accounts::Session,
    platform::error::{ApiError, ApiResult},
};

/// How a cell of households without a place is called.
const UNPLACED: &str = "unplaced";

/// Which table.
#[derive(Deserialize, IntoParams)]
pub(in crate::residents) struct Which {
    /// Code of a ward; every ward that publishes without it.
    ward: Option<String>,
    /// `2026-11`; each ward's newest without it.
    month: Option<String>,
}

impl Which {
    async fn publications(&self, db: &mut PgConnection) -> ApiResult<Vec<PublicationRow>> {
        let month = self.month.as_deref().map(parse_month).transpose()?;
        Ok(db::publications(db, self.ward.as_deref(), month).await?)
    }
}

fn parse_month(text: &str) -> ApiResult<NaiveDate> {
    let month = NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d");
    month.map_err(|_| ApiError::bad_request(format!("{text} is no month; write it as 2026-11")))
}

/// What everybody may know of how many live where: one table a month per ward, by TDP and by cell of a grid nested in the
/// TDPs. Figures that are small, or that cover a small one, are withheld.
#[utoipa::path(get, path = "/api/population/published", tag = "open data", params(Which),
    responses((status = 200, body = PublishedPopulation), (status = 400, description = "`bad_request`: the detail says which part of the query", body = Problem)))]
pub(in crate::residents) async fn read_published(mut db: Session, Query(which): Query<Which>) -> ApiResult<Json<PublishedPopulation>> {
    let publications = which.publications(&mut db).await?;
    Ok(Json(PublishedPopulation {
        least_count: LEAST,
        cell_side_m: CELL_SIDE_M,
        source: source(),
        method: method(),
        wards: wards(&mut db, publications).await?,
    }))
}

/// The same as CSV; a withheld figure is an empty field.
#[utoipa::path(get, path = "/api/population/published.csv", tag = "open data", params(Which),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 400, description = "`bad_request`: the detail says which part of the query", body = Problem)))]
pub(in crate::residents) async fn read_published_csv(
    mut db: Session,
    Query(which): Query<Which>,
) -> ApiResult<([(HeaderName, HeaderValue); 2], Vec<u8>)> {
    let publications = which.publications(&mut db).await?;
    let file = csv::write(&wards(&mut db, publications).await?)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"dan-so.csv\"")),
    ];
    Ok((headers, file))
}

/// The cells as GeoJSON, each cut to its TDP. Households without a place on the map are in no cell here.
#[utoipa::path(get, path = "/api/population/published.geojson", tag = "open data", params(Which),
    responses((status = 200, body = PublishedCells, content_type = "application/geo+json"), (status = 400, description = "`bad_request`: the detail says which part of the query", body = Problem)))]
pub(in crate::residents) async fn read_published_cells(
    mut db: Session,
    Query(which): Query<Which>,
) -> ApiResult<([(HeaderName, HeaderValue); 1], Json<PublishedCells>)> {
    let publications = which.publications(&mut db).await?;
    let ids: Vec<i64> = publications.iter().map(|publication| publication.id).collect();
    let by_id: HashMap<i64, &PublicationRow> = publications.iter().map(|publication| (publication.id, publication)).collect();
    let features = db::outlines(&mut db, &ids).await?.into_iter().filter_map(|row| {
        let publication = by_id.get(&row.publication_id)?;
        Some(CellFeature {
            kind: "Feature".into(),
            geometry: row.geometry.0,
            properties: CellProperties {
                ward_id: publication.ward_id,
                area_id: row.area_id,
                area_name: row.area_name,
                month: publication.month,
                id: super::Square { east: row.east, north: row.north }.to_string(),
                households: row.households.map(i32::unsigned_abs),
                residents: row.residents.map(i32::unsigned_abs),
                withheld: withheld(row.households),
                counted_month: row.counted_month,
            },
        })
    });
    let cells = PublishedCells { kind: "FeatureCollection".into(), features: features.collect() };
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/geo+json"))], Json(cells)))
}

/// The publications with all their rows, in their order.
async fn wards(db: &mut PgConnection, publications: Vec<PublicationRow>) -> ApiResult<Vec<PublishedWard>> {
    let ids: Vec<i64> = publications.iter().map(|publication| publication.id).collect();
    let mut rows: HashMap<i64, Vec<FigureRow>> = HashMap::new();
    for row in db::figures(db, &ids).await? {
        rows.entry(row.publication_id).or_default().push(row);
    }
    Ok(publications.into_iter().filter_map(|publication| ward(rows.remove(&publication.id)?, publication)).collect())
}

/// A ward from its rows, which come ward first, then TDPs, then cells.
fn ward(rows: Vec<FigureRow>, publication: PublicationRow) -> Option<PublishedWard> {
    let mut rows = rows.into_iter();
    let total = rows.next()?;
    let mut tdps: Vec<PublishedTdp> = Vec::new();
    for row in rows {
        if row.level == "tdp" {
            tdps.push(tdp(row));
        } else if let Some(tdp) = tdps.iter_mut().find(|tdp| tdp.area_id == row.area_id) {
            tdp.cells.push(cell(&row));
        }
    }
    Some(PublishedWard {
        area_id: publication.ward_id,
        code: publication.code,
        name: publication.name,
        demo: publication.is_demo,
        month: publication.month,
        months: publication.months,
        counted_at: publication.counted_at,
        households: total.households.map(i32::unsigned_abs),
        residents: total.residents.map(i32::unsigned_abs),
        withheld: withheld(total.households),
        counted_month: total.counted_month,
        tdps,
    })
}

fn tdp(row: FigureRow) -> PublishedTdp {
    PublishedTdp {
        area_id: row.area_id,
        code: row.area_code,
        name: row.area_name,
        households: row.households.map(i32::unsigned_abs),
        residents: row.residents.map(i32::unsigned_abs),
        withheld: withheld(row.households),
        counted_month: row.counted_month,
        cells_listed: row.cells_listed.unwrap_or_default(),
        cells: Vec::new(),
    }
}

fn cell(row: &FigureRow) -> PublishedCell {
    PublishedCell {
        id: row.cell().map_or_else(|| UNPLACED.to_owned(), |square| square.to_string()),
        households: row.households.map(i32::unsigned_abs),
        residents: row.residents.map(i32::unsigned_abs),
        withheld: withheld(row.households),
        counted_month: row.counted_month,
    }
}

/// Both figures are there, or neither.
fn withheld(figure: Option<i32>) -> Option<Withheld> {
    figure.is_none().then_some(Withheld::ProtectsSmallCounts)
}

fn source() -> InBothLanguages {
    InBothLanguages {
        vi: "Sổ hộ và nhân khẩu của phường, đếm trong hệ thống này.".into(),
        en: "The ward's register of households and residents, counted in this system.".into(),
    }
}

fn method() -> InBothLanguages {
    InBothLanguages {
        vi: format!(
            "Mỗi tháng một bảng. Ô vuông {CELL_SIDE_M} m (UTM 48N), cắt theo ranh giới tổ dân phố. Số dưới {LEAST} hộ hoặc {LEAST} người \
             không công bố, cùng các số khác mà từ đó có thể tính ra. Tháng sau, một số chỉ thay đổi khi cả số hộ và số người đã đổi từ \
             {LEAST} trở lên; tháng Một đếm lại toàn bộ."
        ),
        en: format!(
            "One table a month. Squares of {CELL_SIDE_M} m (UTM 48N), cut to the TDPs. Figures of fewer than {LEAST} households or {LEAST} \
             people are withheld, with others from which they could be computed. In later months a figure changes only once both its \
             households and its people have moved by {LEAST} or more; January counts everything anew."
        ),
    }
}
