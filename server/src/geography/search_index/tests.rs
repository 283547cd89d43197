//! Searches over a few rows, without a database: what is found, in which order, by whom.

use super::chunk::Chunk;
use super::context::NamedArea;
use super::document::Document;
use super::*;
use crate::accounts::AreaSet;

/// A small quarter: TDP 13 and 14 of phường Phương Canh, TDP 23 of phường Nhổn.
struct Quarter {
    vocabulary: Vocabulary,
    context: Context,
    documents: Vec<Document>,
}

impl Quarter {
    fn new() -> Self {
        let area = |id, parent_id, name: &str| NamedArea { id, parent_id, is_province: parent_id.is_none(), name: name.into() };
        let areas = [
            area(1, None, "Hà Nội"),
            area(10, Some(1), "Phường Phương Canh"),
            area(13, Some(10), "Tổ dân phố số 3"),
            area(14, Some(10), "Tổ dân phố số 4"),
            area(20, Some(1), "Phường Nhổn"),
            area(23, Some(20), "Tổ dân phố số 3"),
        ];
        let mut vocabulary = Vocabulary::default();
        let context = Context::new(&areas, &mut vocabulary);
        let mut quarter = Self { vocabulary, context, documents: Vec::new() };
        quarter.household(1, 13, "Số 12 ngõ 34 phố Phương Canh", &["Nguyễn Thị Hạnh", "Trần Văn Bình"]);
        quarter.household(2, 13, "Số 34 ngõ 12 phố Phương Canh", &["Nguyễn Thị Hạnh"]);
        quarter.household(3, 14, "Số 5 hẻm 12/34/6 phố Trịnh Văn Bô", &["Đỗ Văn Đức", "Lê Thị Hạnh"]);
        quarter.household(4, 13, "Số 340 đường 32", &["Phạm Văn Hùng"]);
        quarter
    }

    fn row(&mut self, kind: SearchKind, id: i64, area_id: i32, lon: f64, open: &[&str], names: &[&str]) {
        let mut document = Document::new(kind, id, area_id, Some([lon, 21.0]));
        for (texts, personal) in [(open, false), (names, true)] {
            for text in texts {
                let words = self.vocabulary.intern_text(text);
                document.add_words(&words, personal, &self.vocabulary);
            }
        }
        document.members = if names.is_empty() { vec![] } else { vec![id * 10] };
        self.documents.push(document);
    }

    fn household(&mut self, id: i64, area_id: i32, address: &str, names: &[&str]) {
        self.row(SearchKind::Household, id, area_id, 105.7, &[address], names);
    }

    fn shelf(&self) -> Shelf {
        SearchKind::ALL.into_iter().fold(Shelf::default(), |shelf, kind| {
            let documents: Vec<Document> = self.documents.iter().filter(|document| document.kind == kind).cloned().collect();
            shelf.with_chunks(Chunk::pack(kind, documents))
        })
    }

    fn hits(&self, typed: &str, scopes: &[Scope], home: &[i32], near: Option<[f64; 2]>) -> Vec<Hit> {
        let query = Query::new(&Words::parse(typed).unwrap(), &self.vocabulary, &self.context);
        let home = AreaSet::from_iter(home.iter().copied());
        find::find(&self.shelf(), &query, &Wanted { scopes, home: &home, near, limit: 20 })
    }

    /// Households, by name.
    fn found(&self, typed: &str) -> Vec<i64> {
        self.found_in(typed, None, true)
    }

    fn found_in(&self, typed: &str, areas: Option<&[i32]>, by_name: bool) -> Vec<i64> {
        let areas = areas.map(|areas| AreaSet::from_iter(areas.iter().copied()));
        let hits = self.hits(typed, &[Scope { kind: SearchKind::Household, areas, by_name }], &[], None);
        hits.into_iter().map(|hit| hit.id).collect()
    }

    fn everything(&self, typed: &str, home: &[i32], near: Option<[f64; 2]>) -> Vec<(SearchKind, i64)> {
        let scopes = SearchKind::ALL.map(|kind| Scope { kind, areas: None, by_name: true });
        self.hits(typed, &scopes, home, near).into_iter().map(|hit| (hit.kind, hit.id)).collect()
    }
}

