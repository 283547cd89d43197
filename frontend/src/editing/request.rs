//! Edits on their way to the server, and how one is taken back.
//! What the person is shown meanwhile is the business of the cards and the tray.

use gloo_net::http::Method;
use serde_json::{Map, Value};
use shared::edit::{Conflict, History};
use shared::layer::Layer;

use super::row::{EditableRow, door};
use crate::http::{self, Answer, Call, Failure};

/// What an edit came to.
pub enum Written {
    /// The row as it is now.
    Done(Value),
    /// Somebody was faster.
    Conflict(Box<Conflict>),
    Failed(Failure),
}

/// Writes an edit that was made from `version`.
///
/// Where only what no edit can change has moved on since (a camera's state, a count of residents), nobody is asked: the edit
/// is made again from the version in force. `before` is what the edit was made from.
pub async fn write(before: &EditableRow, version: i32, edit: &Map<String, Value>) -> Written {
    match send(before.layer, before.id, version, edit).await {
        Err(failure) => match failure.conflict() {
            None => Written::Failed(failure),
            Some(conflict) => {
                let current = EditableRow::read(before.layer, &conflict.current);
                match current.filter(|current| version == before.version && current.values == before.values) {
                    None => Written::Conflict(conflict),
                    Some(current) => match send(before.layer, before.id, current.version, edit).await {
                        Ok(row) => Written::Done(row),
                        Err(failure) => failure.conflict().map_or(Written::Failed(failure), Written::Conflict),
                    },
                }
            }
        },
        Ok(row) => Written::Done(row),
    }
}

/// Writes the state before the latest change again, if that change is the one that made `version`.
pub async fn take_back(layer: Layer, id: i64, version: i32) -> Answer<Value> {
    let history = history(layer, id, 1, None).await?;
    let edit =
        history.entries.first().map(|entry| entry.changes.iter().map(|change| (change.field.clone(), change.before.clone())).collect());
    send(layer, id, version, &edit.unwrap_or_default()).await
}

/// The past of a row.
pub async fn history(layer: Layer, id: i64, limit: u32, cursor: Option<&str>) -> Answer<History> {
    let door = door(layer, id).unwrap_or_default();
    let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
    http::get(&format!("{door}/history?limit={limit}{after}")).await
}

/// One edit, made from `version`.
pub async fn send(layer: Layer, id: i64, version: i32, edit: &Map<String, Value>) -> Answer<Value> {
    let door = door(layer, id).unwrap_or_default();
    Call::new(Method::PATCH, &door).header("If-Match", &format!("\"{version}\"")).body(edit)?.receive().await
}
