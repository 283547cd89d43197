//! Camera alerts in the hands of officers: who takes one, hands it over, gives it back, closes it and opens it again; of two at once, one.
//! What lists and screens show of them stands in `camera_alerts_shown`, whose they are by rule in `alert_rules`.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use shared::{
    camera_alert::{AlertHandlerList, AlertOutcome, AlertStatus, AlertStep, CameraAlertList},
    problem::Problem,
};
use tests::{
    app::{TestApp, summary},
    device::{TestDevice, an_alert},
    handling::{card, done, give_back, step, take},
    roles::{HANDLERS, ROLES, client},
    screen::Screen,
    small_ward::CANARY,
};
use tokio::time::timeout;

#[tokio::test]
async fn every_role_handles_what_the_matrix_lets_it_and_nothing_else() {
    let app = TestApp::start().await;
    let steps = [
        ("take", json!({})),
        ("assign", json!({"account_id": app.account("operator-a").await})),
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
    let (id, police_id) = (app.ward().a1.camera_alert, app.account("police-a").await);
    let taken = take(&operator, id).await;
    assert_eq!((taken.alert.status, taken.alert.version), (AlertStatus::Taken, 1));
    let again = take(&operator, id).await;
    assert_eq!((again.alert.version, again.entries.len()), (1, taken.entries.len()), "taking what one has is no step");

    let body = json!({"account_id": police_id, "note": "xe\n còn  ở đó"});
    let given = done(step(&operator, id, "assign", Some(1), body).await).await;
    assert_eq!((given.alert.status, given.alert.handler_id), (AlertStatus::Assigned, Some(police_id)));
    take(&police, id).await;
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

    take(&police, id).await;
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

#[tokio::test]
async fn whoever_took_an_alert_gives_it_back_and_everybody_sees_that_it_waits_again() {
    let app = TestApp::start().await;
    let (operator, police) = (app.sign_in("operator-a").await, app.sign_in("police-a").await);
    let id = app.ward().a1.camera_alert;
    assert_eq!(summary(give_back(&operator, id, Some(0)).await).await, "409 camera_alerts.not_taken", "nobody has it yet");
    let mut screen = Screen::new("leader-a", app.sign_in("leader-a").await, &["camera_alert"], [104.9, 20.9, 105.1, 21.1]);
    screen.connect().await;
    screen.listen(Duration::from_millis(400)).await;

    take(&operator, id).await;
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
    timeout(Duration::from_secs(10), waits).await.expect("the leader's screen hears that it is nobody's");

    // Anybody takes it from there; whoever may hand it over may give it back for them, and the record says whose it was.
    take(&police, id).await;
    let back = done(give_back(&operator, id, Some(3)).await).await;
    let last = back.entries.last().unwrap();
    assert_eq!(
        (last.step, last.by.as_deref(), last.from.as_deref()),
        (AlertStep::GivenBack, Some("Cán bộ operator-a"), Some("Cán bộ police-a"))
    );
    assert_eq!(summary(give_back(&police, id, Some(4)).await).await, "409 camera_alerts.not_taken");

    // What was only given to somebody goes back too; what is closed does not.
    let given = done(step(&operator, id, "assign", Some(4), json!({"account_id": app.account("police-a").await})).await).await;
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
        let body = json!({"account_id": app.account(stranger).await});
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
