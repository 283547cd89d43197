//! Camera alerts from the operator's side: who takes one, hands it over, closes it; who sees a plate; rules; what screens hear.

use std::time::Duration;

use reqwest::{Method, Response, StatusCode, header};
use serde_json::{Value, json};
use shared::{
    audit::{AuditOutcome, AuditTrail},
    camera_alert::{
        AlertHandlerList, AlertOutcome, AlertRules, AlertRulesList, AlertStatus, AlertStep, CameraAlertCard, CameraAlertList,
        CameraAlertPlate, Severity,
    },
    edit::History,
    layer::LayerOn,
    problem::Problem,
};
use tests::{
    app::{TestApp, TestClient, summary},
    device::{TestDevice, an_alert},
    screen::Screen,
    small_ward::CANARY,
    tile_reader,
};
use tokio::time::timeout;

const REASON: &str = "Xác minh xe theo đơn số 12";
const ROLES: [&str; 8] = ["public", "tdp_head", "leader", "operator", "police", "one_stop", "landlord", "admin"];
const HANDLERS: [&str; 3] = ["leader", "operator", "police"];

async fn client(app: &TestApp, role: &str) -> TestClient {
    match role {
        "public" => app.public(),
        "tdp_head" | "landlord" => app.sign_in(&format!("{role}-a1")).await,
        role => app.sign_in(&format!("{role}-a")).await,
    }
}

/// A step at an alert; `seen`: the version in `If-Match`.
async fn step(client: &TestClient, id: i64, step: &str, seen: Option<i32>, body: Value) -> Response {
    let request = client.request(Method::POST, &format!("/api/camera-alerts/{id}/{step}")).json(&body);
    client
        .send(match seen {
            Some(seen) => request.header(header::IF_MATCH, format!("\"{seen}\"")),
            None => request,
        })
        .await
}

async fn done(answer: Response) -> CameraAlertCard {
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert_eq!(status, StatusCode::OK, "{text}");
    serde_json::from_str(&text).unwrap()
}

async fn card(client: &TestClient, id: i64) -> CameraAlertCard {
    client.read(&format!("/api/camera-alerts/{id}")).await
}

async fn account(app: &TestApp, login: &str) -> i64 {
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query_scalar("select id from account where login = $1").bind(login).fetch_one(&mut owner).await.unwrap()
}

