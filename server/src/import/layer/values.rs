//! Reads the values of cells as people write them: numbers with commas, dates with day first, words in two languages.
//! It deliberately guesses nothing that could be two things: such a value is refused with its reason.

use chrono::NaiveDate;
use shared::business::{BusinessKind, BusinessStatus};
use shared::camera::CameraStatus;
use shared::household::{Education, Relation, ResidenceKind, Sex};

use crate::import::header::normalise;
use crate::import::source::Cell;

/// Why a value cannot be taken.
pub type Why = String;

/// A cell as text, as a person reads it in the sheet.
pub fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Cell::Number(number) => number.to_string(),
        Cell::Date(date) => date.format("%d/%m/%Y").to_string(),
        Cell::NotText => "?".to_owned(),
    }
}

const NOT_UTF_8: &str = "is not UTF-8: save the file as \"CSV UTF-8\" (shapefile: with a .cpg of UTF-8)";

/// Text of a cell; a number as its digits.
pub fn text(cell: &Cell) -> Result<Option<String>, Why> {
    match cell {
        Cell::Empty => Ok(None),
        Cell::NotText => Err(NOT_UTF_8.to_owned()),
        other => Ok(Some(shown(other))),
    }
}

/// A code or an address: a date there is Excel's doing ("1-2" became 1 February).
pub fn written(cell: &Cell) -> Result<Option<String>, Why> {
    match cell {
        Cell::Date(_) => Err("stands as a date in the sheet: Excel made one of it; format the column as text and write it anew".to_owned()),
        Cell::Number(number) if number.fract() != 0.0 => {
            Err("stands as a number with a fraction in the sheet; format the column as text".to_owned())
        }
        other => text(other),
    }
}

/// Digits that begin with zeros, which a number cell has lost: of `length` in all, where so many are usual.
fn digits(cell: &Cell, length: usize) -> Result<Option<String>, Why> {
    let padded = matches!(cell, Cell::Number(_));
    Ok(written(cell)?.map(|text| if padded { format!("{text:0>length$}") } else { text }))
}

/// A tax code: 10 digits, or 13 with a hyphen before the last three.
pub fn tax_code(cell: &Cell) -> Result<Option<String>, Why> {
    let Some(code) = digits(cell, 10)? else { return Ok(None) };
    let bare: String = code.chars().filter(|letter| !matches!(letter, ' ' | '-' | '.')).collect();
    if !matches!(bare.len(), 10 | 12 | 13) || !bare.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("is no tax code: 10 digits, or 13 for a branch".to_owned());
    }
    Ok(Some(if bare.len() == 13 { format!("{}-{}", &bare[..10], &bare[10..]) } else { bare }))
}

/// A national ID of 12 digits (CCCD) or 9 (the old CMND).
pub fn national_id(cell: &Cell) -> Result<Option<String>, Why> {
    let Some(number) = digits(cell, 12)? else { return Ok(None) };
    let bare: String = number.chars().filter(|letter| !matches!(letter, ' ' | '.' | '-' | '\'')).collect();
    if matches!(bare.len(), 9 | 12) && bare.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(Some(bare))
    } else {
        Err("is no national ID: 12 digits, or 9 of the old card".to_owned())
    }
}

/// A telephone number as it is dialled in Vietnam.
pub fn phone(cell: &Cell) -> Result<Option<String>, Why> {
    let lost_its_zero = matches!(cell, Cell::Number(_));
    let Some(number) = written(cell)? else { return Ok(None) };
    let bare: String = number.chars().filter(|letter| !matches!(letter, ' ' | '.' | '-' | '(' | ')' | '\'')).collect();
    let bare = match bare.strip_prefix("+84").or_else(|| bare.strip_prefix("0084")) {
        Some(rest) => format!("0{rest}"),
        None if lost_its_zero && !bare.starts_with('0') => format!("0{bare}"),
        None => bare,
    };
    if (8..=11).contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(Some(bare))
    } else {
        Err("is no telephone number".to_owned())
    }
}

