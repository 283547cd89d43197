//! The pictures of the demonstration's past: drawn, then kept, shown and deleted like those that a recorder sent.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, StatusCode, header};
use server::{
    cameras::alerts::snapshots::forget_old,
    demo::{
        self,
        synthetic_snapshot::synthetic_snapshot,
        terrain::{DEFAULT_SEED, load::WARD_CODE},
    },
    platform::{media::Media, picture},
};
use shared::camera_alert::{AlertKind, CameraAlertCard};
use sqlx::PgPool;
use tests::app::TestApp;

/// A demo ward and the store of its pictures.
struct Ward {
    app: TestApp,
    owner: PgPool,
    media: Media,
}

impl Ward {
    async fn new() -> Self {
        let app = TestApp::demo().await;
        let owner = PgPool::connect(&app.database.url("postgres")).await.unwrap();
        let media = Media::open(&app.database.config(app.dir.path()).data_dir).unwrap();
        Self { app, owner, media }
    }

    /// The ward may have been seeded some days ago: by its own clock it is as late as its newest alert.
    async fn now(&self) -> DateTime<Utc> {
        sqlx::query_scalar("select max(received_at) from camera_alert where external_id like 'past-%'")
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }

    async fn draw(&self, now: DateTime<Utc>, at_most: usize) -> (usize, u64) {
        let pictured = demo::bring_pictures(&self.owner, &self.media, WARD_CODE, DEFAULT_SEED, now, at_most).await.unwrap();
        (pictured.pictures, pictured.alerts)
    }

    async fn count(&self, from: &str) -> i64 {
        sqlx::query_scalar(&format!("select count(*) {from}"))
            .fetch_one(&self.owner)
            .await
            .unwrap_or_else(|cause| panic!("{cause}: {from}"))
    }

    /// Files of the store.
    fn stored(&self) -> usize {
        fn files(folder: &std::path::Path) -> usize {
            let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
        }
        files(self.media.root())
    }

    async fn stop(self) {
        self.owner.close().await;
        self.app.stop().await;
    }
}

fn door(id: i64) -> String {
    format!("/api/camera-alerts/{id}/snapshot")
}

#[tokio::test]
async fn an_alert_of_yesterday_has_a_picture_that_the_police_open_and_an_operator_does_not() {
    let ward = Ward::new().await;
    let now = ward.now().await;
    assert_eq!(ward.draw(now, 3).await, (3, 3), "each its own");
    let newest = "from camera_alert where external_id like 'past-%'";
    let (id, kind, camera, started_at): (i64, String, String, DateTime<Utc>) =
        sqlx::query_as(&format!("select id, kind, camera_code, started_at {newest} order by started_at desc, id desc limit 1"))
            .fetch_one(&ward.owner)
            .await
            .unwrap();

    let police = ward.app.sign_in_demo("congan").await;
    let card: CameraAlertCard = police.read(&format!("/api/camera-alerts/{id}")).await;
    let snapshot = card.snapshot.expect("the newest has one");
    assert_eq!((card.has_snapshot, snapshot.width_px, snapshot.height_px), (Some(true), 640, 360));
    assert_eq!(snapshot.taken_in_at, card.alert.received_at, "its time began when it came");
    let answer = police.get(&door(id)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "image/jpeg");
    let drawn = synthetic_snapshot(AlertKind::from_name(&kind).unwrap(), &camera, started_at, DEFAULT_SEED);
    assert_eq!(answer.bytes().await.unwrap(), picture::take_in(&drawn).unwrap().jpeg, "camera, kind and moment, checked as any other");
    assert_eq!(police.get(&format!("{}?size=thumbnail", door(id))).await.status(), StatusCode::OK);
    let hold = police.request(Method::POST, &format!("{}/hold", door(id)));
    let held = police.send(hold.json(&serde_json::json!({"reason": "Vụ việc số 12, chờ kết luận"}))).await;
    assert_eq!(held.status(), StatusCode::OK);

    for login in ["trucban", "lanhdao"] {
        let client = ward.app.sign_in_demo(login).await;
        let card: CameraAlertCard = client.read(&format!("/api/camera-alerts/{id}")).await;
        assert_eq!((card.has_snapshot, card.snapshot, card.alert.has_snapshot), (None, None, false), "{login}");
        for address in [door(id), format!("{}?size=thumbnail", door(id))] {
            assert_eq!(client.get(&address).await.status(), StatusCode::NOT_FOUND, "{address} as {login}");
        }
    }
    ward.stop().await;
}

