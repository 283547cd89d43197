//! The register of violations: what was handled on a legal basis or with a fine as a list, its months counted by hand, the files that leave the house; and who may
//! be named by a rule of alerts.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::{
    audit::{AuditOutcome, AuditTrail},
    camera_alert::{AlertHandlerList, AlertKind},
    violation::{LegalBasisList, ViolationCounts, ViolationFigures, ViolationList},
};
use tests::{
    app::{TestApp, TestClient, summary},
    device::TestDevice,
    handling,
    roles::{ROLES, client},
};

const REASON: &str = "Lập hồ sơ xử phạt tháng 10";
const BASIS: &str = "Nghị định 168/2024/NĐ-CP";
const AUTUMN: &str = "from=2025-09-01&until=2025-12-01";
const OCTOBER: &str = "from=2025-10-01&until=2025-11-01";

/// An alert of long ago, as a device reports it: its id.
async fn found(app: &TestApp, device: &TestDevice, camera: &str, kind: &str, started_at: &str) -> i64 {
    let external_id = format!("{camera} {kind} {started_at}");
    let mut alert = json!({"camera": camera, "external_id": external_id, "kind": kind, "started_at": started_at});
    alert["plate"] = json!(format!("30A-{}", kind.len()));
    assert_eq!(device.report(&alert).await.accepted, 1);
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query_scalar("select id from camera_alert where external_id = $1").bind(external_id).fetch_one(&mut owner).await.unwrap()
}

async fn step(client: &TestClient, id: i64, step: &str, version: i32, body: Value) {
    handling::done(handling::step(client, id, step, Some(version), body).await).await;
}

async fn close(client: &TestClient, id: i64, body: Value) {
    step(client, id, "close", 0, body).await;
}

async fn take_and_close(client: &TestClient, id: i64, body: Value) {
    step(client, id, "take", 0, json!({})).await;
    step(client, id, "close", 1, body).await;
}

/// When an alert reached us, and how many minutes later it was taken and closed: what no test can wait for.
async fn happened(app: &TestApp, id: i64, received_at: &str, taken_after_min: Option<i64>, closed_after_min: i64) {
    let received_at: DateTime<Utc> = received_at.parse().unwrap();
    sqlx::query("update camera_alert set received_at = $2, taken_at = $3, closed_at = $4 where id = $1")
        .bind(id)
        .bind(received_at)
        .bind(taken_after_min.map(|minutes| received_at + TimeDelta::minutes(minutes)))
        .bind(received_at + TimeDelta::minutes(closed_after_min))
        .execute(&mut app.database.connect("ioc_owner").await)
        .await
        .unwrap();
}

/// What the tests count: alerts of ward A in the autumn of 2025, by the ward's clock.
struct Autumn {
    /// 31 October, 23:30, fined 900.000.
    last_evening: i64,
    /// 1 October, 00:00, fined 500.000.
    first_midnight: i64,
}

