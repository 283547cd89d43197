//! `ioc demo seed --wards`: a province around the demo ward, written with indexes set aside.

use std::sync::Arc;

use server::demo::{self, province};
use server::platform::national_id;

use crate::demo::{Installation, WRONG_ANYWHERE};

/// Indexes, constraints and triggers of every table, as the database tells them.
const FURNITURE: &str = "select string_agg(line, e'\\n' order by line) from ( \
    select indexdef as line from pg_indexes where schemaname = 'public' \
    union all select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated from pg_constraint \
      where connamespace = 'public'::regnamespace \
    union all select tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text from pg_trigger where not tgisinternal) furniture";

#[tokio::test]
async fn a_province_is_made_of_the_same_people_and_leaves_the_tables_as_they_were() {
    let place = Installation::with_demo_ward().await;
    let text = |sql: &'static str| sqlx::query_scalar::<_, String>(sql).fetch_one(&place.owner);
    let (furniture, demo_ward) = (text(FURNITURE).await.unwrap(), place.count("select sum(hashtext(h::text)) from household h").await);
    let secrets = Arc::new(place.open_secrets());
    let wards = province::plan(151, 3, 9_500).unwrap();
    let built = demo::build_province(&place.owner, secrets.clone(), 151, wards.clone()).await.unwrap().expect("there was none");
    assert_eq!((built.wards, built.settled.households), (2, 9_500 - 7_528));
    assert_eq!(text(FURNITURE).await.unwrap(), furniture, "indexes, constraints and triggers are back");

    let residents = 19_975 + wards.iter().map(|ward| ward.residents as i64).sum::<i64>();
    for (expected, sql) in [
        (3, "select count(*) from area where kind = 'ward' and is_demo"),
        (8 + 32, "select count(*) from area where kind = 'tdp' and is_demo"),
        (9_500, "select count(*) from household"),
        (residents, "select count(*) from resident"),
        (built.buildings as i64, "select count(*) from building b join area w on w.id = b.ward_id where w.code <> 'demo-phuong-canh'"),
        (1, "select count(*) from account where login = 'lanhdaotp'"),
    ] {
        assert_eq!(place.count(sql).await, expected, "{sql}");
    }
    assert_eq!(
        place
            .count("select sum(hashtext(h::text)) from household h join area w on w.id = h.ward_id where w.code = 'demo-phuong-canh'")
            .await,
        demo_ward,
        "the demo ward is untouched"
    );
    place.has_none(&WRONG_ANYWHERE).await;
    place
        .has_none(&[
            ("changes that are no reload", "change where op <> 'reload'"),
            (
                "areas with rows that nobody is told to read again",
                "(select area_id from household union select area_id from building union select area_id from camera) t \
                   where not exists (select from change c where c.area_id = t.area_id)",
            ),
            ("buildings in another area than the one they stand in", "building b where area_id <> area_at(st_pointonsurface(footprint))"),
            ("roads in another area than the one they run in", "road r where area_id <> area_at(st_lineinterpolatepoint(geom, 0.5))"),
            ("cameras in another area than the one they stand in", "camera c where area_id <> area_at(geom)"),
            (
                "boarding houses whose counts are wrong",
                "boarding_house b where array[room_count, tenant_count] <> ( \
                   select array[count(distinct r.id)::int, count(t.id)::int] from room r left join tenancy t on t.room_id = r.id \
                   where r.boarding_house_id = b.id)",
            ),
            ("rows written twice", "household h join area w on w.id = h.ward_id where h.version <> 1 and w.code <> 'demo-phuong-canh'"),
        ])
        .await;

    let (uid, sealed): (uuid::Uuid, Vec<u8>) =
        sqlx::query_as("select uid, national_id_encrypted from resident order by id desc limit 1").fetch_one(&place.owner).await.unwrap();
    let number = national_id::open(&secrets, "resident", uid, &sealed).unwrap();
    assert!(number.starts_with("90") && number.len() == 12, "no province has a code from 900");

    // Whoever comes next gets an id of its own.
    sqlx::query("insert into household (code, area_id, ward_id, address) select 'NEXT', ward_id, ward_id, 'Số 1' from household limit 1")
        .execute(&place.owner)
        .await
        .unwrap();
    assert_eq!(place.count("select id - (select count(*) from household) from household where code = 'NEXT'").await, 0);
    assert!(demo::build_province(&place.owner, secrets, 151, wards).await.unwrap().is_none(), "a second run changes nothing");
}

#[tokio::test]
async fn a_province_that_fails_leaves_nothing_behind() {
    let place = Installation::with_demo_ward().await;
    let furniture: String = sqlx::query_scalar(FURNITURE).fetch_one(&place.owner).await.unwrap();
    // The last table to be filled refuses its rows.
    sqlx::query("alter table camera add constraint only_demo check (id <= 60) not valid").execute(&place.owner).await.unwrap();
    let wards = province::plan(151, 2, 8_000).unwrap();
    let refusal = demo::build_province(&place.owner, Arc::new(place.open_secrets()), 151, wards).await.unwrap_err();
    assert!(format!("{refusal:#}").contains("only_demo"), "{refusal:#}");
    sqlx::query("alter table camera drop constraint only_demo").execute(&place.owner).await.unwrap();
    assert_eq!(sqlx::query_scalar::<_, String>(FURNITURE).fetch_one(&place.owner).await.unwrap(), furniture);
    assert_eq!(place.count("select count(*) from area where kind = 'ward'").await, 1);
    assert_eq!(place.count("select count(*) from household").await, 7_528);
}
