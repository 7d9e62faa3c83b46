//! What one request was refused in its payloads, on its way to the figures.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Code;

/// The codes with which one request's mutations were refused, for the figures.
#[derive(Clone, Debug, Default)]
pub struct Refusals(Arc<Mutex<Vec<Code>>>);

impl Refusals {
    /// Notes one entry of a payload's `userErrors`.
    pub fn note(&self, code: Code) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(code);
    }

    /// Takes what was noted so far.
    #[must_use]
    pub fn take(&self) -> Vec<Code> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
