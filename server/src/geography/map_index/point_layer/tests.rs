//! Rows that come, move and go, asked for as tiles, searches and counts ask.
//! They deliberately know slots and trees by what they answer alone.

use serde_json::json;

use super::*;
use crate::accounts::AreaSet;
use crate::geography::{audience::Audience, catalogue::Catalogue, filter::Filter};

fn cameras() -> PointLayer {
    PointLayer::new(Catalogue::embedded().layer("camera").unwrap().clone())
}

fn put(layer: &mut PointLayer, id: i64, area: i32, lon: f64, lat: f64, status: &str) {
    let image = json!({"code": format!("C{id}"), "status": status, "area_id": area, "lon": lon, "lat": lat});
    let row = layer.row(id, Some(area), image.as_object().unwrap());
    layer.insert(row);
}

fn ids<'a>(rows: impl Iterator<Item = RowRef<'a>>) -> Vec<i64> {
    let mut ids: Vec<i64> = rows.map(|row| row.id).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn a_moved_row_is_found_where_it_is_now_only() {
    let mut layer = cameras();
    put(&mut layer, 1, 3, 105.742, 21.043, "online");
    put(&mut layer, 1, 4, 105.750, 21.043, "online");
    let everybody = Audience::everybody();
    let around = |lon: f64| {
        let [x, y] = to_world(lon, 21.043);
        [x - 1e-6, y - 1e-6, x + 1e-6, y + 1e-6]
    };
    assert_eq!(layer.in_box(around(105.742), &everybody).count(), 0);
    assert_eq!(layer.in_box(around(105.750), &everybody).count(), 1);
    layer.remove_area(Some(3));
    assert_eq!(layer.len(), 1);
    layer.remove_area(Some(4));
    assert!(layer.is_empty());
    assert_eq!(layer.in_box(around(105.750), &everybody).count(), 0);
}

#[test]
fn rows_are_cut_to_the_audience() {
    let mut layer = cameras();
    for (id, area) in [(1, 3), (2, 3), (3, 4)] {
        put(&mut layer, id, area, 105.742, 21.043, "online");
    }
    let head = Audience::of_areas(AreaSet::from_iter([3]), None);
    assert_eq!(ids(layer.rows(&head)), [1, 2]);
    assert_eq!(layer.count(&head), 2);
    assert_eq!(layer.count(&Audience::everybody()), 3);
    assert_eq!(layer.in_box([0.0, 0.0, 1.0, 1.0], &head).count(), 2);
}

#[test]
fn the_nearest_comes_first_and_an_unplaced_row_never() {
    let mut layer = cameras();
    put(&mut layer, 1, 3, 105.750, 21.043, "online");
    put(&mut layer, 2, 3, 105.743, 21.043, "online");
    let unplaced = layer.row(3, Some(3), json!({"code": "C3"}).as_object().unwrap());
    layer.insert(unplaced);
    let everybody = Audience::everybody();
    assert_eq!(layer.nearest(105.742, 21.043, &everybody).map(|row| row.id).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(layer.count(&everybody), 3);
}

#[test]
fn a_filter_asks_codes_and_ranges() {
    let mut layer = cameras();
    put(&mut layer, 1, 3, 105.742, 21.043, "online");
    put(&mut layer, 2, 4, 105.742, 21.043, "offline");
    let wanted = |query: &[(&str, &str)]| {
        let query: Vec<_> = query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let filter = layer.prepare(&Filter::parse(layer.layer(), &query).unwrap());
        ids(layer.rows(&Audience::everybody()).filter(|row| filter.accepts(*row)))
    };
    assert_eq!(wanted(&[("status", "online")]), [1]);
    assert_eq!(wanted(&[("status", "online,offline"), ("area_id", "4..")]), [2]);
    assert_eq!(wanted(&[("status", "no_such_status")]), Vec::<i64>::new());
}

#[test]
fn households_of_one_house_are_counted_while_they_come_and_go() {
    let mut layer = PointLayer::new(Catalogue::embedded().layer("household").unwrap().clone());
    let put = |layer: &mut PointLayer, id: i64, building: Option<i64>| {
        let image = json!({"member_count": 3, "building_id": building, "lon": 105.742, "lat": 21.043});
        let row = layer.row(id, Some(3), image.as_object().unwrap());
        layer.insert(row);
    };
    let alone = |layer: &PointLayer, accepts: &str| {
        let filter = layer.prepare(&Filter::parse(layer.layer(), &[("house_households".into(), accepts.into())]).unwrap());
        ids(layer.rows(&Audience::everybody()).filter(|row| filter.accepts(*row)))
    };
    for (id, building) in [(1, Some(7)), (2, Some(7)), (3, Some(8)), (4, None)] {
        put(&mut layer, id, building);
    }
    assert_eq!(alone(&layer, "2.."), [1, 2]);
    assert_eq!(alone(&layer, "1"), [3]);
    // One moves next door.
    put(&mut layer, 2, Some(8));
    assert_eq!(alone(&layer, "2.."), [2, 3]);
    assert_eq!(layer.shared_counts(layer.get(1).unwrap()).collect::<Vec<_>>(), [Value::Integer(1)]);
    layer.remove(2);
    layer.remove(3);
    assert_eq!(alone(&layer, "1.."), [1]);
    assert_eq!(layer.shared_counts(layer.get(4).unwrap()).collect::<Vec<_>>(), [Value::Null]);
}

#[test]
fn a_filled_layer_answers_like_one_that_was_filled_row_by_row() {
    let (mut packed, mut grown) = (cameras(), cameras());
    let mut rows = Vec::new();
    for id in 0..2_000_i64 {
        let (lon, lat) = (105.5 + (id * 7_919 % 1_000) as f64 * 5e-4, 20.8 + (id * 104_729 % 997) as f64 * 5e-4);
        put(&mut grown, id, (id % 7) as i32, lon, lat, "online");
        let image = json!({"code": format!("C{id}"), "status": "online", "area_id": id % 7, "lon": lon, "lat": lat});
        rows.push(packed.row(id, Some((id % 7) as i32), image.as_object().unwrap()));
    }
    packed.fill(rows);
    let head = Audience::of_areas(AreaSet::from_iter([3]), None);
    let ([west, south], [east, north]) = (to_world(105.6, 20.9), to_world(105.8, 21.1));
    for audience in [&Audience::everybody(), &head] {
        let found = |layer: &PointLayer| {
            let mut found: Vec<Row> = layer.in_box([west, north, east, south], audience).map(|(_, row)| row.to_row()).collect();
            found.sort_by_key(|row| row.id);
            found
        };
        assert!(found(&grown).len() > 20);
        assert_eq!(found(&packed), found(&grown));
    }
    assert_eq!(packed.get(77).map(RowRef::to_row), grown.get(77).map(RowRef::to_row));
    assert!(packed.bytes() > 2_000 * 100, "{}", packed.bytes());
}

#[test]
fn rows_that_another_layer_object_read_keep_their_codes() {
    let (mut layer, mut reader) = (cameras(), cameras());
    put(&mut layer, 1, 3, 105.742, 21.043, "offline");
    let image = |status: &str| json!({"code": "C", "status": status, "lon": 105.742, "lat": 21.043});
    let rows =
        vec![reader.row(2, Some(3), image("online").as_object().unwrap()), reader.row(3, Some(3), image("offline").as_object().unwrap())];
    layer.take_over(rows, &reader);
    let status = |id: i64| layer.live_row(layer.get(id).unwrap()).properties["status"].clone();
    assert_eq!([status(1), status(2), status(3)], ["offline", "online", "offline"]);
}

#[test]
fn an_alert_that_was_closed_long_ago_is_let_go_and_one_that_was_opened_again_is_not() {
    let mut layer = PointLayer::new(Catalogue::embedded().layer("camera_alert").unwrap().clone());
    let put = |layer: &mut PointLayer, id: i64, status: &str, started_at: &str| {
        let image = json!({"status": status, "started_at": started_at, "lon": 105.742, "lat": 21.043});
        let row = layer.row(id, Some(3), image.as_object().unwrap());
        layer.insert(row);
    };
    put(&mut layer, 1, "closed", "2026-10-01T07:00:00+07:00");
    put(&mut layer, 2, "closed", "2026-11-20T07:00:00+07:00");
    put(&mut layer, 3, "taken", "2026-10-01T07:00:00+07:00");
    put(&mut layer, 4, "closed", "2026-10-02T07:00:00+07:00");
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    assert_eq!(layer.left(now), [1, 4]);
    // Between looking and taking out somebody opens it again.
    put(&mut layer, 4, "new", "2026-10-02T07:00:00+07:00");
    let gone: Vec<i64> = [1, 4, 5].into_iter().filter_map(|id| layer.let_go(id, now)).map(|row| row.id).collect();
    assert_eq!(gone, [1]);
    assert_eq!(ids(layer.rows(&Audience::everybody())), [2, 3, 4]);
    assert_eq!(layer.in_box([0.0, 0.0, 1.0, 1.0], &Audience::everybody()).count(), 3);
    assert_eq!(cameras().left(now), Vec::<i64>::new(), "a layer without a rule keeps everything");
}

#[test]
fn a_thousand_changes_leave_no_trace_of_what_is_gone() {
    let mut layer = cameras();
    for round in 0..10 {
        for id in 0..100 {
            put(&mut layer, id, (id % 5) as i32, 105.7 + (id * 31 % 100 + round) as f64 * 1e-4, 21.0, "online");
        }
    }
    for id in 0..90 {
        layer.remove(id);
    }
    let everybody = Audience::everybody();
    assert_eq!(ids(layer.rows(&everybody)), (90..100).collect::<Vec<_>>());
    assert_eq!(layer.in_box([0.0, 0.0, 1.0, 1.0], &everybody).count(), 10);
    assert!(layer.rows.slots() <= 101, "slots are used again");
}
