//! One-time first-sign-in codes: eight digits, handed over in person or on paper.

use crate::access::keys::{Keys, random};
use crate::access::sealed::keyed_hash;
use crate::error::Result;

/// Numbers of eight digits.
const NUMBERS: u64 = 100_000_000;

/// A fresh code.
pub fn fresh() -> Result<String> {
    // Of 2^64 values the last few would make small codes likelier, by less than one in 10^11.
    let number = u64::from_le_bytes(random::<8>()?) % NUMBERS;
    Ok(format!("{number:08}"))
}

/// What is stored of a code: it is worth nothing without the server's key, nor for another phone.
#[must_use]
pub fn hash(keys: &Keys, phone: &str, code: &str) -> String {
    let parts = [
        b"first-sign-in code".as_slice(),
        phone.as_bytes(),
        code.as_bytes(),
    ];
    keyed_hash(&keys.hash, &parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_eight_digits_and_hold_for_one_phone() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::load(folder.path(), true).unwrap();
        let code = fresh().unwrap();
        assert!(code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit()));
        let hashed = hash(&keys, "13900000001", &code);
        assert_eq!(hashed, hash(&keys, "13900000001", &code));
        assert_ne!(hashed, hash(&keys, "13900000002", &code));
    }
}
