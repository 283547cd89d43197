//! The operations room.

use std::time::Duration;

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
    for to in [[105.0055, 21.0045], [105.0045, 21.0052], [105.0052, 21.0048]] {
        let took = journey.move_in_sql("camera", ward.a1.camera, to).await;
        println!("a camera moved in SQL was on the operator's map {took:?} after the commit");
        assert!(took < Duration::from_secs(1), "within a second of the commit, not {took:?}");
    }
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
