//! What devices sent and could not be taken in: seen with its reason, refused while nothing is mended, taken in once the camera
//! is there.

use serde_json::json;
use sqlx::Executor;
use tests::device::{TestDevice, an_alert};

use crate::journey::Journey;

const ROW: &str = r#"[data-testid="quarantine-row"][data-reason="ingest.unknown_camera"]"#;
const UNREADABLE: &str = r#"[data-testid="quarantine-row"][data-reason="ingest.unreadable"]"#;
const LATEST: &str = r#"li:first-child > [data-testid="quarantine-row"]"#;

#[tokio::test]
async fn an_operator_is_told_of_a_clock_that_is_wrong() {
    let journey = Journey::begin().await;
    let (browser, app) = (&journey.browser, &journey.app);
    TestDevice::add(app, "hop-1", "A").await;
    let mut owner = app.database.connect("ioc_owner").await;
    // What three reports within the last hour said.
    let told = "insert into device_clock_report (device_id, camera_id, source, slot, heard_at, said_at, reports, area_id, device_name, camera_code)
        select d.id, c.id, 'camera_alerts', n, x.at, x.at - interval '8 days', 1, d.area_id, d.name, c.code
        from device d, camera c, generate_series(1, 3) n, lateral (select now() - n * interval '12 minutes' as at) x
        where d.name = 'hop-1' and c.code = 'C-A1'";
    owner.execute(told).await.unwrap();

    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    let notice = browser.text(r#"[data-testid="room-list"] [data-testid="wrong-clock"]"#).await;
    assert!(notice.contains("hop-1 chậm 8 ngày") && notice.contains("chưa hỏi ai"), "{notice}");
    browser.go_to("/quarantine").await;
    assert_eq!(browser.text(r#"[data-testid="wrong-clock"]"#).await, notice);
    journey.map_settled().await;
    journey.end(&[]).await;
}

#[tokio::test]
async fn an_operator_takes_in_what_waited_for_its_camera() {
    let journey = Journey::begin().await;
    let (browser, app) = (&journey.browser, &journey.app);
    let device = TestDevice::add(app, "hop-1", "A").await;
    let mut plated = an_alert("C-new", "e1", "theft");
    plated["plate"] = json!("29A-999.99");
    let answer = device.report(&json!([plated, an_alert("C-new", "e2", "collision")])).await;
    assert_eq!(answer.rejected.len(), 2);

    // Whoever has no use of the page is told so.
    browser.go_to("/quarantine").await;
    browser.element(r#"[data-testid="not-yours"]"#).await;
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.go_to("/quarantine").await;
    browser.click(LATEST).await;
    let shown = browser.text(r#"[data-testid="quarantine-particulars"]"#).await;
    assert!(shown.contains("C-new") && shown.contains("hop-1") && shown.contains("HTTP"), "{shown}");
    assert!(!shown.contains("29A"), "an operator may not see plates: {shown}");

    // Nothing is mended yet.
    browser.click(r#"[data-testid="quarantine-replay"]"#).await;
    browser.element(r#"[data-testid="quarantine-refused"][data-code="ingest.unknown_camera"]"#).await;
    let mut owner = app.database.connect("ioc_owner").await;
    owner.execute("insert into camera (code, name, geom) select 'C-new', 'Cổng chợ', geom from camera where code = 'C-A2'").await.unwrap();
    browser.click(r#"[data-testid="quarantine-replay-alike"]"#).await;
    browser.element(r#"[data-testid="quarantine-taken-in"]"#).await;
    let both_left = "return document.querySelectorAll(arguments[0]).length === Number(arguments[1])";
    // What the small wards begin with stays.
    browser.wait_for::<bool>("both rows to leave", both_left, vec![json!(ROW), json!(2)]).await;
    let taken_in = "select array_agg(external_id order by external_id) from camera_alert where camera_code = 'C-new'";
    let taken_in: Vec<String> = sqlx::query_scalar(taken_in).fetch_one(&mut owner).await.unwrap();
    assert_eq!(taken_in, ["e1", "e2"]);

    // What nobody can read says so in words, and is put away with what is like it, for a reason.
    for nonsense in ["xin chào", "{"] {
        assert_eq!(device.send("/ingest/camera-alerts", nonsense).await.status(), 400);
    }
    browser.click(r#"[data-testid="quarantine-reload"]"#).await;
    browser.click(UNREADABLE).await;
    browser.reads(r#"[data-testid="quarantine-why"]"#, "Không phải JSON gồm một đối tượng hay một danh sách đối tượng.").await;
    browser.click(r#"[data-testid="quarantine-put-away"]"#).await;
    browser.fill(r#"[data-testid="quarantine-away-form"] textarea"#, "Thiết bị đang thử").await;
    browser.click(r#"[data-testid="quarantine-away-alike"]"#).await;
    browser.click(r#"[data-testid="quarantine-away-save"]"#).await;
    browser.reads(r#"[data-testid="quarantine-was-put-away"]"#, "Đã bỏ qua 2.").await;
    browser.wait_for::<bool>("both to leave", both_left, vec![json!(UNREADABLE), json!(0)]).await;
    browser.click(r#"[data-testid="quarantine-away"]"#).await;
    browser.click(UNREADABLE).await;
    let note = browser.text(r#"[data-testid="quarantine-away-note"]"#).await;
    assert!(note.contains("Cán bộ operator-a") && note.contains("Thiết bị đang thử"), "{note}");

    // Among all that ever waited they are still found, as taken in.
    browser.click(r#"[data-testid="quarantine-all"]"#).await;
    browser.click(ROW).await;
    browser.element(r#"[data-testid="quarantine-particulars"]"#).await;
    assert!(!browser.is_there(r#"[data-testid="quarantine-replay"]"#).await);
    journey.map_settled().await;
    journey.end(&["/replay"]).await;
}
