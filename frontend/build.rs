//! Reads the sentences (`src/text/*.ftl`) once, at build time, into what `text::sentences` says them from: the browser need not
//! load a parser of Fluent. It deliberately knows no sentence; what a screen may say is up to the files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::{env, fs, path::Path};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey};
use fluent_syntax::parser::parse;

/// In the order of the table's columns.
const LANGUAGES: [&str; 2] = ["vi", "en"];

/// Beginnings of keys that are put together from data, of which `t!` may name some too.
const FAMILIES: [&str; 25] = [
    "alert-kind-",
    "alert-outcome-",
    "alert-step-",
    "area-",
    "building-",
    "business-",
    "camera-status-",
    "duty-step-",
    "education-",
    "group-",
    "one-",
    "page-",
    "place-",
    "quarantine-ingest-",
    "refusal-",
    "relation-",
    "residence-",
    "road-",
    "role-",
    "sector-",
    "severity-",
    "sex-",
    "standing-",
    "status-",
    "theme-",
];

/// Of the keys that are put together from data, those that the open map says: they do not come later.
const OPEN: [&str; 14] = [
    "area-",
    "building-",
    "camera-status-",
    "group-",
    "one-",
    "page-",
    "place-",
    "refusal-forbidden",
    "refusal-not_found",
    "refusal-search-",
    "refusal-sign_in_required",
    "road-",
    "status-",
    "theme-",
];

/// Marks of the table, as `src/text/sentences.rs` reads them. No sentence holds such letters.
const BEGIN: char = '\u{1}';
const END: char = '\u{2}';
const VARIANT: char = '\u{3}';
const SAYS: char = '\u{4}';
const COLUMN: char = '\u{5}';

fn main() {
    // Set by `xtask` for a release bundle: see `src/later.rs`.
    println!("cargo::rustc-check-cfg=cfg(split)");
    let mut table: BTreeMap<String, [String; LANGUAGES.len()]> = BTreeMap::new();
    for (column, language) in LANGUAGES.iter().enumerate() {
        let path = format!("src/text/{language}.ftl");
        println!("cargo::rerun-if-changed={path}");
        let source = fs::read_to_string(&path).unwrap_or_else(|cause| panic!("{path}: {cause}"));
        for (key, sentence) in sentences(&path, &source) {
            table.entry(key).or_default()[column] = sentence;
        }
    }
    println!("cargo::rerun-if-changed=src");
    let mut named = BTreeSet::new();
    keys_in_sources(Path::new("src"), &mut named);
    let begins = |key: &str, beginnings: &[&str]| beginnings.iter().any(|beginning| key.starts_with(beginning));
    // Sorted by key, one line each; a column left empty is a sentence that a language lacks, which a test finds.
    let (mut all, mut words, mut later_words) = (String::new(), String::new(), String::new());
    let mut arms = String::new();
    for (key, columns) in &table {
        let sentence = columns.join(&COLUMN.to_string());
        let line = format!("{key}{COLUMN}{sentence}\n");
        all.push_str(&line);
        if !named.contains(key) || begins(key, &FAMILIES) {
            if begins(key, &OPEN) { &mut words } else { &mut later_words }.push_str(&line);
        }
        _ = writeln!(arms, "    ({key:?}) => {{ {sentence:?} }};");
    }
    let folder = env::var_os("OUT_DIR").expect("cargo names a folder for what is built");
    let write = |name: &str, content: String| {
        fs::write(Path::new(&folder).join(name), content).expect("the folder can be written to");
    };
    write("sentences.rs", format!("macro_rules! sentence {{\n{arms}}}\n"));
    write("sentences.txt", all);
    write("words.txt", words);
    write("later_words.txt", later_words);
}

/// Keys that the sources name in `t!("…")`.
fn keys_in_sources(folder: &Path, keys: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|cause| panic!("{}: {cause}", folder.display())) {
        let path = entry.expect("the sources can be read").path();
        if path.is_dir() {
            keys_in_sources(&path, keys);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let source = fs::read_to_string(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
            for after in source.split("t!(").skip(1) {
                // What ends in the same letters (`assert!`) names no key of ours, or does no harm.
                if let Some((key, _)) = after.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"')) {
                    keys.insert(key.to_owned());
                }
            }
        }
    }
}

/// Keys and sentences of a file. What cannot be read, or is more of Fluent than our screens speak, stops the build.
fn sentences(path: &str, source: &str) -> Vec<(String, String)> {
    let resource = parse(source).unwrap_or_else(|(_, errors)| panic!("{path} cannot be read: {errors:?}"));
    let mut sentences = Vec::new();
    for entry in resource.body {
        match entry {
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
            Entry::Message(message) => {
                let key = message.id.name;
                let value = message.value.unwrap_or_else(|| panic!("{path}: {key} says nothing"));
                let sentence = written(&value).unwrap_or_else(|beyond| panic!("{path}: {key}: {beyond}"));
                sentences.push((key.to_owned(), sentence));
            }
            Entry::Term(term) => panic!("{path}: -{}: our sentences have no terms; write the words out", term.id.name),
            Entry::Junk { content } => panic!("{path} cannot be read at: {content}"),
        }
    }
    sentences
}

fn written(pattern: &Pattern<&str>) -> Result<String, String> {
    let mut text = String::new();
    for element in &pattern.elements {
        match element {
            // A sentence of several lines reads as one.
            PatternElement::TextElement { value } => text.push_str(&value.replace(['\r', '\n'], " ")),
            PatternElement::Placeable { expression } => text.push_str(&placed(expression)?),
        }
    }
    Ok(text)
}

fn placed(expression: &Expression<&str>) -> Result<String, String> {
    match expression {
        Expression::Inline(InlineExpression::StringLiteral { value }) => Ok((*value).to_owned()),
        Expression::Inline(InlineExpression::Placeable { expression }) => placed(expression),
        Expression::Inline(InlineExpression::VariableReference { id }) => Ok(format!("{BEGIN}{}{END}", id.name)),
        Expression::Select { selector: InlineExpression::VariableReference { id }, variants } => {
            // The default last, where the reader arrives when nothing else fits.
            let (default, others): (Vec<_>, Vec<_>) = variants.iter().partition(|variant| variant.default);
            let variants = others.iter().chain(&default).map(|variant| said(variant)).collect::<Result<String, _>>()?;
            Ok(format!("{BEGIN}{}{variants}{END}", id.name))
        }
        beyond => Err(format!("our sentences know values and choices by a value, not {beyond:?}")),
    }
}

fn said(variant: &Variant<&str>) -> Result<String, String> {
    let (VariantKey::Identifier { name: key } | VariantKey::NumberLiteral { value: key }) = variant.key;
    let key = if variant.default { "" } else { key };
    Ok(format!("{VARIANT}{key}{SAYS}{}", written(&variant.value)?))
}
