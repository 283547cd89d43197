//! Signing in and out: limits and locks, sessions that end, the second factor, headers and origins.
//! Who has an account at all stands in `accounts`.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use reqwest::{Method, Response, StatusCode, header};
use server::accounts::{
    SignInLimits,
    commands::{AccountCommand, ResetAccount},
};
use shared::{
    problem::Problem,
    session::{Permission, Role, SessionInfo, SessionsEnded},
};
use tests::{
    account_command::run,
    app::{TestApp, summary, try_to_sign_in},
    small_ward::PASSWORD,
    waiting::soon,
};

#[tokio::test]
async fn signing_in_says_who_one_is_and_where() {
    let app = TestApp::start().await;
    let head = app.sign_in("tdp_head-a1").await;
    let info: SessionInfo = head.read("/api/session").await;
    assert_eq!((info.login.as_str(), info.roles.as_slice()), ("tdp_head-a1", [Role::TdpHead].as_slice()));
    assert_eq!(info.areas.iter().map(|area| area.code.as_str()).collect::<Vec<_>>(), ["A1"]);
    assert!(info.permissions.contains(&Permission::OpenHouseholds) && !info.permissions.contains(&Permission::ReadAuditOfArea));
    assert!(!info.reason_needed, "a TDP head opens the own TDP without a reason");
    let lasts = info.expires_at - Utc::now();
    assert!(lasts > TimeDelta::hours(11) && lasts <= TimeDelta::hours(12), "{lasts}");

    let police: SessionInfo = app.sign_in("police-a").await.read("/api/session").await;
    assert!(police.reason_needed);
    app.stop().await;
}

#[tokio::test]
async fn the_cookie_is_closed_to_scripts_other_hosts_and_other_sites() {
    let app = TestApp::start().await;
    let answer = try_to_sign_in(&app.public(), " Operator-A ", PASSWORD, None).await;
    assert_eq!(answer.status(), StatusCode::OK, "telephones put a capital first and a space last");
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-ioc="), "{cookie}");
    for part in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{part} is missing in {cookie}");
    }
    assert!(!answer.text().await.unwrap().contains(cookie.split(['=', ';']).nth(1).unwrap()), "the token is in the cookie alone");
    app.stop().await;
}

#[tokio::test]
async fn an_unknown_login_is_answered_like_a_wrong_password() {
    let app = TestApp::start().await;
    let client = app.public();
    let mut answers = Vec::new();
    for login in ["operator-a", "nobody-at-all", "not even a login'--"] {
        let begun = Instant::now();
        let answer = try_to_sign_in(&client, login, "wrong-password", None).await;
        let took = begun.elapsed();
        assert!(took >= Duration::from_millis(400), "{login} was refused after {took:?}, which tells what was looked up");
        answers.push((answer.status(), answer.json::<Problem>().await.unwrap()));
    }
    assert_eq!(answers[0].1.code, "accounts.sign_in_refused");
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    app.stop().await;
}

