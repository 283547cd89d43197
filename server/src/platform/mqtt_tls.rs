//! TLS to the MQTT broker: whom we trust, who we are, and in one sentence why a conversation was refused.
//! It deliberately opens no connection, and has no way of trusting everybody.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

/// For a conversation that ends before it has begun.
pub const NO_TLS: &str = "it ended the conversation before it showed a certificate; is this its port for TLS (8883, usually)?";

/// PEM files that a ward keeps of its own.
#[derive(Clone, Debug, Default)]
pub struct TlsFiles {
    /// `IOC_MQTT_CA_FILE`: who signs the broker's certificate, or that certificate itself. None: whom this machine trusts.
    pub ca: Option<PathBuf>,
    /// `IOC_MQTT_CERTIFICATE_FILE`: who we are, for a broker that asks; with `IOC_MQTT_KEY_FILE`.
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
}

impl TlsFiles {
    pub fn are_given(&self) -> bool {
        self.ca.is_some() || self.certificate.is_some() || self.key.is_some()
    }

    /// Reads the files as they are now.
    pub fn client_config(&self) -> anyhow::Result<Arc<ClientConfig>> {
        let provider = Arc::new(ring::default_provider());
        let (roots, own) = match &self.ca {
            Some(file) => own_authorities(file)?,
            None => (authorities_of_machine()?, Vec::new()),
        };
        let by_authority = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .build()
            .context("no authority can be trusted; look at IOC_MQTT_CA_FILE")?;
        let verifier = BrokerVerifier { by_authority, own };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let config = match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => config
                .with_client_auth_cert(certificates("IOC_MQTT_CERTIFICATE_FILE", certificate)?, private_key(key)?)
                .context("the key in IOC_MQTT_KEY_FILE is not that of the certificate in IOC_MQTT_CERTIFICATE_FILE")?,
            _ => config.with_no_client_auth(),
        };
        Ok(Arc::new(config))
    }
}

fn own_authorities(file: &Path) -> anyhow::Result<(RootCertStore, Vec<CertificateDer<'static>>)> {
    let own = certificates("IOC_MQTT_CA_FILE", file)?;
    let mut roots = RootCertStore::empty();
    let (taken, _) = roots.add_parsable_certificates(own.iter().cloned());
    ensure!(taken > 0, "IOC_MQTT_CA_FILE names {}, and none of its certificates can be read", file.display());
    Ok((roots, own))
}

fn authorities_of_machine() -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let (taken, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    ensure!(
        taken > 0,
        "this machine knows no authority that signs certificates; install ca-certificates, or name the broker's own in IOC_MQTT_CA_FILE"
    );
    Ok(roots)
}

fn certificates(setting: &str, file: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let text = std::fs::read(file).with_context(|| format!("{setting} names {}, which cannot be read", file.display()))?;
    let found = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>().unwrap_or_default();
    ensure!(!found.is_empty(), "{setting} names {}, which holds no certificate in PEM form", file.display());
    Ok(found)
}

fn private_key(file: &Path) -> anyhow::Result<PrivateKeyDer<'static>> {
    let text = std::fs::read(file).with_context(|| format!("IOC_MQTT_KEY_FILE names {}, which cannot be read", file.display()))?;
    // What is wrong with it may repeat a part of it.
    let key = PrivateKeyDer::from_pem_slice(&text).ok();
    key.with_context(|| format!("IOC_MQTT_KEY_FILE names {}, which holds no private key in PEM form without a password", file.display()))
}

/// Trusts what an authority signed for the broker's name; and a certificate that the ward itself put into its file, whatever name
/// and end it bears: brokers sign themselves, often as `openssl req -x509` does it, which no authority's rules would let pass.
#[derive(Debug)]
struct BrokerVerifier {
    by_authority: Arc<WebPkiServerVerifier>,
    own: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for BrokerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.own.iter().any(|own| own.as_ref() == end_entity.as_ref()) {
            return Ok(ServerCertVerified::assertion());
        }
        self.by_authority.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.by_authority.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.by_authority.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by_authority.supported_verify_schemes()
    }
}

