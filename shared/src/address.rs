//! A Vietnamese street address as a structure: house number, the alleys it lies in, the street they leave.
//! It deliberately knows no ward and no map: whether the address exists is for whoever holds the roads.
//!
//! Alleys are numbered by where they leave: ngõ 12 leaves the street at house 12, ngách 34 leaves that
//! ngõ at its house 34, hẻm 6 leaves that ngách at its house 6. Written, the chain runs from the street
//! inwards and the deepest alley gives the word, so that
//!
//! ```
//! use shared::address::Address;
//! let address: Address = "Số 5 hẻm 12/34/6 phố Phương Canh".parse().unwrap();
//! assert_eq!(address.number.as_deref(), Some("5"));
//! assert_eq!(address.alleys, ["12", "34", "6"]); // hẻm 6 of ngách 34 of ngõ 12
//! assert_eq!(address.street.as_deref(), Some("phố Phương Canh"));
//! assert_eq!(address.to_string(), "Số 5 hẻm 12/34/6 phố Phương Canh");
//! ```

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use unicode_normalization::UnicodeNormalization;

/// Where a house stands, or, without a number, the alley or street itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Address {
    /// House number as it hangs at the door: "12", "12A".
    pub number: Option<String>,
    /// Numbers of the alleys from the street inwards: ngõ, ngách, hẻm. At most three.
    pub alleys: Vec<String>,
    /// With its kind in lower case: "phố Phương Canh", "đường 32". Absent when only the alleys were given.
    pub street: Option<String>,
}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// Nothing but spaces and commas.
    Empty,
    /// This word stands where a house or alley number should.
    NotANumber(String),
    /// More numbers than ngõ/ngách/hẻm, or fewer than the word before them promises.
    WrongDepth(String),
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the address is empty"),
            Self::NotANumber(word) => write!(f, "\"{word}\" is no house or alley number; write it like 12, 12A or 34/6"),
            Self::WrongDepth(word) => {
                write!(f, "\"{word}\" does not fit: ngõ has one number, ngách two (34/6), hẻm three (34/6/1)")
            }
        }
    }
}

impl std::error::Error for AddressError {}

/// The word for an alley by how deep it lies: 1 ngõ, 2 ngách, 3 hẻm.
pub fn alley_word(depth: usize) -> &'static str {
    match depth {
        0 | 1 => "ngõ",
        2 => "ngách",
        _ => "hẻm",
    }
}

impl Address {
    /// A street by its name, from which houses and alleys are derived.
    pub fn street(name: &str) -> Self {
        Self { street: Some(lower_kind(name)), ..Self::default() }
    }

    /// The alley that leaves this street or alley at house `number`.
    pub fn alley(&self, number: &str) -> Self {
        let mut alleys = self.alleys.clone();
        alleys.push(number.to_owned());
        Self { number: None, alleys, street: self.street.clone() }
    }

    /// How deep the innermost alley lies: the numbered ones, and one more where the street is itself a named ngõ.
    fn depth(&self) -> usize {
        let named = self.street.as_deref().and_then(|street| depth_of(street.split(' ').next()?));
        self.alleys.len() + named.unwrap_or(0)
    }

