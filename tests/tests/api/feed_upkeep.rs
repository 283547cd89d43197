//! What keeps the change feed going over days: partitions made and dropped, a new epoch after a restore, a process that starts again,
//! jobs that one instance runs. It deliberately tests no order of changes; `feed` does.

use std::time::Duration;

use server::{
    feed,
    platform::{
        database::{FEED, JOB},
        job::{Job, Outcome},
    },
};
use sqlx::{Connection, Executor};
use tests::{
    cluster::TestDatabase,
    feed_scene::{Scene, follow, say},
    waiting::until,
};
use tokio::{sync::Notify, time::timeout};

#[tokio::test]
async fn a_missing_day_falls_into_the_default_partition_and_is_moved_without_coming_twice() {
    let scene = Scene::start().await;
    let (reading, jobs) = (scene.database.pool(FEED).await, scene.database.pool(JOB).await);
    assert!(feed::partitions(&reading).await.unwrap().are_ready());
    let mut writer = scene.writer().await;
    let today: String = sqlx::query_scalar("select to_char(clock_timestamp() at time zone 'UTC', '\"change_\"YYYYMMDD')")
        .fetch_one(&mut writer)
        .await
        .unwrap();
    writer.execute(format!("drop table {today}").as_str()).await.unwrap();
    say(&mut writer, "said", 1, "homeless").await;
    scene.level().await;
    let state = feed::partitions(&reading).await.unwrap();
    assert!(state.default_is_used && !state.are_ready(), "{state:?}");
    assert_eq!(scene.recorder.words("said"), ["homeless"], "the default partition is read like any other");

    let kept = tokio::spawn(feed::keep_partitions(jobs));
    let repaired = async {
        while feed::partitions(&reading).await.unwrap() != (feed::Partitions { days_ready: 8, default_is_used: false }) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(10), repaired).await.expect("the job moves the day's changes into their own partition");
    kept.abort();
    say(&mut writer, "said", 1, "housed").await;
    scene.level().await;
    assert_eq!(scene.recorder.words("said"), ["homeless", "housed"]);
}

