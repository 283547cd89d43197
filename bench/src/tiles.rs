//! Tiles by HTTP: freshly encoded ones beside martin's, kept ones beside constant bytes.
//! It deliberately proves first that the peers draw the same features with the same attributes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::Run;
use crate::http::{Connection, get};
use crate::load::{Contender, compare};
use crate::peers::{self, Peer, sign_in};
use crate::points;
use crate::report::{Line, Report};
use crate::stage::Stage;
use crate::tile::TileLayer;

const DENSE: u8 = 14;
const NEAR: u8 = 16;
/// Tiles asked for in turn.
const MOST_TILES: usize = 24;

/// Nothing is kept on either side: every tile is made for the request.
pub async fn measure_encoding(run: &Run, stage: &Stage, report: &mut Report) -> anyhow::Result<()> {
    let ours = peers::ours(&run.ioc, &stage.environment(), false).await?;
    let martin = peers::martin(stage).await?;
    for (zoom, source, times) in [(DENSE, "far", 20.0), (NEAR, "near", 5.0)] {
        let addresses = points::tiles(stage.points, zoom, MOST_TILES);
        let requests = |path: &dyn Fn(u32, u32) -> String| addresses.iter().map(|(x, y)| get(&path(*x, *y), &[])).collect::<Vec<_>>();
        let mut contenders = vec![Contender { address: ours.address, requests: requests(&|x, y| our_path("business", zoom, x, y)) }];
        let name = format!("tile z{zoom}, made anew");
        let Some(martin) = &martin else {
            let rate = compare(&contenders, run.size.rounds()).await?.of(0);
            let what = format!("{name} ({} points)", per_tile(zoom));
            report.line(Line::unheld(&what, &format!("{rate:.0}/s"), "martin is not on the PATH: nothing to hold it against"));
            continue;
        };
        contenders.push(Contender { address: martin.address, requests: requests(&|x, y| format!("/{source}/{zoom}/{x}/{y}")) });
        let sameness = prove_sameness(&ours, martin, zoom, source, &addresses).await?;
        let rates = compare(&contenders, run.size.rounds()).await?;
        report.line(Line {
            what: format!("{name} ({} points, {} attributes)", per_tile(zoom), sameness.attributes),
            ours: format!("{:.0}/s", rates.of(0)),
            against: format!("martin, cache off: {:.1}/s", rates.of(1)),
            ratio: format!("{:.1} ×", rates.ratio(0, 1)),
            goal: format!("≥ {times} ×"),
            is_met: Some(rates.ratio(0, 1) >= times),
        });
        report.note(format!("z{zoom} beside martin: {sameness}"));
    }
    Ok(())
}

/// Tiles that were asked for before, beside the same bytes from a server that does nothing else.
pub async fn measure_kept(run: &Run, stage: &Stage, report: &mut Report) -> anyhow::Result<()> {
    let ours = peers::ours(&run.ioc, &stage.environment(), true).await?;
    let cookie = sign_in(ours.address, "lanhdao").await?;
    let mut cases = Vec::new();
    let (mut files, mut connection) = (Vec::<PathBuf>::new(), Connection::open(ours.address).await?);
    for (zoom, layer, headers, whose) in [
        (DENSE, "business", vec![], "open"),
        (NEAR, "business", vec![], "open"),
        (DENSE, "household", vec![("Cookie", cookie.as_str())], "signed in"),
        (NEAR, "household", vec![("Cookie", cookie.as_str())], "signed in"),
        (NEAR, "household", vec![("Cookie", cookie.as_str()), ("Accept-Encoding", "gzip")], "signed in, gzip"),
    ] {
        let (x, y) = points::tiles(stage.points, zoom, 1)[0];
        let request = get(&our_path(layer, zoom, x, y), &headers);
        let body = connection.body(&request).await?;
        let file = stage.dir.join(format!("tile-{}", files.len()));
        std::fs::write(&file, &body)?;
        files.push(file);
        cases.push((format!("tile z{zoom}, kept, {whose} ({} KB)", body.len().div_ceil(1000)), request));
    }
    let constant = peers::constant(&files).await?;
    for (number, (what, request)) in cases.into_iter().enumerate() {
        let contenders = [
            Contender { address: ours.address, requests: vec![request] },
            Contender { address: constant.address, requests: vec![get(&format!("/{number}"), &[])] },
        ];
        let rates = compare(&contenders, run.size.rounds()).await?;
        let share = rates.ratio(0, 1) * 100.0;
        report.line(Line {
            what,
            ours: format!("{:.0}/s", rates.of(0)),
            against: format!("constant bytes from axum: {:.0}/s", rates.of(1)),
            ratio: format!("{share:.0} %"),
            goal: "≥ 80 %".into(),
            is_met: Some(share >= 80.0),
        });
    }
    Ok(())
}

