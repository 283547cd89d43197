//! The SQL of the change feed: one connection that reads on from a position, and what partitions there are.
//! It deliberately decides nothing: what a reading means for the position is the reader's business.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{Connection, Executor, PgConnection, PgPool, Row, postgres::PgRow};
use uuid::Uuid;

use super::{Change, Epoch, Head, Op, Position, Snapshot, position::Reached};

/// The reader's own connection.
pub(super) struct Link {
    connection: PgConnection,
    /// Few words said thousands of times.
    topics: HashMap<String, Arc<str>>,
}

/// One answer of the database.
pub(super) struct Reading {
    pub changes: Vec<Change>,
    /// The snapshot that the reading was made in.
    pub seen: Snapshot,
    /// The restore generation, as the database knows it.
    pub generation: Uuid,
    /// The database's clock.
    pub at: DateTime<Utc>,
}

impl Reading {
    /// The same in portions of at most so many changes, in their order; one without changes where there are none.
    pub(super) fn in_portions(self, most: usize) -> Vec<Self> {
        let Self { changes, seen, generation, at } = self;
        let mut rest = changes.into_iter();
        let mut portions = Vec::new();
        while rest.len() > 0 || portions.is_empty() {
            portions.push(Self { changes: rest.by_ref().take(most).collect(), seen: seen.clone(), generation, at });
        }
        portions
    }
}

/// Where a reader begins.
pub(super) struct Beginning {
    pub seen: Snapshot,
    pub last_xid: u64,
}

/// Says that everything of these tables in these areas is to be read again; for a load that had the triggers off.
pub async fn tell_reload(db: &mut PgConnection, tables: &[&str], area_ids: &[i32]) -> sqlx::Result<()> {
    sqlx::query(
        "insert into change (topic, op, area_id) \
         select l.topic, 'reload', a.id from layer_catalogue l cross join unnest($2::integer[]) as a (id) \
         where l.table_name = any ($1) order by l.topic, a.id",
    )
    .bind(tables.iter().map(|table| (*table).to_owned()).collect::<Vec<String>>())
    .bind(area_ids)
    .execute(db)
    .await
    .map(drop)
}

impl Link {
    pub(super) async fn open(pool: &PgPool) -> sqlx::Result<Self> {
        let mut connection = pool.acquire().await?.detach();
        // The plan must not depend on statistics: fresh partitions have none, and a sequential scan of a busy day fifty
        // times a second would be the end of it. One plan, made once, by index; and by this process alone, because on a day
        // with 200,000 changes the planner starts helpers, which takes ten times as long as reading what is new.
        connection
            .execute(
                "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set max_parallel_workers_per_gather = 0; \
                 set jit = off; set statement_timeout = '10s'",
            )
            .await?;
        Ok(Self { connection, topics: HashMap::new() })
    }

    /// The epoch of this database and its restore generation.
    ///
    /// A restore changes at least one of: the cluster, its timeline (point-in-time recovery, promotion), the database, or the
    /// row in `feed_epoch`, which `ioc restore` renews.
    pub(super) async fn epoch(&mut self) -> sqlx::Result<(Epoch, Uuid)> {
        let (cluster, timeline, database, generation): (i64, i32, i64, Uuid) = sqlx::query_as(
            "select (select system_identifier from pg_control_system()),
                (select timeline_id from pg_control_checkpoint()),
                (select oid::bigint from pg_database where datname = current_database()),
                (select epoch from feed_epoch)",
        )
        .fetch_one(&mut self.connection)
        .await?;
        let mut hash = Sha256::new();
        hash.update(cluster.to_be_bytes());
        hash.update(timeline.to_be_bytes());
        hash.update(database.to_be_bytes());
        hash.update(generation.as_bytes());
        Ok((Epoch(first_eight(&hash.finalize())), generation))
    }

    pub(super) async fn beginning(&mut self) -> anyhow::Result<Beginning> {
        let (seen, last_xid): (String, Option<i64>) =
            sqlx::query_as("select pg_current_snapshot()::text, (select xid::text::bigint from change order by xid desc limit 1)")
                .fetch_one(&mut self.connection)
                .await?;
        Ok(Beginning { seen: seen.parse()?, last_xid: last_xid.unwrap_or(0).unsigned_abs() })
    }

    /// Changes that are visible now and were not at `position`, in the order of writing, at most `limit`.
    ///
    /// The condition is `xid >= pg_snapshot_xmin(from) and not pg_visible_in_snapshot(xid, from)`. It is said as "begun since,
    /// or running then", which is the same, because a transaction left open for an hour holds `xmin` back for an hour, and
    /// every reading would walk over the hour's changes. On the way through a long backlog (`to` is given) nothing newer
    /// than `to` is taken, so that the order of writing holds across the cuts.
    pub(super) async fn read(&mut self, position: &Position, limit: i64) -> anyhow::Result<Reading> {
        let (from, to, after) = match &position.reached {
            Reached::Whole(snapshot) => (snapshot, None, i64::MIN),
            Reached::Part { from, to, seq } => (from, Some(to.to_string()), *seq),
        };
        let running: Vec<String> = from.running().iter().map(u64::to_string).collect();
        let rows = sqlx::query(
            "select pg_current_snapshot()::text as seen, (select epoch from feed_epoch) as generation, clock_timestamp() as read_at, c.*
             from (values (1)) always left join lateral (
                 select seq, xid::text::bigint as xid, at, topic, op, old_area_id, area_id, row_id, before, after, actor, request_id
                 from change
                 where (xid >= pg_snapshot_xmax($1::text::pg_snapshot) or xid = any ($2::text[]::xid8[]))
                   and not pg_visible_in_snapshot(xid, $1::text::pg_snapshot)
                   and ($3::text is null or pg_visible_in_snapshot(xid, $3::text::pg_snapshot))
                   and seq > $4
                 order by seq limit $5) c on true",
        )
        .bind(from.to_string())
        .bind(running)
        .bind(to)
        .bind(after)
        .bind(limit)
        .fetch_all(&mut self.connection)
        .await?;
        let first = rows.first().context("the database answered nothing")?;
        let reading = Reading {
            seen: first.try_get::<String, _>("seen")?.parse()?,
            generation: first.try_get("generation")?,
            at: first.try_get("read_at")?,
            changes: Vec::new(),
        };
        let has_changes = first.try_get::<Option<i64>, _>("seq")?.is_some();
        let changes = if has_changes { rows.iter().map(|row| self.change(row)).collect::<anyhow::Result<_>>()? } else { Vec::new() };
        Ok(Reading { changes, ..reading })
    }

