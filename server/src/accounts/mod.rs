//! Accounts, appointments, sessions, the access matrix and the audit trail.
//! It deliberately knows nothing of what the other domains keep.

pub mod area_set;
pub mod audit;
mod cache;
pub mod caller;
pub mod commands;
mod db;
pub mod demo;
mod follow;
pub mod limits;
pub mod matrix;
mod one_time_code;
mod password;
mod routes;
mod session;
mod sign_in;
pub mod token;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tracing::debug;

pub use self::area_set::AreaSet;
pub use self::caller::{Appointment, Caller};
pub use self::limits::SignInLimits;
pub use self::routes::routes;
pub use self::session::Session;
pub use self::token::SessionToken;
use crate::platform::clock::SharedClock;
use crate::platform::database::Pools;
use crate::platform::error::ApiResult;
use crate::platform::secrets::Secrets;

/// Knows whose request it is. Cheap to clone; part of the state of every domain that has callers.
#[derive(Clone)]
pub struct Accounts(Arc<Inner>);

struct Inner {
    app: PgPool,
    clock: SharedClock,
    cache: cache::SessionCache,
    passwords: password::Checker,
    attempts: limits::AttemptCounter,
    secrets: Arc<Secrets>,
    /// Demo accounts are let in.
    demo: bool,
}

impl Accounts {
    pub fn new(pools: &Pools, secrets: Arc<Secrets>, clock: SharedClock, demo: bool, limits: SignInLimits) -> Self {
        Self(Arc::new(Inner {
            app: pools.app.clone(),
            cache: cache::SessionCache::default(),
            passwords: password::Checker::default(),
            attempts: limits::AttemptCounter::new(limits, clock.clone()),
            secrets,
            clock,
            demo,
        }))
    }

    /// Prepares what the first sign-in would otherwise wait for.
    pub async fn warm_up(&self) -> anyhow::Result<()> {
        self.0.passwords.warm_up().await
    }

    /// Who carries `token`; the public where nobody alive does.
    pub async fn caller_of(&self, token: Option<&SessionToken>) -> ApiResult<Caller> {
        let Some(token) = token else { return Ok(Caller::public()) };
        let hash = token.hash();
        if let Some(caller) = self.0.cache.get(&hash, self.0.clock.now()) {
            return Ok(caller);
        }
        let generation = self.0.cache.generation();
        match db::find_caller(&self.0.app, &hash).await? {
            Some(caller) if self.lets_in(&caller) => {
                self.0.cache.keep(hash, generation, caller.clone());
                Ok(caller)
            }
            // Not kept: guessed tokens would fill the cache.
            _ => Ok(Caller::public()),
        }
    }

    fn lets_in(&self, caller: &Caller) -> bool {
        self.0.demo || caller.account().is_some_and(|account| !account.is_demo)
    }

    /// Reads every caller again. For the feed: accounts, appointments, sessions or areas changed.
    pub fn forget_all(&self) {
        debug!("accounts, sessions or areas changed; callers are read again");
        self.0.cache.forget_all();
    }

    fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// Whether demo accounts are let in.
    pub fn is_demo(&self) -> bool {
        self.0.demo
    }

    fn passwords(&self) -> &password::Checker {
        &self.0.passwords
    }

    fn attempts(&self) -> &limits::AttemptCounter {
        &self.0.attempts
    }

    fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    pub(crate) fn app_pool(&self) -> &PgPool {
        &self.0.app
    }
}
