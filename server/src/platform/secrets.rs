//! The installation's secret keys, files under `IOC_DATA_DIR/keys`, and what they are used for.
//! It deliberately does not know what is encrypted or signed; callers name the context.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// First byte of everything encrypted, so that a later algorithm can be told apart.
const FORMAT: u8 = 1;
const NONCE_BYTES: usize = 24;

/// Keys of this installation. Losing them loses what they encrypted: a backup of the database is not enough.
pub struct Secrets {
    data: XChaCha20Poly1305,
    lookup: Zeroizing<[u8; 32]>,
    audit: SigningKey,
}

impl Secrets {
    /// Reads the keys under `data_dir`, and makes those that are missing (a first start).
    pub fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let folder = data_dir.join("keys");
        // Only the keys are closed to others: the data folder's own rights are its owner's business.
        fs::create_dir_all(data_dir)
            .and_then(|()| fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder))
            .with_context(|| format!("{} cannot be created; check IOC_DATA_DIR", folder.display()))?;
        let key = |name: &str| read_or_make(&folder.join(name));
        let data = key("data.key")?;
        Ok(Self {
            data: XChaCha20Poly1305::new_from_slice(&*data).expect("a key of 32 bytes"),
            lookup: key("lookup.key")?,
            audit: SigningKey::from_bytes(&*key("audit-signing.key")?),
        })
    }

    /// Encrypts with XChaCha20-Poly1305. `context` says what it is and whose (`resident.national_id 0199…`): what was
    /// copied into another row does not decrypt there.
    pub fn encrypt(&self, plain: &[u8], context: &str) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let sealed = self
            .data
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context.as_bytes() })
            .expect("a message far below 256 GiB can be encrypted");
        [&[FORMAT], nonce.as_slice(), &sealed].concat()
    }

    /// Gives back what [`Secrets::encrypt`] sealed for the same context.
    pub fn decrypt(&self, sealed: &[u8], context: &str) -> anyhow::Result<Vec<u8>> {
        let Some((&FORMAT, rest)) = sealed.split_first() else { bail!("not something this version encrypted") };
        let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES).context("encrypted value is cut short")?;
        let nonce = XNonce::try_from(nonce).expect("split at the length of a nonce");
        self.data
            .decrypt(&nonce, Payload { msg: sealed, aad: context.as_bytes() })
            .map_err(|_| anyhow!("does not decrypt: another installation's key, another row's value, or damage"))
    }

    /// HMAC-SHA256: finds a person by an exact number without the number being stored in the clear. `kind` keeps hashes of
    /// different things apart; callers normalise the value first.
    pub fn keyed_hash(&self, kind: &str, value: &str) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&*self.lookup).expect("HMAC takes a key of any length");
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Signs a checkpoint of the audit chain (Ed25519).
    pub fn sign_audit(&self, message: &[u8]) -> [u8; 64] {
        self.audit.sign(message).to_bytes()
    }

    pub fn audit_verifying_key(&self) -> VerifyingKey {
        self.audit.verifying_key()
    }
}

/// A key file: 32 bytes in hexadecimal, readable by the server's user alone.
fn read_or_make(path: &Path) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    match fs::read_to_string(path) {
        Ok(text) => parse(&Zeroizing::new(text), path),
        Err(cause) if cause.kind() == ErrorKind::NotFound => {
            make(path).with_context(|| format!("{} cannot be written", path.display()))?;
            // Read back what is there now: another process may have been first.
            let text = Zeroizing::new(fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?);
            parse(&text, path)
        }
        Err(cause) => Err(cause).with_context(|| format!("{} cannot be read", path.display())),
    }
}

fn parse(text: &str, path: &Path) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("{} may be read by other users (mode {:o}); run: chmod 600 {}", path.display(), mode & 0o777, path.display());
    }
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim(), &mut *key)
        .with_context(|| format!("{} is damaged; restore it from a backup, or nothing encrypted can be read", path.display()))?;
    Ok(key)
}

/// Written whole beside its place and linked there, so that two processes starting at once agree on one key.
fn make(path: &Path) -> std::io::Result<()> {
    let draft = path.with_extension(format!("draft-{}", hex::encode(rand::random::<[u8; 8]>())));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(Zeroizing::new(hex::encode(rand::random::<[u8; 32]>())).as_bytes())?;
    file.sync_all()?;
    let linked = match fs::hard_link(&draft, path) {
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    };
    fs::remove_file(&draft)?;
    linked
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that is gone when the test ends.
    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new() -> Self {
            Self(std::env::temp_dir().join(format!("ioc-secrets-{}", hex::encode(rand::random::<[u8; 8]>()))))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn keys_are_made_once_and_kept() {
        let folder = Folder::new();
        let sealed = Secrets::open(&folder.0).unwrap().encrypt(b"001099012345", "resident.national_id 7");
        let again = Secrets::open(&folder.0).unwrap();
        assert_eq!(again.decrypt(&sealed, "resident.national_id 7").unwrap(), b"001099012345");
        let mode = fs::metadata(folder.0.join("keys/data.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_value_copied_to_another_row_does_not_decrypt() {
        let folder = Folder::new();
        let secrets = Secrets::open(&folder.0).unwrap();
        let mut sealed = secrets.encrypt(b"001099012345", "resident.national_id 7");
        assert!(secrets.decrypt(&sealed, "resident.national_id 8").is_err());
        *sealed.last_mut().unwrap() ^= 1;
        assert!(secrets.decrypt(&sealed, "resident.national_id 7").is_err(), "altered");
        assert!(secrets.decrypt(&[FORMAT, 0, 0], "resident.national_id 7").is_err(), "cut short");
    }

    #[test]
    fn the_same_value_encrypts_differently_and_hashes_alike() {
        let folder = Folder::new();
        let secrets = Secrets::open(&folder.0).unwrap();
        assert_ne!(secrets.encrypt(b"x", ""), secrets.encrypt(b"x", ""));
        assert_eq!(secrets.keyed_hash("national_id", "001"), secrets.keyed_hash("national_id", "001"));
        assert_ne!(secrets.keyed_hash("national_id", "001"), secrets.keyed_hash("phone", "001"));
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = Folder::new();
        Secrets::open(&folder.0).unwrap();
        fs::set_permissions(folder.0.join("keys/data.key"), fs::Permissions::from_mode(0o644)).unwrap();
        let refusal = Secrets::open(&folder.0).err().unwrap().to_string();
        assert!(refusal.contains("chmod 600"), "{refusal}");
    }

    #[test]
    fn two_starts_at_once_agree_on_one_key() {
        let folder = Folder::new();
        let hashes: Vec<[u8; 32]> = std::thread::scope(|scope| {
            let open = || scope.spawn(|| Secrets::open(&folder.0).unwrap().keyed_hash("k", "v"));
            let starts: Vec<_> = (0..8).map(|_| open()).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(hashes.windows(2).all(|pair| pair[0] == pair[1]));
    }
}
