//! Every setting, from the environment or from a TOML file with the same names (the environment wins).
//! It deliberately connects to nothing; `doctor` prints what is in force.

use std::{
    collections::BTreeMap,
    env,
    net::SocketAddr,
    num::{NonZeroU16, NonZeroU32},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use super::mqtt_settings::{MqttSettings, TokenSource};
use super::mqtt_tls::TlsFiles;

/// Settings in force.
#[derive(Clone, Debug)]
pub struct Config {
    /// `IOC_LISTEN`, default 127.0.0.1:8080.
    pub listen: SocketAddr,
    /// `IOC_DATA_DIR`, default `.local/data`: keys, audit checkpoints, import reports, pictures.
    pub data_dir: PathBuf,
    /// `IOC_DIST_DIR`, default `dist`: the front end bundle.
    pub dist_dir: PathBuf,
    /// `IOC_DEMO=1`: demo accounts may sign in; loopback only.
    pub demo: bool,
    /// `IOC_AREA_FILE`: the ward that `ioc run` begins with instead of the demo ward (a ward file, or a boundary).
    pub area_file: Option<PathBuf>,
    /// `IOC_TILE_CACHE_MB`, default 64: tiles that were asked for lately stay in memory; 0 keeps none.
    pub tile_cache_mb: u64,
    /// `IOC_DEVICE_REPORTS_PER_MINUTE`, default 600000: more of one device wait.
    pub device_reports_per_minute: NonZeroU32,
    /// `IOC_SNAPSHOT_DAYS`, default 30: pictures of alerts are deleted after so many days, unless held.
    pub snapshot_days: NonZeroU16,
    /// `IOC_MQTT_URL`, with `IOC_MQTT_DEVICE_TOKEN` or `IOC_MQTT_DEVICE_TOKEN_FILE`, and for TLS `IOC_MQTT_CA_FILE`,
    /// `IOC_MQTT_CERTIFICATE_FILE`, `IOC_MQTT_KEY_FILE`; none: nothing comes over MQTT.
    pub mqtt: Option<MqttSettings>,
    /// `IOC_RECORDER_HOSTS`, with commas: where links to live views and clips may lead; default none.
    pub recorder_hosts: Vec<String>,
    pub database: DatabaseSettings,
    /// Where each setting came from, for `doctor`; values of addresses are left out.
    pub origins: Vec<(&'static str, &'static str)>,
}

/// Which PostgreSQL to use.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// `DATABASE_URL`, the owner's address; none: a private cluster.
    pub owner_url: Option<String>,
    /// `IOC_APP_DATABASE_URL`: role `ioc_app`, when it cannot be derived from the owner's address.
    pub app_url: Option<String>,
    /// `IOC_FEED_DATABASE_URL`: role `ioc_feed`.
    pub feed_url: Option<String>,
    /// `IOC_JOB_DATABASE_URL`: role `ioc_job`.
    pub job_url: Option<String>,
    /// `IOC_LOCAL_DIR`, default `.local`: where the private cluster lives.
    pub local_dir: PathBuf,
    /// `IOC_PRIVATE_DATABASE_DIR`: the private cluster elsewhere than under `.local`.
    pub private_dir: Option<PathBuf>,
}

const DEFAULT_TILE_CACHE_MB: u64 = 64;
/// Ten thousand a second: a device that does that is broken, or replays a day.
const DEFAULT_DEVICE_REPORTS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(600_000).expect("not zero");
const DEFAULT_SNAPSHOT_DAYS: NonZeroU16 = NonZeroU16::new(30).expect("not zero");

const SETTINGS: [&str; 21] = [
    "DATABASE_URL",
    "IOC_LISTEN",
    "IOC_DATA_DIR",
    "IOC_DIST_DIR",
    "IOC_DEMO",
    "IOC_AREA_FILE",
    "IOC_TILE_CACHE_MB",
    "IOC_DEVICE_REPORTS_PER_MINUTE",
    "IOC_SNAPSHOT_DAYS",
    "IOC_MQTT_URL",
    "IOC_MQTT_DEVICE_TOKEN",
    "IOC_MQTT_DEVICE_TOKEN_FILE",
    "IOC_MQTT_CA_FILE",
    "IOC_MQTT_CERTIFICATE_FILE",
    "IOC_MQTT_KEY_FILE",
    "IOC_RECORDER_HOSTS",
    "IOC_APP_DATABASE_URL",
    "IOC_FEED_DATABASE_URL",
    "IOC_JOB_DATABASE_URL",
    "IOC_LOCAL_DIR",
    "IOC_PRIVATE_DATABASE_DIR",
];

impl Config {
    /// Reads the environment, and the file named by `IOC_CONFIG` (default `ioc.toml`, which may be missing).
    pub fn load() -> anyhow::Result<Self> {
        let named = env::var("IOC_CONFIG").ok();
        let path = PathBuf::from(named.as_deref().unwrap_or("ioc.toml"));
        let file = match std::fs::read_to_string(&path) {
            Ok(text) => parse_file(&text).with_context(|| format!("{} cannot be used", path.display()))?,
            Err(_) if named.is_none() => BTreeMap::new(),
            Err(cause) => return Err(cause).with_context(|| format!("IOC_CONFIG names {}, which cannot be read", path.display())),
        };
        Self::from_settings(|name| env::var(name).ok().filter(|value| !value.is_empty()), &file)
    }

