//! Plain SQL as a request's transaction sends it: what a handler that forgot every check would still not get.
//! It deliberately asks no door.

use sqlx::{Executor, PgConnection};

use crate::app::{TestApp, TestClient};

/// A connection as `ioc_app` in a transaction that carries `token`, as the server's requests do.
pub async fn as_app(app: &TestApp, token: Option<&str>) -> PgConnection {
    let mut connection = app.database.connect("ioc_app").await;
    connection.execute("begin").await.expect("a transaction begins");
    if let Some(token) = token {
        let carry = sqlx::query("select set_config('ioc.session_token', $1, true)").bind(token);
        carry.execute(&mut connection).await.expect("the transaction carries the token");
    }
    connection
}

/// The same for somebody who has signed in.
pub async fn as_client(app: &TestApp, client: &TestClient) -> PgConnection {
    as_app(app, Some(token(client))).await
}

/// The session's secret, as the cookie carries it.
pub fn token(client: &TestClient) -> &str {
    client.cookie.as_ref().and_then(|cookie| cookie.strip_prefix("__Host-ioc=")).expect("somebody has signed in")
}

/// `select *` is refused where only some columns are granted (a camera's stream), so rows are counted.
pub async fn count(connection: &mut PgConnection, table: &str) -> i64 {
    sqlx::query_scalar(&format!("select count(*) from {table}")).fetch_one(connection).await.expect("rows are counted")
}

pub async fn areas_of(connection: &mut PgConnection, table: &str) -> Vec<i32> {
    let areas = format!("select distinct area_id from {table} order by 1");
    sqlx::query_scalar(&areas).fetch_all(connection).await.expect("areas are read")
}
