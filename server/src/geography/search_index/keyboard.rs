//! What fingers do to a word: tone and vowel marks left as Telex or VNI keys, and one letter wrong.
//! It deliberately knows no vocabulary: whether a word exists is decided there.

/// Letters that Telex takes as tones. No Vietnamese syllable has one of them after its vowel.
const TONES: [char; 5] = ['s', 'f', 'r', 'x', 'j'];

/// The word that somebody meant who typed it on a keyboard that did not compose: "phuwowng", "nguyeenx", "dduwcs", "phu7o7ng".
///
/// Of a folded word; none where nothing in it is such a key.
pub fn composed(word: &str) -> Option<String> {
    let meant = if word.contains(|letter: char| letter.is_ascii_digit()) { from_vni(word)? } else { from_telex(word)? };
    (meant != word && meant.chars().count() >= 2 && meant.contains(is_vowel)).then_some(meant)
}

fn from_telex(word: &str) -> Option<String> {
    let mut meant = String::with_capacity(word.len());
    let mut vowel_seen = false;
    for letter in word.chars() {
        if !letter.is_ascii_lowercase() {
            return None;
        }
        let last = meant.chars().last();
        match letter {
            'w' => {
                // After a vowel it bends it (aw, ow, uw); alone it is a "u" with its hook.
                if !last.is_some_and(is_vowel) {
                    meant.push('u');
                    vowel_seen = true;
                }
            }
            'a' | 'e' | 'o' if last == Some(letter) => {}
            'd' if meant == "d" => {}
            // At the end the stroke of "đ" may come late: "dinhd".
            'd' if vowel_seen && meant.starts_with('d') => {}
            tone if vowel_seen && TONES.contains(&tone) => {}
            _ => {
                vowel_seen |= is_vowel(letter);
                meant.push(letter);
            }
        }
    }
    Some(meant)
}

fn from_vni(word: &str) -> Option<String> {
    let begins = word.starts_with(|letter: char| letter.is_ascii_lowercase());
    // "c07" and "lo12" are codes.
    let code = word.trim_start_matches(|letter: char| letter.is_ascii_lowercase()).len() >= 2
        && word.trim_end_matches(|letter: char| letter.is_ascii_digit()).chars().all(|letter| letter.is_ascii_lowercase());
    let letters: String = word.chars().filter(|letter| !('1'..='9').contains(letter)).collect();
    (begins && !code && letters.chars().all(|letter| letter.is_ascii_lowercase())).then_some(letters)
}

fn is_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

/// Whether one step leads from one word to the other: a letter wrong, missing or too many, or two neighbours swapped
/// (optimal string alignment distance of 1).
pub fn one_step_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    let start = short.iter().zip(long.iter()).take_while(|(one, other)| one == other).count();
    let rest = (&short[start..], &long[start..]);
    match long.len() - short.len() {
        0 => match rest {
            ([], []) => false,
            ([one, second, after @ ..], [other, next, behind @ ..]) if one == next && second == other && after == behind => true,
            ([_, after @ ..], [_, behind @ ..]) => after == behind,
            _ => false,
        },
        1 => rest.0 == &rest.1[1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_were_left_over_are_composed() {
        let words = [
            ("phuwowng", "phuong"),
            ("nguyeenx", "nguyen"),
            ("hanhj", "hanh"),
            ("hajnh", "hanh"),
            ("dduwcs", "duc"),
            ("ddaats", "dat"),
            ("nhw", "nhu"),
            ("truowngf", "truong"),
            ("phu7o7ng", "phuong"),
            ("nguye6n4", "nguyen"),
            ("d9inh2", "dinh"),
        ];
        for (typed, meant) in words {
            assert_eq!(composed(typed).as_deref(), Some(meant), "{typed}");
        }
    }

    #[test]
    fn words_and_codes_are_left_alone() {
        for word in ["hanh", "canh", "sinh", "ram", "34", "12a", "c07", "lo12", "d", "w"] {
            assert_eq!(composed(word), None, "{word}");
        }
    }

    #[test]
    fn one_step_is_a_letter_wrong_missing_too_many_or_swapped() {
        for (a, b) in [("hanh", "hamh"), ("hanh", "hah"), ("hanh", "hannh"), ("hanh", "hnah"), ("canh", "hanh"), ("an", "na")] {
            assert!(one_step_apart(a, b) && one_step_apart(b, a), "{a} {b}");
        }
        for (a, b) in [("hanh", "hanh"), ("hanh", "nhah"), ("hanh", "ha"), ("hanh", "hoang"), ("abcd", "badc")] {
            assert!(!one_step_apart(a, b) && !one_step_apart(b, a), "{a} {b}");
        }
    }
}
