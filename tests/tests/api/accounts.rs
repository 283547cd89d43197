//! Accounts and appointments: the commands that add, appoint, end and reset, what losing one is felt by, and the demo's accounts.
//! Signing in and out stands in `sign_in`.

use reqwest::StatusCode;
use server::accounts::{
    commands::{AccountCommand, AddAccount, AppointAccount, AppointmentArgs, EndAccount, LeaveRole, ResetAccount},
    demo,
};
use shared::session::{Role, SessionInfo};
use tests::{
    account_command::{run, run_with_input},
    app::{TestApp, summary, try_to_sign_in},
    small_ward::PASSWORD,
    waiting::soon,
};

#[tokio::test]
async fn losing_an_appointment_or_the_account_is_felt_soon() {
    let app = TestApp::start().await;
    let (operator, police) = (app.sign_in("operator-a").await, app.sign_in("police-a").await);
    let info: SessionInfo = operator.read("/api/session").await;
    assert_eq!(info.roles, [Role::Operator]);
    police.read::<SessionInfo>("/api/session").await;

    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("delete from appointment where account_id = (select id from account where login = 'operator-a')")
        .execute(&mut owner)
        .await
        .unwrap();
    assert!(soon(async || operator.read::<SessionInfo>("/api/session").await.roles.is_empty()).await);
    sqlx::query("update account set disabled_at = now() where login = 'police-a'").execute(&mut owner).await.unwrap();
    assert!(soon(async || police.get("/api/session").await.status() == StatusCode::UNAUTHORIZED).await);
    assert_eq!(summary(try_to_sign_in(&app.public(), "police-a", PASSWORD, None).await).await, "401 accounts.sign_in_refused");
    app.stop().await;
}

#[tokio::test]
async fn an_appointment_counts_between_its_dates_alone() {
    let app = TestApp::start().await;
    let mut owner = app.database.connect("ioc_owner").await;
    for (role, from, until) in [("police", "-2 days", Some("-1 day")), ("leader", "1 day", None), ("one_stop", "-1 day", Some("1 day"))] {
        sqlx::query(
            "insert into appointment (account_id, role, area_id, from_at, until_at, basis)
             select id, $1, $2, now() + $3::interval, now() + $4::interval, 'thử nghiệm' from account where login = 'operator-a'",
        )
        .bind(role)
        .bind(app.ward().b1.area)
        .bind(from)
        .bind(until)
        .execute(&mut owner)
        .await
        .unwrap();
    }
    let info: SessionInfo = app.sign_in("operator-a").await.read("/api/session").await;
    assert_eq!(info.roles, [Role::Operator, Role::OneStop]);
    app.stop().await;
}

#[tokio::test]
async fn demo_accounts_open_nothing_outside_demo_mode() {
    let app = TestApp::start_configured(|config, _| config.demo = false).await;
    let mut owner = app.database.connect("ioc_owner").await;
    demo::create(&mut owner, app.ward().ward_a).await.unwrap();
    assert_eq!(summary(try_to_sign_in(&app.public(), "trucban", demo::PASSWORD, None).await).await, "401 accounts.sign_in_refused");

    // A session of the days when this database ran in demo mode.
    let token = "A".repeat(43);
    sqlx::query(
        "insert into session (account_id, token_hash, expires_at)
         select id, sha256(convert_to($1, 'UTF8')), now() + interval '1 hour' from account where login = 'trucban'",
    )
    .bind(&token)
    .execute(&mut owner)
    .await
    .unwrap();
    let mut old = app.public();
    old.cookie = Some(format!("__Host-ioc={token}"));
    assert_eq!(summary(old.get("/api/session").await).await, "401 sign_in_required");
    app.stop().await;
}

#[tokio::test]
async fn demo_accounts_serve_a_second_ward_too() {
    let app = TestApp::start().await;
    let mut owner = app.database.connect("ioc_owner").await;
    let (ward_a, ward_b) = (app.ward().ward_a, app.ward().ward_b);
    // Four for the whole ward, four at the counters, one head for each of the two TDPs of A and the one of B.
    assert_eq!(demo::create(&mut owner, ward_a).await.unwrap(), 10);
    assert_eq!(demo::create(&mut owner, ward_a).await.unwrap(), 0, "once is enough");
    assert_eq!(demo::create(&mut owner, ward_b).await.unwrap(), 9);
    let client = app.public();
    let info: SessionInfo = try_to_sign_in(&client, "totruong1", demo::PASSWORD, None).await.json().await.unwrap();
    assert!(info.demo);
    assert_eq!(info.areas.iter().map(|area| area.code.as_str()).collect::<Vec<_>>(), ["A1", "B1"]);
    let info: SessionInfo = try_to_sign_in(&client, "totruong2", demo::PASSWORD, None).await.json().await.unwrap();
    assert_eq!(info.areas.iter().map(|area| area.code.as_str()).collect::<Vec<_>>(), ["A2"]);
    app.stop().await;
}