fn our_path(layer: &str, zoom: u8, x: u32, y: u32) -> String {
    format!("/tiles/{layer}/{zoom}/{x}/{y}.mvt")
}

fn per_tile(zoom: u8) -> u64 {
    (points::PER_TILE / f64::from(1 << (2 * (zoom - points::ZOOM)))).round() as u64
}

/// What two sets of tiles have in common.
struct Sameness {
    tiles: usize,
    features: usize,
    attributes: usize,
    /// Points that lie on the rim of a tile, which one peer gives to this tile and the other to the next.
    on_rim: usize,
    bytes: [usize; 2],
}

impl std::fmt::Display for Sameness {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { tiles, features, attributes, on_rim, bytes } = self;
        let kb = bytes.map(|bytes| bytes / tiles / 1000);
        write!(
            out,
            "{tiles} tiles decoded, {features} features with the same ids, {attributes} attributes and places (within one of 4096 \
             units), {on_rim} on a rim told apart; {} KB a tile, martin's {} KB",
            kb[0], kb[1]
        )
    }
}

type Features = BTreeMap<u64, ([i64; 2], BTreeMap<String, Value>)>;

async fn prove_sameness(ours: &Peer, martin: &Peer, zoom: u8, source: &str, addresses: &[(u32, u32)]) -> anyhow::Result<Sameness> {
    let (mut to_us, mut to_martin) = (Connection::open(ours.address).await?, Connection::open(martin.address).await?);
    let mut sameness = Sameness { tiles: 0, features: 0, attributes: 0, on_rim: 0, bytes: [0, 0] };
    for (x, y) in addresses {
        let mine = to_us.body(&get(&our_path("business", zoom, *x, *y), &[])).await?;
        let theirs = to_martin.body(&get(&format!("/{source}/{zoom}/{x}/{y}"), &[])).await?;
        sameness.bytes[0] += mine.len();
        sameness.bytes[1] += theirs.len();
        compare_features(&features(&mine)?, &features(&theirs)?, &mut sameness).with_context(|| format!("tile {zoom}/{x}/{y}"))?;
        sameness.tiles += 1;
    }
    Ok(sameness)
}

fn features(tile: &[u8]) -> anyhow::Result<Features> {
    let layer = TileLayer::decode(tile).context("an empty tile")?;
    ensure!(layer.extent == 4096 && layer.name == "business", "{} {}", layer.name, layer.extent);
    Ok(layer.features.into_iter().map(|feature| (feature.id, (feature.vertices[0], feature.properties))).collect())
}

fn compare_features(mine: &Features, theirs: &Features, sameness: &mut Sameness) -> anyhow::Result<()> {
    let on_rim = |[x, y]: [i64; 2]| [x, y].iter().any(|at| *at <= 1 || *at >= 4095);
    for (id, (at, properties)) in mine {
        match theirs.get(id) {
            Some((there, others)) => {
                ensure!((at[0] - there[0]).abs() <= 1 && (at[1] - there[1]).abs() <= 1, "{id} at {at:?} and {there:?}");
                ensure!(properties == others, "{id}: {properties:?} and {others:?}");
                sameness.features += 1;
                sameness.attributes = properties.len();
            }
            None if on_rim(*at) => sameness.on_rim += 1,
            None => bail!("martin lacks {id} at {at:?}"),
        }
    }
    for (id, (at, _)) in theirs.iter().filter(|(id, _)| !mine.contains_key(id)) {
        ensure!(on_rim(*at), "we lack {id} at {at:?}");
        sameness.on_rim += 1;
    }
    Ok(())
}