#[test]
fn a_half_remembered_name_and_alley_find_the_house() {
    let quarter = Quarter::new();
    assert_eq!(quarter.found("ba hanh ngo 34")[..1], [1], "the alley that stands side by side comes first");
    assert_eq!(quarter.found("Bà Hạnh, ngõ 34")[..1], [1]);
    assert_eq!(quarter.found("hanh 12/34/6")[..1], [3]);
    assert_eq!(quarter.found("ngo 12 ngach 34 hem 6")[..1], [3], "the long form is the same alley");
    assert_eq!(quarter.found("ngo 12/34/6")[..1], [3], "people say ngõ for every alley");
}

#[test]
fn a_wrong_letter_and_a_begun_word_are_forgiven() {
    let quarter = Quarter::new();
    assert_eq!(quarter.found("nguyen thi hamh")[..2], [1, 2]);
    assert_eq!(quarter.found("duc trinh v")[..1], [3]);
    assert_eq!(quarter.found("phuong cnah so 12")[..1], [1], "two letters swapped");
    assert_eq!(quarter.found("phuowng canh 340"), [4], "in a ward of that name, and keys that were not composed");
    assert_eq!(quarter.found("ddoox van dduwcs")[..1], [3], "keys that were not composed");
    assert_eq!(quarter.found("phuo7ng hanh 12")[..1], [1]);
}

#[test]
fn one_word_too_many_is_forgiven() {
    assert_eq!(Quarter::new().found("pham van hung hanoi"), [4]);
}

#[test]
fn what_is_found_as_typed_comes_before_what_is_forgiven() {
    let mut quarter = Quarter::new();
    quarter.household(5, 13, "Số 1 phố Nhổn", &["Nguyễn Thị Cảnh"]);
    assert_eq!(quarter.found("thi canh nhon"), [5]);
    assert_eq!(quarter.found("nguyen thi hanh"), [1, 2, 5], "two of that name, then one that is a letter away");
}

#[test]
fn numbers_are_not_mistyped_into_others() {
    assert_eq!(Quarter::new().found("so 341"), Vec::<i64>::new());
}

#[test]
fn names_are_found_only_by_those_who_may() {
    let quarter = Quarter::new();
    assert_eq!(quarter.found_in("binh", None, false), Vec::<i64>::new());
    assert_eq!(quarter.found_in("binh", None, true), [1]);
    assert_eq!(
        quarter.found_in("pho phuong canh", None, false),
        [1, 2, 3],
        "on the street of that name, then a street in the ward of that name"
    );
    // By name in one TDP, by address in the other.
    let area = |id| Some(AreaSet::from_iter([id]));
    let scopes = [
        Scope { kind: SearchKind::Household, areas: area(14), by_name: true },
        Scope { kind: SearchKind::Household, areas: area(13), by_name: false },
    ];
    let ids = |typed| quarter.hits(typed, &scopes, &[], None).into_iter().map(|hit| hit.id).collect::<Vec<_>>();
    assert_eq!(ids("hanh")[..1], [3]);
    assert_eq!(ids("tran"), Vec::<i64>::new());
    assert_eq!(ids("so 340"), [4]);
}

#[test]
fn only_the_areas_within_reach_are_looked_into() {
    let quarter = Quarter::new();
    assert_eq!(quarter.found_in("hanh", Some(&[14]), true), [3]);
    assert_eq!(quarter.found_in("hanh", Some(&[]), true), Vec::<i64>::new());
}

#[test]
fn the_area_a_row_lies_in_may_be_named_but_not_alone() {
    let mut quarter = Quarter::new();
    quarter.household(6, 23, "Số 8 ngõ 9", &["Phạm Văn Hùng"]);
    quarter.household(7, 13, "Số 8 ngõ 9", &["Phạm Văn Hùng"]);
    assert_eq!(quarter.found("8 ngo 9 nhon"), [6]);
    assert_eq!(quarter.found("8 ngo 9 phuong canh"), [7]);
    assert_eq!(quarter.found("hung nhon"), [6]);
    assert_eq!(quarter.found("phuong nhon"), Vec::<i64>::new(), "a ward alone is no household");
}

