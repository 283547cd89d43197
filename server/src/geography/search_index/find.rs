//! The best rows for what was typed: from strict to forgiving, at home first, nearest first where rows match equally well.
//! It deliberately decides nobody's reach: the scopes say where to look, and whether by name.
//!
//! Rows that hold every word are the intersection of a few bit sets, which costs a city some microseconds a word; only those
//! are looked at one by one. Where they are very many ("nguyen van" in a province) the nearest chunks are looked at first
//! and the others no more. A province's chunks are shared out among the machine's cores; a ward's few are not worth it.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

use rayon::prelude::*;
use shared::search::SearchKind;

use super::bits::Bits;
use super::chunk::{Chunk, LOCAL_BREAK, Local, Run};
use super::document::{DEGREE, term};
use super::matching::{AT_HOME, Answers, Match, best_score, match_row};
use super::query::{Care, Query};
use super::shelf::{Shard, Shelf};
use crate::accounts::AreaSet;

/// With so many found, no wrong letter is forgiven; a word is only left out where nothing else is found.
pub const ENOUGH: usize = 5;
/// Rows of a kind that are looked at one by one, at home and elsewhere, for each care.
const MOST_LOOKED_AT: usize = 40_000;
/// Fewer chunks are looked at by the caller alone.
const WORTH_SHARING: usize = 16;

/// Where to look within a kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    pub kind: SearchKind,
    /// None: everywhere.
    pub areas: Option<AreaSet>,
    pub by_name: bool,
}

/// What is looked for.
#[derive(Debug)]
pub struct Wanted<'a> {
    pub scopes: &'a [Scope],
    /// The caller's own areas: what lies there is forgiven more, and comes before equals.
    pub home: &'a AreaSet,
    /// Longitude and latitude: of rows that match equally well, nearer ones come first.
    pub near: Option<[f64; 2]>,
    pub limit: usize,
}

/// A row that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub kind: SearchKind,
    pub id: i64,
    pub care: Care,
    pub score: u32,
    distance: f64,
    /// A street is drawn in many pieces: in each area it is one result.
    street: Option<u64>,
}

impl Hit {
    fn order(&self, other: &Self) -> Ordering {
        let by_match = self.care.cmp(&other.care).then(other.score.cmp(&self.score)).then(self.distance.total_cmp(&other.distance));
        by_match.then(size_order(self.kind).cmp(&size_order(other.kind))).then(self.id.cmp(&other.id))
    }
}

/// Larger things before smaller ones.
fn size_order(kind: SearchKind) -> u8 {
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

/// The best rows, best first.
pub fn find(shelf: &Shelf, query: &Query, wanted: &Wanted<'_>) -> Vec<Hit> {
    let limit = wanted.limit.max(ENOUGH);
    let (mut home, mut elsewhere) = (Best::new(limit), Best::new(limit));
    let order = nearest_first(shelf, wanted.near);
    let sharers = if order.len() < WORTH_SHARING { 1 } else { rayon::current_num_threads() };
    let pass = |care, at_home, best: &mut Best| Pass { query, wanted, care, at_home }.shared_out(&order, sharers, best);
    pass(Care::Exact, true, &mut home);
    if home.0.len() < ENOUGH {
        pass(Care::Mistyped, true, &mut home);
    }
    pass(Care::Exact, false, &mut elsewhere);
    if home.0.len() + elsewhere.0.len() < ENOUGH {
        pass(Care::Mistyped, false, &mut elsewhere);
    }
    if home.0.is_empty() && elsewhere.0.is_empty() {
        pass(Care::Lenient, true, &mut home);
        pass(Care::Lenient, false, &mut elsewhere);
    }
    let mut all = home.0;
    all.append(&mut elsewhere.0);
    all.sort_by(Hit::order);
    all.truncate(wanted.limit);
    all
}

/// Each with the distance that none of its rows is nearer than.
fn nearest_first(shelf: &Shelf, near: Option<[f64; 2]>) -> Vec<(f64, &Shard)> {
    let mut shards: Vec<(f64, &Shard)> =
        shelf.shards().iter().map(|shard| (near.map_or(0.0, |near| distance_to_box(near, shard.chunk.bounds())), shard)).collect();
    shards.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    shards
}

fn distance_to_box(near: [f64; 2], bounds: Option<[i32; 4]>) -> f64 {
    let Some([west, south, east, north]) = bounds.map(|bounds| bounds.map(|step| f64::from(step) / DEGREE)) else { return f64::INFINITY };
    distance(near, [near[0].clamp(west, east), near[1].clamp(south, north)])
}

/// Squared, in degrees of latitude: only its order matters.
fn distance(near: [f64; 2], place: [f64; 2]) -> f64 {
    let (east, north) = ((place[0] - near[0]) * near[1].to_radians().cos(), place[1] - near[1]);
    east * east + north * north
}

/// The best so far, in order.
#[derive(Clone)]
struct Best(Vec<Hit>, usize);

impl Best {
    fn new(limit: usize) -> Self {
        Self(Vec::with_capacity(limit + 1), limit)
    }

    fn would_take(&self, found: Match) -> bool {
        let Some(last) = self.0.last().filter(|_| self.0.len() == self.1) else { return true };
        (found.care, u32::MAX - found.score) <= (last.care, u32::MAX - last.score)
    }

    /// None that is at least so far away comes before those that are known, even if it matches as well as any row can.
    fn is_settled(&self, best_score: u32, distance: f64) -> bool {
        let last = self.0.last().filter(|_| self.0.len() == self.1);
        last.is_some_and(|last| last.care == Care::Exact && last.score >= best_score && last.distance < distance)
    }

    fn take(&mut self, hit: Hit) {
        let same = |known: &Hit| (known.kind, known.id) == (hit.kind, hit.id) || (hit.street.is_some() && known.street == hit.street);
        if let Some(known) = self.0.iter().position(same) {
            if self.0[known].order(&hit) != Ordering::Greater {
                return;
            }
            self.0.remove(known);
        }
        let at = self.0.partition_point(|known| known.order(&hit) == Ordering::Less);
        self.0.insert(at, hit);
        self.0.truncate(self.1);
    }
}

/// Memory that is used again for every chunk.
#[derive(Default)]
struct Scratch {
    /// By word of the chunk; those that say anything are `noted`, so that the next chunk finds it empty.
    answers: Vec<Answers>,
    noted: Vec<Local>,
    /// Of each word typed: the words of the chunk that answer to it.
    locals: Vec<Vec<Local>>,
    scope: Bits,
    word: Bits,
    /// Rows with some word of their own; rows that miss none so far; that miss one.
    own: Bits,
    none: Bits,
    one: Bits,
}

/// One look over all chunks, with one care, at home or elsewhere.
struct Pass<'a> {
    query: &'a Query,
    wanted: &'a Wanted<'a>,
    care: Care,
    at_home: bool,
}

