//! Carries changes to the map's sources: asks again for the tiles that a change touched, and for no other.
//! Bursts are gathered: the first change goes at once, what follows within the pause goes together.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use serde_json::json;
use wasm_bindgen::JsValue;

use super::library::{Map, to_js};
use super::tiles::{Ledger, TileId, Touched};

/// Long enough that an import of thousands of rows does not ask for the same tile thousands of times, short enough
/// that a change shows well within a second.
const PAUSE_MS: u32 = 300;

#[derive(Clone)]
pub struct Refresher {
    map: Map,
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
struct State {
    ledger: Ledger,
    gathered: HashMap<String, Touched>,
    pause: Option<Timeout>,
}

impl Refresher {
    pub fn new(map: Map) -> Refresher {
        Refresher { map, state: Rc::default() }
    }

    pub fn changed(&self, source: &str, touched: Touched) {
        let mut state = self.state.borrow_mut();
        state.ledger.changed(source, &touched);
        let known = state.gathered.remove(source);
        state.gathered.insert(source.to_owned(), join(known, touched));
        let waiting = state.pause.is_some();
        drop(state);
        if !waiting {
            self.ask();
        }
    }

    /// A tile set out on its first way.
    pub fn asked(&self, source: &str, tile: TileId) {
        self.state.borrow_mut().ledger.asked(source, tile);
    }

    /// A tile came (or will not come); one that a change has overtaken is asked for again.
    pub fn arrived(&self, source: &str, tile: TileId) {
        if self.state.borrow_mut().ledger.arrived(source, tile) {
            self.changed(source, Touched::Tiles([tile].into()));
        }
    }

    fn ask(&self) {
        let gathered = std::mem::take(&mut self.state.borrow_mut().gathered);
        if gathered.is_empty() {
            self.state.borrow_mut().pause = None;
            return;
        }
        for (source, touched) in gathered {
            // A source that is not on the map (switched to another audience meanwhile) has nothing to ask for.
            if self.map.source(&source).is_some() {
                _ = self.map.refresh_tiles(&source, &addresses(&touched));
            }
        }
        let again = Rc::downgrade(&self.state);
        let map = self.map.clone();
        let pause = Timeout::new(PAUSE_MS, move || {
            if let Some(state) = again.upgrade() {
                Refresher { map, state }.ask();
            }
        });
        self.state.borrow_mut().pause = Some(pause);
    }
}

fn join(known: Option<Touched>, touched: Touched) -> Touched {
    match (known, touched) {
        (Some(Touched::Tiles(mut tiles)), Touched::Tiles(more)) => {
            tiles.extend(more);
            Touched::Tiles(tiles)
        }
        (None, touched) => touched,
        _ => Touched::Everything,
    }
}

fn addresses(touched: &Touched) -> JsValue {
    match touched {
        Touched::Everything => JsValue::UNDEFINED,
        Touched::Tiles(tiles) => to_js(&tiles.iter().map(|tile| json!({"x": tile.x, "y": tile.y, "z": tile.z})).collect()),
    }
}
