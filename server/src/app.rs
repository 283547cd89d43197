//! Puts the house together: brings a database up to date, starts what follows the feed, merges every domain's routes.
//! It deliberately holds no rule of a domain.

pub mod doctor;
mod front_end;
mod health;

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context, bail};
use axum::{Json, Router, extract::FromRef, middleware, routing::get, serve::ListenerExt};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_http::{compression::CompressionLayer, limit::RequestBodyLimitLayer};
use tracing::info;
use utoipa::{OpenApi, openapi::OpenApi as Document};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    accounts::{self, Accounts, SignInLimits, audit::Signer, matrix},
    boarding, businesses,
    cameras::{self, alerts::snapshots, alerts::snapshots::Snapshots},
    demo, drawn_areas, duty,
    feed::{self, Feed},
    geography::{self, GeographyState, TileCache, catalogue::Catalogue, map_index::MapIndex, search_index::SearchIndex},
    ingest::{self, IngestState},
    live::{self, Hub, LiveState},
    platform::{
        clock::SharedClock,
        config::Config,
        database::{Database, Pools},
        error::ApiError,
        http,
        media::{self, Media},
        migrate as migrations,
        secrets::Secrets,
        telemetry,
    },
    residents,
};

/// Requests of ours are small; files come in by the command line.
const LARGEST_BODY_BYTES: usize = 1024 * 1024;

#[derive(OpenApi)]
#[openapi(info(title = "Phường IOC", description = "Our own API. Errors are RFC 9457 problem details with a stable `code`."))]
struct Documented;

/// Brings the database to what this program expects, and mirrors into it what is data of ours: layers, access matrix.
pub async fn migrate(database: &Database) -> anyhow::Result<PgPool> {
    let owner = migrations::migrate(database).await?;
    Catalogue::embedded().sync(&owner).await.context("the layer catalogue could not be written")?;
    matrix::sync(&owner).await.context("the access matrix could not be written")?;
    Ok(owner)
}

/// What `migrate` mirrors into the database, as text: a database made with another is out of date.
pub fn mirrored_data() -> String {
    format!("{:?} {:?}", Catalogue::embedded(), matrix::expected_rows())
}

/// A running server.
pub struct Running {
    pub address: SocketAddr,
    pub accounts: Accounts,
    pub secrets: Arc<Secrets>,
    pub feed: Feed,
    hub: Hub,
    pools: Pools,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Running {
    /// Starts on `config.listen`, once everything that follows the feed has read its beginning.
    pub async fn start(config: &Config, database: &Database, clock: SharedClock, limits: SignInLimits) -> anyhow::Result<Self> {
        // Before anything counts.
        telemetry::metrics();
        let pools = database.pools().await?;
        refuse_outdated(&pools.app).await?;
        let secrets = Arc::new(Secrets::open(&config.data_dir)?);
        let accounts = Accounts::new(&pools, secrets.clone(), clock.clone(), config.demo, limits);
        accounts.warm_up().await?;
        let signer = Signer::start(pools.job.clone(), secrets.clone(), clock.clone(), &config.data_dir)?;
        let feed = Feed::new(pools.feed.clone());
        let map_index = MapIndex::new(pools.feed.clone());
        let search_index = SearchIndex::new(pools.feed.clone());
        let hub = Hub::new(&feed, pools.feed.clone(), map_index.clone());
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        tasks.spawn(stop.clone().run_until_cancelled_owned(telemetry::keep_metrics_short()));
        // Fills the index as soon as the feed begins.
        tasks.spawn(stop.clone().run_until_cancelled_owned(search_index.clone().keep_up()));
        // The hub last: what it says must already be in the indexes, and whom it says it to already be known.
        feed.start(vec![
            Arc::new(accounts.clone()),
            Arc::new(map_index.clone()),
            Arc::new(search_index.clone()),
            Arc::new(signer),
            Arc::new(hub.clone()),
        ])
        .await?;

        tasks.spawn(stop.clone().run_until_cancelled_owned(feed::keep_partitions(pools.job.clone())));
        tasks.spawn(stop.clone().run_until_cancelled_owned(residents::publication::keep_published(pools.clone(), clock.clone())));
        let media = Media::open(&config.data_dir)?;
        let keep_snapshots = snapshots::keep_for_days(pools.job.clone(), media.clone(), clock.clone(), config.snapshot_days.get());
        tasks.spawn(stop.clone().run_until_cancelled_owned(keep_snapshots));
        tasks.spawn(stop.clone().run_until_cancelled_owned(media::sweep::keep_swept(pools.job.clone(), media.clone(), clock.clone())));
        tasks.spawn(stop.clone().run_until_cancelled_owned(ingest::keeping::keep_quarantine_short(pools.job.clone(), clock.clone())));
        tasks.spawn(stop.clone().run_until_cancelled_owned(cameras::alerts::keep_answered(pools.job.clone(), clock.clone())));
        tasks.spawn(stop.clone().run_until_cancelled_owned(cameras::watch_for_silences(pools.job.clone(), clock.clone())));
        tasks.spawn(stop.clone().run_until_cancelled_owned(map_index.clone().keep_short(clock.clone())));

        let drawn_areas = drawn_areas::DrawnAreasState { accounts: accounts.clone(), map_index: map_index.clone(), clock: clock.clone() };
        let tiles = TileCache::of_megabytes(config.tile_cache_mb);
        let geography = GeographyState::new(accounts.clone(), pools.clone(), map_index, search_index.clone(), clock.clone(), tiles);
        let live = LiveState::new(hub.clone(), accounts.clone());
        let snapshots = Snapshots::new(media);
        let ingest = IngestState::new(accounts.clone(), clock.clone(), config.device_reports_per_minute, snapshots.clone());
        let mqtt = match &config.mqtt {
            Some(settings) => {
                let listener = ingest::mqtt::Listener::open(ingest.clone(), settings.clone())?;
                let presence = listener.presence();
                tasks.spawn(listener.listen(pools.job.clone(), stop.clone()));
                Some(presence)
            }
            None => None,
        };
        let recorder_hosts = cameras::RecorderHosts::of(&config.recorder_hosts);
        let cameras = cameras::CamerasState { accounts: accounts.clone(), clock, snapshots, recorder_hosts };
        let (tiles, tile_document) = geography::tile_routes(geography.clone()).split_for_parts();
        let (api, mut document) = domains(&accounts, &secrets, geography, live, cameras, drawn_areas, ingest);
        document.merge(tile_document);
        let health = health::HealthState { pools: pools.clone(), feed: feed.clone(), search_index, mqtt };
        let router = assemble(api, tiles, document, config, health);
        let listener = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("{} is taken or not ours to listen on; set IOC_LISTEN to another address", config.listen))?;
        let address = listener.local_addr()?;
        // A small frame must not wait until the client has acknowledged the one before, which takes it up to 40 ms.
        let listener = listener.tap_io(|connection| _ = connection.set_nodelay(true));
        let stopping = stop.clone();
        tasks.spawn(async move {
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            let served = axum::serve(listener, service).with_graceful_shutdown(stopping.cancelled_owned()).await;
            if let Err(cause) = served {
                tracing::error!(%cause, "the server stopped listening");
            }
        });
        tasks.close();
        info!(%address, demo = config.demo, "ready");
        Ok(Self { address, accounts, secrets, feed, hub, pools, stop, tasks })
    }

