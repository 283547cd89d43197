//! Which of the rows found comes first.
//! It deliberately looks at nothing that this caller is not shown.

use std::collections::HashSet;

use shared::search::{SearchKind, SearchResult};

use crate::geography::mercator::to_world;
use crate::geography::search_index::Words;

/// What a title that was asked for word by word adds to the score, at most; half of a word found exactly.
const WHOLE_TITLE: f32 = 0.5;

/// A row as it is shown, and how well it matched.
pub struct Found {
    pub score: f32,
    pub result: SearchResult,
}

/// The best `limit` rows; of equally good ones the nearer to `near`, larger things before smaller ones otherwise.
///
/// A street is drawn in many pieces: in each area it is one result.
pub fn best(found: Vec<Found>, words: &Words, near: Option<[f64; 2]>, limit: usize) -> Vec<SearchResult> {
    let mut scored: Vec<(f32, Found)> = found
        .into_iter()
        .map(|found| {
            let text = format!("{} {}", found.result.title, found.result.subtitle.as_deref().unwrap_or_default());
            (found.score + WHOLE_TITLE * words.coverage(&text), found)
        })
        .collect();
    scored.sort_by(|(a_score, a), (b_score, b)| {
        let distance = |found: &Found| near.map_or(0.0, |near| distance(near, &found.result));
        b_score
            .total_cmp(a_score)
            .then(distance(a).total_cmp(&distance(b)))
            .then(order(a.result.kind).cmp(&order(b.result.kind)))
            .then(a.result.id.cmp(&b.result.id))
    });
    let mut streets = HashSet::new();
    let results = scored.into_iter().map(|(_, found)| found.result);
    results
        .filter(|result| result.kind != SearchKind::Road || streets.insert((result.title.clone(), result.subtitle.clone())))
        .take(limit)
        .collect()
}

/// On the map's square: only its order matters. What has no place is far away.
fn distance(near: [f64; 2], result: &SearchResult) -> f64 {
    let (Some(lon), Some(lat)) = (result.lon, result.lat) else { return f64::INFINITY };
    let ([ax, ay], [bx, by]) = (to_world(near[0], near[1]), to_world(lon, lat));
    (ax - bx).hypot(ay - by)
}

fn order(kind: SearchKind) -> u8 {
    match kind {
        SearchKind::Area => 0,
        SearchKind::Road => 1,
        SearchKind::Place => 2,
        SearchKind::Household => 3,
        SearchKind::BoardingHouse => 4,
        SearchKind::Business => 5,
        SearchKind::Camera => 6,
        SearchKind::Building => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(kind: SearchKind, id: i64, title: &str, lon: f64) -> Found {
        Found { score: 2.5, result: SearchResult { kind, id, title: title.into(), subtitle: None, lon: Some(lon), lat: Some(21.0) } }
    }

    fn ids(found: Vec<Found>, near: Option<[f64; 2]>) -> Vec<i64> {
        best(found, &Words::parse("ngo 34").unwrap(), near, 10).into_iter().map(|result| result.id).collect()
    }

    #[test]
    fn the_alley_itself_comes_before_the_houses_in_it() {
        let house = found(SearchKind::Household, 1, "Số 12 ngõ 34 phố Phương Canh", 105.7);
        assert_eq!(ids(vec![house, found(SearchKind::Road, 2, "Ngõ 34", 105.8)], None), [2, 1]);
    }

    #[test]
    fn of_two_equal_ones_the_nearer_comes_first() {
        let far = || found(SearchKind::Place, 1, "Ngõ 34", 105.9);
        let near = || found(SearchKind::Place, 2, "Ngõ 34", 105.7);
        assert_eq!(ids(vec![far(), near()], Some([105.7, 21.0])), [2, 1]);
        assert_eq!(ids(vec![far(), near()], None), [1, 2]);
    }

    #[test]
    fn a_street_in_pieces_is_one_result() {
        let pieces = vec![found(SearchKind::Road, 1, "Ngõ 34", 105.9), found(SearchKind::Road, 2, "Ngõ 34", 105.7)];
        assert_eq!(ids(pieces, Some([105.7, 21.0])), [2]);
    }
}
