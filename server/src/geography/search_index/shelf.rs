//! The chunks of all kinds, as they stand at one moment: what changes is struck out and packed anew beside the rest.
//! It deliberately never changes in place: searches go on over the shelf they began with.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use shared::search::SearchKind;

use super::bits::Bits;
use super::chunk::{Chunk, MOST_ROWS};
use super::document::Document;

/// Chunks of fewer rows are packed again together with what is new.
const SMALL: usize = 2_048;
/// So many chunks of a kind that are not half full are packed into one.
const MANY: usize = 8;

/// A chunk, and which of its rows no longer hold.
#[derive(Debug, Clone)]
pub struct Shard {
    pub chunk: Arc<Chunk>,
    struck: Option<Arc<Bits>>,
    struck_rows: usize,
}

impl Shard {
    fn new(chunk: Chunk) -> Self {
        Self { chunk: Arc::new(chunk), struck: None, struck_rows: 0 }
    }

    pub fn struck(&self) -> Option<&Bits> {
        self.struck.as_deref()
    }

    fn holds(&self, row: usize) -> bool {
        self.struck.as_ref().is_none_or(|struck| !struck.has(row))
    }

    fn rows(&self) -> usize {
        self.chunk.len() - self.struck_rows
    }

    fn documents(&self) -> impl Iterator<Item = Document> {
        (0..self.chunk.len()).filter(|row| self.holds(*row)).map(|row| self.chunk.document(row))
    }

    fn strike(&mut self, mark: impl FnOnce(&mut Bits)) {
        let mut struck = self.struck.as_deref().cloned().unwrap_or_else(|| Bits::new(self.chunk.len()));
        mark(&mut struck);
        self.struck_rows = struck.count();
        self.struck = Some(Arc::new(struck));
    }
}

/// What changes on a shelf.
#[derive(Debug, Default)]
pub struct Changes {
    /// Rows that are gone or come anew.
    pub rows: HashSet<(SearchKind, i64)>,
    /// Everything of a kind; of one area, if it is named.
    pub areas: Vec<(SearchKind, Option<i32>)>,
    /// Rows as they are now; whatever stood there of the same row is struck out.
    pub documents: Vec<Document>,
    /// Whole kinds that were read anew.
    pub chunks: Vec<Chunk>,
}

#[derive(Debug, Clone, Default)]
pub struct Shelf(Vec<Shard>);

impl Shelf {
    pub fn shards(&self) -> &[Shard] {
        &self.0
    }

    pub fn rows(&self) -> usize {
        self.0.iter().map(Shard::rows).sum()
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(|shard| shard.chunk.bytes() + shard.struck.as_ref().map_or(0, |_| shard.chunk.len() / 8)).sum()
    }

    /// With chunks of rows that are not on the shelf yet.
    pub fn with_chunks(&self, chunks: Vec<Chunk>) -> Self {
        let mut shards = self.0.clone();
        shards.extend(chunks.into_iter().map(Shard::new));
        Self(shards)
    }

    /// Households in which these residents were when they were indexed.
    pub fn households_of(&self, residents: &[i64]) -> Vec<i64> {
        let mut residents = residents.to_vec();
        residents.sort_unstable();
        self.0.iter().flat_map(|shard| shard.chunk.rows_with_members(&residents)).collect()
    }

    pub fn after(&self, mut changes: Changes) -> Self {
        let mut shelf = self.clone();
        for document in &changes.documents {
            changes.rows.insert((document.kind, document.id));
        }
        let mut ids: HashMap<SearchKind, Vec<i64>> = HashMap::new();
        changes.rows.iter().for_each(|(kind, id)| ids.entry(*kind).or_default().push(*id));
        ids.values_mut().for_each(|ids| ids.sort_unstable());
        for shard in &mut shelf.0 {
            let chunk = shard.chunk.clone();
            let rows = ids.get(&chunk.kind).map_or_else(Vec::new, |ids| chunk.rows_of(ids));
            let areas = changes.areas.iter().filter(|(kind, _)| *kind == chunk.kind).map(|(_, area)| *area);
            let runs = areas.flat_map(|area| chunk.runs.iter().filter(move |run| area.is_none_or(|area| area == run.area_id)));
            let runs: Vec<_> = runs.collect();
            if !rows.is_empty() || !runs.is_empty() {
                shard.strike(|struck| {
                    rows.iter().for_each(|row| struck.set(*row));
                    runs.iter().for_each(|run| struck.set_run(run.from as usize, run.to as usize));
                });
            }
        }
        let mut fresh: HashMap<SearchKind, Vec<Document>> = HashMap::new();
        changes.documents.into_iter().for_each(|document| fresh.entry(document.kind).or_default().push(document));
        for (kind, documents) in fresh {
            shelf.add(kind, documents);
        }
        shelf.0.retain(|shard| shard.rows() > 0);
        shelf.with_chunks(changes.chunks)
    }

