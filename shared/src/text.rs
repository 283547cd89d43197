//! Vietnamese text as search compares it: without case, diacritics, or the difference between đ and d.
//! What is stored and shown keeps all of them, in Unicode NFC.

/// Folds text for comparison: lower case, no diacritics, đ as d, white space as single spaces.
///
/// Composed and decomposed spellings of one word fold to the same letters.
///
/// ```
/// assert_eq!(shared::text::fold("Bà  Nguyễn Thị Hạnh, Số 12 ngõ 34 Đường Cầu Diễn"), "ba nguyen thi hanh, so 12 ngo 34 duong cau dien");
/// ```
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in bare(text) {
        match letter {
            'đ' | 'Đ' => folded.push('d'),
            letter if letter.is_whitespace() => {
                if !folded.is_empty() && !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            letter => folded.extend(letter.to_lowercase()),
        }
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    folded
}

/// The letters without their marks.
#[cfg(not(target_arch = "wasm32"))]
fn bare(text: &str) -> impl Iterator<Item = char> {
    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
    text.nfd().filter(|letter| !is_combining_mark(*letter))
}

/// The same for what is written in Latin letters. A browser would have to load 120 KB of tables for the rest of Unicode.
#[cfg(target_arch = "wasm32")]
fn bare(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|letter| !('\u{300}'..='\u{36f}').contains(letter)).map(latin::bare)
}

/// Latin letters with marks, Vietnamese among them.
#[cfg(any(target_arch = "wasm32", test))]
mod latin {
    /// First and last of a run that shares its letter, and that letter.
    #[rustfmt::skip]
    const RUNS: [(char, char, char); 62] = [
        ('À', 'Å', 'a'), ('Ç', 'Ç', 'c'), ('È', 'Ë', 'e'), ('Ì', 'Ï', 'i'), ('Ñ', 'Ñ', 'n'), ('Ò', 'Ö', 'o'), ('Ù', 'Ü', 'u'), ('Ý', 'Ý', 'y'),
        ('à', 'å', 'a'), ('ç', 'ç', 'c'), ('è', 'ë', 'e'), ('ì', 'ï', 'i'), ('ñ', 'ñ', 'n'), ('ò', 'ö', 'o'), ('ù', 'ü', 'u'), ('ý', 'ý', 'y'),
        ('ÿ', 'ÿ', 'y'), ('Ā', 'ą', 'a'), ('Ć', 'č', 'c'), ('Ď', 'ď', 'd'), ('Ē', 'ě', 'e'), ('Ĝ', 'ģ', 'g'), ('Ĥ', 'ĥ', 'h'), ('Ĩ', 'İ', 'i'),
        ('Ĵ', 'ĵ', 'j'), ('Ķ', 'ķ', 'k'), ('Ĺ', 'ľ', 'l'), ('Ń', 'ň', 'n'), ('Ō', 'ő', 'o'), ('Ŕ', 'ř', 'r'), ('Ś', 'š', 's'), ('Ţ', 'ť', 't'),
        ('Ũ', 'ų', 'u'), ('Ŵ', 'ŵ', 'w'), ('Ŷ', 'Ÿ', 'y'), ('Ź', 'ž', 'z'), ('Ơ', 'ơ', 'o'), ('Ư', 'ư', 'u'), ('Ḁ', 'ḁ', 'a'), ('Ḃ', 'ḇ', 'b'),
        ('Ḉ', 'ḉ', 'c'), ('Ḋ', 'ḓ', 'd'), ('Ḕ', 'ḝ', 'e'), ('Ḟ', 'ḟ', 'f'), ('Ḡ', 'ḡ', 'g'), ('Ḣ', 'ḫ', 'h'), ('Ḭ', 'ḯ', 'i'), ('Ḱ', 'ḵ', 'k'),
        ('Ḷ', 'ḽ', 'l'), ('Ḿ', 'ṃ', 'm'), ('Ṅ', 'ṋ', 'n'), ('Ṍ', 'ṓ', 'o'), ('Ṕ', 'ṗ', 'p'), ('Ṙ', 'ṟ', 'r'), ('Ṡ', 'ṩ', 's'), ('Ṫ', 'ṱ', 't'),
        ('Ạ', 'ặ', 'a'), ('Ẹ', 'ệ', 'e'), ('Ỉ', 'ị', 'i'), ('Ọ', 'ợ', 'o'), ('Ụ', 'ự', 'u'), ('Ỳ', 'ỹ', 'y'),
    ];

    pub fn bare(letter: char) -> char {
        RUNS.iter().find(|(first, last, _)| (*first..=*last).contains(&letter)).map_or(letter, |(_, _, bare)| *bare)
    }
}

#[cfg(test)]
mod tests {
    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

    use super::*;

    /// What a browser does and what the server does, letter by letter.
    #[test]
    fn latin_letters_lose_the_same_marks_with_and_without_the_tables() {
        let blocks = ['\u{41}'..='\u{17f}', '\u{1a0}'..='\u{1b0}', '\u{1e00}'..='\u{1e71}', '\u{1ea0}'..='\u{1ef9}'];
        for letter in blocks.into_iter().flatten() {
            let by_tables: String =
                letter.to_string().nfd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase).collect();
            let bare: String = latin::bare(letter).to_lowercase().collect();
            assert_eq!(bare, by_tables, "{letter}");
        }
    }

    #[test]
    fn every_vietnamese_vowel_folds_to_its_letter() {
        let vowels = [
            ("aàáảãạăằắẳẵặâầấẩẫậ", 'a'),
            ("eèéẻẽẹêềếểễệ", 'e'),
            ("iìíỉĩị", 'i'),
            ("oòóỏõọôồốổỗộơờớởỡợ", 'o'),
            ("uùúủũụưừứửữự", 'u'),
            ("yỳýỷỹỵ", 'y'),
        ];
        for (spellings, letter) in vowels {
            for text in [spellings.to_owned(), spellings.to_uppercase()] {
                assert!(fold(&text).chars().all(|folded| folded == letter), "{text} became {}", fold(&text));
            }
        }
    }

    #[test]
    fn composed_and_decomposed_are_one() {
        let composed: String = "Phương Canh".nfc().collect();
        let decomposed: String = "Phương Canh".nfd().collect();
        assert_ne!(composed, decomposed);
        assert_eq!(fold(&composed), fold(&decomposed));
    }
}
