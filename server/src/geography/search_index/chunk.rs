//! Some ten thousand rows of one kind, packed: which rows a word stands in, and which words stand in a row.
//! It deliberately never changes: rows that change are struck out beside it and packed anew elsewhere.

use std::collections::HashMap;

use shared::search::SearchKind;

use super::bits::Bits;
use super::document::{BREAK, Document, Term};

/// Rows are numbered within a chunk by 16 bits.
pub const MOST_ROWS: usize = 1 << 16;
/// And so are words; some room is left for one more row.
const MOST_WORDS: usize = (1 << 16) - 4_096;

/// The number of a word within a chunk.
pub type Local = u16;
pub const LOCAL_BREAK: Local = Local::MAX;
const NOWHERE: [i32; 2] = [i32::MIN, i32::MIN];

/// Neighbouring rows of one area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub area_id: i32,
    pub from: u32,
    pub to: u32,
}

#[derive(Debug)]
pub struct Chunk {
    pub kind: SearchKind,
    pub runs: Vec<Run>,
    ids: Vec<i64>,
    least_id: i64,
    greatest_id: i64,
    at: Vec<[i32; 2]>,
    /// West, south, east, north of the rows; none where none has a place.
    bounds: Option<[i32; 4]>,
    starts: Vec<u32>,
    words: Vec<Local>,
    /// In order.
    terms: Vec<Term>,
    /// By [`Local`].
    standings: Vec<Standing>,
    sparse: Vec<u16>,
    dense: Vec<u64>,
    /// Empty for every kind but households.
    member_starts: Vec<u32>,
    members: Vec<i64>,
}

/// Where the rows that a word stands in are kept: as numbers while they are few, as one bit per row when they are many.
#[derive(Debug, Clone, Copy)]
enum Standing {
    Sparse { from: u32, to: u32 },
    Dense { from: u32 },
}

impl Chunk {
    /// Packs rows of one kind; those of one area had best be neighbours.
    pub fn pack(kind: SearchKind, documents: impl IntoIterator<Item = Document>) -> Vec<Chunk> {
        let mut packing = Packing::new(kind);
        documents.into_iter().for_each(|document| packing.push(&document));
        packing.finish()
    }

    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn id(&self, row: usize) -> i64 {
        self.ids[row]
    }

    pub fn place(&self, row: usize) -> Option<[i32; 2]> {
        Some(self.at[row]).filter(|at| *at != NOWHERE)
    }

    pub fn bounds(&self) -> Option<[i32; 4]> {
        self.bounds
    }

    pub fn words(&self, row: usize) -> &[Local] {
        &self.words[self.starts[row] as usize..self.starts[row + 1] as usize]
    }

    pub fn local(&self, term: Term) -> Option<Local> {
        self.terms.binary_search(&term).ok().map(|at| at as Local)
    }

    pub fn terms(&self) -> usize {
        self.terms.len()
    }

    pub fn term(&self, local: Local) -> Term {
        self.terms[usize::from(local)]
    }

    /// Sets the bits of the rows in which a word stands.
    pub fn mark(&self, local: Local, rows: &mut Bits) {
        match self.standings[usize::from(local)] {
            Standing::Sparse { from, to } => {
                for row in &self.sparse[from as usize..to as usize] {
                    rows.set(usize::from(*row));
                }
            }
            Standing::Dense { from } => rows.or(&self.dense[from as usize..from as usize + Bits::words(self.len())]),
        }
    }

    /// The rows among `ids`, which must be in order.
    pub fn rows_of(&self, ids: &[i64]) -> Vec<usize> {
        let from = ids.partition_point(|id| *id < self.least_id);
        let to = ids.partition_point(|id| *id <= self.greatest_id);
        if from == to {
            return Vec::new();
        }
        let wanted = &ids[from..to];
        (0..self.len()).filter(|row| wanted.binary_search(&self.ids[*row]).is_ok()).collect()
    }

    /// The ids of the rows that have one of these members; `residents` must be in order.
    pub fn rows_with_members(&self, residents: &[i64]) -> Vec<i64> {
        let (Some(first), Some(last)) = (residents.first(), residents.last()) else { return Vec::new() };
        let holds = |member: &i64| first <= member && member <= last && residents.binary_search(member).is_ok();
        let rows = self.member_starts.windows(2).enumerate();
        rows.filter(|(_, bounds)| self.members[bounds[0] as usize..bounds[1] as usize].iter().any(holds))
            .map(|(row, _)| self.ids[row])
            .collect()
    }

    pub fn area_of(&self, row: usize) -> i32 {
        let run = self.runs.partition_point(|run| run.to as usize <= row);
        self.runs[run].area_id
    }

