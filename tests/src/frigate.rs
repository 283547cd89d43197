//! What a Frigate publishes: an object and a review, a minute old.
//! It deliberately holds what its next version may add and what is not ours to keep: a key that nobody knows, names of faces.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

/// A payload of `frigate/events`.
pub fn object(step: &str, id: &str, camera: &str, label: &str) -> Value {
    let after = json!({"id": id, "camera": camera, "label": label, "sub_label": ["John", 0.79], "start_time": seconds(60),
        "end_time": ended(step), "top_score": 0.9, "false_positive": false, "box": [1, 2, 3, 4], "entered_zones": ["yard"],
        "key_of_next_year": [{}]});
    json!({"type": step, "before": after, "after": after})
}

/// A payload of `frigate/reviews`.
pub fn review(step: &str, id: &str, camera: &str, objects: &[&str]) -> Value {
    let after = json!({"id": id, "camera": camera, "start_time": seconds(60), "end_time": ended(step), "severity": "alert",
        "data": {"objects": ["car"], "detections": objects, "zones": [], "sub_labels": ["Bob"], "audio": []}});
    json!({"type": step, "before": after, "after": after})
}

fn ended(step: &str) -> Option<f64> {
    (step == "end").then(|| seconds(30))
}

fn seconds(ago: i64) -> f64 {
    (Utc::now() - TimeDelta::seconds(ago)).timestamp_micros() as f64 / 1e6
}
