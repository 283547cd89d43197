//! The measurement: three accounts (province, ward, TDP) type misspelt queries into a running server, one after the other;
//! how long each answer took, and how much of what should be found was. It prints no name that was searched for.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reqwest::header;
use serde::Serialize;
use shared::search::{SearchKind, SearchRequest, SearchResults};
use sqlx::PgPool;

use super::misspelling::Misspelling;
use super::oracle::Oracle;
use super::rows;
use crate::small_ward;

/// How many results count.
const AT: usize = 5;
const REASON: &str = "Đo chất lượng tìm kiếm";

/// What is measured.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Of the running server.
    pub url: String,
    /// The owner's address of its database.
    pub database_url: String,
    pub queries: usize,
    pub seed: u64,
    /// How many of the queries are also held against every row: each takes as long as there are rows.
    pub recall_of: usize,
}

/// What one account met.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    pub account: String,
    pub queries: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
    /// Of the best five that should be found, the share that was; a row that matches as well as the fifth counts.
    pub recall_at_5: f64,
    /// The same five rows, the order of equals (the nearest) included.
    pub same_five: f64,
    /// Queries whose own row was among the five; many queries name many rows.
    pub meant_found: f64,
    pub recall_of: usize,
}

/// Somebody who searches.
struct Searcher {
    name: &'static str,
    reach: HashSet<i32>,
    http: reqwest::Client,
    cookie: String,
}

struct Asked {
    typed: String,
    kind: Misspelling,
    near: [f64; 2],
    /// The row it was made from.
    meant: (SearchKind, i64),
    answered: Vec<(SearchKind, i64)>,
    took: Duration,
}

pub async fn measure(settings: &Settings) -> anyhow::Result<Vec<Figures>> {
    let owner = PgPool::connect(&settings.database_url).await.context("the database does not answer")?;
    wait_until_indexed(&settings.url).await?;
    let begun = Instant::now();
    let oracle = rows::read(&owner).await?;
    eprintln!("{} rows read in {:.1} s for the exhaustive ranking", oracle.rows.len(), begun.elapsed().as_secs_f64());
    let texts = Texts { owner: &owner };
    let mut figures = Vec::new();
    let mut random = ChaCha8Rng::seed_from_u64(settings.seed);
    let searchers = searchers(&owner, &settings.url).await?;
    for (at, searcher) in searchers.iter().enumerate() {
        let share = settings.queries * (at + 1) / searchers.len() - settings.queries * at / searchers.len();
        let checked = settings.recall_of * (at + 1) / searchers.len() - settings.recall_of * at / searchers.len();
        let asked = texts.queries(&oracle, searcher, share, &mut random).await?;
        let asked = ask(searcher, &settings.url, asked).await?;
        figures.push(reckon(searcher, &asked, checked.min(share), &oracle));
    }
    Ok(figures)
}

/// After a start the index is incomplete; nothing is measured before it is whole.
async fn wait_until_indexed(url: &str) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let answer: SearchResults =
            reqwest::get(format!("{url}/api/search?q=phuong")).await.context("the server does not answer")?.json().await?;
        match answer.indexing {
            None => return Ok(()),
            Some(_) if begun.elapsed() > Duration::from_secs(600) => bail!("the search index is still being built after ten minutes"),
            Some(percent) => {
                eprintln!("indexing, {percent} %");
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
        }
    }
}

async fn searchers(owner: &PgPool, url: &str) -> anyhow::Result<Vec<Searcher>> {
    let widest = |kind: &'static str| async move {
        sqlx::query_scalar::<_, i32>(
            "select a.id from area a where a.kind = $1 and a.valid_to is null \
             order by (select count(*) from area c where c.parent_id = a.id) desc, a.id limit 1",
        )
        .bind(kind)
        .fetch_optional(owner)
        .await
    };
    let mut searchers = Vec::new();
    for (name, kind, role) in [("province", "province", "operator"), ("ward", "ward", "operator"), ("tdp", "tdp", "tdp_head")] {
        let Some(area) = widest(kind).await? else { continue };
        let login = format!("search-quality-{name}");
        prepare_account(owner, &login, role, area).await?;
        let subtree: Vec<i32> = sqlx::query_scalar(
            "with recursive below as (select $1::integer id union all select a.id from area a join below b on a.parent_id = b.id) select id from below",
        )
        .bind(area)
        .fetch_all(owner)
        .await?;
        let http = reqwest::Client::new();
        let body = serde_json::json!({"login": login, "password": small_ward::PASSWORD});
        let answer = http.post(format!("{url}/api/session")).json(&body).send().await?.error_for_status()?;
        let cookie = answer.headers().get(header::SET_COOKIE).context("signing in sets a cookie")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        searchers.push(Searcher { name, reach: subtree.into_iter().collect(), http, cookie });
    }
    Ok(searchers)
}

