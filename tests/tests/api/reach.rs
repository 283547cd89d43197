//! Row-level security, tried with plain SQL as `ioc_app`: which rows each caller reads, and that nobody reads any without a session
//! in force. Ways around it stand in `reach_evasion`, what the database itself declares in `reach_declared`.

use shared::camera::CameraCount;
use sqlx::Executor;
use tests::{
    app::{TestApp, summary},
    plain_sql::{areas_of, as_app, as_client, count},
};

/// Every table whose rows not everybody may see.
const PROTECTED: [&str; 18] = [
    "household",
    "resident",
    "boarding_house",
    "room",
    "tenancy",
    "camera",
    "camera_alert",
    "camera_alert_entry",
    "camera_alert_plate",
    "alert_rule",
    "ingest_quarantine",
    "ingest_put_away",
    "device_clock_report",
    "account",
    "appointment",
    "session",
    "audit_entry",
    "history",
];

#[tokio::test]
async fn without_a_token_there_is_nothing() {
    let app = TestApp::start().await;
    // So that there would be something to see in every table.
    app.sign_in("police-a").await;
    let mut nobody = as_app(&app, None).await;
    let mut superuser = app.database.connect("postgres").await;
    for table in PROTECTED {
        assert!(count(&mut superuser, table).await > 0, "{table} is empty, so this test would prove nothing");
        assert_eq!(count(&mut nobody, table).await, 0, "{table}");
    }
    app.stop().await;
}

#[tokio::test]
async fn each_caller_reads_the_own_areas() {
    let app = TestApp::start().await;
    let (a1, a2, b1) = (app.ward().a1.area, app.ward().a2.area, app.ward().b1.area);
    for (login, households, residents, tenancies, cameras) in [
        ("tdp_head-a1", vec![a1], vec![a1], vec![a1], vec![a1]),
        ("leader-a", vec![a1, a2], vec![a1, a2], vec![], vec![a1, a2]),
        ("police-b", vec![b1], vec![b1], vec![b1], vec![b1]),
        ("one_stop-a", vec![], vec![], vec![], vec![]),
        ("admin-a", vec![], vec![], vec![], vec![a1, a2]),
        ("landlord-a2", vec![], vec![], vec![a2], vec![]),
    ] {
        let client = app.sign_in(login).await;
        let mut connection = as_client(&app, &client).await;
        assert_eq!(areas_of(&mut connection, "household").await, households, "{login}: households");
        assert_eq!(areas_of(&mut connection, "resident").await, residents, "{login}: residents");
        assert_eq!(areas_of(&mut connection, "tenancy").await, tenancies, "{login}: tenancies");
        assert_eq!(areas_of(&mut connection, "camera").await, cameras, "{login}: cameras");
    }
    app.stop().await;
}

