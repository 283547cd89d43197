//! `search-quality --url http://127.0.0.1:8080 --database-url postgres://…`: prints how fast and how well a running server
//! answers misspelt searches. It deliberately starts nothing: the server and its rows are there already.

use anyhow::{Context, bail};
use tests::search_quality::run::{Settings, measure};

const USAGE: &str = "search-quality --url URL --database-url OWNER_URL [--queries 1000] [--seed 1] [--recall-of 1000] [--json FILE]";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut settings = Settings { url: String::new(), database_url: String::new(), queries: 1_000, seed: 1, recall_of: usize::MAX };
    let mut json = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--help" {
            println!("{USAGE}");
            return Ok(());
        }
        let value = arguments.next().with_context(|| format!("{name} needs a value\n{USAGE}"))?;
        match name.as_str() {
            "--url" => settings.url = value.trim_end_matches('/').to_owned(),
            "--database-url" => settings.database_url = value,
            "--queries" => settings.queries = value.parse()?,
            "--seed" => settings.seed = value.parse()?,
            "--recall-of" => settings.recall_of = value.parse()?,
            "--json" => json = Some(value),
            _ => bail!("{name} is not known\n{USAGE}"),
        }
    }
    if settings.url.is_empty() || settings.database_url.is_empty() {
        bail!("{USAGE}");
    }
    settings.recall_of = settings.recall_of.min(settings.queries);
    let figures = measure(&settings).await?;
    println!("| account | queries | p50 ms | p99 ms | max ms | recall at 5 | the very five | row meant in five |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for of in &figures {
        println!(
            "| {} | {} | {:.1} | {:.1} | {:.1} | {:.3} | {:.3} | {:.3} |",
            of.account, of.queries, of.p50_ms, of.p99_ms, of.max_ms, of.recall_at_5, of.same_five, of.meant_found
        );
    }
    if let Some(file) = json {
        std::fs::write(&file, serde_json::to_string_pretty(&figures)?).with_context(|| format!("{file} cannot be written"))?;
    }
    Ok(())
}
