//! The row behind a card: read when the card opens, and again whenever it changes.
//! What a card says of its row is its domain's business.

use leptos::prelude::*;
use serde::de::DeserializeOwned;
use shared::layer::Layer;

use crate::http::{self, Answer};
use crate::map::MapState;

/// What `door` answers of a row, until the card is closed.
pub fn row_behind<T: DeserializeOwned + 'static>(layer: Layer, id: i64, door: String) -> LocalResource<Answer<T>> {
    let state: MapState = expect_context();
    let changes = state.live.changes_of(layer.name(), id);
    LocalResource::new(move || {
        changes.track();
        let door = door.clone();
        async move { http::get::<T>(&door).await }
    })
}

/// A signal of something that an answer says, empty until it has arrived.
macro_rules! said {
    ($answer:ident, $value:ident => $words:expr) => {
        Signal::derive(move || match $answer.get() {
            Some(Ok($value)) => $words,
            _ => String::new(),
        })
    };
}
pub(crate) use said;

/// A signal of the row that an answer brought, for whoever edits it.
macro_rules! as_row {
    ($answer:ident) => {
        Signal::derive(move || match $answer.get() {
            Some(Ok(row)) => serde_json::to_value(row).ok(),
            _ => None,
        })
    };
}
pub(crate) use as_row;