async fn autumn(app: &TestApp) -> Autumn {
    let device = TestDevice::add(app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    let last_evening = found(app, &device, "C-A1", "illegal_parking", "2025-10-31T16:30:00Z").await;
    let fined =
        json!({"outcome": "handled", "note": "=HYPERLINK(\"http://x\")", "legal_basis": "Nghị định 168/2024/NĐ-CP", "fine_vnd": 900_000});
    take_and_close(&operator, last_evening, fined).await;
    happened(app, last_evening, "2025-10-31T16:31:00Z", Some(4), 20).await;

    let first_midnight = found(app, &device, "C-A1", "crowd", "2025-09-30T17:00:00Z").await;
    take_and_close(&operator, first_midnight, json!({"outcome": "handled", "note": "đã giải tán", "fine_vnd": 500_000})).await;
    happened(app, first_midnight, "2025-09-30T17:01:00Z", Some(10), 40).await;

    let false_alarm = found(app, &device, "C-A2", "theft", "2025-10-10T03:00:00Z").await;
    close(&operator, false_alarm, json!({"outcome": "false_alarm"})).await;
    happened(app, false_alarm, "2025-10-10T03:01:00Z", None, 60).await;
    let duplicate = found(app, &device, "C-A2", "theft", "2025-10-11T03:00:00Z").await;
    close(&operator, duplicate, json!({"outcome": "duplicate"})).await;
    happened(app, duplicate, "2025-10-11T03:01:00Z", None, 2).await;
    found(app, &device, "C-A1", "crowd", "2025-10-12T03:00:00Z").await;

    // On either side of October, by a second and by none.
    let september = found(app, &device, "C-A1", "encroachment", "2025-09-30T16:59:59Z").await;
    close(&operator, september, json!({"outcome": "handled", "legal_basis": BASIS})).await;
    let november = found(app, &device, "C-A2", "illegal_parking", "2025-10-31T17:00:00Z").await;
    close(&operator, november, json!({"outcome": "handled", "legal_basis": BASIS})).await;
    Autumn { last_evening, first_midnight }
}

#[tokio::test]
async fn months_are_the_wards_and_add_up_to_what_was_counted_by_hand() {
    let app = TestApp::start().await;
    autumn(&app).await;
    let leader = app.sign_in("leader-a").await;
    let figures: ViolationFigures = leader.read(&format!("/api/violations/figures?{AUTUMN}")).await;
    let months: Vec<_> = figures.months.iter().map(|month| (month.month.to_string(), month.counts.found, month.counts.handled)).collect();
    assert_eq!(months, [("2025-09-01".to_owned(), 1, 1), ("2025-10-01".to_owned(), 5, 2), ("2025-11-01".to_owned(), 1, 1)]);
    let october = ViolationCounts {
        found: 5,
        handled: 2,
        violations: 2,
        false_alarms: 1,
        duplicates: 1,
        open: 1,
        fines: 2,
        fines_vnd: 1_400_000,
        // 4 and 10 minutes.
        median_to_take_min: Some(7.0),
        // 2, 20, 40 and 60 minutes.
        median_to_close_min: Some(30.0),
    };
    assert_eq!(figures.months[1].counts, october);
    let kinds: Vec<_> =
        figures.months[1].kinds.iter().map(|of| (of.kind, of.counts.found, of.counts.handled, of.counts.fines_vnd)).collect();
    assert_eq!(kinds, [(AlertKind::Crowd, 2, 1, 500_000), (AlertKind::Theft, 2, 0, 0), (AlertKind::IllegalParking, 1, 1, 900_000)]);
    assert_eq!((figures.total.found, figures.total.handled, figures.total.fines_vnd), (7, 4, 1_400_000));
    assert!((Utc::now() - figures.as_of).num_seconds().abs() < 60, "a figure says when it was counted");

    let alone: ViolationFigures = leader.read(&format!("/api/violations/figures?{OCTOBER}")).await;
    assert_eq!((alone.months.len(), alone.total), (1, october));
    let of_a2: ViolationFigures = leader.read(&format!("/api/violations/figures?{OCTOBER}&area={}", app.ward().a2.area)).await;
    assert_eq!((of_a2.total.found, of_a2.total.false_alarms, of_a2.total.median_to_take_min), (2, 1, None));
    let parking: ViolationFigures = leader.read(&format!("/api/violations/figures?{AUTUMN}&kind=illegal_parking")).await;
    assert_eq!((parking.total.found, parking.kinds.len()), (2, 1));
    // Nothing was found there, which is a number and no gap.
    let nothing: ViolationFigures = leader.read("/api/violations/figures?from=2024-01-01&until=2024-03-01").await;
    assert_eq!((nothing.months.len(), nothing.total), (2, ViolationCounts::default()));
    // Without days: this month and two before it; the small ward's own alert began within the hour.
    let usual: ViolationFigures = leader.read("/api/violations/figures").await;
    assert_eq!((usual.months.len(), usual.months.iter().map(|month| month.counts.found).sum::<i64>()), (3, usual.total.found));
    for wrong in ["from=2025-11-01&until=2025-10-01", "from=1990-01-01", "kind=parking", "from=yesterday", "from=2005-01-01"] {
        assert_eq!(leader.get(&format!("/api/violations/figures?{wrong}")).await.status(), StatusCode::BAD_REQUEST, "{wrong}");
    }
    app.stop().await;
}

#[tokio::test]
async fn the_list_says_what_was_handled_where_by_whom_and_on_what_basis() {
    let app = TestApp::start().await;
    let autumn = autumn(&app).await;
    let police = app.sign_in("police-a").await;
    let list: ViolationList = police.read(&format!("/api/violations?{OCTOBER}")).await;
    let ids: Vec<i64> = list.violations.iter().map(|violation| violation.id).collect();
    assert_eq!(ids, [autumn.last_evening, autumn.first_midnight], "handled ones, newest first");
    let fined = &list.violations[0];
    assert_eq!(
        (fined.camera_code.as_str(), fined.camera_name.as_str(), fined.area_name.as_str(), fined.near_address.as_deref()),
        ("C-A1", "Ngã tư A1", "TDP A1", Some("Số 12 phố Thử A1"))
    );
    assert_eq!((fined.fine_vnd, fined.legal_basis.as_deref()), (Some(900_000), Some("Nghị định 168/2024/NĐ-CP")));
    assert_eq!((fined.closed_by.as_deref(), fined.code.starts_with("CB")), (Some("Cán bộ operator-a"), true));
    assert_eq!(list.violations[1].note.as_deref(), Some("đã giải tán"));

    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page: ViolationList = police.read(&format!("/api/violations?{AUTUMN}&limit=1{cursor}")).await;
        seen.extend(page.violations.iter().map(|violation| violation.started_at));
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 4);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "{seen:?}");
    let count = async |query: String| police.read::<ViolationList>(&format!("/api/violations?{AUTUMN}&{query}")).await.violations.len();
    assert_eq!(count("kind=illegal_parking,crowd".into()).await, 3);
    assert_eq!(count(format!("area={}", app.ward().a2.area)).await, 1);
    assert_eq!(count(format!("area={}", app.ward().ward_a)).await, 4);
    assert_eq!(count(format!("area={}", app.ward().ward_b)).await, 0);

    // Closed again after it was opened: the last closing holds.
    let operator = app.sign_in("operator-a").await;
    step(&operator, autumn.first_midnight, "reopen", 2, json!({"reason": "họ quay lại"})).await;
    assert_eq!(count("kind=crowd".into()).await, 0);
    step(&police, autumn.first_midnight, "close", 3, json!({"outcome": "handled", "note": "lần hai", "legal_basis": BASIS})).await;
    let again: ViolationList = police.read(&format!("/api/violations?{OCTOBER}&kind=crowd")).await;
    assert_eq!((again.violations[0].note.as_deref(), again.violations[0].fine_vnd), (Some("lần hai"), None));
    assert_eq!(again.violations[0].closed_by.as_deref(), Some("Cán bộ police-a"));
    for wrong in ["limit=0", "limit=201", "cursor=x", "kind=x"] {
        assert_eq!(summary(police.get(&format!("/api/violations?{wrong}")).await).await, "400 bad_request", "{wrong}");
    }
    app.stop().await;
}

