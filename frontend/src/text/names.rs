//! How names of places stand inside a sentence: "mọi camera của phường Phương Canh", "gần số 12 ngõ 34".
//! Names themselves come from the data, written as they stand alone.

use super::{Language, language};

/// Words that say what a place is; they are capital only where a line begins.
const KINDS: [&str; 16] =
    ["Phường", "Xã", "Thị", "Quận", "Huyện", "Thành", "Tỉnh", "Tổ", "Khu", "Đường", "Phố", "Ngõ", "Ngách", "Hẻm", "Số", "Tòa"];

/// As it stands inside a sentence of the language on the screen.
pub fn inside(name: &str) -> String {
    inside_of(language(), name)
}

fn inside_of(language: Language, name: &str) -> String {
    let is_kind = KINDS.iter().any(|kind| name.strip_prefix(kind).is_some_and(|rest| rest.starts_with(char::is_whitespace)));
    let mut letters = name.chars();
    match letters.next() {
        // To an English reader all of it is the name.
        Some(first) if is_kind && language == Language::Vietnamese => first.to_lowercase().chain(letters).collect(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_of_what_it_is_loses_its_capital() {
        let vi = |name| inside_of(Language::Vietnamese, name);
        assert_eq!(vi("Phường Phương Canh"), "phường Phương Canh");
        assert_eq!(vi("Đường Xuân Phương"), "đường Xuân Phương");
        assert_eq!(vi("Số 12 ngõ 34"), "số 12 ngõ 34");
        assert_eq!(vi("TDP 3"), "TDP 3");
        assert_eq!(vi("Phốt Thúy"), "Phốt Thúy");
        assert_eq!(vi(""), "");
        assert_eq!(inside_of(Language::English, "Phường Phương Canh"), "Phường Phương Canh");
    }
}
