//! Functions by themselves, measured with criterion: encoding a tile, asking a polygon.
//! It deliberately needs no server and no database.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use criterion::Criterion;
use geo::{Coord, Intersects, LineString, MultiPolygon, Point, Polygon};
use serde_json::{Map, Value, json};
use server::geography::audience::Audience;
use server::geography::catalogue::Catalogue;
use server::geography::filter::Filter;
use server::geography::map_index::{PointLayer, RowRef, Shape};
use server::geography::mercator::TileAddress;
use server::geography::tiles::encode_points;

use crate::Size;
use crate::points::{self, SamplePoint};
use crate::report::{Line, Report};

const POLYGON_GOAL_MS: f64 = 5.0;

pub fn measure(size: Size, dir: &Path, report: &mut Report) -> anyhow::Result<()> {
    let criterion_dir = dir.join("criterion");
    let seconds = if size == Size::Full { 3 } else { 1 };
    let mut criterion = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(seconds))
        .without_plots()
        .output_directory(&criterion_dir);
    let median_ms = |name: &str| median_ms(&criterion_dir, name);
    let everybody = Audience::everybody();

    let businesses = layer("business", size.points(), |point| {
        json!({"name": format!("Cửa hàng {}", point.number + 1), "sector": point.sector(), "vsic": point.vsic(), "kind": point.kind(),
               "status": point.status(), "area_id": point.part + 3})
    })?;
    for zoom in [14, 16] {
        let (x, y) = points::tiles(size.points(), zoom, 1)[0];
        let tile = TileAddress::new(zoom, x, y).context("a tile")?;
        let name = format!("encode z{zoom}");
        criterion.bench_function(&name, |bencher| bencher.iter(|| encode_points(&businesses, tile, &everybody, &Filter::default())));
        let (took_ms, bytes) = (median_ms(&name)?, encode_points(&businesses, tile, &everybody, &Filter::default()).len());
        // What the machine takes merely to write that many bytes down.
        let copied_ms = time_ms(|| drop(std::hint::black_box(vec![1_u8; bytes])));
        report.line(Line {
            what: format!("function: a z{zoom} tile from the map index ({} KB)", bytes.div_ceil(1000)),
            ours: format!("{took_ms:.2} ms"),
            against: format!("filling as many bytes: {copied_ms:.3} ms"),
            ratio: format!("{:.0} ×", took_ms / copied_ms),
            goal: String::new(),
            is_met: None,
        });
    }
    drop(businesses);

    let households = layer("household", size.households(), |point| json!({"member_count": point.members(), "area_id": point.part + 3}))?;
    let per_point = households.bytes() / households.len();
    // A drawn area of about one square kilometre: 40 corners.
    let outline = blob(size.households());
    let shape = Shape::new(outline.clone());
    let inside = |row: RowRef<'_>| row.at.is_some_and(|[lon, lat]| outline.intersects(&Point::new(lon, lat)));
    let mut found = 0;
    criterion.bench_function("polygon", |bencher| {
        bencher.iter(|| {
            found = 0;
            let mut people = 0_u64;
            for row in households.in_shape(&shape, &everybody) {
                found += 1;
                people += row.area_id.unwrap_or(0).unsigned_abs() as u64;
            }
            people
        });
    });
    let took_ms = median_ms("polygon")?;
    let mut by_hand = 0;
    let scan_ms = time_ms(|| {
        by_hand = households.rows(&everybody).filter(|row| inside(*row)).count();
    });
    anyhow::ensure!(found == by_hand, "the index finds {found} households in the polygon, a scan {by_hand}");
    report.line(Line {
        what: format!("function: {found} of {} households in a drawn area", households.len()),
        ours: format!("{took_ms:.2} ms"),
        against: format!("asking every household: {scan_ms:.0} ms"),
        ratio: format!("{:.0} ×", scan_ms / took_ms),
        goal: format!("≤ {POLYGON_GOAL_MS:.0} ms"),
        is_met: Some(took_ms <= POLYGON_GOAL_MS),
    });
    report.note(format!("the map index takes {per_point} bytes for a household with two of its attributes filled"));
    Ok(())
}

fn layer(name: &str, count: usize, properties: impl Fn(&SamplePoint) -> Value) -> anyhow::Result<PointLayer> {
    let mut layer = PointLayer::new(Catalogue::embedded().layer(name).context("a layer of the catalogue")?.clone());
    let mut rows = Vec::with_capacity(count);
    for point in points::all(count) {
        let Value::Object(mut image) = properties(&point) else { continue };
        place(&mut image, &point);
        rows.push(layer.row(point.number as i64 + 1, Some(point.part as i32 + 3), &image));
    }
    layer.fill(rows);
    Ok(layer)
}

fn place(image: &mut Map<String, Value>, point: &SamplePoint) {
    image.insert("lon".into(), json!(point.lon));
    image.insert("lat".into(), json!(point.lat));
}

/// A rounded star around the middle of the square, its arms between 400 and 700 metres.
fn blob(count: usize) -> MultiPolygon {
    let [west, south, east, north] = points::bounds(count, None);
    let (lon, lat) = ((west + east) / 2.0, (south + north) / 2.0);
    let corner = |step: usize| {
        let angle = std::f64::consts::TAU * step as f64 / 40.0;
        let arm_m = 550.0 + 150.0 * (5.0 * angle).sin();
        Coord { x: lon + arm_m * angle.cos() / 103_900.0, y: lat + arm_m * angle.sin() / 110_700.0 }
    };
    let ring: LineString = (0..40).map(corner).collect();
    MultiPolygon(vec![Polygon::new(ring, vec![])])
}

fn time_ms(mut work: impl FnMut()) -> f64 {
    let begun = Instant::now();
    let mut times = 0_u32;
    while begun.elapsed() < Duration::from_millis(300) {
        work();
        times += 1;
    }
    begun.elapsed().as_secs_f64() * 1000.0 / f64::from(times)
}

/// What criterion has written of its last measurement.
fn median_ms(dir: &Path, name: &str) -> anyhow::Result<f64> {
    let file = dir.join(name).join("new/estimates.json");
    let text = std::fs::read_to_string(&file).with_context(|| format!("criterion left no {}", file.display()))?;
    let estimates: Value = serde_json::from_str(&text)?;
    let nanoseconds = estimates["median"]["point_estimate"].as_f64().context("an estimate without a median")?;
    Ok(nanoseconds / 1e6)
}
