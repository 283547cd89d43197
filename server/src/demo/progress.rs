//! How far a long seed has come: a bar on a terminal, a line now and then in a log.
//! It deliberately knows no rows.

use std::cell::Cell;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// Wards done of all, and the step at hand.
pub struct ProvinceProgress {
    bar: Option<ProgressBar>,
    wards: usize,
    begun: Instant,
    last_line: Cell<Option<Instant>>,
}

impl ProvinceProgress {
    pub fn begin(wards: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:30} {pos} of {len} wards, {msg} ({elapsed})");
            let bar = ProgressBar::new(wards as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        Self { bar, wards, begun: Instant::now(), last_line: Cell::new(None) }
    }

    pub fn tell(&self, done: usize, step: &str) {
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
            bar.set_message(step.to_owned());
        } else if self.last_line.get().is_none_or(|at| at.elapsed() >= BETWEEN_LINES) {
            self.last_line.set(Some(Instant::now()));
            eprintln!("{} s: {done} of {} wards, {step}", self.begun.elapsed().as_secs(), self.wards);
        }
    }

    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