/// A number, with a comma or a point for the fraction, with or without separators of thousands.
pub fn number(cell: &Cell) -> Result<Option<f64>, Why> {
    match cell {
        Cell::Empty => Ok(None),
        Cell::Number(number) if number.is_finite() => Ok(Some(*number)),
        Cell::Text(text) => parse_number(text).map(Some).ok_or_else(|| "is no number".to_owned()),
        Cell::NotText => Err(NOT_UTF_8.to_owned()),
        Cell::Number(_) | Cell::Date(_) => Err("is no number".to_owned()),
    }
}

fn parse_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let bare = text.strip_suffix("độ").unwrap_or(text).trim_end_matches(['°', 'm', '%']);
    let bare: String = bare.chars().filter(|letter| !letter.is_whitespace() && *letter != '\u{a0}').collect();
    let (points, commas) = (bare.matches('.').count(), bare.matches(',').count());
    let plain = match (points, commas) {
        (_, 0) if points <= 1 => bare,
        (0, 1) => bare.replace(',', "."),
        // several of one kind separate thousands
        (_, 0) => bare.replace('.', ""),
        (0, _) => bare.replace(',', ""),
        // of both kinds the last one begins the fraction
        _ if bare.rfind(',') > bare.rfind('.') => bare.replace('.', "").replace(',', "."),
        _ => bare.replace(',', ""),
    };
    plain.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A day: 31/12/1990, 31-12-1990, 31.12.1990 or 1990-12-31, with or without a time behind it.
pub fn date(cell: &Cell) -> Result<Option<NaiveDate>, Why> {
    let text = match cell {
        Cell::Empty => return Ok(None),
        Cell::Date(date) => return checked(*date).map(Some),
        Cell::Number(year) if year.fract() == 0.0 && (1900.0..2100.0).contains(year) => return Err(ONLY_A_YEAR.to_owned()),
        Cell::NotText => return Err(NOT_UTF_8.to_owned()),
        other => shown(other),
    };
    let day = text.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split(['/', '-', '.']).collect();
    let number = |part: &str| part.parse::<u32>().ok();
    let date = match parts.as_slice() {
        [year] if year.len() == 4 && number(year).is_some() => return Err(ONLY_A_YEAR.to_owned()),
        [year, month, day] if year.len() == 4 => year.parse().ok().zip(number(month)).zip(number(day)),
        [day, month, year] if year.len() == 4 => year.parse().ok().zip(number(month)).zip(number(day)),
        _ => None,
    };
    let date = date.and_then(|((year, month), day)| NaiveDate::from_ymd_opt(year, month, day));
    checked(date.ok_or_else(|| "is no day; write it like 31/12/1990".to_owned())?).map(Some)
}

const ONLY_A_YEAR: &str = "says only the year; the day and month are missing";

fn checked(date: NaiveDate) -> Result<NaiveDate, Why> {
    let is_likely = NaiveDate::from_ymd_opt(1850, 1, 1).is_some_and(|first| date >= first)
        && NaiveDate::from_ymd_opt(2100, 1, 1).is_some_and(|last| date < last);
    if is_likely { Ok(date) } else { Err("is a day of another age".to_owned()) }
}

/// Finds the meaning of a word in a table; nothing for an empty cell.
fn word<T: Copy>(cell: &Cell, table: &[(&[&str], T)], expected: &str) -> Result<Option<T>, Why> {
    let Some(text) = text(cell)? else { return Ok(None) };
    let text = normalise(&text);
    let found = table.iter().find(|(words, _)| words.contains(&text.as_str())).map(|(_, meaning)| *meaning);
    found.map(Some).ok_or_else(|| format!("is not understood; write {expected}"))
}

pub fn sex(cell: &Cell) -> Result<Option<Sex>, Why> {
    word(cell, &[(&["nam", "male", "m", "1"], Sex::Male), (&["nu", "female", "f", "0", "2"], Sex::Female)], "nam or nữ")
}

