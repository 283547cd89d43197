//! The table: one line per measurement, each held against something measured in the same run.
//! It deliberately measures nothing.

use std::fmt::Write;
use std::path::Path;

use anyhow::Context;

use crate::Size;

const BEGIN: &str = "<!-- bench: begin, written by `make bench` -->";
const END: &str = "<!-- bench: end -->";

pub struct Line {
    pub what: String,
    pub ours: String,
    pub against: String,
    pub ratio: String,
    /// Empty where there is none.
    pub goal: String,
    pub is_met: Option<bool>,
}

impl Line {
    /// A figure with nothing to hold it against.
    pub fn unheld(what: &str, ours: &str, why: &str) -> Self {
        Self { what: what.into(), ours: ours.into(), against: why.into(), ratio: "–".into(), goal: String::new(), is_met: None }
    }
}

pub struct Report {
    size: Size,
    lines: Vec<Line>,
    notes: Vec<String>,
}

impl Report {
    pub fn begin(size: Size) -> Self {
        Self { size, lines: Vec::new(), notes: Vec::new() }
    }

    pub fn line(&mut self, line: Line) {
        eprintln!("bench: {}: {} | {} | {} {}", line.what, line.ours, line.against, line.ratio, line.goal);
        self.lines.push(line);
    }

    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Markdown.
    pub fn table(&self) -> String {
        let mut table = String::from("| what | ours | held against | ratio | goal |\n| --- | --- | --- | --- | --- |\n");
        for Line { what, ours, against, ratio, goal, is_met } in &self.lines {
            let mark = match is_met {
                Some(true) => ", met",
                Some(false) => ", **missed**",
                None => "",
            };
            let _ = writeln!(table, "| {what} | {ours} | {against} | {ratio} | {goal}{mark} |");
        }
        let size = if self.size == Size::Small { " Small run: figures say only that it works." } else { "" };
        let _ = writeln!(table, "\n{}.{size}", machine());
        for note in &self.notes {
            let _ = write!(table, "\n- {}{}.", note[..1].to_uppercase(), &note[1..]);
        }
        table
    }

    /// Replaces what stands between the markers.
    pub fn put_into(&self, file: &Path) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let put = replaced(&text, &self.table()).with_context(|| format!("{} has no markers for the table", file.display()))?;
        std::fs::write(file, put)?;
        eprintln!("bench: the table stands in {}", file.display());
        Ok(())
    }

    pub fn say_what_falls_short(&self) {
        for line in self.lines.iter().filter(|line| line.is_met == Some(false)) {
            eprintln!("bench: falls short: {} ({}, goal {})", line.what, line.ratio, line.goal);
        }
    }
}

fn replaced(text: &str, table: &str) -> Option<String> {
    let begin = text.find(BEGIN)? + BEGIN.len();
    let end = begin + text[begin..].find(END)?;
    Some(format!("{}\n{table}\n{}", &text[..begin], &text[end..]))
}

/// Processor, cores, memory, and the day.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field =
        |text: &str, name: &str| text.lines().find(|line| line.starts_with(name))?.split(':').nth(1).map(|value| value.trim().to_owned());
    let processor = field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown processor".into());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = field(&read("/proc/meminfo"), "MemTotal").and_then(|kb| kb.split(' ').next()?.parse::<u64>().ok()).unwrap_or(0);
    let today = std::process::Command::new("date").arg("+%Y-%m-%d").output();
    let today = today.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    format!("{today}, {cores} cores of {processor}, {} GB; server, peers, database and load program share them", memory.div_ceil(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_markers_changes() {
        let text = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        assert_eq!(replaced(&text, "new").unwrap(), format!("before\n{BEGIN}\nnew\n{END}\nafter\n"));
        assert!(replaced("no markers", "new").is_none());
    }
}