#[tokio::test]
async fn every_role_handles_what_the_matrix_lets_it_and_nothing_else() {
    let app = TestApp::start().await;
    let steps = [
        ("take", json!({})),
        ("assign", json!({"account_id": account(&app, "operator-a").await})),
        // Back to those that wait for somebody.
        ("assign", json!({"account_id": null})),
        ("note", json!({"note": "đã gọi"})),
        ("close", json!({"outcome": "handled"})),
        ("reopen", json!({"reason": "xe quay lại"})),
    ];
    let mut wrong = Vec::new();
    for role in ROLES {
        let client = client(&app, role).await;
        let handles = HANDLERS.contains(&role);
        for (alert, is_own) in [(app.ward().a1.camera_alert, true), (app.ward().b1.camera_alert, false)] {
            for (name, body) in &steps {
                let seen = if handles && is_own { card(&client, alert).await.alert.version } else { 0 };
                let answer = step(&client, alert, name, Some(seen), body.clone()).await;
                let (status, text) = (answer.status(), answer.text().await.unwrap());
                let expected = match role {
                    _ if handles && is_own => StatusCode::OK,
                    // What lies out of reach does not exist.
                    _ if handles => StatusCode::NOT_FOUND,
                    "public" => StatusCode::UNAUTHORIZED,
                    _ => StatusCode::FORBIDDEN,
                };
                if status != expected || text.contains(CANARY) {
                    wrong.push(format!("{name} as {role}, own {is_own}: {status}: {text}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let untouched: i32 = sqlx::query_scalar("select steps from camera_alert where id = $1")
        .bind(app.ward().b1.camera_alert)
        .fetch_one(&mut app.database.connect("ioc_owner").await)
        .await
        .unwrap();
    assert_eq!(untouched, 0);
    app.stop().await;
}

#[tokio::test]
async fn of_two_who_take_at_once_one_wins_and_the_other_is_told_who() {
    let app = TestApp::start().await;
    let (operator, police) = (app.sign_in("operator-a").await, app.sign_in("police-a").await);
    let id = app.ward().a1.camera_alert;
    for turn in 0..5 {
        let (one, other) = tokio::join!(step(&operator, id, "take", None, json!({})), step(&police, id, "take", None, json!({})));
        let (winner, loser, name) = match one.status() {
            StatusCode::OK => (one, other, "Cán bộ operator-a"),
            _ => (other, one, "Cán bộ police-a"),
        };
        assert_eq!(loser.status(), StatusCode::CONFLICT, "turn {turn}");
        let refusal: Problem = loser.json().await.unwrap();
        assert_eq!(refusal.code, "camera_alerts.already_taken");
        assert!(refusal.detail.contains(name), "{}", refusal.detail);
        let conflict = refusal.conflict.expect("who, when and the alert as it stands");
        let taken = done(winner).await;
        assert_eq!((conflict.changed_by.as_deref(), Some(conflict.changed_at)), (Some(name), taken.alert.taken_at));
        assert_eq!(taken.alert.handler_name.as_deref(), Some(name));
        let takes = taken.entries.iter().filter(|entry| entry.step == AlertStep::Taken).count();
        assert_eq!(takes, turn + 1, "one entry a turn");
        let closed = done(step(&operator, id, "close", Some(taken.alert.version), json!({"outcome": "duplicate"})).await).await;
        assert_eq!(closed.alert.status, AlertStatus::Closed);
        done(step(&police, id, "reopen", None, json!({"reason": "thử lại"})).await).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn an_alert_is_taken_handed_over_noted_closed_and_opened_again() {
    let app = TestApp::start().await;
    let (operator, police) = (app.sign_in("operator-a").await, app.sign_in("police-a").await);
    let (id, police_id) = (app.ward().a1.camera_alert, account(&app, "police-a").await);
    let taken = done(step(&operator, id, "take", None, json!({})).await).await;
    assert_eq!((taken.alert.status, taken.alert.version), (AlertStatus::Taken, 1));
    let again = done(step(&operator, id, "take", None, json!({})).await).await;
    assert_eq!((again.alert.version, again.entries.len()), (1, taken.entries.len()), "taking what one has is no step");

    let body = json!({"account_id": police_id, "note": "xe\n còn  ở đó"});
    let given = done(step(&operator, id, "assign", Some(1), body).await).await;
    assert_eq!((given.alert.status, given.alert.handler_id), (AlertStatus::Assigned, Some(police_id)));
    done(step(&police, id, "take", None, json!({})).await).await;
    assert_eq!(summary(step(&operator, id, "take", None, json!({})).await).await, "409 camera_alerts.already_taken");
    let noted = done(step(&police, id, "note", None, json!({"note": "đã đến nơi"})).await).await;
    assert_eq!((noted.alert.note_count, noted.alert.version), (1, 3), "a note is in nobody's way");

    let close = json!({"outcome": "handled", "note": "đã phạt", "legal_basis": "NĐ 168/2024, điều 6", "fine_vnd": 900_000});
    let closed = done(step(&police, id, "close", Some(3), close).await).await;
    assert_eq!(
        (closed.alert.status, closed.alert.outcome, closed.alert.fine_vnd),
        (AlertStatus::Closed, Some(AlertOutcome::Handled), Some(900_000))
    );
    assert_eq!(summary(step(&operator, id, "take", None, json!({})).await).await, "409 camera_alerts.already_closed");
    assert_eq!(
        summary(step(&operator, id, "close", Some(4), json!({"outcome": "handled"})).await).await,
        "409 camera_alerts.already_closed"
    );

    assert_eq!(summary(step(&operator, id, "reopen", None, json!({"reason": "  "})).await).await, "422 edit.invalid");
    let open = done(step(&operator, id, "reopen", None, json!({"reason": "xe quay lại"})).await).await;
    assert_eq!((open.alert.status, open.alert.handler_id, open.alert.fine_vnd), (AlertStatus::New, None, None));
    assert_eq!(summary(step(&operator, id, "reopen", None, json!({"reason": "lần nữa"})).await).await, "409 camera_alerts.not_closed");

    let told: Vec<_> = open
        .entries
        .iter()
        .map(|entry| (entry.step, entry.by.as_deref().unwrap_or("—"), entry.to.as_deref(), entry.note.as_deref()))
        .collect();
    let (operator, police) = ("Cán bộ operator-a", "Cán bộ police-a");
    assert_eq!(
        told,
        [
            (AlertStep::Noted, "—", None, Some("xe tải nhỏ")),
            (AlertStep::Taken, operator, None, None),
            (AlertStep::Assigned, operator, Some(police), Some("xe còn ở đó")),
            (AlertStep::Taken, police, None, None),
            (AlertStep::Noted, police, None, Some("đã đến nơi")),
            (AlertStep::Closed, police, None, Some("đã phạt")),
            (AlertStep::Reopened, operator, None, Some("xe quay lại")),
        ]
    );
    app.stop().await;
}

#[tokio::test]
async fn a_step_decided_on_an_older_look_is_refused_and_a_device_is_in_nobodys_way() {
    let app = TestApp::start().await;
    let (operator, police) = (app.sign_in("operator-a").await, app.sign_in("police-a").await);
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let mut alert = an_alert("C-A1", "e1", "illegal_parking");
    device.report(&alert).await;
    let list: CameraAlertList = operator.read("/api/camera-alerts?limit=1").await;
    let id = list.alerts[0].id;
    assert_eq!(summary(step(&operator, id, "close", None, json!({"outcome": "handled"})).await).await, "428 version_required");

    done(step(&police, id, "take", None, json!({})).await).await;
    let late = step(&operator, id, "close", Some(0), json!({"outcome": "false_alarm"})).await;
    assert_eq!(late.status(), StatusCode::PRECONDITION_FAILED);
    let refusal: Problem = late.json().await.unwrap();
    let conflict = refusal.conflict.unwrap();
    assert_eq!((refusal.code.as_str(), conflict.version, conflict.changed_by.as_deref()), ("edit.conflict", 1, Some("Cán bộ police-a")));
    assert_eq!(conflict.current["status"], "taken");

    // The device goes on reporting; what the operator saw is still what was decided on.
    alert["ended_at"] = json!(chrono::Utc::now());
    assert_eq!(device.report(&alert).await.accepted, 1);
    let closed = done(step(&operator, id, "close", Some(1), json!({"outcome": "handled"})).await).await;
    assert!(closed.alert.ended_at.is_some());
    assert_eq!(closed.alert.handler_name.as_deref(), Some("Cán bộ police-a"));
    alert["confidence"] = json!(0.5);
    assert_eq!(device.report(&alert).await.accepted, 1);
    assert_eq!(card(&operator, id).await.alert.status, AlertStatus::Closed, "what people did stays");
    app.stop().await;
}

/// Gives an alert back, as seen in this version.
async fn give_back(client: &TestClient, id: i64, seen: Option<i32>) -> Response {
    step(client, id, "assign", seen, json!({"account_id": null})).await
}

#[tokio::test]
async fn whoever_took_an_alert_gives_it_back_and_everybody_sees_that_it_waits_again() {
    let app = TestApp::start().await;
    let (operator, police) = (app.sign_in("operator-a").await, app.sign_in("police-a").await);
    let id = app.ward().a1.camera_alert;
    assert_eq!(summary(give_back(&operator, id, Some(0)).await).await, "409 camera_alerts.not_taken", "nobody has it yet");
    let mut screen = Screen::new("leader-a", app.sign_in("leader-a").await, &["camera_alert"], [104.9, 20.9, 105.1, 21.1]);
    screen.connect().await;
    screen.listen(Duration::from_millis(400)).await;

    done(step(&operator, id, "take", None, json!({})).await).await;
    assert_eq!(summary(give_back(&operator, id, None).await).await, "428 version_required");
    assert_eq!(summary(give_back(&operator, id, Some(0)).await).await, "412 edit.conflict");
    // Left out is not nobody: nothing is given back by a name that was forgotten.
    assert!(step(&operator, id, "assign", Some(1), json!({})).await.status().is_client_error());
    assert_eq!(card(&operator, id).await.alert.status, AlertStatus::Taken);

    let before = chrono::Utc::now();
    let body = json!({"account_id": null, "note": "đi họp, không kịp xử lý"});
    let open = done(step(&operator, id, "assign", Some(1), body).await).await;
    assert_eq!((open.alert.status, open.alert.handler_id, open.alert.handler_name.as_deref()), (AlertStatus::New, None, None));
    assert_eq!((open.alert.taken_at, open.alert.assigned_at, open.alert.version), (None, None, 2));
    let due = open.alert.answer_due_at.expect("somebody must take it once more");
    let whole_time = chrono::TimeDelta::minutes(60);
    assert!(due >= before + whole_time && due <= chrono::Utc::now() + whole_time, "an hour from now for an ordinary one: {due}");
    let last = open.entries.last().unwrap();
    assert_eq!((last.step, last.by.as_deref()), (AlertStep::GivenBack, Some("Cán bộ operator-a")));
    assert_eq!((last.from.as_deref(), last.to.as_deref()), (None, None), "it was the giver's own");
    assert_eq!(last.note.as_deref(), Some("đi họp, không kịp xử lý"));
    assert!(last.at >= before && last.at <= chrono::Utc::now());
    let waits = async {
        while screen.tables["camera_alert"][&id].properties["status"] != "new"
            || screen.heard.iter().all(|frame| !matches!(frame, shared::live::ServerFrame::Delta { upsert, .. } if upsert.len() == 1))
        {
            screen.next().await;
        }
    };
    timeout(Duration::from_secs(3), waits).await.expect("the leader's screen hears that it is nobody's");

    // Anybody takes it from there; whoever may hand it over may give it back for them, and the record says whose it was.
    done(step(&police, id, "take", None, json!({})).await).await;
    let back = done(give_back(&operator, id, Some(3)).await).await;
    let last = back.entries.last().unwrap();
    assert_eq!(
        (last.step, last.by.as_deref(), last.from.as_deref()),
        (AlertStep::GivenBack, Some("Cán bộ operator-a"), Some("Cán bộ police-a"))
    );
    assert_eq!(summary(give_back(&police, id, Some(4)).await).await, "409 camera_alerts.not_taken");

    // What was only given to somebody goes back too; what is closed does not.
    let given = done(step(&operator, id, "assign", Some(4), json!({"account_id": account(&app, "police-a").await})).await).await;
    assert_eq!(given.alert.status, AlertStatus::Assigned);
    assert_eq!(done(give_back(&police, id, Some(5)).await).await.alert.status, AlertStatus::New);
    done(step(&operator, id, "close", Some(6), json!({"outcome": "false_alarm"})).await).await;
    assert_eq!(summary(give_back(&operator, id, Some(7)).await).await, "409 camera_alerts.already_closed");
    app.stop().await;
}

#[tokio::test]
async fn an_alert_is_given_to_who_answers_for_its_area() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let id = app.ward().a1.camera_alert;
    let listed: AlertHandlerList = operator.read(&format!("/api/camera-alerts/{id}/handlers")).await;
    let names: Vec<&str> = listed.handlers.iter().map(|handler| handler.display_name.as_str()).collect();
    assert_eq!(names, ["Cán bộ leader-a", "Cán bộ operator-a", "Cán bộ police-a"]);
    for stranger in ["operator-b", "tdp_head-a1", "admin-a"] {
        let body = json!({"account_id": account(&app, stranger).await});
        assert_eq!(summary(step(&operator, id, "assign", Some(0), body).await).await, "422 camera_alerts.no_such_handler", "{stranger}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_fine_belongs_to_what_was_handled() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let id = app.ward().a1.camera_alert;
    for wrong in [
        json!({"outcome": "false_alarm", "fine_vnd": 1}),
        json!({"outcome": "handled", "fine_vnd": -1}),
        json!({"outcome": "handled", "legal_basis": " "}),
    ] {
        assert_eq!(summary(step(&operator, id, "close", Some(0), wrong.clone()).await).await, "422 edit.invalid", "{wrong}");
    }
    assert_eq!(card(&operator, id).await.alert.status, AlertStatus::New);
    app.stop().await;
}

#[tokio::test]
async fn the_list_is_cut_and_paged_without_gap_or_repeat() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    // Several of the same moment: the id decides among them.
    let at = chrono::Utc::now() - chrono::TimeDelta::minutes(30);
    let alerts = (0..25).map(|n| {
        let mut alert = an_alert(["C-A1", "C-A2"][n % 2], &format!("e{n}"), ["theft", "crowd", "collision"][n % 3]);
        alert["started_at"] = json!(at - chrono::TimeDelta::seconds((n / 5) as i64));
        alert
    });
    assert_eq!(device.report(&Value::from_iter(alerts)).await.accepted, 25);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page: CameraAlertList = operator.read(&format!("/api/camera-alerts?limit=4{cursor}")).await;
        seen.extend(page.alerts.iter().map(|alert| (alert.started_at, alert.id)));
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 27, "with the two of the small ward");
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "newest first, each once: {seen:?}");

    let count = async |query: &str| operator.read::<CameraAlertList>(&format!("/api/camera-alerts?limit=200&{query}")).await.alerts.len();
    assert_eq!(count("kind=theft").await, 9);
    assert_eq!(count("severity=high,critical").await, 17);
    assert_eq!(count(&format!("camera={}", app.ward().a2.camera)).await, 13);
    assert_eq!(count("mine=true").await, 0);
    let since = (at - chrono::TimeDelta::seconds(1)).to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    assert_eq!(count(&format!("since={since}")).await, 10);
    assert_eq!(count(&format!("until={since}&status=new")).await, 17);
    done(step(&operator, seen[0].1, "take", None, json!({})).await).await;
    assert_eq!((count("mine=true").await, count("status=new").await, count("status=taken,closed").await), (1, 26, 1));
    for wrong in ["status=open", "kind=x", "severity=low", "limit=0", "limit=201", "cursor=x"] {
        assert_eq!(summary(operator.get(&format!("/api/camera-alerts?{wrong}")).await).await, "400 bad_request", "{wrong}");
    }

    let of_camera = card(&operator, seen[0].1).await.same_camera;
    assert!(!of_camera.is_empty() && of_camera.iter().all(|other| other.id != seen[0].1 && other.camera_id == of_camera[0].camera_id));
    app.stop().await;
}

#[tokio::test]
async fn a_plate_is_for_the_police_with_a_reason_and_leaves_an_entry() {
    let app = TestApp::start().await;
    let (operator, police) = (app.sign_in("operator-a").await, app.sign_in("police-a").await);
    let id = app.ward().a1.camera_alert;
    let door = format!("/api/camera-alerts/{id}/plate");
    assert_eq!(card(&operator, id).await.has_plate, None);
    assert_eq!(card(&police, id).await.has_plate, Some(true));
    assert_eq!(summary(operator.get_because(&door, REASON).await).await, "403 forbidden");
    assert_eq!(summary(police.get(&door).await).await, "422 camera_alerts.reason_required");
    let elsewhere = format!("/api/camera-alerts/{}/plate", app.ward().b1.camera_alert);
    assert_eq!(summary(police.get_because(&elsewhere, REASON).await).await, "404 not_found");
    let shown: CameraAlertPlate = police.get_because(&door, REASON).await.json().await.unwrap();
    assert_eq!(shown.plate, Some(format!("{CANARY}plateA1")));

    let trail: AuditTrail = police.read("/api/audit").await;
    let looks: Vec<_> = trail.entries.iter().filter(|entry| entry.action == "reveal_plate").collect();
    let outcomes: Vec<_> = looks.iter().map(|entry| (entry.subject_id, entry.outcome)).collect();
    let b1 = Some(app.ward().b1.camera_alert);
    assert_eq!(outcomes, [(Some(id), AuditOutcome::Allowed), (b1, AuditOutcome::Refused), (Some(id), AuditOutcome::Refused)]);
    assert_eq!(looks[0].reason.as_deref(), Some(REASON));
    let trail: AuditTrail = operator.read("/api/audit").await;
    assert!(trail.entries.iter().any(|entry| entry.action == "reveal_plate" && entry.login.as_deref() == Some("operator-a")));
    app.stop().await;
}

#[tokio::test]
async fn screens_hear_of_an_alert_and_its_steps_and_never_of_a_plate() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    let bounds = [104.999, 20.999, 105.043, 21.011];
    let mut screens = Vec::new();
    for login in ["operator-a", "police-a", "leader-b", "tdp_head-a1"] {
        let mut screen = Screen::new(login, app.sign_in(login).await, &["camera_alert", "business"], bounds);
        screen.connect().await;
        screen.listen(Duration::from_millis(400)).await;
        screen.heard.clear();
        screens.push(screen);
    }
    let mut alert = an_alert("C-A1", "e1", "wanted_vehicle");
    alert["plate"] = json!(format!("{CANARY}xe"));
    device.report(&alert).await;
    let list: CameraAlertList = operator.read("/api/camera-alerts?kind=wanted_vehicle").await;
    let id = list.alerts[0].id;
    let arrived = async {
        while screens[0].tables.get("camera_alert").is_none_or(|table| !table.contains_key(&id)) {
            screens[0].next().await;
        }
    };
    timeout(Duration::from_secs(2), arrived).await.expect("the alert is on the operator's screen");
    let shown = &screens[0].tables["camera_alert"][&id];
    assert_eq!((&shown.properties["kind"], &shown.properties["severity"]), (&json!("wanted_vehicle"), &json!("critical")));
    assert_eq!(shown.at, Some([105.005, 21.0045]));

    done(step(&operator, id, "take", None, json!({})).await).await;
    done(step(&operator, id, "note", None, json!({"note": "đang đến"})).await).await;
    let taken = async {
        while screens[0].tables["camera_alert"][&id].properties["status"] != "taken" {
            screens[0].next().await;
        }
    };
    timeout(Duration::from_secs(2), taken).await.expect("that it was taken is on the screen");
    for screen in &mut screens {
        screen.listen(Duration::from_millis(400)).await;
        let heard = serde_json::to_string(&screen.heard).unwrap();
        assert!(!heard.contains(CANARY), "{}: {heard}", screen.name);
        let hears = ["operator-a", "police-a"].contains(&screen.name.as_str());
        assert_eq!(screen.tables.get("camera_alert").is_some_and(|table| table.contains_key(&id)), hears, "{}", screen.name);
    }
    // What came within one reading of the feed comes as one.
    let deltas = serde_json::to_string(&screens[1].heard).unwrap().matches(&format!("\"id\":{id},")).count();
    assert!(deltas >= 2, "{deltas} frames");

    let (x, y) = tile_reader::tile_of(16, 105.005, 21.0045);
    let tile = screens[1].client.get(&format!("/tiles/camera_alert/16/{x}/{y}.mvt")).await.bytes().await.unwrap();
    assert!(tile_reader::points(&tile, 16, x, y).iter().any(|point| point.id == id));
    assert!(!String::from_utf8_lossy(&tile).contains(CANARY));
    let taken = screens[0].client.get(&format!("/tiles/camera_alert/16/{x}/{y}.mvt?status=new")).await.bytes().await.unwrap();
    assert!(tile_reader::points(&taken, 16, x, y).iter().all(|point| point.id != id), "tiles are cut by status");
    // The map of this day has it too, for whoever may see it.
    let today = (chrono::Utc::now() + chrono::TimeDelta::hours(7)).date_naive();
    let past: LayerOn = screens[1].client.read(&format!("/api/layers/camera_alert/on/{today}")).await;
    assert!(past.points.iter().any(|point| point.id == id && point.properties["status"] == "taken"), "{past:?}");
    let elsewhere: LayerOn = screens[2].client.read(&format!("/api/layers/camera_alert/on/{today}")).await;
    assert!(elsewhere.points.iter().all(|point| point.id != id));

    let leaks: i64 = sqlx::query_scalar(
        "select (select count(*) from change where coalesce(before, '{}')::text || coalesce(after, '{}')::text like '%canary%')
              + (select count(*) from history where topic = 'camera_alert' and coalesce(before, '{}')::text || coalesce(after, '{}')::text like '%canary%')",
    )
    .fetch_one(&mut app.database.connect("ioc_owner").await)
    .await
    .unwrap();
    assert_eq!(leaks, 0, "a plate in the feed or in the past of alerts");
    app.stop().await;
}

async fn put_rules(client: &TestClient, seen: Option<i32>, area: i32, rules: Value) -> Response {
    let request = client.request(Method::PUT, "/api/alert-rules").json(&json!({"area_id": area, "rules": rules}));
    client
        .send(match seen {
            Some(seen) => request.header(header::IF_MATCH, format!("\"{seen}\"")),
            None => request,
        })
        .await
}

#[tokio::test]
async fn rules_say_how_grave_an_alert_is_and_whose() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let (ward, police_id) = (app.ward().ward_a, account(&app, "police-a").await);
    let rules = json!([{"kind": "street_market", "severity": "high", "handler_id": police_id}, {"kind": "crowd", "severity": "critical"}]);

    for role in ROLES {
        let client = client(&app, role).await;
        let expected = match role {
            "operator" => continue,
            "public" => "401 sign_in_required",
            _ => "403 forbidden",
        };
        assert_eq!(summary(put_rules(&client, Some(0), ward, rules.clone()).await).await, expected, "{role}");
    }
    assert_eq!(summary(put_rules(&operator, None, ward, rules.clone()).await).await, "428 version_required");
    assert_eq!(summary(put_rules(&operator, Some(0), app.ward().ward_b, rules.clone()).await).await, "404 not_found");
    let stranger = json!([{"handler_id": account(&app, "police-b").await}]);
    assert_eq!(summary(put_rules(&operator, Some(0), ward, stranger).await).await, "422 camera_alerts.no_such_handler");
    let written: AlertRules = put_rules(&operator, Some(0), ward, rules.clone()).await.json().await.unwrap();
    assert_eq!((written.version, written.rules.len()), (1, 2));
    assert_eq!(summary(put_rules(&operator, Some(0), ward, rules).await).await, "412 edit.conflict");

    device.report(&json!([an_alert("C-A1", "e1", "street_market"), an_alert("C-A2", "e1", "crowd")])).await;
    let list: CameraAlertList = operator.read("/api/camera-alerts?kind=street_market,crowd").await;
    let of = |kind: &str| list.alerts.iter().find(|alert| alert.kind.name() == kind).unwrap().clone();
    let (market, crowd) = (of("street_market"), of("crowd"));
    assert_eq!((market.severity, market.status, market.handler_id), (Severity::High, AlertStatus::Assigned, Some(police_id)));
    assert_eq!(market.handler_name.as_deref(), Some("Cán bộ police-a"));
    assert_eq!((crowd.severity, crowd.status), (Severity::Critical, AlertStatus::New));
    let entries = card(&operator, market.id).await.entries;
    assert_eq!((entries[0].step, entries[0].by.as_deref(), entries[0].to.as_deref()), (AlertStep::Assigned, None, Some("Cán bộ police-a")));

    let calmer: AlertRules =
        put_rules(&operator, Some(1), ward, json!([{"kind": "crowd", "severity": "medium"}])).await.json().await.unwrap();
    assert_eq!(calmer.version, 2);
    let listed: AlertRulesList = app.sign_in("leader-a").await.read("/api/alert-rules").await;
    let of_ward = listed.areas.iter().find(|rules| rules.area_id == ward).unwrap();
    assert!(!of_ward.editable && of_ward.rules[0].severity == Some(Severity::Medium));
    let past: History = app.sign_in("leader-a").await.read(&format!("/api/alert-rules/{ward}/history")).await;
    let by: Vec<_> = past.entries.iter().map(|entry| entry.by.as_deref()).collect();
    assert_eq!(by, [Some("Cán bộ operator-a"), Some("Cán bộ operator-a")]);
    assert_eq!(past.entries[0].changes[0].before[0]["kind"], "street_market");
    for (login, expected) in [("leader-b", "404 not_found"), ("tdp_head-a1", "403 forbidden"), ("admin-a", "403 forbidden")] {
        let refused = app.sign_in(login).await.get(&format!("/api/alert-rules/{ward}/history")).await;
        assert_eq!(summary(refused).await, expected, "{login}");
    }
    app.stop().await;
}
