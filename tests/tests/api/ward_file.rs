//! A ward of one's own from one file: `ioc import ward`, and what `IOC_AREA_FILE` does at the first start.

use std::path::{Path, PathBuf};

use chrono::{NaiveDate, TimeDelta, Utc};
use server::demo::leaving;
use server::duty;
use server::import::ward;
use server::platform::database::Database;
use server::platform::secrets::Secrets;
use shared::area::AreaList;
use sqlx::PgPool;
use tests::app::TestApp;
use tests::shared_data;

const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();

fn write(dir: &Path, name: &str, contents: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, contents).unwrap();
    path
}

fn ward_in(dir: &Path) -> PathBuf {
    let square = |west: f64, east: f64| format!("[[[{west},21.0],[{east},21.0],[{east},21.02],[{west},21.02],[{west},21.0]]]");
    let feature = |code: &str, name: &str, west, east| {
        format!(
            r#"{{"type":"Feature","properties":{{"code":"{code}","name":"{name}"}},"geometry":{{"type":"Polygon","coordinates":{}}}}}"#,
            square(west, east)
        )
    };
    let collection = |features: &[String]| format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
    write(
        dir,
        "phuong.geojson",
        &collection(&[feature("00622", "Phường Xuân Phương", 105.70, 105.72), feature("00623", "Phường Đông", 105.72, 105.74)]),
    );
    write(dir, "to.geojson", &collection(&[feature("T1", "Tổ dân phố 1", 105.70, 105.71), feature("T2", "Tổ dân phố 2", 105.71, 105.72)]));
    write(dir, "camera.csv", "Mã,Tên,Kinh độ,Vĩ độ\nC1,Ngã tư,105.705,21.005\n");
    write(
        dir,
        "phuong.toml",
        "[ward]\nboundary = \"phuong.geojson\"\ncode = \"00622\"\nparent = \"01\"\nparent_name = \"Thành phố Hà Nội\"\n\
         [tdps]\nfile = \"to.geojson\"\n[[layer]]\nlayer = \"camera\"\nfile = \"camera.csv\"\n",
    )
}

struct House {
    app: TestApp,
    owner: PgPool,
    secrets: Secrets,
}

impl House {
    async fn empty() -> Self {
        let app = TestApp::empty().await;
        let config = app.database.config(app.dir.path());
        let owner = Database::open(&config).await.unwrap().owner().await.unwrap();
        Self { app, owner, secrets: Secrets::open(&config.data_dir).unwrap() }
    }

    async fn start(&self, file: &Path) -> anyhow::Result<Option<ward::Settlement>> {
        ward::settle_if_absent(&self.owner, file, &self.secrets, self.app.dir.path(), DAY, true).await
    }

    async fn count(&self, sql: &str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.owner).await.unwrap()
    }
}

#[tokio::test]
async fn the_first_start_brings_the_ward_and_the_second_keeps_what_people_did() {
    let house = House::empty().await;
    let dir = tempfile::tempdir().unwrap();
    let file = ward_in(dir.path());
    let settled = house.start(&file).await.unwrap().expect("the ward is new");
    assert_eq!((settled.code.as_str(), settled.parts.len()), ("00622", 3));
    assert_eq!(house.count("select count(*) from area where kind = 'ward'").await, 1, "the neighbour in the file is not ours");
    assert_eq!(house.count("select count(*) from area where is_demo").await, 0, "real ground is not demo data");
    assert_eq!(house.count("select count(*) from household").await, 0, "nobody is invented");
    // the map opens on it, and a TDP head of the demonstration reaches the second TDP
    let areas: AreaList = house.app.public().read("/api/areas").await;
    assert_eq!(areas.initial_bounds, Some([105.70, 21.0, 105.72, 21.02]));
    assert_eq!(house.count("select count(*) from appointment p join account c on c.id = p.account_id join area a on a.id = p.area_id where (c.login, a.code) = ('totruong2', 'T2')").await, 1);

    sqlx::query("update camera set name = 'Đổi tên'").execute(&house.owner).await.unwrap();
    assert!(house.start(&file).await.unwrap().is_none());
    assert_eq!(house.count("select count(*) from camera where name = 'Đổi tên'").await, 1);
    // asked for by hand, the files count again
    let again = ward::import(&house.owner, &file, &house.secrets, house.app.dir.path(), DAY).await.unwrap();
    assert!(again.to_string().contains("0 new, 1 changed"), "{again}");
    house.owner.close().await;
    house.app.stop().await;
}