#[tokio::test]
async fn alerts_are_read_by_who_answers_for_them_and_plates_by_the_police() {
    let app = TestApp::start().await;
    let (a1, a2, b1) = (app.ward().a1.area, app.ward().a2.area, app.ward().b1.area);
    for (login, alerts, plates, quarantine) in [
        ("leader-a", vec![a1, a2], vec![], vec![]),
        ("operator-a", vec![a1, a2], vec![], vec![a1, a2]),
        ("police-a", vec![a1, a2], vec![a1, a2], vec![]),
        ("police-b", vec![b1], vec![b1], vec![]),
        ("tdp_head-a1", vec![], vec![], vec![]),
        ("admin-a", vec![], vec![], vec![]),
        ("one_stop-a", vec![], vec![], vec![]),
    ] {
        let client = app.sign_in(login).await;
        let mut connection = as_client(&app, &client).await;
        for table in ["camera_alert", "camera_alert_entry", "alert_rule"] {
            assert_eq!(areas_of(&mut connection, table).await, alerts, "{login}: {table}");
        }
        assert_eq!(areas_of(&mut connection, "camera_alert_plate").await, plates, "{login}: plates");
        for table in ["ingest_quarantine", "ingest_put_away", "device_clock_report"] {
            assert_eq!(areas_of(&mut connection, table).await, quarantine, "{login}: {table}");
        }
        let pasts: i64 = sqlx::query_scalar("select count(*) from history where topic = 'camera_alert' and after::text like '%canary%'")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(pasts, 0, "{login}: a plate in the past of an alert");
        let changed = connection.execute("update camera_alert set steps = steps + 1").await.unwrap().rows_affected();
        assert_eq!(changed, alerts.len() as u64, "{login}: alerts that the role may handle");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_landlord_reads_the_own_house_and_not_the_neighbours() {
    let app = TestApp::start().await;
    // A second house in the same TDP, of somebody else.
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("insert into boarding_house (code, name, address, landlord_name, geom) select 'NT-X', 'Nhà trọ X', 'x', 'X', geom from boarding_house where id = $1")
        .bind(app.ward().a1.boarding_house)
        .execute(&mut owner)
        .await
        .unwrap();
    let landlord = app.sign_in("landlord-a1").await;
    let mut connection = as_client(&app, &landlord).await;
    let houses: Vec<i64> = sqlx::query_scalar("select id from boarding_house").fetch_all(&mut connection).await.unwrap();
    assert_eq!(houses, [app.ward().a1.boarding_house]);
    app.stop().await;
}

#[tokio::test]
async fn a_household_that_moves_takes_its_residents_along() {
    let app = TestApp::start().await;
    let (old_head, new_head) = (app.sign_in("tdp_head-a1").await, app.sign_in("tdp_head-a2").await);
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("update household set geom = (select geom from household where id = $2) where id = $1")
        .bind(app.ward().a1.household)
        .bind(app.ward().a2.household)
        .execute(&mut owner)
        .await
        .unwrap();
    for (client, households, residents) in [(&old_head, 0, 0), (&new_head, 2, 2)] {
        let mut connection = as_client(&app, client).await;
        assert_eq!((count(&mut connection, "household").await, count(&mut connection, "resident").await), (households, residents));
    }
    app.stop().await;
}

#[tokio::test]
async fn a_session_that_ended_reads_nothing() {
    let app = TestApp::start().await;
    let mut owner = app.database.connect("ioc_owner").await;
    for ending in [
        "update session set ended_at = now()",
        "update session set expires_at = now(), ended_at = null",
        "update account set disabled_at = now() where login = 'police-a'",
        "delete from appointment where role = 'police'",
    ] {
        sqlx::raw_sql("update account set disabled_at = null where login = 'police-a'").execute(&mut owner).await.unwrap();
        let police = app.sign_in("police-a").await;
        let mut connection = as_client(&app, &police).await;
        assert!(count(&mut connection, "resident").await > 0);
        sqlx::raw_sql(ending).execute(&mut owner).await.unwrap();
        assert_eq!(count(&mut connection, "resident").await, 0, "{ending}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_token_does_not_outlive_its_transaction() {
    let app = TestApp::start().await;
    let police = app.sign_in("police-a").await;
    let mut connection = as_client(&app, &police).await;
    assert!(count(&mut connection, "resident").await > 0);
    connection.execute("commit").await.unwrap();
    assert_eq!(count(&mut connection, "resident").await, 0, "the next request on this connection");
    app.stop().await;
}

#[tokio::test]
async fn everybody_may_count_the_cameras_of_a_ward_and_of_nothing_smaller() {
    let app = TestApp::start().await;
    let everybody = app.public();
    let count = async |of: String| {
        let counted: CameraCount = everybody.read(&format!("/api/cameras/count{of}")).await;
        (counted.total, counted.online)
    };
    let ward = app.ward();
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("update camera set status = case when id = $1 then 'online' else 'offline' end")
        .bind(ward.a1.camera)
        .execute(&mut owner)
        .await
        .unwrap();
    assert_eq!(count(String::new()).await, (3, 1), "the whole database");
    assert_eq!(count(format!("?area={}", ward.province)).await, (3, 1));
    assert_eq!(count(format!("?area={}", ward.ward_a)).await, (2, 1));
    assert_eq!(count(format!("?area={}", ward.ward_b)).await, (1, 0));
    for none in [ward.a1.area, 999_999] {
        let refusal = everybody.get(&format!("/api/cameras/count?area={none}")).await;
        assert_eq!(summary(refusal).await, "404 not_found", "a TDP's number would say where they stand");
    }
    app.stop().await;
}
