//! Texts and moments that PostgreSQL cannot keep: the client's mistake, and said as one, wherever they are taken.

use serde_json::json;
use tests::app::{TestApp, summary};

#[tokio::test]
async fn what_cannot_be_kept_is_the_clients_mistake() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let ward = app.ward().ward_a;
    for path in [
        "/api/camera-alerts?words=%00".to_owned(),
        "/api/camera-alerts?since=-100000-01-01T00:00:00Z".to_owned(),
        "/api/camera-alerts?cursor=-8000000000000000000-1".to_owned(),
        format!("/api/duty?area_id={ward}&from=-100000-01-01T00:00:00Z"),
        // A week later there is no day that could be written.
        format!("/api/duty?area_id={ward}&from=%2B262142-12-31T20:00:00Z"),
    ] {
        assert_eq!(summary(operator.get(&path).await).await, "400 bad_request", "{path}");
    }
    let mut owner = app.database.connect("ioc_owner").await;
    let police: i64 = sqlx::query_scalar("select id from account where login = 'police-a'").fetch_one(&mut owner).await.unwrap();
    let duty = json!({"area_id": ward, "account_id": police, "from": "-100000-01-01T00:00:00Z", "until": "-100000-01-01T08:00:00Z",
        "step": "first", "kinds": null, "note": null});
    let refused = summary(operator.post("/api/duty", &duty, None).await).await;
    assert!(refused.starts_with('4'), "{refused}");
    app.stop().await;
}
