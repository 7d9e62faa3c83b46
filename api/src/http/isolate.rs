//! Runs one operation so that its panic, its slowness or its client's leaving stays its own.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;
use tracing::Instrument as _;

/// Why an operation gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// It panicked; the log says where.
    Panicked,
    /// It took longer than allowed. A mutation goes on to its end all the same.
    TimedOut,
}

/// Runs a query: dropped with the connection, and when its time is up.
pub async fn query<T>(limit: Duration, operation: impl Future<Output = T>) -> Result<T, Lost> {
    match timeout(limit, AssertUnwindSafe(operation).catch_unwind()).await {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(_)) => Err(panicked()),
        Err(_) => Err(Lost::TimedOut),
    }
}

/// The mutations that run, so that a server can wait for them before it ends.
#[derive(Clone, Debug)]
pub struct Mutations {
    running: Arc<watch::Sender<usize>>,
}

impl Default for Mutations {
    fn default() -> Self {
        Self {
            running: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl Mutations {
    /// Runs a mutation in a task of its own, to commit or rollback whoever still waits for it.
    pub async fn run<T: Send + 'static>(
        &self,
        limit: Duration,
        operation: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Lost> {
        let (sender, receiver) = oneshot::channel();
        let running = Running::new(&self.running);
        let task = async move {
            let output = AssertUnwindSafe(operation).catch_unwind().await;
            // Nobody waits for it any more: nothing to tell.
            let _ = sender.send(output.map_err(|_| panicked()));
            drop(running);
        };
        tokio::spawn(task.in_current_span());
        match timeout(limit, receiver).await {
            Ok(Ok(output)) => output,
            // The sender is dropped unused only when the runtime ends.
            Ok(Err(_)) | Err(_) => Err(Lost::TimedOut),
        }
    }

    /// Waits until no mutation runs.
    pub async fn finished(&self) {
        // The sender lives as long as `self`.
        let _ = self.running.subscribe().wait_for(|count| *count == 0).await;
    }
}

struct Running(Arc<watch::Sender<usize>>);

impl Running {
    fn new(count: &Arc<watch::Sender<usize>>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(Arc::clone(count))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Says that there was one, not its words: they may hold data. Where it was is told by the hook that
/// `serve` sets, in the same request's span.
fn panicked() -> Lost {
    tracing::error!("an operation panicked");
    Lost::Panicked
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn a_panic_and_a_timeout_cost_one_operation() {
        let panics = || std::future::poll_fn(|_| -> std::task::Poll<()> { panic!("out") });
        assert_eq!(query(SHORT, panics()).await, Err(Lost::Panicked));
        assert_eq!(
            query(SHORT, std::future::pending::<()>()).await,
            Err(Lost::TimedOut)
        );
        let mutations = Mutations::default();
        assert_eq!(mutations.run(SHORT, panics()).await, Err(Lost::Panicked));
        assert_eq!(mutations.run(SHORT, async { 7 }).await, Ok(7));
        mutations.finished().await;
    }

    #[tokio::test]
    async fn a_mutation_ends_although_nobody_waits_for_it() {
        let mutations = Mutations::default();
        let (done, until) = (
            Arc::new(AtomicBool::new(false)),
            Arc::clone(&mutations.running),
        );
        let set = Arc::clone(&done);
        let operation = async move {
            tokio::time::sleep(SHORT * 3).await;
            set.store(true, Ordering::SeqCst);
        };
        assert_eq!(mutations.run(SHORT, operation).await, Err(Lost::TimedOut));
        assert_eq!(*until.borrow(), 1);
        mutations.finished().await;
        assert!(done.load(Ordering::SeqCst));
    }

    #[derive(Clone, Default)]
    struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

    impl std::io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_panics_words_are_in_no_log() {
        let log = Log::default();
        let written = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || written.clone())
            .finish();
        let _set = tracing::subscriber::set_default(subscriber);
        let words = |phone: String| {
            std::future::poll_fn(move |_| -> std::task::Poll<()> { panic!("no home of {phone}") })
        };
        let phone = || "13812341234".to_owned();
        assert_eq!(query(SHORT, words(phone())).await, Err(Lost::Panicked));
        let mutations = Mutations::default();
        let lost = mutations.run(SHORT, words(phone())).await;
        assert_eq!(lost, Err(Lost::Panicked));
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.matches("an operation panicked").count(), 2, "{text}");
        assert!(!text.contains("13812341234"), "{text}");
    }
}
