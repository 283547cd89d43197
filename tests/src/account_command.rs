//! The account commands, as an administrator runs them at the server's own terminal.
//! It deliberately reads nothing back: what a command shows is all that its caller gets.

use server::accounts::commands::{self, AccountCommand};
use server::platform::clock::SystemClock;

use crate::app::TestApp;

/// Runs an account command; what it shows, or why it refuses.
pub async fn run(app: &TestApp, command: AccountCommand) -> Result<String, String> {
    run_with_input(app, command, "").await
}

/// The same for one that reads a password.
pub async fn run_with_input(app: &TestApp, command: AccountCommand, input: &str) -> Result<String, String> {
    let owner = app.database.pool("postgres").await;
    let mut shown = Vec::new();
    let done = commands::run(&owner, &app.running.secrets, &SystemClock, command, &mut input.as_bytes(), &mut shown).await;
    owner.close().await;
    done.map(|()| String::from_utf8(shown).expect("it speaks UTF-8")).map_err(|cause| cause.to_string())
}
