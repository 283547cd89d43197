//! Tiles through the door: who gets what, how they are filtered, thinned, cached, and that they follow the database.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use reqwest::{Method, Response, StatusCode, header};
use shared::area::AreaList;
use shared::layer::{LayerList, TileJson};
use sqlx::{Executor, PgConnection};
use tests::app::{TestApp, TestClient, summary};
use tests::tile::TileLayer;

/// Both small wards, whole.
const OVERVIEW: &str = "10/810/450";
/// The middle of TDP A1.
const A1: &str = "16/51883/28855";
const LAYERS: [&str; 10] = ["area", "road", "building", "water", "land_use", "place", "household", "boarding_house", "business", "camera"];

async fn tile(client: &TestClient, layer: &str, address: &str) -> Option<TileLayer> {
    let answer = client.get(&format!("/tiles/{layer}/{address}.mvt")).await;
    match answer.status() {
        StatusCode::NO_CONTENT => None,
        StatusCode::OK => TileLayer::decode(&answer.bytes().await.expect("the tile arrives")),
        other => panic!("{layer}/{address}: {other}"),
    }
}

/// The tiles of zoom 14 that hold the wards: there every point is drawn for itself.
fn tiles_of_both_wards() -> impl Iterator<Item = String> {
    (12970..=12972).flat_map(|x| (7213..=7214).map(move |y| format!("14/{x}/{y}")))
}

async fn ids(client: &TestClient, layer: &str, address: &str) -> Vec<u64> {
    tile(client, layer, address).await.map(|tile| tile.ids()).unwrap_or_default()
}

fn header(answer: &Response, name: &str) -> String {
    answer.headers().get(name).map(|value| value.to_str().expect("ASCII").to_owned()).unwrap_or_default()
}

