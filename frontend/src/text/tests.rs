//! Every sentence that a screen can say exists in both languages, and says the same things in both.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use shared::area::AreaKind;
use shared::business::{BusinessKind, BusinessStatus};
use shared::camera::CameraStatus;
use shared::camera_alert::{AlertKind, AlertOutcome, AlertStep, Severity};
use shared::duty::DutyStep;
use shared::household::{Education, Relation, ResidenceKind, Sex};
use shared::layer::Layer;
use shared::search::SearchKind;
use shared::session::Role;

use super::kinds::{key, wire_name};
use super::sentences::{said, word};
use super::{Language, Value};
use crate::cameras::alerts::Standing;

const VIETNAMESE: &str = include_str!("vi.ftl");
const ENGLISH: &str = include_str!("en.ftl");
/// Every key with its sentences, sorted, as `build.rs` writes them.
const TABLE: &str = include_str!(concat!(env!("OUT_DIR"), "/sentences.txt"));

fn sentence(language: Language, key: &str, values: &[(&str, Value)]) -> String {
    let found = TABLE.lines().filter_map(|line| line.split_once('\u{5}')).find(|(other, _)| *other == key);
    said(found.unwrap_or_else(|| panic!("{key} is not written")).1, language, values)
}

/// Keys with the names of the values that their sentences say.
fn messages(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages = BTreeMap::new();
    let mut current = String::new();
    for line in source.lines() {
        if let Some((name, _)) = line.split_once(" = ")
            && !line.starts_with([' ', '#'])
        {
            current = name.to_owned();
            assert!(messages.insert(current.clone(), BTreeSet::new()).is_none(), "{current} stands twice");
        }
        // A value that only chooses between an English singular and plural is not said.
        for piece in line.split("{ $").skip(1).filter(|piece| !piece.contains("->")) {
            let name = piece.split(' ').next().unwrap_or_default();
            messages.get_mut(&current).expect("a value outside a message").insert(name.to_owned());
        }
    }
    messages
}

/// Keys that the sources name in `t!("…")`.
fn keys_in_sources(folder: &Path, keys: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            keys_in_sources(&path, keys);
        } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("text/tests.rs") {
            let source = fs::read_to_string(&path).unwrap();
            for (at, _) in source.match_indices("t!(\"") {
                // `assert!("…")` and the like end in the same letters.
                if !source[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
                    let rest = &source[at + 4..];
                    keys.insert(rest[..rest.find('"').unwrap()].to_owned());
                }
            }
        }
    }
}

/// Keys that are put together from data, for every value that the wire contract knows.
fn keys_of_kinds() -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    let mut family = |family: &str, codes: &[String]| keys.extend(codes.iter().map(|code| key(family, code)));
    let names = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
    family("one", &Layer::ALL.map(|layer| layer.name().to_owned()));
    family("group", &SearchKind::ALL.map(|kind| kind.name().to_owned()));
    family("role", &Role::ALL.map(|role| role.name().to_owned()));
    family("area", &[AreaKind::Province, AreaKind::Ward, AreaKind::Tdp].map(wire_name));
    family("business", &[BusinessKind::Company, BusinessKind::HouseholdBusiness].map(wire_name));
    family("business-status", &[BusinessStatus::Operating, BusinessStatus::Suspended, BusinessStatus::Closed].map(wire_name));
    family("camera-status", &[CameraStatus::Online, CameraStatus::Offline, CameraStatus::Unknown].map(wire_name));
    family("sex", &[Sex::Male, Sex::Female].map(wire_name));
    family("residence", &[ResidenceKind::Permanent, ResidenceKind::Temporary, ResidenceKind::ShortStay].map(wire_name));
    use Relation::*;
    family("relation", &[Head, Spouse, Child, Parent, Grandchild, Sibling, ChildInLaw, Other].map(wire_name));
    for relation in [Spouse, Parent, ChildInLaw] {
        for sex in [Sex::Male, Sex::Female] {
            family("relation", &[format!("{}-{}", wire_name(relation), wire_name(sex))]);
        }
    }
    use Education as E;
    family(
        "education",
        &[
            E::None,
            E::Preschool,
            E::Primary,
            E::LowerSecondary,
            E::UpperSecondary,
            E::Vocational,
            E::College,
            E::University,
            E::Postgraduate,
        ]
        .map(wire_name),
    );
    family("duty-step", &DutyStep::ALL.map(wire_name));
    use AlertStep as S;
    family("alert-step", &[S::Assigned, S::Taken, S::Noted, S::Closed, S::Reopened, S::Escalated, S::Overdue].map(wire_name));
    family("theme", &names(&["dark", "light"]));
    family("page", &names(&["operations", "households", "violations", "alert-rules"]));
    family("alert-kind", &AlertKind::ALL.map(wire_name));
    family("severity", &Severity::ALL.map(wire_name));
    family("refusal", &names(&["violations.too_many_rows", "violations.too_many_plates"]));
    family("refusal", &names(&["edit.conflict", "edit.invalid", "edit.out_of_reach", "edit.outside_every_area"]));
    let reasons = ["unknown_camera", "ambiguous_camera", "unknown_kind", "unreadable_item", "unreadable", "bad_time"];
    family("quarantine", &reasons.map(|reason| format!("ingest.{reason}")));
    family("refusal", &reasons.map(|reason| format!("ingest.{reason}")));
    family("quarantine", &names(&["ingest.too_many_waiting"]));
    family("refusal", &names(&["ingest.already_replayed", "ingest.already_put_away"]));
    let of_recorders = ["cameras.no_live_view", "cameras.no_clip", "cameras.recorder_host", "cameras.recorder_secret"];
    family("refusal", &names(&of_recorders));
    family("refusal", &names(&["alert_shelves.already_ended"]));
    family("sector", &('A'..='U').map(|letter| letter.to_string()).collect::<Vec<_>>());
    family("alert-outcome", &AlertOutcome::ALL.map(wire_name));
    family("standing", &Standing::ALL.map(|standing| standing.name().to_owned()));
    keys
}

