//! What a search should find: every row held against every word, plainly, by the definition that the index follows.
//! It deliberately shares nothing with the server but folding: no vocabulary tricks, no bit sets, no limits; and reads no database (`rows`).

use std::collections::{HashMap, HashSet};

use shared::search::SearchKind;
use shared::text::fold;

const TITLES: [&str; 12] = ["ong", "ba", "co", "chu", "anh", "chi", "bac", "cu", "di", "cau", "ho", "nha"];
const ALLEYS: [&str; 3] = ["ngo", "ngach", "hem"];
const KINDS: [&str; 9] = ["so", "nha", "ngo", "ngach", "hem", "pho", "duong", "phuong", "tdp"];
const GLUED: [&str; 10] = ["so", "ngo", "ngach", "hem", "pho", "duong", "tdp", "to", "nha", "lo"];
/// Ranks of kinds that match equally well at the same place.
const BY_SIZE: [SearchKind; 8] = [
    SearchKind::Area,
    SearchKind::Road,
    SearchKind::Place,
    SearchKind::Household,
    SearchKind::BoardingHouse,
    SearchKind::Business,
    SearchKind::Camera,
    SearchKind::Building,
];
const ENOUGH: usize = 5;

/// A row as it is found.
pub struct OracleRow {
    pub kind: SearchKind,
    pub id: i64,
    pub area_id: i32,
    pub at: Option<[f64; 2]>,
    /// Word numbers of each text, and whether it is a name.
    texts: Vec<(Vec<u32>, bool)>,
}

/// Everything that can be found.
#[derive(Default)]
pub struct Oracle {
    pub rows: Vec<OracleRow>,
    words: Vec<String>,
    numbers: HashMap<String, u32>,
    /// Words of the names of an area and of the ward above it.
    area_words: HashMap<i32, Vec<u32>>,
}

/// A row that answers: what ranks first is smaller.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    pub kind: SearchKind,
    pub id: i64,
    /// 0 as typed, 1 mistyped, 2 a word missing.
    pub care: u8,
    pub score: u32,
    distance: f64,
}

impl Oracle {
    /// An area's name is part of the names of all areas below it; a province's says nothing.
    pub fn name_area(&mut self, id: i32, name: &str) {
        let words = self.number_all(&split(name));
        self.area_words.entry(id).or_default().extend(words);
    }

    /// Adds a row with its open texts, unless it is found by nothing; gives its number.
    pub fn add(&mut self, kind: SearchKind, id: i64, area_id: i32, at: Option<[f64; 2]>, texts: &[String]) -> Option<usize> {
        let texts: Vec<_> =
            texts.iter().map(|text| (self.number_all(&split(text)), false)).filter(|(words, _)| !words.is_empty()).collect();
        if texts.is_empty() {
            return None;
        }
        self.rows.push(OracleRow { kind, id, area_id, at: at.map(|at| at.map(round)), texts });
        Some(self.rows.len() - 1)
    }

    pub fn add_name(&mut self, row: usize, name: &str) {
        let words = self.number_all(&split(name));
        self.rows[row].texts.push((words, true));
    }

    fn number_all(&mut self, words: &[String]) -> Vec<u32> {
        let number = |word: &String| {
            if let Some(number) = self.numbers.get(word) {
                return *number;
            }
            let number = self.words.len() as u32;
            self.words.push(word.clone());
            self.numbers.insert(word.clone(), number);
            number
        };
        words.iter().map(number).collect()
    }