    /// Packs new rows together with the small chunks of their kind, and with those that have grown ragged.
    fn add(&mut self, kind: SearchKind, mut documents: Vec<Document>) {
        let half_full = |shard: &Shard| shard.chunk.kind == kind && shard.rows() < MOST_ROWS / 2;
        let crowded = self.0.iter().filter(|shard| half_full(shard)).count() > MANY;
        let again = |shard: &Shard| {
            shard.chunk.kind == kind && (shard.rows() < SMALL || shard.struck_rows > shard.rows() || (crowded && half_full(shard)))
        };
        self.0.iter().filter(|shard| again(shard)).for_each(|shard| documents.extend(shard.documents()));
        self.0.retain(|shard| !again(shard));
        documents.sort_by_key(|document| (document.area_id, document.id));
        documents.dedup_by_key(|document| document.id);
        self.0.extend(Chunk::pack(kind, documents).into_iter().map(Shard::new));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera(id: i64, area_id: i32, term: u32) -> Document {
        Document { terms: vec![term, super::super::document::BREAK], ..Document::new(SearchKind::Camera, id, area_id, None) }
    }

    fn held(shelf: &Shelf) -> Vec<(i64, i32, u32)> {
        let documents = shelf.0.iter().flat_map(Shard::documents);
        let mut held: Vec<_> = documents.map(|document| (document.id, document.area_id, document.terms[0])).collect();
        held.sort_unstable();
        held
    }

    fn after(shelf: &Shelf, rows: &[i64], areas: &[Option<i32>], documents: Vec<Document>) -> Shelf {
        let rows = rows.iter().map(|id| (SearchKind::Camera, *id)).collect();
        shelf.after(Changes { rows, areas: areas.iter().map(|area| (SearchKind::Camera, *area)).collect(), documents, chunks: Vec::new() })
    }

    #[test]
    fn what_changes_is_struck_out_and_stands_there_once() {
        let many = (0..5_000).map(|id| camera(id, (id / 1_000) as i32, 2));
        let shelf = Shelf::default().with_chunks(Chunk::pack(SearchKind::Camera, many));
        let before = shelf.clone();
        let shelf = after(&shelf, &[7], &[], vec![camera(8, 3, 4)]);
        assert_eq!(shelf.rows(), 4_999);
        let shelf = after(&shelf, &[8], &[], vec![camera(8, 4, 6), camera(6_000, 4, 6)]);
        assert_eq!(shelf.rows(), 5_000);
        let held = held(&shelf);
        assert_eq!(held.iter().filter(|(id, ..)| [7, 8, 6_000].contains(id)).copied().collect::<Vec<_>>(), [(8, 4, 6), (6_000, 4, 6)]);
        assert_eq!(before.rows(), 5_000, "searches that began earlier see what they saw");
    }

    #[test]
    fn an_area_is_taken_away_whole() {
        let many: Vec<Document> = (0..3_000).map(|id| camera(id, (id % 3) as i32, 2)).collect();
        let shelf = after(&Shelf::default(), &[], &[], many);
        assert_eq!(after(&shelf, &[], &[Some(1)], vec![camera(1, 1, 8)]).rows(), 2_001);
        assert_eq!(after(&shelf, &[], &[None], vec![]).rows(), 0);
    }

    #[test]
    fn many_small_changes_leave_few_chunks() {
        let mut shelf = after(&Shelf::default(), &[], &[], (0..3_000).map(|id| camera(id, 1, 2)).collect());
        for step in 0..100 {
            shelf = after(&shelf, &[], &[], (0..100).map(|id| camera(10_000 + step * 100 + id, 1, 2)).collect());
        }
        assert_eq!(shelf.rows(), 13_000);
        assert!(shelf.shards().len() <= MANY + 2, "{} chunks", shelf.shards().len());
    }
}
