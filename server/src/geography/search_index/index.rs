//! The full-text index itself, in memory (tantivy): documents in, ids out.
//! It deliberately holds no text that could be read back: rows are read by id, under row-level security.

use shared::search::SearchKind;
use shared::text::fold;
use tantivy::collector::TopDocs;
use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, PhraseQuery, Query, TermQuery, TermSetQuery,
};
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{RawTokenizer, SimpleTokenizer, TextAnalyzer};
use tantivy::{DocAddress, Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, TantivyError, Term};

use super::words::{Word, Words};

/// How much a word found as typed counts; begun; with one letter wrong.
const EXACT: f32 = 1.0;
const BEGUN: f32 = 0.7;
const MISTYPED: f32 = 0.4;
/// Two words found side by side.
const SIDE_BY_SIDE: f32 = 0.5;
/// Room for documents not yet committed; the least that tantivy takes is 15 MB.
const WRITER_BYTES: usize = 20_000_000;

/// What is indexed of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub kind: SearchKind,
    pub id: i64,
    pub area_id: i32,
    /// What everybody who may see the row may find it by.
    pub open: String,
    /// Names: only for those who may open the row by name.
    pub personal: String,
    /// Residents of a household, so that a resident's change finds it.
    pub members: Vec<i64>,
}

/// A document that matched.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub id: i64,
    pub score: f32,
}

/// How much is forgiven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Every word, as typed or begun.
    Exact,
    /// A letter wrong in longer words.
    Mistyped,
    /// That, and one word of three or more not found at all.
    Lenient,
}

impl Care {
    /// From strict to forgiving. "Hạnh" is one letter from "Canh": what is forgiven is looked for only when nothing else is found.
    pub const ALL: [Care; 3] = [Care::Exact, Care::Mistyped, Care::Lenient];
}

/// Where to look within a kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scope<'a> {
    pub kind: SearchKind,
    /// None: everywhere.
    pub areas: Option<&'a [i32]>,
    pub by_name: bool,
}

pub struct TextIndex {
    fields: Fields,
    writer: IndexWriter,
    reader: IndexReader,
}

#[derive(Clone, Copy)]
struct Fields {
    key: Field,
    kind: Field,
    id: Field,
    area: Field,
    members: Field,
    open: Field,
    personal: Field,
}

impl TextIndex {
    pub fn new() -> tantivy::Result<Self> {
        let mut schema = Schema::builder();
        let indexing = |tokenizer, option| {
            TextOptions::default()
                .set_indexing_options(TextFieldIndexing::default().set_tokenizer(tokenizer).set_fieldnorms(false).set_index_option(option))
        };
        let fields = Fields {
            key: schema.add_text_field("key", indexing("whole", IndexRecordOption::Basic)),
            kind: schema.add_u64_field("kind", INDEXED),
            id: schema.add_i64_field("id", FAST),
            area: schema.add_i64_field("area", INDEXED),
            members: schema.add_i64_field("members", INDEXED),
            open: schema.add_text_field("open", indexing("words", IndexRecordOption::WithFreqsAndPositions)),
            personal: schema.add_text_field("personal", indexing("words", IndexRecordOption::WithFreqsAndPositions)),
        };
        let index = Index::create_in_ram(schema.build());
        // Text is folded before it comes here; what is left is to cut it into words.
        index.tokenizers().register("words", TextAnalyzer::builder(SimpleTokenizer::default()).build());
        index.tokenizers().register("whole", TextAnalyzer::builder(RawTokenizer::default()).build());
        let writer = index.writer_with_num_threads(1, WRITER_BYTES)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { fields, writer, reader })
    }

    /// A view of the index as last committed; cheap, and independent of later writes.
    pub fn view(&self) -> View {
        View { fields: self.fields, searcher: self.reader.searcher() }
    }

    /// Puts a document in; an older one of the same row must have been removed. Found after [`TextIndex::commit`].
    pub fn add(&self, document: &Document) -> tantivy::Result<()> {
        let Fields { key, kind, id, area, members, open, personal } = self.fields;
        let mut row = TantivyDocument::default();
        row.add_text(key, key_of(document.kind, document.id));
        row.add_u64(kind, document.kind as u64);
        row.add_i64(id, document.id);
        row.add_i64(area, i64::from(document.area_id));
        for member in &document.members {
            row.add_i64(members, *member);
        }
        row.add_text(open, fold(&document.open));
        row.add_text(personal, fold(&document.personal));
        self.writer.add_document(row).map(drop)
    }

    pub fn remove(&self, kind: SearchKind, id: i64) {
        self.writer.delete_term(Term::from_field_text(self.fields.key, &key_of(kind, id)));
    }

    /// Removes every document of a kind; `area_id`: only those of this area itself.
    pub fn remove_kind(&self, kind: SearchKind, area_id: Option<i32>) -> tantivy::Result<()> {
        let mut terms = vec![Term::from_field_u64(self.fields.kind, kind as u64)];
        terms.extend(area_id.map(|area| Term::from_field_i64(self.fields.area, i64::from(area))));
        let all = terms.into_iter().map(term_query).collect();
        self.writer.delete_query(Box::new(BooleanQuery::intersection(all))).map(drop)
    }

    pub fn remove_all(&self) -> tantivy::Result<()> {
        self.writer.delete_all_documents().map(drop)
    }

    /// Lets what was written be found.
    pub fn commit(&mut self) -> tantivy::Result<()> {
        self.writer.commit()?;
        self.reader.reload()
    }
}

