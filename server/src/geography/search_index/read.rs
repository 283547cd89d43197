//! Reads rows into documents: as COPY sends them, off the async threads, a city in some ten seconds.
//! It deliberately keeps nothing: who asked puts the documents on the shelf.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use anyhow::Context as _;
use shared::search::SearchKind;
use sqlx::PgPool;
use tokio::sync::mpsc;

use super::chunk::{Chunk, Packing};
use super::db::{self, Which};
use super::document::Document;
use super::vocabulary::{Vocabulary, WordId};

/// Pieces of COPY that wait to be taken in.
const WAITING: usize = 16;

/// Who lives in the households that are read: names by household.
#[derive(Debug, Default)]
pub(super) struct Residents {
    entries: Vec<Entry>,
    words: Vec<WordId>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    household: i64,
    resident: i64,
    from: u32,
    len: u8,
}

impl Residents {
    fn of(&self, household: i64) -> impl Iterator<Item = (i64, &[WordId])> {
        let from = self.entries.partition_point(|entry| entry.household < household);
        let entries = self.entries[from..].iter().take_while(move |entry| entry.household == household);
        entries.map(|entry| (entry.resident, &self.words[entry.from as usize..entry.from as usize + usize::from(entry.len)]))
    }
}

/// Reads as `ioc_feed`; new words go into the vocabulary.
pub(super) struct Reader<'a> {
    pub pool: &'a PgPool,
    pub vocabulary: &'a Arc<RwLock<Vocabulary>>,
    /// Told after each piece how many rows came.
    pub progress: Arc<dyn Fn(u64) + Send + Sync>,
}

impl Reader<'_> {
    /// Rows of a kind, packed; households with the names of those who live there.
    pub async fn chunks(&self, kind: SearchKind) -> anyhow::Result<Vec<Chunk>> {
        let packing = self.read(kind, Which::All, Packing::new(kind), |packing, document| packing.push(&document)).await?;
        Ok(tokio::task::spawn_blocking(move || packing.finish()).await?)
    }

    pub async fn documents(&self, kind: SearchKind, which: Which<'_>) -> anyhow::Result<Vec<Document>> {
        self.read(kind, which, Vec::new(), Vec::push).await
    }

    async fn residents(&self, kind: SearchKind, which: Which<'_>) -> anyhow::Result<Residents> {
        if kind != SearchKind::Household {
            return Ok(Residents::default());
        }
        let sql = db::names_sql(which);
        let residents = self.take_in(&sql, Residents::default(), |residents, fields, words| {
            let [household, resident, name] = fields else { return };
            let (Ok(household), Ok(resident)) = (household.parse(), resident.parse()) else { return };
            let from = residents.words.len() as u32;
            words.of(&unescaped(name), &mut residents.words);
            let len = (residents.words.len() as u32 - from).min(255) as u8;
            residents.entries.push(Entry { household, resident, from, len });
        });
        let mut residents = residents.await.context("residents could not be read for the search index")?;
        Ok(tokio::task::spawn_blocking(move || {
            residents.entries.sort_unstable_by_key(|entry| (entry.household, entry.resident));
            residents
        })
        .await?)
    }

    async fn read<T: Send + 'static>(
        &self,
        kind: SearchKind,
        which: Which<'_>,
        into: T,
        add: impl Fn(&mut T, Document) + Send + 'static,
    ) -> anyhow::Result<T> {
        let residents = self.residents(kind, which).await?;
        let sql = db::rows_sql(kind, which);
        let read = self.take_in(&sql, into, move |into, fields, words| {
            let [id, area_id, lon, lat, texts] = fields else { return };
            let (Ok(id), Ok(area_id)) = (id.parse(), area_id.parse()) else { return };
            let at = lon.parse().ok().zip(lat.parse().ok()).map(|(lon, lat)| [lon, lat]);
            let mut document = Document::new(kind, id, area_id, at);
            let mut text_words = Vec::new();
            for text in unescaped(texts).split('\u{1f}') {
                text_words.clear();
                words.of(text, &mut text_words);
                document.add_words(&text_words, false, words.vocabulary);
            }
            for (resident, name) in residents.of(id) {
                document.add_words(name, true, words.vocabulary);
                document.members.push(resident);
            }
            words.count_uses(&document);
            if document.is_found_by_something() {
                add(into, document);
            }
        });
        read.await.with_context(|| format!("{} could not be read for the search index", kind.name()))
    }

    /// Hands every row of a COPY to `take`, on a thread where waiting and reckoning hold nobody up.
    async fn take_in<T: Send + 'static>(
        &self,
        sql: &str,
        mut into: T,
        take: impl Fn(&mut T, &[&str], &mut WordsOfTexts<'_>) + Send + 'static,
    ) -> anyhow::Result<T> {
        let (send, mut receive) = mpsc::channel::<Vec<u8>>(WAITING);
        let (vocabulary, progress) = (self.vocabulary.clone(), self.progress.clone());
        let taking = tokio::task::spawn_blocking(move || {
            let mut known = HashMap::new();
            while let Some(piece) = receive.blocking_recv() {
                // Let go after each piece: searches wait for it.
                let mut vocabulary = vocabulary.write().expect("nobody panics while holding the vocabulary");
                let mut words = WordsOfTexts { vocabulary: &mut vocabulary, known: &mut known };
                let mut rows = 0;
                for row in String::from_utf8_lossy(&piece).lines() {
                    let fields: Vec<&str> = row.split('\t').collect();
                    take(&mut into, &fields, &mut words);
                    rows += 1;
                }
                progress(rows);
            }
            into
        });
        let (copied, taken) = tokio::join!(db::copy(self.pool, sql, send), taking);
        copied?;
        Ok(taken?)
    }
}

