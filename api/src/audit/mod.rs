//! Audit 操作留痕: who did what to whom, and who looked at whose data.
//!
//! Entries are only ever added. A mutation that changed something leaves exactly one, in its own
//! transaction; its details stand in a table of their own, sealed, and can be erased without
//! breaking the entry. A read of protected values in full leaves one entry per operation, with its
//! subjects, committed before the answer leaves.

pub mod service;