/// The index at one moment.
pub struct View {
    fields: Fields,
    searcher: Searcher,
}

impl View {
    /// The best documents of a scope, best first.
    pub fn hits(&self, words: &Words, scope: Scope<'_>, care: Care, limit: usize) -> tantivy::Result<Vec<Hit>> {
        let Some(query) = self.query(words, scope, care) else { return Ok(Vec::new()) };
        let found = self.searcher.search(&query, &TopDocs::with_limit(limit).order_by_score())?;
        found.into_iter().map(|(score, address)| Ok(Hit { id: self.id_of(address)?, score })).collect()
    }

    /// The household in which a resident was when it was indexed.
    pub fn household_of(&self, resident: i64) -> tantivy::Result<Option<i64>> {
        let query = term_query(Term::from_field_i64(self.fields.members, resident));
        let found = self.searcher.search(&query, &TopDocs::with_limit(1).order_by_score())?;
        found.first().map(|(_, address)| self.id_of(*address)).transpose()
    }

    fn id_of(&self, address: DocAddress) -> tantivy::Result<i64> {
        let segment = self.searcher.segment_reader(address.segment_ord);
        let id = segment.fast_fields().i64("id")?.first(address.doc_id);
        id.ok_or_else(|| TantivyError::InternalError("a document without an id".into()))
    }

    fn query(&self, words: &Words, scope: Scope<'_>, care: Care) -> Option<BooleanQuery> {
        let kind = Term::from_field_u64(self.fields.kind, scope.kind as u64);
        let mut parts: Vec<(Occur, Box<dyn Query>)> = vec![(Occur::Must, unscored(term_query(kind)))];
        if let Some(areas) = scope.areas {
            let areas = areas.iter().map(|area| Term::from_field_i64(self.fields.area, i64::from(*area)));
            parts.push((Occur::Must, unscored(Box::new(TermSetQuery::new(areas)))));
        }
        let mut fields = vec![self.fields.open];
        if scope.by_name {
            fields.push(self.fields.personal);
        }
        let last = words.len() - 1;
        let required = words.iter().enumerate().filter(|(_, word)| !word.is_title);
        let required: Vec<Box<dyn Query>> = required.map(|(at, word)| word_query(word, at == last, care, &fields)).collect();
        if care == Care::Lenient {
            // Of two words, the one that is left would find half the ward.
            if required.len() < 3 {
                return None;
            }
            let enough = required.len() - 1;
            let any = required.into_iter().map(|word| (Occur::Should, word)).collect();
            parts.push((Occur::Must, Box::new(BooleanQuery::with_minimum_required_clauses(any, enough))));
        } else {
            parts.extend(required.into_iter().map(|word| (Occur::Must, word)));
        }
        for word in words.iter().filter(|word| word.is_title) {
            parts.push((Occur::Should, word_query(word, false, care, &fields)));
        }
        for (first, second) in words.pairs() {
            for field in &fields {
                let terms = vec![Term::from_field_text(*field, &first.text), Term::from_field_text(*field, &second.text)];
                parts.push((Occur::Should, Box::new(ConstScoreQuery::new(Box::new(PhraseQuery::new(terms)), SIDE_BY_SIDE))));
            }
        }
        // Without it a query of optional parts alone would have to match one of them.
        parts.push((Occur::Must, unscored(Box::new(AllQuery))));
        Some(BooleanQuery::new(parts))
    }
}

/// A word counts once, as well as it was found best.
fn word_query(word: &Word, is_last: bool, care: Care, fields: &[Field]) -> Box<dyn Query> {
    let mut ways: Vec<Box<dyn Query>> = Vec::new();
    for field in fields {
        let term = Term::from_field_text(*field, &word.text);
        let mut push = |query: Box<dyn Query>, score| ways.push(Box::new(ConstScoreQuery::new(query, score)));
        push(term_query(term.clone()), EXACT);
        if word.may_be_begun(is_last) {
            push(Box::new(FuzzyTermQuery::new_prefix(term.clone(), 0, true)), BEGUN);
        }
        if care != Care::Exact && word.may_be_mistyped() {
            push(Box::new(FuzzyTermQuery::new(term, 1, true)), MISTYPED);
        }
    }
    Box::new(DisjunctionMaxQuery::new(ways))
}

