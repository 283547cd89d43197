//! The public's counts: what the doors say, and what somebody who solves them can compute.
//! It deliberately attacks the answers, never the code that made them.

use chrono::NaiveDate;
use proptest::prelude::*;
use reqwest::StatusCode;
use server::residents::publication::{
    LEAST, Square, next_table,
    table::{Cell, Count, Figure, Table, WardCounts},
};
use shared::population::{PublishedCell, PublishedCells, PublishedPopulation, PublishedTdp, PublishedWard};
use tests::app::{TestApp, summary};
use tests::attacker::{Finding, attack, attack_both};

/// A range is told when it is narrower than this.
const TOLD_BELOW: i64 = LEAST as i64;

fn is_told(finding: &Finding) -> bool {
    finding.households.width() < TOLD_BELOW || finding.residents.width() < TOLD_BELOW
}

fn month(year: i32, month: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, 1).unwrap()
}

/// Cells of a TDP: many empty, many with a few households, some with a terrace or a tower; some households are empty.
fn cells() -> impl Strategy<Value = Vec<(u32, u32)>> {
    let cell = prop_oneof![
        3 => Just((0, 0)),
        4 => (1_u32..8, 0_u32..3),
        4 => (5_u32..60, 0_u32..5),
        1 => (200_u32..900, 1_u32..5),
    ];
    prop::collection::vec(cell, 0..9)
}

fn counts_of(tdps: &[Vec<(u32, u32)>]) -> WardCounts {
    let mut counts = WardCounts::default();
    for (tdp, cells) in tdps.iter().enumerate() {
        counts.0.entry(tdp as i32).or_default();
        for (at, (households, per_household)) in cells.iter().enumerate() {
            // The first is the households that have no place yet.
            let cell = (at > 0).then_some(Square { east: at as i32, north: 9300 });
            counts.add(tdp as i32, cell, Count { households: *households, residents: households * per_household });
        }
    }
    counts
}

