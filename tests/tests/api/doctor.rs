//! What `ioc doctor` says of a database that is well, and of one that is not.
//! The bundle and the disk are this machine's business.

use chrono::{TimeDelta, Utc};
use server::{
    app::doctor::{self, Finding, State},
    platform::database::Database,
};
use sqlx::Executor;
use tests::app::TestApp;

/// What is found at the app's database, without what is this machine's business.
async fn examine(app: &TestApp, clock_is_off_by: TimeDelta) -> Vec<Finding> {
    let config = app.database.config(app.dir.path());
    let database = Database::open(&config).await.unwrap();
    let findings = doctor::examine(&config, Ok(&database), Utc::now() + clock_is_off_by).await;
    findings.into_iter().filter(|finding| !["front end", "disk"].contains(&finding.what)).collect()
}

fn bad(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().filter(|finding| finding.state == State::Bad).map(|finding| finding.what).collect()
}

#[tokio::test]
async fn nothing_is_wrong_with_a_database_just_migrated() {
    let app = TestApp::start().await;
    let findings = examine(&app, TimeDelta::zero()).await;
    assert_eq!(bad(&findings), Vec::<&str>::new());
    for what in ["settings", "demo mode", "port", "database", "extensions", "migrations", "clock", "audit chain", "roles", "partitions"] {
        assert!(findings.iter().any(|finding| finding.what == what), "{what} is looked at");
    }
    app.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_named_with_its_remedy() {
    let app = TestApp::start().await;
    app.sign_in("operator-a").await;
    let mut superuser = app.database.connect("postgres").await;
    superuser.execute("set session_replication_role = replica").await.unwrap();
    superuser.execute("update audit_entry set reason = 'another story' where id = 1").await.unwrap();
    superuser.execute("delete from role_permission where role = 'police'").await.unwrap();
    superuser.execute("update household set area_by_hand = true where code = 'H-A1'").await.unwrap();

    let findings = examine(&app, TimeDelta::seconds(60)).await;
    assert_eq!(bad(&findings), ["clock", "audit chain", "mirrored data"]);
    let lines: Vec<String> = findings.iter().map(Finding::line).collect();
    assert!(lines.iter().any(|line| line.contains("1 household") && line.contains("clear area_by_hand")), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("run `ioc migrate`")), "{lines:#?}");
    app.stop().await;
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_one_finding_among_others() {
    let app = TestApp::start().await;
    let config = app.database.config(app.dir.path());
    let findings = doctor::examine(&config, Err(anyhow::anyhow!("the database does not answer")), Utc::now()).await;
    assert!(bad(&findings).contains(&"database"));
    assert!(findings.iter().any(|finding| finding.what == "settings"));
    app.stop().await;
}

#[tokio::test]
async fn demo_accounts_where_nobody_signs_in_as_them_are_named() {
    let app = TestApp::start().await;
    let mut config = app.database.config(app.dir.path());
    config.demo = false;
    let database = Database::open(&config).await.unwrap();
    let of_demo_accounts = async || {
        let findings = doctor::examine(&config, Ok(&database), Utc::now()).await;
        findings.iter().find(|finding| finding.what == "demo accounts").map(Finding::line)
    };
    assert_eq!(of_demo_accounts().await, None);
    let mut superuser = app.database.connect("postgres").await;
    superuser.execute("update account set is_demo = true where login = 'operator-a'").await.unwrap();
    let line = of_demo_accounts().await.expect("they are found");
    assert!(line.starts_with("BAD") && line.contains("1 are appointed") && line.contains("ioc demo leave"), "{line}");
    app.stop().await;
}