impl Pass<'_> {
    /// Each of the sharers takes every so-manieth chunk, so that all begin near and have seen much alike when they stop.
    fn shared_out(&self, shards: &[(f64, &Shard)], sharers: usize, best: &mut Best) {
        let Some(may_miss) = self.query.may_miss(self.care) else { return };
        if self.at_home && self.wanted.home.is_empty() {
            return;
        }
        if sharers == 1 {
            return self.over(shards.iter(), may_miss, MOST_LOOKED_AT, best);
        }
        let known = &*best;
        let look = |first| {
            let mut best = known.clone();
            self.over(shards.iter().skip(first).step_by(sharers), may_miss, MOST_LOOKED_AT / sharers, &mut best);
            best
        };
        let found: Vec<Best> = (0..sharers).into_par_iter().map(look).collect();
        found.into_iter().flat_map(|found| found.0).for_each(|hit| best.take(hit));
    }

    /// `most`: rows of a kind that are looked at one by one.
    fn over<'s>(&self, shards: impl Iterator<Item = &'s (f64, &'s Shard)>, may_miss: usize, most: usize, best: &mut Best) {
        let scratch = &mut Scratch::default();
        let mut left = SearchKind::ALL.map(|kind| (kind, most));
        let best_score = best_score(self.query.asked.iter().map(|asked| asked.is_title)) + if self.at_home { AT_HOME } else { 0 };
        for (distance, shard) in shards {
            if best.is_settled(best_score, *distance) {
                return;
            }
            let kind = shard.chunk.kind;
            let Some((_, left)) = left.iter_mut().find(|(of, _)| *of == kind) else { continue };
            for by_name in [true, false] {
                let runs = self.runs(&shard.chunk, by_name);
                if *left > 0 && !runs.is_empty() && self.candidates(shard, &runs, by_name, may_miss, scratch) {
                    self.look(&shard.chunk, &runs, scratch, left, best);
                }
            }
        }
    }

    /// The rows of a chunk to look at, by name or not.
    fn runs(&self, chunk: &Chunk, by_name: bool) -> Vec<Run> {
        let scopes = || self.wanted.scopes.iter().filter(|scope| scope.kind == chunk.kind);
        if !scopes().any(|scope| scope.by_name == by_name) {
            return Vec::new();
        }
        let reaches = |area: i32, scope: &Scope| scope.areas.as_ref().is_none_or(|areas| areas.contains(area));
        let in_scope = |area: i32| {
            let mut reaching = scopes().filter(|scope| reaches(area, scope)).peekable();
            reaching.peek().is_some() && reaching.any(|scope| scope.by_name) == by_name
        };
        let runs = chunk.runs.iter().filter(|run| self.wanted.home.contains(run.area_id) == self.at_home && in_scope(run.area_id));
        runs.copied().collect()
    }

    /// Fills in which words of the chunk answer, and which rows hold enough of them; false where none can.
    fn candidates(&self, shard: &Shard, runs: &[Run], by_name: bool, may_miss: usize, scratch: &mut Scratch) -> bool {
        let chunk = &shard.chunk;
        let Scratch { answers, noted, locals, scope, word, own, none, one } = scratch;
        locals.resize_with(self.query.asked.len().max(locals.len()), Vec::new);
        let mut missing = 0;
        for (asked, locals) in self.query.asked.iter().zip(locals.iter_mut()) {
            locals.clear();
            for (id, _) in asked.words(self.care) {
                locals.extend(chunk.local(term(id, false)));
                locals.extend(by_name.then(|| chunk.local(term(id, true))).flatten());
            }
            let in_area = || asked.is_named_by_areas() && runs.iter().any(|run| asked.in_area(run.area_id, self.care) > 0);
            missing += usize::from(!asked.is_title && locals.is_empty() && !in_area());
            if missing > may_miss {
                return false;
            }
        }
        let rows = chunk.len();
        for bits in [&mut *scope, own, none, one] {
            bits.reset(rows);
        }
        runs.iter().for_each(|run| scope.set_run(run.from as usize, run.to as usize));
        if let Some(struck) = shard.struck() {
            scope.as_mut_slice().iter_mut().zip(struck.as_slice()).for_each(|(bits, struck)| *bits &= !struck);
        }
        none.or(scope.as_slice());
        for (asked, locals) in self.query.asked.iter().zip(locals.iter()).filter(|(asked, _)| !asked.is_title) {
            word.reset(rows);
            locals.iter().for_each(|local| chunk.mark(*local, word));
            own.or(word.as_slice());
            if asked.is_named_by_areas() {
                let named = runs.iter().filter(|run| asked.in_area(run.area_id, self.care) > 0);
                named.for_each(|run| word.set_run(run.from as usize, run.to as usize));
            }
            let mut some = 0;
            for ((word, none), one) in word.as_slice().iter().zip(none.as_mut_slice()).zip(one.as_mut_slice()) {
                if may_miss > 0 {
                    *one = (*one & word) | (*none & !word);
                }
                *none &= word;
                some |= *none | *one;
            }
            if some == 0 {
                return false;
            }
        }
        for ((own, none), one) in own.as_slice().iter().zip(none.as_mut_slice()).zip(one.as_slice()) {
            *none = (*none | one) & own;
        }
        noted.drain(..).for_each(|local| answers[usize::from(local)] = Answers::default());
        answers.resize(chunk.terms().max(answers.len()), Answers::default());
        for (at, asked) in self.query.asked.iter().enumerate() {
            for (id, quality) in asked.words(self.care) {
                for personal in [false, true].into_iter().take(1 + usize::from(by_name)) {
                    if let Some(local) = chunk.local(term(id, personal)) {
                        answers[usize::from(local)].note(at, quality, asked.is_title);
                        noted.push(local);
                    }
                }
            }
        }
        for id in &self.query.kind_words {
            for local in [false, true].into_iter().filter_map(|personal| chunk.local(term(*id, personal))) {
                answers[usize::from(local)].need_not_be_asked();
                noted.push(local);
            }
        }
        true
    }

    fn look(&self, chunk: &Chunk, runs: &[Run], scratch: &Scratch, left: &mut usize, best: &mut Best) {
        let titles: Vec<bool> = self.query.asked.iter().map(|asked| asked.is_title).collect();
        let mut runs = runs.iter();
        let mut run: Option<(&Run, Vec<u8>)> = None;
        for row in scratch.none.iter() {
            if *left == 0 {
                return;
            }
            *left -= 1;
            while run.as_ref().is_none_or(|(run, _)| run.to as usize <= row) {
                let Some(next) = runs.next() else { return };
                run = Some((next, self.query.asked.iter().map(|asked| asked.in_area(next.area_id, self.care)).collect()));
            }
            let Some((run, in_area)) = &run else { return };
            let mut found = match_row(chunk.words(row), &scratch.answers, &titles, in_area);
            found.score += if self.at_home { AT_HOME } else { 0 };
            if best.would_take(found) {
                best.take(self.hit(chunk, row, run.area_id, found));
            }
        }
    }

    fn hit(&self, chunk: &Chunk, row: usize, area_id: i32, found: Match) -> Hit {
        let distance = match (self.wanted.near, chunk.place(row)) {
            (None, _) => 0.0,
            (Some(_), None) => f64::INFINITY,
            (Some(near), Some(place)) => distance(near, place.map(|step| f64::from(step) / DEGREE)),
        };
        let street = (chunk.kind == SearchKind::Road).then(|| {
            let mut hasher = DefaultHasher::new();
            let terms = chunk.words(row).iter().filter(|local| **local != LOCAL_BREAK).map(|local| chunk.term(*local));
            (area_id, terms.collect::<Vec<_>>()).hash(&mut hasher);
            hasher.finish()
        });
        Hit { kind: chunk.kind, id: chunk.id(row), care: found.care, score: found.score, distance, street }
    }
}
