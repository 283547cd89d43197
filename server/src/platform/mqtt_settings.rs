//! How to reach the MQTT broker, and the secret of the device that speaks over it, as the settings say.
//! It deliberately connects to nothing; no password and no token leaves it by way of `{:?}` or an error.

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use url::Url;

/// `mqtt://[user[:password]@]host[:port][/prefix]`, and whose reports come that way.
#[derive(Clone)]
pub struct MqttSettings {
    pub host: String,
    pub port: u16,
    pub credentials: Option<(String, String)>,
    /// Frigate's `topic_prefix`.
    pub prefix: String,
    pub token: TokenSource,
}

/// Where the token of the device is.
#[derive(Clone)]
pub enum TokenSource {
    Given(String),
    File(PathBuf),
}

impl MqttSettings {
    pub fn read(address: &str, token: TokenSource) -> anyhow::Result<Self> {
        // What cannot be read may hold a password: it is never repeated.
        let how = "IOC_MQTT_URL is no address of a broker; write mqtt://host:1883, or mqtt://user:password@host:1883/prefix";
        let url = Url::parse(address).map_err(|_| anyhow::anyhow!(how))?;
        ensure!(
            url.scheme() == "mqtt",
            "IOC_MQTT_URL begins with {}://; only mqtt:// is spoken: keep the broker in the ward's own network",
            url.scheme()
        );
        let host = url.host_str().filter(|host| !host.is_empty()).context(how)?;
        let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().map(|text| text.into_owned()).ok().context(how);
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => Some((decoded(user)?, decoded(password.unwrap_or_default())?)),
        };
        let prefix = decoded(url.path().trim_matches('/'))?;
        ensure!(!prefix.contains(['+', '#', '\0']), "IOC_MQTT_URL names a prefix with + or #; write the topic_prefix of Frigate");
        let prefix = if prefix.is_empty() { "frigate".to_owned() } else { prefix };
        // Brackets belong to an address in a URL, not to the address itself; the client adds the port by itself.
        Ok(Self { host: host.to_owned(), port: url.port().unwrap_or(1883), credentials, prefix, token })
    }

    /// For people: neither user nor password.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The token's text.
    pub fn token(&self) -> anyhow::Result<String> {
        match &self.token {
            TokenSource::Given(token) => Ok(token.trim().to_owned()),
            TokenSource::File(path) => match std::fs::read_to_string(path) {
                Ok(text) => Ok(text.trim().to_owned()),
                Err(cause) => bail!("the token of the MQTT device cannot be read from {}: {cause}", path.display()),
            },
        }
    }
}

impl fmt::Debug for MqttSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MqttSettings").field("address", &self.address()).field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> anyhow::Result<MqttSettings> {
        MqttSettings::read(address, TokenSource::Given("secret-token".into()))
    }

    #[test]
    fn an_address_may_name_user_port_and_prefix() {
        let plain = read("mqtt://broker.local").unwrap();
        assert_eq!((plain.address().as_str(), plain.prefix.as_str(), plain.credentials), ("broker.local:1883", "frigate", None));
        let full = read("mqtt://ioc:m%40t%2Fkhau@192.0.2.7:1884/nha/frigate/").unwrap();
        assert_eq!((full.address().as_str(), full.prefix.as_str()), ("192.0.2.7:1884", "nha/frigate"));
        assert_eq!(full.credentials, Some(("ioc".into(), "m@t/khau".into())));
    }

    #[test]
    fn a_wrong_address_is_refused_without_being_repeated() {
        for wrong in ["broker", "mqtts://u:geheim@b", "http://u:geheim@b", "mqtt://", "mqtt://u:geheim@b:port", "mqtt://u:geheim@b/a/+"] {
            let refusal = format!("{:#}", read(wrong).unwrap_err());
            assert!(refusal.contains("IOC_MQTT_URL") && !refusal.contains("geheim"), "{wrong}: {refusal}");
        }
    }

    #[test]
    fn no_secret_shows_in_debug_output() {
        let shown = format!("{:?}", read("mqtt://ioc:geheim@broker").unwrap());
        assert!(shown.contains("broker:1883") && !shown.contains("geheim") && !shown.contains("secret-token"), "{shown}");
    }
}
