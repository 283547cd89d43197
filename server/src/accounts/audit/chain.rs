//! The audit chain recomputed, independently of the database function that writes it.
//! It reads neither database nor file: entries and checkpoints are handed in, in order.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::checkpoints::Checkpoint;

pub type Hash = [u8; 32];

/// What the first entry follows.
const BEGINNING: Hash = [0; 32];
/// A chain that was tampered with everywhere is not listed entry by entry.
const MOST_FINDINGS: usize = 20;

/// An entry as stored.
#[derive(Debug, Clone)]
pub struct ChainEntry {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub account_id: Option<i64>,
    pub login: Option<String>,
    pub action: String,
    pub subject_kind: Option<String>,
    pub subject_id: Option<i64>,
    pub area_id: Option<i32>,
    pub reason: Option<String>,
    pub outcome: String,
    pub request_id: Option<Uuid>,
    pub previous_hash: Vec<u8>,
    pub hash: Vec<u8>,
}

impl ChainEntry {
    /// SHA-256 over the previous hash and every field, each as its length in bytes, a colon and its text; null is `-`.
    /// The length keeps two fields from being read as one.
    fn expected_hash(&self) -> Hash {
        let mut text = String::new();
        let mut field = |value: Option<&str>| match value {
            Some(value) => text.push_str(&format!("{}:{value}", value.len())),
            None => text.push('-'),
        };
        field(Some(&self.id.to_string()));
        field(Some(&self.at.timestamp_micros().to_string()));
        field(self.account_id.map(|id| id.to_string()).as_deref());
        field(self.login.as_deref());
        field(Some(&self.action));
        field(self.subject_kind.as_deref());
        field(self.subject_id.map(|id| id.to_string()).as_deref());
        field(self.area_id.map(|id| id.to_string()).as_deref());
        field(self.reason.as_deref());
        field(Some(&self.outcome));
        field(self.request_id.map(|id| id.to_string()).as_deref());
        Sha256::new().chain_update(&self.previous_hash).chain_update(text).finalize().into()
    }
}

/// A sign that the trail was tampered with, or cannot be vouched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The fields are not those that were hashed.
    Altered { id: i64 },
    /// It does not follow the entry before it.
    Unlinked { id: i64 },
    /// Ids have no gaps: these entries are gone.
    Missing { first: i64, last: i64 },
    /// The chain agrees with itself but not with what was signed.
    Rewritten { id: i64 },
    /// The chain ends before what was signed.
    CutOff { last_id: i64, signed_id: i64 },
    /// A line of the checkpoint file that is not ours: no checkpoint, or a wrong signature.
    ForgedCheckpoint { line: usize },
    /// There are entries and nothing signed: the file was removed, or no server ever ran on this data folder.
    Unsigned { entries: i64 },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { id } => write!(f, "entry {id} was altered: its fields are not those that were hashed"),
            Self::Unlinked { id } => write!(f, "entry {id} does not follow the one before it"),
            Self::Missing { first, last } if first == last => write!(f, "entry {first} is missing"),
            Self::Missing { first, last } => write!(f, "entries {first} to {last} are missing"),
            Self::Rewritten { id } => write!(f, "entry {id} is not the one that was signed: the chain was rewritten"),
            Self::CutOff { last_id, signed_id } => {
                write!(f, "the chain ends at entry {last_id}, but entry {signed_id} was signed: the end was deleted")
            }
            Self::ForgedCheckpoint { line } => write!(f, "line {line} of the checkpoint file was not signed by this installation"),
            Self::Unsigned { entries } => write!(f, "{entries} entries and no signed checkpoint: the checkpoint file is missing"),
        }
    }
}

/// Walks the chain once, entry by entry.
pub struct Verifier {
    signed: BTreeMap<i64, Hash>,
    last_id: i64,
    last_hash: Vec<u8>,
    findings: Vec<Finding>,
}

impl Verifier {
    /// `checkpoints` whose signatures hold, and the lines whose do not.
    pub fn new(checkpoints: &[Checkpoint], forged_lines: &[usize]) -> Self {
        let signed = checkpoints.iter().map(|checkpoint| (checkpoint.id, checkpoint.hash)).collect();
        let findings = forged_lines.iter().map(|line| Finding::ForgedCheckpoint { line: *line }).collect();
        Self { signed, last_id: 0, last_hash: BEGINNING.into(), findings }
    }

    /// Takes the next entry, in the order of ids.
    pub fn take(&mut self, entry: &ChainEntry) {
        if entry.id > self.last_id + 1 {
            self.find(Finding::Missing { first: self.last_id + 1, last: entry.id - 1 });
        } else if entry.previous_hash != self.last_hash {
            // After a gap this is no news.
            self.find(Finding::Unlinked { id: entry.id });
        }
        if entry.hash != entry.expected_hash() {
            self.find(Finding::Altered { id: entry.id });
        }
        if let Some(signed) = self.signed.get(&entry.id)
            && entry.hash != signed
        {
            self.find(Finding::Rewritten { id: entry.id });
        }
        self.last_id = entry.id;
        self.last_hash.clone_from(&entry.hash);
    }

