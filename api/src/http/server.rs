//! Listens, serves connections, and ends without cutting anybody off.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::{Service, handler};

/// How long a client may take for a request's head, and a connection may stay idle: more than the
/// 60 seconds for which proxies commonly keep one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);
/// The largest head: a document in a query string may take three bytes for each of its own.
const MAX_HEAD: usize = 64 * 1024;
/// What a connection buffers at most.
const MAX_BUFFER: usize = 128 * 1024;
/// The most connections at a time on the public address; further ones wait to be accepted.
const MAX_CONNECTIONS: usize = 4096;
/// The most on the admin address.
const MAX_ADMIN_CONNECTIONS: usize = 64;
/// The pause after a failed accept, as when the process has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Where a server listens.
#[derive(Debug)]
pub struct Listeners {
    /// For everybody.
    pub public: TcpListener,
    /// For operators: figures and details.
    pub admin: TcpListener,
}

/// Serves until `stop` is ready, then finishes what is in flight within `grace`.
///
/// Tells whether everything was finished.
pub async fn serve(
    service: Arc<Service>,
    listeners: Listeners,
    grace: Duration,
    stop: impl Future<Output = ()>,
) -> bool {
    let shutdown = GracefulShutdown::new();
    let public = handler::public(Arc::clone(&service));
    let admin = handler::admin(Arc::clone(&service));
    // Losing the accept loops drops the listeners: nobody new is let in.
    tokio::select! {
        () = stop => {}
        () = accept(listeners.public, public, &shutdown, MAX_CONNECTIONS) => {}
        () = accept(listeners.admin, admin, &shutdown, MAX_ADMIN_CONNECTIONS) => {}
    }
    let finishing = async {
        shutdown.shutdown().await;
        // Mutations go on after their clients have left.
        service.mutations.finished().await;
    };
    timeout(grace, finishing).await.is_ok()
}

/// Ready when the process is asked to end: SIGTERM or SIGINT.
pub async fn stop_signal() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            result = tokio::signal::ctrl_c() => result,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

async fn accept(listener: TcpListener, router: Router, shutdown: &GracefulShutdown, most: usize) {
    let places = Arc::new(Semaphore::new(most));
    // The semaphore is never closed.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let connection = shutdown.watch(connection(stream, peer, router.clone()));
                tokio::spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::debug!(%error, "a connection ended early");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> impl GracefulConnection<Error = hyper::Error> {
    // Answers are written at once; waiting to fill a packet would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was not set");
    }
    let service = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        service.call(request.map(Body::new))
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_header_size(MAX_HEAD)
        .max_buf_size(MAX_BUFFER)
        .serve_connection(TokioIo::new(stream), service)
}
