//! Who is on duty, who is away, and what climbs until somebody acts.

mod rosters;
mod story;