#[tokio::test]
async fn an_administrator_adds_an_account() {
    let app = TestApp::start().await;
    let add = |login: &str, area: &str| {
        AccountCommand::Add(AddAccount {
            login: login.into(),
            name: "Nguyễn Văn Trực".into(),
            appointment: AppointmentArgs { role: Role::Operator, area: area.into(), basis: "QĐ 12/2026".into(), until: None },
            password_stdin: true,
        })
    };
    let shown = run_with_input(&app, add("truc.2", "A"), "năm chữ dễ nhớ lắm\n").await.unwrap();
    assert!(!shown.contains("năm chữ"), "a given password is not shown again");
    let answer = try_to_sign_in(&app.public(), "truc.2", "năm chữ dễ nhớ lắm", None).await;
    assert_eq!(answer.json::<SessionInfo>().await.unwrap().roles, [Role::Operator]);

    for (command, input, says) in [
        (add("truc.2", "A"), "năm chữ dễ nhớ lắm\n", "there is an account truc.2 already"),
        (add("Trực", "A"), "năm chữ dễ nhớ lắm\n", "cannot be a login"),
        (add("truc.3", "no-such-area"), "năm chữ dễ nhớ lắm\n", "no current area with the code no-such-area"),
        (add("truc.3", "A"), "short\n", "at least 12 characters"),
    ] {
        let refusal = run_with_input(&app, command, input).await.unwrap_err();
        assert!(refusal.contains(says), "{refusal}");
    }
    let left_over: i64 = sqlx::query_scalar("select count(*) from account where login like 'truc.3'")
        .fetch_one(&mut app.database.connect("postgres").await)
        .await
        .unwrap();
    assert_eq!(left_over, 0, "a refused command leaves nothing behind");
    app.stop().await;
}

fn appointed(role: Role, area: &str) -> AppointmentArgs {
    AppointmentArgs { role, area: area.into(), basis: "QĐ 12/2026".into(), until: None }
}

/// Actions of the audit trail on an account, with the area's code where there is one.
async fn trail_of(app: &TestApp, login: &str) -> Vec<(String, Option<String>)> {
    let entries = "select e.action, r.code from audit_entry e join account a on a.id = e.subject_id left join area r on r.id = e.area_id
        where e.subject_kind = 'account' and a.login = $1 order by e.action, r.code";
    sqlx::query_as(entries).bind(login).fetch_all(&mut app.database.connect("postgres").await).await.unwrap()
}

#[tokio::test]
async fn whoever_leaves_one_role_keeps_the_others() {
    let app = TestApp::start().await;
    let login = || "operator-a".to_owned();
    run(&app, AccountCommand::Appoint(AppointAccount { login: login(), appointment: appointed(Role::TdpHead, "B1") })).await.unwrap();
    let operator = app.sign_in("operator-a").await;
    let roles = async || {
        let mut roles = operator.read::<SessionInfo>("/api/session").await.roles;
        roles.sort_by_key(|role| role.name());
        roles
    };
    assert_eq!(roles().await, [Role::Operator, Role::TdpHead]);

    let leave = |role, area: &str| AccountCommand::Leave(LeaveRole { login: login(), role, area: area.into() });
    let refusal = run(&app, leave(Role::TdpHead, "A1")).await.unwrap_err();
    assert!(refusal.contains("operator-a is not tdp_head in A1"), "{refusal}");
    let shown = run(&app, leave(Role::Operator, "A")).await.unwrap();
    assert!(shown.contains("no longer operator in A") && !shown.contains("no appointment left"), "{shown}");
    assert!(soon(async || roles().await == [Role::TdpHead]).await, "the session goes on with what is left");
    assert_eq!(summary(operator.get("/api/ingest/quarantine").await).await, "403 forbidden");

    let shown = run(&app, leave(Role::TdpHead, "B1")).await.unwrap();
    assert!(shown.contains("no appointment left"), "{shown}");
    let both = [("end_appointment".to_owned(), Some("A".to_owned())), ("end_appointment".to_owned(), Some("B1".to_owned()))];
    assert_eq!(trail_of(&app, "operator-a").await, both);
    app.stop().await;
}

#[tokio::test]
async fn an_account_that_ends_is_out_at_once_and_can_come_back() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    assert_eq!(operator.get("/api/camera-alerts").await.status(), StatusCode::OK);
    let end = || AccountCommand::End(EndAccount { login: "operator-a".into() });
    run(&app, end()).await.unwrap();
    let is_out = async || operator.get("/api/camera-alerts").await.status() == StatusCode::UNAUTHORIZED;
    assert!(soon(is_out).await, "the session has ended");
    assert_eq!(summary(try_to_sign_in(&app.public(), "operator-a", PASSWORD, None).await).await, "401 accounts.sign_in_refused");
    assert_eq!(trail_of(&app, "operator-a").await, [("end_account".to_owned(), Some("A".to_owned()))]);

    let refusal = run(&app, end()).await.unwrap_err();
    assert!(refusal.contains("has ended already"), "{refusal}");
    let refusal = run(&app, AccountCommand::End(EndAccount { login: "nobody".into() })).await.unwrap_err();
    assert!(refusal.contains("there is no account nobody"), "{refusal}");
    let list = run(&app, AccountCommand::List).await.unwrap();
    let line =
        |login: &str| list.lines().find(|line| line.starts_with(&format!("{login}\t"))).unwrap_or_else(|| panic!("no {login} in {list}"));
    assert!(line("operator-a").contains("\tno appointment\tended 20"), "{list}");
    assert!(line("police-a").contains("\tpolice in A ") && line("police-a").ends_with("\tin force"), "{list}");

    let back = AppointAccount { login: "operator-a".into(), appointment: appointed(Role::Operator, "A") };
    let shown = run(&app, AccountCommand::Appoint(back)).await.unwrap();
    assert!(shown.contains("cannot sign in: run `ioc account reset operator-a`"), "{shown}");
    let reset = ResetAccount { login: "operator-a".into(), password_stdin: false, keep_code: false };
    let shown = run(&app, AccountCommand::Reset(reset)).await.unwrap();
    let password = shown.lines().find_map(|line| line.strip_prefix("Password (shown this once): ")).unwrap();
    let answer = try_to_sign_in(&app.public(), "operator-a", password, None).await;
    assert_eq!(answer.json::<SessionInfo>().await.unwrap().roles, [Role::Operator]);
    app.stop().await;
}
