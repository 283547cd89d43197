//! Editing on the map through the doors: every role at every kind, from which version, how far, what is remembered, and
//! that everybody who may see a row hears of it.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::{
    boarding::BoardingHouse,
    business::Business,
    camera::Camera,
    edit::{FieldChange, History, HistoryEntry, HistoryStep},
    household::HouseholdSummary,
    place::Place,
    problem::Problem,
};
use sqlx::Executor;
use tests::{
    app::{TestApp, summary},
    roles::{ROLES, client},
    screen::Screen,
    small_ward::{CANARY, NATIONAL_ID_START, PHONE_START, TdpRows},
};
use tokio::time::timeout;

/// Inside TDP A1, A2, B1 and outside every area.
const IN_A1: [f64; 2] = [105.0062, 21.0062];
const IN_A2: [f64; 2] = [105.0162, 21.0062];
const IN_B1: [f64; 2] = [105.0262, 21.0062];
const NOWHERE: [f64; 2] = [105.5, 21.5];
/// In the house of A1.
const HOME_A1: [f64; 2] = [105.005, 21.005];

/// Each kind with the roles that edit it, as ARCHITECTURE.md says.
const EDITORS: [(&str, &[&str]); 5] = [
    ("cameras", &["operator", "admin"]),
    ("places", &["operator"]),
    ("businesses", &["operator"]),
    ("households", &["tdp_head", "operator"]),
    ("boarding-houses", &["tdp_head", "operator"]),
];

fn door(kind: &str, rows: &TdpRows) -> String {
    let id = match kind {
        "cameras" => rows.camera,
        "places" => rows.place,
        "businesses" => rows.business,
        "households" => rows.household,
        "boarding-houses" => rows.boarding_house,
        other => panic!("unknown kind {other}"),
    };
    format!("/api/{kind}/{id}")
}

fn holds_nothing_personal(text: &str) -> bool {
    ![CANARY, NATIONAL_ID_START, PHONE_START].iter().any(|secret| text.contains(secret))
}

async fn version_in_the_table(app: &TestApp, kind: &str, rows: &TdpRows) -> i32 {
    let path = door(kind, rows);
    let id = path.rsplit('/').next().unwrap();
    let table = match kind {
        "businesses" => "business",
        "boarding-houses" => "boarding_house",
        kind => kind.trim_end_matches('s'),
    };
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query_scalar(&format!("select version from {table} where id = {id}")).fetch_one(&mut owner).await.unwrap()
}

