//! The demo ward as it stands in the tables, held against what is published of Phường Phương Canh, and people on a quarter
//! that was imported. It deliberately asks PostGIS itself: the generation has its own tests.

use server::demo::{self, PeopleArgs, digest};
use server::import::osm;
use server::platform::database::Database;
use server::platform::national_id;
use server::platform::secrets::Secrets;
use sqlx::{PgConnection, PgPool};
use tests::cluster::TestDatabase;
use tests::shared_data;

/// An empty, migrated database with an owner and keys of its own.
pub(super) struct Installation {
    pub(super) owner: PgPool,
    secrets: Secrets,
    /// Dropped last: it takes the database with it.
    _database: TestDatabase,
    dir: tempfile::TempDir,
}

impl Installation {
    async fn new() -> Self {
        Self::on(TestDatabase::create().await, tempfile::tempdir().unwrap()).await
    }

    pub(super) async fn with_demo_ward() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = server::platform::config::Config::for_tests(dir.path()).data_dir;
        Self::on(TestDatabase::seeded(&data_dir).await, dir).await
    }

    async fn on(database: TestDatabase, dir: tempfile::TempDir) -> Self {
        let config = database.config(dir.path());
        let owner = Database::open(&config).await.unwrap().owner().await.unwrap();
        Self { owner, secrets: Secrets::open(&config.data_dir).unwrap(), _database: database, dir }
    }

    /// The same keys once more, for whoever takes them along.
    pub(super) fn open_secrets(&self) -> Secrets {
        Secrets::open(&server::platform::config::Config::for_tests(self.dir.path()).data_dir).unwrap()
    }

    pub(super) async fn count(&self, sql: &str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.owner).await.unwrap_or_else(|cause| panic!("{cause}: {sql}"))
    }

    async fn digest(&self) -> String {
        let mut connection: sqlx::pool::PoolConnection<_> = self.owner.acquire().await.unwrap();
        let connection: &mut PgConnection = &mut connection;
        digest::of_demo_wards(connection).await.unwrap()
    }

    /// Each question counts rows that are wrong.
    pub(super) async fn has_none(&self, wrong: &[(&str, &str)]) {
        for (what, from) in wrong {
            assert_eq!(self.count(&format!("select count(*) from {from}")).await, 0, "{what}");
        }
    }
}

/// What must hold of people in any ward, invented or imported.
pub(super) const WRONG_ANYWHERE: [(&str, &str); 14] = [
    ("households outside their building", "household h join building b on b.id = h.building_id where not st_covers(b.footprint, h.geom)"),
    ("two households on one point", "household a join household b on a.building_id = b.building_id and a.id < b.id and a.geom = b.geom"),
    ("households in another area than the one they stand in", "household h where h.area_id <> area_at(h.geom)"),
    ("addresses that are not the building's", "household h join building b on b.id = h.building_id where b.address <> h.address"),
    (
        "households without exactly one head",
        "household h where 1 <> (select count(*) from resident r where r.household_id = h.id and r.relation = 'head')",
    ),
    ("heads under 18", "resident where relation = 'head' and birth_date > date '2026-11-01' - interval '18 years'"),
    (
        "children less than 16 years younger than the head",
        "resident c join resident p using (household_id) where c.relation = 'child' and p.relation = 'head' and c.birth_date < p.birth_date + interval '16 years'",
    ),
    (
        "heads less than 16 years younger than their parents",
        "resident c join resident p using (household_id) where c.relation = 'head' and p.relation = 'parent' and c.birth_date < p.birth_date + interval '16 years'",
    ),
    ("people without a sealed number", "resident where national_id_encrypted is null or length(national_id_hash) <> 32"),
    ("people with a number twice", "(select from resident group by national_id_hash having count(*) > 1) twice"),
    ("counts of members that are wrong", "household h where member_count <> (select count(*) from resident r where r.household_id = h.id)"),
    ("households in boarding houses", "household h join boarding_house b using (building_id)"),
    (
        "tenants declared in rooms that are not, or before they came",
        "tenancy t join room r on r.id = t.room_id where t.declared_at is not null and (r.declared_at is null or t.declared_at::date < t.from_on)",
    ),
    (
        "cameras further than 12 m from every road",
        "camera c where not exists (select from road r where st_dwithin(r.geom::geography, c.geom::geography, r.width_m / 2 + 6))",
    ),
];