#[tokio::test]
async fn whoever_was_only_reminded_is_handled_and_no_violation() {
    let app = TestApp::start().await;
    autumn(&app).await;
    let (operator, device) = (app.sign_in("operator-a").await, TestDevice::add(&app, "hop-2", "A").await);
    let reminded = found(&app, &device, "C-A1", "street_market", "2025-10-20T03:00:00Z").await;
    close(&operator, reminded, json!({"outcome": "handled", "note": "đã nhắc nhở", "fine_vnd": 0})).await;
    let recorded = found(&app, &device, "C-A1", "street_market", "2025-10-21T03:00:00Z").await;
    close(&operator, recorded, json!({"outcome": "handled", "note": "lập biên bản, cảnh cáo", "legal_basis": BASIS})).await;

    let october = format!("{OCTOBER}&kind=street_market");
    let listed = async || {
        let list: ViolationList = operator.read(&format!("/api/violations?{october}")).await;
        list.violations.iter().map(|violation| violation.id).collect::<Vec<_>>()
    };
    assert_eq!(listed().await, [recorded], "a warning on a legal basis is one, without a fine too");
    let figures: ViolationFigures = operator.read(&format!("/api/violations/figures?{october}")).await;
    let counts = figures.total;
    assert_eq!((counts.found, counts.handled, counts.violations, counts.fines), (2, 2, 1, 0));
    let file = operator.get(&format!("/api/violations.csv?{october}")).await.text().await.unwrap();
    assert!(file.contains("cảnh cáo") && !file.contains("đã nhắc nhở"), "{file}");

    // They did it again, and this time it was written down.
    step(&operator, reminded, "reopen", 1, json!({"reason": "họ quay lại"})).await;
    step(&operator, reminded, "close", 2, json!({"outcome": "handled", "fine_vnd": 250_000})).await;
    assert_eq!(listed().await, [recorded, reminded]);
    app.stop().await;
}

