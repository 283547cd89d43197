//! What a map screen asks beside its layers: who sits there, counts in view and per area, households near, density, the backdrop.
//! Each with every role, on the two small wards.

use reqwest::{Method, StatusCode};
use shared::area::HouseholdCounts;
use shared::household::HouseholdsNear;
use shared::layer::{InView, TileJson};
use shared::session::Visitor;
use sqlx::Executor;
use tests::app::{TestApp, TestClient, summary};
use tests::small_ward::{CANARY, NATIONAL_ID_START, PHONE_START};
use tests::tile::TileLayer;
use tests::waiting;

const LOGINS: [&str; 8] = ["", "tdp_head-a1", "leader-a", "operator-a", "police-a", "one_stop-a", "landlord-a1", "admin-a"];
/// Both small wards.
const BOTH: &str = "bbox=104.99,20.99,105.05,21.02";

async fn client(app: &TestApp, login: &str) -> TestClient {
    if login.is_empty() { app.public() } else { app.sign_in(login).await }
}

fn is_impersonal(text: &str) -> bool {
    ![CANARY, NATIONAL_ID_START, PHONE_START].iter().any(|secret| text.contains(secret))
}

#[tokio::test]
async fn nobody_is_an_answer() {
    let app = TestApp::start().await;
    assert_eq!(app.public().read::<Visitor>("/api/who").await.session, None);
    for login in &LOGINS[1..] {
        let somebody = app.sign_in(login).await.read::<Visitor>("/api/who").await.session.expect("somebody is signed in");
        assert_eq!(somebody.login, *login);
    }
    app.stop().await;
}