#[tokio::test]
async fn the_demo_ward_has_the_published_figures() {
    let ward = Installation::with_demo_ward().await;
    let figures = [
        (8, "select count(*) from area where kind = 'tdp' and is_demo"),
        (7_528, "select count(*) from household"),
        (19_975, "select count(*) from resident"),
        (4_783, "select count(*) from room"),
        (2_200, "select count(*) from room where declared_at is not null"),
        (8_640, "select count(*) from tenancy where until_on is null"),
        (4_300, "select count(*) from tenancy where declared_at is not null"),
        (4_300, "select sum(declared_tenant_count) from boarding_house"),
        (60, "select count(*) from camera"),
        (3, "select count(*) from camera where status = 'offline'"),
        (1_100, "select count(*) from business"),
        (19, "select count(*) from account where is_demo"),
        // A few of these came without coordinates and wait in the tray.
        (6, "select count(*) from household where geom is null and building_id is null"),
        (1, "select count(*) from boarding_house where geom is null"),
        (4, "select count(*) from business where geom is null"),
    ];
    for (expected, sql) in figures {
        assert_eq!(ward.count(sql).await, expected, "{sql}");
    }
    // Nothing was told row by row.
    ward.has_none(&[("changes that are no reload", "change where op <> 'reload'")]).await;

    assert!(demo::seed(&ward.owner, &ward.secrets, 151).await.unwrap().is_none(), "a second seed changes nothing");
    assert_eq!(ward.count("select count(*) from household").await, 7_528);
}

#[tokio::test]
async fn people_of_the_demo_ward_make_sense() {
    let ward = Installation::with_demo_ward().await;
    ward.has_none(&WRONG_ANYWHERE).await;
    ward.has_none(&[
        (
            "addresses that do not end in the name of the road the house stands on",
            "household h join building b on b.id = h.building_id join road r on r.id = b.road_id \
               where lower(h.address) not like '%' || lower(coalesce(r.name, '?'))",
        ),
        (
            "rows outside the TDPs",
            "(select area_id from household union all select area_id from camera) t join area a on a.id = t.area_id where a.kind <> 'tdp'",
        ),
        ("businesses without section, class and tax code", "business where vsic !~ '^[0-9]{4}$' or tax_code !~ '^[0-9]{10}$'"),
    ])
    .await;
    let shares = [
        ("children under 15", 20, 27, "birth_date > date '2011-11-01'"),
        ("people of 65 and more", 6, 12, "birth_date <= date '1961-11-01'"),
        ("men", 46, 52, "sex = 'male'"),
        ("permanent residents", 75, 90, "residence_kind = 'permanent'"),
        ("people called Nguyễn", 35, 42, "name like 'Nguyễn %'"),
    ];
    for (who, low, high, condition) in shares {
        let share = ward.count(&format!("select count(*) * 100 / 19975 from resident where {condition}")).await;
        assert!((low..=high).contains(&share), "{who}: {share} %");
    }
    // 0.0028 degrees are about 300 m. Tenants live where the college and the workshops are, shops stand on streets.
    let near = "exists (select from building m where m.use in ('campus', 'factory') and st_dwithin(m.footprint, geom, 0.0028))";
    let tenants =
        ward.count(&format!("select sum(tenant_count) filter (where {near}) * 100 / sum(tenant_count) from boarding_house")).await;
    let households = ward.count(&format!("select count(*) filter (where {near}) * 100 / count(*) from household")).await;
    assert!(tenants > households + 10, "{tenants} % of the tenants and {households} % of the households within 300 m");
    let on_streets = "select count(*) filter (where r.class in ('national_road', 'main_road', 'street')) * 100 / count(*) \
        from business s join building b on b.id = s.building_id left join road r on r.id = b.road_id";
    assert!(ward.count(on_streets).await > 70);

    // A number can be opened with the installation's keys, in its own row.
    let (uid, sealed, born, sex): (uuid::Uuid, Vec<u8>, chrono::NaiveDate, String) =
        sqlx::query_as("select uid, national_id_encrypted, birth_date, sex from resident order by id limit 1")
            .fetch_one(&ward.owner)
            .await
            .unwrap();
    let number = national_id::open(&ward.secrets, "resident", uid, &sealed).unwrap();
    let century = if born < chrono::NaiveDate::from_ymd_opt(2000, 1, 1).unwrap() { 0 } else { 2 } + i32::from(sex == "female");
    assert!(number.starts_with(&format!("001{century}{}", born.format("%y"))) && number.len() == 12, "a number of the right structure");
}