/// Kinds that the database allows, from its own constraints: `kind text not null check (kind in ('…'))`.
fn keys_of_constraints() -> Vec<String> {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let mut sql = String::new();
    for entry in fs::read_dir(migrations).unwrap() {
        sql.push_str(&fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    let codes = |table: &str, column: &str, family: &str| {
        let table = &sql[sql.find(&format!("create table {table} (")).unwrap()..];
        let check = &table[table.find(&format!("check ({column} in (")).unwrap()..];
        let list = &check[..check.find("))").unwrap()];
        list.split('\'').skip(1).step_by(2).map(|code| key(family, code)).collect::<Vec<_>>()
    };
    [codes("place", "kind", "place"), codes("building", "use", "building"), codes("road", "class", "road")].concat()
}

#[test]
fn both_languages_say_the_same_things() {
    let (vietnamese, english) = (messages(VIETNAMESE), messages(ENGLISH));
    let differ: Vec<_> = vietnamese.keys().chain(english.keys()).filter(|key| vietnamese.get(*key) != english.get(*key)).collect();
    assert!(differ.is_empty(), "said in one language only, or with other values: {differ:?}");
}

/// Keys that sources name need no test: they would not compile.
#[test]
fn every_key_put_together_from_data_has_a_word() {
    let wanted = [keys_of_kinds(), keys_of_constraints()].concat();
    let missing: Vec<_> = wanted.iter().filter(|key| word(key).is_none()).collect();
    assert!(missing.is_empty(), "missing in vi.ftl, or named by `t!` too and not among the families of build.rs: {missing:?}");
}

/// What the open map says by itself may not wait for the second file.
#[test]
fn the_open_map_has_its_words() {
    let open = include_str!(concat!(env!("OUT_DIR"), "/words.txt"));
    for key in ["one-camera", "group-place", "status-503", "camera-status-offline", "page-operations", "refusal-not_found"] {
        assert!(open.lines().any(|line| line.starts_with(&format!("{key}\u{5}"))), "{key} comes later");
    }
}

#[test]
fn nothing_is_left_that_no_screen_says() {
    let mut wanted = BTreeSet::new();
    keys_in_sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut wanted);
    assert!(wanted.len() > 100, "the sources were not read: {} keys", wanted.len());
    wanted.extend(keys_of_kinds());
    wanted.extend(keys_of_constraints());
    let spare: Vec<_> = messages(VIETNAMESE)
        .into_keys()
        .filter(|key| !wanted.contains(key) && !key.starts_with("refusal-") && !key.starts_with("status-"))
        .collect();
    assert!(spare.is_empty(), "said by no screen: {spare:?}");
}

/// Every sentence with values of our own choice, as Fluent's reference implementation says it and as the screens do.
#[test]
fn the_table_says_what_fluent_says() {
    for (language, source) in [(Language::Vietnamese, VIETNAMESE), (Language::English, ENGLISH)] {
        let mut bundle = FluentBundle::new(vec![language.tag().parse().unwrap()]);
        bundle.set_use_isolating(false);
        bundle.add_resource(FluentResource::try_new(source.to_owned()).unwrap()).unwrap();
        for (key, mut names) in messages(source) {
            // Also what only chooses.
            names.insert("count".to_owned());
            for count in [0, 1, 2, 5, 21] {
                let ours: Vec<_> = names.iter().map(|name| (name.as_str(), Value::from(count))).collect();
                let theirs: FluentArgs = names.iter().map(|name| (name.as_str(), FluentValue::from(count))).collect();
                let pattern = bundle.get_message(&key).unwrap().value().unwrap();
                let expected = bundle.format_pattern(pattern, Some(&theirs), &mut Vec::new());
                assert_eq!(sentence(language, &key, &ours), expected, "{key}");
            }
        }
    }
}

#[test]
fn numbers_in_sentences_follow_the_language() {
    let seven_thousand = [("count", Value::from(7528))];
    assert_eq!(sentence(Language::Vietnamese, "people", &seven_thousand), "7.528\u{a0}người");
    assert_eq!(sentence(Language::English, "people", &seven_thousand), "7,528 people");
    assert_eq!(sentence(Language::English, "people", &[("count", Value::from(1))]), "1 person");
}
