//! The clock that the simulator plays by: the real one, or one that a test moves by waiting.
//! It deliberately knows nothing of what is waited for.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::doors::{Enough, SeenCamera, SignedIn, Trouble};
use crate::demo::day::{Landmark, Table};
use crate::platform::clock::{Clock, SharedClock, TestClock};

#[derive(Clone)]
pub enum Time {
    Real(SharedClock),
    /// Waiting takes no time; the clock goes on by itself.
    Simulated(Arc<TestClock>),
}

impl Time {
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Time::Real(clock) => clock.now(),
            Time::Simulated(clock) => clock.now(),
        }
    }

    pub async fn until(&self, at: DateTime<Utc>) {
        let wait = (at - self.now()).max(TimeDelta::zero());
        match self {
            Time::Real(_) => tokio::time::sleep(wait.to_std().unwrap_or(Duration::ZERO)).await,
            Time::Simulated(clock) => {
                clock.advance(wait);
                tokio::task::yield_now().await;
            }
        }
    }

    /// What the officer at the desk sees of the ward, as soon as the server is there to ask.
    pub(super) async fn patiently(&self, desk: &mut SignedIn, table: &Table) -> Result<(Vec<SeenCamera>, Vec<Landmark>), Trouble> {
        let mut patience = Enough::default();
        loop {
            match desk.look_around(table).await {
                Ok(seen) => return Ok(seen),
                Err(Trouble::Away(why)) => {
                    if patience.is_first() {
                        println!("The server does not answer yet ({why}); waiting for it.");
                    }
                    self.until(self.now() + patience.wait()).await;
                }
                Err(refused) => return Err(refused),
            }
        }
    }
}
