//! Links to recorders: the administrator names them on the camera's card, the police opens them, nobody else is offered either.

use reqwest::Method;
use serde_json::json;
use shared::camera::RecorderLinks;
use tests::{browser::Browser, small_ward::PASSWORD, waiting::until};

use crate::journey::Journey;

const EDIT: &str = r#"[data-testid="recorder-edit"]"#;
const LIVE_VIEW: &str = "#recorder-live_view";
const CLIP: &str = "#recorder-clip";
const SAVE: &str = r#"[data-testid="recorder-save"]"#;
const KEPT: &str = r#"[data-testid="recorder-kept"]"#;
const ENTER: &str = "\u{E007}";

fn card(camera: i64) -> String {
    format!("/?lon=105.005&lat=21.0047&z=18&select=camera:{camera}")
}

/// The card as somebody finds it who signs in with a browser of their own.
async fn card_of(journey: &Journey, login: &str, camera: i64) -> Browser {
    let browser = Browser::open(journey.app.url("").as_str()).await;
    browser.go_to("/").await;
    browser.click(r#"[data-testid="account-button"]"#).await;
    browser.click(r#"[data-testid="sign-in-button"]"#).await;
    browser.fill("#login", login).await;
    browser.fill("#password", PASSWORD).await;
    browser.click(r#"[data-testid="sign-in-submit"]"#).await;
    let signed_in = "return document.querySelector(arguments[0]) === null";
    browser.wait_for::<bool>("the form to go", signed_in, vec![json!(r#"[data-testid="sign-in-submit"]"#)]).await;
    browser.go_to(&card(camera)).await;
    // Only whoever is known to be signed in is shown the past.
    browser.element(r#"[data-testid="history"]"#).await;
    browser
}

#[tokio::test]
async fn an_administrator_names_where_the_recorder_is_and_the_police_opens_it() {
    let journey = Journey::begin().await;
    let (browser, ward) = (&journey.browser, journey.app.ward());
    let (camera, neighbour) = (ward.a1.camera, ward.a2.camera);
    let admin = journey.app.sign_in("admin-a").await;
    let links = async |camera: i64| admin.read::<RecorderLinks>(&format!("/api/cameras/{camera}/recorder")).await;
    browser.go_to("/").await;
    journey.sign_in("admin-a").await;
    browser.wait_for::<bool>("the form to go", r#"return !document.querySelector("dialog[open]")"#, vec![]).await;
    browser.go_to(&card(camera)).await;
    browser.click(EDIT).await;
    browser.reads(r#"[data-testid="recorder-hosts"]"#, "Chỉ dẫn tới được: recorder.ward").await;

    // What comes out stands below what is typed; a press writes what is hard to type.
    browser.reads(r#"[data-testid="recorder-live_view-example"]"#, "Không có liên kết.").await;
    browser.fill(LIVE_VIEW, "https://elsewhere.example/live/").await;
    browser.click(r#"[data-testid="recorder-live_view-camera"]"#).await;
    browser.reads(r#"[data-testid="recorder-live_view-example"]"#, "Ví dụ: https://elsewhere.example/live/C-A1").await;

    // Refused where it was typed, and nothing typed is lost.
    browser.click(SAVE).await;
    browser.reads(r#"[data-testid="recorder-live_view-refused"]"#, "Máy chủ của đầu ghi chưa được khai báo.").await;
    browser.fill(LIVE_VIEW, "https://recorder.ward/live/{camera}").await;
    browser.fill(CLIP, "https://recorder.ward/{camera}/{start}-{end}.mp4").await;
    let example = browser.text(r#"[data-testid="recorder-clip-example"]"#).await;
    assert!(example.starts_with("Ví dụ: https://recorder.ward/C-A1/1") && example.ends_with(".mp4"), "{example}");
    // For the neighbour too, which has none either; kept by Enter.
    browser.click(r#"[data-testid="recorder-alike"]"#).await;
    browser.press(CLIP, ENTER).await;
    browser.element(KEPT).await;
    let is_focused = "return document.activeElement === document.querySelector(arguments[0])";
    browser.wait_for::<bool>("the focus to come back to the button", is_focused, vec![json!(EDIT)]).await;
    for camera in [camera, neighbour] {
        assert_eq!(links(camera).await.live_view.as_deref(), Some("https://recorder.ward/live/{camera}"), "camera {camera}");
    }

    // The police is offered the link, filled in; an operator neither link nor form.
    let police = card_of(&journey, "police-a", camera).await;
    police.click(r#"[data-testid="camera-live-view"]"#).await;
    let link = police.element(r#"[data-testid="camera-live-view-link"]"#).await;
    assert_eq!(link.attr("href").await.unwrap().as_deref(), Some("https://recorder.ward/live/C-A1"));
    assert_eq!(link.attr("rel").await.unwrap().as_deref(), Some("noopener noreferrer"));
    assert!(!police.is_there(EDIT).await, "the police opens links and names none");
    let operator = card_of(&journey, "operator-a", camera).await;
    operator.element(r#"[data-testid="edit-begin"]"#).await;
    for control in [EDIT, r#"[data-testid="camera-live-view"]"#] {
        assert!(!operator.is_there(control).await, "{control}");
    }
    operator.close().await;

    // Removed from one, taken back, and its past tells both.
    browser.click(EDIT).await;
    browser.click(r#"[data-testid="recorder-remove"]"#).await;
    browser.element(KEPT).await;
    assert_eq!(links(camera).await.live_view, None);
    // At once: it is offered for ten seconds.
    browser.click(r#"[data-testid="recorder-undo"]"#).await;
    until("the links to be back", async || links(camera).await.live_view.is_some()).await;

    // The card that the police has open follows.
    let name = async |live_view: Option<&str>, clip: Option<&str>| {
        let version = links(camera).await.version;
        let request = admin.request(Method::PUT, &format!("/api/cameras/{camera}/recorder"));
        let named = json!({"live_view": live_view, "clip": clip});
        assert!(admin.send(request.header("if-match", format!("\"{version}\"")).json(&named)).await.status().is_success());
    };
    police.element(r#"[data-testid="camera-live-view"]"#).await;
    name(None, None).await;
    let offers = r#"[data-testid="camera-live-view"], [data-testid="camera-live-view-link"]"#;
    police.wait_for::<bool>("the link to go", "return document.querySelector(arguments[0]) === null", vec![json!(offers)]).await;
    name(Some("https://recorder.ward/live/{camera}"), Some("https://recorder.ward/{camera}/{start}-{end}.mp4")).await;
    police.element(r#"[data-testid="camera-live-view"]"#).await;
    police.close().await;
    browser.click(EDIT).await;
    let is_typed = "return document.querySelector(arguments[0])?.value === arguments[1]";
    let back = vec![json!(LIVE_VIEW), json!("https://recorder.ward/live/{camera}")];
    browser.wait_for::<bool>("the links to be back in the form", is_typed, back).await;

    // Somebody else names others meanwhile: both are shown, and one is chosen.
    name(Some("https://recorder.ward/other/{camera}"), None).await;
    browser.click(SAVE).await;
    let both = browser.text(r#"[data-testid="recorder-conflict"]"#).await;
    assert!(both.contains("Cán bộ admin-a") && both.contains("/other/{camera}") && both.contains("/live/{camera}"), "{both}");
    browser.click(r#"[data-testid="conflict-write-mine"]"#).await;
    browser.element(KEPT).await;
    assert_eq!(links(camera).await.live_view.as_deref(), Some("https://recorder.ward/live/{camera}"));
    browser.click(EDIT).await;
    browser.click(r#"[data-testid="recorder-history"] summary"#).await;
    let past = browser.text(r#"[data-testid="recorder-history-entries"]"#).await;
    assert!(past.contains("Xem trực tiếp: https://recorder.ward/live/{camera} thành —"), "{past}");
    browser.press_escape().await;
    journey.map_settled().await;
    journey.end(&["422", "412"]).await;
}
