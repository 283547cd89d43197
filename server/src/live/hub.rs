//! Who listens to what, and how a batch of the feed reaches them: each frame is written once per audience and shared.
//! It deliberately knows no socket: a listener is a bounded queue, and one that does not keep up is let go.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use futures_util::future::BoxFuture;
use metrics::{counter, gauge, histogram};
use shared::live::{Position as Word, ServerFrame};
use sqlx::PgPool;
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};

use super::{
    frames::{self, Run},
    recent::{MINUTES, MOST, Recent},
    view::{Ears, View},
};
use crate::{
    accounts::Caller,
    feed::{self, Batch, Change, Epoch, Feed, Follower, Head, Op, Position},
    geography::map_index::MapIndex,
};

/// Frames that may wait for one slow client. A full queue means that it is better off reading everything again.
const QUEUE: usize = 256;
/// More than this is quicker read again than told one by one.
const MOST_TO_CATCH_UP: usize = 5_000;
/// How long a client that comes from another instance waits for this one to get as far.
const CATCH_UP_WAIT: Duration = Duration::from_secs(2);

/// Cheap to clone; every clone is the same hub.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    /// Not the feed itself: it holds the hub.
    head: watch::Receiver<Option<Head>>,
    pool: PgPool,
    index: MapIndex,
    /// Never given twice, not even in another epoch: a line that is dropped late must not take another's place.
    next_id: AtomicU64,
    state: Mutex<Option<State>>,
}

struct State {
    /// Everything up to here has been put into the queues.
    position: Position,
    recent: Recent,
    /// The feed has handed a long backlog on only in part.
    is_level: bool,
    listeners: HashMap<u64, Listener>,
    channels: HashMap<ChannelKey, Channel>,
}

/// Listeners with the same key hear the same bytes.
#[derive(Clone, PartialEq, Eq, Hash)]
struct ChannelKey {
    topic: String,
    /// Stands for the areas reached.
    epoch: u64,
    owner: Option<i64>,
    /// Bits of the box: floats do not hash.
    bounds: Option<[u64; 4]>,
}

struct Channel {
    view: View,
    epoch: Epoch,
    members: HashSet<u64>,
}

struct Listener {
    frames: mpsc::Sender<Utf8Bytes>,
    ended: Arc<OnceLock<Ended>>,
    account_id: Option<i64>,
    session_id: Option<i64>,
    /// In which its positions are told; a listener without channels has one too.
    epoch: Epoch,
    channels: Vec<ChannelKey>,
}

/// Why a line ended from the hub's side, after the frames still in it.
#[derive(Debug, Clone)]
pub enum Ended {
    /// It did not keep up, or a restore has begun a new epoch: begin anew.
    BeginAnew,
    /// Something about the caller's rights has changed: look again who that is, and continue from here if all is as before.
    LookAgain {
        since: Word,
    },
    ServerStops,
}

/// The hub's end of one connection. Dropping it leaves.
pub struct Line {
    pub frames: mpsc::Receiver<Utf8Bytes>,
    hub: Hub,
    id: u64,
    epoch: Epoch,
    ended: Arc<OnceLock<Ended>>,
}

/// What a client asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    pub topics: Vec<String>,
    pub bounds: Option<super::view::Bounds>,
}

impl Hub {
    /// A hub without listeners. Among the feed's followers it comes after `index`, because what a frame says must already be
    /// in the tiles, and after the accounts, because it has callers looked at again.
    ///
    /// `pool` is that of `ioc_feed`.
    pub fn new(feed: &Feed, pool: PgPool, index: MapIndex) -> Self {
        Self(Arc::new(Inner { head: feed.head(), pool, index, next_id: AtomicU64::new(0), state: Mutex::new(None) }))
    }

    /// Lets every listener go and takes no more; for a server that stops.
    pub fn close(&self) {
        if let Some(state) = self.lock().take() {
            state.let_everybody_go(&Ended::ServerStops);
        }
    }

    /// Joins at the present, with a snapshot of each topic that the caller may hear. None before the feed has begun.
    pub fn join(&self, caller: &Caller, ears: &Ears, wish: &Wish) -> Option<Line> {
        self.join_with(caller, ears, wish, |state, views, word| {
            Some(views.iter().map(|view| frames::snapshot(view, word(&state.position), &self.0.index)).collect())
        })
    }

    /// Joins where a client left off; when that is not known any more, tells it so and begins anew.
    pub async fn join_since(&self, caller: &Caller, ears: &Ears, wish: &Wish, since: &Word) -> Option<Line> {
        if let Some(position) = self.known(ears, since).await {
            let line = self.join_with(caller, ears, wish, |state, views, word| self.missed(state, views, word, &position));
            if line.is_some() {
                return line;
            }
        }
        self.join_anew(caller, ears, wish)
    }