    /// All answers of somebody who reaches `reach` (open kinds everywhere), best first.
    pub fn find(&self, typed: &str, reach: &HashSet<i32>, near: [f64; 2]) -> Vec<Answer> {
        let asked = asked(typed);
        let required: Vec<bool> = asked.iter().map(|word| !is_title(word, &asked)).collect();
        if asked.iter().map(|word| word.chars().count()).sum::<usize>() < 2 {
            return Vec::new();
        }
        // How well each known word answers to each word typed.
        let answers: Vec<Vec<u8>> = self
            .words
            .iter()
            .map(|known| asked.iter().enumerate().map(|(at, typed)| quality(typed, known, at + 1 == asked.len())).collect())
            .collect();
        let (mut home, mut elsewhere) = (Vec::new(), Vec::new());
        let mut streets: HashMap<(i32, &[u32]), Answer> = HashMap::new();
        for row in &self.rows {
            let at_home = reach.contains(&row.area_id);
            let open =
                matches!(row.kind, SearchKind::Area | SearchKind::Road | SearchKind::Place | SearchKind::Business | SearchKind::Building);
            if !at_home && !open {
                continue;
            }
            let Some((care, mut score)) = self.hold(row, &asked, &required, &answers) else { continue };
            score += if at_home { 2 } else { 0 };
            let distance = row.at.map_or(f64::INFINITY, |at| {
                let (east, north) = ((at[0] - near[0]) * near[1].to_radians().cos(), at[1] - near[1]);
                east * east + north * north
            });
            let answer = Answer { kind: row.kind, id: row.id, care, score, distance };
            if row.kind == SearchKind::Road {
                // A street in pieces is one answer in each area.
                let known = streets.entry((row.area_id, row.texts[0].0.as_slice())).or_insert(answer);
                if order(&answer, known).is_lt() {
                    *known = answer;
                }
            } else if at_home {
                home.push(answer);
            } else {
                elsewhere.push(answer);
            }
        }
        for ((area, _), answer) in streets {
            if reach.contains(&area) { home.push(answer) } else { elsewhere.push(answer) }
        }
        let count = |answers: &[Answer], care: u8| answers.iter().filter(|answer| answer.care <= care).count();
        let home_care = if count(&home, 0) < ENOUGH { 1 } else { 0 };
        let found_at_home = count(&home, home_care);
        let elsewhere_care = if found_at_home + count(&elsewhere, 0) < ENOUGH { 1 } else { 0 };
        let nothing = found_at_home + count(&elsewhere, elsewhere_care) == 0;
        let (home_care, elsewhere_care) = if nothing { (2, 2) } else { (home_care, elsewhere_care) };
        home.retain(|answer| answer.care <= home_care);
        elsewhere.retain(|answer| answer.care <= elsewhere_care);
        home.append(&mut elsewhere);
        home.sort_by(order);
        home
    }

    /// Care and score of a row; none where it does not match.
    fn hold(&self, row: &OracleRow, asked: &[String], required: &[bool], answers: &[Vec<u8>]) -> Option<(u8, u32)> {
        let mut own = vec![0_u8; asked.len()];
        let mut pairs = vec![false; asked.len()];
        let mut whole = false;
        for (text, _) in &row.texts {
            let sure = |word: &u32| (0..asked.len()).any(|at| required[at] && answers[*word as usize][at] >= 7);
            let kind = |word: &u32| KINDS.contains(&self.words[*word as usize].as_str());
            whole |= text.iter().any(sure) && text.iter().all(|word| sure(word) || (kind(word)));
            for (position, word) in text.iter().enumerate() {
                for at in 0..asked.len() {
                    let quality = answers[*word as usize][at];
                    own[at] = own[at].max(quality);
                    if position > 0 && at > 0 && quality > 0 && answers[text[position - 1] as usize][at - 1] > 0 {
                        pairs[at] = true;
                    }
                }
            }
        }
        if (0..asked.len()).all(|at| !required[at] || own[at] == 0) {
            return None;
        }
        let area: &[u32] = self.area_words.get(&row.area_id).map_or(&[], Vec::as_slice);
        let (mut missed, mut mistyped, mut own_sure, mut score) = (0, false, false, 0_u32);
        for at in 0..asked.len() {
            let named = area.iter().map(|word| answers[*word as usize][at]).max().unwrap_or(0);
            score += match (own[at], named) {
                (own, _) if !required[at] => {
                    if own >= 7 {
                        3
                    } else {
                        0
                    }
                }
                (own, _) if own >= 7 => {
                    own_sure = true;
                    u32::from(own)
                }
                (_, named) if named >= 7 => 4,
                (own, _) if own > 0 => {
                    mistyped = true;
                    u32::from(own)
                }
                (_, named) if named > 0 => {
                    mistyped = true;
                    2
                }
                _ => {
                    missed += 1;
                    0
                }
            };
        }
        let may_miss = required.iter().filter(|required| **required).count() >= 3 && !mistyped && own_sure;
        if missed > 1 || (missed == 1 && !may_miss) {
            return None;
        }
        score += 4 * pairs.iter().filter(|pair| **pair).count() as u32 + if whole { 5 } else { 0 };
        let care = if missed > 0 { 2 } else { u8::from(mistyped || !own_sure) };
        Some((care, score))
    }
}

