//! Asking until it is so: what a server does after it has answered takes a moment.
//! It deliberately waits for nothing that a frame would tell: `screen` listens for those.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

pub const LONG_ENOUGH: Duration = Duration::from_secs(30);

/// Asks until it is so, and fails with what was waited for.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waited = async {
        while !is_so().await {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(LONG_ENOUGH, waited).await.unwrap_or_else(|_| panic!("{what}: not within {LONG_ENOUGH:?}"));
}

/// Whether it is so soon. What is promised is a second; on a machine that does much else at once it may take some.
pub async fn soon(mut is_so: impl AsyncFnMut() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(10) {
        if is_so().await {
            return true;
        }
        sleep(Duration::from_millis(20)).await;
    }
    false
}
