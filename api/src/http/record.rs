//! One line of log and the figures for one request: names, codes and sizes, never a value or a
//! document's text.

use std::sync::Arc;

use axum::http::StatusCode;
use tokio::time::Instant;

use super::metrics::Metrics;
use crate::refusals::Refusals;

/// Outcome of a request without errors.
const OK: &str = "OK";
/// Outcome of a request that was executed and something of it refused, in a payload.
const REFUSED: &str = "REFUSED";
/// Outcome of a request whose client left before the answer.
const GONE: &str = "GONE";

/// What is told of a request once it is over, also when its client left.
#[derive(Debug)]
pub struct Record<'s> {
    /// `query`, `mutation`, `upload`, `file`, or empty where no operation was found.
    pub kind: &'static str,
    /// The root fields, by the schema's names of them, or what the file is for.
    pub fields: Vec<&'s str>,
    /// The body's size.
    pub bytes_in: usize,
    /// What was refused in payloads.
    pub refused: Refusals,
    metrics: &'s Metrics,
    request_id: Arc<str>,
    started: Instant,
    is_over: bool,
}

impl<'s> Record<'s> {
    /// Begins with the request.
    #[must_use]
    pub fn new(metrics: &'s Metrics, request_id: Arc<str>) -> Self {
        metrics.began();
        Self {
            kind: "",
            fields: Vec::new(),
            bytes_in: 0,
            refused: Refusals::default(),
            metrics,
            request_id,
            started: Instant::now(),
            is_over: false,
        }
    }

    /// The answer is ready.
    pub fn answered(mut self, status: StatusCode, codes: &[&'static str], bytes_out: usize) {
        self.is_over = true;
        for code in codes {
            self.metrics.refused(code);
        }
        let refused = self.refused.take();
        for code in &refused {
            self.metrics.refused(code.as_str());
        }
        let quiet = if refused.is_empty() { OK } else { REFUSED };
        let outcome = codes.first().copied().unwrap_or(quiet);
        self.end(outcome, status.as_u16(), bytes_out);
    }

    fn end(&self, outcome: &str, status: u16, bytes_out: usize) {
        let taken = self.started.elapsed().as_secs_f64();
        self.metrics.ended(outcome, taken);
        tracing::info!(
            request_id = &*self.request_id,
            kind = self.kind,
            fields = self.fields.join(","),
            outcome,
            status,
            duration_ms = (taken * 1e5).round() / 1e2,
            bytes_in = self.bytes_in,
            bytes_out,
            "request"
        );
    }
}

impl Drop for Record<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.end(GONE, 0, 0);
        }
    }
}
