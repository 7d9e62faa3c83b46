//! What every test stands on: databases, the real binary, a faulty line, a client.

pub mod binary;
pub mod database;
pub mod files;
pub mod graphql;
pub mod introspection;
pub mod postgres;
pub mod proxy;
pub mod rounds;
pub mod statements;
pub mod text_file;
pub mod world;
