//! Ways around row-level security, tried with plain SQL as `ioc_app`: forged settings, a name learnt by giving its account something, a
//! step signed as somebody else, what ids, errors and costs would tell of another TDP.

use sqlx::{Connection, Executor};
use tests::{
    app::TestApp,
    device::TestDevice,
    plain_sql::{as_app, as_client, count, token},
    small_ward::CANARY,
};

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
        "insert into ingest_put_away (area_id, reason, items, cause) values (1, 'not by the function', 1, 'x')",
        "update ingest_quarantine set put_away_id = 1",
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
    let (stranger, police) = (app.account("one_stop-b").await, app.account("police-a").await);
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
            let mut forgetful = as_client(&app, &operator).await;
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
async fn nobody_signs_a_step_as_somebody_else() {
    let app = TestApp::start().await;
    let a1 = app.ward().a1.clone();
    let operator = app.sign_in("operator-a").await;
    let mut connection = as_client(&app, &operator).await;
    let forged = sqlx::query("insert into camera_alert_entry (alert_id, area_id, step, actor) values ($1, $2, 'taken', 1)")
        .bind(a1.camera_alert)
        .bind(a1.area)
        .execute(&mut connection)
        .await;
    assert!(forged.is_err(), "the column is granted to nobody");
    let mut connection = as_client(&app, &operator).await;
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
async fn nothing_of_another_tdp_is_learnt_through_ids_errors_or_costs() {
    let app = TestApp::start().await;
    let head = app.sign_in("tdp_head-a1").await;
    let (own, other) = (app.ward().a1.clone(), app.ward().a2.clone());
    let mut connection = as_client(&app, &head).await;
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
    let mut connection = as_client(&app, &head).await;
    let refusal = sqlx::query("select 1 from resident where name::integer = 1").fetch_all(&mut connection).await.unwrap_err().to_string();
    assert!(refusal.contains(&format!("{CANARY}nameA1")) && !refusal.contains("nameA2") && !refusal.contains("nameB1"), "{refusal}");

    // A function of one's own with a tempting cost is not run on others' rows either.
    let mut connection = as_client(&app, &head).await;
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
        let mut connection = as_client(&app, &head).await;
        let refusal = sqlx::query("insert into resident (household_id, area_id, name, birth_date, sex, relation) values ($1, $2, 'X', '2000-01-01', 'male', 'other')")
            .bind(household)
            .bind(area)
            .execute(&mut connection)
            .await
            .unwrap_err();
        answers.push(refusal.to_string());
    }
    for code in ["H-A1", "H-A2", "H-none"] {
        let mut connection = as_client(&app, &head).await;
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

    let mut connection = as_client(&app, &head).await;
    let statistics: i64 = sqlx::query_scalar(
        "select count(*) from pg_stats where tablename in ('household', 'resident', 'tenancy') and schemaname = 'public'",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(statistics, 0, "the planner's statistics hold names");
    app.stop().await;
}
