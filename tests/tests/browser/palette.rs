//! The palette, by keyboard alone.

use crate::journey::Journey;

/// Presses keys as they come, wherever the focus is.
const PRESS: &str = r#"
    const [key, ctrl] = arguments;
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey: ctrl, bubbles: true, cancelable: true }));
    return true;"#;
const FIELD: &str = r#"[data-testid="palette-search"] input"#;
/// The line that a screen reader is told of: what `aria-activedescendant` names.
const MARKED: &str = r#"
    const field = document.querySelector('[data-testid="palette-search"] input');
    const line = field && document.getElementById(field.getAttribute('aria-activedescendant'));
    return line && line.getAttribute('aria-selected') === 'true' && line.getAttribute('role') === 'option'
        && line.closest('[role="listbox"]').id === field.getAttribute('aria-controls')
        ? `${line.dataset.kind} ${line.dataset.id}` : null;"#;

async fn press(journey: &Journey, key: &str, ctrl: bool) {
    let _: bool = journey.browser.ask(PRESS, vec![key.into(), ctrl.into()]).await;
}

async fn marked(journey: &Journey) -> String {
    journey.browser.wait_for("a marked line", MARKED, vec![]).await
}

/// Waits until the marked line is `line`.
async fn marks(journey: &Journey, line: &str) {
    let script = format!("const marked = (() => {{ {MARKED} }})(); return marked === {line:?};");
    let _: bool = journey.browser.wait_for(&format!("{line} to be marked"), &script, vec![]).await;
}

#[tokio::test]
async fn everything_is_reached_by_keyboard() {
    let journey = Journey::begin().await;
    let (browser, ward) = (&journey.browser, journey.app.ward().clone());
    let shop = format!("business {}", ward.a1.business);
    browser.go_to("/").await;
    journey.mark_page().await;
    journey.map_settled().await;

    // Ctrl K opens it with the field in focus, and a command first: nothing was chosen yet.
    press(&journey, "k", true).await;
    browser.element(FIELD).await;
    assert!(marked(&journey).await.starts_with("command "), "commands without a word");

    // A misspelt shop: found, flown to, its card open, the palette gone.
    browser.fill(FIELD, "tapp hoa a1").await;
    marks(&journey, &shop).await;
    let bold: String = browser.ask(r#"return [...document.querySelectorAll('.palette .result[aria-selected="true"] b')].map(b => b.textContent + ':' + getComputedStyle(b).fontWeight).join(' ')"#, vec![]).await;
    assert!(bold.contains(":600"), "what matches is set in 600: {bold}");
    press(&journey, "Enter", false).await;
    browser.reads(r#"[data-testid="card-business"] [data-testid="card-title"]"#, "Tạp hóa A1").await;
    let closed = r#"return !document.querySelector('[data-testid="palette"][open]')"#;
    browser.wait_for::<bool>("the palette to close", closed, vec![]).await;

    // Next time it is offered before a word is typed.
    press(&journey, "k", true).await;
    browser.element(FIELD).await;
    marks(&journey, &shop).await;

    // Arrows walk through all lines and around the end; Esc empties the field first, then closes.
    press(&journey, "ArrowUp", false).await;
    assert!(marked(&journey).await.starts_with("command "), "the last line is a command");
    press(&journey, "ArrowDown", false).await;
    marks(&journey, &shop).await;
    browser.fill(FIELD, "zzzz qqqq").await;
    browser.element(r#".palette [data-testid="no-match"]"#).await;
    press(&journey, "Escape", false).await;
    marks(&journey, &shop).await;
    assert!(browser.is_there(r#"[data-testid="palette"][open]"#).await);

    // A command, half typed and without marks.
    browser.fill(FIELD, "giao dien to").await;
    marks(&journey, "command theme").await;
    press(&journey, "Enter", false).await;
    let _: bool = browser.wait_for("the dark theme", "return document.documentElement.dataset.theme === 'dark'", vec![]).await;
    assert!(journey.is_same_page().await, "the page was never loaded again");
    journey.end(&[]).await;
}

#[tokio::test]
async fn people_are_found_but_not_remembered() {
    let journey = Journey::begin().await;
    let (browser, ward) = (&journey.browser, journey.app.ward().clone());
    browser.go_to("/").await;
    journey.sign_in("tdp_head-a1").await;
    browser.element(r#"[data-testid="households"]"#).await;
    journey.map_settled().await;
    press(&journey, "k", true).await;
    browser.fill(FIELD, "hamh canaryname").await;
    marks(&journey, &format!("household {}", ward.a1.household)).await;
    press(&journey, "Enter", false).await;
    browser.element(r#"[data-testid="card-household"]"#).await;
    let kept: String = browser.ask("return JSON.stringify({...localStorage})", vec![]).await;
    assert!(!kept.contains("canary") && !kept.contains("household"), "{kept}");
    journey.end(&[]).await;
}
