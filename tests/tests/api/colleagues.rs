//! The simulator's officers beside those whom people sign in as: whose the work of a demo ward is, what comes to a visitor, and how a
//! ward that was made before there were colleagues gets them.

use chrono::Utc;
use serde_json::json;
use server::accounts::demo;
use server::demo::{
    colleagues,
    live::{self, LiveArgs, Time},
};
use server::platform::clock::TestClock;
use shared::camera_alert::{AlertKind, AlertStatus, AlertStep, CameraAlertCard, CameraAlertList};
use shared::duty::{DutyRoster, DutyStep};
use sqlx::PgPool;
use tests::app::{TestApp, TestClient};

use super::simulator::{count, owner, token};

const WARD: &str = "(select id from area where code = 'demo-phuong-canh')";

async fn ward_id(owner: &PgPool) -> i32 {
    sqlx::query_scalar(&format!("select {WARD}")).fetch_one(owner).await.unwrap()
}

/// Who is on, in the order in which they are asked.
async fn on_now(client: &TestClient, owner: &PgPool) -> Vec<(String, DutyStep, Option<Vec<AlertKind>>)> {
    let roster: DutyRoster = client.read(&format!("/api/duty?area_id={}", ward_id(owner).await)).await;
    let mut on: Vec<_> = roster.on_now.into_iter().map(|duty| (duty.account_name, duty.step, duty.kinds)).collect();
    on.sort_by_key(|(_, step, kinds)| (*step, kinds.is_some()));
    on
}

/// Opens an alert of some days ago again and takes it, as a visitor may.
async fn takes_an_old_one(client: &TestClient, owner: &PgPool) -> CameraAlertCard {
    let old = "select id from camera_alert where status = 'closed' and started_at < now() - interval '2 days' order by id desc limit 1";
    let id: i64 = sqlx::query_scalar(old).fetch_one(owner).await.unwrap();
    let reopened = client.post(&format!("/api/camera-alerts/{id}/reopen"), &json!({"reason": "Xem lại vụ việc này"}), None).await;
    assert_eq!(reopened.status(), 200);
    let taken = client.post(&format!("/api/camera-alerts/{id}/take"), &json!({}), None).await;
    assert_eq!(taken.status(), 200);
    taken.json().await.unwrap()
}

#[tokio::test]
async fn the_work_that_a_visitor_finds_was_done_by_colleagues() {
    let app = TestApp::demo().await;
    let owner = owner(&app).await;
    for login in ["trucban", "congan", "lanhdao"] {
        let visitor = app.sign_in_demo(login).await;
        let own: CameraAlertList = visitor.read("/api/camera-alerts?mine=true&status=taken,closed").await;
        assert!(own.alerts.is_empty(), "{login} finds {:?}", own.alerts);
        let (done, late) = (
            format!("from camera_alert_entry e join account a on a.id = e.actor where a.login = '{login}'"),
            format!("from camera_alert a join account c on c.id = a.handler_id where c.login = '{login}' and a.overdue"),
        );
        assert_eq!((count(&owner, &done).await, count(&owner, &late).await), (0, 0), "{login}");
    }
    let others = "from camera_alert where status = 'closed' and handler_name not like '%(mô phỏng)'";
    assert_eq!(count(&owner, others).await, 0);
    let went_up = "from camera_alert_entry where step = 'escalated' and to_name = 'Lãnh đạo trực (mô phỏng)'";
    assert!(count(&owner, went_up).await > 50, "what was late went up, past a chair that was empty");

    // Their accounts open as the others do, and the roster asks whoever tries the ward second.
    let colleague = app.sign_in_demo("mophong-trucban").await;
    let on = on_now(&colleague, &owner).await;
    let names: Vec<_> = on.iter().map(|(name, step, kinds)| (name.as_str(), *step, kinds.is_some())).collect();
    assert_eq!(
        names,
        [
            ("Trực ban ca (mô phỏng)", DutyStep::First, false),
            ("Công an trực ban (mô phỏng)", DutyStep::First, true),
            ("Trực ban (demo)", DutyStep::ShiftLead, false),
            ("Công an phường (demo)", DutyStep::ShiftLead, true),
            ("Lãnh đạo trực (mô phỏng)", DutyStep::Leader, false),
        ]
    );
    owner.close().await;
    app.stop().await;
}

