//! An appointment that ends between the handler's question and its write. The request waits at a lock that the test holds on the
//! table it is about to write, so that the moment is the same each time.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use sqlx::Executor;
use tests::{
    app::{TestApp, TestClient, summary},
    small_ward,
};
use tokio::time::{sleep, timeout};

/// Somebody newly appointed as operator of ward A: account and client.
async fn an_operator(app: &TestApp) -> (i64, TestClient) {
    let login = format!("operator-{}", &uuid::Uuid::new_v4().simple().to_string()[..12]);
    let mut owner = app.database.connect("ioc_owner").await;
    let id = small_ward::account(&mut owner, &login, "operator", app.ward().ward_a, &small_ward::password_hash()).await.unwrap();
    (id, app.sign_in(&login).await)
}

/// What a request is answered that is about to write `table` when the appointments of `loser` end.
async fn while_losing(app: &TestApp, loser: i64, table: &str, request: RequestBuilder) -> String {
    while_losing_the_role(app, loser, None, table, request).await
}

/// The same where only the appointment to one role ends.
async fn while_losing_the_role(app: &TestApp, loser: i64, role: Option<&str>, table: &str, request: RequestBuilder) -> String {
    let mut holder = app.database.connect("ioc_owner").await;
    // Lets others read and lock rows, and keeps their writes waiting.
    holder.execute(format!("begin; lock table {table} in share row exclusive mode").as_str()).await.unwrap();
    let answer = tokio::spawn(request.send());
    let mut watcher = app.database.connect("postgres").await;
    let waits = "select exists (select from pg_locks l join pg_stat_activity a on a.pid = l.pid
        where a.datname = current_database() and a.usename = 'ioc_app' and not l.granted and l.relation = $1::regclass)";
    let at_the_write = async {
        while !sqlx::query_scalar::<_, bool>(waits).bind(table).fetch_one(&mut watcher).await.unwrap() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(10), at_the_write).await.unwrap_or_else(|_| panic!("the request never came to write {table}"));
    sqlx::query("delete from appointment where account_id = $1 and ($2::text is null or role = $2)")
        .bind(loser)
        .bind(role)
        .execute(&mut watcher)
        .await
        .unwrap();
    holder.execute("commit").await.unwrap();
    summary(answer.await.unwrap().expect("the server answers")).await
}

#[tokio::test]
async fn whoever_loses_the_appointment_on_the_way_to_a_write_is_told_that_they_may_not() {
    let app = TestApp::start().await;
    let ward = app.ward();
    let mut owner = app.database.connect("ioc_owner").await;
    let duty: i64 = sqlx::query_scalar(
        "insert into duty (area_id, account_id, from_at, until_at, step)
         select $1, a.id, now(), now() + interval '8 hours', 1 from account a where a.login = 'police-a' returning id",
    )
    .bind(ward.ward_a)
    .fetch_one(&mut owner)
    .await
    .unwrap();
    let (alert, place, camera) = (ward.a1.camera_alert, ward.a1.place, ward.a1.camera);
    let place_version: i32 = sqlx::query_scalar("select version from place where id = $1").bind(place).fetch_one(&mut owner).await.unwrap();
    let take = (Method::POST, format!("/api/camera-alerts/{alert}/take"), json!({}));
    let note = (Method::POST, format!("/api/camera-alerts/{alert}/note"), json!({"note": "đã gọi tổ trưởng"}));
    let shelve =
        (Method::POST, "/api/alert-shelves".to_owned(), json!({"camera_id": camera, "minutes": 15, "reason": "thi công trước ống kính"}));
    // Everybody reads places, and the rest of the roster stays in sight: what was passed over must not look as if it were written.
    let name = (Method::PATCH, format!("/api/places/{place}"), json!({"name": "Nhà văn hóa mới"}));
    let end = (Method::DELETE, format!("/api/duty/{duty}"), json!({}));
    for (table, (method, path, body)) in [
        ("camera_alert", &take),
        ("camera_alert", &note),
        ("camera_alert_entry", &note),
        ("alert_shelf", &shelve),
        ("place", &name),
        ("duty", &end),
    ] {
        let (id, operator) = an_operator(&app).await;
        let seen = if table == "place" { place_version } else { 1 };
        let request = operator.request(method.clone(), path).header("if-match", format!("\"{seen}\"")).json(body);
        assert_eq!(while_losing(&app, id, table, request).await, "403 forbidden", "{method} {path}, before {table}");
    }

    let untouched: (String, i32, i64, i64, bool, i64) = sqlx::query_as(
        "select a.status, a.note_count, (select count(*) from camera_alert_entry e where e.alert_id = a.id and e.actor is not null),
            (select count(*) from alert_shelf), exists (select from place where name = 'Nhà văn hóa mới'), (select count(*) from duty)
         from camera_alert a where a.id = $1",
    )
    .bind(alert)
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(untouched, ("new".to_owned(), 0, 0, 0, false, 1), "nothing of it is written");
    app.stop().await;
}

