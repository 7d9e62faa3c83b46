//! The `nuanlin` command.

fn main() {}
