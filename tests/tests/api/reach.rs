//! Row-level security, tried with plain SQL as `ioc_app`: what a handler that forgot every check would still not get.

use server::accounts::matrix;
use shared::camera::CameraCount;
use sqlx::{Connection, Executor, PgConnection, Row};
use tests::app::{TestApp, TestClient, summary};
use tests::device::TestDevice;
use tests::small_ward::CANARY;

/// Every table whose rows not everybody may see.
const PROTECTED: [&str; 17] = [
    "household",
    "resident",
    "boarding_house",
    "room",
    "tenancy",
    "camera",
    "camera_alert",
    "camera_alert_entry",
    "camera_alert_plate",
    "alert_rule",
    "ingest_quarantine",
    "device_clock_report",
    "account",
    "appointment",
    "session",
    "audit_entry",
    "history",
];

/// A connection as `ioc_app` in a transaction that carries `token`, as the server's requests do.
async fn as_app(app: &TestApp, token: Option<&str>) -> PgConnection {
    let mut connection = app.database.connect("ioc_app").await;
    connection.execute("begin").await.unwrap();
    if let Some(token) = token {
        sqlx::query("select set_config('ioc.session_token', $1, true)").bind(token).execute(&mut connection).await.unwrap();
    }
    connection
}

fn token(client: &TestClient) -> &str {
    client.cookie.as_ref().unwrap().strip_prefix("__Host-ioc=").unwrap()
}

/// `select *` is refused where only some columns are granted (a camera's stream), so rows are counted.
async fn count(connection: &mut PgConnection, table: &str) -> i64 {
    sqlx::query_scalar(&format!("select count(*) from {table}")).fetch_one(connection).await.unwrap()
}

async fn areas_of(connection: &mut PgConnection, table: &str) -> Vec<i32> {
    sqlx::query_scalar(&format!("select distinct area_id from {table} order by 1")).fetch_all(connection).await.unwrap()
}

#[tokio::test]
async fn without_a_token_there_is_nothing() {
    let app = TestApp::start().await;
    // So that there would be something to see in every table.
    app.sign_in("police-a").await;
    let mut nobody = as_app(&app, None).await;
    let mut superuser = app.database.connect("postgres").await;
    for table in PROTECTED {
        assert!(count(&mut superuser, table).await > 0, "{table} is empty, so this test would prove nothing");
        assert_eq!(count(&mut nobody, table).await, 0, "{table}");
    }
    app.stop().await;
}

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
async fn forged_settings_gain_nothing() {
    let app = TestApp::start().await;
    let police = app.sign_in("police-a").await;
    let mut forger = as_app(&app, None).await;
    let hash: String = sqlx::query_scalar("select encode(token_hash, 'hex') from session limit 1")
        .fetch_one(&mut app.database.connect("postgres").await)
        .await
        .unwrap();
    for forged in ["", "x", &"A".repeat(43), &hash, &token(&police)[..42], "' or true --"] {
        sqlx::query("select set_config('ioc.session_token', $1, true)").bind(forged).execute(&mut forger).await.unwrap();
        assert_eq!(count(&mut forger, "resident").await, 0, "{forged:?}");
    }
    for (name, value) in
        [("ioc.area_id", "1"), ("ioc.reach", "{1,2,3,4,5,6}"), ("ioc.account_id", "1"), ("ioc.role", "admin"), ("ioc.bulk", "on")]
    {
        sqlx::query("select set_config($1, $2, true)").bind(name).bind(value).execute(&mut forger).await.unwrap();
    }
    assert_eq!(count(&mut forger, "household").await, 0);

    for statement in [
        "set row_security = off; select count(*) from resident",
        "set role ioc_owner",
        "set role ioc_feed",
        "set role ioc_job",
        "set session authorization ioc_owner",
        "alter table resident disable row level security",
        "create policy mine on resident to ioc_app using (true)",
        "insert into role_permission values ('operator', 'open_tenants')",
        "insert into appointment (account_id, role, area_id, basis) select id, 'police', 1, 'x' from account limit 1",
        "select stream from camera",
        "select raw from ingest_quarantine",
        "select token_hash from device",
        "insert into camera_alert (camera_id, camera_code, external_id, kind, severity, started_at) select id, code, 'x', 'theft', 'high', now() from camera",
        "insert into camera_alert_plate (alert_id, area_id, plate) values (1, 1, 'x')",
        "update camera_alert set severity = 'medium'",
        "update camera_alert_entry set note = ''",
        "delete from camera_alert",
        "select write_camera_alerts('{1}', '{1}', '{x}', '{theft}', '{high}', '{null}', '{2026-11-22}', '{null}', '{null}', '{null}', '{null}', '{null}')",
        "select password_hash from account",
        "select token_hash from session",
        "create function public.peek(text) returns bool language sql as 'select true'",
    ] {
        let mut forger = as_app(&app, None).await;
        let refusal = forger.execute(statement).await;
        assert!(refusal.is_err(), "ioc_app may run: {statement}");
    }
    app.stop().await;
}

