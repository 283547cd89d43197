//! Words as they are compared: of what somebody typed, and of the rows; folded, alley chains in one order.
//! It deliberately knows no index: which words are alike is decided there.

use shared::text::fold;

use super::keyboard;

/// How many words of a search are looked at; a packed score has room for as many.
pub const MAX_WORDS: usize = 12;
const MAX_LETTERS: usize = 40;

/// How people are spoken of, folded (ông, bà, cô, chú, ...). Helps when it is found, but nobody is registered as "Bà".
const TITLES: [&str; 12] = ["ong", "ba", "co", "chu", "anh", "chi", "bac", "cu", "di", "cau", "ho", "nha"];
/// Words for alleys. People say ngõ for all three.
pub const ALLEYS: [&str; 3] = ["ngo", "ngach", "hem"];
/// Words for what a thing is: whoever asks for the rest has asked for all of it.
pub const KINDS: [&str; 9] = ["so", "nha", "ngo", "ngach", "hem", "pho", "duong", "phuong", "tdp"];
/// Words that a number may be glued to: "ngo34".
const GLUED: [&str; 10] = ["so", "ngo", "ngach", "hem", "pho", "duong", "tdp", "to", "nha", "lo"];

/// A folded word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    /// What it was meant to be, if it holds keys of Telex or VNI that were not composed.
    pub composed: Option<String>,
    /// Need not be found.
    pub is_title: bool,
    /// May be half typed.
    pub may_be_begun: bool,
}

impl Word {
    /// A mistyped number is another number, and short words are alike by accident.
    pub fn may_be_mistyped(&self) -> bool {
        self.text.chars().count() >= 3 && !has_digit(&self.text)
    }
}

/// The words of a search, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(Vec<Word>);

