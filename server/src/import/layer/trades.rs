//! The section (A to U) of a business by its VSIC code, its letter, or what it does in a few plain words.
//! It deliberately knows few words: a trade it does not know is refused rather than put somewhere.

use crate::import::header::normalise;

/// The section that a code of the Vietnamese classification belongs to, by its first two digits.
///
/// VSIC 2018 (Decision 27/2018/QĐ-TTg), which follows ISIC revision 4.
pub fn section_of(vsic: &str) -> Option<&'static str> {
    let division: u8 = vsic.get(..2)?.parse().ok()?;
    Some(match division {
        1..=3 => "A",
        5..=9 => "B",
        10..=33 => "C",
        35 => "D",
        36..=39 => "E",
        41..=43 => "F",
        45..=47 => "G",
        49..=53 => "H",
        55 | 56 => "I",
        58..=63 => "J",
        64..=66 => "K",
        68 => "L",
        69..=75 => "M",
        77..=82 => "N",
        84 => "O",
        85 => "P",
        86..=88 => "Q",
        90..=93 => "R",
        94..=96 => "S",
        97 | 98 => "T",
        99 => "U",
        _ => return None,
    })
}

/// Words by which trades are called in lists, folded; the first that occurs decides, so the narrower stand first.
const WORDS: [(&str, &[&str]); 16] = [
    ("Q", &["phong kham", "nha khoa", "rang ham mat", "y te", "kham benh", "chua benh"]),
    ("P", &["mam non", "giao duc", "day hoc", "day them", "trung tam ngoai ngu", "truong hoc", "dao tao"]),
    (
        "I",
        &[
            "an uong",
            "nha hang",
            "quan an",
            "com binh dan",
            "bun",
            "pho",
            "ca phe",
            "cafe",
            "coffee",
            "giai khat",
            "tra sua",
            "bia",
            "nha nghi",
            "khach san",
            "luu tru",
            "tra da",
            "do an",
            "an sang",
        ],
    ),
    (
        "S",
        &[
            "cat toc",
            "lam dau",
            "toc",
            "nail",
            "spa",
            "tham my",
            "giat la",
            "giat ui",
            "sua dien thoai",
            "sua chua dien tu",
            "sua giay",
            "sua quan ao",
        ],
    ),
    (
        "G",
        &[
            "tap hoa",
            "bach hoa",
            "ban le",
            "ban buon",
            "thuong mai",
            "sieu thi",
            "thuoc",
            "my pham",
            "quan ao",
            "thoi trang",
            "giay dep",
            "vat lieu xay dung",
            "dien thoai",
            "dien may",
            "do gia dung",
            "gia dung",
            "rau",
            "thit",
            "hoa qua",
            "thuc pham",
            "xe may",
            "o to",
            "gas",
            "vang bac",
            "hang an",
            "van phong pham",
            "shop",
            "cua hang",
            "ban hang",
        ],
    ),
    ("H", &["van tai", "van chuyen", "taxi", "xe om", "chuyen phat", "kho bai", "trong giu xe", "gui xe"]),
    ("F", &["xay dung", "thi cong", "lap dat", "son nha"]),
    ("C", &["san xuat", "co khi", "may mac", "may do", "nhom kinh", "do go", "in an", "banh keo", "che bien", "xuong"]),
    ("J", &["phan mem", "tin hoc", "internet", "vien thong", "quang cao truc tuyen"]),
    ("K", &["ngan hang", "cam do", "tai chinh", "bao hiem", "tin dung"]),
    ("L", &["bat dong san", "nha dat", "cho thue nha", "cho thue phong", "nha tro"]),
    ("M", &["tu van", "thiet ke", "ke toan", "luat", "chup anh", "quang cao"]),
    ("N", &["du lich", "bao ve", "ve sinh cong nghiep", "cho thue xe", "viec lam"]),
    ("R", &["karaoke", "game", "tro choi", "the thao", "gym", "bi a", "giai tri"]),
    ("A", &["trong trot", "chan nuoi", "nong nghiep", "cay canh"]),
    ("E", &["phe lieu", "rac thai"]),
];

/// The section that a letter or some words mean.
pub fn section_by_words(text: &str) -> Option<&'static str> {
    const LETTERS: [&str; 21] = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R", "S", "T", "U"];
    let letter = text.trim().to_uppercase();
    if let Some(section) = LETTERS.iter().find(|section| **section == letter) {
        return Some(section);
    }
    let padded = format!(" {} ", normalise(text));
    let says = |words: &&[&str]| words.iter().any(|word| padded.contains(&format!(" {word} ")));
    WORDS.iter().find(|(_, words)| says(words)).map(|(section, _)| *section)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_follow_the_classification() {
        assert_eq!(section_of("4711"), Some("G"));
        assert_eq!(section_of("5610"), Some("I"));
        assert_eq!(section_of("0111"), Some("A"));
        assert_eq!(section_of("04"), None);
        assert_eq!(section_of("x"), None);
    }

    #[test]
    fn plain_words_find_their_section_or_none() {
        assert_eq!(section_by_words("Bán tạp hóa"), Some("G"));
        assert_eq!(section_by_words("Quán ăn, bún phở"), Some("I"));
        assert_eq!(section_by_words("Cắt tóc nam"), Some("S"));
        assert_eq!(section_by_words("g"), Some("G"));
        assert_eq!(section_by_words("Phố"), Some("I"), "folded words cannot tell phở from phố");
        assert_eq!(section_by_words("Khác"), None);
    }
}
