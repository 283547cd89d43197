//! The words spoken on the websocket `/live`, both ways.
//! Who hears which topic is the hub's business; what a screen does with a frame is the screen's.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Close codes of ours, beyond the registered ones: the session has ended, or the caller reaches something else now.
/// Whoever is told so asks who they are and what they may see, and connects again.
pub const SESSION_ENDED: u16 = 4401;
pub const REACH_CHANGED: u16 = 4403;

/// A place in the change feed, opaque to clients (`epoch.position`): kept, and handed back to continue without a gap.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Position(pub String);

/// What a client says. Each frame is an object with one key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientFrame {
    /// The first frame of a connection; a later one replaces the topics.
    Subscribe {
        /// Layer names, `alert_shelf`, `duty`, `answer_times`, `duty_handover`, `ingest_put_away`, and `queue`. A topic that the caller may not hear is left out silently.
        topics: Vec<String>,
        /// Only rows inside (west, south, east, north).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bbox: Option<[f64; 4]>,
        /// Continue after this position instead of beginning with snapshots.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Position>,
    },
    /// Answers the server's `ping`; a client that stays silent is taken for gone.
    Pong {},
}

/// What the server says. Each frame is an object with one key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerFrame {
    /// A topic as it stands at `position`.
    Snapshot {
        topic: String,
        position: Position,
        /// Every row of a small layer; absent for a tiled one, whose rows are read from tiles.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rows: Option<Vec<LiveRow>>,
    },
    /// What changed in a topic up to `position`.
    Delta {
        topic: String,
        position: Position,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        upsert: Vec<LiveRow>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        remove: Vec<RemovedRow>,
    },
    /// The client fell too far behind, a restore began a new epoch, or a topic was loaded in bulk: read `topics` again.
    Resync {
        /// Empty: everything subscribed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        topics: Vec<String>,
        position: Position,
    },
    /// Sent when there is nothing else to say, so that a silent connection is a lost one.
    Ping {
        /// Everything up to here has been sent.
        position: Position,
    },
}

/// A row that this caller may see, with the catalogue's columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveRow {
    pub id: i64,
    /// Where it is; absent for a row without a place, or a topic without geometry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Extent>,
    /// Where it was before this change, if that differs and this caller could see it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was_at: Option<Extent>,
    #[serde(default)]
    pub properties: Map<String, Value>,
}

/// A row that this caller could see before and no longer can: deleted, or gone out of reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RemovedRow {
    pub id: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was_at: Option<Extent>,
}

/// A point `[lon, lat]`, or the box `[west, south, east, north]` around a line or polygon. Degrees, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Extent {
    Point([f64; 2]),
    Box([f64; 4]),
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn frames_are_objects_with_one_key() {
        let subscribe: ClientFrame = serde_json::from_value(json!({"subscribe": {"topics": ["camera"]}})).unwrap();
        assert_eq!(subscribe, ClientFrame::Subscribe { topics: vec!["camera".into()], bbox: None, since: None });
        let ping = ServerFrame::Ping { position: Position("1.90".into()) };
        assert_eq!(serde_json::to_value(ping).unwrap(), json!({"ping": {"position": "1.90"}}));
    }

    #[test]
    fn a_point_and_a_box_are_told_apart_by_length() {
        let delta = json!({"delta": {
            "topic": "household", "position": "1.91",
            "upsert": [{"id": 7, "at": [105.74, 21.04], "was_at": [105.0, 21.0, 105.1, 21.1]}],
        }});
        let ServerFrame::Delta { upsert, remove, .. } = serde_json::from_value(delta).unwrap() else { panic!("not read as a delta") };
        assert_eq!(upsert[0].at, Some(Extent::Point([105.74, 21.04])));
        assert_eq!(upsert[0].was_at, Some(Extent::Box([105.0, 21.0, 105.1, 21.1])));
        assert!(remove.is_empty());
    }

    proptest::proptest! {
        /// Whatever arrives on the socket is read or refused, never a panic; what is read says the same when written again.
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
            if let Ok(frame) = serde_json::from_str::<ClientFrame>(&text) {
                let again = serde_json::to_string(&frame).unwrap();
                proptest::prop_assert_eq!(serde_json::from_str::<ClientFrame>(&again).unwrap(), frame);
            }
        }

        #[test]
        fn a_subscription_survives_the_wire(
            topics in proptest::collection::vec("[a-z_]{0,20}", 0..20),
            bbox in proptest::option::of([-180..180i32, -90..90, -180..180, -90..90]),
            since in proptest::option::of("\\PC{0,60}"),
        ) {
            let frame = ClientFrame::Subscribe { topics, bbox: bbox.map(|b| b.map(f64::from)), since: since.map(Position) };
            let read: ClientFrame = serde_json::from_str(&serde_json::to_string(&frame).unwrap()).unwrap();
            proptest::prop_assert_eq!(read, frame);
        }
    }
}
