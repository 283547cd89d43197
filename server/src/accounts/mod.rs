//! Accounts, appointments, sessions, the access matrix and the audit trail.
//! It deliberately knows nothing of what the other domains keep.

pub mod area_set;
pub mod audit;
mod cache;
pub mod caller;
mod db;
pub mod matrix;
mod session;
pub mod token;

use std::sync::Arc;

use sqlx::PgPool;
use tracing::debug;

pub use self::area_set::AreaSet;
pub use self::caller::{Appointment, Caller};
pub use self::session::Session;
pub use self::token::SessionToken;
use crate::platform::clock::SharedClock;
use crate::platform::database::Pools;
use crate::platform::error::ApiResult;

/// Knows whose request it is. Cheap to clone; part of the state of every domain that has callers.
#[derive(Clone)]
pub struct Accounts(Arc<Inner>);

struct Inner {
    app: PgPool,
    clock: SharedClock,
    cache: cache::SessionCache,
    /// Demo accounts are let in.
    demo: bool,
}

impl Accounts {
    pub fn new(pools: &Pools, clock: SharedClock, demo: bool) -> Self {
        Self(Arc::new(Inner { app: pools.app.clone(), clock, cache: cache::SessionCache::default(), demo }))
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

    pub(crate) fn app_pool(&self) -> &PgPool {
        &self.0.app
    }
}