/// An account of the measurement's own, with one appointment; made again it is the same one.
async fn prepare_account(owner: &PgPool, login: &str, role: &str, area: i32) -> anyhow::Result<()> {
    let mut db = owner.begin().await?;
    sqlx::query("set local role ioc_owner").execute(&mut *db).await?;
    let known: Option<i64> = sqlx::query_scalar("select id from account where login = $1").bind(login).fetch_optional(&mut *db).await?;
    let hash = small_ward::password_hash();
    match known {
        None => drop(small_ward::account(&mut db, login, role, area, &hash).await?),
        Some(id) => {
            sqlx::query("update account set password_hash = $2 where id = $1").bind(id).bind(&hash).execute(&mut *db).await?;
        }
    }
    db.commit().await?;
    Ok(())
}

/// What rows are called on the screens, with their marks.
struct Texts<'a> {
    owner: &'a PgPool,
}

impl Texts<'_> {
    async fn queries(&self, oracle: &Oracle, searcher: &Searcher, count: usize, random: &mut impl Rng) -> anyhow::Result<Vec<Asked>> {
        let mut asked = Vec::with_capacity(count);
        let of_kind = |kind: SearchKind| (0..oracle.rows.len()).filter(move |row| oracle.rows[*row].kind == kind);
        let reached = |row: &usize| searcher.reach.contains(&oracle.rows[*row].area_id);
        let by_kind: Vec<(SearchKind, Vec<usize>)> = SearchKind::ALL.map(|kind| (kind, of_kind(kind).filter(reached).collect())).into();
        while asked.len() < count {
            // Half of what is looked for are households; the rest is anything else.
            let kind = if random.random_bool(0.5) {
                SearchKind::Household
            } else {
                SearchKind::ALL[random.random_range(0..SearchKind::ALL.len())]
            };
            let Some((_, of_kind)) = by_kind.iter().find(|(of, rows)| *of == kind && !rows.is_empty()) else { continue };
            let row = &oracle.rows[of_kind[random.random_range(0..of_kind.len())]];
            let Some(text) = self.text(kind, row.id, random).await? else { continue };
            let misspelling = Misspelling::ALL[random.random_range(0..Misspelling::ALL.len())];
            // Where somebody happens to look: some other row's place.
            let elsewhere = &oracle.rows[of_kind[random.random_range(0..of_kind.len())]];
            let near = elsewhere.at.or(row.at).unwrap_or([105.8, 21.0]);
            let typed: String = misspelling.of(&text, random).chars().take(200).collect();
            asked.push(Asked { typed, kind: misspelling, near, meant: (kind, row.id), answered: Vec::new(), took: Duration::ZERO });
        }
        Ok(asked)
    }

    async fn text(&self, kind: SearchKind, id: i64, random: &mut impl Rng) -> sqlx::Result<Option<String>> {
        let by_address = random.random_bool(0.4);
        let with_alley = random.random_bool(0.3);
        let sql = match kind {
            SearchKind::Area => "select name, null from area where id = $1::integer",
            SearchKind::Road => "select coalesce(name, number), null from road where id = $1",
            SearchKind::Building => "select coalesce(address, name), null from building where id = $1",
            SearchKind::Camera => "select name, null from camera where id = $1",
            SearchKind::Place => "select name, null from place where id = $1",
            SearchKind::Business => "select name, null from business where id = $1",
            SearchKind::BoardingHouse => "select name, null from boarding_house where id = $1",
            SearchKind::Household if by_address => "select address, null from household where id = $1",
            SearchKind::Household => {
                "select r.name, substring(h.address from '(?i)(?:ngõ|ngách|hẻm) [0-9/A-Za-z]+') from household h \
                 join resident r on r.household_id = h.id where h.id = $1 order by (r.relation <> 'head'), r.id limit 1"
            }
        };
        let found: Option<(Option<String>, Option<String>)> = sqlx::query_as(sql).bind(id).fetch_optional(self.owner).await?;
        let Some((Some(text), alley)) = found else { return Ok(None) };
        Ok(Some(match alley.filter(|_| with_alley) {
            Some(alley) => format!("{text} {alley}"),
            None => text,
        }))
    }
}