    fn from_settings(environment: impl Fn(&str) -> Option<String>, file: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        let mut origins = Vec::new();
        let mut get = |name: &'static str| {
            let (value, origin) = match (environment(name), file.get(name)) {
                (Some(value), _) => (Some(value), "environment"),
                (None, Some(value)) => (Some(value.clone()), "file"),
                (None, None) => (None, "default"),
            };
            origins.push((name, origin));
            value
        };
        let listen = get("IOC_LISTEN").unwrap_or_else(|| "127.0.0.1:8080".into());
        let listen: SocketAddr =
            listen.parse().with_context(|| format!("IOC_LISTEN is {listen:?}; write an address and a port such as 127.0.0.1:8080"))?;
        let demo = match get("IOC_DEMO").as_deref() {
            None | Some("0" | "false" | "") => false,
            Some("1" | "true") => true,
            Some(other) => bail!("IOC_DEMO is {other:?}; write 1 or 0"),
        };
        if demo && !listen.ip().is_loopback() {
            bail!(
                "IOC_DEMO=1 has accounts with a known password and listens on loopback only, but IOC_LISTEN is {listen}; use 127.0.0.1, or unset IOC_DEMO"
            );
        }
        let tile_cache_mb = match get("IOC_TILE_CACHE_MB") {
            None => DEFAULT_TILE_CACHE_MB,
            Some(text) => text.parse().with_context(|| format!("IOC_TILE_CACHE_MB is {text:?}; write megabytes, such as 64, or 0"))?,
        };
        let device_reports_per_minute = match get("IOC_DEVICE_REPORTS_PER_MINUTE") {
            None => DEFAULT_DEVICE_REPORTS_PER_MINUTE,
            Some(text) => text
                .parse()
                .with_context(|| format!("IOC_DEVICE_REPORTS_PER_MINUTE is {text:?}; write a number above 0, such as 600000"))?,
        };
        let snapshot_days = match get("IOC_SNAPSHOT_DAYS") {
            None => DEFAULT_SNAPSHOT_DAYS,
            Some(text) => text.parse().with_context(|| format!("IOC_SNAPSHOT_DAYS is {text:?}; write days from 1 to 65535, such as 30"))?,
        };
        let recorder_hosts = get("IOC_RECORDER_HOSTS").unwrap_or_default();
        let recorder_hosts = recorder_hosts.split(',').map(|host| host.trim().to_lowercase()).filter(|host| !host.is_empty()).collect();
        let area_file = get("IOC_AREA_FILE").map(PathBuf::from);
        // Real ground and the demo ward lie over each other: each has a folder, and so a private database, of its own.
        let of_ward = |file: &PathBuf| Path::new(".local/wards").join(file.file_stem().unwrap_or_default());
        let local_dir =
            get("IOC_LOCAL_DIR").map(PathBuf::from).unwrap_or_else(|| area_file.as_ref().map_or_else(|| ".local".into(), of_ward));
        let data_dir = get("IOC_DATA_DIR").map_or_else(|| local_dir.join("data"), PathBuf::from);
        let dist_dir = PathBuf::from(get("IOC_DIST_DIR").unwrap_or_else(|| "dist".into()));
        let given = get("IOC_MQTT_DEVICE_TOKEN").map(TokenSource::Given);
        let token = given.or(get("IOC_MQTT_DEVICE_TOKEN_FILE").map(|path| TokenSource::File(path.into())));
        // The demonstration has a device of its own already.
        let token = token.or_else(|| demo.then(|| TokenSource::File(local_dir.join("demo-device-token"))));
        let files = TlsFiles {
            ca: get("IOC_MQTT_CA_FILE").map(PathBuf::from),
            certificate: get("IOC_MQTT_CERTIFICATE_FILE").map(PathBuf::from),
            key: get("IOC_MQTT_KEY_FILE").map(PathBuf::from),
        };
        let mqtt = match (get("IOC_MQTT_URL"), token) {
            (None, _) => None,
            (Some(address), Some(token)) => Some(MqttSettings::read(&address, token, files)?),
            (Some(_), None) => bail!(
                "IOC_MQTT_URL is set, but not which device speaks there: `ioc device add NAME` gives a token; put it into IOC_MQTT_DEVICE_TOKEN, or its file's path into IOC_MQTT_DEVICE_TOKEN_FILE"
            ),
        };
        let database = DatabaseSettings {
            owner_url: get("DATABASE_URL"),
            app_url: get("IOC_APP_DATABASE_URL"),
            feed_url: get("IOC_FEED_DATABASE_URL"),
            job_url: get("IOC_JOB_DATABASE_URL"),
            private_dir: get("IOC_PRIVATE_DATABASE_DIR").map(PathBuf::from),
            local_dir,
        };
        Ok(Self {
            listen,
            data_dir,
            dist_dir,
            demo,
            area_file,
            tile_cache_mb,
            device_reports_per_minute,
            snapshot_days,
            mqtt,
            recorder_hosts,
            database,
            origins,
        })
    }

    /// A configuration for tests: everything under `dir`, any free port.
    pub fn for_tests(dir: &Path) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data_dir: dir.join("data"),
            dist_dir: PathBuf::from("dist"),
            demo: true,
            tile_cache_mb: DEFAULT_TILE_CACHE_MB,
            device_reports_per_minute: DEFAULT_DEVICE_REPORTS_PER_MINUTE,
            snapshot_days: DEFAULT_SNAPSHOT_DAYS,
            mqtt: None,
            recorder_hosts: Vec::new(),
            area_file: None,
            database: DatabaseSettings {
                owner_url: None,
                app_url: None,
                feed_url: None,
                job_url: None,
                local_dir: dir.to_owned(),
                private_dir: None,
            },
            origins: Vec::new(),
        }
    }
}

