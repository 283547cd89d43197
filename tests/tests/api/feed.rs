//! The change feed on a real PostgreSQL: nothing is lost, nothing comes twice, the later write comes later, whatever the
//! transactions do. It deliberately tests no layer: most changes here are written by hand.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::Ordering,
    time::Duration,
};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use server::feed::{Change, Op, Position};
use sqlx::{Connection, Executor};
use tests::feed_scene::{Scene, say};
use tokio::time::timeout;

#[tokio::test]
async fn of_two_overlapping_transactions_the_one_that_commits_last_is_not_lost() {
    let scene = Scene::start().await;
    let (mut slow, mut quick) = (scene.writer().await, scene.writer().await);
    let mut slow = slow.begin().await.unwrap();
    let lower = say(&mut slow, "said", 1, "slow").await;
    let higher = say(&mut quick, "said", 2, "quick").await;
    assert!(lower < higher);
    scene.level().await;
    assert_eq!(scene.recorder.words("said"), ["quick"], "the other is not committed");
    slow.commit().await.unwrap();
    scene.level().await;
    assert_eq!(scene.recorder.words("said"), ["quick", "slow"]);
}

#[tokio::test]
async fn the_later_write_of_a_row_comes_later_even_from_the_lower_transaction() {
    let scene = Scene::start().await;
    for together in [true, false] {
        let held = if together { Some(scene.hold().await) } else { None };
        let (mut first, mut second) = (scene.writer().await, scene.writer().await);
        let mut first = first.begin().await.unwrap();
        first.execute("select pg_current_xact_id()").await.unwrap();
        let topic = if together { "one batch" } else { "two batches" };
        say(&mut second, topic, 1, "older").await;
        if !together {
            scene.level().await;
        }
        say(&mut first, topic, 1, "newer").await;
        first.commit().await.unwrap();
        drop(held);
        scene.level().await;
        assert_eq!(scene.recorder.words(topic), ["older", "newer"], "{topic}");
    }
}

