//! Whoever leads several wards: doors answer for all of them or for one, and never for more than the caller reaches.

use serde_json::json;
use shared::{
    alert_figures::{AlertFigures, AlertTimeline, OpenAlertsByWard},
    alert_shelf::{AlertShelf, AlertShelfList},
    area::{AreaKind, AreaList, HouseholdCounts},
    camera_alert::{CameraAlertList, Severity},
    layer::LayerList,
    violation::ViolationList,
};
use sqlx::Executor;
use tests::{
    app::{TestApp, TestClient},
    device::{TestDevice, an_alert},
    small_ward::{self, password_hash},
};

/// Somebody appointed over the province of both wards.
async fn of_the_province(app: &TestApp, role: &str) -> TestClient {
    let (login, mut owner) = (format!("{role}-p"), app.database.connect("ioc_owner").await);
    small_ward::account(&mut owner, &login, role, app.ward().province, &password_hash()).await.expect("the owner may");
    app.sign_in(&login).await
}

async fn open(client: &TestClient, query: &str) -> i64 {
    client.read::<AlertFigures>(&format!("/api/camera-alerts/figures{query}")).await.open()
}

async fn begun(client: &TestClient, query: &str) -> i64 {
    let day: AlertTimeline = client.read(&format!("/api/camera-alerts/timeline{query}")).await;
    day.quarters.iter().map(|quarter| quarter.all()).sum()
}

async fn listed(client: &TestClient, query: &str) -> usize {
    client.read::<CameraAlertList>(&format!("/api/camera-alerts{query}")).await.alerts.len()
}