/// Makes of a ward one that an earlier version made: no colleague, visitors on all shifts; but a person, whom the operator put on as the
/// lead of the shift that runs, and a shift to come that somebody changed.
async fn make_old(owner: &PgPool) {
    for sql in [
        "update account set login = replace(login, 'mophong-', 'that-'), display_name = 'Nguyễn Văn ' || upper(substr(login, 9)), is_demo = false
         where login like 'mophong-%'"
            .to_owned(),
        "delete from duty".to_owned(),
        format!(
            "insert into duty (area_id, account_id, from_at, until_at, kinds, step)
             select {WARD}, a.id, s.from_at, s.from_at + interval '8 hours', p.kinds, p.step
             from generate_series(date_trunc('hour', now()) - interval '9 hours', date_trunc('hour', now()) + interval '7 hours',
                interval '8 hours') s (from_at)
             cross join (values ('trucban', 1::smallint, null::text[]), ('congan', 1::smallint, array['theft']),
                ('lanhdao', 3::smallint, null::text[])) p (login, step, kinds)
             join account a on a.login = p.login"
        ),
        format!(
            "insert into duty (area_id, account_id, from_at, until_at, step)
             select {WARD}, a.id, now() - interval '1 hour', now() + interval '3 hours', 2 from account a where a.login = 'that-trucban'"
        ),
        "update duty d set note = 'Đổi ca với anh Bình' from account a where a.id = d.account_id and a.login = 'lanhdao' and d.from_at > now()"
            .to_owned(),
    ] {
        sqlx::query(&sql).execute(owner).await.unwrap_or_else(|cause| panic!("{cause}: {sql}"));
    }
}

#[tokio::test]
async fn a_ward_of_an_earlier_version_gets_its_colleagues_at_the_next_start() {
    let app = TestApp::demo().await;
    let owner = owner(&app).await;
    make_old(&owner).await;
    let visitor = app.sign_in_demo("trucban").await;
    let taken = takes_an_old_one(&visitor, &owner).await;
    assert_eq!(taken.alert.handler_name.as_deref(), Some("Trực ban (demo)"));
    let of_people = "from camera_alert a join account c on c.id = a.handler_id where c.login like 'that-%' and a.status = 'taken'";
    let before = count(&owner, of_people).await;

    colleagues::keep(&owner, Utc::now()).await.unwrap();
    let on = on_now(&visitor, &owner).await;
    let names: Vec<_> = on.iter().map(|(name, step, _)| (name.as_str(), *step)).collect();
    assert_eq!(
        names,
        [
            ("Trực ban ca (mô phỏng)", DutyStep::First),
            ("Công an trực ban (mô phỏng)", DutyStep::First),
            ("Nguyễn Văn TRUCBAN", DutyStep::ShiftLead),
            ("Công an phường (demo)", DutyStep::ShiftLead),
            ("Lãnh đạo trực (mô phỏng)", DutyStep::Leader),
        ],
        "a person's shift stays theirs"
    );
    let was_on =
        "from duty d join account a on a.id = d.account_id where d.until_at <= now() and a.login in ('trucban', 'congan', 'lanhdao')";
    assert_eq!(count(&owner, was_on).await, 3, "who was on stays in the roster");
    let changed = "from duty d join account a on a.id = d.account_id where d.note is not null and a.login = 'lanhdao'";
    assert_eq!(count(&owner, changed).await, 1, "as does what somebody changed");
    assert_eq!(count(&owner, "from duty where from_at > now() + interval '3 weeks'").await % 5, 0);
    assert!(count(&owner, "from duty where from_at > now() + interval '3 weeks'").await > 0, "and it goes on for weeks");

    let card: CameraAlertCard = visitor.read(&format!("/api/camera-alerts/{}", taken.alert.id)).await;
    assert_eq!((card.alert.status, card.alert.handler_name.as_deref()), (AlertStatus::Assigned, Some("Trực ban ca (mô phỏng)")));
    let last = card.entries.last().unwrap();
    let told = (last.step, last.by.as_deref(), last.from.as_deref(), last.to.as_deref());
    assert_eq!(told, (AlertStep::Assigned, None, Some("Trực ban (demo)"), Some("Trực ban ca (mô phỏng)")));
    assert_eq!(count(&owner, of_people).await, before, "what people have they keep");

    // Once only: a visitor who puts themselves on stays on.
    let put_on = "update duty d set account_id = (select id from account where login = 'trucban') from account a
         where a.id = d.account_id and a.login = 'mophong-trucban' and d.from_at > now()";
    sqlx::query(put_on).execute(&owner).await.unwrap();
    let roster = async || -> (i64, i64) {
        sqlx::query_as("select count(*), sum(version * (id + account_id))::bigint from duty").fetch_one(&owner).await.unwrap()
    };
    let as_it_was = roster().await;
    colleagues::keep(&owner, Utc::now()).await.unwrap();
    assert_eq!(roster().await, as_it_was);
    owner.close().await;
    app.stop().await;
}

