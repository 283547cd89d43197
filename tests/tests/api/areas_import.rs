//! `ioc import areas` into a real PostGIS: versions, codes, repairs, and the rows on the ground.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde_json::{Value, json};
use server::import::areas::{self, ImportAreas, Kind, Summary};
use server::platform::database::Database;
use sqlx::PgPool;
use tempfile::TempDir;
use tests::cluster::TestDatabase;
use tests::shared_data;

/// An empty database, its owner, and a folder for files and reports.
struct Desk {
    owner: PgPool,
    dir: TempDir,
    _database: TestDatabase,
}

impl Desk {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = TestDatabase::create().await;
        let owner = Database::open(&database.config(dir.path())).await.unwrap().owner().await.unwrap();
        Self { owner, dir, _database: database }
    }

    async fn import(&self, args: ImportAreas) -> Summary {
        areas::run(&self.owner, args, self.dir.path(), day(2026, 7, 1)).await.unwrap()
    }

    async fn refusal(&self, args: ImportAreas) -> String {
        format!("{:#}", areas::run(&self.owner, args, self.dir.path(), day(2026, 7, 1)).await.unwrap_err())
    }

    async fn count(&self, sql: &str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.owner).await.unwrap()
    }

    async fn text(&self, sql: &str) -> String {
        sqlx::query_scalar(sql).fetch_one(&self.owner).await.unwrap()
    }

    async fn execute(&self, sql: &str) {
        sqlx::query(sql).execute(&self.owner).await.unwrap();
    }

    /// A file of wards: code, name, west and east on a strip from 21.00 to 21.01.
    fn wards(&self, name: &str, wards: &[(Value, &str, f64, f64)]) -> PathBuf {
        let features = wards.iter().map(|(code, name, west, east)| feature(code.clone(), name, square(*west, *east))).collect();
        self.file(name, features)
    }

    fn file(&self, name: &str, features: Vec<Value>) -> PathBuf {
        let path = self.dir.path().join(name);
        // as files come: something before the features, and not the type first
        let collection = json!({"bbox": [105.0, 21.0, 106.0, 22.0], "name": "xã", "features": features, "type": "FeatureCollection"});
        std::fs::write(&path, collection.to_string()).unwrap();
        path
    }

    fn report(&self, summary: &Summary) -> String {
        std::fs::read_to_string(&summary.report).unwrap().replace('"', "")
    }
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn square(west: f64, east: f64) -> Value {
    json!({"type": "Polygon", "coordinates": [[[west, 21.0], [east, 21.0], [east, 21.01], [west, 21.01], [west, 21.0]]]})
}

fn feature(code: Value, name: &str, geometry: Value) -> Value {
    json!({"type": "Feature", "properties": {"code": code, "name": "short", "fullName": name}, "geometry": geometry})
}

fn in_hanoi(path: &Path) -> ImportAreas {
    ImportAreas { parent: Some("01".into()), parent_name: Some("Thành phố Hà Nội".into()), ..ImportAreas::of(path, Kind::Ward) }
}

#[tokio::test]
async fn a_later_boundary_closes_the_earlier_one_and_keeps_the_id() {
    let desk = Desk::new().await;
    let first = desk
        .wards("2025.geojson", &[(json!("00622"), "Phường Xuân Phương", 105.70, 105.72), (json!("00623"), "Phường Đông", 105.72, 105.74)]);
    let summary = desk.import(ImportAreas { valid_from: Some(day(2025, 7, 1)), ..in_hanoi(&first) }).await;
    assert_eq!((summary.new, summary.left_out), (2, 0));
    assert_eq!(desk.count("select count(*) from area where kind = 'province' and code = '01' and boundary is null").await, 1);
    let id = desk.count("select id::bigint from area where code = '00622'").await;
    desk.execute("insert into camera (code, name, geom) values ('C1', 'Ở giữa', st_setsrid(st_point(105.721, 21.005), 4326)), ('C2', 'Phía tây', st_setsrid(st_point(105.71, 21.005), 4326))").await;
    assert_eq!(
        desk.count("select count(*) from camera c join area a on a.id = c.area_id where (c.code, a.code) = ('C1', '00623')").await,
        1
    );

    // the line between them moves east: the camera in between changes its ward, the other one is not touched
    let later = desk.wards(
        "2026.geojson",
        &[(json!("00622"), "Phường Xuân Phương", 105.70, 105.722), (json!("00623"), "Phường Đông", 105.722, 105.74)],
    );
    let summary = desk.import(in_hanoi(&later)).await;
    assert_eq!((summary.new, summary.replaced, summary.unchanged), (0, 2, 0));
    assert_eq!(summary.moved, [("camera".to_owned(), 1)]);
    assert_eq!(
        desk.count("select id::bigint from area where code = '00622' and valid_to is null").await,
        id,
        "appointments and rows still point at it"
    );
    let versions = "select string_agg(concat_ws(' ', valid_from, valid_to, round(st_xmax(boundary)::numeric, 3)), '; ' order by valid_from) from area where code = '00622'";
    assert_eq!(desk.text(versions).await, "2025-07-01 2026-07-01 105.720; 2026-07-01 105.722");
    let cameras = "select string_agg(concat_ws(' ', c.code, a.code, w.code, c.version, c.area_by_hand), '; ' order by c.code) \
                   from camera c join area a on a.id = c.area_id join area w on w.id = c.ward_id";
    assert_eq!(desk.text(cameras).await, "C1 00622 00622 2 f; C2 00622 00622 1 f");
    assert_eq!(
        desk.count("select count(*) from change where topic = 'camera' and op = 'update' and before is not null").await,
        1,
        "told row by row"
    );

    let again = desk.import(in_hanoi(&later)).await;
    assert_eq!((again.unchanged, again.replaced, again.moved.len()), (2, 0, 0));
    // a file of the past must not become the present
    let refusal = desk.refusal(ImportAreas { valid_from: Some(day(2024, 1, 1)), ..in_hanoi(&first) }).await;
    assert!(refusal.starts_with("none of the 2 areas could be taken"), "{refusal}");
}