#[tokio::test]
async fn a_transaction_left_open_delays_nobody() {
    let scene = Scene::start().await;
    let mut forgotten = scene.writer().await;
    let mut forgotten = forgotten.begin().await.unwrap();
    say(&mut forgotten, "said", 1, "forgotten").await;
    let mut writer = scene.writer().await;
    for number in 0..20 {
        let word = format!("{number}");
        say(&mut writer, "said", 2, &word).await;
        let arrived = async {
            while scene.recorder.words("said").last() != Some(&word) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(Duration::from_secs(10), arrived).await.expect("a change arrives though another transaction is open");
    }
    forgotten.commit().await.unwrap();
    scene.level().await;
    assert_eq!(scene.recorder.words("said").len(), 21);
    assert_eq!(scene.recorder.words("said")[20], "forgotten");
}

#[tokio::test]
async fn a_backlog_longer_than_a_batch_is_cut_without_losing_or_repeating() {
    let scene = Scene::start().await;
    let held = scene.hold().await;
    let (mut slow, mut quick) = (scene.writer().await, scene.writer().await);
    let mut slow = slow.begin().await.unwrap();
    for round in 0..30 {
        // The two take turns, so the slow one's numbers lie among the others' and below the first cuts.
        say(&mut slow, "slow", round, "x").await;
        quick.execute("insert into change (topic, op, row_id, after) select 'quick', 'update', i, '{\"word\":\"x\"}' from generate_series(1, 400) i").await.unwrap();
    }
    drop(held);
    // Committed while the reader is on its way through the backlog, or right behind it.
    slow.commit().await.unwrap();
    scene.level().await;
    let seqs = scene.recorder.seqs();
    assert_eq!(seqs.len(), 1 + 30 + 12_000);
    assert_eq!(seqs.iter().copied().collect::<BTreeSet<_>>(), scene.written().await, "each once, none missing");
    let batches = scene.recorder.batches.lock().unwrap().clone();
    assert!(batches.iter().filter(|batch| !batch.position.is_whole()).count() >= 11, "it was read in two parts, and cut");
    for pair in batches.windows(2) {
        // A reading that finds nothing more turns the position of a cut into one of a whole snapshot, without a batch.
        assert!(pair[1].from == pair[0].position || pair[1].from.includes(&pair[0].position), "{pair:?}");
    }
    for (index, batch) in batches.iter().enumerate() {
        // A client may come back from any of these positions, over the wire.
        let position: Position = batch.position.to_string().parse().unwrap();
        for (other, held) in batches.iter().enumerate() {
            assert!(held.changes.iter().all(|change| position.sees(change) == (other <= index)), "batch {other} from position {index}");
        }
    }
}

#[tokio::test]
async fn a_database_that_drops_the_connection_costs_nothing() {
    let scene = Scene::start().await;
    let mut writer = scene.writer().await;
    let mut admin = scene.database.connect("postgres").await;
    for round in 0..60 {
        say(&mut writer, "said", round, "x").await;
        if round % 20 == 10 {
            let end =
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'ioc_feed' and datname = current_database()";
            // Between two of them the reader may just be connecting.
            while sqlx::query_scalar::<_, i64>(end).fetch_one(&mut admin).await.unwrap() == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }
    scene.level().await;
    let seqs = scene.recorder.seqs();
    assert_eq!(seqs.len(), 60);
    assert_eq!(seqs.into_iter().collect::<BTreeSet<_>>(), scene.written().await);
    assert_eq!(scene.recorder.begun.lock().unwrap().len(), 1, "a lost connection is no new epoch");
    assert!(scene.feed.is_current());
}

#[tokio::test]
async fn a_follower_that_fails_gets_the_batch_again() {
    let scene = Scene::start().await;
    scene.recorder.refuse.store(2, Ordering::SeqCst);
    let mut writer = scene.writer().await;
    say(&mut writer, "said", 1, "once").await;
    say(&mut writer, "said", 1, "twice").await;
    scene.level().await;
    assert_eq!(scene.recorder.words("said"), ["once", "twice"]);
}

/// Writers that overlap, roll back, use savepoints and leave transactions open, while connections are cut.
#[tokio::test]
async fn whatever_the_transactions_do_every_change_comes_once_and_each_rows_in_order() {
    let seed: u64 = std::env::var("IOC_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random);
    println!("IOC_TEST_SEED={seed}");
    let scene = Scene::start().await;
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut writers = Vec::new();
    for _ in 0..5 {
        writers.push(scene.writer().await);
    }
    let mut open = [false; 5];
    let mut admin = scene.database.connect("postgres").await;
    for step in 0..400i64 {
        let who = chance.random_range(0..5);
        let writer = &mut writers[who];
        match chance.random_range(0..10) {
            0..2 if !open[who] => {
                writer.execute("begin").await.unwrap();
                open[who] = true;
            }
            2..4 if open[who] => {
                writer.execute(if chance.random_bool(0.8) { "commit" } else { "rollback" }).await.unwrap();
                open[who] = false;
            }
            4 if open[who] => {
                writer.execute("savepoint here").await.unwrap();
                say(writer, "random", who as i64, &step.to_string()).await;
                writer.execute(if chance.random_bool(0.5) { "rollback to here" } else { "release here" }).await.unwrap();
            }
            5 if chance.random_bool(0.1) => {
                admin
                    .execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ioc_feed' and datname = current_database()")
                    .await
                    .unwrap();
            }
            _ => _ = say(writer, "random", who as i64, &step.to_string()).await,
        }
        if chance.random_bool(0.1) {
            tokio::time::sleep(Duration::from_millis(chance.random_range(0..40))).await;
        }
    }
    for (writer, is_open) in writers.iter_mut().zip(open) {
        if is_open {
            writer.execute("commit").await.unwrap();
        }
    }
    scene.level().await;
    let seqs = scene.recorder.seqs();
    assert_eq!(seqs.len(), seqs.iter().collect::<BTreeSet<_>>().len(), "nothing twice");
    assert_eq!(seqs.iter().copied().collect::<BTreeSet<_>>(), scene.written().await, "nothing lost");
    let mut last: BTreeMap<i64, i64> = BTreeMap::new();
    for change in scene.recorder.changes() {
        let before = last.insert(change.row_id.unwrap(), change.seq);
        assert!(before < Some(change.seq), "row {:?} went back", change.row_id);
    }
}

#[tokio::test]
async fn an_edit_carries_both_areas_and_both_images_and_an_idle_one_nothing() {
    let scene = Scene::with_small_wards().await;
    let mut writer = scene.writer().await;
    let (id, old): (i64, i32) = sqlx::query_as("select id, area_id from camera where code = 'C-A1'").fetch_one(&mut writer).await.unwrap();
    writer.execute("update camera set name = name").await.unwrap();
    writer.execute("update camera set geom = st_setsrid(st_point(105.015, 21.004), 4326) where code = 'C-A1'").await.unwrap();
    writer.execute("update resident set phone = '0999777000'").await.unwrap();
    scene.level().await;
    let changes = scene.recorder.changes();
    let [moved, residents @ ..] = changes.as_slice() else { panic!("nothing came") };
    assert_eq!((&*moved.topic, moved.op, moved.row_id, moved.old_area_id), ("camera", Op::Update, Some(id), Some(old)));
    assert_ne!(moved.area_id, Some(old));
    let (before, after) = (moved.before.as_ref().unwrap(), moved.after.as_ref().unwrap());
    assert_eq!((after["lon"].as_f64(), after["lat"].as_f64()), (Some(105.015), Some(21.004)));
    assert_eq!(before["name"], after["name"]);
    assert!(after.get("stream").is_none(), "the recorder's address is no property of the layer: {after}");
    assert_eq!(residents.len(), 3);
    for resident in residents {
        assert_eq!((&*resident.topic, resident.after.as_ref()), ("resident", Some(&json!({}))), "a resident's change names its id alone");
    }
}

#[tokio::test]
async fn truncate_and_bulk_loads_say_reload_once_per_topic_and_area() {
    let scene = Scene::with_small_wards().await;
    let mut writer = scene.writer().await;
    let areas: BTreeSet<Option<i32>> =
        sqlx::query_scalar("select distinct area_id from business").fetch_all(&mut writer).await.unwrap().into_iter().map(Some).collect();
    let mut load = writer.begin().await.unwrap();
    load.execute("set local ioc.bulk = 'on'").await.unwrap();
    for round in 0..2 {
        sqlx::query(
            "insert into business (code, name, sector, vsic, kind, address, geom)
             select $1 || code, name, sector, vsic, kind, address, geom from business where code like 'KD-%'",
        )
        .bind(format!("{round}-"))
        .execute(&mut *load)
        .await
        .unwrap();
    }
    load.commit().await.unwrap();
    writer.execute("truncate camera cascade").await.unwrap();
    scene.level().await;
    let of = |topic: &str| -> Vec<Change> { scene.recorder.changes().into_iter().filter(|change| &*change.topic == topic).collect() };
    for topic in ["business", "camera", "camera_alert"] {
        let changes = of(topic);
        assert!(changes.iter().all(|change| change.op == Op::Reload && change.row_id.is_none()), "{topic}: {changes:?}");
        assert_eq!(changes.len(), areas.len(), "{topic}: once per area");
        assert_eq!(changes.iter().map(|change| change.area_id).collect::<BTreeSet<_>>(), areas, "{topic}");
    }
}