/// Triggers write people's names beside alerts, and those who read alerts may not read accounts.
#[tokio::test]
async fn nobody_learns_a_name_by_giving_its_account_an_alert() {
    let app = TestApp::start().await;
    let ward = app.ward();
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let mut owner = app.database.connect("ioc_owner").await;
    let account = "select id from account where login = $1";
    let stranger: i64 = sqlx::query_scalar(account).bind("one_stop-b").fetch_one(&mut owner).await.unwrap();
    let police: i64 = sqlx::query_scalar(account).bind("police-a").fetch_one(&mut owner).await.unwrap();
    let operator = app.sign_in("operator-a").await;
    let (alert, area) = (ward.a1.camera_alert, ward.a1.area);
    for statement in [
        "update camera_alert set status = 'assigned', handler_id = $3 where id = $1 and area_id = $2",
        "insert into camera_alert_entry (alert_id, area_id, step, to_account) values ($1, $2, 'assigned', $3)",
        "insert into duty (area_id, account_id, from_at, until_at, step) select a.area_id, $3, now(), now() + interval '1 hour', 3
         from camera_alert a where a.id = $1 and a.area_id = $2",
        "insert into duty_handover (area_id, at, shift_from, shift_until, note, open_alerts, to_account)
         select a.area_id, now(), now() - interval '1 hour', now(), 'x', '[]', $3 from camera_alert a where a.id = $1 and a.area_id = $2",
    ] {
        for (named, constraint) in [(stranger, Some("alert_handler_in_area")), (police, None)] {
            let mut forgetful = as_app(&app, Some(token(&operator))).await;
            let written = sqlx::query(statement).bind(alert).bind(area).bind(named).execute(&mut forgetful).await;
            let refusal = written.as_ref().err().and_then(|cause| cause.as_database_error()).and_then(|cause| cause.constraint());
            assert_eq!(refusal, constraint, "{statement} {written:?}");
            assert!(written.is_err() || written.unwrap().rows_affected() == 1, "{statement}");
        }
    }

    // What is called without a session gives nothing to somebody who lost the appointment a moment ago, and fails for nobody.
    let mut forger = app.database.connect("ioc_app").await;
    let due = "select escalate_camera_alerts(array[$1], array[$2], '{1}', now() + interval '2 days')";
    let mut job = app.database.connect("ioc_job").await;
    let moved: i64 = sqlx::query_scalar(due).bind(alert).bind(stranger).fetch_one(&mut job).await.unwrap();
    assert_eq!(moved, 0);
    let batch =
        "select became from record_camera_alerts(sha256(convert_to($1, 'UTF8')), array[$2, $2], '{e1,e2}', '{theft,theft}', '{high,high}',
        '{null,null}', array[now(), now()], '{null,null}', '{null,null}', '{null,null}', '{null,null}', array[$3, $4]) order by place";
    let became: Vec<String> = sqlx::query_scalar(batch)
        .bind(&device.token)
        .bind(ward.a1.camera)
        .bind(stranger)
        .bind(police)
        .fetch_all(&mut forger)
        .await
        .unwrap();
    assert_eq!(became, ["new", "new"]);
    device.report_status(&serde_json::json!({"camera": "C-A1", "status": "online", "at": chrono::Utc::now()})).await;
    let silence = "select raise_camera_silence($1, clock_timestamp(), 'high', $2, clock_timestamp() + interval '1 second')";
    assert!(sqlx::query_scalar::<_, bool>(silence).bind(ward.a1.camera).bind(stranger).fetch_one(&mut job).await.unwrap());
    let given: Vec<(String, Option<String>)> = sqlx::query_as(
        "select status, handler_name from camera_alert where id = $1 or external_id in ('e1', 'e2') or kind = 'camera_silent' order by id",
    )
    .bind(alert)
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let nobodys = || ("new".to_owned(), None);
    let expected = [nobodys(), nobodys(), ("assigned".to_owned(), Some("Cán bộ police-a".to_owned())), nobodys()];
    assert_eq!(given, expected);
    app.stop().await;
}

