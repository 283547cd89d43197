//! Keeps the books of a mapping: of each layer how many elements the file holds, how many became rows, how many did not.
//! It deliberately holds no rows; its one promise is that the books balance.

use std::collections::{BTreeMap, BTreeSet};

use super::data::ElementId;
use super::problems::{Fate, Layer, Problem, Reason};
use super::shapes::{Flaw, Mended};

/// One layer's books. `in_file` = `imported` + `left_out`, always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub in_file: usize,
    pub imported: usize,
    pub left_out: usize,
    /// Of those imported: changed on the way.
    pub repaired: usize,
    /// Of those imported: reaching beyond the edge of the file or of the ward.
    pub over_the_edge: usize,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    pub counts: BTreeMap<Layer, Count>,
    pub problems: Vec<Problem>,
    /// Elements that some layer has spoken for.
    spoken_for: BTreeSet<ElementId>,
}

impl Report {
    /// A report that begins with what went wrong while reading.
    pub fn beginning_with(problems: Vec<Problem>) -> Self {
        Self { problems, ..Self::default() }
    }

    pub fn count(&mut self, layer: Layer) -> &mut Count {
        self.counts.entry(layer).or_default()
    }

    pub fn imported(&mut self, element: ElementId, layer: Layer) {
        self.spoken_for.insert(element);
        let count = self.count(layer);
        count.in_file += 1;
        count.imported += 1;
    }

    pub fn left_out(&mut self, element: ElementId, layer: Layer, reason: Reason, detail: impl Into<String>) {
        self.spoken_for.insert(element);
        let count = self.count(layer);
        count.in_file += 1;
        count.left_out += 1;
        self.problems.push(Problem::left_out(element, layer, reason, detail));
    }

    /// A remark on a row that is imported.
    pub fn note(&mut self, element: ElementId, layer: Layer, fate: Fate, flaw: Flaw) {
        self.problems.push(Problem::new(element, layer, fate, flaw.reason, flaw.detail));
    }

    /// Books an element's shape: imported with its repairs, or left out with its flaw.
    pub fn shape<T>(&mut self, element: ElementId, layer: Layer, shape: Result<Mended<T>, Flaw>) -> Option<T> {
        match shape {
            Ok(mended) => {
                self.imported(element, layer);
                if !mended.repairs.is_empty() {
                    self.count(layer).repaired += 1;
                }
                for flaw in mended.repairs {
                    self.note(element, layer, Fate::Repaired, flaw);
                }
                for flaw in mended.without {
                    self.note(element, layer, Fate::ImportedWithout, flaw);
                }
                Some(mended.shape)
            }
            Err(flaw) => {
                self.left_out(element, layer, flaw.reason, flaw.detail);
                None
            }
        }
    }

    /// Says that an element is accounted for without a row of its own (a house number, for one).
    pub fn speak_for(&mut self, element: ElementId) {
        self.spoken_for.insert(element);
    }

    pub fn knows(&self, element: ElementId) -> bool {
        self.spoken_for.contains(&element)
    }

    /// Moves an element that was mapped to those left out, when it turns out to lie elsewhere.
    pub fn withdraw(&mut self, element: ElementId, layer: Layer, reason: Reason, detail: impl Into<String>) {
        let count = self.count(layer);
        count.imported -= 1;
        count.left_out += 1;
        self.problems.push(Problem::left_out(element, layer, reason, detail));
    }
}