fn order(a: &Answer, b: &Answer) -> std::cmp::Ordering {
    let size = |kind| BY_SIZE.iter().position(|known| *known == kind);
    a.care
        .cmp(&b.care)
        .then(b.score.cmp(&a.score))
        .then(a.distance.total_cmp(&b.distance))
        .then(size(a.kind).cmp(&size(b.kind)))
        .then(a.id.cmp(&b.id))
}

fn round(degrees: f64) -> f64 {
    (degrees * 1e7).round() / 1e7
}

/// Words of a text, alleys from the street inwards.
fn split(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    inwards(words.map(str::to_owned).collect())
}

fn asked(typed: &str) -> Vec<String> {
    let folded = fold(typed);
    let mut words = Vec::new();
    for word in folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let letters = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
        if GLUED.contains(&letters) && letters.len() < word.len() {
            words.extend([letters.to_owned(), word[letters.len()..].to_owned()]);
        } else {
            words.push(word.chars().take(40).collect());
        }
    }
    words.truncate(12);
    inwards(words)
}

/// "hem 6 ngach 34 ngo 12" to "hem 12 34 6".
fn inwards(words: Vec<String>) -> Vec<String> {
    let number = |word: &String| word.starts_with(|letter: char| letter.is_ascii_digit());
    let alley = |word: &String| ALLEYS.contains(&word.as_str());
    let mut said: Vec<String> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        // A run of "alley numbers" groups.
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        let mut next = at;
        while next < words.len() && alley(&words[next]) {
            let numbers: Vec<String> = words[next + 1..].iter().take_while(|word| number(word)).cloned().collect();
            if numbers.is_empty() {
                break;
            }
            let step = 1 + numbers.len();
            groups.push((words[next].clone(), numbers));
            next += step;
        }
        if groups.is_empty() {
            said.push(words[at].clone());
            at += 1;
        } else {
            said.push(groups[0].0.clone());
            said.extend(groups.into_iter().rev().flat_map(|(_, numbers)| numbers));
            at = next;
        }
    }
    said
}

fn is_title(word: &str, asked: &[String]) -> bool {
    TITLES.contains(&word) && !asked.iter().all(|word| TITLES.contains(&word.as_str()))
}

fn digits(word: &str) -> bool {
    word.chars().any(|letter| letter.is_ascii_digit())
}

fn quality(typed: &str, known: &str, is_last: bool) -> u8 {
    let begins = is_last || (typed.chars().count() >= 2 && !digits(typed));
    let meant = composed(typed);
    let meant = meant.as_deref();
    if typed == known {
        10
    } else if meant == Some(known) {
        9
    } else if (begins && (known.starts_with(typed) || meant.is_some_and(|meant| !digits(typed) && known.starts_with(meant))))
        || (ALLEYS.contains(&typed) && ALLEYS.contains(&known))
    {
        7
    } else if typed.chars().count() >= 3 && !digits(typed) && !digits(known) && known.chars().count() <= 16 && steps(typed, known) == 1 {
        5
    } else {
        0
    }
}

/// Optimal string alignment distance, by the book.
fn steps(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 1 {
        return 2;
    }
    let mut table = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let mut least = (table[i - 1][j] + 1).min(table[i][j - 1] + 1).min(table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]));
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(table[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    table[a.len()][b.len()]
}

/// What Telex or VNI would have made of the keys.
fn composed(word: &str) -> Option<String> {
    let vowel = |letter: char| "aeiouy".contains(letter);
    let meant: String = if digits(word) {
        let letters = word.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
        let is_code = letters.len() >= 2 && letters.chars().all(|letter| letter.is_ascii_digit());
        if !word.starts_with(|letter: char| letter.is_ascii_lowercase()) || is_code {
            return None;
        }
        word.chars().filter(|letter| !('1'..='9').contains(letter)).collect()
    } else {
        let mut meant = String::new();
        for letter in word.chars() {
            let has_vowel = meant.contains(vowel);
            let last = meant.chars().last();
            let dropped = match letter {
                'w' if last.is_some_and(vowel) => true,
                'w' => {
                    meant.push('u');
                    true
                }
                'a' | 'e' | 'o' => last == Some(letter),
                'd' => meant == "d" || (has_vowel && meant.starts_with('d')),
                's' | 'f' | 'r' | 'x' | 'j' => has_vowel,
                _ => false,
            };
            if !dropped {
                meant.push(letter);
            }
        }
        meant
    };
    let plain = word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
        && meant.chars().all(|letter| letter.is_ascii_lowercase());
    (plain && meant != word && meant.len() >= 2 && meant.contains(vowel)).then_some(meant)
}