#[tokio::test]
async fn each_caller_reads_the_own_areas() {
    let app = TestApp::start().await;
    let (a1, a2, b1) = (app.ward().a1.area, app.ward().a2.area, app.ward().b1.area);
    for (login, households, residents, tenancies, cameras) in [
        ("tdp_head-a1", vec![a1], vec![a1], vec![a1], vec![a1]),
        ("leader-a", vec![a1, a2], vec![a1, a2], vec![], vec![a1, a2]),
        ("police-b", vec![b1], vec![b1], vec![b1], vec![b1]),
        ("one_stop-a", vec![], vec![], vec![], vec![]),
        ("admin-a", vec![], vec![], vec![], vec![a1, a2]),
        ("landlord-a2", vec![], vec![], vec![a2], vec![]),
    ] {
        let client = app.sign_in(login).await;
        let mut connection = as_app(&app, Some(token(&client))).await;
        assert_eq!(areas_of(&mut connection, "household").await, households, "{login}: households");
        assert_eq!(areas_of(&mut connection, "resident").await, residents, "{login}: residents");
        assert_eq!(areas_of(&mut connection, "tenancy").await, tenancies, "{login}: tenancies");
        assert_eq!(areas_of(&mut connection, "camera").await, cameras, "{login}: cameras");
    }
    app.stop().await;
}

#[tokio::test]
async fn alerts_are_read_by_who_answers_for_them_and_plates_by_the_police() {
    let app = TestApp::start().await;
    let (a1, a2, b1) = (app.ward().a1.area, app.ward().a2.area, app.ward().b1.area);
    for (login, alerts, plates, quarantine) in [
        ("leader-a", vec![a1, a2], vec![], vec![]),
        ("operator-a", vec![a1, a2], vec![], vec![a1, a2]),
        ("police-a", vec![a1, a2], vec![a1, a2], vec![]),
        ("police-b", vec![b1], vec![b1], vec![]),
        ("tdp_head-a1", vec![], vec![], vec![]),
        ("admin-a", vec![], vec![], vec![]),
        ("one_stop-a", vec![], vec![], vec![]),
    ] {
        let client = app.sign_in(login).await;
        let mut connection = as_app(&app, Some(token(&client))).await;
        for table in ["camera_alert", "camera_alert_entry", "alert_rule"] {
            assert_eq!(areas_of(&mut connection, table).await, alerts, "{login}: {table}");
        }
        assert_eq!(areas_of(&mut connection, "camera_alert_plate").await, plates, "{login}: plates");
        for table in ["ingest_quarantine", "device_clock_report"] {
            assert_eq!(areas_of(&mut connection, table).await, quarantine, "{login}: {table}");
        }
        let pasts: i64 = sqlx::query_scalar("select count(*) from history where topic = 'camera_alert' and after::text like '%canary%'")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(pasts, 0, "{login}: a plate in the past of an alert");
        let changed = connection.execute("update camera_alert set steps = steps + 1").await.unwrap().rows_affected();
        assert_eq!(changed, alerts.len() as u64, "{login}: alerts that the role may handle");
    }
    app.stop().await;
}

