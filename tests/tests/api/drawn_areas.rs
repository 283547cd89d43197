//! Areas that somebody draws: what each role counts in them, who is named in the lists, what leaves as a file; and the counts
//! held against PostGIS and against brute force with `geo`.

use std::collections::BTreeMap;

use geo::{Coord, Intersects, LineString, MultiPolygon, Point, Polygon};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reqwest::StatusCode;
use shared::chart::{BarChart, ChartBar, Growing};
use shared::drawn_area::{AlongRoad, AreaFigures, AreaOnMap, AreaRows, BreakdownOf, Circle, DrawnArea, ListInArea};
use shared::layer::Layer;
use sqlx::{Executor, PgConnection};
use tests::app::{TestApp, TestClient, summary};
use tests::cluster::{assert_read_by_id, plan_for_ids};
use tests::small_ward::{CANARY, NATIONAL_ID_START, PHONE_START};

const REASON: &str = "Xác minh cư trú theo đơn";

/// All of the small wards.
fn everywhere() -> DrawnArea {
    DrawnArea::Polygon(vec![vec![[104.99, 20.99], [105.05, 20.99], [105.05, 21.02], [104.99, 21.02]]])
}

async fn count(client: &TestClient, area: &DrawnArea) -> AreaFigures {
    let answer = client.post("/api/areas/summary", area, None).await;
    assert_eq!(answer.status(), StatusCode::OK, "{area:?}");
    answer.json().await.unwrap()
}

fn of(figures: &AreaFigures, kind: Layer) -> Option<u64> {
    figures.kinds.iter().find(|counted| counted.kind == kind).map(|counted| counted.count)
}

fn list(area: DrawnArea, kind: Layer) -> ListInArea {
    ListInArea { area, kind, limit: None, cursor: None }
}

async fn listed(client: &TestClient, kind: Layer, reason: Option<&str>) -> AreaRows {
    let answer = client.post("/api/areas/list", &list(everywhere(), kind), reason).await;
    assert_eq!(answer.status(), StatusCode::OK, "{kind}");
    answer.json().await.unwrap()
}

#[tokio::test]
async fn each_role_counts_what_it_may_see_within_its_reach() {
    let app = TestApp::start().await;
    // Households, boarding houses, cameras; businesses, places and buildings are open, three of each.
    let expected = [
        ("public", None, None, None),
        ("tdp_head-a1", Some(1), Some(1), Some(1)),
        ("leader-a", Some(2), Some(2), Some(2)),
        ("operator-a", Some(2), Some(2), Some(2)),
        ("police-a", Some(2), Some(2), Some(2)),
        ("one_stop-a", None, None, None),
        ("landlord-a1", None, Some(1), None),
        ("admin-a", None, None, Some(2)),
    ];
    for (login, households, boarding_houses, cameras) in expected {
        let client = if login == "public" { app.public() } else { app.sign_in(login).await };
        let figures = count(&client, &everywhere()).await;
        assert_eq!(of(&figures, Layer::Household), households, "{login}");
        assert_eq!(figures.residents, households, "{login}: one resident in each household");
        assert_eq!(of(&figures, Layer::BoardingHouse), boarding_houses, "{login}");
        assert_eq!(
            figures.boarding.map(|boarding| (boarding.rooms, boarding.tenants)),
            boarding_houses.map(|houses| (houses, houses)),
            "{login}"
        );
        assert_eq!(of(&figures, Layer::Camera), cameras, "{login}");
        for open in [Layer::Business, Layer::Place, Layer::Building] {
            assert_eq!(of(&figures, open), Some(3), "{login}: {open}");
        }
        let counted_people = households.is_some();
        assert_eq!(figures.breakdowns.iter().any(|breakdown| breakdown.of == BreakdownOf::HouseholdSizes), counted_people, "{login}");
        assert_eq!(figures.within.is_empty(), !counted_people, "{login}: {:?}", figures.within);
    }
    app.stop().await;
}

