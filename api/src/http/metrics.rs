//! Prometheus figures. Labels are bounded: codes, and the schema's own root fields.

use prometheus::{
    Encoder as _, Histogram, HistogramOpts, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};

/// The figures of one server.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    operations: IntCounterVec,
    refusals: IntCounterVec,
    documents: IntCounterVec,
    duration: Histogram,
    in_flight: IntGauge,
}

impl Metrics {
    /// Figures at zero.
    ///
    /// Fails only if two of them had one name.
    pub fn new() -> prometheus::Result<Self> {
        let counter = |name: &str, help: &str, label: &str| {
            IntCounterVec::new(Opts::new(name, help).namespace("nuanlin"), &[label])
        };
        let metrics = Self {
            registry: Registry::new(),
            requests: counter("requests_total", "GraphQL requests by outcome", "outcome")?,
            operations: counter("operations_total", "Executed root fields", "field")?,
            refusals: counter("refusals_total", "Errors told to clients by code", "code")?,
            documents: counter(
                "documents_total",
                "Document cache look-ups by result",
                "result",
            )?,
            duration: Histogram::with_opts(
                HistogramOpts::new(
                    "request_duration_seconds",
                    "Time to answer a GraphQL request",
                )
                .namespace("nuanlin")
                .buckets(vec![
                    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
                ]),
            )?,
            in_flight: IntGauge::with_opts(
                Opts::new("requests_in_flight", "GraphQL requests not yet answered")
                    .namespace("nuanlin"),
            )?,
        };
        for counter in [
            &metrics.requests,
            &metrics.operations,
            &metrics.refusals,
            &metrics.documents,
        ] {
            metrics.registry.register(Box::new(counter.clone()))?;
        }
        metrics
            .registry
            .register(Box::new(metrics.duration.clone()))?;
        metrics
            .registry
            .register(Box::new(metrics.in_flight.clone()))?;
        Ok(metrics)
    }

    /// Where other parts of the program register figures of their own.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Counts one code of a `userErrors` entry or a top-level error.
    pub fn refused(&self, code: &str) {
        self.refusals.with_label_values(&[code]).inc();
    }

    /// A request arrived.
    pub(super) fn began(&self) {
        self.in_flight.inc();
    }

    /// A request was answered or its client left.
    pub(super) fn ended(&self, outcome: &str, seconds: f64) {
        self.in_flight.dec();
        self.requests.with_label_values(&[outcome]).inc();
        self.duration.observe(seconds);
    }

    /// A root field, by the schema's name of it, is executed.
    pub(super) fn executed(&self, field: &str) {
        self.operations.with_label_values(&[field]).inc();
    }

    /// A document was looked up in the cache.
    pub(super) fn looked_up(&self, hit: bool) {
        let result = if hit { "hit" } else { "miss" };
        self.documents.with_label_values(&[result]).inc();
    }

    /// All figures in Prometheus' text format.
    pub fn text(&self) -> prometheus::Result<Vec<u8>> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_text() {
        let metrics = Metrics::new().unwrap();
        metrics.began();
        metrics.executed("claimVisitTask");
        metrics.looked_up(true);
        metrics.refused("ALREADY_CLAIMED");
        metrics.ended("OK", 0.003);
        let text = String::from_utf8(metrics.text().unwrap()).unwrap();
        for line in [
            "nuanlin_requests_total{outcome=\"OK\"} 1",
            "nuanlin_operations_total{field=\"claimVisitTask\"} 1",
            "nuanlin_refusals_total{code=\"ALREADY_CLAIMED\"} 1",
            "nuanlin_documents_total{result=\"hit\"} 1",
            "nuanlin_requests_in_flight 0",
            "nuanlin_request_duration_seconds_bucket{le=\"0.005\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
