//! Tiles that were asked for lately, as they go over the wire: plain, and compressed once instead of for every asker.
//! It deliberately knows nothing of what a tile shows: its key stands for layer, place, audience, filter and version.

use std::io::Write;

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use flate2::{Compression, write::GzEncoder};
use moka::future::Cache;

/// Stands for all that a tile's bytes depend on.
pub type Key = [u8; 16];

/// Small tiles travel in one packet either way.
const WORTH_COMPRESSING: usize = 1_000;

/// How the bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    Plain,
    Gzip,
}

impl Coding {
    /// What the client takes; every browser takes gzip.
    pub fn accepted(headers: &HeaderMap) -> Self {
        let given = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let takes_gzip = given.flat_map(|list| list.split(',')).any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let is_refused = |parameter: &str| parameter.strip_prefix("q=").is_some_and(|weight| weight.parse::<f32>() == Ok(0.0));
            parts.next() == Some("gzip") && !parts.any(is_refused)
        });
        if takes_gzip { Self::Gzip } else { Self::Plain }
    }
}

/// Cheap to clone; every clone is the same cache.
#[derive(Clone)]
pub struct TileCache {
    kept: Option<Cache<(Key, Coding), Bytes>>,
    /// Versions count from the start of the process; tiles of another process are none of ours.
    pub process: [u8; 16],
}

impl TileCache {
    /// Keeps as many megabytes of tiles; with 0 every tile is made for its request.
    pub fn of_megabytes(megabytes: u64) -> Self {
        let weigh = |_: &(Key, Coding), tile: &Bytes| u32::try_from(tile.len() + 64).unwrap_or(u32::MAX);
        let kept = (megabytes > 0).then(|| Cache::builder().weigher(weigh).max_capacity(megabytes * 1024 * 1024).build());
        Self { kept, process: rand::random() }
    }

    /// A tile that is kept, and the coding it is in: the one wished for, or plain where compression is not worth it.
    pub async fn kept(&self, key: Key, wished: Coding) -> Option<(Bytes, Coding)> {
        let kept = self.kept.as_ref()?;
        if let Some(tile) = kept.get(&(key, wished)).await {
            return Some((tile, wished));
        }
        let plain = kept.get(&(key, Coding::Plain)).await?;
        (wished == Coding::Plain || plain.len() < WORTH_COMPRESSING).then_some((plain, Coding::Plain))
    }

    /// A tile that is not, made and from now on kept. Many who ask at once wait for one to be made.
    pub async fn make(
        &self,
        key: Key,
        wished: Coding,
        make: impl Future<Output = anyhow::Result<Bytes>>,
    ) -> anyhow::Result<(Bytes, Coding)> {
        let failed = |cause: std::sync::Arc<anyhow::Error>| anyhow::anyhow!("{cause:#}");
        let plain = match &self.kept {
            Some(kept) => kept.try_get_with((key, Coding::Plain), make).await.map_err(failed)?,
            None => make.await?,
        };
        if wished == Coding::Plain || plain.len() < WORTH_COMPRESSING {
            return Ok((plain, Coding::Plain));
        }
        let compressed = match &self.kept {
            Some(kept) => kept.try_get_with((key, Coding::Gzip), compress(plain)).await.map_err(failed)?,
            None => compress(plain).await?,
        };
        Ok((compressed, Coding::Gzip))
    }
}

/// Milliseconds of work on a crowded tile: not on the threads that answer everybody.
async fn compress(plain: Bytes) -> anyhow::Result<Bytes> {
    let compressed = tokio::task::spawn_blocking(move || {
        let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 2), Compression::new(5));
        encoder.write_all(&plain)?;
        encoder.finish()
    });
    Ok(Bytes::from(compressed.await??))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn accepted(given: &'static str) -> Coding {
        Coding::accepted(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, header::HeaderValue::from_static(given))]))
    }

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        assert_eq!(accepted("gzip, deflate, br, zstd"), Coding::Gzip);
        assert_eq!(accepted("br;q=1.0, gzip;q=0.5"), Coding::Gzip);
        assert_eq!(accepted("br, gzip;q=0"), Coding::Plain);
        assert_eq!(accepted("identity"), Coding::Plain);
        assert_eq!(Coding::accepted(&HeaderMap::new()), Coding::Plain);
    }

    async fn get(
        cache: &TileCache,
        key: Key,
        wished: Coding,
        make: impl Future<Output = anyhow::Result<Bytes>>,
    ) -> anyhow::Result<(Bytes, Coding)> {
        match cache.kept(key, wished).await {
            Some(kept) => Ok(kept),
            None => cache.make(key, wished, make).await,
        }
    }

    #[tokio::test]
    async fn a_tile_is_made_once_and_compressed_once() {
        let (cache, made) = (TileCache::of_megabytes(1), AtomicUsize::new(0));
        let make = || async {
            made.fetch_add(1, Ordering::Relaxed);
            Ok(Bytes::from(vec![7; 5_000]))
        };
        for wished in [Coding::Gzip, Coding::Plain, Coding::Gzip] {
            let (bytes, coding) = get(&cache, [1; 16], wished, make()).await.unwrap();
            assert_eq!(coding, wished);
            let mut plain = Vec::new();
            match coding {
                Coding::Plain => plain.extend(&bytes),
                Coding::Gzip => drop(flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut plain).unwrap()),
            }
            assert_eq!(plain, vec![7; 5_000]);
        }
        assert_eq!(made.load(Ordering::Relaxed), 1);
        get(&cache, [2; 16], Coding::Plain, make()).await.unwrap();
        assert_eq!(made.load(Ordering::Relaxed), 2, "another key is another tile");
    }

    #[tokio::test]
    async fn without_a_cache_every_tile_is_made_and_what_fails_is_not_kept() {
        let made = AtomicUsize::new(0);
        let make = || async {
            made.fetch_add(1, Ordering::Relaxed);
            Ok(Bytes::from_static(b"small"))
        };
        let none = TileCache::of_megabytes(0);
        for _ in 0..2 {
            assert_eq!(get(&none, [1; 16], Coding::Gzip, make()).await.unwrap(), (Bytes::from_static(b"small"), Coding::Plain));
        }
        assert_eq!(made.load(Ordering::Relaxed), 2);
        let cache = TileCache::of_megabytes(1);
        assert!(get(&cache, [1; 16], Coding::Plain, async { anyhow::bail!("no database") }).await.is_err());
        assert!(get(&cache, [1; 16], Coding::Plain, make()).await.is_ok());
        let kept = Some((Bytes::from_static(b"small"), Coding::Plain));
        assert_eq!(cache.kept([1; 16], Coding::Gzip).await, kept, "not worth compressing, and kept as it is");
        assert_eq!(cache.kept([2; 16], Coding::Plain).await, None);
    }
}