pub fn relation(cell: &Cell) -> Result<Option<Relation>, Why> {
    let table: [(&[&str], Relation); 8] = [
        (&["chu ho", "head"], Relation::Head),
        (&["vo", "chong", "vo chong", "spouse", "wife", "husband"], Relation::Spouse),
        (&["con", "con de", "con trai", "con gai", "con nuoi", "con ruot", "child", "son", "daughter"], Relation::Child),
        (
            &[
                "bo", "me", "cha", "bo de", "me de", "cha de", "bo me", "bo chong", "me chong", "bo vo", "me vo", "parent", "father",
                "mother",
            ],
            Relation::Parent,
        ),
        (&["chau", "chau noi", "chau ngoai", "chau ruot", "grandchild"], Relation::Grandchild),
        (
            &[
                "anh",
                "chi",
                "em",
                "anh chi em",
                "anh ruot",
                "chi ruot",
                "em ruot",
                "anh trai",
                "chi gai",
                "em trai",
                "em gai",
                "sibling",
                "brother",
                "sister",
            ],
            Relation::Sibling,
        ),
        (&["con dau", "con re", "child in law"], Relation::ChildInLaw),
        (&["khac", "other", "cung o", "nguoi o nho", "o nho", "ong", "ba"], Relation::Other),
    ];
    word(cell, &table, "chủ hộ, vợ, chồng, con, bố, mẹ, cháu, anh, chị, em, con dâu, con rể or khác")
}

pub fn residence_kind(cell: &Cell) -> Result<Option<ResidenceKind>, Why> {
    let table: [(&[&str], ResidenceKind); 3] = [
        (&["thuong tru", "permanent", "tt", "kt1"], ResidenceKind::Permanent),
        (&["tam tru", "temporary", "kt2", "kt3"], ResidenceKind::Temporary),
        (&["luu tru", "short stay", "kt4"], ResidenceKind::ShortStay),
    ];
    word(cell, &table, "thường trú, tạm trú or lưu trú")
}

pub fn education(cell: &Cell) -> Result<Option<Education>, Why> {
    let table: [(&[&str], Education); 9] = [
        (&["khong", "chua di hoc", "mu chu", "none"], Education::None),
        (&["mam non", "mau giao", "preschool"], Education::Preschool),
        (&["tieu hoc", "cap 1", "primary"], Education::Primary),
        (&["thcs", "trung hoc co so", "cap 2", "lower secondary"], Education::LowerSecondary),
        (&["thpt", "trung hoc pho thong", "cap 3", "12 12", "upper secondary"], Education::UpperSecondary),
        (&["trung cap", "so cap", "vocational", "nghe"], Education::Vocational),
        (&["cao dang", "college"], Education::College),
        (&["dai hoc", "university", "cu nhan", "ky su"], Education::University),
        (&["thac si", "tien si", "sau dai hoc", "postgraduate", "master", "phd"], Education::Postgraduate),
    ];
    word(cell, &table, "tiểu học, THCS, THPT, trung cấp, cao đẳng, đại học or sau đại học")
}

pub fn camera_status(cell: &Cell) -> Result<Option<CameraStatus>, Why> {
    let table: [(&[&str], CameraStatus); 3] = [
        (&["online", "hoat dong", "dang hoat dong", "tot", "binh thuong", "co", "true", "1"], CameraStatus::Online),
        (
            &[
                "offline",
                "hong",
                "dang sua",
                "dang sua chua",
                "mat ket noi",
                "mat tin hieu",
                "khong hoat dong",
                "ngung hoat dong",
                "loi",
                "khong",
                "false",
                "0",
            ],
            CameraStatus::Offline,
        ),
        (&["unknown", "khong ro", "chua ro"], CameraStatus::Unknown),
    ];
    word(cell, &table, "hoạt động, mất kết nối or không rõ")
}

pub fn business_status(cell: &Cell) -> Result<Option<BusinessStatus>, Why> {
    let table: [(&[&str], BusinessStatus); 3] = [
        (
            &["operating", "open", "active", "dang hoat dong", "hoat dong", "nnt dang hoat dong", "dang kinh doanh"],
            BusinessStatus::Operating,
        ),
        (&["suspended", "tam ngung", "tam nghi", "tam ngung hoat dong", "tam ngung kinh doanh"], BusinessStatus::Suspended),
        (
            &["closed", "dong", "da dong", "giai the", "ngung hoat dong", "cham dut hoat dong", "dong ma so thue", "nghi kinh doanh"],
            BusinessStatus::Closed,
        ),
    ];
    word(cell, &table, "đang hoạt động, tạm ngừng or đã đóng")
}