#[tokio::test]
async fn nobody_signs_a_step_as_somebody_else() {
    let app = TestApp::start().await;
    let a1 = app.ward().a1.clone();
    let operator = app.sign_in("operator-a").await;
    let mut connection = as_app(&app, Some(token(&operator))).await;
    let forged = sqlx::query("insert into camera_alert_entry (alert_id, area_id, step, actor) values ($1, $2, 'taken', 1)")
        .bind(a1.camera_alert)
        .bind(a1.area)
        .execute(&mut connection)
        .await;
    assert!(forged.is_err(), "the column is granted to nobody");
    let mut connection = as_app(&app, Some(token(&operator))).await;
    let b1 = app.ward().b1.clone();
    let elsewhere = sqlx::query("insert into camera_alert_entry (alert_id, area_id, step) values ($1, $2, 'taken')")
        .bind(b1.camera_alert)
        .bind(b1.area)
        .execute(&mut connection)
        .await;
    assert!(elsewhere.is_err(), "an alert of another ward");
    app.stop().await;
}

#[tokio::test]
async fn a_landlord_reads_the_own_house_and_not_the_neighbours() {
    let app = TestApp::start().await;
    // A second house in the same TDP, of somebody else.
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("insert into boarding_house (code, name, address, landlord_name, geom) select 'NT-X', 'Nhà trọ X', 'x', 'X', geom from boarding_house where id = $1")
        .bind(app.ward().a1.boarding_house)
        .execute(&mut owner)
        .await
        .unwrap();
    let landlord = app.sign_in("landlord-a1").await;
    let mut connection = as_app(&app, Some(token(&landlord))).await;
    let houses: Vec<i64> = sqlx::query_scalar("select id from boarding_house").fetch_all(&mut connection).await.unwrap();
    assert_eq!(houses, [app.ward().a1.boarding_house]);
    app.stop().await;
}