    fn change(&mut self, row: &PgRow) -> anyhow::Result<Change> {
        let topic: &str = row.try_get("topic")?;
        let topic = match self.topics.get(topic) {
            Some(topic) => topic.clone(),
            None => self.topics.entry(topic.to_owned()).or_insert(Arc::from(topic)).clone(),
        };
        change(row, topic)
    }

    pub(super) async fn close(self) {
        // It is given up because it no longer answers, so it may not answer this either.
        _ = self.connection.close().await;
    }
}

fn change(row: &PgRow, topic: Arc<str>) -> anyhow::Result<Change> {
    Ok(Change {
        seq: row.try_get("seq")?,
        xid: row.try_get::<i64, _>("xid")?.unsigned_abs(),
        at: row.try_get("at")?,
        topic,
        op: match row.try_get("op")? {
            "insert" => Op::Insert,
            "update" => Op::Update,
            "delete" => Op::Delete,
            "reload" => Op::Reload,
            other => bail!("change.op holds {other}, which this program does not know"),
        },
        old_area_id: row.try_get("old_area_id")?,
        area_id: row.try_get("area_id")?,
        row_id: row.try_get("row_id")?,
        before: row.try_get::<Option<Value>, _>("before")?,
        after: row.try_get::<Option<Value>, _>("after")?,
        actor: row.try_get("actor")?,
        request_id: row.try_get("request_id")?,
    })
}

pub(crate) fn first_eight(hash: &[u8]) -> u64 {
    u64::from_be_bytes(hash[..8].try_into().expect("a SHA-256 has 32 bytes"))
}

/// Changes of the last `minutes`, at most about `limit`, that `head` covers; and the position which they all come after.
/// `pool` is that of `ioc_feed`.
pub async fn recent(pool: &PgPool, head: &Head, minutes: i32, limit: i64) -> anyhow::Result<(Position, Vec<Change>)> {
    let mut transaction = pool.begin().await?;
    transaction.execute("set local enable_seqscan = off").await?;
    // Every transaction from the oldest of the latest changes on, whole: then whoever has seen all before it misses nothing.
    let oldest: Option<(i64, i64)> = sqlx::query_as(
        "with oldest as (
            select xid from (
                select xid from change where at > clock_timestamp() - make_interval(mins => $1) order by seq desc limit $2) latest
            order by xid limit 1)
         select oldest.xid::text::bigint,
            coalesce((select c.xid::text::bigint from change c where c.xid < oldest.xid order by c.xid desc limit 1), 0)
         from oldest",
    )
    .bind(minutes)
    .bind(limit)
    .fetch_optional(&mut *transaction)
    .await?;
    let Some((oldest, one_before)) = oldest else {
        return Ok((head.position.clone(), Vec::new()));
    };
    let most = limit * 4;
    let rows = sqlx::query(
        "select seq, xid::text::bigint as xid, at, topic, op, old_area_id, area_id, row_id, before, after, actor, request_id
         from change where xid >= $1::text::xid8 and pg_visible_in_snapshot(xid, $2::text::pg_snapshot)
         order by seq limit $3",
    )
    .bind(oldest.to_string())
    .bind(head.covered.to_string())
    .bind(most + 1)
    .fetch_all(&mut *transaction)
    .await?;
    if rows.len() as i64 > most {
        return Ok((head.position.clone(), Vec::new()));
    }
    // Positions stand right behind the last transaction that wrote a change, so the floor must lie as low.
    let floor = Position::at(head.position.epoch, Snapshot::before(one_before.unsigned_abs() + 1));
    let changes = rows.iter().map(|row| change(row, Arc::from(row.try_get::<&str, _>("topic")?)));
    Ok((floor, changes.collect::<anyhow::Result<_>>()?))
}

/// How many days have a partition, counted from today without a gap; and whether changes fell into the default one.
pub(super) async fn partitions(pool: &PgPool) -> sqlx::Result<(i64, bool)> {
    sqlx::query_as(
        "with day as (
            select n, to_regclass('public.change_' || to_char((clock_timestamp() at time zone 'UTC')::date + n, 'YYYYMMDD')) is not null as is_there
            from generate_series(0, 31) n)
         select coalesce(min(n) filter (where not is_there), 32)::bigint, change_default_is_used() from day",
    )
    .fetch_one(pool)
    .await
}

/// Makes the partitions of the days ahead, or drops those past keeping.
///
/// Dropping locks `change` against everybody and would queue behind a transaction left open, with every writer queued
/// behind it in turn; so it gives up soon and tries another time.
pub(super) async fn maintain(pool: &PgPool, days_ahead: i32, keep_days: i32) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    transaction.execute("set local lock_timeout = '1s'").await?;
    sqlx::query("select maintain_change_partitions($1, $2)").bind(days_ahead).bind(keep_days).execute(&mut *transaction).await?;
    transaction.commit().await
}