#[tokio::test]
async fn whoever_still_sees_what_they_may_no_longer_write_is_told_so_too() {
    let app = TestApp::start_configured(|config, _| config.recorder_hosts = vec!["recorder.ward".into()]).await;
    let (ward, camera) = (app.ward().ward_a, app.ward().a1.camera);
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("insert into camera_recorder (camera_id, area_id, live_view) select id, area_id, 'http://recorder.ward/old' from camera where id = $1")
        .bind(camera)
        .execute(&mut owner)
        .await
        .unwrap();
    // An administrator who is a policeman too goes on seeing where the recorder is.
    let id = small_ward::account(&mut owner, "admin-police", "admin", ward, &small_ward::password_hash()).await.unwrap();
    sqlx::query("insert into appointment (account_id, role, area_id, basis) values ($1, 'police', $2, 'thử nghiệm')")
        .bind(id)
        .bind(ward)
        .execute(&mut owner)
        .await
        .unwrap();
    let both = app.sign_in("admin-police").await;
    let request = both
        .request(Method::PUT, &format!("/api/cameras/{camera}/recorder"))
        .header("if-match", "\"1\"")
        .json(&json!({"live_view": "http://recorder.ward/new"}));
    assert_eq!(while_losing_the_role(&app, id, Some("admin"), "camera_recorder", request).await, "403 forbidden");
    let (kept, entries): (String, i64) = sqlx::query_as(
        "select live_view, (select count(*) from audit_entry where action = 'link_recorder') from camera_recorder where camera_id = $1",
    )
    .bind(camera)
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!((kept.as_str(), entries), ("http://recorder.ward/old", 0), "and the trail does not say that it was written");
    app.stop().await;
}

#[tokio::test]
async fn whoever_is_given_an_alert_while_losing_the_appointment_is_not_given_it() {
    let app = TestApp::start().await;
    let (_, operator) = an_operator(&app).await;
    let (loser, _) = an_operator(&app).await;
    let path = format!("/api/camera-alerts/{}/assign", app.ward().a1.camera_alert);
    let request = operator.request(Method::POST, &path).header("if-match", "\"0\"").json(&json!({"account_id": loser}));
    assert_eq!(while_losing(&app, loser, "camera_alert", request).await, "422 camera_alerts.no_such_handler");

    let (loser, _) = an_operator(&app).await;
    let now = chrono::Utc::now();
    let duty =
        json!({"account_id": loser, "from": now, "until": now + chrono::TimeDelta::hours(8), "step": "first", "kinds": null, "note": null});
    let mut add = json!({"area_id": app.ward().ward_a});
    add.as_object_mut().unwrap().extend(duty.as_object().unwrap().clone());
    let request = operator.request(Method::POST, "/api/duty").json(&add);
    assert_eq!(while_losing(&app, loser, "duty", request).await, "422 duty.does_not_answer");
    app.stop().await;
}
