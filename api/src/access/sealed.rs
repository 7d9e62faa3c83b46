//! Personal data at rest: sealed so that a copy of the database is unreadable, hashed to be found.
//!
//! XChaCha20-Poly1305 with a random nonce; the sealed text reads `key number.Base64(nonce, cipher)`
//! and is bound to its column, so that a value moved to another column does not open.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

use super::keys::{Keys, Secret, random};
use crate::error::{Error, Result};

/// A column (or group of columns of one meaning) whose values are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Phone numbers, of accounts, residents and emergency contacts.
    Phone,
    /// ID numbers.
    IdNumber,
    /// Notes on health.
    HealthNotes,
    /// What was written of a visit.
    VisitNotes,
    /// Addresses of volunteers.
    Address,
    /// The details of an audit entry.
    AuditDetails,
    /// Files that prove something.
    Evidence,
}

impl Field {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Phone => b"phone",
            Self::IdNumber => b"id_number",
            Self::HealthNotes => b"health_notes",
            Self::VisitNotes => b"visit_notes",
            Self::Address => b"address",
            Self::AuditDetails => b"audit_details",
            Self::Evidence => b"evidence",
        }
    }
}

const NONCE: usize = 24;

/// Seals `value` under the newest key.
pub fn seal(keys: &Keys, field: Field, value: &str) -> Result<String> {
    let (number, key) = keys
        .seal
        .last_key_value()
        .ok_or_else(|| Error::internal("there is no sealing key"))?;
    let nonce: [u8; NONCE] = random()?;
    let sealed = cipher(key)
        .encrypt(
            &XNonce::from(nonce),
            Payload {
                msg: value.as_bytes(),
                aad: field.label(),
            },
        )
        .map_err(|_| Error::internal("sealing failed"))?;
    let mut bytes = nonce.to_vec();
    bytes.extend(sealed);
    Ok(format!("{number}.{}", STANDARD_NO_PAD.encode(bytes)))
}

/// Opens what [`seal`] sealed for the same field.
pub(super) fn open(keys: &Keys, field: Field, sealed: &str) -> Result<String> {
    try_open(keys, field, sealed).ok_or_else(|| {
        Error::internal(format!(
            "a sealed {field:?} does not open: wrong key or altered value"
        ))
    })
}

/// Seals a file under the newest key, bound to the name under which it is kept.
///
/// The key's number in four bytes, the nonce, the cipher: files are large, so there is no Base64.
pub fn seal_file(keys: &Keys, name: Uuid, bytes: &[u8]) -> Result<Vec<u8>> {
    let (number, key) = keys
        .seal
        .last_key_value()
        .ok_or_else(|| Error::internal("there is no sealing key"))?;
    let nonce: [u8; NONCE] = random()?;
    let payload = Payload {
        msg: bytes,
        aad: &file_label(name),
    };
    let cipher = cipher(key)
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| Error::internal("sealing failed"))?;
    Ok([number.to_be_bytes().as_slice(), &nonce, &cipher].concat())
}

/// Opens what [`seal_file`] sealed under the same name.
pub(super) fn open_file(keys: &Keys, name: Uuid, sealed: &[u8]) -> Result<Vec<u8>> {
    let open = || {
        let (number, rest) = sealed.split_first_chunk()?;
        let key = keys.seal.get(&u32::from_be_bytes(*number))?;
        let (nonce, msg) = rest.split_first_chunk::<NONCE>()?;
        let aad = &file_label(name);
        cipher(key)
            .decrypt(&XNonce::from(*nonce), Payload { msg, aad })
            .ok()
    };
    open().ok_or_else(|| {
        Error::internal(format!(
            "the sealed file {name} does not open: wrong key or altered file"
        ))
    })
}

fn file_label(name: Uuid) -> Vec<u8> {
    [Field::Evidence.label(), name.as_bytes()].concat()
}