/// As the door would answer it.
fn answer(table: &Table) -> PublishedWard {
    let pair = |figure: Figure| (figure.count.map(|count| count.households), figure.count.map(|count| count.residents));
    let cell = |(cell, figure): (&Cell, &Figure)| {
        let (households, residents) = pair(*figure);
        let id = cell.map_or("unplaced".into(), |square| square.to_string());
        PublishedCell { id, households, residents, withheld: None, counted_month: figure.counted }
    };
    let tdps = table.tdps.iter().map(|(area_id, tdp)| {
        let (households, residents) = pair(tdp.total);
        PublishedTdp {
            area_id: *area_id,
            code: String::new(),
            name: String::new(),
            households,
            residents,
            withheld: None,
            counted_month: tdp.total.counted,
            cells_listed: tdp.cells.is_some(),
            cells: tdp.cells.iter().flatten().map(cell).collect(),
        }
    });
    let (households, residents) = pair(table.ward);
    PublishedWard {
        area_id: 0,
        code: String::new(),
        name: String::new(),
        demo: false,
        month: table.ward.counted,
        months: Vec::new(),
        counted_at: chrono::DateTime::default(),
        households,
        residents,
        withheld: None,
        counted_month: table.ward.counted,
        tdps: tdps.collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn nothing_withheld_can_be_computed(tdps in prop::collection::vec(cells(), 1..7)) {
        let counts = counts_of(&tdps);
        let ward = answer(&next_table(None, &counts, month(2026, 11)));
        let told: Vec<Finding> = attack(&ward).into_iter().filter(is_told).collect();
        prop_assert!(told.is_empty(), "{told:?} can be computed from {ward:#?}");
    }

    /// Whatever moves in, out or within the ward, each month alone and both together tell nothing.
    #[test]
    fn two_months_tell_no_more_than_one(
        tdps in prop::collection::vec(cells(), 2..6),
        moves in prop::collection::vec((0_usize..6, 0_usize..9, -20_i32..60), 0..12),
    ) {
        let first = next_table(None, &counts_of(&tdps), month(2026, 10));
        let mut later = tdps.clone();
        for (tdp, cell, by) in moves {
            if let Some(cell) = later.get_mut(tdp).and_then(|cells| cells.get_mut(cell)) {
                cell.0 = cell.0.saturating_add_signed(by);
            }
        }
        let second = next_table(Some(&first), &counts_of(&later), month(2026, 11));
        let (first, second) = (answer(&first), answer(&second));
        let told: Vec<Finding> = attack(&second).into_iter().chain(attack_both(&first, &second)).filter(is_told).collect();
        prop_assert!(told.is_empty(), "{told:?} can be computed from {first:#?} and {second:#?}");
    }

    /// One household that comes, goes or moves within the ward changes no published figure, however many people it has.
    #[test]
    fn a_household_that_moves_is_not_seen(
        tdps in prop::collection::vec(cells(), 1..6),
        (from, to) in ((0_usize..6, 0_usize..9), (0_usize..6, 0_usize..9)),
        people in 1_u32..12,
    ) {
        let before = counts_of(&tdps);
        let first = next_table(None, &before, month(2026, 10));
        let mut after = before;
        let key = |(tdp, cell): (usize, usize)| (tdp as i32, (cell > 0).then_some(Square { east: cell as i32, north: 9300 }));
        let (out, into) = (key(from), key(to));
        if let Some(count) = after.0.get_mut(&out.0).and_then(|cells| cells.get_mut(&out.1)) && count.households > 0 {
            *count = Count { households: count.households - 1, residents: count.residents.saturating_sub(people) };
        }
        if let Some(cells) = after.0.get_mut(&into.0) {
            *cells.entry(into.1).or_default() += Count { households: 1, residents: people };
        }
        prop_assert_eq!(next_table(Some(&first), &after, month(2026, 11)), first);
    }
}

/// The attacker is worth something: a table that withholds only what is small is solved.
#[test]
fn a_table_without_cover_is_solved() {
    let mut ward = answer(&next_table(None, &counts_of(&[vec![(0, 0), (3, 3), (9, 3), (40, 3)]]), month(2026, 11)));
    assert!(attack(&ward).iter().all(|finding| !is_told(finding)));
    let covering = ward.tdps[0].cells.iter_mut().find(|cell| cell.id == "E2N9300").expect("the next smallest covers");
    assert_eq!(covering.households.replace(9), None);
    covering.residents = Some(27);
    let solved = attack(&ward);
    let small = solved.iter().find(|finding| finding.what == "0 E1N9300").unwrap();
    assert_eq!((small.households.least, small.households.most, small.residents.least, small.residents.most), (3, 3, 9, 9));
}

#[tokio::test]
async fn the_demo_ward_publishes_its_counts_and_nothing_small() {
    let app = TestApp::demo().await;
    let public = app.public();
    let published: PublishedPopulation = public.read("/api/population/published").await;
    assert_eq!((published.least_count, published.cell_side_m), (5, 250));
    let [ward] = &published.wards[..] else { panic!("one ward publishes") };
    assert_eq!((ward.households, ward.residents), (Some(7_528), Some(19_975)), "as published of Phương Canh");
    assert_eq!(ward.tdps.len(), 8);
    assert_eq!(ward.tdps.iter().map(|tdp| tdp.households.unwrap()).sum::<u32>(), 7_528);
    let cells: Vec<_> = ward.tdps.iter().flat_map(|tdp| &tdp.cells).collect();
    let withheld = cells.iter().filter(|cell| cell.households.is_none()).count();
    println!("demo ward: {} cells, {withheld} withheld", cells.len());
    assert!(cells.len() > 40 && withheld > 0 && withheld * 3 < cells.len(), "{withheld} of {} cells are withheld", cells.len());
    for cell in &cells {
        let figures = [cell.households, cell.residents];
        assert!(figures.iter().flatten().all(|figure| *figure >= 5) && cell.withheld.is_some() == figures[0].is_none());
    }
    let told: Vec<Finding> = attack(ward).into_iter().filter(is_told).collect();
    assert!(told.is_empty(), "{told:?}");

    // What is published is what was counted: cell by cell, in the database's own words.
    let mut owner = app.database.connect("ioc_owner").await;
    let counted: Vec<(String, i64, i64)> = sqlx::query_as(
        "select h.area_id || ' E' || floor(st_x(m) / 250) || 'N' || floor(st_y(m) / 250), count(*), sum(h.member_count)::bigint \
         from household h cross join st_transform(h.geom, 32648) m where h.geom is not null group by 1",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let mut same = 0;
    for tdp in &ward.tdps {
        for cell in tdp.cells.iter().filter(|cell| cell.households.is_some()) {
            let key = format!("{} {}", tdp.area_id, cell.id);
            let (_, households, residents) = counted.iter().find(|(id, ..)| *id == key).unwrap_or_else(|| panic!("{key} was not counted"));
            assert_eq!((cell.households, cell.residents), (Some(*households as u32), Some(*residents as u32)), "{key}");
            same += 1;
        }
    }
    assert_eq!(same, cells.len() - withheld);

    let map: PublishedCells = public.read("/api/population/published.geojson").await;
    // Who waits in the tray is counted in the TDP, beside its cells.
    let trays: i64 =
        sqlx::query_scalar("select count(distinct area_id) from household where geom is null").fetch_one(&mut owner).await.unwrap();
    assert_eq!(map.features.len(), cells.len() - trays as usize, "a cell without ground is on no map");
    let csv = public.get("/api/population/published.csv").await;
    assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
    let csv = csv.text().await.unwrap();
    assert_eq!(csv.lines().count(), 1 + 1 + 8 + cells.len());
    assert!(csv.starts_with("\u{feff}month,level,"), "{}", &csv[..40]);
    app.stop().await;
}

#[tokio::test]
async fn cells_nest_in_their_tdps_and_do_not_overlap() {
    let app = TestApp::demo().await;
    let mut owner = app.database.connect("ioc_owner").await;
    let (cells, outside, overlapping): (i64, i64, i64) = sqlx::query_as(
        "with cell as ( \
           select row_number() over () as number, c.geom, a.boundary \
           from population_count c join area a on a.id = c.area_id where c.level = 'cell') \
         select count(*), count(*) filter (where st_area(st_difference(geom, boundary)::geography) > 0.01), \
           (select count(*) from cell a join cell b on a.number < b.number and st_area(st_collectionextract(st_intersection(a.geom, b.geom), 3)::geography) > 0.01) from cell",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert!(cells > 40);
    assert_eq!((outside, overlapping), (0, 0));
    app.stop().await;
}

#[tokio::test]
async fn a_published_month_never_changes() {
    let app = TestApp::demo().await;
    let mut owner = app.database.connect("ioc_owner").await;
    for forbidden in [
        "update population_count set households = 99",
        "delete from population_count",
        "truncate population_publication cascade",
        "update population_publication set counted_at = now()",
    ] {
        let refusal = sqlx::raw_sql(forbidden).execute(&mut owner).await.unwrap_err().to_string();
        assert!(refusal.contains("a published month never changes"), "{forbidden}: {refusal}");
    }
    let mut requests = app.database.connect("ioc_app").await;
    for forbidden in [
        "insert into population_count (publication_id, level, area_id, counted_month) select id, 'ward', ward_id, month from population_publication",
    ] {
        let refusal = sqlx::raw_sql(forbidden).execute(&mut requests).await.unwrap_err().to_string();
        assert!(refusal.contains("permission denied"), "{refusal}");
    }
    let again: bool = sqlx::query_scalar(
        "select publish_population(ward_id, month, now(), 5, 250, array['ward'], array[ward_id], array[null::int], array[null::int], array[6], array[6], array[month], array[null::boolean]) \
         from population_publication",
    )
    .fetch_one(&mut app.database.connect("postgres").await)
    .await
    .unwrap();
    assert!(!again, "once published, a month is");
    app.stop().await;
}

#[tokio::test]
async fn a_ward_of_one_household_publishes_its_name_alone() {
    let app = TestApp::start().await;
    let mut feed = app.database.connect("ioc_owner").await;
    let at = chrono::Utc::now();
    // The job may have been there first.
    for ward in [app.ward().ward_a, app.ward().ward_b] {
        server::residents::publication::publish_ward(&mut feed, ward, at).await.unwrap();
    }
    let published: PublishedPopulation = app.public().read("/api/population/published?ward=A").await;
    assert_eq!(published.wards.len(), 1);
    let ward = &published.wards[0];
    assert!(ward.households.is_none() && ward.withheld.is_some());
    assert!(ward.tdps.iter().all(|tdp| tdp.households.is_none() && !tdp.cells_listed && tdp.cells.is_empty()));
    assert!(!server::residents::publication::publish_ward(&mut feed, app.ward().ward_a, at).await.unwrap(), "once a month");
    let answer = app.public().get("/api/population/published?month=november").await;
    assert_eq!(summary(answer).await, format!("{} bad_request", StatusCode::BAD_REQUEST.as_u16()));
    app.stop().await;
}
