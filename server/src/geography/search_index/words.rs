//! What somebody typed, as words to look for.
//! It deliberately knows no index: which words are alike is decided there.

use shared::text::fold;

const MAX_WORDS: usize = 12;
const MAX_LETTERS: usize = 40;

/// How people are spoken of, folded (ông, bà, cô, chú, ...). Helps when it is found, but nobody is registered as "Bà".
const TITLES: [&str; 12] = ["ong", "ba", "co", "chu", "anh", "chi", "bac", "cu", "di", "cau", "ho", "nha"];

/// A folded word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    /// Need not be found.
    pub is_title: bool,
}

impl Word {
    /// A mistyped number is another number, and short words are alike by accident.
    pub fn may_be_mistyped(&self) -> bool {
        self.text.chars().count() >= 4 && !self.text.contains(|letter: char| letter.is_ascii_digit())
    }

    /// The last word may be half typed, others half remembered.
    pub fn may_be_begun(&self, is_last: bool) -> bool {
        is_last || self.text.chars().count() >= 2
    }
}

/// The words of a search, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(Vec<Word>);

impl Words {
    /// None when there are not at least two letters or digits.
    pub fn parse(typed: &str) -> Option<Self> {
        let folded = fold(typed);
        let texts = split(&folded).map(|word| word.chars().take(MAX_LETTERS).collect::<String>()).take(MAX_WORDS);
        let mut words: Vec<Word> = texts.map(|text| Word { is_title: TITLES.contains(&text.as_str()), text }).collect();
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

    /// Words that stand side by side: "ngo 34" is more than a "ngo" and a "34".
    pub fn pairs(&self) -> impl Iterator<Item = (&Word, &Word)> {
        self.0.windows(2).map(|pair| (&pair[0], &pair[1]))
    }

    /// Share of the words of a text that were asked for: a short name that was meant beats a long one that contains it.
    pub fn coverage(&self, text: &str) -> f32 {
        let folded = fold(text);
        let (mut all, mut asked) = (0, 0);
        for word in split(&folded) {
            all += 1;
            asked += usize::from(self.0.iter().any(|wanted| word.starts_with(wanted.text.as_str())));
        }
        if all == 0 { 0.0 } else { asked as f32 / all as f32 }
    }
}

/// Words are letters and digits; "12/34" is two.
fn split(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(typed: &str) -> Vec<(String, bool)> {
        Words::parse(typed).map(|words| words.iter().map(|word| (word.text.clone(), word.is_title)).collect()).unwrap_or_default()
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
        let words: Vec<String> = texts("12/34/6").into_iter().map(|(text, _)| text).collect();
        assert_eq!(words, ["12", "34", "6"]);
    }

    #[test]
    fn nothing_to_look_for_is_no_search() {
        for typed in ["", "  ", "a", "/-", "1"] {
            assert_eq!(Words::parse(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn a_short_name_is_covered_more() {
        let words = Words::parse("ngo 34").unwrap();
        assert!(words.coverage("Ngõ 34") > words.coverage("Số 12 ngõ 34 phố Phương Canh"));
    }
}
