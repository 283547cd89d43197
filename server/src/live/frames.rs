//! From changes to the frames that one view hears: rows to put in, rows to take out, topics to read again.
//! It deliberately sends nothing and keeps nothing; the hub does.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use shared::live::{LiveRow, Position as Word, RemovedRow, ServerFrame};

use super::view::{Heard, View, extent};
use crate::{
    feed::{Change, Op, Position},
    geography::map_index::{Codes, MapIndex, Value},
};

/// A client's queue takes a few hundred frames; a batch must not fill it by alternating between two topics.
const MOST_RUNS: usize = 64;

/// Changes of one topic, in the order of writing, and where whoever has heard them stands.
pub struct Run<'a> {
    pub topic: &'a str,
    pub changes: Vec<&'a Change>,
    pub position: Position,
}

/// Cuts changes into runs of one topic, keeping only topics that `is_heard`.
///
/// The position of each run lies exactly behind it, so a client that loses its connection between two frames continues
/// there. For that the changes come by `seq`, and are all there is up to the last of them; where they are not (`is_whole` is
/// false), or where the topics alternate too often, they are gathered by topic and the position moves with the last only.
pub fn runs<'a>(
    changes: impl IntoIterator<Item = &'a Change>,
    from: &Position,
    to: &Position,
    is_whole: bool,
    is_heard: impl Fn(&str) -> bool,
) -> Vec<Run<'a>> {
    let mut runs: Vec<Run> = Vec::new();
    for change in changes.into_iter().filter(|change| is_heard(&change.topic)) {
        match runs.last_mut() {
            Some(run) if run.topic == &*change.topic => run.changes.push(change),
            _ => runs.push(Run { topic: &change.topic, changes: vec![change], position: from.clone() }),
        }
    }
    if runs.len() > MOST_RUNS || !is_whole {
        runs = gathered(runs);
    } else {
        for run in &mut runs {
            let last = run.changes.last().expect("a run has a change");
            run.position = Position::part_way(from, to, last.seq);
        }
    }
    if let Some(last) = runs.last_mut() {
        last.position = to.clone();
    }
    runs
}

fn gathered(runs: Vec<Run>) -> Vec<Run> {
    let mut by_topic: BTreeMap<&str, Run> = BTreeMap::new();
    for run in runs {
        match by_topic.entry(run.topic) {
            std::collections::btree_map::Entry::Vacant(place) => _ = place.insert(run),
            std::collections::btree_map::Entry::Occupied(mut gathered) => gathered.get_mut().changes.extend(run.changes),
        }
    }
    by_topic.into_values().collect()
}

/// The frame of one run for one view; none where nothing of it is heard. `word` is the run's position in the client's epoch.
pub fn frame(view: &View, run: &Run, word: Word, index: &MapIndex) -> Option<ServerFrame> {
    let is_read_again = |change: &&Change| change.op == Op::Reload && view.concerns_area(change.area_id);
    if run.changes.iter().any(is_read_again) {
        return Some(match view.heard.comes_as_rows() {
            true => snapshot(view, word, index),
            false => ServerFrame::Resync { topics: vec![run.topic.to_owned()], position: word },
        });
    }
    let (upsert, remove) = delta(view, &run.changes);
    let is_empty = upsert.is_empty() && remove.is_empty();
    (!is_empty).then(|| ServerFrame::Delta { topic: run.topic.to_owned(), position: word, upsert, remove })
}

/// A topic as it stands: every row of a small layer, the position alone of a tiled one.
///
/// The index is fed before the hub, so rows may already hold changes that come after `word`. They come again as deltas
/// and change nothing then; what must never happen is the reverse.
pub fn snapshot(view: &View, word: Word, index: &MapIndex) -> ServerFrame {
    let rows = view.heard.comes_as_rows().then(|| index.live_rows(view.topic(), &view.audience, view.bounds));
    ServerFrame::Snapshot { topic: view.topic().to_owned(), position: word, rows }
}

