//! The sign-in dialog, when it says no.

use chrono::{DateTime, TimeDelta, Utc};
use tests::small_ward::PASSWORD;

use crate::journey::Journey;

const LOGIN: &str = "tdp_head-a1";
const REFUSED: &str = r#"[data-testid="sign-in-refused"]"#;

#[tokio::test]
async fn a_wrong_password_is_refused_and_five_of_them_lock_the_account() {
    let journey = Journey::begin().await;
    let browser = &journey.browser;
    browser.go_to("/").await;
    journey.map_settled().await;
    journey.open_sign_in().await;
    for attempt in 1..=4 {
        let (code, words) = answer_to(&journey, "sai-mat-khau").await;
        assert_eq!(
            (code.as_str(), words.as_str()),
            ("accounts.sign_in_refused", "Tên đăng nhập hoặc mật khẩu chưa đúng."),
            "attempt {attempt}"
        );
    }
    // The fifth locks; from then on the right password is of no use either, and the screen says until when.
    for password in ["sai-mat-khau", PASSWORD] {
        let (code, words) = answer_to(&journey, password).await;
        let expected = format!("Tài khoản tạm khóa đến {} vì sai quá nhiều lần.", locked_until(&journey).await);
        assert_eq!((code, words), ("accounts.locked".to_owned(), expected), "{password}");
    }
    assert!(!browser.is_there(r#"[data-testid="signed-in"]"#).await, "nobody is signed in");
    let refused = "/api/session - Failed to load resource: the server responded with a status of ";
    journey.end(&[&format!("{refused}401"), &format!("{refused}423")]).await;
}

/// Tries a password; the refusal's code and words.
async fn answer_to(journey: &Journey, password: &str) -> (String, String) {
    journey.try_password(LOGIN, password).await;
    journey
        .browser
        .wait_for::<bool>(
            "an answer to the attempt",
            r#"return document.querySelector('[data-testid="sign-in-refused"]') && !document.querySelector('[data-testid="sign-in-submit"]').disabled"#,
            vec![],
        )
        .await;
    let code =
        journey.browser.element(REFUSED).await.attr("data-code").await.expect("the browser answers").expect("the refusal has a code");
    (code, journey.browser.text(REFUSED).await)
}

/// As the ward's clocks show it: the hour, with the day if that is tomorrow.
async fn locked_until(journey: &Journey) -> String {
    let until: DateTime<Utc> = sqlx::query_scalar("select locked_until from account where login = $1")
        .bind(LOGIN)
        .fetch_one(&mut journey.app.database.connect("ioc_owner").await)
        .await
        .expect("the account is locked");
    let in_hanoi = |at: DateTime<Utc>| at + TimeDelta::hours(7);
    let same_day = in_hanoi(until).date_naive() == in_hanoi(Utc::now()).date_naive();
    in_hanoi(until).format(if same_day { "%H:%M" } else { "%H:%M %d/%m/%Y" }).to_string()
}
