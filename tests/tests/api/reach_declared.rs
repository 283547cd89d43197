//! What the database declares of reach: which tables are open on purpose, how policies ask, what the feed's role reads, and that its
//! matrix is the code's.

use server::accounts::matrix;
use sqlx::{Executor, Row};
use tests::{app::TestApp, plain_sql::count};

/// As a condition of an index, reach reads everything that a province reaches: 125 ms instead of 1 ms for 25 households.
#[tokio::test]
async fn reach_is_a_filter_and_no_condition_of_an_index() {
    let app = TestApp::start().await;
    let mut superuser = app.database.connect("postgres").await;
    let policies: Vec<(String, String, bool)> = sqlx::query_as(
        "select tablename::text, policyname::text, qual ~ 'area_id = ANY' from pg_policies where qual like '%reach(%' order by 1, 2",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    let is = |wanted: &str, searched: bool| policies.iter().any(|(table, _, is_searched)| table == wanted && *is_searched == searched);
    assert!(is("resident", false) && is("history", true), "both ways of writing it are known: {policies:?}");
    // Read by the row they are of, by their area, or few.
    let as_searched = ["appointment", "audit_entry", "history"];
    let surprising: Vec<_> =
        policies.iter().filter(|(table, _, is_searched)| *is_searched && !as_searched.contains(&table.as_str())).collect();
    assert!(surprising.is_empty(), "write `area_id in (select unnest(reach(...)))` in {surprising:?}");
    app.stop().await;
}

#[tokio::test]
async fn every_table_is_either_open_on_purpose_or_protected() {
    let app = TestApp::start().await;
    let mut superuser = app.database.connect("postgres").await;
    let unprotected: Vec<String> = sqlx::query_scalar(
        "select c.relname from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity
           and has_any_column_privilege('ioc_app', c.oid, 'select') and c.relname not like 'change_%'
         order by 1",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    let open = [
        "_sqlx_migrations",
        "area",
        "building",
        "business",
        "feed_epoch",
        "land_use",
        "layer_catalogue",
        "place",
        "population_count",
        "population_publication",
        "road",
        "role_permission",
        "spatial_ref_sys",
        "water",
    ];
    let surprising: Vec<&String> = unprotected.iter().filter(|table| !open.contains(&table.as_str())).collect();
    assert!(surprising.is_empty(), "ioc_app reads all of {surprising:?}: give them row-level security, or add them here on purpose");

    let leaking_views: Vec<String> = sqlx::query_scalar(
        "select c.relname from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm') and has_any_column_privilege('ioc_app', c.oid, 'select')
           and not coalesce(c.reloptions, '{}') @> array['security_invoker=true']
           and not exists (select from pg_depend d join pg_extension e on e.oid = d.refobjid where d.objid = c.oid and d.deptype = 'e')",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    assert!(leaking_views.is_empty(), "views that read as their owner: {leaking_views:?}");
    app.stop().await;
}

#[tokio::test]
async fn the_feed_reads_what_the_indexes_need_and_writes_nothing() {
    let app = TestApp::start().await;
    let mut feed = app.database.connect("ioc_feed").await;
    assert!(count(&mut feed, "household").await > 0);
    for statement in [
        "select birth_date from resident",
        "select national_id_encrypted from resident",
        "select national_id_hash from resident",
        "select phone from resident",
        "select tenant_name from tenancy",
        "select landlord_phone from boarding_house",
        "select stream from camera",
        "select handler_name from camera_alert",
        "select plate from camera_alert_plate",
        "select note from camera_alert_entry",
        "select payload from ingest_quarantine",
        "select reason from ingest_put_away",
        "select device_name from device_clock_report",
        "select password_hash from account",
        "select login from account",
        "select token_hash from session",
        "select reason from audit_entry",
        "select 1 from history",
        "update household set address = address",
        "delete from change",
        "insert into change (topic, op) values ('camera', 'reload')",
        "select append_audit('x', null, null, null, null, 'allowed', null)",
        "set role ioc_owner",
    ] {
        assert!(feed.execute(statement).await.is_err(), "ioc_feed may run: {statement}");
    }
    app.stop().await;
}

#[tokio::test]
async fn the_database_holds_the_matrix_of_the_code() {
    let app = TestApp::start().await;
    let mut owner = app.database.connect("ioc_owner").await;
    assert_eq!(matrix::check(&mut owner).await.unwrap(), Vec::<String>::new());
    owner.execute("insert into role_permission values ('operator', 'open_tenants')").await.unwrap();
    owner.execute("delete from role_permission where role = 'tdp_head' and permission = 'see_households'").await.unwrap();
    let differences = matrix::check(&mut owner).await.unwrap();
    assert_eq!(differences, ["tdp_head lacks see_households", "operator has open_tenants and should not"]);
    let pool = sqlx::PgPool::connect(&app.database.url("postgres")).await.unwrap();
    assert_eq!(matrix::sync(&pool).await.unwrap(), 2);
    assert_eq!(matrix::check(&mut owner).await.unwrap(), Vec::<String>::new());

    // Every permission that a policy asks for is one that the code knows: a misspelt one would silently show nothing.
    let policies =
        sqlx::query("select coalesce(qual, '') || coalesce(with_check, '') as text from pg_policies").fetch_all(&mut owner).await.unwrap();
    let mut asked = 0;
    for policy in policies {
        let text: String = policy.get("text");
        for part in text.split("reach('").skip(1) {
            let name = part.split('\'').next().unwrap();
            assert!(name.parse::<matrix::Permission>().is_ok(), "a policy asks for {name:?}, which is no permission");
            asked += 1;
        }
    }
    assert!(asked >= 10, "only {asked} policies were understood");
    app.stop().await;
}
