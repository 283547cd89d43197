//! Tools that take the map in hand (measuring, drawing, editing), and what the pointer does while one does.
//! What a tool makes of it is its own business; without one, a click selects.

use std::rc::Rc;

use leptos::prelude::*;
use serde_json::{Value, json};

/// One tool has the map at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Distance along a line, or the size of a surface.
    Measure,
    /// An area is drawn, and what lies in it counted.
    Draw,
    /// Things are moved, turned and corrected.
    Edit,
    /// The map of an earlier day beside today's.
    Compare,
    Print,
}

/// What the pointer (a mouse, or one finger) did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointerKind {
    Click,
    DoubleClick,
    Down,
    Move,
    Up,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pointer {
    pub kind: PointerKind,
    /// Longitude and latitude.
    pub place: [f64; 2],
    /// From the map's upper left corner.
    pub pixel: [f64; 2],
}

type Listener = Rc<dyn Fn(&Pointer) -> bool>;

/// Whoever wants to know of the pointer before a click selects.
#[derive(Clone, Copy)]
pub struct Pointers(StoredValue<Listeners, LocalStorage>);

#[derive(Default)]
struct Listeners {
    next: u64,
    list: Vec<(u64, Listener)>,
}

impl Pointers {
    pub fn new() -> Pointers {
        Pointers(StoredValue::new_local(Listeners::default()))
    }

    /// Listens until the surrounding owner is cleaned up. True takes the event: the map then neither selects nor pans
    /// nor zooms by it.
    pub fn listen(&self, on_pointer: impl Fn(&Pointer) -> bool + 'static) {
        let listeners = self.0;
        let listener: Listener = Rc::new(on_pointer);
        let id = listeners.try_update_value(|listeners| {
            listeners.next += 1;
            listeners.list.push((listeners.next, listener));
            listeners.next
        });
        on_cleanup(move || _ = listeners.try_update_value(|listeners| listeners.list.retain(|(other, _)| Some(*other) != id)));
    }

    pub fn is_heard(&self) -> bool {
        self.0.try_with_value(|listeners| !listeners.list.is_empty()).unwrap_or(false)
    }

    /// Whether somebody took it; the latest listener is asked first.
    pub fn tell(&self, pointer: &Pointer) -> bool {
        // A listener may stop listening while it is told, so the list is not borrowed meanwhile.
        let list: Vec<Listener> = self
            .0
            .try_with_value(|listeners| listeners.list.iter().rev().map(|(_, listener)| listener.clone()).collect())
            .unwrap_or_default();
        list.iter().any(|listener| listener(pointer))
    }
}

impl Default for Pointers {
    fn default() -> Self {
        Self::new()
    }
}

/// A sketch with nothing in it.
pub fn empty() -> Value {
    json!({"type": "FeatureCollection", "features": []})
}

/// A sketch of these features.
pub fn sketch(features: Vec<Value>) -> Value {
    json!({"type": "FeatureCollection", "features": features})
}

/// A line, surface, point of a sketch; `role` says to the map style how it is drawn ("ghost": only thought of yet,
/// "handle": a corner to take, "label": the words of `text`, else as it is).
pub fn drawn(kind: &str, coordinates: Value, role: &str, text: Option<&str>) -> Value {
    json!({"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": {"role": role, "text": text.unwrap_or_default()}})
}
