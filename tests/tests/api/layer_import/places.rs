//! Where rows go: VN-2000, wards side by side, the bus stops of a city, roads; and that the map shows them.

use server::import::areas::{self, ImportAreas, Kind};
use server::import::layer::{self, ImportLayer, Layer};
use server::platform::database::Database;
use server::platform::secrets::Secrets;
use shared::camera::CameraList;
use sqlx::Connection;
use tests::app::TestApp;
use tests::shared_data;

use super::desk::Desk;

/// A point of the reference workbook that the converter of Vietflexmap (github.com/Vietflexmap/VN2000, MIT, its test "mẫu Ninh
/// Thuận trong workbook") is held against: VN-2000 / TM-3 108-15, northing 1255172.510, easting 568262.924, is 11.349358 N
/// 108.877201 E. With the rotations of Decision 05/2007 taken in the wrong sense it would be 0.6 m away.
#[tokio::test]
async fn a_known_point_of_vn_2000_lands_where_it_is_known_to_be() {
    let desk = Desk::empty().await;
    desk.execute("insert into area (code, kind, name, boundary) values ('22834', 'ward', 'Ninh Hải', st_multi(st_makeenvelope(108.8, 11.3, 108.9, 11.4, 4326)))").await;
    for (name, header) in [
        ("bac-dong.csv", "code;name;X;Y\nM01;Mốc 1;1255172,510;568262,924"),
        ("dong-bac.csv", "code;name;X;Y\nM01;Mốc 1;568262,924;1255172,510"),
    ] {
        let path = desk.file(name, header);
        let summary = desk.import(ImportLayer { srid: Some(9217), ..ImportLayer::of(Layer::Camera, path) }).await;
        assert_eq!(summary.by_coordinates, 1);
        let (lon, lat): (f64, f64) = sqlx::query_as("select st_x(geom), st_y(geom) from camera").fetch_one(&desk.owner).await.unwrap();
        assert!((lon - 108.877_201).abs() < 2e-6 && (lat - 11.349_358).abs() < 2e-6, "{name}: {lon} {lat}");
    }
}

