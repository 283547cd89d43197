//! What we read and write is what serde_json reads and writes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::live::{Extent, LiveRow, ServerFrame};

use super::*;

/// Every form in which our types are on the wire.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Forms {
    id: Id,
    name: Option<String>,
    place: [f64; 2],
    rings: Vec<Vec<[f64; 2]>>,
    pair: (i64, bool),
    kind: Kind,
    held: Kind,
    shown: Kind,
    #[serde(flatten)]
    inner: Inner,
    #[serde(default)]
    missing: Vec<u8>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Id(i32);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Inner {
    ratio: f32,
    anything: Value,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Plain,
    Holds(Vec<i64>),
    Shows { from: u8, to: Option<u8> },
}

fn forms() -> Forms {
    Forms {
        id: Id(-7),
        name: Some("Tổ \"3\"\n\u{1f600}".to_owned()),
        place: [105.742, 21.043],
        rings: vec![vec![[105.0, 21.0], [105.5, -0.000_001]], Vec::new()],
        pair: (i64::MIN, true),
        kind: Kind::Plain,
        held: Kind::Holds(vec![1, -1, i64::MAX]),
        shown: Kind::Shows { from: 0, to: None },
        inner: Inner { ratio: 0.1, anything: json!({"list": [null, 1.5, "x", {}], "deep": {"er": [[]]}}) },
        missing: Vec::new(),
    }
}

#[test]
fn every_form_is_read_as_it_was_written() {
    let written = serde_json::to_string_pretty(&forms()).unwrap();
    assert_eq!(read::<Forms>(&written), Ok(forms()));
    assert_eq!(read::<Forms>(&write(&forms()).unwrap()), Ok(forms()));
    let more = written.replacen('{', r#"{"unknown": [{"a\"": "]}"}, -1.5e3, null],"#, 1);
    assert_eq!(read::<Forms>(&more), Ok(forms()));
}

#[test]
fn what_is_written_is_what_serde_json_understands() {
    let value = json!({"a": [0.1, 1e21, -2.5e-7, 105.0, 3, -4, u64::MAX, true, null], "ở": "\u{1}\\ \u{a0}"});
    let back: Value = serde_json::from_str(&write(&value).unwrap()).unwrap();
    assert_eq!(back["a"][1].as_f64(), Some(1e21));
    assert_eq!(back["a"][2].as_f64(), Some(-2.5e-7));
    assert_eq!(back["a"][6], json!(u64::MAX));
    assert_eq!(back["ở"], value["ở"]);
}

#[test]
fn texts_and_numbers_are_read_exactly() {
    let texts = [
        r#""""#,
        r#""a\/b\\\"\n\t\r\b\f""#,
        r#""\u1ee5 \ud83d\ude00\u0000""#,
        r#""ụ""#,
        "0",
        "-0.0",
        "12.50",
        "1e3",
        "-1.5E-3",
        "105.742000000000004",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "0.1234567890123456789",
        " [ ] ",
        "{ \"a\" :\n1 }",
    ];
    for text in texts {
        let (ours, theirs) = (read::<Value>(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        match (ours.as_f64(), theirs.as_f64()) {
            // serde_json may be one step off in the last digit.
            (Some(ours), Some(theirs)) => assert!((ours - theirs).abs() <= f64::EPSILON * theirs.abs(), "{text}: {ours}"),
            _ => assert_eq!(ours, theirs, "{text}"),
        }
    }
    assert_eq!(read::<f64>("105.74213"), Ok(105.74213));
    assert_eq!(read::<()>("null"), Ok(()));
}

#[test]
fn what_is_no_json_is_refused() {
    let texts = [
        "",
        "nul",
        "tru",
        "[1",
        "[1,]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":1,}",
        "{a:1}",
        "\"",
        "\"\\",
        "\"\\u12\"",
        "\"\\ud83d\"",
        "\"\\ud83dx\"",
        "\"\\x\"",
        "-",
        "1.",
        "1e",
        "1 1",
        "\"\\é\"",
    ];
    for text in texts {
        assert!(read::<Value>(text).is_err(), "{text}");
    }
    assert!(read::<Value>(&"[".repeat(10_000)).is_err());
    assert!(read::<[f64; 2]>("[1,2,3]").is_err());
    assert!(read::<Kind>(r#"{"holds":[1],"plain":null}"#).is_err());
    assert_eq!(read::<Id>("\"x\""), Err(Unreadable("expected a number at 0".to_owned())));
    assert_eq!(read::<Kind>("\"other\"").map_err(|error| error.to_string().contains("other")), Err(true));
}

#[test]
fn a_live_frame_is_read() {
    let text = r#"{"delta":{"topic":"camera","position":"1.2","upsert":[{"id":7,"at":[105.7,21.0],"properties":{"status":"online"}}]}}"#;
    let theirs = serde_json::from_str::<ServerFrame>(text).unwrap();
    assert_eq!(read::<ServerFrame>(text), Ok(theirs));
    let row = read::<LiveRow>(r#"{"id":1,"at":[1.0,2.0,3.0,4.0],"properties":{}}"#).unwrap();
    assert_eq!(row.at, Some(Extent::Box([1.0, 2.0, 3.0, 4.0])));
}