#[tokio::test]
async fn nothing_of_another_tdp_is_learnt_through_ids_errors_or_costs() {
    let app = TestApp::start().await;
    let head = app.sign_in("tdp_head-a1").await;
    let (own, other) = (app.ward().a1.clone(), app.ward().a2.clone());
    let mut connection = as_app(&app, Some(token(&head))).await;
    let found: Option<i64> =
        sqlx::query_scalar("select id from household where id = $1").bind(other.household).fetch_optional(&mut connection).await.unwrap();
    assert_eq!(found, None);
    let joined: i64 = sqlx::query_scalar(
        "select count(*) from resident r join household h on h.id = r.household_id join building b on b.id = h.building_id where b.area_id = $1",
    )
    .bind(other.area)
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(joined, 0);
    let past: i64 = sqlx::query_scalar("select count(*) from history where area_id = $1 and topic in ('household', 'resident', 'tenancy')")
        .bind(other.area)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(past, 0, "the past of another TDP's rows");
    connection.close().await.unwrap();

    // A condition that fails on what it sees is evaluated after the policy: the error can only quote own rows.
    let mut connection = as_app(&app, Some(token(&head))).await;
    let refusal = sqlx::query("select 1 from resident where name::integer = 1").fetch_all(&mut connection).await.unwrap_err().to_string();
    assert!(refusal.contains(&format!("{CANARY}nameA1")) && !refusal.contains("nameA2") && !refusal.contains("nameB1"), "{refusal}");

    // A function of one's own with a tempting cost is not run on others' rows either.
    let mut connection = as_app(&app, Some(token(&head))).await;
    let made = connection
        .execute("create function pg_temp.peek(name text) returns boolean language plpgsql cost 0.0000001 as $$ begin raise exception 'saw %', name; end $$")
        .await;
    if made.is_ok() {
        let refusal = sqlx::query("select 1 from resident where area_id = $1 and pg_temp.peek(name)")
            .bind(other.area)
            .fetch_all(&mut connection)
            .await;
        let said = refusal.err().map(|cause| cause.to_string()).unwrap_or_default();
        assert!(!said.contains("nameA2"), "{said}");
    }

    // Writing is granted to nobody who asks, so a foreign key or a duplicate answers alike whether the row exists or not.
    let mut answers = Vec::new();
    for (household, area) in [(own.household, own.area), (other.household, other.area), (999_999, other.area)] {
        let mut connection = as_app(&app, Some(token(&head))).await;
        let refusal = sqlx::query("insert into resident (household_id, area_id, name, birth_date, sex, relation) values ($1, $2, 'X', '2000-01-01', 'male', 'other')")
            .bind(household)
            .bind(area)
            .execute(&mut connection)
            .await
            .unwrap_err();
        answers.push(refusal.to_string());
    }
    for code in ["H-A1", "H-A2", "H-none"] {
        let mut connection = as_app(&app, Some(token(&head))).await;
        let refusal = sqlx::query("insert into household (code, address, area_id, ward_id) values ($1, 'x', $2, $3)")
            .bind(code)
            .bind(own.area)
            .bind(own.ward)
            .execute(&mut connection)
            .await
            .unwrap_err();
        answers.push(refusal.to_string().replace("household", "resident"));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");

    let mut connection = as_app(&app, Some(token(&head))).await;
    let statistics: i64 = sqlx::query_scalar(
        "select count(*) from pg_stats where tablename in ('household', 'resident', 'tenancy') and schemaname = 'public'",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(statistics, 0, "the planner's statistics hold names");
    app.stop().await;
}

#[tokio::test]
async fn a_household_that_moves_takes_its_residents_along() {
    let app = TestApp::start().await;
    let (old_head, new_head) = (app.sign_in("tdp_head-a1").await, app.sign_in("tdp_head-a2").await);
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("update household set geom = (select geom from household where id = $2) where id = $1")
        .bind(app.ward().a1.household)
        .bind(app.ward().a2.household)
        .execute(&mut owner)
        .await
        .unwrap();
    for (client, households, residents) in [(&old_head, 0, 0), (&new_head, 2, 2)] {
        let mut connection = as_app(&app, Some(token(client))).await;
        assert_eq!((count(&mut connection, "household").await, count(&mut connection, "resident").await), (households, residents));
    }
    app.stop().await;
}

#[tokio::test]
async fn a_session_that_ended_reads_nothing() {
    let app = TestApp::start().await;
    let mut owner = app.database.connect("ioc_owner").await;
    for ending in [
        "update session set ended_at = now()",
        "update session set expires_at = now(), ended_at = null",
        "update account set disabled_at = now() where login = 'police-a'",
        "delete from appointment where role = 'police'",
    ] {
        sqlx::raw_sql("update account set disabled_at = null where login = 'police-a'").execute(&mut owner).await.unwrap();
        let police = app.sign_in("police-a").await;
        let mut connection = as_app(&app, Some(token(&police))).await;
        assert!(count(&mut connection, "resident").await > 0);
        sqlx::raw_sql(ending).execute(&mut owner).await.unwrap();
        assert_eq!(count(&mut connection, "resident").await, 0, "{ending}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_token_does_not_outlive_its_transaction() {
    let app = TestApp::start().await;
    let police = app.sign_in("police-a").await;
    let mut connection = as_app(&app, Some(token(&police))).await;
    assert!(count(&mut connection, "resident").await > 0);
    connection.execute("commit").await.unwrap();
    assert_eq!(count(&mut connection, "resident").await, 0, "the next request on this connection");
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

#[tokio::test]
async fn everybody_may_count_the_cameras_of_a_ward_and_of_nothing_smaller() {
    let app = TestApp::start().await;
    let everybody = app.public();
    let count = async |of: String| {
        let counted: CameraCount = everybody.read(&format!("/api/cameras/count{of}")).await;
        (counted.total, counted.online)
    };
    let ward = app.ward();
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("update camera set status = case when id = $1 then 'online' else 'offline' end")
        .bind(ward.a1.camera)
        .execute(&mut owner)
        .await
        .unwrap();
    assert_eq!(count(String::new()).await, (3, 1), "the whole database");
    assert_eq!(count(format!("?area={}", ward.province)).await, (3, 1));
    assert_eq!(count(format!("?area={}", ward.ward_a)).await, (2, 1));
    assert_eq!(count(format!("?area={}", ward.ward_b)).await, (1, 0));
    for none in [ward.a1.area, 999_999] {
        let refusal = everybody.get(&format!("/api/cameras/count?area={none}")).await;
        assert_eq!(summary(refusal).await, "404 not_found", "a TDP's number would say where they stand");
    }
    app.stop().await;
}
