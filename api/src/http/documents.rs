//! Documents that were parsed and guarded, kept by the hash of their text.
//!
//! A phone sends the same few documents for ever, so nearly every request finds its own here.
//! The same cache serves persisted documents: a client may send the hash alone, and is told
//! `PERSISTED_QUERY_NOT_FOUND` to send the text along once (Apollo's APQ protocol).

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};

use super::guard::Guarded;
use super::refusal::Refusal;
use crate::error::Stop;

/// How many bytes of document text the cache stands for; parsed they take some twenty times
/// as much.
const CAPACITY: u64 = 1024 * 1024;
/// About how many documents that is.
const ESTIMATED_DOCUMENTS: usize = 1024;

type Hash = [u8; 32];

/// The cache.
#[derive(Debug)]
pub struct Documents {
    cache: Cache<Hash, Kept, ByText>,
}

/// A document together with the length of its text.
#[derive(Clone, Debug)]
struct Kept {
    document: Arc<Guarded>,
    bytes: u64,
}

#[derive(Clone, Debug)]
struct ByText;

impl Weighter<Hash, Kept> for ByText {
    fn weight(&self, _: &Hash, kept: &Kept) -> u64 {
        // What a kept document takes besides its text.
        kept.bytes + 256
    }
}

impl Default for Documents {
    fn default() -> Self {
        Self {
            cache: Cache::with_weighter(ESTIMATED_DOCUMENTS, CAPACITY, ByText),
        }
    }
}

impl Documents {
    /// The document a request asks for, and whether it was there already.
    pub fn get(
        &self,
        text: Option<&str>,
        sha256: Option<&str>,
    ) -> Result<(Arc<Guarded>, bool), Refusal> {
        let Some(text) = text else {
            let kept = sha256
                .and_then(unhex)
                .and_then(|hash| self.cache.get(&hash));
            return match kept {
                Some(kept) => Ok((kept.document, true)),
                None => Err(Stop::PersistedQueryNotFound.into()),
            };
        };
        let hash: Hash = Sha256::digest(text.as_bytes()).into();
        if let Some(claimed) = sha256
            && unhex(claimed) != Some(hash)
        {
            return Err(Refusal::new(
                Stop::BadUserInput,
                "sha256Hash 与文档不符",
                "The sha256Hash does not belong to the document",
            ));
        }
        if let Some(kept) = self.cache.get(&hash) {
            return Ok((kept.document, true));
        }
        let document = Arc::new(Guarded::new(text)?);
        let bytes = u64::try_from(text.len()).unwrap_or(CAPACITY);
        let kept = Kept {
            document: Arc::clone(&document),
            bytes,
        };
        self.cache.insert(hash, kept);
        Ok((document, false))
    }
}

fn unhex(text: &str) -> Option<Hash> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut hash = Hash::default();
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn hex(text: &str) -> String {
        Sha256::digest(text)
            .iter()
            .fold(String::new(), |mut hex, byte| {
                write!(hex, "{byte:02x}").unwrap();
                hex
            })
    }

    #[test]
    fn a_document_is_parsed_once_and_then_served_by_its_hash() {
        let documents = Documents::default();
        let text = "{ __typename }";
        let hash = &*hex(text);
        for (text, hash, expected) in [
            (None, hash, Stop::PersistedQueryNotFound),
            (None, "ab", Stop::PersistedQueryNotFound),
            (Some(text), "ab", Stop::BadUserInput),
            (Some(text), &*hex("other"), Stop::BadUserInput),
        ] {
            assert_eq!(documents.get(text, Some(hash)).unwrap_err().stop, expected);
        }
        let (first, was_kept) = documents.get(Some(text), Some(hash)).unwrap();
        assert!(!was_kept);
        for (text, hash) in [(Some(text), None), (None, Some(hash))] {
            let (document, was_kept) = documents.get(text, hash).unwrap();
            assert!(was_kept && Arc::ptr_eq(&first, &document));
        }
    }

    #[test]
    fn refused_documents_are_not_kept_and_the_cache_is_bounded() {
        let documents = Documents::default();
        assert!(documents.get(Some("{"), None).is_err());
        assert!(documents.cache.is_empty());
        for at in 0..400 {
            let text = format!("{{ a }} # {at} {}", "x".repeat(16_000));
            documents.get(Some(&text), None).unwrap();
        }
        assert!(documents.cache.weight() <= CAPACITY);
    }
}