#[tokio::test]
async fn the_same_seed_makes_the_same_ward_and_another_seed_another() {
    let (first, again, other) = (Installation::with_demo_ward().await, Installation::new().await, Installation::new().await);
    // Row numbers and clocks of two installations differ; their wards do not.
    for sequence in ["resident", "household", "building", "area"] {
        let skip = format!("select setval(pg_get_serial_sequence('{sequence}', 'id'), 5000)");
        sqlx::query(&skip).execute(&again.owner).await.unwrap();
    }
    demo::seed(&again.owner, &again.secrets, demo::terrain::DEFAULT_SEED).await.unwrap().unwrap();
    assert_eq!(first.digest().await, again.digest().await);
    demo::seed(&other.owner, &other.secrets, 7).await.unwrap().unwrap();
    assert_ne!(first.digest().await, other.digest().await);
    assert_eq!(other.count("select count(*) from resident").await, 19_975, "the figures are the ward's, whatever the seed");
    sqlx::query("update resident set occupation = 'nhà du hành' where id = (select min(id) from resident)")
        .execute(&again.owner)
        .await
        .unwrap();
    assert_ne!(first.digest().await, again.digest().await, "one changed word shows");
}

#[tokio::test]
async fn people_move_into_an_imported_quarter() {
    let Some(file) = shared_data::file("osm/hanoi_quoctugiam_2023.osm") else { return };
    let ward = Installation::new().await;
    osm::run(&ward.owner, osm::ImportOsm::of(&file), ward.dir.path()).await.unwrap();
    let buildings = ward.count("select count(*) from building").await;
    let args = PeopleArgs { area: "osm-hanoi_quoctugiam_2023".into(), seed: 3 };
    let settled = demo::settle_people(&ward.owner, &ward.secrets, &args).await.unwrap().expect("nobody lived there");
    assert_eq!(ward.count("select count(*) from household").await, settled.households as i64);
    assert!((300..900).contains(&settled.households), "{settled} in {buildings} buildings");
    assert!((4..=10).contains(&settled.cameras));
    ward.has_none(&WRONG_ANYWHERE).await;
    ward.has_none(&[("areas that do not say they are demo data", "area where kind <> 'province' and not is_demo")]).await;
    assert_eq!(ward.count("select count(*) from building").await, buildings, "no building was drawn");
    assert!(demo::settle_people(&ward.owner, &ward.secrets, &args).await.unwrap().is_none(), "a second run changes nothing");
}

#[tokio::test]
async fn demo_people_do_not_mix_with_real_ones() {
    let ward = Installation::new().await;
    sqlx::query(
        "with ward as (insert into area (code, kind, name, boundary) values ('00622', 'ward', 'Phường Thật', \
           st_multi(st_makeenvelope(105.70, 21.00, 105.71, 21.01, 4326))) returning id) \
         insert into household (code, area_id, ward_id, address) select 'H1', id, id, 'Số 1' from ward",
    )
    .execute(&ward.owner)
    .await
    .unwrap();
    let refusal = demo::seed(&ward.owner, &ward.secrets, 1).await.unwrap_err().to_string();
    assert!(refusal.contains("Phường Thật"), "{refusal}");
    let args = |area: &str| PeopleArgs { area: area.into(), seed: 1 };
    let refusal = demo::settle_people(&ward.owner, &ward.secrets, &args("00622")).await.unwrap_err().to_string();
    assert!(refusal.contains("Phường Thật"), "{refusal}");
    let refusal = demo::settle_people(&ward.owner, &ward.secrets, &args("nowhere")).await.unwrap_err().to_string();
    assert!(refusal.contains("ioc import osm"), "{refusal}");
    assert_eq!(ward.count("select count(*) from area").await, 1);
}
