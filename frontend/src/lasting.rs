//! Signals that outlive the views that read them: what is known of the session, the map, the connection, the language.
//! What a signal says is its owner's business; here it only forgets readers that are gone.
//!
//! A view that goes away leaves an entry in every signal it has read: an effect of `reactive_graph` 0.2 takes itself out of
//! its sources when it runs again, but not when it is dropped. A signal that lives as long as the page would keep every view
//! that ever asked, some kilobytes for each change of pages.

use std::collections::HashSet;
use std::panic::Location;

use leptos::prelude::*;
use leptos::reactive::graph::{AnySubscriber, Observer, Source};
use leptos::reactive::signal::guards::{Plain, ReadGuard};
use leptos::reactive::traits::{DefinedAt, IsDisposed, Notify, ReadUntracked, Track, UntrackableGuard, Write};

/// Fewer are not worth looking for.
const FIRST_SWEEP: usize = 32;

/// Who reads a signal. Looks for those that are gone whenever their number may have doubled.
pub struct Readers {
    seen: HashSet<AnySubscriber>,
    sweep_at: usize,
}

impl Readers {
    pub fn new() -> Readers {
        Readers { seen: HashSet::new(), sweep_at: FIRST_SWEEP }
    }

    /// Remembers the view that is reading now, if one is, and takes out of `source` those that are gone.
    pub fn note(&mut self, source: &dyn Source) {
        let Some(reader) = Observer::get() else { return };
        self.seen.insert(reader);
        if self.seen.len() < self.sweep_at {
            return;
        }
        self.seen.retain(|reader| {
            let lives = reader.1.strong_count() > 0;
            if !lives {
                source.remove_subscriber(reader);
            }
            lives
        });
        self.sweep_at = (self.seen.len() * 2).max(FIRST_SWEEP);
    }
}

/// An `RwSignal` for what lives as long as the page.
pub struct Lasting<T: Send + Sync + 'static> {
    signal: RwSignal<T>,
    readers: StoredValue<Readers>,
}

impl<T: Send + Sync + 'static> Lasting<T> {
    #[track_caller]
    pub fn new(value: T) -> Lasting<T> {
        Lasting { signal: RwSignal::new(value), readers: StoredValue::new(Readers::new()) }
    }
}

impl<T: Send + Sync + 'static> Clone for Lasting<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Lasting<T> {}

impl<T: Send + Sync + 'static> DefinedAt for Lasting<T> {
    fn defined_at(&self) -> Option<&'static Location<'static>> {
        self.signal.defined_at()
    }
}

impl<T: Send + Sync + 'static> IsDisposed for Lasting<T> {
    fn is_disposed(&self) -> bool {
        self.signal.is_disposed()
    }
}

impl<T: Send + Sync + 'static> Track for Lasting<T> {
    fn track(&self) {
        self.readers.try_update_value(|readers| readers.note(&self.signal));
        self.signal.track();
    }
}

impl<T: Send + Sync + 'static> ReadUntracked for Lasting<T> {
    type Value = ReadGuard<T, Plain<T>>;

    fn try_read_untracked(&self) -> Option<Self::Value> {
        self.signal.try_read_untracked()
    }
}

impl<T: Send + Sync + 'static> Notify for Lasting<T> {
    fn notify(&self) {
        self.signal.notify();
    }
}

impl<T: Send + Sync + 'static> Write for Lasting<T> {
    type Value = T;

    fn try_write(&self) -> Option<impl UntrackableGuard<Target = T>> {
        self.signal.try_write()
    }

    fn try_write_untracked(&self) -> Option<impl std::ops::DerefMut<Target = T>> {
        self.signal.try_write_untracked()
    }
}