#[tokio::test]
async fn five_wrong_attempts_lock_an_account_for_a_quarter_of_an_hour() {
    let app = TestApp::start().await;
    let client = app.public();
    // One that exists and one that does not: the lock must not tell them apart.
    for login in ["operator-a", "nobody-at-all"] {
        for attempt in 1..=4 {
            let refusal = summary(try_to_sign_in(&client, login, "wrong-password", None).await).await;
            assert_eq!(refusal, "401 accounts.sign_in_refused", "{login}, attempt {attempt}");
        }
        for password in ["wrong-password", PASSWORD] {
            let answer = try_to_sign_in(&client, login, password, None).await;
            assert_eq!(answer.status(), StatusCode::LOCKED, "{login}");
            let retry_after: i64 = answer.headers()[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
            assert!((880..=900).contains(&retry_after), "{retry_after}");
            let problem: Problem = answer.json().await.unwrap();
            assert_eq!(problem.code, "accounts.locked");
            assert!(problem.until.unwrap() > Utc::now() + TimeDelta::minutes(14));
        }
    }
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("update account set locked_until = now() - interval '1 second' where login = 'operator-a'")
        .execute(&mut owner)
        .await
        .unwrap();
    assert_eq!(try_to_sign_in(&client, "operator-a", PASSWORD, None).await.status(), StatusCode::OK, "the lock has ended");
    app.stop().await;
}

#[tokio::test]
async fn a_sign_in_forgives_the_wrong_attempts_before_it() {
    let app = TestApp::start().await;
    let client = app.public();
    for _ in 0..2 {
        for _ in 0..3 {
            try_to_sign_in(&client, "operator-a", "wrong-password", None).await;
        }
        assert_eq!(try_to_sign_in(&client, "operator-a", PASSWORD, None).await.status(), StatusCode::OK);
    }
    app.stop().await;
}

/// Other tests sign in more often than anybody would.
async fn with_the_usual_limits() -> TestApp {
    TestApp::start_configured(|_, limits| *limits = SignInLimits::default()).await
}

#[tokio::test]
async fn one_address_may_try_sixty_times_a_minute() {
    let app = with_the_usual_limits().await;
    let client = app.public();
    let attempts = (0..75).map(|n| {
        let client = client.clone();
        async move { try_to_sign_in(&client, &format!("guess{n}"), "wrong-password", None).await }
    });
    let answers = join_all(attempts).await;
    let limited: Vec<Response> = answers.into_iter().filter(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS).collect();
    // A slow machine takes a few seconds to send them, in which as many more are allowed.
    assert!((1..=15).contains(&limited.len()), "{} of 75 attempts were refused", limited.len());
    let limited = limited.into_iter().next().unwrap();
    assert!(limited.headers().contains_key(header::RETRY_AFTER));
    assert_eq!(summary(limited).await, "429 accounts.too_many_attempts");
    app.stop().await;
}

#[tokio::test]
async fn one_account_may_be_tried_twenty_times_a_minute() {
    let app = with_the_usual_limits().await;
    let client = app.public();
    let attempts = (0..25).map(|_| try_to_sign_in(&client, "operator-a", "wrong-password", None));
    let statuses: Vec<u16> = join_all(attempts).await.iter().map(|answer| answer.status().as_u16()).collect();
    let limited = statuses.iter().filter(|status| **status == 429).count();
    assert!((3..=5).contains(&limited), "{statuses:?}");
    app.stop().await;
}

#[tokio::test]
async fn signing_out_ends_the_session_everywhere_it_is_known() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let answer = operator.send(operator.request(Method::DELETE, "/api/session")).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert!(answer.headers()[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"), "the browser is told to forget");
    assert_eq!(summary(operator.get("/api/session").await).await, "401 sign_in_required", "the old cookie opens nothing");
    assert_eq!(
        operator.send(operator.request(Method::DELETE, "/api/session")).await.status(),
        StatusCode::NO_CONTENT,
        "once more is no error"
    );
    app.stop().await;
}

#[tokio::test]
async fn signing_out_everywhere_ends_ones_own_sessions_and_nobody_elses() {
    let app = TestApp::start().await;
    let (desk, telephone, other) = (app.sign_in("operator-a").await, app.sign_in("operator-a").await, app.sign_in("operator-b").await);
    telephone.read::<SessionInfo>("/api/session").await;
    let answer = desk.send(desk.request(Method::DELETE, "/api/sessions")).await;
    assert_eq!(answer.json::<SessionsEnded>().await.unwrap().ended, 2);
    for client in [&desk, &telephone] {
        assert_eq!(summary(client.get("/api/session").await).await, "401 sign_in_required");
    }
    other.read::<SessionInfo>("/api/session").await;
    let public = app.public();
    assert_eq!(summary(public.send(public.request(Method::DELETE, "/api/sessions")).await).await, "401 sign_in_required");
    app.stop().await;
}

#[tokio::test]
async fn signing_in_again_in_one_browser_replaces_its_session() {
    let app = TestApp::start().await;
    let first = app.sign_in("operator-a").await;
    assert_eq!(try_to_sign_in(&first, "police-a", PASSWORD, None).await.status(), StatusCode::OK);
    assert!(soon(async || first.get("/api/session").await.status() == StatusCode::UNAUTHORIZED).await);
    app.stop().await;
}

#[tokio::test]
async fn another_sites_page_signs_nobody_in_or_out() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    for headers in
        [[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")], [("origin", "null"), ("sec-fetch-site", "none")]]
    {
        let mut request = operator.request(Method::DELETE, "/api/session");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        assert_eq!(summary(operator.send(request).await).await, "403 foreign_origin");
    }
    operator.read::<SessionInfo>("/api/session").await;
    let own = operator.request(Method::DELETE, "/api/session").header("origin", app.url("")).header("sec-fetch-site", "same-origin");
    assert_eq!(operator.send(own).await.status(), StatusCode::NO_CONTENT);
    app.stop().await;
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::start().await;
    let client = app.public();
    for path in ["/api/session", "/api/no-such-thing", "/healthz", "/", "/tiles/household.json"] {
        let answer = client.get(path).await;
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(header("permissions-policy").contains("camera=()"), "{path}");
        assert!(!header("x-request-id").is_empty(), "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_body_that_is_no_sign_in_is_a_problem_document() {
    let app = TestApp::start().await;
    let client = app.public();
    let broken = client.request(Method::POST, "/api/session").header("content-type", "application/json").body("{\"login\":");
    assert_eq!(summary(client.send(broken).await).await, "400 bad_request");
    let form = client.request(Method::POST, "/api/session").body("login=x");
    assert_eq!(summary(client.send(form).await).await, "415 unsupported_media_type");
    let lacking = client.request(Method::POST, "/api/session").json(&serde_json::json!({"login": "x"}));
    assert_eq!(summary(client.send(lacking).await).await, "422 bad_request");
    let method = client.send(client.request(Method::PUT, "/api/session")).await;
    assert!(method.headers().contains_key(header::ALLOW));
    assert_eq!(summary(method).await, "405 method_not_allowed");
    app.stop().await;
}

#[tokio::test]
async fn a_role_with_much_reach_signs_in_with_a_second_factor() {
    let app = TestApp::start_configured(|config, _| config.demo = false).await;
    let client = app.public();
    assert_eq!(try_to_sign_in(&client, "operator-a", PASSWORD, None).await.status(), StatusCode::OK, "this role needs none");
    assert_eq!(summary(try_to_sign_in(&client, "police-a", PASSWORD, None).await).await, "403 accounts.code_not_enrolled");

    let (password, code) = reset(&app, "police-a").await;
    assert_eq!(
        summary(try_to_sign_in(&client, "police-a", PASSWORD, None).await).await,
        "401 accounts.sign_in_refused",
        "the old password"
    );
    assert_eq!(summary(try_to_sign_in(&client, "police-a", &password, None).await).await, "401 accounts.code_required");
    let now = u64::try_from(Utc::now().timestamp()).unwrap();
    let long_ago = code.generate(now - 3600).to_string();
    assert_eq!(summary(try_to_sign_in(&client, "police-a", &password, Some(&long_ago)).await).await, "401 accounts.code_refused");
    let current = code.generate(now).to_string();
    assert_eq!(summary(try_to_sign_in(&client, "police-a", "wrong-password", Some(&current)).await).await, "401 accounts.sign_in_refused");
    assert_eq!(try_to_sign_in(&client, "police-a", &password, Some(&current)).await.status(), StatusCode::OK);
    assert_eq!(
        summary(try_to_sign_in(&client, "police-a", &password, Some(&current)).await).await,
        "401 accounts.code_refused",
        "a code works once"
    );
    app.stop().await;
}

#[tokio::test]
async fn guessing_codes_locks_the_account() {
    let app = TestApp::start_configured(|config, _| config.demo = false).await;
    let (password, code) = reset(&app, "police-a").await;
    let now = u64::try_from(Utc::now().timestamp()).unwrap();
    let wrong = code.generate(now - 3600).to_string();
    let client = app.public();
    for _ in 0..4 {
        assert_eq!(summary(try_to_sign_in(&client, "police-a", &password, Some(&wrong)).await).await, "401 accounts.code_refused");
    }
    assert_eq!(summary(try_to_sign_in(&client, "police-a", &password, Some(&wrong)).await).await, "423 accounts.locked");
    app.stop().await;
}

/// Resets an account as an administrator does; the new password and what the authenticator app computes with.
async fn reset(app: &TestApp, login: &str) -> (String, totp_rs::Totp) {
    let command = AccountCommand::Reset(ResetAccount { login: login.into(), password_stdin: false, keep_code: false });
    let shown = run(app, command).await.unwrap();
    let after =
        |label: &str| shown.lines().find_map(|line| line.strip_prefix(label)).unwrap_or_else(|| panic!("no {label} in {shown}")).to_owned();
    let url = after("Authenticator app (shown this once): ");
    (after("Password (shown this once): "), totp_rs::Totp::from_url(url).unwrap())
}
