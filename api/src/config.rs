//! Settings of a community.

/// Limits and durations that a community sets.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many live claims a person may hold at once.
    pub claim_limit: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { claim_limit: 5 }
    }
}
