//! One person's way through our screens: signing in, searching, and what the map has drawn.
//! Which way that is, and what it must show, stands in the module of each screen.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;
use server::accounts::SignInLimits;
use sqlx::{Connection, Executor};
use tests::{
    app::TestApp,
    browser::Browser,
    small_ward::{CANARY, NATIONAL_ID_START, PASSWORD, PHONE_START},
    waiting::until,
};
use tokio::{
    sync::{Mutex, MutexGuard},
    time::sleep,
};

/// So long without a tile request, and the map has all it wants.
const TILES_SETTLE: Duration = Duration::from_millis(1_500);

const SEARCH_BOX: &str = r#"[data-testid="search"] input"#;

pub struct Journey {
    pub app: TestApp,
    pub browser: Browser,
    /// Maps without a graphics card need the whole machine: one journey after the other.
    pub _turn: MutexGuard<'static, ()>,
}

impl Journey {
    pub async fn begin() -> Self {
        static TURN: Mutex<()> = Mutex::const_new(());
        let turn = TURN.lock().await;
        // Attempts in quick succession are what these journeys are not about; locking stays as people meet it.
        let app = TestApp::start_configured(|config, limits| {
            assert_eq!(limits.lock_after, SignInLimits::default().lock_after);
            config.recorder_hosts = vec!["recorder.ward".into()];
        })
        .await;
        let browser = Browser::open(app.url("").as_str()).await;
        Self { app, browser, _turn: turn }
    }

    /// Holds for every journey: nothing failed but what the journey was about, and no page or worker asked anybody but our server.
    pub async fn end(self, expected_in_console: &[&str]) {
        let Self { app, browser, _turn } = self;
        let errors: Vec<_> = browser.console().await.into_iter().filter(|entry| entry.level == "SEVERE").collect();
        let unexpected: Vec<_> =
            errors.iter().filter(|error| !expected_in_console.iter().any(|expected| error.message.contains(expected))).collect();
        assert!(unexpected.is_empty(), "the console has errors: {unexpected:#?}");

        let own = app.url("/");
        let listed: Vec<String> = browser.ask("return performance.getEntriesByType('resource').map(entry => entry.name)", vec![]).await;
        assert!(listed.iter().any(|name| name.ends_with("/app/frontend_bg.wasm")), "the page lists what it loaded: {listed:?}");
        assert!(listed.iter().all(|name| name.starts_with(&own)), "all from our origin: {listed:#?}");

        // A journey that never looks at the map may be over before the map has asked for anything.
        until("the page to ask for tiles", async || tile_requests(&app).await > 0).await;
        let own_socket = own.replacen("http", "ws", 1);
        let requests = browser.close().await;
        let abroad: Vec<_> =
            requests.iter().filter(|request| !request.url.starts_with(&own) && !request.url.starts_with(&own_socket)).collect();
        assert!(abroad.is_empty(), "requests left our origin: {abroad:#?}");
        // The log would be as clean if it recorded nothing.
        for expected in [own.as_str(), "/tiles/", "/vendor/fonts/", &format!("{own_socket}live")] {
            assert!(requests.iter().any(|request| request.url.contains(expected)), "nothing from {expected} among {requests:#?}");
        }
        app.stop().await;
    }

    /// Through the form, as a person does.
    pub async fn sign_in(&self, login: &str) {
        self.open_sign_in().await;
        self.try_password(login, PASSWORD).await;
    }

