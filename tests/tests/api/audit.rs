//! The audit trail through its door, and what its chain and checkpoints say of somebody who tampers with it.

use std::time::{Duration, Instant};

use reqwest::Method;
use server::accounts::audit::chain::Finding;
use server::accounts::audit::checkpoints::{self, Report};
use shared::audit::{AuditOutcome, AuditTrail};
use shared::search::SearchResults;
use sqlx::Executor;
use tests::app::{TestApp, TestClient, summary};

const REASON: &str = "Xác minh cư trú theo đơn số 12";

/// What `doctor` says.
async fn verify(app: &TestApp) -> Report {
    let data_dir = app.dir.path().join("data");
    checkpoints::verify(&app.database.pool("postgres").await, &data_dir, &app.running.secrets.audit_verifying_key()).await.unwrap()
}

async fn newest(app: &TestApp) -> i64 {
    sqlx::query_scalar("select coalesce(max(id), 0) from audit_entry").fetch_one(&mut app.database.connect("postgres").await).await.unwrap()
}

/// Waits until the newest entry is signed.
async fn signed(app: &TestApp) {
    let newest = newest(app).await;
    let path = checkpoints::file_in(&app.dir.path().join("data"));
    let begun = Instant::now();
    while !std::fs::read_to_string(&path).is_ok_and(|text| text.contains(&format!("{{\"id\":{newest},"))) {
        assert!(begun.elapsed() < Duration::from_secs(30), "entry {newest} is still unsigned");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Somebody looks at a household, `times` over.
async fn look(app: &TestApp, client: &TestClient, times: usize) {
    for _ in 0..times {
        let answer = client.get_because(&format!("/api/households/{}", app.ward().a1.household), REASON).await;
        assert!(answer.status().is_success(), "{}", answer.status());
    }
}

/// What only a superuser can do to the trail.
async fn tamper(app: &TestApp, statement: &str) {
    let mut superuser = app.database.connect("postgres").await;
    superuser.execute("set session_replication_role = replica").await.unwrap();
    superuser.execute(statement).await.unwrap();
}

#[tokio::test]
async fn a_look_is_remembered_with_its_reason_and_shown_to_whom_it_concerns() {
    let app = TestApp::start().await;
    let police = app.sign_in("police-a").await;
    look(&app, &police, 1).await;
    let own: AuditTrail = police.read("/api/audit").await;
    let entry = own.entries.iter().find(|entry| entry.subject_kind.as_deref() == Some("household")).expect("the look is in the own trail");
    assert_eq!(entry.login.as_deref(), Some("police-a"));
    assert_eq!((entry.subject_id, entry.outcome), (Some(app.ward().a1.household), AuditOutcome::Allowed));
    assert_eq!((entry.reason.as_deref(), entry.area_id.map(|id| id.0)), (Some(REASON), Some(app.ward().a1.area)));

    for (login, reads) in [("leader-a", true), ("admin-b", true), ("leader-b", false), ("tdp_head-a1", false), ("one_stop-a", false)] {
        let trail: AuditTrail = app.sign_in(login).await.read("/api/audit").await;
        assert_eq!(trail.entries.iter().any(|other| other.id == entry.id), reads, "{login}");
        assert!(
            trail.entries.iter().any(|entry| entry.action == "sign_in" && entry.login.as_deref() == Some(login)),
            "{login} reads the own trail"
        );
    }
    assert_eq!(summary(app.public().get("/api/audit").await).await, "401 sign_in_required");
    app.stop().await;
}

#[tokio::test]
async fn a_refused_look_is_remembered_too() {
    let app = TestApp::start().await;
    let (head, police) = (app.sign_in("tdp_head-a1").await, app.sign_in("police-a").await);
    let elsewhere = head.get_because(&format!("/api/households/{}", app.ward().a2.household), REASON).await;
    assert_eq!(elsewhere.status().as_u16(), 404);
    let unexplained = police.get(&format!("/api/households/{}", app.ward().a1.household)).await;
    assert_eq!(unexplained.status().as_u16(), 422);
    for client in [&head, &police] {
        let trail: AuditTrail = client.read("/api/audit").await;
        let refused = trail.entries.iter().filter(|entry| entry.outcome == AuditOutcome::Refused).count();
        assert_eq!(refused, 1, "{trail:?}");
    }
    app.stop().await;
}

#[tokio::test]
async fn the_public_cannot_fill_the_trail() {
    let app = TestApp::start().await;
    let before = newest(&app).await;
    let refusal = app.public().get_because(&format!("/api/households/{}", app.ward().a1.household), REASON).await;
    assert_eq!(summary(refusal).await, "401 sign_in_required");
    assert_eq!(newest(&app).await, before);
    app.stop().await;
}

#[tokio::test]
async fn one_reason_covers_a_search_and_what_is_opened_within_a_quarter_of_an_hour() {
    let app = TestApp::start().await;
    let police = app.sign_in("police-a").await;
    let search = async |reason: Option<&str>| -> SearchResults {
        let mut request = police.request(Method::POST, "/api/search").json(&serde_json::json!({"q": "Hạnh"}));
        if let Some(reason) = reason {
            request = request.header("Access-Reason", shared::audit::encode_reason(reason));
        }
        police.send(request).await.json().await.unwrap()
    };
    let actions = async || -> Vec<String> {
        let trail: AuditTrail = police.read("/api/audit").await;
        trail.entries.into_iter().rev().map(|entry| entry.action).collect()
    };
    let household = format!("/api/households/{}", app.ward().a1.household);

    assert!(search(None).await.reason_needed);
    assert_eq!(police.get(&household).await.status().as_u16(), 422);
    assert!(!search(Some(REASON)).await.reason_needed);
    assert!(!search(None).await.reason_needed, "the reason still holds");
    assert!(police.get(&household).await.status().is_success());
    assert_eq!(actions().await, ["sign_in", "open_household", "search_people", "open_household"], "the first look was refused");

    // A quarter of an hour later.
    tamper(&app, "update audit_entry set at = at - interval '15 minutes'").await;
    assert!(search(None).await.reason_needed);
    assert_eq!(police.get(&household).await.status().as_u16(), 422);
    app.stop().await;
}

#[tokio::test]
async fn a_tdp_heads_search_is_recorded_once_and_needs_no_reason() {
    let app = TestApp::start().await;
    let head = app.sign_in("tdp_head-a1").await;
    for _ in 0..3 {
        let request = head.request(Method::POST, "/api/search").json(&serde_json::json!({"q": "Hạnh"}));
        let results: SearchResults = head.send(request).await.json().await.unwrap();
        assert!(!results.reason_needed);
    }
    let trail: AuditTrail = head.read("/api/audit").await;
    let searches: Vec<_> = trail.entries.iter().filter(|entry| entry.action == "search_people").collect();
    assert_eq!(searches.len(), 1);
    assert_eq!(searches[0].area_id.map(|id| id.0), Some(app.ward().a1.area));
    app.stop().await;
}

#[tokio::test]
async fn long_numbers_in_a_reason_are_masked() {
    let app = TestApp::start().await;
    let police = app.sign_in("police-a").await;
    let path = format!("/api/households/{}", app.ward().a1.household);
    assert!(police.get_because(&path, "Tìm người có CCCD 001 299 012 345, gọi 0999.777.123").await.status().is_success());
    let trail: AuditTrail = police.read("/api/audit").await;
    let reason = trail.entries.iter().find_map(|entry| entry.reason.clone()).expect("the look gave a reason");
    assert_eq!(reason, "Tìm người có CCCD •••, gọi •••");
    app.stop().await;
}

#[tokio::test]
async fn the_trail_is_read_page_by_page() {
    let app = TestApp::start().await;
    let police = app.sign_in("police-a").await;
    look(&app, &police, 4).await;
    let whole: AuditTrail = police.read("/api/audit").await;
    assert_eq!((whole.entries.len(), whole.next_cursor), (6, None));
    let first: AuditTrail = police.read("/api/audit?limit=3").await;
    let rest: AuditTrail = police.read(&format!("/api/audit?limit=3&cursor={}", first.next_cursor.unwrap())).await;
    assert_eq!([first.entries, rest.entries].concat(), whole.entries);
    assert_eq!(rest.next_cursor, None);
    for wrong in ["limit=0", "limit=201", "limit=many", "cursor=x"] {
        assert_eq!(summary(police.get(&format!("/api/audit?{wrong}")).await).await, "400 bad_request", "{wrong}");
    }
    app.stop().await;
}

#[tokio::test]
async fn nobody_changes_or_adds_entries_by_hand() {
    let app = TestApp::start().await;
    let police = app.sign_in("police-a").await;
    look(&app, &police, 1).await;
    for role in ["ioc_app", "ioc_owner"] {
        for statement in ["update audit_entry set reason = 'x'", "delete from audit_entry", "truncate audit_entry"] {
            assert!(app.database.connect(role).await.execute(statement).await.is_err(), "{role} may run: {statement}");
        }
    }
    let forged = "insert into audit_entry select id + 1, at, account_id, 'x', action, subject_kind, subject_id, area_id, reason, outcome, request_id, hash, sha256(hash) from audit_entry";
    assert!(app.database.connect("ioc_app").await.execute(forged).await.is_err());
    signed(&app).await;
    assert_eq!(verify(&app).await.findings, []);
    app.stop().await;
}

#[tokio::test]
async fn an_untouched_trail_has_no_findings() {
    let app = TestApp::start().await;
    let police = app.sign_in("police-a").await;
    look(&app, &police, 12).await;
    signed(&app).await;
    let report = verify(&app).await;
    assert_eq!(report.findings, []);
    assert_eq!(report.entries, 14, "the sign-in, the reason and twelve looks");
    assert!(report.checkpoints >= 2, "{}", report.checkpoints);
    app.stop().await;
}

#[tokio::test]
async fn one_altered_entry_is_found() {
    let app = TestApp::start().await;
    let police = app.sign_in("police-a").await;
    look(&app, &police, 4).await;
    signed(&app).await;
    tamper(&app, "update audit_entry set login = 'somebody-else' where id = 3").await;
    assert_eq!(verify(&app).await.findings, [Finding::Altered { id: 3 }]);
    app.stop().await;
}

#[tokio::test]
async fn a_chain_rewritten_as_a_whole_is_found() {
    let app = TestApp::start().await;
    let police = app.sign_in("police-a").await;
    look(&app, &police, 4).await;
    signed(&app).await;
    // The database's own function makes the new chain, so it agrees with itself from end to end.
    tamper(
        &app,
        "do $$ declare e record; begin
            create temp table old as select * from audit_entry order by id;
            delete from audit_entry;
            for e in select * from old order by id loop
                perform append_audit(e.action, e.subject_kind, e.subject_id, e.area_id, 'một lý do khác', e.outcome, e.request_id, e.account_id, e.login);
            end loop;
        end $$",
    )
    .await;
    let findings = verify(&app).await.findings;
    assert!(!findings.is_empty() && findings.iter().all(|finding| matches!(finding, Finding::Rewritten { .. })), "{findings:?}");
    assert!(findings.contains(&Finding::Rewritten { id: newest(&app).await }), "{findings:?}");
    app.stop().await;
}

#[tokio::test]
async fn a_deleted_end_is_found_and_stays_found() {
    let app = TestApp::start().await;
    let police = app.sign_in("police-a").await;
    look(&app, &police, 14).await;
    signed(&app).await;
    tamper(&app, "delete from audit_entry where id > (select max(id) - 10 from audit_entry)").await;
    assert_eq!(verify(&app).await.findings, [Finding::CutOff { last_id: 6, signed_id: 16 }]);
    // Life goes on over the gap, past the number that was signed.
    look(&app, &police, 11).await;
    signed(&app).await;
    let findings = verify(&app).await.findings;
    assert!(findings.contains(&Finding::Rewritten { id: 16 }), "{findings:?}");
    app.stop().await;
}

#[tokio::test]
async fn a_removed_checkpoint_file_is_found() {
    let app = TestApp::start().await;
    let police = app.sign_in("police-a").await;
    look(&app, &police, 1).await;
    signed(&app).await;
    std::fs::remove_file(checkpoints::file_in(&app.dir.path().join("data"))).unwrap();
    assert_eq!(verify(&app).await.findings, [Finding::Unsigned { entries: 3 }]);
    app.stop().await;
}
