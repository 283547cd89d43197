//! Contenders that take turns: each answers requests as fast as it can for a slice of time, round after round.
//! It deliberately compares within a round: what disturbs the machine for longer disturbs all of them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::http::Connection;

/// Connections at once: enough to keep two cores busy, few enough that none waits long.
const CONNECTIONS: usize = 8;

pub struct Contender {
    pub address: SocketAddr,
    /// Asked one after the other, each connection beginning at another place.
    pub requests: Vec<Vec<u8>>,
}

/// Answers per second in each round, contender by contender.
pub struct Rates(Vec<Vec<f64>>);

impl Rates {
    pub fn of(&self, contender: usize) -> f64 {
        median(self.0[contender].clone())
    }

    /// The median over the rounds of how many times `a` was as fast as `b`.
    pub fn ratio(&self, a: usize, b: usize) -> f64 {
        median(self.0[a].iter().zip(&self.0[b]).map(|(a, b)| a / b).collect())
    }
}

/// Lets the contenders take turns. The first round warms up and does not count.
pub async fn compare(contenders: &[Contender], (slice_s, rounds): (f64, usize)) -> anyhow::Result<Rates> {
    let mut rates = vec![Vec::new(); contenders.len()];
    for round in 0..=rounds {
        for (contender, rates) in contenders.iter().zip(&mut rates) {
            let rate = run(contender, Duration::from_secs_f64(slice_s)).await?;
            if round > 0 {
                rates.push(rate);
            }
        }
    }
    Ok(Rates(rates))
}

async fn run(contender: &Contender, time: Duration) -> anyhow::Result<f64> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(contender.address).await?);
    }
    let begun = Instant::now();
    let each = connections.into_iter().enumerate().map(|(number, mut connection)| {
        let requests = contender.requests.clone();
        tokio::spawn(async move {
            let mut answered = 0_u64;
            for request in requests.iter().cycle().skip(number * 5) {
                if begun.elapsed() >= time {
                    break;
                }
                let answer = connection.ask(request).await?;
                ensure!(answer.status == 200 && !answer.body.is_empty(), "{}", answer.status);
                answered += 1;
            }
            anyhow::Ok(answered)
        })
    });
    let mut answered = 0;
    for task in each.collect::<Vec<_>>() {
        answered += task.await??;
    }
    Ok(answered as f64 / begun.elapsed().as_secs_f64())
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The value that a share `p` of the values do not exceed.
pub fn percentile(mut values: Vec<f64>, p: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = ((values.len() as f64 * p).ceil() as usize).clamp(1, values.len().max(1)) - 1;
    values.get(place).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_there() {
        let values: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(percentile(values.clone(), 0.99), 198.0);
        assert_eq!(percentile(values.clone(), 1.0), 200.0);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }

    #[test]
    fn a_ratio_is_taken_within_a_round() {
        // The machine was busy in the second round.
        let rates = Rates(vec![vec![100.0, 10.0, 100.0], vec![50.0, 5.0, 50.0]]);
        assert_eq!(rates.ratio(0, 1), 2.0);
    }
}
