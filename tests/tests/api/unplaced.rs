//! The tray of rows without a place: who sees which, pages and words, what is suggested, and that placing empties it.

use reqwest::StatusCode;
use serde_json::json;
use shared::{
    edit::{UnplacedList, UnplacedRow},
    household::HouseholdSummary,
    layer::Layer,
};
use tests::{
    app::{TestApp, TestClient, summary},
    small_ward::{CANARY, PHONE_START},
};

/// Takes one of everything off the map in A1, A2 and B1, as an import of rows without coordinates leaves them.
async fn take_off_the_map(app: &TestApp) {
    let mut owner = app.database.connect("ioc_owner").await;
    let tables = ["household", "boarding_house", "business", "place", "camera"];
    for table in tables {
        sqlx::query(&format!("update {table} set geom = null")).execute(&mut owner).await.unwrap();
    }
    for table in &tables[..3] {
        sqlx::query(&format!("update {table} set building_id = null")).execute(&mut owner).await.unwrap();
    }
}

fn shown(list: &UnplacedList) -> Vec<(Layer, i64)> {
    list.rows.iter().map(|row| (row.kind, row.id)).collect()
}

async fn list(client: &TestClient, query: &str) -> UnplacedList {
    client.read(&format!("/api/unplaced{query}")).await
}

#[tokio::test]
async fn every_role_sees_what_it_may_place_in_its_own_area() {
    let app = TestApp::start().await;
    take_off_the_map(&app).await;
    let (a1, a2) = (app.ward().a1.clone(), app.ward().a2.clone());
    let homes = |rows: &tests::small_ward::TdpRows| [(Layer::Household, rows.household), (Layer::BoardingHouse, rows.boarding_house)];
    let mut all = vec![
        (Layer::Household, a1.household),
        (Layer::Household, a2.household),
        (Layer::BoardingHouse, a1.boarding_house),
        (Layer::BoardingHouse, a2.boarding_house),
        (Layer::Business, a1.business),
        (Layer::Business, a2.business),
        (Layer::Place, a1.place),
        (Layer::Place, a2.place),
    ];
    let cameras = [(Layer::Camera, a1.camera), (Layer::Camera, a2.camera)];
    all.extend(cameras);
    for (login, expected) in [("tdp_head-a1", homes(&a1).to_vec()), ("operator-a", all), ("admin-a", cameras.to_vec())] {
        let client = app.sign_in(login).await;
        let answer = client.get("/api/unplaced").await.text().await.unwrap();
        assert!(!answer.contains(CANARY) && !answer.contains(PHONE_START), "{login}: {answer}");
        let tray = list(&client, "").await;
        assert_eq!(shown(&tray), expected, "{login}");
        assert_eq!(tray.next_cursor, None, "{login}");
        for count in &tray.counts {
            assert_eq!(count.count, expected.iter().filter(|(kind, _)| *kind == count.kind).count() as i64, "{login}: {count:?}");
        }
        let kinds: Vec<Layer> = tray.counts.iter().map(|count| count.kind).collect();
        assert!(expected.iter().all(|(kind, _)| kinds.contains(kind)), "{login}: {kinds:?}");
    }
    assert_eq!(summary(app.public().get("/api/unplaced").await).await, "401 sign_in_required");
    for login in ["leader-a", "police-a", "one_stop-a", "landlord-a1"] {
        let client = app.sign_in(login).await;
        assert_eq!(summary(client.get("/api/unplaced").await).await, "403 forbidden", "{login}");
        let one = format!("/api/unplaced/household/{}", a1.household);
        assert_eq!(summary(client.get(&one).await).await, "403 forbidden", "{login}");
    }
    // One by one, too.
    let head = app.sign_in("tdp_head-a1").await;
    for (path, expected) in [
        (format!("household/{}", a1.household), StatusCode::OK),
        (format!("household/{}", a2.household), StatusCode::NOT_FOUND),
        (format!("camera/{}", a1.camera), StatusCode::FORBIDDEN),
        ("household/999999".into(), StatusCode::NOT_FOUND),
    ] {
        assert_eq!(head.get(&format!("/api/unplaced/{path}")).await.status(), expected, "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn pages_follow_each_other_through_all_kinds_with_no_gap_and_no_repeat() {
    let app = TestApp::start().await;
    take_off_the_map(&app).await;
    let operator = app.sign_in("operator-a").await;
    let whole = shown(&list(&operator, "").await);
    for limit in [1, 2, 3, 10, 200] {
        let mut seen = Vec::new();
        let mut query = format!("?limit={limit}");
        loop {
            let page = list(&operator, &query).await;
            assert!(page.rows.len() <= limit);
            seen.extend(shown(&page));
            let Some(cursor) = page.next_cursor else { break };
            query = format!("?limit={limit}&cursor={cursor}");
        }
        assert_eq!(seen, whole, "{limit} at a time");
    }
    assert_eq!(shown(&list(&operator, "?kind=camera").await), whole[8..]);
    let found = shown(&list(&operator, "?q=tap%20hoa%20a2").await);
    assert_eq!(found, [(Layer::Business, app.ward().a2.business)]);
    assert_eq!(shown(&list(&operator, "?q=so%2012%20pho%20thu&kind=household&limit=1").await), whole[..1]);
    for wrong in ["?limit=0", "?limit=201", "?kind=resident", "?cursor=7"] {
        assert_eq!(operator.get(&format!("/api/unplaced{wrong}")).await.status(), StatusCode::BAD_REQUEST, "{wrong}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_row_is_placed_where_its_address_says_and_the_tray_is_empty_after_it() {
    let app = TestApp::start().await;
    take_off_the_map(&app).await;
    let a1 = app.ward().a1.clone();
    let head = app.sign_in("tdp_head-a1").await;
    let open: UnplacedRow = head.read(&format!("/api/unplaced/household/{}", a1.household)).await;
    let suggested: Vec<_> = open.suggestions.iter().map(|house| (house.building_id, house.exact)).collect();
    assert_eq!(suggested, [(a1.building, true)]);
    let there = [open.suggestions[0].lon, open.suggestions[0].lat];
    let placed = head.edit(&format!("/api/households/{}", a1.household), Some(open.row.version), json!({"point": there})).await;
    let placed: HouseholdSummary = placed.json().await.unwrap();
    assert_eq!((placed.lon, placed.storeys), (Some(there[0]), Some(3)), "it stands in the house, whose storeys it tells");
    assert_eq!(shown(&list(&head, "?kind=household").await), []);
    assert_eq!(head.get(&format!("/api/unplaced/household/{}", a1.household)).await.status(), StatusCode::NOT_FOUND);

    // The shop next door has no house of its own number; the neighbour is offered as such.
    let operator = app.sign_in("operator-a").await;
    let shop: UnplacedRow = operator.read(&format!("/api/unplaced/business/{}", a1.business)).await;
    let suggested: Vec<_> = shop.suggestions.iter().map(|house| (house.building_id, house.exact)).collect();
    assert_eq!(suggested, [(a1.building, false)]);
    let camera: UnplacedRow = operator.read(&format!("/api/unplaced/camera/{}", a1.camera)).await;
    assert!(camera.suggestions.is_empty(), "a camera has no address");
    app.stop().await;
}
