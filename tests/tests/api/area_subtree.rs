//! What is kept of the tree of areas is what walking down it would find, whatever becomes of the tree.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sqlx::{Connection, Executor, PgConnection};
use tests::app::TestApp;

/// Areas whose kept subtree is not what the tree says.
async fn differing(db: &mut PgConnection) -> Vec<i32> {
    sqlx::query_scalar(
        "with recursive below as (
            select id as top, id from area
            union
            select b.top, a.id from area a join below b on a.parent_id = b.id),
         told as (select top, array_agg(id order by id) as areas from below group by top)
         select coalesce(t.top, k.area_id)
         from told t full join (select area_id, array(select unnest(areas) order by 1) as areas from area_subtree) k on k.area_id = t.top
         where t.areas is distinct from k.areas",
    )
    .fetch_all(db)
    .await
    .unwrap()
}

async fn add(db: &mut PgConnection, code: &str, parent: Option<i32>) -> i32 {
    sqlx::query_scalar("insert into area (code, kind, parent_id, name) values ($1, 'ward', $2, $1) returning id")
        .bind(code)
        .bind(parent)
        .fetch_one(db)
        .await
        .unwrap()
}

#[tokio::test]
async fn subtrees_follow_areas_that_come_move_and_go() {
    let app = TestApp::start().await;
    let mut owner = app.database.connect("ioc_owner").await;
    assert_eq!(differing(&mut owner).await, Vec::<i32>::new(), "the ward of the tests");
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut ids = Vec::new();
    for step in 0..60 {
        let any = (!ids.is_empty()).then(|| ids[random.random_range(0..ids.len())]);
        match random.random_range(0..6) {
            0..3 => ids.push(add(&mut owner, &format!("t{step}"), any).await),
            3 => {
                let several = "insert into area (code, kind, parent_id, name) select $1 || n, 'ward', $2, $1 from generate_series(1, 3) n returning id";
                let more: Vec<i32> = sqlx::query_scalar(several).bind(format!("s{step}-")).bind(any).fetch_all(&mut owner).await.unwrap();
                ids.extend(more);
            }
            4 => {
                // Under an earlier one, so that nothing comes to lie below itself.
                let Some(moved) = any else { continue };
                let above: Vec<i32> = ids.iter().copied().filter(|id| *id < moved).collect();
                let to = (!above.is_empty()).then(|| above[random.random_range(0..above.len())]);
                sqlx::query("update area set parent_id = $2 where id = $1").bind(moved).bind(to).execute(&mut owner).await.unwrap();
            }
            _ => {
                let leaf: Option<i32> = sqlx::query_scalar(
                    "delete from area where id = (select id from area a where a.id = any ($1)
                         and not exists (select from area c where c.parent_id = a.id) limit 1) returning id",
                )
                .bind(&ids)
                .fetch_optional(&mut owner)
                .await
                .unwrap();
                ids.retain(|id| Some(*id) != leaf);
            }
        }
        assert_eq!(differing(&mut owner).await, Vec::<i32>::new(), "seed {seed}, step {step}");
    }
    app.stop().await;
}

/// Two imports at once, each with its ward of the same city.
#[tokio::test]
async fn two_who_add_to_one_city_are_both_below_it() {
    let app = TestApp::start().await;
    let (mut one, mut other) = (app.database.connect("ioc_owner").await, app.database.connect("ioc_owner").await);
    let city = add(&mut one, "city", None).await;
    let mut first = one.begin().await.unwrap();
    add(&mut first, "north", Some(city)).await;
    let second = tokio::spawn(async move {
        add(&mut other, "south", Some(city)).await;
        other
    });
    // It waits for the first; nothing tells when it has begun to, and both orders must hold.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    first.commit().await.unwrap();
    let mut other = second.await.unwrap();
    assert_eq!(differing(&mut other).await, Vec::<i32>::new());
    let below: i32 = sqlx::query_scalar("select cardinality(areas_below($1))").bind(city).fetch_one(&mut other).await.unwrap();
    assert_eq!(below, 3);
    app.stop().await;
}

#[tokio::test]
async fn nobody_writes_or_reads_subtrees_by_hand() {
    let app = TestApp::start().await;
    for role in ["ioc_app", "ioc_feed", "ioc_job"] {
        let mut db = app.database.connect(role).await;
        for statement in ["select * from area_subtree", "insert into area_subtree values (1, '{1,2}')", "delete from area_subtree"] {
            let refused = db.execute(statement).await.unwrap_err();
            assert!(refused.to_string().contains("permission denied"), "{role}: {statement}: {refused}");
        }
    }
    app.stop().await;
}
