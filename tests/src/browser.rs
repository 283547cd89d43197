//! A real Chromium, driven through chromedriver: opens pages, reads, types and clicks as a person does, and keeps what the
//! browser logged and asked for. It deliberately knows nothing of our screens; the journeys know those.

use std::{
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction},
    elements::Element,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::cluster::{project_root, test_dir};

/// For whatever has to load, or to be drawn without a graphics card on a busy machine. What must be quick is measured.
pub const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Wide enough for the desk's layout.
const WINDOW: &str = "1280,800";
/// Nothing that a browser does of its own accord; WebGL in software, for the map.
const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // The shared memory of a container may be too small for a page.
    "--disable-dev-shm-usage",
    // What calls home in spite of all that reaches nobody.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--lang=vi",
];
const NET_LOG: &str = "net-log.json";

/// One browser with a profile of its own.
pub struct Browser {
    client: Client,
    driver: Driver,
    /// Scheme, host and port of the server.
    origin: String,
    profile: TempDir,
}

/// A line of the browser's console.
#[derive(Debug, Deserialize)]
pub struct LogEntry {
    pub level: String,
    pub message: String,
}

/// What a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// In the document.
    pub elements: u64,
    /// In the document or kept by something.
    pub nodes: u64,
    pub listeners: u64,
    /// WebAssembly's memory, which never shrinks.
    pub wasm_bytes: u64,
    /// JavaScript's heap.
    pub heap_bytes: u64,
}

/// A request that some page or worker set out on, whether or not it was answered.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageRequest {
    pub url: String,
}

impl Browser {
    /// `origin` is the server's address, such as `http://127.0.0.1:4321`.
    pub async fn open(origin: &str) -> Self {
        let dist = project_root().join("dist/app/frontend_bg.wasm");
        assert!(dist.exists(), "there is no front end bundle: {} is missing. Run: cargo run -p xtask -- frontend", dist.display());
        Self::open_with(tempfile::tempdir().expect("a folder for the browser's profile"), origin.to_owned()).await
    }

    /// Closes the browser and opens it again, as the same person does the next day.
    pub async fn reopen(self) -> Self {
        let Browser { client, driver, profile, origin } = self;
        client.close().await.expect("the browser closes");
        drop(driver);
        Self::open_with(profile, origin).await
    }