#[tokio::test]
async fn the_parent_must_be_there_or_be_named() {
    let desk = Desk::new().await;
    let file = desk.wards("xa.geojson", &[(json!("00622"), "Phường Xuân Phương", 105.70, 105.72)]);
    let refusal = desk.refusal(ImportAreas { parent: Some("01".into()), ..ImportAreas::of(&file, Kind::Ward) }).await;
    assert!(refusal.contains("there is no province 01") && refusal.contains("--parent-name"), "{refusal}");
    let refusal = desk.refusal(ImportAreas::of(&file, Kind::Tdp)).await;
    assert!(refusal.contains("--parent CODE"), "{refusal}");
    desk.import(ImportAreas::of(&file, Kind::Ward)).await;
    // a parent that comes later is no new version of the ward
    let summary = desk.import(in_hanoi(&file)).await;
    assert_eq!((summary.completed, summary.replaced), (1, 0));
    assert_eq!(desk.count("select count(*) from area where code = '00622'").await, 1);
    let tdp = desk.wards("to.geojson", &[(json!("TDP1"), "Tổ dân phố 1", 105.70, 105.71), (json!("TDP9"), "Tổ dân phố 9", 105.80, 105.81)]);
    let summary = desk.import(ImportAreas { parent: Some("00622".into()), ..ImportAreas::of(&tdp, Kind::Tdp) }).await;
    assert_eq!((summary.new, summary.left_out), (1, 1));
    assert!(desk.report(&summary).contains("2,TDP9,,,left_out,100 % of it lies outside 00622"), "{}", desk.report(&summary));
    let refusal = desk.refusal(ImportAreas { parent: Some("01".into()), ..ImportAreas::of(&tdp, Kind::Tdp) }).await;
    assert!(refusal.contains("is a province; a tdp lies in a ward"), "{refusal}");
}

#[tokio::test]
async fn one_bad_area_does_not_stop_the_others() {
    let desk = Desk::new().await;
    let bow_tie =
        json!({"type": "Polygon", "coordinates": [[[105.70, 21.0], [105.71, 21.01], [105.71, 21.0], [105.70, 21.01], [105.70, 21.0]]]});
    let line = json!({"type": "LineString", "coordinates": [[105.70, 21.0], [105.71, 21.01]]});
    let file = desk.file(
        "lan.geojson",
        vec![
            feature(json!("00001"), "Phường Nơ", bow_tie),
            feature(json!("00002"), "Phường Đường thẳng", line),
            feature(json!(622), "Phường Số", square(105.72, 105.73)),
            feature(json!("00004"), "Phường Hỏng", json!({"type": "Polygon", "coordinates": "?"})),
            feature(Value::Null, "Phường Không mã", square(105.73, 105.74)),
            feature(json!("00622"), "Phường Trùng", square(105.74, 105.75)),
            feature(json!("00007"), "Phường Rỗng", json!({"type": "Polygon", "coordinates": []})),
        ],
    );
    let summary = desk.import(ImportAreas::of(&file, Kind::Ward)).await;
    let report = desk.report(&summary);
    assert_eq!((summary.in_file, summary.new, summary.left_out, summary.repaired), (7, 2, 5, 1), "{report}");
    assert_eq!(desk.text("select string_agg(code, ' ' order by code) from area").await, "00001 00622");
    assert_eq!(desk.text("select name from area where code = '00622'").await, "Phường Số", "the zeros are given back");
    for line in [
        "1,00001,boundary,,imported,repaired: Self-intersection",
        "2,00002,,,left_out,its boundary encloses no ground",
        "3,00622,code,,imported,the file has the number 622",
        "6,00622,,,left_out,the file has this code twice",
    ] {
        assert!(report.contains(line), "{line}\n{report}");
    }
    let refusal = desk.refusal(ImportAreas::of(desk.file("leer.geojson", vec![]), Kind::Ward)).await;
    assert!(refusal.contains("no column for the code"), "{refusal}");
}