    /// Joins at the present after telling the client that it has missed something.
    pub fn join_anew(&self, caller: &Caller, ears: &Ears, wish: &Wish) -> Option<Line> {
        counter!("live_resyncs_total").increment(1);
        self.join_with(caller, ears, wish, |state, views, word| {
            let position = word(&state.position);
            let resync = ServerFrame::Resync { topics: Vec::new(), position: position.clone() };
            let snapshots = views.iter().map(|view| frames::snapshot(view, position.clone(), &self.0.index));
            Some(std::iter::once(resync).chain(snapshots).collect())
        })
    }

    /// The place in this feed that a client's word stands for, once this instance has got there.
    async fn known(&self, ears: &Ears, since: &Word) -> Option<Position> {
        let theirs: Position = since.0.parse().ok()?;
        let epoch = self.lock().as_ref()?.position.epoch;
        if theirs.epoch != ears.epoch(epoch) {
            return None;
        }
        let position = theirs.in_epoch(epoch);
        let mut head = self.0.head.clone();
        let arrived = head.wait_for(|head| head.as_ref().is_some_and(|head| head.has_passed(&position)));
        timeout(CATCH_UP_WAIT, arrived).await.ok()?.ok()?;
        Some(position)
    }

    /// What a client that stands at `position` has missed; none when that is not known, or too much.
    fn missed(&self, state: &State, views: &[View], word: &dyn Fn(&Position) -> Word, position: &Position) -> Option<Vec<ServerFrame>> {
        if state.position.epoch != position.epoch {
            return None;
        }
        let mut changes = state.recent.since(position)?;
        changes.retain(|change| views.iter().any(|view| view.topic() == &*change.topic));
        if changes.len() > MOST_TO_CATCH_UP {
            return None;
        }
        // Over several batches the order of writing holds row by row only; the positions between the frames need it whole.
        changes.sort_unstable_by_key(|change| change.seq);
        let runs = frames::runs(changes, position, &state.position, state.is_level, |_| true);
        let missed = runs.iter().filter_map(|run| {
            let view = views.iter().find(|view| view.topic() == run.topic)?;
            frames::frame(view, run, word(&run.position), &self.0.index)
        });
        Some(missed.collect())
    }

    fn join_with(
        &self,
        caller: &Caller,
        ears: &Ears,
        wish: &Wish,
        first: impl FnOnce(&State, &[View], &dyn Fn(&Position) -> Word) -> Option<Vec<ServerFrame>>,
    ) -> Option<Line> {
        let views = ears.views(&wish.topics, wish.bounds);
        let mut guard = self.lock();
        let state = guard.as_mut()?;
        let epoch = ears.epoch(state.position.epoch);
        let beginning = first(state, &views, &|position| word(position, epoch))?;
        let (sender, receiver) = mpsc::channel(QUEUE);
        for frame in &beginning {
            sender.try_send(written(frame)).ok()?;
        }
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        let ended = Arc::new(OnceLock::new());
        let channels = views.into_iter().map(|view| state.enter(view, epoch, id)).collect();
        let listener = Listener {
            frames: sender,
            ended: ended.clone(),
            account_id: caller.account_id(),
            session_id: caller.account().map(|account| account.session_id),
            epoch,
            channels,
        };
        state.listeners.insert(id, listener);
        gauge!("live_listeners").set(state.listeners.len() as f64);
        Some(Line { frames: receiver, hub: self.clone(), id, epoch, ended })
    }

    fn lock(&self) -> MutexGuard<'_, Option<State>> {
        self.0.state.lock().expect("nobody panics while holding the hub")
    }

    fn publish(&self, batch: &Batch) {
        let mut guard = self.lock();
        let Some(state) = guard.as_mut() else { return };
        // First of all: nothing of this batch may go out under rights that it takes away.
        state.look_again_at(&batch.changes);
        let runs = frames::runs(batch.changes.iter(), &batch.from, &batch.position, true, |topic| {
            state.channels.keys().any(|key| key.topic == topic)
        });
        for run in &runs {
            state.tell(run, &self.0.index);
        }
        state.recent.keep(batch);
        state.position = batch.position.clone();
        state.is_level = batch.position.is_whole();
    }
}

impl State {
    fn new(head: &Head, recent: Recent) -> Self {
        Self {
            position: head.position.clone(),
            recent,
            is_level: head.position.is_whole(),
            listeners: HashMap::new(),
            channels: HashMap::new(),
        }
    }

