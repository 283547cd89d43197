//! Compares the names of columns as people write them: "Mã hộ (*)", "MA_HO" and "ma ho" are one.
//! It deliberately knows no column; areas and layers bring their words.

use shared::text::fold;

/// A column's name without case, diacritics and signs.
pub fn normalise(name: &str) -> String {
    let folded = fold(name);
    let words: Vec<&str> = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// The same without what stands in brackets: "Địa chỉ (số nhà, ngõ)".
fn without_brackets(name: &str) -> String {
    let mut depth = 0_usize;
    let outside = name.chars().filter(|letter| match letter {
        '(' | '[' => {
            depth += 1;
            false
        }
        ')' | ']' => {
            depth = depth.saturating_sub(1);
            false
        }
        _ => depth == 0,
    });
    normalise(&outside.collect::<String>())
}

/// Where the first of these words stands in a header; earlier words are better ones. `free` says which columns may be taken.
pub fn position(header: &[String], words: &[&str], free: impl Fn(usize) -> bool) -> Option<usize> {
    words.iter().find_map(|word| {
        header.iter().enumerate().position(|(at, name)| free(at) && (normalise(name) == *word || without_brackets(name) == *word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one() {
        for name in ["Mã hộ", "MÃ  HỘ (*)", "ma_ho", "Ma-Ho:", "Mã hộ (theo sổ)"] {
            assert_eq!(position(&[name.to_owned()], &["ma ho"], |_| true), Some(0), "{name}");
        }
        let header = ["Tên".to_owned(), "Họ tên chủ hộ".to_owned()];
        assert_eq!(position(&header, &["ho ten chu ho", "ten"], |_| true), Some(1), "the better word wins over the earlier column");
        assert_eq!(position(&header, &["ho ten chu ho", "ten"], |at| at != 1), Some(0));
    }
}
