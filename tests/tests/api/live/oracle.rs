//! Random accounts, random edits: what tiles and live gave each account in the end is what the database lets it read.
//! The seed is printed; `IOC_TEST_SEED` and `IOC_TEST_STEPS` repeat a run and make it shorter or longer.

use rand::{RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use super::*;

const TOPICS: [&str; 6] = ["household", "camera", "camera_alert", "business", "boarding_house", "place"];
const LOGINS: [&str; 9] =
    ["leader-a", "operator-b", "police-a", "tdp_head-a1", "tdp_head-a2", "tdp_head-b1", "landlord-a1", "one_stop-a", "admin-b"];

/// Somebody with an editor: psql, QGIS, an import. Autocommits unless in a transaction.
struct Writer {
    db: PgConnection,
    is_open: bool,
}

struct World {
    app: TestApp,
    chance: ChaCha8Rng,
    writers: Vec<Writer>,
    screens: Vec<Screen>,
    done: usize,
    refused: usize,
}

#[tokio::test]
async fn tiles_and_live_give_each_account_what_the_database_lets_it_read() {
    let from_environment = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = from_environment("IOC_TEST_SEED").unwrap_or_else(rand::random);
    let steps = from_environment("IOC_TEST_STEPS").unwrap_or(150);
    println!("IOC_TEST_SEED={seed} IOC_TEST_STEPS={steps}");

    let mut world = World::begin(seed).await;
    for step in 0..steps {
        match world.chance.random_range(0..100) {
            0..70 => world.edit(step).await,
            70..90 => world.begin_or_end_a_transaction().await,
            90..97 => world.disturb_a_screen().await,
            97..99 => world.change_an_appointment().await,
            _ => world.cut_the_feed().await,
        }
        if world.chance.random_bool(0.3) {
            world.listen(Duration::from_millis(10)).await;
        }
    }
    world.settle(steps).await;
    world.compare().await;
    println!("{} edits, {} refused by the database", world.done, world.refused);
    assert!(world.done > world.refused, "most edits must have happened for this to mean anything");
    world.app.stop().await;
}

impl World {
    async fn begin(seed: u64) -> Self {
        let app = TestApp::start().await;
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let mut writers = Vec::new();
        for _ in 0..3 {
            let mut db = owner(&app).await;
            // Two writers may want the same row: one of them is refused instead of waiting for ever.
            db.execute("set lock_timeout = '50ms'").await.unwrap();
            writers.push(Writer { db, is_open: false });
        }
        let mut screens = vec![screen("public", app.public(), &TOPICS).await];
        for login in LOGINS.sample(&mut chance, 6) {
            screens.push(screen(login, app.sign_in(login).await, &TOPICS).await);
        }
        // Twice the same account: the two share their frames.
        let twin = screens[1].client.clone();
        screens.push(screen("twin", twin, &TOPICS).await);
        Self { app, chance, writers, screens, done: 0, refused: 0 }
    }

    async fn edit(&mut self, step: u64) {
        let who = self.chance.random_range(0..self.writers.len());
        let sql = self.random_edit(step);
        let writer = &mut self.writers[who];
        match writer.db.execute(sql.as_str()).await {
            Ok(_) => self.done += 1,
            Err(_) => {
                self.refused += 1;
                // A few statements that make one transaction leave it open where one of them is refused.
                writer.db.execute("rollback").await.unwrap();
                writer.is_open = false;
            }
        }
    }

    /// One statement, or a few that make one transaction.
    fn random_edit(&mut self, step: u64) -> String {
        let table = *TOPICS.choose(&mut self.chance).unwrap();
        let row = format!(
            "id = (select id from {table} order by id offset {} % greatest(1, (select count(*) from {table})) limit 1)",
            self.chance.random_range(0..1000)
        );
        // Now and then outside of every ward.
        let point = format!(
            "st_setsrid(st_point({}, {}), 4326)",
            self.chance.random_range(105.0..105.042),
            self.chance.random_range(21.0..21.0102)
        );
        let new = |table: &str, suffix: &str| {
            let (columns, values) = match table {
                "business" => (", sector, vsic, kind, address", ", 'G', '4711', 'household_business', 'Số 1'"),
                "place" => (", kind", ", 'culture_house'"),
                "household" => (", address", ", 'Số 1'"),
                "boarding_house" => (", address, landlord_name", ", 'Số 1', 'Chủ'"),
                "camera_alert" => (
                    ", camera_id, camera_code, external_id, kind, severity, started_at",
                    ", (select min(id) from camera), 'C', gen_random_uuid()::text, 'theft', 'high', clock_timestamp()",
                ),
                _ => ("", ""),
            };
            let (name, named) = if ["household", "camera_alert"].contains(&table) { ("", "") } else { (", name", ", 'mới'") };
            format!("insert into {table} (code, geom{name}{columns}) values ('N{step}{suffix}', {point}{named}{values})")
        };
        match self.chance.random_range(0..100) {
            0..35 => format!("update {table} set geom = {point} where {row}"),
            35..50 => new(table, ""),
            50..58 => format!("delete from {table} where {row}"),
            58..63 => format!("update {table} set geom = null where {row}"),
            63..68 => format!(
                "update {table} set area_id = (select id from area where kind = 'tdp' order by id offset {} limit 1) where {row}",
                self.chance.random_range(0..3)
            ),
            68..74 => format!(
                "update camera set status = (array['online', 'offline', 'unknown'])[1 + {step} % 3], status_at = clock_timestamp(), heading_deg = {step} % 360"
            ),
            74..79 => format!("update household set unit = 'P{step}' where {}", row.replace(table, "household")),
            79..84 => format!(
                "update boarding_house set landlord_account_id = (select id from account where login = '{}') where {}",
                ["landlord-a1", "tdp_head-a2", "one_stop-a", "nobody"].choose(&mut self.chance).unwrap(),
                row.replace(table, "boarding_house")
            ),
            84..88 => format!("update resident set phone = '0999777{step:03}'"),
            88..91 => format!("update area set name = name || '.' where kind = 'tdp'; {}", new("camera", "")),
            91..96 if !self.writers.iter().any(|writer| writer.is_open) => {
                format!(
                    "begin; set local ioc.bulk = 'on'; {}; {}; update {table} set geom = {point} where {row}; commit",
                    new(table, "a"),
                    new(table, "b")
                )
            }
            96..98 if !self.writers.iter().any(|writer| writer.is_open) => "truncate place cascade".to_owned(),
            _ => format!("update {table} set geom = st_translate(geom, 0.0001, 0) where geom is not null"),
        }
    }

    async fn begin_or_end_a_transaction(&mut self) {
        let who = self.chance.random_range(0..self.writers.len());
        let ending = if self.chance.random_bool(0.85) { "commit" } else { "rollback" };
        let writer = &mut self.writers[who];
        writer.db.execute(if writer.is_open { ending } else { "begin" }).await.unwrap();
        writer.is_open = !writer.is_open;
    }

    /// Loses a line, comes back, or signs out and goes on as the public.
    async fn disturb_a_screen(&mut self) {
        let who = self.chance.random_range(0..self.screens.len());
        let signs_out = self.chance.random_bool(0.1);
        let public = self.app.public();
        let screen = &mut self.screens[who];
        if !screen.is_connected() {
            screen.connect().await;
        } else if signs_out && screen.client.cookie.is_some() {
            screen.client.send(screen.client.request(Method::DELETE, "/api/session")).await;
            screen.become_client(public);
            screen.connect().await;
        } else {
            screen.lose_connection();
        }
    }

    async fn change_an_appointment(&mut self) {
        let login = *LOGINS.choose(&mut self.chance).unwrap();
        let account = format!("(select id from account where login = '{login}')");
        let sql = match self.chance.random_range(0..3) {
            0 => format!("delete from appointment where account_id = {account}"),
            1 => format!(
                "insert into appointment (account_id, role, area_id, basis) select {account}, 'tdp_head', id, 'thử' from area where code = 'A2'"
            ),
            _ => format!("update appointment set area_id = (select id from area where code = 'A') where account_id = {account}"),
        };
        owner(&self.app).await.execute(sql.as_str()).await.unwrap();
    }

    async fn cut_the_feed(&mut self) {
        let mut admin = self.app.database.connect("postgres").await;
        admin
            .execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ioc_feed' and datname = current_database()")
            .await
            .unwrap();
    }

    /// Every screen takes in what has come; one that was hung up on connects again, as browsers do.
    async fn listen(&mut self, quiet: Duration) {
        for screen in &mut self.screens {
            let closed = screen.closed.len();
            screen.listen(quiet).await;
            if screen.closed.len() > closed {
                if screen.closed.last() == Some(&4401) {
                    screen.become_client(self.app.public());
                }
                screen.connect().await;
            }
        }
    }

    /// Ends every transaction, and waits until every screen has taken in all that came of it.
    async fn settle(&mut self, steps: u64) {
        for writer in &mut self.writers {
            if writer.is_open {
                writer.db.execute("commit").await.unwrap();
            }
        }
        level(&self.app).await;
        for screen in &mut self.screens {
            if !screen.is_connected() {
                screen.connect().await;
            }
        }
        self.listen(QUIET).await;
        self.listen(QUIET).await;
        // The last change of all is one that everybody hears of.
        let last: i64 = sqlx::query_scalar(
            "insert into business (code, name, sector, vsic, kind, address, geom)
             values ('LAST', 'cuối', 'G', '4711', 'household_business', $1, st_setsrid(st_point(105.005, 21.005), 4326)) returning id",
        )
        .bind(steps.to_string())
        .fetch_one(&mut owner(&self.app).await)
        .await
        .unwrap();
        for screen in &mut self.screens {
            let heard = async {
                while !screen.tables.get("business").is_some_and(|table| table.contains_key(&last)) {
                    screen.next().await;
                }
            };
            timeout(Duration::from_secs(20), heard).await.unwrap_or_else(|_| panic!("{} does not hear of the last change", screen.name));
        }
        self.listen(QUIET).await;
    }

    async fn compare(&mut self) {
        for screen in &self.screens {
            for topic in TOPICS {
                let layer = Catalogue::embedded().layer(topic).unwrap();
                let allowed = may_read(&self.app, &screen.client, layer).await;
                let placed = |table: &BTreeMap<i64, Shown>| -> BTreeMap<i64, Shown> {
                    table.iter().filter(|(_, row)| row.at.is_some()).map(|(id, row)| (*id, row.clone())).collect()
                };
                let live = screen.tables.get(topic).cloned().unwrap_or_default();
                let who = &screen.name;
                if layer.comes_as_rows() {
                    same(&format!("{who}: live rows of {topic}"), &live, &allowed);
                } else {
                    same(&format!("{who}: live points of {topic}"), &placed(&live), &placed(&allowed));
                }
                same(&format!("{who}: tiles of {topic}"), &within(&screen.tiles(topic).await), &within(&placed(&allowed)));
            }
        }
    }
}

/// Rows that lie in the wards: tiles are read there only.
fn within(table: &BTreeMap<i64, Shown>) -> BTreeMap<i64, Shown> {
    let [west, south, east, north] = [105.0, 21.0, 105.042, 21.0102];
    let inside =
        table.iter().filter(|(_, row)| row.at.is_some_and(|[lon, lat]| (west..east).contains(&lon) && (south..north).contains(&lat)));
    inside.map(|(id, row)| (*id, row.clone())).collect()
}

/// The rows of a layer as `ioc_app` may read them with this client's token: the judge.
pub(super) async fn may_read(app: &TestApp, client: &TestClient, layer: &Layer) -> BTreeMap<i64, Shown> {
    let mut db = app.database.connect(APP).await;
    let mut db = db.begin().await.unwrap();
    if let Some(cookie) = &client.cookie {
        let token = cookie.split_once('=').unwrap().1;
        sqlx::query("select set_config('ioc.session_token', $1, true)").bind(token).execute(&mut *db).await.unwrap();
    }
    let columns: Vec<_> = layer.properties.iter().map(|property| format!("'{0}', {0}", property.name)).collect();
    let sql = format!("select id, st_x(geom), st_y(geom), jsonb_build_object({}) from {}", columns.join(", "), layer.table);
    let rows: Vec<(i64, Option<f64>, Option<f64>, Value)> = sqlx::query_as(&sql).fetch_all(&mut *db).await.unwrap();
    let read = rows.into_iter().map(|(id, lon, lat, properties)| {
        let Value::Object(properties) = properties else { unreachable!("an object was built") };
        (id, Shown { at: lon.zip(lat).map(|(lon, lat)| [lon, lat]), properties: without_nulls(in_utc(layer, properties)) })
    });
    read.collect()
}

/// PostgreSQL writes a moment with its session's offset; the wire has `Z`.
fn in_utc(layer: &Layer, mut properties: Map<String, Value>) -> Map<String, Value> {
    for property in layer.properties.iter().filter(|property| property.kind == PropertyKind::Time) {
        if let Some(Value::String(text)) = properties.get_mut(&property.name) {
            let at = chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc();
            *text = at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
        }
    }
    properties
}

/// Tiles round places to 1/4096 of a tile and reals to 32 bits.
pub(super) fn same(what: &str, given: &BTreeMap<i64, Shown>, allowed: &BTreeMap<i64, Shown>) {
    let ids = |table: &BTreeMap<i64, Shown>| table.keys().copied().collect::<Vec<_>>();
    assert_eq!(ids(given), ids(allowed), "{what}: other rows");
    for (id, row) in given {
        let truth = &allowed[id];
        let is_near = match (row.at, truth.at) {
            (Some([lon, lat]), Some([true_lon, true_lat])) => (lon - true_lon).abs() < 2e-6 && (lat - true_lat).abs() < 2e-6,
            (None, None) => true,
            _ => false,
        };
        assert!(is_near, "{what}: row {id} is at {:?}, not at {:?}", truth.at, row.at);
        let keys = |row: &Shown| row.properties.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(row), keys(truth), "{what}: row {id}");
        for (name, value) in &row.properties {
            let is_same = match (value.as_f64(), truth.properties[name].as_f64()) {
                (Some(given), Some(true_one)) => (given - true_one).abs() <= true_one.abs() * 1e-6,
                _ => *value == truth.properties[name],
            };
            assert!(is_same, "{what}: row {id} has {name} {value}, not {}", truth.properties[name]);
        }
    }
}