    async fn open_with(profile: TempDir, origin: String) -> Self {
        let driver = Driver::start();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities(profile.path()));
        let client = builder.connect(&driver.address).await.unwrap_or_else(|cause| panic!("Chromium does not start: {cause}. {INSTALL}"));
        Self { client, driver, origin, profile }
    }

    pub async fn go_to(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.origin)).await.expect("the page opens");
    }

    /// What a script returns; it reads its arguments from `arguments`.
    pub async fn ask<T: DeserializeOwned>(&self, script: &str, arguments: Vec<Value>) -> T {
        let answer = self.client.execute(script, arguments).await.unwrap_or_else(|cause| panic!("{cause} in {script}"));
        serde_json::from_value(answer.clone()).unwrap_or_else(|cause| panic!("{cause}: {answer} from {script}"))
    }

    /// Waits until a script returns something other than null and false.
    pub async fn wait_for<T: DeserializeOwned>(&self, what: &str, script: &str, arguments: Vec<Value>) -> T {
        let begun = Instant::now();
        loop {
            let answer: Value = self.ask(script, arguments.clone()).await;
            if !matches!(answer, Value::Null | Value::Bool(false)) {
                return serde_json::from_value(answer.clone()).unwrap_or_else(|cause| panic!("{cause}: {answer} from {script}"));
            }
            if begun.elapsed() > PATIENCE {
                self.give_up(what).await;
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// The first element that a CSS selector finds and a person can see.
    pub async fn element(&self, selector: &str) -> Element {
        let begun = Instant::now();
        loop {
            if let Ok(element) = self.client.find(Locator::Css(selector)).await
                && element.is_displayed().await.unwrap_or(false)
            {
                return element;
            }
            if begun.elapsed() > PATIENCE {
                self.give_up(selector).await;
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// The words that a person reads there.
    pub async fn text(&self, selector: &str) -> String {
        let begun = Instant::now();
        loop {
            match self.element(selector).await.text().await {
                Ok(text) => return text,
                // Drawn anew since it was found.
                Err(refusal) if begun.elapsed() > PATIENCE => self.give_up(&format!("{selector} to be read ({refusal})")).await,
                Err(_) => sleep(LOOK_EVERY).await,
            }
        }
    }

    /// Waits until a person reads exactly these words there.
    pub async fn reads(&self, selector: &str, words: &str) {
        let begun = Instant::now();
        loop {
            // While it is drawn anew the element may be gone.
            let read = self.element(selector).await.text().await.unwrap_or_default();
            if read == words {
                return;
            }
            if begun.elapsed() > PATIENCE {
                self.give_up(&format!("{words:?} in {selector}, which reads {read:?},")).await;
            }
            sleep(LOOK_EVERY).await;
        }
    }

    pub async fn is_there(&self, selector: &str) -> bool {
        self.ask("return document.querySelector(arguments[0]) !== null", vec![json!(selector)]).await
    }

    /// Whether it takes room on the screen.
    pub async fn is_shown(&self, selector: &str) -> bool {
        self.ask("return document.querySelector(arguments[0])?.checkVisibility() ?? false", vec![json!(selector)]).await
    }

    /// Clicks as soon as the element can be clicked: while it moves, or something lies on it, the browser refuses.
    pub async fn click(&self, selector: &str) {
        let begun = Instant::now();
        while let Err(refusal) = self.element(selector).await.click().await {
            if begun.elapsed() > PATIENCE {
                self.give_up(&format!("{selector} to be clicked ({refusal})")).await;
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Clicks at a point of the window, in pixels from its upper left corner.
    pub async fn click_at(&self, [x, y]: [f64; 2]) {
        let mouse = MouseActions::new("mouse".to_owned())
            .then(PointerAction::MoveTo { duration: None, x: x.round(), y: y.round() })
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.client.perform_actions(mouse).await.expect("the mouse clicks");
    }

    /// Pulls from one point of the window to another, as a hand does: in steps.
    pub async fn drag(&self, from: [f64; 2], to: [f64; 2]) {
        let step = Some(Duration::from_millis(60));
        let towards = |share: f64| PointerAction::MoveTo {
            duration: step,
            x: (from[0] + (to[0] - from[0]) * share).round(),
            y: (from[1] + (to[1] - from[1]) * share).round(),
        };
        let mouse = MouseActions::new("mouse".to_owned())
            .then(towards(0.0))
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(towards(0.3))
            .then(towards(0.7))
            .then(towards(1.0))
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.client.perform_actions(mouse).await.expect("the mouse drags");
    }

    pub async fn press_escape(&self) {
        let keys =
            KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value: '\u{E00C}' }).then(KeyAction::Up { value: '\u{E00C}' });
        self.client.perform_actions(keys).await.expect("the key is pressed");
    }

    /// Presses keys while an element has the focus; arrows and Enter as WebDriver writes them.
    pub async fn press(&self, selector: &str, keys: &str) {
        self.type_into(selector, keys).await;
    }

    /// The middle of an element, in pixels of the window.
    pub async fn middle_of(&self, selector: &str) -> [f64; 2] {
        self.element(selector).await;
        self.ask(
            "const box = document.querySelector(arguments[0]).getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]",
            vec![json!(selector)],
        )
        .await
    }

    /// Puts words into a field in place of those that are there.
    pub async fn fill(&self, selector: &str, words: &str) {
        // Ctrl and A, Ctrl released, the words: as by hand. Clearing through WebDriver tells the page too little.
        self.type_into(selector, &format!("\u{E009}a\u{E000}{words}")).await;
    }

    async fn type_into(&self, selector: &str, keys: &str) {
        let begun = Instant::now();
        while let Err(refusal) = self.element(selector).await.send_keys(keys).await {
            // Refused before a key was pressed: drawn anew since it was found, or not to be typed into yet.
            let is_early = refusal.is_stale_element_reference() || refusal.is_no_such_element() || refusal.is_element_not_interactable();
            if !is_early || begun.elapsed() > PATIENCE {
                self.give_up(&format!("{selector} to be typed into ({refusal})")).await;
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// What the console said since this was last asked.
    pub async fn console(&self) -> Vec<LogEntry> {
        self.chromedriver("se/log", json!({"type": "browser"})).await
    }

    /// A command of Chromium's DevTools protocol, and its answer.
    pub async fn devtools<T: DeserializeOwned>(&self, command: &str, parameters: Value) -> T {
        self.chromedriver("goog/cdp/execute", json!({"cmd": command, "params": parameters})).await
    }

    /// A command of chromedriver's own: not in the WebDriver standard, so not in its client.
    async fn chromedriver<T: DeserializeOwned>(&self, command: &str, body: Value) -> T {
        let session = self.client.session_id().await.expect("the browser answers").expect("a session is open");
        let address = format!("{}/session/{session}/{command}", self.driver.address);
        let answer = reqwest::Client::new().post(address).json(&body).send().await.expect("chromedriver answers");
        let answer: Value = answer.json().await.expect("chromedriver speaks JSON");
        serde_json::from_value(answer["value"].clone()).unwrap_or_else(|cause| panic!("{cause}: {answer} to {command} {body}"))
    }

    /// What the page holds at this moment, after the browser has swept up what nothing refers to.
    pub async fn held(&self) -> Held {
        #[derive(Deserialize)]
        struct Metrics {
            metrics: Vec<Metric>,
        }
        #[derive(Deserialize)]
        struct Metric {
            name: String,
            value: f64,
        }
        // Twice: what the first sweep finalises, the second one frees.
        for _ in 0..2 {
            self.devtools::<Value>("HeapProfiler.collectGarbage", json!({})).await;
        }
        self.devtools::<Value>("Performance.enable", json!({})).await;
        let Metrics { metrics } = self.devtools("Performance.getMetrics", json!({})).await;
        let metric = |name: &str| metrics.iter().find(|metric| metric.name == name).map(|metric| metric.value as u64).expect(name);
        Held {
            elements: self.ask("return document.querySelectorAll('*').length", vec![]).await,
            nodes: metric("Nodes"),
            listeners: metric("JSEventListeners"),
            wasm_bytes: self
                .ask(
                    // Asked a second time, the module gives what it runs on.
                    "return import(`${document.documentElement.dataset.bundle}/app/frontend.js`)
                         .then(screens => screens.default()).then(running => running.memory.buffer.byteLength)",
                    vec![],
                )
                .await,
            heap_bytes: metric("JSHeapUsedSize"),
        }
    }

    /// Closes the browser. Every request that its pages and their workers made, from the browser's own network log: what a
    /// page can list of itself lacks those of its workers, and the map reads tiles in workers.
    pub async fn close(self) -> Vec<PageRequest> {
        let Browser { client, driver, profile, origin } = self;
        client.close().await.expect("the browser closes");
        drop(driver);
        let log = std::fs::read_to_string(profile.path().join(NET_LOG)).expect("the browser keeps a network log");
        page_requests(&log, &origin)
    }

    /// Fails, with what is on the screen instead.
    async fn give_up(&self, awaited: &str) -> ! {
        let picture = test_dir().join(format!("browser-{}.png", uuid::Uuid::now_v7()));
        if let Ok(screenshot) = self.client.screenshot().await {
            _ = std::fs::create_dir_all(test_dir());
            _ = std::fs::write(&picture, screenshot);
        }
        let address: String = self.ask("return location.href", vec![]).await;
        let words: String = self.ask("return document.body.innerText", vec![]).await;
        panic!(
            "waited in vain for {awaited} on {address}; the screen is in {}, its words and the console:\n{words}\n{:#?}",
            picture.display(),
            self.console().await
        );
    }
}

fn capabilities(profile: &Path) -> fantoccini::wd::Capabilities {
    let mut flags: Vec<String> = FLAGS.map(str::to_owned).to_vec();
    flags.push(format!("--window-size={WINDOW}"));
    flags.push(format!("--user-data-dir={}", profile.join("profile").display()));
    flags.push(format!("--log-net-log={}", profile.join(NET_LOG).display()));
    let capabilities = json!({
        "browserName": "chrome",
        "goog:chromeOptions": {"args": flags},
        "goog:loggingPrefs": {"browser": "ALL"},
    });
    let Value::Object(capabilities) = capabilities else { unreachable!("written as an object above") };
    capabilities
}

/// Reads Chromium's network log, one event a line, from the first request to `origin`: before it the browser may open a
/// start page of its distribution's choice.
fn page_requests(log: &str, origin: &str) -> Vec<PageRequest> {
    #[derive(Deserialize)]
    struct Event {
        #[serde(default)]
        params: Params,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Params {
        url: Option<String>,
        initiator: Option<String>,
        request_type: Option<String>,
    }
    // Lines that are no event (the constants before, the state after) have no `params` and fall out with what does not parse.
    let events = log.lines().filter_map(|line| serde_json::from_str::<Event>(line.trim_end_matches([',', ']'])).ok());
    let mut requests: Vec<PageRequest> = events
        .filter_map(|Event { params: Params { url, initiator, request_type } }| {
            // Pages and workers have an origin; what has none, and is no page itself, is the browser's own business.
            let from_page =
                initiator.is_some_and(|initiator| initiator != "not an origin") || request_type.as_deref() == Some("main frame");
            url.filter(|_| from_page).map(|url| PageRequest { url })
        })
        .skip_while(|request| !request.url.starts_with(origin))
        .collect();
    requests.sort();
    requests
}

const INSTALL: &str = "Run: scripts/setup test";

/// chromedriver on a free port, in a process group of its own with the browsers that it starts.
struct Driver {
    process: Child,
    address: String,
    /// Kept open: a driver that cannot write ends.
    _said: BufReader<ChildStdout>,
}

impl Driver {
    fn start() -> Self {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut process = command.spawn().unwrap_or_else(|cause| panic!("chromedriver does not start: {cause}. {INSTALL}"));
        let mut said = BufReader::new(process.stdout.take().expect("its output is piped"));
        let mut line = String::new();
        while said.read_line(&mut line).expect("chromedriver speaks UTF-8") > 0 {
            // "ChromeDriver was started successfully on port 40123."
            if let Some(port) = line.trim_end().trim_end_matches('.').split("successfully on port ").nth(1) {
                return Self { process, address: format!("http://127.0.0.1:{port}"), _said: said };
            }
            line.clear();
        }
        _ = process.wait();
        panic!("chromedriver ended before it listened. {INSTALL}");
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The whole group: after a failed test the browser is still open.
        let group = format!("-{}", self.process.id());
        _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_pages_and_workers_are_told_from_the_browsers_own() {
        let log = r#"{"constants":{"activeFieldTrialGroups":[]},
"events": [
{"params":{"initiator":"not an origin","request_type":"main frame","url":"https://start.example/"},"phase":1,"source":{"id":0},"time":"0","type":2},
{"params":{"initiator":"not an origin","request_type":"main frame","url":"http://127.0.0.1:4000/"},"phase":1,"source":{"id":1},"time":"1","type":2},
{"params":{"initiator":"http://127.0.0.1:4000","request_type":"other","url":"https://tiles.example/1"},"phase":1,"source":{"id":2},"time":"2","type":2},
{"params":{"initiator":"not an origin","request_type":"other","url":"https://update.example/"},"phase":1,"source":{"id":3},"time":"3","type":2},
{"phase":2,"source":{"id":3},"time":"4","type":2}],
"polledData": [{"url":"https://state.example/"}]
}
"#;
        let urls: Vec<String> = page_requests(log, "http://127.0.0.1:4000").into_iter().map(|request| request.url).collect();
        assert_eq!(urls, ["http://127.0.0.1:4000/", "https://tiles.example/1"]);
    }
}
