//! The access matrix, held against answers transcribed by hand (`fixtures/access_matrix.toml`): every door of the OpenAPI
//! document, every role, a row of the own area and one of another, bodies and not only statuses.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Response, StatusCode};
use serde::Deserialize;
use tests::{
    app::{TestApp, TestClient},
    roles::ROLES,
    small_ward::{self, CANARY, NATIONAL_ID_START, PHONE_START, TdpRows},
    tile_reader,
};

const REASON: &str = "Xác minh cư trú theo đơn";

#[derive(Deserialize)]
struct Fixture {
    door: Vec<Door>,
    layers: Layers,
    elsewhere_tried: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Door {
    route: String,
    row: String,
    subject: String,
    own: Option<BTreeMap<String, String>>,
    elsewhere: Option<BTreeMap<String, String>>,
    everybody: Option<String>,
}

#[derive(Deserialize)]
struct Layers {
    open: Vec<String>,
    household: Vec<String>,
    boarding_house: Vec<String>,
    camera: Vec<String>,
    camera_alert: Vec<String>,
}

fn fixture() -> Fixture {
    toml::from_str(include_str!("../../fixtures/access_matrix.toml")).expect("the fixture is TOML of this shape")
}

impl Door {
    fn expected(&self, role: &str, is_own: bool) -> &str {
        let by_role = if is_own { &self.own } else { &self.elsewhere };
        match (&self.everybody, by_role) {
            (Some(answer), _) => answer,
            (None, Some(by_role)) => by_role.get(role).unwrap_or_else(|| panic!("{}: no answer for {role}", self.route)),
            (None, None) => panic!("{}: no answers", self.route),
        }
    }

    fn path(&self, rows: &TdpRows) -> String {
        let id = match self.subject.as_str() {
            "household" => rows.household,
            "resident" => rows.resident,
            "building" => rows.building,
            "boarding_house" => rows.boarding_house,
            "camera" => rows.camera,
            "camera_alert" => rows.camera_alert,
            "business" => rows.business,
            "place" => rows.place,
            "road" => rows.road,
            "area" => i64::from(rows.area),
            "camera_code" | "trail" | "none" => 0,
            other => panic!("unknown subject {other}"),
        };
        self.route.strip_prefix("GET ").expect("only reading doors are listed").replace("{id}", &id.to_string())
    }
}

/// The rows that are this role's own, and those that are not.
fn rows<'a>(app: &'a TestApp, role: &str, is_own: bool) -> &'a TdpRows {
    match (role, is_own) {
        (_, true) => &app.ward().a1,
        ("tdp_head" | "landlord", false) => &app.ward().a2,
        (_, false) => &app.ward().b1,
    }
}

/// Somebody newly appointed to `role`: no search session is open yet. A landlord is the owner of the house in A1.
async fn newcomer(app: &TestApp, role: &str) -> TestClient {
    if role == "public" {
        return app.public();
    }
    if role == "landlord" {
        return app.sign_in("landlord-a1").await;
    }
    let login = format!("{role}-{}", &uuid::Uuid::new_v4().simple().to_string()[..12]);
    let area = if role == "tdp_head" { app.ward().a1.area } else { app.ward().ward_a };
    let mut db = app.database.connect("ioc_owner").await;
    small_ward::account(&mut db, &login, role, area, &small_ward::password_hash()).await.expect("an account can be added");
    app.sign_in(&login).await
}

async fn body(answer: Response) -> (StatusCode, String) {
    let status = answer.status();
    (status, answer.text().await.expect("a body of text"))
}

fn is_refused(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND)
}

fn holds_nothing_personal(text: &str) -> bool {
    ![CANARY, NATIONAL_ID_START, PHONE_START].iter().any(|secret| text.contains(secret))
}

