//! `ioc import osm` into a real PostGIS: where the rows go, that a second time changes nothing, what is refused.

use std::path::{Path, PathBuf};

use server::import::osm::problems::Layer;
use server::import::osm::{self, ImportOsm, Summary};
use server::platform::database::Database;
use sqlx::PgPool;
use tempfile::TempDir;
use tests::cluster::{TestDatabase, project_root};
use tests::shared_data;

/// An empty database, its owner, and a folder for reports.
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

    async fn import(&self, args: ImportOsm) -> Summary {
        osm::run(&self.owner, args, self.dir.path()).await.unwrap()
    }

    async fn refusal(&self, args: ImportOsm) -> String {
        format!("{:#}", osm::run(&self.owner, args, self.dir.path()).await.unwrap_err())
    }

    async fn count(&self, sql: &str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.owner).await.unwrap()
    }

    /// Each row of a table as text, by its code: what must be the same after a second import.
    async fn rows(&self, table: &str) -> Vec<String> {
        sqlx::query_scalar(&format!("select t::text from {table} t order by code")).fetch_all(&self.owner).await.unwrap()
    }
}

fn fixture(name: &str) -> PathBuf {
    project_root().join(format!("tests/fixtures/osm/{name}.osm"))
}

const TABLES: [&str; 6] = ["road", "building", "water", "land_use", "place", "business"];

#[tokio::test]
async fn a_file_becomes_a_ward_with_tdps_that_tile_it() {
    let desk = Desk::new().await;
    let args = ImportOsm { name: Some("Phường Thử".to_owned()), tdps: 3, ..ImportOsm::of(fixture("way_over_the_edge")) };
    let summary = desk.import(args).await;
    assert_eq!((summary.ward_code.as_str(), summary.ward_is_new, summary.tdps), ("osm-way_over_the_edge", true, 3));
    let tiled = "select count(*) from area ward where kind = 'ward' and name = 'Phường Thử' and st_equals(boundary, \
                 (select st_union(boundary) from area where parent_id = ward.id))";
    assert_eq!(desk.count(tiled).await, 1);
    let overlaps = "select count(*) from area a join area b on a.id < b.id and a.kind = 'tdp' and b.kind = 'tdp' \
                    and st_area(st_intersection(a.boundary, b.boundary)) > 0";
    assert_eq!(desk.count(overlaps).await, 0);
    // the house on the edge keeps its shape; its middle lies beyond the bounds, so it is the ward's and no TDP's
    let on_the_edge = "select count(*) from building b join area a on a.id = b.area_id and a.id = b.ward_id \
                       where b.code = 'osm-w101' and st_xmax(footprint) > st_xmax(a.boundary) and storeys = 3";
    assert_eq!(desk.count(on_the_edge).await, 1);
}

#[tokio::test]
async fn importing_again_changes_no_row_and_keeps_what_people_added() {
    let desk = Desk::new().await;
    for name in ["alleys", "building_with_a_hole", "bow_tie_polygon", "incomplete_relation"] {
        let args = || ImportOsm { code: Some("thu".to_owned()), ..ImportOsm::of(fixture(name)) };
        let first = desk.import(args()).await;
        let mut before = Vec::new();
        for table in TABLES {
            before.push(desk.rows(table).await);
        }
        let again = desk.import(args()).await;
        assert_eq!(again.counts, first.counts, "{name}");
        for (table, rows) in TABLES.iter().zip(before) {
            assert_eq!(desk.rows(table).await, rows, "{name}: {table}");
        }
    }
    let parent = "select count(*) from road hem join road ngach on ngach.id = hem.parent_id \
                  where hem.code = 'osm-w103' and ngach.code = 'osm-w102' and hem.number = '12/34/6'";
    assert_eq!(desk.count(parent).await, 1);
    let cafe = "select count(*) from business b join building h on h.id = b.building_id \
                where b.name = 'Cà phê Ngõ' and h.code = 'osm-r200' and b.sector = 'I' and b.status = 'operating'";
    assert_eq!(desk.count(cafe).await, 1);

    sqlx::query("update business set status = 'closed', tax_code = '0101234567'").execute(&desk.owner).await.unwrap();
    desk.import(ImportOsm { code: Some("thu".to_owned()), ..ImportOsm::of(fixture("building_with_a_hole")) }).await;
    assert_eq!(desk.count("select count(*) from business where status = 'closed' and tax_code = '0101234567'").await, 2);
}

#[tokio::test]
async fn what_lies_outside_the_named_ward_is_reported_and_not_loaded() {
    let desk = Desk::new().await;
    let left_half = "insert into area (code, kind, name, boundary) values ('00001', 'ward', 'Phường Tây', \
                     st_multi(st_makeenvelope(105.7390, 21.0390, 105.7405, 21.0420, 4326)))";
    sqlx::query(left_half).execute(&desk.owner).await.unwrap();
    let args = || ImportOsm { area: Some("00001".to_owned()), ..ImportOsm::of(fixture("alleys")) };
    let summary = desk.import(args()).await;
    let roads = summary.count(Layer::Road);
    assert_eq!((roads.in_file, roads.imported, roads.left_out), (5, 4, 1));
    assert_eq!(roads.over_the_edge, 1, "the street runs out of the ward and stays whole");
    assert_eq!(desk.count("select count(*) from road").await, 4);
    let report = std::fs::read_to_string(&summary.rejects).unwrap();
    assert!(report.contains("w104,road,left_out,outside_area,"), "{report}");

    // once the other half is a ward as well, what has its middle there is no longer this ward's
    let right_half = left_half
        .replace("00001", "00002")
        .replace("Tây", "Đông")
        .replace("105.7390", "105.7405")
        .replace("105.7405, 21.0420", "105.7420, 21.0420");
    sqlx::query(&right_half).execute(&desk.owner).await.unwrap();
    let over = desk.refusal(ImportOsm::of(fixture("alleys"))).await;
    assert!(over.contains("lies over ward 00001 (Phường Tây): import it there with --area 00001"), "{over}");
}

