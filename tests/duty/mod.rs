//! Who is on duty, who is away, and what climbs until somebody acts.

mod nobody_forgotten;
mod rosters;
mod story;
