//! The two Fluent bundles, and how numbers look inside their sentences.
//! Which sentence is said when is the screens' business.

use fluent_bundle::types::FluentNumber;
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};

use super::{Language, format};

pub(super) const VIETNAMESE: &str = include_str!("vi.ftl");
pub(super) const ENGLISH: &str = include_str!("en.ftl");

/// What a sentence is completed with.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    /// Written with the language's separators; English chooses its plural by it.
    Number(i64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Number(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Value {
        Value::Number(number.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Value {
        Value::Number(number.into())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Value {
        Value::Number(number as i64)
    }
}

thread_local! {
    static BUNDLES: [FluentBundle<FluentResource>; 2] = [vietnamese(), english()];
}

fn vietnamese() -> FluentBundle<FluentResource> {
    let mut bundle = bundle(Language::Vietnamese, VIETNAMESE);
    bundle.set_formatter(Some(|value, _| written(value, Language::Vietnamese)));
    bundle
}

fn english() -> FluentBundle<FluentResource> {
    let mut bundle = bundle(Language::English, ENGLISH);
    bundle.set_formatter(Some(|value, _| written(value, Language::English)));
    bundle
}

fn bundle(language: Language, source: &str) -> FluentBundle<FluentResource> {
    // A line that cannot be parsed is left out here and found by a test.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
    let mut bundle = FluentBundle::new(vec![language.tag().parse().unwrap_or_default()]);
    // Everything is written from left to right: no marks around inserted values.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    bundle
}

fn written(value: &FluentValue, language: Language) -> Option<String> {
    match value {
        FluentValue::Number(FluentNumber { value, .. }) => Some(format::count_in(language, *value as i64)),
        _ => None,
    }
}

fn with_bundle<R>(language: Language, act: impl FnOnce(&FluentBundle<FluentResource>) -> R) -> R {
    BUNDLES.with(|bundles| {
        act(match language {
            Language::Vietnamese => &bundles[0],
            Language::English => &bundles[1],
        })
    })
}

pub(super) fn knows(key: &str) -> bool {
    with_bundle(Language::Vietnamese, |bundle| bundle.has_message(key))
}

/// An unknown key is said as it is: ugly on screen, and so seen and reported.
pub(super) fn sentence(language: Language, key: &str, values: &[(&str, Value)]) -> String {
    let mut arguments = FluentArgs::with_capacity(values.len());
    for (name, value) in values {
        match value {
            Value::Text(text) => arguments.set(*name, text.as_str()),
            Value::Number(number) => arguments.set(*name, *number),
        }
    }
    with_bundle(language, |bundle| {
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    })
}
