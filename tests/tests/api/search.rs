//! Search through the door: who finds what, by which words, and what it leaves on the audit trail.

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use reqwest::Method;
use shared::search::{NamedAfter, SearchKind, SearchRequest, SearchResults};
use sqlx::Row;
use tests::app::{TestApp, TestClient, summary};
use tests::cluster::{assert_read_by_id, plan_for_ids};

const REASON: &str = "Xác minh đơn thư của công dân";

async fn search(client: &TestClient, typed: &str) -> SearchResults {
    search_because(client, typed, None).await
}

async fn search_because(client: &TestClient, typed: &str, reason: Option<&str>) -> SearchResults {
    let mut request = client.request(Method::POST, "/api/search").json(&SearchRequest { q: typed.into(), limit: None, near: None });
    if let Some(reason) = reason {
        request = request.header("Access-Reason", shared::audit::encode_reason(reason));
    }
    let answer = client.send(request).await;
    assert_eq!(answer.status(), 200, "{typed}");
    answer.json().await.expect("results")
}

/// One line per result.
fn lines(results: &SearchResults) -> String {
    let line = |r: &shared::search::SearchResult| format!("{} {} ({})", r.kind.name(), r.title, r.subtitle.as_deref().unwrap_or("-"));
    results.results.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Searches until `done`; what changed is to be found within a second.
async fn found(client: &TestClient, typed: &str, done: impl Fn(&SearchResults) -> bool) -> SearchResults {
    let begun = Instant::now();
    loop {
        let results = search(client, typed).await;
        if done(&results) {
            return results;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{typed}: {}", lines(&results));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn everybody_finds_streets_and_houses_without_marks_and_no_household() {
    let app = TestApp::start().await;
    let results: SearchResults = app.public().read("/api/search?q=pho+thu+a1").await;
    assert_snapshot!(lines(&results), @r#"
    road Phố Thử A1 (TDP A1)
    place Nhà văn hóa A1 (Số 20 phố Thử A1)
    business Tạp hóa A1 (Số 10 phố Thử A1)
    building Số 12 phố Thử A1 (TDP A1)
    "#);
    assert!(results.results.iter().all(|result| result.lon.is_some() && result.lat.is_some()));
    let posted = search(&app.public(), "phố thử a1").await;
    assert_eq!(posted.results, results.results);
    assert!(!posted.reason_needed);
    app.stop().await;
}

/// DESIGN 4: household by name; who may, who may with a reason, who may not.
#[tokio::test]
async fn a_name_is_found_by_those_who_may_open_it() {
    let app = TestApp::start().await;
    let mut text = String::new();
    for login in ["tdp_head-a1", "leader-a", "operator-a", "police-a", "one_stop-a", "landlord-a1", "admin-a"] {
        let client = app.sign_in(login).await;
        for reason in [None, Some(REASON)] {
            let results = search_because(&client, "ba hanh canaryname", reason).await;
            let asked = if results.reason_needed { ", a reason is needed" } else { "" };
            let found = if results.results.is_empty() { "nothing".to_owned() } else { lines(&results).replace('\n', "; ") };
            text += &format!("{login} {}{asked}: {found}\n", if reason.is_some() { "with reason" } else { "without" });
        }
    }
    assert_snapshot!(text, @r#"
    tdp_head-a1 without: household Hạnh canarynameA1 (Số 12 phố Thử A1)
    tdp_head-a1 with reason: household Hạnh canarynameA1 (Số 12 phố Thử A1)
    leader-a without, a reason is needed: nothing
    leader-a with reason: household Hạnh canarynameA1 (Số 12 phố Thử A1); household Hạnh canarynameA2 (Số 12 phố Thử A2)
    operator-a without, a reason is needed: nothing
    operator-a with reason: household Hạnh canarynameA1 (Số 12 phố Thử A1); household Hạnh canarynameA2 (Số 12 phố Thử A2)
    police-a without, a reason is needed: nothing
    police-a with reason: household Hạnh canarynameA1 (Số 12 phố Thử A1); household Hạnh canarynameA2 (Số 12 phố Thử A2)
    one_stop-a without: nothing
    one_stop-a with reason: nothing
    landlord-a1 without: nothing
    landlord-a1 with reason: nothing
    admin-a without: nothing
    admin-a with reason: nothing
    "#);
    app.stop().await;
}

#[tokio::test]
async fn a_half_remembered_name_and_street_find_the_household() {
    let app = TestApp::start().await;
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("update resident set name = 'Nguyễn Thị Hạnh' where id = $1")
        .bind(app.ward().a1.resident)
        .execute(&mut owner)
        .await
        .unwrap();
    sqlx::query("update household set address = 'Số 12 ngõ 34 phố Thử A1' where id = $1")
        .bind(app.ward().a1.household)
        .execute(&mut owner)
        .await
        .unwrap();
    let head = app.sign_in("tdp_head-a1").await;
    let results = found(&head, "ba hanh ngo 34", |results| !results.results.is_empty()).await;
    assert_snapshot!(lines(&results), @r#"household Nguyễn Thị Hạnh (Số 12 ngõ 34 phố Thử A1)"#);
    for typed in ["nguyen hanh", "Hạnh Nguyen thi", "nguyen thi hamh", "ngo 34 so 12 hanh"] {
        let first = &search(&head, typed).await.results[0];
        assert_eq!((first.title.as_str(), first.named_after), ("Nguyễn Thị Hạnh", Some(NamedAfter::WomanAtHead)), "{typed}");
    }
    // The old name is forgotten.
    assert_eq!(lines(&search(&head, "canaryname").await), "");
    // The head of the next TDP does not find her.
    let next = app.sign_in("tdp_head-a2").await;
    assert_eq!(lines(&search(&next, "nguyen thi hanh").await), "");
    app.stop().await;
}

#[tokio::test]
async fn misspelt_words_find_what_was_meant() {
    let app = TestApp::start().await;
    let mut owner = app.database.connect("ioc_owner").await;
    let names = [
        ("place", "Chợ Đình Phương Canh"),
        ("business", "Tạp hóa Nguyễn Thị Hạnh"),
        ("camera", "Ngã tư Trịnh Văn Bô"),
        ("boarding_house", "Nhà trọ Đức Huệ"),
        ("road", "Hẻm 12/34/6 phố Phương Canh"),
    ];
    for (table, name) in names {
        let id = match table {
            "place" => app.ward().a1.place,
            "business" => app.ward().a1.business,
            "camera" => app.ward().a1.camera,
            "boarding_house" => app.ward().a1.boarding_house,
            _ => app.ward().a1.road,
        };
        sqlx::query(&format!("update {table} set name = $2 where id = $1")).bind(id).bind(name).execute(&mut owner).await.unwrap();
    }
    let operator = app.sign_in("operator-a").await;
    // Changes are taken in their order: with the last, all are there.
    found(&operator, "hem 12/34/6 pho phuong canh", |results| results.results.iter().any(|found| found.title.starts_with("Hẻm"))).await;
    let meant = [
        ("cho dinh phuowng canh", "Chợ Đình Phương Canh"),
        ("chợ ddinhf", "Chợ Đình Phương Canh"),
        ("cho dnih", "Chợ Đình Phương Canh"),
        ("tap hoa nguyn thi hanh", "Tạp hóa Nguyễn Thị Hạnh"),
        ("tapp hoa hanh", "Tạp hóa Nguyễn Thị Hạnh"),
        ("nga tu trinh van b", "Ngã tư Trịnh Văn Bô"),
        ("trjnh van bo", "Ngã tư Trịnh Văn Bô"),
        ("nhà trọ đức huệ", "Nhà trọ Đức Huệ"),
        ("nha tro duuc hue", "Nhà trọ Đức Huệ"),
        ("12/34/6 phương canh", "Hẻm 12/34/6 phố Phương Canh"),
        ("hem 6 ngach 34 ngo 12 phuong canh", "Hẻm 12/34/6 phố Phương Canh"),
        ("ngo 12/34", "Hẻm 12/34/6 phố Phương Canh"),
        ("hem12/34/6", "Hẻm 12/34/6 phố Phương Canh"),
    ];
    for (typed, title) in meant {
        let results = search(&operator, typed).await;
        assert_eq!(results.results.first().map(|result| result.title.as_str()), Some(title), "{typed}: {}", lines(&results));
        assert_eq!(results.indexing, None);
    }
    app.stop().await;
}

#[tokio::test]
async fn the_ward_may_be_named_and_equals_are_ordered_by_nearness() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let near = async |near: [f64; 2]| -> Vec<String> {
        let request =
            operator.request(Method::POST, "/api/search").json(&SearchRequest { q: "tap hoa".into(), limit: None, near: Some(near) });
        let results: SearchResults = operator.send(request).await.json().await.unwrap();
        results.results.into_iter().filter(|result| result.kind == SearchKind::Business).map(|result| result.title).collect()
    };
    assert_eq!(near([105.005, 21.0]).await[..2], ["Tạp hóa A1", "Tạp hóa A2"]);
    assert_eq!(near([105.015, 21.0]).await[..2], ["Tạp hóa A2", "Tạp hóa A1"]);
    // Those of the own ward come before those of another, however near these are.
    assert_eq!(near([105.025, 21.0]).await, ["Tạp hóa A2", "Tạp hóa A1", "Tạp hóa B1"]);
    app.stop().await;
}

#[tokio::test]
async fn a_household_that_moves_is_found_where_it_is() {
    let app = TestApp::start().await;
    let (one, two) = (app.sign_in("tdp_head-a1").await, app.sign_in("tdp_head-a2").await);
    let name = "canarynameA1";
    assert_eq!(search(&one, name).await.results.len(), 1);
    assert_eq!(search(&two, name).await.results.len(), 0);
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("update household set geom = st_setsrid(st_point(105.015, 21.005), 4326) where id = $1")
        .bind(app.ward().a1.household)
        .execute(&mut owner)
        .await
        .unwrap();
    found(&two, name, |results| results.results.len() == 1).await;
    assert_eq!(search(&one, name).await.results.len(), 0);

    sqlx::query("delete from household where id = $1").bind(app.ward().a1.household).execute(&mut owner).await.unwrap();
    found(&two, name, |results| results.results.is_empty()).await;
    app.stop().await;
}

#[tokio::test]
async fn rooms_and_cameras_follow_reach_and_bulk_loads_are_found() {
    let app = TestApp::start().await;
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::raw_sql(
        "begin; set local ioc.bulk = 'on';
         insert into place (code, kind, name, geom) values ('CHO', 'market', 'Chợ Nhổn', st_setsrid(st_point(105.005, 21.005), 4326)); commit",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    found(&app.public(), "cho nhon", |results| lines(results) == "place Chợ Nhổn (-)").await;
    let lodging = async |login: &str| lines(&search(&app.sign_in(login).await, "nha tro a1").await);
    assert_eq!(lodging("operator-a").await, "boarding_house Nhà trọ A1 (Số 14 phố Thử A1)");
    assert_eq!(lodging("operator-b").await, "");
    assert_eq!(lodging("one_stop-a").await, "");
    app.stop().await;
}

#[tokio::test]
async fn a_search_session_is_one_entry_with_its_reason() {
    let app = TestApp::start().await;
    let police = app.sign_in("police-a").await;
    let mut owner = app.database.connect("ioc_owner").await;
    let mut entries = async || -> Vec<(String, Option<String>)> {
        let rows =
            sqlx::query("select login, reason from audit_entry where action = 'search_people' order by id").fetch_all(&mut owner).await;
        rows.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    assert!(search(&police, "canaryname").await.reason_needed);
    assert_eq!(entries().await, [], "addresses alone are nobody's name");
    for typed in ["ca", "canary", "canaryname"] {
        assert!(!search_because(&police, typed, Some(REASON)).await.reason_needed);
    }
    assert_eq!(search(&police, "canaryname").await.results.len(), 2, "the reason given before still holds");
    assert_eq!(entries().await, [("police-a".to_owned(), Some(REASON.to_owned()))]);
    let head = app.sign_in("tdp_head-a1").await;
    search(&head, "canary").await;
    search(&head, "canaryname").await;
    assert_eq!(entries().await.len(), 2);
    // The reason of one account is no reason of another.
    assert!(search(&app.sign_in("leader-a").await, "canaryname").await.reason_needed);
    app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_searched_for_is_said() {
    let app = TestApp::start().await;
    assert_eq!(lines(&search(&app.public(), " / ").await), "");
    let long = "ngõ ".repeat(60);
    let answer = app.public().send(app.public().request(Method::POST, "/api/search").json(&serde_json::json!({"q": long}))).await;
    assert_eq!(summary(answer).await, "400 search.too_long");
    let few: SearchResults = app.public().read("/api/search?q=thu&limit=2").await;
    assert_eq!(few.results.len(), 2);
    app.stop().await;
}

/// What is found is read by id, under row-level security.
#[tokio::test]
async fn protected_rows_are_read_by_id() {
    let app = TestApp::start().await;
    let mut db = app.database.connect("ioc_app").await;
    for (kind, statement) in server::geography::search::statements() {
        let id = if kind == "resident members" { "household_id" } else { "id" };
        assert_read_by_id(&kind, &plan_for_ids(&mut db, statement).await, id);
    }
    app.stop().await;
}
