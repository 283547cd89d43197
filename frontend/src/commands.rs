//! What the palette can do besides finding: a registry that any part of the screens adds its own actions to.
//! It deliberately knows none of them; an action is offered for as long as the part that owns it is on the page.

use crate::lasting::Lasting;
use leptos::prelude::*;
use shared::text::fold;

/// An action that can be called by its name.
#[derive(Clone)]
pub struct Command {
    /// For tests; unique on the page.
    pub name: String,
    /// As `style/icons.txt` names it.
    pub icon: &'static str,
    /// What it is called, in the language in force.
    pub title: Signal<String>,
    /// Further words that it is found by, in both languages, without marks.
    pub words: &'static str,
    /// Whether it can be done now.
    pub shown: Signal<bool>,
    pub run: Callback<()>,
}

#[derive(Clone, Copy)]
pub struct Commands(Lasting<Vec<Command>>);

impl Commands {
    pub fn provide() -> Commands {
        let commands = Commands(Lasting::new(Vec::new()));
        provide_context(commands);
        commands
    }

    /// Those that can be done now, as somebody looks for them: every word typed begins a word of the command. All of them
    /// for no words.
    pub fn matching(&self, typed: &str) -> Vec<Command> {
        let commands = self.0.get();
        commands.into_iter().filter(|command| command.shown.get() && answers(&command.title.get(), command.words, typed)).collect()
    }
}

/// Offers a command until the surrounding owner is cleaned up.
pub fn add_command(command: Command) {
    let Commands(commands) = expect_context();
    let name = command.name.clone();
    commands.update(|commands| {
        commands.retain(|other| other.name != command.name);
        commands.push(command);
    });
    on_cleanup(move || _ = commands.try_update(|commands| commands.retain(|other| other.name != name)));
}

fn answers(title: &str, words: &str, typed: &str) -> bool {
    let known = fold(&format!("{title} {words}"));
    let known: Vec<&str> = known.split(|letter: char| !letter.is_alphanumeric()).collect();
    let wanted = fold(typed);
    let mut wanted = wanted.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    wanted.all(|word| known.iter().any(|known| known.starts_with(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_found_half_typed_and_without_marks() {
        assert!(answers("Chuyển sang giao diện tối", "dark theme", "giao dien"));
        assert!(answers("Chuyển sang giao diện tối", "dark theme", "Dark"));
        assert!(answers("Chuyển sang giao diện tối", "dark theme", ""));
        assert!(!answers("Chuyển sang giao diện tối", "dark theme", "dark in"));
    }
}