#[tokio::test]
async fn a_ward_file_goes_in_whole_or_not_at_all() {
    let house = House::empty().await;
    let dir = tempfile::tempdir().unwrap();
    let file = ward_in(dir.path());
    write(dir.path(), "camera.csv", "Mã,Tên,Kinh độ,Vĩ độ\nC1,Ngã tư,0,0\n");
    let refusal = format!("{:#}", house.start(&file).await.unwrap_err());
    assert!(refusal.contains("camera.csv: none of the 1 rows could be taken"), "{refusal}");
    assert_eq!(house.count("select count(*) from area").await, 0);
    std::fs::remove_file(dir.path().join("to.geojson")).unwrap();
    let refusal = format!("{:#}", house.start(&file).await.unwrap_err());
    assert!(refusal.contains("to.geojson, which is not there"), "{refusal}");
    let typo = write(dir.path(), "sai.toml", "[ward]\nboundery = \"phuong.geojson\"\n");
    let refusal = format!("{:#}", house.start(&typo).await.unwrap_err());
    assert!(refusal.contains("is no ward file; data/ward.example.toml shows one") && refusal.contains("boundery"), "{refusal}");
    let several = house.start(&dir.path().join("phuong.geojson")).await.unwrap_err().to_string();
    assert!(several.contains("holds 2 wards; say which in a ward file"), "{several}");
    house.owner.close().await;
    house.app.stop().await;
}

#[tokio::test]
async fn a_ward_that_was_tried_goes_into_real_use_without_the_demo_accounts() {
    let house = House::empty().await;
    let dir = tempfile::tempdir().unwrap();
    house.start(&ward_in(dir.path())).await.unwrap().expect("the ward is new");
    assert!(!leaving::is_of_demo_wards(&house.owner).await.unwrap(), "nothing is played on real ground");
    let now = Utc::now();
    let keep_roster = async || duty::keep_demo_roster(&mut house.owner.acquire().await.unwrap(), now).await.unwrap();
    assert!(keep_roster().await > 0);
    let answering = "select count(*) from area a, lateral (select account_id from find_duties(array[a.id], now()) \
                     union all select account_id from find_leaders(array[a.id])) who where a.kind = 'ward'";
    assert!(house.count(answering).await > 0);

    let left = leaving::leave(&house.owner, now + TimeDelta::seconds(1)).await.unwrap();
    assert_eq!((left.accounts, left.open_alerts), (16, 0));
    assert!(left.duties > 0 && left.to_string().ends_with("Fill /duty with real people now."), "{left}");
    assert_eq!(house.count(answering).await, 0);
    assert_eq!(keep_roster().await, 0, "a start in demo mode brings nobody back");
    assert!(house.count("select count(*) from duty").await > 0, "who was on stays in the roster");
    assert_eq!(leaving::leave(&house.owner, now).await.unwrap().accounts, 0, "a second time changes nothing");
    house.owner.close().await;
    house.app.stop().await;
}

#[tokio::test]
async fn real_ground_and_the_demo_ward_do_not_share_a_database() {
    let house = House::empty().await;
    sqlx::query("insert into area (code, kind, name, is_demo) values ('demo-phuong-canh', 'ward', 'Phường Phương Canh', true)")
        .execute(&house.owner)
        .await
        .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let refusal = house.start(&ward_in(dir.path())).await.unwrap_err().to_string();
    assert!(refusal.contains("holds the demo ward Phường Phương Canh"), "{refusal}");
    let refusal = leaving::leave(&house.owner, Utc::now()).await.unwrap_err().to_string();
    assert!(refusal.contains("is a demo ward: its people are invented"), "{refusal}");
    house.owner.close().await;
    house.app.stop().await;
}

#[tokio::test]
async fn a_boundary_alone_is_a_ward_to_start_on() {
    let Some(boundary) = shared_data::file("areas/xuan_phuong_ward_2025.geojson") else { return };
    let house = House::empty().await;
    let settled = house.start(&boundary).await.unwrap().expect("the ward is new");
    assert_eq!((settled.code.as_str(), settled.name.as_str()), ("00622", "Phường Xuân Phương"));
    house.owner.close().await;
    house.app.stop().await;
}
