//! The statements that the log tells of.

use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

/// The statements that ran, as the log tells them.
#[derive(Clone, Default)]
pub struct Statements(Arc<Mutex<Vec<u8>>>);

impl Statements {
    /// Hears what runs on this thread from now on, until the guard is dropped.
    pub fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter("nuanlin::sql=trace")
            .with_writer(self.clone())
            .without_time()
            .with_ansi(false)
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    /// What ran since it was asked last, but for what a server reads anew every few seconds, whoever asks.
    pub fn take(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        let text = String::from_utf8(bytes).unwrap();
        let tree = ["FROM \\\"area\\\"\"", "FROM \\\"area_successor\\\"\""];
        let of_tree = |sql: &str| tree.iter().any(|end| sql.trim_end().ends_with(end));
        let anew = |sql: &&str| sql.contains("epoch") || of_tree(sql);
        let statements = text.lines().filter(|sql| !anew(sql));
        let mut statements: Vec<String> = statements.map(str::to_owned).collect();
        // Fields of one operation are read side by side.
        statements.sort_unstable();
        statements
    }
}

impl std::io::Write for Statements {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Statements {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
