//! What can be said of the broker: why there is no connection, whether it gives what was asked for, whether it can be reached.
//! It deliberately keeps no connection.

use anyhow::{Context, anyhow};
use rumqttc::tokio_rustls::TlsConnector;
use rumqttc::tokio_rustls::rustls::pki_types::ServerName;
use rumqttc::{ConnectReturnCode, ConnectionError, QoS, SubAck, SubscribeFilter, SubscribeReasonCode, TlsError};
use tokio::net::TcpStream;
use tracing::error;

use crate::platform::mqtt_settings::MqttSettings;
use crate::platform::mqtt_tls;

/// Why there is no connection, without what was received. `was_connected`: there was one until now.
pub fn why(cause: &ConnectionError, settings: &MqttSettings, was_connected: bool) -> String {
    if let Some(why) = mqtt_tls::why(cause, &settings.host) {
        return why;
    }
    match cause {
        ConnectionError::ConnectionRefused(ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized) => {
            "the broker refuses user or password of IOC_MQTT_URL".to_owned()
        }
        ConnectionError::ConnectionRefused(code) => format!("the broker refuses: {code:?}"),
        ConnectionError::NotConnAck(_) => "it does not answer as an MQTT broker".to_owned(),
        ConnectionError::Io(cause) => cause.to_string(),
        ConnectionError::Tls(TlsError::Io(_)) => mqtt_tls::NO_TLS.to_owned(),
        ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => "it does not answer in time".to_owned(),
        _ if settings.tls.is_none() && !was_connected => {
            "it ended the conversation before it began; if it speaks TLS on that port, IOC_MQTT_URL begins with mqtts://".to_owned()
        }
        _ => "the conversation broke off".to_owned(),
    }
}

/// Says what of `asked` the broker does not give as it was asked for.
pub fn check_subscriptions(broker: &str, asked: &[SubscribeFilter], answer: &SubAck) {
    for (filter, code) in asked.iter().zip(&answer.return_codes) {
        let is_given = match code {
            SubscribeReasonCode::Success(given) => filter.qos == QoS::AtMostOnce || *given != QoS::AtMostOnce,
            SubscribeReasonCode::Failure => false,
        };
        if !is_given {
            let topic = filter.path.as_str();
            error!(
                broker,
                topic,
                qos = filter.qos as u8,
                "the MQTT broker does not give this topic; look at its access rules for this user"
            );
        }
    }
}

/// Whether somebody answers there, by TLS with a certificate that is trusted; for `doctor`.
pub async fn reach(settings: &MqttSettings) -> anyhow::Result<()> {
    let reached = TcpStream::connect(settings.address()).await;
    let stream = reached.map_err(|cause| anyhow!("{cause}; is the broker running, and IOC_MQTT_URL right?"))?;
    let Some(files) = &settings.tls else { return Ok(()) };
    let name = ServerName::try_from(settings.host.clone()).context("IOC_MQTT_URL names a broker as no certificate could")?;
    match TlsConnector::from(files.client_config()?).connect(name, stream).await {
        Ok(_) => Ok(()),
        Err(cause) => Err(anyhow!(mqtt_tls::why(&cause, &settings.host).unwrap_or_else(|| mqtt_tls::NO_TLS.to_owned()))),
    }
}