fn term_query(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

fn unscored(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}

fn key_of(kind: SearchKind, id: i64) -> String {
    format!("{}:{id}", kind.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(documents: &[Document]) -> TextIndex {
        let mut index = TextIndex::new().unwrap();
        for document in documents {
            index.add(document).unwrap();
        }
        index.commit().unwrap();
        index
    }

    fn household(id: i64, area_id: i32, address: &str, names: &str) -> Document {
        Document { kind: SearchKind::Household, id, area_id, open: address.into(), personal: names.into(), members: vec![id * 10] }
    }

    fn quarter() -> TextIndex {
        index(&[
            household(1, 13, "Số 12 ngõ 34 phố Phương Canh", "Nguyễn Thị Hạnh | Trần Văn Bình"),
            household(2, 13, "Số 34 ngõ 12 phố Phương Canh", "Nguyễn Thị Hạnh"),
            household(3, 14, "Số 5 hẻm 12/34/6 phố Trịnh Văn Bô", "Đỗ Văn Đức | Lê Thị Hạnh"),
            household(4, 13, "Số 340 đường 32", "Phạm Văn Hùng"),
        ])
    }

    fn found(index: &TextIndex, typed: &str, areas: Option<&[i32]>, by_name: bool) -> Vec<i64> {
        let scope = Scope { kind: SearchKind::Household, areas, by_name };
        let words = Words::parse(typed).unwrap();
        let view = index.view();
        let mut hits =
            Care::ALL.into_iter().map(|care| view.hits(&words, scope, care, 20).unwrap()).find(|hits| !hits.is_empty()).unwrap_or_default();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
        hits.into_iter().map(|hit| hit.id).collect()
    }

    #[test]
    fn a_half_remembered_name_and_alley_find_the_house() {
        let index = quarter();
        assert_eq!(found(&index, "ba hanh ngo 34", None, true)[..1], [1], "the alley that stands side by side comes first");
        assert_eq!(found(&index, "Bà Hạnh, ngõ 34", None, true)[..1], [1]);
        assert_eq!(found(&index, "hanh 12/34/6", None, true), [3]);
    }

    #[test]
    fn a_wrong_letter_and_a_begun_word_are_forgiven() {
        let index = quarter();
        assert_eq!(found(&index, "nguyen thi hamh", None, true), [1, 2]);
        assert_eq!(found(&index, "duc trinh v", None, true), [3]);
        assert_eq!(found(&index, "phuong cnah so 12", None, true)[..1], [1], "two letters swapped");
    }

    #[test]
    fn one_word_too_many_is_forgiven() {
        assert_eq!(found(&quarter(), "pham van hung hanoi", None, true), [4]);
    }

    #[test]
    fn numbers_are_not_mistyped_into_others() {
        assert_eq!(found(&quarter(), "so 341", None, true), Vec::<i64>::new());
    }

    #[test]
    fn names_are_found_only_by_those_who_may() {
        let index = quarter();
        assert_eq!(found(&index, "binh", None, false), Vec::<i64>::new());
        assert_eq!(found(&index, "binh", None, true), [1]);
        assert_eq!(found(&index, "phuong canh", None, false), [1, 2]);
    }

    #[test]
    fn only_the_areas_within_reach_are_looked_into() {
        let index = quarter();
        assert_eq!(found(&index, "hanh", Some(&[14]), true), [3]);
        assert_eq!(found(&index, "hanh", Some(&[]), true), Vec::<i64>::new());
    }

    #[test]
    fn a_change_is_found_after_the_commit_and_the_old_text_is_not() {
        let mut index = quarter();
        index.remove(SearchKind::Household, 4);
        index.add(&household(4, 13, "Số 7 ngõ 9", "Phạm Văn Hùng")).unwrap();
        index.remove_kind(SearchKind::Household, Some(14)).unwrap();
        index.commit().unwrap();
        assert_eq!(found(&index, "hung ngo 9", None, true), [4]);
        assert_eq!(found(&index, "so 340", None, true), Vec::<i64>::new());
        assert_eq!(found(&index, "trinh van bo", None, true), Vec::<i64>::new());
        assert_eq!(index.view().searcher.num_docs(), 3);
    }

    #[test]
    fn a_resident_leads_to_the_household() {
        let view = quarter().view();
        assert_eq!(view.household_of(20).unwrap(), Some(2));
        assert_eq!(view.household_of(999).unwrap(), None);
    }
}
