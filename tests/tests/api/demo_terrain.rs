//! The generated ward in the tables, asked with PostGIS' own eyes.
//! It deliberately leaves the generator's other promises to its unit tests.

use server::demo::terrain::{self, Sketch};
use sqlx::Connection;
use tests::cluster::TestDatabase;

#[tokio::test]
async fn the_generated_ward_stands_in_postgis_as_it_was_grown() {
    let database = TestDatabase::create().await;
    let mut owner = database.connect("ioc_owner").await;
    let grown = terrain::generate(&Sketch::phuong_canh().unwrap(), terrain::DEFAULT_SEED);
    let mut transaction = owner.begin().await.unwrap();
    let loaded = terrain::load::write(&mut transaction, &grown).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!((loaded.groups, loaded.roads, loaded.buildings), (8, grown.roads.len(), grown.buildings.len()));

    let count = async |owner: &mut sqlx::PgConnection, sql: &str| -> i64 { sqlx::query_scalar(sql).fetch_one(owner).await.unwrap() };
    assert_eq!(count(&mut owner, "select count(*) from building").await as usize, grown.buildings.len());
    let hectares: f64 =
        sqlx::query_scalar("select st_area(boundary::geography) / 1e4 from area where kind = 'ward'").fetch_one(&mut owner).await.unwrap();
    assert!((hectares - 260.76).abs() < 0.05, "{hectares} ha");

    // Road distances in UTM 48N: PostGIS' geography gives 0 for some lines that pass two metres from a small polygon.
    let wrong = [
        (
            "ground in no TDP or in two",
            "select (st_area(st_symdifference(w.boundary, t.united)::geography) + abs(t.summed - st_area(w.boundary::geography)) > 1)::int::bigint \
          from area w, (select st_union(boundary) as united, sum(st_area(boundary::geography)) as summed from area where kind = 'tdp') t where w.kind = 'ward'",
        ),
        ("buildings outside every TDP", "select count(*) from building b join area a on a.id = b.area_id where a.kind <> 'tdp'"),
        (
            "buildings outside the ward",
            "select count(*) from building b join area a on a.id = b.ward_id where not st_covers(a.boundary, b.footprint)",
        ),
        (
            "buildings over others",
            "select count(*) from building a join building b on a.id < b.id and a.footprint && b.footprint \
          where st_area(st_intersection(a.footprint, b.footprint)::geography) > 0.5",
        ),
        (
            "buildings on roads",
            "select count(*) from road r join building b on b.footprint && st_expand(r.geom, 0.0003) \
          where st_distance(st_transform(b.footprint, 32648), st_transform(r.geom, 32648)) < r.width_m / 2 - 0.02",
        ),
        ("buildings in water", "select count(*) from building b join water w on st_intersects(b.footprint, w.geom)"),
        ("alleys without the road they leave", "select count(*) from road where (number is null) <> (parent_id is null)"),
        ("rows told one by one", "select count(*) from change where op <> 'reload'"),
    ];
    for (what, sql) in wrong {
        assert_eq!(count(&mut owner, sql).await, 0, "{what}");
    }
    assert!(count(&mut owner, "select count(*) from change where topic = 'building'").await >= 8, "one reload per TDP");
}