async fn ask(searcher: &Searcher, url: &str, mut asked: Vec<Asked>) -> anyhow::Result<Vec<Asked>> {
    let request = |asked: &Asked| {
        let body = SearchRequest { q: asked.typed.clone(), limit: Some(20), near: Some(asked.near) };
        let request = searcher.http.post(format!("{url}/api/search")).header(header::COOKIE, &searcher.cookie).json(&body);
        request.header("Access-Reason", shared::audit::encode_reason(REASON))
    };
    // The first answer opens the search session, and the connection.
    if let Some(first) = asked.first() {
        request(first).send().await?.error_for_status()?;
    }
    for asked in &mut asked {
        let begun = Instant::now();
        let answer = request(asked).send().await?.error_for_status()?.bytes().await?;
        asked.took = begun.elapsed();
        let answer: SearchResults = serde_json::from_slice(&answer)?;
        asked.answered = answer.results.into_iter().take(AT).map(|result| (result.kind, result.id)).collect();
    }
    Ok(asked)
}

fn reckon(searcher: &Searcher, asked: &[Asked], checked: usize, oracle: &Oracle) -> Figures {
    let mut took: Vec<f64> = asked.iter().map(|asked| asked.took.as_secs_f64() * 1e3).collect();
    took.sort_by(f64::total_cmp);
    let at = |share: f64| took.get(((took.len() as f64 * share).ceil() as usize).saturating_sub(1)).copied().unwrap_or_default();
    // Each thread takes the next query: one takes as long as there are rows.
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let verdicts: Vec<(usize, f64, f64, bool)> = std::thread::scope(|scope| {
        let work = || {
            let mut verdicts = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= checked {
                    return verdicts;
                }
                let (recall, same) = judge(&asked[number], searcher, oracle);
                verdicts.push((number, recall, same, asked[number].answered.contains(&asked[number].meant)));
            }
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("judging does not panic")).collect()
    });
    let mean = |values: &mut dyn Iterator<Item = f64>| {
        let values: Vec<f64> = values.collect();
        if values.is_empty() { f64::NAN } else { values.iter().sum::<f64>() / values.len() as f64 }
    };
    let mut by_kind: BTreeMap<Misspelling, Vec<f64>> = BTreeMap::new();
    verdicts.iter().for_each(|(number, recall, ..)| by_kind.entry(asked[*number].kind).or_default().push(*recall));
    for (kind, recalls) in by_kind {
        eprintln!("  {:<9} {kind:?}: recall {:.3} of {}", searcher.name, mean(&mut recalls.iter().copied()), recalls.len());
    }
    Figures {
        account: searcher.name.to_owned(),
        queries: asked.len(),
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        max_ms: at(1.0),
        recall_at_5: mean(&mut verdicts.iter().map(|(_, recall, ..)| *recall)),
        same_five: mean(&mut verdicts.iter().map(|(_, _, same, _)| *same)),
        meant_found: mean(&mut verdicts.iter().map(|(.., meant)| f64::from(u8::from(*meant)))),
        recall_of: checked,
    }
}

/// Recall at five, where equals count, and where only the very rows do. With nothing to find, finding nothing is right.
fn judge(asked: &Asked, searcher: &Searcher, oracle: &Oracle) -> (f64, f64) {
    let should = oracle.find(&asked.typed, &searcher.reach, asked.near);
    let wanted = should.len().min(AT);
    let Some(last) = wanted.checked_sub(1).map(|last| should[last]) else {
        let right = f64::from(u8::from(asked.answered.is_empty()));
        return (right, right);
    };
    let as_good = should.iter().take_while(|answer| (answer.care, u32::MAX - answer.score) <= (last.care, u32::MAX - last.score));
    let as_good: HashSet<(SearchKind, i64)> = as_good.map(|answer| (answer.kind, answer.id)).collect();
    let very: HashSet<(SearchKind, i64)> = should[..wanted].iter().map(|answer| (answer.kind, answer.id)).collect();
    let share = |among: &HashSet<(SearchKind, i64)>| {
        asked.answered.iter().filter(|row| among.contains(row)).count().min(wanted) as f64 / wanted as f64
    };
    (share(&as_good), share(&very))
}