    pub async fn open_sign_in(&self) {
        self.browser.click(r#"[data-testid="account-button"]"#).await;
        self.browser.click(r#"[data-testid="sign-in-button"]"#).await;
    }

    pub async fn try_password(&self, login: &str, password: &str) {
        self.browser.fill("#login", login).await;
        self.browser.fill("#password", password).await;
        self.browser.click(r#"[data-testid="sign-in-submit"]"#).await;
    }

    /// What the search box shows for some words: `household 3`.
    pub async fn search(&self, words: &str) -> Vec<String> {
        const SHOWN: &str = r#"
            const box = document.querySelector('[data-testid="search"]');
            // Until they are there, the lines of the words before these stand.
            if (box.querySelector('.results').dataset.answered !== arguments[0]) return null;
            const results = [...box.querySelectorAll('[data-testid="result"]')].map(row => `${row.dataset.kind} ${row.dataset.id}`);
            return results.length > 0 || box.querySelector('[data-testid="no-match"]') ? results : null;"#;
        self.browser.fill(SEARCH_BOX, words).await;
        self.browser.wait_for(&format!("an answer to {words:?}"), SHOWN, vec![json!(words)]).await
    }

    pub async fn choose_result(&self, result: &str) {
        let (kind, id) = result.split_once(' ').expect("kind and id");
        self.browser.click(&format!(r#"[data-testid="search"] [data-testid="result"][data-kind="{kind}"][data-id="{id}"]"#)).await;
    }

    /// Waits until the map stands still and has asked for all it wants.
    pub async fn map_settled(&self) {
        self.browser
            .wait_for::<bool>(
                "the map to settle",
                r#"const canvas = document.querySelector('[data-testid="map"] canvas');
                   const map = document.querySelector('[data-testid="map"][data-ready="true"]')?.map;
                   return Boolean(canvas && canvas.width > 0 && map && map.loaded() && map.areTilesLoaded() && !map.isMoving());"#,
                vec![],
            )
            .await;
        let (mut requests, mut since) = (self.tile_requests().await, Instant::now());
        while since.elapsed() < TILES_SETTLE {
            sleep(Duration::from_millis(100)).await;
            let now = self.tile_requests().await;
            if now != requests {
                (requests, since) = (now, Instant::now());
            }
        }
    }

    /// Waits until the map has drawn exactly these in one layer of its style.
    pub async fn drawn(&self, layer: &str, ids: &[i64]) {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        self.browser
            .wait_for::<bool>(
                &format!("exactly {ids:?} of {layer} on the map"),
                r#"const map = document.querySelector('[data-testid="map"]').map;
                   const drawn = new Set(map.queryRenderedFeatures({layers: [arguments[0]]}).map(feature => feature.id));
                   return JSON.stringify([...drawn].sort((one, other) => one - other)) === JSON.stringify(arguments[1]);"#,
                vec![json!(layer), json!(ids)],
            )
            .await;
    }

    /// Clicks on the map at a place.
    pub async fn click_on_map(&self, lon: f64, lat: f64) {
        self.browser.click_at(self.on_screen([lon, lat]).await).await;
    }

    /// Pulls on the map from one place to another.
    pub async fn drag_on_map(&self, from: [f64; 2], to: [f64; 2]) {
        self.browser.drag(self.on_screen(from).await, self.on_screen(to).await).await;
    }

    /// Where a place is in the window, in pixels.
    async fn on_screen(&self, [lon, lat]: [f64; 2]) -> [f64; 2] {
        self.browser
            .ask(
                r#"const element = document.querySelector('[data-testid="map"]');
                   const corner = element.getBoundingClientRect(), point = element.map.project([arguments[0], arguments[1]]);
                   return [corner.x + point.x, corner.y + point.y];"#,
                vec![json!(lon), json!(lat)],
            )
            .await
    }

    /// Tile requests of this journey's browser that reached the server. Counted there: the map asks in workers, and what
    /// workers ask for a page does not list.
    pub async fn tile_requests(&self) -> u64 {
        tile_requests(&self.app).await
    }

    /// Moves a row in SQL from place to place, and how long the quickest of them took until it was seen: a machine that
    /// stands still for a moment delays one, a map that is slow each.
    pub async fn move_in_sql_quickest(&self, table: &str, id: i64, places: &[[f64; 2]]) -> Duration {
        let mut quickest = Duration::MAX;
        for place in places {
            quickest = quickest.min(self.move_in_sql(table, id, *place).await);
        }
        quickest
    }

    /// Moves a row in SQL and waits for it on the map. How long that took, from just before the commit until the picture
    /// with the row at its new place was drawn.
    pub async fn move_in_sql(&self, table: &str, id: i64, [lon, lat]: [f64; 2]) -> Duration {
        self.browser
            .ask::<()>(
                r#"const [layer, id, lon, lat] = arguments;
                   const map = document.querySelector('[data-testid="map"]').map;
                   window.journeySawItAt = null;
                   const isThere = feature => {
                     const [x, y] = feature.geometry.coordinates;
                     return feature.id === id && Math.hypot(x - lon, y - lat) < 3e-5;
                   };
                   const look = () => {
                     if (!map.queryRenderedFeatures({layers: [layer]}).some(isThere)) return setTimeout(look, 20);
                     // Known to the map now; on the screen with the next frame.
                     requestAnimationFrame(() => setTimeout(() => { window.journeySawItAt = Date.now(); }));
                   };
                   look();"#,
                vec![json!(table), json!(id), json!(lon), json!(lat)],
            )
            .await;
        let mut owner = self.app.database.connect("ioc_owner").await;
        let mut transaction = owner.begin().await.expect("a transaction");
        transaction
            .execute(format!("update {table} set geom = st_setsrid(st_point({lon}, {lat}), 4326) where id = {id}").as_str())
            .await
            .expect("the row moves");
        let committed_at_ms = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
        transaction.commit().await.expect("the move is committed");
        let seen_at_ms: u64 = self.browser.wait_for(&format!("{table} {id} at {lon} {lat}"), "return window.journeySawItAt", vec![]).await;
        Duration::from_millis(u128::from(seen_at_ms).saturating_sub(committed_at_ms).try_into().expect("a short time"))
    }

    /// Marks the page, so that [`Journey::is_same_page`] can tell whether it was loaded again.
    pub async fn mark_page(&self) {
        self.browser.ask::<()>("window.journeyMark = true", vec![]).await;
    }

    pub async fn is_same_page(&self) -> bool {
        self.browser.ask("return window.journeyMark === true", vec![]).await
    }

    /// Nothing personal of the small wards stands anywhere in the page.
    pub async fn assert_nothing_personal(&self) {
        let page: String = self.browser.ask("return document.documentElement.outerHTML", vec![]).await;
        for personal in [CANARY, NATIONAL_ID_START, PHONE_START] {
            assert!(!page.contains(personal), "the page has {personal}: {page}");
        }
    }
}

async fn tile_requests(app: &TestApp) -> u64 {
    let metrics = app.public().get("/metrics").await.text().await.expect("metrics are text");
    let of_tiles = metrics.lines().filter(|line| line.starts_with("ioc_requests_total{route=\"/tiles/{layer}/{z}/{x}/{y}\""));
    of_tiles.map(|line| line.rsplit(' ').next().and_then(|count| count.parse::<u64>().ok()).expect("a line ends with its count")).sum()
}