/// What is wrong with the answer, if anything.
async fn judge(client: &TestClient, path: &str, expected: &str, rows: &TdpRows) -> Result<(), String> {
    let (status, text) = body(client.get(path).await).await;
    let told = |wanted: &str| Err(format!("{wanted}, but it was {status}: {text}"));
    let shows_names = text.contains(CANARY);
    let shows_numbers = text.contains(NATIONAL_ID_START) || text.contains(PHONE_START);
    match expected {
        "no" if is_refused(status) && holds_nothing_personal(&text) => Ok(()),
        "no" => told("must be refused, silently"),
        "open" if status == StatusCode::OK && holds_nothing_personal(&text) => Ok(()),
        "open" => told("must be open and hold nothing personal"),
        "empty" if status == StatusCode::OK && holds_nothing_personal(&text) => {
            let answer: serde_json::Value = serde_json::from_str(&text).map_err(|cause| cause.to_string())?;
            let list = ["households", "cameras", "alerts"].iter().find_map(|key| answer.get(key)).and_then(|list| list.as_array());
            // One row of each table a TDP, so the ids of one TDP's rows are not those of another's.
            let is_elsewhere =
                |row: &serde_json::Value| row["id"] == rows.household || row["id"] == rows.camera || row["id"] == rows.camera_alert;
            if list.is_some_and(|list| !list.iter().any(is_elsewhere)) { Ok(()) } else { told("must hold nothing of the other area") }
        }
        "empty" => told("must hold nothing of the other area"),
        "exact" if status == StatusCode::OK && text.contains("\"households\":") => Ok(()),
        "exact" => told("must give exact counts"),
        "names" if status == StatusCode::OK && shows_names && !shows_numbers => Ok(()),
        "names" => told("must show names and masked numbers without a reason"),
        "own_names" if status == StatusCode::OK && shows_names && shows_numbers => Ok(()),
        "own_names" => told("must show what the landlord typed, whole"),
        "names_by_reason" | "numbers_by_reason" => {
            if status != StatusCode::UNPROCESSABLE_ENTITY || !text.contains("reason_required") || !holds_nothing_personal(&text) {
                return told("must ask for a reason first");
            }
            let (status, text) = body(client.get_because(path, REASON).await).await;
            let numbers = text.contains(NATIONAL_ID_START) && text.contains(PHONE_START);
            let right = if expected == "numbers_by_reason" { numbers } else { text.contains(CANARY) && !numbers };
            if status == StatusCode::OK && right { Ok(()) } else { Err(format!("with a reason it was {status}: {text}")) }
        }
        "trail" if status == StatusCode::OK && text.contains("\"entries\":") => Ok(()),
        "trail" => told("must show the trail"),
        other => panic!("unknown answer {other}"),
    }
}

