//! The websocket itself: opening, reopening with growing pauses, and noticing a line that has gone silent.
//! What the frames say is `live`'s business.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use chrono::Utc;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use shared::live::{ClientFrame, REACH_CHANGED, SESSION_ENDED, ServerFrame};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

use super::{Connection, Live};

/// The server says something at least every 10 s; three silences in a row are a lost line.
const SILENCE_MS: u32 = 30_000;
const FIRST_PAUSE_MS: u32 = 500;
const LONGEST_PAUSE_MS: u32 = 15_000;

/// One lasting wish to be connected. Dropping it hangs up.
pub(super) struct Socket {
    line: Rc<Line>,
}

struct Line {
    live: Live,
    topics: Vec<String>,
    open: RefCell<Option<Open>>,
    attempts: Cell<u32>,
    pause: RefCell<Option<Timeout>>,
    silence: RefCell<Option<Timeout>>,
    hung_up: Cell<bool>,
}

/// A websocket with the closures it calls; they live exactly as long as it does.
struct Open {
    socket: WebSocket,
    _on_open: Closure<dyn FnMut()>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // Closing one that is already closed does nothing.
        _ = self.socket.close();
    }
}

impl Socket {
    pub(super) fn open(live: Live, topics: Vec<String>) -> Socket {
        let line = Rc::new(Line {
            live,
            topics,
            open: RefCell::new(None),
            attempts: Cell::new(0),
            pause: RefCell::new(None),
            silence: RefCell::new(None),
            hung_up: Cell::new(false),
        });
        line.connect();
        Socket { line }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.line.hung_up.set(true);
        self.line.pause.take();
        self.line.silence.take();
        // The last owner of a closure must not be that closure, which may be running now.
        let open = self.line.open.take();
        leptos::task::spawn_local(async move { drop(open) });
    }
}

impl Line {
    fn connect(self: &Rc<Self>) {
        if self.hung_up.get() {
            return;
        }
        match self.dial() {
            Ok(open) => {
                self.watch_silence();
                *self.open.borrow_mut() = Some(open);
            }
            Err(_) => self.lost(),
        }
    }

    fn dial(self: &Rc<Self>) -> Result<Open, JsValue> {
        let location = window().location();
        let scheme = if location.protocol()? == "https:" { "wss" } else { "ws" };
        let socket = WebSocket::new(&format!("{scheme}://{}/live", location.host()?))?;
        let on_open = Closure::new({
            let line = Rc::downgrade(self);
            move || _ = line.upgrade().map(|line| line.opened())
        });
        let on_message = Closure::new({
            let line = Rc::downgrade(self);
            move |event| _ = line.upgrade().map(|line| line.heard(&event))
        });
        let on_close = Closure::new({
            let line = Rc::downgrade(self);
            move |event: CloseEvent| _ = line.upgrade().map(|line| line.closed(event.code()))
        });
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Ok(Open { socket, _on_open: on_open, _on_message: on_message, _on_close: on_close })
    }

    fn opened(&self) {
        self.say(&ClientFrame::Subscribe { topics: self.topics.clone(), bbox: None, since: self.live.position() });
    }

    fn heard(self: &Rc<Self>, event: &MessageEvent) {
        let Some(text) = event.data().as_string() else {
            return;
        };
        // Connected means that the server speaks, not merely that it picked up.
        self.attempts.set(0);
        if self.live.connection.get_untracked() != Connection::Connected {
            self.live.connection.set(Connection::Connected);
        }
        self.watch_silence();
        match serde_json::from_str::<ServerFrame>(&text) {
            Ok(frame) => {
                if matches!(frame, ServerFrame::Ping { .. }) {
                    self.say(&ClientFrame::Pong {});
                }
                self.live.receive(frame);
            }
            // A newer server may say what this page does not know; a gap is worse than a fresh start.
            Err(error) => leptos::logging::warn!("a live frame was not understood: {error}"),
        }
    }

    fn say(&self, frame: &ClientFrame) {
        let open = self.open.borrow();
        if let Some(open) = open.as_ref()
            && let Ok(text) = serde_json::to_string(frame)
        {
            // A failure shows as a closed socket right after.
            _ = open.socket.send_with_str(&text);
        }
    }

    fn closed(self: &Rc<Self>, code: u16) {
        if !self.hung_up.get() && matches!(code, SESSION_ENDED | REACH_CHANGED) {
            self.live.dismiss();
        }
        self.lost();
    }

    fn lost(self: &Rc<Self>) {
        if self.hung_up.get() {
            return;
        }
        if !matches!(self.live.connection.get_untracked(), Connection::LostSince(_)) {
            self.live.connection.set(Connection::LostSince(Utc::now()));
        }
        self.silence.take();
        let attempts = self.attempts.get();
        self.attempts.set(attempts.saturating_add(1));
        let line = Rc::downgrade(self);
        let again = Timeout::new(pause_ms(attempts, js_sys::Math::random()), move || {
            if let Some(line) = line.upgrade() {
                line.open.take();
                line.connect();
            }
        });
        *self.pause.borrow_mut() = Some(again);
    }

    fn watch_silence(self: &Rc<Self>) {
        let line = Rc::downgrade(self);
        let timeout = Timeout::new(SILENCE_MS, move || {
            if let Some(line) = line.upgrade() {
                line.open.take();
                line.lost();
            }
        });
        *self.silence.borrow_mut() = Some(timeout);
    }
}

/// Doubles with every attempt, up to a quarter of a minute. `chance` in 0..1 spreads a room full of screens that lost
/// the same server, so that they do not all come back at the same moment.
fn pause_ms(attempts: u32, chance: f64) -> u32 {
    let doubled = FIRST_PAUSE_MS.saturating_mul(1 << attempts.min(10));
    let ceiling = f64::from(doubled.min(LONGEST_PAUSE_MS));
    (ceiling * (0.5 + 0.5 * chance)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_ceiling_and_are_spread() {
        assert_eq!(pause_ms(0, 1.0), 500);
        assert_eq!(pause_ms(3, 1.0), 4_000);
        assert_eq!(pause_ms(3, 0.0), 2_000);
        assert_eq!(pause_ms(60, 1.0), LONGEST_PAUSE_MS);
    }
}