#[tokio::test]
async fn lists_hold_what_each_role_may_read_and_name_nobody_without_a_reason() {
    let app = TestApp::start().await;
    let kinds = [Layer::Household, Layer::BoardingHouse, Layer::Business, Layer::Place, Layer::Camera, Layer::Building];
    let expected: BTreeMap<&str, [Option<usize>; 6]> = BTreeMap::from([
        ("public", [None, None, Some(3), Some(3), None, Some(3)]),
        ("tdp_head-a1", [Some(1), Some(1), Some(3), Some(3), Some(1), Some(3)]),
        ("leader-a", [Some(2), Some(2), Some(3), Some(3), Some(2), Some(3)]),
        ("operator-a", [Some(2), Some(2), Some(3), Some(3), Some(2), Some(3)]),
        ("police-a", [Some(2), Some(2), Some(3), Some(3), Some(2), Some(3)]),
        ("one_stop-a", [None, None, Some(3), Some(3), None, Some(3)]),
        ("landlord-a1", [None, Some(1), Some(3), Some(3), None, Some(3)]),
        ("admin-a", [None, None, Some(3), Some(3), Some(2), Some(3)]),
    ]);
    for (login, counts) in expected {
        let client = if login == "public" { app.public() } else { app.sign_in(login).await };
        for (kind, expected) in kinds.iter().zip(counts) {
            for path in ["/api/areas/list", "/api/areas/list.csv"] {
                let answer = client.post(path, &list(everywhere(), *kind), None).await;
                let (status, text) = (answer.status(), answer.text().await.unwrap());
                assert!(!text.contains(NATIONAL_ID_START) && !text.contains(PHONE_START), "{login}, {path} {kind}: {text}");
                let may_name = login == "tdp_head-a1" && *kind == Layer::Household;
                assert_eq!(text.contains(CANARY), may_name, "{login}, {path} {kind}: {text}");
                let rows = expected.map(|expected| if path.ends_with("csv") { expected + 1 } else { expected });
                match rows {
                    None => assert!(matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN), "{login}, {path} {kind}: {status}"),
                    Some(rows) if path.ends_with("csv") => assert_eq!(text.lines().count(), rows, "{login}, {kind}: {text}"),
                    Some(rows) => assert_eq!(serde_json::from_str::<AreaRows>(&text).unwrap().rows.len(), rows, "{login}, {kind}"),
                }
            }
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn heads_are_named_once_a_reason_was_stated_and_the_trail_says_so() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let nameless = listed(&operator, Layer::Household, None).await;
    assert!(nameless.reason_needed && nameless.rows.iter().all(|row| row.name.is_none()));
    let named = listed(&operator, Layer::Household, Some(REASON)).await;
    assert!(!named.reason_needed);
    assert!(named.rows.iter().all(|row| row.name.as_deref().is_some_and(|name| name.contains(CANARY))), "{named:?}");
    let csv = operator.post("/api/areas/list.csv", &list(everywhere(), Layer::Household), Some(REASON)).await.text().await.unwrap();
    assert!(csv.contains(CANARY) && csv.lines().count() == 3, "{csv}");

    let mut owner = app.database.connect("ioc_owner").await;
    let trail: Vec<(String, String, Option<String>)> =
        sqlx::query_as("select action, outcome, reason from audit_entry where login = 'operator-a' and action <> 'sign_in' order by id")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    let told: Vec<(&str, &str, Option<&str>)> = trail.iter().map(|(a, o, r)| (a.as_str(), o.as_str(), r.as_deref())).collect();
    assert_eq!(told, [("search_people", "allowed", Some(REASON)), ("export_households", "allowed", Some(REASON))]);

    let one_stop = app.sign_in("one_stop-a").await;
    let refusal = one_stop.post("/api/areas/list.csv", &list(everywhere(), Layer::Household), None).await;
    assert_eq!(summary(refusal).await, "403 forbidden");
    let refused: Vec<(String, String)> =
        sqlx::query_as("select action, outcome from audit_entry where login = 'one_stop-a' and action <> 'sign_in'")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    assert_eq!(refused, [("export_households".to_owned(), "refused".to_owned())]);
    app.stop().await;
}

#[tokio::test]
async fn a_file_opens_in_a_spreadsheet_and_runs_nothing() {
    let app = TestApp::start().await;
    let mut owner = app.database.connect("ioc_owner").await;
    owner
        .execute(r#"update business set name = '=HYPERLINK("http://evil")', address = 'Số 10, "phố" Thử' where code = 'KD-A1'"#)
        .await
        .unwrap();
    let answer = app.public().post("/api/areas/list.csv", &list(everywhere(), Layer::Business), None).await;
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"khoanh-vung.csv\"");
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(bytes[..3], *b"\xEF\xBB\xBF");
    let text = String::from_utf8(bytes[3..].to_vec()).unwrap();
    assert!(text.starts_with("Mã,Tên,Địa chỉ,"), "{text}");
    assert!(text.contains(r#""'=HYPERLINK(""http://evil"")","Số 10, ""phố"" Thử""#), "{text}");
    app.stop().await;
}

#[tokio::test]
async fn a_list_comes_page_by_page_without_gap_or_repeat() {
    let app = TestApp::demo().await;
    let operator = app.sign_in_demo("trucban").await;
    let area = DrawnArea::Circle(Circle { lon: 105.742, lat: 21.043, radius_m: 250.0 });
    let counted = of(&count(&operator, &area).await, Layer::Household).unwrap();
    let (mut ids, mut cursor) = (Vec::new(), None);
    loop {
        let request = ListInArea { area: area.clone(), kind: Layer::Household, limit: Some(100), cursor };
        let page: AreaRows = operator.post("/api/areas/list", &request, None).await.json().await.unwrap();
        assert_eq!(page.total, counted);
        ids.extend(page.rows.iter().map(|row| row.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(ids.len() as u64, counted);
    assert!(ids.len() > 200 && ids.windows(2).all(|pair| pair[0] < pair[1]));
    app.stop().await;
}

/// Every point of a layer, and a number beside it, as the database has them.
async fn points(db: &mut PgConnection, sql: &str) -> Vec<(Point, i64)> {
    let rows: Vec<(f64, f64, i64)> = sqlx::query_as(sql).fetch_all(db).await.unwrap();
    rows.into_iter().map(|(lon, lat, number)| (Point::new(lon, lat), number)).collect()
}

fn closed(ring: &[[f64; 2]]) -> LineString {
    LineString(ring.iter().chain(ring.first()).map(|&[x, y]| Coord { x, y }).collect())
}

/// A ring around `middle` whose radius wanders: as people draw.
fn lasso(random: &mut ChaCha8Rng, middle: [f64; 2], radius_deg: f64, corners: usize) -> Vec<[f64; 2]> {
    let corner = |at: usize| {
        let angle = at as f64 / corners as f64 * std::f64::consts::TAU;
        let radius = radius_deg * random.random_range(0.3..1.0);
        [middle[0] + radius * angle.cos(), middle[1] + radius * angle.sin()]
    };
    (0..corners).map(corner).collect()
}

#[tokio::test]
async fn counts_are_those_of_brute_force() {
    let app = TestApp::demo().await;
    let operator = app.sign_in_demo("trucban").await;
    let mut owner = app.database.connect("ioc_owner").await;
    let households = points(&mut owner, "select st_x(geom), st_y(geom), member_count::bigint from household where geom is not null").await;
    let businesses = points(&mut owner, "select st_x(geom), st_y(geom), 0::bigint from business where geom is not null").await;
    let buildings = points(
        &mut owner,
        "select (st_xmin(footprint) + st_xmax(footprint)) / 2, (st_ymin(footprint) + st_ymax(footprint)) / 2, coalesce(storeys, 0)::bigint from building",
    )
    .await;
    assert_eq!(households.len(), 7_522, "six wait in the tray");
    let mut random = ChaCha8Rng::seed_from_u64(20_261_122);
    let (mut most, mut on_corners) = (0, 0);
    for round in 0..60 {
        let middle = households[random.random_range(0..households.len())].0;
        let radius_deg = random.random_range(0.0005..0.008);
        let corners = random.random_range(3..200);
        let mut outer = lasso(&mut random, [middle.x(), middle.y()], radius_deg, corners);
        // Some corners lie exactly on households: the rim belongs to the area.
        if round % 3 == 0 {
            let near = households.iter().find(|(point, _)| (point.x() - outer[0][0]).hypot(point.y() - outer[0][1]) < radius_deg);
            if let Some((point, _)) = near {
                outer[0] = [point.x(), point.y()];
                on_corners += 1;
            }
        }
        let rings = match round % 2 {
            0 => vec![outer],
            _ => vec![outer, lasso(&mut random, [middle.x(), middle.y()], radius_deg * 0.25, 12)],
        };
        let shape = MultiPolygon(vec![Polygon::new(closed(&rings[0]), rings[1..].iter().map(|ring| closed(ring)).collect())]);
        let within = |points: &[(Point, i64)]| {
            points.iter().filter(|(point, _)| shape.intersects(point)).map(|(_, number)| *number).collect::<Vec<_>>()
        };
        let (inside, houses) = (within(&households), within(&buildings));
        let figures = count(&operator, &DrawnArea::Polygon(rings)).await;
        assert_eq!(of(&figures, Layer::Household), Some(inside.len() as u64), "round {round}");
        assert_eq!(figures.residents, Some(inside.iter().sum::<i64>() as u64), "round {round}");
        assert_eq!(of(&figures, Layer::Business), Some(within(&businesses).len() as u64), "round {round}");
        assert_eq!(of(&figures, Layer::Building), Some(houses.len() as u64), "round {round}");
        let bars = |of: BreakdownOf| {
            figures.breakdowns.iter().find(|breakdown| breakdown.of == of).map(|breakdown| breakdown.bars.clone()).unwrap_or_default()
        };
        let bar = |of: BreakdownOf, code: &str| bars(of).iter().find(|bar| bar.code == code).map_or(0, |bar| bar.count);
        assert_eq!(bar(BreakdownOf::HouseholdSizes, "3"), inside.iter().filter(|members| **members == 3).count() as u64);
        assert_eq!(bar(BreakdownOf::HouseholdSizes, "8+"), inside.iter().filter(|members| **members >= 8).count() as u64);
        assert_eq!(bar(BreakdownOf::Storeys, "4"), houses.iter().filter(|storeys| **storeys == 4).count() as u64);
        assert_eq!(bars(BreakdownOf::Sectors).iter().map(|bar| bar.count).sum::<u64>(), of(&figures, Layer::Business).unwrap());
        most = most.max(inside.len());
    }
    println!("60 polygons, the largest with {most} households, {on_corners} with a corner on a household");
    assert!(most > 1_000 && on_corners > 10);
    app.stop().await;
}

#[tokio::test]
async fn areas_circles_and_roads_count_as_postgis_does() {
    let app = TestApp::demo().await;
    let operator = app.sign_in_demo("trucban").await;
    let mut owner = app.database.connect("ioc_owner").await;
    let tdps: Vec<(i32, String, i64, i64)> = sqlx::query_as(
        "select a.id, a.name, count(*), sum(h.member_count)::bigint from area a join household h on st_covers(a.boundary, h.geom) where a.kind = 'tdp' group by a.id",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert_eq!(tdps.len(), 8);
    for (id, name, households, residents) in tdps {
        let figures = count(&operator, &DrawnArea::Area(AreaOnMap { id })).await;
        assert_eq!((of(&figures, Layer::Household), figures.residents), (Some(households as u64), Some(residents as u64)), "{name}");
        assert_eq!(figures.name, Some(name));
    }
    for radius_m in [40.0, 200.0, 900.0] {
        let circle = Circle { lon: 105.742, lat: 21.043, radius_m };
        let counted = of(&count(&operator, &DrawnArea::Circle(circle)).await, Layer::Household).unwrap() as i64;
        // A circle is drawn with 128 corners, 0.03 % inside of itself at most.
        let (at_least, at_most): (i64, i64) = sqlx::query_as(
            "select count(*) filter (where distance < $3 * 0.9996), count(*) filter (where distance <= $3) \
             from household cross join lateral st_distance(geom::geography, st_point($1, $2)::geography) as distance",
        )
        .bind(circle.lon)
        .bind(circle.lat)
        .bind(radius_m)
        .fetch_one(&mut owner)
        .await
        .unwrap();
        assert!((at_least..=at_most).contains(&counted), "{radius_m} m: {counted} of {at_least} to {at_most}");
    }
    let (road_id, name): (i64, String) =
        sqlx::query_as("select id, name from road where class = 'street' and name is not null order by st_length(geom) desc limit 1")
            .fetch_one(&mut owner)
            .await
            .unwrap();
    for metres in [10.0, 30.0] {
        let figures = count(&operator, &DrawnArea::AlongRoad(AlongRoad { road_id, metres })).await;
        let counted = of(&figures, Layer::Household).unwrap() as i64;
        let (at_least, at_most): (i64, i64) = sqlx::query_as(
            "select count(*) filter (where distance < $2 * 0.98), count(*) filter (where distance <= $2 * 1.01) from household h \
             cross join lateral (select min(st_distance(h.geom::geography, r.geom::geography)) as distance from road r where r.name = $1 and r.class = 'street') d",
        )
        .bind(&name)
        .bind(metres)
        .fetch_one(&mut owner)
        .await
        .unwrap();
        assert!(at_most > 0 && (at_least..=at_most).contains(&counted), "{name}, {metres} m: {counted} of {at_least} to {at_most}");
        assert_eq!(figures.name.as_deref(), Some(name.as_str()));
    }
    app.stop().await;
}

#[tokio::test]
async fn anybody_has_bars_drawn_and_nobody_a_wall_of_them() {
    let app = TestApp::start().await;
    let bars = |many: usize| BarChart {
        bars: (1..=many).map(|storeys| ChartBar { label: storeys.to_string(), value: storeys as u64, said: storeys.to_string() }).collect(),
        growing: Growing::Upwards,
        width: 352,
    };
    let answer = app.public().post("/api/charts/bars.svg", &bars(9), None).await;
    assert_eq!(answer.headers()["content-type"], "image/svg+xml");
    let svg = answer.text().await.unwrap();
    assert!(svg.starts_with("<svg") && svg.matches("chart-bar").count() == 9, "{svg}");
    assert_eq!(summary(app.public().post("/api/charts/bars.svg", &bars(500), None).await).await, "400 charts.too_much");
    app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_counted_in_is_refused_with_its_reason() {
    let app = TestApp::start().await;
    let public = app.public();
    let refused = [
        (DrawnArea::Polygon(vec![]), "400 drawn_areas.bad_shape"),
        (DrawnArea::Polygon(vec![vec![[105.0, 21.0], [105.1, 21.0]]]), "400 drawn_areas.bad_shape"),
        (DrawnArea::Circle(Circle { lon: 105.0, lat: 21.0, radius_m: 1e9 }), "400 drawn_areas.bad_shape"),
        (DrawnArea::AlongRoad(AlongRoad { road_id: app.ward().a1.road, metres: -1.0 }), "400 drawn_areas.bad_shape"),
        (DrawnArea::AlongRoad(AlongRoad { road_id: 999_999, metres: 20.0 }), "404 drawn_areas.no_such_ground"),
        (DrawnArea::Area(AreaOnMap { id: 999_999 }), "404 drawn_areas.no_such_ground"),
    ];
    for (area, expected) in refused {
        assert_eq!(summary(public.post("/api/areas/summary", &area, None).await).await, expected, "{area:?}");
    }
    let resident = list(everywhere(), Layer::Hotspot);
    assert_eq!(summary(public.post("/api/areas/list", &resident, None).await).await, "400 drawn_areas.no_list");
    app.stop().await;
}

/// What lies in an area is known from the map index, and read by id, under row-level security.
#[tokio::test]
async fn no_list_scans_a_protected_table() {
    let app = TestApp::start().await;
    let mut db = app.database.connect("ioc_app").await;
    for (what, statement) in server::drawn_areas::statements() {
        let id = if what == "heads of households" { "household_id" } else { "id" };
        assert_read_by_id(&what, &plan_for_ids(&mut db, statement).await, id);
    }
    app.stop().await;
}