#[tokio::test]
async fn a_camera_that_came_back_is_no_violation_that_was_handled() {
    let app = TestApp::start().await;
    autumn(&app).await;
    let (operator, device) = (app.sign_in("operator-a").await, TestDevice::add(&app, "hop-2", "A").await);
    let silent = found(&app, &device, "C-A1", "theft", "2025-10-20T03:00:00Z").await;
    close(&operator, silent, json!({"outcome": "handled", "note": "đã thay nguồn", "legal_basis": BASIS})).await;
    let list: ViolationList = operator.read(&format!("/api/violations?{OCTOBER}")).await;
    assert_eq!(list.violations.len(), 3);
    // Reported as what it is, the job might close it before the operator does.
    sqlx::query("update camera_alert set kind = 'camera_silent' where id = $1")
        .bind(silent)
        .execute(&mut app.database.connect("ioc_owner").await)
        .await
        .unwrap();
    let list: ViolationList = operator.read(&format!("/api/violations?{OCTOBER}")).await;
    assert_eq!(list.violations.len(), 2);
    assert!(list.violations.iter().all(|violation| violation.kind.is_violation()));
    let figures: ViolationFigures = operator.read(&format!("/api/violations/figures?{OCTOBER}")).await;
    assert_eq!((figures.total.found, figures.total.handled), (5, 2));
    assert!(figures.kinds.iter().all(|of| of.kind != AlertKind::CameraSilent));
    for door in ["violations", "violations/figures", "violations.csv"] {
        let refusal = operator.get(&format!("/api/{door}?{OCTOBER}&kind=camera_silent")).await;
        assert_eq!(summary(refusal).await, "400 bad_request", "{door}");
    }
    app.stop().await;
}