#[tokio::test]
async fn every_door_answers_every_role_as_the_matrix_says() {
    let app = TestApp::start().await;
    let mut wrong = Vec::new();
    let mut tried = 0;
    let mut known: BTreeMap<&str, TestClient> = BTreeMap::new();
    for door in &fixture().door {
        for role in ROLES {
            for is_own in [true, false] {
                // A new person for each try that takes a reason: one stated at one door must not open the next.
                let states_reasons = ["tdp_head", "leader", "operator", "police"].contains(&role);
                let client = match known.get(role).filter(|_| !states_reasons) {
                    Some(client) => client.clone(),
                    None => newcomer(&app, role).await,
                };
                known.insert(role, client.clone());
                let rows = rows(&app, role, is_own);
                let expected = door.expected(role, is_own);
                if let Err(told) = judge(&client, &door.path(rows), expected, rows).await {
                    wrong.push(format!(
                        "{} ({}) as {role}, {}: {told}",
                        door.route,
                        door.row,
                        if is_own { "own area" } else { "elsewhere" }
                    ));
                }
                tried += 1;
            }
        }
    }
    println!("access matrix: {tried} tries at {} doors", fixture().door.len());
    assert!(wrong.is_empty(), "{} of {tried} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    app.stop().await;
}

#[tokio::test]
async fn no_door_is_missing_from_the_matrix() {
    let app = TestApp::start().await;
    let document: serde_json::Value = app.public().read("/api/openapi.json").await;
    let methods = ["get", "post", "put", "patch", "delete"];
    let doors: BTreeSet<String> = document["paths"]
        .as_object()
        .expect("the document lists paths")
        .iter()
        .flat_map(|(path, operations)| {
            methods
                .iter()
                .filter(|method| operations.get(**method).is_some())
                .map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let fixture = fixture();
    let known: BTreeSet<String> = fixture.door.iter().map(|door| door.route.clone()).chain(fixture.elsewhere_tried.into_keys()).collect();
    let untested: Vec<&String> = doors.difference(&known).collect();
    let gone: Vec<&String> = known.difference(&doors).collect();
    assert!(untested.is_empty() && gone.is_empty(), "not in the fixture: {untested:?}; in the fixture only: {gone:?}");
    app.stop().await;
}

/// The tile at `zoom` that holds the middle of a TDP of the small wards.
fn tile_of(app: &TestApp, rows: &TdpRows, zoom: u8) -> (u32, u32) {
    let ward = app.ward();
    let west = if rows.area == ward.a1.area {
        105.0
    } else if rows.area == ward.a2.area {
        105.01
    } else {
        105.02
    };
    tile_reader::tile_of(zoom, west + 0.005, 21.005)
}

#[tokio::test]
async fn tiles_hold_what_the_matrix_allows() {
    let app = TestApp::start().await;
    let layers = fixture().layers;
    let everybody: Vec<String> = ROLES.iter().map(ToString::to_string).collect();
    let mut wrong = Vec::new();
    let protected = [
        ("household", &layers.household),
        ("boarding_house", &layers.boarding_house),
        ("camera", &layers.camera),
        ("camera_alert", &layers.camera_alert),
    ];
    let all = protected.into_iter().chain(layers.open.iter().map(|layer| (layer.as_str(), &everybody)));
    for (layer, allowed) in all {
        for role in ROLES {
            let client = newcomer(&app, role).await;
            let may = allowed.iter().any(|name| name == role);
            let described = client.get(&format!("/tiles/{layer}.json")).await.status();
            let listed = client.get("/api/layers").await.text().await.unwrap().contains(&format!("\"name\":\"{layer}\""));
            if (described == StatusCode::OK) != may || (described != StatusCode::OK && described != StatusCode::NOT_FOUND) || listed != may
            {
                wrong.push(format!("{layer} as {role}: TileJSON {described}, listed {listed}"));
            }
            for is_own in [true, false] {
                let rows = rows(&app, role, is_own);
                let (x, y) = tile_of(&app, rows, 14);
                let answer = client.get(&format!("/tiles/{layer}/14/{x}/{y}.mvt")).await;
                let status = answer.status();
                let bytes = answer.bytes().await.unwrap();
                if !holds_nothing_personal(&String::from_utf8_lossy(&bytes)) {
                    wrong.push(format!("{layer} as {role}: a tile holds something personal"));
                }
                let id = match layer {
                    "household" => rows.household,
                    "boarding_house" => rows.boarding_house,
                    "camera" => rows.camera,
                    "camera_alert" => rows.camera_alert,
                    "place" => rows.place,
                    "business" => rows.business,
                    // Lines and surfaces are open to everybody; the door is what is tried.
                    _ => 0,
                };
                let holds = id != 0 && status == StatusCode::OK && tile_reader::points(&bytes, 14, x, y).iter().any(|point| point.id == id);
                let is_open = allowed.len() == ROLES.len();
                let expected = id != 0 && may && (is_own || is_open);
                if !may && status != StatusCode::NOT_FOUND || holds != expected {
                    let whose = if is_own { "own area" } else { "elsewhere" };
                    wrong.push(format!("{layer} as {role}, {whose}: {status}, row {}", if holds { "shown" } else { "not shown" }));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    app.stop().await;
}

#[tokio::test]
async fn search_finds_people_only_for_who_may_open_them() {
    let app = TestApp::start().await;
    for role in ROLES {
        let client = newcomer(&app, role).await;
        let search = |reason: Option<&str>| {
            let request = client.request(reqwest::Method::POST, "/api/search").json(&serde_json::json!({"q": "hanh", "limit": 50}));
            let request = match reason {
                Some(reason) => request.header("Access-Reason", shared::audit::encode_reason(reason)),
                None => request,
            };
            client.send(request)
        };
        let (status, text) = body(search(None).await).await;
        let found = |text: &str, code: &str| text.contains(&format!("name{code}"));
        match role {
            // Everybody may ask; whoever may not open people finds none by name.
            "tdp_head" => {
                assert_eq!(status, StatusCode::OK, "{role}: {text}");
                assert!(found(&text, "A1") && !found(&text, "A2") && !found(&text, "B1"), "{role}: {text}");
            }
            "leader" | "operator" | "police" => {
                assert!(holds_nothing_personal(&text), "{role} without a reason: {text}");
                let (_, text) = body(search(Some(REASON)).await).await;
                assert!(found(&text, "A1") && found(&text, "A2") && !found(&text, "B1"), "{role} with a reason: {text}");
            }
            _ => assert!(holds_nothing_personal(&text), "{role}: {text}"),
        }
    }
    app.stop().await;
}

/// The crawl: everything that nobody signs in for, and every tile of every role, searched for canaries.
#[tokio::test]
async fn nothing_personal_is_open() {
    let app = TestApp::start().await;
    let document: serde_json::Value = app.public().read("/api/openapi.json").await;
    let paths: Vec<&String> =
        document["paths"].as_object().unwrap().iter().filter(|(_, o)| o.get("get").is_some()).map(|(p, _)| p).collect();
    let public = app.public();
    let mut crawled = 0;
    for path in paths.iter().filter(|path| !path.contains("{z}") && !path.contains("{layer}")) {
        for id in 1..=20 {
            for query in ["", "?q=hanh&limit=50", "?q=canary&limit=50"] {
                let (_, text) = body(public.get(&format!("{}{query}", path.replace("{id}", &id.to_string()))).await).await;
                assert!(holds_nothing_personal(&text), "{path} {id}: {text}");
                crawled += 1;
            }
            if !path.contains("{id}") {
                break;
            }
        }
    }
    for layer in
        ["area", "road", "building", "water", "land_use", "place", "household", "boarding_house", "business", "camera", "camera_alert"]
    {
        for z in 10..=18 {
            let (x, y) = tile_of(&app, &app.ward().a1, z);
            let bytes = public.get(&format!("/tiles/{layer}/{z}/{x}/{y}.mvt")).await.bytes().await.unwrap();
            assert!(holds_nothing_personal(&String::from_utf8_lossy(&bytes)), "{layer} {z}/{x}/{y}");
            crawled += 1;
        }
    }
    println!("crawled {crawled} open addresses");
    app.stop().await;
}
