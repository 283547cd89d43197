//! The operations room.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::Executor;

use crate::journey::Journey;

const A1: &str = "/operations?lon=105.005&lat=21.005&z=16.2";

#[tokio::test]
async fn an_operator_sees_a_camera_and_a_household_move_as_sql_moves_them() {
    let journey = Journey::begin().await;
    let (browser, ward) = (&journey.browser, journey.app.ward().clone());
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.go_to(A1).await;
    journey.mark_page().await;
    browser.element(r#"[data-testid="live-state"][data-state="connected"]"#).await;
    journey.map_settled().await;
    journey.drawn("camera", &[ward.a1.camera]).await;
    journey.drawn("household", &[ward.a1.household]).await;

    // A camera moves by itself: no reload, no tile.
    let tiles_before = journey.tile_requests().await;
    let places = [[105.0055, 21.0045], [105.0045, 21.0052], [105.0052, 21.0048]];
    let took = journey.move_in_sql_quickest("camera", ward.a1.camera, &places).await;
    println!("a camera moved in SQL was on the operator's map {took:?} after the commit");
    assert!(took < Duration::from_secs(1), "within a second of the commit, not {took:?}");
    journey.map_settled().await;
    assert_eq!(journey.tile_requests().await, tiles_before, "a moved camera asks for no tile");

    // Where it is now, a click finds it.
    journey.click_on_map(105.0052, 21.0048).await;
    browser.reads(r#"[data-testid="card-camera"] [data-testid="card-title"]"#, "Ngã tư A1").await;
    browser.click(r#"[data-testid="card-close"]"#).await;
    journey.map_settled().await;

    // A household moves from one tile to another: those two, at most.
    let [from, to] = [[105.005, 21.005], [105.0078, 21.0052]];
    assert_ne!(tests::tile_reader::tile_of(16, from[0], from[1]), tests::tile_reader::tile_of(16, to[0], to[1]), "two tiles");
    let tiles_before = journey.tile_requests().await;
    let took = journey.move_in_sql("household", ward.a1.household, to).await;
    println!("a household moved in SQL was on the operator's map {took:?} after the commit");
    journey.map_settled().await;
    let asked = journey.tile_requests().await - tiles_before;
    assert!((1..=2).contains(&asked), "a moved household asked for {asked} tiles");
    journey.drawn("household", &[ward.a1.household]).await;
    assert!(journey.is_same_page().await, "the page was never loaded again");
    journey.end(&[]).await;
}

#[tokio::test]
async fn a_link_that_names_a_camera_and_no_view_leads_to_it() {
    let journey = Journey::begin().await;
    let (browser, ward) = (&journey.browser, journey.app.ward().clone());
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.go_to(&format!("/operations?select=camera:{}", ward.a2.camera)).await;
    browser.reads(r#"[data-testid="card-camera"] [data-testid="card-title"]"#, "Ngã tư A2").await;
    let at_camera = r#"
        const map = document.querySelector('[data-testid="map"]')?.map;
        return Boolean(map && !map.isMoving() && Math.abs(map.getZoom() - 17) < 0.01);"#;
    browser.wait_for::<bool>("the map to come close", at_camera, vec![]).await;
    journey.map_settled().await;
    journey.drawn("camera", &[ward.a2.camera]).await;

    // An address with a view is followed to the letter.
    browser.go_to(&format!("/operations?lon=105.005&lat=21.005&z=16.2&select=camera:{}", ward.a2.camera)).await;
    browser.element(r#"[data-testid="card-camera"]"#).await;
    journey.map_settled().await;
    journey.drawn("camera", &[ward.a1.camera]).await;
    journey.end(&[]).await;
}

#[tokio::test]
async fn nothing_in_the_bar_lies_on_the_search_however_narrow_it_is() {
    const CLEAR: &str = r#"
        const box = element => element.getBoundingClientRect();
        const button = document.querySelector('.bar [data-testid="search-button"]');
        if (!button || innerWidth !== arguments[0]) return false;
        const search = box(button);
        const parts = [...document.querySelectorAll('.bar-start > *, .bar-end > *')].filter(part => box(part).width > 0);
        const isOver = part => box(part).left < search.right - 0.5 && box(part).right > search.left + 0.5;
        return search.width > 90 && button.scrollWidth <= button.clientWidth + 1 && !parts.some(isOver);"#;
    let journey = Journey::begin().await;
    let (browser, ward) = (&journey.browser, journey.app.ward().clone());
    let mut owner = journey.app.database.connect("ioc_owner").await;
    // A long name, and something given to the operator: as full as the bar gets.
    owner.execute("update area set name = 'Phường Phương Canh và các khu đô thị phía tây' where code = 'A'").await.unwrap();
    let given = "update camera_alert set status = 'assigned', handler_id = a.id, assigned_at = now() from account a where a.login = 'operator-a' and camera_alert.id = $1";
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    sqlx::query(given).bind(ward.a1.camera_alert).execute(&mut owner).await.unwrap();
    browser.element(r#"[data-testid="given-to-me"]"#).await;
    for width in [1024, 1152, 1279, 1280, 1366, 1399, 1400, 1600] {
        let size = json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false});
        browser.devtools::<Value>("Emulation.setDeviceMetricsOverride", size).await;
        browser.wait_for::<bool>(&format!("a clear search at {width}"), CLEAR, vec![json!(width)]).await;
    }
    journey.end(&[]).await;
}

#[tokio::test]
async fn an_operator_states_a_reason_before_names_appear() {
    const REASON: &str = "Xác minh đơn thư của công dân";
    let journey = Journey::begin().await;
    let (browser, ward) = (&journey.browser, journey.app.ward().clone());
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.go_to("/operations?lon=105.005&lat=21.005&z=17").await;
    journey.map_settled().await;
    journey.drawn("household", &[ward.a1.household]).await;
    journey.click_on_map(105.005, 21.005).await;
    browser.reads(r#"[data-testid="card-household"] [data-testid="card-title"]"#, "Số 12 phố Thử A1").await;
    browser.click(r#"[data-testid="open-household"]"#).await;

    // "Because" is no reason.
    browser.fill("#reason", "vì cần").await;
    browser.click(r#"[data-testid="reason-submit"]"#).await;
    browser.reads("#reason-error", "Nêu rõ hơn: ít nhất 8 ký tự.").await;
    assert!(browser.is_there(r#"[data-testid="reason-dialog"][open]"#).await, "the question stays");
    assert_eq!(looks(&journey).await, []);
    journey.assert_nothing_personal().await;

    browser.fill("#reason", REASON).await;
    browser.click(r#"[data-testid="reason-submit"]"#).await;
    let residents = browser.text(r#"[data-testid="residents"]"#).await;
    assert!(residents.contains("Hạnh canarynameA1"), "{residents}");
    assert_eq!(looks(&journey).await, [("operator-a".to_owned(), ward.a1.household, REASON.to_owned(), "allowed".to_owned())]);
    journey.end(&[]).await;
}

/// Who looked into which household, why, and whether it was given.
async fn looks(journey: &Journey) -> Vec<(String, i64, String, String)> {
    let looks = "select login, subject_id, coalesce(reason, ''), outcome from audit_entry where action = 'open_household' order by id";
    sqlx::query_as(looks).fetch_all(&mut journey.app.database.connect("ioc_owner").await).await.expect("the trail can be read")
}