/// What became of each row between the first and the last change of it: in sight now, or out of sight that was in sight.
fn delta(view: &View, changes: &[&Change]) -> (Vec<LiveRow>, Vec<RemovedRow>) {
    let mut rows: BTreeMap<i64, (&Change, &Change)> = BTreeMap::new();
    for change in changes {
        if let Some(id) = change.row_id {
            rows.entry(id).and_modify(|(_, last)| *last = change).or_insert((change, change));
        }
    }
    let (mut upsert, mut remove) = (Vec::new(), Vec::new());
    for (id, (first, last)) in rows {
        let before = first.before.as_ref().filter(|image| view.shows(first.old_area_id, image));
        let after = last.after.as_ref().filter(|image| view.shows(last.area_id, image));
        let was_at = before.and_then(extent);
        match (before, after) {
            (_, Some(image)) => upsert.push(live_row(&view.heard, id, was_at, image)),
            (Some(_), None) => remove.push(RemovedRow { id, was_at }),
            (None, None) => {}
        }
    }
    (upsert, remove)
}

fn live_row(heard: &Heard, id: i64, was_at: Option<shared::live::Extent>, image: &Json) -> LiveRow {
    let mut codes = Codes::default();
    let mut shown = |kind, value: &Json| Value::from_json(kind, value, &mut codes).to_json(&codes);
    let at = extent(image);
    LiveRow {
        id,
        at,
        was_at: was_at.filter(|was_at| Some(*was_at) != at),
        properties: heard
            .properties()
            .iter()
            .map(|property| (property.name.clone(), shown(property.kind, image.get(&property.name).unwrap_or(&Json::Null))))
            .collect::<Map<_, _>>(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::{
        accounts::AreaSet,
        feed::{Epoch, Snapshot},
        geography::{audience::Audience, catalogue::Catalogue},
    };

    fn position(snapshot: &str) -> Position {
        Position::at(Epoch(1), snapshot.parse::<Snapshot>().unwrap())
    }

    fn view(topic: &str, areas: &[i32], owner: Option<i64>) -> View {
        let audience = Audience::of_areas(areas.iter().copied().collect::<AreaSet>(), owner);
        View { heard: Heard::Layer(Catalogue::embedded().layer(topic).unwrap().clone()), audience, bounds: None }
    }

    fn household(lon: f64, members: i64) -> Json {
        json!({"lon": lon, "lat": 21.0, "member_count": members})
    }

    fn moved(seq: i64, topic: &str, id: i64, from: Option<(i32, Json)>, to: Option<(i32, Json)>) -> Change {
        let (old_area_id, before) = from.unzip();
        let (area_id, after) = to.unzip();
        let op = match (&before, &after) {
            (None, _) => Op::Insert,
            (_, None) => Op::Delete,
            _ => Op::Update,
        };
        let at = DateTime::UNIX_EPOCH;
        Change {
            seq,
            xid: 10,
            at,
            topic: topic.into(),
            op,
            old_area_id,
            area_id,
            row_id: Some(id),
            before,
            after,
            actor: None,
            request_id: None,
        }
    }

    fn ids(view: &View, changes: &[Change]) -> (Vec<i64>, Vec<i64>) {
        let (upsert, remove) = delta(view, &changes.iter().collect::<Vec<_>>());
        (upsert.iter().map(|row| row.id).collect(), remove.iter().map(|row| row.id).collect())
    }

    #[test]
    fn a_household_that_moves_is_taken_from_one_head_and_given_to_the_other() {
        let change = [moved(1, "household", 7, Some((2, household(105.1, 3))), Some((3, household(105.2, 3))))];
        assert_eq!(ids(&view("household", &[2], None), &change), (vec![], vec![7]));
        assert_eq!(ids(&view("household", &[3], None), &change), (vec![7], vec![]));
        assert_eq!(ids(&view("household", &[2, 3], None), &change), (vec![7], vec![]));
        assert_eq!(ids(&view("household", &[4], None), &change), (vec![], vec![]));
        let (upsert, _) = delta(&view("household", &[3], None), &[&change[0]]);
        assert_eq!(upsert[0].was_at, None, "where it was is none of the new head's business");
        let (upsert, _) = delta(&view("household", &[2, 3], None), &[&change[0]]);
        assert_eq!(upsert[0].was_at, Some(shared::live::Extent::Point([105.1, 21.0])));
    }

    #[test]
    fn of_several_changes_of_a_row_only_the_outcome_is_told() {
        let there_and_back = [
            moved(1, "household", 7, Some((2, household(105.1, 3))), Some((3, household(105.2, 3)))),
            moved(2, "household", 7, Some((3, household(105.2, 3))), Some((2, household(105.1, 4)))),
        ];
        assert_eq!(ids(&view("household", &[2], None), &there_and_back), (vec![7], vec![]));
        assert_eq!(ids(&view("household", &[3], None), &there_and_back), (vec![], vec![]));
        let born_and_gone = [
            moved(1, "household", 8, None, Some((2, household(105.1, 3)))),
            moved(2, "household", 8, Some((2, household(105.1, 3))), None),
        ];
        assert_eq!(ids(&view("household", &[2], None), &born_and_gone), (vec![], vec![]));
    }

    #[test]
    fn a_box_is_left_like_an_area_is() {
        let mut west = view("household", &[2], None);
        west.bounds = Some([105.0, 20.0, 105.15, 22.0]);
        let change = [moved(1, "household", 7, Some((2, household(105.1, 3))), Some((2, household(105.2, 3))))];
        assert_eq!(ids(&west, &change), (vec![], vec![7]));
    }

    #[test]
    fn an_owner_hears_of_the_own_house_and_nobody_is_shown_whose_it_is() {
        let house = |owner: Option<i64>| json!({"lon": 105.1, "lat": 21.0, "name": "Nhà trọ", "landlord_account_id": owner});
        let change = [moved(1, "boarding_house", 5, Some((2, house(None))), Some((2, house(Some(9)))))];
        assert_eq!(ids(&view("boarding_house", &[], Some(9)), &change), (vec![5], vec![]));
        assert_eq!(ids(&view("boarding_house", &[], Some(8)), &change), (vec![], vec![]));
        let (upsert, _) = delta(&view("boarding_house", &[2], None), &[&change[0]]);
        assert!(!upsert[0].properties.contains_key("landlord_account_id"));
    }

    #[test]
    fn positions_lie_exactly_behind_each_run() {
        let changes = [
            moved(1, "household", 1, None, Some((2, household(105.1, 3)))),
            moved(2, "resident", 1, None, Some((2, json!({})))),
            moved(3, "household", 2, None, Some((2, household(105.1, 3)))),
            moved(4, "business", 2, None, Some((2, household(105.1, 3)))),
        ];
        let runs = runs(&changes, &position("10:10:"), &position("11:11:"), true, |topic| topic != "resident");
        let told: Vec<_> = runs.iter().map(|run| (run.topic, run.changes.len(), run.position.to_string())).collect();
        assert_eq!(told, [("household", 2, "1.a~b~3".to_owned()), ("business", 1, "1.b".to_owned())]);
        assert!(runs[0].position.sees(&changes[2]) && !runs[0].position.sees(&changes[3]));
    }

    #[test]
    fn topics_that_alternate_too_often_are_gathered() {
        let changes: Vec<_> = (0..200)
            .map(|seq| moved(seq, if seq % 2 == 0 { "household" } else { "business" }, seq, None, Some((2, household(105.1, 3)))))
            .collect();
        let runs = runs(&changes, &position("10:10:"), &position("11:11:"), true, |_| true);
        let told: Vec<_> = runs.iter().map(|run| (run.topic, run.changes.len(), run.position.to_string())).collect();
        assert_eq!(told, [("business", 100, "1.a".to_owned()), ("household", 100, "1.b".to_owned())]);
    }
}
