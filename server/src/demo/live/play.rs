//! Whose turn it is: players with clockwork of their own, one loop that waits for the next of them.
//! It deliberately knows no player's business; a queue, reports or tenants join by being one more [`Player`].

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;

use super::doors::{Enough, SignedIn, Trouble};
use super::time::Time;

/// How often the page's own control is asked about.
const ASK_SPEED_EVERY: TimeDelta = TimeDelta::seconds(2);
const TELL_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Somebody or something that acts by itself: recorders, cameras, officers.
pub trait Player: Send {
    /// What it is called in a line of progress.
    fn name(&self) -> String;

    /// When it acts next, if everything stays as it is; none: not before something changes.
    fn next(&self, now: DateTime<Utc>, speed: f64) -> Option<DateTime<Utc>>;

    /// Time went by at this speed; 0: the play was paused.
    fn pass(&mut self, from: DateTime<Utc>, until: DateTime<Utc>, speed: f64);

    /// Its turn. What fails because the server is away is tried again; the player keeps what it has not got rid of.
    fn act<'a>(&'a mut self, now: DateTime<Utc>, speed: f64, tally: &'a mut Tally) -> BoxFuture<'a, Result<(), Trouble>>;
}

/// What was done, for a line of progress.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Alerts that began, each counted once.
    pub alerts: usize,
    /// Reports that the server took in, and those it knew already.
    pub accepted: usize,
    pub known_already: usize,
    /// Reports that it kept aside.
    pub rejected: usize,
    pub taken: usize,
    pub noted: usize,
    pub handed_over: usize,
    pub closed: usize,
    /// Left to whoever tries the demonstration; of these, taken back because nobody sat there.
    pub asked: usize,
    pub taken_back: usize,
    /// Gone on with, because whoever tried the demonstration had left it.
    pub taken_over: usize,
    /// Somebody else had been faster.
    pub forestalled: usize,
    pub silences: usize,
}

/// Players, the clock they play by, and how fast.
pub struct Play {
    players: Vec<Box<dyn Player>>,
    /// Players that found the server away wait before they try again.
    held: Vec<(DateTime<Utc>, Enough)>,
    /// Asks how fast the page wants it.
    control: SignedIn,
    asked_at: DateTime<Utc>,
    own_speed: f64,
    page_speed: f64,
    told_at: DateTime<Utc>,
    told: Tally,
    tally: Tally,
    time: Time,
    pub cameras: usize,
}

impl Play {
    pub(super) fn new(players: Vec<Box<dyn Player>>, control: SignedIn, speed: f64, cameras: usize, time: Time) -> Self {
        let now = time.now();
        let held = players.iter().map(|_| (now, Enough::default())).collect();
        Self {
            players,
            held,
            control,
            asked_at: now - ASK_SPEED_EVERY,
            own_speed: speed,
            page_speed: 1.0,
            told_at: now,
            told: Tally::default(),
            tally: Tally::default(),
            time,
            cameras,
        }
    }

    /// What was done since the beginning.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// From here on as many times as much happens, before the page's own control.
    pub fn set_speed(&mut self, speed: f64) {
        self.own_speed = speed;
    }

    /// Plays for ever.
    pub async fn go_on(&mut self) {
        self.go_on_until(|_| false).await;
    }

    /// Plays until enough was done.
    pub async fn go_on_until(&mut self, enough: impl Fn(&Tally) -> bool) {
        while !enough(&self.tally) {
            self.ask_speed().await;
            let (from, speed) = (self.time.now(), self.speed());
            let mut turns = self.turns(from, speed);
            let first = turns.peek().map(|Reverse((at, _))| *at);
            let wake = [Some(self.told_at + TELL_EVERY), Some(self.asked_at + ASK_SPEED_EVERY), first].into_iter().flatten().min();
            self.time.until(wake.unwrap_or(from)).await;
            let now = self.time.now();
            for player in &mut self.players {
                player.pass(from, now, speed);
            }
            while let Some(Reverse((at, index))) = turns.pop()
                && at <= now
            {
                self.act(index, now, speed).await;
            }
            self.tell(now, speed);
        }
    }

    /// Times the rates of the table, before the page's own control.
    pub fn own_speed(&self) -> f64 {
        self.own_speed
    }

    fn speed(&self) -> f64 {
        self.own_speed * self.page_speed
    }

    /// Every player's next turn, the earliest first.
    fn turns(&self, now: DateTime<Utc>, speed: f64) -> BinaryHeap<Reverse<(DateTime<Utc>, usize)>> {
        let players = self.players.iter().zip(&self.held).enumerate();
        players.filter_map(|(index, (player, held))| Some(Reverse((player.next(now, speed)?.max(held.0), index)))).collect()
    }

    async fn act(&mut self, index: usize, now: DateTime<Utc>, speed: f64) {
        let player = &mut self.players[index];
        match player.act(now, speed, &mut self.tally).await {
            Ok(()) => self.held[index] = (now, Enough::default()),
            Err(trouble) => {
                let (until, enough) = &mut self.held[index];
                if enough.is_first() {
                    println!("{}: {trouble}; trying again", player.name());
                }
                *until = now + enough.wait();
            }
        }
    }

    /// A page that cannot be asked wants what it wanted before.
    async fn ask_speed(&mut self) {
        let now = self.time.now();
        if now - self.asked_at < ASK_SPEED_EVERY {
            return;
        }
        self.asked_at = now;
        if let Ok(speed) = self.control.speed_of_page().await {
            self.page_speed = speed;
        }
    }

    fn tell(&mut self, now: DateTime<Utc>, speed: f64) {
        if now - self.told_at < TELL_EVERY {
            return;
        }
        let (all, told) = (&self.tally, &self.told);
        let at = crate::demo::day::in_ward(now).format("%H:%M").to_string();
        println!(
            "{at} simulator at {speed}x: {} alerts, {} taken, {} handed over, {} closed; {} in all",
            all.alerts - told.alerts,
            all.taken - told.taken,
            all.handed_over - told.handed_over,
            all.closed - told.closed,
            all.alerts
        );
        (self.told_at, self.told) = (now, self.tally.clone());
    }
}
