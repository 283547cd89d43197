//! What runs without a person has a database role of its own: what it may call, what requests may not, and that each function of
//! the database has been decided on (`fixtures/database_functions.toml`).

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Executor, PgConnection};
use tests::{app::TestApp, cluster::TestDatabase, device::TestDevice};

/// Of `pg_proc` p. PostGIS has its own; triggers cannot be called.
const OURS: &str = "p.pronamespace = 'public'::regnamespace and p.prorettype <> 'trigger'::regtype and not exists (
    select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')";

type Functions = BTreeMap<String, BTreeSet<String>>;

/// A call of each function that is for jobs alone.
const JOBS: [&str; 13] = [
    "select maintain_change_partitions(0, 36500)",
    "select publish_population(1, '2001-01-01', now(), 5, 250, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
    "select * from audit_head()",
    "select forget_camera_alert_snapshots(now(), now(), 1)",
    "select media_in_use('{}')",
    "select forget_quarantined(now(), 1)",
    "select * from find_leaders('{1}')",
    "select * from find_due_camera_alerts(now(), 1)",
    "select escalate_camera_alerts('{}', '{}', '{}', now())",
    "select * from find_camera_silences(now(), now())",
    "select * from find_rules_of_areas('{1}')",
    "select raise_camera_silence(1, now(), 'high', null, now())",
    "select close_camera_silences(now())",
];

fn decided() -> Functions {
    toml::from_str(include_str!("../../fixtures/database_functions.toml")).expect("the fixture is TOML of this shape")
}

/// What a statement is refused with, by SQLSTATE.
async fn refusal(connection: &mut PgConnection, statement: &str) -> Option<String> {
    let refused = connection.execute(statement).await.err()?;
    Some(refused.as_database_error().and_then(|refused| refused.code()).map_or_else(|| refused.to_string(), |code| code.into_owned()))
}

#[tokio::test]
async fn every_function_of_the_database_has_been_decided_on() {
    let database = TestDatabase::create().await;
    let mut superuser = database.connect("postgres").await;
    let granted: Vec<(String, String)> = sqlx::query_as(&format!(
        "select distinct coalesce(r.rolname::text, 'everybody'), p.proname::text
         from pg_proc p cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a left join pg_roles r on r.oid = a.grantee
         where {OURS} and a.grantee <> p.proowner"
    ))
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    let mut found = Functions::new();
    for (role, function) in granted {
        found.entry(role).or_default().insert(function);
    }
    let decided = decided();
    for role in found.keys().chain(decided.keys()).collect::<BTreeSet<_>>() {
        let none = BTreeSet::new();
        let (found, decided) = (found.get(role).unwrap_or(&none), decided.get(role).unwrap_or(&none));
        let more: Vec<_> = found.difference(decided).collect();
        let fewer: Vec<_> = decided.difference(found).collect();
        assert!(more.is_empty() && fewer.is_empty(), "{role} may call {more:?}, which nobody decided on, and may not call {fewer:?}");
    }

    // The lists name no arguments, so that one name must be one function.
    let overloaded: Vec<String> =
        sqlx::query_scalar(&format!("select p.proname::text from pg_proc p where {OURS} group by p.proname having count(*) > 1"))
            .fetch_all(&mut superuser)
            .await
            .unwrap();
    assert!(overloaded.is_empty(), "{overloaded:?}");
    let lent: Vec<String> = sqlx::query_scalar(&format!(
        "select p.proname::text from pg_proc p cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
         where {OURS} and a.grantee = 0 and p.prosecdef"
    ))
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    assert!(lent.is_empty(), "everybody gets the owner's rights by {lent:?}");
    // A role that came later is named wherever the others' word about a bulk load is not heeded.
    let believing: Vec<String> = sqlx::query_scalar(
        "select p.proname::text from pg_proc p where p.prosrc like '%session\\_user not in%' and position('ioc_job' in p.prosrc) = 0",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    assert!(believing.is_empty(), "{believing:?} would believe what a job says of a bulk load");
}

#[tokio::test]
async fn a_request_may_do_nothing_that_is_a_jobs() {
    let app = TestApp::start().await;
    let decided = decided();
    let alone = decided["ioc_job"].difference(&decided["ioc_app"]);
    for function in alone {
        assert!(JOBS.iter().any(|call| call.contains(&format!(" {function}("))), "no test calls {function}");
    }
    for role in ["ioc_app", "ioc_feed"] {
        let mut connection = app.database.connect(role).await;
        for call in JOBS {
            assert_eq!(refusal(&mut connection, call).await.as_deref(), Some("42501"), "{role}: {call}");
        }
        for statement in [
            "select name from job",
            "update job set leased_until = now() + interval '1 year'",
            "insert into job (name) values ('cameras.escalation')",
            "set role ioc_job",
            "set session authorization ioc_job",
        ] {
            assert_eq!(refusal(&mut connection, statement).await.as_deref(), Some("42501"), "{role}: {statement}");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn a_job_may_do_what_it_is_there_for_and_nothing_else() {
    let app = TestApp::start().await;
    let mut job = app.database.connect("ioc_job").await;
    for call in JOBS {
        job.execute("begin").await.unwrap();
        assert_eq!(refusal(&mut job, call).await, None, "{call}");
        job.execute("rollback").await.unwrap();
    }
    for statement in [
        "select id from camera_alert",
        "select id from camera",
        "select id from household",
        "select id from area",
        "select login from account",
        "select id from history",
        "select seq from change",
        "update camera_alert set status = 'closed'",
        "insert into change (topic, op) values ('camera', 'reload')",
        "delete from job",
        "select reach('see_households')",
        "select caller_account()",
        "select * from find_account_to_sign_in('police-a')",
        "select open_session(1, sha256('x'), interval '1 hour', null, null)",
        "select append_audit('x', null, null, null, null, 'allowed', null)",
        "select * from device_of(sha256('x'))",
        "set role ioc_owner",
        "set role ioc_app",
        "create table public.mine (x int)",
    ] {
        assert_eq!(refusal(&mut job, statement).await.as_deref(), Some("42501"), "ioc_job: {statement}");
    }
    let tables: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
           and (has_any_column_privilege('ioc_job', c.oid, 'select, insert, update') or has_table_privilege('ioc_job', c.oid, 'delete, truncate'))
           and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')",
    )
    .fetch_all(&mut app.database.connect("postgres").await)
    .await
    .unwrap();
    assert_eq!(tables, ["job"]);
    app.stop().await;
}

#[tokio::test]
async fn a_job_cannot_pass_its_writes_off_as_a_bulk_load() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    device.report_status(&serde_json::json!({"camera": "C-A1", "status": "online", "at": chrono::Utc::now()})).await;
    let mut job = app.database.connect("ioc_job").await;
    job.execute("set ioc.bulk = 'on'").await.unwrap();
    let raised: bool =
        sqlx::query_scalar("select raise_camera_silence($1, clock_timestamp(), 'high', null, clock_timestamp() + interval '1 second')")
            .bind(app.ward().a1.camera)
            .fetch_one(&mut job)
            .await
            .unwrap();
    assert!(raised);
    let told: (String, Option<i64>) =
        sqlx::query_as("select op, row_id from change where topic = 'camera_alert' order by seq desc limit 1")
            .fetch_one(&mut app.database.connect("ioc_owner").await)
            .await
            .unwrap();
    assert!(told.0 == "insert" && told.1.is_some(), "{told:?}");
    app.stop().await;
}