#[tokio::test]
async fn counts_in_view_are_cut_to_reach_and_filtered_like_tiles() {
    let app = TestApp::start().await;
    let counts =
        |view: InView| view.layers.into_iter().map(|layer| format!("{} {}", layer.name, layer.count)).collect::<Vec<_>>().join(", ");
    let mut lines = Vec::new();
    for login in LOGINS {
        let view = client(&app, login).await.read::<InView>(&format!("/api/layers/in-view?{BOTH}")).await;
        lines.push(format!("{login}: {}", counts(view)));
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    : area 6, land_use 0, water 0, road 3, building 3, place 3, business 3
    tdp_head-a1: area 6, land_use 0, water 0, road 3, building 3, place 3, business 3, household 1, boarding_house 1, camera 1
    leader-a: area 6, land_use 0, water 0, road 3, building 3, place 3, business 3, household 2, boarding_house 2, camera 2, camera_alert 2
    operator-a: area 6, land_use 0, water 0, road 3, building 3, place 3, business 3, household 2, boarding_house 2, camera 2, camera_alert 2
    police-a: area 6, land_use 0, water 0, road 3, building 3, place 3, business 3, household 2, boarding_house 2, camera 2, camera_alert 2
    one_stop-a: area 6, land_use 0, water 0, road 3, building 3, place 3, business 3
    landlord-a1: area 6, land_use 0, water 0, road 3, building 3, place 3, business 3, boarding_house 1
    admin-a: area 6, land_use 0, water 0, road 3, building 3, place 3, business 3, camera 2
    ");
    let operator = app.sign_in("operator-a").await;
    let part = operator.read::<InView>("/api/layers/in-view?bbox=105.0,21.0,105.01,21.01&camera.status=offline&business.sector=G,I").await;
    assert_eq!(
        counts(part),
        "area 4, land_use 0, water 0, road 1, building 1, place 1, business 1, household 1, boarding_house 1, camera 0, camera_alert 1"
    );
    let (tall, far) = ("bbox=104.9,20.9,105.1,21.1&building.storeys=60..", "bbox=104,20,106,22");
    let of_buildings = async |query: &str| {
        let view = operator.read::<InView>(&format!("/api/layers/in-view?{query}")).await;
        view.layers.into_iter().find(|layer| layer.name == "building").map(|layer| layer.count)
    };
    assert_eq!(of_buildings(tall).await, Some(0), "filtered like their tiles");
    assert_eq!(of_buildings(far).await, None, "not counted from so far away");
    for (query, refusal) in
        [("", "400 bad_request"), ("?bbox=1,2,3", "400 bad_request"), (&format!("?{BOTH}&camera.stream=x"), "400 tiles.bad_filter")]
    {
        assert_eq!(summary(operator.get(&format!("/api/layers/in-view{query}")).await).await, refusal);
    }
    app.stop().await;
}

#[tokio::test]
async fn what_everybody_may_see_is_kept_and_asked_about_again() {
    let app = TestApp::start().await;
    for path in ["/api/layers", "/api/areas"] {
        let first = app.public().get(path).await;
        let kept = first.headers()["cache-control"].to_str().unwrap().to_owned();
        let etag = first.headers()["etag"].to_str().unwrap().to_owned();
        assert_eq!(kept, "public, no-cache", "{path}");
        let public = app.public();
        let again = public.send(public.request(Method::GET, path).header("If-None-Match", &etag)).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
        assert!(again.bytes().await.unwrap().is_empty());
        let other = public.send(public.request(Method::GET, path).header("If-None-Match", "W/\"other\"")).await;
        assert_eq!(other.status(), StatusCode::OK, "{path}");
    }
    // Which layers an appointment opens stays with the person.
    let leader = app.sign_in("leader-a").await.get("/api/layers").await;
    assert_eq!(leader.headers()["cache-control"], "private, no-store");
    app.stop().await;
}

#[tokio::test]
async fn households_per_area_are_for_who_may_count_there() {
    let app = TestApp::start().await;
    let ward = app.ward().clone();
    for login in LOGINS {
        let answer = client(&app, login).await.get("/api/areas/households").await;
        let status = answer.status();
        let wanted: &[(i32, u64)] = match login {
            "" => {
                assert_eq!(status, StatusCode::UNAUTHORIZED);
                continue;
            }
            "landlord-a1" | "admin-a" => {
                assert_eq!(status, StatusCode::FORBIDDEN);
                continue;
            }
            "tdp_head-a1" => &[(ward.a1.area, 1)],
            _ => &[(ward.ward_a, 2), (ward.a1.area, 1), (ward.a2.area, 1)],
        };
        let counts: HouseholdCounts = answer.json().await.unwrap();
        let counts: Vec<_> = counts.areas.into_iter().map(|area| (area.area_id.0, area.households)).collect();
        assert_eq!(counts, wanted, "{login}");
    }
    app.stop().await;
}

#[tokio::test]
async fn households_near_are_the_callers_own_and_have_no_names() {
    let app = TestApp::start().await;
    let ward = app.ward().clone();
    // Between A1 and A2, nearer to A2.
    let path = "/api/households?near=105.0110,21.005";
    for login in LOGINS {
        let answer = client(&app, login).await.get(path).await;
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(is_impersonal(&text), "{login}: {text}");
        let wanted = match login {
            "" => {
                assert_eq!(status, StatusCode::UNAUTHORIZED);
                continue;
            }
            "one_stop-a" | "landlord-a1" | "admin-a" => {
                assert_eq!(status, StatusCode::FORBIDDEN, "{login}");
                continue;
            }
            "tdp_head-a1" => vec![ward.a1.household],
            _ => vec![ward.a2.household, ward.a1.household],
        };
        let near: HouseholdsNear = serde_json::from_str(&text).unwrap();
        assert_eq!(near.households.iter().map(|household| household.id).collect::<Vec<_>>(), wanted, "{login}");
        assert!(near.households.is_sorted_by(|one, next| one.distance_m <= next.distance_m));
    }
    let head = app.sign_in("tdp_head-a1").await;
    for wrong in ["?near=21", "?near=105,21&limit=0", "?near=105,91"] {
        assert_eq!(summary(head.get(&format!("/api/households{wrong}")).await).await, "400 bad_request", "{wrong}");
    }
    app.stop().await;
}

async fn cells(client: &TestClient, layer: &str) -> (StatusCode, u64, String) {
    let answer = client.get(&format!("/tiles/{layer}/cells/10/810/450.mvt")).await;
    let status = answer.status();
    let etag = answer.headers().get("etag").map(|etag| etag.to_str().unwrap().to_owned()).unwrap_or_default();
    let bytes = answer.bytes().await.unwrap();
    let Some(tile) = Some(bytes).filter(|_| status == StatusCode::OK).and_then(|bytes| TileLayer::decode(&bytes)) else {
        return (status, 0, etag);
    };
    assert!(tile.features.iter().all(|feature| feature.shape == "polygon"));
    (status, tile.features.iter().map(|feature| feature.properties["count"].as_u64().unwrap()).sum(), etag)
}

#[tokio::test]
async fn density_counts_what_the_caller_sees_as_points_and_follows_it() {
    let app = TestApp::start().await;
    for login in LOGINS {
        let client = client(&app, login).await;
        let wanted = match login {
            "" | "one_stop-a" | "landlord-a1" | "admin-a" => (StatusCode::NOT_FOUND, 0),
            "tdp_head-a1" => (StatusCode::OK, 1),
            _ => (StatusCode::OK, 2),
        };
        let (status, count, _) = cells(&client, "household").await;
        assert_eq!((status, count), wanted, "{login}");
        assert_eq!(cells(&client, "business").await.1, 3, "{login}: businesses are open");
    }
    let leader = app.sign_in("leader-a").await;
    assert_eq!(cells(&leader, "road").await.0, StatusCode::NOT_FOUND, "no point layer");
    let (_, before, etag) = cells(&leader, "household").await;
    let mut owner = app.database.connect("ioc_owner").await;
    owner
        .execute("insert into household (code, address, geom) values ('H-new', 'Số 1', st_setsrid(st_point(105.004, 21.004), 4326))")
        .await
        .unwrap();
    let begun = std::time::Instant::now();
    loop {
        let (_, now, new_etag) = cells(&leader, "household").await;
        assert_eq!(now == before, new_etag == etag, "another ETag exactly when the cells are others");
        if now == before + 1 {
            break;
        }
        assert!(begun.elapsed().as_secs() < 5, "the new household is not counted");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn the_backdrop_of_a_day_shows_the_areas_of_that_day_and_the_first_known_before_there_were_any() {
    let app = TestApp::start().await;
    let public = app.public();
    let lines = |on: &'static str| {
        let public = public.clone();
        async move {
            let answer = public.get(&format!("/tiles/backdrop/10/810/450.mvt{on}")).await;
            let layer = TileLayer::decode(&answer.bytes().await.unwrap()).expect("both wards are on this tile");
            let of = |part: &str| {
                let found = layer.features.iter().filter(|feature| feature.properties["part"] == part);
                found.map(|feature| feature.vertices.len()).sum::<usize>()
            };
            ["ward", "tdp"].map(of)
        }
    };
    let today = lines("").await;
    assert!(today[0] > 0 && today[1] > 0, "{today:?}");
    assert_eq!(lines("?on=2000-01-01").await, today, "brought in today, and there before");

    // Now the ward is known since 2020 and the groups since 2022.
    let mut owner = app.database.connect("ioc_owner").await;
    owner.execute("update area set valid_from = '2020-01-01' where kind = 'ward'").await.unwrap();
    owner.execute("update area set valid_from = '2022-01-01', valid_to = '2024-01-01' where kind = 'tdp'").await.unwrap();
    waiting::until("the change has reached the tiles", async || lines("").await[1] == 0).await;
    assert_eq!(lines("?on=2021-01-01").await[1], today[1], "the first known groups, of a time before them");
    assert_eq!(lines("?on=2023-01-01").await, today);
    assert_eq!(lines("?on=2025-01-01").await[1], 0, "ended by then");
    app.stop().await;
}

#[tokio::test]
async fn the_backdrop_draws_a_shared_boundary_once_and_masks_what_is_outside() {
    let app = TestApp::start().await;
    let public = app.public();
    let tile = |z: u8, x: u32, y: u32| {
        let public = public.clone();
        async move {
            let answer = public.get(&format!("/tiles/backdrop/{z}/{x}/{y}.mvt")).await;
            let status = answer.status();
            (status, TileLayer::decode(&answer.bytes().await.unwrap()))
        }
    };
    let (_, overview) = tile(10, 810, 450).await;
    let overview = overview.expect("both wards are on this tile");
    let parts = |layer: &TileLayer, part: &str| layer.features.iter().filter(|feature| feature.properties["part"] == part).count();
    assert_eq!(["outside", "ward", "tdp"].map(|part| parts(&overview, part)), [1, 1, 1], "one feature each, whatever many areas share");
    // Two edges are a TDP's alone: between A1 and A2, and where B1 ends within its ward. Two corners each, once.
    let tdp = overview.features.iter().find(|feature| feature.properties["part"] == "tdp").unwrap();
    assert_eq!(tdp.vertices.len(), 4, "{:?}", tdp.vertices);
    // Inside of A1 there is nothing to mask.
    let (x, y) = tests::tile_reader::tile_of(16, 105.005, 21.005);
    let (_, inside) = tile(16, x, y).await;
    assert!(inside.is_none_or(|inside| parts(&inside, "outside") == 0), "land of the ward is masked");

    // A water on several tiles has its name once.
    let mut owner = app.database.connect("ioc_owner").await;
    owner
        .execute(
            "insert into water (code, kind, name, geom) values ('S1', 'river', 'Sông Thử', \
             st_multi(st_makeenvelope(105.001, 21.0015, 105.019, 21.0025, 4326)))",
        )
        .await
        .unwrap();
    let begun = std::time::Instant::now();
    loop {
        let mut names = 0;
        for (x, y) in (51_882..=51_886).flat_map(|x| (28_854..=28_857).map(move |y| (x, y))) {
            names += tile(16, x, y).await.1.map_or(0, |layer| parts(&layer, "water_name"));
        }
        if names == 1 {
            break;
        }
        assert!(names == 0 && begun.elapsed().as_secs() < 5, "the river's name stands {names} times");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(tile(4, 12, 7).await.0, StatusCode::NO_CONTENT, "below its zooms");
    app.stop().await;
}

#[tokio::test]
async fn an_earlier_day_is_rebuilt_within_reach_and_without_names() {
    let app = TestApp::start().await;
    let ward = app.ward().clone();
    let mut owner = app.database.connect("ioc_owner").await;
    // The rows came long ago; camera A1 was moved, B1's was put up and A2's household went since 2026-01-01.
    // Who rewrites the past must be a superuser.
    let mut superuser = app.database.connect("postgres").await;
    superuser
        .execute(
            "update history set at = '2025-01-01'; \
             set session_replication_role = replica; \
             update camera set uid = overlay(uid::text placing '0194f000-0000-7' from 1 for 15)::uuid; \
             update household set uid = overlay(uid::text placing '0194f000-0000-7' from 1 for 15)::uuid; \
             set session_replication_role = origin",
        )
        .await
        .unwrap();
    owner
        .execute(format!("update camera set geom = st_setsrid(st_point(105.001, 21.001), 4326) where id = {}", ward.a1.camera).as_str())
        .await
        .unwrap();
    owner.execute(format!("delete from resident where household_id = {}", ward.a2.household).as_str()).await.unwrap();
    owner.execute(format!("delete from household where id = {}", ward.a2.household).as_str()).await.unwrap();
    owner
        .execute("insert into camera (code, name, geom) values ('C-new', 'Mới', st_setsrid(st_point(105.002, 21.002), 4326))")
        .await
        .unwrap();
    for login in LOGINS {
        let client = client(&app, login).await;
        for (layer, then) in [("camera", [ward.a1.camera, ward.a2.camera]), ("household", [ward.a1.household, ward.a2.household])] {
            let answer = client.get(&format!("/api/layers/{layer}/on/2026-01-01")).await;
            let (status, text) = (answer.status(), answer.text().await.unwrap());
            assert!(is_impersonal(&text), "{login}: {text}");
            let wanted: &[i64] = match (login, layer) {
                ("tdp_head-a1", _) => &then[..1],
                ("leader-a" | "operator-a" | "police-a", _) | ("admin-a", "camera") => &then,
                _ => {
                    assert_eq!(status, StatusCode::NOT_FOUND, "{login} {layer}");
                    continue;
                }
            };
            let day: shared::layer::LayerOn = serde_json::from_str(&text).unwrap();
            assert_eq!(day.points.iter().map(|point| point.id).collect::<Vec<_>>(), wanted, "{login} {layer}");
            if layer == "camera" {
                assert_eq!((day.points[0].lon, day.points[0].lat), (105.005, 21.0045), "where it stood then");
            }
        }
    }
    // Whoever finds a way to the database's own function without a session is given nothing but open layers.
    let mut nobody = app.database.connect("ioc_app").await;
    for (topic, wanted) in [("household", 0_i64), ("camera", 0), ("boarding_house", 0), ("resident", 0), ("place", 3)] {
        let count: i64 =
            sqlx::query_scalar("select count(*) from points_at($1, now(), 100)").bind(topic).fetch_one(&mut nobody).await.unwrap();
        assert_eq!(count, wanted, "{topic} without a session");
    }
    let leader = app.sign_in("leader-a").await;
    let before_all: shared::layer::LayerOn = leader.read("/api/layers/camera/on/2024-01-01").await;
    assert_eq!(before_all.points, [], "nothing had come yet");
    assert_eq!(summary(leader.get("/api/layers/camera/on/yesterday").await).await, "400 bad_request");
    assert_eq!(summary(leader.get("/api/layers/road/on/2026-01-01").await).await, "404 tiles.no_such_layer");
    app.stop().await;
}

#[tokio::test]
async fn of_alerts_an_earlier_day_has_those_that_began_on_it() {
    let app = TestApp::start().await;
    let ward = app.ward().clone();
    let (of_the_day, before) = (ward.a1.camera_alert, ward.a2.camera_alert);
    app.database
        .connect("postgres")
        .await
        .execute(
            format!(
                "update history set at = '2025-01-01'; \
                 set session_replication_role = replica; \
                 update camera_alert set uid = overlay(uid::text placing '0194f000-0000-7' from 1 for 15)::uuid; \
                 update camera_alert set started_at = '2026-01-01 10:00+07' where id = {of_the_day}; \
                 update camera_alert set started_at = '2025-12-30 10:00+07' where id = {before}; \
                 set session_replication_role = origin"
            )
            .as_str(),
        )
        .await
        .unwrap();
    // One of them has changed since, so that its day is read from its past; the other is as it was.
    let mut owner = app.database.connect("ioc_owner").await;
    owner.execute(format!("update camera_alert set note_count = 7 where id = {of_the_day}").as_str()).await.unwrap();
    let operator = app.sign_in("operator-a").await;
    for (day, expected) in [("2026-01-01", vec![of_the_day]), ("2026-01-02", vec![]), ("2025-12-31", vec![]), ("2025-12-30", vec![before])]
    {
        let then: shared::layer::LayerOn = operator.read(&format!("/api/layers/camera_alert/on/{day}")).await;
        assert_eq!(then.points.iter().map(|point| point.id).collect::<Vec<_>>(), expected, "{day}");
    }
    app.stop().await;
}

#[tokio::test]
async fn whose_data_the_base_map_is_stands_in_tilejson_once() {
    let app = TestApp::start().await;
    let attribution = async || app.public().read::<TileJson>("/tiles/road.json").await.attribution;
    assert_eq!(attribution().await, None);
    let mut owner = app.database.connect("ioc_owner").await;
    owner
        .execute(
            "update area set attribution = '© OpenStreetMap contributors', attribution_url = 'https://www.openstreetmap.org/copyright' \
             where kind = 'ward'",
        )
        .await
        .unwrap();
    let begun = std::time::Instant::now();
    loop {
        match attribution().await {
            Some(text) => {
                assert_eq!(text, "<a href=\"https://www.openstreetmap.org/copyright\">© OpenStreetMap contributors</a>");
                break;
            }
            None => assert!(begun.elapsed().as_secs() < 5, "nobody is credited"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    app.stop().await;
}
