//! Volunteers: profiles, entries and the service record, through GraphQL text.

mod profiles;
mod service;
mod story;
