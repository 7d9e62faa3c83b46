//! How many operations run at once, and how long one waits for its turn.
//!
//! A burst waits and is worked off. Where there have been more than the server can do for a while, waiting helps
//! nobody: then one waits a moment only and is told to come back, so that those who are taken on are answered as
//! fast as ever. After the controlled delay of Nichols and Jacobson (*Controlling Queue Delay*, ACM Queue, 2012).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// A queue younger than this is a burst, and so long one waits in it.
const BURST: Duration = Duration::from_secs(3);
/// How long one waits in an older one.
const MOMENT: Duration = Duration::from_secs(1);

/// Lets so many operations run as there are places.
#[derive(Debug)]
pub struct Gate {
    places: Arc<Semaphore>,
    burst: Duration,
    moment: Duration,
    queue: Mutex<Queue>,
}

#[derive(Debug)]
struct Queue {
    waiting: usize,
    /// When the first came of those after whom it was never empty.
    since: Instant,
}

/// Somebody in the queue, until they have a place, have waited long enough or have left.
struct Waiting<'g>(&'g Gate);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.queue().waiting -= 1;
    }
}

impl Gate {
    /// A gate with so many places.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
            burst: BURST,
            moment: MOMENT,
            queue: Mutex::new(Queue {
                waiting: 0,
                since: Instant::now(),
            }),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place, kept until it is dropped; absent where none becomes free in time.
    pub async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(place);
        }
        let (patience, _waiting) = self.line_up();
        // The semaphore is never closed.
        timeout(patience, Arc::clone(&self.places).acquire_owned())
            .await
            .ok()?
            .ok()
    }

    fn line_up(&self) -> (Duration, Waiting<'_>) {
        let mut queue = self.queue();
        if queue.waiting == 0 {
            queue.since = Instant::now();
        }
        queue.waiting += 1;
        let is_burst = queue.since.elapsed() < self.burst;
        let patience = if is_burst { self.burst } else { self.moment };
        (patience, Waiting(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_burst_waits_and_lasting_crowds_are_sent_away() {
        let (burst, moment) = (Duration::from_secs(2), Duration::from_millis(20));
        let gate = Gate {
            burst,
            moment,
            ..Gate::new(1)
        };
        let place = gate.enter().await.expect("a free place");
        // However long a place was taken: without a queue, whoever comes first waits.
        tokio::time::sleep(burst).await;
        let frees = async {
            tokio::time::sleep(burst / 2).await;
            drop(place);
        };
        let (waited, ()) = tokio::join!(gate.enter(), frees);
        let place = waited.expect("within the patience of a burst");
        // Somebody always waits: once that is so for longer than a burst, others wait a moment only.
        let began = Instant::now();
        let crowd = async {
            tokio::time::sleep(burst / 2).await;
            gate.enter().await
        };
        let late = async {
            tokio::time::sleep(burst * 5 / 4).await;
            let came = Instant::now();
            (gate.enter().await.is_none(), came.elapsed())
        };
        let (first, second, (is_sent_away, after)) = tokio::join!(gate.enter(), crowd, late);
        assert!(first.is_none() && second.is_none());
        assert!(is_sent_away && after < burst / 2, "{after:?}");
        assert!(began.elapsed() >= burst);
        drop(place);
        assert!(gate.enter().await.is_some());
    }
}
