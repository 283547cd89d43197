//! How to reach the MQTT broker, in the open or by TLS, and the secret of the device that speaks over it, as the settings say.
//! It deliberately connects to nothing; no password and no token leaves it by way of `{:?}` or an error.

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use rumqttc::{MqttOptions, TlsConfiguration, Transport};
use url::Url;

use super::mqtt_tls::TlsFiles;

/// What the protocol allows. A limit of ours would end the connection over one message, and the broker would send it again.
const LARGEST_PACKET_BYTES: usize = 268_435_460;

/// `mqtts://[user[:password]@]host[:port][/prefix]`, or `mqtt://` without TLS, and whose reports come that way.
#[derive(Clone)]
pub struct MqttSettings {
    pub host: String,
    pub port: u16,
    pub credentials: Option<(String, String)>,
    /// None: in the open.
    pub tls: Option<TlsFiles>,
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
    pub fn read(address: &str, token: TokenSource, files: TlsFiles) -> anyhow::Result<Self> {
        // What cannot be read may hold a password: it is never repeated.
        let how = "IOC_MQTT_URL is no address of a broker; write mqtts://host, or mqtt://user:password@host:1883/prefix";
        let url = Url::parse(address).map_err(|_| anyhow::anyhow!(how))?;
        let host = url.host_str().filter(|host| !host.is_empty()).context(how)?;
        let (tls, usual_port) = match url.scheme() {
            // Whoever names certificates does not mean to speak in the open.
            "mqtt" => {
                ensure!(
                    !files.are_given(),
                    "IOC_MQTT_CA_FILE, IOC_MQTT_CERTIFICATE_FILE and IOC_MQTT_KEY_FILE are for TLS, but IOC_MQTT_URL begins with mqtt://, which is not encrypted; write mqtts://"
                );
                (None, 1883)
            }
            "mqtts" => {
                ensure!(
                    files.certificate.is_some() == files.key.is_some(),
                    "IOC_MQTT_CERTIFICATE_FILE and IOC_MQTT_KEY_FILE belong together; set both, or neither"
                );
                ensure!(
                    !host.starts_with('['),
                    "IOC_MQTT_URL names an IPv6 address; for mqtts:// write the name that the broker's certificate bears"
                );
                (Some(files), 8883)
            }
            other => bail!("IOC_MQTT_URL begins with {other}://; write mqtts://, or mqtt:// within the ward's own network"),
        };
        let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().map(|text| text.into_owned()).ok().context(how);
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => Some((decoded(user)?, decoded(password.unwrap_or_default())?)),
        };
        let prefix = decoded(url.path().trim_matches('/'))?;
        ensure!(!prefix.contains(['+', '#', '\0']), "IOC_MQTT_URL names a prefix with + or #; write the topic_prefix of Frigate");
        let prefix = if prefix.is_empty() { "frigate".to_owned() } else { prefix };
        // Brackets belong to an address in a URL, not to the address itself; the client adds the port by itself.
        Ok(Self { host: host.to_owned(), port: url.port().unwrap_or(usual_port), credentials, tls, prefix, token })
    }

    /// For a client of that name. Reads the files of TLS as they are now.
    pub fn options(&self, client_id: &str) -> anyhow::Result<MqttOptions> {
        let mut options = MqttOptions::new(client_id, &self.host, self.port);
        options.set_transport(self.transport()?).set_max_packet_size(LARGEST_PACKET_BYTES, LARGEST_PACKET_BYTES);
        if let Some((user, password)) = &self.credentials {
            options.set_credentials(user, password);
        }
        Ok(options)
    }

    /// The same files again, which may have been renewed.
    pub fn transport(&self) -> anyhow::Result<Transport> {
        Ok(match &self.tls {
            Some(files) => Transport::tls_with_config(TlsConfiguration::Rustls(files.client_config()?)),
            None => Transport::tcp(),
        })
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
        MqttSettings::read(address, TokenSource::Given("secret-token".into()), TlsFiles::default())
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
        for wrong in [
            "broker",
            "ws://u:geheim@b",
            "mqtts://u:geheim@[::1]",
            "http://u:geheim@b",
            "mqtt://",
            "mqtt://u:geheim@b:port",
            "mqtt://u:geheim@b/a/+",
        ] {
            let refusal = format!("{:#}", read(wrong).unwrap_err());
            assert!(refusal.contains("IOC_MQTT_URL") && !refusal.contains("geheim"), "{wrong}: {refusal}");
        }
    }

    #[test]
    fn tls_is_what_the_address_says_and_nothing_else() {
        assert!(read("mqtt://broker").unwrap().tls.is_none());
        let secured = read("mqtts://ioc@broker").unwrap();
        assert!(secured.tls.is_some());
        assert_eq!(secured.address(), "broker:8883");
        assert_eq!(read("mqtts://broker:1883").unwrap().port, 1883);
        let with = |address: &str, files: TlsFiles| MqttSettings::read(address, TokenSource::Given("secret-token".into()), files);
        let own = || Some(PathBuf::from("own.pem"));
        let refusal = with("mqtt://broker", TlsFiles { ca: own(), ..TlsFiles::default() }).unwrap_err().to_string();
        assert!(refusal.contains("write mqtts://"), "never in the open by mistake: {refusal}");
        let refusal = with("mqtts://broker", TlsFiles { key: own(), ..TlsFiles::default() }).unwrap_err().to_string();
        assert!(refusal.contains("belong together"), "{refusal}");
        assert!(
            with("mqtts://broker", TlsFiles { ca: own(), certificate: own(), key: own() }).is_ok(),
            "files are read when they are needed"
        );
    }

    #[test]
    fn no_secret_shows_in_debug_output() {
        let shown = format!("{:?}", read("mqtt://ioc:geheim@broker").unwrap());
        assert!(shown.contains("broker:1883") && !shown.contains("geheim") && !shown.contains("secret-token"), "{shown}");
    }
}
