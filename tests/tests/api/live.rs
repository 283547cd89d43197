//! `/live` through the door: who hears what, continuing where one was (fifty at once, too), being hung up on; and the oracle that
//! holds what tiles and live gave each account against what the database lets it read.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::{Map, Value};
use server::{
    geography::catalogue::{Catalogue, Layer},
    platform::database::APP,
};
use shared::{
    layer::PropertyKind,
    live::{Position, ServerFrame},
};
use sqlx::{Connection, Executor, PgConnection};
use tests::{
    app::{TestApp, TestClient},
    screen::{Screen, Shown, open, without_nulls},
};
use tokio::time::timeout;

mod dropped_clients;
mod oracle;

/// Around the small wards.
const BOUNDS: [f64; 4] = [104.999, 20.999, 105.043, 21.011];
const QUIET: Duration = Duration::from_millis(400);

/// A connected screen that has its snapshots.
async fn screen(name: &str, client: TestClient, topics: &[&str]) -> Screen {
    let mut screen = Screen::new(name, client, topics, BOUNDS);
    screen.connect().await;
    screen.listen(QUIET).await;
    screen
}

/// Waits until everything committed before this call has been put into every client's queue.
async fn level(app: &TestApp) {
    let now: String =
        sqlx::query_scalar("select pg_current_snapshot()::text").fetch_one(&mut app.database.connect("ioc_owner").await).await.unwrap();
    let reached = timeout(Duration::from_secs(20), app.running.feed.reached(&now.parse().unwrap())).await;
    reached.expect("the feed gets as far as the database within 20 s");
}

async fn owner(app: &TestApp) -> PgConnection {
    app.database.connect("ioc_owner").await
}

/// What a screen was told, in short: `upsert camera 5`.
fn told(screen: &Screen) -> Vec<String> {
    let lines = screen.heard.iter().flat_map(|frame| match frame {
        ServerFrame::Snapshot { topic, rows, .. } => {
            vec![format!("snapshot {topic} {}", rows.as_ref().map_or("tiled".to_owned(), |rows| rows.len().to_string()))]
        }
        ServerFrame::Delta { topic, upsert, remove, .. } => {
            let put = upsert.iter().map(|row| format!("upsert {topic} {}", row.id));
            put.chain(remove.iter().map(|row| format!("remove {topic} {}", row.id))).collect()
        }
        ServerFrame::Resync { topics, .. } => vec![format!("resync {}", topics.join(" ")).trim_end().to_owned()],
        ServerFrame::Ping { .. } => vec![],
    });
    lines.collect()
}