impl Words {
    /// None when there are not at least two letters or digits.
    pub fn parse(typed: &str) -> Option<Self> {
        let folded = fold(typed);
        let texts = split(&folded).flat_map(unglue).map(|word| word.chars().take(MAX_LETTERS).collect::<String>());
        let texts: Vec<String> = texts.take(MAX_WORDS).collect();
        let texts = alleys_inwards(texts, |word| ALLEYS.contains(&word.as_str()), |word| is_number(word));
        let last = texts.len().saturating_sub(1);
        let word = |(at, text): (usize, String)| Word {
            is_title: TITLES.contains(&text.as_str()),
            composed: keyboard::composed(&text),
            // The last word may be half typed, others half remembered; but a number is a number.
            may_be_begun: at == last || (text.chars().count() >= 2 && !has_digit(&text)),
            text,
        };
        let mut words: Vec<Word> = texts.into_iter().enumerate().map(word).collect();
        if words.iter().all(|word| word.is_title) {
            words.iter_mut().for_each(|word| word.is_title = false);
        }
        (words.iter().map(|word| word.text.chars().count()).sum::<usize>() >= 2).then_some(Self(words))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Word> {
        self.0.iter()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Share of the words of a text that were asked for, exactly, begun or with one letter wrong: who was meant in a household.
    pub fn coverage(&self, text: &str) -> f32 {
        let folded = fold(text);
        let (mut all, mut asked) = (0.0, 0.0);
        for word in split(&folded) {
            all += 1.0;
            asked += self.0.iter().map(|wanted| likeness(wanted, word)).fold(0.0, f32::max);
        }
        if all == 0.0 { 0.0 } else { asked / all }
    }
}

fn likeness(wanted: &Word, word: &str) -> f32 {
    if word.starts_with(wanted.text.as_str()) || wanted.composed.as_deref() == Some(word) {
        1.0
    } else if wanted.may_be_mistyped() && keyboard::one_step_apart(&wanted.text, word) {
        0.5
    } else {
        0.0
    }
}

/// Words are letters and digits; "12/34" is two.
pub fn split(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// "ngo34" is two words.
fn unglue(word: &str) -> impl Iterator<Item = &str> {
    let letters = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let cut = if GLUED.contains(&letters) { letters.len() } else { 0 };
    [&word[..cut], &word[cut..]].into_iter().filter(|part| !part.is_empty())
}

pub fn is_number(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_digit())
}

fn has_digit(word: &str) -> bool {
    word.contains(|letter: char| letter.is_ascii_digit())
}

/// Alley chains run from the street inwards: "hem 6 ngach 34 ngo 12" is said as "hem 12 34 6", as it stands at the corner.
pub fn alleys_inwards<W>(words: Vec<W>, is_alley: impl Fn(&W) -> bool, is_number: impl Fn(&W) -> bool) -> Vec<W> {
    let mut said = Vec::with_capacity(words.len());
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        if !is_alley(&word) {
            said.push(word);
            continue;
        }
        let mut chain: Vec<Vec<W>> = vec![numbers(&mut words, &is_number)];
        said.push(word);
        while chain.last().is_some_and(|numbers| !numbers.is_empty()) && words.peek().is_some_and(&is_alley) {
            let outer = words.next().expect("just seen");
            let further = numbers(&mut words, &is_number);
            if further.is_empty() {
                // The outer alley has a name: "ngách 33 ngõ An Trạch".
                said.extend(chain.drain(..).rev().flatten());
                said.push(outer);
            }
            chain.push(further);
        }
        said.extend(chain.into_iter().rev().flatten());
    }
    said
}

fn numbers<W>(words: &mut std::iter::Peekable<impl Iterator<Item = W>>, is_number: &impl Fn(&W) -> bool) -> Vec<W> {
    std::iter::from_fn(|| words.next_if(is_number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(typed: &str) -> Vec<(String, bool)> {
        Words::parse(typed).map(|words| words.iter().map(|word| (word.text.clone(), word.is_title)).collect()).unwrap_or_default()
    }

    fn said(typed: &str) -> String {
        texts(typed).into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn titles_are_kept_as_hints() {
        let words = texts("bà Hạnh ngõ 34");
        assert_eq!(words, [("ba".into(), true), ("hanh".into(), false), ("ngo".into(), false), ("34".into(), false)]);
    }

    #[test]
    fn a_search_for_a_title_alone_is_a_search_for_the_word() {
        assert_eq!(texts("Anh"), [("anh".into(), false)]);
    }

    #[test]
    fn an_alley_number_is_its_parts() {
        assert_eq!(said("12/34/6"), "12 34 6");
        assert_eq!(said("ngo34"), "ngo 34");
        assert_eq!(said("C07"), "c07");
    }

    #[test]
    fn both_ways_to_say_an_alley_are_one() {
        let inwards = "so 5 hem 12 34 6 pho nhon";
        assert_eq!(said("Số 5 hẻm 12/34/6 phố Nhổn"), inwards);
        assert_eq!(said("số 5, hẻm 6, ngách 34, ngõ 12, phố Nhổn"), inwards);
        assert_eq!(said("số 5 hẻm 6 ngách 12/34 phố Nhổn"), inwards);
        assert_eq!(said("ngách 33 ngõ An Trạch 1"), "ngach 33 ngo an trach 1");
        assert_eq!(said("ngo ngach hem"), "ngo ngach hem");
    }

    #[test]
    fn nothing_to_look_for_is_no_search() {
        for typed in ["", "  ", "a", "/-", "1"] {
            assert_eq!(Words::parse(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn a_number_is_begun_only_while_it_is_typed() {
        let begun: Vec<bool> = Words::parse("3 ngo 3").unwrap().iter().map(|word| word.may_be_begun).collect();
        assert_eq!(begun, [false, true, true]);
    }

    #[test]
    fn who_is_meant_is_covered_more() {
        let words = Words::parse("nguyen thi hamh").unwrap();
        assert!(words.coverage("Nguyễn Thị Hạnh") > words.coverage("Nguyễn Văn Hùng"));
        assert!(words.coverage("Nguyễn Thị Hạnh") > words.coverage("Nguyễn Thị Bình"));
    }
}
