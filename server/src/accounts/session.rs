//! The transaction of a request: it carries the caller's session token into row-level security.
//! What the caller may see is not decided here but by the policies, and by `matrix` for what they cannot express.

use std::ops::{Deref, DerefMut};

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use sqlx::{PgConnection, Postgres, Transaction};
use uuid::Uuid;

use super::audit::{self, Entry};
use super::{Accounts, Caller, SessionToken, db};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::http::RequestId;

/// A transaction as `ioc_app` on behalf of the caller. Dropped without [`Session::commit`] it leaves no trace.
pub struct Session {
    transaction: Transaction<'static, Postgres>,
    accounts: Accounts,
    caller: Caller,
    token: Option<SessionToken>,
    request_id: Uuid,
}

impl Session {
    pub(super) async fn begin(accounts: Accounts, token: Option<SessionToken>, request_id: Uuid) -> ApiResult<Self> {
        let caller = accounts.caller_of(token.as_ref()).await?;
        // A token that the server does not accept (a demo account outside demo mode) is not shown to the database either.
        let token = token.filter(|_| !caller.is_public());
        let mut transaction = accounts.app_pool().begin().await?;
        db::carry(&mut transaction, token.as_ref(), request_id).await?;
        Ok(Self { transaction, accounts, caller, token, request_id })
    }

    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    pub fn request_id(&self) -> Uuid {
        self.request_id
    }

    /// Makes the writes of this request durable. Answer after it, never before.
    pub async fn commit(self) -> ApiResult<()> {
        Ok(self.transaction.commit().await?)
    }

    /// Records that the caller looked, as part of this transaction: no answer without its entry.
    pub async fn record(&mut self, entry: &Entry) -> ApiResult<()> {
        audit::record(&mut self.transaction, entry).await
    }

    /// The same for many looks at once.
    pub async fn record_all(&mut self, entries: &[Entry]) -> ApiResult<()> {
        audit::record_all(&mut self.transaction, entries).await
    }

    /// Records a refused look in a transaction of its own, and ends this one: it would otherwise be rolled back with it.
    ///
    /// A look by the public is not recorded: there is nobody to name, and anybody could fill the trail.
    pub async fn refuse(self, entry: &Entry) -> ApiResult<()> {
        let Self { transaction, accounts, caller, token, request_id } = self;
        // First, because an entry recorded here would hold the lock under which the chain grows.
        transaction.rollback().await?;
        if caller.is_public() {
            return Ok(());
        }
        audit::record_refusal(accounts.app_pool(), token.as_ref(), request_id, entry).await
    }
}

impl Deref for Session {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

impl<S> FromRequestParts<S> for Session
where
    S: Send + Sync,
    Accounts: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let accounts = Accounts::from_ref(state);
        let token = SessionToken::from_headers(&parts.headers);
        Session::begin(accounts, token, RequestId::of(&parts.extensions).0).await
    }
}
