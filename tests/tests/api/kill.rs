//! The real server, killed in the middle of its work: whatever it has acknowledged is there, once, and nothing is there twice.
//! The seed is printed; `IOC_TEST_SEED` repeats a run.

use std::{
    collections::BTreeSet,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reqwest::StatusCode;
use serde_json::Value;
use server::platform::{config::Config, secrets::Secrets};
use shared::ingest::IngestAnswer;
use sqlx::PgConnection;
use tests::{
    cluster::TestDatabase,
    device::{add_device, an_alert},
    small_ward,
};
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};

const KILLS: usize = 10;
const SENDERS: usize = 4;
const BATCH: usize = 25;
const SEED: u64 = 20_261_122;
const CAMERAS: [&str; 2] = ["C-A1", "C-A2"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_ten_times_while_it_takes_alerts_in_it_has_each_acknowledged_one_once() {
    let seed = std::env::var("IOC_TEST_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(SEED);
    println!("IOC_TEST_SEED={seed}");
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let dir = tempfile::tempdir().unwrap();
    let database = TestDatabase::create().await;
    let config = database.config(dir.path());
    let mut db = database.connect("ioc_owner").await;
    small_ward::build(&mut db, &Secrets::open(&config.data_dir).unwrap()).await.unwrap();
    let token = add_device(&database, "hop-1", "A").await;
    let address = free_address();
    let mut server = Server { program: ioc(), address, config, dir: dir.path().to_owned() };

    let mut child = server.start().await;
    let story = Arc::new(Story::default());
    let senders: Vec<_> = (0..SENDERS).map(|number| tokio::spawn(send(number, address, token.clone(), story.clone()))).collect();
    let mut acknowledged_before = 0;
    for kill in 0..KILLS {
        // Any moment from the first answer of this life on: a request being read, a batch being written, a commit under way.
        let lived = Duration::from_millis(chance.random_range(1..900));
        story.wait_for_more_than(acknowledged_before).await;
        sleep(lived).await;
        child.kill().await.expect("a process of ours can be killed");
        acknowledged_before = story.acknowledged.load(Ordering::SeqCst);
        println!("kill {}: after {} ms, {acknowledged_before} alerts acknowledged so far", kill + 1, lived.as_millis());
        child = server.start().await;
    }
    story.wait_for_more_than(acknowledged_before).await;
    story.is_over.store(true, Ordering::SeqCst);
    let mut acknowledged = BTreeSet::new();
    for sender in senders {
        acknowledged.extend(timeout(Duration::from_secs(30), sender).await.expect("what is sent last is answered").unwrap());
    }
    let cut_off = story.cut_off.load(Ordering::SeqCst);
    println!(
        "{} alerts acknowledged, {cut_off} requests cut off and sent again, {} alerts known already when they came again",
        acknowledged.len(),
        story.known_already.load(Ordering::SeqCst)
    );
    compare(&mut db, &acknowledged).await;
    assert!(cut_off >= KILLS, "every kill must have cut requests off for this to mean anything");
    assert!(acknowledged.len() > KILLS * BATCH * SENDERS, "the server must have worked between the kills");
    child.kill().await.unwrap();
}

/// What the database has, beside what was acknowledged.
async fn compare(db: &mut PgConnection, acknowledged: &BTreeSet<(String, String)>) {
    let kept: Vec<(String, String)> = sqlx::query_as("select camera_code, external_id from camera_alert where external_id like 'kill-%'")
        .fetch_all(&mut *db)
        .await
        .unwrap();
    let once: BTreeSet<_> = kept.iter().cloned().collect();
    assert_eq!(kept.len(), once.len(), "an alert is there twice");
    // At the end every batch was sent until it was answered, so nothing else may be there either.
    let (missing, strange): (Vec<_>, Vec<_>) = (acknowledged.difference(&once).collect(), once.difference(acknowledged).collect());
    assert!(missing.is_empty(), "{} acknowledged alerts are not there: {:?}", missing.len(), &missing[..missing.len().min(5)]);
    assert!(strange.is_empty(), "{} alerts are there that nobody was told of: {:?}", strange.len(), &strange[..strange.len().min(5)]);

    let told: (i64, i64) = sqlx::query_as(
        "select count(*), count(distinct c.row_id) from change c join camera_alert a on a.id = c.row_id
         where c.topic = 'camera_alert' and c.op = 'insert' and a.external_id like 'kill-%'",
    )
    .fetch_one(&mut *db)
    .await
    .unwrap();
    assert_eq!(told, (once.len() as i64, once.len() as i64), "each alert stands in the change feed once");
    // One waits there from the beginning for each area.
    let quarantined: i64 = sqlx::query_scalar("select count(*) from ingest_quarantine where reason <> 'ingest.unknown_camera'")
        .fetch_one(&mut *db)
        .await
        .unwrap();
    assert_eq!(quarantined, 0, "nothing was kept aside");
}

/// What the senders and the killer know of each other.
#[derive(Default)]
struct Story {
    acknowledged: AtomicUsize,
    known_already: AtomicUsize,
    cut_off: AtomicUsize,
    is_over: AtomicBool,
}

impl Story {
    async fn wait_for_more_than(&self, acknowledged: usize) {
        let waited = timeout(Duration::from_secs(30), async {
            while self.acknowledged.load(Ordering::SeqCst) <= acknowledged {
                sleep(Duration::from_millis(2)).await;
            }
        });
        waited.await.expect("a server that has started takes alerts in within 30 s");
    }
}

/// Sends batch after batch, each until it is acknowledged; returns what was, by camera and external id.
async fn send(number: usize, address: SocketAddr, token: String, story: Arc<Story>) -> BTreeSet<(String, String)> {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
    let url = format!("http://{address}/ingest/camera-alerts");
    let mut acknowledged = BTreeSet::new();
    for batch in 0.. {
        if story.is_over.load(Ordering::SeqCst) {
            break;
        }
        let ids: Vec<_> =
            (0..BATCH).map(|place| (CAMERAS[place % CAMERAS.len()].to_owned(), format!("kill-{number}-{batch}-{place}"))).collect();
        let body = Value::Array(ids.iter().map(|(camera, id)| an_alert(camera, id, "illegal_parking")).collect()).to_string();
        let said = loop {
            let answer = http.post(&url).bearer_auth(&token).header("content-type", "application/json").body(body.clone()).send().await;
            match answer {
                Ok(answer) if answer.status() == StatusCode::OK => match answer.json::<IngestAnswer>().await {
                    Ok(said) => break said,
                    // The head of the answer came and its body did not: not an acknowledgement.
                    Err(_) => _ = story.cut_off.fetch_add(1, Ordering::SeqCst),
                },
                Ok(other) => panic!("the server answers {}: {}", other.status(), other.text().await.unwrap_or_default()),
                Err(cause) if cause.is_connect() => {}
                Err(_) => _ = story.cut_off.fetch_add(1, Ordering::SeqCst),
            }
            sleep(Duration::from_millis(10)).await;
        };
        assert_eq!((said.accepted + said.duplicate, said.rejected.len()), (BATCH, 0), "{said:?}");
        story.known_already.fetch_add(said.duplicate, Ordering::SeqCst);
        story.acknowledged.fetch_add(BATCH, Ordering::SeqCst);
        acknowledged.extend(ids);
    }
    acknowledged
}

/// `ioc serve` on the test's database.
struct Server {
    program: PathBuf,
    address: SocketAddr,
    config: Config,
    dir: PathBuf,
}

impl Server {
    /// Returns once it answers.
    async fn start(&mut self) -> Child {
        let log = self.dir.join("server.log");
        let kept = std::fs::File::options().create(true).append(true).open(&log).unwrap();
        let database = &self.config.database;
        let url = |url: &Option<String>| url.clone().expect("a test database has addresses");
        let mut child = Command::new(&self.program)
            .arg("serve")
            .current_dir(&self.dir)
            .env("DATABASE_URL", url(&database.owner_url))
            .env("IOC_APP_DATABASE_URL", url(&database.app_url))
            .env("IOC_FEED_DATABASE_URL", url(&database.feed_url))
            .env("IOC_JOB_DATABASE_URL", url(&database.job_url))
            .env("IOC_DATA_DIR", &self.config.data_dir)
            .env("IOC_LOCAL_DIR", &self.dir)
            .env("IOC_DIST_DIR", &self.config.dist_dir)
            .env("IOC_LISTEN", self.address.to_string())
            .env("IOC_LOG", "warn")
            .env_remove("IOC_CONFIG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(kept)
            .kill_on_drop(true)
            .spawn()
            .expect("the server's program can be run");
        let begun = Instant::now();
        while !answers(self.address).await {
            let ended = child.try_wait().unwrap();
            if ended.is_some() || begun.elapsed() > Duration::from_secs(60) {
                panic!("the server does not start ({ended:?}): {}", std::fs::read_to_string(&log).unwrap_or_default());
            }
            sleep(Duration::from_millis(10)).await;
        }
        child
    }
}

async fn answers(address: SocketAddr) -> bool {
    reqwest::get(format!("http://{address}/healthz")).await.is_ok_and(|answer| answer.status() == StatusCode::OK)
}

/// Below the ports that the system gives to whoever asks for any: between two starts of the server nobody is given this one.
fn free_address() -> SocketAddr {
    let mut ports = rand::rng();
    let tries = std::iter::repeat_with(|| TcpListener::bind(("127.0.0.1", ports.random_range(20_000..32_000)))).take(100);
    tries.flatten().next().expect("one of a hundred ports is free").local_addr().unwrap()
}

/// The program that was built beside these tests (`scripts/test` builds the whole workspace first).
fn ioc() -> PathBuf {
    let me = std::env::current_exe().unwrap();
    let beside = me.parent().and_then(Path::parent).expect("tests lie in target/<profile>/deps").join("ioc");
    assert!(beside.exists(), "{} is not there: `cargo build -p server` makes it", beside.display());
    beside
}