#[tokio::test]
async fn alerts_are_counted_and_listed_for_the_province_or_for_one_ward_of_it() {
    let app = TestApp::start().await;
    let (leader, of_a) = (of_the_province(&app, "leader").await, app.sign_in("leader-a").await);
    let (a, b) = (app.ward().ward_a, app.ward().ward_b);
    // The small wards have one alert in each TDP, begun an hour ago: two in A, one in B.
    for (query, in_reach, of_those_in_a) in [
        (String::new(), 3, 2),
        (format!("?area={}", app.ward().province), 3, 2),
        (format!("?area={a}"), 2, 2),
        (format!("?area={b}"), 1, 0),
        (format!("?area={}", app.ward().a1.area), 1, 1),
        ("?area=0".to_owned(), 0, 0),
    ] {
        for (client, expected) in [(&leader, in_reach), (&of_a, of_those_in_a)] {
            assert_eq!(open(client, &query).await, expected, "figures{query}");
            assert_eq!(begun(client, &query).await, expected, "timeline{query}");
            assert_eq!(listed(client, &query).await as i64, expected, "list{query}");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn wards_in_which_alerts_stand_open_are_listed_with_how_grave_they_are() {
    let app = TestApp::start().await;
    let (leader, of_a) = (of_the_province(&app, "leader").await, app.sign_in("leader-a").await);
    let (a, b) = (app.ward().ward_a, app.ward().ward_b);
    let by_ward = async |client: &TestClient| {
        let counted: OpenAlertsByWard = client.read("/api/camera-alerts/by-ward").await;
        counted.wards.into_iter().map(|of| (of.area_id.0, of.open(), of.worst())).collect::<Vec<_>>()
    };
    assert_eq!(by_ward(&leader).await, [(a, 2, Severity::Medium), (b, 1, Severity::Medium)]);

    let device = TestDevice::add(&app, "hop-b", "B").await;
    device.report(&an_alert("C-B1", "chay", "fire_or_smoke")).await;
    assert_eq!(by_ward(&leader).await, [(a, 2, Severity::Medium), (b, 2, Severity::Critical)]);
    assert_eq!(by_ward(&of_a).await, [(a, 2, Severity::Medium)], "no other ward's");

    // What is closed is no longer open, and a ward without any is not named.
    let mut owner = app.database.connect("ioc_owner").await;
    owner
        .execute(
            format!("update camera_alert set status = 'closed', outcome = 'false_alarm', closed_at = now() where ward_id = {a}").as_str(),
        )
        .await
        .expect("the owner may");
    assert_eq!(by_ward(&leader).await, [(b, 2, Severity::Critical)]);
    assert!(by_ward(&of_a).await.is_empty());
    app.stop().await;
}

#[tokio::test]
async fn shelves_are_told_of_the_ward_that_is_looked_at() {
    let app = TestApp::start().await;
    let (leader, operator) = (of_the_province(&app, "leader").await, app.sign_in("operator-a").await);
    let (a, b) = (app.ward().ward_a, app.ward().ward_b);
    let request = json!({"camera_id": app.ward().a1.camera, "minutes": 60, "reason": "Đám cưới, đã có người điều tiết"});
    let _: AlertShelf = operator.post("/api/alert-shelves", &request, None).await.json().await.expect("a shelf");
    let told = async |query: String| {
        let list: AlertShelfList = leader.read(&format!("/api/alert-shelves{query}")).await;
        (list.shelves.len(), list.hidden)
    };
    assert_eq!(told(String::new()).await, (1, 1));
    assert_eq!(told(format!("?area={a}")).await, (1, 1));
    assert_eq!(told(format!("?area={b}")).await, (0, 0));
    assert_eq!(told(format!("?area={}", app.ward().a2.area)).await, (0, 0), "another TDP's camera");

    // One for the whole province holds in each of its wards.
    let request = json!({"kind": "street_market", "area_id": app.ward().province, "minutes": 60, "reason": "Chợ hoa Tết toàn thành phố"});
    let _: AlertShelf = leader.post("/api/alert-shelves", &request, None).await.json().await.expect("a shelf");
    assert_eq!(told(format!("?area={a}")).await.0, 2);
    assert_eq!(told(format!("?area={b}")).await.0, 1);
    app.stop().await;
}

#[tokio::test]
async fn violations_and_rows_of_layers_are_cut_to_a_ward_of_the_reach() {
    let app = TestApp::start().await;
    let (leader, of_a) = (of_the_province(&app, "leader").await, app.sign_in("leader-a").await);
    let (a, b) = (app.ward().ward_a, app.ward().ward_b);
    let count = async |client: &TestClient, layer: &str, query: &str| {
        let list: LayerList = client.read(&format!("/api/layers{query}")).await;
        list.layers.into_iter().find(|summary| summary.name == layer).and_then(|summary| summary.count)
    };
    let (in_a, in_b) = (format!("?area={a}"), format!("?area={b}"));
    // Businesses are open to everybody, households are not.
    for (layer, query, in_reach, of_those_in_a) in [
        ("business", "", 3, 3),
        ("business", in_a.as_str(), 2, 2),
        ("business", in_b.as_str(), 1, 1),
        ("household", "", 3, 2),
        ("household", in_a.as_str(), 2, 2),
        ("household", in_b.as_str(), 1, 0),
    ] {
        assert_eq!(count(&leader, layer, query).await, Some(in_reach), "{layer}{query}");
        assert_eq!(count(&of_a, layer, query).await, Some(of_those_in_a), "{layer}{query}");
    }

    let households: HouseholdCounts = leader.read("/api/areas/households").await;
    let of = |id: i32| households.areas.iter().find(|area| area.area_id.0 == id).map(|area| area.households);
    assert_eq!((of(app.ward().province), of(a), of(b), of(app.ward().b1.area)), (Some(3), Some(2), Some(1), Some(1)));

    let mut owner = app.database.connect("ioc_owner").await;
    owner
        .execute("update camera_alert set status = 'closed', outcome = 'handled', closed_at = now(), fine_vnd = 500000")
        .await
        .expect("the owner may");
    for (query, violations) in [("", 3), (in_a.as_str(), 2), (in_b.as_str(), 1)] {
        assert_eq!(leader.read::<ViolationList>(&format!("/api/violations{query}")).await.violations.len(), violations, "{query}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_province_without_a_boundary_is_as_large_as_its_wards() {
    let app = TestApp::start().await;
    let mut owner = app.database.connect("ioc_owner").await;
    owner.execute("update area set boundary = null where kind = 'province'").await.expect("a province may have none");
    let areas: AreaList = app.public().read("/api/areas").await;
    let province = &areas.areas[0];
    assert_eq!((province.kind, province.name.as_str()), (AreaKind::Province, "Tỉnh Thử"));
    assert_eq!(province.bounds, [105.0, 21.0, 105.04, 21.01]);
    assert!(province.bounds[0] < province.label_lon && province.label_lon < province.bounds[2], "{}", province.label_lon);
    assert_eq!(areas.areas[1].parent_id, Some(province.id));
    app.stop().await;
}
