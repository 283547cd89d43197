//! Editing on the map: a camera dragged and turned, taken back, fought over; a household taken from the tray to its house.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use shared::camera::Camera;
use tests::screen::Screen;
use tokio::time::timeout;

use crate::journey::Journey;

const BOUNDS: [f64; 4] = [104.999, 20.999, 105.043, 21.011];
const POINT: &str = r#"[data-testid="draft-point"]"#;
const VIEW: &str = r#"[data-testid="draft-view"]"#;
/// Keys as WebDriver writes them.
const UP: &str = "\u{E013}";
const RIGHT: &str = "\u{E014}";
const SHIFT: &str = "\u{E008}";
const LET_GO: &str = "\u{E000}";
const ENTER: &str = "\u{E007}";

/// Where a row stands and looks, in the table.
async fn standing(journey: &Journey, id: i64) -> (f64, f64, Option<f32>, i32) {
    let owner = &mut journey.app.database.connect("ioc_owner").await;
    sqlx::query_as("select st_x(geom), st_y(geom), heading_deg, version from camera where id = $1").bind(id).fetch_one(owner).await.unwrap()
}

async fn begin_at_camera(journey: &Journey, id: i64) {
    let browser = &journey.browser;
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.go_to(&format!("/operations?lon=105.005&lat=21.0047&z=18&select=camera:{id}")).await;
    journey.map_settled().await;
    browser.click(r#"[data-testid="edit-begin"]"#).await;
    browser.element(POINT).await;
    // The view glides clear of the card before anything is dragged.
    journey.map_settled().await;
}

async fn card_says(journey: &Journey, words: &str) {
    let script = "return document.querySelector('.card').innerText.includes(arguments[0])";
    journey.browser.wait_for::<bool>(&format!("the card to say {words}"), script, vec![json!(words)]).await;
}

#[tokio::test]
async fn an_operator_moves_and_turns_a_camera_and_others_see_it_at_once() {
    let journey = Journey::begin().await;
    let (browser, camera) = (&journey.browser, journey.app.ward().a1.camera);
    begin_at_camera(&journey, camera).await;
    // Not earlier: a screen that is not read gives no sign of life, and the server hangs up.
    let mut leader = Screen::new("leader", journey.app.sign_in("leader-a").await, &["camera"], BOUNDS);
    leader.connect().await;
    leader.listen(Duration::from_millis(400)).await;
    let (lon, lat, heading, version) = standing(&journey, camera).await;
    assert_eq!(heading, Some(90.0));

    // By keys: eleven metres north, thirteen degrees on; nothing is written before Enter.
    browser.press(POINT, UP).await;
    browser.press(POINT, &format!("{SHIFT}{UP}{LET_GO}")).await;
    browser.press(VIEW, &RIGHT.repeat(3)).await;
    browser.press(VIEW, &format!("{SHIFT}{RIGHT}{LET_GO}")).await;
    let shown: String = browser.ask("return document.querySelector(arguments[0]).getAttribute('aria-valuenow')", vec![json!(VIEW)]).await;
    assert_eq!(shown, "103");
    assert_eq!(standing(&journey, camera).await.3, version);
    browser.press(POINT, ENTER).await;
    browser.element(r#"[data-testid="edit-kept"]"#).await;
    let (new_lon, new_lat, heading, new_version) = standing(&journey, camera).await;
    let north_m = (new_lat - lat) * 111_195.0;
    assert!((north_m - 11.0).abs() < 0.05 && (new_lon - lon).abs() < 1e-7, "{north_m} m north");
    assert_eq!((heading, new_version), (Some(103.0), version + 1));
    let heard = async {
        let is_old = |leader: &Screen| {
            leader
                .tables
                .get("camera")
                .and_then(|cameras| cameras.get(&camera))
                .is_none_or(|row| row.properties["heading_deg"] != json!(103.0))
        };
        while is_old(&leader) {
            leader.next().await;
        }
    };
    timeout(Duration::from_secs(10), heard).await.expect("the leader's screen has it");

    // Taken back where it was made; its past says so.
    browser.click(r#"[data-testid="edit-undo"]"#).await;
    browser.click(r#"[data-testid="history"] summary"#).await;
    browser
        .wait_for::<bool>(
            "two entries of the past",
            r#"return document.querySelectorAll('[data-testid="history-entries"] li').length === 3"#,
            vec![],
        )
        .await;
    let (_, old_lat, heading, _) = standing(&journey, camera).await;
    assert!((old_lat - lat).abs() < 1e-8);
    assert_eq!(heading, Some(90.0));
    let past = browser.text(r#"[data-testid="history-entries"]"#).await;
    assert!(past.contains("Cán bộ operator-a") && past.contains("103° thành 90°") && past.contains("Dời 11"), "{past}");

    // By hand, once the card has read the row again: the point is dragged, the cone turned to the south, and both kept.
    card_says(&journey, "(90°)").await;
    browser.click(r#"[data-testid="edit-begin"]"#).await;
    let from = browser.middle_of(POINT).await;
    browser.drag(from, [from[0] - 60.0, from[1] + 40.0]).await;
    let at = browser.middle_of(POINT).await;
    assert!((at[0] - from[0] + 60.0).abs() < 2.0 && (at[1] - from[1] - 40.0).abs() < 2.0, "from {from:?} to {at:?}");
    let view = browser.middle_of(VIEW).await;
    browser.drag(view, [at[0], at[1] + 80.0]).await;
    browser.click(r#"[data-testid="edit-save"]"#).await;
    browser.element(r#"[data-testid="edit-kept"]"#).await;
    let (dragged_lon, dragged_lat, heading, _) = standing(&journey, camera).await;
    assert!(dragged_lon < lon - 1e-5 && dragged_lat < lat - 1e-5, "to the south-west: {dragged_lon} {dragged_lat}");
    assert!((heading.unwrap() - 180.0).abs() <= 2.0, "{heading:?}");

    // Esc leaves everything as it was, the card too.
    browser.click(r#"[data-testid="edit-begin"]"#).await;
    browser.press(POINT, UP).await;
    browser.press(POINT, "\u{E00C}").await;
    browser.element(r#"[data-testid="edit-begin"]"#).await;
    assert!(!browser.is_there(POINT).await, "the handles are gone");
    assert_eq!(standing(&journey, camera).await.1, dragged_lat);
    journey.end(&[]).await;
}

#[tokio::test]
async fn of_two_who_edit_one_camera_the_second_sees_both_and_chooses() {
    let journey = Journey::begin().await;
    let (browser, camera) = (&journey.browser, journey.app.ward().a1.camera);
    begin_at_camera(&journey, camera).await;
    let admin = journey.app.sign_in("admin-a").await;
    let path = format!("/api/cameras/{camera}");
    let before: Camera = admin.read(&path).await;

    // What moves by itself is nobody's edit: the camera falls silent, and the edit goes through all the same.
    let owner = &mut journey.app.database.connect("ioc_owner").await;
    sqlx::query("update camera set status = 'offline' where id = $1").bind(camera).execute(owner).await.unwrap();
    browser.press(VIEW, RIGHT).await;
    browser.press(VIEW, ENTER).await;
    browser.element(r#"[data-testid="edit-kept"]"#).await;
    assert_eq!(standing(&journey, camera).await.2, Some(91.0));

    // Somebody else turns it meanwhile.
    browser.click(r#"[data-testid="edit-begin"]"#).await;
    browser.press(VIEW, RIGHT).await;
    let now: Camera = admin.read(&path).await;
    let theirs: Camera = admin.edit(&path, Some(now.version), json!({"heading_deg": 200})).await.json().await.unwrap();
    browser.click(r#"[data-testid="edit-save"]"#).await;
    let who = browser.text(r#"[data-testid="conflict-who"]"#).await;
    assert_eq!(who, format!("Cán bộ admin-a đã sửa lúc {}.", in_hanoi(theirs.updated_at)));
    let both = browser.text(r#"[data-testid="edit-conflict"]"#).await;
    assert!(both.contains("200°") && both.contains("92°"), "{both}");
    assert_eq!(standing(&journey, camera).await.2, Some(200.0), "nothing is written before the choice");
    browser.click(r#"[data-testid="conflict-keep-theirs"]"#).await;
    browser.element(r#"[data-testid="edit-begin"]"#).await;
    assert_eq!(standing(&journey, camera).await.2, Some(200.0));

    // Once more, and this time mine stands.
    card_says(&journey, "200°").await;
    browser.click(r#"[data-testid="edit-begin"]"#).await;
    browser.press(VIEW, RIGHT).await;
    admin.edit(&path, Some(theirs.version), json!({"name": "Ngã tư khác"})).await;
    browser.press(VIEW, ENTER).await;
    browser.click(r#"[data-testid="conflict-write-mine"]"#).await;
    browser.element(r#"[data-testid="edit-kept"]"#).await;
    let last: Camera = admin.read(&path).await;
    assert_eq!((last.heading_deg, last.name.as_str()), (Some(201.0), "Ngã tư khác"), "only what was changed is written over");
    assert_ne!(before.version, last.version);
    let refused = format!("/api/cameras/{camera} - Failed to load resource: the server responded with a status of 412");
    journey.end(&[&refused]).await;
}

/// As the ward's clocks show it.
fn in_hanoi(at: DateTime<Utc>) -> String {
    (at + TimeDelta::hours(7)).format("%H:%M").to_string()
}

#[tokio::test]
async fn a_head_puts_an_unplaced_household_into_its_house() {
    let journey = Journey::begin().await;
    let (browser, a1) = (&journey.browser, journey.app.ward().a1.clone());
    let owner = &mut journey.app.database.connect("ioc_owner").await;
    sqlx::query("update household set geom = null, building_id = null").execute(&mut *owner).await.unwrap();
    sqlx::query("update boarding_house set geom = null").execute(&mut *owner).await.unwrap();
    browser.go_to("/").await;
    journey.sign_in("tdp_head-a1").await;
    browser.element(r#"[data-testid="households"]"#).await;
    browser.go_to("/unplaced?lon=105.005&lat=21.005&z=17").await;
    journey.map_settled().await;
    let rows: Vec<String> = browser
        .wait_for(
            "the rows of the tray",
            r#"const rows = [...document.querySelectorAll('[data-testid="tray-row"]')].map(row => `${row.dataset.kind} ${row.dataset.id}`);
               return rows.length > 0 ? rows : null"#,
            vec![],
        )
        .await;
    assert_eq!(rows, [format!("household {}", a1.household), format!("boarding_house {}", a1.boarding_house)]);

    // Its address says where it is; it is put there, and kept.
    browser.click(r#"[data-kind="household"] [data-testid="tray-take"]"#).await;
    browser.element(r#"[data-testid="tray-suggestion"][data-exact="true"]"#).await;
    browser.element(POINT).await;
    browser.click(r#"[data-testid="tray-save"]"#).await;
    browser.element(r#"[data-testid="tray-placed"]"#).await;
    let home = "select building_id from household where id = $1 and geom is not null";
    let house: Option<i64> = sqlx::query_scalar(home).bind(a1.household).fetch_optional(&mut *owner).await.unwrap().flatten();
    assert_eq!(house, Some(a1.building));
    browser
        .wait_for::<bool>(
            "the row to leave the tray",
            r#"return !document.querySelector('[data-testid="tray-row"][data-kind="household"]')"#,
            vec![],
        )
        .await;

    // Taken back, it lies in the tray again, as it came.
    browser.click(r#"[data-testid="tray-undo"]"#).await;
    browser.element(r#"[data-testid="tray-row"][data-kind="household"]"#).await;
    let unplaced = "select geom is null and building_id is null from household where id = $1";
    assert!(sqlx::query_scalar::<_, bool>(unplaced).bind(a1.household).fetch_one(&mut *owner).await.unwrap());

    // By hand: dragged from the list onto the map, which has come to rest: a place is aimed at, not a pixel of a moving map.
    journey.map_settled().await;
    let grip = browser.middle_of(r#"[data-kind="boarding_house"] [data-testid="tray-grip"]"#).await;
    let target: Value = browser
        .ask(
            r#"const map = document.querySelector('[data-testid="map"]').map; const box = map.getCanvas().getBoundingClientRect();
               const at = map.project([105.0055, 21.0052]); return [box.left + at.x, box.top + at.y]"#,
            vec![],
        )
        .await;
    browser.drag(grip, [target[0].as_f64().unwrap(), target[1].as_f64().unwrap()]).await;
    browser.element(POINT).await;
    browser.click(r#"[data-testid="tray-save"]"#).await;
    browser.element(r#"[data-testid="tray-placed"]"#).await;
    let (lon, lat): (f64, f64) = sqlx::query_as("select st_x(geom), st_y(geom) from boarding_house where id = $1")
        .bind(a1.boarding_house)
        .fetch_one(&mut *owner)
        .await
        .unwrap();
    assert!((lon - 105.0055).abs() < 2e-5 && (lat - 21.0052).abs() < 2e-5, "{lon} {lat}");
    journey.assert_nothing_personal().await;
    journey.end(&[]).await;
}