#[tokio::test]
async fn every_role_gets_of_the_register_what_the_matrix_lets_it_and_another_ward_nothing() {
    let app = TestApp::start().await;
    autumn(&app).await;
    let mut wrong = Vec::new();
    for role in ROLES {
        let client = client(&app, role).await;
        for door in ["violations", "violations/figures", "violations/legal-bases", "violations.csv", "violations.xlsx"] {
            let answer = client.get(&format!("/api/{door}?{AUTUMN}")).await;
            let expected = match role {
                "leader" | "operator" | "police" => StatusCode::OK,
                "public" => StatusCode::UNAUTHORIZED,
                _ => StatusCode::FORBIDDEN,
            };
            if answer.status() != expected {
                wrong.push(format!("{door} as {role}: {}", answer.status()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let elsewhere = app.sign_in("operator-b").await;
    let list: ViolationList = elsewhere.read(&format!("/api/violations?{AUTUMN}&area={}", app.ward().ward_a)).await;
    let figures: ViolationFigures = elsewhere.read(&format!("/api/violations/figures?{AUTUMN}")).await;
    assert!(list.violations.is_empty() && figures.total == ViolationCounts::default());
    let file = elsewhere.get(&format!("/api/violations.csv?{AUTUMN}")).await.text().await.unwrap();
    assert_eq!(file.lines().count(), 1, "headings alone: {file}");
    app.stop().await;
}

#[tokio::test]
async fn a_csv_is_what_the_list_says_runs_nothing_and_leaves_an_entry() {
    let app = TestApp::start().await;
    autumn(&app).await;
    let operator = app.sign_in("operator-a").await;
    let answer = operator.get(&format!("/api/violations.csv?{OCTOBER}")).await;
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"so-vi-pham-2025-10.csv\"");
    let file = answer.bytes().await.unwrap();
    let body = file.strip_prefix(b"\xEF\xBB\xBF").expect("the mark by which spreadsheets know Vietnamese letters");
    let mut read = csv::Reader::from_reader(body);
    let headings = read.headers().unwrap().clone();
    assert!(!headings.iter().any(|heading| heading == "Biển số"), "{headings:?}");
    let rows: Vec<csv::StringRecord> = read.records().collect::<Result<_, _>>().unwrap();
    let cell = |row: usize, heading: &str| rows[row].get(headings.iter().position(|known| known == heading).unwrap()).unwrap().to_owned();
    assert_eq!(rows.len(), 2);
    assert_eq!(cell(0, "Loại vi phạm"), "Đỗ xe sai quy định");
    assert_eq!(cell(0, "Thời gian"), "2025-10-31 23:30:00");
    assert_eq!(cell(0, "Ghi chú"), "'=HYPERLINK(\"http://x\")");
    assert_eq!((cell(0, "Tiền phạt (đồng)"), cell(0, "Người đóng")), ("900000".to_owned(), "Cán bộ operator-a".to_owned()));
    assert_eq!((cell(0, "Gần địa chỉ"), cell(1, "Thời gian")), ("Số 12 phố Thử A1".to_owned(), "2025-10-01 00:00:00".to_owned()));

    let admin = app.sign_in("admin-a").await;
    assert_eq!(summary(admin.get("/api/violations.csv").await).await, "403 forbidden");
    let trail: AuditTrail = app.sign_in("leader-a").await.read("/api/audit").await;
    let taken: Vec<_> = trail
        .entries
        .iter()
        .filter(|entry| entry.action.starts_with("export_violations"))
        .map(|entry| (entry.login.as_deref(), entry.outcome, entry.area_id.map(|area| area.0)))
        .collect();
    let ward = Some(app.ward().ward_a);
    assert_eq!(taken, [(Some("admin-a"), AuditOutcome::Refused, ward), (Some("operator-a"), AuditOutcome::Allowed, ward)]);
    app.stop().await;
}

#[tokio::test]
async fn an_xlsx_has_dates_that_are_dates_and_numbers_that_are_numbers() {
    let app = TestApp::start().await;
    autumn(&app).await;
    let leader = app.sign_in("leader-a").await;
    let answer = leader.get(&format!("/api/violations.xlsx?{OCTOBER}")).await;
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"so-vi-pham-2025-10.xlsx\"");
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(answer.bytes().await.unwrap())).unwrap();
    let sheet = book.worksheet_range("Sổ vi phạm").unwrap();
    let column = |heading: &str| (0..20).find(|at| sheet.get_value((0, *at)) == Some(&Data::String(heading.into()))).expect(heading);
    let cell = |row: u32, heading: &str| sheet.get_value((row, column(heading))).cloned().unwrap_or_default();
    let serial = |day: &str, hours: f64| {
        let day: NaiveDate = day.parse().unwrap();
        (day - NaiveDate::from_ymd_opt(1899, 12, 30).unwrap()).num_days() as f64 + hours / 24.0
    };
    let Data::DateTime(at) = cell(1, "Thời gian") else { panic!("no date: {:?}", cell(1, "Thời gian")) };
    assert!((at.as_f64() - serial("2025-10-31", 23.5)).abs() < 1e-6, "the ward's evening: {at:?}");
    assert_eq!(cell(1, "Tiền phạt (đồng)"), Data::Float(900_000.0));
    assert_eq!(cell(1, "Ghi chú"), Data::String("=HYPERLINK(\"http://x\")".into()), "a text, as it was written");
    assert_eq!(cell(2, "Căn cứ"), Data::Empty);
    assert_eq!(book.worksheet_formula("Sổ vi phạm").unwrap().used_cells().count(), 0, "no cell computes anything");

    let figures = book.worksheet_range("Số liệu").unwrap();
    let numbers: Vec<Data> = (2..12).map(|at| figures.get_value((1, at)).cloned().unwrap_or_default()).collect();
    assert_eq!(numbers, [5.0, 2.0, 2.0, 1.0, 1.0, 1.0, 2.0, 1_400_000.0, 7.0, 30.0].map(Data::Float));
    let october = (1..20).find_map(|row| match figures.get_value((row, 0)) {
        Some(Data::DateTime(month)) => Some(month.as_f64()),
        _ => None,
    });
    assert_eq!(october, Some(serial("2025-10-01", 0.0)), "a month is a date");
    app.stop().await;
}

#[tokio::test]
async fn plates_leave_the_house_with_the_police_and_a_reason_alone() {
    let app = TestApp::start().await;
    let autumn = autumn(&app).await;
    let door = format!("/api/violations.csv?{OCTOBER}");
    let (operator, police) = (app.sign_in("operator-a").await, app.sign_in("police-a").await);
    let plate = format!("30A-{}", "illegal_parking".len());
    for (without, who) in [
        (operator.get_because(&door, REASON).await, "an operator, whatever the reason"),
        (police.get(&door).await, "the police without a reason"),
        (police.get_because(&door, "vì sao").await, "the police with no reason to speak of"),
    ] {
        assert_eq!(without.status(), StatusCode::OK, "{who}");
        let file = without.text().await.unwrap();
        assert!(!file.contains("30A-") && !file.contains("Biển số"), "{who}: {file}");
    }
    let with = police.get_because(&door, REASON).await.text().await.unwrap();
    assert!(with.contains(&plate) && with.contains("Biển số"), "{with}");
    let trail: AuditTrail = police.read("/api/audit").await;
    let taken: Vec<_> = trail
        .entries
        .iter()
        .filter(|entry| entry.action.starts_with("export_violations"))
        .map(|entry| (entry.action.as_str(), entry.reason.as_deref()))
        .collect();
    assert_eq!(taken, [("export_violations_with_plates", Some(REASON)), ("export_violations", None), ("export_violations", None)]);
    let revealed: Vec<_> = trail
        .entries
        .iter()
        .filter(|entry| entry.action == "reveal_plate")
        .map(|entry| (entry.subject_id, entry.area_id.map(|area| area.0), entry.reason.as_deref()))
        .collect();
    let in_a1 = |id: i64| (Some(id), Some(app.ward().a1.area), Some(REASON));
    assert_eq!(revealed, [in_a1(autumn.first_midnight), in_a1(autumn.last_evening)], "each plate is an entry, as if it had been looked at");
    app.stop().await;
}

#[tokio::test]
async fn a_file_with_plates_is_a_short_one() {
    let app = TestApp::start().await;
    let mut owner = app.database.connect("ioc_owner").await;
    let many = "insert into camera_alert (camera_id, camera_code, external_id, kind, severity, started_at, status, outcome, legal_basis, closed_at, geom)
        select c.id, c.code, 'many-' || n, 'crowd', 'medium', '2025-10-05 00:00:00+00'::timestamptz + make_interval(mins => n), 'closed', 'handled',
            'Nghị định 168/2024/NĐ-CP', now(), c.geom
        from camera c, generate_series(1, $1) n where c.code = 'C-A1'";
    sqlx::query(many).bind(501).execute(&mut owner).await.unwrap();
    let police = app.sign_in("police-a").await;
    for format in ["csv", "xlsx"] {
        let door = format!("/api/violations.{format}?{OCTOBER}");
        assert_eq!(summary(police.get_because(&door, REASON).await).await, "422 violations.too_many_plates", "{format}");
        assert_eq!(police.get(&door).await.status(), StatusCode::OK, "{format} without plates");
    }
    sqlx::query("delete from camera_alert where external_id = 'many-1'").execute(&mut owner).await.unwrap();
    let file = police.get_because(&format!("/api/violations.csv?{OCTOBER}"), REASON).await;
    assert_eq!((file.status(), file.text().await.unwrap().lines().count()), (StatusCode::OK, 501));
    app.stop().await;
}

#[tokio::test]
async fn a_file_of_two_wards_stands_in_the_trail_of_both() {
    let app = TestApp::start().await;
    autumn(&app).await;
    let device = TestDevice::add(&app, "hop-b", "B").await;
    let elsewhere = found(&app, &device, "C-B1", "crowd", "2025-10-12T03:00:00Z").await;
    close(&app.sign_in("operator-b").await, elsewhere, json!({"outcome": "handled", "legal_basis": BASIS})).await;
    let also_b = "insert into appointment (account_id, role, area_id, basis) select id, 'police', $1, 'thử nghiệm' from account where login = 'police-a'";
    sqlx::query(also_b).bind(app.ward().ward_b).execute(&mut app.database.connect("ioc_owner").await).await.unwrap();
    let police = app.sign_in("police-a").await;
    let file = police.get(&format!("/api/violations.csv?{OCTOBER}")).await.text().await.unwrap();
    assert!(file.contains("C-A1") && file.contains("C-B1"), "{file}");
    for (leader, ward) in [("leader-a", app.ward().ward_a), ("leader-b", app.ward().ward_b)] {
        let trail: AuditTrail = app.sign_in(leader).await.read("/api/audit").await;
        let taken: Vec<_> = trail.entries.iter().filter(|entry| entry.action == "export_violations").collect();
        let said: Vec<_> = taken.iter().map(|entry| (entry.login.as_deref(), entry.area_id.map(|area| area.0))).collect();
        assert_eq!(said, [(Some("police-a"), Some(ward))], "{leader}");
    }
    app.stop().await;
}

#[tokio::test]
async fn legal_bases_and_handlers_are_offered_to_whoever_works_with_alerts() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let list: LegalBasisList = operator.read("/api/violations/legal-bases").await;
    let parking: Vec<_> = list.bases.iter().filter(|basis| basis.kinds.contains(&AlertKind::IllegalParking)).collect();
    assert!(parking.iter().any(|basis| basis.citation == "Nghị định 168/2024/NĐ-CP"), "{parking:?}");

    let handlers: AlertHandlerList = operator.read(&format!("/api/alert-rules/{}/handlers", app.ward().ward_a)).await;
    let names: Vec<&str> = handlers.handlers.iter().map(|handler| handler.display_name.as_str()).collect();
    assert_eq!(names, ["Cán bộ leader-a", "Cán bộ operator-a", "Cán bộ police-a"]);
    for role in ROLES {
        let client = client(&app, role).await;
        let own = client.get(&format!("/api/alert-rules/{}/handlers", app.ward().a1.area)).await.status();
        let elsewhere = client.get(&format!("/api/alert-rules/{}/handlers", app.ward().ward_b)).await.status();
        let expected = match role {
            "leader" | "operator" | "police" => (StatusCode::OK, StatusCode::NOT_FOUND),
            "public" => (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED),
            _ => (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN),
        };
        assert_eq!((own, elsewhere), expected, "{role}");
    }
    app.stop().await;
}