#[tokio::test]
async fn a_refusal_says_what_to_do_and_leaves_nothing_behind() {
    let desk = Desk::new().await;
    let here = |name: &str| desk.dir.path().join(name);
    std::fs::write(here("cut.osm"), "<osm>\n <node id=\"1\" lat=\"21\" lon=\"105\"/>\n <way id=\"2\">").unwrap();
    let cut = desk.refusal(ImportOsm::of(here("cut.osm"))).await;
    assert!(cut.contains("cut.osm cannot be imported: line 3 (byte 54)") && cut.contains("cut off"), "{cut}");
    let absent = desk.refusal(ImportOsm::of(here("absent.osm"))).await;
    assert!(absent.contains("cannot open") && absent.contains("absent.osm"), "{absent}");
    let nowhere = desk.refusal(ImportOsm { area: Some("99999".to_owned()), ..ImportOsm::of(fixture("alleys")) }).await;
    assert!(nowhere.starts_with("there is no area 99999"), "{nowhere}");
    let unwritable = ImportOsm { rejects: Some(desk.dir.path().to_owned()), ..ImportOsm::of(fixture("alleys")) };
    let unwritable = desk.refusal(unwritable).await;
    assert!(unwritable.contains("cannot write the report"), "{unwritable}");
    assert_eq!(desk.count("select count(*) from area").await, 0, "no ward without its report");
    let tdp = ImportOsm { code: Some("w".to_owned()), ..ImportOsm::of(fixture("alleys")) };
    desk.import(tdp).await;
    let in_tdp = desk.refusal(ImportOsm { area: Some("w-tdp1".to_owned()), ..ImportOsm::of(fixture("alleys")) }).await;
    assert!(in_tdp.starts_with("w-tdp1 (Tổ dân phố 1) is a tdp, not a ward"), "{in_tdp}");
}

/// Outlines on a small grid, so that they touch, cross and double back all the time.
fn random_quarter(random: &mut impl rand::Rng) -> String {
    use rand::RngExt;
    let mut text = String::from("<osm><bounds minlat='21.0400' minlon='105.7400' maxlat='21.0405' maxlon='105.7405'/>");
    for node in 0..36 {
        let (lon, lat) = (105.74 + f64::from(node / 6) * 1e-4, 21.04 + f64::from(node % 6) * 1e-4);
        text += &format!("<node id='{node}' lat='{lat:.7}' lon='{lon:.7}'/>");
    }
    for way in 0..40 {
        let corners: Vec<_> = (0..random.random_range(3..9)).map(|_| random.random_range(0..36)).collect();
        text += &format!("<way id='{way}'>");
        corners.iter().chain(&corners[..1]).for_each(|node| text += &format!("<nd ref='{node}'/>"));
        text += ["<tag k='building' v='yes'/>", "<tag k='natural' v='water'/>", "<tag k='landuse' v='grass'/>"][way % 3];
        text += "</way>";
    }
    text += "<relation id='1'><tag k='type' v='multipolygon'/><tag k='landuse' v='residential'/>";
    for _ in 0..4 {
        let (way, role) = (random.random_range(0..40), ["outer", "inner", ""][random.random_range(0..3)]);
        text += &format!("<member type='way' ref='{way}' role='{role}'/>");
    }
    text + "</relation></osm>"
}

/// Our own check of a polygon and PostGIS's must agree, or one bad outline would stop a whole import.
#[tokio::test]
async fn postgis_takes_every_outline_that_was_repaired() {
    use rand::SeedableRng;
    let desk = Desk::new().await;
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(21);
    let mut repaired = 0;
    for round in 0..25 {
        let path = desk.dir.path().join(format!("{round}.osm"));
        std::fs::write(&path, random_quarter(&mut random)).unwrap();
        let summary = desk.import(ImportOsm { code: Some("luoi".to_owned()), ..ImportOsm::of(path) }).await;
        repaired += summary.counts.values().map(|count| count.repaired).sum::<usize>();
    }
    assert!(repaired > 300, "{repaired} outlines were broken enough to try this");
}

#[tokio::test]
async fn a_real_quarter_of_hanoi_stands_on_the_map() {
    let Some(path) = shared_data::file("osm/hanoi_quoctugiam_2023.osm") else { return };
    let desk = Desk::new().await;
    let summary = desk.import(ImportOsm::of(Path::new(&path))).await;
    assert_eq!(desk.count("select count(*) from building").await, 497);
    assert_eq!(desk.count("select count(*) from building where storeys is not null").await, 47);
    assert_eq!(desk.count("select count(*) from building where house_number is not null").await, 77, "62 of their own, 15 from nodes");
    assert_eq!(desk.count("select count(*) from road").await, 504);
    assert_eq!(desk.count("select count(*) from road where name is not null").await, 201);
    for (layer, table) in Layer::OF_THE_MAP.iter().zip(["road", "building", "water", "land_use", "place", "business"]) {
        let count = summary.count(*layer);
        assert_eq!(desk.count(&format!("select count(*) from {table}")).await, count.imported as i64, "{table}");
        assert_eq!(count.in_file, count.imported + count.left_out, "{table}");
        let in_tdps = format!("select count(distinct area_id) from {table} t join area a on a.id = t.area_id and a.kind = 'tdp'");
        assert!(desk.count(&in_tdps).await >= 3, "{table}: the TDPs share it among themselves");
    }
    // one reload per topic and area, not thousands of rows
    assert_eq!(desk.count("select count(*) from change where op <> 'reload'").await, 0);
}
