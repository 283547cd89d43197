//! Fifty clients that lose their lines at random while ten thousand rows change: each ends with exactly what it may see, and was told
//! of each change once and in order. The seed is printed; `IOC_TEST_SEED` repeats a run.

use std::{collections::BTreeSet, convert::Infallible};

use rand::{RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use shared::live::LiveRow;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use super::{
    oracle::{may_read, same},
    *,
};

const CLIENTS: usize = 50;
const CHANGES: usize = 10_000;
const SEED: u64 = 1_107;
/// Rows stand and move here, on the ground of three TDPs in two wards; few tiles cover it.
const AROUND: [f64; 4] = [105.0, 21.004, 105.03, 21.006];

const OPEN: &[&str] = &["business", "place"];
const OF_A_HEAD: &[&str] = &["business", "camera", "household", "place"];
const OF_A_WARD: &[&str] = &["business", "camera", "camera_alert", "household", "place"];
const PEOPLE: [(&str, &[&str]); 9] = [
    ("public", OPEN),
    ("tdp_head-a1", OF_A_HEAD),
    ("tdp_head-a2", OF_A_HEAD),
    ("tdp_head-b1", OF_A_HEAD),
    ("leader-a", OF_A_WARD),
    ("operator-a", OF_A_WARD),
    ("operator-b", OF_A_WARD),
    ("police-a", OF_A_WARD),
    ("police-b", OF_A_WARD),
];

/// Ids of the rows that a screen showed when it began, by topic.
type Begun = BTreeMap<String, BTreeSet<i64>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_clients_that_lose_their_lines_are_told_everything_once_and_in_order() {
    let seed = std::env::var("IOC_TEST_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(SEED);
    println!("IOC_TEST_SEED={seed}");
    let app = TestApp::start().await;
    let mut clients = BTreeMap::new();
    for (login, _) in PEOPLE {
        clients.insert(login, if login == "public" { app.public() } else { app.sign_in(login).await });
    }

    let (over, is_over) = watch::channel(None);
    let mut watching = Vec::new();
    for number in 0..CLIENTS {
        let (login, topics) = PEOPLE[number % PEOPLE.len()];
        let (screen, begun) = first_look(login, number, clients[login].clone(), topics).await;
        let chance = ChaCha8Rng::seed_from_u64(seed + 100 + number as u64);
        watching.push((login, begun, tokio::spawn(look_on(screen, chance, is_over.clone()))));
    }

    let begun = Instant::now();
    let writers = [vec!["household", "camera"], vec!["business", "place", "camera_alert"]];
    let mut writing = Vec::new();
    for (number, tables) in writers.into_iter().enumerate() {
        writing.push(tokio::spawn(Writer::begin(&app, &tables, seed + number as u64).await.work(CHANGES / 2)));
    }
    let mut changes = 0;
    for writer in writing {
        changes += writer.await.unwrap();
    }
    println!("{changes} changes in {:.1} s", begun.elapsed().as_secs_f64());
    level(&app).await;
    // The last change of all is one that everybody hears of.
    let last: i64 = sqlx::query_scalar(
        "insert into business (code, name, sector, vsic, kind, address, geom)
         values ('LAST', 'cuối', 'G', '4711', 'household_business', 'Số 1', st_setsrid(st_point(105.005, 21.005), 4326)) returning id",
    )
    .fetch_one(&mut owner(&app).await)
    .await
    .unwrap();
    over.send(Some(last)).unwrap();

    let (mut drops, mut frames, mut rows) = (0, 0, 0);
    for (login, begun, screen) in watching {
        let (screen, lost) = screen.await.unwrap();
        rows += check_order(&screen, begun);
        (drops, frames) = (drops + lost, frames + screen.heard.len());
        for topic in &screen.topics {
            let layer = Catalogue::embedded().layer(topic).unwrap();
            let allowed = may_read(&app, &clients[login], layer).await;
            same(&format!("{}: live rows of {topic}", screen.name), &screen.tables[topic], &allowed);
        }
    }
    println!("{CLIENTS} clients lost {drops} lines; {frames} frames brought them {rows} rows");
    assert!(changes >= CHANGES);
    assert!(drops >= 4 * CLIENTS, "lines must have been lost for this to mean anything");
    assert!(rows >= changes, "the changes must have been told for this to mean anything");
    app.stop().await;
}

/// A screen with its snapshots, and what they showed.
async fn first_look(login: &str, number: usize, client: TestClient, topics: &[&str]) -> (Screen, Begun) {
    let mut screen = Screen::new(&format!("{login} ({number})"), client, topics, AROUND);
    screen.connect().await;
    let snapshots = async {
        while screen.heard.len() < topics.len() {
            screen.next().await;
        }
    };
    timeout(Duration::from_secs(30), snapshots).await.unwrap_or_else(|_| panic!("{login} has a snapshot of each of {topics:?}"));
    screen.heard.clear();
    let begun = screen.tables.iter().map(|(topic, table)| (topic.clone(), table.keys().copied().collect())).collect();
    (screen, begun)
}

/// Listens, loses its line and comes back, until it is over; then waits for the last change of all. How often it lost its line.
async fn look_on(mut screen: Screen, mut chance: ChaCha8Rng, is_over: watch::Receiver<Option<i64>>) -> (Screen, usize) {
    let mut drops = 0;
    while is_over.borrow().is_none() {
        // At any moment: frames may be on their way, or read in part.
        _ = timeout(Duration::from_millis(chance.random_range(20..1_200)), listen_on(&mut screen)).await;
        screen.lose_connection();
        drops += 1;
        sleep(Duration::from_millis(chance.random_range(0..300))).await;
        screen.connect().await;
    }
    let last = is_over.borrow().expect("it is over");
    let heard = async {
        while !screen.tables["business"].contains_key(&last) {
            screen.next().await;
        }
    };
    timeout(Duration::from_secs(20), heard).await.expect("everybody hears of the last change");
    screen.listen(QUIET).await;
    (screen, drops)
}

async fn listen_on(screen: &mut Screen) -> Infallible {
    loop {
        screen.next().await;
    }
}

/// Nothing was told again, or after what came later, and nothing went that was not there. Returns how many rows were told.
fn check_order(screen: &Screen, begun: Begun) -> usize {
    let who = &screen.name;
    assert!(screen.closed.is_empty(), "{who} was hung up on: {:?}", screen.closed);
    let mut there = begun;
    let mut stamp_of_row: BTreeMap<(&str, i64), u64> = BTreeMap::new();
    let mut stamp_of_topic: BTreeMap<&str, u64> = BTreeMap::new();
    let mut rows = 0;
    for frame in &screen.heard {
        // A snapshot or a resync would say that its position was not enough.
        let ServerFrame::Delta { topic, upsert, remove, .. } = frame else { panic!("{who} had to begin anew: {frame:?}") };
        let there = there.get_mut(topic).expect("only what was asked for is told");
        for row in remove {
            assert!(there.remove(&row.id), "{who}: {topic} {} goes and was not there", row.id);
        }
        let newest = stamp_of_topic.entry(topic).or_default();
        let before = *newest;
        for row in upsert {
            let stamp = stamp(row);
            assert!(stamp >= before, "{who}: {topic} {} is told as of change {stamp}, after change {before}", row.id);
            *newest = stamp.max(*newest);
            if let Some(known) = stamp_of_row.insert((topic, row.id), stamp) {
                assert!(stamp > known, "{who}: {topic} {} is told as of change {stamp}, and was as of {known} already", row.id);
            }
            there.insert(row.id);
        }
        rows += upsert.len() + remove.len();
    }
    let shown = screen.tables.iter().map(|(topic, table)| (topic.clone(), table.keys().copied().collect())).collect::<Begun>();
    assert_eq!(there, shown, "{who}: the frames alone come to what the screen shows");
    rows
}

/// Which change of its topic a row shows; the last change of all has none.
fn stamp(row: &LiveRow) -> u64 {
    let texts = ["name", "address", "camera_code"].into_iter().filter_map(|name| row.properties.get(name)?.as_str());
    let stamps = texts.filter_map(|text| text.split_once('#')?.1.parse().ok());
    stamps.max().unwrap_or(u64::MAX)
}

#[derive(Clone)]
struct Table {
    name: &'static str,
    rows: Vec<i64>,
    /// Those that this test has made, and so may delete.
    own: Vec<i64>,
}

/// Somebody with an editor, in transactions that take their time, so that those of two writers overlap. Each has tables of its own.
struct Writer {
    db: PgConnection,
    chance: ChaCha8Rng,
    tables: Vec<Table>,
    /// The camera of every alert that is made: it stays where it is, or two writers would wait for each other.
    camera: i64,
    /// Counts statements.
    stamp: u64,
}

impl Writer {
    async fn begin(app: &TestApp, tables: &[&'static str], seed: u64) -> Self {
        let (mut db, camera) = (owner(app).await, app.ward().a1.camera);
        let mut known = Vec::new();
        for name in tables {
            let rows: Vec<i64> = sqlx::query_scalar(&format!("select id from {name} order by id")).fetch_all(&mut db).await.unwrap();
            let rows = rows.into_iter().filter(|id| *name != "camera" || *id != camera).collect();
            known.push(Table { name, rows, own: Vec::new() });
        }
        Self { db, chance: ChaCha8Rng::seed_from_u64(seed), tables: known, camera, stamp: 0 }
    }

    /// How many rows were changed and committed.
    async fn work(mut self, changes: usize) -> usize {
        let mut committed = 0;
        while committed < changes {
            let before = self.tables.clone();
            self.db.execute("begin").await.unwrap();
            let mut changed = 0;
            for _ in 0..self.chance.random_range(1..4) {
                changed += self.change().await;
                sleep(Duration::from_millis(self.chance.random_range(1..20))).await;
            }
            if self.chance.random_bool(0.1) {
                self.db.execute("rollback").await.unwrap();
                self.tables = before;
            } else {
                self.db.execute("commit").await.unwrap();
                committed += changed;
            }
        }
        committed
    }

    /// One statement over a few rows of one table; how many it changed.
    async fn change(&mut self) -> usize {
        self.stamp += 1;
        let place = self.chance.random_range(0..self.tables.len());
        let many = self.chance.random_range(4..24);
        match self.chance.random_range(0..10) {
            0..3 => self.insert(place, many).await,
            3..5 if self.tables[place].own.len() > 40 => self.delete(place, many).await,
            3..7 => self.update(place, many, "").await,
            _ => self.update(place, many, ", geom = st_setsrid(st_point(v.lon, v.lat), 4326)").await,
        }
    }

    async fn insert(&mut self, place: usize, many: usize) -> usize {
        let name = self.tables[place].name;
        let (column, more, values) = match name {
            "household" => ("address", "", String::new()),
            "camera" => ("name", "", String::new()),
            "camera_alert" => (
                "camera_code",
                ", camera_id, external_id, kind, severity, started_at",
                format!(", {}, gen_random_uuid()::text, 'theft', 'high', clock_timestamp()", self.camera),
            ),
            "business" => ("name", ", sector, vsic, kind, address", ", 'G', '4711', 'household_business', 'Số 1'".to_owned()),
            "place" => ("name", ", kind", ", 'culture_house'".to_owned()),
            other => unreachable!("{other} is nobody's"),
        };
        let (stamp, rows) = (self.stamp, self.places((0..many as i64).collect()));
        let sql = format!(
            "insert into {name} (code, geom, {column}{more})
             select 'N{stamp}-' || v.id, st_setsrid(st_point(v.lon, v.lat), 4326), 'đổi #{stamp}'{values} from {rows} returning id"
        );
        let ids: Vec<i64> = sqlx::query_scalar(&sql).fetch_all(&mut self.db).await.unwrap_or_else(|wrong| panic!("{wrong}: {sql}"));
        let table = &mut self.tables[place];
        table.rows.extend(&ids);
        table.own.extend(&ids);
        ids.len()
    }

    async fn update(&mut self, place: usize, many: usize, also: &str) -> usize {
        let name = self.tables[place].name;
        let column = match name {
            "household" => "address",
            "camera_alert" => "camera_code",
            _ => "name",
        };
        let ids: Vec<i64> = self.tables[place].rows.sample(&mut self.chance, many).copied().collect();
        let (stamp, rows) = (self.stamp, self.places(ids));
        let sql = format!("update {name} t set {column} = 'đổi #{stamp}'{also} from {rows} where t.id = v.id");
        self.execute(&sql).await
    }

    async fn delete(&mut self, place: usize, many: usize) -> usize {
        let table = &mut self.tables[place];
        let ids: BTreeSet<i64> = table.own.sample(&mut self.chance, many).copied().collect();
        table.rows.retain(|id| !ids.contains(id));
        table.own.retain(|id| !ids.contains(id));
        let list = ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let sql = format!("delete from {} where id in ({list})", table.name);
        self.execute(&sql).await
    }

    async fn execute(&mut self, sql: &str) -> usize {
        let done = self.db.execute(sql).await.unwrap_or_else(|wrong| panic!("{wrong}: {sql}"));
        done.rows_affected() as usize
    }

    /// These numbers as rows of SQL, each with a place somewhere around.
    fn places(&mut self, ids: Vec<i64>) -> String {
        let [west, south, east, north] = AROUND;
        let rows = ids.into_iter().map(|id| {
            let (lon, lat) = (self.chance.random_range(west + 1e-4..east - 1e-4), self.chance.random_range(south + 1e-4..north - 1e-4));
            format!("({id}, {lon:.7}, {lat:.7})")
        });
        format!("(values {}) as v (id, lon, lat)", rows.collect::<Vec<_>>().join(", "))
    }
}