/// Why TLS failed and what to do; none where something else did. `host`: as the settings name the broker.
pub fn why(cause: &(dyn Error + 'static), host: &str) -> Option<String> {
    use CertificateError::{Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext};
    Some(match tls_error_in(cause)? {
        rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }) => format!(
            "the broker's certificate is for another name than {host}; write in IOC_MQTT_URL the name that it bears, or put the certificate itself into IOC_MQTT_CA_FILE"
        ),
        rustls::Error::InvalidCertificate(Expired | ExpiredContext { .. }) => {
            "the broker's certificate has expired; renew it there".to_owned()
        }
        rustls::Error::InvalidCertificate(NotValidYet | NotValidYetContext { .. }) => {
            "the broker's certificate is not valid yet; compare the clocks of both machines".to_owned()
        }
        // Also what signed itself: as an authority it may not stand for a broker, and that has a name in every library of its own.
        rustls::Error::InvalidCertificate(_) => {
            "the broker's certificate is signed by nobody whom we trust; put the certificate of who signed it (or its own, if it signed itself) into IOC_MQTT_CA_FILE"
                .to_owned()
        }
        rustls::Error::AlertReceived(alert) => format!(
            "the broker breaks TLS off ({alert:?}); if it asks for a certificate of ours, set IOC_MQTT_CERTIFICATE_FILE and IOC_MQTT_KEY_FILE to one that it trusts"
        ),
        rustls::Error::InvalidMessage(_) => "it does not speak TLS there; is this its port for TLS (8883, usually)?".to_owned(),
        other => format!("TLS failed: {other}"),
    })
}

/// Wherever it is wrapped: an error of input and output does not count what it carries as its source.
fn tls_error_in<'a>(mut cause: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    loop {
        if let Some(found) = cause.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        let carried = cause.downcast_ref::<io::Error>().and_then(|carrier| carrier.get_ref());
        cause = match carried {
            Some(carried) => carried,
            None => cause.source()?,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(cause: rustls::Error) -> String {
        // As the client library wraps it.
        let wrapped = anyhow::Error::from(io::Error::new(io::ErrorKind::InvalidData, cause));
        why(wrapped.as_ref(), "broker.ward").unwrap()
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        let of_certificate = |cause| refusal(rustls::Error::InvalidCertificate(cause));
        assert!(of_certificate(CertificateError::UnknownIssuer).contains("IOC_MQTT_CA_FILE"));
        assert!(of_certificate(CertificateError::NotValidForName).contains("another name than broker.ward"));
        assert!(of_certificate(CertificateError::Expired).contains("renew"));
        assert!(of_certificate(CertificateError::NotValidYet).contains("clocks"));
        let asked = refusal(rustls::Error::AlertReceived(rustls::AlertDescription::CertificateRequired));
        assert!(asked.contains("IOC_MQTT_CERTIFICATE_FILE"), "{asked}");
        assert!(refusal(rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)).contains("8883"));
        assert_eq!(why(&io::Error::from(io::ErrorKind::ConnectionRefused), "broker.ward"), None, "that is no matter of TLS");
    }

    #[test]
    fn files_that_are_none_are_named_and_never_repeated() {
        let dir = std::env::temp_dir().join(format!("ioc-tls-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&dir).unwrap();
        let file = dir.join("geheim.pem");
        std::fs::write(&file, "-----BEGIN PRIVATE KEY-----\ngeheimnis\n").unwrap();
        let missing = TlsFiles { ca: Some(dir.join("missing.pem")), ..TlsFiles::default() };
        let no_certificate = TlsFiles { ca: Some(file.clone()), ..TlsFiles::default() };
        for (files, word) in [(missing, "cannot be read"), (no_certificate, "holds no certificate")] {
            let refusal = format!("{:#}", files.client_config().unwrap_err());
            assert!(refusal.contains("IOC_MQTT_CA_FILE") && refusal.contains(word), "{refusal}");
        }
        let refusal = format!("{:#}", private_key(&file).unwrap_err());
        assert!(refusal.contains("IOC_MQTT_KEY_FILE") && !refusal.contains("geheimnis"), "{refusal}");
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
