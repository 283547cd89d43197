//! Where alerts lie, and for how long the map's memory holds them: an area that somebody set by hand holds for a camera's alerts, and
//! what was closed long ago leaves on the clock.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use server::{feed::Feed, geography::map_index::MapIndex, platform::database::FEED};
use sqlx::{Executor, PgPool};
use tests::{
    app::TestApp,
    device::{TestDevice, an_alert},
};
use tokio::time::{sleep, timeout};

/// The area of each reported alert, by what its device calls it.
async fn areas(app: &TestApp) -> Vec<(String, i32)> {
    sqlx::query_as("select external_id, area_id from camera_alert where external_id <> 'small-ward' order by external_id")
        .fetch_all(&mut app.database.connect("ioc_owner").await)
        .await
        .unwrap()
}

#[tokio::test]
async fn alerts_of_a_camera_that_somebody_put_in_an_area_stay_there_when_boundaries_are_redrawn() {
    let app = TestApp::start().await;
    let (a1, a2) = (app.ward().a1.area, app.ward().a2.area);
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let mut owner = app.database.connect("ioc_owner").await;
    device.report(&an_alert("C-A2", "before the hand", "theft")).await;
    // The officers of A1 answer for what this camera sees in A2.
    sqlx::query("update camera set area_id = $1 where code = 'C-A2'").bind(a1).execute(&mut owner).await.unwrap();
    device.report(&an_alert("C-A2", "by hand", "theft")).await;
    device.report(&an_alert("C-A1", "by the map", "theft")).await;
    device.report_status(&serde_json::json!({"camera": "C-A2", "status": "online", "at": Utc::now()})).await;
    let mut job = app.database.connect("ioc_job").await;
    let silent = "select raise_camera_silence($1, clock_timestamp(), 'high', null, clock_timestamp() + interval '1 second')";
    assert!(sqlx::query_scalar::<_, bool>(silent).bind(app.ward().a2.camera).fetch_one(&mut job).await.unwrap());
    owner.execute("update camera_alert set external_id = 'silent' where kind = 'camera_silent'").await.unwrap();
    let of = |by_the_map: i32, before: i32| {
        [("before the hand", before), ("by hand", a1), ("by the map", by_the_map), ("silent", a1)]
            .map(|(name, area)| (name.to_owned(), area))
    };
    assert_eq!(areas(&app).await, of(a1, a2));

    // In psql or QGIS: A2 takes ground from A1.
    let redraw = "update area set boundary = st_multi(st_makeenvelope($2, 21.0, $3, 21.01, 4326)) where id = $1";
    for (area, west, east) in [(a1, 105.0, 105.004), (a2, 105.004, 105.02)] {
        sqlx::query(redraw).bind(area).bind(west).bind(east).execute(&mut owner).await.unwrap();
    }
    assert_eq!(areas(&app).await, of(a2, a2), "what no hand said, the map says");

    // By an import, which redraws all there is and then looks at the rows at once: as it was before.
    owner.execute("begin; set local ioc.bulk = 'on'").await.unwrap();
    for (area, west, east) in [(a1, 105.0, 105.01), (a2, 105.01, 105.02)] {
        sqlx::query(redraw).bind(area).bind(west).bind(east).execute(&mut owner).await.unwrap();
    }
    sqlx::query("select * from rederive_rows(array[$1::integer, $2::integer])").bind(a1).bind(a2).execute(&mut owner).await.unwrap();
    owner.execute("commit").await.unwrap();
    assert_eq!(areas(&app).await, of(a1, a2));
    app.stop().await;
}

fn holds(index: &MapIndex, id: i64) -> bool {
    index.points("camera_alert").expect("alerts are points").get(id).is_some()
}

/// A map index of its own that follows the database of `app`.
async fn a_map_index(app: &TestApp) -> (Feed, MapIndex) {
    let pool = PgPool::connect(&app.database.url(FEED)).await.unwrap();
    let (feed, index) = (Feed::new(pool.clone()), MapIndex::new(pool));
    feed.start(vec![Arc::new(index.clone())]).await.unwrap();
    (feed, index)
}

#[tokio::test]
async fn what_was_closed_long_ago_leaves_memory_and_comes_back_when_it_is_opened_again() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    device.report(&serde_json::json!([an_alert("C-A1", "closed", "theft"), an_alert("C-A1", "open", "theft")])).await;
    let mut owner = app.database.connect("ioc_owner").await;
    owner
        .execute("update camera_alert set status = 'closed', outcome = 'false_alarm', closed_at = now() where external_id = 'closed'")
        .await
        .unwrap();
    let ids: Vec<i64> = sqlx::query_scalar("select id from camera_alert where external_id in ('closed', 'open') order by external_id")
        .fetch_all(&mut owner)
        .await
        .unwrap();
    let (closed, open) = (ids[0], ids[1]);
    let (feed, index) = a_map_index(&app).await;
    let (now, version) = (Utc::now(), || index.versions("camera_alert").expect("alerts are a layer").latest());
    let drawn = version();
    assert_eq!(index.let_go(now + TimeDelta::days(30)), 0, "a month is promised");
    assert_eq!((holds(&index, closed), version()), (true, drawn));
    assert_eq!(index.let_go(now + TimeDelta::days(32)), 1);
    assert_eq!((holds(&index, closed), holds(&index, open)), (false, true), "what is open stays however long");
    assert_ne!(version(), drawn, "a tile that is asked for again is drawn without it");

    owner.execute("update camera_alert set status = 'new', outcome = null, closed_at = null where external_id = 'closed'").await.unwrap();
    let comes_back = async {
        while !holds(&index, closed) {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(10), comes_back).await.expect("it is told like any change");
    assert_eq!(index.let_go(now + TimeDelta::days(400)), 0);
    feed.stop();

    // Whoever starts later begins with the same.
    let long_ago: DateTime<Utc> = now - TimeDelta::days(40);
    let over = "update camera_alert set started_at = $2, status = $3, outcome = $4, closed_at = $5 where id = $1";
    for (id, status, outcome, closed_at) in [(closed, "closed", Some("handled"), Some(now)), (open, "new", None, None)] {
        sqlx::query(over).bind(id).bind(long_ago).bind(status).bind(outcome).bind(closed_at).execute(&mut owner).await.unwrap();
    }
    let (feed, later) = a_map_index(&app).await;
    assert_eq!((holds(&later, closed), holds(&later, open)), (false, true));
    feed.stop();
    app.stop().await;
}