#[tokio::test]
async fn every_role_edits_what_the_matrix_lets_it_and_nothing_else() {
    let app = TestApp::start().await;
    let mut wrong = Vec::new();
    for (kind, editors) in EDITORS {
        for role in ROLES {
            let client = client(&app, role).await;
            let elsewhere = if role == "tdp_head" { &app.ward().a2 } else { &app.ward().b1 };
            for (rows, is_own) in [(&app.ward().a1, true), (elsewhere, false)] {
                let version = version_in_the_table(&app, kind, rows).await;
                let to = if is_own { IN_A1 } else { IN_B1 };
                let answer = client.edit(&door(kind, rows), Some(version), json!({"point": to})).await;
                let status = answer.status();
                let text = answer.text().await.unwrap();
                let is_editor = editors.contains(&role);
                let expected = match role {
                    _ if is_editor && is_own => StatusCode::OK,
                    // What lies out of reach does not exist.
                    _ if is_editor => StatusCode::NOT_FOUND,
                    "public" => StatusCode::UNAUTHORIZED,
                    _ => StatusCode::FORBIDDEN,
                };
                let has_moved = version_in_the_table(&app, kind, rows).await != version;
                let moves_back = is_editor && is_own;
                if status != expected || !holds_nothing_personal(&text) || has_moved != moves_back {
                    wrong.push(format!("{kind} as {role}, own {is_own}: {status}, moved {has_moved}: {text}"));
                }
                if has_moved {
                    // So that the next one moves it as well.
                    client.edit(&door(kind, rows), Some(version + 1), json!({"point": HOME_A1})).await;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    app.stop().await;
}

#[tokio::test]
async fn what_a_row_says_of_being_editable_is_what_its_door_does() {
    let app = TestApp::start().await;
    let rows = app.ward().a1.clone();
    for (kind, editors) in EDITORS {
        for role in ROLES {
            let path = door(kind, &rows) + if kind == "households" { "/summary" } else { "" };
            let answer = client(&app, role).await.get(&path).await;
            if answer.status() == StatusCode::OK {
                let row: Value = answer.json().await.unwrap();
                assert_eq!(row["editable"], editors.contains(&role), "{kind} as {role}");
            }
        }
    }
    let elsewhere: Business = app.sign_in("operator-a").await.read(&door("businesses", &app.ward().b1)).await;
    assert!(!elsewhere.editable, "a business of another ward");
    app.stop().await;
}

#[tokio::test]
async fn an_edit_names_the_version_it_was_made_from() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let path = door("cameras", &app.ward().a1);
    let turn = |heading: f64| json!({"heading_deg": heading});
    assert_eq!(summary(operator.edit(&path, None, turn(10.0)).await).await, "428 version_required");
    let got = operator.get(&path).await;
    let tag = got.headers()["etag"].to_str().unwrap().to_owned();
    let camera: Camera = got.json().await.unwrap();
    assert_eq!(tag, format!("\"{}\"", camera.version));

    let edited = operator.edit(&path, Some(camera.version), turn(10.0)).await;
    assert_eq!(edited.headers()["etag"], format!("\"{}\"", camera.version + 1));
    let edited: Camera = edited.json().await.unwrap();
    assert_eq!((edited.version, edited.heading_deg, edited.lon, edited.name), (camera.version + 1, Some(10.0), camera.lon, camera.name));

    // An administrator, who still has the old one open, is told by whom and what.
    let admin = app.sign_in("admin-a").await;
    let answer = admin.edit(&path, Some(camera.version), turn(200.0)).await;
    assert_eq!(answer.status(), StatusCode::PRECONDITION_FAILED);
    let problem: Problem = answer.json().await.unwrap();
    let conflict = problem.conflict.expect("a conflict says what is there");
    assert_eq!((problem.code.as_str(), conflict.version), ("edit.conflict", camera.version + 1));
    assert_eq!(conflict.changed_by.as_deref(), Some("Cán bộ operator-a"));
    let current: Camera = serde_json::from_value(conflict.current).unwrap();
    assert_eq!(current.heading_deg, Some(10.0));
    // Who writes over it all the same does so knowingly.
    let over: Camera = admin.edit(&path, Some(conflict.version), turn(200.0)).await.json().await.unwrap();
    assert_eq!(over.heading_deg, Some(200.0));
    assert_eq!(
        summary(admin.edit(&path, Some(over.version + 1), turn(1.0)).await).await,
        "412 edit.conflict",
        "a version that is not there yet"
    );

    // A state that moved on by itself makes a version, but nobody is blamed for it.
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("update camera set status = 'offline' where id = $1").bind(camera.id).execute(&mut owner).await.unwrap();
    let problem: Problem = admin.edit(&path, Some(over.version), turn(1.0)).await.json().await.unwrap();
    assert_eq!(problem.conflict.unwrap().changed_by, None);
    app.stop().await;
}

#[tokio::test]
async fn of_two_edits_at_once_one_is_told_of_the_other() {
    let app = TestApp::start().await;
    let (operator, admin) = (app.sign_in("operator-a").await, app.sign_in("admin-a").await);
    let path = door("cameras", &app.ward().a1);
    let camera: Camera = operator.read(&path).await;
    for round in 0..5 {
        let version = Some(camera.version + round);
        let (one, other) = tokio::join!(
            operator.edit(&path, version, json!({"heading_deg": 10 + round})),
            admin.edit(&path, version, json!({"heading_deg": 100 + round})),
        );
        let mut statuses = [one.status().as_u16(), other.status().as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
    }
    app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_name() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    for (kind, edit, expected) in [
        ("cameras", json!({"heading_deg": 361}), "422 edit.invalid"),
        ("cameras", json!({"field_of_view_deg": 0}), "422 edit.invalid"),
        ("cameras", json!({"range_m": 5000}), "422 edit.invalid"),
        ("cameras", json!({"name": " "}), "422 edit.invalid"),
        ("cameras", json!({"point": [105.0]}), "422 bad_request"),
        ("cameras", json!({"point": [1050.0, 21.0]}), "422 edit.invalid"),
        ("cameras", json!({"stream": "rtsp://elsewhere"}), "422 bad_request"),
        ("cameras", json!({"area_id": 1}), "422 bad_request"),
        ("businesses", json!({"vsic": "47"}), "422 edit.invalid"),
        ("businesses", json!({"sector": "Z"}), "422 edit.invalid"),
        ("businesses", json!({"building_id": 999999}), "422 edit.invalid"),
        ("businesses", json!({"tax_code": "1"}), "422 bad_request"),
        ("places", json!({"kind": "casino"}), "422 edit.invalid"),
        ("places", json!({"name": ""}), "422 edit.invalid"),
        ("households", json!({"address": "Số 1"}), "422 bad_request"),
        ("households", json!({"member_count": 9}), "422 bad_request"),
        ("boarding-houses", json!({"landlord_name": "X"}), "422 bad_request"),
    ] {
        let version = version_in_the_table(&app, kind, &app.ward().a1).await;
        let answer = operator.edit(&door(kind, &app.ward().a1), Some(version), edit.clone()).await;
        assert_eq!(summary(answer).await, expected, "{kind} {edit}");
        assert_eq!(version_in_the_table(&app, kind, &app.ward().a1).await, version, "{kind} {edit}");
    }
    app.stop().await;
}

#[tokio::test]
async fn the_area_follows_the_place_and_nothing_leaves_its_editors_reach() {
    let app = TestApp::start().await;
    let (a1, a2) = (app.ward().a1.clone(), app.ward().a2.clone());
    let (head, operator) = (app.sign_in("tdp_head-a1").await, app.sign_in("operator-a").await);
    let household = door("households", &a1);
    let summary_of = format!("{household}/summary");
    let before: HouseholdSummary = head.read(&summary_of).await;

    // The head moves it in the own TDP, and not out of it, not to another ward, not off the map of the province.
    let moved: HouseholdSummary = head.edit(&household, Some(before.version), json!({"point": IN_A1})).await.json().await.unwrap();
    assert_eq!((moved.lon, moved.lat, moved.area_id), (Some(IN_A1[0]), Some(IN_A1[1]), a1.area));
    for (point, expected) in [(IN_A2, "422 edit.out_of_reach"), (IN_B1, "422 edit.out_of_reach"), (NOWHERE, "422 edit.outside_every_area")]
    {
        assert_eq!(summary(head.edit(&household, Some(moved.version), json!({"point": point})).await).await, expected);
    }
    // Row-level security says the same to a handler that forgot to ask; a business, which everybody may read, included.
    for (client, table, id, to) in [(&head, "household", a1.household, IN_A2), (&operator, "business", a1.business, IN_B1)] {
        let mut forgetful = app.database.connect("ioc_app").await;
        forgetful.execute("begin").await.unwrap();
        let token = client.cookie.as_ref().unwrap().strip_prefix("__Host-ioc=").unwrap();
        sqlx::query("select set_config('ioc.session_token', $1, true)").bind(token).execute(&mut forgetful).await.unwrap();
        let out = format!("update {table} set geom = st_setsrid(st_point({}, {}), 4326) where id = {id}", to[0], to[1]);
        let refusal = sqlx::query(&out).execute(&mut forgetful).await.unwrap_err().to_string();
        assert!(refusal.contains("row-level security"), "{table}: {refusal}");
    }

    // Whoever answers for both TDPs moves it over, and its people go with it.
    let over: HouseholdSummary = operator.edit(&household, Some(moved.version), json!({"point": IN_A2})).await.json().await.unwrap();
    assert_eq!(over.area_id, a2.area);
    assert_eq!(head.get(&summary_of).await.status(), StatusCode::NOT_FOUND);
    let mut owner = app.database.connect("ioc_owner").await;
    let area: i32 = sqlx::query_scalar("select area_id from resident where id = $1").bind(a1.resident).fetch_one(&mut owner).await.unwrap();
    assert_eq!(area, a2.area);
    assert_eq!(summary(operator.edit(&household, Some(over.version), json!({"point": IN_B1})).await).await, "422 edit.out_of_reach");

    // Rooms and tenants follow their boarding house.
    let house: BoardingHouse = operator.read(&door("boarding-houses", &a1)).await;
    let house: BoardingHouse =
        operator.edit(&door("boarding-houses", &a1), Some(house.version), json!({"point": IN_A2})).await.json().await.unwrap();
    assert_eq!(house.area_id, a2.area);
    let area: i32 = sqlx::query_scalar("select area_id from tenancy where id = $1").bind(a1.tenancy).fetch_one(&mut owner).await.unwrap();
    assert_eq!(area, a2.area);
    app.stop().await;
}

#[tokio::test]
async fn the_house_follows_the_place_unless_it_is_named() {
    let app = TestApp::start().await;
    let a1 = app.ward().a1.clone();
    let operator = app.sign_in("operator-a").await;
    let path = door("businesses", &a1);
    let house = async |id: i64| -> Option<i64> {
        let mut owner = app.database.connect("ioc_owner").await;
        sqlx::query_scalar("select building_id from business where id = $1").bind(id).fetch_one(&mut owner).await.unwrap()
    };
    let version = version_in_the_table(&app, "businesses", &a1).await;
    // Taken off the map it stands in no house; put where a house is, it stands in that one; beside it, still.
    let mut step = version;
    for (edit, expected) in [
        (json!({"point": null}), None),
        (json!({"point": HOME_A1}), Some(a1.building)),
        (json!({"point": IN_A1}), Some(a1.building)),
        (json!({"building_id": null}), None),
        (json!({"point": HOME_A1, "building_id": null}), None),
    ] {
        assert_eq!(operator.edit(&path, Some(step), edit.clone()).await.status(), StatusCode::OK, "{edit}");
        step += 1;
        assert_eq!(house(a1.business).await, expected, "{edit}");
    }
    let elsewhere = json!({"building_id": app.ward().b1.building});
    assert_eq!(summary(operator.edit(&path, Some(step), elsewhere).await).await, "422 edit.out_of_reach");
    app.stop().await;
}

/// Writes the state before a change again, as the screens do.
fn undoing(entry: &HistoryEntry) -> Value {
    entry.changes.iter().map(|change| (change.field.clone(), change.before.clone())).collect::<serde_json::Map<_, _>>().into()
}

#[tokio::test]
async fn the_past_says_who_when_and_what_and_can_be_written_again() {
    let app = TestApp::start().await;
    let (operator, admin) = (app.sign_in("operator-a").await, app.sign_in("admin-a").await);
    let path = door("cameras", &app.ward().a1);
    let first: Camera = operator.read(&path).await;
    let edit = json!({"point": IN_A1, "heading_deg": 135, "name": "  Ngã tư  chợ "});
    let second: Camera = operator.edit(&path, Some(first.version), edit).await.json().await.unwrap();
    assert_eq!(second.name, "Ngã tư chợ");
    let third: Camera = admin.edit(&path, Some(second.version), json!({"range_m": null})).await.json().await.unwrap();
    // What moved by itself, and an edit that changes nothing, are no part of this past.
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("update camera set status = 'offline' where id = $1").bind(first.id).execute(&mut owner).await.unwrap();
    let same: Camera = admin.edit(&path, Some(third.version + 1), json!({"heading_deg": 135})).await.json().await.unwrap();
    assert_eq!(same.version, third.version + 1);

    let history: History = app.sign_in("leader-a").await.read(&format!("{path}/history")).await;
    let told: Vec<_> = history.entries.iter().map(|entry| (entry.step, entry.by.as_deref())).collect();
    assert_eq!(
        told,
        [
            (HistoryStep::Update, Some("Cán bộ admin-a")),
            (HistoryStep::Update, Some("Cán bộ operator-a")),
            // The small wards were written in the database itself.
            (HistoryStep::Insert, None),
        ]
    );
    let change = |field: &str, before: Value, after: Value| FieldChange { field: field.into(), before, after };
    assert_eq!(history.entries[0].changes, [change("range_m", json!(40), Value::Null)]);
    assert_eq!(
        history.entries[1].changes,
        [
            change("name", json!("Ngã tư A1"), json!("Ngã tư chợ")),
            change("heading_deg", json!(90), json!(135)),
            change("point", json!([105.005, 21.0045]), json!(IN_A1)),
        ]
    );
    let page: History = operator.read(&format!("{path}/history?limit=1")).await;
    assert_eq!(page.entries, history.entries[..1]);
    let cursor = page.next_cursor.expect("there is more");
    let page: History = operator.read(&format!("{path}/history?limit=2&cursor={cursor}")).await;
    assert_eq!((page.entries.as_slice(), page.next_cursor), (&history.entries[1..], None));

    // Undoing writes a new version with the old state.
    let undone: Camera = operator.edit(&path, Some(same.version), undoing(&history.entries[1])).await.json().await.unwrap();
    assert_eq!((undone.version, undone.name.as_str(), undone.heading_deg), (same.version + 1, "Ngã tư A1", Some(90.0)));
    assert!((undone.lon.unwrap() - first.lon.unwrap()).abs() < 1e-8 && (undone.lat.unwrap() - first.lat.unwrap()).abs() < 1e-8);
    assert_eq!(undone.range_m, None, "what somebody else changed stays");
    app.stop().await;
}

#[tokio::test]
async fn every_kind_is_undone_to_what_it_was() {
    let app = TestApp::start().await;
    let a1 = app.ward().a1.clone();
    let operator = app.sign_in("operator-a").await;
    let full = [
        ("cameras", json!({"point": null, "name": "X", "heading_deg": null, "field_of_view_deg": 10, "range_m": 5})),
        ("places", json!({"point": IN_A1, "name": "X", "kind": "market", "address": null})),
        (
            "businesses",
            json!({"point": null, "name": "X", "address": "Số 1", "vsic": null, "sector": "I", "kind": "company", "status": "closed"}),
        ),
        ("households", json!({"point": null})),
        ("boarding-houses", json!({"point": null})),
    ];
    for (kind, edit) in full {
        let path = door(kind, &a1);
        let seen = path.clone() + if kind == "households" { "/summary" } else { "" };
        let before: Value = operator.read(&seen).await;
        let version = before["version"].as_i64().unwrap() as i32;
        assert_eq!(operator.edit(&path, Some(version), edit.clone()).await.status(), StatusCode::OK, "{kind}");
        let history: History = operator.read(&format!("{path}/history?limit=1")).await;
        assert!(history.entries[0].changes.len() >= edit.as_object().unwrap().len(), "{kind}: {history:?}");
        let undone: Value = operator.edit(&path, Some(version + 1), undoing(&history.entries[0])).await.json().await.unwrap();
        assert_eq!(undone["version"], version + 2, "{kind}");
        for (name, value) in before.as_object().unwrap() {
            match name.as_str() {
                "version" | "updated_at" => {}
                "lon" | "lat" => assert!((undone[name].as_f64().unwrap() - value.as_f64().unwrap()).abs() < 1e-8, "{kind} {name}"),
                _ => assert_eq!(&undone[name], value, "{kind} {name}"),
            }
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn the_past_of_a_household_holds_nothing_personal_and_reaches_as_far_as_its_reader() {
    let app = TestApp::start().await;
    let (a1, a2) = (app.ward().a1.clone(), app.ward().a2.clone());
    let operator = app.sign_in("operator-a").await;
    let path = door("households", &a1);
    let before: HouseholdSummary = operator.read(&format!("{path}/summary")).await;
    operator.edit(&path, Some(before.version), json!({"point": IN_A1})).await;
    // Somebody moves in: a version of the household, and personal data in the past of the resident.
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("update resident set phone = '0999777000', name = 'canary khác' where id = $1")
        .bind(a1.resident)
        .execute(&mut owner)
        .await
        .unwrap();
    let after: HouseholdSummary = operator.read(&format!("{path}/summary")).await;
    assert_eq!(operator.edit(&path, Some(after.version), json!({"point": IN_A2})).await.status(), StatusCode::OK);

    let text = operator.get(&format!("{path}/history")).await.text().await.unwrap();
    assert!(holds_nothing_personal(&text), "{text}");
    let fields = |history: &History| -> Vec<Vec<String>> {
        history.entries.iter().map(|entry| entry.changes.iter().map(|change| change.field.clone()).collect()).collect()
    };
    let whole: History = operator.read(&format!("{path}/history")).await;
    assert_eq!(fields(&whole), [vec!["point"], vec!["point"], vec![]]);
    // The head of A2 sees how it came, not where it was before; the head of A1 no longer sees it at all.
    let came: History = app.sign_in("tdp_head-a2").await.read(&format!("{path}/history")).await;
    assert_eq!(came.entries, whole.entries[..1]);
    assert_eq!(app.sign_in("tdp_head-a1").await.get(&format!("{path}/history")).await.status(), StatusCode::NOT_FOUND);
    assert_ne!(a1.area, a2.area);
    app.stop().await;
}

#[tokio::test]
async fn moving_a_household_leaves_a_trace_and_so_does_trying() {
    let app = TestApp::start().await;
    let (a1, a2) = (app.ward().a1.clone(), app.ward().a2.clone());
    let head = app.sign_in("tdp_head-a1").await;
    let version = version_in_the_table(&app, "households", &a1).await;
    head.edit(&door("households", &a1), Some(version), json!({"point": IN_A1})).await;
    head.edit(&door("households", &a1), Some(version + 1), json!({"point": IN_A2})).await;
    head.edit(&door("households", &a2), Some(1), json!({"point": IN_A1})).await;
    app.sign_in("police-a").await.edit(&door("households", &a1), Some(1), json!({"point": IN_A1})).await;
    let trail: Vec<(String, i64, Option<i32>, String)> = sqlx::query_as(
        "select login, subject_id, area_id, outcome from audit_entry where action = 'place_household' and subject_kind = 'household' order by id",
    )
    .fetch_all(&mut app.database.connect("ioc_owner").await)
    .await
    .unwrap();
    let entry = |login: &str, id: i64, area: Option<i32>, outcome: &str| (login.to_owned(), id, area, outcome.to_owned());
    assert_eq!(
        trail,
        [
            entry("tdp_head-a1", a1.household, Some(a1.area), "allowed"),
            entry("tdp_head-a1", a1.household, Some(a1.area), "refused"),
            entry("tdp_head-a1", a2.household, None, "refused"),
            entry("police-a", a1.household, None, "refused"),
        ]
    );
    app.stop().await;
}

#[tokio::test]
async fn an_edit_is_heard_by_everybody_who_sees_the_row() {
    const BOUNDS: [f64; 4] = [104.999, 20.999, 105.043, 21.011];
    let app = TestApp::start().await;
    let a1 = app.ward().a1.clone();
    let mut leader = Screen::new("leader", app.sign_in("leader-a").await, &["camera", "household", "place"], BOUNDS);
    leader.connect().await;
    leader.listen(Duration::from_millis(400)).await;
    let operator = app.sign_in("operator-a").await;
    let camera: Camera = operator.read(&door("cameras", &a1)).await;
    operator.edit(&door("cameras", &a1), Some(camera.version), json!({"point": IN_A1, "heading_deg": 271})).await;
    let place: Place = operator.read(&door("places", &a1)).await;
    operator.edit(&door("places", &a1), Some(place.version), json!({"name": "Nhà văn hóa mới"})).await;
    let household: HouseholdSummary = operator.read(&format!("{}/summary", door("households", &a1))).await;
    operator.edit(&door("households", &a1), Some(household.version), json!({"point": IN_A1})).await;
    let heard = async {
        loop {
            let camera = &leader.tables["camera"][&a1.camera];
            let turned = camera.at == Some(IN_A1) && camera.properties["heading_deg"] == json!(271.0);
            let named = leader.tables["place"][&a1.place].properties["name"] == "Nhà văn hóa mới";
            let moved = leader.tables["household"][&a1.household]
                .at
                .is_some_and(|[lon, lat]| (lon - IN_A1[0]).abs() < 2e-6 && (lat - IN_A1[1]).abs() < 2e-6);
            if turned && named && moved {
                return;
            }
            leader.next().await;
        }
    };
    timeout(Duration::from_secs(10), heard).await.expect("what was edited is on the leader's screen");

    // The feed knows who did it.
    let actor: Option<String> = sqlx::query_scalar(
        "select a.login from change c join account a on a.id = c.actor where c.topic = 'camera' and c.row_id = $1 order by c.seq desc limit 1",
    )
    .bind(a1.camera)
    .fetch_optional(&mut app.database.connect("ioc_owner").await)
    .await
    .unwrap();
    assert_eq!(actor.as_deref(), Some("operator-a"));
    app.stop().await;
}
