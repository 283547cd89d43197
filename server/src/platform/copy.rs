//! Rows in PostgreSQL's binary COPY format, out of and into millions of rows at a time.
//! It deliberately knows no table: whoever writes or reads rows names the columns.

use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::{Stream, StreamExt};
use geo_types::{LineString, MultiPolygon, Point, Polygon};
use sqlx::PgConnection;
use uuid::Uuid;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Signature, flags, and the length of an extension that nobody uses.
const HEADER_BYTES: usize = SIGNATURE.len() + 8;
const SRID: u32 = 4326;
/// Marks a WKB geometry that names its reference system.
const HAS_SRID: u32 = 0x2000_0000;

/// Rows of one COPY, being written. They are checked by the server: a value of another type than its column is refused.
pub struct CopyRows {
    bytes: Vec<u8>,
    count: u64,
}

impl Default for CopyRows {
    fn default() -> Self {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([0; 8]);
        Self { bytes, count: 0 }
    }
}

impl CopyRows {
    /// Adds a row with these values, in the order of the statement's columns.
    pub fn row(&mut self, values: &[&dyn CopyValue]) {
        let columns = i16::try_from(values.len()).expect("no table has 32,768 columns");
        self.bytes.extend(columns.to_be_bytes());
        for value in values {
            let at = self.bytes.len();
            self.bytes.extend((-1_i32).to_be_bytes());
            if value.write(&mut self.bytes) {
                let length = i32::try_from(self.bytes.len() - at - 4).expect("no value has 2 GiB");
                self.bytes[at..at + 4].copy_from_slice(&length.to_be_bytes());
            }
        }
        self.count += 1;
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// Sends the rows by `statement` (`copy table (columns) from stdin (format binary)`).
    pub async fn send(mut self, db: &mut PgConnection, statement: &str) -> sqlx::Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        self.bytes.extend((-1_i16).to_be_bytes());
        let mut copy = db.copy_in_raw(statement).await?;
        copy.send(self.bytes).await?;
        copy.finish().await.map(drop)
    }
}

/// A value as a column of its type takes it.
pub trait CopyValue {
    /// Appends the value; false (and nothing appended) where it is null.
    fn write(&self, into: &mut Vec<u8>) -> bool;
}

impl<T: CopyValue> CopyValue for Option<T> {
    fn write(&self, into: &mut Vec<u8>) -> bool {
        self.as_ref().is_some_and(|value| value.write(into))
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl CopyValue for $number {
            fn write(&self, into: &mut Vec<u8>) -> bool {
                into.extend(self.to_be_bytes());
                true
            }
        }
    )*};
}
numbers!(i16, i32, i64, f32, f64);

impl CopyValue for &str {
    fn write(&self, into: &mut Vec<u8>) -> bool {
        into.extend(self.as_bytes());
        true
    }
}

impl CopyValue for String {
    fn write(&self, into: &mut Vec<u8>) -> bool {
        self.as_str().write(into)
    }
}

impl CopyValue for Vec<u8> {
    fn write(&self, into: &mut Vec<u8>) -> bool {
        into.extend(self);
        true
    }
}

impl CopyValue for Uuid {
    fn write(&self, into: &mut Vec<u8>) -> bool {
        into.extend(self.as_bytes());
        true
    }
}

/// PostgreSQL's days and microseconds begin with the year 2000.
const YEAR_2000: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day of the calendar");
const YEAR_2000_MICROS: i64 = 946_684_800_000_000;

impl CopyValue for NaiveDate {
    fn write(&self, into: &mut Vec<u8>) -> bool {
        let days = i32::try_from(self.signed_duration_since(YEAR_2000).num_days()).expect("within a few million years");
        days.write(into)
    }
}

impl CopyValue for DateTime<Utc> {
    fn write(&self, into: &mut Vec<u8>) -> bool {
        (self.timestamp_micros() - YEAR_2000_MICROS).write(into)
    }
}

// Geometry in WGS84, as EWKB, little-endian.

impl CopyValue for Point<f64> {
    fn write(&self, into: &mut Vec<u8>) -> bool {
        begin_geometry(into, 1);
        put_coordinate(into, self.0);
        true
    }
}