#[tokio::test]
async fn older_alerts_share_pictures_and_nothing_is_drawn_twice_nor_again_once_it_is_deleted() {
    let ward = Ward::new().await;
    // A week on, nothing is of yesterday and nothing is open any more.
    let closed = "update camera_alert set status = 'closed', outcome = 'handled', closed_at = received_at where status <> 'closed'";
    sqlx::query(closed).execute(&ward.owner).await.unwrap();
    let now = ward.now().await + TimeDelta::days(7);
    let (pictures, alerts) = ward.draw(now, 4).await;
    assert_eq!(pictures, 4);
    assert!(alerts > 4, "{alerts} alerts with four pictures");
    assert_eq!(ward.count("from (select distinct sha256 from camera_alert_snapshot) as files").await, 4);
    assert_eq!(ward.stored(), 8, "each once, with its thumbnail");
    let unlike = "from camera_alert_snapshot s join camera_alert a on a.id = s.alert_id \
        join camera_alert_snapshot t on t.sha256 = s.sha256 join camera_alert b on b.id = t.alert_id \
        where a.camera_id <> b.camera_id or a.kind <> b.kind";
    assert_eq!(ward.count(unlike).await, 0, "one camera and one kind on each");
    assert_eq!(
        ward.count("from camera_alert_snapshot s join camera_alert a on a.id = s.alert_id where s.taken_in_at <> a.received_at").await,
        0
    );

    let (more, for_alerts) = ward.draw(now, 2).await;
    assert_eq!(more, 2);
    assert_eq!(ward.count("from camera_alert_snapshot").await as u64, alerts + for_alerts, "others than before");
    let outside = "from camera_alert_snapshot s join camera_alert a on a.id = s.alert_id where a.external_id not like 'past-%'";
    assert_eq!(ward.count(outside).await, 0);

    // Their time is over: rows say so, files are gone, and the next seed draws others.
    sqlx::query("update camera_alert_snapshot set taken_in_at = taken_in_at - interval '31 days'").execute(&ward.owner).await.unwrap();
    let job = PgPool::connect(&ward.app.database.url("ioc_job")).await.unwrap();
    forget_old(&job, &ward.media, Utc::now(), 30).await.unwrap();
    job.close().await;
    assert_eq!((ward.count("from camera_alert_snapshot where removed_at is null").await, ward.stored()), (0, 0));
    let (again, anew) = ward.draw(now, 1).await;
    assert_eq!((again, ward.count("from camera_alert_snapshot where removed_at is null").await as u64), (1, anew));
    let gone: i64 = sqlx::query_scalar("select min(alert_id) from camera_alert_snapshot where removed_at is not null")
        .fetch_one(&ward.owner)
        .await
        .unwrap();
    let police = ward.app.sign_in_demo("congan").await;
    let card: CameraAlertCard = police.read(&format!("/api/camera-alerts/{gone}")).await;
    assert!(card.has_snapshot == Some(false) && card.snapshot.is_some_and(|snapshot| snapshot.removed_at.is_some()));

    let nowhere = demo::bring_pictures(&ward.owner, &ward.media, "nowhere", DEFAULT_SEED, now, 4).await.unwrap();
    assert_eq!((nowhere.pictures, nowhere.alerts), (0, 0));
    ward.stop().await;
}