    /// The house `number` of this street or alley.
    pub fn house(&self, number: &str) -> Self {
        Self { number: Some(number.to_owned()), ..self.clone() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(number) = &self.number {
            parts.push(format!("Số {number}"));
        }
        if !self.alleys.is_empty() {
            parts.push(format!("{} {}", alley_word(self.depth()), self.alleys.join("/")));
        }
        parts.extend(self.street.clone());
        let text = parts.join(" ");
        let mut letters = text.chars();
        match letters.next() {
            Some(first) => write!(f, "{}{}", first.to_uppercase(), letters.as_str()),
            None => Ok(()),
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    /// Reads both the short form ("Số 5 hẻm 12/34/6 ...") and the long one ("5 hẻm 6 ngách 34 ngõ 12 ..."), with or
    /// without commas; what follows the street's part (phường, quận, tổ dân phố) is left out.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text: String = text.nfc().collect();
        let words = street_part(&text);
        let mut words = words.iter().map(String::as_str).peekable();
        if words.peek().is_none() {
            return Err(AddressError::Empty);
        }
        let mut address = Address::default();
        let mut street = String::new();
        let announced = words.next_if(|word| is(word, "số")).is_some() | words.next_if(|word| is(word, "nhà")).is_some();
        match words.peek() {
            Some(word) if is_number(word) => address.number = words.next().map(str::to_uppercase),
            Some(word) if announced => return Err(AddressError::NotANumber((*word).to_owned())),
            _ => {}
        }
        let mut promised = None;
        while let Some(depth) = words.peek().and_then(|word| depth_of(word)) {
            let word = words.next().unwrap_or_default();
            if words.peek().is_some_and(|next| !next.starts_with(|c: char| c.is_ascii_digit())) {
                street = word.to_owned(); // an alley with a name: "ngõ An Trạch 1"
                break;
            }
            let chain = words.next().unwrap_or_default();
            let numbers: Vec<String> = chain.split('/').map(str::to_uppercase).collect();
            if let Some(wrong) = numbers.iter().find(|number| !is_number(number)) {
                return Err(AddressError::NotANumber(wrong.clone()));
            }
            if numbers.len() != 1 && numbers.len() != depth {
                return Err(AddressError::WrongDepth(chain.to_owned()));
            }
            address.alleys.splice(0..0, numbers);
            promised.get_or_insert(depth);
            if address.alleys.len() >= 3 || depth == 1 {
                break;
            }
        }
        for word in words {
            if !street.is_empty() {
                street.push(' ');
            }
            street.push_str(word);
        }
        if !street.is_empty() {
            address.street = Some(lower_kind(&street));
        }
        if promised.is_some_and(|depth| depth != address.depth()) {
            return Err(AddressError::WrongDepth(address.alleys.join("/")));
        }
        Ok(address)
    }
}

/// The words up to the first administrative unit: those name no street.
fn street_part(text: &str) -> Vec<String> {
    let end = text
        .split(',')
        .scan(0, |at, part| {
            let start = *at;
            *at += part.len() + 1;
            Some((start, part.trim().to_lowercase()))
        })
        .find(|(start, part)| *start > 0 && UNITS.iter().any(|unit| part.starts_with(unit)))
        .map_or(text.len(), |(start, _)| start);
    text[..end].split([' ', ',', '\u{a0}', '\t', '\n']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

const UNITS: [&str; 9] = ["phường", "xã ", "quận", "huyện", "tổ dân phố", "tdp", "thành phố", "tp ", "hà nội"];
const KINDS: [&str; 8] = ["phố", "đường", "quốc lộ", "tỉnh lộ", "đại lộ", "ngõ", "ngách", "hẻm"];

/// "Phố Phương Canh" and "phố Phương Canh" are one street.
fn lower_kind(street: &str) -> String {
    let lower = street.to_lowercase();
    for kind in KINDS {
        if lower.starts_with(kind) && lower[kind.len()..].starts_with(' ') {
            let rest: String = street.chars().skip(kind.chars().count()).collect();
            return format!("{kind}{rest}");
        }
    }
    street.to_owned()
}

fn is(word: &str, wanted: &str) -> bool {
    word.to_lowercase() == wanted
}

fn depth_of(word: &str) -> Option<usize> {
    ["ngõ", "ngách", "hẻm"].iter().position(|known| is(word, known)).map(|at| at + 1)
}

/// Digits, then at most a letter and more digits: 12, 12A, 12A1.
fn is_number(word: &str) -> bool {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let tail = rest.strip_prefix(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest);
    rest.len() < word.len() && tail.chars().all(|c| c.is_ascii_digit()) && word.len() <= 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn the_chain_runs_from_the_street_inwards() {
        let address = read("Số 5 hẻm 12/34/6");
        assert_eq!(address.number.as_deref(), Some("5"));
        assert_eq!(address.alleys, ["12", "34", "6"]);
        assert_eq!(address.street, None);
        let ngach = Address::street("Phố Phương Canh").alley("34").alley("6");
        assert_eq!(ngach.to_string(), "Ngách 34/6 phố Phương Canh");
        assert_eq!(ngach.alley("1").house("5").to_string(), "Số 5 hẻm 34/6/1 phố Phương Canh");
    }

    #[test]
    fn the_long_form_means_the_same_as_the_short_one() {
        let short = read("Số 5 hẻm 12/34/6 phố Nhổn");
        assert_eq!(read("5 hẻm 6 ngách 34 ngõ 12 Phố Nhổn"), short);
        assert_eq!(read("số nhà 5, hẻm 6, ngách 34, ngõ 12, phố Nhổn, phường Phương Canh, Hà Nội"), short);
        assert_eq!(read("Số 5 hẻm 6 ngách 12/34 phố Nhổn"), short);
    }

    #[test]
    fn letters_and_streets_named_by_number_are_kept() {
        assert_eq!(read("Số 12a đường 32").to_string(), "Số 12A đường 32");
        assert_eq!(read("Đường 32").street.as_deref(), Some("đường 32"));
        assert_eq!(read("Ngõ 84 đường Xuân Phương").alleys, ["84"]);
        let named = read("Số 3 ngách 33 Ngõ An Trạch 1");
        assert_eq!((named.alleys.join("/").as_str(), named.street.as_deref()), ("33", Some("ngõ An Trạch 1")));
        assert_eq!(named.to_string(), "Số 3 ngách 33 ngõ An Trạch 1");
        // decomposed letters, as some keyboards send them
        assert_eq!(read("So\u{302}\u{301} 7 ngo\u{303} 3").to_string(), "Số 7 ngõ 3");
    }

    #[test]
    fn what_is_no_address_says_why() {
        assert_eq!(" , ".parse::<Address>(), Err(AddressError::Empty));
        assert_eq!("Số mười phố Nhổn".parse::<Address>(), Err(AddressError::NotANumber("mười".into())));
        assert_eq!("Số 5 ngách 1/2/3".parse::<Address>(), Err(AddressError::WrongDepth("1/2/3".into())));
        assert_eq!("Số 5 ngõ".parse::<Address>(), Err(AddressError::NotANumber(String::new())));
        assert_eq!("Số 5 hẻm 6 phố Nhổn".parse::<Address>(), Err(AddressError::WrongDepth("6".into())));
    }

    fn a_number() -> impl Strategy<Value = String> {
        "[1-9][0-9]{0,2}[A-D]?"
    }

    fn a_street() -> impl Strategy<Value = String> {
        ("(phố|đường)", "(Nhổn|Phương Canh|Tu Hoàng|32|Trịnh Văn Bô|Văn Trì)").prop_map(|(k, n)| format!("{k} {n}"))
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            number in proptest::option::of(a_number()),
            alleys in proptest::collection::vec(a_number(), 0..=3),
            street in proptest::option::of(a_street()),
        ) {
            let address = Address { number, alleys, street };
            prop_assume!(address != Address::default());
            prop_assert_eq!(address.to_string().parse::<Address>(), Ok(address));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}") {
            let _ = text.parse::<Address>();
        }
    }
}