fn parse_file(text: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let table: toml::Table = text.parse()?;
    table
        .into_iter()
        .map(|(name, value)| {
            if !SETTINGS.contains(&name.as_str()) {
                bail!("{name} is not a setting; known ones are {}", SETTINGS.join(", "));
            }
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Boolean(on) => if on { "1" } else { "0" }.into(),
                other => other.to_string(),
            };
            Ok((name, text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(environment: &[(&str, &str)], file: &str) -> anyhow::Result<Config> {
        let find = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Config::from_settings(find, &parse_file(file)?)
    }

    #[test]
    fn environment_wins_over_file() {
        let config = load(&[("IOC_LISTEN", "127.0.0.1:9000")], "IOC_LISTEN = \"127.0.0.1:9001\"\nIOC_DEMO = true").unwrap();
        assert_eq!(config.listen.port(), 9000);
        assert!(config.demo);
    }

    #[test]
    fn demo_refuses_any_address_but_loopback() {
        let refusal = load(&[("IOC_DEMO", "1"), ("IOC_LISTEN", "0.0.0.0:8080")], "").unwrap_err().to_string();
        assert!(refusal.contains("loopback only"), "{refusal}");
    }

    #[test]
    fn a_ward_of_ones_own_has_a_folder_of_its_own() {
        let config = load(&[("IOC_AREA_FILE", "/data/xuan_phuong.toml")], "").unwrap();
        assert_eq!(config.database.local_dir, Path::new(".local/wards/xuan_phuong"));
        assert_eq!(config.data_dir, Path::new(".local/wards/xuan_phuong/data"));
        let config = load(&[("IOC_AREA_FILE", "x.toml"), ("IOC_LOCAL_DIR", "/srv/ioc")], "").unwrap();
        assert_eq!(config.database.local_dir, Path::new("/srv/ioc"));
    }

    #[test]
    fn pictures_are_kept_for_a_day_or_more() {
        assert_eq!(load(&[], "").unwrap().snapshot_days.get(), 30);
        assert_eq!(load(&[], "IOC_SNAPSHOT_DAYS = 7").unwrap().snapshot_days.get(), 7);
        for wrong in ["0", "-1", "a month", "70000"] {
            let refusal = load(&[("IOC_SNAPSHOT_DAYS", wrong)], "").unwrap_err().to_string();
            assert!(refusal.contains("such as 30"), "{refusal}");
        }
    }

    #[test]
    fn a_broker_needs_a_device_that_speaks_there() {
        assert!(load(&[("IOC_DEMO", "1")], "").unwrap().mqtt.is_none(), "no broker, no MQTT");
        let refusal = load(&[("IOC_MQTT_URL", "mqtt://broker")], "").unwrap_err().to_string();
        assert!(refusal.contains("ioc device add"), "{refusal}");
        let config = load(&[("IOC_MQTT_URL", "mqtt://broker/nvr")], "IOC_MQTT_DEVICE_TOKEN = \"abc\"").unwrap();
        assert_eq!(config.mqtt.unwrap().token().unwrap(), "abc");
        let own = "IOC_MQTT_DEVICE_TOKEN = \"abc\"\nIOC_MQTT_CA_FILE = \"ca.pem\"";
        let refusal = load(&[("IOC_MQTT_URL", "mqtt://broker")], own).unwrap_err().to_string();
        assert!(refusal.contains("mqtts://"), "{refusal}");
        let tls = load(&[("IOC_MQTT_URL", "mqtts://broker")], own).unwrap().mqtt.unwrap().tls.unwrap();
        assert_eq!(tls.ca.as_deref(), Some(Path::new("ca.pem")));
        let config = load(&[("IOC_MQTT_URL", "mqtt://broker"), ("IOC_DEMO", "1")], "").unwrap();
        assert!(matches!(config.mqtt.unwrap().token, TokenSource::File(path) if path == Path::new(".local/demo-device-token")));
    }

    #[test]
    fn a_misspelt_setting_is_named() {
        let refusal = load(&[], "IOC_LISTN = \"x\"").unwrap_err().to_string();
        assert!(refusal.contains("IOC_LISTN is not a setting"), "{refusal}");
    }
}