    /// Lets requests in flight finish, then closes.
    pub async fn stop(self) {
        self.stop.cancel();
        self.feed.stop();
        self.hub.close();
        // A browser that keeps its socket open must not keep the server from ending.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(5), self.tasks.wait()).await;
        self.pools.app.close().await;
        self.pools.feed.close().await;
        self.pools.job.close().await;
    }
}

/// A server on a database that it does not match would show more, or less, than the code says.
async fn refuse_outdated(app: &PgPool) -> anyhow::Result<()> {
    let pending = migrations::pending(app).await?;
    if !pending.is_empty() {
        bail!("the database lacks {} migrations (first: {}); run `ioc migrate`", pending.len(), pending[0]);
    }
    let mut differences = Catalogue::embedded().check(app).await?;
    differences.extend(matrix::check(&mut *app.acquire().await?).await?);
    if let Some(first) = differences.first() {
        bail!("the database differs from this program in {} points (first: {first}); run `ioc migrate`", differences.len());
    }
    Ok(())
}

/// Every domain's routes but tiles, and the document that describes them.
fn domains(
    accounts: &Accounts,
    secrets: &Arc<Secrets>,
    geography: GeographyState,
    live: LiveState,
    cameras: cameras::CamerasState,
    drawn_areas: drawn_areas::DrawnAreasState,
    ingest: IngestState,
) -> (Router, Document) {
    let map_index = MapIndex::from_ref(&geography);
    let duty = duty::routes(duty::DutyState { accounts: accounts.clone(), clock: cameras.clock.clone() });
    OpenApiRouter::with_openapi(Documented::openapi())
        .merge(accounts::routes(accounts.clone()))
        .merge(geography::routes(geography))
        .merge(live::routes(live))
        .merge(residents::routes(residents::ResidentsState {
            accounts: accounts.clone(),
            clock: cameras.clock.clone(),
            secrets: secrets.clone(),
            map_index: map_index.clone(),
        }))
        .merge(boarding::routes(boarding::BoardingState { accounts: accounts.clone(), secrets: secrets.clone() }))
        .merge(businesses::routes(businesses::BusinessesState { accounts: accounts.clone() }))
        .merge(cameras::routes(cameras))
        .merge(duty)
        .merge(drawn_areas::routes(drawn_areas))
        .merge(ingest::routes(ingest.clone()))
        .merge(demo::control::routes(accounts.clone()))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY_BYTES))
        // Devices send more at once; their doors have a limit of their own.
        .merge(ingest::device_routes(ingest))
        .split_for_parts()
}

fn assemble(api: Router, tiles: Router, document: Document, config: &Config, health: health::HealthState) -> Router {
    let all_but_tiles = api
        .route("/api/openapi.json", get(move || std::future::ready(Json(document.clone()))))
        .route("/api/{*unknown}", axum::routing::any(|| std::future::ready(ApiError::not_found())))
        .merge(health::routes(health))
        .fallback_service(front_end::files(&config.dist_dir))
        .layer(middleware::from_fn(http::attend))
        .layer(CompressionLayer::new());
    // Tiles are compressed once, where they are kept; each layer less is a box and a copy less for every tile of a map.
    all_but_tiles.merge(tiles.layer(middleware::from_fn(http::attend)))
}
