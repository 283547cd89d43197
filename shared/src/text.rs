//! Vietnamese text as search compares it: without case, diacritics, or the difference between đ and d.
//! What is stored and shown keeps all of them, in Unicode NFC.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Folds text for comparison: lower case, no diacritics, đ as d, white space as single spaces.
///
/// Composed and decomposed spellings of one word fold to the same letters.
///
/// ```
/// assert_eq!(shared::text::fold("Bà  Nguyễn Thị Hạnh, Số 12 ngõ 34 Đường Cầu Diễn"), "ba nguyen thi hanh, so 12 ngo 34 duong cau dien");
/// ```
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfd().filter(|letter| !is_combining_mark(*letter)) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