impl CopyValue for LineString<f64> {
    fn write(&self, into: &mut Vec<u8>) -> bool {
        begin_geometry(into, 2);
        put_line(into, self);
        true
    }
}

impl CopyValue for MultiPolygon<f64> {
    fn write(&self, into: &mut Vec<u8>) -> bool {
        begin_geometry(into, 6);
        put_count(into, self.0.len());
        for polygon in &self.0 {
            into.push(1);
            into.extend(3_u32.to_le_bytes());
            put_rings(into, polygon);
        }
        true
    }
}

fn begin_geometry(into: &mut Vec<u8>, kind: u32) {
    into.push(1);
    into.extend((kind | HAS_SRID).to_le_bytes());
    into.extend(SRID.to_le_bytes());
}

fn put_rings(into: &mut Vec<u8>, polygon: &Polygon<f64>) {
    put_count(into, 1 + polygon.interiors().len());
    put_line(into, polygon.exterior());
    for ring in polygon.interiors() {
        put_line(into, ring);
    }
}

fn put_line(into: &mut Vec<u8>, line: &LineString<f64>) {
    put_count(into, line.0.len());
    for coordinate in &line.0 {
        put_coordinate(into, *coordinate);
    }
}

fn put_count(into: &mut Vec<u8>, count: usize) {
    into.extend(u32::try_from(count).expect("no geometry has 2^32 parts").to_le_bytes());
}

fn put_coordinate(into: &mut Vec<u8>, at: geo_types::Coord<f64>) {
    into.extend(at.x.to_le_bytes());
    into.extend(at.y.to_le_bytes());
}

/// Hands every row of `copy (…) to stdout (format binary)` to `take`, as it arrives.
pub async fn read_rows(
    rows: impl Stream<Item = sqlx::Result<Bytes>>,
    mut take: impl FnMut(CopyRow<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut rows = std::pin::pin!(rows);
    let mut waiting: Vec<u8> = Vec::new();
    let mut header_seen = false;
    while let Some(piece) = rows.next().await {
        let piece = piece?;
        // PostgreSQL sends a row per message. Nothing promises it: what is left over waits for the next piece.
        let whole: &[u8] = if waiting.is_empty() {
            &piece
        } else {
            waiting.extend_from_slice(&piece);
            &waiting
        };
        let mut rest = whole;
        if !header_seen && rest.len() >= HEADER_BYTES {
            ensure!(rest.starts_with(SIGNATURE), "the database answered with something that is no binary COPY");
            rest = &rest[HEADER_BYTES..];
            header_seen = true;
        }
        while let Some((row, after)) = split_row(rest)? {
            rest = after;
            if let Some(row) = row {
                take(row)?;
            }
        }
        waiting = rest.to_vec();
    }
    ensure!(waiting.is_empty(), "the database's answer was cut short");
    Ok(())
}

/// The first row of `bytes` (none for the trailer) and what follows it; none while it is not all there.
fn split_row(bytes: &[u8]) -> anyhow::Result<Option<(Option<CopyRow<'_>>, &[u8])>> {
    let Some((count, mut rest)) = bytes.split_first_chunk::<2>() else { return Ok(None) };
    let count = i16::from_be_bytes(*count);
    if count < 0 {
        return Ok(Some((None, rest)));
    }
    let values = rest;
    for _ in 0..count {
        let Some((length, after)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        let length = usize::try_from(i32::from_be_bytes(*length)).unwrap_or(0);
        let Some((_, after)) = after.split_at_checked(length) else { return Ok(None) };
        rest = after;
    }
    Ok(Some((Some(CopyRow { values: &values[..values.len() - rest.len()] }), rest)))
}

/// Values of one row, taken from the left.
pub struct CopyRow<'a> {
    values: &'a [u8],
}

impl<'a> CopyRow<'a> {
    /// The next value's bytes; none where it is null.
    pub fn value(&mut self) -> anyhow::Result<Option<&'a [u8]>> {
        let (length, rest) = self.values.split_first_chunk::<4>().context("the row has fewer columns than were asked for")?;
        let length = i32::from_be_bytes(*length);
        let (value, rest) = rest.split_at(usize::try_from(length).unwrap_or(0));
        self.values = rest;
        Ok((length >= 0).then_some(value))
    }

    /// A whole number of two, four or eight bytes.
    pub fn integer(&mut self) -> anyhow::Result<Option<i64>> {
        self.value()?.map(integer).transpose()
    }

    /// A floating-point number of four or eight bytes.
    pub fn real(&mut self) -> anyhow::Result<Option<f64>> {
        self.value()?.map(real).transpose()
    }

    pub fn boolean(&mut self) -> anyhow::Result<Option<bool>> {
        Ok(self.value()?.map(|value| value == [1]))
    }

    pub fn text(&mut self) -> anyhow::Result<Option<&'a str>> {
        Ok(self.value()?.map(std::str::from_utf8).transpose()?)
    }

    /// A `timestamptz`, in microseconds since 1970.
    pub fn micros(&mut self) -> anyhow::Result<Option<i64>> {
        Ok(self.integer()?.map(|since_2000| since_2000.saturating_add(YEAR_2000_MICROS)))
    }
}