#[tokio::test]
async fn old_days_are_dropped_unless_a_transaction_is_in_the_way_and_then_nobody_waits_for_it() {
    let scene = Scene::start().await;
    let mut writer = scene.writer().await;
    let jobs = scene.database.pool(JOB).await;
    writer
        .execute(
            "create table change_20200101 partition of change for values from ('2020-01-01Z') to ('2020-01-02Z');
             insert into change (topic, op, row_id, at) values ('old', 'update', 1, '2020-01-01T12:00Z')",
        )
        .await
        .unwrap();
    let mut import = scene.writer().await;
    let mut import = import.begin().await.unwrap();
    say(&mut import, "said", 1, "long import").await;
    let kept = tokio::spawn(feed::keep_partitions(jobs.clone()));
    let failed = async {
        while sqlx::query_scalar::<_, Option<String>>("select last_error from job where name = 'feed.partitions'")
            .fetch_optional(&jobs)
            .await
            .unwrap()
            .flatten()
            .is_none()
        {
            // Others go on writing while the drop waits for its lock and gives up.
            timeout(Duration::from_secs(5), say(&mut writer, "said", 2, "meanwhile")).await.expect("a writer is not kept waiting");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(10), failed).await.expect("the job says that it could not drop");
    kept.abort();
    import.commit().await.unwrap();
    let kept = tokio::spawn(feed::keep_partitions(jobs.clone()));
    let dropped = async {
        while sqlx::query_scalar("select to_regclass('change_20200101') is not null").fetch_one(&jobs).await.unwrap() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(10), dropped).await.expect("the old day is dropped once nobody is in the way");
    kept.abort();
}

#[tokio::test]
async fn a_restore_begins_a_new_epoch_in_which_old_positions_mean_nothing() {
    let scene = Scene::start().await;
    let mut writer = scene.writer().await;
    say(&mut writer, "said", 1, "before").await;
    scene.level().await;
    writer.execute("update feed_epoch set epoch = gen_random_uuid()").await.unwrap();
    let begun = async {
        while scene.recorder.begun.lock().unwrap().len() < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(10), begun).await.expect("the followers begin anew");
    say(&mut writer, "said", 1, "after").await;
    scene.level().await;
    assert_eq!(scene.recorder.words("said"), ["before", "after"]);
    let batches = scene.recorder.batches.lock().unwrap().clone();
    assert_ne!(batches[0].position.epoch, batches[1].position.epoch);
    assert!(!batches[1].position.includes(&batches[0].position));
}

#[tokio::test]
async fn another_process_reads_the_last_minutes_again_and_means_the_same_by_a_position() {
    let scene = Scene::start().await;
    let mut writer = scene.writer().await;
    for number in 0..10 {
        say(&mut writer, "said", number, "x").await;
        scene.level().await;
    }
    let batches = scene.recorder.batches.lock().unwrap().clone();
    let (restarted, _) = follow(&scene.database).await;
    let head = restarted.head().borrow().clone().unwrap();
    let reading = scene.database.pool(FEED).await;
    assert!(head.has_passed(&batches.last().unwrap().position));
    let (floor, recent) = feed::recent(&reading, &head, 10, 100).await.unwrap();
    assert!(batches[0].from.includes(&floor));
    for (index, batch) in batches.iter().enumerate() {
        let missed: Vec<i64> = recent.iter().filter(|change| !batch.position.sees(change)).map(|change| change.seq).collect();
        let expected: Vec<i64> = batches[index + 1..].iter().flat_map(|batch| batch.changes.iter().map(|change| change.seq)).collect();
        assert_eq!(missed, expected);
    }
    let (floor, recent) = feed::recent(&reading, &head, 10, 3).await.unwrap();
    assert_eq!(recent.len(), 3);
    assert!(!batches[0].position.includes(&floor), "what is not kept is not promised");
    // Transactions of other databases of the cluster were open then: whether they wrote here cannot be known.
    let is_clear = !batches[6].position.to_string().contains('_');
    assert!(batches[6].position.includes(&floor) || !is_clear);
}

#[tokio::test]
async fn one_instance_runs_a_job_and_a_dead_ones_lease_runs_out() {
    let database = TestDatabase::create().await;
    let jobs = database.pool(JOB).await;
    let job = Job { name: "test.job", every: Duration::from_secs(3600), lease: Duration::from_secs(3) };
    let running = tokio::spawn({
        let jobs = jobs.clone();
        // Twice as long as its lease: it lives on renewals.
        async move {
            job.run_once(&jobs, |_| async {
                tokio::time::sleep(Duration::from_secs(6)).await;
                Ok(())
            })
            .await
            .unwrap()
        }
    });
    for _ in 0..45 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(job.run_once(&jobs, |_| async { Ok(()) }).await.unwrap(), Outcome::NotDue);
    }
    assert_eq!(running.await.unwrap(), Outcome::Done);
    assert_eq!(job.run_once(&jobs, |_| async { Ok(()) }).await.unwrap(), Outcome::NotDue, "it ran within the hour");

    let failing = Job { name: "test.failing", ..job };
    assert_eq!(failing.run_once(&jobs, |_| async { anyhow::bail!("no") }).await.unwrap(), Outcome::Failed);
    assert_eq!(failing.run_once(&jobs, |_| async { Ok(()) }).await.unwrap(), Outcome::Done, "a failure is tried again");

    let dying = Job { name: "test.dying", ..job };
    let begun = Notify::new();
    let work = async {
        begun.notify_one();
        std::future::pending().await
    };
    tokio::select! {
        outcome = dying.run_once(&jobs, |_| work) => panic!("it never ends by itself: {outcome:?}"),
        () = begun.notified() => {}
    }
    assert_eq!(dying.run_once(&jobs, |_| async { Ok(()) }).await.unwrap(), Outcome::NotDue, "nobody knows yet that it died");
    until("the lease to run out", async || dying.run_once(&jobs, |_| async { Ok(()) }).await.unwrap() == Outcome::Done).await;
}