/// Asks until `done`; the feed needs some milliseconds, the promise is one second.
async fn within_a_second<T, F: Future<Output = T>>(ask: impl Fn() -> F, done: impl Fn(&T) -> bool) -> T {
    let begun = Instant::now();
    loop {
        let answer = ask().await;
        if done(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "it did not come");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// DESIGN 4, row by row, for the two TDPs of ward A and the one of ward B.
#[tokio::test]
async fn everybody_gets_the_layers_of_the_access_matrix_and_no_other() {
    let app = TestApp::start().await;
    let ward = app.ward().clone();
    let name_of = |layer: &str, id: u64| {
        let of = |tdp: &tests::small_ward::TdpRows| match layer {
            "household" => tdp.household,
            "boarding_house" => tdp.boarding_house,
            "camera" => tdp.camera,
            "business" => tdp.business,
            _ => tdp.place,
        };
        [("A1", &ward.a1), ("A2", &ward.a2), ("B1", &ward.b1)]
            .into_iter()
            .find(|(_, tdp)| of(tdp) as u64 == id)
            .map_or("?", |(name, _)| name)
    };
    let mut lines = Vec::new();
    for login in ["", "tdp_head-a1", "leader-a", "operator-a", "police-b", "one_stop-a", "landlord-a1", "admin-a"] {
        let client = if login.is_empty() { app.public() } else { app.sign_in(login).await };
        let mut line = format!("{:12}", if login.is_empty() { "public" } else { login });
        for layer in ["place", "business", "household", "boarding_house", "camera"] {
            let mut seen = Vec::new();
            let mut refused = false;
            for address in tiles_of_both_wards() {
                let answer = client.get(&format!("/tiles/{layer}/{address}.mvt")).await;
                match answer.status() {
                    StatusCode::NOT_FOUND => refused = true,
                    StatusCode::NO_CONTENT => {}
                    StatusCode::OK => {
                        let tile = TileLayer::decode(&answer.bytes().await.unwrap()).unwrap();
                        seen.extend(tile.ids().into_iter().map(|id| name_of(layer, id)));
                    }
                    other => panic!("{layer}: {other}"),
                }
            }
            seen.sort_unstable();
            line += &format!(" {layer}={}", if refused { "404".into() } else { seen.join("+") });
        }
        lines.push(line);
    }
    assert_snapshot!(lines.join("\n"), @r#"
    public       place=A1+A2+B1 business=A1+A2+B1 household=404 boarding_house=404 camera=404
    tdp_head-a1  place=A1+A2+B1 business=A1+A2+B1 household=A1 boarding_house=A1 camera=A1
    leader-a     place=A1+A2+B1 business=A1+A2+B1 household=A1+A2 boarding_house=A1+A2 camera=A1+A2
    operator-a   place=A1+A2+B1 business=A1+A2+B1 household=A1+A2 boarding_house=A1+A2 camera=A1+A2
    police-b     place=A1+A2+B1 business=A1+A2+B1 household=B1 boarding_house=B1 camera=B1
    one_stop-a   place=A1+A2+B1 business=A1+A2+B1 household=404 boarding_house=404 camera=404
    landlord-a1  place=A1+A2+B1 business=A1+A2+B1 household=404 boarding_house=A1 camera=404
    admin-a      place=A1+A2+B1 business=A1+A2+B1 household=404 boarding_house=404 camera=A1+A2
    "#);
    app.stop().await;
}

#[tokio::test]
async fn a_tile_shows_what_its_layer_may_show_and_nothing_else() {
    let app = TestApp::start().await;
    let head = app.sign_in("tdp_head-a1").await;
    let mut owner = app.database.connect("ioc_owner").await;
    owner.execute("update camera set status_at = '2026-11-21T08:00:00+07'").await.unwrap();
    within_a_second(|| tile(&head, "camera", A1), |tile| tile.as_ref().is_some_and(|t| t.to_string().contains("T01:00:00Z"))).await;
    let mut text = String::new();
    for layer in ["place", "business", "household", "boarding_house", "camera", "road", "building"] {
        text += &tile(&head, layer, A1).await.map(|tile| tile.to_string()).unwrap_or_else(|| format!("{layer}: empty\n"));
    }
    assert_snapshot!(text, @r#"
    place v2 extent 4096
    1 point 2362,1676 address="Số 20 phố Thử A1" area_id=4 code="D-A1" kind="culture_house" name="Nhà văn hóa A1"
    business v2 extent 4096
    1 point 1990,2076 address="Số 10 phố Thử A1" area_id=4 building_id=1 kind="household_business" name="Tạp hóa A1" sector="G" status="operating" vsic="4711"
    household v2 extent 4096
    1 point 2362,2076 address="Số 12 phố Thử A1" area_id=4 building_id=1 house_households=1 member_count=1
    boarding_house v2 extent 4096
    1 point 2735,2076 address="Số 14 phố Thử A1" area_id=4 building_id=1 declared_room_count=1 declared_tenant_count=1 name="Nhà trọ A1" room_count=1 tenant_count=1 vacant_room_count=0
    camera v2 extent 4096
    1 point 2362,2475 area_id=4 code="C-A1" field_of_view_deg=70.0 heading_deg=90.0 name="Ngã tư A1" range_m=40.0 status="online" status_at="2026-11-21T01:00:00Z"
    road v2 extent 4096
    1 line -64,2316 4160,2316 area_id=4 class="street" name="Phố Thử A1" width_m=8.0
    building v2 extent 4096
    1 polygon 2438,1996 2438,2156 2288,2156 2288,1996 address="Số 12 phố Thử A1" area_id=4 house_number="12" storeys=3 use="house"
    "#);
    app.stop().await;
}

/// What tiles show to somebody is what row-level security lets the same session read.
#[tokio::test]
async fn tiles_and_row_level_security_agree() {
    let app = TestApp::start().await;
    for login in ["tdp_head-a1", "tdp_head-a2", "operator-a", "police-b", "landlord-a1", "one_stop-a", "admin-b"] {
        let client = app.sign_in(login).await;
        let cookie = client.cookie.clone().expect("signed in");
        let token = cookie.split_once('=').expect("name=value").1.to_owned();
        let mut db = app.database.connect("ioc_app").await;
        sqlx::query("select set_config('ioc.session_token', $1, false)").bind(token).execute(&mut db).await.unwrap();
        for layer in ["household", "boarding_house", "camera"] {
            let readable: Vec<i64> =
                sqlx::query_scalar(&format!("select id from {layer} where geom is not null order by id")).fetch_all(&mut db).await.unwrap();
            let mut shown = Vec::new();
            for address in tiles_of_both_wards() {
                let answer = client.get(&format!("/tiles/{layer}/{address}.mvt")).await;
                if answer.status() == StatusCode::OK {
                    shown.extend(TileLayer::decode(&answer.bytes().await.unwrap()).unwrap().ids());
                }
            }
            shown.sort_unstable();
            assert_eq!(shown, readable.iter().map(|id| *id as u64).collect::<Vec<_>>(), "{login} {layer}");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn a_layer_out_of_reach_and_one_that_does_not_exist_answer_alike() {
    let app = TestApp::start().await;
    let public = app.public();
    let body = |path: &str| {
        let path = path.to_owned();
        let public = public.clone();
        async move {
            let answer = public.get(&path).await;
            (answer.status(), answer.text().await.unwrap())
        }
    };
    let unknown = body("/tiles/treasure/14/12970/7213.mvt").await;
    assert_eq!(unknown.0, StatusCode::NOT_FOUND);
    assert_eq!(body("/tiles/household/14/12970/7213.mvt").await, unknown);
    assert_eq!(body("/tiles/camera/14/12970/7213.mvt").await, unknown);
    assert_eq!(body("/tiles/household.json").await, body("/tiles/treasure.json").await);
    // Not even a bad address or filter tells them apart.
    assert_eq!(body("/tiles/household/99/0/0.mvt?x=y").await, unknown);
    app.stop().await;
}

#[tokio::test]
async fn a_bad_address_or_filter_is_refused_with_what_to_do() {
    let app = TestApp::start().await;
    let mut refusals = Vec::new();
    for path in [
        "business/14/16384/0.mvt",
        "business/23/0/0.mvt",
        "business/14/0/x.mvt",
        "business/14/0/0",
        "business/14/12970/7213.mvt?owner=x",
        "business/14/12970/7213.mvt?name=x",
        "business/14/12970/7213.mvt?area_id=many",
        "business/14/12970/7213.mvt?status=open&status=closed",
        "business/14/12970/7213.mvt?status=",
        "building/14/12970/7213.mvt?storeys=5..3",
    ] {
        refusals.push(format!("{path}: {}", summary(app.public().get(&format!("/tiles/{path}")).await).await));
    }
    assert_snapshot!(refusals.join("\n"), @r#"
    business/14/16384/0.mvt: 400 tiles.bad_address
    business/23/0/0.mvt: 400 tiles.bad_address
    business/14/0/x.mvt: 400 tiles.bad_address
    business/14/0/0: 400 tiles.bad_address
    business/14/12970/7213.mvt?owner=x: 400 tiles.bad_filter
    business/14/12970/7213.mvt?name=x: 400 tiles.bad_filter
    business/14/12970/7213.mvt?area_id=many: 400 tiles.bad_filter
    business/14/12970/7213.mvt?status=open&status=closed: 400 tiles.bad_filter
    business/14/12970/7213.mvt?status=: 400 tiles.bad_filter
    building/14/12970/7213.mvt?storeys=5..3: 400 tiles.bad_filter
    "#);
    app.stop().await;
}

#[tokio::test]
async fn an_unchanged_tile_is_not_sent_again_and_a_changed_one_is() {
    let app = TestApp::start().await;
    let head = app.sign_in("tdp_head-a1").await;
    let path = format!("/tiles/household/{A1}.mvt");
    let first = head.get(&path).await;
    assert_eq!(header(&first, "cache-control"), "private, no-cache");
    assert_eq!(header(&first, "vary"), "Cookie, Accept-Encoding");
    assert!(!header(&first, "x-feed-position").is_empty());
    let etag = header(&first, "etag");
    let ask = || {
        let head = head.clone();
        let (path, etag) = (path.clone(), etag.clone());
        async move { head.send(head.request(Method::GET, &path).header(header::IF_NONE_MATCH, etag)).await.status() }
    };
    assert_eq!(ask().await, StatusCode::NOT_MODIFIED);

    let mut owner = app.database.connect("ioc_owner").await;
    // A camera nearby and a household far away change nothing here.
    owner.execute("update camera set status = 'offline'").await.unwrap();
    sqlx::query("update household set unit = 'tầng 2' where id = $1").bind(app.ward().b1.household).execute(&mut owner).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(ask().await, StatusCode::NOT_MODIFIED);

    sqlx::query("update household set unit = 'tầng 2' where id = $1").bind(app.ward().a1.household).execute(&mut owner).await.unwrap();
    within_a_second(ask, |status| *status == StatusCode::OK).await;
    let tile = tile(&head, "household", A1).await.unwrap();
    assert_eq!(tile.features[0].properties["unit"], "tầng 2");

    // Two audiences never share a tile, even where they would see the same.
    let operator = app.sign_in("operator-a").await;
    let (mine, theirs) = (header(&head.get(&path).await, "etag"), header(&operator.get(&path).await, "etag"));
    assert_ne!(mine, theirs);
    let open = app.public().get(&format!("/tiles/business/{A1}.mvt")).await;
    assert_eq!(header(&open, "cache-control"), "public, no-cache");
    app.stop().await;
}

#[tokio::test]
async fn a_household_that_moves_leaves_one_head_and_comes_to_the_other() {
    let app = TestApp::start().await;
    let (one, two) = (app.sign_in("tdp_head-a1").await, app.sign_in("tdp_head-a2").await);
    let moved = app.ward().a1.household as u64;
    assert!(ids(&one, "household", A1).await.contains(&moved));
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("update household set geom = st_setsrid(st_point(105.0149, 21.0049), 4326) where id = $1")
        .bind(app.ward().a1.household)
        .execute(&mut owner)
        .await
        .unwrap();
    within_a_second(|| ids(&two, "household", "14/12971/7213"), |ids| ids.contains(&moved)).await;
    assert!(!ids(&one, "household", A1).await.contains(&moved));
    assert!(!ids(&one, "household", "14/12971/7213").await.contains(&moved), "it is there, but out of reach");
    app.stop().await;
}

#[tokio::test]
async fn bulk_loads_and_truncates_are_followed() {
    let app = TestApp::start().await;
    let public = app.public();
    let mut owner = app.database.connect("ioc_owner").await;
    owner
        .execute(
            "begin; set local ioc.bulk = 'on';
             insert into business (code, name, sector, kind, geom)
             select 'BULK' || i, 'Cửa hàng ' || i, 'G', 'household_business', st_setsrid(st_point(105.005, 21.005), 4326) from generate_series(1, 40) i;
             commit",
        )
        .await
        .unwrap();
    within_a_second(|| ids(&public, "business", A1), |ids| ids.len() > 40).await;
    owner.execute("truncate business cascade").await.unwrap();
    within_a_second(|| ids(&public, "business", A1), Vec::is_empty).await;
    app.stop().await;
}

/// Points by the hundred over the whole of TDP A1.
async fn scatter(db: &mut PgConnection, count: i32) {
    sqlx::query(
        "insert into business (code, name, sector, kind, status, geom)
         select 'S' || i, 'Cửa hàng ' || i, (array['G', 'I', 'S'])[1 + i % 3], 'household_business',
            case when i % 10 = 0 then 'closed' else 'operating' end,
            st_setsrid(st_point(105.0001 + (i * 7919 % 1000) * 0.0000098, 21.0001 + (i * 104729 % 997) * 0.0000098), 4326)
         from generate_series(1, $1) i",
    )
    .bind(count)
    .execute(db)
    .await
    .unwrap();
}

fn count_of(tile: &TileLayer) -> u64 {
    tile.features.iter().map(|feature| feature.properties.get("point_count").map_or(1, |count| count.as_u64().unwrap())).sum()
}

#[tokio::test]
async fn thinned_points_keep_their_number() {
    let app = TestApp::start().await;
    let public = app.public();
    let mut owner = app.database.connect("ioc_owner").await;
    scatter(&mut owner, 2000).await;
    let all = 2003;
    let overview =
        within_a_second(|| tile(&public, "business", OVERVIEW), |tile| tile.as_ref().is_some_and(|t| count_of(t) == all)).await.unwrap();
    assert!(overview.features.len() < 500, "{} dots of 2003 points at zoom 10", overview.features.len());
    // Every point is on exactly one tile of any zoom, drawn for itself from zoom 14.
    for (zoom, columns, rows) in [(13, 6485..=6486, 3606..=3607), (14, 12970..=12972, 7213..=7214), (15, 25941..=25944, 14427..=14428)] {
        let (mut count, mut dots) = (0, 0);
        for x in columns {
            for y in rows.clone() {
                if let Some(tile) = tile(&public, "business", &format!("{zoom}/{x}/{y}")).await {
                    count += count_of(&tile);
                    dots += tile.features.len() as u64;
                }
            }
        }
        assert_eq!(count, all, "zoom {zoom}");
        assert!(if zoom < 14 { dots > overview.features.len() as u64 && dots < all } else { dots == all }, "{dots} dots at zoom {zoom}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_filter_cuts_points_and_base_map_alike() {
    let app = TestApp::start().await;
    let public = app.public();
    let mut owner = app.database.connect("ioc_owner").await;
    scatter(&mut owner, 100).await;
    within_a_second(|| tile(&public, "business", OVERVIEW), |tile| tile.as_ref().is_some_and(|t| count_of(t) == 103)).await;
    let counted = async |query: &str| {
        let answer = public.get(&format!("/tiles/business/{OVERVIEW}.mvt{query}")).await;
        TileLayer::decode(&answer.bytes().await.unwrap()).map_or(0, |tile| count_of(&tile))
    };
    assert_eq!(counted("?status=closed").await, 10);
    assert_eq!(counted("?status=closed,suspended").await, 10);
    assert_eq!(counted(&format!("?status=closed&area_id={}", app.ward().a2.area)).await, 0);
    assert_eq!(counted(&format!("?area_id={}", app.ward().a1.area)).await, 101);

    let houses = async |query: &str| public.get(&format!("/tiles/building/{A1}.mvt{query}")).await.status();
    assert_eq!(houses("?storeys=3..5").await, StatusCode::OK);
    assert_eq!(houses("?storeys=..2,4..").await, StatusCode::NO_CONTENT);
    assert_eq!(houses("?use=house&storeys=3").await, StatusCode::OK);
    app.stop().await;
}

#[tokio::test]
async fn the_base_map_follows_the_database() {
    let app = TestApp::start().await;
    let public = app.public();
    let name = async || tile(&public, "road", A1).await.unwrap().features[0].properties["name"].clone();
    assert_eq!(name().await, "Phố Thử A1");
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("update road set name = 'Phố Mới' where id = $1").bind(app.ward().a1.road).execute(&mut owner).await.unwrap();
    within_a_second(name, |name| name == "Phố Mới").await;
    app.stop().await;
}

#[tokio::test]
async fn tile_json_says_where_tiles_are_and_what_they_hold() {
    let app = TestApp::start().await;
    let document: TileJson = app.public().read("/tiles/business.json").await;
    assert_eq!(document.tilejson, "3.0.0");
    assert_eq!(document.tiles, [app.url("/tiles/business/{z}/{x}/{y}.mvt")]);
    assert_eq!(document.bounds, Some([105.0, 21.0, 105.04, 21.01]));
    assert_eq!(document.vector_layers[0].fields["sector"], "String");
    assert_eq!(summary(app.public().get("/tiles/business").await).await, "404 tiles.no_such_layer");
    app.stop().await;
}

#[tokio::test]
async fn layers_are_listed_to_whom_may_see_them_with_their_counts() {
    let app = TestApp::start().await;
    let counts = async |client: TestClient| {
        let list: LayerList = client.read("/api/layers").await;
        list.layers.into_iter().map(|layer| (layer.name, layer.count)).collect::<BTreeMap<_, _>>()
    };
    let open = counts(app.public()).await;
    assert_eq!(open.keys().map(String::as_str).collect::<Vec<_>>(), ["area", "building", "business", "land_use", "place", "road", "water"]);
    assert_eq!(open["business"], Some(3));
    assert_eq!(open["road"], None);
    let head = counts(app.sign_in("tdp_head-a1").await).await;
    assert_eq!((head["household"], head["camera"], head.len()), (Some(1), Some(1), LAYERS.len()));
    assert_eq!(counts(app.sign_in("leader-a").await).await["household"], Some(2));
    assert_eq!(counts(app.sign_in("landlord-a1").await).await["boarding_house"], Some(1));
    app.stop().await;
}

#[tokio::test]
async fn areas_come_parents_first_and_say_where_the_map_opens() {
    let app = TestApp::start().await;
    let areas: AreaList = app.public().read("/api/areas").await;
    let names: Vec<&str> = areas.areas.iter().map(|area| area.name.as_str()).collect();
    assert_eq!(names, ["Tỉnh Thử", "Phường A", "Phường B", "TDP A1", "TDP A2", "TDP B1"]);
    assert_eq!(areas.initial_bounds, Some([105.0, 21.0, 105.04, 21.01]));
    let a1 = &areas.areas[3];
    assert!(a1.bounds[0] < a1.label_lon && a1.label_lon < a1.bounds[2]);

    let mut owner = app.database.connect("ioc_owner").await;
    owner.execute("update area set name = 'TDP số 1' where code = 'A1'").await.unwrap();
    let renamed = async || {
        let areas: AreaList = app.public().read("/api/areas").await;
        areas.areas.iter().any(|area| area.name == "TDP số 1")
    };
    within_a_second(renamed, |renamed| *renamed).await;
    app.stop().await;
}