    pub fn finish(mut self) -> Vec<Finding> {
        match self.signed.last_key_value() {
            Some((&signed_id, _)) if signed_id > self.last_id => self.find(Finding::CutOff { last_id: self.last_id, signed_id }),
            None if self.last_id > 0 => self.find(Finding::Unsigned { entries: self.last_id }),
            _ => {}
        }
        self.findings
    }

    fn find(&mut self, finding: Finding) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn chain(length: i64) -> Vec<ChainEntry> {
        let mut previous = BEGINNING;
        (1..=length)
            .map(|id| {
                let mut entry = ChainEntry {
                    id,
                    at: Utc.with_ymd_and_hms(2026, 11, 21, 8, 0, 0).unwrap(),
                    account_id: Some(5),
                    login: Some("congan".into()),
                    action: "open_household".into(),
                    subject_kind: Some("household".into()),
                    subject_id: Some(id * 10),
                    area_id: Some(3),
                    reason: Some("xác minh cư trú".into()),
                    outcome: "allowed".into(),
                    request_id: None,
                    previous_hash: previous.into(),
                    hash: vec![],
                };
                previous = entry.expected_hash();
                entry.hash = previous.into();
                entry
            })
            .collect()
    }

    fn sign(chain: &[ChainEntry], ids: &[i64]) -> Vec<Checkpoint> {
        let checkpoint = |id: &i64| {
            let entry = &chain[*id as usize - 1];
            Checkpoint { id: *id, hash: entry.hash.clone().try_into().unwrap(), at: entry.at }
        };
        ids.iter().map(checkpoint).collect()
    }

    fn verify(chain: &[ChainEntry], checkpoints: &[Checkpoint]) -> Vec<Finding> {
        let mut verifier = Verifier::new(checkpoints, &[]);
        chain.iter().for_each(|entry| verifier.take(entry));
        verifier.finish()
    }

    #[test]
    fn an_untouched_chain_has_no_findings() {
        let entries = chain(12);
        assert_eq!(verify(&entries, &sign(&entries, &[4, 12])), []);
        assert_eq!(verify(&entries, &sign(&entries, &[11])), [], "the newest entry may still be unsigned");
        assert_eq!(verify(&[], &[]), []);
    }

    #[test]
    fn an_altered_row_is_found() {
        let entries = chain(12);
        let checkpoints = sign(&entries, &[12]);
        let mut altered = entries.clone();
        altered[4].reason = Some("không có gì".into());
        assert_eq!(verify(&altered, &checkpoints), [Finding::Altered { id: 5 }]);
    }

    #[test]
    fn a_row_altered_together_with_its_hash_is_found() {
        let entries = chain(12);
        let checkpoints = sign(&entries, &[12]);
        let mut altered = entries.clone();
        altered[4].login = Some("somebody".into());
        altered[4].hash = altered[4].expected_hash().into();
        assert_eq!(verify(&altered, &checkpoints), [Finding::Unlinked { id: 6 }]);
    }

    #[test]
    fn a_chain_rewritten_as_a_whole_is_found_by_what_was_signed() {
        let entries = chain(12);
        let checkpoints = sign(&entries, &[3, 12]);
        let mut rewritten = entries.clone();
        let mut previous = BEGINNING;
        for entry in &mut rewritten {
            entry.login = Some("somebody".into());
            entry.previous_hash = previous.into();
            previous = entry.expected_hash();
            entry.hash = previous.into();
        }
        assert_eq!(verify(&rewritten, &checkpoints), [Finding::Rewritten { id: 3 }, Finding::Rewritten { id: 12 }]);
    }

    #[test]
    fn a_deleted_end_is_found_by_what_was_signed() {
        let entries = chain(12);
        let checkpoints = sign(&entries, &[6, 12]);
        assert_eq!(verify(&entries[..2], &checkpoints), [Finding::CutOff { last_id: 2, signed_id: 12 }]);
        assert_eq!(verify(&[], &checkpoints), [Finding::CutOff { last_id: 0, signed_id: 12 }]);
    }

    #[test]
    fn a_deleted_middle_is_found() {
        let entries = chain(12);
        let gap = [&entries[..3], &entries[6..]].concat();
        assert_eq!(verify(&gap, &sign(&entries, &[12])), [Finding::Missing { first: 4, last: 6 }]);
    }

    #[test]
    fn a_missing_checkpoint_file_is_found() {
        assert_eq!(verify(&chain(3), &[]), [Finding::Unsigned { entries: 3 }]);
    }
}