    /// A row as it was packed.
    pub fn document(&self, row: usize) -> Document {
        let terms = self.words(row).iter().map(|local| if *local == LOCAL_BREAK { BREAK } else { self.term(*local) });
        let members = match self.member_starts.get(row..=row + 1) {
            Some(bounds) => self.members[bounds[0] as usize..bounds[1] as usize].to_vec(),
            None => Vec::new(),
        };
        Document { kind: self.kind, id: self.ids[row], area_id: self.area_of(row), at: self.place(row), terms: terms.collect(), members }
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        self.ids.len() * 8
            + self.at.len() * 8
            + self.starts.len() * 4
            + self.words.len() * 2
            + self.terms.len() * 4
            + self.standings.len() * size_of::<Standing>()
            + self.sparse.len() * 2
            + self.dense.len() * 8
            + self.member_starts.len() * 4
            + self.members.len() * 8
            + self.runs.len() * size_of::<Run>()
    }
}

/// Packs rows as they come. What does not fit into one chunk goes into the next.
pub struct Packing {
    done: Vec<Chunk>,
    packer: Packer,
}

impl Packing {
    pub fn new(kind: SearchKind) -> Self {
        Self { done: Vec::new(), packer: Packer::new(kind) }
    }

    pub fn push(&mut self, document: &Document) {
        if self.packer.is_full() {
            let full = std::mem::replace(&mut self.packer, Packer::new(document.kind));
            self.done.push(full.finish());
        }
        self.packer.push(document);
    }

    pub fn finish(mut self) -> Vec<Chunk> {
        if !self.packer.ids.is_empty() {
            self.done.push(self.packer.finish());
        }
        self.done
    }
}

struct Packer {
    kind: SearchKind,
    runs: Vec<Run>,
    ids: Vec<i64>,
    at: Vec<[i32; 2]>,
    starts: Vec<u32>,
    /// Numbered as they come, until the end.
    words: Vec<Local>,
    locals: HashMap<Term, Local>,
    terms: Vec<Term>,
    member_starts: Vec<u32>,
    members: Vec<i64>,
}

impl Packer {
    fn new(kind: SearchKind) -> Self {
        Self {
            kind,
            runs: Vec::new(),
            ids: Vec::new(),
            at: Vec::new(),
            starts: vec![0],
            words: Vec::new(),
            locals: HashMap::new(),
            terms: Vec::new(),
            member_starts: vec![0],
            members: Vec::new(),
        }
    }

    fn is_full(&self) -> bool {
        self.ids.len() == MOST_ROWS || self.terms.len() >= MOST_WORDS
    }

    fn push(&mut self, document: &Document) {
        let row = self.ids.len() as u32;
        match self.runs.last_mut() {
            Some(run) if run.area_id == document.area_id => run.to = row + 1,
            _ => self.runs.push(Run { area_id: document.area_id, from: row, to: row + 1 }),
        }
        self.ids.push(document.id);
        self.at.push(document.at.unwrap_or(NOWHERE));
        for term in &document.terms {
            let local = if *term == BREAK {
                LOCAL_BREAK
            } else {
                let Self { locals, terms, .. } = self;
                *locals.entry(*term).or_insert_with(|| {
                    terms.push(*term);
                    (terms.len() - 1) as Local
                })
            };
            self.words.push(local);
        }
        self.starts.push(self.words.len() as u32);
        self.members.extend(&document.members);
        self.member_starts.push(self.members.len() as u32);
    }

