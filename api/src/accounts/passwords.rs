//! Passwords: hashed and checked off the server's own threads, two at a time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::password_hash::Error as HashError;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use chrono::{DateTime, Utc};
use quick_cache::unsync::Cache;
use tokio::sync::Semaphore;

use super::rules::{LOCK, MAX_FAILURES};
use crate::error::{Error, Result, Stop};

/// Memory in KiB and passes of Argon2id, after OWASP's Password Storage Cheat Sheet.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// How many are hashed at once: each takes 19 MiB and a whole core for some 20 ms.
const AT_ONCE: usize = 2;
/// How long a sign-in waits for its turn before it is told to come back.
const WAIT: Duration = Duration::from_secs(5);
/// Unknown numbers whose failures are remembered.
const STRANGERS: usize = 10_000;

/// Nobody's password, hashed as everybody's: a number without an account costs the same time.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bnVhbmxpbi1ub2JvZHk$\
                      u0D5pTDlPOpKUtYoJv2Mp7yDrdOI8bBLmXZIQ+CkPxo";

/// Checks and hashes passwords.
#[derive(Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    hashed: AtomicU64,
    /// Failures of numbers without an account, which are locked like all others.
    strangers: Mutex<Cache<String, Failures>>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            hashed: AtomicU64::new(0),
            strangers: Mutex::new(Cache::new(STRANGERS)),
        }
    }
}

impl Passwords {
    /// Whether `password` is the one behind `hash`; without a hash it never is, in the same time.
    ///
    /// Stops with `TIMEOUT` where too many wait.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        self.run(move || {
            let known = hash.as_deref().unwrap_or(NOBODY);
            match argon2()?.verify_password(password.as_bytes(), known) {
                Ok(()) => Ok(hash.is_some()),
                Err(HashError::PasswordInvalid) => Ok(false),
                Err(error) => Err(unusable(&error)),
            }
        })
        .await
    }

    /// Hashes a new password. Stops with `TIMEOUT` where too many wait.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.run(move || hash(&password)).await
    }

    /// How many passwords were hashed so far.
    #[must_use]
    pub fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = tokio::time::timeout(WAIT, Arc::clone(&self.turns).acquire_owned())
            .await
            .map_err(|_| Stop::Timeout)?
            .map_err(|error| Error::Internal(error.into()))?;
        self.hashed.fetch_add(1, Ordering::Relaxed);
        tokio::task::spawn_blocking(move || {
            let done = work();
            // Given back here, not by the caller, who may have gone away while this still runs.
            drop(turn);
            done
        })
        .await
        .map_err(|error| Error::Internal(error.into()))?
    }

    /// Whether a number without an account is locked.
    #[must_use]
    pub fn is_stranger_locked(&self, phone_hash: &str, now: DateTime<Utc>) -> bool {
        let strangers = self
            .strangers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let known = strangers.get(phone_hash);
        known.is_some_and(|known| known.locked_until.is_some_and(|until| until > now))
    }

    /// Counts a failure of a number without an account, as [`super::attempts`] does for those with one.
    pub fn count_stranger(&self, phone_hash: &str, now: DateTime<Utc>) {
        let mut strangers = self
            .strangers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let known = strangers.get(phone_hash).copied().unwrap_or_default();
        let before = match known.locked_until {
            Some(until) if until > now => return,
            Some(_) => 0,
            None => known.count,
        };
        let failures = Failures {
            count: before + 1,
            locked_until: (before + 1 >= MAX_FAILURES).then_some(now + LOCK),
        };
        strangers.insert(phone_hash.to_owned(), failures);
    }
}

/// Failures of a number without an account.
#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: i32,
    locked_until: Option<DateTime<Utc>>,
}

/// Hashes a password on this thread; for commands.
pub fn hash(password: &str) -> Result<String> {
    argon2()?
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| unusable(&error))
}

fn argon2() -> Result<Argon2<'static>> {
    let params =
        Params::new(MEMORY, PASSES, 1, None).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn unusable(error: &HashError) -> Error {
    Error::internal(format!("a password hash cannot be used: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let verify = |password: &str, hash| passwords.verify(password.to_owned(), hash);
        assert!(verify("correct horse", Some(hash.clone())).await.unwrap());
        assert!(!verify("correct zebra", Some(hash)).await.unwrap());
        assert!(!verify("correct horse", None).await.unwrap());
        assert_eq!(passwords.hashed(), 4);
        let broken = passwords.verify(String::new(), Some("plain".to_owned()));
        assert!(matches!(broken.await, Err(Error::Internal(_))));
    }

    #[test]
    fn strangers_are_locked_after_five_failures_for_a_quarter_of_an_hour() {
        let passwords = Passwords::default();
        let now = DateTime::UNIX_EPOCH;
        for _ in 0..MAX_FAILURES {
            assert!(!passwords.is_stranger_locked("n", now));
            passwords.count_stranger("n", now);
        }
        assert!(passwords.is_stranger_locked("n", now));
        assert!(!passwords.is_stranger_locked("other", now));
        let later = now + LOCK;
        assert!(!passwords.is_stranger_locked("n", later));
        passwords.count_stranger("n", later);
        assert!(!passwords.is_stranger_locked("n", later));
    }
}