/// Whether this sealed value of the field is `value`: tells a change without showing what was there.
#[must_use]
pub fn is(keys: &Keys, field: Field, sealed: &str, value: &str) -> bool {
    try_open(keys, field, sealed).is_some_and(|open| open == value)
}

fn try_open(keys: &Keys, field: Field, sealed: &str) -> Option<String> {
    let (number, text) = sealed.split_once('.')?;
    let key = keys.seal.get(&number.parse().ok()?)?;
    let bytes = STANDARD_NO_PAD.decode(text).ok()?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
    let open = cipher(key)
        .decrypt(
            &XNonce::from(*nonce),
            Payload {
                msg: sealed,
                aad: field.label(),
            },
        )
        .ok()?;
    String::from_utf8(open).ok()
}

/// A keyed hash by which an equal value of the same field is found again; 64 hexadecimal digits.
#[must_use]
pub fn hash(keys: &Keys, field: Field, value: &str) -> String {
    keyed_hash(&keys.hash, &[field.label(), value.as_bytes()])
}

/// HMAC-SHA-256 over parts kept apart by a zero byte; 64 hexadecimal digits.
#[must_use]
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "HMAC takes keys of any length"
)]
pub fn keyed_hash(key: &Secret, parts: &[&[u8]]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.bytes()).expect("HMAC takes any key");
    for part in parts {
        mac.update(part);
        mac.update(&[0]);
    }
    hex(&mac.finalize().into_bytes())
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn cipher(key: &Secret) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> (tempfile::TempDir, Keys) {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::load(folder.path(), true).unwrap();
        (folder, keys)
    }

    #[test]
    fn what_was_sealed_opens_for_its_field_only() {
        let (_folder, keys) = keys();
        let sealed = seal(&keys, Field::Phone, "13800001234").unwrap();
        assert!(!sealed.contains("1234"));
        assert_eq!(open(&keys, Field::Phone, &sealed).unwrap(), "13800001234");
        assert!(open(&keys, Field::IdNumber, &sealed).is_err());
        assert!(is(&keys, Field::Phone, &sealed, "13800001234"));
        assert!(!is(&keys, Field::Phone, &sealed, "13800001235"));
        assert!(!is(&keys, Field::IdNumber, &sealed, "13800001234"));
    }

    #[test]
    fn an_altered_or_foreign_value_does_not_open() {
        let ((_a, keys), (_b, others)) = (keys(), keys());
        let sealed = seal(&keys, Field::Phone, "13800001234").unwrap();
        assert!(open(&others, Field::Phone, &sealed).is_err());
        for broken in ["", "1.", "2.AAAA", "1.汉字", &sealed[..sealed.len() - 2]] {
            assert!(open(&keys, Field::Phone, broken).is_err());
        }
    }

    #[test]
    fn a_sealed_file_opens_under_its_name_only() {
        let ((_a, keys), (_b, others)) = (keys(), keys());
        let (name, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let sealed = seal_file(&keys, name, b"a photo").unwrap();
        assert!(!sealed.windows(5).any(|part| part == b"photo"));
        assert_eq!(open_file(&keys, name, &sealed).unwrap(), b"a photo");
        assert!(open_file(&keys, other, &sealed).is_err());
        assert!(open_file(&others, name, &sealed).is_err());
        for cut in [0, 3, 20, sealed.len() - 1] {
            assert!(open_file(&keys, name, &sealed[..cut]).is_err());
        }
    }

    #[test]
    fn equal_values_hash_alike_only_within_a_field_and_a_key() {
        let ((_a, keys), (_b, others)) = (keys(), keys());
        let phone = hash(&keys, Field::Phone, "13800001234");
        assert_eq!(phone, hash(&keys, Field::Phone, "13800001234"));
        assert_ne!(phone, hash(&keys, Field::IdNumber, "13800001234"));
        assert_ne!(phone, hash(&others, Field::Phone, "13800001234"));
    }
}