#[test]
fn the_alley_itself_comes_before_the_houses_in_it_and_the_nearest_before_equals() {
    let mut quarter = Quarter::new();
    quarter.row(SearchKind::Road, 1, 13, 105.9, &["Ngõ 34 phố Phương Canh"], &[]);
    quarter.row(SearchKind::Road, 2, 14, 105.7, &["Ngõ 34 phố Phương Canh"], &[]);
    quarter.row(SearchKind::Road, 3, 13, 105.8, &["Ngõ 34 phố Phương Canh"], &[]);
    let roads = |near| {
        quarter.everything("ngo 34 phuong canh", &[], near).into_iter().take(2).map(|(kind, id)| (kind.name(), id)).collect::<Vec<_>>()
    };
    assert_eq!(roads(Some([105.7, 21.0])), [("road", 2), ("road", 3)], "pieces in one area are one result, the nearest");
    assert_eq!(roads(Some([105.9, 21.0])), [("road", 1), ("road", 2)]);
}

#[test]
fn at_home_more_is_forgiven_than_elsewhere() {
    let mut quarter = Quarter::new();
    for id in 10..20 {
        quarter.row(SearchKind::Building, id, 23, 105.7, &["Số 1 phố Hamh"], &[]);
    }
    let home = quarter.everything("hamh", &[13, 14], None);
    assert!(home.contains(&(SearchKind::Household, 1)), "a TDP's own Hạnh is found although the city has a Hamh: {home:?}");
    assert!(!quarter.everything("hamh", &[], None).contains(&(SearchKind::Household, 1)));
}

#[test]
fn a_change_is_found_and_the_old_text_is_not() {
    let mut quarter = Quarter::new();
    let shelf = quarter.shelf();
    quarter.documents.clear();
    quarter.household(4, 13, "Số 7 ngõ 9", &["Phạm Văn Hùng"]);
    let documents = std::mem::take(&mut quarter.documents);
    let areas = vec![(SearchKind::Household, Some(14))];
    let shelf = shelf.after(Changes { areas, documents, ..Changes::default() });
    assert_eq!(shelf.rows(), 3);
    assert_eq!(shelf.households_of(&[20, 30, 40]), [2, 4], "a resident leads to the household, not to one that is gone");
    let found = |typed: &str| {
        let query = Query::new(&Words::parse(typed).unwrap(), &quarter.vocabulary, &quarter.context);
        let scopes = [Scope { kind: SearchKind::Household, areas: None, by_name: true }];
        let hits = find::find(&shelf, &query, &Wanted { scopes: &scopes, home: &AreaSet::default(), near: None, limit: 20 });
        hits.into_iter().map(|hit| hit.id).collect::<Vec<_>>()
    };
    assert_eq!(found("hung ngo 9"), [4]);
    assert_eq!(found("so 340"), Vec::<i64>::new());
    assert_eq!(found("trinh van bo"), Vec::<i64>::new());
}

/// Far chunks are not looked at once nothing in them can come before what is known; what is found must not depend on it.
#[test]
fn it_makes_no_difference_in_how_many_chunks_the_rows_lie() {
    let mut quarter = Quarter::new();
    for number in 0..60_i64 {
        let name = if number % 3 == 0 { "Vũ Thị Hạnh" } else { "Nguyễn Thị Hạnh" };
        let lon = 105.0 + (number * 37 % 60) as f64 / 100.0;
        quarter.row(SearchKind::Household, 100 + number, 13, lon, &[&format!("Số {number} ngõ 7")], &[name]);
    }
    let (mut together, mut apart) = (Shelf::default(), Shelf::default());
    for few in quarter.documents.chunks(3) {
        apart = apart.with_chunks(Chunk::pack(SearchKind::Household, few.to_vec()));
    }
    together = together.with_chunks(Chunk::pack(SearchKind::Household, quarter.documents.clone()));
    let scopes = [Scope { kind: SearchKind::Household, areas: None, by_name: true }];
    for typed in ["nguyen thi hanh", "nguyn thi hanh", "hanh", "ba hanh", "so 7 ngo 7", "vu thi hanh ngo 7 hanoi"] {
        for near in [[105.02, 21.0], [105.31, 21.01], [105.7, 21.0]] {
            let query = Query::new(&Words::parse(typed).unwrap(), &quarter.vocabulary, &quarter.context);
            let wanted = Wanted { scopes: &scopes, home: &AreaSet::default(), near: Some(near), limit: 5 };
            let ids = |shelf: &Shelf| find::find(shelf, &query, &wanted).into_iter().map(|hit| hit.id).collect::<Vec<_>>();
            assert_eq!(ids(&apart), ids(&together), "{typed} near {near:?}");
            assert_eq!(ids(&apart).len(), 5, "{typed}");
        }
    }
}