fn integer(value: &[u8]) -> anyhow::Result<i64> {
    Ok(match value.len() {
        2 => i16::from_be_bytes(value.try_into()?).into(),
        4 => i32::from_be_bytes(value.try_into()?).into(),
        8 => i64::from_be_bytes(value.try_into()?),
        other => bail!("a whole number of {other} bytes"),
    })
}

fn real(value: &[u8]) -> anyhow::Result<f64> {
    Ok(match value.len() {
        4 => f32::from_be_bytes(value.try_into()?).into(),
        8 => f64::from_be_bytes(value.try_into()?),
        other => bail!("a real number of {other} bytes"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    fn written() -> Vec<u8> {
        let mut rows = CopyRows::default();
        rows.row(&[&7_i64, &"Số 5", &None::<i32>, &1.5_f32]);
        rows.row(&[&-8_i64, &String::new(), &Some(3_i32), &-2.25_f32]);
        rows.bytes.extend((-1_i16).to_be_bytes());
        rows.bytes
    }

    async fn read(pieces: Vec<Vec<u8>>) -> anyhow::Result<Vec<(i64, String, Option<i64>, f64)>> {
        let mut read = Vec::new();
        let pieces = stream::iter(pieces.into_iter().map(|piece| Ok(Bytes::from(piece))));
        read_rows(pieces, |mut row| {
            let whole = (row.integer()?.unwrap(), row.text()?.unwrap().to_owned(), row.integer()?, row.real()?.unwrap());
            assert!(row.value().is_err(), "no fifth column");
            read.push(whole);
            Ok(())
        })
        .await?;
        Ok(read)
    }

    #[tokio::test]
    async fn rows_come_back_as_they_went_wherever_the_answer_is_cut_into_pieces() {
        let bytes = written();
        let expected = vec![(7, "Số 5".to_owned(), None, 1.5), (-8, String::new(), Some(3), -2.25)];
        for length in 1..bytes.len() {
            let pieces = bytes.chunks(length).map(<[u8]>::to_vec).collect();
            assert_eq!(read(pieces).await.unwrap(), expected, "in pieces of {length}");
        }
    }

    #[tokio::test]
    async fn an_answer_cut_short_is_no_answer() {
        let bytes = written();
        assert!(read(vec![bytes[..bytes.len() - 6].to_vec()]).await.is_err());
    }

    #[test]
    fn days_and_moments_count_from_the_year_2000() {
        let mut bytes = Vec::new();
        NaiveDate::from_ymd_opt(1999, 12, 31).unwrap().write(&mut bytes);
        assert_eq!(bytes, (-1_i32).to_be_bytes());
        bytes.clear();
        "2000-01-01T00:00:01Z".parse::<DateTime<Utc>>().unwrap().write(&mut bytes);
        assert_eq!(bytes, 1_000_000_i64.to_be_bytes());
    }
}
