//! The server's secret keys: made on first run beside the embedded database, given from outside otherwise.
//!
//! A folder holds one file per key, each readable by its owner only: `token-1.pem` (Ed25519, signs
//! access tokens), `seal-1.key` (32 random bytes in Base64, seals personal data), `hash.key` (keyed
//! hashes of sealed values) and `refresh.key` (successors of refresh tokens). A new signing or sealing
//! key is a new file with a higher number; older ones stay to check and open what they made.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};

use crate::error::{Error, Result};

/// A key of 32 bytes that never shows in logs.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// The key itself.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where keys are, and what to do where they are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFolder {
    /// The folder.
    pub path: PathBuf,
    /// Whether keys are made there for a new database.
    pub make: bool,
    /// Whether to say so: to whom knows nothing of the folder.
    pub tell: bool,
}

/// Every key the server needs.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Sign access tokens, by number (the token's key id); the highest is used for new tokens.
    pub token: BTreeMap<u32, SigningKey>,
    /// Seal personal data, by number; the highest is used for new values.
    pub seal: BTreeMap<u32, Secret>,
    /// For keyed hashes of sealed values.
    pub hash: Secret,
    /// For the successors of refresh tokens.
    pub refresh: Secret,
}

impl Keys {
    /// Reads the keys in `folder`; where `make` is set, missing ones are made with mode 0600.
    pub fn load(folder: &Path, make: bool) -> Result<Self> {
        if make {
            make_missing(folder)?;
        }
        let mut seal = BTreeMap::new();
        let mut token = BTreeMap::new();
        let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| unreadable(folder, &error))?.path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if let Some(number) = numbered(name, "seal-", ".key") {
                seal.insert(number, read_secret(&path)?);
            }
            if let Some(number) = numbered(name, "token-", ".pem") {
                token.insert(number, read_signing(&path)?);
            }
        }
        if seal.is_empty() {
            return Err(missing(&folder.join("seal-1.key")));
        }
        if token.is_empty() {
            return Err(missing(&folder.join("token-1.pem")));
        }
        Ok(Self {
            token,
            seal,
            hash: read_secret(&folder.join("hash.key"))?,
            refresh: read_secret(&folder.join("refresh.key"))?,
        })
    }
}

fn numbered(name: &str, prefix: &str, suffix: &str) -> Option<u32> {
    name.strip_prefix(prefix)?
        .strip_suffix(suffix)?
        .parse()
        .ok()
}

fn make_missing(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)
        .and_then(|()| fs::set_permissions(folder, fs::Permissions::from_mode(0o700)))
        .map_err(|error| unreadable(folder, &error))?;
    for name in ["seal-1.key", "hash.key", "refresh.key"] {
        let path = folder.join(name);
        if !path.exists() {
            write_private(&path, &STANDARD.encode(random::<32>()?))?;
        }
    }
    let path = folder.join("token-1.pem");
    if !path.exists() {
        let pem = SigningKey::from_bytes(&random::<32>()?)
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|error| Error::internal(format!("cannot encode a new key: {error}")))?;
        write_private(&path, &pem)?;
    }
    Ok(())
}

/// Writes a file that only its owner may read; an existing one stays as it is and is an error.
pub fn write_private(path: &Path, content: &str) -> Result<()> {
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| {
            file.write_all(content.as_bytes())?;
            file.sync_all()
        })
        .map_err(|error| Error::internal(format!("cannot write {}: {error}", path.display())))
}

/// Fresh random bytes from the operating system.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::internal(format!("no randomness: {error}")))?;
    Ok(bytes)
}

fn read_secret(path: &Path) -> Result<Secret> {
    let text = read_private(path)?;
    STANDARD
        .decode(text.trim())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .map(Secret)
        .ok_or_else(|| {
            Error::internal(format!(
                "{} does not hold 32 bytes in Base64",
                path.display()
            ))
        })
}

fn read_signing(path: &Path) -> Result<SigningKey> {
    SigningKey::from_pkcs8_pem(&read_private(path)?).map_err(|_| {
        Error::internal(format!(
            "{} is not an Ed25519 key in PKCS#8 PEM",
            path.display()
        ))
    })
}

fn read_private(path: &Path) -> Result<String> {
    let mode = fs::metadata(path)
        .map_err(|_| missing(path))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(Error::internal(format!(
            "{} can be read by others; run: chmod 600 {0}",
            path.display()
        )));
    }
    fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::internal(format!("cannot use {}: {error}", path.display()))
}

fn missing(path: &Path) -> Error {
    Error::internal(format!("the key {} is missing", path.display()))
}
