//! Bars and spinners on the terminal while an import works.
//! It deliberately writes nothing where nobody watches: indicatif is silent on a log.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How far into the file; the message says how many rows.
pub fn bar(prefix: &'static str) -> ProgressBar {
    ProgressBar::new(0).with_style(style("{prefix} {bar:30} {percent:>3} % {msg} ({elapsed})")).with_prefix(prefix)
}

pub fn spinner(message: &'static str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_style(style("{spinner} {msg} ({elapsed})")).with_message(message);
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