/// A field of COPY: backslashes stand before themselves and before letters for control characters, none of them in a word.
fn unescaped(field: &str) -> Cow<'_, str> {
    if field == "\\N" {
        return "".into();
    }
    if !field.contains('\\') {
        return field.into();
    }
    let mut text = String::with_capacity(field.len());
    let mut letters = field.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => text.push(if letters.next() == Some('\\') { '\\' } else { ' ' }),
            letter => text.push(letter),
        }
    }
    text.into()
}

/// Cuts texts into words of the vocabulary; a city's names are made of few words, so each spelling is folded once.
struct WordsOfTexts<'a> {
    vocabulary: &'a mut Vocabulary,
    known: &'a mut HashMap<Box<str>, Box<[WordId]>>,
}

impl WordsOfTexts<'_> {
    fn of(&mut self, text: &str, words: &mut Vec<WordId>) {
        for spelling in text.split(|letter: char| letter.is_ascii() && !letter.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
            if let Some(known) = self.known.get(spelling) {
                words.extend(known);
            } else {
                let fresh = self.vocabulary.intern_text(spelling);
                words.extend(&fresh);
                self.known.insert(spelling.into(), fresh.into());
            }
        }
    }

    fn count_uses(&mut self, document: &Document) {
        document.words().for_each(|word| self.vocabulary.count_use(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_they_were_written() {
        assert_eq!(unescaped("\\N"), "");
        assert_eq!(unescaped("Số 12"), "Số 12");
        assert_eq!(unescaped("a\\\\b\\tc"), "a\\b c");
    }

    #[test]
    fn texts_are_cut_like_searches() {
        let (mut vocabulary, mut known) = (Vocabulary::default(), HashMap::new());
        let mut words = Vec::new();
        let text = "Số 5 hẻm 12/34/6 phố Phương Canh – Đức…Huệ (cũ)";
        WordsOfTexts { vocabulary: &mut vocabulary, known: &mut known }.of(text, &mut words);
        let folded = shared::text::fold(text);
        let expected: Vec<WordId> = super::super::words::split(&folded).map(|word| vocabulary.id(word).unwrap()).collect();
        assert_eq!(words, expected);
    }
}
