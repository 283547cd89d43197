//! The register as tables, cell by cell with its type, in Vietnamese: what a file says, whatever its format.
//! It deliberately knows neither CSV nor XLSX, and holds a plate only where one was handed to it.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use shared::camera_alert::AlertKind;
use shared::violation::{Violation, ViolationCounts, ViolationFigures};

/// What leaves the house as a file.
pub struct Register {
    pub violations: Vec<Violation>,
    /// Plates by alert; none where none were asked for, or may be seen.
    pub plates: Option<HashMap<i64, String>>,
    pub figures: ViolationFigures,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    Moment(DateTime<Utc>),
    Day(NaiveDate),
    Month(NaiveDate),
    Whole(i64),
    Minutes(f64),
    Empty,
}

impl Cell {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn text_or_empty(text: Option<&String>) -> Self {
        text.map_or(Self::Empty, Self::text)
    }
}

/// A heading, and how many letters wide its column is.
pub type Heading = (&'static str, f64);

pub const PLATE: Heading = ("Biển số", 14.0);
const HEADINGS: [Heading; 13] = [
    ("Mã", 12.0),
    ("Loại vi phạm", 22.0),
    ("Thời gian", 18.0),
    ("Mã camera", 12.0),
    ("Vị trí camera", 28.0),
    ("Gần địa chỉ", 30.0),
    ("Tổ dân phố", 18.0),
    ("Kết quả", 12.0),
    ("Căn cứ", 34.0),
    ("Tiền phạt (đồng)", 16.0),
    ("Người đóng", 22.0),
    ("Đóng lúc", 18.0),
    ("Ghi chú", 40.0),
];

impl Register {
    pub fn headings(&self) -> Vec<Heading> {
        HEADINGS.into_iter().chain(self.plates.as_ref().map(|_| PLATE)).collect()
    }

    pub fn rows(&self) -> impl Iterator<Item = Vec<Cell>> {
        self.violations.iter().map(|violation| {
            let plate = self.plates.as_ref().map(|plates| Cell::text_or_empty(plates.get(&violation.id)));
            cells(violation).into_iter().chain(plate).collect()
        })
    }
}

fn cells(violation: &Violation) -> [Cell; 13] {
    [
        Cell::text(&violation.code),
        Cell::text(kind_word(violation.kind)),
        Cell::Moment(violation.started_at),
        Cell::text(&violation.camera_code),
        Cell::text(&violation.camera_name),
        Cell::text_or_empty(violation.near_address.as_ref()),
        Cell::text(&violation.area_name),
        Cell::text(HANDLED),
        Cell::text_or_empty(violation.legal_basis.as_ref()),
        violation.fine_vnd.map_or(Cell::Empty, Cell::Whole),
        Cell::text_or_empty(violation.closed_by.as_ref()),
        Cell::Moment(violation.closed_at),
        Cell::text_or_empty(violation.note.as_ref()),
    ]
}

const HANDLED: &str = "Đã xử lý";
const WHOLE_PERIOD: &str = "Cả kỳ";
const ALL_KINDS: &str = "Tất cả";

pub const FIGURE_HEADINGS: [Heading; 12] = [
    ("Tháng", 12.0),
    ("Loại vi phạm", 22.0),
    ("Phát hiện", 12.0),
    (HANDLED, 12.0),
    ("Vi phạm", 12.0),
    ("Báo nhầm", 12.0),
    ("Trùng lặp", 12.0),
    ("Đang mở", 12.0),
    ("Số vụ phạt", 12.0),
    ("Tổng tiền phạt (đồng)", 20.0),
    ("Trung vị phút đến lúc nhận", 26.0),
    ("Trung vị phút đến lúc đóng", 26.0),
];

/// The whole period first, then each month with its kinds; at the end of what period this is, and when it was counted.
pub fn figure_rows(figures: &ViolationFigures) -> Vec<Vec<Cell>> {
    let all = || Cell::text(ALL_KINDS);
    let mut rows = vec![figure_row(Cell::text(WHOLE_PERIOD), all(), &figures.total)];
    rows.extend(figures.kinds.iter().map(|of| figure_row(Cell::text(WHOLE_PERIOD), Cell::text(kind_word(of.kind)), &of.counts)));
    for month in &figures.months {
        rows.push(figure_row(Cell::Month(month.month), all(), &month.counts));
        rows.extend(month.kinds.iter().map(|of| figure_row(Cell::Month(month.month), Cell::text(kind_word(of.kind)), &of.counts)));
    }
    let last_day = figures.until.pred_opt().map_or(Cell::Empty, Cell::Day);
    rows.push(Vec::new());
    rows.push(vec![Cell::text("Từ ngày"), Cell::Day(figures.from)]);
    rows.push(vec![Cell::text("Đến hết ngày"), last_day]);
    rows.push(vec![Cell::text("Đếm lúc"), Cell::Moment(figures.as_of)]);
    rows
}

fn figure_row(month: Cell, kind: Cell, counts: &ViolationCounts) -> Vec<Cell> {
    let minutes = |minutes: Option<f64>| minutes.map_or(Cell::Empty, Cell::Minutes);
    let numbers = [
        counts.found,
        counts.handled,
        counts.violations,
        counts.false_alarms,
        counts.duplicates,
        counts.open,
        counts.fines,
        counts.fines_vnd,
    ];
    let medians = [counts.median_to_take_min, counts.median_to_close_min];
    [month, kind].into_iter().chain(numbers.map(Cell::Whole)).chain(medians.map(minutes)).collect()
}

/// As the screens say it; a file has no language to choose, and goes to Vietnamese offices.
fn kind_word(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Crowd => "Tụ tập đông người",
        AlertKind::Theft => "Trộm cắp",
        AlertKind::Harassment => "Quấy rối",
        AlertKind::IllegalParking => "Đỗ xe sai quy định",
        AlertKind::IllegalStopping => "Dừng xe sai quy định",
        AlertKind::OversizeLorry => "Xe tải quá khổ",
        AlertKind::Encroachment => "Lấn chiếm vỉa hè",
        AlertKind::StreetMarket => "Họp chợ lòng đường",
        AlertKind::Collision => "Va chạm giao thông",
        AlertKind::WantedVehicle => "Xe đang truy tìm",
        AlertKind::Intrusion => "Xâm nhập",
        AlertKind::FireOrSmoke => "Khói, lửa",
        AlertKind::CameraSilent => "Camera mất tín hiệu",
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn violation(id: i64, note: &str) -> Violation {
        Violation {
            id,
            code: format!("CB{id}"),
            kind: AlertKind::IllegalParking,
            severity: shared::camera_alert::Severity::Medium,
            started_at: "2026-10-31T16:30:00Z".parse().unwrap(),
            closed_at: "2026-10-31T17:10:00Z".parse().unwrap(),
            camera_id: 1,
            camera_code: "C01".into(),
            camera_name: "Ngã tư Nhổn".into(),
            area_id: 3,
            area_name: "TDP 3".into(),
            near_address: None,
            legal_basis: Some("Nghị định 168/2024/NĐ-CP".into()),
            fine_vnd: Some(900_000),
            note: Some(note.into()),
            closed_by: Some("Nguyễn Thị Hoa".into()),
            lon: None,
            lat: None,
        }
    }

    pub fn register(violations: Vec<Violation>, plates: Option<HashMap<i64, String>>) -> Register {
        let figures = ViolationFigures {
            as_of: "2026-11-22T03:00:00Z".parse().unwrap(),
            from: "2026-10-01".parse().unwrap(),
            until: "2026-11-01".parse().unwrap(),
            total: ViolationCounts { found: 2, handled: 1, violations: 1, median_to_close_min: Some(40.5), ..ViolationCounts::default() },
            months: Vec::new(),
            kinds: Vec::new(),
        };
        Register { violations, plates, figures }
    }

    #[test]
    fn files_and_screens_use_the_same_words() {
        let screens = include_str!("../../../../frontend/src/text/vi.ftl");
        for kind in AlertKind::ALL {
            let said = format!("\nalert-kind-{} = {}\n", kind.name(), kind_word(kind));
            assert!(screens.contains(&said), "{said}");
        }
        assert!(screens.contains(&format!("\nalert-outcome-handled = {HANDLED}\n")));
    }

    #[test]
    fn every_row_has_a_cell_for_every_heading_and_a_plate_only_where_plates_are() {
        let without = register(vec![violation(1, "đã nhắc")], None);
        assert!(!without.headings().contains(&PLATE));
        assert!(without.rows().all(|row| row.len() == without.headings().len()));
        let with = register(vec![violation(1, "đã nhắc"), violation(2, "")], Some(HashMap::from([(1, "30A-123.45".to_owned())])));
        let plates: Vec<Option<Cell>> = with.rows().map(|mut row| row.pop()).collect();
        assert_eq!(plates, [Some(Cell::text("30A-123.45")), Some(Cell::Empty)]);
        assert_eq!(with.headings().last(), Some(&PLATE));
        assert!(figure_rows(&with.figures)[0].len() == FIGURE_HEADINGS.len());
    }
}