    fn enter(&mut self, view: View, epoch: Epoch, id: u64) -> ChannelKey {
        let key = ChannelKey {
            topic: view.topic().to_owned(),
            epoch: epoch.0,
            owner: view.audience.owner(),
            bounds: view.bounds.map(|bounds| bounds.map(f64::to_bits)),
        };
        let channel = self.channels.entry(key.clone()).or_insert_with(|| Channel { view, epoch, members: HashSet::new() });
        channel.members.insert(id);
        key
    }

    fn leave(&mut self, id: u64) -> Option<Listener> {
        let listener = self.listeners.remove(&id)?;
        for key in &listener.channels {
            if let Some(channel) = self.channels.get_mut(key) {
                channel.members.remove(&id);
                if channel.members.is_empty() {
                    self.channels.remove(key);
                }
            }
        }
        gauge!("live_listeners").set(self.listeners.len() as f64);
        Some(listener)
    }

    fn let_everybody_go(self, why: &Ended) {
        for listener in self.listeners.into_values() {
            _ = listener.ended.set(why.clone());
        }
    }

    /// Writes a run once per channel and puts it into every member's queue.
    fn tell(&mut self, run: &Run, index: &MapIndex) {
        let mut slow = Vec::new();
        for (_, channel) in self.channels.iter().filter(|(key, _)| key.topic == run.topic) {
            let Some(frame) = frames::frame(&channel.view, run, word(&run.position, channel.epoch), index) else { continue };
            let text = written(&frame);
            histogram!("live_frame_bytes").record(text.len() as f64);
            counter!("live_frames_written_total").increment(1);
            counter!("live_frames_sent_total").increment(channel.members.len() as u64);
            for id in &channel.members {
                let listener = &self.listeners[id];
                if listener.frames.try_send(text.clone()).is_err() {
                    slow.push(*id);
                }
            }
        }
        for id in slow {
            if let Some(listener) = self.leave(id) {
                _ = listener.ended.set(Ended::BeginAnew);
            }
        }
    }

    /// Ends the lines of those whose rights some change may concern, before anything after it is told.
    fn look_again_at(&mut self, changes: &[Change]) {
        let changes: Vec<_> = changes.iter().filter(|change| touches_rights(change)).collect();
        if changes.is_empty() {
            return;
        }
        let concerned = self.listeners.iter().filter(|(_, listener)| changes.iter().any(|change| concerns(change, listener)));
        let ids: Vec<u64> = concerned.map(|(id, _)| *id).collect();
        for id in ids {
            let since = word(&self.position, self.listeners[&id].epoch);
            if let Some(listener) = self.leave(id) {
                _ = listener.ended.set(Ended::LookAgain { since });
            }
        }
    }
}

/// Topics that decide who may see what.
fn touches_rights(change: &Change) -> bool {
    matches!(&*change.topic, "session" | "account" | "appointment" | "area")
}

fn concerns(change: &Change, listener: &Listener) -> bool {
    let Some(account_id) = listener.account_id else { return false };
    if change.op == Op::Reload {
        return true;
    }
    match &*change.topic {
        "session" => change.row_id == listener.session_id,
        "account" => change.row_id == Some(account_id),
        "appointment" => {
            let images = [&change.before, &change.after];
            images.into_iter().flatten().any(|image| image["account_id"].as_i64() == Some(account_id))
        }
        // A new parent moves a whole subtree into somebody's reach, or out of it.
        _ => true,
    }
}

fn word(position: &Position, epoch: Epoch) -> Word {
    Word(position.in_epoch(epoch).to_string())
}

fn written(frame: &ServerFrame) -> Utf8Bytes {
    serde_json::to_string(frame).expect("frames are plain data").into()
}

impl Line {
    /// Why no more frames come.
    pub fn ended(&self) -> Ended {
        self.ended.get().cloned().unwrap_or(Ended::BeginAnew)
    }

    /// Where a client stands that has been sent everything; none while something still waits.
    pub fn level(&self) -> Option<Word> {
        let guard = self.hub.lock();
        let state = guard.as_ref()?;
        (self.frames.is_empty() && !self.frames.is_closed()).then(|| word(&state.position, self.epoch))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(state) = self.hub.lock().as_mut() {
            state.leave(self.id);
        }
    }
}

impl Follower for Hub {
    fn name(&self) -> &'static str {
        "live hub"
    }

    fn begin<'a>(&'a self, start: &'a Head) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            let (floor, changes) = feed::recent(&self.0.pool, start, MINUTES, MOST as i64).await?;
            let fresh = State::new(start, Recent::new(floor, changes, start.position.clone()));
            if let Some(old) = self.lock().replace(fresh) {
                old.let_everybody_go(&Ended::BeginAnew);
            }
            Ok(())
        })
    }

    fn follow<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            self.publish(batch);
            Ok(())
        })
    }
}
