//! What Frigate says of its pictures: on which topic one comes, and which objects it has in view that one may show.
//! It deliberately does not decide whose a picture is, and looks at none.

use serde_json::Value;

use super::is_id;

/// An object in view, or no longer, whatever it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    pub camera: String,
    pub label: String,
    pub id: String,
    /// It stands where it stood: Frigate takes no picture of it to send.
    pub is_still: bool,
    pub is_over: bool,
}

/// The object that a message of `frigate/events` tells of; what Frigate takes back was never there.
pub fn sight(payload: &Value) -> Option<Sight> {
    let after = payload.get("after")?;
    let text = |key: &str| Some(after.get(key)?.as_str()?.to_owned());
    let is = |key: &str| after.get(key).and_then(Value::as_bool).unwrap_or_default();
    let is_over = payload.get("type").and_then(Value::as_str) == Some("end") || is("false_positive");
    let id = text("id").filter(|id| is_id(id))?;
    Some(Sight { camera: text("camera")?, label: text("label")?, id, is_still: is("stationary"), is_over })
}

/// The topic, below the prefix, on which Frigate sends the best picture that it has of a label at a camera: the bytes of a JPEG, and
/// no word of which object it shows.
pub fn snapshot_topic(camera: &str, label: &str) -> String {
    format!("{camera}/{label}/snapshot")
}

/// Camera and label of such a topic.
pub fn read_snapshot_topic(below_prefix: &str) -> Option<(&str, &str)> {
    let (camera, label) = below_prefix.strip_suffix("/snapshot")?.split_once('/')?;
    (!camera.is_empty() && !label.is_empty() && !label.contains('/')).then_some((camera, label))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(step: &str, more: Value) -> Value {
        let mut after = json!({"id": "1700000000.123456-abcdef", "camera": "cong_cho", "label": "car", "false_positive": false});
        after.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"type": step, "before": {}, "after": after})
    }

    #[test]
    fn an_object_is_in_view_until_it_ends_or_was_none() {
        let seen = sight(&told("update", json!({}))).unwrap();
        assert_eq!((seen.camera.as_str(), seen.label.as_str(), seen.id.as_str()), ("cong_cho", "car", "1700000000.123456-abcdef"));
        assert!(!seen.is_over && !seen.is_still);
        assert!(sight(&told("update", json!({"stationary": true}))).unwrap().is_still);
        assert!(sight(&told("end", json!({}))).unwrap().is_over);
        assert!(sight(&told("update", json!({"false_positive": true}))).unwrap().is_over);
        for wrong in [json!({}), told("new", json!({"id": ""})), told("new", json!({"id": 7})), told("new", json!({"camera": null}))] {
            assert_eq!(sight(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_picture_comes_with_camera_and_label() {
        assert_eq!(read_snapshot_topic(&snapshot_topic("C01", "person")), Some(("C01", "person")));
        for other in ["C01/snapshot", "C01/snapshots/state", "C01/person/snapshot/x", "a/b/c/snapshot", "/person/snapshot", "events"] {
            assert_eq!(read_snapshot_topic(other), None, "{other}");
        }
    }
}
