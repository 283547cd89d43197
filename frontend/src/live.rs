//! What happens, as it happens: hands the frames of `/live` to whoever listens to a topic, and keeps the small layers whole.
//! It draws nothing and reads no tile: the map and the lists decide what a change means for them.

mod bursts;
mod socket;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use shared::live::{LiveRow, Position, RemovedRow, ServerFrame};

pub use bursts::bursts;
use socket::Socket;

use crate::lasting::Lasting;

/// Whether what is on screen is live, and if not, since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Before the first connection; nothing has been lost yet.
    Connecting,
    Connected,
    LostSince(DateTime<Utc>),
}

/// What to hear. A new generation is a new audience (somebody signed in or out): it begins with snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Topics {
    pub generation: u32,
    pub names: Vec<String>,
}

/// What a listener of one topic is told.
#[derive(Debug)]
pub enum News<'a> {
    /// The rows of a small layer as they stand now; none for a tiled one, whose tiles are true from here on.
    Snapshot(Option<Vec<LiveRow>>),
    Delta {
        upsert: &'a [LiveRow],
        remove: &'a [RemovedRow],
    },
    /// Changes were missed: everything of this topic is to be read again.
    Resync,
}

type Listener = Rc<dyn Fn(&News)>;

/// A handle to the one connection of this page.
#[derive(Clone, Copy)]
pub struct Live {
    pub connection: Lasting<Connection>,
    /// Counts how often the server hung up because the caller is no longer who they were.
    pub dismissed: Lasting<u32>,
    state: StoredValue<Rc<RefCell<State>>, LocalStorage>,
}

#[derive(Default)]
struct State {
    listeners: Vec<(u64, String, Listener)>,
    next_listener: u64,
    /// The position reached, to continue from.
    position: Option<Position>,
    /// The rows of the topics whose snapshot brought rows.
    tables: HashMap<String, BTreeMap<i64, LiveRow>>,
    /// Topics that have had their snapshot in this generation.
    begun: Vec<String>,
    socket: Option<Socket>,
}

impl Live {
    /// Connects whenever there is something to hear, and connects anew for a new audience.
    pub fn start(topics: Signal<Topics>) -> Live {
        let live = Live {
            connection: Lasting::new(Connection::Connecting),
            dismissed: Lasting::new(0),
            state: StoredValue::new_local(Rc::new(RefCell::new(State::default()))),
        };
        Effect::new(move || {
            let topics = topics.get();
            let old = live.with_state(|state| {
                state.position = None;
                state.tables.clear();
                state.begun.clear();
                state.socket.take()
            });
            drop(old);
            if !topics.names.is_empty() {
                let socket = Socket::open(live, topics.names);
                live.with_state(|state| state.socket = Some(socket));
            }
        });
        on_cleanup(move || drop(live.with_state(|state| state.socket.take())));
        live
    }

    /// Calls `on_news` for every change of a topic until the surrounding owner is cleaned up. A topic that has begun
    /// already says its snapshot at once.
    pub fn listen(&self, topic: &str, on_news: impl Fn(&News) + 'static) {
        let live = *self;
        let listener: Listener = Rc::new(on_news);
        let (id, begun) = live.with_state(|state| {
            let id = state.next_listener;
            state.next_listener += 1;
            state.listeners.push((id, topic.to_owned(), listener.clone()));
            (id, state.begun.iter().any(|name| name == topic))
        });
        on_cleanup(move || live.with_state(|state| state.listeners.retain(|(other, ..)| *other != id)));
        if begun {
            listener(&News::Snapshot(live.rows(topic)));
        }
    }

    /// Whether anything has been heard for this audience: from then on changes reach the map, and nothing on it may be older.
    pub fn has_begun(&self) -> bool {
        self.with_state(|state| state.position.is_some())
    }