#[tokio::test]
async fn what_a_visitor_took_and_left_a_colleague_goes_on_with_after_a_shift() {
    let app = TestApp::demo().await;
    let owner = owner(&app).await;
    let token = token(&app, &owner).await;
    let visitor = app.sign_in_demo("trucban").await;
    let (left, kept) = (takes_an_old_one(&visitor, &owner).await.alert.id, takes_an_old_one(&visitor, &owner).await.alert.id);
    let hours_ago = "update camera_alert set taken_at = now() - interval '9 hours' where id = $1";
    sqlx::query(hours_ago).bind(left).execute(&owner).await.unwrap();

    let args = LiveArgs { speed: 0.001, ..LiveArgs::ordinary() };
    let time = Time::Simulated(TestClock::at(Utc::now()));
    let mut play = live::enter(&args, &app.url(""), &token, None, time).await.expect("the doors are open");
    play.go_on_until(|tally| tally.taken_over >= 1).await;
    let card: CameraAlertCard = visitor.read(&format!("/api/camera-alerts/{left}")).await;
    assert_eq!(card.alert.handler_name.as_deref(), Some("Trực ban ca (mô phỏng)"));
    let given = card.entries.iter().rev().find(|entry| entry.step == AlertStep::Assigned).unwrap();
    let told = (given.by.as_deref(), given.from.as_deref(), given.note.as_deref());
    assert_eq!(told, (Some("Trực ban ca (mô phỏng)"), Some("Trực ban (demo)"), Some("Hết ca, nhận làm tiếp việc còn dở.")));
    let card: CameraAlertCard = visitor.read(&format!("/api/camera-alerts/{kept}")).await;
    assert_eq!(card.alert.handler_name.as_deref(), Some("Trực ban (demo)"), "what was taken just now is the visitor's");
    assert_eq!(play.tally().taken_over, 1);
    owner.close().await;
    app.stop().await;
}

#[tokio::test]
async fn on_real_ground_there_are_no_colleagues_and_who_asks_for_a_play_has_it_played_by_the_accounts_that_people_try() {
    let app = TestApp::start_configured(|config, _| config.demo = true).await;
    let owner = owner(&app).await;
    demo::create(&mut app.database.connect("ioc_owner").await, app.ward().ward_a).await.unwrap();
    colleagues::keep(&owner, Utc::now()).await.unwrap();
    assert_eq!(count(&owner, "from account where login like 'mophong-%'").await, 0);
    let first = "from duty d join account a on a.id = d.account_id where d.step = 1 and a.login not in ('trucban', 'congan')";
    assert_eq!(count(&owner, first).await, 0);
    assert!(count(&owner, "from duty where step = 1 and from_at > now() + interval '3 weeks'").await > 0);

    let token = token(&app, &owner).await;
    let time = Time::Simulated(TestClock::at(Utc::now()));
    live::enter(&LiveArgs::ordinary(), &app.url(""), &token, None, time).await.expect("the doors are open");
    let signed_in = "from session s join account a on a.id = s.account_id where a.login = 'trucban' and s.ended_at is null";
    assert_eq!(count(&owner, signed_in).await, 1);
    owner.close().await;
    app.stop().await;
}