    fn finish(mut self) -> Chunk {
        let mut order: Vec<Local> = (0..self.terms.len() as u32).map(|local| local as Local).collect();
        order.sort_unstable_by_key(|local| self.terms[usize::from(*local)]);
        let mut renumbered = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            renumbered[usize::from(*old)] = new as Local;
        }
        let mut terms: Vec<Term> = order.iter().map(|old| self.terms[usize::from(*old)]).collect();
        for word in self.words.iter_mut().filter(|word| **word != LOCAL_BREAK) {
            *word = renumbered[usize::from(*word)];
        }
        let (standings, mut sparse, mut dense) = self.standings();
        self.words.shrink_to_fit();
        let placed = || self.at.iter().filter(|at| **at != NOWHERE);
        let bounds = placed()
            .map(|[lon, lat]| [*lon, *lat, *lon, *lat])
            .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
        if self.members.is_empty() {
            self.member_starts = Vec::new();
        }
        terms.shrink_to_fit();
        sparse.shrink_to_fit();
        dense.shrink_to_fit();
        self.members.shrink_to_fit();
        self.ids.shrink_to_fit();
        self.at.shrink_to_fit();
        self.starts.shrink_to_fit();
        self.member_starts.shrink_to_fit();
        Chunk {
            kind: self.kind,
            runs: self.runs,
            least_id: self.ids.iter().copied().min().unwrap_or(0),
            greatest_id: self.ids.iter().copied().max().unwrap_or(-1),
            ids: self.ids,
            at: self.at,
            bounds,
            starts: self.starts,
            words: self.words,
            terms,
            standings,
            sparse,
            dense,
            member_starts: self.member_starts,
            members: self.members,
        }
    }

    /// Turns "words of a row" around: rows of each word, in order, each once.
    fn standings(&self) -> (Vec<Standing>, Vec<u16>, Vec<u64>) {
        let rows = self.ids.len();
        let words_of =
            |row: usize| self.words[self.starts[row] as usize..self.starts[row + 1] as usize].iter().filter(|word| **word != LOCAL_BREAK);
        let mut counts = vec![0_u32; self.terms.len()];
        let mut last_row = vec![u32::MAX; self.terms.len()];
        for row in 0..rows {
            for word in words_of(row) {
                let word = usize::from(*word);
                if last_row[word] != row as u32 {
                    last_row[word] = row as u32;
                    counts[word] += 1;
                }
            }
        }
        let (mut sparse_len, mut dense_len) = (0_u32, 0_u32);
        let bits = Bits::words(rows) as u32;
        let standings: Vec<Standing> = counts
            .iter()
            .map(|count| {
                // Two bytes a number, or eight bytes for 64 rows.
                if count * 2 <= bits * 8 {
                    sparse_len += count;
                    Standing::Sparse { from: sparse_len - count, to: sparse_len }
                } else {
                    dense_len += bits;
                    Standing::Dense { from: dense_len - bits }
                }
            })
            .collect();
        let (mut sparse, mut dense) = (vec![0_u16; sparse_len as usize], vec![0_u64; dense_len as usize]);
        let mut next: Vec<u32> =
            standings.iter().map(|standing| if let Standing::Sparse { from, .. } = standing { *from } else { 0 }).collect();
        last_row.fill(u32::MAX);
        for row in 0..rows {
            for word in words_of(row) {
                let word = usize::from(*word);
                if std::mem::replace(&mut last_row[word], row as u32) == row as u32 {
                    continue;
                }
                match standings[word] {
                    Standing::Sparse { .. } => {
                        sparse[next[word] as usize] = row as u16;
                        next[word] += 1;
                    }
                    Standing::Dense { from } => dense[from as usize + row / 64] |= 1 << (row % 64),
                }
            }
        }
        (standings, sparse, dense)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geography::search_index::vocabulary::Vocabulary;

    fn documents(vocabulary: &mut Vocabulary) -> Vec<Document> {
        (0..300_i64)
            .map(|number| {
                let mut document = Document::new(SearchKind::Household, 1_000 + number, (number / 100) as i32, Some([105.0, 21.0]));
                let address = vocabulary.intern_text(&format!("Số {number} ngõ 34"));
                document.add_words(&address, false, vocabulary);
                let name = vocabulary.intern_text("Nguyễn Thị Hạnh");
                document.add_words(&name, true, vocabulary);
                document.members = vec![number * 10, number * 10 + 1];
                document
            })
            .collect()
    }

    #[test]
    fn rows_come_out_as_they_went_in() {
        let documents = documents(&mut Vocabulary::default());
        let chunks = Chunk::pack(SearchKind::Household, documents.clone());
        assert_eq!(chunks.len(), 1);
        let out: Vec<Document> = (0..chunks[0].len()).map(|row| chunks[0].document(row)).collect();
        assert_eq!(out, documents);
    }

    #[test]
    fn a_word_leads_to_its_rows_whether_they_are_few_or_many() {
        let mut vocabulary = Vocabulary::default();
        let chunk = Chunk::pack(SearchKind::Household, documents(&mut vocabulary)).remove(0);
        let rows = |word: &str, personal: bool| -> Vec<usize> {
            let mut bits = Bits::new(chunk.len());
            if let Some(local) = chunk.local(super::super::document::term(vocabulary.id(word).unwrap(), personal)) {
                chunk.mark(local, &mut bits);
            }
            bits.iter().collect()
        };
        assert_eq!(rows("34", false), (0..300).collect::<Vec<_>>());
        assert_eq!(rows("299", false), [299]);
        assert_eq!(rows("hanh", true).len(), 300);
        assert_eq!(rows("hanh", false), Vec::<usize>::new());
    }

    #[test]
    fn rows_are_found_by_id_and_by_member() {
        let chunk = Chunk::pack(SearchKind::Household, documents(&mut Vocabulary::default())).remove(0);
        assert_eq!(chunk.rows_of(&[5, 1_007, 1_250, 9_999]), [7, 250]);
        assert_eq!(chunk.rows_with_members(&[71, 2_500]), [1_007, 1_250]);
        assert_eq!(chunk.area_of(250), 2);
    }

    #[test]
    fn what_does_not_fit_goes_into_the_next_chunk() {
        let many = (0..MOST_ROWS as i64 + 1).map(|id| {
            let mut document = Document::new(SearchKind::Camera, id, 1, None);
            document.terms = vec![2, BREAK];
            document
        });
        assert_eq!(Chunk::pack(SearchKind::Camera, many).iter().map(Chunk::len).collect::<Vec<_>>(), [MOST_ROWS, 1]);
    }
}
