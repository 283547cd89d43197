//! The list behind a count as a file for a spreadsheet.
//! It deliberately holds no number by which a person could be looked up elsewhere, and nothing a spreadsheet would run.

use shared::drawn_area::AreaRow;

use crate::platform::spreadsheet::{BYTE_ORDER_MARK, harmless};

const HEADER: [&str; 10] = ["Mã", "Tên", "Địa chỉ", "Khu vực", "Loại", "Số người", "Số phòng", "Số tầng", "Kinh độ", "Vĩ độ"];

pub fn write(rows: &[AreaRow]) -> anyhow::Result<Vec<u8>> {
    let mut out = csv::Writer::from_writer(BYTE_ORDER_MARK.to_vec());
    out.write_record(HEADER)?;
    for row in rows {
        let text = |text: &Option<String>| text.as_deref().map(harmless).unwrap_or_default();
        let number = |number: Option<i32>| number.map(|number| number.to_string()).unwrap_or_default();
        let degrees = |degrees: Option<f64>| degrees.map(|degrees| format!("{degrees:.7}")).unwrap_or_default();
        out.write_record([
            harmless(&row.code),
            text(&row.name),
            text(&row.address),
            harmless(&row.area_name),
            text(&row.sort),
            number(row.people),
            number(row.rooms),
            number(row.storeys),
            degrees(row.lon),
            degrees(row.lat),
        ])?;
    }
    Ok(out.into_inner()?)
}