pub fn business_kind(cell: &Cell) -> Result<Option<BusinessKind>, Why> {
    let table: [(&[&str], BusinessKind); 2] = [
        (
            &[
                "company",
                "cong ty",
                "doanh nghiep",
                "cong ty tnhh",
                "cong ty co phan",
                "tnhh",
                "cp",
                "doanh nghiep tu nhan",
                "dntn",
                "chi nhanh",
                "hop tac xa",
                "enterprise",
            ],
            BusinessKind::Company,
        ),
        (
            &["household business", "ho kinh doanh", "hkd", "ho kinh doanh ca the", "ca the", "ho ca the", "household"],
            BusinessKind::HouseholdBusiness,
        ),
    ];
    word(cell, &table, "công ty or hộ kinh doanh")
}

/// Degrees from north, clockwise: a number, or one of the eight winds. "N" by itself is refused: it is Nam here and north elsewhere.
pub fn heading(cell: &Cell) -> Result<Option<f64>, Why> {
    let winds: [(&[&str], f64); 8] = [
        (&["bac", "huong bac", "north"], 0.0),
        (&["dong bac", "huong dong bac", "db", "ne", "northeast"], 45.0),
        (&["dong", "huong dong", "e", "east"], 90.0),
        (&["dong nam", "huong dong nam", "dn", "se", "southeast"], 135.0),
        (&["nam", "huong nam", "s", "south"], 180.0),
        (&["tay nam", "huong tay nam", "tn", "sw", "southwest"], 225.0),
        (&["tay", "huong tay", "w", "west"], 270.0),
        (&["tay bac", "huong tay bac", "tb", "nw", "northwest"], 315.0),
    ];
    match number(cell) {
        Ok(Some(degrees)) if (0.0..=360.0).contains(&degrees) => Ok(Some(degrees % 360.0)),
        Ok(Some(_)) => Err("is no heading: 0 to 360 degrees from north".to_owned()),
        Ok(None) => Ok(None),
        Err(_) => word(cell, &winds, "degrees from north, or a wind such as đông nam"),
    }
}

