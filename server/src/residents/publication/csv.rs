//! The published tables as one CSV file.
//! It deliberately writes an empty field for a withheld figure: a zero or a dash would be read as one.

use chrono::NaiveDate;
use shared::population::PublishedWard;

const HEADER: [&str; 10] = ["month", "level", "ward_code", "ward", "area_code", "area", "cell", "households", "residents", "counted_month"];

/// UTF-8 with a byte order mark, by which spreadsheets know Vietnamese letters.
pub fn write(wards: &[PublishedWard]) -> anyhow::Result<Vec<u8>> {
    let mut out = csv::Writer::from_writer(b"\xEF\xBB\xBF".to_vec());
    out.write_record(HEADER)?;
    for ward in wards {
        let mut row = |level: &str, [code, name, cell]: [&str; 3], households: Option<u32>, residents: Option<u32>, counted: NaiveDate| {
            let figure = |figure: Option<u32>| figure.map(|figure| figure.to_string()).unwrap_or_default();
            let [month, counted] = [ward.month, counted].map(|month| month.format("%Y-%m").to_string());
            let (households, residents) = (figure(households), figure(residents));
            out.write_record([&month, level, &ward.code, &ward.name, code, name, cell, &households, &residents, &counted])
        };
        row("ward", [&ward.code, &ward.name, ""], ward.households, ward.residents, ward.counted_month)?;
        for tdp in &ward.tdps {
            row("tdp", [&tdp.code, &tdp.name, ""], tdp.households, tdp.residents, tdp.counted_month)?;
            for cell in &tdp.cells {
                row("cell", [&tdp.code, &tdp.name, &cell.id], cell.households, cell.residents, cell.counted_month)?;
            }
        }
    }
    Ok(out.into_inner()?)
}