    /// The rows of a small layer as they stand; none where the topic is tiled or has not begun.
    pub fn rows(&self, topic: &str) -> Option<Vec<LiveRow>> {
        self.with_state(|state| {
            let table = state.tables.get(topic)?;
            Some(table.values().cloned().collect())
        })
    }

    /// Calls `act` when something of a topic has changed, until the surrounding owner is cleaned up.
    pub fn on_changes(&self, topic: &str, act: impl Fn() + 'static) {
        self.listen(topic, move |news| {
            if !matches!(news, News::Snapshot(_)) {
                act();
            }
        });
    }

    /// Counts the changes of one row, until the surrounding owner is cleaned up: what was read of it is to be read again.
    /// A snapshot that comes later than this is one: what changed before it, no delta tells.
    pub fn changes_of(&self, topic: &str, id: i64) -> RwSignal<u32> {
        let changes = RwSignal::new(0_u32);
        let is_at_once = Rc::new(Cell::new(true));
        let is_known = is_at_once.clone();
        self.listen(topic, move |news| {
            let concerned = match news {
                News::Delta { upsert, .. } => upsert.iter().any(|row| row.id == id),
                News::Resync => true,
                News::Snapshot(_) => !is_known.get(),
            };
            if concerned {
                changes.update(|changes| *changes += 1);
            }
        });
        is_at_once.set(false);
        changes
    }

    fn with_state<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        self.state.with_value(|state| act(&mut state.borrow_mut()))
    }

    fn position(&self) -> Option<Position> {
        self.with_state(|state| state.position.clone())
    }

    /// Takes in one frame: first what is kept here, then whoever listens.
    fn receive(&self, frame: ServerFrame) {
        match frame {
            ServerFrame::Ping { position } => self.advance(position),
            ServerFrame::Snapshot { topic, position, rows } => {
                self.advance(position);
                self.with_state(|state| state.begin(&topic, rows.as_deref()));
                self.tell(&topic, &News::Snapshot(rows));
            }
            ServerFrame::Delta { topic, position, upsert, remove } => {
                self.advance(position);
                self.with_state(|state| state.apply(&topic, &upsert, &remove));
                self.tell(&topic, &News::Delta { upsert: &upsert, remove: &remove });
            }
            ServerFrame::Resync { topics, position } => {
                self.advance(position);
                let topics = if topics.is_empty() { self.with_state(|state| state.begun.clone()) } else { topics };
                for topic in topics {
                    self.tell(&topic, &News::Resync);
                }
            }
        }
    }

    /// The position belongs to somebody who may see other things: the next connection begins afresh.
    fn dismiss(&self) {
        self.with_state(|state| {
            state.position = None;
            state.tables.clear();
            state.begun.clear();
        });
        self.dismissed.update(|times| *times += 1);
    }

    fn advance(&self, position: Position) {
        self.with_state(|state| state.position = Some(position));
    }

    fn tell(&self, topic: &str, news: &News) {
        // Listeners may subscribe or look rows up while they are told, so the list is not borrowed meanwhile.
        let listeners: Vec<Listener> = self.with_state(|state| {
            state.listeners.iter().filter(|(_, name, _)| name == topic).map(|(.., listener)| listener.clone()).collect()
        });
        for listener in listeners {
            listener(news);
        }
    }
}

impl State {
    fn begin(&mut self, topic: &str, rows: Option<&[LiveRow]>) {
        if !self.begun.iter().any(|name| name == topic) {
            self.begun.push(topic.to_owned());
        }
        if let Some(rows) = rows {
            let table = rows.iter().map(|row| (row.id, row.clone())).collect();
            self.tables.insert(topic.to_owned(), table);
        }
    }

    fn apply(&mut self, topic: &str, upsert: &[LiveRow], remove: &[RemovedRow]) {
        let Some(table) = self.tables.get_mut(topic) else {
            return;
        };
        for row in remove {
            table.remove(&row.id);
        }
        for row in upsert {
            table.insert(row.id, row.clone());
        }
    }
}