/// The kinds of place by the table's words, Vietnamese ones, and those of OpenStreetMap.
pub fn place_kind(cell: &Cell) -> Result<Option<&'static str>, Why> {
    let table: [(&[&str], &'static str); 22] = [
        (&["ward office", "ubnd", "ubnd phuong", "uy ban nhan dan", "uy ban nhan dan phuong", "tru so phuong", "townhall"], "ward_office"),
        (&["police", "cong an", "cong an phuong", "don cong an", "truc cong an"], "police"),
        (&["culture house", "nha van hoa", "nvh", "nha sinh hoat cong dong", "community centre"], "culture_house"),
        (&["qr board", "bang qr", "bang ma qr", "diem quet qr"], "qr_board"),
        (&["loudspeaker", "loa", "loa truyen thanh", "cum loa"], "loudspeaker"),
        (&["heritage", "di tich", "di tich lich su", "di san"], "heritage"),
        (&["market", "cho", "cho dan sinh", "marketplace"], "market"),
        (&["cashless market", "cho khong dung tien mat", "cho 4 0"], "cashless_market"),
        (&["wifi", "wi fi", "diem wifi", "wifi cong cong"], "wifi"),
        (
            &[
                "school",
                "truong",
                "truong hoc",
                "truong mam non",
                "truong tieu hoc",
                "truong thcs",
                "truong thpt",
                "mam non",
                "tieu hoc",
                "thcs",
                "thpt",
                "kindergarten",
            ],
            "school",
        ),
        (&["university", "dai hoc", "cao dang", "truong dai hoc", "truong cao dang", "college"], "university"),
        (&["health", "tram y te", "y te", "benh vien", "phong kham", "hospital", "clinic", "doctors"], "health"),
        (&["pharmacy", "nha thuoc", "hieu thuoc", "quay thuoc"], "pharmacy"),
        (&["worship", "chua", "dinh", "den", "mieu", "nha tho", "dinh chua", "place of worship"], "worship"),
        (&["park", "cong vien", "vuon hoa", "garden"], "park"),
        (&["sports", "san the thao", "san bong", "nha thi dau", "the thao", "pitch", "sports centre"], "sports"),
        (&["bus stop", "diem dung xe buyt", "tram xe buyt", "ben xe buyt", "diem xe buyt"], "bus_stop"),
        (&["parking", "bai do xe", "bai giu xe", "diem trong giu xe", "diem do xe"], "parking"),
        (&["toilet", "toilets", "nha ve sinh", "nha ve sinh cong cong"], "toilet"),
        (&["bank", "ngan hang", "atm", "cay atm"], "bank"),
        (&["post", "buu dien", "buu cuc", "post office"], "post"),
        (&["other", "khac"], "other"),
    ];
    word(cell, &table, "one of nhà văn hóa, bảng QR, chợ, trường học, trạm y tế, bus_stop, ... (docs/import.md, or khác)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(text: &str) -> Cell {
        Cell::of_text(text)
    }

    #[test]
    fn numbers_are_read_as_they_are_written_here_and_elsewhere() {
        let cases = [
            ("105,7423", 105.7423),
            ("105.7423", 105.7423),
            ("2.326.000,5", 2_326_000.5),
            ("2,326,000.5", 2_326_000.5),
            ("2 326 000", 2_326_000.0),
            ("2.326.000", 2_326_000.0),
            ("45°", 45.0),
            ("75 độ", 75.0),
            ("-3,5 m", -3.5),
        ];
        for (written, value) in cases {
            assert_eq!(number(&t(written)), Ok(Some(value)), "{written}");
        }
        assert_eq!(number(&Cell::Empty), Ok(None));
        assert!(number(&t("khoảng 5")).is_err() && number(&t("NaN")).is_err() && number(&t("1e999")).is_err());
    }

    #[test]
    fn days_are_read_with_the_day_first() {
        let day = NaiveDate::from_ymd_opt(1990, 12, 31);
        for written in ["31/12/1990", "31-12-1990", "31.12.1990", "1990-12-31", "1990-12-31T00:00:00", "31/12/1990 08:00"] {
            assert_eq!(date(&t(written)), Ok(day), "{written}");
        }
        assert_eq!(date(&t("1957")), Err(ONLY_A_YEAR.to_owned()));
        assert_eq!(date(&Cell::Number(1957.0)), Err(ONLY_A_YEAR.to_owned()));
        assert!(date(&t("31/02/1990")).is_err() && date(&t("12/31/1990")).is_err() && date(&t("5/6/90")).is_err());
    }

    #[test]
    fn what_a_number_cell_has_lost_is_given_back_where_the_length_is_known() {
        assert_eq!(tax_code(&Cell::Number(100_000_001.0)), Ok(Some("0100000001".into())));
        assert_eq!(tax_code(&t("0100000001-002")), Ok(Some("0100000001-002".into())));
        assert_eq!(national_id(&Cell::Number(1_099_012_345.0)), Ok(Some("001099012345".into())));
        assert_eq!(phone(&Cell::Number(912_345_678.0)), Ok(Some("0912345678".into())));
        assert_eq!(phone(&t("+84 912 345 678")), Ok(Some("0912345678".into())));
        assert_eq!(written(&Cell::Number(622.0)), Ok(Some("622".into())), "a code has no known length");
        assert!(written(&Cell::Date(NaiveDate::from_ymd_opt(2026, 2, 1).unwrap())).is_err());
        assert!(tax_code(&t("12345")).is_err() && national_id(&t("12345")).is_err() && phone(&t("không có")).is_err());
    }

    #[test]
    fn words_are_read_in_both_languages() {
        assert_eq!(sex(&t("Nữ")), Ok(Some(Sex::Female)));
        assert_eq!(relation(&t("Con gái")), Ok(Some(Relation::Child)));
        assert_eq!(heading(&t("Đông Nam")), Ok(Some(135.0)));
        assert_eq!(heading(&t("360")), Ok(Some(0.0)));
        assert_eq!(
            (heading(&t("hướng Nam")), heading(&t("ĐB")), heading(&t("270 độ"))),
            (Ok(Some(180.0)), Ok(Some(45.0)), Ok(Some(270.0)))
        );
        assert!(heading(&t("N")).is_err(), "nam or north");
        assert!(heading(&t("400")).is_err());
        assert_eq!(place_kind(&t("Nhà văn hóa")), Ok(Some("culture_house")));
        assert_eq!(place_kind(&t("bus_stop")), Ok(Some("bus_stop")));
        assert_eq!(business_status(&t("Tạm ngừng")), Ok(Some(BusinessStatus::Suspended)));
        assert!(sex(&t("x")).unwrap_err().contains("nam or nữ"));
    }
}