async fn place_at(db: &mut PgConnection, table: &str, id: i64, lon: f64, lat: f64) {
    sqlx::query(&format!("update {table} set geom = st_setsrid(st_point($2, $3), 4326) where id = $1"))
        .bind(id)
        .bind(lon)
        .bind(lat)
        .execute(db)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_camera_moved_in_sql_is_on_the_operators_screen_within_a_second() {
    let app = TestApp::start().await;
    let mut operator = screen("operator", app.sign_in("operator-a").await, &["camera", "household"]).await;
    assert_eq!(told(&operator), ["snapshot camera 2", "snapshot household tiled"]);
    let camera = app.ward().a1.camera;
    // The quickest of three: a machine that stands still for a moment delays one.
    let mut quickest = Duration::MAX;
    for lon in [105.0061, 105.0062, 105.0063] {
        place_at(&mut owner(&app).await, "camera", camera, lon, 21.0061).await;
        let committed = Instant::now();
        let arrived = async {
            while operator.tables["camera"][&camera].at != Some([lon, 21.0061]) {
                operator.next().await;
            }
        };
        timeout(Duration::from_secs(20), arrived).await.expect("the move arrives");
        quickest = quickest.min(committed.elapsed());
    }
    assert!(quickest < Duration::from_secs(1), "a move arrives within a second of its commit, not after {quickest:?}");
    assert_eq!(told(&operator)[2..], [(); 3].map(|()| format!("upsert camera {camera}")));
    app.stop().await;
}

#[tokio::test]
async fn everybody_hears_of_what_they_may_see_and_of_nothing_else() {
    let app = TestApp::start().await;
    let (a1, a2) = (app.ward().a1.clone(), app.ward().a2.clone());
    let topics = ["household", "camera", "business", "resident", "account", "session", "nothing"];
    let mut public = screen("public", app.public(), &topics).await;
    let mut head_a1 = screen("a1", app.sign_in("tdp_head-a1").await, &topics).await;
    let mut head_a2 = screen("a2", app.sign_in("tdp_head-a2").await, &topics).await;
    let mut leader_b = screen("b", app.sign_in("leader-b").await, &topics).await;
    for screen in [&mut public, &mut head_a1, &mut head_a2, &mut leader_b] {
        screen.heard.clear();
    }
    let mut db = owner(&app).await;
    place_at(&mut db, "household", a1.household, 105.0152, 21.0052).await;
    place_at(&mut db, "business", a1.business, 105.0062, 21.0052).await;
    db.execute("update resident set phone = '0999777111'").await.unwrap();
    level(&app).await;
    for screen in [&mut public, &mut head_a1, &mut head_a2, &mut leader_b] {
        screen.listen(QUIET).await;
    }
    let business = format!("upsert business {}", a1.business);
    assert_eq!(told(&public), std::slice::from_ref(&business));
    assert_eq!(told(&head_a1), [format!("remove household {}", a1.household), business.clone()]);
    assert_eq!(told(&head_a2), [format!("upsert household {}", a1.household), business.clone()]);
    assert_eq!(told(&leader_b), [business]);
    assert_ne!(a1.area, a2.area);
    app.stop().await;
}

#[tokio::test]
async fn a_client_that_was_away_continues_with_no_gap_and_no_repeat() {
    let app = TestApp::start().await;
    let a1 = app.ward().a1.clone();
    let mut operator = screen("operator", app.sign_in("operator-a").await, &["camera", "business"]).await;
    let mut db = owner(&app).await;
    place_at(&mut db, "camera", a1.camera, 105.0061, 21.0061).await;
    level(&app).await;
    operator.listen(QUIET).await;
    operator.lose_connection();
    operator.heard.clear();
    place_at(&mut db, "camera", a1.camera, 105.0062, 21.0061).await;
    place_at(&mut db, "business", a1.business, 105.0063, 21.0061).await;
    level(&app).await;
    operator.connect().await;
    operator.listen(QUIET).await;
    assert_eq!(told(&operator), [format!("upsert camera {}", a1.camera), format!("upsert business {}", a1.business)]);

    // Cut between the two frames: the second comes, the first does not come again.
    let between = operator.heard.iter().find_map(|frame| match frame {
        ServerFrame::Delta { topic, position, .. } if topic == "camera" => Some(position.clone()),
        _ => None,
    });
    operator.lose_connection();
    operator.heard.clear();
    operator.position = between;
    operator.connect().await;
    operator.listen(QUIET).await;
    assert_eq!(told(&operator), [format!("upsert business {}", a1.business)]);
    app.stop().await;
}

#[tokio::test]
async fn a_position_of_another_reach_or_epoch_is_answered_with_resync() {
    let app = TestApp::start().await;
    let mut operator = screen("operator", app.sign_in("operator-a").await, &["camera"]).await;
    let theirs = operator.position.clone();
    let mut head = screen("head", app.sign_in("tdp_head-a1").await, &["camera"]).await;
    for foreign in [theirs, Some(Position("nonsense".into())), Some(Position("1.a".into()))] {
        head.lose_connection();
        head.heard.clear();
        head.position = foreign;
        head.connect().await;
        head.listen(QUIET).await;
        assert_eq!(told(&head), ["resync", "snapshot camera 1"]);
    }
    operator.heard.clear();
    owner(&app).await.execute("update feed_epoch set epoch = gen_random_uuid()").await.unwrap();
    // The indexes are read anew first.
    let noticed = async {
        while operator.heard.len() < 2 {
            operator.next().await;
        }
    };
    timeout(Duration::from_secs(20), noticed).await.expect("a restore is noticed while connected");
    assert_eq!(told(&operator), ["resync", "snapshot camera 2"]);
    app.stop().await;
}

#[tokio::test]
async fn signing_out_closes_the_socket_and_a_lost_appointment_does_before_anything_more_is_told() {
    let app = TestApp::start().await;
    let a1 = app.ward().a1.clone();
    let mut operator = screen("operator", app.sign_in("operator-a").await, &["camera"]).await;
    let mut other = screen("operator elsewhere", app.sign_in("operator-a").await, &["camera"]).await;
    operator.client.send(operator.client.request(Method::DELETE, "/api/session")).await;
    operator.listen(Duration::from_secs(5)).await;
    assert_eq!(operator.closed, [4401]);
    other.heard.clear();
    let mut db = owner(&app).await;
    let mut both = db.begin().await.unwrap();
    both.execute("delete from appointment where account_id = (select id from account where login = 'operator-a')").await.unwrap();
    place_at(&mut both, "camera", a1.camera, 105.0061, 21.0061).await;
    both.commit().await.unwrap();
    other.listen(Duration::from_secs(5)).await;
    assert_eq!(other.closed, [4403]);
    assert_eq!(told(&other), Vec::<String>::new());
    app.stop().await;
}

#[tokio::test]
async fn what_only_touches_an_account_leaves_its_socket_open_and_loses_nothing() {
    let app = TestApp::start().await;
    let a1 = app.ward().a1.clone();
    let mut operator = screen("operator", app.sign_in("operator-a").await, &["camera"]).await;
    operator.heard.clear();
    let mut without_topics = screen("a screen that has not chosen yet", app.sign_in("operator-a").await, &[]).await;
    let mut db = owner(&app).await;
    for step in 0..5 {
        db.execute("update account set failed_attempts = failed_attempts + 1 where login = 'operator-a'").await.unwrap();
        db.execute("update area set name = name || '.' where code = 'A1'").await.unwrap();
        place_at(&mut db, "camera", a1.camera, 105.006 + f64::from(step) * 1e-5, 21.0061).await;
        level(&app).await;
    }
    operator.listen(QUIET).await;
    assert!(operator.closed.is_empty());
    assert_eq!(told(&operator), vec![format!("upsert camera {}", a1.camera); 5]);
    without_topics.listen(QUIET).await;
    assert!(without_topics.closed.is_empty());
    assert_eq!(told(&without_topics), Vec::<String>::new());
    app.stop().await;
}

#[tokio::test]
async fn bulk_loads_and_truncate_send_small_layers_whole_and_tiled_ones_to_their_tiles() {
    let app = TestApp::start().await;
    let mut operator = screen("operator", app.sign_in("operator-a").await, &["camera", "business"]).await;
    let mut elsewhere = screen("operator of B", app.sign_in("operator-b").await, &["camera"]).await;
    for screen in [&mut operator, &mut elsewhere] {
        screen.heard.clear();
    }
    let mut db = owner(&app).await;
    let mut bulk = db.begin().await.unwrap();
    bulk.execute("set local ioc.bulk = 'on'").await.unwrap();
    bulk.execute("insert into camera (code, name, geom) select code || '-2', name, geom from camera where code like 'C-A%'").await.unwrap();
    bulk.execute("insert into business (code, name, sector, vsic, kind, address, geom) select code || '-2', name, sector, vsic, kind, address, geom from business").await.unwrap();
    bulk.commit().await.unwrap();
    level(&app).await;
    operator.listen(QUIET).await;
    elsewhere.listen(QUIET).await;
    assert_eq!(told(&operator), ["snapshot camera 4", "resync business"]);
    assert_eq!(told(&elsewhere), Vec::<String>::new());
    assert_eq!(operator.tables["business"].len(), 6);
    operator.heard.clear();
    db.execute("truncate camera cascade").await.unwrap();
    level(&app).await;
    operator.listen(QUIET).await;
    assert_eq!(told(&operator), ["snapshot camera 0"]);
    app.stop().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_told_to_begin_anew_and_delays_nobody() {
    let app = TestApp::start().await;
    let a1 = app.ward().a1.clone();
    let mut slow = screen("slow", app.sign_in("operator-a").await, &["camera", "business"]).await;
    let mut quick = screen("quick", app.sign_in("operator-a").await, &["camera", "business"]).await;
    slow.heard.clear();
    let mut db = owner(&app).await;
    db.execute("insert into camera (code, name, geom) select 'X' || i, repeat('x', 10000), st_setsrid(st_point(105.005, 21.005), 4326) from generate_series(1, 30) i")
        .await
        .unwrap();
    // Large frames fill the socket's buffers, many small ones the queue.
    for _ in 0..40 {
        db.execute("update camera set status_at = clock_timestamp()").await.unwrap();
        level(&app).await;
        quick.listen(Duration::from_millis(20)).await;
    }
    for _ in 0..6 {
        let mut alternating = db.begin().await.unwrap();
        for step in 0..30 {
            place_at(&mut alternating, "camera", a1.camera, 105.006 + f64::from(step) * 1e-6, 21.0062).await;
            place_at(&mut alternating, "business", a1.business, 105.006 + f64::from(step) * 1e-6, 21.0062).await;
        }
        alternating.commit().await.unwrap();
        level(&app).await;
        quick.listen(Duration::from_millis(20)).await;
    }
    place_at(&mut db, "camera", a1.camera, 105.0061, 21.0061).await;
    level(&app).await;
    let arrived = async {
        while quick.tables["camera"][&a1.camera].at != Some([105.0061, 21.0061]) {
            quick.next().await;
        }
    };
    timeout(Duration::from_secs(20), arrived).await.expect("whoever reads is served");
    let resynced = async {
        while !told(&slow).contains(&"resync".to_owned()) {
            assert!(slow.is_connected(), "writing took so long that the server hung up on whoever does not read");
            slow.next().await;
        }
    };
    timeout(Duration::from_secs(60), resynced).await.expect("the slow one is told that it missed something");
    slow.listen(QUIET).await;
    assert_eq!(slow.tables["camera"], quick.tables["camera"]);
    assert!(!told(&quick).contains(&"resync".to_owned()));
    app.stop().await;
}

#[tokio::test]
async fn a_box_is_kept_to() {
    let app = TestApp::start().await;
    let a1 = app.ward().a1.clone();
    let mut operator = Screen::new("operator", app.sign_in("operator-a").await, &[], BOUNDS);
    operator.connect().await;
    // The later word replaces the earlier.
    operator.say_text(r#"{"subscribe": {"topics": ["camera"], "bbox": [105.0, 21.0, 105.01, 21.01]}}"#).await;
    operator.listen(QUIET).await;
    assert_eq!(told(&operator), ["snapshot camera 1"]);
    operator.heard.clear();
    let mut db = owner(&app).await;
    place_at(&mut db, "camera", a1.camera, 105.0151, 21.0051).await;
    place_at(&mut db, "camera", a1.camera, 105.0152, 21.0051).await;
    place_at(&mut db, "camera", a1.camera, 105.0051, 21.0051).await;
    level(&app).await;
    operator.listen(QUIET).await;
    let last_two: Vec<_> = told(&operator).into_iter().rev().take(2).rev().collect();
    assert_eq!(last_two.last(), Some(&format!("upsert camera {}", a1.camera)));
    assert_eq!(operator.tables["camera"].len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn who_does_not_speak_the_protocol_is_hung_up_on() {
    let app = TestApp::start().await;
    let topics = vec!["\"camera\""; 65].join(",");
    let wrong = [
        "hello".to_owned(),
        "{}".to_owned(),
        r#"{"pong": {}}"#.to_owned(),
        r#"{"subscribe": {"topics": "camera"}}"#.to_owned(),
        r#"{"subscribe": {"topics": ["camera"], "bbox": [9, 9, 1, 1]}}"#.to_owned(),
        format!(r#"{{"subscribe": {{"topics": [{topics}]}}}}"#),
        format!(r#"{{"subscribe": {{"topics": ["{}"]}}}}"#, "x".repeat(70_000)),
    ];
    for words in wrong {
        let mut stranger = Screen::new("stranger", app.public(), &[], BOUNDS);
        stranger.connect_silently().await;
        stranger.say_text(&words).await;
        stranger.listen(Duration::from_secs(3)).await;
        assert!(!stranger.is_connected(), "{} is not an answer to {words}", told(&stranger).join(", "));
        assert!(stranger.heard.is_empty());
    }
    app.stop().await;
}

#[tokio::test]
async fn another_sites_page_cannot_open_the_socket() {
    let app = TestApp::start().await;
    let client = app.sign_in("operator-a").await;
    assert_eq!(open(&client, Some("https://elsewhere.example")).await.err(), Some(reqwest::StatusCode::FORBIDDEN));
    let own = app.url("");
    assert!(open(&client, Some(own.trim_end_matches('/'))).await.is_ok());
    app.stop().await;
}

#[tokio::test]
async fn the_server_says_something_every_ten_seconds() {
    let app = TestApp::start().await;
    let mut public = screen("public", app.public(), &["business"]).await;
    let before = public.position.clone();
    public.pings = 0;
    let pinged = async {
        while public.pings < 2 {
            public.next().await;
        }
    };
    timeout(Duration::from_secs(25), pinged).await.expect("two pings in 25 s");
    assert_eq!(public.position, before, "nothing has changed");
    app.stop().await;
}