#[tokio::test]
async fn a_dry_run_keeps_nothing_and_says_the_same() {
    let desk = Desk::new().await;
    let file = desk.wards("xa.geojson", &[(json!("00622"), "Phường Xuân Phương", 105.70, 105.72)]);
    let summary = desk.import(ImportAreas { dry_run: true, ..in_hanoi(&file) }).await;
    assert_eq!(summary.new, 1);
    assert!(summary.to_string().starts_with("dry run: nothing was kept"));
    assert_eq!(desk.count("select count(*) from area").await, 0);
}

/// July 2025: a ward goes into another, with its TDPs, its cameras, and a camera code that the other has too.
#[tokio::test]
async fn a_ward_that_is_merged_takes_its_rows_along() {
    let desk = Desk::new().await;
    let old = desk.wards(
        "cu.geojson",
        &[(json!("00619"), "Phường Phương Canh", 105.70, 105.71), (json!("00622"), "Phường Xuân Phương", 105.71, 105.72)],
    );
    desk.import(ImportAreas { valid_from: Some(day(2020, 1, 1)), ..in_hanoi(&old) }).await;
    let tdp = desk.wards("to.geojson", &[(json!("PC-1"), "Tổ dân phố 1", 105.70, 105.705)]);
    desk.import(ImportAreas { parent: Some("00619".into()), ..ImportAreas::of(&tdp, Kind::Tdp) }).await;
    desk.execute(
        "insert into camera (code, name, geom) values ('C1', 'Trong TDP', st_setsrid(st_point(105.702, 21.005), 4326)), \
         ('C2', 'Ngoài TDP', st_setsrid(st_point(105.708, 21.005), 4326)); ",
    )
    .await;
    desk.execute("insert into camera (code, name, geom) values ('C1', 'Của phường kia', st_setsrid(st_point(105.715, 21.005), 4326))")
        .await;
    desk.execute("insert into household (code, address, area_id) select 'H1', 'Số 5', id from area where code = '00619'").await;

    let new = desk.wards("moi.geojson", &[(json!("00622"), "Phường Xuân Phương", 105.70, 105.72)]);
    let kept = desk.import(ImportAreas { dry_run: true, ..in_hanoi(&new) }).await;
    assert!(kept.remarks.iter().any(|remark| remark.contains("00619 (Phường Phương Canh); --close-missing")), "{:?}", kept.remarks);
    let summary = desk.import(ImportAreas { close_missing: true, ..in_hanoi(&new) }).await;
    assert_eq!((summary.closed, summary.replaced), (1, 1));
    assert_eq!(desk.text("select valid_to::text from area where code = '00619'").await, "2026-07-01");
    let cameras = "select string_agg(concat_ws(' ', c.code, a.code, w.code), '; ' order by c.name) from camera c join area a on a.id = c.area_id join area w on w.id = c.ward_id";
    assert_eq!(desk.text(cameras).await, "C1 00622 00622; C2 00622 00622; 00619-C1 PC-1 00622");
    assert!(desk.report(&summary).contains("C1 -> 00619-C1"), "{}", desk.report(&summary));
    let household = "select concat_ws(' ', a.code, w.code, h.area_by_hand) from household h join area a on a.id = h.area_id join area w on w.id = h.ward_id";
    assert_eq!(desk.text(household).await, "00622 00622 f", "without a place it goes to the successor, and placing it will decide");
    assert_eq!(desk.text("select w.code from area t join area w on w.id = t.parent_id where t.code = 'PC-1'").await, "00622");
}

#[tokio::test]
async fn all_wards_of_hanoi_stand_with_their_codes() {
    let Some(path) = shared_data::file("areas/hanoi_wards_2025.geojson") else { return };
    let desk = Desk::new().await;
    let summary = desk.import(in_hanoi(&path)).await;
    assert_eq!((summary.in_file, summary.new, summary.left_out), (126, 126, 0), "{summary}");
    assert_eq!(
        desk.count(
            "select count(*) from area where kind = 'ward' and length(code) = 5 and parent_id = (select id from area where code = '01')"
        )
        .await,
        126
    );
    assert_eq!(desk.text("select name from area where code = '00622'").await, "Phường Xuân Phương");
    let area = desk.count("select round(st_area(boundary::geography) / 1e4)::bigint from area where code = '00622'").await;
    assert!((area - 1081).abs() <= 2, "{area} ha; the source says 10.81 km2");
    assert_eq!(desk.count("select count(*) from area where not st_isvalid(boundary)").await, 0);
    let again = desk.import(in_hanoi(&path)).await;
    assert_eq!(again.unchanged, 126);
    let Some(xuan_phuong) = shared_data::file("areas/xuan_phuong_ward_2025.geojson") else { return };
    assert_eq!(desk.import(in_hanoi(&xuan_phuong)).await.unchanged, 1, "the same ward from another file");
}