/// Our spelling of the zones against PROJ's own, which knows them by number: the same grid, and the same datum within the metre
/// that EPSG gives for it. On the central meridian easting is 500 000.
#[tokio::test]
async fn every_zone_agrees_with_projs_own() {
    let desk = Desk::empty().await;
    let mut db = desk.owner.acquire().await.unwrap();
    for srid in [3405, 3406, 5896, 5897, 5898, 5899].into_iter().chain(9205..=9218) {
        let reference = server::geography::placing::Reference::of_srid(srid);
        let mut attempt = db.begin().await.unwrap();
        for (easting, northing) in [(500_000.0, 2_326_000.0), (560_000.0, 1_200_000.0)] {
            let shape = geo::Point::new(easting, northing).into();
            let ours = server::geography::placing::locate(&mut attempt, &reference, None, &[shape]).await.unwrap()[0].point;
            let metres: f64 = sqlx::query_scalar(
                "select st_distance(st_setsrid(st_point($1, $2), 4326)::geography, st_transform(st_point($3, $4), $5, 4326)::geography)",
            )
            .bind(ours.0)
            .bind(ours.1)
            .bind(easting)
            .bind(northing)
            .bind(format!("EPSG:{srid}"))
            .fetch_one(&mut *attempt)
            .await
            .unwrap();
            assert!(metres < 1.0, "{srid} at {easting} {northing}: {metres} m");
        }
        attempt.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn a_coordinate_that_cannot_be_transformed_takes_no_other_along() {
    let desk = Desk::new().await;
    let list = "code,name,x,y\nC1,Một,5e12,2e12\nC2,Hai,573500.0,2323000.0\n";
    let path = desk.file("list.csv", list);
    let summary = desk.import(ImportLayer { srid: Some(3405), ..ImportLayer::of(Layer::Camera, path) }).await;
    assert_eq!((summary.new, summary.left_out), (1, 1), "{summary}");
    assert!(desk.report(&summary).starts_with("2,C1,geometry,,left_out,bad_shape: "), "{}", desk.report(&summary));
}

#[tokio::test]
async fn rows_of_another_ward_are_left_out_and_those_on_the_edge_are_not() {
    let desk = Desk::new().await;
    desk.execute("insert into area (code, kind, name, boundary) values ('00623', 'ward', 'Phường Đông', st_multi(st_makeenvelope(105.72, 21.00, 105.74, 21.02, 4326)))").await;
    let list = "code,name,lon,lat,phường\nC1,Trong,105.71,21.01,\nC2,Bên kia,105.73,21.01,\nC3,Mép,105.71,20.999995,\nC4,Xa,105.71,20.99,\nC5,Chưa đặt,,,Xuân Phương\nC6,Chưa đặt,,,Lạ\n";
    let path = desk.file("list.csv", list);
    let one = desk.import(ImportLayer { area: Some("00622".into()), ..ImportLayer::of(Layer::Camera, &path) }).await;
    assert_eq!((one.new, one.by_coordinates, one.unplaced, one.left_out), (4, 2, 2, 2), "{one}");
    let report = desk.report(&one);
    assert!(report.contains("lies in Phường Đông (00623), not in ward 00622") && report.contains("far_away: lies 1.1 km from"), "{report}");
    desk.execute("delete from camera").await;
    let all = desk.import(ImportLayer::of(Layer::Camera, &path)).await;
    assert_eq!((all.new, all.unplaced, all.left_out), (3, 1, 3), "{all}");
    assert!(desk.report(&all).contains("7,C6,phường,Lạ,left_out,no_ward: is none of the wards there are"), "{}", desk.report(&all));
    assert_eq!(
        desk.lines("select concat_ws(' ', c.code, w.code) from camera c join area w on w.id = c.ward_id order by c.code").await,
        "C1 00622\nC2 00623\nC5 00622"
    );
}

#[tokio::test]
async fn what_is_imported_is_on_the_map_of_those_who_may_see_it() {
    let app = TestApp::start().await;
    let owner = Database::open(&app.database.config(app.dir.path())).await.unwrap().owner().await.unwrap();
    let secrets = Secrets::open(&app.database.config(app.dir.path()).data_dir).unwrap();
    let path = app.dir.path().join("camera.csv");
    std::fs::write(
        &path,
        "Mã,Tên,Kinh độ,Vĩ độ,Hướng,Trạng thái,RTSP\nCX9,Ngã tư mới,\"105,0052\",\"21,0052\",Bắc,hoạt động,rtsp://canary@may/1\n",
    )
    .unwrap();
    let summary =
        layer::run(&owner, ImportLayer { area: Some("A".into()), ..ImportLayer::of(Layer::Camera, &path) }, &secrets, app.dir.path())
            .await
            .unwrap();
    assert_eq!(summary.new, 1);
    let list: CameraList = app.sign_in("operator-a").await.read("/api/cameras").await;
    let camera = list.cameras.iter().find(|camera| camera.code == "CX9").expect("the camera is in the list of its ward");
    assert_eq!((camera.heading_deg, camera.area_id), (Some(0.0), app.ward().a1.area));
    let other: CameraList = app.sign_in("operator-b").await.read("/api/cameras").await;
    assert!(other.cameras.iter().all(|camera| camera.code != "CX9"));
    owner.close().await;
    app.stop().await;
}

#[tokio::test]
async fn the_bus_stops_and_main_roads_around_phuong_canh_stand_in_xuan_phuong() {
    let (Some(boundary), Some(stops), Some(roads)) = (
        shared_data::file("areas/xuan_phuong_ward_2025.geojson"),
        shared_data::file("osm/hanoi_bus_stops_2025.geojson"),
        shared_data::file("osm/phuongcanh_nhon_roads_noname.geojson"),
    ) else {
        return;
    };
    let desk = Desk::empty().await;
    areas::run(&desk.owner, ImportAreas::of(boundary, Kind::Ward), desk.dir.path(), chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap())
        .await
        .unwrap();
    let no_kind = desk.refusal(ImportLayer::of(Layer::Place, &stops)).await;
    assert!(no_kind.contains("is understood as kind") && no_kind.contains("--set kind="), "{no_kind}");
    let args = || ImportLayer { set: vec!["kind=bus_stop".into()], ..ImportLayer::of(Layer::Place, &stops) };
    let summary = desk.import(args()).await;
    assert_eq!(summary.rows, 3_326);
    // as many as the source counts within the boundary
    let inside = "select count(*)::text from place p join area w on w.id = p.ward_id where st_covers(w.boundary, p.geom)";
    assert_eq!(desk.lines(inside).await, "37");
    assert_eq!((summary.new, summary.left_out), (37, 3_289), "{summary}");
    let again = desk.import(args()).await;
    assert_eq!((again.new, again.changed, again.same), (0, 0, summary.new));
    let roads = ImportLayer::of(Layer::Road, roads);
    let first = desk.import(roads.clone()).await;
    assert_eq!(first.rows, 602);
    assert_eq!(desk.lines("select count(*)::text from road").await, first.new.to_string());
    assert!(first.new > 100, "{first}");
    let again = desk.import(roads).await;
    assert_eq!((again.new, again.changed, again.same), (0, 0, first.new));
}
